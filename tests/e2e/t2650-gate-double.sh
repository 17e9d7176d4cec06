#!/bin/sh
# The double of Spinnaker's Gate that other tests rely on: the shape of each of
# its answers, the rules behind them, and each thing that can go wrong with it.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/gate.sh"

# ask METHOD PATH [JSON] [CURL ARGUMENT...]: the body in out, the header in
# head, the status in code (000: no answer), curl's own exit status in status.
ask() {
	ask_method=$1 ask_path=$2 ask_body=${3-} status=0
	shift 2
	[ $# = 0 ] || shift
	[ -z "$ask_body" ] || set -- "$@" --data-binary "$ask_body" \
		-H 'Content-Type: application/json'
	code=$(curl -sS -k -m 10 -g -X "$ask_method" "$GATE_URL$ask_path" -D head -o out \
		-w '%{http_code}' "$@" 2>err) || status=$?
}
# asked SENTENCE STATUS [JQ FILTER]: how that went, and what is in it.
asked() {
	{ echo "status $code, curl $status, of: $ask_method $ask_path"; cat head out err; } \
		>.why 2>&1
	[ "$code" = "$2" ]
	test_report $? "$1" .why
	[ -z "${3-}" ] || test_jq "... $3" "$3"
}
# run NAME [JSON]: trigger it; its id is in id.
run() {
	ask POST "/pipelines/demo/$1" "${2:-{\}}"
	id=$(jq -r '.ref | ltrimstr("/pipelines/")' out)
}
# has SENTENCE JQ FILTER: of the execution id.
has() {
	ask GET "/pipelines/$id"
	test_jq "$1" "$2"
}

test_ok 'it starts' gate_start --now 2026-03-02T10:00:00Z
gate_pipeline '{"application": "demo", "name": "deploy", "id": "p-deploy",
	"parameterConfig": [{"name": "image", "required": true}, {"name": "env", "default": "dev"}],
	"stages": [{"refId": "1", "requisiteStageRefIds": [], "type": "wait", "name": "Wait", "waitTime": 5}]}'
gate_pipeline '{"application": "demo", "name": "off", "id": "p-off", "disabled": true}'
gate_pipeline '{"application": "demo", "name": "empty"}'
gate_pipeline '{"application": "demo", "name": "free", "id": "p-free", "script": {}}'
gate_pipeline '{"application": "other", "name": "else", "id": "p-else", "script": {"status": "SUCCEEDED"}}'
gate_pipeline '{"application": "demo", "name": "picky", "expectedArtifacts":
	[{"id": "a1", "matchArtifact": {"type": "docker/image", "name": "x"}}], "script": {"ms": 0}}'

# --- what it is, and what it has --------------------------------------------------

ask GET /version
asked 'version' 200 '. == {version: "2026.1.0"}'
ask GET /health
asked 'health' 200 '.status == "UP"'
ask GET /credentials
asked 'credentials' 200 '. == []'
ask GET /auth/user
asked 'nobody in particular' 200
test_not 'is an empty answer' test -s out
ask GET /applications/demo
asked 'an application' 200 '.name == "demo" and .attributes.email == "a@example.com"'
ask GET /applications/nope
asked 'an unknown one' 404 '. == {error: "Not Found", status: 404, message: "Application not found (id: nope)",
	exception: "com.netflix.spinnaker.kork.web.exceptions.NotFoundException",
	timestamp: "2026-03-02T10:00:00.000+00:00"}'
ask GET /applications/demo/pipelineConfigs
asked 'its pipelines' 200 'length == 5 and (.[0] | .id == "p-deploy" and .updateTs == "1772445600000")'
ask GET /applications/nope/pipelineConfigs
asked 'those of an unknown application' 200 '. == []'
ask GET /applications/demo/pipelineConfigs/deploy
asked 'a pipeline by name' 200 '.id == "p-deploy" and (has("_double") or has("script") | not)'
ask GET /applications/demo/pipelineConfigs/p-else
asked 'by id, whatever the application' 200 '.application == "other"'
ask GET /applications/demo/pipelineConfigs/nope
asked 'an unknown one' 404 '.message | startswith("Pipeline configuration not found (nameOrId: nope in application demo)")'
ask GET /nothing/there
asked 'an unknown path' 404 '.type == "about:blank"'
ask PUT /version
asked 'a wrong method' 405 '.title == "Method Not Allowed"'
ask GET /applications/a%2Fb
asked 'an encoded slash' 400
ask GET '/version' '' -H 'X-SPINNAKER-REQUEST-ID: r-1'
test_ok 'the id of a request comes back' grep -qi '^x-spinnaker-request-id: r-1' head
test_ok 'with the time of its clock' grep -qi '^date: Mon, 02 Mar 2026 10:00:00 GMT' head

# --- triggers ------------------------------------------------------------------------

ask POST /pipelines/demo/deploy '{"correlationId": "t-1", "eventId": "t-1", "user": "bo",
	"parameters": {"image": "x:1"}, "anything": {"else": true}}'
asked 'a trigger' 202 'keys == ["ref"] and (.ref | test("^/pipelines/[0-9A-HJKMNP-TV-Z]{26}$"))'
id=$(jq -r '.ref | ltrimstr("/pipelines/")' out)
has 'is an execution, running' '.status == "RUNNING" and .id == "'"$id"'" and .type == "PIPELINE" and
	.application == "demo" and .name == "deploy" and .pipelineConfigId == "p-deploy" and
	.buildTime == 1772445600000 and .startTime == .buildTime and .canceled == false and .origin == "api"'
test_jq 'with its trigger, filled in' '.trigger | .type == "manual" and .user == "bo" and .correlationId == "t-1"
	and .eventId == "t-1" and .anything == {else: true} and .parameters == {image: "x:1", env: "dev"}
	and .notifications == [] and .artifacts == []'
test_jq 'and its stage' '.stages | length == 1 and (.[0] | .status == "RUNNING" and .type == "wait" and
	.name == "Wait" and .refId == "1" and .context.waitTime == 5 and (has("_double") | not) and
	.tasks[0].status == "RUNNING")'
test_jq 'and nothing of the double' 'has("_double") | not'
ask GET /applications/demo/executions/nothing
asked 'what is not there' 404
ask POST /pipelines/demo/deploy '{"correlationId": "t-1", "parameters": {"image": "x:2"}}'
asked 'the same correlation id, while it runs' 202 '.ref == "/pipelines/'"$id"'"'
ask POST /pipelines/other/else '{"correlationId": "t-1"}'
asked 'even of another pipeline' 202 '.ref == "/pipelines/'"$id"'"'
gate_clock 2026-03-02T10:00:04Z
has 'a second before its time it runs' '.status == "RUNNING"'
gate_clock 2026-03-02T10:00:05Z
has 'then it has succeeded' '.status == "SUCCEEDED" and .endTime == 1772445605000 and
	(.stages[0] | .status == "SUCCEEDED" and .endTime == 1772445605000)'
ask POST /pipelines/demo/deploy '{"correlationId": "t-1", "parameters": {"image": "x:1"}}'
asked 'the same correlation id after it ended' 202 '.ref != "/pipelines/'"$id"'"'
gate_oracle t-1 >out
test_jq 'is a second execution, and the oracle knows' '.violations == ["t-1"] and
	(.token | .executions == 2 and .posts == 4 and .by_fault == 0 and (.ids | length) == 2)'
test_jq 'and every request' '[.requests[] | [.method, .status, .token]] | length == 4 and
	all(. == ["POST", 202, "t-1"])'
ask POST /pipelines/demo/deploy
asked 'a required parameter is missing' 400 '.message == "Required parameter image is missing"'
ask POST /pipelines/demo/deploy '{"parameters": '
asked 'no JSON' 400 '.title == "Bad Request"'
ask POST /pipelines/demo/deploy '{"parameters": {"image": "x"}}' -H 'Content-Type: text/plain'
asked 'not said to be JSON' 415
ask POST /pipelines/demo/nope '{}'
asked 'no such pipeline' 404 '.message | startswith("Unable to trigger pipeline (application: demo, pipelineNameOrId: nope). Error: Pipeline configuration not found (nameOrId: nope in application demo): Status: 404, Method: GET, URL: http://front50/pipelines/nope/get, Message: ")'
ask POST /pipelines/demo/p-else '{"eventId": "by-id"}'
asked "another application's, by its id" 202
ask POST /pipelines/demo/off '{"correlationId": "t-off", "eventId": "t-off"}'
asked 'a disabled pipeline' 400 '.message == "Unable to trigger pipeline (application: demo, pipelineNameOrId: off). Error: Status: 400, Method: POST, URL: http://orca/orchestrate?user=anonymous, Message: Pipeline is disabled and cannot be started."'
ask POST /pipelines/demo/off '{"correlationId": "t-off", "eventId": "t-off"}'
ask GET '/applications/demo/executions/search?eventId=t-off'
asked 'leaves a record each time' 200 'length == 2 and all(.status == "TERMINAL" and .canceled and
	.canceledBy == "system" and .cancellationReason == "Failed on startup: Pipeline is disabled and cannot be started."
	and (has("startTime") or has("endTime") | not))'
gate_oracle t-off >out
test_jq 'which is no execution' '.token.executions == 0 and .token.refused == 2 and (.violations | index("t-off") == null)'
run picky
asked 'an artifact that is expected' 400 '.message | endswith("could not be resolved.")'
run picky '{"artifacts": [{"type": "docker/image", "name": "x"}]}'
asked 'and given' 202
ask POST /applications/demo/pipelineConfigs/free
asked 'the old way' 200 'has("ref")'
run empty
has 'a pipeline without stages is TERMINAL' '.status == "TERMINAL" and .stages == [] and (has("startTime") | not)'

# --- v2, start, webhooks, tasks -------------------------------------------------------

ask POST /pipelines/v2/demo/free '{"eventId": "mine", "correlationId": "t-v2", "other": 1}'
asked 'v2' 202 '.eventId != "mine" and (.ref | startswith("/pipelines/"))'
id=$(jq -r '.ref | ltrimstr("/pipelines/")' out) event=$(jq -r .eventId out)
has 'goes through echo, which drops what it does not know' '.trigger | .eventId == "'"$event"'" and
	.correlationId == "t-v2" and (has("other") | not)'
ask POST /pipelines/v2/demo/nope
asked 'v2 of an unknown pipeline' 202
id=$(jq -r '.ref | ltrimstr("/pipelines/")' out)
ask GET "/pipelines/$id"
asked 'never comes about' 404 '.message == "Pipeline not found (id: '"$id"')"'
gate_control settings '{"echo_ms": 2000}'
ask POST /pipelines/v2/demo/free
id=$(jq -r '.ref | ltrimstr("/pipelines/")' out)
ask GET "/pipelines/$id"
asked 'echo takes its time' 404
gate_clock 2026-03-02T10:00:07Z
has 'and gets there' '.status == "SUCCEEDED"'
ask POST /pipelines/start '{"application": "demo", "name": "mine", "plan": true, "stages": [], "trigger": {}}'
asked 'a plan' 200 '.trigger.type == "manual" and (has("ref") | not)'
start='{"application": "demo", "name": "mine", "id": "p-mine", "executionId": "01J0000000000000000000CHSN",
	"stages": [{"refId": "1", "type": "wait", "waitTime": 60}], "trigger": {"eventId": "t-start"}}'
ask POST /pipelines/start "$start"
asked 'start' 200 '.ref == "/pipelines/01J0000000000000000000CHSN"'
ask POST /pipelines/start "$start"
gate_oracle t-start >out
test_jq 'with the same id again starts it again' '.violations == ["t-1", "t-start"] and .token.executions == 2'
gate_pipeline '{"application": "demo", "name": "hooked", "script": {"ms": 0},
	"triggers": [{"type": "webhook", "enabled": true, "source": "ci"}]}'
ask POST /webhooks/webhook/ci '{"parameters": {"a": "b"}, "x": 1}'
asked 'a webhook' 200 '.eventProcessed == true'
ask GET "/applications/demo/executions/search?triggerTypes=webhook&eventId=$(jq -r .eventId out)"
asked 'starts who listens' 200 'length == 1 and (.[0].trigger | .payload.x == 1 and .parameters.a == "b")'
ask POST /tasks '{"application": "new", "description": "Create it", "job":
	[{"type": "createApplication", "application": {"name": "new", "email": "n@example.com"}}]}'
asked 'a task' 200 '.ref | startswith("/tasks/")'
ask GET "$(jq -r .ref out)"
asked 'can be looked at' 200 '.status == "SUCCEEDED" and .name == "Create it" and .application == "new"'
ask GET /applications/new
asked 'and is done' 200
ask POST /pipelines '{"application": "new", "name": "saved", "stages": []}'
asked 'a pipeline is saved' 200
ask POST /pipelines '{"application": "new", "name": "saved", "id": "another"}'
asked 'but not twice' 400 '.message | contains("already exists")'
ask DELETE /pipelines/new/saved
asked 'and deleted' 200
ask GET /applications/new/pipelineConfigs
asked 'indeed' 200 '. == []'

# --- stages ------------------------------------------------------------------------------

# ends SENTENCE SCRIPT FILTER: how a run of "free" with this script stands.
ends() {
	test_ok "$1" gate_script demo free "$2"
	run free
	has '...' "$3"
}
ends 'a stage that fails and may' '{"stages": [{"status": "TERMINAL", "error": "http", "context": {"continuePipeline": true}}, {"name": "Two"}]}' \
	'.status == "SUCCEEDED" and [.stages[].status] == ["FAILED_CONTINUE", "SUCCEEDED"]'
ends 'one that stops its branch' '{"stages": [{"status": "TERMINAL", "context": {"failPipeline": false}}, {"name": "Two"}]}' \
	'.status == "SUCCEEDED" and [.stages[].status] == ["STOPPED", "NOT_STARTED"]'
ends 'one that fails the whole in the end' '{"stages": [{"refId": "a", "requisiteStageRefIds": [], "status": "TERMINAL",
	"context": {"failPipeline": false, "completeOtherBranchesThenFail": true}}, {"refId": "b", "requisiteStageRefIds": []}]}' \
	'.status == "TERMINAL" and [.stages[].status] == ["STOPPED", "SUCCEEDED"]'
ends 'one that fails while another runs' '{"stages": [{"refId": "a", "requisiteStageRefIds": [], "status": "TERMINAL"},
	{"refId": "b", "requisiteStageRefIds": [], "ms": -1}]}' \
	'.status == "TERMINAL" and [.stages[].status] == ["TERMINAL", "CANCELED"]'
ends 'one that is skipped' '{"stages": [{"status": "SKIPPED"}, {}]}' \
	'.status == "SUCCEEDED" and [.stages[].status] == ["SKIPPED", "SUCCEEDED"]'
ends 'one that never starts' '{"status": "NOT_STARTED"}' '.status == "RUNNING" and .stages[0].status == "NOT_STARTED"'
ends 'a run that never starts' '{"start_ms": -1}' '.status == "NOT_STARTED" and (has("startTime") | not)'
ends 'one that never ends' '{"ms": -1}' '.status == "RUNNING"'
ends 'stages within a stage' '{"stages": [{"status": "TERMINAL", "children": [{"name": "Inner", "status": "TERMINAL", "error": "exception", "message": "deep"}]}]}' \
	'.stages | length == 2 and .[1].parentStageId == .[0].id and .[1].syntheticStageOwner == "STAGE_BEFORE" and
	.[1].status == "TERMINAL" and .[1].context.exception.details.errors == ["deep"] and (.[0].context | has("exception") | not)'
# Where the reason is, by the kind of failure.
while read -r error where; do
	gate_script demo free '{"status": "TERMINAL", "error": "'"$error"'", "message": "Because."}'
	run free
	ask GET "/pipelines/$id"
	test_jq "the reason of '$error'" '.status == "TERMINAL" and (.stages[0].context | '"$where"')'
done <<'EOT'
exception .exception | .details.errors == ["Because."] and .exceptionType == "RuntimeException"
http .exception.details | .errors == ["Because."] and .status == 500 and .kind == "HTTP"
network .exception.details | .error == "Because." and .errors == [] and .kind == "NETWORK"
kato .["kato.tasks"][0].exception.message == "Because." and (has("exception") | not)
manifest .messages == ["Because."] and .exception.details.errors == ["Because."]
timeout .exception | .exceptionType == "TimeoutException" and .details.errors == ["Because."]
judgment .judgmentStatus == "stop" and .judgmentInput == "Because." and (has("exception") | not)
bake .status.result == "FAILURE" and .exception.details.errors == ["Because."]
bake_manifest .exception | .exceptionType == "IllegalArgumentException" and .details.errors == ["Because."]
webhook .webhook.error == "Because." and (has("exception") | not)
webhook_monitor .webhook.monitor.error == "Because."
expression .expressionEvaluationSummary[][].description == "Because."
precondition .context.expressionResult == "false" and .context.failureMessage == "Because." and (has("exception") | not)
forbidden .exception.details | .status == 403 and .errors == ["Because."]
planning .beforeStagePlanningFailed == true and .exception.details.errors == ["Because."]
errors_only .exception == {details: {errors: ["Because."]}}
iso_time .exception | (.timestamp | type == "string") and .details.error == "Because."
silent has("exception") | not
EOT
test_not 'an unknown reason is refused' gate_script demo free '{"error": "whim"}'
gate_script demo free '[{"status": "TERMINAL"}, {"status": "SUCCEEDED"}]'
run free
has 'scripts follow each other' '.status == "TERMINAL"'
run free
run free
has 'the last one stays' '.status == "SUCCEEDED"'

# --- child pipelines ---------------------------------------------------------------------------

gate_pipeline '{"application": "demo", "name": "parent", "stages":
	[{"refId": "1", "type": "pipeline", "name": "Child", "application": "other", "pipeline": "p-else"}]}'
gate_script other else '{"ms": 1000, "name": "Inner", "status": "TERMINAL", "error": "exception", "message": "deep"}'
run parent
has 'a stage starts a child and waits' '.status == "RUNNING" and .stages[0].context.executionId != null'
gate_clock 2026-03-02T10:00:08Z
has 'and fails with it' '.status == "TERMINAL" and .endTime == 1772445608000 and
	.stages[0].context.exception.details.errors == ["Exception in child pipeline stage (else: Inner): deep"] and
	(.stages[0].context | .exception.source.stageName == "Inner" and .exception.source.executionId == .executionId)'
parent=$id id=$(jq -r '.stages[0].context.executionId' out)
has 'the child knows its parent' '.status == "TERMINAL" and .trigger.type == "pipeline" and
	.trigger.parentExecution.id == "'"$parent"'"'
ask GET "/executions/failedStages?executionId=$parent"
asked 'failed stages, from the child' 200 'length == 1 and (.[0] | .stageName == "Inner" and
	.pipelineApplication == "other" and .stageException.details.errors == ["deep"] and .stageStatus == "TERMINAL")'
ask GET '/executions/failedStages?executionId=nope'
asked 'of an unknown execution' 200 '. == []'

# --- lists ---------------------------------------------------------------------------------------

gate_pipeline '{"application": "many", "name": "one", "id": "p-one", "script": {"ms": 0}}'
for i in 1 2 3; do
	gate_control clock '{"advance_ms": 10}'
	ask POST /pipelines/many/one '{"eventId": "m-'$i'"}'
	eval "id$i=$(jq -r '.ref | ltrimstr("/pipelines/")' out)"
done
# shellcheck disable=SC2154 # assigned above
ids=$id1,nope,$id3
ask GET "/executions?executionIds=$ids"
asked 'executions by id, save unknown ones' 200 'map(.trigger.eventId) == ["m-1", "m-3"] and .[0].stages[0].tasks != []'
ask GET "/executions?executionIds=$ids&expand=false"
asked 'without what is in their stages' 200 'all(.stages[0] | .context == {} and .outputs == {} and .tasks == [] and .status == "SUCCEEDED")'
ask GET '/executions?pipelineConfigIds=p-one'
asked 'of a pipeline: the newest' 200 'map(.trigger.eventId) == ["m-3"]'
ask GET '/executions?pipelineConfigIds=p-one&limit=2'
asked 'or more' 200 'map(.trigger.eventId) == ["m-3", "m-2"]'
ask GET '/executions?pipelineConfigIds=p-one&limit=2&statuses=RUNNING,TERMINAL'
asked 'by their status' 200 '. == []'
ask GET '/executions?pipelineConfigIds=p-one&executionIds=x'
asked 'not by both' 400
ask GET /executions
asked 'by nothing' 200 '. == []'
ask GET '/applications/many/pipelines?limit=5'
asked 'of an application' 200 'length == 3'

# --- search, in its three ways ---------------------------------------------------------------------

t=$(gate_tell GET /_double/clock | jq .now)
search=/applications/many/executions/search
ask GET "$search?eventId=m-2&size=1000&triggerTimeStartBoundary=1"
asked 'search by event id' 200 'length == 1 and .[0].trigger.eventId == "m-2" and .[0].stages[0].context == {}'
ask GET "$search?eventId=m"
asked 'it is exact' 200 '. == []'
ask GET "$search?expand=true"
asked 'newest first' 200 'map(.trigger.eventId) == ["m-3", "m-2", "m-1"] and .[0].stages[0].tasks != []'
ask GET "$search?reverse=true&size=2"
asked 'or oldest, so many' 200 'map(.trigger.eventId) == ["m-1", "m-2"]'
ask GET "$search?pipelineName=one&statuses=SUCCEEDED&triggerTypes=manual,git"
asked 'by name, status, type' 200 'length == 3'
ask GET "$search?pipelineName=nope"
asked 'an unknown name' 200 '. == []'
ask GET "$search" '' --get --data-urlencode "trigger=$(printf '{"eventId": "M-[12]"}' | base64 -w 0)"
asked 'by a piece of the trigger, as a regular expression' 200 '. == []'
ask GET "$search" '' --get --data-urlencode "trigger=$(printf '{"eventId": "m-[12]"}' | base64 -w 0)"
asked '... with its case' 200 'length == 2'
ask GET "$search?triggerTimeStartBoundary=$t"
asked 'sql-legacy: the window is exclusive' 200 '. == []'
ask GET "$search?startIndex=1&size=2"
asked 'pages run short' 200 'length == 1'
ask GET "$search?trigger=%25"
asked 'a bad trigger is an error of the server' 500
ask GET '/applications/*/executions/search?pipelineName=one&size=1000'
asked 'and a name is not looked at for all applications' 200 'any(.name == "deploy")'
gate_control settings '{"search": "sql-fixed"}'
ask GET "$search?triggerTimeStartBoundary=$t&triggerTimeEndBoundary=$t"
asked 'sql-fixed: inclusive' 200 'length == 1'
ask GET "$search?startIndex=1&size=2"
asked 'full pages' 200 'map(.trigger.eventId) == ["m-2", "m-1"]'
ask GET "$search?trigger=%25"
asked 'a bad trigger is a bad request' 400
ask GET '/applications/*/executions/search?pipelineName=one'
asked 'names count' 200 'length == 3'
gate_control settings '{"search": "redis", "upstream_ms": 300}'
ask GET "$search?eventId=m-1&size=2&triggerTimeStartBoundary=$((t - 30))"
asked 'redis: each hit again until there are enough' 200 'length == 1'
ask GET "$search?size=1&eventId=m-1&triggerTimeStartBoundary=$((t - 30))"
asked '... one is enough for one' 200 'length == 1'
ask GET "$search?size=2&statuses=SUCCEEDED&triggerTimeStartBoundary=$((t - 30))"
for i in 4 5; do ask POST /pipelines/many/one '{"eventId": "m-'$i'"}'; done
ask GET "$search?size=2&eventId=m-4&triggerTimeStartBoundary=$((t - 30))"
asked '... one twice for two' 200 'map(.trigger.eventId) == ["m-4", "m-4"]'
ask GET "$search?size=2&eventId=nope&triggerTimeStartBoundary=$((t - 30))"
asked 'and none hangs until Gate gives up' 500
gate_control settings '{"search": "sql-legacy"}'
gate_fault '{"fault": "rename", "application": "many", "pipeline": "one", "to": "uno"}'
ask GET /version
ask GET "$search?pipelineName=one"
asked 'a renamed pipeline is not found by its old name' 200 '. == []'
ask GET "$search?pipelineName=uno"
asked 'but by its new one' 200 'length == 5'

# --- queues ---------------------------------------------------------------------------------------

gate_pipeline '{"application": "demo", "name": "queue", "id": "p-queue", "limitConcurrent": true, "script": {"ms": 1000}}'
for i in 1 2 3; do
	run queue '{"eventId": "q-'$i'"}'
	eval "id$i=$id"
done
states() {
	# shellcheck disable=SC2154 # assigned by eval
	ask GET "/executions?executionIds=$id1,$id2,$id3"
}
states
asked 'one runs, the others wait' 200 'map(.status) == ["RUNNING", "NOT_STARTED", "NOT_STARTED"]'
gate_control clock '{"advance_ms": 1000}'
states
asked 'then only the newest runs' 200 'map(.status) == ["SUCCEEDED", "CANCELED", "RUNNING"] and (.[1] |
	.canceledBy == "spinnaker" and (.cancellationReason | contains("a newer queued execution superceded it")))'
gate_control clock '{"advance_ms": 1000}'
gate_pipeline '{"application": "demo", "name": "queue", "id": "p-queue", "limitConcurrent": true, "keepWaitingPipelines": true}'
for i in 1 2 3; do
	run queue '{}'
	eval "id$i=$id"
done
gate_control clock '{"advance_ms": 1500}'
states
asked 'or all that wait, one after the other' 200 'map(.status) == ["SUCCEEDED", "RUNNING", "NOT_STARTED"] and .[1].startTime == .[0].endTime'
ask PUT "/pipelines/$id2/pause"
run queue '{}'
has 'a paused one keeps nobody out' '.status == "RUNNING" or .status == "NOT_STARTED"'
states
asked '... the next runs' 200 'map(.status) == ["SUCCEEDED", "PAUSED", "NOT_STARTED"]'

# --- operations --------------------------------------------------------------------------------------

gate_script demo free '{"ms": 10000}'
run free
ask PUT "/pipelines/$id/pause" '' -H 'X-SPINNAKER-USER: bo'
asked 'pause' 200
has 'it is paused' '.status == "PAUSED" and .paused.pausedBy == "bo" and .stages[0].status == "PAUSED"'
gate_control clock '{"advance_ms": 20000}'
ask PUT "/pipelines/$id/resume"
has 'and goes on where it was' '.status == "RUNNING"'
gate_control clock '{"advance_ms": 10000}'
has 'to its end' '.status == "SUCCEEDED" and .endTime - .startTime == 30000'
ask PUT "/pipelines/$id/resume"
asked 'resume of what has ended' 200
ask PUT "/pipelines/$id/cancel?reason=late"
has 'cancel of what has ended changes what it says only' '.status == "SUCCEEDED" and .canceled and .cancellationReason == "late"'
run free
gate_control settings '{"cancel_ms": 500}'
run free
ask PUT "/pipelines/$id/cancel?reason=not%20now&force=true" '' -H 'X-SPINNAKER-USER: bo'
asked 'cancel' 200
test_not '... an empty answer' test -s out
has 'it still runs' '.status == "RUNNING" and .canceled and .canceledBy == "bo" and .cancellationReason == "not now"'
gate_control clock '{"advance_ms": 500}'
has 'a moment later it does not' '.status == "CANCELED" and .stages[0].status == "CANCELED"'
ask PUT /pipelines/nope/cancel
asked 'cancel of an unknown one' 404
gate_script demo free '{"start_ms": -1}'
run free
ask PUT "/applications/demo/pipelines/$id/cancel"
has 'what has not begun is canceled at once' '.status == "CANCELED" and .canceledBy == "anonymous" and (has("cancellationReason") | not)'
gate_script demo free '{"ms": -1, "cancel": "ignored"}'
run free
ask PUT "/pipelines/$id/cancel"
gate_control clock '{"advance_ms": 5000}'
has 'a cancel may do nothing' '.status == "RUNNING" and .canceled == false'
ask DELETE "/pipelines/$id"
asked 'what runs is not deleted' 409
gate_script demo free '{"stages": [{"status": "TERMINAL", "error": "http"}, {"name": "Two"}]}'
run free
has 'it fails' '.status == "TERMINAL"'
stage=$(jq -r '.stages[0].id' out)
gate_control clock '{"advance_ms": 5000}'
ask PUT "/pipelines/$id/stages/$stage/restart" '{}' -H 'X-SPINNAKER-USER: bo'
asked 'restart of a stage' 200 '.status == "RUNNING" and .startTime - .endTime == 5000 and .stages[0].context.restartDetails.restartedBy == "bo"'
has 'it is well then' '.status == "SUCCEEDED" and [.stages[].status] == ["SUCCEEDED", "SUCCEEDED"]'
ask PUT "/pipelines/$id/stages/$stage/restart"
asked 'it wants a body' 400
ask DELETE "/pipelines/$id"
asked 'what has ended is deleted' 200
ask GET "/pipelines/$id"
asked 'and gone' 404
gate_pipeline '{"application": "demo", "name": "judged", "stages": [{"refId": "1", "type": "manualJudgment", "name": "OK?"}]}'
for answer in continue stop; do
	run judged
	has 'a judgment waits' '.status == "RUNNING"'
	ask PATCH "/pipelines/$id/stages/$(jq -r '.stages[0].id' out)" '{"judgmentStatus": "'$answer'"}' -H 'X-SPINNAKER-USER: bo'
	asked "until it is to $answer" 200 '.stages[0] | .context.judgmentStatus == "'$answer'" and .lastModified.user == "bo"'
	eval "$answer=$id"
done
# shellcheck disable=SC2154 # assigned above
ask GET "/executions?executionIds=$continue,$stop"
asked 'it ends as it was judged' 200 'map(.status) == ["SUCCEEDED", "TERMINAL"]'
ask PATCH "/pipelines/$id/stages/nope" '{"judgmentStatus": "stop"}'
asked 'an unknown stage' 200
test_not '... is an empty answer' test -s out

# --- what goes wrong: how it is answered ------------------------------------------------------------------

gate_script demo free '{"ms": 0}'
# wrong SENTENCE FAULT: the next trigger, of token f-N, with this fault.
n=0
wrong() {
	n=$((n + 1))
	gate_fault "$2"
	ask POST /pipelines/demo/free '{"correlationId": "f-'$n'", "eventId": "f-'$n'"}'
	wrong=$1
	cp out said 2>/dev/null
	gate_oracle f-$n >oracle
}
# made COUNT: executions of its token; curl STATUS: how curl ended.
made() {
	{ echo "curl $status, status $code"; jq -c .token oracle; } >.why
	[ "$(jq .token.executions oracle)" = "$1" ] && [ "$status" = "${2:-0}" ]
	test_report $? "$wrong: $1 executed${2:+, curl exits $2}" .why
}
wrong 'closed before' '{"fault": "close"}'
made 0 52
wrong 'closed after' '{"fault": "close", "executed": true}'
made 1 52
wrong 'reset before' '{"fault": "reset"}'
made 0 56
wrong 'reset after' '{"fault": "reset", "executed": true}'
made 1 56
wrong 'reset in the body' '{"fault": "reset_mid"}'
made 1 56
wrong 'closed in the body' '{"fault": "truncate"}'
made 1 18
wrong 'closed when connected' '{"fault": "close_accept"}'
case $status in 52 | 56) status=52 ;; esac
made 0 52
gate_fault '{"fault": "endless"}'
ask GET /version '' -m 0.5
test_ok 'a body without end' test $status = 28
gate_fault '{"fault": "length_long"}'
ask GET /version '' -m 0.5
test_ok 'a body shorter than announced' test $status = 28
wrong 'a body longer than announced' '{"fault": "length_short"}'
made 1
test_not '... is cut by the client' jq . said
wrong 'half of the JSON' '{"fault": "cut_json"}'
made 1
test_not '... is none' jq . said
gate_fault '{"fault": "gzip"}'
ask GET /applications/demo/pipelineConfigs '' --compressed
asked 'compressed' 200 'length > 3'
test_ok '... indeed' grep -qi '^content-encoding: gzip' head
gate_fault '{"fault": "delay", "ms": 300}'
ask GET /version '' -m 0.1
test_ok 'too late' test $status = 28
gate_fault '{"fault": "delay", "ms": 300, "before": true}'
ask POST /pipelines/demo/free '{"eventId": "late"}' -m 0.1
gate_oracle late >out
test_jq 'a request that is still under way' '.token.executions == 0'
sleep 0.5
gate_oracle late >out
test_jq '... comes after all' '.token.executions == 1'
gate_fault '{"fault": "stale"}'
ask GET /version '' --next -sS -o /dev/null "$GATE_URL/health"
asked 'a connection that is closed behind an answer' 200
gate_oracle >out
test_jq '... the next request has another' '.requests[-2:] | .[0].connection != .[1].connection and .[1].on_connection == 1'
ask GET /version '' --next -sS -o /dev/null "$GATE_URL/health"
gate_oracle >out
test_jq 'otherwise it is kept' '.requests[-2:] | .[0].connection == .[1].connection and .[1].on_connection == 2'
gate_fault '{"fault": "close", "match": {"reused": true}}'
ask GET /version '' --next -sS -o /dev/null "$GATE_URL/health"
gate_oracle >out
test_jq 'a kept connection may be dead' 'any(.requests[-3:][]; .faults == ["close"] and .on_connection == 2)'
gate_tell POST /_double/refuse '{"ms": 400}' >/dev/null
sleep 0.1
ask GET /version
test_ok 'nobody listens' test $status = 7
sleep 0.6
ask GET /version
asked 'for a while' 200

wrong 'an error' '{"fault": "status", "status": 500, "message": "timeout"}'
made 0
asked '... 500' 500
wrong 'an error that came too late' '{"fault": "status", "status": 500, "executed": true}'
made 1
wrong '502' '{"fault": "bad_gateway"}'
made 0
asked '... of a proxy' 502
wrong '504' '{"fault": "gateway_timeout", "executed": true}'
made 1
test_ok '... in HTML' grep -q '<html>' said
wrong 'shed' '{"fault": "shed"}'
made 0
asked '... 503' 503 '.message == "Low priority requests are not currently being accepted"'
test_ok '... until then' grep -qi '^retry-after: Mon, 02 Mar 2026 10:0.*GMT' head
wrong 'rate limited' '{"fault": "rate_limited"}'
made 0
asked '... 429' 429 '. == {message: "Rate capacity exceeded"}'
test_ok '... by so much' grep -qi '^x-ratelimit-remaining: 0' head
wrong 'not signed in' '{"fault": "unauthorized"}'
made 0
asked '... 401' 401
wrong 'sent to log in' '{"fault": "login_redirect"}'
made 0
asked '... 302' 302
wrong 'the page to log in' '{"fault": "login_page"}'
made 0
asked '... 200' 200
wrong 'forbidden' '{"fault": "forbidden"}'
made 0
asked '... 403' 403 '.message | contains("required authorization: EXECUTE")'
wrong 'a bad request' '{"fault": "bad_request"}'
made 0
asked '... RFC 7807' 400 '.title == "Bad Request" and (has("message") | not)'
wrong 'refused by orca' '{"fault": "orca_400", "message": "no such bake"}'
made 0
asked '... 400' 400 '.message | endswith("Method: POST, URL: http://orca/orchestrate?user=anonymous, Message: no such bake")'
test_jq '... with a record' '.token.refused == 1' oracle
wrong 'an empty answer' '{"fault": "empty"}'
made 1
asked '... 200' 200
wrong 'no ref' '{"fault": "no_ref"}'
made 1
test_jq '... {}' '. == {}' said
wrong 'a foreign ref' '{"fault": "foreign_ref", "ref": "01X"}'
made 1
test_jq '... indeed' '.ref == "/pipelines/01X"' said
wrong 'an event id only' '{"fault": "event_only"}'
made 1
test_jq '... indeed' 'keys == ["eventId"]' said
wrong 'whatever is wanted' '{"fault": "answer", "status": 418, "body": {"tea": true}, "headers": {"X-Pot": "1"}, "executed": false}'
made 0
asked '... 418' 418 '.tea'
test_ok '... with its header' grep -q '^X-Pot: 1' head

# --- what goes wrong: behind the answer -------------------------------------------------------------------

wrong 'a duplicate' '{"fault": "duplicate"}'
made 2
test_jq '... which the oracle does not hold against its client' '.violations | index("f-'$n'") == null' oracle
test_jq '... though it counts it' '.token.by_fault == 1' oracle
wrong 'a second one, later' '{"fault": "duplicate", "after_ms": 2000}'
made 2
later="/applications/demo/executions/search?eventId=f-$n"
ask GET "$later"
asked '... cannot be found yet' 200 'length == 1'
gate_control clock '{"advance_ms": 2000}'
ask GET "$later"
asked '... then there are two' 200 'length == 2 and .[0].id != .[1].id'
gate_script demo free '{"ms": -1}'
wrong 'a correlation that is lost' '{"fault": "correlation_lost"}'
ask POST /pipelines/demo/free '{"correlationId": "f-'$n'"}'
gate_oracle f-$n >oracle
made 2
wrong 'one that lags behind' '{"fault": "lag", "ms": 2000}'
made 1
id=$(jq -r '.ref | ltrimstr("/pipelines/")' said)
ask GET "/pipelines/$id"
asked '... cannot be seen' 404
ask GET "/applications/demo/executions/search?eventId=f-$n"
asked '... nor found' 200 '. == []'
ask POST /pipelines/demo/free '{"correlationId": "f-'$n'"}'
asked '... but its correlation id is known' 202 '.ref == "/pipelines/'"$id"'"'
gate_control clock '{"advance_ms": 2000}'
ask GET "/applications/demo/executions/search?eventId=f-$n"
asked '... later it can' 200 'length == 1'
gate_fault '{"fault": "vanish"}'
ask POST /pipelines/v2/demo/free
ask GET "$(jq -r .ref out)"
asked 'one that never comes about' 404
gate_fault '{"fault": "cancel_ignored"}'
ask PUT "/pipelines/$id/cancel"
gate_control clock '{"advance_ms": 5000}'
has 'a cancel that does nothing' '.status == "RUNNING"'
gate_fault '{"fault": "unknown_status"}'
has 'a status that nobody knows' '.status == "PONDERING"'
gate_fault '{"fault": "canceled_running"}'
has 'canceled, and it runs' '.canceled and .status == "RUNNING"'
gate_fault '{"fault": "iso_times"}'
has 'times as text' '.buildTime | test("^2026-03-02T10:0.*[+]00:00$")'
gate_fault '{"fault": "missing_members"}'
has 'members that are missing' 'has("trigger") or has("canceled") | not'
gate_fault '{"fault": "huge", "bytes": 3000000}'
ask GET "/executions?executionIds=$id"
asked 'much of it' 200 '.[0].stages[0].context.filler | length == 3000000'
gate_fault '{"fault": "date_skew", "ms": 3600000}'
ask GET /version
test_ok 'a date that is an hour off' grep -qi '^date: Mon, 02 Mar 2026 11:' head
gate_fault '{"fault": "answer", "body": [], "count": 2, "match": {"path": "/applications/*/executions/search"}}'
ask GET /version
asked 'only what fits is struck' 200 'has("version")'
for i in 1 2; do
	ask GET "/applications/demo/executions/search?eventId=f-$n"
	asked "nothing is found, wrongly ($i)" 200 '. == []'
done
ask GET "/applications/demo/executions/search?eventId=f-$n"
asked 'then it is' 200 'length == 1'
ask PATCH "/_double/executions/$id" '{"status": "SUSPENDED"}'
has 'an execution can be changed by hand' '.status == "SUSPENDED"'
gate_fault '{"fault": "deleted"}'
ask GET "/executions?executionIds=$id"
asked 'an execution is gone' 200 '. == []'
ask GET "/pipelines/$id"
asked '... for good' 404
gate_fault '[{"fault": "disable", "application": "demo", "pipeline": "deploy"}, {"fault": "edit", "application": "demo", "pipeline": "queue"},
	{"fault": "remove", "application": "demo", "pipeline": "parent"}]'
ask GET /version
ask GET /applications/demo/pipelineConfigs
asked 'pipelines change between two looks' 200 'any(.name == "deploy" and .disabled) and
	any(.name == "queue" and .updateTs > "1772445630000") and (any(.name == "parent") | not)'
test_not 'an unknown fault is refused' gate_fault '{"fault": "gremlin"}'
# Chance depends on the seed and on what came before alone.
gate_stop
chances() {
	rm -rf gate-state
	gate_start
	gate_control settings '{"seed": '"$1"'}'
	gate_fault '{"fault": "status", "status": 503, "count": -1, "probability": 0.5}'
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		ask GET /version
		echo "$code"
	done
	gate_stop
}
mv gate-state kept
chances 7 >seven
chances 7 >again
chances 8 >eight
test_same 'by chance, with a seed' seven again
test_not 'otherwise with another' cmp -s seven eight
test_ok 'some are struck' grep -q 503 seven
test_ok 'and some are not' grep -q 200 seven
rm -rf gate-state && mv kept gate-state
gate_start

# --- it survives ---------------------------------------------------------------------------------------

run free '{"correlationId": "s-1", "eventId": "s-1"}'
gate_fault '{"fault": "bad_gateway", "skip": 1}'
gate_oracle >before
gate_kill
printf '{"of":"executions","key":"torn' >>gate-state/journal
test_ok 'killed, it starts again' gate_start
has 'with what it knew' '.status == "RUNNING" and .trigger.eventId == "s-1"'
ask POST /pipelines/demo/free '{"correlationId": "s-1"}'
asked 'and what was to go wrong' 502
gate_oracle >after
test_ok 'and all that was asked' test "$(jq '.requests | length' after)" = "$(($(jq '.requests | length' before) + 2))"
ask POST /pipelines/demo/free '{"correlationId": "s-1"}'
asked 'and whom it had seen' 202 '.ref == "/pipelines/'"$id"'"'
ask POST /_double/reset '{}'
ask GET /applications
asked 'until it is to forget' 200 '. == []'
ask POST /_double/scenario '{"clock": {"now": "2026-01-01T00:00:00Z", "step_ms": 1000}, "applications": [{"name": "a"}]}'
ask GET /version
test_ok 'a clock that steps' grep -qi '^date: Thu, 01 Jan 2026 00:00:01 GMT' head
gate_clock real
ask GET /version
test_ok 'real time' test "$(sed -n 's/^[Dd]ate: //p' head | tr -d '\r' | date -u -f - +%Y%m%d%H)" = "$(date -u +%Y%m%d%H)"
gate_stop

# --- who asks ------------------------------------------------------------------------------------------------

# signs MODE: start anew with this way of signing in.
signs() {
	gate_stop
	rm -rf gate-state
	gate_start --auth "$1" --user bo --password s3cret
}
signs basic
ask GET /applications
asked 'basic: without' 302
test_ok '... to the page' grep -qi '^location: /login' head
ask GET /applications '' -u bo:wrong
asked 'with a wrong password' 302
ask GET /applications '' -L
asked '... which is HTML' 200
test_ok '... indeed' grep -q '<html>' out
ask GET /applications '' -u bo:s3cret
asked 'with the right one' 200 '. == []'
ask GET /auth/user '' -u bo:s3cret
asked 'who I am' 200 '.username == "bo"'
ask GET /health
asked 'health is open' 200
signs bearer
ask GET /applications '' -H 'Authorization: Bearer nope'
asked 'bearer: a wrong one' 302
ask GET /applications '' -H 'Authorization: Bearer s3cret'
asked 'the right one' 200
signs token
ask GET /applications '' -H 'X-Spinnaker-Token: nope'
asked 'token: a wrong one' 401
test_not '... without a word' test -s out
ask GET /applications
asked 'none' 302
ask GET /applications '' -H 'X-Spinnaker-Token: s3cret'
asked 'the right one' 200
signs header
ask GET /applications
asked 'header: without' 500 '.message == "X-SPINNAKER-USER header not found in request."'
ask GET /auth/user '' -H 'X-SPINNAKER-USER: cy'
asked 'with it' 200 '.username == "cy"'
gate_stop

# Two authorities; ours signs the server's certificate and the client's.
for ca in ca other; do
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-subj "/CN=$ca" -keyout $ca.key -out $ca.pem 2>/dev/null
done
echo 'subjectAltName=IP:127.0.0.1,DNS:localhost' >san
for who in server:ca client:ca stranger:other; do
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=${who%:*}" \
		-keyout "${who%:*}.key" -out csr 2>/dev/null
	openssl x509 -req -in csr -CA "${who#*:}.pem" -CAkey "${who#*:}.key" -CAcreateserial \
		-days 2 -extfile san -out "${who%:*}.pem" 2>/dev/null
done
rm -rf gate-state
test_ok 'with TLS' gate_start --auth x509 --tls-cert server.pem --tls-key server.key --tls-ca ca.pem
ask GET /version '' --cacert ca.pem
asked 'without a certificate' 403
ask GET /version '' --cert stranger.pem --key stranger.key
asked 'with one of somebody else' 403
ask GET /version '' --cert client.pem --key client.key
asked 'with one of ours' 200
test_ok 'its own is of that authority' curl -sS --cacert ca.pem --cert client.pem --key client.key \
	-o out "$GATE_URL/version"
test_not 'and of no other' curl -sS --cacert other.pem -o out "$GATE_URL/version"
gate_stop
test_done
