#include "runner/guard.h"

void guard_role(const struct facts *f, struct trace_row *row, struct arena *a)
{
	guard_input(row, "actor", f->actor.email);
	if (f->roles)
		guard_pass(row, a, "%" STR_FMT " has a role",
		           STR_ARG(f->actor.email));
	else if (!f->actor.email.n)
		guard_refuse(row, a, f, DIAG_AUTHZ_ROLE_REQUIRED,
		             f->request->at,
		             "the commit of this intent names no author");
	else
		guard_refuse(row, a, f, DIAG_AUTHZ_ROLE_REQUIRED,
		             f->request->at,
		             "%" STR_FMT " has no role in the policy",
		             STR_ARG(f->actor.email));
}
