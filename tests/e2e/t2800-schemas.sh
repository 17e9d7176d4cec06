#!/bin/sh
# dxcp schema: what editors are told is what the program does. A validator of
# its own (python3-jsonschema) reads the schemas; the documents are those of
# tests/schemas/, right and wrong, what becomes of the right ones when one thing
# in them is changed, and every other document of this repository.
. "$(dirname "$0")/../lib/tap.sh"

documents=$TOP/tests/schemas/documents
by_keys='"UNKNOWN_KIND", "UNKNOWN_KEY", "MISSING_KEY", "WRONG_TYPE"'

# found WORLD CODES: the files with findings of these codes, as JSON strings
# in a list, "all" for any; a line each.
found() {
	"$DXCP" -C "$1" check --worktree --format json 2>/dev/null |
		jq -r --argjson codes "$2" '.findings[] | select(.at.file and
			(.code | IN($codes[]))) | .at.file' | sort -u
}
# refuse WORLD PLACE DRAFT: the files that are not valid, in the file bad.
refuse() {
	(cd "$1" && find . -name '*.yaml' | sed 's,^\./,,' | grep "^$2" | sort |
		xargs -n 500 "$documents" validate "../schemas/$3" "${2%s}") >said
	test_not "$1: the schema of $2 ($3) and those of its kinds agree" \
		grep -q ' torn' said
	awk '$2 == "invalid" { print $1 }' said | sort -u >bad
}
# world NAME: an empty one.
world() {
	repo_make "$1" ana@example.com
	repo_commit "$1" 2026-11-20T08:00:00Z Begin
	mkdir -p "$1/policy" "$1/intents/checkout"
}

# --- the command ------------------------------------------------------------

test_run 0 'all schemas' "$DXCP" schema --out schemas/07
test_ok 'it says which' grep -qx 'wrote  schemas/07/deploy.json' out
test_run 0 'in the newer draft' "$DXCP" schema --draft 2020-12 --out schemas/2020-12
test_run 0 'a second time' "$DXCP" schema --out schemas/07 --format json
test_ok 'nothing is new' test "$(jq '[.files[] | select(.written)] | length' out)" = 0
test_ok 'there is one for each kind, policy and intent' \
	test "$(jq '.files | length' out)" = 22
"$documents" metaschema schemas/*/*.json >classes
test_ok 'each is a schema of its draft' test "$(cut -d' ' -f1 classes | sort |
	uniq -c | tr -s ' \n' ' ')" = ' 22 Draft202012Validator 22 Draft7Validator '
test_run 0 'one of them, to read' "$DXCP" schema deploy
test_same 'is the same text' schemas/07/deploy.json out
test_run 0 'a list' "$DXCP" schema
test_ok 'tells what they are' grep -q '^deploy  *put a version into' out
test_run 2 'a kind that is none' "$DXCP" schema deplay
test_ok 'did you mean' grep -q 'did you mean deploy' err
test_run 2 'a draft that is none' "$DXCP" schema deploy --draft 4
test_run 2 'two to standard output' "$DXCP" schema deploy hold
test_ok 'every key tells what it is' test 0 = "$(jq '[.. | objects |
	select(.type == "object" and has("properties")) | .properties[] |
	select(has("description") | not)] | length' schemas/07/policy.json)"

# --- right documents --------------------------------------------------------

world right
"$documents" split "$TOP/tests/schemas/policy.yaml" right/policy
"$documents" split "$TOP/tests/schemas/intents.yaml" right/intents/checkout
"$DXCP" -C right check --worktree --format json >right.json 2>/dev/null
test_ok 'the program finds nothing wrong in the right ones' test 0 = \
	"$(jq '.findings | length' right.json)"
test_ok 'they have every kind' test 20 = "$(cat right/policy/*.yaml \
	right/intents/checkout/*.yaml | sed -n 's/^kind: //p' | sort -u | wc -l)"
cat "$TOP/tests/schemas/policy.yaml" "$TOP/tests/schemas/intents.yaml" >documents
jq -r '.. | objects | select(.type == "object") | .properties // {} | keys[]' \
	schemas/07/policy.json schemas/07/intent.json | sort -u >keys
while read -r key; do
	grep -q "\(^\|[^a-z_]\)$key:" documents || echo "$key"
done <keys >unused
test_same 'they have every key' /dev/null unused
for draft in 07 2020-12; do
	for place in policy intents; do
		refuse right $place $draft
		test_same "the schemas find nothing either ($place, $draft)" /dev/null bad
	done
done
{
	cd "$TOP" || exit 1
	find policy tests/guards -name '*.yaml' -path '*policy*' \
		! -name intent.yaml ! -name facts.yaml -exec \
		"$documents" validate "$SCRATCH/schemas/07" policy {} +
	find intents -name '*.yaml' -exec \
		"$documents" validate "$SCRATCH/schemas/07" intent {} +
	cd "$SCRATCH" || exit 1
} >said
test_not "this project's own are valid" grep -v ' valid$' said
test_ok 'there are some' test "$(wc -l <said)" -gt 30

# --- wrong ones -------------------------------------------------------------

# same WORLD PLACE DRAFT: by both, what a kind's keys say of a document.
same() {
	refuse "$1" "$2" "$3"
	found "$1" "[$by_keys]" >keys
	found "$1" "[$by_keys, \"INVALID_VALUE\"]" >all
	comm -13 bad keys >only
	test_same "$1: what the program finds wrong by keys is not valid ($3)" \
		/dev/null only
	comm -23 bad all >only
	# Of several platform documents only the first is looked at in full.
	while read -r f; do
		grep -q '^kind: platform\|"kind": "platform"' "$1/$f" || continue
		cp "$1/$f" alone/policy/
		found alone "[$by_keys, \"INVALID_VALUE\"]"
		rm alone/policy/*
	done <only >alone.bad
	sed 's,.*/,,' alone.bad >alone.names
	grep -vFf alone.names only >left
	[ -s alone.names ] || cp only left
	test_same "$1: what is not valid the program finds wrong ($3)" /dev/null left
}

world alone
world wrong
"$documents" split "$TOP/tests/schemas/wrong-policy.yaml" wrong/policy
for draft in 07 2020-12; do
	same wrong policy $draft
done
find wrong/policy -name '*.yaml' | sed 's,^wrong/,,' | sort >want
test_same 'wrong documents of policy: none is valid' want bad
# Each is wrong by the code that it begins with.
for f in wrong/policy/*.yaml; do
	code=$(sed -n 's/^# \([A-Z_]*\)$/\1/p' "$f")
	cp "$f" alone/policy/
	[ "$(found alone "[\"$code\"]")" ] || echo "$f: not $code"
	rm alone/policy/*
done >other
test_same 'and wrong as they say' /dev/null other

world changed
"$documents" mutate "$TOP/tests/schemas/policy.yaml" changed/policy
same changed policy 07
test_ok 'right documents with one change: many are wrong, not all' test \
	"$(wc -l <bad)" -gt 1000 -a "$(find changed -name '*.yaml' | wc -l)" -gt \
	"$(wc -l <bad)"

world asked
cp right/policy/* asked/policy/
grep -lx 'kind: hook' asked/policy/* | xargs rm # they would be asked
"$documents" split "$TOP/tests/schemas/wrong-intents.yaml" asked/intents/checkout
find asked/intents -name '*.yaml' | sed 's,^asked/,,' | sort >want
for draft in 07 2020-12; do
	same asked intents $draft
done
test_same 'wrong intents: none is valid' want bad
for f in asked/intents/checkout/*.yaml; do
	code=$(sed -n 's/^# \([A-Z_]*\)$/\1/p' "$f")
	found asked "[\"$code\"]" | grep -qx "${f#asked/}" || echo "$f: not $code"
done >other
test_same 'and wrong as they say' /dev/null other
"$documents" mutate "$TOP/tests/schemas/intents.yaml" asked/intents/checkout
n=0
for f in "$TOP"/tests/guards/*/*/intent.yaml; do
	n=$((n + 1))
	cp "$f" "asked/intents/checkout/guard-$n.yaml"
done
same asked intents 07
test_ok 'changed intents and those of the guardrails: some wrong, not all' test \
	"$(wc -l <bad)" -gt 300 -a "$(find asked/intents -name '*.yaml' | wc -l)" \
	-gt "$((n + $(wc -l <bad)))"

test_done
