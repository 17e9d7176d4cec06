#include "runner/guard.h"

void guard_environment_retired(const struct facts *f, struct trace_row *row,
                               struct arena *a)
{
	if (!f->environment) {
		guard_skip(row, a, "the environment is not known");
		return;
	}
	guard_rule(row, f->environment->lifecycle.at);
	if (f->environment->lifecycle.is == LIFECYCLE_RETIRED)
		guard_refuse(row, a, f, DIAG_ENVIRONMENT_RETIRED,
		             f->request->environment_at,
		             "%" STR_FMT " is retired",
		             STR_ARG(f->environment->name.s));
	else
		guard_pass(row, a, "not retired");
}
