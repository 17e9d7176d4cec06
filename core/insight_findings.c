/* What a series says, and where to look next. */
#include "core/insight_private.h"

#include "core/when.h"

enum {
	DAY = 24 * 3600,
	ELEVATED_FAILURES = 3, /* at least so many */
	ELEVATED_CHANGES = 5,  /* of at least so many */
	FRICTION_STOPS = 5,    /* intents stopped, and half more than before */
	FRICTION_WAITED = 86400, /* or so many seconds in all */
	FRICTION_MOST = 3,       /* of those that stopped most */
	STALE_DAYS = 90,
	STALE_LEAST = 10, /* deployments, for "regularly" */
	FLAPPING = 3      /* rollbacks in one window */
};

/* --- series --- */

struct series {
	double x[INSIGHT_BUCKETS], y[INSIGHT_BUCKETS];
	int64_t at[INSIGHT_BUCKETS];
	size_t n;
};

enum figure {
	FIGURE_FREQUENCY,
	FIGURE_FAIL_RATE,
	FIGURE_LEAD,
	FIGURE_RECOVERY
};
static const char *const figure_names[] = {
        "deployment frequency", "change fail rate", "change lead time",
        "failed deployment recovery time"};

static bool figure_of(const struct insight_bucket *b, enum figure figure,
                      double *out)
{
	switch (figure) {
	case FIGURE_FREQUENCY:
		*out = (double)b->deployed;
		return true;
	case FIGURE_FAIL_RATE:
		*out = b->changes ? (double)b->failed / (double)b->changes : 0;
		return b->changes > 0;
	case FIGURE_LEAD:
		*out = (double)b->lead.median;
		return b->lead.n > 0;
	case FIGURE_RECOVERY:
		break;
	}
	*out = (double)b->recovery.median;
	return b->recovery.n > 0;
}

/* Whole pieces alone, from the first with a record on. */
static struct series series_of(const struct insight *in, int64_t first,
                               enum figure figure)
{
	struct series s = {.n = 0};
	size_t from = in->part_first, to = in->buckets.n - in->part_last;
	for (size_t i = from; in->buckets.n && i < to; i++) {
		const struct insight_bucket *b = &in->buckets.at[i];
		double y;
		if (!first || b->to <= first || !figure_of(b, figure, &y))
			continue;
		s.x[s.n] = (double)i;
		s.y[s.n] = y;
		s.at[s.n++] = b->from;
	}
	return s;
}

static void add_series(struct arena *a, struct insight *in, int64_t first)
{
	struct trend *const trends[] = {&in->frequency, &in->fail_rate,
	                                &in->lead, &in->recovery};
	for (int f = 0; f <= FIGURE_RECOVERY; f++) {
		struct series of = series_of(in, first, (enum figure)f);
		*trends[f] = trend_of(of.x, of.y, of.n);
		size_t jump = trend_jump(of.y, of.n);
		if (jump)
			*vec_add(a, &in->jumps) = (struct insight_mark){
			        .at = of.at[jump],
			        .what = str_of(figure_names[f])};
	}
}

/* --- policy --- */

static bool take_policy(void *context, const struct recorded_run *run,
                        struct fail *why)
{
	struct reading *r = context;
	(void)why;
	*vec_add(r->arena, &r->policy_changes) = (struct insight_mark){
	        .at = run->started_at,
	        .commit = str_copy(r->arena, run->commit),
	        .what = str_format(r->arena, "run %lld",
	                           (long long)run->number)};
	return true;
}

bool reading_policy(struct reading *r, struct fail *why)
{
	return ledger_policy_changes(r->l, r->from, r->to, take_policy, r, why);
}

static void add_policy(const struct reading *r, struct arena *a,
                       struct insight *in, int64_t to)
{
	vec_each (struct insight_mark, m, &r->policy_changes)
		if (m->at >= in->now.window.from && m->at < to)
			*vec_add(a, &in->policy_changes) =
			        (struct insight_mark){
			                .at = m->at,
			                .commit = str_copy(a, m->commit),
			                .what = str_copy(a, m->what)};
}

/* --- attention --- */

static void attend(struct arena *a, struct insight *in,
                   enum attention_kind kind, struct str name, struct str text)
{
	*vec_add(a, &in->attention) =
	        (struct insight_attention){kind, name, text};
}

/* Against the rest: a service that fails much is not to hide itself in the
   average. */
static void look_at_failures(struct arena *a, struct insight *in,
                             const struct insight_count *c)
{
	const struct insight_metrics *m = &in->now;
	int64_t changes = m->deployed + m->reached_failed;
	int64_t own = c->deployed + c->failed; /* at most twice itself */
	if (c->failed < ELEVATED_FAILURES || own < ELEVATED_CHANGES)
		return;
	int64_t rest = changes - c->deployed,
	        rest_failed = m->failed - c->failed;
	if (rest <= 0 || c->failed * rest < 2 * rest_failed * c->deployed ||
	    m->failed == c->failed)
		return;
	attend(a, in, ATTENTION_ELEVATED, c->name,
	       str_format(a,
	                  "%lld deployments and %lld that went wrong, twice as "
	                  "often or more than all others together",
	                  (long long)c->deployed, (long long)c->failed));
}

static void look_at_service(struct arena *a, struct insight *in,
                            const struct insight_count *c, int64_t at)
{
	int64_t quiet = (at - c->last_at) / DAY;
	look_at_failures(a, in, c);
	if (c->rollbacks >= FLAPPING)
		attend(a, in, ATTENTION_FLAPPING, c->name,
		       str_format(a, "%lld rollbacks among %lld deployments",
		                  (long long)c->rollbacks,
		                  (long long)c->ended));
	if (c->last_at && quiet >= STALE_DAYS &&
	    c->deployed_before + c->deployed >= STALE_LEAST)
		attend(a, in, ATTENTION_STALE, c->name,
		       str_format(a,
		                  "nothing was deployed since %.10s, %lld days "
		                  "ago",
		                  when_text(c->last_at).s, (long long)quiet));
}

static void look_at_stop(struct arena *a, struct insight *in,
                         const struct insight_stop *s)
{
	bool more = s->n >= FRICTION_STOPS && s->n * 2 > s->n_before * 3;
	if (!more && s->waited < FRICTION_WAITED)
		return;
	struct str waits =
	        s->waited ? str_format(a, ", which waited %s in all",
	                               when_duration_words(s->waited).s)
	                  : STR("");
	struct str name = str_of(s->code ? diag_info(s->code)->name : "");
	attend(a, in, ATTENTION_FRICTION, name,
	       str_format(a,
	                  "stopped %" STR_FMT
	                  " (%lld in the window before)%" STR_FMT,
	                  STR_ARG(str_count(a, s->n, "intent", "intents")),
	                  (long long)s->n_before, STR_ARG(waits)));
}

void period_find(const struct reading *r, struct period *t)
{
	struct arena *a = t->arena;
	int64_t present = insight_present(r->q, &t->now);
	int64_t at = t->now.to < present ? t->now.to : present;
	for (size_t i = 0; i < t->found.n; i++) {
		struct insight *in = &t->found.at[i];
		add_policy(r, a, in, t->end);
		add_series(a, in, r->firsts[i]);
		vec_each (struct insight_count, c, &in->services)
			look_at_service(a, in, c, at);
		for (size_t k = 0; k < in->stops.n && k < FRICTION_MOST; k++)
			look_at_stop(a, in, &in->stops.at[k]);
	}
}
