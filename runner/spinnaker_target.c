#include "runner/spinnaker.h"

#include "core/canon.h"
#include "core/sha256.h"
#include "runner/parameters.h"

enum {
	KEEP_S = 60, /* a pipeline as it was read */
	KEEP_TROUBLE_S = 15,
	TARGET_MAX = 16 * 1024,
};

/* --- pipelines ----------------------------------------------------------- */

static void copy_parameters(struct gate_pipeline *to, struct arena *a,
                            const struct gate_pipeline *from)
{
	to->parameters =
	        arena_array(a, from->nparameters, sizeof *to->parameters);
	for (size_t i = 0; i < from->nparameters; i++) {
		struct gate_parameter_config *p = &to->parameters[i];
		*p = from->parameters[i];
		p->name = str_copy(a, p->name);
		p->default_value = str_copy(a, p->default_value);
		p->options = arena_array(a, p->noptions, sizeof *p->options);
		for (size_t k = 0; k < p->noptions; k++)
			p->options[k] =
			        str_copy(a, from->parameters[i].options[k]);
	}
}

/* Without the rest of its document: that may be large. */
static void keep_pipeline(struct spinnaker_pipeline *p,
                          const struct gate_pipeline *is)
{
	p->is = *is;
	p->is.id = str_copy(p->arena, is->id);
	p->is.name = str_copy(p->arena, is->name);
	p->is.application = str_copy(p->arena, is->application);
	copy_parameters(&p->is, p->arena, is);
}

enum engine_answer spinnaker_answer_of(const struct gate_answer *answer)
{
	enum { FORBIDDEN = 403 };
	switch (answer->class) {
	case GATE_OK:
		return ENGINE_READY;
	case GATE_AUTH:
		return ENGINE_NO_ACCESS;
	case GATE_NOT_FOUND:
		return ENGINE_BAD_CONFIG;
	case GATE_REFUSED:
	case GATE_REFUSED_WITH_RECORD:
		return answer->status == FORBIDDEN ? ENGINE_NO_ACCESS
		                                   : ENGINE_REFUSED;
	case GATE_NEVER_SENT:
	case GATE_RATE_LIMITED:
	case GATE_UNKNOWN:
	case GATE_CLASS_COUNT:
		break;
	}
	return ENGINE_IS_DOWN;
}

static void read_pipeline(struct engine_session *s,
                          struct spinnaker_pipeline *p, struct str application,
                          struct str pipeline)
{
	struct spinnaker *sp = s->state;
	struct arena *a = arena_new();
	struct gate_pipeline is;
	struct gate_answer answer = gate_ask(
	        &sp->gate, a,
	        gate_pipeline_call(&sp->gate, a, application, pipeline));
	arena_reset(p->arena);
	p->text = STR("");
	p->answer = spinnaker_answer_of(&answer);
	p->since = answer.date;
	if (!p->since && !s->world->clock_given)
		p->since = world_now(s->world);
	if (answer.class == GATE_NOT_FOUND)
		p->text = str_format(p->arena,
		                     "the application %" STR_FMT
		                     " has no pipeline %" STR_FMT,
		                     STR_ARG(application), STR_ARG(pipeline));
	else if (p->answer != ENGINE_READY)
		p->text = str_copy(p->arena, answer.text);
	else if (gate_pipeline_read(&is, a, &answer))
		keep_pipeline(p, &is);
	else {
		p->answer = ENGINE_IS_DOWN;
		p->text = STR("Gate's answer is no pipeline");
	}
	arena_free(a);
}

static void free_arena(void *arena)
{
	arena_free(arena);
}

const struct spinnaker_pipeline *spinnaker_pipeline(struct engine_session *s,
                                                    struct str application,
                                                    struct str pipeline)
{
	struct spinnaker *sp = s->state;
	int64_t now = world_now(s->world);
	struct arena *scratch = arena_new();
	struct str key = str_format(scratch, "%" STR_FMT "\n%" STR_FMT,
	                            STR_ARG(application), STR_ARG(pipeline));
	struct spinnaker_pipeline *p = map_find(&sp->pipelines, key);
	if (!p) {
		p = ARENA_NEW(s->arena, struct spinnaker_pipeline);
		p->arena = arena_new();
		arena_defer(s->arena, free_arena, p->arena);
		map_put(&sp->pipelines, key, p);
	}
	arena_free(scratch);
	int64_t keep = p->answer == ENGINE_READY ? KEEP_S : KEEP_TROUBLE_S;
	if (p->answer != ENGINE_NOT_ASKED && now >= p->asked_at &&
	    now < p->asked_at + keep)
		return p;
	if (!gate_fits_path(application) || !gate_fits_path(pipeline)) {
		p->answer = ENGINE_BAD_CONFIG;
		p->text = STR("Gate cannot take a name with such characters; "
		              "name the pipeline by its id");
	} else if (now < sp->down_until) {
		arena_reset(p->arena);
		p->answer = ENGINE_IS_DOWN;
		p->text = str_copy(p->arena, sp->down_text);
	} else {
		read_pipeline(s, p, application, pipeline);
		spinnaker_note(s, p->answer, p->text);
	}
	p->asked_at = world_now(s->world);
	return p;
}

const struct text *spinnaker_pipeline_name(const struct recipe *recipe,
                                           enum deployment_kind kind)
{
	const struct pipelines *p = &recipe->pipelines;
	return kind == KIND_ROLLBACK && GIVEN(p->rollback) ? &p->rollback
	                                                   : &p->deploy;
}

/* --- parameters ---------------------------------------------------------- */

static struct str digest_of(struct arena *a, const struct expansion *e)
{
	struct buf buf = buf_new(a, 1 << 20);
	struct jw j = jw_new(&buf);
	expansion_json(&j, a, e);
	return str_copy(a, str_of(sha256_of(buf_str(&buf)).s));
}

enum engine_answer spinnaker_parameters(struct gate_parameter **out, size_t *n,
                                        struct arena *a,
                                        const struct engine_order *order,
                                        const struct spinnaker_target *target,
                                        struct str *text)
{
	struct expansion e;
	enum engine_answer answer = parameters_of(&e, a, order, text);
	if (answer != ENGINE_READY)
		return answer;
	if (target->digest.n && !str_eq(target->digest, digest_of(a, &e))) {
		*text = STR("the recipe gives other parameters than when the "
		            "order was announced");
		return ENGINE_BAD_CONFIG;
	}
	*n = e.n;
	*out = arena_array(a, e.n, sizeof **out);
	for (size_t i = 0; i < e.n; i++)
		(*out)[i] =
		        (struct gate_parameter){e.at[i].name, e.at[i].value};
	return ENGINE_READY;
}

const struct gate_parameter_config *
spinnaker_declared(const struct gate_pipeline *p, struct str name)
{
	for (size_t i = 0; i < p->nparameters; i++)
		if (str_eq(p->parameters[i].name, name))
			return &p->parameters[i];
	return NULL;
}

bool spinnaker_has_option(const struct gate_parameter_config *p,
                          struct str value)
{
	for (size_t i = 0; i < p->noptions; i++)
		if (str_eq(p->options[i], value))
			return true;
	return !p->has_options;
}

/*
 * A pipeline that declares none takes any: its expressions may use them all the
 * same. One that declares some has forgotten this one, or it is misspelt, and
 * Spinnaker would not say so.
 */
bool spinnaker_takes(const struct gate_pipeline *p, struct str name)
{
	return !p->nparameters || spinnaker_declared(p, name);
}

struct str spinnaker_options(struct arena *a,
                             const struct gate_parameter_config *p)
{
	enum { OPTIONS_TEXT_MAX = 200 };
	struct buf buf = buf_new(a, OPTIONS_TEXT_MAX);
	for (size_t i = 0; i < p->noptions; i++)
		buf_format(&buf, "%s%" STR_FMT, i ? ", " : "",
		           STR_ARG(p->options[i]));
	return buf_str(&buf);
}

static bool is_given(const struct expansion *e, struct str name)
{
	return expansion_find(e, name) != NULL;
}

/* What Spinnaker does not look at, or only when it is too late. */
static bool parameters_fit(const struct gate_pipeline *p,
                           const struct expansion *e, struct arena *a,
                           struct str *text)
{
	for (size_t i = 0; i < e->n; i++) {
		const struct expanded *x = &e->at[i];
		const struct gate_parameter_config *is =
		        spinnaker_declared(p, x->name);
		if (!spinnaker_takes(p, x->name)) {
			*text = str_format(a,
			                   "the pipeline %" STR_FMT
			                   " has no parameter %" STR_FMT,
			                   STR_ARG(p->name), STR_ARG(x->name));
			return false;
		}
		if (is && !spinnaker_has_option(is, x->value)) {
			*text = str_format(a,
			                   "the parameter %" STR_FMT
			                   " of the pipeline %" STR_FMT
			                   " does not take \"%" STR_FMT
			                   "\", but %" STR_FMT,
			                   STR_ARG(x->name), STR_ARG(p->name),
			                   STR_ARG(x->value),
			                   STR_ARG(spinnaker_options(a, is)));
			return false;
		}
	}
	for (size_t i = 0; i < p->nparameters; i++) {
		const struct gate_parameter_config *is = &p->parameters[i];
		if (is->required && !is->has_default &&
		    !is_given(e, is->name)) {
			*text = str_format(a,
			                   "the pipeline %" STR_FMT
			                   " wants the parameter %" STR_FMT,
			                   STR_ARG(p->name), STR_ARG(is->name));
			return false;
		}
	}
	return true;
}

/* --- the target ---------------------------------------------------------- */

struct str spinnaker_gate_url(struct engine_session *s, struct arena *a)
{
	const struct spinnaker *sp = s->state;
	return http_mask(sp->gate.http, a, s->engine->url.s);
}

static struct str target_text(struct engine_session *s, struct arena *a,
                              const struct spinnaker_pipeline *p,
                              const struct expansion *e)
{
	struct buf buf = buf_new(a, TARGET_MAX);
	struct jw j = jw_new(&buf);
	jw_open(&j, '{');
	jw_put_str(&j, "application", p->is.application);
	jw_put_str(&j, "parameters", digest_of(a, e));
	jw_put_str(&j, "pipeline", p->is.name);
	jw_put_str(&j, "pipelineConfigId", p->is.id);
	jw_put_int(&j, "since", p->since);
	jw_put_str(&j, "url", spinnaker_gate_url(s, a));
	jw_close(&j);
	return buf_str(&buf);
}

bool spinnaker_target_read(struct spinnaker_target *out, struct arena *a,
                           const struct engine_order *order)
{
	struct fail why = {0};
	if (order->target.n) {
		const struct canon *is = canon_read_any(a, order->target, &why);
		*out = (struct spinnaker_target){
		        .application = canon_text(is, "application"),
		        .pipeline = canon_text(is, "pipeline"),
		        .config_id = canon_text(is, "pipelineConfigId"),
		        .digest = canon_text(is, "parameters"),
		        .url = canon_text(is, "url"),
		        .since = canon_int(is, "since"),
		};
		return out->application.n && out->pipeline.n;
	}
	if (!order->recipe)
		return false;
	*out = (struct spinnaker_target){
	        .application = order->recipe->application.s,
	        .pipeline = spinnaker_pipeline_name(order->recipe,
	                                            order->deployment->kind)
	                            ->s,
	};
	return out->application.n && out->pipeline.n;
}

/* --- preflight ----------------------------------------------------------- */

static bool is_set_up(struct engine_session *s, struct engine_call *call)
{
	const struct spinnaker *sp = s->state;
	const struct recipe *recipe = call->order.recipe;
	if (!sp->is_open)
		call->text = sp->trouble;
	else if (!recipe)
		call->text = STR("the policy no longer has its recipe");
	else
		return true;
	return false;
}

/* An id finds the pipeline of any application. */
static bool is_usable(const struct gate_pipeline *p, struct str application,
                      struct arena *a, struct str *text)
{
	if (!str_eq(p->application, application))
		*text = str_format(a,
		                   "the pipeline %" STR_FMT
		                   " is one of the application %" STR_FMT
		                   ", not of %" STR_FMT,
		                   STR_ARG(p->name), STR_ARG(p->application),
		                   STR_ARG(application));
	else if (p->disabled)
		*text = str_format(a,
		                   "the pipeline %" STR_FMT " of %" STR_FMT
		                   " is disabled",
		                   STR_ARG(p->name), STR_ARG(application));
	else
		return true;
	return false;
}

/*
 * A pipeline with limited executions that does not keep those that wait cancels
 * all of them but the newest: only one of ours may be under way.
 */
bool spinnaker_cancels_waiting(const struct gate_pipeline *p)
{
	return (p->limit_concurrent || p->max_concurrent > 0) &&
	       !p->keep_waiting;
}

void spinnaker_preflight(struct engine_session *s, struct engine_call *call)
{
	struct engine_order *order = &call->order;
	struct arena *a = call->arena;
	struct expansion e;
	call->answer = ENGINE_BAD_CONFIG;
	if (!is_set_up(s, call))
		return;
	const struct spinnaker_pipeline *p = spinnaker_pipeline(
	        s, order->recipe->application.s,
	        spinnaker_pipeline_name(order->recipe, order->deployment->kind)
	                ->s);
	if (p->answer != ENGINE_READY) {
		call->answer = p->answer;
		call->text = str_copy(a, p->text);
		return;
	}
	if (!is_usable(&p->is, order->recipe->application.s, a, &call->text))
		return;
	call->answer = parameters_of(&e, a, order, &call->text);
	if (call->answer != ENGINE_READY)
		return;
	if (!parameters_fit(&p->is, &e, a, &call->text)) {
		call->answer = ENGINE_BAD_CONFIG;
		return;
	}
	order->target = target_text(s, a, p, &e);
	order->queue = spinnaker_cancels_waiting(&p->is) ? str_copy(a, p->is.id)
	                                                 : STR("");
}
