/* policy/recipes/<id>/: what a recipe does, and who uses it. */
#include "core/when.h"
#include "render/parts.h"

enum { RECENT = 20 };

struct route_row {
	struct str service, slug, environments;
};
static const struct field route_list[] = {
        FIELD_TEXT(struct route_row, service),
        FIELD_TEXT(struct route_row, slug),
        FIELD_TEXT(struct route_row, environments),
};
static const struct fields route_fields = FIELDS(struct route_row, route_list);

struct parameter_row {
	struct str name, value, limits;
};
static const struct field parameter_list[] = {
        FIELD_TEXT(struct parameter_row, name),
        FIELD_TEXT(struct parameter_row, value),
        FIELD_TEXT(struct parameter_row, limits),
};
static const struct fields parameter_fields =
        FIELDS(struct parameter_row, parameter_list);

struct view {
	struct frame frame;
	struct lede lede;
	struct str id, name;
	int64_t revision;
	struct status status;
	struct link *defined;
	VEC(struct route_row) routes;
	bool has_routes;
	struct events recent;
	bool has_recent;
	struct fact_list facts;
	VEC(struct parameter_row) parameters;
	bool has_parameters;
};
static const struct field view_list[] = {
        FIELD_STRUCT(struct view, frame, &frame_fields),
        FIELD_LIST(struct view, lede, &run_fields),
        FIELD_TEXT(struct view, id),
        FIELD_TEXT(struct view, name),
        FIELD_INT(struct view, revision),
        FIELD_STRUCT(struct view, status, &status_fields),
        FIELD_OPT(struct view, defined, &link_fields),
        FIELD_LIST(struct view, routes, &route_fields),
        FIELD_BOOL(struct view, has_routes),
        FIELD_LIST(struct view, recent, &event_fields),
        FIELD_BOOL(struct view, has_recent),
        FIELD_LIST(struct view, facts, &fact_fields),
        FIELD_LIST(struct view, parameters, &parameter_fields),
        FIELD_BOOL(struct view, has_parameters),
};
static const struct fields view_fields = FIELDS(struct view, view_list);

static void fill_routes(struct view *v, struct site *s, const struct recipe *r)
{
	struct arena *a = s->page;
	for (size_t i = 0; i < s->policy->services.n; i++) {
		const struct service *of = s->policy->services.at[i];
		struct buf names = buf_new(a, 4096);
		for (size_t k = 0; k < of->routes.n; k++)
			if (str_eq(of->routes.at[k].recipe.s, r->id.s))
				buf_format(&names, "%s%" STR_FMT,
				           names.n ? ", " : "",
				           STR_ARG(of->routes.at[k]
				                           .environment.s));
		if (names.n)
			*vec_add(a, &v->routes) = (struct route_row){
			        of->name.s, words_slug(a, of->name.s),
			        buf_str(&names)};
	}
	v->has_routes = v->routes.n > 0;
}

static struct str limits_of(struct arena *a, const struct overridable *o)
{
	static const char *const types[] = {"text", "a whole number",
	                                    "a number", "true or false"};
	struct buf b = buf_new(a, 4096);
	buf_format(&b, "An intent may set it: %s", types[o->type.is]);
	if (o->min.s.n)
		buf_format(&b, ", from %" STR_FMT, STR_ARG(o->min.s));
	if (o->max.s.n)
		buf_format(&b, ", up to %" STR_FMT, STR_ARG(o->max.s));
	for (size_t i = 0; i < o->options.n; i++)
		buf_format(&b, "%s%" STR_FMT, i ? ", " : ": ",
		           STR_ARG(o->options.at[i].s));
	return buf_str(&b);
}

static void fill_parameters(struct view *v, struct site *s,
                            const struct recipe *r)
{
	struct arena *a = s->page;
	for (size_t i = 0; i < r->parameters.n; i++)
		*vec_add(a, &v->parameters) =
		        (struct parameter_row){r->parameters.at[i].name.s,
		                               r->parameters.at[i].value.s,
		                               {0}};
	for (size_t i = 0; i < r->overridable.n; i++) {
		const struct overridable *o = &r->overridable.at[i];
		struct parameter_row *row = NULL;
		for (size_t k = 0; k < v->parameters.n; k++)
			if (str_eq(v->parameters.at[k].name, o->name))
				row = &v->parameters.at[k];
		row = row ? row : vec_add(a, &v->parameters);
		row->name = o->name;
		row->limits = limits_of(a, o);
	}
	v->has_parameters = v->parameters.n > 0;
}

static bool write_one(struct site *s, const struct recipe *r, struct fail *why)
{
	struct arena *a = s->page;
	bool old = r->status.is == RECIPE_IS_DEPRECATED;
	struct str path =
	        str_format(a, "policy/recipes/%" STR_FMT "/index.html",
	                   STR_ARG(words_slug(a, r->id.s)));
	struct view v = {.frame = frame_of(s, path, NAV_POLICY),
	                 .id = r->id.s,
	                 .name = r->name.s,
	                 .revision = r->revision.n,
	                 .status = status_of(old ? STATUS_UNKNOWN : STATUS_OK,
	                                     old ? "Deprecated" : "Active"),
	                 .defined = link_to_span(s, &r->id.at)};
	struct deployment_filter f = deployment_filter_any();
	f.recipe = r->id.s;
	f.limit = RECENT;
	if (!events_read(&v.recent, s, f, EVENT_SERVICE | EVENT_DATE, why))
		return false;
	v.has_recent = v.recent.n > 0;
	fill_routes(&v, s, r);
	fill_parameters(&v, s, r);
	fact_add(&v.facts, s, "Engine", r->engine.s, NULL);
	fact_add(&v.facts, s, "Application", r->application.s, NULL);
	fact_add(&v.facts, s, "Deploys with", r->pipelines.deploy.s, NULL);
	fact_add(&v.facts, s, "Rolls back with", r->pipelines.rollback.s, NULL);
	fact_add(&v.facts, s, "Fails after", words_duration(a, r->timeout.t),
	         NULL);
	lede_add(&v.lede, a, "%" STR_FMT, STR_ARG(words_line(a, r->summary.s)));
	v.frame.title = str_format(a, "Recipe %" STR_FMT, STR_ARG(r->name.s));
	v.frame.description = lede_text(&v.lede, a);
	return site_page(s, &view_recipe, path, &v, why);
}

static bool write_all(struct site *s, struct fail *why)
{
	for (size_t i = 0; i < s->policy->recipes.n; i++)
		if (!write_one(s, s->policy->recipes.at[i], why))
			return false;
	return true;
}

const struct page_kind view_recipe = {
        .name = "recipe",
        .fields = &view_fields,
        .write = write_all,
        .about = "one recipe: what it does, who uses it",
};
