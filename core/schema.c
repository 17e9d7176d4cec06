#include "core/schema.h"

#include "core/intent.h"
#include "core/json.h"
#include "core/kind.h"
#include "core/policy.h"

/* RFC 3339 section 5.6, as when_parse reads it. */
#define FORM_MOMENT                                          \
	"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])" \
	"[Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)" \
	"([.][0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
#define FORM_DURATION "^[0-9]+[smhd]$"
#define FORM_SPAN "^0*[1-9][0-9]*[smhd]$" /* longer than nothing */

const char *const schema_draft_names[] = {"07", "2020-12", NULL};

/* By enum schema_draft. */
static const struct {
	const char *address, *definitions;
} drafts[] = {
        {"http://json-schema.org/draft-07/schema#", "definitions"},
        {"https://json-schema.org/draft/2020-12/schema", "$defs"},
};

/* --- values -------------------------------------------------------------- */

static void put_shape(struct jw *j, const struct shape *shape);

static void put_text(struct jw *j, const char *key, const char *value)
{
	jw_put_str(j, key, str_of(value));
}

static void put_names(struct jw *j, const char *key, const char *const *names)
{
	jw_key(j, key);
	jw_open(j, '[');
	for (; *names; names++)
		jw_str(j, str_of(*names));
	jw_close(j);
}

/* What is written without quotes may be a number or a boolean to others. */
static void put_scalar_type(struct jw *j, bool nullable)
{
	static const char *const types[] = {"string", "number", "boolean",
	                                    "null", NULL};
	static const char *const not_null[] = {"string", "number", "boolean",
	                                       NULL};
	put_names(j, "type", nullable ? types : not_null);
}

static void write_word(struct jw *j)
{
	jw_open(j, '{');
	put_scalar_type(j, false);
	jw_close(j);
}

static void write_shape(struct jw *j, const struct shape *shape)
{
	jw_open(j, '{');
	put_shape(j, shape);
	jw_close(j);
}

/* The members of the schema of a text, or of an item of texts. */
static void put_words_of_text(struct jw *j, const struct key *key)
{
	if (key->names) {
		put_names(j, "enum", key->names);
		return;
	}
	put_scalar_type(j, key->nullable);
	if (key->min >= 0)
		jw_put_int(j, "minLength", 1);
	if (key->max > 0)
		jw_put_int(j, "maxLength", key->max);
	if (key->form)
		put_text(j, "pattern", key->form);
}

static void put_list(struct jw *j, const struct key *key)
{
	put_text(j, "type", "array");
	if (key->least)
		jw_put_int(j, "minItems", key->least);
	if (key->most)
		jw_put_int(j, "maxItems", key->most);
	jw_key(j, "items");
	if (key->type == KEY_IS_STRUCTS) {
		write_shape(j, key->shape);
		return;
	}
	jw_open(j, '{');
	put_words_of_text(j, key);
	jw_close(j);
}

/* A map from the user's own names, or whatever it is. */
static void put_raw(struct jw *j, const struct key *key)
{
	if (!key->words && !key->shape)
		return;
	put_text(j, "type", "object");
	if (key->form) {
		jw_key(j, "propertyNames");
		jw_open(j, '{');
		put_text(j, "pattern", key->form);
		jw_close(j);
	}
	jw_key(j, "additionalProperties");
	if (key->shape)
		write_shape(j, key->shape);
	else
		write_word(j);
}

static void put_form(struct jw *j, const char *form)
{
	put_text(j, "type", "string");
	put_text(j, "pattern", form);
}

static void put_number(struct jw *j, const struct key *key)
{
	put_text(j, "type", "integer");
	jw_put_int(j, "minimum", key->min);
	if (key->max < INT64_MAX)
		jw_put_int(j, "maximum", key->max);
}

static void put_value(struct jw *j, const struct key *key)
{
	switch (key->type) {
	case KEY_IS_TEXT:
		put_words_of_text(j, key);
		break;
	case KEY_IS_NUMBER:
		put_number(j, key);
		break;
	case KEY_IS_FLAG:
		put_text(j, "type", "boolean");
		break;
	case KEY_IS_MOMENT:
		put_form(j, FORM_MOMENT);
		break;
	case KEY_IS_DURATION:
		put_form(j, key->min > 0 ? FORM_SPAN : FORM_DURATION);
		break;
	case KEY_IS_CHOICE:
		put_names(j, "enum", key->names);
		break;
	case KEY_IS_TEXTS:
	case KEY_IS_STRUCTS:
		put_list(j, key);
		break;
	case KEY_IS_STRUCT:
		put_shape(j, key->shape);
		break;
	case KEY_IS_RAW:
		put_raw(j, key);
		break;
	}
}

/* --- maps ---------------------------------------------------------------- */

static void put_properties(struct jw *j, const struct shape *shape,
                           const char *kind)
{
	jw_key(j, "properties");
	jw_open(j, '{');
	if (kind) {
		jw_key(j, "kind");
		jw_open(j, '{');
		put_text(j, "description", "what this document is");
		put_text(j, "const", kind);
		jw_close(j);
	}
	for (size_t i = 0; i < shape->nkeys; i++) {
		const struct key *key = &shape->keys[i];
		jw_key(j, key->name);
		jw_open(j, '{');
		if (key->about)
			put_text(j, "description", key->about);
		put_value(j, key);
		jw_close(j);
	}
	jw_close(j);
}

static void put_required(struct jw *j, const struct shape *shape, bool kind)
{
	bool any = kind;
	for (size_t i = 0; i < shape->nkeys; i++)
		any = any || shape->keys[i].need == REQUIRED;
	if (!any)
		return;
	jw_key(j, "required");
	jw_open(j, '[');
	if (kind)
		jw_str(j, STR("kind"));
	for (size_t i = 0; i < shape->nkeys; i++)
		if (shape->keys[i].need == REQUIRED)
			jw_str(j, str_of(shape->keys[i].name));
	jw_close(j);
}

static void put_one_of(struct jw *j, const char *const *names)
{
	jw_key(j, "oneOf");
	jw_open(j, '[');
	for (; *names; names++) {
		const char *const one[] = {*names, NULL};
		jw_open(j, '{');
		put_names(j, "required", one);
		jw_close(j);
	}
	jw_close(j);
}

/* The members of the schema of a map; kind: of a document of that kind. */
static void put_map(struct jw *j, const struct shape *shape, const char *kind)
{
	put_text(j, "type", "object");
	put_properties(j, shape, kind);
	put_required(j, shape, kind != NULL);
	if (shape->one_of)
		put_one_of(j, shape->one_of);
	if (shape->least)
		jw_put_int(j, "minProperties", (int64_t)shape->least);
	jw_key(j, "additionalProperties");
	jw_bool(j, false);
}

/* A map, or the scalar that may stand for it. */
static void put_shape(struct jw *j, const struct shape *shape)
{
	if (!shape->scalar) {
		put_map(j, shape, NULL);
		return;
	}
	jw_key(j, "anyOf");
	jw_open(j, '[');
	jw_open(j, '{');
	if (shape->words) {
		put_names(j, "enum", shape->words);
	} else {
		put_scalar_type(j, false);
		jw_put_int(j, "minLength", 1);
	}
	jw_close(j);
	jw_open(j, '{');
	put_map(j, shape, NULL);
	jw_close(j);
	jw_close(j);
}

/* --- documents ----------------------------------------------------------- */

struct document {
	const char *kind, *about;
	const struct shape *shape;
};

static size_t kinds_of(enum kind_place place)
{
	return place == KIND_OF_POLICY ? policy_kind_count : INTENT_KIND_COUNT;
}

static struct document document_of(enum kind_place place, size_t i)
{
	if (place == KIND_OF_POLICY)
		return (struct document){policy_kinds[i].kind,
		                         policy_kinds[i].about,
		                         policy_kinds[i].shape};
	return (struct document){intent_kinds[i].name, intent_kinds[i].about,
	                         intent_kinds[i].shape};
}

static void put_document(struct jw *j, const struct document *d)
{
	put_text(j, "title", d->kind);
	put_text(j, "description", d->about);
	put_map(j, d->shape, d->kind);
}

static void put_kinds(struct jw *j, enum kind_place place)
{
	jw_key(j, "properties");
	jw_open(j, '{');
	jw_key(j, "kind");
	jw_open(j, '{');
	put_text(j, "description", "what this document is");
	put_names(j, "enum", kind_names[place]);
	jw_close(j);
	jw_close(j);
}

/* If the kind is that of d, the document meets the definition of d. */
static void write_choice(struct jw *j, const struct document *d,
                         const char *definitions)
{
	const char *const kind[] = {"kind", NULL};
	struct str to =
	        str_format(j->out->arena, "#/%s/%s", definitions, d->kind);
	jw_open(j, '{');
	jw_key(j, "if");
	jw_open(j, '{');
	jw_key(j, "properties");
	jw_open(j, '{');
	jw_key(j, "kind");
	jw_open(j, '{');
	put_text(j, "const", d->kind);
	jw_close(j);
	jw_close(j);
	put_names(j, "required", kind);
	jw_close(j);
	jw_key(j, "then");
	jw_open(j, '{');
	jw_put_str(j, "$ref", to);
	jw_close(j);
	jw_close(j);
}

/* By `if` rather than `oneOf`, so that what is wrong in a document is told of
   its own kind alone. */
static void put_place(struct jw *j, enum kind_place place,
                      const char *definitions)
{
	const char *const kind[] = {"kind", NULL};
	struct schema_info info = schema_info((size_t)place);
	put_text(j, "title", info.name);
	put_text(j, "description", info.about);
	put_text(j, "type", "object");
	put_kinds(j, place);
	put_names(j, "required", kind);
	jw_key(j, "allOf");
	jw_open(j, '[');
	for (size_t i = 0; i < kinds_of(place); i++) {
		struct document d = document_of(place, i);
		write_choice(j, &d, definitions);
	}
	jw_close(j);
	jw_key(j, definitions);
	jw_open(j, '{');
	for (size_t i = 0; i < kinds_of(place); i++) {
		struct document d = document_of(place, i);
		jw_key(j, d.kind);
		jw_open(j, '{');
		put_document(j, &d);
		jw_close(j);
	}
	jw_close(j);
}

/* --- by name ------------------------------------------------------------- */

/* The places in the order of enum kind_place, then the kinds of each. */
static const struct schema_info places[] = {
        [KIND_OF_POLICY] = {"policy", "a document under policy/, of any kind"},
        [KIND_OF_INTENT] = {"intent", "a file under intents/, of any kind"},
};
enum { PLACES = sizeof places / sizeof *places };

static struct document document_at(size_t i)
{
	bool policy = i < policy_kind_count;
	return policy ? document_of(KIND_OF_POLICY, i)
	              : document_of(KIND_OF_INTENT, i - policy_kind_count);
}

size_t schema_count(void)
{
	return PLACES + policy_kind_count + INTENT_KIND_COUNT;
}

struct schema_info schema_info(size_t i)
{
	if (i < PLACES)
		return places[i];
	struct document d = document_at(i - PLACES);
	return (struct schema_info){d.kind, d.about};
}

size_t schema_find(struct str name)
{
	size_t i = 0;
	while (i < schema_count() && !str_is(name, schema_info(i).name))
		i++;
	return i;
}

void schema_write(struct buf *out, size_t i, enum schema_draft draft)
{
	struct jw j = jw_new(out);
	j.pretty = true;
	jw_open(&j, '{');
	put_text(&j, "$schema", drafts[draft].address);
	if (i < PLACES) {
		put_place(&j, (enum kind_place)i, drafts[draft].definitions);
	} else {
		struct document d = document_at(i - PLACES);
		put_document(&j, &d);
	}
	jw_close(&j);
	buf_add_char(out, '\n');
}
