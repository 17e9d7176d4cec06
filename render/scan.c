#include "render/scan.h"

struct scan scan_of(struct str text)
{
	return (struct scan){text, false};
}

static void stop(struct scan *s)
{
	s->bad = true;
	s->rest.n = 0;
}

/* The next byte that is no white space; 0 at the end. */
static char next(struct scan *s)
{
	for (; s->rest.n; s->rest.s++, s->rest.n--) {
		char c = s->rest.s[0];
		if (c != ' ' && c != '\n' && c != '\t' && c != '\r')
			return c;
	}
	return '\0';
}

static void skip_byte(struct scan *s)
{
	s->rest.s++;
	s->rest.n--;
}

static bool take(struct scan *s, char c)
{
	if (next(s) != c)
		return false;
	skip_byte(s);
	return true;
}

bool scan_open(struct scan *s, char bracket)
{
	if (take(s, bracket))
		return true;
	scan_skip(s);
	return false;
}

/* The string at the front as it stands, without its quotes. */
static bool take_string(struct scan *s, struct str *raw, bool *escaped)
{
	*escaped = false;
	if (!take(s, '"'))
		return false;
	const char *p = s->rest.s, *end = p + s->rest.n;
	const char *quote = memchr(p, '"', s->rest.n);
	/* Nearly always the quote that ends it. */
	if (quote && memchr(p, '\\', (size_t)(quote - p))) {
		*escaped = true;
		for (; p < end && *p != '"'; p++)
			if (*p == '\\' && ++p == end)
				break;
		quote = p < end ? p : NULL;
	}
	if (quote) {
		*raw = str_head(s->rest, (size_t)(quote - s->rest.s));
		s->rest = str_from(s->rest, raw->n + 1);
		return true;
	}
	stop(s);
	return false;
}

bool scan_key(struct scan *s, struct str *key)
{
	bool escaped;
	char c = next(s);
	if (c == ',') {
		skip_byte(s);
		c = next(s);
	}
	if (c == '}') {
		skip_byte(s);
		return false;
	}
	if (take_string(s, key, &escaped) && take(s, ':'))
		return true;
	stop(s);
	return false;
}

bool scan_more(struct scan *s)
{
	take(s, ',');
	return !take(s, ']') && next(s) != '\0';
}

static int hex_value(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
	                              : -1;
}

/* The four digits after a "\u"; 0xfffd where they are none. */
static uint32_t unit_at(struct str s, size_t i)
{
	uint32_t unit = 0;
	for (size_t k = i; k < i + 4; k++) {
		int v = k < s.n ? hex_value(s.s[k]) : -1;
		if (v < 0)
			return 0xfffd;
		unit = unit << 4 | (uint32_t)v;
	}
	return unit;
}

static size_t put_utf8(char *to, uint32_t c)
{
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (char)(0xc0 | c >> 6);
		to[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (char)(0xe0 | c >> 12);
		to[1] = (char)(0x80 | (c >> 6 & 0x3f));
		to[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | c >> 18);
	to[1] = (char)(0x80 | (c >> 12 & 0x3f));
	to[2] = (char)(0x80 | (c >> 6 & 0x3f));
	to[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* The escape whose letter is at *i; *i ends on its last byte. */
static uint32_t escape_at(struct str s, size_t *i)
{
	static const struct str letters = {"bfnrt", 5};
	static const char meant[] = "\b\f\n\r\t";
	char c = s.s[*i];
	if (c != 'u') {
		for (size_t k = 0; k < letters.n; k++)
			if (letters.s[k] == c)
				return (uint32_t)meant[k];
		return (unsigned char)c;
	}
	uint32_t unit = unit_at(s, *i + 1);
	*i += 4;
	if (unit < 0xd800 || unit > 0xdfff)
		return unit;
	uint32_t low = 0;
	if (unit < 0xdc00 && *i + 2 < s.n && s.s[*i + 1] == '\\' &&
	    s.s[*i + 2] == 'u')
		low = unit_at(s, *i + 3);
	if (low < 0xdc00 || low > 0xdfff)
		return 0xfffd;
	*i += 6;
	return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
}

static struct str unescape(struct arena *a, struct str raw)
{
	/* No escape is shorter than what it stands for. */
	char *to = arena_alloc(a, raw.n + 4);
	size_t n = 0;
	for (size_t i = 0; i < raw.n; i++)
		if (raw.s[i] == '\\' && i + 1 < raw.n) {
			i++;
			n += put_utf8(to + n, escape_at(raw, &i));
		} else {
			to[n++] = raw.s[i];
		}
	return (struct str){to, n};
}

struct str scan_str(struct scan *s, struct arena *a)
{
	struct str raw = {0};
	bool escaped;
	if (next(s) != '"') {
		scan_skip(s);
		return raw;
	}
	if (!take_string(s, &raw, &escaped))
		return (struct str){0};
	return escaped ? unescape(a, raw) : raw;
}

static bool ends_word(char c)
{
	return c == ',' || c == ']' || c == '}' || c == ' ' || c == '\n' ||
	       c == '\t' || c == '\r';
}

/* Up to what ends a number or a word. */
static struct str take_word(struct scan *s)
{
	next(s);
	size_t n = 0;
	while (n < s->rest.n && !ends_word(s->rest.s[n]))
		n++;
	struct str word = str_head(s->rest, n);
	s->rest = str_from(s->rest, n);
	return word;
}

int64_t scan_int(struct scan *s)
{
	char c = next(s);
	int64_t v = 0;
	if (c != '-' && (c < '0' || c > '9'))
		scan_skip(s);
	else if (!str_int(take_word(s), &v))
		v = 0;
	return v;
}

void scan_skip(struct scan *s)
{
	struct str raw;
	bool escaped;
	size_t depth = 0;
	do {
		char c = next(s);
		if (c == '"') {
			take_string(s, &raw, &escaped);
		} else if (c == '{' || c == '[') {
			take(s, c);
			depth++;
		} else if (c == '}' || c == ']') {
			if (!depth) {
				stop(s); /* no value, and nothing is passed */
				return;
			}
			take(s, c);
			depth--;
		} else if (depth && (c == ',' || c == ':')) {
			take(s, c);
		} else if (!take_word(s).n) {
			break;
		}
	} while (depth && depth <= SCAN_MAX_DEPTH && s->rest.n);
	if (depth)
		stop(s);
}
