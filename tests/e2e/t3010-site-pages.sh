#!/bin/sh
# A world with something of everything: every page is there, every link of it
# leads somewhere, and nothing that users wrote gets out of its place.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/rich.sh"

rich_make w || cat rich.log >&2
test_run 0 'render' dx "$RICH_NOW" render --out site
# check FOLDER SENTENCE: what holds of every file.
check() {
	test_ok "$2" python3 "$TOP/tests/lib/site_check.py" "$1"
}
check site 'links lead somewhere, twins are there, pages are well formed'
for page in index services/checkout services/checkout/prod environments/prod \
	deployments deployments/2026-03 deployments/15 groups groups/money policy \
	policy/recipes/standard codes codes/WINDOW_CLOSED find glossary audit \
	audit/2026-03 runs runs/16 decisions guide guide/ci; do
	file=site/$page/index.html
	[ $page != index ] || file=site/index.html
	test_ok "there is $page" test -s $file
done

# --- why something waits or was denied ----------------------------------------

dx "$RICH_NOW" status --format json >out
jq -r '.waiting[0].code' out >got
echo WINDOW_CLOSED >want
test_same 'the ledger waits for its window' want got
waits=$(grep -l 'ledger 5.2.0' site/decisions/*/index.html | head -1)
test_ok 'its page says until when' grep -q 'datetime="2026-03-09T08:00:00Z"' "$waits"
test_ok 'by which line of the policy' grep -q 'policy/platform.yaml#L51"' "$waits"
test_ok 'and what to do' grep -q '<b>Wait until the window' "$waits"
allowed=$(grep -l 'became deployment 9' site/decisions/*/index.html | head -1)
test_ok 'what waited and went has its deployment' \
	grep -q 'href="../../deployments/9/index.html"' "$allowed"
test_ok 'and its deployment says that it waited, and why' grep -q \
	"href=\"../../${allowed#site/}\">1 h<" site/deployments/9/index.html
test_ok 'who approved it' grep -q 'Read, and tried in dev' site/deployments/9/index.html
test_ok 'a rollback shows the commits that it took back' \
	grep -q 'acme/checkout/compare/' site/deployments/11/index.html
test_ok 'a failure whether a retry helps' \
	grep -q 'Fix first: this version most likely fails again' site/deployments/15/index.html
test_ok 'a service how far it is behind' \
	grep -q '1 release behind staging' site/services/checkout/index.html
test_ok 'the page of the place as well' \
	grep -q 'On hold: 1.5.0' site/services/checkout/prod/index.html
test_ok 'what is on hold' grep -q 'It doubles the latency' site/services/checkout/index.html
test_ok 'and until when it may go' \
	grep -q 'Yes, until Tue 10 Mar 2026, 00:00 UTC' site/services/checkout/index.html
test_ok 'a group when only rollbacks go' \
	grep -q 'Only rollbacks, until Mon 9 Mar 2026, 08:00 UTC' site/groups/money/index.html
test_ok 'the overview leads to these pages' \
	grep -q "href=\"${waits#site/}\"" site/index.html
# The form of a forge as a browser would fill it, into the working tree.
cat >fill.py <<'PY'
import html, os, re, sys, urllib.parse as u
page = open(sys.argv[1]).read()
href = html.unescape(re.search(r'href="([^"]*/new/main[^"]*)"', page).group(1))
form = dict(u.parse_qsl(u.urlsplit(href).query, strict_parsing=True))
path = os.path.join("w", form["filename"])
with open(path, "x") as out:
    out.write(form["value"])
print(form["filename"])
PY
python3 fill.py site/services/checkout/staging/index.html >back
python3 fill.py site/services/checkout/index.html >on
test_run 0 'what pages propose is an intent' \
	dx "$RICH_NOW" check --worktree --format json
test_jq 'a rollback and a promotion that would go' \
	"[.decisions[] | select(.intent == (\"$(cat back)\", \"$(cat on)\")) | .decision]
	 == [\"allow\", \"allow\"]"
rm "w/$(cat back)" "w/$(cat on)"
test_not 'times of guardrails are as people read them' \
	grep -rlE '[^"]2026-0[0-9]-[0-9]{2}T[0-9:]+Z' site --include='*.html' \
	--exclude-dir=guide

# --- what templates get -----------------------------------------------------

test_run 0 'the fields of every page' dx "$RICH_NOW" render --fields --format json
test_jq 'are those that its template may show' \
	'[.templates[] | select(.template == "service") | .fields[] |
	select(.name == "lanes") | .fields[].name] | contains(["version", "lag"])'
test_run 0 'of one page' dx "$RICH_NOW" render --fields recipe
test_ok 'as lines' grep -q '^templates/recipe.html: ' out
test_run 2 'of no page' dx "$RICH_NOW" render --fields recipes
test_run 2 'a page alone is no question' dx "$RICH_NOW" render recipe

# --- who, and hidden ------------------------------------------------------------

test_ok 'people are found' grep -q '>bo<' site/find/index.html
sed -i 's/^site: {/&redact: true, /' w/policy/platform.yaml
repo_commit w 2026-03-05T14:15:00Z 'Hide people' ana@example.com
test_run 0 'render, hiding people' dx "$RICH_NOW" render --out hidden
check hidden 'the hidden site is whole as well'
test_not 'no address of a person is in any file of it' \
	grep -rl 'example\.com' hidden --include='*.html' --include='*.json' \
	--exclude-dir=guide
test_not 'no summary of theirs' grep -rl 'latency doubled\|into prod' hidden \
	--include='*.html' --include='*.json'

# --- again ------------------------------------------------------------------------

test_run 0 'render once more' dx "$RICH_NOW" render --out hidden --format json
test_jq 'writes nothing' '.written == 0 and .removed == 0'
test_done
