#!/bin/sh
# What people do to executions of Spinnaker: cancel, queue, restart; and what
# does not end in time, or is many.
# shellcheck disable=SC2119 # what these take is theirs, not the script's
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/gate.sh"
. "$TOP/tests/lib/spinnaker.sh"
REPO=w
gate_start || exit 1
gate_clock 2026-03-02T09:00:00Z
spinnaker_world w

# cancel TIME NAME: an intent that cancels the one of that name.
cancel() {
	cat >"w/intents/checkout/cancel-$2.yaml" <<-YAML
		kind: cancel
		of: intents/checkout/$2.yaml
		summary: Not wanted any more
	YAML
	repo_commit w "$1" "Cancel $2" bo@example.com
}
# of STATUS: which numbers are in that state, in one line.
of() {
	"$DXCP" -C w --now 2026-12-31T00:00:00Z log --format json |
		jq -r "[.deployments[] | select(.state == \"$1\") | .number] | sort | join(\" \")"
}

# --- cancel -------------------------------------------------------------------------

gate_script demo deploy '{"ms": -1, "cancel_ms": 3000}'
want 2026-03-02T10:00:00Z 1.0.0 forever
run_at 0 'one that does not end' 2026-03-02T10:00:00Z
cancel 2026-03-02T10:01:00Z forever
run_at 0 'is canceled' 2026-03-02T10:01:00Z
test_state 'it takes a while' 1 'IN_PROGRESS: *cancel_requested*'
run_at 0 'and has ended' 2026-03-02T10:02:00Z
test_jq 'when Spinnaker says, with who did it' '.followed[0] | .state == "CANCELED" and
	.finishedAt == "2026-03-02T10:01:03Z" and .failures == []'
gate_script demo deploy '{"ms": -1}'
gate_fault '{"fault": "cancel_ignored", "count": -1, "match": {"method": "PUT"}}'
want 2026-03-02T11:00:00Z 1.0.0 stubborn
run_at 0 'one that does not end, and cannot be canceled' 2026-03-02T11:00:00Z
cancel 2026-03-02T11:01:00Z stubborn
run_at 0 'is told to' 2026-03-02T11:01:00Z
run_at 0 'and told again' 2026-03-02T11:03:00Z
test_state 'but runs' 2 'IN_PROGRESS: *cancel_requested*warning*'
run_at 1 'until its time is over' 2026-03-02T11:11:00Z
test_jq 'at that instant' '.followed[0] | .state == "FAILED" and
	.finishedAt == "2026-03-02T11:10:00Z" and .failures[0].category == "TIMEOUT"'
gate_no_faults
id=$(jq -r '.followed[0].engineExecutionId' out)
gate_tell PUT "/pipelines/$id/cancel" >/dev/null
run_at 0 'the run after it' 2026-03-02T11:12:00Z
test_state 'is told what became of it' 2 '* failed ended_later'

# --- somebody else cancels ---------------------------------------------------------------

want 2026-03-02T12:00:00Z 1.0.0 theirs
run_at 0 'one' 2026-03-02T12:00:00Z
id=$(jq -r '.decisions[0].deployment.engineExecutionId' out)
gate_clock 2026-03-02T12:01:00Z
gate_tell PUT "/pipelines/$id/cancel?reason=too+risky" >/dev/null
run_at 0 'that somebody cancels at Spinnaker' 2026-03-02T12:02:00Z
test_jq 'is canceled' '.followed[0] | .state == "CANCELED" and
	(.timeline[-1].detail | contains("too risky"))'

# --- a queue that cancels what waits --------------------------------------------------------

gate_script demo deploy '{"ms": 60000}'
spinnaker_pipeline '{"limitConcurrent": true, "keepWaitingPipelines": false, "script": {"ms": 60000}}'
for i in 1 2 3; do
	world_deploy w checkout dev 1.$((i - 1)).0 queue$i </dev/null
done
repo_commit w 2026-03-02T13:00:00Z 'Three' bo@example.com
run_at 0 'three to a pipeline that cancels those that wait' 2026-03-02T13:00:00Z
test_ok 'go one at a time' test "$(of IN_PROGRESS)/$(of PENDING)" = '4/5 6'
run_at 0 'still' 2026-03-02T13:00:30Z
test_ok 'while the first one runs' test "$(of IN_PROGRESS)/$(of PENDING)" = '4/5 6'
run_at 0 'the next one' 2026-03-02T13:01:10Z
test_ok 'when it has ended' test "$(of SUCCEEDED)/$(of IN_PROGRESS)/$(of PENDING)" = '4/5/6'
gate_control clock '{"now": "2026-03-02T13:03:00Z", "step_ms": 1000}'
test_run 0 'a run that waits' dx 2026-03-02T13:03:00Z run --wait 5m --format json
test_ok 'sends them all' test "$(of SUCCEEDED)" = '4 5 6'
test_ok 'and none is canceled' test "$(of CANCELED)" = '1 3'
spinnaker_pipeline '{}'
test_run 0 'check --engine' at 2026-03-02T13:30:00Z check --engine --format json

# --- restarted after its end -------------------------------------------------------------------

gate_script demo deploy '{"stages": [{"type": "wait", "name": "Wait", "ms": 1000,
	"status": "TERMINAL", "error": "exception", "message": "no", "again": "SUCCEEDED"}]}'
want 2026-03-02T14:00:00Z 1.0.0 restart
run_at 0 'one that fails' 2026-03-02T14:00:00Z
run_at 1 'has failed' 2026-03-02T14:01:00Z
id=$(jq -r '.followed[0].engineExecutionId' out)
stage=$(gate_tell GET "/pipelines/$id" | jq -r '.stages[0].id')
gate_clock 2026-03-02T14:02:00Z
gate_tell PUT "/pipelines/$id/stages/$stage/restart" '{}' >/dev/null
run_at 0 'and is restarted at Spinnaker' 2026-03-02T14:02:00Z
test_jq 'a finding says so' '[.findings[] | .code] == ["EXECUTION_RESTARTED"]'
test_state 'what has ended stays so' 7 'FAILED: *failed restarted'
run_at 0 'later' 2026-03-02T14:05:00Z
test_state 'its new end is told, too' 7 'FAILED: *failed restarted ended_later'
run_at 0 'after that' 2026-03-02T14:06:00Z
test_jq 'nothing is' '.findings == []'
test_state 'any more' 7 'FAILED: *failed restarted ended_later'

# --- many ----------------------------------------------------------------------------------------

gate_script demo deploy '{"ms": 60000}'
sed -i 's/max_concurrent_deployments: 20/max_concurrent_deployments: 200, daily_deploy_quota: 999/' \
	w/policy/platform.yaml
repo_commit w 2026-03-03T09:00:00Z 'More' ana@example.com
for i in $(seq 1 120); do world_deploy w checkout dev 1.0.0 "many$i" </dev/null; done
repo_commit w 2026-03-03T09:01:00Z 'Many' bo@example.com
run_at 0 'a hundred and twenty at once' 2026-03-03T10:00:00Z
gate_oracle >oracle
test_jq 'are each started once' '.violations == [] and .executions >= 127' oracle
posts=$(jq '[.requests[] | select(.method == "POST" and (.path | startswith("/pipelines/")))] | length' oracle)
reads=$(jq '[.requests[] | select(.path | startswith("/executions"))] | length' oracle)
run_at 0 'and asked about' 2026-03-03T10:00:10Z
gate_oracle >oracle
test_ok 'fifty at a time' test "$(jq '[.requests[] | select(.path | startswith("/executions"))] |
	length' oracle)" -le $((reads + 4))
test_ok 'none is sent again' test "$posts" = "$(jq '[.requests[] | select(.method == "POST" and
	(.path | startswith("/pipelines/")))] | length' oracle)"
run_at 0 'to their ends' 2026-03-03T10:02:00Z
test_jq 'all of them' '[.followed[] | select(.state == "SUCCEEDED")] | length == 120'
test_run 0 'the ledger is sound' dx 2026-03-04T00:00:00Z ledger verify
test_done
