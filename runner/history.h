/*
 * history: what the ledger's past means for a deployment: of a promotion or a
 * rollback which version it is about, where it proved itself and what is
 * undone, of others whether what the service needs runs.
 */
#ifndef RUNNER_HISTORY_H
#define RUNNER_HISTORY_H

#include "runner/facts.h"

/*
 * Set f->success, f->undoes, f->undone and f->needs, once the actor is known.
 * Where the intent names no version f->request becomes a copy of it with the
 * version that it means: what runs in `from`, or what succeeded before the
 * deployment that is undone. All lives in a. Nothing to do for other kinds.
 */
bool history_facts(struct ledger *l, struct arena *a, struct facts *f,
                   struct fail *why);

#endif
