#include "core/deployment.h"

#include <assert.h>

const char *const deployment_state_names[] = {
        [STATE_PENDING] = "PENDING",
        [STATE_DISPATCHING] = "DISPATCHING",
        [STATE_IN_PROGRESS] = "IN_PROGRESS",
        [STATE_LOST_CONTACT] = "LOST_CONTACT",
        [STATE_SUCCEEDED] = "SUCCEEDED",
        [STATE_FAILED] = "FAILED",
        [STATE_CANCELED] = "CANCELED",
        [STATE_COUNT] = NULL,
};

const char *const deployment_kind_names[] = {
        [KIND_ROLL_FORWARD] = "ROLL_FORWARD",
        [KIND_PROMOTE] = "PROMOTE",
        [KIND_ROLLBACK] = "ROLLBACK",
        [KIND_COUNT] = NULL,
};

const char *const deployment_outcome_names[] = {
        [RESULT_NONE] = "",
        [RESULT_SUCCEEDED] = "SUCCEEDED",
        [RESULT_FAILED] = "FAILED",
        [RESULT_CANCELED] = "CANCELED",
        [RESULT_SUPERSEDED] = "SUPERSEDED",
        [RESULT_ROLLED_BACK] = "ROLLED_BACK",
        [RESULT_COUNT] = NULL,
};

bool deployment_is_terminal(enum deployment_state state)
{
	return state >= STATE_SUCCEEDED;
}

static void put_int_opt(struct jw *j, const char *key, int64_t value)
{
	if (value)
		jw_put_int(j, key, value);
	else
		jw_put_null(j, key);
}

static void put_actor(struct jw *j, const struct deployment *d)
{
	if (!d->actor_email.n && !d->actor_role.n) {
		jw_put_null(j, "actor");
		return;
	}
	jw_key(j, "actor");
	jw_open(j, '{');
	jw_put_opt(j, "email", d->actor_email);
	jw_put_opt(j, "role", d->actor_role);
	jw_close(j);
}

static void put_intent(struct jw *j, const struct deployment *d)
{
	if (!d->intent_path.n && !d->intent_blob.n && !d->intent_commit.n) {
		jw_put_null(j, "intent");
		return;
	}
	jw_key(j, "intent");
	jw_open(j, '{');
	jw_put_opt(j, "path", d->intent_path);
	jw_put_opt(j, "blob", d->intent_blob);
	jw_put_opt(j, "commit", d->intent_commit);
	jw_close(j);
}

static void put_failures(struct jw *j, const struct deployment *d)
{
	jw_key(j, "failures");
	jw_open(j, '[');
	for (size_t i = 0; i < d->nfailures; i++) {
		const struct failure *f = &d->failures[i];
		jw_open(j, '{');
		jw_put_str(j, "category",
		           str_of(failure_category_names[f->category]));
		jw_put_opt(j, "summary", f->summary);
		jw_put_opt(j, "detail", f->detail);
		jw_put_opt(j, "hint", f->hint);
		jw_put_when_opt(j, "observedAt", f->observed_at);
		jw_close(j);
	}
	jw_close(j);
}

static void put_timeline(struct jw *j, const struct deployment *d)
{
	jw_key(j, "timeline");
	jw_open(j, '[');
	for (size_t i = 0; i < d->ntimeline; i++) {
		const struct timeline_entry *t = &d->timeline[i];
		jw_open(j, '{');
		jw_put_when(j, "at", t->at);
		jw_put_str(j, "event", t->event);
		jw_put_opt(j, "detail", t->detail);
		jw_close(j);
	}
	jw_close(j);
}

void deployment_members(struct jw *j, const struct deployment *d)
{
	assert(d->kind < KIND_COUNT && d->state < STATE_COUNT);
	assert(d->outcome < RESULT_COUNT);
	jw_put_int(j, "number", d->number);
	jw_put_opt(j, "token", d->token);
	jw_put_str(j, "service", d->service);
	jw_put_str(j, "environment", d->environment);
	jw_put_str(j, "version", d->version);
	jw_put_opt(j, "previousVersion", d->previous_version);
	jw_put_opt(j, "group", d->group);
	jw_put_opt(j, "recipe", d->recipe);
	put_int_opt(j, "recipeRevision", d->recipe_revision);
	jw_put_str(j, "kind", str_of(deployment_kind_names[d->kind]));
	jw_put_str(j, "state", str_of(deployment_state_names[d->state]));
	jw_put_opt(j, "outcome", str_of(deployment_outcome_names[d->outcome]));
	put_int_opt(j, "rollbackOf", d->rollback_of);
	jw_put_opt(j, "sourceEnvironment", d->source_environment);
	jw_put_opt(j, "summary", d->summary);
	put_actor(j, d);
	jw_put_when(j, "createdAt", d->created_at);
	jw_put_when_opt(j, "dispatchedAt", d->dispatched_at);
	jw_put_when_opt(j, "startedAt", d->started_at);
	jw_put_when_opt(j, "finishedAt", d->finished_at);
	jw_put_opt(j, "engine", d->engine);
	jw_put_opt(j, "engineExecutionId", d->execution_id);
	jw_put_opt(j, "engineExecutionUrl", d->execution_url);
	put_intent(j, d);
	put_failures(j, d);
	put_timeline(j, d);
}

void deployment_json(struct jw *j, const struct deployment *d)
{
	jw_open(j, '{');
	deployment_members(j, d);
	jw_close(j);
}
