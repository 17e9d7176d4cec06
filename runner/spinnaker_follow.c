#include "runner/gate_execution.h"
#include "runner/spinnaker.h"

enum {
	READS_IN_FLIGHT = 8,
	GENERATIONS_MAX = 3, /* of pipelines that pipelines start */
	AGAIN_S = 60,        /* what needs no doing at every poll */
	PAUSE_MS = 20,       /* under a clock that leaps */
};

struct str spinnaker_url(const struct engine *engine, struct arena *a,
                         struct str application, struct str execution_id)
{
	struct str deck = engine->deck_url.s;
	while (str_ends(deck, STR("/")))
		deck.n--;
	if (!deck.n || !application.n)
		return STR("");
	return str_format(a,
	                  "%" STR_FMT "/#/applications/%" STR_FMT
	                  "/executions/details/%" STR_FMT,
	                  STR_ARG(deck), STR_ARG(http_encode(a, application)),
	                  STR_ARG(http_encode(a, execution_id)));
}

struct http_call *spinnaker_search(const struct gate *gate, struct arena *a,
                                   const struct engine_order *order)
{
	enum { MS = 1000 };
	struct spinnaker_target target = {0};
	spinnaker_target_read(&target, a, order);
	int64_t since = target.since - SPINNAKER_SKEW_S;
	return gate_search_call(gate, a, target.application,
	                        order->deployment->token,
	                        since > 0 ? since * MS : 1);
}

/* Whether it was done of late; if not, it is done now. */
static bool is_done(struct engine_session *s, struct map *done, struct str id)
{
	int64_t now = world_now(s->world);
	int64_t *at = map_find(done, id);
	if (at && now < *at + AGAIN_S)
		return true;
	if (!at) {
		at = ARENA_NEW(s->arena, int64_t);
		map_put(done, id, at);
	}
	*at = now;
	return false;
}

/* --- what is asked ------------------------------------------------------- */

/* One order of a poll. */
struct question {
	struct engine_call *call;
	struct str id; /* of the execution; empty: not known (yet) */
	struct gate_execution *execution;
	bool is_answered; /* the call has its answer */
};

struct asking {
	struct engine_session *session;
	struct gate *gate;
	struct arena *arena; /* of the whole poll */
	struct question *at;
	size_t n;
};

static void answer(struct question *q, enum engine_answer is, struct str text)
{
	q->call->answer = is;
	q->call->text = text;
	q->is_answered = true;
}

/* --- executions, by their ids -------------------------------------------- */

/* One read of up to GATE_BATCH executions, filtered as it comes. */
struct reading {
	struct arena *arena;
	struct gate_filter *filter;
	struct http_call *http;
	struct question *asked[GATE_BATCH];
	struct str ids[GATE_BATCH];
	size_t n;
};

static void filter_begin(void *context)
{
	struct reading *r = context;
	r->filter = gate_filter_new(r->arena);
}

static bool filter_take(void *context, struct str piece)
{
	struct reading *r = context;
	return gate_filter_feed(r->filter, piece);
}

static struct gate_question question_of(const struct asking *k,
                                        const struct question *q)
{
	const struct deployment *d = q->call->order.deployment;
	return (struct gate_question){
	        .policy = k->session->policy,
	        .service = d->service,
	        .environment = d->environment,
	        .recipe = d->recipe,
	        .now = world_now(k->session->world),
	};
}

static void take_document(struct asking *k, struct reading *r,
                          const struct gate_document *doc)
{
	struct fail why = {0};
	struct str id = gate_execution_id(k->arena, doc);
	for (size_t i = 0; i < r->n; i++) {
		struct question *q = r->asked[i];
		if (!str_eq(q->id, id))
			continue;
		/* Rules about failures look at the order, too. */
		struct gate_question its = question_of(k, q);
		struct gate_execution *read =
		        ARENA_NEW(k->arena, struct gate_execution);
		if (gate_execution_read(read, k->arena, doc, &its, &why))
			q->execution = read;
	}
}

/* Whoever cannot connect need not try again at once, for the next step. */
static void note_answer(struct asking *k, const struct gate_answer *said)
{
	if (said->class == GATE_NEVER_SENT)
		spinnaker_note(k->session, ENGINE_IS_DOWN, said->text);
	else if (said->class == GATE_OK)
		spinnaker_note(k->session, ENGINE_READY, STR(""));
}

static void end_reading(struct asking *k, struct reading *r, bool must)
{
	struct gate_answer said = gate_answer(k->gate, k->arena, r->http);
	note_answer(k, &said);
	struct gate_documents found;
	struct fail why = {0};
	bool is_read = said.class == GATE_OK && r->filter &&
	               gate_filter_end(r->filter, &found, &why);
	if (is_read)
		vec_each (const struct gate_document *, doc, &found.documents)
			take_document(k, r, *doc);
	if (!must)
		return;
	enum engine_answer is = ENGINE_NOT_FOUND;
	struct str text = STR("Gate no longer shows the execution");
	if (said.class != GATE_OK) {
		is = spinnaker_answer_of(&said);
		text = said.text;
	} else if (!is_read) {
		is = ENGINE_IS_DOWN;
		text = why.text[0] ? str_copy(k->arena, str_of(why.text))
		                   : STR("Gate's answer is empty");
	}
	/* A word that Gate does not have there: it may have it again. */
	if (is == ENGINE_BAD_CONFIG || is == ENGINE_REFUSED)
		is = ENGINE_UNCERTAIN;
	for (size_t i = 0; i < r->n; i++)
		if (!r->asked[i]->execution)
			answer(r->asked[i], is, text);
}

/* Read those in `some`; must: who is not there is answered so. */
static void read_executions(struct asking *k, struct question **some, size_t n,
                            bool expand, bool must)
{
	size_t nreads = (n + GATE_BATCH - 1) / GATE_BATCH;
	struct reading *reads = arena_array(k->arena, nreads, sizeof *reads);
	struct http_call **calls = arena_array(k->arena, nreads, sizeof *calls);
	for (size_t i = 0; i < n; i++) {
		struct reading *r = &reads[i / GATE_BATCH];
		r->ids[r->n] = some[i]->id;
		r->asked[r->n++] = some[i];
	}
	for (size_t i = 0; i < nreads; i++) {
		struct reading *r = &reads[i];
		r->arena = k->arena;
		r->http = calls[i] = gate_executions_call(k->gate, k->arena,
		                                          r->ids, r->n, expand);
		r->http->sink = (struct http_sink){
		        .start = filter_begin,
		        .take = filter_take,
		        .context = r,
		};
	}
	http_all(k->gate->http, calls, nreads, READS_IN_FLIGHT);
	for (size_t i = 0; i < nreads; i++)
		end_reading(k, &reads[i], must);
}

/* --- executions, by their tokens ----------------------------------------- */

static struct http_call **search_calls(struct asking *k, struct question **some,
                                       size_t n)
{
	struct http_call **calls = arena_array(k->arena, n, sizeof *calls);
	for (size_t i = 0; i < n; i++)
		calls[i] = spinnaker_search(k->gate, k->arena,
		                            &some[i]->call->order);
	http_all(k->gate->http, calls, n, READS_IN_FLIGHT);
	return calls;
}

static void note_others(struct question *q, const struct gate_finds *finds)
{
	struct engine_call *call = q->call;
	call->status.duplicates.n = 0;
	for (size_t i = 0; i < finds->n; i++)
		if (!str_eq(finds->at[i].id, q->id))
			*vec_add(call->arena, &call->status.duplicates) =
			        finds->at[i].id;
}

/* That there is none at this Gate says nothing about another. */
static void answer_none(struct asking *k, struct question *q)
{
	struct spinnaker_target target = {0};
	struct str here = spinnaker_gate_url(k->session, k->arena);
	spinnaker_target_read(&target, k->arena, &q->call->order);
	if (str_eq(target.url, here)) {
		answer(q, ENGINE_NOT_FOUND,
		       STR("Spinnaker shows no execution of its token"));
		return;
	}
	answer(q, ENGINE_UNCERTAIN,
	       str_format(q->call->arena,
	                  "it was sent to %" STR_FMT
	                  ", and there is none of it at %" STR_FMT,
	                  STR_ARG(target.url), STR_ARG(here)));
}

/* The eldest is the one that is followed. */
static void take_finds(struct asking *k, struct question *q,
                       const struct http_call *http)
{
	struct gate_answer said = gate_answer(k->gate, k->arena, http);
	struct gate_finds finds;
	note_answer(k, &said);
	if (said.class != GATE_OK) {
		enum engine_answer is = spinnaker_answer_of(&said);
		answer(q, is == ENGINE_NO_ACCESS ? is : ENGINE_IS_DOWN,
		       said.text);
	} else if (!gate_find(&finds, k->arena, &said,
	                      q->call->order.deployment->token)) {
		answer(q, ENGINE_IS_DOWN, STR("Gate's answer is no list"));
	} else if (!finds.n) {
		answer_none(k, q);
	} else {
		q->id = finds.at[0].id;
		note_others(q, &finds);
	}
}

static void find_unknown(struct asking *k, struct question **some, size_t n)
{
	struct http_call **calls = search_calls(k, some, n);
	for (size_t i = 0; i < n; i++)
		take_finds(k, some[i], calls[i]);
}

/* Of what has ended: whether it was the only one. Where Gate does not say, it
   is not asked again. */
static void find_duplicates(struct asking *k, struct question **some, size_t n)
{
	struct http_call **calls = search_calls(k, some, n);
	for (size_t i = 0; i < n; i++) {
		struct gate_answer said =
		        gate_answer(k->gate, k->arena, calls[i]);
		struct gate_finds finds;
		if (said.class == GATE_OK &&
		    gate_find(&finds, k->arena, &said,
		              some[i]->call->order.deployment->token))
			note_others(some[i], &finds);
	}
}

/* --- what they say -------------------------------------------------------- */

static bool is_ours(const struct question *q)
{
	struct str token = q->call->order.deployment->token;
	const struct gate_execution *e = q->execution;
	return str_eq(e->correlation_id, token) || str_eq(e->event_id, token);
}

static void take_times(struct asking *k, const struct gate_execution *e,
                       struct engine_status *s)
{
	s->started_at = e->started_at ? e->started_at : e->build_at;
	if (!deployment_is_terminal(s->state))
		return;
	/* One that failed on startup has no times but that of its making. */
	s->finished_at = e->finished_at ? e->finished_at : s->started_at;
	if (!s->finished_at)
		s->finished_at = world_now(k->session->world);
}

static void take_status(struct asking *k, struct question *q)
{
	struct arena *a = q->call->arena;
	const struct gate_execution *e = q->execution;
	struct engine_status *s = &q->call->status;
	s->state = e->state;
	s->execution_id = e->id;
	s->execution_url =
	        spinnaker_url(k->session->engine, a, e->application, e->id);
	s->restarted = e->restarted;
	take_times(k, e, s);
	if (e->state == STATE_CANCELED)
		s->detail = e->progress;
	else if (!deployment_is_terminal(e->state))
		s->progress = e->progress;
	for (size_t i = 0; i < e->nfailures && e->state == STATE_FAILED; i++)
		*vec_add(a, &s->failures) = e->failures[i];
	vec_each (const struct gate_event, event, &e->events)
		*vec_add(a, &s->events) = (struct engine_event){
		        .at = event->at,
		        .event = STR("stage"),
		        .detail = event->detail,
		};
	vec_each (const struct str, warning, &e->warnings)
		*vec_add(a, &s->warnings) = *warning;
	answer(q, ENGINE_READY, STR(""));
}

/* The documents of the pipelines that its failed stages started. */
static void follow_children(struct asking *k, struct gate_execution *parent,
                            const struct question *of, int generation)
{
	if (generation >= GENERATIONS_MAX)
		return;
	vec_each (const struct gate_child, child, &parent->children) {
		struct question q = {.call = of->call,
		                     .id = child->execution_id};
		struct question *one = &q;
		read_executions(k, &one, 1, true, false);
		if (!q.execution)
			continue;
		follow_children(k, q.execution, of, generation + 1);
		gate_execution_follow(parent, k->arena, q.execution);
	}
}

/* --- the whole poll ------------------------------------------------------- */

typedef bool choose_fn(const struct question *q);

static bool is_unknown(const struct question *q)
{
	return !q->is_answered && !q->id.n;
}

static bool is_known(const struct question *q)
{
	return !q->is_answered && q->id.n;
}

/* Read, and not what was meant; or there is none of that id. */
static bool is_stranger(const struct question *q)
{
	if (!q->execution)
		return q->id.n && q->call->answer == ENGINE_NOT_FOUND;
	return !is_ours(q);
}

/* By its token, and not read yet. */
static bool is_found(const struct question *q)
{
	return !q->is_answered && q->id.n && !q->execution;
}

static bool has_failed(const struct question *q)
{
	return !q->is_answered && q->execution &&
	       q->execution->state == STATE_FAILED;
}

static bool has_ended(const struct question *q)
{
	return !q->is_answered && q->execution &&
	       deployment_is_terminal(q->execution->state);
}

static struct question **choose(struct asking *k, choose_fn *chosen, size_t *n)
{
	struct question **some = arena_array(k->arena, k->n, sizeof *some);
	*n = 0;
	for (size_t i = 0; i < k->n; i++)
		if (chosen(&k->at[i]))
			some[(*n)++] = &k->at[i];
	return some;
}

/*
 * An answer to the trigger that named somebody else's execution, or one that is
 * not there: look for ours.
 */
static void leave_strangers(struct asking *k)
{
	struct spinnaker *sp = k->session->state;
	size_t n, left = 0;
	struct question **some = choose(k, is_stranger, &n);
	for (size_t i = 0; i < n; i++) {
		struct question *q = some[i];
		if (!q->execution && is_done(k->session, &sp->sought, q->id))
			continue;
		*vec_add(q->call->arena, &q->call->status.warnings) =
		        str_format(q->call->arena,
		                   "Gate named the execution %" STR_FMT
		                   ", which %s",
		                   STR_ARG(q->id),
		                   q->execution ? "is not of this token"
		                                : "it does not show");
		q->id = STR("");
		q->execution = NULL;
		q->is_answered = false;
		some[left++] = q;
	}
	find_unknown(k, some, left);
	some = choose(k, is_found, &n);
	read_executions(k, some, n, false, true);
}

static void ask_all(struct asking *k)
{
	size_t n;
	struct question **some = choose(k, is_unknown, &n);
	find_unknown(k, some, n);
	some = choose(k, is_known, &n);
	read_executions(k, some, n, false, true);
	leave_strangers(k);
	some = choose(k, has_failed, &n);
	/* Where this read fails, what the first one said has to do. */
	read_executions(k, some, n, true, false);
	for (size_t i = 0; i < n; i++)
		follow_children(k, some[i]->execution, some[i], 0);
	some = choose(k, has_ended, &n);
	find_duplicates(k, some, n);
}

static bool is_any_open(const struct asking *k)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->at[i].call->answer == ENGINE_READY &&
		    !deployment_is_terminal(k->at[i].call->status.state))
			return true;
	return false;
}

static void poll(struct engine_session *s, struct engine_call *const *calls,
                 size_t n, void ask(struct asking *k))
{
	struct spinnaker *sp = s->state;
	struct asking k = {.session = s, .gate = &sp->gate, .n = n};
	bool is_down = world_now(s->world) < sp->down_until;
	if (!n)
		return;
	k.arena = calls[0]->arena;
	k.at = arena_array(k.arena, n, sizeof *k.at);
	for (size_t i = 0; i < n; i++) {
		calls[i]->status = (struct engine_status){0};
		k.at[i].call = calls[i];
		k.at[i].id = calls[i]->order.deployment->execution_id;
		if (!sp->is_open)
			answer(&k.at[i], ENGINE_UNCERTAIN, sp->trouble);
		else if (is_down)
			answer(&k.at[i], ENGINE_IS_DOWN,
			       str_copy(k.arena, sp->down_text));
	}
	if (!sp->is_open || is_down)
		return;
	ask(&k);
	for (size_t i = 0; i < n; i++)
		if (!k.at[i].is_answered)
			take_status(&k, &k.at[i]);
	/* Executions take real time, whatever clock was given. */
	if (s->world->clock_given && ask == ask_all && is_any_open(&k))
		world_pause(PAUSE_MS);
}

void spinnaker_poll(struct engine_session *s, struct engine_call *const *calls,
                    size_t n)
{
	poll(s, calls, n, ask_all);
}

static void ask_briefly(struct asking *k)
{
	size_t n;
	struct question **some = choose(k, is_known, &n);
	read_executions(k, some, n, false, true);
}

void spinnaker_watch(struct engine_session *s, struct engine_call *const *calls,
                     size_t n)
{
	poll(s, calls, n, ask_briefly);
}

/* --- cancel --------------------------------------------------------------- */

static void tell_all(struct engine_session *s, struct engine_call *const *calls,
                     size_t n)
{
	struct spinnaker *sp = s->state;
	struct arena *a = calls[0]->arena;
	struct http_call **put = arena_array(a, n, sizeof *put);
	size_t nput = 0;
	for (size_t i = 0; i < n; i++) {
		const struct deployment *d = calls[i]->order.deployment;
		if (!d->execution_id.n ||
		    is_done(s, &sp->canceled, d->execution_id))
			continue;
		put[nput++] = gate_cancel_call(
		        &sp->gate, a, d->execution_id,
		        str_format(a,
		                   GATE_CANCEL_REASON
		                   ": deployment %lld, token %" STR_FMT,
		                   (long long)d->number, STR_ARG(d->token)));
	}
	if (nput)
		http_all(sp->gate.http, put, nput, READS_IN_FLIGHT);
}

/* What Gate says to a cancel does not tell whether it will come about: only
   the execution does. */
void spinnaker_cancel(struct engine_session *s,
                      struct engine_call *const *calls, size_t n)
{
	const struct spinnaker *sp = s->state;
	int64_t now = world_now(s->world);
	if (n && sp->is_open)
		tell_all(s, calls, n);
	spinnaker_poll(s, calls, n);
	for (size_t i = 0; i < n; i++) {
		struct engine_call *call = calls[i];
		if (call->answer == ENGINE_READY &&
		    !deployment_is_terminal(call->status.state) &&
		    now >= call->order.cancel_at + AGAIN_S)
			*vec_add(call->arena, &call->status.warnings) =
			        STR("Spinnaker was asked to cancel it, and it "
			            "still runs");
	}
}
