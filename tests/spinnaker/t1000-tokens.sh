#!/bin/sh
# What Orca makes of a token (correlationId and eventId of a trigger): all that
# a dispatch may rely on, and what it must not.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/spinnaker/orca.sh"

pipeline two "{stages: $(wait_stages 2)}"
first=$(trigger two b1)
test_ok 'a trigger is answered by an id' test -n "$first"
test_ok 'the same token while it runs is answered by the same' \
	test "$(trigger two b1)" = "$first"
test_ok 'it runs once' test "$(tokens b1)" = 1
test_ok 'to its end' becomes "$first" SUCCEEDED
second=$(trigger two b1)
test_ok 'the same token after its end starts another' test "$second" != "$first"
test_ok 'so that there are two of one token' test "$(tokens b1)" = 2

# The token is looked up and then stored, without a lock.
twice=0
for i in 1 2 3 4 5; do
	for half in 1 2; do
		curl -s -H 'Content-Type: application/json' -o "half$half" \
			-d "{\"correlationId\": \"c$i\", \"eventId\": \"c$i\"}" \
			"$SPINNAKER/pipelines/$APP/two" &
	done
	wait
	[ "$(tokens c$i)" = 1 ] || twice=$((twice + 1))
done
echo "# of 5 pairs of triggers at the same time, $twice started two executions"
test_ok 'two triggers of a token at the same time may start both' test $twice -gt 0

pipeline other "{stages: $(wait_stages 1)}"
first=$(trigger two x1)
test_ok 'a token is known to all pipelines: another one is answered by the first' \
	test "$(trigger other x1)" = "$first"

for ms in 0.002 0.005 0.01; do
	curl -s -o cut -m $ms -H 'Content-Type: application/json' \
		-d "{\"correlationId\": \"a$ms\", \"eventId\": \"a$ms\"}" \
		"$SPINNAKER/pipelines/$APP/two"
	echo "# gave up after $ms s: curl said $?, $(sleep 1; tokens a$ms) executions"
done
test_ok 'a client that gives up early may have started an execution' \
	test "$(tokens a0.01)" = 1

if [ -z "${SPINNAKER_HOME-}" ]; then
	test_skip 'a server that hangs' 'it is not ours to stop'
else
	pid=$(cat "$SPINNAKER_HOME/orca.pid")
	# It stands still while the request comes in; the client dies meanwhile.
	kill -STOP "$pid"
	curl -s -o cut -H 'Content-Type: application/json' \
		-d '{"correlationId": "h1", "eventId": "h1"}' "$SPINNAKER/pipelines/$APP/two" &
	client=$!
	sleep 1
	kill -KILL $client
	wait $client 2>/dev/null
	kill -CONT "$pid"
	sleep 2
	test_ok 'what a dead client sent to a server that hung is executed all the same' \
		test "$(tokens h1)" = 1
fi

pipeline off "{disabled: true, stages: $(wait_stages 1)}"
trigger off e1 >/dev/null
test_ok 'a disabled pipeline is refused' test "$(cat code)" = 400
sample error-disabled
trigger off e1 >/dev/null
test_ok 'each time with a record that failed' test "$(tokens e1)" = 2
test_ok 'which never started' jq -e 'all(.[]; .status == "TERMINAL" and .canceled and
	.canceledBy == "system" and (has("startTime") or has("endTime") | not) and
	.cancellationReason ==
	"Failed on startup: Pipeline is disabled and cannot be started.")' out
sample search-disabled

curl -s -H 'X-SPINNAKER-USER: eve@example.com' -H 'Content-Type: application/json' \
	-d '{"user": "said by the body"}' "$SPINNAKER/pipelines/$APP/two" >ref
execution "$(jq -r '.ref | ltrimstr("/pipelines/")' ref)"
test_ok 'the user is whom a header X-SPINNAKER-USER names' \
	jq -e '.authentication.user == "eve@example.com"' out
test_done
