/*
 * execution: one run of a pipeline, as Gate shows it, and how it moves on.
 *
 * An execution is the JSON document that Gate shows, with one member more,
 * "_double", of what is to become of it; each of its stages has one, too:
 *
 *	execution: start_at (-1: never), cancel_at, hidden_until, queued,
 *	           cancel_ms, cancel ("ignored"), deleted, refused, by_fault,
 *	           starts (how often it was begun anew by its id)
 *	stage:     ms (how long; -1: for ever), status (how it ends),
 *	           at_start, at_end (what its context gains), outputs, ends_at,
 *	           again (how it ends after a restart)
 *
 * Nothing moves by itself: execution_advance does what was due since, in the
 * order of its times, and each change carries the time at which it was due.
 * The rules are orca's: StartExecutionHandler, CompleteExecutionHandler,
 * StartWaitingExecutionsHandler, RestartStageHandler, Stage.kt.
 */
#ifndef TESTS_GATE_EXECUTION_H
#define TESTS_GATE_EXECUTION_H

#include "tests/gate/gate.h"

bool status_is_complete(struct str status);

struct birth {
	const json_t *config;
	json_t *trigger; /* taken over */
	const char *id;  /* NULL: a new one */
	struct str user;
	int64_t delay;        /* it is begun so many ms later */
	int64_t hidden;       /* and seen by nobody for so long */
	const char *refused;  /* it fails on startup, for this reason */
	const char *by_fault; /* the number of the fault that made it; NULL */
	int64_t start_time_expiry;
};

/* A new execution, stored; it starts when time moves on. Borrowed. */
json_t *execution_create(struct gate *g, struct arena *a,
                         const struct birth *b);

/* Do what is due up to now. */
void execution_advance(struct gate *g);

/* That of the id, if it can be seen; NULL. Borrowed. */
json_t *execution_find(struct gate *g, const char *id);
bool execution_can_be_seen(const struct gate *g, const json_t *execution);

/* As Gate shows it: without what is the double's own; a new reference. Without
   expand, contexts, outputs and tasks of its stages are blank. */
json_t *execution_view(const json_t *execution, bool expand);

/* Operations. They change nothing where orca would not. */
void execution_cancel(struct gate *g, json_t *e, struct str by,
                      struct str reason);
void execution_pause(struct gate *g, json_t *e, struct str by);
void execution_resume(struct gate *g, json_t *e, struct str by);
json_t *execution_stage(const json_t *e, struct str stage_id);
void execution_restart(struct gate *g, struct arena *a, json_t *e,
                       json_t *stage, struct str by);
/* Merge into the stage's context; false where it cannot be. */
bool execution_update_stage(struct gate *g, json_t *e, json_t *stage,
                            const json_t *context, struct str by);
/* It changed: store it, and look again when it is due. */
void execution_touch(struct gate *g, json_t *e);

#endif
