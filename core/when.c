#include "core/when.h"

#include "core/calendar.h"
#include "core/zone.h"

#include <stdio.h>
#include <string.h>

/* 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z. */
static const int64_t first_instant = -62167219200, last_instant = 253402300799;

static int64_t clamp(int64_t v, int64_t low, int64_t high)
{
	return v < low ? low : v > high ? high : v;
}

static void put_digits(char *at, int width, int value)
{
	for (int i = width - 1; i >= 0; i--, value /= 10)
		at[i] = (char)('0' + value % 10);
}

struct when_text when_text(int64_t instant)
{
	struct civil c =
	        when_civil(clamp(instant, first_instant, last_instant), NULL);
	struct when_text t = {"0000-00-00T00:00:00Z"};
	put_digits(t.s, 4, c.year);
	put_digits(t.s + 5, 2, c.month);
	put_digits(t.s + 8, 2, c.day);
	put_digits(t.s + 11, 2, c.hour);
	put_digits(t.s + 14, 2, c.minute);
	put_digits(t.s + 17, 2, c.second);
	return t;
}

static bool take_char(struct str *s, const char *any)
{
	if (!s->n || !s->s[0] || !strchr(any, s->s[0]))
		return false;
	*s = str_from(*s, 1);
	return true;
}

static bool take_digits(struct str *s, size_t n, int low, int high, int *out)
{
	int v = 0;
	if (s->n < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s->s[i] < '0' || s->s[i] > '9')
			return false;
		v = v * 10 + (s->s[i] - '0');
	}
	*s = str_from(*s, n);
	*out = v;
	return v >= low && v <= high;
}

static bool take_date(struct str *s, struct civil *c)
{
	return take_digits(s, 4, 0, 9999, &c->year) && take_char(s, "-") &&
	       take_digits(s, 2, 1, 12, &c->month) && take_char(s, "-") &&
	       take_digits(s, 2, 1, 31, &c->day) &&
	       c->day <= calendar_month_length(c->year, c->month);
}

static bool take_time(struct str *s, struct civil *c)
{
	if (!take_digits(s, 2, 0, 23, &c->hour) || !take_char(s, ":") ||
	    !take_digits(s, 2, 0, 59, &c->minute) || !take_char(s, ":") ||
	    !take_digits(s, 2, 0, 60, &c->second))
		return false;
	if (!take_char(s, "."))
		return true;
	int digit;
	if (!take_digits(s, 1, 0, 9, &digit))
		return false;
	while (take_digits(s, 1, 0, 9, &digit))
		;
	return true;
}

static bool take_offset(struct str *s, int *out)
{
	*out = 0;
	if (take_char(s, "Zz"))
		return true;
	bool west = s->n && s->s[0] == '-';
	int hours, minutes;
	if (!take_char(s, "+-") || !take_digits(s, 2, 0, 23, &hours) ||
	    !take_char(s, ":") || !take_digits(s, 2, 0, 59, &minutes))
		return false;
	*out = (hours * 60 + minutes) * 60 * (west ? -1 : 1);
	return true;
}

/* Leap seconds end a month in UTC (RFC 3339 section 5.7); there is no table
   of the ones that were. The instant is the second before. */
static bool may_leap_after(int64_t instant)
{
	int64_t next = instant + 1;
	return next % DAY_SECONDS == 0 &&
	       calendar_date(calendar_day_of(next)).day == 1;
}

bool when_parse(struct str s, int64_t *instant)
{
	struct civil c = {0};
	int offset;
	if (!take_date(&s, &c) || !take_char(&s, "Tt ") || !take_time(&s, &c) ||
	    !take_offset(&s, &offset) || s.n)
		return false;
	bool leap = c.second == 60;
	int64_t t = when_instant(c, NULL) - offset - leap;
	if ((leap && !may_leap_after(t)) || t < first_instant ||
	    t > last_instant)
		return false;
	*instant = t;
	return true;
}

static const struct unit {
	char letter;
	int64_t seconds;
} units[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};

enum { NUNITS = sizeof units / sizeof units[0] };

bool when_parse_duration(struct str s, int64_t *seconds)
{
	const int64_t max = (int64_t)3660 * DAY_SECONDS;
	int64_t v;
	if (s.n < 2 || s.s[0] == '-' || !str_int(str_head(s, s.n - 1), &v))
		return false;
	for (int i = 0; i < NUNITS; i++) {
		if (units[i].letter != s.s[s.n - 1])
			continue;
		if (v > max / units[i].seconds)
			return false;
		*seconds = v * units[i].seconds;
		return true;
	}
	return false;
}

struct when_text when_duration_text(int64_t seconds)
{
	struct when_text t;
	int i = 0;
	while (i < NUNITS - 1 && (!seconds || seconds % units[i].seconds))
		i++;
	snprintf(t.s, sizeof t.s, "%lld%c",
	         (long long)(seconds / units[i].seconds), units[i].letter);
	return t;
}

struct when_text when_duration_words(int64_t seconds)
{
	struct when_text t;
	const char *sign = seconds < 0 ? "-" : "";
	/* Clamped, so that the number negated is one as well. */
	int64_t left = clamp(seconds, -INT64_MAX, INT64_MAX);
	if (left < 0)
		left = -left;
	int i = 0;
	while (i < NUNITS - 1 && left < units[i].seconds)
		i++;
	long long major = left / units[i].seconds;
	long long minor =
	        i + 1 < NUNITS ? left % units[i].seconds / units[i + 1].seconds
	                       : 0;
	if (minor)
		snprintf(t.s, sizeof t.s, "%s%lld %c %lld %c", sign, major,
		         units[i].letter, minor, units[i + 1].letter);
	else
		snprintf(t.s, sizeof t.s, "%s%lld %c", sign, major,
		         units[i].letter);
	return t;
}

bool zone_find(const struct zone **out, struct arena *a, struct str name,
               struct fail *why)
{
	if (!str_is(name, "UTC") && !str_is(name, "Etc/UTC"))
		return zone_read(out, a, name, why);
	*out = NULL;
	return true;
}

/* Days of years that an int holds, in seconds, are far from overflow: beyond
   any date on a clock, and within reach of every sum below. */
static const int64_t far = (int64_t)2000000000 * 31556952;

struct civil when_civil(int64_t instant, const struct zone *z)
{
	instant = clamp(instant, -far, far);
	int offset = zone_span_at(z, instant).offset;
	int64_t day = calendar_day_of(instant + offset);
	int second = (int)(instant + offset - day * DAY_SECONDS);
	struct date d = calendar_date(day);
	return (struct civil){
	        .year = (int)d.year,
	        .month = d.month,
	        .day = d.day,
	        .hour = second / 3600,
	        .minute = second / 60 % 60,
	        .second = second % 60,
	        .weekday = calendar_weekday(day),
	        .offset = offset,
	};
}

/*
 * The first instant at which z's clock shows `local` or more: `local` counts
 * seconds as if the clock were in UTC. Before local - ZONE_OFFSET_MAX no clock
 * is that far, so the first even stretch that ends later than `local` has it,
 * or begins beyond it (the jump).
 */
static int64_t first_at(int64_t local, const struct zone *z)
{
	struct zone_span s = zone_span_at(z, local - ZONE_OFFSET_MAX);
	while (local - s.offset >= s.until)
		s = zone_span_at(z, s.until);
	int64_t t = local - s.offset;
	return t < s.since ? s.since : t;
}

int64_t when_instant(struct civil c, const struct zone *z)
{
	int64_t day = calendar_day((struct date){c.year, c.month, c.day});
	int64_t local = day * DAY_SECONDS + (int64_t)c.hour * 3600 +
	                (int64_t)c.minute * 60 + c.second;
	return first_at(local, z);
}

/*
 * Where a clock goes back over midnight (America/St_Johns did at 00:01) the
 * hour after belongs to the new day, though the clock shows the old date
 * again: days begin once, so that start <= instant < end.
 */
static void day_bounds(int64_t instant, const struct zone *z, int64_t *start,
                       int64_t *end)
{
	instant = clamp(instant, -far, far);
	int64_t local = instant + zone_span_at(z, instant).offset;
	int64_t day = calendar_day_of(local);
	*start = first_at(day * DAY_SECONDS, z);
	*end = first_at((day + 1) * DAY_SECONDS, z);
	for (; *end <= instant; day++) {
		*start = *end;
		*end = first_at((day + 2) * DAY_SECONDS, z);
	}
}

int64_t when_day_start(int64_t instant, const struct zone *z)
{
	int64_t start, end;
	day_bounds(instant, z, &start, &end);
	return start;
}

int64_t when_day_end(int64_t instant, const struct zone *z)
{
	int64_t start, end;
	day_bounds(instant, z, &start, &end);
	return end;
}

void when_iso_week(struct civil c, int *year, int *week)
{
	/* A week belongs to the year that its Thursday is in. */
	int64_t day = calendar_day((struct date){c.year, c.month, c.day});
	int64_t thursday = day - calendar_weekday(day) + 3;
	int64_t in = calendar_date(thursday).year;
	int64_t new_year = calendar_day((struct date){in, 1, 1});
	*year = (int)in;
	*week = (int)((thursday - new_year) / 7) + 1;
}
