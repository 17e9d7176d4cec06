/*
 * insight_view: one page of figures as its template (partial "figures") shows
 * it. render/view_insights makes the pages; this fills them.
 */
#ifndef RENDER_INSIGHT_VIEW_H
#define RENDER_INSIGHT_VIEW_H

#include "core/insight.h"
#include "render/parts.h"

struct piece_spread {
	struct str median, p90, n;
};
struct piece_row { /* a day, week or month, of all figures */
	struct str label, deployed, changes, failed, rate;
	struct piece_spread lead, recovery;
};
struct figure { /* one chart */
	struct str title, delta, value, unit, chart, top, middle, first, centre,
	        last, key;
};
struct measure { /* one line of the figures in words */
	struct str name, value, before, n, more;
};
struct bar_row { /* categories, stops, phases, recipes */
	struct str name, href, note, bar, now, before, more, fared;
};
struct bar_rows {
	struct bar_row *at;
	size_t n, cap;
};
struct look_row {
	struct status status;
	struct str name, text, href;
};
struct service_figures {
	struct str name, slug, group, strip, deployed, failed, rollbacks, lead;
};
struct failed_row {
	int64_t number;
	struct str service, when, how, recovered;
	bool late;
};
struct tab { /* another window, another scope */
	struct str name, href;
	bool is_current;
};
struct scope_tabs { /* a row of them */
	struct str label;
	VEC(struct tab) tabs;
};
struct hours_row {
	struct str day, night, morning, afternoon, evening;
};

struct insight_view {
	struct frame frame;
	struct lede lede;
	struct str title, window, zone, unit, revised;
	bool has_data;
	struct str crumb, crumb_href;
	struct str of_text, of_href; /* where else it is told of */
	VEC(struct scope_tabs) scopes;
	VEC(struct tab) weeks;
	VEC(struct measure) measures;
	VEC(struct figure) figures;
	VEC(struct piece_row) pieces;
	struct str piece_head, lead_name;
	struct bar_rows categories, stops, phases, recipes, groups;
	VEC(struct look_row) looks;
	VEC(struct service_figures) services;
	VEC(struct failed_row) failures;
	VEC(struct hours_row) hours;
	VEC(struct link) policy;
	bool has_categories, has_stops, has_phases, has_recipes, has_groups,
	        has_looks, has_services, has_failures, has_policy, has_weeks;
	struct str heat, heat_fact, dots, failures_note, phases_note,
	        services_note, groups_note, recipes_note;
};
extern const struct fields insight_fields;

/* name: of the window, "13 weeks". The page's frame, tabs and title are the
   caller's. a: as long as the page. */
void insight_fill(struct insight_view *v, struct site *s,
                  const struct insight *in, struct str name);

/* The question that all pages ask, but for the window; and its document. */
struct insight_question insight_question_of(struct site *s, struct arena *a);
bool insight_write_json(struct site *s, const struct insight *in,
                        const struct insight_question *q, struct str path,
                        bool hot, struct fail *why);

/* --- between the files of insight_view (insight_figures.c) --- */

void figures_fill(struct insight_view *v, struct arena *a,
                  const struct insight *in);
struct str figure_count(struct arena *a, int64_t n);
struct str figure_share(struct arena *a, int64_t per_mille); /* "1.5%" */
const char *figure_unit(enum insight_unit unit);             /* "week" */
struct str figure_day(struct arena *a, int64_t t, const struct zone *zone);

#endif
