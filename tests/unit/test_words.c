#include "render/words.h"
#include "tests/lib/tap.h"

#include <string.h>

enum { NOW = 1795000000 };

static void test_words(void)
{
	static const struct {
		const char *name, *slug;
	} cases[] = {
	        {"checkout", "checkout"},
	        {"Check-out_1.2", "Check-out_1.2"},
	        {"..", "~2e."},
	        {".hidden", "~2ehidden"},
	        {"_site", "~5fsite"},
	        {"a/b", "a~2fb"},
	        {"index.html", "~69ndex.html"},
	        {"feed.atom", "~66eed.atom"},
	        {"~7e", "~7e7e"},
	        {"", "~"},
	        {"\xc3\xa9", "~c3~a9"},
	        {"a b\n", "a~20b~0a"},
	};
	struct arena *a = arena_new();
	for (size_t i = 0; i < sizeof(cases) / sizeof *cases; i++)
		is_str(words_slug(a, str_of(cases[i].name)), cases[i].slug,
		       "the segment of case %zu", i);
	char *name = arena_alloc(a, 400);
	memset(name, 'x', 400);
	struct str x = words_slug(a, (struct str){name, 400});
	struct str y = words_slug(a, (struct str){name, 399});
	ok(x.n < 200 && !str_eq(x, y),
	   "long names give short segments, each its own");
	is_str(words_line(a, STR(" a\n\tb  c ")), "a b c", "one line");
	is_int((int64_t)str_code_points(words_line(a, (struct str){name, 400})),
	       241, "a long line is cut");
	is_str(words_version(a,
	                     STR("0123456789abcdef0123456789abcdef01234567")),
	       "0123456789ab", "an object id is cut");
	is_str(words_version(a, STR("sha256:0123456789abcdef0123456789abcdef")),
	       "sha256:0123456789ab", "a digest too");
	is_str(words_times(a, STR("opens 2026-11-18T11:06:40Z, in 3 days")),
	       "opens Wed 18 Nov 2026, 11:06 UTC, in 3 days",
	       "an instant in a text");
	is_str(words_times(a, STR("1970-01-01T00:00:00Z-1970-01-01T00:01:00Z")),
	       "Thu 1 Jan 1970, 00:00 UTC-Thu 1 Jan 1970, 00:01 UTC", "two");
	is_str(words_times(a, STR("2026-13-18T11:06:40Z 2026-11-18T11:06:4")),
	       "2026-13-18T11:06:40Z 2026-11-18T11:06:4",
	       "what only looks like one stays");
	is_str(words_version(a, STR("1.2.3-rc.1+build.20261119")),
	       "1.2.3-rc.1+build.20261119", "a version is not");
	is_str(words_stamp(a, 0), "Thu 1 Jan 1970, 00:00 UTC", "a stamp");
	is_str(words_when(a, NOW), "18 Nov 2026 11:06", "a time");
	is_str(words_day(a, NOW), "18 Nov 2026", "a day");
	is_str(words_clock_full(a, 3661), "01:01:01", "a clock");
	is_str(month_slug(a, month_of(NOW)), "2026-11", "a month");
	is_int(month_of(month_start(month_of(0)) - 1), month_of(0) - 1,
	       "a month starts with its first second");
	arena_free(a);
}

int main(void)
{
	test_words();
	return tap_done();
}
