#!/bin/sh
# What spin does with Gate, done with the double: applications, pipelines,
# executions.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/gate.sh"

spin() {
	"$SPIN" --config none --gate-endpoint "$GATE_URL" "$@"
}

test_ok 'the double starts' gate_start
test_run 0 'save an application' spin application save \
	--application-name shop --owner-email o@example.com --cloud-providers kubernetes
test_run 0 'get it' spin application get shop
test_jq '... as it was saved' '(.email // .attributes.email) == "o@example.com"'
test_run 0 'list applications' spin application list
test_jq '... it is one' 'map(.name) == ["shop"]'
test_run 1 'get an unknown one' spin application get nope
test_run 0 'list accounts' spin account list

cat >pipeline.json <<'JSON'
{"application": "shop", "name": "deploy", "id": "p-1", "triggers": [],
	"parameterConfig": [{"name": "version", "required": true}],
	"stages": [{"refId": "1", "requisiteStageRefIds": [], "type": "wait", "name": "Wait", "waitTime": 600}]}
JSON
test_run 0 'save a pipeline' spin pipeline save --file pipeline.json
test_run 0 'save it again' spin pipeline save --file pipeline.json
test_run 0 'get it' spin pipeline get --application shop --name deploy
test_jq '... as it was saved' '.id == "p-1" and .stages[0].waitTime == 600'
test_run 0 'list pipelines' spin pipeline list --application shop
test_jq '... it is one' 'map(.name) == ["deploy"]'

test_run 1 'execute it without its parameter' spin pipeline execute --application shop --name deploy
echo '{"version": "1.0.0"}' >parameters.json
test_run 0 'execute it' spin pipeline execute --application shop --name deploy \
	--parameter-file parameters.json
test_run 1 'execute an unknown one' spin pipeline execute --application shop --name nope
gate_tell GET /_double/oracle >oracle
test_jq 'the trigger was the body itself' 'any(.requests[]; .method == "POST" and
	.path == "/pipelines/shop/deploy" and .status == 202 and (has("wrapped") | not))' oracle
test_run 0 'list executions' spin pipeline execution list --pipeline-id p-1 --running
test_jq '... it is one, with its parameter' 'length == 1 and .[0].status == "RUNNING" and
	.[0].trigger.parameters.version == "1.0.0"'
id=$(jq -r '.[0].id' out)
test_run 0 'get it' spin pipeline execution get "$id"
test_jq '... by its id' '(if type == "array" then .[0] else . end).id == "'"$id"'"'
test_run 0 'cancel it' spin pipeline execution cancel "$id"
test_run 0 'list canceled executions' spin pipeline execution list --pipeline-id p-1 --canceled
test_jq '... it is one' 'map(.id) == ["'"$id"'"]'

test_run 0 'delete the pipeline' spin pipeline delete --application shop --name deploy
test_run 0 'list pipelines' spin pipeline list --application shop
test_jq '... there is none' '. == []'
test_run 0 'delete the application' spin application delete shop
test_run 1 'get it' spin application get shop
test_done
