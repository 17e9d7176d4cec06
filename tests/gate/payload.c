#include "tests/gate/payload.h"

/*
 * "$" alone stands for the message. Where they come from: orca's
 * DefaultExceptionHandler, SpinnakerServerExceptionHandler, MonitorKatoTask,
 * WaitForManifestStableTask, RunTaskHandler, ManualJudgmentStage,
 * CreateWebhookTask, MonitorWebhookTask, ExpressionAware.
 */
static const struct {
	const char *name, *message, *context;
} payloads[] = {
        {"exception", "Something went wrong",
         "{\"exception\":{\"timestamp\":1690000000000,\"exceptionType\":\"RuntimeException\","
         "\"operation\":\"deploy\",\"shouldRetry\":false,\"details\":{"
         "\"error\":\"Unexpected Task Failure\",\"errors\":[\"$\"],"
         "\"stackTrace\":\"java.lang.RuntimeException\\n\\tat com.netflix.spinnaker.orca.Some.thing(Some.java:1)\"}}}"},
        {"http", "Internal Server Error",
         "{\"exception\":{\"timestamp\":1690000000000,\"exceptionType\":\"SpinnakerHttpException\","
         "\"operation\":\"createDeploy\",\"shouldRetry\":false,\"details\":{"
         "\"error\":\"Internal Server Error\",\"errors\":[\"$\"],\"status\":500,"
         "\"url\":\"http://clouddriver:7002/kubernetes/ops\",\"kind\":\"HTTP\",\"method\":\"POST\","
         "\"responseBody\":\"{\\\"status\\\":500}\",\"rootException\":\"java.lang.RuntimeException\"}}}"},
        {"network", "Failed to connect to clouddriver/10.0.0.7:7002",
         "{\"exception\":{\"timestamp\":1690000000000,\"exceptionType\":\"SpinnakerNetworkException\","
         "\"operation\":\"monitorDeploy\",\"shouldRetry\":true,\"details\":{"
         "\"error\":\"$\",\"errors\":[],\"kind\":\"NETWORK\","
         "\"url\":\"http://clouddriver:7002/task/1\",\"method\":\"GET\"}}}"},
        {"kato", "Quota 'CPUS' exceeded",
         "{\"kato.task.lastStatus\":\"TERMINAL\",\"kato.tasks\":[{\"id\":\"01F0KATO\","
         "\"status\":{\"completed\":true,\"failed\":true,\"retryable\":false},"
         "\"history\":[{\"phase\":\"DEPLOY\",\"status\":\"Initializing\"},"
         "{\"phase\":\"DEPLOY\",\"status\":\"Orchestration failed: DEPLOY\"}],\"resultObjects\":[],"
         "\"exception\":{\"type\":\"EXCEPTION\",\"operation\":\"deployManifest\",\"cause\":\"IllegalState\",\"message\":\"$\"}}]}"},
        {"manifest", "Deployment exceeded its progress deadline",
         "{\"messages\":[\"$\"],\"warnings\":[],\"failedManifests\":[{\"manifestName\":\"deployment checkout\",\"location\":\"prod\"}],"
         "\"exception\":{\"details\":{\"errors\":[\"$\"]}}}"},
        {"timeout",
         "WaitForManifestStableTask of stage Deploy timed out after 30 minutes 5 seconds. pausedDuration: 0 ms, elapsedTime: 1805000 ms, timeoutValue: 1800000 ms",
         "{\"exception\":{\"timestamp\":1690000000000,\"exceptionType\":\"TimeoutException\","
         "\"operation\":\"waitForManifestToStabilize\",\"shouldRetry\":false,\"details\":{"
         "\"error\":\"Unexpected Task Failure\",\"errors\":[\"$\"]}}}"},
        {"judgment", "not today",
         "{\"judgmentStatus\":\"stop\",\"judgmentInput\":\"$\"}"},
        {"bake", "Bake failed: no such package",
         "{\"region\":\"eu-central-1\",\"status\":{\"id\":\"b-1\",\"state\":\"COMPLETED\",\"result\":\"FAILURE\"},"
         "\"exception\":{\"timestamp\":1690000000000,\"exceptionType\":\"SpinnakerHttpException\",\"operation\":\"createBake\","
         "\"shouldRetry\":false,\"details\":{\"error\":\"Bad Request\",\"errors\":[\"$\"],\"status\":400,"
         "\"url\":\"http://rosco:8087/api/v1/eu-central-1/bake\",\"kind\":\"HTTP\",\"method\":\"POST\"}}}"},
        {"bake_manifest",
         "Input artifact (id: 7f1c) could not be found in execution (id: 01HX)",
         "{\"exception\":{\"timestamp\":1690000000000,\"exceptionType\":\"IllegalArgumentException\","
         "\"operation\":\"createBake\",\"shouldRetry\":false,\"details\":{"
         "\"error\":\"Unexpected Task Failure\",\"errors\":[\"$\"]}}}"},
        {"webhook", "The webhook request failed",
         "{\"webhook\":{\"error\":\"$\",\"statusCode\":\"BAD_REQUEST\",\"statusCodeValue\":400,"
         "\"body\":{\"reason\":\"no\"},\"headers\":{}}}"},
        {"webhook_monitor",
         "Response status FAILED is one of the terminal statuses",
         "{\"webhook\":{\"statusCodeValue\":200,\"statusEndpoint\":\"http://jobs/1\",\"monitor\":{"
         "\"error\":\"$\",\"statusCodeValue\":200,\"resolvedValue\":\"FAILED\",\"progressMessage\":\"60 %\","
         "\"pastStatusCodes\":[200],\"body\":{\"status\":\"FAILED\"}}}}"},
        {"expression", "Failed to evaluate [image] property nope not found",
         "{\"failOnFailedExpressions\":true,\"expressionEvaluationSummary\":{\"${ nope }\":[{\"level\":\"ERROR\","
         "\"description\":\"$\",\"exceptionType\":\"SpelEvaluationException\",\"timestamp\":1690000000000}]},"
         "\"exception\":{\"details\":{\"errors\":[\"$\"]}}}"},
        {"precondition", "",
         "{\"context\":{\"expression\":\"v != 'bad'\",\"expressionResult\":\"false\",\"failureMessage\":\"$\"}}"},
        {"forbidden",
         "Access denied to application checkout - required authorization: WRITE",
         "{\"exception\":{\"timestamp\":1690000000000,\"exceptionType\":\"SpinnakerHttpException\","
         "\"operation\":\"deployManifest\",\"shouldRetry\":false,\"details\":{"
         "\"error\":\"Forbidden\",\"errors\":[\"$\"],\"status\":403,"
         "\"url\":\"http://clouddriver:7002/kubernetes/ops\",\"kind\":\"HTTP\",\"method\":\"POST\"}}}"},
        {"planning", "No manifest found",
         "{\"beforeStagePlanningFailed\":true,\"exception\":{\"timestamp\":1690000000000,"
         "\"exceptionType\":\"IllegalStateException\",\"shouldRetry\":false,"
         "\"details\":{\"error\":\"Unexpected Task Failure\",\"errors\":[\"$\"]}}}"},
        {"errors_only", "That is all I say",
         "{\"exception\":{\"details\":{\"errors\":[\"$\"]}}}"},
        {"iso_time", "A time as text",
         "{\"exception\":{\"timestamp\":\"2026-08-21T18:26:46.757+00:00\",\"exceptionType\":\"RuntimeException\","
         "\"details\":{\"error\":\"$\",\"errors\":[]}}}"},
        {"silent", "", "{}"},
};
enum { PAYLOADS = sizeof payloads / sizeof *payloads };

static void fill(json_t *value, struct str message)
{
	if (json_is_object(value)) {
		const char *key;
		json_t *member;
		json_object_foreach(value, key, member) fill(member, message);
	} else if (json_is_array(value)) {
		size_t i;
		json_t *item;
		json_array_foreach(value, i, item) fill(item, message);
	} else if (json_is_string(value) &&
	           str_is(str_of(json_string_value(value)), "$")) {
		json_string_setn(value, message.n ? message.s : "", message.n);
	}
}

bool payload_is_known(struct str name)
{
	for (size_t i = 0; i < PAYLOADS; i++)
		if (str_is(name, payloads[i].name))
			return true;
	return false;
}

json_t *payload_new(struct arena *a, struct str name, struct str message)
{
	for (size_t i = 0; i < PAYLOADS; i++) {
		if (!str_is(name, payloads[i].name))
			continue;
		struct fail why = {0};
		json_t *context;
		if (!json_read(&context, a, str_of(payloads[i].context), &why))
			break;
		fill(context,
		     message.n ? message : str_of(payloads[i].message));
		return json_incref(context);
	}
	return json_object();
}
