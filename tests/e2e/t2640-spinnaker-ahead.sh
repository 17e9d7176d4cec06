#!/bin/sh
# Orders that are announced before there is room to send them: what becomes of
# them when a run is killed, or told to end, or Gate becomes slow.
# shellcheck disable=SC2119 # what gate_start takes is its own
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/gate.sh"
. "$TOP/tests/lib/spinnaker.sh"
REPO=w
L=w/.dxcp/ledger.db
gate_start || exit 1
gate_clock 2026-03-02T08:00:00Z
spinnaker_world w
sed -i 's/type: spinnaker,/type: spinnaker, in_flight: 1,/' w/policy/platform.yaml
repo_commit w 2026-03-02T08:00:00Z 'One at a time' ana@example.com

# twelve DAY: that many intents, of that day.
twelve() {
	for i in $(seq 12); do world_deploy w checkout dev 1.0.0 "$1-$i" </dev/null; done
	repo_commit w "2026-03-$1T09:59:00Z" 'Twelve' bo@example.com
	gate_clock "2026-03-$1T10:00:00Z"
}
# ask SQL: of the deployments of the day.
ask() {
	sqlite3 $L "WITH d AS (SELECT * FROM v_deployments
		WHERE intent_path LIKE '%/$day-%') $1" 2>&1
}
# How many deployments of the day are in which state, or in one.
states() {
	ask 'SELECT state, count(*) FROM d GROUP BY state ORDER BY state' | tr '\n|' ' :'
}
count() {
	ask "SELECT count(*) FROM d WHERE state = '$1'"
}
# events TYPE: of how many deployments, of all days.
events() {
	sqlite3 $L "SELECT count(DISTINCT subject) FROM event WHERE type = 'deployment.$1'" 2>&1
}
# begun: a run in the background, until Gate has the sixth order of the day.
begun() {
	posts=$(($(gate_oracle | jq '[.requests[] | select(.method == "POST")] | length') + 6))
	"$DXCP" -C w --now "2026-03-${day}T10:00:00Z" run >out 2>err &
	run_pid=$!
	for i in $(seq 200); do
		[ "$(gate_oracle | jq '[.requests[] | select(.method == "POST")] | length')" -lt $posts ] ||
			[ "$(count IN_PROGRESS)" != 5 ] || break
		sleep 0.05
	done
}
# same SENTENCE GOT WANTED.
same() {
	printf 'got:    %s\nwanted: %s\n' "$2" "$3" >.same
	[ "$2" = "$3" ]
	test_report $? "$1" .same
}
# test_all SENTENCE: each intent of the day has one execution.
test_all() {
	same "$1" "$(ask "SELECT count(DISTINCT intent_path) FROM d
		WHERE state IN ('IN_PROGRESS', 'SUCCEEDED')")" 12
	gate_oracle >oracle
	test_jq '... no token has two' \
		'.violations == [] and ([.tokens[].executions] | max) == 1' oracle
	same '... and there are no others' "$(jq '[.tokens[].executions] | add' oracle)" \
		"$(events started)"
}

day=02
twelve $day
run_at 0 'orders that are sent one at a time' 2026-03-02T10:00:00Z
test_all 'are sent'
same 'in their order' "$(jq -r '.requests[] | select(.method == "POST") | .token' oracle)" \
	"$(ask 'SELECT token FROM d ORDER BY number')"
# An answer that is waited for alone is recorded alone.
test_ok 'some were announced before others were answered' test "$(ask "SELECT count(*) FROM event e
	JOIN event n ON n.seq = e.seq + 1 WHERE e.type = 'deployment.dispatching' AND n.type = e.type")" \
	-gt 2
run_at 0 'and end' 2026-03-02T10:01:00Z

# --- killed ----------------------------------------------------------------------------------

day=03
twelve $day
gate_fault '{"fault": "delay", "ms": 8000, "skip": 5, "match": {"method": "POST"}}'
begun
kill -KILL $run_pid
wait $run_pid 2>/dev/null
gate_no_faults
test_ok 'of a run that is killed' test "$(count DISPATCHING)" -gt 1
run_at 0 'the next one finds what was sent' 2026-03-03T10:00:20Z
same 'and waits for the others' "$(count LOST_CONTACT)" \
	"$((12 - $(count IN_PROGRESS) - $(count SUCCEEDED)))"
run_at 0 'until they can be on their way no more' 2026-03-03T10:03:00Z
run_at 0 'and sends them' 2026-03-03T10:03:40Z
test_all 'once'
run_at 0 'they end' 2026-03-03T10:05:00Z

# --- told to end ------------------------------------------------------------------------------

day=04
twelve $day
gate_fault '{"fault": "delay", "ms": 8000, "skip": 5, "match": {"method": "POST"}}'
begun
announced=$(count DISPATCHING)
kill -TERM $run_pid
status=0
wait $run_pid || status=$?
gate_no_faults
test_ok 'a run that is told to end: 143' test $status = 143
same 'takes back what it did not send' "$(events withdrawn), $(states)" \
	"$((announced - 1)), IN_PROGRESS:5 LOST_CONTACT:1 "
run_at 0 'the next one' 2026-03-04T10:00:20Z
test_all 'sends it'
run_at 0 'they end' 2026-03-04T10:02:00Z

# --- slow -------------------------------------------------------------------------------------

day=05
twelve $day
gate_fault '{"fault": "delay", "ms": 5500, "skip": 5, "match": {"method": "POST"}}'
run_at 4 'what would be sent too late' 2026-03-05T10:00:00Z
test_jq 'is not sent, and waits' '[.decisions[] | select(.decision == "wait")] |
	length > 0 and all(.code == "ENGINE_UNAVAILABLE")'
gate_no_faults
run_at 0 'the next one' 2026-03-05T10:00:20Z
test_all 'sends it'
test_run 0 'the ledger is sound' dx 2026-03-06T00:00:00Z ledger verify
test_done
