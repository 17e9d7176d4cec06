#include "core/ledger_private.h"
#include "tests/lib/recorded.h"
#include "tests/lib/scratch.h"
#include "tests/lib/tap.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { LARGE = 2000, MANY = 1500 };

/* --- others --- */

/* The first column of the first row, on a connection of its own. */
static int64_t ask(const char *path, const char *sql)
{
	sqlite3 *db;
	sqlite3_stmt *st = NULL;
	int64_t out = -1;
	sqlite3_open(path, &db);
	sqlite3_busy_timeout(db, 1000);
	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		out = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return out;
}

static int64_t events(const char *path)
{
	return ask(path, "SELECT count(*) FROM event");
}

static off_t size_of(const char *path)
{
	struct stat st;
	return stat(path, &st) ? -1 : st.st_size;
}

/* What a process that is killed now leaves, as another ledger. */
static void leave(const char *as)
{
	sh("rm -f %s %s-wal %s-shm; cp l.db %s; cp l.db-wal %s-wal", as, as, as,
	   as, as);
}

static int64_t faults(const char *path)
{
	struct arena *a = arena_new();
	struct ledger *l = ledger_at(a, path, LEDGER_WRITE);
	struct ledger_soundness is = {0};
	struct fail why = {0};
	if (!ledger_verify(l, NULL, NULL, NULL, &is, &why))
		is.faults = -1;
	arena_free(a);
	return is.faults;
}

static struct ledger *writer(struct arena *a)
{
	struct fail why = {0};
	struct ledger *l = ledger_at(a, "l.db", LEDGER_WRITE);
	ok(ledger_lease(l, a, &why), "a writer has the lease");
	return l;
}

static bool append(struct ledger *l, int i, struct fail *why)
{
	json_t *payload = json_pack("{s:i,s:s}", "number", i + 1, "commit",
	                            "0123456789012345678901234567890123456789");
	bool done = ledger_append(l, 100 + i, "run.started", STR("run"),
	                          STR(""), payload, NULL, why);
	json_decref(payload);
	return done;
}

/* --- what is kept --- */

static void each_commit(void)
{
	struct arena *a = arena_new();
	struct ledger *l = writer(a);
	bool seen = true, left = true;
	for (int i = 1; i <= 20; i++) {
		record(l, i, "run.started", "1", "{'number':%d}", i);
		seen = seen && events("l.db") == i;
		leave("left.db");
		left = left && events("left.db") == i;
	}
	ok(seen, "others see each transaction at once");
	ok(left, "each is in the files as soon as it is committed");
	ok(faults("left.db") == 0, "what is left holds together");
	arena_free(a);
	ok(events("l.db") == 20 && size_of("l.db-wal") < 0,
	   "closed, all is in the one file");
}

/* More than is gathered for one write, and than SQLite keeps in memory. */
static void large(void)
{
	struct arena *a = arena_new();
	struct ledger *l = writer(a);
	struct fail why = {0};
	int64_t before = events("l.db");
	bool fine = ledger_exec(l, "PRAGMA cache_size = 10", &why);
	for (int pass = 0; fine && pass < 2; pass++) {
		fine = ledger_begin(l, &why);
		for (int i = 0; fine && i < LARGE; i++)
			fine = append(l, 1000 + i, &why);
		ok(fine && events("l.db") == before,
		   "others see nothing of a large transaction: %s", why.text);
		if (pass == 0)
			ledger_rollback(l);
		else
			fine = fine && ledger_commit(l, &why);
	}
	leave("left.db");
	ok(fine && events("left.db") == before + LARGE,
	   "rolled back and done again, all of it is kept: %s", why.text);
	ok(faults("left.db") == 0, "and holds together");
	arena_free(a);
}

/* --- the lock that is kept --- */

static void another_writes(void)
{
	struct arena *a = arena_new();
	struct ledger *l = writer(a);
	int64_t before = events("l.db");
	record(l, 9000, "run.started", "1", "{'number':9000}");
	ask("l.db", "CREATE TABLE IF NOT EXISTS other AS SELECT 1 AS n");
	ask("l.db", "UPDATE other SET n = n + 1");
	record(l, 9001, "run.started", "1", "{'number':9001}");
	ok(events("l.db") == before + 2 &&
	           ask("l.db", "SELECT n FROM other") == 2,
	   "where another program writes in between, both are kept");
	struct fail why = {0};
	int64_t n;
	ok(ledger_rebuild(l, &n, &why) && n == before + 2,
	   "all can be made anew by a writer that wrote: %s", why.text);
	ask("l.db", "DROP TABLE other");
	arena_free(a);
}

static void reads_own_writes(void)
{
	struct arena *a = arena_new();
	struct ledger *l = writer(a);
	struct ledger_head head;
	struct fail why = {0};
	int64_t before = events("l.db");
	record(l, 9010, "run.started", "1", "{'number':9010}");
	ok(ledger_head(l, a, &head, &why) && head.events == before + 1,
	   "a writer reads what it wrote");
	ok(ledger_begin(l, &why), "it begins, and gives it up");
	ledger_rollback(l);
	ok(ledger_head(l, a, &head, &why) && head.events == before + 1,
	   "and reads the same after that");
	arena_free(a);
}

/* --- the size of the log --- */

static void bounded(void)
{
	struct arena *a = arena_new();
	struct ledger *l = writer(a);
	off_t largest = 0;
	int64_t before = events("l.db"), file = size_of("l.db");
	for (int i = 0; i < MANY; i++) {
		record(l, 10000 + i, "run.started", "1", "{'number':%d}",
		       10000 + i);
		if (size_of("l.db-wal") > largest)
			largest = size_of("l.db-wal");
	}
	ok(largest > 1 << 20 && largest < 6 << 20,
	   "the log does not grow beyond what is copied at once (%lld)",
	   (long long)largest);
	ok(size_of("l.db") > file, "and is copied into the ledger");
	leave("left.db");
	ok(events("left.db") == before + MANY && faults("left.db") == 0,
	   "nothing is lost by that");
	arena_free(a);
}

/* A reader that stays keeps the log from starting anew, and sees what it saw.
 */
static void a_reader_stays(void)
{
	struct arena *a = arena_new(), *b = arena_new();
	struct ledger *l = writer(a);
	struct ledger *reader = ledger_at(b, "l.db", LEDGER_READ);
	struct fail why = {0};
	struct ledger_head head;
	int64_t before = events("l.db");
	ok(ledger_begin(reader, &why) && ledger_head(reader, b, &head, &why),
	   "a reader begins to read");
	for (int i = 0; i < MANY; i++)
		record(l, 20000 + i, "run.started", "1", "{'number':%d}",
		       20000 + i);
	ok(ledger_head(reader, b, &head, &why) && head.events == before,
	   "it sees what it saw");
	ledger_rollback(reader);
	record(l, 30000, "run.started", "1", "{'number':30000}");
	ok(ledger_head(reader, b, &head, &why) &&
	           head.events == before + MANY + 1,
	   "and then what was written since");
	arena_free(b);
	arena_free(a);
	ok(faults("l.db") == 0, "all of it holds together");
}

/* What a killed writer left is gone on with. */
static void after_a_kill(void)
{
	struct arena *a = arena_new(), *b = arena_new();
	struct ledger *l = writer(a);
	for (int i = 0; i < 50; i++)
		record(l, 40000 + i, "run.started", "1", "{'number':%d}",
		       40000 + i);
	leave("left.db");
	arena_free(a);
	int64_t before = events("l.db");
	/* Not by events(), which would take the log in. */
	struct ledger *next = ledger_at(b, "left.db", LEDGER_WRITE);
	record(next, 50000, "run.started", "1", "{'number':50000}");
	sh("cp left.db again.db; cp left.db-wal again.db-wal");
	arena_free(b);
	ok(events("left.db") == before + 1 && events("again.db") == before + 1,
	   "the log of one that was killed is gone on with");
	ok(faults("left.db") == 0 && faults("again.db") == 0,
	   "and holds together");
}

int main(void)
{
	scratch_start();
	each_commit();
	large();
	another_writes();
	reads_own_writes();
	bounded();
	a_reader_stays();
	after_a_kill();
	scratch_end();
	return tap_done();
}
