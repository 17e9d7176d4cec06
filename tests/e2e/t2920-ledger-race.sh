#!/bin/sh
# Two runs at once, in two clones of one remote: one sends, the other exits 6 and
# goes on with what the first recorded. On the real clock, as in CI jobs.
[ ! -w /dev/shm ] || TMPDIR=/dev/shm
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
ROUNDS=${RACE_ROUNDS:-16}
SENT=$SCRATCH/sent
export SENT
: >sent

world_make w <<'YAML'
engines: {box: {type: command, command: [sh, deploy]}}
defaults: {guardrails: {max_concurrent_deployments: 500, daily_deploy_quota: 500}}
YAML
echo 'echo "$DXCP_TOKEN" >>"$SENT"' >w/deploy
world_build w checkout 1.0.0
repo_commit w "$(date -u +%Y-%m-%dT%H:%M:%SZ)" 'Build' ci@example.com
git clone -q --bare w remote.git
git clone -q remote.git one
git clone -q remote.git two
# In every other round the server takes its time, so that both have looked
# before either has pushed.
cat >remote.git/hooks/pre-receive <<'SH'
#!/bin/sh
[ ! -e slow ] || sleep 0.3
SH
chmod +x remote.git/hooks/pre-receive

trouble() {
	{ echo "round $round: $1"; cat one.err two.err; } >>trouble
}
# run CLONE: its status is left in CLONE.status.
run() {
	status=0
	"$DXCP" -C "$1" run >"$1.out" 2>"$1.err" || status=$?
	echo $status >"$1.status"
}
: >trouble
lost=0
for round in $(seq 1 "$ROUNDS"); do
	world_deploy w checkout dev 1.0.0 "d$round" </dev/null
	repo_commit w "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "Deploy $round" bo@example.com
	rm -f remote.git/slow
	git -C w push -q ../remote.git main
	[ $((round % 2)) = 0 ] || : >remote.git/slow
	git -C one pull -q
	git -C two pull -q
	run one &
	run two
	wait
	case $(cat one.status):$(cat two.status) in
	0:0) ;; # one after the other
	0:6) lost=$((lost + 1)) loser=two ;;
	6:0) lost=$((lost + 1)) loser=one ;;
	*) trouble "exit $(cat one.status) and $(cat two.status)" ;;
	esac
	case $(cat one.status)$(cat two.status) in
	*6*) grep -q '^dxcp: .*another run recorded' "$loser.err" ||
		trouble "the loser does not say why" ;;
	esac
	[ "$(sort -u sent | wc -l) $(wc -l <sent)" = "$round $round" ] ||
		trouble "$(sort -u sent | wc -l) sent, $(wc -l <sent) times"
done
# The last round's loser, and whoever has something to follow.
for clone in one two one two; do
	run $clone
	[ "$(cat $clone.status)" = 0 ] || trouble "the next run exits $(cat $clone.status)"
done
[ ! -s trouble ]
test_report $? "in $ROUNDS rounds one of two runs sends, and none sends again" trouble
test_ok 'some rounds had a loser' test $lost -gt 2
for clone in one two; do
	test_run 0 "clone $clone is sound" "$DXCP" -C $clone ledger verify
	test_ok 'and has the copy of the remote' test \
		"$(git -C $clone rev-parse refs/dxcp/ledger)" = \
		"$(git -C remote.git rev-parse refs/dxcp/ledger)"
	"$DXCP" -C $clone log --format json >out
	test_jq 'every deployment is known' \
		"[.deployments[].number] | sort == [range(1; $ROUNDS + 1)]"
	test_jq 'under one token each' \
		"[.deployments[].token] | unique | length == $ROUNDS"
done

# --- a run that is told to end ---------------------------------------------------

# What it has sent is known to the remote all the same.
echo 'echo "$DXCP_TOKEN" >>"$SENT"; sleep 5' >one/deploy
: >sent
world_deploy w checkout dev 1.0.0 last </dev/null
repo_commit w "$(date -u +%Y-%m-%dT%H:%M:%SZ)" 'The last' bo@example.com
git -C w push -q ../remote.git main
git -C one pull -q
"$DXCP" -C one run --wait 1h >out 2>err &
pid=$!
for _ in $(seq 200); do
	[ ! -s sent ] || break
	sleep 0.05
done
kill -TERM $pid
status=0
wait $pid || status=$?
test_ok 'a run that gets SIGTERM exits 143' test $status = 143
test_ok 'and has pushed what it did' test \
	"$(git -C one rev-parse refs/dxcp/ledger)" = "$(git -C remote.git rev-parse refs/dxcp/ledger)"
git -C remote.git archive refs/dxcp/ledger | tar -xO --wildcards 'events/*' | tail -n 4 >events
test_ok 'to its end' grep -q '"type":"run.finished"' events
test_ok 'with the start of the last' grep -q '"type":"deployment.started"' events
git -C two pull -q
test_run 0 'another clone takes it up' "$DXCP" -C two run
test_ok 'and does not send it again' test "$(wc -l <sent)" = 1
test_done
