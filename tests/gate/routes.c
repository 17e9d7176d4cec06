#include "tests/gate/routes.h"

#include "tests/gate/trigger.h"

#include <string.h>

/* The first that fits; ":" catches one segment. */
static const struct {
	const char *method, *pattern;
	route_fn *answer;
} routes[] = {
        {"GET", "version", show_version},
        {"GET", "health", show_health},
        {"GET", "credentials", show_credentials},
        {"GET", "auth/user", show_user},
        {"GET", "applications", application_list},
        {"GET", "applications/:", application_show},
        {"GET", "applications/:/pipelineConfigs", pipeline_list},
        {"GET", "applications/:/pipelineConfigs/:", pipeline_show},
        {"GET", "applications/:/pipelines", query_application_executions},
        {"GET", "applications/:/executions/search", query_search},
        {"PUT", "applications/:/pipelines/:/cancel", operate_cancel},
        {"POST", "applications/:/pipelineConfigs/:", trigger_pipeline},
        {"POST", "applications/:/tasks", task_create},
        {"GET", "executions", query_executions},
        {"GET", "executions/failedStages", query_failed_stages},
        {"GET", "pipelines/:", query_pipeline},
        {"POST", "pipelines", pipeline_save},
        {"POST", "pipelines/start", trigger_start},
        {"POST", "pipelines/v2/:/:", trigger_by_echo},
        {"POST", "pipelines/:/:", trigger_pipeline},
        {"PUT", "pipelines/:/cancel", operate_cancel},
        {"PUT", "pipelines/:/pause", operate_pause},
        {"PUT", "pipelines/:/resume", operate_resume},
        {"PUT", "pipelines/:/stages/:/restart", operate_restart},
        {"PATCH", "pipelines/:/stages/:", operate_stage},
        {"DELETE", "pipelines/:", operate_delete},
        {"DELETE", "pipelines/:/:", pipeline_delete},
        {"POST", "tasks", task_create},
        {"GET", "tasks/:", task_show},
        {"POST", "webhooks/:/:", trigger_webhook},
        {"POST", "_double/clock", control_clock},
        {"GET", "_double/clock", control_clock},
        {"POST", "_double/scenario", control_scenario},
        {"POST", "_double/script", control_script},
        {"POST", "_double/faults", control_fault},
        {"DELETE", "_double/faults", control_faults_drop},
        {"GET", "_double/oracle", control_oracle},
        {"POST", "_double/reset", control_reset},
        {"POST", "_double/settings", control_settings},
        {"PATCH", "_double/executions/:", control_execution},
        {"POST", "_double/refuse", control_refuse},
};

static bool fits(struct request *r, const char *pattern)
{
	struct str rest = str_of(pattern), piece;
	size_t i = 0, caught = 0;
	for (; str_next(&rest, '/', &piece); i++) {
		if (i == r->segments)
			return false;
		if (str_is(piece, ":")) {
			if (caught < 3)
				r->param[caught++] = r->segment[i];
		} else if (!str_eq(piece, r->segment[i])) {
			return false;
		}
	}
	return i == r->segments;
}

/* Only JSON is taken; by the double itself anything. */
static bool is_unsupported(const struct request *r)
{
	struct str type = r->header(r, "Content-Type");
	return !str_blank(r->body) && !str_is(r->segment[0], "_double") &&
	       !str_starts(type, STR("application/json"));
}

void route_request(struct gate *g, struct request *r, struct answer *to)
{
	bool path_is_known = false;
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
		if (!fits(r, routes[i].pattern))
			continue;
		path_is_known = true;
		if (strcmp(r->method, routes[i].method) != 0)
			continue;
		if (is_unsupported(r)) {
			answer_problem(to, r, 415,
			               "Content-Type is not supported.");
			return;
		}
		if (r->bad_json) {
			answer_problem(to, r, 400, "Failed to read request");
			return;
		}
		routes[i].answer(g, r, to);
		return;
	}
	if (path_is_known)
		answer_problem(to, r, 405,
		               str_format(r->arena,
		                          "Method '%s' is not supported.",
		                          r->method)
		                       .s);
	else
		answer_problem(to, r, 404, "No static resource.");
}
