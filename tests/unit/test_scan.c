#include "render/scan.h"
#include "tests/lib/tap.h"

/* The member "x" of an object, as text. */
static struct str member(struct arena *a, const char *text, bool *bad)
{
	struct scan s = scan_of(str_of(text));
	struct str key, x = {0};
	bool object = scan_open(&s, '{');
	while (object && scan_key(&s, &key))
		if (str_is(key, "x"))
			x = scan_str(&s, a);
		else
			scan_skip(&s);
	*bad = s.bad;
	return x;
}

static void test_members(void)
{
	static const struct {
		const char *name, *text, *want;
		bool bad;
	} cases[] = {
	        {"a member", "{\"x\":\"y\"}", "y", false},
	        {"white space", " { \"a\" : 1 , \"x\" : \"y\" } ", "y", false},
	        {"after others", "{\"a\":[1,{\"x\":\"n\"}],\"x\":\"y\"}", "y",
	         false},
	        {"after texts with brackets", "{\"a\":\"]}\\\"{\",\"x\":\"y\"}",
	         "y", false},
	        {"after words",
	         "{\"a\":null,\"b\":true,\"c\":-1.5e3,\"x\":\"y\"}", "y",
	         false},
	        {"not there", "{\"a\":1}", "", false},
	        {"nothing in it", "{}", "", false},
	        {"no text", "{\"x\":{\"x\":\"n\"}}", "", false},
	        {"no object", "[1]", "", false},
	        {"escapes", "{\"x\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}",
	         "\"\\/\b\f\n\r\t", false},
	        {"units", "{\"x\":\"\\u0041\\u00e9\\u20AC\"}",
	         "A\xc3\xa9\xe2\x82\xac", false},
	        {"a pair", "{\"x\":\"\\ud83d\\ude00!\"}", "\xf0\x9f\x98\x80!",
	         false},
	        {"half a pair", "{\"x\":\"\\ud83dz\"}", "\xef\xbf\xbdz", false},
	        {"the other half", "{\"x\":\"\\ude00\"}", "\xef\xbf\xbd",
	         false},
	        {"two first halves", "{\"x\":\"\\ud83d\\ud83d\"}",
	         "\xef\xbf\xbd\xef\xbf\xbd", false},
	        {"no digits", "{\"x\":\"\\uzzzz\"}", "\xef\xbf\xbd", false},
	        {"cut in an escape", "{\"x\":\"\\u00", "", true},
	        {"cut after a backslash", "{\"x\":\"\\", "", true},
	        {"cut in a text", "{\"x\":\"y", "", true},
	        {"cut after a key", "{\"x\"", "", true},
	        {"cut in a list", "{\"a\":[1,2", "", true},
	        {"empty", "", "", false},
	        {"no colon", "{\"x\" \"y\"}", "", true},
	        {"no key", "{x:1}", "", true},
	};
	struct arena *a = arena_new();
	for (size_t i = 0; i < sizeof(cases) / sizeof *cases; i++) {
		bool bad;
		is_str(member(a, cases[i].text, &bad), cases[i].want,
		       "the text: %s", cases[i].name);
		ok(bad == cases[i].bad, "%s: %s", cases[i].bad ? "bad" : "fine",
		   cases[i].name);
	}
	arena_free(a);
}

static void test_lists(void)
{
	static const struct {
		const char *text;
		int64_t sum, n;
	} cases[] = {
	        {"[1,2,3]", 6, 3},   {"[]", 0, 0},
	        {" [ -4 ] ", -4, 1}, {"[1,null,\"2\",[9],3]", 4, 5},
	        {"null", 0, 0},      {"[99999999999999999999,1]", 1, 2},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof *cases; i++) {
		struct scan s = scan_of(str_of(cases[i].text));
		int64_t sum = 0, n = 0;
		if (scan_open(&s, '['))
			for (; scan_more(&s); n++)
				sum += scan_int(&s);
		is_int(sum, cases[i].sum, "the numbers of %s", cases[i].text);
		is_int(n, cases[i].n, "as many values");
		ok(!s.bad, "nothing bad");
	}
}

/* What is nested without end, and every text cut anywhere, ends. */
static void test_ends(void)
{
	enum { DEPTH = 100000 };
	struct arena *a = arena_new();
	char *deep = arena_alloc(a, DEPTH + 1);
	for (size_t i = 0; i < DEPTH; i++)
		deep[i] = '[';
	struct scan s = scan_of(str_of(deep));
	scan_skip(&s);
	ok(s.bad, "endless nesting is bad");
	static const char text[] =
	        "{\"a\":[1,{\"b\":\"\\u00e9\\n\"},null],\"x\":\"y\\\\\"}";
	for (size_t n = 0; n < sizeof text; n++) {
		char *cut = arena_alloc(a, n + 1);
		for (size_t i = 0; i < n; i++)
			cut[i] = text[i];
		bool bad;
		member(a, cut, &bad);
	}
	ok(true, "a text cut anywhere is read to its end");
	struct scan odd = scan_of(STR("[}}}]"));
	int64_t n = 0;
	if (scan_open(&odd, '['))
		for (; scan_more(&odd) && n < 9; n++)
			scan_int(&odd);
	ok(odd.bad && n < 9, "a list of nothing ends");
	arena_free(a);
}

int main(void)
{
	test_members();
	test_lists();
	test_ends();
	return tap_done();
}
