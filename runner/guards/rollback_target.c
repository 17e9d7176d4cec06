#include "runner/guard.h"

void guard_rollback_target(const struct facts *f, struct trace_row *row,
                           struct arena *a)
{
	const struct request *r = f->request;
	const struct request_more *more = request_more(r);
	if (!r->service.n || !r->environment.n) {
		guard_skip(row, a, "the intent does not say what and where");
		return;
	}
	if (more->of)
		guard_input_int(row, "of", more->of);
	if (f->undoes && more->of)
		guard_pass(row, a, "deployment %lld of %" STR_FMT,
		           (long long)f->undoes->number,
		           STR_ARG(f->undoes->version));
	else if (f->undoes)
		guard_pass(row, a, "deployment %lld of %" STR_FMT " runs",
		           (long long)f->undoes->number,
		           STR_ARG(f->undoes->version));
	else if (more->of)
		guard_refuse(row, a, f, DIAG_NOT_FOUND, more->of_at,
		             "no deployment %lld of %" STR_FMT " to %" STR_FMT
		             " is known",
		             (long long)more->of, STR_ARG(r->service),
		             STR_ARG(r->environment));
	else
		guard_refuse(row, a, f, DIAG_NOT_FOUND, r->environment_at,
		             "no %" STR_FMT " runs in %" STR_FMT,
		             STR_ARG(r->service), STR_ARG(r->environment));
}
