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

static bool open_gate(struct engine_session *s, struct arena *a,
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
	sp->is_open = open_gate(s, s->arena, &sp->gate, &why);
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

/* --- starting ------------------------------------------------------------ */

/* Orders in flight; their connections are apart from those of the session,
   which may be needed (for a preflight) meanwhile. */
struct sender {
	struct engine_session *session;
	struct gate gate;
	bool is_open;
	struct str trouble;
	struct engine_call *in_flight[ENGINE_IN_FLIGHT];
	size_t nin_flight;
	struct engine_call *answered[ENGINE_IN_FLIGHT]; /* the feed's next */
	size_t nanswered;
};

/* The trigger, or the one look for the record that a refusal left. */
struct flight {
	struct engine_call *call;
	bool looks;
};

static void fly(struct sender *s, struct engine_call *call,
                struct http_call *http, bool looks)
{
	struct flight *flight = ARENA_NEW(call->arena, struct flight);
	*flight = (struct flight){.call = call, .looks = looks};
	http->owner = flight;
	http_start(s->gate.http, http);
}

/* False: it is answered already. */
static bool send_trigger(struct sender *s, struct engine_call *call)
{
	struct arena *a = call->arena;
	struct spinnaker_target target;
	struct gate_trigger trigger = {
	        .token = call->order.deployment->token,
	        .user = call->order.deployment->actor_email,
	};
	struct gate_parameter *parameters;
	call->answer = ENGINE_BAD_CONFIG;
	if (!s->is_open) {
		call->text = s->trouble;
		return false;
	}
	if (!spinnaker_target_read(&target, a, &call->order)) {
		call->text = STR("the policy no longer says which pipeline");
		return false;
	}
	enum engine_answer answer =
	        spinnaker_parameters(&parameters, &trigger.nparameters, a,
	                             &call->order, &call->text);
	if (answer != ENGINE_READY) {
		call->answer = answer;
		return false;
	}
	trigger.parameters = parameters;
	trigger.application = target.application;
	trigger.pipeline =
	        gate_fits_path(target.pipeline) || !target.config_id.n
	                ? target.pipeline
	                : target.config_id;
	if (!gate_fits_path(trigger.application) ||
	    !gate_fits_path(trigger.pipeline)) {
		call->text =
		        STR("Gate cannot take a name with such characters");
		return false;
	}
	fly(s, call, gate_trigger_call(&s->gate, a, &trigger), false);
	return true;
}

static void take_started(struct sender *s, struct engine_call *call,
                         struct str execution_id)
{
	struct spinnaker_target target = {0};
	spinnaker_target_read(&target, call->arena, &call->order);
	call->answer = ENGINE_READY;
	call->status = (struct engine_status){
	        .state = STATE_IN_PROGRESS,
	        .execution_id = execution_id,
	        .execution_url =
	                spinnaker_url(s->session->engine, call->arena,
	                              target.application, execution_id),
	};
}

static enum engine_answer refusal_of(const struct gate_answer *answer)
{
	enum { UNAUTHORIZED = 401, FORBIDDEN = 403, NOT_FOUND = 404 };
	switch (answer->status) {
	case UNAUTHORIZED:
	case FORBIDDEN:
		return ENGINE_NO_ACCESS;
	case NOT_FOUND:
		return ENGINE_BAD_CONFIG;
	default:
		return ENGINE_REFUSED;
	}
}

static void take_uncertain(struct engine_call *call, struct str what)
{
	call->answer = ENGINE_UNCERTAIN;
	call->text = str_format(
	        call->arena,
	        "it is not known whether the pipeline was started: %" STR_FMT
	        "; its execution is looked for by the token %" STR_FMT,
	        STR_ARG(what), STR_ARG(call->order.deployment->token));
}

/* False: it goes on, with a look for the record. */
static bool take_answer(struct sender *s, struct engine_call *call,
                        const struct gate_answer *answer)
{
	call->text = answer->text;
	switch (answer->class) {
	case GATE_OK:
		if (answer->execution_id.n)
			take_started(s, call, answer->execution_id);
		else
			take_uncertain(call, answer->text);
		return true;
	case GATE_NEVER_SENT:
	case GATE_RATE_LIMITED:
		call->answer = ENGINE_IS_DOWN;
		return true;
	case GATE_AUTH:
		call->answer = ENGINE_NO_ACCESS;
		return true;
	case GATE_NOT_FOUND:
	case GATE_REFUSED:
		call->answer = refusal_of(answer);
		return true;
	case GATE_REFUSED_WITH_RECORD:
		call->answer = refusal_of(answer);
		fly(s, call,
		    spinnaker_search(&s->gate, call->arena, &call->order),
		    true);
		return false;
	case GATE_UNKNOWN:
	case GATE_CLASS_COUNT:
		break;
	}
	take_uncertain(call, answer->text);
	return true;
}

/* The record of a refusal is the deployment's execution: it failed. Without
   one (a read that does not see it yet) the refusal stands. */
static void take_record(struct sender *s, struct engine_call *call,
                        const struct gate_answer *answer)
{
	struct gate_finds finds;
	if (answer->class == GATE_OK &&
	    gate_find(&finds, call->arena, answer,
	              call->order.deployment->token) &&
	    finds.n)
		take_started(s, call, finds.at[0].id);
}

static void answer(struct sender *s, struct engine_call *call)
{
	size_t i = 0;
	while (i < s->nin_flight && s->in_flight[i] != call)
		i++;
	if (i < s->nin_flight)
		s->in_flight[i] = s->in_flight[--s->nin_flight];
	s->answered[s->nanswered++] = call;
}

static void land(struct sender *s, struct http_call *http)
{
	struct flight *flight = http->owner;
	struct engine_call *call = flight->call;
	struct gate_answer said = gate_answer(&s->gate, call->arena, http);
	if (flight->looks)
		take_record(s, call, &said);
	else if (!take_answer(s, call, &said))
		return;
	answer(s, call);
}

/* Told to end: whatever became of them, it is looked for by the next run. */
static void abandon(struct sender *s)
{
	while (s->nin_flight) {
		struct engine_call *call = s->in_flight[0];
		take_uncertain(call, STR("the program was told to end before "
		                         "Gate answered"));
		answer(s, call);
	}
}

static size_t limit_of(const struct engine *engine)
{
	return GIVEN(engine->in_flight) ? (size_t)engine->in_flight.n
	                                : ENGINE_IN_FLIGHT;
}

static bool take_turn(struct sender *s, const struct engine_feed *feed,
                      struct fail *why)
{
	struct engine_call *next[ENGINE_IN_FLIGHT];
	size_t given = 0;
	if (!feed->turn(feed->context, s->answered, s->nanswered, next,
	                limit_of(s->session->engine) - s->nin_flight, &given,
	                why))
		return false;
	s->nanswered = 0;
	for (size_t i = 0; i < given; i++)
		if (send_trigger(s, next[i]))
			s->in_flight[s->nin_flight++] = next[i];
		else
			s->answered[s->nanswered++] = next[i];
	return true;
}

static bool send_all(struct sender *s, const struct engine_feed *feed,
                     struct fail *why)
{
	enum {
		A_WHILE_MS = 1000
	}; /* a signal is seen after it at the latest */
	struct http_call *done[ENGINE_IN_FLIGHT];
	do {
		if (!take_turn(s, feed, why))
			return false;
		int wait_ms = 0; /* at first: to have them leave */
		while (s->nin_flight && !s->nanswered) {
			size_t n = http_wait(s->gate.http, done,
			                     ENGINE_IN_FLIGHT, wait_ms);
			for (size_t i = 0; i < n; i++)
				land(s, done[i]);
			if (!n && !wait_ms && feed->ahead &&
			    !feed->ahead(feed->context,
			                 limit_of(s->session->engine), why))
				return false;
			wait_ms = A_WHILE_MS;
			if (world_signal())
				abandon(s);
		}
	} while (s->nin_flight || s->nanswered);
	return true;
}

static bool start(struct engine_session *session,
                  const struct engine_feed *feed, struct fail *why)
{
	struct arena *a = arena_new();
	struct sender *s = ARENA_NEW(a, struct sender);
	struct fail trouble = {0};
	s->session = session;
	s->is_open = open_gate(session, a, &s->gate, &trouble);
	s->trouble = str_of(trouble.text);
	bool fine = send_all(s, feed, why);
	arena_free(a);
	return fine;
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
        .poll_at_once = 4 * (size_t)GATE_BATCH,
        .has_targets = true,
        .open = open_session,
        .preflight = spinnaker_preflight,
        .start = start,
        .poll = spinnaker_poll,
        .cancel = spinnaker_cancel,
        .watch = spinnaker_watch,
        .examine = examine,
        .inspect = spinnaker_inspect,
};
