#include "runner/guard.h"

void guard_compatibility(const struct facts *f, struct trace_row *row,
                         struct arena *a)
{
	if (!f->service || !f->route) {
		guard_skip(row, a, "there is no service or route");
		return;
	}
	guard_rule(row, f->service->recipes.span);
	if (texts_has(&f->service->recipes, f->route->recipe.s))
		guard_pass(row, a, "%" STR_FMT " works with %" STR_FMT,
		           STR_ARG(f->service->name.s),
		           STR_ARG(f->route->recipe.s));
	else
		guard_refuse(row, a, f, DIAG_RECIPE_INCOMPATIBLE,
		             f->request->environment_at,
		             "%" STR_FMT " works with %" STR_FMT
		             ", not with %" STR_FMT,
		             STR_ARG(f->service->name.s),
		             STR_ARG(guard_names(a, &f->service->recipes)),
		             STR_ARG(f->route->recipe.s));
}
