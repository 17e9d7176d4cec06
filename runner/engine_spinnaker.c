/*
 * The Spinnaker engine: pipelines started through Gate, and followed.
 *
 * Spinnaker does not promise to start a token once: it knows a correlationId
 * only until the execution has ended. So the engine sends once, on a connection
 * of its own, says where it cannot tell what became of that, and has dispatch
 * look before anything is sent again (struct engine_resolve): after the time in
 * which the first order may still be on its way inside of Gate, and twice.
 */
#include "runner/spinnaker.h"

/* --- the session --------------------------------------------------------- */

bool spinnaker_open_gate(struct engine_session *s, struct arena *a,
                         struct gate *out, struct fail *why)
{
	const char *folder = s->world->repo ? repo_root(s->world->repo) : "./";
	return gate_open(out, a, s->engine, folder, why);
}

static void free_arena(void *arena)
{
	arena_free(arena);
}

static void open_session(struct engine_session *s)
{
	struct spinnaker *sp = ARENA_NEW(s->arena, struct spinnaker);
	struct fail why = {0};
	sp->pipelines = map_new(s->arena);
	sp->canceled = map_new(s->arena);
	sp->sought = map_new(s->arena);
	sp->down_arena = arena_new();
	arena_defer(s->arena, free_arena, sp->down_arena);
	sp->is_open = spinnaker_open_gate(s, s->arena, &sp->gate, &why);
	if (!sp->is_open)
		sp->trouble = str_copy(s->arena, str_of(why.text));
	s->state = sp;
}

void spinnaker_note(struct engine_session *s, enum engine_answer answer,
                    struct str text)
{
	enum { DOWN_S = 15 };
	struct spinnaker *sp = s->state;
	sp->down_until = 0;
	if (answer != ENGINE_IS_DOWN)
		return;
	arena_reset(sp->down_arena);
	sp->down_until = world_now(s->world) + DOWN_S;
	sp->down_text = str_copy(sp->down_arena, text);
}

/* --- for doctor ---------------------------------------------------------- */

static struct str user_of(const struct gate_answer *answer)
{
	struct str name = json_get_str(answer->json, "username");
	if (!name.n)
		name = json_get_str(answer->json, "email");
	return name;
}

static enum engine_answer examine(struct engine_session *s, struct arena *a,
                                  struct str *text)
{
	struct spinnaker *sp = s->state;
	if (!sp->is_open) {
		*text = sp->trouble;
		return ENGINE_BAD_CONFIG;
	}
	struct gate_answer health =
	        gate_ask(&sp->gate, a, gate_health_call(&sp->gate, a));
	spinnaker_note(s, spinnaker_answer_of(&health), health.text);
	if (health.class != GATE_OK) {
		*text = health.text;
		return spinnaker_answer_of(&health);
	}
	/* /health and /auth/user are open to all; /version is not. */
	struct gate_answer version =
	        gate_ask(&sp->gate, a, gate_version_call(&sp->gate, a));
	if (version.class != GATE_OK) {
		*text = version.text;
		return spinnaker_answer_of(&version);
	}
	struct gate_answer user =
	        gate_ask(&sp->gate, a, gate_user_call(&sp->gate, a));
	struct str name = user.class == GATE_OK ? user_of(&user) : STR("");
	*text = str_format(
	        a, "Gate %" STR_FMT " at %" STR_FMT ", %s%" STR_FMT,
	        STR_ARG(json_get_str(version.json, "version")),
	        STR_ARG(http_mask(sp->gate.http, a, s->engine->url.s)),
	        name.n ? "signed in as " : "anonymous", STR_ARG(name));
	return ENGINE_READY;
}

const struct engine_ops engine_spinnaker = {
        .type = "spinnaker",
        .resolve = {.settle_s = SPINNAKER_SETTLE_S,
                    .confirm_s = SPINNAKER_CONFIRM_S,
                    .max_resends = SPINNAKER_RESENDS},
        .poll_at_once = 8 * (size_t)GATE_BATCH,
        .has_targets = true,
        .open = open_session,
        .preflight = spinnaker_preflight,
        .start = spinnaker_start,
        .poll = spinnaker_poll,
        .cancel = spinnaker_cancel,
        .watch = spinnaker_watch,
        .examine = examine,
        .inspect = spinnaker_inspect,
};
