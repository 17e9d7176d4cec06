/*
 * spinnaker: what the files of the Spinnaker engine share: for
 * runner/spinnaker*.c and runner/engine_spinnaker.c alone.
 *
 * The engine asks Gate (runner/gate) and reads what it says of executions
 * (runner/gate_execution). It keeps nothing of its own beside what was read of
 * pipelines: what is recorded of an order is its target, canonical JSON:
 *
 *	application, pipeline (its name), pipelineConfigId
 *	parameters   SHA-256 of what is given to the pipeline, as JSON
 *	url          of Gate, without secrets
 *	since        Spinnaker's clock before the order was sent, in seconds; 0:
 *	             not known. The search for its execution begins there
 */
#ifndef RUNNER_SPINNAKER_H
#define RUNNER_SPINNAKER_H

#include "core/expansion.h"
#include "core/map.h"
#include "runner/engine.h"
#include "runner/gate.h"

enum {
	/* Gate's trigger may be under way for so long after it was given up
	   (GATE_TRIGGER_TIMEOUT_MS), is sent so long after it was announced at
	   the latest, and a little more. */
	SPINNAKER_LATE_S = 5,
	SPINNAKER_SETTLE_S = 160,
	SPINNAKER_CONFIRM_S = 30, /* reads may come from a replica that lags */
	SPINNAKER_RESENDS = 2,
	/* By which clocks of Spinnaker's machines may differ, and Date be old.
	 */
	SPINNAKER_SKEW_S = 300,
};

struct spinnaker {
	struct gate gate;
	bool is_open;
	struct str trouble;   /* where not: why */
	struct map pipelines; /* struct spinnaker_pipeline */
	/* Gate was not reached: until when it is not asked again. */
	int64_t down_until;
	struct str down_text; /* in down_arena */
	struct arena *down_arena;
	/* Execution id -> int64_t, when we last did it: told it to end, looked
	   for another in its place. */
	struct map canceled, sought;
};

/* The engine's Gate, with connections of its own. */
bool spinnaker_open_gate(struct engine_session *s, struct arena *a,
                         struct gate *out, struct fail *why);

/* Note what an answer says about Gate itself. */
void spinnaker_note(struct engine_session *s, enum engine_answer answer,
                    struct str text);

/* --- spinnaker_target.c: pipelines, and what is given to them ------------- */

/* What Gate said of a pipeline; kept for a while. */
struct spinnaker_pipeline {
	struct arena *arena;
	enum engine_answer answer;
	struct str text; /* where not ENGINE_READY */
	struct gate_pipeline is;
	int64_t since; /* Spinnaker's clock then; 0: not known */
	int64_t asked_at;
};
const struct spinnaker_pipeline *spinnaker_pipeline(struct engine_session *s,
                                                    struct str application,
                                                    struct str pipeline);

/* The pipeline that a recipe runs for this kind. */
const struct text *spinnaker_pipeline_name(const struct recipe *recipe,
                                           enum deployment_kind kind);

void spinnaker_preflight(struct engine_session *s, struct engine_call *call);

/* Whether something of this name may be given to it. */
bool spinnaker_takes(const struct gate_pipeline *p, struct str name);
/* That of the name; NULL: it declares none. */
const struct gate_parameter_config *
spinnaker_declared(const struct gate_pipeline *p, struct str name);
/* Whether it is one of the options, where there are some. */
bool spinnaker_has_option(const struct gate_parameter_config *p,
                          struct str value);
struct str spinnaker_options(struct arena *a,
                             const struct gate_parameter_config *p);
/* Whether only one execution of it may be under way. */
bool spinnaker_cancels_waiting(const struct gate_pipeline *p);

/* spinnaker_inspect.c */
enum engine_answer spinnaker_inspect(struct engine_session *s,
                                     const struct recipe *recipe,
                                     struct diags *findings, struct str *text);

struct spinnaker_target {
	struct str application, pipeline, config_id, digest, url;
	int64_t since;
};
/* Of the order; from the recipe where none was settled. False: there is
   neither, or what was recorded cannot be read. */
bool spinnaker_target_read(struct spinnaker_target *out, struct arena *a,
                           const struct engine_order *order);

/* Where Gate is, without secrets. */
struct str spinnaker_gate_url(struct engine_session *s, struct arena *a);

/* As the pipeline gets them: those that the order was announced with. The
   answers are those of parameters_of. */
enum engine_answer spinnaker_parameters(struct gate_parameter **out, size_t *n,
                                        struct arena *a,
                                        const struct engine_order *order,
                                        const struct spinnaker_target *target,
                                        struct str *text);

/* --- spinnaker_send.c ----------------------------------------------------- */

bool spinnaker_start(struct engine_session *s, const struct engine_feed *feed,
                     struct fail *why);

/* --- spinnaker_follow.c: executions --------------------------------------- */

void spinnaker_poll(struct engine_session *s, struct engine_call *const *calls,
                    size_t n);
void spinnaker_watch(struct engine_session *s, struct engine_call *const *calls,
                     size_t n);
void spinnaker_cancel(struct engine_session *s,
                      struct engine_call *const *calls, size_t n);

/* The call for a search for the executions of an order's token. */
struct http_call *spinnaker_search(const struct gate *gate, struct arena *a,
                                   const struct engine_order *order);

/* Of a read: whether there is an answer, and what kind. */
enum engine_answer spinnaker_answer_of(const struct gate_answer *answer);

/* The page of an execution; empty where the policy names no Deck. */
struct str spinnaker_url(const struct engine *engine, struct arena *a,
                         struct str application, struct str execution_id);

#endif
