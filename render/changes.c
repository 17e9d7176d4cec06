#include "render/changes.h"

#include "render/scan.h"

#include <stdio.h>
#include <stdlib.h>

struct reading {
	struct site *s;
	struct changes *c;
	struct str hash; /* of the last event that was known */
	int64_t known;
	bool lost; /* all pages are stale */
};

static char yes[] = "yes";

static void mark(struct map *names, struct str name)
{
	if (name.n && !map_find(names, name))
		map_put(names, name, yes);
}

static void mark_number(struct reading *r, int64_t number)
{
	if (number > 0)
		*vec_add(r->s->arena, &r->c->numbers) = number;
}

/* What names none is about all. */
static void mark_environment(struct reading *r, struct str name)
{
	const struct policy *p = r->s->policy;
	mark(&r->c->environments, name);
	for (size_t i = 0; !name.n && i < p->environments.n; i++)
		mark(&r->c->environments, p->environments.at[i]->name.s);
}

static void mark_run(struct reading *r, int64_t number)
{
	mark(&r->c->runs, str_format(r->s->arena, "%lld", (long long)number));
}

/* --- the events --------------------------------------------------------- */

/* What of a payload says what it is about. */
struct about {
	struct str service, environment, kind, version;
	struct str policy_tree;
	int64_t number, run;
};

static struct about about_of(struct arena *a, struct str payload)
{
	struct about of = {0};
	struct scan scan = scan_of(payload);
	struct str key;
	bool object = scan_open(&scan, '{');
	while (object && scan_key(&scan, &key))
		if (str_is(key, "service"))
			of.service = scan_str(&scan, a);
		else if (str_is(key, "environment"))
			of.environment = scan_str(&scan, a);
		else if (str_is(key, "kind"))
			of.kind = scan_str(&scan, a);
		else if (str_is(key, "version"))
			of.version = scan_str(&scan, a);
		else if (str_is(key, "number"))
			of.number = scan_int(&scan);
		else if (str_is(key, "run"))
			of.run = scan_int(&scan);
		else if (str_is(key, "policyTree"))
			of.policy_tree = scan_str(&scan, a);
		else
			scan_skip(&scan);
	return of;
}

static void note_run(struct reading *r, const struct event *e,
                     const struct about *of)
{
	(void)e;
	mark_run(r, of->number);
	r->c->other_policy |= of->policy_tree.n &&
	                      !str_eq(of->policy_tree, r->s->in->policy_tree);
}

static void note_decision(struct reading *r, const struct event *e,
                          const struct about *of)
{
	mark(&r->c->services, of->service);
	mark_environment(r, of->environment);
	mark(&r->c->paths, e->subject);
	mark_run(r, of->run);
	r->lost |= str_is(of->kind, "release");
}

static void note_deployment(struct reading *r, const struct event *e,
                            const struct about *of)
{
	mark_number(r, of->number);
	bool imported = str_is(e->type, "deployment.imported");
	bool made = imported || str_is(e->type, "deployment.created");
	r->c->imported |= imported;
	if (made && of->number < r->c->first_number)
		r->c->first_number = of->number;
}

static bool add_of_build(void *context, const struct deployment *d,
                         struct fail *why)
{
	struct reading *r = context;
	(void)why;
	mark_number(r, d->number);
	return true;
}

/* Its pages name the build. It is most often registered before them. */
static bool mark_version(struct reading *r, const struct about *of,
                         struct fail *why)
{
	struct deployment_filter f = deployment_filter_any();
	f.service = of->service;
	mark(&r->c->services, of->service);
	return ledger_deployments(r->s->ledger, &f, add_of_build, r, why);
}

static bool note_said(struct reading *r, const struct event *e,
                      struct fail *why)
{
	struct recorded_intent state;
	mark(&r->c->paths, e->subject);
	if (!ledger_intent(r->s->ledger, e->subject, &state, why))
		return false;
	mark_number(r, state.open_number);
	mark_number(r, state.last_number);
	r->lost |= state.releasing;
	return true;
}

static bool note(struct reading *r, const struct event *e, struct fail *why)
{
	struct about of = about_of(r->s->arena, e->payload);
	if (str_is(e->type, "intent.decided"))
		note_decision(r, e, &of);
	else if (str_is(e->type, "run.started") ||
	         str_is(e->type, "run.finished"))
		note_run(r, e, &of);
	else if (str_is(e->type, "build.registered"))
		return mark_version(r, &of, why);
	else if (str_is(e->type, "hold.placed"))
		mark(&r->c->services, of.service);
	else if (str_is(e->type, "approval.given"))
		return note_said(r, e, why);
	else if (str_starts(e->type, STR("deployment.")) &&
	         !str_is(e->type, "deployment.withdrawn"))
		note_deployment(r, e, &of);
	else
		r->lost = true;
	return true;
}

static bool add_event(void *context, const struct event *e, struct fail *why)
{
	struct reading *r = context;
	if (r->lost)
		return true;
	if (e->seq == r->known) {
		r->lost = !str_eq(e->hash, r->hash);
		r->c->known_at = e->time;
		return true;
	}
	*vec_add(r->s->arena, &r->c->times) = e->time;
	return note(r, e, why);
}

bool changes_read(struct site *s, int64_t known, struct str hash, bool clock,
                  struct fail *why)
{
	struct arena *a = s->arena;
	struct changes *c = ARENA_NEW(a, struct changes);
	*c = (struct changes){.clock = clock,
	                      .first_number = INT64_MAX,
	                      .services = map_new(a),
	                      .groups = map_new(a),
	                      .environments = map_new(a),
	                      .paths = map_new(a),
	                      .runs = map_new(a)};
	struct reading r = {s, c, hash, known, known < 1};
	s->changes = NULL;
	if (r.lost)
		return true;
	if (!ledger_events(s->ledger, known - 1, 0, 0, add_event, &r, why))
		return false;
	if (!r.lost)
		s->changes = c;
	return true;
}

/* --- what shows them ---------------------------------------------------- */

static int number_cmp(const void *pa, const void *pb)
{
	const int64_t *a = pa, *b = pb;
	return (*a > *b) - (*a < *b);
}

static void sort_numbers(struct changes *c)
{
	size_t n = 0;
	if (c->numbers.n)
		qsort(c->numbers.at, c->numbers.n, sizeof *c->numbers.at,
		      number_cmp);
	for (size_t i = 0; i < c->numbers.n; i++)
		if (!i || c->numbers.at[i] != c->numbers.at[i - 1])
			c->numbers.at[n++] = c->numbers.at[i];
	c->numbers.n = n;
}

/* Where an end is told late: what ended after it, up to the next success, came
   after another version than was thought. */
static void mark_after(struct reading *r, const struct pair *p,
                       const struct deployment *d, const struct success *next)
{
	const struct history *h = &r->s->history;
	mark_number(r, next->number);
	vec_each (const struct past_failure, f, &h->failures)
		if (f->service_at == p->service_at && f->at >= d->finished_at &&
		    f->at <= next->finished_at)
			mark_number(r, f->number);
}

/* The success that d replaced says by what. */
static void mark_before(struct reading *r, const struct pair *p,
                        const struct deployment *d)
{
	size_t low = 0, high = p->good.n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct success *x = &p->good.at[middle];
		if (x->finished_at < d->finished_at ||
		    (x->finished_at == d->finished_at && x->number < d->number))
			low = middle + 1;
		else
			high = middle;
	}
	if (low)
		mark_number(r, p->good.at[low - 1].number);
	if (low + 1 < p->good.n)
		mark_after(r, p, d, &p->good.at[low + 1]);
}

/* Later failures of the service count the earlier ones. */
static void mark_failures(struct reading *r, const struct deployment *d)
{
	const struct history *h = &r->s->history;
	for (size_t i = h->failures.n; i > 0; i--) {
		const struct past_failure *f = &h->failures.at[i - 1];
		if (f->number <= d->number)
			break;
		if (str_eq(h->services.at[f->service_at].name, d->service))
			mark_number(r, f->number);
	}
}

static void mark_group(struct reading *r, struct str group)
{
	mark(&r->c->groups, group);
}

static void note_end(struct reading *r, const struct deployment *d)
{
	struct arena *a = r->s->arena;
	if (!d->finished_at)
		return;
	*vec_add(a, &r->c->ends) =
	        (struct changed_end){.number = d->number,
	                             .finished_at = d->finished_at,
	                             .rollback_of = d->rollback_of,
	                             .service = str_copy(a, d->service),
	                             .environment = str_copy(a, d->environment),
	                             .succeeded = d->state == STATE_SUCCEEDED};
}

static void spread(struct reading *r, const struct deployment *d)
{
	note_end(r, d);
	const struct pair *p =
	        history_pair(&r->s->history, d->service, d->environment);
	mark(&r->c->services, d->service);
	mark(&r->c->environments, d->environment);
	mark(&r->c->paths, d->intent_path);
	mark_group(r, d->group);
	mark_number(r, d->rollback_of);
	if (p && d->state == STATE_SUCCEEDED)
		mark_before(r, p, d);
	if (d->state == STATE_FAILED)
		mark_failures(r, d);
}

static void mark_groups(struct reading *r)
{
	for (size_t i = 0; i < r->c->services.n; i++) {
		const struct group *g =
		        policy_group_of(r->s->policy, r->c->services.at[i].key);
		if (g)
			mark_group(r, g->id.s);
	}
}

/* One that did not finish says so once there is another after it. */
static bool add_run(void *context, const struct recorded_run *run,
                    struct fail *why)
{
	struct reading *r = context;
	(void)why;
	if (!run->finished_at)
		mark_run(r, run->number);
	return true;
}

bool changes_spread(struct site *s, struct fail *why)
{
	struct reading r = {.s = s, .c = s->changes};
	if (!s->changes)
		return true;
	size_t runs = s->changes->runs.n;
	if (runs && !ledger_runs(s->ledger, runs + 1, add_run, &r, why))
		return false;
	sort_numbers(s->changes);
	size_t own = s->changes->numbers.n;
	for (size_t i = 0; i < own; i++) {
		struct deployment *d;
		if (!ledger_deployment(s->ledger, s->page,
		                       s->changes->numbers.at[i], &d, why))
			return false;
		if (d)
			spread(&r, d);
	}
	arena_reset(s->page);
	mark_groups(&r);
	sort_numbers(s->changes);
	return true;
}

/* --- questions ---------------------------------------------------------- */

/* Where the first number that is not below n stands. */
static size_t place_of(const struct changes *c, int64_t n)
{
	size_t low = 0, high = c->numbers.n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (c->numbers.at[middle] < n)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool changed_between(const struct site *s, int64_t from, int64_t to)
{
	const struct changes *c = s->changes;
	if (!c)
		return true;
	size_t i = place_of(c, from);
	return i < c->numbers.n && c->numbers.at[i] < to;
}

int64_t changed_events(const struct site *s, int64_t from, int64_t to)
{
	int64_t n = 0;
	if (!s->changes)
		return INT64_MAX;
	for (size_t i = 0; i < s->changes->times.n; i++) {
		int64_t t = s->changes->times.at[i];
		n += t >= from && t < to;
	}
	return n;
}

bool changed_deployment(const struct site *s, int64_t number)
{
	return changed_between(s, number, number + 1);
}

bool changed_service(const struct site *s, const struct history_service *of)
{
	return !s->changes || map_find(&s->changes->services, of->name);
}

bool changed_pair(const struct site *s, const struct pair *p)
{
	return changed_service(s, &s->history.services.at[p->service_at]);
}

bool changed_group(const struct site *s, const struct group *g)
{
	return !s->changes || s->changes->clock ||
	       map_find(&s->changes->groups, g->id.s);
}

bool changed_place(const struct site *s, const struct history_service *of)
{
	return changed_service(s, of) || s->changes->clock ||
	       (of->group && changed_group(s, of->group));
}

bool changed_intent(const struct site *s, struct str path)
{
	return !s->changes || map_find(&s->changes->paths, path);
}

bool changed_run(const struct site *s, int64_t number)
{
	char text[24];
	int n = snprintf(text, sizeof text, "%lld", (long long)number);
	return !s->changes ||
	       map_find(&s->changes->runs, (struct str){text, (size_t)n});
}
