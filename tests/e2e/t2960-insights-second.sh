#!/bin/sh
# The figures of a made-up history, by the program and by plain SQL.
. "$(dirname "$0")/../lib/tap.sh"

for seed in 1 2; do
	mkdir "$seed"
	test_run 0 "history $seed is made" \
		"$TOP/tests/insights/make_history" "$DXCP" "$seed" 1200 "$seed"
	test_run 0 'every figure is what SQL makes of the same rows' \
		"$TOP/tests/insights/second" "$DXCP" "$seed/w" "$seed/ledger.db" \
		2026-05-28T12:00:00Z
	test_ok 'of more than a hundred questions' grep -q '^[1-9][0-9][0-9] questions, 0' out
done

test_run 0 'the views tell by SQL what the program tells' \
	"$TOP/tests/insights/views" "$DXCP" 1/w 1/ledger.db
test_ok 'month by month' grep -q '^[1-9][0-9][0-9] questions, 0' out

# Every page's document is what is answered when one asks for it alone.
now=2026-05-28T12:00:00Z
test_run 0 'a site of the first' "$DXCP" -C 1/w render --ledger 1/ledger.db \
	--now "$now" --out site
test_run 0 'says of groups, recipes, environments and services what one is told' \
	"$TOP/tests/insights/slices" "$DXCP" 1/w 1/ledger.db site "$now"
test_ok 'in more than a hundred documents' grep -q '^1[0-9][0-9] documents, 0' out

test_done
