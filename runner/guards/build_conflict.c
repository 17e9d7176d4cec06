#include "runner/guard.h"

void guard_build_conflict(const struct facts *f, struct trace_row *row,
                          struct arena *a)
{
	const struct request *r = f->request;
	if (f->registered)
		guard_refuse(row, a, f, DIAG_BUILD_REGISTRATION_CONFLICT,
		             r->version_at,
		             "%" STR_FMT " %" STR_FMT
		             " is registered already, with other facts",
		             STR_ARG(r->service), STR_ARG(r->version));
	else
		guard_pass(row, a, "not registered before");
}
