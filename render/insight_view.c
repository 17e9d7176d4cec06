#include "render/insight_view.h"

#include "render/chart.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	ROWS_SHOWN = 15, /* the rest of a long table has pages of its own */
	POLICY_SHOWN = 30,
	SERVICES_SHOWN = 10,
	COUNTS_SHOWN = 8,
	STRIP_MOST = 13
};

/* --- fields --------------------------------------------------------------- */

static const struct field spread_list[] = {
        FIELD_TEXT(struct piece_spread, median),
        FIELD_TEXT(struct piece_spread, p90),
        FIELD_TEXT(struct piece_spread, n),
};
static const struct fields spread_fields =
        FIELDS(struct piece_spread, spread_list);

static const struct field piece_list[] = {
        FIELD_TEXT(struct piece_row, label),
        FIELD_TEXT(struct piece_row, deployed),
        FIELD_TEXT(struct piece_row, changes),
        FIELD_TEXT(struct piece_row, failed),
        FIELD_TEXT(struct piece_row, rate),
        FIELD_STRUCT(struct piece_row, lead, &spread_fields),
        FIELD_STRUCT(struct piece_row, recovery, &spread_fields),
};
static const struct fields piece_fields = FIELDS(struct piece_row, piece_list);

static const struct field figure_list[] = {
        FIELD_TEXT(struct figure, title),  FIELD_TEXT(struct figure, delta),
        FIELD_TEXT(struct figure, value),  FIELD_TEXT(struct figure, unit),
        FIELD_HTML(struct figure, chart),  FIELD_TEXT(struct figure, top),
        FIELD_TEXT(struct figure, middle), FIELD_TEXT(struct figure, first),
        FIELD_TEXT(struct figure, centre), FIELD_TEXT(struct figure, last),
        FIELD_TEXT(struct figure, key),
};
static const struct fields figure_fields = FIELDS(struct figure, figure_list);

static const struct field measure_list[] = {
        FIELD_TEXT(struct measure, name),   FIELD_TEXT(struct measure, value),
        FIELD_TEXT(struct measure, before), FIELD_TEXT(struct measure, n),
        FIELD_TEXT(struct measure, more),
};
static const struct fields measure_fields =
        FIELDS(struct measure, measure_list);

static const struct field bar_list[] = {
        FIELD_TEXT(struct bar_row, name), FIELD_URL(struct bar_row, href),
        FIELD_TEXT(struct bar_row, note), FIELD_HTML(struct bar_row, bar),
        FIELD_TEXT(struct bar_row, now),  FIELD_TEXT(struct bar_row, before),
        FIELD_TEXT(struct bar_row, more), FIELD_TEXT(struct bar_row, fared),
};
static const struct fields bar_fields = FIELDS(struct bar_row, bar_list);

static const struct field look_list[] = {
        FIELD_STRUCT(struct look_row, status, &status_fields),
        FIELD_TEXT(struct look_row, name),
        FIELD_TEXT(struct look_row, text),
        FIELD_URL(struct look_row, href),
};
static const struct fields look_fields = FIELDS(struct look_row, look_list);

static const struct field service_list[] = {
        FIELD_TEXT(struct service_figures, name),
        FIELD_TEXT(struct service_figures, slug),
        FIELD_TEXT(struct service_figures, group),
        FIELD_HTML(struct service_figures, strip),
        FIELD_TEXT(struct service_figures, deployed),
        FIELD_TEXT(struct service_figures, failed),
        FIELD_TEXT(struct service_figures, rollbacks),
        FIELD_TEXT(struct service_figures, lead),
};
static const struct fields service_fields =
        FIELDS(struct service_figures, service_list);

static const struct field failed_list[] = {
        FIELD_INT(struct failed_row, number),
        FIELD_TEXT(struct failed_row, service),
        FIELD_TEXT(struct failed_row, when),
        FIELD_TEXT(struct failed_row, how),
        FIELD_TEXT(struct failed_row, recovered),
        FIELD_BOOL(struct failed_row, late),
};
static const struct fields failed_fields =
        FIELDS(struct failed_row, failed_list);

static const struct field tab_list[] = {
        FIELD_TEXT(struct tab, name),
        FIELD_URL(struct tab, href),
        FIELD_BOOL(struct tab, is_current),
};
static const struct fields tab_fields = FIELDS(struct tab, tab_list);

static const struct field scope_list[] = {
        FIELD_TEXT(struct scope_tabs, label),
        FIELD_LIST(struct scope_tabs, tabs, &tab_fields),
};
static const struct fields scope_fields = FIELDS(struct scope_tabs, scope_list);

static const struct field hours_list[] = {
        FIELD_TEXT(struct hours_row, day),
        FIELD_TEXT(struct hours_row, night),
        FIELD_TEXT(struct hours_row, morning),
        FIELD_TEXT(struct hours_row, afternoon),
        FIELD_TEXT(struct hours_row, evening),
};
static const struct fields hours_fields = FIELDS(struct hours_row, hours_list);

static const struct field view_list[] = {
        FIELD_STRUCT(struct insight_view, frame, &frame_fields),
        FIELD_LIST(struct insight_view, lede, &run_fields),
        FIELD_TEXT(struct insight_view, title),
        FIELD_TEXT(struct insight_view, window),
        FIELD_TEXT(struct insight_view, zone),
        FIELD_TEXT(struct insight_view, unit),
        FIELD_BOOL(struct insight_view, has_data),
        FIELD_TEXT(struct insight_view, revised),
        FIELD_TEXT(struct insight_view, crumb),
        FIELD_URL(struct insight_view, crumb_href),
        FIELD_TEXT(struct insight_view, of_text),
        FIELD_URL(struct insight_view, of_href),
        FIELD_LIST(struct insight_view, scopes, &scope_fields),
        FIELD_LIST(struct insight_view, weeks, &tab_fields),
        FIELD_LIST(struct insight_view, measures, &measure_fields),
        FIELD_LIST(struct insight_view, figures, &figure_fields),
        FIELD_LIST(struct insight_view, pieces, &piece_fields),
        FIELD_TEXT(struct insight_view, piece_head),
        FIELD_TEXT(struct insight_view, lead_name),
        FIELD_TEXT(struct insight_view, services_note),
        FIELD_TEXT(struct insight_view, groups_note),
        FIELD_TEXT(struct insight_view, recipes_note),
        FIELD_LIST(struct insight_view, categories, &bar_fields),
        FIELD_LIST(struct insight_view, stops, &bar_fields),
        FIELD_LIST(struct insight_view, phases, &bar_fields),
        FIELD_LIST(struct insight_view, recipes, &bar_fields),
        FIELD_LIST(struct insight_view, groups, &bar_fields),
        FIELD_LIST(struct insight_view, looks, &look_fields),
        FIELD_LIST(struct insight_view, services, &service_fields),
        FIELD_LIST(struct insight_view, failures, &failed_fields),
        FIELD_LIST(struct insight_view, hours, &hours_fields),
        FIELD_LIST(struct insight_view, policy, &link_fields),
        FIELD_BOOL(struct insight_view, has_categories),
        FIELD_BOOL(struct insight_view, has_stops),
        FIELD_BOOL(struct insight_view, has_phases),
        FIELD_BOOL(struct insight_view, has_recipes),
        FIELD_BOOL(struct insight_view, has_groups),
        FIELD_BOOL(struct insight_view, has_looks),
        FIELD_BOOL(struct insight_view, has_services),
        FIELD_BOOL(struct insight_view, has_failures),
        FIELD_BOOL(struct insight_view, has_policy),
        FIELD_BOOL(struct insight_view, has_weeks),
        FIELD_HTML(struct insight_view, heat),
        FIELD_TEXT(struct insight_view, heat_fact),
        FIELD_HTML(struct insight_view, dots),
        FIELD_TEXT(struct insight_view, failures_note),
        FIELD_TEXT(struct insight_view, phases_note),
};
const struct fields insight_fields = FIELDS(struct insight_view, view_list);

/* --- measures ------------------------------------------------------------- */

static void add_measure(struct insight_view *v, struct arena *a,
                        const char *name, struct str value, struct str before,
                        int64_t n, struct str more)
{
	*vec_add(a, &v->measures) = (struct measure){
	        str_of(name), value, before, figure_count(a, n), more};
}

static struct str sources_words(struct arena *a,
                                const struct insight_metrics *m)
{
	static const char *const words[FAIL_SOURCES][2] = {
	        {"failed itself", "failed themselves"},
	        {"rolled back", "rolled back"},
	        {"named by an incident", "named by an incident"},
	        {"befallen by an incident that names none",
	         "befallen by an incident that names none"}};
	struct buf b = buf_new(a, 512);
	for (int i = 0; i < FAIL_SOURCES; i++)
		if (m->by_source[i])
			buf_format(
			        &b, "%s%" STR_FMT, b.n ? ", " : "",
			        STR_ARG(words_count(a, m->by_source[i],
			                            words[i][0], words[i][1])));
	if (m->attempts_failed)
		buf_format(&b, "%s%" STR_FMT " failed before reaching it",
		           b.n ? "; " : "",
		           STR_ARG(words_count(a, m->attempts_failed, "attempt",
		                               "attempts")));
	return buf_str(&b);
}

static struct str spread_words(struct arena *a, const struct insight_spread *s)
{
	if (!s->n)
		return STR("");
	return str_format(a, "p75 %s, p90 %s", when_duration_words(s->p75).s,
	                  when_duration_words(s->p90).s);
}

static void fill_measures(struct insight_view *v, struct arena *a,
                          const struct insight *in)
{
	const struct insight_metrics *m = &in->now, *b = &in->before;
	struct buf more = buf_new(a, 256);
	buf_add(&more, spread_words(a, &m->lead));
	if (m->lead_unmeasured)
		buf_format(&more, "%s%lld not measured", more.n ? "; " : "",
		           (long long)m->lead_unmeasured);
	add_measure(
	        v, a, "Deployment frequency", insight_per_day_words(a, m),
	        insight_per_day_words(a, b), m->deployed,
	        m->median_days_per_week < 0
	                ? STR("")
	                : str_format(a,
	                             "on %" STR_FMT
	                             " a week, the median of %" STR_FMT,
	                             STR_ARG(words_count(
	                                     a, m->median_days_per_week, "day",
	                                     "days")),
	                             STR_ARG(words_count(a, m->weeks, "week",
	                                                 "weeks"))));
	add_measure(v, a,
	            insight_is_build(m) ? "Build lead time"
	                                : "Change lead time",
	            insight_seconds_words(a, m->lead.median),
	            insight_seconds_words(a, b->lead.median),
	            (int64_t)m->lead.n, buf_str(&more));
	add_measure(v, a, "Change fail rate",
	            insight_rate_words(a, m->failed, insight_changed(m)),
	            insight_rate_words(a, b->failed, insight_changed(b)),
	            insight_changed(m), sources_words(a, m));
	add_measure(v, a, "Recovery time",
	            insight_seconds_words(a, m->recovery.median),
	            insight_seconds_words(a, b->recovery.median),
	            (int64_t)m->recovery.n,
	            m->open ? str_format(a, "%lld open", (long long)m->open)
	                    : spread_words(a, &m->recovery));
	add_measure(v, a, "Rework rate",
	            insight_rate_words(a, m->rework, insight_all(m)),
	            insight_rate_words(a, b->rework, insight_all(b)),
	            insight_all(m),
	            m->unmarked ? words_count(a, m->unmarked, "gives no reason",
	                                      "give no reason")
	                        : STR(""));
	add_measure(v, a, "Rollback rate",
	            insight_rate_words(a, m->rollbacks, insight_all(m)),
	            insight_rate_words(a, b->rollbacks, insight_all(b)),
	            insight_all(m), STR(""));
}

/* --- rows ----------------------------------------------------------------- */

static void fill_categories(struct insight_view *v, struct arena *a,
                            const struct insight *in)
{
	int64_t most = 1;
	for (int i = 0; i < FAILURE_CATEGORY_COUNT; i++) {
		if (in->categories[i] > most)
			most = in->categories[i];
		if (in->categories_before[i] > most)
			most = in->categories_before[i];
	}
	for (int i = 0; i < FAILURE_CATEGORY_COUNT; i++) {
		int64_t n = in->categories[i], b = in->categories_before[i];
		if (!n && !b)
			continue;
		*vec_add(a, &v->categories) = (struct bar_row){
		        .name = words_name(a,
		                           str_of(failure_category_names[i])),
		        .bar = chart_bar(a, n == most ? "b-bad" : "b-base", n,
		                         b, most),
		        .now = figure_count(a, n),
		        .before = figure_count(a, b)};
	}
	v->has_categories = v->categories.n > 0;
}

static struct str fared_words(struct arena *a, const struct insight_stop *s)
{
	const int64_t n[] = {s->went_well, s->went_wrong, s->denied,
	                     s->wait_still};
	static const char *const words[] = {"went well later", "went wrong",
	                                    "denied", "still waiting"};
	struct buf b = buf_new(a, 256);
	for (size_t i = 0; i < sizeof n / sizeof *n; i++)
		if (n[i])
			buf_format(&b, "%s%lld %s", b.n ? ", " : "",
			           (long long)n[i], words[i]);
	return buf_str(&b);
}

static void fill_stops(struct insight_view *v, struct arena *a,
                       const struct insight *in)
{
	int64_t most = 1;
	vec_each (const struct insight_stop, s, &in->stops) {
		most = s->n > most ? s->n : most;
		most = s->n_before > most ? s->n_before : most;
	}
	vec_each (const struct insight_stop, s, &in->stops) {
		const char *code = s->code ? diag_info(s->code)->name : "";
		*vec_add(a, &v->stops) = (struct bar_row){
		        .name = s->code ? words_name(a, str_of(code))
		                        : STR("Next run"),
		        .href = s->code ? str_format(a,
		                                     "%" STR_FMT
		                                     "codes/%s/index.html",
		                                     STR_ARG(v->frame.root),
		                                     code)
		                        : STR(""),
		        .note = s->most.n && in->groups.n > 1
		                        ? str_format(a,
		                                     "mostly %" STR_FMT
		                                     ", %lld",
		                                     STR_ARG(s->most),
		                                     (long long)s->most_n)
		                        : STR(""),
		        .bar = chart_bar(a, "b-deny", s->n, s->n_before, most),
		        .now = figure_count(a, s->n),
		        .before = figure_count(a, s->n_before),
		        .more = s->waited ? insight_seconds_words(a, s->waited)
		                          : STR(""),
		        .fared = fared_words(a, s)};
	}
	v->has_stops = v->stops.n > 0;
}

static void fill_phases(struct insight_view *v, struct arena *a,
                        const struct insight *in)
{
	static const char *const names[PHASE_COUNT] = {
	        "Review, until it was first judged",
	        "Waiting for approval",
	        "Waiting for its window",
	        "Waiting for a slot or quota",
	        "Other waits",
	        "The engine"};
	int64_t all = 0, most = 1;
	for (int i = 0; i < PHASE_COUNT; i++) {
		all += in->phases[i];
		most = in->phases[i] > most ? in->phases[i] : most;
	}
	for (int i = 0; all && i < PHASE_COUNT; i++)
		*vec_add(a, &v->phases) = (struct bar_row){
		        .name = str_of(names[i]),
		        .bar = chart_bar(a,
		                         i == PHASE_REVIEW   ? "b-base"
		                         : i == PHASE_ENGINE ? "b-acc"
		                                             : "b-deny",
		                         in->phases[i], -1, most),
		        .now = figure_share(
		                a, insight_per_mille(in->phases[i], all)),
		        .more = insight_seconds_words(a, in->phases[i])};
	v->has_phases = v->phases.n > 0;
	v->phases_note =
	        words_count(a, in->phased, "deployment", "deployments");
}

static int more_first(const void *x, const void *y)
{
	const struct insight_count *a = x, *b = y;
	if (a->failed != b->failed)
		return a->failed > b->failed ? -1 : 1;
	if (a->deployed != b->deployed)
		return a->deployed > b->deployed ? -1 : 1;
	return str_cmp(a->name, b->name);
}

/* Those in which something ended, as they come; where they are more than
   `most`, the ones in which most went wrong. How many there are. */
static size_t pick_most(struct insight_counts *out, struct arena *a,
                        const struct insight_counts *list, size_t most)
{
	*out = (struct insight_counts){0};
	vec_each (const struct insight_count, c, list)
		if (c->ended)
			*vec_add(a, out) = *c;
	size_t all = out->n;
	if (all > most) {
		qsort(out->at, all, sizeof *out->at, more_first);
		out->n = most;
	}
	return all;
}

static struct str fill_counts(struct bar_rows *rows, struct arena *a,
                              const struct insight_counts *list,
                              const char *none)
{
	int64_t most = 1;
	vec_each (const struct insight_count, c, list)
		most = c->deployed > most ? c->deployed : most;
	struct insight_counts shown;
	size_t all = pick_most(&shown, a, list, COUNTS_SHOWN);
	vec_each (const struct insight_count, c, &shown)
		*vec_add(a, rows) = (struct bar_row){
		        .name = c->name.n ? c->name : str_of(none),
		        .bar = chart_bar(a, "b-base", c->deployed, -1, most),
		        .now = figure_count(a, c->deployed),
		        .before = figure_count(a, c->failed),
		        .more = figure_count(a, c->rollbacks)};
	return shown.n < all ? str_format(a,
	                                  "the %zu of %zu with the most that "
	                                  "went wrong",
	                                  shown.n, all)
	                     : STR("");
}

static void fill_recipes(struct insight_view *v, struct arena *a,
                         const struct insight *in)
{
	v->recipes_note =
	        fill_counts(&v->recipes, a, &in->recipes, "Not known");
	v->has_recipes = v->recipes.n > 0;
	/* Of one group, or of none, the page itself tells. */
	v->groups_note = fill_counts(&v->groups, a, &in->groups, "In no group");
	v->has_groups = v->groups.n > 1;
}

static void fill_looks(struct insight_view *v, struct arena *a,
                       const struct insight *in)
{
	static const enum status_is is[] = {STATUS_UNDONE, STATUS_DENIED,
	                                    STATUS_UNKNOWN, STATUS_UNDONE};
	static const char *const words[] = {"Elevated", "Friction", "Stale",
	                                    "Flapping"};
	vec_each (const struct insight_attention, at, &in->attention) {
		bool code = at->kind == ATTENTION_FRICTION;
		*vec_add(a, &v->looks) = (struct look_row){
		        .status = status_of(is[at->kind], words[at->kind]),
		        .name = code && at->name.n ? words_name(a, at->name)
		                : code             ? STR("The next run")
		                                   : at->name,
		        .text = at->text,
		        .href = !at->name.n ? STR("")
		                : code      ? str_format(a,
		                                         "%" STR_FMT
		                                         "codes/%" STR_FMT
		                                         "/index.html",
		                                         STR_ARG(v->frame.root),
		                                         STR_ARG(at->name))
		                            : str_format(a,
		                                         "%" STR_FMT
		                                         "services/%" STR_FMT
		                                         "/index.html",
		                                         STR_ARG(v->frame.root),
		                                         STR_ARG(words_slug(
		                                                 a, at->name)))};
	}
	v->has_looks = v->looks.n > 0;
}

static void add_up(const struct insight_count *c, size_t n, size_t each,
                   int up[STRIP_MOST], int down[STRIP_MOST])
{
	for (size_t i = 0; i < STRIP_MOST; i++)
		up[i] = down[i] = 0;
	for (size_t i = 0; c->up && i < n; i++) {
		up[i / each] += c->up[i];
		down[i / each] += c->down[i];
	}
}

static void fill_services(struct insight_view *v, struct arena *a,
                          const struct insight *in)
{
	size_t n = in->buckets.n;
	int most = 1, up[STRIP_MOST], down[STRIP_MOST];
	/* Neighbours share a bar where there are more than fit. */
	size_t each = (n + STRIP_MOST - 1) / STRIP_MOST;
	size_t bars = each ? (n + each - 1) / each : 0;
	vec_each (const struct insight_count, c, &in->services) {
		add_up(c, n, each, up, down);
		for (size_t i = 0; i < bars; i++) {
			most = up[i] > most ? up[i] : most;
			most = down[i] > most ? down[i] : most;
		}
	}
	struct insight_counts shown;
	size_t all = pick_most(&shown, a, &in->services, SERVICES_SHOWN);
	vec_each (const struct insight_count, c, &shown) {
		add_up(c, n, each, up, down);
		*vec_add(a, &v->services) = (struct service_figures){
		        .name = c->name,
		        .slug = words_slug(a, c->name),
		        .group = c->group,
		        .strip = chart_strip(a, up, down, bars, most),
		        .deployed = figure_count(a, c->deployed),
		        .failed = figure_count(a, c->failed),
		        .rollbacks = figure_count(a, c->rollbacks),
		        .lead = insight_seconds_words(a, c->lead.median)};
	}
	v->has_services = v->services.n > 0;
	if (shown.n < all)
		v->services_note = str_format(
		        a, "the %zu of %zu with the most that went wrong",
		        shown.n, all);
}

static struct str how_words(struct arena *a, unsigned sources)
{
	static const char *const words[FAIL_SOURCES] = {
	        "failed itself", "rolled back", "incident",
	        "incident that names none"};
	struct buf b = buf_new(a, 128);
	for (int i = 0; i < FAIL_SOURCES; i++)
		if (sources >> i & 1)
			buf_format(&b, "%s%s", b.n ? ", " : "", words[i]);
	return buf_str(&b);
}

static void fill_failures(struct insight_view *v, struct arena *a,
                          const struct insight *in)
{
	const struct insight_window *w = &in->now.window;
	int64_t *at = arena_array(a, in->failures.n, sizeof *at);
	for (size_t i = 0; i < in->failures.n; i++) {
		const struct insight_failure *f = &in->failures.at[i];
		at[i] = (int64_t)((double)(f->ended_at - w->from) * 1000 /
		                  (double)(w->to - w->from));
		if (i >= ROWS_SHOWN)
			continue;
		*vec_add(a, &v->failures) = (struct failed_row){
		        .number = f->number,
		        .service = f->service,
		        .when = words_when(a, f->ended_at),
		        .how = how_words(a, f->sources),
		        .recovered = f->recovered_at
		                             ? insight_seconds_words(
		                                       a, f->recovered_at -
		                                                  f->ended_at)
		                             : STR("open"),
		        .late = f->late};
	}
	v->has_failures = v->failures.n > 0;
	v->dots = chart_dots(
	        a,
	        str_format(a, "%" STR_FMT " between %s and %s.",
	                   STR_ARG(words_count(a, (int64_t)in->failures.n,
	                                       "failure", "failures")),
	                   str_cstr(a, figure_day(a, w->from, in->zone)),
	                   str_cstr(a, figure_day(a, w->to - 1, in->zone))),
	        at, in->failures.n);
	v->failures_note =
	        (int64_t)v->failures.n < in->now.failed
	                ? str_format(a, "the first %zu of %lld", v->failures.n,
	                             (long long)in->now.failed)
	                : words_count(a, in->now.failed, "change", "changes");
}

static struct str quarter(struct arena *a, const int64_t hours[24], int from)
{
	int64_t n = 0;
	for (int h = from; h < from + 6; h++)
		n += hours[h];
	return figure_count(a, n);
}

static void fill_hours(struct insight_view *v, struct arena *a,
                       const struct insight *in)
{
	static const char *const days[] = {"Mon", "Tue", "Wed", "Thu",
	                                   "Fri", "Sat", "Sun"};
	int64_t work = 0, all = 0, most = -1;
	int busiest = 0;
	for (int h = 0; h < 24; h++) {
		int64_t n = 0;
		for (int d = 0; d < 7; d++)
			n += in->by_hour[d][h];
		if (n > most) {
			most = n;
			busiest = h;
		}
		all += n;
	}
	for (int d = 0; d < 7; d++) {
		for (int h = 8; d < 5 && h < 18; h++)
			work += in->by_hour[d][h];
		*vec_add(a, &v->hours) = (struct hours_row){
		        str_of(days[d]), quarter(a, in->by_hour[d], 0),
		        quarter(a, in->by_hour[d], 6),
		        quarter(a, in->by_hour[d], 12),
		        quarter(a, in->by_hour[d], 18)};
	}
	v->heat_fact = str_format(
	        a,
	        "%" STR_FMT " on Monday to Friday from 08:00 to 18:00; the "
	        "busiest hour begins at %02d:00",
	        STR_ARG(insight_rate_words(a, work, all)), busiest);
	v->heat = chart_heat(a, v->heat_fact, in->by_hour);
}

static void fill_policy(struct insight_view *v, struct site *s,
                        const struct insight *in)
{
	struct arena *a = s->page;
	vec_each (const struct insight_mark, m, &in->policy_changes) {
		if (v->policy.n == POLICY_SHOWN)
			break;
		struct link *l = vec_add(a, &v->policy);
		l->text = str_format(a, "%" STR_FMT ", %" STR_FMT,
		                     STR_ARG(words_when(a, m->at)),
		                     STR_ARG(words_oid(m->commit)));
		l->href = href_of_commit(s, m->commit);
	}
	v->has_policy = v->policy.n > 0;
}

/* --- the whole ------------------------------------------------------------ */

static void fill_lede(struct insight_view *v, struct arena *a,
                      const struct insight *in, struct str name)
{
	const struct insight_metrics *m = &in->now, *b = &in->before;
	int64_t n = insight_changed(m);
	if (!v->has_data) {
		lede_add(
		        &v->lede, a,
		        "No data: nothing had succeeded in production by then.");
		return;
	}
	lede_add(&v->lede, a, "In %" STR_FMT " production took ",
	         STR_ARG(name));
	lede_strong(&v->lede, a, "%" STR_FMT,
	            STR_ARG(words_count(a, m->deployed, "deployment",
	                                "deployments")));
	if (!n) {
		lede_add(&v->lede, a, ".");
		return;
	}
	lede_add(&v->lede, a, "; %" STR_FMT " of changes went wrong",
	         STR_ARG(insight_rate_words(a, m->failed, n)));
	if (insight_changed(b))
		lede_add(&v->lede, a,
		         ", against %" STR_FMT " in the window before",
		         STR_ARG(insight_rate_words(a, b->failed,
		                                    insight_changed(b))));
	lede_add(&v->lede, a, ".");
}

void insight_fill(struct insight_view *v, struct site *s,
                  const struct insight *in, struct str name)
{
	struct arena *a = s->page;
	const struct insight_metrics *m = &in->now;
	v->has_data = m->has_record;
	v->unit = str_of(figure_unit(in->unit));
	v->window =
	        str_format(a, "%" STR_FMT " to %" STR_FMT,
	                   STR_ARG(figure_day(a, m->window.from, in->zone)),
	                   STR_ARG(figure_day(a, m->window.to - 1, in->zone)));
	if (m->failed_then != m->failed)
		v->revised = str_format(
		        a,
		        "Revised: when this window ended %lld of its changes "
		        "were known to have gone wrong, now %lld are.",
		        (long long)m->failed_then, (long long)m->failed);
	fill_lede(v, a, in, name);
	fill_measures(v, a, in);
	figures_fill(v, a, in);
	fill_categories(v, a, in);
	fill_stops(v, a, in);
	fill_phases(v, a, in);
	fill_recipes(v, a, in);
	fill_looks(v, a, in);
	fill_services(v, a, in);
	fill_failures(v, a, in);
	fill_hours(v, a, in);
	fill_policy(v, s, in);
}
