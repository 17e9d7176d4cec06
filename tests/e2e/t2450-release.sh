#!/bin/sh
# Releases: several deploys judged together, sent in their order, stopped at
# the first that fails.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
REPO=w

world_make w <<'YAML'
engines:
  box:
    type: sandbox
    script:
      - {service: ledger, version: 2.9.0, outcome: failed, category: APP, message: no}
      - {service: ledger, version: 2.5.0, after: 60s}
      - {service: ledger, version: 2.6.0, after: 60s}
YAML
sed -i -e '/^name: checkout$/a needs: [{service: ledger, min_version: 2.0.0}]' \
	-e 's/^environments: \[dev, prod\]/environments: [{name: dev, guardrails: {daily_deploy_quota: 5}}, prod]/' \
	w/policy/rest.yaml
repo_commit w 2026-03-01T09:00:00Z 'Needs' ana@example.com
for v in 1.0.0 1.1.0 1.2.0 1.3.0; do world_build w checkout $v; done
for v in 2.0.0 2.5.0 2.6.0 2.9.0; do world_build w ledger $v; done
repo_commit w 2026-03-02T07:00:00Z 'Builds' ci@example.com
test_run 0 'builds' dx 2026-03-02T07:30:00Z run

minute=0
# release NAME [EMAIL]: with the deploys on standard input, committed.
release() {
	minute=$((minute + 1))
	{
		printf 'kind: release\nsummary: Release %s\ndeploys:\n' "$1"
		cat
	} >"w/intents/$1.yaml"
	repo_commit w "2026-03-02T08:$(printf %02d $minute):00Z" "Release $1" "${2:-bo@example.com}"
}
decided() {
	jq -r '.decisions[] | ([.intent, .decision, .code // "-"] | join(" ")),
		(.items // [] | .[] | ["-", .service, .environment, .version, .decision, .code // "-",
		(.after | join(",")), (.deployment | if . then "\(.number) \(.state)" else "none" end)] | join(" "))' out
}

# --- in order -----------------------------------------------------------------

release one <<'YAML'
  - {service: checkout, environment: dev, version: 1.0.0, after: [ledger]}
  - {service: ledger, environment: dev, version: 2.0.0}
YAML
test_run 0 'check judges a release as a whole' \
	dx 2026-03-02T09:00:00Z check --format json
decided >got
cat >want <<'END'
intents/one.yaml allow -
- checkout dev 1.0.0 wait CONCURRENCY_LIMIT_REACHED ledger none
- ledger dev 2.0.0 allow -  none
END
test_same 'what a later member needs and lacks comes with the members before it' want got
test_run 0 'a run sends one after the other' \
	dx 2026-03-02T09:00:00Z run --format json --format text=text
decided >got
cat >want <<'END'
intents/one.yaml allow -
- checkout dev 1.0.0 wait CONCURRENCY_LIMIT_REACHED ledger 2 SUCCEEDED
- ledger dev 2.0.0 allow -  1 SUCCEEDED
END
test_same 'to its end' want got
test_jq 'each has a token of its own' '[.decisions[].items[].token] | unique | length == 2'
test_jq 'and none is told twice' '.followed == []'
cat >want <<'END'
ALLOWED  intents/one.yaml
  deploys   checkout 1.0.0 to dev  (group payments): SUCCEEDED, deployment 2
  deploys   ledger 2.0.0 to dev  (group payments): SUCCEEDED, deployment 1
END
head -3 text >got
test_same 'as text' want got
dx 2026-03-02T09:00:00Z show 2 --format json >out
test_jq 'a deployment shows the decision of its release' \
	'.decision.kind == "release" and (.decision.items | length == 2)'
test_run 0 'the next run' dx 2026-03-02T09:01:00Z run --format json
test_jq 'has nothing to do' '.decisions == [] and .followed == []'

# --- over several runs ----------------------------------------------------------

release two <<'YAML'
  - {service: ledger, environment: dev, version: 2.5.0}
  - {service: checkout, environment: dev, version: 1.1.0, after: [ledger]}
YAML
test_run 0 'the first member takes its time' dx 2026-03-02T09:10:00Z run --format json
test_jq 'the second is not sent' '[.decisions[].items[] | .deployment.state] == ["IN_PROGRESS", null]'
world_deploy w checkout dev 1.2.0 </dev/null
repo_commit w 2026-03-02T09:10:10Z 'Deploy' bo@example.com
test_run 0 'meanwhile the slot is taken' dx 2026-03-02T09:10:20Z run --format json
test_jq 'so another deploy waits' '.decisions[0].code == "CONCURRENCY_LIMIT_REACHED"'
test_run 0 'when it has ended' dx 2026-03-02T09:11:00Z run --format json
test_jq 'both go, one in this run' '[.followed[] | [.service, .version, .state]] |
	index([["ledger", "2.5.0", "SUCCEEDED"]]) != null'
test_run 0 'and the other after it' dx 2026-03-02T09:12:00Z run --wait 5m --format json
dx 2026-03-02T09:20:00Z log --format json >out
test_jq 'so that all have ended' '[.deployments[] | select(.state != "SUCCEEDED")] == [] and
	([.deployments[].version] | index("1.1.0") != null and index("1.2.0") != null)'

# --- a failure, a cancel --------------------------------------------------------

release three <<'YAML'
  - {service: ledger, environment: prod, version: 2.9.0}
  - {service: checkout, environment: prod, version: 1.2.0, after: [ledger]}
YAML
test_run 1 'a member fails' dx 2026-03-02T10:00:00Z run --format json
test_jq 'nothing more of the release is sent' '[.decisions[].items[] | .deployment.state] == ["FAILED", null]'
test_run 0 'nor later' dx 2026-03-02T10:01:00Z run --wait 5m --format json
test_jq 'ever' '.decisions == [] and .followed == []'
release four <<'YAML'
  - {service: ledger, environment: prod, version: 2.6.0}
  - {service: checkout, environment: prod, version: 1.2.0, after: [ledger]}
YAML
test_run 0 'a release runs' dx 2026-03-02T10:10:00Z run
printf 'kind: cancel\nof: intents/four.yaml\nsummary: Stop\n' >w/intents/stop.yaml
repo_commit w 2026-03-02T10:10:10Z 'Stop' bo@example.com
test_run 0 'and is canceled' dx 2026-03-02T10:10:20Z run --format json
dx 2026-03-02T10:20:00Z run >/dev/null
dx 2026-03-02T10:20:00Z log --format json >out
test_jq 'what runs is stopped, and the rest not sent' \
	'[.deployments[] | select(.intent.path == "intents/four.yaml") | .state] == ["CANCELED"]'

# --- what is wrong --------------------------------------------------------------

release circle <<'YAML'
  - {service: ledger, environment: prod, version: 2.0.0, after: [checkout]}
  - {service: checkout, environment: prod, version: 1.2.0, after: [ledger]}
YAML
release outside <<'YAML'
  - {service: ledger, environment: prod, version: 2.0.0, after: [player]}
YAML
release twice <<'YAML'
  - {service: ledger, environment: prod, version: 2.0.0}
  - {service: ledger, environment: prod, version: 2.5.0}
YAML
test_run 3 'releases without an order' dx 2026-03-02T11:00:00Z run --format json
jq -r '.decisions[] | [.intent, .decision, .code, .message, .at.line, .at.column] |
	map(tostring) | join(" ")' out >got
cat >want <<'END'
intents/circle.yaml deny INVALID_REQUEST ledger waits for itself: "after" goes in a circle 4 65
intents/outside.yaml deny INVALID_REQUEST "player" is not a service of the release 4 66
intents/twice.yaml deny INVALID_REQUEST the release deploys ledger to prod already 5 15
END
test_same 'are refused at the place' want got
git -C w rm -q intents/circle.yaml intents/outside.yaml intents/twice.yaml
git -C w commit -qm Gone

release five <<'YAML'
  - {service: ledger, environment: prod, version: 2.0.0}
  - {service: checkout, environment: prod, version: 7.7.7}
YAML
release six <<'YAML'
  - {service: ledger, environment: prod, version: 2.0.0}
  - {service: player, environment: dev, version: 1.0.0}
YAML
test_run 1 'a member that may not go' dx 2026-03-02T12:00:00Z run --format json
decided >got
cat >want <<'END'
intents/five.yaml deny VERSION_NOT_FOUND
- ledger prod 2.0.0 allow -  none
- checkout prod 7.7.7 deny VERSION_NOT_FOUND  none
intents/six.yaml deny DELIVERY_GROUP_SCOPE_REQUIRED
- ledger prod 2.0.0 allow -  none
- player dev 1.0.0 deny DELIVERY_GROUP_SCOPE_REQUIRED  none
END
test_same 'stops all of it, and costs nothing' want got
release seven <<'YAML'
  - {service: ledger, environment: dev, version: 2.0.0}
  - {service: checkout, environment: dev, version: 1.2.0}
YAML
test_run 0 'a quota that is enough for one of two' dx 2026-03-02T13:00:00Z run --format json
decided >got
cat >want <<'END'
intents/seven.yaml wait QUOTA_EXCEEDED
- ledger dev 2.0.0 wait QUOTA_EXCEEDED  none
- checkout dev 1.2.0 wait QUOTA_EXCEEDED  none
END
test_same 'lets none go' want got
test_jq 'until the next day' '.decisions[0].nextAllowedAt == "2026-03-03T00:00:00Z"'
printf 'kind: cancel\nof: intents/seven.yaml\nsummary: No more\n' >w/intents/stop-7.yaml
repo_commit w 2026-03-02T13:10:00Z 'Stop 7' bo@example.com
test_run 1 'a waiting release is withdrawn' dx 2026-03-02T13:20:00Z run --format json
test_jq 'for good' '[.decisions[] | select(.kind == "release") | .code] == ["INTENT_WITHDRAWN"]'
test_run 0 'the ledger is sound' dx 2026-03-02T13:30:00Z ledger verify
test_run 0 'the site renders' dx 2026-03-02T13:30:00Z render --out site
test_done
