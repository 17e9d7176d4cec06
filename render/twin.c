#include "render/twin.h"

#include <string.h>

enum { NAME_MAX_BYTES = 64 };

struct frame *twin_frame(const struct page_kind *kind, void *view)
{
	const struct field *f = fields_find(kind->fields, STR("frame"));
	return f && f->fields == &frame_fields
	               ? (struct frame *)(void *)((char *)view + f->offset)
	               : NULL;
}

/* "last_words" as "lastWords". */
static void put_key(struct jw *j, struct str name)
{
	char key[NAME_MAX_BYTES];
	size_t n = 0;
	for (size_t i = 0; i < name.n && n + 1 < sizeof key; i++) {
		bool up = i && name.s[i - 1] == '_';
		char c = name.s[i];
		if (c == '_')
			continue;
		key[n++] =
		        up && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
	}
	key[n] = '\0';
	jw_key(j, key);
}

static void put_struct(struct jw *j, const struct fields *fields,
                       const char *at);

/* A list's items; of plain texts the texts. */
static void put_list(struct jw *j, const struct field *f, const char *at,
                     size_t n)
{
	jw_open(j, '[');
	for (size_t i = 0; i < n; i++) {
		const char *item = at + i * f->size;
		struct str text;
		if (f->fields == &fields_of_text) {
			memcpy(&text, item, sizeof text);
			jw_str(j, text);
		} else if (f->fields == &status_fields) {
			jw_str(j, ((const struct status *)(const void *)item)
			                  ->word);
		} else {
			put_struct(j, f->fields, item);
		}
	}
	jw_close(j);
}

static void put_inner(struct jw *j, const struct field *f, const char *at)
{
	if (f->fields != &status_fields) {
		put_key(j, f->name);
		put_struct(j, f->fields, at);
		return;
	}
	const struct status *status = (const void *)at;
	if (!status->word.n)
		return;
	put_key(j, f->name);
	jw_str(j, status->word);
}

static void put_text(struct jw *j, const struct field *f, const char *at)
{
	struct str text;
	memcpy(&text, at, sizeof text);
	if (!text.n)
		return;
	put_key(j, f->name);
	jw_str(j, text);
}

static void put_whole(struct jw *j, const struct field *f, const char *at)
{
	int64_t n;
	memcpy(&n, at, sizeof n);
	if (f->kind == FIELD_IS_TIME && !n)
		return;
	put_key(j, f->name);
	if (f->kind == FIELD_IS_TIME)
		jw_when(j, n);
	else
		jw_int(j, n);
}

static void put_field(struct jw *j, const struct field *f, const char *at)
{
	struct {
		const char *at;
		size_t n;
	} list;
	const char *inner;
	bool on;
	switch (f->kind) {
	case FIELD_IS_TEXT:
	case FIELD_IS_URL:
		put_text(j, f, at);
		return;
	case FIELD_IS_HTML:
		return;
	case FIELD_IS_INT:
	case FIELD_IS_TIME:
		put_whole(j, f, at);
		return;
	case FIELD_IS_BOOL:
		memcpy(&on, at, sizeof on);
		put_key(j, f->name);
		jw_bool(j, on);
		return;
	case FIELD_IS_LIST:
		memcpy(&list, at, sizeof list);
		if (!list.n)
			return;
		put_key(j, f->name);
		put_list(j, f, list.at, list.n);
		return;
	case FIELD_IS_STRUCT:
		put_inner(j, f, at);
		return;
	case FIELD_IS_OPT:
		memcpy(&inner, at, sizeof inner);
		if (inner)
			put_inner(j, f, inner);
		return;
	}
}

static void put_struct(struct jw *j, const struct fields *fields,
                       const char *at)
{
	jw_open(j, '{');
	for (size_t i = 0; i < fields->n; i++) {
		const struct field *f = &fields->at[i];
		if (f->fields != &frame_fields && f->fields != &run_fields &&
		    !str_starts(f->name, STR("has_")))
			put_field(j, f, at + f->offset);
	}
	jw_close(j);
}

static void put_when(struct jw *j, const char *key, int64_t t)
{
	if (t)
		jw_put_when(j, key, t);
}

void twin_json(struct jw *j, const struct page_kind *kind, struct str page,
               const void *view)
{
	const struct frame *f = twin_frame(kind, (void *)(uintptr_t)view);
	jw_open(j, '{');
	jw_put_str(j, "schema", STR("dxcp.page/1"));
	jw_put_str(j, "kind", str_of(kind->name));
	jw_put_str(j, "page", page);
	if (f) {
		jw_put_str(j, "title", f->title);
		jw_put_str(j, "description", f->description);
		put_when(j, "asOf", f->as_of);
		put_when(j, "goodUntil", f->good_until);
		put_when(j, "changed", f->changed);
	}
	jw_key(j, "data");
	put_struct(j, kind->fields, view);
	jw_close(j);
}
