#include "core/encoding.h"

#include <stdio.h>
#include <string.h>

#define BOM STR("\xEF\xBB\xBF")

enum { CONTROL = 1, HIGH = 2 };

static int byte_class(unsigned char c)
{
	if (c >= 0x80)
		return HIGH;
	bool control =
	        c == 0x7f || (c < 0x20 && c != '\t' && c != '\n' && c != '\r');
	return control ? CONTROL : 0;
}

static int classes_slow(const char *s, size_t n)
{
	int seen = 0;
	for (size_t i = 0; i < n; i++)
		seen |= byte_class((unsigned char)s[i]);
	return seen;
}

/* All classes that occur. Eight bytes at a time: every file comes through
   here, and nearly all words are plain. */
static int classes(struct str s)
{
	const uint64_t ones = 0x0101010101010101u, high = ones * 0x80;
	int seen = 0;
	size_t i = 0;
	for (; i + 8 <= s.n; i += 8) {
		uint64_t word;
		memcpy(&word, s.s + i, 8);
		/* A top bit is set where a byte is >= 0x80, < 0x20, 0x7f. */
		uint64_t del = word ^ ones * 0x7f;
		uint64_t odd = word | (word - ones * 0x20) | (del - ones);
		if (odd & high)
			seen |= classes_slow(s.s + i, 8);
	}
	return seen | classes_slow(s.s + i, s.n - i);
}

/* The length of the character at the start of s if a file may not have it,
   else 0. */
static size_t forbidden(struct str s, const char **what)
{
	static const struct {
		const char *bytes, *what;
	} table[] = {
	        {"\xC2\x85", "the character U+0085 (next line)"},
	        {"\xE2\x80\xA8", "the character U+2028 (line separator)"},
	        {"\xE2\x80\xA9", "the character U+2029 (paragraph separator)"},
	        {"\xEF\xBB\xBF", "a byte order mark inside the text"},
	        {"\xEF\xBF\xBE", "the character U+FFFE"},
	        {"\xEF\xBF\xBF", "the character U+FFFF"},
	};
	unsigned char c = (unsigned char)s.s[0];
	if (c < 0x80) {
		*what = c ? "a control character" : "a NUL byte";
		return byte_class(c) == CONTROL;
	}
	if (c != 0xC2 && c != 0xE2 && c != 0xEF)
		return 0;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (str_starts(s, str_of(table[i].bytes))) {
			*what = table[i].what;
			return strlen(table[i].bytes);
		}
	*what = "a control character";
	return c == 0xC2 && s.n > 1 && (unsigned char)s.s[1] < 0xA0 ? 2 : 0;
}

static bool refuse(const struct source *src, size_t at, size_t n,
                   struct diags *ds, const char *what)
{
	struct span span = {src, (uint32_t)at, (uint32_t)(at + n)};
	diag_add(ds, DIAG_INVALID_ENCODING, span, "the file has %s", what);
	return false;
}

static bool refuse_byte(const struct source *src, size_t at, struct diags *ds)
{
	char what[64];
	struct str s = str_from(src->text, at);
	if (!at &&
	    (str_starts(s, STR("\xFF\xFE")) || str_starts(s, STR("\xFE\xFF"))))
		return refuse(src, 0, 2, ds, "UTF-16 text");
	snprintf(what, sizeof what, "the byte 0x%02X, which is not UTF-8",
	         (unsigned char)s.s[0]);
	return refuse(src, at, 1, ds, what);
}

/* The slow way, for files that are not plain ASCII. */
static bool check(const struct source *src, size_t start, struct diags *ds)
{
	size_t bad = src->text.n;
	struct str text = str_from(src->text, start);
	if (!str_is_utf8(text, &bad))
		bad += start;
	for (size_t i = start; i < bad; i++) {
		const char *what;
		if (!byte_class((unsigned char)src->text.s[i]))
			continue;
		size_t n = forbidden(str_from(src->text, i), &what);
		if (n)
			return refuse(src, i, n, ds, what);
	}
	return bad == src->text.n || refuse_byte(src, bad, ds);
}

bool encoding_check(const struct source *src, struct str *text, bool *ascii,
                    struct diags *ds)
{
	size_t start = str_starts(src->text, BOM) ? BOM.n : 0;
	int seen = classes(str_from(src->text, start));
	if (seen && !check(src, start, ds))
		return false;
	*text = str_from(src->text, start);
	*ascii = !(seen & HIGH);
	return true;
}
