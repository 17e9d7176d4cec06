#include "core/fail.h"
#include "tests/lib/tap.h"

#include <errno.h>
#include <string.h>

static void first_origin_wins(void)
{
	struct fail why = {0};
	ok(!fail_set(&why, FAIL_ENGINE, "status %d", 503), "false is given");
	is_str(str_of(why.text), "status 503", "the reason");
	ok(!fail_set(&why, FAIL_SYSTEM, "later"), "a later one");
	errno = EIO;
	ok(!fail_errno(&why, "later"), "or of errno");
	ok(why.kind == FAIL_ENGINE && str_is(str_of(why.text), "status 503"),
	   "does not replace it");
	ok(!fail_note(&why, "asking %s", "gate") &&
	           !fail_note(&why, "while dispatching"),
	   "callers add what they were doing");
	is_str(str_of(why.text), "while dispatching: asking gate: status 503",
	       "in front");
	ok(!fail_hint(&why, "first") && !fail_hint(&why, "second"), "hints");
	is_str(str_of(why.hint), "first", "the first stays");
}

static const struct {
	int number;
	const char *text;
	bool hint;
} numbers[] = {
        {ENOENT, "cannot open x: No such file or directory", false},
        {ENOSPC, "cannot open x: No space left on device", true},
        {EACCES, "cannot open x: Permission denied", true},
        {EROFS, "cannot open x: Read-only file system", true},
};

static void of_errno(void)
{
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		struct fail why = {0};
		errno = numbers[i].number;
		ok(!fail_errno(&why, "cannot open %s", "x") &&
		           why.kind == FAIL_SYSTEM,
		   "errno %d is of the system", numbers[i].number);
		is_str(str_of(why.text), numbers[i].text, "with its text");
		ok((why.hint[0] != '\0') == numbers[i].hint, "and %s",
		   numbers[i].hint ? "a hint" : "no hint");
	}
}

static void long_texts(void)
{
	char text[2 * FAIL_TEXT_MAX];
	memset(text, 'x', sizeof text);
	text[sizeof text - 1] = '\0';
	struct fail why = {0};
	fail_set(&why, FAIL_INPUT, "%s", text);
	is_int((int64_t)strlen(why.text), FAIL_TEXT_MAX - 1,
	       "a long reason is cut");
	fail_hint(&why, "%s", text);
	is_int((int64_t)strlen(why.hint), FAIL_TEXT_MAX - 1, "a long hint");
	fail_note(&why, "while");
	ok(str_starts(str_of(why.text), STR("while: xxx")) &&
	           strlen(why.text) == FAIL_TEXT_MAX - 1,
	   "a note goes in front all the same");
	fail_note(&why, "%s", text);
	is_int((int64_t)strlen(why.text), FAIL_TEXT_MAX - 1, "a long note");
	struct fail disk = {0};
	errno = EIO;
	fail_errno(&disk, "%s", text);
	is_int((int64_t)strlen(disk.text), FAIL_TEXT_MAX - 1,
	       "a long text before errno");
}

int main(void)
{
	first_origin_wins();
	of_errno();
	long_texts();
	static const int statuses[][2] = {
	        {FAIL_NONE, 0},   {FAIL_USAGE, 2},  {FAIL_INPUT, 3},
	        {FAIL_SYSTEM, 4}, {FAIL_ENGINE, 4}, {FAIL_INTEGRITY, 5},
	        {FAIL_BUSY, 6},
	};
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
		is_int(fail_status((enum fail_kind)statuses[i][0]),
		       statuses[i][1], "kind %d exits with %d", statuses[i][0],
		       statuses[i][1]);
	return tap_done();
}
