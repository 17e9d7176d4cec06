#include "render/chart.h"

#include "core/when.h"

enum { CHART_MAX = 64 * 1024, SEGMENTS_MAX = 20 };

/* Tenths, so that no number depends on how floating point is printed. */
static void tenths(struct buf *b, const char *name, int64_t v)
{
	buf_format(b, " %s=\"%lld.%d\"", name, (long long)(v / 10),
	           (int)(v % 10));
}

static void rect(struct buf *b, const char *mark, int64_t x, int64_t y,
                 int64_t width, int64_t height)
{
	buf_format(b, "<rect class=\"%s\"", mark);
	tenths(b, "x", x);
	tenths(b, "y", y);
	tenths(b, "width", width);
	tenths(b, "height", height);
	buf_add(b, STR("/>"));
}

struct str chart_gauge(struct arena *a, int64_t used, int64_t limit)
{
	if (limit < 1)
		return (struct str){0};
	used = used < 0 ? 0 : used > limit ? limit : used;
	struct buf b = buf_new(a, CHART_MAX);
	const char *tone = used == limit       ? " full"
	                   : limit - used == 1 ? " near"
	                                       : "";
	buf_format(&b,
	           "<svg class=\"gauge%s\" viewBox=\"0 0 100 8\" "
	           "preserveAspectRatio=\"none\" aria-hidden=\"true\">",
	           tone);
	if (limit > SEGMENTS_MAX) {
		int64_t width = used * 1000 / limit;
		rect(&b, "off", 0, 0, 1000, 80);
		rect(&b, "on", 0, 0, width, 80);
	}
	for (int64_t i = 0; limit <= SEGMENTS_MAX && i < limit; i++) {
		int64_t x = i * 1012 / limit, next = (i + 1) * 1012 / limit;
		rect(&b, i < used ? "on" : "off", x, 0, next - x - 12, 80);
	}
	buf_add(&b, STR("</svg>"));
	return buf_str(&b);
}

enum { STRIP_BASE = 160, STRIP_HEIGHT = 240, STRIP_STEP = 103 };

/* Those of one mark as one path: as rectangles they would be most of a page. */
static void strip_bars(struct buf *b, const char *mark, const int *count,
                       size_t n, int most, bool up)
{
	bool any = false;
	for (size_t i = 0; i < n; i++) {
		int c = count[i] > most ? most : count[i];
		int64_t x = (int64_t)i * STRIP_STEP + 10;
		int64_t high = (int64_t)c * (up ? 138 : 74) / most;
		int64_t least = up ? 28 : 30;
		int64_t y = up ? STRIP_BASE - 6 : STRIP_BASE + 6;
		if (!c)
			continue;
		high = high < least ? least : high;
		if (!any)
			buf_format(b, "<path class=\"%s\" d=\"", mark);
		any = true;
		buf_format(b, "M%lld.%d %lld.%dh8.3v%s%lld.%dh-8.3z",
		           (long long)(x / 10), (int)(x % 10),
		           (long long)(y / 10), (int)(y % 10), up ? "-" : "",
		           (long long)(high / 10), (int)(high % 10));
	}
	if (any)
		buf_add(b, STR("\"/>"));
}

struct str chart_strip(struct arena *a, const int *up, const int *down,
                       size_t n, int most)
{
	int good = 0, bad = 0;
	for (size_t i = 0; i < n; i++) {
		good += up[i];
		bad += down[i];
	}
	struct buf b = buf_new(a, CHART_MAX);
	buf_format(&b,
	           "<svg class=\"spark\" viewBox=\"0 0 %d 24\" role=\"img\" "
	           "aria-label=\"%d went well, %d went wrong\"><path "
	           "class=\"base\" d=\"M0 15.8H%d\"/>",
	           (int)n * STRIP_STEP / 10, good, bad,
	           (int)n * STRIP_STEP / 10);
	most = most < 1 ? 1 : most;
	strip_bars(&b, "b-base", up, n, most, true);
	strip_bars(&b, "b-bad", down, n, most, false);
	buf_add(&b, STR("</svg>"));
	return buf_str(&b);
}

struct str chart_parts(struct arena *a, const struct chart_part *parts,
                       size_t n)
{
	int64_t total = 0;
	for (size_t i = 0; i < n; i++)
		total += parts[i].seconds;
	if (total < 1)
		return (struct str){0};
	struct buf b = buf_new(a, CHART_MAX);
	buf_add(&b, STR("<svg viewBox=\"0 0 1000 18\" "
	                "preserveAspectRatio=\"none\" role=\"img\" "
	                "aria-label=\""));
	for (size_t i = 0; i < n; i++)
		buf_format(&b, "%s%" STR_FMT " %s", i ? ", " : "",
		           STR_ARG(parts[i].name),
		           when_duration_words(parts[i].seconds).s);
	buf_add(&b, STR("\">"));
	/* Every part gets a sliver, so that none of them vanishes. */
	int64_t x = 10, room = 9980 - 100 * (int64_t)n;
	for (size_t i = 0; i < n; i++) {
		int64_t width =
		        60 + (int64_t)((double)room * (double)parts[i].seconds /
		                       (double)total);
		buf_format(&b, "<rect class=\"%" STR_FMT "\"",
		           STR_ARG(parts[i].mark));
		tenths(&b, "x", x);
		tenths(&b, "y", 10);
		tenths(&b, "width", width);
		tenths(&b, "height", 160);
		buf_add(&b, STR("/>"));
		x += width + 40;
	}
	buf_add(&b, STR("</svg>"));
	return buf_str(&b);
}

struct str chart_day(struct arena *a, const struct chart_stretch *stretches,
                     size_t n, int64_t day)
{
	struct buf b = buf_new(a, CHART_MAX);
	buf_add(&b, STR("<svg class=\"day\" viewBox=\"0 0 240 10\" "
	                "preserveAspectRatio=\"none\" aria-hidden=\"true\">"));
	for (size_t i = 0; i < n; i++) {
		const struct chart_stretch *x = &stretches[i];
		int64_t from = x->from * 2400 / day, to = x->to * 2400 / day;
		buf_format(&b, "<rect class=\"%" STR_FMT "\"",
		           STR_ARG(x->mark));
		tenths(&b, "x", from);
		tenths(&b, "y", 0);
		tenths(&b, "width", to > from ? to - from : 1);
		tenths(&b, "height", 100);
		buf_add(&b, STR("/>"));
	}
	buf_add(&b, STR("</svg>"));
	return buf_str(&b);
}
