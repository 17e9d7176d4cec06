#include "runner/guard.h"

/* Whatever blob it names, and whether or not approvals are asked for: CONTRACT
   sections 2 and 8. */
void guard_approval_rejected(const struct facts *f, struct trace_row *row,
                             struct arena *a)
{
	for (size_t i = 0; i < f->napprovals; i++) {
		const struct recorded_approval *v = &f->approvals[i];
		if (!v->rejects || !facts_may_approve(f, v->actor))
			continue;
		guard_input(row, "rejection", v->intent_path);
		guard_refuse(row, a, f, DIAG_APPROVAL_REJECTED, f->request->at,
		             "%" STR_FMT " rejected it%s%" STR_FMT,
		             STR_ARG(v->actor), v->summary.n ? ": " : "",
		             STR_ARG(v->summary));
		return;
	}
	guard_pass(row, a, "nobody rejected it");
}
