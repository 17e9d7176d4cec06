#include "core/decode.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

enum { SHOWN = 60, LONGEST_WORD = 64 };

/* The value of one key, on its way into the struct. */
struct slot {
	struct arena *a;
	struct diags *ds;
	const struct key *key;
	const struct yaml_node *node;
	void *out; /* the member */
};

static bool decode_map(void *out, struct arena *a, const struct shape *shape,
                       const struct yaml_node *node, struct diags *ds,
                       bool has_kind);

static const char *what_is(const struct yaml_node *node)
{
	if (node->kind == YAML_MAP)
		return "a map";
	if (node->kind == YAML_LIST)
		return "a list";
	return yaml_is_null(node) ? "nothing" : "a single value";
}

/* A value whose own finding has been reported when it was parsed. */
static bool is_lost(const struct yaml_node *node)
{
	return node->kind == YAML_SCALAR && node->broken;
}

static bool wrong_type(const struct slot *s, const struct yaml_node *node,
                       const char *expected)
{
	diag_add(s->ds, DIAG_WRONG_TYPE, node->at,
	         "expected %s for \"%s\", not %s", expected, s->key->name,
	         what_is(node));
	return false;
}

static struct diag *invalid(const struct slot *s, const struct yaml_node *node,
                            enum diag_code code, const char *what)
{
	struct str shown = str_brief(s->ds->arena, node->text, SHOWN);
	return diag_add(s->ds, code, node->at, "\"%" STR_FMT "\" is not %s",
	                STR_ARG(shown), what);
}

/*
 * Words that were meant.
 */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

struct nearest {
	char word[LONGEST_WORD];
	size_t n, limit;
	const char *found;
};

static struct nearest nearest_to(struct str word)
{
	struct nearest near = {.n = word.n};
	if (word.n > LONGEST_WORD)
		return (struct nearest){0};
	for (size_t i = 0; i < word.n; i++)
		near.word[i] = lower(word.s[i]);
	near.limit = word.n < 3 ? 1 : word.n / 3;
	return near;
}

/* The slip that Levenshtein counts as two: neighbours changed places. */
static bool is_swap(struct str a, struct str b)
{
	size_t i = 0;
	while (i < a.n && i < b.n && a.s[i] == b.s[i])
		i++;
	return a.n == b.n && i + 1 < a.n && a.s[i] == b.s[i + 1] &&
	       a.s[i + 1] == b.s[i] &&
	       str_eq(str_from(a, i + 2), str_from(b, i + 2));
}

static void nearest_try(struct nearest *near, const char *name)
{
	char small[LONGEST_WORD];
	size_t n = strlen(name);
	if (!near->n || n > sizeof small)
		return;
	for (size_t i = 0; i < n; i++)
		small[i] = lower(name[i]);
	size_t limit = near->limit;
	struct str a = {near->word, near->n}, b = {small, n};
	size_t d = is_swap(a, b) ? 1 : str_distance(a, b, limit);
	if (d > limit || (near->found && d == limit))
		return;
	near->limit = d;
	near->found = name;
}

const char *decode_nearest(struct str word, const char *const *names)
{
	struct nearest near = nearest_to(word);
	for (; *names; names++)
		nearest_try(&near, *names);
	return near.found;
}

/*
 * Places in a text.
 */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The length of the escape (YAML 1.1 section 5.6) at raw[i], a backslash. */
static size_t escape_length(struct str raw, size_t i)
{
	char c = i + 1 < raw.n ? raw.s[i + 1] : 0;
	return c == 'x' ? 4 : c == 'u' ? 6 : c == 'U' ? 10 : 2;
}

static size_t character_length(struct str text, size_t i)
{
	size_t n = 1;
	while (i + n < text.n && ((unsigned char)text.s[i + n] & 0xC0) == 0x80)
		n++;
	return n;
}

/* Where text[target] stands in raw, which YAML made text from; false where the
   two do not agree. */
static bool raw_offset(struct str raw, struct str text, size_t target,
                       size_t *out)
{
	char style = raw.n ? raw.s[0] : 0;
	size_t i = style == '"' || style == '\'', j = 0;
	if (style == '|' || style == '>')
		while (i < raw.n && raw.s[i++] != '\n')
			;
	while (j < target && i < raw.n) {
		char c = raw.s[i], next = i + 1 < raw.n ? raw.s[i + 1] : 0;
		if (style == '"' && c == '\\' && is_space(next) &&
		    next != ' ' && next != '\t') {
			i += 2; /* the line goes on */
		} else if (style == '"' && c == '\\') {
			i += escape_length(raw, i);
			j += character_length(text, j);
		} else if (style == '\'' && c == '\'' && next == '\'') {
			i += 2;
			j++;
		} else if (c == text.s[j] ||
		           (text.s[j] == ' ' && (c == '\n' || c == '\r'))) {
			i++;
			j++;
		} else if (is_space(c)) {
			i++; /* indentation, or a line folded */
		} else {
			return false;
		}
	}
	*out = i;
	return j == target && i <= raw.n;
}

struct span text_span(const struct text *t, size_t start, size_t end)
{
	struct span at = t->at;
	if (!at.src || at.end > at.src->text.n || start > end || end > t->s.n)
		return at;
	struct str raw = {at.src->text.s + at.start, at.end - at.start};
	size_t from, to;
	if (!raw_offset(raw, t->s, start, &from) ||
	    !raw_offset(raw, t->s, end, &to))
		return at;
	while (start < t->s.n && !is_space(t->s.s[start]) && from < to &&
	       is_space(raw.s[from]))
		from++;
	return (struct span){at.src, at.start + (uint32_t)from,
	                     at.start + (uint32_t)to};
}

/*
 * Scalars.
 */

static bool take_text(const struct slot *s, const struct yaml_node *node,
                      struct text *out)
{
	if (is_lost(node))
		return false;
	if (node->kind != YAML_SCALAR || yaml_is_null(node))
		return wrong_type(s, node, "a text");
	if (!node->text.n && s->key->min >= 0) {
		diag_add(s->ds, DIAG_WRONG_TYPE, node->at, "\"%s\" is empty",
		         s->key->name);
		return false;
	}
	int64_t max = s->key->max;
	size_t n = max > 0 ? str_code_points(node->text) : 0;
	if (max > 0 && n > (uint64_t)max) {
		diag_add(s->ds, DIAG_INVALID_VALUE, node->at,
		         "\"%s\" has %zu characters, more than %" PRId64,
		         s->key->name, n, max);
		return false;
	}
	out->s = node->text;
	out->at = node->at;
	return true;
}

static bool take_one_text(const struct slot *s)
{
	return take_text(s, s->node, s->out);
}

/* A scalar other than null; else reported. */
static bool is_value(const struct slot *s, const char *expected)
{
	if (s->node->kind == YAML_SCALAR && !yaml_is_null(s->node))
		return true;
	return wrong_type(s, s->node, expected);
}

static bool is_integer(struct str s)
{
	s = str_from(s, s.n && s.s[0] == '-');
	for (size_t i = 0; i < s.n; i++)
		if (s.s[i] < '0' || s.s[i] > '9')
			return false;
	/* 010 is eight to YAML 1.1 and ten to people. */
	return s.n == 1 || (s.n && s.s[0] != '0');
}

static bool take_number(const struct slot *s)
{
	const struct yaml_node *node = s->node;
	const struct key *key = s->key;
	struct number *out = s->out;
	int64_t n;
	if (!is_value(s, "a number"))
		return false;
	if (!node->plain || !is_integer(node->text)) {
		invalid(s, node, DIAG_WRONG_TYPE,
		        node->plain ? "a whole number in decimal digits"
		                    : "a number: leave the quotes out");
		return false;
	}
	bool small = str_int(node->text, &n);
	if (!small || n < key->min || n > key->max) {
		struct str what = str_format(
		        s->ds->arena,
		        key->max == INT64_MAX ? "in range: %" PRId64 " or more"
		                              : "in range: %" PRId64
		                                " to %" PRId64,
		        key->min, key->max);
		invalid(s, node, DIAG_INVALID_VALUE, what.s);
		return false;
	}
	*out = (struct number){n, node->at};
	return true;
}

static bool take_flag(const struct slot *s)
{
	const struct yaml_node *node = s->node;
	struct flag *out = s->out;
	if (!is_value(s, "true or false"))
		return false;
	bool on = str_is(node->text, "true");
	if (!node->plain || (!on && !str_is(node->text, "false"))) {
		invalid(s, node, DIAG_WRONG_TYPE,
		        node->plain ? "true or false"
		                    : "true or false: leave the quotes out");
		return false;
	}
	*out = (struct flag){on, node->at};
	return true;
}

static bool take_moment(const struct slot *s)
{
	struct moment *out = s->out;
	bool instant = s->key->type == KEY_IS_MOMENT;
	int64_t t;
	if (!is_value(s, instant ? "an instant" : "a duration"))
		return false;
	if (instant ? !when_parse(s->node->text, &t)
	            : !when_parse_duration(s->node->text, &t)) {
		invalid(s, s->node, DIAG_INVALID_VALUE,
		        instant ? "an instant such as 2026-11-20T08:00:00Z"
		                : "a duration such as 30s, 15m, 2h or 7d");
		return false;
	}
	*out = (struct moment){t, s->node->at};
	return true;
}

static const char *one_of(struct arena *a, const char *const *names)
{
	struct buf b = buf_new(a, 1024);
	for (size_t i = 0; names[i]; i++)
		buf_format(&b, "%s%s", i ? ", " : "one of ", names[i]);
	return str_cstr(a, buf_str(&b));
}

static bool take_choice(const struct slot *s)
{
	const struct yaml_node *node = s->node;
	const char *const *names = s->key->names;
	struct choice *out = s->out;
	bool value = node->kind == YAML_SCALAR && !yaml_is_null(node);
	for (int i = 0; value && names[i]; i++)
		if (str_is(node->text, names[i])) {
			*out = (struct choice){i, node->at};
			return true;
		}
	const char *expected = one_of(s->ds->arena, names);
	if (!value)
		return wrong_type(s, node, expected);
	struct diag *d = invalid(s, node, DIAG_INVALID_VALUE, expected);
	const char *near = decode_nearest(node->text, names);
	if (near)
		diag_hint(s->ds, d, "Did you mean \"%s\"?", near);
	return false;
}

/*
 * Lists and maps.
 */

static bool is_list(const struct slot *s)
{
	if (s->node->kind == YAML_LIST)
		return true;
	wrong_type(s, s->node, "a list");
	return false;
}

static bool take_texts(const struct slot *s)
{
	struct texts *out = s->out;
	bool good = true;
	if (!is_list(s))
		return false;
	out->span = s->node->at;
	out->at = arena_array(s->a, s->node->n, sizeof *out->at);
	yaml_each (item, s->node) {
		if (take_text(s, item, &out->at[out->n]))
			out->n++;
		else
			good = false;
	}
	return good;
}

static bool take_structs(const struct slot *s)
{
	struct list *out = s->out;
	size_t size = s->key->shape->size;
	bool good = true;
	if (!is_list(s))
		return false;
	out->span = s->node->at;
	out->at = arena_array(s->a, s->node->n, size);
	yaml_each (item, s->node) {
		char *to = (char *)out->at + out->n++ * size;
		good &= decode_map(to, s->a, s->key->shape, item, s->ds, false);
	}
	return good;
}

static bool take_struct(const struct slot *s)
{
	return decode_map(s->out, s->a, s->key->shape, s->node, s->ds, false);
}

static bool take_raw(const struct slot *s)
{
	struct raw *out = s->out;
	out->node = s->node;
	return true;
}

static bool (*const takers[])(const struct slot *) = {
        [KEY_IS_TEXT] = take_one_text,   [KEY_IS_NUMBER] = take_number,
        [KEY_IS_FLAG] = take_flag,       [KEY_IS_MOMENT] = take_moment,
        [KEY_IS_DURATION] = take_moment, [KEY_IS_CHOICE] = take_choice,
        [KEY_IS_TEXTS] = take_texts,     [KEY_IS_STRUCT] = take_struct,
        [KEY_IS_STRUCTS] = take_structs, [KEY_IS_RAW] = take_raw,
};

/*
 * Keys.
 */

static bool is_name(const char *name, struct str s)
{
	return !strncmp(name, s.s, s.n) && !name[s.n];
}

/* People write keys in the order of the reference page: look from the one
   behind the last. */
static const struct key *find_key(const struct shape *shape, struct str name,
                                  size_t from)
{
	for (size_t i = 0; i < shape->nkeys; i++) {
		size_t at = from + i;
		if (at >= shape->nkeys)
			at -= shape->nkeys;
		if (is_name(shape->keys[at].name, name))
			return &shape->keys[at];
	}
	return NULL;
}

static void report_unknown(const struct shape *shape,
                           const struct yaml_node *key, struct diags *ds)
{
	struct buf known = buf_new(ds->arena, 1024);
	struct nearest near = nearest_to(key->text);
	for (size_t i = 0; i < shape->nkeys; i++) {
		buf_format(&known, "%s%s", i ? ", " : "", shape->keys[i].name);
		nearest_try(&near, shape->keys[i].name);
	}
	struct str shown = str_brief(ds->arena, key->text, SHOWN),
	           meant = {"", 0};
	if (near.found)
		meant = str_format(ds->arena, "; did you mean \"%s\"?",
		                   near.found);
	struct diag *d = diag_add(ds, DIAG_UNKNOWN_KEY, key->at,
	                          "unknown key \"%" STR_FMT "\"%" STR_FMT,
	                          STR_ARG(shown), STR_ARG(meant));
	diag_hint(ds, d, "Keys here (%s): %" STR_FMT ".", shape->what,
	          STR_ARG(buf_str(&known)));
}

static bool report_missing(const struct shape *shape, uint64_t seen,
                           const struct yaml_node *node, struct diags *ds)
{
	bool good = true;
	for (size_t i = 0; i < shape->nkeys; i++) {
		const struct key *key = &shape->keys[i];
		if (key->need != REQUIRED || seen >> i & 1)
			continue;
		struct diag *d = diag_add(ds, DIAG_MISSING_KEY, node->at,
		                          "missing key \"%s\" (%s)", key->name,
		                          shape->what);
		if (key->about)
			diag_hint(ds, d, "Add \"%s\": %s.", key->name,
			          key->about);
		good = false;
	}
	return good;
}

static bool take(const struct slot *s)
{
	if (is_lost(s->node))
		return false;
	if (s->key->nullable && yaml_is_null(s->node))
		return true;
	return takers[s->key->type](s);
}

static bool decode_pairs(void *out, struct arena *a, const struct shape *shape,
                         const struct yaml_node *node, struct diags *ds,
                         bool has_kind)
{
	uint64_t seen = 0;
	bool good = true;
	size_t next = 0;
	assert(shape->nkeys <= 64);
	yaml_each_pair (name, node) {
		const struct key *key = find_key(shape, name->text, next);
		if (!key) {
			if (has_kind && str_is(name->text, "kind"))
				continue;
			report_unknown(shape, name, ds);
			good = false;
			continue;
		}
		size_t i = (size_t)(key - shape->keys);
		seen |= (uint64_t)1 << i;
		next = i + 1;
		struct slot slot = {a, ds, key, name->next,
		                    (char *)out + key->offset};
		good &= take(&slot);
	}
	return report_missing(shape, seen, node, ds) && good;
}

static bool decode_map(void *out, struct arena *a, const struct shape *shape,
                       const struct yaml_node *node, struct diags *ds,
                       bool has_kind)
{
	if (is_lost(node))
		return false;
	if (node->kind == YAML_MAP)
		return decode_pairs(out, a, shape, node, ds, has_kind);
	if (shape->scalar && node->kind == YAML_SCALAR && !yaml_is_null(node) &&
	    shape->scalar(out, node))
		return true;
	diag_add(ds, DIAG_WRONG_TYPE, node->at, "expected a map (%s), not %s",
	         shape->what, what_is(node));
	return false;
}

bool decode(void *out, struct arena *a, const struct shape *shape,
            const struct yaml_node *node, struct diags *ds)
{
	return decode_map(out, a, shape, node, ds, true) && !node->broken;
}
