#!/bin/sh
# What must hold of every run: who is refused uses nothing up, and what was
# acted on is not acted on again.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
REPO=w

world_make w <<'YAML'
engines: {box: {type: sandbox}}
defaults: {guardrails: {daily_deploy_quota: 2, daily_build_quota: 3, max_concurrent_deployments: 1}}
YAML
cat >w/policy/windows.yaml <<'YAML'
kind: window
id: office
type: allow
scope: {environments: [prod]}
when: {weekly: {days: [mon, tue, wed, thu, fri], from: "09:00", to: "17:00"}}
YAML
repo_commit w 2026-03-01T09:00:00Z 'Windows' ana@example.com
world_build w checkout 1.0.0
world_build w ledger 1.0.0
repo_commit w 2026-03-02T07:00:00Z 'Builds' ci@example.com
dx 2026-03-02T07:10:00Z run >out 2>&1

# used TIME: what is left of each limit, as the trace of an intent that would be
# allowed has it, and how many events of each type there are beside decisions.
used() {
	"$DXCP" -C w --now "$1" can-i deploy checkout dev 1.0.0 --as bo@example.com --format json |
		jq -c '.decisions[0].trace[] | select(.guardrail == "quota" or .guardrail == "concurrency") | .inputs'
	sqlite3 w/.dxcp/ledger.db "SELECT type, count(*) FROM event
		WHERE type NOT IN ('intent.decided', 'run.started', 'run.finished')
		GROUP BY type ORDER BY type"
}

# --- refused intents ----------------------------------------------------------------

used 2026-03-02T08:30:00Z >before
world_deploy w checkout prod 1.0.0 closed </dev/null
world_deploy w checkout dev 7.7.7 unbuilt </dev/null
world_deploy w checkout dev 1.0.0 later <<'YAML'
not_before: 2026-03-02T12:00:00Z
YAML
for n in 1 2 3 4; do world_deploy w ledger prod 7.7.7 "unbuilt-$n" </dev/null; done
repo_commit w 2026-03-02T08:00:00Z 'Refused' bo@example.com
world_deploy w checkout dev 1.0.0 hers </dev/null
world_build w checkout 1.1.0
repo_commit w 2026-03-02T08:10:00Z 'Not hers' eve@example.com
test_run 1 'a run that refuses all' dx 2026-03-02T08:20:00Z run --format json
test_jq 'waits and denials' '.summary.allow == 0 and .summary.wait == 2 and .summary.deny == 7'
used 2026-03-02T08:30:00Z >after
test_same 'change no counter, and lead to no event but decisions' before after
test_ok 'there are counters' grep -q '"used":0' after
dx 2026-03-02T08:25:00Z run >out 2>&1
used 2026-03-02T08:30:00Z >after
test_same 'nor when they are judged again' before after

# --- the same commit again ------------------------------------------------------------

dx 2026-03-02T13:00:00Z run >out 2>&1
dx 2026-03-02T13:10:00Z run >out 2>&1
used 2026-03-02T13:30:00Z >before
test_ok 'what waited was sent, once each' \
	test "$(grep '^deployment.dispatching' before)" = 'deployment.dispatching|2'
for _ in 1 2 3; do dx 2026-03-02T13:15:00Z run >out 2>&1; done
used 2026-03-02T13:30:00Z >after
test_same 'the same commit once more dispatches nothing' before after
git -C w commit -q --allow-empty -m 'Nothing'
test_run 0 'nor does another with the same files' dx 2026-03-02T13:20:00Z run
used 2026-03-02T13:30:00Z >after
test_same 'nothing is new' before after
git clone -q w twin
cp -R w/.dxcp twin/.dxcp
REPO=twin
test_run 0 'nor the same commit in another clone' dx 2026-03-02T13:20:00Z run --format json
test_jq 'everything is known there' '.summary.allow == 0 and .summary.wait == 0 and .summary.deny == 0'
REPO=w

# --- the environment ------------------------------------------------------------------

for zone in UTC Pacific/Apia America/St_Johns ':/nowhere'; do
	n=$(printf %s "$zone" | tr -c A-Za-z -)
	TZ=$zone dx 2026-03-03T08:59:59Z --ledger none check --format json >"check.$n" 2>err
	TZ=$zone dx 2026-03-03T08:59:59Z simulate --format json >"simulate.$n" 2>err
	test_same "TZ=$zone changes no decision" check.UTC "check.$n"
	test_same "nor what is simulated" simulate.UTC "simulate.$n"
done
test_ok 'there are some' grep -q '"code":"WINDOW_CLOSED"' check.UTC
test_done
