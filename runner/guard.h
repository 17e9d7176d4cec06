/*
 * guard: the guardrails: a table of pure functions over facts.
 *
 * A guardrail looks at const facts and says what it finds in one trace row. It
 * has no clock, no I/O, no state, and does not know of the others: which of
 * several refusals wins is the order of guards.def, which is the order of
 * CONTRACT section 2.
 *
 * To add one:
 * 1. runner/guards/NAME.c with `void guard_NAME(...)`: call one of the guard_
 *    helpers below at most once; a row that nobody touched passes.
 * 2. One row in runner/guards.def, at the place that its codes have in the
 *    decision table.
 * 3. Its codes in core/diag_codes.def.
 * 4. tests/guards/NAME/ with at least a passing, a failing and a boundary case.
 */
#ifndef RUNNER_GUARD_H
#define RUNNER_GUARD_H

#include "runner/facts.h"

#define FOR(kind) (1u << INTENT_##kind)
enum { FOR_ALL = (1 << INTENT_KIND_COUNT) - 1 };

typedef void guard_fn(const struct facts *f, struct trace_row *row,
                      struct arena *a);

struct guard {
	const char *name;  /* "quota" */
	const char *title; /* "Daily quota" */
	unsigned kinds;    /* FOR() bits of the intents that it concerns */
	guard_fn *check;
	const char *about; /* one sentence for help and the site */
};

extern const struct guard guards[];
extern const size_t guard_count;

#define GUARD(name, title, kinds, about) guard_fn guard_##name;
#include "runner/guards.def"
#undef GUARD

/* What a guardrail says. `at` is the place in the intent that decided it. */
void guard_pass(struct trace_row *row, struct arena *a, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));
/* It could not look: what it needs is missing, and another row says so. */
void guard_skip(struct trace_row *row, struct arena *a, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));
/* Refuse: whether it waits or denies is the code's row in diag_codes.def. */
void guard_refuse(struct trace_row *row, struct arena *a, const struct facts *f,
                  enum diag_code code, struct spot at, const char *fmt, ...)
        __attribute__((format(printf, 6, 7)));
void guard_hint(struct trace_row *row, struct arena *a, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));
/* Of a refusal that waits: when the wait ends by itself, and what ends it, as
   the end of a sentence: "the window office-hours opens". */
void guard_ends(struct trace_row *row, int64_t at, struct str what);
/* "the window office-hours opens", "the freeze peak ends" */
struct str guard_change(struct arena *a, const struct window_change *change);
/* Where the rule is declared. */
void guard_rule(struct trace_row *row, struct span rule);
void guard_input(struct trace_row *row, const char *name, struct str value);
void guard_input_int(struct trace_row *row, const char *name, int64_t value);
void guard_input_when(struct trace_row *row, struct arena *a, const char *name,
                      int64_t instant);

/* "checkout, ledger and 3 more": for messages that list what would do. */
struct str guard_names(struct arena *a, const struct texts *names);

#endif
