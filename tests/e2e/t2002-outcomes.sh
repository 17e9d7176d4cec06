#!/bin/sh
# What engines do: success, failure, cancellation, silence, being away.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"

# deploy TIME SERVICE VERSION NAME: a deploy to dev, committed by an owner.
deploy() {
	world_deploy "$REPO" "$2" dev "$3" "$4" </dev/null &&
		repo_commit "$REPO" "$1" 'Deploy' bo@example.com
}
policy() {
	world_platform "$REPO" && repo_commit "$REPO" "$1" 'Policy' ana@example.com
}
run() {
	run_status=$1 run_sentence=$2 run_time=$3
	shift 3
	test_run "$run_status" "$run_sentence" dx "$run_time" run --format json "$@"
}

# --- the sandbox's script -----------------------------------------------------

REPO=box
world_make box <<'YAML'
engines:
  box:
    type: sandbox
    after: 30s
    script:
      - {service: checkout, version: 2.0.0, outcome: failed, after: 90s, category: APP, message: readiness probe failed}
      - {version: 3.0.0, outcome: hang}
      - {version: 4.0.0, outcome: canceled, after: 10s}
      - {version: 5.0.0, outcome: unavailable}
YAML
for v in 1 2 3 4 5 6; do world_build box checkout $v.0.0; done
repo_commit box 2026-03-01T09:00:00Z 'Builds' ci@example.com
run 0 'builds alone' 2026-03-01T10:00:00Z

deploy 2026-03-02T08:00:00Z checkout 1.0.0 a
run 0 'after 30 seconds' 2026-03-02T10:00:00Z
test_run 0 'the first deployment of a place' dx 2026-03-02T10:00:10Z status --format json
test_jq 'is seen before anything runs there' '.running == [] and (.open[0] |
	[.number, .service, .environment, .version, .state] ==
	[1, "checkout", "dev", "1.0.0", "IN_PROGRESS"])'
test_run 0 'also by people' dx 2026-03-02T10:00:10Z status
test_ok 'under its heading' grep -qx '  number 1  checkout 1.0.0 to dev  IN_PROGRESS since .*' out
run 0 'not one early' 2026-03-02T10:00:29Z
test_jq 'it is still running' '.followed == []'
test_run 0 'status' dx 2026-03-02T10:00:29Z log --format json
test_jq 'says so' '.deployments[0] | .state == "IN_PROGRESS" and .outcome == null and
	.finishedAt == null and .dispatchedAt == "2026-03-02T10:00:00Z" and
	.startedAt == "2026-03-02T10:00:00Z" and .engineExecutionId != null'
run 0 'at the second' 2026-03-02T10:00:30Z
test_jq 'it has succeeded' '.followed[0] | .state == "SUCCEEDED" and
	.finishedAt == "2026-03-02T10:00:30Z"'

deploy 2026-03-02T11:00:00Z checkout 2.0.0 b
run 0 'one that will fail is sent' 2026-03-02T11:00:00Z
run 1 'the run that sees it fail exits 1' 2026-03-02T11:05:00Z
test_jq 'it failed at its time, with category and message' '.followed[0] |
	.state == "FAILED" and .outcome == "FAILED" and
	.finishedAt == "2026-03-02T11:01:30Z" and (.failures | length) == 1 and
	(.failures[0] | .category == "APP" and .summary == "readiness probe failed" and
	.observedAt == "2026-03-02T11:01:30Z" and keys == ["category", "detail",
	"hint", "observedAt", "summary"])'
run 0 'the run after it exits 0' 2026-03-02T11:06:00Z
test_run 0 'what runs' dx 2026-03-02T11:06:00Z status --format json
test_jq 'is the one before' '[.running[].version] == ["1.0.0"]'
test_run 0 'the log by outcome' dx 2026-03-02T11:06:00Z log --format json --outcome failed
test_jq 'has the failed one' '[.deployments[].version] == ["2.0.0"]'
test_run 0 'the newest success' dx 2026-03-02T11:06:00Z log --format json --outcome SUCCEEDED --limit 1
test_jq 'is counted after it was chosen' '[.deployments[].version] == ["1.0.0"]'
test_run 0 'the log by kind' dx 2026-03-02T11:06:00Z log --format json --kind ROLLBACK
test_jq 'has none' '.deployments == []'
test_run 0 'the log by actor' dx 2026-03-02T11:06:00Z log --format json --actor BO@example.com
test_jq 'has both, in any case of letters' '(.deployments | length) == 2'
test_run 2 'an outcome that is none' dx 2026-03-02T11:06:00Z log --outcome broken
test_ok 'is told what there is' grep -q 'none of SUCCEEDED, FAILED' err

deploy 2026-03-02T12:00:00Z checkout 3.0.0 c
run 0 'one that will hang is sent' 2026-03-02T12:00:00Z
deploy 2026-03-02T12:01:00Z checkout 1.0.0 d
run 0 'one second before the timeout' 2026-03-02T12:09:59Z
test_jq 'it holds its slot' '[.decisions[].code] == ["CONCURRENCY_LIMIT_REACHED"]'
run 1 'long after the timeout' 2026-03-02T12:30:00Z
test_jq 'it has failed at dispatch and timeout' '.followed[0] | .number == 3 and
	.state == "FAILED" and .finishedAt == "2026-03-02T12:10:00Z" and
	.failures[0].category == "TIMEOUT"'
test_jq 'and holds no slot' '[.decisions[] | [.decision, .deployment.number]] == [["allow", 4]]'

deploy 2026-03-02T13:00:00Z checkout 4.0.0 e
run 0 'one that somebody cancels at the engine' 2026-03-02T13:00:00Z --wait 10m
test_jq 'is canceled' '.decisions[0].deployment | .state == "CANCELED" and
	.outcome == "CANCELED" and .finishedAt == "2026-03-02T13:00:10Z" and .failures == []'

# --- an engine that is away -----------------------------------------------------

deploy 2026-03-02T14:00:00Z checkout 5.0.0 f
run 4 'an engine that cannot be reached: exit 4' 2026-03-02T14:00:00Z
test_jq 'the intent waits and made no deployment' '[.decisions[] | [.decision, .code,
	.cause, .deployment]] == [["wait", "ENGINE_UNAVAILABLE", "ENGINE", null]]'
run 4 'the next run tries again' 2026-03-02T14:10:00Z
deploy 2026-03-02T14:20:00Z checkout 9.9.9 g
run 4 'with a denial, 4 still goes first' 2026-03-02T14:20:00Z
echo 'kind: [' >box/intents/checkout/h.yaml
repo_commit box 2026-03-02T14:30:00Z 'Broken' bo@example.com
run 3 'with an intent that does not decode, 3 goes before 4' 2026-03-02T14:30:00Z
deploy 2026-03-02T14:40:00Z checkout 6.0.0 i
run 4 'another deployment is not held up' 2026-03-02T14:40:00Z
test_jq 'and has the next number' '[.decisions[] | [.intent, .code, .deployment.number]] == [
	["intents/checkout/f.yaml", "ENGINE_UNAVAILABLE", null],
	["intents/checkout/i.yaml", null, 6]]'
policy 2026-03-02T14:50:00Z <<'YAML'
engines: {box: {type: sandbox, after: 30s}}
YAML
run 0 'when the engine is back' 2026-03-02T14:50:00Z --wait 1m
test_jq 'it goes, with the next number' '[.decisions[] | [.decision, .deployment.number,
	.deployment.state]] == [["allow", 7, "SUCCEEDED"]]'

# --- an engine that goes away meanwhile -------------------------------------------

deploy 2026-03-02T15:00:00Z checkout 1.0.0 j
run 0 'one is sent' 2026-03-02T15:00:00Z
policy 2026-03-02T15:01:00Z <<'YAML'
engines: {box: {type: sandbox, script: [{outcome: unavailable}]}}
YAML
run 4 'then the engine cannot be reached' 2026-03-02T15:01:00Z
test_run 0 'log' dx 2026-03-02T15:01:00Z log --limit 1 --format json
test_jq 'contact is lost, nothing else' '.deployments[0] | .state == "LOST_CONTACT" and
	.finishedAt == null and .outcome == null'
run 4 'and again' 2026-03-02T15:02:00Z
policy 2026-03-02T15:03:00Z <<'YAML'
engines: {box: {type: sandbox, after: 2m}}
YAML
run 0 'when it is back' 2026-03-02T15:03:00Z
test_jq 'it says what became of it' '.followed[0] | .state == "SUCCEEDED" and
	.finishedAt == "2026-03-02T15:02:00Z" and ([.timeline[].event] |
	map(select(. == "lost_contact")) | length == 1)'
deploy 2026-03-02T16:00:00Z checkout 2.0.0 k
run 0 'one more is sent' 2026-03-02T16:00:00Z
policy 2026-03-02T16:00:30Z <<'YAML'
engines: {other: {type: sandbox}}
YAML
sed -i 's/engine: box/engine: other/' box/policy/rest.yaml
repo_commit box 2026-03-02T16:00:40Z 'Policy' ana@example.com
run 0 'an engine that the policy no longer has' 2026-03-02T16:01:00Z
run 1 'cannot be asked: the time ends it' 2026-03-02T16:20:00Z
test_jq 'as a timeout' '.followed[0] | .finishedAt == "2026-03-02T16:10:00Z" and
	.failures[0].category == "TIMEOUT"'
test_run 0 'the ledger is sound' dx 2026-03-03T00:00:00Z ledger verify
dx 2026-03-03T00:00:00Z log --format json >out
test_jq 'numbers have no gaps' '[.deployments[].number] == [9, 8, 7, 6, 5, 4, 3, 2, 1]'

# --- programs ---------------------------------------------------------------------

REPO=prog
world_make prog <<'YAML'
engines: {box: {type: command, command: [./deploy, --really]}}
defaults: {guardrails: {max_concurrent_deployments: 5}}
YAML
cat >prog/deploy <<'SH'
#!/bin/sh
cat >"order.$DXCP_VERSION" && echo "$1" >>"order.$DXCP_VERSION"
echo "working on $DXCP_TOKEN"
echo "done with $DXCP_SERVICE"
[ "$DXCP_VERSION" != 2.0.0 ] || { echo 'Authorization: Bearer geheim'; exit 3; }
SH
chmod +x prog/deploy
for v in 1 2 3; do world_build prog checkout $v.0.0; done
repo_commit prog 2026-03-01T09:00:00Z 'Builds' ci@example.com
world_deploy prog checkout dev 1.0.0 a <<'YAML'
ticket: PAY-7
params: {replicas: 3}
YAML
deploy 2026-03-02T08:00:00Z checkout 2.0.0 b
run 1 'a program that succeeds, and one that fails' 2026-03-02T10:00:00Z --wait 10s
test_jq 'exit 0 is success; its last line is kept' '.decisions[3].deployment |
	.state == "SUCCEEDED" and .timeline[-1] == {"at": .finishedAt,
	"event": "succeeded", "detail": "done with checkout"}'
test_jq 'another status is failure; what it printed is kept, but no secret' \
	'.decisions[4].deployment | .state == "FAILED" and
	(.failures[0].summary | contains("3")) and
	(.failures[0].detail | contains("done with checkout") and (contains("geheim") | not))'
head -n 1 prog/order.1.0.0 >order
test_jq 'it got the order on standard input' '.schema == "dxcp.order/1" and
	.number == 1 and .version == "1.0.0" and .ticket == "PAY-7" and
	.params == {"replicas": 3} and .actor.email == "bo@example.com" and
	.intent.path == "intents/checkout/a.yaml"' order
test_ok 'and its arguments as they stand' test "$(sed -n 2p prog/order.1.0.0)" = --really
rm prog/deploy
deploy 2026-03-02T11:00:00Z checkout 3.0.0 c
run 1 'a program that is not there' 2026-03-02T11:00:00Z
test_jq 'is denied before anything is sent' '[.decisions[] | [.decision, .code,
	.cause, .deployment]] == [["deny", "ENGINE_MISCONFIGURED", "ENGINE", null]]'
test_run 0 'the ledger is sound' dx 2026-03-03T00:00:00Z ledger verify
test_not 'no secret is in it' grep -qa geheim prog/.dxcp/ledger.db
test_done
