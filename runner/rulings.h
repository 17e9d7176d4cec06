/*
 * rulings: what holds, approvals and cancels say about the intents that a pass
 * judges: those of the ledger, and those that the pass itself allowed before,
 * so that `check`, which records nothing, sees what `run` will see.
 */
#ifndef RUNNER_RULINGS_H
#define RUNNER_RULINGS_H

#include "runner/gather.h"

struct rulings;
struct rulings *rulings_new(struct arena *a);

/* Whether intents of this kind say something about others. */
bool rulings_are(enum intent_kind kind);

/*
 * Fill in what was said about f->request (hold, approvals, withdrawal), or
 * where it is itself such an intent, what it is about (target, cause). Texts
 * live in a.
 */
bool rulings_gather(struct world *w, const struct pass *p, struct rulings *r,
                    struct arena *a, struct facts *f, struct fail *why);

/* Remember a request that was allowed, if it is such a one. */
void rulings_allow(struct rulings *r, const struct facts *f);

#endif
