#!/bin/sh
# Runs that are killed at any call or at any moment, while Gate misbehaves, or
# dies itself: no token has two executions, save those that Gate itself
# doubled, and these are reported; all is dispatched in the end, or given up
# after three orders, as it must be; the ledger is sound.
#
# Killed at each call by which a run makes changes durable, or talks to Gate;
# then rounds that are chosen by chance from a seed: CRASH_ROUNDS=N CRASH_SEED=N do more
# of them, or others (`make check-crash`). A round that fails is repeated by
# CRASH_ROUND=N, alone, KEEP=1 keeping what it leaves.
# shellcheck disable=SC2119 # what gate_start takes is its own
[ ! -w /dev/shm ] || TMPDIR=/dev/shm
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/gate.sh"
. "$TOP/tests/lib/spinnaker.sh"
REPO=w
T=$(date -u -d 2026-03-02T10:00:00Z +%s)
L=w/.dxcp/ledger.db
FAULTS=${DXCP%/*}/tests/faults/kill_at.so
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0
export ASAN_OPTIONS
rounds=${CRASH_ROUNDS:-8} seed=${CRASH_SEED:-1}

# What may go wrong with Gate, one a line; the first: nothing.
cat >wrong <<'EOT'
[]
[{"fault": "close", "executed": true}]
[{"fault": "close", "skip": 1}]
[{"fault": "reset", "executed": true, "count": 2}]
[{"fault": "reset_mid"}]
[{"fault": "truncate"}]
[{"fault": "status", "status": 500, "count": 2}]
[{"fault": "status", "status": 500, "executed": true}]
[{"fault": "bad_gateway", "executed": true, "count": 2}]
[{"fault": "gateway_timeout"}]
[{"fault": "empty"}]
[{"fault": "no_ref"}]
[{"fault": "foreign_ref", "ref": "01HZZZZZZZZZZZZZZZZZZZZZZZ"}]
[{"fault": "event_only"}]
[{"fault": "cut_json"}]
[{"fault": "length_short"}]
[{"fault": "gzip", "count": 3}]
[{"fault": "stale", "count": -1, "match": {"method": "GET"}}]
[{"fault": "close", "count": 2, "match": {"reused": true}}]
[{"fault": "lag", "ms": 1500, "count": 2}]
[{"fault": "lag", "ms": 1500}, {"fault": "close", "executed": true}]
[{"fault": "duplicate"}]
[{"fault": "duplicate"}, {"fault": "close", "executed": true}]
[{"fault": "correlation_lost"}, {"fault": "reset", "executed": true}]
[{"fault": "close", "executed": true}, {"fault": "status", "status": 500, "count": 3, "match": {"path": "/**/search"}}]
[{"fault": "close", "executed": true}, {"fault": "answer", "body": [], "match": {"path": "/**/search"}}]
[{"fault": "close", "executed": true, "count": 4, "probability": 0.5}]
[{"fault": "close", "count": 2, "probability": 0.5}]
[{"fault": "shed", "count": 2}]
[{"fault": "rate_limited", "count": 2}]
EOT
wrongs=$(wc -l <wrong)

# pick N: a number of 0 to N-1 by chance, in picked. Knuth's MMIX generator.
pick() {
	state=$(((state * 6364136223846793005 + 1442695040888963407) & 0x7fffffffffffffff))
	picked=$(((state >> 33) % $1))
}
# at_offset: the time to give to the program.
at_offset() {
	date -u -d "@$((T + offset))" +%Y-%m-%dT%H:%M:%SZ
}
trouble() {
	{ echo "round $round ($what): $1"; cat out err; } >>trouble 2>&1
}
afresh() {
	rm -rf w/.dxcp
	rm -rf w/.git/refs/dxcp
	cp -R begun w/.dxcp
	gate_control reset '{}'
	gate_control clock '{"now": "2026-03-02T10:00:00Z", "step_ms": 500}'
	spinnaker_pipeline '{}'
	at_once all
	# Triggers are what it is about: a fault is for them unless it says more.
	gate_fault "$(printf '%s' "$1" | jq -c 'map({match: {method: "POST"}} + .)')"
	offset=0
}

# One of the ways in which Spinnaker searches, and queues or does not.
some_spinnaker() {
	pick 3
	search=$(echo 'sql-legacy sql-fixed redis' | cut -d ' ' -f $((picked + 1)))
	gate_control settings "{\"search\": \"$search\", \"upstream_ms\": 500}"
	pick 2
	[ "$picked" = 0 ] || spinnaker_pipeline '{"limitConcurrent": true}'
	what="$what, $search, queue $picked"
	pick 2
	[ "$picked" = 0 ] || at_once one
	what="$what, one at a time $picked"
}
# at_once one|all: how many orders are sent at a time.
at_once() {
	git -C w checkout -q "$1"
}
# counted COMMAND...: how many calls of the kind FAULT_CALLS there are, in calls.
counted() {
	LD_PRELOAD="$FAULTS" FAULT_COUNT="$PWD/count" "$@" >out 2>err
	status=$?
	calls=$(cat count)
	return $status
}
# killed_at KIND N: a run that is killed at the N-th of these calls.
killed_at() {
	what="$what, killed at $1 $2" status=0 kills=$((kills + 1))
	LD_PRELOAD="$FAULTS" FAULT_CALLS=$1 KILL_AT=$2 \
		"$DXCP" -C w --now "$(at_offset)" run --wait 20s >out 2>err || status=$?
	looks_killed
}
killed_in() {
	what="$what, killed in $1 ms" status=0 kills=$((kills + 1))
	"$DXCP" -C w --now "$(at_offset)" run --wait 20s >out 2>err &
	victim=$!
	sleep "$(printf '0.%03d' "$1")"
	kill -9 $victim 2>/dev/null
	wait $victim 2>/dev/null || status=$?
	looks_killed
}
looks_killed() {
	[ $status != 137 ] || killed=$((killed + 1))
	[ ! -e $L ] || "$DXCP" -C w --now "$(at_offset)" ledger verify >out 2>err ||
		trouble 'right after it the ledger is not sound'
}

# Some time goes by for all, and perhaps Gate dies, too.
interlude() {
	pick 4
	case $picked in
	0) ago=0 ;; 1) ago=7 ;; 2) ago=45 ;; 3) ago=170 ;;
	esac
	offset=$((offset + ago))
	gate_control clock "{\"advance_ms\": $((ago * 1000)), \"step_ms\": 500}"
	pick 5
	[ "$picked" = 0 ] || return
	what="$what, Gate died"
	gate_kill
	gate_start || trouble 'Gate does not start again'
}

# ask_ledger SQL: of the deployments, each with how often it was ordered.
ask_ledger() {
	sqlite3 $L "WITH d AS (SELECT *, (SELECT count(*) FROM event e
		WHERE e.type = 'deployment.dispatching' AND e.subject = CAST(number AS TEXT))
		AS orders FROM v_deployments) $1" 2>&1
}
# The next runs complete what the killed ones left.
completes() {
	for try in 1 2 3; do
		status=0
		"$DXCP" -C w --now "$(at_offset)" run --wait 10m >out 2>err || status=$?
		case $status in
		0 | 4) ;;
		*) trouble "run $try after it exits $status" ;;
		esac
		fine=$(ask_ledger "SELECT count(*) FROM d WHERE state = 'SUCCEEDED'")
		[ "$fine" != 3 ] || break
		offset=$((offset + 660))
		gate_control clock '{"advance_ms": 660000, "step_ms": 500}'
	done
	# After so many orders of which nothing was found it is for a person.
	given_up=$(ask_ledger "SELECT count(*) FROM d WHERE state != 'SUCCEEDED' AND orders >= 3")
	parked=$((parked + given_up))
	[ "$((fine + given_up))" = 3 ] || trouble "in the end deployments are:
$(ask_ledger 'SELECT number, state, orders FROM d')"
	gate_tell GET '/_double/oracle' >oracle
	got=$(jq -c '[.violations, ([.tokens[] | .executions - .by_fault] | [max, add])]' oracle)
	[ "$got" = "[[],[1,$fine]]" ] || {
		trouble "tokens with more than one; most executions of one, and all: $got"
		jq -c '.requests[] | [.order, .at, .method, .path, .status, .token, .faults, .created]' \
			oracle >>trouble
	}
	# What Gate doubled is reported, and nothing else is.
	for token in $(jq -r '.tokens | to_entries[] | select(.value.by_fault > 0) | .key' oracle); do
		[ "$(duplicates "AND token = '$token'")" != 0 ] ||
			trouble "the second execution of $token is not reported"
	done
	[ "$(duplicates '')" = "$(jq '[.tokens[] | select(.by_fault > 0)] | length' oracle)" ] ||
		trouble "$(duplicates '') duplicates are reported"
	"$DXCP" -C w --now "$(at_offset)" ledger verify >out 2>err ||
		trouble 'in the end the ledger is not sound'
}
duplicates() {
	ask_ledger "SELECT count(DISTINCT token) FROM d JOIN event e ON e.subject = CAST(number AS TEXT)
		WHERE e.type = 'deployment.DUPLICATE_EXECUTION' $1"
}

gate_start || exit 1
spinnaker_world w
for i in 1 2 3; do world_deploy w checkout dev 1.0.0 "$i" </dev/null; done
repo_commit w 2026-03-02T09:00:00Z 'Intents' bo@example.com
cp -R w/.dxcp begun
git -C w branch -q all
git -C w checkout -q -b one
sed -i 's/type: spinnaker,/type: spinnaker, in_flight: 1,/' w/policy/platform.yaml
repo_commit w 2026-03-02T09:00:00Z 'One at a time' ana@example.com
kills=0 killed=0 parked=0
test_trouble() {
	[ ! -s trouble ]
	test_report $? "$1" trouble
	: >trouble
}

# sweep KIND WRONG [one]: killed at each call of a kind.
sweep() {
	round="each $1${3:+, one at a time}" what=$2
	afresh "$2"
	at_once "${3:-all}"
	export FAULT_CALLS="$1"
	counted "$DXCP" -C w --now "$(at_offset)" run --wait 20s || [ $? = 4 ] || trouble 'a run fails'
	unset FAULT_CALLS
	completes
	here=$killed
	for n in $(seq "$calls"); do
		what=$2
		afresh "$2"
		at_once "${3:-all}"
		killed_at "$1" "$n"
		completes
	done
	test_trouble "killed at each of $calls calls ($1), $2${3:+, one at a time}"
	# What is recorded together, and so how many calls there are, differs.
	test_ok '... most were killed' test $((killed - here)) -ge $((calls * 3 / 4))
}
calls=1
if [ -z "${CRASH_ROUND-}" ]; then
	sweep network '[{"fault": "close", "executed": true}]'
	if [ "$rounds" -gt 100 ]; then
		sweep network '[]' one
		sweep durable '[]' one
		sweep network '[]'
		sweep network '[{"fault": "duplicate"}]'
		sweep durable '[]'
		sweep durable '[{"fault": "close", "executed": true}]'
		sweep durable '[{"fault": "duplicate"}]'
	fi
fi

# What Gate doubles is reported by the run that sent it, and by the next.
for wrong in '[{"fault": "duplicate"}]' \
	'[{"fault": "duplicate"}, {"fault": "close", "executed": true}]'; do
	round=doubled what=$wrong
	afresh "$wrong"
	completes
	test_trouble "$wrong"
	what=$wrong
	afresh "$wrong"
	killed_at network "$calls"
	completes
	test_trouble '... and killed at the end'
done

kills=0 killed=0 parked=0
afresh '[]'
FAULT_CALLS=all && export FAULT_CALLS
counted "$DXCP" -C w --now "$(at_offset)" run --wait 20s
unset FAULT_CALLS
test_ok 'a run has many calls to be killed at' test "$calls" -gt 50
all_calls=$calls
for round in $(seq "${CRASH_ROUND:-1}" "${CRASH_ROUND:-$rounds}"); do
	state=$((seed * 1000003 + round))
	pick 1
	pick "$wrongs"
	wrong=$(sed -n "$((picked + 1))p" wrong)
	what=$wrong
	afresh "$wrong"
	some_spinnaker
	pick 3
	times=$((picked + 1)) # of kills
	while [ "$times" -gt 0 ]; do
		times=$((times - 1))
		pick 3
		if [ "$picked" = 0 ]; then
			pick 90
			killed_in "$picked"
		else
			pick "$all_calls"
			killed_at all $((picked + 1))
		fi
		interlude
	done
	completes
	[ "$round" != 50 ] || echo "# $round rounds"
	[ "$((round % 100))" != 0 ] || echo "# $round rounds"
done
test_trouble "$rounds rounds of seed $seed, $killed of $kills runs killed"
test_ok 'many runs were killed' test $((killed * 2)) -ge "$kills"
test_ok 'few orders were given up' test $((parked * 20)) -le $((3 * rounds))
test_done
