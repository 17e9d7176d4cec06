#!/bin/sh
# Texts that would do harm, in all places where somebody is free to write: every
# page of their site in Chromium, every feed and document by a strict reader.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"

REPO=w
hostile() {
	python3 "$TOP/tests/browser/hostile.py" "$@"
}

# step TIME EMAIL: commit all, by a name and with a message that no git would
# write, and run.
step() {
	repo_commit w "$1" x "$2" &&
		commit=$(git -C w cat-file commit HEAD | python3 -c '
import os, sys
lines = sys.stdin.buffer.read().split(b"\n")
name, subject = (os.fsencode(x) for x in sys.argv[1:])
for i in (2, 3) if lines[1].startswith(b"parent") else (1, 2):
    word, rest = lines[i].split(b" ", 1)
    lines[i] = word + b" " + name + rest[rest.index(b" <"):]
end = lines.index(b"")
sys.stdout.buffer.write(b"\n".join(lines[:end + 1]) + subject)' \
		"$(hostile author)" "$(hostile subject)" |
		git -C w hash-object --literally -w -t commit --stdin) &&
		git -C w reset -q --soft "$commit" || exit 1
	dx "$(date -u -d "$1 + 5 minutes" +%Y-%m-%dT%H:%M:%SZ)" run --wait 20m \
		>>run.log 2>&1
	[ $? -le 3 ] || cat run.log >&2
}

repo_make w && echo /.dxcp/ >w/.gitignore
hostile policy w && repo_commit w 2026-03-01T08:00:00Z Policy ana@example.com
hostile history >history.jsonl
test_run 0 'history from elsewhere' dx 2026-03-01T08:10:00Z ledger import history.jsonl
hostile builds w && step 2026-03-01T09:00:00Z ci@example.com
hostile deploys w && step 2026-03-02T09:00:00Z bo@example.com
hostile later w && step 2026-03-03T09:00:00Z ana@example.com
test_run 0 'render' dx 2026-03-03T10:00:00Z render --out site
test_ok 'what is no page is well formed, and holds no more than it should' \
	python3 "$TOP/tests/browser/strict.py" site
test_ok 'every link leads somewhere, pages are well formed' \
	python3 "$TOP/tests/lib/site_check.py" site
node "$TOP/tests/browser/hostile.js" site >checked
test_status=$?
sed -n 's/^not ok/# not ok/p; /^#/p; /^Bail/p' checked
test_ok 'in a browser nothing of it runs, links or stands outside its place' \
	test $test_status = 0
test_done
