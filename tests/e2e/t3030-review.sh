#!/bin/sh
# How an intent was reviewed: proposed on a branch, merged, made to wait and
# approved; its deployment's page tells it in order.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
REPO=w

world_make w <<'YAML'
engines: {box: {type: sandbox, after: 4m}}
site: {repository_url: https://github.com/acme/delivery}
YAML
sed -i 's/^environments: \[dev, prod\]/environments: [dev, {name: prod, approvals: 1}]/' \
	w/policy/rest.yaml
repo_commit w 2026-03-01T08:10:00Z 'Ask for approvals' ana@example.com
world_build w checkout 1.4.0
repo_commit w 2026-03-02T08:00:00Z 'Build' ci@example.com

# merge TIME SUBJECT: branch pr, as a forge merges it.
merge() {
	git -C w checkout -q main
	GIT_AUTHOR_DATE=$1 GIT_COMMITTER_DATE=$1 git -C w merge -q --no-ff -m "$2" pr
	git -C w branch -q -d pr
}
git -C w checkout -q -b pr
world_deploy w checkout prod 1.4.0 </dev/null
repo_commit w 2026-03-02T09:00:00Z 'Checkout 1.4.0' bo@example.com
merge 2026-03-02T09:30:00Z 'Merge pull request #12 from acme/checkout'
test_run 0 'it waits for an approval' dx 2026-03-02T09:40:00Z run
cat >w/intents/checkout/yes.yaml <<YAML
kind: approval
of: intents/checkout/deploy-1.4.0-prod.yaml
digest: $(git -C w rev-parse HEAD:intents/checkout/deploy-1.4.0-prod.yaml)
summary: Tried it
YAML
repo_commit w 2026-03-02T10:00:00Z 'Approve' ana@example.com
test_run 0 'it goes' dx 2026-03-02T10:10:00Z run --wait 10m
world_deploy w checkout dev 1.4.0 </dev/null
repo_commit w 2026-03-02T11:00:00Z 'To dev, too (#13)' bo@example.com
world_deploy w checkout dev 1.4.0 again </dev/null
repo_commit w 2026-03-02T11:01:00Z 'Once more' bo@example.com
test_run 0 'others follow' dx 2026-03-02T11:10:00Z run --wait 30m

test_run 0 'render' dx 2026-03-02T12:00:00Z render --out site
# words NUMBER: what the timeline of the page says, a line each.
words() {
	python3 - "site/deployments/$1/index.html" <<'PY'
import html, re, sys
page = open(sys.argv[1]).read()
phases = re.search(r'<div class="phases">.*?</div>', page, re.S).group(0)
print(", ".join(re.sub(r"<[^>]*>", "", x).strip() for x in re.findall(r"</svg>([^<]* <b>[^<]*)</b>", phases)))
for li in re.findall(r'<li class="[a-z]*"><time.*?</li>', page, re.S):
    at, text = re.search(r'<time[^>]*>([^<]*)</time>.*?<div>(.*?)</div>', li, re.S).groups()
    print(at, html.unescape(re.sub(r"<p>.*|<[^>]*>", "", text)))
PY
}
words 1 | sed -n 1,7p >got
cat >want <<'EOF'
Review 30 m, Waiting for a run 10 m, Waiting to be sent 30 m, Execution 4 m
09:00:00 Proposed by bo@example.com
09:30:00 Merged
09:40:00 Judged: it waits
10:10:00 Approved by ana
10:10:00 Allowed and recorded
10:10:00 Being sent to the engine
EOF
sed -i 's/bo@example.com/bo/' want
test_same 'proposed, merged, judged, approved, sent' want got
test_ok 'the merge leads to its pull request' grep -q \
	'href="https://github.com/acme/delivery/pull/12">Merge pull request #12 from' \
	site/deployments/1/index.html
test_ok 'so does what was squashed' grep -q \
	'href="https://github.com/acme/delivery/pull/13">To dev, too (#13)<' \
	site/deployments/2/index.html
test_not 'what was pushed has no merge' grep -q '>Merged<\|Once more' \
	site/deployments/3/index.html
dx 2026-03-02T12:00:00Z show 1 --format json >out
test_jq 'the record has the merge, and when it was' \
	'[.deployment.timeline[] | select(.event == "merged") | .at] == ["2026-03-02T09:30:00Z"]'
test_run 0 'the ledger holds' dx 2026-03-02T12:00:00Z ledger verify

test_done
