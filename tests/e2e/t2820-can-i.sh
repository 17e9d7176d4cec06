#!/bin/sh
# Asking before anything is written: yes, no, or wait, with the reason.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
REPO=w

world_make w <<'YAML'
engines: {box: {type: sandbox}}
defaults: {guardrails: {daily_deploy_quota: 2, max_concurrent_deployments: 2}}
YAML
cat >w/policy/windows.yaml <<'YAML'
kind: window
id: office
type: allow
scope: {environments: [prod]}
when: {weekly: {days: [mon, tue, wed, thu, fri], from: "09:00", to: "17:00"}}
YAML
sed -i '/^name: ledger/a version_pattern: "^v[0-9]+$"' w/policy/rest.yaml
repo_commit w 2026-03-01T09:00:00Z 'Windows' ana@example.com
world_build w checkout 1.0.0
world_build w checkout 1.1.0
repo_commit w 2026-03-02T07:00:00Z 'Builds' ci@example.com
world_deploy w checkout dev 1.0.0 a </dev/null
repo_commit w 2026-03-02T08:00:00Z 'Deploy' bo@example.com
dx 2026-03-02T09:00:00Z run >out 2>&1
NOON=2026-03-02T12:00:00Z

# --- yes -------------------------------------------------------------------------

test_run 0 'an owner may deploy' dx $NOON can-i deploy checkout prod 1.0.0 --as bo@example.com
test_ok 'the answer comes first' \
	grep -q '^yes  bo@example.com (DELIVERY_OWNER): deploy checkout 1.0.0 to prod$' out
test_run 0 'as JSON it is a check' dx $NOON can-i deploy checkout prod 1.0.0 \
	--as bo@example.com --format json
test_jq 'of one decision' '.schema == "dxcp.check/1" and .answer == "yes" and
	(.decisions | length) == 1 and .summary.allow == 1 and
	.decisions[0].decision == "allow" and .decisions[0].version == "1.0.0" and
	.decisions[0].actor.email == "bo@example.com" and .findings == []'
test_run 0 'who asks is who would commit' dx $NOON can-i deploy checkout prod 1.0.0 --format json
test_jq 'here the admin' '.decisions[0].actor.role == "PLATFORM_ADMIN"'
test_run 0 'without a version it is about any' \
	dx $NOON can-i deploy checkout prod --as bo@example.com --format json --format text=text
test_jq 'none is named' '.answer == "yes" and .decisions[0].version == null'
test_ok 'and said to be' grep -q 'deploy checkout (any version) to prod$' text
test_run 0 'also where nothing is registered, and versions have a form' \
	dx $NOON can-i deploy ledger dev --as bo@example.com
test_run 0 'promote what runs in the environment before' \
	dx $NOON can-i promote checkout prod --as bo@example.com --format json
test_jq 'is the version that would go' '.decisions[0].version == "1.0.0"'
test_run 0 'hold' dx $NOON can-i hold checkout prod --as bo@example.com
test_run 0 'register a build' dx $NOON can-i build checkout --as ci@example.com
test_run 0 'of a version' dx $NOON can-i build checkout 1.2.0 --as CI@example.com

# --- no --------------------------------------------------------------------------

# no CODE SENTENCE ARGUMENT...
no() {
	code=$1 sentence=$2
	shift 2
	test_run 1 "$sentence" dx $NOON can-i "$@"
	test_ok "$code" grep -q "^  $code: " out
}
no DELIVERY_GROUP_SCOPE_REQUIRED 'the owner of another group' deploy checkout prod --as cy@example.com
test_ok 'the next step is told' grep -q '^  next: Ask an owner of' out
no ROLE_FORBIDDEN 'an observer' deploy checkout prod --as oz@example.com
no AUTHZ_ROLE_REQUIRED 'a stranger' deploy checkout prod --as eve@example.com
no VERSION_NOT_FOUND 'a version that nobody built' deploy checkout prod 7.7.7
no INVALID_VERSION 'one of another form' deploy ledger dev 1.0.0
no ENVIRONMENT_NOT_ALLOWED 'an environment that is not one of the group' deploy player prod
test_run 1 'the rule is told, too' dx $NOON can-i deploy player prod
test_ok 'by file and line' grep -Eq '^  rule: policy/rest.yaml:[0-9]+$' out
no PROMOTION_TARGET_REQUIRED 'promote to the first environment' promote checkout dev
no NOT_FOUND 'roll back where nothing runs' rollback checkout prod
no CI_ONLY 'register a build' build checkout
no BUILD_REGISTRATION_CONFLICT 'register it again' build checkout 1.0.0 --as ci@example.com

# --- wait ------------------------------------------------------------------------

test_run 0 'outside the window' dx $NOON can-i deploy checkout prod --at 2026-03-07T12:00:00Z
test_ok 'wait' grep -q '^wait  ' out
test_ok 'for what' grep -q '^  WINDOW_CLOSED: ' out
test_ok 'by which rule' grep -q '^  rule: policy/windows.yaml:1$' out
test_ok 'until when' grep -q '^  earliest: Mon 9 Mar 2026 09:00 UTC$' out
test_run 7 'with --fail-on waiting' \
	dx $NOON can-i deploy checkout prod --at 2026-03-07T12:00:00Z --fail-on waiting
world_deploy w checkout dev 1.1.0 b </dev/null
repo_commit w 2026-03-02T09:10:00Z 'Another' bo@example.com
test_run 0 'what is committed goes before' dx $NOON can-i deploy checkout dev
test_ok 'and uses up the quota' grep -q '^  QUOTA_EXCEEDED: ' out
test_run 0 'the next day' dx $NOON can-i deploy checkout dev --at 2026-03-03T12:00:00Z --trace
test_ok 'it may' grep -q '^yes ' out
test_ok 'the trace shows every guardrail' grep -q 'Daily quota' out

# --- all -------------------------------------------------------------------------

git -C w reset -q --hard HEAD~1
test_run 0 'list' dx $NOON can-i --list --as bo@example.com
cat >want <<'END'
service   environment  deploy  promote                           rollback
checkout  dev          yes     no PROMOTION_TARGET_REQUIRED      no NO_PRIOR_SUCCESSFUL_VERSION
checkout  prod         yes     yes                               no NOT_FOUND
ledger    dev          yes     no PROMOTION_TARGET_REQUIRED      no NOT_FOUND
ledger    prod         yes     no PROMOTION_VERSION_INELIGIBLE   no NOT_FOUND
END
tr -s ' ' <out | sed 's/ $//' >got.words
tr -s ' ' <want | sed 's/ $//' >want.words
test_same 'what an owner may in the own group' want.words got.words
test_run 0 'of a service' dx $NOON can-i --list player --as bo@example.com --all --format json
test_jq 'also what not' '.schema == "dxcp.can-i/1" and .identity == "bo@example.com" and
	(.abilities | length) == 3 and all(.abilities[]; .answer == "no")'
test_jq 'and why' '.abilities[0] == {verb: "deploy", service: "player",
	environment: "dev", answer: "no", code: "DELIVERY_GROUP_SCOPE_REQUIRED", nextAllowedAt: null}'
test_run 0 'a stranger' dx $NOON can-i --list --as eve@example.com
test_ok 'may nothing' grep -q '^nothing' out

# --- the other intents -------------------------------------------------------------

world_build w checkout 1.1.0
world_deploy w checkout dev 1.1.0 mine </dev/null
repo_commit w 2026-03-02T09:20:00Z 'By bo' bo@example.com
mine=intents/checkout/mine.yaml
test_run 0 'an admin may approve' dx $NOON can-i approve $mine
test_ok 'it is told what' grep -q "^yes  ana@example.com (PLATFORM_ADMIN): approve $mine\$" out
test_run 1 'the author may not' dx $NOON can-i approve $mine --as BO@example.com --format json --format text=text
test_ok 'as it would not count' grep -q "an author's approval does not count" text
test_jq 'though it would be recorded' '.answer == "no" and .own and .decisions[0].decision == "allow"'
no DELIVERY_GROUP_SCOPE_REQUIRED 'nor may others' approve $mine --as cy@example.com
no NOT_FOUND 'what is not there' approve intents/checkout/none.yaml
test_run 0 'its author may cancel it' dx $NOON can-i cancel $mine --as bo@example.com
no NOT_FOUND 'what has ended nobody may cancel' cancel intents/checkout/a.yaml
test_ok 'and why' grep -q 'has ended' out
test_run 0 'release' dx $NOON can-i release dev checkout@1.0.0 --as bo@example.com
test_ok 'of what is told' grep -q 'release checkout@1.0.0 to dev$' out
no VERSION_NOT_FOUND 'with a member that nobody built' release dev checkout@1.0.0 ledger@v9
test_run 0 'report an incident' dx $NOON can-i incident checkout prod --as bo@example.com
test_ok 'where' grep -q 'incident checkout in prod$' out
no ROLE_FORBIDDEN 'as an observer' incident checkout prod --as oz@example.com
git -C w reset -q --hard HEAD~1

# --- what is wrong ------------------------------------------------------------------

test_run 2 'another verb' dx $NOON can-i destroy checkout prod
test_ok 'those that are known are told' grep -q 'not one of deploy, promote, rollback, hold, incident, build, release, approve, cancel' err
test_run 2 'no environment' dx $NOON can-i deploy checkout
test_run 2 'too much' dx $NOON can-i build checkout 1.0.0 more
test_run 2 'a service that is not there' dx $NOON can-i deploy chekout prod
test_ok 'the nearest is told' grep -q 'did you mean checkout' err
test_run 2 'another --fail-on' dx $NOON can-i deploy checkout prod --fail-on no
printf 'nonsense: 1\n' >>w/policy/platform.yaml
test_run 3 'a policy with errors' dx $NOON can-i deploy checkout prod
git -C w checkout -q policy
test_ok 'nothing was written' test -z "$(git -C w status --porcelain)"
test_done
