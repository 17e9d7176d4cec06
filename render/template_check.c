#include "render/template_node.h"

/* Uses of tags that one check looks at; partials can multiply them. */
enum { CHECK_MAX_STEPS = 200000 };

/* A context as far as it is known without data: a struct, or one field. */
struct scope {
	const struct fields *fields; /* NULL: not a struct */
	const struct field *self;    /* what {{.}} is; NULL for a struct */
	const struct scope *up;
};

/* A partial that is being checked, and the tag that asked for it. */
struct use {
	const struct template *t;
	const struct scope *scope;
	struct span at;
	const struct use *up;
};

struct check {
	const struct map *partials;
	struct diags *ds;
	size_t steps;
	bool failed;
};

static void check_nodes(struct check *c, const struct template_node *first,
                        const struct use *use, const struct scope *scope);

static struct span span_of(const struct use *use,
                           const struct template_node *node)
{
	return (struct span){use->t->src, node->start, node->end};
}

/* What all findings have: the place, and how the template came to be used. */
static struct diag *place(struct check *c, const struct use *use,
                          struct diag *d)
{
	c->failed = true;
	if (use->at.src)
		diag_note(c->ds, d, use->at, "the partial is used here");
	return d;
}

/* The nearest of the names seen so far. */
struct nearest {
	struct str word, best;
	size_t distance;
};

static struct nearest nearest_to(struct str word)
{
	size_t limit = word.n < 4 ? 1 : word.n < 8 ? 2 : 3;
	return (struct nearest){.word = word, .distance = limit + 1};
}

static void nearest_try(struct nearest *near, struct str name)
{
	size_t d = str_distance(near->word, name, near->distance);
	if (d < near->distance) {
		near->distance = d;
		near->best = name;
	}
}

static void nearest_try_all(struct nearest *near, const struct fields *fields)
{
	for (size_t i = 0; fields && i < fields->n; i++)
		nearest_try(near, fields->at[i].name);
}

/* Those of the struct that a field is; NULL: it is none. */
static const struct fields *fields_inside(const struct field *f)
{
	return f->kind == FIELD_IS_STRUCT || f->kind == FIELD_IS_OPT ? f->fields
	                                                             : NULL;
}

static void unknown(struct check *c, const struct use *use,
                    const struct template_node *node, const char *what,
                    const struct nearest *near)
{
	struct diag *d =
	        place(c, use,
	              diag_add(c->ds, DIAG_INVALID_TEMPLATE, span_of(use, node),
	                       "there is no %s \"%" STR_FMT "\" here", what,
	                       STR_ARG(near->word)));
	if (near->best.n)
		diag_hint(c->ds, d, "Did you mean \"%" STR_FMT "\"?",
		          STR_ARG(near->best));
}

static void misuse(struct check *c, const struct use *use,
                   const struct template_node *node, const char *problem)
{
	place(c, use,
	      diag_add(c->ds, DIAG_INVALID_TEMPLATE, span_of(use, node),
	               "\"%" STR_FMT "\" %s", STR_ARG(node->text), problem));
}

/* What a name that resolve did not find is most like. */
static struct nearest nearest_name(const struct template_node *node,
                                   const struct scope *scope)
{
	struct nearest near = nearest_to(node->head);
	const struct field *f = NULL;
	for (; scope && !f; scope = scope->up) {
		f = scope->fields ? fields_find(scope->fields, node->head)
		                  : NULL;
		nearest_try_all(&near, scope->fields);
	}
	struct str rest = node->rest, part;
	while (f && str_next(&rest, '.', &part)) {
		near = nearest_to(part);
		nearest_try_all(&near, fields_inside(f));
		f = fields_inside(f) ? fields_find(fields_inside(f), part)
		                     : NULL;
	}
	return near;
}

/* As the run's find, with the reason where there is nothing. */
static const struct field *resolve(struct check *c, const struct use *use,
                                   const struct template_node *node,
                                   const struct scope *scope)
{
	if (template_is_self(node)) {
		if (!scope->self)
			misuse(c, use, node, "is a struct here: name a field");
		return scope->self;
	}
	const struct field *f = NULL;
	for (const struct scope *at = scope; at && !f; at = at->up)
		f = at->fields ? fields_find(at->fields, node->head) : NULL;
	struct str rest = node->rest, part;
	while (f && str_next(&rest, '.', &part))
		f = fields_inside(f) ? fields_find(fields_inside(f), part)
		                     : NULL;
	if (!f) {
		struct nearest near = nearest_name(node, scope);
		unknown(c, use, node, "field", &near);
	}
	return f;
}

static bool has_fields(const struct field *f)
{
	return f->kind == FIELD_IS_LIST || f->kind == FIELD_IS_STRUCT ||
	       f->kind == FIELD_IS_OPT;
}

/* The scope of a table; as fields_value, one with a "." is not a struct. */
static struct scope scope_of(const struct fields *fields,
                             const struct scope *up)
{
	const struct field *self = fields_self(fields);
	return (struct scope){self ? NULL : fields, self, up};
}

static void check_variable(struct check *c, const struct use *use,
                           const struct template_node *node,
                           const struct scope *scope)
{
	const struct field *f = resolve(c, use, node, scope);
	if (!f)
		return;
	if (has_fields(f))
		misuse(c, use, node,
		       "is a list or a struct: use it as a section");
	else if (node->raw && f->kind != FIELD_IS_HTML)
		misuse(c, use, node,
		       "is not HTML: it is escaped always, write {{name}}");
}

static void check_section(struct check *c, const struct use *use,
                          const struct template_node *node,
                          const struct scope *scope)
{
	const struct field *f = resolve(c, use, node, scope);
	if (!f)
		return; /* what stands in it would only echo that */
	struct scope inner = has_fields(f) ? scope_of(f->fields, scope)
	                                   : (struct scope){NULL, f, scope};
	check_nodes(c, node->first, use, &inner);
}

static bool same_scope(const struct scope *a, const struct scope *b)
{
	return a->fields == b->fields && a->self == b->self;
}

static void check_partial(struct check *c, const struct use *use,
                          const struct template_node *node,
                          const struct scope *scope)
{
	const struct template *t =
	        c->partials ? map_find(c->partials, node->text) : NULL;
	if (!t) {
		struct nearest near = nearest_to(node->text);
		for (size_t i = 0; c->partials && i < c->partials->n; i++)
			nearest_try(&near, c->partials->at[i].key);
		unknown(c, use, node, "partial", &near);
		return;
	}
	/* One that uses itself (a tree of lists) is checked once a context. */
	size_t depth = 1;
	for (const struct use *u = use; u; u = u->up, depth++)
		if (u->t == t && same_scope(u->scope, scope))
			return;
	if (depth > TEMPLATE_MAX_PARTIALS + 1) {
		misuse(c, use, node, "is nested more than 16 partials deep");
		return;
	}
	struct use inner = {t, scope, span_of(use, node), use};
	check_nodes(c, t->first, &inner, scope);
}

static void check_nodes(struct check *c, const struct template_node *first,
                        const struct use *use, const struct scope *scope)
{
	for (const struct template_node *node = first; node;
	     node = node->next) {
		if (c->steps++ == CHECK_MAX_STEPS)
			misuse(c, use, node,
			       "is not checked: the partials multiply to more "
			       "than 200,000 tags");
		if (c->steps > CHECK_MAX_STEPS)
			return;
		switch (node->kind) {
		case TEMPLATE_TEXT:
			break;
		case TEMPLATE_VARIABLE:
			check_variable(c, use, node, scope);
			break;
		case TEMPLATE_SECTION:
			check_section(c, use, node, scope);
			break;
		case TEMPLATE_INVERTED:
			if (resolve(c, use, node, scope))
				check_nodes(c, node->first, use, scope);
			break;
		case TEMPLATE_PARTIAL:
			check_partial(c, use, node, scope);
			break;
		}
	}
}

bool template_check(const struct template *t, const struct map *partials,
                    const struct fields *fields, struct diags *ds)
{
	struct check c = {.partials = partials, .ds = ds};
	struct scope scope = scope_of(fields, NULL);
	struct use use = {.t = t, .scope = &scope};
	check_nodes(&c, t->first, &use, &scope);
	return !c.failed;
}
