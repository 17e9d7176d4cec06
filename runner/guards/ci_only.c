#include "runner/guard.h"

void guard_ci_only(const struct facts *f, struct trace_row *row,
                   struct arena *a)
{
	guard_input(row, "actor", f->actor.email);
	if (f->roles & ROLE_CI_PUBLISHER)
		guard_pass(row, a, "%" STR_FMT " is a CI publisher",
		           STR_ARG(f->actor.email));
	else
		guard_refuse(row, a, f, DIAG_CI_ONLY, f->request->at,
		             "%" STR_FMT " is not a CI publisher",
		             STR_ARG(f->actor.email));
}
