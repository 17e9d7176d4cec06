#!/bin/sh
# The guide's page of questions: its commands are those of the program, tried in
# its order on the example, and the codes and pages that it names are there.
. "$(dirname "$0")/../lib/tap.sh"

page=$TOP/site/guide/faq.md
PATH=$(dirname "$DXCP"):$PATH
GIT_AUTHOR_DATE=2026-11-20T08:00:00Z GIT_COMMITTER_DATE=2026-11-20T08:00:00Z
export GIT_AUTHOR_DATE GIT_COMMITTER_DATE
repo_make w ana@example.com
cd w || exit 1
dxcp init >/dev/null && git add -A && git commit -q -m Begin
test_run 0 'the example runs' dxcp run

# 1 is an answer as well, such as that there is nothing to roll back to; what a
# page has wrong would be 2, a usage that is none, or more.
sed -n 's/^    \(dxcp .*\)/\1/p' "$page" >../commands
while read -r command; do
	sh -c "$command" >out 2>err </dev/null
	status=$?
	test_ok "it works: $command" test "$status" -le 1
done <../commands
test_ok 'there are some' test "$(wc -l <../commands)" -gt 20
test_not 'commands in the text are there, too' sh -c "
	grep -o '\`dxcp [a-z-]*' '$page' | cut -d' ' -f2 | sort -u |
	while read -r name; do dxcp help \"\$name\" >/dev/null || echo; done | grep ''"

# Codes, and pages by their titles.
grep -oE '[A-Z]+(_[A-Z]+)+' "$page" | grep -vx LOST_CONTACT | sort -u >../codes
test_ok 'codes are named' test "$(wc -l <../codes)" -gt 3
while read -r code; do
	test_ok "there is the code $code" dxcp explain "$code"
done <../codes
tr '\n' ' ' <"$page" | grep -oE 'see "[^"]+"' | sed 's/see "//; s/"$//' |
	sort -u >../titles
while read -r title; do
	test_ok "there is the page $title" \
		grep -qx "# $title" "$TOP"/site/guide/*.md
done <../titles
test_done
