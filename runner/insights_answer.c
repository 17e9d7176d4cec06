#include "runner/insights_answer.h"

#include "core/csv.h"
#include "runner/report.h"

/* --- words ---------------------------------------------------------------- */

static struct str count_words(struct arena *a, int64_t n)
{
	return str_format(a, "%lld", (long long)n);
}

static struct str lead_name(const struct insight_metrics *m)
{
	return insight_is_build(m) ? STR("build lead time")
	                           : STR("change lead time");
}

/* --- one row a figure ----------------------------------------------------- */

struct figure_row {
	struct str name, value, n, before, more;
};

static struct figure_row frequency_row(struct arena *a,
                                       const struct insight *in)
{
	const struct insight_metrics *m = &in->now;
	struct str more = STR("");
	if (m->median_days_per_week >= 0)
		more = str_format(a,
		                  "on %" STR_FMT
		                  " a week (median of %lld, %lld with any)",
		                  STR_ARG(str_count(a, m->median_days_per_week,
		                                    "day", "days")),
		                  (long long)m->weeks,
		                  (long long)m->active_weeks);
	return (struct figure_row){STR("deployment frequency"),
	                           insight_per_day_words(a, m),
	                           count_words(a, m->deployed),
	                           insight_per_day_words(a, &in->before), more};
}

static struct figure_row lead_row(struct arena *a, const struct insight *in)
{
	const struct insight_metrics *m = &in->now;
	struct buf more = buf_new(a, 256);
	if (m->lead.n)
		buf_format(&more, "p75 %s, p90 %s",
		           when_duration_words(m->lead.p75).s,
		           when_duration_words(m->lead.p90).s);
	if (m->lead_unmeasured)
		buf_format(&more, "%s%lld not measured", more.n ? "; " : "",
		           (long long)m->lead_unmeasured);
	if (m->lead_anomalies)
		buf_format(&more, "%s%lld before they were made",
		           more.n ? "; " : "", (long long)m->lead_anomalies);
	return (struct figure_row){
	        lead_name(m), insight_seconds_words(a, m->lead.median),
	        count_words(a, (int64_t)m->lead.n),
	        insight_seconds_words(a, in->before.lead.median),
	        buf_str(&more)};
}

static struct figure_row fail_row(struct arena *a, const struct insight *in)
{
	const struct insight_metrics *m = &in->now, *b = &in->before;
	int64_t n = m->deployed + m->reached_failed;
	struct buf more = buf_new(a, 256);
	for (int i = 0; i < FAIL_SOURCES; i++)
		if (m->by_source[i])
			buf_format(&more, "%s%s %lld", more.n ? ", " : "",
			           fail_source_names[i],
			           (long long)m->by_source[i]);
	if (m->failed_then != m->failed)
		buf_format(&more, "%srevised: %lld were known when it ended",
		           more.n ? "; " : "", (long long)m->failed_then);
	return (struct figure_row){
	        STR("change fail rate"), insight_rate_words(a, m->failed, n),
	        count_words(a, n),
	        insight_rate_words(a, b->failed,
	                           b->deployed + b->reached_failed),
	        buf_str(&more)};
}

static struct figure_row recovery_row(struct arena *a, const struct insight *in)
{
	const struct insight_metrics *m = &in->now;
	struct buf more = buf_new(a, 128);
	if (m->recovery.n)
		buf_format(&more, "p90 %s",
		           when_duration_words(m->recovery.p90).s);
	if (m->open)
		buf_format(&more, "%s%lld open", more.n ? "; " : "",
		           (long long)m->open);
	return (struct figure_row){
	        STR("recovery time"),
	        insight_seconds_words(a, m->recovery.median),
	        count_words(a, (int64_t)m->recovery.n),
	        insight_seconds_words(a, in->before.recovery.median),
	        buf_str(&more)};
}

static struct figure_row rework_row(struct arena *a, const struct insight *in)
{
	const struct insight_metrics *m = &in->now, *b = &in->before;
	int64_t n = m->deployed + m->reached_failed + m->rollbacks;
	return (struct figure_row){
	        STR("rework rate"), insight_rate_words(a, m->rework, n),
	        count_words(a, n),
	        insight_rate_words(a, b->rework,
	                           b->deployed + b->reached_failed +
	                                   b->rollbacks),
	        m->unmarked ? str_count(a, m->unmarked, "gives no reason",
	                                "give no reason")
	                    : STR("")};
}

static struct figure_row rollback_row(struct arena *a, const struct insight *in)
{
	const struct insight_metrics *m = &in->now, *b = &in->before;
	int64_t n = m->deployed + m->reached_failed + m->rollbacks;
	return (struct figure_row){
	        STR("rollback rate"), insight_rate_words(a, m->rollbacks, n),
	        count_words(a, n),
	        insight_rate_words(a, b->rollbacks,
	                           b->deployed + b->reached_failed +
	                                   b->rollbacks),
	        STR("")};
}

static struct figure_row (*const figure_rows[])(struct arena *a,
                                                const struct insight *in) = {
        frequency_row, lead_row,   fail_row,
        recovery_row,  rework_row, rollback_row};
enum { FIGURE_ROWS = sizeof figure_rows / sizeof *figure_rows };

/* --- text ----------------------------------------------------------------- */

static void heading(struct asking *k, const char *text)
{
	struct buf *out = &k->answer->text;
	buf_add_char(out, '\n');
	report_tone(out, k->cli->color, TONE_BOLD, str_of(text));
	buf_add_char(out, '\n');
}

static void show_scope(struct asking *k, const struct insight *in)
{
	struct buf *out = &k->answer->text;
	const struct insight_question *q = &k->q;
	struct str names[] = {q->service, q->group, q->recipe};
	static const char *const kinds[] = {"service", "group", "recipe"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].n) {
			buf_format(out, "%s ", kinds[i]);
			report_plain(out, names[i]);
			buf_add(out, STR(", "));
		}
	for (size_t i = 0; i < q->nenvironments; i++) {
		buf_add(out, i ? STR(", ") : STR(""));
		report_plain(out, q->environments[i]);
	}
	if (!q->nenvironments)
		buf_add(out, STR("no environment is of type prod: name one "
		                 "with --environment"));
	buf_format(out, "\n%s to %s, ", when_text(in->now.window.from).s,
	           when_text(in->now.window.to).s);
	buf_format(out, "%.4g days of ", in->now.days);
	report_plain(out, q->zone_name.n ? q->zone_name : STR("UTC"));
	buf_add(out, STR("; before: as long, right before\n\n"));
}

static void show_figures(struct asking *k, const struct insight *in)
{
	static const char *const head[] = {"figure", "value", "n", "before",
	                                   ""};
	struct table t = table_new(k->cli->arena, 5, head);
	for (size_t i = 0; i < FIGURE_ROWS; i++) {
		struct figure_row r = figure_rows[i](k->cli->arena, in);
		table_add(&t, r.name);
		table_add(&t, r.value);
		table_add(&t, r.n);
		table_add(&t, r.before);
		table_add(&t, r.more);
	}
	table_print(&k->answer->text, &t, k->cli->color);
}

static void show_bands(struct asking *k, const struct insight *in)
{
	struct insight_bands b = insight_bands_of(&in->now, k->bands);
	const char *const names[] = {"deployment frequency", "lead time",
	                             "change fail rate", "recovery time"};
	const char *const of[] = {b.frequency, b.lead, b.fail_rate, b.recovery};
	if (k->bands == BANDS_NONE)
		return;
	heading(k, band_sources[k->bands]);
	for (size_t i = 0; i < 4; i++)
		buf_format(&k->answer->text, "%-22s%s\n", names[i],
		           *of[i] ? of[i] : "fewer than 5, no level");
}

static void show_categories(struct asking *k, const struct insight *in)
{
	static const char *const head[] = {"category", "failed", "before"};
	struct arena *a = k->cli->arena;
	struct table t = table_new(a, 3, head);
	for (int i = 0; i < FAILURE_CATEGORY_COUNT; i++) {
		if (!in->categories[i] && !in->categories_before[i])
			continue;
		table_add(&t, str_of(failure_category_names[i]));
		table_add(&t, count_words(a, in->categories[i]));
		table_add(&t, count_words(a, in->categories_before[i]));
	}
	if (t.cells.n == t.columns)
		return;
	heading(k, "why deployments failed");
	table_print(&k->answer->text, &t, k->cli->color);
}

static void show_stops(struct asking *k, const struct insight *in)
{
	static const char *const head[] = {"code",       "intents", "before",
	                                   "waited",     "denied",  "went well",
	                                   "went wrong", "wait"};
	struct arena *a = k->cli->arena;
	struct table t = table_new(a, 8, head);
	vec_each (const struct insight_stop, s, &in->stops) {
		table_add(&t, str_of(s->code ? diag_info(s->code)->name : "-"));
		table_add(&t, count_words(a, s->n));
		table_add(&t, count_words(a, s->n_before));
		table_add(&t, insight_seconds_words(a, s->waited));
		table_add(&t, count_words(a, s->denied));
		table_add(&t, count_words(a, s->went_well));
		table_add(&t, count_words(a, s->went_wrong));
		table_add(&t, count_words(a, s->wait_still));
	}
	if (!in->stops.n)
		return;
	heading(k, "what stopped intents, and how they fared later");
	table_print(&k->answer->text, &t, k->cli->color);
}

static void show_phases(struct asking *k, const struct insight *in)
{
	struct buf *out = &k->answer->text;
	int64_t all = 0;
	for (int i = 0; i < PHASE_COUNT; i++)
		all += in->phases[i];
	if (!all)
		return;
	heading(k, "where the time went");
	for (int i = 0; i < PHASE_COUNT; i++)
		buf_format(out, "%-10s%5.1f%%  %s\n", insight_phase_names[i],
		           (double)in->phases[i] * 100 / (double)all,
		           when_duration_words(in->phases[i]).s);
	buf_format(out, "over %" STR_FMT "\n",
	           STR_ARG(str_count(k->cli->arena, in->phased, "deployment",
	                             "deployments")));
}

static void show_counts(struct asking *k, const char *what,
                        const struct insight_counts *list)
{
	static const char *const head[] = {"name", "ended", "deployed",
	                                   "went wrong", "rolled back"};
	struct arena *a = k->cli->arena;
	struct table t = table_new(a, 5, head);
	vec_each (const struct insight_count, c, list) {
		if (!c->ended)
			continue;
		table_add(&t, c->name.n ? c->name : STR("-"));
		table_add(&t, count_words(a, c->ended));
		table_add(&t, count_words(a, c->deployed));
		table_add(&t, count_words(a, c->failed));
		table_add(&t, count_words(a, c->rollbacks));
	}
	if (t.cells.n == t.columns)
		return;
	heading(k, what);
	table_print(&k->answer->text, &t, k->cli->color);
}

static void show_trends(struct asking *k, const struct insight *in)
{
	static const char *const names[] = {"deployment frequency",
	                                    "change fail rate", "lead time",
	                                    "recovery time"};
	const struct trend *const of[] = {&in->frequency, &in->fail_rate,
	                                  &in->lead, &in->recovery};
	static const char *const units[] = {"days", "weeks", "months", "years"};
	bool any = false;
	for (size_t i = 0; i < 4; i++) {
		if (of[i]->is != TREND_RISING && of[i]->is != TREND_FALLING)
			continue;
		if (!any)
			heading(k, "trends (Mann-Kendall, 5 %)");
		any = true;
		buf_format(&k->answer->text, "%s is %s over %zu %s\n", names[i],
		           of[i]->is == TREND_RISING ? "rising" : "falling",
		           of[i]->n, units[in->unit]);
	}
}

static void show_attention(struct asking *k, const struct insight *in)
{
	static const char *const kinds[] = {"elevated", "friction", "stale",
	                                    "flapping"};
	struct buf *out = &k->answer->text;
	if (!in->attention.n)
		return;
	heading(k, "where to look next");
	vec_each (const struct insight_attention, at, &in->attention) {
		buf_format(out, "%-10s", kinds[at->kind]);
		report_plain(out, at->name);
		buf_add(out, STR(": "));
		report_plain(out, at->text);
		buf_add_char(out, '\n');
	}
}

void insights_text(struct asking *k, const struct insight *in)
{
	show_scope(k, in);
	if (k->by != BY_NONE)
		return;
	show_figures(k, in);
	show_bands(k, in);
	show_categories(k, in);
	show_stops(k, in);
	show_phases(k, in);
	show_counts(k, "by service", &in->services);
	show_counts(k, "by group", &in->groups);
	show_counts(k, "by recipe", &in->recipes);
	show_trends(k, in);
	show_attention(k, in);
}

/* --- csv ------------------------------------------------------------------ */

static void csv_head(struct csv *c)
{
	static const char *const head[] = {"figure", "name", "value", "n"};
	for (size_t i = 0; i < sizeof head / sizeof *head; i++)
		csv_str(c, str_of(head[i]));
	csv_end(c);
}

static void csv_row(struct csv *c, const char *figure, struct str name,
                    struct str value, int64_t n)
{
	csv_str(c, str_of(figure));
	csv_str(c, name);
	csv_str(c, value);
	csv_int(c, n);
	csv_end(c);
}

static struct str csv_seconds(struct arena *a, int64_t seconds)
{
	return seconds < 0 ? STR("") : count_words(a, seconds);
}

static struct str csv_rate(struct arena *a, int64_t part, int64_t whole)
{
	return whole > 0 ? insight_decimal(a, insight_per_mille(part, whole))
	                 : STR("");
}

static void csv_spread(struct csv *c, struct arena *a, const char *figure,
                       const struct insight_spread *s)
{
	int64_t n = (int64_t)s->n;
	csv_row(c, figure, STR("median"), csv_seconds(a, s->median), n);
	csv_row(c, figure, STR("p75"), csv_seconds(a, s->p75), n);
	csv_row(c, figure, STR("p90"), csv_seconds(a, s->p90), n);
}

static void csv_metrics(struct csv *c, struct arena *a,
                        const struct insight_metrics *m)
{
	int64_t changes = m->deployed + m->reached_failed;
	int64_t all = changes + m->rollbacks;
	bool build = insight_is_build(m);
	csv_row(c, "deploymentFrequency", STR("perDay"),
	        insight_per_day_decimal(a, m), m->deployed);
	csv_row(c, "deploymentFrequency", STR("medianDaysPerWeek"),
	        csv_seconds(a, m->median_days_per_week), m->deployed);
	csv_spread(c, a, build ? "buildLeadTime" : "changeLeadTime", &m->lead);
	csv_row(c, "changeFailRate", STR("value"),
	        csv_rate(a, m->failed, changes), changes);
	csv_spread(c, a, "failedDeploymentRecoveryTime", &m->recovery);
	csv_row(c, "deploymentReworkRate", STR("value"),
	        csv_rate(a, m->rework, all), all);
	csv_row(c, "rollbackRate", STR("value"), csv_rate(a, m->rollbacks, all),
	        all);
}

static void csv_counts(struct csv *c, struct arena *a, const char *what,
                       const struct insight_counts *list)
{
	vec_each (const struct insight_count, n, list)
		if (n->ended)
			csv_row(c, what, n->name, count_words(a, n->ended),
			        n->ended);
}

void insights_csv(struct asking *k, const struct insight *in)
{
	struct arena *a = k->cli->arena;
	struct csv c = csv_new(&k->answer->csv);
	if (k->by != BY_NONE)
		return;
	csv_head(&c);
	csv_metrics(&c, a, &in->now);
	for (int i = 0; i < FAILURE_CATEGORY_COUNT; i++)
		if (in->categories[i])
			csv_row(&c, "failuresByCategory",
			        str_of(failure_category_names[i]),
			        count_words(a, in->categories[i]),
			        in->categories[i]);
	vec_each (const struct insight_stop, s, &in->stops)
		if (s->n)
			csv_row(&c, "waitedSecondsByCode",
			        str_of(s->code ? diag_info(s->code)->name
			                       : "NEXT_RUN"),
			        count_words(a, s->waited), s->n);
	csv_counts(&c, a, "deploymentsByService", &in->services);
	csv_counts(&c, a, "deploymentsByGroup", &in->groups);
	csv_counts(&c, a, "deploymentsByRecipe", &in->recipes);
}

/* --- compat --------------------------------------------------------------- */

static void compat_text(struct asking *k, const struct insight_compat *c)
{
	struct buf *out = &k->answer->text;
	struct arena *a = k->cli->arena;
	buf_format(out, "as %s would compute it, %s to %s\n\n",
	           compat_names[k->compat], when_text(k->q.window.from).s,
	           when_text(k->q.window.to).s);
	struct str days =
	        c->median_days < 0
	                ? STR("no data")
	                : str_format(a, "on %" STR_FMT " a week (median)",
	                             STR_ARG(str_count(a, c->median_days, "day",
	                                               "days")));
	buf_format(out, "%-22s%lld, %" STR_FMT "%s%s\n", "deployments",
	           (long long)c->deployments, STR_ARG(days),
	           *c->frequency_class ? ": " : "", c->frequency_class);
	buf_format(out, "%-22s%" STR_FMT " (n %zu)\n",
	           c->lead_is_commit ? "change lead time" : "build lead time",
	           STR_ARG(insight_seconds_words(a, (int64_t)c->lead_seconds)),
	           c->lead_n);
	buf_format(out, "%-22s%" STR_FMT " (%lld of %lld)\n",
	           "change fail rate",
	           STR_ARG(insight_rate_words(a, c->failed, c->deployments)),
	           (long long)c->failed, (long long)c->deployments);
	buf_format(
	        out, "%-22s%" STR_FMT " (n %zu)\n", "recovery time",
	        STR_ARG(insight_seconds_words(a, (int64_t)c->recovery_seconds)),
	        c->recovery_n);
}

static void compat_csv(struct asking *k, const struct insight_compat *c)
{
	struct arena *a = k->cli->arena;
	struct csv csv = csv_new(&k->answer->csv);
	struct str lead = c->lead_seconds < 0
	                          ? STR("")
	                          : str_format(a, "%.1f", c->lead_seconds);
	struct str recovery =
	        c->recovery_seconds < 0
	                ? STR("")
	                : str_format(a, "%.1f", c->recovery_seconds);
	csv_head(&csv);
	csv_row(&csv, "deploymentFrequency", STR("medianDaysPerWeek"),
	        csv_seconds(a, c->median_days), c->deployments);
	csv_row(&csv, "changeLeadTime", STR("median"), lead,
	        (int64_t)c->lead_n);
	csv_row(&csv, "changeFailRate", STR("value"),
	        csv_rate(a, c->failed, c->deployments), c->deployments);
	csv_row(&csv, "failedDeploymentRecoveryTime", STR("median"), recovery,
	        (int64_t)c->recovery_n);
}

void insights_compat(struct asking *k, const struct insight_compat *c)
{
	compat_text(k, c);
	compat_csv(k, c);
}
