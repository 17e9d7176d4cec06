#!/bin/sh
# What another policy would have made of the recorded history: which decisions
# flip, and why.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
REPO=w

world_make w <<'YAML'
engines:
  box:
    type: sandbox
    after: 5m
    script: [{service: checkout, version: 1.3.0, outcome: failed, category: APP}]
defaults: {guardrails: {max_concurrent_deployments: 2}}
YAML
sed -i '/^name: checkout$/a needs: [{service: ledger, min_version: 1.0.0}]' w/policy/rest.yaml
cat >w/policy/windows.yaml <<'YAML'
kind: window
id: office
type: allow
scope: {environments: [prod]}
when: {weekly: {days: [mon, tue, wed, thu, fri], from: "09:00", to: "17:00"}}
YAML
repo_commit w 2026-03-01T09:00:00Z 'Windows' ana@example.com

# a history of every kind of intent and of most guardrails
intent() { # KIND NAME EMAIL TIME: more lines on standard input
	mkdir -p "w/intents/checkout"
	{
		printf 'kind: %s\nsummary: As asked\n' "$1"
		cat
	} >"w/intents/$2.yaml"
	repo_commit w "$4" "$2" "$3"
}
for v in 1.0.0 1.1.0 1.2.0 1.3.0; do world_build w checkout $v; done
world_build w ledger 1.0.0
repo_commit w 2026-03-02T07:00:00Z 'Builds' ci@example.com
world_deploy w checkout dev 1.0.0 a </dev/null
repo_commit w 2026-03-02T07:10:00Z 'Too early' bo@example.com
dx 2026-03-02T08:00:00Z run >out 2>&1 # a waits: it needs ledger
world_deploy w ledger dev 1.0.0 b </dev/null
world_deploy w ledger prod 1.0.0 c </dev/null
world_deploy w checkout prod 7.7.7 d </dev/null
repo_commit w 2026-03-02T08:10:00Z 'Deploys' bo@example.com
world_deploy w checkout dev 1.1.0 outsider </dev/null
repo_commit w 2026-03-02T08:20:00Z 'Not hers' eve@example.com
dx 2026-03-02T08:30:00Z run >out 2>&1 # c waits for the window, d and outsider are denied
dx 2026-03-02T09:30:00Z run >out 2>&1 # c and a go
dx 2026-03-02T09:40:00Z run >out 2>&1
intent promote checkout/p bo@example.com 2026-03-02T10:00:00Z <<'YAML'
service: checkout
from: dev
to: prod
YAML
dx 2026-03-02T10:10:00Z run >out 2>&1
dx 2026-03-02T10:20:00Z run >out 2>&1
intent hold checkout/h bo@example.com 2026-03-02T10:30:00Z <<'YAML'
service: checkout
environment: dev
version: 1.2.0
until: 2026-03-02T12:00:00Z
YAML
for v in 1.1.0 1.2.0 1.3.0; do world_deploy w checkout dev $v "e-$v" </dev/null; done
repo_commit w 2026-03-02T10:40:00Z 'Three at once' bo@example.com
dx 2026-03-02T10:50:00Z run >out 2>&1 # 1.2.0 is on hold
dx 2026-03-02T11:00:00Z run >out 2>&1 # 1.3.0 fails
intent rollback checkout/r bo@example.com 2026-03-02T11:10:00Z <<'YAML'
service: checkout
environment: dev
YAML
intent approval checkout/ok ana@example.com 2026-03-02T11:20:00Z <<YAML
of: intents/checkout/r.yaml
digest: $(git -C w rev-parse HEAD:intents/checkout/r.yaml)
YAML
dx 2026-03-02T11:30:00Z run >out 2>&1
dx 2026-03-02T11:40:00Z run >out 2>&1
intent release both bo@example.com 2026-03-02T11:50:00Z <<'YAML'
deploys:
  - {service: checkout, environment: prod, version: 1.1.0, after: [ledger]}
  - {service: ledger, environment: prod, version: 1.0.0}
YAML
dx 2026-03-02T12:00:00Z run >out 2>&1
dx 2026-03-02T12:10:00Z run >out 2>&1
dx 2026-03-02T12:20:00Z run >out 2>&1
printf '# edited\n' >>w/intents/checkout/a.yaml
repo_commit w 2026-03-02T12:30:00Z 'Edited' bo@example.com
dx 2026-03-02T12:40:00Z run >out 2>&1
sqlite3 w/.dxcp/ledger.db "SELECT count(*) FROM event WHERE type = 'intent.decided'" >decided
test_ok 'there is a history' test "$(cat decided)" -gt 15

sim() { dx 2026-04-01T00:00:00Z simulate "$@"; }
flips() {
	jq -r '.flips[] | [.intent[8:-5], .number // "-", .was.decision, .was.code // "-",
		.would.decision, .would.code // "-",
		(.would.rule | if . then "\(.file):\(.line)" else "-" end)] | join(" ")' out
}

# --- the same policy -----------------------------------------------------------

cp w/.dxcp/ledger.db before.db
test_run 0 'the policy that judged it' sim --policy HEAD --format json
test_jq 'flips nothing' '.schema == "dxcp.simulate/1" and .flips == []'
test_jq 'of all there is' ".summary.decisions == $(cat decided) and
	.summary.same == .summary.decisions and .summary.otherCode == 0"
test_run 0 'as text, too' sim --policy HEAD
test_ok 'it says so' grep -q "^0 flip, of 0 intents; $(cat decided) stay" out
test_ok 'and how the past is treated' grep -q '^The past stays as it was' out
test_run 0 'without --policy it is the working tree' sim --format json
test_jq 'which has the same' '.flips == [] and .policy == "the working tree"'

# --- stricter, in the working tree ---------------------------------------------

sed -i 's/^defaults:.*/defaults:\n  guardrails:\n    max_concurrent_deployments: 2\n    daily_deploy_quota: 3/' \
	w/policy/platform.yaml
test_run 0 'a smaller quota' sim --format json
flips >got
cat >want <<'END'
checkout/e-1.3.0 6 allow - wait QUOTA_EXCEEDED policy/platform.yaml:11
both 8 allow - wait QUOTA_EXCEEDED policy/platform.yaml:11
END
test_same 'flips the fourth of the day in each environment' want got
test_jq 'says until when: of prod when the window opens' \
	'[.flips[].would.nextAllowedAt] == ["2026-03-03T00:00:00Z", "2026-03-03T09:00:00Z"]'
test_jq 'how long that is' '.summary.waiting.added.seconds ==
	([.flips[] | (.would.nextAllowedAt | fromdate) - (.time | fromdate)] | add)'
test_jq 'by code, and by group' '.summary.flips as $n | $n > 0 and
	.summary.byCode.QUOTA_EXCEEDED.allowToWait == $n and
	.summary.byGroup.payments.flips == $n and .summary.allowToWait == $n'
test_jq 'the deployments that it made are named' '[.flips[].number] | all(. != null)'
test_run 0 'the same as text' sim --limit 1
test_ok 'shows the rule' grep -q '^  rule: policy/platform.yaml:11$' out
test_ok 'the reason' grep -q '^  now: payments has used 3 of 3 today; until' out
test_ok 'and that there is more' grep -q 'more: --limit' out
test_run 0 'with --since' sim --since 2026-03-02T11:45:00Z --format json
test_jq 'only later decisions are judged' '[.flips[].time] | length > 0 and
	all(. >= "2026-03-02T11:45:00Z")'
test_jq 'with all that was before them' '.flips[0].would.code == "QUOTA_EXCEEDED"'
git -C w checkout -q policy

# --- another branch's --------------------------------------------------------------

git -C w checkout -q -b freeze
cat >>w/policy/windows.yaml <<'YAML'
---
kind: window
id: peak
type: deny
reason: Peak week
scope: {environments: [prod], groups: [payments]}
when: {dated: {from: 2026-03-02T10:00:00Z, to: 2026-03-04T00:00:00Z}}
YAML
repo_commit w 2026-03-02T13:00:00Z 'Freeze' ana@example.com
git -C w checkout -q main
test_run 0 'a freeze on a branch' sim --policy freeze --format json
flips >got
cat >want <<'END'
checkout/p 4 allow - wait FREEZE_ACTIVE policy/windows.yaml:7
both 8 allow - wait FREEZE_ACTIVE policy/windows.yaml:7
END
test_same 'flips the promotion and the release' want got
test_jq 'the freeze ends before the window opens' \
	'[.flips[].would.nextAllowedAt] | unique == ["2026-03-04T09:00:00Z"]'

# --- looser ---------------------------------------------------------------------

rm w/policy/windows.yaml
sed -i -e 's/^owners: \[bo@example.com\]/owners: [bo@example.com, eve@example.com]/' \
	-e '/^needs:/d' w/policy/rest.yaml
test_run 0 'without windows and needs, and with another owner' sim --format json
flips >got
cat >want <<'END'
checkout/a - wait DEPENDENCY_NOT_READY allow - -
ledger/c - wait WINDOW_CLOSED allow - -
checkout/outsider - deny AUTHZ_ROLE_REQUIRED allow - -
END
LC_ALL=C sort want >want.sorted
LC_ALL=C sort got >got.sorted
test_same 'what waited or was denied would have been allowed' want.sorted got.sorted
test_jq 'the waiting that goes is told where its end was known' \
	'.summary.waiting.removed == {n: 2, seconds: 1800, unknown: 1}'
test_run 0 'as text' sim
test_ok 'it says what was said then' \
	grep -q '^  then: eve@example.com has no role' out
git -C w checkout -q policy

# --- who may -----------------------------------------------------------------------

printf 'identity: signed\n' >>w/policy/platform.yaml
test_run 0 'a policy that asks for signatures' sim --format json
test_jq 'denies what was not signed' '.summary.allowToDeny > 10 and
	.summary.byCode.SIGNATURE_REQUIRED.allowToDeny == .summary.allowToDeny'
git -C w checkout -q policy

# --- what is wrong ------------------------------------------------------------------

printf 'nonsense: 1\n' >>w/policy/platform.yaml
test_run 3 'a policy with errors judges nothing' sim --format json
test_jq 'and is told' '.flips == [] and .findings[0].code == "UNKNOWN_KEY"'
git -C w checkout -q policy
test_run 2 'a revision that is not there' sim --policy nowhere
test_run 0 'where nothing is recorded' dx 2026-04-01T00:00:00Z --ledger none.db simulate --format json
test_jq 'nothing flips' '.summary.decisions == 0 and .flips == []'
test_not 'no ledger is made' test -e w/none.db
test_run 0 'in a bare repository' git clone -q --bare w bare.git
REPO=bare.git
test_run 0 'the policy of HEAD is taken' \
	dx 2026-04-01T00:00:00Z --ledger "$PWD/w/.dxcp/ledger.db" simulate --format json
test_jq 'and flips nothing' '.policy == "HEAD" and .flips == [] and .summary.decisions > 15'
REPO=w
sqlite3 before.db 'SELECT * FROM event' >before.events
sqlite3 w/.dxcp/ledger.db 'SELECT * FROM event' >after.events
test_same 'nothing was recorded' before.events after.events
test_ok 'nor written to the repository' test -z "$(git -C w status --porcelain)"
test_done
