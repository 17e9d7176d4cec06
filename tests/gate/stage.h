/*
 * stage: the stages of an execution, from the pipeline's or from a script, and
 * how each starts and ends.
 *
 * A script says what the runs of a pipeline do, whatever stages it has:
 *
 *	{"stages": [{"type": "deployManifest", "name": "Deploy", "ms": 2000,
 *	             "status": "TERMINAL", "error": "kato",
 *	             "message": "quota exceeded", "context": {...},
 *	             "outputs": {...}, "children": [stage...],
 *	             "requisiteStageRefIds": ["1"], "again": "SUCCEEDED"}, ...],
 *	 "start_ms": 0, "cancel_ms": 0, "cancel": "ignored"}
 *
 * or, in short, that with one stage's members in the place of "stages". A
 * stage is after the one before it unless it says otherwise. ms -1 is for
 * ever, start_ms -1 never. status NOT_STARTED: the stage never starts. "error"
 * is a name of payload.h. Without a script, the stages are the pipeline's:
 * "wait" takes its waitTime, "manualJudgment" waits, "pipeline" starts another
 * pipeline, and all others succeed at once.
 */
#ifndef TESTS_GATE_STAGE_H
#define TESTS_GATE_STAGE_H

#include "tests/gate/gate.h"

/* The stages of a new execution: an array, a new reference. */
json_t *stages_new(struct gate *g, struct arena *a, const json_t *config,
                   const json_t *script);

bool stage_is_top(const json_t *stage);
/* Whether what comes after it may start. */
bool stage_lets_go_on(const json_t *stage);

void stage_start(struct gate *g, json_t *execution, json_t *stage, int64_t t);
/* With the status that it was to end with. */
void stage_end(json_t *execution, json_t *stage, int64_t t);
void stage_end_with(json_t *execution, json_t *stage, const char *status,
                    int64_t t);
/* As it was before it started. */
void stage_reset(json_t *stage);
/* Put these members into its context. */
void stage_add_context(json_t *stage, const json_t *members);

/* The end of a child pipeline, told to the stage that started it. */
void stage_child_ended(json_t *parent, json_t *stage, const json_t *child,
                       int64_t t);

#endif
