#!/bin/sh
# dxcp explain: what a code means; why an intent is decided so.
. "$(dirname "$0")/../lib/tap.sh"

now=2026-11-21T12:00:00Z
git config --global user.name Eve
git config --global user.email eve@example.com
"$DXCP" init d >/dev/null && git -C d add -A && git -C d commit -q -m Begin
mkdir d/intents/ledger/demo
cp "$TOP/intents/ledger/demo/deploy-2.2.0-dev.yaml" d/intents/ledger/demo
git -C d add -A && git -C d commit -q -m 'What goes wrong'
cd d || exit 1
deny=intents/ledger/demo/deploy-2.2.0-dev.yaml
good=intents/checkout/deploy-1.4.2-dev.yaml

test_run 0 'a code, in any case' "$DXCP" explain quota_exceeded
test_ok 'its meaning' grep -q '^  Meaning   The group has used up its quota' out
test_ok 'what to do next' grep -q '^  Next      Wait for the next day' out
test_ok 'its place' grep -q '^  Decision  wait, row 8 of' out
test_run 0 'a finding' "$DXCP" explain UNKNOWN_KEY --format json
test_ok 'has a level, no row' grep -qx '{"schema":"dxcp.explain/1",'\
'"code":"UNKNOWN_KEY","kind":"finding","level":"error",.*"next":".*"}' out
test_run 2 'a code that is none' "$DXCP" explain QUOTA_EXEEDED
test_ok 'did you mean' grep -q 'did you mean QUOTA_EXCEEDED' err
test_run 2 'a word that is nothing' "$DXCP" explain wherefore
sed -n 's/^\(DECISION\|FINDING\)(\([A-Z_]*\),.*/\2/p' \
	"$TOP/core/diag_codes.def" >codes
while read -r code; do
	"$DXCP" explain "$code" >/dev/null 2>&1 || echo "$code"
done <codes >missed
test_ok 'every code is explained' test -s codes -a ! -s missed
test_run 0 'no repository is needed' "$DXCP" -C / explain NOT_FOUND

test_run 0 'an intent that no run has seen' \
	"$DXCP" explain "$deny" --now "$now"
test_ok 'is judged now' grep -q '^DENIED  deploy ledger 2.2.0 to dev$' out
test_ok 'nothing is recorded' grep -q 'Judged    now; no run has recorded' out
test_ok 'the guardrail that refused' \
	grep -q '^  DENY   Build registered  no build registered ledger 2.2.0' out
test_ok 'one that passed' grep -q '^  pass   Role' out
test_ok 'the rule that one went by' \
	grep -qx ' *policy/groups/payments.yaml:13; environment dev' out
test_ok 'a limit and where it stands' grep -qx \
	'  daily_deploy_quota *20  group, policy/groups/payments.yaml:21' out
test_ok 'one of the platform' grep -qx \
	'  daily_build_quota *50  platform, policy/platform.yaml:[0-9]*' out

"$DXCP" run --now "$now" >/dev/null
test_run 0 'a recorded one' "$DXCP" explain "./$good" \
	--now 2026-11-30T00:00:00Z
test_ok 'is shown as it was decided' \
	grep -q 'Recorded  by run 1, Sat 21 Nov 2026 12:00 UTC' out
test_ok 'with its deployment' grep -q 'Number    [0-9]* (dxcp show' out
test_run 0 'as JSON' "$DXCP" explain "$PWD/$good" --format json
test_ok 'it is the decision document' grep -q '^{"schema":"dxcp.explain/1",.*'\
'"recorded":true,"decision":{.*"decision":"allow".*"trace":\[{.*'\
'"limits":\[{"name":"max_concurrent_deployments","value":5,'\
'"origin":"environment","at":{"file":"policy/environments.yaml"' out

echo '# edited' >>"$good"
git commit -q -a -m Edit
test_run 0 'an edited one' "$DXCP" explain "$good" --now "$now"
test_ok 'is judged again' grep -q 'Code      IDEMPOTENCY_CONFLICT' out

sed 's/2.2.0/2.1.0/' "$deny" >intents/ledger/new.yaml
test_run 2 'one that is not committed' "$DXCP" explain intents/ledger/new.yaml
test_ok 'it names the option' grep -q -e --worktree err
test_run 0 'is judged in the working tree' \
	"$DXCP" explain --worktree intents/ledger/new.yaml --now "$now"
test_ok 'with its answer' grep -q '^ALLOWED  deploy ledger 2.1.0 to dev' out
echo 'sumary: x' >>intents/ledger/new.yaml
test_run 0 'one that does not decode' \
	"$DXCP" explain --worktree intents/ledger/new.yaml --now "$now"
test_ok 'shows what is wrong' \
	grep -q 'intents/ledger/new.yaml:.* error.*sumary' out
test_ok 'and the decision' grep -q 'Code      INVALID_REQUEST' out
test_run 2 'one that is not there' "$DXCP" explain intents/no.yaml

echo 'kind: window' >policy/broken.yaml
test_run 3 'with errors in the policy' \
	"$DXCP" explain --worktree "$good" --format json
test_ok 'they are the answer' \
	grep -q '"decision":null,"findings":\[{"code":"MISSING_KEY"' out

test_done
