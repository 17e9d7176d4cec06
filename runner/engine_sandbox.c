/*
 * The embedded engine: no network, no state of its own. What becomes of an
 * execution follows from the script in the policy, the deployment's dispatch
 * time, the time of its cancel and the clock, so that asking twice, or after a
 * crash, gives the same.
 */
#include "runner/engine.h"

static bool matches(const struct text *pattern, struct str value)
{
	return !GIVEN(*pattern) || str_eq(pattern->s, value);
}

/* The first rule that fits; NULL: succeeded after the engine's `after`. */
static const struct sandbox_rule *rule_for(const struct engine_order *order)
{
	const struct sandbox_rule *rules = order->engine->script.at;
	const struct deployment *d = order->deployment;
	for (size_t i = 0; i < order->engine->script.n; i++)
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

static int64_t duration(const struct engine_order *order,
                        const struct sandbox_rule *rule)
{
	return rule && GIVEN(rule->after) ? rule->after.t
	                                  : order->engine->after.t;
}

static enum engine_answer preflight(struct world *w, struct arena *a,
                                    const struct engine_order *order,
                                    struct str *text)
{
	(void)w;
	if (outcome_of(rule_for(order)) != SANDBOX_UNAVAILABLE)
		return ENGINE_READY;
	*text = str_format(a, "the engine %" STR_FMT " cannot be reached",
	                   STR_ARG(order->engine->id));
	return ENGINE_IS_DOWN;
}

static struct failure failure_of(const struct engine_order *order,
                                 const struct sandbox_rule *rule, int64_t at,
                                 struct arena *a)
{
	struct str message = GIVEN(rule->message)
	                             ? rule->message.s
	                             : STR("the sandbox script says so");
	return (struct failure){
	        .category = GIVEN(rule->category)
	                            ? (enum failure_category)rule->category.is
	                            : FAILURE_UNKNOWN,
	        .summary = message,
	        .detail = str_format(
	                a, "scripted for the sandbox engine %" STR_FMT,
	                STR_ARG(order->engine->id)),
	        .observed_at = at,
	};
}

/* Asked to stop before its end, by an engine that can be reached. */
static bool is_canceled(const struct engine_order *order,
                        const struct sandbox_rule *rule, int64_t end)
{
	if (!order->cancel_at || outcome_of(rule) == SANDBOX_UNAVAILABLE)
		return false;
	return order->cancel_at < end || outcome_of(rule) == SANDBOX_HANG;
}

static enum engine_answer poll(struct world *w, struct arena *a,
                               const struct engine_order *order,
                               struct engine_status *out, struct str *text)
{
	const struct sandbox_rule *rule = rule_for(order);
	const struct deployment *d = order->deployment;
	(void)text;
	*out = (struct engine_status){
	        .state = STATE_IN_PROGRESS,
	        .execution_id = str_format(a, "sandbox-%" STR_FMT,
	                                   STR_ARG(str_from(d->token, 5))),
	        .started_at = d->dispatched_at,
	};
	int64_t end = d->dispatched_at + duration(order, rule);
	if (is_canceled(order, rule, end)) {
		out->state = STATE_CANCELED;
		out->finished_at = order->cancel_at;
		return ENGINE_READY;
	}
	if (world_now(w) < end)
		return ENGINE_READY;
	switch (outcome_of(rule)) {
	case SANDBOX_SUCCEEDED:
		out->state = STATE_SUCCEEDED;
		break;
	case SANDBOX_FAILED:
		out->state = STATE_FAILED;
		out->has_failure = true;
		out->failure = failure_of(order, rule, end, a);
		break;
	case SANDBOX_CANCELED:
		out->state = STATE_CANCELED;
		break;
	case SANDBOX_HANG:
		return ENGINE_READY;
	case SANDBOX_UNAVAILABLE:
		/* The script can only mean that it went away later. */
		return ENGINE_IS_DOWN;
	}
	out->finished_at = end;
	return ENGINE_READY;
}

static enum engine_answer start(struct world *w, struct arena *a,
                                const struct engine_order *order,
                                struct engine_status *out, struct str *text)
{
	(void)w;
	if (preflight(w, a, order, text) != ENGINE_READY)
		return ENGINE_IS_DOWN;
	*out = (struct engine_status){
	        .state = STATE_IN_PROGRESS,
	        .execution_id = str_format(
	                a, "sandbox-%" STR_FMT,
	                STR_ARG(str_from(order->deployment->token, 5))),
	        .started_at = order->deployment->dispatched_at,
	};
	return ENGINE_READY;
}

static enum engine_answer examine(struct world *w, struct arena *a,
                                  const struct engine *engine, struct str *text)
{
	(void)w;
	*text = str_format(a, "embedded; %zu scripted outcomes",
	                   engine->script.n);
	return ENGINE_READY;
}

const struct engine_ops engine_sandbox = {
        .type = "sandbox",
        .preflight = preflight,
        .start = start,
        .poll = poll,
        .cancel = poll, /* the order says that it was asked */
        .examine = examine,
};
