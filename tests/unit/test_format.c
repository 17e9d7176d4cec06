#include "core/format.h"
#include "tests/lib/tap.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { CAP = 64 };

/* Whether it is done, and then as vsnprintf does it. */
static bool __attribute__((format(printf, 3, 4)))
is_done(bool want, size_t cap, const char *fmt, ...)
{
	char got[CAP + 1], expected[CAP + 1];
	size_t n = 0;
	va_list args, again;
	va_start(args, fmt);
	va_copy(again, args);
	memset(got, 'x', sizeof got);
	bool done = format_plain(got, cap, &n, fmt, args);
	int m = vsnprintf(expected, sizeof expected, fmt, again);
	va_end(again);
	va_end(args);
	if (done != want || got[CAP] != 'x' || (cap < CAP && got[cap] != 'x'))
		return false;
	return !done ||
	       (m >= 0 && (size_t)m == n && memcmp(got, expected, n + 1) == 0);
}

int main(void)
{
	ok(is_done(true, CAP, "plain"), "no conversion");
	ok(is_done(true, CAP, "%s", ""), "an empty text");
	ok(is_done(true, CAP, "a%sb%.*sc", "one", 2, "two"), "texts");
	ok(is_done(true, CAP, "%.*s", 5, "a\0b"), "a NUL before the precision");
	ok(is_done(true, CAP, "%d %d %d", 0, INT_MIN, INT_MAX), "int");
	ok(is_done(true, CAP, "%lld %lld", LLONG_MIN, LLONG_MAX), "long long");
	ok(is_done(true, CAP, "%zu %zu", (size_t)0, SIZE_MAX), "size_t");
	ok(is_done(true, CAP, "%c%%", 'c'), "a character, a percent sign");
	ok(is_done(true, 4, "%s", "abc"), "what just fits");
	ok(is_done(false, 4, "%s", "abcd"), "a byte too many");
	ok(is_done(false, 4, "abcd"), "a byte too many without conversion");
	ok(is_done(false, 4, "%d", 1234), "a digit too many");
	ok(is_done(false, 0, "%s", ""), "no room for the NUL");
	ok(is_done(false, CAP, "%02d", 1), "a flag");
	ok(is_done(false, CAP, "%4s", "a"), "a width");
	ok(is_done(false, CAP, "a%.1f", 0.5), "a fraction");
	ok(is_done(false, CAP, "%.*s", -1, "abc"), "a negative precision");
	return tap_done();
}
