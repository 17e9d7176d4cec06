#!/bin/sh
# Orders to Spinnaker whose fate is not known: found again, or sent once more,
# and never twice.
# shellcheck disable=SC2119 # what these take is theirs, not the script's
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/gate.sh"
. "$TOP/tests/lib/spinnaker.sh"
REPO=w
gate_start || exit 1
gate_clock 2026-03-02T09:00:00Z
spinnaker_world w
# --- executed, and the answer lost --------------------------------------------------------

gate_fault '{"fault": "close", "executed": true, "match": {"method": "POST"}}'
want 2026-03-02T10:00:00Z 1.0.0 lost
run_at 4 'an order whose answer is lost: exit 4' 2026-03-02T10:00:00Z
test_state 'is found at once' 1 \
	'IN_PROGRESS: created dispatching lost_contact started stage progress'
run_at 0 'the next run' 2026-03-02T10:00:20Z
test_jq 'sees its end' '.followed[0] | .state == "SUCCEEDED" and
	.finishedAt == "2026-03-02T10:00:05Z"'
test_state 'without sending it again' 1 \
	'SUCCEEDED: created dispatching lost_contact started stage progress stage*succeeded'

# --- not executed, and no answer ------------------------------------------------------------

gate_fault '{"fault": "close", "executed": false, "match": {"method": "POST"}}'
want 2026-03-02T11:00:00Z 1.1.0 gone
run_at 4 'an order that was lost' 2026-03-02T11:00:00Z
run_at 0 'is looked for' 2026-03-02T11:02:00Z
test_state 'but not sent again too soon' 2 'LOST_CONTACT: created dispatching lost_contact'
run_at 0 'when it can be on its way no more' 2026-03-02T11:02:50Z
test_state 'one look is not enough' 2 \
	'LOST_CONTACT: created dispatching lost_contact not_found'
run_at 0 'a second one' 2026-03-02T11:03:10Z
test_state 'must be some time later' 2 \
	'LOST_CONTACT: created dispatching lost_contact not_found'
run_at 0 'then' 2026-03-02T11:03:20Z
test_state 'it is sent once more' 2 \
	'IN_PROGRESS: created dispatching lost_contact not_found dispatching started*'
run_at 0 'and succeeds' 2026-03-02T11:04:00Z
test_state 'as any other' 2 '*SUCCEEDED: *succeeded'

# --- not executed, by a run that is killed ---------------------------------------------------

gate_fault '{"fault": "delay", "before": true, "ms": 3000, "executed": false,
	"match": {"method": "POST"}}'
want 2026-03-02T11:30:00Z 1.1.0 orphan
gate_clock 2026-03-02T11:30:00Z
"$DXCP" -C w --now 2026-03-02T11:30:00Z run >out 2>err &
run_pid=$!
for i in 1 2 3 4 5 6 7 8 9 10; do
	[ "$(sqlite3 w/.dxcp/ledger.db "SELECT state FROM v_deployments WHERE number = 3" 2>&1)" \
		!= DISPATCHING ] || break
	sleep 0.$i
done
kill -KILL $run_pid
wait $run_pid 2>/dev/null
test_state 'of a run that was killed while it sent an order' 3 'DISPATCHING: created dispatching'
gate_no_faults
run_at 0 'the next one does not find it' 2026-03-02T11:31:00Z
test_state 'which is said' 3 'LOST_CONTACT: created dispatching lost_contact'
run_at 0 'and once' 2026-03-02T11:32:00Z
test_state 'not again' 3 'LOST_CONTACT: created dispatching lost_contact'
run_at 0 'when it can be on its way no more' 2026-03-02T11:32:50Z
run_at 0 'and once more' 2026-03-02T11:33:20Z
test_state 'it is sent again' 3 \
	'IN_PROGRESS: created dispatching lost_contact not_found dispatching started*'
run_at 0 'and succeeds, too' 2026-03-02T11:34:00Z
test_state 'as any other does' 3 '*SUCCEEDED: *succeeded'

# --- in one run that waits ---------------------------------------------------------------------

gate_fault '{"fault": "close", "executed": false, "match": {"method": "POST"}}'
want 2026-03-02T12:00:00Z 1.2.0 waits
gate_control clock '{"now": "2026-03-02T12:00:00Z", "step_ms": 200}'
test_run 4 'a run that waits does all of that' dx 2026-03-02T12:00:00Z run --wait 8m --format json
test_jq 'to the end' '.decisions[0].deployment.state == "SUCCEEDED"'
test_state 'in its time' 4 \
	'SUCCEEDED: created dispatching lost_contact not_found dispatching started*succeeded'
gate_oracle "$(jq -r '.decisions[0].token' out)" >oracle
test_jq 'without looking for it every second' '[.requests[] |
	select(.path | contains("search"))] | length < 15' oracle

# --- that never arrives ---------------------------------------------------------------------------

gate_fault '{"fault": "close", "executed": false, "count": -1, "match": {"method": "POST"}}'
want 2026-03-02T13:00:00Z 1.0.0 never
gate_control clock '{"now": "2026-03-02T13:00:00Z", "step_ms": 1}'
test_run 4 'an order that never arrives' dx 2026-03-02T13:00:00Z run --wait 570s --format json
test_state 'is sent three times, and then no more' 5 \
	'LOST_CONTACT: created dispatching lost_contact not_found dispatching lost_contact not_found dispatching lost_contact not_found lost_contact'
test_jq 'it says what to do' '.deployment.timeline[-1].detail | contains("sent 3 times") and
	contains("look there for the token")' shown
gate_no_faults
run_at 1 'its time runs out' 2026-03-02T13:12:00Z
test_jq 'it has failed by it' '.followed[0] | .state == "FAILED" and
	.finishedAt == "2026-03-02T13:10:00Z" and .failures[0].category == "TIMEOUT"'

# --- twice --------------------------------------------------------------------------------------

gate_fault '{"fault": "duplicate", "match": {"method": "POST"}}'
want 2026-03-02T14:00:00Z 1.1.0 twice
run_at 0 'an order that Spinnaker carries out twice' 2026-03-02T14:00:00Z
run_at 0 'is followed to its end' 2026-03-02T14:01:00Z
test_jq 'and the other execution is reported' '[.findings[] | [.code, .level]] ==
	[["DUPLICATE_EXECUTION", "warning"]]'
test_state 'as an event, once' 6 'SUCCEEDED: *DUPLICATE_EXECUTION*succeeded'
gate_no_faults

# --- somebody else's ------------------------------------------------------------------------------

gate_fault '{"fault": "foreign_ref", "match": {"method": "POST"}}'
want 2026-03-02T15:00:00Z 1.2.0 foreign
run_at 0 'an answer that names an execution of somebody else' 2026-03-02T15:00:00Z
run_at 0 'is found out' 2026-03-02T15:01:00Z
test_jq 'ours is followed' '.followed[0] | .state == "SUCCEEDED" and
	.finishedAt == "2026-03-02T15:00:05Z"'

# --- told to end before it is sent -------------------------------------------------------------------

gate_fault '{"fault": "close", "executed": false, "match": {"method": "POST"}}'
want 2026-03-02T16:00:00Z 1.0.0 stopped
run_at 4 'an order that was lost' 2026-03-02T16:00:00Z
cat >w/intents/checkout/cancel.yaml <<-'YAML'
	kind: cancel
	of: intents/checkout/stopped.yaml
	summary: Not wanted any more
YAML
repo_commit w 2026-03-02T16:01:00Z 'Cancel' bo@example.com
run_at 0 'and is canceled' 2026-03-02T16:01:00Z --wait 4m
test_state 'is looked for all the same, and not sent' 8 \
	'CANCELED: created dispatching lost_contact cancel_requested not_found canceled'
# --- and the policy changed meanwhile -----------------------------------------------------------------

gate_fault '{"fault": "close", "executed": false, "match": {"method": "POST"}}'
want 2026-03-02T17:00:00Z 1.1.0 moved
run_at 4 'an order that was lost' 2026-03-02T17:00:00Z
sed -i 's/127\.0\.0\.1/localhost/' w/policy/platform.yaml
repo_commit w 2026-03-02T17:01:00Z 'Another Gate' ana@example.com
run_at 0 'is looked for at the Gate that the policy names now' 2026-03-02T17:04:00Z --wait 2m
test_state 'where there being none says nothing' 9 'LOST_CONTACT: created dispatching lost_contact'
sed -i 's/type: spinnaker, url: [^,]*,/type: sandbox,/; s/deck_url: [^}]*//' w/policy/platform.yaml
repo_commit w 2026-03-02T17:06:30Z 'A sandbox' ana@example.com
run_at 0 'nor by an engine of another type' 2026-03-02T17:07:00Z
test_state 'is it taken for its own' 9 'LOST_CONTACT: created dispatching lost_contact'
git -C w revert -n HEAD
git -C w revert -n HEAD~1
repo_commit w 2026-03-02T17:07:30Z 'As it was' ana@example.com
run_at 0 'back where it was sent' 2026-03-02T17:08:00Z --wait 1m
test_state 'it is, and sent once more' 9 'IN_PROGRESS: created dispatching lost_contact not_found dispatching started*'

gate_fault '{"fault": "close", "executed": false, "match": {"method": "POST"}}'
want 2026-03-02T17:20:00Z 1.2.0 other
run_at 4 'an order that was lost' 2026-03-02T17:20:00Z
sed -i 's/{version: "{{version}}"}/{version: "v{{version}}"}/' w/policy/rest.yaml
repo_commit w 2026-03-02T17:21:00Z 'Other parameters' ana@example.com
run_at 0 'is looked for' 2026-03-02T17:23:00Z
run_at 1 'and not sent with other parameters' 2026-03-02T17:24:00Z
test_state 'but given up' 10 'FAILED: created dispatching lost_contact not_found dispatching failed'
test_jq 'for that reason' '.deployment.failures[0].detail | contains("other parameters")' shown
git -C w revert -n HEAD
repo_commit w 2026-03-02T17:30:00Z 'As it was' ana@example.com

# --- told to end while it is sent -----------------------------------------------------------------

gate_fault '{"fault": "delay", "ms": 6000, "match": {"method": "POST"}}'
want 2026-03-02T18:00:00Z 1.2.0 interrupted
gate_clock 2026-03-02T18:00:00Z
"$DXCP" -C w --now 2026-03-02T18:00:00Z run >out 2>err &
run_pid=$!
for i in 1 2 3 4 5 6 7 8 9 10; do
	[ "$(sqlite3 w/.dxcp/ledger.db "SELECT state FROM v_deployments WHERE number = 11" 2>&1)" \
		!= DISPATCHING ] || break
	sleep 0.$i
done
kill -TERM $run_pid
status=0
wait $run_pid || status=$?
test_ok 'a run that is told to end while an order is under way: 143' test $status = 143
test_state 'says that it does not know' 11 'LOST_CONTACT: created dispatching lost_contact'
run_at 0 'the next one' 2026-03-02T18:01:00Z
test_state 'finds it' 11 'SUCCEEDED: created dispatching lost_contact started*succeeded'

# --- refused, or not sent, when it is sent again -----------------------------------------------------

gate_fault '[{"fault": "close", "executed": false, "match": {"method": "POST"}},
	{"fault": "rate_limited", "skip": 1, "match": {"method": "POST"}},
	{"fault": "forbidden", "skip": 2, "match": {"method": "POST"}}]'
want 2026-03-02T19:00:00Z 1.0.0 again
run_at 4 'an order that was lost' 2026-03-02T19:00:00Z
run_at 0 'is looked for' 2026-03-02T19:02:45Z
run_at 4 'is sent again when Gate has no time' 2026-03-02T19:03:20Z
test_state 'which does not count' 12 \
	'DISPATCHING: created dispatching lost_contact not_found dispatching unsent'
run_at 1 'and once more, when it is refused' 2026-03-02T19:03:40Z
test_state 'has failed: it keeps its number' 12 \
	'FAILED: created dispatching lost_contact not_found dispatching unsent dispatching failed'
gate_no_faults

gate_oracle >oracle
test_jq 'no token has two executions, but the one that Spinnaker doubled' \
	'.violations | length <= 1' oracle
test_run 0 'the ledger is sound' dx 2026-03-03T00:00:00Z ledger verify
test_done
