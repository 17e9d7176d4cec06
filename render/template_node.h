/*
 * template_node: a template as it was read; private to render/template*.c.
 */
#ifndef RENDER_TEMPLATE_NODE_H
#define RENDER_TEMPLATE_NODE_H

#include "render/template.h"

enum template_kind {
	TEMPLATE_TEXT,
	TEMPLATE_VARIABLE,
	TEMPLATE_SECTION,
	TEMPLATE_INVERTED,
	TEMPLATE_PARTIAL,
};

struct template_node {
	enum template_kind kind;
	struct template_node *next;
	struct template_node *first; /* of a section: what stands in it */

	struct str text; /* the text, or the whole name */
	struct str head; /* the name up to its first dot */
	struct str rest; /* the name after it */

	/*
	 * For the indentation of partials. A text starts a line of its file,
	 * and/or it ends where a line starts that goes on with a tag.
	 */
	bool starts_line, ends_line;
	bool standalone;   /* a partial alone on its line, ... */
	struct str indent; /* ... with this before it */

	bool raw;            /* a variable in three braces or with & */
	uint32_t start, end; /* the tag in the source */
};

struct template
{
	const struct source *src;
	struct template_node *first;
};

static inline bool template_is_self(const struct template_node *node)
{
	return node->text.n == 1 && node->text.s[0] == '.';
}

#endif
