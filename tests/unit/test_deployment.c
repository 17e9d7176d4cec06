#include "core/deployment.h"
#include "tests/lib/tap.h"

static struct str json(struct arena *a, const struct deployment *d)
{
	struct buf out = buf_new(a, 16 * 1024);
	struct jw j = jw_new(&out);
	deployment_json(&j, d);
	return buf_str(&out);
}

static void names(void)
{
	for (int i = 0; i < STATE_COUNT; i++)
		ok(deployment_state_names[i] != NULL, "state %d has a name", i);
	for (int i = 0; i < KIND_COUNT; i++)
		ok(deployment_kind_names[i] != NULL, "kind %d has a name", i);
	for (int i = 0; i < RESULT_COUNT; i++)
		ok(deployment_outcome_names[i] != NULL, "outcome %d has a name",
		   i);
	ok(!deployment_state_names[STATE_COUNT] &&
	           !deployment_kind_names[KIND_COUNT] &&
	           !deployment_outcome_names[RESULT_COUNT],
	   "each table ends with NULL");
	for (int i = 0; i < STATE_COUNT; i++)
		ok(deployment_is_terminal((enum deployment_state)i) ==
		           (i == STATE_SUCCEEDED || i == STATE_FAILED ||
		            i == STATE_CANCELED),
		   "%s is terminal or not", deployment_state_names[i]);
}

static void absent(struct arena *a)
{
	struct deployment d = {.number = 1,
	                       .service = STR("web"),
	                       .environment = STR("prod"),
	                       .version = STR("1.0.0"),
	                       .created_at = 1700000000};
	is_str(json(a, &d),
	       "{\"number\":1,\"token\":null,\"service\":\"web\","
	       "\"environment\":\"prod\",\"version\":\"1.0.0\","
	       "\"previousVersion\":null,\"group\":null,\"recipe\":null,"
	       "\"recipeRevision\":null,\"kind\":\"ROLL_FORWARD\","
	       "\"state\":\"PENDING\",\"outcome\":null,\"rollbackOf\":null,"
	       "\"sourceEnvironment\":null,\"summary\":null,\"actor\":null,"
	       "\"createdAt\":\"2023-11-14T22:13:20Z\",\"dispatchedAt\":null,"
	       "\"startedAt\":null,\"finishedAt\":null,\"engine\":null,"
	       "\"engineExecutionId\":null,\"engineExecutionUrl\":null,"
	       "\"intent\":null,\"failures\":[],\"timeline\":[]}",
	       "what is absent is null");
}

static void complete(struct arena *a)
{
	struct failure f = {.category = FAILURE_APP,
	                    .summary = STR("fell"),
	                    .hint = STR("look"),
	                    .observed_at = 1700000009};
	struct timeline_entry t[] = {{1700000000, STR("created"), STR("")},
	                             {1700000009, STR("failed"), STR("fell")}};
	struct deployment d = {
	        .number = 12,
	        .token = STR("dxcp-1"),
	        .service = STR("web"),
	        .environment = STR("prod"),
	        .version = STR("1.0.0"),
	        .previous_version = STR("1.1.0"),
	        .group = STR("g"),
	        .recipe = STR("standard"),
	        .recipe_revision = 3,
	        .kind = KIND_ROLLBACK,
	        .state = STATE_FAILED,
	        .outcome = RESULT_FAILED,
	        .rollback_of = 11,
	        .source_environment = STR("dev"),
	        .summary = STR("back \"now\""),
	        .ticket = STR("T-1"),
	        .actor_email = STR("ada@example.com"),
	        .actor_role = STR("DELIVERY_OWNER"),
	        .created_at = 1700000000,
	        .dispatched_at = 1700000001,
	        .started_at = 1700000002,
	        .finished_at = 1700000009,
	        .engine = STR("box"),
	        .execution_id = STR("x1"),
	        .execution_url = STR("http://e/x1"),
	        .intent_path = STR("intents/web/a.yaml"),
	        .intent_blob = STR("b"),
	        .intent_commit = STR("c"),
	        .failures = &f,
	        .nfailures = 1,
	        .timeline = t,
	        .ntimeline = 2,
	};
	is_str(json(a, &d),
	       "{\"number\":12,\"token\":\"dxcp-1\",\"service\":\"web\","
	       "\"environment\":\"prod\",\"version\":\"1.0.0\","
	       "\"previousVersion\":\"1.1.0\",\"group\":\"g\","
	       "\"recipe\":\"standard\",\"recipeRevision\":3,"
	       "\"kind\":\"ROLLBACK\",\"state\":\"FAILED\","
	       "\"outcome\":\"FAILED\",\"rollbackOf\":11,"
	       "\"sourceEnvironment\":\"dev\","
	       "\"summary\":\"back \\\"now\\\"\","
	       "\"actor\":{\"email\":\"ada@example.com\","
	       "\"role\":\"DELIVERY_OWNER\"},"
	       "\"createdAt\":\"2023-11-14T22:13:20Z\","
	       "\"dispatchedAt\":\"2023-11-14T22:13:21Z\","
	       "\"startedAt\":\"2023-11-14T22:13:22Z\","
	       "\"finishedAt\":\"2023-11-14T22:13:29Z\",\"engine\":\"box\","
	       "\"engineExecutionId\":\"x1\","
	       "\"engineExecutionUrl\":\"http://e/x1\","
	       "\"intent\":{\"path\":\"intents/web/a.yaml\",\"blob\":\"b\","
	       "\"commit\":\"c\"},\"failures\":[{\"category\":\"APP\","
	       "\"summary\":\"fell\",\"detail\":null,\"hint\":\"look\","
	       "\"observedAt\":\"2023-11-14T22:13:29Z\"}],\"timeline\":["
	       "{\"at\":\"2023-11-14T22:13:20Z\",\"event\":\"created\","
	       "\"detail\":null},{\"at\":\"2023-11-14T22:13:29Z\","
	       "\"event\":\"failed\",\"detail\":\"fell\"}]}",
	       "all members, in the order of the contract");
}

int main(void)
{
	struct arena *a = arena_new();
	names();
	absent(a);
	complete(a);
	arena_free(a);
	return tap_done();
}
