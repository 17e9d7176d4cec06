#include "core/peek.h"
#include "runner/past_private.h"

static void free_scratch(void *scratch)
{
	arena_free(scratch);
}

struct past *past_new(struct arena *a, struct world *w,
                      const struct policy *policy)
{
	struct past *p = ARENA_NEW(a, struct past);
	struct map *maps[] = {&p->places,      &p->usages, &p->intents,
	                      &p->builds,      &p->holds,  &p->approvals,
	                      &p->withdrawals, NULL};
	p->arena = a;
	p->scratch = arena_new();
	arena_defer(a, free_scratch, p->scratch);
	p->world = w;
	p->policy = policy;
	for (size_t i = 0; maps[i]; i++)
		*maps[i] = map_new(a);
	return p;
}

struct past_intent *past_intent_of(struct past *p, struct str path)
{
	return MAP_MAKE(&p->intents, path, struct past_intent);
}

/* --- events -------------------------------------------------------------- */

static bool end_pass(const struct past_step *s)
{
	past_end_pass(s->past);
	return true;
}

static const struct handler {
	const char *type;
	past_step_fn *take;
	bool has_deployment; /* the subject is the number of one */
} handlers[] = {
        {"deployment.created", past_create, false},
        {"deployment.dispatching", past_dispatch, true},
        {"deployment.started", past_dispatch, true},
        {"deployment.ended", past_end, true},
        {"build.registered", past_register, false},
        {"run.started", end_pass, false},
        {"run.finished", end_pass, false},
        {"deployment.withdrawn", past_withdraw, true},
        {"deployment.imported", past_import, false},
        {"approval.given", past_approve, false},
        {"hold.placed", past_hold, false},
        {"intent.withdrawn", past_withdraw_intent, false},
        {"release.ended", past_end_release, false},
};

static bool contradicts(const struct event *e, struct fail *why)
{
	return fail_set(why, FAIL_INTEGRITY,
	                "event %lld, %" STR_FMT " %" STR_FMT
	                ", contradicts what was recorded before",
	                (long long)e->seq, STR_ARG(e->type),
	                STR_ARG(e->subject)) ||
	       fail_hint(why, "dxcp ledger verify says more");
}

bool past_event(struct past *p, const struct event *e, struct fail *why)
{
	struct past_step step = {.past = p, .event = e};
	const struct handler *h = handlers;
	const struct handler *stop =
	        handlers + sizeof handlers / sizeof *handlers;
	int64_t number = 0;
	while (h < stop && !str_is(e->type, h->type))
		h++;
	if (h == stop)
		return true;
	if (h->has_deployment && str_int(e->subject, &number))
		step.deployment = past_deployment_of(p, number);
	arena_reset(p->scratch);
	return ((!h->has_deployment || step.deployment) && h->take(&step)) ||
	       contradicts(e, why);
}

bool past_created(const struct event *e, struct arena *a, struct str *path,
                  int64_t *number)
{
	if (!str_is(e->type, "deployment.created"))
		return false;
	*path = peek_text(a,
	                  peek_find(peek_find(e->payload, "intent"), "path"));
	return str_int(e->subject, number);
}

/* --- decisions ----------------------------------------------------------- */

static size_t find_settled(const struct past_intent *i, const struct oid *blob)
{
	size_t n = 0;
	while (n < i->settled.n && !oid_eq(&i->settled.at[n], blob))
		n++;
	return n;
}

/* As the ledger has it: it waits since this blob first waited; and what was
   allowed and could not be sent is settled no more. */
static void wait(struct past *p, struct past_intent *i,
                 const struct past_decision *d)
{
	struct past_wait *first = NULL;
	size_t at = find_settled(i, &d->blob);
	if (at < i->settled.n)
		i->settled.at[at] = i->settled.at[--i->settled.n];
	vec_each (struct past_wait, w, &i->waited)
		if (oid_eq(&w->blob, &d->blob))
			first = w;
	if (!first) {
		first = vec_add(p->arena, &i->waited);
		*first = (struct past_wait){d->blob, d->time};
	}
	i->waits = true;
	i->waiting = *first;
}

static void count_members(struct past *p, const struct request *release)
{
	const struct request_more *more = request_more(release);
	for (size_t n = 0; n < more->nmembers; n++)
		past_count(p,
		           past_usage_of_service(p, more->members[n].service,
		                                 more->members[n].environment),
		           LIMIT_DAILY_DEPLOYS, 1);
	p->dispatches += (int64_t)more->nmembers;
}

static void allow(struct past *p, struct past_intent *i,
                  const struct past_decision *d, const struct request *members)
{
	arena_reset(p->scratch);
	if (d->kind == INTENT_RELEASE)
		i->releasing = true;
	if (members && d->kind == INTENT_RELEASE)
		count_members(p, members);
	if (d->dispatches) {
		past_count(p,
		           past_usage_of_service(p, d->service, d->environment),
		           d->kind == INTENT_ROLLBACK ? LIMIT_DAILY_ROLLBACKS
		                                      : LIMIT_DAILY_DEPLOYS,
		           1);
		p->dispatches++;
	}
}

void past_decided(struct past *p, const struct past_decision *d,
                  const struct request *members)
{
	struct past_intent *i = past_intent_of(p, d->path);
	if (d->outcome == OUTCOME_WAIT) {
		wait(p, i, d);
		return;
	}
	if (d->outcome != OUTCOME_ALLOW && d->outcome != OUTCOME_DENY)
		return;
	i->waits = false;
	if (find_settled(i, &d->blob) == i->settled.n)
		*vec_add(p->arena, &i->settled) = d->blob;
	if (d->outcome == OUTCOME_ALLOW)
		allow(p, i, d, members);
}

bool past_decision_has(const struct past_decision *d, enum diag_code code)
{
	return d->also[code / 8] >> code % 8 & 1;
}
