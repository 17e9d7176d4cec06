#include "core/calendar.h"
#include "tests/lib/tap.h"

/* Days as `date -u -d DATE +%s` gives them, divided by 86400. */
static const struct {
	struct date date;
	int64_t day;
	int weekday;
} cases[] = {
        {{1970, 1, 1}, 0, 3},         {{1969, 12, 31}, -1, 2},
        {{2000, 2, 29}, 11016, 1},    {{2000, 3, 1}, 11017, 2},
        {{1900, 2, 28}, -25509, 2},   {{1900, 3, 1}, -25508, 3},
        {{2026, 11, 20}, 20777, 4},   {{1582, 10, 15}, -141427, 4},
        {{0, 1, 1}, -719528, 5},      {{0, 2, 29}, -719469, 1},
        {{-1, 12, 31}, -719529, 4},   {{-400, 1, 1}, -865625, 5},
        {{9999, 12, 31}, 2932896, 4},
};

static void dates_and_days(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct date d = cases[i].date;
		is_int(calendar_day(d), cases[i].day,
		       "%lld-%02d-%02d is that many days from 1970",
		       (long long)d.year, d.month, d.day);
		struct date back = calendar_date(cases[i].day);
		ok(back.year == d.year && back.month == d.month &&
		           back.day == d.day,
		   "and the day is that date");
		is_int(calendar_weekday(cases[i].day), cases[i].weekday,
		       "and has its weekday");
	}
}

/* Each day of 800 years is the day after the one before. */
static void every_day_follows(void)
{
	struct date d = {1600, 1, 1};
	int64_t day = calendar_day(d);
	bool fine = true;
	while (d.year < 2400) {
		if (d.day < calendar_month_length(d.year, d.month)) {
			d.day++;
		} else {
			d.day = 1;
			d.month = d.month % 12 + 1;
			d.year += d.month == 1;
		}
		struct date back = calendar_date(++day);
		fine = fine && calendar_day(d) == day && back.year == d.year &&
		       back.month == d.month && back.day == d.day;
	}
	ok(fine, "every day of 1600..2399 follows the one before");
}

static void overflow_carries(void)
{
	int64_t new_year = calendar_day((struct date){2027, 1, 1});
	is_int(calendar_day((struct date){2026, 12, 32}), new_year,
	       "32 December is 1 January");
	is_int(calendar_day((struct date){2026, 13, 1}), new_year,
	       "month 13 is January");
	is_int(calendar_day((struct date){2027, 0, 32}), new_year,
	       "month 0 is December");
	is_int(calendar_day((struct date){2026, 3, 0}),
	       calendar_day((struct date){2026, 2, 28}),
	       "0 March is the last of February");
}

int main(void)
{
	dates_and_days();
	every_day_follows();
	overflow_carries();
	ok(calendar_is_leap(2000) && calendar_is_leap(2024) &&
	           calendar_is_leap(0) && calendar_is_leap(-4),
	   "leap years");
	ok(!calendar_is_leap(1900) && !calendar_is_leap(2023) &&
	           !calendar_is_leap(2100),
	   "years that are not");
	is_int(calendar_day_of(-1), -1,
	       "the second before 1970 is a day before");
	is_int(calendar_day_of(86399), 0, "the last second of day 0");
	is_int(calendar_day_of(86400), 1, "the first of day 1");
	return tap_done();
}
