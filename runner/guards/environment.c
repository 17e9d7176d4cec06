#include "runner/guard.h"

/* The group's sequence by name, for the message. */
static struct str sequence(const struct group *g, struct arena *a)
{
	const struct group_environment *steps = g->environments.at;
	struct buf out = buf_new(a, 4096);
	for (size_t i = 0; i < g->environments.n; i++)
		buf_format(&out, "%s%" STR_FMT, i ? ", " : "",
		           STR_ARG(steps[i].name.s));
	return buf_str(&out);
}

void guard_environment(const struct facts *f, struct trace_row *row,
                       struct arena *a)
{
	struct str name = f->request->environment;
	if (!name.n || (!f->group && f->environment)) {
		guard_skip(row, a, "there is no group or environment to judge");
		return;
	}
	guard_input(row, "environment", name);
	if (!f->environment) {
		guard_refuse(row, a, f, DIAG_ENVIRONMENT_NOT_ALLOWED,
		             f->request->environment_at,
		             "the policy has no environment \"%" STR_FMT "\"",
		             STR_ARG(name));
	} else if (!f->step) {
		guard_rule(row, f->group->environments.span);
		guard_refuse(row, a, f, DIAG_ENVIRONMENT_NOT_ALLOWED,
		             f->request->environment_at,
		             "%" STR_FMT " does not deploy to %" STR_FMT,
		             STR_ARG(f->group->id.s), STR_ARG(name));
		guard_hint(row, a, "Choose one of: %" STR_FMT ".",
		           STR_ARG(sequence(f->group, a)));
	} else {
		guard_rule(row, f->step->name.at);
		guard_pass(row, a, "%" STR_FMT " deploys to %" STR_FMT,
		           STR_ARG(f->group->id.s), STR_ARG(name));
	}
}
