#!/bin/sh
# What people say about intents: holds, approvals, cancels, incidents.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"

# world_start FOLDER: as world_make, with builds 1.0.0 registered, and prod
# asking for APPROVALS approvals.
world_start() {
	world_make "$1" && world_build "$1" checkout 1.0.0 &&
		world_build "$1" checkout 1.1.0 &&
		repo_commit "$1" 2026-03-01T09:00:00Z 'Builds' ci@example.com
	REPO=$1
}
# by WHO TIME: commit everything.
by() {
	repo_commit "$REPO" "$2" 'Intents' "$1@example.com"
}
# say NAME: the lines on standard input as intents/checkout/NAME.yaml.
say() {
	cat >"$REPO/intents/checkout/$1.yaml"
}
blob() {
	git -C "$REPO" rev-parse "HEAD:intents/checkout/$1.yaml"
}
# approve NAME WHAT [LINE]: an approval of intents/checkout/WHAT.yaml as it is.
approve() {
	say "$1" <<-YAML
		kind: approval
		of: intents/checkout/$2.yaml
		digest: $(blob "$2")
		summary: Read
		${3-}
	YAML
}
run() {
	run_status=$1 run_sentence=$2 run_time=$3
	shift 3
	test_run "$run_status" "$run_sentence" dx "$run_time" run --format json "$@"
}
# codes SENTENCE JSON: [file, decision, code] of each decision of out.
codes() {
	test_jq "$1" "[.decisions[] | [(.intent | sub(\"intents/\"; \"\")), .decision, .code]] == $2"
}

# --- holds ------------------------------------------------------------------

world_start holds <<'YAML'
engines: {box: {type: sandbox}}
YAML
run 0 'the builds are registered' 2026-03-02T08:00:00Z
world_deploy holds checkout prod 1.0.0 a </dev/null
world_deploy holds checkout dev 1.0.0 b </dev/null
by bo 2026-03-02T09:00:00Z
say zz-hold <<'YAML'
kind: hold
service: checkout
environment: prod
version: 1.0.0
until: 2026-03-02T12:00:00Z
summary: It leaks memory
YAML
by ana 2026-03-02T09:01:00Z
test_run 1 'check' dx 2026-03-02T10:00:00Z check --format json
codes 'judges a hold before what came before it, without recording it' '[
	["checkout/zz-hold.yaml", "allow", null],
	["checkout/a.yaml", "deny", "VERSION_ON_HOLD"], ["checkout/b.yaml", "allow", null]]'
mv out checked
run 1 'run' 2026-03-02T10:00:00Z --wait 1m
test_ok 'decides as check did' sh -c 'test "$(jq -c "[.decisions[] | [.code, .message]]" checked)" = \
	"$(jq -c "[.decisions[] | [.code, .message]]" out)"'
test_jq 'and says until when, by whom and why' '.decisions[1].message ==
	"1.0.0 is on hold in prod until 2026-03-02T12:00:00Z, by ana@example.com: It leaks memory"'
world_deploy holds checkout prod 1.0.0 c </dev/null
world_deploy holds checkout prod 1.1.0 d </dev/null
by bo 2026-03-02T11:59:59Z
run 1 'a second before its end' 2026-03-02T11:59:59Z --wait 1m
codes 'it holds, and no other version' '[["checkout/c.yaml", "deny", "VERSION_ON_HOLD"],
	["checkout/d.yaml", "allow", null]]'
world_deploy holds checkout prod 1.0.0 e </dev/null
by bo 2026-03-02T12:30:00Z
run 0 'at its end' 2026-03-02T12:30:00Z
codes 'it holds no more' '[["checkout/e.yaml", "allow", null]]'
for who in cy oz ci eve; do
	sed 's/until.*//' holds/intents/checkout/zz-hold.yaml >"holds/intents/checkout/hold-$who.yaml"
	by "$who" 2026-03-02T13:00:00Z
done
run 1 'holds by people who may not' 2026-03-02T13:00:00Z
codes 'are denied' '[["checkout/hold-cy.yaml", "deny", "DELIVERY_GROUP_SCOPE_REQUIRED"],
	["checkout/hold-oz.yaml", "deny", "ROLE_FORBIDDEN"],
	["checkout/hold-ci.yaml", "deny", "ROLE_FORBIDDEN"],
	["checkout/hold-eve.yaml", "deny", "AUTHZ_ROLE_REQUIRED"]]'
world_deploy holds checkout prod 1.0.0 f </dev/null
by bo 2026-03-02T14:00:00Z
run 0 'and hold nothing' 2026-03-02T14:00:00Z
codes 'the deploy goes' '[["checkout/f.yaml", "allow", null]]'
git -C holds config user.email bo@example.com
test_run 0 'dxcp hold' dx 2026-03-02T15:00:00Z hold checkout prod 1.1.0 -s 'Leaks' --commit
run 0 'places one' 2026-03-02T15:00:01Z
world_deploy holds checkout prod 1.1.0 g </dev/null
by bo 2036-03-02T16:00:00Z
run 1 'that has no end' 2036-03-02T16:00:00Z
codes 'ten years later it holds' '[["checkout/g.yaml", "deny", "VERSION_ON_HOLD"]]'
world_platform holds <<'YAML'
engines: {box: {type: sandbox}}
mutations: disabled
YAML
by ana 2036-03-03T08:00:00Z
test_run 0 'another one' dx 2036-03-03T09:00:00Z hold checkout dev 1.1.0 -s 'Leaks' --commit
run 0 'is placed while the kill switch is on' 2036-03-03T10:00:00Z
test_jq 'for it is exempt' '[.decisions[] | select(.kind == "hold") | .decision] == ["allow"]'

# --- approvals ----------------------------------------------------------------

world_start two <<'YAML'
engines: {box: {type: sandbox}}
defaults: {guardrails: {max_concurrent_deployments: 5}}
YAML
sed -i 's/^name: prod$/&\napprovals: 2/; s/owners: \[bo@/owners: [Bo@example.com, di@/' two/policy/rest.yaml
by ana 2026-03-02T08:00:00Z
run 0 'a policy that asks for approvals' 2026-03-02T08:30:00Z
world_deploy two checkout prod 1.0.0 a </dev/null
world_deploy two checkout dev 1.0.0 b </dev/null
by bo 2026-03-02T09:00:00Z
run 0 'what nobody approved' 2026-03-02T10:00:00Z
codes 'waits, where approvals are asked for' '[["checkout/a.yaml", "wait", "APPROVAL_REQUIRED"],
	["checkout/b.yaml", "allow", null]]'
test_jq 'at no time in sight' '.decisions[0].nextAllowedAt == null and
	.decisions[0].message == "0 of 2 approvals for prod"'
approve zz-own a
by BO 2026-03-02T10:10:00Z
run 0 'the own approval of the author' 2026-03-02T10:20:00Z
codes 'does not count' '[["checkout/zz-own.yaml", "allow", null],
	["checkout/a.yaml", "wait", "APPROVAL_REQUIRED"]]'
approve zz-ana a
by ana 2026-03-02T10:30:00Z
approve zz-ana2 a
by Ana 2026-03-02T10:31:00Z
approve zz-cy a
by cy 2026-03-02T10:32:00Z
run 1 'one admin twice, and an owner of another group' 2026-03-02T10:40:00Z
codes 'are one approval' '[["checkout/zz-ana.yaml", "allow", null],
	["checkout/zz-ana2.yaml", "allow", null],
	["checkout/zz-cy.yaml", "deny", "DELIVERY_GROUP_SCOPE_REQUIRED"],
	["checkout/a.yaml", "wait", "APPROVAL_REQUIRED"]]'
test_jq 'it counts' '.decisions[3].trace[] | select(.guardrail == "approval") |
	.inputs.approvals == 1 and .inputs.needed == 2'
echo 'ticket: PAY-2' >>two/intents/checkout/a.yaml
by bo 2026-03-02T10:50:00Z
approve zz-di a
by di 2026-03-02T10:51:00Z
run 0 'when the intent was edited' 2026-03-02T11:00:00Z
test_jq 'the first approval is for another text' '.decisions[1].trace[] |
	select(.guardrail == "approval") | .inputs.approvals == 1'
git -C two config user.email ana@example.com
test_run 0 'dxcp approve' dx 2026-03-02T11:10:00Z approve intents/checkout/a.yaml --commit --format json
test_jq 'names the blob of the last commit' ".text | contains(\"$(blob a)\")"
run 0 'the second approval of this text' 2026-03-02T11:20:00Z
test_jq 'lets it go, in the same pass' '[.decisions[] | [.kind, .decision]] ==
	[["approval", "allow"], ["deploy", "allow"]]'
test_run 0 'a rejection' dx 2026-03-02T12:00:00Z approve intents/checkout/a.yaml --reject \
	-s 'Too late' --commit
run 0 'of what was deployed' 2026-03-02T12:01:00Z
world_deploy two checkout dev 1.1.0 r </dev/null
by bo 2026-03-02T12:10:00Z
test_run 0 'a rejection' dx 2026-03-02T12:20:00Z approve intents/checkout/r.yaml --reject \
	-s 'Not today' --commit
run 1 'of what needs no approval' 2026-03-02T12:21:00Z
test_jq 'denies it' '[.decisions[] | [.kind, .decision, .code]] ==
	[["approval", "allow", null], ["deploy", "deny", "APPROVAL_REJECTED"]] and
	.decisions[1].message == "ana@example.com rejected it: Not today"'
test_run 2 'no path of an intent' dx 2026-03-02T12:30:00Z approve policy/rest.yaml -s 'x'
test_run 2 'no file there' dx 2026-03-02T12:30:00Z approve intents/checkout/none.yaml -s 'x'
say zz-none <<'YAML'
kind: approval
of: intents/checkout/none.yaml
summary: Of nothing
YAML
by ana 2026-03-02T13:00:00Z
run 1 'an approval of nothing' 2026-03-02T13:01:00Z
codes 'is denied' '[["checkout/zz-none.yaml", "deny", "NOT_FOUND"]]'

# --- cancels ----------------------------------------------------------------

world_start cancels <<'YAML'
engines: {box: {type: sandbox, after: 5m}}
YAML
run 0 'the builds are registered' 2026-03-02T08:00:00Z
world_deploy cancels checkout dev 1.0.0 a </dev/null
world_deploy cancels checkout dev 1.1.0 b </dev/null
by bo 2026-03-02T09:00:00Z
run 0 'one runs, one waits' 2026-03-02T10:00:00Z
codes 'for the slot' '[["checkout/a.yaml", "allow", null],
	["checkout/b.yaml", "wait", "CONCURRENCY_LIMIT_REACHED"]]'
git -C cancels config user.email bo@example.com
test_run 0 'dxcp cancel' dx 2026-03-02T10:00:30Z cancel intents/checkout/b.yaml -s 'Wrong' --commit
run 1 'a cancel of what waits' 2026-03-02T10:01:00Z
test_jq 'withdraws it in the same pass' '[.decisions[] | [.kind, .decision, .code]] ==
	[["cancel", "allow", null], ["deploy", "deny", "INTENT_WITHDRAWN"]] and
	.decisions[1].message == "bo@example.com withdrew it: Wrong"'
test_run 0 'a cancel of what runs' dx 2026-03-02T10:01:30Z cancel intents/checkout/a.yaml \
	-s 'It fails' --commit
run 0 'is asked of the engine' 2026-03-02T10:02:00Z
test_jq 'and ends it then' '[.followed[] | [.number, .state, .finishedAt]] ==
	[[1, "CANCELED", "2026-03-02T10:02:00Z"]]'
test_run 0 'show' dx 2026-03-02T10:03:00Z show 1 --format json
test_jq 'has it in its timeline' '[.deployment.timeline[] | [.event, .detail]] |
	index([["cancel_requested", "by bo@example.com: It fails"]]) != null'
test_run 1 'a cancel of what has ended' dx 2026-03-02T10:03:30Z cancel \
	intents/checkout/a.yaml -s 'Again' --commit
run 1 'is denied' 2026-03-02T10:04:00Z
test_jq 'for there is nothing to cancel' '[.decisions[] | [.code, .message]] ==
	[["NOT_FOUND", "its deployment 1 has ended"]]'
test_run 1 'a cancel of nothing' dx 2026-03-02T10:05:00Z cancel intents/checkout/none.yaml \
	-s 'x' --commit
run 1 'is denied' 2026-03-02T10:06:00Z
test_jq 'too' '[.decisions[].code] == ["NOT_FOUND"]'
world_deploy cancels checkout dev 1.1.0 c </dev/null
cat >cancels/intents/stop.yaml <<'YAML'
kind: cancel
of: intents/checkout/c.yaml
summary: Not after all
YAML
by bo 2026-03-02T11:00:00Z
test_run 1 'check of a new intent with its cancel' dx 2026-03-02T11:00:00Z check --format json
codes 'withdraws it, from intents/ too' '[["stop.yaml", "allow", null],
	["checkout/c.yaml", "deny", "INTENT_WITHDRAWN"]]'
run 1 'run' 2026-03-02T11:00:00Z
codes 'as well' '[["stop.yaml", "allow", null],
	["checkout/c.yaml", "deny", "INTENT_WITHDRAWN"]]'

# A program is told to stop; it is not run again.
world_start program <<'YAML'
engines: {box: {type: command, command: [./wait.sh]}}
YAML
cat >program/wait.sh <<'SH'
#!/bin/sh
trap 'echo told to stop; exit 3' TERM
sleep 60 &
touch .dxcp/ready
wait
SH
chmod +x program/wait.sh
run 0 'the builds are registered' 2026-03-02T08:00:00Z
world_deploy program checkout dev 1.0.0 a </dev/null
by bo 2026-03-02T09:00:00Z
run 0 'a program runs' 2026-03-02T10:00:00Z
tries=0
until [ -e program/.dxcp/ready ] || [ $tries = 100 ]; do
	tries=$((tries + 1))
	sleep 0.1
done
git -C program config user.email bo@example.com
test_run 0 'a cancel' dx 2026-03-02T10:01:00Z cancel intents/checkout/a.yaml -s 'Stop' --commit
run 0 'is told to its process group' 2026-03-02T10:02:00Z
tries=0
until jq -e '.followed[0].state == "CANCELED"' out >/dev/null || [ $tries = 20 ]; do
	tries=$((tries + 1))
	dx 2026-03-02T10:03:00Z run --format json >out 2>err
done
test_jq 'and it is canceled' '[.followed[] | [.number, .state]] == [[1, "CANCELED"]]'
test_run 0 'show' dx 2026-03-02T10:04:00Z show 1 --format json
test_jq 'has what it said last' '[.deployment.timeline[] | .detail] | index("told to stop") != null'

# --- incidents ----------------------------------------------------------------

world_start incidents <<'YAML'
engines: {box: {type: sandbox}}
YAML
world_deploy incidents checkout prod 1.0.0 a </dev/null
by bo 2026-03-02T09:00:00Z
run 0 'a deployment' 2026-03-02T10:00:00Z --wait 1m
# incident NAME ENVIRONMENT [LINE...]
incident() {
	incident_name=$1
	{
		printf 'kind: incident\nservice: checkout\nenvironment: %s\n' "$2"
		printf 'started_at: 2026-03-02T10:30:00Z\nsummary: No payments\n'
		shift 2
		printf '%s\n' "$@"
	} | say "$incident_name"
}
incident i1 prod 'caused_by: 1' 'resolved_at: 2026-03-02T11:00:00Z' 'severity: high'
incident i2 dev 'caused_by: 1'
incident i3 prod 'caused_by: 2'
incident i4 prod
by bo 2026-03-02T11:30:00Z
incident i5 prod
by oz 2026-03-02T11:31:00Z
run 1 'incidents' 2026-03-02T12:00:00Z
codes 'are recorded where their cause is a deployment of the service there' '[
	["checkout/i1.yaml", "allow", null], ["checkout/i2.yaml", "deny", "NOT_FOUND"],
	["checkout/i3.yaml", "deny", "NOT_FOUND"], ["checkout/i4.yaml", "allow", null],
	["checkout/i5.yaml", "deny", "ROLE_FORBIDDEN"]]'
sqlite3 -json incidents/.dxcp/ledger.db 'SELECT service, environment, started_at,
	resolved_at, caused_by, severity FROM incident ORDER BY seq' >out
test_jq 'as they were reported' '. == [
	{service: "checkout", environment: "prod", started_at: 1772447400,
	 resolved_at: 1772449200, caused_by: 1, severity: "high"},
	{service: "checkout", environment: "prod", started_at: 1772447400,
	 resolved_at: 0, caused_by: 0, severity: ""}]'
incident i6 prod 'resolved_at: 2026-03-02T10:29:59Z'
by bo 2026-03-02T12:30:00Z
run 3 'an end before the start' 2026-03-02T13:00:00Z
codes 'does not decode' '[["checkout/i6.yaml", "deny", "INVALID_REQUEST"]]'

for w in holds two cancels program incidents; do
	REPO=$w
	test_run 0 "the ledger of $w is sound" dx 2036-03-05T00:00:00Z ledger verify
	test_run 0 "its tables can be made anew" dx 2036-03-05T00:00:00Z ledger rebuild
	test_run 0 "and are the same" dx 2036-03-05T00:00:00Z ledger verify
done
test_done
