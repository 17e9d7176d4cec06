#!/bin/sh
# Figures by dxcp insights: lead times of the commits between builds, the
# command's formats, windows and refusals. What each figure is, is held against
# tests/insights/ by test_insight.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
REPO=w

# change DATE FILE: a commit of the service's code; prints its id.
change() {
	echo "$1" >"src/$2" && git -C src add "$2" &&
		GIT_AUTHOR_DATE=$1 GIT_COMMITTER_DATE=$1 \
			git -C src -c user.name=A -c user.email=a@example.com \
			commit -qm "$2" && git -C src rev-parse HEAD
}
# build VERSION COMMIT
build() {
	world_build w checkout "$1"
	sed -i "s/^commit: .*/commit: $2/" "w/intents/checkout/build-$1.yaml"
}
# deploy DATE VERSION [LINE...]: to prod, by a run of its own.
deploy() {
	name="d$(echo "$1" | tr -dc 0-9)"
	printf '%s\n' "${3:-}" | world_deploy w checkout prod "$2" "$name"
	repo_commit w "$1" "Deploy $2" bo@example.com
	dx "$1" run >/dev/null
}

world_make w <<'YAML'
timezone: UTC
engines: {box: {type: sandbox}}
YAML
sed -i 's|^name: checkout$|&\nrepository: ../src|' w/policy/rest.yaml
repo_commit w 2026-03-01T08:10:00Z 'Where the code is' ana@example.com

# --- the source --------------------------------------------------------------
#
#	c1 --- c2 --- c4 ----- m --- c6       main
#	        \             /
#	         c3 -- c5 ---'
#
# c5 has a committer date after its deployment, as after a clock that was wrong.

git init -q -b main src
c1=$(change 2026-03-01T09:00:00Z one)
c2=$(change 2026-03-02T09:00:00Z two)
git -C src checkout -q -b side
change 2026-03-03T06:00:00Z three >/dev/null
change 2026-03-20T00:00:00Z five >/dev/null
git -C src checkout -q main
change 2026-03-03T08:00:00Z four >/dev/null
GIT_AUTHOR_DATE=2026-03-03T09:00:00Z GIT_COMMITTER_DATE=2026-03-03T09:00:00Z \
	git -C src -c user.name=A -c user.email=a@example.com \
	merge -q --no-ff -m Merge side
m=$(git -C src rev-parse HEAD)
c6=$(change 2026-03-05T07:00:00Z six)

build 1.0.0 "$c1"
build 1.1.0 "$c2"
build 1.2.0 "$m"
build 1.3.0 "$c6"
repo_commit w 2026-03-02T09:30:00Z 'Builds' ci@example.com
dx 2026-03-02T09:30:00Z run >/dev/null

# ask NOW [OPTION...]
ask() {
	at=$1
	shift
	dx "$at" insights --format json "$@"
}

# --- nothing yet --------------------------------------------------------------

test_run 0 'a ledger without deployments' ask 2026-03-02T10:00:00Z
test_jq 'every figure is "no data", none is 0' '[.metrics |
	.deploymentFrequency.perDay, .deploymentFrequency.medianDaysPerWeek,
	.changeLeadTime.medianSeconds, .changeFailRate.value,
	.failedDeploymentRecoveryTime.medianSeconds,
	.deploymentReworkRate.value, .rollbackRate.value] |
	all(. == null)'

# --- changes ------------------------------------------------------------------

deploy 2026-03-02T10:00:00Z 1.0.0
test_run 0 'after the first deployment' ask 2026-03-02T12:00:00Z
test_jq 'it delivered nothing that could be measured, and says so' \
	'.metrics.changeLeadTime | .n == 0 and .medianSeconds == null and
	.unmeasured == 1 and .basis == "commit"'
deploy 2026-03-02T11:00:00Z 1.1.0
test_run 0 'after the second' ask 2026-03-02T12:00:00Z
test_jq 'c2 took two hours' '.metrics.changeLeadTime |
	.n == 1 and .medianSeconds == 7200 and .basis == "commit"'
deploy 2026-03-03T10:00:00Z 1.2.0
test_run 0 'after a merge of two lines' ask 2026-03-03T12:00:00Z
test_jq 'c3 4 h and c4 2 h count, the merge does not, c5 is told' \
	'.metrics.changeLeadTime | .n == 3 and .medianSeconds == 7200 and
	.p90Seconds == 14400 and .anomalies == 1'

# --- back, and the same again -------------------------------------------------

cat >w/intents/checkout/back.yaml <<'YAML'
kind: rollback
service: checkout
environment: prod
reason: incident
summary: It was bad
YAML
repo_commit w 2026-03-04T10:00:00Z 'Back' bo@example.com
dx 2026-03-04T10:00:00Z run >/dev/null
deploy 2026-03-04T12:00:00Z 1.2.0 'reason: hotfix'
deploy 2026-03-05T10:00:00Z 1.3.0
test_run 0 'after it came again, and a new one' ask 2026-03-06T00:00:00Z
test_jq 'what came again is not counted again: c2, c3, c4 and c6' \
	'.metrics.changeLeadTime | .n == 4 and .medianSeconds == 7200 and
	.p75Seconds == 10800 and .p90Seconds == 14400'
test_jq 'one of five failed, and recovered with the rollback' '.metrics |
	.changeFailRate.failed == 1 and .changeFailRate.n == 5 and
	.changeFailRate.sources.rollback == 1 and
	.failedDeploymentRecoveryTime.medianSeconds == 86400'
test_jq 'the rollback and the hotfix were not planned' \
	'.metrics.deploymentReworkRate | .rework == 2 and .n == 6 and
	.unmarked == 4'
test_jq 'the rows behind the failure are named' '.failures |
	length == 1 and .[0].number == 3 and .[0].sources == ["rollback"] and
	.[0].recoveredAt == "2026-03-04T10:00:00Z"'
test_run 0 'as it was known before the rollback' ask 2026-03-06T00:00:00Z \
	--at 2026-03-04T09:59:59Z
test_jq 'nothing had failed' '.metrics.changeFailRate.failed == 0 and
	.asOf == "2026-03-04T09:59:59Z"'

# --- on the site --------------------------------------------------------------

dx 2026-03-06T00:00:00Z render --out site >/dev/null
test_ok 'a deployment says how many commits came with it' \
	grep -q '3 commits brought, merges left out' site/deployments/3/index.html
test_not 'not the first one, of which nobody knows' \
	grep -q 'commits\? brought' site/deployments/1/index.html
test_not 'nor one that took some back' \
	grep -q 'commits\? brought' site/deployments/4/index.html

# --- where the source is not at hand ------------------------------------------

mv src code.git
test_run 0 'without the source' ask 2026-03-06T00:00:00Z
test_jq 'it is the build lead time, and called so' \
	'.metrics.changeLeadTime | .basis == "build" and .n == 4'
git config --global "url.$PWD/code.git.insteadOf" https://code.example/shop
sed -i 's|^repository: .*|repository: https://code.example/shop|' \
	w/policy/rest.yaml
repo_commit w 2026-03-06T00:00:00Z 'Moved' ana@example.com
test_run 0 'a URL that was never fetched' ask 2026-03-06T00:00:00Z
test_jq 'is not asked' '.metrics.changeLeadTime.basis == "build"'
test_run 0 'with --fetch-sources' ask 2026-03-06T00:00:00Z --fetch-sources
test_jq 'it is cloned and read' '.metrics.changeLeadTime |
	.basis == "commit" and .n == 4'
mv code.git gone.git
test_run 0 'afterwards' ask 2026-03-06T00:00:00Z
test_jq 'the clone is enough' '.metrics.changeLeadTime.basis == "commit"'
test_run 4 'a fetch that fails' ask 2026-03-06T00:00:00Z --fetch-sources
test_ok 'says of what' grep -q 'https://code.example/shop could not be fetched' err

# --- windows and scopes ---------------------------------------------------------

test_run 0 'a window' ask 2026-03-06T00:00:00Z \
	--from 2026-03-02T00:00:00Z --to 2026-03-03T00:00:00Z
test_jq 'is as it was asked for, the one before as long' \
	'.from == "2026-03-02T00:00:00Z" and .to == "2026-03-03T00:00:00Z" and
	.metrics.deploymentFrequency.n == 2 and
	.previous.deploymentFrequency.n == 0 and
	.previous.deploymentFrequency.perDay == null'
test_run 0 'an ISO week' ask 2026-03-20T00:00:00Z --last 2026-w10
test_jq 'is Monday to Monday' '.from == "2026-03-02T00:00:00Z" and
	.to == "2026-03-09T00:00:00Z"'
test_run 0 'another environment' ask 2026-03-06T00:00:00Z -e dev
test_jq 'has its own' '.scope.environments == ["dev"] and
	.metrics.deploymentFrequency.perDay == null'
test_run 0 'a group' ask 2026-03-06T00:00:00Z -g media
test_jq 'has its own' '.scope.group == "media" and
	.metrics.deploymentFrequency.n == 0'
test_run 0 'a service' ask 2026-03-06T00:00:00Z -s checkout --recipe standard
test_jq 'has its own' '.scope.service == "checkout" and
	.metrics.deploymentFrequency.n == 5 and
	.deploymentsByRecipe == {"standard": 6}'
for by in group service environment recipe; do
	test_run 0 "by $by" ask 2026-03-06T00:00:00Z --by $by
	mv out by
	jq -r '.by | keys[]' by >names
	while read -r name; do
		ask 2026-03-06T00:00:00Z --$by "$name" >alone
		jq -S --arg name "$name" '.by[$name] | [.metrics, .previous]' by >one
		jq -S '[.metrics, .previous]' alone >two
		test_same "$name has what it has when asked alone" two one
	done <names
done
test_run 0 'by service, in words' dx 2026-03-06T00:00:00Z insights --by service
test_ok 'has a row for each' grep -q '^checkout .* a day *5 ' out
test_run 0 'as CSV' dx 2026-03-06T00:00:00Z insights --by service --format csv
test_ok 'too' grep -q '^checkout,5,0.172,' out
test_run 2 'by nothing that there is' ask 2026-03-06T00:00:00Z --by team
test_run 2 'by something, as another tool' ask 2026-03-06T00:00:00Z --by group \
	--compat devlake
test_run 2 'a group that is not there' ask 2026-03-06T00:00:00Z -g nope
test_run 2 'no period' ask 2026-03-06T00:00:00Z --last fortnight
test_run 2 'a window that ends before it begins' ask 2026-03-06T00:00:00Z \
	--from 2026-03-03T00:00:00Z --to 2026-03-02T00:00:00Z
test_run 2 'a week of 60' ask 2026-03-06T00:00:00Z --last 2026-w60
test_run 2 'no tool' ask 2026-03-06T00:00:00Z --compat sleuth
test_run 2 'no table' ask 2026-03-06T00:00:00Z --bands 2019

# --- words and rows -------------------------------------------------------------

test_run 0 'in words' dx 2026-03-06T00:00:00Z insights
test_ok 'of few the counts' grep -q '^change fail rate *1 of 5' out
test_ok 'the median of the lead times' grep -q '^change lead time *2 h ' out
test_run 0 'as CSV' dx 2026-03-06T00:00:00Z insights --format csv
tr -d '\r' <out | sed -n '1,3p;8p' >got
cat >want <<'EOF'
figure,name,value,n
deploymentFrequency,perDay,0.172,5
deploymentFrequency,medianDaysPerWeek,4,5
failedDeploymentRecoveryTime,median,86400,1
EOF
test_same 'each figure with its n' want got
test_run 2 'formats of reports' dx 2026-03-06T00:00:00Z insights --format tap
test_run 2 'csv of what is no table' dx 2026-03-06T00:00:00Z status --format csv
test_run 0 'an empty month' dx 2026-06-01T00:00:00Z insights
test_ok 'is 0 a day, not "no data"' \
	grep -q '^deployment frequency *0.00 a day' out
test_ok 'and no rate' grep -q '^change fail rate *no data' out

# --- the dashboard --------------------------------------------------------------

grep -oE 'delivery_[a-z_]+' "$TOP/ci/grafana/delivery.json" | sort -u >asked
dx 2026-03-06T00:00:00Z export openmetrics | grep -oE '^delivery_[a-z_]+' |
	sort -u >written
test_ok 'asks for metrics that are written' \
	test -z "$(comm -23 asked written)"

# --- the same twice -------------------------------------------------------------

ask 2026-03-06T00:00:00Z >one
ask 2026-03-06T00:00:00Z >two
test_same 'two readings are the same bytes' one two

test_done
