#!/bin/sh
# What is left when Orca dies at once, and is started again: Redis has it all.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/spinnaker/orca.sh"
if [ -z "${SPINNAKER_HOME-}" ]; then
	test_skip 'what is left of Orca' 'it is not ours to kill'
	test_done
fi

pipeline steps "{stages: $(wait_stages 2 2 2)}"
a=$(trigger steps k1)
becomes "$a" RUNNING
"$TOP/ci/spinnaker/run" kill
execution "$a"
test_ok 'nobody answers' test "$(cat code)" = 000
"$TOP/ci/spinnaker/run" start
test_ok 'the token is still found' test "$(tokens k1)" = 1
test_ok 'and still answered by the same execution' test "$(trigger steps k1)" = "$a"
test_ok 'which goes on to its end' becomes "$a" SUCCEEDED

# Killed while triggers come in: each token has at most one execution, and all
# that there are come to an end.
i=0
while [ $i -lt 200 ]; do
	i=$((i + 1))
	curl -s -m 5 -H 'Content-Type: application/json' \
		-d "{\"correlationId\": \"$APP-m$i\", \"eventId\": \"$APP-m$i\"}" \
		"$SPINNAKER/pipelines/$APP/steps" >"answer$i" || : >"answer$i"
done &
load=$!
sleep 1.5
"$TOP/ci/spinnaker/run" kill
wait $load
"$TOP/ci/spinnaker/run" start
gate GET "/applications/$APP/executions/search?size=1000"
cp out all
answered=$(cat answer* | jq -r '.ref // empty' | sort -u | wc -l)
kept=$(jq '[.[].trigger.eventId | select(. != "k1")] | length' all)
echo "# $answered triggers answered, $kept executions kept"
test_ok 'some triggers were answered' test "$answered" -gt 0
test_ok 'no token has two executions' \
	jq -e '[.[].trigger.eventId] | length == (unique | length)' all
test_ok 'what was answered was kept' test "$kept" -ge "$answered"
test_ok 'and at most one more, of which nobody was told' \
	test "$kept" -le $((answered + 1))
lost() {
	gate GET "/applications/$APP/executions/search?size=1000"
	[ "$(jq '[.[] | select(.status != "SUCCEEDED")] | length' out)" = 0 ]
}
n=0
until lost || [ $n -gt 60 ]; do
	n=$((n + 1))
	sleep 0.5
done
jq -r '.[] | select(.status != "SUCCEEDED") | "# never ended: \(.trigger.eventId) \(.status)"' out
test_ok 'all come to their end' lost
test_done
