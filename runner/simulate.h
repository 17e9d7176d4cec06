/*
 * simulate: judge every recorded decision again, by another policy: what would
 * have been decided otherwise, and by which rule.
 *
 * One pass over the ledger's events, oldest first. Each decision is judged by
 * the code that judges in a run (runner/decide), on the clock of its run, with
 * what was recorded up to then (runner/past). The past stays as it was: what a
 * decision that flips would have led to is not played on, so that each flip
 * stands for itself. Engines are not asked: what they answered then counts.
 */
#ifndef RUNNER_SIMULATE_H
#define RUNNER_SIMULATE_H

#include "runner/past.h"

/* One side of a flip. */
struct flip_side {
	enum outcome outcome;
	enum diag_code code;
	int64_t next_allowed_at; /* 0: not known */
	struct location rule;    /* in its policy; nowhere: built in */
	struct str message, hint;
};

struct flip {
	struct str path, service, environment, version, group, kind;
	int64_t seq, time, run;
	int64_t number; /* of the deployment that it made then; 0 */
	struct flip_side was, would;
};

/* Of a code or a group: flips by what was and what would be. */
struct flip_counts {
	int64_t n, of[OUTCOME_COUNT][OUTCOME_COUNT];
};

/* Seconds of waiting that would come or go; unknown: how many waits have no
   known end. */
struct flip_waiting {
	int64_t n, seconds, unknown;
};

struct simulation {
	int64_t decisions;  /* judged again */
	int64_t same;       /* with the same decision and code */
	int64_t other_code; /* the same decision, for another reason */
	struct flip_counts all;
	struct flip_counts code[DIAG_CODE_COUNT]; /* by flip_code */
	struct map groups; /* name -> struct flip_counts; "" for none */
	struct flip_waiting added, removed;
	int64_t intents; /* that have a flip */
	VEC(struct flip) flips;
};

/* What a flip comes from: the rule that would bite, or bites no more. */
enum diag_code flip_code(const struct flip *f);

/* p is of gather_policy without errors. since: decisions from then on. */
bool simulate(struct world *w, struct pass *p, int64_t since,
              struct simulation *out, struct fail *why);

#endif
