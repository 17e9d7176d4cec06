# shellcheck shell=sh
# tap.sh: the Test Anything Protocol for end-to-end tests, read by prove(1).
#
# A script tNNNN-topic.sh starts with `. "$(dirname "$0")/../lib/tap.sh"`, says
# in sentences what must hold, and ends with test_done. It runs in a folder of
# its own, removed at the end (kept if KEEP is set), with HOME in it: nothing
# of the user's reaches a test. $DXCP is the program; $TOP is this repository.
# For goldens to be stable, repositories are made with fixed names and dates.

TOP=$(cd "$(dirname "$0")/../.." && pwd)
DXCP=${DXCP:-$TOP/build/debug/dxcp}
SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/dxcp-$(basename "$0" .sh).XXXXXX")
trap '[ -n "${KEEP-}" ] || rm -rf "$SCRATCH"' EXIT
trap 'exit 1' HUP INT TERM
cd "$SCRATCH" || exit 1
HOME=$SCRATCH LC_ALL=C TZ=UTC
GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=$SCRATCH/.gitconfig
export TOP DXCP HOME LC_ALL TZ GIT_CONFIG_NOSYSTEM GIT_CONFIG_GLOBAL
unset NO_COLOR GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
test_count=0 test_failed=0

# test_report STATUS SENTENCE [FILE]: one line of TAP; where it failed, FILE
# is shown behind it.
test_report() {
	test_count=$((test_count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $test_count - $2"
		return
	fi
	test_failed=$((test_failed + 1))
	echo "not ok $test_count - $2"
	[ ! -s "${3-}" ] || sed 's/^/#   /' "$3"
}

# test_run STATUS SENTENCE COMMAND...: it exits with exactly that status. What
# it printed is left in the files out and err.
test_run() {
	test_want=$1 test_sentence=$2 test_got=0
	shift 2
	"$@" >out 2>err || test_got=$?
	{
		echo "exit status $test_got, not $test_want, of: $*"
		cat out err
	} >.why
	[ "$test_got" = "$test_want" ]
	test_report $? "$test_sentence" .why
}

# test_ok SENTENCE COMMAND...: it succeeds. Leaves out and err as they are, so
# that it can look at them.
test_ok() {
	test_sentence=$1
	shift
	if "$@" >.why 2>&1; then set -- 0; else
		echo "failed: $*" >>.why
		set -- 1
	fi
	test_report "$1" "$test_sentence" .why
}

# test_not SENTENCE COMMAND...: it fails, otherwise as test_ok.
test_not() {
	test_sentence=$1
	shift
	if "$@" >.why 2>&1; then
		echo "did not fail: $*" >>.why
		set -- 1
	else set -- 0; fi
	test_report "$1" "$test_sentence" .why
}

# test_skip SENTENCE REASON: it cannot be tested here.
test_skip() {
	test_report 0 "$1 # SKIP $2"
}

# test_same SENTENCE WANT GOT: two files, or two folders, byte for byte.
# GOLDEN=rewrite (`make golden`) makes WANT so instead, if it is of this
# repository.
test_same() {
	case ${GOLDEN-}:$2 in
	rewrite:"$TOP"/tests/*)
		rm -rf "$2" && mkdir -p "$(dirname "$2")" && cp -R "$3" "$2" ;;
	esac
	diff -ru "$2" "$3" >.why 2>&1
	test_report $? "$1" .why
}

# repo_make FOLDER [EMAIL]: an empty git repository on branch main.
repo_make() {
	git init -q -b main "$1" &&
		git -C "$1" config user.name "${2:-ana@example.com}" &&
		git -C "$1" config user.email "${2:-ana@example.com}"
}

# repo_commit FOLDER TIME MESSAGE [EMAIL]: all changes, by EMAIL, at TIME.
repo_commit() {
	git -C "$1" add -A &&
		GIT_AUTHOR_DATE=$2 GIT_COMMITTER_DATE=$2 \
		git -C "$1" ${4:+-c "user.name=$4" -c "user.email=$4"} \
		commit -q --allow-empty -m "$3"
}

# test_done: the plan. Without it, prove takes the script for broken.
test_done() {
	echo "1..$test_count"
	[ "$test_failed" = 0 ] || exit 1
	exit 0
}
