#!/bin/sh
# Soak times, dependencies and waivers: what waits for the past to be long
# enough, and what a platform admin may set aside for a while.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
REPO=w

world_make w <<'YAML'
engines: {box: {type: sandbox}}
YAML
sed -i -e 's/^environments: \[dev, prod\]/environments: [dev, {name: prod, soak: 2h}]/' \
	-e '/^name: checkout$/a needs: [{service: ledger, min_version: 2.0.0}]' \
	w/policy/rest.yaml
repo_commit w 2026-03-01T09:00:00Z 'Soak and needs' ana@example.com
# decided: one line a decision.
decided() {
	jq -r '.decisions[] | [.intent[8:-5], .decision, .code // "-",
		.nextAllowedAt // "-"] | join(" ")' out
}

world_build w checkout 1.0.0
world_build w ledger 2.0.0
repo_commit w 2026-03-02T07:00:00Z 'Builds' ci@example.com
world_deploy w checkout dev 1.0.0 </dev/null
repo_commit w 2026-03-02T08:00:00Z 'Deploy checkout' bo@example.com

# --- dependencies -----------------------------------------------------------

test_run 0 'what needs a service that does not run waits' \
	dx 2026-03-02T08:10:00Z run --format json
decided | grep -v build >got
echo 'checkout/deploy-1.0.0-dev wait DEPENDENCY_NOT_READY -' >want
test_same 'and nobody promises when' want got
world_deploy w ledger dev 2.0.0 </dev/null
repo_commit w 2026-03-02T08:20:00Z 'Deploy ledger' bo@example.com
test_run 0 'the service is deployed' dx 2026-03-02T08:30:00Z run --format json
test_run 0 'the next run' dx 2026-03-02T08:31:00Z run --format json
decided >got
echo 'checkout/deploy-1.0.0-dev allow - -' >want
test_same 'lets the one go that waited for it' want got

# --- soak -------------------------------------------------------------------

for s in checkout ledger; do
	printf 'kind: promote\nservice: %s\nfrom: dev\nto: prod\nsummary: On\n' $s \
		>w/intents/$s/promote.yaml
done
repo_commit w 2026-03-02T09:00:00Z 'Promote both' bo@example.com
test_run 0 'promotions wait for their soak time' \
	dx 2026-03-02T09:10:00Z run --format json
decided >got
cat >want <<'END'
checkout/promote wait SOAK_NOT_MET 2026-03-02T10:31:00Z
ledger/promote wait SOAK_NOT_MET 2026-03-02T10:30:00Z
END
test_same 'to the second after the success' want got

# --- waivers ----------------------------------------------------------------

cat >w/policy/waivers.yaml <<'YAML'
kind: waiver
id: audit-42
guardrail: SOAK_NOT_MET
scope: {services: [ledger]}
owner: ana@example.com
reason: agreed in the incident call
expires: 2026-03-02T09:30:00Z
YAML
repo_commit w 2026-03-02T09:20:00Z 'A waiver' ana@example.com
test_run 0 'a waiver lets one of them go' \
	dx 2026-03-02T09:25:00Z run --format json
decided >got
cat >want <<'END'
checkout/promote wait SOAK_NOT_MET 2026-03-02T10:31:00Z
ledger/promote allow - -
END
test_same 'and only that one' want got
jq -r '.decisions[] | select(.service == "ledger") | .trace[] |
	select(.guardrail == "soak") | [.code, .result, .detail] | join("|")' out >got
cat >want <<'END'
SOAK_NOT_MET|waived|would have to wait: 2.0.0 has been in dev since 2026-03-02T08:30:00Z; the soak time is 2 h; waived by audit-42 (ana@example.com: agreed in the incident call) until 2026-03-02T09:30:00Z
END
test_same 'the trace says what it would have done, and who answers for it' want got

test_run 0 'the site of a platform in earnest' dx 2026-03-02T09:26:00Z render --out site
test_not 'does not say that it is an evaluation' grep -rq 'This is an evaluation' site
echo 'evaluation: true' >>w/policy/platform.yaml
repo_commit w 2026-03-02T09:27:00Z 'Only a trial' ana@example.com
test_run 0 'that of an evaluation' dx 2026-03-02T09:28:00Z render --out site
grep -rL --include='*.html' --exclude=404.html 'This is an evaluation' site >got
test_not 'says so on every page that shows anything' test -s got

sed -i 's/SOAK_NOT_MET/MUTATIONS_DISABLED/' w/policy/waivers.yaml
repo_commit w 2026-03-02T09:40:00Z 'Waive the kill switch' ana@example.com
test_run 3 'the kill switch cannot be waived' \
	dx 2026-03-02T09:45:00Z check --format json
jq -r '.findings[] | [.code, .at.file, .at.line, .at.column, .message] |
	map(tostring) | join(" ")' out >got
cat >want <<'END'
INVALID_VALUE policy/waivers.yaml 3 12 MUTATIONS_DISABLED cannot be waived
END
test_same 'as a finding at the guardrail' want got
test_done
