#include "render/emit.h"

#include "core/files.h"

#include <stdio.h>

enum { LIST_MAX = 1 << 30, PATH_MAX_BYTES = 4096, LINE_GUESS = 52 };

struct emit emit_new(struct arena *a, const char *out_dir, size_t files)
{
	struct emit e = {.out_dir = out_dir, .list = buf_new(a, LIST_MAX)};
	/* Growing by doubling would leave as much behind in the arena. */
	e.list.cap = files * LINE_GUESS;
	e.list.s = arena_alloc(a, e.list.cap);
	return e;
}

bool emit_file(struct emit *e, struct str path, struct str bytes, bool hot,
               struct fail *why)
{
	char full[PATH_MAX_BYTES];
	int n = snprintf(full, sizeof full, "%s/%" STR_FMT, e->out_dir,
	                 STR_ARG(path));
	if (n < 0 || (size_t)n >= sizeof full)
		return fail_set(why, FAIL_SYSTEM,
		                "the path %" STR_FMT " is too long",
		                STR_ARG(path));
	enum file_change change = FILE_SAME;
	if (!file_write_if_changed(&change, full, bytes, why))
		return false;
	*(change == FILE_SAME ? &e->unchanged : &e->written) += 1;
	buf_format(&e->list, "%c %zu %" STR_FMT "\n", hot ? 'H' : 'C', bytes.n,
	           STR_ARG(path));
	return true;
}
