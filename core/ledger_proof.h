/*
 * ledger_proof: what can be shown to who does not have the ledger: a checkpoint
 * of it, that an event is in it, that a later one only added to an earlier one.
 *
 * The leaves of the tree are the records of the events (core/ledger.h), in
 * their order: leaf 0 is event 1. What was hashed is kept in a table of its own
 * (dxcp_tree), so that a checkpoint costs what is new; the table is believed
 * only as far as its last event is still the ledger's, and ledger_verify makes
 * it anew from all events and compares.
 */
#ifndef CORE_LEDGER_PROOF_H
#define CORE_LEDGER_PROOF_H

#include "core/checkpoint.h"
#include "core/ledger.h"

/*
 * As of now. In LEDGER_WRITE, outside a transaction, what was hashed is kept
 * for the next time; where another program writes, or nothing can be written,
 * it is not, and that is all. The origin is "dxcp/" and the repository's id
 * ("dxcp/unknown" as long as the ledger knows none).
 */
bool ledger_checkpoint(struct ledger *l, struct arena *a,
                       struct checkpoint *out, struct fail *why);

/* One event with its way to the root. */
struct event_proof {
	uint64_t index; /* of the leaf: seq - 1 */
	struct str record;
	struct merkle_hash *path;
	size_t npath;
};

/* All that is recorded about a deployment, at one checkpoint; n is 0 where
   there is no such deployment. Reads all events: memory is flat. */
struct deployment_proof {
	struct checkpoint checkpoint;
	struct event_proof *at;
	size_t n;
};
bool ledger_prove(struct ledger *l, struct arena *a, int64_t number,
                  struct deployment_proof *out, struct fail *why);

/* That the ledger as it is now begins with the first `old` events as they were.
   FAIL_USAGE where it has fewer. */
struct growth_proof {
	struct checkpoint checkpoint;
	struct merkle_hash *path;
	size_t npath;
};
bool ledger_prove_growth(struct ledger *l, struct arena *a, uint64_t old,
                         struct growth_proof *out, struct fail *why);

/*
 * The two as JSON (dxcp.proof/1, dxcp.growth/1), with the checkpoint signed
 * where key is not NULL: all that is needed to check them.
 */
struct str ledger_proof_json(struct arena *a, int64_t number,
                             const struct deployment_proof *p,
                             const struct note_key *key);
struct str ledger_growth_json(struct arena *a, struct str old_checkpoint,
                              const struct growth_proof *p,
                              const struct note_key *key);

/*
 * Check either of them, without any ledger. key NULL: signatures are not looked
 * at. FAIL_INPUT where text is neither, FAIL_INTEGRITY where it does not hold.
 */
struct checked_proof {
	struct checkpoint checkpoint;
	int64_t number;             /* of the deployment; 0: growth */
	uint64_t old;               /* of growth: the earlier size */
	struct event_proof *events; /* that are proved; their paths are not
	                               given again */
	size_t nevents;
};
bool ledger_proof_check(struct checked_proof *out, struct arena *a,
                        struct str text, const struct note_key *key,
                        struct fail *why);

#endif
