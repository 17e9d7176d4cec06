#include "core/str.h"
#include "tests/lib/tap.h"

#include <string.h>

static const struct str nothing = {NULL, 0};

static void compare(void)
{
	ok(str_eq(STR("ab"), STR("ab")) && !str_eq(STR("ab"), STR("aB")) &&
	           !str_eq(STR("ab"), STR("abc")) && str_eq(nothing, STR("")),
	   "equal");
	ok(!str_eq((struct str){"a\0b", 3}, (struct str){"a\0c", 3}),
	   "also past NUL");
	ok(str_eq_nocase(STR("Ana@X"), STR("aNA@x")) &&
	           !str_eq_nocase(STR("a"), STR("ab")) &&
	           !str_eq_nocase(STR("@"), STR("`")) &&
	           !str_eq_nocase(STR("["), STR("{")) &&
	           !str_eq_nocase(STR("\xc3\x89"), STR("\xc3\xa9")),
	   "equal but for the case of ASCII letters");
	ok(str_cmp(STR("a"), STR("b")) < 0 && str_cmp(STR("b"), STR("a")) > 0 &&
	           str_cmp(STR("a"), STR("ab")) < 0 &&
	           str_cmp(STR("ab"), STR("a")) > 0 &&
	           str_cmp(nothing, STR("a")) < 0 &&
	           str_cmp(STR("a"), STR("a")) == 0 &&
	           str_cmp(nothing, nothing) == 0,
	   "order");
	ok(str_cmp(STR("\x7f"), STR("\x80")) < 0, "of bytes without sign");
	ok(str_starts(STR("abc"), STR("ab")) &&
	           str_starts(STR("ab"), STR("")) &&
	           !str_starts(STR("ab"), STR("abc")) &&
	           !str_starts(STR("ab"), STR("b")),
	   "a start");
	ok(str_ends(STR("abc"), STR("bc")) && str_ends(STR("ab"), STR("")) &&
	           !str_ends(STR("ab"), STR("cab")) &&
	           !str_ends(STR("ab"), STR("a")),
	   "an end");
	ok(str_has(STR("abc"), 'c') && !str_has(STR("abc"), 'd') &&
	           !str_has(nothing, 'a') && !str_has(STR("abc"), '\0'),
	   "a character");
	ok(str_contains(STR("abc"), STR("bc")) &&
	           str_contains(STR("abc"), STR("")) &&
	           str_contains(nothing, STR("")) &&
	           !str_contains(STR("abc"), STR("cb")) &&
	           !str_contains(STR("ab"), STR("abc")) &&
	           str_contains(STR("aab"), STR("ab")) &&
	           !str_contains(str_head(STR("aab"), 2), STR("ab")),
	   "a part");
	ok(str_of(NULL).n == 0 && str_is(nothing, ""), "NULL is empty");
}

static void cut(struct arena *a)
{
	is_str(str_from(STR("abc"), 1), "bc", "from the second");
	is_str(str_from(STR("abc"), 9), "", "from past the end");
	is_str(str_from(nothing, 9), "", "from nothing");
	is_str(str_head(STR("abc"), 2), "ab", "the first two");
	is_str(str_head(STR("abc"), 9), "abc", "the first nine of three");
	is_str(str_trim(STR(" \t\r\n\v\fa b \n")), "a b", "white space off");
	is_str(str_trim(STR(" \n ")), "", "nothing but it");
	is_str(str_trim(STR("\xc2\xa0x")), "\xc2\xa0x", "of ASCII alone");
	ok(str_blank(STR(" \t\n")) && str_blank(nothing) &&
	           !str_blank(STR(" x ")),
	   "blank");
	ok(str_blank(STR("\xC2\xA0 \xE3\x80\x80\xE2\x80\x8B")),
	   "blank, though not of ASCII");
	ok(!str_blank(STR("\xE2\x80\x93")) && !str_blank(STR("\xE2\x80")) &&
	           !str_blank(STR("\xC2\xA0x")),
	   "a dash is not, nor is what is cut off");

	struct str head, tail;
	ok(str_cut(STR("a=b=c"), '=', &head, &tail) && str_is(head, "a") &&
	           str_is(tail, "b=c"),
	   "cut at the first");
	ok(str_cut(STR("a="), '=', &head, &tail) && str_is(head, "a") &&
	           tail.n == 0,
	   "at the end");
	ok(!str_cut(STR("abc"), '=', &head, &tail) && str_is(head, "abc") &&
	           tail.n == 0,
	   "where there is none");
	ok(!str_cut(nothing, '=', &head, &tail) && head.n == 0, "nothing");

	struct buf out = buf_new(a, 100);
	struct str rest = STR("a,,b,"), piece;
	while (str_next(&rest, ',', &piece))
		buf_format(&out, "<%" STR_FMT ">", STR_ARG(piece));
	is_str(buf_str(&out), "<a><><b>", "piece by piece");
}

static const struct {
	const char *text;
	bool fine;
	int64_t value;
} integers[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"7", true, 7},
        {"-7", true, -7},
        {"007", true, 7},
        {"9223372036854775807", true, INT64_MAX},
        {"9223372036854775808", false, 0},
        {"-9223372036854775808", true, INT64_MIN},
        {"-9223372036854775809", false, 0},
        {"00000000000000000000000001", true, 1},
        {"99999999999999999999", false, 0},
        {"18446744073709551617", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"--1", false, 0},
        {"+1", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1.0", false, 0},
        {"1e3", false, 0},
        {"0x1", false, 0},
        {"\xd9\xa1", false, 0},
};

static void numbers(void)
{
	for (size_t i = 0; i < sizeof integers / sizeof integers[0]; i++) {
		int64_t v = 42;
		bool fine = str_int(str_of(integers[i].text), &v);
		ok(fine == integers[i].fine &&
		           v == (fine ? integers[i].value : 42),
		   "'%s' is %s number", integers[i].text,
		   integers[i].fine ? "a" : "no");
	}
	int64_t v = 42;
	ok(str_int((struct str){"123", 2}, &v) && v == 12,
	   "a number ends where its slice ends");
}

static const struct {
	const char *bytes;
	int bad; /* -1: well-formed */
	int points;
} utf8[] = {
        {"", -1, 0},
        {"abc", -1, 3},
        {"\xc2\x80\xdf\xbf", -1, 2},
        {"\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf", -1, 4},
        {"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", -1, 2},
        {"a\x80", 1, 2},
        {"a\xbf", 1, 2},
        {"\xc0\x80", 0, 2},
        {"\xc1\xbf", 0, 2},
        {"\xe0\x9f\xbf", 0, 3},
        {"\xed\xa0\x80", 0, 3},
        {"\xed\xbf\xbf", 0, 3},
        {"\xf0\x8f\xbf\xbf", 0, 4},
        {"\xf4\x90\x80\x80", 0, 4},
        {"\xf5\x80\x80\x80", 0, 4},
        {"\xff", 0, 1},
        {"ab\xc3", 2, 3},
        {"ab\xe2\x82", 2, 4},
        {"ab\xf0\x9f\x9a", 2, 5},
        {"\xe2(\xac", 0, 3},
        {"\xf0\x9f(\x80", 0, 4},
        {"\xf0\x9f\x9a(", 0, 4},
};

static void unicode(struct arena *a)
{
	for (size_t i = 0; i < sizeof utf8 / sizeof utf8[0]; i++) {
		/* A copy, so that reading past its end is seen. */
		struct str s = str_of(utf8[i].bytes);
		char *bytes = arena_alloc(a, s.n);
		memcpy(bytes, s.s, s.n);
		s.s = bytes;
		size_t bad = 99;
		bool fine = str_is_utf8(s, &bad);
		is_int(fine ? -1 : (int64_t)bad, utf8[i].bad,
		       "case %zu: where UTF-8 goes wrong", i);
		ok(str_is_utf8(s, NULL) == fine, "also if nobody asks where");
		is_int((int64_t)str_code_points(s), utf8[i].points,
		       "and how many code points");
	}
}

static const struct {
	const char *a, *b;
	size_t limit, distance;
} distances[] = {
        {"kitten", "sitting", 5, 3},
        {"kitten", "sitting", 3, 3},
        {"kitten", "sitting", 2, 3},
        {"kitten", "sitting", 0, 1},
        {"saturday", "sunday", 9, 3},
        {"flaw", "lawn", 9, 2},
        {"intention", "execution", 9, 5},
        {"", "", 3, 0},
        {"", "abc", 3, 3},
        {"abc", "", 3, 3},
        {"", "abcd", 3, 4},
        {"abc", "abc", 0, 0},
        {"sevrice", "service", 3, 2},
        {"gumbo", "gambol", 3, 2},
        {"a", "b", 1, 1},
        {"abcdef", "ghijkl", 9, 6},
};

static void nearness(struct arena *a)
{
	for (size_t i = 0; i < sizeof distances / sizeof distances[0]; i++) {
		struct str x = str_of(distances[i].a);
		struct str y = str_of(distances[i].b);
		is_int((int64_t)str_distance(x, y, distances[i].limit),
		       (int64_t)distances[i].distance,
		       "'%s' and '%s', at most %zu", distances[i].a,
		       distances[i].b, distances[i].limit);
		is_int((int64_t)str_distance(y, x, distances[i].limit),
		       (int64_t)distances[i].distance, "and the other way");
	}
	char *x = arena_alloc(a, 65), *y = arena_alloc(a, 65);
	memset(x, 'x', 65);
	memset(y, 'y', 65);
	is_int((int64_t)str_distance((struct str){x, 64}, (struct str){y, 64},
	                             100),
	       64, "64 bytes are near enough to look");
	is_int((int64_t)str_distance((struct str){x, 65}, (struct str){x, 65},
	                             2),
	       3, "65 are too far, whatever they hold");
}

static void copies(struct arena *a)
{
	struct str s = {"abcd", 3};
	struct str copy = str_copy(a, s);
	ok(str_eq(copy, s) && copy.s != s.s, "a copy");
	is_int((int64_t)strlen(str_cstr(a, s)), 3, "ends with NUL");
	ok(str_copy(a, nothing).n == 0 && str_cstr(a, nothing)[0] == '\0',
	   "a copy of nothing");
	is_str(str_lower(a, STR("AbZ[\xc3\x89")), "abz[\xc3\x89",
	       "lower case, ASCII alone");
	is_str(str_format(a, "%s-%d", "x", 5), "x-5", "formatted");
	is_int((int64_t)str_format(a, "%5000d", 1).n, 5000, "at any length");
}

static void buffers(struct arena *a)
{
	struct buf b = buf_new(a, 10);
	is_str(buf_str(&b), "", "a new buffer is empty");
	buf_add(&b, STR("12345"));
	buf_add_char(&b, '6');
	buf_format(&b, "%d", 789);
	buf_add(&b, STR("0"));
	ok(!b.full, "up to its cap");
	is_str(buf_str(&b), "1234567890", "all is there");
	buf_add(&b, nothing);
	ok(!b.full, "nothing more fits always");
	buf_add_char(&b, 'x');
	ok(b.full, "one byte does not");
	is_str(buf_str(&b), "1234567890", "and is left out");
	buf_reset(&b);
	buf_add(&b, STR("123456789"));
	buf_add(&b, STR("ab"));
	ok(b.full, "nor do two of which one would");
	buf_add(&b, STR("c"));
	is_str(buf_str(&b), "123456789", "nothing is added once it is full");

	struct buf big = buf_new(a, 1000000);
	for (int i = 0; i < 1000; i++)
		buf_format(&big, "%03d,", i);
	buf_format(&big, "%5000s", "end");
	struct str s = buf_str(&big);
	ok(s.n == 9000 && str_starts(s, STR("000,001,")) &&
	           str_is(str_head(str_from(s, 3996), 4), "999,") &&
	           str_ends(s, STR("  end")),
	   "a long one grows");
}

static void added(struct arena *a)
{
	static const struct {
		int64_t n;
		const char *want;
	} cases[] = {{0, "0"},
	             {-1, "-1"},
	             {1234567890123, "1234567890123"},
	             {INT64_MAX, "9223372036854775807"},
	             {INT64_MIN, "-9223372036854775808"}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf b = buf_new(a, 64);
		buf_add_int(&b, cases[i].n);
		is_str(buf_str(&b), cases[i].want, "%s in decimal",
		       cases[i].want);
	}
	struct buf b = buf_new(a, 64);
	buf_add_padded(&b, STR("ab"), 4);
	buf_add_padded(&b, STR("cdef"), 3);
	buf_add_padded(&b, STR(""), 40);
	is_str(str_head(buf_str(&b), 9), "ab  cdef ", "filled up, never cut");
	is_int((int64_t)b.n, 48, "to more than any one piece of spaces");
}

int main(void)
{
	struct arena *a = arena_new();
	compare();
	cut(a);
	numbers();
	unicode(a);
	nearness(a);
	copies(a);
	buffers(a);
	added(a);
	arena_free(a);
	return tap_done();
}
