/*
 * Reading executions: Gate's ExecutionsController and PipelineController,
 * orca's TaskController.
 */
#include "tests/gate/execution.h"
#include "tests/gate/fault.h"
#include "tests/gate/routes.h"
#include "tests/gate/stage.h"
#include "tests/gate/trigger.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

/* The text between commas has this one. */
static bool list_has(struct str list, struct str one)
{
	struct str piece;
	while (str_next(&list, ',', &piece))
		if (str_eq(str_trim(piece), one))
			return true;
	return false;
}

static int64_t argument_int(const struct request *r, const char *name,
                            int64_t otherwise)
{
	int64_t n;
	return str_int(request_argument(r, name), &n) ? n : otherwise;
}

static bool argument_flag(const struct request *r, const char *name,
                          bool otherwise)
{
	struct str s = request_argument(r, name);
	return s.n ? str_is(s, "true") : otherwise;
}

void query_pipeline(struct gate *g, struct request *r, struct answer *to)
{
	json_t *e = execution_find(g, r->param[0].s);
	if (e)
		answer_json(to, r->arena, 200, execution_view(e, true));
	else
		answer_error(
		        to, g, r->arena, 404,
		        "com.netflix.spinnaker.kork.web.exceptions.NotFoundException",
		        str_format(r->arena, "Pipeline not found (id: %s)",
		                   r->param[0].s));
}

/* --- lists -----------------------------------------------------------------*/

struct found {
	VEC(json_t *) list; /* newest first */
};

static int newest_first(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	int64_t t = json_get_int(x, "buildTime");
	int64_t u = json_get_int(y, "buildTime");
	if (t != u)
		return t > u ? -1 : 1;
	return str_cmp(json_get_str(y, "id"), json_get_str(x, "id"));
}

/* All that can be seen. */
static struct found all_executions(struct gate *g, struct arena *a)
{
	struct found f = {0};
	const char *id;
	json_t *e;
	json_object_foreach(g->store.of[STORE_EXECUTIONS], id, e)
	{
		if (execution_can_be_seen(g, e))
			*vec_add(a, &f.list) = e;
	}
	/* They were made in the order of their times, save where somebody set
	   the clock back. */
	bool in_order = true;
	for (size_t i = 0; i < f.list.n / 2; i++) {
		json_t *swap = f.list.at[i];
		f.list.at[i] = f.list.at[f.list.n - 1 - i];
		f.list.at[f.list.n - 1 - i] = swap;
	}
	for (size_t i = 1; i < f.list.n && in_order; i++)
		in_order = newest_first(&f.list.at[i - 1], &f.list.at[i]) <= 0;
	if (!in_order)
		qsort(f.list.at, f.list.n, sizeof *f.list.at, newest_first);
	return f;
}

/* The newest of each pipeline, at most limit. More than two of them must not
   be older than 14 days (TaskControllerConfigurationProperties). */
static void add_newest(struct gate *g, const struct request *r,
                       const struct found *f, struct str pipeline, json_t *list)
{
	static const int64_t days_14 = (int64_t)14 * 86400 * 1000;
	int64_t limit = argument_int(r, "limit", 1), n = 0;
	struct str statuses = request_argument(r, "statuses");
	bool expand = argument_flag(r, "expand", true);
	vec_each (json_t *, e, &f->list) {
		if (!str_eq(json_get_str(*e, "pipelineConfigId"), pipeline) ||
		    (statuses.n &&
		     !list_has(statuses, json_get_str(*e, "status"))))
			continue;
		if (n >= 2 && json_get_int(*e, "buildTime") < g->now - days_14)
			continue;
		if (n++ == limit)
			return;
		json_array_append_new(list, execution_view(*e, expand));
	}
}

void query_executions(struct gate *g, struct request *r, struct answer *to)
{
	struct str ids = request_argument(r, "executionIds");
	struct str configs = request_argument(r, "pipelineConfigIds"), id;
	if (ids.n && configs.n) {
		answer_error(
		        to, g, r->arena, 400,
		        "java.lang.IllegalArgumentException",
		        STR("Only pipelineConfigIds OR executionIds can be specified"));
		return;
	}
	json_t *list = json_array();
	bool expand = argument_flag(r, "expand", true);
	/* Statuses are not looked at where ids are given. */
	while (str_next(&ids, ',', &id)) {
		json_t *e = execution_find(g, str_cstr(r->arena, str_trim(id)));
		if (e)
			json_array_append_new(list, execution_view(e, expand));
	}
	if (configs.n) {
		struct found f = all_executions(g, r->arena);
		while (str_next(&configs, ',', &id))
			add_newest(g, r, &f, id, list);
	}
	answer_json(to, r->arena, 200, list);
}

void query_application_executions(struct gate *g, struct request *r,
                                  struct answer *to)
{
	json_t *list = json_array();
	struct found f = all_executions(g, r->arena);
	const char *id;
	json_t *config;
	struct str only = request_argument(r, "pipelineNameFilter");
	json_object_foreach(g->store.of[STORE_PIPELINES], id, config)
	{
		if (str_eq(json_get_str(config, "application"), r->param[0]) &&
		    (!only.n ||
		     str_contains(json_get_str(config, "name"), only)))
			add_newest(g, r, &f, str_of(id), list);
	}
	answer_json(to, r->arena, 200, list);
}

/* --- search ----------------------------------------------------------------*/

struct search {
	struct str application, name, types, event_id, statuses;
	int64_t from, until, start, size;
	bool inclusive, all_applications, by_name, expand;
	const json_t *trigger;
};

/* orca's TC: equal but for case, or as a regular expression of all of it. */
static bool text_fits(struct arena *a, struct str want, struct str got)
{
	if (str_eq_nocase(want, got))
		return true;
	regex_t re;
	const char *pattern =
	        str_format(a, "^(%" STR_FMT ")$", STR_ARG(want)).s;
	if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return false;
	bool fits = regexec(&re, str_cstr(a, got), 0, NULL, 0) == 0;
	regfree(&re);
	return fits;
}

static bool is_subset(struct arena *a, const json_t *want, const json_t *got)
{
	if (json_is_object(want)) {
		const char *key;
		json_t *value;
		json_object_foreach((json_t *)(uintptr_t)want, key, value)
		{
			if (!is_subset(a, value, json_object_get(got, key)))
				return false;
		}
		return true;
	}
	if (json_is_array(want)) {
		size_t i, j;
		json_t *x, *y;
		json_array_foreach(want, i, x)
		{
			bool has = false;
			json_array_foreach(got, j, y) has =
			        has || is_subset(a, x, y);
			if (!has)
				return false;
		}
		return true;
	}
	if (json_is_string(want))
		return json_is_string(got) &&
		       text_fits(a, str_of(json_string_value(want)),
		                 str_of(json_string_value(got)));
	return json_equal(want, got);
}

/* Its configuration is there still, and of the right name now. */
static bool config_fits(const struct gate *g, const struct search *s,
                        const json_t *e)
{
	const json_t *config = store_get(&g->store, STORE_PIPELINES,
	                                 json_get_str(e, "pipelineConfigId").s);
	if (!config)
		return false;
	if (!s->all_applications &&
	    !str_eq(json_get_str(config, "application"), s->application))
		return false;
	return !s->by_name || str_eq(json_get_str(config, "name"), s->name);
}

static bool search_fits(const struct gate *g, struct arena *a,
                        const struct search *s, const json_t *e)
{
	const json_t *trigger = json_object_get(e, "trigger");
	return config_fits(g, s, e) &&
	       (!s->types.n ||
	        list_has(s->types, json_get_str(trigger, "type"))) &&
	       (!s->event_id.n ||
	        str_eq(json_get_str(trigger, "eventId"), s->event_id)) &&
	       (!s->trigger || is_subset(a, s->trigger, trigger));
}

/* What the repository is asked for, before orca looks at triggers. */
static bool in_window(const struct search *s, const json_t *e)
{
	int64_t t = json_get_int(e, "buildTime");
	if (s->statuses.n && !list_has(s->statuses, json_get_str(e, "status")))
		return false;
	return s->inclusive ? t >= s->from && t <= s->until
	                    : t > s->from && t < s->until;
}

static int base64_value(char c)
{
	static const char digits[] =
	        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;
	return at ? (int)(at - digits) : -1;
}

/* Standard alphabet, as java.util.Base64.getDecoder: padding optional. */
static bool base64_decode(struct str *out, struct arena *a, struct str s)
{
	char *bytes = arena_text(a, s.n + 1);
	size_t n = 0;
	uint32_t bits = 0;
	int have = 0;
	while (s.n && s.s[s.n - 1] == '=')
		s.n--;
	for (size_t i = 0; i < s.n; i++) {
		int v = base64_value(s.s[i]);
		if (v < 0)
			return false;
		bits = (bits << 6) | (uint32_t)v;
		have += 6;
		if (have >= 8) {
			have -= 8;
			bytes[n++] = (char)(bits >> have);
		}
	}
	bytes[n] = 0;
	*out = (struct str){bytes, n};
	return true;
}

static bool search_trigger(struct search *s, struct request *r)
{
	struct str given = request_argument(r, "trigger"), text;
	struct fail why = {0};
	json_t *value;
	if (!given.n)
		return true;
	if (!base64_decode(&text, r->arena, given) ||
	    !json_read(&value, r->arena, text, &why) || !json_is_object(value))
		return false;
	s->trigger = value;
	return true;
}

/* The double's own copy of orca's paging: how many times each is found. */
static void collect(struct gate *g, struct request *r, const struct search *s,
                    bool redis, struct found *hits, bool *hangs)
{
	struct found all = all_executions(g, r->arena), seen = {0};
	bool reverse = argument_flag(r, "reverse", false);
	for (size_t i = 0; i < all.list.n; i++) {
		json_t *e = all.list.at[reverse ? all.list.n - 1 - i : i];
		if (in_window(s, e))
			*vec_add(r->arena, &seen.list) = e;
	}
	int64_t want = s->size + (s->inclusive && !redis ? s->start : 0);
	do {
		size_t before = hits->list.n;
		vec_each (json_t *, e, &seen.list) {
			if ((int64_t)hits->list.n < want &&
			    search_fits(g, r->arena, s, *e))
				*vec_add(r->arena, &hits->list) = *e;
		}
		/* REDR ignores the page: the same ones come again, until there
		   are enough; that is never, where none of them fits. */
		if (!redis || (int64_t)seen.list.n < 2 * s->size)
			break;
		*hangs = hits->list.n == before;
	} while (!*hangs && (int64_t)hits->list.n < want);
}

static void answer_hits(struct request *r, struct answer *to,
                        const struct search *s, const struct found *hits)
{
	json_t *list = json_array();
	for (int64_t i = s->start;
	     i < s->start + s->size && i < (int64_t)hits->list.n; i++)
		json_array_append_new(
		        list, execution_view(hits->list.at[i], s->expand));
	answer_json(to, r->arena, 200, list);
}

void query_search(struct gate *g, struct request *r, struct answer *to)
{
	struct str profile = gate_setting_text(g, "search", "sql-legacy");
	bool fixed = str_is(profile, "sql-fixed");
	bool redis = str_is(profile, "redis");
	struct search s = {
	        .application = r->param[0],
	        .name = request_argument(r, "pipelineName"),
	        .types = request_argument(r, "triggerTypes"),
	        .event_id = request_argument(r, "eventId"),
	        .statuses = request_argument(r, "statuses"),
	        .from = argument_int(r, "triggerTimeStartBoundary", 0),
	        .until = argument_int(r, "triggerTimeEndBoundary", INT64_MAX),
	        .start = argument_int(r, "startIndex", 0),
	        .size = argument_int(r, "size", 10),
	        .inclusive = fixed || redis,
	        .all_applications = str_is(r->param[0], "*"),
	        .expand = argument_flag(r, "expand", false),
	};
	s.by_name = s.name.n && (fixed || !s.all_applications);
	if (!search_trigger(&s, r)) {
		answer_error(
		        to, g, r->arena, fixed ? 400 : 500,
		        fixed ? "java.lang.IllegalArgumentException"
		              : "com.netflix.spinnaker.kork.retrofit.exceptions.SpinnakerHttpException",
		        STR("Status: 500, Method: GET, URL: http://orca/applications/pipelines/search, Message: Failed to parse encoded trigger"));
		return;
	}
	struct found hits = {0};
	bool hangs = false;
	collect(g, r, &s, redis, &hits, &hangs);
	if (hangs) {
		to->delay_after = gate_setting(g, "upstream_ms", 120000);
		answer_error(
		        to, g, r->arena, 500,
		        "com.netflix.spinnaker.kork.retrofit.exceptions.SpinnakerNetworkException",
		        STR("java.net.SocketTimeoutException: timeout"));
		return;
	}
	answer_hits(r, to, &s, &hits);
}

/* --- failed stages ---------------------------------------------------------*/

static json_t *failed_stage(const struct gate *g, struct arena *a,
                            const json_t *e, const json_t *stage)
{
	json_t *out = json_object();
	const json_t *context = json_object_get(stage, "context");
	const json_t *exception = json_object_get(context, "exception");
	member_set_str(out, "pipelineExecutionId", json_get_str(e, "id"));
	member_set_str(out, "pipelineExecutionName", json_get_str(e, "name"));
	member_set_str(out, "pipelineApplication",
	               json_get_str(e, "application"));
	member_set_str(out, "pipelineExecutionUrl",
	               str_format(a,
	                          "%s/#/applications/%s/executions/details/%s",
	                          gate_setting_text(g, "deck_url",
	                                            "http://localhost:9000")
	                                  .s,
	                          json_get_str(e, "application").s,
	                          json_get_str(e, "id").s));
	member_set_str(out, "stageId", json_get_str(stage, "id"));
	member_set_str(out, "stageName", json_get_str(stage, "name"));
	member_set_str(out, "stageType", json_get_str(stage, "type"));
	member_set_str(out, "stageStatus", json_get_str(stage, "status"));
	if (exception)
		member_set(out, "stageException", json_deep_copy(exception));
	return out;
}

static void add_failed(struct gate *g, struct arena *a, const json_t *e,
                       json_t *list, int depth)
{
	size_t i;
	json_t *stage;
	if (!e || depth > 20)
		return;
	json_array_foreach(json_object_get(e, "stages"), i, stage)
	{
		if (!member_is(stage, "status", "TERMINAL") &&
		    !member_is(stage, "status", "STOPPED") &&
		    !member_is(stage, "status", "FAILED_CONTINUE"))
			continue;
		struct str child = json_get_str(
		        json_object_get(stage, "context"), "executionId");
		if (member_is(stage, "type", "pipeline") && child.n)
			add_failed(g, a, execution_find(g, child.s), list,
			           depth + 1);
		else
			json_array_append_new(list,
			                      failed_stage(g, a, e, stage));
	}
}

void query_failed_stages(struct gate *g, struct request *r, struct answer *to)
{
	json_t *list = json_array();
	struct str id = request_argument(r, "executionId");
	if (id.n)
		add_failed(g, r->arena, execution_find(g, id.s), list, 0);
	answer_json(to, r->arena, 200, list);
}
