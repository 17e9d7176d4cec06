#include "core/version.h"
#include "tests/lib/tap.h"

#include <string.h>

/* From least to greatest. */
static const char *const ascending[] = {
        /* not of the form, by bytes */
        "",
        "01.0.0",
        "1",
        "1.0",
        "1.0.0+",
        "1.0.0-",
        "1.0.0-01",
        "1.0.0-a..b",
        "1.0.0.0",
        "1.0.0_1",
        "latest",
        "v1.0.0",
        /* of the form; the examples of section 11 among them */
        "0.0.0-0",
        "0.0.0",
        "0.0.1",
        "0.1.0",
        "1.0.0--",
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-beta.99999999999999999999",
        "1.0.0-beta.100000000000000000000",
        "1.0.0-beta.2a",
        "1.0.0-rc.1",
        "1.0.0",
        "1.0.1",
        "1.9.0",
        "1.10.0",
        "1.11.0",
        "2.0.0",
        "2.1.0",
        "2.1.1",
        "10.0.0",
        "99999999999999999999.0.0",
        "100000000000000000000.0.0",
};

static int sign(int v)
{
	return (v > 0) - (v < 0);
}

static void order(void)
{
	int n = sizeof ascending / sizeof ascending[0];
	for (int i = 0; i < n; i++) {
		bool fine = true;
		for (int k = 0; k < n; k++)
			fine = fine &&
			       sign(version_cmp(str_of(ascending[i]),
			                        str_of(ascending[k]))) ==
			               sign(i - k);
		ok(fine, "'%s' has its place among all", ascending[i]);
	}
	is_int(version_cmp(STR("1.0.0+a"), STR("1.0.0+b")), 0,
	       "build metadata does not count");
	is_int(version_cmp(STR("1.0.0-rc.1+001"), STR("1.0.0-rc.1")), 0,
	       "nor does having it");
	ok(version_cmp(STR("1.0.0+a-b"), STR("1.0.0-a")) > 0,
	   "a hyphen in it makes no pre-release");
}

static const struct {
	const char *version;
	bool matches;
} defaults[] = {
        {"1.4.2", true},
        {"0.0.0", true},
        {"01.002.0003", true},
        {"1.4.2-rc.1", true},
        {"1.4.2+build.7", true},
        {"1.4.2-rc.1+build-7", true},
        {"1.4.2-...", true},
        {"1.4.2--", true},
        {"", false},
        {"1", false},
        {"1.4", false},
        {"1.4.", false},
        {".4.2", false},
        {"1..2", false},
        {"1.4.2.3", false},
        {"v1.4.2", false},
        {" 1.4.2", false},
        {"1.4.2 ", false},
        {"1.4.2\n", false},
        {"1.4.2-", false},
        {"1.4.2+", false},
        {"1.4.2-+", false},
        {"1.4.2-rc_1", false},
        {"1.4.2+a+b", false},
        {"1.4.2+a-b", true},
        {"1.4.2-a\n", false},
        {"1.4.2x", false},
        {"-1.4.2", false},
        {"1.4.\xd9\xa1", false},
        {"1.4.2-\xc3\xa9", false},
};

static struct version_pattern *pattern(struct arena *a, const char *text)
{
	struct version_pattern *p = NULL;
	struct fail why = {0};
	size_t offset = 0;
	if (!version_pattern_new(&p, a, str_of(text), &offset, &why))
		tap_note("%s: %s", text, why.text);
	return p;
}

static void default_pattern(struct arena *a)
{
	struct version_pattern *p = pattern(a, VERSION_DEFAULT_PATTERN);
	for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++) {
		struct str v = str_of(defaults[i].version);
		ok(version_matches(NULL, v) == defaults[i].matches,
		   "case %zu: the default %s it", i,
		   defaults[i].matches ? "takes" : "refuses");
		ok(version_matches(p, v) == defaults[i].matches,
		   "and so does its text, compiled");
	}
}

static const struct {
	const char *pattern, *version;
	bool matches;
} anchored[] = {
        {"1", "1", true},
        {"1", "12", false},
        {"1", "21", false},
        {"1$", "1\n", false},
        {"^1$", "1", true},
        {"(?m)^1$", "1\n", false},
        {"1|2", "2", true},
        {"1|2", "23", false},
        {"1|12", "12", true},
        {"1|12", "x1", false},
        {"", "", true},
        {"", "a", false},
        {".", "\xc3\xa9", true},
        {".", "\xff", false},
        {"release-[0-9]{4}", "release-2026", true},
        {"release-[0-9]{4}", "release-20261", false},
};

static void anchors(struct arena *a)
{
	for (size_t i = 0; i < sizeof anchored / sizeof anchored[0]; i++) {
		struct version_pattern *p = pattern(a, anchored[i].pattern);
		ok(p && version_matches(p, str_of(anchored[i].version)) ==
		                   anchored[i].matches,
		   "'%s' on version %zu of the table %s", anchored[i].pattern,
		   i, anchored[i].matches ? "matches" : "does not match");
	}
}

/* Patterns whose backtracking grows with the power of the text's length. */
static void hostile(struct arena *a)
{
	static const char *const patterns[] = {
	        "(a+)+$",
	        "(a|a)*[bc]",
	        "(a*)*[bc]",
	        "((a?){60}){60}[bc]",
	        "(?:a{0,60}){0,60}[bc]",
	        "^(([a-z])+.)+[A-Z]([a-z])+$",
	        "(a(?1)?)+[bc]",
	};
	char text[VERSION_MAX_BYTES + 1];
	memset(text, 'a', sizeof text);
	struct str longest = {text, VERSION_MAX_BYTES};
	for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
		text[VERSION_MAX_BYTES - 1] = '!';
		struct version_pattern *p = pattern(a, patterns[i]);
		ok(p && !version_matches(p, longest),
		   "'%s' gives up without a match", patterns[i]);
		text[VERSION_MAX_BYTES - 1] = 'a';
	}
	struct version_pattern *p = pattern(a, "a+");
	ok(version_matches(p, longest), "the longest version");
	longest.n++;
	ok(!version_matches(p, longest), "a longer one matches nothing");
}

static const struct {
	const char *pattern;
	size_t offset;
} broken[] = {
        {"(", 1},     {"a)", 1},
        {"[a-", 3},   {"1.2.*+?{", 0},
        {"x\\C", 3},  {"((((a{1,65535}){1,65535}){1,65535}))", 0},
        {"a\xff", 1},
};

static void refusals(struct arena *a)
{
	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
		static struct version_pattern *const untouched = NULL;
		struct version_pattern *p = untouched;
		struct fail why = {0};
		size_t offset = 999;
		struct str text = str_of(broken[i].pattern);
		bool fine = version_pattern_new(&p, a, text, &offset, &why);
		ok(!fine && !p && why.kind == FAIL_INPUT, "refused: %s",
		   why.text);
		if (broken[i].offset)
			is_int((int64_t)offset, (int64_t)broken[i].offset,
			       "at its byte");
		else
			ok(offset <= text.n, "at some byte of it");
	}
	char text[VERSION_MAX_BYTES + 1];
	memset(text, 'a', sizeof text);
	struct version_pattern *p = NULL;
	struct fail why = {0};
	size_t offset = 0;
	struct str s = {text, sizeof text};
	ok(!version_pattern_new(&p, a, s, &offset, &why) &&
	           offset == VERSION_MAX_BYTES,
	   "a pattern too long is refused");
	s.n--;
	ok(version_pattern_new(&p, a, s, &offset, &(struct fail){0}),
	   "the longest is not");
}

int main(void)
{
	struct arena *a = arena_new();
	order();
	default_pattern(a);
	anchors(a);
	hostile(a);
	refusals(a);
	arena_free(a);
	return tap_done();
}
