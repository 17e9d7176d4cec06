#include "core/files.h"
#include "core/json.h"
#include "runner/engine.h"
#include "tests/lib/feed.h"
#include "tests/lib/tap.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { NAP_MS = 5, NAPS = 4000 }; /* 20 s: a limit, never a wait */

static char folder[] = "/tmp/test_command.XXXXXX";
static const struct source somewhere;

static struct text text(struct str s)
{
	return (struct text){s, {.src = &somewhere}};
}

/* The order of a deployment of its own, its program the shell script. */
struct bench {
	struct world world;
	struct text words[2];
	struct engine engine;
	struct deployment deployment;
	struct build build;
	struct request_param params[3];
	struct engine_session session;
	struct engine_call call;
};

static struct str script(struct arena *a, const char *name, const char *lines)
{
	struct fail why = {0};
	struct str path = str_format(a, "%s/%s.sh", folder, name);
	struct str bytes = str_format(a, "#!/bin/sh\n%s\n", lines);
	if (!file_write(path.s, bytes, &why) || chmod(path.s, 0755))
		ok(false, "%s is written: %s", path.s, why.text);
	return path;
}

static struct bench *bench_of(struct arena *a, const char *name,
                              const char *lines)
{
	struct bench *b = ARENA_NEW(a, struct bench);
	b->world.ledger_path = str_format(a, "%s/ledger.db", folder).s;
	b->words[0] = text(script(a, name, lines));
	b->words[1] = text(str_of(folder));
	b->engine.id = STR("shell");
	b->engine.command = (struct texts){.at = b->words, .n = 2};
	b->deployment = (struct deployment){
	        .number = 7,
	        .token = str_format(a, "dxcp-%s", name),
	        .service = STR("checkout"),
	        .environment = STR("prod"),
	        .version = STR("1.4.2"),
	        .summary = STR("Fix \"rounding\""),
	        .kind = KIND_PROMOTE,
	        .state = STATE_DISPATCHING,
	        .dispatched_at = (int64_t)time(NULL),
	        .timeout_s = 60,
	};
	b->session = (struct engine_session){.world = &b->world,
	                                     .engine = &b->engine,
	                                     .ops = &engine_command,
	                                     .arena = a};
	b->call.arena = a;
	b->call.order.deployment = &b->deployment;
	return b;
}

static enum engine_answer start(struct bench *b, struct arena *a)
{
	(void)a;
	enum engine_answer answer = feed_one(&b->session, &b->call);
	if (answer == ENGINE_READY && b->call.status.state != STATE_IN_PROGRESS)
		ok(false, "what was started runs");
	return answer;
}

static enum engine_answer poll(struct bench *b, struct arena *a,
                               struct engine_status *s)
{
	struct engine_call *call = &b->call;
	(void)a;
	engine_command.poll(&b->session, &call, 1);
	*s = call->status;
	return call->answer;
}

static struct engine_status wait_for(struct bench *b, struct arena *a)
{
	struct timespec nap = {.tv_nsec = NAP_MS * 1000000L};
	struct engine_status s;
	enum engine_answer answer = poll(b, a, &s);
	for (int i = 0;
	     i < NAPS && answer == ENGINE_READY && s.state == STATE_IN_PROGRESS;
	     i++) {
		nanosleep(&nap, NULL);
		answer = poll(b, a, &s);
	}
	if (answer != ENGINE_READY)
		ok(false, "the poll is answered: %d", (int)answer);
	return s;
}

static struct engine_status run(struct arena *a, const char *name,
                                const char *lines)
{
	struct bench *b = bench_of(a, name, lines);
	is_int(start(b, a), ENGINE_READY, "%s starts", name);
	return wait_for(b, a);
}

static struct str content(struct arena *a, const char *name)
{
	struct str s = STR("(unreadable)");
	struct fail why = {0};
	file_read(&s, a, str_format(a, "%s/%s", folder, name).s, 1 << 20, &why);
	return s;
}

/* --- how it ends --------------------------------------------------------- */

static void successes(struct arena *a)
{
	struct bench *b =
	        bench_of(a, "good", "echo one; echo 'two: token=abc'; echo");
	struct engine_status s;
	b->call.order.target = STR("elsewhere");
	is_int(poll(b, a, &s), ENGINE_UNCERTAIN,
	       "an order of another machine may have run there");
	b->call.answer = ENGINE_READY;
	engine_command.claim(&b->session, &b->call);
	ok(b->call.answer == ENGINE_READY && b->call.order.target.n == 32,
	   "this one has a name");
	is_int(poll(b, a, &s), ENGINE_NOT_FOUND, "it was not started");
	is_int(start(b, a), ENGINE_READY, "it starts");
	s = wait_for(b, a);
	ok(s.state == STATE_SUCCEEDED && !s.failures.n, "exit 0 is a success");
	is_str(s.detail, "two: token=***", "its last line is the detail");
	is_str(s.execution_id, "command-good", "named after the token");
	ok(s.started_at >= b->deployment.dispatched_at &&
	           s.finished_at >= s.started_at &&
	           s.finished_at <= (int64_t)time(NULL),
	   "its times");
	s = run(a, "silent", "exit 0");
	ok(s.state == STATE_SUCCEEDED && !s.detail.n, "one that says nothing");
	b = bench_of(a, "ahead", "exit 0");
	b->deployment.dispatched_at += 1000;
	start(b, a);
	s = wait_for(b, a);
	is_int(s.finished_at, b->deployment.dispatched_at,
	       "no end before the dispatch, whatever the clocks say");
}

static void failures(struct arena *a)
{
	struct engine_status s =
	        run(a, "bad", "echo 'no disk' >&2; echo https://a:b@c; exit 3");
	ok(s.state == STATE_FAILED && s.failures.n == 1 &&
	           s.failures.at[0].category == FAILURE_APP &&
	           s.failures.at[0].observed_at == s.finished_at,
	   "another exit status is a failure");
	is_str(s.failures.at[0].summary, "the program exited with status 3",
	       "its summary");
	is_str(s.failures.at[0].detail, "no disk\nhttps://***@c",
	       "its last output, masked");
	s = run(a, "telling", "echo 'dial: connection refused'; exit 1");
	is_int(s.failures.at[0].category, FAILURE_INFRASTRUCTURE,
	       "what it wrote tells the category");
	s = run(a, "killed", "kill -9 $$");
	is_int(s.failures.at[0].category, FAILURE_UNKNOWN,
	       "killed by a signal");
	is_str(s.failures.at[0].summary, "the program was killed by signal 9",
	       "its summary");
	s = run(a, "long", "yes 'a line' | head -c 100000; exit 1");
	ok(s.failures.at[0].detail.n <= 4096 &&
	           s.failures.at[0].detail.n > 2000,
	   "a detail is at most 4 KiB: %zu", s.failures.at[0].detail.n);
	s = run(a, "nobinary", "exec /nowhere/at/all");
	is_str(s.failures.at[0].summary, "the program exited with status 127",
	       "a script that finds no program");

	struct bench *b = bench_of(a, "gone", "#");
	struct fail why = {0};
	file_write(b->words[0].s.s, STR("#!/nowhere/sh\n"), &why);
	chmod(b->words[0].s.s, 0755);
	start(b, a);
	s = wait_for(b, a);
	ok(s.state == STATE_FAILED &&
	           s.failures.at[0].category == FAILURE_CONFIG,
	   "one that cannot be run: %" STR_FMT,
	   STR_ARG(s.failures.at[0].summary));
}

/* Both at once: each takes its second. */
static void timeouts(struct arena *a)
{
	struct bench *engine = bench_of(a, "slow", "echo begun; exec sleep 60");
	struct bench *recipe = bench_of(a, "slower", "exec sleep 60");
	engine->engine.timeout = (struct moment){1, {.src = &somewhere}};
	recipe->engine.timeout = (struct moment){60, {.src = &somewhere}};
	recipe->deployment.timeout_s = 1;
	start(engine, a);
	start(recipe, a);
	struct engine_status s = wait_for(engine, a);
	ok(s.state == STATE_FAILED &&
	           s.failures.at[0].category == FAILURE_TIMEOUT,
	   "the engine's timeout: %" STR_FMT,
	   STR_ARG(s.failures.at[0].summary));
	is_str(s.failures.at[0].detail, "begun", "what it said until then");
	s = wait_for(recipe, a);
	is_int(s.failures.at[0].category, FAILURE_TIMEOUT,
	       "the recipe's, where it is less");
}

/* --- what it reads ------------------------------------------------------- */

static void order(struct arena *a)
{
	struct bench *b =
	        bench_of(a, "order",
	                 "cat >$1/order.json; echo $DXCP_TOKEN $DXCP_SERVICE "
	                 "$DXCP_ENVIRONMENT $DXCP_VERSION");
	b->params[0] = (struct request_param){.next = &b->params[1],
	                                      .name = STR("replicas"),
	                                      .value = STR("3"),
	                                      .plain = true};
	b->params[1] = (struct request_param){
	        .next = &b->params[2], .name = STR("zone"), .value = STR("3")};
	b->params[2] = (struct request_param){
	        .name = STR("colour"), .value = STR("on\"e"), .plain = true};
	b->build = (struct build){.artifact = STR("s3://b/x.zip"),
	                          .commit = STR("c0ffee"),
	                          .sha256 = STR("4be1"),
	                          .built_at = 0};
	b->call.order.params = b->params;
	b->call.order.build = &b->build;
	b->call.order.ticket = STR("PAY-42");
	b->deployment.intent_path = STR("intents/checkout/a.yaml");
	start(b, a);
	struct engine_status s = wait_for(b, a);
	is_str(s.detail, "dxcp-order checkout prod 1.4.2", "its variables");
	json_t *json = NULL;
	struct fail why = {0};
	if (!ok(json_read(&json, a, content(a, "order.json"), &why),
	        "its input is JSON %s", why.text))
		return;
	is_str(json_get_str(json, "schema"), "dxcp.order/1", "schema");
	is_str(json_get_str(json, "token"), "dxcp-order", "token");
	is_int(json_get_int(json, "number"), 7, "number");
	is_str(json_get_str(json, "kind"), "PROMOTE", "kind");
	is_str(json_get_str(json, "summary"), "Fix \"rounding\"", "summary");
	is_str(json_get_str(json, "ticket"), "PAY-42", "ticket");
	ok(json_is_null(json_object_get(json, "previousVersion")),
	   "null where there is nothing");
	is_str(json_get_str(json_object_get(json, "intent"), "path"),
	       "intents/checkout/a.yaml", "intent");
	const json_t *build = json_object_get(json, "build");
	is_str(json_get_str(build, "sha256"), "4be1", "build");
	ok(json_is_null(json_object_get(build, "builtAt")), "no time is null");
	const json_t *params = json_object_get(json, "params");
	is_int(json_get_int(params, "replicas"), 3, "a number stays one");
	is_str(json_get_str(params, "zone"), "3", "in quotes it is text");
	is_str(json_get_str(params, "colour"), "on\"e", "a word is text");
}

/* --- at most once, and found again --------------------------------------- */

static void once(struct arena *a)
{
	struct bench *b = bench_of(a, "once", "echo ran >>$1/ran");
	start(b, a);
	start(b, a);
	wait_for(b, a);
	is_int(start(b, a), ENGINE_READY, "started three times");
	is_int(wait_for(b, a).state, STATE_SUCCEEDED, "it is the same one");
	is_str(content(a, "ran"), "ran\n", "it ran once");
}

static void runner_dies(struct arena *a)
{
	struct bench *b = bench_of(a, "orphan", "sleep 0.1; echo alive");
	pid_t runner = fork();
	if (runner == 0) {
		start(b, a);
		kill(getpid(), SIGKILL);
	}
	int status;
	ok(waitpid(runner, &status, 0) == runner && WIFSIGNALED(status),
	   "the runner is killed right after the start");
	struct engine_status s = wait_for(b, a);
	ok(s.state == STATE_SUCCEEDED && str_is(s.detail, "alive"),
	   "the next one finds it, and its end");
}

static void watcher_dies(struct arena *a)
{
	struct bench *b = bench_of(a, "lost",
	                           "echo ran >>$1/lost; "
	                           "read x <$1/never");
	mkfifo(str_format(a, "%s/never", folder).s, 0600);
	start(b, a);
	struct fail why = {0};
	json_t *claim = NULL;
	json_read(&claim, a, content(a, "command/dxcp-lost/claim"), &why);
	pid_t pid = (pid_t)json_get_int(claim, "pid");
	for (int i = 0; i < NAPS && !str_is(content(a, "lost"), "ran\n"); i++)
		world_pause(NAP_MS);
	ok(pid > 1 && kill(pid, SIGKILL) == 0, "who watches it is killed");
	struct engine_status s;
	enum engine_answer answer = poll(b, a, &s);
	for (int i = 0; i < NAPS && s.state == STATE_IN_PROGRESS; i++) {
		world_pause(NAP_MS);
		answer = poll(b, a, &s);
	}
	ok(answer == ENGINE_READY && s.state == STATE_LOST_CONTACT,
	   "then it cannot be said: %" STR_FMT, STR_ARG(s.progress));
	start(b, a);
	is_str(content(a, "lost"), "ran\n", "and it is not run again");
	FILE *never = fopen(str_format(a, "%s/never", folder).s, "w");
	ok(never && fclose(never) == 0, "the program itself went on");
}

/* --- the clock ----------------------------------------------------------- */

static void given_clock(struct arena *a)
{
	enum { NOON = 500000, LATER = NOON + 7200 };
	struct bench *b = bench_of(a, "clock", "exit 0");
	b->world.clock_given = true;
	b->world.clock = NOON;
	b->deployment.dispatched_at = NOON;
	start(b, a);
	struct engine_status s = wait_for(b, a);
	ok(s.started_at == NOON && s.finished_at == NOON,
	   "its time is counted from the dispatch, up to now");
	b->world.clock = LATER;
	s = wait_for(b, a);
	ok(s.finished_at >= NOON && s.finished_at < LATER,
	   "asked later, it took no longer");
	b = bench_of(a, "leap", "sleep 0.1");
	b->world.clock_given = true;
	start(b, a);
	poll(b, a, &s);
	is_int(s.state, STATE_SUCCEEDED,
	       "asked once, a short one's end is waited for");
}

/* --- what is not set up -------------------------------------------------- */

static void preflight(struct arena *a)
{
	static const struct {
		const char *name, *word, *said;
		enum engine_answer answer;
	} cases[] = {
	        {"in PATH", "sh", "", ENGINE_READY},
	        {"not in PATH", "no-such-program", "PATH", ENGINE_BAD_CONFIG},
	        {"absolute", "/bin/sh", "", ENGINE_READY},
	        {"absent", "/nowhere/sh", "is not there", ENGINE_BAD_CONFIG},
	        {"a folder", "/tmp", "executable", ENGINE_BAD_CONFIG},
	        {"not executable", "/etc/passwd", "executable",
	         ENGINE_BAD_CONFIG},
	        {"from the root", "./Makefile", "executable",
	         ENGINE_BAD_CONFIG},
	        {"an empty word", "", "no command", ENGINE_BAD_CONFIG},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct bench *b = bench_of(a, "preflight", "exit 0");
		b->words[0] = text(str_of(cases[i].word));
		engine_command.preflight(&b->session, &b->call);
		enum engine_answer answer = b->call.answer;
		struct str said = b->call.text;
		ok(answer == cases[i].answer &&
		           str_contains(said, str_of(cases[i].said)),
		   "%s: %" STR_FMT, cases[i].name, STR_ARG(said));
		if (answer != ENGINE_READY)
			is_int(start(b, a), answer, "it does not start");
	}
	struct engine none = {.id = STR("shell")};
	struct world w = {0};
	struct engine_session none_session = {.world = &w, .engine = &none};
	struct str said = STR("");
	enum engine_answer answer =
	        engine_command.examine(&none_session, a, &said);
	is_int(answer, ENGINE_BAD_CONFIG, "no command at all: %" STR_FMT,
	       STR_ARG(said));

	struct bench *b = bench_of(a, "escape", "echo ran >>$1/escaped");
	b->deployment.token = STR("../../escape");
	is_int(start(b, a), ENGINE_REFUSED, "a token that is a path");
	struct engine_status s;
	is_int(poll(b, a, &s), ENGINE_UNCERTAIN, "is not looked for");
	b = bench_of(a, "nowhere", "exit 0");
	b->world.ledger_path = "/dev/null/ledger.db";
	is_int(start(b, a), ENGINE_IS_DOWN,
	       "no room for its folder: nothing was sent");
}

static void remove_all(const char *path)
{
	pid_t pid = fork();
	if (pid == 0) {
		execlp("rm", "rm", "-rf", path, (char *)NULL);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
}

int main(void)
{
	if (!mkdtemp(folder))
		return 1;
	struct arena *a = arena_new();
	successes(a);
	failures(a);
	timeouts(a);
	order(a);
	once(a);
	runner_dies(a);
	watcher_dies(a);
	given_clock(a);
	preflight(a);
	remove_all(folder);
	ok(!file_exists(folder), "the folder is removed again");
	arena_free(a);
	return tap_done();
}
