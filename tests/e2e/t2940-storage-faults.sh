#!/bin/sh
# Disks that lie, other programs that write, clocks that jump: nothing that was
# acknowledged is lost, nothing is dispatched twice, and verify passes.
[ ! -w /dev/shm ] || TMPDIR=/dev/shm
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
REPO=w
T=2026-03-02T10:00:00Z
L=w/.dxcp/ledger.db
FAULTS=${DXCP%/*}/tests/faults/kill_at.so
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0
SENT=$SCRATCH/sent
export ASAN_OPTIONS SENT

world_make w <<'YAML'
engines: {box: {type: command, command: [sh, deploy]}}
defaults: {guardrails: {max_concurrent_deployments: 5}}
YAML
echo 'echo "$DXCP_TOKEN" >>"$SENT"' >w/deploy
world_build w checkout 1.0.0
repo_commit w 2026-03-02T08:00:00Z 'Build' ci@example.com
for n in 1 2; do
	world_deploy w checkout dev 1.0.0 $n </dev/null
done
repo_commit w 2026-03-02T09:00:00Z 'Deploys' bo@example.com
fresh() {
	rm -rf w/.dxcp sent
	git -C w update-ref -d refs/dxcp/ledger
}
# trouble WHAT...: note it, with what was printed.
trouble() {
	{ echo "$1: $2"; cat out err; } >>trouble
}
# test_trouble SENTENCE: there was none.
test_trouble() {
	[ ! -s trouble ]
	test_report $? "$1" trouble
	: >trouble
}
# completes WHAT TIME: the next run completes what a troubled one left, once.
completes() {
	"$DXCP" -C w --now "$2" run --wait 10s >out 2>err || trouble "$1" 'the next run fails'
	got=$(sqlite3 $L "SELECT group_concat(number || state, ' ') FROM
		(SELECT number, state FROM v_deployments ORDER BY number)" 2>&1)
	[ "$got" = '1SUCCEEDED 2SUCCEEDED' ] || trouble "$1" "deployments: $got"
	[ "$(sort sent | uniq | wc -l) $(wc -l <sent)" = '2 2' ] || trouble "$1" 'not sent once each'
	"$DXCP" -C w --now "$2" ledger verify >out 2>err || trouble "$1" 'the ledger is not sound'
}

# --- syncs that fail ------------------------------------------------------------

# A sync that failed says that what it was for may not be on the disk: a run must
# not go on as if it were.
fresh
env LD_PRELOAD="$FAULTS" FAULT_CALLS=syncs FAULT_COUNT="$PWD/count" \
	"$DXCP" -C w --now $T run --wait 10s >out 2>err
syncs=$(cat count)
completes 'nothing' $T
test_trouble 'a run without faults'
test_ok 'it syncs several times' test "$syncs" -gt 5
believed=0
for how in FAIL_AT FAIL_FROM; do
	for n in $(seq 1 "$syncs"); do
		fresh
		status=0
		env LD_PRELOAD="$FAULTS" FAULT_CALLS=syncs $how="$n" FAIL_WITH=EIO \
			"$DXCP" -C w --now $T run --wait 10s >out 2>err || status=$?
		case $status in
		4) grep -q '^dxcp: .' err || trouble "$how $n" 'exit 4 without a word' ;;
		0) believed=$((believed + 1)) ;;
		*) trouble "$how $n" "exit $status" ;;
		esac
		"$DXCP" -C w --now $T ledger verify >out 2>err ||
			trouble "$how $n" 'right after it the ledger is not sound'
		completes "$how $n" $T
	done
done
test_trouble "one of $syncs syncs fails, or all from it on: said, and completed by the next run"
test_ok 'hardly any of them is let pass' test $believed -le $((syncs / 3))

# --- another program writes --------------------------------------------------------

fresh
dx $T run --wait 10s >out
cp $L before.db
mkfifo hold
sqlite3 $L <hold >sqlite.out 2>&1 &
exec 3>hold
echo "BEGIN IMMEDIATE; SELECT 'held';" >&3
tries=0
until grep -q held sqlite.out || [ $tries = 100 ]; do
	sleep 0.05
	tries=$((tries + 1))
done
world_deploy w checkout prod 1.0.0 </dev/null
repo_commit w 2026-03-02T10:10:00Z 'One more' bo@example.com
test_run 6 'while another program writes to it a run exits 6' dx $T run
test_ok 'says so, and what to do' sh -c 'grep -q "another program" err && grep -q "^  next: ." err'
test_ok 'nothing was sent' test "$(wc -l <sent)" = 2
test_run 0 'it can be read meanwhile' dx $T log
test_run 0 'looked at' dx $T ledger verify
test_run 0 'and backed up' dx $T ledger backup b.db
test_run 0 'a checkpoint is made without what was hashed being kept' dx $T ledger checkpoint
test_run 6 'nothing can be restored into it' dx $T --ledger $L ledger rebuild
exec 3>&-
wait
test_run 0 'afterwards the run goes on' dx $T run --wait 10s
test_ok 'once' test "$(wc -l <sent)" = 3
test_run 0 'the ledger is sound' dx $T ledger verify

# --- clocks --------------------------------------------------------------------------

# Back a day, on by two, back again: each run with something to do.
fresh
git -C w reset -q --hard HEAD~1
: >trouble
dx $T run --wait 10s >out
for at in 2026-03-01T12:00:00Z 2026-03-04T10:00:00Z 2026-03-03T09:00:00Z 2026-03-02T10:00:00Z; do
	world_deploy w checkout dev 1.0.0 "at-${at%T*}" </dev/null
	repo_commit w 2026-03-02T10:20:00Z "At $at" bo@example.com
	dx $at run --wait 10s >out 2>err || trouble "$at" 'the run fails'
	dx $at ledger verify >out 2>err || trouble "$at" 'the ledger is not sound'
done
test_trouble 'runs whose clock jumps back and forth work'
test_ok 'each deployment was sent once' test "$(sort sent | uniq | wc -l) $(wc -l <sent)" = '6 6'
dx 2026-03-05T10:00:00Z log --format json >out
test_jq 'and all of them succeeded' '[.deployments[].state] | length == 6 and all(. == "SUCCEEDED")'
test_ok 'numbers follow the order of recording' test "$(sqlite3 $L \
	'SELECT group_concat(number) FROM (SELECT number FROM v_deployments ORDER BY number)')" = 1,2,3,4,5,6
test_done
