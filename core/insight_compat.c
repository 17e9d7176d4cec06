#include "core/insight_compat.h"

#include "core/calendar.h"
#include "core/insight_change.h"
#include "core/json.h"
#include "core/samples.h"

#include <stdlib.h>

const char *const compat_names[] = {"", "devlake", "fourkeys", NULL};

struct success {
	int64_t number, ended_at, created_at, built_at;
	struct str service;
	bool again; /* its build was delivered before */
};

struct comparing {
	const struct insight_question *q;
	struct ledger *l;
	struct arena *arena;
	const struct zone *zone;
	VEC(struct success) successes; /* by when they ended */
	VEC(struct incident) incidents;
	struct insight_compat *out;
};

static bool is_asked(const struct comparing *c, struct str service,
                     struct str environment, struct str group)
{
	const struct insight_question *q = c->q;
	const struct group *g = policy_group_of(q->policy, service);
	if (!group.n && g)
		group = g->id.s;
	bool here = false;
	for (size_t i = 0; i < q->nenvironments; i++)
		here |= str_eq(q->environments[i], environment);
	return here && (!q->service.n || str_eq(q->service, service)) &&
	       (!q->group.n || str_eq(q->group, group));
}

static bool take(void *context, const struct ended *e, struct fail *why)
{
	struct comparing *c = context;
	bool again = false;
	if (e->state != STATE_SUCCEEDED ||
	    (c->q->recipe.n && !str_eq(c->q->recipe, e->recipe)) ||
	    !is_asked(c, e->service, e->environment, e->group))
		return true;
	if (e->built_at &&
	    !ledger_delivered_before(c->l, e, c->q->environments,
	                             c->q->nenvironments, &again, why))
		return false;
	*vec_add(c->arena, &c->successes) =
	        (struct success){.number = e->number,
	                         .ended_at = e->finished_at,
	                         .created_at = e->created_at,
	                         .built_at = e->built_at,
	                         .service = str_copy(c->arena, e->service),
	                         .again = again};
	return true;
}

static bool take_incident(void *context, const struct incident *i,
                          struct fail *why)
{
	struct comparing *c = context;
	(void)why;
	if (is_asked(c, i->service, i->environment, STR("")))
		*vec_add(c->arena, &c->incidents) = *i;
	return true;
}

static bool is_in(const struct comparing *c, int64_t t)
{
	const struct insight_question *q = c->q;
	return t >= q->window.from &&
	       (t < q->window.to || (q->window.to >= q->at && t <= q->at));
}

static int number_cmp(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

/* --- DevLake --- */

static int64_t monday_of(const struct comparing *c, int64_t t, int64_t *day)
{
	struct civil at = when_civil(t, c->zone);
	*day = calendar_day((struct date){at.year, at.month, at.day});
	return *day - at.weekday;
}

/* Days with one, of each week of the window; the lower median of them. */
static void devlake_frequency(struct comparing *c)
{
	const struct insight_window *w = &c->q->window;
	int64_t day, last_day = INT64_MIN;
	int64_t first = monday_of(c, w->from, &day) / 7;
	int64_t last = monday_of(c, w->to - 1, &day) / 7;
	size_t weeks = (size_t)(last - first) + 1;
	int64_t *days = arena_array(c->arena, weeks, sizeof *days);
	vec_each (struct success, s, &c->successes) {
		if (!is_in(c, s->ended_at))
			continue;
		c->out->deployments++;
		int64_t week = monday_of(c, s->ended_at, &day) / 7 - first;
		if (day != last_day && week >= 0 && week < (int64_t)weeks)
			days[week]++;
		last_day = day;
	}
	qsort(days, weeks, sizeof *days, number_cmp);
	c->out->median_days = days[(weeks - 1) / 2];
}

static void add_minutes(struct samples *s, struct arena *a, int64_t seconds,
                        bool up)
{
	if (seconds >= 0)
		samples_add(s, a, (seconds + (up ? 59 : 0)) / 60 * 60);
}

static void devlake_lead(struct comparing *c)
{
	struct samples lead = {0};
	bool first = true;
	vec_each (struct success, s, &c->successes) {
		const struct insight_delivery *d =
		        c->out->lead_is_commit
		                ? insight_changes_of(c->q->changes, s->number)
		                : NULL;
		bool in = is_in(c, s->ended_at);
		for (size_t i = 0; in && d && i < d->n; i++)
			add_minutes(&lead, c->arena, s->ended_at - d->at[i],
			            true);
		if (in && !first && !c->out->lead_is_commit && s->built_at &&
		    !s->again)
			add_minutes(&lead, c->arena, s->ended_at - s->built_at,
			            true);
		first = false;
	}
	c->out->lead_n = lead.n;
	c->out->lead_seconds = (double)samples_rank(&lead, 50);
}

/* The latest success that ended before an instant. */
static struct success *before(struct comparing *c, int64_t t)
{
	struct success *found = NULL;
	vec_each (struct success, s, &c->successes)
		if (s->ended_at < t)
			found = s;
	return found;
}

static void devlake_failures(struct comparing *c)
{
	struct samples recovery = {0};
	VEC(int64_t) hit = {0};
	vec_each (struct incident, i, &c->incidents) {
		const struct success *s = before(c, i->started_at);
		if (!s)
			continue;
		if (is_in(c, s->ended_at))
			*vec_add(c->arena, &hit) = s->number;
		if (i->resolved_at && is_in(c, i->resolved_at))
			samples_add(&recovery, c->arena,
			            i->resolved_at - s->ended_at);
	}
	if (hit.n)
		qsort(hit.at, hit.n, sizeof *hit.at, number_cmp);
	for (size_t i = 0; i < hit.n; i++)
		c->out->failed += !i || hit.at[i] != hit.at[i - 1];
	c->out->recovery_n = recovery.n;
	c->out->recovery_seconds = (double)samples_rank(&recovery, 50);
}

/* --- fourkeys --- */

static int64_t sunday_of(int64_t day)
{
	return day - (calendar_weekday(day) + 1) % 7;
}

static int cmp_created(const void *a, const void *b)
{
	const struct success *x = a, *y = b;
	return (x->created_at > y->created_at) -
	       (x->created_at < y->created_at);
}

/* Twice the interpolated median of counts, sorted here. */
static int64_t twice_median(int64_t *counts, size_t n)
{
	qsort(counts, n, sizeof *counts, number_cmp);
	return counts[(n - 1) / 2] + counts[n / 2];
}

static const char *fourkeys_class(struct comparing *c, const int64_t *days,
                                  size_t weeks, int64_t first)
{
	int64_t *of = arena_array(c->arena, weeks, sizeof *of);
	int64_t *months = arena_array(c->arena, weeks, sizeof *months);
	size_t n = 0;
	int64_t last = INT64_MIN;
	for (size_t i = 0; i < weeks; i++)
		of[i] = days[i];
	c->out->median_days = twice_median(of, weeks) / 2;
	if (twice_median(of, weeks) >= 2 * 3)
		return "daily";
	for (size_t i = 0; i < weeks; i++)
		of[i] = days[i] > 0;
	if (twice_median(of, weeks) >= 2 * 1)
		return "weekly";
	for (size_t i = 0; i < weeks; i++) {
		struct date d = calendar_date(first + (int64_t)i * 7);
		int64_t month = d.year * 12 + d.month;
		n += month != last;
		months[n - 1] += days[i] > 0;
		last = month;
	}
	return twice_median(months, n) >= 2 * 1 ? "monthly" : "yearly";
}

static void fourkeys_frequency(struct comparing *c)
{
	int64_t first = INT64_MAX, last_day = INT64_MIN;
	int64_t end = calendar_day_of(c->q->window.to - 1);
	c->out->median_days = -1;
	if (c->successes.n)
		qsort(c->successes.at, c->successes.n, sizeof *c->successes.at,
		      cmp_created);
	vec_each (struct success, s, &c->successes)
		if (first == INT64_MAX && is_in(c, s->created_at))
			first = sunday_of(calendar_day_of(s->created_at));
	if (first == INT64_MAX)
		return;
	size_t weeks = (size_t)((sunday_of(end) - first) / 7) + 1;
	int64_t *days = arena_array(c->arena, weeks, sizeof *days);
	vec_each (struct success, s, &c->successes) {
		int64_t day = calendar_day_of(s->created_at);
		if (!is_in(c, s->created_at))
			continue;
		c->out->deployments++;
		if (day != last_day)
			days[(sunday_of(day) - first) / 7]++;
		last_day = day;
	}
	c->out->frequency_class = fourkeys_class(c, days, weeks, first);
}

static void fourkeys_lead(struct comparing *c)
{
	struct samples lead = {0};
	vec_each (struct success, s, &c->successes) {
		const struct insight_delivery *d =
		        c->out->lead_is_commit
		                ? insight_changes_of(c->q->changes, s->number)
		                : NULL;
		if (!is_in(c, s->created_at))
			continue;
		for (size_t i = 0; d && i < d->n; i++)
			if (s->created_at - d->at[i] >= 60)
				add_minutes(&lead, c->arena,
				            s->created_at - d->at[i], false);
		if (!c->out->lead_is_commit && s->built_at &&
		    s->created_at - s->built_at >= 60)
			add_minutes(&lead, c->arena,
			            s->created_at - s->built_at, false);
	}
	c->out->lead_n = lead.n;
	c->out->lead_seconds = samples_interpolated_median(&lead);
}

static void fourkeys_failures(struct comparing *c)
{
	struct samples recovery = {0};
	vec_each (struct incident, i, &c->incidents) {
		const struct success *cause = NULL;
		vec_each (struct success, s, &c->successes)
			if (i->caused_by && s->number == i->caused_by)
				cause = s;
		c->out->failed += cause && is_in(c, cause->created_at);
		int64_t begun = cause && cause->created_at < i->started_at
		                        ? cause->created_at
		                        : i->started_at;
		if (i->resolved_at && is_in(c, begun))
			samples_add(&recovery, c->arena,
			            i->resolved_at - begun);
	}
	c->out->recovery_n = recovery.n;
	c->out->recovery_seconds = samples_interpolated_median(&recovery);
}

bool insight_compat_read(struct insight_compat *out, struct arena *a,
                         struct ledger *l, const struct insight_question *q,
                         enum compat compat, struct fail *why)
{
	static const struct zone *const utc;
	struct comparing c = {.q = q,
	                      .l = l,
	                      .arena = a,
	                      .zone = compat == COMPAT_FOURKEYS
	                                      ? utc
	                                      : q->policy->platform.zone,
	                      .out = out};
	*out = (struct insight_compat){
	        .frequency_class = "",
	        .median_days = -1,
	        .lead_is_commit = q->changes && q->changes->services.n};
	if (!ledger_ended(l, STR(""), INT64_MIN, q->at + 1, take, &c, why) ||
	    !ledger_incidents(l, q->at, take_incident, &c, why))
		return false;
	if (q->window.to <= q->window.from)
		return true;
	if (compat == COMPAT_DEVLAKE) {
		devlake_frequency(&c);
		devlake_lead(&c);
		devlake_failures(&c);
	} else {
		fourkeys_frequency(&c);
		fourkeys_lead(&c);
		fourkeys_failures(&c);
	}
	return true;
}

/* --- out --- */

static void put_seconds(struct jw *j, double seconds)
{
	char text[40];
	jw_key(j, "medianSeconds");
	snprintf(text, sizeof text, "%.1f", seconds);
	if (str_ends(str_of(text), STR(".0")))
		text[strlen(text) - 2] = '\0';
	if (seconds < 0)
		jw_null(j);
	else
		jw_raw(j, str_of(text));
}

static void put_rate(struct jw *j, const struct insight_compat *c)
{
	char text[40];
	int64_t rate = insight_per_mille(c->failed, c->deployments);
	jw_key(j, "value");
	snprintf(text, sizeof text, "%lld.%03d", (long long)(rate / 1000),
	         (int)(rate % 1000));
	if (rate < 0)
		jw_null(j);
	else
		jw_raw(j, str_of(text));
}

static void put_median(struct jw *j, const char *key, double seconds, size_t n)
{
	jw_key(j, key);
	jw_open(j, '{');
	put_seconds(j, seconds);
	jw_put_int(j, "n", (int64_t)n);
	jw_close(j);
}

void insight_compat_json(struct jw *j, const struct insight_compat *c,
                         const struct insight_question *q, enum compat compat)
{
	jw_put_str(j, "compat", str_of(compat_names[compat]));
	jw_put_when(j, "from", q->window.from);
	jw_put_when(j, "to", q->window.to);
	jw_put_str(j, "zone",
	           compat == COMPAT_FOURKEYS || !q->zone_name.n ? STR("UTC")
	                                                        : q->zone_name);
	jw_key(j, "metrics");
	jw_open(j, '{');
	jw_key(j, "deploymentFrequency");
	jw_open(j, '{');
	if (c->median_days < 0)
		jw_put_null(j, "medianDaysPerWeek");
	else
		jw_put_int(j, "medianDaysPerWeek", c->median_days);
	if (compat == COMPAT_FOURKEYS)
		jw_put_opt(j, "class", str_of(c->frequency_class));
	jw_put_int(j, "n", c->deployments);
	jw_close(j);
	put_median(j, "changeLeadTime", c->lead_seconds, c->lead_n);
	jw_key(j, "changeFailRate");
	jw_open(j, '{');
	put_rate(j, c);
	jw_put_int(j, "failed", c->failed);
	jw_put_int(j, "n", c->deployments);
	jw_close(j);
	put_median(j, "failedDeploymentRecoveryTime", c->recovery_seconds,
	           c->recovery_n);
	jw_put_null(j, "deploymentReworkRate");
	jw_close(j);
}
