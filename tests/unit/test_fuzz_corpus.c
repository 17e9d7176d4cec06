/* The fuzz targets over their corpora. Run from the top of the repository. */
#include "tests/fuzz/fuzz.h"
#include "tests/lib/tap.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>

enum { INPUT_MAX = 1 << 20 };

static bool run_file(struct arena *a, const char *path,
                     int (*run)(const uint8_t *, size_t))
{
	FILE *in = fopen(path, "rb");
	if (!in)
		return false;
	uint8_t *data = arena_alloc(a, INPUT_MAX);
	size_t n = fread(data, 1, INPUT_MAX, in);
	bool good = !ferror(in) && feof(in);
	fclose(in);
	/* Exactly n bytes, so that reading past the end is noticed. */
	return good && !run(memcpy(arena_alloc(a, n), data, n), n);
}

static void run_corpus(const char *pattern, int (*run)(const uint8_t *, size_t))
{
	glob_t files;
	if (!ok(!glob(pattern, 0, NULL, &files), "%s has inputs", pattern))
		return;
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct arena *a = arena_new();
		ok(run_file(a, files.gl_pathv[i], run), "%s",
		   files.gl_pathv[i]);
		arena_free(a);
	}
	globfree(&files);
}

int main(void)
{
	run_corpus("tests/fuzz/corpus/yaml/*", fuzz_yaml);
	run_corpus("tests/fuzz/corpus/policy/*", fuzz_policy);
	run_corpus("tests/fuzz/corpus/execution/*", fuzz_execution);
	run_corpus("tests/executions/*.json", fuzz_execution);
	return tap_done();
}
