/*
 * insights/: the figures of the last 7 and 30 days, 13 weeks, 12 months and of
 * all time, for all and for each group, and of every ISO week. What a figure
 * is, core/insight tells.
 */
#include "render/insight_slices.h"
#include "render/insight_stale.h"
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

/* Rows of groups and recipes lead to their own pages. */
static void link_rows(struct insight_view *v, struct arena *a,
                      const struct slices *all, const struct period *period)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct slice *of = &all->at[i];
		struct bar_rows *rows = of->kind == SLICE_GROUP    ? &v->groups
		                        : of->kind == SLICE_RECIPE ? &v->recipes
		                                                   : NULL;
		for (size_t k = 0; rows && k < rows->n; k++)
			if (str_eq(rows->at[k].name, of->name))
				rows->at[k].href = str_format(
				        a, "%" STR_FMT "%" STR_FMT,
				        STR_ARG(v->frame.root),
				        STR_ARG(slice_page(a, period, of)));
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

/* Pages of all periods, of one set of figures after the other; or of weeks. */
struct writing {
	struct site *s;
	const struct period *period;
	const struct insight_question *q;
	struct slices slices;
	const struct slice *environment; /* NULL: all others */
	struct insight_window windows[PERIODS];
	const struct insight_window *weeks;
	struct insight_stale stale;
	int64_t first, known;
};

static bool begin(struct writing *w, struct arena *a,
                  const struct insight_question *q, struct fail *why)
{
	struct site *s = w->s;
	w->q = q;
	w->slices = slices_of(s, a);
	return insight_first(s->ledger, q, &w->first, why) &&
	       insight_known_at(s, &w->known, why) &&
	       insight_stale_read(&w->stale, s, a, q, w->first, w->known, why);
}

static bool write_one(const struct writing *w, const struct insight *in,
                      const struct slice *of, struct str path, struct fail *why)
{
	static const char *const kinds[] = {"", "", "recipe ", "environment "};
	struct site *s = w->s;
	struct arena *a = s->page;
	struct insight_view v = {.frame = frame_of(s, path, NAV_INSIGHTS),
	                         .zone = zone_of(s)};
	frame_changed(&v.frame, s, w->q->present);
	v.frame.json = slice_json(a, w->period, of);
	insight_fill(&v, s, in, str_of(w->period->words));
	fill_tabs(&v, a, &w->slices, of, w->period);
	fill_of(&v, a, of);
	link_rows(&v, a, &w->slices, w->period);
	if (of->kind == SLICE_ALL)
		fill_weeks(&v, s, w->first, w->known, -1, WEEKS_SHOWN);
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
                        const struct slice *of, struct fail *why)
{
	if (!insight_stale_slice(w->s, &w->stale, of))
		return true;
	struct arena *a = arena_new();
	bool fine =
	        write_one(w, in, of, slice_page(a, w->period, of), why) &&
	        insight_write_json(w->s, in, w->q, slice_json(a, w->period, of),
	                           false, why);
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
	w->period = &insight_periods[window];
	if (w->environment)
		return write_slice(w, &found->at[0], w->environment, why);
	for (size_t i = 0; i < w->slices.n; i++) {
		const struct slice *of = &w->slices.at[i];
		if (of->kind != SLICE_ENVIRONMENT &&
		    !write_slice(w, insight_of(found, of), of, why))
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

/* As if the hour were over: what is written now stays as it is until then, or
   until something happens. */
static void choose_windows(struct writing *w, struct insight_question *q)
{
	const struct site *s = w->s;
	const struct zone *zone = s->policy->platform.zone;
	struct insight_window hour = insight_hour(s->now, zone);
	for (size_t i = 0; i < PERIODS; i++) {
		insight_window_of(str_of(insight_periods[i].slug), s->now, zone,
		                  w->first, &w->windows[i]);
		w->windows[i].to = hour.to;
	}
	q->at = hour.to;
	q->present = hour.from;
}

static bool write_periods(struct site *s, struct fail *why)
{
	struct arena *a = arena_new();
	struct insight_question q = insight_question_of(s, a);
	struct writing w = {.s = s};
	bool fine = begin(&w, a, &q, why);
	if (fine && insight_stale_periods(&w.stale)) {
		choose_windows(&w, &q);
		fine = insight_read_each(s->ledger, &q, w.windows, PERIODS,
		                         write_found, &w, why);
		for (size_t i = 0; fine && i < w.slices.n; i++) {
			const struct slice *of = &w.slices.at[i];
			if (of->kind == SLICE_ENVIRONMENT &&
			    insight_stale_slice(s, &w.stale, of))
				fine = write_environment(&w, of, why);
		}
	}
	arena_free(a);
	return fine;
}

const struct page_kind view_insights = {
        .name = "insights",
        .fields = &insight_fields,
        .reads = READS_HOURS,
        .write = write_periods,
        .about = "figures of the last days, weeks and months",
};

/* --- one week ------------------------------------------------------------- */

static bool write_week(void *context, size_t at, const struct insights *found,
                       struct fail *why)
{
	const struct writing *w = context;
	struct site *s = w->s;
	const struct insight_window week = w->weeks[at];
	const struct insight *in = &found->at[0];
	struct arena *a = arena_new();
	struct str name =
	        insight_week_name(a, week.from, s->policy->platform.zone);
	struct str path = str_format(a, "insights/%" STR_FMT "/index.html",
	                             STR_ARG(name));
	struct str json = str_format(a, "api/v1/insights/%" STR_FMT ".json",
	                             STR_ARG(name));
	struct insight_view v = {.frame = frame_of(s, path, NAV_INSIGHTS),
	                         .zone = zone_of(s)};
	frame_changed(&v.frame, s, insight_present(w->q, &week));
	v.frame.json = json;
	insight_fill(&v, s, in,
	             str_format(s->page, "week %" STR_FMT, STR_ARG(name)));
	v.title = str_format(s->page, "Week %" STR_FMT, STR_ARG(name));
	v.frame.title = v.title;
	v.frame.description = lede_text(&v.lede, s->page);
	fill_tabs(&v, s->page, &(struct slices){0}, &(struct slice){0}, NULL);
	/* The one before and the one after, where they have a page. */
	int64_t after = week.to <= w->known ? week.to : week.from;
	fill_weeks(&v, s, w->first, after, week.from,
	           after > week.from ? 3 : 2);
	bool fine = site_page(s, &view_insights_week, path, &v, why) &&
	            insight_write_json(s, in, w->q, json, false, why);
	arena_free(a);
	return fine;
}

static bool write_weeks(struct site *s, struct fail *why)
{
	struct arena *a = arena_new();
	const struct zone *zone = s->policy->platform.zone;
	struct insight_question q = insight_question_of(s, a);
	struct writing w = {.s = s};
	VEC(struct insight_window) stale = {0};
	bool fine = begin(&w, a, &q, why);
	int64_t t =
	        fine && w.first ? insight_week_start(w.first, zone) : INT64_MAX;
	for (size_t n = 0; t <= w.known && n < WEEKS_MOST; n++) {
		struct insight_window week = {t, insight_week_end(t, zone)};
		if (insight_stale_week(&w.stale, week))
			*vec_add(a, &stale) = week;
		t = week.to;
	}
	/* Of a week that is over its end is the present, whatever the clock. */
	q.at = q.present = w.known;
	q.slices = false;
	w.weeks = stale.at;
	fine = fine &&
	       (!stale.n || insight_read_each(s->ledger, &q, stale.at, stale.n,
	                                      write_week, &w, why));
	arena_free(a);
	return fine;
}

const struct page_kind view_insights_week = {
        .name = "insights_week",
        .fields = &insight_fields,
        .reads = READS_OWN,
        .write = write_weeks,
        .about = "figures of each week",
};
