#include "core/diag.h"

#include <string.h>

/* Columns of an excerpt, and how many of them stand before the caret when a
   line has to be cut. */
enum { WIDTH = 120, BEFORE = 50, GUTTER = 5 };

#define BOLD "\033[1m"
#define RESET "\033[0m"

static const char *const level_colours[] = {
        [DIAG_ALLOW] = "\033[1;32m",   [DIAG_WAIT] = "\033[1;33m",
        [DIAG_DENY] = "\033[1;35m",    [DIAG_NOTE] = "\033[1;36m",
        [DIAG_WARNING] = "\033[1;33m", [DIAG_ERROR] = "\033[1;31m",
};

/* One code point of the user's text as it is shown: itself, or, where a
   terminal would act on it, a name for it. */
struct cell {
	size_t bytes; /* that it takes in the text */
	char shown[12];
	size_t n, columns; /* of shown */
};

static uint32_t code_point(const char *s, size_t n)
{
	unsigned char first = (unsigned char)s[0];
	uint32_t c = n == 1 ? first : n == 2 ? first & 0x1f : first & 0x0f;
	for (size_t i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	return c;
}

/*
 * Characters that reorder, hide or end the text around them: the bidirectional
 * controls (Unicode TR 9), zero width ones, separators, and C1 controls.
 */
static bool is_treacherous(uint32_t c)
{
	return (c >= 0x80 && c < 0xa0) || c == 0x061c ||
	       (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

/* The length of the well-formed sequence at the start of s, or 0. */
static size_t sequence(struct str s)
{
	for (size_t n = 1; n <= 4 && n <= s.n; n++)
		if (str_is_utf8(str_head(s, n), NULL))
			return n;
	return 0;
}

static struct cell escaped(size_t bytes, const char *fmt, uint32_t c)
{
	static const char digits[] = "0123456789ABCDEF";
	struct cell cell = {.bytes = bytes};
	/* fmt is a pattern, each X of which is a digit. */
	cell.n = cell.columns = strlen(fmt);
	for (size_t i = cell.n; i-- > 0;) {
		bool digit = fmt[i] == 'X';
		cell.shown[i] = digit ? digits[c & 0xf] : fmt[i];
		if (digit)
			c >>= 4;
	}
	return cell;
}

static struct cell cell_at(struct str s, bool tabs)
{
	unsigned char c = (unsigned char)s.s[0];
	if (c == '\t' && tabs)
		c = ' ';
	else if (c < 0x20 || c == 0x7f)
		return escaped(1, "\\xXX", c);
	struct cell cell = {.bytes = 1, .n = 1, .columns = 1};
	cell.shown[0] = (char)c;
	if (c < 0x80)
		return cell;
	size_t n = sequence(s);
	if (!n)
		return escaped(1, "\\xXX", c);
	if (n < 4 && is_treacherous(code_point(s.s, n)))
		return escaped(n, "<U+XXXX>", code_point(s.s, n));
	cell.bytes = cell.n = n;
	memcpy(cell.shown, s.s, n);
	return cell;
}

/* How much of the text's start nothing has to be done about. */
static size_t plain_ascii(struct str text)
{
	size_t n = 0;
	while (n < text.n && text.s[n] >= ' ' && text.s[n] < 0x7f)
		n++;
	return n;
}

void diag_show(struct buf *out, struct str text)
{
	while (text.n) {
		size_t n = plain_ascii(text);
		buf_add(out, str_head(text, n));
		text = str_from(text, n);
		if (!text.n)
			return;
		struct cell c = cell_at(text, false);
		buf_add(out, (struct str){c.shown, c.n});
		text = str_from(text, c.bytes);
	}
}

/* The first line of a span: the text, and where in it the span is, in columns
   as shown. */
struct excerpt {
	struct str text;
	size_t from, to, columns;
};

static struct excerpt measure(struct str line, size_t start, size_t end)
{
	struct excerpt e = {.text = line};
	size_t at = 0;
	while (at < line.n) {
		struct cell c = cell_at(str_from(line, at), true);
		if (at < start)
			e.from = e.columns + c.columns;
		if (at < end)
			e.to = e.columns + c.columns;
		e.columns += c.columns;
		at += c.bytes;
	}
	if (e.to <= e.from)
		e.to = e.from + 1;
	return e;
}

static struct excerpt excerpt_of(struct span at, uint32_t line)
{
	struct str text = source_line(at.src, line);
	size_t first = text.n ? (size_t)(text.s - at.src->text.s) : at.start;
	size_t start = at.start > first ? at.start - first : 0;
	size_t end = at.end > first ? at.end - first : 0;
	if (start > text.n)
		start = text.n;
	if (end > text.n) /* it goes on: the blanks at the end are not meant */
		end = start + str_trim(str_from(text, start)).n;
	return measure(text, start, end);
}

static void add_spaces(struct buf *out, size_t n)
{
	while (n-- > 0)
		buf_add_char(out, ' ');
}

/* The cells of the line that lie in the columns from .. to. */
static void add_cells(struct buf *out, struct str line, size_t from, size_t to)
{
	size_t column = 0;
	for (size_t at = 0; at < line.n && column < to;) {
		struct cell c = cell_at(str_from(line, at), true);
		size_t next = column + c.columns;
		if (column >= from && next <= to)
			buf_add(out, (struct str){c.shown, c.n});
		else if (next > from) /* cut in two: keep the columns */
			add_spaces(out,
			           (next < to ? next : to) -
			                   (column > from ? column : from));
		column = next;
		at += c.bytes;
	}
}

static void add_excerpt(struct buf *out, struct span at, uint32_t line,
                        const char *colour)
{
	struct excerpt e = excerpt_of(at, line);
	size_t from = 0, to = e.columns;
	if (e.columns > WIDTH) {
		from = e.from > BEFORE ? e.from - BEFORE : 0;
		if (from + WIDTH > e.columns)
			from = e.columns - WIDTH;
		to = from + WIDTH;
	}
	const char *head = from ? "..." : "";
	struct str number = str_format(out->arena, "%*u", GUTTER, line);
	buf_format(out, "%" STR_FMT " | %s", STR_ARG(number), head);
	add_cells(out, e.text, from, to);
	buf_format(out, "%s\n", to < e.columns ? "..." : "");
	add_spaces(out, number.n);
	buf_format(out, " | ");
	add_spaces(out, strlen(head) + e.from - from);
	buf_format(out, "%s", colour ? colour : "");
	for (size_t i = e.from; i < e.to && (i < to || i == e.from); i++)
		buf_add_char(out, '^');
	buf_format(out, "%s\n", colour ? RESET : "");
}

/* "path:line:column: label: message" and the excerpt. */
static void add_item(struct buf *out, struct span at, enum diag_level level,
                     struct str label, struct str message, bool colour)
{
	const char *bold = colour ? BOLD : "", *reset = colour ? RESET : "";
	const char *tint = colour ? level_colours[level] : NULL;
	struct place p = {0, 0};
	if (at.src) {
		p = source_place(at.src, at.start);
		buf_format(out, "%s", bold);
		diag_show(out, at.src->path);
		buf_format(out, ":%u:%u:%s ", p.line, p.column, reset);
	}
	buf_format(out, "%s%" STR_FMT "%s: ", tint ? tint : "", STR_ARG(label),
	           reset);
	diag_show(out, message);
	buf_add_char(out, '\n');
	if (at.src)
		add_excerpt(out, at, p.line, tint);
}

void diag_print(struct buf *out, const struct diag *d, bool colour)
{
	const struct diag_info *info = diag_info(d->code);
	struct str label = str_format(out->arena, "%s[%s]",
	                              diag_level_name(info->level), info->name);
	struct str message = d->message.n ? d->message : str_of(info->summary);
	add_item(out, d->at, info->level, label, message, colour);
	for (const struct diag_note *n = d->notes; n; n = n->next)
		add_item(out, n->at, DIAG_NOTE, STR("note"), n->message,
		         colour);
	buf_format(out, "  next: ");
	diag_show(out, d->hint.n ? d->hint : str_of(info->hint));
	buf_add_char(out, '\n');
}
