/* Windows of figures, in the zone. */
#include "core/calendar.h"
#include "core/insight.h"

#include <assert.h>

enum { MOST_DAYS = 3660, DAYS_AS_DAYS = 31, MOST_WEEKS = 60, MOST_MONTHS = 60 };

/* Midnight of a day that may lie outside of its month. */
static int64_t day_at(int64_t year, int month, int64_t day,
                      const struct zone *zone)
{
	struct date d = calendar_date(
	        calendar_day((struct date){year, month, 1}) + day - 1);
	struct civil c = {.year = (int)d.year, .month = d.month, .day = d.day};
	return when_instant(c, zone);
}

static int64_t days_off(int64_t t, int64_t days, const struct zone *zone)
{
	struct civil c = when_civil(t, zone);
	return day_at(c.year, c.month, c.day + days, zone);
}

int64_t insight_week_start(int64_t t, const struct zone *zone)
{
	return days_off(t, -when_civil(t, zone).weekday, zone);
}

int64_t insight_week_end(int64_t t, const struct zone *zone)
{
	return days_off(t, 7 - when_civil(t, zone).weekday, zone);
}

/* The first instant of a month so many after that of t. */
static int64_t month_off(int64_t t, int64_t months, const struct zone *zone)
{
	struct civil c = when_civil(t, zone);
	int64_t month = (int64_t)c.year * 12 + c.month - 1 + months;
	return day_at(month / 12, (int)(month % 12) + 1, 1, zone);
}

struct str insight_week_name(struct arena *a, int64_t t,
                             const struct zone *zone)
{
	int year, week;
	when_iso_week(when_civil(t, zone), &year, &week);
	return str_format(a, "%04d-w%02d", year, week);
}

/* The Monday of an ISO week; false where the year has no such week. */
static bool week_named(struct str name, const struct zone *zone, int64_t *out)
{
	int64_t year, week;
	struct str head, tail;
	if (name.n != 8 || name.s[4] != '-' ||
	    (name.s[5] != 'w' && name.s[5] != 'W'))
		return false;
	head = str_head(name, 4);
	tail = str_from(name, 6);
	if (!str_int(head, &year) || !str_int(tail, &week) || year < 1970 ||
	    week < 1)
		return false;
	/* 4 January is always in the first week. */
	int64_t fourth = calendar_day((struct date){year, 1, 4});
	int64_t monday = fourth - calendar_weekday(fourth) + (week - 1) * 7;
	struct date d = calendar_date(monday);
	int64_t t = day_at(d.year, d.month, d.day, zone);
	int year_of, week_of;
	when_iso_week(when_civil(t, zone), &year_of, &week_of);
	*out = t;
	return year_of == year && week_of == week;
}

bool insight_window_of(struct str name, int64_t now, const struct zone *zone,
                       int64_t first, struct insight_window *out)
{
	int64_t n, start;
	if (str_is(name, "all")) {
		out->to = now;
		out->from = first && first < now ? days_off(first, 0, zone)
		                                 : days_off(now, 0, zone);
		return true;
	}
	if (week_named(name, zone, &start)) {
		int64_t end = insight_week_end(start, zone);
		*out = (struct insight_window){start, end < now ? end : now};
		return start < now;
	}
	if (name.n < 2 || !str_int(str_head(name, name.n - 1), &n) || n < 1 ||
	    n > MOST_DAYS)
		return false;
	out->to = now;
	switch (name.s[name.n - 1]) {
	case 'd':
		out->from = days_off(now, 1 - n, zone);
		return true;
	case 'w':
		out->from = days_off(insight_week_start(now, zone), 7 - n * 7,
		                     zone);
		return n * 7 <= MOST_DAYS;
	case 'm':
		out->from = month_off(now, 1 - n, zone);
		return n * 31 <= MOST_DAYS;
	default:
		return false;
	}
}

int64_t insight_present(const struct insight_question *q,
                        const struct insight_window *w)
{
	if (!q->present)
		return q->at;
	return q->present < w->to ? q->present : w->to;
}

struct insight_window insight_window_before(struct insight_window w)
{
	return (struct insight_window){w.from - (w.to - w.from), w.from};
}

/* Which day it is, counted from 1970, and how much of it is over. */
static double day_point(int64_t t, const struct zone *zone)
{
	struct civil c = when_civil(t, zone);
	int64_t start = when_day_start(t, zone), end = when_day_end(t, zone);
	int64_t day = calendar_day((struct date){c.year, c.month, c.day});
	return (double)day + (double)(t - start) / (double)(end - start);
}

double insight_days(struct insight_window w, const struct zone *zone)
{
	return day_point(w.to, zone) - day_point(w.from, zone);
}

/* --- pieces --- */

static int64_t piece_start(int64_t t, enum insight_unit unit,
                           const struct zone *zone)
{
	switch (unit) {
	case UNIT_DAY:
		return days_off(t, 0, zone);
	case UNIT_WEEK:
		return insight_week_start(t, zone);
	case UNIT_MONTH:
		return month_off(t, 0, zone);
	case UNIT_YEAR:
		break;
	}
	return day_at(when_civil(t, zone).year, 1, 1, zone);
}

static int64_t piece_end(int64_t t, enum insight_unit unit,
                         const struct zone *zone)
{
	switch (unit) {
	case UNIT_DAY:
		return days_off(t, 1, zone);
	case UNIT_WEEK:
		return insight_week_end(t, zone);
	case UNIT_MONTH:
		return month_off(t, 1, zone);
	case UNIT_YEAR:
		break;
	}
	return day_at(when_civil(t, zone).year + 1, 1, 1, zone);
}

struct insight_buckets insight_buckets_of(struct insight_window w,
                                          const struct zone *zone,
                                          enum insight_unit least)
{
	double days = insight_days(w, zone);
	struct insight_buckets b = {.unit = days <= DAYS_AS_DAYS     ? UNIT_DAY
	                                    : days <= MOST_WEEKS * 7 ? UNIT_WEEK
	                                    : days <= MOST_MONTHS * 31
	                                            ? UNIT_MONTH
	                                            : UNIT_YEAR};
	if (b.unit < least)
		b.unit = least;
	if (w.to <= w.from)
		return b;
	b.part_first = piece_start(w.from, b.unit, zone) < w.from;
	b.at[0] = w.from;
	for (int64_t t = w.from; t < w.to && b.n < INSIGHT_BUCKETS;) {
		int64_t end = piece_end(t, b.unit, zone);
		/* A clock set back over midnight may show a day's end twice. */
		if (end <= t)
			end = when_day_end(t, zone);
		b.part_last = end > w.to;
		b.n++;
		t = end > w.to || b.n == INSIGHT_BUCKETS ? w.to : end;
		b.at[b.n] = t;
	}
	return b;
}
