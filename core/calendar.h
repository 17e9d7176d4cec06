/*
 * calendar: the Gregorian calendar, also for the time before it was adopted
 * (proleptic), as a count of days. Day 0 is 1970-01-01.
 */
#ifndef CORE_CALENDAR_H
#define CORE_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

enum { DAY_SECONDS = 24 * 60 * 60 };

struct date {
	int64_t year;
	int month, day; /* from 1 */
};

/* The day of a date; a month or day out of its range carries over. */
int64_t calendar_day(struct date d);
struct date calendar_date(int64_t day);

bool calendar_is_leap(int64_t year);
int calendar_month_length(int64_t year, int month);

/* 0 Monday .. 6 Sunday. */
int calendar_weekday(int64_t day);

/* The day that an instant falls on in UTC. */
int64_t calendar_day_of(int64_t instant);

#endif
