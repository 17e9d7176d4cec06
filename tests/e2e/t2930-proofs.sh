#!/bin/sh
# Checkpoints and proofs: made by the program, checked by the program without
# any ledger, and by tests/proofs/check, which shares no code with it (and by
# Go's packages where PROOF_CHECK names a program: make check-proofs).
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
REPO=w
T=2026-03-02T10:00:00Z
check=$TOP/tests/proofs/check

# edited FILE EXPRESSION: a proof with this edit of jq, to edited.json
edited() {
	jq "$2" "$1" >edited.json
}
# holds SENTENCE FILE: all checkers say so.
holds() {
	test_run 0 "$1" "$DXCP" ledger verify --proof "$2" --key "$public" --format json
	test_jq 'that is what it says' '.holds and .signed'
	test_ok 'so says one that was written after the specifications' "$check" "$2" "$public"
	[ -z "${PROOF_CHECK-}" ] ||
		test_ok "so say Go's packages" "$PROOF_CHECK" "$2" "$public"
}
# fails SENTENCE FILE [STATUS [ours]]: none of them believes it. What the records
# are about is not for Go's packages to say.
fails() {
	test_run "${3:-5}" "$1" "$DXCP" ledger verify --proof "$2" --key "$public"
	test_ok 'with what to do' grep -q '^  next: .' err
	test_not 'nor is it believed elsewhere' "$check" "$2" "$public"
	[ -z "${PROOF_CHECK-}" ] || [ -n "${4-}" ] ||
		test_not "nor by Go's packages" "$PROOF_CHECK" "$2" "$public"
}

world_make w <<'YAML'
engines: {box: {type: sandbox}}
defaults: {guardrails: {max_concurrent_deployments: 5}}
YAML
for version in 1.0.0 1.1.0 1.2.0; do
	world_build w checkout $version
done
repo_commit w 2026-03-01T09:00:00Z 'Builds' ci@example.com
test_run 0 'a checkpoint of a ledger that is not there' dx $T ledger checkpoint
test_ok 'is that of no events' sh -c 'tail -n 2 out | head -n 1 | grep -qx 0'
test_not 'and makes none' test -e w/.dxcp/ledger.db
dx $T run >out

# --- keys -----------------------------------------------------------------------

test_run 0 'a key' "$DXCP" ledger key acme.example/ledger --out key
public=$(cat out)
test_ok 'the private one is nobody else'\''s to read' sh -c \
	'test "$(stat -c %a key)" = 600 && grep -q "^PRIVATE+KEY+acme.example/ledger+" key'
test_run 4 'no key is written over' "$DXCP" ledger key again --out key
test_run 2 'a name with a space is none' "$DXCP" ledger key 'a b' --out other
test_not 'and leaves nothing' test -e other
test_run 2 'a public key cannot sign' dx $T ledger checkpoint --key "$public"
echo nonsense >bad
test_run 3 'what is no key is told' dx $T ledger checkpoint --key bad

# --- checkpoints ------------------------------------------------------------------

dx $T ledger checkpoint >plain
test_ok 'without a key it is three lines' test "$(wc -l <plain)" = 3
test_ok 'that begin with the repository' grep -qx "dxcp/$(git -C w rev-list --max-parents=0 HEAD)" plain
dx $T ledger checkpoint --key key >first
test_ok 'with one it is signed' grep -q '^— acme.example/ledger ' first
test_run 0 'the ledger is that of the checkpoint' dx $T ledger verify --checkpoint first --key "$public"
"$DXCP" ledger key other.example --out other.key >other
test_run 5 'which no other key has signed' dx $T ledger verify --checkpoint first --key "$(cat other)"
for version in 1.0.0 1.1.0 1.2.0; do
	world_deploy w checkout dev $version </dev/null
	repo_commit w 2026-03-02T09:00:00Z 'Deploy' bo@example.com
	dx $T run >out
	world_deploy w checkout prod $version </dev/null
	repo_commit w 2026-03-02T09:30:00Z 'Deploy' bo@example.com
	dx 2026-03-02T10:10:00Z run >out
done
dx $T ledger checkpoint --key key --out second
test_run 0 'a ledger that grew continues it' dx $T ledger verify --checkpoint first
root=$(dx $T ledger verify --format json | jq -r .root)
test_ok 'verify makes the same root from all events' test "$(sed -n 3p second)" = "$root"
sqlite3 w/.dxcp/ledger.db 'DROP TABLE dxcp_tree'
test_ok 'nor does it matter what was hashed before' sh -c \
	'"$DXCP" -C w ledger checkpoint | tail -n 1 | grep -qxF "$1"' - "$root"
chmod -w w/.dxcp/ledger.db
test_ok 'a ledger that may not be written has one' sh -c \
	'"$DXCP" -C w ledger checkpoint | tail -n 1 | grep -qxF "$1"' - "$root"
chmod +w w/.dxcp/ledger.db
cp -R w/.dxcp whole

# --- that nothing was taken away ------------------------------------------------------

dx $T ledger checkpoint --since first --key key >growth
holds 'it is proved that the ledger grew' growth
edited growth '.path[0] = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="'
fails 'not by another path' edited.json
edited growth '.path |= .[1:]'
fails 'nor by less of it' edited.json
edited growth '.from = .checkpoint'
fails 'nor from another beginning' edited.json
dx $T ledger checkpoint --since second >same
test_run 0 'nothing new is a proof, too' "$DXCP" ledger verify --proof same
test_run 2 'no ledger follows from a later one' dx $T --ledger early.db ledger checkpoint --since second
sqlite3 w/.dxcp/ledger.db 'DROP TRIGGER event_no_delete;
	DELETE FROM event WHERE seq > 20' # an end that was cut off, well
dx $T ledger rebuild >out
test_run 0 'an end that was cut off cannot be seen in a ledger itself' \
	dx $T ledger verify --ledger w/.dxcp/ledger.db -C /
test_run 5 'but by a checkpoint' dx $T ledger verify --checkpoint second
test_ok 'by its name' grep -q '^CHECKPOINT_DIFFERS .*made of .* events; here are 20' out
rm -rf w/.dxcp && cp -R whole w/.dxcp

# --- one deployment -----------------------------------------------------------------------

for n in 1 4 6; do
	dx $T show $n --proof --key key >proof.$n
	holds "deployment $n is in the ledger" proof.$n
done
test_run 0 'for people, too' "$DXCP" ledger verify --proof proof.4 --key "$public"
test_ok 'it tells what is proved' grep -q '  2026-03-02T10:..:00Z  deployment.ended' out
jq -r '.events[].record' proof.4 >records
test_ok 'its events from the decision to the end' sh -c 'jq -r .type records | tr "\n" " " |
	grep -qx "intent.decided deployment.created deployment.dispatching deployment.started deployment.ended "'
dx $T show 4 --proof >unsigned
test_run 0 'without a key nobody vouches for it' "$DXCP" ledger verify --proof unsigned
test_ok 'which is said' grep -q 'without --key' out
test_run 5 'and it is not what a key has signed' "$DXCP" ledger verify --proof unsigned --key "$public"
edited proof.4 '.events[4].record |= sub("SUCCEEDED"; "FAILED")'
fails 'an edited event is found' edited.json
edited proof.4 '.events[1].index += 1'
fails 'so is one at another place' edited.json
edited proof.4 '.events[2].path[1] = .events[2].path[0]'
fails 'and another path' edited.json
edited proof.4 '.checkpoint |= sub("\n[0-9]+\n"; "\n7\n")'
fails 'and another size' edited.json
edited proof.4 '.number = 3'
fails 'and the events of another deployment' edited.json 5 ours
edited proof.4 '.events = []'
fails 'no events prove nothing' edited.json 3 ours
jq -s '.[0].events[0] = .[1].events[0] | .[0]' proof.4 proof.1 >edited.json
test_run 5 'nor does the decision about another' "$DXCP" ledger verify --proof edited.json
echo '{}' >edited.json
fails 'what is no proof is told' edited.json 3 ours
test_run 2 'of what is not there is no proof' dx $T show 99 --proof
test_run 3 'a proof needs a file that is one' "$DXCP" ledger verify --proof key
test_done
