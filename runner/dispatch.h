/*
 * dispatch: bring open deployments forward: send what was recorded and not
 * sent, find again what may have been sent, ask how the rest stands, end what
 * is over its time.
 *
 * Write-ahead: "dispatching" is durable before the engine is called, and what
 * it said is durable before anything else is done about that deployment. After
 * a crash a DISPATCHING deployment is looked for by its token and sent only if
 * the engine says that it has none of it.
 */
#ifndef RUNNER_DISPATCH_H
#define RUNNER_DISPATCH_H

#include "runner/record.h"

struct dispatch_report {
	int64_t sent, ended, open, failed; /* failed: of those ended now */
	bool engine_down;                  /* exit 4 */
	VEC(int64_t) ended_numbers;        /* in the world's arena */
};

/* Deployments in DISPATCHING, IN_PROGRESS, LOST_CONTACT. */
bool dispatch_reconcile(struct recorder *r, const struct policy *policy,
                        struct dispatch_report *report, struct fail *why);

/* Deployments in PENDING, in order of their numbers. */
bool dispatch_pending(struct recorder *r, const struct policy *policy,
                      struct dispatch_report *report, struct fail *why);

#endif
