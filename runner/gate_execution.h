/*
 * gate_execution: what an execution document of Spinnaker says, in the terms
 * of this program. Pure: documents come from runner/gate_filter.
 *
 * Statuses. SUCCEEDED is SUCCEEDED; TERMINAL and STOPPED are FAILED; CANCELED
 * and (of a whole execution) SKIPPED are CANCELED; FAILED_CONTINUE of a whole
 * execution is SUCCEEDED, as Spinnaker counts it. All others are open, and so
 * is a word that is not known, with a warning: an execution that we do not
 * understand is never ended by us.
 *
 * An execution that Spinnaker calls SUCCEEDED although a stage of it is
 * FAILED_CONTINUE or STOPPED is SUCCEEDED here, too, with a warning for each
 * such stage: whoever wrote the pipeline said that it may go on after that
 * stage ("ignore the failure", "continue"), the version does run, and a FAILED
 * that Spinnaker shows as green would make people distrust both. The warning
 * is there to be recorded as an event. SKIPPED stages are what the pipeline's
 * author asked for by a condition: an event, no warning.
 *
 * Secrets in all texts are masked (runner/redact) before they are given out.
 */
#ifndef RUNNER_GATE_EXECUTION_H
#define RUNNER_GATE_EXECUTION_H

#include "core/deployment.h"
#include "core/fail.h"
#include "core/policy.h"
#include "runner/gate_filter.h"

/* Begin the `reason` of a cancel with this, to know it again. */
#define GATE_CANCEL_REASON "Canceled by DXCP"

enum {
	GATE_FAILURES_MAX = 8,
	GATE_EVENTS_MAX = 500,
	GATE_DETAIL_MAX = 4096, /* bytes of a failure's detail */
};

/* Why an execution is CANCELED. */
enum gate_cancel {
	GATE_NOT_CANCELED,
	GATE_CANCELED_BY_US,     /* its reason begins as ours do, or it has
	                            none and we asked for it */
	GATE_CANCELED_BY_PERSON, /* or by another program: `canceled_by` */
	GATE_CANCELED_IN_QUEUE,  /* a newer one took its place in the queue */
	GATE_CANCELED_BY_EXPIRY, /* not begun before its startTimeExpiry */
	GATE_CANCELED_BY_SPINNAKER, /* nobody is named: a stage of it ended so
	                             */
};

/* An entry for the timeline: of top-level stages only. */
struct gate_event {
	int64_t at, at_ms; /* in seconds, and in milliseconds for the order */
	struct str key;    /* the same in each answer: record it once */
	struct str detail; /* "stage Deploy to prod failed" */
};

/* A pipeline that a failed stage had started: its document says more. */
struct gate_child {
	struct str execution_id;
	struct str stage_name;
};

struct gate_execution {
	struct str id, application, name, config_id;
	struct str status; /* Spinnaker's word */
	enum deployment_state state;
	bool unknown_status;
	struct str correlation_id, event_id; /* of the trigger */
	int64_t build_ms;                    /* since 1970; 0: not said */
	int64_t build_at, started_at, finished_at;
	/*
	 * It had ended and runs again: somebody restarted a stage. From an
	 * expanded document also who did.
	 */
	bool restarted;
	struct str restarted_by;
	enum gate_cancel cancel;
	struct str canceled_by, cancel_reason;
	/* Where it stands, one sentence; the same as long as nothing changes:
	   "Deploy to prod, stage 2 of 5, running since 2026-11-20T08:00:00Z".
	   Of a cancel: who, why. */
	struct str progress;
	/* What went wrong, the deepest stage first; of a FAILED one at least
	   one. Classified, with texts that can be stored. */
	struct failure failures[GATE_FAILURES_MAX];
	size_t nfailures;
	VEC(struct gate_child) children;
	VEC(struct gate_event) events; /* by time; at most GATE_EVENTS_MAX */
	VEC(struct str) warnings;      /* one sentence each */
	bool cut; /* the document had more than is kept of one */
};

/* On whose behalf: for failure rules, and for failures without a time. */
struct gate_question {
	const struct policy *policy; /* may be NULL */
	struct str service, environment, recipe;
	int64_t now;
	/* We asked for its end: one that still waited keeps no reason. */
	bool cancel_asked;
};

/*
 * Fails (FAIL_ENGINE) where the document has no id or no status: it is not an
 * execution. From a document of expand=false all but the failures' texts, the
 * judge and the restarter is known; read the expanded one of what has FAILED.
 */
bool gate_execution_read(struct gate_execution *out, struct arena *a,
                         const struct gate_document *doc,
                         const struct gate_question *q, struct fail *why);

/* The id that it would have; empty: it has none. */
struct str gate_execution_id(struct arena *a, const struct gate_document *doc);

/* A whole answer that holds one execution. */
bool gate_execution_parse(struct gate_execution *out, struct arena *a,
                          struct str text, const struct gate_question *q,
                          struct fail *why);

/*
 * Put what went wrong in a child before what its parent says about the stage
 * that started it. `child` may itself have followed children.
 */
void gate_execution_follow(struct gate_execution *parent, struct arena *a,
                           const struct gate_execution *child);

#endif
