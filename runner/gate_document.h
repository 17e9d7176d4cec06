/*
 * gate_document: one execution as runner/gate_filter kept it and
 * runner/gate_execution reads it. Inside these: others use their headers.
 *
 * Texts are as Gate wrote them (secrets, invalid UTF-8 and all), each at most
 * as long as runner/gate_filter.def says; what was cut ends at a space.
 * Where a member is a list, its items stand on lines of their own; where it is
 * an object, as compact JSON. Times are milliseconds since 1970, 0 where the
 * document says none.
 */
#ifndef RUNNER_GATE_DOCUMENT_H
#define RUNNER_GATE_DOCUMENT_H

#include "core/str.h"
#include "core/vec.h"

/* What Orca's exception handlers write: context.exception of a stage,
   taskExceptionDetails.exception of a task. */
struct gate_exception {
	struct str type, operation, kind, url, method;
	struct str errors, error, body, cause;
	int64_t http_status, at_ms;
};

/* Why a stage did not succeed: everything that may say so. */
struct gate_trouble {
	struct gate_exception stage, task;
	struct str kato_message, kato_cause, kato_operation, kato_step;
	struct str messages, failed_manifests, warnings;
	struct str judgment_input;
	struct str webhook_error, webhook_body;
	struct str monitor_error, monitor_body, monitor_value, monitor_progress;
	int64_t webhook_status, monitor_status;
	struct str expressions;
	struct str precondition_type, precondition, precondition_result,
	        precondition_message;
	bool planning_failed;
	struct str child_id;
	struct str bake_result;
	struct str job_message, build_result, failure_message;
};

struct gate_stage {
	struct str id, type, name, status, parent;
	int64_t started_ms, ended_ms;
	struct str modified_by; /* lastModified: who judged */
	struct str judged_by, judgment, restarted_by;
	int64_t restarted_ms;
	const struct gate_trouble *trouble; /* NULL: nothing was wrong */
};

struct gate_document {
	struct str id, application, name, status, config_id;
	struct str canceled_by, cancel_reason;
	struct str correlation_id, event_id, paused_by;
	int64_t build_ms, started_ms, ended_ms;
	bool canceled, limit_concurrent, keep_waiting;
	/* Less those of no account: synthetic ones that did not fail. */
	VEC(struct gate_stage) stages;
	size_t top_level; /* how many of all were no synthetic ones */
	size_t kept;      /* bytes */
	bool cut;
};

#endif
