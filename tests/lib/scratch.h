/*
 * scratch: a folder of its own for a test, and a shell in it.
 *
 * scratch_start makes it, enters it and points HOME and git's configuration
 * there, so that nothing of the user's reaches a test. Names and dates of git
 * are fixed: equal commands give equal ids. scratch_end removes it.
 */
#ifndef TESTS_LIB_SCRATCH_H
#define TESTS_LIB_SCRATCH_H

#include "core/str.h"

#include <stdbool.h>

void scratch_start(void);
void scratch_end(void);

/* Run a script by sh -e in the current folder; exits where it fails. */
void sh(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The same, giving what it prints, less the line end; at most 4 KiB. */
struct str sh_read(struct arena *a, const char *fmt, ...)
        __attribute__((format(printf, 2, 3)));

#endif
