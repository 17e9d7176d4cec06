#!/bin/sh
# Whether the ledger says what git and the engines say: each difference by its
# code, with its place, its age and a next step.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
REPO=w
T=2026-03-02T10:00:00Z
LATER=2026-03-02T12:00:00Z

# verify STATUS SENTENCE [ARGUMENT...]: two hours later, JSON in out.
verify() {
	verify_status=$1 verify_sentence=$2
	shift 2
	test_run "$verify_status" "$verify_sentence" dx $LATER ledger verify --format json "$@"
}
# codes WANT: of faults, a bar, of differences.
codes() {
	got=$(jq -r '[([.faults[].code] | unique | join(" ")), ([.differences[].code] | unique | join(" "))] |
		join("|")' out)
	[ "$got" = "$1" ] || echo "$got" >&2
	test_ok "that is told as $1" test "$got" = "$1"
	test_jq 'each with its place and a next step' \
		'[.faults[], .differences[]] | all(.place != "" and .hint != "" and .message != "")'
}
# replace [FOLDER]: the ledger by that one, or none; and no copy of it in git.
replace() {
	rm -rf w/.dxcp
	git -C w update-ref -d refs/dxcp/ledger
	[ -z "${1-}" ] || cp -R "$1" w/.dxcp
}
world_make w <<'YAML'
engines: {box: {type: sandbox, after: 1h, script: [
  {version: 1.0.0, outcome: succeeded, after: 0s},
  {version: 1.2.0, outcome: hang}]}}
defaults: {guardrails: {max_concurrent_deployments: 5}}
YAML
for version in 1.0.0 1.1.0 1.2.0; do
	world_build w checkout $version
done
repo_commit w 2026-03-01T09:00:00Z 'Builds' ci@example.com
verify 0 'before the first run there is nothing to fault'
test_jq 'but intents that wait for one' '.pending == 3 and .events == 0'
world_deploy w checkout dev 1.0.0 </dev/null
world_deploy w checkout dev 9.9.9 </dev/null
world_deploy w checkout prod 1.0.0 waiting <<'YAML'
not_before: 2026-03-03T10:00:00Z
YAML
repo_commit w 2026-03-02T09:00:00Z 'Deploys' bo@example.com
dx $T run >out
verify 0 'after a run'
test_jq 'all is in git' '.intents == 6 and .pending == 0 and .sound and .faults == [] and .differences == []'
cp -R w/.dxcp good
dx 2026-03-02T10:30:00Z run >out
verify 0 'a run that found nothing to do is not pushed'
codes '|'

# --- what git has and the ledger has not --------------------------------------------

world_deploy w checkout dev 1.1.0 </dev/null
repo_commit w 2026-03-02T11:00:00Z 'Another' bo@example.com
verify 0 'that no run has been yet is no fault'
codes '|INTENT_NOT_SEEN'
test_jq 'it has an age' '.differences[0] | .place == "intents/checkout/deploy-1.1.0-dev.yaml" and
	.ageSeconds == 3600 and .since == "2026-03-02T11:00:00Z" and .level == "note"'
test_run 0 'for people, too' dx $LATER ledger verify
test_ok 'in words' grep -q '^INTENT_NOT_SEEN  intents/.*: no run has seen it yet (since ' out
test_ok 'with a next step' grep -q '^  next: Start .dxcp run.' out
dx $T run >out
cp -R w/.dxcp later
git -C w update-ref refs/dxcp/ledger "$(git -C w rev-parse refs/dxcp/ledger~1)"
verify 0 'a copy in git that is behind is no fault'
codes '|LEDGER_COPY_NOT_EVEN'
dx $T run >out
verify 0 'the next run brings it up'
codes '|'
# A decision that is gone, as if it had never been: chain and tables are sound.
"$DXCP" -C w ledger export all.jsonl 2>err
grep -n 'intent.decided' all.jsonl | grep -n '9.9.9' >out
line=$(grep -n '"subject":"intents/checkout/deploy-9.9.9-dev.yaml"' all.jsonl | cut -d: -f1)
sed "${line}d" all.jsonl | awk -v from="$line" '{
	if (NR >= from) sub("\"seq\":" (NR + 1) ",", "\"seq\":" NR ",")
	print }' >less.jsonl
replace
test_run 0 'a ledger written anew without one decision' dx $T ledger restore less.jsonl
verify 5 'is found'
codes 'INTENT_NOT_RECORDED|'
test_jq 'by the file that was decided about' '.faults[0].place == "intents/checkout/deploy-9.9.9-dev.yaml"'
replace later

# --- the copy in git -------------------------------------------------------------------

dx $T run >out
rm -rf w/.dxcp
verify 0 'where there is no file the copy is looked at'
test_jq 'all of it' '.events > 20 and .differences == []'
sed 's/,"actor":"bo@example.com"/,"actor":"eve@example.com"/; s/"actor":"bo@/"actor":"eve@/' all.jsonl >edited.jsonl
rm -rf w/.dxcp
"$DXCP" --ledger w/.dxcp/ledger.db ledger restore edited.jsonl >out
verify 5 'a file that parts from its copy is found'
test_jq 'by the event' '.faults | map(select(.code == "LEDGER_COPY_DIFFERS")) |
	length == 1 and (.[0].message | test("up to event [0-9]+ they are the same"))'
replace later

# --- what the ledger has and git has not ---------------------------------------------

git -C w branch was
git -C w reset -q --hard HEAD~1
verify 0 'another branch still has the commit'
git -C w branch -q -D was
verify 5 'when none has it any more, history was rewritten'
codes 'RECORD_NOT_IN_GIT|'
test_jq 'the commit is named' '.faults[0].message | test("which no branch has any more")'
git -C w reflog expire --expire=now --all
git -C w gc -q --prune=now
verify 5 'and when it is gone, too'
codes 'RECORD_NOT_IN_GIT|GIT_NOT_COMPLETE'
replace good
verify 0 'the earlier ledger agrees'
"$DXCP" -C w ledger export all.jsonl 2>err
for edit in 's/"blob":"[0-9a-f]*"/"blob":"0123456789abcdef0123456789abcdef01234567"/' \
	's/"commit":"[0-9a-f]*"/"commit":"0123456789abcdef0123456789abcdef01234567"/' \
	's,deploy-9.9.9-dev,deploy-8.8.8-dev,g'; do
	sed "/deploy-9.9.9-dev/$edit" all.jsonl >edited.jsonl
	replace
	dx $T ledger restore edited.jsonl >out
	verify 5 "a history made up by $edit is found"
	test_jq 'as what git does not have' '[.faults[].code] | index("RECORD_NOT_IN_GIT") != null'
done
replace good

# --- git that cannot say ---------------------------------------------------------------

git clone -q --depth 1 "file://$PWD/w" shallow
cp -R w/.dxcp shallow/.dxcp
test_run 4 'a shallow clone cannot say' "$DXCP" -C shallow --now $LATER ledger verify --format json
codes '|GIT_NOT_COMPLETE'
test_jq 'that is no fault of the ledger' '.sound'
blob=$(git -C w rev-parse HEAD:intents/checkout)
object=w/.git/objects/$(echo "$blob" | cut -c 1-2)/$(echo "$blob" | cut -c 3-)
git -C w repack -q -a -d && git -C w unpack-objects -q <"$(echo w/.git/objects/pack/*.pack)" 2>err
mkdir packs && mv w/.git/objects/pack/* packs && git -C w unpack-objects -q <"$(echo packs/*.pack)"
mv "$object" lost
verify 4 'nor can a repository with objects missing'
codes '|GIT_NOT_COMPLETE'
mv lost "$object"
test_run 0 'a ledger by itself is looked at by itself' "$DXCP" --ledger "$PWD/w/.dxcp/ledger.db" -C / ledger verify
verify 0 'all is well again'

# --- engines -------------------------------------------------------------------------------

verify 0 'the engine has all that ended' --engine
test_jq 'which were asked about' '.deployments == 1'
world_deploy w checkout dev 1.1.0 </dev/null
world_deploy w checkout prod 1.2.0 </dev/null
repo_commit w 2026-03-02T10:30:00Z 'Two more' bo@example.com
dx 2026-03-02T10:30:00Z run >out
test_run 0 'what goes on does so in both' dx 2026-03-02T10:31:00Z ledger verify --engine --format json
codes '|'
verify 0 'what has ended since is told' --engine
codes '|ENGINE_AHEAD'
test_jq 'since it was sent' '.differences[0] | .place == "deployment 2" and .ageSeconds == 5400'
world_platform w <<'YAML'
engines: {box: {type: sandbox, script: [
  {version: 1.0.0, outcome: failed}, {version: 1.1.0, outcome: unavailable}, {version: 1.2.0, outcome: hang}]}}
defaults: {guardrails: {max_concurrent_deployments: 5}}
YAML
repo_commit w 2026-03-02T10:40:00Z 'Another engine' ana@example.com
verify 4 'another end, and an engine that is away' --engine
codes '|ENGINE_DIFFERS ENGINE_NOT_REACHED'
test_jq 'no fault of the ledger' '.sound'
world_platform w <<'YAML'
engines: {box: {type: command, command: ["false"]}}
defaults: {guardrails: {max_concurrent_deployments: 5}}
YAML
repo_commit w 2026-03-02T10:50:00Z 'Yet another' ana@example.com
verify 4 'an engine that cannot know' --engine
codes '|ENGINE_NOT_REACHED'
printf 'x: [\n' >w/policy/bad.yaml
repo_commit w 2026-03-02T10:55:00Z 'Bad policy' ana@example.com
verify 3 'without a policy there are no engines' --engine
test_done
