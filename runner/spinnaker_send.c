#include "runner/spinnaker.h"

/*
 * Orders are announced some at a time, as many as Gate will take in a moment,
 * and sent as soon as there is room: what came of one is recorded while the
 * next ones are under way. Each is durable before it is sent. What was answered
 * is durable a moment later, with the orders that are announced next: a run
 * that is killed before that leaves orders which are found by their tokens, and
 * some that were never sent.
 */

enum {
	AHEAD_LEAST = 16,  /* announced at a time where Gate is quick */
	AHEAD_MS = 500,    /* in which all that is announced is to be sent */
	AT_ONCE = 32,      /* announced in one step: these are sent meanwhile */
	QUIET_MS = 2,      /* without an answer: then there is time to record */
	A_WHILE_MS = 1000, /* a signal is seen after it at the latest */
};

/* The trigger, or the one look for the record that a refusal left. */
struct flight {
	struct engine_call *call;
	struct str application;
	int64_t begun_ms;
	bool looks;
};

struct announced {
	struct engine_call *call;
	int64_t since_ms;
};

/* Its connections are apart from those of the session, which may be needed (for
   a preflight) meanwhile. */
struct sender {
	struct engine_session *session;
	struct gate gate;
	bool is_open;
	struct str trouble;
	struct announced announced[ENGINE_ANNOUNCED]; /* to be sent, in order */
	size_t nannounced;
	struct engine_call *in_flight[ENGINE_IN_FLIGHT];
	size_t nin_flight;
	struct engine_call *answered[ENGINE_ANNOUNCED]; /* the feed's next */
	size_t nanswered;
	size_t ahead;       /* of those in flight: how many are announced */
	int64_t latency_ms; /* the longest since the last turn; -1: none */
	bool is_dry;        /* the feed had fewer than there was room for */
};

static void fly(struct sender *s, struct engine_call *call,
                struct http_call *http, struct str application, bool looks)
{
	struct flight *flight = ARENA_NEW(call->arena, struct flight);
	*flight = (struct flight){.call = call,
	                          .application = application,
	                          .begun_ms = world_milliseconds(),
	                          .looks = looks};
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
		call->text = call->order.target.n
		                     ? STR("what was recorded of where it goes "
		                           "cannot be read")
		                     : STR("the policy no longer says which "
		                           "pipeline");
		return false;
	}
	enum engine_answer answer =
	        spinnaker_parameters(&parameters, &trigger.nparameters, a,
	                             &call->order, &target, &call->text);
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
	fly(s, call, gate_trigger_call(&s->gate, a, &trigger),
	    target.application, false);
	return true;
}

static void take_started(struct sender *s, struct engine_call *call,
                         struct str application, struct str execution_id)
{
	call->answer = ENGINE_READY;
	call->status = (struct engine_status){
	        .state = STATE_IN_PROGRESS,
	        .execution_id = execution_id,
	        .execution_url = spinnaker_url(s->session->engine, call->arena,
	                                       application, execution_id),
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
static bool take_answer(struct sender *s, const struct flight *flight,
                        const struct gate_answer *answer)
{
	struct engine_call *call = flight->call;
	call->text = answer->text;
	switch (answer->class) {
	case GATE_OK:
		if (answer->execution_id.n)
			take_started(s, call, flight->application,
			             answer->execution_id);
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
		    flight->application, true);
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
static void take_record(struct sender *s, const struct flight *flight,
                        const struct gate_answer *answer)
{
	struct engine_call *call = flight->call;
	struct gate_finds finds;
	if (answer->class == GATE_OK &&
	    gate_find(&finds, call->arena, answer,
	              call->order.deployment->token) &&
	    finds.n)
		take_started(s, call, flight->application, finds.at[0].id);
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
	int64_t latency = world_milliseconds() - flight->begun_ms;
	if (latency > s->latency_ms)
		s->latency_ms = latency;
	if (flight->looks)
		take_record(s, flight, &said);
	else if (!take_answer(s, flight, &said))
		return;
	answer(s, call);
}

/* --- which of them are sent ---------------------------------------------- */

static size_t limit_of(const struct engine *engine)
{
	return GIVEN(engine->in_flight) ? (size_t)engine->in_flight.n
	                                : ENGINE_IN_FLIGHT;
}

static void not_sent(struct sender *s, struct engine_call *call,
                     struct str text)
{
	call->answer = ENGINE_IS_DOWN;
	call->text = text;
	s->answered[s->nanswered++] = call;
}

/* Told to end: whatever became of those in flight, it is looked for by the next
   run. */
static void abandon(struct sender *s)
{
	while (s->nin_flight) {
		struct engine_call *call = s->in_flight[0];
		take_uncertain(call, STR("the program was told to end before "
		                         "Gate answered"));
		answer(s, call);
	}
	for (size_t i = 0; i < s->nannounced; i++)
		not_sent(s, s->announced[i].call,
		         STR("the program was told to end before it was sent"));
	s->nannounced = 0;
}

static void send_one(struct sender *s, const struct announced *one)
{
	if (world_milliseconds() - one->since_ms > SPINNAKER_LATE_S * 1000)
		not_sent(s, one->call,
		         STR("Gate took too long over the orders before it"));
	else if (send_trigger(s, one->call))
		s->in_flight[s->nin_flight++] = one->call;
	else
		s->answered[s->nanswered++] = one->call;
}

static void send_announced(struct sender *s)
{
	size_t limit = limit_of(s->session->engine), n = 0;
	while (n < s->nannounced && s->nin_flight < limit)
		send_one(s, &s->announced[n++]);
	s->nannounced -= n;
	for (size_t i = 0; n && i < s->nannounced; i++)
		s->announced[i] = s->announced[i + n];
}

/* --- which of them are announced ----------------------------------------- */

/* As many as are sent within AHEAD_MS as things go; where that is not known,
   none that cannot be sent at once. */
static void look_ahead(struct sender *s)
{
	size_t limit = limit_of(s->session->engine);
	size_t most = limit > AHEAD_LEAST ? limit : AHEAD_LEAST;
	if (s->latency_ms < 0)
		return;
	s->ahead =
	        s->latency_ms ? limit * AHEAD_MS / (size_t)s->latency_ms : most;
	if (s->ahead > most)
		s->ahead = most;
	s->latency_ms = -1;
}

static size_t room(const struct sender *s)
{
	size_t most = limit_of(s->session->engine) + s->ahead;
	size_t now = s->nin_flight + s->nannounced;
	size_t left = now < most ? most - now : 0;
	return left < AT_ONCE ? left : AT_ONCE;
}

static bool take_turn(struct sender *s, const struct engine_feed *feed,
                      struct fail *why)
{
	struct engine_call *next[ENGINE_ANNOUNCED];
	size_t given = 0, wanted;
	look_ahead(s);
	wanted = room(s);
	if (!feed->turn(feed->context, s->answered, s->nanswered, next, wanted,
	                &given, why))
		return false;
	int64_t now = world_milliseconds();
	s->nanswered = 0;
	s->is_dry = given < wanted;
	for (size_t i = 0; i < given; i++)
		s->announced[s->nannounced++] =
		        (struct announced){.call = next[i], .since_ms = now};
	return true;
}

/* There is room for more, and none that may be sent. */
static bool is_idle(const struct sender *s)
{
	return !s->nannounced && !s->is_dry &&
	       s->nin_flight < limit_of(s->session->engine);
}

/* While nothing is to be sent: is there something to record, or announce? */
static bool is_worth_turn(const struct sender *s, bool quiet)
{
	return (quiet && s->nanswered) || (!s->is_dry && room(s) == AT_ONCE);
}

/* Until something is to be recorded, or announced. */
static bool send_until_turn(struct sender *s, const struct engine_feed *feed,
                            struct fail *why)
{
	struct http_call *done[ENGINE_IN_FLIGHT];
	int wait_ms = 0; /* at first: to have them leave */
	for (send_announced(s); s->nin_flight; send_announced(s)) {
		size_t n = http_wait(s->gate.http, done, ENGINE_IN_FLIGHT,
		                     wait_ms);
		bool quiet = !n && wait_ms, more = false;
		for (size_t i = 0; i < n; i++)
			land(s, done[i]);
		if (world_signal())
			abandon(s);
		else if (is_idle(s))
			return true;
		else if (!n && !wait_ms && feed->ahead &&
		         !feed->ahead(feed->context, room(s), &more, why))
			return false;
		if (!n && !more && is_worth_turn(s, quiet))
			return true;
		wait_ms = n || more ? 0 : s->nanswered ? QUIET_MS : A_WHILE_MS;
	}
	return true;
}

bool spinnaker_start(struct engine_session *session,
                     const struct engine_feed *feed, struct fail *why)
{
	struct arena *a = arena_new();
	struct sender *s = ARENA_NEW(a, struct sender);
	struct fail trouble = {0};
	bool fine;
	s->session = session;
	s->latency_ms = -1;
	s->is_open = spinnaker_open_gate(session, a, &s->gate, &trouble);
	s->trouble = str_of(trouble.text);
	do
		fine = take_turn(s, feed, why) && send_until_turn(s, feed, why);
	while (fine && (s->nannounced || s->nin_flight || s->nanswered));
	arena_free(a);
	return fine;
}
