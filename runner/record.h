/*
 * record: what a run writes into the ledger: the payloads of its events, made
 * from plain data. Each function appends inside the caller's transaction.
 */
#ifndef RUNNER_RECORD_H
#define RUNNER_RECORD_H

#include "runner/decide.h"
#include "runner/engine.h"

/* What all events of one run share. */
struct recorder {
	struct world *world;
	int64_t run; /* number */
	int64_t started_at;
	struct oid commit, policy_tree;
	bool announced; /* run.started was appended */
	/* How the intents of a commit came to the main line, as asked last. */
	struct arrival {
		struct oid commit; /* of the intents; zero: none was asked */
		int64_t merged_at; /* 0: by that commit itself, or not known */
		char words[1024];  /* what git says of the step */
	} arrival;
};

/* ledger.created, where the ledger has no events yet. */
bool record_ledger(struct recorder *r, struct str repository, struct fail *why);

/*
 * intent.decided, and what follows from an allowed one: of a build
 * build.registered, of a deploy deployment.created, whose number goes to
 * *number (else 0), of a hold, approval or incident its event, of a cancel
 * intent.withdrawn or deployment.cancel_requested. A wait
 * that was recorded with the same code before is not recorded again. *document
 * is the decision document, in a.
 */
bool record_decision(struct recorder *r, struct arena *a,
                     const struct decision *d, const struct facts *f,
                     int64_t *number, struct str *document, struct fail *why);

/* deployment.created, and .merged where there is such a step, of an allowed
   deploy, promotion, rollback, or member of a release; of *d it takes request,
   token, group, recipe, commit and actor. */
bool record_deployment(struct recorder *r, struct arena *a,
                       const struct decision *d, const struct facts *f,
                       int64_t *number, struct fail *why);
/* release.ended: nothing more of it is sent. */
bool record_release_ended(struct recorder *r, struct arena *a, struct str path,
                          const char *state, struct str detail,
                          struct fail *why);

/* The engine's refusal (or silence) at dispatch: the number is given back and
   the decision becomes the code of row 10. */
bool record_withdrawn(struct recorder *r, struct arena *a,
                      const struct deployment *d, enum diag_code code,
                      struct str text, struct fail *why);

/* attempt, target and queue of the order. */
bool record_dispatching(struct recorder *r, const struct engine_order *order,
                        struct fail *why);
bool record_started(struct recorder *r, const struct deployment *d,
                    const struct engine_status *s, struct fail *why);
bool record_progress(struct recorder *r, const struct deployment *d,
                     struct str detail, struct fail *why);
bool record_lost_contact(struct recorder *r, const struct deployment *d,
                         struct str detail, struct fail *why);
/* deployment.EVENT: something else that happened to it; at 0: now. */
bool record_note(struct recorder *r, const struct deployment *d, int64_t at,
                 struct str event, struct str detail, struct fail *why);
/* state, finished_at, detail and failures of s. */
bool record_ended(struct recorder *r, const struct deployment *d,
                  const struct engine_status *s, struct fail *why);

struct run_counts {
	int64_t of[OUTCOME_COUNT];
};
bool record_finished(struct recorder *r, const struct oid *intents_tree,
                     const struct run_counts *counts, struct fail *why);

#endif
