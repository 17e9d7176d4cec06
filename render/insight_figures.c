/* The charts of a page of figures, and words that its rows share. */
#include "render/chart.h"
#include "render/insight_view.h"

enum { MARKS_MOST = 16 };

/* --- words ---------------------------------------------------------------- */

struct str figure_count(struct arena *a, int64_t n)
{
	return str_format(a, "%lld", (long long)n);
}

const char *figure_unit(enum insight_unit unit)
{
	static const char *const words[] = {"day", "week", "month", "year"};
	return words[unit];
}

/* "17 Aug", "Aug 2026" or "2026", on the zone's clock. */
static struct str piece_words(struct arena *a, int64_t t,
                              const struct insight *in)
{
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr",
	                                     "May", "Jun", "Jul", "Aug",
	                                     "Sep", "Oct", "Nov", "Dec"};
	struct civil c = when_civil(t, in->zone);
	if (in->unit == UNIT_YEAR)
		return str_format(a, "%d", c.year);
	if (in->unit == UNIT_MONTH)
		return str_format(a, "%s %d", months[c.month - 1], c.year);
	return str_format(a, "%d %s", c.day, months[c.month - 1]);
}

struct str figure_day(struct arena *a, int64_t t, const struct zone *zone)
{
	struct civil c = when_civil(t, zone);
	return words_day(a, t + c.offset);
}

/* What a trend says, or nothing: too few pieces, or no more than chance. */
static struct str trend_words(struct arena *a, const struct insight *in,
                              const struct trend *t)
{
	if (t->is == TREND_RISING || t->is == TREND_FALLING)
		return str_format(a, "%s over %zu %ss",
		                  t->is == TREND_RISING ? "rising" : "falling",
		                  t->n, figure_unit(in->unit));
	if (t->is == TREND_NONE)
		return str_format(a, "no trend over %zu %ss", t->n,
		                  figure_unit(in->unit));
	return STR("");
}

/* --- figures -------------------------------------------------------------- */

static void name_axis(struct figure *f, struct arena *a,
                      const struct insight *in)
{
	size_t n = in->buckets.n;
	f->first = piece_words(a, in->buckets.at[0].from, in);
	if (n > 2)
		f->centre = piece_words(a, in->buckets.at[n / 2].from, in);
	if (n > 1)
		f->last = piece_words(a, in->buckets.at[n - 1].from, in);
}

static bool is_part(const struct insight *in, size_t i)
{
	return (i == 0 && in->part_first) ||
	       (i + 1 == in->buckets.n && in->part_last);
}

/* A piece that the window cuts off says too little to be drawn beside whole
   ones; where there are no others it is what there is. */
static void hide_parts(const struct insight *in, int64_t *value)
{
	bool whole = false;
	for (size_t i = 0; i < in->buckets.n; i++)
		whole |= !is_part(in, i) && value[i] >= 0;
	for (size_t i = 0; whole && i < in->buckets.n; i++)
		if (is_part(in, i))
			value[i] = -1;
}

/* Nothing where there is no value: n says that there is none. */
static void fill_spread(struct piece_spread *p, struct arena *a,
                        const struct insight_spread *s)
{
	p->n = figure_count(a, (int64_t)s->n);
	if (!s->n)
		return;
	p->median = insight_seconds_words(a, s->median);
	p->p90 = insight_seconds_words(a, s->p90);
}

static int64_t most_of(const int64_t *value, const int64_t *shown, size_t n,
                       int64_t least)
{
	int64_t most = least;
	for (size_t i = 0; i < n; i++)
		if (shown[i] >= 0 && value[i] > most)
			most = value[i];
	return most;
}

/* The pieces of all figures in one table: a row a piece. */
static void add_pieces(struct insight_view *v, struct arena *a,
                       const struct insight *in)
{
	const char *unit = figure_unit(in->unit);
	v->piece_head =
	        str_format(a, "%c%s from", unit[0] - 'a' + 'A', unit + 1);
	v->lead_name = insight_is_build(&in->now) ? STR("Build lead time")
	                                          : STR("Lead time");
	for (size_t i = 0; i < in->buckets.n; i++) {
		const struct insight_bucket *b = &in->buckets.at[i];
		struct piece_row *row = vec_add(a, &v->pieces);
		row->label = piece_words(a, b->from, in);
		if (is_part(in, i))
			row->label = str_format(a, "%" STR_FMT " (in part)",
			                        STR_ARG(row->label));
		row->deployed = figure_count(a, b->deployed);
		row->changes = figure_count(a, b->changes);
		row->failed = figure_count(a, b->failed);
		if (b->failed_then != b->failed)
			row->failed = str_format(a, "%lld (%lld when it ended)",
			                         (long long)b->failed,
			                         (long long)b->failed_then);
		if (b->changes)
			row->rate =
			        insight_rate_words(a, b->failed, b->changes);
		fill_spread(&row->lead, a, &b->lead);
		fill_spread(&row->recovery, a, &b->recovery);
	}
}

static void add_frequency(struct insight_view *v, struct arena *a,
                          const struct insight *in)
{
	size_t n = in->buckets.n;
	int64_t all[INSIGHT_BUCKETS], wrong[INSIGHT_BUCKETS], most = 1;
	struct figure *f = vec_add(a, &v->figures);
	for (size_t i = 0; i < n; i++) {
		const struct insight_bucket *b = &in->buckets.at[i];
		all[i] = b->changes;
		wrong[i] = b->failed;
		most = b->changes > most ? b->changes : most;
	}
	most = chart_round(most);
	name_axis(f, a, in);
	f->title = STR("How often do we deploy?");
	f->value = insight_per_day_words(a, &in->now);
	f->unit = words_count(a, in->now.deployed, "deployment", "deployments");
	f->delta = trend_words(a, in, &in->frequency);
	f->chart = chart_bars(
	        a,
	        str_format(a,
	                   "Changes in production a %s: %lld deployed in all, "
	                   "%lld of %" STR_FMT " went wrong, at most %lld in "
	                   "one %s.",
	                   figure_unit(in->unit), (long long)in->now.deployed,
	                   (long long)in->now.failed,
	                   STR_ARG(words_count(a, insight_changed(&in->now),
	                                       "change", "changes")),
	                   (long long)most, figure_unit(in->unit)),
	        all, wrong, n, most);
	f->top = figure_count(a, most);
	f->middle = most % 2 ? STR("") : figure_count(a, most / 2);
	f->key = STR("what went wrong stands at the foot of each bar");
}

/* Policy changes as marks; a figure without any stays as it is. */
static size_t marks_of(const struct insight *in, int64_t *at, size_t most)
{
	const struct insight_window *w = &in->now.window;
	size_t n = 0;
	vec_each (const struct insight_mark, m, &in->policy_changes)
		if (n < most && m->at >= w->from && m->at < w->to)
			at[n++] = (int64_t)((double)(m->at - w->from) * 1000 /
			                    (double)(w->to - w->from));
	return n;
}

static struct str marks_key(struct arena *a, size_t nmarks,
                            const struct insight *in, const char *figure)
{
	struct buf b = buf_new(a, 256);
	if (nmarks)
		buf_format(&b, "dashed: %zu policy change%s, below", nmarks,
		           nmarks > 1 ? "s" : "");
	vec_each (const struct insight_mark, m, &in->jumps)
		if (str_is(m->what, figure))
			buf_format(&b, "%sit jumped about %" STR_FMT,
			           b.n ? "; " : "",
			           STR_ARG(piece_words(a, m->at, in)));
	return buf_str(&b);
}

struct str figure_share(struct arena *a, int64_t per_mille)
{
	if (per_mille % 10 == 0)
		return str_format(a, "%lld%%", (long long)(per_mille / 10));
	return str_format(a, "%lld.%lld%%", (long long)(per_mille / 10),
	                  (long long)(per_mille % 10));
}

static void add_fail_rate(struct insight_view *v, struct arena *a,
                          const struct insight *in)
{
	size_t n = in->buckets.n;
	int64_t value[INSIGHT_BUCKETS], marks[MARKS_MOST];
	struct figure *f = vec_add(a, &v->figures);
	for (size_t i = 0; i < n; i++) {
		const struct insight_bucket *b = &in->buckets.at[i];
		value[i] = insight_per_mille(b->failed, b->changes);
	}
	hide_parts(in, value);
	int64_t most = chart_round(most_of(value, value, n, 20));
	size_t nmarks = marks_of(in, marks, MARKS_MOST);
	name_axis(f, a, in);
	f->title = STR("How often does a change go wrong?");
	f->value = insight_rate_words(a, in->now.failed,
	                              insight_changed(&in->now));
	f->unit = STR("of changes failed in hindsight");
	f->delta = trend_words(a, in, &in->fail_rate);
	struct chart_line line = {.value = value,
	                          .n = n,
	                          .most = most,
	                          .marks = marks,
	                          .nmarks = nmarks};
	if (insight_changed(&in->now))
		f->chart = chart_line(
		        a,
		        str_format(
		                a,
		                "Share of changes that failed in hindsight, by %s; "
		                "%lld of %lld in all.",
		                figure_unit(in->unit),
		                (long long)in->now.failed,
		                (long long)insight_changed(&in->now)),
		        &line);
	f->top = figure_share(a, most);
	f->middle = figure_share(a, most / 2);
	f->key = marks_key(a, nmarks, in, "change fail rate");
}

static void add_spread(struct insight_view *v, struct arena *a,
                       const struct insight *in, bool is_lead)
{
	size_t n = in->buckets.n;
	int64_t value[INSIGHT_BUCKETS], low[INSIGHT_BUCKETS],
	        high[INSIGHT_BUCKETS], marks[MARKS_MOST];
	struct figure *f = vec_add(a, &v->figures);
	const struct insight_spread *all =
	        is_lead ? &in->now.lead : &in->now.recovery;
	for (size_t i = 0; i < n; i++) {
		const struct insight_bucket *b = &in->buckets.at[i];
		const struct insight_spread *s =
		        is_lead ? &b->lead : &b->recovery;
		value[i] = s->median;
		low[i] = s->p10;
		high[i] = s->p90;
	}
	hide_parts(in, value);
	int64_t most = most_of(high, value, n, 1);
	/* Whole hours or minutes make a scale that can be read. */
	int64_t step = most >= 86400 ? 86400 : most >= 3600 ? 3600 : 60;
	most = chart_round((most + step - 1) / step) * step;
	size_t nmarks = marks_of(in, marks, MARKS_MOST);
	const char *name = is_lead ? "change lead time"
	                           : "failed deployment recovery time";
	name_axis(f, a, in);
	f->title = !is_lead ? STR("How fast do we recover?")
	           : insight_is_build(&in->now)
	                   ? STR("How long from build to production?")
	                   : STR("How long from commit to production?");
	f->value = insight_seconds_words(a, all->median);
	f->unit = is_lead ? insight_is_build(&in->now)
	                            ? STR("median build lead time")
	                            : STR("median lead time")
	                  : STR("median, failure to recovery");
	f->delta = trend_words(a, in, is_lead ? &in->lead : &in->recovery);
	struct chart_line line = {.value = value,
	                          .low = low,
	                          .high = high,
	                          .n = n,
	                          .most = most,
	                          .marks = marks,
	                          .nmarks = nmarks};
	if (all->n)
		f->chart = chart_line(
		        a,
		        str_format(
		                a,
		                "Median and 10th to 90th percentile by %s; in all a "
		                "median of %" STR_FMT " over %zu.",
		                figure_unit(in->unit),
		                STR_ARG(insight_seconds_words(a, all->median)),
		                all->n),
		        &line);
	f->top = insight_seconds_words(a, most);
	f->middle = insight_seconds_words(a, most / 2);
	struct str jumps = marks_key(a, nmarks, in, name);
	f->key = str_format(a,
	                    "line: median, band: 10th to 90th percentile%s"
	                    "%" STR_FMT,
	                    jumps.n ? "; " : "", STR_ARG(jumps));
}

void figures_fill(struct insight_view *v, struct arena *a,
                  const struct insight *in)
{
	if (!in->buckets.n)
		return;
	add_frequency(v, a, in);
	add_fail_rate(v, a, in);
	add_spread(v, a, in, true);
	add_spread(v, a, in, false);
	add_pieces(v, a, in);
}
