#!/bin/sh
# The same git, the same ledger, the same clock: the same bytes, whoever asks,
# wherever, and however they came about.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"

world_make w <<'YAML'
timezone: Europe/Berlin
engines:
  box:
    type: sandbox
    after: 5m
    script: [{version: 2.0.0, outcome: failed, category: APP, message: it fell}]
defaults: {guardrails: {max_concurrent_deployments: 2}}
YAML
for s in checkout ledger; do
	world_build w $s 1.0.0
	world_build w $s 2.0.0
done
repo_commit w 2026-03-02T08:00:00Z 'Builds' ci@example.com
world_deploy w checkout dev 1.0.0 a </dev/null
world_deploy w checkout prod 1.0.0 b </dev/null
world_deploy w ledger dev 2.0.0 c </dev/null
world_deploy w ledger prod 1.0.0 d </dev/null
world_deploy w ledger prod 7.7.7 e </dev/null
repo_commit w 2026-03-02T09:00:00Z 'Deploys' bo@example.com
world_deploy w checkout dev 2.0.0 f </dev/null
world_deploy w checkout prod 2.0.0 g <<'YAML'
not_before: 2026-03-05T00:00:00Z
YAML
repo_commit w 2026-03-02T09:30:00Z 'More' bo@example.com

# here COMMAND..., there COMMAND...: the program in one clone and its
# surroundings, and in another.
git clone -q w one
git clone -q w two
git -C one remote remove origin # each with a ledger of its own
git -C two remote remove origin
git -C two gc -q
mkdir -p deep/er/home
export deep="$PWD/deep/er"
here() { "$DXCP" -C one "$@"; }
there() {
	(cd "$deep" && umask 077 && exec env HOME="$deep/home" TZ=Asia/Kathmandu \
		LC_ALL=tr_TR.UTF-8 LANG=tr_TR.UTF-8 COLUMNS=200 TERM=xterm-256color \
		EDITOR=ed "$DXCP" -C ../../two "$@")
}
# same SENTENCE COMMAND...: both print the same, with the same status.
same() {
	same_sentence=$1
	shift
	status=0
	here "$@" >one.out 2>one.err || status=$?
	echo $status >>one.out
	status=0
	there "$@" >two.out 2>two.err || status=$?
	echo $status >>two.out
	test_same "$same_sentence" one.out two.out
}

T=2026-03-02T10:00:00Z
same 'check as JSON is the same in another clone, zone and locale' \
	--now $T check --format json
test_ok 'it says something' grep -q '"schema":"dxcp.check/1"' one.out
same 'check as text, too' --now $T check --trace
for T in 2026-03-02T10:00:00Z 2026-03-02T10:03:00Z 2026-03-02T10:05:00Z \
	2026-03-02T10:20:00Z 2026-03-05T01:00:00Z; do
	same "run at $T" --now $T run --format json
	here --now $T render --out "$PWD/site.steps" >out 2>&1
done
same 'status' --now $T status --format json
same 'log' --now $T log --format json
same 'show' --now $T show 3 --format json
same 'show as text' --now $T show 3
for clone in one two; do
	sqlite3 $clone/.dxcp/ledger.db 'SELECT * FROM event ORDER BY seq' >$clone.events
done
test_same 'both ledgers have the same events' one.events two.events
test_ok 'and many' test "$(wc -l <one.events)" -gt 40

# --- the site ---------------------------------------------------------------------

here --now $T render --out "$PWD/site.one" >out 2>&1
there --now $T render --out "$PWD/site.two" >out 2>&1
test_same 'both make the same site' site.one site.two
test_ok 'of many pages' test "$(find site.one -type f | wc -l)" -gt 100
test_same 'made in steps it is the same as made at once' site.steps site.one
here --now 2026-03-09T00:00:00Z render --out "$PWD/site.steps" >out 2>&1
here --now $T render --out "$PWD/site.steps" >out 2>&1
test_same 'made later and again for that time, too' site.steps site.one
mkdir elsewhere
cp -R one elsewhere/moved
"$DXCP" -C elsewhere/moved --now $T render --out site.moved >out 2>&1
test_same 'made from a copy that lies elsewhere, too' site.moved site.one
test_not 'no page knows where it was made' grep -rqF "$SCRATCH" site.one
cp one/.dxcp/ledger.db rebuilt.db
test_run 0 'rebuild' here --ledger "$PWD/rebuilt.db" ledger rebuild
here --now $T --ledger "$PWD/rebuilt.db" render --out "$PWD/site.rebuilt" >out 2>&1
test_same 'made from a rebuilt ledger, too' site.rebuilt site.one

# --- the order of files ------------------------------------------------------------

# The same files, made in another order, by names that sort otherwise.
files=$(git -C w ls-files)
n=0
for order in 'sort' 'sort -r' 'shuf --random-source=/etc/services'; do
	n=$((n + 1))
	rm -rf made
	repo_make made
	for f in $(echo "$files" | LC_ALL=C $order 2>/dev/null || echo "$files"); do
		mkdir -p "made/$(dirname "$f")"
		cp "w/$f" "made/$f"
	done
	repo_commit made 2026-03-02T08:00:00Z 'All' ana@example.com
	REPO=made
	dx $T check --format json >check.$n 2>err
	dx $T check --worktree --format json >worktree.$n 2>err
done
for what in check worktree; do
	test_same "$what does not depend on the order in which files were made" \
		$what.1 $what.2
	test_same 'nor on another' $what.1 $what.3
	test_ok 'it says something' grep -q '"decision":"deny"' $what.1
done
test_done
