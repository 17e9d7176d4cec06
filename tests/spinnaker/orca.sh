# shellcheck shell=sh
# orca.sh: what the tests of this folder ask of Spinnaker's own Orca, read
# after tap.sh. $SPINNAKER is where it listens; ci/spinnaker/run starts it.
# $SPINNAKER_STORE is the path that takes a pipeline: /pipelines of a Gate.
# SPINNAKER=double is the double of tests/gate, which each test starts.

case ${SPINNAKER-} in
'')
	echo '1..0 # SKIP no Spinnaker runs here: make check-spinnaker'
	exit 0
	;;
double)
	. "$TOP/tests/lib/gate.sh"
	gate_start --search redis || exit 1
	SPINNAKER=$GATE_URL SPINNAKER_STORE=/pipelines
	;;
esac
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

# wait_stages SECONDS...: a JSON array of wait stages, one after another.
wait_stages() {
	jq -nc '[$ARGS.positional | to_entries[] | {refId: "\(.key + 1)",
		requisiteStageRefIds: (if .key == 0 then [] else ["\(.key)"] end),
		type: "wait", name: "Wait \(.value)", waitTime: (.value | tonumber)}]' \
		--args "$@"
}

# fails TEXT: members of a pipeline whose stage fails with that text, on Orca
# by its stage "call", on the double by its script.
fails() {
	jq -nc --arg text "$1" '{stages: [{refId: "1", requisiteStageRefIds: [],
		type: "call", name: "Roll out", say: $text}],
		script: {type: "call", name: "Roll out", ms: 500, status: "TERMINAL",
			error: "exception", message: $text}}'
}
