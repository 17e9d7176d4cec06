#include "tests/lib/found.h"

static void add(struct buf *out, const struct diag *d)
{
	buf_format(out, "%s%s", out->n ? ", " : "", diag_info(d->code)->name);
	if (!d->at.src)
		return;
	struct str text = str_head(str_from(d->at.src->text, d->at.start),
	                           d->at.end - d->at.start);
	struct str line, rest;
	bool more = str_cut(text, '\n', &line, &rest);
	buf_format(out, " <%" STR_FMT "%s>", STR_ARG(line), more ? ".." : "");
}

struct str found(struct arena *a, struct diags *ds)
{
	struct buf out = buf_new(a, 64 * 1024);
	diags_sort(ds);
	for (size_t i = 0; i < ds->n; i++)
		add(&out, &ds->at[i]);
	return buf_str(&out);
}

struct str found_in(struct arena *a, struct diags *ds, const char *path)
{
	struct buf out = buf_new(a, 64 * 1024);
	diags_sort(ds);
	for (size_t i = 0; i < ds->n; i++) {
		const struct source *src = ds->at[i].at.src;
		if (str_is(src ? src->path : STR(""), path))
			add(&out, &ds->at[i]);
	}
	return buf_str(&out);
}
