/*
 * http: a request as the double's parts see it, and the answer they make.
 * Nothing here knows the library that carries them (server.c).
 */
#ifndef TESTS_GATE_HTTP_H
#define TESTS_GATE_HTTP_H

#include "tests/gate/gate.h"

enum { HTTP_SEGMENTS_MAX = 10, HTTP_ARGUMENTS_MAX = 40 };

struct argument {
	struct str name, value; /* decoded */
};

struct request {
	struct arena *arena; /* the request's own */
	const char *method;
	const char *target;                    /* as it came: path and query */
	struct str path;                       /* the same without the query */
	struct str segment[HTTP_SEGMENTS_MAX]; /* of the path, decoded */
	size_t segments;
	struct argument argument[HTTP_ARGUMENTS_MAX];
	size_t arguments;
	struct str body;
	json_t *json; /* of the body; NULL: none, or not JSON */
	bool bad_json;
	struct str user; /* who it is, or "anonymous" */
	bool has_client_certificate;
	int64_t connection;    /* the number of its connection */
	int64_t on_connection; /* which request of that connection: 1... */
	json_t *faults;        /* what is to go wrong: an array of fault.h's */
	/* Of its header lines; an empty text where there is none. */
	struct str (*header)(const struct request *r, const char *name);
	void *carrier;       /* the library's connection */
	struct str param[3]; /* what the route's pattern caught */
	json_t *created;     /* ids of executions that it made: an array */
};

/* How the bytes of an answer go wrong. */
enum wire {
	WIRE_FINE,
	WIRE_CLOSE,      /* closed without an answer */
	WIRE_RESET,      /* reset without an answer */
	WIRE_HALF_RESET, /* reset in the middle of the body */
	WIRE_TRUNCATED,  /* closed in the middle of the body */
	WIRE_ENDLESS,    /* chunks, and never the last */
	WIRE_LONG,       /* announces more than it sends, and waits */
	WIRE_SHORT,      /* announces less than it sends */
	WIRE_STALE,      /* closed after an answer that did not say so */
};

enum { ANSWER_HEADERS_MAX = 12 };

struct answer {
	int status;
	const char *type;
	struct str body;
	struct argument header[ANSWER_HEADERS_MAX];
	size_t headers;
	enum wire wire;
	int64_t delay_before, delay_after; /* ms of real time */
	int64_t date_skew;                 /* ms */
};

/* Path and query into segments and arguments; false: an encoded slash, or too
   many of them. */
bool request_parse(struct request *r);
/* Empty where it is not given. */
struct str request_argument(const struct request *r, const char *name);
/* The trigger's token in a body: correlationId, else eventId; may be empty. */
struct str request_token(const struct request *r);

void answer_header(struct answer *to, const char *name, struct str value);
/* value is a new reference, taken over; keys sorted, as Gate does. */
void answer_json(struct answer *to, struct arena *a, int status, json_t *value);
void answer_empty(struct answer *to, int status);
void answer_html(struct answer *to, int status, const char *text);
/* Gate's error document. exception: a class name without its package. */
void answer_error(struct answer *to, struct gate *g, struct arena *a,
                  int status, const char *exception, struct str message);
/* Spring's own error document: RFC 7807. */
void answer_problem(struct answer *to, const struct request *r, int status,
                    const char *detail);
/* The English name of a status. */
const char *status_text(int status);

#endif
