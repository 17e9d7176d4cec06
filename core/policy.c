#include "core/policy.h"

#include "core/kind.h"
#include "core/policy_keys.h"

#include <assert.h>

enum {
	MINUTE = 60,
	HOUR = 60 * MINUTE,
	DAY = 24 * HOUR,
	RECIPE_TIMEOUT = HOUR,
	WAITING_EXPIRES_AFTER = DAY,
	HOOK_TIMEOUT = 10
};

/*
 * Reading: one function a kind.
 */

struct reader {
	struct policy *p;
	struct arena *a;
	struct diags *ds;
	bool has_platform;
};

/* A new struct of a kind, kept in the policy's list of it. */
#define NEW(r, list, type) \
	(*vec_add((r)->a, &(r)->p->list) = ARENA_NEW((r)->a, type))

/* The map behind a raw key; NULL, with a finding, where it is something else.
 */
static const struct yaml_node *map_of(struct reader *r, struct raw raw,
                                      const char *what)
{
	if (!raw.node || raw.node->kind == YAML_MAP)
		return raw.node;
	diag_add(r->ds, DIAG_WRONG_TYPE, raw.node->at,
	         "expected a map for \"%s\"", what);
	return NULL;
}

/* A value of such a map that has to be one word. */
static bool take_word(struct reader *r, struct text *out,
                      const struct yaml_node *node, const char *what)
{
	if (node->kind == YAML_SCALAR && node->broken)
		return false;
	if (node->kind != YAML_SCALAR || yaml_is_null(node)) {
		diag_add(r->ds, DIAG_WRONG_TYPE, node->at,
		         "expected a single value for each name in \"%s\"",
		         what);
		return false;
	}
	*out = (struct text){node->text, node->at};
	return true;
}

/* For maps whose content is kept as it is. */
static void check_words(struct reader *r, struct raw raw, const char *what)
{
	const struct yaml_node *map = map_of(r, raw, what);
	struct text ignored;
	if (!map)
		return;
	yaml_each_pair (key, map)
		take_word(r, &ignored, key->next, what);
}

/* The value of a name in a map of structs: unlike a document it has no kind. */
static void take_struct(struct reader *r, void *out, const struct shape *shape,
                        const struct yaml_node *node)
{
	struct span at;
	decode(out, r->a, shape, node, r->ds);
	if (node->kind == YAML_MAP && yaml_find(node, "kind", &at))
		diag_add(r->ds, DIAG_UNKNOWN_KEY, at, "unknown key \"kind\"");
}

static struct span place_of(const struct yaml_node *map, const char *key)
{
	const struct yaml_node *node = yaml_find(map, key, NULL);
	return node ? node->at : (struct span){0};
}

static void default_to(struct moment *m, int64_t seconds)
{
	if (!GIVEN(*m))
		m->t = seconds;
}

static void read_headers(struct reader *r, struct engine *e)
{
	const struct yaml_node *map = map_of(r, e->headers_node, "headers");
	if (!map)
		return;
	yaml_each_pair (key, map) {
		struct engine_header *h = vec_add(r->a, &e->headers);
		h->name = (struct text){key->text, key->at};
		take_struct(r, h, &engine_header_shape, key->next);
	}
}

static void read_engines(struct reader *r, struct platform *platform)
{
	const struct yaml_node *map =
	        map_of(r, platform->engines_node, "engines");
	if (!map)
		return;
	yaml_each_pair (key, map) {
		struct engine *e = vec_add(r->a, &platform->engines);
		e->id = key->text;
		e->at = key->at;
		take_struct(r, e, &engine_shape, key->next);
		read_headers(r, e);
	}
}

static void read_platform(struct reader *r, const struct yaml_node *node)
{
	struct platform platform = {.at = node->at};
	decode(&platform, r->a, &platform_shape, node, r->ds);
	default_to(&platform.waiting_expires_after, WAITING_EXPIRES_AFTER);
	platform.mutations.at = place_of(node, "mutations");
	platform.mutations.is_disabled = platform.mutations.disabled.on;
	read_engines(r, &platform);
	if (r->has_platform) {
		struct diag *d = diag_add(
		        r->ds, DIAG_DUPLICATE_NAME, place_of(node, "kind"),
		        "the policy has a second platform document");
		diag_note(r->ds, d, r->p->platform.at, "the first one");
		return;
	}
	r->p->platform = platform;
	r->has_platform = true;
}

static void unite(struct reader *r, struct texts *all, const struct texts *more)
{
	if (!more->n)
		return;
	struct text *at = arena_array(r->a, all->n + more->n, sizeof *at);
	for (size_t i = 0; i < all->n; i++)
		at[i] = all->at[i];
	for (size_t i = 0; i < more->n; i++)
		at[all->n + i] = more->at[i];
	all->at = at;
	all->n += more->n;
	if (!all->span.src)
		all->span = more->span;
}

static void read_roles(struct reader *r, const struct yaml_node *node)
{
	struct roles roles = {0};
	decode(&roles, r->a, &roles_shape, node, r->ds);
	unite(r, &r->p->roles.platform_admin, &roles.platform_admin);
	unite(r, &r->p->roles.observer, &roles.observer);
	unite(r, &r->p->roles.ci_publisher, &roles.ci_publisher);
}

static void read_environment(struct reader *r, const struct yaml_node *node)
{
	struct environment *e = NEW(r, environments, struct environment);
	e->at = node->at;
	decode(e, r->a, &environment_shape, node, r->ds);
}

static void read_service(struct reader *r, const struct yaml_node *node)
{
	struct service *s = NEW(r, services, struct service);
	s->at = node->at;
	decode(s, r->a, &service_shape, node, r->ds);
	const struct yaml_node *routes = map_of(r, s->routes_node, "routes");
	if (!routes)
		return;
	yaml_each_pair (key, routes) {
		struct text recipe;
		if (!take_word(r, &recipe, key->next, "routes"))
			continue;
		struct route *route = vec_add(r->a, &s->routes);
		route->environment = (struct text){key->text, key->at};
		route->recipe = recipe;
	}
}

static void read_group(struct reader *r, const struct yaml_node *node)
{
	struct group *g = NEW(r, groups, struct group);
	g->at = node->at;
	decode(g, r->a, &group_shape, node, r->ds);
}

static void read_parameters(struct reader *r, struct recipe *recipe)
{
	const struct yaml_node *map =
	        map_of(r, recipe->parameters_node, "parameters");
	if (!map)
		return;
	yaml_each_pair (key, map) {
		struct text value;
		if (!take_word(r, &value, key->next, "parameters"))
			continue;
		struct parameter *p = vec_add(r->a, &recipe->parameters);
		p->name = (struct text){key->text, key->at};
		p->value = value;
		parameter_parse(p, r->a, key->next->plain, r->ds);
	}
}

static void read_recipe(struct reader *r, const struct yaml_node *node)
{
	struct recipe *recipe = NEW(r, recipes, struct recipe);
	recipe->at = node->at;
	decode(recipe, r->a, &recipe_shape, node, r->ds);
	default_to(&recipe->timeout, RECIPE_TIMEOUT);
	check_words(r, recipe->labels, "labels");
	read_parameters(r, recipe);
	const struct yaml_node *map =
	        map_of(r, recipe->overridable_node, "overridable");
	if (!map)
		return;
	yaml_each_pair (key, map) {
		struct overridable *o = vec_add(r->a, &recipe->overridable);
		o->name = key->text;
		o->at = key->at;
		take_struct(r, o, &overridable_shape, key->next);
	}
}

static void read_window(struct reader *r, const struct yaml_node *node)
{
	struct window *w = NEW(r, windows, struct window);
	w->at = node->at;
	decode(w, r->a, &window_shape, node, r->ds);
	const struct yaml_node *when = yaml_find(node, "when", NULL);
	if (!when || when->kind != YAML_MAP)
		return;
	w->when.weekly.at = place_of(when, "weekly");
	w->when.dated.at = place_of(when, "dated");
	if (!w->when.weekly.at.src == !w->when.dated.at.src)
		diag_add(r->ds, DIAG_INVALID_VALUE, when->at,
		         "a window is either weekly or dated");
}

static void read_waiver(struct reader *r, const struct yaml_node *node)
{
	struct waiver *w = NEW(r, waivers, struct waiver);
	w->at = node->at;
	decode(w, r->a, &waiver_shape, node, r->ds);
}

static void read_hook(struct reader *r, const struct yaml_node *node)
{
	struct hook *h = NEW(r, hooks, struct hook);
	h->at = node->at;
	decode(h, r->a, &hook_shape, node, r->ds);
	default_to(&h->timeout, HOOK_TIMEOUT);
}

static void read_failure_rule(struct reader *r, const struct yaml_node *node)
{
	struct failure_rule *f = NEW(r, failure_rules, struct failure_rule);
	f->at = node->at;
	decode(f, r->a, &failure_rule_shape, node, r->ds);
	const struct yaml_node *match = yaml_find(node, "match", NULL);
	if (match && match->kind == YAML_MAP && !match->n)
		diag_add(r->ds, DIAG_INVALID_VALUE, match->at,
		         "a rule that names no field would be about every "
		         "failure");
}

static void read_proposal_rule(struct reader *r, const struct yaml_node *node)
{
	struct proposal_rule *rule =
	        NEW(r, proposal_rules, struct proposal_rule);
	rule->at = node->at;
	decode(rule, r->a, &proposal_rule_shape, node, r->ds);
}

/* In the order of policy_kinds[]. */
static void (*const readers[])(struct reader *, const struct yaml_node *) = {
        read_platform, read_roles,        read_environment,   read_service,
        read_group,    read_recipe,       read_window,        read_waiver,
        read_hook,     read_failure_rule, read_proposal_rule,
};

static void read_file(struct reader *r, const struct source *src)
{
	struct yaml_document *doc = yaml_parse(r->a, src, r->ds);
	for (; doc; doc = doc->next) {
		struct span at;
		int kind = kind_read(doc->root, KIND_OF_POLICY, &at, r->ds);
		if (kind >= 0)
			readers[kind](r, doc->root);
	}
}

struct policy *policy_read(struct arena *a, struct source *const *files,
                           size_t nfiles, struct diags *ds)
{
	assert(policy_kind_count == sizeof readers / sizeof *readers);
	struct reader r = {ARENA_NEW(a, struct policy), a, ds, false};
	r.p->arena = a;
	r.p->platform.waiting_expires_after.t = WAITING_EXPIRES_AFTER;
	for (size_t i = 0; i < nfiles; i++)
		read_file(&r, files[i]);
	if (!r.has_platform)
		diag_add(ds, DIAG_PLATFORM_MISSING, (struct span){0},
		         "the policy has no platform document");
	policy_check(r.p, ds);
	policy_link(r.p, ds);
	policy_grant(r.p);
	return r.p;
}

/*
 * Looking up.
 */

const struct environment *policy_environment(const struct policy *p,
                                             struct str name)
{
	return map_find(&p->environment_by, name);
}

const struct service *policy_service(const struct policy *p, struct str name)
{
	return map_find(&p->service_by, name);
}

const struct group *policy_group_of(const struct policy *p, struct str service)
{
	return map_find(&p->group_of, service);
}

const struct recipe *policy_recipe(const struct policy *p, struct str id)
{
	return map_find(&p->recipe_by, id);
}

const struct engine *policy_engine(const struct policy *p, struct str id)
{
	vec_each (const struct engine, e, &p->platform.engines)
		if (str_eq(e->id, id))
			return e;
	return NULL;
}

const struct group_environment *group_environment_of(const struct group *g,
                                                     struct str environment)
{
	const struct group_environment *step = g->environments.at;
	for (size_t i = 0; i < g->environments.n; i++)
		if (str_eq(step[i].name.s, environment))
			return &step[i];
	return NULL;
}

const struct overridable *recipe_overridable(const struct recipe *r,
                                             struct str name)
{
	vec_each (const struct overridable, o, &r->overridable)
		if (str_eq(o->name, name))
			return o;
	return NULL;
}

const struct route *service_route(const struct service *s,
                                  struct str environment)
{
	vec_each (const struct route, route, &s->routes)
		if (str_eq(route->environment.s, environment))
			return route;
	return NULL;
}

bool texts_has(const struct texts *list, struct str s)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->at[i].s, s))
			return true;
	return false;
}

/*
 * Limits. CONTRACT section 1 has the order and the defaults.
 */

static const struct {
	const char *name;
	int64_t built_in;
} limits[LIMIT_COUNT] = {
        [LIMIT_CONCURRENT_DEPLOYMENTS] = {"max_concurrent_deployments", 1},
        [LIMIT_DAILY_DEPLOYS] = {"daily_deploy_quota", 25},
        [LIMIT_DAILY_ROLLBACKS] = {"daily_rollback_quota", 10},
        [LIMIT_DAILY_BUILDS] = {"daily_build_quota", 50},
};

const char *limit_name(enum limit limit)
{
	return limits[limit].name;
}

static const struct number *limit_in(const struct guardrails *g,
                                     enum limit limit)
{
	const struct number *const all[LIMIT_COUNT] = {
	        [LIMIT_CONCURRENT_DEPLOYMENTS] = &g->max_concurrent_deployments,
	        [LIMIT_DAILY_DEPLOYS] = &g->daily_deploy_quota,
	        [LIMIT_DAILY_ROLLBACKS] = &g->daily_rollback_quota,
	        [LIMIT_DAILY_BUILDS] = &g->daily_build_quota,
	};
	return all[limit];
}

static struct limit_value asked_limit(const struct policy *p,
                                      const struct group *g,
                                      struct str environment, enum limit limit)
{
	const struct group_environment *step =
	        g ? group_environment_of(g, environment) : NULL;
	const struct environment *e = policy_environment(p, environment);
	const struct {
		const char *origin;
		const struct guardrails *says;
	} order[] = {
	        {"group environment", step ? &step->guardrails : NULL},
	        {"environment", e ? &e->guardrails : NULL},
	        {"group", g ? &g->guardrails : NULL},
	        {"platform", &p->platform.defaults.guardrails},
	};
	for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
		const struct number *n =
		        order[i].says ? limit_in(order[i].says, limit) : NULL;
		if (n && GIVEN(*n))
			return (struct limit_value){n->n, order[i].origin,
			                            n->at};
	}
	return (struct limit_value){
	        .n = limits[limit].built_in,
	        .origin = "built-in",
	};
}

struct limit_value policy_limit(const struct policy *p, const struct group *g,
                                struct str environment, enum limit limit)
{
	struct limit_value asked = asked_limit(p, g, environment, limit);
	if (p->platform.evaluation.on && asked.n > limits[limit].built_in)
		return (struct limit_value){limits[limit].built_in,
		                            "evaluation",
		                            p->platform.evaluation.at};
	return asked;
}

static bool lets_in(const struct texts *list, struct str s)
{
	return !list->n || texts_has(list, s);
}

bool scope_covers(const struct scope *s, struct str group,
                  struct str environment, struct str service)
{
	return lets_in(&s->groups, group) &&
	       lets_in(&s->environments, environment) &&
	       lets_in(&s->services, service);
}

bool policy_mutations_stop(const struct policy *p, struct str group,
                           struct str environment)
{
	const struct mutations *m = &p->platform.mutations;
	return m->is_disabled && lets_in(&m->environments, environment) &&
	       lets_in(&m->groups, group);
}
