/* hooks: what answers of an OPA server say. Programs and servers are asked in
 * tests/e2e. */
#include "runner/hooks.h"
#include "tests/lib/tap.h"

#define DENY "http://127.0.0.1:8181/v1/data/dxcp/deny"
#define ALLOW "https://opa.example.com/v1/data/dxcp/allow"

static const struct {
	const char *name, *rule, *body;
	enum hook_result want;
	const char *text;
} cases[] = {
        {"an empty list", DENY, "{\"result\":[]}", HOOK_ALLOWS, ""},
        {"a message", DENY, "{\"result\":[\"no ticket\"]}", HOOK_DENIES,
         "no ticket"},
        {"two messages", DENY, "{\"result\":[\"a\",\"b\"]}", HOOK_DENIES,
         "a; b"},
        {"seven", DENY, "{\"result\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",1]}",
         HOOK_DENIES, "a; b; c; d; e and 2 more"},
        {"objects", DENY,
         "{\"result\":[{\"msg\":\"x\"},{\"message\":\"y\"},{},\"\"]}",
         HOOK_DENIES, "x; y; it gives no message; it gives no message"},
        {"messages are denials by whatever name", ALLOW, "{\"result\":[\"x\"]}",
         HOOK_DENIES, "x"},
        {"a message is one line", DENY, "{\"result\":[\"x\\ny\"]}", HOOK_DENIES,
         "x"},
        {"and has no secrets", DENY,
         "{\"result\":[\"password=hunter2 \\u001b[31mred\"]}", HOOK_DENIES,
         "password=*** red"},
        {"allow is true", ALLOW, "{\"result\":true}", HOOK_ALLOWS, ""},
        {"allow is false", ALLOW, "{\"result\":false}", HOOK_DENIES,
         "the rule is false"},
        {"deny is true", DENY, "{\"result\":true}", HOOK_DENIES,
         "the rule is true"},
        {"deny is false", DENY, "{\"result\":false}", HOOK_ALLOWS, ""},
        {"violation is true", "http://o/v1/data/a/violation?metrics",
         "{\"result\":true}", HOOK_DENIES, "the rule is true"},
        {"not_deny is true", "http://o/v1/data/a/not_deny", "{\"result\":true}",
         HOOK_ALLOWS, ""},
        {"deny in the middle", "http://o/v1/data/deny/allow",
         "{\"result\":true}", HOOK_ALLOWS, ""},
        {"undefined", ALLOW, "{}", HOOK_FAILED,
         "the rule is undefined: the answer has no result"},
        {"of no form", DENY, "{\"result\":{\"deny\":[]}}", HOOK_FAILED,
         "the result is neither true, false nor a list of messages"},
        {"null", DENY, "{\"result\":null}", HOOK_FAILED,
         "the result is neither true, false nor a list of messages"},
        {"a number", ALLOW, "{\"result\":1}", HOOK_FAILED,
         "the result is neither true, false nor a list of messages"},
        {"no object", DENY, "[]", HOOK_FAILED, "its answer is no JSON object"},
        {"no JSON", DENY, "<html>", HOOK_FAILED,
         "its answer is no JSON object"},
        {"half of it", DENY, "{\"result\":[", HOOK_FAILED,
         "its answer is no JSON object"},
        {"nothing", DENY, "", HOOK_FAILED, "its answer is no JSON object"},
        {"twice", DENY, "{\"result\":[\"x\"],\"result\":[]}", HOOK_FAILED,
         "its answer is no JSON object"},
};

int main(void)
{
	struct arena *a = arena_new();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct str text;
		is_int(hook_opa_result(&text, a, str_of(cases[i].rule),
		                       str_of(cases[i].body)),
		       cases[i].want, "%s", cases[i].name);
		is_str(text, cases[i].text, "%s: the text", cases[i].name);
	}
	arena_free(a);
	return tap_done();
}
