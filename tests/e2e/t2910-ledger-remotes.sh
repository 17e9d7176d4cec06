#!/bin/sh
# The ledger's copy on servers of their own kind: HTTP by git http-backend
# behind nginx, SSH by sshd; who may not read or write; pushes that die.
# In memory where that can be: only the order of the writes matters here.
[ ! -w /dev/shm ] || TMPDIR=/dev/shm
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/remotes.sh"
for program in nginx fcgiwrap sshd; do
	server_program $program >/dev/null || {
		test_skip 'remotes' "there is no $program: ci/deps check installs it"
		test_done
	}
done
T=2026-03-02T10:00:00Z
SENT=$SCRATCH/sent
export SENT
: >sent
FAULTS=${DXCP%/*}/tests/faults/kill_at.so
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0
export ASAN_OPTIONS

world_make w <<'YAML'
engines: {box: {type: command, command: [sh, deploy]}}
defaults: {guardrails: {max_concurrent_deployments: 50}}
YAML
echo 'echo "$DXCP_TOKEN" >>"$SENT"' >w/deploy
world_build w checkout 1.0.0
repo_commit w 2026-03-02T08:00:00Z 'Build' ci@example.com
mkdir served
deploys=0
# deploy: one more to dispatch, in what is served.
deploy() {
	deploys=$((deploys + 1))
	world_deploy w checkout dev 1.0.0 "d$deploys" </dev/null
	repo_commit w 2026-03-02T09:00:00Z "Deploy $deploys" bo@example.com
	[ ! -e served/delivery.git ] || git -C w push -q ../served/delivery.git main
}
deploy
git clone -q --bare w served/delivery.git
git -C served/delivery.git config http.receivepack true
REPO=ci
# clone ADDRESS: a new clone, whose history comes from the folder.
clone() {
	rm -rf ci
	git clone -q served/delivery.git ci
	git -C ci remote set-url origin "$1"
}
# sent SENTENCE: all that was asked for was dispatched, each once.
sent() {
	test_ok "$1" test "$(sort -u sent | wc -l) $(wc -l <sent)" = "$deploys $deploys"
}
ref() {
	git -C "$1" rev-parse -q --verify refs/dxcp/ledger
}
same_ref() {
	test "$(ref ci)" = "$(ref served/delivery.git)"
}
# works KIND ADDRESS: runs in clones that are thrown away.
works() {
	for i in 1 2; do
		clone "$2"
		test_run 0 "$1: run $i in a new clone" dx $T run --wait 5s
		sent "$1: each is sent once"
		test_ok "$1: the copies are the same" same_ref
		test_run 0 "$1: the ledger is sound" dx $T ledger verify
	done
}
# refuses SENTENCE WORDS HINT: the run exits 4 with these words, and nothing is
# sent or pushed.
refuses() {
	was=$(wc -l <sent) ref_was=$(ref served/delivery.git)
	test_run 4 "$1: exit 4" dx $T run --wait 5s
	test_ok "$1: it says why" grep -q "^dxcp: .*$2" err
	test_ok "$1: and what to do" grep -q "^  next: .*$3" err
	test_ok "$1: nothing is sent" test "$(wc -l <sent)" = "$was"
	test_ok "$1: nothing is pushed" test "$(ref served/delivery.git)" = "$ref_was"
	test_not "$1: no secret is told" grep -q letmein err
}

# --- HTTP ------------------------------------------------------------------------------

http_start "$PWD/served"
url=$http_url/delivery.git
printf 'http://ci:letmein@127.0.0.1:%s\n' "$http_port" >credentials
git config --global credential.helper "store --file=$PWD/credentials"
works HTTP "$url"
git config --global --unset credential.helper
deploy
clone "$url"
refuses 'HTTP without credentials' 'could not read Username' 'credentials'
clone "http://ci:wrong@127.0.0.1:$http_port/delivery.git"
refuses 'HTTP with wrong ones' 'Authentication failed' 'credentials are not taken'
clone "http://ci:letmein@127.0.0.1:$http_port/delivery.git"
git -C served/delivery.git config http.receivepack false
refuses 'HTTP where nobody may push' '403' 'push the ledger'
git -C served/delivery.git config http.receivepack true
test_run 0 'HTTP with credentials in the address' dx $T run --wait 5s
sent 'HTTP: what was left is sent'
deploy
clone "http://ci:letmein@127.0.0.1:$http_port/none.git"
refuses 'HTTP of what is not there' 'not found' 'ls-remote'

# --- SSH -------------------------------------------------------------------------------

ssh_start
url=$ssh_url$PWD/served/delivery.git
works SSH "$url"
deploy
clone "$url"
ssh_as stranger
refuses 'SSH with a key that is not known' 'Permission denied' 'SSH key'
ssh_as user
: >ssh/known
refuses 'SSH to a host that is not known' 'Host key verification failed' 'known_hosts'
printf '[127.0.0.1]:%s %s\n' "$ssh_port" "$(cat ssh/host.pub)" >ssh/known
# A server that hangs up while it takes the push.
printf '#!/bin/sh\nkill -9 $PPID\n' >served/delivery.git/hooks/pre-receive
chmod +x served/delivery.git/hooks/pre-receive
refuses 'SSH whose server dies in a push' 'pushing refs/dxcp/ledger' 'again'
# One that takes it, and dies before it says so.
cat >served/delivery.git/hooks/post-receive <<'SH'
#!/bin/sh
kill -9 $PPID
SH
rm served/delivery.git/hooks/pre-receive
chmod +x served/delivery.git/hooks/post-receive
test_run 0 'SSH whose server dies after it took the push' dx $T run --wait 5s
sent 'is no trouble'
rm served/delivery.git/hooks/post-receive
# core.sshCommand counts as well.
git -C ci config core.sshCommand "$GIT_SSH_COMMAND"
unset GIT_SSH_COMMAND
deploy
git -C ci pull -q
test_run 0 'SSH as git is configured' dx $T run --wait 5s
sent 'works, too'

# --- a run that dies at the push ------------------------------------------------------------

if [ ! -e "$FAULTS" ]; then
	test_report 1 "$FAULTS is there: make tests builds it"
	test_done
fi
# At each durable call of a run that pushes twice; the next one is in a clone of
# its own, as the machine is gone with all that it knew.
clone "$PWD/served/delivery.git"
deploy
git -C ci pull -q
rm -rf tried && cp -R ci tried && cp -R served tried.served
env LD_PRELOAD="$FAULTS" FAULT_CALLS=durable FAULT_COUNT="$PWD/count" \
	"$DXCP" -C ci --now $T run --wait 5s >out 2>err
sent 'a run without faults sends it'
calls=$(cat count)
test_ok 'it has calls to be killed at' test "$calls" -gt 20
: >trouble
killed=0 lost=0 gone=0
for n in $(seq 1 3 "$calls"); do
	gone=$((1 - gone)) # half of the machines are gone, half go on
	rm -rf ci served
	cp -R tried ci
	cp -R tried.served served
	head -n $((deploys - 1)) sent >sent.new && mv sent.new sent
	status=0
	env LD_PRELOAD="$FAULTS" FAULT_CALLS=durable KILL_AT="$n" \
		"$DXCP" -C ci --now $T run --wait 5s >out 2>err || status=$?
	[ $status != 137 ] || killed=$((killed + 1))
	"$DXCP" -C ci --now $T ledger verify >out 2>err || [ ! -e ci/.dxcp ] ||
		{ echo "killed at $n: not sound"; cat out err; } >>trouble
	[ $gone = 0 ] || clone "$PWD/served/delivery.git"
	status=0
	"$DXCP" -C ci --now 2026-03-02T10:01:00Z run --wait 5s >out 2>err || status=$?
	[ $status = 0 ] || { echo "killed at $n: the next exits $status"; cat out err; } >>trouble
	state=$("$DXCP" -C ci --now 2026-03-02T10:01:00Z log --format json |
		jq -r '.deployments[0].state')
	times=$(($(wc -l <sent) - deploys + 1))
	case $gone:$state:$times in
	*:SUCCEEDED:1) ;;
	# Whether it ran is not known elsewhere: it is not sent again.
	1:LOST_CONTACT:[01]) lost=$((lost + 1)) ;;
	*) echo "killed at $n: $state, sent $times times" >>trouble ;;
	esac
	"$DXCP" -C ci --now 2026-03-02T10:01:00Z ledger verify >out 2>err ||
		{ echo "killed at $n, after the next: not sound"; cat out err; } >>trouble
	same_ref || echo "killed at $n: the copies differ" >>trouble
done
[ ! -s trouble ]
test_report $? "killed at every third of $calls calls, nothing is lost or sent twice" trouble
test_ok 'most of those were killed' test $killed -gt $((calls / 3 - 6))
test_ok 'some left an order that only the dead machine knew of' test $lost -gt 0
test_done
