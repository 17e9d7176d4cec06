#!/bin/sh
# Proposals: intents that the policy's rules ask for, written once, and never
# against what people have decided.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
REPO=w

world_make w <<'YAML'
engines: {box: {type: sandbox}}
defaults: {guardrails: {max_concurrent_deployments: 9}}
YAML
git -C w config user.name Bo && git -C w config user.email bo@example.com
sed -i 's/^environments: \[dev, prod\]/environments: [dev, {name: prod, soak: 2h}]/' w/policy/rest.yaml
cat >w/policy/proposals.yaml <<'YAML'
kind: proposal_rule
id: to-dev
on: build
branch: "{main,release/*}"
version: "*"
environment: dev
---
kind: proposal_rule
id: to-prod
on: promotion
version: "[0-9]*.[0-9]*.[0-9]*"
environment: prod
YAML
sed -i 's/^branch: .*/branch: main/' w/policy/proposals.yaml
repo_commit w 2026-03-01T09:00:00Z 'Rules' ana@example.com
commit() {
	repo_commit w "$@"
}
pr() { # TIME ARGUMENT...
	pr_now=$1
	shift
	dx "$pr_now" propose "$@"
}
tree() {
	(cd w && git rev-parse HEAD && git status --porcelain && find intents -type f 2>/dev/null | sort)
}

# --- nothing to propose ----------------------------------------------------------

test_run 0 'before any build' pr 2026-03-02T09:00:00Z
test_ok 'nothing is proposed' grep -q '^0 proposed; 0 up to date' out

# --- builds ----------------------------------------------------------------------

world_build w checkout 1.9.0
world_build w checkout 1.10.0
world_build w ledger 2.0.0
sed -i 's/^branch: main/branch: feature\/x/' w/intents/ledger/build-2.0.0.yaml
commit 2026-03-02T07:00:00Z 'Builds' ci@example.com
tree >before
test_run 0 'builds that are not registered yet' pr 2026-03-02T09:00:00Z
test_ok 'are none' grep -q '^0 proposed' out
dx 2026-03-02T09:00:00Z run >/dev/null 2>&1

test_run 0 'shown' pr 2026-03-02T10:00:00Z --dry-run
test_ok 'the file' grep -qx '  | version: 1.10.0' out
tree >after
test_same 'and not written' before after
test_run 0 'the newest version' pr 2026-03-02T10:00:00Z
file=w/intents/checkout/proposed-1.10.0-dev.yaml
cat >want <<'YAML'
kind: deploy
service: checkout
environment: dev
version: 1.10.0
summary: Newest build of main (0123456)
reason: planned
labels:
  proposed_by: to-dev
YAML
test_same 'is written' want "$file"
test_ok 'alone: not the older one' test ! -e w/intents/checkout/proposed-1.9.0-dev.yaml
test_ok 'nor one of another branch' test ! -e w/intents/ledger/proposed-2.0.0-dev.yaml
test_ok 'it says so' grep -q '^wrote intents/checkout/proposed-1.10.0-dev.yaml$' out
test_ok 'and why' grep -q 'why      Newest build of main (0123456)' out
tree >before
test_run 0 'a second time' pr 2026-03-02T10:00:00Z --format json
tree >after
test_same 'writes nothing' before after
test_jq 'and says why' '.schema == "dxcp.propose/1" and .summary.new == 0 and
	[.proposals[] | [.service, .state, .detail]] == [["checkout", "asked",
	"asked for by intents/checkout/proposed-1.10.0-dev.yaml"]]'
rm "$file"
echo 'kind: nonsense' >"$file"
test_run 0 'over a file that is there' pr 2026-03-02T10:00:00Z
test_ok 'nothing is written' grep -qx 'kind: nonsense' "$file"
rm "$file"
test_run 0 'committed' pr 2026-03-02T10:00:00Z --commit --format json
test_jq 'the JSON has all' '(.proposals | length) == 1 and (.proposals[0] |
	.state == "new" and .rule == "to-dev" and .kind == "deploy" and .written and
	.decision.decision == "allow" and (.commit | length) == 40 and .code == null)'
git -C w log -1 --format='%ae%n%B' >got
cat >want <<'END'
bo@example.com
Deploy checkout 1.10.0 to dev

Newest build of main (0123456)

Proposed-by: to-dev

END
test_same 'with a message' want got
test_run 0 'check accepts it' dx 2026-03-02T10:00:00Z check --format json
test_jq 'as foretold' '[.decisions[] | select(.intent | contains("proposed")) | .decision] == ["allow"]'
test_run 0 'a run deploys it' dx 2026-03-02T10:00:00Z run
test_run 0 'then' pr 2026-03-02T10:00:01Z --environment dev
test_ok 'it is up to date' grep -q '^0 proposed; 1 up to date, 0 asked' out

# --- promotions ------------------------------------------------------------------

test_run 0 'before the soak time is over' pr 2026-03-02T11:59:59Z
test_ok 'it is too early' grep -q '^not yet Promote checkout 1.10.0 from dev to prod$' out
test_ok 'until then' grep -q 'earliest Mon 2 Mar 2026 12:00 UTC' out
test_run 0 'then' pr 2026-03-02T12:00:00Z --commit
test_ok 'a promotion' grep -qx 'kind: promote' w/intents/checkout/proposed-1.10.0-prod.yaml
test_ok 'says what speaks for it' grep -qx \
	'summary: Succeeded in dev on 2026-03-02 (deployment 1)' \
	w/intents/checkout/proposed-1.10.0-prod.yaml
test_run 0 'a run takes it' dx 2026-03-02T12:00:00Z run

# --- what people decided ---------------------------------------------------------

world_build w checkout 1.11.0
commit 2026-03-02T12:30:00Z 'Build' ci@example.com
dx 2026-03-02T13:00:00Z run >/dev/null 2>&1
cat >w/intents/checkout/hold.yaml <<'YAML'
kind: hold
service: checkout
environment: dev
version: 1.11.0
until: 2026-03-02T15:00:00Z
summary: Leaks memory
YAML
commit 2026-03-02T13:01:00Z 'Hold' bo@example.com
test_run 0 'a hold that no run has seen' pr 2026-03-02T13:02:00Z --format json --format text=text
test_jq 'holds' '[.proposals[] | select(.environment == "dev") | [.state, .code]] ==
	[["on-hold", "VERSION_ON_HOLD"]] and .summary.denied == 0'
test_ok 'it says whose' grep -q 'is on hold in dev until .* by bo@example.com: Leaks memory' text
test_run 0 'when it has ended' pr 2026-03-02T15:00:00Z --commit
test_ok 'it is proposed' test -e w/intents/checkout/proposed-1.11.0-dev.yaml
dx 2026-03-02T15:00:00Z run >/dev/null 2>&1
test_run 0 'rolled back' dx 2026-03-02T15:30:00Z rollback checkout dev --commit
dx 2026-03-02T15:30:00Z run >/dev/null 2>&1
git -C w rm -q intents/checkout/proposed-1.11.0-dev.yaml
commit 2026-03-02T15:31:00Z 'Tidy up' bo@example.com
tree >before
test_run 0 'what was rolled back' pr 2026-03-02T15:32:00Z --format json
tree >after
test_same 'is not proposed again' before after
test_jq 'and it says so' '[.proposals[] | select(.environment == "dev") |
	[.version, .state, .code]] == [["1.11.0", "on-hold", "VERSION_ON_HOLD"]]'
printf 'labels: {proposed_by: hand}\n' | world_deploy w checkout dev 1.11.0 again
commit 2026-03-02T15:40:00Z 'Proposed again' bo@example.com
test_run 1 'nor let in where it is labelled as proposed' dx 2026-03-02T15:41:00Z check
test_ok 'VERSION_ON_HOLD' grep -q 'VERSION_ON_HOLD' out
test_ok 'with the reason' grep -q 'was rolled back in dev (deployment 3), and automation' out
test_run 1 'as a run has it' dx 2026-03-02T15:41:00Z run
test_run 0 'nothing of it flips when it is judged again' \
	dx 2026-03-02T15:42:00Z simulate --format json
test_jq 'by the past' '.flips == []'
world_deploy w checkout dev 1.11.0 by-hand </dev/null
commit 2026-03-02T15:50:00Z 'It was the database' bo@example.com
test_run 0 'a person may deploy it' dx 2026-03-02T15:51:00Z run
printf 'labels: {proposed_by: hand}\n' | world_deploy w checkout dev 1.11.0 after
commit 2026-03-02T15:52:00Z 'After a success' bo@example.com
test_run 0 'and after its success automation too' dx 2026-03-02T15:53:00Z run

# A CI publisher that owns the group as well.
sed -i 's/^owners: \[bo@example.com\]/owners: [bo@example.com, ci@example.com]/' w/policy/rest.yaml
commit 2026-03-02T15:54:00Z 'CI may deploy' ana@example.com
dx 2026-03-02T15:54:00Z rollback checkout dev --commit >rolled 2>&1
test_ok 'a rollback proposes another version than what runs' grep -q 'to 1.10.0$' rolled
dx 2026-03-02T15:55:00Z run >/dev/null 2>&1
world_deploy w checkout dev 1.11.0 by-ci </dev/null
commit 2026-03-02T15:56:00Z 'CI again' ci@example.com
test_run 1 'a CI publisher is automation' dx 2026-03-02T15:57:00Z check
test_ok 'and told so' grep -q 'its author is a CI publisher' out
rm w/intents/checkout/by-ci.yaml
commit 2026-03-02T15:58:00Z 'No' bo@example.com
dx 2026-03-02T15:59:00Z run >/dev/null 2>&1

# --- denied and older ------------------------------------------------------------

world_build w ledger 2.1.0
world_build w ledger 2.2.0
commit 2026-03-02T16:00:00Z 'Builds of the ledger' ci@example.com
dx 2026-03-02T16:00:00Z run >/dev/null 2>&1
git -C w config user.email oz@example.com
test_run 1 'by who may not propose' pr 2026-03-02T16:01:00Z --service ledger
test_ok 'nothing is written' test ! -e w/intents/ledger/proposed-2.2.0-dev.yaml
test_ok 'and why' grep -q 'code     ROLE_FORBIDDEN' out
git -C w config user.email bo@example.com
world_deploy w ledger dev 2.2.0 mine </dev/null
commit 2026-03-02T16:02:00Z 'By hand' bo@example.com
test_run 0 'what stands in the tree' pr 2026-03-02T16:03:00Z --service ledger --format json
test_jq 'is asked for' '[.proposals[] | [.version, .state, .detail]] ==
	[["2.2.0", "asked", "asked for by intents/ledger/mine.yaml"]]'
dx 2026-03-02T16:03:00Z run >/dev/null 2>&1
git -C w rm -q intents/ledger/mine.yaml
commit 2026-03-02T16:04:00Z 'Tidy up' bo@example.com
test_run 0 'every version' pr 2026-03-02T16:05:00Z --service ledger --all --format json \
	--environment dev
test_jq 'but those behind what runs' '.proposals == []'
world_build w ledger 2.3.0
world_build w ledger 2.4.0
commit 2026-03-02T16:06:00Z 'More' ci@example.com
dx 2026-03-02T16:06:00Z run >/dev/null 2>&1
test_run 0 'of two newer ones' pr 2026-03-02T16:07:00Z --service ledger --all --format json \
	--dry-run --environment dev
test_jq 'both' '[.proposals[] | [.version, .state]] == [["2.3.0", "new"], ["2.4.0", "new"]]'
world_deploy w ledger dev 2.4.0 rejected <<'YAML'
expires: 2026-03-02T16:08:00Z
YAML
commit 2026-03-02T16:08:00Z 'Too late' bo@example.com
test_run 1 'a person was denied' dx 2026-03-02T16:09:00Z run
git -C w rm -q intents/ledger/rejected.yaml
commit 2026-03-02T16:10:00Z 'Tidy up' bo@example.com
test_run 0 'of that version' pr 2026-03-02T16:11:00Z --service ledger --format json
test_jq 'nothing is proposed, nor of an older one' '[.proposals[] | select(.environment == "dev") |
	[.version, .state]] == [["2.4.0", "asked"]] and .proposals[0].detail ==
	"asked for by intents/ledger/rejected.yaml (denied, INTENT_EXPIRED)"'

# --- waiting ---------------------------------------------------------------------

cat >w/policy/windows.yaml <<'YAML'
kind: window
id: days
type: allow
scope: {environments: [dev]}
when: {weekly: {days: [thu], from: "09:00", to: "17:00"}}
YAML
world_build w ledger 2.5.0
commit 2026-03-02T17:00:00Z 'Windows' ana@example.com
git -C w reset -q --soft HEAD~1 && git -C w reset -q intents
git -C w commit -qm 'Windows' --author 'ana <ana@example.com>' --date 2026-03-02T17:00:00Z
commit 2026-03-02T17:01:00Z 'Build' ci@example.com
dx 2026-03-02T17:02:00Z run >/dev/null 2>&1
test_run 0 'what would expire before its window opens' \
	pr 2026-03-04T08:59:59Z --service ledger --format json
test_jq 'is proposed later' '[.proposals[] | select(.environment == "dev") |
	[.version, .state, .code]] == [["2.5.0", "later", "WINDOW_CLOSED"]]'
test_run 0 'when it can wait for it' pr 2026-03-04T09:00:01Z --service ledger --dry-run
test_ok 'it is, and waits' grep -q 'next run waits: ' out

# --- rules that cannot work --------------------------------------------------------

cat >w/policy/bad.yaml <<'YAML'
kind: proposal_rule
id: to-first
on: promotion
environment: dev
---
kind: proposal_rule
id: to-nowhere
on: build
environment: produ
YAML
test_run 0 'rules that cannot propose anything' pr 2026-03-04T09:00:01Z --dry-run --format json
test_jq 'are findings' '[.findings[] | [.code, .at.file, .at.line]] ==
	[["PROPOSAL_RULE_IDLE", "policy/bad.yaml", 4], ["UNKNOWN_REFERENCE", "policy/bad.yaml", 9]]'
printf 'kind: proposal_rule\nid: x\non: build\nversion: "%0513d"\nenvironment: dev\n' 0 >w/policy/bad.yaml
test_run 3 'a pattern that is too long' pr 2026-03-04T09:00:01Z --dry-run
test_ok 'is an error' grep -q 'bad.yaml:4:10: error\[INVALID_VALUE\]: the pattern is longer' err
rm w/policy/bad.yaml
test_run 2 'a service that is none' pr 2026-03-04T09:00:01Z --service legder
test_run 2 'an environment that is none' pr 2026-03-04T09:00:01Z --environment prd

# --- versions of other forms, several rules ----------------------------------------

world_make v <<'YAML'
engines: {box: {type: sandbox}}
defaults: {guardrails: {max_concurrent_deployments: 9}}
YAML
REPO=v
git -C v config user.name Bo && git -C v config user.email bo@example.com
sed -i '/^name: ledger/a version_pattern: "^v[0-9]+$"' v/policy/rest.yaml
cat >v/policy/proposals.yaml <<'YAML'
kind: proposal_rule
id: releases
on: build
branch: release/*
environment: dev
---
kind: proposal_rule
id: main
on: build
branch: main
environment: dev
---
kind: proposal_rule
id: of-main
on: promotion
branch: main
environment: prod
YAML
repo_commit v 2026-03-01T09:00:00Z 'Rules' ana@example.com
world_build v ledger v10
sed -i 's|^branch: main|branch: release/10|' v/intents/ledger/build-v10.yaml
world_build v checkout 2.0.0+build.7 build-2
world_build v checkout 1.9.5
sed -i 's|^branch: main|branch: release/1.9|' v/intents/checkout/build-1.9.5.yaml
repo_commit v 2026-03-02T07:00:00Z 'Builds' ci@example.com
dx 2026-03-02T07:00:00Z run >/dev/null 2>&1
world_build v ledger v9
repo_commit v 2026-03-02T08:00:00Z 'A later one' ci@example.com
dx 2026-03-02T08:00:00Z run >/dev/null 2>&1
test_run 0 'of versions that have no order' pr 2026-03-02T09:00:00Z --commit --format json
test_jq 'the one registered last' '[.proposals[] | select(.service == "ledger") | .version] == ["v9"]'
test_jq 'of what two rules find, the newest' '[.proposals[] | select(.service == "checkout") |
	[.rule, .version]] == [["main", "2.0.0+build.7"]]'
test_jq 'a version that no file can be named by has a name all the same' '[.proposals[] |
	select(.service == "checkout") | .intent |
	test("^intents/checkout/proposed-[0-9a-f]{16}-dev.yaml$")] == [true]'
test_run 0 'a run takes them' dx 2026-03-02T09:00:00Z run
test_run 0 'then' pr 2026-03-02T09:01:00Z --environment dev --all --format json
test_jq 'what was registered before what runs is behind it' '.proposals == []'
test_run 0 'a promotion' pr 2026-03-02T09:01:00Z --environment prod --format json --dry-run
test_jq 'of builds of the branch' '[.proposals[] | [.service, .version, .from, .state]] == [
	["checkout", "2.0.0+build.7", "dev", "new"], ["ledger", "v9", "dev", "new"]]'
sed -i 's/^branch: main$/branch: other/' v/policy/proposals.yaml
test_run 0 'of another' pr 2026-03-02T09:01:00Z --environment prod --format json --dry-run
test_jq 'there is none' '.proposals == []'

test_done
