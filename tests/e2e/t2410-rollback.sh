#!/bin/sh
# Rollbacks: to what succeeded before, or was asked for, past windows and under
# a quota of their own.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
REPO=w

world_make w <<'YAML'
engines:
  box:
    type: sandbox
    script: [{service: checkout, version: 1.3.0, outcome: failed}]
defaults: {guardrails: {daily_rollback_quota: 2}}
YAML
for v in 1.0.0 1.1.0 1.2.0 1.3.0; do
	world_build w checkout $v
done
repo_commit w 2026-03-02T07:00:00Z 'Builds' ci@example.com
world_build w ledger 2.0.0
repo_commit w 2026-03-02T07:10:00Z 'Build' ci@example.com

# back SERVICE ENVIRONMENT NAME: an intent, with more lines on standard input.
back() {
	mkdir -p "w/intents/$1"
	{
		printf 'kind: rollback\nservice: %s\nenvironment: %s\nsummary: Bad\n' \
			"$1" "$2"
		cat
	} >"w/intents/$1/$3.yaml"
}
# decided: one line a decision.
decided() {
	jq -r '.decisions[] | [.intent[8:-5], .decision, .code // "-", .version // "-",
		(.deployment.rollbackOf // "-" | tostring)] | join(" ")' out
}
# deploy DAY VERSION: to prod, by a run of its own.
deploy() {
	world_deploy w checkout prod "$2" "deploy-$1-$2" </dev/null
	repo_commit w "2026-03-$1T08:00:00Z" "Deploy $2" bo@example.com
	dx "2026-03-$1T08:10:00Z" run >/dev/null
}

# --- nothing to go back to --------------------------------------------------

back checkout prod a-nothing </dev/null
repo_commit w 2026-03-02T08:00:00Z 'Roll back' bo@example.com
test_run 1 'where nothing runs' dx 2026-03-02T08:10:00Z run --format json
decided | grep -v build >got
echo 'checkout/a-nothing deny NOT_FOUND - -' >want
test_same 'there is nothing to undo' want got
deploy 03 1.0.0
back checkout prod b-first </dev/null
repo_commit w 2026-03-03T09:00:00Z 'Roll back' bo@example.com
test_run 1 'where one version ran' dx 2026-03-03T09:10:00Z run --format json
decided >got
echo 'checkout/b-first deny NO_PRIOR_SUCCESSFUL_VERSION - -' >want
test_same 'there is none before it' want got

# --- what may be undone -----------------------------------------------------

deploy 04 1.1.0
deploy 05 1.2.0
world_deploy w checkout dev 1.3.0 </dev/null
repo_commit w 2026-03-05T09:00:00Z 'Deploy' bo@example.com
dx 2026-03-05T09:10:00Z run >/dev/null
back checkout prod c-none <<'YAML'
of: 99
YAML
back checkout prod d-elsewhere <<'YAML'
of: 4
YAML
back ledger prod a-another <<'YAML'
of: 3
YAML
back checkout prod e-never <<'YAML'
to_version: 1.3.0
YAML
back checkout prod f-good </dev/null
repo_commit w 2026-03-06T08:00:00Z 'Roll back' bo@example.com
test_run 1 'check' dx 2026-03-06T08:10:00Z check --format json
decided >got
cat >want <<'END'
checkout/c-none deny NOT_FOUND - -
checkout/d-elsewhere deny NOT_FOUND - -
checkout/e-never deny NO_PRIOR_SUCCESSFUL_VERSION 1.3.0 -
checkout/f-good allow - 1.1.0 -
ledger/a-another deny NOT_FOUND - -
END
test_same 'decides each, with the version that is meant' want got
test_jq 'a place is told' '.decisions[0].at ==
	{"file": "intents/checkout/c-none.yaml", "line": 5, "column": 5,
	"endLine": 5, "endColumn": 7}'
test_run 1 'run' dx 2026-03-06T08:10:00Z run --format json
test_jq 'rolls back' '.decisions[3].deployment | .kind == "ROLLBACK" and
	.number == 5 and .rollbackOf == 3 and .version == "1.1.0" and
	.previousVersion == "1.2.0" and .sourceEnvironment == null and
	.state == "SUCCEEDED" and .recipe == "standard"'
test_run 0 'log' dx 2026-03-06T08:10:00Z log --format json
test_jq 'what it undid is rolled back' '[.deployments[] |
	select(.environment == "prod") | .outcome] ==
	["SUCCEEDED", "ROLLED_BACK", "SUPERSEDED", "SUPERSEDED"]'
test_run 0 'status' dx 2026-03-06T08:10:00Z status checkout prod --format json
test_jq 'shows what runs' '.running[0] | .version == "1.1.0" and .kind == "ROLLBACK" and
	.previousVersion == "1.2.0"'

back checkout prod g-twice </dev/null
back checkout prod h-named <<'YAML'
of: 5
to_version: 1.0.0
YAML
back checkout prod i-older <<'YAML'
of: 2
YAML
repo_commit w 2026-03-06T09:00:00Z 'Roll back' bo@example.com
test_run 1 'a rollback' dx 2026-03-06T09:10:00Z run --format json
decided >got
cat >want <<'END'
checkout/g-twice deny ROLLBACK_OF_ROLLBACK 1.2.0 -
checkout/h-named deny ROLLBACK_OF_ROLLBACK 1.0.0 -
checkout/i-older allow - 1.0.0 2
END
test_same 'is not rolled back, but one before it is' want got

# --- quota, freeze, deprecated recipe, kill switch --------------------------

back checkout prod j-third <<'YAML'
of: 1
to_version: 1.1.0
YAML
repo_commit w 2026-03-06T10:00:00Z 'Roll back' bo@example.com
test_run 0 'two rollbacks a day' dx 2026-03-06T10:10:00Z run --format json
test_jq 'are the quota' '.decisions[0] | .decision == "wait" and
	.code == "QUOTA_EXCEEDED" and .nextAllowedAt == "2026-03-07T00:00:00Z"'
cat >w/policy/freeze.yaml <<'YAML'
kind: window
id: peak
type: deny
scope: {environments: [prod]}
when: {dated: {from: 2026-03-06T00:00:00Z, to: 2026-03-20T00:00:00Z}}
reason: Peak trade
YAML
sed -i 's/^timeout: 10m/&\nstatus: deprecated/' w/policy/rest.yaml
repo_commit w 2026-03-06T11:00:00Z 'Freeze, and another recipe soon' ana@example.com
world_deploy w checkout prod 1.1.0 k-frozen </dev/null
repo_commit w 2026-03-06T12:00:00Z 'Deploy' bo@example.com
test_run 1 'in a freeze, by a deprecated recipe' \
	dx 2026-03-07T00:00:00Z run --format json
decided >got
cat >want <<'END'
checkout/j-third allow - 1.1.0 1
checkout/k-frozen deny RECIPE_DEPRECATED 1.1.0 -
END
test_same 'a rollback goes, and a deploy does not' want got
test_jq 'which the freeze would have stopped too' '.decisions[1].also ==
	["FREEZE_ACTIVE", "CONCURRENCY_LIMIT_REACHED"]'
sed -i '/^status: deprecated/d' w/policy/rest.yaml
echo 'mutations: {disabled: true, reason: Outage}' >>w/policy/platform.yaml
repo_commit w 2026-03-07T08:00:00Z 'Stop' ana@example.com
back checkout prod l-stopped <<'YAML'
of: 3
YAML
repo_commit w 2026-03-07T09:00:00Z 'Roll back' bo@example.com
test_run 0 'the kill switch' dx 2026-03-07T09:10:00Z run --format json
test_jq 'stops rollbacks as well' '.decisions[0] | .decision == "wait" and
	.code == "MUTATIONS_DISABLED"'
sed -i '/^mutations:/d' w/policy/platform.yaml
repo_commit w 2026-03-07T10:00:00Z 'Go' ana@example.com
test_run 0 'until it is lifted' dx 2026-03-07T10:10:00Z run --format json
test_jq 'then they go' '.decisions[0].deployment | .rollbackOf == 3 and .version == "1.1.0"'

# --- the command ------------------------------------------------------------

rm w/policy/freeze.yaml
repo_commit w 2026-03-08T07:00:00Z 'Peak is over' ana@example.com
deploy 08 1.2.0
git -C w config user.name Bo
git -C w config user.email bo@example.com
running=$(dx 2026-03-08T09:00:00Z status checkout prod --format json |
	jq '.running[0].number')
test_run 0 'dxcp rollback' dx 2026-03-08T09:00:00Z rollback checkout prod
test_ok 'says what it proposes' grep -qx "dxcp: back to 1.1.0 (deployment $((running - 1))), \
the success before 1.2.0 (deployment $running)" err
cat >want <<END
kind: rollback
service: checkout
environment: prod
of: $running
to_version: 1.1.0
summary: Roll back checkout prod to 1.1.0
END
file=w/intents/checkout/20260308T090000Z-rollback-prod-to-1.1.0.yaml
test_same 'and writes it' want "$file"
test_ok 'and what a run would decide' grep -q '^ALLOWED  checkout 1.1.0 to prod' out
rm "$file"
test_run 0 'what to undo may be named' dx 2026-03-08T09:00:00Z \
	rollback checkout prod --of 2 --dry-run
test_ok 'and the version is the one before that' grep -qx '  | to_version: 1.0.0' out
test_run 1 'of another environment' dx 2026-03-08T09:00:00Z \
	rollback checkout prod --of 4 --dry-run
test_ok 'nothing is found' grep -q 'Code      NOT_FOUND' out
test_run 2 'no number' dx 2026-03-08T09:00:00Z rollback checkout prod --of 0
test_run 2 'no version' dx 2026-03-08T09:00:00Z rollback checkout prod --to ''
test_run 0 'the site' dx 2026-03-08T09:00:00Z render --out site
line=$(grep -rhoE 'dxcp rollback checkout prod --to [0-9.]+' site | sort -u | head -n 1)
test_ok 'prints a command' test -n "$line"
# shellcheck disable=SC2086 # words, as a shell would read the line
test_run 0 'that works as it stands' dx 2026-03-08T09:00:00Z ${line#dxcp } --commit
test_ok 'and is committed' test "$(git -C w log -1 --format=%s)" = \
	"Roll back checkout prod to ${line##* }"
test_run 0 'and run' dx 2026-03-08T09:10:00Z run --format json
test_jq 'as what it says' ".decisions[0].deployment | .kind == \"ROLLBACK\" and
	.version == \"${line##* }\" and .rollbackOf == $running"
test_run 1 'dxcp rollback of that' dx 2026-03-08T09:20:00Z rollback checkout prod \
	--dry-run
test_ok 'is refused' grep -q 'Code      ROLLBACK_OF_ROLLBACK' out
test_run 0 'the ledger holds together' dx 2026-03-08T10:00:00Z ledger verify
test_done
