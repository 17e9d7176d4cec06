/* One window: what it counts while the rows go by, and what is made of it. */
#include "core/insight_private.h"

#include <assert.h>
#include <stdlib.h>

/* Bounds: the window before, the window, its buckets but for the first. */
enum { BOUND_BEFORE, BOUND_NOW, BOUND_BUCKETS };

/* --- its time ------------------------------------------------------------- */

struct period period_new(const struct insight_question *q, size_t window,
                         struct insight_window w)
{
	/* A window that reaches the present holds the present second. */
	return (struct period){.window = window,
	                       .now = w,
	                       .before = insight_window_before(w),
	                       .end = w.to < q->at ? w.to : q->at + 1};
}

static void begin_subject(const struct reading *r, struct period *t, size_t i,
                          const struct insight_buckets *b)
{
	const struct policy *p = r->q->policy;
	struct subject *s = &t->subjects[i];
	struct insight *out = s->out = &t->found.at[i];
	*out = (struct insight){.zone = r->zone,
	                        .unit = b->unit,
	                        .part_first = b->part_first,
	                        .part_last = b->part_last};
	if (i > r->ngroups) {
		out->recipe = p->recipes.at[i - r->ngroups - 1]->id.s;
	} else if (i) {
		out->group = p->groups.at[i - 1]->id.s;
	} else {
		out->group = r->q->group;
		out->recipe = r->q->recipe;
	}
	s->sides[SIDE_NOW].m = &out->now;
	s->sides[SIDE_BEFORE].m = &out->before;
	out->now.window = t->now;
	out->before.window = t->before;
	vec_reserve(t->arena, &out->buckets, b->n);
	for (size_t k = 0; k < b->n; k++)
		*vec_add(t->arena, &out->buckets) = (struct insight_bucket){
		        .from = b->at[k], .to = b->at[k + 1]};
}

static void begin_bounds(struct period *t, const struct insight_buckets *b)
{
	t->nbounds = BOUND_BUCKETS + (b->n ? b->n - 1 : 0) + 1;
	t->bounds = arena_array(t->arena, t->nbounds, sizeof *t->bounds);
	t->marks = arena_array(t->arena, t->nbounds, sizeof *t->marks);
	t->bounds[BOUND_BEFORE] = t->before.from;
	t->bounds[BOUND_NOW] = t->now.from;
	for (size_t i = 1; i < b->n; i++)
		t->bounds[BOUND_BUCKETS + i - 1] = b->at[i];
	t->bounds[t->nbounds - 1] = t->end;
}

void period_begin(struct reading *r, struct period *t)
{
	struct insight_buckets b =
	        insight_buckets_of(t->now, r->zone, r->q->least_unit);
	t->arena = r->keep ? r->keep : arena_new();
	t->begun = true;
	t->subjects = arena_array(t->arena, r->nsubjects, sizeof *t->subjects);
	t->found.n = r->nsubjects;
	t->found.at = arena_array(t->arena, t->found.n, sizeof *t->found.at);
	for (size_t i = 0; i < r->nsubjects; i++)
		begin_subject(r, t, i, &b);
	begin_bounds(t, &b);
}

/* Where a window lies in the future it ends before all other bounds. */
int64_t period_next_bound(const struct period *t)
{
	int64_t at = t->begun ? t->bounds[t->bound] : t->before.from;
	return at < t->end ? at : t->end;
}

static void count_open(struct reading *r, struct period *t, enum side_name side,
                       const struct open_failure *f)
{
	const struct cell *c = &r->cells.at[f->cell];
	for (size_t i = 0; i < c->nsubjects; i++)
		t->subjects[c->subjects[i]].sides[side].m->open++;
}

/* What ended on one side and is not mended when that is over. */
static void count_all_open(struct reading *r, struct period *t,
                           enum side_name side)
{
	int64_t from = side == SIDE_NOW ? t->now.from : t->before.from;
	vec_each (struct service_state, s, &r->states)
		for (size_t e = 0; e < r->q->nenvironments; e++)
			vec_each (struct open_failure, f, &s->lanes[e].open)
				if (f->finished_at >= from)
					count_open(r, t, side, f);
}

void period_pass(struct reading *r, struct period *t, int64_t at)
{
	for (; t->bound < t->nbounds && at >= t->bounds[t->bound]; t->bound++) {
		t->marks[t->bound] = (struct mark){r->leads.n, r->recoveries.n};
		if (t->bound == BOUND_NOW)
			count_all_open(r, t, SIDE_BEFORE);
		else if (t->bound == t->nbounds - 1)
			count_all_open(r, t, SIDE_NOW);
	}
}

/* --- counting ------------------------------------------------------------- */

/* By the number of its name, of which n are known so far. */
static struct insight_count *
count_at(struct period *t, struct insight_counts *list, size_t i, size_t n)
{
	if (!list->cap)
		vec_reserve(t->arena, list, n);
	while (list->n <= i)
		vec_add(t->arena, list);
	return &list->at[i];
}

static void count_day(struct side *side, const struct moment_of *m)
{
	if (side->week != m->week && side->days) {
		side->weeks_of[side->days]++;
		side->days = 0;
	}
	if (side->days && side->day == m->day)
		return;
	side->week = m->week;
	side->day = m->day;
	side->days++;
}

static bool is_marked(const struct ended *e)
{
	return str_is(e->reason, "hotfix") || str_is(e->reason, "incident");
}

static void count_metrics(struct insight_metrics *m, const struct ended *e,
                          const struct fate *f)
{
	m->ended++;
	m->deployed += f->delivers;
	m->reached_failed += f->changes && f->reached_failed;
	m->reached_unknown += f->changes && f->reached_failed && e->imported;
	m->rollbacks += f->undoes;
	m->attempts_failed += e->state == STATE_FAILED && !f->reached_failed;
	m->canceled += e->state == STATE_CANCELED;
	m->rework += f->undoes || (f->changes && is_marked(e));
	m->unmarked += f->changes && !e->reason.n;
}

static void count_phases(struct insight *in, const struct ended *e)
{
	int64_t sent = e->dispatched_at ? e->dispatched_at : e->created_at;
	/* What stopped an intent is recorded without its recipe: the waits of
	   one recipe would be told as its review. */
	if (!e->authored_at || in->recipe.n)
		return;
	in->phased++;
	if (e->created_at > e->authored_at)
		in->phases[PHASE_REVIEW] += e->created_at - e->authored_at;
	if (e->finished_at > sent)
		in->phases[PHASE_ENGINE] += e->finished_at - sent;
}

static enum failure_category category_of(struct str name)
{
	int i = 0;
	while (failure_category_names[i] &&
	       !str_is(name, failure_category_names[i]))
		i++;
	return failure_category_names[i] ? (enum failure_category)i
	                                 : FAILURE_UNKNOWN;
}

static void list_failure(const struct reading *r, struct period *t,
                         struct insight *in, const struct fact *f, bool late)
{
	const struct ended *e = f->ended;
	if (in->failures.n == INSIGHT_FAILURES)
		return;
	vec_reserve(t->arena, &in->failures, INSIGHT_FAILURES);
	*vec_add(t->arena, &in->failures) = (struct insight_failure){
	        .number = e->number,
	        .ended_at = e->finished_at,
	        .sources = f->fate.sources,
	        .late = late,
	        .service = str_copy(t->arena, e->service),
	        .environment = r->q->environments[f->environment]};
}

static void count_failure(const struct reading *r, struct period *t,
                          struct insight *in, const struct fact *f, bool now)
{
	struct insight_metrics *m = now ? &in->now : &in->before;
	bool then = f->fate.known_at < m->window.to || m->window.to > r->q->at;
	m->failed++;
	m->failed_then += then;
	for (int i = 0; i < FAIL_SOURCES; i++)
		m->by_source[i] += f->fate.sources >> i & 1;
	if (now)
		list_failure(r, t, in, f, !then);
}

static void count_bucket(const struct reading *r, struct insight_bucket *b,
                         const struct fate *f)
{
	b->deployed += f->delivers;
	b->changes += f->changes;
	b->failed += f->sources != 0;
	b->failed_then +=
	        f->sources && (f->known_at < b->to || b->to > r->q->at);
}

static void count_name(struct insight_count *n, const struct fate *f, bool now)
{
	if (!now) {
		n->deployed_before += f->delivers;
		n->failed_before += f->sources != 0;
		return;
	}
	n->ended++;
	n->deployed += f->delivers;
	n->failed += f->sources != 0;
	n->rollbacks += f->undoes;
}

static bool is_now(const struct period *t)
{
	return t->bound > BOUND_NOW;
}

/* Which bucket is being filled. */
static size_t bucket_of(const struct period *t)
{
	return t->bound - BOUND_NOW - 1;
}

static void count_strip(struct period *t, struct insight_count *n,
                        const struct fate *f)
{
	size_t buckets = t->found.at[0].buckets.n;
	if (!n->up) {
		n->up = arena_array(t->arena, buckets, sizeof *n->up);
		n->down = arena_array(t->arena, buckets, sizeof *n->down);
	}
	uint16_t *strip = &(f->sources ? n->down : n->up)[bucket_of(t)];
	if (f->changes && *strip < UINT16_MAX)
		++*strip;
}

/* Services and groups: of a group they are among those of everything. */
static void count_names(const struct reading *r, struct period *t,
                        struct subject *s, const struct fact *f, bool now)
{
	struct insight_count *service =
	        count_at(t, &s->services, f->cell->service, r->states.n);
	struct insight_count *group =
	        count_at(t, &s->groups, f->cell->group, r->groups.at.n);
	count_name(service, &f->fate, now);
	count_name(group, &f->fate, now);
	if (f->fate.succeeded)
		service->last_at = f->ended->finished_at;
	if (now)
		count_strip(t, service, &f->fate);
}

static void count_subject(const struct reading *r, struct period *t,
                          struct subject *s, const struct fact *f, bool now)
{
	const struct ended *e = f->ended;
	struct insight *in = s->out;
	struct side *side = &s->sides[now ? SIDE_NOW : SIDE_BEFORE];
	count_metrics(side->m, e, &f->fate);
	count_name(count_at(t, &s->recipes, f->cell->recipe, r->recipes.at.n),
	           &f->fate, now);
	if (e->state == STATE_FAILED)
		(now ? in->categories
		     : in->categories_before)[category_of(e->category)]++;
	if (f->fate.sources)
		count_failure(r, t, in, f, now);
	if (now)
		count_bucket(r, &in->buckets.at[bucket_of(t)], &f->fate);
	if (f->fate.delivers)
		count_day(side, f->moment);
	if (f->fate.delivers && now) {
		in->by_hour[f->moment->weekday][f->moment->hour]++;
		count_phases(in, e);
	}
}

void period_count(const struct reading *r, struct period *t,
                  const struct fact *f)
{
	bool now = is_now(t);
	for (size_t i = 0; i < f->cell->nsubjects; i++) {
		size_t at = f->cell->subjects[i];
		struct subject *s = &t->subjects[at];
		count_subject(r, t, s, f, now);
		if (!at || at > r->ngroups)
			count_names(r, t, s, f, now);
	}
}

static struct insight_metrics *metrics_of(struct period *t, size_t subject)
{
	return t->subjects[subject].sides[is_now(t) ? SIDE_NOW : SIDE_BEFORE].m;
}

void period_anomaly(struct period *t, const struct fact *f)
{
	for (size_t i = 0; i < f->cell->nsubjects; i++)
		metrics_of(t, f->cell->subjects[i])->lead_anomalies++;
}

void period_unmeasured(struct period *t, const struct fact *f)
{
	for (size_t i = 0; i < f->cell->nsubjects; i++)
		metrics_of(t, f->cell->subjects[i])->lead_unmeasured++;
}

/* --- recovery ------------------------------------------------------------- */

/* The failures that are listed stand in the order in which they ended. */
static void tell_recovery(struct insight *in, const struct open_failure *f,
                          int64_t at)
{
	size_t low = 0, high = in->failures.n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct insight_failure *m = &in->failures.at[middle];
		if (m->ended_at < f->finished_at ||
		    (m->ended_at == f->finished_at && m->number < f->number))
			low = middle + 1;
		else
			high = middle;
	}
	if (low < in->failures.n && in->failures.at[low].number == f->number)
		in->failures.at[low].recovered_at = at;
}

void period_recovered(const struct reading *r, struct period *t,
                      const struct open_failure *f, int64_t at)
{
	const struct cell *c = &r->cells.at[f->cell];
	for (size_t i = 0; i < c->nsubjects; i++)
		tell_recovery(&t->found.at[c->subjects[i]], f, at);
}

/* --- durations ------------------------------------------------------------ */

static struct insight_spread spread_of(const struct timing_ranks *r)
{
	return (struct insight_spread){.p10 = r->at[0],
	                               .median = r->at[1],
	                               .p75 = r->at[2],
	                               .p90 = r->at[3],
	                               .n = r->n};
}

struct settling {
	struct reading *r;
	struct period *t;
	struct arena *arena; /* until the next span */
	/* Of a cell, as timings_by groups it. */
	uint32_t *by_group, *by_recipe, *by_service;
	struct timing_ranks *ranks; /* of a span, by subject or service */
};

enum duration { LEAD, RECOVERY };

static void rank_by(struct settling *s, const struct timings *log, size_t from,
                    size_t to, const uint32_t *group_of, size_t n,
                    struct timing_ranks *out)
{
	timings_ranks(log, s->arena, from, to, group_of, n, out);
	arena_reset(s->arena);
}

/* Of everything, each group and each recipe, between two bounds. */
static const struct timing_ranks *
rank_span(struct settling *s, enum duration what, size_t first, size_t last)
{
	const struct reading *r = s->r;
	const struct mark *m = s->t->marks;
	const struct timings *log = what == LEAD ? &r->leads : &r->recoveries;
	size_t from = what == LEAD ? m[first].leads : m[first].recoveries;
	size_t to = what == LEAD ? m[last].leads : m[last].recoveries;
	rank_by(s, log, from, to, NULL, 1, s->ranks);
	rank_by(s, log, from, to, s->by_group, r->ngroups, s->ranks + 1);
	rank_by(s, log, from, to, s->by_recipe, r->nrecipes,
	        s->ranks + 1 + r->ngroups);
	return s->ranks;
}

static void settle_metrics(struct settling *s, enum duration what)
{
	size_t last = s->t->nbounds - 1;
	for (int side = SIDE_NOW; side < SIDES; side++) {
		const struct timing_ranks *of =
		        side == SIDE_NOW
		                ? rank_span(s, what, BOUND_NOW, last)
		                : rank_span(s, what, BOUND_BEFORE, BOUND_NOW);
		for (size_t i = 0; i < s->t->found.n; i++) {
			struct insight_metrics *m =
			        s->t->subjects[i].sides[side].m;
			*(what == LEAD ? &m->lead : &m->recovery) =
			        spread_of(&of[i]);
		}
	}
}

static void settle_buckets(struct settling *s, enum duration what)
{
	for (size_t k = 0; k < s->t->found.at[0].buckets.n; k++) {
		const struct timing_ranks *of =
		        rank_span(s, what, BOUND_NOW + k, BOUND_NOW + k + 1);
		for (size_t i = 0; i < s->t->found.n; i++) {
			struct insight_bucket *b =
			        &s->t->found.at[i].buckets.at[k];
			*(what == LEAD ? &b->lead : &b->recovery) =
			        spread_of(&of[i]);
		}
	}
}

/* Of the services of everything, or of one recipe. */
static void settle_services(struct settling *s, size_t subject)
{
	const struct reading *r = s->r;
	const struct period *t = s->t;
	struct insight_counts *list = &t->subjects[subject].services;
	for (size_t i = 0; i < r->cells.n; i++) {
		const struct cell *c = &r->cells.at[i];
		bool is_of = c->subjects[c->nsubjects - 1] == subject;
		s->by_service[i] =
		        !subject || is_of ? (uint32_t)c->service : TIMING_NONE;
	}
	rank_by(s, &r->leads, t->marks[BOUND_NOW].leads,
	        t->marks[t->nbounds - 1].leads, s->by_service, r->states.n,
	        s->ranks);
	for (size_t i = 0; i < list->n; i++)
		list->at[i].lead = spread_of(&s->ranks[i]);
}

static void choose_groups(struct settling *s)
{
	const struct reading *r = s->r;
	for (size_t i = 0; i < r->cells.n; i++) {
		const struct cell *c = &r->cells.at[i];
		s->by_group[i] = c->group < r->ngroups ? (uint32_t)c->group
		                                       : TIMING_NONE;
		s->by_recipe[i] = c->recipe < r->nrecipes ? (uint32_t)c->recipe
		                                          : TIMING_NONE;
	}
}

static void settle_durations(struct reading *r, struct period *t)
{
	struct arena *a = arena_new();
	struct settling s = {.r = r, .t = t, .arena = arena_new()};
	s.by_group = arena_array(a, r->cells.n, sizeof *s.by_group);
	s.by_recipe = arena_array(a, r->cells.n, sizeof *s.by_recipe);
	s.by_service = arena_array(a, r->cells.n, sizeof *s.by_service);
	s.ranks = arena_array(a, r->nsubjects + r->states.n, sizeof *s.ranks);
	choose_groups(&s);
	for (int what = LEAD; what <= RECOVERY; what++) {
		settle_metrics(&s, (enum duration)what);
		settle_buckets(&s, (enum duration)what);
	}
	for (size_t i = 0; i < r->nsubjects; i++)
		if (!i || i > r->ngroups)
			settle_services(&s, i);
	arena_free(s.arena);
	arena_free(a);
}

/* --- the end -------------------------------------------------------------- */

/* The lower median over the weeks of the population, those without any day
   among them. */
static void median_of_weeks(const struct reading *r, struct side *side,
                            int64_t first)
{
	struct insight_metrics *m = side->m;
	struct insight_window w = m->window;
	m->median_days_per_week = -1;
	m->has_record = first && first < w.to + (w.to >= r->q->at);
	if (!m->has_record || w.to <= w.from)
		return;
	if (side->days)
		side->weeks_of[side->days]++;
	int64_t from = first > w.from ? first : w.from;
	int64_t last = w.to > from ? w.to - 1 : from;
	m->weeks = (insight_moment(last, r->zone).week -
	            insight_moment(from, r->zone).week) /
	                   7 +
	           1;
	for (int i = 1; i <= 7; i++)
		m->active_weeks += side->weeks_of[i];
	side->weeks_of[0] = m->weeks - m->active_weeks;
	int64_t rank_of = (m->weeks + 1) / 2, seen = 0;
	for (int i = 0; i <= 7; i++) {
		seen += side->weeks_of[i];
		if (seen >= rank_of) {
			m->median_days_per_week = i;
			return;
		}
	}
}

static int count_cmp(const void *a, const void *b)
{
	const struct insight_count *x = a, *y = b;
	return str_cmp(x->name, y->name);
}

/* Those that had anything in the window or the one before, by their names. */
static struct insight_counts by_name(struct period *t,
                                     const struct insight_counts *counts,
                                     const struct names *names)
{
	struct insight_counts list = {0};
	vec_reserve(t->arena, &list, counts->n);
	for (size_t i = 0; i < counts->n; i++) {
		const struct insight_count *c = &counts->at[i];
		if (!c->ended && !c->deployed_before && !c->failed_before)
			continue;
		struct insight_count *new = vec_add(t->arena, &list);
		*new = *c;
		new->name = str_copy(t->arena, names->at.at[i]);
	}
	if (list.n)
		qsort(list.at, list.n, sizeof *list.at, count_cmp);
	return list;
}

static void list_services(const struct reading *r, struct period *t, size_t i)
{
	struct insight_counts *all = &t->subjects[i].services;
	for (size_t k = 0; k < all->n; k++) {
		const struct service_state *s = &r->states.at[k];
		all->at[k].group =
		        str_copy(t->arena, r->groups.at.at[s->group]);
		all->at[k].first_at = s->first_at;
	}
	t->found.at[i].services = by_name(t, all, &r->services);
	t->found.at[i].groups = by_name(t, &t->subjects[i].groups, &r->groups);
}

static void share(struct period *t, struct insight *one)
{
	const struct insight *all = &t->found.at[0];
	vec_each (struct insight_count, c, &all->services)
		if (str_eq(c->group, one->group))
			*vec_add(t->arena, &one->services) = *c;
	vec_each (struct insight_count, c, &all->groups)
		if (str_eq(c->name, one->group))
			*vec_add(t->arena, &one->groups) = *c;
}

static void settle_counts(const struct reading *r, struct period *t)
{
	for (size_t i = 0; i < t->found.n; i++) {
		t->found.at[i].recipes =
		        by_name(t, &t->subjects[i].recipes, &r->recipes);
		if (!i || i > r->ngroups)
			list_services(r, t, i);
		else
			share(t, &t->found.at[i]);
	}
}

void period_end(struct reading *r, struct period *t)
{
	period_pass(r, t, INT64_MAX); /* a window of the future */
	settle_durations(r, t);
	for (size_t i = 0; i < t->found.n; i++)
		for (int side = SIDE_NOW; side < SIDES; side++) {
			struct side *s = &t->subjects[i].sides[side];
			s->m->days = insight_days(s->m->window, r->zone);
			s->m->lead_is_commit = r->by_commit;
			median_of_weeks(r, s, r->firsts[i]);
		}
	settle_counts(r, t);
	period_settle_stops(r, t);
	period_find(r, t);
}
