#include "runner/guard.h"

void guard_not_before(const struct facts *f, struct trace_row *row,
                      struct arena *a)
{
	const struct request_more *more = request_more(f->request);
	int64_t not_before = more->not_before;
	if (f->now >= not_before) {
		guard_pass(row, a, "the time has come");
		return;
	}
	guard_refuse(row, a, f, DIAG_NOT_BEFORE, more->not_before_at,
	             "the intent asks not to be acted on before %s",
	             when_text(not_before).s);
	guard_ends(row, not_before, STR("the time that it asks for comes"));
}
