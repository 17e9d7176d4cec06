/*
 * insight_stale: which pages of figures (view_insights) may differ from what
 * the last render wrote. They follow from the events since then, and from the
 * hour: a page of a period is of its full hours, so that it stays as it is
 * while the clock moves within one and nothing happens in its scope.
 */
#ifndef RENDER_INSIGHT_STALE_H
#define RENDER_INSIGHT_STALE_H

#include "render/insight_slices.h"

/* The hour that holds an instant, cut at the midnights of the zone. */
struct insight_window insight_hour(int64_t t, const struct zone *zone);

/* When the last event was recorded: what weeks know is known then. */
bool insight_known_at(struct site *s, int64_t *out, struct fail *why);

struct insight_stale {
	bool all;     /* each page of a period and of a week */
	bool periods; /* each page of a period */
	bool some;    /* those of everything, of recipes, and of the groups
	                 and environments that render/changes names */
	int64_t from; /* weeks that end after it */
	/* Weeks that hold a part of one, and the weeks after those. */
	VEC(struct insight_window) spans;
};

/* q: of the periods. first: insight_first's answer; known: of known_at. */
bool insight_stale_read(struct insight_stale *out, struct site *s,
                        struct arena *a, const struct insight_question *q,
                        int64_t first, int64_t known, struct fail *why);

bool insight_stale_periods(const struct insight_stale *st); /* any of one */
bool insight_stale_slice(const struct site *s, const struct insight_stale *st,
                         const struct slice *of);
bool insight_stale_week(const struct insight_stale *st,
                        struct insight_window w);

#endif
