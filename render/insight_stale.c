#include "render/insight_stale.h"

#include "render/changes.h"

enum { HOUR = 3600 };

struct insight_window insight_hour(int64_t t, const struct zone *zone)
{
	int64_t from = t - t % HOUR, to = from + HOUR;
	int64_t start = when_day_start(t, zone), end = when_day_end(t, zone);
	return (struct insight_window){from > start ? from : start,
	                               to < end ? to : end};
}

static bool take_time(void *context, const struct event *e, struct fail *why)
{
	int64_t *out = context;
	(void)why;
	*out = e->time;
	return true;
}

bool insight_known_at(struct site *s, int64_t *out, struct fail *why)
{
	*out = 0;
	return ledger_events(s->ledger, s->head.events - 1, 0, 0, take_time,
	                     out, why);
}

/* --- what the new events touch -------------------------------------------- */

struct reading {
	struct insight_stale *out;
	struct site *s;
	struct arena *arena;
	const struct insight_question *q;
};

static void touch(struct reading *r, int64_t from, int64_t to)
{
	*vec_add(r->arena, &r->out->spans) = (struct insight_window){from, to};
}

static bool touch_decision(void *context, const struct recorded_decision *d,
                           struct fail *why)
{
	(void)why;
	touch(context, d->time, d->time + 1);
	return true;
}

static bool is_counted(const struct reading *r, struct str environment)
{
	for (size_t i = 0; i < r->q->nenvironments; i++)
		if (str_eq(r->q->environments[i], environment))
			return true;
	return false;
}

/* The first success of the group that the policy gives a service; 0: none. */
static int64_t first_of_group(const struct reading *r, struct str service)
{
	const struct history *h = &r->s->history;
	const struct group *g = policy_group_of(r->s->policy, service);
	int64_t first = 0;
	for (size_t i = 0; g && i < g->services.n; i++) {
		const struct history_service *of =
		        history_service(h, g->services.at[i].s);
		for (size_t k = 0; of && k < of->pairs.n; k++) {
			const struct pair *p = &h->pairs.at[of->pairs.at[k]];
			if (!p->good.n || !is_counted(r, p->environment))
				continue;
			int64_t at = p->good.at[0].finished_at;
			first = !first || at < first ? at : first;
		}
	}
	return first;
}

/* What a rollback undid went wrong, and was open in every week since. */
static bool touch_undone(struct reading *r, int64_t number, struct fail *why)
{
	struct deployment *d;
	if (!ledger_deployment(r->s->ledger, r->arena, number, &d, why))
		return false;
	if (d && d->finished_at)
		touch(r, d->finished_at, INT64_MAX);
	return true;
}

/* The first success of all begins the weeks that count; of a group, the pages
   that every page of a period has a link to. */
static bool touch_ends(struct reading *r, int64_t first, struct fail *why)
{
	vec_each (const struct changed_end, e, &r->s->changes->ends) {
		touch(r, e->finished_at, e->finished_at + 1);
		if (!is_counted(r, e->environment))
			continue;
		r->out->all |=
		        e->succeeded &&
		        (e->finished_at <= first ||
		         e->finished_at <= first_of_group(r, e->service));
		if (e->rollback_of > 0 && !touch_undone(r, e->rollback_of, why))
			return false;
	}
	return true;
}

/* An incident that names none is about the last change before it. */
static bool touch_incident(void *context, const struct incident *i,
                           struct fail *why)
{
	struct reading *r = context;
	(void)why;
	vec_each (const struct changed_end, e, &r->s->changes->ends)
		if (!i->caused_by && e->finished_at <= i->started_at &&
		    str_eq(e->service, i->service) &&
		    str_eq(e->environment, i->environment))
			r->out->all = true;
	return true;
}

static bool touch_paths(struct reading *r, struct fail *why)
{
	struct decision_filter f = {.outcome = -1};
	const struct map *paths = &r->s->changes->paths;
	for (size_t i = 0; i < paths->n; i++) {
		f.path = paths->at[i].key;
		if (!ledger_decisions(r->s->ledger, &f, touch_decision, r, why))
			return false;
	}
	return true;
}

bool insight_stale_read(struct insight_stale *out, struct site *s,
                        struct arena *a, const struct insight_question *q,
                        int64_t first, int64_t known, struct fail *why)
{
	const struct zone *zone = s->policy->platform.zone;
	const struct changes *c = s->changes;
	struct reading r = {out, s, a, q};
	*out = (struct insight_stale){.from = INT64_MAX};
	out->all = !s->was_now;
	out->periods = insight_hour(s->was_now, zone).to !=
	               insight_hour(s->now, zone).to;
	if (!c)
		return true;
	out->some = c->services.n || c->numbers.n || c->paths.n;
	/* Weeks that had not ended, or have come since. */
	out->from = insight_week_start(c->known_at, zone);
	out->some |= out->from != insight_week_start(known, zone);
	out->periods |= c->other_policy;
	out->all |= c->imported;
	return out->all ||
	       (touch_ends(&r, first, why) && touch_paths(&r, why) &&
	        ledger_incidents(s->ledger, INT64_MAX, touch_incident, &r,
	                         why));
}

bool insight_stale_periods(const struct insight_stale *st)
{
	return st->all || st->periods || st->some;
}

bool insight_stale_slice(const struct site *s, const struct insight_stale *st,
                         const struct slice *of)
{
	const struct changes *c = s->changes;
	if (st->all || st->periods)
		return true;
	if (of->kind == SLICE_GROUP)
		return map_find(&c->groups, of->name);
	if (of->kind == SLICE_ENVIRONMENT)
		return map_find(&c->environments, of->name);
	return st->some;
}

bool insight_stale_week(const struct insight_stale *st, struct insight_window w)
{
	if (st->all || w.to > st->from)
		return true;
	vec_each (const struct insight_window, t, &st->spans)
		if (t->from < w.to && t->to > w.from - (w.to - w.from))
			return true;
	return false;
}
