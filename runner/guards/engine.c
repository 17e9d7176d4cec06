#include "runner/guard.h"

void guard_engine(const struct facts *f, struct trace_row *row, struct arena *a)
{
	if (f->recipe)
		guard_rule(row, f->recipe->engine.at);
	enum diag_code code = engine_answer_code(f->engine_answer);
	if (code != DIAG_NONE)
		guard_refuse(row, a, f, code, f->request->environment_at,
		             "%" STR_FMT, STR_ARG(f->engine_text));
	else if (f->engine_answer == ENGINE_NOT_ASKED)
		guard_skip(row, a, "not asked");
	else
		guard_pass(row, a, "ready");
}
