#!/bin/sh
# identity: signed, with real keys: SSH as ssh-keygen verifies it, OpenPGP as
# gpg does. And who may change policy/ at all.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
REPO=w

key() { ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$PWD/key-$1"; }
key ana && key bo && key ci && key eve
GNUPGHOME=$PWD/gnupg
export GNUPGHOME
mkdir -m 700 gnupg
gpg --batch --quiet --passphrase '' --faked-system-time 20260201T000000 \
	--quick-generate-key 'Gil <gil@example.com>' ed25519 sign 1y 2>/dev/null
gpg --batch --quiet --passphrase '' --faked-system-time 20260201T000000 \
	--quick-generate-key 'Old <bo@example.com>' ed25519 sign 20d 2>/dev/null

# The policy asks for signatures by those keys.
signers() {
	for who in ana bo ci; do
		printf '%s@example.com %s\n' $who "$(cut -d' ' -f1,2 key-$who.pub)"
	done
}
repo_make w
printf '/.dxcp/\n/build/\n' >w/.gitignore
world_platform w <<'YAML'
identity: signed
engines: {box: {type: sandbox}}
defaults: {guardrails: {max_concurrent_deployments: 20}}
YAML
world_policy w
sed -i 's/^owners: \[bo@example.com\]/owners: [bo@example.com, gil@example.com]/' w/policy/rest.yaml
signers >w/policy/allowed_signers
mkdir w/policy/allowed_keys
gpg --batch --armor --export gil@example.com >w/policy/allowed_keys/gil.asc
gpg --batch --armor --export 'Old <bo@example.com>' >w/policy/allowed_keys/old.asc

# gpg as it was in February, before the one key expired.
printf '#!/bin/sh\nexec gpg --faked-system-time 20260210T000000 "$@"\n' >gpg-then
chmod +x gpg-then

# signed KEY EMAIL [GIT OPTION...]: commit everything, by EMAIL, signed by an
# SSH key, or by a person's OpenPGP key.
minute=0
signed() {
	minute=$((minute + 1))
	signed_key=$1 signed_email=$2
	shift 2
	case $signed_key in
	pgp:*) set -- -c gpg.format=openpgp -c gpg.program="$PWD/gpg-then" -c user.signingKey="${signed_key#pgp:}" ;;
	none) ;;
	*) set -- -c gpg.format=ssh -c user.signingKey="$PWD/key-$signed_key" ;;
	esac
	[ "$signed_key" = none ] || set -- "$@" -c commit.gpgSign=true
	git -C w add -A &&
		GIT_AUTHOR_NAME=$signed_email GIT_AUTHOR_EMAIL=$signed_email \
		GIT_AUTHOR_DATE="2026-03-02T08:$(printf %02d $minute):00Z" \
		GIT_COMMITTER_DATE="2026-03-02T08:$(printf %02d $minute):00Z" \
		GIT_COMMITTER_NAME=Committer GIT_COMMITTER_EMAIL=merger@example.com \
		git -C w "$@" commit -q -m "Change $minute"
}
deploy() { world_deploy w checkout dev 1.0.0 "$1" </dev/null; }
decided() {
	jq -r '.decisions[] | [.intent[17:-5], .decision, .code // "-",
		.actor.email, .actor.proof] | join(" ")' out
}

# --- signatures -------------------------------------------------------------

signed ana ana@example.com
world_build w checkout 1.0.0
signed ci ci@example.com
deploy a-good && signed bo bo@example.com
deploy b-none && signed none bo@example.com
deploy c-stranger && signed eve bo@example.com
deploy d-lent && signed bo ana@example.com
deploy e-pgp && signed pgp:gil@example.com gil@example.com
deploy f-expired && signed 'pgp:Old <bo@example.com>' bo@example.com
test_run 1 'commits signed and not' dx 2026-03-02T10:00:00Z run --format json
decided >got
cat >want <<'END'
build-1.0.0 allow - ci@example.com signed
a-good allow - bo@example.com signed
b-none deny SIGNATURE_REQUIRED bo@example.com author
c-stranger deny SIGNATURE_REQUIRED bo@example.com author
d-lent allow - bo@example.com signed
e-pgp allow - gil@example.com signed
f-expired deny SIGNATURE_REQUIRED bo@example.com author
END
test_same 'it is the signer who counts' want got
test_jq 'author and committer are recorded apart' '[.decisions[] |
	select(.intent | endswith("d-lent.yaml")) |
	[.actor.email, .author, .committer]] ==
	[["bo@example.com", "ana@example.com", "merger@example.com"]]'
jq -r '.decisions[].trace[] | select(.guardrail == "signature") | .detail' out |
	sed 's/ [0-9A-F]\{40\}/ KEY/' >got
cat >want <<'END'
signed by ci@example.com, with an SSH key of policy/allowed_signers
signed by bo@example.com, with an SSH key of policy/allowed_signers
the commit is not signed
its SSH signature is not good, or not by a key that policy/allowed_signers held valid at the time
signed by bo@example.com, with an SSH key of policy/allowed_signers
signed by gil@example.com, with the OpenPGP key KEY
its OpenPGP signature is not good, or not by a key of policy/allowed_keys/ that was valid at the time
END
test_same 'each row says by what' want got

# An altered commit: the signature of one, the content of another.
deploy g-altered && signed bo bo@example.com
git -C w cat-file commit HEAD | sed 's/^Change/Chance/' >altered
git -C w update-ref refs/heads/main "$(git -C w hash-object -t commit -w --stdin <altered)"
test_run 1 'a commit altered after it was signed' \
	dx 2026-03-02T10:10:00Z run --format json
test_jq 'has no good signature' '.decisions[0].code == "SIGNATURE_REQUIRED"'

deploy h-later && git -C w add -A
test_run 0 'what is not committed yet' \
	dx 2026-03-02T10:15:00Z check --worktree --format json
test_jq 'is judged as its author would sign it' '.decisions[] |
	select(.intent | endswith("h-later.yaml")) |
	.decision == "allow" and .actor.email == "ana@example.com"'
signed bo bo@example.com

# Keys are good for a time.
{
	signers | grep -v '^bo@'
	printf 'bo@example.com valid-before="20260301" %s\n' "$(cut -d' ' -f1,2 key-bo.pub)"
} >w/policy/allowed_signers
signed ana ana@example.com
test_run 1 'a key that had expired before the commit' \
	dx 2026-03-02T10:20:00Z run --format json
test_jq 'signs nothing' '.decisions[0].code == "SIGNATURE_REQUIRED"'

# --- who may change the policy ------------------------------------------------

findings() { jq -r '.findings[] | [.code, .at.file] | join(" ")' out; }
signers >w/policy/allowed_signers
signed bo bo@example.com
test_run 3 'an owner changes the policy' dx 2026-03-02T10:30:00Z run --format json
findings | grep NOT_ALLOWED >got
echo 'POLICY_CHANGE_NOT_ALLOWED policy/allowed_signers' >want
test_same 'which is a finding' want got
deploy i-after && signed ana ana@example.com
test_run 3 'that stops every run' dx 2026-03-02T10:31:00Z run
git -C w checkout -q HEAD~2 -- policy && signed bo bo@example.com
test_run 0 'until it is taken back' dx 2026-03-02T10:32:00Z run --format json
test_jq 'when what waited for it goes on' '.decisions[0].decision == "allow" and .findings == []'
sed -i 's/^platform_admin: .*/platform_admin: [ana@example.com, bo@example.com]/' w/policy/rest.yaml
signers >w/policy/allowed_signers
signed bo ana@example.com
test_run 3 'somebody makes himself an admin' dx 2026-03-02T10:40:00Z check --format json
findings >got
echo 'POLICY_CHANGE_NOT_ALLOWED policy/allowed_signers' >want
test_same 'which the policy before it does not allow' want got
git -C w reset -q --hard HEAD~
sed -i 's/^platform_admin: .*/platform_admin: [ana@example.com, gil@example.com]/' w/policy/rest.yaml
signed ana ana@example.com
echo '# by the new admin' >>w/policy/rest.yaml
signed pgp:gil@example.com gil@example.com
test_run 0 'an admin makes another, who goes on' dx 2026-03-02T10:50:00Z run --format json
test_jq 'which is fine' '.findings == []'

# --- going back -----------------------------------------------------------------

git -C w checkout -q HEAD~2 -- policy && signed ana ana@example.com
test_run 0 'the policy of an earlier run again' dx 2026-03-02T11:00:00Z check --format json
findings >got
echo 'POLICY_WENT_BACK policy' >want
test_same 'is said' want got
git -C w reset -q --hard HEAD~
git -C w checkout -q HEAD~1
test_run 3 'a checkout from before, with another policy' \
	dx 2026-03-02T11:10:00Z run --format json
findings >got
echo 'STALE_CHECKOUT policy' >want
test_same 'is refused' want got
git -C w checkout -q main
test_run 0 'the branch as it is' dx 2026-03-02T11:20:00Z run
git -C w branch -q base
git -C w switch -qc topic
echo '# by bo' >>w/policy/rest.yaml && signed bo bo@example.com
test_run 3 'a pull request that changes the policy' \
	dx 2026-03-02T11:30:00Z check --base base --format json
findings >got
echo 'POLICY_CHANGE_NOT_ALLOWED policy/rest.yaml' >want
test_same 'is a finding in it, too' want got
test_run 0 'the ledger is sound' dx 2026-03-02T11:30:00Z ledger verify
test_done
