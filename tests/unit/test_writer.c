#include "render/writer.h"

#include "core/files.h"
#include "tests/lib/scratch.h"
#include "tests/lib/tap.h"

enum { FILES = 300, LARGE = 3 << 20 };

static struct str content(struct arena *a, const char *path)
{
	struct str s = STR("(unreadable)");
	struct fail why = {0};
	file_read(&s, a, path, 2 * LARGE, &why);
	return s;
}

static const char *name_of(struct arena *a, int i)
{
	return str_format(a, "many/%d/index.html", i).s;
}

/* More than fits into a batch, so that both are used again and again. */
static void put_many(struct arena *a, struct writer *w, char fill)
{
	size_t n = 20000;
	char *bytes = arena_text(a, n);
	memset(bytes, fill, n);
	for (int i = 0; i < FILES; i++)
		writer_put(w, name_of(a, i), (struct str){bytes, n - (size_t)i},
		           fill == 'a');
}

static size_t wrong(struct arena *a, char fill)
{
	size_t n = 0;
	for (int i = 0; i < FILES; i++) {
		struct str s = content(a, name_of(a, i));
		n += s.n != 20000 - (size_t)i || s.s[0] != fill ||
		     s.s[s.n - 1] != fill;
	}
	return n;
}

static void test_many(struct arena *a)
{
	struct fail why = {0};
	struct written done;
	struct writer *w = writer_new(a);
	ok(writer_finish(w, &done, &why) && !done.written && !done.unchanged,
	   "nothing to write is fine");
	put_many(a, w, 'a');
	ok(writer_finish(w, &done, &why) && done.written == FILES &&
	           !done.unchanged && !wrong(a, 'a'),
	   "%d files are written whole", FILES);
	put_many(a, w, 'b');
	ok(writer_finish(w, &done, &why) && done.written == FILES &&
	           !wrong(a, 'b'),
	   "and written over");
	put_many(a, w, 'b');
	ok(writer_finish(w, &done, &why) && !done.written &&
	           done.unchanged == FILES,
	   "and left alone");
}

static void test_order(struct arena *a)
{
	struct fail why = {0};
	struct written done;
	struct writer *w = writer_new(a);
	char *bytes = arena_text(a, LARGE);
	memset(bytes, 'x', LARGE);
	writer_put(w, "twice", STR("one"), true);
	writer_put(w, "large", (struct str){bytes, LARGE}, true);
	writer_put(w, "twice", STR("two"), true);
	writer_put(w, "empty", STR(""), true);
	ok(writer_finish(w, &done, &why) && done.written == 4, "four files");
	is_str(content(a, "twice"), "two", "the later of two stays");
	is_int((int64_t)content(a, "large").n, LARGE,
	       "one larger than a batch is whole");
	is_int((int64_t)content(a, "empty").n, 0, "one may be empty");
}

static void test_failure(struct arena *a)
{
	struct fail why = {0};
	struct written done;
	struct writer *w = writer_new(a);
	writer_put(w, "before", STR("x"), false);
	writer_put(w, "before/below", STR("x"), false);
	writer_put(w, "after", STR("x"), false);
	ok(!writer_finish(w, &done, &why) && why.kind == FAIL_SYSTEM,
	   "what cannot be written is told: %s", why.text);
	ok(file_exists("before") && !file_exists("after") && done.written == 1,
	   "and nothing is written after it");
}

static void test_stop(struct arena *a)
{
	struct arena *own = arena_new();
	writer_put(writer_new(own), "given", STR("x"), true);
	struct writer *w = writer_new(own);
	put_many(a, w, 'c');
	arena_free(own);
	ok(true, "it may go without being asked to finish");
}

int main(void)
{
	struct arena *a = arena_new();
	scratch_start();
	test_many(a);
	test_order(a);
	test_failure(a);
	test_stop(a);
	scratch_end();
	arena_free(a);
	return tap_done();
}
