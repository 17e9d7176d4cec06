#include "core/files.h"
#include "core/ledger_care.h"
#include "core/ledger_row.h"
#include "core/ledger_schema.h"
#include "core/ledger_wal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUSY_TIMEOUT_MS = 1000 };

/* How a connection behaves, whatever the file says. A ledger may come from
   elsewhere: what its schema calls is not trusted. */
static const char settings[] = "PRAGMA foreign_keys = ON;"
                               "PRAGMA synchronous = FULL;"
                               "PRAGMA trusted_schema = OFF;";
/* KiB. Readers go from one end to the other, which no cache helps; a large
   transaction that does not fit spills to disk. */
static const char *const cache_size[] = {
        [LEDGER_READ] = "PRAGMA cache_size = -4000",
        [LEDGER_WRITE] = "PRAGMA cache_size = -16000",
};

/* --- handles --- */

static void close_db(struct ledger *l)
{
	ledger_finalize(l);
	sqlite3_finalize(l->hold);
	sqlite3_close(l->db);
	l->hold = NULL;
	l->db = NULL;
}

static void ledger_close(void *handle)
{
	struct ledger *l = handle;
	ledger_rollback(l);
	close_db(l);
	row_close(l);
	if (l->lease >= 0)
		close(l->lease);
	arena_free(l->scratch);
}

static struct ledger *ledger_new(struct arena *a, const char *path,
                                 enum ledger_mode mode)
{
	struct ledger *l = ARENA_NEW(a, struct ledger);
	l->arena = a;
	l->scratch = arena_new();
	l->path = str_cstr(a, str_of(path));
	l->mode = mode;
	l->lease = -1;
	arena_defer(a, ledger_close, l);
	return l;
}

/* Before SQLite is used for the first time: one thread alone uses it, and
   nobody asks how much memory it takes. Locks around each allocation are a
   twentieth of a small transaction. (Too late, it is refused, and no harm.) */
static void configure(void)
{
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* name is SQLite's: "" is a temporary file. */
static bool open_db(struct ledger *l, const char *name, int flags,
                    struct fail *why)
{
	configure();
	int rc = sqlite3_initialize();
	const char *vfs = l->mode == LEDGER_WRITE && !rc ? wal_vfs() : NULL;
	rc = sqlite3_open_v2(name, &l->db, flags | SQLITE_OPEN_NOMUTEX, vfs);
	if (!l->db)
		out_of_memory();
	if (rc != SQLITE_OK)
		return ledger_sql_fail(l->db, rc, l->path, "", why);
	sqlite3_extended_result_codes(l->db, 1);
	sqlite3_busy_timeout(l->db, BUSY_TIMEOUT_MS);
	if (l->mode == LEDGER_WRITE)
		wal_watch(l);
	return ledger_exec(l, settings, why) &&
	       ledger_exec(l, cache_size[l->mode], why);
}

bool ledger_open_empty(struct ledger **out, struct arena *a, struct fail *why)
{
	struct ledger *l = ledger_new(a, "(empty)", LEDGER_WRITE);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	if (!open_db(l, "", flags, why) ||
	    !ledger_exec(l, "PRAGMA journal_mode = OFF", why) ||
	    !schema_migrate(l, 0, why))
		return false;
	*out = l;
	return true;
}

/* --- a new file --- */

static struct str folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	if (!slash)
		return STR(".");
	return slash == path ? STR("/")
	                     : (struct str){path, (size_t)(slash - path)};
}

static bool beside_exists(struct ledger *l, const char *path, const char *end,
                          off_t larger_than)
{
	struct stat st;
	struct str name = str_format(l->scratch, "%s%s", path, end);
	return stat(str_cstr(l->scratch, name), &st) == 0 &&
	       st.st_size > larger_than;
}

static void remove_all(struct ledger *l, const char *path)
{
	static const char *const ends[] = {"", "-journal", "-wal", "-shm"};
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		struct str name = str_format(l->scratch, "%s%s", path, ends[i]);
		unlink(str_cstr(l->scratch, name));
	}
}

static bool make_file(struct ledger *l, const char *path, struct fail *why)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	bool made = open_db(l, path, flags, why) &&
	            ledger_exec(l, "BEGIN IMMEDIATE", why) &&
	            schema_migrate(l, 0, why) &&
	            ledger_exec(l, "COMMIT", why) &&
	            ledger_exec(l, "PRAGMA journal_mode = WAL", why);
	close_db(l);
	return made;
}

/* The name itself must outlive a power cut, too. */
static bool sync_folder(const char *folder, struct fail *why)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return fail_errno(why, "cannot open %s", folder);
	bool synced = fsync(fd) == 0 || errno == EINVAL;
	if (!synced)
		fail_errno(why, "cannot sync %s", folder);
	close(fd);
	return synced;
}

/*
 * A ledger is made whole under another name and then linked to its own, so
 * that no crash and no full disk leaves half a one. Where two make it at the
 * same time the first wins.
 */
static bool create(struct ledger *l, struct fail *why)
{
	if (beside_exists(l, l->path, "-wal", 0)) {
		fail_set(why, FAIL_INTEGRITY,
		         "%s is gone, but its write-ahead log is still there",
		         l->path);
		return fail_hint(why,
		                 "put the file back beside %s-wal, or remove "
		                 "that too to start a new ledger",
		                 l->path);
	}
	const char *folder = str_cstr(l->scratch, folder_of(l->path));
	if (!dir_make(folder, why))
		return false;
	const char *path =
	        str_cstr(l->scratch, str_format(l->scratch, "%s.new-%ld",
	                                        l->path, (long)getpid()));
	remove_all(l, path);
	bool made = make_file(l, path, why);
	if (made && link(path, l->path) && errno != EEXIST &&
	    rename(path, l->path)) /* a file system without links */
		made = fail_errno(why, "cannot make %s", l->path);
	remove_all(l, path);
	return made && sync_folder(folder, why);
}

/* --- a file that is there --- */

static bool pragma_int(struct ledger *l, const char *sql, int *out,
                       struct fail *why)
{
	sqlite3_stmt *st;
	int rc = sqlite3_prepare_v2(l->db, sql, -1, &st, NULL);
	if (rc == SQLITE_OK) {
		rc = sqlite3_step(st);
		if (rc == SQLITE_ROW)
			*out = sqlite3_column_int(st, 0);
		sqlite3_finalize(st);
	}
	if (rc != SQLITE_ROW)
		return ledger_sql_fail(l->db, rc, l->path, "", why);
	return true;
}

static bool identify(struct ledger *l, int *version, struct fail *why)
{
	int application;
	if (!pragma_int(l, "PRAGMA application_id", &application, why) ||
	    !pragma_int(l, "PRAGMA user_version", version, why))
		return false;
	if (application != LEDGER_APPLICATION_ID) {
		fail_set(why, FAIL_INTEGRITY,
		         "%s is an SQLite database, but not a ledger of dxcp",
		         l->path);
		return fail_hint(why, "name the ledger with --ledger, or put "
		                      "this file out of the way");
	}
	if (*version > LEDGER_SCHEMA) {
		fail_set(why, FAIL_INTEGRITY,
		         "%s has schema %d; this version of dxcp knows %d",
		         l->path, *version, LEDGER_SCHEMA);
		return fail_hint(why, "use the version of dxcp that wrote it, "
		                      "or a later one");
	}
	return true;
}

static void first_fault(void *context, const struct ledger_fault *f)
{
	struct fail *why = context;
	fail_set(why, FAIL_INTEGRITY, "%" STR_FMT ": %" STR_FMT,
	         STR_ARG(f->place), STR_ARG(f->text));
	fail_hint(why, "%" STR_FMT, STR_ARG(f->hint));
}

/* Looked at before and after; one transaction, so that a crash leaves the old
   state as it was. */
static bool migrate_within(struct ledger *l, int version, int64_t *events,
                           struct fail *why)
{
	struct ledger_soundness after = {0};
	struct fail fault = {0};
	if (!ledger_check_chain(l, why) || !schema_migrate(l, version, why) ||
	    !ledger_replay(l, events, why) ||
	    !ledger_verify(l, NULL, first_fault, &fault, &after, why))
		return false;
	if (after.faults)
		*why = fault;
	return !after.faults;
}

static bool migrate(struct ledger *l, int version, int64_t *events,
                    struct fail *why)
{
	if (!ledger_begin(l, why))
		return false;
	if (migrate_within(l, version, events, why))
		return ledger_commit(l, why);
	ledger_rollback(l);
	return fail_note(why, "migrating from schema %d", version);
}

static bool check_version(struct ledger *l, int version, struct fail *why)
{
	int64_t events;
	if (version == LEDGER_SCHEMA)
		return true;
	if (version > 0 && l->mode == LEDGER_WRITE)
		return migrate(l, version, &events, why);
	fail_set(why, FAIL_INTEGRITY, "%s has schema %d; this is %d", l->path,
	         version, LEDGER_SCHEMA);
	return fail_hint(why, version ? "run `dxcp ledger migrate`"
	                              : "put a backup of it in its place");
}

/*
 * A file of no bytes is an SQLite database to SQLite. Here it is a ledger that
 * was cut off: to start anew in silence would dispatch everything again.
 */
static bool check_size(struct ledger *l, struct fail *why)
{
	struct stat st;
	if (stat(l->path, &st))
		return fail_errno(why, "cannot open %s", l->path);
	if (!S_ISREG(st.st_mode))
		return fail_set(why, FAIL_SYSTEM,
		                "cannot open %s: not a regular file", l->path);
	if (st.st_size > 0)
		return true;
	fail_set(why, FAIL_INTEGRITY, "%s is empty: it is no ledger", l->path);
	return fail_hint(why, "put a backup of the ledger in its place, or "
	                      "remove the file to start a new one");
}

static bool open_write(struct ledger *l, struct fail *why)
{
	int version;
	const char *folder = str_cstr(l->scratch, folder_of(l->path));
	/* SQLite would open it for reading, and fail at the first write; its
	   log is made beside it. */
	if (access(l->path, W_OK))
		return fail_errno(why, "cannot write to %s", l->path);
	if (access(folder, W_OK))
		return fail_errno(why, "cannot write to %s", folder);
	if (!open_db(l, l->path, SQLITE_OPEN_READWRITE, why))
		return false;
	return identify(l, &version, why) && check_version(l, version, why);
}

/* Nothing can be written beside the file, so that there is no shared memory to
   read through; nobody else can write to it either. */
static bool open_immutable(struct ledger *l, struct fail *why)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	                            "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-";
	if (beside_exists(l, l->path, "-wal", 0)) {
		fail_set(why, FAIL_SYSTEM,
		         "%s has a write-ahead log that cannot be read where "
		         "nothing can be written",
		         l->path);
		return fail_hint(why, "copy both files to a folder that can "
		                      "be written, and read them there");
	}
	struct buf uri = buf_new(l->scratch, 16 * 1024);
	buf_format(&uri, "file:%s", l->path[0] == '/' ? "//" : "");
	for (const char *p = l->path; *p; p++)
		if (strchr(plain, *p))
			buf_add_char(&uri, *p);
		else
			buf_format(&uri, "%%%02X", (unsigned char)*p);
	buf_add(&uri, STR("?immutable=1"));
	close_db(l);
	return open_db(l, str_cstr(l->scratch, buf_str(&uri)),
	               SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, why);
}

/* Its folder counts too: the write-ahead log is made there. */
static bool writable(struct ledger *l)
{
	const char *folder = str_cstr(l->scratch, folder_of(l->path));
	return access(l->path, W_OK) == 0 && access(folder, W_OK) == 0;
}

/*
 * Opened for writing where that is possible, though nothing is written: a
 * connection that may not write leaves the files of the write-ahead log behind.
 */
static bool open_read(struct ledger *l, struct fail *why)
{
	int version;
	struct fail first = {0};
	bool opened = open_db(l, l->path, SQLITE_OPEN_READWRITE, &first) &&
	              ledger_exec(l, "PRAGMA query_only = ON", &first) &&
	              identify(l, &version, &first);
	if (opened)
		return check_version(l, version, why);
	if (first.kind == FAIL_SYSTEM && access(l->path, R_OK) == 0 &&
	    !writable(l))
		return open_immutable(l, why) && identify(l, &version, why) &&
		       check_version(l, version, why);
	*why = first;
	return false;
}

static bool open_file(struct ledger *l, struct fail *why)
{
	if (!check_size(l, why))
		return false;
	l->exists = true;
	return l->mode == LEDGER_WRITE ? open_write(l, why) : open_read(l, why);
}

bool ledger_open(struct ledger **out, struct arena *a, const char *path,
                 enum ledger_mode mode, struct fail *why)
{
	bool there = file_exists(path);
	if (!there && mode == LEDGER_READ) {
		if (!ledger_open_empty(out, a, why))
			return false;
		(*out)->mode = mode;
		(*out)->path = str_cstr(a, str_of(path));
		return true;
	}
	struct ledger *l = ledger_new(a, path, mode);
	if ((!there && !create(l, why)) || !open_file(l, why))
		return false;
	*out = l;
	return true;
}

bool ledger_exists(const struct ledger *l)
{
	return l->exists;
}

static bool migrate_file(struct ledger *l, int *from, int64_t *events,
                         struct fail *why)
{
	struct ledger_head head;
	if (!check_size(l, why))
		return false;
	if (access(l->path, W_OK))
		return fail_errno(why, "cannot write to %s", l->path);
	if (!open_db(l, l->path, SQLITE_OPEN_READWRITE, why) ||
	    !identify(l, from, why))
		return false;
	if (*from > 0 && *from < LEDGER_SCHEMA)
		return migrate(l, *from, events, why);
	if (!check_version(l, *from, why) ||
	    !ledger_head(l, l->arena, &head, why))
		return false;
	*events = head.events;
	return true;
}

bool ledger_migrate(struct arena *a, const char *path, int *from,
                    int64_t *events, struct fail *why)
{
	struct ledger *l = ledger_new(a, path, LEDGER_WRITE);
	if (!file_exists(path))
		return fail_set(why, FAIL_USAGE, "there is no ledger at %s",
		                path);
	return migrate_file(l, from, events, why);
}
