#!/bin/sh
# --format sarif against the published schema of SARIF 2.1.0.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
T=2026-03-02T10:00:00Z
REPO=w
valid() {
	"$TOP/tests/sarif/validate" "$SARIF_SCHEMA" "$@"
}

world_make w <<'YAML'
engines: {box: {type: sandbox}}
defaults: {guardrails: {max_concurrent_deployments: 5}}
YAML
world_build w checkout 1.0.0
repo_commit w 2026-03-01T09:00:00Z 'Build' ci@example.com
test_run 0 'a run' dx "$T" run --format sarif=run.sarif
test_ok 'without results is valid' valid run.sarif
test_ok 'and has none' test "$(jq '.runs[0].results | length' run.sarif)" = 0

world_deploy w checkout mars 1.0.0 denied </dev/null
world_deploy w checkout dev 1.0.0 'a b%c' </dev/null
cat >w/intents/checkout/bad.yaml <<'YAML'
kind: deploy
service: checkout
environmnet: "\e\u202e ]]> \uffff"
version: 1.0.0
summary: fine
YAML
cat >w/intents/checkout/later.yaml <<'YAML'
kind: deploy
service: checkout
environment: dev
version: 1.0.0
summary: it waits
not_before: 2026-03-03T10:00:00Z
YAML
repo_commit w "$T" 'Intents' bo@example.com
test_run 3 'a check with denials, waits and findings' \
	dx "$T" check --format sarif=check.sarif
test_ok 'is valid' valid check.sarif
test_ok 'and has them' test "$(jq -r '[.runs[0].results[].level] | unique |
	join(" ")' check.sarif)" = 'error warning'

echo 'kind: window' >w/policy/broken.yaml
test_run 3 'a policy with errors' dx "$T" check --worktree --format sarif=policy.sarif
test_ok 'is valid' valid policy.sarif

# The validator does refuse what is not.
jq 'del(.version)' check.sarif >none.sarif
test_not 'without its version it is not' valid none.sarif
jq '.runs[0].results[0].level = "fatal"' check.sarif >level.sarif
test_not 'nor with a level that is none' valid level.sarif
jq '.runs[0].results[0].locations[0].physicalLocation.region.startLine = 0' \
	check.sarif >line.sarif
test_not 'nor with a line 0' valid line.sarif

test_done
