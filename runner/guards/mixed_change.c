#include "runner/guard.h"

void guard_mixed_change(const struct facts *f, struct trace_row *row,
                        struct arena *a)
{
	if (f->request->mixed)
		guard_refuse(row, a, f, DIAG_POLICY_AND_INTENT_MIXED,
		             f->request->at,
		             "the change that brought this intent also "
		             "touches policy/");
	else
		guard_pass(row, a, "its change did not touch policy/");
}
