#include "runner/guard.h"

void guard_ownership(const struct facts *f, struct trace_row *row,
                     struct arena *a)
{
	if (!f->group) {
		guard_skip(row, a, "the service is in no group");
		return;
	}
	guard_rule(row, f->group->owners.span);
	guard_input(row, "group", f->group->id.s);
	if (f->roles & ROLE_PLATFORM_ADMIN)
		guard_pass(row, a, "a platform admin may act for every group");
	else if (!(f->roles & ROLE_DELIVERY_OWNER))
		guard_skip(row, a, "the author owns no group");
	else if (f->owns_group)
		guard_pass(row, a, "%" STR_FMT " owns %" STR_FMT,
		           STR_ARG(f->actor.email), STR_ARG(f->group->id.s));
	else
		guard_refuse(row, a, f, DIAG_DELIVERY_GROUP_SCOPE_REQUIRED,
		             f->request->service_at,
		             "%" STR_FMT " does not own %" STR_FMT
		             ", the group of %" STR_FMT,
		             STR_ARG(f->actor.email), STR_ARG(f->group->id.s),
		             STR_ARG(f->request->service));
}
