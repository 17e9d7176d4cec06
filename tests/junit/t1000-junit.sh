#!/bin/sh
# --format junit against a published schema.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
T=2026-03-02T10:00:00Z
REPO=w
valid() {
	xmllint --noout --nonet --schema "$JUNIT_SCHEMA" "$@"
}

world_make w <<'YAML'
engines: {box: {type: sandbox}}
defaults: {guardrails: {max_concurrent_deployments: 5}}
YAML
test_run 0 'a check of nothing' dx "$T" check --format junit=none.xml
test_ok 'is valid' valid none.xml
world_build w checkout 1.0.0
repo_commit w 2026-03-01T09:00:00Z 'Build' ci@example.com
test_run 0 'a run' dx "$T" run --format junit=run.xml
test_ok 'is valid' valid run.xml

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
cat >w/intents/release.yaml <<'YAML'
kind: release
summary: Two at once
deploys:
  - {service: checkout, environment: dev, version: 1.0.0}
  - {service: ledger, environment: dev, version: 9.9.9}
YAML
repo_commit w "$T" 'Intents' bo@example.com
test_run 3 'a check with denials, waits, findings and a release' \
	dx "$T" check --fail-on waiting --format junit=check.xml
test_ok 'is valid' valid check.xml
test_ok 'and has them' sh -c 'grep -q "<failure" check.xml && grep -q "<skipped" check.xml'

echo 'kind: window' >w/policy/broken.yaml
test_run 3 'a policy with errors' dx "$T" check --worktree --format junit=policy.xml
test_ok 'is valid' valid policy.xml

# The schema does refuse what is not.
sed 's/ failures="[0-9]*"//' check.xml >uncounted.xml
test_not 'without a count it is not' valid uncounted.xml
sed 's/<failure/<refusal/; s/<\/failure/<\/refusal/' check.xml >refusal.xml
test_not 'nor with an element that is none' valid refusal.xml

test_done
