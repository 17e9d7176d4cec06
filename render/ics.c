/*
 * calendar.ics: windows and freezes of the policy (RFC 5545). Without a clock:
 * a weekly window recurs from its first day in ANCHOR's week on.
 *
 * A zone that changes its clock becomes a VTIMEZONE of the years that
 * people plan for; its changes are rules where they follow one (the last Sunday
 * of March at 02:00), else dates.
 */
#include "core/calendar.h"
#include "core/vec.h"
#include "core/when.h"
#include "core/window.h"
#include "render/documents.h"
#include "render/html.h"
#include "render/parts.h"

#include <stdio.h>

enum {
	FOLD = 75,           /* octets a line, section 3.1 */
	ANCHOR = 1704067200, /* Monday, 2024-01-01T00:00:00Z */
	FIRST_YEAR = 2024,
	YEARS = 14, /* until 2037 */
	CHANGES_MAX = YEARS * 8,
	KINDS_MAX = 16,
};

/* --- lines -------------------------------------------------------------- */

/* Fold before the octet that would be one too many, never within a
   character; the space that a line goes on with counts. */
static void put_line(struct buf *out, struct str line)
{
	size_t room = FOLD;
	while (line.n > room) {
		size_t n = room;
		while (n && ((unsigned char)line.s[n] & 0xc0) == 0x80)
			n--;
		if (!n)
			n = room;
		buf_add(out, str_head(line, n));
		buf_add(out, STR("\r\n "));
		line = str_from(line, n);
		room = FOLD - 1;
	}
	buf_add(out, line);
	buf_add(out, STR("\r\n"));
}

static void put_format(struct buf *out, struct arena *a, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));
static void put_format(struct buf *out, struct arena *a, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	put_line(out, str_vformat(a, fmt, args));
	va_end(args);
}

/* TEXT, section 3.3.11. */
static void put_text(struct buf *out, struct arena *a, const char *name,
                     struct str text)
{
	struct buf b = buf_new(a, 65536);
	text = html_cleaned(a, text);
	buf_add(&b, str_of(name));
	buf_add_char(&b, ':');
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.s[i];
		if (c == '\\' || c == ';' || c == ',')
			buf_add_char(&b, '\\');
		if (c == '\n')
			buf_add(&b, STR("\\n"));
		else if ((c >= ' ' && c != 0x7f) || c == '\t')
			buf_add_char(&b, (char)c);
	}
	put_line(out, buf_str(&b));
}

/* --- times -------------------------------------------------------------- */

struct stamp {
	char s[48];
};

static struct stamp local_stamp(struct civil c)
{
	struct stamp t;
	int n = snprintf(t.s, sizeof t.s, "%04d%02d%02dT%02d%02d%02d", c.year,
	                 c.month, c.day, c.hour, c.minute, c.second);
	(void)n;
	return t;
}

static struct stamp utc_stamp(int64_t t)
{
	struct stamp out = local_stamp(when_civil(t, NULL));
	out.s[15] = 'Z';
	out.s[16] = '\0';
	return out;
}

/* --- zones -------------------------------------------------------------- */

struct change {
	int64_t at;
	int from, to;
	struct civil clock; /* what it showed until then, at that instant */
};
struct changes_of_zone {
	struct change at[CHANGES_MAX];
	size_t n;
};

static int offset_at(const struct zone *z, int64_t t)
{
	return when_civil(t, z).offset;
}

/* The first instant after t, up to end, with another offset than at t. */
static int64_t change_in(const struct zone *z, int64_t t, int64_t end)
{
	int was = offset_at(z, t);
	while (end - t > 1) {
		int64_t middle = t + (end - t) / 2;
		if (offset_at(z, middle) == was)
			t = middle;
		else
			end = middle;
	}
	return end;
}

static void read_changes(struct changes_of_zone *out, const struct zone *z)
{
	int64_t day = calendar_day((struct date){FIRST_YEAR, 1, 1});
	int64_t last = calendar_day((struct date){FIRST_YEAR + YEARS, 1, 1});
	out->n = 0;
	for (; day < last && out->n < CHANGES_MAX; day++) {
		int64_t t = day * DAY_SECONDS, end = t + DAY_SECONDS;
		int from = offset_at(z, t), to = offset_at(z, end);
		if (from == to)
			continue;
		struct change *c = &out->at[out->n++];
		*c = (struct change){change_in(z, t, end), from, to, {0}};
		c->clock = when_civil(c->at + from, NULL);
	}
}

/* Which of its weekday in the month: 1 to 4, or -1 for the last. */
static int nth_of(struct civil c, bool last)
{
	int length = calendar_month_length(c.year, c.month);
	if (last)
		return c.day + 7 > length ? -1 : 0;
	return c.day <= 28 ? (c.day - 1) / 7 + 1 : 0;
}

static bool is_same_kind(const struct change *a, const struct change *b)
{
	return a->from == b->from && a->to == b->to &&
	       a->clock.month == b->clock.month &&
	       a->clock.weekday == b->clock.weekday &&
	       a->clock.hour == b->clock.hour &&
	       a->clock.minute == b->clock.minute;
}

/* Whether those like `of` come once in each of the years, as one rule says. */
static int rule_of(const struct changes_of_zone *all, const struct change *of)
{
	for (int last = 1; last >= 0; last--) {
		int nth = nth_of(of->clock, last);
		int year = FIRST_YEAR;
		bool fits = nth != 0;
		for (size_t i = 0; fits && i < all->n; i++)
			if (is_same_kind(&all->at[i], of))
				fits = all->at[i].clock.year == year++ &&
				       nth_of(all->at[i].clock, last) == nth;
		if (fits && year == FIRST_YEAR + YEARS)
			return nth;
	}
	return 0;
}

static struct stamp offset_text(int seconds)
{
	struct stamp t;
	int s = seconds < 0 ? -seconds : seconds;
	int n = snprintf(t.s, sizeof t.s, "%c%02d%02d", seconds < 0 ? '-' : '+',
	                 s / 3600, s / 60 % 60);
	if (s % 60)
		snprintf(t.s + n, sizeof t.s - (size_t)n, "%02d", s % 60);
	return t;
}

static const char *const day_names[] = {"MO", "TU", "WE", "TH",
                                        "FR", "SA", "SU"};

static void put_observance(struct buf *out, struct arena *a,
                           const struct change *c, int nth)
{
	const char *kind = c->to > c->from ? "DAYLIGHT" : "STANDARD";
	put_format(out, a, "BEGIN:%s", kind);
	put_format(out, a, "DTSTART:%s", local_stamp(c->clock).s);
	put_format(out, a, "TZOFFSETFROM:%s", offset_text(c->from).s);
	put_format(out, a, "TZOFFSETTO:%s", offset_text(c->to).s);
	if (nth)
		put_format(out, a, "RRULE:FREQ=YEARLY;BYMONTH=%d;BYDAY=%d%s",
		           c->clock.month, nth, day_names[c->clock.weekday]);
	put_format(out, a, "END:%s", kind);
}

static void put_zone(struct buf *out, struct arena *a, struct str name,
                     const struct zone *z)
{
	struct changes_of_zone all;
	read_changes(&all, z);
	int first = offset_at(z, ANCHOR - DAY_SECONDS);
	put_line(out, STR("BEGIN:VTIMEZONE"));
	put_format(out, a, "TZID:%" STR_FMT, STR_ARG(name));
	put_format(out, a, "BEGIN:STANDARD");
	put_format(out, a, "DTSTART:19700101T000000");
	put_format(out, a, "TZOFFSETFROM:%s", offset_text(first).s);
	put_format(out, a, "TZOFFSETTO:%s", offset_text(first).s);
	put_format(out, a, "END:STANDARD");
	for (size_t i = 0; i < all.n; i++) {
		const struct change *c = &all.at[i];
		int nth = rule_of(&all, c);
		bool seen = false;
		for (size_t k = 0; nth && k < i && !seen; k++)
			seen = is_same_kind(&all.at[k], c);
		if (!seen)
			put_observance(out, a, c, nth);
	}
	put_line(out, STR("END:VTIMEZONE"));
}

static struct str zone_name(const struct site *s, const struct window *w)
{
	if (!w->zone)
		return (struct str){0};
	return w->timezone.s.n ? w->timezone.s : s->policy->platform.timezone.s;
}

static void put_zones(struct buf *out, struct site *s)
{
	struct map seen = map_new(s->page);
	for (size_t i = 0; i < s->policy->windows.n; i++) {
		const struct window *w = s->policy->windows.at[i];
		struct str name = zone_name(s, w);
		bool weekly = w->when.weekly.at.src != NULL;
		if (weekly && name.n && !map_put(&seen, name, s))
			put_zone(out, s->page, name, w->zone);
	}
}

/* --- events ------------------------------------------------------------- */

static void put_moment(struct buf *out, struct site *s, const char *name,
                       const struct window *w, struct civil c)
{
	struct str zone = zone_name(s, w);
	if (zone.n)
		put_format(out, s->page, "%s;TZID=%" STR_FMT ":%s", name,
		           STR_ARG(zone), local_stamp(c).s);
	else
		put_format(out, s->page, "%s:%sZ", name, local_stamp(c).s);
}

static void put_weekly(struct buf *out, struct site *s, const struct window *w)
{
	const struct weekly *weekly = &w->when.weekly;
	int first = 0;
	while (first < 6 && !(weekly->day_bits & 1U << first))
		first++;
	struct date date = calendar_date(calendar_day_of(ANCHOR) + first);
	struct civil from = {.year = (int)date.year,
	                     .month = date.month,
	                     .day = date.day,
	                     .hour = weekly->from_minute / 60,
	                     .minute = weekly->from_minute % 60};
	int64_t end = calendar_day(date) * DAY_SECONDS +
	              (int64_t)weekly->to_minute * 60;
	if (weekly->to_minute <= weekly->from_minute)
		end += DAY_SECONDS;
	put_moment(out, s, "DTSTART", w, from);
	put_moment(out, s, "DTEND", w, when_civil(end, NULL));
	struct buf days = buf_new(s->page, 64);
	for (int d = 0; d < 7; d++)
		if (weekly->day_bits & 1U << d)
			buf_format(&days, "%s%s", days.n ? "," : "",
			           day_names[d]);
	put_format(out, s->page, "RRULE:FREQ=WEEKLY;BYDAY=%" STR_FMT,
	           STR_ARG(buf_str(&days)));
}

static void add_names(struct buf *b, const char *what, const struct texts *t)
{
	for (size_t i = 0; i < t->n; i++)
		buf_format(b, "%s%" STR_FMT, i ? ", " : what,
		           STR_ARG(t->at[i].s));
	if (t->n)
		buf_add_char(b, '\n');
}

static struct str about(struct site *s, const struct window *w)
{
	struct buf b = buf_new(s->page, 65536);
	if (w->reason.s.n && !s->in->redact)
		buf_format(&b, "%" STR_FMT "\n", STR_ARG(w->reason.s));
	add_names(&b, "Environments: ", &w->scope.environments);
	add_names(&b, "Groups: ", &w->scope.groups);
	add_names(&b, "Services: ", &w->scope.services);
	if (!b.n || (!w->scope.environments.n && !w->scope.groups.n &&
	             !w->scope.services.n))
		buf_add(&b, STR("Everywhere\n"));
	buf_add(&b, w->rollbacks.is == ROLLBACKS_INCLUDED
	                    ? STR("It concerns rollbacks too.")
	                    : STR("Rollbacks are exempt."));
	return buf_str(&b);
}

static void put_event(struct buf *out, struct site *s, const struct window *w)
{
	struct arena *a = s->page;
	bool freeze = w->type.is == WINDOW_DENY;
	const struct dated *dated = &w->when.dated;
	struct str repository =
	        s->head.repository.n ? s->head.repository : STR("none");
	put_line(out, STR("BEGIN:VEVENT"));
	put_format(out, a, "UID:%" STR_FMT "@%" STR_FMT ".dxcp",
	           STR_ARG(words_slug(a, w->id.s)),
	           STR_ARG(words_slug(a, repository)));
	put_format(out, a, "DTSTAMP:%s", utc_stamp(ANCHOR).s);
	if (dated->at.src) {
		put_format(out, a, "DTSTART:%s", utc_stamp(dated->from.t).s);
		put_format(out, a, "DTEND:%s", utc_stamp(dated->to.t).s);
	} else {
		put_weekly(out, s, w);
	}
	put_text(out, a, "SUMMARY",
	         str_format(a, "%s: %" STR_FMT, freeze ? "Freeze" : "Window",
	                    STR_ARG(w->id.s)));
	put_text(out, a, "DESCRIPTION", about(s, w));
	put_format(out, a, "CATEGORIES:%s", freeze ? "FREEZE" : "WINDOW");
	put_line(out, STR("TRANSP:TRANSPARENT"));
	put_line(out, STR("END:VEVENT"));
}

void calendar_text(struct buf *out, struct site *s)
{
	put_line(out, STR("BEGIN:VCALENDAR"));
	put_line(out, STR("VERSION:2.0"));
	put_line(out, STR("PRODID:-//DXCP//Delivery calendar//EN"));
	put_line(out, STR("CALSCALE:GREGORIAN"));
	put_text(out, s->page, "X-WR-CALNAME", s->title);
	put_zones(out, s);
	if (!s->policy->windows.n) /* one component there must be */
		put_zone(out, s->page, STR("Etc/UTC"), NULL);
	for (size_t i = 0; i < s->policy->windows.n; i++)
		put_event(out, s, s->policy->windows.at[i]);
	put_line(out, STR("END:VCALENDAR"));
}

bool write_calendar(struct site *s, struct fail *why)
{
	calendar_text(&s->text, s);
	return site_text(s, STR("calendar.ics"), false, why);
}
