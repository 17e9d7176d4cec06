#!/bin/sh
# The ledger's copy in git: clones that are thrown away, remotes that are gone
# or refuse, and copies that part.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
T=2026-03-02T10:00:00Z
SENT=$SCRATCH/sent
export SENT
: >sent

# The engine leaves a line for each dispatch.
world_make w <<'YAML'
engines: {box: {type: command, command: [sh, deploy]}}
defaults: {guardrails: {max_concurrent_deployments: 5}}
YAML
echo 'echo "$DXCP_TOKEN" >>"$SENT"' >w/deploy
world_build w checkout 1.0.0
repo_commit w 2026-03-02T08:00:00Z 'Build' ci@example.com
# deploy NAME [REPOSITORY]: one more to dispatch.
deploy() {
	world_deploy "${2:-w}" checkout dev 1.0.0 "$1" </dev/null
	repo_commit "${2:-w}" 2026-03-02T09:00:00Z "Deploy $1" bo@example.com
}
deploy a
# events REPOSITORY: how many its copy has.
events() {
	git -C "$1" archive refs/dxcp/ledger 2>/dev/null | tar -xO --wildcards 'events/*' | wc -l
}
commits() {
	git -C "$1" rev-list --count refs/dxcp/ledger
}
# sent N SENTENCE: so many were dispatched, each once.
sent() {
	test_ok "$2" test "$(sort -u sent | wc -l) $(wc -l <sent)" = "$1 $1"
}

# --- a repository without a remote ------------------------------------------------

REPO=w
test_run 0 'a run without a remote' dx $T run --wait 5s
sent 1 'it dispatches'
test_ok 'git has all its events' test "$(events w)" = \
	"$(sqlite3 w/.dxcp/ledger.db 'SELECT count(*) FROM event')"
first=$(commits w)
test_ok 'in a commit before the dispatch, and some after' test "$first" -gt 1 -a "$first" -lt 5
git -C w log --format=%s --reverse refs/dxcp/ledger >subjects
test_ok 'they say which events' grep -qx 'Events 1 to 7' subjects
test_ok 'the first ends with what was announced' sh -c \
	"git -C w show refs/dxcp/ledger~$((first - 1)):events/000/000/000000001-000000007.jsonl |
	tail -n 1 | grep -q '\"type\":\"deployment.dispatching\"'"
test_run 0 'a run with nothing to do' dx 2026-03-02T10:01:00Z run
test_ok 'makes no commit' test "$(commits w)" = "$first"
test_run 0 'the ledger is sound' dx $T ledger verify

# What the README in it says.
mkdir proof && git -C w archive refs/dxcp/ledger | tar -x -C proof
sed -n 's/^    //p' proof/README.md | sed '/git archive/d' >prove
test_ok 'the README says how to prove it' test "$(wc -l <prove)" -gt 5
(cd proof && sh ../prove) >out 2>&1
test_not 'and so it is proved' test -s out
sed -i 's/1\.0\.0/6.6.6/' proof/events/000/000/000000001-000000007.jsonl
(cd proof && sh ../prove) >out 2>&1
test_ok 'an edited event is not' grep -q '^broken: ' out

rm -rf w/.dxcp
test_run 0 'with the file gone, status reads the copy' dx $T status --format json
test_jq 'what runs is known' '[.running[] | .version] == ["1.0.0"]'
test_not 'no file is made by it' test -e w/.dxcp
test_run 0 'nor by check' dx 2026-03-02T10:02:00Z check
test_ok 'which finds nothing to judge' grep -q '^0 intents checked' out
test_run 0 'verify proves the copy' dx $T ledger verify
test_run 0 'a run makes it anew' dx 2026-03-02T10:02:00Z run --format json
test_jq 'and decides nothing again' '.decisions == []'
sent 1 'nothing is sent again'
test_run 0 'what it made is sound' dx $T ledger verify

# A worktree has a file of its own, and the same ref.
git -C w worktree add -q ../tree
deploy b
REPO=w test_run 0 'a run in one worktree' dx 2026-03-02T10:03:00Z run --wait 5s
git -C tree merge -q main
REPO=tree test_run 0 'a run in the other' dx 2026-03-02T10:04:00Z run --format json
test_jq 'has nothing to decide' '.decisions == []'
sent 2 'each is sent once'
test_ok 'a run leaves a lock that a dead one held' touch w/.git/refs/dxcp/ledger.lock
deploy c
test_run 0 'and takes it over' dx 2026-03-02T10:05:00Z run --wait 5s
sent 3 'and goes on'

# --- clones that are thrown away ------------------------------------------------------

git init -q --bare -b main remote.git
git -C w remote add origin "$SCRATCH/remote.git"
git -C w push -q origin main
test_run 0 'with a remote that has no copy yet' dx 2026-03-02T10:06:00Z run
same_ref() {
	test "$(git -C "$1" rev-parse refs/dxcp/ledger)" = \
		"$(git -C "$2" rev-parse refs/dxcp/ledger)"
}
test_ok 'it gets what there is' same_ref w remote.git
before=$(commits remote.git)
deploy d
git -C w push -q origin main
for i in 1 2 3; do
	rm -rf ci
	git clone -q remote.git ci
	REPO=ci test_run 0 "run $i in a clone of its own" dx 2026-03-02T10:1$i:00Z run --wait 5s
	sent 4 'sends what is new, once'
	test_ok 'the copies are the same' same_ref ci remote.git
done
test_ok 'two of three runs made no commit' test "$(commits remote.git)" -lt $((before + 4))
REPO=ci test_run 0 'the last is sound' dx $T ledger verify
git -C w fetch -q origin refs/dxcp/ledger:refs/dxcp/ledger
test_run 0 'what was fetched by hand is read' dx $T log --format json
test_jq 'though the file is behind' '.deployments | length == 4'

# Nothing is fetched or pushed by what only looks.
rm -rf ci
git clone -q remote.git ci
REPO=ci
test_run 0 'check in a new clone' dx 2026-03-02T10:20:00Z check
test_ok 'judges without history' grep -q '^5 intents checked' out
test_not 'as nothing is fetched' git -C ci rev-parse -q --verify refs/dxcp/ledger
test_run 0 'check --fetch' dx 2026-03-02T10:20:00Z check --fetch
test_ok 'judges with it' grep -q '^0 intents checked' out
test_not 'and makes no file' test -e ci/.dxcp
deploy e ci
before=$(commits remote.git)
test_run 0 'a dry run' dx 2026-03-02T10:21:00Z run --dry-run
test_ok 'knows the copy' grep -q '^1 intent decided' out
test_ok 'and pushes nothing' test "$(commits remote.git)" = "$before"
test_run 0 'a run on a file of its own' \
	dx 2026-03-02T10:21:00Z run --dry-run --ledger "$PWD/own.db"
test_ok 'has nothing to do with the copy' grep -q '^6 intents decided' out

# --- remotes that fail -----------------------------------------------------------------

# refused SENTENCE WORDS: a run fails for the remote, and sends nothing.
refused() {
	refused_was=$(cat sent)
	test_run 4 "a run $1: exit 4" dx 2026-03-02T10:22:00Z run --wait 5s
	test_ok "it says why: $2" grep -q -e "^dxcp: .*$2" err
	test_ok 'and what to do next' grep -q '^  next: .' err
	test_ok 'nothing was sent' test "$(cat sent)" = "$refused_was"
	test_run 0 'the ledger is sound' dx $T ledger verify
}
git -C ci remote set-url origin "$SCRATCH/none.git"
refused 'whose remote is not there' 'asking origin for refs/dxcp/ledger: .*none.git'
git -C ci remote set-url origin http://127.0.0.1:9/none.git
refused 'whose remote does not answer' 'asking origin .*127.0.0.1'
git -C ci remote set-url origin "$SCRATCH/remote.git"
printf '#!/bin/sh\necho no such thing >&2; exit 1\n' >remote.git/hooks/pre-receive
chmod +x remote.git/hooks/pre-receive
refused 'that may not push' 'pushing refs/dxcp/ledger to origin: .*hook declined'
rm remote.git/hooks/pre-receive
git -C ci remote set-url origin ssh://127.0.0.1/none.git
world_platform ci <<'YAML'
engines: {box: {type: command, command: [sh, deploy]}}
defaults: {guardrails: {max_concurrent_deployments: 5}}
ledger: {timeout: 1s}
YAML
repo_commit ci 2026-03-02T09:30:00Z 'Less patience' ana@example.com
export GIT_SSH_COMMAND='sleep 60; :'
refused 'whose remote is silent' 'no end within 1 seconds'
unset GIT_SSH_COMMAND
git -C ci remote set-url origin "$SCRATCH/remote.git"
git -C ci push -q origin main
test_run 0 'with the remote there again' dx 2026-03-02T10:23:00Z run --wait 5s
sent 5 'what was left is sent, once'
test_ok 'and pushed' same_ref ci remote.git

# platform LINE: of the ledger's settings.
platform() {
	world_platform ci <<-YAML
		engines: {box: {type: command, command: [sh, deploy]}}
		defaults: {guardrails: {max_concurrent_deployments: 5}}
		$1
	YAML
	repo_commit ci 2026-03-02T09:30:00Z 'Settings' ana@example.com
}
platform 'ledger: {remote: backup}'
test_run 2 'a remote that was chosen and is not there: exit 2' dx 2026-03-02T10:24:00Z run
test_ok 'it names it' grep -q 'no remote "backup"' err
platform 'ledger: {ref: ledger}'
test_run 3 'a ref that is none: exit 3' dx 2026-03-02T10:24:00Z run
test_ok 'it says where' grep -q '^policy/.*error.INVALID_VALUE.: "ledger" is not a ref' out
platform 'ledger: {ref: refs/heads/main}'
main=$(git -C ci rev-parse main)
test_run 3 'a ref that holds something else: exit 3' dx 2026-03-02T10:24:00Z run
test_ok 'it says so' grep -q 'refs/heads/main holds something else than a ledger' err
test_ok 'and leaves it there' test "$(git -C ci rev-parse main)" = "$main"
git -C ci push -q origin main:refs/heads/other
platform 'ledger: {ref: refs/heads/other}'
other=$(git -C remote.git rev-parse other)
test_run 3 'one at the remote: exit 3' dx 2026-03-02T10:24:00Z run
test_ok 'it says where' grep -q 'refs/heads/other at origin holds something else' err
test_ok 'it stays, too' test "$(git -C remote.git rev-parse other)" = "$other"
platform 'ledger: {ref: refs/heads/ledger}'
test_run 0 'a branch will do' dx 2026-03-02T10:24:00Z run
test_ok 'it has all' test "$(git -C remote.git show refs/heads/ledger:README.md | head -n 1)" = '# Ledger'
platform ''

# --- copies that part --------------------------------------------------------------------

git -C ci push -q origin main
rm -rf one two
git clone -q remote.git one
git clone -q remote.git two
REPO=one test_run 0 'one clone is brought up' dx 2026-03-02T11:00:00Z run
REPO=two test_run 0 'and another' dx 2026-03-02T11:00:00Z run
deploy f one
git -C one push -q origin main
git -C two pull -q
# What two records stays there: its write-ahead was never pushed.
printf '#!/bin/sh\nexit 1\n' >remote.git/hooks/pre-receive
chmod +x remote.git/hooks/pre-receive
REPO=two test_run 4 'a run that could not push' dx 2026-03-02T11:01:00Z run --wait 5s
rm remote.git/hooks/pre-receive
sent 5 'sent nothing'
REPO=one test_run 0 'another clone sends it' dx 2026-03-02T11:02:00Z run --wait 5s
sent 6 'once'
REPO=two test_run 0 'status of the first tells' dx 2026-03-02T11:03:00Z status --fetch
test_ok 'that the two part' grep -q 'part after event' err
REPO=two test_run 0 'its next run gives way' dx 2026-03-02T11:03:00Z run --wait 5s
test_ok 'and says so' grep -q 'another run was faster' err
sent 6 'it sends nothing again'
REPO=two test_run 0 'its ledger is sound' dx $T ledger verify
test_ok 'and the same' same_ref two remote.git
test_ok 'event by event' test "$(sqlite3 one/.dxcp/ledger.db 'SELECT max(hash) FROM event WHERE seq < 30')" = \
	"$(sqlite3 two/.dxcp/ledger.db 'SELECT max(hash) FROM event WHERE seq < 30')"

# History that was imported is in no git: it does not give way.
cat >history.jsonl <<'JSON'
{"service":"checkout","environment":"dev","version":"0.9.0","time":"2026-01-01T10:00:00Z"}
JSON
before=$(events remote.git)
REPO=one test_run 0 'an import' dx 2026-03-02T11:04:00Z ledger import history.jsonl
test_ok 'is pushed' test "$(events remote.git)" -gt "$before"
sed 's/0.9.0/0.8.0/' history.jsonl >other.jsonl
REPO=two test_run 0 'an import into the file alone' \
	dx 2026-03-02T11:04:00Z ledger import other.jsonl --ledger two/.dxcp/ledger.db
REPO=two test_run 5 'a file that parts by what is not to be had again: exit 5' \
	dx 2026-03-02T11:05:00Z run
test_ok 'it says what' grep -q 'part after event .*imported history' err
test_ok 'and what to do next' grep -q '^  next: .' err

# A remote that lost its newest events gets them again; one that was written
# over is not taken.
git -C remote.git update-ref refs/dxcp/ledger refs/dxcp/ledger~1
REPO=one test_run 0 'a remote that was set back' dx 2026-03-02T11:06:00Z run
test_ok 'is set right' same_ref one remote.git
git -C remote.git update-ref -d refs/dxcp/ledger
REPO=one test_run 0 'one whose copy is gone' dx 2026-03-02T11:07:00Z run
test_ok 'has it again' same_ref one remote.git
repo_make else && cp -R w/policy else && repo_commit else 2026-03-02T09:00:00Z Else
REPO=else test_run 0 'another ledger' dx 2026-03-02T11:00:00Z run
git -C else push -q --force ../remote.git refs/dxcp/ledger
REPO=one test_run 5 'a remote with another ledger: exit 5' dx 2026-03-02T11:08:00Z run
test_ok 'it says so' grep -q 'hold different events' err
test_ok 'and what to do next' grep -q '^  next: .' err
sent 6 'nothing was sent again in all of this'
test_done
