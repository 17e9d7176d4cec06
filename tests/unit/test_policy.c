/* policy: every kind decodes with every key it knows; what is wrong with a
 * value, with a name and with the whole is found at its place. */
#include "core/kind.h"
#include "core/policy.h"
#include "tests/lib/found.h"
#include "tests/lib/tap.h"

#include <string.h>

/* A small policy without findings; the cases add to it. */
static const char base[] =
        "kind: platform\n"
        "name: Shop\n"
        "engines: {box: {type: sandbox}}\n"
        "---\n"
        "{kind: environment, name: dev, type: non_prod}\n"
        "---\n"
        "{kind: environment, name: prod, type: prod}\n"
        "---\n"
        "kind: recipe\n"
        "id: rolling\n"
        "name: Rolling\n"
        "revision: 1\n"
        "summary: One after the other.\n"
        "engine: box\n"
        "---\n"
        "{kind: service, name: books, recipes: [rolling], "
        "routes: {dev: rolling, prod: rolling}}\n"
        "---\n"
        "{kind: group, id: shop, name: Shop, owners: [Eve@Example.com], "
        "services: [books], environments: [dev, prod], recipes: [rolling]}\n";

struct result {
	struct policy *p;
	struct diags ds;
};

static struct result read(struct arena *a, const char *more)
{
	struct result r = {.ds = diags_new(a)};
	struct source *files[] = {
	        source_new(a, STR("policy/base.yaml"), str_of(base)),
	        source_new(a, STR("policy/case.yaml"), str_of(more)),
	};
	r.p = policy_read(a, files, *more ? 2 : 1, &r.ds);
	return r;
}

/* Only the one file. */
static struct result read_alone(struct arena *a, const char *yaml)
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
        "on: promotion\n"
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
	struct result r = read_alone(a, full);
	is_str(found(a, &r.ds), "", "every key of the enforced kinds");
	test_platform(&r.p->platform);
	test_engines(r.p);
	test_environment(r.p);
	test_recipe(r.p);
	ok(r.p->failure_rules.n == 1 && r.p->failure_rules.at[0]->category.is ==
	                                        FAILURE_INFRASTRUCTURE,
	   "failure_rule");
	ok(r.p->proposal_rules.n == 1 && r.p->proposal_rules.at[0]->on.is == 1,
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

static void test_defaults(struct arena *a)
{
	struct result r = read(a, "");
	is_str(found(a, &r.ds), "", "the base has no findings");
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

int main(void)
{
	struct arena *a = arena_new();
	test_kinds();
	test_full(a);
	test_defaults(a);
	arena_free(a);
	return tap_done();
}
