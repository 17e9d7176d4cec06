#!/bin/sh
# Triggers that are still under way inside of Gate when their runner is gone:
# they come true later, or never. All is dispatched in the end, nothing twice.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/spinnaker/orca.sh"
. "$TOP/tests/spinnaker/world.sh"
noop='stages: [{refId: "1", requisiteStageRefIds: [], type: "noop", name: "Noop"}]'
pipeline slow "{$noop, slowMs: 6000}"
world_start slow

# slowly: the next trigger is under way for six seconds.
slowly() {
	[ -z "${GATE_PID-}" ] || gate_fault '{"fault": "delay", "ms": 6000, "before": true,
		"match": {"method": "POST", "path": "/pipelines/**"}}'
}
# test_tokens SENTENCE NAME N: so many executions of it exist.
test_tokens() {
	test_ok "$1" test "$(tokens "$(field "$2" token)")" = "$3"
}

slowly
want killed
"$DXCP" -C w run --quiet >out 2>err &
runner=$!
sleep 3
kill -KILL $runner
wait $runner 2>/dev/null
test_ok 'a runner is killed while its trigger is under way' \
	test "$(field killed state)" = DISPATCHING
test_tokens 'that nobody sees yet' killed 0
run 0 'the next run looks for it' --wait=1s
test_ok 'and does not know' test "$(field killed state)" = LOST_CONTACT
sleep 6
test_tokens 'the trigger comes true without anybody who waits for it' killed 1
run 0 'the run after that finds it'
test_ok 'and its end' test "$(field killed state)" = SUCCEEDED
test_once 'nothing was sent again' killed

slowly
want told
"$DXCP" -C w run --quiet >out 2>err &
runner=$!
sleep 3
kill -TERM $runner
wait $runner
echo "# told to end, it exits $?"
test_ok 'a runner that is told to end meanwhile leaves it as lost' \
	test "$(field told state)" = LOST_CONTACT
sleep 6
run 0 'the next finds it'
test_ok 'and its end' test "$(field told state)" = SUCCEEDED
test_once 'nothing was sent again' told

if [ -z "${SPINNAKER_HOME-}" ]; then
	test_skip 'a trigger that dies with Gate' 'it is not ours to kill'
else
	want dies
	"$DXCP" -C w run --quiet >out 2>err &
	runner=$!
	sleep 3
	"$TOP/ci/spinnaker/run" kill
	wait $runner
	"$TOP/ci/spinnaker/run" start
	test_ok 'a trigger that dies with Gate is lost, too' \
		test "$(field dies state)" = LOST_CONTACT
	run 0 'it is not sent again at once' --wait=1s
	test_tokens 'since it may be under way' dies 0
	run 0 'nor after the first look that does not find it' --now "$(later 170)"
	test_tokens 'since a read may be late' dies 0
	pipeline slow "{$noop, slowMs: 0}"
	run 0 'after the second look it is' --now "$(later 210)"
	sleep 1
	run 0 'and ends' --now "$(later 220)"
	test_ok 'well' test "$(field dies state)" = SUCCEEDED
	test_once 'once' dies

	# Orca asks for the pipeline once more before it starts it.
	pipeline slow "{$noop, slowMs: 4000}"
	want late
	"$DXCP" -C w run --format json --quiet >said 2>err &
	runner=$!
	sleep 2
	pipeline slow "{$noop, disabled: true}"
	wait $runner
	test_jq 'a pipeline that is disabled meanwhile is refused' '.decisions[-1] |
		.code == "ENGINE_CALL_FAILED" and .deployment == null and
		(.message | contains("is disabled"))' said
	test_ok 'and leaves no record' \
		test "$(tokens "$(jq -r '.decisions[-1].token' said)")" = 0
fi
test_run 0 'the ledger is sound' "$DXCP" -C w ledger verify
test_done
