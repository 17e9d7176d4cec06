/*
 * when: instants, durations and time zones. No call to the clock is made here.
 *
 * An instant is an int64_t: seconds since 1970-01-01T00:00:00Z, without leap
 * seconds. A duration is seconds. Text is RFC 3339. A zone is an IANA name,
 * read from the system's tz database; the process's own TZ never matters.
 */
#ifndef CORE_WHEN_H
#define CORE_WHEN_H

#include "core/fail.h"
#include "core/str.h"

enum { WHEN_TEXT_MAX = 48 };
struct when_text {
	char s[WHEN_TEXT_MAX];
};

/* "2026-11-20T08:00:00Z". Years 0000..9999; others are clamped. */
struct when_text when_text(int64_t instant);

/*
 * RFC 3339 section 5.6: date, 'T' or 't' or a space, time, optional fraction
 * (cut off), 'Z' or a numeric offset. 60 seconds only as a leap second, at
 * the end of a month in UTC (it becomes 59). False for anything else, dates
 * that do not exist included.
 */
bool when_parse(struct str s, int64_t *instant);

/* A number and one of s, m, h, d; at most 3660 days. */
bool when_parse_duration(struct str s, int64_t *seconds);

/* "30s", "15m", "2h", "7d": the largest unit that divides it. */
struct when_text when_duration_text(int64_t seconds);

/* "16 m 53 s", "2 h 5 m", "3 d 4 h": two units at most, for people. */
struct when_text when_duration_words(int64_t seconds);

struct civil {                /* a date and time on a clock on the wall */
	int year, month, day; /* month and day from 1 */
	int hour, minute, second;
	int weekday; /* 0 Monday .. 6 Sunday */
	int offset;  /* seconds east of UTC at that instant; 0 for UTC */
};

struct zone; /* a time zone */

/* NULL in *out means UTC to every function below. The zone lives in a. Fails
   (FAIL_INPUT) for a name that the tz database does not hold. */
bool zone_find(const struct zone **out, struct arena *a, struct str name,
               struct fail *why);

struct civil when_civil(int64_t instant, const struct zone *z);

/*
 * The instant at which z's clock shows the date and time (weekday and offset
 * are ignored; day and hour overflow carry over: day 32, hour 24 are fine).
 * Where the clock shows it twice (autumn) the first; where it never does
 * (spring) the instant of the jump.
 */
int64_t when_instant(struct civil c, const struct zone *z);

/* The first instant of the day in z that holds `instant`, and of the next:
   start <= instant < end, also where the clock goes back over midnight (what
   it shows again belongs to the new day). */
int64_t when_day_start(int64_t instant, const struct zone *z);
int64_t when_day_end(int64_t instant, const struct zone *z);

/* ISO 8601 week: *year may differ from the civil year. */
void when_iso_week(struct civil c, int *year, int *week);

#endif
