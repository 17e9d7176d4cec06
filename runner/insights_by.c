/* Figures by group, service, environment or recipe: one row each. */
#include "core/csv.h"
#include "runner/insights_answer.h"
#include "runner/report.h"

const char *const insights_by_names[] = {
        "", "group", "service", "environment", "recipe", NULL};

static struct str count_words(struct arena *a, int64_t n)
{
	return str_format(a, "%lld", (long long)n);
}

static void by_text(struct asking *k, const struct insights_slices *slices)
{
	const char *const head[] = {insights_by_names[k->by],
	                            "a day",
	                            "n",
	                            "lead time",
	                            "n",
	                            "went wrong",
	                            "n",
	                            "recovery",
	                            "n",
	                            "rework",
	                            "rollbacks",
	                            "n"};
	struct arena *a = k->cli->arena;
	struct table t = table_new(a, sizeof head / sizeof *head, head);
	vec_each (const struct insights_slice, s, slices) {
		const struct insight_metrics *m = &s->in->now;
		int64_t all = insight_all(m), changed = insight_changed(m);
		table_add(&t, s->name);
		table_add(&t, insight_per_day_words(a, m));
		table_add(&t, count_words(a, m->deployed));
		table_add(&t, insight_seconds_words(a, m->lead.median));
		table_add(&t, count_words(a, (int64_t)m->lead.n));
		table_add(&t, insight_rate_words(a, m->failed, changed));
		table_add(&t, count_words(a, changed));
		table_add(&t, insight_seconds_words(a, m->recovery.median));
		table_add(&t, count_words(a, (int64_t)m->recovery.n));
		table_add(&t, insight_rate_words(a, m->rework, all));
		table_add(&t, insight_rate_words(a, m->rollbacks, all));
		table_add(&t, count_words(a, all));
	}
	table_print(&k->answer->text, &t, k->cli->color);
}

static void csv_seconds(struct csv *c, struct arena *a, int64_t seconds)
{
	csv_str(c, seconds < 0 ? STR("") : count_words(a, seconds));
}

static void csv_rate(struct csv *c, struct arena *a, int64_t part,
                     int64_t whole)
{
	csv_str(c, whole > 0
	                   ? insight_decimal(a, insight_per_mille(part, whole))
	                   : STR(""));
	csv_int(c, whole);
}

static void by_csv(struct asking *k, const struct insights_slices *slices)
{
	const char *const head[] = {insights_by_names[k->by],
	                            "deployed",
	                            "perDay",
	                            "leadBasis",
	                            "leadMedianSeconds",
	                            "leadN",
	                            "changeFailRate",
	                            "changeFailRateN",
	                            "recoveryMedianSeconds",
	                            "recoveryN",
	                            "reworkRate",
	                            "reworkRateN",
	                            "rollbackRate",
	                            "rollbackRateN"};
	struct arena *a = k->cli->arena;
	struct csv c = csv_new(&k->answer->csv);
	for (size_t i = 0; i < sizeof head / sizeof *head; i++)
		csv_str(&c, str_of(head[i]));
	csv_end(&c);
	for (size_t i = 1; i < slices->n; i++) {
		const struct insights_slice *s = &slices->at[i];
		const struct insight_metrics *m = &s->in->now;
		csv_str(&c, s->name);
		csv_int(&c, m->deployed);
		csv_str(&c, insight_per_day_decimal(a, m));
		csv_str(&c, insight_is_build(m) ? STR("build") : STR("commit"));
		csv_seconds(&c, a, m->lead.median);
		csv_int(&c, (int64_t)m->lead.n);
		csv_rate(&c, a, m->failed, insight_changed(m));
		csv_seconds(&c, a, m->recovery.median);
		csv_int(&c, (int64_t)m->recovery.n);
		csv_rate(&c, a, m->rework, insight_all(m));
		csv_rate(&c, a, m->rollbacks, insight_all(m));
		csv_end(&c);
	}
}

static void by_json(struct asking *k, const struct insights_slices *slices)
{
	struct jw *j = &k->answer->j;
	jw_put_str(j, "sliced", str_of(insights_by_names[k->by]));
	jw_key(j, "by");
	jw_open(j, '{');
	for (size_t i = 1; i < slices->n; i++) {
		const struct insights_slice *s = &slices->at[i];
		jw_key(j, str_cstr(k->cli->arena, s->name));
		jw_open(j, '{');
		jw_key(j, "metrics");
		insight_metrics_json(j, &s->in->now);
		jw_key(j, "previous");
		insight_metrics_json(j, &s->in->before);
		jw_close(j);
	}
	jw_close(j);
}

void insights_by(struct asking *k, const struct insights_slices *slices)
{
	if (k->answer->wants_json)
		by_json(k, slices);
	by_text(k, slices);
	by_csv(k, slices);
}
