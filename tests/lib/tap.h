/*
 * tap: the Test Anything Protocol for unit tests, read by prove(1).
 *
 * A test program calls ok() and friends, then returns tap_done() from main.
 * Messages are sentences that say what must hold.
 */
#ifndef TESTS_LIB_TAP_H
#define TESTS_LIB_TAP_H

#include "core/str.h"

#include <stdbool.h>

/* One test; returns `passed`. The message is a printf format. */
bool ok(bool passed, const char *fmt, ...)
        __attribute__((format(printf, 2, 3)));
bool is_int(int64_t got, int64_t want, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));
/* Prints both texts where they differ. */
bool is_str(struct str got, const char *want, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));
/* A line of comment. */
void tap_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Prints the plan; 0 if all passed, else 1. */
int tap_done(void);

#endif
