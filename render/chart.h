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

#endif
