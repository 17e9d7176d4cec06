/*
 * Applications and pipeline configurations (front50), the tasks that change
 * them (orca), and what Gate says of itself.
 */
#include "tests/gate/pipelines.h"
#include "tests/gate/fault.h"
#include "tests/gate/routes.h"
#include "tests/gate/trigger.h"

void show_version(struct gate *g, struct request *r, struct answer *to)
{
	answer_json(to, r->arena, 200,
	            json_pack("{s:s}", "version",
	                      gate_setting_text(g, "version", "2026.1.0").s));
}

void show_health(struct gate *g, struct request *r, struct answer *to)
{
	struct str down = gate_setting_text(g, "down", "");
	if (!down.n) {
		answer_json(to, r->arena, 200,
		            json_pack("{s:s}", "status", "UP"));
		return;
	}
	answer_json(to, r->arena, 503,
	            json_pack("{s:s, s:{s:{s:s, s:{s:s}}}}", "status", "DOWN",
	                      "components", "downstreamServices", "status",
	                      "DOWN", "details", "errors", down.s));
}

void show_credentials(struct gate *g, struct request *r, struct answer *to)
{
	(void)g;
	answer_json(to, r->arena, 200, json_array());
}

void show_user(struct gate *g, struct request *r, struct answer *to)
{
	(void)g;
	if (str_is(r->user, "anonymous")) {
		answer_empty(to, 200);
		return;
	}
	answer_json(to, r->arena, 200,
	            json_pack("{s:s, s:s, s:[], s:[], s:b, s:b}", "email",
	                      r->user.s, "username", r->user.s, "roles",
	                      "allowedAccounts", "enabled", 1, "isAdmin", 0));
}

/* --- applications ----------------------------------------------------------*/

static json_t *application_view(const json_t *app)
{
	json_t *attributes = json_deep_copy(app);
	return json_pack("{s:s, s:o, s:{}}", "name",
	                 json_get_str(app, "name").s, "attributes", attributes,
	                 "clusters");
}

void application_list(struct gate *g, struct request *r, struct answer *to)
{
	json_t *list = json_array();
	const char *name;
	json_t *app;
	json_object_foreach(g->store.of[STORE_APPLICATIONS], name, app)
	        json_array_append_new(list, json_deep_copy(app));
	answer_json(to, r->arena, 200, list);
}

void application_show(struct gate *g, struct request *r, struct answer *to)
{
	const json_t *app =
	        store_get(&g->store, STORE_APPLICATIONS, r->param[0].s);
	if (app)
		answer_json(to, r->arena, 200, application_view(app));
	else
		answer_error(
		        to, g, r->arena, 404,
		        "com.netflix.spinnaker.kork.web.exceptions.NotFoundException",
		        str_format(r->arena, "Application not found (id: %s)",
		                   r->param[0].s));
}

void application_save(struct gate *g, struct arena *a, const json_t *app)
{
	struct str name = str_lower(a, json_get_str(app, "name"));
	if (!name.n)
		return;
	json_t *copy = json_deep_copy(app);
	member_set_str(copy, "name", name);
	store_put(&g->store, STORE_APPLICATIONS, str_cstr(a, name), copy);
}

/* --- configurations --------------------------------------------------------*/

static json_t *config_view(const json_t *config)
{
	json_t *view = json_copy((json_t *)(uintptr_t)config);
	json_object_del(view, "_double");
	return view;
}

void pipeline_list(struct gate *g, struct request *r, struct answer *to)
{
	json_t *list = json_array();
	struct str only = request_argument(r, "pipelineNameFilter");
	const char *id;
	json_t *config;
	json_object_foreach(g->store.of[STORE_PIPELINES], id, config)
	{
		if (str_eq(json_get_str(config, "application"), r->param[0]) &&
		    (!only.n ||
		     str_contains(json_get_str(config, "name"), only)))
			json_array_append_new(list, config_view(config));
	}
	answer_json(to, r->arena, 200, list);
}

void pipeline_show(struct gate *g, struct request *r, struct answer *to)
{
	const json_t *config = pipeline_find(g, r->param[0], r->param[1]);
	const char *app = r->param[0].s, *name = r->param[1].s;
	if (config)
		answer_json(to, r->arena, 200, config_view(config));
	else
		answer_error(
		        to, g, r->arena, 404,
		        "com.netflix.spinnaker.kork.web.exceptions.NotFoundException",
		        str_format(
		                r->arena,
		                "Pipeline configuration not found (nameOrId: %s in application %s): Status: 404, Method: GET, URL: http://front50/pipelines/%s/get, Message: No pipeline found",
		                name, app, name));
}

/* That of the same name in the same application; NULL. */
static json_t *namesake(const struct gate *g, const json_t *pipeline)
{
	const char *id;
	json_t *config;
	json_object_foreach(g->store.of[STORE_PIPELINES], id, config)
	{
		if (str_eq(json_get_str(config, "application"),
		           json_get_str(pipeline, "application")) &&
		    str_eq(json_get_str(config, "name"),
		           json_get_str(pipeline, "name")))
			return config;
	}
	return NULL;
}

const char *pipeline_put(struct gate *g, struct arena *a,
                         const json_t *pipeline, struct str user)
{
	struct str id = json_get_str(pipeline, "id");
	const json_t *same = namesake(g, pipeline);
	if (!json_get_str(pipeline, "name").n ||
	    !json_get_str(pipeline, "application").n)
		return "A pipeline requires name and application fields";
	if (same && id.n && !str_eq(id, json_get_str(same, "id")))
		return str_format(
		               a,
		               "A pipeline with name %s already exists in application %s",
		               json_get_str(pipeline, "name").s,
		               json_get_str(pipeline, "application").s)
		        .s;
	const char *key = id.n   ? str_cstr(a, id)
	                  : same ? json_get_str(same, "id").s
	                         : gate_uuid(g, a);
	json_t *copy = json_deep_copy(pipeline);
	const json_t *script = json_object_get(copy, "script");
	if (script) {
		pipeline_set_script(g, key, script);
		json_object_del(copy, "script");
	}
	member_set(copy, "id", json_string(key));
	member_set_str(copy, "lastModifiedBy", user);
	member_set_str(copy, "updateTs",
	               str_format(a, "%lld", (long long)g->now));
	if (!json_object_get(copy, "stages"))
		member_set(copy, "stages", json_array());
	store_put(&g->store, STORE_PIPELINES, key, copy);
	return NULL;
}

void pipeline_set_script(struct gate *g, const char *id, const json_t *script)
{
	json_t *runs;
	if (json_is_array(script)) {
		runs = json_deep_copy(script);
	} else {
		runs = json_array();
		json_array_append_new(runs, json_deep_copy(script));
	}
	store_put(&g->store, STORE_SCRIPTS, id,
	          json_pack("{s:o, s:i}", "runs", runs, "used", 0));
}

void pipeline_save(struct gate *g, struct request *r, struct answer *to)
{
	const char *problem =
	        json_is_object(r->json)
	                ? pipeline_put(g, r->arena, r->json, r->user)
	                : "Required request body is missing";
	if (problem)
		answer_error(
		        to, g, r->arena, 400,
		        "com.netflix.spinnaker.gate.controllers.PipelineController$PipelineException",
		        str_of(problem));
	else
		answer_empty(to, 200);
}

void pipeline_delete(struct gate *g, struct request *r, struct answer *to)
{
	const json_t *config = pipeline_find(g, r->param[0], r->param[1]);
	if (config)
		store_drop(&g->store, STORE_PIPELINES,
		           json_get_str(config, "id").s);
	answer_empty(to, 200);
}

/* --- tasks -----------------------------------------------------------------*/

static void drop_application(struct gate *g, struct arena *a, const json_t *app)
{
	struct str name = str_lower(a, json_get_str(app, "name"));
	store_drop(&g->store, STORE_APPLICATIONS, str_cstr(a, name));
}

/* What a job does here; those of clouddriver do nothing, and succeed. */
static void do_job(struct gate *g, struct arena *a, const json_t *job)
{
	const json_t *app = json_object_get(job, "application");
	if (member_is(job, "type", "createApplication") ||
	    member_is(job, "type", "updateApplication"))
		application_save(g, a, app);
	else if (member_is(job, "type", "deleteApplication"))
		drop_application(g, a, app);
}

void task_create(struct gate *g, struct request *r, struct answer *to)
{
	struct arena *a = r->arena;
	const char *id = gate_ulid(g, a);
	size_t i;
	json_t *job;
	json_array_foreach(json_object_get(r->json, "job"), i, job)
	        do_job(g, a, job);
	json_t *task = json_object();
	member_set(task, "id", json_string(id));
	member_set_str(task, "name", json_get_str(r->json, "description"));
	member_set_str(task, "application",
	               json_get_str(r->json, "application"));
	member_set_str(task, "status",
	               gate_setting_text(g, "task_status", "SUCCEEDED"));
	member_set(task, "variables", json_array());
	member_set(task, "steps", json_array());
	member_set_int(task, "buildTime", g->now);
	member_set_int(task, "startTime", g->now);
	member_set_int(task, "endTime", g->now);
	store_put(&g->store, STORE_TASKS, id, task);
	answer_json(
	        to, a, 200,
	        json_pack("{s:s}", "ref", str_format(a, "/tasks/%s", id).s));
}

void task_show(struct gate *g, struct request *r, struct answer *to)
{
	const json_t *task = store_get(&g->store, STORE_TASKS, r->param[0].s);
	if (task)
		answer_json(to, r->arena, 200, json_deep_copy(task));
	else
		answer_error(
		        to, g, r->arena, 404,
		        "com.netflix.spinnaker.kork.web.exceptions.NotFoundException",
		        str_format(r->arena, "Task not found (id: %s)",
		                   r->param[0].s));
}
