#include "render/template_node.h"

/* A context and the ones around it; an indentation likewise. */
struct frame {
	struct value value;
	const struct frame *up;
};
struct indent {
	struct str text;
	const struct indent *up;
};

struct run {
	struct buf *out;
	const struct map *partials;
	const struct indent *indent;
	unsigned depth; /* of partials */
	size_t steps;
	bool stopped;
};

static void run_nodes(struct run *run, const struct template_node *first,
                      const struct frame *frame);

static bool step(struct run *run)
{
	if (++run->steps > TEMPLATE_MAX_STEPS || run->out->full)
		run->stopped = true;
	return !run->stopped;
}

/* The first part of a name is looked for outwards, the others only in it. */
static bool find(struct value *out, const struct frame *frame,
                 const struct template_node *node)
{
	struct value v = frame->value;
	if (template_is_self(node)) {
		*out = v;
		return true;
	}
	for (;; frame = frame->up) {
		if (!frame)
			return false;
		v = frame->value;
		if (v.type->member(&v, v, node->head))
			break;
	}
	struct str rest = node->rest, part;
	while (str_next(&rest, '.', &part))
		if (!v.type->member(&v, v, part))
			return false;
	*out = v;
	return true;
}

static void add_indent(struct buf *out, const struct indent *indent)
{
	if (!indent)
		return;
	add_indent(out, indent->up);
	buf_add(out, indent->text);
}

static void run_text(struct run *run, const struct template_node *node)
{
	if (!run->indent) {
		buf_add(run->out, node->text);
		return;
	}
	struct str rest = node->text, line;
	bool starts_line = node->starts_line;
	while (rest.n) {
		bool ended = str_cut(rest, '\n', &line, &rest);
		if (starts_line && line.n && !str_is(line, "\r"))
			add_indent(run->out, run->indent);
		buf_add(run->out, line);
		if (ended)
			buf_add_char(run->out, '\n');
		starts_line = true;
	}
	if (node->ends_line)
		add_indent(run->out, run->indent);
}

static void run_variable(struct run *run, const struct template_node *node,
                         const struct frame *frame)
{
	struct value v;
	if (find(&v, frame, node))
		v.type->print(run->out, v, node->raw);
}

static void run_section(struct run *run, const struct template_node *node,
                        const struct frame *frame)
{
	struct value v;
	if (!find(&v, frame, node))
		return;
	size_t n;
	if (!v.type->length(v, &n)) {
		if (v.type->truth(v))
			run_nodes(run, node->first, &(struct frame){v, frame});
		return;
	}
	for (size_t i = 0; i < n && step(run); i++) {
		struct frame inner = {v.type->item(v, i), frame};
		run_nodes(run, node->first, &inner);
	}
}

static void run_inverted(struct run *run, const struct template_node *node,
                         const struct frame *frame)
{
	struct value v;
	size_t n;
	bool shown = find(&v, frame, node) &&
	             (v.type->length(v, &n) ? n > 0 : v.type->truth(v));
	if (!shown)
		run_nodes(run, node->first, frame);
}

static void run_partial(struct run *run, const struct template_node *node,
                        const struct frame *frame)
{
	const struct template *t =
	        run->partials ? map_find(run->partials, node->text) : NULL;
	if (!t)
		return;
	if (run->depth == TEMPLATE_MAX_PARTIALS) {
		run->stopped = true;
		return;
	}
	const struct indent *outer = run->indent;
	struct indent inner = {node->indent, outer};
	if (!node->standalone)
		run->indent = NULL;
	else if (node->indent.n)
		run->indent = &inner;
	run->depth++;
	run_nodes(run, t->first, frame);
	run->depth--;
	run->indent = outer;
}

static void run_nodes(struct run *run, const struct template_node *first,
                      const struct frame *frame)
{
	for (const struct template_node *node = first; node && step(run);
	     node = node->next) {
		switch (node->kind) {
		case TEMPLATE_TEXT:
			run_text(run, node);
			break;
		case TEMPLATE_VARIABLE:
			run_variable(run, node, frame);
			break;
		case TEMPLATE_SECTION:
			run_section(run, node, frame);
			break;
		case TEMPLATE_INVERTED:
			run_inverted(run, node, frame);
			break;
		case TEMPLATE_PARTIAL:
			run_partial(run, node, frame);
			break;
		}
	}
}

bool template_run(struct buf *out, const struct template *t,
                  const struct map *partials, struct value context)
{
	struct run run = {.out = out, .partials = partials};
	run_nodes(&run, t->first, &(struct frame){.value = context});
	return !run.stopped && !out->full;
}
