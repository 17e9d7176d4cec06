#!/bin/sh
# dxcp explain INTENT: the smallest change that would let it pass.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
REPO=w

world_make w <<'YAML'
engines: {box: {type: sandbox, after: 1h}}
defaults:
  guardrails:
    daily_deploy_quota: 2
YAML
sed -i -e '/^name: checkout$/a needs: [{service: ledger, min_version: 1.1.0}]' \
	-e 's/^environments: \[dev, prod\]/environments: [dev, {name: prod, approvals: 2}]/' w/policy/rest.yaml
cat >w/policy/windows.yaml <<'YAML'
kind: window
id: office
type: allow
scope: {environments: [prod]}
when: {weekly: {days: [mon, tue, wed, thu, fri], from: "09:00", to: "17:00"}}
---
kind: window
id: peak
type: deny
scope: {environments: [prod]}
when: {dated: {from: 2026-03-06T00:00:00Z, to: 2026-03-09T00:00:00Z}}
YAML
repo_commit w 2026-03-01T09:00:00Z 'Rules' ana@example.com
for v in 1.0.0 1.1.0; do
	world_build w checkout $v
	world_build w ledger $v
done
repo_commit w 2026-03-02T07:00:00Z 'Builds' ci@example.com

# change TIME INTENT: the steps, "CODE text" each, in the order of the answer.
change() {
	test_run 0 "explain $2" dx "$1" explain "intents/$2.yaml" --format json --format text=text
	jq -r '.change[] | "\(.code) \(.text)"' out >got
}

# --- one guardrail after the other ------------------------------------------------

world_deploy w checkout prod 1.0.0 a </dev/null
repo_commit w 2026-03-02T08:00:00Z 'To prod' bo@example.com
change 2026-03-07T12:00:00Z checkout/a
cat >want <<'END'
FREEZE_ACTIVE wait until 2026-03-09T00:00:00Z, end the freeze peak, at policy/windows.yaml:7, or have FREEZE_ACTIVE waived
WINDOW_CLOSED wait until 2026-03-09T09:00:00Z, widen the window office, at policy/windows.yaml:1, or have WINDOW_CLOSED waived
DEPENDENCY_NOT_READY deploy ledger 1.1.0 or later to prod first (none runs there)
APPROVAL_REQUIRED have it approved by 2 more: an owner of payments (bo@example.com) or a platform admin (ana@example.com), but not its author (dxcp approve intents/checkout/a.yaml)
END
test_same 'each guardrail that refuses has its step' want got
test_jq 'with the rule' '.change[0].rule == {file: "policy/windows.yaml", line: 7} and
	.change[0].byItself and (.change[2].byItself | not)'
test_ok 'they are numbered for people' grep -q '^  3. DEPENDENCY_NOT_READY: deploy ledger' text
change 2026-03-03T12:00:00Z checkout/a
test_jq 'what is in order has none' '[.change[].code] == ["DEPENDENCY_NOT_READY", "APPROVAL_REQUIRED"]'

world_deploy w checkout prod 7.7.7 b </dev/null
repo_commit w 2026-03-02T08:10:00Z 'Who is she' eve@example.com
change 2026-03-03T12:00:00Z checkout/b
test_jq 'who may, and what is to be built, come first' '[.change[:2][].code] ==
	["AUTHZ_ROLE_REQUIRED", "VERSION_NOT_FOUND"] and
	(.change[0].text | startswith("let an owner of payments (bo@example.com)")) and
	(.change[1].text | contains("CI publisher (ci@example.com) register the build of checkout 7.7.7"))'
world_deploy w player prod 1.0.0 c </dev/null
repo_commit w 2026-03-02T08:20:00Z 'Elsewhere' cy@example.com
change 2026-03-03T12:00:00Z player/c
test_ok 'where it may go instead' grep -q \
	'^ENVIRONMENT_NOT_ALLOWED choose one of dev, or add prod to the environments of the group, at policy/rest.yaml:[0-9]*$' got

# --- limits -----------------------------------------------------------------------

git -C w rm -q intents/checkout/a.yaml intents/checkout/b.yaml intents/player/c.yaml
world_deploy w ledger dev 1.0.0 d </dev/null
world_deploy w ledger dev 1.1.0 e </dev/null
repo_commit w 2026-03-02T09:00:00Z 'Two' bo@example.com
change 2026-03-02T10:00:00Z ledger/e
cat >want <<'END'
CONCURRENCY_LIMIT_REACHED wait until one of what runs there ends, or set max_concurrent_deployments to 2 for the group payments (1 is built in)
END
test_same 'a limit that is built in' want got
dx 2026-03-02T10:00:00Z run >out 2>&1
dx 2026-03-02T11:00:00Z run >out 2>&1
dx 2026-03-02T12:00:00Z run >out 2>&1
world_deploy w ledger dev 1.0.0 f </dev/null
repo_commit w 2026-03-02T12:30:00Z 'A third' bo@example.com
change 2026-03-02T13:00:00Z ledger/f
cat >want <<'END'
QUOTA_EXCEEDED wait for the next day (2026-03-03T00:00:00Z), or raise daily_deploy_quota from 2 to 3, at policy/platform.yaml:6
END
test_same 'one with its line' want got
test_ok 'nothing has to change' grep -q \
	'^  None: it passes by itself from Tue 3 Mar 2026 00:00 UTC on' text

# --- recorded ---------------------------------------------------------------------

world_deploy w ledger dev 7.7.7 g </dev/null
repo_commit w 2026-03-03T08:00:00Z 'Not built' bo@example.com
dx 2026-03-03T09:00:00Z run >out 2>&1
change 2026-03-03T10:00:00Z ledger/g
test_jq 'what was denied is told, too' '.recorded and .change[0].code == "VERSION_NOT_FOUND"'
test_ok 'it takes a new file' grep -q 'propose it again in a new file' text
change 2026-03-03T10:00:00Z ledger/d
test_jq 'what was allowed needs no change' '.change == []'

# --- releases ---------------------------------------------------------------------

cat >w/intents/both.yaml <<'YAML'
kind: release
summary: Both
deploys:
  - {service: checkout, environment: prod, version: 1.1.0, after: [ledger]}
  - {service: ledger, environment: prod, version: 7.7.7}
YAML
repo_commit w 2026-03-03T11:00:00Z 'Both' bo@example.com
change 2026-03-03T12:00:00Z both
test_jq 'every member is explained' '[.members[] | [.service, .decision, .change[].code]] == [
	["checkout", "wait", "APPROVAL_REQUIRED", "CONCURRENCY_LIMIT_REACHED"],
	["ledger", "deny", "VERSION_NOT_FOUND", "APPROVAL_REQUIRED"]]'
test_ok 'as text' grep -q '^member 2: DENIED  deploy ledger 7.7.7 to prod' text
test_done
