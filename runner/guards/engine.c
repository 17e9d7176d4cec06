#include "runner/guard.h"

/* The codes of row 10, by what the engine said. */
static enum diag_code code_of(enum engine_answer answer)
{
	switch (answer) {
	case ENGINE_IS_DOWN:
		return DIAG_ENGINE_UNAVAILABLE;
	case ENGINE_NO_ACCESS:
		return DIAG_ENGINE_UNAUTHORIZED;
	case ENGINE_BAD_CONFIG:
		return DIAG_ENGINE_MISCONFIGURED;
	case ENGINE_REFUSED:
		return DIAG_ENGINE_CALL_FAILED;
	case ENGINE_NO_ARTIFACT:
		return DIAG_ARTIFACT_NOT_FOUND;
	case ENGINE_NOT_ASKED:
	case ENGINE_READY:
	case ENGINE_NOT_FOUND:
	case ENGINE_UNCERTAIN:
		break;
	}
	return DIAG_NONE;
}

void guard_engine(const struct facts *f, struct trace_row *row, struct arena *a)
{
	if (f->recipe)
		guard_rule(row, f->recipe->engine.at);
	enum diag_code code = code_of(f->engine_answer);
	if (code != DIAG_NONE)
		guard_refuse(row, a, f, code, f->request->environment_at,
		             "%" STR_FMT, STR_ARG(f->engine_text));
	else if (f->engine_answer == ENGINE_NOT_ASKED)
		guard_skip(row, a, "not asked");
	else
		guard_pass(row, a, "ready");
}
