/* failure_class: what a text means, and what the policy's rules make of it. */
#include "runner/failure_class.h"
#include "tests/lib/tap.h"

#include <string.h>

static struct failure classified(struct arena *a, struct failure_facts facts,
                                 const struct policy *p)
{
	struct failure f = {.category = FAILURE_UNKNOWN};
	failure_classify(&f, a, &facts, p);
	return f;
}

/* --- the built-in list ------------------------------------------------------
 */

static const struct {
	const char *text;
	enum failure_category category;
} texts[] = {
        {"readiness probe failed", FAILURE_APP},
        {"Readiness probe failed: HTTP probe failed with statuscode: 503",
         FAILURE_APP},
        {"deployment \"checkout\" exceeded its progress deadline", FAILURE_APP},
        {"pod checkout-1: CrashLoopBackOff", FAILURE_APP},
        {"3 tests failed", FAILURE_APP},
        {"Failed to pull image \"r.example.com/a:1\": manifest unknown",
         FAILURE_ARTIFACT},
        {"artifact s3://builds/checkout.zip not found", FAILURE_ARTIFACT},
        {"sha256 mismatch of checkout.zip", FAILURE_ARTIFACT},
        {"0/5 nodes are available: 5 Insufficient cpu", FAILURE_INFRASTRUCTURE},
        {"pods \"a\" is forbidden: exceeded quota: team",
         FAILURE_INFRASTRUCTURE},
        {"write /var/lib/x: no space left on device", FAILURE_INFRASTRUCTURE},
        {"dial tcp 10.0.0.1:443: connect: connection refused",
         FAILURE_INFRASTRUCTURE},
        {"curl: (6) Could not resolve host: api.example.com",
         FAILURE_INFRASTRUCTURE},
        {"503 Service Unavailable", FAILURE_INFRASTRUCTURE},
        {"dial tcp 10.0.0.1:443: i/o timeout", FAILURE_INFRASTRUCTURE},
        {"timed out waiting for the condition", FAILURE_TIMEOUT},
        {"context deadline exceeded", FAILURE_TIMEOUT},
        {"admission webhook \"p\" denied the request: unsigned",
         FAILURE_POLICY},
        {"User \"ci\" is forbidden from patching", FAILURE_POLICY},
        {"open /etc/x: permission denied", FAILURE_POLICY},
        {"error: You must be logged in to the server (Unauthorized)",
         FAILURE_CONFIG},
        {"./deploy.sh: line 3: helm: command not found", FAILURE_CONFIG},
        {"REGION: unbound variable", FAILURE_CONFIG},
        {"Deployment.apps \"a\" is invalid: spec.replicas", FAILURE_VALIDATION},
        {"rollback failed: nothing to return to", FAILURE_ROLLBACK},
        {"it did not work", FAILURE_UNKNOWN},
        {"", FAILURE_UNKNOWN},
};

static void by_text(struct arena *a)
{
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct failure f =
		        classified(a,
		                   (struct failure_facts){
		                           .source = FAILED_IN_OUTPUT,
		                           .message = str_of(texts[i].text)},
		                   NULL);
		is_str(str_of(failure_category_names[f.category]),
		       failure_category_names[texts[i].category], "\"%s\"",
		       texts[i].text);
		if (!f.summary.n || !f.hint.n || str_has(f.summary, '\n'))
			ok(false, "\"%s\" has a summary and a hint",
			   texts[i].text);
	}
}

static const struct row {
	const char *source, *stage, *exception, *kind;
	int status;
	const char *text, *category, *summary, *hint;
} rows[] = {
#define ANY NULL
#define FAILURE(source, stage, exception, kind, status, text, category, \
                summary, hint)                                          \
	{#source, stage,     exception, kind, status,                   \
	 text,    #category, summary,   hint},
#include "runner/failure_class.def"
#undef FAILURE
};

static const struct {
	const char *name;
	enum failure_source source;
} sources[] = {
        {"EXCEPTION", FAILED_IN_EXCEPTION},
        {"CLOUD", FAILED_IN_CLOUD},
        {"MANIFEST", FAILED_IN_MANIFEST},
        {"WEBHOOK", FAILED_IN_WEBHOOK},
        {"MONITOR", FAILED_IN_MONITOR},
        {"JUDGMENT", FAILED_IN_JUDGMENT},
        {"EXPRESSION", FAILED_IN_EXPRESSION},
        {"PRECONDITION", FAILED_IN_PRECONDITION},
        {"PLANNING", FAILED_IN_PLANNING},
        {"STARTUP", FAILED_IN_STARTUP},
        {"NOTHING", FAILED_IN_NOTHING},
        {"CHILD", FAILED_IN_CHILD},
        {"SILENCE", FAILED_IN_SILENCE},
        {"ANY_SOURCE", FAILED_IN_EXCEPTION},
};

static struct str first_word(const char *words)
{
	struct str word, rest;
	str_cut(str_of(words), '|', &word, &rest);
	return word;
}

/* "a*b" as it may be said: "So: a, then b." */
static struct str sentence(struct arena *a, struct str words)
{
	struct buf out = buf_new(a, 4096);
	struct str word;
	buf_add(&out, STR("So: "));
	for (bool more = false; str_next(&words, '*', &word); more = true) {
		buf_add(&out, more ? STR(" then ") : STR(""));
		buf_add(&out, word);
	}
	buf_add(&out, STR("."));
	return buf_str(&out);
}

/* No alternative of a row is taken by a row before it. */
static void row_is_reached(struct arena *a, const struct row *row,
                           struct str words)
{
	int status = row->status == 4   ? 418
	             : row->status == 5 ? 502
	                                : row->status;
	struct failure_facts facts = {
	        .stage_type = first_word(row->stage ? row->stage : ""),
	        .exception_type =
	                first_word(row->exception ? row->exception : ""),
	        .kind = str_of(row->kind),
	        .http_status = status,
	        .message = sentence(a, words),
	};
	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
		if (!strcmp(sources[i].name, row->source))
			facts.source = sources[i].source;
	struct failure f = classified(a, facts, NULL);
	ok(!strcmp(failure_category_names[f.category], row->category) &&
	           str_is(f.hint, row->hint),
	   "%s %s %s %s %d \"%.*s\" is %s: %.*s", row->source,
	   row->stage ? row->stage : "", row->exception ? row->exception : "",
	   row->kind ? row->kind : "", row->status, (int)words.n, words.s,
	   row->category, (int)f.summary.n, f.summary.s);
}

static void by_row(struct arena *a)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str rest = str_of(rows[i].text ? rows[i].text : "odd");
		struct str words;
		while (str_next(&rest, '|', &words))
			row_is_reached(a, &rows[i], words);
	}
}

/* --- words
 * -------------------------------------------------------------------- */

static void words(struct arena *a)
{
	struct failure_facts facts = {
	        .source = FAILED_IN_EXCEPTION,
	        .stage_name = STR("Deploy"),
	        .message = STR("\n  it broke  \nin two"),
	};
	struct failure f = classified(a, facts, NULL);
	is_str(f.summary, "Deploy: it broke",
	       "the first line of what was said");
	f = (struct failure){.category = FAILURE_UNKNOWN,
	                     .summary = STR("mine"),
	                     .hint = STR("do it"),
	                     .detail = STR("d"),
	                     .observed_at = 7};
	facts.message = STR("connection refused");
	failure_classify(&f, a, &facts, NULL);
	ok(str_is(f.summary, "mine") && str_is(f.hint, "do it") &&
	           str_is(f.detail, "d") && f.observed_at == 7 &&
	           f.category == FAILURE_INFRASTRUCTURE,
	   "what is there already stays");
	f.category = FAILURE_APP;
	failure_classify(&f, a, &facts, NULL);
	is_int(f.category, FAILURE_APP, "a category, too");
	facts.message = str_format(a, "%01000d", 0);
	ok(classified(a, facts, NULL).summary.n < 250, "a summary is short");
	facts.message = STR("");
	is_str(classified(a, facts, NULL).summary,
	       "Deploy: it failed and does not say why", "nothing was said");
}

/* --- the policy's rules
 * --------------------------------------------------------- */

static const char base[] = "kind: platform\nname: Shop\n";

static struct policy *policy_of(struct arena *a, struct str rules)
{
	struct diags ds = diags_new(a);
	struct source *file =
	        source_new(a, STR("policy/p.yaml"),
	                   str_format(a, "%s%" STR_FMT, base, STR_ARG(rules)));
	struct policy *p = policy_read(a, &file, 1, &ds);
	if (ds.errors)
		ok(false, "%" STR_FMT ": %" STR_FMT, STR_ARG(rules),
		   STR_ARG(ds.at[0].message));
	return p;
}

static const struct failure_facts known = {
        .source = FAILED_IN_EXCEPTION,
        .stage_type = {"deployManifest", 14},
        .stage_name = {"Deploy to prod", 14},
        .exception_type = {"SpinnakerHttpException", 22},
        .kind = {"HTTP", 4},
        .http_status = 503,
        .message = {"GET https://cd.example.com/ops\nBusy (try later)", 47},
        .service = {"checkout", 8},
        .environment = {"prod", 4},
        .recipe = {"canary", 6},
};

static const struct {
	const char *match;
	bool fits;
} matches[] = {
        {"stage_type: deployManifest", true},
        {"stage_type: DEPLOYMANIFEST", true},
        {"stage_type: deploy", false},
        {"stage_type: 'deploy*'", true},
        {"stage_name: 'deploy to ?rod'", true},
        {"stage_name: 'deploy to [pq]rod'", true},
        {"stage_name: Deploy", false},
        {"exception_type: '*HttpException'", true},
        {"exception_type: TimeoutException", false},
        {"kind: http", true},
        {"kind: network", false},
        {"http_status: 503", true},
        {"http_status: '5*'", true},
        {"http_status: 50", false},
        {"http_status: '4?3'", false},
        {"message: '*example.com*busy*'", true},
        {"message: '**ops*'", true},
        {"message: '*busy (try later)'", true},
        {"message: 'busy*'", false},
        {"message: ops", false},
        {"service: checkout", true},
        {"service: check", false},
        {"environment: 'p*'", true},
        {"environment: dev", false},
        {"recipe: canary", true},
        {"recipe: standard", false},
        {"service: checkout, environment: prod, message: '*busy*'", true},
        {"service: checkout, environment: dev, message: '*busy*'", false},
};

static struct str rule(struct arena *a, const char *id, const char *match,
                       const char *more)
{
	return str_format(
	        a,
	        "---\n{kind: failure_rule, id: %s, match: {%s}, "
	        "category: POLICY, summary: Rule %s, hint: Ask %s.%s}\n",
	        id, match, id, id, more);
}

static void by_rule(struct arena *a)
{
	for (size_t i = 0; i < sizeof matches / sizeof *matches; i++) {
		struct policy *p =
		        policy_of(a, rule(a, "r", matches[i].match, ""));
		ok((failure_rule_for(&known, p) != NULL) == matches[i].fits,
		   "%s: %s", matches[i].match,
		   matches[i].fits ? "fits" : "does not fit");
	}
	struct policy *any = policy_of(
	        a,
	        str_format(a, "%" STR_FMT "%" STR_FMT "%" STR_FMT "%" STR_FMT,
	                   STR_ARG(rule(a, "a", "stage_type: '*'", "")),
	                   STR_ARG(rule(a, "b", "stage_name: '*'", "")),
	                   STR_ARG(rule(a, "c", "kind: '*'", "")),
	                   STR_ARG(rule(a, "d", "http_status: '*'", ""))));
	ok(!failure_rule_for(&(struct failure_facts){.message = STR("x")}, any),
	   "what a failure does not have fits no pattern");
}

static void rules_decide(struct arena *a)
{
	struct policy *p = policy_of(
	        a,
	        str_format(a, "%" STR_FMT "%" STR_FMT "%" STR_FMT,
	                   STR_ARG(rule(a, "one", "message: '*nothing*'", "")),
	                   STR_ARG(rule(a, "two", "message: '*busy*'",
	                                ", runbook: 'https://wiki/busy'")),
	                   STR_ARG(rule(a, "three", "message: '*busy*'", ""))));
	struct failure f = classified(a, known, p);
	is_str(f.summary, "Rule two", "the first that fits, in order");
	is_str(f.hint, "Ask two. Runbook: https://wiki/busy",
	       "its hint, and where to read more");
	is_int(f.category, FAILURE_POLICY,
	       "over the built-in list, which knows HTTP 503");
	f = (struct failure){.summary = STR("mine"), .hint = STR("mine")};
	failure_classify(&f, a, &known, p);
	ok(str_is(f.summary, "Rule two") && str_starts(f.hint, STR("Ask two")),
	   "over what the engine said, too");
	is_int(classified(a, known, NULL).category, FAILURE_INFRASTRUCTURE,
	       "without a rule the built-in list decides");
}

int main(void)
{
	struct arena *a = arena_new();
	by_text(a);
	by_row(a);
	words(a);
	by_rule(a);
	rules_decide(a);
	arena_free(a);
	return tap_done();
}
