#include "runner/dispatch_private.h"

/*
 * What has ended may run again at its engine: somebody restarts a stage there.
 * A terminal state never changes, but people should know. Only what began of
 * late is looked at, and not for ever much of it.
 */
enum { WATCHED_S = 24 * 3600, WATCHED_MAX = 200 };

struct ended_list {
	struct arena *arena;
	struct str engine;
	VEC(int64_t) numbers;
};

static bool collect_ended(void *context, const struct deployment *d,
                          struct fail *why)
{
	struct ended_list *list = context;
	(void)why;
	if (deployment_is_terminal(d->state) && d->execution_id.n &&
	    str_eq(d->engine, list->engine))
		*vec_add(list->arena, &list->numbers) = d->number;
	return true;
}

static bool note(struct dispatch *d, const struct asked *x, bool tell,
                 struct str event, struct str detail, struct fail *why)
{
	const struct deployment *of = x->call.order.deployment;
	const struct recipe *recipe = x->call.order.recipe;
	for (size_t i = 0; i < of->ntimeline; i++)
		if (str_eq(of->timeline[i].event, event) &&
		    str_eq(of->timeline[i].detail, detail))
			return true;
	if (tell && d->findings)
		diag_add(d->findings, DIAG_EXECUTION_RESTARTED,
		         recipe ? recipe->id.at : (struct span){0},
		         "deployment %lld: %" STR_FMT, (long long)of->number,
		         STR_ARG(detail));
	return record_note(d->recorder, of, 0, event, detail, why);
}

/* Ended by us at the recipe's timeout, it may well have run on. */
static bool is_timed_out(const struct deployment *d)
{
	return d->finished_at == d->dispatched_at + d->timeout_s;
}

static bool is_restarted(const struct deployment *d,
                         const struct engine_status *s)
{
	return s->restarted || !is_timed_out(d);
}

static bool record_watched(struct dispatch *d, const struct asked *x,
                           struct fail *why)
{
	const struct deployment *of = x->call.order.deployment;
	const struct engine_status *s = &x->call.status;
	struct arena *a = x->call.arena;
	if (x->call.answer != ENGINE_READY)
		return true;
	if (!deployment_is_terminal(s->state))
		return !is_restarted(of, s) ||
		       note(d, x, true, STR("restarted"),
		            str_format(a,
		                       "the execution %" STR_FMT
		                       " had ended and was restarted at the "
		                       "engine; what is recorded stays",
		                       STR_ARG(s->execution_id)),
		            why);
	if (s->finished_at <= of->finished_at && !is_timed_out(of))
		return true;
	return note(d, x, is_restarted(of, s), STR("ended_later"),
	            str_format(a,
	                       "at the engine the execution %" STR_FMT
	                       " ended as %s at %s; what is recorded stays",
	                       STR_ARG(s->execution_id),
	                       deployment_state_names[s->state],
	                       when_text(s->finished_at).s),
	            why);
}

static bool watch_batch(struct dispatch *d, struct arena *a,
                        struct engine_session *s, const int64_t *numbers,
                        size_t n, struct fail *why)
{
	struct ledger *l = d->recorder->world->ledger;
	struct engine_call *calls[WATCHED_MAX];
	struct asked *asked = arena_array(a, n, sizeof *asked);
	for (size_t i = 0; i < n; i++) {
		asked[i].call.arena = a;
		if (!dispatch_load(d, numbers[i], false, &asked[i], why))
			return false;
		calls[i] = &asked[i].call;
	}
	s->ops->watch(s, calls, n);
	if (!ledger_begin(l, why))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!record_watched(d, &asked[i], why)) {
			ledger_rollback(l);
			return false;
		}
	return ledger_commit(l, why);
}

static bool watch_engine(struct dispatch *d, const struct engine *e,
                         struct fail *why)
{
	struct world *w = d->recorder->world;
	struct engine_session *s = engine_session(w, d->policy, e);
	struct ended_list list = {.arena = arena_new(), .engine = e->id};
	struct deployment_filter filter = deployment_filter_any();
	filter.from = world_now(w) - WATCHED_S;
	filter.limit = WATCHED_MAX;
	bool fine = !s->ops->watch ||
	            (ledger_deployments(w->ledger, &filter, collect_ended,
	                                &list, why) &&
	             (!list.numbers.n ||
	              watch_batch(d, list.arena, s, list.numbers.at,
	                          list.numbers.n, why)));
	arena_free(list.arena);
	return fine;
}

bool dispatch_watch(struct dispatch *d, struct fail *why)
{
	vec_each (const struct engine, e, &d->policy->platform.engines)
		if (!watch_engine(d, e, why))
			return false;
	return true;
}
