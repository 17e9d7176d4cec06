/*
 * diag: findings, the first of the two channels for trouble: what is wrong
 * with the user's data, at which place, and what to do about it. Findings are
 * collected, never thrown: a pass reports all of them.
 *
 * Every code of the program, findings' and decisions', is one row of
 * diag_codes.def: name, level or outcome, cause, summary, next step. The enum,
 * `dxcp explain CODE`, the site's codes pages and the tests' coverage check
 * derive from it. A finding in its own words adds the particulars.
 */
#ifndef CORE_DIAG_H
#define CORE_DIAG_H

#include "core/fail.h"
#include "core/source.h"
#include "core/str.h"

/* What a code amounts to. The first three are decisions (CONTRACT section 2),
   the rest findings. */
enum diag_level {
	DIAG_ALLOW,
	DIAG_WAIT,
	DIAG_DENY,
	DIAG_NOTE,
	DIAG_WARNING,
	DIAG_ERROR
};

enum diag_cause { CAUSE_NONE, CAUSE_USER_ERROR, CAUSE_POLICY, CAUSE_ENGINE };

enum diag_code {
	DIAG_NONE, /* no code: everything passed */
#define DECISION(name, row, level, cause, summary, hint) DIAG_##name,
#define FINDING(name, level, cause, summary, hint) DIAG_##name,
#include "core/diag_codes.def"
#undef DECISION
#undef FINDING
	DIAG_CODE_COUNT
};

/* One row of the table. */
struct diag_info {
	const char *name; /* "UNKNOWN_KEY"; "" for DIAG_NONE */
	enum diag_level level;
	enum diag_cause cause;
	int row;             /* of the decision table; 0 for findings */
	const char *summary; /* what it means: one sentence */
	const char *hint;    /* what to do next: one sentence */
};

const struct diag_info *diag_info(enum diag_code code);
/* DIAG_NONE where no code has that name; letter case does not matter. */
enum diag_code diag_find(struct str name);
/* The code nearest to a misspelt name, or DIAG_NONE. */
enum diag_code diag_nearest(struct str name);
const char *diag_cause_name(enum diag_cause cause); /* "USER_ERROR"; "" */
const char *diag_level_name(enum diag_level level); /* "error", "wait", ... */

struct diag_note {
	struct diag_note *next;
	struct str message;
	struct span at;
};

struct diag {
	enum diag_code code;
	struct str
	        message; /* the particulars, one sentence, no trailing stop */
	struct str hint; /* the next step here; empty: the code's own */
	struct span at;  /* the narrowest place that is wrong */
	struct diag_note *notes, *last_note;
};

/* A collection. Findings beyond DIAGS_MAX are counted, not kept. */
enum { DIAGS_MAX = 10000 };

struct diags {
	struct arena *arena; /* messages, notes and kept sources live here */
	struct diag *at;
	size_t n, cap;
	size_t dropped;
	size_t errors, warnings;
};

struct diags diags_new(struct arena *a);

/* Never NULL; valid until the next diag_add to the same collection. */
struct diag *diag_add(struct diags *ds, enum diag_code code, struct span at,
                      const char *fmt, ...)
        __attribute__((format(printf, 4, 5)));
void diag_hint(struct diags *ds, struct diag *d, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));
void diag_note(struct diags *ds, struct diag *d, struct span at,
               const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * Add all findings of `from` to `ds`; a source that a span points into is
 * copied into ds->arena once, so that `from` and its file may go.
 */
void diags_keep(struct diags *ds, const struct diags *from);

/* Order by path, offset, code; equal ones are dropped. */
void diags_sort(struct diags *ds);

/*
 * "file:line:column: error[CODE]: message", the line with a caret under it,
 * notes the same way, the hint. colour: ANSI, 16 colours. Control characters
 * of the user's text are shown as \xNN.
 */
void diag_print(struct buf *out, const struct diag *d, bool colour);

/*
 * User text made fit to be shown on one line: well-formed UTF-8 without
 * characters that a terminal acts on, that hide, or that reorder the text
 * around them. Those become \xNN or <U+NNNN>.
 */
void diag_show(struct buf *out, struct str text);

#endif
