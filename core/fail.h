/*
 * fail: why the program could not go on.
 *
 * The second of the two channels for trouble. A finding (core/diag) says that
 * the user's data is wrong; a failure says that the environment is: git, disk,
 * database, engine, network. A function that can fail returns bool and takes
 * `struct fail *why` last. The first origin sets it, callers on the way up
 * add what they were doing, main prints it and picks the exit status from
 * the kind. Nobody else looks inside. Results are untouched on failure.
 */
#ifndef CORE_FAIL_H
#define CORE_FAIL_H

#include "core/str.h"

enum fail_kind {
	FAIL_NONE,
	FAIL_USAGE,     /* an argument names what is not there: exit 2 */
	FAIL_INPUT,     /* git content that cannot be read as input: exit 3 */
	FAIL_SYSTEM,    /* disk, permission, process, git: exit 4 */
	FAIL_ENGINE,    /* engine or network: exit 4 */
	FAIL_INTEGRITY, /* the ledger does not hold together: exit 5 */
	FAIL_BUSY,      /* another runner holds the lease: exit 6 */
};

enum { FAIL_TEXT_MAX = 1024 };

struct fail {
	enum fail_kind kind;
	char text[FAIL_TEXT_MAX]; /* "while doing X: doing Y: what happened" */
	char hint[FAIL_TEXT_MAX]; /* what to try; may be empty */
};

/* Set the reason, unless one is set already; false, for `return fail_set(...)`.
 */
bool fail_set(struct fail *why, enum fail_kind kind, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));

/* As fail_set, with ": " and the text of errno at the end. */
bool fail_errno(struct fail *why, const char *fmt, ...)
        __attribute__((format(printf, 2, 3)));

/* What to try next; the first hint stays. False, as fail_set. */
bool fail_hint(struct fail *why, const char *fmt, ...)
        __attribute__((format(printf, 2, 3)));

/* Put what the caller was doing before the reason; false, as fail_set. */
bool fail_note(struct fail *why, const char *fmt, ...)
        __attribute__((format(printf, 2, 3)));

/* The exit status of CONTRACT section 3 for a kind. */
int fail_status(enum fail_kind kind);

#endif
