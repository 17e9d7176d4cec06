#include "runner/guard.h"

void guard_withdrawn(const struct facts *f, struct trace_row *row,
                     struct arena *a)
{
	if (f->request->removed)
		guard_refuse(row, a, f, DIAG_INTENT_WITHDRAWN, f->request->at,
		             "its file was taken out of intents/ while it "
		             "waited");
	else
		guard_pass(row, a, "not withdrawn");
}
