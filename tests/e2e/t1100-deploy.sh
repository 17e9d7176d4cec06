#!/bin/sh
# dxcp deploy and build: files as people write them, judged before they are
# committed.
. "$(dirname "$0")/../lib/tap.sh"

git config --global user.name Eve
git config --global user.email eve@example.com
"$DXCP" init d >/dev/null && git -C d add -A && git -C d commit -q -m Begin
cd d || exit 1
"$DXCP" run --now 2026-11-21T09:00:00Z >/dev/null
now=2026-11-21T12:00:00Z
name=intents/checkout/20261121T120000Z
files() {
	find intents | sort
}
files >../before

test_run 0 'an intent that would be allowed' \
	"$DXCP" deploy checkout dev 1.4.1 --now "$now" --reason hotfix \
	--summary 'Back: the "new" basket is slow' --ticket PAY-7 -p replicas=4
cat >../want <<'END'
# yaml-language-server: $schema=../../schemas/intent.json
kind: deploy
service: checkout
environment: dev
version: 1.4.1
summary: "Back: the \"new\" basket is slow"
ticket: PAY-7
reason: hotfix
params:
  replicas: 4
END
test_same 'is written with its keys in order' ../want \
	"$name-deploy-1.4.1-dev.yaml"
test_ok 'it says where' grep -qx "wrote $name-deploy-1.4.1-dev.yaml" out
test_ok 'and what a run would decide' grep -q '^ALLOWED  checkout 1.4.1 to dev' out
test_run 0 'check says the same' "$DXCP" check --worktree --now "$now"
test_ok 'of that file' grep -q '^ALLOWED  checkout 1.4.1 to dev' out
test_ok 'nothing is committed' test "$(git rev-list --count HEAD)" = 1

test_run 0 'a second one in the same second' \
	"$DXCP" deploy checkout dev 1.4.1 -s Again --now "$now"
test_ok 'has a name of its own' test -f "$name-deploy-1.4.1-dev-2.yaml"
rm "$name"*

test_run 1 'one that would be denied' \
	"$DXCP" deploy checkout dev 1.10 -s 'No such build' --now "$now"
test_ok 'is written all the same' \
	grep -qx 'version: "1.10"' "$name-deploy-1.10-dev.yaml"
test_ok 'it says why' grep -q 'Code      INVALID_VERSION' out
rm "$name"*

test_run 0 'without effect' \
	"$DXCP" deploy checkout dev 1.4.1 -s x --now "$now" --dry-run
test_ok 'the file is shown' grep -qx '  | version: 1.4.1' out
files >../after
test_same 'and not written' ../before ../after
test_ok 'its schema is there' test -f intents/checkout/../../schemas/intent.json
mv schemas ..
test_run 0 'without schemas in the repository' \
	"$DXCP" deploy checkout dev 1.4.1 -s x --now "$now" --dry-run
test_not 'none is named' grep -q 'yaml-language-server' out
mv ../schemas .

test_run 0 'committed at once' "$DXCP" deploy checkout dev 1.4.1 --commit \
	-s 'Back to the old basket' --ticket PAY-7 --now "$now" --format json
test_ok 'the JSON has the decision' grep -q \
	'"schema":"dxcp.intent/1".*"written":true.*"decision":"allow"' out
git log -1 --format='%ae%n%B' >../got
cat >../want <<'END'
eve@example.com
Deploy checkout 1.4.1 to dev

Back to the old basket

Ticket: PAY-7

END
test_same 'by the user, with a message' ../want ../got
test_ok 'the working tree has it' \
	test -z "$(git status --porcelain -- intents policy)"
test_ok 'the JSON names the commit' \
	grep -q "\"commit\":\"$(git rev-parse HEAD)\",\"text\"" out
test_run 0 'a message of the user' "$DXCP" deploy checkout dev 1.4.2 -s x \
	--commit -m 'As I say' --now "$now"
test_ok 'is taken' test "$(git log -1 --format=%B)" = 'As I say'
test_run 0 'a run takes both' "$DXCP" run --now "$now"
test_ok 'as foretold' grep -q 'ALLOWED  checkout 1.4.1 to dev' out

# What a build says is known to the deploy after it, committed or not.
now=2026-11-21T13:00:00Z
facts="--artifact s3://acme-builds/checkout/checkout-1.5.0.zip
--commit-id 0123456789012345678901234567890123456789 --branch main
--built-at 2026-11-21T11:59:00+01:00 --provider github --run-id 1234
--run-url https://ci.example/1234 --size-bytes 10"
# shellcheck disable=SC2086
test_run 0 'a build' "$DXCP" build checkout 1.5.0 $facts --now "$now"
cat >../want <<'END'
# yaml-language-server: $schema=../../schemas/intent.json
kind: build
service: checkout
version: 1.5.0
summary: Build of checkout 1.5.0
artifact: s3://acme-builds/checkout/checkout-1.5.0.zip
size_bytes: 10
commit: "0123456789012345678901234567890123456789"
branch: main
built_at: 2026-11-21T10:59:00Z
ci:
  provider: github
  run_id: "1234"
  run_url: https://ci.example/1234
END
test_same 'is written too' ../want \
	intents/checkout/20261121T130000Z-build-1.5.0.yaml
test_run 0 'its version can be deployed' \
	"$DXCP" deploy checkout dev 1.5.0 -s New --now "$now"
rm intents/checkout/20261121T13*
files >../before

# Nothing of this writes a file.
test_run 2 'a service that is not there' "$DXCP" deploy chekout dev 1.4.1 -s x
test_ok 'did you mean' grep -q 'did you mean checkout' err
test_run 2 'a service that is a path' "$DXCP" deploy ../x dev 1.4.1 -s x
test_run 2 'no summary' "$DXCP" deploy checkout dev 1.4.1 </dev/null
test_ok 'it asks for it' grep -q -e '--summary TEXT' err
test_run 2 'a blank one' "$DXCP" deploy checkout dev 1.4.1 -s ' '
test_run 2 'one that is too long' "$DXCP" deploy checkout dev 1.4.1 \
	-s "$(printf '%0241d' 0)"
test_run 2 'a reason that is none' "$DXCP" deploy checkout dev 1.4.1 -s x \
	--reason fun
test_run 2 'a parameter without value' "$DXCP" deploy checkout dev 1.4.1 -s x \
	-p replicas
test_run 2 'a parameter twice' "$DXCP" deploy checkout dev 1.4.1 -s x \
	-p replicas=1 -p replicas=2
test_run 2 'a message for no commit' "$DXCP" deploy checkout dev 1.4.1 -s x \
	-m x
test_run 2 'text that is not UTF-8' "$DXCP" deploy checkout dev 1.4.1 \
	-s "$(printf 'a\377b')"
test_run 2 'a build without facts' "$DXCP" build checkout 1.5.0 --branch main
test_ok 'all of them are named' \
	grep -q 'wants --artifact URI, --commit-id OID, --built-at TIME' err
test_run 2 'a build at no time' "$DXCP" build checkout 1.5.0 --built-at now
files >../after
test_same 'wrote anything' ../before ../after

echo 'kind: window' >policy/broken.yaml
test_run 3 'a policy with errors' "$DXCP" deploy checkout dev 1.4.1 -s x
test_ok 'shows them' grep -q 'policy/broken.yaml:1:1: error' err
rm policy/broken.yaml
cd .. && repo_make empty eve@example.com && repo_commit empty "$now" Begin
test_run 3 'without any policy' "$DXCP" -C empty deploy checkout dev 1.4.1 -s x
test_ok 'it names init' grep -q 'dxcp init' err
test_run 2 'outside of a repository' "$DXCP" deploy checkout dev 1.4.1 -s x

test_done
