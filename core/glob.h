/*
 * glob: path patterns. '*' matches any run without '/', '**' any run, '?' one
 * character but '/', '[...]' a class; everything else itself. Matching is
 * linear in pattern times text: no pattern is slow.
 */
#ifndef CORE_GLOB_H
#define CORE_GLOB_H

#include "core/str.h"

bool glob_match(struct str pattern, struct str text);

#endif
