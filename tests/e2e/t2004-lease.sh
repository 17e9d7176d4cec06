#!/bin/sh
# Two runs at once, runs that are told to end, and runs that died: on the real
# clock, as in a CI job.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
REPO=w

world_make w <<'YAML'
engines: {box: {type: command, command: [sh, deploy]}}
YAML
echo 'echo "$DXCP_TOKEN" >>sent; while [ ! -e go ]; do sleep 0.05; done' >w/deploy
printf 'sent\ngo\n' >>w/.gitignore
world_build w checkout 1.0.0
repo_commit w 2026-03-01T09:00:00Z 'Build' ci@example.com
world_deploy w checkout dev 1.0.0 a </dev/null
world_deploy w checkout dev 1.0.0 b </dev/null
repo_commit w 2026-03-01T09:00:00Z 'Deploys' bo@example.com

# start: a run in the background that waits, once it has sent something.
start() {
	rm -f w/sent
	"$DXCP" -C w run --wait 1h >run.out 2>run.err &
	pid=$!
	tries=0
	until [ -s w/sent ] || [ $tries = 200 ]; do
		sleep 0.05
		tries=$((tries + 1))
	done
}
# ends STATUS SENTENCE: the run in the background does so.
ends() {
	status=0
	wait $pid 2>/dev/null || status=$?
	test_ok "$2" test "$status" = "$1"
}

start
test_run 6 'a second run exits 6' "$DXCP" -C w run
test_ok 'it says who holds the lease' grep -q "another runner holds the lease.*process $pid)" err
test_ok 'and what to do next' grep -q '^  next: ' err
test_run 0 'status does not need the lease' "$DXCP" -C w status --format json
test_jq 'it shows what waits' '[.waiting[].code] == ["CONCURRENCY_LIMIT_REACHED"]'
test_run 0 'nor does check' "$DXCP" -C w check
test_run 0 'nor render' "$DXCP" -C w render
test_run 0 'nor verify' "$DXCP" -C w ledger verify
kill -TERM $pid
ends 143 'a run that gets SIGTERM exits 143'
test_ok 'it has said what it did' grep -q '^ALLOWED  checkout 1.0.0 to dev' run.out
test_run 0 'the ledger is sound' "$DXCP" -C w ledger verify

# The program that the run had started goes on without it.
for signal in INT KILL; do
	"$DXCP" -C w run --wait 1h >run.out 2>run.err &
	pid=$!
	sleep 0.3
	kill -$signal $pid
	case $signal in
	INT) ends 130 'a run that gets SIGINT exits 130' ;;
	KILL) ends 137 'one that is killed is killed' ;;
	esac
done
test_run 0 'the lease of one that died is free at once' "$DXCP" -C w run --format json
test_jq 'the deployment still runs' '[.decisions[].code] == ["CONCURRENCY_LIMIT_REACHED"] and
	.followed == []'
: >w/go
test_run 0 'when its program has ended' "$DXCP" -C w run --wait 30s --format json
test_jq 'it has succeeded, and the next has gone' '[.followed[].state] == ["SUCCEEDED"] and
	[.decisions[].deployment.state] == ["SUCCEEDED"]'
test_ok 'each was sent once' test "$(sort -u w/sent | wc -l) $(wc -l <w/sent)" = '2 2'
test_run 0 'the ledger is sound' "$DXCP" -C w ledger verify
test_done
