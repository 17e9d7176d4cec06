#!/bin/sh
# A run that is killed at any of the calls by which it changes files, with
# Spinnaker as its engine: the next one completes it, and no token has two
# executions.
# shellcheck disable=SC2119 # what these take is theirs, not the script's
[ ! -w /dev/shm ] || TMPDIR=/dev/shm
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/gate.sh"
. "$TOP/tests/lib/spinnaker.sh"
REPO=w
T=2026-03-02T10:00:00Z
FAULTS=${DXCP%/*}/tests/faults/kill_at.so
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0
export ASAN_OPTIONS
gate_start || exit 1
spinnaker_world w
for i in 1 2 3; do world_deploy w checkout dev 1.0.0 "$i" </dev/null; done
repo_commit w 2026-03-02T09:00:00Z 'Intents' bo@example.com
cp -R w/.dxcp begun

# trouble WHAT...: note it, with what was printed.
trouble() {
	{ echo "$1: $2"; cat out err; } >>trouble
}
# afresh [FAULT]: nothing was sent, and Gate has this fault.
afresh() {
	rm -rf w/.dxcp
	cp -R begun w/.dxcp
	gate_control reset '{}'
	gate_control clock "{\"now\": \"$T\", \"step_ms\": 500}"
	spinnaker_pipeline '{}'
	[ -z "${1-}" ] || gate_fault "$1"
}
# completes WHAT: the next runs complete what a troubled one left, once.
completes() {
	status=0
	"$DXCP" -C w --now $T run --wait 8m >out 2>err || status=$?
	[ $status = 0 ] || [ $status = 4 ] || trouble "$1" "the next run exits $status"
	[ $status = 0 ] || "$DXCP" -C w --now 2026-03-02T10:08:01Z run --wait 1m >out 2>err ||
		trouble "$1" 'so does the one after it'
	got=$(sqlite3 w/.dxcp/ledger.db "SELECT group_concat(number || state, ' ') FROM
		(SELECT number, state FROM v_deployments ORDER BY number)" 2>&1)
	[ "$got" = '1SUCCEEDED 2SUCCEEDED 3SUCCEEDED' ] || trouble "$1" "deployments: $got"
	gate_oracle >out
	got=$(jq -c '[.violations, [.tokens[].executions]]' out)
	[ "$got" = '[[],[1,1,1]]' ] || trouble "$1" "tokens with more than one, and executions: $got"
	"$DXCP" -C w --now $T ledger verify >out 2>err || trouble "$1" 'the ledger is not sound'
}
test_trouble() {
	[ ! -s trouble ]
	test_report $? "$1" trouble
	: >trouble
}

offset=0
for fault in '' '{"fault": "close", "executed": true, "match": {"method": "POST"}}' \
	'{"fault": "close", "executed": false, "skip": 1, "match": {"method": "POST"}}'; do
	afresh "$fault"
	LD_PRELOAD="$FAULTS" FAULT_COUNT="$PWD/count" "$DXCP" -C w --now $T run >out 2>err
	completes "nothing, fault '$fault'"
	calls=$(cat count)
	killed=0
	for n in $(seq $((offset += 2)) 8 "$calls"); do
		afresh "$fault"
		status=0
		LD_PRELOAD="$FAULTS" KILL_AT="$n" "$DXCP" -C w --now $T run >out 2>err ||
			status=$?
		[ $status != 137 ] || killed=$((killed + 1))
		"$DXCP" -C w --now $T ledger verify >out 2>err ||
			trouble "killed at $n" 'right after it the ledger is not sound'
		completes "killed at $n, fault '$fault'"
	done
	test_trouble "killed at any of $calls calls, fault '$fault'"
	test_ok 'nearly all of those runs were killed' test $killed -gt $((calls / 8 - 5))
done
test_done
