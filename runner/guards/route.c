#include "runner/guard.h"

void guard_route(const struct facts *f, struct trace_row *row, struct arena *a)
{
	struct str environment = f->request->environment;
	if (!f->service || !environment.n) {
		guard_skip(row, a,
		           "there is no service or environment to judge");
	} else if (f->route) {
		guard_rule(row, f->route->recipe.at);
		guard_pass(row, a, "routed to %" STR_FMT,
		           STR_ARG(f->route->recipe.s));
	} else {
		guard_rule(row, f->service->at);
		guard_refuse(row, a, f, DIAG_SERVICE_ENVIRONMENT_NOT_ROUTED,
		             f->request->environment_at,
		             "%" STR_FMT " has no route for %" STR_FMT,
		             STR_ARG(f->service->name.s), STR_ARG(environment));
	}
}
