#include "runner/guard.h"

void guard_recipe_found(const struct facts *f, struct trace_row *row,
                        struct arena *a)
{
	if (!f->route) {
		guard_skip(row, a, "there is no route");
		return;
	}
	guard_rule(row, f->route->recipe.at);
	guard_input(row, "recipe", f->route->recipe.s);
	if (f->recipe)
		guard_pass(row, a, "%" STR_FMT " revision %lld",
		           STR_ARG(f->recipe->id.s),
		           (long long)f->recipe->revision.n);
	else
		guard_refuse(row, a, f, DIAG_RECIPE_NOT_FOUND,
		             f->request->environment_at,
		             "the policy has no recipe \"%" STR_FMT "\"",
		             STR_ARG(f->route->recipe.s));
}
