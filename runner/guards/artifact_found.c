#include "runner/guard.h"

void guard_artifact_found(const struct facts *f, struct trace_row *row,
                          struct arena *a)
{
	const struct request *r = f->request;
	if (f->artifact == ARTIFACT_NOT_LOOKED_AT || !f->registered) {
		guard_skip(row, a, "nothing that can be looked at from here");
		return;
	}
	guard_input(row, "artifact", f->registered->artifact);
	if (f->artifact == ARTIFACT_MISSING)
		guard_refuse(row, a, f, DIAG_ARTIFACT_NOT_FOUND,
		             r->version_at.line ? r->version_at
		                                : r->environment_at,
		             "nothing stands at %" STR_FMT,
		             STR_ARG(f->registered->artifact));
	else
		guard_pass(row, a, "it is there");
}
