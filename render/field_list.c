/* What each template gets, in words, from the tables that fill it. */
#include "render/fields.h"
#include "render/render.h"
#include "render/site.h"

enum { DEPTH_MAX = 8 };

static const char *kind_words(enum field_kind kind)
{
	switch (kind) {
	case FIELD_IS_TEXT:
		return "text";
	case FIELD_IS_URL:
		return "address";
	case FIELD_IS_HTML:
		return "drawing";
	case FIELD_IS_INT:
		return "number";
	case FIELD_IS_BOOL:
		return "flag";
	case FIELD_IS_TIME:
		return "instant";
	case FIELD_IS_LIST:
		return "list";
	case FIELD_IS_STRUCT:
		return "section";
	case FIELD_IS_OPT:
		return "section, where there is one";
	}
	return "";
}

static void put_fields(struct jw *j, struct buf *text,
                       const struct fields *fields, int depth)
{
	jw_open(j, '[');
	for (size_t i = 0; i < fields->n && depth <= DEPTH_MAX; i++) {
		const struct field *f = &fields->at[i];
		jw_open(j, '{');
		jw_put_str(j, "name", f->name);
		jw_put_str(j, "kind", str_of(kind_words(f->kind)));
		buf_format(text, "%*s", 2 * depth, "");
		buf_add_padded(text, f->name, 22);
		buf_format(text, "  %s\n", kind_words(f->kind));
		if (f->fields) {
			jw_key(j, "fields");
			put_fields(j, text, f->fields, depth + 1);
		}
		jw_close(j);
	}
	jw_close(j);
}

bool render_fields(struct jw *j, struct buf *text, struct str page)
{
	bool found = false;
	jw_open(j, '[');
	for (size_t i = 0; site_kinds[i]; i++) {
		const struct page_kind *kind = site_kinds[i];
		if (page.n && !str_is(page, kind->name))
			continue;
		buf_format(text, "%stemplates/%s.html: %s\n", found ? "\n" : "",
		           kind->name, kind->about);
		found = true;
		jw_open(j, '{');
		jw_put_str(j, "template", str_of(kind->name));
		jw_put_str(j, "about", str_of(kind->about));
		jw_key(j, "fields");
		put_fields(j, text, kind->fields, 1);
		jw_close(j);
	}
	jw_close(j);
	return found;
}
