#include "render/insight_slices.h"

#include "core/json.h"
#include "render/words.h"

#include <string.h>

const struct period insight_periods[PERIODS] = {
        {"7d", "7 days", "the last 7 days"},
        {"30d", "30 days", "the last 30 days"},
        {"13w", "13 weeks", "the last 13 weeks"},
        {"12m", "12 months", "the last 12 months"},
        {"all", "All", "all time"},
};

/* --- what there is -------------------------------------------------------- */

static bool has_success(const struct site *s, const struct history_service *of)
{
	for (size_t i = 0; i < of->pairs.n; i++) {
		const struct pair *p = &s->history.pairs.at[of->pairs.at[i]];
		if (p->good.n && history_is_prod(&s->history, p))
			return true;
	}
	return false;
}

/* Once it is it stays so: no page goes away with time. */
static bool group_is_shown(const struct site *s, const struct group *g)
{
	vec_each (const struct history_service, of, &s->history.services)
		if (of->group == g && has_success(s, of))
			return true;
	return false;
}

struct slices slices_of(const struct site *s, struct arena *a)
{
	struct slices out = {0};
	struct insight_question q = {0};
	const struct policy *p = s->policy;
	*vec_add(a, &out) = (struct slice){.kind = SLICE_ALL};
	for (size_t i = 0; i < p->groups.n; i++)
		if (group_is_shown(s, p->groups.at[i]))
			*vec_add(a, &out) =
			        (struct slice){.kind = SLICE_GROUP,
			                       .name = p->groups.at[i]->id.s};
	for (size_t i = 0; p->recipes.n > 1 && i < p->recipes.n; i++)
		*vec_add(a, &out) = (struct slice){
		        .kind = SLICE_RECIPE, .name = p->recipes.at[i]->id.s};
	insight_production(p, a, &q);
	for (size_t i = 0; q.nenvironments > 1 && i < q.nenvironments; i++)
		*vec_add(a, &out) = (struct slice){.kind = SLICE_ENVIRONMENT,
		                                   .name = q.environments[i],
		                                   .at = i};
	return out;
}

bool service_has_figures(const struct site *s, const struct history_service *of)
{
	for (size_t i = 0; i < of->pairs.n; i++) {
		const struct pair *p = &s->history.pairs.at[of->pairs.at[i]];
		if (p->last && history_is_prod(&s->history, p))
			return true;
	}
	return false;
}

/* --- where it is ---------------------------------------------------------- */

/* "recipes/standard" of a scope; empty of all. */
static struct str folder_of(struct arena *a, const struct slice *of)
{
	static const char *const folders[] = {"", "", "recipes/",
	                                      "environments/"};
	if (of->kind == SLICE_ALL)
		return STR("");
	return str_format(a, "/%s%" STR_FMT, folders[of->kind],
	                  STR_ARG(words_slug(a, of->name)));
}

struct str slice_page(struct arena *a, const struct period *p,
                      const struct slice *of)
{
	return str_format(a, "insights/%s%" STR_FMT "/index.html", p->slug,
	                  STR_ARG(folder_of(a, of)));
}

struct str slice_json(struct arena *a, const struct period *p,
                      const struct slice *of)
{
	return str_format(a, "api/v1/insights/%s%" STR_FMT ".json", p->slug,
	                  STR_ARG(folder_of(a, of)));
}

struct str service_figures_page(struct arena *a, struct str slug)
{
	return str_format(a, "insights/services/%" STR_FMT "/index.html",
	                  STR_ARG(slug));
}

struct str service_figures_json(struct arena *a, struct str slug)
{
	return str_format(a, "api/v1/insights/services/%" STR_FMT ".json",
	                  STR_ARG(slug));
}

/* --- the index ------------------------------------------------------------ */

static struct str from_index(struct str path)
{
	return str_from(path, strlen("api/v1/"));
}

static void put_kind(struct jw *j, struct arena *a, const struct slices *all,
                     const struct period *p, enum slice_kind kind,
                     const char *key)
{
	jw_key(j, key);
	jw_open(j, '{');
	for (size_t i = 0; i < all->n; i++)
		if (all->at[i].kind == kind)
			jw_put_str(j, str_cstr(a, all->at[i].name),
			           from_index(slice_json(a, p, &all->at[i])));
	jw_close(j);
}

void slices_index(struct jw *j, const struct site *s)
{
	struct arena *a = s->page;
	struct slices all = slices_of(s, a);
	jw_key(j, "insights");
	jw_open(j, '{');
	for (size_t i = 0; i < PERIODS; i++) {
		const struct period *p = &insight_periods[i];
		jw_key(j, p->slug);
		jw_open(j, '{');
		jw_put_str(j, "all", from_index(slice_json(a, p, &all.at[0])));
		put_kind(j, a, &all, p, SLICE_GROUP, "groups");
		put_kind(j, a, &all, p, SLICE_RECIPE, "recipes");
		put_kind(j, a, &all, p, SLICE_ENVIRONMENT, "environments");
		jw_close(j);
	}
	jw_put_str(j, "weekTemplate", STR("insights/{yyyy}-w{ww}.json"));
	jw_close(j);
}
