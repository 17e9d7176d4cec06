#include "runner/spinnaker.h"

struct inspection {
	const struct recipe *recipe;
	const struct text *pipeline; /* as the recipe names it */
	const struct gate_pipeline *is;
	struct diags *findings;
};

static bool inspect_use(struct inspection *i)
{
	const struct text *application = &i->recipe->application;
	if (!str_eq(i->is->application, application->s)) {
		diag_add(i->findings, DIAG_PIPELINE_NOT_FOUND, i->pipeline->at,
		         "the pipeline %" STR_FMT " is one of the application "
		         "%" STR_FMT ", not of %" STR_FMT,
		         STR_ARG(i->pipeline->s), STR_ARG(i->is->application),
		         STR_ARG(application->s));
		return false;
	}
	if (i->is->disabled)
		diag_add(i->findings, DIAG_PIPELINE_DISABLED, i->pipeline->at,
		         "the pipeline %" STR_FMT " of %" STR_FMT
		         " is disabled",
		         STR_ARG(i->pipeline->s), STR_ARG(application->s));
	if (spinnaker_cancels_waiting(i->is))
		diag_add(i->findings, DIAG_PIPELINE_CANCELS_WAITING,
		         i->pipeline->at,
		         "the pipeline %" STR_FMT
		         " runs a limited number at a time and cancels "
		         "those that wait",
		         STR_ARG(i->pipeline->s));
	return true;
}

static void inspect_name(struct inspection *i, struct str name, struct span at)
{
	if (!spinnaker_takes(i->is, name))
		diag_add(i->findings, DIAG_PIPELINE_PARAMETER, at,
		         "the pipeline %" STR_FMT " has no parameter %" STR_FMT,
		         STR_ARG(i->pipeline->s), STR_ARG(name));
	else if (!i->is->nparameters)
		diag_add(i->findings, DIAG_PIPELINE_UNDECLARED, at,
		         "the pipeline %" STR_FMT
		         " declares no parameters, %" STR_FMT " among them",
		         STR_ARG(i->pipeline->s), STR_ARG(name));
}

/* A value with placeholders is known only for an order: preflight looks. */
static void inspect_value(struct inspection *i, const struct parameter *p)
{
	const struct gate_parameter_config *is =
	        spinnaker_declared(i->is, p->name.s);
	if (!is || p->has_placeholders || spinnaker_has_option(is, p->value.s))
		return;
	diag_add(i->findings, DIAG_PIPELINE_PARAMETER, p->value.at,
	         "the parameter %" STR_FMT " of the pipeline %" STR_FMT
	         " does not take \"%" STR_FMT "\", but %" STR_FMT,
	         STR_ARG(p->name.s), STR_ARG(i->pipeline->s),
	         STR_ARG(p->value.s),
	         STR_ARG(spinnaker_options(i->findings->arena, is)));
}

static bool has_parameter(const struct recipe *recipe, struct str name)
{
	vec_each (const struct parameter, p, &recipe->parameters)
		if (str_eq(p->name.s, name))
			return true;
	return false;
}

static bool is_given(const struct recipe *recipe, struct str name)
{
	/* Perhaps by the intent: preflight looks. */
	return has_parameter(recipe, name) || recipe_overridable(recipe, name);
}

static void inspect_parameters(struct inspection *i)
{
	vec_each (const struct parameter, p, &i->recipe->parameters) {
		inspect_name(i, p->name.s, p->name.at);
		inspect_value(i, p);
	}
	vec_each (const struct overridable, o, &i->recipe->overridable)
		if (!has_parameter(i->recipe, o->name))
			inspect_name(i, o->name, o->at);
	for (size_t k = 0; k < i->is->nparameters; k++) {
		const struct gate_parameter_config *p = &i->is->parameters[k];
		if (p->required && !p->has_default &&
		    !is_given(i->recipe, p->name))
			diag_add(i->findings, DIAG_PIPELINE_PARAMETER,
			         i->pipeline->at,
			         "the pipeline %" STR_FMT
			         " wants the parameter %" STR_FMT
			         ", which the recipe does not give",
			         STR_ARG(i->pipeline->s), STR_ARG(p->name));
	}
}

static enum engine_answer inspect_one(struct engine_session *s,
                                      const struct recipe *recipe,
                                      const struct text *pipeline,
                                      struct diags *findings, struct str *text)
{
	const struct spinnaker_pipeline *p =
	        spinnaker_pipeline(s, recipe->application.s, pipeline->s);
	struct inspection i = {.recipe = recipe,
	                       .pipeline = pipeline,
	                       .is = &p->is,
	                       .findings = findings};
	if (p->answer == ENGINE_BAD_CONFIG) {
		diag_add(findings, DIAG_PIPELINE_NOT_FOUND, pipeline->at,
		         "%" STR_FMT, STR_ARG(p->text));
		return ENGINE_READY;
	}
	*text = p->text;
	if (p->answer == ENGINE_READY && inspect_use(&i))
		inspect_parameters(&i);
	return p->answer;
}

enum engine_answer spinnaker_inspect(struct engine_session *s,
                                     const struct recipe *recipe,
                                     struct diags *findings, struct str *text)
{
	const struct spinnaker *sp = s->state;
	const struct pipelines *p = &recipe->pipelines;
	enum engine_answer answer = ENGINE_READY;
	if (!sp->is_open) {
		*text = sp->trouble;
		return ENGINE_BAD_CONFIG;
	}
	answer = inspect_one(s, recipe, &p->deploy, findings, text);
	if (answer == ENGINE_READY && GIVEN(p->rollback) &&
	    !str_eq(p->rollback.s, p->deploy.s))
		answer = inspect_one(s, recipe, &p->rollback, findings, text);
	return answer;
}
