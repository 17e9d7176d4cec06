#!/bin/sh
# Delivery windows and freezes: what waits for them says so, says until when,
# and goes then.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
REPO=w

# 2026-03-27 is a Friday; Berlin's clock jumps in the night to the 29th.
world_make w <<'YAML'
timezone: Europe/Berlin
waiting_expires_after: 7d
engines: {box: {type: sandbox}}
YAML
cat >w/policy/windows.yaml <<'YAML'
kind: window
id: office-hours
type: allow
scope: {environments: [prod]}
when: {weekly: {days: [mon, tue, wed, thu, fri], from: "09:00", to: "16:00"}}
---
kind: window
id: quarter-end
type: deny
scope: {groups: [payments], environments: [prod]}
when: {dated: {from: 2026-03-27T08:30:00Z, to: 2026-03-27T20:00:00Z}}
reason: The books are closed
YAML
repo_commit w 2026-03-27T06:00:00Z 'Windows' ana@example.com
world_build w checkout 1.0.0
repo_commit w 2026-03-27T06:10:00Z 'Build' ci@example.com
world_deploy w checkout dev 1.0.0 a </dev/null
world_deploy w checkout prod 1.0.0 b </dev/null
repo_commit w 2026-03-27T06:20:00Z 'Deploys' bo@example.com

test_run 0 'a window that is closed does not fail a check' \
	dx 2026-03-27T07:59:59Z check --format json --format text=text
test_jq 'outside of its scope nothing waits' '.decisions[1] |
	.environment == "dev" and .decision == "allow"'
test_jq 'in its scope it does, until it opens' '.decisions[2] | .decision == "wait" and
	.code == "WINDOW_CLOSED" and .cause == "POLICY" and .also == [] and
	.nextAllowedAt == "2026-03-27T08:00:00Z" and
	.at == {"file": "intents/checkout/b.yaml", "line": 3, "column": 14,
	"endLine": 3, "endColumn": 18}'
test_jq 'the trace names the window and its place' '.decisions[2].trace[] |
	select(.guardrail == "window") | .result == "wait" and
	.rule == {"file": "policy/windows.yaml", "line": 1} and
	.inputs == {"window": "office-hours", "opens": "2026-03-27T08:00:00Z"}'
test_jq 'freezes stand before windows there, both before the quota' '.decisions[2].trace |
	map(.guardrail | select(. == ("not_before", "freeze", "window", "quota"))) ==
	["not_before", "freeze", "window", "quota"]'
test_ok 'people are told the time' grep -qx '  Earliest  Fri 27 Mar 2026 08:00 UTC' text
test_ok 'and what to wait for' grep -q \
	'^  Next      Wait until the window office-hours opens' text

test_run 0 'when it opens, check allows it' \
	dx 2026-03-27T08:00:00Z check --format json
test_jq 'both' '.summary.allow == 3'
test_run 0 'in a freeze the window that is open does not help' \
	dx 2026-03-27T08:30:00Z run --format json
test_jq 'the freeze gives its reason' '.decisions[2] | .code == "FREEZE_ACTIVE" and
	.also == [] and (.message | endswith(": The books are closed"))'
test_jq 'after the freeze the window is closed, until the Monday in summer time' \
	'.decisions[2] | .nextAllowedAt == "2026-03-30T07:00:00Z" and
	(.hint | contains("the window office-hours opens"))'
test_jq 'only the other one was sent' '[.decisions[] | .deployment.environment] ==
	[null, "dev", null]'
test_run 0 'a run at the end of the freeze' dx 2026-03-27T20:00:00Z run --format json
test_jq 'finds the window closed' '[.decisions[] | [.code, .nextAllowedAt]] ==
	[["WINDOW_CLOSED", "2026-03-30T07:00:00Z"]]'
test_run 0 'a run a second before it opens' dx 2026-03-30T06:59:59Z run --format json
test_jq 'too' '[.decisions[].code] == ["WINDOW_CLOSED"]'
test_run 0 'a run when it opens' dx 2026-03-30T07:00:00Z run --format json
test_jq 'sends it' '[.decisions[] | [.decision, .deployment.number]] == [["allow", 2]]'
test_done
