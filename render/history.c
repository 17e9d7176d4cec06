#include "render/history.h"

#include "core/calendar.h"
#include "render/month_parts.h"
#include "render/words.h"

#include <stdlib.h>

enum { SEEN_DAYS = 90 };

struct reading {
	struct history *h;
	struct arena *arena;
	struct map environment_by; /* name -> index + 1, as a pointer's value */
	const struct policy *policy;
	int64_t now;
};

/* Indices as map values: the vectors move while they grow. */
static void *index_value(size_t i)
{
	return (void *)(uintptr_t)(i + 1);
}

static size_t index_of(const void *value)
{
	return (size_t)(uintptr_t)value - 1;
}

static size_t environment_at(struct reading *r, struct str name)
{
	void *found = map_find(&r->environment_by, name);
	if (found)
		return index_of(found);
	size_t i = r->h->environments.n;
	struct history_environment *e = vec_add(r->arena, &r->h->environments);
	e->name = str_copy(r->arena, name);
	e->slug = words_slug(r->arena, e->name);
	e->policy = policy_environment(r->policy, name);
	e->is_prod = e->policy && e->policy->type.is == ENVIRONMENT_PROD;
	map_put(&r->environment_by, e->name, index_value(i));
	return i;
}

static size_t service_at(struct reading *r, struct str name)
{
	void *found = map_find(&r->h->service_by, name);
	if (found)
		return index_of(found);
	size_t i = r->h->services.n;
	struct history_service *s = vec_add(r->arena, &r->h->services);
	s->name = str_copy(r->arena, name);
	s->slug = words_slug(r->arena, s->name);
	s->policy = policy_service(r->policy, name);
	s->group = policy_group_of(r->policy, name);
	map_put(&r->h->service_by, s->name, index_value(i));
	return i;
}

static struct pair *pair_at(struct reading *r, struct str service,
                            struct str environment)
{
	size_t s = service_at(r, service), e = environment_at(r, environment);
	const struct history_service *of = &r->h->services.at[s];
	for (size_t k = 0; k < of->pairs.n; k++) {
		struct pair *known = &r->h->pairs.at[of->pairs.at[k]];
		if (known->environment_at == e)
			return known;
	}
	size_t i = r->h->pairs.n;
	struct pair *p = vec_add(r->arena, &r->h->pairs);
	p->service = r->h->services.at[s].name;
	p->environment = r->h->environments.at[e].name;
	p->service_at = s;
	p->environment_at = e;
	*vec_add(r->arena, &r->h->services.at[s].pairs) = i;
	return p;
}

/* Of all environments the longest sequences say most about their order. */
static void read_environments(struct reading *r)
{
	const struct policy *p = r->policy;
	size_t longest = 0;
	for (size_t g = 0; g < p->groups.n; g++)
		if (p->groups.at[g]->environments.n > longest)
			longest = p->groups.at[g]->environments.n;
	for (size_t n = longest; n > 0; n--)
		for (size_t g = 0; g < p->groups.n; g++) {
			const struct list *list =
			        &p->groups.at[g]->environments;
			const struct group_environment *e = list->at;
			for (size_t i = 0; list->n == n && i < n; i++)
				environment_at(r, e[i].name.s);
		}
	for (size_t i = 0; i < p->environments.n; i++)
		environment_at(r, p->environments.at[i]->name.s);
}

static void read_policy(struct reading *r)
{
	const struct policy *p = r->policy;
	size_t pairs = 0;
	read_environments(r);
	for (size_t g = 0; g < p->groups.n; g++)
		pairs += p->groups.at[g]->services.n *
		         p->groups.at[g]->environments.n;
	vec_reserve(r->arena, &r->h->pairs, pairs);
	vec_reserve(r->arena, &r->h->services, p->services.n);
	for (size_t g = 0; g < p->groups.n; g++) {
		const struct group *group = p->groups.at[g];
		const struct group_environment *e = group->environments.at;
		for (size_t s = 0; s < group->services.n; s++)
			for (size_t i = 0; i < group->environments.n; i++)
				pair_at(r, group->services.at[s].s,
				        e[i].name.s);
	}
	for (size_t i = 0; i < p->services.n; i++)
		service_at(r, p->services.at[i]->name.s);
}

static bool went_wrong(const struct deployment *d)
{
	return d->state == STATE_FAILED || d->outcome == RESULT_ROLLED_BACK;
}

static int month_cmp(const void *a, const void *b)
{
	const struct month *x = a, *y = b;
	return (x->month > y->month) - (x->month < y->month);
}

static void count_month(struct reading *r, const struct deployment *d)
{
	int64_t month = month_of(d->created_at);
	struct month *m = NULL;
	for (size_t i = r->h->months.n; i > 0 && !m; i--)
		if (r->h->months.at[i - 1].month == month)
			m = &r->h->months.at[i - 1];
	if (!m) {
		m = vec_add(r->arena, &r->h->months);
		m->month = month;
		m->first = m->last = d->number;
	}
	m->first = d->number < m->first ? d->number : m->first;
	m->last = d->number > m->last ? d->number : m->last;
	if (m->count % DEPLOYMENTS_PART_ROWS == 0)
		*vec_add(r->arena, &m->firsts) = d->number;
	m->count++;
	m->wrong += went_wrong(d);
	int64_t at = d->finished_at ? d->finished_at : d->created_at;
	if (at > m->last_at)
		m->last_at = at;
}

static void count_day(struct pair *p, const struct deployment *d, int64_t now)
{
	if (!deployment_is_terminal(d->state) || d->state == STATE_CANCELED)
		return;
	int64_t ago = calendar_day_of(now) - calendar_day_of(d->finished_at);
	if (ago < 0 || ago >= HISTORY_DAYS)
		return;
	int *days = went_wrong(d) ? p->down : p->up;
	days[HISTORY_DAYS - 1 - ago]++;
}

static void count_end(struct reading *r, struct pair *p,
                      const struct deployment *d)
{
	p->ends[d->kind][d->state - STATE_SUCCEEDED]++;
	if (d->state == STATE_SUCCEEDED) {
		struct success *s = vec_add(r->arena, &p->good);
		s->number = d->number;
		s->finished_at = d->finished_at;
		s->version = str_copy(r->arena, d->version);
	}
	bool newest = d->finished_at > p->ended_at ||
	              (d->finished_at == p->ended_at && d->number > p->ended);
	if (d->state == STATE_CANCELED || !newest)
		return;
	p->ended_at = d->finished_at;
	p->ended = d->number;
	bool failed = d->state == STATE_FAILED;
	p->failed = failed ? d->number : 0;
	p->failed_at = failed ? d->finished_at : 0;
	p->failed_version =
	        failed ? str_copy(r->arena, d->version) : (struct str){0};
}

static void count_pair(struct reading *r, const struct deployment *d)
{
	struct pair *p = pair_at(r, d->service, d->environment);
	p->count++;
	r->h->services.at[p->service_at].count++;
	p->last = d->number;
	p->last_at = d->created_at;
	p->last_state = d->state;
	p->last_outcome = d->outcome;
	p->last_kind = d->kind;
	if (!str_eq(p->group, d->group))
		p->group = str_copy(r->arena, d->group);
	if (deployment_is_terminal(d->state)) {
		count_end(r, p, d);
	} else {
		p->open = d->number;
		p->open_state = d->state;
		p->open_version = str_copy(r->arena, d->version);
	}
	count_day(p, d, r->now);
}

static bool visit(void *context, const struct deployment *d, struct fail *why)
{
	struct reading *r = context;
	(void)why;
	struct history *h = r->h;
	while (h->lineage.n <= (size_t)d->number)
		vec_add(r->arena, &h->lineage);
	h->count++;
	h->first = h->first ? h->first : d->number;
	h->last = d->number;
	bool undoes = d->kind == KIND_ROLLBACK && d->state == STATE_SUCCEEDED;
	if (undoes && d->rollback_of > 0 && d->rollback_of < d->number) {
		struct lineage *of = &h->lineage.at[d->rollback_of];
		of->rolled_back_by = d->number;
		of->rolled_back_at = d->finished_at;
	}
	count_month(r, d);
	count_pair(r, d);
	return true;
}

static bool visit_failed(void *context, const struct deployment *d,
                         struct fail *why)
{
	struct reading *r = context;
	(void)why;
	if (!d->nfailures)
		return true;
	struct past_failure *f = vec_add(r->arena, &r->h->failures);
	f->number = d->number;
	f->at = d->finished_at;
	f->service_at = service_at(r, d->service);
	f->category = d->failures[0].category;
	return true;
}

static int success_cmp(const void *a, const void *b)
{
	const struct success *x = a, *y = b;
	if (x->finished_at != y->finished_at)
		return x->finished_at < y->finished_at ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

static void link_successes(struct history *h)
{
	vec_each (struct pair, p, &h->pairs) {
		if (!p->good.n)
			continue;
		qsort(p->good.at, p->good.n, sizeof *p->good.at, success_cmp);
		for (size_t i = 0; i + 1 < p->good.n; i++) {
			int64_t number = p->good.at[i].number;
			h->lineage.at[number].next = &p->good.at[i + 1];
		}
	}
}

/* The pairs of a service's group were added first, in the group's own order;
   those that only the history knows come after them. qsort has no context. */
static void sort_pairs(struct history *h)
{
	vec_each (struct history_service, s, &h->services) {
		size_t first = s->group ? s->group->environments.n : 0;
		for (size_t i = first + 1; i < s->pairs.n; i++) {
			size_t x = s->pairs.at[i], j = i;
			size_t e = h->pairs.at[x].environment_at;
			for (; j > first; j--) {
				size_t before = s->pairs.at[j - 1];
				if (h->pairs.at[before].environment_at <= e)
					break;
				s->pairs.at[j] = before;
			}
			s->pairs.at[j] = x;
		}
	}
}

static int service_cmp(const void *a, const void *b)
{
	const struct history_service *x = a, *y = b;
	return str_cmp(x->name, y->name);
}

static void sort_services(struct history *h)
{
	if (h->services.n)
		qsort(h->services.at, h->services.n, sizeof *h->services.at,
		      service_cmp);
	for (size_t i = 0; i < h->services.n; i++) {
		struct history_service *s = &h->services.at[i];
		map_put(&h->service_by, s->name, index_value(i));
		for (size_t k = 0; k < s->pairs.n; k++)
			h->pairs.at[s->pairs.at[k]].service_at = i;
	}
}

bool history_read(struct history *h, struct arena *a, struct ledger *l,
                  const struct policy *policy, int64_t now, struct fail *why)
{
	*h = (struct history){.service_by = map_new(a)};
	struct reading r = {.h = h,
	                    .arena = a,
	                    .policy = policy,
	                    .now = now,
	                    .environment_by = map_new(a)};
	read_policy(&r);
	struct deployment_filter all = deployment_filter_any();
	all.oldest_first = true;
	if (!ledger_deployments(l, &all, visit, &r, why))
		return false;
	sort_services(h);
	sort_pairs(h);
	link_successes(h);
	if (h->months.n)
		qsort(h->months.at, h->months.n, sizeof *h->months.at,
		      month_cmp);
	all.state = STATE_FAILED;
	all.with_failures = true;
	return ledger_deployments(l, &all, visit_failed, &r, why);
}

const struct success *pair_running(const struct pair *p)
{
	return p->good.n ? &p->good.at[p->good.n - 1] : NULL;
}

const struct success *pair_target(const struct history *h, const struct pair *p,
                                  size_t skip)
{
	const struct success *running = pair_running(p);
	for (size_t i = p->good.n; i > 0; i--) {
		const struct success *s = &p->good.at[i - 1];
		if (str_eq(s->version, running->version) ||
		    history_lineage(h, s->number)->rolled_back_by)
			continue;
		bool repeated = false;
		for (size_t k = i; k < p->good.n && !repeated; k++)
			repeated = str_eq(p->good.at[k].version, s->version) &&
			           !history_lineage(h, p->good.at[k].number)
			                    ->rolled_back_by;
		if (!repeated && skip-- == 0)
			return s;
	}
	return NULL;
}

int64_t pair_behind(const struct pair *p, const struct pair *before)
{
	const struct success *running = pair_running(p);
	size_t at = before->good.n;
	int64_t n = 0;
	if (!running || !before->good.n)
		return 0;
	while (at > 0 &&
	       !str_eq(before->good.at[at - 1].version, running->version))
		at--;
	if (!at)
		return -1;
	for (size_t i = at; i < before->good.n; i++) {
		bool again = false;
		for (size_t k = at - 1; k < i && !again; k++)
			again = str_eq(before->good.at[k].version,
			               before->good.at[i].version);
		n += !again;
	}
	return n;
}

const struct lineage *history_lineage(const struct history *h, int64_t number)
{
	static const struct lineage none;
	return number > 0 && (uint64_t)number < h->lineage.n
	               ? &h->lineage.at[number]
	               : &none;
}

const struct history_service *history_service(const struct history *h,
                                              struct str name)
{
	const void *found = map_find(&h->service_by, name);
	return found ? &h->services.at[index_of(found)] : NULL;
}

const struct pair *history_pair(const struct history *h, struct str service,
                                struct str environment)
{
	const struct history_service *of = history_service(h, service);
	for (size_t i = 0; of && i < of->pairs.n; i++) {
		const struct pair *p = &h->pairs.at[of->pairs.at[i]];
		if (str_eq(p->environment, environment))
			return p;
	}
	return NULL;
}

bool history_is_prod(const struct history *h, const struct pair *p)
{
	return h->environments.at[p->environment_at].is_prod;
}

int64_t history_seen(const struct history *h, int64_t number,
                     int64_t newest[SEEN_MAX], size_t *n)
{
	size_t i = 0, end = h->failures.n;
	while (i < end) { /* the first whose number is not below */
		size_t middle = i + (end - i) / 2;
		if (h->failures.at[middle].number < number)
			i = middle + 1;
		else
			end = middle;
	}
	*n = 0;
	if (i == h->failures.n || h->failures.at[i].number != number)
		return 0;
	const struct past_failure *f = &h->failures.at[i];
	int64_t from = f->at - (int64_t)SEEN_DAYS * DAY_SECONDS, count = 0;
	for (size_t k = i; k > 0; k--) {
		const struct past_failure *g = &h->failures.at[k - 1];
		/* Numbers go by creation, this list by number: what ended twice
		   as long ago has nothing of the period before it. */
		if (g->at < from - (int64_t)SEEN_DAYS * DAY_SECONDS)
			break;
		if (g->service_at != f->service_at ||
		    g->category != f->category || g->at < from || g->at > f->at)
			continue;
		count++;
		if (*n < SEEN_MAX)
			newest[(*n)++] = g->number;
	}
	return count;
}
