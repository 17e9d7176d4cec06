#include "tests/gate/trigger.h"

#include "tests/gate/execution.h"
#include "tests/gate/fault.h"

#include <string.h>

json_t *pipeline_find(const struct gate *g, struct str application,
                      struct str name_or_id)
{
	const char *id;
	json_t *config;
	json_object_foreach(g->store.of[STORE_PIPELINES], id, config)
	{
		if (str_eq(json_get_str(config, "application"), application) &&
		    str_eq(json_get_str(config, "name"), name_or_id))
			return config;
	}
	json_object_foreach(g->store.of[STORE_PIPELINES], id, config)
	{
		if (str_is(name_or_id, id))
			return config;
	}
	return NULL;
}

/* --- orca: /orchestrate ----------------------------------------------------*/

struct launch {
	const json_t *config;
	json_t *trigger; /* taken over */
	struct str user;
	const char *id; /* chosen by the client; NULL */
	int64_t hidden, delay, start_time_expiry;
	const char *by_fault;
	bool twin; /* the second of two: no look at correlations */
};

/* What became of it: a reference, or a status and a reason. */
struct launched {
	json_t *execution; /* borrowed */
	bool existed;      /* found by its correlation id */
	const char *problem;
};

static void default_text(json_t *trigger, const char *key, struct str value)
{
	if (!json_get_str(trigger, key).n)
		member_set_str(trigger, key, value);
}

/* OC: parameters of the pipeline that were not given take their defaults. */
static void fill_trigger(const json_t *config, json_t *trigger, struct str user)
{
	default_text(trigger, "type", STR("manual"));
	default_text(trigger, "user", user);
	json_t *given = member_object(trigger, "parameters");
	size_t i;
	json_t *p;
	json_array_foreach(json_object_get(config, "parameterConfig"), i, p)
	{
		const char *name = json_get_str(p, "name").s;
		json_t *standard = json_object_get(p, "default");
		if (name && !json_object_get(given, name) && standard)
			member_set(given, name, json_deep_copy(standard));
	}
	static const char *const arrays[] = {"artifacts", "notifications",
	                                     "resolvedExpectedArtifacts", NULL};
	for (const char *const *p2 = arrays; *p2; p2++)
		if (!json_is_array(json_object_get(trigger, *p2)))
			member_set(trigger, *p2, json_array());
	static const char *const flags[] = {"rebake", "dryRun", "strategy",
	                                    NULL};
	for (const char *const *p3 = flags; *p3; p3++)
		if (!json_is_boolean(json_object_get(trigger, *p3)))
			member_set(trigger, *p3, json_false());
}

static bool artifact_matches(const json_t *expected, const json_t *trigger)
{
	const json_t *want = json_object_get(expected, "matchArtifact");
	size_t i;
	json_t *artifact;
	json_array_foreach(json_object_get(trigger, "artifacts"), i, artifact)
	{
		if (str_eq(json_get_str(want, "type"),
		           json_get_str(artifact, "type")) &&
		    (!json_get_str(want, "name").n ||
		     str_eq(json_get_str(want, "name"),
		            json_get_str(artifact, "name"))))
			return true;
	}
	return member_true(expected, "useDefaultArtifact") ||
	       member_true(expected, "usePriorArtifact");
}

/* Why it cannot start, though it is recorded; NULL. */
static const char *startup_problem(struct arena *a, const json_t *config,
                                   const json_t *trigger)
{
	size_t i;
	json_t *expected;
	json_array_foreach(json_object_get(config, "expectedArtifacts"), i,
	                   expected)
	{
		if (!artifact_matches(expected, trigger))
			return str_format(
			               a,
			               "Unmatched expected artifact ExpectedArtifact(matchArtifact=Artifact(type=%s, name=%s), id=%s) could not be resolved.",
			               json_get_str(
			                       json_object_get(expected,
			                                       "matchArtifact"),
			                       "type")
			                       .s,
			               json_get_str(
			                       json_object_get(expected,
			                                       "matchArtifact"),
			                       "name")
			                       .s,
			               json_get_str(expected, "id").s)
			        .s;
	}
	if (member_true(config, "disabled"))
		return "Pipeline is disabled and cannot be started.";
	struct str problem = json_get_str(json_object_get(config, "_double"),
	                                  "startup_failure");
	return problem.n ? problem.s : NULL;
}

/*
 * EL.checkForCorrelatedExecution: the row of a run that is complete is deleted
 * by looking at it, so that the next request starts a second one.
 */
static json_t *correlated(struct gate *g, const json_t *trigger)
{
	const char *token = json_get_str(trigger, "correlationId").s;
	if (!token || !*token)
		return NULL;
	const char *id = json_string_value(
	        store_get(&g->store, STORE_CORRELATIONS, token));
	if (!id)
		return NULL;
	json_t *e = store_get(&g->store, STORE_EXECUTIONS, id);
	if (e && !status_is_complete(json_get_str(e, "status")))
		return e;
	store_drop(&g->store, STORE_CORRELATIONS, token);
	return NULL;
}

static void correlate(struct gate *g, const json_t *e)
{
	const char *token =
	        json_get_str(json_object_get(e, "trigger"), "correlationId").s;
	if (token && *token && !store_get(&g->store, STORE_CORRELATIONS, token))
		store_put(&g->store, STORE_CORRELATIONS, token,
		          json_deep_copy(json_object_get(e, "id")));
}

static struct launched launch(struct gate *g, struct request *r,
                              struct arena *a, const struct launch *l)
{
	fill_trigger(l->config, l->trigger, l->user);
	struct birth b = {
	        .config = l->config,
	        .trigger = l->trigger,
	        .id = l->id,
	        .user = l->user,
	        .delay = l->delay,
	        .hidden = l->hidden,
	        .by_fault = l->by_fault,
	        .start_time_expiry = l->start_time_expiry,
	        .refused = startup_problem(a, l->config, l->trigger),
	};
	const json_t *fault = fault_of(r, "orca_400");
	if (fault)
		b.refused = fault_text(fault, "message",
		                       "Pipeline could not be planned");
	if (!b.refused && !l->twin) {
		json_t *e = correlated(g, l->trigger);
		if (e) {
			json_decref(l->trigger);
			return (struct launched){.execution = e,
			                         .existed = true};
		}
	}
	json_t *e = execution_create(g, a, &b);
	if (r)
		json_array_append(r->created, json_object_get(e, "id"));
	if (!b.refused)
		correlate(g, e);
	return (struct launched){.execution = e, .problem = b.refused};
}

/* --- Gate: v1 --------------------------------------------------------------*/

static void not_found(struct gate *g, struct request *r, struct answer *to)
{
	const char *app = r->param[0].s, *name = r->param[1].s;
	answer_error(
	        to, g, r->arena, 404,
	        "com.netflix.spinnaker.kork.web.exceptions.NotFoundException",
	        str_format(
	                r->arena,
	                "Unable to trigger pipeline (application: %s, pipelineNameOrId: %s). Error: Pipeline configuration not found (nameOrId: %s in application %s): Status: 404, Method: GET, URL: http://front50/pipelines/%s/get, Message: No pipeline found",
	                app, name, name, app, name));
}

/* PS: only a required parameter without a default and without a value. */
static struct str missing_parameter(const json_t *config, const json_t *trigger)
{
	const json_t *given = json_object_get(trigger, "parameters");
	size_t i;
	json_t *p;
	json_array_foreach(json_object_get(config, "parameterConfig"), i, p)
	{
		struct str name = json_get_str(p, "name");
		const json_t *standard = json_object_get(p, "default");
		const json_t *value =
		        name.n ? json_object_get(given, name.s) : NULL;
		if (member_true(p, "required") &&
		    (!standard || json_is_null(standard)) &&
		    (!value || json_is_null(value)))
			return name;
	}
	return STR("");
}

static void answer_ref(struct answer *to, struct arena *a, int status,
                       const json_t *e)
{
	struct str ref =
	        str_format(a, "/pipelines/%s", json_get_str(e, "id").s);
	answer_json(to, a, status, json_pack("{s:s}", "ref", ref.s));
}

static void orca_refused(struct gate *g, struct request *r, struct answer *to,
                         const char *problem, const char *prefix)
{
	answer_error(
	        to, g, r->arena, 400,
	        "com.netflix.spinnaker.kork.retrofit.exceptions.SpinnakerHttpException",
	        str_format(
	                r->arena,
	                "%sStatus: 400, Method: POST, URL: http://orca/orchestrate?user=%s, Message: %s",
	                prefix, r->user.s, problem));
}

static json_t *own_trigger(const struct request *r)
{
	return json_is_object(r->json) ? json_deep_copy(r->json)
	                               : json_object();
}

/* What a fault makes of it besides: a twin, a row that is lost. */
static void afterwards(struct gate *g, struct request *r,
                       const struct launch *l, const json_t *first)
{
	const json_t *trigger = json_object_get(first, "trigger");
	const json_t *fault = fault_of(r, "duplicate");
	if (fault) {
		struct launch twin = *l;
		twin.trigger = json_deep_copy(trigger);
		twin.twin = true;
		twin.by_fault = json_get_str(fault, "id").s;
		twin.hidden = twin.delay = json_get_int(fault, "after_ms");
		launch(g, r, r->arena, &twin);
	}
	const char *token = json_get_str(trigger, "correlationId").s;
	if (token && fault_of(r, "correlation_lost"))
		store_drop(&g->store, STORE_CORRELATIONS, token);
}

void trigger_pipeline(struct gate *g, struct request *r, struct answer *to)
{
	struct arena *a = r->arena;
	json_t *config = pipeline_find(g, r->param[0], r->param[1]);
	if (!config) {
		not_found(g, r, to);
		return;
	}
	struct str missing = missing_parameter(config, r->json);
	if (missing.n) {
		answer_error(to, g, a, 400,
		             "java.lang.IllegalArgumentException",
		             str_format(a, "Required parameter %s is missing",
		                        missing.s));
		return;
	}
	struct launch l = {
	        .config = config, .trigger = own_trigger(r), .user = r->user};
	l.hidden = json_get_int(fault_of(r, "lag"), "ms");
	struct launched done = launch(g, r, a, &l);
	if (done.problem) {
		const char *prefix =
		        str_format(
		                a,
		                "Unable to trigger pipeline (application: %s, pipelineNameOrId: %s). Error: ",
		                r->param[0].s, r->param[1].s)
		                .s;
		orca_refused(g, r, to, done.problem, prefix);
		return;
	}
	afterwards(g, r, &l, done.execution);
	/* The old way, by the application, has no @ResponseStatus. */
	bool old = str_is(r->segment[0], "applications");
	answer_ref(to, a, old ? 200 : 202, done.execution);
}

/* --- v2: echo --------------------------------------------------------------*/

/* The members that echo's Trigger knows; it drops all others. */
static json_t *echo_trigger(struct gate *g, struct request *r,
                            const char *event_id)
{
	static const char *const known[] = {
	        "parameters", "artifacts", "notifications", "correlationId",
	        "payload",    "link",      "user",          NULL};
	json_t *trigger = json_object();
	(void)g;
	for (const char *const *p = known; *p; p++) {
		const json_t *value = json_object_get(r->json, *p);
		if (value)
			member_set(trigger, *p, json_deep_copy(value));
	}
	member_set_str(trigger, "type", STR("manual"));
	member_set(trigger, "eventId", json_string(event_id));
	return trigger;
}

void trigger_by_echo(struct gate *g, struct request *r, struct answer *to)
{
	struct arena *a = r->arena;
	const char *event_id = gate_uuid(g, a), *id = gate_ulid(g, a);
	json_t *config = pipeline_find(g, r->param[0], r->param[1]);
	bool vanishes = fault_of(r, "vanish");
	if (config && !member_true(config, "disabled") && !vanishes) {
		int64_t ms = gate_setting(g, "echo_ms", 0);
		struct launch l = {.config = config,
		                   .trigger = echo_trigger(g, r, event_id),
		                   .user = r->user,
		                   .id = id,
		                   .hidden = ms,
		                   .delay = ms};
		launch(g, r, a, &l);
	}
	answer_json(to, a, 202,
	            json_pack("{s:s, s:s}", "eventId", event_id, "ref",
	                      str_format(a, "/pipelines/%s", id).s));
}

/* --- start -----------------------------------------------------------------*/

void trigger_start(struct gate *g, struct request *r, struct answer *to)
{
	struct arena *a = r->arena;
	if (!json_is_object(r->json)) {
		answer_problem(to, r, 400, "Failed to read request");
		return;
	}
	const json_t *given = json_object_get(r->json, "trigger");
	json_t *config = json_deep_copy(r->json);
	json_object_del(config, "trigger");
	if (!json_get_str(config, "id").n)
		member_set(config, "id", json_string(gate_uuid(g, a)));
	if (member_true(r->json, "plan")) {
		json_t *trigger = given ? json_deep_copy(given) : json_object();
		fill_trigger(config, trigger, r->user);
		member_set(config, "trigger", trigger);
		answer_json(to, a, 200, config);
		return;
	}
	struct str id = json_get_str(r->json, "executionId");
	struct launch l = {
	        .config = config,
	        .trigger = given ? json_deep_copy(given) : json_object(),
	        .user = r->user,
	        .id = id.n ? id.s : NULL,
	        .start_time_expiry = json_get_int(r->json, "startTimeExpiry"),
	};
	struct launched done = launch(g, r, a, &l);
	if (done.problem) {
		orca_refused(g, r, to, done.problem, "");
	} else {
		afterwards(g, r, &l, done.execution);
		answer_ref(to, a, 200, done.execution);
	}
	json_decref(config);
}

/* --- webhook ---------------------------------------------------------------*/

static bool listens(const json_t *config, const struct request *r)
{
	size_t i;
	json_t *t;
	json_array_foreach(json_object_get(config, "triggers"), i, t)
	{
		if (member_is(t, "type", "webhook") &&
		    member_true(t, "enabled") &&
		    str_eq(json_get_str(t, "source"), r->param[1]))
			return !member_true(config, "disabled");
	}
	return false;
}

void trigger_webhook(struct gate *g, struct request *r, struct answer *to)
{
	struct arena *a = r->arena;
	const char *event_id = gate_uuid(g, a);
	const char *id;
	json_t *config;
	json_object_foreach(g->store.of[STORE_PIPELINES], id, config)
	{
		if (!listens(config, r))
			continue;
		json_t *trigger = json_object();
		static const char *const taken[] = {"parameters", "artifacts",
		                                    NULL};
		for (const char *const *p = taken; *p; p++)
			if (json_object_get(r->json, *p))
				member_set(trigger, *p,
				           json_deep_copy(json_object_get(
				                   r->json, *p)));
		if (r->json)
			member_set(trigger, "payload", json_deep_copy(r->json));
		member_set_str(trigger, "type", STR("webhook"));
		member_set_str(trigger, "source", r->param[1]);
		member_set(trigger, "eventId", json_string(event_id));
		struct launch l = {
		        .config = config, .trigger = trigger, .user = r->user};
		launch(g, r, a, &l);
	}
	answer_json(to, a, 200,
	            json_pack("{s:b, s:s}", "eventProcessed", 1, "eventId",
	                      event_id));
}

/* --- a stage's child -------------------------------------------------------*/

bool trigger_child(json_t **child, struct gate *g, struct arena *a,
                   const json_t *parent, const json_t *stage,
                   const char **problem)
{
	const json_t *context = json_object_get(stage, "context");
	struct str app = json_get_str(context, "application");
	struct str name = json_get_str(context, "pipeline");
	json_t *config = pipeline_find(
	        g, app.n ? app : json_get_str(parent, "application"), name);
	if (!config) {
		*problem = "The referenced child pipeline does not exist";
		return false;
	}
	json_t *trigger = json_object();
	const json_t *given = json_object_get(context, "pipelineParameters");
	member_set_str(trigger, "type", STR("pipeline"));
	member_set(trigger, "parentExecution",
	           json_pack("{s:s, s:s, s:s}", "id",
	                     json_get_str(parent, "id").s, "name",
	                     json_get_str(parent, "name").s, "application",
	                     json_get_str(parent, "application").s));
	member_set_str(trigger, "parentPipelineStageId",
	               json_get_str(stage, "id"));
	if (given)
		member_set(trigger, "parameters", json_deep_copy(given));
	struct launch l = {
	        .config = config,
	        .trigger = trigger,
	        .user = json_get_str(json_object_get(parent, "authentication"),
	                             "user")};
	struct launched done = launch(g, NULL, a, &l);
	*problem = done.problem;
	*child = done.execution;
	return !done.problem;
}
