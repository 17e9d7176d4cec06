/*
 * glob: path patterns. '*' matches any run without '/', '**' any run, '?' one
 * character but '/', '[...]' a class ("[a-z]", "[!0-9]"; never '/');
 * everything else itself, a bracket that is not closed included. Characters
 * are UTF-8. Matching is linear in pattern times text: no pattern is slow.
 */
#ifndef CORE_GLOB_H
#define CORE_GLOB_H

#include "core/str.h"

enum { GLOB_MAX_BYTES = 512 };

/* All of text; a pattern over GLOB_MAX_BYTES matches nothing. */
bool glob_match(struct str pattern, struct str text);

#endif
