/*
 * insights/services/<service>/: the figures of one service, of the 12 months up
 * to the last that was recorded of it. What it says does not depend on the
 * clock, so it is made again only when something happens to the service.
 */
#include "core/ledger_insight.h"
#include "render/changes.h"
#include "render/insight_slices.h"
#include "render/insight_view.h"

static void fill_frame(struct insight_view *v, struct site *s,
                       const struct history_service *of, int64_t known)
{
	struct arena *a = s->page;
	struct str zone = s->policy->platform.timezone.s;
	frame_changed(&v->frame, s, known);
	v->zone = zone.n ? zone : STR("UTC");
	v->frame.json = service_figures_json(a, of->slug);
	v->title = str_format(a, "Insights: %" STR_FMT, STR_ARG(of->name));
	v->frame.title = v->title;
	v->crumb = of->name;
	v->crumb_href = str_format(a, "%" STR_FMT "insights/index.html",
	                           STR_ARG(v->frame.root));
	v->of_text = STR("what runs where, and how to go back");
	v->of_href =
	        str_format(a, "%" STR_FMT "services/%" STR_FMT "/index.html",
	                   STR_ARG(v->frame.root), STR_ARG(of->slug));
}

static bool write_service(struct site *s, const struct history_service *of,
                          struct arena *a, struct fail *why)
{
	struct insight_question q = insight_question_of(s, a);
	struct insights found;
	int64_t first;
	q.slices = false;
	q.service = of->name;
	/* Weeks of one service hold too little to be compared. */
	q.least_unit = UNIT_MONTH;
	if (!ledger_last_known(s->ledger, of->name, &q.at, why) ||
	    !insight_first(s->ledger, &q, &first, why))
		return false;
	insight_window_of(STR("12m"), q.at, s->policy->platform.zone, first,
	                  &q.window);
	if (!insight_read(&found, a, s->ledger, &q, why))
		return false;
	const struct insight *in = &found.at[0];
	struct str path = service_figures_page(a, of->slug);
	struct insight_view v = {.frame = frame_of(s, path, NAV_INSIGHTS)};
	fill_frame(&v, s, of, q.at);
	insight_fill(&v, s, in,
	             str_format(s->page, "the 12 months up to %" STR_FMT,
	                        STR_ARG(figure_day(s->page, q.at, in->zone))));
	/* One row, of what the whole page says. */
	v.has_services = false;
	v.frame.description = lede_text(&v.lede, s->page);
	return site_page(s, &view_insights_service, path, &v, why) &&
	       insight_write_json(s, in, &q, service_figures_json(a, of->slug),
	                          false, why);
}

static bool write_services(struct site *s, struct fail *why)
{
	vec_each (const struct history_service, of, &s->history.services) {
		if (!service_has_figures(s, of) || !changed_service(s, of))
			continue;
		struct arena *a = arena_new();
		bool fine = write_service(s, of, a, why);
		arena_free(a);
		if (!fine)
			return false;
	}
	return true;
}

const struct page_kind view_insights_service = {
        .name = "insights_service",
        .fields = &insight_fields,
        .reads = READS_OWN,
        .write = write_services,
        .about = "figures of each service",
};
