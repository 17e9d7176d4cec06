#include "runner/guard.h"

void guard_idempotency(const struct facts *f, struct trace_row *row,
                       struct arena *a)
{
	if (f->recorded == RECORD_CHANGED)
		guard_refuse(row, a, f, DIAG_IDEMPOTENCY_CONFLICT,
		             f->request->at,
		             "%" STR_FMT
		             " was edited after its intent had been recorded",
		             STR_ARG(f->request->path));
	else
		guard_pass(row, a, "not recorded before");
}
