#!/bin/sh
# Where Orca says why a stage failed. The stage "call" is ours and only throws:
# what it throws, and all that is made of it, is Spinnaker's.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/spinnaker/orca.sh"

# fails NAME STATUS TYPE MEMBERS FILTER: a pipeline of one stage ends so, and
# the filter is true of its last top stage.
fails() {
	pipeline "$1" "{stages: [{refId: \"1\", requisiteStageRefIds: [], type: \"$3\",
		name: \"The stage\"} + $4]}"
	fails_id=$(trigger "$1" "$APP-$1")
	test_ok "$1: ends $2" becomes "$fails_id" "$2"
	test_ok "$1: says so" jq -e "[.stages[] | select(has(\"parentStageId\") | not)] |
		last | $5" out
	sample "failure-$1"
}

fails task TERMINAL call '{say: "no room for 3 replicas"}' '.context.exception |
	.exceptionType == "IllegalStateException" and .operation == "call" and
	.details.error == "Unexpected Task Failure" and
	.details.errors == ["no room for 3 replicas"]'
fails network TERMINAL call '{url: "http://127.0.0.1:1/x"}' '.context.exception |
	.exceptionType == "SpinnakerNetworkException" and .details.kind == "NETWORK" and
	.details.errors == [] and .details.error == "Failed to connect to /127.0.0.1:1"'
fails http TERMINAL call "{url: \"$SPINNAKER/nothing\"}" '.context.exception |
	.exceptionType == "SpinnakerHttpException" and .details.kind == "HTTP" and
	.details.status == 404 and .details.error == "Not Found" and
	(.details.errors[0] | startswith("Status: 404, URL: "))'
fails timeout TERMINAL call '{status: "RUNNING", stageTimeoutMs: 2000}' '.context.exception |
	.exceptionType == "TimeoutException" and
	.details.errors == ["Stage The stage timed out after 2 seconds"]'
fails kato TERMINAL call '{status: "TERMINAL", set: {"kato.tasks": [{id: "1", status:
	{completed: true, failed: true, retryable: false}, exception: {type: "EXCEPTION",
	operation: "deploy", message: "quota exceeded"}}]}}' '.status == "TERMINAL" and
	(.context | has("exception") | not)'
fails precondition TERMINAL checkPreconditions '{preconditions: [{type: "expression",
	failPipeline: true, context: {expression: "1 == 2", failureMessage: "the sums differ"}}]}' \
	'.status == "TERMINAL" and (.context | has("exception") | not)'
test_ok 'precondition: the reason is in a stage before it, of its own' jq -e '.stages[0] |
	.syntheticStageOwner == "STAGE_BEFORE" and .status == "TERMINAL" and
	.context.context.expressionResult == "false" and
	.context.context.failureMessage == "the sums differ"' out
fails expression TERMINAL evaluateVariables '{failOnFailedExpressions: true,
	variables: [{key: "v", value: "${nothing.here}"}]}' '.context.exception.details |
	.error == "Failed Expression Evaluation" and
	(.errors[0] | startswith("Failed to evaluate [value]"))'
fails expression-ignored SUCCEEDED evaluateVariables \
	'{variables: [{key: "v", value: "${nothing.here}"}]}' \
	'.status == "SUCCEEDED" and .context.exception.details.errors != []'
fails unknown-type TERMINAL deployNothing '{}' '.context.exception |
	.exceptionType == "NoSuchStageDefinitionBuilderException" and
	.operation == "The stage:ConstructAfterStages"'
fails canceled CANCELED call '{status: "CANCELED"}' '.status == "CANCELED" and
	(.context | has("exception") | not)'
test_ok 'canceled: by nobody' jq -e '.canceled == false and (has("canceledBy") | not)' out

pipeline child '{stages: [{refId: "1", requisiteStageRefIds: [], type: "call",
	name: "Inner", say: "the child fell"}]}'
fails child-pipeline TERMINAL pipeline "{application: \"$APP\",
	pipeline: \"$(cat child.id)\", waitForCompletion: true}" \
	'.context | .status == "TERMINAL" and .executionName == "child" and
	.exception.details.errors ==
		["Exception in child pipeline stage (child: Inner): the child fell"] and
	.exception.source.executionId == .executionId and
	.exception.source.stageName == "Inner"'
test_done
