#include "tests/lib/found.h"

static void add(struct buf *out, const struct diag *d)
{
	struct location at = location_of(d->at);
	buf_format(out, "%s%s", out->n ? ", " : "", diag_info(d->code)->name);
	if (!at.file.n)
		return;
	buf_format(out, " %u:%u-", at.line, at.column);
	if (at.end_line != at.line)
		buf_format(out, "%u:", at.end_line);
	buf_format(out, "%u", at.end_column);
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
