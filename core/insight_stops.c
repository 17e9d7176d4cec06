/* What stopped intents, how long, and what became of them. */
#include "core/insight_private.h"

#include <stdlib.h>

static struct insight_stop *stop_of(struct arena *a, struct insight *in,
                                    enum diag_code code)
{
	for (size_t i = 0; i < in->stops.n; i++)
		if (in->stops.at[i].code == code)
			return &in->stops.at[i];
	struct insight_stop *s = vec_add(a, &in->stops);
	s->code = code;
	return s;
}

static enum insight_phase phase_of(enum diag_code code)
{
	if (code == DIAG_APPROVAL_REQUIRED)
		return PHASE_APPROVAL;
	if (code == DIAG_NOT_BEFORE || code == DIAG_FREEZE_ACTIVE ||
	    code == DIAG_WINDOW_CLOSED)
		return PHASE_WINDOW;
	if (code == DIAG_QUOTA_EXCEEDED ||
	    code == DIAG_CONCURRENCY_LIMIT_REACHED)
		return PHASE_SLOT;
	return PHASE_OTHER;
}

/* As known at `at`: what was decided later was waiting then. What was taken
   back has no known end. */
static int64_t waited(const struct insight_question *q, const struct period *t,
                      const struct stop *s)
{
	bool open = s->until > q->at || (!s->until && s->waits);
	int64_t until = open ? insight_present(q, &t->now) : s->until;
	return !s->denied && until > s->at ? until - s->at : 0;
}

/* Whether the deployment ended in the window as one of D+. */
static bool is_delivered(const struct period *t, const struct stop *s)
{
	return s->made && s->made_state == STATE_SUCCEEDED &&
	       s->made_finished_at >= t->now.from &&
	       s->made_finished_at < t->end;
}

static void count_later(const struct insight_question *q, const struct stop *s,
                        struct insight_stop *of)
{
	bool ended =
	        s->made && s->made_finished_at && s->made_finished_at <= q->at;
	bool undone = s->made_undone_at && s->made_undone_at <= q->at;
	of->denied += s->denied;
	if (ended && s->made_state == STATE_SUCCEEDED && !undone)
		of->went_well++;
	else if (ended && (s->made_state == STATE_FAILED || undone))
		of->went_wrong++;
	else if (!s->made && s->waits)
		of->wait_still++;
}

static struct stop_group *stopped_by(struct period *t, enum diag_code code,
                                     size_t group)
{
	size_t i = 0;
	while (i < t->stopped.n && t->stopped.at[i].code != code)
		i++;
	if (i == t->stopped.n)
		vec_add(t->arena, &t->stopped)->code = code;
	struct stop_groups *s = &t->stopped.at[i];
	vec_each (struct stop_group, g, &s->groups)
		if (g->group == group)
			return g;
	struct stop_group *new = vec_add(t->arena, &s->groups);
	new->group = group;
	return new;
}

/* One intent and one code count once, however often it was recorded. */
static bool is_again(const struct period *t, const struct stop *s)
{
	bool now = s->at >= t->now.from;
	return s->again_at >= (now ? t->now.from : t->before.from);
}

static void count_stop(const struct reading *r, struct period *t,
                       struct subject *subject, const struct stop *s)
{
	struct insight *in = subject->out;
	struct insight_stop *of = stop_of(t->arena, in, s->code);
	int64_t took = waited(r->q, t, s);
	if (is_delivered(t, s)) {
		in->phases[phase_of(s->code)] += took;
		subject->stopped += took;
	}
	if (s->at < t->now.from) {
		of->n_before += !is_again(t, s);
		of->waited_before += took;
		return;
	}
	of->waited += took;
	if (is_again(t, s))
		return;
	of->n++;
	count_later(r->q, s, of);
}

static void period_stop(const struct reading *r, struct period *t,
                        const struct stop *s, size_t group)
{
	size_t own = reading_group_subject(r, group);
	count_stop(r, t, &t->subjects[0], s);
	if (own)
		count_stop(r, t, &t->subjects[own], s);
	if (s->at >= t->now.from && !is_again(t, s) && r->groups.at.at[group].n)
		stopped_by(t, s->code, group)->n++;
}

static bool take_stop(void *context, const struct stop *s, struct fail *why)
{
	struct reading *r = context;
	const struct insight_question *q = r->q;
	(void)why;
	if ((s->environment.n &&
	     reading_environment(r, s->environment) == NOT_ASKED) ||
	    (q->service.n && !str_eq(q->service, s->service)))
		return true;
	size_t at = reading_service(r, s->service);
	size_t group = r->states.at[at].group;
	if (q->group.n && !str_eq(q->group, r->groups.at.at[group]))
		return true;
	period_each(t, r) if (s->at >= t->before.from && s->at < t->end)
	        period_stop(r, t, s, group);
	return true;
}

bool reading_stops(struct reading *r, int64_t to, struct fail *why)
{
	int64_t from = r->stops_to;
	if (to <= from || r->q->recipe.n)
		return true;
	r->stops_to = to;
	return ledger_stops(r->l, r->q->service, from, to, take_stop, r, why);
}

/* --- the end of a window -------------------------------------------------- */

/* What stopped most intents first, then what cost most. */
static int stop_cmp(const void *a, const void *b)
{
	const struct insight_stop *x = a, *y = b;
	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	if (x->waited != y->waited)
		return x->waited > y->waited ? -1 : 1;
	return (x->code > y->code) - (x->code < y->code);
}

void period_settle_stops(const struct reading *r, struct period *t)
{
	vec_each (struct stop_groups, s, &t->stopped) {
		struct insight_stop *of =
		        stop_of(t->arena, &t->found.at[0], s->code);
		vec_each (struct stop_group, g, &s->groups) {
			if (g->n <= of->most_n)
				continue;
			of->most_n = g->n;
			of->most =
			        str_copy(t->arena, r->groups.at.at[g->group]);
		}
	}
	for (size_t i = 0; i < t->found.n; i++) {
		struct insight *in = &t->found.at[i];
		int64_t *review = &in->phases[PHASE_REVIEW];
		int64_t stopped = t->subjects[i].stopped;
		*review -= stopped < *review ? stopped : *review;
		if (in->stops.n)
			qsort(in->stops.at, in->stops.n, sizeof *in->stops.at,
			      stop_cmp);
	}
}
