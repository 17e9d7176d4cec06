#include "runner/past_private.h"

/* --- deployments --------------------------------------------------------- */

static const struct past_place *place_of(const struct past *p, struct arena *a,
                                         struct str service,
                                         struct str environment)
{
	return map_find(&p->places, map_key(a, service, environment));
}

/* What guardrails look at. */
static struct deployment *told(struct arena *a, const struct past_deployment *d)
{
	static const enum deployment_outcome results[STATE_COUNT] = {
	        [STATE_SUCCEEDED] = RESULT_SUCCEEDED,
	        [STATE_FAILED] = RESULT_FAILED,
	        [STATE_CANCELED] = RESULT_CANCELED,
	};
	if (!d)
		return NULL;
	struct deployment *t = ARENA_NEW(a, struct deployment);
	t->number = d->number;
	t->service = d->service;
	t->environment = d->environment;
	t->version = d->version;
	t->kind = d->kind;
	t->state = d->state;
	t->outcome = d->rolled_back ? RESULT_ROLLED_BACK : results[d->state];
	t->rollback_of = d->rollback_of;
	t->dispatched_at = d->dispatched_at;
	t->finished_at = d->finished_at;
	t->imported = d->imported;
	return t;
}

static const struct past_deployment *running(const struct past_place *place)
{
	return place && place->successes.n
	               ? place->successes.at[place->successes.n - 1]
	               : NULL;
}

/* The latest success of a version. */
static const struct past_deployment *success(const struct past_place *place,
                                             struct str version)
{
	for (size_t i = place ? place->successes.n : 0; i--;)
		if (str_eq(place->successes.at[i]->version, version))
			return place->successes.at[i];
	return NULL;
}

/* Before all to come where d has not ended. */
static const struct past_deployment *
success_before(const struct past_place *place, const struct past_deployment *d)
{
	for (size_t i = place ? place->successes.n : 0; i--;) {
		const struct past_deployment *s = place->successes.at[i];
		if (!d->finished_at || s->finished_at < d->finished_at ||
		    (s->finished_at == d->finished_at && s->number < d->number))
			return s;
	}
	return NULL;
}

/* --- what the past means: as runner/history asks the ledger --------------- */

static void mean_version(struct facts *f, struct arena *a, struct str version)
{
	struct request *r = ARENA_NEW(a, struct request);
	*r = *f->request;
	r->version = version;
	f->request = r;
}

static void promotion(const struct past *p, struct arena *a, struct facts *f)
{
	const struct request *r = f->request;
	struct str from = request_more(r)->from;
	if (!from.n)
		return;
	const struct past_place *place = place_of(p, a, r->service, from);
	const struct past_deployment *d =
	        r->version.n ? success(place, r->version) : running(place);
	if (d && !r->version.n)
		mean_version(f, a, d->version);
	f->success = told(a, d);
}

static void rollback(const struct past *p, struct arena *a, struct facts *f)
{
	const struct request *r = f->request;
	if (!r->environment.n)
		return;
	const struct past_place *place =
	        place_of(p, a, r->service, r->environment);
	int64_t of = request_more(r)->of;
	const struct past_deployment *undone =
	        of ? past_deployment_of(p, of) : running(place);
	const struct past_deployment *to = NULL;
	if (undone && (!str_eq(undone->service, r->service) ||
	               !str_eq(undone->environment, r->environment)))
		undone = NULL;
	f->undoes = told(a, undone);
	if (r->version.n)
		to = success(place, r->version);
	else if (undone)
		to = success_before(place, undone);
	if (to && !r->version.n)
		mean_version(f, a, to->version);
	f->success = told(a, to);
}

/* The latest of a version that was rolled back, with no success of it since. */
static const struct past_deployment *undone(const struct past_place *place,
                                            struct str version)
{
	const struct past_deployment *last = NULL;
	for (size_t i = 0; place && i < place->undone.n; i++) {
		const struct past_deployment *d = place->undone.at[i];
		if (d->finished_at && str_eq(d->version, version) &&
		    (!last || past_comes_after(d, last)))
			last = d;
	}
	for (size_t i = last ? place->successes.n : 0; i--;) {
		const struct past_deployment *s = place->successes.at[i];
		if (!past_comes_after(s, last))
			break;
		if (!s->rolled_back && str_eq(s->version, version))
			return NULL;
	}
	return last;
}

static void needs(const struct past *p, struct arena *a, struct facts *f)
{
	const struct need *need = f->service->needs.at;
	const struct deployment **runs =
	        arena_array(a, f->service->needs.n, sizeof *runs);
	for (size_t i = 0; i < f->service->needs.n; i++)
		runs[i] = told(a, running(place_of(p, a, need[i].service.s,
		                                   f->request->environment)));
	f->needs = runs;
}

static void history(const struct past *p, struct arena *a, struct facts *f)
{
	enum intent_kind kind = f->request->kind;
	if ((kind == INTENT_DEPLOY || kind == INTENT_PROMOTE) && f->service &&
	    f->service->needs.n && f->request->environment.n)
		needs(p, a, f);
	if (!f->request->service.n)
		return;
	if (kind == INTENT_PROMOTE)
		promotion(p, a, f);
	else if (kind == INTENT_ROLLBACK)
		rollback(p, a, f);
	/* Who acts is not known here: it is looked at by who is automation. */
	const struct request *r = f->request;
	if (kind == INTENT_PROMOTE || kind == INTENT_DEPLOY)
		f->undone = told(
		        a, undone(place_of(p, a, r->service, r->environment),
		                  r->version));
}

/* --- what people said: as runner/rulings asks the ledger ------------------ */

static const struct recorded_hold *hold(const struct past *p, struct arena *a,
                                        const struct facts *f)
{
	const struct request *r = f->request;
	const struct recorded_hold *best = NULL;
	if (!p->holds.n || !r->service.n || !r->environment.n || !r->version.n)
		return NULL;
	const struct past_holds *all = map_find(
	        &p->holds, map_key3(a, r->service, r->environment, r->version));
	for (size_t i = 0; all && i < all->list.n; i++) {
		const struct recorded_hold *h = &all->list.at[i];
		bool holds = !h->until || f->now < h->until;
		bool longer = !best || (best->until &&
		                        (!h->until || h->until > best->until));
		if (holds && longer)
			best = h;
	}
	return best;
}

static void target(const struct past *p, const struct past_decision *d,
                   struct facts *f)
{
	const struct ruling *said = request_more(f->request)->ruling;
	if (!said || !said->of.n || str_eq(said->of, f->request->path))
		return;
	const struct past_intent *i = map_find(&p->intents, said->of);
	f->target_stands = !past_decision_has(d, DIAG_NOT_FOUND);
	if (!i)
		return;
	f->target.known = i->waits || i->settled.n || i->waited.n;
	f->target.waits = i->waits;
	f->target.releasing = i->releasing;
	for (size_t n = 0; n < i->numbers.n; n++) {
		int64_t number = i->numbers.at[n];
		const struct past_deployment *made =
		        past_deployment_of(p, number);
		if (!made)
			continue;
		f->target.last_number = number;
		if (!made->finished_at && !f->target.open_number)
			f->target.open_number = number;
	}
}

static void rulings(const struct past *p, struct arena *a,
                    const struct past_decision *d, struct facts *f)
{
	const struct request *r = f->request;
	const struct ruling *said = request_more(r)->ruling;
	f->withdrawal = map_find(&p->withdrawals, r->path);
	if (r->kind == INTENT_APPROVAL || r->kind == INTENT_CANCEL) {
		target(p, d, f);
	} else if (r->kind == INTENT_INCIDENT) {
		if (said && said->caused_by)
			f->cause =
			        told(a, past_deployment_of(p, said->caused_by));
	} else {
		const struct past_approvals *all =
		        map_find(&p->approvals, r->path);
		f->hold = hold(p, a, f);
		f->approvals = all ? all->list.at : NULL;
		f->napprovals = all ? all->list.n : 0;
	}
}

/* --- counts -------------------------------------------------------------- */

static void count(struct past *p, struct arena *a, struct facts *f)
{
	const struct request *r = f->request;
	bool build = r->kind == INTENT_BUILD;
	if (!f->group || !(build || (facts_dispatches(r) && r->environment.n)))
		return;
	struct str environment = build ? STR("") : r->environment;
	enum limit quota = facts_quota(r);
	const struct zone *zone = p->policy->platform.zone;
	const struct past_usage *u =
	        past_usage_of(p, a, f->group->id.s, environment);
	int64_t start = when_day_start(f->now, zone);
	f->quota_resets_at = when_day_end(f->now, zone);
	f->has_quota = true;
	f->quota = policy_limit(p->policy, f->group, environment, quota);
	f->quota_used =
	        u->pass_used[quota] +
	        (int64_t)(instants_before(&u->dispatched[quota],
	                                  f->quota_resets_at) -
	                  instants_before(&u->dispatched[quota], start));
	if (build)
		return;
	f->has_slots = true;
	f->slots = policy_limit(p->policy, f->group, environment,
	                        LIMIT_CONCURRENT_DEPLOYMENTS);
	f->slots_used = u->open + u->pass_open;
}

/* --- all ----------------------------------------------------------------- */

/* What only the engine knew, it is taken to say again. */
static enum engine_answer engine_answer(const struct past_decision *d,
                                        struct str *text)
{
	static const struct {
		enum diag_code code;
		enum engine_answer answer;
	} answers[] = {
	        {DIAG_ENGINE_UNAVAILABLE, ENGINE_IS_DOWN},
	        {DIAG_ENGINE_UNAUTHORIZED, ENGINE_NO_ACCESS},
	        {DIAG_ENGINE_MISCONFIGURED, ENGINE_BAD_CONFIG},
	        {DIAG_ENGINE_CALL_FAILED, ENGINE_REFUSED},
	        {DIAG_ARTIFACT_NOT_FOUND, ENGINE_NO_ARTIFACT},
	};
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
		if (d->code == answers[i].code) {
			*text = STR("as the engine answered then");
			return answers[i].answer;
		}
	return ENGINE_NOT_ASKED;
}

/*
 * What a hook denied then, a hook of that id denies again: the record has its
 * words, as the guardrail puts them, where nothing waits before them.
 */
static void hooks(struct arena *a, const struct past_decision *d,
                  struct facts *f)
{
	const struct policy *p = f->policy;
	if (!p->hooks.n || !past_decision_has(d, DIAG_HOOK_DENIED))
		return;
	for (size_t i = 0; i < p->hooks.n; i++) {
		const struct hook *h = p->hooks.at[i];
		struct str said = str_format(a, "the hook %" STR_FMT " ",
		                             STR_ARG(h->id.s));
		if (!facts_hook_concerns(f, h) ||
		    (d->code == DIAG_HOOK_DENIED &&
		     !str_starts(d->message, said)))
			continue;
		struct hook_answer *answer = ARENA_NEW(a, struct hook_answer);
		answer->hook = h;
		answer->result = HOOK_DENIES;
		answer->text = STR("as it answered then");
		f->hooks_asked = true;
		f->hooks = answer;
		f->nhooks = 1;
		return;
	}
}

static enum record_state recorded(const struct past_intent *i,
                                  const struct oid *blob)
{
	size_t others = 0;
	for (size_t n = 0; i && n < i->settled.n; n++)
		others += !oid_eq(&i->settled.at[n], blob);
	return others ? RECORD_CHANGED : RECORD_NONE;
}

static bool look_up_build(const struct past *p, struct arena *a,
                          struct facts *f, struct fail *why)
{
	const struct request *r = f->request;
	bool found;
	if (!r->service.n || !r->version.n ||
	    !map_find(&p->builds, map_key(a, r->service, r->version)))
		return true;
	struct build *b = ARENA_NEW(a, struct build);
	if (!ledger_build(p->world->ledger, a, r->service, r->version, &found,
	                  b, why))
		return false;
	f->registered = found ? b : NULL;
	return true;
}

bool past_facts(struct past *p, struct arena *a, const struct past_decision *d,
                const struct request *r, struct facts *out, struct fail *why)
{
	const struct past_intent *i = map_find(&p->intents, d->path);
	struct request *asked = ARENA_NEW(a, struct request);
	*asked = *r;
	if (i && i->waits && oid_eq(&i->waiting.blob, &d->blob)) {
		asked->waiting = true;
		request_more_new(a, asked)->waiting_since = i->waiting.time;
	}
	asked->mixed = past_decision_has(d, DIAG_POLICY_AND_INTENT_MIXED);
	*out = (struct facts){
	        .policy = p->policy, .request = asked, .now = d->time};
	facts_resolve(out);
	out->recorded = recorded(i, &d->blob);
	history(p, a, out);
	if (!look_up_build(p, a, out, why))
		return false;
	rulings(p, a, d, out);
	asked->removed =
	        !out->withdrawal && past_decision_has(d, DIAG_INTENT_WITHDRAWN);
	count(p, a, out);
	if (facts_dispatches(r))
		out->engine_answer = engine_answer(d, &out->engine_text);
	if (facts_dispatches(r))
		hooks(a, d, out);
	return true;
}
