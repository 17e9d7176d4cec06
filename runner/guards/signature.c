#include "runner/guard.h"

void guard_signature(const struct facts *f, struct trace_row *row,
                     struct arena *a)
{
	const struct choice *identity = &f->policy->platform.identity;
	guard_rule(row, identity->at);
	if (identity->is == IDENTITY_AUTHOR) {
		guard_skip(row, a,
		           "the policy takes the commit's author as actor");
		return;
	}
	guard_input(row, "author", f->actor.author);
	guard_input(row, "committer", f->actor.committer);
	if (f->actor.proof == PROOF_SIGNED)
		guard_pass(row, a, "signed by %" STR_FMT ", with %" STR_FMT,
		           STR_ARG(f->actor.email), STR_ARG(f->proof_detail));
	else if (f->proven)
		guard_skip(row, a, "it is not committed yet");
	else
		guard_refuse(row, a, f, DIAG_SIGNATURE_REQUIRED, f->request->at,
		             "%" STR_FMT, STR_ARG(f->proof_detail));
}
