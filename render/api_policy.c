/* api/v1/groups.json and recipes.json: what the policy says, for programs. */
#include "render/documents.h"
#include "render/parts.h"

static void put_names(struct jw *j, const char *key, const struct texts *names)
{
	jw_key(j, key);
	jw_open(j, '[');
	for (size_t i = 0; i < names->n; i++)
		jw_str(j, names->at[i].s);
	jw_close(j);
}

/* The limits in force there. environment empty: the group's own. */
static void put_limits(struct jw *j, const struct site *s,
                       const struct group *g, struct str environment)
{
	static const char *const names[] = {
	        [LIMIT_CONCURRENT_DEPLOYMENTS] = "maxConcurrentDeployments",
	        [LIMIT_DAILY_DEPLOYS] = "dailyDeployQuota",
	        [LIMIT_DAILY_ROLLBACKS] = "dailyRollbackQuota",
	        [LIMIT_DAILY_BUILDS] = "dailyBuildQuota",
	};
	jw_key(j, "guardrails");
	jw_open(j, '{');
	for (int i = 0; i < LIMIT_COUNT; i++)
		jw_put_int(
		        j, names[i],
		        policy_limit(s->policy, g, environment, (enum limit)i)
		                .n);
	jw_close(j);
}

static void put_environment(struct jw *j, const struct site *s,
                            const struct group *g,
                            const struct group_environment *e)
{
	const struct environment *p = policy_environment(s->policy, e->name.s);
	bool enabled = !GIVEN(e->enabled) || e->enabled.on;
	jw_open(j, '{');
	jw_put_str(j, "name", e->name.s);
	jw_put_str(j, "type",
	           p && p->type.is == ENVIRONMENT_PROD ? STR("prod")
	                                               : STR("non_prod"));
	jw_put_str(j, "lifecycle",
	           p && p->lifecycle.is == LIFECYCLE_DISABLED  ? STR("disabled")
	           : p && p->lifecycle.is == LIFECYCLE_RETIRED ? STR("retired")
	                                                       : STR("active"));
	jw_put_bool(j, "enabled",
	            enabled && p && p->lifecycle.is == LIFECYCLE_ACTIVE);
	put_limits(j, s, g, e->name.s);
	jw_close(j);
}

static void put_group(struct jw *j, const struct site *s, const struct group *g)
{
	const struct group_environment *e = g->environments.at;
	jw_open(j, '{');
	jw_put_str(j, "id", g->id.s);
	jw_put_str(j, "name", g->name.s);
	jw_put_opt(j, "description", g->description.s);
	if (!s->in->redact)
		put_names(j, "owners", &g->owners);
	put_names(j, "services", &g->services);
	put_names(j, "recipes", &g->recipes);
	put_limits(j, s, g, STR(""));
	jw_key(j, "environments");
	jw_open(j, '[');
	for (size_t i = 0; i < g->environments.n; i++)
		put_environment(j, s, g, &e[i]);
	jw_close(j);
	jw_close(j);
}

static void put_recipe(struct jw *j, const struct site *s,
                       const struct recipe *r)
{
	jw_open(j, '{');
	jw_put_str(j, "id", r->id.s);
	jw_put_str(j, "name", r->name.s);
	jw_put_int(j, "revision", r->revision.n);
	jw_put_str(j, "summary", r->summary.s);
	jw_put_str(j, "status",
	           r->status.is == RECIPE_IS_DEPRECATED ? STR("deprecated")
	                                                : STR("active"));
	jw_put_str(j, "engine", r->engine.s);
	jw_put_int(j, "timeoutSeconds", r->timeout.t);
	jw_key(j, "services");
	jw_open(j, '[');
	vec_each (const struct history_service, of, &s->history.services)
		if (of->policy && texts_has(&of->policy->recipes, r->id.s))
			jw_str(j, of->name);
	jw_close(j);
	jw_close(j);
}

bool write_policy_api(struct site *s, struct fail *why)
{
	struct jw j = jw_new(&s->json);
	jw_open(&j, '{');
	jw_put_str(&j, "schema", STR("dxcp.groups/1"));
	jw_key(&j, "groups");
	jw_open(&j, '[');
	for (size_t i = 0; i < s->policy->groups.n; i++)
		put_group(&j, s, s->policy->groups.at[i]);
	jw_close(&j);
	jw_close(&j);
	if (!site_json(s, STR("api/v1/groups.json"), false, why))
		return false;
	j = jw_new(&s->json);
	jw_open(&j, '{');
	jw_put_str(&j, "schema", STR("dxcp.recipes/1"));
	jw_key(&j, "recipes");
	jw_open(&j, '[');
	for (size_t i = 0; i < s->policy->recipes.n; i++)
		put_recipe(&j, s, s->policy->recipes.at[i]);
	jw_close(&j);
	jw_close(&j);
	return site_json(s, STR("api/v1/recipes.json"), false, why);
}
