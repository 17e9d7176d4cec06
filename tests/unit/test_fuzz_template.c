/*
 * The corpus of the template fuzzer, and every beginning of its files: cut
 * off anywhere, a template must still be read to the end.
 */
#include "core/files.h"
#include "tests/fuzz/fuzz_template.c"
#include "tests/lib/tap.h"

#include <dirent.h>

#define CORPUS "tests/fuzz/corpus/template"

static void test_file(struct arena *a, const char *name)
{
	struct fail why = {0};
	struct str text = {0};
	struct str path = str_format(a, CORPUS "/%s", name);
	if (!ok(file_read(&text, a, str_cstr(a, path), TEMPLATE_MAX_BYTES,
	                  &why),
	        "%s is read", name))
		return;
	for (size_t n = 0; n <= text.n; n++) {
		/* A copy of its own, so that reading past it is seen. */
		struct str start = str_copy(a, str_head(text, n));
		LLVMFuzzerTestOneInput((const uint8_t *)start.s, n);
	}
	ok(true, "%s and its beginnings are run", name);
}

int main(void)
{
	struct arena *a = arena_new();
	DIR *dir = opendir(CORPUS);
	int files = 0;
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		if (entry->d_name[0] == '.')
			continue;
		test_file(a, entry->d_name);
		files++;
	}
	ok(files >= 10, "the corpus is there");
	if (dir)
		closedir(dir);
	arena_free(a);
	return tap_done();
}
