#include "runner/identity.h"

bool identity_of(struct world *w, const struct pass *p, struct arena *a,
                 const struct commit *commit, struct identity *out,
                 struct fail *why)
{
	struct signer signer;
	*out = (struct identity){.email = str_lower(a, commit->author_email),
	                         .proof = PROOF_AUTHOR,
	                         .proven = true};
	if (p->policy->platform.identity.is != IDENTITY_SIGNED || p->worktree)
		return true;
	if (!signature_verify(p->signers, w->repo, a, commit, &signer, why))
		return fail_note(why, "finding who signed commit %s",
		                 oid_hex(&commit->id).s);
	out->proven = signer.principal.n > 0;
	out->detail = signer.detail;
	if (out->proven) {
		out->email = signer.principal;
		out->proof = PROOF_SIGNED;
	}
	return true;
}
