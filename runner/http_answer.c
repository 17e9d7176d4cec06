#include "runner/http_answer.h"

#include "core/calendar.h"

#include <string.h>
#include <time.h>

enum { VALUE_MAX = 4096, WAIT_MAX = DAY_SECONDS, DETAIL_MAX = 300 };

/* --- the head ------------------------------------------------------------ */

static void status_line(struct http_head *head, struct str line)
{
	struct str version, rest, code, reason;
	int64_t status = 0;
	*head = (struct http_head){.bytes = head->bytes, .retry_after_s = -1};
	str_cut(line, ' ', &version, &rest);
	str_cut(str_trim(rest), ' ', &code, &reason);
	if (str_int(code, &status) && status >= 100 && status <= 999)
		head->status = (int)status;
}

void http_head_line(struct http_head *head, struct arena *a, struct str line)
{
	struct str name, value;
	line = str_trim(line);
	if (str_starts(line, STR("HTTP/"))) {
		status_line(head, line);
		return;
	}
	if (!str_cut(line, ':', &name, &value))
		return;
	const struct {
		const char *name;
		struct str *to;
	} known[] = {
	        {"content-type", &head->content_type},
	        {"location", &head->location},
	        {"retry-after", &head->retry_after},
	        {"date", &head->date},
	        {"x-spinnaker-request-id", &head->request_id},
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (str_eq_nocase(name, str_of(known[i].name)))
			*known[i].to = str_copy(
			        a, str_head(str_trim(value), VALUE_MAX));
}

void http_head_give(const struct http_head *head, struct arena *a,
                    struct http_answer *answer)
{
	int64_t date = 0;
	if (!http_date(head->date, &date))
		date = 0;
	answer->status = head->status;
	answer->content_type = str_copy(a, head->content_type);
	answer->location = str_copy(a, head->location);
	answer->request_id = str_copy(a, head->request_id);
	answer->date = date;
	answer->retry_after_s = http_retry_after(
	        head->retry_after, date ? date : (int64_t)time(NULL));
}

/* --- dates --------------------------------------------------------------- */

/* The word where text stands, as a number from 1; 0: none of them. */
static int month_of(struct str word)
{
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr",
	                                     "May", "Jun", "Jul", "Aug",
	                                     "Sep", "Oct", "Nov", "Dec"};
	for (int i = 0; i < 12; i++)
		if (str_is(word, months[i]))
			return i + 1;
	return 0;
}

static bool clock_of(struct str s, int64_t *seconds)
{
	struct str hour, minute, second, rest;
	int64_t h, m, sec;
	if (!str_cut(s, ':', &hour, &rest) ||
	    !str_cut(rest, ':', &minute, &second) || !str_int(hour, &h) ||
	    !str_int(minute, &m) || !str_int(second, &sec))
		return false;
	*seconds = (h * 60 + m) * 60 + sec;
	return h >= 0 && h < 24 && m >= 0 && m < 60 && sec >= 0 && sec <= 60;
}

/* Of two digits: RFC 9110 wants the past where it would be far ahead. */
static int64_t whole_year(int64_t year)
{
	if (year >= 100)
		return year;
	return year < 70 ? year + 2000 : year + 1900;
}

static bool instant_of(struct str year, struct str month, struct str day,
                       struct str clock, int64_t *instant)
{
	int64_t y, d, seconds;
	int m = month_of(month);
	if (!m || !str_int(year, &y) || !str_int(day, &d) ||
	    !clock_of(clock, &seconds) || y < 0 || y > 9999)
		return false;
	y = whole_year(y);
	if (d < 1 || d > calendar_month_length(y, m))
		return false;
	struct date date = {.year = y, .month = m, .day = (int)d};
	*instant = calendar_day(date) * DAY_SECONDS + seconds;
	return true;
}

bool http_date(struct str s, int64_t *instant)
{
	enum { WORDS = 6 };
	struct str word[WORDS] = {{0}}, piece;
	size_t n = 0;
	while (n < WORDS && str_next(&s, ' ', &piece))
		if (piece.n)
			word[n++] = piece;
	if (n == 6 && str_is(word[5], "GMT")) /* Sun, 06 Nov 1994 08:49:37 */
		return instant_of(word[3], word[2], word[1], word[4], instant);
	if (n == 4 && str_is(word[3], "GMT")) { /* Sunday, 06-Nov-94 08:.. */
		struct str day, month, year, rest;
		return str_cut(word[1], '-', &day, &rest) &&
		       str_cut(rest, '-', &month, &year) &&
		       instant_of(year, month, day, word[2], instant);
	}
	if (n == 5) /* Sun Nov  6 08:49:37 1994 */
		return instant_of(word[4], word[1], word[2], word[3], instant);
	return false;
}

int64_t http_retry_after(struct str s, int64_t now)
{
	int64_t seconds;
	if (!str_int(s, &seconds)) {
		if (!http_date(s, &seconds))
			return -1;
		seconds -= now;
		if (seconds < 0)
			seconds = 0;
	}
	if (seconds < 0)
		return -1;
	return seconds < WAIT_MAX ? seconds : WAIT_MAX;
}

/* --- trouble ------------------------------------------------------------- */

static struct str seconds_text(struct arena *a, int ms)
{
	if (ms < 1000 || ms % 1000)
		return str_format(a, "%d ms", ms);
	return str_format(a, "%d s", ms / 1000);
}

static struct str with_detail(struct arena *a, const struct http_trouble *t,
                              const char *what, struct str authority)
{
	struct str detail = str_brief(a, str_trim(t->detail), DETAIL_MAX);
	return str_format(a, "%s %" STR_FMT ": %" STR_FMT, what,
	                  STR_ARG(authority), STR_ARG(detail));
}

struct str http_trouble_text(struct arena *a, const struct http_trouble *t,
                             struct str authority)
{
	struct str limit = seconds_text(a, t->timeout_ms);
	switch (t->kind) {
	case TROUBLE_NAME:
		return str_format(a, "no address is known for %" STR_FMT,
		                  STR_ARG(authority));
	case TROUBLE_PROXY:
		return with_detail(a, t, "the proxy does not lead to",
		                   authority);
	case TROUBLE_CONNECT:
		if (!t->system_error)
			return with_detail(a, t, "cannot connect to",
			                   authority);
		return str_format(a, "cannot connect to %" STR_FMT ": %s",
		                  STR_ARG(authority),
		                  strerror(t->system_error));
	case TROUBLE_TIMEOUT:
		if (!t->sent)
			return str_format(
			        a, "no connection to %" STR_FMT " in time",
			        STR_ARG(authority));
		return str_format(
		        a, "no answer from %" STR_FMT " within %" STR_FMT,
		        STR_ARG(authority), STR_ARG(limit));
	case TROUBLE_STALLED:
		return str_format(a,
		                  "the answer of %" STR_FMT
		                  " did not come to its end in time",
		                  STR_ARG(authority));
	case TROUBLE_UNTRUSTED:
		return with_detail(a, t, "no trust in the certificate of",
		                   authority);
	case TROUBLE_SETUP:
		return with_detail(a, t, "no call can be made to", authority);
	case TROUBLE_TLS:
		return with_detail(a, t, "no TLS connection to", authority);
	case TROUBLE_CLOSED:
		return str_format(a,
		                  "%" STR_FMT " closed the connection without "
		                  "an answer",
		                  STR_ARG(authority));
	case TROUBLE_SHORT:
		return str_format(
		        a, "the answer of %" STR_FMT " ended before its length",
		        STR_ARG(authority));
	case TROUBLE_STOPPED:
		return str_format(a,
		                  "the answer of %" STR_FMT
		                  " was not read to its end: %s",
		                  STR_ARG(authority), t->stop);
	case TROUBLE_OTHER:
		break;
	}
	return with_detail(a, t, "the call broke off to", authority);
}

bool http_trouble_lasts(const struct http_trouble *t)
{
	return t->kind == TROUBLE_UNTRUSTED || t->kind == TROUBLE_SETUP ||
	       t->kind == TROUBLE_STOPPED;
}
