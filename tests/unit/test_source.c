/* source: lines, columns and places. */
#include "core/source.h"
#include "tests/lib/tap.h"

static void test_places(void)
{
	static const struct {
		const char *name, *text;
		uint32_t offset, line, column;
	} cases[] = {
	        {"an empty file", "", 0, 1, 1},
	        {"an offset past the end of an empty file", "", 9, 1, 1},
	        {"the first byte", "ab\ncd\n", 0, 1, 1},
	        {"a line's end", "ab\ncd\n", 2, 1, 3},
	        {"the second line", "ab\ncd\n", 3, 2, 1},
	        {"the end behind the last LF", "ab\ncd\n", 6, 3, 1},
	        {"an offset past the end", "ab\ncd\n", 99, 3, 1},
	        {"the end of a file without last LF", "ab\ncd", 5, 2, 3},
	        {"a place behind CR LF", "a\r\nb", 3, 2, 1},
	        {"a lone CR does not end a line", "a\rb", 2, 1, 3},
	        {"a place behind two bytes of one letter", "\xC3\xA9=x", 3, 1,
	         3},
	        {"a place behind four bytes of one letter",
	         "a\n\xF0\x9F\x9A\x80=x", 7, 2, 3},
	        {"stray bytes count as one each", "\xFF\xFE=x", 3, 1, 4},
	        {"a byte order mark has no width",
	         "\xEF\xBB\xBF"
	         "ab",
	         4, 1, 2},
	        {"inside the byte order mark",
	         "\xEF\xBB\xBF"
	         "ab",
	         1, 1, 1},
	        {"a file that is a byte order mark", "\xEF\xBB\xBF", 3, 1, 1},
	        {"empty lines", "\n\n\n", 2, 3, 1},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct arena *a = arena_new();
		struct source *src =
		        source_new(a, STR("f"), str_of(cases[i].text));
		struct place p = source_place(src, cases[i].offset);
		is_int(p.line, cases[i].line, "line of %s", cases[i].name);
		is_int(p.column, cases[i].column, "column of %s",
		       cases[i].name);
		arena_free(a);
	}
}

static void test_lines(void)
{
	struct arena *a = arena_new();
	struct str text = STR("\xEF\xBB\xBF"
	                      "one\r\n\ntwo\r");
	struct source *src = source_new(a, STR("f"), text);
	is_str(source_line(src, 0), "", "there is no line 0");
	is_str(source_line(src, 1), "one", "without mark, CR and LF");
	is_str(source_line(src, 2), "", "an empty line");
	is_str(source_line(src, 3), "two\r", "a CR without LF stays");
	is_str(source_line(src, 4), "", "there is no line 4");
	struct span whole = source_whole(src);
	is_int(whole.start, 0, "the whole starts at 0");
	is_int(whole.end, (int64_t)text.n, "the whole ends at the end");
	struct str nul = {"a\0\nb", 4};
	src = source_new(a, STR("f"), nul);
	is_int(source_place(src, 3).line, 2, "a NUL is a byte as any other");
	is_int((int64_t)source_line(src, 1).n, 2, "and stays in its line");
	arena_free(a);
}

static void test_location(void)
{
	struct arena *a = arena_new();
	struct source *src = source_new(a, STR("dir/f"), STR("ab\ncd\n"));
	struct location l = location_of((struct span){src, 1, 5});
	is_str(l.file, "dir/f", "a location has the file");
	ok(l.line == 1 && l.column == 2, "its start");
	ok(l.end_line == 2 && l.end_column == 3, "its end");
	l = location_of((struct span){NULL, 1, 5});
	ok(!l.file.n && !l.line, "nowhere has neither file nor line");
	arena_free(a);
}

static void test_keep(void)
{
	struct arena *from = arena_new(), *to = arena_new();
	struct source *src = source_new(from, str_copy(from, STR("p")),
	                                str_copy(from, STR("one\ntwo\n")));
	source_place(src, 5);
	struct source *kept = source_keep(to, src);
	arena_free(from);
	is_str(kept->path, "p", "a kept source has its path");
	is_str(source_line(kept, 2), "two", "and its text");
	is_int(source_place(kept, 5).column, 2, "and places");
	arena_free(to);
}

int main(void)
{
	test_places();
	test_lines();
	test_location();
	test_keep();
	return tap_done();
}
