/* dxcp.insights/1: CONTRACT section 6; what it does not name is an addition. */
#include "core/insight.h"
#include "core/json.h"

static void put_decimal(struct jw *j, const char *key, int64_t thousandths)
{
	char text[32];
	struct arena *a = arena_new();
	struct str s = insight_decimal(a, thousandths < 0 ? 0 : thousandths);
	snprintf(text, sizeof text, "%" STR_FMT, STR_ARG(s));
	arena_free(a);
	jw_key(j, key);
	if (thousandths < 0)
		jw_null(j);
	else
		jw_raw(j, str_of(text));
}

static void put_seconds(struct jw *j, const char *key, int64_t seconds)
{
	if (seconds < 0)
		jw_put_null(j, key);
	else
		jw_put_int(j, key, seconds);
}

static void frequency_json(struct jw *j, const struct insight_metrics *m)
{
	jw_key(j, "deploymentFrequency");
	jw_open(j, '{');
	put_decimal(
	        j, "perDay",
	        m->has_record && m->days > 0
	                ? (int64_t)((double)m->deployed * 1000 / m->days + 0.5)
	                : -1);
	put_seconds(j, "medianDaysPerWeek", m->median_days_per_week);
	jw_put_int(j, "n", m->deployed);
	jw_put_int(j, "weeks", m->weeks);
	jw_put_int(j, "activeWeeks", m->active_weeks);
	put_decimal(j, "perDayWithRollbacks",
	            m->has_record && m->days > 0
	                    ? (int64_t)((double)(m->deployed + m->rollbacks) *
	                                        1000 / m->days +
	                                0.5)
	                    : -1);
	jw_close(j);
}

static void spread_json(struct jw *j, const struct insight_spread *s)
{
	put_seconds(j, "medianSeconds", s->median);
	put_seconds(j, "p75Seconds", s->p75);
	put_seconds(j, "p90Seconds", s->p90);
	jw_put_int(j, "n", (int64_t)s->n);
}

static void lead_json(struct jw *j, const struct insight_metrics *m)
{
	bool build = insight_is_build(m);
	jw_key(j, "changeLeadTime");
	jw_open(j, '{');
	spread_json(j, &m->lead);
	jw_put_str(j, "basis", build ? STR("build") : STR("commit"));
	jw_put_int(j, "anomalies", m->lead_anomalies);
	jw_put_int(j, "unmeasured", m->lead_unmeasured);
	jw_close(j);
}

static void fail_rate_json(struct jw *j, const struct insight_metrics *m)
{
	int64_t n = insight_changed(m);
	jw_key(j, "changeFailRate");
	jw_open(j, '{');
	put_decimal(j, "value", insight_per_mille(m->failed, n));
	jw_put_int(j, "failed", m->failed);
	jw_put_int(j, "n", n);
	jw_key(j, "sources");
	jw_open(j, '{');
	for (int i = 0; i < FAIL_SOURCES; i++)
		jw_put_int(j, fail_source_names[i], m->by_source[i]);
	jw_close(j);
	jw_put_int(j, "failedWhenItEnded", m->failed_then);
	jw_put_int(j, "reachedUnknown", m->reached_unknown);
	jw_put_int(j, "attemptsFailed", m->attempts_failed);
	jw_close(j);
}

void insight_metrics_json(struct jw *j, const struct insight_metrics *m)
{
	int64_t n = insight_all(m);
	jw_open(j, '{');
	frequency_json(j, m);
	lead_json(j, m);
	fail_rate_json(j, m);
	jw_key(j, "failedDeploymentRecoveryTime");
	jw_open(j, '{');
	spread_json(j, &m->recovery);
	jw_put_int(j, "open", m->open);
	jw_close(j);
	jw_key(j, "deploymentReworkRate");
	jw_open(j, '{');
	put_decimal(j, "value", insight_per_mille(m->rework, n));
	jw_put_int(j, "rework", m->rework);
	jw_put_int(j, "n", n);
	jw_put_int(j, "unmarked", m->unmarked);
	jw_close(j);
	jw_key(j, "rollbackRate");
	jw_open(j, '{');
	put_decimal(j, "value", insight_per_mille(m->rollbacks, n));
	jw_put_int(j, "rollbacks", m->rollbacks);
	jw_put_int(j, "n", n);
	jw_close(j);
	jw_close(j);
}

/* --- what is counted by name --- */

static void categories_json(struct jw *j, const char *key,
                            const int64_t counts[FAILURE_CATEGORY_COUNT])
{
	jw_key(j, key);
	jw_open(j, '{');
	for (int i = 0; i < FAILURE_CATEGORY_COUNT; i++)
		if (counts[i])
			jw_put_int(j, failure_category_names[i], counts[i]);
	jw_close(j);
}

static void stops_json(struct jw *j, const struct insight *in)
{
	jw_key(j, "denialsByCode");
	jw_open(j, '{');
	vec_each (struct insight_stop, s, &in->stops) {
		if (!s->n)
			continue;
		jw_key(j, s->code ? diag_info(s->code)->name : "NEXT_RUN");
		jw_open(j, '{');
		jw_put_int(j, "n", s->n);
		jw_put_int(j, "waitedSeconds", s->waited);
		jw_put_int(j, "denied", s->denied);
		jw_put_int(j, "laterSucceeded", s->went_well);
		jw_put_int(j, "laterFailed", s->went_wrong);
		jw_put_int(j, "waiting", s->wait_still);
		jw_close(j);
	}
	jw_close(j);
}

static void counts_json(struct jw *j, const char *key,
                        const struct insight_counts *list)
{
	struct arena *a = arena_new();
	jw_key(j, key);
	jw_open(j, '{');
	vec_each (struct insight_count, c, list)
		if (c->ended && c->name.n)
			jw_put_int(j, str_cstr(a, c->name), c->ended);
	jw_close(j);
	arena_free(a);
}

static void phases_json(struct jw *j, const struct insight *in)
{
	jw_key(j, "timeSpentSeconds");
	jw_open(j, '{');
	for (int i = 0; i < PHASE_COUNT; i++)
		jw_put_int(j, insight_phase_names[i], in->phases[i]);
	jw_put_int(j, "n", in->phased);
	jw_close(j);
}

static void hours_json(struct jw *j, const struct insight *in)
{
	jw_key(j, "deploymentsByWeekdayAndHour");
	jw_open(j, '[');
	for (int d = 0; d < 7; d++) {
		jw_open(j, '[');
		for (int h = 0; h < 24; h++)
			jw_int(j, in->by_hour[d][h]);
		jw_close(j);
	}
	jw_close(j);
}

/* --- a series --- */

static void put_spread(struct jw *j, const char *key,
                       const struct insight_spread *s)
{
	jw_key(j, key);
	jw_open(j, '{');
	put_seconds(j, "p10Seconds", s->p10);
	spread_json(j, s);
	jw_close(j);
}

static void buckets_json(struct jw *j, const struct insight *in)
{
	jw_key(j, "series");
	jw_open(j, '[');
	vec_each (struct insight_bucket, b, &in->buckets) {
		jw_open(j, '{');
		jw_put_when(j, "from", b->from);
		jw_put_when(j, "to", b->to);
		jw_put_int(j, "deployments", b->deployed);
		jw_put_int(j, "changes", b->changes);
		jw_put_int(j, "failed", b->failed);
		jw_put_int(j, "failedWhenItEnded", b->failed_then);
		put_spread(j, "changeLeadTime", &b->lead);
		put_spread(j, "failedDeploymentRecoveryTime", &b->recovery);
		jw_close(j);
	}
	jw_close(j);
}

static void trend_json(struct jw *j, const char *key, const struct trend *t,
                       double scale)
{
	static const char *const words[] = {NULL, "none", "rising", "falling"};
	char text[40];
	jw_key(j, key);
	jw_open(j, '{');
	if (words[t->is])
		jw_put_str(j, "direction", str_of(words[t->is]));
	else
		jw_put_null(j, "direction");
	jw_key(j, "slope");
	if (t->is == TREND_RISING || t->is == TREND_FALLING) {
		snprintf(text, sizeof text, "%.4f", t->slope * scale);
		jw_raw(j, str_of(text));
	} else {
		jw_null(j);
	}
	jw_put_int(j, "n", (int64_t)t->n);
	jw_close(j);
}

static void marks_json(struct jw *j, const struct insight *in)
{
	jw_key(j, "changePoints");
	jw_open(j, '[');
	vec_each (struct insight_mark, m, &in->jumps) {
		jw_open(j, '{');
		jw_put_when(j, "at", m->at);
		jw_put_str(j, "figure", m->what);
		jw_close(j);
	}
	jw_close(j);
	jw_key(j, "policyChanges");
	jw_open(j, '[');
	vec_each (struct insight_mark, m, &in->policy_changes) {
		jw_open(j, '{');
		jw_put_when(j, "at", m->at);
		jw_put_str(j, "commit", m->commit);
		jw_close(j);
	}
	jw_close(j);
}

static void attention_json(struct jw *j, const struct insight *in)
{
	static const char *const kinds[] = {"elevated", "friction", "stale",
	                                    "flapping"};
	jw_key(j, "attention");
	jw_open(j, '[');
	vec_each (struct insight_attention, at, &in->attention) {
		jw_open(j, '{');
		jw_put_str(j, "kind", str_of(kinds[at->kind]));
		jw_put_opt(j, "name", at->name);
		jw_put_str(j, "text", at->text);
		jw_close(j);
	}
	jw_close(j);
}

static void failures_json(struct jw *j, const struct insight *in)
{
	jw_key(j, "failures");
	jw_open(j, '[');
	vec_each (struct insight_failure, f, &in->failures) {
		jw_open(j, '{');
		jw_put_int(j, "number", f->number);
		jw_put_str(j, "service", f->service);
		jw_put_str(j, "environment", f->environment);
		jw_put_when(j, "finishedAt", f->ended_at);
		jw_put_when_opt(j, "recoveredAt", f->recovered_at);
		jw_key(j, "sources");
		jw_open(j, '[');
		for (int i = 0; i < FAIL_SOURCES; i++)
			if (f->sources >> i & 1)
				jw_str(j, str_of(fail_source_names[i]));
		jw_close(j);
		jw_put_bool(j, "late", f->late);
		jw_close(j);
	}
	jw_close(j);
}

static void series_json(struct jw *j, const struct insight *in)
{
	static const char *const units[] = {"day", "week", "month", "year"};
	jw_put_str(j, "unit", str_of(units[in->unit]));
	buckets_json(j, in);
	jw_key(j, "trends");
	jw_open(j, '{');
	trend_json(j, "deploymentFrequency", &in->frequency, 1);
	trend_json(j, "changeFailRate", &in->fail_rate, 1);
	trend_json(j, "changeLeadTime", &in->lead, 1);
	trend_json(j, "failedDeploymentRecoveryTime", &in->recovery, 1);
	jw_close(j);
	marks_json(j, in);
	attention_json(j, in);
}

static void bands_json(struct jw *j, const struct insight_metrics *m,
                       enum band_year year)
{
	struct insight_bands b = insight_bands_of(m, year);
	if (year == BANDS_NONE)
		return;
	jw_key(j, "bands");
	jw_open(j, '{');
	jw_put_str(j, "source", str_of(band_sources[year]));
	jw_put_opt(j, "deploymentFrequency", str_of(b.frequency));
	jw_put_opt(j, "changeLeadTime", str_of(b.lead));
	jw_put_opt(j, "changeFailRate", str_of(b.fail_rate));
	jw_put_opt(j, "failedDeploymentRecoveryTime", str_of(b.recovery));
	jw_close(j);
}

static void scope_json(struct jw *j, const struct insight *in,
                       const struct insight_question *q)
{
	jw_key(j, "scope");
	jw_open(j, '{');
	jw_put_opt(j, "group", in->group);
	jw_put_opt(j, "service", q->service);
	if (in->recipe.n)
		jw_put_str(j, "recipe", in->recipe);
	jw_key(j, "environments");
	jw_open(j, '[');
	for (size_t i = 0; i < q->nenvironments; i++)
		jw_str(j, q->environments[i]);
	jw_close(j);
	jw_close(j);
}

void insight_json(struct jw *j, const struct insight *in,
                  const struct insight_question *q, enum band_year bands)
{
	jw_put_when(j, "from", in->now.window.from);
	jw_put_when(j, "to", in->now.window.to);
	jw_put_str(j, "zone", q->zone_name.n ? q->zone_name : STR("UTC"));
	jw_put_when(j, "asOf", insight_present(q, &in->now.window));
	scope_json(j, in, q);
	jw_key(j, "metrics");
	insight_metrics_json(j, &in->now);
	categories_json(j, "failuresByCategory", in->categories);
	stops_json(j, in);
	counts_json(j, "deploymentsByRecipe", &in->recipes);
	counts_json(j, "deploymentsByGroup", &in->groups);
	counts_json(j, "deploymentsByService", &in->services);
	hours_json(j, in);
	phases_json(j, in);
	bands_json(j, &in->now, bands);
	failures_json(j, in);
	if (q->series)
		series_json(j, in);
	jw_key(j, "previous");
	insight_metrics_json(j, &in->before);
}
