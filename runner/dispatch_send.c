#include "runner/dispatch_private.h"
#include "runner/sync.h"

/* What is announced or was answered, and as many that come next. */
enum { PLACES = 2 * ENGINE_ANNOUNCED };

/* Each order has a place of its own, whose arena is emptied for the next. */
struct sending {
	struct dispatch *dispatch;
	struct engine_session *session;
	struct numbers numbers;
	size_t next; /* of numbers */
	struct map *busy;
	struct arena *arenas[PLACES];
	struct asked places[PLACES];
	bool taken[PLACES];
	struct asked *loaded[ENGINE_ANNOUNCED]; /* the next ones, in order */
	size_t nloaded, given; /* those from `given` on are still to come */
};

/* What one turn records. */
struct turn {
	struct asked *ready[PLACES], *refused[PLACES];
	size_t nready, nrefused;
};

static struct asked *free_place(struct sending *s)
{
	for (size_t i = 0; i < PLACES; i++) {
		if (s->taken[i])
			continue;
		if (!s->arenas[i])
			s->arenas[i] = arena_new();
		arena_reset(s->arenas[i]);
		s->places[i] = (struct asked){.call = {.arena = s->arenas[i]}};
		return &s->places[i];
	}
	return NULL;
}

static void mark(struct sending *s, const struct asked *x, bool taken)
{
	s->taken[x - s->places] = taken;
}

static void mark_busy(struct sending *s, const struct asked *x)
{
	struct str queue = x->call.order.queue;
	if (queue.n)
		map_put(s->busy, str_copy(s->busy->arena, queue), s);
}

/* --- what the engine answered -------------------------------------------- */

/* Of an attempt that is not the first: an execution of an earlier one may turn
   up yet, so that the deployment keeps its number. */
static bool record_resend_refused(struct dispatch *d, struct asked *x,
                                  struct fail *why)
{
	const struct engine_call *call = &x->call;
	int64_t now = world_now(d->recorder->world);
	if (call->answer == ENGINE_IS_DOWN) {
		d->report->open++;
		return record_note(d->recorder, call->order.deployment, 0,
		                   STR("unsent"), call->text, why);
	}
	x->call.status = (struct engine_status){.state = STATE_FAILED,
	                                        .finished_at = now};
	*vec_add(call->arena, &x->call.status.failures) = (struct failure){
	        .category = FAILURE_CONFIG,
	        .summary = STR("the engine refused it when it was sent again"),
	        .detail = call->text,
	        .hint = STR("Look at the engine for an execution of its token; "
	                    "then propose it again in a new file."),
	        .observed_at = now,
	};
	return dispatch_record_end(d, x, why);
}

static bool record_refused(struct sending *s, struct asked *x, struct fail *why)
{
	struct dispatch *d = s->dispatch;
	const struct engine_call *call = &x->call;
	d->report->engine_down |= call->answer == ENGINE_IS_DOWN;
	if (call->answer == ENGINE_IS_DOWN && !d->report->down.n)
		d->report->down =
		        str_copy(d->recorder->world->arena, call->text);
	if (call->order.queue.n)
		map_put(s->busy, call->order.queue, NULL);
	if (call->order.attempt > 1 && s->session &&
	    s->session->ops->resolve.settle_s > 0)
		return record_resend_refused(d, x, why);
	return record_withdrawn(d->recorder, call->arena,
	                        call->order.deployment,
	                        dispatch_code(call->answer), call->text, why);
}

static bool record_sent(struct sending *s, struct asked *x, struct fail *why)
{
	struct dispatch *d = s->dispatch;
	const struct deployment *deployment = x->call.order.deployment;
	switch (x->call.answer) {
	case ENGINE_READY:
		d->report->sent++;
		d->report->open++;
		return record_started(d->recorder, deployment, &x->call.status,
		                      why);
	case ENGINE_UNCERTAIN:
		d->report->sent++;
		d->report->open++;
		d->report->engine_down = true;
		return record_lost_contact(d->recorder, deployment,
		                           x->call.text, why);
	case ENGINE_NOT_ASKED:
	case ENGINE_NOT_FOUND:
	case ENGINE_IS_DOWN:
	case ENGINE_NO_ACCESS:
	case ENGINE_BAD_CONFIG:
	case ENGINE_REFUSED:
	case ENGINE_NO_ARTIFACT:
		break;
	}
	return record_refused(s, x, why);
}

/* --- what comes next ----------------------------------------------------- */

/* While the engine waits for answers, what comes next is read. */
static bool ahead(void *context, size_t room, bool *read, struct fail *why)
{
	struct sending *s = context;
	struct asked *x = NULL;
	if (s->given == s->nloaded)
		s->given = s->nloaded = 0;
	if (s->nloaded < room && s->next < s->numbers.n && !world_signal())
		x = free_place(s);
	*read = x != NULL;
	if (!x)
		return true;
	if (!dispatch_load(s->dispatch, s->numbers.at[s->next++], true, x, why))
		return false;
	mark(s, x, true);
	s->loaded[s->nloaded++] = x;
	return true;
}

static bool is_more(const struct sending *s)
{
	return s->given < s->nloaded || s->next < s->numbers.n;
}

/* NULL: there is no place for another. */
static bool load_next(struct sending *s, struct asked **x, struct fail *why)
{
	bool read;
	if (s->given == s->nloaded && !ahead(s, 1, &read, why))
		return false;
	*x = s->given < s->nloaded ? s->loaded[s->given++] : NULL;
	return true;
}

/* Have its target settled where it is not yet. */
static void settle(struct sending *s, struct asked *x)
{
	if (!s->session) {
		x->call.answer = ENGINE_BAD_CONFIG;
		x->call.text = STR("the policy no longer has its engine");
	} else if (x->call.order.target.n) {
		x->call.answer = ENGINE_READY;
	} else {
		s->session->ops->preflight(s->session, &x->call);
	}
	if (x->call.answer == ENGINE_READY && s->session->ops->claim)
		s->session->ops->claim(s->session, &x->call);
}

/* The write-ahead: that it is about to be sent is durable before it is. */
static bool record_announced(struct sending *s, struct asked *x,
                             struct fail *why)
{
	struct dispatch *d = s->dispatch;
	struct engine_order *order = &x->call.order;
	struct deployment *deployment =
	        ARENA_NEW(x->call.arena, struct deployment);
	order->attempt++;
	order->sent_at = world_now(d->recorder->world);
	if (!record_dispatching(d->recorder, order, why))
		return false;
	struct dispatch_key key;
	map_put(&d->sent, dispatch_key(&key, order->deployment->number), d);
	*deployment = *order->deployment;
	deployment->state = STATE_DISPATCHING;
	if (!deployment->dispatched_at)
		deployment->dispatched_at = order->sent_at;
	order->deployment = deployment;
	return true;
}

static bool is_held(struct sending *s, const struct asked *x)
{
	const struct engine_order *order = &x->call.order;
	if (order->attempt || !order->queue.n ||
	    !map_find(s->busy, order->queue))
		return false;
	s->dispatch->report->held++;
	return true;
}

/* What is asked of the network for it (a preflight that no decision of this run
   has made) is asked before the transaction, not inside. */
static bool gather_turn(struct sending *s, struct turn *t, size_t room,
                        struct fail *why)
{
	struct asked *x;
	while (t->nready < room && is_more(s) && !world_signal()) {
		if (!load_next(s, &x, why))
			return false;
		if (!x)
			break;
		settle(s, x);
		if (x->call.answer != ENGINE_READY)
			t->refused[t->nrefused++] = x;
		else if (is_held(s, x)) {
			mark(s, x, false);
			continue;
		} else
			t->ready[t->nready++] = x;
		mark_busy(s, x); /* for the next of its queue to see */
	}
	return true;
}

static bool record_turn(struct sending *s, struct engine_call **answered,
                        size_t nanswered, const struct turn *t,
                        struct fail *why)
{
	struct ledger *l = s->dispatch->recorder->world->ledger;
	bool fine = true;
	if (!ledger_begin(l, why))
		return false;
	for (size_t i = 0; i < nanswered && fine; i++)
		fine = record_sent(s, (struct asked *)answered[i], why);
	for (size_t i = 0; i < t->nrefused && fine; i++)
		fine = record_refused(s, t->refused[i], why);
	for (size_t i = 0; i < t->nready && fine; i++)
		fine = record_announced(s, t->ready[i], why);
	if (fine)
		return ledger_commit(l, why);
	ledger_rollback(l);
	return false;
}

static bool turn(void *context, struct engine_call **answered, size_t nanswered,
                 struct engine_call **next, size_t room, size_t *nnext,
                 struct fail *why)
{
	struct sending *s = context;
	struct turn t = {0};
	*nnext = 0;
	if (!gather_turn(s, &t, room, why))
		return false;
	if (!t.nready && !t.nrefused && !nanswered)
		return true;
	struct world *w = s->dispatch->recorder->world;
	if (!record_turn(s, answered, nanswered, &t, why) ||
	    (t.nready && !sync_push(w, why)))
		return false;
	for (size_t i = 0; i < nanswered; i++)
		mark(s, (struct asked *)answered[i], false);
	for (size_t i = 0; i < t.nrefused; i++)
		mark(s, t.refused[i], false);
	for (size_t i = 0; i < t.nready; i++)
		next[i] = &t.ready[i]->call;
	*nnext = t.nready;
	world_progress(w, "dispatching", (int64_t)s->next,
	               (int64_t)s->numbers.n);
	return true;
}

/* A turn that only withdraws ends the engine's start, with more to come. */
static bool send_all(struct sending *s, struct fail *why)
{
	const struct engine_feed feed = {
	        .context = s, .turn = turn, .ahead = ahead};
	size_t none;
	while (is_more(s) && !world_signal()) {
		bool fine = s->session ? s->session->ops->start(s->session,
		                                                &feed, why)
		                       : turn(s, NULL, 0, NULL,
		                              ENGINE_IN_FLIGHT, &none, why);
		if (!fine)
			return false;
	}
	return true;
}

bool dispatch_send(struct dispatch *d, struct engine_session *session,
                   struct numbers numbers, struct map *busy, struct fail *why)
{
	struct arena *a = arena_new();
	struct sending *s = ARENA_NEW(a, struct sending);
	s->dispatch = d;
	s->session = session;
	s->numbers = numbers;
	s->busy = busy;
	bool fine = send_all(s, why);
	for (size_t i = 0; i < PLACES; i++)
		if (s->arenas[i])
			arena_free(s->arenas[i]);
	arena_free(a);
	return fine;
}
