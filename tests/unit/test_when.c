#include "core/when.h"
#include "tests/lib/tap.h"

#include <stdlib.h>

/* A literal instant; a typing error here must not pass as 1970. */
static int64_t at(const char *text)
{
	int64_t t;
	if (!when_parse(str_of(text), &t))
		abort();
	return t;
}

static const struct zone *zone(struct arena *a, const char *name)
{
	const struct zone *z = NULL;
	struct fail why = {0};
	if (!zone_find(&z, a, str_of(name), &why)) {
		tap_note("%s", why.text);
		abort();
	}
	return z;
}

static const struct {
	const char *text;
	int64_t instant;
} readable[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-11-20T08:00:00Z", 1795161600},
        {"2026-11-20t08:00:00z", 1795161600},
        {"2026-11-20 08:00:00Z", 1795161600},
        {"2026-11-20T10:00:00+02:00", 1795161600},
        {"2026-11-20T03:00:00-05:00", 1795161600},
        {"2026-11-20T08:00:00-00:00", 1795161600},
        {"2026-11-20T13:45:00+05:45", 1795161600},
        {"2026-11-21T07:59:00+23:59", 1795161600},
        {"2026-11-20T08:00:00.9Z", 1795161600},
        {"2026-11-20T08:00:00.000000000000000000001Z", 1795161600},
        {"1969-12-31T23:59:59Z", -1},
        {"2000-02-29T00:00:00Z", 951782400},
        {"2024-02-29T23:59:59Z", 1709251199},
        {"1900-02-28T00:00:00Z", -2203977600},
        {"0000-01-01T00:00:00Z", -62167219200},
        {"0000-02-29T00:00:00Z", -62162121600},
        {"9999-12-31T23:59:59Z", 253402300799},
        {"2016-12-31T23:59:60Z", 1483228799},
        {"2016-12-31T23:59:60.5Z", 1483228799},
        {"2016-12-31T15:59:60-08:00", 1483228799},
        {"2015-07-01T05:29:60+05:30", 1435708799},
};

static const char *const unreadable[] = {
        "",
        "2026-11-20",
        "2026-11-20T08:00:00",
        "2026-11-20T08:00Z",
        "2026-11-20T08:00:00Z ",
        " 2026-11-20T08:00:00Z",
        "2026-11-20T08:00:00ZZ",
        "2026-11-20_08:00:00Z",
        "2026-11-20  08:00:00Z",
        "26-11-20T08:00:00Z",
        "02026-11-20T08:00:00Z",
        "+2026-11-20T08:00:00Z",
        "2026-1-20T08:00:00Z",
        "2026/11/20T08:00:00Z",
        "2026-00-20T08:00:00Z",
        "2026-13-20T08:00:00Z",
        "2026-11-00T08:00:00Z",
        "2026-11-31T08:00:00Z",
        "2026-02-29T08:00:00Z",
        "1900-02-29T08:00:00Z",
        "2100-02-29T08:00:00Z",
        "2024-02-30T08:00:00Z",
        "2026-11-20T24:00:00Z",
        "2026-11-20T08:60:00Z",
        "2026-11-20T08:00:61Z",
        "2026-11-20T08:00:60Z",
        "2026-11-20T23:59:60Z",
        "2016-12-31T23:59:60-08:00",
        "2016-12-31T23:58:60Z",
        "2026-11-20T08:00:00.Z",
        "2026-11-20T08:00:00,5Z",
        "2026-11-20T08:00:00+0200",
        "2026-11-20T08:00:00+02",
        "2026-11-20T08:00:00+24:00",
        "2026-11-20T08:00:00+02:60",
        "2026-11-20T08:00:00 +02:00",
        "0000-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "2026-11-20T08:00:0\xd9\xa1Z",
};

static void texts(void)
{
	for (size_t i = 0; i < sizeof readable / sizeof readable[0]; i++) {
		int64_t t = 42;
		bool fine = when_parse(str_of(readable[i].text), &t);
		ok(fine && t == readable[i].instant, "'%s' is %lld",
		   readable[i].text, (long long)readable[i].instant);
	}
	for (size_t i = 0; i < sizeof unreadable / sizeof unreadable[0]; i++) {
		int64_t t = 42;
		ok(!when_parse(str_of(unreadable[i]), &t) && t == 42,
		   "'%s' is no instant", unreadable[i]);
	}
	int64_t t = 42;
	ok(!when_parse((struct str){"2026-11-20\0"
	                            "08:00:00Z",
	                            20},
	               &t),
	   "NUL does not part date and time");
	is_str(str_of(when_text(1795161600).s), "2026-11-20T08:00:00Z",
	       "an instant as text");
	is_str(str_of(when_text(-1).s), "1969-12-31T23:59:59Z",
	       "one before 1970");
	is_str(str_of(when_text(INT64_MIN).s), "0000-01-01T00:00:00Z",
	       "far back is clamped");
	is_str(str_of(when_text(INT64_MAX).s), "9999-12-31T23:59:59Z",
	       "far on is clamped");
}

static const struct {
	const char *text;
	int64_t seconds; /* -1: refused */
	const char *again;
} durations[] = {
        {"30s", 30, "30s"},
        {"15m", 900, "15m"},
        {"2h", 7200, "2h"},
        {"7d", 604800, "7d"},
        {"0s", 0, "0s"},
        {"0d", 0, "0s"},
        {"60s", 60, "1m"},
        {"90m", 5400, "90m"},
        {"24h", 86400, "1d"},
        {"61s", 61, "61s"},
        {"3660d", 316224000, "3660d"},
        {"316224000s", 316224000, "3660d"},
        {"3661d", -1, NULL},
        {"316224001s", -1, NULL},
        {"9223372036854775807d", -1, NULL},
        {"99999999999999999999999s", -1, NULL},
        {"", -1, NULL},
        {"5", -1, NULL},
        {"h", -1, NULL},
        {"5w", -1, NULL},
        {"5H", -1, NULL},
        {"-5h", -1, NULL},
        {"-0h", -1, NULL},
        {"+5h", -1, NULL},
        {"5 h", -1, NULL},
        {" 5h", -1, NULL},
        {"1.5h", -1, NULL},
        {"1h30m", -1, NULL},
};

static const struct {
	int64_t seconds;
	const char *words;
} spoken[] = {
        {0, "0 s"},
        {59, "59 s"},
        {60, "1 m"},
        {1013, "16 m 53 s"},
        {3600, "1 h"},
        {3605, "1 h"},
        {7500, "2 h 5 m"},
        {7559, "2 h 5 m"},
        {273600, "3 d 4 h"},
        {86400, "1 d"},
        {-1013, "-16 m 53 s"},
        {INT64_MAX, "106751991167300 d 15 h"},
        {INT64_MIN, "-106751991167300 d 15 h"},
};

static void lengths(void)
{
	for (size_t i = 0; i < sizeof durations / sizeof durations[0]; i++) {
		int64_t s = -1;
		bool fine = when_parse_duration(str_of(durations[i].text), &s);
		is_int(s, durations[i].seconds, "'%s' in seconds",
		       durations[i].text);
		ok(fine == (durations[i].seconds >= 0), "and is told");
		if (fine)
			is_str(str_of(when_duration_text(s).s),
			       durations[i].again, "and printed");
	}
	for (size_t i = 0; i < sizeof spoken / sizeof spoken[0]; i++)
		is_str(str_of(when_duration_words(spoken[i].seconds).s),
		       spoken[i].words, "%lld s in words",
		       (long long)spoken[i].seconds);
	is_str(str_of(when_duration_text(-5400).s), "-90m",
	       "a negative duration");
}

/* Instants and what the clock shows, from Python's zoneinfo. */
static const struct {
	const char *zone, *instant, *shown;
	int offset;
} clocks[] = {
        {"Europe/Berlin", "2026-03-29T00:59:59Z", "2026-03-29T01:59:59Z", 3600},
        {"Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00Z", 7200},
        {"Europe/Berlin", "2026-10-25T00:59:59Z", "2026-10-25T02:59:59Z", 7200},
        {"Europe/Berlin", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z", 3600},
        {"America/New_York", "2026-03-08T06:59:59Z", "2026-03-08T01:59:59Z",
         -18000},
        {"America/New_York", "2026-03-08T07:00:00Z", "2026-03-08T03:00:00Z",
         -14400},
        {"America/New_York", "2026-11-01T05:59:59Z", "2026-11-01T01:59:59Z",
         -14400},
        {"America/New_York", "2026-11-01T06:00:00Z", "2026-11-01T01:00:00Z",
         -18000},
        {"Asia/Kathmandu", "2026-11-20T18:14:59Z", "2026-11-20T23:59:59Z",
         20700},
        {"Asia/Kathmandu", "2026-11-20T18:15:00Z", "2026-11-21T00:00:00Z",
         20700},
        {"Asia/Kathmandu", "1985-12-31T18:29:59Z", "1985-12-31T23:59:59Z",
         19800},
        {"Australia/Lord_Howe", "2026-04-04T14:59:59Z", "2026-04-05T01:59:59Z",
         39600},
        {"Australia/Lord_Howe", "2026-04-04T15:00:00Z", "2026-04-05T01:30:00Z",
         37800},
        {"Australia/Lord_Howe", "2026-10-03T15:30:00Z", "2026-10-04T02:30:00Z",
         39600},
        {"Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29T23:59:59Z",
         -36000},
        {"Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31T00:00:00Z", 50400},
        {"America/Sao_Paulo", "2018-11-04T02:59:59Z", "2018-11-03T23:59:59Z",
         -10800},
        {"America/Sao_Paulo", "2018-11-04T03:00:00Z", "2018-11-04T01:00:00Z",
         -7200},
        {"Europe/Berlin", "1880-01-01T00:00:00Z", "1880-01-01T00:53:28Z", 3208},
        {"Europe/Berlin", "2038-03-28T00:59:59Z", "2038-03-28T01:59:59Z", 3600},
        {"Europe/Berlin", "2038-03-28T01:00:00Z", "2038-03-28T03:00:00Z", 7200},
        {"Europe/Berlin", "2400-07-01T12:00:00Z", "2400-07-01T14:00:00Z", 7200},
        {"Europe/Berlin", "9999-12-31T12:00:00Z", "9999-12-31T13:00:00Z", 3600},
        {"Europe/Dublin", "2050-01-15T12:00:00Z", "2050-01-15T12:00:00Z", 0},
        {"Europe/Dublin", "2050-07-15T12:00:00Z", "2050-07-15T13:00:00Z", 3600},
        {"America/Nuuk", "2045-03-26T00:59:59Z", "2045-03-25T22:59:59Z", -7200},
        {"America/Nuuk", "2045-03-26T01:00:00Z", "2045-03-26T00:00:00Z", -3600},
        {"America/Santiago", "2060-04-04T02:59:59Z", "2060-04-03T23:59:59Z",
         -10800},
        {"America/Santiago", "2060-04-04T03:00:00Z", "2060-04-03T23:00:00Z",
         -14400},
        {"Australia/Lord_Howe", "2099-01-01T00:00:00Z", "2099-01-01T11:00:00Z",
         39600},
        {"Australia/Lord_Howe", "2099-07-01T00:00:00Z", "2099-07-01T10:30:00Z",
         37800},
        {"Asia/Tehran", "2021-07-01T00:00:00Z", "2021-07-01T04:30:00Z", 16200},
        {"Etc/GMT+8", "2026-05-20T12:00:00Z", "2026-05-20T04:00:00Z", -28800},
        {"UTC", "2026-05-20T12:00:00Z", "2026-05-20T12:00:00Z", 0},
        {"Etc/UTC", "2026-05-20T12:00:00Z", "2026-05-20T12:00:00Z", 0},
};

static void clocks_show(struct arena *a)
{
	for (size_t i = 0; i < sizeof clocks / sizeof clocks[0]; i++) {
		const struct zone *z = zone(a, clocks[i].zone);
		struct civil c = when_civil(at(clocks[i].instant), z);
		is_str(str_of(when_text(when_instant(c, NULL)).s),
		       clocks[i].shown, "%s in %s", clocks[i].instant,
		       clocks[i].zone);
		is_int(c.offset, clocks[i].offset, "and the offset");
	}
	struct civil c = when_civil(at("2026-11-20T08:09:10Z"), NULL);
	ok(c.year == 2026 && c.month == 11 && c.day == 20 && c.hour == 8 &&
	           c.minute == 9 && c.second == 10 && c.weekday == 4,
	   "a civil date has all its parts, Friday is weekday 4");
}

/* Clock times and their instants: what is shown twice or never. */
static const struct {
	const char *zone, *clock, *instant;
} walls[] = {
        {"Europe/Berlin", "2026-03-29T01:59:59Z", "2026-03-29T00:59:59Z"},
        {"Europe/Berlin", "2026-03-29T02:00:00Z", "2026-03-29T01:00:00Z"},
        {"Europe/Berlin", "2026-03-29T02:30:00Z", "2026-03-29T01:00:00Z"},
        {"Europe/Berlin", "2026-03-29T02:59:59Z", "2026-03-29T01:00:00Z"},
        {"Europe/Berlin", "2026-03-29T03:00:00Z", "2026-03-29T01:00:00Z"},
        {"Europe/Berlin", "2026-10-25T01:59:59Z", "2026-10-24T23:59:59Z"},
        {"Europe/Berlin", "2026-10-25T02:00:00Z", "2026-10-25T00:00:00Z"},
        {"Europe/Berlin", "2026-10-25T02:30:00Z", "2026-10-25T00:30:00Z"},
        {"Europe/Berlin", "2026-10-25T02:59:59Z", "2026-10-25T00:59:59Z"},
        {"Europe/Berlin", "2026-10-25T03:00:00Z", "2026-10-25T02:00:00Z"},
        {"America/New_York", "2026-03-08T02:30:00Z", "2026-03-08T07:00:00Z"},
        {"America/New_York", "2026-11-01T01:30:00Z", "2026-11-01T05:30:00Z"},
        {"Asia/Kathmandu", "1986-01-01T00:05:00Z", "1985-12-31T18:30:00Z"},
        {"Australia/Lord_Howe", "2026-04-05T01:45:00Z", "2026-04-04T14:45:00Z"},
        {"Australia/Lord_Howe", "2026-10-04T02:15:00Z", "2026-10-03T15:30:00Z"},
        {"Pacific/Apia", "2011-12-29T23:59:59Z", "2011-12-30T09:59:59Z"},
        {"Pacific/Apia", "2011-12-30T00:00:00Z", "2011-12-30T10:00:00Z"},
        {"Pacific/Apia", "2011-12-30T12:00:00Z", "2011-12-30T10:00:00Z"},
        {"Pacific/Apia", "2011-12-31T00:00:00Z", "2011-12-30T10:00:00Z"},
        {"America/Sao_Paulo", "2018-11-04T00:30:00Z", "2018-11-04T03:00:00Z"},
        {"Europe/Berlin", "2045-03-26T02:30:00Z", "2045-03-26T01:00:00Z"},
        {"Europe/Berlin", "2045-10-29T02:30:00Z", "2045-10-29T00:30:00Z"},
        {"Etc/GMT+8", "2026-05-20T04:00:00Z", "2026-05-20T12:00:00Z"},
};

static void wall_times(struct arena *a)
{
	for (size_t i = 0; i < sizeof walls / sizeof walls[0]; i++) {
		struct civil c = when_civil(at(walls[i].clock), NULL);
		c.weekday = 77;
		c.offset = 7777777;
		const struct zone *z = zone(a, walls[i].zone);
		is_str(str_of(when_text(when_instant(c, z)).s),
		       walls[i].instant, "%s on the clock of %s",
		       walls[i].clock, walls[i].zone);
	}
	const struct zone *berlin = zone(a, "Europe/Berlin");
	struct civil late = {.year = 2026, .month = 10, .day = 25, .hour = 24};
	is_str(str_of(when_text(when_instant(late, berlin)).s),
	       "2026-10-25T23:00:00Z", "24:00 is the next midnight");
	struct civil over = {.year = 2026, .month = 12, .day = 32};
	is_str(str_of(when_text(when_instant(over, berlin)).s),
	       "2026-12-31T23:00:00Z", "32 December is New Year");
}

static const struct {
	const char *zone, *instant, *start, *end;
} days[] = {
        {"Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z",
         "2026-03-29T22:00:00Z"}, /* 23 hours */
        {"Europe/Berlin", "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z",
         "2026-10-25T23:00:00Z"}, /* 25 hours */
        {"Europe/Berlin", "2026-11-19T22:59:59Z", "2026-11-18T23:00:00Z",
         "2026-11-19T23:00:00Z"},
        {"Europe/Berlin", "2026-11-19T23:00:00Z", "2026-11-19T23:00:00Z",
         "2026-11-20T23:00:00Z"},
        /* no midnight */
        {"America/Sao_Paulo", "2018-11-04T02:59:59Z", "2018-11-03T03:00:00Z",
         "2018-11-04T03:00:00Z"},
        {"America/Sao_Paulo", "2018-11-04T12:00:00Z", "2018-11-04T03:00:00Z",
         "2018-11-05T02:00:00Z"},
        {"Asia/Beirut", "2022-03-27T12:00:00Z", "2022-03-26T22:00:00Z",
         "2022-03-27T21:00:00Z"},
        /* 24:00 goes back to 23:00 */
        {"Asia/Beirut", "2022-10-29T21:30:00Z", "2022-10-28T21:00:00Z",
         "2022-10-29T22:00:00Z"},
        /* no 30 December */
        {"Pacific/Apia", "2011-12-30T09:00:00Z", "2011-12-29T10:00:00Z",
         "2011-12-30T10:00:00Z"},
        {"Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z",
         "2011-12-31T10:00:00Z"},
        {"Asia/Kathmandu", "2026-11-20T12:00:00Z", "2026-11-19T18:15:00Z",
         "2026-11-20T18:15:00Z"},
        {"Australia/Lord_Howe", "2026-04-04T20:00:00Z", "2026-04-04T13:00:00Z",
         "2026-04-05T13:30:00Z"},
        /* 00:01 goes back to 23:01: the new day has begun */
        {"America/St_Johns", "2010-11-07T02:29:59Z", "2010-11-06T02:30:00Z",
         "2010-11-07T02:30:00Z"},
        {"America/St_Johns", "2010-11-07T03:00:00Z", "2010-11-07T02:30:00Z",
         "2010-11-08T03:30:00Z"},
        {"UTC", "2026-11-20T23:59:59Z", "2026-11-20T00:00:00Z",
         "2026-11-21T00:00:00Z"},
        {"UTC", "1969-12-31T23:59:59Z", "1969-12-31T00:00:00Z",
         "1970-01-01T00:00:00Z"},
};

static void day_bounds(struct arena *a)
{
	for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
		const struct zone *z = zone(a, days[i].zone);
		int64_t t = at(days[i].instant);
		is_str(str_of(when_text(when_day_start(t, z)).s), days[i].start,
		       "the day of %s in %s begins", days[i].instant,
		       days[i].zone);
		is_str(str_of(when_text(when_day_end(t, z)).s), days[i].end,
		       "and ends");
	}
}

/* Days of a zone lie end to end, whatever its clocks do. */
static void days_partition(struct arena *a)
{
	static const char *const zones[] = {
	        "Europe/Berlin",    "America/St_Johns", "Pacific/Apia",
	        "America/Santiago", "Africa/Cairo",     "Australia/Lord_Howe"};
	for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
		const struct zone *z = zone(a, zones[i]);
		int64_t t = when_day_start(at("2005-01-01T12:00:00Z"), z);
		bool fine = true;
		for (int n = 0; n < 2000; n++) {
			int64_t end = when_day_end(t, z);
			fine = fine && end > t && when_day_start(t, z) == t &&
			       when_day_start(end - 1, z) == t &&
			       when_day_start(end, z) == end;
			t = end;
		}
		ok(fine, "2000 days of %s lie end to end", zones[i]);
	}
}

static const struct {
	int year, month, day, iso_year, iso_week;
} weeks[] = {
        {2026, 11, 20, 2026, 47}, {2026, 12, 31, 2026, 53},
        {2027, 1, 1, 2026, 53},   {2027, 1, 3, 2026, 53},
        {2027, 1, 4, 2027, 1},    {2024, 12, 29, 2024, 52},
        {2024, 12, 30, 2025, 1},  {2023, 1, 1, 2022, 52},
        {2020, 12, 31, 2020, 53}, {2005, 1, 1, 2004, 53},
        {2008, 12, 29, 2009, 1},
};

static void iso_weeks(void)
{
	for (size_t i = 0; i < sizeof weeks / sizeof weeks[0]; i++) {
		struct civil c = {.year = weeks[i].year,
		                  .month = weeks[i].month,
		                  .day = weeks[i].day};
		int year = 0, week = 0;
		when_iso_week(c, &year, &week);
		ok(year == weeks[i].iso_year && week == weeks[i].iso_week,
		   "%d-%02d-%02d is in %d-W%02d", c.year, c.month, c.day,
		   weeks[i].iso_year, weeks[i].iso_week);
	}
}

static void extremes(struct arena *a)
{
	const struct zone *z = zone(a, "Europe/Berlin");
	ok(when_civil(INT64_MAX, z).year > 9999, "the end of time has a date");
	ok(when_civil(INT64_MIN, z).year < 0, "and the beginning");
	ok(when_day_start(INT64_MAX, z) < when_day_end(INT64_MAX, z),
	   "and a day");
	struct civil c = {.year = 9999, .month = 12, .day = 31, .hour = 23};
	is_int(when_instant(c, z), at("9999-12-31T22:00:00Z"),
	       "the last year has instants");
}

int main(void)
{
	/* Nothing here may heed it. */
	setenv("TZ", "Asia/Tokyo", 1);
	struct arena *a = arena_new();
	texts();
	lengths();
	clocks_show(a);
	wall_times(a);
	day_bounds(a);
	days_partition(a);
	iso_weeks();
	extremes(a);
	arena_free(a);
	return tap_done();
}
