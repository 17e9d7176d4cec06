#!/bin/sh
# The templates of ci/pipelines/: what they promise about rights and secrets, the
# commands in them, and cron's script at work.
. "$(dirname "$0")/../lib/tap.sh"
pipelines=$TOP/ci/pipelines

cat >look.py <<'PY'
import re, sys, yaml
folder = sys.argv[1]
def load(name):
    with open(folder + "/" + name) as f:
        return yaml.safe_load(f)
def say(what, good):
    print(("fine: " if good else "WRONG: ") + what)
github, forgejo = load("github.yml"), load("forgejo.yml")
gitlab, bitbucket = load("gitlab.yml"), load("bitbucket.yml")
for name, flow in (("github", github), ("forgejo", forgejo)):
    on = flow[True]  # YAML 1.1 takes the key "on" for a truth value
    say(name + ": pull_request, not pull_request_target",
        "pull_request" in on and "pull_request_target" not in on)
    uses = [s["uses"] for j in flow["jobs"].values()
            for s in j["steps"] if "uses" in s]
    say(name + ": actions pinned by commit", uses and all(
        re.fullmatch(r"actions/[a-z/-]+@[0-9a-f]{40}", u) for u in uses))
    text = {k: yaml.safe_dump(j) for k, j in flow["jobs"].items()}
    say(name + ": secrets in run alone", all(
        k == "run" or "secrets." not in t for k, t in text.items()))
    say(name + ": no expression inside a script", all(
        "${{" not in s.get("run", "") for j in flow["jobs"].values()
        for s in j["steps"]))
    say(name + ": run on main, never for a pull request",
        "!= 'pull_request'" in flow["jobs"]["run"]["if"] and
        "refs/heads/main" in flow["jobs"]["run"]["if"])
jobs = github["jobs"]
say("github: read alone by default", github["permissions"] == {"contents": "read"})
say("github: the repository written by run alone", [
    k for k, j in jobs.items() if "contents" in j.get("permissions", {})] == ["run"])
say("github: credentials kept by run alone", [
    k for k, j in jobs.items() for s in j["steps"]
    if s.get("with", {}).get("persist-credentials")] == ["run"])
say("github: pages written by publish alone", [
    k for k, j in jobs.items() if "pages" in j.get("permissions", {})] == ["publish"])
say("github: pull requests written by comment alone", [
    k for k, j in jobs.items() if "pull-requests" in j.get("permissions", {})]
    == ["comment"])
say("github: one run at a time, none stopped", jobs["run"]["concurrency"] ==
    {"group": "dxcp-run", "cancel-in-progress": False})
say("github: secrets of an environment", jobs["run"]["environment"] == "delivery")
say("gitlab: one run at a time", gitlab["run"]["resource_group"] == "dxcp")
say("gitlab: run on the default branch", gitlab["run"]["rules"] ==
    [{"if": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"}])
say("bitbucket: one run at a time", bitbucket["pipelines"]["branches"]["main"][0]
    ["step"]["deployment"] == "delivery")
PY
/usr/bin/python3 look.py "$pipelines" >looked
while read -r line; do
	test_ok "${line#*: }" test "${line%%: *}" = fine
done <looked
test_ok 'all was looked at' test "$(wc -l <looked)" -ge 17

# Every option of dxcp in them is one that the command has.
cat "$pipelines"/*.yml "$pipelines/cron.sh" | sed -e :a -e '/\\$/N; s/\\\n//; ta' |
	sed -n 's/.*dxcp\( -C [^ ]*\)* \(check\|run\|render\) \(.*\)/\2 \3/p' \
	>commands
sed -n '/dxcp check /{N;N;s/\n//g;s/.*dxcp check/check/;p}' \
	"$pipelines/gitlab.yml" >>commands
while read -r command rest; do
	"$DXCP" "$command" --help >help
	for word in $rest; do
		case $word in
		--*) grep -q -e "  *${word%%=*}[ =\[]" help || echo "$command $word" ;;
		esac
	done
done <commands >unknown
test_same 'options are those of the commands' /dev/null unknown
test_ok 'of several commands' test "$(wc -l <commands)" -ge 10

# --- cron.sh ------------------------------------------------------------------

git config --global user.name Eve
git config --global user.email eve@example.com
"$DXCP" init origin >/dev/null
git -C origin add -A && git -C origin commit -q -m Begin
git clone -q --bare origin clone.git
mkdir bin state && ln -s "$DXCP" bin/dxcp
PATH=$PWD/bin:$PATH
cat >conf <<CONF
CLONE=$PWD/clone.git
BRANCH=main
LEDGER=$PWD/state/ledger.db
SITE=$PWD/www
CONF
test_run 0 'cron: the first pass' "$pipelines/cron.sh" "$PWD/conf"
test_ok 'prints nothing' test ! -s out -a ! -s err
test_ok 'writes the ledger' test -s state/ledger.db
test_ok 'and the site' grep -q checkout www/index.html
test_ok 'for others to read' test "$(stat -c %a www/index.html)" = 644
"$DXCP" -C origin deploy checkout dev 1.4.1 -s 'Again' --commit >/dev/null
test_run 0 'the second pass' "$pipelines/cron.sh" "$PWD/conf"
test_ok 'takes what was merged since' \
	grep -q 'ALLOWED  checkout 1.4.1 to dev' state/ledger.db.log
"$DXCP" -C origin deploy checkout dev 9.9.9 -s 'No such build' --commit >/dev/null
test_run 1 'a denial' "$pipelines/cron.sh" "$PWD/conf"
test_ok 'is told by the site, not by mail' test ! -s out -a ! -s err
flock state/ledger.db.cron "$pipelines/cron.sh" "$PWD/conf" >out 2>err
test_ok 'a pass beside another does nothing' test $? = 0 -a ! -s err
mv state/ledger.db away
test_run 5 'a ledger that is gone' "$pipelines/cron.sh" "$PWD/conf"
test_ok 'is not begun again' grep -q 'ledger.db is gone' err
test_not 'nor made' test -e state/ledger.db

test_done
