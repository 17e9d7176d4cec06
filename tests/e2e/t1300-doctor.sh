#!/bin/sh
# dxcp doctor, completion and help.
. "$(dirname "$0")/../lib/tap.sh"

now=2026-11-21T12:00:00Z
doctor() {
	"$DXCP" -C d doctor --now "$now" "$@"
}

test_run 4 'no repository' "$DXCP" doctor
test_ok 'is a line with a fix' grep -q '^FAIL  repository ' out
test_ok 'that names init' grep -q 'next: .*dxcp init' out

git config --global user.name Eve
git config --global user.email eve@example.com
"$DXCP" init d >/dev/null
test_run 4 'no commit yet' doctor
test_ok 'says so' grep -q '^FAIL  commit .*no commit yet' out

export GIT_COMMITTER_DATE=2026-11-20T00:00:00Z
git -C d add -A && git -C d commit -q -m Begin
test_run 0 'the example is set up' doctor
for what in program repository commit policy identity 'engine box' ledger \
	'time zones' clock; do
	test_ok "$what is fine" grep -q "^ok    $what" out
done
test_ok 'the identity has its roles' \
	grep -q 'eve@example.com: platform admin, CI publisher' out
test_not 'it made no ledger' test -e d/.dxcp
test_run 0 'as JSON' doctor --format json
test_ok 'one check a line of text' grep -q '^{"schema":"dxcp.doctor/1",'\
'"checks":\[{"name":"program","status":"ok","detail":"dxcp .*","fix":null},' out

test_not 'schemas of this version are no line' grep -q ' schemas ' out
echo >>d/schemas/policy.json
test_run 0 'a schema of another version' doctor
test_ok 'is named' grep -q '^warn  schemas .*schemas/policy.json is not that' out
test_ok 'and how to renew it' \
	grep -q 'next: dxcp schema policy intent --out schemas' out
git -C d checkout -q schemas

"$DXCP" -C d run --now "$now" >/dev/null
test_run 0 'after a run' doctor
test_ok 'the ledger is looked at' \
	grep -q '^ok    ledger .*/.dxcp/ledger.db, schema 3, [0-9]* events, 1 run' out
test_run 0 'a clock that lags' "$DXCP" -C d doctor --now 2026-11-21T11:00:00Z
test_ok 'behind the last run is seen' \
	grep -q '^warn  clock .*before the last run' out
test_run 0 'a stranger' env GIT_AUTHOR_EMAIL=bob@x.example "$DXCP" -C d doctor \
	--now "$now"
test_ok 'has no role' grep -q '^warn  identity *bob@x.example has no role' out

test_ok 'and its copy in git, which is here alone' \
	grep -q '^ok    ledger in git .*this clone alone' out
git init -q --bare remote.git
git -C d remote add origin "$PWD/remote.git"
test_run 0 'with a remote' doctor
test_ok 'that is asked' grep -q '^ok    ledger in git .*not there yet; it can be pushed to' out
git -C d push -q origin refs/dxcp/ledger
test_run 0 'that has it' doctor
test_ok 'it is compared' grep -q '^ok    ledger in git .*all of it is here' out
git -C d remote set-url origin "$PWD/none.git"
test_run 4 'one that is not there: exit 4' doctor
test_ok 'is said' grep -q '^FAIL  ledger in git .*none.git' out
git -C d remote remove origin
echo 'not a ledger' >bad.db
test_run 5 'a file that is no ledger' doctor --ledger bad.db
test_ok 'is a failed check' grep -q '^FAIL  ledger' out

git clone -q --depth 1 "file://$PWD/d" shallow
test_run 0 'a shallow clone' "$DXCP" -C shallow doctor --now "$now"
test_ok 'is warned of' grep -q '^warn  repository .*shallow' out

sed -i 's/type: sandbox/type: spinnaker/; s/after: 0s/url: "http:\/\/127.0.0.1:1"/
/script:/,/message:/d' d/policy/platform.yaml
grep -lr '^engine: box' d/policy | xargs sed -i \
	's/^engine: box/engine: box\napplication: demo\npipelines: {deploy: deploy}/'
git -C d commit -q -a -m Spinnaker
test_run 4 'an engine that is not there' doctor
test_ok 'is said to be so' grep -q '^FAIL  engine box .*127.0.0.1' out
echo 'kind: window' >d/policy/broken.yaml
git -C d add -A && git -C d commit -q -m Break
test_run 3 'a policy with errors' doctor
test_ok 'they are counted' grep -q '^FAIL  policy .*[0-9] errors' out
test_ok 'and shown with their place' \
	grep -q '^FAIL  policy finding *policy/broken.yaml:1:1: ' out

test_run 0 'completion for bash' "$DXCP" completion bash
cat >try.bash <<'END'
. ./out
try() {
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
	_dxcp
	echo "${COMPREPLY[*]}"
}
try dxcp dep
try dxcp -C doctor expl
try dxcp deploy --summ
try dxcp deploy --dir
try dxcp check --summ
try dxcp help rend
END
cat >want <<'END'
deploy
explain
--summary
--directory

render
END
bash try.bash >got 2>&1
test_same 'completes commands and options' want got
for shell in zsh fish; do
	test_run 0 "completion for $shell" "$DXCP" completion $shell
	test_ok 'knows commands' grep -q 'explain' out
	test_ok 'and options' grep -q 'not-before' out
done
test_run 2 'a shell that is not known' "$DXCP" completion csh

test_run 0 'help of a command' "$DXCP" help deploy
cp out want
test_run 0 'is its --help' "$DXCP" deploy --help
test_same 'word for word' want out
test_run 2 'help of a command that is none' "$DXCP" help deplo
test_ok 'did you mean' grep -q 'did you mean "deploy"' err
test_run 0 'the manual page' "$DXCP" help --man
test_ok 'is one' grep -q '^\.TH DXCP 1' out
commands=$(sed -n 's/_/-/;s/^COMMAND(\(.*\))/\1/p' "$TOP/runner/commands.def")
for command in $commands; do
	"$DXCP" help "$command" | grep -v '^  [$ ]*[a-z]' | grep '.\{81\}'
done >wide
test_ok 'help fits 80 columns' test ! -s wide
mkdir man && cp out man/dxcp.1
for command in $commands; do
	grep -q "^\.BR dxcp.*$(echo "$command" | sed 's/-/.*/g') (1)\$" out ||
		echo "$command is not in dxcp.1"
	"$DXCP" help --man "$command" >"man/dxcp-$command.1" &&
		grep -q '^\.SH EXAMPLES' "man/dxcp-$command.1" ||
		echo "dxcp-$command.1 has no examples"
done >missing
test_ok 'there is a page of every command' test ! -s missing
mandoc -Tlint -W warning man/*.1 >lint 2>&1
test_ok 'without fault' test ! -s lint
man --warnings -E UTF-8 -l man/*.1 >pages 2>warnings
test_ok 'also to man' test ! -s warnings
test_run 2 'the page of a command that is none' "$DXCP" help --man deplo

test_done
