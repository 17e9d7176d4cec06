#include "runner/engine.h"

#include <assert.h>

const struct engine_ops *engine_ops(enum engine_type type)
{
	switch (type) {
	case ENGINE_SANDBOX:
		return &engine_sandbox;
	case ENGINE_COMMAND:
		return &engine_command;
	case ENGINE_SPINNAKER:
		break;
	}
	return NULL;
}

/* --- sessions ------------------------------------------------------------ */

static struct engine_session *session_open(struct world *w,
                                           const struct policy *policy,
                                           const struct engine *engine,
                                           const struct engine_ops *ops)
{
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
	const struct engine_ops *ops =
	        engine_ops((enum engine_type)engine->type.is);
	if (!ops)
		return NULL;
	if (!w->sessions) {
		w->sessions = ARENA_NEW(w->arena, struct map);
		*w->sessions = map_new(w->arena);
	}
	struct engine_session *s = map_find(w->sessions, engine->id);
	/* Another policy's engine of that name is another engine. */
	if (!s || s->engine != engine) {
		s = session_open(w, policy, engine, ops);
		map_put(w->sessions, engine->id, s);
	}
	return s;
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
