#!/bin/sh
# The commands that write the other intents, and what they ask at a terminal.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
REPO=w

world_make w <<'YAML'
engines: {box: {type: sandbox}}
defaults: {guardrails: {max_concurrent_deployments: 2}}
YAML
git -C w config user.name Bo && git -C w config user.email bo@example.com
for version in 1.0.0 1.1.0; do
	world_build w checkout $version
	world_build w ledger $version
done
repo_commit w 2026-03-02T07:00:00Z 'Builds' ci@example.com
dx 2026-03-02T07:00:00Z run >/dev/null 2>&1
name=20260302T080000Z

# --- release ---------------------------------------------------------------------

test_run 0 'a release' dx 2026-03-02T08:00:00Z release prod ledger@1.0.0 checkout@1.0.0 \
	--in-order -s 'Payments one' --ticket PAY-1 --commit
cat >want <<'YAML'
kind: release
summary: Payments one
ticket: PAY-1
deploys:
  - service: ledger
    environment: prod
    version: 1.0.0
  - service: checkout
    environment: prod
    version: 1.0.0
    after: [ledger]
YAML
test_same 'is written' want w/intents/$name-release-prod.yaml
test_ok 'and what a run would decide' grep -q '^ALLOWED ' out
git -C w log -1 --format=%s >got
echo 'Release ledger 1.0.0, checkout 1.0.0 to prod' >want
test_same 'and committed' want got
test_run 0 'a run takes it' dx 2026-03-02T08:01:00Z run --wait 1m
test_run 0 'with an order of its own' dx 2026-03-02T08:00:00Z release prod checkout@1.1.0 \
	ledger@1.1.0 --after checkout=ledger -s 'Payments two' --dry-run
test_ok 'which stands in the file' grep -qx '  |     after: \[ledger\]' out
test_run 1 'a circle' dx 2026-03-02T08:00:00Z release prod checkout@1.1.0 ledger@1.1.0 \
	--after checkout=ledger --after ledger=checkout -s x --dry-run
test_ok 'is denied' grep -q 'goes in a circle' out
test_run 2 'a member without version' dx 2026-03-02T08:00:00Z release prod checkout -s x
test_run 2 'one twice' dx 2026-03-02T08:00:00Z release prod checkout@1.1.0 checkout@1.0.0 -s x
test_run 2 'a service that is none' dx 2026-03-02T08:00:00Z release prod chekout@1.1.0 -s x
test_ok 'did you mean' grep -q 'did you mean checkout' err
test_run 2 'after what is not of the release' dx 2026-03-02T08:00:00Z release prod \
	checkout@1.1.0 --after checkout=ledger -s x
test_run 2 'no member' dx 2026-03-02T08:00:00Z release prod

test_run 0 'a release can be approved' dx 2026-03-02T08:30:00Z approve \
	intents/$name-release-prod.yaml --dry-run
test_ok 'by a file beside it' grep -q "would write intents/20260302T083000Z-approve-$name-release-prod.yaml" out
test_run 2 'what is no path' dx 2026-03-02T08:30:00Z cancel checkout/x.yaml -s x
test_run 2 'no service' dx 2026-03-02T08:30:00Z deploy '' dev 1.0.0 -s x

# --- incidents -------------------------------------------------------------------

test_run 2 'none is open' dx 2026-03-02T09:00:00Z incident checkout prod --resolve
test_ok 'so that none can be resolved' grep -q 'no incident of checkout in prod is open' err
test_run 0 'an incident' dx 2026-03-02T09:00:00Z incident checkout prod -s 'Totals are wrong' \
	--caused-by 2 --severity high --commit
cat >want <<'YAML'
kind: incident
service: checkout
environment: prod
started_at: 2026-03-02T09:00:00Z
caused_by: 2
severity: high
summary: Totals are wrong
YAML
test_same 'begins now' want w/intents/checkout/20260302T090000Z-incident-prod.yaml
test_run 0 'a run records it' dx 2026-03-02T09:05:00Z run
test_run 0 'its end' dx 2026-03-02T10:00:00Z incident checkout prod --resolve --commit
cat >want <<'YAML'
kind: incident
service: checkout
environment: prod
started_at: 2026-03-02T09:00:00Z
resolved_at: 2026-03-02T10:00:00Z
caused_by: 2
severity: high
summary: "Resolved: Totals are wrong"
YAML
test_same 'is the same once more' want w/intents/checkout/20260302T100000Z-incident-prod-resolved.yaml
test_run 0 'a run records that too' dx 2026-03-02T10:05:00Z run
test_run 2 'then' dx 2026-03-02T11:00:00Z incident checkout prod --resolve
test_ok 'none is open' grep -q 'is open' err
test_run 2 'nor one of another beginning' dx 2026-03-02T11:00:00Z incident checkout prod \
	--resolve --started-at 2026-03-02T08:00:00Z
test_run 1 'a deployment of another place' dx 2026-03-02T11:00:00Z incident ledger prod \
	--caused-by 2 -s x --dry-run
test_ok 'did not cause it' grep -q 'NOT_FOUND' out

# --- at a terminal ---------------------------------------------------------------

# at_terminal ANSWERS TIME ARGUMENT...: with a terminal, and these lines typed.
at_terminal() {
	at_answers=$1 at_now=$2
	shift 2
	printf '%b' "$at_answers" | CI='' TERM=dumb script -qec \
		"'$DXCP' -C w --now $at_now $*" /dev/null | tr -d '\r' >said
}
world_deploy w checkout prod 1.1.0 next </dev/null
repo_commit w 2026-03-02T12:00:00Z 'Next' bo@example.com
dx 2026-03-02T12:00:00Z run >/dev/null 2>&1
if script -qec true /dev/null >/dev/null 2>&1; then
	at_terminal '\n\n\n\n' 2026-03-02T13:00:00Z rollback
	test_ok 'a rollback asks for the service, as deployed last' grep -q '^Service \[checkout\]: ' said
	test_ok 'and the environment' grep -q 'Environment \[prod\]: ' said
	test_ok 'it proposes the version before' grep -q \
		'back to 1.0.0 (deployment 2), the success before 1.1.0 (deployment 3)' said
	file=w/intents/checkout/20260302T130000Z-rollback-prod-to-1.0.0.yaml
	test_ok 'and takes it' grep -qx 'to_version: 1.0.0' $file
	test_ok 'with a summary of its own' grep -qx 'summary: Roll back checkout prod to 1.0.0' $file
	rm -f $file
	at_terminal 'ledger\nprod\n0.9.0\nIt is slow\n' 2026-03-02T13:00:00Z rollback
	test_ok 'what is typed counts' grep -q '^NOT\|DENIED' said
	rm -f w/intents/*/20260302T130000Z*
	at_terminal 'checkout\ndev\n1.1.0\nTry it\n' 2026-03-02T13:00:00Z deploy
	test_ok 'a deploy asks for all it needs' grep -qx 'summary: Try it' \
		w/intents/checkout/20260302T130000Z-deploy-1.1.0-dev.yaml
	at_terminal '1.1.0\nOnce more\n' 2026-03-02T13:00:00Z deploy checkout dev
	test_ok 'or for what is missing' grep -qx 'summary: Once more' \
		w/intents/checkout/20260302T130000Z-deploy-1.1.0-dev-2.yaml
	rm -f w/intents/*/20260302T130000Z*
	at_terminal '' 2026-03-02T13:00:00Z rollback --no-input
	test_ok 'with --no-input nothing is asked' grep -q 'rollback wants SERVICE ENVIRONMENT' said
else
	test_skip 'questions at a terminal' 'no pseudo-terminal can be made here'
fi
printf 'y\n' >yes
test_run 2 'nor without a terminal' dx 2026-03-02T13:00:00Z rollback <yes
test_ok 'but said' grep -q 'rollback wants SERVICE ENVIRONMENT' err
test_ok 'nothing was written by that' test -z "$(git -C w status --porcelain)"

test_done
