/*
 * insight_slices: what there are pages of figures of, and where they are: of
 * all, of each group whose services ever succeeded in production, of each
 * recipe and of each production environment where there are several. Each for
 * every period; of each service one.
 */
#ifndef RENDER_INSIGHT_SLICES_H
#define RENDER_INSIGHT_SLICES_H

#include "core/insight.h"
#include "render/site.h"

struct jw;

enum slice_kind { SLICE_ALL, SLICE_GROUP, SLICE_RECIPE, SLICE_ENVIRONMENT };
struct slice {
	enum slice_kind kind;
	struct str name; /* empty: all */
	size_t at;       /* of an environment: among those of production */
};
struct slices {
	struct slice *at;
	size_t n, cap;
};
/* All first, then groups, recipes and environments, as the policy has them. */
struct slices slices_of(const struct site *s, struct arena *a);

enum { PERIODS = 5 };
struct period {
	const char *slug, *tab, *words;
};
extern const struct period insight_periods[PERIODS];

/* "insights/13w/recipes/standard/index.html", and its document. */
struct str slice_page(struct arena *a, const struct period *p,
                      const struct slice *of);
struct str slice_json(struct arena *a, const struct period *p,
                      const struct slice *of);

/* Whether a service has a page of figures: it was deployed to production. */
bool service_has_figures(const struct site *s,
                         const struct history_service *of);
struct str service_figures_page(struct arena *a, struct str slug);
struct str service_figures_json(struct arena *a, struct str slug);

/* Of api/v1/index.json: the member "insights" with the documents of all scopes
   and periods. */
void slices_index(struct jw *j, const struct site *s);

#endif
