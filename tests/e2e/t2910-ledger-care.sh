#!/bin/sh
# Copies of a ledger, ledgers out of copies, histories of other tools; and that
# a crash, or a disk that is full, in the middle of any of it leaves what was
# there as it was.
[ ! -w /dev/shm ] || TMPDIR=/dev/shm
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
REPO=w
T=2026-03-02T10:00:00Z
L=w/.dxcp/ledger.db
FAULTS=${DXCP%/*}/tests/faults/kill_at.so
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0
export ASAN_OPTIONS

# on FILE ARGUMENT...: a verb of ledger, on that ledger.
on() {
	on_file=$1
	shift
	"$DXCP" -C w --ledger "$on_file" --now $T ledger "$@"
}
# rows FILE: all that its tables hold, as SQL, but the program's notes.
rows() {
	sqlite3 "$1" .dump | grep -v -e dxcp_tree
}
world_make w <<'YAML'
engines: {box: {type: sandbox, script: [{version: 1.1.0, outcome: failed, message: "=cmd()"}]}}
defaults: {guardrails: {max_concurrent_deployments: 5}}
YAML
world_build w checkout 1.0.0
world_build w checkout 1.1.0
repo_commit w 2026-03-01T09:00:00Z 'Builds' ci@example.com
for version in 1.0.0 1.1.0; do
	printf 'ticket: "=1+1"\n' | world_deploy w checkout dev $version
done
world_deploy w checkout prod 9.9.9 </dev/null
repo_commit w 2026-03-02T09:00:00Z 'Deploys' bo@example.com
dx $T run --wait 10s >out
events=$(sqlite3 $L 'SELECT count(*) FROM event')
rows $L >rows.want

# --- backup -----------------------------------------------------------------------

test_run 0 'a backup' dx $T ledger backup b.db --format json
test_jq 'tells that it was looked at' ".sound and .events == $events and .file == \"b.db\""
rows b.db >got
test_same 'it has every row' rows.want got
test_run 2 'a file that is there stays' dx $T ledger backup b.db
test_ok 'what to do is said' grep -q '^  next: .*--force' err
test_run 0 'unless it may go' dx $T ledger backup b.db --force
test_run 2 'of nothing there is no backup' on none.db backup c.db
test_not 'and none is left' test -e c.db
cp $L bad.db
sqlite3 bad.db "UPDATE deployment SET version = '6.6.6'"
test_run 5 'an unsound ledger is not backed up' on bad.db backup b.db --force
test_ok 'it says what is wrong' grep -q 'not sound: deployment 1: .*6.6.6' err
rows b.db >got
test_same 'and the backup before it stays' rows.want got

# --- export, restore ----------------------------------------------------------------

test_run 0 'events as lines' dx $T ledger export
mv out events
test_ok 'one a line' test "$(wc -l <events)" = "$events"
test_ok 'in the form that their hashes are made of' sh -c '
	prev=$(printf %064d 0)
	while read -r line; do
		prev=$(printf "%s\n%s" "$prev" "$line" | sha256sum | cut -c 1-64)
	done <events
	test "$prev" = "$(sqlite3 "$1" "SELECT hash FROM event ORDER BY seq DESC LIMIT 1")"
' - $L
test_run 0 'the same into a file' dx $T ledger export e.jsonl
test_same 'byte for byte' events e.jsonl
test_run 0 'a ledger is restored from them' on r.db restore events --format json
test_jq 'all of them' ".added == $events and .known == 0"
rows r.db >got
test_same 'row by row' rows.want got
test_run 0 'it is sound' on r.db verify
test_run 0 'again it is there already' on r.db restore - <events
test_ok 'which is said' grep -q " 0 added, $events there already" out
head -n 5 events >some
on s.db restore some >out
test_run 0 'more of them is taken in' on s.db restore events
rows s.db >got
test_same 'to the same' rows.want got
refused_rows() { # nothing of it is there
	test "$(sqlite3 u.db 'SELECT count(*) FROM event')" = 0
}
for edit in '3d' '3s/Z/Y/' '3s/"/ "/' '$s/$/ /' '2{h;d};3G'; do
	sed "$edit" events >edited
	rm -f u.db
	status=0
	on u.db restore edited >out 2>err || status=$?
	test_ok "lines edited by $edit are refused" test $status = 3 -o $status = 5
	test_ok 'with their number, and what to do' sh -c \
		'grep -q "line [0-9]*: " err && grep -q "^  next: ." err'
	test_ok 'and nothing is there' refused_rows
done
sed '2s/"actor":"/"actor":"x/' events >edited
test_run 5 'another event in place of one that is there is refused' on r.db restore edited
test_run 3 'events are no history from elsewhere' dx $T ledger import events
test_ok 'but to be restored' grep -q 'ledger restore' err
test_run 3 'and no history is events' on u.db restore /dev/stdin <<'JSONL'
{"service":"a","environment":"b","version":"1","time":"2026-01-01T00:00:00Z"}
JSONL

test_run 0 'deployments for a spreadsheet' dx $T ledger export --format csv
mv out d.csv
test_ok 'the same by the name of the file' sh -c \
	'"$DXCP" -C w ledger export x.csv && cmp d.csv x.csv'
test_ok 'rows end as RFC 4180 says' test "$(grep -c "$(printf '\r')\$" d.csv)" = 3
test_ok 'no cell is a formula' sh -c 'grep -q "'\''=1+1" d.csv && ! grep -q ",=" d.csv'
test_run 2 'other forms are told' dx $T ledger export --format tap
test_run 2 'and no other verb has these' dx $T ledger verify --format csv

# --- rebuild --------------------------------------------------------------------------

cp $L x.db
test_run 0 'tables are made anew' on x.db rebuild
rows x.db >got
test_same 'the same rows' rows.want got
sqlite3 x.db "DROP TABLE timeline; UPDATE deployment SET state = 'FAILED'; DELETE FROM running"
test_run 5 'edited ones are found' on x.db verify
on x.db rebuild >out
rows x.db >got
test_same 'and mended' rows.want got

# --- migrate -----------------------------------------------------------------------------

test_run 0 'a ledger of this version' dx $T ledger migrate --format json
test_jq 'has nothing to do' ".from == .to and .events == $events"
cp $L new.db
sqlite3 new.db 'PRAGMA user_version = 1000'
cp new.db before.db
test_run 5 'a ledger of a later one is refused' on new.db migrate
test_ok 'with what to do' grep -q '^  next: use the version of dxcp' err
test_ok 'and stays as it is' cmp new.db before.db
test_run 2 'one that is not there is told' on none.db migrate

# The first format: the events, and tables that nobody asks any more.
schema=$(sqlite3 $L 'PRAGMA user_version')
first() { # first FILE: the ledger w, as its first version would have it
	rm -f "$1" "$1"-*
	sqlite3 "$1" <<-SQL
		PRAGMA application_id = 1146635088;
		CREATE TABLE event (
		  seq INTEGER PRIMARY KEY,
		  time INTEGER NOT NULL,
		  type TEXT NOT NULL,
		  subject TEXT NOT NULL,
		  actor TEXT NOT NULL,
		  payload TEXT NOT NULL, -- canonical JSON
		  prev_hash TEXT NOT NULL,
		  hash TEXT NOT NULL
		) STRICT;
		CREATE TABLE run (number INTEGER PRIMARY KEY, commit_id TEXT NOT NULL) STRICT;
		CREATE TABLE deployment (number INTEGER PRIMARY KEY, version TEXT) STRICT;
		INSERT INTO deployment VALUES (1, '0.0.0');
		ATTACH '$L' AS whole;
		INSERT INTO event SELECT * FROM whole.event;
		DETACH whole;
		PRAGMA user_version = 1;
	SQL
}
if [ "$schema" = 1 ]; then
	test_skip 'an old ledger is migrated' 'this is the first version'
else
	first old.db
	cp old.db before.db
	test_run 5 'an old ledger is not read as it is' on old.db verify
	test_ok 'but to be migrated' grep -q 'ledger migrate' err
	test_ok 'it stays as it is' cmp old.db before.db
	test_run 0 'it is migrated' on old.db migrate --format json
	test_jq 'event by event' ".from == 1 and .to == $schema and .events == $events"
	rows old.db >got
	test_same 'to the same rows' rows.want got
	test_run 0 'and is sound' on old.db verify
	first old.db
	sqlite3 old.db "UPDATE event SET payload = replace(payload, '1.0.0', '1.0.1') 
		WHERE seq = (SELECT min(seq) FROM event WHERE payload LIKE '%1.0.0%')"
	cp old.db before.db
	test_run 5 'what is not sound is not migrated' on old.db migrate
	test_ok 'it stays as it is' cmp old.db before.db
fi

# --- histories of other tools ------------------------------------------------------------

cat >github.json <<'JSON'
[{"id":42,"sha":"0123456789abcdef0123456789abcdef01234567","ref":"v1.4.0","task":"deploy",
  "environment":"production","description":"Release 1.4.0\nmore","creator":{"login":"octocat"},
  "created_at":"2025-05-02T10:00:00Z","updated_at":"2025-05-02T10:09:00Z",
  "statuses_url":"https://api.github.com/repos/acme/shop/deployments/42/statuses",
  "repository_url":"https://api.github.com/repos/acme/shop",
  "statuses":[{"state":"inactive","created_at":"2025-05-03T10:00:00Z"},
              {"state":"success","created_at":"2025-05-02T10:05:00Z"},
              {"state":"in_progress","created_at":"2025-05-02T10:01:00Z"}]},
 {"id":41,"sha":"1123456789abcdef0123456789abcdef01234567","ref":"main","environment":"production",
  "creator":{"login":"hubot"},"created_at":"2025-05-01T10:00:00Z",
  "repository_url":"https://api.github.com/repos/acme/shop","statuses_url":"x",
  "statuses":[{"state":"failure","created_at":"2025-05-01T10:05:00Z"}]},
 {"id":43,"sha":"2123456789abcdef0123456789abcdef01234567","ref":"v1.5.0","environment":"production",
  "created_at":"2025-05-04T10:00:00Z","repository_url":"https://api.github.com/repos/acme/shop",
  "statuses_url":"x","statuses":[{"state":"queued","created_at":"2025-05-04T10:00:01Z"}]}]
JSON
test_run 0 'deployments of GitHub' on h.db import github.json --format json
test_jq 'are known for what they are' '.from == "github" and .added == 2 and .leftOut == 1'
test_ok 'and recorded' test "$(sqlite3 h.db "SELECT group_concat(service || environment || version ||
	state || actor_email || finished_at, ' ') FROM (SELECT * FROM v_deployments ORDER BY number)")" = \
	'shopproduction1123456789abFAILEDhubot2025-05-01T10:05:00Z shopproductionv1.4.0SUCCEEDEDoctocat2025-05-02T10:05:00Z'
test_run 0 'again' on h.db import github.json --format json
test_jq 'nothing is added' '.added == 0 and .known == 2'
jq '.[2].statuses |= [{"state":"success","created_at":"2025-05-04T11:00:00Z"}] + .' github.json >later.json
test_run 0 'what has ended since' on h.db import later.json --from github --format json
test_jq 'is' '.added == 1 and .known == 2'
cat >argocd.json <<'JSON'
{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"argoproj.io/v1alpha1","kind":"Application",
  "metadata":{"name":"cart"},"spec":{"destination":{"namespace":"staging"}},
  "status":{"history":[
   {"id":0,"revision":"3123456789abcdef0123456789abcdef01234567","deployStartedAt":"2025-06-01T10:00:00Z",
    "deployedAt":"2025-06-01T10:00:20Z","source":{"repoURL":"https://example.com/cart","targetRevision":"HEAD"},
    "initiatedBy":{"username":"admin"}},
   {"id":1,"revision":"2.0.1","deployedAt":"2025-06-02T10:00:20Z",
    "source":{"repoURL":"https://example.com/charts","chart":"cart","targetRevision":"2.*"},
    "initiatedBy":{"automated":true}}]}}]}
JSON
test_run 0 'Applications of Argo CD' on h.db import argocd.json --environment live --format json
test_jq 'are known for what they are' '.from == "argocd" and .added == 2'
test_ok 'and recorded' test "$(sqlite3 h.db "SELECT group_concat(environment || version || coalesce(actor_email, ''), ' ')
	FROM (SELECT * FROM v_deployments WHERE service = 'cart' ORDER BY number)")" = \
	'live3123456789abadmin live2.0.1'
jq 'del(.items[0].status.history[0])' argocd.json >later.json
test_run 0 'when Argo CD forgets the oldest' on h.db import later.json --environment live --format json
test_jq 'nothing changes' '.added == 0 and .known == 1'
test_run 3 'one is not the other' on h.db import github.json --from argocd
test_run 2 'nor anything else' on h.db import github.json --from jenkins
test_run 0 'the ledger is sound' on h.db verify

# --- a crash, a full disk, in the middle -------------------------------------------------------

# trouble WHAT: note it, with what was printed.
trouble() {
	{ echo "$1: $2"; cat out err; } >>trouble
}
# strikes VERB FILE ARGUMENT...: killed at each call that changes something, and
# with a disk that is full from there on: afterwards it is the old state or the
# new one, and it can be done again. prepare and settled are the caller's.
strikes() {
	verb=$1
	shift
	: >trouble
	prepare
	env LD_PRELOAD="$FAULTS" FAULT_COUNT="$PWD/count" "$DXCP" -C w --now $T "$@" >out 2>err
	calls=$(cat count)
	settled || trouble "$verb" 'it does not do what it should'
	struck=0 times=0
	for how in KILL_AT FAIL_FROM FAIL_AT; do
		for n in $(points $how); do
			times=$((times + 1))
			prepare
			status=0
			env LD_PRELOAD="$FAULTS" $how="$n" FAIL_WITH=$fail_with \
				"$DXCP" -C w --now $T "$@" >out 2>err || status=$?
			case $how$status in
			*0) ;; # what could not be removed did not matter
			KILL_AT137 | FAIL*4) struck=$((struck + 1)) ;;
			*) trouble "$how $n" "exit status $status" ;;
			esac
			intact || trouble "$how $n" 'neither old nor new'
			[ $how = KILL_AT ] || [ $status = 0 ] || grep -q '^dxcp: .' err ||
				trouble "$how $n" 'not a word'
			"$DXCP" -C w --now $T "$@" >out 2>err
			settled || trouble "$how $n" 'it cannot be done again'
		done
	done
	[ ! -s trouble ]
	test_report $? "$verb, struck at any of $calls calls, leaves old or new" trouble
	test_ok 'nearly all of those were struck' test $struck -gt $((times / 2))
}
# points HOW: at which of the calls: at both ends at each, else by steps.
points() {
	case $1 in
	KILL_AT) step=$((calls / 16 + 1)) ;;
	*) step=$((calls / 8 + 1)) ;;
	esac
	{ seq 1 4; seq 5 $step "$calls"; seq $((calls > 8 ? calls - 5 : 1)) "$calls"; } |
		sort -nu
}
fail_with=ENOSPC

prepare() { rm -f t.db* .dxcp-*; cp old-backup t.db; }
intact() { cmp -s t.db old-backup || cmp -s t.db b.db; }
settled() { cmp -s t.db b.db && [ "$(echo t.db* .dxcp-*)" = "t.db .dxcp-*" ]; }
on $L backup b.db --force >out
on s.db backup old-backup >out
sqlite3 old-backup "PRAGMA wal_checkpoint" >out
strikes 'backup' ledger backup t.db --force

prepare() { rm -f t.db t.db-* t.db.*; }
intact() {
	[ ! -e t.db ] || {
		rm -rf probe && mkdir probe && cp t.db* probe
		case $(sqlite3 probe/t.db 'SELECT count(*) FROM event' 2>&1) in
		0 | "$events") on probe/t.db verify >out 2>&1 ;;
		*) false ;;
		esac
	}
}
settled() { rows t.db 2>&1 | cmp -s - rows.want && on t.db verify >out 2>&1; }
strikes 'restore' --ledger t.db ledger restore events

prepare() { rm -f t.db t.db-* t.db.*; cp $L t.db; sqlite3 t.db 'DELETE FROM running' >out; }
intact() {
	rm -rf probe && mkdir probe && cp t.db* probe
	test "$(sqlite3 probe/t.db 'SELECT count(*) FROM deployment')" = 2
}
strikes 'rebuild' --ledger t.db ledger rebuild

prepare() { rm -f t.jsonl; echo old >t.jsonl; }
intact() { cmp -s t.jsonl events || [ "$(cat t.jsonl)" = old ]; }
settled() { cmp -s t.jsonl events; }
strikes 'export' ledger export t.jsonl

prepare() { rm -f t.db t.db-* t.db.*; cp $L t.db; }
intact() {
	rm -rf probe && mkdir probe && cp t.db* probe
	case $(sqlite3 probe/t.db 'SELECT count(*) FROM deployment' 2>&1) in
	2 | 4) on probe/t.db verify >out 2>&1 ;;
	*) false ;;
	esac
}
settled() {
	test "$(sqlite3 t.db 'SELECT count(*) FROM deployment')" = 4 && on t.db verify >out 2>&1
}
strikes 'import' --ledger t.db ledger import github.json

if [ "$schema" != 1 ]; then
	prepare() { first t.db; rm -f t.db.*; }
	intact() {
		rm -rf probe && mkdir probe && cp t.db* probe
		case $(sqlite3 probe/t.db 'PRAGMA user_version; SELECT count(*) FROM deployment') in
		"1
1") ;;
		"$schema
2") on probe/t.db verify >out 2>&1 ;;
		*) false ;;
		esac
	}
	settled() { rows t.db 2>&1 | cmp -s - rows.want; }
	strikes 'migrate' --ledger t.db ledger migrate
fi
test_done
