#include "core/yaml.h"

#include "core/encoding.h"
#include "core/map.h"
#include "core/yaml_problem.h"

#include <string.h>
#include <yaml.h>

enum { FEW_PAIRS = 16, MAX_DIRECTIVES = 8, SHOWN = 60 };

/* A value that an alias may stand for. */
struct anchor {
	struct anchor *next;
	struct str name;
	struct yaml_node *node;
	unsigned height; /* collections in it, one inside the other */
	bool open;       /* still being read */
};

/* A map or list that is being read. */
struct frame {
	struct yaml_node *node;
	struct yaml_node *last; /* child */
	struct yaml_node *key;  /* of a map: waits for its value */
	bool drop;              /* the pair of that key */
	bool flow;
	unsigned height; /* of what is in it, as in struct anchor */
	struct anchor *anchor;
	struct map keys; /* once there are more than FEW_PAIRS */
};

struct reader {
	struct arena *a;
	const struct source *src;
	struct diags *ds;
	struct str text; /* without the byte order mark */
	uint32_t base;   /* where that starts in the source */
	bool ascii;
	size_t characters, bytes; /* so many characters before that byte */
	struct frame *frames;     /* YAML_MAX_DEPTH of them */
	unsigned depth;
	struct anchor *anchors; /* of the document, newest first */
	unsigned aliases;       /* of the file */
	uint32_t nodes;         /* of the document, aliases expanded */
	struct yaml_node *root;
	struct yaml_document *first, *last;
	bool stopped; /* nothing more can be read */
};

/*
 * Places. Offsets here are into the text without its byte order mark.
 */

static struct span span_of(const struct reader *r, uint32_t start, uint32_t end)
{
	return (struct span){r->src, r->base + start, r->base + end};
}

static bool continues(const struct reader *r, size_t i)
{
	return i < r->text.n && ((unsigned char)r->text.s[i] & 0xC0) == 0x80;
}

/* libyaml counts characters. Its marks come in nearly ascending order, so that
   the walk from the one before is short. */
static uint32_t byte_of(struct reader *r, const yaml_mark_t *mark)
{
	size_t n = r->text.n;
	if (r->ascii)
		return (uint32_t)(mark->index < n ? mark->index : n);
	while (r->characters < mark->index && r->bytes < n) {
		r->characters++;
		do
			r->bytes++;
		while (continues(r, r->bytes));
	}
	while (r->characters > mark->index) {
		r->characters--;
		do
			r->bytes--;
		while (continues(r, r->bytes));
	}
	return (uint32_t)r->bytes;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Back over white space. */
static uint32_t trim_end(const struct reader *r, uint32_t start, uint32_t end)
{
	while (end > start && is_blank(r->text.s[end - 1]))
		end--;
	return end;
}

/* The character at a place; nothing at the end of a line. */
static struct span character_at(const struct reader *r, uint32_t at)
{
	uint32_t end = at;
	if (at < r->text.n && r->text.s[at] != '\n' && r->text.s[at] != '\r')
		do
			end++;
		while (continues(r, end));
	return span_of(r, at, end);
}

/*
 * Caps.
 */

static bool count_nodes(struct reader *r, struct span at, uint32_t n)
{
	if (n <= YAML_MAX_NODES - r->nodes) {
		r->nodes += n;
		return true;
	}
	diag_add(r->ds, DIAG_TOO_MANY_NODES, at,
	         "the document has more than %d values%s", YAML_MAX_NODES,
	         n > 1 ? " once its aliases are expanded" : "");
	r->stopped = true;
	return false;
}

static bool check_depth(struct reader *r, struct span at, unsigned height)
{
	if (r->depth + height <= YAML_MAX_DEPTH)
		return true;
	diag_add(r->ds, DIAG_TOO_DEEP, at,
	         "this is nested more than %d levels deep", YAML_MAX_DEPTH);
	r->stopped = true;
	return false;
}

/* libyaml compares every %TAG with all others: 20,000 of them fit into a file
   and take it a second. */
static bool check_directives(struct reader *r)
{
	if (!str_has(r->text, '%'))
		return true;
	struct str rest = r->text, line;
	unsigned n = 0;
	while (str_next(&rest, '\n', &line)) {
		n += str_starts(line, STR("%"));
		if (n <= MAX_DIRECTIVES)
			continue;
		diag_add(r->ds, DIAG_SYNTAX_ERROR,
		         character_at(r, (uint32_t)(line.s - r->text.s)),
		         "the file has more than %d directives",
		         MAX_DIRECTIVES);
		return false;
	}
	return true;
}

/*
 * The tree.
 */

static struct yaml_node *new_node(struct reader *r, enum yaml_kind kind,
                                  struct span at)
{
	if (!count_nodes(r, at, 1))
		return NULL;
	struct yaml_node *node = ARENA_NEW(r->a, struct yaml_node);
	node->kind = kind;
	node->at = at;
	node->size = 1;
	return node;
}

static struct yaml_node *same_key(const struct frame *f, struct str key)
{
	if (f->node->n > FEW_PAIRS)
		return map_find(&f->keys, key);
	yaml_each_pair (k, f->node) {
		if (k->text.n == key.n && str_eq(k->text, key))
			return k;
	}
	return NULL;
}

static bool check_text_key(struct reader *r, const struct yaml_node *key)
{
	if (key->kind == YAML_SCALAR && !yaml_is_null(key))
		return true;
	const char *what = key->kind == YAML_MAP    ? "a map"
	                   : key->kind == YAML_LIST ? "a list"
	                                            : "nothing";
	struct diag *d = diag_add(r->ds, DIAG_INVALID_KEY, key->at,
	                          "a key has to be text, not %s", what);
	if (key->kind != YAML_SCALAR)
		diag_hint(r->ds, d,
		          "Put a value that starts with { or [ in quotes.");
	return false;
}

static bool check_key(struct reader *r, const struct frame *f,
                      const struct yaml_node *key)
{
	if (key->kind == YAML_SCALAR && key->broken)
		return false;
	if (!check_text_key(r, key))
		return false;
	if (key->plain && str_is(key->text, "<<")) {
		struct diag *d = diag_add(r->ds, DIAG_TAG_NOT_ALLOWED, key->at,
		                          "merge keys (<<) are not used here");
		diag_hint(r->ds, d, "Write the keys out.");
		return false;
	}
	const struct yaml_node *first = same_key(f, key->text);
	if (!first)
		return true;
	struct str shown = str_brief(r->a, key->text, SHOWN);
	struct diag *d = diag_add(r->ds, DIAG_DUPLICATE_KEY, key->at,
	                          "the key \"%" STR_FMT "\" stands twice",
	                          STR_ARG(shown));
	diag_note(r->ds, d, first->at, "it stands here first");
	return false;
}

static void append(struct frame *f, struct yaml_node *child)
{
	if (f->last)
		f->last->next = child;
	else
		f->node->first = child;
	f->last = child;
	f->node->size += child->size;
}

static void append_pair(struct frame *f, struct yaml_node *value)
{
	struct yaml_node *key = f->key;
	append(f, key);
	append(f, value);
	f->node->n++;
	if (f->node->n == FEW_PAIRS + 1) {
		yaml_each_pair (k, f->node) {
			map_put(&f->keys, k->text, k);
		}
	} else if (f->node->n > FEW_PAIRS) {
		map_put(&f->keys, key->text, key);
	}
}

/* Put a finished value where it belongs. */
static void add_child(struct reader *r, struct yaml_node *node, unsigned height)
{
	if (!r->depth) {
		r->root = node;
		return;
	}
	struct frame *f = &r->frames[r->depth - 1];
	struct yaml_node *parent = f->node;
	if (height > f->height)
		f->height = height;
	if (node->at.end > parent->at.end)
		parent->at.end = node->at.end;
	parent->broken |= node->broken;
	if (parent->kind == YAML_LIST) {
		append(f, node);
		parent->n++;
	} else if (!f->key) {
		f->key = node;
		f->drop = !check_key(r, f, node);
		parent->broken |= f->drop;
	} else {
		if (!f->drop)
			append_pair(f, node);
		f->key = NULL;
	}
}

/*
 * Anchors, tags and aliases.
 */

static struct anchor *add_anchor(struct reader *r, const yaml_char_t *name,
                                 struct yaml_node *node)
{
	if (!name)
		return NULL;
	struct anchor *anchor = ARENA_NEW(r->a, struct anchor);
	anchor->name = str_copy(r->a, str_of((const char *)name));
	anchor->node = node;
	anchor->next = r->anchors;
	r->anchors = anchor;
	return anchor;
}

static uint32_t skip_blank(const struct reader *r, uint32_t at, uint32_t end)
{
	while (at < end && (is_blank(r->text.s[at]) || r->text.s[at] == '#'))
		if (r->text.s[at] == '#')
			while (at < end && r->text.s[at] != '\n')
				at++;
		else
			at++;
	return at;
}

/*
 * A value's mark is that of its anchor and tag: the place behind them, at most
 * `most` of them. Tags are reported. A value itself never starts with & or !,
 * but the first key of a block map may have an anchor of its own.
 */
static uint32_t skip_properties(struct reader *r, uint32_t at, uint32_t end,
                                int most, bool *tagged)
{
	const char *s = r->text.s;
	while (most-- > 0 && at < end && (s[at] == '&' || s[at] == '!')) {
		uint32_t start = at;
		while (at < end && !is_blank(s[at]))
			at++;
		if (s[start] == '!') {
			struct str tag = {s + start, at - start};
			tag = str_brief(r->a, tag, SHOWN);
			diag_add(r->ds, DIAG_TAG_NOT_ALLOWED,
			         span_of(r, start, at),
			         "the tag %" STR_FMT " is not used here",
			         STR_ARG(tag));
			*tagged = true;
		}
		at = skip_blank(r, at, end);
	}
	return at;
}

/* Stands where an alias has no value, so that nothing else is reported. */
static void add_broken(struct reader *r, struct span at)
{
	struct yaml_node *node = new_node(r, YAML_SCALAR, at);
	if (!node)
		return;
	node->broken = true;
	node->text = STR("");
	add_child(r, node, 0);
}

static const struct anchor *find_anchor(const struct reader *r, struct str name)
{
	const struct anchor *anchor = r->anchors;
	while (anchor && !str_eq(anchor->name, name))
		anchor = anchor->next;
	return anchor;
}

static void read_alias(struct reader *r, const yaml_event_t *e)
{
	struct str name = str_of((const char *)e->data.alias.anchor);
	uint32_t start = byte_of(r, &e->start_mark);
	struct span at = span_of(r, start, byte_of(r, &e->end_mark));
	if (++r->aliases > YAML_MAX_ALIASES) {
		diag_add(r->ds, DIAG_TOO_MANY_ALIASES, at,
		         "the file uses more than %d aliases",
		         YAML_MAX_ALIASES);
		r->stopped = true;
		return;
	}
	const struct anchor *anchor = find_anchor(r, name);
	if (!anchor || anchor->open) {
		struct str shown = str_brief(r->a, name, SHOWN);
		diag_add(r->ds, DIAG_SYNTAX_ERROR, at,
		         anchor ? "the alias *%" STR_FMT
		                  " stands inside the value that it repeats"
		                : "no anchor &%" STR_FMT
		                  " stands before this alias",
		         STR_ARG(shown));
		add_broken(r, at);
		return;
	}
	if (!check_depth(r, at, anchor->height) ||
	    !count_nodes(r, at, anchor->node->size))
		return;
	struct yaml_node *node = ARENA_NEW(r->a, struct yaml_node);
	*node = *anchor->node;
	node->next = NULL;
	node->at = at;
	add_child(r, node, anchor->height);
}

/*
 * Values.
 */

/* A piece of the source if the value stands there as it is, else a copy. */
static struct str text_of(const struct reader *r, struct str value,
                          uint32_t start, uint32_t end, bool quoted)
{
	struct str raw = {r->text.s + start, end - start};
	if (quoted && raw.n >= 2)
		raw = (struct str){raw.s + 1, raw.n - 2};
	return str_eq(raw, value) ? raw : str_copy(r->a, value);
}

static void read_scalar(struct reader *r, const yaml_event_t *e)
{
	yaml_scalar_style_t style = e->data.scalar.style;
	struct str value = {(const char *)e->data.scalar.value,
	                    e->data.scalar.length};
	uint32_t start = byte_of(r, &e->start_mark);
	uint32_t end = byte_of(r, &e->end_mark);
	bool tagged = false,
	     quoted = style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
	              style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
	start = skip_properties(r, start, end, 2, &tagged);
	if (!quoted)
		end = trim_end(r, start, end);
	if (start == end) /* nothing: right behind what comes before it */
		start = end = trim_end(r, 0, end);
	struct yaml_node *node =
	        new_node(r, YAML_SCALAR, span_of(r, start, end));
	if (!node)
		return;
	node->plain = style == YAML_PLAIN_SCALAR_STYLE;
	node->text = text_of(r, value, start, end, quoted);
	node->broken = tagged;
	if (style == YAML_DOUBLE_QUOTED_SCALAR_STYLE && str_has(value, '\0')) {
		diag_add(r->ds, DIAG_INVALID_ENCODING, node->at,
		         "the text has a NUL");
		node->broken = true;
		node->text = STR("");
	}
	add_anchor(r, e->data.scalar.anchor, node);
	add_child(r, node, 0);
}

static void open_collection(struct reader *r, const yaml_event_t *e,
                            enum yaml_kind kind, bool flow)
{
	/* Both members begin with anchor and tag, but they are two types. */
	bool map = kind == YAML_MAP;
	const yaml_char_t *name = map ? e->data.mapping_start.anchor
	                              : e->data.sequence_start.anchor;
	const yaml_char_t *tag =
	        map ? e->data.mapping_start.tag : e->data.sequence_start.tag;
	bool tagged = false;
	uint32_t start = byte_of(r, &e->start_mark);
	start = skip_properties(r, start, (uint32_t)r->text.n, !!name + !!tag,
	                        &tagged);
	if (!check_depth(r, character_at(r, start), 1))
		return;
	struct yaml_node *node = new_node(r, kind, character_at(r, start));
	if (!node)
		return;
	node->broken = tagged;
	r->frames[r->depth++] = (struct frame){
	        .node = node,
	        .flow = flow,
	        .anchor = add_anchor(r, name, node),
	        .keys = map_new(r->a),
	};
	if (name)
		r->anchors->open = true;
}

static void close_collection(struct reader *r, const yaml_event_t *e)
{
	struct frame *f = &r->frames[--r->depth];
	/* A lone pair in a list, [a: b], is a flow map without braces. */
	if (f->flow && e->end_mark.index > e->start_mark.index)
		f->node->at.end = r->base + byte_of(r, &e->end_mark);
	if (f->anchor) {
		f->anchor->open = false;
		f->anchor->height = f->height + 1;
	}
	add_child(r, f->node, f->height + 1);
}

static void open_document(struct reader *r)
{
	r->anchors = NULL;
	r->nodes = 0;
	r->root = NULL;
}

static void close_document(struct reader *r)
{
	struct yaml_document *doc = ARENA_NEW(r->a, struct yaml_document);
	doc->root = r->root;
	if (r->last)
		r->last->next = doc;
	else
		r->first = doc;
	r->last = doc;
}

static void read_event(struct reader *r, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		open_document(r);
		break;
	case YAML_DOCUMENT_END_EVENT:
		close_document(r);
		break;
	case YAML_ALIAS_EVENT:
		read_alias(r, e);
		break;
	case YAML_SCALAR_EVENT:
		read_scalar(r, e);
		break;
	case YAML_SEQUENCE_START_EVENT:
		open_collection(r, e, YAML_LIST,
		                e->data.sequence_start.style ==
		                        YAML_FLOW_SEQUENCE_STYLE);
		break;
	case YAML_MAPPING_START_EVENT:
		open_collection(r, e, YAML_MAP,
		                e->data.mapping_start.style ==
		                        YAML_FLOW_MAPPING_STYLE);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		close_collection(r, e);
		break;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
		break;
	case YAML_STREAM_END_EVENT:
		r->stopped = true;
		break;
	}
}

/*
 * Syntax errors.
 */

static struct diag *add_problem(struct reader *r, const yaml_parser_t *p,
                                const struct yaml_problem *known,
                                struct span at)
{
	const char *problem = p->problem ? p->problem : "not YAML";
	struct str c = {r->src->text.s + at.start, at.end - at.start};
	if (known)
		return diag_add(r->ds, DIAG_SYNTAX_ERROR, at, "%s",
		                known->message);
	if (!str_is(STR("found character that cannot start any token"),
	            problem))
		return diag_add(r->ds, DIAG_SYNTAX_ERROR, at, "%s%s%s", problem,
		                p->context ? " " : "",
		                p->context ? p->context : "");
	if (str_is(c, "\t"))
		return diag_add(r->ds, DIAG_SYNTAX_ERROR, at,
		                "a tab stands in the indentation");
	return diag_add(r->ds, DIAG_SYNTAX_ERROR, at,
	                "a value cannot start with \"%" STR_FMT
	                "\": put it in quotes",
	                STR_ARG(c));
}

static void report_problem(struct reader *r, const yaml_parser_t *p)
{
	if (p->error == YAML_MEMORY_ERROR)
		out_of_memory();
	const struct yaml_problem *known = yaml_problem_find(p->problem);
	const char *context = yaml_context_find(p->context);
	bool at_context = known && known->at_context && p->context;
	uint32_t at =
	        byte_of(r, at_context ? &p->context_mark : &p->problem_mark);
	if (at == r->text.n)
		at = trim_end(r, 0, at);
	struct diag *d = add_problem(r, p, known, character_at(r, at));
	if (context)
		diag_note(r->ds, d,
		          character_at(r, byte_of(r, &p->context_mark)), "%s",
		          context);
}

static void read_events(struct reader *r)
{
	yaml_parser_t p;
	if (!yaml_parser_initialize(&p))
		out_of_memory();
	yaml_parser_set_encoding(&p, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&p, (const yaml_char_t *)r->text.s,
	                             r->text.n);
	while (!r->stopped) {
		yaml_event_t event;
		if (!yaml_parser_parse(&p, &event)) {
			report_problem(r, &p);
			break;
		}
		read_event(r, &event);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&p);
}

struct yaml_document *yaml_parse(struct arena *a, const struct source *src,
                                 struct diags *ds)
{
	if (src->text.n > SOURCE_MAX_BYTES) {
		diag_add(ds, DIAG_FILE_TOO_LARGE, (struct span){src, 0, 0},
		         "the file has %zu bytes; at most %d are read",
		         src->text.n, SOURCE_MAX_BYTES);
		return NULL;
	}
	struct frame frames[YAML_MAX_DEPTH]; /* cleared as they are opened */
	struct reader r = {.a = a, .src = src, .ds = ds, .frames = frames};
	if (!encoding_check(src, &r.text, &r.ascii, ds))
		return NULL;
	r.base = (uint32_t)(src->text.n - r.text.n);
	if (!check_directives(&r))
		return NULL;
	size_t before = ds->errors;
	if (r.text.n)
		read_events(&r);
	if (!r.first && ds->errors == before)
		diag_add(ds, DIAG_EMPTY_FILE, source_whole(src),
		         "the file holds no document");
	return r.first;
}

struct yaml_node *yaml_find(const struct yaml_node *map, const char *key,
                            struct span *key_at)
{
	if (map->kind != YAML_MAP)
		return NULL;
	yaml_each_pair (k, map) {
		if (!str_is(k->text, key))
			continue;
		if (key_at)
			*key_at = k->at;
		return k->next;
	}
	return NULL;
}

bool yaml_is_null(const struct yaml_node *node)
{
	static const char *const words[] = {"", "~", "null", "Null", "NULL"};
	if (node->kind != YAML_SCALAR || !node->plain || node->text.n > 4)
		return false;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_is(node->text, words[i]))
			return true;
	return false;
}
