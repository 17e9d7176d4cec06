/*
 * propose: the intents that the policy's proposal rules ask for. Finds them
 * and has each judged as `check` would judge it; writes nothing.
 *
 * A rule looks at every service whose group has the rule's environment and
 * that is routed there. `on: build` takes the newest registered build whose
 * branch and version match; `on: promotion` what runs in the environment
 * before it in the group's sequence, if that matches. Newest is the highest
 * semantic version; of two that are not both of that form, the one registered
 * later. Where several rules find something for one service and environment it
 * is the newest of that.
 *
 * Nothing is proposed twice, or against what people have decided: see the
 * states. A proposal has the label proposed_by, so that guardrails take it for
 * automation (runner/facts.h), and a path that follows from the service, the
 * version and the environment alone.
 */
#ifndef RUNNER_PROPOSE_H
#define RUNNER_PROPOSE_H

#include "runner/gather.h"

enum proposal_state {
	PROPOSAL_NEW,     /* to be written: it would be allowed, or wait for
	                     people or a time that comes before it expires */
	PROPOSAL_LATER,   /* not yet: soak time, needs, the kill switch, or a
	                     window that opens after it would have expired */
	PROPOSAL_ON_HOLD, /* or rolled back there */
	PROPOSAL_DENIED,  /* it would be, for another reason */
	PROPOSAL_ASKED,   /* somebody asked for that version there before,
	                     whatever came of it */
	PROPOSAL_RUNS,    /* that version runs there, or a later one does */
	PROPOSAL_STATES
};
extern const char *const proposal_state_names[]; /* "new", ... */

struct proposal {
	const struct proposal_rule *rule;
	enum intent_kind kind; /* INTENT_DEPLOY or INTENT_PROMOTE */
	struct str service, environment, version;
	int64_t registered; /* the event of its build; 0: of a promotion */
	struct str from;    /* of a promotion */
	struct str summary; /* of the intent: what speaks for it */
	struct str path, text;
	enum proposal_state state;
	struct str detail; /* why that is its state: one sentence */
	/* What judging it gave, where that was done; else DIAG_NONE and empty.
	 */
	enum diag_code code;
	enum outcome outcome;
	struct str hint, document; /* the decision document, JSON */
	int64_t next_allowed_at;
};

struct propose_options {
	bool all; /* every version later than what runs, not the newest alone */
	struct str service, environment; /* only there; empty: everywhere */
	bool with_documents;
};
struct proposals {
	VEC(struct proposal) list; /* by service, environment, then version */
	size_t count[PROPOSAL_STATES];
};

/* p comes from gather_policy of the working tree, without errors. */
bool propose(struct world *w, struct pass *p,
             const struct propose_options *options, struct proposals *out,
             struct fail *why);

#endif
