#include "runner/gate.h"

#include "tests/lib/scratch.h"
#include "tests/lib/tap.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * runner/gate against the double of Gate (tests/gate): one trigger for each
 * thing that can go wrong with it, and what the double then counts. The rule
 * that must hold: where an execution began, the trigger is never said to be
 * one that may be sent again, or that left nothing behind.
 */

static pid_t double_pid;
static char url[128];

static void start_double(const char *self)
{
	char program[2 * PATH_MAX], line[256];
	const char *end = strstr(self, "tests/unit/");
	int ends[2];
	if (!end || pipe(ends)) {
		printf("Bail out! where is this test?\n");
		exit(1);
	}
	snprintf(program, sizeof program, "%.*stests/gate/gate",
	         (int)(end - self), self);
	fflush(stdout);
	double_pid = fork();
	if (!double_pid) {
		dup2(ends[1], STDOUT_FILENO);
		execl(program, "gate", "--die-with-parent", "--port", "0",
		      (char *)NULL);
		_exit(1);
	}
	close(ends[1]);
	FILE *out = fdopen(ends[0], "r");
	while (!url[0] && out && fgets(line, sizeof line, out))
		sscanf(line, "listening on %127s", url);
	if (!url[0]) {
		printf("Bail out! %s does not start\n", program);
		exit(1);
	}
	fclose(out);
}

/* To the double itself. */
static json_t *tell(struct http *h, struct arena *a, enum http_method method,
                    const char *target, const char *body)
{
	struct fail why = {0};
	json_t *json = NULL;
	struct http_call *c = ARENA_NEW(a, struct http_call);
	c->method = method;
	c->target = str_of(target);
	c->body = str_of(body);
	c->arena = a;
	http_all(h, &c, 1, 1);
	if (c->answer.status / 100 != 2) {
		printf("Bail out! %s: %d %.*s\n", target, c->answer.status,
		       STR_ARG(c->answer.body));
		exit(1);
	}
	if (c->answer.body.n && !json_read(&json, a, c->answer.body, &why))
		return NULL;
	return json;
}

static const struct {
	const char *fault, *pipeline;
	enum gate_class want;
	int executions;
} cases[] = {
        {"", "deploy", GATE_OK, 1},
        {"", "p-deploy", GATE_OK, 1},
        {"", "missing", GATE_REFUSED, 0},
        {"", "off", GATE_REFUSED_WITH_RECORD, 0},
        {"", "strict", GATE_REFUSED, 0},
        {"'close'", "deploy", GATE_UNKNOWN, 0},
        {"'close','executed':true", "deploy", GATE_UNKNOWN, 1},
        {"'reset'", "deploy", GATE_UNKNOWN, 0},
        {"'reset','executed':true", "deploy", GATE_UNKNOWN, 1},
        {"'reset_mid'", "deploy", GATE_UNKNOWN, 1},
        {"'truncate'", "deploy", GATE_UNKNOWN, 1},
        {"'endless'", "deploy", GATE_UNKNOWN, 1},
        {"'length_long'", "deploy", GATE_UNKNOWN, 1},
        {"'length_short'", "deploy", GATE_UNKNOWN, 1},
        {"'stale'", "deploy", GATE_OK, 1},
        {"'delay','ms':900", "deploy", GATE_UNKNOWN, 1},
        {"'gzip'", "deploy", GATE_OK, 1},
        {"'cut_json'", "deploy", GATE_UNKNOWN, 1},
        {"'status','status':500,'message':'Connection reset'", "deploy",
         GATE_UNKNOWN, 0},
        {"'status','status':500,'message':'Connection reset',"
         "'executed':true",
         "deploy", GATE_UNKNOWN, 1},
        {"'bad_gateway'", "deploy", GATE_UNKNOWN, 0},
        {"'bad_gateway','executed':true", "deploy", GATE_UNKNOWN, 1},
        {"'gateway_timeout','executed':true", "deploy", GATE_UNKNOWN, 1},
        {"'shed'", "deploy", GATE_RATE_LIMITED, 0},
        {"'rate_limited'", "deploy", GATE_RATE_LIMITED, 0},
        {"'unauthorized'", "deploy", GATE_AUTH, 0},
        {"'login_redirect'", "deploy", GATE_AUTH, 0},
        {"'login_page'", "deploy", GATE_AUTH, 0},
        {"'forbidden'", "deploy", GATE_REFUSED, 0},
        {"'bad_request'", "deploy", GATE_REFUSED_WITH_RECORD, 0},
        {"'orca_400','message':'no'", "deploy", GATE_REFUSED_WITH_RECORD, 0},
        {"'empty'", "deploy", GATE_UNKNOWN, 1},
        {"'no_ref'", "deploy", GATE_UNKNOWN, 1},
        {"'event_only'", "deploy", GATE_UNKNOWN, 1},
        {"'foreign_ref','ref':'01HZX0000000000000000000AA'", "deploy", GATE_OK,
         1},
        {"'duplicate'", "deploy", GATE_OK, 2},
        {"'lag','ms':60000", "deploy", GATE_OK, 1},
};

static const char *quoted(struct arena *a, const char *text)
{
	char *copy = arena_alloc(a, strlen(text) + 1);
	for (size_t i = 0; text[i]; i++)
		copy[i] = text[i] == '\'' ? '"' : text[i];
	return copy;
}

static void test_case(const struct gate *g, struct arena *a, size_t i)
{
	struct http *h = g->http;
	struct str token = str_format(a, "dxcp-%zu", i);
	struct gate_trigger t = {.application = STR("demo"),
	                         .pipeline = str_of(cases[i].pipeline),
	                         .token = token};
	const char *what =
	        cases[i].fault[0] ? cases[i].fault : cases[i].pipeline;
	if (cases[i].fault[0])
		tell(h, a, HTTP_POST, "/_double/faults",
		     str_cstr(a, str_format(a,
		                            "{\"fault\":%s,\"match\":"
		                            "{\"method\":\"POST\",\"path\":"
		                            "\"/pipelines/**\"}}",
		                            quoted(a, cases[i].fault))));
	struct http_call *call = gate_trigger_call(g, a, &t);
	call->timeout_ms = 400;
	struct gate_answer answer = gate_ask(g, a, call);
	if (!is_str(str_of(gate_class_names[answer.class]),
	            gate_class_names[cases[i].want], "%s", what))
		tap_note("%" STR_FMT, STR_ARG(answer.text));
	ok((answer.class == GATE_OK) == !answer.text.n,
	   "%s: says what is wrong", what);
	const json_t *oracle = tell(
	        h, a, HTTP_GET,
	        str_cstr(a, str_format(a, "/_double/oracle?token=%" STR_FMT,
	                               STR_ARG(token))),
	        "");
	const json_t *entry = json_object_get(json_object_get(oracle, "tokens"),
	                                      str_cstr(a, token));
	int64_t began = json_get_int(entry, "executions");
	is_int(began, cases[i].executions, "%s: executions", what);
	ok(!began || answer.class == GATE_OK || answer.class == GATE_UNKNOWN ||
	           answer.class == GATE_REFUSED_WITH_RECORD,
	   "%s: nothing that began is forgotten", what);
}

int main(int argc, char **argv)
{
	struct arena *a = arena_new();
	static const struct source nothing;
	struct gate g;
	struct fail why = {0};
	(void)argc;
	start_double(argv[0]);
	scratch_start();
	unsetenv("http_proxy");
	unsetenv("all_proxy");
	unsetenv("ALL_PROXY");
	struct engine e = {.id = STR("gate"),
	                   .url = {str_of(url), {.src = &nothing}}};
	if (!gate_open(&g, a, &e, ".", &why)) {
		printf("Bail out! %s\n", why.text);
		return 1;
	}
	tell(g.http, a, HTTP_POST, "/_double/scenario",
	     "{\"applications\":[{\"name\":\"demo\"}],\"pipelines\":["
	     "{\"application\":\"demo\",\"name\":\"deploy\",\"id\":"
	     "\"p-deploy\",\"script\":{}},"
	     "{\"application\":\"demo\",\"name\":\"off\",\"disabled\":true},"
	     "{\"application\":\"demo\",\"name\":\"strict\","
	     "\"parameterConfig\":[{\"name\":\"x\",\"required\":true}]}]}");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		test_case(&g, a, i);
	kill(double_pid, SIGTERM);
	waitpid(double_pid, NULL, 0);
	scratch_end();
	arena_free(a);
	return tap_done();
}
