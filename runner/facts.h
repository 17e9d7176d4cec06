/*
 * facts: all that a guardrail may look at: one request, the policy that judges
 * it, and what git and the ledger said about it. Gathered by runner/gather;
 * const from then on.
 */
#ifndef RUNNER_FACTS_H
#define RUNNER_FACTS_H

#include "core/ledger.h"
#include "core/policy.h"
#include "core/verdict.h"
#include "core/window.h"

/* What an engine said, or was not asked, about what it is to do. */
enum engine_answer {
	ENGINE_NOT_ASKED,
	ENGINE_READY,
	ENGINE_NOT_FOUND,   /* it knows of no execution with that token */
	ENGINE_IS_DOWN,     /* not reached; nothing was sent */
	ENGINE_NO_ACCESS,   /* it did not accept our credentials */
	ENGINE_BAD_CONFIG,  /* it, or its entry in the policy, is not set up */
	ENGINE_REFUSED,     /* it said no */
	ENGINE_NO_ARTIFACT, /* the artifact that it needs is not there */
	ENGINE_UNCERTAIN,   /* sent, perhaps: it cannot say */
};

/* What one hook of the policy said (runner/hooks). */
enum hook_result { HOOK_ALLOWS, HOOK_DENIES, HOOK_FAILED };
struct hook_answer {
	const struct hook *hook;
	enum hook_result result;
	struct str text;   /* why, where it does not allow */
	struct str output; /* SHA-256 of what it answered; empty: nothing */
};

/* What was seen of the artifact of a build (runner/artifact_file). */
enum artifact_look {
	ARTIFACT_NOT_LOOKED_AT,
	ARTIFACT_THERE,
	ARTIFACT_MISSING,
	ARTIFACT_DIFFERS, /* from the build's digest */
};

/* The code of a refusal by the engine; DIAG_NONE where it is none. */
enum diag_code engine_answer_code(enum engine_answer answer);

struct facts {
	const struct policy *policy;
	const struct request *request;
	int64_t now;
	struct actor actor;
	bool proven;             /* that it is this actor, as the policy asks */
	struct str proof_detail; /* by what signature, or why by none */
	unsigned roles;          /* ROLE_ bits of the actor */
	bool owns_group;         /* the actor owns `group` */
	/* What the policy says about the names in the request; NULL: nothing.
	 */
	const struct service *service;
	const struct group *group;
	const struct environment *environment;
	const struct group_environment *step; /* of the group's sequence */
	/* Of a promotion: where it comes from, and what follows there. */
	const struct group_environment *from, *next;
	const struct route *route;
	const struct recipe *recipe;
	const struct engine *engine;
	/* From the ledger, and from earlier requests of the same pass. */
	enum record_state recorded;
	const struct build
	        *registered;         /* of this service and version; or NULL */
	enum artifact_look artifact; /* of that build */
	/*
	 * What the version has to show: of a promotion its latest success in
	 * `from`, of a rollback the success that it returns to; or NULL.
	 */
	const struct deployment *success;
	const struct deployment *undoes; /* by a rollback; NULL: no such one */
	/* Looked up for automation: of this version there, rolled back, with
	   no success of it since; NULL: none. */
	const struct deployment *undone;
	/* What runs of each of the service's needs, in their order (NULL:
	   none of it); NULL where that was not looked up. */
	const struct deployment *const *needs;
	bool has_quota, has_slots; /* whether such a limit concerns it */
	struct limit_value quota, slots;
	int64_t quota_used, slots_used;
	int64_t quota_resets_at;
	/* What people said about it (runner/rulings). */
	const struct recorded_hold *hold; /* on this version there; NULL */
	const struct recorded_approval *approvals; /* and rejections */
	size_t napprovals;
	const struct recorded_withdrawal *withdrawal; /* NULL: none */
	/* What it says something about: the intent of an approval or cancel,
	   the deployment that caused an incident (NULL: there is none). */
	struct recorded_intent target;
	bool target_stands; /* no run has judged it; its file is there */
	/* Of a target that stands in no service's folder: those that it is
	   about, such as a release's. */
	const struct str *target_services;
	size_t ntarget_services;
	const struct deployment *cause;
	/* From the hooks, in the policy's order, up to the first that does not
	   let it pass. */
	bool hooks_asked;
	const struct hook_answer *hooks;
	size_t nhooks;
	/* From the engine. */
	enum engine_answer engine_answer;
	struct str engine_text;
};

/* Look up what the policy says about the names in f->request. */
void facts_resolve(struct facts *f);

/* Set the actor, after facts_resolve; roles are those that policy_roles gives
   for the identity. */
void facts_actor(struct facts *f, struct str email, struct str name,
                 unsigned roles);

/*
 * Whether a program acts here, and not a person: why it is taken for one, as
 * the end of a sentence; NULL: a person. It is one that proposes (the intent
 * has the label proposed_by, which `dxcp propose` writes), or one that builds
 * (its author is a CI publisher, whatever other role it has).
 */
const char *facts_automation(const struct facts *f);

/* Whether it makes a deployment once it is allowed, and of which kind. */
bool facts_dispatches(const struct request *r);
enum deployment_kind facts_deployment_kind(const struct request *r);
/* The daily quota that counts it. */
enum limit facts_quota(const struct request *r);
/* How many approvals it takes, and where that is said; NULL: none asked for. */
const struct number *facts_approvals(const struct facts *f);

/* How long a promotion's version has to have been where it comes from, and
   where that is said; NULL: for no time. */
const struct moment *facts_soak(const struct facts *f);
/* The waiver that holds for a code now; NULL: none. */
const struct waiver *facts_waiver(const struct facts *f, enum diag_code code);

/* Whether this person may approve or reject the request. */
bool facts_may_approve(const struct facts *f, struct str email);

/* Whether a hook is asked about the request; whether any is. */
bool facts_hook_concerns(const struct facts *f, const struct hook *hook);
bool facts_has_hooks(const struct facts *f);

/* What to ask the policy's windows; false where they do not concern it. */
bool facts_windows(const struct facts *f, struct window_query *out);

#endif
