#include "runner/guard.h"

void guard_kill_switch(const struct facts *f, struct trace_row *row,
                       struct arena *a)
{
	const struct mutations *m = &f->policy->platform.mutations;
	struct str group = f->group ? f->group->id.s : STR("");
	guard_rule(row, m->at);
	if (!policy_mutations_stop(f->policy, group, f->request->environment)) {
		guard_pass(row, a, "off");
		return;
	}
	if (m->reason.s.n)
		guard_refuse(row, a, f, DIAG_MUTATIONS_DISABLED, f->request->at,
		             "the kill switch is on: %" STR_FMT,
		             STR_ARG(m->reason.s));
	else
		guard_refuse(row, a, f, DIAG_MUTATIONS_DISABLED, f->request->at,
		             "the kill switch is on");
}
