/*
 * fields: describes a struct to templates: a name, a kind, an offset for each
 * member that a page shows.
 *
 *	struct row {
 *		struct str service, href;
 *		int64_t tries;
 *	};
 *	static const struct field row_list[] = {
 *		FIELD_TEXT(struct row, service),
 *		FIELD_URL(struct row, href),
 *		FIELD_INT(struct row, tries),
 *	};
 *	static const struct fields row_fields = FIELDS(struct row, row_list);
 *
 *	struct page {
 *		struct str title;
 *		VEC(struct row) rows;
 *	};
 *	static const struct field page_list[] = {
 *		FIELD_TEXT(struct page, title),
 *		FIELD_LIST(struct page, rows, &row_fields),
 *	};
 *
 * The kind decides the escaping, never the template: there is no way for a
 * template to get text out as it is, but for FIELD_HTML, which holds what our
 * own code made. The macros refuse a member of another type when compiled.
 *
 * In a section, text, address and HTML are true when not empty, a number and
 * an instant when not 0, a list when it has items, a struct always, an
 * optional struct when it is there.
 */
#ifndef RENDER_FIELDS_H
#define RENDER_FIELDS_H

#include "render/value.h"

enum field_kind {
	FIELD_IS_TEXT,   /* struct str: escaped for text and attributes */
	FIELD_IS_URL,    /* struct str: checked and escaped by html_url */
	FIELD_IS_HTML,   /* struct str of our own making: as it is */
	FIELD_IS_INT,    /* int64_t: decimal */
	FIELD_IS_BOOL,   /* bool: "true" or "false" */
	FIELD_IS_TIME,   /* int64_t, an instant: RFC 3339 */
	FIELD_IS_LIST,   /* a vector of structs: at, n */
	FIELD_IS_STRUCT, /* a struct inside the struct */
	FIELD_IS_OPT,    /* pointer to a struct, or NULL */
};

struct field {
	struct str name;
	enum field_kind kind;
	size_t offset;
	size_t size;                 /* of a list's item or a struct */
	const struct fields *fields; /* likewise */
};

struct fields {
	const char *what; /* "struct row", for messages */
	size_t size;
	const struct field *at;
	size_t n;
};

#define FIELD_NAME_(f)                \
	{                             \
		"" #f, sizeof(#f) - 1 \
	}
#define FIELD_OF_(t, f, kind_, type)                   \
	{                                              \
		.name = FIELD_NAME_(f), .kind = kind_, \
		.offset = _Generic(((t *)0)->f, type   \
		                   : offsetof(t, f)),  \
	}
#define FIELD_TEXT(t, f) FIELD_OF_(t, f, FIELD_IS_TEXT, struct str)
#define FIELD_URL(t, f) FIELD_OF_(t, f, FIELD_IS_URL, struct str)
#define FIELD_HTML(t, f) FIELD_OF_(t, f, FIELD_IS_HTML, struct str)
#define FIELD_INT(t, f) FIELD_OF_(t, f, FIELD_IS_INT, int64_t)
#define FIELD_BOOL(t, f) FIELD_OF_(t, f, FIELD_IS_BOOL, bool)
#define FIELD_TIME(t, f) FIELD_OF_(t, f, FIELD_IS_TIME, int64_t)

/* f is a VEC(struct x), or any struct in which `size_t n` follows `x *at`;
   fields_ points to the table of struct x. */
#define FIELD_LIST(t, f, fields_)                                     \
	{                                                             \
		.name = FIELD_NAME_(f), .kind = FIELD_IS_LIST,        \
		.offset = offsetof(t, f.at) + FIELD_IS_VECTOR_(t, f), \
		.size = sizeof *((t *)0)->f.at, .fields = fields_,    \
	}
#define FIELD_IS_VECTOR_(t, f)                                                 \
	(0 *                                                                   \
	 sizeof(char[offsetof(t, f.n) - offsetof(t, f.at) == sizeof(void *) && \
	                             sizeof((t *)0)->f.n == sizeof(size_t)     \
	                     ? 1                                               \
	                     : -1]))
/* f is a vector of struct str; in its section {{.}} is the text. */
#define FIELD_TEXTS(t, f) FIELD_LIST(t, f, &fields_of_text)

#define FIELD_STRUCT(t, f, fields_)                                  \
	{                                                            \
		.name = FIELD_NAME_(f), .kind = FIELD_IS_STRUCT,     \
		.offset = offsetof(t, f), .size = sizeof((t *)0)->f, \
		.fields = fields_,                                   \
	}
#define FIELD_OPT(t, f, fields_)                                       \
	{                                                              \
		.name = FIELD_NAME_(f), .kind = FIELD_IS_OPT,          \
		.offset = offsetof(t, f), .size = sizeof *((t *)0)->f, \
		.fields = fields_,                                     \
	}

#define FIELDS(t, list)                                    \
	{                                                  \
		.what = #t, .size = sizeof(t), .at = list, \
		.n = sizeof(list) / sizeof *(list),        \
	}

/* For a list of plain texts: one field, named ".". */
extern const struct fields fields_of_text;

/* The struct at `at`, as the table describes it. */
struct value fields_value(const struct fields *fields, const void *at);

/* NULL where the table has no such name. */
const struct field *fields_find(const struct fields *fields, struct str name);

/* What a list's item or a struct field shows as itself ({{.}}): the field
   named "." if the table begins with one, else NULL. */
const struct field *fields_self(const struct fields *fields);

#endif
