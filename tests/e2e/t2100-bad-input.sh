#!/bin/sh
# What is wrong with intents, policies, repositories and command lines: each
# is said with its place and a next step, by the right exit status, and stops
# nothing that is right.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
T=2026-03-02T10:00:00Z

# refused STATUS SENTENCE PATTERN COMMAND...: it exits so, says this on standard
# error, and what to do next.
refused() {
	refused_sentence=$2 refused_pattern=$3 refused_status=$1
	shift 3
	test_run "$refused_status" "$refused_sentence: exit $refused_status" "$@"
	test_ok 'it says what is wrong' grep -q -e "$refused_pattern" err
	test_ok 'and what to do next' grep -q '^  next: .' err
}

# --- intents ------------------------------------------------------------------

REPO=w
world_make w <<'YAML'
engines: {box: {type: sandbox}}
defaults: {guardrails: {max_concurrent_deployments: 5}}
YAML
world_build w checkout 1.0.0
repo_commit w 2026-03-01T09:00:00Z 'Build' ci@example.com

i=w/intents/checkout
bad() { cat >"$i/$1.yaml"; } # bad NAME: an intent of standard input
deploy() { # a good one
	cat <<-'YAML'
		kind: deploy
		service: checkout
		environment: dev
		version: 1.0.0
		summary: Fine
	YAML
}
{
	echo 'kind: deploy'
	echo 'a: &a [x,x,x,x,x,x,x,x,x,x]'
	last=a
	for name in b c d e f g h; do
		echo "$name: &$name [*$last,*$last,*$last,*$last,*$last,*$last,*$last]"
		last=$name
	done
} | bad bomb
printf 'kind: deploy\na: &a [*a]\n' | bad cycle
{ deploy && echo 'version: 1.0.0'; } | bad duplicate
printf 'kind: deploy\n\tservice: checkout\n' | bad tab
printf 'kind: deploy\nsummary: "a\000b"\n' | bad nul
printf 'kind: deploy\nsummary: "a\377b"\n' | bad latin1
head -c 1048576 /dev/zero | tr '\0' 'x' | bad big
{ deploy && echo '---' && deploy; } | bad two
: | bad empty
printf '%01000d\n' 0 | tr '0' '[' | bad deep
deploy | sed 's/deploy/!!str deploy/' | bad tagged
printf -- '- kind: deploy\n' | bad list
{ deploy && echo 'enviroment: dev'; } | bad typo
deploy | sed 's/deploy/deplo/' | bad kind
deploy | sed 's/checkout/ledger/' | bad folder
deploy | sed 's/Fine/"  "/' | bad blank
deploy | sed 's/$/\r/' | bad windows
{ printf '\357\273\277' && deploy; } | bad mark
repo_commit w 2026-03-02T08:00:00Z 'All sorts' bo@example.com
printf 'kind: build\nservice: checkout\nversion: 3.0.0\nsummary: x\n' | bad build
repo_commit w 2026-03-02T08:01:00Z 'Half a build' ci@example.com

test_run 3 'intents that do not decode: exit 3' dx $T check --format json
cp out check.json
test_jq 'each is denied, and nothing else is' '[.decisions[] |
	select(.decision == "deny") | [.intent[17:-5], .code]] == [
	["build", "INVALID_BUILD_REGISTRATION"],
	["big", "INVALID_REQUEST"], ["blank", "INVALID_REQUEST"],
	["bomb", "INVALID_REQUEST"], ["cycle", "INVALID_REQUEST"],
	["deep", "INVALID_REQUEST"], ["duplicate", "INVALID_REQUEST"],
	["empty", "INVALID_REQUEST"], ["folder", "INVALID_REQUEST"],
	["kind", "INVALID_REQUEST"], ["latin1", "INVALID_REQUEST"],
	["list", "INVALID_REQUEST"], ["nul", "INVALID_REQUEST"],
	["tab", "INVALID_REQUEST"], ["tagged", "INVALID_REQUEST"],
	["two", "INVALID_REQUEST"], ["typo", "INVALID_REQUEST"]]'
test_jq 'those with odd line ends or a byte order mark are not' '[.decisions[] |
	select(.decision == "allow") | .intent[17:-5]] == ["build-1.0.0", "mark", "windows"]'
test_jq 'each has its finding, at its place' '[.findings[] | select(.code |
	IN("MISSING_KEY", "INVALID_VALUE") | not) |
	[.at.file[17:-5], .code, .at.line, .at.column]] == [
	["big", "FILE_TOO_LARGE", 1, 1], ["bomb", "TOO_MANY_NODES", 6, 11],
	["cycle", "UNKNOWN_KEY", 2, 1], ["cycle", "SYNTAX_ERROR", 2, 8], ["deep", "TOO_DEEP", 1, 33],
	["duplicate", "DUPLICATE_KEY", 6, 1], ["empty", "EMPTY_FILE", 1, 1],
	["kind", "UNKNOWN_KIND", 1, 7], ["latin1", "INVALID_ENCODING", 2, 12],
	["list", "WRONG_TYPE", 1, 1], ["nul", "INVALID_ENCODING", 2, 12],
	["tab", "SYNTAX_ERROR", 2, 1], ["tagged", "TAG_NOT_ALLOWED", 1, 7],
	["two", "MULTIPLE_DOCUMENTS", 7, 1], ["typo", "UNKNOWN_KEY", 6, 1]]'
test_jq 'each says what to do' '.findings | all(.hint != null and .message != "")'
test_jq 'the build that lacks facts lists them all' '[.findings[] |
	select(.at.file | endswith("build.yaml"))] | length == 4'
test_run 3 'as text' dx $T check
test_ok 'a finding names file, line and column' grep -q \
	'^intents/checkout/typo.yaml:6:1: error\[UNKNOWN_KEY\]: .*did you mean "environment"' out
test_run 3 'a run over them' dx $T run --format json
test_jq 'acts on what is right' '[.decisions[] | .deployment.state | values] ==
	["SUCCEEDED", "SUCCEEDED"]'
jq '[.decisions[] | [.intent, .decision, .code]]' out >got
jq '[.decisions[] | [.intent, .decision, .code]]' check.json >want
test_same 'and decides as check did' want got
test_run 0 'what was recorded is not complained about again' dx $T run
test_run 0 'the ledger is sound' dx $T ledger verify

# --- what is no regular file of a sound name --------------------------------------

ln -s checkout/mark.yaml w/intents/link.yaml
ln -s ../policy w/intents/folder
mkdir 'w/intents/a b'
for name in 'a b/x.yaml' checkout/ü.yaml "checkout/new
line.yaml" checkout/x.yml checkout/X.YAML; do
	cp $i/mark.yaml "w/intents/$name"
done
git init -q w/intents/sub
repo_commit w/intents/sub $T x ana@example.com
git -C w add -A 2>/dev/null
repo_commit w $T 'Odd files' bo@example.com
test_run 3 'odd files under intents/: exit 3' dx $T run --format json
test_jq 'each is found' '[.findings[] | [.at.file[8:], .code, .level]] == [
	["a b/x.yaml", "INVALID_PATH", "error"],
	["checkout/X.YAML", "MISPLACED_FILE", "warning"],
	["checkout/new\nline.yaml", "INVALID_PATH", "error"],
	["checkout/x.yml", "MISPLACED_FILE", "warning"],
	["checkout/ü.yaml", "INVALID_PATH", "error"],
	["folder", "NOT_A_REGULAR_FILE", "error"],
	["link.yaml", "NOT_A_REGULAR_FILE", "error"],
	["sub", "NOT_A_REGULAR_FILE", "error"]]'
test_jq 'and not acted on' '.decisions == []'

# --- policy -------------------------------------------------------------------------

world_deploy w checkout prod 1.0.0 good </dev/null
repo_commit w $T 'A good one' bo@example.com
cp -R w/.dxcp before
printf 'kind: enviroment\nname: x\ntype: prod\n' >w/policy/more.yaml
printf 'kind: environment\nname: Dev\ntype: prod\n---\nkind: window\n' >w/policy/other.yaml
repo_commit w $T 'Broken policy' ana@example.com
for command in check run 'render --out site'; do
	# shellcheck disable=SC2086
	test_run 3 "a policy with errors: $command exits 3" dx $T $command
	test_ok 'it says so' grep -q '^dxcp: the policy has errors: ' err
	test_ok 'with all places' test "$(grep -c '^policy/.*: error\[' out)" -ge 3
done
test_not 'no site is written' test -e site
test_same 'the ledger is as it was' before w/.dxcp
test_run 3 'as JSON' dx $T run --format json
test_jq 'the document has findings, and no decisions' '.decisions == [] and
	(.findings | length) >= 3'
git clone -q w fresh
REPO=fresh
test_run 3 'in a clone without a ledger' dx $T run
test_not 'none is made' test -e fresh/.dxcp
git -C fresh rm -qr policy
repo_commit fresh $T 'No policy' ana@example.com
test_run 3 'without a policy' dx $T run
test_ok 'the missing document is named' grep -q 'PLATFORM_MISSING' out
REPO=w
git -C w rm -q policy/more.yaml policy/other.yaml
ln -s /etc/passwd w/policy/link.yaml
repo_commit w $T 'A link' ana@example.com
test_run 3 'a symbolic link under policy/' dx $T check
test_ok 'is an error' grep -q '^policy/link.yaml.*error\[NOT_A_REGULAR_FILE\]' out
git -C w rm -q policy/link.yaml
repo_commit w $T 'Mended' ana@example.com
test_run 0 'mended, the good intent goes' dx $T run --format json
test_jq 'it was not lost' '[.decisions[].intent] == ["intents/checkout/good.yaml"]'

# --- repositories ----------------------------------------------------------------------

refused 2 'an unknown revision' 'no revision nope' dx $T check --head nope
refused 2 'an unknown base' 'no revision nope' dx $T check --base nope
test_run 2 'a revision that is no commit: exit 2' dx $T check --base HEAD:policy
REPO=.
refused 2 'no repository' 'not in a git repository' dx $T run
REPO=nowhere
test_run 2 'no folder: exit 2' dx $T run
test_ok 'which is named' grep -q nowhere err
git init -q empty
REPO=empty
for command in check run status log render 'ledger verify'; do
	# shellcheck disable=SC2086
	refused 2 "$command in an empty repository" 'no commit yet' dx $T $command
done
test_not 'nothing is made there' test -e empty/.dxcp -o -e empty/build
# Each clone begins a ledger of its own.
git clone -q --depth 1 "file://$PWD/w" shallow
git -C w update-ref -d refs/dxcp/ledger
REPO=shallow
refused 4 'check in a shallow clone' 'not in this repository' dx $T check
test_ok 'it names the way out' grep -q 'git fetch --unshallow' err
refused 4 'run in a shallow clone' 'not in this repository' dx $T run
git -C shallow fetch -q --unshallow
test_run 3 'with the history fetched it runs' dx $T run
test_ok 'and nothing was lost' grep -q '^ALLOWED  checkout 1.0.0 to prod' out
git clone -q --bare w bare.git
git -C bare.git remote remove origin
REPO=bare.git
test_run 3 'a bare repository will do' dx $T run
test_run 0 'its ledger is sound' dx $T ledger verify
REPO=w
rm -f w/.git/refs/heads/main
refused 2 'a HEAD that points nowhere' 'no commit yet' dx $T check

# --- command lines -------------------------------------------------------------------------

test_run 2 'no command: exit 2' "$DXCP"
test_ok 'nothing on standard output' test ! -s out
refused 2 'an unknown command' 'did you mean "check"' "$DXCP" chekc
refused 2 'an unknown option' 'did you mean --now' "$DXCP" check --nwo x
refused 2 'an option without its value' '--now wants TIME' "$DXCP" check --now
refused 2 'a time that is none' '"gestern" is not a time' "$DXCP" check --now gestern
refused 2 'a day that is none' 'is not a time' "$DXCP" check --now 2026-02-30T00:00:00Z
refused 2 'a duration without a unit' 'is not a duration' "$DXCP" run --wait 5
refused 2 'a duration below zero' 'is not a duration' "$DXCP" run --wait -1s
refused 2 'an unknown format' 'is not one of text' "$DXCP" check --format yaml
refused 2 'an argument too many' 'unexpected argument' "$DXCP" check extra
refused 2 'an argument too few' 'wants NUMBER' "$DXCP" show
refused 2 'a number that is none' 'is not a number' "$DXCP" show x
refused 2 'a number too large' 'is not a number' "$DXCP" show 99999999999999999999
refused 2 'a value for a flag' 'takes no value' "$DXCP" check --quiet=1
refused 2 'a choice that is none' 'is not one of auto' "$DXCP" check --color maybe
refused 2 'an unknown --fail-on' 'only "waiting"' "$DXCP" check --fail-on denied
refused 2 'an unknown verb' 'is not one of verify' "$DXCP" ledger nonsense
test_run 0 'help is on standard output' "$DXCP" --help
test_not 'and nowhere else' test -s err

test_not 'no half-written file is left' sh -c 'find . -name "*.tmp" -o -name "*.new-*" | grep .'
test_done
