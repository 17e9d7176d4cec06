#include "core/calendar.h"
#include "core/zone.h"

static bool take(struct str *s, char c)
{
	if (!s->n || s->s[0] != c)
		return false;
	*s = str_from(*s, 1);
	return true;
}

/* One to three digits, in range; nothing here is longer. */
static bool take_number(struct str *s, int low, int high, int *out)
{
	size_t n = 0;
	int v = 0;
	for (; n < 3 && n < s->n && s->s[n] >= '0' && s->s[n] <= '9'; n++)
		v = v * 10 + (s->s[n] - '0');
	if (!n || v < low || v > high)
		return false;
	*s = str_from(*s, n);
	*out = v;
	return true;
}

/* [+-]h[:mm[:ss]] in seconds. */
static bool take_time(struct str *s, int max_hours, int *out)
{
	bool minus = take(s, '-');
	if (!minus)
		take(s, '+');
	int h, m = 0, sec = 0;
	if (!take_number(s, 0, max_hours, &h))
		return false;
	if (take(s, ':')) {
		if (!take_number(s, 0, 59, &m))
			return false;
		if (take(s, ':') && !take_number(s, 0, 59, &sec))
			return false;
	}
	int total = (h * 60 + m) * 60 + sec;
	*out = minus ? -total : total;
	return true;
}

/* "CET" or "<+0330>"; the name itself is of no use here. */
static bool take_name(struct str *s)
{
	bool quoted = take(s, '<');
	size_t n = 0;
	for (; n < s->n; n++) {
		char c = s->s[n];
		bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
		bool more = (c >= '0' && c <= '9') || c == '+' || c == '-';
		if (!letter && !(quoted && more))
			break;
	}
	*s = str_from(*s, n);
	return n >= 3 && (!quoted || take(s, '>'));
}

static bool take_day(struct str *s, struct zone_day *out)
{
	struct zone_day d = {.time = 2 * 60 * 60};
	bool fine;
	if (take(s, 'M')) {
		d.form = ZONE_DAY_MONTH;
		fine = take_number(s, 1, 12, &d.month) && take(s, '.') &&
		       take_number(s, 1, 5, &d.week) && take(s, '.') &&
		       take_number(s, 0, 6, &d.day);
	} else if (take(s, 'J')) {
		d.form = ZONE_DAY_NO_LEAP;
		fine = take_number(s, 1, 365, &d.day);
	} else {
		d.form = ZONE_DAY_COUNT;
		fine = take_number(s, 0, 365, &d.day);
	}
	if (!fine || (take(s, '/') && !take_time(s, 167, &d.time)))
		return false;
	*out = d;
	return true;
}

bool zone_rule_parse(struct zone_rule *out, struct str text)
{
	struct zone_rule r = {0};
	int west;
	if (!take_name(&text) || !take_time(&text, 24, &west))
		return false;
	r.standard = -west;
	if (text.n) {
		r.changes = true;
		r.daylight = r.standard + 60 * 60;
		if (!take_name(&text))
			return false;
		if (text.n && text.s[0] != ',') {
			if (!take_time(&text, 24, &west))
				return false;
			r.daylight = -west;
		}
		/* Without dates POSIX leaves them to the system: refused. */
		if (!take(&text, ',') || !take_day(&text, &r.start) ||
		    !take(&text, ',') || !take_day(&text, &r.end) || text.n)
			return false;
	}
	*out = r;
	return true;
}

static int64_t day_in_year(const struct zone_day *d, int64_t year)
{
	int64_t new_year = calendar_day((struct date){year, 1, 1});
	switch (d->form) {
	case ZONE_DAY_NO_LEAP:
		return new_year + d->day - 1 +
		       (d->day >= 60 && calendar_is_leap(year));
	case ZONE_DAY_COUNT:
		return new_year + d->day;
	case ZONE_DAY_MONTH:
		break;
	}
	int64_t first = calendar_day((struct date){year, d->month, 1});
	int sunday_based = (calendar_weekday(first) + 1) % 7;
	int day = (d->day - sunday_based + 7) % 7 + (d->week - 1) * 7;
	/* Week 5 is the last one, in months that have four as well. */
	if (day >= calendar_month_length(year, d->month))
		day -= 7;
	return first + day;
}

struct change {
	int64_t at;
	int offset;
};

/* Sorted in: a change at the same instant goes behind the ones that are there,
   save that daylight time wins ("daylight time all year" is written so). */
static void change_add(struct change *list, int n, struct change c, bool yields)
{
	int i = n;
	for (; i > 0 &&
	       (list[i - 1].at > c.at || (yields && list[i - 1].at == c.at));
	     i--)
		list[i] = list[i - 1];
	list[i] = c;
}

struct zone_span zone_rule_span_at(const struct zone_rule *rule,
                                   int64_t instant)
{
	if (!rule->changes)
		return (struct zone_span){INT64_MIN, INT64_MAX, rule->standard};
	/* A change can stand a week outside its year: two years either way
	   have one on each side of every instant. */
	struct change list[10];
	int n = 0;
	int64_t year = calendar_date(calendar_day_of(instant)).year;
	for (int64_t y = year - 2; y <= year + 2; y++) {
		int64_t start = day_in_year(&rule->start, y) * DAY_SECONDS +
		                rule->start.time - rule->standard;
		int64_t end = day_in_year(&rule->end, y) * DAY_SECONDS +
		              rule->end.time - rule->daylight;
		change_add(list, n++, (struct change){start, rule->daylight},
		           false);
		change_add(list, n++, (struct change){end, rule->standard},
		           true);
	}
	int i = n - 1;
	while (i > 0 && list[i].at > instant)
		i--;
	return (struct zone_span){
	        list[i].at,
	        i + 1 < n ? list[i + 1].at : INT64_MAX,
	        list[i].offset,
	};
}
