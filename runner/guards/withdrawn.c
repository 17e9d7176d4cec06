#include "runner/guard.h"

void guard_withdrawn(const struct facts *f, struct trace_row *row,
                     struct arena *a)
{
	const struct recorded_withdrawal *w = f->withdrawal;
	if (w) {
		guard_input(row, "cancel", w->intent_path);
		guard_refuse(row, a, f, DIAG_INTENT_WITHDRAWN, f->request->at,
		             "%" STR_FMT " withdrew it%s%" STR_FMT,
		             STR_ARG(w->actor), w->summary.n ? ": " : "",
		             STR_ARG(w->summary));
	} else if (f->request->removed) {
		guard_refuse(row, a, f, DIAG_INTENT_WITHDRAWN, f->request->at,
		             "its file was taken out of intents/ while it "
		             "waited");
	} else {
		guard_pass(row, a, "not withdrawn");
	}
}
