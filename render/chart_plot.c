/* Figures over time. Widths and heights are thousandths of the drawing's box,
   which the page stretches. */
#include "render/chart.h"

#include <assert.h>

enum {
	CHART_MAX = 64 * 1024,
	WIDTH = 2600, /* tenths */
	HEIGHT = 1200,
	FOOT_GAP = 15 /* between what went wrong and the rest */
};

static void number(struct buf *b, int64_t tenths)
{
	buf_add_int(b, tenths / 10);
	if (tenths % 10) {
		buf_add_char(b, '.');
		buf_add_int(b, tenths % 10);
	}
}

static void rect(struct buf *b, const char *mark, int64_t x, int64_t y,
                 int64_t width, int64_t height)
{
	buf_add(b, STR("<rect class=\""));
	buf_add(b, str_of(mark));
	buf_add(b, STR("\" x=\""));
	number(b, x);
	buf_add(b, STR("\" y=\""));
	number(b, y);
	buf_add(b, STR("\" width=\""));
	number(b, width);
	buf_add(b, STR("\" height=\""));
	number(b, height);
	buf_add(b, STR("\"/>"));
}

static struct buf begin(struct arena *a, const char *box, struct str label)
{
	struct buf b = buf_new(a, CHART_MAX);
	buf_format(&b,
	           "<svg viewBox=\"%s\" preserveAspectRatio=\"none\" "
	           "role=\"img\" aria-label=\"%" STR_FMT "\">",
	           box, STR_ARG(label));
	return b;
}

int64_t chart_round(int64_t v)
{
	static const int steps[] = {1, 2, 4, 5, 10};
	int64_t unit = 1;
	for (;; unit *= 10)
		for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
			if (unit * steps[i] >= v)
				return unit * steps[i];
}

static void point(struct buf *b, char verb, int64_t x, int64_t y)
{
	buf_add_char(b, verb);
	number(b, x);
	buf_add_char(b, ' ');
	number(b, y);
}

static int64_t scaled(int64_t v, int64_t most)
{
	if (v > most)
		v = most;
	return most > 0 ? (int64_t)((double)v * HEIGHT / (double)most) : 0;
}

/* Bars from one height up to another, those of one mark as one path. */
static void add_bars(struct buf *b, const char *mark, const int64_t *from,
                     const int64_t *to, size_t n)
{
	bool any = false;
	for (size_t i = 0; i < n; i++) {
		int64_t step = WIDTH / (int64_t)n;
		int64_t width = step / 2 > 10 ? step / 2 : 10;
		if (to[i] <= from[i])
			continue;
		if (!any)
			buf_format(b, "<path class=\"%s\" d=\"", mark);
		any = true;
		point(b, 'M', (int64_t)i * WIDTH / (int64_t)n + step / 4,
		      HEIGHT - to[i]);
		buf_add_char(b, 'h');
		number(b, width);
		buf_add_char(b, 'v');
		number(b, to[i] - from[i]);
		buf_add(b, STR("h-"));
		number(b, width);
		buf_add_char(b, 'z');
	}
	if (any)
		buf_add(b, STR("\"/>"));
}

struct str chart_bars(struct arena *a, struct str label, const int64_t *all,
                      const int64_t *wrong, size_t n, int64_t most)
{
	struct buf b = begin(a, "0 0 260 120", label);
	buf_add(&b, STR("<path class=\"grid\" d=\"M0 0H260M0 60H260\"/>"
	                "<path class=\"base\" d=\"M0 120H260\"/>"));
	int64_t foot[PLOT_MOST] = {0}, high[PLOT_MOST] = {0};
	static const int64_t zero[PLOT_MOST];
	assert(n <= PLOT_MOST);
	for (size_t i = 0; i < n; i++) {
		int64_t under = scaled(wrong[i], most);
		/* What is there at all is to be seen. */
		foot[i] = wrong[i] && under < 30 ? 30 : under;
		high[i] = all[i] > wrong[i] ? scaled(all[i], most) : 0;
	}
	add_bars(&b, "b-bad", zero, foot, n);
	for (size_t i = 0; i < n; i++)
		foot[i] += wrong[i] ? FOOT_GAP : 0;
	add_bars(&b, "b-base", foot, high, n);
	buf_add(&b, STR("</svg>"));
	return buf_str(&b);
}

static int64_t x_of(const struct chart_line *l, size_t i)
{
	return l->n > 1 ? 40 + (int64_t)i * (WIDTH - 80) / (int64_t)(l->n - 1)
	                : WIDTH / 2;
}

/* From value i on, as long as there are some: how many. */
static size_t run_at(const struct chart_line *l, size_t i)
{
	size_t n = 0;
	while (i + n < l->n && l->value[i + n] >= 0)
		n++;
	return n;
}

static void band(struct buf *b, const struct chart_line *l, size_t i, size_t n)
{
	if (n < 2)
		return;
	buf_add(b, STR("<path class=\"band\" d=\""));
	for (size_t k = 0; k < n; k++)
		point(b, k ? 'L' : 'M', x_of(l, i + k),
		      HEIGHT - scaled(l->high[i + k], l->most));
	for (size_t k = n; k-- > 0;)
		point(b, 'L', x_of(l, i + k),
		      HEIGHT - scaled(l->low[i + k], l->most));
	buf_add(b, STR("Z\"/>"));
}

static void stroke(struct buf *b, const struct chart_line *l, size_t i,
                   size_t n)
{
	/* One alone has no line: a dot. */
	buf_format(b, "<path class=\"%s\" d=\"", n > 1 ? "ln" : "dot");
	for (size_t k = 0; k < n; k++)
		point(b, k ? 'L' : 'M', x_of(l, i + k),
		      HEIGHT - scaled(l->value[i + k], l->most));
	buf_add(b, n > 1 ? STR("\"/>") : STR("h.01\"/>"));
}

static void last_dot(struct buf *b, const struct chart_line *l)
{
	for (size_t i = l->n; i-- > 0;)
		if (l->value[i] >= 0) {
			stroke(b, l, i, 1);
			return;
		}
}

struct str chart_line(struct arena *a, struct str label,
                      const struct chart_line *l)
{
	struct buf b = begin(a, "0 0 260 120", label);
	buf_add(&b, STR("<path class=\"grid\" d=\"M0 0H260M0 60H260\"/>"
	                "<path class=\"base\" d=\"M0 120H260\"/>"));
	for (size_t i = 0; i < l->nmarks; i++) {
		buf_add(&b, STR("<path class=\"mark\" d=\"M"));
		number(&b, l->marks[i] * WIDTH / 1000);
		buf_add(&b, STR(" 0V120\"/>"));
	}
	for (size_t i = 0; i < l->n;) {
		size_t n = run_at(l, i);
		if (n && l->low && l->high)
			band(&b, l, i, n);
		if (n)
			stroke(&b, l, i, n);
		i += n ? n : 1;
	}
	last_dot(&b, l);
	buf_add(&b, STR("</svg>"));
	return buf_str(&b);
}

struct str chart_bar(struct arena *a, const char *mark, int64_t now,
                     int64_t before, int64_t most)
{
	struct buf b = buf_new(a, CHART_MAX);
	most = most > 0 ? most : 1;
	buf_add(&b, STR("<svg class=\"bar\" viewBox=\"0 0 100 10\" "
	                "preserveAspectRatio=\"none\" aria-hidden=\"true\">"));
	rect(&b, mark, 0, 0, (int64_t)((double)now * 1000 / (double)most), 100);
	if (before >= 0) {
		buf_add(&b, STR("<path class=\"tick\" d=\"M"));
		number(&b, (int64_t)((double)before * 1000 / (double)most));
		buf_add(&b, STR(" -2V12\"/>"));
	}
	buf_add(&b, STR("</svg>"));
	return buf_str(&b);
}

/* How dark a cell is: 0 where nothing happened. */
static int heat_of(int64_t n, int64_t most)
{
	return n ? (int)(1 + (n * 5 - 1) / most) : 0;
}

/* The cells of one darkness, each a short stroke as wide as a row: as
   rectangles they would be most of the page. */
static void add_cells(struct buf *b, const int64_t count[7][24], int64_t most,
                      int heat)
{
	bool any = false;
	for (int d = 0; d < 7; d++)
		for (int h = 0; h < 24; h++) {
			if (heat_of(count[d][h], most) != heat)
				continue;
			if (!any)
				buf_format(b, "<path class=\"g%d\" d=\"", heat);
			any = true;
			buf_format(b, "M%d %dh9", h * 10, d * 10 + 5);
		}
	if (any)
		buf_add(b, STR("\"/>"));
}

struct str chart_heat(struct arena *a, struct str label,
                      const int64_t count[7][24])
{
	int64_t most = 1;
	struct buf b = begin(a, "-.5 0 240 70", label);
	for (int d = 0; d < 7; d++)
		for (int h = 0; h < 24; h++)
			if (count[d][h] > most)
				most = count[d][h];
	for (int heat = 0; heat <= 5; heat++)
		add_cells(&b, count, most, heat);
	buf_add(&b, STR("</svg>"));
	return buf_str(&b);
}

struct str chart_dots(struct arena *a, struct str label, const int64_t *at,
                      size_t n)
{
	struct buf b = begin(a, "0 0 260 12", label);
	buf_add(&b, STR("<path class=\"base\" d=\"M0 6H260\"/>"));
	for (size_t i = 0; i < n; i++) {
		buf_add(&b, STR("<path class=\"dot bad\" d=\"M"));
		number(&b, 40 + at[i] * (WIDTH - 80) / 1000);
		buf_add(&b, STR(" 6h.01\"/>"));
	}
	buf_add(&b, STR("</svg>"));
	return buf_str(&b);
}
