/* Drawings of figures: what is there is to be seen. */
#include "render/chart.h"
#include "tests/lib/tap.h"

static int64_t count(struct str s, const char *piece)
{
	int64_t n = 0;
	struct str want = str_of(piece);
	for (size_t i = 0; i + want.n <= s.n; i++)
		n += str_starts(str_from(s, i), want);
	return n;
}

/* values end with -2. */
static struct str line_of(struct arena *a, const int64_t *values)
{
	struct chart_line line = {.value = values, .most = 100};
	while (values[line.n] != -2)
		line.n++;
	return chart_line(a, STR("a line"), &line);
}

static void test_lines(struct arena *a)
{
	static const struct {
		const char *name;
		int64_t values[6];
		int lines, dots;
	} cases[] = {
	        {"nothing is nothing", {-1, -1, -1, -2}, 0, 0},
	        {"no pieces at all", {-2}, 0, 0},
	        {"one value alone is a dot", {50, -2}, 0, 2},
	        {"one value among gaps is a dot", {-1, 50, -1, -2}, 0, 2},
	        {"0 is a value", {-1, 0, -1, -2}, 0, 2},
	        {"two are a line, which ends with a dot", {10, 50, -2}, 1, 1},
	        {"a gap parts lines", {10, 20, -1, 30, 40, -2}, 2, 1},
	        {"and leaves a dot", {10, -1, 30, 40, -2}, 1, 2},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct str svg = line_of(a, cases[i].values);
		is_int(count(svg, "class=\"ln\""), cases[i].lines, "%s: lines",
		       cases[i].name);
		is_int(count(svg, "class=\"dot\""), cases[i].dots, "%s: dots",
		       cases[i].name);
	}
	struct str one = line_of(a, (const int64_t[]){50, -2});
	ok(str_contains(one, STR("M130 60h.01")),
	   "one alone stands in the middle");
}

static void test_bars(struct arena *a)
{
	static const int64_t all[] = {0, 1, 1000}, wrong[] = {0, 1, 0};
	struct str svg = chart_bars(a, STR("bars"), all, wrong, 3, 1000);
	is_int(count(svg, "b-bad"), 1, "what went wrong is to be seen");
	is_int(count(svg, "b-base"), 1, "what is nothing is not drawn");
	ok(str_contains(svg, STR("aria-label=\"bars\"")), "it has a name");
}

/* How many cells a drawing has of a darkness. */
static int64_t cells(struct arena *a, struct str svg, int heat)
{
	struct str piece = str_format(a, "<path class=\"g%d\" d=\"", heat);
	for (size_t i = 0; i < svg.n; i++) {
		struct str path, rest = str_from(svg, i);
		if (str_starts(rest, piece) &&
		    str_cut(str_from(rest, piece.n), '"', &path, &rest))
			return count(path, "h9");
	}
	return 0;
}

static void test_heat(struct arena *a)
{
	int64_t hours[7][24] = {{0}};
	struct str none =
	        chart_heat(a, STR("none"), (const int64_t(*)[24])hours);
	is_int(cells(a, none, 0), 7 * 24, "nothing is 0 everywhere");
	hours[2][13] = 1;
	hours[3][14] = 5;
	struct str two = chart_heat(a, STR("two"), (const int64_t(*)[24])hours);
	is_int(cells(a, two, 0), 7 * 24 - 2, "0 is no step of it");
	is_int(cells(a, two, 1), 1, "a fifth of the most is the first");
	ok(str_contains(two, STR("M130 25h9")), "in its place");
	is_int(cells(a, two, 5), 1, "the most the last");
}

static void test_round(void)
{
	static const int64_t cases[][2] = {{0, 1},   {1, 1},    {3, 4},
	                                   {5, 5},   {6, 10},   {11, 20},
	                                   {41, 50}, {99, 100}, {101, 200}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		is_int(chart_round(cases[i][0]), cases[i][1], "%d ends at %d",
		       (int)cases[i][0], (int)cases[i][1]);
}

int main(void)
{
	struct arena *a = arena_new();
	test_lines(a);
	test_bars(a);
	test_heat(a);
	test_round();
	arena_free(a);
	return tap_done();
}
