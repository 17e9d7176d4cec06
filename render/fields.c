#include "render/fields.h"

#include "core/when.h"
#include "render/html.h"

#include <assert.h>
#include <string.h>

static const struct field text_list[] = {
        {.name = {".", 1}, .kind = FIELD_IS_TEXT, .offset = 0},
};
const struct fields fields_of_text = {
        .what = "text",
        .size = sizeof(struct str),
        .at = text_list,
        .n = 1,
};

/* How a list lies in its struct: see FIELD_LIST. */
struct list_head {
	const char *at;
	size_t n;
};

static struct list_head list_of(const void *at)
{
	struct list_head list;
	memcpy(&list, at, sizeof list);
	return list;
}

static const void *pointer_of(const void *at)
{
	const void *p;
	memcpy(&p, at, sizeof p);
	return p;
}

const struct field *fields_find(const struct fields *fields, struct str name)
{
	const struct field *end = fields->at + fields->n;
	for (const struct field *f = fields->at; f < end; f++)
		/* Most names differ here already, which costs no call. */
		if (f->name.n == name.n && f->name.s[0] == name.s[0] &&
		    str_eq(f->name, name))
			return f;
	return NULL;
}

const struct field *fields_self(const struct fields *fields)
{
	return fields->n && str_is(fields->at[0].name, ".") ? fields->at : NULL;
}

/* Struct values: at = the struct, info = its table. */

static const struct value_type field_type;

static bool struct_member(struct value *out, struct value of, struct str name)
{
	const struct field *f = fields_find(of.info, name);
	if (!f)
		return false;
	const char *at = (const char *)of.at + f->offset;
	const void *inner = f->kind == FIELD_IS_STRUCT ? at
	                    : f->kind == FIELD_IS_OPT  ? pointer_of(at)
	                                               : NULL;
	if (inner) {
		assert(f->size == f->fields->size);
		*out = fields_value(f->fields, inner);
	} else {
		*out = (struct value){&field_type, at, f};
	}
	return true;
}

static bool struct_truth(struct value v)
{
	(void)v;
	return true;
}

static bool no_length(struct value v, size_t *n)
{
	(void)v;
	(void)n;
	return false;
}

static struct value no_item(struct value v, size_t i)
{
	(void)i;
	assert(false); /* it has no length either */
	return v;
}

static void struct_print(struct buf *out, struct value v, bool raw)
{
	(void)out;
	(void)v;
	(void)raw;
}

static const struct value_type struct_type = {
        .member = struct_member,
        .truth = struct_truth,
        .length = no_length,
        .item = no_item,
        .print = struct_print,
};

struct value fields_value(const struct fields *fields, const void *at)
{
	const struct field *self = fields_self(fields);
	if (!self)
		return (struct value){&struct_type, at, fields};
	return (struct value){&field_type, (const char *)at + self->offset,
	                      self};
}

/* Field values: at = the member itself, info = its field. Lists, absent
   structs and everything that prints. */

static bool field_member(struct value *out, struct value of, struct str name)
{
	(void)out;
	(void)of;
	(void)name;
	return false;
}

static bool field_truth(struct value v)
{
	const struct field *f = v.info;
	switch (f->kind) {
	case FIELD_IS_TEXT:
	case FIELD_IS_HTML:
		return ((const struct str *)v.at)->n > 0;
	case FIELD_IS_URL:
		return html_url_allowed(*(const struct str *)v.at);
	case FIELD_IS_INT:
	case FIELD_IS_TIME:
		return *(const int64_t *)v.at != 0;
	case FIELD_IS_BOOL:
		return *(const bool *)v.at;
	case FIELD_IS_LIST:
		return list_of(v.at).n > 0;
	case FIELD_IS_STRUCT:
	case FIELD_IS_OPT:
		break; /* an absent one: see struct_member */
	}
	return false;
}

static bool field_length(struct value v, size_t *n)
{
	const struct field *f = v.info;
	if (f->kind != FIELD_IS_LIST)
		return false;
	*n = list_of(v.at).n;
	return true;
}

static struct value field_item(struct value v, size_t i)
{
	const struct field *f = v.info;
	struct list_head list = list_of(v.at);
	assert(f->kind == FIELD_IS_LIST && i < list.n);
	assert(f->size == f->fields->size);
	return fields_value(f->fields, list.at + i * f->size);
}

/* The template's wish for raw text is not heard. */
static void field_print(struct buf *out, struct value v, bool raw)
{
	(void)raw;
	const struct field *f = v.info;
	switch (f->kind) {
	case FIELD_IS_TEXT:
		html_attr(out, *(const struct str *)v.at);
		break;
	case FIELD_IS_URL:
		html_url(out, *(const struct str *)v.at);
		break;
	case FIELD_IS_HTML:
		buf_add(out, *(const struct str *)v.at);
		break;
	case FIELD_IS_INT:
		buf_add_int(out, *(const int64_t *)v.at);
		break;
	case FIELD_IS_TIME:
		buf_add(out, str_of(when_text(*(const int64_t *)v.at).s));
		break;
	case FIELD_IS_BOOL:
		buf_add(out, str_of(*(const bool *)v.at ? "true" : "false"));
		break;
	case FIELD_IS_LIST:
	case FIELD_IS_STRUCT:
	case FIELD_IS_OPT:
		break; /* refused by template_check */
	}
}

static const struct value_type field_type = {
        .member = field_member,
        .truth = field_truth,
        .length = field_length,
        .item = field_item,
        .print = field_print,
};
