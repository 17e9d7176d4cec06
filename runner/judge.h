/*
 * judge: facts to a decision. Pure: the same facts give the same decision.
 *
 * All guardrails that concern the kind are evaluated, each to a row of the
 * trace. The first refusal in table order is the decision's code, the others
 * are `also`.
 *
 * A waiver of the policy takes a refusal's effect, not its row: the guardrail
 * is evaluated, and the trace says what it would have done.
 *
 * nextAllowedAt is the first instant at which every wait with a known end is
 * over (CONTRACT section 8): not just the latest of these ends, because by then
 * a window that is open now may have closed, or a freeze begun. The hint names
 * what happens at that instant where it is not what the decisive row waits for.
 * Where windows and freezes leave no such instant, none is promised.
 */
#ifndef RUNNER_JUDGE_H
#define RUNNER_JUDGE_H

#include "runner/guard.h"

/*
 * *d has request, token, commit, actor, group and recipe set already. Texts of
 * the trace live in a. Without `words` only the decisive refusal is put into
 * sentences; codes and results are the same.
 */
void judge(struct decision *d, const struct facts *f, bool words,
           struct arena *a);

/* What is recorded is not judged again: the decision of a replay. */
void judge_replay(struct decision *d, struct str message);

#endif
