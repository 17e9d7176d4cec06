/* verdict: the decision document, member by member and in order. */
#include "core/verdict.h"
#include "tests/lib/tap.h"

#define OID "0102030000000000000000000000000000000000"

static struct str decision_text(struct arena *a, const struct decision *d)
{
	struct buf out = buf_new(a, 64 * 1024);
	struct jw j = jw_new(&out);
	jw_open(&j, '{');
	decision_json(&j, d);
	jw_close(&j);
	return buf_str(&out);
}

static void test_wait(struct arena *a)
{
	struct request r = {
	        .path = STR("intents/books/a.yaml"),
	        .blob = {{1, 2, 3}},
	        .kind = INTENT_DEPLOY,
	        .service = STR("books"),
	        .environment = STR("prod"),
	        .version = STR("1.0.0"),
	};
	struct trace_row rows[] = {
	        {.guardrail = "request",
	         .result = TRACE_PASS,
	         .detail = STR("decodes")},
	        {.guardrail = "quota",
	         .code = DIAG_QUOTA_EXCEEDED,
	         .result = TRACE_WAIT,
	         .detail = STR("full"),
	         .rule = {STR("policy/g.yaml"), 7, 3, 7, 4},
	         .inputs = {{"used", true, 3, {0}},
	                    {"day", false, 0, STR("Monday")}},
	         .ninputs = 2}};
	struct decision d = {
	        .request = &r,
	        .token = STR("dxcp-00"),
	        .group = STR("shop"),
	        .recipe = STR("rolling"),
	        .commit = {{1, 2, 3}},
	        .actor = {STR("eve@example.com"), STR("Eve"),
	                  STR("eve@example.com"), STR("bot@example.com"),
	                  "DELIVERY_OWNER", PROOF_AUTHOR},
	        .outcome = OUTCOME_WAIT,
	        .code = DIAG_QUOTA_EXCEEDED,
	        .message = STR("3 of 3 \"used\""),
	        .hint = STR("Tomorrow."),
	        .next_allowed_at = 1798761600,
	        .at = {STR("intents/books/a.yaml"), 3, 14, 3, 18},
	        .also = {DIAG_CONCURRENCY_LIMIT_REACHED},
	        .nalso = 1,
	        .trace = rows,
	        .ntrace = 2,
	};
	is_str(decision_text(a, &d),
	       "{\"intent\":\"intents/books/a.yaml\",\"blob\":\"" OID "\","
	       "\"token\":\"dxcp-00\",\"kind\":\"deploy\",\"service\":\"books\","
	       "\"environment\":\"prod\",\"version\":\"1.0.0\","
	       "\"group\":\"shop\",\"recipe\":\"rolling\","
	       "\"actor\":{\"email\":\"eve@example.com\","
	       "\"role\":\"DELIVERY_OWNER\",\"proof\":\"author\"},"
	       "\"decision\":\"wait\",\"code\":\"QUOTA_EXCEEDED\","
	       "\"cause\":\"POLICY\",\"message\":\"3 of 3 \\\"used\\\"\","
	       "\"hint\":\"Tomorrow.\","
	       "\"nextAllowedAt\":\"2027-01-01T00:00:00Z\","
	       "\"also\":[\"CONCURRENCY_LIMIT_REACHED\"],"
	       "\"at\":{\"file\":\"intents/books/a.yaml\",\"line\":3,"
	       "\"column\":14,\"endLine\":3,\"endColumn\":18},"
	       "\"trace\":[{\"guardrail\":\"request\",\"code\":null,"
	       "\"result\":\"pass\",\"detail\":\"decodes\",\"rule\":null,"
	       "\"inputs\":{}},{\"guardrail\":\"quota\","
	       "\"code\":\"QUOTA_EXCEEDED\",\"result\":\"wait\","
	       "\"detail\":\"full\",\"rule\":{\"file\":\"policy/g.yaml\","
	       "\"line\":7},\"inputs\":{\"used\":3,\"day\":\"Monday\"}}],"
	       "\"commit\":\"" OID "\",\"author\":\"eve@example.com\","
	       "\"committer\":\"bot@example.com\"}",
	       "a waiting decision");
}

/* A file of which nothing could be read, by somebody without a role. */
static void test_nothing_known(struct arena *a)
{
	struct request r = {
	        .path = STR("intents/x.yaml"),
	        .kind = INTENT_UNKNOWN,
	};
	struct decision d = {
	        .request = &r,
	        .token = STR("dxcp-00"),
	        .actor = {STR(""), STR(""), STR(""), STR(""), "", PROOF_SIGNED},
	        .outcome = OUTCOME_DENY,
	        .code = DIAG_INVALID_REQUEST,
	        .message = STR("no"),
	        .at = {.file = STR("intents/x.yaml")},
	};
	is_str(decision_text(a, &d),
	       "{\"intent\":\"intents/x.yaml\","
	       "\"blob\":\"0000000000000000000000000000000000000000\","
	       "\"token\":\"dxcp-00\",\"kind\":null,\"service\":null,"
	       "\"environment\":null,\"version\":null,\"group\":null,"
	       "\"recipe\":null,\"actor\":{\"email\":null,\"role\":null,"
	       "\"proof\":\"signed\"},\"decision\":\"deny\","
	       "\"code\":\"INVALID_REQUEST\",\"cause\":\"USER_ERROR\","
	       "\"message\":\"no\",\"hint\":null,\"nextAllowedAt\":null,"
	       "\"also\":[],\"at\":{\"file\":\"intents/x.yaml\",\"line\":1,"
	       "\"column\":1,\"endLine\":1,\"endColumn\":1},\"trace\":[],"
	       "\"commit\":null,\"author\":null,\"committer\":null}",
	       "absent members are null, the file as such is its start");
	d.outcome = OUTCOME_ALLOW;
	d.code = DIAG_NONE;
	d.at = (struct location){0};
	struct str text = decision_text(a, &d);
	ok(str_contains(text, STR("\"decision\":\"allow\",\"code\":null,"
	                          "\"cause\":null")),
	   "allow has no code and no cause");
	ok(str_contains(text, STR("\"at\":null")), "nowhere is null");
}

static void test_findings(struct arena *a)
{
	struct diags ds = diags_new(a);
	struct source *src = source_new(a, STR("policy/p.yaml"),
	                                STR("kind: group\nid: \xC3\xA9\n"));
	struct buf out = buf_new(a, 64 * 1024);
	struct jw j = jw_new(&out);
	findings_json(&j, &ds);
	is_str(buf_str(&out), "[]", "no findings");
	diag_add(&ds, DIAG_PLATFORM_MISSING, (struct span){0}, "none");
	struct diag *d = diag_add(&ds, DIAG_UNKNOWN_REFERENCE,
	                          (struct span){src, 16, 18}, "m");
	diag_hint(&ds, d, "h");
	diag_note(&ds, d, (struct span){src, 0, 4}, "n");
	buf_reset(&out);
	j = jw_new(&out);
	findings_json(&j, &ds);
	struct str want = str_format(
	        a,
	        "[{\"code\":\"PLATFORM_MISSING\",\"level\":\"error\","
	        "\"message\":\"none\",\"hint\":\"%s\",\"at\":null,"
	        "\"notes\":[]},{\"code\":\"UNKNOWN_REFERENCE\","
	        "\"level\":\"warning\",\"message\":\"m\",\"hint\":\"h\","
	        "\"at\":{\"file\":\"policy/p.yaml\",\"line\":2,\"column\":5,"
	        "\"endLine\":2,\"endColumn\":6},\"notes\":[{\"message\":\"n\","
	        "\"at\":{\"file\":\"policy/p.yaml\",\"line\":1,\"column\":1,"
	        "\"endLine\":1,\"endColumn\":5}}]}]",
	        "Add one document of kind platform under policy/, or run "
	        "`dxcp init`.");
	is_str(buf_str(&out), str_cstr(a, want),
	       "findings: own hint or the code's, places, notes");
}

int main(void)
{
	struct arena *a = arena_new();
	is_str(str_of(outcome_names[OUTCOME_REPLAY]), "replay", "a name");
	ok(!outcome_names[OUTCOME_COUNT], "the names end with NULL");
	test_wait(a);
	test_nothing_known(a);
	test_findings(a);
	arena_free(a);
	return tap_done();
}
