#!/bin/sh
# Parameters of recipes: filled in for the program that deploys, refused where
# the build has not got what they ask for, checked when the policy is read.
# shellcheck disable=SC2119 # what these take is theirs, not the script's
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/gate.sh"
. "$TOP/tests/lib/spinnaker.sh"
REPO=w

world_make w <<'YAML'
engines: {box: {type: command, command: [./deploy]}}
YAML
cat >w/deploy <<'SH'
#!/bin/sh
jq -c .parameters >>orders
SH
chmod +x w/deploy
parameters() { # the lines of the recipe's parameters
	sed '/^parameters:/,$d' w/policy/rest.yaml >rest
	{
		cat rest
		echo 'parameters:'
		cat
		echo 'overridable: {replicas: {type: integer, min: 1, max: 5}}'
	} >w/policy/rest.yaml
}
orders() { # the last order, once the program has written it
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ "$(wc -l <w/orders)" -ge "$1" ] && break
		sleep 0.2
	done
	tail -n 1 w/orders
}

# --- filled in ----------------------------------------------------------------

parameters <<'YAML'
  image: "{{artifact.name}}"
  where: "{{upper environment}}/{{ commit | short }}"
  who: "{{actor}}: {{json summary}} {{default \"no ticket\" ticket}}"
  before: "{{previous_version}}"
  replicas: 2
YAML
repo_commit w 2026-03-01T09:00:00Z 'Parameters' ana@example.com
world_build w checkout 1.0.0
repo_commit w 2026-03-02T07:00:00Z 'Build' ci@example.com
world_deploy w checkout dev 1.0.0 <<'YAML'
params: {replicas: 4}
YAML
repo_commit w 2026-03-02T08:00:00Z 'Deploy' bo@example.com
test_run 0 'a deployment' dx 2026-03-02T08:10:00Z run --wait 5s
orders 1 >got
cat >want <<'JSON'
{"image":"checkout-1.0.0.zip","where":"DEV/0123456","who":"bo@example.com: \"Put 1.0.0 into dev\" no ticket","before":"","replicas":4}
JSON
test_same 'the program gets them filled in' want got

# --- what no build has ---------------------------------------------------------

cat >old.jsonl <<'JSON'
{"service":"checkout","environment":"dev","version":"0.9.0","time":"2026-02-01T08:00:00Z","outcome":"succeeded","source":"old"}
JSON
test_run 0 'history from elsewhere' dx 2026-03-02T09:00:00Z ledger import old.jsonl
cat >w/intents/checkout/back.yaml <<'YAML'
kind: rollback
service: checkout
environment: dev
to_version: 0.9.0
summary: Back to what ran before
YAML
repo_commit w 2026-03-02T09:00:00Z 'Roll back' bo@example.com
test_run 1 'back to a version without build' \
	dx 2026-03-02T09:10:00Z run --dry-run --format json
test_jq 'is refused' '.decisions[0] | .code == "ARTIFACT_NOT_FOUND" and (.message |
	test("image .* asks for the artifact.name, and no build registered checkout 0.9.0 .policy/rest.yaml:[0-9]+:13"))'
test_run 1 'and by a run' dx 2026-03-02T09:20:00Z run
orders 1 >again
test_same 'the program is not run' want again

parameters <<'YAML'
  tag: "{{artifact.tag}}"
YAML
rm w/intents/checkout/back.yaml
repo_commit w 2026-03-03T07:00:00Z 'A tag' ana@example.com
world_build w checkout 1.1.0
repo_commit w 2026-03-03T07:10:00Z 'Build' ci@example.com
world_deploy w checkout dev 1.1.0 </dev/null
repo_commit w 2026-03-03T08:00:00Z 'Deploy' bo@example.com
test_run 1 'a build without tag' dx 2026-03-03T08:10:00Z run --format json
test_jq 'is refused' '.decisions[] | select(.kind == "deploy") |
	.code == "ENGINE_MISCONFIGURED"'

# --- findings ------------------------------------------------------------------

parameters <<'YAML'
  image: "{{artefact}}"
  secret: hunter2
YAML
repo_commit w 2026-03-04T08:00:00Z 'Parameters' ana@example.com
test_run 3 'names that are not there' dx 2026-03-04T08:10:00Z check --format json
jq -r '.findings[] | [.code, .at.column, .hint] | join(" ")' out |
	cut -d ' ' -f 1-6 >got
cat >want <<'TEXT'
INVALID_TEMPLATE 13 Did you mean "artifact"?
SECRET_IN_POLICY 11 Take it out and
TEXT
test_same 'are findings, at their places' want got

# --- the same for Spinnaker ------------------------------------------------------

REPO=s
gate_start || exit 1
gate_clock 2026-03-02T07:00:00Z
spinnaker_world s
sed -i 's|^parameters: .*|parameters: {version: "{{version \| upper}}", replicas: 1, from: "{{artifact.bucket}}"}|' \
	s/policy/rest.yaml
spinnaker_pipeline '{"parameterConfig": [{"name": "version"}, {"name": "replicas"}, {"name": "from"}]}'
repo_commit s 2026-03-02T07:00:00Z 'Parameters' ana@example.com
world_deploy s checkout dev 1.0.0 <<'YAML'
params: {replicas: 3}
YAML
repo_commit s 2026-03-02T08:00:00Z 'Deploy' bo@example.com
run_at 0 'a pipeline' 2026-03-02T08:10:00Z
gate_tell GET "/pipelines/$(jq -r '.decisions[0].deployment.engineExecutionId' out)" >execution
test_jq 'gets them filled in, as texts' '.trigger.parameters ==
	{version: "1.0.0", replicas: "3", from: "acme"}' execution
run_at 0 'its end' 2026-03-02T08:20:00Z
at 2026-03-02T09:00:00Z ledger import old.jsonl >/dev/null
cat >s/intents/checkout/back.yaml <<'YAML'
kind: rollback
service: checkout
environment: dev
to_version: 0.9.0
summary: Back to what ran before
YAML
repo_commit s 2026-03-02T09:00:00Z 'Roll back' bo@example.com
run_at 1 'back to a version without build' 2026-03-02T09:10:00Z
test_jq 'is refused, at the place in the recipe' '.decisions[0] |
	.code == "ARTIFACT_NOT_FOUND" and (.message | test("policy/rest.yaml:[0-9]+:[0-9]+"))'
gate_oracle >oracle
test_jq 'and not sent' '[.requests[] | select(.method == "POST")] | length == 1' oracle

test_done
