/*
 * dispatch: bring open deployments forward: send what was recorded and not
 * sent, find again what may have been sent, ask how the rest stands, end what
 * is over its time.
 *
 * Write-ahead: "dispatching" is durable before the engine is called, and what
 * it said is durable before anything else is done about that deployment. Others
 * may be sent meanwhile: one step records what was answered and what comes
 * next, so that a killed run leaves up to ENGINE_ANNOUNCED to be looked for. A
 * deployment that was announced and has no execution yet is looked for by its
 * token, and sent once more only as the engine's `resolve` allows: not before
 * the first order must have settled, after two looks some time apart that both
 * found nothing, and a few times at most. Each step of that is an event, so
 * that a run which is killed goes on where it was:
 *
 *	dispatching (attempt, target, queue), then
 *	started: found or answered | withdrawn: surely not sent
 *	lost_contact: sent, perhaps
 *	not_found: the first look that found none
 *	unsent: this further attempt was surely not sent; the one before counts
 */
#ifndef RUNNER_DISPATCH_H
#define RUNNER_DISPATCH_H

#include "core/map.h"
#include "runner/record.h"

struct dispatch_report {
	int64_t sent, ended, failed; /* failed: of those ended */
	int64_t open;                /* sent, and not ended */
	int64_t held;     /* not sent: another of their queue is under way */
	bool engine_down; /* exit 4 */
	struct str down;  /* why nothing could be sent, of the first */
	VEC(int64_t) ended_numbers; /* in the world's arena */
};

/* What dispatching works on, for one run. */
struct dispatch {
	struct recorder *recorder;
	const struct policy *policy;
	struct diags *findings; /* about executions; NULL: nobody asks */
	struct dispatch_report *report;
	/* dispatch's own, map_new to begin with: what was looked for when, what
	   was sent since the last dispatch_reconcile. */
	struct map looked, sent;
};

/* Deployments in DISPATCHING, IN_PROGRESS, LOST_CONTACT. */
bool dispatch_reconcile(struct dispatch *d, struct fail *why);

/* Of these only what was sent since, or is to be canceled: to be asked about
   after a judgement without asking about all once more. */
bool dispatch_reconcile_fresh(struct dispatch *d, struct fail *why);

/* Those that ended of late: note where their executions run again. */
bool dispatch_watch(struct dispatch *d, struct fail *why);

/* Deployments in PENDING, in order of their numbers. */
bool dispatch_pending(struct dispatch *d, struct fail *why);

#endif
