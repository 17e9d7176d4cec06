/*
 * rule_words: windows and waivers of the policy in words, as rows of tables.
 * They say when a rule holds, not whether: that is guardrail's, on hot pages.
 */
#ifndef RENDER_RULE_WORDS_H
#define RENDER_RULE_WORDS_H

#include "render/parts.h"

struct window_row {
	struct str id, kind, when, scope, reason, rollbacks;
	struct str now; /* "open until ..."; site_until is told */
	struct link *source;
};
extern const struct fields window_row_fields;
struct window_rows {
	struct window_row *at;
	size_t n, cap;
};

/* Those that concern a group; NULL: all, in the order of the policy. */
void window_rows_add(struct window_rows *rows, struct site *s,
                     const struct group *g);
/* Those that concern an environment. */
void window_rows_add_of(struct window_rows *rows, struct site *s,
                        struct str environment);

struct waiver_row {
	struct str id, code, scope, owner, reason, expires;
	struct link *source;
};
extern const struct fields waiver_row_fields;
struct waiver_rows {
	struct waiver_row *at;
	size_t n, cap;
};
void waiver_rows_add(struct waiver_rows *rows, struct site *s,
                     const struct group *g);

/* "prod; groups money"; "everything". */
struct str scope_words(struct arena *a, const struct scope *scope);

/* "2 approvals, promotions after 4 h in the one before": what a deployment to
   it needs; empty: nothing. g may be NULL. */
struct str gate_words(struct site *s, const struct group *g,
                      struct str environment);

#endif
