#!/bin/sh
# Pipelines of Spinnaker, started through its Gate and followed to their ends.
# shellcheck disable=SC2119 # what these take is theirs, not the script's
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/gate.sh"
. "$TOP/tests/lib/spinnaker.sh"
REPO=w
gate_start || exit 1
gate_clock 2026-03-02T09:00:00Z
spinnaker_world w

# --- how it goes ------------------------------------------------------------------

want 2026-03-02T09:00:00Z 1.0.0
run_at 0 'a deploy is sent' 2026-03-02T10:00:00Z
test_jq 'and runs' '.decisions[0].deployment | .state == "IN_PROGRESS" and
	.engine == "gate" and (.engineExecutionId | length) == 26 and
	.engineExecutionUrl == "https://deck.example.com/#/applications/demo/executions/details/" +
		.engineExecutionId'
token=$(jq -r '.decisions[0].token' out)
gate_oracle "$token" >oracle
test_jq 'once, with its token, its actor and parameters as text' '
	[.requests[] | select(.method == "POST")] | length == 1 and
	(.[0] | (.path == "/pipelines/demo/deploy"))' oracle
id=$(jq -r '.decisions[0].deployment.engineExecutionId' out)
gate_tell GET "/pipelines/$id" >execution
test_jq 'which Spinnaker knows' '.trigger | .type == "manual" and .eventId == .correlationId and
	.parameters == {version: "1.0.0", replicas: "2"} and .user == "bo@example.com"' execution
test_jq 'of this intent' ".trigger.eventId == \"$token\"" execution
run_at 0 'ten seconds later' 2026-03-02T10:00:10Z
test_jq 'it has succeeded, when Spinnaker says so' '.followed[0] | .state == "SUCCEEDED" and
	.startedAt == "2026-03-02T10:00:00Z" and .finishedAt == "2026-03-02T10:00:05Z" and
	.failures == []'
test_jq 'its stages are in the timeline, at their times' '[.followed[0].timeline[] |
	select(.event == "stage") | .at] | length > 0 and all(. >= "2026-03-02T10:00:00Z" and
	. <= "2026-03-02T10:00:05Z")'
run_at 0 'later' 2026-03-02T10:01:00Z
test_jq 'nothing more happens' '.followed == [] and .decisions == []'

# --- how it fails ------------------------------------------------------------------

gate_script demo deploy '{"stages": [{"type": "wait", "name": "Wait", "ms": 1000},
	{"type": "deployManifest", "name": "Deploy", "ms": 1000, "status": "TERMINAL",
	 "error": "kato", "message": "quota exceeded: Authorization: Bearer abcdef123456"}]}'
want 2026-03-02T11:00:00Z 1.1.0
run_at 0 'another' 2026-03-02T11:00:00Z
run_at 1 'that fails' 2026-03-02T11:01:00Z
test_jq 'with the reason, from the stage' '.followed[0] | .state == "FAILED" and
	.finishedAt == "2026-03-02T11:00:02Z" and
	(.failures[0] | (.summary + .detail | contains("quota exceeded")) and
	.category != null and .observedAt != null)'
test_not 'and without the secret' grep -q abcdef123456 out
test_not 'anywhere' grep -q abcdef123456 -r w/.dxcp

# --- what is refused ----------------------------------------------------------------

gate_script demo deploy '{}'
refused() {
	spinnaker_pipeline "$4"
	want "$1" "$2" "$3"
	at "$1" run --format json >out 2>err
	status=$?
	spinnaker_pipeline '{}'
}
refused 2026-03-02T12:00:00Z 1.2.0 disabled '{"disabled": true}'
test_ok 'a disabled pipeline: exit 1' test $status = 1
test_jq 'is not set up' '.decisions[0] | .decision == "deny" and .code == "ENGINE_MISCONFIGURED"
	and .cause == "ENGINE" and (.message | contains("disabled"))'
refused 2026-03-02T12:01:00Z 1.2.0 unknown '{"parameterConfig": [{"name": "image"}]}'
test_jq 'a parameter that it does not declare' '.decisions[0] | .code == "ENGINE_MISCONFIGURED" and
	(.message | contains("no parameter version"))'
refused 2026-03-02T12:02:00Z 1.2.0 missing '{"parameterConfig": [{"name": "version"},
	{"name": "image", "required": true}]}'
test_jq 'one that it wants' '.decisions[0] | .code == "ENGINE_MISCONFIGURED" and
	(.message | contains("wants the parameter image"))'
refused 2026-03-02T12:03:00Z 1.2.0 option '{"parameterConfig": [{"name": "version",
	"hasOptions": true, "options": [{"value": "9.9.9"}]}]}'
test_jq 'a value that is none of the options' '.decisions[0] |
	.code == "ENGINE_MISCONFIGURED" and (.message | contains("does not take \"1.2.0\""))'
gate_oracle >oracle
test_jq 'none of them reached Spinnaker' '[.requests[] | select(.method == "POST" and
	(.path | startswith("/pipelines/")))] | length == 2' oracle
gate_fault '{"fault": "orca_400", "message": "no such artifact", "match": {"method": "POST"}}'
want 2026-03-02T12:04:00Z 1.2.0 record
run_at 1 'one that is refused and leaves a record' 2026-03-02T12:04:00Z
test_jq 'is a deployment that failed' '[.decisions[0].deployment, .followed[0]][] | select(.) |
	.state == "FAILED" and (.engineExecutionId | length) == 26'
gate_fault '{"fault": "forbidden", "match": {"method": "POST"}}'
want 2026-03-02T12:05:00Z 1.2.0 forbidden
run_at 1 'one that may not be' 2026-03-02T12:05:00Z
test_jq 'is denied' '.decisions[0] | .code == "ENGINE_UNAUTHORIZED" and .deployment == null'
gate_fault '{"fault": "rate_limited", "match": {"method": "POST"}}'
want 2026-03-02T12:06:00Z 1.2.0 limited
run_at 4 'one for which Gate has no time' 2026-03-02T12:06:00Z
test_jq 'waits' '.decisions[0] | .decision == "wait" and .code == "ENGINE_UNAVAILABLE" and
	.deployment == null'
run_at 0 'and goes with the next run' 2026-03-02T12:07:00Z
test_jq 'under the number that it would have had' '.decisions[0].deployment | .number == 4 and
	.state == "IN_PROGRESS"'
run_at 0 'to its end' 2026-03-02T12:08:00Z

# --- an engine that is away -----------------------------------------------------------

gate_stop
want 2026-03-02T13:00:00Z 1.0.0 away
test_run 4 'without Gate: exit 4' dx 2026-03-02T13:00:00Z run --format json
test_jq 'the intent waits' '.decisions[0].code == "ENGINE_UNAVAILABLE"'
test_run 4 'doctor says so' dx 2026-03-02T13:00:00Z doctor
test_ok 'by the name of the engine' grep -q 'FAIL.*engine gate' out
gate_start
run_at 0 'when it is back' 2026-03-02T13:01:00Z --wait 1m
test_jq 'it goes' '.decisions[0] | .decision == "allow"'
run_at 0 'to its end' 2026-03-02T13:02:00Z

# --- before anything is judged ----------------------------------------------------------

test_run 0 'doctor' at 2026-03-02T14:00:00Z doctor --format json
test_jq 'says where Gate is, and who we are' '[.checks[] | select(.name == "engine gate")][0] |
	.status == "ok" and (.detail | contains("Gate ") and contains("anonymous"))'
# libcurl is loaded by who needs it, and by nobody else.
mkdir without && : >without/libcurl.so.4
LD_LIBRARY_PATH=$PWD/without && export LD_LIBRARY_PATH
test_run 4 'without libcurl' dx 2026-03-02T14:00:00Z doctor
test_ok 'doctor says so' grep -q 'cannot load libcurl: ' out
test_run 0 'what calls nobody needs none' dx 2026-03-02T14:00:00Z status
unset LD_LIBRARY_PATH

test_run 0 'check --engine' at 2026-03-02T14:00:00Z check --engine --format json
test_jq 'has nothing to say' '.findings == []'
spinnaker_pipeline '{"disabled": true, "parameterConfig": [{"name": "image", "required": true}]}'
test_run 3 'a pipeline that was changed' at 2026-03-02T14:02:00Z check --engine --format json
test_jq 'has findings, at their places in the recipe' '[.findings[] |
	[.code, .at.file, .at.line > 1]] | sort == [
	["PIPELINE_DISABLED", "policy/rest.yaml", true],
	["PIPELINE_PARAMETER", "policy/rest.yaml", true],
	["PIPELINE_PARAMETER", "policy/rest.yaml", true],
	["PIPELINE_PARAMETER", "policy/rest.yaml", true]]'
test_run 0 'without --engine it is not asked' at 2026-03-02T14:02:00Z check --format json
gate_pipeline '{"application": "other", "name": "theirs", "id": "theirs-1", "stages": []}'
sed -i 's/{deploy: deploy}/{deploy: theirs-1}/' w/policy/rest.yaml
repo_commit w 2026-03-02T15:00:00Z 'Theirs' ana@example.com
test_run 3 'a pipeline of another application' at 2026-03-02T15:00:00Z check --engine --format json
test_jq 'is not found' '[.findings[].code] == ["PIPELINE_NOT_FOUND"] and
	(.findings[0].message | contains("of the application other"))'
sed -i 's/{deploy: theirs-1}/{deploy: nowhere}/' w/policy/rest.yaml
repo_commit w 2026-03-02T15:01:00Z 'Nowhere' ana@example.com
test_run 3 'one that is nowhere' at 2026-03-02T15:01:00Z check --engine --format json
test_jq 'is not found either' '[.findings[].code] == ["PIPELINE_NOT_FOUND"]'
sed -i 's/{deploy: nowhere}/{deploy: a\/b}/' w/policy/rest.yaml
repo_commit w 2026-03-02T15:02:00Z 'A name with a slash' ana@example.com
test_run 3 'a name that no address can have' at 2026-03-02T15:02:00Z check --engine --format json
test_jq 'is not asked for' '[.findings[] | select(.message | contains("by its id"))] | length == 1'

# --- who we are ---------------------------------------------------------------------------

git -C w checkout -q -- policy
sed -i 's/{deploy: [^}]*}/{deploy: deploy}/' w/policy/rest.yaml
sed -i 's/deck_url: [^}]*/auth: {type: bearer, token_env: GATE_TOKEN}/' w/policy/platform.yaml
repo_commit w 2026-03-02T16:00:00Z 'Sign in' ana@example.com
gate_stop
gate_start --auth bearer --password s3cr3t-t0k3n
gate_clock 2026-03-02T16:00:00Z
spinnaker_pipeline '{}'
want 2026-03-02T16:00:00Z 1.0.0 signed
test_run 4 'without the token' dx 2026-03-02T16:00:00Z doctor
test_ok 'doctor says what is missing' grep -q 'FAIL  engine gate .*GATE_TOKEN' out
GATE_TOKEN=wr0ng-t0k3n
export GATE_TOKEN
test_run 4 'with another' dx 2026-03-02T16:00:00Z doctor
test_ok 'that it is not accepted' grep -q 'FAIL  engine gate' out
test_not 'without telling it' grep -q wr0ng-t0k3n out
run_at 1 'a deploy' 2026-03-02T16:00:00Z
test_jq 'is denied' '.decisions[0].code == "ENGINE_UNAUTHORIZED"'
GATE_TOKEN=s3cr3t-t0k3n
test_run 0 'with the right one' dx 2026-03-02T16:01:00Z doctor
want 2026-03-02T16:01:00Z 1.0.0 signed2
run_at 0 'a deploy' 2026-03-02T16:01:00Z
test_jq 'goes' '.decisions[0].deployment.state == "IN_PROGRESS"'
GATE_TOKEN=wr0ng-t0k3n
run_at 4 'asked about with another: exit 4' 2026-03-02T16:01:30Z
test_state 'contact is lost' 6 'LOST_CONTACT: *'
GATE_TOKEN=s3cr3t-t0k3n
run_at 0 'and is there again' 2026-03-02T16:02:00Z
test_state 'with its end' 6 'SUCCEEDED: *'
test_not 'no token is in the ledger' grep -q -e wr0ng-t0k3n -e s3cr3t-t0k3n -r w/.dxcp
test_run 0 'the ledger is sound' dx 2026-03-03T00:00:00Z ledger verify
test_done
