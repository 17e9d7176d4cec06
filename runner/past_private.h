/* past_private: what the files of past share. */
#ifndef RUNNER_PAST_PRIVATE_H
#define RUNNER_PAST_PRIVATE_H

#include "core/map.h"
#include "runner/past.h"

/* Instants, in order. */
struct instants {
	int64_t *at;
	size_t n, cap;
};

/* What a group of the policy uses in an environment. */
struct past_usage {
	int64_t open;                            /* dispatched and not ended */
	struct instants dispatched[LIMIT_COUNT]; /* by the quota that counts */
	/* By the pass that is going on, of what is not dispatched yet. */
	int64_t pass_open, pass_used[LIMIT_COUNT];
	bool in_pass;
};

struct past_deployment {
	int64_t number, rollback_of, dispatched_at, finished_at;
	struct str service, environment, version, path;
	enum deployment_kind kind;
	enum deployment_state state;
	bool imported, rolled_back;
	struct past_usage *usage; /* that counts it; NULL: none */
};

/* A service in an environment: its successes by finish time, then number. */
struct past_place {
	VEC(struct past_deployment *) successes;
	VEC(struct past_deployment *) undone; /* in the order of that */
};

struct past_wait {
	struct oid blob;
	int64_t time; /* of its first wait */
};
struct past_intent {
	bool waits, releasing;
	struct past_wait waiting; /* where it waits */
	VEC(struct past_wait) waited;
	VEC(struct oid) settled; /* blobs that were allowed or denied */
	VEC(int64_t) numbers;
};

struct past_holds {
	VEC(struct recorded_hold) list;
};
struct past_approvals {
	VEC(struct recorded_approval) list;
};

struct past {
	struct arena *arena, *scratch;
	struct world *world;
	const struct policy *policy;
	struct map places;      /* "service\nenvironment" */
	struct map usages;      /* "group\nenvironment" */
	struct map intents;     /* path -> struct past_intent */
	struct map builds;      /* "service\nversion" -> itself */
	struct map holds;       /* "service\nenvironment\nversion" */
	struct map approvals;   /* path -> struct past_approvals */
	struct map withdrawals; /* path -> struct recorded_withdrawal */
	VEC(struct past_deployment *) deployments; /* by number */
	/* The pass that is going on. */
	VEC(struct past_usage *) used;
	int64_t dispatches;
};

/* One event, and the deployment that it is about, if it is about one. */
struct past_step {
	struct past *past;
	const struct event *event;
	struct past_deployment *deployment;
};
/* False where it contradicts what came before. */
typedef bool past_step_fn(const struct past_step *s);

/* past_deployments.c */
past_step_fn past_create, past_import, past_dispatch, past_withdraw, past_end;
struct past_deployment *past_deployment_of(const struct past *p,
                                           int64_t number);
/* By finish time, then number. */
bool past_comes_after(const struct past_deployment *a,
                      const struct past_deployment *b);

/* past_said.c */
past_step_fn past_register, past_hold, past_approve, past_withdraw_intent,
        past_end_release;

/* past.c; made where it is not there */
struct past_intent *past_intent_of(struct past *p, struct str path);

/* past_usage.c; made where it is not there, scratch is for the key */
struct past_usage *past_usage_of(struct past *p, struct arena *scratch,
                                 struct str group, struct str environment);
/* Of the service's group; NULL: it is in none. */
struct past_usage *past_usage_of_service(struct past *p, struct str service,
                                         struct str environment);
enum limit past_quota_of(enum deployment_kind kind);
/* n more, of what the pass has allowed and not dispatched yet; u may be NULL.
 */
void past_count(struct past *p, struct past_usage *u, enum limit quota,
                int64_t n);
/* What was allowed in a pass counts before it is dispatched; then, for good. */
void past_end_pass(struct past *p);
size_t instants_before(const struct instants *v, int64_t t);
void instants_add(struct arena *a, struct instants *v, int64_t t);
void instants_drop(struct instants *v, int64_t t);

#endif
