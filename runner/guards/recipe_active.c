#include "runner/guard.h"

void guard_recipe_active(const struct facts *f, struct trace_row *row,
                         struct arena *a)
{
	if (!f->recipe) {
		guard_skip(row, a, "there is no recipe");
		return;
	}
	guard_rule(row, f->recipe->status.at);
	if (f->recipe->status.is == RECIPE_IS_DEPRECATED)
		guard_refuse(row, a, f, DIAG_RECIPE_DEPRECATED,
		             f->request->environment_at,
		             "the recipe %" STR_FMT " is deprecated",
		             STR_ARG(f->recipe->id.s));
	else
		guard_pass(row, a, "active");
}
