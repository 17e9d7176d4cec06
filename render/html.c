#include "render/html.h"

#include "core/eight.h"

#include <string.h>

/* What a byte asks for. */
enum { PLAIN, MARKUP, APOSTROPHE, CONTROL, MULTIBYTE };

static int byte_class(unsigned char c)
{
	switch (c) {
	case '&':
	case '<':
	case '>':
	case '"':
		return MARKUP;
	case '\'':
		return APOSTROPHE;
	case '\t':
	case '\n':
	case '\r':
		return PLAIN;
	case 0x7f:
		return CONTROL;
	default:
		return c < 0x20 ? CONTROL : c < 0x80 ? PLAIN : MULTIBYTE;
	}
}

/* All of them PLAIN, and no apostrophe. */
static bool eight_are_plain(const char *s)
{
	uint64_t eight = eight_at(s);
	return eight_is_printable(eight) &&
	       !(eight_which(eight, '&') | eight_which(eight, '<') |
	         eight_which(eight, '>') | eight_which(eight, '"') |
	         eight_which(eight, '\'') | eight_which(eight, 0x7f));
}

/* Surely PLAIN, by two comparisons. */
static bool is_plain(unsigned char c)
{
	return (c >= '(' && c <= ';') || (c >= '?' && c <= '~') || c == ' ';
}

static struct str entity(char c)
{
	switch (c) {
	case '&':
		return STR("&amp;");
	case '<':
		return STR("&lt;");
	case '>':
		return STR("&gt;");
	case '"':
		return STR("&quot;");
	default:
		return STR("&#39;");
	}
}

#define REPLACEMENT STR("\xef\xbf\xbd")

/* The code point at the start of s and its length in bytes; 0: not UTF-8. */
static size_t code_point(struct str s, uint32_t *point)
{
	const unsigned char *p = (const unsigned char *)s.s;
	size_t n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (n > s.n || !str_is_utf8(str_head(s, n), NULL))
		return 0;
	uint32_t v = p[0] & (0xffU >> (n + 1));
	for (size_t i = 1; i < n; i++)
		v = v << 6 | (p[i] & 0x3fU);
	*point = v;
	return n;
}

/* C1 controls and noncharacters (Unicode standard, section 23.7). */
static bool is_bad(uint32_t c)
{
	return c < 0xa0 || (c >= 0xfdd0 && c <= 0xfdef) ||
	       (c & 0xfffe) == 0xfffe;
}

/* Characters without a shape that hide or reorder the ones around them. */
static bool is_invisible(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
	        {0xad, 0xad},     {0x61c, 0x61c},     {0x180e, 0x180e},
	        {0x200b, 0x200b}, {0x200e, 0x200f},   {0x2028, 0x202e},
	        {0x2060, 0x206f}, {0x3164, 0x3164},   {0xfeff, 0xfeff},
	        {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
	};
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

/* The multibyte character at the start of s; gives its length. */
static size_t add_character(struct buf *out, struct str s)
{
	uint32_t c = 0;
	size_t n = code_point(s, &c);
	if (!n || is_bad(c))
		buf_add(out, REPLACEMENT);
	else if (is_invisible(c))
		buf_format(out, "[U+%04X]", (unsigned)c);
	else
		buf_add(out, str_head(s, n));
	return n ? n : 1;
}

/* Classes from MARKUP up to `escaped` become entities. */
static void add_escaped(struct buf *out, struct str s, int escaped)
{
	size_t start = 0, i = 0, tried = 0;
	while (i < s.n) {
		if (i >= tried && i + 8 <= s.n) {
			if (eight_are_plain(s.s + i)) {
				i += 8;
				continue;
			}
			tried = i + 8;
		}
		unsigned char c = (unsigned char)s.s[i];
		if (is_plain(c)) { /* nearly every byte */
			i++;
			continue;
		}
		int class = byte_class(c);
		if (class == PLAIN ||
		    (class <= APOSTROPHE && class > escaped)) {
			i++;
			continue;
		}
		buf_add(out, str_head(str_from(s, start), i - start));
		if (class == MULTIBYTE) {
			i += add_character(out, str_from(s, i));
		} else {
			buf_add(out, class == CONTROL ? REPLACEMENT
			                              : entity(s.s[i]));
			i++;
		}
		start = i;
	}
	buf_add(out, str_from(s, start));
}

void html_text(struct buf *out, struct str s)
{
	add_escaped(out, s, MARKUP);
}

void html_attr(struct buf *out, struct str s)
{
	add_escaped(out, s, APOSTROPHE);
}

void html_xml(struct buf *out, struct str s)
{
	add_escaped(out, s, APOSTROPHE);
}

void html_clean(struct buf *out, struct str s)
{
	add_escaped(out, s, PLAIN);
}

struct str html_cleaned(struct arena *a, struct str s)
{
	/* A character becomes at most four times as many bytes. */
	struct buf b = buf_new(a, 4 * s.n + 16);
	html_clean(&b, s);
	return buf_str(&b);
}

/* "//name:secret@host": it shows a secret, or looks like another host. */
static bool names_user(struct str rest)
{
	if (!str_starts(rest, STR("//")))
		return false;
	for (size_t i = 2; i < rest.n && !strchr("/?#", rest.s[i]); i++)
		if (rest.s[i] == '@')
			return true;
	return false;
}

bool html_url_allowed(struct str s)
{
	static const char *const schemes[] = {"http", "https", "mailto"};

	/* Browsers drop some control characters before they look for the
	   scheme: "java\nscript:" must not pass as relative. */
	for (size_t i = 0; i < s.n; i++)
		if (byte_class((unsigned char)s.s[i]) == CONTROL ||
		    (s.s[i] >= '\t' && s.s[i] <= '\r'))
			return false;
	if (!s.n || str_starts(s, STR("//")))
		return false;
	size_t n = 0;
	while (n < s.n && !strchr(":/?#", s.s[n]))
		n++;
	if (n == s.n || s.s[n] != ':')
		return true;
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
		if (str_eq_nocase(str_head(s, n), str_of(schemes[i])))
			return !names_user(str_from(s, n + 1));
	return false;
}

/* May stand in an address in an attribute as it is. */
static bool is_url_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '-' && c <= ':') || /* - . / 0..9 : */
	       strchr("_~?#[]@!$()*+,;=%", c);
}

void html_url(struct buf *out, struct str s)
{
	if (!html_url_allowed(s)) {
		buf_add_char(out, '#');
		return;
	}
	size_t start = 0;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.s[i];
		if (is_url_byte(c))
			continue;
		buf_add(out, str_head(str_from(s, start), i - start));
		if (c == '&' || c == '\'')
			buf_add(out, entity(c));
		else
			buf_format(out, "%%%02X", (unsigned)(unsigned char)c);
		start = i + 1;
	}
	buf_add(out, str_from(s, start));
}
