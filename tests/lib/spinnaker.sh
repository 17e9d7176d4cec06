# shellcheck shell=sh
# spinnaker.sh: a governance repository whose engine is the double of Gate,
# read after tap.sh, world.sh and gate.sh.

# spinnaker_world FOLDER: as world_make, with the recipe's pipeline `deploy` of
# the application demo, which takes version and replicas. The double must run.
spinnaker_world() {
	world_make "$1" <<-YAML
		engines:
		  gate: {type: spinnaker, url: "$GATE_URL", deck_url: "https://deck.example.com"}
		defaults: {guardrails: {max_concurrent_deployments: 20}}
	YAML
	sed -i 's/^engine: box/engine: gate\napplication: demo\npipelines: {deploy: deploy}/' \
		"$1/policy/rest.yaml"
	repo_commit "$1" 2026-03-01T08:10:00Z 'Spinnaker' ana@example.com
	spinnaker_pipeline '{}'
	for version in 1.0.0 1.1.0 1.2.0; do world_build "$1" checkout $version; done
	repo_commit "$1" 2026-03-01T09:00:00Z 'Builds' ci@example.com
	"$DXCP" -C "$1" --now 2026-03-01T09:01:00Z run >out 2>err
}

# spinnaker_pipeline JSON: the pipeline deploy, with these members, too.
spinnaker_pipeline() {
	gate_pipeline "$(jq -nc --argjson more "$1" '{application: "demo",
		name: "deploy", id: "deploy-1", keepWaitingPipelines: true,
		parameterConfig: [{name: "version", required: true},
			{name: "replicas", default: "2"}],
		stages: [{type: "wait", name: "Wait", refId: "1", waitTime: 5}]} + $more')"
}

# at TIME ARGUMENT...: the program and the double at that time.
at() {
	gate_clock "$1" && dx "$@"
}

# run_at STATUS SENTENCE TIME [ARGUMENT...]: a run, its JSON in out.
run_at() {
	run_status=$1 run_sentence=$2 run_time=$3
	shift 3
	test_run "$run_status" "$run_sentence" at "$run_time" run --format json "$@"
}

# want TIME VERSION [NAME]: a deploy of checkout to dev, committed then.
want() {
	world_deploy "$REPO" checkout dev "$2" "${3:-d-$2}" </dev/null
	repo_commit "$REPO" "$1" "Deploy $2" bo@example.com
}

# state NUMBER: of a deployment, and its timeline.
state() {
	"$DXCP" -C "$REPO" --now 2026-12-31T00:00:00Z show "$1" --format json >shown
	jq -r '.deployment | .state + ": " + ([.timeline[].event] | join(" "))' shown
}

# test_state SENTENCE NUMBER PATTERN: state prints what fits the shell pattern.
test_state() {
	test_got=$(state "$2" 2>&1)
	# shellcheck disable=SC2254
	case $test_got in
	$3) test_fits=0 ;;
	*) test_fits=1 ;;
	esac
	{ echo "$test_got"; cat shown; } >.why
	test_report $test_fits "$1" .why
}
