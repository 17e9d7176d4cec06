#include "core/calendar.h"

/* C's division rounds towards 0; the time before 1970 needs the floor. */
static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/*
 * Both directions count years from March, so that the leap day is the last
 * one, in eras of 400 years = 146,097 days. 719,468 days lie between
 * 0000-03-01 and 1970-01-01.
 */
enum { ERA_DAYS = 146097, EPOCH_SHIFT = 719468 };

int64_t calendar_day(struct date d)
{
	int64_t months = (int64_t)d.month - 3;
	int64_t year = d.year + floor_div(months, 12);
	int64_t month = months - floor_div(months, 12) * 12;
	int64_t era = floor_div(year, 400);
	int64_t of_era = year - era * 400;
	int64_t of_year = (153 * month + 2) / 5 + d.day - 1;
	return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 +
	       of_year - EPOCH_SHIFT;
}

struct date calendar_date(int64_t day)
{
	int64_t shifted = day + EPOCH_SHIFT;
	int64_t era = floor_div(shifted, ERA_DAYS);
	int64_t of_era = shifted - era * ERA_DAYS;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 -
	                of_era / (ERA_DAYS - 1)) /
	               365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;
	return (struct date){
	        .year = year + era * 400 + (month >= 10),
	        .month = (int)(month < 10 ? month + 3 : month - 9),
	        .day = (int)(of_year - (153 * month + 2) / 5 + 1),
	};
}

bool calendar_is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int calendar_month_length(int64_t year, int month)
{
	static const signed char lengths[] = {31, 28, 31, 30, 31, 30,
	                                      31, 31, 30, 31, 30, 31};
	return lengths[month - 1] + (month == 2 && calendar_is_leap(year));
}

int calendar_weekday(int64_t day)
{
	return (int)(day + 3 - floor_div(day + 3, 7) * 7);
}

int64_t calendar_day_of(int64_t instant)
{
	return floor_div(instant, DAY_SECONDS);
}
