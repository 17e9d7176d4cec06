/*
 * fault: what is to go wrong, with which requests, and how often.
 *
 *	{"fault": "close", "executed": true,
 *	 "match": {"method": "POST", "path": "/pipelines/demo/?*",
 *	           "query": "eventId", "token": "dxcp-1", "reused": true},
 *	 "skip": 1, "count": 2, "probability": 0.5}
 *
 * A match without a member is for all; "*" in path does not cross a slash,
 * "**" does (core/glob.h); query is a piece of it. The first "skip" requests
 * that match are left alone, then "count" are struck (1; -1: all), each with
 * that probability (1), by chance that depends on the seed alone. All faults
 * that match a request strike it, in the order in which they were given.
 *
 * "executed" says whether the request is done all the same; usually it is, save
 * where the list says "not". With their own members:
 *
 *	close           (not) closed without an answer
 *	reset           (not) reset without an answer
 *	close_accept    the connection is closed as soon as it is made
 *	reset_mid       reset in the middle of the body
 *	truncate        closed in the middle of the body
 *	endless         chunks, and never the last
 *	length_long     Content-Length is more than what comes, then silence
 *	length_short    Content-Length is less than what comes
 *	stale           closed after an answer that did not say so
 *	delay           ms, before: true (before it is done) or after
 *	gzip            the body is compressed
 *	cut_json        half of the body, with the right length
 *	status          (not) status, message, exception: Gate's error document
 *	answer          status, body (JSON, or text), type, headers: as given
 *	bad_gateway     (not) 502 of a proxy, in HTML
 *	gateway_timeout (not) 504 of a proxy, in HTML
 *	shed            (not) 503, Retry-After as a date, ms
 *	rate_limited    (not) 429, X-RateLimit-*, ms
 *	unauthorized    (not) 401, empty
 *	login_redirect  (not) 302 to /login
 *	login_page      (not) 200, the page in HTML
 *	forbidden       (not) 403 by Fiat
 *	bad_request     (not) 400 as RFC 7807
 *	orca_400        message: 400 by orca, with a TERMINAL record
 *	empty           200 with an empty body
 *	no_ref, foreign_ref, event_only   202 without ref, with another's (ref),
 *	                with only an eventId
 *	duplicate       after_ms: executed twice, as by a retry within Gate
 *	correlation_lost  its correlation id is forgotten
 *	lag             ms: the execution is seen by nobody so long
 *	vanish          v2: it never comes about
 *	cancel_ignored  the cancel does nothing
 *	rename, edit, disable, remove   application, pipeline, to: the
 *pipeline's configuration, after the request deleted         (before) the
 *executions it asks for are gone unknown_status, canceled_running, iso_times,
 *missing_members   in the executions of the answer huge            bytes: so
 *much more context in the first stage date_skew       ms: Date is so far off
 */
#ifndef TESTS_GATE_FAULT_H
#define TESTS_GATE_FAULT_H

#include "tests/gate/http.h"

/* Take one up; *id is its number. */
bool fault_add(struct gate *g, struct arena *a, const json_t *fault,
               const char **id, struct fail *why);

/* Those that strike this request, into r->faults. */
void fault_pick(struct gate *g, struct request *r);
/* Whether a connection is to be closed at once. */
bool fault_at_accept(struct gate *g);

/* That of this name among those of a request, NULL if none (or no request). */
const json_t *fault_of(const struct request *r, const char *name);
const char *fault_text(const json_t *fault, const char *key,
                       const char *otherwise);

/* Whether the request is done. What must be done before it is. */
bool fault_lets_execute(const struct request *r);
void fault_before(struct gate *g, struct request *r, struct answer *to);
/* Spoil the answer. */
void fault_after(struct gate *g, struct request *r, struct answer *to);

/* fault_body.c: spoil the body of an answer. */
void spoil_gzip(struct arena *a, struct answer *to);
void spoil_executions(struct arena *a, struct answer *to, const json_t *fault);

#endif
