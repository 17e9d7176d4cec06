/*
 * gather: the facts of a pass: reads policy and intents out of git, and what
 * the ledger knows, and makes the requests and facts that are judged. All
 * reading of a run happens here.
 */
#ifndef RUNNER_GATHER_H
#define RUNNER_GATHER_H

#include "core/packed_request.h"
#include "runner/facts.h"
#include "runner/signature.h"
#include "runner/world.h"

/* What one pass judges. */
struct pass {
	struct arena *arena;
	struct policy *policy; /* NULL until read; of the tip */
	struct oid tip, policy_tree, intents_tree;
	struct signers *signers;
	bool worktree; /* policy and intents come from the working tree */
	struct commit *commits; /* that gave paths their blobs; oldest first */
	size_t ncommits;
	VEC(struct packed_request) requests;
	uint32_t *order;       /* requests in the order of judging */
	struct str repository; /* id, for tokens; empty until asked for */
	struct map drafts;     /* path -> struct str, its text: gather_draft */
	struct diags findings;
};

/*
 * Begin a pass over a revision (empty: HEAD), or over the working tree on top
 * of it: resolve the tip and read its policy, findings to p->findings. With
 * errors among them (p->findings.errors) nothing may be judged.
 */
bool gather_policy(struct world *w, struct pass *p, struct str revision,
                   bool worktree, struct fail *why);

/* The policy of a tree of policy/, whatever is wrong with it. Lives in a. */
bool gather_policy_tree(struct world *w, struct arena *a,
                        const struct oid *tree, struct policy **out,
                        struct fail *why);

/* Whether an entry of policy/ or intents/ is a file that is read: CONTRACT
   section 1. */
bool gather_is_read(const struct change *c);

/*
 * What is new: the intents that stand at the tip and not, or otherwise, in
 * base_tree (zero: all). base (zero: none) is the commit after which their
 * origins are looked for; as_one as in repo_origins. with_waiting adds the
 * ledger's waiting intents. with_standing adds what the change stands on: what
 * was registered and ruled since standing_tree, that of the commit `standing`
 * (zero: ever), and that no run has recorded yet; see packed_request.standing.
 */
struct gather_range {
	struct oid base, base_tree;
	bool as_one;
	bool with_waiting;
	bool with_standing;
	struct oid standing, standing_tree;
};
bool gather_requests(struct world *w, struct pass *p,
                     const struct gather_range *range, struct fail *why);

/* As if one more file (each call one) stood in the working tree, by who would
   commit it; after gather_requests of a pass over the working tree. path and
   text must live as long as the pass. */
void gather_draft(struct pass *p, struct str path, const struct oid *blob,
                  struct str text);

/*
 * An intent once more, whole, from its blob: what a request leaves out is
 * wanted only of the few that are dispatched. request may be NULL.
 */
bool gather_again(struct world *w, struct arena *a, struct str path,
                  const struct oid *blob, struct intent *intent,
                  struct request *request, struct fail *why);

/* The request of an intent that was recorded, from its blob: what is wrong with
   it makes it invalid, and no finding. */
bool gather_recorded(struct world *w, struct arena *a, struct str path,
                     const struct oid *blob, struct request *out,
                     struct fail *why);

/* The id under which this repository makes tokens: the ledger's, else git's. */
bool gather_repository(struct world *w, struct pass *p, struct fail *why);

/* What the allowed requests of a pass use up, on top of the ledger. */
struct tally;
struct tally *tally_new(struct arena *a);

/* The facts of one request of the pass; they and their texts live in a. */
bool gather_facts(struct world *w, const struct pass *p, struct tally *t,
                  struct arena *a, const struct packed_request *r,
                  struct facts *out, struct fail *why);

/* The same of a member of a release: its facts, and counting it, or back. */
bool gather_member(struct world *w, const struct pass *p, struct tally *t,
                   struct arena *a, const struct request *r, struct facts *out,
                   struct fail *why);
void tally_member(struct tally *t, struct arena *a, const struct facts *f,
                  bool back);

/* Count a request that was allowed; f is of r, a for what is not kept. */
void tally_allow(struct tally *t, struct arena *a,
                 const struct packed_request *r, const struct facts *f);
/* The same of what a change stands on: it counts, and uses up nothing. */
void tally_stand(struct tally *t, struct arena *a,
                 const struct packed_request *r, const struct facts *f);

#endif
