/* policy: what is wrong with a value, with a name and with the whole policy is
 * found at its place, and reported once. */
#include "core/policy_keys.h"
#include "tests/lib/found.h"
#include "tests/lib/tap.h"

#include <string.h>

#define LONG_50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define LONG_201 LONG_50 LONG_50 LONG_50 LONG_50 "x"

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
 * What is wrong, and where: findings in case.yaml, added to the base.
 */

#define ENV "kind: environment\nname: qa\ntype: non_prod\n"
#define GROUP "{kind: group, id: g, name: G, recipes: [rolling], "
#define PENS "{kind: service, name: pens, recipes: [rolling], "
#define RECIPE \
	"{kind: recipe, id: r, name: R, revision: 1, summary: S, engine: box, "
#define WINDOW "{kind: window, id: w, scope: {}, type: allow, when: "

static const struct {
	const char *name, *yaml, *want;
} wrong[] = {
        /* documents */
        {"misspelt kind", "kind: enviroment\n", "UNKNOWN_KIND <enviroment>"},
        {"no kind", "name: qa\n", "MISSING_KEY <name: qa>"},
        {"kind of intent", "kind: deploy\nservice: books\n",
         "UNKNOWN_KIND <deploy>"},
        {"not a map", "[a]\n", "WRONG_TYPE <[a]>"},
        {"all documents are read", "kind: a\n---\nkind: b\n",
         "UNKNOWN_KIND <a>, UNKNOWN_KIND <b>"},
        {"unknown key", ENV "guardrail: {}\n", "UNKNOWN_KEY <guardrail>"},
        {"unknown key inside", ENV "guardrails: {daily_quota: 3}\n",
         "UNKNOWN_KEY <daily_quota>"},
        {"second platform", "kind: platform\nname: X\nnme: Y\n",
         "DUPLICATE_NAME <platform>, UNKNOWN_KEY <nme>"},
        /* names */
        {"environment in capitals",
         "{kind: environment, name: QA, "
         "type: prod}\n",
         "INVALID_VALUE <QA>"},
        {"environment ends with a hyphen",
         "{kind: environment, name: qa-, type: prod}\n", "INVALID_VALUE <qa->"},
        {"environment with two hyphens",
         "{kind: environment, name: q--a, type: prod}\n",
         "INVALID_VALUE <q--a>"},
        {"environment begins with a hyphen",
         "{kind: environment, name: -qa, type: prod}\n", "INVALID_VALUE <-qa>"},
        {"environment of digits and words",
         "{kind: environment, name: 2-qa-eu, type: prod}\n", ""},
        {"environment name is empty",
         "{kind: environment, name: '', type: prod}\n", "WRONG_TYPE <''>"},
        {"service begins with a dot",
         "{kind: service, name: .., recipes: [], routes: {}}\n",
         "INVALID_VALUE <..>, SERVICE_WITHOUT_GROUP <..>"},
        {"service with a slash",
         "{kind: service, name: a/b, recipes: [], routes: {}}\n",
         "INVALID_VALUE <a/b>, SERVICE_WITHOUT_GROUP <a/b>"},
        {"service called as a page",
         "{kind: service, name: index.html, recipes: [], routes: {}}\n",
         "INVALID_VALUE <index.html>, SERVICE_WITHOUT_GROUP <index.html>"},
        {"group with a blank",
         "{kind: group, id: a b, name: G, recipes: [], "
         "services: [], environments: []}\n",
         "INVALID_VALUE <a b>"},
        /* numbers and durations */
        {"limit 0", ENV "guardrails: {daily_deploy_quota: 0}\n",
         "INVALID_VALUE <0>"},
        {"limit below 0", ENV "guardrails: {max_concurrent_deployments: -1}\n",
         "INVALID_VALUE <-1>"},
        {"limit is text", ENV "guardrails: {daily_build_quota: many}\n",
         "WRONG_TYPE <many>"},
        {"revision 0",
         "{kind: recipe, id: r, name: R, revision: 0, "
         "summary: S, engine: box}\n",
         "INVALID_VALUE <0>"},
        {"timeout 0s", RECIPE "timeout: 0s}\n", "INVALID_VALUE <0s>"},
        {"timeout without unit", RECIPE "timeout: 90}\n", "INVALID_VALUE <90>"},
        /* recipes */
        {"engine misspelt",
         "{kind: recipe, id: r, name: R, revision: 1, "
         "summary: S, engine: bix}\n",
         "UNKNOWN_ENGINE <bix>"},
        {"parameter is a list", RECIPE "parameters: {a: [1]}}\n",
         "WRONG_TYPE <[1]>"},
        {"parameters are a list", RECIPE "parameters: [a]}\n",
         "WRONG_TYPE <[a]>"},
        {"overridable without type", RECIPE "overridable: {a: {min: 1}}}\n",
         "MISSING_KEY <{min: 1}>"},
        {"overridable of kind x",
         RECIPE "overridable: {a: {type: boolean, kind: x}}}\n",
         "UNKNOWN_KEY <kind>"},
        {"bounds of a text",
         RECIPE "overridable: {a: {type: string, max: 3}}}\n",
         "INVALID_VALUE <3>"},
        {"bound of an integer with a fraction",
         RECIPE "overridable: {a: {type: integer, min: 0.5}}}\n",
         "INVALID_VALUE <0.5>"},
        {"bound is not a number",
         RECIPE "overridable: {a: {type: number, min: 1e3}}}\n",
         "INVALID_VALUE <1e3>"},
        {"bounds that nothing fits",
         RECIPE "overridable: {a: {type: integer, min: 2, max: 1}}}\n",
         "INVALID_VALUE <1>"},
        {"no options",
         RECIPE "overridable: {a: {type: string, "
                "options: []}}}\n",
         "INVALID_VALUE <[]>"},
        {"options of a number",
         RECIPE "overridable: {a: {type: number, "
                "options: [1]}}}\n",
         "INVALID_VALUE <[1]>"},
        {"labels are a list", RECIPE "labels: [x]}\n", "WRONG_TYPE <[x]>"},
        /* services and groups */
        {"pattern that does not compile",
         PENS "version_pattern: 'v(1', routes: {}}\n"
              "---\n" GROUP "services: [pens], environments: []}\n",
         "INVALID_VALUE <'>"},
        {"sources that are none",
         PENS "routes: {}, artifact_sources: [builds/, 's3://', 's3:///b', "
              "'://x', 'pkg:', 'npm:x']}\n"
              "---\n" GROUP "services: [pens], environments: []}\n",
         "INVALID_VALUE <builds/>, "
         "INVALID_VALUE <'s3://'>, "
         "INVALID_VALUE <'s3:///b'>, "
         "INVALID_VALUE <'://x'>, "
         "INVALID_VALUE <'pkg:'>, "
         "INVALID_VALUE <'npm:x'>"},
        {"service in no group", PENS "routes: {}}\n",
         "SERVICE_WITHOUT_GROUP <pens>"},
        {"route to what is not there",
         PENS "routes: {deb: rolling, dev: roling}}\n"
              "---\n" GROUP "services: [pens], environments: []}\n",
         "UNKNOWN_REFERENCE <deb>, UNKNOWN_REFERENCE <roling>"},
        {"route to a list",
         PENS "routes: {dev: [rolling]}}\n"
              "---\n" GROUP "services: [pens], environments: []}\n",
         "WRONG_TYPE <[rolling]>"},
        {"recipe of a service is not there",
         "{kind: service, name: pens, recipes: [fast], routes: {}}\n"
         "---\n" GROUP "services: [pens], environments: []}\n",
         "UNKNOWN_REFERENCE <fast>"},
        {"a group's names are not there",
         "{kind: group, id: g, name: G, services: [pins], "
         "environments: [{name: test}, prd], recipes: [fast]}\n",
         "UNKNOWN_REFERENCE <pins>, "
         "UNKNOWN_REFERENCE <test>, "
         "UNKNOWN_REFERENCE <prd>, "
         "UNKNOWN_REFERENCE <fast>"},
        {"service of another group",
         GROUP "services: [books], "
               "environments: []}\n",
         "DUPLICATE_MEMBER <books>"},
        {"service twice in a group",
         PENS "routes: {}}\n"
              "---\n" GROUP "services: [pens, pens], environments: []}\n",
         "DUPLICATE_MEMBER <pens>"},
        {"environment twice in a group",
         GROUP "services: [], environments: [dev, prod, {name: dev}]}\n",
         "DUPLICATE_MEMBER <dev>"},
        {"environment is nothing", GROUP "services: [], environments: [~]}\n",
         "WRONG_TYPE <~>"},
        {"owner is blank",
         GROUP "services: [], environments: [], owners: [' ']}\n",
         "INVALID_VALUE <' '>"},
        /* names of a kind */
        {"environment again", "{kind: environment, name: dev, type: prod}\n",
         "DUPLICATE_NAME <dev>"},
        {"recipe again",
         "{kind: recipe, id: rolling, name: R, revision: 1, summary: S, "
         "engine: box}\n",
         "DUPLICATE_NAME <rolling>"},
        {"service again",
         "{kind: service, name: books, recipes: [], routes: {}}\n",
         "DUPLICATE_NAME <books>"},
        {"failure rules with one name",
         "{kind: failure_rule, id: f, match: {message: b}, category: APP, "
         "summary: s, hint: h}\n---\n"
         "{kind: failure_rule, id: f, match: {message: b}, category: APP, "
         "summary: s, hint: h}\n",
         "DUPLICATE_NAME <f>"},
        {"failure rule of an unknown category",
         "{kind: failure_rule, id: f, match: {message: b}, category: app, "
         "summary: s, hint: h}\n",
         "INVALID_VALUE <app>"},
        {"failure rule matches a list",
         "{kind: failure_rule, id: f, match: {kind: [b]}, category: APP, "
         "summary: s, hint: h}\n",
         "WRONG_TYPE <[b]>"},
        {"failure rule of every field",
         "{kind: failure_rule, id: f, match: {stage_type: a, stage_name: a, "
         "exception_type: a, kind: HTTP, http_status: 503, message: a, "
         "service: a, environment: a, recipe: a}, category: APP, "
         "summary: s, hint: h}\n",
         ""},
        {"failure rule of an unknown field",
         "{kind: failure_rule, id: f, match: {mesage: a, message: b}, "
         "category: APP, summary: s, hint: h}\n",
         "UNKNOWN_KEY <mesage>"},
        {"failure rule of no field",
         "{kind: failure_rule, id: f, match: {}, category: APP, "
         "summary: s, hint: h}\n",
         "INVALID_VALUE <{}>"},
        {"failure rule that matches a word",
         "{kind: failure_rule, id: f, match: a, category: APP, "
         "summary: s, hint: h}\n",
         "WRONG_TYPE <a>"},
        {"failure rule of a pattern of 201 bytes",
         "{kind: failure_rule, id: f, match: {message: " LONG_201
         "}, category: APP, summary: s, hint: h}\n",
         "INVALID_VALUE <" LONG_201 ">"},
        {"proposal for nowhere",
         "{kind: proposal_rule, id: p, on: build, environment: deva}\n",
         "UNKNOWN_REFERENCE <deva>"},
        {"proposal of promotions to the first environment",
         "{kind: proposal_rule, id: p, on: promotion, environment: dev}\n",
         "PROPOSAL_RULE_IDLE <dev>"},
        {"proposals that can be",
         "{kind: proposal_rule, id: p, on: promotion, environment: prod}\n"
         "---\n"
         "{kind: proposal_rule, id: q, on: build, environment: dev}\n",
         ""},
        {"proposal for where no group goes",
         "{kind: environment, name: lab, type: non_prod}\n---\n"
         "{kind: proposal_rule, id: p, on: build, environment: lab}\n",
         "PROPOSAL_RULE_IDLE <lab>"},
        /* windows */
        {"a window",
         WINDOW "{weekly: {days: [mon, sun], from: \"22:00\", "
                "to: \"24:00\"}}, timezone: Asia/Tokyo, "
                "rollbacks: included, reason: r}\n",
         ""},
        {"a freeze",
         "kind: window\nid: w\ntype: deny\n"
         "scope: {environments: [prod], groups: [shop], services: [books]}\n"
         "when: {dated: {from: 2027-01-01T00:00:00Z, "
         "to: 2027-01-02T00:00:00Z}}\n",
         ""},
        {"window without a time", WINDOW "{}}\n", "INVALID_VALUE <{}>"},
        {"window with two times",
         WINDOW "{weekly: {days: [mon], from: \"09:00\", to: \"10:00\"}, "
                "dated: {from: 2027-01-01T00:00:00Z, "
                "to: 2027-01-02T00:00:00Z}}}\n",
         "INVALID_VALUE <{weekly: {days: [mon], from: \"09:00\", "
         "to: \"10:00\"}, dated: {from: 2027-01-01T00:00:00Z, to: 2027-01-02T00:00:00Z}}>"},
        {"window of odd days and hours",
         WINDOW "{weekly: {days: [Mon, monday], from: \"24:00\", "
                "to: \"24:01\"}}}\n",
         "INVALID_VALUE <Mon>, "
         "INVALID_VALUE <monday>, "
         "INVALID_VALUE <\"24:00\">, "
         "INVALID_VALUE <\"24:01\">"},
        {"window of no days",
         WINDOW "{weekly: {days: [], from: 9:00, to: \"09:60\"}}}\n",
         "INVALID_VALUE <[]>, "
         "INVALID_VALUE <9:00>, "
         "INVALID_VALUE <\"09:60\">"},
        {"window that ends as it begins",
         WINDOW "{dated: {from: 2027-01-01T00:00:00Z, "
                "to: 2027-01-01T00:00:00Z}}}\n",
         "INVALID_VALUE <2027-01-01T00:00:00Z>"},
        {"window in a zone that is none",
         WINDOW "{weekly: {days: [mon], from: \"09:00\", to: \"10:00\"}}, "
                "timezone: Mars/Olympus}\n",
         "INVALID_VALUE <Mars/Olympus>"},
        {"window that concerns nothing",
         "{kind: window, id: w, type: deny, "
         "scope: {environments: [], groups: [], services: []}, "
         "when: {weekly: {days: [mon], from: \"09:00\", to: \"10:00\"}}}\n",
         "INVALID_VALUE <[]>, INVALID_VALUE <[]>, INVALID_VALUE <[]>"},
        {"window of what is not there",
         "{kind: window, id: w, type: deny, "
         "scope: {environments: [x], groups: [y], services: [z]}, "
         "when: {weekly: {days: [mon], from: \"09:00\", to: \"10:00\"}}}\n",
         "UNKNOWN_REFERENCE <x>, "
         "UNKNOWN_REFERENCE <y>, "
         "UNKNOWN_REFERENCE <z>"},
        /* not enforced */
        {"needs by a version that has no order",
         PENS "routes: {}, needs: [{service: pens, min_version: v1}]}\n"
              "---\n" GROUP "services: [pens], environments: []}\n",
         "INVALID_VALUE <v1>"},
        {"hooks",
         "{kind: hook, id: h, command: [./x, y], scope: {}, timeout: 1s, "
         "on_failure: allow}\n---\n"
         "{kind: hook, id: i, opa_url: \"http://o/v1\", scope: {}}\n",
         ""},
        {"hook that may take too long",
         "{kind: hook, id: h, command: [x], scope: {}, timeout: 601s}\n",
         "INVALID_VALUE <601s>"},
        {"hook that may take ten minutes",
         "{kind: hook, id: h, command: [x], scope: {}, timeout: 10m}\n", ""},
        {"waiver of a finding's code",
         "kind: waiver\nid: w\nguardrail: UNKNOWN_KEY\nscope: {}\n"
         "owner: a\nreason: r\nexpires: 2027-01-01T00:00:00Z\n",
         "INVALID_VALUE <UNKNOWN_KEY>"},
        {"waiver of who may act",
         "kind: waiver\nid: w\nguardrail: ROLE_FORBIDDEN\nscope: {}\n"
         "owner: a\nreason: r\nexpires: 2027-01-01T00:00:00Z\n",
         "INVALID_VALUE <ROLE_FORBIDDEN>"},
        {"waiver that nobody answers for",
         "kind: waiver\nid: w\nguardrail: QUOTA_EXCEEDED\nscope: {}\n"
         "owner: ' '\nreason: r\nexpires: 2027-01-01T00:00:00Z\n",
         "INVALID_VALUE <' '>"},
        {"scope of what is not there",
         "kind: waiver\nid: w\nguardrail: QUOTA_EXCEEDED\n"
         "scope: {environments: [x], groups: [y], services: [z]}\n"
         "owner: a\nreason: r\nexpires: 2027-01-01T00:00:00Z\n",
         "UNKNOWN_REFERENCE <x>, "
         "UNKNOWN_REFERENCE <y>, "
         "UNKNOWN_REFERENCE <z>"},
        {"hook that does nothing", "{kind: hook, id: h, scope: {}}\n",
         "INVALID_VALUE <{kind: hook, id: h, scope: {}}>"},
        {"hook that does both",
         "{kind: hook, id: h, scope: {}, command: [a], "
         "opa_url: \"http://o\"}\n",
         "INVALID_VALUE <{kind: hook, id: h, scope: {}, command: [a], "
         "opa_url: \"http://o\"}>"},
};

static void test_wrong(struct arena *a)
{
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct result r = read(a, wrong[i].yaml);
		is_str(found_in(a, &r.ds, "policy/case.yaml"), wrong[i].want,
		       "%s", wrong[i].name);
		is_str(found_in(a, &r.ds, "policy/base.yaml"), "",
		       "%s: and nothing else", wrong[i].name);
	}
}

/* Platforms that stand alone. */
static const struct {
	const char *name, *yaml, *want;
} platforms[] = {
        {"no platform", ENV, "PLATFORM_MISSING"},
        {"unknown zone", "kind: platform\nname: X\ntimezone: Mars/Base\n",
         "INVALID_VALUE <Mars/Base>"},
        {"kill switch: misspelt word",
         "kind: platform\nname: X\nmutations: disbled\n",
         "WRONG_TYPE <disbled>"},
        {"kill switch: a map without disabled",
         "kind: platform\nname: X\nmutations: {reason: r}\n",
         "MISSING_KEY <{reason: r}>"},
        {"kill switch: lists that stop nothing",
         "kind: platform\nname: X\nmutations: {disabled: true, "
         "environments: [], groups: []}\n",
         "INVALID_VALUE <[]>, INVALID_VALUE <[]>"},
        {"kill switch: names that are not there",
         "kind: platform\nname: X\nmutations: {disabled: true, "
         "environments: [prod], groups: [g]}\n",
         "UNKNOWN_REFERENCE <prod>, UNKNOWN_REFERENCE <g>"},
        {"waits for no time",
         "kind: platform\nname: X\nwaiting_expires_after: 0s\n",
         "INVALID_VALUE <0s>"},
        {"a ref that is none",
         "kind: platform\nname: X\nledger: {ref: ledger}\n",
         "INVALID_VALUE <ledger>"},
        {"a ref without its last part",
         "kind: platform\nname: X\nledger: {ref: refs/dxcp/}\n",
         "INVALID_VALUE <refs/dxcp/>"},
        {"a ref that git does not take",
         "kind: platform\nname: X\nledger: {ref: refs/dxcp/a..b}\n",
         "INVALID_VALUE <refs/dxcp/a..b>"},
        {"a branch of its own for the ledger",
         "kind: platform\nname: X\nledger: {ref: refs/heads/ledger}\n", ""},
        {"no dispatches",
         "kind: platform\nname: X\nmax_dispatches_per_run: 0\n",
         "INVALID_VALUE <0>"},
        {"engines are a list",
         "kind: platform\nname: X\nengines: [{type: sandbox}]\n",
         "WRONG_TYPE <[{type: sandbox}]>"},
        {"engine with an odd id",
         "kind: platform\nname: X\nengines: {a b: {type: sandbox}}\n",
         "INVALID_VALUE <a b>"},
        {"engine is a word", "kind: platform\nname: X\nengines: {a: box}\n",
         "WRONG_TYPE <box>"},
        {"engine without type", "kind: platform\nname: X\nengines: {a: {}}\n",
         "MISSING_KEY <{}>"},
        {"engines without what their type needs",
         "kind: platform\nname: X\nengines: {a: {type: command}, "
         "b: {type: spinnaker}, c: {type: command, command: []}}\n",
         "MISSING_KEY <a>, MISSING_KEY <b>, INVALID_VALUE <[]>"},
        {"addresses",
         "kind: platform\nname: X\nengines:\n"
         "  a: {type: spinnaker, url: gate.example.net}\n"
         "  b: {type: spinnaker, url: \"https://\"}\n"
         "  c: {type: spinnaker, url: \"https://u:p@h/\"}\n"
         "  d: {type: spinnaker, url: \"https://h/@x\", deck_url: ftp://h}\n",
         "INVALID_VALUE <gate.example.net>, "
         "INVALID_VALUE <\"https://\">, "
         "INVALID_VALUE <\"https://u:p@h/\">, "
         "INVALID_VALUE <ftp://h>"},
        {"auth without what its type needs",
         "kind: platform\nname: X\nengines:\n"
         "  a: {type: spinnaker, url: \"https://h\", auth: {type: bearer}}\n"
         "  b: {type: spinnaker, url: \"https://h\", "
         "auth: {type: basic, user: u}}\n"
         "  c: {type: spinnaker, url: \"https://h\", "
         "auth: {type: mtls, cert: c}}\n"
         "  d: {type: spinnaker, url: \"https://h\", auth: {type: none}}\n",
         "MISSING_KEY <bearer>, MISSING_KEY <basic>, MISSING_KEY <mtls>"},
        {"a password in the policy",
         "kind: platform\nname: X\nengines:\n"
         "  a: {type: spinnaker, url: \"https://h\", "
         "auth: {type: basic, user: u, password: p}}\n",
         "MISSING_KEY <basic>, UNKNOWN_KEY <password>"},
        {"secrets by variable or file, not by both",
         "kind: platform\nname: X\nengines:\n"
         "  a: {type: spinnaker, url: \"https://h\", "
         "auth: {type: bearer, token_env: T, token_file: f1}}\n"
         "  b: {type: spinnaker, url: \"https://h\", "
         "auth: {type: basic, user: u, password_file: f}}\n"
         "  c: {type: spinnaker, url: \"https://h\", "
         "auth: {type: bearer, token_env: \"Bearer x\"}}\n"
         "  d: {type: spinnaker, url: \"https://h\", "
         "auth: {type: bearer, token_env: T, cert: c}}\n",
         "INVALID_VALUE <f1>, INVALID_VALUE <\"Bearer x\">, "
         "MISSING_KEY <bearer>"},
        {"addresses that go on",
         "kind: platform\nname: X\nengines:\n"
         "  a: {type: spinnaker, url: \"https://h/?t=1\"}\n"
         "  b: {type: spinnaker, url: \"https://h/#x\"}\n",
         "INVALID_VALUE <\"https://h/?t=1\">, "
         "INVALID_VALUE <\"https://h/#x\">"},
        {"headers",
         "kind: platform\nname: X\nengines:\n"
         "  a: {type: spinnaker, url: \"https://h\", headers: {"
         "X-Team: delivery, X-Iap-Jwt: {value_env: JWT}, "
         "X-Key: {value_file: key}, X-Full: {value: v}}}\n",
         ""},
        {"headers that cannot be",
         "kind: platform\nname: X\nengines:\n"
         "  a: {type: spinnaker, url: \"https://h\", headers: {"
         "\"X Team\": a, X-Two: {value: a, value_env: B}, X-None: {}, "
         "X-Line: \"a\\nb\", content-length: 3, X-Env: {value_env: 1A}, "
         "X-What: {vale: a}}}\n"
         "  b: {type: spinnaker, url: \"https://h\", headers: [X-Team]}\n",
         "INVALID_VALUE <\"X Team\">, INVALID_VALUE <X-Two>, "
         "INVALID_VALUE <X-None>, INVALID_VALUE <\"a\\nb\">, "
         "INVALID_VALUE <content-length>, INVALID_VALUE <1A>, "
         "INVALID_VALUE <X-What>, UNKNOWN_KEY <vale>, "
         "WRONG_TYPE <[X-Team]>"},
        {"secrets in headers",
         "kind: platform\nname: X\nengines:\n"
         "  a: {type: spinnaker, url: \"https://h\", headers: {"
         "Authorization: Bearer1, cookie: {value: c2}, "
         "X-Api-Key: k3, X-Goog-IAP-JWT-Assertion: j4}}\n",
         "INVALID_VALUE <Bearer1>, INVALID_VALUE <c2>, "
         "INVALID_VALUE <k3>, INVALID_VALUE <j4>"},
        {"a header that auth sets",
         "kind: platform\nname: X\nengines:\n"
         "  a: {type: spinnaker, url: \"https://h\", "
         "auth: {type: bearer, token_env: T}, "
         "headers: {authorization: {value_env: A}}}\n",
         "INVALID_VALUE <authorization>"},
        {"script of an unknown outcome",
         "kind: platform\nname: X\nengines: {a: {type: sandbox, "
         "script: [{outcome: fine}]}}\n",
         "INVALID_VALUE <fine>"},
        {"roles: not a list, an empty one, and no name",
         "{kind: platform, name: X}\n---\nkind: roles\n"
         "platform_admin: a@example.net\nobserver: ['  ']\nowner: []\n",
         "WRONG_TYPE <a@example.net>, "
         "INVALID_VALUE <'  '>, "
         "UNKNOWN_KEY <owner>"},
};

static void test_platforms(struct arena *a)
{
	for (size_t i = 0; i < sizeof platforms / sizeof *platforms; i++) {
		struct result r = read_alone(a, platforms[i].yaml);
		is_str(found(a, &r.ds), platforms[i].want, "%s",
		       platforms[i].name);
	}
}

/* The words of a few findings. */
static void test_words(struct arena *a)
{
	struct result r = read(a, PENS "routes: {dev: roling}}\n");
	ok(r.ds.n && str_contains(r.ds.at[0].message,
	                          STR("did you mean \"rolling\"?")),
	   "the nearest name is told");
	r = read(a, "{kind: environment, name: dev, type: prod}\n");
	const struct diag_note *note = r.ds.n ? r.ds.at[0].notes : NULL;
	ok(note && str_is(note->at.src->path, "policy/base.yaml") &&
	           location_of(note->at).line == 5,
	   "a second name points at the first");
	r = read(a, GROUP "services: [books], environments: []}\n");
	note = r.ds.n ? r.ds.at[0].notes : NULL;
	ok(note && location_of(note->at).line == 18,
	   "a second member points at the first");
	r = read(a, "kind: rollback\n");
	ok(str_contains(r.ds.at[0].message, STR("a kind of intent")),
	   "a kind of intent: the message says so");
	r = read(a, "kind: waiver\nid: w\nguardrail: QUOTA_EXCEDED\nscope: {}\n"
	            "owner: a\nreason: r\nexpires: 2027-01-01T00:00:00Z\n");
	diags_sort(&r.ds);
	is_str(r.ds.at[0].hint, "Did you mean QUOTA_EXCEEDED?",
	       "the nearest code is told");
}

static void test_summary_length(struct arena *a)
{
	char yaml[1024] = "kind: recipe\nid: r\nname: R\nrevision: 1\n"
	                  "engine: box\nsummary: ";
	size_t n = strlen(yaml);
	memset(yaml + n, 'x', 240);
	struct result r = read(a, yaml);
	is_str(found(a, &r.ds), "", "a recipe's summary of 240 characters");
	yaml[n + 240] = 'x';
	r = read(a, yaml);
	ok(str_starts(found(a, &r.ds), STR("INVALID_VALUE <xxx")), "of 241");
}

static void test_name_length(struct arena *a)
{
	char yaml[1024] = "{kind: environment, type: prod, name: ";
	size_t n = strlen(yaml);
	memset(yaml + n, 'x', 128);
	yaml[n + 128] = '}';
	struct result r = read(a, yaml);
	is_str(found(a, &r.ds), "", "a name of 128 characters");
	yaml[n + 128] = 'x';
	yaml[n + 129] = '}';
	r = read(a, yaml);
	ok(str_starts(found(a, &r.ds), STR("INVALID_VALUE <xxx")), "of 129");
}

static void test_waivable(void)
{
	size_t n = 0;
	for (; waivable_names[n]; n++)
		ok(diag_info(diag_find(str_of(waivable_names[n])))->row > 0,
		   "%s can be waived", waivable_names[n]);
	ok(n > 10, "what can be waived are codes of decisions");
}

int main(void)
{
	struct arena *a = arena_new();
	test_wrong(a);
	test_platforms(a);
	test_words(a);
	test_summary_length(a);
	test_name_length(a);
	test_waivable();
	arena_free(a);
	return tap_done();
}
