#include "tests/lib/tap.h"

#include <stdio.h>

static int tests, failed;

static bool __attribute__((format(printf, 2, 0)))
report(bool passed, const char *fmt, va_list args)
{
	tests++;
	failed += !passed;
	printf("%sok %d - ", passed ? "" : "not ", tests);
	vprintf(fmt, args);
	putchar('\n');
	return passed;
}

bool ok(bool passed, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	report(passed, fmt, args);
	va_end(args);
	return passed;
}

bool is_int(int64_t got, int64_t want, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	bool passed = report(got == want, fmt, args);
	va_end(args);
	if (!passed)
		printf("#  got: %lld\n# want: %lld\n", (long long)got,
		       (long long)want);
	return passed;
}

/* Line by line behind "# ", as TAP wants its comments. */
static void print_comment(const char *label, struct str s)
{
	printf("# %s:\n", label);
	struct str line;
	while (str_next(&s, '\n', &line))
		printf("#   %" STR_FMT "\n", STR_ARG(line));
}

bool is_str(struct str got, const char *want, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	bool passed = report(str_is(got, want), fmt, args);
	va_end(args);
	if (!passed) {
		print_comment("got", got);
		print_comment("want", str_of(want));
	}
	return passed;
}

void tap_note(const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	fputs("# ", stdout);
	vprintf(fmt, args);
	putchar('\n');
	va_end(args);
}

int tap_done(void)
{
	printf("1..%d\n", tests);
	return failed ? 1 : 0;
}
