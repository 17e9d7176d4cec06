#include "runner/guard.h"

void guard_concurrency(const struct facts *f, struct trace_row *row,
                       struct arena *a)
{
	if (!f->has_slots) {
		guard_skip(row, a, "there is no group or environment to count");
		return;
	}
	guard_rule(row, f->slots.at);
	guard_input_int(row, "used", f->slots_used);
	guard_input_int(row, "limit", f->slots.n);
	guard_input(row, "origin", str_of(f->slots.origin));
	if (f->slots_used < f->slots.n)
		guard_pass(row, a, "%lld of %lld in use",
		           (long long)f->slots_used, (long long)f->slots.n);
	else
		guard_refuse(row, a, f, DIAG_CONCURRENCY_LIMIT_REACHED,
		             f->request->environment_at,
		             "%lld of %lld deployments of %" STR_FMT
		             " to %" STR_FMT " are in progress",
		             (long long)f->slots_used, (long long)f->slots.n,
		             STR_ARG(f->group->id.s),
		             STR_ARG(f->request->environment));
}
