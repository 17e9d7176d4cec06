#!/bin/sh
# A render that goes on from the last one writes what a render from nothing
# would: after every kind of event, and when a time comes that a page names.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/rerender.sh"
REPO=w

world_make w <<'YAML'
timezone: Europe/Berlin
engines:
  box:
    type: sandbox
    after: 4m
    script:
      - {service: checkout, version: 1.2.0, outcome: failed, after: 90s, category: APP, message: 'not ready'}
      - {service: checkout, version: 1.3.0, environment: prod, outcome: failed, after: 90s, category: APP, message: 'not ready'}
      - {service: player, outcome: hang}
site: {title: Acme, base_url: 'https://acme.example/', repository_url: 'https://github.com/acme/delivery'}
YAML
cat >>w/policy/rest.yaml <<'YAML'
---
kind: window
id: office
type: allow
scope: {environments: [prod], services: [ledger]}
when: {weekly: {days: [mon, tue, wed, thu, fri], from: '08:00', to: '16:00'}}
YAML
sed -i 's/^name: prod$/&\nguardrails: {daily_deploy_quota: 3}/' w/policy/rest.yaml
repo_commit w 2026-03-01T08:00:00Z 'Policy' ana@example.com

same 2026-03-01T08:00:00Z 'nothing recorded yet'
all=$(jq .made made.json)
same 2026-03-01T08:00:00Z 'nothing changed'
few 0
for version in 1.0.0 1.1.0 1.2.0 1.3.0; do world_build w checkout $version; done
world_build w ledger 2.0.0
world_build w ledger 2.1.0
world_build w player 3.0.0
step 2026-03-02T06:30:00Z ci@example.com 'builds'
world_deploy w checkout dev 1.0.0 </dev/null
step 2026-03-02T07:00:00Z bo@example.com 'a deployment'
world_deploy w checkout prod 1.0.0 </dev/null
step 2026-03-02T07:30:00Z bo@example.com 'one to production'
few $((all * 2 / 3))
same 2026-03-02T07:31:00Z 'a minute later'
world_deploy w checkout dev 1.1.0 </dev/null
step 2026-03-02T08:00:00Z bo@example.com 'one that replaces another'
world_deploy w checkout dev 1.2.0 </dev/null
step 2026-03-02T08:30:00Z bo@example.com 'one that fails'
world_deploy w checkout prod 1.3.0 </dev/null
step 2026-03-02T09:00:00Z bo@example.com 'another that fails so'
world_deploy w ledger prod 2.0.0 </dev/null
step 2026-03-02T10:00:00Z bo@example.com 'another service of the group'
world_deploy w checkout prod 1.1.0 </dev/null
step 2026-03-02T11:00:00Z bo@example.com 'one that waits for a quota'
world_deploy w checkout prod 9.9.9 </dev/null
step 2026-03-02T12:00:00Z bo@example.com 'one that is denied'
same 2026-03-02T15:30:00Z 'a window has closed'
step 2026-03-03T05:00:00Z bo@example.com 'a day later it goes'
same 2026-03-03T07:30:00Z 'a window has opened'
intent intents/checkout/back.yaml <<'YAML'
kind: rollback
service: checkout
environment: prod
summary: Back
YAML
step 2026-03-03T08:00:00Z bo@example.com 'a rollback'
intent intents/checkout/hold.yaml <<'YAML'
kind: hold
service: checkout
environment: prod
version: 1.1.0
until: 2026-03-03T10:00:00Z
summary: Not again
YAML
step 2026-03-03T08:30:00Z bo@example.com 'a hold'
same 2026-03-03T10:00:00Z 'it is over'
world_deploy w player dev 3.0.0 </dev/null
step 2026-03-03T11:00:00Z cy@example.com 'one that does not end'
intent intents/incident.yaml <<'YAML'
kind: incident
service: checkout
environment: prod
started_at: 2026-03-02T11:05:00Z
summary: No payments
YAML
step 2026-03-03T11:30:00Z ana@example.com 'an incident'
printf 'kind: cancel\nof: intents/player/deploy-3.0.0-dev.yaml\nsummary: Enough\n' |
	intent intents/player/cancel.yaml
step 2026-03-03T12:00:00Z cy@example.com 'a cancel'
intent intents/together.yaml <<'YAML'
kind: release
summary: Both
deploys:
  - {service: checkout, environment: dev, version: 1.1.0}
  - {service: ledger, environment: dev, version: 2.1.0, after: [checkout]}
YAML
step 2026-03-03T12:30:00Z bo@example.com 'a release'
dx 2026-03-03T12:40:00Z run --wait 5m >said 2>&1
same 2026-03-03T12:40:00Z 'it ends'
intent intents/ledger/up.yaml <<'YAML'
kind: promote
service: ledger
from: dev
to: prod
summary: Up
YAML
step 2026-03-03T13:00:00Z bo@example.com 'a promotion'

world_deploy w checkout dev 1.0.0 again </dev/null
step 2026-04-01T05:00:00Z bo@example.com 'a month later'
sed -i 's/name: Payments/name: Money/' w/policy/rest.yaml
step 2026-04-01T06:00:00Z ana@example.com 'another policy'
world_deploy w checkout dev 1.1.0 once-more </dev/null
step 2026-04-01T07:00:00Z bo@example.com 'one by it'
few 150
: >w/README
repo_commit w 2026-04-01T08:00:00Z 'Readme' ana@example.com
same 2026-04-01T08:00:00Z 'a commit that is about something else'
few 150

# What somebody did to the folder, and what a killed render leaves.
echo spoilt >site/index.html
same 2026-04-01T08:00:00Z 'a spoilt page'
rm site/deployments/3/index.html
same 2026-04-01T08:00:00Z 'a page that went'
sed -i 's/^inputs .*/inputs unfinished/' site/.dxcp-render
same 2026-04-01T08:00:00Z 'a render that was killed'
same 2026-03-31T08:00:00Z 'an earlier time'
# History from elsewhere, enough for months of several parts, then on.
awk 'BEGIN { for (i = 0; i < 799; i++) printf "{\"service\":\"%s\",\"environment\":\"prod\",\"version\":\"0.%d.0\",\"time\":\"2026-01-%02dT%02d:%02d:00Z\",\"outcome\":\"%s\",\"actor\":\"x\",\"message\":\"m\"}\n",
	i % 3 ? "checkout" : "old", i, 1 + i / 30, i % 24, i % 60, i % 7 ? "succeeded" : "failed" }' >history.jsonl
dx 2026-04-02T14:00:00Z ledger import history.jsonl >said 2>&1
same 2026-04-02T14:00:00Z 'history from elsewhere'
for i in 1 2 3; do
	printf '{"service":"old","environment":"prod","version":"1.%d.0","time":"2026-01-31T2%d:00:00Z","outcome":"succeeded","actor":"x","message":"m"}\n' $i $i >more.jsonl
	dx 2026-04-02T15:0$i:00Z ledger import more.jsonl >said 2>&1
	same 2026-04-02T15:0$i:00Z "one more, $i"
	few 150
done
rm -rf w/.dxcp
same 2026-04-02T16:00:00Z 'a ledger that is not the one of before'
test_done
