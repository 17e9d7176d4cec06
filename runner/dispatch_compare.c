/* How the engines have what the ledger says was sent. */
#include "runner/agreement.h"
#include "runner/dispatch_private.h"

enum { AT_ONCE = 64, SILENT_MAX = 5 };

struct listed {
	int64_t number;
	struct str engine;
};

struct compare {
	struct world *world;
	const struct policy *policy;
	struct agreement *out;
	difference_fn *report;
	void *context;
	struct arena *arena, *scratch;
	VEC(struct listed) list;
	int silent; /* about which an engine could not say */
};

static void tell(struct compare *c, const struct deployment *d,
                 enum diag_code code, const char *fmt, ...)
        __attribute__((format(printf, 4, 5)));
static void tell(struct compare *c, const struct deployment *d,
                 enum diag_code code, const char *fmt, ...)
{
	struct arena *a = c->scratch;
	va_list args;
	va_start(args, fmt);
	struct difference difference = {
	        .code = code,
	        .since = d->finished_at ? d->finished_at : d->dispatched_at,
	        .place = str_format(a, "deployment %lld", (long long)d->number),
	        .text = str_vformat(a, fmt, args)};
	va_end(args);
	c->out->differences++;
	c->report(c->context, &difference);
}

/* --- which ones ----------------------------------------------------------- */

static bool was_sent(const struct deployment *d)
{
	return d->state != STATE_PENDING && d->dispatched_at && d->engine.n &&
	       !d->imported;
}

static bool collect_open(void *context, const struct deployment *d,
                         struct fail *why)
{
	struct compare *c = context;
	(void)why;
	if (was_sent(d))
		*vec_add(c->arena, &c->list) = (struct listed){
		        d->number, str_copy(c->arena, d->engine)};
	return true;
}

static bool collect_ended(void *context, const struct deployment *d,
                          struct fail *why)
{
	return !deployment_is_terminal(d->state) || !d->execution_id.n ||
	       collect_open(context, d, why);
}

static bool collect(struct compare *c, struct fail *why)
{
	struct deployment_filter filter = deployment_filter_any();
	filter.open_only = true;
	filter.oldest_first = true;
	if (!ledger_deployments(c->world->ledger, &filter, collect_open, c,
	                        why))
		return false;
	filter = deployment_filter_any();
	filter.limit = AGREEMENT_ENDED;
	return ledger_deployments(c->world->ledger, &filter, collect_ended, c,
	                          why);
}

/* --- what the engine says --------------------------------------------------
 */

/* Ended by us at its timeout, it may well have run on there. */
static bool timed_out(const struct deployment *d)
{
	return d->finished_at == d->dispatched_at + d->timeout_s;
}

static void compare_states(struct compare *c, const struct deployment *d,
                           const struct engine_status *s)
{
	bool ended = deployment_is_terminal(d->state);
	const char *is = deployment_state_names[d->state];
	const char *there = deployment_state_names[s->state];
	if (s->duplicates.n)
		tell(c, d, DIAG_DUPLICATE_EXECUTION,
		     "the engine ran its token %zu more time%s",
		     s->duplicates.n, s->duplicates.n == 1 ? "" : "s");
	if (!ended && deployment_is_terminal(s->state))
		tell(c, d, DIAG_ENGINE_AHEAD,
		     "it is %s in the ledger; the engine ended it as %s", is,
		     there);
	else if (ended && s->state != d->state && !timed_out(d))
		tell(c, d, DIAG_ENGINE_DIFFERS,
		     "it ended as %s in the ledger; at the engine it is %s", is,
		     there);
}

static void compare_answer(struct compare *c, const struct engine_call *call)
{
	const struct deployment *d = call->order.deployment;
	bool ended = deployment_is_terminal(d->state);
	switch (call->answer) {
	case ENGINE_READY:
		compare_states(c, d, &call->status);
		return;
	case ENGINE_NOT_FOUND:
		/* Engines forget what has ended; that is no difference. */
		if (!ended)
			tell(c, d, DIAG_ENGINE_HAS_NONE,
			     "it is %s in the ledger; the engine has no "
			     "execution of %" STR_FMT,
			     deployment_state_names[d->state],
			     STR_ARG(d->token));
		return;
	case ENGINE_IS_DOWN:
	case ENGINE_NO_ACCESS:
	case ENGINE_BAD_CONFIG:
	case ENGINE_NOT_ASKED:
	case ENGINE_REFUSED:
	case ENGINE_NO_ARTIFACT:
	case ENGINE_UNCERTAIN:
		break;
	}
	/* Nobody needs the engine of what has ended long ago. */
	if (ended && call->answer == ENGINE_UNCERTAIN)
		return;
	c->out->incomplete = true;
	if (++c->silent > SILENT_MAX)
		return;
	tell(c, d, DIAG_ENGINE_NOT_REACHED, "the engine could not say: %s",
	     str_cstr(c->scratch, call->text));
}

/* Asked about it, another engine would say that there is none. */
static bool can_ask(const struct engine_session *s,
                    const struct engine_order *order)
{
	return s && s->ops->has_targets == (order->target.n > 0);
}

static bool ask(struct compare *c, struct engine_session *s, size_t first,
                size_t n, struct fail *why)
{
	struct recorder recorder = {.world = c->world};
	struct dispatch d = {.recorder = &recorder, .policy = c->policy};
	struct asked *asked = arena_array(c->scratch, n, sizeof *asked);
	struct engine_call *calls[AT_ONCE];
	size_t ncalls = 0;
	for (size_t i = 0; i < n; i++) {
		struct engine_call *call = &asked[i].call;
		call->arena = c->scratch;
		if (!dispatch_load(&d, c->list.at[first + i].number, false,
		                   &asked[i], why))
			return false;
		if (can_ask(s, &call->order)) {
			calls[ncalls++] = call;
			continue;
		}
		call->answer = ENGINE_UNCERTAIN;
		call->text = STR("the policy no longer has the engine that it "
		                 "was sent to");
	}
	if (ncalls)
		s->ops->poll(s, calls, ncalls);
	for (size_t i = 0; i < n; i++)
		compare_answer(c, &asked[i].call);
	c->out->deployments += (int64_t)ncalls;
	return true;
}

static const struct engine *engine_of(const struct policy *policy,
                                      struct str id)
{
	vec_each (const struct engine, e, &policy->platform.engines)
		if (str_eq(e->id, id))
			return e;
	return NULL;
}

/* Those next to each other that went to one engine. */
static bool ask_some(struct compare *c, size_t first, size_t *n,
                     struct fail *why)
{
	struct str id = c->list.at[first].engine;
	const struct engine *e = engine_of(c->policy, id);
	struct engine_session *s =
	        e ? engine_session(c->world, c->policy, e) : NULL;
	size_t most = s && s->ops->poll_at_once < AT_ONCE ? s->ops->poll_at_once
	                                                  : AT_ONCE;
	*n = 1;
	while (*n < most && first + *n < c->list.n &&
	       str_eq(c->list.at[first + *n].engine, id))
		++*n;
	arena_reset(c->scratch);
	return ask(c, s, first, *n, why);
}

static bool ask_all(struct compare *c, struct fail *why)
{
	for (size_t i = 0, n; i < c->list.n; i += n)
		if (!ask_some(c, i, &n, why))
			return false;
	return true;
}

bool agreement_with_engines(struct world *w, const struct policy *policy,
                            struct agreement *out, difference_fn *report,
                            void *context, struct fail *why)
{
	struct compare c = {.world = w,
	                    .policy = policy,
	                    .out = out,
	                    .report = report,
	                    .context = context,
	                    .arena = arena_new(),
	                    .scratch = arena_new()};
	bool done = collect(&c, why) && ask_all(&c, why);
	arena_free(c.scratch);
	arena_free(c.arena);
	return done || fail_note(why, "comparing the ledger with the engines");
}
