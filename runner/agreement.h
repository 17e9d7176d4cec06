/*
 * agreement: whether the ledger says what git and the engines say.
 *
 * Git: every decision is about a file that its commit has at that path with
 * that blob, and some ref still reaches the commit; every intent of the tree
 * that the last finished run has seen was decided about. What was merged after
 * it is told as INTENT_NOT_SEEN: that is no fault.
 *
 * Engines: how they have, by its token, each deployment that is open, and the
 * latest of those that ended. Nothing is recorded, sent or stopped.
 *
 * Memory follows the commits of history, and no number of intents or events.
 */
#ifndef RUNNER_AGREEMENT_H
#define RUNNER_AGREEMENT_H

#include "runner/gather.h"

struct difference {
	enum diag_code code;
	bool integrity;   /* the record or git's history was changed */
	int64_t seq;      /* of the event; 0 */
	int64_t since;    /* when it began, as far as is known; 0 */
	struct str place; /* "intents/checkout/a.yaml", "deployment 4" */
	struct str text;
	struct str hint; /* empty: that of the code */
};
typedef void difference_fn(void *context, const struct difference *d);

struct agreement {
	int64_t intents;             /* decisions that were looked up in git */
	int64_t pending;             /* intents that no run has seen yet */
	int64_t deployments;         /* that an engine was asked about */
	int64_t differences, faults; /* all, those of integrity among them */
	bool incomplete;             /* git or an engine could not say */
};

/* w->repo and w->ledger are open. */
bool agreement_with_git(struct world *w, struct agreement *out,
                        difference_fn *report, void *context, struct fail *why);

enum { AGREEMENT_ENDED = 100 }; /* deployments that ended, at most */
bool agreement_with_engines(struct world *w, const struct policy *policy,
                            struct agreement *out, difference_fn *report,
                            void *context, struct fail *why);

#endif
