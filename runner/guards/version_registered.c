#include "runner/guard.h"

void guard_version_registered(const struct facts *f, struct trace_row *row,
                              struct arena *a)
{
	const struct request *r = f->request;
	if (!r->version.n || !r->service.n) {
		guard_skip(row, a, "the intent names no version");
		return;
	}
	guard_input(row, "version", r->version);
	if (f->registered)
		guard_pass(row, a, "a build registered %" STR_FMT " %" STR_FMT,
		           STR_ARG(r->service), STR_ARG(r->version));
	else
		guard_refuse(row, a, f, DIAG_VERSION_NOT_FOUND, r->version_at,
		             "no build registered %" STR_FMT " %" STR_FMT,
		             STR_ARG(r->service), STR_ARG(r->version));
}
