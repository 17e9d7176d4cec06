/*
 * past: what the ledger knew at each moment of its history, made from the
 * events one by one: the same facts as runner/gather asks the ledger for, about
 * every decision that was ever recorded, in one pass. Asking the ledger itself
 * as of a moment costs a search for each; here it is a look into a map.
 *
 * What happened stays as it was, whatever policy it is looked at with; but
 * quotas and slots are counted by the groups of the given policy.
 */
#ifndef RUNNER_PAST_H
#define RUNNER_PAST_H

#include "runner/decide.h"

struct past;
struct past *past_new(struct arena *a, struct world *w,
                      const struct policy *policy);

/* A recorded decision, and of the request what it asked for. */
struct past_decision {
	int64_t time;
	struct str path;
	struct oid blob;
	enum outcome outcome;
	enum diag_code code;
	unsigned char also[DIAG_CODE_COUNT / 8 + 1]; /* codes, code among them
	                                              */
	bool dispatches;
	struct str service, environment, message;
	enum intent_kind kind;
};
bool past_decision_has(const struct past_decision *d, enum diag_code code);

/*
 * Take in one event. What contradicts the events before it is FAIL_INTEGRITY.
 * Of intent.decided past_decided is told instead; members (or NULL) is the
 * request where that is a release.
 */
bool past_event(struct past *p, const struct event *e, struct fail *why);
void past_decided(struct past *p, const struct past_decision *d,
                  const struct request *members);

/*
 * The facts of a request as of the events that were taken in, on the clock of
 * the decision d: all but the actor. What policy has no part in (whether a file
 * stood, what engine and hooks answered) is taken from d.
 */
bool past_facts(struct past *p, struct arena *a, const struct past_decision *d,
                const struct request *r, struct facts *out, struct fail *why);
/* Count a member of a release, or take that back. */
void past_use(struct past *p, struct arena *a, const struct facts *f,
              bool back);
/* How many the pass then could still dispatch; less than 0: no limit. */
int64_t past_room(const struct past *p);

/* The path of the intent that an event deployment.created is about, and the
   number that it gave; false for any other event. */
bool past_created(const struct event *e, struct arena *a, struct str *path,
                  int64_t *number);

#endif
