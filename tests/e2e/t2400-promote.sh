#!/bin/sh
# Promotions: along the group's sequence, of what has proved itself, counted
# with the deploys.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
REPO=w

# A third environment between the two.
world_make w <<'YAML'
engines:
  box:
    type: sandbox
    script: [{service: ledger, version: 2.1.0, outcome: failed}]
YAML
sed -i -e 's/^environments: \[dev, prod\]/environments: [dev, stage, prod]/' \
	-e 's/^routes: {dev: standard, prod/routes: {dev: standard, stage: standard, prod/' \
	w/policy/rest.yaml
cat >w/policy/more.yaml <<'YAML'
kind: environment
name: stage
type: non_prod
guardrails: {daily_deploy_quota: 2, daily_rollback_quota: 1}
YAML
repo_commit w 2026-03-01T09:00:00Z 'A third environment' ana@example.com

# promote SERVICE FROM TO NAME: an intent, with more lines on standard input.
promote() {
	{
		printf 'kind: promote\nservice: %s\nfrom: %s\nto: %s\nsummary: On\n' \
			"$1" "$2" "$3"
		cat
	} >"w/intents/$1/$4.yaml"
}
# decided: one line a decision.
decided() {
	jq -r '.decisions[] | [.intent[8:-5], .decision, .code // "-", .version // "-",
		(.deployment.number // "-" | tostring)] | join(" ")' out
}

for v in 1.0.0 1.1.0 1.2.0; do
	world_build w checkout $v
done
world_build w ledger 2.0.0
world_build w ledger 2.1.0
repo_commit w 2026-03-02T07:00:00Z 'Builds' ci@example.com
world_deploy w checkout dev 1.0.0 </dev/null
repo_commit w 2026-03-02T08:00:00Z 'Deploy' bo@example.com
promote checkout dev stage a-early </dev/null
repo_commit w 2026-03-02T08:10:00Z 'Promote' bo@example.com

# --- what may be promoted ---------------------------------------------------

test_run 1 'what a pass deploys has not succeeded yet in that pass' \
	dx 2026-03-02T09:00:00Z run --format json
decided | grep -v build >got
cat >want <<'END'
checkout/deploy-1.0.0-dev allow - 1.0.0 1
checkout/a-early deny PROMOTION_VERSION_INELIGIBLE - -
END
test_same 'so it cannot be promoted' want got

promote checkout dev stage b-next </dev/null
promote checkout dev prod c-jump </dev/null
promote checkout dev dev d-same </dev/null
promote checkout stage dev e-back </dev/null
promote checkout dev stage f-never <<'YAML'
version: 1.1.0
YAML
promote checkout qa stage g-unknown </dev/null
repo_commit w 2026-03-02T10:00:00Z 'Promote' bo@example.com
test_run 1 'check' dx 2026-03-02T10:30:00Z check --format json
decided >got
cat >want <<'END'
checkout/b-next allow - 1.0.0 -
checkout/c-jump deny PROMOTION_PATH_NOT_ALLOWED 1.0.0 -
checkout/d-same deny PROMOTION_TARGET_REQUIRED 1.0.0 -
checkout/e-back deny PROMOTION_PATH_NOT_ALLOWED - -
checkout/f-never deny PROMOTION_VERSION_INELIGIBLE 1.1.0 -
checkout/g-unknown deny PROMOTION_PATH_NOT_ALLOWED - -
END
test_same 'decides each, with the version that is meant' want got
test_jq 'the environment is the target' \
	'.decisions[0] | .environment == "stage" and .kind == "promote" and
	.recipe == "standard" and .group == "payments" and .also == []'
test_jq 'a place is told' '.decisions[1].at ==
	{"file": "intents/checkout/c-jump.yaml", "line": 4, "column": 5,
	"endLine": 4, "endColumn": 9}'
test_jq 'all that is wrong is told' '.decisions[3].also ==
	["PROMOTION_VERSION_INELIGIBLE"]'
jq -S '[.decisions[] | {intent, decision, code, version, token, also}]' out >want
test_run 1 'run' dx 2026-03-02T10:30:00Z run --format json
jq -S '[.decisions[] | {intent, decision, code, version, token, also}]' out >got
test_same 'decides the same' want got
test_jq 'and deploys the promotion' '.decisions[0].deployment | .kind == "PROMOTE" and
	.number == 2 and .sourceEnvironment == "dev" and .environment == "stage" and
	.version == "1.0.0" and .rollbackOf == null and .state == "SUCCEEDED"'
test_run 0 'show' dx 2026-03-02T10:30:00Z show 2 --format json
test_jq 'knows the version that was meant' '.decision.version == "1.0.0" and
	.deployment.sourceEnvironment == "dev"'
test_run 0 'status' dx 2026-03-02T10:30:00Z status checkout stage --format json
test_jq 'shows it' '.running[0] | .kind == "PROMOTE" and .version == "1.0.0"'
test_run 0 'a promotion is acted on once' dx 2026-03-02T10:40:00Z run --format json
test_jq 'only' '.decisions == []'

# --- failed, and rolled back ------------------------------------------------

world_deploy w ledger dev 2.1.0 </dev/null
world_deploy w checkout dev 1.1.0 </dev/null
repo_commit w 2026-03-03T08:00:00Z 'Deploy' bo@example.com
# One slot a group and environment: the second goes in the second run.
dx 2026-03-03T09:00:00Z run >/dev/null
dx 2026-03-03T09:01:00Z run >/dev/null
cat >w/intents/checkout/undo.yaml <<'YAML'
kind: rollback
service: checkout
environment: dev
summary: It is slow
YAML
repo_commit w 2026-03-03T09:10:00Z 'Roll back' bo@example.com
test_run 0 'a rollback in dev' dx 2026-03-03T09:20:00Z run --format json
test_jq 'goes back' '.decisions[0].deployment.version == "1.0.0"'
promote ledger dev stage a-failed <<'YAML'
version: 2.1.0
YAML
promote checkout dev stage h-undone <<'YAML'
version: 1.1.0
YAML
promote checkout dev stage i-runs </dev/null
repo_commit w 2026-03-03T10:00:00Z 'Promote' bo@example.com
test_run 1 'run' dx 2026-03-03T10:30:00Z run --format json
decided | cut -d' ' -f1-4 >got
cat >want <<'END'
checkout/h-undone deny PROMOTION_VERSION_INELIGIBLE 1.1.0
checkout/i-runs allow - 1.0.0
ledger/a-failed deny PROMOTION_VERSION_INELIGIBLE 2.1.0
END
test_same 'what failed or was rolled back there is not promoted' want got
test_jq 'why is said' '.decisions[0].message |
	test("^1.1.0 was rolled back in dev \\(deployment [0-9]+\\)$")'

# --- quota, history from elsewhere ------------------------------------------

world_deploy w checkout stage 1.2.0 </dev/null
repo_commit w 2026-03-03T11:00:00Z 'Deploy' bo@example.com
dx 2026-03-03T11:10:00Z run >/dev/null
promote checkout dev stage j-again </dev/null
repo_commit w 2026-03-03T11:20:00Z 'Promote' bo@example.com
test_run 0 'a promotion and a deploy' dx 2026-03-03T11:30:00Z run --format json
test_jq 'have used the quota of two' '.decisions[0] | .decision == "wait" and
	.code == "QUOTA_EXCEEDED" and .nextAllowedAt == "2026-03-04T00:00:00Z"'
test_run 0 'the next day' dx 2026-03-04T00:00:00Z run --format json
test_jq 'it goes' '.decisions[0] | .decision == "allow" and .version == "1.0.0"'

printf '%s\n' '{"service":"ledger","environment":"dev","version":"2.0.9",'\
'"time":"2026-03-03T12:00:00Z","outcome":"succeeded"}' >history.jsonl
test_run 0 'history from elsewhere' dx 2026-03-04T08:00:00Z ledger import \
	"$PWD/history.jsonl"
promote ledger dev stage b-imported </dev/null
repo_commit w 2026-03-04T09:00:00Z 'Promote' bo@example.com
test_run 0 'counts' dx 2026-03-04T09:10:00Z run --format json
test_jq 'without a build' '.decisions[0].deployment | .version == "2.0.9" and
	.kind == "PROMOTE" and .state == "SUCCEEDED"'

# --- the command ------------------------------------------------------------

git -C w config user.name Bo
git -C w config user.email bo@example.com
test_run 0 'dxcp promote' dx 2026-03-05T08:00:00Z promote checkout stage prod \
	-s 'As tested' --ticket PAY-9
test_ok 'says what it takes' \
	grep -qx 'dxcp: checkout 1.0.0 runs in stage (deployment [0-9]*)' err
cat >want <<'END'
kind: promote
service: checkout
from: stage
to: prod
version: 1.0.0
summary: As tested
ticket: PAY-9
END
file=w/intents/checkout/20260305T080000Z-promote-1.0.0-prod.yaml
test_same 'and writes it' want "$file"
test_ok 'and what a run would decide' grep -q '^ALLOWED  checkout 1.0.0 to prod' out
rm "$file"
test_run 1 'a version that never ran there' dx 2026-03-05T08:00:00Z \
	promote checkout dev stage 1.2.0 -s x --dry-run
test_ok 'is refused' grep -q 'Code      PROMOTION_VERSION_INELIGIBLE' out
test_run 1 'from where nothing runs' dx 2026-03-05T08:00:00Z \
	promote checkout prod dev -s x --dry-run
test_not 'no version is written' grep -q version: out
test_run 2 'without a summary' dx 2026-03-05T08:00:00Z promote checkout stage prod
test_run 2 'an empty version' dx 2026-03-05T08:00:00Z promote checkout stage prod '' -s x
test_run 0 'committed' dx 2026-03-05T08:00:00Z promote checkout stage prod 1.0.0 \
	-s 'As tested' --commit
test_ok 'with its subject' test "$(git -C w log -1 --format=%s)" = \
	'Promote checkout 1.0.0 from stage to prod'
test_run 0 'it runs' dx 2026-03-05T09:00:00Z run
test_run 0 'the ledger holds together' dx 2026-03-05T09:00:00Z ledger verify
test_run 0 'and the site renders' dx 2026-03-05T09:00:00Z render --out site
test_done
