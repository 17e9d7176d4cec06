#!/bin/sh
# Hooks: programs and rules of an OPA server that may deny what the guardrails
# before them let pass.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
REPO=w
TICK=0

world_make w <<'YAML'
engines: {box: {type: sandbox}}
defaults: {guardrails: {max_concurrent_deployments: 20}}
YAML
mkdir w/ci
world_build w checkout 1.0.0
repo_commit w 2026-03-01T09:00:00Z 'Build' ci@example.com
# A window or a hold is not what is tried here: all of them are of one day.
at() { printf '2026-03-02T%02d:%02d:00Z' $((TICK / 60 + 7)) $((TICK % 60)); }

# hook: the policy's hook, from standard input.
hook() {
	cat >w/policy/hook.yaml
	TICK=$((TICK + 1))
	repo_commit w "$(at)" 'Hook' ana@example.com
}
# ask: a new deploy to prod, with more lines on standard input, and what check
# says of it: decision, code, message.
ask() {
	TICK=$((TICK + 1))
	world_deploy w checkout prod 1.0.0 "ask-$TICK"
	repo_commit w "$(at)" 'Deploy' bo@example.com
	dx "$(at)" check --format json >checked 2>err
	status=$?
	jq -r --arg path "intents/checkout/ask-$TICK.yaml" '.decisions[] |
		select(.intent == $path) | [.decision, .code, .message] |
		map(. // "-") | join(" ")' checked
	rm "w/intents/checkout/ask-$TICK.yaml"
	repo_commit w "$(at)" 'Never mind' bo@example.com
}
# answer SENTENCE WANT: the decision of one more deploy.
answer() {
	ask >got </dev/null
	echo "$2" >want
	test_same "$1" want got
}
script() {
	{
		echo '#!/bin/sh'
		cat
	} >w/ci/scan
	chmod +x w/ci/scan
}
row() { # of the hook, in the trace of the last check
	jq -c '[.decisions[].trace[] | select(.guardrail == "hook" and .inputs != {})][-1]' checked
}

# --- a program ----------------------------------------------------------------

hook <<'YAML'
{kind: hook, id: scan, command: [./ci/scan, "two words", "*"], scope: {environments: [prod]}, timeout: 1s}
YAML
script <<'SH'
cat >../facts
printf '%s\n' "$@" >../words
echo fine
SH
world_deploy w checkout prod 1.0.0 whole <<'YAML'
ticket: PAY-42
reason: hotfix
labels: {team: red}
params: {replicas: 3}
YAML
repo_commit w 2026-03-02T07:02:00Z 'Deploy' bo@example.com
world_deploy w checkout dev 1.0.0 </dev/null
repo_commit w 2026-03-02T07:03:00Z 'Deploy' bo@example.com
test_run 0 'one that allows' dx 2026-03-02T07:10:00Z check --format json
test_jq 'lets it pass' '.summary.allow == 3'
test_jq 'with what it answered' '[.decisions[] | select(.environment == "prod") |
	.trace[] | select(.guardrail == "hook") | [.result, .inputs.hooks, .inputs.outputs]]
	== [["pass", "scan allow", "scan sha256:'"$(echo fine | sha256sum | cut -c 1-64)"'"]]'
test_jq 'and another environment is not its business' '[.decisions[] |
	select(.environment == "dev") | .trace[] | select(.guardrail == "hook") | .detail]
	== ["no hook concerns it"]'
printf 'two words\n*\n' >want
test_same 'no shell reads its words' want words
test_jq 'it is told of the request' '.schema == "dxcp.hook/1" and
	.now == "2026-03-02T07:10:00Z" and .kind == "deploy" and .service == "checkout" and
	.environment == "prod" and .environmentType == "prod" and .version == "1.0.0" and
	(.token | test("^dxcp-[0-9a-f]{32}$")) and .params == {"replicas": 3} and
	(has("sourceEnvironment") or has("rollbackOf") | not)' facts
test_jq 'of who and whose' '.actor == {"email": "bo@example.com", "name": .actor.name,
	"role": "DELIVERY_OWNER", "proof": "author"} and .group.id == "payments" and
	.group.owners == ["bo@example.com"] and
	.recipe == {"id": "standard", "revision": 1, "engine": "box"}' facts
test_jq 'of the intent' '.intent | .path == "intents/checkout/whole.yaml" and
	.summary == "Put 1.0.0 into prod" and .ticket == "PAY-42" and
	.reason == "hotfix" and .labels == {"team": "red"} and
	(.blob | length) == 40 and (.commit | length) == 40' facts
test_jq 'of the build' '.build.artifact == "s3://acme/checkout/checkout-1.0.0.zip" and
	.build.branch == "main"' facts
test_jq 'and of the limits' '.limits == {
	"daily_deploy_quota": {"limit": 25, "used": 0, "origin": "built-in"},
	"max_concurrent_deployments": {"limit": 20, "used": 0, "origin": "platform"}}' facts
dx 2026-03-02T07:10:00Z run >/dev/null
world_deploy w checkout prod 1.0.0 draft </dev/null
dx 2026-03-02T07:20:00Z check --worktree --format json >out
test_jq 'it is asked in the work tree, too' '[.decisions[].trace[] |
	select(.inputs.hooks == "scan allow")] | length == 1'
test_jq 'of what stands there' '.intent | .path == "intents/checkout/draft.yaml" and
	.summary == "Put 1.0.0 into prod"' facts
rm w/intents/checkout/draft.yaml

TICK=20
script <<'SH'
echo 'two open findings, password=hunter2' >&2
echo more
exit 3
SH
answer 'one that says no denies, in its words' \
	'deny HOOK_DENIED the hook scan denies: two open findings, password=***'
[ "$status" = 1 ]
test_report $? 'with exit status 1'
row >found
test_jq 'at its rule' '.rule == {"file": "policy/hook.yaml", "line": 1}' found
test_ok 'no secret is told' sh -c '! grep -q hunter2 checked err'
script <<'SH'
exit 1
SH
answer 'one that says nothing' 'deny HOOK_DENIED the hook scan denies: it exited with status 1'
script <<'SH'
kill -9 $$
SH
answer 'one that is killed' \
	'deny HOOK_DENIED the hook scan denies: it was killed by signal 9'
script <<'SH'
yes | head -c 1000000
exit 0
SH
answer 'one that says much' 'allow - allowed'
script <<'SH'
sleep 20
SH
answer 'one that takes too long denies' \
	'deny HOOK_DENIED the hook scan failed, which denies: no answer within its timeout of 1 s'
test_run 0 'doctor looks at it' dx "$(at)" doctor
test_ok 'and finds the program' grep -q 'hook scan .*runs .*/ci/scan' out
rm w/ci/scan
test_run 4 'where the program is not there' dx "$(at)" doctor
test_ok 'doctor says so' grep -q 'hook scan .*its program ./ci/scan is not there' out
ask >got </dev/null
test_ok 'one that is not there denies' \
	grep -q '^deny HOOK_DENIED the hook scan failed, which denies: .*\./ci/scan' got
hook <<'YAML'
{kind: hook, id: scan, command: [./ci/scan], scope: {environments: [prod]}, on_failure: allow}
YAML
answer 'unless the policy lets it pass' 'allow - allowed'
row >found
test_jq 'which is told' '.result == "pass" and .inputs == {"hooks": "scan failed"} and
	(.detail | test("lets pass"))' found
script <<'SH'
exit 1
SH
answer 'its no is heeded all the same' \
	'deny HOOK_DENIED the hook scan denies: it exited with status 1'

# --- where it stands among the guardrails ---------------------------------------

script <<'SH'
echo asked >>../asked
cat >../facts
exit 1
SH
rm -f asked
world_deploy w checkout prod 9.9.9 unknown </dev/null
repo_commit w "$(at)" 'Deploy' bo@example.com
test_run 1 'what is denied before' dx "$(at)" check --format json
test_ok 'is not asked about' [ ! -e asked ]
rm w/intents/checkout/unknown.yaml
cat >>w/policy/hook.yaml <<'YAML'
---
{kind: window, id: peak, type: deny, scope: {}, when: {dated: {from: 2026-03-01T00:00:00Z, to: 2026-03-09T00:00:00Z}}}
YAML
repo_commit w "$(at)" 'Freeze' ana@example.com
answer 'what would wait is denied' \
	'deny HOOK_DENIED the hook scan denies: it exited with status 1'
sed -i '/^---/,$d' w/policy/hook.yaml
repo_commit w "$(at)" 'Thaw' ana@example.com
world_deploy w checkout prod 1.0.0 last </dev/null
repo_commit w "$(at)" 'Deploy' bo@example.com
rm asked
test_run 1 'a run asks' dx "$(at)" run --format json
test_jq 'and denies' '.decisions[0].code == "HOOK_DENIED" and .decisions[0].deployment == null'
test_run 0 'once' dx "$(at)" run --format json
[ "$(wc -l <asked)" = 1 ]
test_report $? 'and for all'
test_run 0 'the record' dx "$(at)" explain intents/checkout/last.yaml
test_ok 'has the hook and what it said' grep -q 'the hook scan denies: it exited' out
test_run 1 'a command that writes an intent' dx "$(at)" deploy checkout prod 1.0.0 \
	--ticket PAY-7 -s 'Fix it' --dry-run
test_ok 'says what they would say' grep -q HOOK_DENIED out
test_jq 'of what is not written yet' '.intent.summary == "Fix it" and
	.intent.ticket == "PAY-7"' facts
world_deploy w checkout prod 1.0.0 other </dev/null
world_deploy w checkout prod 1.0.0 mine </dev/null
repo_commit w "$(at)" 'Deploy' bo@example.com
rm asked
test_run 0 'explain' dx "$(at)" explain intents/checkout/mine.yaml
[ "$(wc -l <asked)" = 1 ]
test_report $? 'asks about the one intent only'
rm w/intents/checkout/other.yaml w/intents/checkout/mine.yaml
repo_commit w "$(at)" 'Never mind' bo@example.com

# --- releases -----------------------------------------------------------------

world_build w ledger 2.0.0
repo_commit w "$(at)" 'Build' ci@example.com
script <<'SH'
jq -r '[.kind, .service, .token, .intent.path, .intent.summary] | join(" ")' >>../members
[ "$(wc -l <../members)" -lt 2 ]
SH
cat >w/intents/release.yaml <<'YAML'
kind: release
summary: Both of them
deploys:
  - {service: checkout, environment: prod, version: 1.0.0}
  - {service: ledger, environment: prod, version: 2.0.0, after: [checkout]}
YAML
repo_commit w "$(at)" 'Release' bo@example.com
test_run 1 'a release' dx "$(at)" check --format json
test_jq 'is denied with one of its members' '.decisions[] | select(.kind == "release") |
	.code == "HOOK_DENIED" and [.items[].code] == [null, "HOOK_DENIED"]'
jq -r '.decisions[] | select(.kind == "release") | .items[] |
	"deploy \(.service) \(.token) intents/release.yaml Both of them"' out >want
test_same 'its hook is asked about each member' want members
rm w/intents/release.yaml members
repo_commit w "$(at)" 'Never mind' bo@example.com

# --- an OPA server, as far as it can be wrong -------------------------------------

"$TOP/tests/lib/opa_double" bodies >port &
double=$!
trap 'kill $double 2>/dev/null; [ -n "${KEEP-}" ] || rm -rf "$SCRATCH"' EXIT
for _ in 1 2 3 4 5 6 7 8 9 10; do
	[ -s port ] && break
	sleep 0.2
done
opa() { # what it answers, and the keys of the hook
	hook <<-YAML
		{kind: hook, id: opa, opa_url: "http://127.0.0.1:$(cat port)/v1/data/$1/deny", scope: {}, timeout: 2s$2}
	YAML
}
failed='deny HOOK_DENIED the hook opa failed, which denies:'
opa allow
answer 'no message allows' 'allow - allowed'
test_jq 'it is sent the facts as input' \
	'(keys == ["input"]) and .input.schema == "dxcp.hook/1" and .input.environment == "prod"' bodies
row >found
test_jq 'and the digest of its answer is kept' '.inputs.outputs ==
	"opa sha256:'"$(printf '{"result":[]}' | sha256sum | cut -c 1-64)"'"' found
opa deny
answer 'messages deny' 'deny HOOK_DENIED the hook opa denies: no ticket; built from main~1'
opa yes
answer 'so does a true deny' 'deny HOOK_DENIED the hook opa denies: the rule is true'
opa none
answer 'an undefined rule failed' "$failed the rule is undefined: the answer has no result"
opa none ', on_failure: allow'
answer 'which may pass' 'allow - allowed'
opa error
answer 'an error of the server' "$failed it answered with status 500"
opa moved
answer 'a redirect is not followed' "$failed it answered with status 302"
opa html
answer 'something else' "$failed its answer is no JSON object"
for what in huge slow drop; do
	opa $what
	ask >got </dev/null
	test_ok "an answer that is $what" grep -q "^$failed " got
done
kill $double
wait $double 2>/dev/null
opa allow
ask >got </dev/null
test_ok 'a server that is not there' grep -q "^$failed " got
test_run 4 'nor for doctor' dx "$(at)" doctor
test_ok 'which says so' grep -q '^FAIL  hook opa ' out
opa allow ', on_failure: allow'
test_run 0 'where it may fail' dx "$(at)" doctor
test_ok 'it warns' grep -q '^warn  hook opa ' out
test_run 0 'the ledger holds together' dx "$(at)" ledger verify

test_done
