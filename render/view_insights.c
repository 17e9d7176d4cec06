/*
 * insights/: the figures of the last 7 and 30 days, 13 weeks, 12 months and of
 * all time, for all and for each group, and of every ISO week. What a figure
 * is, core/insight tells.
 */
#include "core/json.h"
#include "render/changes.h"
#include "render/insight_view.h"

static const struct {
	const char *slug, *tab, *words;
} periods[] = {
        {"7d", "7 days", "the last 7 days"},
        {"30d", "30 days", "the last 30 days"},
        {"13w", "13 weeks", "the last 13 weeks"},
        {"12m", "12 months", "the last 12 months"},
        {"all", "All", "all time"},
};
enum {
	PERIODS = sizeof periods / sizeof *periods,
	FRONT = 2,
	WEEKS_MOST = 600,
	WEEKS_SHOWN = 8
};

static struct insight_question question(struct site *s, struct arena *a)
{
	struct insight_question q = {.policy = s->policy,
	                             .at = s->now,
	                             .zone_name =
	                                     s->policy->platform.timezone.s,
	                             .changes = s->in->changes,
	                             .series = true,
	                             .slices = true};
	insight_production(s->policy, a, &q);
	return q;
}

static struct str json_path(struct arena *a, struct str slug, struct str group)
{
	if (!group.n)
		return str_format(a, "api/v1/insights/%" STR_FMT ".json",
		                  STR_ARG(slug));
	return str_format(a, "api/v1/insights/%" STR_FMT "/%" STR_FMT ".json",
	                  STR_ARG(slug), STR_ARG(words_slug(a, group)));
}

static bool write_json(struct site *s, const struct insight *in,
                       const struct insight_question *q, struct str path,
                       bool hot, struct fail *why)
{
	struct jw j = jw_new(&s->json);
	jw_open(&j, '{');
	jw_put_str(&j, "schema", STR("dxcp.insights/1"));
	insight_json(&j, in, q, BANDS_NONE);
	jw_close(&j);
	return site_json(s, path, hot, why);
}

/* Once it is it stays so: no page goes away with time. */
static bool is_shown(const struct insight *in)
{
	return !in->group.n || in->now.has_record;
}

/* Addresses of the other windows and scopes, from the page. */
static void fill_tabs(struct insight_view *v, struct arena *a,
                      const struct insights *all, const struct insight *in,
                      size_t period)
{
	for (size_t i = 0; i < PERIODS; i++)
		*vec_add(a, &v->periods) = (struct tab){
		        str_of(periods[i].tab),
		        str_format(a, "%" STR_FMT "insights/%s/index.html",
		                   STR_ARG(v->frame.root), periods[i].slug),
		        i == period};
	for (size_t i = 0; i < all->n; i++) {
		const struct insight *one = &all->at[i];
		struct str slug = words_slug(a, one->group);
		if (!is_shown(one) && one != in)
			continue;
		*vec_add(a, &v->scopes) = (struct tab){
		        one->group.n ? one->group : STR("All groups"),
		        str_format(a,
		                   "%" STR_FMT "insights/%s/%" STR_FMT
		                   "%sindex.html",
		                   STR_ARG(v->frame.root), periods[period].slug,
		                   STR_ARG(one->group.n ? slug : STR("")),
		                   one->group.n ? "/" : ""),
		        one == in};
	}
	v->has_scopes = v->scopes.n > 1;
}

/* The last instant of which the ledger knows anything: what a week's page says
   does not depend on the clock. */
static int64_t known_at(const struct site *s)
{
	int64_t at = s->head.finished_at;
	for (size_t i = 0; i < s->history.months.n; i++)
		if (s->history.months.at[i].last_at > at)
			at = s->history.months.at[i].last_at;
	return at;
}

/* The weeks from..to that have a page, the latest first. */
static void fill_weeks(struct insight_view *v, const struct site *s,
                       int64_t first, int64_t newest, int64_t current, size_t n)
{
	const struct zone *zone = s->policy->platform.zone;
	struct arena *a = s->page;
	for (int64_t t = insight_week_start(newest, zone);
	     first && v->weeks.n < n && t >= insight_week_start(first, zone);) {
		struct str name = insight_week_name(a, t, zone);
		*vec_add(a, &v->weeks) = (struct tab){
		        name,
		        str_format(a,
		                   "%" STR_FMT "insights/%" STR_FMT
		                   "/index.html",
		                   STR_ARG(v->frame.root), STR_ARG(name)),
		        t == current};
		t = insight_week_start(t - 1, zone);
	}
	v->has_weeks = v->weeks.n > 0;
}

static struct str zone_of(const struct site *s)
{
	struct str zone = s->policy->platform.timezone.s;
	return zone.n ? zone : STR("UTC");
}

static bool write_one(struct site *s, const struct insights *all,
                      const struct insight *in, size_t period, int64_t first,
                      struct str path, struct fail *why)
{
	struct arena *a = s->page;
	struct insight_view v = {.frame = frame_of(s, path, NAV_INSIGHTS),
	                         .zone = zone_of(s)};
	frame_hot(&v.frame, s);
	v.frame.json = json_path(a, str_of(periods[period].slug), in->group);
	insight_fill(&v, s, in, str_of(periods[period].words));
	fill_tabs(&v, a, all, in, period);
	fill_weeks(&v, s, first, known_at(s), -1, WEEKS_SHOWN);
	v.title = in->group.n ? str_format(a, "Insights: %" STR_FMT,
	                                   STR_ARG(in->group))
	                      : STR("Insights");
	v.frame.title = str_format(a, "%" STR_FMT ", %s", STR_ARG(v.title),
	                           periods[period].tab);
	v.frame.description = lede_text(&v.lede, a);
	return site_page(s, &view_insights, path, &v, why);
}

static bool write_scope(struct site *s, const struct insights *all,
                        const struct insight *in,
                        const struct insight_question *q, size_t period,
                        int64_t first, struct fail *why)
{
	const char *slug = periods[period].slug;
	struct arena *a = arena_new();
	struct str group = words_slug(a, in->group);
	struct str path =
	        in->group.n
	                ? str_format(a, "insights/%s/%" STR_FMT "/index.html",
	                             slug, STR_ARG(group))
	                : str_format(a, "insights/%s/index.html", slug);
	bool fine = write_one(s, all, in, period, first, path, why) &&
	            write_json(s, in, q, json_path(a, str_of(slug), in->group),
	                       true, why);
	if (fine && period == FRONT && !in->group.n)
		fine = write_one(s, all, in, period, first,
		                 STR("insights/index.html"), why);
	arena_free(a);
	return fine;
}

static bool write_period(struct site *s, size_t period, struct arena *a,
                         struct fail *why)
{
	struct insight_question q = question(s, a);
	struct insights all;
	int64_t first;
	if (!insight_first(s->ledger, &q, &first, why))
		return false;
	insight_window_of(str_of(periods[period].slug), s->now,
	                  s->policy->platform.zone, first, &q.window);
	if (q.window.to <= q.window.from)
		q.window.to = q.window.from + 1;
	if (!insight_read(&all, a, s->ledger, &q, why))
		return false;
	for (size_t i = 0; i < all.n; i++)
		if (is_shown(&all.at[i]) &&
		    !write_scope(s, &all, &all.at[i], &q, period, first, why))
			return false;
	return true;
}

static bool write_periods(struct site *s, struct fail *why)
{
	for (size_t i = 0; i < PERIODS; i++) {
		struct arena *a = arena_new();
		bool fine = write_period(s, i, a, why);
		arena_free(a);
		if (!fine)
			return false;
	}
	return true;
}

const struct page_kind view_insights = {
        .name = "insights",
        .fields = &insight_fields,
        .hot = true,
        .write = write_periods,
        .about = "figures of the last days, weeks and months",
};

/* --- one week ------------------------------------------------------------- */

static bool write_week(struct site *s, int64_t start, int64_t first,
                       int64_t known, struct insight_question q,
                       struct arena *a, struct fail *why)
{
	const struct zone *zone = s->policy->platform.zone;
	struct insights all;
	struct str name = insight_week_name(a, start, zone);
	q.slices = false;
	q.window.from = start;
	q.window.to = insight_week_end(start, zone);
	q.at = known > q.window.to ? known : q.window.to;
	if (!insight_read(&all, a, s->ledger, &q, why))
		return false;
	const struct insight *in = &all.at[0];
	struct str path = str_format(a, "insights/%" STR_FMT "/index.html",
	                             STR_ARG(name));
	struct str json = json_path(a, name, STR(""));
	struct insight_view v = {.frame = frame_of(s, path, NAV_INSIGHTS),
	                         .zone = zone_of(s)};
	frame_changed(&v.frame, s, known < q.window.to ? known : q.window.to);
	v.frame.json = json;
	insight_fill(&v, s, in,
	             str_format(s->page, "week %" STR_FMT, STR_ARG(name)));
	v.title = str_format(s->page, "Week %" STR_FMT, STR_ARG(name));
	v.frame.title = v.title;
	v.frame.description = lede_text(&v.lede, s->page);
	fill_tabs(&v, s->page, &(struct insights){0}, in, PERIODS);
	/* The one before and the one after, where they have a page. */
	int64_t after = q.window.to <= known ? q.window.to : start;
	fill_weeks(&v, s, first, after, start, after > start ? 3 : 2);
	return site_page(s, &view_insights_week, path, &v, why) &&
	       write_json(s, in, &q, json, false, why);
}

/* --- which weeks the new events touch --- */

struct touched {
	struct site *s;
	VEC(int64_t) at; /* instants in the weeks */
	int64_t since;   /* the first new event */
	struct arena *arena;
};

static bool touch_decision(void *context, const struct recorded_decision *d,
                           struct fail *why)
{
	struct touched *t = context;
	(void)why;
	*vec_add(t->arena, &t->at) = d->time;
	return true;
}

static bool touch_number(struct touched *t, int64_t number, struct fail *why)
{
	struct deployment *d;
	if (!ledger_deployment(t->s->ledger, t->arena, number, &d, why))
		return false;
	if (d && d->finished_at)
		*vec_add(t->arena, &t->at) = d->finished_at;
	return true;
}

/* An incident that names none changes the deployment that it befell. */
static bool touch_incident(void *context, const struct incident *i,
                           struct fail *why)
{
	struct touched *t = context;
	int64_t number = i->caused_by;
	if (i->recorded_at < t->since)
		return true;
	return (number ||
	        ledger_last_change(t->s->ledger, i->service, i->environment,
	                           i->started_at, &number, why)) &&
	       touch_number(t, number, why);
}

static bool touch(struct touched *t, struct fail *why)
{
	const struct changes *c = t->s->changes;
	struct decision_filter f = {.outcome = -1};
	t->since = INT64_MAX;
	vec_each (const int64_t, at, &c->times)
		t->since = *at < t->since ? *at : t->since;
	for (size_t i = 0; i < c->numbers.n; i++)
		if (!touch_number(t, c->numbers.at[i], why))
			return false;
	for (size_t i = 0; i < c->paths.n; i++) {
		f.path = c->paths.at[i].key;
		if (!ledger_decisions(t->s->ledger, &f, touch_decision, t, why))
			return false;
	}
	return ledger_incidents(t->s->ledger, INT64_MAX, touch_incident, t,
	                        why);
}

/* The last week that had ended, and what came after it, is not as it was; of
   the others those that hold something that changed, and the ones after them.
 */
static bool is_touched(const struct touched *t, int64_t start, int64_t end,
                       int64_t first)
{
	const struct zone *zone = t->s->policy->platform.zone;
	int64_t quiet = 0;
	for (size_t i = 0; i < t->s->history.months.n; i++) {
		int64_t at = t->s->history.months.at[i].last_at;
		quiet = at < t->since && at > quiet ? at : quiet;
	}
	if (end > insight_week_start(quiet, zone))
		return true;
	vec_each (const int64_t, at, &t->at) {
		bool is_first = *at < insight_week_end(first, zone);
		if (is_first || (*at >= start - (end - start) && *at < end))
			return true;
	}
	return false;
}

static bool write_weeks(struct site *s, struct fail *why)
{
	const struct zone *zone = s->policy->platform.zone;
	struct arena *kept = arena_new();
	struct insight_question q = question(s, kept);
	struct touched touched = {.s = s, .arena = kept};
	int64_t first, known = known_at(s), n = 0;
	bool fine = insight_first(s->ledger, &q, &first, why) &&
	            (!s->changes || touch(&touched, why));
	for (int64_t t = fine && first ? insight_week_start(first, zone)
	                               : known + 1;
	     fine && t <= known && n < WEEKS_MOST;
	     t = insight_week_end(t, zone), n++) {
		if (s->changes &&
		    !is_touched(&touched, t, insight_week_end(t, zone), first))
			continue;
		struct arena *a = arena_new();
		fine = write_week(s, t, first, known, q, a, why);
		arena_free(a);
	}
	arena_free(kept);
	return fine;
}

const struct page_kind view_insights_week = {
        .name = "insights_week",
        .fields = &insight_fields,
        .reads = READS_OWN,
        .write = write_weeks,
        .about = "figures of each week",
};
