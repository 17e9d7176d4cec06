#!/bin/sh
# --format: each is read by a parser of its kind, whatever users wrote into
# summaries, versions and file names.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
T=2026-03-02T10:00:00Z

REPO=w
world_make w <<'YAML'
engines: {box: {type: sandbox}}
defaults: {guardrails: {max_concurrent_deployments: 5}}
YAML
world_build w checkout 1.0.0
repo_commit w 2026-03-01T09:00:00Z 'Build' ci@example.com
dx "$T" run >/dev/null
world_deploy w checkout dev 1.0.0 fine </dev/null
hostile='::error::x ##[error]y ]]> <script>|`@all` *b* & https://evil.example\n\e\u202e\uffff'
cat >w/intents/checkout/hostile.yaml <<YAML
kind: deploy
service: checkout
environment: "$hostile"
version: 1.0.0
summary: "$hostile"
YAML
world_deploy w checkout dev 1.0.0 'a@b,c:d%#[x] | <i>' </dev/null
sed -i 's/^environment.*/environment: mars/' w/intents/checkout/a@b*
cat >w/intents/checkout/bad.yaml <<'YAML'
kind: deploy
service: checkout
environment: dev
version: 1.0.0
summary: fine
"::set-env ##[x]<b>@all": 1
YAML
repo_commit w "$T" 'Intents' bo@example.com

for f in json jsonl tap junit sarif github gitlab markdown; do
	set -- "$@" --format "$f=$f.out"
done
unset GITHUB_STEP_SUMMARY
test_run 3 'a check, in all formats at once' dx "$T" check "$@" --format text
cp out text.out
test_ok 'every file is there' test -s json.out -a -s jsonl.out -a -s tap.out \
	-a -s junit.out -a -s sarif.out -a -s github.out -a -s gitlab.out \
	-a -s markdown.out
for f in text tap junit github markdown; do
	test_not "$f: no command of the older form" grep -F '##[' $f.out
	test_not "$f: no control character" grep -qP '[\x00-\x08\x0b-\x1f\x7f]' $f.out
	test_not "$f: nothing that reorders text" grep -q "$(printf '\342\200\256')" $f.out
done
test_not 'text: no line is a command' grep -q '^ *::' text.out

test_jq 'json: it judges them' '.summary.deny == 2 and .summary.allow == 1' json.out
jq -s . jsonl.out >lines.out
test_jq 'jsonl: every line has its schema' 'all(.[]; .schema |
	test("^dxcp[.](decision|finding|summary)/1$"))' lines.out
test_jq 'jsonl: the same decisions' '[.[] | select(.schema == "dxcp.decision/1")
	| .intent] | length == 3' lines.out
test_jq 'jsonl: the last line counts' '.[-1].summary.deny == 2 and
	.[-1].command == "check"' lines.out

test_jq 'gitlab: every issue is whole' 'length == 3 and all(.[];
	(.description | length > 0) and (.check_name | test("^[A-Z_]+$")) and
	(.fingerprint | test("^[0-9a-f]{64}$")) and
	(.severity | IN("info", "minor", "major", "critical", "blocker")) and
	(.location.path | startswith("intents/")) and
	.location.lines.begin >= 1)' gitlab.out
test_jq 'gitlab: fingerprints are unique' \
	'(map(.fingerprint) | unique | length) == length' gitlab.out
cp gitlab.out gitlab.before
dx 2026-03-02T10:05:00Z check --format gitlab >gitlab.again
test_same 'gitlab: and stable' gitlab.before gitlab.again

test_jq 'sarif: version, tool and one run' '.version == "2.1.0" and
	(.runs | length == 1) and .runs[0].tool.driver.name == "dxcp"' sarif.out
test_jq 'sarif: each result has a rule' '.runs[0] as $r |
	[$r.tool.driver.rules[].id] as $ids | ($r.results | length == 3) and
	all($r.results[]; .ruleId as $id | $ids | index($id) != null)' sarif.out
test_jq 'sarif: levels, texts, places' 'all(.runs[0].results[];
	(.level | IN("error", "warning", "note")) and (.message.text | length > 0) and
	(.locations[0].physicalLocation | .region.startLine >= 1 and
	(.artifactLocation.uri | test("^[A-Za-z0-9._~/%-]+$"))) and
	(.partialFingerprints | length == 1))' sarif.out
test_jq 'sarif: rules tell what to do' 'all(.runs[0].tool.driver.rules[];
	(.shortDescription.text | length > 0) and (.help.text | length > 0))' sarif.out

test_not 'github: nothing but commands' grep -v '^::error file=' github.out
test_ok 'github: one for each' test "$(wc -l <github.out)" = 3
test_ok 'github: a property is escaped' grep -q \
	'^::error file=intents/checkout/a@b%2Cc%3Ad%25#\[x] | <i>.yaml,line=1,' github.out
test_ok 'github: a title is escaped' grep -q \
	'title=Denied%3A .*%3A%3Aerror%3A%3Ax' github.out
test_ok 'github: the finding, not the decision about the file' grep -q \
	'^::error file=intents/checkout/bad.yaml,line=6,.*title=UNKNOWN_KEY' github.out

grep -E '^(not )?ok' tap.out >tap.lines
test_ok 'tap: a plan' grep -qx '1..5' tap.out
test_ok 'tap: the harness reads it' sh -c 'prove -v -e cat tap.out >proved 2>&1;
	grep -q "Failed 4/5 subtests" proved && ! grep -q "Parse errors" proved'
test_not 'tap: a # of users begins no directive' grep -q '[^\\ ]#' tap.lines

if command -v python3 >/dev/null; then
	cat >junit.py <<'PY'
import sys, xml.etree.ElementTree as t
root = t.parse(sys.argv[1]).getroot()
assert root.tag == 'testsuites'
seen = set()
for suite in root:
    cases = suite.findall('testcase')
    assert len(cases) == int(suite.get('tests')), suite.attrib
    for kind, key in (('failure', 'failures'), ('skipped', 'skipped')):
        assert len(suite.findall('*/' + kind)) == int(suite.get(key))
    for case in cases:
        name = (case.get('classname'), case.get('name'))
        assert name not in seen, name
        seen.add(name)
assert root.find('.//failure') is not None
PY
	test_ok 'junit: XML that counts right' python3 junit.py junit.out
else
	test_skip 'junit: XML that counts right' 'no python3'
fi
test_ok 'junit: a case a guardrail' grep -q \
	'classname="intents/checkout/fine.yaml" name="Build registered" time="0"/>' junit.out
test_not 'junit: markup is escaped' grep -qE '<(script|i|b)>|]]>' junit.out

test_ok 'markdown: the marker is first' sh -c 'head -1 markdown.out | grep -qx "<!-- dxcp -->"'
test_not 'markdown: no markup of users' grep -qE '<(script|i|b)>|[^#]@|(^|[^\\])`' markdown.out
test_not 'markdown: no link' grep -q '://' markdown.out
test_ok 'markdown: details' grep -q '<details><summary>All [0-9]* guardrails' markdown.out

# --- limits -------------------------------------------------------------------

i=0
while [ $i -lt 400 ]; do
	i=$((i + 1))
	world_deploy w checkout mars 1.0.0 "many-$i" </dev/null
done
repo_commit w "$T" 'Many' bo@example.com
GITHUB_STEP_SUMMARY=$SCRATCH/summary
export GITHUB_STEP_SUMMARY
echo before >summary
test_run 3 'many denials' dx "$T" check --format github --format markdown=m.out
test_ok 'github: nine errors and a rest' sh -c \
	'[ "$(grep -c "^::error file=" out)" = 9 ] && grep -qx "::error title=dxcp::and 394 more" out'
test_ok 'markdown: at most 60 kB' test "$(wc -c <m.out)" -le 60000
test_ok 'markdown: every verdict' test "$(grep -cE '^(### |- \*\*)(Denied|Allowed)' m.out)" = 403
test_ok 'the step summary is appended to' sh -c 'head -1 summary | grep -qx before'
test_ok 'and has it all' grep -q '^## 402 denied, 0 waiting, 1 allowed' summary
test_ok 'and stays below its limit' test "$(wc -c <summary)" -le 900000
head -c 899900 /dev/zero >summary
test_run 3 'no room is left in the summary' dx "$T" check --format github
test_ok 'it is not made larger than that' test "$(wc -c <summary)" -le 900000
unset GITHUB_STEP_SUMMARY

# --- run, and other commands ----------------------------------------------------

test_run 3 'a run' dx "$T" run --format jsonl --format junit=run.xml \
	--format sarif=run.sarif
test_ok 'jsonl: with the deployment that it made' grep -q \
	'^{"schema":"dxcp.decision/1",.*"deployment":{"number":1,' out
test_ok 'jsonl: and its number' grep -q '"schema":"dxcp.summary/1".*"run":{"number":2' out
test_ok 'junit: a case a guardrail' grep -q \
	'classname="intents/checkout/fine.yaml" name="Build registered"' run.xml
test_jq 'sarif: all denials' '.runs[0].results | length == 403' run.sarif
test_run 2 'a command that has no decisions' dx "$T" status --format sarif
test_ok 'says what it has' grep -q '"sarif" is not one of text, json$' err
test_run 2 'a format that is none' dx "$T" check --format yaml
test_ok 'names all' grep -q 'text, json, jsonl, tap, junit, sarif, github' err
test_run 0 'help names them' "$DXCP" check --help
tr -s ' \n' '  ' <out >line
test_ok 'all of them' grep -q 'jsonl tap junit sarif github gitlab markdown' line

cat >w/policy/broken.yaml <<'YAML'
kind: nonsense
YAML
repo_commit w "$T" 'Broken' ana@example.com
test_run 3 'a broken policy' dx "$T" check --format tap --format github=g.out
test_ok 'tap: is no success' grep -q '^not ok 1 - policy/broken.yaml:1:7' out
test_ok 'github: is an error' grep -q '^::error file=policy/broken.yaml,line=1,' g.out

test_done
