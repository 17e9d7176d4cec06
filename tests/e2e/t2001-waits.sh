#!/bin/sh
# What waits: limits, quotas, the kill switch, times; and how waiting ends.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"

# world_start FOLDER: world_make, with version 1.0.0 of both services built.
world_start() {
	REPO=$1
	world_make "$1" && world_build "$1" checkout 1.0.0 &&
		world_build "$1" ledger 1.0.0 &&
		repo_commit "$1" 2026-03-01T09:00:00Z 'Builds' ci@example.com
}
# by_bo TIME: commit everything, by an owner of the group.
by_bo() {
	repo_commit "$REPO" "$1" 'Change' bo@example.com
}
# policy TIME: a new platform document of these lines, committed by ana.
policy() {
	world_platform "$REPO" && repo_commit "$REPO" "$1" 'Policy' ana@example.com
}
# run STATUS SENTENCE TIME [OPTION...]: run, with JSON into out.
run() {
	run_status=$1 run_sentence=$2 run_time=$3
	shift 3
	test_run "$run_status" "$run_sentence" dx "$run_time" run --format json "$@"
}
events() {
	sqlite3 "$REPO/.dxcp/ledger.db" 'SELECT count(*) FROM event'
}

# --- slots ------------------------------------------------------------------

world_start slots <<'YAML'
engines: {box: {type: sandbox, after: 5m}}
YAML
world_deploy slots checkout dev 1.0.0 a </dev/null
world_deploy slots ledger dev 1.0.0 b </dev/null
by_bo 2026-03-02T08:00:00Z
run 0 'two deploys for one slot' 2026-03-02T10:00:00Z
test_jq 'the first goes, the second waits' '[.decisions[2:][] |
	[.decision, .code, .deployment.number, .deployment.state]] == [
	["allow", null, 1, "IN_PROGRESS"], ["wait", "CONCURRENCY_LIMIT_REACHED", null, null]]'
test_jq 'for which nobody is to blame' '.decisions[3] | .cause == "POLICY" and
	.nextAllowedAt == null and .hint != null and .message != null'
test_run 0 'status' dx 2026-03-02T10:01:00Z status --format json
test_jq 'shows the one that waits' '.running == [] and [.waiting[] |
	[.intent, .code]] == [["intents/ledger/b.yaml", "CONCURRENCY_LIMIT_REACHED"]]'
test_run 0 'check without --base lists what waits too' \
	dx 2026-03-02T10:01:00Z check --format json
test_jq 'and nothing else' '[.decisions[].intent] == ["intents/ledger/b.yaml"]'
before=$(events)
run 7 'with --fail-on waiting the exit status tells' 2026-03-02T10:04:59Z --fail-on waiting
test_jq 'one second early it still waits' '[.decisions[].code] == ["CONCURRENCY_LIMIT_REACHED"] and
	.followed == []'
test_ok 'an unchanged wait costs the ledger one event, of the run' \
	test "$(events)" = $((before + 1))
run 0 'when the first has ended' 2026-03-02T10:07:00Z
test_jq 'it ended when it ended, not when somebody looked' '[.followed[] |
	[.number, .state, .finishedAt]] == [[1, "SUCCEEDED", "2026-03-02T10:05:00Z"]]'
test_jq 'the second goes' '[.decisions[] | [.decision, .deployment.number,
	.deployment.createdAt]] == [["allow", 2, "2026-03-02T10:07:00Z"]]'
test_run 0 'status' dx 2026-03-02T10:08:00Z status ledger --format json
test_jq 'shows nothing running there yet, and nothing waiting' '.running == [] and .waiting == []'
world_deploy slots checkout dev 1.0.0 c </dev/null
world_deploy slots ledger dev 1.0.0 d </dev/null
by_bo 2026-03-02T10:09:00Z
run 0 'run --wait' 2026-03-02T10:10:00Z --wait 1h
test_jq 'moves the clock until nothing runs or waits' '[.decisions[] |
	[.decision, .deployment.state, .deployment.finishedAt]] == [
	["allow", "SUCCEEDED", "2026-03-02T10:17:00Z"],
	["allow", "SUCCEEDED", "2026-03-02T10:22:00Z"]] and
	.run.finishedAt == "2026-03-02T10:22:00Z"'
test_run 0 'the ledger is sound' dx 2026-03-02T11:00:00Z ledger verify

# --- the number of dispatches in one run --------------------------------------

world_start few <<'YAML'
engines: {box: {type: sandbox}}
max_dispatches_per_run: 1
defaults: {guardrails: {max_concurrent_deployments: 5}}
YAML
world_deploy few checkout dev 1.0.0 a </dev/null
world_deploy few ledger dev 1.0.0 b </dev/null
by_bo 2026-03-02T08:00:00Z
test_run 0 'check with max_dispatches_per_run' dx 2026-03-02T10:00:00Z check --format json
test_jq 'lets the second wait, without a code' '[.decisions[2:][] | [.decision, .code, .also]] ==
	[["allow", null, []], ["wait", null, []]]'
run 0 'run' 2026-03-02T10:00:00Z
test_jq 'does so too' '[.decisions[2:][] | [.decision, .code]] ==
	[["allow", null], ["wait", null]] and .decisions[3].message != null'
run 0 'the next run' 2026-03-02T10:00:01Z
test_jq 'goes on with it' '[.decisions[] | [.intent, .decision, .deployment.number]] ==
	[["intents/ledger/b.yaml", "allow", 2]]'

# --- quota --------------------------------------------------------------------

world_start quota <<'YAML'
timezone: Europe/Berlin
engines: {box: {type: sandbox}}
defaults: {guardrails: {daily_deploy_quota: 2}}
YAML
world_deploy quota checkout dev 1.0.0 a </dev/null
world_deploy quota checkout dev 7.7.7 b </dev/null
world_deploy quota ledger dev 1.0.0 c </dev/null
world_deploy quota checkout dev 1.0.0 d </dev/null
world_deploy quota checkout prod 1.0.0 e </dev/null
by_bo 2026-03-02T08:00:00Z
run 1 'four deploys for two, one of them denied' 2026-03-02T10:00:00Z --wait 1m
test_jq 'what is denied costs nothing, and each environment counts for itself' \
	'[.decisions[2:][] | [.intent, .decision, .code]] == [
	["intents/checkout/a.yaml", "allow", null],
	["intents/checkout/b.yaml", "deny", "VERSION_NOT_FOUND"],
	["intents/checkout/d.yaml", "allow", null],
	["intents/checkout/e.yaml", "allow", null],
	["intents/ledger/c.yaml", "wait", "QUOTA_EXCEEDED"]]'
test_jq 'it says until when: midnight in the time zone of the platform' \
	'.decisions[6].nextAllowedAt == "2026-03-02T23:00:00Z"'
run 0 'a second before midnight' 2026-03-02T22:59:59Z
test_jq 'it waits' '[.decisions[].code] == ["QUOTA_EXCEEDED"]'
run 0 'at midnight' 2026-03-02T23:00:00Z
test_jq 'it goes' '[.decisions[] | [.decision, .deployment.number]] == [["allow", 4]]'

# --- the kill switch ------------------------------------------------------------

world_start switch <<'YAML'
engines: {box: {type: sandbox}}
mutations: {disabled: true, reason: audit week, environments: [prod]}
YAML
world_deploy switch checkout dev 1.0.0 a </dev/null
world_deploy switch checkout prod 1.0.0 b </dev/null
world_deploy switch checkout prod 7.7.7 c </dev/null
by_bo 2026-03-02T08:00:00Z
run 0 'the kill switch for prod' 2026-03-02T10:00:00Z
test_jq 'stops prod and nothing else' '[.decisions[] | [.intent, .decision, .code]] == [
	["intents/checkout/build-1.0.0.yaml", "allow", null],
	["intents/ledger/build-1.0.0.yaml", "allow", null],
	["intents/checkout/a.yaml", "allow", null],
	["intents/checkout/b.yaml", "wait", "MUTATIONS_DISABLED"],
	["intents/checkout/c.yaml", "wait", "MUTATIONS_DISABLED"]]'
test_jq 'and gives its reason' '.decisions[3].message | contains("audit week")'
test_jq 'what else is wrong is listed' '.decisions[4].also == ["VERSION_NOT_FOUND"]'
policy 2026-03-02T11:00:00Z <<'YAML'
engines: {box: {type: sandbox}}
mutations: disabled
YAML
world_build switch ledger 2.0.0
repo_commit switch 2026-03-02T11:30:00Z 'Build' ci@example.com
world_deploy switch ledger dev 2.0.0 d </dev/null
echo '# edited' >>switch/intents/checkout/a.yaml
by_bo 2026-03-02T11:40:00Z
run 0 'the kill switch for all' 2026-03-02T12:00:00Z
test_jq 'stops builds and dev as well' '[.decisions[] | [.intent, .code]] == [
	["intents/ledger/build-2.0.0.yaml", "MUTATIONS_DISABLED"],
	["intents/checkout/b.yaml", "MUTATIONS_DISABLED"],
	["intents/checkout/c.yaml", "MUTATIONS_DISABLED"],
	["intents/checkout/a.yaml", "MUTATIONS_DISABLED"],
	["intents/ledger/d.yaml", "MUTATIONS_DISABLED"]]'
test_jq 'an edited intent is known as one meanwhile' \
	'.decisions[3].also == ["IDEMPOTENCY_CONFLICT"]'
# One change brings policy and intents: it may not pass for having waited.
world_platform switch <<'YAML'
engines: {box: {type: sandbox}}
mutations: {disabled: true, reason: to come in by}
YAML
world_deploy switch checkout dev 1.0.0 e </dev/null
repo_commit switch 2026-03-02T12:10:00Z 'Both' ana@example.com
run 0 'a mixed change while the switch is on' 2026-03-02T12:20:00Z
test_jq 'waits as all do' '.decisions[] | select(.intent == "intents/checkout/e.yaml") |
	.code == "MUTATIONS_DISABLED" and .also == ["POLICY_AND_INTENT_MIXED"]'
policy 2026-03-02T12:30:00Z <<'YAML'
engines: {box: {type: sandbox}}
mutations: enabled
YAML
run 1 'when the switch is lifted' 2026-03-02T13:00:00Z
test_jq 'all are judged again' '[.decisions[] | [.intent, .decision, .code]] == [
	["intents/ledger/build-2.0.0.yaml", "allow", null],
	["intents/checkout/b.yaml", "allow", null],
	["intents/checkout/c.yaml", "deny", "VERSION_NOT_FOUND"],
	["intents/checkout/a.yaml", "deny", "IDEMPOTENCY_CONFLICT"],
	["intents/ledger/d.yaml", "allow", null],
	["intents/checkout/e.yaml", "deny", "POLICY_AND_INTENT_MIXED"]]'
test_run 0 'log' dx 2026-03-02T13:00:00Z log --format json
test_jq 'numbers have no gaps' '[.deployments[].number] == [3, 2, 1]'

# --- times ----------------------------------------------------------------------

world_start times <<'YAML'
engines: {box: {type: sandbox}}
waiting_expires_after: 2h
YAML
world_deploy times checkout dev 1.0.0 a <<'YAML'
not_before: 2026-03-02T11:00:00Z
YAML
world_deploy times checkout dev 1.0.0 b <<'YAML'
not_before: 2026-03-02T11:00:00Z
expires: 2026-03-02T10:30:00Z
YAML
world_deploy times checkout dev 1.0.0 c <<'YAML'
not_before: 2026-03-02T23:00:00Z
YAML
world_deploy times ledger dev 1.0.0 d <<'YAML'
not_before: 2026-03-03T11:00:00Z
YAML
world_deploy times ledger dev 1.0.0 e <<'YAML'
not_before: 2026-03-03T11:00:00Z
YAML
by_bo 2026-03-02T08:00:00Z
run 0 'intents that ask for a later time' 2026-03-02T10:00:00Z
test_jq 'wait until then' '[.decisions[2:][] | [.code, .nextAllowedAt]] == [
	["NOT_BEFORE", "2026-03-02T11:00:00Z"], ["NOT_BEFORE", "2026-03-02T11:00:00Z"],
	["NOT_BEFORE", "2026-03-02T23:00:00Z"], ["NOT_BEFORE", "2026-03-03T11:00:00Z"],
	["NOT_BEFORE", "2026-03-03T11:00:00Z"]]'
sed -i '/not_before/d' times/intents/ledger/d.yaml
git -C times rm -q intents/ledger/e.yaml
by_bo 2026-03-02T10:15:00Z
run 1 'at its expiry' 2026-03-02T10:30:00Z
test_jq 'one is refused; the edited one is judged afresh; the removed one is withdrawn' \
	'[.decisions[] | [.intent, .decision, .code]] == [
	["intents/checkout/a.yaml", "wait", "NOT_BEFORE"],
	["intents/checkout/b.yaml", "deny", "INTENT_EXPIRED"],
	["intents/checkout/c.yaml", "wait", "NOT_BEFORE"],
	["intents/ledger/e.yaml", "deny", "INTENT_WITHDRAWN"],
	["intents/ledger/d.yaml", "allow", null]]'
run 0 'at the time that it asked for' 2026-03-02T11:00:00Z
test_jq 'one goes' '[.decisions[] | [.intent, .decision]] == [
	["intents/checkout/a.yaml", "allow"], ["intents/checkout/c.yaml", "wait"]]'
run 0 'a second before two hours of waiting' 2026-03-02T11:59:59Z
test_jq 'the last waits' '[.decisions[].code] == ["NOT_BEFORE"]'
run 1 'after two hours of waiting' 2026-03-02T12:00:00Z
test_jq 'it is refused' '[.decisions[] | [.decision, .code]] == [["deny", "INTENT_EXPIRED"]] and
	.decisions[0].also == ["NOT_BEFORE"] and .decisions[0].nextAllowedAt == null'
run 0 'after that' 2026-03-02T12:30:00Z
test_jq 'nothing is left' '.decisions == []'
world_deploy times ledger dev 1.0.0 e <<'YAML'
not_before: 2026-03-03T11:00:00Z
YAML
by_bo 2026-03-03T10:00:00Z
run 0 'a withdrawn intent that comes back as it was' 2026-03-03T12:00:00Z
test_jq 'is not acted on' '[.decisions[] | [.decision, .code, .deployment]] ==
	[["replay", null, null]]'
# An edited intent waits anew: its time begins again.
world_deploy times ledger dev 1.0.0 f <<'YAML'
not_before: 2026-03-05T00:00:00Z
YAML
by_bo 2026-03-04T08:00:00Z
run 0 'one more waits' 2026-03-04T08:00:00Z
echo 'ticket: PAY-2' >>times/intents/ledger/f.yaml
by_bo 2026-03-04T09:30:00Z
run 0 'edited after an hour and a half' 2026-03-04T09:30:00Z
test_jq 'it waits' '[.decisions[].code] == ["NOT_BEFORE"]'
run 0 'after three hours' 2026-03-04T11:00:00Z
test_jq 'it waits since the edit' '[.decisions[].code] == ["NOT_BEFORE"]'
run 1 'two hours after the edit' 2026-03-04T11:30:00Z
test_jq 'its time is over' '[.decisions[].code] == ["INTENT_EXPIRED"]'
# In a run that waits, each time counts to the second.
world_start patient <<'YAML'
engines: {box: {type: sandbox}}
waiting_expires_after: 2h
YAML
world_deploy patient checkout dev 1.0.0 a <<'YAML'
not_before: 2026-03-02T10:31:07Z
YAML
world_deploy patient ledger dev 1.0.0 b <<'YAML'
not_before: 2026-03-03T11:00:00Z
YAML
by_bo 2026-03-02T08:00:00Z
run 1 'a long wait' 2026-03-02T10:00:00Z --wait 3h
test_jq 'lets one go when its time has come' \
	'.decisions[2] | [.decision, .deployment.createdAt] == ["allow", "2026-03-02T10:31:07Z"]'
test_jq 'and ends with the time of the other' '.decisions[3].code == "INTENT_EXPIRED" and
	.run.finishedAt == "2026-03-02T12:00:00Z"'
for w in slots few quota switch times patient; do
	REPO=$w
	test_run 0 "the ledger of $w is sound" dx 2026-03-05T00:00:00Z ledger verify
done
test_done
