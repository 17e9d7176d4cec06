/*
 * gate: Spinnaker's API as its gateway, Gate, serves it (releases 2025.0 to
 * 2026.2): one maker of a call per endpoint, and what an answer amounts to.
 *
 * A maker gives a call for runner/http, so that many may be in flight; when it
 * has ended, gate_answer says what came of it. gate_ask does both at once.
 * Reads (GET) are patient: they are repeated for a while, see http_call. The
 * trigger goes out once, on a connection of its own.
 *
 * Every `text` is one sentence for people: masked, bounded, on one line.
 */
#ifndef RUNNER_GATE_H
#define RUNNER_GATE_H

#include "core/json.h"
#include "runner/http.h"

/* What came of a call. */
enum gate_class {
	GATE_OK,
	GATE_NEVER_SENT,   /* Spinnaker did not see it: may be sent again */
	GATE_AUTH,         /* so too: not signed in, or not well enough */
	GATE_RATE_LIMITED, /* so too: later, see retry_after_s */
	GATE_NOT_FOUND,    /* reads and cancel: there is no such thing */
	GATE_REFUSED,      /* final; a trigger left no execution behind */
	GATE_REFUSED_WITH_RECORD, /* final; perhaps it left one, that failed */
	GATE_UNKNOWN, /* a trigger: perhaps it runs. A read: no answer to use */
	GATE_CLASS_COUNT
};
extern const char *const gate_class_names[]; /* "NEVER_SENT" */

/* What kind of call: the same answer does not mean the same to each. */
enum gate_purpose { GATE_TRIGGER, GATE_READ, GATE_CONTROL };

/*
 * What an answer says of itself: `message` (RFC 7807: `detail`, else `title`)
 * and, where Gate passes on what it was told, the innermost
 * "Status: N, Method: M, URL: U, Message: T" in it. As received: not masked.
 */
struct gate_error {
	struct str message, exception;
	int upstream_status; /* 0: none */
	struct str upstream_method, upstream_url, upstream_message;
};

/* Parts of *out point into the arena. */
void gate_error_read(struct gate_error *out, struct arena *a, struct str body);

struct gate_verdict {
	enum gate_class class;
	const char *rule; /* why so: a few words, from the table */
};

/* The table, without side effects. error may be NULL: then it is read from the
   body. a is for what is read on the way. */
struct gate_verdict gate_classify(struct arena *a, enum gate_purpose purpose,
                                  const struct http_answer *answer,
                                  const struct gate_error *error);

/* --- calls --------------------------------------------------------------- */

struct gate {
	struct http *http;
	int read_timeout_ms, trigger_timeout_ms;
};

enum {
	GATE_BATCH = 50, /* executions in one read */
	/* Gate gives up on what is behind it after 120 s (kork's OkHttp read
	   timeout): whoever gives up before does not learn what it said. */
	GATE_TRIGGER_TIMEOUT_MS = 150 * 1000,
};

/* Of an engine of the policy. Relative paths start at folder. Sends nothing. */
bool gate_open(struct gate *out, struct arena *a, const struct engine *engine,
               const char *folder, struct fail *why);

/*
 * Whether a name may be part of a path: Gate's firewall and Tomcat refuse '/',
 * '\', ';', '%', control characters, "." and ".." even when encoded. Use the
 * pipeline's id where not.
 */
bool gate_fits_path(struct str name);

struct gate_parameter {
	struct str name, value;
};
struct gate_trigger {
	struct str application, pipeline; /* its name or id; gate_fits_path */
	struct str token; /* becomes correlationId and eventId */
	struct str user;
	const struct gate_parameter *parameters; /* values go as JSON strings */
	size_t nparameters;
};

/* POST /pipelines/APPLICATION/PIPELINE ("v1": synchronous, a real id). */
struct http_call *gate_trigger_call(const struct gate *g, struct arena *a,
                                    const struct gate_trigger *t);

/* GET /executions?executionIds=: at most GATE_BATCH ids. What is not known
   there is missing in the answer. Without expand contexts come blank. */
struct http_call *gate_executions_call(const struct gate *g, struct arena *a,
                                       const struct str *ids, size_t n,
                                       bool expand);

/*
 * GET /applications/A/executions/search: those of a token, built after
 * since_ms (of Spinnaker's clock). The _by_trigger form asks for the
 * correlationId, by a regular expression there: tokens are [A-Za-z0-9-].
 */
struct http_call *gate_search_call(const struct gate *g, struct arena *a,
                                   struct str application, struct str token,
                                   int64_t since_ms);
struct http_call *gate_search_by_trigger_call(const struct gate *g,
                                              struct arena *a,
                                              struct str application,
                                              struct str token,
                                              int64_t since_ms);

/* PUT /pipelines/ID/cancel: asynchronous, and 200 even where it does nothing:
   look at the execution. */
struct http_call *gate_cancel_call(const struct gate *g, struct arena *a,
                                   struct str id, struct str reason);

/* GET /applications/A/pipelineConfigs/NAME_OR_ID. An id is found in any
   application: compare gate_pipeline.application. */
struct http_call *gate_pipeline_call(const struct gate *g, struct arena *a,
                                     struct str application,
                                     struct str name_or_id);
struct http_call *gate_application_call(const struct gate *g, struct arena *a,
                                        struct str application);
struct http_call *gate_health_call(const struct gate *g, struct arena *a);
struct http_call *gate_version_call(const struct gate *g, struct arena *a);
/* GET /auth/user: GATE_OK without json where nobody has signed in. */
struct http_call *gate_user_call(const struct gate *g, struct arena *a);
/* GET /executions/failedStages: GATE_NOT_FOUND of a Gate before 2025.3. */
struct http_call *gate_failed_stages_call(const struct gate *g, struct arena *a,
                                          struct str id);

/* --- answers ------------------------------------------------------------- */

struct gate_answer {
	enum gate_class class;
	int status;
	struct str text;       /* where not GATE_OK: what happened */
	struct str detail;     /* what Gate said; masked; may be empty */
	int64_t retry_after_s; /* GATE_RATE_LIMITED: -1 where it did not say */
	int64_t date;          /* the server's clock; 0: not said */
	struct gate_error error; /* as received */
	json_t *json; /* GATE_OK: the body, where it is JSON and no sink took
	                 it, else NULL; owned by the arena */
	struct str execution_id; /* GATE_OK of a trigger */
};

/* Of a call that http_wait gave back. */
struct gate_answer gate_answer(const struct gate *g, struct arena *a,
                               const struct http_call *call);

/* Send one call and wait for its end. */
struct gate_answer gate_ask(const struct gate *g, struct arena *a,
                            struct http_call *call);

/* One execution that a search found. */
struct gate_found {
	struct str id, status, pipeline_config_id, application;
	int64_t build_time; /* ms */
};
struct gate_finds {
	struct gate_found *at; /* the eldest first, each id once */
	size_t n;
};

/*
 * Those in the answer of a search whose trigger has exactly this token as
 * eventId or correlationId. False where the answer is no list: then nothing is
 * known.
 */
bool gate_find(struct gate_finds *out, struct arena *a,
               const struct gate_answer *answer, struct str token);

/* A stored pipeline. */
struct gate_parameter_config {
	struct str name, default_value; /* as text */
	bool has_default, required, has_options;
	struct str *options;
	size_t noptions;
};
struct gate_pipeline {
	struct str id, name, application;
	bool disabled, limit_concurrent, keep_waiting;
	int64_t max_concurrent, updated_ms; /* 0: not said */
	struct gate_parameter_config *parameters;
	size_t nparameters;
};
/* False where the answer is no pipeline. */
bool gate_pipeline_read(struct gate_pipeline *out, struct arena *a,
                        const struct gate_answer *answer);

#endif
