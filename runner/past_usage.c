/* past: what groups use up: quotas and slots, by what was dispatched and by
   what the pass that is going on has allowed. */
#include "runner/past_private.h"

size_t instants_before(const struct instants *v, int64_t t)
{
	size_t low = 0, high = v->n;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (v->at[mid] < t)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The clock of a run may stand before that of the run before it. */
void instants_add(struct arena *a, struct instants *v, int64_t t)
{
	size_t i = v->n;
	*vec_add(a, v) = t;
	for (; i && v->at[i - 1] > t; i--)
		v->at[i] = v->at[i - 1];
	v->at[i] = t;
}

void instants_drop(struct instants *v, int64_t t)
{
	size_t i = instants_before(v, t);
	if (i == v->n || v->at[i] != t)
		return;
	memmove(v->at + i, v->at + i + 1, (v->n - i - 1) * sizeof *v->at);
	v->n--;
}

struct past_usage *past_usage_of(struct past *p, struct arena *scratch,
                                 struct str group, struct str environment)
{
	return MAP_MAKE(&p->usages, map_key(scratch, group, environment),
	                struct past_usage);
}

struct past_usage *past_usage_of_service(struct past *p, struct str service,
                                         struct str environment)
{
	const struct group *g = policy_group_of(p->policy, service);
	return g ? past_usage_of(p, p->scratch, g->id.s, environment) : NULL;
}

enum limit past_quota_of(enum deployment_kind kind)
{
	return kind == KIND_ROLLBACK ? LIMIT_DAILY_ROLLBACKS
	                             : LIMIT_DAILY_DEPLOYS;
}

/* What was allowed in a pass counts before it is dispatched; then, for good. */
void past_end_pass(struct past *p)
{
	vec_each (struct past_usage *const, u, &p->used) {
		memset((*u)->pass_used, 0, sizeof(*u)->pass_used);
		(*u)->pass_open = 0;
		(*u)->in_pass = false;
	}
	p->used.n = 0;
	p->dispatches = 0;
}

void past_count(struct past *p, struct past_usage *u, enum limit quota,
                int64_t n)
{
	if (!u)
		return;
	if (!u->in_pass)
		*vec_add(p->arena, &p->used) = u;
	u->in_pass = true;
	u->pass_open += n;
	u->pass_used[quota] += n;
}

void past_use(struct past *p, struct arena *a, const struct facts *f, bool back)
{
	if (f->group)
		past_count(p,
		           past_usage_of(p, a, f->group->id.s,
		                         f->request->environment),
		           facts_quota(f->request), back ? -1 : 1);
}

int64_t past_room(const struct past *p)
{
	const struct number *limit =
	        &p->policy->platform.max_dispatches_per_run;
	if (!GIVEN(*limit))
		return -1;
	return limit->n > p->dispatches ? limit->n - p->dispatches : 0;
}
