/* From the ledger's rows to the figures. */
#include "core/insight_private.h"

#include <stdlib.h>

/* --- names ---------------------------------------------------------------- */

static void *index_value(size_t i)
{
	return (void *)(uintptr_t)(i + 1);
}

static size_t index_of(const void *value)
{
	return (size_t)(uintptr_t)value - 1;
}

struct insight_count *reading_count(struct reading *r, struct counted *c,
                                    struct str name)
{
	/* Rows of one kind come one after the other, mostly. */
	if (c->last && str_eq(c->list.at[c->last - 1].name, name))
		return &c->list.at[c->last - 1];
	void *found = map_find(&c->by, name);
	if (!found) {
		struct insight_count *new = vec_add(r->arena, &c->list);
		new->name = str_copy(r->arena, name);
		found = index_value(c->list.n - 1);
		map_put(&c->by, new->name, found);
	}
	c->last = index_of(found) + 1;
	return &c->list.at[c->last - 1];
}

size_t reading_environment(const struct reading *r, struct str name)
{
	const struct insight_question *q = r->q;
	for (size_t i = 0; i < q->nenvironments; i++)
		if (str_eq(q->environments[i], name))
			return i;
	return NOT_ASKED;
}

struct str reading_group(const struct reading *r, struct str service)
{
	const struct group *g = policy_group_of(r->q->policy, service);
	return g ? g->id.s : STR("");
}

static struct subject *subject_of(struct reading *r, const struct map *by,
                                  struct str name)
{
	void *found = r->q->slices && name.n ? map_find(by, name) : NULL;
	return found ? &r->subjects[index_of(found)] : NULL;
}

void reading_subjects(struct reading *r, struct str group, struct str recipe,
                      struct subject *out[SUBJECTS])
{
	size_t n = 0;
	struct subject *of_group = subject_of(r, &r->group_subjects, group);
	struct subject *of_recipe = subject_of(r, &r->recipe_subjects, recipe);
	out[n++] = &r->subjects[0];
	if (of_group)
		out[n++] = of_group;
	if (of_recipe)
		out[n++] = of_recipe;
	while (n < SUBJECTS)
		out[n++] = NULL;
}

/* What is kept of a service while the rows go by. */
size_t reading_service(struct reading *r, struct str name)
{
	struct insight_count *c = reading_count(r, &r->services, name);
	size_t i = (size_t)(c - r->services.list.at);
	while (r->states.n <= i) {
		struct service_state *s = vec_add(r->arena, &r->states);
		s->name = r->services.list.at[r->states.n - 1].name;
		s->group = reading_group(r, s->name);
		s->measured = r->q->changes &&
		              insight_changes_measured(r->q->changes, s->name);
		s->lanes = arena_array(r->arena, r->q->nenvironments + 1,
		                       sizeof *s->lanes);
	}
	return i;
}

/* --- the end of the scan -------------------------------------------------- */

static void settle_open(struct reading *r)
{
	vec_each (struct service_state, s, &r->states)
		for (size_t e = 0; e < r->q->nenvironments; e++)
			for (size_t i = 0; i < s->lanes[e].open.n; i++) {
				const struct open_failure *f =
				        &s->lanes[e].open.at[i];
				if (f->resolved_at &&
				    f->resolved_at < r->scan.to)
					reading_recover(r, f, f->resolved_at);
				else
					reading_stays_open(f);
			}
}

/* The lower median over the weeks of the population, those without any day
   among them. */
static void median_of_weeks(struct reading *r, struct side *side, int64_t first)
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
	m->weeks = (reading_moment(r, last)->week -
	            reading_moment(r, from)->week) /
	                   7 +
	           1;
	for (int i = 1; i <= 7; i++)
		m->active_weeks += side->weeks_of[i];
	side->weeks_of[0] = m->weeks - m->active_weeks;
	int64_t rank = (m->weeks + 1) / 2, seen = 0;
	for (int i = 0; i <= 7; i++) {
		seen += side->weeks_of[i];
		if (seen >= rank) {
			m->median_days_per_week = i;
			return;
		}
	}
}

static void settle_side(struct reading *r, struct side *side, int64_t first)
{
	struct insight_metrics *m = side->m;
	m->days = insight_days(m->window, r->zone);
	m->lead_is_commit = r->by_commit;
	m->lead = insight_spread_of(&side->lead);
	m->recovery = insight_spread_of(&side->recovery);
	median_of_weeks(r, side, first);
}

static int recovery_cmp(const void *a, const void *b)
{
	const struct recovery *x = a, *y = b;
	return (x->at > y->at) - (x->at < y->at);
}

static void settle_recoveries(struct subject *s, struct arena *a)
{
	size_t next = 0;
	struct samples of = {0};
	if (s->recoveries.n)
		qsort(s->recoveries.at, s->recoveries.n,
		      sizeof *s->recoveries.at, recovery_cmp);
	vec_each (struct insight_bucket, b, &s->out->buckets) {
		bool last = b == s->out->buckets.at + s->out->buckets.n - 1;
		samples_reset(&of);
		for (; next < s->recoveries.n &&
		       (last || s->recoveries.at[next].at < b->to);
		     next++)
			samples_add(&of, a, s->recoveries.at[next].took);
		b->recovery = insight_spread_of(&of);
	}
}

static int count_cmp(const void *a, const void *b)
{
	const struct insight_count *x = a, *y = b;
	return str_cmp(x->name, y->name);
}

static void settle_counts(struct reading *r, struct counted *c)
{
	for (size_t i = 0; c == &r->services && i < r->states.n; i++) {
		struct service_state *s = &r->states.at[i];
		c->list.at[i].lead = insight_spread_of(&s->lead);
		c->list.at[i].first_at = s->first_at;
	}
	if (c->list.n)
		qsort(c->list.at, c->list.n, sizeof *c->list.at, count_cmp);
}

/* Of the group alone: what one counted for all has it already. */
static void share_counts(struct reading *r)
{
	struct insight *all = r->subjects[0].out;
	all->services = r->services.list;
	all->groups = r->groups.list;
	for (size_t i = 1; i < r->nsubjects; i++) {
		struct subject *s = &r->subjects[i];
		struct insight *one = s->out;
		if (s->is_recipe) {
			settle_counts(r, &s->services);
			settle_counts(r, &s->groups);
			one->services = s->services.list;
			one->groups = s->groups.list;
			continue;
		}
		vec_each (struct insight_count, c, &all->services)
			if (str_eq(c->group, one->group))
				*vec_add(r->arena, &one->services) = *c;
		vec_each (struct insight_count, c, &all->groups)
			if (str_eq(c->name, one->group))
				*vec_add(r->arena, &one->groups) = *c;
	}
}

static void settle(struct reading *r)
{
	settle_open(r);
	for (size_t i = 0; i < r->nsubjects; i++) {
		struct subject *s = &r->subjects[i];
		settle_side(r, &s->sides[SIDE_NOW], s->first);
		settle_side(r, &s->sides[SIDE_BEFORE], s->first);
		reading_flush(s);
		settle_recoveries(s, r->arena);
		settle_counts(r, &s->recipes);
		s->out->recipes = s->recipes.list;
	}
	settle_counts(r, &r->services);
	settle_counts(r, &r->groups);
	share_counts(r);
}

/* --- the beginning -------------------------------------------------------- */

static void earliest(int64_t *first, int64_t at)
{
	if (!*first || at < *first)
		*first = at;
}

static bool take_place(void *context, struct str service,
                       struct str environment, int64_t first_at,
                       int64_t last_at, struct fail *why)
{
	struct reading *r = context;
	(void)last_at;
	(void)why;
	if (reading_environment(r, environment) == NOT_ASKED)
		return true;
	earliest(&r->first, first_at);
	if (r->q->service.n && !str_eq(r->q->service, service))
		return true;
	struct str group = reading_group(r, service);
	if (r->q->group.n && !str_eq(r->q->group, group))
		return true;
	size_t at = reading_service(r, service);
	struct service_state *s = &r->states.at[at];
	earliest(&s->first_at, first_at);
	struct subject *subjects[SUBJECTS];
	reading_subjects(r, group, STR(""), subjects);
	for (size_t i = 0; i < SUBJECTS && subjects[i]; i++)
		earliest(&subjects[i]->first, first_at);
	for (size_t i = 1; i < r->nsubjects; i++)
		if (r->subjects[i].is_recipe)
			earliest(&r->subjects[i].first, first_at);
	struct insight_count *c = reading_count(r, &r->services, service);
	c->group = s->group;
	return true;
}

static void begin_subject(struct reading *r, struct subject *s,
                          struct insight *out)
{
	out->zone = r->zone;
	s->out = out;
	s->recipes.by = map_new(r->arena);
	s->services.by = map_new(r->arena);
	s->groups.by = map_new(r->arena);
	s->sides[SIDE_NOW].m = &out->now;
	s->sides[SIDE_BEFORE].m = &out->before;
	out->now.window = r->now;
	out->before.window = r->before;
	if (!r->q->series)
		return;
	const struct samples none = {0};
	struct insight_buckets b =
	        insight_buckets_of(r->now, r->zone, r->q->least_unit);
	out->unit = b.unit;
	out->part_first = b.part_first;
	out->part_last = b.part_last;
	for (size_t i = 0; i < b.n; i++)
		*vec_add(r->arena, &out->buckets) = (struct insight_bucket){
		        .from = b.at[i],
		        .to = b.at[i + 1],
		        .lead = insight_spread_of(&none),
		        .recovery = insight_spread_of(&none)};
}

static void begin(struct reading *r)
{
	const struct insight_question *q = r->q;
	const struct policy *p = q->policy;
	size_t ngroups = q->slices ? p->groups.n : 0;
	size_t nrecipes = q->slices ? p->recipes.n : 0;
	r->nsubjects = 1 + ngroups + nrecipes;
	r->subjects = arena_array(r->arena, r->nsubjects, sizeof *r->subjects);
	r->out->at = arena_array(r->arena, r->nsubjects, sizeof *r->out->at);
	r->out->n = r->nsubjects;
	r->group_subjects = map_new(r->arena);
	r->recipe_subjects = map_new(r->arena);
	r->services.by = map_new(r->arena);
	r->groups.by = map_new(r->arena);
	r->out->at[0].group = q->group;
	r->out->at[0].recipe = q->recipe;
	for (size_t i = 0; i < ngroups; i++) {
		struct str name = p->groups.at[i]->id.s;
		r->out->at[1 + i].group = name;
		map_put(&r->group_subjects, name, index_value(1 + i));
	}
	for (size_t i = 0; i < nrecipes; i++) {
		size_t at = 1 + ngroups + i;
		struct str name = p->recipes.at[i]->id.s;
		r->out->at[at].recipe = name;
		r->subjects[at].is_recipe = true;
		map_put(&r->recipe_subjects, name, index_value(at));
	}
	for (size_t i = 0; i < r->nsubjects; i++)
		begin_subject(r, &r->subjects[i], &r->out->at[i]);
}

bool insight_read(struct insights *out, struct arena *a, struct ledger *l,
                  const struct insight_question *q, struct fail *why)
{
	struct reading r = {
	        .arena = a,
	        .l = l,
	        .q = q,
	        .out = out,
	        .zone = q->policy->platform.zone,
	        .now = q->window,
	        .before = insight_window_before(q->window),
	        .by_commit = q->changes && q->changes->services.n,
	};
	r.moment.from = INT64_MIN;
	begin(&r);
	/* A window that reaches the present holds the present second. */
	r.scan = (struct insight_window){
	        r.before.from, q->window.to < q->at ? q->window.to : q->at + 1};
	if (!ledger_places(l, q->service, take_place, &r, why) ||
	    !reading_incidents(&r, why) ||
	    !ledger_ended(l, q->service, r.scan.from, r.scan.to, reading_take,
	                  &r, why) ||
	    !insight_read_stops(&r, why))
		return false;
	settle(&r);
	return !q->series || insight_add_findings(&r, why);
}

/* Which window ends next, of those that end after `after` (or with it, and
   stand behind it). */
static size_t next_end(const struct insight_window *windows, size_t n,
                       size_t after)
{
	size_t best = n;
	for (size_t i = 0; i < n; i++) {
		bool later = after == n || windows[i].to > windows[after].to ||
		             (windows[i].to == windows[after].to && i > after);
		if (later && (best == n || windows[i].to < windows[best].to))
			best = i;
	}
	return best;
}

bool insight_read_each(struct ledger *l, const struct insight_question *q,
                       const struct insight_window *windows, size_t n,
                       insights_fn *visit, void *context, struct fail *why)
{
	size_t at = n;
	while ((at = next_end(windows, n, at)) < n) {
		struct arena *a = arena_new();
		struct insight_question one = *q;
		struct insights found;
		one.window = windows[at];
		bool fine = insight_read(&found, a, l, &one, why) &&
		            visit(context, at, &found, why);
		arena_free(a);
		if (!fine)
			return false;
	}
	return true;
}

static bool take_first(void *context, struct str service,
                       struct str environment, int64_t first_at,
                       int64_t last_at, struct fail *why)
{
	struct reading *r = context;
	(void)last_at;
	(void)why;
	if (reading_environment(r, environment) != NOT_ASKED &&
	    (!r->q->service.n || str_eq(r->q->service, service)) &&
	    (!r->q->group.n || str_eq(r->q->group, reading_group(r, service))))
		earliest(&r->first, first_at);
	return true;
}

bool insight_first(struct ledger *l, const struct insight_question *q,
                   int64_t *out, struct fail *why)
{
	struct reading r = {.q = q};
	if (!ledger_places(l, q->service, take_first, &r, why))
		return false;
	*out = r.first;
	return true;
}

void insight_production(const struct policy *p, struct arena *a,
                        struct insight_question *q)
{
	VEC(struct str) found = {0};
	for (size_t i = 0; i < p->environments.n; i++)
		if (p->environments.at[i]->type.is == ENVIRONMENT_PROD)
			*vec_add(a, &found) = p->environments.at[i]->name.s;
	q->environments = found.at;
	q->nenvironments = found.n;
}
