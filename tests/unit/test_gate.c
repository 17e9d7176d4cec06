#include "runner/gate.h"

#include "tests/lib/loopback.h"
#include "tests/lib/scratch.h"
#include "tests/lib/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define APP "application/json"
#define HTML "text/html;charset=utf-8"

/* Messages of Gate, from its own tests and sources. */
#define UNABLE \
	"Unable to trigger pipeline (application: a, pipelineNameOrId: p). Error: "
#define NOT_THERE \
	UNABLE    \
	"Pipeline configuration not found (nameOrId: p in application a): Status: 404, Method: GET, URL: http://front50/pipelines/p/get, Message: Not Found"
#define DISABLED \
	UNABLE   \
	"Status: 400, Method: POST, URL: http://orca/orchestrate?user=anonymous, Message: Pipeline is disabled and cannot be started."
#define FRONT50_DOWN \
	UNABLE       \
	"Status: 500, Method: GET, URL: http://front50/pipelines/a/name/p?refresh=true, Message: Internal Server Error"
#define ORCA_FRONT50 \
	UNABLE       \
	"Status: 500, Method: POST, URL: http://orca/orchestrate?user=u, Message: Status: 500, Method: GET, URL: http://front50/pipelines/7/get, Message: down"
#define ERROR(status, message)                                          \
	"{\"error\":\"E\",\"exception\":\"x.Y\",\"message\":\"" message \
	"\",\"status\":" #status ",\"timestamp\":1}"

static const struct {
	const char *what;
	enum gate_purpose purpose;
	enum http_end end;
	int status;
	const char *type, *body;
	enum gate_class want;
} cases[] = {
        /* What triggers are answered: sections of the protocol in turn. */
        {"not sent", GATE_TRIGGER, HTTP_NOT_SENT, 0, "", "", GATE_NEVER_SENT},
        {"broken", GATE_TRIGGER, HTTP_BROKEN, 0, "", "", GATE_UNKNOWN},
        {"broken after its status", GATE_TRIGGER, HTTP_BROKEN, 202, APP,
         "{\"ref\":", GATE_UNKNOWN},
        {"broken after a refusal", GATE_TRIGGER, HTTP_BROKEN, 404, APP, "",
         GATE_UNKNOWN},
        {"accepted", GATE_TRIGGER, HTTP_ANSWERED, 202, APP,
         "{\"ref\":\"/pipelines/01H\"}", GATE_OK},
        {"accepted, 200", GATE_TRIGGER, HTTP_ANSWERED, 200, APP,
         "{\"ref\":\"/pipelines/01H\"}", GATE_OK},
        {"accepted, empty", GATE_TRIGGER, HTTP_ANSWERED, 202, APP, "",
         GATE_UNKNOWN},
        {"accepted, as text", GATE_TRIGGER, HTTP_ANSWERED, 202, "text/plain",
         "ok", GATE_UNKNOWN},
        {"a page to sign in", GATE_TRIGGER, HTTP_ANSWERED, 200, HTML, "<html>",
         GATE_AUTH},
        {"a page without a type", GATE_TRIGGER, HTTP_ANSWERED, 200, "",
         " <!doctype html>", GATE_AUTH},
        {"302 to sign in", GATE_TRIGGER, HTTP_ANSWERED, 302, "", "", GATE_AUTH},
        {"307", GATE_TRIGGER, HTTP_ANSWERED, 307, HTML, "", GATE_AUTH},
        {"401", GATE_TRIGGER, HTTP_ANSWERED, 401, "", "", GATE_AUTH},
        {"unknown pipeline", GATE_TRIGGER, HTTP_ANSWERED, 404, APP,
         ERROR(404, NOT_THERE), GATE_REFUSED},
        {"a 404 of somebody else", GATE_TRIGGER, HTTP_ANSWERED, 404, HTML,
         "<html>nginx", GATE_UNKNOWN},
        {"a 404 without a body", GATE_TRIGGER, HTTP_ANSWERED, 404, "", "",
         GATE_UNKNOWN},
        {"a 404 from Orca", GATE_TRIGGER, HTTP_ANSWERED, 404, APP,
         ERROR(404, UNABLE "Status: 404, Method: POST, URL: "
                           "http://orca/orchestrate?user=u, Message: x"),
         GATE_REFUSED_WITH_RECORD},
        {"disabled", GATE_TRIGGER, HTTP_ANSWERED, 400, APP,
         ERROR(400, DISABLED), GATE_REFUSED_WITH_RECORD},
        {"missing parameter", GATE_TRIGGER, HTTP_ANSWERED, 400, APP,
         ERROR(400, "Required parameter image is missing"), GATE_REFUSED},
        {"a 400 in other words", GATE_TRIGGER, HTTP_ANSWERED, 400,
         "application/problem+json",
         "{\"type\":\"about:blank\",\"title\":\"Bad Request\","
         "\"status\":400,\"detail\":\"Failed to read request\"}",
         GATE_REFUSED_WITH_RECORD},
        {"a 400 of a proxy", GATE_TRIGGER, HTTP_ANSWERED, 400, HTML, "<html>",
         GATE_UNKNOWN},
        {"no READ at front50", GATE_TRIGGER, HTTP_ANSWERED, 403, APP,
         ERROR(403, UNABLE "Status: 403, Method: GET, URL: "
                           "http://front50/pipelines/a/name/p, Message: "
                           "Access is denied"),
         GATE_REFUSED},
        {"no EXECUTE at orca", GATE_TRIGGER, HTTP_ANSWERED, 403, APP,
         ERROR(403, UNABLE "Status: 403, Method: POST, URL: "
                           "http://orca/orchestrate?user=u, Message: no"),
         GATE_REFUSED_WITH_RECORD},
        {"Fiat", GATE_TRIGGER, HTTP_ANSWERED, 403, APP,
         ERROR(403, "Access denied to application a - required "
                    "authorization: EXECUTE"),
         GATE_REFUSED},
        {"x509: 403 without words", GATE_TRIGGER, HTTP_ANSWERED, 403, "", "",
         GATE_AUTH},
        {"a firewall's page", GATE_TRIGGER, HTTP_ANSWERED, 403, HTML, "<p>",
         GATE_AUTH},
        {"405", GATE_TRIGGER, HTTP_ANSWERED, 405, APP, "{}", GATE_NEVER_SENT},
        {"415", GATE_TRIGGER, HTTP_ANSWERED, 415, "", "", GATE_NEVER_SENT},
        {"413", GATE_TRIGGER, HTTP_ANSWERED, 413, HTML, "<p>", GATE_REFUSED},
        {"408", GATE_TRIGGER, HTTP_ANSWERED, 408, "", "", GATE_UNKNOWN},
        {"rate limit", GATE_TRIGGER, HTTP_ANSWERED, 429, APP,
         "{\"message\": \"Rate capacity exceeded\"}", GATE_RATE_LIMITED},
        {"rate limit of a proxy", GATE_TRIGGER, HTTP_ANSWERED, 429, HTML, "<p>",
         GATE_RATE_LIMITED},
        {"rate limit of orca", GATE_TRIGGER, HTTP_ANSWERED, 429, APP,
         ERROR(429, UNABLE "Status: 429, Method: POST, URL: "
                           "http://orca/orchestrate?user=u, Message: no"),
         GATE_REFUSED_WITH_RECORD},
        {"shedding", GATE_TRIGGER, HTTP_ANSWERED, 503, APP,
         "{\"message\": \"Low priority requests are not currently being "
         "accepted\"}",
         GATE_RATE_LIMITED},
        {"a 503 of orca", GATE_TRIGGER, HTTP_ANSWERED, 503, APP,
         ERROR(503, UNABLE "Status: 503, Method: POST, URL: "
                           "http://orca/orchestrate?user=u, Message: no"),
         GATE_UNKNOWN},
        {"a 503 of a proxy", GATE_TRIGGER, HTTP_ANSWERED, 503, HTML, "<p>",
         GATE_UNKNOWN},
        {"500, orca is down", GATE_TRIGGER, HTTP_ANSWERED, 500, APP,
         ERROR(500, UNABLE "java.net.SocketException: Connection reset"),
         GATE_UNKNOWN},
        {"500, front50 is down", GATE_TRIGGER, HTTP_ANSWERED, 500, APP,
         ERROR(500, FRONT50_DOWN), GATE_NEVER_SENT},
        {"500, front50 is down for orca", GATE_TRIGGER, HTTP_ANSWERED, 500, APP,
         ERROR(500, ORCA_FRONT50), GATE_UNKNOWN},
        {"500, no header to know us by", GATE_TRIGGER, HTTP_ANSWERED, 500, APP,
         ERROR(500, "X-SPINNAKER-USER header not found in request."),
         GATE_AUTH},
        {"502", GATE_TRIGGER, HTTP_ANSWERED, 502, HTML, "<p>", GATE_UNKNOWN},
        {"504", GATE_TRIGGER, HTTP_ANSWERED, 504, "", "", GATE_UNKNOWN},
        {"500 in broken JSON", GATE_TRIGGER, HTTP_ANSWERED, 500, APP,
         "{\"message\": \"Low pri", GATE_UNKNOWN},
        {"1000", GATE_TRIGGER, HTTP_ANSWERED, 999, APP, "{}", GATE_UNKNOWN},
        /* Reads. */
        {"a list", GATE_READ, HTTP_ANSWERED, 200, APP, "[]", GATE_OK},
        {"actuator's JSON", GATE_READ, HTTP_ANSWERED, 200,
         "application/vnd.spring-boot.actuator.v3+json;charset=UTF-8", "{}",
         GATE_OK},
        {"swallowed error", GATE_READ, HTTP_ANSWERED, 200, APP, "",
         GATE_UNKNOWN},
        {"not JSON", GATE_READ, HTTP_ANSWERED, 200, APP, "hello", GATE_UNKNOWN},
        {"a page", GATE_READ, HTTP_ANSWERED, 200, HTML, "", GATE_AUTH},
        {"a read elsewhere", GATE_READ, HTTP_ANSWERED, 301, "", "", GATE_AUTH},
        {"unknown execution", GATE_READ, HTTP_ANSWERED, 404, APP,
         ERROR(404, "Pipeline not found (id: X)"), GATE_NOT_FOUND},
        {"a proxy's 404", GATE_READ, HTTP_ANSWERED, 404, HTML, "<p>",
         GATE_UNKNOWN},
        {"unreadable", GATE_READ, HTTP_ANSWERED, 403, APP,
         ERROR(403, "Access is denied"), GATE_REFUSED},
        {"both ids", GATE_READ, HTTP_ANSWERED, 400, APP, ERROR(400, "no"),
         GATE_REFUSED},
        {"read limit", GATE_READ, HTTP_ANSWERED, 429, APP, "{}",
         GATE_RATE_LIMITED},
        {"read failed", GATE_READ, HTTP_ANSWERED, 500, APP,
         ERROR(500, FRONT50_DOWN), GATE_UNKNOWN},
        {"read not sent", GATE_READ, HTTP_NOT_SENT, 0, "", "", GATE_NEVER_SENT},
        /* Control. */
        {"canceled", GATE_CONTROL, HTTP_ANSWERED, 200, "", "", GATE_OK},
        {"canceled, with words", GATE_CONTROL, HTTP_ANSWERED, 202, APP, "{}",
         GATE_OK},
        {"cancel: a page", GATE_CONTROL, HTTP_ANSWERED, 200, HTML, "<p>",
         GATE_AUTH},
        {"cancel of nothing", GATE_CONTROL, HTTP_ANSWERED, 404, APP,
         ERROR(404, "no"), GATE_NOT_FOUND},
        {"cancel failed", GATE_CONTROL, HTTP_ANSWERED, 500, APP, "{}",
         GATE_UNKNOWN},
};

static void test_classify(struct arena *a)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_answer answer = {.end = cases[i].end,
		                             .status = cases[i].status,
		                             .content_type =
		                                     str_of(cases[i].type),
		                             .body = str_of(cases[i].body)};
		struct gate_verdict v =
		        gate_classify(a, cases[i].purpose, &answer, NULL);
		is_str(str_of(gate_class_names[v.class]),
		       gate_class_names[cases[i].want], "%s", cases[i].what);
		ok(v.rule && v.rule[0], "%s: has a reason", cases[i].what);
	}
}

static void test_errors(struct arena *a)
{
	static const struct {
		const char *body, *message;
		int status;
		const char *method, *url, *upstream;
	} errors[] = {
	        {ERROR(400, DISABLED), DISABLED, 400, "POST",
	         "http://orca/orchestrate?user=anonymous",
	         "Pipeline is disabled and cannot be started."},
	        {ERROR(500, ORCA_FRONT50), ORCA_FRONT50, 500, "GET",
	         "http://front50/pipelines/7/get", "down"},
	        {"{\"message\": \" Rate capacity exceeded\"}",
	         "Rate capacity exceeded", 0, "", "", ""},
	        {"{\"title\":\"Bad Request\",\"detail\":\"Failed to read\"}",
	         "Failed to read", 0, "", "", ""},
	        {"{\"title\":\"Bad Request\"}", "Bad Request", 0, "", "", ""},
	        {"{\"error\":\"Not Found\"}", "Not Found", 0, "", "", ""},
	        {"{\"message\":\"Status: 4x4, Method: GET, URL: u, Message: "
	         "m\"}",
	         "Status: 4x4, Method: GET, URL: u, Message: m", 0, "", "", ""},
	        {"{\"message\":\"Status: 404, Method: GET\"}",
	         "Status: 404, Method: GET", 0, "", "", ""},
	        {"{\"message\":7}", "", 0, "", "", ""},
	        {"{\"message\"", "", 0, "", "", ""},
	        {"[1]", "", 0, "", "", ""},
	        {"<html>", "", 0, "", "", ""},
	        {"", "", 0, "", "", ""},
	};
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
		struct gate_error e;
		gate_error_read(&e, a, str_of(errors[i].body));
		is_str(e.message, errors[i].message, "error %zu: message", i);
		is_int(e.upstream_status, errors[i].status,
		       "error %zu: status behind", i);
		is_str(e.upstream_method, errors[i].method,
		       "error %zu: method behind", i);
		is_str(e.upstream_url, errors[i].url, "error %zu: URL behind",
		       i);
		is_str(e.upstream_message, errors[i].upstream,
		       "error %zu: message behind", i);
	}
}

/* --- a server that says what it is told to ------------------------------- */

static struct loopback server;

#define SECRET "s3cr3t-T0ken-4711"

static const struct {
	const char *target, *status, *type, *lines, *body;
} answers[] = {
        {"/version", "200 OK", APP, "", "{\"version\":\"2026.1.0\"}"},
        {"/auth/user", "200 OK", APP, "", ""},
        {"/health", "302 Found", HTML,
         "Location: https://sso/login?token=" SECRET "\r\n", ""},
        {"/pipelines/a/ok", "202 Accepted", APP, "",
         "{\"ref\":\"/pipelines/01HZX0000000000000000000AB\"}"},
        {"/pipelines/a/noref", "202 Accepted", APP, "", "{\"eventId\":\"e\"}"},
        {"/pipelines/a/task", "202 Accepted", APP, "",
         "{\"ref\":\"/tasks/01H\"}"},
        {"/pipelines/a/odd", "202 Accepted", APP, "",
         "{\"ref\":\"/pipelines/../x\"}"},
        {"/pipelines/a/torn", "202 Accepted", APP, "", "{\"ref\":\"/pipe"},
        {"/pipelines/a/leak", "400 Bad", APP, "",
         ERROR(400, "bad\\n  token: " SECRET " at "
                    "https://u:pw@orca/orchestrate?x=1 " SECRET)},
        {"/pipelines/X/cancel?force=false&reason=a%20b", "200 OK", APP, "", ""},
        {"/applications/a?expand=false", "429 Slow", APP, "Retry-After: 30\r\n",
         "{\"message\": \"Rate capacity exceeded\"}"},
        {"/applications/a/pipelineConfigs/p%20q", "200 OK", APP, "",
         "{\"id\":\"7\",\"name\":\"p q\",\"application\":\"a\","
         "\"disabled\":true,\"limitConcurrent\":true,"
         "\"maxConcurrentExecutions\":3,\"updateTs\":\"1690000000000\","
         "\"parameterConfig\":[{\"name\":\"image\",\"required\":true},"
         "{\"name\":\"n\",\"default\":3},"
         "{\"name\":\"env\",\"default\":\"\",\"hasOptions\":true,"
         "\"options\":[{\"value\":\"dev\"},{\"value\":\"prod\"}]}]}"},
        {"/applications/a/pipelineConfigs/list", "200 OK", APP, "", "[]"},
        {"/applications/a/executions/search?eventId=dxcp-1&"
         "triggerTimeStartBoundary=999&startIndex=0&size=1000&expand=false",
         "200 OK", APP, "",
         "[{\"id\":\"C\",\"buildTime\":9,\"trigger\":{\"eventId\":"
         "\"dxcp-1\"}},"
         "{\"id\":\"B\",\"buildTime\":5,\"status\":\"RUNNING\",\"trigger\":"
         "{\"correlationId\":\"dxcp-1\"}},"
         "{\"id\":\"B\",\"buildTime\":5,\"trigger\":{\"eventId\":"
         "\"dxcp-1\"}},"
         "{\"id\":\"A\",\"buildTime\":5,\"trigger\":{\"eventId\":"
         "\"dxcp-1\"}},"
         "{\"id\":\"D\",\"buildTime\":1,\"trigger\":{\"eventId\":"
         "\"dxcp-10\"}},"
         "{\"id\":\"E\",\"buildTime\":1}, 7, "
         "{\"buildTime\":1,\"trigger\":{\"eventId\":\"dxcp-1\"}}]"},
        {"/applications/a/executions/search?trigger=eyJjb3JyZWxhdGlvbklkIjoi"
         "ZHhjcC0xIn0%3D&"
         "triggerTimeStartBoundary=1&startIndex=0&size=1000&expand=false",
         "200 OK", APP, "", "[]"},
        {"/applications/b/executions/search?eventId=dxcp-1&"
         "triggerTimeStartBoundary=1&startIndex=0&size=1000&expand=false",
         "200 OK", APP, "", "{\"error\":\"a list it is not\"}"},
        {"/executions?executionIds=A,B%2FC&expand=true", "200 OK", APP, "",
         "[{\"id\":\"A\"}]"},
        {"/executions/failedStages?executionId=A", "404 No", APP, "",
         ERROR(404, "none")},
};

static void serve(int fd, int *counters)
{
	static struct loopback_request r;
	while (loopback_read(fd, &r)) {
		size_t i = 0;
		loopback_count(&counters[1]);
		while (i < sizeof answers / sizeof *answers &&
		       !str_is(r.target, answers[i].target))
			i++;
		if (i < sizeof answers / sizeof *answers)
			loopback_answer(fd, answers[i].status, answers[i].type,
			                answers[i].lines,
			                str_of(answers[i].body));
		else
			loopback_answer(fd, "418 Odd", "text/plain", "",
			                (struct str){r.bytes, r.n});
	}
}

static const struct source nothing;

static struct gate open_gate(struct arena *a)
{
	struct gate g = {0};
	struct fail why = {0};
	setenv("T", SECRET, 1);
	struct engine e = {
	        .id = STR("gate"),
	        .url = {str_format(a, "http://127.0.0.1:%d", server.port),
	                {.src = &nothing}},
	        .timeout = {5, {.src = &nothing}},
	        .auth = {.type.is = 1,
	                 .token_env = {STR("T"), {.src = &nothing}}},
	};
	if (!gate_open(&g, a, &e, ".", &why)) {
		printf("Bail out! %s\n", why.text);
		exit(1);
	}
	return g;
}

static struct http_call *trigger(const struct gate *g, struct arena *a,
                                 const char *pipeline)
{
	static const struct gate_parameter parameters[] = {
	        {{"image", 5}, {"x:1 \"y\"", 7}}, {{"n", 1}, {"3", 1}}};
	struct gate_trigger t = {.application = STR("a"),
	                         .pipeline = str_of(pipeline),
	                         .token = STR("dxcp-1"),
	                         .user = STR("ana@example.com"),
	                         .parameters = parameters,
	                         .nparameters = 2};
	return gate_trigger_call(g, a, &t);
}

static void test_trigger(struct arena *a, const struct gate *g)
{
	static const struct {
		const char *pipeline;
		enum gate_class want;
		const char *id;
	} triggers[] = {
	        {"ok", GATE_OK, "01HZX0000000000000000000AB"},
	        {"noref", GATE_UNKNOWN, ""},
	        {"task", GATE_UNKNOWN, ""},
	        {"odd", GATE_UNKNOWN, ""},
	        {"torn", GATE_UNKNOWN, ""},
	};
	for (size_t i = 0; i < sizeof triggers / sizeof *triggers; i++) {
		struct gate_answer answer =
		        gate_ask(g, a, trigger(g, a, triggers[i].pipeline));
		is_str(str_of(gate_class_names[answer.class]),
		       gate_class_names[triggers[i].want], "trigger of %s",
		       triggers[i].pipeline);
		is_str(answer.execution_id, triggers[i].id,
		       "trigger of %s: execution", triggers[i].pipeline);
		ok((answer.class == GATE_OK) == !answer.text.n,
		   "trigger of %s: says what is wrong", triggers[i].pipeline);
	}
	struct http_call *call = trigger(g, a, "what is sent");
	server.counters[1] = 0;
	gate_ask(g, a, call);
	struct str sent = call->answer.body;
	is_int(server.counters[1], 1, "a trigger goes out once");
	ok(str_starts(sent, STR("POST /pipelines/a/what%20is%20sent HTTP/1.1")),
	   "names are encoded");
	ok(str_contains(sent, STR("\r\nX-SPINNAKER-REQUEST-ID: dxcp-1\r\n")),
	   "the token is the request's id");
	ok(str_contains(sent, STR("\r\nX-Spinnaker-Priority: normal\r\n")),
	   "the priority is normal");
	ok(str_ends(sent, STR("\r\n\r\n{\"type\":\"manual\",\"user\":"
	                      "\"ana@example.com\",\"correlationId\":"
	                      "\"dxcp-1\",\"eventId\":\"dxcp-1\","
	                      "\"parameters\":{\"image\":\"x:1 \\\"y\\\"\","
	                      "\"n\":\"3\"}}")),
	   "the body is the trigger");
	ok(call->fresh && !call->patience_ms && call->timeout_ms == 150000,
	   "on its own connection, once, longer than Gate waits");
}

static void test_secrets(struct arena *a, const struct gate *g)
{
	struct gate_answer answer = gate_ask(g, a, trigger(g, a, "leak"));
	is_int(answer.class, GATE_REFUSED_WITH_RECORD, "refused");
	is_str(answer.text,
	       "Gate answered 400, refused by Orca: bad token: *** at "
	       "https://***@orca/orchestrate?x=1 ***",
	       "no secret in the text, which is one line");
	is_str(answer.detail,
	       "bad token: *** at https://***@orca/orchestrate?x=1 ***",
	       "nor in the detail");
	answer = gate_ask(g, a, gate_health_call(g, a));
	is_int(answer.class, GATE_AUTH, "sent to sign in");
	is_str(answer.text,
	       "Gate answered 302, sent elsewhere, as to sign in: to "
	       "https://sso/login?token=***",
	       "nor in an address");
}

static void test_reads(struct arena *a, const struct gate *g)
{
	struct str ids[] = {STR("A"), STR("B/C")};
	struct gate_answer answer = gate_ask(g, a, gate_version_call(g, a));
	is_str(json_get_str(answer.json, "version"), "2026.1.0", "version");
	answer = gate_ask(g, a, gate_user_call(g, a));
	ok(answer.class == GATE_OK && !answer.json, "nobody has signed in");
	answer = gate_ask(g, a, gate_executions_call(g, a, ids, 2, true));
	is_int((int64_t)json_array_size(answer.json), 1, "executions by id");
	answer = gate_ask(g, a, gate_failed_stages_call(g, a, STR("A")));
	is_int(answer.class, GATE_NOT_FOUND, "an older Gate");
	answer = gate_ask(g, a, gate_application_call(g, a, STR("a")));
	is_int(answer.class, GATE_RATE_LIMITED, "rate limit");
	is_int(answer.retry_after_s, 30, "says when");
	is_str(answer.text,
	       "Gate answered 429, too many calls: Rate capacity exceeded",
	       "and why");
	answer = gate_ask(g, a, gate_cancel_call(g, a, STR("X"), STR("a b")));
	is_int(answer.class, GATE_OK, "cancel");
	answer = gate_ask(g, a, gate_cancel_call(g, a, STR("Y"), STR("")));
	is_int(answer.class, GATE_UNKNOWN, "an odd answer");
}

static void test_search(struct arena *a, const struct gate *g)
{
	struct gate_finds finds;
	struct gate_answer answer = gate_ask(
	        g, a, gate_search_call(g, a, STR("a"), STR("dxcp-1"), 1000));
	ok(gate_find(&finds, a, &answer, STR("dxcp-1")), "search");
	is_int((int64_t)finds.n, 3, "its own, each once");
	is_str(finds.at[0].id, "A", "the eldest first");
	is_str(finds.at[1].id, "B", "of one time: by id");
	is_str(finds.at[1].status, "RUNNING", "its status");
	is_str(finds.at[2].id, "C", "the youngest last");
	answer = gate_ask(
	        g, a,
	        gate_search_by_trigger_call(g, a, STR("a"), STR("dxcp-1"), 0));
	ok(gate_find(&finds, a, &answer, STR("dxcp-1")) && !finds.n,
	   "search by trigger finds nothing");
	answer = gate_ask(g, a,
	                  gate_search_call(g, a, STR("b"), STR("dxcp-1"), 0));
	ok(!gate_find(&finds, a, &answer, STR("dxcp-1")),
	   "what is no list says nothing");
	answer = gate_ask(g, a,
	                  gate_search_call(g, a, STR("c"), STR("dxcp-1"), 0));
	ok(!gate_find(&finds, a, &answer, STR("dxcp-1")), "nor does an error");
}

static void test_pipeline(struct arena *a, const struct gate *g)
{
	struct gate_pipeline p;
	struct gate_answer answer =
	        gate_ask(g, a, gate_pipeline_call(g, a, STR("a"), STR("p q")));
	if (!ok(gate_pipeline_read(&p, a, &answer), "a pipeline"))
		return;
	is_str(p.id, "7", "id");
	is_str(p.application, "a", "application");
	ok(p.disabled && p.limit_concurrent && !p.keep_waiting, "flags");
	is_int(p.max_concurrent, 3, "maxConcurrentExecutions");
	is_int(p.updated_ms, 1690000000000, "updateTs as text");
	is_int((int64_t)p.nparameters, 3, "parameters");
	ok(p.parameters[0].required && !p.parameters[0].has_default,
	   "required, without a default");
	is_str(p.parameters[1].default_value, "3", "a number as text");
	ok(p.parameters[2].has_default && !p.parameters[2].default_value.n,
	   "an empty default is one");
	is_int((int64_t)p.parameters[2].noptions, 2, "options");
	is_str(p.parameters[2].options[1], "prod", "an option");
	answer =
	        gate_ask(g, a, gate_pipeline_call(g, a, STR("a"), STR("list")));
	ok(!gate_pipeline_read(&p, a, &answer), "a list is no pipeline");
}

static void test_paths(void)
{
	static const struct {
		const char *name;
		bool fits;
	} names[] = {
	        {"deploy", true},  {"Deploy to prod (EU)", true},
	        {"a.b", true},     {"\xc3\xa9t\xc3\xa9", true},
	        {"a?b#c&d", true}, {"...", true},
	        {"", false},       {".", false},
	        {"..", false},     {"a/b", false},
	        {"a\\b", false},   {"a;b", false},
	        {"50%", false},    {"a\nb", false},
	        {"a\x7f", false},  {"a\xe2\x80\xa8", false},
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		ok(gate_fits_path(str_of(names[i].name)) == names[i].fits,
		   "path: name %zu", i);
}

int main(void)
{
	struct arena *a = arena_new();
	scratch_start();
	unsetenv("http_proxy");
	unsetenv("all_proxy");
	unsetenv("ALL_PROXY");
	test_classify(a);
	test_errors(a);
	test_paths();
	loopback_start(&server, serve);
	struct gate g = open_gate(a);
	test_trigger(a, &g);
	test_secrets(a, &g);
	test_reads(a, &g);
	test_search(a, &g);
	test_pipeline(a, &g);
	loopback_stop(&server);
	scratch_end();
	arena_free(a);
	return tap_done();
}
