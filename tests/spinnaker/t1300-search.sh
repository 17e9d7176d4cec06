#!/bin/sh
# How executions are found by a token, where Orca keeps them in Redis. The loop
# over pages is the harness's, the pages are Orca's.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/spinnaker/orca.sh"
search="/applications/$APP/executions/search"

pipeline many '{stages: [{refId: "1", requisiteStageRefIds: [], type: "noop", name: "Noop"}]}'
for i in 1 2 3 4 5 6; do trigger many "d$i" >last; done
becomes "$(cat last)" SUCCEEDED

gate GET "$search?eventId=d3&size=100"
test_ok 'a token is found' jq -e 'length == 1 and .[0].trigger.eventId == "d3" and
	.[0].trigger.correlationId == "d3"' out
sample search
at=$(jq '.[0].buildTime' out)
gate GET "$search?eventId=none&size=100"
test_ok 'what is not there is an empty list' jq -e '. == []' out
gate GET "$search?size=100&trigger=$(printf '{"correlationId":"d3"}' | base64 | sed 's/=/%3D/g')"
test_ok 'it is found by a piece of its trigger, too' jq -e 'length == 1' out
gate GET "$search?eventId=d3&size=100&triggerTimeStartBoundary=$at"
test_ok 'from its time on' jq -e 'length == 1' out
gate GET "$search?eventId=d3&size=100&triggerTimeStartBoundary=$((at + 1))"
test_ok 'not from a millisecond later on' jq -e 'length == 0' out
gate GET "$search?eventId=d3&size=100&triggerTimeEndBoundary=$at"
test_ok 'up to its time' jq -e 'length == 1' out

gate GET "$search?eventId=d3&size=3"
test_ok 'where there are more pages, one execution comes more than once' \
	jq -e 'length == 3 and ([.[].id] | unique | length == 1)' out
gate GET "$search?eventId=none&size=3" -m 3
test_ok 'and where none matches the answer does not come' test "$(cat code)" = 000
gate GET "$search?eventId=none&size=4" -m 3
test_ok 'it does while all fit into a page, which is twice the size' \
	test "$(cat code)" = 200
gate GET "/executions?executionIds=$(cat last),01AAAAAAAAAAAAAAAAAAAAAAAA"
test_ok 'of a list of ids the unknown are missing' jq -e 'length == 1' out
gate GET /pipelines/01AAAAAAAAAAAAAAAAAAAAAAAA
test_ok 'alone they are not found' test "$(cat code)" = 404
sample error-not-found
test_done
