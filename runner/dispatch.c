#include "runner/dispatch_private.h"

#include <stdio.h>
#include <stdlib.h>

/* --- the open deployments ------------------------------------------------ */

struct open_one {
	int64_t number;
	struct str engine;
	enum ask how;
};

struct open_list {
	struct dispatch *dispatch;
	struct arena *arena;
	bool pending; /* collect those in PENDING, else the others */
	bool fresh;   /* of these only what was sent since, or is canceled */
	VEC(struct open_one) list;
};

static enum ask ask_for(const struct open_deployment *o)
{
	if (!o->has_execution)
		return ASK_SEARCH; /* an order to stop needs to find it, too */
	return o->cancel_at ? ASK_CANCEL : ASK_POLL;
}

struct str dispatch_key(struct dispatch_key *key, int64_t number)
{
	snprintf(key->text, sizeof key->text, "%lld", (long long)number);
	return str_of(key->text);
}

static bool is_sent(const struct dispatch *d, int64_t number)
{
	struct dispatch_key key;
	return map_find(&d->sent, dispatch_key(&key, number)) != NULL;
}

static bool collect(void *context, const struct open_deployment *o,
                    struct fail *why)
{
	struct open_list *open = context;
	struct dispatch *of = open->dispatch;
	(void)why;
	if ((o->state == STATE_PENDING) != open->pending)
		return true;
	/* A kill switch that came after the decision still stops it. */
	if (open->pending &&
	    policy_mutations_stop(of->policy, o->group, o->environment))
		return true;
	if (open->fresh && !o->cancel_at && !is_sent(of, o->number))
		return true;
	*vec_add(open->arena, &open->list) = (struct open_one){
	        .number = o->number,
	        .engine = str_copy(open->arena, o->engine),
	        .how = open->pending ? ASK_POLL : ask_for(o),
	};
	return true;
}

static int by_engine(const void *a, const void *b)
{
	const struct open_one *x = a, *y = b;
	int order = str_cmp(x->engine, y->engine);
	if (order)
		return order;
	if (x->how != y->how)
		return x->how < y->how ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

static bool collect_open(struct open_list *open, struct fail *why)
{
	struct ledger *l = open->dispatch->recorder->world->ledger;
	if (!ledger_open_deployments(l, collect, open, why))
		return false;
	if (open->list.n)
		qsort(open->list.at, open->list.n, sizeof *open->list.at,
		      by_engine);
	return true;
}

/* Those from `i` on that go to one engine in one way. */
static struct numbers take_group(const struct open_list *open, size_t i)
{
	const struct open_one *first = &open->list.at[i];
	int64_t *numbers =
	        arena_array(open->arena, open->list.n - i, sizeof *numbers);
	size_t n = 0;
	for (; i + n < open->list.n; n++) {
		const struct open_one *one = &open->list.at[i + n];
		if (!str_eq(one->engine, first->engine) ||
		    one->how != first->how)
			break;
		numbers[n] = one->number;
	}
	return (struct numbers){numbers, n};
}

/* --- what the engine needs to know --------------------------------------- */

/* Of a release, those of the member that goes to this place. */
static const struct request_param *params_of(const struct request *r,
                                             const struct deployment *d)
{
	const struct request_more *more = request_more(r);
	for (size_t i = 0; i < more->nmembers; i++)
		if (str_eq(more->members[i].service, d->service) &&
		    str_eq(more->members[i].environment, d->environment))
			return more->members[i].params;
	return r->params;
}

/* The parameters that the intent set; it is read again from its blob. */
static bool read_params(struct world *w, struct arena *a,
                        const struct deployment *d, struct engine_order *order,
                        struct fail *why)
{
	struct oid blob;
	struct intent intent;
	struct request request;
	if (!oid_parse(d->intent_blob, &blob))
		return true; /* imported, or made by hand: it has no intent */
	if (!gather_again(w, a, d->intent_path, &blob, &intent, &request, why))
		return false;
	order->params = params_of(&request, d);
	order->ticket = intent.ticket.s;
	return true;
}

static bool read_dispatch(struct world *w, struct asked *out, struct fail *why)
{
	struct engine_order *order = &out->call.order;
	struct recorded_dispatch recorded;
	if (!ledger_dispatch(w->ledger, out->call.arena,
	                     order->deployment->number, &recorded, why))
		return false;
	order->attempt = recorded.attempt;
	order->sent_at = recorded.sent_at;
	order->target = recorded.target;
	order->queue = recorded.queue;
	out->empty_at = recorded.empty_at;
	return true;
}

static bool read_build(struct world *w, struct arena *a,
                       struct engine_order *order, struct fail *why)
{
	const struct deployment *d = order->deployment;
	struct build *b = ARENA_NEW(a, struct build);
	bool found;
	if (!ledger_build(w->ledger, a, d->service, d->version, &found, b, why))
		return false;
	order->build = found ? b : NULL;
	return true;
}

bool dispatch_load(struct dispatch *d, int64_t number, bool to_send,
                   struct asked *out, struct fail *why)
{
	struct world *w = d->recorder->world;
	struct arena *a = out->call.arena;
	struct deployment *deployment;
	*out = (struct asked){.call = {.arena = a}};
	struct engine_order *order = &out->call.order;
	if (!ledger_deployment(w->ledger, a, number, &deployment, why) ||
	    !ledger_cancel_requested(w->ledger, number, &order->cancel_at, why))
		return false;
	order->recipe = policy_recipe(d->policy, deployment->recipe);
	order->deployment = deployment;
	/* What is pending was never announced. */
	return (deployment->state == STATE_PENDING ||
	        read_dispatch(w, out, why)) &&
	       (!to_send || (read_build(w, a, order, why) &&
	                     read_params(w, a, deployment, order, why)));
}

struct engine_session *dispatch_session(struct dispatch *d, struct str engine)
{
	const struct engine *e = policy_engine(d->policy, engine);
	return e ? engine_session(d->recorder->world, d->policy, e) : NULL;
}

bool dispatch_is_stopped(const struct dispatch *d, const struct deployment *of)
{
	return policy_mutations_stop(d->policy, of->group, of->environment);
}

/* --- all ----------------------------------------------------------------- */

/* The queues of which a deployment is under way. */
static bool find_busy(struct dispatch *d, struct map *busy, struct fail *why)
{
	struct ledger *l = d->recorder->world->ledger;
	struct open_list open = {.dispatch = d, .arena = busy->arena};
	if (!collect_open(&open, why))
		return false;
	vec_each (struct open_one, one, &open.list) {
		struct recorded_dispatch recorded;
		if (!ledger_dispatch(l, busy->arena, one->number, &recorded,
		                     why))
			return false;
		if (recorded.queue.n)
			map_put(busy, recorded.queue, busy);
	}
	return true;
}

bool dispatch_pending(struct dispatch *d, struct fail *why)
{
	struct arena *a = arena_new();
	struct open_list open = {.dispatch = d, .arena = a, .pending = true};
	struct map busy = map_new(a);
	d->report->held = 0;
	bool fine = collect_open(&open, why);
	if (fine && open.list.n)
		fine = find_busy(d, &busy, why);
	for (size_t i = 0; fine && i < open.list.n;) {
		struct numbers group = take_group(&open, i);
		fine = dispatch_send(
		        d, dispatch_session(d, open.list.at[i].engine), group,
		        &busy, why);
		i += group.n;
	}
	arena_free(a);
	return fine;
}

static bool follow_group(struct dispatch *d, const struct open_one *first,
                         struct numbers group, struct fail *why)
{
	struct engine_session *s = dispatch_session(d, first->engine);
	struct again again = {.arena = arena_new()};
	struct map busy = map_new(again.arena);
	bool fine = dispatch_follow(d, s, first->how, group, &again, why);
	if (fine && again.numbers.n)
		fine = dispatch_send(
		        d, s,
		        (struct numbers){again.numbers.at, again.numbers.n},
		        &busy, why);
	arena_free(again.arena);
	return fine;
}

static bool follow_all(struct dispatch *d, const struct open_list *open,
                       struct fail *why)
{
	bool fine = true;
	for (size_t i = 0; fine && i < open->list.n;) {
		struct numbers group = take_group(open, i);
		if (world_signal())
			break;
		world_progress(d->recorder->world, "asking the engines",
		               (int64_t)i, (int64_t)open->list.n);
		fine = follow_group(d, &open->list.at[i], group, why);
		i += group.n;
	}
	return fine;
}

bool dispatch_reconcile(struct dispatch *d, struct fail *why)
{
	struct arena *a = arena_new();
	struct open_list open = {.dispatch = d, .arena = a};
	d->report->open = 0;
	d->sent = map_new(d->sent.arena);
	bool fine = collect_open(&open, why) && follow_all(d, &open, why);
	arena_free(a);
	return fine;
}

bool dispatch_reconcile_fresh(struct dispatch *d, struct fail *why)
{
	struct arena *a = arena_new();
	struct open_list open = {.dispatch = d, .arena = a, .fresh = true};
	bool fine = collect_open(&open, why);
	if (fine) {
		/* They were counted when they were sent, or asked about. */
		int64_t counted = (int64_t)open.list.n;
		d->report->open -=
		        counted < d->report->open ? counted : d->report->open;
		fine = follow_all(d, &open, why);
	}
	arena_free(a);
	return fine;
}
