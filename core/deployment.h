/*
 * deployment: one execution of a recipe for a service in an environment, as
 * the ledger knows it. CONTRACT section 2, "Deployment states", and the
 * members of the JSON of section 3.
 */
#ifndef CORE_DEPLOYMENT_H
#define CORE_DEPLOYMENT_H

#include "core/json.h"
#include "core/policy.h"
#include "core/str.h"

enum deployment_state {
	STATE_PENDING,
	STATE_DISPATCHING,
	STATE_IN_PROGRESS,
	STATE_LOST_CONTACT,
	STATE_SUCCEEDED, /* this and the ones after it are terminal */
	STATE_FAILED,
	STATE_CANCELED,
	STATE_COUNT
};
extern const char *const deployment_state_names[]; /* NULL-terminated */
bool deployment_is_terminal(enum deployment_state state);

enum deployment_kind {
	KIND_ROLL_FORWARD,
	KIND_PROMOTE,
	KIND_ROLLBACK,
	KIND_COUNT
};
extern const char *const deployment_kind_names[];

/* Derived: what became of it. */
enum deployment_outcome {
	RESULT_NONE, /* not terminal */
	RESULT_SUCCEEDED,
	RESULT_FAILED,
	RESULT_CANCELED,
	RESULT_SUPERSEDED,
	RESULT_ROLLED_BACK,
	RESULT_COUNT
};
extern const char *const deployment_outcome_names[]; /* "" for none */

struct failure {
	enum failure_category category;
	struct str summary, detail, hint;
	int64_t observed_at;
};

struct timeline_entry { /* a recorded event */
	int64_t at;
	struct str event, detail;
};

struct deployment {
	int64_t number;
	struct str token, service, environment, version, previous_version;
	struct str group, recipe;
	int64_t recipe_revision;
	enum deployment_kind kind;
	enum deployment_state state;
	enum deployment_outcome outcome;
	int64_t rollback_of; /* 0: none */
	struct str source_environment;
	struct str summary, ticket;
	struct str actor_email, actor_role, actor_name;
	int64_t authored_at; /* its intent's commit; 0: not known */
	int64_t created_at, dispatched_at, started_at,
	        finished_at; /* 0: not yet */
	struct str engine, execution_id, execution_url;
	struct str intent_path, intent_blob, intent_commit;
	int64_t timeout_s;
	bool imported; /* history from elsewhere: counts for no quota or slot */
	struct failure *failures;
	size_t nfailures;
	struct timeline_entry *timeline; /* only where it was asked for */
	size_t ntimeline;
};

/* The members of CONTRACT section 3, with braces; or without, between braces
   of the caller's. */
void deployment_json(struct jw *j, const struct deployment *d);
void deployment_members(struct jw *j, const struct deployment *d);

#endif
