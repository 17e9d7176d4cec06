#!/bin/sh
# The guide's page of the policy: every key that the program reads stands there
# with what it takes, and the examples pass the check. After a change of keys
# `make golden` makes the tables anew.
. "$(dirname "$0")/../lib/tap.sh"

page=$TOP/site/guide/policy.md
policy_page() {
	python3 "$TOP/tests/lib/policy_page.py" "$@"
}

test_run 0 'the schemas' "$DXCP" schema --out schemas
test_run 0 'the page has a section of each kind' policy_page tables schemas "$page"
[ "${GOLDEN-}" != rewrite ] || [ ! -s out ] || cp out "$page"
test_same 'every key is on the page, as the program has it' "$page" out

# What would be overlooked else: a page that lacks a key, a kind, a table.
for without in '`approvals`' '## `hook`' '| `on_failure`'; do
	grep -vF "$without" "$page" >less.md
	policy_page tables schemas less.md >made.md 2>&1
	test_not "a page without $without is found" cmp -s less.md made.md
done

repo_make w ana@example.com
mkdir w/policy
policy_page examples "$page" >w/policy/all.yaml
repo_commit w 2026-11-20T08:00:00Z 'The examples'
test_ok 'there is an example of each kind' test "$(sed -n 's/^kind: //p' \
	w/policy/all.yaml | sort -u | wc -l)" = \
	"$(jq '.properties.kind.enum | length' schemas/policy.json)"
test_run 0 'together they are a policy' "$DXCP" -C w check --format json
test_ok 'without a finding' test "$(jq '.findings | length' out)" = 0
sed -i 's/^owner: payments-team/ownr: payments-team/' w/policy/all.yaml
test_run 3 'which is really looked at' "$DXCP" -C w check --worktree
test_done
