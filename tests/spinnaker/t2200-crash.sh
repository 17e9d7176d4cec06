#!/bin/sh
# A runner that dies at any of its writes, or at any moment: all is dispatched
# in the end, and nothing twice. Likewise where Orca dies, or stands still.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/spinnaker/orca.sh"
. "$TOP/tests/spinnaker/world.sh"
FAULTS=${DXCP%/*}/tests/faults/kill_at.so
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0
export ASAN_OPTIONS
pipeline quick '{stages: [{refId: "1", requisiteStageRefIds: [], type: "noop", name: "Noop"}]}'
world_start quick
: >trouble

# completes NAME: the next runs bring it to its end: the second and third are
# made as if later, where the first may not send what it does not find.
completes() {
	"$DXCP" -C w run --wait "${3:-10s}" --quiet >out 2>err || :
	for complete_s in 200 240 280; do
		[ "$(field "$1" state)" != SUCCEEDED ] || break
		"$DXCP" -C w run --now "$(later $complete_s)" --quiet >out 2>err || :
		sleep 1
	done
	[ "$(field "$1" state)" = SUCCEEDED ] || gives_up "$1" "${3-}" || {
		echo "$1 ($2): $(field "$1" state)"
		cat out err
	} >>trouble
	complete_n=$(tokens "$(field "$1" token)")
	[ "$complete_n" = 1 ] || echo "$1 ($2): $complete_n executions" >>trouble
}
# gives_up NAME [WAIT]: where Orca died, it may have an execution that runs for
# ever: that is followed until the recipe's time is over.
gives_up() {
	[ -n "$2" ] || return 1
	execution "$(field "$1" engine_execution_id)"
	echo "# Orca will never end $1: $(jq -c '[.status, .stages[].status]' out)"
	[ "$(field "$1" state)" = IN_PROGRESS ] && jq -e '.status == "RUNNING" or
		.status == "NOT_STARTED"' out >/dev/null || return 1
	"$DXCP" -C w run --now "$(later 700)" --quiet >out 2>err
	[ "$(field "$1" state)" = FAILED ]
}
test_trouble() {
	[ ! -s trouble ]
	test_report $? "$1" trouble
	: >trouble
}

# --- at each write that makes something durable -----------------------------

want count
env LD_PRELOAD="$FAULTS" FAULT_CALLS=durable FAULT_COUNT="$PWD/calls" \
	"$DXCP" -C w run --quiet >out 2>err
completes count whole
calls=$(cat calls)
echo "# $calls durable writes in a run"
i=0
while [ $i -lt "$calls" ]; do
	i=$((i + 1))
	want "at$i"
	env LD_PRELOAD="$FAULTS" FAULT_CALLS=durable KILL_AT=$i \
		"$DXCP" -C w run --quiet >out 2>err || :
	completes "at$i" "killed at write $i"
done
test_trouble "killed at each of its $calls writes: dispatched in the end, once"

# --- at each send and receive -----------------------------------------------

want talk
env LD_PRELOAD="$FAULTS" FAULT_CALLS=network FAULT_COUNT="$PWD/calls" \
	"$DXCP" -C w run --quiet >out 2>err
completes talk whole
calls=$(cat calls)
echo "# $calls sends and receives in a run"
i=0
while [ $i -lt "$calls" ]; do
	i=$((i + 1))
	want "net$i"
	env LD_PRELOAD="$FAULTS" FAULT_CALLS=network KILL_AT=$i \
		"$DXCP" -C w run --quiet >out 2>err || :
	completes "net$i" "killed at send or receive $i"
done
test_trouble "killed at each of $calls sends and receives: dispatched in the end, once"

# --- two runners ------------------------------------------------------------

for i in 1 2 3 4 5; do want "both$i"; done
"$DXCP" -C w run --wait 20s --quiet >out2 2>err2 &
other=$!
"$DXCP" -C w run --wait 20s --quiet >out 2>err || :
wait $other || :
for i in 1 2 3 4 5; do completes "both$i" 'two runners'; done
test_trouble 'two runners at once: dispatched once'

# --- at any moment ----------------------------------------------------------

i=0
while [ $i -lt 16 ]; do
	i=$((i + 1))
	want "after$i"
	timeout -s KILL "$(printf '0.%03d' $((i * 12)))" \
		"$DXCP" -C w run --quiet >out 2>err || :
	completes "after$i" "killed after $((i * 12)) ms"
done
test_trouble 'killed after 12 to 192 ms: dispatched in the end, once'

# --- what is at the other end dies ------------------------------------------

if [ -z "${SPINNAKER_HOME-}" ]; then
	test_skip 'Orca dies' 'it is not ours to kill'
else
	# A message that Orca took from its queue before it died comes again
	# after a minute.
	for i in 1 2 3; do
		want "dies$i"
		"$DXCP" -C w run --quiet --wait 20s >out 2>err &
		runner=$!
		sleep 0.$((i * 3))
		"$TOP/ci/spinnaker/run" kill
		"$TOP/ci/spinnaker/run" start
		wait $runner || :
		completes "dies$i" "Orca killed after 0.$((i * 3)) s" 90s
	done
	test_trouble 'Orca dies while it is asked: dispatched in the end, once'
	pid=$(cat "$SPINNAKER_HOME/orca.pid")
	for i in 1 2; do
		want "stands$i"
		kill -STOP "$pid"
		"$DXCP" -C w run --quiet >out 2>err &
		runner=$!
		sleep $i
		kill -KILL $runner
		wait $runner 2>/dev/null || :
		kill -CONT "$pid"
		sleep 1
		completes "stands$i" 'Orca stood still, the runner was killed'
	done
	test_trouble 'Orca stands still, the runner is killed: dispatched in the end, once'
fi
test_run 0 'the ledger is sound' "$DXCP" -C w ledger verify
test_done
