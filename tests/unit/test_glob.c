#include "core/glob.h"
#include "tests/lib/tap.h"

#include <string.h>

static const struct {
	const char *pattern, *text;
	bool matches;
} cases[] = {
        {"", "", true},
        {"", "a", false},
        {"a", "", false},
        {"abc", "abc", true},
        {"abc", "abcd", false},
        {"abcd", "abc", false},
        {"abc", "aBc", false},
        {"*", "", true},
        {"*", "abc", true},
        {"*", "a/b", false},
        {"*", "/", false},
        {"*.yaml", "a.yaml", true},
        {"*.yaml", ".yaml", true},
        {"*.yaml", "a.yaml.bak", false},
        {"*.yaml", "d/a.yaml", false},
        {"policy/*.yaml", "policy/a.yaml", true},
        {"policy/*.yaml", "policy/x/a.yaml", false},
        {"policy/**.yaml", "policy/x/y/a.yaml", true},
        {"policy/**/*.yaml", "policy/x/y/a.yaml", true},
        {"policy/**/*.yaml", "policy/a.yaml", false},
        {"**", "", true},
        {"**", "a/b/c", true},
        {"***", "a/b/c", true},
        {"**/c", "a/b/c", true},
        {"**/c", "c", false},
        {"**b", "a/b/cb", true},
        {"a**z", "a/*/z", true},
        {"a*b*c", "aXbYbZc", true},
        {"a*b*c", "aXbYc/", false},
        {"*a*/b*", "xa/bx", true},
        {"**a*/b*c", "a/bx/ba/bc", true},
        {"**a*/b*c", "a/bx/ba/cc", false},
        {"*exceeded quota*", "pods: exceeded quota: x", true},
        {"?", "a", true},
        {"?", "", false},
        {"?", "/", false},
        {"?", "ab", false},
        {"?", "\xc3\xa9", true},
        {"??", "\xc3\xa9", false},
        {"?", "\xf0\x9f\x9a\x80", true},
        {"a?c",
         "a\xe2\x82\xac"
         "c",
         true},
        {"?", "\xff", true},
        {"[abc]", "b", true},
        {"[abc]", "d", false},
        {"[abc]", "", false},
        {"[a-c]x", "bx", true},
        {"[a-c]x", "dx", false},
        {"[c-a]", "b", false},
        {"[!a-c]", "d", true},
        {"[!a-c]", "b", false},
        {"[^a-c]", "d", true},
        {"[^a-c]", "b", false},
        {"[!a]", "/", false},
        {"[/]", "/", false},
        {"[+-9]", "/", false},
        {"[]]", "]", true},
        {"[]a]", "a", true},
        {"[!]]", "]", false},
        {"[!]]", "x", true},
        {"[a-]", "-", true},
        {"[-a]", "-", true},
        {"[a-]", "b", false},
        {"[\xc3\xa0-\xc3\xb6]", "\xc3\xa9", true},
        {"[\xc3\xa0-\xc3\xb6]", "\xc3\xbc", false},
        {"[*]", "*", true},
        {"[*]", "x", false},
        {"[", "[", true},
        {"[abc", "[abc", true},
        {"[abc", "a", false},
        {"[]", "[]", true},
        {"[!]", "[!]", true},
        {"a[", "a[", true},
        {"\\*", "\\anything", true},
        {"\\*", "*", false},
        {"{a,b}", "a", false},
        {"{a,b}", "{a,b}", true},
        {"1.4.*", "1.4.2", true},
        {"1.4.*", "1x4.2", false},
};

static void hostile(struct arena *a)
{
	size_t n = 10000;
	char *text = arena_alloc(a, n);
	memset(text, 'a', n);
	struct str many = {text, n};
	ok(!glob_match(STR("a*a*a*a*a*a*b"), many), "many stars, no match");
	ok(glob_match(STR("a*a*a*a*a*a*a"), many), "many stars, a match");
	ok(!glob_match(STR("**a*a**a*a**a*a**b"), many), "both kinds of star");
	char pattern[GLOB_MAX_BYTES + 1];
	memset(pattern, '?', sizeof pattern);
	struct str longest = {pattern, GLOB_MAX_BYTES};
	ok(glob_match(longest, str_head(many, GLOB_MAX_BYTES)),
	   "the longest pattern");
	longest.n++;
	ok(!glob_match(longest, str_head(many, GLOB_MAX_BYTES + 1)),
	   "a longer one matches nothing");
	memset(pattern, '[', sizeof pattern);
	longest.n--;
	ok(glob_match(longest, longest), "brackets never closed");
	ok(glob_match((struct str){"a\0*", 3}, (struct str){"a\0b", 3}) &&
	           !glob_match((struct str){"a\0*", 3}, STR("a")),
	   "NUL is a character");
}

int main(void)
{
	struct arena *a = arena_new();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		/* Copies, so that reading past an end is seen. */
		struct str pattern = str_of(cases[i].pattern);
		struct str text = str_of(cases[i].text);
		char *p = arena_alloc(a, pattern.n),
		     *t = arena_alloc(a, text.n);
		memcpy(p, pattern.s, pattern.n);
		memcpy(t, text.s, text.n);
		ok(glob_match((struct str){p, pattern.n},
		              (struct str){t, text.n}) == cases[i].matches,
		   "'%s' %s '%s'", cases[i].pattern,
		   cases[i].matches ? "matches" : "does not match",
		   cases[i].text);
	}
	hostile(a);
	arena_free(a);
	return tap_done();
}
