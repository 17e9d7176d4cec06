#include "tests/gate/control.h"

#include "tests/gate/execution.h"
#include "tests/gate/fault.h"
#include "tests/gate/payload.h"
#include "tests/gate/pipelines.h"
#include "tests/gate/routes.h"
#include "tests/gate/trigger.h"

#include <string.h>

enum { LOG_MAX = 50000 };

static void refuse(struct gate *g, struct request *r, struct answer *to,
                   const char *why)
{
	answer_error(to, g, r->arena, 400, "double", str_of(why));
}

static void all_right(struct request *r, struct answer *to)
{
	answer_json(to, r->arena, 200, json_object());
}

/* --- settings, clock, scripts ----------------------------------------------*/

static void take_settings(struct gate *g, const json_t *from)
{
	static const char *const known[] = {
	        "seed",     "version",     "search",  "auth",        "user",
	        "password", "cancel_ms",   "echo_ms", "upstream_ms", "deck_url",
	        "down",     "task_status", NULL};
	for (const char *const *p = known; *p; p++)
		if (json_object_get(from, *p))
			gate_set(g, *p,
			         json_deep_copy(json_object_get(from, *p)));
}

void control_settings(struct gate *g, struct request *r, struct answer *to)
{
	take_settings(g, r->json);
	all_right(r, to);
}

void control_clock(struct gate *g, struct request *r, struct answer *to)
{
	struct fail why = {0};
	if (r->json && !gate_set_clock(g, r->json, &why))
		refuse(g, r, to, why.text);
	else
		answer_json(to, r->arena, 200,
		            json_pack("{s:I}", "now", (json_int_t)g->now));
}

/* An unknown name of an error would be a stage that says nothing. */
static bool errors_are_known(const json_t *value, struct fail *why)
{
	const char *key;
	json_t *member;
	size_t i;
	struct str error = json_get_str(value, "error");
	if (error.n && !payload_is_known(error))
		return fail_set(why, FAIL_INPUT, "no error is called '%s'",
		                error.s);
	json_object_foreach((json_t *)(uintptr_t)value, key, member)
	{
		if ((strcmp(key, "stages") == 0 ||
		     strcmp(key, "children") == 0) &&
		    !errors_are_known(member, why))
			return false;
	}
	json_array_foreach(value, i, member)
	{
		if (!errors_are_known(member, why))
			return false;
	}
	return true;
}

void control_script(struct gate *g, struct request *r, struct answer *to)
{
	struct fail why = {0};
	const json_t *script = json_object_get(r->json, "script");
	const json_t *config =
	        pipeline_find(g, json_get_str(r->json, "application"),
	                      json_get_str(r->json, "pipeline"));
	if (!config || !script) {
		refuse(g, r, to, "application, pipeline, script: which?");
		return;
	}
	if (!errors_are_known(script, &why)) {
		refuse(g, r, to, why.text);
		return;
	}
	pipeline_set_script(g, json_get_str(config, "id").s, script);
	all_right(r, to);
}

/* --- faults ----------------------------------------------------------------*/

static bool add_faults(struct gate *g, struct arena *a, const json_t *given,
                       struct fail *why)
{
	const char *id;
	size_t i;
	json_t *one;
	if (json_is_object(given))
		return fault_add(g, a, given, &id, why);
	json_array_foreach(given, i, one)
	{
		if (!fault_add(g, a, one, &id, why))
			return false;
	}
	return true;
}

void control_fault(struct gate *g, struct request *r, struct answer *to)
{
	struct fail why = {0};
	if (!add_faults(g, r->arena, r->json, &why))
		refuse(g, r, to, why.text);
	else
		answer_json(to, r->arena, 200,
		            json_deep_copy(g->store.of[STORE_FAULTS]));
}

static void drop_all(struct gate *g, struct arena *a, enum store_kind kind)
{
	VEC(const char *) keys = {0};
	const char *key;
	json_t *value;
	json_object_foreach(g->store.of[kind], key, value)
	{
		(void)value;
		*vec_add(a, &keys) = str_cstr(a, str_of(key));
	}
	vec_each (const char *, k, &keys)
		store_drop(&g->store, kind, *k);
}

void control_faults_drop(struct gate *g, struct request *r, struct answer *to)
{
	drop_all(g, r->arena, STORE_FAULTS);
	all_right(r, to);
}

/* --- scenarios -------------------------------------------------------------*/

static bool load_pipelines(struct gate *g, struct arena *a,
                           const json_t *scenario, struct fail *why)
{
	size_t i;
	json_t *one;
	json_array_foreach(json_object_get(scenario, "applications"), i, one)
	        application_save(g, a, one);
	json_array_foreach(json_object_get(scenario, "pipelines"), i, one)
	{
		if (!errors_are_known(json_object_get(one, "script"), why))
			return false;
		const char *problem = pipeline_put(g, a, one, STR("scenario"));
		if (problem)
			return fail_set(why, FAIL_INPUT, "%s", problem);
	}
	return true;
}

bool scenario_load(struct gate *g, struct arena *a, const json_t *scenario,
                   struct fail *why)
{
	const json_t *clock = json_object_get(scenario, "clock");
	if (!json_is_object(scenario))
		return fail_set(why, FAIL_INPUT, "a scenario is an object");
	take_settings(g, scenario);
	return (!clock || gate_set_clock(g, clock, why)) &&
	       load_pipelines(g, a, scenario, why) &&
	       add_faults(g, a, json_object_get(scenario, "faults"), why);
}

void control_scenario(struct gate *g, struct request *r, struct answer *to)
{
	struct fail why = {0};
	if (scenario_load(g, r->arena, r->json, &why))
		all_right(r, to);
	else
		refuse(g, r, to, why.text);
}

void control_reset(struct gate *g, struct request *r, struct answer *to)
{
	store_clear(&g->store);
	gate_reopen(g);
	all_right(r, to);
}

void control_refuse(struct gate *g, struct request *r, struct answer *to)
{
	(void)g;
	server_refuse(member_int(r->json, "ms", 1000));
	all_right(r, to);
}

void control_execution(struct gate *g, struct request *r, struct answer *to)
{
	json_t *e = store_get(&g->store, STORE_EXECUTIONS, r->param[0].s);
	if (!e || !json_is_object(r->json)) {
		refuse(g, r, to, "which execution, and what of it?");
		return;
	}
	json_t *own = json_object_get(r->json, "_double");
	json_object_update(member_object(e, "_double"), own);
	json_object_del(r->json, "_double");
	json_object_update(e, r->json);
	execution_touch(g, e);
	answer_json(to, r->arena, 200, execution_view(e, true));
}

/* --- the oracle ------------------------------------------------------------*/

void oracle_note(struct gate *g, const struct request *r,
                 const struct answer *to, bool executed)
{
	int64_t n = gate_setting(g, "requests", 0) + 1;
	gate_set(g, "requests", json_integer(n));
	struct str token = request_token(r);
	json_t *line = json_object();
	member_set_int(line, "order", n);
	member_set_int(line, "at", g->now);
	member_set(line, "method", json_string(r->method));
	member_set(line, "path", json_string(r->target));
	member_set_int(line, "status", to->status);
	member_set_int(line, "connection", r->connection);
	member_set_int(line, "on_connection", r->on_connection);
	member_set_str(line, "user", r->user);
	member_set(line, "executed", json_boolean(executed));
	if (token.n)
		member_set_str(line, "token", token);
	if (json_array_size(r->created))
		member_set(line, "created", json_incref(r->created));
	/* The spin of 2026.2 puts the trigger into one more object. */
	if (json_object_size(r->json) == 1 &&
	    json_object_get(r->json, "trigger"))
		member_set(line, "wrapped", json_true());
	struct str request_id = r->header(r, "X-SPINNAKER-REQUEST-ID");
	if (request_id.n)
		member_set_str(line, "request_id", request_id);
	json_t *faults = json_array();
	size_t i;
	json_t *fault;
	json_array_foreach(r->faults, i, fault)
	        json_array_append(faults, json_object_get(fault, "fault"));
	member_set(line, "faults", faults);
	struct str key = str_format(r->arena, "%lld", (long long)n);
	store_put(&g->store, STORE_LOG, key.s, line);
	if (n > LOG_MAX)
		store_drop(
		        &g->store, STORE_LOG,
		        str_format(r->arena, "%lld", (long long)(n - LOG_MAX))
		                .s);
}

static void add_count(json_t *entry, const char *key, int64_t n)
{
	member_set_int(entry, key, json_get_int(entry, key) + n);
}

static json_t *token_entry(json_t *tokens, struct arena *a, struct str token)
{
	const char *key = str_cstr(a, token);
	json_t *entry = json_object_get(tokens, key);
	if (entry)
		return entry;
	entry = json_pack("{s:[], s:i, s:i, s:i, s:i}", "ids", "executions", 0,
	                  "by_fault", 0, "refused", 0, "posts", 0);
	json_object_set_new(tokens, key, entry);
	return entry;
}

static void count_execution(json_t *tokens, struct arena *a, const json_t *e)
{
	const json_t *trigger = json_object_get(e, "trigger");
	const json_t *own = json_object_get(e, "_double");
	struct str token = json_get_str(trigger, "correlationId");
	if (!token.n)
		token = json_get_str(trigger, "eventId");
	if (!token.n)
		return;
	json_t *entry = token_entry(tokens, a, token);
	if (member_true(own, "refused")) {
		add_count(entry, "refused", 1);
		return;
	}
	json_array_append(json_object_get(entry, "ids"),
	                  json_object_get(e, "id"));
	add_count(entry, "executions", json_get_int(own, "starts"));
	if (json_object_get(own, "by_fault"))
		add_count(entry, "by_fault", 1);
}

/* Tokens with more executions than one and those that faults made. */
static json_t *more_than_one(json_t *tokens)
{
	json_t *list = json_array();
	const char *token;
	json_t *entry;
	json_object_foreach(tokens, token, entry)
	{
		if (json_get_int(entry, "executions") -
		            json_get_int(entry, "by_fault") >
		    1)
			json_array_append_new(list, json_string(token));
	}
	return list;
}

void control_oracle(struct gate *g, struct request *r, struct answer *to)
{
	struct str only = request_argument(r, "token");
	json_t *tokens = json_object(), *requests = json_array();
	const char *key;
	json_t *one;
	json_object_foreach(g->store.of[STORE_EXECUTIONS], key, one)
	        count_execution(tokens, r->arena, one);
	json_object_foreach(g->store.of[STORE_LOG], key, one)
	{
		struct str token = json_get_str(one, "token");
		if (token.n && member_is(one, "method", "POST"))
			add_count(token_entry(tokens, r->arena, token), "posts",
			          1);
		if (!only.n || str_eq(token, only) ||
		    str_contains(json_get_str(one, "path"), only))
			json_array_append(requests, one);
	}
	if (str_is(request_argument(r, "requests"), "false"))
		json_array_clear(requests);
	json_t *out = json_pack(
	        "{s:o, s:o, s:I}", "violations", more_than_one(tokens),
	        "requests", requests, "executions",
	        (json_int_t)json_object_size(g->store.of[STORE_EXECUTIONS]));
	if (only.n)
		member_set(out, "token",
		           json_incref(token_entry(tokens, r->arena, only)));
	member_set(out, "tokens", tokens);
	answer_json(to, r->arena, 200, out);
}
