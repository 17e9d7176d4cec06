#!/bin/sh
# A run, or a render, that is killed at any of the calls by which it changes
# files, or at which such a call fails: the next one completes it, and nothing
# is done twice.
# In memory where that can be: only the order of the writes matters here.
[ ! -w /dev/shm ] || TMPDIR=/dev/shm
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
T=2026-03-02T10:00:00Z
REPO=w
L=w/.dxcp/ledger.db
FAULTS=${DXCP%/*}/tests/faults/kill_at.so
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0
SENT=$SCRATCH/sent
export ASAN_OPTIONS SENT
if [ ! -e "$FAULTS" ]; then
	test_report 1 "$FAULTS is there: make tests builds it"
	test_done
fi

# faulty [NAME=VALUE...] COMMAND...: with the plan for tests/faults/kill_at.c.
faulty() {
	env LD_PRELOAD="$FAULTS" "$@"
}

# The engine is a program that leaves a line for each dispatch.
world_make w <<'YAML'
engines: {box: {type: command, command: [sh, deploy]}}
defaults: {guardrails: {max_concurrent_deployments: 5}}
YAML
cat >w/deploy <<'SH'
echo "$DXCP_TOKEN" >>"$SENT"
SH
world_build w checkout 1.0.0
repo_commit w 2026-03-02T08:00:00Z 'Build' ci@example.com
world_build w ledger 1.0.0
repo_commit w 2026-03-02T08:01:00Z "Another build" ci@example.com
world_deploy w checkout dev 1.0.0 1 </dev/null
# The second deploy of the release has to be sent after the first.
cat >w/intents/release.yaml <<'YAML'
kind: release
summary: Two in their order
deploys:
  - {service: ledger, environment: dev, version: 1.0.0, after: [checkout]}
  - {service: checkout, environment: dev, version: 1.0.0}
YAML
world_deploy w checkout dev 9.9.9 denied </dev/null
world_deploy w checkout dev 1.0.0 waiting <<'YAML'
not_before: 2026-03-02T12:00:00Z
YAML
repo_commit w 2026-03-02T09:00:00Z 'Intents' bo@example.com

# Nothing recorded, here or in git; objects of git that an earlier run left would
# not be written again.
pack() {
	rm -rf w/.git/refs/dxcp
	git -C w repack -adq
}
fresh() {
	rm -rf w/.dxcp sent w/.git/refs/dxcp
	[ -z "$packed" ] || rm -rf w/.git/objects/??
}
# trouble WHAT...: note it, with what was printed.
trouble() {
	{ echo "$1: $2"; cat out err; } >>trouble
}
# completes WHAT: the next run completes what a troubled one left, once.
completes() {
	status=0
	"$DXCP" -C w --now $T run --wait 10s >out 2>err || status=$?
	case $status in
	0 | 1) ;;
	*) trouble "$1" "the next run exits $status" ;;
	esac
	got=$(sqlite3 $L "SELECT group_concat(number || state, ' ') FROM
		(SELECT number, state FROM v_deployments ORDER BY number)" 2>&1)
	[ "$got" = '1SUCCEEDED 2SUCCEEDED 3SUCCEEDED' ] || trouble "$1" "deployments: $got"
	# A build, three deploys, a denial, a wait: each decided once, save that
	# an engine which could not be started is tried again.
	got=$(sqlite3 $L "SELECT count(DISTINCT subject || (payload ->> 'code')) || ' ' ||
		count(*) FROM event WHERE type = 'intent.decided'
		AND payload ->> 'code' IS NOT NULL
		AND payload ->> 'code' != 'ENGINE_UNAVAILABLE'" 2>&1)
	[ "$got" = '2 2' ] || trouble "$1" "different refusals, and all: $got"
	got=$(sort sent | uniq -c | awk '{ n += $1 } END { print NR, n }')
	[ "$got" = '3 3' ] || trouble "$1" "tokens, and dispatches: $got"
	"$DXCP" -C w --now $T ledger verify >out 2>err || trouble "$1" 'the ledger is not sound'
}
# test_trouble SENTENCE: there was none.
test_trouble() {
	[ ! -s trouble ]
	test_report $? "$1" trouble
	: >trouble
}
# state SQL: of a ledger that a killed run left, without touching it.
state() {
	rm -rf probe
	cp -R w/.dxcp probe
	sqlite3 probe/ledger.db "$1" 2>/dev/null
}

# --- run, killed ----------------------------------------------------------------

pack
packed=1
fresh
faulty FAULT_COUNT="$PWD/count" "$DXCP" -C w --now $T run >out 2>err
calls=$(cat count)
completes 'nothing'
test_trouble 'a run without faults'
test_ok 'it has many calls to be killed at' test "$calls" -gt 60
killed=0
for n in $(seq 1 2 "$calls"); do
	fresh
	status=0
	faulty KILL_AT="$n" "$DXCP" -C w --now $T run >out 2>err || status=$?
	[ $status != 137 ] || killed=$((killed + 1))
	if [ -e $L ] && [ $((n % 4)) = 1 ]; then
		case $(state "SELECT group_concat(DISTINCT state) FROM v_deployments") in
		PENDING) [ -e pending ] || cp -R w/.dxcp pending ;;
		DISPATCHING) [ -e dispatching ] || [ -e sent ] || cp -R w/.dxcp dispatching ;;
		esac
	fi
	# What only looks must cope with what is left, too.
	"$DXCP" -C w --now $T ledger verify >out 2>err ||
		trouble "killed at $n" 'right after it the ledger is not sound'
	completes "killed at $n"
done
test_trouble "killed at every other of $calls calls, the next run completes all, once"
# How it writes may differ a little from run to run: the end may come early.
test_ok 'nearly all of those runs were killed' test $killed -gt $((calls / 2 - 10))
packed=

# --- the kill switch between a decision and its dispatch ----------------------------

test_ok 'some were killed between decision and dispatch' test -e pending -a -e dispatching
cp -R w/policy policy
for at in pending dispatching; do
	fresh
	cp -R $at w/.dxcp
	world_platform w <<-'YAML'
		engines: {box: {type: command, command: [sh, deploy]}}
		mutations: disabled
		defaults: {guardrails: {max_concurrent_deployments: 5}}
	YAML
	repo_commit w 2026-03-02T10:00:00Z 'Stop' ana@example.com
	test_run 0 "killed when $at, and the kill switch is turned on" \
		dx 2026-03-02T10:01:00Z run --wait 3s
	test_not 'nothing is sent' test -e sent
	test_run 0 'the ledger is sound' dx $T ledger verify
	git -C w revert -n HEAD
	repo_commit w 2026-03-02T10:02:00Z 'Go on' ana@example.com
	test_run 0 'when it is lifted' dx 2026-03-02T10:03:00Z run --wait 5s
	test_ok 'all are sent, once' test "$(sort -u sent | wc -l) $(wc -l <sent)" = '3 3'
	dx 2026-03-02T10:04:00Z log --format json >out
	test_jq 'and succeed' '[.deployments[] | [.number, .state]] ==
		[[3, "SUCCEEDED"], [2, "SUCCEEDED"], [1, "SUCCEEDED"]]'
done

# --- run, with calls that fail ------------------------------------------------------

# fails WHAT [NAME=VALUE...]: a run whose calls fail so says why, or had no need
# of them; the next one completes it.
fails() {
	what=$1
	shift
	fresh
	status=0
	faulty "$@" "$DXCP" -C w --now $T run >out 2>err || status=$?
	case $status in
	1) worked=$((worked + 1)) ;;
	4 | 5)
		failed=$((failed + 1))
		grep -q -e '^dxcp: .' -e 'ENGINE_UNAVAILABLE' out err ||
			trouble "$what" "exit $status without a word"
		;;
	*) trouble "$what" "exit $status" ;;
	esac
	completes "$what"
}
pack
packed=1
worked=0 failed=0
for n in $(seq 1 3 "$calls"); do
	fails "EIO at $n" FAIL_AT="$n" FAIL_WITH=EIO
done
test_trouble 'with one call that fails by EIO, the run says so and the next completes all, once'
# Git makes do with some calls that fail: it has another way, or no need.
test_ok 'many of those runs failed' test $failed -gt $((worked / 2))
worked=0 failed=0
for n in $(seq 2 5 "$calls"); do
	fails "ENOSPC from $n" FAIL_FROM="$n" FAIL_WITH=ENOSPC
	[ "$status" != 4 ] || grep -q -e 'No space left' -e 'is full' err ||
		trouble "ENOSPC from $n" 'it does not say that the disk is full'
done
test_trouble 'with a disk that is full from some call on, too'
test_ok 'most of those runs failed' test $failed -gt $worked

packed=
# --- render -------------------------------------------------------------------------------

# Two states of the site: in the second a recipe is gone and a deployment is
# more, so that pages are new, changed, and to be removed.
fresh
cat >w/policy/more.yaml <<'YAML'
kind: recipe
id: other
name: Other
revision: 1
summary: To be removed.
engine: box
YAML
repo_commit w 2026-03-02T10:10:00Z 'A recipe' ana@example.com
dx 2026-03-02T11:00:00Z run --wait 10s >out 2>err
dx 2026-03-02T11:00:00Z render --out old >out 2>err
git -C w rm -q policy/more.yaml
repo_commit w 2026-03-02T11:10:00Z 'No recipe' ana@example.com
dx 2026-03-02T12:00:00Z run --wait 10s >out 2>err
dx 2026-03-02T12:30:00Z render --out new >out 2>err
test_ok 'a page is to be removed' test -e old/policy/recipes/other/index.html -a \
	! -e new/policy/recipes/other
test_ok 'one is new' test -e new/deployments/4/index.html -a ! -e old/deployments/4

# renders WHAT FROM [NAME=VALUE...]: over the site FROM, or none, with faults;
# the next makes of it what it should be.
renders() {
	what=$1
	rm -rf site
	[ -z "$2" ] || cp -Rp "$2" site
	shift 2
	status=0
	faulty "$@" "$DXCP" -C w --now 2026-03-02T12:30:00Z render --out "$PWD/site" \
		>out 2>err || status=$?
	case $status in
	0) worked=$((worked + 1)) ;;
	137) killed=$((killed + 1)) ;;
	4)
		failed=$((failed + 1))
		grep -q '^dxcp: .' err || trouble "$what" "exit $status without a word"
		;;
	*) trouble "$what" "exit $status" ;;
	esac
	dx 2026-03-02T12:30:00Z render --out site >out 2>err ||
		trouble "$what" 'the next render fails'
	diff -r new site >out 2>&1 || trouble "$what" 'the next render makes another site'
}
# points CALLS STEP: where to strike: everywhere at both ends, else by steps.
points() {
	seq 1 1 12
	seq 13 "$2" "$1"
	seq $(($1 - 8)) "$1"
}
for from in '' old; do
	rm -rf site
	[ -z "$from" ] || cp -Rp "$from" site
	faulty FAULT_COUNT="$PWD/count" "$DXCP" -C w --now 2026-03-02T12:30:00Z \
		render --out "$PWD/site" >out 2>err
	calls=$(cat count)
	worked=0 killed=0 failed=0
	for n in $(points "$calls" 17); do
		renders "killed at $n" "$from" KILL_AT="$n"
	done
	test_trouble "killed over ${from:-no} site, the next render makes the same as a fresh one"
	test_ok 'all of those renders were killed' test $killed -gt 20 -a $worked = 0
	worked=0 killed=0 failed=0
	for n in $(points "$calls" 37); do
		renders "EIO at $n" "$from" FAIL_AT="$n" FAIL_WITH=EIO
	done
	for n in $(points "$calls" 37); do
		renders "ENOSPC from $n" "$from" FAIL_FROM="$n" FAIL_WITH=ENOSPC
	done
	test_trouble "with calls that fail over ${from:-no} site, too"
	test_ok 'most of those renders failed' test $failed -gt $worked
done
test_done
