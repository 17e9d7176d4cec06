#include "render/words.h"

#include "core/eight.h"
#include "core/sha256.h"
#include "core/when.h"

#include <string.h>

enum {
	LINE_MAX_POINTS = 240,
	VERSION_MAX_POINTS = 32,
	ID_LEAST = 20,
	ID_SHOWN = 12,
	SLUG_MAX = 120
};

static const char *const month_names[] = {
        "January", "February", "March",     "April",   "May",      "June",
        "July",    "August",   "September", "October", "November", "December"};
static const char *const day_names[] = {"Mon", "Tue", "Wed", "Thu",
                                        "Fri", "Sat", "Sun"};

/* Written digit by digit: a page has dozens, and printf took as long as the
   rest of the page's texts together. */
enum { DATE_MAX = 64 };
struct date_text {
	char s[DATE_MAX];
	size_t n;
};

static void put(struct date_text *t, const char *s, size_t n)
{
	for (size_t i = 0; i < n && t->n < DATE_MAX; i++)
		t->s[t->n++] = s[i];
}

/* At least `width` digits. */
static void put_number(struct date_text *t, int v, size_t width)
{
	char digits[12];
	size_t n = 0;
	for (; v > 0 || n < width; v /= 10)
		digits[n++] = (char)('0' + v % 10);
	while (n)
		put(t, &digits[--n], 1);
}

static void put_day(struct date_text *t, struct civil c)
{
	put_number(t, c.day, 1);
	put(t, " ", 1);
	put(t, month_names[c.month - 1], 3);
	put(t, " ", 1);
	put_number(t, c.year, 1);
}

static void put_clock(struct date_text *t, struct civil c)
{
	put_number(t, c.hour, 2);
	put(t, ":", 1);
	put_number(t, c.minute, 2);
}

static struct str date_str(struct arena *a, const struct date_text *t)
{
	return str_copy(a, (struct str){t->s, t->n});
}

struct str words_day(struct arena *a, int64_t t)
{
	struct date_text text = {.n = 0};
	put_day(&text, when_civil(t, NULL));
	return date_str(a, &text);
}

struct str words_when(struct arena *a, int64_t t)
{
	struct date_text text = {.n = 0};
	struct civil c = when_civil(t, NULL);
	put_day(&text, c);
	put(&text, " ", 1);
	put_clock(&text, c);
	return date_str(a, &text);
}

struct str words_stamp(struct arena *a, int64_t t)
{
	struct date_text text = {.n = 0};
	struct civil c = when_civil(t, NULL);
	put(&text, day_names[c.weekday], 3);
	put(&text, " ", 1);
	put_day(&text, c);
	put(&text, ", ", 2);
	put_clock(&text, c);
	put(&text, " UTC", 4);
	return date_str(a, &text);
}

struct str words_clock(struct arena *a, int64_t t)
{
	struct date_text text = {.n = 0};
	put_clock(&text, when_civil(t, NULL));
	return date_str(a, &text);
}

struct str words_clock_full(struct arena *a, int64_t t)
{
	struct date_text text = {.n = 0};
	struct civil c = when_civil(t, NULL);
	put_clock(&text, c);
	put(&text, ":", 1);
	put_number(&text, c.second, 2);
	return date_str(a, &text);
}

struct str words_duration(struct arena *a, int64_t seconds)
{
	struct when_text text = when_duration_words(seconds);
	return str_copy(a, str_of(text.s));
}

int64_t month_of(int64_t t)
{
	struct civil c = when_civil(t, NULL);
	return (int64_t)c.year * 12 + c.month - 1;
}

int64_t month_start(int64_t month)
{
	struct civil c = {.year = (int)(month / 12),
	                  .month = (int)(month % 12) + 1,
	                  .day = 1};
	return when_instant(c, NULL);
}

struct str month_slug(struct arena *a, int64_t month)
{
	return str_format(a, "%04d-%02d", (int)(month / 12),
	                  (int)(month % 12) + 1);
}

struct str month_words(struct arena *a, int64_t month)
{
	return str_format(a, "%s %d", month_names[month % 12],
	                  (int)(month / 12));
}

struct str words_count(struct arena *a, int64_t n, const char *one,
                       const char *many)
{
	return str_count(a, n, one, many);
}

struct str words_name(struct arena *a, struct str name)
{
	char *s = arena_alloc(a, name.n + 1);
	for (size_t i = 0; i < name.n; i++) {
		char c = name.s[i];
		if (i && c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		else if (!i && c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		s[i] = c == '_' ? ' ' : c;
	}
	return (struct str){s, name.n};
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* ASCII without white space but single spaces. */
static bool is_tidy(struct str s)
{
	size_t i = 0;
	/* Seven on: the last of these is the first of the next. */
	for (; i + 8 <= s.n; i += 7) {
		uint64_t eight = eight_at(s.s + i);
		uint64_t spaces = eight_which(eight, ' ');
		if (!eight_is_printable(eight) || (spaces & (spaces >> 8)))
			return false;
	}
	for (; i < s.n; i++)
		if (s.s[i] < ' ' || (i && s.s[i] == ' ' && s.s[i - 1] == ' '))
			return false;
	return true;
}

static struct str line_of(struct arena *a, struct str text, size_t most)
{
	text = str_trim(text);
	if (text.n <= most && is_tidy(text))
		return text;
	size_t points = 0, i = 0;
	bool plain = true, spaced = false;
	for (; i < text.n && points <= most; i++) {
		unsigned char c = (unsigned char)text.s[i];
		points += (c & 0xc0) != 0x80;
		plain = plain &&
		        !(is_space(text.s[i]) && (spaced || text.s[i] != ' '));
		spaced = is_space(text.s[i]);
	}
	bool cut = points > most;
	if (plain && !cut)
		return text;
	if (cut)
		text.n = i - 1;
	char *s = arena_alloc(a, text.n + 4);
	size_t n = 0;
	for (i = 0; i < text.n; i++)
		if (!is_space(text.s[i]))
			s[n++] = text.s[i];
		else if (n && s[n - 1] != ' ')
			s[n++] = ' ';
	if (cut) {
		memcpy(s + n, "\xe2\x80\xa6", 3);
		n += 3;
	}
	return (struct str){s, n};
}

struct str words_line(struct arena *a, struct str text)
{
	return line_of(a, text, LINE_MAX_POINTS);
}

/* How many bytes of s an instant takes; 0: it does not begin with one. */
static size_t instant_at(struct str s, int64_t *t)
{
	enum { SHAPE = 20 };
	static const char shape[] = "dddd-dd-ddTdd:dd:ddZ";
	if (s.n < SHAPE)
		return 0;
	for (size_t i = 0; i < SHAPE; i++) {
		bool digit = s.s[i] >= '0' && s.s[i] <= '9';
		if (shape[i] == 'd' ? !digit : s.s[i] != shape[i])
			return 0;
	}
	return when_parse(str_head(s, SHAPE), t) ? SHAPE : 0;
}

struct str words_times(struct arena *a, struct str text)
{
	int64_t t;
	size_t i = 0, n = 0;
	while (i < text.n && !(n = instant_at(str_from(text, i), &t)))
		i++;
	if (!n)
		return text;
	struct buf b = buf_new(a, 2 * text.n + 64);
	buf_add(&b, str_head(text, i));
	while (i < text.n) {
		n = instant_at(str_from(text, i), &t);
		if (n)
			buf_add(&b, words_stamp(a, t));
		else
			buf_add_char(&b, text.s[i]);
		i += n ? n : 1;
	}
	return b.full ? text : buf_str(&b);
}

static bool is_id(struct str s)
{
	bool id = s.n >= ID_LEAST;
	for (size_t i = 0; id && i < s.n; i++)
		id = str_has(STR("0123456789abcdefABCDEF"), s.s[i]);
	return id;
}

struct str words_version(struct arena *a, struct str version)
{
	size_t from = 0; /* "sha256:" before the digits is kept */
	for (size_t i = 0; i < version.n; i++)
		from = version.s[i] == ':' ? i + 1 : from;
	return is_id(str_from(version, from))
	               ? str_head(version, from + ID_SHOWN)
	               : line_of(a, version, VERSION_MAX_POINTS);
}

struct str words_oid(struct str hex)
{
	return str_head(hex, 7);
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

static bool ends_like_ours(struct str name)
{
	static const struct str ours[] = {
	        {".html", 5}, {".json", 5}, {".atom", 5}, {".svg", 4}};
	for (size_t i = 0; i < sizeof(ours) / sizeof *ours; i++)
		if (str_ends(name, ours[i]))
			return true;
	return false;
}

struct str words_slug(struct arena *a, struct str name)
{
	bool odd = !name.n || name.n > SLUG_MAX || name.s[0] == '.' ||
	           name.s[0] == '_' || ends_like_ours(name);
	bool plain = !odd;
	for (size_t i = 0; plain && i < name.n; i++)
		plain = is_plain(name.s[i]);
	if (plain)
		return name;
	if (!name.n)
		return STR("~");
	struct buf b = buf_new(a, (size_t)4 * SLUG_MAX);
	for (size_t i = 0; i < name.n && i < SLUG_MAX; i++) {
		unsigned char c = (unsigned char)name.s[i];
		if (is_plain(name.s[i]) && !(odd && i == 0))
			buf_add_char(&b, name.s[i]);
		else if (b.n < SLUG_MAX)
			buf_format(&b, "~%02x", c);
	}
	if (name.n > SLUG_MAX || b.n >= SLUG_MAX) {
		b.n = b.n > SLUG_MAX ? SLUG_MAX : b.n;
		struct sha256_hex hex = sha256_of(name);
		buf_format(&b, "~~%.16s", hex.s);
	}
	return buf_str(&b);
}
