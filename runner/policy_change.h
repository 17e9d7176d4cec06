/*
 * policy_change: whether policy/ was changed by those who may: the platform
 * admins of the policy that was in force before the change. Each step of the
 * first-parent line is a change; who made it are the authors (or signers) of
 * its commits that touched policy/. What an outsider changed and somebody
 * took back before it was recorded is forgotten.
 *
 * Nothing is asked where no policy was in force before, or where that one
 * names no platform admin.
 */
#ifndef RUNNER_POLICY_CHANGE_H
#define RUNNER_POLICY_CHANGE_H

#include "runner/gather.h"

/*
 * Since commit `from` (zero: nothing is asked), whose policy was in force;
 * findings go to p->findings. As one step where `as_one` (a pull request).
 */
bool policy_change_check(struct world *w, struct pass *p,
                         const struct oid *from, bool as_one, struct fail *why);

/*
 * Whether the pass would go back behind what the ledger's runs have seen:
 * POLICY_WENT_BACK, STALE_CHECKOUT. `last` is the head of the ledger.
 */
bool policy_change_order(struct world *w, struct pass *p,
                         const struct ledger_head *last, struct fail *why);

#endif
