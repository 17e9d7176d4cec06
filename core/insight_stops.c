/* What stopped intents, how long, and what became of them. */
#include "core/insight_private.h"

#include <stdlib.h>

/* One intent and one code, however often it was recorded. */
struct stopped {
	bool now, before;
};

struct stopping {
	struct reading *r;
	struct map seen; /* "CODE path" -> struct stopped */
	struct map most; /* "CODE group" -> struct most */
	VEC(struct most *) mosts;
	struct arena *scratch;
};

struct most {
	enum diag_code code;
	struct str group;
	int64_t n;
};

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
static int64_t waited(const struct reading *r, const struct stop *s)
{
	bool open = s->until > r->q->at || (!s->until && s->waits);
	int64_t until = open ? insight_present(r->q, &r->now) : s->until;
	return !s->denied && until > s->at ? until - s->at : 0;
}

static struct stopped *seen_of(struct stopping *t, const struct stop *s,
                               struct str group)
{
	struct str key =
	        str_format(t->scratch, "%d %" STR_FMT " %" STR_FMT,
	                   (int)s->code, STR_ARG(group), STR_ARG(s->path));
	struct stopped *seen = map_find(&t->seen, key);
	if (!seen) {
		seen = ARENA_NEW(t->scratch, struct stopped);
		map_put(&t->seen, key, seen);
	}
	return seen;
}

/* Whether the deployment ended in the window as one of D+. */
static bool is_delivered(const struct reading *r, const struct stop *s)
{
	return s->made && s->made_state == STATE_SUCCEEDED &&
	       s->made_finished_at >= r->now.from &&
	       s->made_finished_at < r->scan.to;
}

static void count_later(const struct reading *r, const struct stop *s,
                        struct insight_stop *of)
{
	bool ended = s->made && s->made_finished_at &&
	             s->made_finished_at <= r->q->at;
	bool undone = s->made_undone_at && s->made_undone_at <= r->q->at;
	of->denied += s->denied;
	if (ended && s->made_state == STATE_SUCCEEDED && !undone)
		of->went_well++;
	else if (ended && (s->made_state == STATE_FAILED || undone))
		of->went_wrong++;
	else if (!s->made && s->waits)
		of->wait_still++;
}

static void count_most(struct stopping *t, enum diag_code code,
                       struct str group)
{
	struct str key = str_format(t->scratch, "%d %" STR_FMT, (int)code,
	                            STR_ARG(group));
	struct most *m = group.n ? map_find(&t->most, key) : NULL;
	if (!group.n)
		return;
	if (!m) {
		m = ARENA_NEW(t->scratch, struct most);
		*m = (struct most){code, group, 0};
		map_put(&t->most, key, m);
		*vec_add(t->scratch, &t->mosts) = m;
	}
	m->n++;
}

static void count_stop(struct stopping *t, struct subject *subject,
                       const struct stop *s, struct str group, bool is_all)
{
	struct reading *r = t->r;
	struct insight_stop *of = stop_of(r->arena, subject->out, s->code);
	struct stopped *seen = seen_of(t, s, is_all ? STR("") : group);
	bool now = s->at >= r->now.from;
	if (!now) {
		of->n_before += !seen->before;
		of->waited_before += waited(r, s);
		seen->before = true;
		return;
	}
	of->waited += waited(r, s);
	if (seen->now)
		return;
	seen->now = true;
	of->n++;
	count_later(r, s, of);
	if (is_all)
		count_most(t, s->code, group);
}

static bool take_stop(void *context, const struct stop *s, struct fail *why)
{
	struct stopping *t = context;
	struct reading *r = t->r;
	const struct insight_question *q = r->q;
	const struct group *g = policy_group_of(q->policy, s->service);
	struct str group = g ? g->id.s : STR("");
	(void)why;
	bool here = !s->environment.n;
	for (size_t i = 0; i < q->nenvironments; i++)
		here |= str_eq(s->environment, q->environments[i]);
	if (!here || q->recipe.n ||
	    (q->service.n && !str_eq(q->service, s->service)) ||
	    (q->group.n && !str_eq(q->group, group)))
		return true;
	struct subject *subjects[SUBJECTS];
	reading_subjects(r, group, STR(""), subjects);
	for (size_t i = 0; i < SUBJECTS && subjects[i]; i++) {
		struct insight *in = subjects[i]->out;
		int64_t took = waited(r, s);
		count_stop(t, subjects[i], s, group, i == 0);
		if (!is_delivered(r, s))
			continue;
		/* Until it was allowed it was not reviewed, it waited. */
		in->phases[phase_of(s->code)] += took;
		in->phases[PHASE_REVIEW] -= took < in->phases[PHASE_REVIEW]
		                                    ? took
		                                    : in->phases[PHASE_REVIEW];
	}
	return true;
}

/* What cost most hours first, then what stopped most. */
static int stop_cmp(const void *a, const void *b)
{
	const struct insight_stop *x = a, *y = b;
	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	if (x->waited != y->waited)
		return x->waited > y->waited ? -1 : 1;
	return (x->code > y->code) - (x->code < y->code);
}

static void settle_most(struct stopping *t)
{
	struct insight *in = t->r->subjects[0].out;
	for (size_t i = 0; i < t->mosts.n; i++) {
		const struct most *m = t->mosts.at[i];
		struct insight_stop *s = stop_of(t->r->arena, in, m->code);
		if (m->n <= s->most_n)
			continue;
		s->most_n = m->n;
		s->most = m->group;
	}
}

bool insight_read_stops(struct reading *r, struct fail *why)
{
	struct stopping t = {.r = r, .scratch = arena_new()};
	t.seen = map_new(t.scratch);
	t.most = map_new(t.scratch);
	bool fine = ledger_stops(r->l, r->q->service, r->scan.from, r->scan.to,
	                         take_stop, &t, why);
	if (fine)
		settle_most(&t);
	for (size_t i = 0; i < r->nsubjects; i++) {
		struct insight_stops *s = &r->subjects[i].out->stops;
		if (s->n)
			qsort(s->at, s->n, sizeof *s->at, stop_cmp);
	}
	arena_free(t.scratch);
	return fine;
}
