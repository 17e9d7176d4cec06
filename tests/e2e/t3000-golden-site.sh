#!/bin/sh
# A small world, rendered and compared with tests/golden/site/. The diff of a
# change shows what it does to the pages: `make golden` rewrites them, and then
# git diff is to be read. The pages of the codes, the guide, the audit, the
# indexes of words, the assets, most figures and the twins that are the pages' data are many,
# alike or copies: of these there is a count and a digest.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
REPO=w
GOLDEN_DIR=$TOP/tests/golden

# Its own policy, so that no other test changes these pages.
repo_make w
echo /.dxcp/ >w/.gitignore
mkdir -p w/policy
cat >w/policy/all.yaml <<'YAML'
kind: platform
name: Acme delivery
timezone: Europe/Berlin
engines:
  box:
    type: sandbox
    after: 4m
    script:
      - service: checkout
        version: 1.5.0
        outcome: failed
        after: 90s
        category: APP
        message: readiness probe failed
site: {title: Acme delivery, repository_url: https://github.com/acme/delivery}
---
kind: roles
platform_admin: [ana@example.com]
ci_publisher: [ci@example.com]
---
kind: environment
name: staging
type: non_prod
---
kind: environment
name: prod
type: prod
guardrails: {daily_deploy_quota: 1}
---
kind: service
name: checkout
description: Takes the payment at the end of an order.
owner: payments-team
recipes: [standard]
routes: {staging: standard, prod: standard}
artifact_sources: ["s3://acme/checkout/"]
---
kind: service
name: ledger
recipes: [standard]
routes: {staging: standard, prod: standard}
artifact_sources: ["s3://acme/ledger/"]
---
kind: group
id: payments
name: Payments
owners: [bo@example.com]
services: [checkout, ledger]
environments: [staging, prod]
recipes: [standard]
---
kind: recipe
id: standard
name: Standard
revision: 2
summary: Replaces the running version step by step.
engine: box
timeout: 30m
YAML
repo_commit w 2026-03-01T08:00:00Z 'Policy' ana@example.com

# step NOW TITLE: all changes committed, by an owner, and run.
step() {
	repo_commit w "$1" "$2" bo@example.com
	dx "$1" run --wait 5m >out 2>&1
}
world_build w checkout 1.4.0
world_build w checkout 1.5.0
world_build w ledger 2.0.0
repo_commit w 2026-03-01T09:00:00Z 'Builds' ci@example.com
world_deploy w checkout staging 1.4.0 </dev/null
step 2026-03-02T08:00:00Z 'Try the new basket'
world_deploy w checkout prod 1.4.0 <<'YAML'
ticket: PAY-40
reason: planned
YAML
step 2026-03-02T10:00:00Z 'New basket for everybody'
world_deploy w checkout staging 1.5.0 <<'YAML'
ticket: PAY-42
YAML
step 2026-03-02T11:00:00Z 'Fix rounding'
world_deploy w ledger staging 2.0.0 </dev/null
world_deploy w ledger prod 2.0.0 </dev/null
world_deploy w ledger prod 2.1.0 </dev/null
step 2026-03-02T12:00:00Z 'Ledger, everywhere'
dx 2026-03-02T12:30:00Z log --format json >out
test_jq 'the world is as it is meant to be' '[.deployments[] | [.number, .service,
	.environment, .state]] == [[4, "ledger", "staging", "SUCCEEDED"],
	[3, "checkout", "staging", "FAILED"], [2, "checkout", "prod", "SUCCEEDED"],
	[1, "checkout", "staging", "SUCCEEDED"]]'
dx 2026-03-02T12:30:00Z status --format json >out
test_jq 'with one that waits' '[.waiting[] | [.service, .code]] == [["ledger", "QUOTA_EXCEEDED"]]'

test_run 0 'render' dx 2026-03-02T12:30:00Z render --out site
address='[A-Za-z0-9._%+-]+@[A-Za-z][A-Za-z0-9.-]*\.[A-Za-z]{2,}'
test_not 'no e-mail address stands in any file, but for examples in the guide' \
	grep -rnE --exclude-dir=guide "$address" site
test_ok 'who acted is shown by what is before the @' grep -q '<div class="by">bo</div>' site/index.html
mkdir many
for part in assets audit codes find glossary guide; do
	[ ! -e site/$part ] || mv site/$part many
done
# Of the figures the last 30 days of all groups are enough to read.
mkdir -p many/insights/api
for part in site/insights/* site/insights/30d/payments; do
	[ "$part" = site/insights/30d ] || mv "$part" many/insights
done
for part in site/api/v1/insights/*; do
	[ "$part" = site/api/v1/insights/30d.json ] || mv "$part" many/insights/api
done
mkdir many/twins
(cd site && find . -name index.json ! -path './api/*' | sort) | while read -r twin; do
	mkdir -p "many/twins/$(dirname "$twin")" && mv "site/$twin" "many/twins/$twin"
done
mv site/.dxcp-render stamp
test_ok 'the pages of the codes are there' test "$(find many/codes -type f | wc -l)" -gt 60
# Every page names the style by its digest: a change of it is none of theirs.
find site -name '*.html' -exec sed -i -E 's,/site-[0-9a-f]{8}\.,/site-DIGEST.,' {} +
find many -name '*.html' -exec sed -i -E 's,/site-[0-9a-f]{8}\.,/site-DIGEST.,' {} +
(cd many && for part in *; do
	printf '%s %s %s\n' "$part" "$(find "$part" -type f | wc -l)" \
		"$(find "$part" -type f | sort | xargs sha256sum | sha256sum | cut -c 1-16)"
done) >digests
test_ok 'what is compared is small' \
	test "$(find site -type f -exec cat {} + | wc -c)" -lt 400000
test_same 'the pages are as expected' "$GOLDEN_DIR/site" site
test_same 'and so are the others' "$GOLDEN_DIR/site.digests" digests
test_ok 'the stamp lists them all' test "$(grep -c '^[CH] ' stamp)" = \
	"$(find site many -type f | wc -l)"
test_done
