/*
 * style: a style sheet as it is sent: without comments and the white space that
 * says nothing. Strings and what parentheses hold stay as they are.
 */
#ifndef RENDER_STYLE_H
#define RENDER_STYLE_H

#include "core/str.h"

struct str style_compact(struct arena *a, struct str css);

#endif
