#include "render/markdown.h"

#include "render/html.h"

#include <cmark.h>

/* Without CMARK_OPT_UNSAFE cmark leaves out raw HTML and dangerous addresses.
 */
enum { OPTIONS = CMARK_OPT_DEFAULT | CMARK_OPT_VALIDATE_UTF8 };
enum { TABLE_MAX_BYTES = 1 << 22 };

/* Examples may be wider than a phone: the keyboard has to get into them to
   scroll. Text never has a '<' here. */
static void add_html(struct buf *out, struct str html)
{
	const struct str pre = STR("<pre>"), open = STR("<pre tabindex=\"0\">");
	size_t from = 0;
	for (size_t i = 0; i < html.n; i++) {
		if (!str_starts(str_from(html, i), pre))
			continue;
		html_clean(out, (struct str){html.s + from, i - from});
		buf_add(out, open);
		from = i + pre.n;
	}
	html_clean(out, str_from(html, from));
}

/* --- the lines of a text, as cmark counts them ---------------------------- */

struct lines {
	struct str rest;
	int number; /* of the next one */
};

static struct str next_line(struct lines *l)
{
	size_t n = 0, end;
	const char *s = l->rest.s;
	while (n < l->rest.n && s[n] != '\n' && s[n] != '\r')
		n++;
	end = n + (n + 1 < l->rest.n && s[n] == '\r' && s[n + 1] == '\n') + 1;
	struct str line = str_head(l->rest, n);
	l->rest = str_from(l->rest, end);
	l->number++;
	return line;
}

/* --- tables --------------------------------------------------------------- */

/* What follows the bar that begins a row; false where none does. */
static bool open_row(struct str line, struct str *cells)
{
	line = str_trim(line);
	*cells = str_from(line, 1);
	return str_starts(line, STR("|"));
}

/* The next cell of a row; a bar behind a backslash is none. */
static bool next_cell(struct str *row, struct buf *cell)
{
	size_t i = 0;
	buf_reset(cell);
	if (!row->n)
		return false;
	for (; i < row->n && row->s[i] != '|'; i++) {
		if (row->s[i] == '\\' && i + 1 < row->n && row->s[i + 1] == '|')
			i++;
		buf_add_char(cell, row->s[i]);
	}
	*row = str_from(*row, i + 1);
	return true;
}

/* "|---|:-:|" */
static bool is_rule(struct str line, struct buf *cell)
{
	struct str row;
	int columns = 0;
	if (!open_row(line, &row) || !row.n)
		return false;
	while (next_cell(&row, cell)) {
		struct str dashes = str_trim(buf_str(cell));
		bool dash = false;
		for (size_t i = 0; i < dashes.n; i++) {
			char c = dashes.s[i];
			if (c != '-' && c != ':')
				return false;
			dash |= c == '-';
		}
		if (!dash || ++columns > MARKDOWN_MAX_COLUMNS)
			return false;
	}
	return true;
}

static bool is_table(struct lines at, int rows, struct buf *cell)
{
	struct str row;
	if (rows < 2 || !open_row(next_line(&at), &row) ||
	    !is_rule(next_line(&at), cell))
		return false;
	for (int i = 2; i < rows; i++)
		if (!open_row(next_line(&at), &row))
			return false;
	return true;
}

/* A cell is a text of its own: its one paragraph, without the tags. */
static void add_cell(struct buf *out, struct str text)
{
	text = str_trim(text);
	if (!text.n)
		return;
	char *html = cmark_markdown_to_html(text.s, text.n, OPTIONS);
	struct str body = str_of(html), open = STR("<p>"),
	           close = STR("</p>\n");
	if (str_starts(body, open) && str_ends(body, close))
		body = str_head(str_from(body, open.n),
		                body.n - open.n - close.n);
	buf_add(out, body);
	cmark_get_default_mem_allocator()->free(html);
}

/* `columns` cells, those that the row does not have empty. */
static void add_row(struct buf *out, struct str row, const char *tag,
                    int columns, struct buf *cell)
{
	buf_add(out, STR("<tr>"));
	for (int i = 0; i < columns; i++) {
		buf_format(out, "<%s>", tag);
		if (next_cell(&row, cell))
			add_cell(out, buf_str(cell));
		buf_format(out, "</%.2s>", tag);
	}
	buf_add(out, STR("</tr>\n"));
}

static void add_table(struct buf *out, struct lines at, int rows,
                      struct buf *cell)
{
	struct str head, rule, row;
	int columns = 0;
	open_row(next_line(&at), &head);
	open_row(next_line(&at), &rule);
	while (next_cell(&rule, cell))
		columns++;
	buf_add(out,
	        STR("<div class=\"scroll\" tabindex=\"0\"><table>\n<thead>\n"));
	add_row(out, head, "th scope=\"col\"", columns, cell);
	buf_add(out, STR("</thead>\n<tbody>\n"));
	for (int i = 2; i < rows && !out->full; i++) {
		open_row(next_line(&at), &row);
		add_row(out, row, "td", columns, cell);
	}
	buf_add(out, STR("</tbody>\n</table></div>"));
	buf_add_char(out, '\0');
}

/* cmark knows no tables: to it they are paragraphs. */
static void replace_tables(cmark_node *document, struct str text)
{
	struct arena *a = arena_new();
	struct lines at = {text, 1};
	struct buf cell = buf_new(a, MARKDOWN_MAX_BYTES);
	cmark_node *next;
	for (cmark_node *node = cmark_node_first_child(document); node;
	     node = next) {
		int start = cmark_node_get_start_line(node);
		int rows = cmark_node_get_end_line(node) - start + 1;
		next = cmark_node_next(node);
		if (cmark_node_get_type(node) != CMARK_NODE_PARAGRAPH)
			continue;
		while (at.number < start)
			next_line(&at);
		if (!is_table(at, rows, &cell))
			continue;
		struct buf html = buf_new(a, (size_t)16 * MARKDOWN_MAX_BYTES);
		cmark_node *table = cmark_node_new(CMARK_NODE_CUSTOM_BLOCK);
		add_table(&html, at, rows, &cell);
		cmark_node_set_on_enter(table, html.full ? "" : html.s);
		cmark_node_replace(node, table);
		cmark_node_free(node);
	}
	arena_free(a);
}

bool markdown_html(struct buf *out, struct str text)
{
	if (text.n > MARKDOWN_MAX_BYTES)
		return false;
	cmark_node *document =
	        cmark_parse_document(text.n ? text.s : "", text.n, OPTIONS);
	replace_tables(document, text);
	char *html = cmark_render_html(document, OPTIONS);
	add_html(out, str_of(html));
	cmark_get_default_mem_allocator()->free(html);
	cmark_node_free(document);
	return true;
}
