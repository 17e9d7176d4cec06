#include "runner/guard.h"

void guard_environment_enabled(const struct facts *f, struct trace_row *row,
                               struct arena *a)
{
	if (!f->environment) {
		guard_skip(row, a, "the environment is not known");
		return;
	}
	struct str name = f->environment->name.s;
	if (f->environment->lifecycle.is == LIFECYCLE_DISABLED) {
		guard_rule(row, f->environment->lifecycle.at);
		guard_refuse(row, a, f, DIAG_ENVIRONMENT_DISABLED,
		             f->request->environment_at,
		             "%" STR_FMT " is disabled", STR_ARG(name));
	} else if (f->step && GIVEN(f->step->enabled) && !f->step->enabled.on) {
		guard_rule(row, f->step->enabled.at);
		guard_refuse(row, a, f, DIAG_ENVIRONMENT_DISABLED,
		             f->request->environment_at,
		             "%" STR_FMT " is disabled for %" STR_FMT,
		             STR_ARG(name), STR_ARG(f->group->id.s));
	} else {
		guard_pass(row, a, "enabled");
	}
}
