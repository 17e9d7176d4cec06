#include "runner/guard.h"

void guard_recipe_match(const struct facts *f, struct trace_row *row,
                        struct arena *a)
{
	struct str named = request_more(f->request)->recipe;
	if (!named.n) {
		guard_pass(row, a, "the intent names no recipe");
		return;
	}
	if (!f->route) {
		guard_skip(row, a, "there is no route");
		return;
	}
	guard_rule(row, f->route->recipe.at);
	guard_input(row, "recipe", named);
	if (str_eq(named, f->route->recipe.s))
		guard_pass(row, a, "the intent names the routed recipe");
	else
		guard_refuse(row, a, f, DIAG_RECIPE_ID_MISMATCH,
		             request_more(f->request)->recipe_at,
		             "the intent names the recipe %" STR_FMT
		             ", the policy routes to %" STR_FMT,
		             STR_ARG(named), STR_ARG(f->route->recipe.s));
}
