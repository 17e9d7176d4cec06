#include "core/ledger_private.h"
#include "core/sha256.h"
#include "tests/lib/recorded.h"
#include "tests/lib/scratch.h"
#include "tests/lib/tap.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- a second connection, as a user's sqlite3 --- */

/* The first column of the first row; "(error)" with SQLite's words. */
static struct str ask(struct arena *a, const char *path, const char *sql)
{
	sqlite3 *db;
	sqlite3_stmt *st = NULL;
	struct str out = STR("(no row)");
	sqlite3_open(path, &db);
	int rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		const unsigned char *s = sqlite3_column_text(st, 0);
		out = str_copy(a, str_of(s ? (const char *)s : "(null)"));
	} else if (rc != SQLITE_DONE) {
		out = str_format(a, "(error) %s", sqlite3_errmsg(db));
	}
	sqlite3_finalize(st);
	sqlite3_close(db);
	return out;
}

static bool opens(struct arena *a, const char *path, enum ledger_mode mode,
                  struct fail *why)
{
	struct ledger *l;
	*why = (struct fail){0};
	return ledger_open(&l, a, path, mode, why);
}

/* --- opening --- */

static void opening(struct arena *a)
{
	struct fail why = {0};
	struct ledger *l = ledger_at(a, "none/ledger.db", LEDGER_READ);
	struct ledger_head head;
	ok(!ledger_exists(l), "a ledger that is not there is told apart");
	ok(ledger_head(l, a, &head, &why) && head.events == 0 &&
	           head.runs == 0 && head.repository.n == 0 &&
	           oid_is_zero(&head.commit),
	   "and reads as empty");
	ok(access("none", F_OK) != 0, "reading makes nothing");
	struct arena *b = arena_new();
	l = ledger_at(b, "made/deep/ledger.db", LEDGER_WRITE);
	ok(ledger_exists(l) && ledger_prepare(l, &why),
	   "writing makes the file and its folder, and all statements fit: %s",
	   why.text);
	record(l, 100, "ledger.created", "ledger", "{'repository':'r1'}");
	arena_free(b);
	is_str(sh_read(a, "ls made/deep"), "ledger.db",
	       "nothing is left beside it when it is closed");
	l = ledger_at(a, "made/deep/ledger.db", LEDGER_READ);
	ok(ledger_head(l, a, &head, &why) && head.events == 1 &&
	           str_is(head.repository, "r1"),
	   "what was written is read");
	is_str(ask(a, "made/deep/ledger.db", "PRAGMA journal_mode"), "wal",
	       "it is in WAL mode");
	is_str(ask(a, "made/deep/ledger.db", "PRAGMA application_id"),
	       "1146635088", "and carries our mark");
}

static void reading_leaves_nothing(struct arena *a)
{
	struct arena *b = arena_new();
	struct fail why = {0};
	struct ledger_head head;
	struct ledger *l = ledger_at(b, "made/deep/ledger.db", LEDGER_READ);
	ok(ledger_head(l, b, &head, &why), "a reader reads");
	arena_free(b);
	is_str(sh_read(a, "ls made/deep"), "ledger.db",
	       "a reader leaves nothing behind");
}

static const struct {
	const char *name, *script;
	enum fail_kind kind;
	const char *text; /* in the reason */
} damages[] = {
        {"a file that is no database", "echo 'no ledger at all, sorry' >x",
         FAIL_INTEGRITY, "not a database"},
        {"an empty file", ": >x", FAIL_INTEGRITY, "is empty"},
        {"another program's database", "sqlite3 x 'CREATE TABLE t (a)'",
         FAIL_INTEGRITY, "not a ledger of dxcp"},
        {"a newer schema", "cp good x; sqlite3 x 'PRAGMA user_version = 99'",
         FAIL_INTEGRITY, "schema 99"},
        {"a schema that was never made",
         "cp good x; sqlite3 x 'PRAGMA user_version = 0'", FAIL_INTEGRITY,
         "schema 0"},
        {"half a file", "head -c 9000 good >x", FAIL_INTEGRITY, "malformed"},
        {"a header and no more", "head -c 60 good >x", FAIL_INTEGRITY,
         "malformed"},
        {"a folder", "mkdir x", FAIL_SYSTEM, "not a regular file"},
};

static void damaged(struct arena *a)
{
	struct fail why;
	sh("cp made/deep/ledger.db good");
	for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++)
		for (int mode = LEDGER_READ; mode <= LEDGER_WRITE; mode++) {
			sh("rm -rf x x-wal x-shm; %s", damages[i].script);
			bool opened =
			        opens(a, "x", (enum ledger_mode)mode, &why);
			ok(!opened && why.kind == damages[i].kind &&
			           strstr(why.text, damages[i].text) &&
			           (why.hint[0] || why.kind == FAIL_SYSTEM),
			   "%s is refused (%s): %s", damages[i].name,
			   mode == LEDGER_READ ? "read" : "write", why.text);
		}
	sh("rm -rf x x-wal x-shm; echo 123 >x-wal");
	ok(!opens(a, "x", LEDGER_WRITE, &why) && why.kind == FAIL_INTEGRITY &&
	           access("x", F_OK) != 0,
	   "a write-ahead log without its ledger is not taken for a new one");
	sh("echo text >file");
	ok(!opens(a, "file/ledger.db", LEDGER_WRITE, &why) &&
	           why.kind == FAIL_SYSTEM &&
	           strstr(why.text, "Not a directory"),
	   "a folder that cannot be made: %s", why.text);
	ok(!opens(a, "/proc/self/ledger.db", LEDGER_WRITE, &why) &&
	           why.kind == FAIL_SYSTEM && why.hint[0],
	   "a folder that cannot be written to: %s", why.text);
}

/* SQLite's own limit on the size of a file stands for a full disk. */
static void full_disk(struct arena *a)
{
	struct arena *b = arena_new();
	struct fail why = {0};
	struct ledger *l = ledger_at(b, "full.db", LEDGER_WRITE);
	record(l, 100, "ledger.created", "ledger", "{'repository':'r'}");
	sqlite3_exec(l->db, "PRAGMA max_page_count = 1", NULL, NULL, NULL);
	char *big = arena_alloc(b, 200001);
	memset(big, 'x', 200000);
	ok(!recorded_try(l, 101, "note", "x", &why, "{'text':'%s'}", big) &&
	           why.kind == FAIL_SYSTEM && strstr(why.text, "full") &&
	           strstr(why.hint, "free some space"),
	   "a full disk is told as one: %s", why.text);
	sqlite3_exec(l->db, "PRAGMA max_page_count = 1000000", NULL, NULL,
	             NULL);
	record(l, 102, "note", "x", "{}");
	arena_free(b);
	is_str(ask(a, "full.db", "SELECT count(*) FROM event"), "2",
	       "and what was there before goes on");
}

/* --- lease --- */

static void lease(struct arena *a)
{
	struct fail why = {0};
	struct arena *first = arena_new();
	struct ledger *l = ledger_at(first, "lease.db", LEDGER_WRITE);
	ok(ledger_lease(l, first, &why), "a free lease is given");
	struct ledger *other = ledger_at(a, "lease.db", LEDGER_WRITE);
	struct str pid = str_format(a, "process %ld", (long)getpid());
	ok(!ledger_lease(other, a, &why) && why.kind == FAIL_BUSY &&
	           str_contains(str_of(why.text), pid),
	   "a second one is not, and names the holder: %s", why.text);
	arena_free(first);
	why = (struct fail){0};
	ok(ledger_lease(other, a, &why), "it is free when the holder ends");

	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		struct fail mine = {0};
		struct arena *c = arena_new();
		struct ledger *k;
		bool got =
		        ledger_open(&k, c, "killed.db", LEDGER_WRITE, &mine) &&
		        ledger_lease(k, c, &mine) && ledger_begin(k, &mine);
		kill(getpid(), got ? SIGKILL : SIGTERM);
	}
	int status = 0;
	waitpid(child, &status, 0);
	l = ledger_at(a, "killed.db", LEDGER_WRITE);
	why = (struct fail){0};
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL &&
	           ledger_lease(l, a, &why) && ledger_begin(l, &why),
	   "the lease of a killed process is free at once: %s", why.text);
	ledger_rollback(l);
}

static void busy(struct arena *a)
{
	struct fail why = {0};
	struct ledger *one = ledger_at(a, "busy.db", LEDGER_WRITE);
	struct ledger *two = ledger_at(a, "busy.db", LEDGER_WRITE);
	ok(ledger_begin(one, &why), "a transaction begins");
	ok(!ledger_begin(two, &why) && why.kind == FAIL_BUSY,
	   "a second writer is told to wait: %s", why.text);
	ledger_rollback(one);
}

/* --- events --- */

struct collected {
	struct arena *a;
	struct buf text;
};

static bool collect_event(void *context, const struct event *e,
                          struct fail *why)
{
	struct collected *c = context;
	(void)why;
	buf_format(&c->text,
	           "%lld %lld %" STR_FMT " %" STR_FMT " %" STR_FMT "\n",
	           (long long)e->seq, (long long)e->time, STR_ARG(e->type),
	           STR_ARG(e->subject), STR_ARG(e->payload));
	return true;
}

static struct str events(struct arena *a, struct ledger *l, int64_t after,
                         int64_t from, int64_t to)
{
	struct collected c = {a, buf_new(a, 1 << 20)};
	struct fail why = {0};
	if (!ledger_events(l, after, from, to, collect_event, &c, &why))
		return STR("(failed)");
	return buf_str(&c.text);
}

static void appending(struct arena *a)
{
	struct fail why = {0};
	struct ledger *l = ledger_at(a, "append.db", LEDGER_WRITE);
	record(l, 1700000000, "note.one", "s\"\xe2\x80\xa8",
	       "{'b':[1,null,true],'a':'\xc3\xa9'}");
	record(l, 1700000000, "note.two", "t", "{}");
	record(l, 1700000060, "note.three", "", "{'n':-5}");
	is_str(events(a, l, 1, 0, 0),
	       "2 1700000000 note.two t {}\n"
	       "3 1700000060 note.three  {\"n\":-5}\n",
	       "events come back in order, payloads canonical");
	is_str(events(a, l, 0, 1700000001, 1700000061),
	       "3 1700000060 note.three  {\"n\":-5}\n", "by time");
	is_str(events(a, l, 0, 1700000000, 1700000060),
	       "1 1700000000 note.one s\"\xe2\x80\xa8 "
	       "{\"a\":\"\xc3\xa9\",\"b\":[1,null,true]}\n"
	       "2 1700000000 note.two t {}\n",
	       "the end of a time is exclusive");
	/* The rule in words, and not by the function under test. */
	struct str record_one =
	        STR("0000000000000000000000000000000000000000000000000000000000"
	            "000000\n{\"actor\":\"me\",\"payload\":{\"a\":\"\xc3\xa9\","
	            "\"b\":[1,null,true]},\"seq\":1,\"subject\":\"s\\\"\xe2\x80"
	            "\xa8\",\"time\":\"2023-11-14T22:13:20Z\",\"type\":"
	            "\"note.one\"}");
	is_str(ask(a, "append.db", "SELECT hash FROM event WHERE seq = 1"),
	       sha256_of(record_one).s,
	       "a hash is over the hash before it and the canonical record");
	is_str(ask(a, "append.db",
	           "SELECT count(*) FROM event AS e JOIN event AS p"
	           " ON p.seq = e.seq - 1 AND p.hash = e.prev_hash"),
	       "2", "each event names the one before it");

	static const char *const refused[] = {
	        "UPDATE event SET type = 'x' WHERE seq = 1",
	        "DELETE FROM event WHERE seq = 3",
	        "INSERT OR REPLACE INTO event VALUES (2,1,'','','','{}','','')",
	        "INSERT INTO event VALUES (9,1,'','','','{}','','')",
	};
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
		ok(str_starts(ask(a, "append.db", refused[i]), STR("(error)")),
		   "the table is append-only: %s", refused[i]);

	char *long_text = arena_alloc(a, 5001);
	memset(long_text, 'x', 5000);
	ok(!recorded_try(l, 1, "note", long_text, &why, "{}") &&
	           why.kind == FAIL_INPUT,
	   "a subject without bound is refused: %s", why.text);
	why = (struct fail){0};
	ok(!recorded_try(l, 1, "note", "\xff", &why, "{}") &&
	           why.kind == FAIL_INPUT,
	   "a subject that is not UTF-8 is refused: %s", why.text);
	why = (struct fail){0};
	ok(!recorded_try(l, 0, "note", "x", &why, "{}") &&
	           why.kind == FAIL_INPUT,
	   "the epoch itself is no time");
	struct ledger_head head;
	why = (struct fail){0};
	ok(ledger_head(l, a, &head, &why) && head.events == 3,
	   "refused events leave nothing");
}

/* --- deployments --- */

static bool add_number(void *context, const struct deployment *d,
                       struct fail *why)
{
	struct collected *c = context;
	(void)why;
	buf_format(&c->text, "%lld:%s:%s ", (long long)d->number,
	           deployment_state_names[d->state],
	           deployment_outcome_names[d->outcome]);
	return true;
}

static struct str listed(struct arena *a, struct ledger *l,
                         struct deployment_filter f)
{
	struct collected c = {a, buf_new(a, 1 << 16)};
	struct fail why = {0};
	if (!ledger_deployments(l, &f, add_number, &c, &why))
		return str_format(a, "failed: %s", why.text);
	return str_trim(buf_str(&c.text));
}

static struct str all_at(struct arena *a, struct ledger *l, int64_t at)
{
	struct deployment_filter f = deployment_filter_any();
	f.at = at;
	return listed(a, l, f);
}

static struct str life(struct arena *a, struct ledger *l, int64_t number)
{
	struct deployment *d = NULL;
	struct fail why = {0};
	struct buf out = buf_new(a, 4096);
	if (!ledger_deployment(l, a, number, &d, &why) || !d)
		return STR("(none)");
	buf_format(&out,
	           "%s %lld/%lld/%lld/%lld:", deployment_state_names[d->state],
	           (long long)d->created_at, (long long)d->dispatched_at,
	           (long long)d->started_at, (long long)d->finished_at);
	for (size_t i = 0; i < d->ntimeline; i++)
		buf_format(&out, " %" STR_FMT "@%lld",
		           STR_ARG(d->timeline[i].event),
		           (long long)d->timeline[i].at);
	for (size_t i = 0; i < d->nfailures; i++)
		buf_format(&out, " !%s:%" STR_FMT,
		           failure_category_names[d->failures[i].category],
		           STR_ARG(d->failures[i].summary));
	return buf_str(&out);
}

/* attempt@sent_at/empty_at target queue */
static struct str sending(struct arena *a, struct ledger *l, int64_t number)
{
	struct recorded_dispatch is;
	struct fail why = {0};
	if (!ledger_dispatch(l, a, number, &is, &why))
		return str_format(a, "failed: %s", why.text);
	return str_format(a, "%lld@%lld/%lld %" STR_FMT " %" STR_FMT,
	                  (long long)is.attempt, (long long)is.sent_at,
	                  (long long)is.empty_at, STR_ARG(is.target),
	                  STR_ARG(is.queue));
}

static void dispatches(struct arena *a)
{
	struct ledger *l = ledger_at(a, "dispatches.db", LEDGER_WRITE);
	recorded_created(l, 100, 1, "web", "1.0.0", "");
	is_str(sending(a, l, 1), "0@0/0  ", "never announced");
	record(l, 110, "deployment.dispatching", "1",
	       "{'number':1,'target':'here','queue':'q'}");
	record(l, 120, "deployment.lost_contact", "1", "{'number':1}");
	is_str(sending(a, l, 1), "1@110/0 here q", "announced, and lost");
	record(l, 300, "deployment.not_found", "1", "{'number':1}");
	record(l, 310, "deployment.not_found", "1", "{'number':1}");
	is_str(sending(a, l, 1), "1@110/300 here q",
	       "the first look that found nothing counts");
	record(l, 330, "deployment.dispatching", "1",
	       "{'number':1,'attempt':2,'target':'there'}");
	is_str(sending(a, l, 1), "2@330/0 there ",
	       "a further attempt is looked for anew, where it went");
	is_str(life(a, l, 1),
	       "DISPATCHING 100/110/0/0: created@100 dispatching@110 "
	       "lost_contact@120 not_found@300 not_found@310 "
	       "dispatching@330",
	       "what has no execution may be sent again, dispatched at first");
	record(l, 331, "deployment.unsent", "1", "{'number':1}");
	is_str(sending(a, l, 1), "1@110/300 here q",
	       "one that was not sent does not count");
	record(l, 340, "deployment.stage", "1",
	       "{'number':1,'detail':'x','at':'1970-01-01T00:05:35Z'}");
	ok(str_contains(life(a, l, 1), STR("unsent@331 stage@335")),
	   "an event may say when it was");
	recorded_created(l, 400, 2, "web", "1.0.0", "");
	is_str(sending(a, l, 2), "0@0/0  ", "of another: nothing");
}

static void states(struct arena *a)
{
	struct fail why = {0};
	struct ledger *l = ledger_at(a, "states.db", LEDGER_WRITE);
	recorded_created(l, 100, 1, "web", "1.0.0", ",'summary':'first'");
	is_str(life(a, l, 1), "PENDING 100/0/0/0: created@100", "created");
	recorded_dispatching(l, 110, 1);
	is_str(life(a, l, 1),
	       "DISPATCHING 100/110/0/0: created@100 dispatching@110",
	       "about to be sent");
	record(l, 115, "deployment.dispatching", "1",
	       "{'number':1,'attempt':2}");
	record(l, 120, "deployment.lost_contact", "1",
	       "{'number':1,'detail':'timeout'}");
	is_str(life(a, l, 1),
	       "LOST_CONTACT 100/110/0/0: created@100 dispatching@110 "
	       "dispatching@115 lost_contact@120",
	       "the first dispatch counts, silence is lost contact");
	recorded_started(l, 130, 1);
	record(l, 140, "deployment.lost_contact", "1", "{'number':1}");
	record(l, 150, "deployment.progress", "1",
	       "{'number':1,'detail':'half'}");
	record(l, 155, "deployment.looked_at", "1", "{'number':1}");
	recorded_ended(l, 160, 1, "FAILED");
	is_str(life(a, l, 1),
	       "FAILED 100/110/130/160: created@100 dispatching@110 "
	       "dispatching@115 lost_contact@120 started@130 lost_contact@140 "
	       "progress@150 looked_at@155 failed@160 !APP:it fell",
	       "to its end, with its failures");
	static const struct {
		const char *type, *payload;
	} after_the_end[] = {
	        {"deployment.ended",
	         "{'number':1,'state':'SUCCEEDED','failures':[]}"},
	        {"deployment.started", "{'number':1}"},
	        {"deployment.progress", "{'number':1}"},
	        {"deployment.lost_contact", "{'number':1}"},
	        {"deployment.dispatching", "{'number':1}"},
	        {"deployment.withdrawn", "{'number':1}"},
	        {"deployment.started", "{'number':7}"},
	        {"deployment.ended", "{'number':1,'state':'IN_PROGRESS'}"},
	        {"deployment.created", "{'number':2}"},
	        {"deployment.created",
	         "{'number':3,'service':'web','environment':'prod',"
	         "'version':'1','kind':'ROLL_FORWARD'}"},
	        {"deployment.created",
	         "{'number':2,'service':'web','environment':'prod',"
	         "'version':'1','kind':'SIDEWAYS'}"},
	};
	for (size_t i = 0; i < sizeof after_the_end / sizeof after_the_end[0];
	     i++) {
		why = (struct fail){0};
		ok(!recorded_try(l, 170, after_the_end[i].type, "1", &why, "%s",
		                 after_the_end[i].payload) &&
		           why.kind == FAIL_INTEGRITY,
		   "refused: %s", why.text);
	}
	why = (struct fail){0};
	ok(recorded_try(l, 171, "note", "x", &why, "{}"),
	   "and the ledger goes on: %s", why.text);
}

static void numbers(struct arena *a)
{
	struct fail why = {0};
	struct ledger *l = ledger_at(a, "numbers.db", LEDGER_WRITE);
	int64_t next = 0;
	ok(ledger_next_number(l, &next, &why) && next == 1,
	   "numbers start at 1");
	for (int i = 1; i <= 4; i++)
		recorded_created(l, 100, i, "web", "1.0.0", "");
	recorded_dispatching(l, 101, 2);
	record(l, 102, "deployment.withdrawn", "2", "{'number':2}");
	ok(ledger_next_number(l, &next, &why) && next == 2,
	   "a withdrawn number is free");
	record(l, 103, "deployment.withdrawn", "4", "{'number':4}");
	recorded_created(l, 104, 2, "web", "1.0.1", "");
	ok(ledger_next_number(l, &next, &why) && next == 4, "the last one too");
	is_str(life(a, l, 2), "PENDING 104/0/0/0: created@104",
	       "nothing is left of the one before");
	recorded_created(l, 105, 4, "web", "1.0.2", "");
	ok(ledger_next_number(l, &next, &why) && next == 5, "then the next");
	is_str(life(a, l, 9), "(none)", "a number without deployment");
}

static void ends(struct arena *a)
{
	static const struct {
		const char *name, *payload, *detail;
	} cases[] = {
	        {"what the engine said last",
	         "{'number':1,'state':'SUCCEEDED','detail':'all up',"
	         "'failures':[]}",
	         "all up"},
	        {"nothing where it said nothing",
	         "{'number':2,'state':'SUCCEEDED','detail':null,"
	         "'failures':[]}",
	         ""},
	        {"of a failure its summary",
	         "{'number':3,'state':'FAILED','detail':null,"
	         "'failures':[{'category':'APP','summary':'no disk'}]}",
	         "no disk"},
	};
	struct fail why = {0};
	struct ledger *l = ledger_at(a, "ends.db", LEDGER_WRITE);
	for (int i = 0; i < 3; i++) {
		struct deployment *d = NULL;
		struct str number = str_format(a, "%d", i + 1);
		recorded_created(l, 100, i + 1, "web", "1.0.0", "");
		record(l, 110, "deployment.ended", number.s, "%s",
		       cases[i].payload);
		if (ledger_deployment(l, a, i + 1, &d, &why) && d)
			is_str(d->timeline[d->ntimeline - 1].detail,
			       cases[i].detail, "an end tells %s",
			       cases[i].name);
	}
}

static void outcomes(struct arena *a)
{
	struct fail why = {0};
	struct deployment *d = NULL;
	struct ledger *l = ledger_at(a, "outcomes.db", LEDGER_WRITE);
	recorded_deployed(l, 100, 1, "web", "1.0.0", "");
	recorded_deployed(l, 200, 2, "web", "1.1.0", "");
	recorded_created(l, 300, 3, "web", "1.2.0", "");
	recorded_created(l, 301, 4, "web", "1.3.0", "");
	recorded_ended(l, 320, 4, "SUCCEEDED");
	record(l, 330, "deployment.ended", "3",
	       "{'number':3,'state':'SUCCEEDED','finishedAt':"
	       "'1970-01-01T00:05:10Z','failures':[]}");
	is_str(all_at(a, l, 0),
	       "4:SUCCEEDED:SUCCEEDED 3:SUCCEEDED:SUPERSEDED "
	       "2:SUCCEEDED:SUPERSEDED 1:SUCCEEDED:SUPERSEDED",
	       "the latest success by finish time runs, whatever was told "
	       "first");
	recorded_deployed(l, 400, 5, "web", "1.1.0",
	                  ",'kind':'ROLLBACK','rollbackOf':4");
	recorded_created(l, 500, 6, "web", "1.4.0", "");
	recorded_ended(l, 510, 6, "FAILED");
	recorded_created(l, 520, 7, "other", "9.0.0", "");
	recorded_ended(l, 530, 7, "SUCCEEDED");
	is_str(all_at(a, l, 0),
	       "7:SUCCEEDED:SUCCEEDED 6:FAILED:FAILED 5:SUCCEEDED:SUCCEEDED "
	       "4:SUCCEEDED:ROLLED_BACK 3:SUCCEEDED:SUPERSEDED "
	       "2:SUCCEEDED:SUPERSEDED 1:SUCCEEDED:SUPERSEDED",
	       "a successful rollback marks what it undid, a failure nothing");
	ok(ledger_running(l, a, STR("web"), STR("prod"), 0, &d, &why) && d &&
	           d->number == 5,
	   "what runs now");
	ok(ledger_running(l, a, STR("web"), STR("dev"), 0, &d, &why) && !d,
	   "nothing runs elsewhere");
	/* a rollback that failed undoes nothing */
	recorded_created(l, 600, 8, "web", "1.0.0",
	                 ",'kind':'ROLLBACK','rollbackOf':5");
	recorded_ended(l, 610, 8, "FAILED");
	ok(ledger_deployment(l, a, 5, &d, &why) &&
	           d->outcome == RESULT_SUCCEEDED,
	   "a failed rollback undoes nothing");

	static const struct {
		int64_t at;
		const char *want;
		int64_t runs;
	} instants[] = {
	        {99, "", 0},
	        {100, "1:PENDING:", 0},
	        {101, "1:DISPATCHING:", 0},
	        {102, "1:IN_PROGRESS:", 0},
	        {109, "1:IN_PROGRESS:", 0},
	        {110, "1:SUCCEEDED:SUCCEEDED", 1},
	        {209, "2:IN_PROGRESS: 1:SUCCEEDED:SUCCEEDED", 1},
	        {210, "2:SUCCEEDED:SUCCEEDED 1:SUCCEEDED:SUPERSEDED", 2},
	        {310,
	         "4:PENDING: 3:SUCCEEDED:SUCCEEDED 2:SUCCEEDED:SUPERSEDED "
	         "1:SUCCEEDED:SUPERSEDED",
	         3},
	        {409,
	         "5:IN_PROGRESS: 4:SUCCEEDED:SUCCEEDED 3:SUCCEEDED:SUPERSEDED "
	         "2:SUCCEEDED:SUPERSEDED 1:SUCCEEDED:SUPERSEDED",
	         4},
	        {410,
	         "5:SUCCEEDED:SUCCEEDED 4:SUCCEEDED:ROLLED_BACK "
	         "3:SUCCEEDED:SUPERSEDED 2:SUCCEEDED:SUPERSEDED "
	         "1:SUCCEEDED:SUPERSEDED",
	         5},
	};
	for (size_t i = 0; i < sizeof instants / sizeof instants[0]; i++) {
		is_str(all_at(a, l, instants[i].at), instants[i].want,
		       "as known at %lld", (long long)instants[i].at);
		d = NULL;
		ok(ledger_running(l, a, STR("web"), STR("prod"), instants[i].at,
		                  &d, &why) &&
		           (d ? d->number : 0) == instants[i].runs,
		   "and what ran then");
	}
}

static void filters(struct arena *a)
{
	struct fail why = {0};
	struct ledger *l = ledger_at(a, "filters.db", LEDGER_WRITE);
	for (int i = 1; i <= 6; i++)
		recorded_created(l, i * 100, i, i % 2 ? "odd" : "even", "1.0.0",
		                 "");
	recorded_ended(l, 900, 2, "SUCCEEDED");
	recorded_ended(l, 901, 3, "CANCELED");
#define ALIKE .kind = -1, .outcome = -1
#define ANY .state = -1, ALIKE
	static const struct {
		const char *name;
		struct deployment_filter f;
		const char *want; /* numbers */
	} cases[] = {
	        {"all", {ANY}, "6 5 4 3 2 1"},
	        {"oldest first", {ANY, .oldest_first = true}, "1 2 3 4 5 6"},
	        {"limit", {ANY, .limit = 2}, "6 5"},
	        {"service", {ANY, .service = {"odd", 3}}, "5 3 1"},
	        {"place",
	         {ANY, .service = {"odd", 3}, .environment = {"prod", 4}},
	         "5 3 1"},
	        {"no such place",
	         {ANY, .service = {"odd", 3}, .environment = {"dev", 3}},
	         ""},
	        {"environment", {ANY, .environment = {"dev", 3}}, ""},
	        {"group", {ANY, .group = {"g", 1}, .limit = 1}, "6"},
	        {"recipe", {ANY, .recipe = {"other", 5}}, ""},
	        {"open", {ANY, .open_only = true}, "6 5 4 1"},
	        {"open of a service",
	         {ANY, .open_only = true, .service = {"odd", 3}},
	         "5 1"},
	        {"state", {.state = STATE_CANCELED, ALIKE}, "3"},
	        {"from", {ANY, .from = 500}, "6 5"},
	        {"to is exclusive", {ANY, .to = 200}, "1"},
	        {"from and to",
	         {ANY, .from = 200, .to = 400, .oldest_first = true},
	         "2 3"},
	        {"below and above", {ANY, .below = 5, .above = 2}, "4 3"},
	        {"a limit as of then", {ANY, .at = 350, .limit = 2}, "3 2"},
	        {"a state as of then",
	         {.state = STATE_PENDING, ALIKE, .at = 250},
	         "2 1"},
	        {"open as of then",
	         {ANY, .at = 900, .open_only = true},
	         "6 5 4 3 1"},
	};
#undef ANY
#undef ALIKE
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf got = buf_new(a, 4096);
		struct str rest = listed(a, l, cases[i].f), one, number, tail;
		while (str_next(&rest, ' ', &one)) {
			str_cut(one, ':', &number, &tail);
			buf_add(&got, got.n ? STR(" ") : STR(""));
			buf_add(&got, number);
		}
		is_str(buf_str(&got), cases[i].want, "filter: %s",
		       cases[i].name);
	}
	struct deployment *d = NULL;
	ok(ledger_deployment_by_token(l, a, STR("dxcp-4"), &d, &why) && d &&
	           d->number == 4,
	   "an open one by its token");
	ok(ledger_deployment_by_token(l, a, STR("dxcp-2"), &d, &why) && d &&
	           d->number == 2,
	   "an ended one too");
	ok(ledger_deployment_by_token(l, a, STR("dxcp-99"), &d, &why) && !d,
	   "none by a token of nobody");
}

/* A visitor that asks the same question again, and stops early. */
static bool ask_again(void *context, const struct deployment *d,
                      struct fail *why)
{
	struct collected *c = context;
	struct ledger *l = (struct ledger *)(void *)c->a;
	struct deployment_filter f = deployment_filter_any();
	struct collected inner = {NULL, c->text};
	if (!ledger_deployments(l, &f, add_number, &inner, why))
		return false;
	c->text = inner.text;
	if (d->number == 5)
		return fail_set(why, FAIL_USAGE, "enough");
	return true;
}

static void nesting(struct arena *a)
{
	struct fail why = {0};
	struct ledger *l = ledger_at(a, "filters.db", LEDGER_READ);
	struct deployment_filter f = deployment_filter_any();
	struct collected c = {(struct arena *)(void *)l, buf_new(a, 1 << 16)};
	ok(!ledger_deployments(l, &f, ask_again, &c, &why) &&
	           why.kind == FAIL_USAGE,
	   "a visitor stops the list with its reason");
	is_int((int64_t)str_code_points(buf_str(&c.text)),
	       2 * (int64_t)(listed(a, l, f).n + 1),
	       "a visitor may ask the same question inside");
}

/* --- guardrails' questions --- */

static void recorded(struct arena *a)
{
	struct fail why = {0};
	struct ledger *l = ledger_at(a, "record.db", LEDGER_WRITE);
	static const struct {
		const char *name;
		const char *decisions; /* path, blob, outcome letter: "xaA" */
		const char *states;    /* of blobs a, b and c */
	} cases[] = {
	        {"nothing", "", "---"},
	        {"allowed", "aA", "=!!"},
	        {"denied", "aD", "=!!"},
	        {"waiting", "aW", "---"},
	        {"waiting, then allowed", "aWaA", "=!!"},
	        {"edited while it waited", "aWbA", "!=!"},
	        {"replay", "aAaR", "=!!"},
	        {"a denied conflict", "aAbD", "==!"},
	        {"allowed, and could not be sent", "aAaW", "---"},
	        {"allowed again after that", "aAaWaA", "=!!"},
	        {"an edit that waits", "aAbW", "=!!"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char path[32], got[4] = "";
		snprintf(path, sizeof path, "p%zu.yaml", i);
		for (const char *s = cases[i].decisions; *s; s += 2)
			recorded_decided(l, 100 + (int64_t)i, path, s[0],
			                 s[1] == 'A'   ? "allow"
			                 : s[1] == 'D' ? "deny"
			                 : s[1] == 'W' ? "wait"
			                               : "replay",
			                 s[1] == 'W' ? "WINDOW_CLOSED" : "");
		for (int b = 0; b < 3; b++) {
			struct oid blob;
			enum record_state state = RECORD_NONE;
			oid_parse(decided_blob(a, (char)('a' + b)), &blob);
			struct str full = str_format(a, "intents/%s", path);
			ledger_record(l, full, &blob, &state, &why);
			got[b] = state == RECORD_NONE   ? '-'
			         : state == RECORD_SAME ? '='
			                                : '!';
		}
		is_str(str_of(got), cases[i].states, "recorded: %s",
		       cases[i].name);
	}
}

static bool add_decision(void *context, const struct recorded_decision *d,
                         struct fail *why)
{
	struct collected *c = context;
	(void)why;
	buf_format(&c->text,
	           "%" STR_FMT " %.1s %s %s since %lld seq %lld #%lld\n",
	           STR_ARG(d->path), d->blob.s, outcome_names[d->outcome],
	           diag_info(d->code)->name, (long long)d->since,
	           (long long)d->seq, (long long)d->number);
	return true;
}

static struct str waiting_list(struct arena *a, struct ledger *l)
{
	struct collected c = {a, buf_new(a, 1 << 16)};
	struct fail why = {0};
	if (!ledger_waiting(l, add_decision, &c, &why))
		return str_of(why.text);
	return buf_str(&c.text);
}

static struct str decisions(struct arena *a, struct ledger *l,
                            struct decision_filter f)
{
	struct collected c = {a, buf_new(a, 1 << 16)};
	struct fail why = {0};
	if (!ledger_decisions(l, &f, add_decision, &c, &why))
		return str_of(why.text);
	return buf_str(&c.text);
}

static void waiting(struct arena *a)
{
	struct ledger *l = ledger_at(a, "waiting.db", LEDGER_WRITE);
	recorded_decided(l, 100, "z", 'a', "wait", "WINDOW_CLOSED");
	recorded_decided(l, 101, "b", 'a', "wait", "");
	recorded_decided(l, 110, "z", 'a', "wait", "QUOTA_EXCEEDED");
	is_str(waiting_list(a, l),
	       "intents/z a wait QUOTA_EXCEEDED since 100 seq 3 #0\n"
	       "intents/b a wait  since 101 seq 2 #0\n",
	       "in the order of the first wait, with the last code");
	recorded_decided(l, 120, "z", 'b', "wait", "WINDOW_CLOSED");
	is_str(waiting_list(a, l),
	       "intents/b a wait  since 101 seq 2 #0\n"
	       "intents/z b wait WINDOW_CLOSED since 120 seq 4 #0\n",
	       "an edited one waits afresh");
	recorded_decided(l, 130, "b", 'a', "allow", "");
	recorded_created(l, 130, 1, "checkout", "1.0.0",
	                 ",'intent':{'path':'intents/b','blob':"
	                 "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'}");
	is_str(waiting_list(a, l),
	       "intents/z b wait WINDOW_CLOSED since 120 seq 4 #0\n",
	       "an allowed one waits no more");
	struct decision_filter f = {.outcome = -1, .number = 1};
	is_str(decisions(a, l, f), "intents/b a allow  since 0 seq 5 #1\n",
	       "a deployment knows what allowed it");
	recorded_dispatching(l, 131, 1);
	record(l, 132, "deployment.withdrawn", "1",
	       "{'number':1,'code':'ENGINE_UNAVAILABLE'}");
	recorded_decided(l, 132, "b", 'a', "wait", "ENGINE_UNAVAILABLE");
	is_str(waiting_list(a, l),
	       "intents/b a wait ENGINE_UNAVAILABLE since 101 seq 9 #0\n"
	       "intents/z b wait WINDOW_CLOSED since 120 seq 4 #0\n",
	       "one that could not be sent waits since it first waited");
	is_str(decisions(a, l, f), "", "a withdrawn one has no decision");
	recorded_decided(l, 140, "z", 'b', "deny", "INTENT_EXPIRED");
	f = (struct decision_filter){.outcome = -1, .path = STR("intents/z")};
	is_str(decisions(a, l, f),
	       "intents/z b deny INTENT_EXPIRED since 0 seq 10 #0\n"
	       "intents/z b wait WINDOW_CLOSED since 0 seq 4 #0\n"
	       "intents/z a wait QUOTA_EXCEEDED since 0 seq 3 #0\n"
	       "intents/z a wait WINDOW_CLOSED since 0 seq 1 #0\n",
	       "all decisions of a path, the newest first");
	f = (struct decision_filter){.outcome = OUTCOME_WAIT,
	                             .service = STR("checkout"),
	                             .from = 110,
	                             .to = 132,
	                             .limit = 1};
	is_str(decisions(a, l, f),
	       "intents/z b wait WINDOW_CLOSED since 0 seq 4 #0\n",
	       "by outcome, time and count");
	f = (struct decision_filter){.outcome = -1, .from = 120, .to = 132};
	is_str(decisions(a, l, f),
	       "intents/b a allow  since 0 seq 5 #0\n"
	       "intents/z b wait WINDOW_CLOSED since 0 seq 4 #0\n",
	       "from an instant to before another");
}

static bool add_count(void *context, const struct decision_count *n,
                      struct fail *why)
{
	struct collected *c = context;
	(void)why;
	buf_format(&c->text, "%s %s %lld\n", outcome_names[n->outcome],
	           diag_info(n->code)->name, (long long)n->n);
	return true;
}

static void without_documents(struct arena *a)
{
	struct fail why = {0};
	struct ledger *l = ledger_at(a, "verdicts.db", LEDGER_WRITE);
	struct collected c = {a, buf_new(a, 1 << 16)};
	struct str document = STR("");
	record(l, 10, "note", "n", "{}");
	recorded_decided(l, 20, "b", 'a', "wait", "WINDOW_CLOSED");
	recorded_decided(l, 30, "b", 'a', "allow", "");
	recorded_created(l, 30, 1, "checkout", "1.0.0",
	                 ",'intent':{'path':'intents/b','blob':"
	                 "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'}");
	recorded_decided(l, 40, "c", 'a', "deny", "CI_ONLY");
	recorded_created(l, 40, 2, "checkout", "1.0.0", "");
	ok(ledger_decision_counts(l, add_count, &c, &why),
	   "decisions, counted");
	is_str(buf_str(&c.text),
	       "allow  1\ndeny CI_ONLY 1\nwait WINDOW_CLOSED 1\n",
	       "by outcome and code");
	buf_reset(&c.text);
	ok(ledger_event_last(l, 0, 30, 9, collect_event, &c, &why),
	   "events without their payloads");
	is_str(buf_str(&c.text), "1 10 note n \n2 20 intent.decided b \n",
	       "the end of the time exclusive");
	buf_reset(&c.text);
	ok(ledger_event_last(l, 0, 40, 2, collect_event, &c, &why),
	   "the last of them");
	is_str(buf_str(&c.text),
	       "3 30 intent.decided b \n4 30 deployment.created 1 \n",
	       "oldest first");
	int64_t n = -1;
	ok(ledger_event_count(l, 20, 40, &n, &why) && n == 3,
	   "how many there are of a time");
	ok(ledger_event_next(l, 21, &n, &why) && n == 30 &&
	           ledger_event_next(l, 41, &n, &why) && !n,
	   "when the next is");
	struct str commit;
	ok(ledger_policy_first(l, a, STR("none"), &commit, &why) && !commit.n,
	   "no run went by a policy that is none");
	ok(ledger_decision_of(l, a, 1, &document, &why) &&
	           str_contains(document, STR("\"decision\":\"allow\"")),
	   "what allowed a deployment");
	ok(ledger_decision_of(l, a, 2, &document, &why) && !document.n &&
	           ledger_decision_of(l, a, 9, &document, &why) && !document.n,
	   "where nothing did, or there is no such, it is empty");
}

static bool add_build(void *context, const struct registered_build *b,
                      struct fail *why)
{
	struct collected *c = context;
	(void)why;
	buf_format(&c->text, "%" STR_FMT "@%" STR_FMT " ",
	           STR_ARG(b->build.service), STR_ARG(b->build.version));
	return true;
}

static void builds(struct arena *a)
{
	struct fail why = {0};
	struct build b = {0};
	bool found = true;
	struct ledger *l = ledger_at(a, "builds.db", LEDGER_WRITE);
	record(l, 100, "build.registered", "web@1",
	       "{'service':'web','version':'1','artifact':'s3://b/w1',"
	       "'commit':'c1','builtAt':'1970-01-01T00:01:30Z','sizeBytes':12,"
	       "'group':'g','ci':{'provider':'x','runId':'7','runUrl':'u'},"
	       "'actor':{'email':'ci@example.com'}}");
	record(l, 200, "build.registered", "api@1",
	       "{'service':'api','version':'1','artifact':'s3://b/a1',"
	       "'group':'h'}");
	record(l, 300, "build.registered", "web@2",
	       "{'service':'web','version':'2','artifact':'s3://b/w2',"
	       "'group':'g'}");
	ok(ledger_build(l, a, STR("web"), STR("1"), &found, &b, &why) && found,
	   "a registered build is found");
	ok(str_is(b.artifact, "s3://b/w1") && str_is(b.commit, "c1") &&
	           b.built_at == 90 && b.size_bytes == 12 &&
	           str_is(b.ci_run_id, "7"),
	   "with its facts");
	ok(ledger_build(l, a, STR("web"), STR("3"), &found, &b, &why) && !found,
	   "another version is not");
	ok(!recorded_try(
	           l, 400, "build.registered", "web@1", &why,
	           "{'service':'web','version':'1','artifact':'other'}") &&
	           why.kind == FAIL_INTEGRITY,
	   "a version is registered once: %s", why.text);
	why = (struct fail){0};
	struct collected c = {a, buf_new(a, 4096)};
	ok(ledger_builds(l, STR(""), 2, add_build, &c, &why) &&
	           str_is(buf_str(&c.text), "web@2 api@1 "),
	   "builds, the newest first");
	buf_reset(&c.text);
	ok(ledger_builds(l, STR("web"), 0, add_build, &c, &why) &&
	           str_is(buf_str(&c.text), "web@2 web@1 "),
	   "of a service");
	int64_t n = -1;
	ok(ledger_quota(l, LIMIT_DAILY_BUILDS, STR("g"), STR(""), 100, 300, &n,
	                &why) &&
	           n == 1,
	   "registrations of a group in a half-open time");
}

static int64_t quota(struct ledger *l, enum limit limit, int64_t from,
                     int64_t to)
{
	int64_t n = -1;
	struct fail why = {0};
	ledger_quota(l, limit, STR("g"), STR("prod"), from, to, &n, &why);
	return n;
}

static int64_t slots_at(struct ledger *l, int64_t now)
{
	int64_t n = -1;
	struct fail why = {0};
	ledger_slots(l, STR("g"), STR("prod"), now, &n, &why);
	return n;
}

static int64_t slots(struct ledger *l)
{
	return slots_at(l, 0);
}

static void counting(struct arena *a)
{
	struct ledger *l = ledger_at(a, "counting.db", LEDGER_WRITE);
	recorded_created(l, 100, 1, "web", "1.0.0", "");
	is_int(slots(l), 0, "what is not sent holds no slot");
	is_int(quota(l, LIMIT_DAILY_DEPLOYS, 0, 1000), 0, "nor a quota");
	recorded_dispatching(l, 110, 1);
	is_int(slots(l), 1, "what is about to be sent holds one");
	recorded_created(l, 110, 2, "web", "1.0.1", ",'kind':'PROMOTE'");
	recorded_dispatching(l, 120, 2);
	recorded_created(l, 110, 3, "web", "1.0.0",
	                 ",'kind':'ROLLBACK','rollbackOf':2");
	recorded_dispatching(l, 130, 3);
	recorded_created(l, 130, 4, "web", "1.0.2", "");
	recorded_dispatching(l, 131, 4);
	is_int(slots(l), 4, "until the end");
	record(l, 132, "deployment.withdrawn", "4", "{'number':4}");
	recorded_ended(l, 140, 1, "FAILED");
	record(l, 141, "deployment.lost_contact", "2", "{'number':2}");
	is_int(slots(l), 2, "an end and a withdrawal free theirs, silence not");
	is_int(quota(l, LIMIT_DAILY_DEPLOYS, 0, 1000), 2,
	       "deploys and promotions, the failed one too");
	is_int(quota(l, LIMIT_DAILY_ROLLBACKS, 0, 1000), 1, "rollbacks");
	is_int(quota(l, LIMIT_DAILY_DEPLOYS, 110, 120), 1,
	       "from the first instant to before the last");
	record(l, 200, "deployment.imported", "4",
	       "{'number':4,'service':'web','environment':'prod','version':'0',"
	       "'group':'g','kind':'ROLL_FORWARD','state':'SUCCEEDED',"
	       "'createdAt':'1970-01-01T00:01:55Z',"
	       "'finishedAt':'1970-01-01T00:01:56Z'}");
	is_int(quota(l, LIMIT_DAILY_DEPLOYS, 0, 1000), 2,
	       "imported history counts for no quota");
	is_int(slots(l), 2, "and holds no slot");
	recorded_created(l, 200, 5, "web", "1.0.3", ",'timeout':60");
	recorded_dispatching(l, 210, 5);
	is_int(slots_at(l, 269), 3,
	       "a second before its timeout one holds its");
	is_int(slots_at(l, 270), 2, "at its timeout it does not");
}

/* What SQLite did since it was last asked, in steps of its machine. */
static int64_t steps(struct ledger *l)
{
	int64_t n = 0;
	sqlite3_stmt *st = NULL;
	while ((st = sqlite3_next_stmt(l->db, st)))
		n += sqlite3_stmt_status(st, SQLITE_STMTSTATUS_VM_STEP, 1);
	return n;
}

static void counting_a_day(struct arena *a)
{
	enum { DAYS = 200 };
	struct ledger *l = ledger_at(a, "days.db", LEDGER_WRITE);
	for (int i = 1; i <= DAYS; i++) {
		recorded_created(l, 100 * i, i, "web", "1.0.0", "");
		recorded_dispatching(l, 100 * i, i);
	}
	steps(l);
	is_int(quota(l, LIMIT_DAILY_DEPLOYS, 100 * DAYS, 100 * DAYS + 100), 1,
	       "one on the last day");
	int64_t n = steps(l);
	ok(n < DAYS, "the days before are not gone through: %lld steps",
	   (long long)n);
}

/* --- runs, views --- */

static bool add_run(void *context, const struct recorded_run *r,
                    struct fail *why)
{
	struct collected *c = context;
	(void)why;
	buf_format(&c->text, "%lld %lld-%lld %lld/%lld/%lld/%lld\n",
	           (long long)r->number, (long long)r->started_at,
	           (long long)r->finished_at, (long long)r->allow,
	           (long long)r->wait, (long long)r->deny,
	           (long long)r->replay);
	return true;
}

static void runs(struct arena *a)
{
	struct fail why = {0};
	struct ledger *l = ledger_at(a, "runs.db", LEDGER_WRITE);
	struct ledger_head head;
	const char *c1 = "1111111111111111111111111111111111111111";
	record(l, 100, "run.started", "1", "{'number':1,'commit':'%s'}", c1);
	record(l, 110, "run.finished", "1",
	       "{'number':1,'commit':'%s','intentsTree':'%s','policyTree':'%s',"
	       "'allow':1,'wait':2,'deny':3,'replay':4}",
	       c1, c1, c1);
	record(l, 200, "run.started", "2", "{'number':2}");
	struct collected c = {a, buf_new(a, 4096)};
	ok(ledger_runs(l, 0, add_run, &c, &why), "runs are listed");
	is_str(buf_str(&c.text), "2 200-0 0/0/0/0\n1 100-110 1/2/3/4\n",
	       "the newest first, one that did not end too");
	ok(ledger_head(l, a, &head, &why) && head.runs == 2 &&
	           head.finished_at == 110 && head.commit.id[0] == 0x11 &&
	           head.intents_tree.id[19] == 0x11 && head.events == 3 &&
	           str_is(ask(a, "runs.db",
	                      "SELECT hash FROM event WHERE seq = 3"),
	                  head.hash),
	   "the head is what the last finished run left");
	record(l, 310, "run.finished", "3",
	       "{'number':3,'commit':'%s','intentsTree':'%s','policyTree':'%s',"
	       "'startedAt':'1970-01-01T00:05:00Z',"
	       "'allow':0,'wait':0,'deny':0,'replay':0}",
	       c1, c1, c1);
	buf_reset(&c.text);
	ok(ledger_runs(l, 1, add_run, &c, &why), "the newest run is listed");
	is_str(buf_str(&c.text), "3 300-310 0/0/0/0\n",
	       "an idle run is one event, its start told at its end");
}

static void previous_version(struct arena *a)
{
	struct fail why = {0};
	struct ledger *l = ledger_at(a, "previous.db", LEDGER_WRITE);
	struct deployment *d;
	recorded_created(l, 100, 1, "web", "1.0.0", "");
	recorded_created(l, 100, 2, "web", "1.1.0", "");
	for (int i = 1; i <= 2; i++) {
		const char *n = i == 1 ? "1" : "2";
		record(l, 110, "deployment.dispatching", n, "{'number':%s}", n);
		record(l, 120, "deployment.ended", n,
		       "{'number':%s,'state':'SUCCEEDED',"
		       "'finishedAt':'1970-01-01T00:02:0%sZ','failures':[]}",
		       n, n);
	}
	ok(ledger_deployment(l, a, 2, &d, &why) && d, "the later one is there");
	is_str(d->previous_version, "1.0.0",
	       "it replaced the one that was recorded with it and ended first");
}

static void ended_at(struct ledger *l, int number, const char *state,
                     const char *clock)
{
	record(l, 1000 + number, "deployment.ended", "n",
	       "{'number':%d,'state':'%s',"
	       "'finishedAt':'1970-01-01T%sZ','failures':[]}",
	       number, state, clock);
}

/* Ends that are told out of their order, as after contact was lost. */
static void previous_version_late(struct arena *a)
{
	static const char *const want[] = {"",      "1.0.0", "1.1.0",
	                                   "1.1.0", "1.1.0", "1.4.0"};
	struct fail why = {0};
	struct ledger *l = ledger_at(a, "previous-late.db", LEDGER_WRITE);
	struct deployment *d;
	for (int i = 1; i <= 6; i++) {
		char version[] = "1.0.0";
		version[2] = (char)('0' + i - 1);
		recorded_created(l, 100, i, "web", version, "");
	}
	ended_at(l, 1, "SUCCEEDED", "00:10:00");
	ended_at(l, 5, "SUCCEEDED", "00:40:00");
	ended_at(l, 6, "SUCCEEDED", "00:50:00");
	ended_at(l, 4, "FAILED", "00:30:00");
	ended_at(l, 3, "FAILED", "00:20:00");
	ended_at(l, 2, "SUCCEEDED", "00:15:00");
	for (int i = 1; i <= 6; i++) {
		ok(ledger_deployment(l, a, i, &d, &why) && d, "%d is there", i);
		is_str(d->previous_version, want[i - 1],
		       "what ran before it, whenever its end is told");
	}
	ok(ledger_deployment(l, a, 2, &d, &why) &&
	           d->outcome == RESULT_SUPERSEDED,
	   "a success that is told late is superseded");
}

/* "3 1.1.0 SUCCEEDED" */
static struct str told(struct arena *a, const struct deployment *d)
{
	return d ? str_format(a, "%lld %" STR_FMT " %s", (long long)d->number,
	                      STR_ARG(d->version),
	                      deployment_outcome_names[d->outcome])
	         : STR("none");
}

/* What automation is not to bring back. */
static void undone(struct arena *a)
{
	struct fail why = {0};
	struct ledger *l = ledger_at(a, "undone.db", LEDGER_WRITE);
	recorded_deployed(l, 100, 1, "web", "1.0.0", "");
	recorded_deployed(l, 200, 2, "web", "1.1.0", "");
	recorded_deployed(l, 300, 3, "web", "1.0.0",
	                  ",'kind':'ROLLBACK','rollbackOf':2");
	recorded_created(l, 400, 4, "web", "1.2.0", "");
	recorded_ended(l, 410, 4, "FAILED");
	recorded_deployed(l, 500, 5, "web", "1.0.0",
	                  ",'kind':'ROLLBACK','rollbackOf':4");
	recorded_deployed(l, 600, 6, "web", "1.3.0", "");
	recorded_deployed(l, 700, 7, "web", "1.0.0",
	                  ",'kind':'ROLLBACK','rollbackOf':6");
	recorded_deployed(l, 800, 8, "web", "1.3.0", "");
	recorded_created(l, 900, 9, "web", "1.1.0", "");
	recorded_ended(l, 910, 9, "FAILED");
	static const struct {
		const char *service, *version, *want;
	} versions[] = {
	        {"web", "1.0.0", "none"},
	        {"web", "1.1.0", "2 1.1.0 ROLLED_BACK"}, /* failed since */
	        {"web", "1.2.0", "4 1.2.0 ROLLED_BACK"}, /* had failed */
	        {"web", "1.3.0", "none"}, /* succeeded again since */
	        {"api", "1.1.0", "none"},
	};
	for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
		struct deployment *d = NULL;
		ok(ledger_undone(l, a, str_of(versions[i].service), STR("prod"),
		                 str_of(versions[i].version), &d, &why),
		   "looking for what was rolled back: %s", why.text);
		is_str(told(a, d), versions[i].want, "of %s %s",
		       versions[i].service, versions[i].version);
	}
}

static void successes(struct arena *a)
{
	struct fail why = {0};
	struct ledger *l = ledger_at(a, "successes.db", LEDGER_WRITE);
	recorded_deployed(l, 100, 1, "web", "1.0.0", "");
	recorded_deployed(l, 200, 2, "web", "1.1.0", "");
	recorded_created(l, 300, 3, "web", "1.2.0", "");
	recorded_ended(l, 310, 3, "FAILED");
	recorded_deployed(l, 400, 4, "other", "1.2.0", "");
	/* 6 ends at the instant of 5, and 7 before both. */
	for (int i = 5; i <= 7; i++) {
		static const char *const versions[] = {"1.3.0", "1.4.0",
		                                       "1.5.0"};
		recorded_created(l, 500, i, "web", versions[i - 5], "");
		record(l, 600, "deployment.ended",
		       i == 5   ? "5"
		       : i == 6 ? "6"
		                : "7",
		       "{'number':%d,'state':'SUCCEEDED','failures':[],"
		       "'finishedAt':'1970-01-01T00:09:%sZ'}",
		       i, i == 7 ? "00" : "30");
	}
	recorded_deployed(l, 700, 8, "web", "1.3.0",
	                  ",'kind':'ROLLBACK','rollbackOf':6");
	recorded_created(l, 800, 9, "web", "1.6.0", "");
	static const struct {
		const char *version, *want;
	} versions[] = {
	        {"1.0.0", "1 1.0.0 SUPERSEDED"},
	        {"1.2.0", "none"}, /* failed here, succeeded elsewhere */
	        {"1.3.0", "8 1.3.0 SUCCEEDED"}, /* the latest of two */
	        {"1.4.0", "6 1.4.0 ROLLED_BACK"},
	        {"1.6.0", "none"}, /* not ended */
	        {"", "none"},
	};
	for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
		struct deployment *d = NULL;
		ok(ledger_success(l, a, STR("web"), STR("prod"),
		                  str_of(versions[i].version), &d, &why),
		   "looking for a success: %s", why.text);
		is_str(told(a, d), versions[i].want, "the success of %s",
		       versions[i].version);
	}
	static const struct {
		int64_t number;
		const char *want;
	} before[] = {
	        {1, "none"},
	        {2, "1 1.0.0 SUPERSEDED"},
	        {3, "2 1.1.0 SUPERSEDED"}, /* of one that failed */
	        {4, "none"},               /* of another service */
	        {7, "2 1.1.0 SUPERSEDED"}, /* by finish time */
	        {5, "7 1.5.0 SUPERSEDED"},
	        {6, "5 1.3.0 SUPERSEDED"}, /* then by number */
	        {8, "6 1.4.0 ROLLED_BACK"},
	        {9, "8 1.3.0 SUCCEEDED"}, /* of one that has not ended */
	};
	for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
		struct deployment *of, *d = NULL;
		ok(ledger_deployment(l, a, before[i].number, &of, &why) && of &&
		           ledger_success_before(l, a, of, &d, &why),
		   "looking before %lld: %s", (long long)before[i].number,
		   why.text);
		is_str(told(a, d), before[i].want, "the success before %lld",
		       (long long)before[i].number);
	}
}

static bool add_place(void *context, const struct deployment *d,
                      struct fail *why)
{
	struct collected *c = context;
	(void)why;
	buf_format(&c->text, "%.*s %.*s %.*s\n", STR_ARG(d->service),
	           STR_ARG(d->environment), STR_ARG(d->version));
	return true;
}

static void running_all(struct arena *a)
{
	struct fail why = {0};
	struct ledger *l = ledger_at(a, "running_all.db", LEDGER_WRITE);
	struct collected c = {a, buf_new(a, 4096)};
	recorded_deployed(l, 100, 1, "web", "1.0.0", "");
	recorded_deployed(l, 200, 2, "checkout", "1.0.0", "");
	recorded_deployed(l, 300, 3, "checkout", "1.1.0", "");
	ok(ledger_running_all(l, STR(""), 0, add_place, &c, &why),
	   "what runs is listed");
	is_str(buf_str(&c.text), "checkout prod 1.1.0\nweb prod 1.0.0\n",
	       "by service, then environment, the latest success each");
	buf_reset(&c.text);
	ok(ledger_running_all(l, STR("checkout"), 250, add_place, &c, &why),
	   "of one service, as of a time");
	is_str(buf_str(&c.text), "checkout prod 1.0.0\n",
	       "what ran then, not what runs now");
}

static void views(struct arena *a)
{
	struct ledger *l = ledger_at(a, "views.db", LEDGER_WRITE);
	recorded_decided(l, 1700000000, "i.yaml", 'a', "allow", "");
	recorded_deployed(l, 1700000000, 1, "checkout", "1.0.0",
	                  ",'intent':{'path':'intents/i.yaml','blob':"
	                  "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'}");
	recorded_created(l, 1700000100, 2, "checkout", "1.1.0", "");
	record(l, 1700000200, "build.registered", "web@1",
	       "{'service':'web','version':'1','artifact':'s3://b/w1'}");
	static const struct {
		const char *sql, *want;
	} cases[] = {
	        {"SELECT number || version || kind || outcome || created_at"
	         " || finished_at FROM v_deployments WHERE number = 1",
	         "11.0.0ROLL_FORWARDSUCCEEDED2023-11-14T22:13:20Z"
	         "2023-11-14T22:13:30Z"},
	        {"SELECT outcome IS NULL AND finished_at IS NULL"
	         " AND rollback_of IS NULL AND previous_version IS NULL"
	         " AND engine_execution_id IS NULL"
	         " FROM v_deployments WHERE number = 2",
	         "1"},
	        {"SELECT timeline ->> '$[3].event' FROM v_deployments"
	         " WHERE number = 1",
	         "succeeded"},
	        {"SELECT failures FROM v_deployments WHERE number = 2", "[]"},
	        {"SELECT service || version || number || since || in_progress"
	         " FROM v_running",
	         "checkout1.0.012023-11-14T22:13:30Z2"},
	        {"SELECT intent || decision || number || actor_email"
	         " FROM v_decisions",
	         "intents/i.yamlallow1ada@example.com"},
	        {"SELECT service || version || artifact || time FROM v_builds",
	         "web1s3://b/w12023-11-14T22:16:40Z"},
	        {"SELECT count(*) || max(time) FROM v_events",
	         "72023-11-14T22:16:40Z"},
	        {"SELECT count(*) FROM (SELECT recipe_revision,"
	         " source_environment, dispatched_at, started_at, engine,"
	         " engine_execution_url, intent, actor, \"group\", recipe, token,"
	         " environment, service, state, summary FROM v_deployments)",
	         "2"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		is_str(ask(a, "views.db", cases[i].sql), cases[i].want, "%s",
		       cases[i].sql);
	(void)l;
}

static bool add_open(void *context, const struct open_deployment *o,
                     struct fail *why)
{
	buf_format(context,
	           "%lld %s %" STR_FMT " %" STR_FMT "/%" STR_FMT "%s %lld\n",
	           (long long)o->number, deployment_state_names[o->state],
	           STR_ARG(o->engine), STR_ARG(o->group),
	           STR_ARG(o->environment), o->has_execution ? " known" : "",
	           (long long)o->cancel_at);
	return o->number < 4 || fail_set(why, FAIL_INPUT, "enough");
}

static void what_is_open(struct arena *a)
{
	struct ledger *l = ledger_at(a, "open.db", LEDGER_WRITE);
	struct buf said = buf_new(a, 4096);
	struct fail why = {0};
	ok(ledger_open_deployments(l, add_open, &said, &why) && !said.n,
	   "nothing is open in an empty ledger");
	for (int i = 1; i <= 3; i++)
		recorded_created(l, 100, i, "web", "1.0.0", "");
	recorded_dispatching(l, 110, 3);
	recorded_dispatching(l, 110, 2);
	recorded_started(l, 120, 3);
	record(l, 130, "deployment.cancel_requested", "2",
	       "{'number':2,'detail':'by me'}");
	recorded_deployed(l, 140, 4, "api", "1.0.0", "");
	ok(ledger_open_deployments(l, add_open, &said, &why),
	   "what has not ended is told: %s", why.text);
	is_str(buf_str(&said),
	       "1 PENDING box g/prod 0\n"
	       "2 DISPATCHING box g/prod 130\n"
	       "3 IN_PROGRESS box g/prod known 0\n",
	       "with what tells who is to be asked about it");
	recorded_created(l, 200, 5, "web", "1.0.0", "");
	recorded_created(l, 200, 6, "web", "1.0.0", "");
	buf_reset(&said);
	ok(!ledger_open_deployments(l, add_open, &said, &why) &&
	           str_has(buf_str(&said), '5') &&
	           !str_has(buf_str(&said), '6'),
	   "until the visitor has enough");
}

int main(void)
{
	static void (*const tests[])(struct arena *) = {
	        opening,
	        reading_leaves_nothing,
	        damaged,
	        full_disk,
	        lease,
	        busy,
	        appending,
	        states,
	        numbers,
	        ends,
	        outcomes,
	        filters,
	        nesting,
	        recorded,
	        waiting,
	        builds,
	        counting,
	        counting_a_day,
	        runs,
	        running_all,
	        previous_version,
	        previous_version_late,
	        views,
	        successes,
	        undone,
	        dispatches,
	        without_documents,
	        what_is_open,
	};
	scratch_start();
	for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
		struct arena *a = arena_new();
		tests[i](a);
		arena_free(a);
	}
	scratch_end();
	return tap_done();
}
