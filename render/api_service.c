/*
 * api/v1/services/: the shapes that cards of a developer portal read: members
 * as the original DXCP's API has them (its delivery-status, running and
 * allowed-actions), so that its Backstage plugin works on static files.
 */
#include "render/changes.h"
#include "render/documents.h"
#include "render/parts.h"

/* --- what is asked of the policy ---------------------------------------- */

static enum diag_code environment_code(const struct site *s,
                                       const struct group *g,
                                       struct str environment)
{
	const struct environment *e =
	        policy_environment(s->policy, environment);
	const struct group_environment *step =
	        group_environment_of(g, environment);
	if (!e || !step)
		return DIAG_ENVIRONMENT_NOT_ALLOWED;
	if (e->lifecycle.is == LIFECYCLE_RETIRED)
		return DIAG_ENVIRONMENT_RETIRED;
	if (e->lifecycle.is == LIFECYCLE_DISABLED ||
	    (GIVEN(step->enabled) && !step->enabled.on))
		return DIAG_ENVIRONMENT_DISABLED;
	return DIAG_NONE;
}

/* In the order of CONTRACT section 2. */
static enum diag_code recipe_code(const struct site *s, const struct group *g,
                                  const struct service *service,
                                  struct str environment, struct str *recipe)
{
	const struct route *route = service_route(service, environment);
	if (!route)
		return DIAG_SERVICE_ENVIRONMENT_NOT_ROUTED;
	*recipe = route->recipe.s;
	const struct recipe *r = policy_recipe(s->policy, *recipe);
	if (!r)
		return DIAG_RECIPE_NOT_FOUND;
	if (r->status.is == RECIPE_IS_DEPRECATED)
		return DIAG_RECIPE_DEPRECATED;
	if (!texts_has(&g->recipes, *recipe))
		return DIAG_RECIPE_NOT_ALLOWED;
	return texts_has(&service->recipes, *recipe) ? DIAG_NONE
	                                             : DIAG_RECIPE_INCOMPATIBLE;
}

static void put_code(struct jw *j, const char *key, enum diag_code code)
{
	if (code)
		jw_put_str(j, key, str_of(diag_info(code)->name));
	else
		jw_put_null(j, key);
}

/* --- delivery-status ---------------------------------------------------- */

static void put_number(struct jw *j, struct arena *a, const char *key,
                       int64_t n)
{
	if (n)
		jw_put_str(j, key, str_format(a, "%lld", (long long)n));
	else
		jw_put_null(j, key);
}

static int64_t updated_at(const struct deployment *d)
{
	return d->finished_at  ? d->finished_at
	       : d->started_at ? d->started_at
	                       : d->created_at;
}

static void put_latest(struct jw *j, struct arena *a,
                       const struct deployment *d)
{
	jw_key(j, "latest");
	if (!d) {
		jw_null(j);
		return;
	}
	jw_open(j, '{');
	put_number(j, a, "id", d->number);
	jw_put_str(j, "state", str_of(deployment_state_names[d->state]));
	jw_put_str(j, "version", d->version);
	jw_put_opt(j, "sourceEnvironment", d->source_environment);
	jw_put_opt(j, "recipeId", d->recipe);
	jw_put_when(j, "createdAt", d->created_at);
	jw_put_when(j, "updatedAt", updated_at(d));
	put_number(j, a, "rollbackOf", d->rollback_of);
	jw_put_str(j, "deploymentKind", str_of(deployment_kind_names[d->kind]));
	jw_put_opt(j, "outcome", str_of(deployment_outcome_names[d->outcome]));
	jw_close(j);
}

static void put_running(struct jw *j, struct arena *a,
                        const struct deployment *d)
{
	if (!d) {
		jw_null(j);
		return;
	}
	jw_open(j, '{');
	jw_put_str(j, "service", d->service);
	jw_put_str(j, "environment", d->environment);
	jw_put_str(j, "scope", STR("service"));
	jw_put_str(j, "version", d->version);
	put_number(j, a, "deploymentId", d->number);
	jw_put_str(j, "deploymentKind", str_of(deployment_kind_names[d->kind]));
	jw_put_when(j, "derivedAt", d->finished_at);
	jw_close(j);
}

/* Whether what runs here could go to the next environment, as far as policy
   alone says. Its members are snake_case in the original too. */
static void put_candidate(struct jw *j, const struct site *s,
                          const struct history_service *of,
                          const struct pair *p)
{
	const struct group *g = of->group;
	const struct success *running = pair_running(p);
	struct str to = {0}, recipe = {0};
	enum diag_code code = g && of->policy
	                              ? environment_code(s, g, p->environment)
	                              : DIAG_SERVICE_NOT_IN_DELIVERY_GROUP;
	const char *reason = NULL;
	if (!code) {
		const struct group_environment *e = g->environments.at;
		size_t at =
		        (size_t)(group_environment_of(g, p->environment) - e);
		if (at + 1 < g->environments.n)
			to = e[at + 1].name.s;
		else
			reason = "PROMOTION_AT_HIGHEST_ENVIRONMENT";
		code = reason ? DIAG_NONE : environment_code(s, g, to);
	}
	if (!code && !reason && !running)
		reason = "PROMOTION_NO_SUCCESSFUL_SOURCE_VERSION";
	if (!code && !reason)
		code = recipe_code(s, g, of->policy, to, &recipe);
	if (code)
		reason = diag_info(code)->name;
	jw_key(j, "promotionCandidate");
	jw_open(j, '{');
	jw_put_bool(j, "eligible", !reason);
	jw_put_opt(j, "reason", str_of(reason));
	jw_put_str(j, "source_environment", p->environment);
	jw_put_opt(j, "target_environment", to);
	jw_put_opt(j, "version", running ? running->version : (struct str){0});
	jw_put_opt(j, "recipeId", recipe);
	jw_close(j);
}

static void put_address(struct jw *j, struct site *s,
                        const struct history_service *of)
{
	struct str base = base_url(s);
	if (base.n)
		jw_put_str(j, "dxcpUiUrl",
		           str_format(s->page,
		                      "%" STR_FMT "services/%" STR_FMT
		                      "/index.html",
		                      STR_ARG(base), STR_ARG(of->slug)));
	else
		jw_put_null(j, "dxcpUiUrl");
}

/* Flat aliases: one kind of card reads these. */
static void put_flat(struct jw *j, const struct site *s,
                     const struct deployment *latest)
{
	if (!latest)
		return;
	jw_put_str(j, "state", str_of(deployment_state_names[latest->state]));
	jw_put_str(j, "version", latest->version);
	jw_put_when(j, "updatedAt", updated_at(latest));
	jw_put_opt(j, "engineExecutionUrl",
	           s->in->redact ? (struct str){0} : latest->execution_url);
}

/* One environment: its document, and what runs. Texts in the page arena. */
struct told {
	struct str members, running;
};

static bool read_pair(struct told *out, struct site *s,
                      const struct history_service *of, const struct pair *p,
                      struct fail *why)
{
	enum { TEXT_MAX = 1 << 20 };
	struct arena *a = s->page;
	struct deployment *current = NULL, *latest = NULL;
	const struct success *running = pair_running(p);
	if (p->last && !ledger_deployment(s->ledger, a, p->last, &latest, why))
		return false;
	if (running && running->number == p->last)
		current = latest;
	else if (running && !ledger_deployment(s->ledger, a, running->number,
	                                       &current, why))
		return false;
	struct buf text = buf_new(a, TEXT_MAX), now = buf_new(a, TEXT_MAX);
	struct jw j = jw_new(&text), k = jw_new(&now);
	put_running(&k, a, current);
	jw_open(&j, '{');
	jw_put_str(&j, "service", p->service);
	jw_put_str(&j, "environment", p->environment);
	jw_put_bool(&j, "hasDeployments", p->count > 0);
	put_latest(&j, a, latest);
	jw_key(&j, "currentRunning");
	jw_raw(&j, buf_str(&now));
	put_candidate(&j, s, of, p);
	put_flat(&j, s, latest);
	put_address(&j, s, of);
	jw_close(&j);
	*out = (struct told){buf_str(&text), buf_str(&now)};
	return true;
}

/* The environment that a reader who names none is shown: the first that is
   not production, else the first. */
static size_t default_pair(const struct site *s,
                           const struct history_service *of)
{
	for (size_t i = 0; i < of->pairs.n; i++)
		if (!history_is_prod(&s->history,
		                     &s->history.pairs.at[of->pairs.at[i]]))
			return i;
	return 0;
}

static void put_nothing(struct jw *j, struct site *s,
                        const struct history_service *of)
{
	jw_put_str(j, "service", of->name);
	jw_put_null(j, "environment");
	jw_put_bool(j, "hasDeployments", false);
	jw_put_null(j, "latest");
	jw_put_null(j, "currentRunning");
	jw_put_null(j, "promotionCandidate");
	put_address(j, s, of);
}

static struct str env_slug(const struct site *s, const struct pair *p)
{
	return s->history.environments.at[p->environment_at].slug;
}

static bool write_delivery_status(struct site *s,
                                  const struct history_service *of,
                                  const struct told *told, struct fail *why)
{
	struct jw j = jw_new(&s->json);
	jw_open(&j, '{');
	if (of->pairs.n) {
		struct str text = told[default_pair(s, of)].members;
		text = str_from(text, 1);
		text.n--;
		buf_add(&s->json, text); /* its members, without braces */
		j.more[j.depth] = true;
	} else {
		put_nothing(&j, s, of);
	}
	jw_key(&j, "environments");
	jw_open(&j, '{');
	for (size_t i = 0; i < of->pairs.n; i++) {
		const struct pair *p = &s->history.pairs.at[of->pairs.at[i]];
		jw_key(&j, str_cstr(s->page, p->environment));
		jw_raw(&j, told[i].members);
	}
	jw_close(&j);
	jw_close(&j);
	return site_json(s,
	                 str_format(s->page,
	                            "api/v1/services/%" STR_FMT
	                            "/delivery-status.json",
	                            STR_ARG(of->slug)),
	                 false, why);
}

static bool write_environment(struct site *s, const struct history_service *of,
                              const struct pair *p, const struct told *told,
                              struct fail *why)
{
	const char *folder =
	        str_format(s->page,
	                   "api/v1/services/%" STR_FMT
	                   "/environments/%" STR_FMT,
	                   STR_ARG(of->slug), STR_ARG(env_slug(s, p)))
	                .s;
	buf_add(&s->json, told->members);
	if (!site_json(s,
	               str_format(s->page, "%s/delivery-status.json", folder),
	               false, why))
		return false;
	buf_add(&s->json, told->running);
	return site_json(s, str_format(s->page, "%s/running.json", folder),
	                 false, why);
}

/* --- allowed-actions ---------------------------------------------------- */

/* Why an owner may not deploy there, as far as policy alone says. */
static enum diag_code deploy_code(const struct site *s,
                                  const struct history_service *of,
                                  const struct pair *p)
{
	const struct group *g = of->group;
	struct str recipe;
	if (!g)
		return DIAG_SERVICE_NOT_IN_DELIVERY_GROUP;
	if (!of->policy)
		return DIAG_SERVICE_NOT_ALLOWLISTED;
	enum diag_code code = environment_code(s, g, p->environment);
	if (!code)
		code = recipe_code(s, g, of->policy, p->environment, &recipe);
	if (!code && policy_mutations_stop(s->policy, g->id.s, p->environment))
		code = DIAG_MUTATIONS_DISABLED;
	return code;
}

static enum diag_code rollback_code(const struct site *s,
                                    const struct history_service *of,
                                    const struct pair *p)
{
	enum diag_code code = deploy_code(s, of, p);
	/* A rollback may use a deprecated recipe. */
	if (code && code != DIAG_RECIPE_DEPRECATED)
		return code;
	return pair_running(p) && pair_target(&s->history, p, 0)
	               ? DIAG_NONE
	               : DIAG_NO_PRIOR_SUCCESSFUL_VERSION;
}

typedef enum diag_code action_fn(const struct site *s,
                                 const struct history_service *of,
                                 const struct pair *p);
static const struct {
	const char *name;
	action_fn *code;
} actions[] = {{"deploy", deploy_code}, {"rollback", rollback_code}};
enum { ACTIONS = sizeof actions / sizeof *actions };

/* Allowed where it is in any environment; else why not, in the last one. */
static enum diag_code anywhere(const struct site *s,
                               const struct history_service *of,
                               action_fn *code_of)
{
	enum diag_code code = of->group ? DIAG_ENVIRONMENT_NOT_ALLOWED
	                                : DIAG_SERVICE_NOT_IN_DELIVERY_GROUP;
	for (size_t i = 0; i < of->pairs.n; i++) {
		code = code_of(s, of, &s->history.pairs.at[of->pairs.at[i]]);
		if (!code)
			break;
	}
	return code;
}

static void put_action(struct jw *j, const char *name, enum diag_code code)
{
	jw_open(j, '{');
	jw_put_str(j, "name", str_of(name));
	jw_put_bool(j, "allowed", !code);
	put_code(j, "reason", code);
	jw_close(j);
}

static void put_actions_of(struct jw *j, struct site *s,
                           const struct history_service *of,
                           const struct pair *p)
{
	jw_key(j, str_cstr(s->page, p->environment));
	jw_open(j, '[');
	for (size_t i = 0; i < ACTIONS; i++)
		put_action(j, actions[i].name, actions[i].code(s, of, p));
	jw_close(j);
}

static bool write_allowed_actions(struct site *s,
                                  const struct history_service *of,
                                  struct fail *why)
{
	enum diag_code codes[ACTIONS];
	struct jw j = jw_new(&s->json);
	for (size_t i = 0; i < ACTIONS; i++)
		codes[i] = anywhere(s, of, actions[i].code);
	jw_open(&j, '{');
	jw_put_str(&j, "service", of->name);
	jw_key(&j, "actions");
	jw_open(&j, '{');
	jw_put_bool(&j, "view", true);
	for (size_t i = 0; i < ACTIONS; i++)
		jw_put_bool(&j, actions[i].name, !codes[i]);
	jw_close(&j);
	/* Objects: a card takes a mere name for something that is allowed. */
	jw_key(&j, "allowedActions");
	jw_open(&j, '[');
	put_action(&j, "view", DIAG_NONE);
	for (size_t i = 0; i < ACTIONS; i++)
		put_action(&j, actions[i].name, codes[i]);
	jw_close(&j);
	jw_put_str(&j, "role", STR("OBSERVER"));
	jw_key(&j, "environments");
	jw_open(&j, '{');
	for (size_t i = 0; i < of->pairs.n; i++)
		put_actions_of(&j, s, of,
		               &s->history.pairs.at[of->pairs.at[i]]);
	jw_close(&j);
	jw_close(&j);
	return site_json(s,
	                 str_format(s->page,
	                            "api/v1/services/%" STR_FMT
	                            "/allowed-actions.json",
	                            STR_ARG(of->slug)),
	                 false, why);
}

static bool write_service(struct site *s, const struct history_service *of,
                          struct fail *why)
{
	struct told *told = arena_array(s->page, of->pairs.n + 1, sizeof *told);
	for (size_t i = 0; i < of->pairs.n; i++) {
		const struct pair *p = &s->history.pairs.at[of->pairs.at[i]];
		if (!read_pair(&told[i], s, of, p, why) ||
		    !write_environment(s, of, p, &told[i], why))
			return false;
	}
	return write_delivery_status(s, of, told, why) &&
	       write_allowed_actions(s, of, why);
}

bool write_services_api(struct site *s, struct fail *why)
{
	vec_each (struct history_service, of, &s->history.services) {
		if (!changed_service(s, of))
			continue;
		if (!write_service(s, of, why))
			return false;
		arena_reset(s->page);
	}
	return true;
}
