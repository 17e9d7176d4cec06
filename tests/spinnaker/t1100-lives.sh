#!/bin/sh
# The lives of executions: waiting, canceled, paused, restarted, and ends that
# are not what they seem.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/spinnaker/orca.sh"
stage() { # stage REF AFTER TYPE [MEMBERS]: a stage that depends on AFTER
	jq -nc "{refId: \"$1\", requisiteStageRefIds: $2, type: \"$3\", name: \"$3 $1\"} + ${4-{\}}"
}

# --- waiting ----------------------------------------------------------------

pipeline newest "{limitConcurrent: true, keepWaitingPipelines: false,
	stages: $(wait_stages 3)}"
# Triggers that come close together may all run: it is running ones that count.
a=$(trigger newest f1)
becomes "$a" RUNNING
b=$(trigger newest f2) c=$(trigger newest f3)
execution "$b"
test_ok 'where only one may run, the next waits, not started' \
	jq -e '.status == "NOT_STARTED" and (has("startTime") | not)' out
sample execution-waiting
test_ok 'without keepWaitingPipelines all but the newest are canceled' becomes "$b" CANCELED
test_ok 'by Spinnaker, for that reason' jq -e '.canceledBy == "spinnaker" and
	(.cancellationReason | startswith("This execution was queued but then canceled because
a newer queued execution superceded it." | gsub("\n"; " "))) and
	(has("startTime") or has("endTime") | not)' out
sample execution-superseded
test_ok 'the newest runs' becomes "$c" SUCCEEDED

pipeline queue "{limitConcurrent: true, keepWaitingPipelines: true,
	stages: $(wait_stages 1)}"
a=$(trigger queue g1)
becomes "$a" RUNNING
b=$(trigger queue g2) c=$(trigger queue g3)
test_ok 'with keepWaitingPipelines all run' becomes "$c" SUCCEEDED
gate GET "/executions?executionIds=$a,$b,$c"
test_ok 'in their order, one at a time' jq -e 'map(.status) | all(. == "SUCCEEDED")' out
test_ok 'each after the end of the one before' jq -e 'sort_by(.id) | . as $e |
	all(range(1; 3); $e[.].startTime >= $e[. - 1].endTime)' out

# --- canceled ---------------------------------------------------------------

pipeline long "{stages: $(wait_stages 60 1)}"
a=$(trigger long k1)
becomes "$a" RUNNING
sleep 1
gate PUT "/pipelines/$a/cancel?reason=why"
test_ok 'cancel is answered at once' test "$(cat code)" = 200
execution "$a"
test_ok 'by then it may still be running' jq -e '.canceled' out
echo "# right after the cancel it is $(jq -r .status out)"
test_ok 'later it is canceled' becomes "$a" CANCELED
test_ok 'with who and why' jq -e '.canceledBy == "anonymous" and .cancellationReason == "why"' out
sample execution-canceled
gate PUT "/pipelines/$a/cancel?reason=again"
execution "$a"
test_ok 'a second cancel overwrites the reason' jq -e '.cancellationReason == "again"' out

pipeline one "{stages: $(wait_stages 1)}"
a=$(trigger one k2)
becomes "$a" SUCCEEDED
gate PUT "/pipelines/$a/cancel?reason=late"
test_ok 'cancel after the end is answered as any' test "$(cat code)" = 200
sleep 1
execution "$a"
test_ok 'and says canceled of what has succeeded' \
	jq -e '.status == "SUCCEEDED" and .canceled' out
sample execution-canceled-late

pipeline slot "{limitConcurrent: true, keepWaitingPipelines: true,
	stages: $(wait_stages 3)}"
a=$(trigger slot l1)
becomes "$a" RUNNING
b=$(trigger slot l2)
sleep 0.5
gate PUT "/pipelines/$b/cancel"
test_ok 'what waits is canceled' becomes "$b" CANCELED
test_ok 'with no start, no end and no reason' \
	jq -e 'has("startTime") or has("endTime") or has("cancellationReason") | not' out
sample execution-canceled-waiting
gate PUT /pipelines/01AAAAAAAAAAAAAAAAAAAAAAAA/cancel
test_ok 'what is unknown cannot be' test "$(cat code)" = 404

# --- paused, restarted ------------------------------------------------------

a=$(trigger long p1)
becomes "$a" RUNNING
sleep 1
gate PUT "/pipelines/$a/pause"
test_ok 'a pause is a state' becomes "$a" PAUSED
sleep 1
execution "$a"
sample execution-paused
gate PUT "/pipelines/$a/cancel"
test_ok 'what is paused can be canceled' becomes "$a" CANCELED

pipeline again "{stages: $(wait_stages 1 2)}"
a=$(trigger again r1)
becomes "$a" SUCCEEDED
gate PUT "/pipelines/$a/stages/$(jq -r '.stages[1].id' out)/restart" -d '{}'
test_ok 'what has ended runs again when a stage is restarted' becomes "$a" RUNNING
test_ok 'with the end of before' jq -e 'has("endTime")' out
sample execution-restarted
test_ok 'the same token is answered by it then' test "$(trigger again r1)" = "$a"
test_ok 'it ends again' becomes "$a" SUCCEEDED

# --- ends -------------------------------------------------------------------
# The double goes by the script.

pipeline goes-on "{stages: [
	$(stage 1 '[]' call '{say: "x", continuePipeline: true, failPipeline: false}'),
	$(stage 2 '["1"]' wait '{waitTime: 1}')],
	script: {stages: [{status: \"FAILED_CONTINUE\"}, {ms: 1000}]}}"
a=$(trigger goes-on s1)
test_ok 'a failure that was to be passed over is a success' becomes "$a" SUCCEEDED
test_ok 'of a stage that failed' \
	jq -e '[.stages[].status] == ["FAILED_CONTINUE", "SUCCEEDED"]' out
sample execution-failed-continue
pipeline stops "{stages: [
	$(stage 1 '[]' call '{say: "x", continuePipeline: false, failPipeline: false}'),
	$(stage 2 '["1"]' wait '{waitTime: 1}')],
	script: {stages: [{status: \"STOPPED\"}, {ms: 1000}]}}"
a=$(trigger stops s2)
test_ok 'a failure that was to end its branch is a success' becomes "$a" SUCCEEDED
test_ok 'of stages that did not run' jq -e '[.stages[].status] == ["STOPPED", "NOT_STARTED"]' out
sample execution-stopped
pipeline others-first "{stages: [
	$(stage 1 '[]' call '{say: "x", continuePipeline: false, failPipeline: false,
		completeOtherBranchesThenFail: true}'),
	$(stage 2 '[]' wait '{waitTime: 1}')],
	script: {stages: [{status: \"STOPPED\", completeOtherBranchesThenFail: true},
		{ms: 1000, requisiteStageRefIds: []}]}}"
a=$(trigger others-first s3)
test_ok 'a failure that was to let other branches end is one' becomes "$a" TERMINAL
test_ok 'of a stage that is only stopped' \
	jq -e '[.stages[].status] == ["STOPPED", "SUCCEEDED"]' out
sample execution-stopped-then-failed
pipeline skips "{stages: [$(stage 1 '[]' wait '{waitTime: 1,
	stageEnabled: {type: "expression", expression: "false"}}'),
	$(stage 2 '["1"]' wait '{waitTime: 1}')],
	script: {stages: [{status: \"SKIPPED\"}, {ms: 1000}]}}"
a=$(trigger skips s4)
test_ok 'a success' becomes "$a" SUCCEEDED
test_ok 'may have skipped stages' jq -e '.stages[0].status == "SKIPPED"' out
sample execution-skipped
pipeline empty
a=$(trigger empty s5)
test_ok 'a pipeline without stages fails' becomes "$a" TERMINAL
test_ok 'without a word' jq -e '.stages == [] and (has("startTime") or has("endTime") or
	has("cancellationReason") | not)' out
sample execution-empty
test_done
