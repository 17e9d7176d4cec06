#include "runner/engine.h"

#include <assert.h>

static const struct engine_ops *const table[] = {
        [ENGINE_SANDBOX] = &engine_sandbox,
        [ENGINE_COMMAND] = &engine_command,
        [ENGINE_SPINNAKER] = &engine_spinnaker,
};

/* --- sessions ------------------------------------------------------------ */

static struct engine_session *session_open(struct world *w,
                                           const struct policy *policy,
                                           const struct engine *engine)
{
	const struct engine_ops *ops = table[engine->type.is];
	struct engine_session *s = ARENA_NEW(w->arena, struct engine_session);
	*s = (struct engine_session){
	        .world = w,
	        .policy = policy,
	        .engine = engine,
	        .ops = ops,
	        .arena = w->arena,
	};
	if (ops->open)
		ops->open(s);
	return s;
}

struct engine_session *engine_session(struct world *w,
                                      const struct policy *policy,
                                      const struct engine *engine)
{
	if (!w->sessions) {
		w->sessions = ARENA_NEW(w->arena, struct map);
		*w->sessions = map_new(w->arena);
	}
	struct engine_session *s = map_find(w->sessions, engine->id);
	/* Another policy's engine of that name is another engine. */
	if (!s || s->engine != engine) {
		s = session_open(w, policy, engine);
		map_put(w->sessions, engine->id, s);
	}
	return s;
}

/* --- recipes -------------------------------------------------------------- */

static bool inspect_recipe(struct engine_session *s, const struct recipe *r,
                           struct diags *findings)
{
	struct str text = STR("");
	if (s->ops->inspect(s, r, findings, &text) == ENGINE_READY)
		return true;
	diag_add(findings, DIAG_ENGINE_NOT_REACHED, r->engine.at,
	         "the engine %" STR_FMT " could not be asked about the recipe "
	         "%" STR_FMT ": %" STR_FMT,
	         STR_ARG(s->engine->id), STR_ARG(r->id.s), STR_ARG(text));
	return false;
}

bool engine_inspect(struct world *w, const struct policy *policy,
                    struct diags *findings)
{
	bool fine = true;
	vec_each (struct recipe *const, recipe, &policy->recipes) {
		const struct engine *engine =
		        policy_engine(policy, (*recipe)->engine.s);
		struct engine_session *s =
		        engine ? engine_session(w, policy, engine) : NULL;
		if (s && s->ops->inspect &&
		    !inspect_recipe(s, *recipe, findings))
			fine = false;
	}
	return fine;
}

/* --- engines that answer at once ----------------------------------------- */

bool engine_start_each(struct engine_session *s, const struct engine_feed *feed,
                       engine_answer_fn *answer, struct fail *why)
{
	struct engine_call *calls[ENGINE_IN_FLIGHT];
	size_t n = 0;
	do {
		size_t given = 0;
		if (!feed->turn(feed->context, calls, n, calls,
		                ENGINE_IN_FLIGHT, &given, why))
			return false;
		assert(given <= ENGINE_IN_FLIGHT);
		n = given;
		engine_ask_each(s, calls, n, answer);
	} while (n);
	return true;
}

void engine_ask_each(struct engine_session *s, struct engine_call *const *calls,
                     size_t n, engine_answer_fn *answer)
{
	for (size_t i = 0; i < n; i++) {
		struct engine_call *call = calls[i];
		call->text = STR("");
		call->status = (struct engine_status){0};
		answer(s, call);
	}
}
