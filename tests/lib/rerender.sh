# shellcheck shell=sh
# rerender.sh: the site of the world in w, rendered again into site/, which goes
# on from what is there, and from nothing into full/. Read after world.sh.

# stamp FOLDER: its stamp, without the line that may be earlier.
stamp() { sed '/^until /d' "$1/.dxcp-render"; }
# same TIME SENTENCE: both renders at that time, and that they are the same.
same() {
	dx "$1" render --out site --format json >made.json 2>said
	rm -rf full
	dx "$1" render --out full --quiet >said 2>&1
	stamp site >a
	stamp full >b
	diff -r -x .dxcp-render full site >.why 2>&1 && diff b a >>.why
	test_report $? "$2: $(jq -r '"\(.made) made, \(.written) written"' made.json)" .why
}
# few N: the last render made at most so many.
few() {
	test_ok "that were at most $1" test "$(jq .made made.json)" -le "$1"
}
# step TIME AUTHOR SENTENCE: what was written is committed and run.
step() {
	repo_commit w "$1" "$3" "$2"
	dx "$1" run --wait 5m >said 2>&1
	same "$1" "$3"
}
intent() { # intent PATH: of the lines on standard input
	mkdir -p "w/$(dirname "$1")"
	cat >"w/$1"
}
