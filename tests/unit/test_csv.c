#include "core/csv.h"
#include "tests/lib/tap.h"

static const struct {
	const char *name;
	struct str cell, want;
} cells[] = {
        {"plain", {"checkout", 8}, {"checkout", 8}},
        {"empty", {"", 0}, {"", 0}},
        {"a comma", {"a,b", 3}, {"\"a,b\"", 5}},
        {"a quote", {"a\"b", 3}, {"\"a\"\"b\"", 6}},
        {"a line end", {"a\nb", 3}, {"\"a\nb\"", 5}},
        {"space at the ends", {" a", 2}, {"\" a\"", 4}},
        {"=", {"=1+1", 4}, {"'=1+1", 5}},
        {"+", {"+1", 2}, {"'+1", 3}},
        {"-", {"-1", 2}, {"'-1", 3}},
        {"@", {"@SUM(A1)", 8}, {"'@SUM(A1)", 9}},
        {"a tab first", {"\t=1", 3}, {"'\t=1", 4}},
        {"a carriage return first", {"\r=1", 3}, {"\"'\r=1\"", 6}},
        {"space before", {" =1", 3}, {"\"' =1\"", 6}},
        {"quotes before", {"\"=1", 3}, {"\"'\"\"=1\"", 7}},
        {"a comma and a formula", {"=A1,B1", 6}, {"\"'=A1,B1\"", 9}},
        {"= not first", {"a=b", 3}, {"a=b", 3}},
        {"a dash alone", {"-", 1}, {"'-", 2}},
        {"NUL",
         {"a\0b", 3},
         {"a\xef\xbf\xbd"
          "b",
          5}},
        {"not UTF-8",
         {"a\xff\xfe"
          "b",
          4},
         {"a\xef\xbf\xbd\xef\xbf\xbd"
          "b",
          8}},
        {"UTF-8", {"caf\xc3\xa9", 5}, {"caf\xc3\xa9", 5}},
};

int main(void)
{
	struct arena *a = arena_new();
	for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
		struct buf out = buf_new(a, 4096);
		struct csv c = csv_new(&out);
		csv_str(&c, cells[i].cell);
		ok(str_eq(buf_str(&out), cells[i].want), "%s", cells[i].name);
	}
	struct buf out = buf_new(a, 4096);
	struct csv c = csv_new(&out);
	csv_str(&c, STR(""));
	csv_int(&c, -5);
	csv_opt(&c, 0);
	csv_when(&c, 0);
	csv_when(&c, 1772445600);
	csv_end(&c);
	csv_int(&c, 1);
	csv_end(&c);
	ok(str_is(buf_str(&out), ",-5,,,2026-03-02T10:00:00Z\r\n1\r\n"),
	   "numbers are no formulas, 0 may be nothing, rows begin anew");
	arena_free(a);
	return tap_done();
}
