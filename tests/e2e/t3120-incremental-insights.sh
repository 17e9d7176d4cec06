#!/bin/sh
# The pages of figures, rendered on from the last time: facts that come late
# change weeks that are over, time alone changes periods by the hour, and a
# group's pages stay as they are while others deploy.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/rerender.sh"
REPO=w

world_make w <<'YAML'
timezone: Europe/Berlin
waiting_expires_after: 500h
engines:
  box:
    type: sandbox
    after: 4m
    script:
      - {service: checkout, version: 1.2.0, outcome: failed, after: 90s, category: APP, message: 'not ready'}
site: {title: Acme}
YAML
sed -i 's/routes: {dev: standard}/routes: {dev: standard, prod: standard}/
	s/environments: \[dev\]/environments: [dev, prod]/' w/policy/rest.yaml
repo_commit w 2026-03-01T09:00:00Z 'Media go to production' ana@example.com

# pages PATTERN: how many of the site's pages of figures the last render wrote.
mark() { find site/insights site/api/v1/insights -type f -exec touch -d 2001-01-01 {} +; }
pages() { find site/insights -name index.html -path "$1" -newermt 2002-01-01 | wc -l; }

for version in 1.0.0 1.1.0 1.2.0 1.3.0; do world_build w checkout $version; done
world_build w ledger 2.0.0
world_build w ledger 2.1.0
world_build w player 3.0.0
world_build w player 3.1.0
step 2026-03-02T06:30:00Z ci@example.com 'builds'
world_deploy w checkout prod 1.0.0 </dev/null
step 2026-03-02T07:00:00Z bo@example.com 'the first to production'
world_deploy w ledger prod 2.0.0 </dev/null
step 2026-03-04T07:00:00Z bo@example.com 'another, two days later'
world_deploy w player prod 3.0.0 </dev/null
step 2026-03-04T07:20:00Z cy@example.com 'the first of another group'
world_deploy w checkout prod 1.1.0 </dev/null
mark
step 2026-03-04T07:40:00Z bo@example.com 'one within the hour'
test_ok 'its group has pages made, the other none' test '5 0' = \
	"$(pages '*/payments/*') $(pages '*/media/*')"
mark
same 2026-03-04T07:59:59Z 'the last second of the hour'
test_ok 'nothing of it is on these pages' test 0 = \
	"$(pages '*')"
same 2026-03-04T08:00:00Z 'the next hour'
test_ok 'these are on all' test '5 5' = \
	"$(pages '*/payments/*') $(pages '*/media/*')"

intent intents/ledger/later.yaml <<'YAML'
kind: deploy
service: ledger
environment: prod
version: 2.1.0
not_before: 2026-03-18T09:00:00Z
summary: In two weeks
YAML
step 2026-03-05T10:00:00Z bo@example.com 'one that waits for weeks'
same 2026-03-06T22:59:00Z 'a minute before midnight there'
same 2026-03-06T23:00:00Z 'a day turns'
world_deploy w player prod 3.1.0 </dev/null
step 2026-03-09T08:00:00Z cy@example.com 'a week turns while it waits'
world_deploy w checkout prod 1.2.0 </dev/null
step 2026-03-09T08:10:00Z bo@example.com 'one that fails'
world_deploy w checkout prod 1.3.0 </dev/null
step 2026-03-16T09:00:00Z bo@example.com 'one that ends the failure, a week later'
dx 2026-03-18T09:30:00Z run --wait 5m >said 2>&1
mark
same 2026-03-18T09:30:00Z 'the wait is over'
test_ok 'which the week of its beginning tells' test 1 = \
	"$(pages '*/2026-w10/*')"

# Facts that come late.
intent intents/incident.yaml <<'YAML'
kind: incident
service: player
environment: prod
started_at: 2026-03-10T11:05:00Z
resolved_at: 2026-03-10T12:05:00Z
summary: No pictures
YAML
step 2026-03-26T11:30:00Z ana@example.com 'an incident of a past week'
intent intents/known.yaml <<'YAML'
kind: incident
service: checkout
environment: prod
started_at: 2026-03-02T11:05:00Z
caused_by: 1
summary: No payments
YAML
step 2026-03-26T12:00:00Z ana@example.com 'one of a past deployment'
intent intents/checkout/back.yaml <<'YAML'
kind: rollback
service: checkout
environment: prod
summary: Back
YAML
step 2026-03-30T08:00:00Z bo@example.com 'a rollback of what two weeks ago was fine'
world_build w checkout 1.4.0
step 2026-03-30T08:30:00Z ci@example.com 'a build'
world_deploy w checkout prod 1.4.0 </dev/null
step 2026-04-01T05:00:00Z bo@example.com 'a month and a quarter later'
same 2026-06-30T22:00:00Z 'a quarter turns, and nothing happened'
world_deploy w checkout prod 1.0.0 again </dev/null
step 2026-07-01T05:00:00Z bo@example.com 'then something does'

# Another policy and the old one again, with no render between.
sed -i 's/name: Media/name: Pictures/' w/policy/rest.yaml
repo_commit w 2026-07-01T06:00:00Z 'Other' ana@example.com
world_deploy w checkout prod 1.1.0 by-other </dev/null
repo_commit w 2026-07-01T06:00:00Z 'Deploy' bo@example.com
dx 2026-07-01T06:00:00Z run --wait 5m >said 2>&1
sed -i 's/name: Pictures/name: Media/' w/policy/rest.yaml
repo_commit w 2026-07-01T06:10:00Z 'As it was' ana@example.com
world_deploy w player prod 3.0.0 again </dev/null
repo_commit w 2026-07-01T06:10:00Z 'Deploy' cy@example.com
dx 2026-07-01T06:20:00Z run --wait 5m >said 2>&1
same 2026-07-01T06:20:00Z 'another policy, and the old one again'
printf '{"service":"ledger","environment":"prod","version":"1.0.0","time":"2026-03-03T20:00:00Z","outcome":"failed","actor":"x","message":"m"}\n' >more.jsonl
dx 2026-07-01T07:00:00Z ledger import more.jsonl >said 2>&1
same 2026-07-01T07:00:00Z 'one from elsewhere, of a past week'
same 2027-01-01T00:00:00Z 'a year turns'
test_done
