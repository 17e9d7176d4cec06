#include "core/policy_keys.h"

#include <string.h>

/* Looking for what was meant costs a pass over all names. */
enum { SHOWN = 60, SUGGESTIONS_MAX = 200 };

struct linker {
	struct policy *p;
	struct diags *ds;
	size_t suggestions;
};

/*
 * Names, each once a kind.
 */

/* Whether the name is new; else the finding points at the first as well. */
static bool is_first(struct linker *l, struct map *seen,
                     const struct text *name, const char *kind)
{
	if (!GIVEN(*name))
		return false;
	const struct text *first = map_find(seen, name->s);
	if (!first) {
		map_put(seen, name->s, (void *)name);
		return true;
	}
	struct str shown = str_brief(l->ds->arena, name->s, SHOWN);
	struct diag *d = diag_add(l->ds, DIAG_DUPLICATE_NAME, name->at,
	                          "a second %s has the name \"%" STR_FMT "\"",
	                          kind, STR_ARG(shown));
	diag_note(l->ds, d, first->at, "the first one");
	return false;
}

static void index_names(struct linker *l)
{
	struct policy *p = l->p;
	struct arena *a = p->arena;
	struct map environments = map_new(a), services = map_new(a),
	           groups = map_new(a), recipes = map_new(a);
	p->environment_by = p->service_by = p->group_by = p->recipe_by =
	        p->group_of = map_new(a);
	for (size_t i = 0; i < p->environments.n; i++) {
		struct environment *e = p->environments.at[i];
		if (is_first(l, &environments, &e->name, "environment"))
			map_put(&p->environment_by, e->name.s, e);
	}
	for (size_t i = 0; i < p->services.n; i++) {
		struct service *s = p->services.at[i];
		if (is_first(l, &services, &s->name, "service"))
			map_put(&p->service_by, s->name.s, s);
	}
	for (size_t i = 0; i < p->groups.n; i++) {
		struct group *g = p->groups.at[i];
		if (is_first(l, &groups, &g->id, "group"))
			map_put(&p->group_by, g->id.s, g);
	}
	for (size_t i = 0; i < p->recipes.n; i++) {
		struct recipe *r = p->recipes.at[i];
		if (is_first(l, &recipes, &r->id, "recipe"))
			map_put(&p->recipe_by, r->id.s, r);
	}
}

/* The kinds that nothing refers to by name. */
static void check_names(struct linker *l)
{
	struct policy *p = l->p;
	struct map windows = map_new(p->arena), waivers = map_new(p->arena),
	           hooks = map_new(p->arena), failures = map_new(p->arena),
	           proposals = map_new(p->arena);
	for (size_t i = 0; i < p->windows.n; i++)
		is_first(l, &windows, &p->windows.at[i]->id, "window");
	for (size_t i = 0; i < p->waivers.n; i++)
		is_first(l, &waivers, &p->waivers.at[i]->id, "waiver");
	for (size_t i = 0; i < p->hooks.n; i++)
		is_first(l, &hooks, &p->hooks.at[i]->id, "hook");
	for (size_t i = 0; i < p->failure_rules.n; i++)
		is_first(l, &failures, &p->failure_rules.at[i]->id,
		         "failure rule");
	for (size_t i = 0; i < p->proposal_rules.n; i++)
		is_first(l, &proposals, &p->proposal_rules.at[i]->id,
		         "proposal rule");
}

/*
 * Members of groups.
 */

static void report_twice(struct linker *l, const struct text *member,
                         struct span first, const char *why)
{
	struct str shown = str_brief(l->ds->arena, member->s, SHOWN);
	struct diag *d = diag_add(l->ds, DIAG_DUPLICATE_MEMBER, member->at,
	                          "\"%" STR_FMT "\" %s", STR_ARG(shown), why);
	diag_note(l->ds, d, first, "here already");
}

static void take_services(struct linker *l, struct map *places, struct group *g)
{
	for (size_t i = 0; i < g->services.n; i++) {
		const struct text *s = &g->services.at[i];
		const struct text *first = map_find(places, s->s);
		if (!first) {
			map_put(places, s->s, (void *)s);
			map_put(&l->p->group_of, s->s, g);
			continue;
		}
		bool same = map_find(&l->p->group_of, s->s) == g;
		report_twice(l, s, first->at,
		             same ? "stands twice in the group"
		                  : "stands in another group as well: a "
		                    "service is in one group");
	}
}

static void check_steps(struct linker *l, const struct group *g)
{
	const struct group_environment *step = g->environments.at;
	struct map places = map_new(l->p->arena);
	for (size_t i = 0; i < g->environments.n; i++) {
		const struct text *name = &step[i].name;
		if (!GIVEN(*name))
			continue;
		const struct text *first = map_find(&places, name->s);
		if (first)
			report_twice(
			        l, name, first->at,
			        "stands twice in the group's environments");
		else
			map_put(&places, name->s, (void *)name);
	}
}

/*
 * References.
 */

static struct str nearest(struct linker *l, const struct map *names,
                          struct str word)
{
	struct str found = {"", 0};
	size_t limit = word.n < 3 ? 1 : word.n / 3;
	if (++l->suggestions > SUGGESTIONS_MAX)
		return found;
	for (size_t i = 0; i < names->n; i++) {
		struct str name = names->at[i].key;
		size_t d = str_distance(word, name, limit);
		if (d > limit || (found.n && d == limit))
			continue;
		found = name;
		limit = d;
	}
	return found;
}

static void refer(struct linker *l, const struct map *names,
                  const struct text *name, const char *kind,
                  enum diag_code code)
{
	if (!GIVEN(*name) || map_find(names, name->s))
		return;
	struct str shown = str_brief(l->ds->arena, name->s, SHOWN);
	struct str near = nearest(l, names, name->s), meant = {"", 0};
	if (near.n)
		meant = str_format(l->ds->arena,
		                   "; did you mean \"%" STR_FMT "\"?",
		                   STR_ARG(near));
	diag_add(l->ds, code, name->at,
	         "the policy has no %s \"%" STR_FMT "\"%" STR_FMT, kind,
	         STR_ARG(shown), STR_ARG(meant));
}

static void refer_all(struct linker *l, const struct map *names,
                      const struct texts *list, const char *kind)
{
	for (size_t i = 0; i < list->n; i++)
		refer(l, names, &list->at[i], kind, DIAG_UNKNOWN_REFERENCE);
}

static void refer_scope(struct linker *l, const struct scope *scope)
{
	refer_all(l, &l->p->environment_by, &scope->environments,
	          "environment");
	refer_all(l, &l->p->group_by, &scope->groups, "group");
	refer_all(l, &l->p->service_by, &scope->services, "service");
}

static void link_service(struct linker *l, const struct service *s)
{
	struct policy *p = l->p;
	refer_all(l, &p->recipe_by, &s->recipes, "recipe");
	vec_each (const struct route, route, &s->routes) {
		refer(l, &p->environment_by, &route->environment, "environment",
		      DIAG_UNKNOWN_REFERENCE);
		refer(l, &p->recipe_by, &route->recipe, "recipe",
		      DIAG_UNKNOWN_REFERENCE);
	}
	const struct need *need = s->needs.at;
	for (size_t i = 0; i < s->needs.n; i++)
		refer(l, &p->service_by, &need[i].service, "service",
		      DIAG_UNKNOWN_REFERENCE);
	if (GIVEN(s->name) && !map_find(&p->group_of, s->name.s)) {
		struct str shown = str_brief(l->ds->arena, s->name.s, SHOWN);
		diag_add(l->ds, DIAG_SERVICE_WITHOUT_GROUP, s->name.at,
		         "no group lists the service \"%" STR_FMT "\"",
		         STR_ARG(shown));
	}
}

static void link_group(struct linker *l, const struct group *g)
{
	struct policy *p = l->p;
	const struct group_environment *step = g->environments.at;
	check_steps(l, g);
	refer_all(l, &p->service_by, &g->services, "service");
	refer_all(l, &p->recipe_by, &g->recipes, "recipe");
	for (size_t i = 0; i < g->environments.n; i++)
		refer(l, &p->environment_by, &step[i].name, "environment",
		      DIAG_UNKNOWN_REFERENCE);
}

static void want_key(struct linker *l, const struct recipe *r,
                     const struct text *value, const char *key)
{
	if (!GIVEN(*value))
		diag_add(l->ds, DIAG_MISSING_KEY, r->engine.at,
		         "missing key \"%s\" (recipe of an engine of type "
		         "spinnaker)",
		         key);
}

static void link_recipes(struct linker *l)
{
	struct map engines = map_new(l->p->arena);
	vec_each (struct engine, e, &l->p->platform.engines)
		map_put(&engines, e->id, e);
	for (size_t i = 0; i < l->p->recipes.n; i++)
		refer(l, &engines, &l->p->recipes.at[i]->engine, "engine",
		      DIAG_UNKNOWN_ENGINE);
	for (size_t i = 0; i < l->p->recipes.n; i++) {
		const struct recipe *r = l->p->recipes.at[i];
		const struct engine *e = map_find(&engines, r->engine.s);
		if (!e || e->type.is != ENGINE_SPINNAKER)
			continue;
		want_key(l, r, &r->application, "application");
		want_key(l, r, &r->pipelines.deploy, "pipelines.deploy");
	}
}

/* How a group would have it proposed: what there is to say against it. */
static const char *unfit(const struct group *g, const struct proposal_rule *r)
{
	const struct group_environment *step =
	        group_environment_of(g, r->environment.s);
	if (!step)
		return "no group has the environment";
	return r->on.is == PROPOSE_PROMOTION && step == g->environments.at
	               ? "it is the first environment of every group that has "
	                 "it, so that nothing is promoted to it"
	               : NULL;
}

static void link_proposal_rule(struct linker *l, const struct proposal_rule *r)
{
	const char *reason = NULL;
	refer(l, &l->p->environment_by, &r->environment, "environment",
	      DIAG_UNKNOWN_REFERENCE);
	if (!map_find(&l->p->environment_by, r->environment.s))
		return;
	for (size_t i = 0; i < l->p->groups.n; i++) {
		const char *here = unfit(l->p->groups.at[i], r);
		if (!here)
			return;
		if (!reason ||
		    group_environment_of(l->p->groups.at[i], r->environment.s))
			reason = here;
	}
	diag_add(l->ds, DIAG_PROPOSAL_RULE_IDLE, r->environment.at,
	         "the rule proposes nothing: %s",
	         reason ? reason : "there is no group");
}

void policy_link(struct policy *p, struct diags *ds)
{
	struct linker l = {p, ds, 0};
	struct map places = map_new(p->arena);
	index_names(&l);
	check_names(&l);
	for (size_t i = 0; i < p->groups.n; i++)
		take_services(&l, &places, p->groups.at[i]);
	for (size_t i = 0; i < p->services.n; i++)
		link_service(&l, p->services.at[i]);
	for (size_t i = 0; i < p->groups.n; i++)
		link_group(&l, p->groups.at[i]);
	link_recipes(&l);
	const struct mutations *m = &p->platform.mutations;
	refer_all(&l, &p->environment_by, &m->environments, "environment");
	refer_all(&l, &p->group_by, &m->groups, "group");
	for (size_t i = 0; i < p->windows.n; i++)
		refer_scope(&l, &p->windows.at[i]->scope);
	for (size_t i = 0; i < p->waivers.n; i++)
		refer_scope(&l, &p->waivers.at[i]->scope);
	for (size_t i = 0; i < p->hooks.n; i++)
		refer_scope(&l, &p->hooks.at[i]->scope);
	for (size_t i = 0; i < p->proposal_rules.n; i++)
		link_proposal_rule(&l, p->proposal_rules.at[i]);
}
