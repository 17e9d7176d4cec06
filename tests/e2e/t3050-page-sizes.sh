#!/bin/sh
# No page of typical data is larger than 40 kB, whatever the months hold: lists
# are cut into parts, tables of figures show what is worst.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/rich.sh"

MOST=40000
# fits FOLDER SENTENCE: every page of it does.
fits() {
	find "$1" -name '*.html' -size +${MOST}c -printf '%s %p\n' >over
	sort -rn over | head -20 >.why
	test ! -s over
	test_report $? "$2" .why
}

rich_make rich || cat rich.log >&2
test_run 0 'a world with something of everything' dx "$RICH_NOW" render --out site
fits site 'fits'

# Two busy months of 40 services: more than any part or table holds.
repo_make busy && printf '/.dxcp/\n/build/\n' >busy/.gitignore
mkdir busy/policy
{
	cat <<-'YAML'
		kind: platform
		name: Acme delivery
		site: {repository_url: https://github.com/acme/delivery}
		engines: {box: {type: sandbox}}
		---
		kind: environment
		name: staging
		type: non_prod
		---
		kind: environment
		name: production
		type: prod
		---
		kind: recipe
		id: standard
		name: Standard
		revision: 1
		summary: Replaces the running version.
		engine: box
		timeout: 10m
	YAML
	for group in 1 2 3 4; do
		services=''
		for i in 0 1 2 3 4 5 6 7 8 9; do
			name=payments-and-billing-$group$i
			services="$services${services:+, }$name"
			cat <<-YAML
				---
				kind: service
				name: $name
				owner: team-payments-and-billing
				description: One of several that take the payment at the end of an order.
				recipes: [standard]
				routes: {staging: standard, production: standard}
			YAML
		done
		printf -- '---\nkind: group\nid: group-%s\nname: Payments %s\n' $group $group
		printf 'services: [%s]\nenvironments: [staging, production]\n' "$services"
		printf 'owners: [bo@example.com]\nrecipes: [standard]\n'
	done
} >busy/policy/all.yaml
repo_commit busy 2026-01-01T08:00:00Z Policy ana@example.com
python3 - >history.jsonl <<'PY'
import json
for i in range(900):
    at = i * 60 // 900
    print(json.dumps({
        'service': 'payments-and-billing-%d%d' % (i % 4 + 1, i // 8 % 10),
        'environment': ['staging', 'production'][i // 4 % 2],
        'version': '2.%d.%d' % (i // 40, i % 40), 'kind': 'deploy',
        'time': '2026-%02d-%02dT%02d:%02d:00Z' % (at // 28 + 1, at % 28 + 1, i * 7 % 24, i % 60),
        'outcome': 'failed' if i % 9 == 8 else 'succeeded',
        'actor': 'somebody.or.other%d@example.com' % (i % 7),
        'message': 'Round the value added tax of every line of an order, not of its sum (#%d)' % i,
        'commit': '%040x' % (i * 7919), 'source': 'acme/delivery'}))
PY
REPO=busy
test_run 0 'a history of two months' dx 2026-03-05T08:00:00Z ledger import history.jsonl
test_run 0 'of many services' dx 2026-03-05T09:00:00Z render --out many
test_ok 'is in several parts' test -s many/deployments/2026-01/p8/index.html
test_ok 'as are its events' test -s many/audit/2026-03/p8/index.html
test_ok 'from each a link goes ten pages back' \
	grep -q '>Page [0-9]' many/deployments/2026-02/index.html
test_ok 'figures show the worst services, and where all are' grep -q \
	'the 10 of 40 with the most that went wrong; <a href="../../services/index.html">' \
	many/insights/all/index.html
# Indexes of everything grow with what they list.
rm many/find/index.html many/groups/index.html many/services/index.html
fits many 'fits as well'

# What is full stays as it is.
cp -r many before
sed -n '1,300s/2026-0[12]/2026-03/p' history.jsonl | head -40 |
	sed 's/T[0-9:]*Z/T10:00:00Z/' >more.jsonl
test_run 0 'more of it' dx 2026-03-30T08:00:00Z ledger import more.jsonl
test_run 0 'is shown' dx 2026-03-30T09:00:00Z render --out many
test_same 'and a full part has its bytes' before/deployments/2026-01/p3/index.html \
	many/deployments/2026-01/p3/index.html
test_done
