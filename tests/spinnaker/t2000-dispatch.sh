#!/bin/sh
# Deployments by pipelines that run: sent once, followed to their ends.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/spinnaker/orca.sh"
. "$TOP/tests/spinnaker/world.sh"

pipeline good "{stages: $(wait_stages 1 1), parameterConfig: [
	{name: \"version\", required: true}, {name: \"env\", default: \"somewhere\"},
	{name: \"replicas\", default: \"2\", hasOptions: true,
	 options: [{value: \"2\"}, {value: \"4\"}]}]}"
world_start good '{version: "{{version}}", replicas: 4}'

# --- one --------------------------------------------------------------------

want one
run 0 'a deploy is sent and followed to its end'
test_jq 'it has succeeded' '.decisions[-1].deployment | .state == "SUCCEEDED" and
	.engine == "gate" and .failures == []'
id=$(field one engine_execution_id)
token=$(field one token)
execution "$id"
test_ok 'Spinnaker has it, by the id that the ledger has' \
	jq -e '.status == "SUCCEEDED"' out
test_ok 'with the token, twice' jq -e --arg t "$token" \
	'.trigger.correlationId == $t and .trigger.eventId == $t' out
test_ok 'with its parameters as text, and the defaults of the others' jq -e '
	.trigger.parameters == {version: "1.0.0", replicas: "4", env: "somewhere"}' out
started=$(jq -r '.startTime / 1000 | floor | todate' out)
ended=$(jq -r '.endTime / 1000 | floor | todate' out)
test_ok 'it ended when Spinnaker says so' test "$(field one finished_at)" = "$ended"
test_ok 'and started so' test "$(field one started_at)" = "$started"
test_once 'there is one execution of the token' one
run 0 'another run'
test_jq 'has nothing to do' '.decisions == [] and .followed == []'
test_once 'and sends nothing' one

# --- many -------------------------------------------------------------------

names=
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	want "many$i" 1.1.0
	names="$names many$i"
done
run 0 'a dozen at once'
test_jq 'all succeed' '[.decisions[].deployment.state] |
	length == 12 and all(. == "SUCCEEDED")'
# shellcheck disable=SC2086
test_once 'each is executed once' $names

pipeline queue "{limitConcurrent: true, keepWaitingPipelines: true,
	stages: $(wait_stages 1)}"
recipe queue
want q1
want q2
want q3
run 0 'three of a pipeline that takes one at a time, and keeps the others'
test_jq 'all succeed' '[.decisions[].deployment.state] |
	length == 3 and all(. == "SUCCEEDED")'
test_once 'each once' q1 q2 q3

# Spinnaker would cancel all that wait but the newest.
pipeline newest "{limitConcurrent: true, keepWaitingPipelines: false,
	stages: $(wait_stages 2)}"
recipe newest
want n1
want n2
want n3
run 0 'three of a pipeline that would cancel what waits'
test_jq 'all succeed, since they are sent one after the other' '
	[.decisions, .followed | .[]? | .deployment // . | .state] | length > 0 and
	all(. == "SUCCEEDED" or . == null)'
for n in n1 n2 n3; do
	test_ok "$n" test "$(field $n state)" = SUCCEEDED
done
test_once 'each once' n1 n2 n3
test_run 0 'the ledger is sound' "$DXCP" -C w ledger verify
test_done
