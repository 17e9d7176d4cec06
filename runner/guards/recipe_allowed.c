#include "runner/guard.h"

void guard_recipe_allowed(const struct facts *f, struct trace_row *row,
                          struct arena *a)
{
	if (!f->route || !f->group) {
		guard_skip(row, a, "there is no route or group");
		return;
	}
	guard_rule(row, f->group->recipes.span);
	if (texts_has(&f->group->recipes, f->route->recipe.s))
		guard_pass(row, a, "%" STR_FMT " allows it",
		           STR_ARG(f->group->id.s));
	else
		guard_refuse(row, a, f, DIAG_RECIPE_NOT_ALLOWED,
		             f->request->environment_at,
		             "%" STR_FMT " does not allow the recipe %" STR_FMT
		             "; it allows %" STR_FMT,
		             STR_ARG(f->group->id.s),
		             STR_ARG(f->route->recipe.s),
		             STR_ARG(guard_names(a, &f->group->recipes)));
}
