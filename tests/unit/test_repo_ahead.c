/* repo_ahead: blobs come as if there were no thread that reads them ahead. */
#include "tests/lib/repo_at.h"
#include "tests/lib/scratch.h"
#include "tests/lib/tap.h"

#include <stdio.h>
#include <string.h>

enum { BLOBS = 1000, LARGE = 700, MISSING = 800 };

struct turn {
	struct oid blobs[BLOBS];
};

static struct arena *arena;

static const struct oid *blob_of(const void *context, size_t i)
{
	return &((const struct turn *)context)->blobs[i];
}

/* One loose blob a number; those from LARGE on of 200 kB, so that a few of them
   are as much as is read ahead; one of them removed. */
static void make(struct turn *t)
{
	sh("git init -q . && mkdir in\n"
	   "awk 'BEGIN { for (i = 0; i < %d; i++) printf \"%%d\\n\", i "
	   ">(\"in/\" i) }'\n"
	   "for i in $(seq %d %d); do head -c 200000 /dev/zero >>in/$i; done\n"
	   "for i in $(seq 0 %d); do echo in/$i; done |\n"
	   "git hash-object -w --stdin-paths >ids\n"
	   "id=$(sed -n %dp ids) && rm -f .git/objects/$(echo $id | "
	   "cut -c1-2)/$(echo $id | cut -c3-)",
	   BLOBS, LARGE, BLOBS - 1, BLOBS - 1, MISSING + 1);
	char id[64];
	FILE *ids = fopen("ids", "r");
	for (int i = 0; ids && i < BLOBS && fgets(id, sizeof id, ids); i++)
		oid_parse(str_head(str_of(id), 40), &t->blobs[i]);
	if (ids)
		fclose(ids);
}

static bool is_blob(struct str text, size_t i)
{
	struct str line, rest;
	return str_cut(text, '\n', &line, &rest) &&
	       str_eq(line, str_format(arena, "%zu", i)) &&
	       rest.n == (i >= LARGE ? 200000 : 0);
}

/* Asks for every step-th of them, in turn. How many came as they are? */
static size_t ask(const struct turn *t, struct repo *r, size_t step)
{
	struct arena *scratch = arena_new();
	size_t good = 0;
	for (size_t i = 0; i < BLOBS; i += step) {
		struct fail why = {0};
		struct str text;
		bool done = repo_blob(r, scratch, &t->blobs[i], &text, &why);
		if (i == MISSING)
			good += !done && why.kind == FAIL_SYSTEM &&
			        strstr(why.text, "is not in this repository");
		else
			good += done && is_blob(text, i);
		arena_reset(scratch);
	}
	arena_free(scratch);
	return good;
}

static void reading(const struct turn *t)
{
	struct repo *r = repo_at(arena, ".");
	struct arena *ahead = arena_new();
	repo_read_ahead(r, ahead, BLOBS, blob_of, t);
	is_int((int64_t)ask(t, r, 1), BLOBS,
	       "all come in turn, the missing one as a failure");
	is_int((int64_t)ask(t, r, 1), BLOBS, "and again, after the last one");
	arena_reset(ahead);
	repo_read_ahead(r, ahead, BLOBS, blob_of, t);
	is_int((int64_t)ask(t, r, 3), BLOBS / 3 + 1,
	       "who asks for every third gets them too");
	arena_reset(ahead);
	repo_read_ahead(r, ahead, BLOBS, blob_of, t);
	struct str text;
	struct fail why = {0};
	ok(repo_blob(r, arena, &t->blobs[0], &text, &why) && is_blob(text, 0),
	   "it may end after the first");
	arena_reset(ahead);
	repo_read_ahead(r, ahead, BLOBS, blob_of, t);
	arena_free(ahead);
	is_int((int64_t)ask(t, r, 1), BLOBS, "or before it");
}

int main(void)
{
	scratch_start();
	arena = arena_new();
	struct turn *t = ARENA_NEW(arena, struct turn);
	make(t);
	reading(t);
	arena_free(arena);
	scratch_end();
	return tap_done();
}
