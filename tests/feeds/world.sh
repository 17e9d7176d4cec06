# shellcheck shell=sh
# world.sh: a world with all that feeds, badges, the calendar and the exports
# tell: outcomes of every kind, a denial, a wait, windows in zones, names that
# want to be more than names. Read after tests/lib/tap.sh and world.sh.

# feeds_world FOLDER BASE_URL: ends at 2026-03-04T12:00:00Z.
feeds_world() {
	REPO=$1
	repo_make "$1" && printf '/.dxcp/\n/build/\n' >"$1/.gitignore" || return
	world_platform "$1" <<-YAML
		timezone: Europe/Berlin
		engines:
		  box:
		    type: sandbox
		    after: 4m
		    script:
		      - {service: checkout, version: 1.5.0, environment: prod, outcome: failed,
		         category: APP, message: 'probe <failed> & "more"'}
		      - {service: player, version: 3.1.0, outcome: hang}
		site: {title: 'Acme <delivery> & more', ${2:+base_url: '$2',}
		  repository_url: 'https://github.com/acme/delivery'}
	YAML
	world_policy "$1"
	cat >>"$1/policy/rest.yaml" <<-'YAML'
		---
		kind: window
		id: office
		type: allow
		scope: {environments: [prod], services: [ledger]}
		when: {weekly: {days: [mon, tue, wed, thu], from: '08:00', to: '16:30'}}
		---
		kind: window
		id: nights
		type: deny
		scope: {environments: [prod], groups: [media]}
		timezone: America/New_York
		when: {weekly: {days: [fri, sat], from: '22:00', to: '06:00'}}
		rollbacks: included
		reason: "Nobody is awake; nobody, that is, but the machines, and they are told by this line, which is long so that it must be folded — here: äöü€😀 — more than once"
		---
		kind: window
		id: utc
		type: deny
		scope: {services: [player]}
		timezone: UTC
		when: {weekly: {days: [sun], from: '00:00', to: '24:00'}}
		---
		kind: window
		id: peak
		type: deny
		scope: {environments: [prod], services: [player]}
		timezone: UTC
		when: {dated: {from: 2026-11-20T00:00:00Z, to: 2026-12-01T00:00:00Z}}
		reason: Sale
	YAML
	cat >more.yaml <<-'YAML'
		description: 'Takes "the" payment: all of it.'
		owner: pay
		repository: https://github.com/acme/checkout.git
		links: [{title: Runbook, url: "https://acme.example/run"}, "javascript:alert(1)"]
		backstage: {acme.example/tier: "1", lifecycle: experimental}
	YAML
	sed -i '/^name: checkout$/r more.yaml' "$1/policy/rest.yaml"
	repo_commit "$1" 2026-03-01T08:00:00Z 'Policy' ana@example.com
	for version in 1.4.0 1.5.0; do world_build "$1" checkout $version; done
	world_build "$1" ledger 2.0.0
	world_build "$1" player 3.1.0
	repo_commit "$1" 2026-03-01T09:00:00Z 'Builds' ci@example.com
	world_deploy "$1" checkout dev 1.4.0 </dev/null
	feeds_step 2026-03-02T08:00:00Z bo@example.com
	world_deploy "$1" checkout prod 1.4.0 </dev/null
	feeds_step 2026-03-02T09:00:00Z bo@example.com
	world_deploy "$1" checkout dev 1.5.0 </dev/null
	feeds_step 2026-03-02T10:00:00Z bo@example.com
	world_deploy "$1" checkout prod 1.5.0 </dev/null
	feeds_step 2026-03-02T11:00:00Z bo@example.com
	world_deploy "$1" checkout prod 9.9.9 </dev/null
	feeds_step 2026-03-02T12:00:00Z bo@example.com
	printf 'kind: rollback\nservice: checkout\nenvironment: dev\nsummary: "Back <b>at once</b>, =1+1"\n' \
		>"$1/intents/checkout/back.yaml"
	feeds_step 2026-03-03T08:00:00Z bo@example.com
	world_deploy "$1" ledger prod 2.0.0 </dev/null
	world_deploy "$1" player dev 3.1.0 </dev/null
	printf 'kind: incident\nservice: checkout\nenvironment: prod\nstarted_at: 2026-03-02T11:05:00Z\nresolved_at: 2026-03-02T11:45:00Z\ncaused_by: 4\nseverity: high\nsummary: No payments\n' \
		>"$1/intents/incident.yaml"
	repo_commit "$1" 2026-03-03T20:00:00Z 'Step' ana@example.com
	dx 2026-03-03T20:00:00Z run --wait 5m >said 2>&1
	dx 2026-03-04T12:00:00Z render --out site --quiet >said 2>&1
}

# feeds_step TIME AUTHOR: what was written is committed, and run.
feeds_step() {
	repo_commit "$REPO" "$1" "Step" "$2"
	dx "$1" run --wait 5m >said 2>&1
}
