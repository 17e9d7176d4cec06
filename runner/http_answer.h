/*
 * http_answer: the parts of runner/http that know no socket: what the lines of
 * an answer's head say, and what trouble is called. Inside that module.
 */
#ifndef RUNNER_HTTP_ANSWER_H
#define RUNNER_HTTP_ANSWER_H

#include "runner/http.h"

/* What was read of the head so far. Starts as {.retry_after_s = -1}. */
struct http_head {
	size_t bytes;
	int status;
	struct str content_type, location, request_id, retry_after, date;
	int64_t retry_after_s;
};

/* One line; a status line begins anew (1xx come before the answer). Values are
   kept in a. */
void http_head_line(struct http_head *head, struct arena *a, struct str line);

/* Into the answer, copied to a. */
void http_head_give(const struct http_head *head, struct arena *a,
                    struct http_answer *answer);

/* RFC 9110 section 5.6.7, all three forms. */
bool http_date(struct str s, int64_t *instant);

/* RFC 9110 section 10.2.3: seconds, or a date; now is the server's clock, or
   ours. -1: neither. At most a day. */
int64_t http_retry_after(struct str s, int64_t now);

enum http_trouble_kind {
	TROUBLE_OTHER,
	TROUBLE_NAME,
	TROUBLE_PROXY,
	TROUBLE_CONNECT,
	TROUBLE_TIMEOUT,
	TROUBLE_STALLED,
	TROUBLE_UNTRUSTED,
	TROUBLE_SETUP,
	TROUBLE_TLS,
	TROUBLE_CLOSED,
	TROUBLE_SHORT,
	TROUBLE_STOPPED,
};
struct http_trouble {
	enum http_trouble_kind kind;
	bool sent;
	const char *stop; /* TROUBLE_STOPPED */
	struct str detail;
	int system_error, status, timeout_ms;
};

/* One sentence; where it can be helped, without the library's own words, which
   hold times and addresses that differ from run to run. Not masked. */
struct str http_trouble_text(struct arena *a, const struct http_trouble *t,
                             struct str authority);

/* Whether another try could not help. */
bool http_trouble_lasts(const struct http_trouble *t);

#endif
