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
	test_ok 'of dozens of questions' grep -q '^[3-9][0-9] questions, 0' out
done

test_done
