#include "render/emit.h"

#include <stdio.h>

enum { LIST_MAX = 1 << 30, LINE_GUESS = 52 };

static void free_scratch(void *arena)
{
	arena_free(arena);
}

struct emit emit_new(struct arena *a, const char *out_dir,
                     const struct people *people, size_t files)
{
	struct emit e = {.out_dir = out_dir,
	                 .people = people,
	                 .scratch = arena_new(),
	                 .list = buf_new(a, LIST_MAX),
	                 .writer = writer_new(a)};
	/* Growing by doubling would leave as much behind in the arena. */
	e.list.cap = files * LINE_GUESS;
	e.list.s = arena_alloc(a, e.list.cap);
	arena_defer(a, free_scratch, e.scratch);
	return e;
}

/* What the guide writes are examples. */
static struct str without_addresses(struct emit *e, struct str path,
                                    struct str bytes)
{
	arena_reset(e->scratch);
	return str_starts(path, STR("guide/"))
	               ? bytes
	               : people_hide(e->people, e->scratch, bytes);
}

bool emit_file(struct emit *e, struct str path, struct str bytes, bool hot,
               struct fail *why)
{
	char full[WRITER_PATH_MAX];
	int n = snprintf(full, sizeof full, "%s/%" STR_FMT, e->out_dir,
	                 STR_ARG(path));
	if (n < 0 || (size_t)n >= sizeof full)
		return fail_set(why, FAIL_SYSTEM,
		                "the path %" STR_FMT " is too long",
		                STR_ARG(path));
	bytes = without_addresses(e, path, bytes);
	writer_put(e->writer, full, bytes, e->fresh);
	buf_add_char(&e->list, hot ? 'H' : 'C');
	buf_add_char(&e->list, ' ');
	buf_add_int(&e->list, (int64_t)bytes.n);
	buf_add_char(&e->list, ' ');
	buf_add(&e->list, path);
	buf_add_char(&e->list, '\n');
	return true;
}

bool emit_finish(struct emit *e, struct fail *why)
{
	struct written done;
	bool fine = writer_finish(e->writer, &done, why);
	e->written += done.written;
	e->unchanged += done.unchanged;
	return fine;
}
