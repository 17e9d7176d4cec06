/*
 * The embedded engine: no network, no state of its own. What becomes of an
 * execution follows from the script in the policy, the deployment's dispatch
 * time, the time of its cancel and the clock, so that asking twice, or after a
 * crash, gives the same.
 */
#include "runner/engine.h"
#include "runner/failure_class.h"

static bool matches(const struct text *pattern, struct str value)
{
	return !GIVEN(*pattern) || str_eq(pattern->s, value);
}

/* The first rule that fits; NULL: succeeded after the engine's `after`. */
static const struct sandbox_rule *rule_for(const struct engine *engine,
                                           const struct engine_order *order)
{
	const struct sandbox_rule *rules = engine->script.at;
	const struct deployment *d = order->deployment;
	for (size_t i = 0; i < engine->script.n; i++)
		if (matches(&rules[i].service, d->service) &&
		    matches(&rules[i].environment, d->environment) &&
		    matches(&rules[i].version, d->version) &&
		    matches(&rules[i].recipe, d->recipe))
			return &rules[i];
	return NULL;
}

static enum sandbox_outcome outcome_of(const struct sandbox_rule *rule)
{
	return rule ? (enum sandbox_outcome)rule->outcome.is
	            : SANDBOX_SUCCEEDED;
}

static int64_t duration(const struct engine *engine,
                        const struct sandbox_rule *rule)
{
	return rule && GIVEN(rule->after) ? rule->after.t : engine->after.t;
}

static void preflight(struct engine_session *s, struct engine_call *call)
{
	const struct sandbox_rule *rule = rule_for(s->engine, &call->order);
	call->answer = ENGINE_READY;
	if (outcome_of(rule) != SANDBOX_UNAVAILABLE)
		return;
	call->answer = ENGINE_IS_DOWN;
	call->text = str_format(call->arena,
	                        "the engine %" STR_FMT " cannot be reached",
	                        STR_ARG(s->engine->id));
}

static struct failure failure_of(const struct engine_session *s,
                                 const struct engine_call *call,
                                 const struct sandbox_rule *rule, int64_t at)
{
	struct arena *a = call->arena;
	struct str message = GIVEN(rule->message)
	                             ? rule->message.s
	                             : STR("the sandbox script says so");
	struct failure f = {
	        .category = GIVEN(rule->category)
	                            ? (enum failure_category)rule->category.is
	                            : FAILURE_UNKNOWN,
	        .summary = message,
	        .detail = str_format(
	                a, "scripted for the sandbox engine %" STR_FMT,
	                STR_ARG(s->engine->id)),
	        .observed_at = at,
	};
	struct failure_facts facts =
	        failure_output(call->order.deployment, message);
	failure_classify(&f, a, &facts, s->policy);
	return f;
}

/* Asked to stop before its end, by an engine that can be reached. */
static bool is_canceled(const struct engine_order *order,
                        const struct sandbox_rule *rule, int64_t end)
{
	if (!order->cancel_at || outcome_of(rule) == SANDBOX_UNAVAILABLE)
		return false;
	return order->cancel_at < end || outcome_of(rule) == SANDBOX_HANG;
}

static struct engine_status running(const struct engine_call *call)
{
	const struct deployment *d = call->order.deployment;
	return (struct engine_status){
	        .state = STATE_IN_PROGRESS,
	        .execution_id = str_format(call->arena, "sandbox-%" STR_FMT,
	                                   STR_ARG(str_from(d->token, 5))),
	        .started_at = d->dispatched_at,
	};
}

static void end(struct engine_session *s, struct engine_call *call,
                const struct sandbox_rule *rule, int64_t at)
{
	struct engine_status *out = &call->status;
	switch (outcome_of(rule)) {
	case SANDBOX_SUCCEEDED:
		out->state = STATE_SUCCEEDED;
		break;
	case SANDBOX_FAILED:
		out->state = STATE_FAILED;
		*vec_add(call->arena, &out->failures) =
		        failure_of(s, call, rule, at);
		break;
	case SANDBOX_CANCELED:
		out->state = STATE_CANCELED;
		break;
	case SANDBOX_HANG:
		return;
	case SANDBOX_UNAVAILABLE:
		/* The script can only mean that it went away later. */
		call->answer = ENGINE_IS_DOWN;
		return;
	}
	out->finished_at = at;
}

static void poll_one(struct engine_session *s, struct engine_call *call)
{
	const struct engine_order *order = &call->order;
	const struct sandbox_rule *rule = rule_for(s->engine, order);
	int64_t at =
	        order->deployment->dispatched_at + duration(s->engine, rule);
	call->answer = ENGINE_READY;
	call->status = running(call);
	if (is_canceled(order, rule, at)) {
		call->status.state = STATE_CANCELED;
		call->status.finished_at = order->cancel_at;
	} else if (world_now(s->world) >= at) {
		end(s, call, rule, at);
	}
}

static void start_one(struct engine_session *s, struct engine_call *call)
{
	preflight(s, call);
	if (call->answer == ENGINE_READY)
		call->status = running(call);
}

static bool start(struct engine_session *s, const struct engine_feed *feed,
                  struct fail *why)
{
	return engine_start_each(s, feed, start_one, why);
}

static void poll(struct engine_session *s, struct engine_call *const *calls,
                 size_t n)
{
	engine_ask_each(s, calls, n, poll_one);
}

static enum engine_answer examine(struct engine_session *s, struct arena *a,
                                  struct str *text)
{
	*text = str_format(a, "embedded; %zu scripted outcomes",
	                   s->engine->script.n);
	return ENGINE_READY;
}

const struct engine_ops engine_sandbox = {
        .type = "sandbox",
        .resolve = {.max_resends = INT64_MAX},
        .poll_at_once = ENGINE_IN_FLIGHT,
        .preflight = preflight,
        .start = start,
        .poll = poll,
        .cancel = poll, /* the order says that it was asked */
        .examine = examine,
};
