#include "runner/guard.h"

/* Roles add up: what any of them entitles to is permitted. */
static unsigned entitled(enum intent_kind kind)
{
	if (kind == INTENT_BUILD)
		return ROLE_CI_PUBLISHER | ROLE_PLATFORM_ADMIN;
	return ROLE_DELIVERY_OWNER | ROLE_PLATFORM_ADMIN;
}

void guard_permission(const struct facts *f, struct trace_row *row,
                      struct arena *a)
{
	if (!f->roles || f->request->kind == INTENT_UNKNOWN) {
		guard_skip(row, a, "there is no role to judge");
		return;
	}
	guard_input(row, "role", str_of(f->actor.role));
	const char *what = intent_kinds[f->request->kind].name;
	/* That an admin may not build either is CI_ONLY's to say. */
	if (f->roles & entitled(f->request->kind))
		guard_pass(row, a, "the role %s may author %s intents",
		           f->actor.role, what);
	else
		guard_refuse(row, a, f, DIAG_ROLE_FORBIDDEN, f->request->at,
		             "the role %s may not author %s intents",
		             f->actor.role, what);
}
