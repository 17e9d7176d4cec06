#!/bin/sh
# The site's feeds, badges, calendar, metrics, search index and api/v1, and
# `dxcp export`: what they say of a small world. tests/feeds/ has other people's
# programs read them.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/feeds/world.sh"

feeds_world w https://acme.example/delivery
dx 2026-03-04T12:00:00Z log --format json >out
test_jq 'the world is as it is meant to be' '[.deployments[] | [.number, .state, .outcome]] ==
	[[6, "IN_PROGRESS", null], [5, "SUCCEEDED", "SUCCEEDED"], [4, "FAILED", "FAILED"],
	 [3, "SUCCEEDED", "ROLLED_BACK"], [2, "SUCCEEDED", "SUCCEEDED"], [1, "SUCCEEDED", "SUPERSEDED"]]'

# --- api/v1: member by member, as the API that the cards were written for ----

api=site/api/v1
test_jq 'delivery-status of an environment has the members of the API' '
	(. | keys) == ["currentRunning", "dxcpUiUrl", "engineExecutionUrl", "environment",
		"hasDeployments", "latest", "promotionCandidate", "service", "state",
		"updatedAt", "version"]' $api/services/checkout/environments/dev/delivery-status.json
test_jq 'its latest deployment' '.latest == {id: "5", state: "SUCCEEDED", version: "1.4.0",
	sourceEnvironment: null, recipeId: "standard", createdAt: "2026-03-03T08:00:00Z",
	updatedAt: "2026-03-03T08:04:00Z", rollbackOf: "3", deploymentKind: "ROLLBACK",
	outcome: "SUCCEEDED"}' $api/services/checkout/environments/dev/delivery-status.json
test_jq 'what runs there' '.currentRunning == {service: "checkout", environment: "dev",
	scope: "service", version: "1.4.0", deploymentId: "5", deploymentKind: "ROLLBACK",
	derivedAt: "2026-03-03T08:04:00Z"}' $api/services/checkout/environments/dev/delivery-status.json
test_jq 'what could be promoted' '.promotionCandidate == {eligible: true, reason: null,
	source_environment: "dev", target_environment: "prod", version: "1.4.0",
	recipeId: "standard"}' $api/services/checkout/environments/dev/delivery-status.json
test_jq 'nothing beyond the last environment' '.promotionCandidate.reason ==
	"PROMOTION_AT_HIGHEST_ENVIRONMENT"' $api/services/checkout/environments/prod/delivery-status.json
test_jq 'nor where nothing runs' '.promotionCandidate.reason ==
	"PROMOTION_NO_SUCCESSFUL_SOURCE_VERSION"' $api/services/ledger/environments/dev/delivery-status.json
test_jq 'the flat members that one kind of card reads' '[.state, .version, .updatedAt, .dxcpUiUrl]
	== ["FAILED", "1.5.0", "2026-03-02T11:04:00Z",
	    "https://acme.example/delivery/services/checkout/index.html"]' \
	$api/services/checkout/environments/prod/delivery-status.json
test_jq 'a failure changes nothing of what runs' '.currentRunning.version == "1.4.0"' \
	$api/services/checkout/environments/prod/delivery-status.json
test_jq 'without deployments' '. == {service: "ledger", environment: "dev", hasDeployments: false,
	latest: null, currentRunning: null, promotionCandidate: .promotionCandidate,
	dxcpUiUrl: .dxcpUiUrl}' $api/services/ledger/environments/dev/delivery-status.json
jq -s '.[0].environments.prod == .[1] and (.[0] | del(.environments)) == .[2]' \
	$api/services/checkout/delivery-status.json \
	$api/services/checkout/environments/prod/delivery-status.json \
	$api/services/checkout/environments/dev/delivery-status.json >out
test_jq 'that of a service is that of its first environment, with all of them' '.'
test_jq 'running' '.deploymentId == "2" and (keys | length) == 7' \
	$api/services/checkout/environments/prod/running.json
test_jq 'running nothing' '. == null' $api/services/ledger/environments/dev/running.json
test_jq 'allowed-actions' '[.service, .actions, .role] == ["checkout",
	{view: true, deploy: true, rollback: false}, "OBSERVER"] and
	(.allowedActions | map(.name)) == ["view", "deploy", "rollback"] and
	all(.allowedActions[]; has("allowed") and has("reason"))' \
	$api/services/checkout/allowed-actions.json
test_jq 'why not' '.allowedActions[2] == {name: "rollback", allowed: false,
	reason: "NO_PRIOR_SUCCESSFUL_VERSION"}' $api/services/ledger/allowed-actions.json
test_jq 'groups' '.groups | map(select(.id == "payments")) | .[0] |
	[.name, .owners, .services, .recipes, .guardrails.dailyDeployQuota,
	 (.environments | map([.name, .type, .enabled]))] ==
	["Payments", ["bo"], ["checkout", "ledger"], ["standard"], 25,
	 [["dev", "non_prod", true], ["prod", "prod", true]]]' $api/groups.json
test_jq 'recipes' '.recipes == [{id: "standard", name: "Standard", revision: 1,
	summary: "Replaces the running version.", status: "active", engine: "box",
	timeoutSeconds: 600, services: ["checkout", "ledger", "player"]}]' $api/recipes.json
test_jq 'health' '.status == "ok" and .generatedAt == "2026-03-04T12:00:00Z"' $api/health.json
test_jq 'a deployment' '.number == 4 and .failures[0].category == "APP" and (.timeline | length) > 2' \
	$api/deployments/4.json
(cd $api && jq -r '[.status, .search, .groups, .recipes, .health, .metrics, .calendar, .feed,
	(.services[] | .deliveryStatus, .allowedActions, .feed, (.environments[]))] | .[]' index.json |
	while read -r path; do [ -s "$path" ] || echo "$path"; done) >missing
test_ok 'what the index names is there' test ! -s missing

# --- badges -------------------------------------------------------------------

test_jq 'a badge, as shields.io reads it' '. == {schemaVersion: 1, label: "checkout prod",
	message: "1.4.0, 1.5.0 failed", color: "red", isError: true}' site/badges/checkout/prod.json
test_jq 'one of what runs' '[.message, .color, .isError] == ["1.4.0", "brightgreen", false]' \
	site/badges/checkout/dev.json
test_jq 'one of what is on its way' '[.message, .color] ==
	["nothing runs, 3.1.0 on its way", "blue"]' site/badges/player/dev.json
test_jq 'one of nothing' '[.message, .color] == ["nothing runs", "lightgrey"]' site/badges/ledger/dev.json
test_ok 'the drawing says the same' grep -q 'aria-label="checkout prod: 1.4.0, 1.5.0 failed"' \
	site/badges/checkout/prod.svg

# --- feeds --------------------------------------------------------------------

# titles FEED: of its entries, newest first.
titles() {
	python3 - "$1" <<-'PY'
		import sys
		from xml.etree import ElementTree
		a = "{http://www.w3.org/2005/Atom}"
		for e in ElementTree.parse(sys.argv[1]).getroot().iter(a + "entry"):
		    print(e.find(a + "updated").text, e.find(a + "title").text)
	PY
}
titles site/feeds/all.atom >got
cat >want <<'EOT'
2026-03-03T08:04:00Z checkout back to 1.4.0 in dev: succeeded
2026-03-02T12:00:00Z checkout 9.9.9 to prod: denied, VERSION_NOT_FOUND
2026-03-02T11:04:00Z checkout 1.5.0 to prod: failed: probe <failed> & "more"
2026-03-02T10:04:00Z checkout 1.5.0 to dev: succeeded
2026-03-02T09:04:00Z checkout 1.4.0 to prod: succeeded
2026-03-02T08:04:00Z checkout 1.4.0 to dev: succeeded
EOT
test_same 'an entry for each outcome, none for what goes on or waits' want got
grep prod want >wanted
titles site/feeds/prod.atom >got
test_same 'production' wanted got
grep failed want >wanted
titles site/feeds/failures.atom >got
test_same 'failures' wanted got
grep denied want >wanted
titles site/feeds/denials.atom >got
test_same 'denials' wanted got
titles site/services/checkout/feed.atom >got
test_same 'a service' want got
titles site/services/ledger/feed.atom >got
test_ok 'nothing yet' test ! -s got
test_ok 'addresses are absolute, as the policy knows the site'\''s' \
	grep -q 'href="https://acme.example/delivery/deployments/4/index.html"' site/feeds/all.atom
ids() { grep -ho '<id>[^<]*' "$@" | sort; }
ids site/feeds/*.atom site/services/*/feed.atom | sort -u >before
sed -i "s,base_url: '[^']*',base_url: 'https://elsewhere.example'," w/policy/platform.yaml
repo_commit w 2026-03-04T12:10:00Z 'Move' ana@example.com
dx 2026-03-05T12:00:00Z render --out moved --quiet >said 2>&1
ids moved/feeds/*.atom moved/services/*/feed.atom | sort -u >after
test_same 'ids stay where the site moves' before after
sed 's,https://elsewhere.example/,https://acme.example/delivery/,' moved/feeds/all.atom >got
test_same 'a day later nothing in them has changed' site/feeds/all.atom got

# --- the calendar, metrics ------------------------------------------------------

test_ok 'no line of the calendar is over 75 octets' \
	sh -c '! LC_ALL=C grep -q "^.\{77,\}" site/calendar.ics'
test_ok 'its lines end as they must' test "$(grep -c "$(printf '\r')\$" site/calendar.ics)" = \
	"$(wc -l <site/calendar.ics)"
test_ok 'a fold takes no character apart' iconv -f UTF-8 -t UTF-8 site/calendar.ics
test_ok 'metrics end as they must' test "$(tail -n 1 site/metrics.prom)" = '# EOF'
test_ok 'a failure is counted' grep -Fqx 'delivery_deployments_total{service="checkout",environment="prod",kind="ROLL_FORWARD",outcome="FAILED"} 1' site/metrics.prom
test_ok 'a denial too' grep -Fqx 'delivery_decisions_total{result="deny",rule="VERSION_NOT_FOUND"} 1' site/metrics.prom

# --- search, robots ----------------------------------------------------------------

sed -e '1s/^.*entries://' -e '$s/};$//' site/search-index.js >entries.json
jq -s '.[0] == .[1].entries' entries.json $api/search.json >out
test_jq 'the script of the search and its JSON hold the same' '.'
test_jq 'a deployment is found by number, service, version, place, person' '
	any(.[]; . == ["4 checkout 1.5.0 prod bo", "failed", "deployments/4/index.html"])' entries.json
jq -r '.[][2]' entries.json | while read -r path; do [ -s "site/$path" ] || echo "$path"; done >missing
test_ok 'all that is found is there' test ! -s missing
test_not 'no text ends the script' grep -q '<' site/search-index.js
grep -o 'https://acme.example/delivery/[^<]*' site/sitemap.xml | sed 's,https://acme.example/delivery/,site/,' |
	while read -r path; do [ -s "$path" ] || echo "$path"; done >missing
test_ok 'what the map names is there' test ! -s missing
test_ok 'robots are told of it' grep -qx 'Sitemap: https://acme.example/delivery/sitemap.xml' site/robots.txt

# --- export ------------------------------------------------------------------------

sed -i "s,base_url: '[^']*',base_url: 'https://acme.example/delivery'," w/policy/platform.yaml
repo_commit w 2026-03-04T12:20:00Z 'And back' ana@example.com
export_it() { dx 2026-03-04T12:00:00Z export "$@"; }
test_run 0 'openmetrics' export_it openmetrics
test_same 'as the site has it' site/metrics.prom out
test_run 0 'ics' export_it ics
test_same 'as the site has it' site/calendar.ics out
test_run 0 'csv' export_it csv
python3 - <<'PY' >got
import csv
rows = list(csv.DictReader(open("out", newline="")))
print([(r["number"], r["state"], r["kind"], r["rollback_of"]) for r in rows])
print([r["failure_category"] for r in rows if r["failure_category"]], rows[3]["failure_summary"])
PY
cat >want <<'EOT'
[('1', 'SUCCEEDED', 'ROLL_FORWARD', ''), ('2', 'SUCCEEDED', 'ROLL_FORWARD', ''), ('3', 'SUCCEEDED', 'ROLL_FORWARD', ''), ('4', 'FAILED', 'ROLL_FORWARD', ''), ('5', 'SUCCEEDED', 'ROLLBACK', '3'), ('6', 'IN_PROGRESS', 'ROLL_FORWARD', '')]
['APP'] probe <failed> & "more"
EOT
test_same 'a row for each deployment' want got
test_run 0 'csv of a day' export_it csv --from 2026-03-03T00:00:00Z --to 2026-03-04T00:00:00Z --out day.csv
test_ok 'to a file' test "$(wc -l <day.csv)" = 3
test_run 0 'cdevents' export_it cdevents
cp out events
jq -c '[.context.type, .subject.id, .subject.content.environment.id, .customData.number]' events >got
cat >want <<'EOT'
["dev.cdevents.artifact.published.0.3.0","pkg:generic/checkout@1.4.0",null,null]
["dev.cdevents.artifact.published.0.3.0","pkg:generic/checkout@1.5.0",null,null]
["dev.cdevents.artifact.published.0.3.0","pkg:generic/ledger@2.0.0",null,null]
["dev.cdevents.artifact.published.0.3.0","pkg:generic/player@3.1.0",null,null]
["dev.cdevents.service.deployed.0.3.0","checkout","dev",1]
["dev.cdevents.service.deployed.0.3.0","checkout","prod",2]
["dev.cdevents.service.upgraded.0.3.0","checkout","dev",3]
["dev.cdevents.service.rolledback.0.3.0","checkout","dev",5]
["dev.cdevents.incident.detected.0.3.0","intents/incident.yaml","prod",null]
["dev.cdevents.incident.resolved.0.3.0","intents/incident.yaml","prod",null]
EOT
test_same 'what happened, in the order of the ledger' want got
export_it cdevents >again
test_same 'events keep their ids' events again
test_ok 'no id twice' test "$(jq -r .context.id events | sort | uniq -d | wc -l)" = 0
test_run 0 'they are valid' python3 - "$TOP/tests/feeds/cdevents.json" <<'PY'
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
for line in open("events"):
    jsonschema.Draft202012Validator(schema).validate(json.loads(line))
bad = json.loads(line)
bad["subject"]["type"] = "service"
try:
    jsonschema.Draft202012Validator(schema).validate(bad)
    sys.exit("a wrong event is valid")
except jsonschema.ValidationError:
    pass
PY
test_run 0 'backstage' export_it backstage
python3 -c 'import json, sys, yaml; json.dump(list(yaml.safe_load_all(open("out"))), sys.stdout)' >entities
test_jq 'an entity for each group and service' '[.[] | [.kind, .metadata.name]] ==
	[["System", "payments"], ["System", "media"], ["Component", "checkout"],
	 ["Component", "ledger"], ["Component", "player"]]' entities
test_jq 'with what the policy says of it' '.[2] | [.metadata.description, .metadata.annotations, .metadata.links, .spec] ==
	["Takes \"the\" payment: all of it.",
	 {"dxcp.io/service-id": "checkout", "dxcp.io/service": "checkout",
	  "backstage.io/source-location": "url:https://github.com/acme/checkout.git",
	  "github.com/project-slug": "acme/checkout",
	  "backstage.io/view-url": "https://acme.example/delivery/services/checkout/index.html",
	  "acme.example/tier": "1"},
	 [{url: "https://acme.example/delivery/services/checkout/index.html", title: "Delivery", icon: "dashboard"},
	  {url: "https://acme.example/run", title: "Runbook"}],
	 {type: "service", lifecycle: "experimental", owner: "pay", system: "payments"}]' entities
test_run 2 'a format that is none' export_it xml
test_run 2 'none at all' export_it

# --- redaction ---------------------------------------------------------------------

sed -i 's,^site: {,&redact: true\, ,' w/policy/platform.yaml
repo_commit w 2026-03-04T12:30:00Z 'Hide' ana@example.com
dx 2026-03-04T13:00:00Z render --out hidden --quiet >said 2>&1
for format in cdevents csv; do export_it $format; done >exported
test_not 'neither people nor summaries show in feeds, search and exports' \
	grep -rlE 'bo@example|Put 1\.|at once|No payments' hidden/feeds hidden/services/checkout/feed.atom \
	hidden/search-index.js hidden/api/v1/search.json hidden/api/v1/groups.json hidden/api/v1/services exported
test_done
