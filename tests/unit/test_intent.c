/* intent: every kind decodes with every key it knows, and with no other. */
#include "core/intent.h"
#include "core/kind.h"
#include "tests/lib/found.h"
#include "tests/lib/tap.h"

#include <string.h>

struct result {
	struct intent in;
	struct diags ds;
	bool good;
};

static struct result read(struct arena *a, const char *yaml)
{
	struct result r = {.ds = diags_new(a)};
	struct source *src =
	        source_new(a, STR("intents/ledger/x.yaml"), str_of(yaml));
	r.good = intent_read(&r.in, a, src, &r.ds);
	return r;
}

/* Every key of every kind. */

static const char full_deploy[] = "kind: deploy\n"
                                  "service: ledger\n"
                                  "environment: staging\n"
                                  "version: 7.10\n"
                                  "recipe: blue-green\n"
                                  "params: {replicas: 2, \"tier\": 'gold'}\n"
                                  "summary: Raise the limit of a transfer\n"
                                  "ticket: LED-9\n"
                                  "reason: hotfix\n"
                                  "not_before: 2027-01-02T03:04:05+01:00\n"
                                  "expires: 2027-01-03T00:00:00Z\n"
                                  "labels: {train: 7}\n";

static const char full_build[] =
        "kind: build\n"
        "service: ledger\n"
        "version: 7.1.0-rc.1\n"
        "summary: Build 12\n"
        "artifact: oci://registry.example.com/ledger@sha256:00ff\n"
        "commit: 00ffee\n"
        "branch: release/7\n"
        "built_at: 2027-01-01T00:00:00Z\n"
        "sha256: 00ff\n"
        "size_bytes: 1024\n"
        "content_type: application/gzip\n"
        "repository: https://git.example.com/ledger\n"
        "ci: {provider: gitlab, run_id: 12, run_url: \"https://ci/12\"}\n"
        "attestations: [{type: slsa, url: \"https://a/b\"}]\n";

static const char full_release[] =
        "kind: release\n"
        "summary: Both at once\n"
        "deploys:\n"
        "  - {service: ledger, environment: dev, version: 7.1.0}\n"
        "  - {service: books, environment: dev, version: 1.0.0,\n"
        "     recipe: rolling, after: [ledger], params: {tier: gold}}\n";

static const struct {
	enum intent_kind kind;
	const char *yaml;
} full[] = {
        {INTENT_DEPLOY, full_deploy},
        {INTENT_PROMOTE, "kind: promote\nservice: ledger\nfrom: dev\n"
                         "to: staging\nversion: 7.1.0\nsummary: On it goes\n"},
        {INTENT_ROLLBACK, "kind: rollback\nservice: ledger\n"
                          "environment: dev\nof: 31\nto_version: 7.0.9\n"
                          "summary: Back\nreason: incident\n"},
        {INTENT_RELEASE, full_release},
        {INTENT_BUILD, full_build},
        {INTENT_APPROVAL, "kind: approval\nof: intents/ledger/y.yaml\n"
                          "decision: reject\ndigest: 00ff\nsummary: No\n"},
        {INTENT_CANCEL, "kind: cancel\nof: intents/ledger/y.yaml\n"
                        "summary: Not today\n"},
        {INTENT_HOLD, "kind: hold\nservice: ledger\nenvironment: dev\n"
                      "version: 7.1.0\nuntil: 2027-02-01T00:00:00Z\n"
                      "summary: Leaks\n"},
        {INTENT_INCIDENT, "kind: incident\nservice: ledger\n"
                          "environment: dev\n"
                          "started_at: 2027-01-01T10:00:00Z\n"
                          "resolved_at: 2027-01-01T11:00:00Z\n"
                          "caused_by: 31\nseverity: high\nsummary: Down\n"},
};

static void test_full(struct arena *a)
{
	for (size_t i = 0; i < sizeof full / sizeof *full; i++) {
		struct result r = read(a, full[i].yaml);
		const char *name = intent_kinds[full[i].kind].name;
		is_str(found(a, &r.ds), "", "%s: no findings", name);
		ok(r.good && r.in.kind == full[i].kind, "%s: is read", name);
		is_str(kind_names[KIND_OF_INTENT][full[i].kind]
		               ? str_of(kind_names[KIND_OF_INTENT]
		                                  [full[i].kind])
		               : STR(""),
		       name, "%s: is the kind's name", name);
	}
}

static void test_deploy(struct arena *a)
{
	struct intent in = read(a, full_deploy).in;
	is_str(in.service.s, "ledger", "deploy: service");
	is_str(in.environment.s, "staging", "deploy: environment");
	is_str(in.version.s, "7.10", "deploy: a version stays text");
	is_str(in.recipe.s, "blue-green", "deploy: recipe");
	is_str(in.summary.s, "Raise the limit of a transfer", "summary");
	is_str(in.ticket.s, "LED-9", "ticket");
	is_int(in.reason.is, 1, "reason");
	is_int(in.not_before.t, 1798855445, "not_before, in UTC");
	is_int(in.expires.t, 1798934400, "expires");
	ok(in.labels.node && in.labels.node->n == 1, "labels");
	ok(in.params.node && in.params.node->n == 2, "params");
	struct location at = location_of(in.kind_at);
	ok(at.line == 1 && at.column == 7 && at.end_column == 13,
	   "the place of the kind");
}

static void test_build(struct arena *a)
{
	struct intent in = read(a, full_build).in;
	is_str(in.artifact.s, "oci://registry.example.com/ledger@sha256:00ff",
	       "build: artifact");
	is_str(in.commit.s, "00ffee", "build: commit");
	is_str(in.branch.s, "release/7", "build: branch");
	is_int(in.built_at.t, 1798761600, "build: built_at");
	is_int(in.size_bytes.n, 1024, "build: size_bytes");
	is_str(in.ci.run_id.s, "12", "build: a run_id may be a number");
	ok(in.attestations.node != NULL, "build: attestations are kept");
}

/* The order of a release's members, as "2,0,1"; "..." where some have none. */
static const struct {
	const char *members, *order;
} orders[] = {
        {"{service: a}, {service: b}, {service: c}", "0,1,2,"},
        {"{service: a, after: [b]}, {service: b}", "1,0,"},
        {"{service: a, after: [c]}, {service: b}, {service: c, after: [b]}",
         "1,2,0,"},
        {"{service: a, after: [b, c]}, {service: b}, {service: c}", "1,2,0,"},
        {"{service: a}, {service: b, after: [b]}", "0,..."},
        {"{service: a, after: [b]}, {service: b, after: [a]}", "..."},
};

static void test_order(struct arena *a)
{
	for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
		struct buf yaml = buf_new(a, 4096), got = buf_new(a, 4096);
		struct str rest = str_of(orders[i].members), part;
		buf_add(&yaml, STR("kind: release\nsummary: s\ndeploys:\n"));
		while (str_next(&rest, '}', &part)) {
			part = str_from(part, str_starts(part, STR(", ")) * 2);
			buf_format(&yaml,
			           "- %" STR_FMT
			           ", environment: e, version: 1.0.0}\n",
			           STR_ARG(part));
		}
		struct intent in = read(a, str_cstr(a, buf_str(&yaml))).in;
		size_t order[RELEASE_MAX];
		size_t n = release_order(&in.deploys, order);
		for (size_t k = 0; k < n; k++)
			buf_format(&got, "%zu,", order[k]);
		if (n < in.deploys.n)
			buf_add(&got, STR("..."));
		is_str(buf_str(&got), orders[i].order, "order of %s",
		       orders[i].members);
	}
}

static void test_release(struct arena *a)
{
	struct intent in = read(a, full_release).in;
	is_int((int64_t)in.deploys.n, 2, "release: members");
	const struct release_member *m = in.deploys.at;
	is_str(m[1].service.s, "books", "release: second service");
	ok(m[1].after.n == 1 && str_is(m[1].after.at[0].s, "ledger"),
	   "release: after");
	ok(!GIVEN(m[0].recipe) && GIVEN(m[1].recipe), "release: recipe");
}

/* What is wrong, and where. */

static const struct {
	const char *name, *yaml, *want;
} wrong[] = {
        {"misspelt key",
         "kind: cancel\nof: intents/a.yaml\nsummary: s\nsummery: t\n",
         "UNKNOWN_KEY <summery>"},
        {"key of another kind",
         "kind: cancel\nof: intents/a.yaml\nsummary: s\nversion: 1.0.0\n",
         "UNKNOWN_KEY <version>"},
        {"no service, environment, version", "kind: deploy\nsummary: s\n",
         "MISSING_KEY <kind: deploy..>, MISSING_KEY <kind: deploy..>, "
         "MISSING_KEY <kind: deploy..>"},
        {"no summary", "kind: cancel\nof: a\n", "MISSING_KEY <kind: cancel..>"},
        {"no kind", "of: a\nsummary: s\n", "MISSING_KEY <of: a..>"},
        {"kind misspelt", "kind: deploi\nservice: a\n",
         "UNKNOWN_KIND <deploi>"},
        {"kind in capitals", "kind: Deploy\n", "UNKNOWN_KIND <Deploy>"},
        {"kind is a list", "kind: [deploy]\n", "WRONG_TYPE <[deploy]>"},
        {"kind is nothing", "kind:\nservice: a\n", "WRONG_TYPE <>"},
        {"a kind of policy", "kind: service\nname: a\n",
         "UNKNOWN_KIND <service>"},
        {"a list", "- kind: deploy\n", "WRONG_TYPE <- kind: deploy>"},
        {"a word", "deploy\n", "WRONG_TYPE <deploy>"},
        {"two documents",
         "kind: cancel\nof: a\nsummary: s\n---\nkind: cancel\n",
         "MULTIPLE_DOCUMENTS <kind: cancel>"},
        {"rollback of a word",
         "kind: rollback\nservice: a\nenvironment: b\nsummary: s\nof: last\n",
         "INVALID_VALUE <last>"},
        {"rollback of number 0",
         "kind: rollback\nservice: a\nenvironment: b\nsummary: s\nof: 0\n",
         "INVALID_VALUE <0>"},
        {"approval of a path only",
         "kind: approval\nof: intents/a.yaml\n"
         "summary: s\ndecision: maybe\n",
         "INVALID_VALUE <maybe>"},
        {"reason unknown", "kind: cancel\nof: a\nsummary: s\nreason: mood\n",
         "INVALID_VALUE <mood>"},
        {"expires is a date",
         "kind: cancel\nof: a\nsummary: s\n"
         "expires: 2027-01-01\n",
         "INVALID_VALUE <2027-01-01>"},
        {"release of nothing", "kind: release\nsummary: s\ndeploys: []\n",
         "INVALID_VALUE <[]>"},
        {"release: unknown key of a member",
         "kind: release\nsummary: s\ndeploys:\n"
         "- {service: a, environment: b, version: 1.0.0, when: x}\n",
         "UNKNOWN_KEY <when>"},
        {"params are a list",
         "kind: deploy\nservice: a\nenvironment: b\nversion: 1.0.0\n"
         "summary: s\nparams: [1]\n",
         "WRONG_TYPE <[1]>"},
        {"a param is a map, one is nothing",
         "kind: deploy\nservice: a\nenvironment: b\nversion: 1.0.0\n"
         "summary: s\nparams: {p: {q: 1}, r: }\n",
         "WRONG_TYPE <{q: 1}>, WRONG_TYPE <>"},
        {"labels are a word", "kind: cancel\nof: a\nsummary: s\nlabels: x\n",
         "WRONG_TYPE <x>"},
        {"build: when it was built is not known",
         "kind: build\nservice: a\nversion: 1.0.0\nsummary: s\n"
         "artifact: file:///a\ncommit: 00ff00ff\nbranch: main\n"
         "built_at: yesterday\n",
         "INVALID_VALUE <yesterday>"},
        {"incident caused by 0",
         "kind: incident\nservice: a\nenvironment: b\nsummary: s\n"
         "started_at: 2027-01-01T00:00:00Z\ncaused_by: 0\n",
         "INVALID_VALUE <0>"},
        {"empty file", "", "EMPTY_FILE <>"},
        {"summary is nothing", "kind: cancel\nof: a\nsummary:\n",
         "WRONG_TYPE <>"},
};

static void test_wrong(struct arena *a)
{
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct result r = read(a, wrong[i].yaml);
		is_str(found(a, &r.ds), wrong[i].want, "%s", wrong[i].name);
		ok(!r.good, "%s: is not read", wrong[i].name);
	}
}

/* For guardrails to judge, not for the decoder. */
static void test_summary(struct arena *a)
{
	char yaml[1024] = "kind: cancel\nof: a\nsummary: ";
	size_t n = strlen(yaml);
	memset(yaml + n, 'x', 241);
	struct result r = read(a, yaml);
	ok(r.good && r.in.summary.s.n == 241, "a long summary decodes");
	r = read(a, "kind: cancel\nof: a\nsummary: ''\n");
	ok(r.good && GIVEN(r.in.summary), "an empty summary decodes");
	r = read(a, "kind: cancel\nof: a\nsummary: '  '\n");
	ok(r.good && r.in.summary.s.n == 2, "a blank summary decodes");
}

static void test_words(struct arena *a)
{
	struct result r = read(a, "kind: deploi\n");
	ok(str_contains(r.ds.at[0].message, STR("did you mean \"deploy\"?")),
	   "a misspelt kind: the nearest is named");
	r = read(a, "kind: window\n");
	ok(str_contains(r.ds.at[0].message, STR("a kind of policy")),
	   "a kind of policy: the message says so");
	r = read(a, "kind: Xyzzy\n");
	ok(str_contains(r.ds.at[0].hint, STR("deploy, promote")),
	   "an unknown kind: the known ones are listed");
	r = read(a, "kind: hold\nservice: a\nversion: 1.0.0\n");
	ok(r.in.kind == INTENT_HOLD && str_is(r.in.service.s, "a"),
	   "what could be read is there");
}

int main(void)
{
	struct arena *a = arena_new();
	test_full(a);
	test_deploy(a);
	test_build(a);
	test_release(a);
	test_order(a);
	test_wrong(a);
	test_summary(a);
	test_words(a);
	arena_free(a);
	return tap_done();
}
