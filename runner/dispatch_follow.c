#include "runner/dispatch_private.h"
#include "runner/sync.h"

#include <assert.h>

enum {
	LOOK_AGAIN_S = 10, /* for what is not there */
	AT_ONCE = 400,     /* orders asked about, at most, in one step */
};

/* --- what has no execution yet -------------------------------------------- */

/* When the next look may decide something. */
static int64_t next_look(const struct asked *x,
                         const struct engine_resolve *resolve)
{
	int64_t settled = x->call.order.sent_at + resolve->settle_s;
	int64_t confirmed = x->empty_at + resolve->confirm_s;
	return x->empty_at && confirmed > settled ? confirmed : settled;
}

/*
 * Not every second of a run that waits: once at first, then when something may
 * be decided by it, and some time after the last look.
 */
static bool is_due(struct dispatch *d, const struct asked *x,
                   const struct engine_resolve *resolve)
{
	int64_t now = world_now(d->recorder->world);
	struct str key = str_format(x->call.arena, "%lld/%lld",
	                            (long long)x->call.order.deployment->number,
	                            (long long)x->call.order.attempt);
	int64_t *last = map_find(&d->looked, key);
	if (resolve->settle_s <= 0)
		return true;
	if (!last) {
		last = ARENA_NEW(d->looked.arena, int64_t);
		map_put(&d->looked, key, last);
	} else if (now < next_look(x, resolve) || now < *last + LOOK_AGAIN_S) {
		return false;
	}
	*last = now;
	return true;
}

static bool record_unsent(struct dispatch *d, struct asked *x, struct fail *why)
{
	x->call.status = (struct engine_status){
	        .state = STATE_CANCELED,
	        .finished_at = world_now(d->recorder->world),
	        .detail = STR("it had not been sent yet"),
	};
	return dispatch_record_end(d, x, why);
}

/* It is still looked for, until its time is over. */
static bool park(struct dispatch *d, struct asked *x, struct fail *why)
{
	const struct engine_order *order = &x->call.order;
	const struct deployment *of = order->deployment;
	struct str text = str_format(
	        x->call.arena,
	        "sent %lld times, and the engine shows no execution of it: it is "
	        "not sent again; look there for the token %" STR_FMT
	        ", and cancel this deployment or let its time run out",
	        (long long)order->attempt, STR_ARG(of->token));
	d->report->open++;
	for (size_t i = 0; i < of->ntimeline; i++)
		if (str_eq(of->timeline[i].detail, text))
			return true;
	return record_lost_contact(d->recorder, of, text, why);
}

/* The engine has none of it, for sure. */
static bool record_absent(struct dispatch *d, struct asked *x,
                          const struct engine_resolve *resolve,
                          struct again *again, struct fail *why)
{
	const struct engine_order *order = &x->call.order;
	if (order->cancel_at)
		return record_unsent(d, x, why);
	if (order->attempt > resolve->max_resends)
		return park(d, x, why);
	if (!dispatch_is_stopped(d, order->deployment))
		*vec_add(again->arena, &again->numbers) =
		        order->deployment->number;
	return true;
}

/* A run that was killed while it sent it could not say so: it is not being sent
   any more. */
static bool record_orphan(struct dispatch *d, const struct deployment *of,
                          struct fail *why)
{
	return of->state != STATE_DISPATCHING ||
	       record_lost_contact(
	               d->recorder, of,
	               STR("the run that sent it ended before it was answered, "
	                   "and the engine shows no execution of it yet"),
	               why);
}

static bool record_not_found(struct dispatch *d, struct asked *x,
                             const struct engine_resolve *resolve,
                             struct again *again, struct fail *why)
{
	const struct engine_order *order = &x->call.order;
	int64_t now = world_now(d->recorder->world);
	bool over;
	x->call.status = (struct engine_status){.state = STATE_LOST_CONTACT};
	if (resolve->settle_s > 0) {
		if (!dispatch_record_overtime(d, x, &over, why))
			return false;
		if (over)
			return true;
	}
	bool settled = now >= order->sent_at + resolve->settle_s;
	if (settled && (x->empty_at || !resolve->confirm_s) &&
	    now >= next_look(x, resolve))
		return record_absent(d, x, resolve, again, why);
	d->report->open++;
	if (!record_orphan(d, order->deployment, why))
		return false;
	return !settled || x->empty_at ||
	       record_note(d->recorder, order->deployment, 0, STR("not_found"),
	                   x->call.text, why);
}

/* --- some at a time ------------------------------------------------------- */

struct batch {
	struct arena *arena;
	struct asked *at;
	size_t n;
	struct engine_call *calls[AT_ONCE]; /* of those that are due */
	size_t ncalls;
};

/* Asked about it, another engine would say that there is none. */
static void answer_unasked(const struct engine_session *s,
                           struct engine_call *call)
{
	call->answer = ENGINE_UNCERTAIN;
	call->text = s ? STR("it was sent to an engine of another type than "
	                     "the policy has under that name now")
	               : STR("the policy no longer has its engine");
}

static bool load_batch(struct dispatch *d, struct engine_session *s,
                       enum ask how, struct numbers numbers, struct batch *b,
                       struct fail *why)
{
	b->at = arena_array(b->arena, numbers.n, sizeof *b->at);
	b->n = numbers.n;
	b->ncalls = 0;
	for (size_t i = 0; i < numbers.n; i++) {
		struct asked *x = &b->at[i];
		x->call.arena = b->arena;
		if (!dispatch_load(d, numbers.at[i], false, x, why))
			return false;
		x->not_due = s && how == ASK_SEARCH &&
		             !is_due(d, x, &s->ops->resolve);
		if (x->not_due)
			continue;
		if (s && s->ops->has_targets == (x->call.order.target.n > 0))
			b->calls[b->ncalls++] = &x->call;
		else
			answer_unasked(s, &x->call);
	}
	return true;
}

static void ask_batch(struct engine_session *s, enum ask how, struct batch *b)
{
	if (!b->ncalls)
		return;
	if (how == ASK_CANCEL && s->ops->cancel)
		s->ops->cancel(s, b->calls, b->ncalls);
	else
		s->ops->poll(s, b->calls, b->ncalls);
}

static bool record_answer(struct dispatch *d, struct engine_session *s,
                          struct asked *x, struct again *again,
                          struct fail *why)
{
	bool over;
	if (x->not_due) {
		x->call.status.state = STATE_LOST_CONTACT;
		if (!dispatch_record_overtime(d, x, &over, why))
			return false;
		d->report->open += !over;
		return true;
	}
	d->report->engine_down |= x->call.answer == ENGINE_IS_DOWN ||
	                          x->call.answer == ENGINE_NO_ACCESS;
	if (x->call.answer == ENGINE_READY)
		return dispatch_record_status(d, x, why);
	if (x->call.answer == ENGINE_NOT_FOUND &&
	    !x->call.order.deployment->execution_id.n)
		return record_not_found(d, x, &s->ops->resolve, again, why);
	return dispatch_record_silence(d, x, x->call.text, why);
}

/* One transaction for all of a batch: a durable write costs the same for one
   and for many. Killed before it, the next run asks the engines again. */
static bool record_batch(struct dispatch *d, struct engine_session *s,
                         struct batch *b, struct again *again, struct fail *why)
{
	struct ledger *l = d->recorder->world->ledger;
	if (!ledger_begin(l, why))
		return false;
	for (size_t i = 0; i < b->n; i++)
		if (!record_answer(d, s, &b->at[i], again, why)) {
			ledger_rollback(l);
			return false;
		}
	return ledger_commit(l, why);
}

bool dispatch_follow(struct dispatch *d, struct engine_session *s, enum ask how,
                     struct numbers numbers, struct again *again,
                     struct fail *why)
{
	size_t step = s ? s->ops->poll_at_once : AT_ONCE;
	struct batch b = {.arena = arena_new()};
	bool fine = true;
	assert(step > 0 && step <= AT_ONCE);
	for (size_t i = 0; i < numbers.n && fine && !world_signal();
	     i += step) {
		size_t left = numbers.n - i;
		struct numbers some = {numbers.at + i,
		                       left < step ? left : step};
		fine = load_batch(d, s, how, some, &b, why);
		/* That it is to be stopped is known before it is. */
		if (fine && how == ASK_CANCEL)
			fine = sync_push(d->recorder->world, why);
		if (fine) {
			ask_batch(s, how, &b);
			fine = record_batch(d, s, &b, again, why);
		}
		arena_reset(b.arena);
	}
	arena_free(b.arena);
	return fine;
}
