#!/bin/sh
# The main job from end to end: a policy, builds and deploys are committed,
# checked, run, and shown.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
REPO=w
T=2026-03-02T10:00:00Z

world_make w <<'YAML'
engines: {box: {type: sandbox}}
defaults: {guardrails: {max_concurrent_deployments: 5}}
YAML
# The deploys come first, in time and in name: builds are taken first all the
# same.
world_deploy w ledger dev 2.0.0 a-deploy </dev/null
repo_commit w 2026-03-02T08:00:00Z 'Deploy ledger' bo@example.com
world_deploy w checkout prod 1.0.0 z-deploy </dev/null
world_deploy w checkout dev 1.0.0 b-deploy <<'YAML'
ticket: PAY-1
params: {replicas: 2}
YAML
repo_commit w 2026-03-02T08:30:00Z 'Deploy checkout' bo@example.com
world_build w checkout 1.0.0
world_build w ledger 2.0.0
repo_commit w 2026-03-02T09:00:00Z 'Builds' ci@example.com
world_deploy w checkout prod 9.9.9 c-deploy </dev/null
repo_commit w 2026-03-02T09:30:00Z 'A version that nobody built' bo@example.com
tip=$(git -C w rev-parse HEAD)

# --- check ------------------------------------------------------------------

test_run 1 'check of a change with a denied intent exits 1' dx $T check
test_not 'nothing is said on standard error' test -s err
test_ok 'it says why' grep -qx '  Why       no build registered checkout 9.9.9' out
test_ok 'with the code' grep -qx '  Code      VERSION_NOT_FOUND' out
test_ok 'and the place' grep -qx '  At        intents/checkout/c-deploy.yaml:4:10' out
test_ok 'and what to do next' grep -q '^  Next      .*register' out
test_ok 'it counts' grep -q '^6 intents checked: 5 allowed, 0 waiting, 1 denied' out
test_not 'check makes no ledger' test -e w/.dxcp

test_run 1 'check as JSON exits the same' dx $T check --format json
cp out check.json
test_jq 'the document has its members and no others' 'keys ==
	["commit", "decisions", "findings", "now", "policyTree", "schema", "summary"]'
test_jq 'schema, commit, tree and clock are right' '.schema == "dxcp.check/1" and
	.commit == "'"$tip"'" and .now == "2026-03-02T10:00:00Z" and
	.policyTree == "'"$(git -C w rev-parse HEAD:policy)"'"'
test_jq 'a decision has its members and no others' '.decisions | all(keys ==
	["actor", "also", "at", "author", "blob", "cause", "code", "commit", "committer", "decision",
	"environment", "group", "hint", "intent", "kind", "message", "nextAllowedAt",
	"recipe", "service", "token", "trace", "version"])'
test_jq 'an actor has' '.decisions | all(.actor | keys == ["email", "proof", "role"])'
test_jq 'a place has' '.decisions | all(.at | keys ==
	["column", "endColumn", "endLine", "file", "line"])'
test_jq 'a row of the trace has' '[.decisions[].trace[]] | length > 100 and all(keys ==
	["code", "detail", "guardrail", "inputs", "result", "rule"])'
test_jq 'a rule has' '[.decisions[].trace[].rule | select(.)] | length > 10 and
	all(keys == ["file", "line"])'
test_jq 'every decision has a row for every guardrail' '[.decisions[].trace |
	map(.guardrail)] | unique | length == 1'
test_jq 'the summary counts' '.summary ==
	{"allow": 5, "wait": 0, "deny": 1, "replay": 0, "invalid": 0}'
test_jq 'builds come first, then by commit, then by path' '[.decisions[].intent] == [
	"intents/checkout/build-1.0.0.yaml", "intents/ledger/build-2.0.0.yaml",
	"intents/ledger/a-deploy.yaml",
	"intents/checkout/b-deploy.yaml", "intents/checkout/z-deploy.yaml",
	"intents/checkout/c-deploy.yaml"]'
test_jq 'what was denied says why and where' '.decisions[5] | .decision == "deny" and
	.code == "VERSION_NOT_FOUND" and .cause == "USER_ERROR" and .also == [] and
	.nextAllowedAt == null and .at == {"file": "intents/checkout/c-deploy.yaml",
	"line": 4, "column": 10, "endLine": 4, "endColumn": 15} and .hint != null'
test_jq 'what is allowed has no code' '.decisions[3] | .decision == "allow" and
	.code == null and .cause == null and .service == "checkout" and
	.environment == "dev" and .version == "1.0.0" and .group == "payments" and
	.recipe == "standard" and .kind == "deploy" and
	.blob == "'"$(git -C w rev-parse HEAD:intents/checkout/b-deploy.yaml)"'"'
test_jq 'the actor is the author, with the role that entitles' '.decisions[3].actor ==
	{"email": "bo@example.com", "role": "DELIVERY_OWNER", "proof": "author"} and
	.decisions[0].actor.role == "CI_PUBLISHER"'
# CONTRACT section 1: dxcp- and 32 hex digits of SHA-256(repository, path, blob).
test_jq 'tokens have their form, each its own' '[.decisions[].token] |
	all(test("^dxcp-[0-9a-f]{32}$")) and (unique | length) == 6'
test_run 1 'check twice' dx $T check --format json
test_same 'says the same' check.json out
test_run 1 'one run can write several formats' dx $T check --format json=c.json \
	--format text=c.txt
test_same 'the JSON into a file' check.json c.json
test_ok 'the text into another' grep -q '^6 intents checked' c.txt
test_not 'and nothing on standard output' test -s out

# --- run --------------------------------------------------------------------

test_run 1 'a dry run decides the same' dx $T run --dry-run --format json
jq -S '[.decisions[] | {intent, decision, code, token, also}]' out >dry
jq -S '[.decisions[] | {intent, decision, code, token, also}]' check.json >want
test_same 'as check did' want dry
test_not 'and leaves no trace' test -e w/.dxcp
test_run 1 'run exits 1 where something was denied' dx $T run --format json
cp out run.json
test_not 'with nothing on standard error' test -s err
test_jq 'run adds itself, and what it followed, to the document' 'keys == ["commit", "decisions",
	"findings", "followed", "now", "policyTree", "run", "schema", "summary"]'
test_jq 'with its number and times' '.run == {"number": 1,
	"startedAt": "2026-03-02T10:00:00Z", "finishedAt": "2026-03-02T10:00:00Z"}'
jq -S '[.decisions[] | {intent, decision, code, token, also}]' out >real
test_same 'it decides what check decided, in the same order' want real
test_jq 'each allowed deploy made a deployment, builds and denials none' \
	'[.decisions[] | .deployment.number] == [null, null, 1, 2, 3, null]'
test_jq 'a deployment has its members and no others' '.decisions[3].deployment | keys == [
	"actor", "createdAt", "dispatchedAt", "engine", "engineExecutionId",
	"engineExecutionUrl", "environment", "failures", "finishedAt", "group",
	"intent", "kind", "number", "outcome", "previousVersion", "recipe",
	"recipeRevision", "rollbackOf", "service", "sourceEnvironment", "startedAt",
	"state", "summary", "timeline", "token", "version"]'
test_jq 'with what was asked for and what came of it' '.decisions[3] as $d |
	$d.deployment | .token == $d.token and .state == "SUCCEEDED" and
	.outcome == "SUCCEEDED" and .kind == "ROLL_FORWARD" and
	.previousVersion == null and .recipeRevision == 1 and .rollbackOf == null and
	.sourceEnvironment == null and .summary == "Put 1.0.0 into dev" and
	.engine == "box" and .failures == [] and .finishedAt == "2026-03-02T10:00:00Z" and
	.intent == {"path": $d.intent, "blob": $d.blob,
	"commit": "'"$(git -C w rev-parse HEAD~2)"'"}'
test_jq 'its timeline has what was recorded, in order' '.decisions[3].deployment.timeline |
	all(keys == ["at", "detail", "event"]) and
	[.[].event] == ["created", "dispatching", "started", "succeeded"]'
test_ok 'the ledger is there' test -s w/.dxcp/ledger.db
test_run 0 'and is sound' dx $T ledger verify
test_not 'nothing else is left in its folder' \
	sh -c 'ls w/.dxcp | grep -vx -e ledger.db -e ledger.db.lock'

test_run 0 'the second run does nothing' dx 2026-03-02T11:00:00Z run --format json
test_jq 'and decides nothing' '.decisions == [] and .run.number == 2'
test_run 0 'check then finds nothing new' dx 2026-03-02T11:00:00Z check --format json
test_jq 'at all' '.decisions == []'
test_run 0 'the whole change is known to check --base' \
	dx 2026-03-02T11:00:00Z check --base HEAD~4 --format json
test_jq 'as replays' '.summary == {"allow": 0, "wait": 0, "deny": 0,
	"replay": 6, "invalid": 0} and .decisions[3].code == null'

# --- shown ------------------------------------------------------------------

test_run 0 'status' dx $T status --format json
test_jq 'has its members and no others' 'keys == ["now", "open", "running", "schema", "waiting"] and
	.schema == "dxcp.status/1" and .waiting == [] and (.running | all(keys ==
	["environment", "inProgress", "kind", "number", "previousVersion", "service",
	"since", "version"]))'
test_jq 'shows what runs where, sorted' '[.running[] | [.service, .environment,
	.version, .number]] == [["checkout", "dev", "1.0.0", 2],
	["checkout", "prod", "1.0.0", 3], ["ledger", "dev", "2.0.0", 1]]'
test_run 0 'status of one service and environment' \
	dx $T status checkout prod --format json
test_jq 'shows that one' '[.running[].number] == [3]'
test_run 0 'status of what is not there' dx $T status chekcout prod
test_ok 'repeats the names' grep -qx 'no chekcout runs in prod' out
test_run 0 'status before anything ran' dx $T status --at 2026-03-02T09:59:59Z --format json
test_jq 'is empty' '.running == []'
test_run 0 'log' dx $T log --format json
test_jq 'has the newest first' 'keys == ["deployments", "schema"] and
	.schema == "dxcp.log/1" and [.deployments[].number] == [3, 2, 1]'
jq -S '.deployments[1]' out >log.2
jq -S '.decisions[3].deployment' run.json >run.2
test_same 'a deployment in the log is as the run told it' run.2 log.2
test_run 0 'show' dx $T show 2 --format json
test_jq 'has its members and no others' 'keys == ["decision", "deployment", "schema"] and
	.schema == "dxcp.show/1"'
jq -S .deployment out >show.2
test_same 'the deployment is as the run told it' run.2 show.2
jq -S '.decisions[3] | del(.deployment)' run.json >run.d
jq -S '.decision | del(.run, .policyCommit)' out >show.d
test_same 'and so is the decision, trace and all' run.d show.d
test_run 0 'show as text' dx $T show 2
test_ok 'names the ticket-bearing intent' grep -q 'intents/checkout/b-deploy.yaml$' out
test_run 2 'show of a number that nobody got exits 2' dx $T show 4
test_ok 'and says what to do' grep -q '^  next: ' err

# --- the next version -------------------------------------------------------

world_build w checkout 1.1.0
repo_commit w 2026-03-03T08:00:00Z 'Build' ci@example.com
world_deploy w checkout dev 1.1.0 </dev/null
repo_commit w 2026-03-03T08:30:00Z 'Deploy' bo@example.com
test_run 0 'a later run takes what is new' dx 2026-03-03T09:00:00Z run --format json
test_jq 'and only that' '[.decisions[].intent] == ["intents/checkout/build-1.1.0.yaml",
	"intents/checkout/deploy-1.1.0-dev.yaml"] and .run.number == 3'
test_jq 'the new deployment knows the one before' '.decisions[1].deployment |
	.number == 4 and .previousVersion == "1.0.0"'
test_run 0 'the one before' dx 2026-03-03T09:00:00Z show 2 --format json
test_jq 'is superseded' '.deployment | .state == "SUCCEEDED" and .outcome == "SUPERSEDED"'
test_run 0 'status at an earlier time' \
	dx 2026-03-03T09:00:00Z status checkout dev --at 2026-03-02T12:00:00Z --format json
test_jq 'shows the one before' '[.running[] | [.number, .version]] == [[2, "1.0.0"]]'

# --- the site ---------------------------------------------------------------

test_run 0 'render' dx 2026-03-03T10:00:00Z render --out site --format json
test_jq 'counts what it wrote' '.written > 30 and .unchanged == 0 and .removed == 0'
for page in index.html services/checkout/dev/index.html deployments/4/index.html \
	api/v1/status.json api/v1/deployments/4.json; do
	test_ok "$page is there" test -s "site/$page"
done
test_run 0 'render again' dx 2026-03-03T10:00:00Z render --out site --format json
test_jq 'writes nothing' '.written == 0 and .removed == 0'
test_not 'no half-written file is left' sh -c 'find site w/.dxcp -name "*.tmp" | grep .'
test_run 0 'the ledger is still sound' dx $T ledger verify
test_done
