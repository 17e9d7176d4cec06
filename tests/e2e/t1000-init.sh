#!/bin/sh
# dxcp init: an example that runs as it is, and nothing overwritten.
. "$(dirname "$0")/../lib/tap.sh"

now=2026-11-21T12:00:00Z

test_run 2 'without an email there is nobody to give roles to' "$DXCP" init who
test_ok 'it says what is missing' grep -q 'git does not know your email' err
test_ok 'and how to set it' \
	grep -q 'next: git config user.email you@example.com' err
test_not 'no example was written' test -e who/policy

git config --global user.name Eve
git config --global user.email Eve@Example.com
test_run 0 'after that it goes on where it stopped' "$DXCP" init who
test_ok 'the branch is main' \
	test "$(git -C who symbolic-ref HEAD)" = refs/heads/main
test_ok 'it says what it wrote' grep -qx 'wrote  policy/platform.yaml' out
test_ok 'and what to do next' grep -q 'git add -A && git commit' out
test_ok 'the user has the roles' \
	grep -qx 'platform_admin: \[Eve@Example.com\]' who/policy/roles.yaml
test_not 'nobody of this project has any' grep -rq seed- who/policy who/intents
"$DXCP" schema policy intent --out schemas >/dev/null
test_same 'editors have the schemas' schemas who/schemas
grep -rL '^# yaml-language-server: ' who/policy who/intents >unnamed
test_same 'every file names its schema' /dev/null unnamed
find who/policy who/intents -type f | while read -r file; do
	named=$(sed -n '1s/^# yaml-language-server: \$schema=//p' "$file")
	test -f "${file%/*}/$named" || echo "$file: $named"
done >missing
test_same 'and the schema is there, on its first line' /dev/null missing
test_ok 'the ledger is not committed' grep -qx '.dxcp/' who/.gitignore
test_ok 'nor is the site' grep -qx '/build/' who/.gitignore

git -C who add -A && git -C who commit -q -m Begin
test_run 0 'the example runs as it is' "$DXCP" -C who run --now "$now"
test_ok 'its versions are deployed' grep -q 'ALLOWED  checkout 1.4.2 to dev' out
test_not 'nothing of it is denied or fails' grep -Eq 'DENIED|WAITING|FAILED' out
test_not 'what goes wrong is for the demonstration' test -e who/intents/ledger/demo
test_run 0 'and everything is set up' "$DXCP" -C who doctor --now "$now"

cp -R who before
test_run 0 'a second time does no harm' "$DXCP" init who
test_same 'every file is as it was' before who
test_ok 'it says why' grep -q 'has a platform document already' out

repo_make mine eve@example.com
mkdir -p mine/intents/checkout mine/policy mine/schemas
echo '{}' >mine/schemas/policy.json
echo mine >mine/intents/checkout/build-1.4.1.yaml
echo '*.o' >mine/.gitignore
ln -s nowhere mine/policy/recipes.yaml
test_run 0 'an existing repository' "$DXCP" -C mine init --format json
test_ok 'files that are there stay' \
	test "$(cat mine/intents/checkout/build-1.4.1.yaml mine/schemas/policy.json \
		mine/.gitignore)" = "$(printf 'mine\n{}\n*.o')"
test_ok 'a link that leads nowhere too' \
	test "$(readlink mine/policy/recipes.yaml)" = nowhere
test_ok 'it says which' grep -q '"kept":\["intents/checkout/build-1.4.1.yaml",'\
'"policy/recipes.yaml","schemas/policy.json",".gitignore"\]' out
test_ok 'the others were written' \
	grep -q '"schema":"dxcp.init/1".*"written":\["intents/.*"policy/groups' out

repo_make theirs eve@example.com
mkdir -p theirs/policy/a
printf '# ours\n---\nkind: platform\nname: Ours\n' >theirs/policy/a/p.yaml
test_run 0 'where there is a platform' "$DXCP" init theirs --format json
test_ok 'the example is left out' grep -q '"example":false' out
test_ok 'the schemas are not' test -f theirs/schemas/policy.json
test_ok 'so that there is one platform' \
	test "$(find theirs/policy theirs/intents -type f 2>/dev/null)" = \
	theirs/policy/a/p.yaml

repo_make outer eve@example.com
mkdir -p outer/sub outer/full
echo x >outer/full/x
test_run 0 'an empty folder inside a repository' "$DXCP" init outer/sub
test_ok 'becomes a repository of its own' test -d outer/sub/.git
test_run 2 'one with files in it does not' "$DXCP" init outer/full
test_ok 'it names the repository' grep -q 'inside the repository at .*outer/' err
git init -q --bare bare.git
test_run 2 'a bare repository has no files' "$DXCP" init bare.git

git config --global user.email '"e, v: e"@x.example'
test_run 0 'an email with characters of YAML' "$DXCP" init odd
git -C odd add -A && git -C odd commit -q -m Begin
test_run 0 'is quoted' "$DXCP" -C odd doctor
test_ok 'and has its roles' grep -q 'x.example: platform admin' out

test_done
