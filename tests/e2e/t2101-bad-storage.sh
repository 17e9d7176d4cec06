#!/bin/sh
# Ledgers that are none, folders that cannot be written, disks that are full,
# outputs that lead nowhere: said by the right exit status, with nothing lost.
# In a mount namespace of its own where that is allowed: what it mounts is gone
# with it.
[ -n "${OWN_MOUNTS-}" ] || ! unshare -m true 2>/dev/null ||
	OWN_MOUNTS=1 exec unshare -m sh "$0"
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
T=2026-03-02T10:00:00Z
REPO=w
L=w/.dxcp/ledger.db

# The engine is a program that leaves a line for each dispatch.
world_make w <<'YAML'
engines: {box: {type: command, command: [./deploy]}}
defaults: {guardrails: {max_concurrent_deployments: 5}}
YAML
cat >w/deploy <<'SH'
#!/bin/sh
echo "$DXCP_TOKEN" >>"$SENT"
SH
chmod +x w/deploy
SENT=$SCRATCH/sent
export SENT
world_build w checkout 1.0.0
repo_commit w 2026-03-01T09:00:00Z 'Build' ci@example.com
for i in 1 2 3; do world_deploy w checkout dev 1.0.0 $i </dev/null; done
repo_commit w 2026-03-01T09:00:00Z 'Deploys' bo@example.com

# refused STATUS SENTENCE PATTERN COMMAND...: it exits so, and says this on
# standard error.
refused() {
	refused_status=$1 refused_sentence=$2 refused_pattern=$3
	shift 3
	test_run "$refused_status" "$refused_sentence: exit $refused_status" "$@"
	test_ok 'it says why' grep -q -e "$refused_pattern" err
}

# --- outputs ------------------------------------------------------------------

refused 4 'a report into a folder that is not there' '/nonexistent/x' \
	dx $T run --format json=/nonexistent/x
test_ok 'what to do is said' grep -q '^  next: ' err
test_not 'before anything is done' test -e $L -o -e sent
refused 4 'a report onto a full disk' 'No space left' sh -c \
	'"$0" -C w --now "$1" check >/dev/full' "$DXCP" $T
refused 4 'an answer onto a full disk' 'No space left' sh -c \
	'"$0" -C w --now "$1" status >/dev/full' "$DXCP" $T
refused 4 'standard output closed' 'Bad file descriptor' sh -c \
	'"$0" -C w --now "$1" check >&-' "$DXCP" $T
test_run 0 'standard error and input closed' sh -c \
	'"$0" -C w --now "$1" check <&- 2>&-' "$DXCP" $T
echo old >report.json
chmod 600 report.json
test_run 0 'a report in place of an old one' dx $T check --format json=report.json
test_jq 'is whole' '.schema == "dxcp.check/1"' report.json
test_ok 'and goes through a device as well' sh -c \
	'"$0" -C w --now "$1" check --format json=/dev/stdout | jq -e .schema' "$DXCP" $T
# A run whose report cannot be written has run all the same.
test_run 4 'a run whose report goes onto a full disk: exit 4' sh -c \
	'"$0" -C w --now "$1" run --wait 10s >/dev/full' "$DXCP" $T
test_run 0 'the next run has nothing to do' dx $T run --format json
test_jq 'at all' '.decisions == []'
test_ok 'each deployment was sent once' test "$(sort sent | uniq | wc -l) $(wc -l <sent)" = '3 3'
test_run 0 'the ledger is sound' dx $T ledger verify
# An output that lies where a file of the program's could take its number.
for streams in '>&-' '2>&-' '<&- >&-' '>&- 2>&-' '<&- >&- 2>&-'; do
	rm -rf again
	cp -R w again
	rm -rf again/.dxcp
	git -C again update-ref -d refs/dxcp/ledger
	sh -c '"$0" -C again --now "$1" run --wait 10s '"$streams" "$DXCP" $T >out 2>err
	REPO=again test_run 0 "with $streams nothing is printed into the ledger" dx $T ledger verify
	test_ok 'nor into what lies beside it' grep -qx '[0-9]*' again/.dxcp/ledger.db.lock
done

# --- ledgers --------------------------------------------------------------------

dx $T log --format json >log.json
cp $L good
# broken SENTENCE PATTERN: what is at $L now is refused by all commands, and
# stays as it is.
broken() {
	cp $L was
	for command in check run status 'show 1' 'render --out site' 'ledger verify' \
		'ledger rebuild'; do
		# shellcheck disable=SC2086
		test_run 5 "$1: $command exits 5" dx $T $command
		test_ok 'it says which file, and why' grep -q "w/.dxcp/ledger.db.*$2" err
		test_ok 'and what to do next' grep -q '^  next: .' err
	done
	test_ok 'the file is as it was' cmp was $L
	test_not 'nothing is left beside it' \
		sh -c 'ls w/.dxcp | grep -vx -e ledger.db -e ledger.db.lock -e command'
}
sqlite3 $L 'PRAGMA user_version = 99'
broken 'a ledger of a later version' 'has schema 99'
head -c $(($(wc -c <good) / 2)) good >$L
broken 'half a ledger' 'malformed'
head -c 100000 /dev/zero | tr '\0' 'x' >$L
broken 'a text in place of a ledger' 'not a database'
rm -f $L
sqlite3 $L 'CREATE TABLE x (y)'
broken 'another database' 'not a ledger of dxcp'
: >$L
broken 'an empty file' 'is empty'
rm $L
mkdir $L
refused 4 'a folder in place of a ledger' 'not a regular file' dx $T run
rmdir $L
cp good $L
test_run 0 'put back, it is sound' dx $T ledger verify
test_not 'no site was written' test -e site

# --- folders that cannot be written -------------------------------------------------

# Root may write anywhere, unless it gives that up.
limited() {
	case $(id -u) in
	0) setpriv --bounding-set=-all --inh-caps=-all "$@" ;;
	*) "$@" ;;
	esac
}
mkdir shut
chmod 555 shut
if ! limited true 2>/dev/null || limited sh -c ': >shut/x' 2>/dev/null; then
	test_skip 'folders that cannot be written' 'everything can be written here'
else
	chmod 555 w/.dxcp
	refused 4 'run, beside a ledger that cannot be written' 'cannot write to .*w/.dxcp: Permission denied' \
		limited "$DXCP" -C w --now $T run
	test_ok 'what to do is said' grep -q '^  next: .*permission' err
	test_run 0 'log can still read it' limited "$DXCP" -C w --now $T log --format json
	test_same 'and says what it said' log.json out
	test_run 0 'so can status' limited "$DXCP" -C w --now $T status
	test_run 0 'so can check' limited "$DXCP" -C w --now $T check
	test_run 0 'so can verify' limited "$DXCP" -C w --now $T ledger verify
	test_run 0 'so can render' limited "$DXCP" -C w --now $T render --out "$PWD/site"
	refused 4 'a site where nothing can be written' 'shut/' \
		limited "$DXCP" -C w --now $T render --out "$PWD/shut/site"
	chmod 755 w/.dxcp
	chmod 444 $L
	refused 4 'run, on a ledger that cannot be written' 'w/.dxcp/ledger.db: Permission denied' \
		limited "$DXCP" -C w --now $T run
	chmod 644 $L
	rm -rf fresh
	git clone -q w fresh
	chmod 555 fresh
	refused 4 'run, where no ledger can be made' 'fresh/.dxcp: Permission denied' \
		limited "$DXCP" -C fresh --now $T run
	test_run 0 'check needs none' limited "$DXCP" -C fresh --now $T check
	chmod 755 fresh
	test_run 0 'all that was in the ledger is' dx $T ledger verify
	test_ok 'as it was' cmp good $L
fi

# --- disks that are full -----------------------------------------------------------------

# room KILOBYTES: so much is free in disk/.
room() {
	: >disk/fill
	dd if=/dev/zero of=disk/fill bs=1k 2>/dev/null
	truncate -s $(($(wc -c <disk/fill) - $1 * 1024)) disk/fill
}
# on_disk COMMAND...: with the ledger in disk/.
on_disk() {
	dx $T --ledger disk/l/ledger.db "$@"
}
mkdir disk
if [ -z "${OWN_MOUNTS-}" ] || ! mount -t tmpfs -o size=1200k none disk 2>/dev/null; then
	test_skip 'disks that are full' 'nothing can be mounted here'
else
	failed=0 worked=0
	for n in 0 8 112 128 160 184 192 200 240 256 288 320 324 328 332 336 340 \
		360 380 400 408 416 424 432 440 450 460 470 480 500 600; do
		rm -rf disk/* sent
		room $n
		status=0
		on_disk run --wait 10s >out 2>err || status=$?
		case $status in
		0) worked=$((worked + 1)) ;;
		*)
			failed=$((failed + 1))
			test_ok "with $n kB of room it exits 4" test $status = 4
			test_ok 'says what is full' grep -q 'disk/.*\(full\|No space\)' err
			test_ok 'and what to do' grep -q '^  next: ' err
			;;
		esac
		: >disk/fill
		on_disk run --wait 10s >out 2>err
		on_disk log --format json >out
		test_jq "with room again all is done, after $n kB" '[.deployments[] |
			[.number, .state]] == [[3, "SUCCEEDED"], [2, "SUCCEEDED"], [1, "SUCCEEDED"]]'
		test_ok 'each deployment was sent once' test "$(sort -u sent | wc -l) $(wc -l <sent)" = '3 3'
		test_run 0 'and the ledger is sound' on_disk ledger verify
		test_not 'nothing half-written is left' \
			sh -c 'find disk -name "*.tmp" -o -name "*.new-*" | grep .'
	done
	test_ok 'some of it failed, some did not' test $failed -gt 5 -a $worked -gt 1
	rm -rf disk/*
	room 100
	refused 4 'a site onto a full disk' 'disk/.*No space' dx $T render --out disk/site
	: >disk/fill
	rm -rf disk/fill
	mount -o remount,size=4m disk
	test_run 0 'with room again' dx $T render --out disk/site
	rm -rf site
	dx $T render --out site >out
	test_same 'it is the site that it should be' site disk/site
	umount disk
fi
test_done
