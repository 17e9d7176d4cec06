/* The Spinnaker engine: what it settles, sends and makes of what Gate says, of
 * a Gate whose answers stand in tables, hostile and torn ones among them. */
#include "core/files.h"
#include "runner/spinnaker.h"
#include "tests/lib/feed.h"
#include "tests/lib/found.h"
#include "tests/lib/loopback.h"
#include "tests/lib/scratch.h"
#include "tests/lib/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define APP "application/json"
#define TOKEN "dxcp-0123456789abcdef"
#define PIPELINE(more) \
	"{\"id\":\"7\",\"name\":\"deploy\",\"application\":\"shop\"" more "}"
#define PARAMETERS(list) ",\"parameterConfig\":[" list "]"
#define VERSION "{\"name\":\"version\",\"required\":true}"
#define REPLICAS "{\"name\":\"replicas\"}"

enum { POSTS = 1, NOW_SENT = 2, MOST_SENT = 3 }; /* counters */

/* --- pipelines, and what preflight says ---------------------------------- */

static const struct {
	const char *name, *status, *type, *body;
	enum engine_answer want;
	const char *says; /* of READY: the queue */
} pipelines[] = {
        {"fits", "200 OK", APP, PIPELINE(PARAMETERS(VERSION "," REPLICAS)),
         ENGINE_READY, ""},
        {"declares-none", "200 OK", APP, PIPELINE(""), ENGINE_READY, ""},
        {"waits", "200 OK", APP,
         PIPELINE(",\"limitConcurrent\":true,\"keepWaitingPipelines\":true"),
         ENGINE_READY, ""},
        {"cancels-waiting", "200 OK", APP,
         PIPELINE(",\"limitConcurrent\":true"), ENGINE_READY, "7"},
        {"cancels-over-three", "200 OK", APP,
         PIPELINE(",\"maxConcurrentExecutions\":\"3\""), ENGINE_READY, "7"},
        {"disabled", "200 OK", APP, PIPELINE(",\"disabled\":true"),
         ENGINE_BAD_CONFIG, "is disabled"},
        {"elsewhere", "200 OK", APP,
         "{\"id\":\"7\",\"name\":\"deploy\",\"application\":\"bank\"}",
         ENGINE_BAD_CONFIG, "one of the application bank"},
        {"undeclared", "200 OK", APP, PIPELINE(PARAMETERS(VERSION)),
         ENGINE_BAD_CONFIG, "has no parameter replicas"},
        {"wants-more", "200 OK", APP,
         PIPELINE(PARAMETERS(VERSION
                             "," REPLICAS
                             ",{\"name\":\"region\",\"required\":true}")),
         ENGINE_BAD_CONFIG, "wants the parameter region"},
        {"has-default", "200 OK", APP,
         PIPELINE(PARAMETERS(VERSION "," REPLICAS
                                     ",{\"name\":\"region\",\"required\":true,"
                                     "\"default\":\"\"}")),
         ENGINE_READY, ""},
        {"null-default", "200 OK", APP,
         PIPELINE(PARAMETERS(VERSION "," REPLICAS
                                     ",{\"name\":\"region\",\"required\":true,"
                                     "\"default\":null}")),
         ENGINE_BAD_CONFIG, "wants the parameter region"},
        {"option", "200 OK", APP,
         PIPELINE(PARAMETERS(VERSION
                             ",{\"name\":\"replicas\",\"hasOptions\":true,"
                             "\"options\":[{\"value\":\"1\"},2]}")),
         ENGINE_READY, ""},
        {"no-option", "200 OK", APP,
         PIPELINE(PARAMETERS(VERSION
                             ",{\"name\":\"replicas\",\"hasOptions\":true,"
                             "\"options\":[{\"value\":\"1\"},{\"value\":\"22\"}"
                             "]}")),
         ENGINE_BAD_CONFIG, "does not take \"2\", but 1, 22"},
        {"empty-options", "200 OK", APP,
         PIPELINE(PARAMETERS(VERSION
                             ",{\"name\":\"replicas\",\"hasOptions\":true}")),
         ENGINE_BAD_CONFIG, "does not take \"2\""},
        {"odd-parameters", "200 OK", APP,
         PIPELINE(",\"parameterConfig\":{\"name\":7}"), ENGINE_READY, ""},
        {"odd-parameter", "200 OK", APP,
         PIPELINE(PARAMETERS("7,null," VERSION "," REPLICAS)), ENGINE_READY,
         ""},
        {"no-id", "200 OK", APP,
         "{\"name\":\"deploy\",\"application\":\"shop\"}", ENGINE_IS_DOWN,
         "is no pipeline"},
        {"list", "200 OK", APP, "[" PIPELINE("") "]", ENGINE_IS_DOWN,
         "is no pipeline"},
        {"torn", "200 OK", APP, "{\"id\":\"7\",\"appl", ENGINE_IS_DOWN,
         "cannot be read"},
        {"none", "404 No", APP, "{\"status\":404,\"message\":\"none\"}",
         ENGINE_BAD_CONFIG, "has no pipeline none"},
        {"sign-in", "200 OK", "text/html", "<html>", ENGINE_NO_ACCESS, ""},
        {"forbidden", "403 No", APP, "{\"status\":403,\"message\":\"no\"}",
         ENGINE_NO_ACCESS, ""},
};

/* --- orders, and what is made of the answer ------------------------------ */

#define REF(id) "{\"ref\":\"/pipelines/" id "\"}"
#define BEHIND(status, message)                                           \
	"{\"status\":" status ",\"message\":\"Status: " status            \
	", Method: POST, URL: http://orca/orchestrate, Message: " message \
	"\"}"

static const struct {
	const char *name, *status, *type, *body;
	enum engine_answer want;
	const char *execution, *says;
} orders[] = {
        {"accepted", "202 Accepted", APP, REF("01HZX"), ENGINE_READY, "01HZX",
         ""},
        {"accepted-silently", "202 Accepted", APP, "", ENGINE_UNCERTAIN, "",
         "looked for by the token " TOKEN},
        {"accepted-task", "202 Accepted", APP, "{\"ref\":\"/tasks/01HZX\"}",
         ENGINE_UNCERTAIN, "", ""},
        {"accepted-torn", "202 Accepted", APP, "{\"ref\":\"/pipe",
         ENGINE_UNCERTAIN, "", ""},
        {"accepted-path", "202 Accepted", APP, REF("../../etc"),
         ENGINE_UNCERTAIN, "", ""},
        {"accepted-list", "202 Accepted", APP, "[" REF("01HZX") "]",
         ENGINE_UNCERTAIN, "", ""},
        {"not-found", "404 No", APP,
         "{\"status\":404,\"message\":\"Unable to trigger pipeline "
         "(application: shop, pipelineNameOrId: x). Error: Pipeline "
         "configuration not found (nameOrId: x in application shop)\"}",
         ENGINE_BAD_CONFIG, "", ""},
        {"parameter", "400 No", APP,
         "{\"status\":400,\"message\":\"Required parameter version is "
         "missing\"}",
         ENGINE_REFUSED, "", ""},
        {"recorded", "400 No", APP, BEHIND("400", "Pipeline is disabled"),
         ENGINE_READY, "01REC", ""},
        {"unauthorized", "401 No", APP, "", ENGINE_NO_ACCESS, "", ""},
        {"signs-in", "302 Found", "text/html", "", ENGINE_NO_ACCESS, "", ""},
        {"limited", "429 Slow", APP, "{\"message\":\"Rate capacity exceeded\"}",
         ENGINE_IS_DOWN, "", ""},
        {"fails", "500 No", APP, "{\"status\":500,\"message\":\"timeout\"}",
         ENGINE_UNCERTAIN, "", ""},
        {"proxy", "502 No", "text/html", "<html>", ENGINE_UNCERTAIN, "", ""},
        {"closes", NULL, NULL, NULL, ENGINE_UNCERTAIN, "", ""},
};

/* --- executions ---------------------------------------------------------- */

#define TRIGGER(token) "\"trigger\":{\"correlationId\":\"" token "\"}"
#define EXECUTION(id, status, token)                                       \
	"{\"id\":\"" id "\",\"application\":\"shop\",\"status\":\"" status \
	"\",\"buildTime\":1772445600000," TRIGGER(token) "}"

/* By the id that is asked for. */
static const struct {
	const char *id, *body;
	enum engine_answer want;
	enum deployment_state state; /* of READY */
	const char *execution, *says;
} executions[] = {
        {"RUNS", "[" EXECUTION("RUNS", "RUNNING", TOKEN) "]", ENGINE_READY,
         STATE_IN_PROGRESS, "RUNS", ""},
        {"WAITS", "[" EXECUTION("WAITS", "NOT_STARTED", TOKEN) "]",
         ENGINE_READY, STATE_IN_PROGRESS, "WAITS", ""},
        {"ODD", "[" EXECUTION("ODD", "EXPLODED", TOKEN) "]", ENGINE_READY,
         STATE_IN_PROGRESS, "ODD", "EXPLODED, which is not known"},
        {"ENDED", "[" EXECUTION("ENDED", "SUCCEEDED", TOKEN) "]", ENGINE_READY,
         STATE_SUCCEEDED, "ENDED", ""},
        {"FAILED", "[" EXECUTION("FAILED", "TERMINAL", TOKEN) "]", ENGINE_READY,
         STATE_FAILED, "FAILED", ""},
        {"STOPPED", "[" EXECUTION("STOPPED", "CANCELED", TOKEN) "]",
         ENGINE_READY, STATE_CANCELED, "STOPPED", ""},
        {"AMONG",
         "[{},{\"id\":7},"
         "" EXECUTION("OTHER", "SUCCEEDED", "dxcp-other") "," EXECUTION(
                 "AMONG", "RUNNING", TOKEN) "]",
         ENGINE_READY, STATE_IN_PROGRESS, "AMONG", ""},
        /* Of somebody else: ours is found by its token. */
        {"THEIRS", "[" EXECUTION("THEIRS", "SUCCEEDED", "dxcp-other") "]",
         ENGINE_READY, STATE_IN_PROGRESS, "FOUND", "is not of this token"},
        {"LONGER", "[" EXECUTION("LONGER", "SUCCEEDED", TOKEN "0") "]",
         ENGINE_READY, STATE_IN_PROGRESS, "FOUND", "is not of this token"},
        {"GONE", "[]", ENGINE_READY, STATE_IN_PROGRESS, "FOUND",
         "which it does not show"},
        {"FOUND", "[" EXECUTION("FOUND", "RUNNING", TOKEN) "]", ENGINE_READY,
         STATE_IN_PROGRESS, "FOUND", ""},
        {"NOSTATUS", "[{\"id\":\"NOSTATUS\"," TRIGGER(TOKEN) "}]", ENGINE_READY,
         STATE_IN_PROGRESS, "FOUND", "which it does not show"},
        {"TORN", "[{\"id\":\"TORN\",\"status\":\"SUCC", ENGINE_IS_DOWN, 0, "",
         ""},
        {"MIXED", "[7," EXECUTION("MIXED", "RUNNING", TOKEN) "]",
         ENGINE_IS_DOWN, 0, "", ""},
        {"TEXT", "\"TORN\"", ENGINE_IS_DOWN, 0, "", ""},
        {"EMPTY", "", ENGINE_IS_DOWN, 0, "", ""},
};

/* By the token that is searched for, of orders without an execution. */
#define HIT(id, time, token) \
	"{\"id\":\"" id "\",\"buildTime\":" time "," TRIGGER(token) "}"
static const struct {
	const char *token, *body;
	enum engine_answer want;
	const char *execution;
	size_t duplicates;
} searches[] = {
        {TOKEN, "[" HIT("FOUND", "5", TOKEN) "]", ENGINE_READY, "FOUND", 0},
        {"dxcp-none", "[]", ENGINE_NOT_FOUND, "", 0},
        {"dxcp-like", "[" HIT("RUNS", "5", "dxcp-likely") "]", ENGINE_NOT_FOUND,
         "", 0},
        {"dxcp-odd",
         "[7,null,[],{\"id\":\"X\"},{\"trigger\":7,\"id\":\"Y\"},"
         "{\"id\":7," TRIGGER("dxcp-odd") "}]",
         ENGINE_NOT_FOUND, "", 0},
        {"dxcp-twice",
         "[" HIT("YOUNG", "9", "dxcp-twice") "," HIT("ELDER", "5",
                                                     "dxcp-twice") "]",
         ENGINE_READY, "ELDER", 1},
        {"dxcp-object", "{\"executions\":[]}", ENGINE_IS_DOWN, "", 0},
        {"dxcp-torn", "[" HIT("FOUND", "5", "dxcp-torn") ",", ENGINE_IS_DOWN,
         "", 0},
        {"dxcp-empty", "", ENGINE_IS_DOWN, "", 0},
        {"dxcp-null", "null", ENGINE_IS_DOWN, "", 0},
};

/* --- the Gate ------------------------------------------------------------ */

static struct loopback server;

static bool is_after(struct str target, const char *before, const char *name)
{
	struct str rest = str_from(target, strlen(before));
	size_t n = strlen(name);
	return str_starts(target, str_of(before)) &&
	       str_starts(rest, str_of(name)) &&
	       (rest.n == n || str_has(STR("&?"), rest.s[n]));
}

static void give(int fd, const char *body)
{
	loopback_answer(fd, "200 OK", APP, "", str_of(body));
}

static void serve_order(int fd, struct str target, int *counters)
{
	int at_once = loopback_count(&counters[NOW_SENT]);
	loopback_count(&counters[POSTS]);
	if (at_once > counters[MOST_SENT])
		counters[MOST_SENT] = at_once;
	for (size_t i = 0; i < COUNT(orders); i++) {
		if (!is_after(target, "/pipelines/shop/", orders[i].name))
			continue;
		__atomic_sub_fetch(&counters[NOW_SENT], 1, __ATOMIC_SEQ_CST);
		if (orders[i].status)
			loopback_answer(fd, orders[i].status, orders[i].type,
			                "", str_of(orders[i].body));
		return;
	}
	loopback_pause(1);
	__atomic_sub_fetch(&counters[NOW_SENT], 1, __ATOMIC_SEQ_CST);
	loopback_answer(fd, "202 Accepted", APP, "", STR(REF("01MANY")));
}

static void serve_read(int fd, struct str target)
{
	static const char config[] = "/applications/shop/pipelineConfigs/";
	static const char search[] =
	        "/applications/shop/executions/search?eventId=";
	for (size_t i = 0; i < COUNT(pipelines); i++)
		if (is_after(target, config, pipelines[i].name)) {
			loopback_answer(fd, pipelines[i].status,
			                pipelines[i].type, "",
			                str_of(pipelines[i].body));
			return;
		}
	for (size_t i = 0; i < COUNT(executions); i++)
		if (is_after(target,
		             "/executions?executionIds=", executions[i].id)) {
			give(fd, executions[i].body);
			return;
		}
	for (size_t i = 0; i < COUNT(searches); i++)
		if (is_after(target, search, searches[i].token)) {
			give(fd, searches[i].body);
			return;
		}
	if (is_after(target, search, "dxcp-recorded"))
		give(fd, "[" HIT("01REC", "5", "dxcp-recorded") "]");
	else if (is_after(target, "/executions?executionIds=", "ELDER"))
		give(fd, "[" EXECUTION("ELDER", "RUNNING", "dxcp-twice") "]");
	else
		give(fd, "[]");
}

static void serve(int fd, int *counters)
{
	static struct loopback_request r;
	while (loopback_read(fd, &r)) {
		if (str_is(r.method, "POST")) {
			serve_order(fd, r.target, counters);
			return;
		}
		serve_read(fd, r.target);
	}
}

/* --- one order ----------------------------------------------------------- */

struct bench {
	struct world world;
	struct policy *policy;
	struct recipe recipe;
	struct deployment deployment;
	struct engine_session *session;
	struct engine_call call;
};

static struct policy *policy_of(struct arena *a, const char *engine)
{
	struct str text = str_format(
	        a,
	        "kind: platform\nname: Shop\n"
	        "engines: {gate: {type: spinnaker, url: "
	        "'http://127.0.0.1:%d'%s}}\n---\n"
	        "kind: recipe\nid: rolling\nname: Rolling\nrevision: 1\n"
	        "summary: One after the other.\nengine: gate\n"
	        "application: shop\npipelines: {deploy: fits}\n"
	        "parameters: {version: \"{{version}}\", replicas: \"2\"}\n",
	        server.port, engine);
	struct source *file = source_new(a, STR("policy/all.yaml"), text);
	struct diags ds = diags_new(a);
	struct policy *p = policy_read(a, &file, 1, &ds);
	is_str(found(a, &ds), "", "the policy is sound");
	return p;
}

static struct bench *bench_of(struct arena *a, const char *pipeline,
                              const char *token)
{
	struct bench *b = ARENA_NEW(a, struct bench);
	b->world = (struct world){
	        .arena = a, .clock_given = true, .clock = 1772445600};
	b->policy = policy_of(a, "");
	b->recipe = *policy_recipe(b->policy, STR("rolling"));
	b->recipe.pipelines.deploy.s = str_of(pipeline);
	b->deployment = (struct deployment){
	        .number = 7,
	        .token = str_of(token),
	        .service = STR("checkout"),
	        .environment = STR("prod"),
	        .version = STR("1.4.2"),
	        .actor_email = STR("bo@example.com"),
	};
	b->session = engine_session(&b->world, b->policy,
	                            policy_engine(b->policy, STR("gate")));
	b->call = (struct engine_call){
	        .arena = a,
	        .order = {.recipe = &b->recipe, .deployment = &b->deployment},
	};
	return b;
}

static void preflights(void)
{
	for (size_t i = 0; i < COUNT(pipelines); i++) {
		struct arena *a = arena_new();
		struct bench *b = bench_of(a, pipelines[i].name, TOKEN);
		struct engine_call *call = &b->call;
		engine_spinnaker.preflight(b->session, call);
		is_int(call->answer, pipelines[i].want, "preflight: %s",
		       pipelines[i].name);
		if (pipelines[i].want == ENGINE_READY)
			is_str(call->order.queue, pipelines[i].says,
			       "... its queue");
		else if (!str_contains(call->text, str_of(pipelines[i].says)))
			is_str(call->text, pipelines[i].says, "... says so");
		ok((call->order.target.n > 0) ==
		           (pipelines[i].want == ENGINE_READY),
		   "... a target where it may be sent");
		arena_free(a);
	}
}

static void sent(void)
{
	for (size_t i = 0; i < COUNT(orders); i++) {
		struct arena *a = arena_new();
		bool recorded = strcmp(orders[i].name, "recorded") == 0;
		struct bench *b = bench_of(a, orders[i].name,
		                           recorded ? "dxcp-recorded" : TOKEN);
		int before = server.counters[POSTS];
		is_int(feed_one(b->session, &b->call), orders[i].want,
		       "order: %s", orders[i].name);
		if (orders[i].want == ENGINE_READY)
			is_str(b->call.status.execution_id, orders[i].execution,
			       "... its execution");
		ok(str_contains(b->call.text, str_of(orders[i].says)),
		   "... says so");
		is_int(server.counters[POSTS] - before, 1, "... sent once");
		arena_free(a);
	}
}

/* --- the target ---------------------------------------------------------- */

static void targets(struct arena *a)
{
	static const struct {
		const char *text;
		bool fine;
		const char *application, *pipeline, *url;
		int64_t since;
	} cases[] = {
	        {"", true, "shop", "fits", "", 0},
	        {"{\"application\":\"a\",\"parameters\":\"00\",\"pipeline\":"
	         "\"p \\\"q\\\"\",\"pipelineConfigId\":\"7\",\"since\":17,"
	         "\"url\":\"http://gate\"}",
	         true, "a", "p \"q\"", "http://gate", 17},
	        {" {\"url\": \"u\", \"pipeline\": \"p\", \"application\": "
	         "\"a\"} ",
	         true, "a", "p", "u", 0},
	        {"{\"application\":\"a\",\"pipeline\":\"p\"", false, "", "", "",
	         0},
	        {"{\"application\":7,\"pipeline\":\"p\"}", false, "", "", "",
	         0},
	        {"{\"application\":\"a\"}", false, "", "", "", 0},
	        {"[\"a\",\"p\"]", false, "", "", "", 0},
	        {"null", false, "", "", "", 0},
	        {"a/p", false, "", "", "", 0},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bench *b = bench_of(a, "fits", TOKEN);
		struct spinnaker_target t = {0};
		b->call.order.target = str_of(cases[i].text);
		bool fine = spinnaker_target_read(&t, a, &b->call.order);
		ok(fine == cases[i].fine, "target %zu: %s", i, cases[i].text);
		if (!fine)
			continue;
		is_str(t.application, cases[i].application, "... application");
		is_str(t.pipeline, cases[i].pipeline, "... pipeline");
		is_str(t.url, cases[i].url, "... Gate");
		is_int(t.since, cases[i].since, "... since");
	}
	struct bench *b = bench_of(a, "fits", TOKEN);
	struct spinnaker_target t;
	b->call.order.recipe = NULL;
	ok(!spinnaker_target_read(&t, a, &b->call.order),
	   "without recipe and target there is none");
}

/* Nothing is sent that was not announced so. */
static void announced_once(struct arena *a)
{
	struct bench *b = bench_of(a, "fits", TOKEN);
	int before = server.counters[POSTS];
	engine_spinnaker.preflight(b->session, &b->call);
	b->deployment.version = STR("1.4.3");
	is_int(feed_one(b->session, &b->call), ENGINE_BAD_CONFIG,
	       "an order that would get other parameters than announced");
	b->call.order.target = STR("{\"application\":\"shop\"");
	is_int(feed_one(b->session, &b->call), ENGINE_BAD_CONFIG,
	       "an order of which it cannot be read where it goes");
	b->call.order.target =
	        STR("{\"application\":\"shop\",\"pipeline\":\"a/b\"}");
	is_int(feed_one(b->session, &b->call), ENGINE_BAD_CONFIG,
	       "a name that Gate cannot take");
	is_int(server.counters[POSTS] - before, 0, "none of them is sent");
}

/* --- polls --------------------------------------------------------------- */

static void polls(void)
{
	for (size_t i = 0; i < COUNT(executions); i++) {
		struct arena *a = arena_new();
		struct bench *b = bench_of(a, "fits", TOKEN);
		struct engine_call *call = &b->call;
		struct engine_status *s = &call->status;
		struct str said = STR("");
		b->deployment.execution_id = str_of(executions[i].id);
		engine_spinnaker.poll(b->session, &call, 1);
		is_int(call->answer, executions[i].want, "execution: %s",
		       executions[i].id);
		if (s->warnings.n)
			said = s->warnings.at[0];
		if (call->answer == ENGINE_READY) {
			is_int(s->state, executions[i].state, "... its state");
			is_str(s->execution_id, executions[i].execution,
			       "... its id");
			ok(executions[i].says[0]
			           ? str_contains(said,
			                          str_of(executions[i].says))
			           : !said.n,
			   "... a warning: %.*s", STR_ARG(said));
			ok((s->failures.n > 0) == (s->state == STATE_FAILED),
			   "... why, where it failed");
		}
		arena_free(a);
	}
}

static void found_by_token(void)
{
	for (size_t i = 0; i < COUNT(searches); i++) {
		struct arena *a = arena_new();
		struct bench *b = bench_of(a, "fits", searches[i].token);
		struct engine_call *call = &b->call;
		engine_spinnaker.preflight(b->session, call);
		engine_spinnaker.poll(b->session, &call, 1);
		is_int(call->answer, searches[i].want, "token: %s",
		       searches[i].token);
		if (call->answer == ENGINE_READY) {
			is_str(call->status.execution_id, searches[i].execution,
			       "... its execution");
			is_int((int64_t)call->status.duplicates.n,
			       (int64_t)searches[i].duplicates,
			       "... others of it");
		}
		arena_free(a);
	}
	struct arena *a = arena_new();
	struct bench *b = bench_of(a, "fits", "dxcp-none");
	struct engine_call *call = &b->call;
	call->order.target = STR("{\"application\":\"shop\",\"pipeline\":"
	                         "\"fits\",\"url\":\"http://other\"}");
	engine_spinnaker.poll(b->session, &call, 1);
	is_int(call->answer, ENGINE_UNCERTAIN,
	       "that there is none says nothing about another Gate");
	arena_free(a);
}

/* --- many ---------------------------------------------------------------- */

enum { MANY = 150 };

struct many {
	struct engine_call calls[MANY];
	bool is_announced[MANY], is_answered[MANY];
	size_t announced, answered, most_open, most_at_once;
	bool sound;
};

static bool turn(void *context, struct engine_call **answered, size_t nanswered,
                 struct engine_call **next, size_t room, size_t *nnext,
                 struct fail *why)
{
	struct many *m = context;
	(void)why;
	*nnext = 0;
	for (size_t i = 0; i < nanswered; i++) {
		ptrdiff_t at = answered[i] - m->calls;
		m->sound &= at >= 0 && at < MANY && m->is_announced[at] &&
		            !m->is_answered[at];
		m->is_answered[at] = true;
		m->answered++;
	}
	while (*nnext < room && m->announced < MANY) {
		m->is_announced[m->announced] = true;
		next[(*nnext)++] = &m->calls[m->announced++];
	}
	size_t open = m->announced - m->answered;
	if (open > m->most_open)
		m->most_open = open;
	if (*nnext > m->most_at_once)
		m->most_at_once = *nnext;
	return true;
}

static void in_flight(const char *engine, int limit, size_t most_open)
{
	struct arena *a = arena_new();
	struct bench *b = bench_of(a, "many", TOKEN);
	struct many *m = ARENA_NEW(a, struct many);
	struct engine_feed feed = {.context = m, .turn = turn};
	struct fail why = {0};
	b->policy = policy_of(a, engine);
	b->world.sessions = NULL;
	b->session = engine_session(&b->world, b->policy,
	                            policy_engine(b->policy, STR("gate")));
	m->sound = true;
	for (size_t i = 0; i < MANY; i++) {
		m->calls[i] = b->call;
		m->calls[i].arena = a;
	}
	server.counters[MOST_SENT] = 0;
	int before = server.counters[POSTS];
	ok(engine_spinnaker.start(b->session, &feed, &why), "%d in flight",
	   limit);
	ok(m->sound && m->answered == MANY, "... each is answered once");
	is_int(server.counters[POSTS] - before, MANY, "... and sent once");
	ok(server.counters[MOST_SENT] <= limit, "... at most %d at a time: %d",
	   limit, server.counters[MOST_SENT]);
	ok(m->most_open <= most_open, "... at most %zu announced: %zu",
	   most_open, m->most_open);
	for (size_t i = 0; i < MANY; i++)
		if (m->calls[i].answer != ENGINE_READY)
			ok(false, "order %zu: %d", i, (int)m->calls[i].answer);
	arena_free(a);
}

int main(void)
{
	struct arena *a = arena_new();
	scratch_start();
	unsetenv("http_proxy");
	unsetenv("all_proxy");
	loopback_start(&server, serve);
	targets(a);
	announced_once(a);
	preflights();
	sent();
	polls();
	found_by_token();
	in_flight(", in_flight: 1", 1, 17);
	in_flight(", in_flight: 20", 20, 40);
	in_flight("", ENGINE_IN_FLIGHT, ENGINE_ANNOUNCED);
	loopback_stop(&server);
	scratch_end();
	arena_free(a);
	return tap_done();
}
