#include "core/ledger_proof.h"
#include "core/ledger_schema.h"
#include "core/sha256.h"
#include "tests/lib/recorded.h"
#include "tests/lib/scratch.h"
#include "tests/lib/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * How often each way of damaging a ledger is tried, with what seed:
 * LEDGER_EDITS, LEDGER_SEED (`make check-ledger`).
 */
#ifdef __SANITIZE_ADDRESS__
enum { EDITS_USUAL = 200 };
#else
enum { EDITS_USUAL = 1000 };
#endif
enum { REBUILDS = 40, COPY_MAX = 1 << 20 };
static int wanted_edits = EDITS_USUAL;
static uint32_t random_state = 20261120;

/* --- a ledger with a row in every table --- */

static void make(const char *path)
{
	struct arena *a = arena_new();
	struct ledger *l = ledger_at(a, path, LEDGER_WRITE);
	record(l, 50, "ledger.created", "ledger", "{'repository':'r'}");
	record(l, 100, "run.started", "1", "{'number':1}");
	for (int i = 1; i <= 9; i++) {
		char path_of[32], version[16];
		snprintf(path_of, sizeof path_of, "i%d.yaml", i);
		snprintf(version, sizeof version, "1.%d.0", i);
		record(l, 100 + i, "build.registered", version,
		       "{'service':'web','version':'%s','artifact':'s3://%d',"
		       "'group':'g'}",
		       version, i);
		recorded_decided(l, 100 + i, path_of, 'a',
		                 i > 7 ? "wait" : "allow",
		                 i > 7 ? "WINDOW_CLOSED" : "");
		if (i > 7)
			continue;
		recorded_created(l, 100 + i, i, i % 2 ? "web" : "api", version,
		                 i == 7 ? ",'kind':'ROLLBACK','rollbackOf':5"
		                        : "");
		recorded_dispatching(l, 101 + i, i);
		if (i == 4)
			record(l, 150, "deployment.cancel_requested", "4",
			       "{'number':4,'detail':'by me'}");
		if (i == 3)
			recorded_ended(l, 200 + i, i, "FAILED");
		else if (i == 2)
			record(l, 200 + i, "deployment.withdrawn", "2",
			       "{'number':2}");
		else if (i != 6)
			recorded_ended(l, 200 + i, i, "SUCCEEDED");
		if (i == 2)
			recorded_deployed(l, 210, 2, "api", "1.2.1", "");
	}
	record(l, 300, "deployment.withdrawn", "6", "{'number':6}");
	record(l, 301, "hold.placed", "web@1.1.0",
	       "{'service':'web','environment':'prod','version':'1.1.0',"
	       "'until':null,'summary':'s','intent':{'path':'h.yaml'}}");
	record(l, 302, "approval.given", "i8.yaml",
	       "{'path':'i8.yaml','blob':'aa','decision':'approve',"
	       "'summary':'s','intent':{'path':'a.yaml'}}");
	record(l, 303, "intent.withdrawn", "i9.yaml",
	       "{'path':'i9.yaml','summary':'s','intent':{'path':'c.yaml'}}");
	record(l, 304, "incident.reported", "web",
	       "{'service':'web','environment':'prod','causedBy':1,"
	       "'startedAt':'2026-03-02T10:00:00Z','summary':'s'}");
	record(l, 310, "run.finished", "1", "{'number':1,'allow':7,'wait':2}");
	arena_free(a);
}

static struct str slurp(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "rb");
	char *bytes = arena_alloc(a, COPY_MAX);
	size_t n = f ? fread(bytes, 1, COPY_MAX, f) : 0;
	if (n == COPY_MAX)
		ok(false, "%s is larger than it should be", path);
	if (f)
		fclose(f);
	return (struct str){bytes, n};
}

static void spill(const char *path, struct str bytes)
{
	FILE *f = fopen(path, "wb");
	fwrite(bytes.s, 1, bytes.n, f);
	fclose(f);
}

static void copy(const char *from, const char *to)
{
	struct arena *a = arena_new();
	char name[64];
	static const char *const ends[] = {"-wal", "-shm"};
	for (size_t i = 0; i < 2; i++) {
		snprintf(name, sizeof name, "%s%s", to, ends[i]);
		remove(name);
	}
	struct str bytes = slurp(a, from);
	spill(to, bytes);
	arena_free(a);
}

/* --- looking --- */

struct seen {
	struct buf text;
	bool hints;
};

static void see(void *context, const struct ledger_fault *f)
{
	struct seen *seen = context;
	buf_format(&seen->text, "[%lld %" STR_FMT "]", (long long)f->seq,
	           STR_ARG(f->text));
	seen->hints = seen->hints && f->hint.n;
}

/* "N faults [seq text]..."; "failed: ..." where it could not be opened. */
static struct str compared(struct arena *a, const char *path,
                           const struct checkpoint *than, bool *hints)
{
	struct arena *b = arena_new();
	struct ledger *l;
	struct fail why = {0};
	struct seen seen = {buf_new(a, 1 << 20), true};
	struct ledger_soundness is = {0};
	bool done = ledger_open(&l, b, path, LEDGER_READ, &why) &&
	            ledger_verify(l, than, see, &seen, &is, &why);
	arena_free(b);
	*hints = done ? seen.hints : why.hint[0] != '\0';
	if (!done)
		return str_format(a, "failed: %d %s", why.kind, why.text);
	return str_format(a, "%lld faults %" STR_FMT, (long long)is.faults,
	                  STR_ARG(buf_str(&seen.text)));
}

static struct str verified(struct arena *a, const char *path, bool *hints)
{
	return compared(a, path, NULL, hints);
}

/* All rows of all projections, and of the events, as one digest. */
static struct sha256_hex digest(const char *path)
{
	struct arena *a = arena_new();
	struct buf all = buf_new(a, 1 << 24);
	sqlite3 *db;
	sqlite3_open(path, &db);
	for (size_t i = 0; i <= schema_projection_count; i++) {
		sqlite3_stmt *st = NULL;
		sqlite3_prepare_v2(db,
		                   i < schema_projection_count
		                           ? schema_projections[i].rows
		                           : "SELECT * FROM event ORDER BY seq",
		                   -1, &st, NULL);
		while (st && sqlite3_step(st) == SQLITE_ROW)
			for (int c = 0; c < sqlite3_column_count(st); c++)
				buf_format(&all, "%d:%s\x1f",
				           sqlite3_column_type(st, c),
				           (const char *)sqlite3_column_text(
				                   st, c));
		sqlite3_finalize(st);
	}
	sqlite3_close(db);
	struct sha256_hex hex = sha256_of(buf_str(&all));
	arena_free(a);
	return hex;
}

/* --- edits, as one who knows SQLite would make them --- */

static uint32_t random_next(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state;
}

static uint32_t below(uint32_t n)
{
	return random_next() % n;
}

static int64_t ask_int(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *st = NULL;
	int64_t n = 0;
	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

static struct str edit_of_event(struct arena *a, sqlite3 *db)
{
	static const char *const texts[] = {"type",    "subject",   "actor",
	                                    "payload", "prev_hash", "hash"};
	uint32_t count = (uint32_t)ask_int(db, "SELECT count(*) FROM event");
	uint32_t seq = 1 + below(count), other = 1 + below(count);
	const char *column = texts[below(6)];
	switch (below(8)) {
	case 0:
		return str_format(a,
		                  "UPDATE event SET time = time + 1"
		                  " WHERE seq = %u",
		                  seq);
	case 1:
		return str_format(a, "DELETE FROM event WHERE seq = %u", seq);
	case 2:
		return str_format(a,
		                  "INSERT INTO event SELECT %u, time, type,"
		                  " subject, actor, payload, prev_hash, hash"
		                  " FROM event WHERE seq = %u",
		                  count + 1, seq);
	case 3:
		return str_format(a,
		                  "UPDATE event SET seq = -1 WHERE seq = %u;"
		                  "UPDATE event SET seq = %u WHERE seq = %u;"
		                  "UPDATE event SET seq = %u WHERE seq = -1",
		                  seq, seq, other, other);
	case 4:
		return str_format(a,
		                  "UPDATE event SET payload ="
		                  " replace(payload, '}', ' }') WHERE seq = %u",
		                  seq);
	default:
		return str_format(a,
		                  "UPDATE event SET %s = substr(%s, 1, %u) ||"
		                  " char(unicode(substr(%s, %u, 1)) + 1) ||"
		                  " substr(%s, %u) WHERE seq = %u AND"
		                  " length(%s) > %u",
		                  column, column, seq - 1, column, seq, column,
		                  seq + 1, other, column, seq);
	}
}

static const char *key_of(const char *table)
{
	static const struct {
		const char *table, *key;
	} keys[] = {
	        {"running", "service, environment"},
	        {"timeline", "number, seq"},
	        {"failure", "number, ordinal"},
	        {"waiting", "path"},
	        {"origin", "id"},
	        {"decision", "seq"},
	        {"build", "seq"},
	};
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (!strcmp(table, keys[i].table))
			return keys[i].key;
	return "number";
}

static struct str edit_of_projection(struct arena *a, sqlite3 *db)
{
	const char *table =
	        schema_projections[below((uint32_t)schema_projection_count)]
	                .table;
	struct str sql = str_format(a, "SELECT count(*) FROM %s", table);
	int64_t rows = ask_int(db, str_cstr(a, sql));
	sql = str_format(a, "SELECT count(*) FROM pragma_table_info('%s')",
	                 table);
	uint32_t columns = (uint32_t)ask_int(db, str_cstr(a, sql));
	sqlite3_stmt *st = NULL;
	sql = str_format(a,
	                 "SELECT name, type, pk FROM pragma_table_info('%s')"
	                 " WHERE cid = %u",
	                 table, below(columns));
	sqlite3_prepare_v2(db, str_cstr(a, sql), -1, &st, NULL);
	sqlite3_step(st);
	struct str name =
	        str_format(a, "%s", (const char *)sqlite3_column_text(st, 0));
	bool text = !strcmp((const char *)sqlite3_column_text(st, 1), "TEXT");
	sqlite3_finalize(st);
	struct str row =
	        str_format(a, "(%s) = (SELECT %s FROM %s LIMIT 1 OFFSET %u)",
	                   key_of(table), key_of(table), table,
	                   below(rows ? (uint32_t)rows : 1));
	if (below(4) == 0)
		return str_format(a, "DELETE FROM %s WHERE %" STR_FMT, table,
		                  STR_ARG(row));
	return str_format(a,
	                  "UPDATE %s SET %" STR_FMT " = %" STR_FMT
	                  " %s WHERE %" STR_FMT,
	                  table, STR_ARG(name), STR_ARG(name),
	                  text ? "|| 'x'" : "+ 1", STR_ARG(row));
}

static struct str edit_of_schema(struct arena *a)
{
	const struct schema_object *o;
	do
		o = &schema_objects[below((uint32_t)schema_object_count)];
	while (!strcmp(o->name, "event"));
	return str_format(a, "DROP %s %s", o->type, o->name);
}

/* Triggers are taken away for the edit and put back as they were. */
static int apply(sqlite3 *db, const char *sql)
{
	static const char *const triggers[] = {
	        "event_no_update", "event_no_delete", "event_no_gap"};
	char drop[64];
	for (size_t i = 0; i < 3; i++) {
		snprintf(drop, sizeof drop, "DROP TRIGGER %s", triggers[i]);
		sqlite3_exec(db, drop, NULL, NULL, NULL);
	}
	int before = sqlite3_total_changes(db);
	int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
	int changes = sqlite3_total_changes(db) - before;
	if (rc == SQLITE_OK && !strncmp(sql, "DROP", 4))
		changes = 1;
	for (size_t i = 0; i < schema_object_count; i++)
		if (!strcmp(schema_objects[i].type, "trigger") &&
		    !strstr(sql, schema_objects[i].name))
			sqlite3_exec(db, schema_objects[i].sql, NULL, NULL,
			             NULL);
	return rc == SQLITE_OK ? changes : 0;
}

static void edits(void)
{
	int applied = 0, found = 0, rebuilt = 0, repairable = 0;
	struct sha256_hex good = digest("good.db");
	for (int i = 0; i < wanted_edits; i++) {
		struct arena *a = arena_new();
		sqlite3 *db;
		bool hints = false;
		copy("good.db", "x.db");
		sqlite3_open("x.db", &db);
		uint32_t what = below(10);
		struct str sql = what < 5   ? edit_of_event(a, db)
		                 : what < 9 ? edit_of_projection(a, db)
		                            : edit_of_schema(a);
		int changes = apply(db, str_cstr(a, sql));
		sqlite3_close(db);
		/* Some edits change nothing, or are refused by a check. */
		if (!changes || (!strcmp(digest("x.db").s, good.s) &&
		                 !str_starts(sql, STR("DROP")))) {
			arena_free(a);
			continue;
		}
		applied++;
		struct str got = verified(a, "x.db", &hints);
		bool told = !str_starts(got, STR("0 faults")) &&
		            (!str_starts(got, STR("failed")) ||
		             str_starts(got, STR("failed: 5"))) &&
		            hints;
		found += told;
		if (!told)
			ok(false, "not found: %" STR_FMT ": %" STR_FMT,
			   STR_ARG(sql), STR_ARG(str_head(got, 200)));
		if (what >= 5 && repairable < REBUILDS) {
			int64_t events;
			struct fail why = {0};
			struct ledger *l = ledger_at(a, "x.db", LEDGER_WRITE);
			repairable++;
			rebuilt += ledger_rebuild(l, &events, &why);
			arena_free(a);
			a = arena_new();
			rebuilt -= strcmp(digest("x.db").s, good.s) != 0 ||
			           !str_eq(verified(a, "x.db", &hints),
			                   STR("0 faults "));
		}
		arena_free(a);
	}
	ok(applied > wanted_edits * 7 / 10,
	   "%d of %d random edits changed something", applied, wanted_edits);
	is_int(found, applied, "each of them is found, with a next step");
	is_int(rebuilt, repairable,
	       "rebuild gives the same rows after each of the %d edits that "
	       "left the events alone",
	       repairable);
}

/* A flipped bit may lie where nothing is stored. Where no fault is found,
   nothing that can be read may have changed. */
static void flips(void)
{
	int changed = 0, missed = 0;
	struct sha256_hex good = digest("good.db");
	for (int i = 0; i < wanted_edits; i++) {
		struct arena *a = arena_new();
		bool hints;
		copy("good.db", "x.db");
		FILE *f = fopen("x.db", "r+b");
		fseek(f, 0, SEEK_END);
		long at = (long)below((uint32_t)ftell(f));
		fseek(f, at, SEEK_SET);
		int c = fgetc(f);
		fseek(f, at, SEEK_SET);
		fputc(c ^ (1 << below(8)), f);
		fclose(f);
		struct str got = verified(a, "x.db", &hints);
		bool fine = str_starts(got, STR("0 faults"));
		bool same = !strcmp(digest("x.db").s, good.s);
		changed += !same;
		missed += fine && !same;
		arena_free(a);
	}
	ok(changed > wanted_edits / 20,
	   "%d of %d flipped bits changed something", changed, wanted_edits);
	is_int(missed, 0, "none of these is missed");
}

/* --- the file cut off, the log beside it --- */

/* A refusal is that of a damaged ledger, with what to do. */
static bool is_told(struct str got, bool hints)
{
	if (str_starts(got, STR("0 faults")))
		return false;
	return hints && (!str_starts(got, STR("failed")) ||
	                 str_starts(got, STR("failed: 5")));
}

static void truncations(void)
{
	struct arena *a = arena_new();
	struct str whole = slurp(a, "good.db");
	int told = 0, tries = wanted_edits / 10;
	copy("good.db", "x.db");
	for (int i = 0; i < tries; i++) {
		struct arena *b = arena_new();
		bool hints;
		size_t n = below((uint32_t)whole.n);
		spill("x.db", str_head(whole, i % 2 ? n : n / 4096 * 4096));
		struct str got = verified(b, "x.db", &hints);
		told += is_told(got, hints);
		if (!is_told(got, hints))
			ok(false, "cut at %zu: %" STR_FMT, n, STR_ARG(got));
		remove("x.db-wal");
		remove("x.db-shm");
		arena_free(b);
	}
	is_int(told, tries, "a file that was cut off is found");
	arena_free(a);
}

/* good.db and half of it in the log: x.db, x.db-wal. */
static void make_logged(struct arena *a, struct checkpoint *whole)
{
	struct fail why = {0};
	copy("good.db", "logged.db");
	struct arena *b = arena_new();
	struct ledger *l = ledger_at(b, "logged.db", LEDGER_WRITE);
	for (int i = 0; i < 3; i++)
		recorded_deployed(l, 400 + i, i ? 7 + i : 6, "web", "3.0.0",
		                  "");
	ledger_checkpoint(l, a, whole, &why);
	/* As a machine leaves them that loses its power. */
	sh("cp logged.db logged.copy; cp logged.db-wal logged.copy-wal");
	arena_free(b);
}

static void damage_log(struct arena *a, uint32_t how, struct str log)
{
	char *bytes = arena_text(a, log.n);
	memcpy(bytes, log.s, log.n);
	size_t at = below((uint32_t)log.n), n = log.n;
	if (how == 0)
		n = at;
	else if (how == 1) /* torn: the rest never reached the disk */
		memset(bytes + at, 0, n - at);
	else
		bytes[at] = (char)(bytes[at] ^ (1 << below(8)));
	spill("x.db-wal", (struct str){bytes, n});
}

/*
 * SQLite takes of a log what is whole: the ledger is then an earlier one, sound
 * in itself. Only what was kept elsewhere can tell.
 */
static void logs(struct arena *a)
{
	struct checkpoint whole = {0};
	int told = 0, sound = 0, same = 0, tries = wanted_edits / 2;
	make_logged(a, &whole);
	struct str log = slurp(a, "logged.copy-wal");
	ok(log.n > 100000, "the log has something to be damaged");
	for (int i = 0; i < tries; i++) {
		struct arena *b = arena_new();
		bool hints;
		copy("logged.copy", "x.db");
		damage_log(b, below(3), log);
		struct str got = compared(b, "x.db", &whole, &hints);
		bool fine = str_starts(got, STR("0 faults"));
		told += is_told(got, hints);
		same += fine;
		sound += fine || is_told(got, hints);
		if (!fine && !is_told(got, hints))
			ok(false, "%" STR_FMT, STR_ARG(str_head(got, 300)));
		arena_free(b);
	}
	is_int(sound, tries,
	       "a damaged log leaves what the checkpoint has, or it is told");
	ok(told > tries / 4, "%d of %d were told, %d changed nothing", told,
	   tries, same);
	bool hints;
	copy("good.db", "x.db");
	spill("x.db-wal", log);
	is_str(compared(a, "x.db", &whole, &hints), "0 faults ",
	       "a log alone brings the file to where it was");
	copy("logged.copy", "x.db");
	sh("cp good.db y.db; rm -f y.db-wal");
	struct arena *b = arena_new();
	struct ledger *l = ledger_at(b, "y.db", LEDGER_WRITE);
	record(l, 500, "run.started", "9", "{'number':9}");
	sh("cp y.db-wal x.db-wal");
	arena_free(b);
	ok(is_told(compared(a, "x.db", &whole, &hints), hints),
	   "the log of another ledger is found");
}

/* --- checkpoints --- */

static void checkpoints(struct arena *a)
{
	struct fail why = {0};
	struct checkpoint whole = {0}, early = {0};
	bool hints;
	copy("good.db", "x.db");
	struct arena *b = arena_new();
	struct ledger *l = ledger_at(b, "x.db", LEDGER_WRITE);
	ledger_checkpoint(l, a, &early, &why);
	record(l, 400, "run.started", "2", "{'number':2}");
	ledger_checkpoint(l, a, &whole, &why);
	arena_free(b);
	ok(whole.size == early.size + 1, "a checkpoint grows with the ledger");
	is_str(compared(a, "x.db", &whole, &hints), "0 faults ",
	       "it is of this ledger");
	is_str(compared(a, "x.db", &early, &hints), "0 faults ",
	       "and so is an earlier one");
	ok(is_told(compared(a, "good.db", &whole, &hints), hints),
	   "an end that was cut off, tables and all, is found");
	early.root.b[0] ^= 1;
	ok(is_told(compared(a, "x.db", &early, &hints), hints),
	   "and so is a beginning that is another one");
	sqlite3 *db;
	sqlite3_open("x.db", &db);
	apply(db, "UPDATE dxcp_tree SET edge = iif(substr(edge, 1, 1) = 'x',"
	          " 'y', 'x') || substr(edge, 2)");
	sqlite3_close(db);
	is_str(verified(a, "x.db", &hints),
	       "1 faults [0 dxcp_tree: what was hashed up to event 52 is "
	       "not those events]",
	       "what was hashed before is not believed, but compared");
}

/* --- what is said --- */

static const struct {
	const char *name, *sql, *want;
} cases[] = {
        {"an edited payload",
         "UPDATE event SET payload = '{\"repository\":\"s\"}' WHERE seq = 1",
         "2 faults [1 it is not what its hash was made of]"
         "[0 origin 1: repository is \"r\"; the events say \"s\"]"},
        {"the last event taken away",
         "DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)",
         "1 faults [0 run 1: finished_at is \"310\"; the events say \"0\"]"},
        {"an edited row",
         "UPDATE deployment SET version = '6.6.6' WHERE number = 1",
         "1 faults [0 deployment 1: version is \"6.6.6\"; the events say "
         "\"1.1.0\"]"},
        {"a row too many", "INSERT INTO free_number VALUES (99)",
         "1 faults [0 free_number 99 follows from no event]"},
        {"a row too few", "DELETE FROM running WHERE service = 'web'",
         "1 faults [0 running web prod is missing]"},
        {"a table that is gone", "DROP TABLE origin",
         "2 faults [0 the table origin is missing]"
         "[0 x.db: no such table: origin (SQLite 1)]"},
        {"a trigger of somebody",
         "CREATE TRIGGER mine AFTER INSERT ON run BEGIN"
         " DELETE FROM waiting; END",
         "1 faults [0 the trigger mine is not the ledger's]"},
        {"a view that says something else",
         "DROP VIEW v_running; CREATE VIEW v_running AS SELECT 1",
         "1 faults [0 the view v_running was changed]"},
        {"a view and an index of one's own",
         "CREATE VIEW mine AS SELECT * FROM v_running;"
         "CREATE INDEX mine_too ON deployment (version)",
         "0 faults "},
};

static void words(struct arena *a)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		sqlite3 *db;
		bool hints;
		copy("good.db", "x.db");
		sqlite3_open("x.db", &db);
		apply(db, cases[i].sql);
		sqlite3_close(db);
		is_str(verified(a, "x.db", &hints), cases[i].want, "%s",
		       cases[i].name);
	}
}

/* Rows that follow from what nobody recorded would look as if they were true.
 */
static void refused(struct arena *a)
{
	sqlite3 *db;
	int64_t events;
	struct fail why = {0};
	copy("good.db", "x.db");
	sqlite3_open("x.db", &db);
	apply(db, "UPDATE event SET actor = 'eve' WHERE seq = 3");
	sqlite3_close(db);
	struct ledger *l = ledger_at(a, "x.db", LEDGER_WRITE);
	ok(!ledger_rebuild(l, &events, &why) && why.kind == FAIL_INTEGRITY &&
	           strstr(why.text, "event 3") && *why.hint,
	   "no tables are made of events that were altered");
}

/* What was rebuilt goes on as before. */
static void going_on(struct arena *a)
{
	int64_t events = 0;
	struct fail why = {0};
	bool hints;
	copy("good.db", "x.db");
	struct arena *b = arena_new();
	struct ledger *l = ledger_at(b, "x.db", LEDGER_WRITE);
	ok(ledger_rebuild(l, &events, &why) && events > 40,
	   "rebuild tells how many events there were");
	recorded_deployed(l, 400, 6, "web", "2.0.0", "");
	arena_free(b);
	is_str(verified(a, "x.db", &hints), "0 faults ",
	       "and events can be appended after it");
	b = arena_new();
	is_str(verified(a, "absent.db", &hints), "0 faults ",
	       "a ledger that is not there has no faults");
	arena_free(b);
}

int main(void)
{
	struct arena *a = arena_new();
	bool hints;
	/* Thousands of files: a disk would take most of the time. */
	if (access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 0);
	const char *edits_text = getenv("LEDGER_EDITS");
	const char *seed = getenv("LEDGER_SEED");
	if (edits_text)
		wanted_edits = (int)strtol(edits_text, NULL, 10);
	if (seed)
		random_state += (uint32_t)strtoul(seed, NULL, 10);
	scratch_start();
	make("good.db");
	is_str(verified(a, "good.db", &hints), "0 faults ",
	       "a ledger as it was written has no faults");
	words(a);
	edits();
	flips();
	truncations();
	logs(a);
	checkpoints(a);
	going_on(a);
	refused(a);
	arena_free(a);
	scratch_end();
	return tap_done();
}
