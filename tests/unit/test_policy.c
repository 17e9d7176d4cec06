/* policy: every kind decodes with every key it knows; looking things up. */
#include "core/kind.h"
#include "core/policy.h"
#include "tests/lib/found.h"
#include "tests/lib/tap.h"

#include <string.h>

struct result {
	struct policy *p;
	struct diags ds;
};

static struct result read(struct arena *a, const char *yaml)
{
	struct result r = {.ds = diags_new(a)};
	struct source *file =
	        source_new(a, STR("policy/case.yaml"), str_of(yaml));
	r.p = policy_read(a, &file, 1, &r.ds);
	return r;
}

/*
 * Every key of every kind.
 */

static const char full[] =
        "kind: platform\n"
        "name: Book trade\n"
        "timezone: America/New_York\n"
        "identity: author\n"
        "mutations: {disabled: true, reason: stocktaking, "
        "environments: [live], groups: [g.1]}\n"
        "max_dispatches_per_run: 7\n"
        "waiting_expires_after: 3d\n"
        "defaults: {guardrails: {max_concurrent_deployments: 2, "
        "daily_deploy_quota: 3, daily_rollback_quota: 4, "
        "daily_build_quota: 5}}\n"
        "ledger: {path: var/l.db, ref: refs/l, remote: upstream}\n"
        "engines:\n"
        "  gate: {type: spinnaker, url: https://gate.example.net, "
        "deck_url: https://deck.example.net, timeout: 30s,\n"
        "    auth: {type: basic, user: u, password_env: P, ca: ca.pem}}\n"
        "  box: {type: sandbox, after: 5s, script: [{service: Pens_2, "
        "environment: live, version: 2.0.0, recipe: slow, "
        "outcome: unavailable, after: 1m, category: TIMEOUT, "
        "message: too slow}]}\n"
        "  sh: {type: command, command: [./d, -v], timeout: 9m}\n"
        "site: {title: T, base_url: null, commit_url: ~, "
        "repository_url: https://g/x, redact: true, language: de}\n"
        "evaluation: true\n"
        "---\n"
        "kind: roles\n"
        "platform_admin: [Ann@example.net]\n"
        "observer: [bob@example.net]\n"
        "ci_publisher: []\n"
        "---\n"
        "kind: environment\n"
        "name: live\n"
        "type: prod\n"
        "lifecycle: disabled\n"
        "approvals: 0\n"
        "soak: 0s\n"
        "guardrails: {daily_deploy_quota: 6}\n"
        "---\n"
        "kind: service\n"
        "name: Pens_2\n"
        "owner: writers\n"
        "description: Sells pens\n"
        "repository: https://g/pens\n"
        "version_pattern: \"^v[0-9]+$\"\n"
        "recipes: [slow]\n"
        "routes: {live: slow}\n"
        "artifact_sources: [\"oci://r.example.net/pens\", 'file:///srv/', "
        "'pkg:npm/pens']\n"
        "needs: []\n"
        "links: [{title: Wiki, url: https://w}]\n"
        "backstage: {kind: Component}\n"
        "---\n"
        "kind: group\n"
        "id: g.1\n"
        "name: Stationery\n"
        "description: All that writes\n"
        "owners: [cy@example.net]\n"
        "services: [Pens_2]\n"
        "environments: [{name: live, enabled: false, "
        "guardrails: {daily_build_quota: 8}, soak: 0s, approvals: 0}]\n"
        "recipes: [slow]\n"
        "guardrails: {daily_rollback_quota: 9}\n"
        "---\n"
        "kind: recipe\n"
        "id: slow\n"
        "name: Slow\n"
        "revision: 12\n"
        "summary: One pen a day.\n"
        "engine: gate\n"
        "application: pens\n"
        "pipelines: {deploy: pd, rollback: pr}\n"
        "parameters: {v: \"{{version}}\", n: 3}\n"
        "overridable: {n: {type: integer, min: 1, max: 5}, "
        "f: {type: number, min: -0.5}, c: {type: string, "
        "options: [red, blue]}, b: {type: boolean}}\n"
        "timeout: 2h\n"
        "status: deprecated\n"
        "labels: {pace: slow}\n"
        "---\n"
        "kind: failure_rule\n"
        "id: ink\n"
        "match: {stage_type: print, message: \"*no ink*\"}\n"
        "category: INFRASTRUCTURE\n"
        "summary: No ink\n"
        "hint: Fill it up.\n"
        "runbook: https://w/ink\n"
        "---\n"
        "kind: proposal_rule\n"
        "id: next\n"
        "on: build\n"
        "branch: release/*\n"
        "version: 2.*\n"
        "environment: live\n";

static void test_platform(const struct platform *p)
{
	is_str(p->name.s, "Book trade", "platform: name");
	ok(p->zone != NULL, "platform: a zone");
	is_int(p->identity.is, IDENTITY_AUTHOR, "platform: identity");
	ok(p->mutations.is_disabled, "mutations: disabled");
	is_str(p->mutations.reason.s, "stocktaking", "mutations: reason");
	is_int(location_of(p->mutations.at).line, 5, "mutations: place");
	is_int(p->max_dispatches_per_run.n, 7, "max_dispatches_per_run");
	is_int(p->waiting_expires_after.t, 3 * 86400, "waiting_expires_after");
	is_str(p->ledger.remote.s, "upstream", "ledger.remote");
	is_str(p->ledger.path.s, "var/l.db", "ledger.path");
	ok(!GIVEN(p->site.base_url) && !GIVEN(p->site.commit_url),
	   "null is not given");
	is_str(p->site.language.s, "de", "site.language");
	ok(p->site.redact.on && p->evaluation.on, "redact and evaluation");
}

static void test_engines(const struct policy *p)
{
	is_int((int64_t)p->platform.engines.n, 3, "engines");
	const struct engine *e = policy_engine(p, STR("gate"));
	ok(e && e->type.is == ENGINE_SPINNAKER, "engine gate: type");
	is_str(e->url.s, "https://gate.example.net", "engine gate: url");
	is_str(e->auth.password_env.s, "P", "engine gate: auth");
	is_int(e->auth.type.is, 2, "engine gate: auth.type");
	e = policy_engine(p, STR("box"));
	const struct sandbox_rule *rule = e->script.at;
	is_int(e->after.t, 5, "engine box: after");
	is_int((int64_t)e->script.n, 1, "engine box: script");
	is_int(rule->outcome.is, SANDBOX_UNAVAILABLE, "script: outcome");
	is_int(rule->category.is, FAILURE_TIMEOUT, "script: category");
	is_int(rule->after.t, 60, "script: after");
	e = policy_engine(p, STR("sh"));
	ok(e->type.is == ENGINE_COMMAND && e->command.n == 2 &&
	           e->timeout.t == 540,
	   "engine sh");
	ok(!policy_engine(p, STR("none")), "no such engine");
}

static void test_environment(const struct policy *p)
{
	const struct environment *e = policy_environment(p, STR("live"));
	ok(e && e->type.is == ENVIRONMENT_PROD &&
	           e->lifecycle.is == LIFECYCLE_DISABLED,
	   "environment");
	const struct service *s = policy_service(p, STR("Pens_2"));
	ok(s && s->pattern && version_matches(s->pattern, STR("v2")) &&
	           !version_matches(s->pattern, STR("2.0.0")),
	   "service: version_pattern");
	const struct route *route = service_route(s, STR("live"));
	ok(route && str_is(route->recipe.s, "slow"), "service: a route");
	ok(!service_route(s, STR("dev")), "service: no route");
	is_int((int64_t)s->artifact_sources.n, 3, "service: sources");
	const struct group *g = policy_group_of(p, STR("Pens_2"));
	ok(g && str_is(g->id.s, "g.1"), "the service's group");
	const struct group_environment *step =
	        group_environment_of(g, STR("live"));
	ok(step && GIVEN(step->enabled) && !step->enabled.on,
	   "the group's environment");
}

static void test_recipe(const struct policy *p)
{
	const struct recipe *r = policy_recipe(p, STR("slow"));
	is_int(r->revision.n, 12, "recipe: revision");
	is_int(r->timeout.t, 7200, "recipe: timeout");
	is_int(r->status.is, RECIPE_IS_DEPRECATED, "recipe: status");
	is_str(r->pipelines.rollback.s, "pr", "recipe: pipelines");
	is_int((int64_t)r->parameters.n, 2, "recipe: parameters");
	is_str(r->parameters.at[0].name.s, "v", "parameter: name");
	is_str(r->parameters.at[0].value.s, "{{version}}", "parameter: value");
	is_int((int64_t)r->overridable.n, 4, "recipe: overridable");
	const struct overridable *o = r->overridable.at;
	ok(str_is(o[0].name, "n") && o[0].type.is == PARAMETER_INTEGER &&
	           str_is(o[0].max.s, "5"),
	   "overridable: an integer with bounds");
	ok(o[2].options.n == 2 && o[3].type.is == PARAMETER_BOOLEAN,
	   "overridable: options");
}

static void test_full(struct arena *a)
{
	struct result r = read(a, full);
	is_str(found(a, &r.ds), "", "every key of the enforced kinds");
	test_platform(&r.p->platform);
	test_engines(r.p);
	test_environment(r.p);
	test_recipe(r.p);
	ok(r.p->failure_rules.n == 1 && r.p->failure_rules.at[0]->category.is ==
	                                        FAILURE_INFRASTRUCTURE,
	   "failure_rule");
	ok(r.p->proposal_rules.n == 1 && GIVEN(r.p->proposal_rules.at[0]->on) &&
	           r.p->proposal_rules.at[0]->on.is == PROPOSE_BUILD &&
	           str_is(r.p->proposal_rules.at[0]->branch.s, "release/*"),
	   "proposal_rule");
}

static void test_kinds(void)
{
	for (size_t i = 0; i < policy_kind_count; i++)
		is_str(str_of(kind_names[KIND_OF_POLICY][i]),
		       policy_kinds[i].kind, "kind %zu", i);
	ok(!kind_names[KIND_OF_POLICY][policy_kind_count], "and no more");
}

/*
 * Defaults.
 */

/* Only what is required. */
static const char small[] =
        "{kind: platform, name: Shop, engines: {box: {type: sandbox}}}\n"
        "---\n"
        "{kind: environment, name: dev, type: non_prod}\n"
        "---\n"
        "{kind: recipe, id: rolling, name: Rolling, revision: 1, "
        "summary: One after the other, engine: box}\n"
        "---\n"
        "{kind: service, name: books, recipes: [], routes: {}}\n"
        "---\n"
        "{kind: group, id: shop, name: Shop, services: [books], recipes: [], "
        "environments: [dev], owners: [Eve@Example.com]}\n";

static void test_defaults(struct arena *a)
{
	struct result r = read(a, small);
	is_str(found(a, &r.ds), "", "what is required is enough");
	const struct platform *p = &r.p->platform;
	is_int(p->waiting_expires_after.t, 86400, "an intent waits for a day");
	ok(!p->zone && !GIVEN(p->timezone), "UTC");
	ok(!p->mutations.is_disabled, "mutations are enabled");
	ok(!GIVEN(p->max_dispatches_per_run), "no limit of a run");
	is_int(policy_recipe(r.p, STR("rolling"))->timeout.t, 3600,
	       "a recipe takes an hour");
	is_int(policy_recipe(r.p, STR("rolling"))->status.is, RECIPE_ACTIVE,
	       "a recipe is active");
	is_int(policy_environment(r.p, STR("dev"))->lifecycle.is,
	       LIFECYCLE_ACTIVE, "an environment is active");
}

/*
 * Limits.
 */

static const char limits[] =
        "kind: platform\n"
        "name: X\n"
        "engines: {box: {type: sandbox}}\n"
        "defaults: {guardrails: {daily_deploy_quota: 2, "
        "daily_rollback_quota: 3}}\n"
        "---\n"
        "kind: environment\n"
        "name: dev\n"
        "type: non_prod\n"
        "guardrails: {daily_deploy_quota: 5}\n"
        "---\n"
        "{kind: environment, name: qa, type: non_prod}\n"
        "---\n"
        "{kind: service, name: pens, recipes: [], routes: {}}\n"
        "---\n"
        "kind: group\n"
        "id: g\n"
        "name: G\n"
        "services: [pens]\n"
        "recipes: []\n"
        "environments:\n"
        "- {name: dev, guardrails: {max_concurrent_deployments: 7}}\n"
        "- qa\n"
        "guardrails: {daily_deploy_quota: 4, max_concurrent_deployments: 6}\n";

static const struct {
	bool in_group;
	const char *environment;
	enum limit limit;
	int64_t want;
	const char *origin;
	uint32_t line;
} lookups[] = {
        {true, "dev", LIMIT_CONCURRENT_DEPLOYMENTS, 7, "group environment", 21},
        {true, "dev", LIMIT_DAILY_DEPLOYS, 5, "environment", 9},
        {true, "qa", LIMIT_CONCURRENT_DEPLOYMENTS, 6, "group", 23},
        {true, "qa", LIMIT_DAILY_DEPLOYS, 4, "group", 23},
        {true, "dev", LIMIT_DAILY_ROLLBACKS, 3, "platform", 4},
        {true, "dev", LIMIT_DAILY_BUILDS, 50, "built-in", 0},
        {false, "qa", LIMIT_DAILY_DEPLOYS, 2, "platform", 4},
        {false, "qa", LIMIT_CONCURRENT_DEPLOYMENTS, 1, "built-in", 0},
        {false, "dev", LIMIT_DAILY_DEPLOYS, 5, "environment", 9},
        {false, "", LIMIT_DAILY_ROLLBACKS, 3, "platform", 4},
};

static void test_limits(struct arena *a)
{
	struct result r = read(a, limits);
	is_str(found(a, &r.ds), "", "limits: no findings");
	const struct group *g = policy_group_of(r.p, STR("pens"));
	for (size_t i = 0; i < sizeof lookups / sizeof *lookups; i++) {
		struct limit_value v = policy_limit(
		        r.p, lookups[i].in_group ? g : NULL,
		        str_of(lookups[i].environment), lookups[i].limit);
		const char *name = limit_name(lookups[i].limit);
		is_int(v.n, lookups[i].want, "%s in %s", name,
		       lookups[i].environment);
		is_str(str_of(v.origin), lookups[i].origin, "its origin");
		is_int(location_of(v.at).line, lookups[i].line, "its line");
	}
	r = read(a, str_format(a, "evaluation: true\n%s", limits).s);
	g = policy_group_of(r.p, STR("pens"));
	struct limit_value slots =
	        policy_limit(r.p, g, STR("dev"), LIMIT_CONCURRENT_DEPLOYMENTS);
	is_int(slots.n, 1, "a trial gives no more than the built-in limit");
	is_str(str_of(slots.origin), "evaluation", "and says so");
	is_int(policy_limit(r.p, g, STR("dev"), LIMIT_DAILY_DEPLOYS).n, 5,
	       "less is as the policy says");
	r = read(a, small);
	g = policy_group_of(r.p, STR("books"));
	static const int64_t built_in[LIMIT_COUNT] = {1, 25, 10, 50};
	for (int i = 0; i < LIMIT_COUNT; i++) {
		struct limit_value v =
		        policy_limit(r.p, g, STR("dev"), (enum limit)i);
		is_int(v.n, built_in[i], "built-in %s",
		       limit_name((enum limit)i));
	}
}

/*
 * Roles and the kill switch.
 */

static const char roles[] =
        "{kind: roles, platform_admin: [ann@example.net], "
        "ci_publisher: [ci@example.net]}\n---\n"
        "{kind: roles, observer: [ANN@example.net, bob@example.net], "
        "ci_publisher: [eve@example.com]}\n---\n"
        "{kind: group, id: g, name: G, services: [], recipes: [], "
        "environments: [], owners: [eve@example.com, cy]}\n";

static void test_roles(struct arena *a)
{
	struct str yaml = str_format(a, "%s---\n%s", small, roles);
	struct result r = read(a, str_cstr(a, yaml));
	is_str(found(a, &r.ds), "", "roles: no findings");
	const struct group *shop = policy_group_of(r.p, STR("books"));
	bool owns;
	is_int(policy_roles(r.p, STR("Ann@Example.Net"), shop, &owns),
	       ROLE_PLATFORM_ADMIN | ROLE_OBSERVER, "roles add up");
	ok(!owns, "an admin owns nothing by that");
	is_int(policy_roles(r.p, STR("eve@example.com"), shop, &owns),
	       ROLE_DELIVERY_OWNER | ROLE_CI_PUBLISHER, "an owner");
	ok(owns, "of this group");
	is_int(policy_roles(r.p, STR("CY"), shop, &owns), ROLE_DELIVERY_OWNER,
	       "the owner of another group is one");
	ok(!owns, "but not of this group");
	policy_roles(r.p, STR("eve@example.com"), NULL, &owns);
	ok(!owns, "nobody owns no group");
	is_int(policy_roles(r.p, STR("eve@example.co"), shop, &owns), 0,
	       "nobody");
	is_int(policy_roles(r.p, STR(""), shop, &owns), 0, "no name");
	char longest[400];
	memset(longest, 'a', sizeof longest);
	is_int(policy_roles(r.p, (struct str){longest, sizeof longest}, shop,
	                    &owns),
	       0, "a very long name");
}

static const struct {
	const char *yaml, *group, *environment;
	bool stops;
} switches[] = {
        {"enabled", "g", "dev", false},
        {"disabled", "g", "dev", true},
        {"disabled", "", "", true},
        {"{disabled: true}", "g", "dev", true},
        {"{disabled: false}", "g", "dev", false},
        {"{disabled: false, environments: [dev]}", "g", "dev", false},
        {"{disabled: true, environments: [dev, qa]}", "g", "qa", true},
        {"{disabled: true, environments: [qa]}", "g", "dev", false},
        {"{disabled: true, groups: [g]}", "g", "dev", true},
        {"{disabled: true, groups: [g]}", "h", "dev", false},
        {"{disabled: true, groups: [g]}", "", "dev", false},
        {"{disabled: true, groups: [g], environments: [dev]}", "g", "dev",
         true},
        {"{disabled: true, groups: [g], environments: [dev]}", "g", "qa",
         false},
        {"{disabled: true, groups: [g], environments: [dev]}", "h", "dev",
         false},
};

static void test_switch(struct arena *a)
{
	for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
		struct str yaml = str_format(
		        a, "kind: platform\nname: X\nmutations: %s\n",
		        switches[i].yaml);
		struct result r = read(a, str_cstr(a, yaml));
		ok(policy_mutations_stop(r.p, str_of(switches[i].group),
		                         str_of(switches[i].environment)) ==
		           switches[i].stops,
		   "%s: group %s, environment %s", switches[i].yaml,
		   switches[i].group, switches[i].environment);
	}
}

int main(void)
{
	struct arena *a = arena_new();
	test_kinds();
	test_full(a);
	test_defaults(a);
	test_limits(a);
	test_roles(a);
	test_switch(a);
	arena_free(a);
	return tap_done();
}
