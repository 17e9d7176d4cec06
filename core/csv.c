#include "core/csv.h"

#include "core/when.h"

struct csv csv_new(struct buf *out)
{
	return (struct csv){.out = out};
}

static void begin(struct csv *c)
{
	if (c->more)
		buf_add_char(c->out, ',');
	c->more = true;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '"' ||
	       c == '\'';
}

/* Spreadsheets skip what stands before, and some take a leading tab or line
   end for the start of the next cell. */
static bool is_formula(struct str s)
{
	size_t i = 0;
	if (s.n && (s.s[0] == '\t' || s.s[0] == '\r' || s.s[0] == '\n'))
		return true;
	while (i < s.n && is_space(s.s[i]))
		i++;
	return i < s.n && s.s[i] && strchr("=+-@", s.s[i]);
}

static bool is_control(char c)
{
	return ((unsigned char)c < ' ' && c != '\t' && c != '\r' &&
	        c != '\n') ||
	       c == 0x7f;
}

static void add_text(struct buf *out, struct str s)
{
	size_t bad;
	bool fine = str_is_utf8(s, &bad);
	for (size_t i = 0; i < s.n; i++) {
		if (!fine && i == bad) {
			struct str rest = str_from(s, i + 1);
			buf_add(out, STR("\xef\xbf\xbd"));
			size_t next;
			fine = str_is_utf8(rest, &next);
			bad = fine ? 0 : i + 1 + next;
		} else if (is_control(s.s[i])) {
			buf_add(out, STR("\xef\xbf\xbd"));
		} else {
			if (s.s[i] == '"')
				buf_add_char(out, '"');
			buf_add_char(out, s.s[i]);
		}
	}
}

static bool needs_quotes(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.s[i] == ',' || s.s[i] == '"' || s.s[i] == '\r' ||
		    s.s[i] == '\n')
			return true;
	return s.n && (s.s[0] == ' ' || s.s[s.n - 1] == ' ');
}

void csv_str(struct csv *c, struct str cell)
{
	begin(c);
	bool quotes = needs_quotes(cell);
	if (quotes)
		buf_add_char(c->out, '"');
	if (is_formula(cell))
		buf_add_char(c->out, '\'');
	add_text(c->out, cell);
	if (quotes)
		buf_add_char(c->out, '"');
}

void csv_int(struct csv *c, int64_t n)
{
	begin(c);
	buf_add_int(c->out, n);
}

void csv_opt(struct csv *c, int64_t n)
{
	begin(c);
	if (n)
		buf_add_int(c->out, n);
}

void csv_when(struct csv *c, int64_t instant)
{
	begin(c);
	if (instant)
		buf_add(c->out, str_of(when_text(instant).s));
}

void csv_end(struct csv *c)
{
	buf_add(c->out, STR("\r\n"));
	c->more = false;
}
