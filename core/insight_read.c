/* One pass over the ledger's rows, for all windows that are asked. */
#include "core/insight_private.h"

#include <stdlib.h>

/* --- names ---------------------------------------------------------------- */

size_t names_number(struct names *n, struct arena *a, struct str name)
{
	if (n->last < n->at.n && str_eq(n->at.at[n->last], name))
		return n->last;
	void *found = map_find(&n->by, name);
	if (!found) {
		*vec_add(a, &n->at) = str_copy(a, name);
		found = (void *)(uintptr_t)n->at.n;
		map_put(&n->by, name, found);
	}
	n->last = (size_t)(uintptr_t)found - 1;
	return n->last;
}

size_t reading_environment(const struct reading *r, struct str name)
{
	const struct insight_question *q = r->q;
	for (size_t i = 0; i < q->nenvironments; i++)
		if (str_eq(q->environments[i], name))
			return i;
	return NOT_ASKED;
}

static struct str group_of(const struct insight_question *q, struct str service)
{
	const struct group *g = policy_group_of(q->policy, service);
	return g ? g->id.s : STR("");
}

/* The names of the policy's groups and recipes have the first numbers. */
size_t reading_group_subject(const struct reading *r, size_t group)
{
	return group < r->ngroups ? 1 + group : 0;
}

static size_t recipe_subject(const struct reading *r, size_t recipe)
{
	return recipe < r->nrecipes ? 1 + r->ngroups + recipe : 0;
}

size_t reading_service(struct reading *r, struct str name)
{
	size_t i = names_number(&r->services, r->arena, name);
	if (i < r->states.n)
		return i;
	struct service_state *s = vec_add(r->arena, &r->states);
	*s = (struct service_state){
	        .group = names_number(&r->groups, r->arena,
	                              group_of(r->q, name)),
	        .latest = NO_CELL,
	        .cells = NO_CELL,
	        .measured = r->q->changes &&
	                    insight_changes_measured(r->q->changes, name),
	        .lanes = arena_array(r->arena, r->q->nenvironments + 1,
	                             sizeof *s->lanes)};
	return i;
}

static uint32_t add_cell(struct reading *r, size_t service, size_t group,
                         size_t recipe)
{
	const struct insight_question *q = r->q;
	struct service_state *s = &r->states.at[service];
	const size_t slices[] = {reading_group_subject(r, group),
	                         recipe_subject(r, recipe)};
	struct cell *c = vec_add(r->arena, &r->cells);
	*c = (struct cell){
	        .service = service,
	        .group = group,
	        .recipe = recipe,
	        .next = s->cells,
	        .nsubjects = 1,
	        .asked = (!q->group.n ||
	                  str_eq(q->group, r->groups.at.at[group])) &&
	                 (!q->recipe.n ||
	                  str_eq(q->recipe, r->recipes.at.at[recipe]))};
	for (size_t i = 0; i < 2; i++)
		if (slices[i])
			c->subjects[c->nsubjects++] = slices[i];
	s->cells = (uint32_t)(r->cells.n - 1);
	return s->cells;
}

/* The policy's group, where the deployment has none. */
uint32_t reading_cell(struct reading *r, size_t service, const struct ended *e)
{
	struct service_state *s = &r->states.at[service];
	const struct cell *latest =
	        s->latest == NO_CELL ? NULL : &r->cells.at[s->latest];
	if (latest && str_eq(e->group, r->groups.at.at[latest->group]) &&
	    str_eq(e->recipe, r->recipes.at.at[latest->recipe]))
		return s->latest;
	size_t recipe = names_number(&r->recipes, r->arena, e->recipe);
	size_t group = e->group.n ? names_number(&r->groups, r->arena, e->group)
	                          : s->group;
	uint32_t i = s->cells;
	while (i != NO_CELL && (r->cells.at[i].group != group ||
	                        r->cells.at[i].recipe != recipe))
		i = r->cells.at[i].next;
	s->latest = i == NO_CELL ? add_cell(r, service, group, recipe) : i;
	return s->latest;
}

/* --- time passes ---------------------------------------------------------- */

static void find_next_bound(struct reading *r)
{
	r->next_bound = INT64_MAX;
	for (size_t i = r->ended; i < r->nperiods; i++) {
		int64_t at = period_next_bound(&r->periods[i]);
		r->next_bound = at < r->next_bound ? at : r->next_bound;
	}
}

/* What no period counts any more. */
static void forget(struct reading *r)
{
	struct mark least = {r->leads.n, r->recoveries.n};
	period_each(t, r)
	{
		if (t->marks[0].leads < least.leads)
			least.leads = t->marks[0].leads;
		if (t->marks[0].recoveries < least.recoveries)
			least.recoveries = t->marks[0].recoveries;
	}
	timings_forget(&r->leads, least.leads);
	timings_forget(&r->recoveries, least.recoveries);
}

static void end_arena(const struct reading *r, struct period *t)
{
	if (!r->keep)
		arena_free(t->arena);
}

static bool end_period(struct reading *r, struct period *t, struct fail *why)
{
	if (!reading_stops(r, t->end, why))
		return false;
	period_end(r, t);
	if (!r->visit(r->context, t->window, &t->found, why))
		return false;
	end_arena(r, t);
	r->ended++;
	forget(r);
	return true;
}

static bool pass_bounds(struct reading *r, int64_t at, struct fail *why)
{
	if (at < r->next_bound)
		return true;
	for (size_t i = r->ended; i < r->nperiods; i++) {
		struct period *t = &r->periods[i];
		if (!t->begun && at >= period_next_bound(t))
			period_begin(r, t);
		if (t->begun)
			period_pass(r, t, at);
	}
	while (r->ended < r->nperiods && at >= r->periods[r->ended].end)
		if (!end_period(r, &r->periods[r->ended], why))
			return false;
	find_next_bound(r);
	return true;
}

bool reading_pass(struct reading *r, int64_t at, struct fail *why)
{
	while (r->due.n && r->due.at[r->due.n - 1].at < at) {
		struct resolution due = r->due.at[--r->due.n];
		if (!pass_bounds(r, due.at, why))
			return false;
		reading_resolve(r, &due);
	}
	return pass_bounds(r, at, why);
}

/* --- the beginning -------------------------------------------------------- */

static void earliest(int64_t *first, int64_t at)
{
	if (!*first || at < *first)
		*first = at;
}

static bool is_asked(const struct insight_question *q, struct str service,
                     struct str group)
{
	return (!q->service.n || str_eq(q->service, service)) &&
	       (!q->group.n || str_eq(q->group, group));
}

/* By which recipe it was is not asked. */
static bool take_place(void *context, struct str service,
                       struct str environment, int64_t first_at,
                       int64_t last_at, struct fail *why)
{
	struct reading *r = context;
	(void)last_at;
	(void)why;
	if (reading_environment(r, environment) == NOT_ASKED ||
	    !is_asked(r->q, service, group_of(r->q, service)))
		return true;
	size_t at = reading_service(r, service);
	struct service_state *s = &r->states.at[at];
	earliest(&s->first_at, first_at);
	for (size_t i = 0; i < r->nsubjects; i++)
		if (i == 0 || i == reading_group_subject(r, s->group) ||
		    i > r->ngroups)
			earliest(&r->firsts[i], first_at);
	return true;
}

static void begin_names(struct reading *r)
{
	const struct policy *p = r->q->policy;
	r->services.by = map_new(r->arena);
	r->groups.by = map_new(r->arena);
	r->recipes.by = map_new(r->arena);
	for (size_t i = 0; i < p->groups.n; i++)
		names_number(&r->groups, r->arena, p->groups.at[i]->id.s);
	for (size_t i = 0; i < p->recipes.n; i++)
		names_number(&r->recipes, r->arena, p->recipes.at[i]->id.s);
	if (r->q->slices) {
		r->ngroups = p->groups.n;
		r->nrecipes = p->recipes.n;
	}
	r->nsubjects = 1 + r->ngroups + r->nrecipes;
	r->firsts = arena_array(r->arena, r->nsubjects, sizeof *r->firsts);
}

static bool begin(struct reading *r, struct fail *why)
{
	int64_t newest;
	bool before;
	begin_names(r);
	r->leads = timings_new(r->arena);
	r->recoveries = timings_new(r->arena);
	r->quarter = INT64_MIN / 2;
	if (!ledger_newest_build(r->l, &newest, why) ||
	    !ledger_any_ended_before(r->l, r->from, &before, why))
		return false;
	r->builds = (size_t)newest + 1;
	r->delivered = arena_alloc(r->arena, r->builds / 8 + 1);
	r->is_whole = !before;
	r->stops_to = r->from;
	find_next_bound(r);
	return ledger_places(r->l, r->q->service, take_place, r, why) &&
	       reading_incidents(r, why) && reading_look_back(r, why) &&
	       reading_policy(r, why);
}

/* periods whose scans touch, by their ends. */
static bool read_together(struct reading *r, struct period *periods, size_t n,
                          struct fail *why)
{
	r->arena = arena_new();
	r->periods = periods;
	r->nperiods = n;
	r->from = INT64_MAX;
	r->to = periods[n - 1].end;
	for (size_t i = 0; i < n; i++)
		if (periods[i].before.from < r->from)
			r->from = periods[i].before.from;
	bool fine = begin(r, why) &&
	            ledger_ended(r->l, r->q->service, r->from, r->to,
	                         reading_take, r, why) &&
	            reading_pass(r, INT64_MAX, why);
	period_each(t, r) end_arena(r, t);
	arena_free(r->arena);
	return fine;
}

static int period_cmp(const void *a, const void *b)
{
	const struct period *x = a, *y = b;
	if (x->now.to != y->now.to)
		return x->now.to < y->now.to ? -1 : 1;
	return (x->window > y->window) - (x->window < y->window);
}

/* How many of them, from the first on, no later one begins before. */
static size_t count_together(const struct period *at, size_t n)
{
	int64_t from = INT64_MAX;
	size_t together = n;
	for (size_t i = n; i-- > 0;) {
		if (at[i].end <= from)
			together = i + 1;
		if (at[i].before.from < from)
			from = at[i].before.from;
	}
	return together;
}

static bool read_windows(const struct reading *what,
                         const struct insight_window *windows, size_t n,
                         struct fail *why)
{
	struct arena *a = arena_new();
	struct period *periods = arena_array(a, n + 1, sizeof *periods);
	bool fine = true;
	for (size_t i = 0; i < n; i++)
		periods[i] = period_new(what->q, i, windows[i]);
	if (n)
		qsort(periods, n, sizeof *periods, period_cmp);
	for (size_t i = 0, some; fine && i < n; i += some) {
		struct reading r = *what;
		some = count_together(periods + i, n - i);
		fine = read_together(&r, periods + i, some, why);
	}
	arena_free(a);
	return fine;
}

static struct reading reading_of(struct ledger *l,
                                 const struct insight_question *q)
{
	return (struct reading){.l = l,
	                        .q = q,
	                        .zone = q->policy->platform.zone,
	                        .by_commit =
	                                q->changes && q->changes->services.n};
}

bool insight_read_each(struct ledger *l, const struct insight_question *q,
                       const struct insight_window *windows, size_t n,
                       insights_fn *visit, void *context, struct fail *why)
{
	struct reading what = reading_of(l, q);
	what.visit = visit;
	what.context = context;
	return read_windows(&what, windows, n, why);
}

static bool keep_only(void *context, size_t window,
                      const struct insights *found, struct fail *why)
{
	struct insights *out = context;
	(void)window;
	(void)why;
	*out = *found;
	return true;
}

bool insight_read(struct insights *out, struct arena *a, struct ledger *l,
                  const struct insight_question *q, struct fail *why)
{
	struct reading what = reading_of(l, q);
	what.visit = keep_only;
	what.context = out;
	what.keep = a;
	return read_windows(&what, &q->window, 1, why);
}

/* --- other questions ------------------------------------------------------ */

struct first {
	const struct reading reading;
	int64_t at;
};

static bool take_first(void *context, struct str service,
                       struct str environment, int64_t first_at,
                       int64_t last_at, struct fail *why)
{
	struct first *f = context;
	const struct insight_question *q = f->reading.q;
	(void)last_at;
	(void)why;
	if (reading_environment(&f->reading, environment) != NOT_ASKED &&
	    is_asked(q, service, group_of(q, service)))
		earliest(&f->at, first_at);
	return true;
}

bool insight_first(struct ledger *l, const struct insight_question *q,
                   int64_t *out, struct fail *why)
{
	struct first f = {.reading = reading_of(l, q)};
	if (!ledger_places(l, q->service, take_first, &f, why))
		return false;
	*out = f.at;
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
