#include "tests/gate/stage.h"

#include "tests/gate/payload.h"
#include "tests/gate/trigger.h"

#include <string.h>

bool stage_is_top(const json_t *stage)
{
	return !json_object_get(stage, "parentStageId");
}

static bool status_in(const json_t *stage, const char *const *list)
{
	for (; *list; list++)
		if (member_is(stage, "status", *list))
			return true;
	return false;
}

bool stage_lets_go_on(const json_t *stage)
{
	static const char *const fine[] = {"SUCCEEDED", "FAILED_CONTINUE",
	                                   "SKIPPED", NULL};
	return status_in(stage, fine);
}

/* --- new stages ------------------------------------------------------------*/

/* What is not part of a stage's context. */
static bool is_own_member(const char *key)
{
	static const char *const own[] = {
	        "type",    "name",     "refId",     "requisiteStageRefIds",
	        "ms",      "status",   "error",     "message",
	        "outputs", "again",    "children",  "context",
	        "stages",  "start_ms", "cancel_ms", "cancel",
	        NULL};
	for (const char *const *p = own; *p; p++)
		if (strcmp(key, *p) == 0)
			return true;
	return false;
}

static json_t *first_context(const json_t *from)
{
	json_t *context = json_object();
	const char *key;
	json_t *value;
	json_object_foreach((json_t *)(uintptr_t)from, key, value)
	{
		if (!is_own_member(key))
			member_set(context, key, json_deep_copy(value));
	}
	const json_t *more = json_object_get(from, "context");
	if (json_is_object(more))
		json_object_update(context, json_deep_copy(more));
	return context;
}

/* How long a stage of a pipeline without a script takes. */
static int64_t usual_length(const json_t *from)
{
	if (member_is(from, "type", "wait"))
		return member_int(from, "waitTime", 30) * 1000;
	if (member_is(from, "type", "manualJudgment") ||
	    member_is(from, "type", "pipeline"))
		return -1;
	return 0;
}

static json_t *plan_of(struct arena *a, const json_t *from)
{
	json_t *plan = json_object();
	struct str status = json_get_str(from, "status");
	member_set_int(plan, "ms", member_int(from, "ms", usual_length(from)));
	member_set_str(plan, "status", status.n ? status : STR("SUCCEEDED"));
	struct str again = json_get_str(from, "again");
	member_set_str(plan, "again", again.n ? again : STR("SUCCEEDED"));
	struct str error = json_get_str(from, "error");
	if (error.n)
		member_set(
		        plan, "at_end",
		        payload_new(a, error, json_get_str(from, "message")));
	const json_t *outputs = json_object_get(from, "outputs");
	if (outputs)
		member_set(plan, "outputs", json_deep_copy(outputs));
	return plan;
}

static json_t *stage_new(struct gate *g, struct arena *a, const json_t *from)
{
	struct str type = json_get_str(from, "type");
	struct str name = json_get_str(from, "name");
	if (!type.n)
		type = STR("deployManifest");
	json_t *stage = json_object();
	member_set(stage, "id", json_string(gate_ulid(g, a)));
	member_set_str(stage, "type", type);
	member_set_str(stage, "name", name.n ? name : type);
	member_set_str(stage, "status", STR("NOT_STARTED"));
	member_set(stage, "context", first_context(from));
	member_set(stage, "outputs", json_object());
	member_set(stage, "tasks", json_array());
	member_set(stage, "_double", plan_of(a, from));
	return stage;
}

static void add_children(struct gate *g, struct arena *a, json_t *stages,
                         const json_t *parent, const json_t *from)
{
	size_t i;
	json_t *one;
	json_array_foreach(json_object_get(from, "children"), i, one)
	{
		json_t *child = stage_new(g, a, one);
		member_set_str(child, "refId",
		               str_format(a, "%s<%zu",
		                          json_get_str(parent, "refId").s,
		                          i + 1));
		member_set_str(child, "parentStageId",
		               json_get_str(parent, "id"));
		member_set_str(child, "syntheticStageOwner",
		               STR("STAGE_BEFORE"));
		member_set(child, "requisiteStageRefIds", json_array());
		json_array_append_new(stages, child);
		add_children(g, a, stages, child, one);
	}
}

static json_t *before_it(size_t i, const json_t *stages, bool in_a_row)
{
	json_t *list = json_array();
	if (in_a_row && i)
		json_array_append_new(
		        list,
		        json_string(json_get_str(json_array_get(stages, i - 1),
		                                 "refId")
		                            .s));
	return list;
}

static void add_stage(struct gate *g, struct arena *a, json_t *stages,
                      json_t *tops, const json_t *from, bool in_a_row)
{
	size_t i = json_array_size(tops);
	json_t *stage = stage_new(g, a, from);
	struct str ref = json_get_str(from, "refId");
	const json_t *after = json_object_get(from, "requisiteStageRefIds");
	member_set_str(stage, "refId",
	               ref.n ? ref : str_format(a, "%zu", i + 1));
	member_set(stage, "requisiteStageRefIds",
	           after ? json_deep_copy(after)
	                 : before_it(i, tops, in_a_row));
	json_array_append_new(stages, stage);
	json_array_append(tops, stage);
	add_children(g, a, stages, stage, from);
}

json_t *stages_new(struct gate *g, struct arena *a, const json_t *config,
                   const json_t *script)
{
	json_t *stages = json_array(), *tops = json_array();
	const json_t *list = json_object_get(script, "stages");
	bool scripted =
	        list || json_object_get(script, "ms") ||
	        json_object_get(script, "status") ||
	        json_object_get(script, "error") ||
	        (script && !json_array_size(json_object_get(config, "stages")));
	if (scripted && !list) {
		add_stage(g, a, stages, tops, script, true);
	} else {
		size_t i;
		json_t *one;
		if (!list)
			list = json_object_get(config, "stages");
		json_array_foreach(list, i, one)
		        add_stage(g, a, stages, tops, one, scripted);
	}
	json_decref(tops);
	return stages;
}

/* --- start and end ---------------------------------------------------------*/

void stage_add_context(json_t *stage, const json_t *members)
{
	if (!json_is_object(members))
		return;
	json_t *copy = json_deep_copy(members);
	json_object_update(member_object(stage, "context"), copy);
	json_decref(copy);
}

static void set_task(json_t *stage, const char *status, int64_t started,
                     int64_t ended)
{
	json_t *task = json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:b, s:b}",
	                         "id", "1", "implementingClass",
	                         "com.netflix.spinnaker.orca.tasks.SomeTask",
	                         "name", json_get_str(stage, "type").s,
	                         "status", status, "stageStart", 1, "stageEnd",
	                         1, "loopStart", 0, "loopEnd", 0);
	if (!task)
		out_of_memory();
	member_set_int(task, "startTime", started);
	if (ended)
		member_set_int(task, "endTime", ended);
	json_t *exception =
	        json_object_get(json_object_get(stage, "context"), "exception");
	json_t *details = json_object();
	if (ended && exception)
		member_set(details, "exception", json_incref(exception));
	member_set(task, "taskExceptionDetails", details);
	json_t *tasks = json_array();
	json_array_append_new(tasks, task);
	member_set(stage, "tasks", tasks);
}

static void start_one(json_t *stage, int64_t t)
{
	json_t *plan = member_object(stage, "_double");
	int64_t ms = json_get_int(plan, "ms");
	member_set_str(stage, "status", STR("RUNNING"));
	member_set_int(stage, "startTime", t);
	member_set_int(plan, "ends_at", ms < 0 ? -1 : t + ms);
	set_task(stage, "RUNNING", t, 0);
}

static void end_one(json_t *stage, const char *status, int64_t t)
{
	json_t *plan = member_object(stage, "_double");
	const json_t *outputs = json_object_get(plan, "outputs");
	member_set_str(stage, "status", str_of(status));
	member_set_int(stage, "endTime", t);
	stage_add_context(stage, json_object_get(plan, "at_end"));
	if (outputs)
		member_set(stage, "outputs", json_deep_copy(outputs));
	set_task(stage, status, json_get_int(stage, "startTime"), t);
}

static bool is_child(const json_t *stage, const json_t *parent)
{
	return str_eq(json_get_str(stage, "parentStageId"),
	              json_get_str(parent, "id"));
}

static void start_child(struct gate *g, json_t *execution, json_t *stage,
                        int64_t t)
{
	struct arena *a = arena_new();
	json_t *child;
	const char *problem;
	json_t *context = member_object(stage, "context");
	if (!trigger_child(&child, g, a, execution, stage, &problem)) {
		member_set(
		        context, "exception",
		        json_pack("{s:{s:[s]}}", "details", "errors", problem));
		stage_end_with(execution, stage, "TERMINAL", t);
	} else {
		member_set_str(context, "executionId",
		               json_get_str(child, "id"));
		member_set_str(context, "executionName",
		               json_get_str(child, "name"));
		member_set_str(context, "status",
		               json_get_str(child, "status"));
		if (json_is_false(
		            json_object_get(context, "waitForCompletion")))
			stage_end_with(execution, stage, "SUCCEEDED", t);
	}
	arena_free(a);
}

void stage_start(struct gate *g, json_t *execution, json_t *stage, int64_t t)
{
	start_one(stage, t);
	size_t i;
	json_t *other;
	json_array_foreach(json_object_get(execution, "stages"), i, other)
	{
		if (is_child(other, stage))
			stage_start(g, execution, other, t);
	}
	if (member_is(stage, "type", "pipeline") &&
	    json_object_get(member_object(stage, "context"), "pipeline"))
		start_child(g, execution, stage, t);
}

/* How orca takes a failure: orca-kotlin's Stage.kt, failureStatus. */
static const char *failure_of(const json_t *stage)
{
	const json_t *context = json_object_get(stage, "context");
	if (member_true(context, "continuePipeline"))
		return "FAILED_CONTINUE";
	if (json_is_false(json_object_get(context, "failPipeline")))
		return "STOPPED";
	return "TERMINAL";
}

void stage_end_with(json_t *execution, json_t *stage, const char *status,
                    int64_t t)
{
	size_t i;
	json_t *other;
	json_array_foreach(json_object_get(execution, "stages"), i, other)
	{
		if (!is_child(other, stage))
			continue;
		if (strcmp(status, "CANCELED") == 0)
			stage_end_with(execution, other, status, t);
		else
			stage_end(execution, other, t);
	}
	if (strcmp(status, "TERMINAL") == 0)
		status = failure_of(stage);
	end_one(stage, status, t);
}

void stage_end(json_t *execution, json_t *stage, int64_t t)
{
	struct str status =
	        json_get_str(json_object_get(stage, "_double"), "status");
	stage_end_with(execution, stage, status.s, t);
}

void stage_reset(json_t *stage)
{
	json_t *plan = member_object(stage, "_double");
	member_set_str(stage, "status", STR("NOT_STARTED"));
	json_object_del(stage, "startTime");
	json_object_del(stage, "endTime");
	json_object_del(plan, "ends_at");
	json_object_del(plan, "at_end");
	json_object_del(member_object(stage, "context"), "exception");
	member_set(plan, "status",
	           json_deep_copy(json_object_get(plan, "again")));
	member_set(stage, "tasks", json_array());
}

/* --- child pipelines: MonitorPipelineTask ----------------------------------*/

static void add_child_errors(struct arena *a, json_t *errors,
                             const json_t *child, const json_t *stage)
{
	const json_t *details = json_object_get(
	        json_object_get(json_object_get(stage, "context"), "exception"),
	        "details");
	size_t i;
	json_t *one;
	json_array_foreach(json_object_get(details, "errors"), i, one)
	{
		struct str said = str_format(
		        a, "Exception in child pipeline stage (%s: %s): %s",
		        json_get_str(child, "name").s,
		        json_get_str(stage, "name").s, json_string_value(one));
		json_array_append_new(errors, json_stringn(said.s, said.n));
	}
}

void stage_child_ended(json_t *parent, json_t *stage, const json_t *child,
                       int64_t t)
{
	struct str status = json_get_str(child, "status");
	json_t *context = member_object(stage, "context");
	member_set_str(context, "status", status);
	if (str_is(status, "SUCCEEDED")) {
		stage_end_with(parent, stage, "SUCCEEDED", t);
		return;
	}
	struct arena *a = arena_new();
	json_t *errors = json_array();
	size_t i;
	json_t *one;
	json_t *halted = NULL;
	json_array_foreach(json_object_get(child, "stages"), i, one)
	{
		if (!member_is(one, "status", "TERMINAL"))
			continue;
		add_child_errors(a, errors, child, one);
		if (!halted)
			halted = one;
	}
	arena_free(a);
	if (str_is(status, "CANCELED")) {
		json_decref(errors);
		stage_end_with(parent, stage, "CANCELED", t);
		return;
	}
	json_t *source = json_object();
	if (halted) {
		member_set_str(source, "executionId",
		               json_get_str(child, "id"));
		member_set_str(source, "stageId", json_get_str(halted, "id"));
		member_set_str(source, "stageName",
		               json_get_str(halted, "name"));
	}
	member_set(context, "exception",
	           json_pack("{s:{s:o}, s:o}", "details", "errors", errors,
	                     "source", source));
	stage_end_with(parent, stage, "TERMINAL", t);
}
