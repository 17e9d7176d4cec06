/*
 * http: calls to one server, many in flight: the only module that knows
 * libcurl.
 *
 * What it promises to those who must not do a thing twice:
 *	A call that is no GET is sent at most once: neither this module nor
 *	curl repeats it. `fresh` gives it a connection of its own.
 *	HTTP_NOT_SENT is certain: not one byte of the request left (no address,
 *	no connection, no TLS). HTTP_BROKEN is all the rest that is no whole
 *	answer; the server may have acted on it. So may one that refuses the
 *	client certificate: in TLS 1.3 it says so after the request.
 *	Redirects are not followed: the 3xx is the answer.
 *
 * HTTP/1.1 over http and https, nothing else. Servers are verified, names too.
 * Proxies are those of the environment, as for curl: http_proxy, https_proxy,
 * all_proxy (lower case), no_proxy. Time here is the machine's, never --now's.
 *
 * Secrets (tokens, passwords, secret headers) are known to the module, and
 * masked in every `why`. The body of an answer is as it came: a text taken
 * from it goes through http_mask before it is kept or shown.
 */
#ifndef RUNNER_HTTP_H
#define RUNNER_HTTP_H

#include "core/fail.h"
#include "core/policy.h"
#include "core/str.h"
#include "core/vec.h"

enum {
	HTTP_MAX_IN_FLIGHT = 64,
	HTTP_MAX_BYTES =
	        64 * 1024 * 1024, /* of a body, where no less is said */
	HTTP_TIMEOUT_MS = 30 * 1000,
};

struct http_header {
	struct str name, value;
};

/* --- the server, and who we are there ------------------------------------ */

struct http_access {
	struct str url; /* scheme://host[:port][/path], no '/' at the end */
	struct str bearer;
	struct str user, password;   /* basic */
	const char *ca, *cert, *key; /* PEM files; NULL: none */
	struct str key_password;
	VEC(struct http_header) headers; /* sent with every call */
	VEC(struct str) secrets;         /* values that are never to be shown */
};

/*
 * The access that a policy describes: secrets are read, once, from the
 * environment or from files (at most 64 KiB; the line end is taken off).
 * Relative paths start at folder. Fails with what is missing and where.
 */
bool http_access_read(struct http_access *out, struct arena *a,
                      const struct engine *engine, const char *folder,
                      struct fail *why);

/* value is a secret from now on, also percent encoded, in base64, and as JSON
   escapes it. One under 4 bytes is not looked for: it would be everywhere. */
void http_access_secret(struct http_access *access, struct arena *a,
                        struct str value);

/* A copy of text with "***" for each secret of the access, without regard to
   letter case, and for what runner/redact finds. */
struct str http_access_mask(const struct http_access *access, struct arena *a,
                            struct str text);

/* --- calls --------------------------------------------------------------- */

enum http_method { HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE };

enum http_end {
	HTTP_ANSWERED, /* a whole answer, of any status */
	HTTP_NOT_SENT, /* certain: nothing of it left */
	HTTP_BROKEN,   /* perhaps it was sent, perhaps acted on */
};

struct http_answer {
	enum http_end end;
	int status; /* 0: none came. A broken answer may have one */
	struct str content_type, location, request_id;
	int64_t retry_after_s; /* from now; -1: not said */
	int64_t date;          /* the server's clock; 0: not said */
	struct str body;       /* decoded; empty where a sink took it */
	struct str why; /* where not ANSWERED: one sentence, masked, bounded */
	int tries;      /* how often it was sent, or tried */
};

/*
 * Takes the body of a 2xx answer as it comes, so that it need not be held.
 * start is called before the first piece of every try: drop what was taken.
 * take returns false to end the call (HTTP_BROKEN).
 */
struct http_sink {
	void (*start)(void *context);
	bool (*take)(void *context, struct str piece);
	void *context;
};

/*
 * The caller's, from http_start until http_wait gives it back: it does not
 * move, and what it points at stays. Zeroed members mean the default.
 */
struct http_call {
	enum http_method method;
	struct str target; /* "/path?query", encoded; added to the url */
	struct str body;   /* JSON; sent with POST, PUT and PATCH */
	const struct http_header *headers; /* beside those of the access */
	size_t nheaders;
	int timeout_ms;   /* of one try, all of it; 0: HTTP_TIMEOUT_MS */
	size_t max_bytes; /* of the decoded body; 0: HTTP_MAX_BYTES */
	bool fresh;       /* a connection of its own, closed afterwards */
	/*
	 * GET only: as long as it takes less than this, a try that failed or
	 * was answered 429 or 5xx is followed by another, after a back-off
	 * (from 200 ms, doubled, with jitter) or what Retry-After says. 0: one
	 * try.
	 */
	int patience_ms;
	struct str jitter; /* the jitter depends on this and the try alone */
	struct http_sink sink; /* take NULL: none */
	struct arena *arena;   /* where the answer lives; never NULL */
	void *owner;           /* the caller's, untouched */

	struct http_answer answer;
	struct http_slot *slot; /* http's own */
	int64_t deadline_ms, due_ms;
	struct http_call *next;
};

struct http;

/* Lives in a, which ends what is in flight when it goes. Nothing is sent. */
bool http_open(struct http **out, struct arena *a,
               const struct http_access *access, struct fail *why);

/*
 * Begin a call. More than HTTP_MAX_IN_FLIGHT wait for their turn. Bytes leave
 * in http_wait.
 */
void http_start(struct http *h, struct http_call *call);

/*
 * Let calls go on until one has ended, at most timeout_ms; give up to max that
 * have. 0: none yet, or none was begun. A signal may end the wait early.
 */
size_t http_wait(struct http *h, struct http_call **done, size_t max,
                 int timeout_ms);

/* How many were begun and not yet given back. */
size_t http_pending(const struct http *h);

/* All of them to their ends, at most in_flight (1 .. 64) at a time; nothing
   else may be pending. */
void http_all(struct http *h, struct http_call *const *calls, size_t n,
              size_t in_flight);

/* As http_access_mask. */
struct str http_mask(const struct http *h, struct arena *a, struct str text);

/* --- texts of the protocol ----------------------------------------------- */

/* RFC 3986: all but unreserved characters as %XX: for one segment of a path,
   or a value of a query. */
struct str http_encode(struct arena *a, struct str text);

/*
 * How long to wait before try number `attempt` (from 1: the first repetition):
 * base_ms doubled each time, at most max_ms, of which the upper half is jitter
 * that depends on the key and the attempt alone.
 */
int http_backoff_ms(struct str key, int attempt, int base_ms, int max_ms);

#endif
