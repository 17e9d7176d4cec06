#include "runner/policy_change.h"

#include "runner/identity.h"

struct audit {
	struct world *world;
	struct pass *pass;
	struct arena *scratch;
	struct oid in_force;         /* tree of policy/ */
	const struct policy *policy; /* of in_force, once it was asked for */
	struct diags findings;       /* what came after it */
};

/* --- the policy in force ---------------------------------------------------
 */

static bool load(struct audit *u, struct fail *why)
{
	struct policy *policy;
	if (u->policy)
		return true;
	if (!gather_policy_tree(u->world, u->scratch, &u->in_force, &policy,
	                        why))
		return fail_note(why, "the policy in force before");
	u->policy = policy;
	return true;
}

static void put_in_force(struct audit *u, const struct oid *tree)
{
	u->in_force = *tree;
	u->policy = NULL;
	u->findings.n = u->findings.errors = 0;
}

/* --- one change ------------------------------------------------------------
 */

struct first_change {
	struct arena *arena;
	struct str path;
};

static bool take_first(void *context, const struct change *c, struct fail *why)
{
	struct first_change *first = context;
	(void)why;
	if (!first->path.n)
		first->path = str_copy(first->arena, c->path);
	return true;
}

static bool refuse(struct audit *u, const struct commit *c,
                   const struct identity *who, const struct oid *before,
                   const struct oid *after, struct fail *why)
{
	struct arena *a = u->pass->arena;
	struct first_change first = {.arena = a};
	if (!repo_changes(u->world->repo, before, after, STR("policy/"),
	                  take_first, &first, why))
		return false;
	struct span at = {source_new(a,
	                             first.path.n ? first.path : STR("policy"),
	                             STR("")),
	                  0, 0};
	if (who->proven)
		diag_add(&u->findings, DIAG_POLICY_CHANGE_NOT_ALLOWED, at,
		         "commit %.12s (%" STR_FMT ") by %" STR_FMT
		         " changed policy/, and they were no platform admin",
		         oid_hex(&c->id).s, STR_ARG(c->subject),
		         STR_ARG(who->email));
	else
		diag_add(&u->findings, DIAG_POLICY_CHANGE_NOT_ALLOWED, at,
		         "commit %.12s (%" STR_FMT ") changed policy/, and "
		         "%" STR_FMT,
		         oid_hex(&c->id).s, STR_ARG(c->subject),
		         STR_ARG(who->detail));
	return true;
}

/* The commits of one step, each by a platform admin? */
static bool audit_step(struct audit *u, const struct oid *from,
                       const struct oid *to, struct fail *why)
{
	struct oid tree;
	struct commits commits;
	if (!repo_tree(u->world->repo, to, "policy", &tree, why))
		return false;
	if (oid_eq(&tree, &u->in_force)) {
		put_in_force(u, &tree);
		return true;
	}
	if (!load(u, why) ||
	    !repo_touching(u->world->repo, u->pass->arena, from, to, "policy",
	                   false, &commits, why))
		return false;
	for (size_t i = 0; i < commits.n; i++) {
		struct identity who;
		bool owns;
		if (!identity_of(u->world, u->pass, u->pass->arena,
		                 &commits.at[i], &who, why))
			return false;
		unsigned roles =
		        policy_roles(u->policy, who.email, NULL, &owns);
		if ((!who.proven || !(roles & ROLE_PLATFORM_ADMIN)) &&
		    !refuse(u, &commits.at[i], &who, &u->in_force, &tree, why))
			return false;
	}
	if (!u->findings.n)
		put_in_force(u, &tree);
	return true;
}

/* Whether there is anybody to ask after. */
static bool is_governed(struct audit *u, bool *is, struct fail *why)
{
	*is = false;
	if (oid_is_zero(&u->in_force))
		return true;
	if (!load(u, why))
		return false;
	*is = u->policy->roles.platform_admin.n > 0;
	return true;
}

static bool audit_all(struct audit *u, const struct oid *from, bool as_one,
                      struct fail *why)
{
	struct pass *p = u->pass;
	struct commits steps;
	bool governed;
	if (!is_governed(u, &governed, why))
		return false;
	if (!governed)
		return true;
	if (as_one)
		return audit_step(u, from, &p->tip, why);
	if (!repo_touching(u->world->repo, p->arena, from, &p->tip, "policy",
	                   true, &steps, why))
		return false;
	struct oid before = *from;
	for (size_t i = 0; i < steps.n; i++) {
		if (!audit_step(u, &before, &steps.at[i].id, why))
			return false;
		before = steps.at[i].id;
	}
	return true;
}

static struct span whole_policy(struct pass *p)
{
	return (struct span){source_new(p->arena, STR("policy"), STR("")), 0,
	                     0};
}

static void find_lost(struct pass *p, const struct oid *from)
{
	struct diag *d = diag_add(
	        &p->findings, DIAG_POLICY_CHANGE_NOT_ALLOWED, whole_policy(p),
	        "git no longer has commit %.12s, the last that a run has seen "
	        "(was history rewritten?): nobody can tell who changed policy/",
	        oid_hex(from).s);
	diag_hint(
	        &p->findings, d,
	        "Fetch that commit, or restore policy/ as it was then and let "
	        "a run see that before it is changed.");
}

bool policy_change_check(struct world *w, struct pass *p,
                         const struct oid *from, bool as_one, struct fail *why)
{
	struct oid in_force;
	if (oid_is_zero(from) || p->worktree)
		return true;
	if (!repo_has(w->repo, from)) {
		find_lost(p, from);
		return true;
	}
	if (!repo_tree(w->repo, from, "policy", &in_force, why))
		return false;
	if (oid_eq(&in_force, &p->policy_tree))
		return true;
	struct audit u = {.world = w,
	                  .pass = p,
	                  .scratch = arena_new(),
	                  .in_force = in_force,
	                  .findings = diags_new(p->arena)};
	bool fine = audit_all(&u, from, as_one, why);
	if (fine && u.findings.n)
		diags_keep(&p->findings, &u.findings);
	arena_free(u.scratch);
	return fine || fail_note(why, "looking who changed policy/");
}

bool policy_change_order(struct world *w, struct pass *p,
                         const struct ledger_head *last, struct fail *why)
{
	struct recorded_run then;
	bool behind = false, seen;
	if (oid_is_zero(&last->policy_tree) || p->worktree ||
	    oid_eq(&last->policy_tree, &p->policy_tree))
		return true;
	if (repo_has(w->repo, &last->commit) &&
	    !repo_is_ancestor(w->repo, &p->tip, &last->commit, &behind, why))
		return false;
	if (behind) {
		diag_add(&p->findings, DIAG_STALE_CHECKOUT, whole_policy(p),
		         "commit %.12s comes before %.12s, which the last run "
		         "has seen, and has an older policy",
		         oid_hex(&p->tip).s, oid_hex(&last->commit).s);
		return true;
	}
	if (!ledger_policy_seen(w->ledger, &p->policy_tree, &seen, &then, why))
		return false;
	if (seen)
		diag_add(&p->findings, DIAG_POLICY_WENT_BACK, whole_policy(p),
		         "the policy is again the one of run %lld (%s), which "
		         "has been replaced since",
		         (long long)then.number, when_text(then.finished_at).s);
	return true;
}
