#include "runner/guard.h"

static void refuse(const struct facts *f, struct trace_row *row,
                   struct arena *a)
{
	const struct request *r = f->request;
	const struct request_more *more = request_more(r);
	if (r->version.n)
		guard_refuse(row, a, f, DIAG_NO_PRIOR_SUCCESSFUL_VERSION,
		             r->version_at,
		             "%" STR_FMT " %" STR_FMT
		             " never succeeded in %" STR_FMT,
		             STR_ARG(r->service), STR_ARG(r->version),
		             STR_ARG(r->environment));
	else
		guard_refuse(row, a, f, DIAG_NO_PRIOR_SUCCESSFUL_VERSION,
		             more->of ? more->of_at : r->environment_at,
		             "no deployment of %" STR_FMT
		             " succeeded in %" STR_FMT " before %lld",
		             STR_ARG(r->service), STR_ARG(r->environment),
		             (long long)f->undoes->number);
}

void guard_rollback_version(const struct facts *f, struct trace_row *row,
                            struct arena *a)
{
	const struct request *r = f->request;
	if (!f->undoes) {
		guard_skip(row, a, "there is nothing to undo");
		return;
	}
	if (r->version.n)
		guard_input(row, "version", r->version);
	if (!f->success) {
		refuse(f, row, a);
		return;
	}
	guard_input_int(row, "deployment", f->success->number);
	guard_pass(row, a,
	           "back to %" STR_FMT ", which succeeded as deployment %lld",
	           STR_ARG(r->version), (long long)f->success->number);
}
