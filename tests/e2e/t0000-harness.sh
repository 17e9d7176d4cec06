#!/bin/sh
# tests/lib/tap.sh itself: what a script built on it can rely on.
. "$(dirname "$0")/../lib/tap.sh"

# inner NAME: a test script of the lines on standard input, run by itself.
inner() {
	mkdir -p "$SCRATCH/inner/tests/lib" "$SCRATCH/inner/tests/e2e"
	cp "$TOP/tests/lib/tap.sh" "$SCRATCH/inner/tests/lib"
	{
		echo '. "${0%/*}/../lib/tap.sh"'
		cat
	} >"$SCRATCH/inner/tests/e2e/$1.sh"
}
run() {
	sh "$SCRATCH/inner/tests/e2e/$1.sh"
}

inner good <<'END'
test_ok 'true is true' true
test_not 'false is not' false
test_run 3 'a status is compared' sh -c 'echo printed; exit 3'
test_ok 'what it printed is at hand' grep -qx printed out
test_ok 'and stays there' grep -qx printed out
pwd >"${SCRATCH%/*}/where"
test_done
END
mkdir tmp
test_run 0 'a script whose tests pass succeeds' env TMPDIR="$PWD/tmp" \
	sh inner/tests/e2e/good.sh
cat >want <<'END'
ok 1 - true is true
ok 2 - false is not
ok 3 - a status is compared
ok 4 - what it printed is at hand
ok 5 - and stays there
1..5
END
test_same 'it prints TAP with the plan at the end' want out
test_ok 'it ran in a folder of its own' grep -q '/tmp/dxcp-good\.' tmp/where
test_not 'that folder is gone afterwards' test -e "$(cat tmp/where)"

inner bad <<'END'
test_ok 'false is true' false
test_not 'true is false' true
test_run 0 'a status is compared' sh -c 'echo because; exit 4'
echo a >a; echo b >b
test_same 'two files are the same' a b
test_done
END
test_run 1 'a script with failed tests fails' run bad
test_ok 'all four failed' test "$(grep -c '^not ok' out)" = 4
test_ok 'a wrong status is shown' grep -q '^#   exit status 4, not 0' out
test_ok 'with what was printed' grep -qx '#   because' out
test_ok 'the difference of two files is shown' grep -qx '#   +b' out

inner early <<'END'
test_ok 'one' true
exit 0
END
test_run 0 'a script that ends early exits' run early
test_not 'without a plan, so that prove notices' grep -q '^1\.\.' out

head_of() {
	repo_make "$1" && echo x >"$1/x" &&
		repo_commit "$1" 2026-01-02T03:04:05Z 'Add x' bo@example.com &&
		git -C "$1" log -1 --format='%H %ae %cI'
}
test_run 0 'a repository is made' head_of one
cp out first
test_run 0 'and another of the same content' head_of two
test_same 'both have the same commit' first out
test_ok 'by the author and at the time given' \
	grep -q ' bo@example.com 2026-01-02T03:04:05+00:00$' out

test_done
