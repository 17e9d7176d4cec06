#include "core/str.h"

#include "core/vec.h"

#include <stdio.h>
#include <string.h>

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool str_eq_nocase(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (lower(a.s[i]) != lower(b.s[i]))
			return false;
	return true;
}

int str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.s, b.s, n) : 0;
	if (order)
		return order;
	return (a.n > b.n) - (a.n < b.n);
}

bool str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq(str_head(s, prefix.n), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && str_eq(str_from(s, s.n - suffix.n), suffix);
}

bool str_is_hex(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.s[i] >= '0' && s.s[i] <= '9') ||
		      (s.s[i] >= 'a' && s.s[i] <= 'f') ||
		      (s.s[i] >= 'A' && s.s[i] <= 'F')))
			return false;
	return true;
}

bool str_has(struct str s, char c)
{
	return s.n && memchr(s.s, c, s.n);
}

bool str_contains(struct str s, struct str part)
{
	if (!part.n)
		return true;
	while (s.n >= part.n) {
		const char *at = memchr(s.s, part.s[0], s.n - part.n + 1);
		if (!at)
			return false;
		if (memcmp(at, part.s, part.n) == 0)
			return true;
		s = str_from(s, (size_t)(at - s.s) + 1);
	}
	return false;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
	while (s.n && is_space(s.s[0]))
		s = str_from(s, 1);
	while (s.n && is_space(s.s[s.n - 1]))
		s.n--;
	return s;
}

/* White space outside ASCII, and what has no width, in UTF-8. */
static size_t space_bytes(struct str s)
{
	static const char *const spaces[] = {
	        "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\xA8",
	        "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE2\x81\xA0",
	        "\xE3\x80\x80", "\xEF\xBB\xBF"};
	if (is_space(s.s[0]))
		return 1;
	for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
		if (str_starts(s, str_of(spaces[i])))
			return strlen(spaces[i]);
	bool thin = str_starts(s, STR("\xE2\x80")) && s.n > 2 &&
	            (unsigned char)s.s[2] >= 0x80 &&
	            (unsigned char)s.s[2] <= 0x8F;
	return thin ? 3 : 0;
}

bool str_blank(struct str s)
{
	size_t n;
	while (s.n && (n = space_bytes(s)))
		s = str_from(s, n);
	return !s.n;
}

bool str_cut(struct str s, char c, struct str *head, struct str *tail)
{
	const char *at = s.n ? memchr(s.s, c, s.n) : NULL;
	if (!at) {
		*head = s;
		*tail = (struct str){"", 0};
		return false;
	}
	size_t n = (size_t)(at - s.s);
	*head = str_head(s, n);
	*tail = str_from(s, n + 1);
	return true;
}

bool str_next(struct str *rest, char sep, struct str *piece)
{
	if (!rest->n)
		return false;
	str_cut(*rest, sep, piece, rest);
	return true;
}

bool str_int(struct str s, int64_t *out)
{
	bool minus = s.n && s.s[0] == '-';
	s = str_from(s, minus);
	/* Counted down: INT64_MIN has no positive counterpart. */
	int64_t v = 0;
	for (size_t i = 0; i < s.n; i++) {
		int digit = s.s[i] - '0';
		if (digit < 0 || digit > 9 || v < (INT64_MIN + digit) / 10)
			return false;
		v = v * 10 - digit;
	}
	if (!s.n || (!minus && v == INT64_MIN))
		return false;
	*out = minus ? v : -v;
	return true;
}

struct str str_copy(struct arena *a, struct str s)
{
	if (!s.n)
		return STR("");
	return (struct str){str_cstr(a, s), s.n};
}

const char *str_cstr(struct arena *a, struct str s)
{
	char *copy = arena_text(a, s.n + 1);
	if (s.n)
		memcpy(copy, s.s, s.n);
	return copy;
}

struct str str_lower(struct arena *a, struct str s)
{
	char *copy = arena_text(a, s.n + 1);
	for (size_t i = 0; i < s.n; i++)
		copy[i] = lower(s.s[i]);
	return (struct str){copy, s.n};
}

struct str str_vformat(struct arena *a, const char *fmt, va_list args)
{
	char small[256]; /* most texts are short: one pass, not two */
	va_list again;
	va_copy(again, args);
	int n = vsnprintf(small, sizeof small, fmt, again);
	va_end(again);
	if (n < 0)
		return STR("");
	char *s = arena_text(a, (size_t)n + 1);
	if ((size_t)n < sizeof small)
		memcpy(s, small, (size_t)n + 1);
	else
		vsnprintf(s, (size_t)n + 1, fmt, args);
	return (struct str){s, (size_t)n};
}

struct str str_format(struct arena *a, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	struct str s = str_vformat(a, fmt, args);
	va_end(args);
	return s;
}

/* The length of the well-formed sequence at s[i], 0 if there is none.
   Table 3-7 of the Unicode standard. */
static size_t utf8_length(struct str s, size_t i)
{
	const unsigned char *p = (const unsigned char *)s.s + i;
	size_t left = s.n - i;
	if (p[0] < 0x80)
		return 1;
	size_t n = p[0] >= 0xc2 && p[0] < 0xe0   ? 2
	           : p[0] >= 0xe0 && p[0] < 0xf0 ? 3
	           : p[0] >= 0xf0 && p[0] < 0xf5 ? 4
	                                         : 0;
	if (!n || n > left)
		return 0;
	unsigned char low = 0x80, high = 0xbf;
	if (p[0] == 0xe0)
		low = 0xa0;
	if (p[0] == 0xed)
		high = 0x9f;
	if (p[0] == 0xf0)
		low = 0x90;
	if (p[0] == 0xf4)
		high = 0x8f;
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t k = 2; k < n; k++)
		if ((p[k] & 0xc0) != 0x80)
			return 0;
	return n;
}

bool str_is_utf8(struct str s, size_t *bad)
{
	for (size_t i = 0; i < s.n;) {
		size_t n = (unsigned char)s.s[i] < 0x80 ? 1 : utf8_length(s, i);
		if (!n) {
			if (bad)
				*bad = i;
			return false;
		}
		i += n;
	}
	return true;
}

/* Eight bytes at a time as long as none has its high bit set. */
static size_t ascii_run(struct str s, size_t i)
{
	size_t start = i;
	for (uint64_t word; i + sizeof word <= s.n; i += sizeof word) {
		memcpy(&word, s.s + i, sizeof word);
		if (word & 0x8080808080808080u)
			break;
	}
	while (i < s.n && !((unsigned char)s.s[i] & 0x80))
		i++;
	return i - start;
}

bool str_is_ascii(struct str s)
{
	return ascii_run(s, 0) == s.n;
}

size_t str_code_points(struct str s)
{
	size_t count = 0;
	for (size_t i = 0; i < s.n;) {
		size_t run = ascii_run(s, i);
		if (run) {
			count += run;
			i += run;
			continue;
		}
		size_t n = utf8_length(s, i);
		i += n ? n : 1;
		count++;
	}
	return count;
}

struct str str_count(struct arena *a, int64_t n, const char *one,
                     const char *many)
{
	return str_format(a, "%lld %s", (long long)n, n == 1 ? one : many);
}

struct str str_brief(struct arena *a, struct str s, size_t max)
{
	size_t at = 0;
	for (size_t i = 0; i < max && at < s.n; i++) {
		size_t n = utf8_length(s, at);
		at += n ? n : 1;
	}
	return at < s.n ? str_format(a, "%" STR_FMT "...",
	                             STR_ARG(str_head(s, at)))
	                : s;
}

size_t str_distance(struct str a, struct str b, size_t limit)
{
	enum { LONGEST = 64 };
	size_t row[LONGEST + 1];
	if (a.n > LONGEST || b.n > LONGEST)
		return limit + 1;
	for (size_t j = 0; j <= b.n; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		size_t corner = row[0];
		row[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			size_t above = row[j];
			size_t best = corner + (a.s[i - 1] != b.s[j - 1]);
			if (above + 1 < best)
				best = above + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
			corner = above;
		}
	}
	return row[b.n] > limit ? limit + 1 : row[b.n];
}

struct buf buf_new(struct arena *a, size_t max)
{
	return (struct buf){.arena = a, .max = max};
}

/* cap may be above max where somebody made room beforehand. */
static bool buf_has_room(const struct buf *b, size_t more)
{
	size_t end = b->cap < b->max ? b->cap : b->max;
	return !b->full && more <= end - b->n;
}

static bool buf_grow(struct buf *b, size_t more)
{
	if (b->full || more > b->max - b->n) {
		b->full = true;
		return false;
	}
	size_t cap = b->cap ? b->cap : 256;
	while (cap < b->n + more)
		cap *= 2;
	char *moved = arena_alloc(b->arena, cap);
	if (b->n)
		memcpy(moved, b->s, b->n);
	b->s = moved;
	b->cap = cap;
	return true;
}

void buf_add(struct buf *b, struct str s)
{
	if (!s.n || (!buf_has_room(b, s.n) && !buf_grow(b, s.n)))
		return;
	memcpy(b->s + b->n, s.s, s.n);
	b->n += s.n;
}

void buf_add_char(struct buf *b, char c)
{
	if (buf_has_room(b, 1) || buf_grow(b, 1))
		b->s[b->n++] = c;
}

void buf_add_int(struct buf *b, int64_t n)
{
	char digits[24];
	size_t at = sizeof digits;
	uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
	do {
		digits[--at] = (char)('0' + left % 10);
		left /= 10;
	} while (left);
	if (n < 0)
		digits[--at] = '-';
	buf_add(b, (struct str){digits + at, sizeof digits - at});
}

void buf_add_padded(struct buf *b, struct str s, size_t width)
{
	static const char spaces[] = "                                ";
	buf_add(b, s);
	while (s.n < width) {
		size_t n = width - s.n;
		if (n > sizeof spaces - 1)
			n = sizeof spaces - 1;
		buf_add(b, (struct str){spaces, n});
		s.n += n;
	}
}

void buf_add_percent(struct buf *b, struct str s)
{
	static const char hex[] = "0123456789ABCDEF";
	for (size_t i = 0; i < s.n; i++) {
		char c = s.s[i];
		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || c == '-' || c == '.' ||
		    c == '_' || c == '~') {
			buf_add_char(b, c);
			continue;
		}
		buf_add_char(b, '%');
		buf_add_char(b, hex[(unsigned char)c >> 4]);
		buf_add_char(b, hex[(unsigned char)c & 15]);
	}
}

void buf_format(struct buf *b, const char *fmt, ...)
{
	char small[256];
	va_list args, again;
	va_start(args, fmt);
	va_copy(again, args);
	int n = vsnprintf(small, sizeof small, fmt, args);
	if (n >= 0 && (size_t)n < sizeof small)
		buf_add(b, (struct str){small, (size_t)n});
	else if (n >= 0)
		buf_add(b, str_vformat(b->arena, fmt, again));
	va_end(again);
	va_end(args);
}

void buf_reset(struct buf *b)
{
	b->n = 0;
	b->full = false;
}

struct str buf_str(const struct buf *b)
{
	return (struct str){b->s ? b->s : "", b->n};
}
