/*
 * bench_repo REPOSITORY [FROM]: what core/repo costs, phase by phase. FROM: a
 * revision; only what is new since then is looked at.
 */
#include "core/repo.h"
#include "core/vec.h"

#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

static struct arena *arena;
static struct fail why;

struct files {
	VEC(struct origin) found;
};

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static bool keep(void *context, const struct change *c, struct fail *w)
{
	(void)w;
	struct files *files = context;
	struct origin *o = vec_add(arena, &files->found);
	o->path = str_copy(arena, c->path);
	o->blob = c->blob;
	return true;
}

static bool read_all(const struct repo *r, const struct files *files)
{
	struct arena *scratch = arena_new();
	struct str text;
	bool done = true;
	for (size_t i = 0; i < files->found.n && done; i++) {
		done = repo_blob(r, scratch, &files->found.at[i].blob, &text,
		                 &why);
		arena_reset(scratch);
	}
	arena_free(scratch);
	return done;
}

static bool find(const struct repo *r, const char *revision, struct oid *commit,
                 struct oid *tree)
{
	return !revision || (repo_resolve(r, str_of(revision), commit, &why) &&
	                     repo_tree(r, commit, "intents", tree, &why));
}

static bool measure(const char *dir, const char *revision)
{
	struct repo *r;
	struct files files = {0};
	struct oid from = {{0}}, old = {{0}}, tip, new;
	struct oid_hex id;
	double t[6] = {now()};
	if (!repo_open(&r, arena, dir, &why) || !find(r, "HEAD", &tip, &new) ||
	    !find(r, revision, &from, &old))
		return false;
	t[1] = now();
	if (!repo_changes(r, &old, &new, STR("intents"), keep, &files, &why))
		return false;
	t[2] = now();
	if (!read_all(r, &files))
		return false;
	t[3] = now();
	struct origins o = {.at = files.found.at, .n = files.found.n};
	if (!repo_origins(r, arena, &from, &tip, "intents", "policy", false, &o,
	                  &why))
		return false;
	t[4] = now();
	if (!repo_id(r, &tip, &id, &why))
		return false;
	t[5] = now();
	printf("%zu files, %zu commits\n", o.n, o.ncommits);
	static const char *const phases[] = {"open", "changes", "blobs",
	                                     "origins", "id"};
	for (size_t i = 0; i < 5; i++)
		printf("%-8s %9.2f ms\n", phases[i], t[i + 1] - t[i]);
	return true;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: bench_repo REPOSITORY [FROM]\n");
		return 2;
	}
	arena = arena_new();
	bool done = measure(argv[1], argc > 2 ? argv[2] : NULL);
	if (!done)
		fprintf(stderr, "bench_repo: %s\n%s\n", why.text, why.hint);
	arena_free(arena);
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	printf("memory   %9.1f MiB\n", (double)usage.ru_maxrss / 1024);
	return !done;
}
