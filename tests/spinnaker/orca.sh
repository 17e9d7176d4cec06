# shellcheck shell=sh
# orca.sh: what the tests of this folder ask of Spinnaker's own Orca, read
# after tap.sh. $SPINNAKER is where it listens; ci/spinnaker/run starts it.
# $SPINNAKER_STORE is the path that takes a pipeline: /pipelines of a Gate.

if [ -z "${SPINNAKER-}" ]; then
	echo '1..0 # SKIP no Spinnaker runs here: make check-spinnaker'
	exit 0
fi
# Names that no other test of this Orca has.
APP=$(basename "$0" .sh | cut -c1-5)-$(date +%s)-$$

# gate METHOD PATH [CURL'S ARGUMENTS]...: the body is left in out, the status
# in code ("000": no answer).
gate() {
	gate_method=$1 gate_path=$2
	shift 2
	: >out
	curl -s -o out -w '%{http_code}' -X "$gate_method" -m 20 \
		-H 'Content-Type: application/json' "$@" "$SPINNAKER$gate_path" >code
}

# pipeline NAME [JSON]: store it in application $APP, with these members; its
# id is left in the file NAME.id.
pipeline() {
	jq -n --arg app "$APP" --arg name "$1" "{application: \$app, name: \$name,
		triggers: [], stages: []} + ${2-{\}}" >pipeline.json
	gate POST "${SPINNAKER_STORE:-/front50/pipelines}" -d @pipeline.json
	gate GET "/applications/$APP/pipelineConfigs/$1"
	jq -r .id out >"$1.id"
}

# trigger NAME TOKEN [JSON]: its body with the token, and these members.
# Prints the execution's id, nothing if there was none in the answer.
trigger() {
	jq -n --arg t "$2" "{type: \"manual\", correlationId: \$t, eventId: \$t} +
		${3-{\}}" >trigger.json
	gate POST "/pipelines/$APP/$1" -d @trigger.json
	jq -r '.ref // "" | ltrimstr("/pipelines/")' out
}

# tokens TOKEN: how many executions there are of it.
tokens() {
	gate GET "/applications/$APP/executions/search?eventId=$1&size=1000"
	jq '[.[].id] | unique | length' out
}

# execution ID: into out.
execution() {
	gate GET "/pipelines/$1"
}

# becomes ID STATUS: wait up to half a minute until it is that; then it is in
# out.
becomes() {
	becomes_n=0
	execution "$1"
	until [ "$(jq -r .status out)" = "$2" ]; do
		becomes_n=$((becomes_n + 1))
		[ $becomes_n -lt 120 ] || return 1
		sleep 0.25
		execution "$1"
	done
}

# sample NAME: keep out as an example of what Orca answers. Stack traces are
# cut, the rest is as it came.
sample() {
	[ -n "${SAMPLES-}" ] || return 0
	mkdir -p "$SAMPLES"
	jq '(.. | objects | select(has("stackTrace")) | .stackTrace) |=
		(split("\n") | .[0:2] | join("\n"))' out >"$SAMPLES/$1.json" || cp out "$SAMPLES/$1"
}

# A JSON array of wait stages, one after another: stages_wait SECONDS...
wait_stages() {
	jq -nc '[$ARGS.positional | to_entries[] | {refId: "\(.key + 1)",
		requisiteStageRefIds: (if .key == 0 then [] else ["\(.key)"] end),
		type: "wait", name: "Wait \(.value)", waitTime: (.value | tonumber)}]' \
		--args "$@"
}
