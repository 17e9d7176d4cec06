#include "runner/guard.h"

/*
 * About what stands in no service's folder, such as a release, the owners of
 * each group in it may speak. Who may not act for all of them may not author
 * it, but may stop it.
 */
static const struct group *group_of_target(const struct facts *f, bool *owns)
{
	const struct group *first = NULL;
	*owns = false;
	for (size_t i = 0; i < f->ntarget_services && !*owns; i++) {
		const struct group *g =
		        policy_group_of(f->policy, f->target_services[i]);
		if (g)
			policy_roles(f->policy, f->actor.email, g, owns);
		if (g && (!first || *owns))
			first = g;
	}
	return first;
}

static void judge_owner(const struct facts *f, struct trace_row *row,
                        const struct group *group, bool owns, struct spot at,
                        struct str what, struct arena *a)
{
	guard_rule(row, group->owners.span);
	guard_input(row, "group", group->id.s);
	if (f->roles & ROLE_PLATFORM_ADMIN)
		guard_pass(row, a, "a platform admin may act for every group");
	else if (!(f->roles & ROLE_DELIVERY_OWNER))
		guard_skip(row, a, "the author owns no group");
	else if (owns)
		guard_pass(row, a, "%" STR_FMT " owns %" STR_FMT,
		           STR_ARG(f->actor.email), STR_ARG(group->id.s));
	else
		guard_refuse(row, a, f, DIAG_DELIVERY_GROUP_SCOPE_REQUIRED, at,
		             "%" STR_FMT " does not own %" STR_FMT
		             ", the group of %" STR_FMT,
		             STR_ARG(f->actor.email), STR_ARG(group->id.s),
		             STR_ARG(what));
}

void guard_ownership(const struct facts *f, struct trace_row *row,
                     struct arena *a)
{
	const struct ruling *said = request_more(f->request)->ruling;
	bool owns;
	const struct group *of_target = group_of_target(f, &owns);
	if (f->group)
		judge_owner(f, row, f->group, f->owns_group,
		            f->request->service_at, f->request->service, a);
	else if (of_target && said)
		judge_owner(f, row, of_target, owns, said->of_at, said->of, a);
	else
		guard_skip(row, a, "the service is in no group");
}
