/*
 * chart: small drawings as SVG: marks only, no text; the words stand beside
 * them in the page, or in the drawing's label.
 */
#ifndef RENDER_CHART_H
#define RENDER_CHART_H

#include "core/str.h"

/*
 * How much of a limit is used: a segment a unit up to 20, a plain bar above.
 * The last unit left and none left have tones of their own.
 */
struct str chart_gauge(struct arena *a, int64_t used, int64_t limit);

/* n days from the oldest: what went well up, what went wrong down, in steps of
   the same scale `most` in every row of a table. */
struct str chart_strip(struct arena *a, const int *up, const int *down,
                       size_t n, int most);

/* One bar of parts after one another, as wide as they lasted. mark: the class
   of the rect. */
struct chart_part {
	struct str name, mark;
	int64_t seconds;
};
struct str chart_parts(struct arena *a, const struct chart_part *parts,
                       size_t n);

/* A day as one bar: parts of it from one second to another. The words stand
   beside it. */
struct chart_stretch {
	struct str mark;
	int64_t from, to;
};
struct str chart_day(struct arena *a, const struct chart_stretch *stretches,
                     size_t n, int64_t day);

/* --- figures over time (chart_plot.c) ------------------------------------- */

/* All are named for who cannot see them: label is a sentence, of our own words
   and escaped names. */

enum { PLOT_MOST = 128 };

/* n bars from the oldest, as high as `most` at the top: what went wrong stands
   at the foot, apart from the rest. */
struct str chart_bars(struct arena *a, struct str label, const int64_t *all,
                      const int64_t *wrong, size_t n, int64_t most);

/* A line through values of 0 to most; -1 leaves a gap. low and high, where they
   are given, are the band around it. marks: in thousandths of the width. */
struct chart_line {
	const int64_t *value, *low, *high;
	size_t n;
	int64_t most;
	const int64_t *marks;
	size_t nmarks;
};
struct str chart_line(struct arena *a, struct str label,
                      const struct chart_line *line);

/* One bar in a cell, of most; a tick where `before` would end. */
struct str chart_bar(struct arena *a, const char *mark, int64_t now,
                     int64_t before, int64_t most);

/* Weekdays by hours, five steps of one hue. */
struct str chart_heat(struct arena *a, struct str label,
                      const int64_t count[7][24]);

/* Dots on a line, in thousandths of its width: when something happened. */
struct str chart_dots(struct arena *a, struct str label, const int64_t *at,
                      size_t n);

/* The round number that a scale ends with: at least v. */
int64_t chart_round(int64_t v);

#endif
