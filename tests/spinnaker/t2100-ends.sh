#!/bin/sh
# Deployments that fail, that are refused, that are canceled.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/spinnaker/orca.sh"
. "$TOP/tests/spinnaker/world.sh"
pipeline good "{stages: $(wait_stages 1)}"
world_start good

# --- fails ------------------------------------------------------------------

pipeline bad "$(fails 'no room for 3 replicas; Authorization: Bearer abcdef123456')"
recipe bad
want bad
run 1 'a pipeline whose stage fails'
test_jq 'has failed' '.decisions[-1].deployment.state == "FAILED"'
test_run 0 'show' "$DXCP" -C w show "$(field bad number)" --format json
test_jq 'says why' '.deployment.failures[0] |
	.summary + .detail | contains("no room for 3 replicas")'
test_not 'without the secret' grep -q abcdef123456 out
test_not 'which is nowhere' grep -rq abcdef123456 w/.dxcp
test_once 'once' bad
run 0 'it is not tried again'
test_jq 'nothing is' '.decisions == []'

pipeline inner "$(fails 'the inner one fell')"
pipeline outer "{stages: [{refId: \"1\", requisiteStageRefIds: [], type: \"pipeline\",
	name: \"Inner\", application: \"$APP\", pipeline: \"$(cat inner.id)\",
	waitForCompletion: true}]}"
recipe outer
want outer
run 1 'a pipeline whose child fails'
test_run 0 'show' "$DXCP" -C w show "$(field outer number)" --format json
test_jq "says what the child said" '.deployment.failures[0] |
	.summary + .detail | contains("the inner one fell")'

pipeline precondition '{stages: [{refId: "1", requisiteStageRefIds: [],
	type: "checkPreconditions", name: "Check", preconditions: [{type: "expression",
	failPipeline: true, context: {expression: "1 == 2",
	failureMessage: "the sums differ"}}]}], script: {stages: [{type: "checkPreconditions",
	name: "Check", status: "TERMINAL", children: [{type: "checkPreconditions",
	status: "TERMINAL", context: {preconditionType: "expression", context:
	{expression: "1 == 2", expressionResult: "false", failureMessage:
	"the sums differ"}}}]}]}}'
recipe precondition
want precondition
run 1 'a precondition that does not hold'
test_run 0 'show' "$DXCP" -C w show "$(field precondition number)" --format json
test_jq 'says which' '.deployment.failures[0] |
	.summary + .detail | contains("1 == 2") or contains("the sums differ")'

pipeline passes-over '{stages: [{refId: "1", requisiteStageRefIds: [], type: "call",
	name: "Try", say: "that did not work", continuePipeline: true, failPipeline: false},
	{refId: "2", requisiteStageRefIds: ["1"], type: "wait", name: "Wait", waitTime: 1}],
	script: {stages: [{type: "call", name: "Try", status: "FAILED_CONTINUE",
	error: "exception", message: "that did not work"}, {type: "wait", ms: 1000}]}}'
recipe passes-over
want passes-over
run 0 'a failure that the pipeline passes over'
test_ok 'is a success' test "$(field passes-over state)" = SUCCEEDED

# --- is refused -------------------------------------------------------------

pipeline off "{disabled: true, stages: $(wait_stages 1)}"
recipe off
want off
run 1 'a disabled pipeline'
test_jq 'is denied' '.decisions[-1] | .decision == "deny" and
	.code == "ENGINE_MISCONFIGURED" and .deployment == null'
test_ok 'before it was triggered' test "$(tokens "$(jq -r '.decisions[-1].token' out)")" = 0
recipe nowhere
want nowhere
run 1 'a pipeline that is not there'
test_jq 'is denied' '.decisions[-1].code == "ENGINE_MISCONFIGURED"'
pipeline wants "{stages: $(wait_stages 1), parameterConfig: [{name: \"image\", required: true}]}"
recipe wants
want wants
run 1 'a pipeline that wants a parameter more'
test_jq 'is denied' '.decisions[-1].code == "ENGINE_MISCONFIGURED"'

# --- is canceled ------------------------------------------------------------

pipeline long "{stages: $(wait_stages 100)}"
recipe long
want long
run 0 'a long pipeline' --wait 1s
test_ok 'runs' test "$(field long state)" = IN_PROGRESS
cat >w/intents/checkout/stop.yaml <<'YAML'
kind: cancel
of: intents/checkout/long.yaml
summary: Not wanted any more
YAML
repo_commit w "$(ago 30)" 'Cancel' bo@example.com
run 0 'and is canceled' --wait 30s
test_ok 'in the ledger' test "$(field long state)" = CANCELED
execution "$(field long engine_execution_id)"
test_ok 'and in Spinnaker' jq -e '.status == "CANCELED"' out

want late
recipe good
run 0 'a short one'
execution "$(field late engine_execution_id)"
gate PUT "/pipelines/$(field late engine_execution_id)/cancel?reason=late"
sleep 1
cat >w/intents/checkout/stop-late.yaml <<'YAML'
kind: cancel
of: intents/checkout/late.yaml
summary: Too late
YAML
repo_commit w "$(ago 20)" 'Cancel late' bo@example.com
test_run 1 'cannot be canceled after its end' "$DXCP" -C w run --format json --quiet
test_ok 'and has succeeded' test "$(field late state)" = SUCCEEDED

pipeline by-hand "{stages: $(wait_stages 100)}"
recipe by-hand
want by-hand
run 0 'another one' --wait 1s
gate PUT "/pipelines/$(field by-hand engine_execution_id)/cancel?reason=somebody%20there"
run 0 'that somebody cancels in Spinnaker' --wait 30s
test_ok 'is canceled' test "$(field by-hand state)" = CANCELED
test_run 0 'the ledger is sound' "$DXCP" -C w ledger verify
test_done
