#include "runner/facts.h"

enum diag_code engine_answer_code(enum engine_answer answer)
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

/* "PLATFORM_ADMIN": the role that entitles, else the strongest there is. */
static const char *role_name(const struct facts *f)
{
	bool builds = f->request->kind == INTENT_BUILD;
	if (builds && f->roles & ROLE_CI_PUBLISHER)
		return "CI_PUBLISHER";
	if (f->roles & ROLE_PLATFORM_ADMIN)
		return "PLATFORM_ADMIN";
	if (f->roles & ROLE_DELIVERY_OWNER)
		return "DELIVERY_OWNER";
	if (f->roles & ROLE_CI_PUBLISHER)
		return "CI_PUBLISHER";
	return f->roles & ROLE_OBSERVER ? "OBSERVER" : "";
}

static void resolve_step(struct facts *f)
{
	const struct group_environment *first = f->group->environments.at;
	const struct group_environment *end = first + f->group->environments.n;
	f->step = group_environment_of(f->group, f->request->environment);
	f->from =
	        group_environment_of(f->group, request_more(f->request)->from);
	if (f->from && f->from + 1 < end)
		f->next = f->from + 1;
}

void facts_resolve(struct facts *f)
{
	const struct policy *policy = f->policy;
	const struct request *r = f->request;
	f->service = policy_service(policy, r->service);
	f->group = policy_group_of(policy, r->service);
	f->environment = policy_environment(policy, r->environment);
	if (f->group)
		resolve_step(f);
	if (f->service)
		f->route = service_route(f->service, r->environment);
	if (f->route)
		f->recipe = policy_recipe(policy, f->route->recipe.s);
	if (f->recipe)
		f->engine = policy_engine(policy, f->recipe->engine.s);
}

const char *facts_automation(const struct facts *f)
{
	if (f->request->proposed)
		return "the intent has the label " INTENT_PROPOSED_LABEL;
	return f->roles & ROLE_CI_PUBLISHER ? "its author is a CI publisher"
	                                    : NULL;
}

bool facts_dispatches(const struct request *r)
{
	return r->kind == INTENT_DEPLOY || r->kind == INTENT_PROMOTE ||
	       r->kind == INTENT_ROLLBACK;
}

enum deployment_kind facts_deployment_kind(const struct request *r)
{
	if (r->kind == INTENT_ROLLBACK)
		return KIND_ROLLBACK;
	return r->kind == INTENT_PROMOTE ? KIND_PROMOTE : KIND_ROLL_FORWARD;
}

enum limit facts_quota(const struct request *r)
{
	if (r->kind == INTENT_BUILD)
		return LIMIT_DAILY_BUILDS;
	return r->kind == INTENT_ROLLBACK ? LIMIT_DAILY_ROLLBACKS
	                                  : LIMIT_DAILY_DEPLOYS;
}

static int64_t waived_until(const struct facts *f, enum diag_code code)
{
	const struct waiver *w = facts_waiver(f, code);
	return w ? w->expires.t : 0;
}

bool facts_windows(const struct facts *f, struct window_query *out)
{
	const struct request *r = f->request;
	if (!facts_dispatches(r) || !r->environment.n)
		return false;
	*out = (struct window_query){
	        .policy = f->policy,
	        .group = f->group ? f->group->id.s : STR(""),
	        .environment = r->environment,
	        .service = r->service,
	        .rollback = r->kind == INTENT_ROLLBACK,
	        .waived_until = {[WINDOW_ALLOW] =
	                                 waived_until(f, DIAG_WINDOW_CLOSED),
	                         [WINDOW_DENY] =
	                                 waived_until(f, DIAG_FREEZE_ACTIVE)},
	};
	return true;
}

const struct number *facts_approvals(const struct facts *f)
{
	const struct number *n = NULL;
	if (f->environment)
		n = &f->environment->approvals;
	if (f->step && GIVEN(f->step->approvals))
		n = &f->step->approvals;
	return n && n->n > 0 ? n : NULL;
}

const struct moment *facts_soak(const struct facts *f)
{
	const struct moment *soak = NULL;
	if (f->request->kind != INTENT_PROMOTE)
		return NULL;
	if (f->environment)
		soak = &f->environment->soak;
	if (f->step && GIVEN(f->step->soak))
		soak = &f->step->soak;
	return soak && soak->t > 0 ? soak : NULL;
}

/* The one that holds longest, so that what it leads to is promised as far
   ahead as it can be. */
const struct waiver *facts_waiver(const struct facts *f, enum diag_code code)
{
	const struct waiver *best = NULL;
	for (size_t i = 0; i < f->policy->waivers.n; i++) {
		const struct waiver *w = f->policy->waivers.at[i];
		if (w->code == code && f->now < w->expires.t &&
		    scope_covers(&w->scope, f->group ? f->group->id.s : STR(""),
		                 f->request->environment,
		                 f->request->service) &&
		    (!best || w->expires.t > best->expires.t))
			best = w;
	}
	return best;
}

bool facts_may_approve(const struct facts *f, struct str email)
{
	bool owns;
	unsigned roles = policy_roles(f->policy, email, f->group, &owns);
	if (!email.n || str_eq_nocase(email, f->actor.email))
		return false;
	return owns || roles & ROLE_PLATFORM_ADMIN;
}

void facts_actor(struct facts *f, struct str email, struct str name,
                 unsigned roles)
{
	f->actor.email = email;
	f->actor.name = name;
	f->roles = roles;
	f->owns_group = false;
	for (size_t i = 0; f->group && i < f->group->owners.n; i++)
		f->owns_group |= str_eq_nocase(f->group->owners.at[i].s, email);
	f->actor.role = role_name(f);
}

bool facts_hook_concerns(const struct facts *f, const struct hook *hook)
{
	return facts_dispatches(f->request) &&
	       scope_covers(&hook->scope, f->group ? f->group->id.s : STR(""),
	                    f->request->environment, f->request->service);
}

bool facts_has_hooks(const struct facts *f)
{
	for (size_t i = 0; i < f->policy->hooks.n; i++)
		if (facts_hook_concerns(f, f->policy->hooks.at[i]))
			return true;
	return false;
}
