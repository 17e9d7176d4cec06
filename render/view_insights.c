/*
 * insights/: the figures of the last 7 and 30 days, 13 weeks, 12 months and of
 * all time, for all and for each group, and of every ISO week. What a figure
 * is, core/insight tells.
 */
#include "render/changes.h"
#include "render/insight_slices.h"
#include "render/insight_view.h"

enum { FRONT = 2, WEEKS_MOST = 600, WEEKS_SHOWN = 8 };

struct insight_question insight_question_of(struct site *s, struct arena *a)
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

bool insight_write_json(struct site *s, const struct insight *in,
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

static void add_tab(struct insight_view *v, struct arena *a,
                    struct scope_tabs *row, struct str name, struct str page,
                    bool is_current)
{
	*vec_add(a, &row->tabs) =
	        (struct tab){name,
	                     str_format(a, "%" STR_FMT "%" STR_FMT,
	                                STR_ARG(v->frame.root), STR_ARG(page)),
	                     is_current};
}

/* Addresses of the other windows of this scope, and of the other scopes of this
   window, from the page. */
static void fill_tabs(struct insight_view *v, struct arena *a,
                      const struct slices *all, const struct slice *of,
                      const struct period *period)
{
	static const struct {
		const char *label, *all;
	} rows[] = {{"", ""},
	            {"Group", "All groups"},
	            {"Recipe", "All recipes"},
	            {"Environment", "All of production"}};
	struct scope_tabs *row = vec_add(a, &v->scopes);
	row->label = STR("Period");
	for (const struct period *p = insight_periods;
	     p < insight_periods + PERIODS; p++)
		add_tab(v, a, row, str_of(p->tab), slice_page(a, p, of),
		        p == period);
	enum slice_kind last = SLICE_ALL;
	for (size_t i = 1; i < all->n; i++) {
		const struct slice *one = &all->at[i];
		if (one->kind != last) {
			row = vec_add(a, &v->scopes);
			row->label = str_of(rows[one->kind].label);
			add_tab(v, a, row, str_of(rows[one->kind].all),
			        slice_page(a, period, &all->at[0]),
			        of->kind == SLICE_ALL);
		}
		last = one->kind;
		add_tab(v, a, row, one->name, slice_page(a, period, one),
		        one->kind == of->kind && str_eq(one->name, of->name));
	}
}

/* The other way round: what runs there, and by which rules. */
static void fill_of(struct insight_view *v, struct arena *a,
                    const struct slice *of)
{
	static const char *const folders[] = {"", "groups", "policy/recipes",
	                                      "environments"};
	static const char *const words[] = {"", "its guardrails today",
	                                    "the recipe", "what runs there"};
	if (of->kind == SLICE_ALL)
		return;
	v->of_text = str_of(words[of->kind]);
	v->of_href = str_format(a, "%" STR_FMT "%s/%" STR_FMT "/index.html",
	                        STR_ARG(v->frame.root), folders[of->kind],
	                        STR_ARG(words_slug(a, of->name)));
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

/* Pages of all periods, of one set of figures after the other. */
struct writing {
	struct site *s;
	const struct period *period;
	const struct insight_question *q;
	const struct slices *slices;
	const struct slice *environment; /* NULL: all others */
	struct insight_window windows[PERIODS];
	int64_t first;
};

static bool write_one(const struct writing *w, const struct insight *in,
                      const struct slice *of, struct str path, struct fail *why)
{
	static const char *const kinds[] = {"", "", "recipe ", "environment "};
	struct site *s = w->s;
	struct arena *a = s->page;
	struct insight_view v = {.frame = frame_of(s, path, NAV_INSIGHTS),
	                         .zone = zone_of(s)};
	frame_hot(&v.frame, s);
	v.frame.json = slice_json(a, w->period, of);
	insight_fill(&v, s, in, str_of(w->period->words));
	fill_tabs(&v, a, w->slices, of, w->period);
	fill_of(&v, a, of);
	if (of->kind == SLICE_ALL)
		fill_weeks(&v, s, w->first, known_at(s), -1, WEEKS_SHOWN);
	v.title = of->kind == SLICE_ALL
	                  ? STR("Insights")
	                  : str_format(a, "Insights: %s%" STR_FMT,
	                               kinds[of->kind], STR_ARG(of->name));
	v.frame.title = str_format(a, "%" STR_FMT ", %s", STR_ARG(v.title),
	                           w->period->tab);
	v.frame.description = lede_text(&v.lede, a);
	return site_page(s, &view_insights, path, &v, why);
}

static bool write_slice(const struct writing *w, const struct insight *in,
                        const struct insight_question *q,
                        const struct slice *of, struct fail *why)
{
	struct arena *a = arena_new();
	bool fine = write_one(w, in, of, slice_page(a, w->period, of), why) &&
	            insight_write_json(w->s, in, q,
	                               slice_json(a, w->period, of), true, why);
	if (fine && w->period == &insight_periods[FRONT] &&
	    of->kind == SLICE_ALL)
		fine = write_one(w, in, of, STR("insights/index.html"), why);
	arena_free(a);
	return fine;
}

static const struct insight *insight_of(const struct insights *all,
                                        const struct slice *of)
{
	for (size_t i = 1; of->kind != SLICE_ALL && i < all->n; i++) {
		const struct insight *in = &all->at[i];
		if (str_eq(of->kind == SLICE_GROUP ? in->group : in->recipe,
		           of->name))
			return in;
	}
	return &all->at[0];
}

static bool write_found(void *context, size_t window,
                        const struct insights *found, struct fail *why)
{
	struct writing *w = context;
	struct insight_question q = *w->q;
	q.window = w->windows[window];
	w->period = &insight_periods[window];
	if (w->environment)
		return write_slice(w, &found->at[0], &q, w->environment, why);
	for (size_t i = 0; i < w->slices->n; i++) {
		const struct slice *of = &w->slices->at[i];
		if (of->kind != SLICE_ENVIRONMENT &&
		    !write_slice(w, insight_of(found, of), &q, of, why))
			return false;
	}
	return true;
}

/* One of several environments is asked for itself: what came first there need
   not be the first of all. */
static bool write_environment(struct writing *w, const struct slice *of,
                              struct fail *why)
{
	struct site *s = w->s;
	const struct insight_question *all = w->q;
	struct insight_question q = *all;
	q.slices = false;
	q.environments = &of->name;
	q.nenvironments = 1;
	q.changes = s->in->changes_of ? s->in->changes_of[of->at] : NULL;
	w->q = &q;
	w->environment = of;
	bool fine = insight_read_each(s->ledger, &q, w->windows, PERIODS,
	                              write_found, w, why);
	w->environment = NULL;
	w->q = all;
	return fine;
}

static bool choose_windows(struct writing *w, struct fail *why)
{
	const struct site *s = w->s;
	if (!insight_first(s->ledger, w->q, &w->first, why))
		return false;
	for (size_t i = 0; i < PERIODS; i++) {
		struct insight_window *out = &w->windows[i];
		insight_window_of(str_of(insight_periods[i].slug), s->now,
		                  s->policy->platform.zone, w->first, out);
		if (out->to <= out->from)
			out->to = out->from + 1;
	}
	return true;
}

static bool write_periods(struct site *s, struct fail *why)
{
	struct arena *a = arena_new();
	struct slices slices = slices_of(s, a);
	struct insight_question q = insight_question_of(s, a);
	struct writing w = {.s = s, .q = &q, .slices = &slices};
	bool fine = choose_windows(&w, why) &&
	            insight_read_each(s->ledger, &q, w.windows, PERIODS,
	                              write_found, &w, why);
	for (size_t i = 0; fine && i < slices.n; i++)
		if (slices.at[i].kind == SLICE_ENVIRONMENT)
			fine = write_environment(&w, &slices.at[i], why);
	arena_free(a);
	return fine;
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
	struct str json = str_format(a, "api/v1/insights/%" STR_FMT ".json",
	                             STR_ARG(name));
	struct insight_view v = {.frame = frame_of(s, path, NAV_INSIGHTS),
	                         .zone = zone_of(s)};
	frame_changed(&v.frame, s, known < q.window.to ? known : q.window.to);
	v.frame.json = json;
	insight_fill(&v, s, in,
	             str_format(s->page, "week %" STR_FMT, STR_ARG(name)));
	v.title = str_format(s->page, "Week %" STR_FMT, STR_ARG(name));
	v.frame.title = v.title;
	v.frame.description = lede_text(&v.lede, s->page);
	fill_tabs(&v, s->page, &(struct slices){0}, &(struct slice){0}, NULL);
	/* The one before and the one after, where they have a page. */
	int64_t after = q.window.to <= known ? q.window.to : start;
	fill_weeks(&v, s, first, after, start, after > start ? 3 : 2);
	return site_page(s, &view_insights_week, path, &v, why) &&
	       insight_write_json(s, in, &q, json, false, why);
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
	/* What waits still has waited longer. */
	return ledger_waiting(t->s->ledger, touch_decision, t, why) &&
	       ledger_incidents(t->s->ledger, INT64_MAX, touch_incident, t,
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
	struct insight_question q = insight_question_of(s, kept);
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
