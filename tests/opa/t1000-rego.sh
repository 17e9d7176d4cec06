#!/bin/sh
# Hooks that ask a real OPA server, by the policy that the guide shows.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
REPO=w

# The Rego of the guide, and rules of other forms.
sed -n '/^    package dxcp$/,/^[^ ]/s/^    //p; /^    package dxcp$/,/^[^ ]/{/^$/p}' \
	"$TOP/site/guide/hooks.md" >dxcp.rego
cat >forms.rego <<'REGO'
package forms

allow if input.service == "checkout"

default sure := false

sure if input.actor.role == "DELIVERY_OWNER"

deny := input.intent.labels.risky == "yes"

objects contains {"msg": sprintf("%v wants %v", [input.actor.email, input.version])}

number := 7

known := input.schema
REGO
test_run 0 'the policy of the guide is Rego' "$OPA" check --strict dxcp.rego forms.rego

# A port that is free: OPA takes one by itself and says so in its log.
"$OPA" run --server --addr 127.0.0.1:0 --log-level info --disable-telemetry \
	dxcp.rego forms.rego >opa.log 2>&1 &
opa=$!
trap 'kill $opa; [ -n "${KEEP-}" ] || rm -rf "$SCRATCH"' EXIT
port=
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	port=$(for fd in "/proc/$opa/fd"/*; do readlink "$fd"; done 2>/dev/null |
		sed -n 's/^socket:\[\(.*\)\]$/\1/p' |
		while read -r inode; do
			awk -v inode="$inode" '$4 == "0A" && $10 == inode {
				print substr($2, index($2, ":") + 1) }' /proc/net/tcp
		done | head -n 1)
	[ -n "$port" ] && break
	sleep 0.3
done
port=$((0x${port:-0}))
test_ok 'the server runs' [ "$port" -gt 0 ]

world_make w <<'YAML'
engines: {box: {type: sandbox}}
defaults: {guardrails: {daily_deploy_quota: 2, max_concurrent_deployments: 9}}
YAML
hook() { # hook PATH: the rule that is asked
	cat >w/policy/hook.yaml <<-YAML
		{kind: hook, id: opa, opa_url: "http://127.0.0.1:$port/v1/data/$1", scope: {}}
	YAML
	repo_commit w 2026-03-01T10:00:00Z "Ask $1" ana@example.com
}
world_build w checkout 1.0.0
sed 's/1\.0\.0/1.1.0/; s/branch: main/branch: topic/' w/intents/checkout/build-1.0.0.yaml \
	>w/intents/checkout/build-1.1.0.yaml
repo_commit w 2026-03-02T07:00:00Z 'Builds' ci@example.com
test_run 0 'builds are not its business' dx 2026-03-02T07:10:00Z run --format json

# judged COMMAND...: decision, code and message of the intents.
judged() {
	dx 2026-03-02T09:00:00Z "$@" --format json >out 2>err
	jq -r '.decisions[] | select(.kind == "deploy") |
		[.intent[17:-5], .decision, .code // "-", .message] | join(" ")' out
}

# --- the policy of the guide ----------------------------------------------------

hook dxcp/deny
test_run 0 'doctor asks it' dx 2026-03-02T08:00:00Z doctor
test_ok 'and it answers' grep -q '^ok    hook opa .*answers with status 200' out
world_deploy w checkout dev 1.0.0 a-dev </dev/null
world_deploy w checkout prod 1.0.0 b-none </dev/null
world_deploy w checkout prod 1.1.0 c-branch <<'YAML'
ticket: PAY-1
YAML
world_deploy w checkout prod 1.1.0 d-both </dev/null
world_deploy w checkout prod 1.0.0 e-good <<'YAML'
ticket: PAY-2
YAML
world_deploy w checkout prod 1.0.0 f-last <<'YAML'
ticket: PAY-3
YAML
world_deploy w checkout prod 1.0.0 g-hotfix <<'YAML'
ticket: PAY-4
reason: hotfix
YAML
repo_commit w 2026-03-02T08:00:00Z 'Deploys' bo@example.com
cat >want <<'TEXT'
a-dev allow - allowed
b-none deny HOOK_DENIED the hook opa denies: production needs a ticket
c-branch deny HOOK_DENIED the hook opa denies: 1.1.0 was built from topic, not main
d-both deny HOOK_DENIED the hook opa denies: 1.1.0 was built from topic, not main; production needs a ticket
e-good allow - allowed
f-last deny HOOK_DENIED the hook opa denies: the last deployment of the day is for hotfixes
g-hotfix allow - allowed
TEXT
judged check >got
test_same 'check judges by it' want got
judged run >got
test_same 'and run alike' want got
test_jq 'what it said is recorded' '[.decisions[].trace[] |
	select(.guardrail == "hook" and .result == "deny") | .inputs.outputs |
	test("^opa sha256:[0-9a-f]{64}$")] == [true, true, true, true]'

# --- results of every form ---------------------------------------------------------

world_deploy w checkout dev 1.0.0 forms <<'YAML'
labels: {risky: "yes"}
YAML
repo_commit w 2026-03-02T08:30:00Z 'Deploy' bo@example.com
form() { # form RULE WHAT-IT-BECOMES
	hook "$1"
	judged check | sed -n 's/^forms //p' >got
	echo "$2" >want
	test_same "$1" want got
}
denied='deny HOOK_DENIED the hook opa'
failed="$denied failed, which denies:"
undefined="$failed the rule is undefined: the answer has no result"
odd="$failed the result is neither true, false nor a list of messages"
form forms/allow 'allow - allowed'
form forms/sure 'allow - allowed'
form forms/deny "$denied denies: the rule is true"
form forms/objects "$denied denies: bo@example.com wants 1.0.0"
form forms/number "$odd"
form forms/known "$odd"
form forms "$odd"
form forms/nothing "$undefined"
form nowhere/deny "$undefined"
sed -i 's/"yes"/"no"/' w/intents/checkout/forms.yaml
repo_commit w 2026-03-02T08:40:00Z 'Not risky' bo@example.com
form forms/deny 'allow - allowed'
test_run 0 'the ledger holds together' dx 2026-03-02T10:00:00Z ledger verify

test_done
