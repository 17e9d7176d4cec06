#include "runner/engine.h"
#include "tests/lib/feed.h"
#include "tests/lib/tap.h"

/* GIVEN(): a value of the policy has a place. */
static const struct source somewhere;
#define SOMEWHERE (&somewhere)

enum { DISPATCHED = 1000000, AFTER = 30 };

static struct text text(const char *s)
{
	return (struct text){str_of(s), {.src = SOMEWHERE}};
}

static struct moment moment(int64_t t)
{
	return (struct moment){t, {.src = SOMEWHERE}};
}

static struct sandbox_rule rule(enum sandbox_outcome outcome)
{
	return (struct sandbox_rule){
	        .outcome = {(int)outcome, {.src = SOMEWHERE}}};
}

/* The order of a deployment of checkout 1.4.2 to prod by canary. */
struct bench {
	struct world world;
	struct sandbox_rule rules[2];
	struct engine engine;
	struct deployment deployment;
	struct engine_session session;
	struct engine_call call;
};

static struct bench *bench_of(struct arena *a, struct sandbox_rule first)
{
	struct bench *b = ARENA_NEW(a, struct bench);
	b->world.clock_given = true;
	b->world.clock = DISPATCHED;
	b->rules[0] = first;
	b->engine.id = STR("box");
	b->engine.after = moment(AFTER);
	b->engine.script = (struct list){.at = b->rules, .n = 1};
	b->deployment = (struct deployment){
	        .token = STR("dxcp-0123456789abcdef0123456789abcdef"),
	        .service = STR("checkout"),
	        .environment = STR("prod"),
	        .version = STR("1.4.2"),
	        .recipe = STR("canary"),
	        .state = STATE_IN_PROGRESS,
	        .dispatched_at = DISPATCHED,
	};
	b->session = (struct engine_session){.world = &b->world,
	                                     .engine = &b->engine,
	                                     .ops = &engine_sandbox,
	                                     .arena = a};
	b->call.arena = a;
	b->call.order.deployment = &b->deployment;
	return b;
}

static struct engine_status poll_at(struct bench *b, struct arena *a,
                                    int64_t after)
{
	struct engine_call *call = &b->call;
	(void)a;
	b->world.clock = DISPATCHED + after;
	engine_sandbox.poll(&b->session, &call, 1);
	if (call->answer != ENGINE_READY)
		ok(false, "the poll is answered: %d", (int)call->answer);
	return call->status;
}

static void times(struct arena *a)
{
	struct bench *b = bench_of(a, rule(SANDBOX_SUCCEEDED));
	struct engine_status s = poll_at(b, a, 0);
	ok(s.state == STATE_IN_PROGRESS && s.started_at == DISPATCHED &&
	           !s.finished_at,
	   "at its dispatch it runs");
	is_int(poll_at(b, a, AFTER - 1).state, STATE_IN_PROGRESS,
	       "a second before its end too");
	s = poll_at(b, a, AFTER);
	ok(s.state == STATE_SUCCEEDED && s.finished_at == DISPATCHED + AFTER &&
	           !s.failures.n,
	   "at its end it succeeded");
	s = poll_at(b, a, 100 * AFTER);
	is_int(s.finished_at, DISPATCHED + AFTER,
	       "asked late, its end is the same");
	b->rules[0].after = moment(90);
	ok(poll_at(b, a, 89).state == STATE_IN_PROGRESS &&
	           poll_at(b, a, 90).state == STATE_SUCCEEDED,
	   "a rule's own time goes before the engine's");
	b->rules[0].after = moment(0);
	ok(poll_at(b, a, 0).state == STATE_SUCCEEDED, "it may be 0");
	b->engine.script.n = 0;
	ok(poll_at(b, a, AFTER).state == STATE_SUCCEEDED &&
	           poll_at(b, a, AFTER - 1).state == STATE_IN_PROGRESS,
	   "without a rule: success after the engine's time");
}

static void outcomes(struct arena *a)
{
	struct bench *b = bench_of(a, rule(SANDBOX_FAILED));
	struct engine_status s = poll_at(b, a, AFTER);
	ok(s.state == STATE_FAILED && s.failures.n == 1 &&
	           s.failures.at[0].category == FAILURE_UNKNOWN &&
	           s.failures.at[0].summary.n &&
	           s.failures.at[0].observed_at == DISPATCHED + AFTER,
	   "a failure without particulars");
	ok(s.failures.at[0].hint.n, "and yet a next step");
	b->rules[0].message = text("dial tcp: connection refused");
	s = poll_at(b, a, AFTER);
	is_int(s.failures.at[0].category, FAILURE_INFRASTRUCTURE,
	       "without a category, what its message says");
	is_str(s.failures.at[0].summary, "dial tcp: connection refused",
	       "which is the summary");
	b->rules[0].category.is = FAILURE_APP;
	b->rules[0].category.at.src = SOMEWHERE;
	b->rules[0].message = text("readiness probe failed");
	s = poll_at(b, a, AFTER);
	is_int(s.failures.at[0].category, FAILURE_APP, "its category");
	is_str(s.failures.at[0].summary, "readiness probe failed",
	       "its message");
	ok(!poll_at(b, a, AFTER - 1).failures.n, "not before it failed");

	b = bench_of(a, rule(SANDBOX_CANCELED));
	s = poll_at(b, a, AFTER);
	ok(s.state == STATE_CANCELED && s.finished_at == DISPATCHED + AFTER &&
	           !s.failures.n,
	   "canceled");
	b = bench_of(a, rule(SANDBOX_HANG));
	s = poll_at(b, a, 1000000);
	ok(s.state == STATE_IN_PROGRESS && !s.finished_at, "one that hangs");
}

static void unavailable(struct arena *a)
{
	struct bench *b = bench_of(a, rule(SANDBOX_UNAVAILABLE));
	struct engine_call *call = &b->call;
	engine_sandbox.preflight(&b->session, call);
	is_int(call->answer, ENGINE_IS_DOWN,
	       "an engine that is not there says so before");
	ok(str_contains(call->text, STR("box")), "by its name: %" STR_FMT,
	   STR_ARG(call->text));
	is_int(feed_one(&b->session, call), ENGINE_IS_DOWN,
	       "and starts nothing");
	b->deployment.environment = STR("staging");
	b->rules[0].environment = text("prod");
	engine_sandbox.preflight(&b->session, call);
	ok(call->answer == ENGINE_READY &&
	           feed_one(&b->session, call) == ENGINE_READY &&
	           call->status.state == STATE_IN_PROGRESS,
	   "where the rule does not fit, it is there");
	is_str(call->status.execution_id,
	       "sandbox-0123456789abcdef0123456789abcdef",
	       "an execution is named after its token");
}

static void matching(struct arena *a)
{
	static const struct {
		const char *name, *service, *environment, *version, *recipe;
		bool fits;
	} cases[] = {
	        {"no keys", NULL, NULL, NULL, NULL, true},
	        {"all keys", "checkout", "prod", "1.4.2", "canary", true},
	        {"another service", "ledger", NULL, NULL, NULL, false},
	        {"another environment", "checkout", "dev", NULL, NULL, false},
	        {"another version", NULL, "prod", "1.4.20", NULL, false},
	        {"another recipe", NULL, NULL, "1.4.2", "standard", false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct bench *b = bench_of(a, rule(SANDBOX_FAILED));
		struct sandbox_rule *r = &b->rules[0];
		if (cases[i].service)
			r->service = text(cases[i].service);
		if (cases[i].environment)
			r->environment = text(cases[i].environment);
		if (cases[i].version)
			r->version = text(cases[i].version);
		if (cases[i].recipe)
			r->recipe = text(cases[i].recipe);
		bool failed = poll_at(b, a, AFTER).state == STATE_FAILED;
		ok(failed == cases[i].fits, "%s", cases[i].name);
	}
	struct bench *b = bench_of(a, rule(SANDBOX_FAILED));
	b->rules[1] = rule(SANDBOX_CANCELED);
	b->engine.script.n = 2;
	is_int(poll_at(b, a, AFTER).state, STATE_FAILED, "the first one wins");
}

int main(void)
{
	struct arena *a = arena_new();
	times(a);
	outcomes(a);
	unavailable(a);
	matching(a);
	arena_free(a);
	return tap_done();
}
