/*
 * policy_rules: the rules of a policy that are neither limits nor windows, as
 * rows of tables: hooks, proposals, how failures are told, who may do what.
 */
#ifndef RENDER_POLICY_RULES_H
#define RENDER_POLICY_RULES_H

#include "render/parts.h"

/* What a step of the decision table asks, 1 to STEPS. */
enum { STEPS = 10 };
struct str step_title(int step);

struct rule_row {
	struct str id, first, second, third;
	struct link *source;
};
extern const struct fields rule_fields;
struct rule_rows {
	struct rule_row *at;
	size_t n, cap;
};

/* first: what is asked; second: where; third: what holds when it fails. */
void hook_rows_add(struct rule_rows *rows, struct site *s);
/* first: on what; second: of which; third: what is proposed. */
void proposal_rows_add(struct rule_rows *rows, struct site *s);
/* first: what it fits; second: the category; third: what people read. */
void failure_rows_add(struct rule_rows *rows, struct site *s);
/* id: who; first: the role. Nothing where people are not to be named. */
void people_rows_add(struct rule_rows *rows, struct site *s);

#endif
