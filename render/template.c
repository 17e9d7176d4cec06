#include "render/template.h"

#include "render/template_node.h"

#include <string.h>

struct parser {
	struct arena *arena;
	const struct source *src;
	struct diags *ds;
	struct str text;
	size_t at;
	struct str open, close; /* the delimiters */

	struct template_node *sections[TEMPLATE_MAX_DEPTH];
	struct template_node **tails[TEMPLATE_MAX_DEPTH + 1];
	size_t depth;
	bool starts_line; /* the text to come starts a line */
	bool failed;
};

/* One tag, cut out of the source. */
struct tag {
	char sigil; /* one of #^/>!={&, or 0 for a variable */
	struct str content;
	size_t start, end;           /* with its delimiters */
	size_t line_start, line_end; /* the same, or its line if alone on it */
	bool standalone;
};

static bool find_text(struct str s, size_t from, struct str part, size_t *at)
{
	while (from < s.n) {
		const char *p = memchr(s.s + from, part.s[0], s.n - from);
		if (!p)
			return false;
		from = (size_t)(p - s.s);
		if (str_starts(str_from(s, from), part)) {
			*at = from;
			return true;
		}
		from++;
	}
	return false;
}

static struct span span_of(const struct parser *p, size_t start, size_t end)
{
	return (struct span){p->src, (uint32_t)start, (uint32_t)end};
}

static struct diag *complain(struct parser *p, const struct tag *tag,
                             const char *what)
{
	p->failed = true;
	return diag_add(p->ds, DIAG_INVALID_TEMPLATE,
	                span_of(p, tag->start, tag->end), "%s", what);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Widen a tag that is alone on its line to the whole line. */
static void widen(const struct parser *p, struct tag *tag)
{
	const char *s = p->text.s;
	size_t start = tag->start, end = tag->end, n = p->text.n;

	while (start > 0 && is_blank(s[start - 1]))
		start--;
	while (end < n && is_blank(s[end]))
		end++;
	if (start > 0 && s[start - 1] != '\n')
		return;
	if (end < n && s[end] == '\r' && end + 1 < n && s[end + 1] == '\n')
		end++;
	if (end < n && s[end] != '\n')
		return;
	tag->standalone = true;
	tag->line_start = start;
	tag->line_end = end < n ? end + 1 : end;
}

/* The tag that starts at `start`; false if it is not closed. */
static bool cut_tag(const struct parser *p, size_t start, struct tag *tag)
{
	size_t at = start + p->open.n;
	*tag = (struct tag){.start = start, .end = at};
	while (at < p->text.n &&
	       (is_blank(p->text.s[at]) || strchr("\r\n", p->text.s[at])))
		at++;
	if (at < p->text.n && strchr("#^/>!={&", p->text.s[at]))
		tag->sigil = p->text.s[at++];

	size_t end;
	struct str close = p->close;
	char before = '\0'; /* the close delimiter: {{{x}}}, {{=x y=}} */
	if (tag->sigil == '{')
		before = '}';
	else if (tag->sigil == '=')
		before = '=';
	for (size_t from = at;; from = end + 1) {
		if (!find_text(p->text, from, close, &end))
			return false;
		if (!before)
			break;
		/* "}}}}": the brace may be the first of the delimiter */
		if (end > at && p->text.s[end - 1] == before)
			break;
	}
	tag->content = str_trim(
	        str_head(str_from(p->text, at), end - at - (before != '\0')));
	tag->end = end + close.n;
	tag->line_start = tag->start;
	tag->line_end = tag->end;
	if (tag->sigil && !strchr("{&", tag->sigil))
		widen(p, tag);
	return true;
}

static struct template_node *add_node(struct parser *p, enum template_kind kind)
{
	struct template_node *node = ARENA_NEW(p->arena, struct template_node);
	node->kind = kind;
	*p->tails[p->depth] = node;
	p->tails[p->depth] = &node->next;
	return node;
}

/* tag: what comes after the text, or NULL at the end. */
static void add_text(struct parser *p, struct str text, const struct tag *tag)
{
	bool inline_tag = tag && !tag->standalone;
	bool ends_line = inline_tag &&
	                 (text.n ? text.s[text.n - 1] == '\n' : p->starts_line);
	if (text.n || ends_line) {
		struct template_node *node = add_node(p, TEMPLATE_TEXT);
		node->text = text;
		node->starts_line = p->starts_line && text.n;
		node->ends_line = ends_line;
	}
	p->starts_line = tag && tag->standalone;
}

/* A name: "." or words with dots between them. */
static bool is_name(struct str s)
{
	if (str_is(s, "."))
		return true;
	for (size_t i = 0; i < s.n; i++) {
		bool edge = i == 0 || i + 1 == s.n || s.s[i - 1] == '.';
		if (strchr(" \t\r\n", s.s[i]) || (s.s[i] == '.' && edge))
			return false;
	}
	return s.n > 0;
}

static struct template_node *add_named(struct parser *p, const struct tag *tag,
                                       enum template_kind kind)
{
	struct template_node *node = add_node(p, kind);
	node->text = tag->content;
	if (!template_is_self(node))
		str_cut(tag->content, '.', &node->head, &node->rest);
	node->start = (uint32_t)tag->start;
	node->end = (uint32_t)tag->end;
	if (!tag->content.n)
		complain(p, tag, "the tag names nothing");
	else if (kind != TEMPLATE_PARTIAL && !is_name(tag->content))
		complain(p, tag,
		         "the tag does not hold a name, or names with dots "
		         "between them");
	return node;
}

static void open_section(struct parser *p, const struct tag *tag,
                         enum template_kind kind)
{
	if (p->depth == TEMPLATE_MAX_DEPTH) {
		complain(p, tag, "sections are nested more than 32 deep");
		p->at = p->text.n;
		p->depth = 0; /* one finding is enough */
		return;
	}
	struct template_node *node = add_named(p, tag, kind);
	p->sections[p->depth++] = node;
	p->tails[p->depth] = &node->first;
}

static void close_section(struct parser *p, const struct tag *tag)
{
	size_t i = p->depth;
	while (i > 0 && !str_eq(p->sections[i - 1]->text, tag->content))
		i--;
	if (i == p->depth && i > 0) {
		p->depth--;
		return;
	}
	struct diag *d = complain(p, tag,
	                          p->depth ? "the tag closes another section "
	                                     "than the one that is open"
	                                   : "the tag closes a section that "
	                                     "is not open");
	if (p->depth) {
		struct template_node *open = p->sections[p->depth - 1];
		diag_note(p->ds, d, span_of(p, open->start, open->end),
		          "the section opened here is still open");
	}
	if (i > 0)
		p->depth = i - 1;
}

static void set_delimiters(struct parser *p, const struct tag *tag)
{
	struct str open = tag->content, close;
	size_t n = 0;
	while (n < open.n && !strchr(" \t\r\n", open.s[n]))
		n++;
	close = str_trim(str_from(open, n));
	open = str_head(open, n);
	bool odd = !close.n || str_has(open, '=') || str_has(close, '=');
	for (size_t i = 0; i < close.n; i++)
		odd |= strchr(" \t\r\n", close.s[i]) != NULL;
	if (odd) {
		complain(p, tag,
		         "new delimiters are two words without '=', as in "
		         "{{=<% %>=}}");
		return;
	}
	p->open = open;
	p->close = close;
}

static void add_tag(struct parser *p, const struct tag *tag)
{
	struct template_node *node;
	switch (tag->sigil) {
	case '!':
		break;
	case '=':
		set_delimiters(p, tag);
		break;
	case '#':
		open_section(p, tag, TEMPLATE_SECTION);
		break;
	case '^':
		open_section(p, tag, TEMPLATE_INVERTED);
		break;
	case '/':
		close_section(p, tag);
		break;
	case '>':
		node = add_named(p, tag, TEMPLATE_PARTIAL);
		node->standalone = tag->standalone;
		node->indent = str_head(str_from(p->text, tag->line_start),
		                        tag->start - tag->line_start);
		break;
	default:
		node = add_named(p, tag, TEMPLATE_VARIABLE);
		node->raw = tag->sigil != '\0';
	}
}

static void parse(struct parser *p)
{
	size_t start;
	while (find_text(p->text, p->at, p->open, &start)) {
		struct tag tag;
		if (!cut_tag(p, start, &tag)) {
			complain(p, &tag, "the tag is not closed");
			return;
		}
		struct str text = str_head(str_from(p->text, p->at),
		                           tag.line_start - p->at);
		add_text(p, text, &tag);
		p->at = tag.line_end;
		add_tag(p, &tag);
	}
	add_text(p, str_from(p->text, p->at), NULL);
	while (p->depth > 0) {
		struct template_node *open = p->sections[--p->depth];
		struct tag tag = {.start = open->start, .end = open->end};
		complain(p, &tag, "the section is not closed");
	}
}

struct template *template_parse(struct arena *a, const struct source *src,
                                struct diags *ds)
{
	size_t bad;
	if (src->text.n > TEMPLATE_MAX_BYTES) {
		diag_add(ds, DIAG_INVALID_TEMPLATE, source_whole(src),
		         "the template is larger than %d bytes",
		         (int)TEMPLATE_MAX_BYTES);
		return NULL;
	}
	if (str_has(src->text, '\0')) {
		diag_add(ds, DIAG_INVALID_TEMPLATE, source_whole(src),
		         "the template has a NUL byte");
		return NULL;
	}
	if (!str_is_utf8(src->text, &bad)) {
		uint32_t at = (uint32_t)bad;
		diag_add(ds, DIAG_INVALID_TEMPLATE,
		         (struct span){src, at, at + 1},
		         "the template is not UTF-8 text here");
		return NULL;
	}
	struct template *t = ARENA_NEW(a, struct template);
	t->src = src;
	struct parser p = {
	        .arena = a,
	        .src = src,
	        .ds = ds,
	        .text = src->text,
	        .open = STR("{{"),
	        .close = STR("}}"),
	        .tails = {&t->first},
	        .starts_line = true,
	};
	parse(&p);
	return p.failed ? NULL : t;
}
