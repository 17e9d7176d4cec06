#!/bin/sh
# Who acts, and what is the same: authors, merges, edited and repeated files,
# changes of policy and intents together.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
REPO=w

run() {
	run_status=$1 run_sentence=$2 run_time=$3
	shift 3
	test_run "$run_status" "$run_sentence" dx "$run_time" run --format json "$@"
}
# deploy NAME [EMAIL [VERSION]]: a deploy of checkout to dev, committed.
deploy() {
	world_deploy w checkout dev "${3:-1.0.0}" "$1" </dev/null &&
		commit "${2:-bo@example.com}"
}
# commit EMAIL: everything, a minute after the last commit.
minute=0
commit() {
	minute=$((minute + 1))
	repo_commit w "2026-03-02T08:$(printf %02d $minute):00Z" "Change $minute" "$1"
}
# codes FILTER: of the decisions, in order.
test_codes() {
	test_jq "$1" "[.decisions[] | [.intent[8:], .decision, .code]] == $2"
}

# --- the first commit ---------------------------------------------------------

repo_make w
world_platform w <<'YAML'
engines: {box: {type: sandbox}}
defaults: {guardrails: {max_concurrent_deployments: 20}}
YAML
world_policy w
world_build w checkout 1.0.0
commit ci@example.com
run 0 'the commit that brings the policy into being' 2026-03-02T10:00:00Z
test_codes 'may bring intents too' '[["checkout/build-1.0.0.yaml", "allow", null]]'

# --- roles ----------------------------------------------------------------------

for who in eve oz cy ci bo ana BO; do
	deploy "by-$who" $who@example.com
done
world_deploy w player dev 1.0.0 by-bo </dev/null
world_build w checkout 1.1.0 build-by-bo
commit Bo@Example.com
world_build w checkout 1.1.0 build-by-ana
commit ana@example.com
run 1 'everybody tries' 2026-03-02T11:00:00Z
test_codes 'each may do what the role allows' '[
	["checkout/build-by-bo.yaml", "deny", "ROLE_FORBIDDEN"],
	["checkout/build-by-ana.yaml", "deny", "CI_ONLY"],
	["checkout/by-eve.yaml", "deny", "AUTHZ_ROLE_REQUIRED"],
	["checkout/by-oz.yaml", "deny", "ROLE_FORBIDDEN"],
	["checkout/by-cy.yaml", "deny", "DELIVERY_GROUP_SCOPE_REQUIRED"],
	["checkout/by-ci.yaml", "deny", "ROLE_FORBIDDEN"],
	["checkout/by-bo.yaml", "allow", null],
	["checkout/by-ana.yaml", "allow", null],
	["checkout/by-BO.yaml", "allow", null],
	["player/by-bo.yaml", "deny", "DELIVERY_GROUP_SCOPE_REQUIRED"]]'
test_jq 'the role is the one that entitles' '[.decisions[] |
	select(.decision == "allow") | .actor.role] ==
	["DELIVERY_OWNER", "PLATFORM_ADMIN", "DELIVERY_OWNER"] and
	(.decisions[2].actor | .role == null and .email == "eve@example.com")'
test_jq 'the role is missing at the intent' '.decisions[2].at.file == "intents/checkout/by-eve.yaml"'

# --- authors --------------------------------------------------------------------

world_deploy w checkout dev 1.0.0 c-author </dev/null
git -C w add -A
GIT_AUTHOR_NAME=Bo GIT_AUTHOR_EMAIL=bo@example.com GIT_COMMITTER_EMAIL=eve@example.com \
	git -C w commit -qm 'Written by bo, committed by eve'
git -C w switch -qc feature
deploy c-feature bo@example.com
git -C w switch -q main
git -C w -c user.email=eve@example.com merge -q --no-ff -m 'Merge by eve' feature
git -C w switch -qc theirs HEAD~
deploy c-eve eve@example.com
git -C w switch -q main
git -C w -c user.email=bo@example.com merge -q --no-ff -m 'Merge by bo' theirs
# A merge that brings what none of its parents has is its author's work.
git -C w switch -qc evil
deploy c-evil bo@example.com
git -C w switch -q main
git -C w merge -q --no-ff --no-commit evil 2>/dev/null
echo 'ticket: PAY-9' >>w/intents/checkout/c-evil.yaml
git -C w add -A
git -C w -c user.email=eve@example.com commit -qm 'Merge by eve, with more'
deploy c-mended eve@example.com
echo 'ticket: PAY-8' >>w/intents/checkout/c-mended.yaml
commit bo@example.com
run 1 'commits of several hands' 2026-03-02T12:00:00Z
jq '[.decisions[] | {(.intent[17:]): [.decision, .code, .actor.email]}] | add' out >by
test_jq 'it is the author who counts, not the committer' \
	'.["c-author.yaml"] == ["allow", null, "bo@example.com"]' by
test_jq 'nor who merged it' '.["c-feature.yaml"] == ["allow", null, "bo@example.com"]' by
test_jq 'whose merge lends nothing either' \
	'.["c-eve.yaml"] == ["deny", "AUTHZ_ROLE_REQUIRED", "eve@example.com"]' by
test_jq 'but who put more into the merge' \
	'.["c-evil.yaml"] == ["deny", "AUTHZ_ROLE_REQUIRED", "eve@example.com"]' by
test_jq 'an intent that changed before any run is by who wrote it last' \
	'.["c-mended.yaml"] == ["allow", null, "bo@example.com"]' by

# --- the same again ---------------------------------------------------------------

deploy d-edited
deploy d-denied bo@example.com 7.7.7
world_deploy w checkout dev 1.0.0 d-waiting <<'YAML'
not_before: 2026-03-02T14:00:00Z
YAML
commit bo@example.com
run 1 'three more' 2026-03-02T13:00:00Z
test_codes 'are allowed, denied, waiting' '[
	["checkout/d-edited.yaml", "allow", null],
	["checkout/d-denied.yaml", "deny", "VERSION_NOT_FOUND"],
	["checkout/d-waiting.yaml", "wait", "NOT_BEFORE"]]'
cp w/intents/checkout/d-edited.yaml original
for f in edited denied waiting; do
	echo 'ticket: PAY-3' >>w/intents/checkout/d-$f.yaml
done
commit eve@example.com
run 1 'all three are edited by somebody else' 2026-03-02T13:10:00Z
test_codes 'who answers for them now; what was recorded never changes' '[
	["checkout/d-denied.yaml", "deny", "AUTHZ_ROLE_REQUIRED"],
	["checkout/d-edited.yaml", "deny", "AUTHZ_ROLE_REQUIRED"],
	["checkout/d-waiting.yaml", "deny", "AUTHZ_ROLE_REQUIRED"]]'
test_jq 'the conflict is listed where it is one' '[.decisions[].also |
	index("IDEMPOTENCY_CONFLICT") != null] == [true, true, false]'
echo 'reason: hotfix' >>w/intents/checkout/d-edited.yaml
commit bo@example.com
run 1 'edited by one who may' 2026-03-02T13:20:00Z
test_codes 'it is still a conflict' \
	'[["checkout/d-edited.yaml", "deny", "IDEMPOTENCY_CONFLICT"]]'
cp original w/intents/checkout/d-edited.yaml
commit bo@example.com
run 0 'restored' 2026-03-02T13:30:00Z
test_codes 'it is known' '[["checkout/d-edited.yaml", "replay", null]]'
git -C w rm -q intents/checkout/d-edited.yaml
commit bo@example.com
run 0 'removed' 2026-03-02T13:40:00Z
test_jq 'it is nothing to decide about' '.decisions == []'
cp original w/intents/checkout/d-edited.yaml
commit bo@example.com
run 0 'and added again' 2026-03-02T13:50:00Z
test_codes 'it is not acted on' '[["checkout/d-edited.yaml", "replay", null]]'
git -C w rm -q intents/checkout/d-edited.yaml
git -C w commit -qm Gone
deploy d-edited bo@example.com 1.0.1
run 1 'added again as something else, after a run or without one' 2026-03-02T13:55:00Z
test_jq 'it is a conflict' '.decisions[0].code == "IDEMPOTENCY_CONFLICT"'
cp original w/intents/checkout/d-moved.yaml
commit bo@example.com
run 0 'the same content under another name' 2026-03-02T13:57:00Z
test_codes 'is another intent' '[["checkout/d-moved.yaml", "allow", null]]'

world_build w checkout 1.0.0 e-again
sed -i 's/^summary: .*/summary: The same build in other words/' w/intents/checkout/e-again.yaml
world_build w checkout 1.0.0 e-other
sed -i 's/^branch: main/branch: trunk/' w/intents/checkout/e-other.yaml
world_build w checkout 1.2.0 e-one
world_build w checkout 1.2.0 e-two
commit ci@example.com
test_run 1 'builds registered again' dx 2026-03-02T14:00:00Z check --format json
cp out check.json
run 1 'builds registered again, for good' 2026-03-02T14:00:00Z
jq '[.decisions[] | select(.kind == "build") | [.intent[17:], .decision, .code]]' out >by
test_jq 'the same facts are a replay, others a conflict' '. == [
	["e-again.yaml", "replay", null],
	["e-one.yaml", "allow", null],
	["e-other.yaml", "deny", "BUILD_REGISTRATION_CONFLICT"],
	["e-two.yaml", "replay", null]]' by
jq -S '[.decisions[] | [.intent, .decision, .code]]' check.json >want
jq -S '[.decisions[] | [.intent, .decision, .code]]' out >got
test_same 'check had said so' want got
run 0 'the run after it' 2026-03-02T14:01:00Z
test_jq 'has nothing to do' '.decisions == []'

# --- policy and intents in one change -----------------------------------------------

deploy f-before
echo '# more' >>w/policy/rest.yaml
deploy f-mixed ana@example.com
git -C w switch -qc both
deploy f-merged
echo '# still more' >>w/policy/rest.yaml
commit ana@example.com
git -C w switch -q main
git -C w merge -q --no-ff -m 'Merge both' both
git -C w switch -qc one HEAD~
deploy f-alone
git -C w switch -q main
git -C w merge -q --no-ff -m 'Merge one' one
run 1 'changes of policy and intents' 2026-03-02T15:00:00Z
jq '[.decisions[] | {(.intent[17:]): .code}] | add' out >by
test_jq 'an intent of a change that touches policy too is refused' \
	'.["f-mixed.yaml"] == "POLICY_AND_INTENT_MIXED"' by
test_jq 'a merge is one change, however many commits it brings' \
	'.["f-merged.yaml"] == "POLICY_AND_INTENT_MIXED"' by
test_jq 'other changes are not' '.["f-before.yaml"] == null and .["f-alone.yaml"] == null' by
cp w/intents/checkout/f-mixed.yaml w/intents/checkout/f-new.yaml
commit bo@example.com
run 0 'the same intent in a new file and a change of its own' 2026-03-02T15:10:00Z
test_codes 'is allowed' '[["checkout/f-new.yaml", "allow", null]]'

# --- check of a feature branch ---------------------------------------------------------

git -C w switch -qc topic
deploy g-topic
git -C w switch -q main
deploy g-main
git -C w switch -q topic
test_run 0 'check --base main on a feature branch' \
	dx 2026-03-02T16:00:00Z check --base main --format json
test_codes 'judges what the branch adds' '[["checkout/g-topic.yaml", "allow", null]]'
test_run 0 'check --base main --head topic from elsewhere' \
	dx 2026-03-02T16:00:00Z check --base main --head topic --format json
test_codes 'judges the same' '[["checkout/g-topic.yaml", "allow", null]]'
echo '# and more' >>w/policy/rest.yaml
commit ana@example.com
test_run 1 'a branch that touches policy in another commit' \
	dx 2026-03-02T16:00:00Z check --base main --format json
test_codes 'is one change all the same' \
	'[["checkout/g-topic.yaml", "deny", "POLICY_AND_INTENT_MIXED"]]'
git -C w switch -q main
test_run 0 'check --worktree' dx 2026-03-02T16:00:00Z check --worktree --base HEAD~ --format json
world_deploy w checkout dev 7.7.7 h-draft </dev/null
test_run 1 'check --worktree with a file that is not committed' \
	dx 2026-03-02T16:00:00Z check --worktree --format json
test_jq 'judges it as who would commit it' '.decisions[] |
	select(.intent == "intents/checkout/h-draft.yaml") |
	.code == "VERSION_NOT_FOUND" and .actor.email == "ana@example.com"'

# What the base brought counts, also where no run has recorded it yet.
rm w/intents/checkout/h-draft.yaml
world_build w checkout 3.0.0 i-build
commit ci@example.com
git -C w switch -qc standing
deploy i-deploy bo@example.com 3.0.0
test_run 0 'check of a branch whose base registers the build' \
	dx 2026-03-02T16:00:00Z check --base main --format json
test_codes 'lets it deploy that' '[["checkout/i-deploy.yaml", "allow", null]]'
world_deploy w checkout dev 3.0.0 i-draft </dev/null
test_run 0 'check --worktree' dx 2026-03-02T16:00:00Z check --worktree --base main~ --format json
test_jq 'leaves to others what they have committed' '[.decisions[] |
	[.intent[17:], .decision, .actor.email]] == [
	["i-build.yaml", "allow", "ci@example.com"],
	["i-deploy.yaml", "allow", "bo@example.com"],
	["i-draft.yaml", "allow", "ana@example.com"]]'
rm w/intents/checkout/i-draft.yaml
git -C w switch -q main

# --- clones -----------------------------------------------------------------------------

git clone -q w clone
git -C clone fetch -q origin refs/dxcp/ledger:refs/dxcp/ledger
dx 2026-03-02T16:00:00Z check --format json >out
jq '[.decisions[].token]' out >want
REPO=clone dx 2026-03-02T16:00:00Z check --format json >out
jq '[.decisions[].token]' out >got
test_same 'a token is the same in every clone' want got
test_ok 'and there is one' grep -q dxcp- got
test_run 0 'the ledger is sound' dx 2026-03-02T16:00:00Z ledger verify
test_done
