# shellcheck shell=sh
# world.sh: a governance repository w whose deployments are pipelines of what
# orca.sh knows, read after it. In real time: nothing here stands still.
. "$TOP/tests/lib/world.sh"
REPO=w
export REPO

# ago SECONDS, later SECONDS: that instant.
ago() {
	date -u -d "-$1 seconds" +%Y-%m-%dT%H:%M:%SZ
}
later() {
	date -u -d "+$1 seconds" +%Y-%m-%dT%H:%M:%SZ
}

# world_start PIPELINE [PARAMETERS]: three versions of checkout can be deployed
# to dev, by that pipeline.
world_start() {
	world_make w <<-YAML
		engines: {gate: {type: spinnaker, url: "$SPINNAKER"}}
		defaults: {guardrails: {max_concurrent_deployments: 20, daily_deploy_quota: 500}}
		max_dispatches_per_run: 100
	YAML
	recipe "$@"
	for version in 1.0.0 1.1.0 1.2.0; do world_build w checkout $version; done
	repo_commit w "$(ago 120)" 'Builds' ci@example.com
}

# recipe PIPELINE [PARAMETERS]: what is started from now on.
recipe() {
	sed -i '/^kind: recipe/,$d' w/policy/rest.yaml
	cat >>w/policy/rest.yaml <<-YAML
		kind: recipe
		id: standard
		name: Standard
		revision: 1
		summary: Starts $1.
		engine: gate
		application: $APP
		pipelines: {deploy: $1, rollback: $1}
		parameters: ${2-{\}}
		timeout: 10m
	YAML
	repo_commit w "$(ago 180)" "Recipe for $1" ana@example.com
}

# want NAME [VERSION]: a deploy intent of that name.
want() {
	world_deploy w checkout dev "${2:-1.0.0}" "$1" </dev/null
	repo_commit w "$(ago 60)" "Deploy $1" bo@example.com
}

# run STATUS SENTENCE [ARGUMENT...]: a run, followed to the end of all it can
# follow within a minute, unless it is told otherwise.
run() {
	run_status=$1 run_sentence=$2
	shift 2
	[ $# -gt 0 ] || set -- --wait 60s
	test_run "$run_status" "$run_sentence" "$DXCP" -C w run --format json --quiet "$@"
}

# field NAME COLUMN: of the deployment of that intent.
field() {
	sqlite3 -readonly w/.dxcp/ledger.db "SELECT $2 FROM v_deployments
		WHERE json_extract(intent, '\$.path') = 'intents/checkout/$1.yaml'"
}

# test_once SENTENCE NAME...: each of them has exactly one execution.
test_once() {
	once_sentence=$1 once_why=''
	shift
	for once_name; do
		once_n=$(tokens "$(field "$once_name" token)")
		[ "$once_n" = 1 ] || once_why="$once_why$once_name has $once_n executions
"
	done
	printf '%s' "$once_why" >.why
	[ -z "$once_why" ]
	test_report $? "$once_sentence" .why
}
