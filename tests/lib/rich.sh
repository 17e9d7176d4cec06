# shellcheck shell=sh
# rich.sh: a world with something of everything that the site shows, read after
# tap.sh and world.sh: three groups, windows and a freeze, approvals, a hold, a
# waiver, a hook, failures, a rollback, a promotion, what was denied and what
# waits, and texts that would do harm if they were let through.

# shellcheck disable=SC2034 # for who reads this file
RICH_NOW=2026-03-05T14:20:00Z # a Thursday

# rich_make FOLDER: the repository, and the ledger of a few days in it.
rich_make() {
	REPO=$1
	repo_make "$1" && printf '/.dxcp/\n/build/\n' >"$1/.gitignore" &&
		mkdir -p "$1/policy" && rich_platform "$1" && rich_policy "$1" &&
		repo_commit "$1" 2026-03-01T08:00:00Z 'Policy' ana@example.com &&
		rich_history "$1"
}

rich_platform() {
	cat >"$1/policy/platform.yaml" <<-'YAML'
		kind: platform
		name: Acme delivery
		timezone: Europe/Berlin
		waiting_expires_after: 20d
		engines:
		  box:
		    type: sandbox
		    after: 4m
		    script:
		      - {service: catalog, version: 3.2.0, outcome: failed, after: 11m, category: APP,
		         message: 0 of 6 instances became ready within 10 min}
		      - {service: identity, version: 7.5.0, outcome: hang}
		site: {title: Acme delivery, repository_url: https://github.com/acme/delivery}
		---
		kind: roles
		platform_admin: [ana@example.com]
		ci_publisher: [ci@example.com]
		observer: [oz@example.com]
		---
		kind: environment
		name: dev
		type: non_prod
		---
		kind: environment
		name: staging
		type: non_prod
		---
		kind: environment
		name: prod
		type: prod
		guardrails: {daily_deploy_quota: 4}
		---
		kind: recipe
		id: standard
		name: Standard
		revision: 2
		summary: Replaces the running version step by step.
		engine: box
		overridable: {replicas: {type: integer, min: 1, max: 5}}
		timeout: 30m
		---
		kind: recipe
		id: in-place
		name: In place
		revision: 7
		summary: Stops the old version, then starts the new one.
		engine: box
		status: deprecated
		timeout: 30m
		---
		kind: window
		id: office-hours
		type: allow
		scope: {environments: [prod], groups: [money]}
		when: {weekly: {days: [mon, tue, wed, thu], from: "09:00", to: "15:00"}}
		---
		kind: window
		id: spring-sale
		type: deny
		scope: {environments: [prod]}
		when: {dated: {from: 2026-03-10T00:00:00Z, to: 2026-03-12T06:00:00Z}}
		reason: Spring sale
		---
		kind: waiver
		id: w-7
		guardrail: WINDOW_CLOSED
		scope: {services: [payouts]}
		owner: ana@example.com
		reason: month-end run, agreed with the business
		expires: 2026-03-31T00:00:00Z
		---
		kind: hook
		id: change-ticket
		command: ["true"]
		scope: {environments: [staging]}
		timeout: 10s
		on_failure: allow
		---
		kind: proposal_rule
		id: to-staging
		on: build
		branch: main
		version: "*"
		environment: staging
		---
		kind: failure_rule
		id: quota
		match: {message: "*exceeded quota*"}
		category: INFRASTRUCTURE
		summary: The cluster's quota is used up
		hint: Ask the platform team for quota, then deploy a new intent.
	YAML
}

# rich_service FOLDER NAME OWNER DESCRIPTION
rich_service() {
	cat <<-YAML >>"$1/policy/services.yaml"
		---
		kind: service
		name: $2
		owner: $3
		description: $4
		repository: https://github.com/acme/$2
		recipes: [standard, in-place]
		routes: {dev: standard, staging: standard, prod: standard}
		artifact_sources: ["s3://acme/$2/"]
	YAML
}

# rich_group FOLDER ID NAME OWNER SERVICES PROD
rich_group() {
	cat <<-YAML >>"$1/policy/groups.yaml"
		---
		kind: group
		id: $2
		name: $3
		owners: [$4]
		services: [$5]
		environments: [dev, staging, $6]
		recipes: [standard, in-place]
	YAML
}

RICH_EVIL='"<script>alert(1)</script> <b>bold</b> & [x](javascript:alert(1)) \u202e\u0007 '
rich_policy() {
	rich_service "$1" checkout team-checkout 'Takes the payment at the end of an order.'
	rich_service "$1" catalog team-catalog 'Everything that can be bought.'
	rich_service "$1" search team-catalog "${RICH_EVIL}Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft \""
	rich_service "$1" ledger team-money 'Double-entry books.'
	rich_service "$1" payouts team-money 'Pays sellers.'
	rich_service "$1" identity team-identity 'Who is who.'
	rich_service "$1" returns-api team-identity 'Never deployed so far.'
	rich_group "$1" storefront Storefront bo@example.com 'checkout, catalog, search' prod
	rich_group "$1" money Money cy@example.com 'ledger, payouts' \
		'{name: prod, approvals: 1, guardrails: {daily_deploy_quota: 2}}'
	rich_group "$1" platform Platform di@example.com 'identity, returns-api' \
		'{name: prod, soak: 2h}'
}

# rich_step TIME WHO MESSAGE: all changes, by WHO, and a run ten minutes later.
# After the one called $RICH_AFTER the function rich_then is called.
rich_step() {
	repo_commit "$REPO" "$1" "$3" "$2@example.com"
	dx "$(date -u -d "$1 + 10 minutes" +%Y-%m-%dT%H:%M:%SZ)" run --wait 20m \
		>>rich.log 2>&1
	[ $? -le 1 ] && { [ "$3" != "${RICH_AFTER-}" ] || rich_then; }
}

# rich_say FOLDER NAME: an intent from the lines on standard input.
rich_say() {
	mkdir -p "$(dirname "$1/intents/$2")"
	cat >"$1/intents/$2"
}

rich_build() {
	mkdir -p "$1/intents/$2"
	cat >"$1/intents/$2/build-$3.yaml" <<-YAML
		kind: build
		service: $2
		version: $3
		summary: Build of $3
		artifact: s3://acme/$2/$2-$3.zip
		sha256: $(printf '%s' "$2$3" | sha256sum | cut -c 1-64)
		commit: $(printf '%s' "$2$3" | sha1sum | cut -c 1-40)
		branch: main
		built_at: 2026-03-01T07:00:00Z
		repository: https://github.com/acme/$2
		ci: {provider: github, run_id: "981", run_url: "https://github.com/acme/$2/actions/runs/981"}
	YAML
}

rich_history() {
	for v in checkout:1.4.0 checkout:1.5.0 checkout:1.6.0 catalog:3.1.0 \
		catalog:3.2.0 search:0.30.6 ledger:5.1.4 ledger:5.2.0 \
		payouts:2.0.0 identity:7.4.0 identity:7.5.0; do
		rich_build "$1" "${v%:*}" "${v#*:}"
	done
	rich_step 2026-03-01T09:00:00Z ci 'Builds' || return 1
	for e in dev staging; do
		world_deploy "$1" checkout $e 1.4.0 </dev/null
		world_deploy "$1" catalog $e 3.1.0 </dev/null
	done
	rich_step 2026-03-02T08:00:00Z bo 'First versions' || return 1
	world_deploy "$1" checkout prod 1.4.0 </dev/null
	rich_step 2026-03-02T09:00:00Z bo 'Checkout for everybody' || return 1
	world_deploy "$1" catalog prod 3.1.0 </dev/null
	rich_step 2026-03-02T10:00:00Z bo 'Catalog for everybody' || return 1
	world_deploy "$1" ledger dev 5.1.4 </dev/null
	world_deploy "$1" payouts dev 2.0.0 </dev/null
	rich_step 2026-03-03T08:00:00Z cy 'Money, in dev' || return 1
	world_deploy "$1" ledger prod 5.1.4 </dev/null
	rich_step 2026-03-03T09:00:00Z cy 'Ledger: to be approved' || return 1
	rich_say "$1" ledger/approve-5.1.4.yaml <<-YAML
		kind: approval
		of: intents/ledger/deploy-5.1.4-prod.yaml
		digest: $(git -C "$1" rev-parse HEAD:intents/ledger/deploy-5.1.4-prod.yaml)
		summary: Read, and tried in dev
	YAML
	rich_step 2026-03-03T10:00:00Z ana 'Approve the ledger' || return 1
	world_deploy "$1" checkout prod 1.5.0 <<-'YAML'
		ticket: PAY-42
	YAML
	rich_step 2026-03-03T13:00:00Z bo 'Checkout 1.5.0' || return 1
	rich_say "$1" checkout/back.yaml <<-'YAML'
		kind: rollback
		service: checkout
		environment: prod
		to_version: 1.4.0
		reason: incident
		summary: Card authorisation latency doubled after 1.5.0
	YAML
	rich_step 2026-03-03T14:00:00Z bo 'Back to 1.4.0' || return 1
	world_deploy "$1" identity dev 7.4.0 </dev/null
	rich_step 2026-03-04T08:00:00Z di 'Identity' || return 1
	world_deploy "$1" checkout prod 9.9.9 </dev/null
	world_deploy "$1" catalog dev 3.2.0 </dev/null
	world_deploy "$1" search dev 0.30.6 <<-YAML
		params: {replicas: 3}
	YAML
	evil=$(printf '%s' "$RICH_EVIL" | sed 's/[\\&|]/\\&/g')
	sed -i "s|^summary:.*|summary: $evil\"|" "$1/intents/search/deploy-0.30.6-dev.yaml"
	rich_step 2026-03-04T09:00:00Z bo 'Three at once' || return 1
	rich_say "$1" checkout/hold.yaml <<-'YAML'
		kind: hold
		service: checkout
		environment: prod
		version: 1.5.0
		summary: It doubles the latency
	YAML
	rich_step 2026-03-04T12:00:00Z ana 'Hold 1.5.0' || return 1
	world_deploy "$1" checkout prod 1.5.0 again </dev/null
	rich_step 2026-03-04T12:30:00Z bo 'Once more' || return 1
	world_deploy "$1" catalog prod 3.2.0 </dev/null
	rich_step 2026-03-05T12:50:00Z bo 'Catalog 3.2.0' || return 1
	world_deploy "$1" checkout staging 1.6.0 </dev/null
	rich_step 2026-03-05T13:20:00Z bo 'Checkout 1.6.0' || return 1
	world_deploy "$1" payouts prod 2.0.0 </dev/null
	world_deploy "$1" ledger prod 5.2.0 </dev/null
	rich_say "$1" identity/promote.yaml <<-'YAML'
		kind: promote
		service: identity
		from: dev
		to: staging
		summary: On
	YAML
	world_deploy "$1" identity dev 7.5.0 </dev/null
	repo_commit "$1" 2026-03-05T14:00:00Z 'What waits' ana@example.com
	dx 2026-03-05T14:10:00Z run >>rich.log 2>&1
	[ $? -le 1 ]
}
