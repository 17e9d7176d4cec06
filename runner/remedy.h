/*
 * remedy: the smallest change that would let an intent pass: for each guardrail
 * that refuses it one step, in the order of the decision table. Made from the
 * decision document, so that it is there for what was recorded as well, and
 * from the policy that is in force.
 */
#ifndef RUNNER_REMEDY_H
#define RUNNER_REMEDY_H

#include "core/json.h"
#include "core/policy.h"

struct remedy {
	enum diag_code code;
	struct str text; /* "raise daily_deploy_quota from 2 to 3, at ..." */
	struct str file; /* of the rule in the policy; empty: built in */
	int64_t line;
	bool by_itself; /* it needs nothing but time */
};
struct remedies {
	struct remedy *at;
	size_t n, cap;
};

/* Of a decision document, or of one of its `items`; texts live in a or in
   doc. */
void remedies_of(struct arena *a, const struct policy *p, const json_t *doc,
                 struct remedies *out);

#endif
