#!/bin/sh
# What reading a repository costs, beside the least that it can cost: the bare
# walk of bench_read, and git log for the history. Figures, no verdict. INTENTS
# sets the size.
set -eu
dxcp=${DXCP:-build/release/dxcp}
bin=$(dirname "$dxcp")/tests/bench
n=${INTENTS-10000}
dir=$(mktemp -d "${TMPDIR:-/tmp}/dxcp-bench.XXXXXX")
trap 'rm -rf "$dir"' EXIT
tests/bench/gen_repo "$dir/wide.git" "$n" 500 0
tests/bench/gen_repo "$dir/long.git" "$n" 500 1

# Seconds of a command, the middle one of five.
seconds() {
	for _ in 1 2 3 4 5; do
		begin=$(date +%s%N)
		"$@" >/dev/null 2>&1 || [ $? = 1 ]
		echo $(($(date +%s%N) - begin))
	done | sort -n | awk 'NR == 3 { printf "%.3f s", $1 / 1e9 }'
}
row() {
	printf '%-34s %s\n' "$1" "$(shift && seconds "$@")"
}

echo "$n intents in one commit"
row '  walk, blobs, libyaml events' "$bin/bench_read" "$dir/wide.git"
row '  dxcp check' "$dxcp" check -C "$dir/wide.git" \
	--now 2024-01-01T00:00:00Z --ledger "$dir/a.db" --quiet
"$bin/bench_repo" "$dir/wide.git" | sed 's/^/    /'
echo "$n intents in as many commits"
row '  git log --name-status' git -C "$dir/long.git" log --name-status -- intents
row '  dxcp check' "$dxcp" check -C "$dir/long.git" \
	--now 2024-01-01T00:00:00Z --ledger "$dir/b.db" --quiet
"$bin/bench_repo" "$dir/long.git" | sed 's/^/    /'
