#!/bin/sh
# The site as it was: render --at, and what differs: site diff.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/rich.sh"

# The site of one moment, kept before the world goes on.
rich_then() {
	THEN=2026-03-04T12:15:00Z
	dx "$THEN" render --out "$SCRATCH/kept" >/dev/null
	then_commit=$(git -C "$REPO" rev-parse HEAD)
}
RICH_AFTER='Hold 1.5.0'
rich_make w || cat rich.log >&2

test_run 0 'render --at a time' dx "$RICH_NOW" render --at "$THEN" --out past
test_same 'gives the site that was rendered at that time' kept past
test_run 0 'again' dx "$RICH_NOW" render --at "$THEN" --out past --format json
test_jq 'writes nothing' '.written == 0'
test_run 0 'render --at a commit' \
	dx "$RICH_NOW" render --at "$then_commit" --out commit
test_run 0 'is as of the end of the last run that read it' \
	dx "$RICH_NOW" site diff commit kept --format json
test_jq 'so that pages differ by their clock alone' '[.pages[] | .change] | unique - ["changed"] == []'
test_run 0 'render --at a time before everything' \
	dx "$RICH_NOW" render --at 2020-01-01T00:00:00Z --out before
test_not 'has no deployment' grep -r 'Put 1.4.0' before
test_run 0 'the ledger itself' dx "$RICH_NOW" ledger verify
test_ok 'was not touched' grep -q ' 0 faults' out
test_run 2 'what is neither' dx "$RICH_NOW" render --at yesterday --out no
test_ok 'is said to be neither' grep -q 'a time or a revision' err
test_not 'and writes nothing' test -e no

# --- what differs -----------------------------------------------------------------

test_run 0 'render now' dx "$RICH_NOW" render --out now
test_run 0 'site diff of two folders' dx "$RICH_NOW" site diff past now --format json
test_jq 'names what came' '[.pages[] | select(.change == "added") | .page] |
	contains(["deployments/15/index.html", "deployments/18/index.html"])'
test_jq 'what changed, with what it said before' '.pages[] |
	select(.page == "deployments/index.html") |
	.title == "Deployments" and (.before | startswith("14 deployments")) and
	(.after | startswith("18 deployments"))'
test_jq 'and not what did not' '[.pages[].page] | index("deployments/5/index.html") == null'
test_jq 'texts are as they were written' '[.pages[] | .after // ""] | any(contains("&amp;")) | not'
mv out folders
test_run 0 'site diff of two times' dx "$RICH_NOW" site diff "$THEN" "$RICH_NOW" --format json
test_same 'says the same' folders out
test_run 0 'of a site and itself' dx "$RICH_NOW" site diff now now
test_ok 'nothing differs' grep -q '^0 pages added, 0 removed, 0 changed' out
mkdir empty
test_run 2 'a folder without a site' dx "$RICH_NOW" site diff empty now
test_run 2 'one argument too few' dx "$RICH_NOW" site diff now

# --- a private repository ----------------------------------------------------------

echo '{"repository": {"private": true}}' >event.json
test_run 0 'in a job of a private repository' env GITHUB_EVENT_PATH="$PWD/event.json" \
	"$DXCP" -C w --now "$RICH_NOW" render --out now
test_ok 'render says loudly that it names people' grep -q 'THIS REPOSITORY IS PRIVATE' err
echo '{"repository": {"private": false}}' >event.json
test_run 0 'in one of a public' env GITHUB_EVENT_PATH="$PWD/event.json" \
	"$DXCP" -C w --now "$RICH_NOW" render --out now
test_not 'it does not' grep -q 'PRIVATE' err
sed -i 's/^site: {/&redact: true, /' w/policy/platform.yaml
repo_commit w 2026-03-05T14:15:00Z 'Hide people' ana@example.com
test_run 0 'nor where they are hidden' env CI_PROJECT_VISIBILITY=private \
	"$DXCP" -C w --now "$RICH_NOW" render --out now
test_not 'for there are none' grep -q 'PRIVATE' err
test_done
