#include "runner/guard.h"

void guard_promotion_target(const struct facts *f, struct trace_row *row,
                            struct arena *a)
{
	const struct request *r = f->request;
	struct str from = request_more(r)->from;
	if (!from.n || !r->environment.n) {
		guard_skip(row, a,
		           "the intent does not say from where to where");
		return;
	}
	if (!str_eq(from, r->environment)) {
		guard_pass(row, a, "from %" STR_FMT " to %" STR_FMT,
		           STR_ARG(from), STR_ARG(r->environment));
		return;
	}
	guard_refuse(
	        row, a, f, DIAG_PROMOTION_TARGET_REQUIRED, r->environment_at,
	        "the promotion goes from %" STR_FMT " to %" STR_FMT " itself",
	        STR_ARG(from), STR_ARG(from));
	if (f->next)
		guard_hint(row, a,
		           "Name the next environment as `to`: %" STR_FMT ".",
		           STR_ARG(f->next->name.s));
}
