/*
 * identity: who acted. With `identity: author` the author of the commit; with
 * `identity: signed` the principal of its good signature, whoever the commit
 * names as its author: a signature by another does not lend the author's role.
 */
#ifndef RUNNER_IDENTITY_H
#define RUNNER_IDENTITY_H

#include "runner/gather.h"

struct identity {
	struct str
	        email; /* in lower case; where nothing is proven the author's */
	enum actor_proof proof;
	bool proven;       /* as far as the policy asks for it */
	struct str detail; /* of a signature: by what key, or why it is none */
};

/*
 * Of a commit of the pass. What is not committed yet is by whom it would be
 * committed, and proven: the signature comes with the commit.
 */
bool identity_of(struct world *w, const struct pass *p, struct arena *a,
                 const struct commit *commit, struct identity *out,
                 struct fail *why);

#endif
