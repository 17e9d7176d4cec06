#include "core/policy_keys.h"
#include "core/secret.h"

struct uses {
	const struct recipe *recipe;
	struct diags *ds;
};

static const char *nearest(const struct uses *u, struct str name)
{
	struct arena *a = u->ds->arena;
	const struct recipe *r = u->recipe;
	const char **names =
	        arena_array(a, r->overridable.n + 1, sizeof *names);
	for (size_t i = 0; i < r->overridable.n; i++)
		names[i] = str_cstr(a, r->overridable.at[i].name);
	return decode_nearest(name, names);
}

static void check_use(void *context, const struct parameter *p,
                      const struct parameter_operand *use)
{
	const struct uses *u = context;
	struct span at = text_span(&p->value, use->at, use->end);
	if (!recipe_overridable(u->recipe, use->text)) {
		struct diag *d = diag_add(
		        u->ds, DIAG_INVALID_TEMPLATE, at,
		        "the recipe lets intents set no parameter \"%" STR_FMT
		        "\"",
		        STR_ARG(str_brief(u->ds->arena, use->text, 40)));
		const char *near = nearest(u, use->text);
		if (near)
			diag_hint(u->ds, d, "Did you mean \"params.%s\"?",
			          near);
		return;
	}
	vec_each (const struct parameter, other, &u->recipe->parameters)
		if (other != p && other->uses_params &&
		    str_eq(other->name.s, use->text))
			diag_add(u->ds, DIAG_INVALID_TEMPLATE, at,
			         "the parameter \"%" STR_FMT
			         "\" itself uses params",
			         STR_ARG(use->text));
}

void policy_parameters(const struct recipe *r, struct diags *ds)
{
	struct uses u = {r, ds};
	vec_each (const struct parameter, p, &r->parameters)
		parameter_uses(p, check_use, &u);
	/* A choice among texts that stand here hides nothing. */
	vec_each (const struct overridable, o, &r->overridable)
		if (o->type.is == PARAMETER_STRING && GIVEN(o->type) &&
		    !o->options.n && secret_name(o->name))
			diag_add(ds, DIAG_SECRET_IN_POLICY, o->at,
			         "the parameter has a secret's name, and an "
			         "intent that sets it would show it");
}
