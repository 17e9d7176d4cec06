#!/bin/sh
# What failed deployments say: categories by text, and the policy's rules.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"

REPO=box
world_make box <<'YAML'
defaults: {guardrails: {max_concurrent_deployments: 9}}
engines:
  box:
    type: sandbox
    script:
      - {version: 1.0.0, outcome: failed, message: 'dial tcp 10.0.0.1:443: connect: connection refused'}
      - {version: 2.0.0, outcome: failed, message: 'pods "a/b" is forbidden: exceeded quota: team'}
      - {version: 3.0.0, outcome: failed, category: VALIDATION, message: 'odd'}
      - {version: 4.0.0, outcome: failed, message: 'odd'}
      - {version: 5.0.0, outcome: failed, category: INFRASTRUCTURE, message: "No room\n  on a node\n::stop-commands::x"}
YAML
for v in 1 2 3 4 5; do world_build box checkout $v.0.0; done
repo_commit box 2026-03-01T09:00:00Z 'Builds' ci@example.com
cat >>box/policy/rest.yaml <<'YAML'
---
kind: failure_rule
id: elsewhere
match: {environment: prod, message: "*quota*"}
category: CONFIG
summary: Not here
hint: Do nothing.
---
kind: failure_rule
id: quota
match: {service: checkout, message: "*Exceeded Quota*"}
category: POLICY
summary: The team's quota is used up
hint: Ask for quota.
runbook: https://wiki.example.com/quota
---
kind: failure_rule
id: too-late
match: {message: "*quota*"}
category: CONFIG
summary: Not this one
hint: Do nothing.
YAML
repo_commit box 2026-03-02T07:00:00Z 'Failure rules' ana@example.com
for v in 1 2 3 4; do world_deploy box checkout dev $v.0.0 </dev/null; done
repo_commit box 2026-03-02T08:00:00Z 'Deploy' bo@example.com
test_run 1 'failed deployments' dx 2026-03-02T10:00:00Z run --format json
failure() { # failure SENTENCE VERSION CONDITION
	test_jq "$1" ".decisions[] | select(.kind == \"deploy\" and .version == \"$2\") |
		.deployment.failures[0] | $3"
}
failure 'a text says the category' 1.0.0 '.category == "INFRASTRUCTURE" and
	(.summary | startswith("dial tcp")) and (.hint | contains("retry can help"))'
failure 'the first rule that fits replaces it' 2.0.0 '.category == "POLICY" and
	.summary == "The team'\''s quota is used up" and
	.hint == "Ask for quota. Runbook: https://wiki.example.com/quota"'
failure 'a category that is given stays' 3.0.0 '.category == "VALIDATION"'
failure 'a text that means nothing' 4.0.0 '.category == "UNKNOWN" and .hint != null'

# --- for people -----------------------------------------------------------------

world_deploy box checkout dev 5.0.0 </dev/null
repo_commit box 2026-03-02T10:10:00Z 'Deploy' bo@example.com
test_run 1 'a failure' dx 2026-03-02T10:15:00Z run
grep -A2 '^  Failure ' out >got
cat >want <<'END'
  Failure   INFRASTRUCTURE: No room
          |   on a node
          | ::stop-commands::x
END
test_same 'has its category and its summary' want got
test_run 0 'its deployment' dx 2026-03-02T10:15:00Z show 5
grep -A2 '^  why ' out >got
cat >want <<'END'
  why          No room
             |   on a node
             | ::stop-commands::x
END
test_same 'shows a text of several lines as such' want got
test_not 'and no line break as a code' grep -q 'x0A' out

# --- mistakes in a rule ---------------------------------------------------------

sed -i 's/match: {service: checkout, message:/match: {servise: checkout, mesage:/' box/policy/rest.yaml
test_run 3 'misspelt fields' dx 2026-03-02T11:00:00Z check --worktree --format json
test_jq 'are findings, with what was meant' '[.findings[] | select(.code == "UNKNOWN_KEY") |
	.message] == ["unknown key \"servise\"; did you mean \"service\"?",
	"unknown key \"mesage\"; did you mean \"message\"?"]'
test_done
