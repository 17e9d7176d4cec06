#include "core/ledger_wal.h"

#include <string.h>

enum {
	LOG_BYTES = 4096000, /* copied into the ledger at this size */
	/* Larger transactions take some writes. SQLite's own VFS takes less
	   than 128 KiB at once, whatever its header says. */
	PENDING_BYTES = 1 << 16,
	AHEAD_BYTES = 1 << 20,
};

/* --- one write a transaction --- */

/* The log of one writer; SQLite's own handle of it follows in memory. */
struct log_file {
	sqlite3_file base;
	sqlite3_int64 at; /* where the pending bytes go */
	size_t n;
	char *pending;      /* PENDING_BYTES; NULL: there is no memory for it */
	sqlite3_int64 size; /* of the file, as far as is known */
};

static sqlite3_file *real(sqlite3_file *file)
{
	return (sqlite3_file *)((struct log_file *)file + 1);
}

/* A file that grows has its size to be made durable, too, which doubles the
   time of a sync. It grows in steps, twice as large as it was. What is behind
   the frames is of no log: its salt is none. */
static void grow(sqlite3_file *file, sqlite3_int64 end)
{
	static const char none[PENDING_BYTES];
	struct log_file *log = (struct log_file *)file;
	sqlite3_int64 ahead = end < AHEAD_BYTES ? end : AHEAD_BYTES, done = 0;
	int rc = SQLITE_OK;
	while (rc == SQLITE_OK && done < ahead) {
		int n = ahead - done < (int)sizeof none ? (int)(ahead - done)
		                                        : (int)sizeof none;
		rc = real(file)->pMethods->xWrite(real(file), none, n,
		                                  end + done);
		done += n;
	}
	/* What is needed is there. */
	if (rc)
		real(file)->pMethods->xTruncate(real(file), end);
	log->size = rc ? end : end + ahead;
}

static int write_out(sqlite3_file *file)
{
	struct log_file *log = (struct log_file *)file;
	sqlite3_int64 end = log->at + (sqlite3_int64)log->n;
	size_t n = log->n;
	log->n = 0; /* SQLite rolls back where it fails */
	if (!n)
		return SQLITE_OK;
	int rc = real(file)->pMethods->xWrite(real(file), log->pending, (int)n,
	                                      log->at);
	if (!rc && end > log->size)
		grow(file, end);
	return rc;
}

static int log_close(sqlite3_file *file)
{
	int rc = write_out(file);
	int closed = real(file)->pMethods->xClose(real(file));
	sqlite3_free(((struct log_file *)file)->pending);
	return rc ? rc : closed;
}

static int log_read(sqlite3_file *file, void *to, int n, sqlite3_int64 at)
{
	int rc = write_out(file);
	return rc ? rc : real(file)->pMethods->xRead(real(file), to, n, at);
}

static int log_write(sqlite3_file *file, const void *from, int n,
                     sqlite3_int64 at)
{
	struct log_file *log = (struct log_file *)file;
	bool follows = log->n && at == log->at + (sqlite3_int64)log->n &&
	               (size_t)n <= PENDING_BYTES - log->n;
	int rc = follows ? SQLITE_OK : write_out(file);
	if (rc)
		return rc;
	if (!log->pending || n > PENDING_BYTES)
		return real(file)->pMethods->xWrite(real(file), from, n, at);
	if (!log->n)
		log->at = at;
	memcpy(log->pending + log->n, from, (size_t)n);
	log->n += (size_t)n;
	return SQLITE_OK;
}

static int log_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	int rc = write_out(file);
	((struct log_file *)file)->size = size;
	return rc ? rc : real(file)->pMethods->xTruncate(real(file), size);
}

static int log_sync(sqlite3_file *file, int flags)
{
	int rc = write_out(file);
	return rc ? rc : real(file)->pMethods->xSync(real(file), flags);
}

static int log_size(sqlite3_file *file, sqlite3_int64 *out)
{
	int rc = write_out(file);
	return rc ? rc : real(file)->pMethods->xFileSize(real(file), out);
}

static int log_lock(sqlite3_file *file, int level)
{
	return real(file)->pMethods->xLock(real(file), level);
}

static int log_unlock(sqlite3_file *file, int level)
{
	return real(file)->pMethods->xUnlock(real(file), level);
}

static int log_reserved(sqlite3_file *file, int *out)
{
	return real(file)->pMethods->xCheckReservedLock(real(file), out);
}

static int log_control(sqlite3_file *file, int what, void *argument)
{
	return real(file)->pMethods->xFileControl(real(file), what, argument);
}

static int log_sector(sqlite3_file *file)
{
	return real(file)->pMethods->xSectorSize(real(file));
}

static int log_device(sqlite3_file *file)
{
	return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

static const sqlite3_io_methods log_methods = {
        .iVersion = 1,
        .xClose = log_close,
        .xRead = log_read,
        .xWrite = log_write,
        .xTruncate = log_truncate,
        .xSync = log_sync,
        .xFileSize = log_size,
        .xLock = log_lock,
        .xUnlock = log_unlock,
        .xCheckReservedLock = log_reserved,
        .xFileControl = log_control,
        .xSectorSize = log_sector,
        .xDeviceCharacteristics = log_device,
};

/* Any file but a log is SQLite's own. */
static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file,
                     int flags, int *out_flags)
{
	sqlite3_vfs *own = vfs->pAppData;
	if (!(flags & SQLITE_OPEN_WAL))
		return own->xOpen(own, name, file, flags, out_flags);
	struct log_file *log = (struct log_file *)file;
	*log = (struct log_file){.n = 0};
	int rc = own->xOpen(own, name, real(file), flags, out_flags);
	if (rc == SQLITE_OK) {
		log->pending = sqlite3_malloc(PENDING_BYTES);
		real(file)->pMethods->xFileSize(real(file), &log->size);
		log->base.pMethods = &log_methods;
	} else if (real(file)->pMethods)
		real(file)->pMethods->xClose(real(file));
	return rc;
}

const char *wal_vfs(void)
{
	static sqlite3_vfs vfs;
	if (!vfs.zName) {
		sqlite3_vfs *own = sqlite3_vfs_find(NULL);
		if (!own)
			return NULL;
		vfs = *own;
		vfs.pNext = NULL;
		vfs.zName = "dxcp";
		vfs.pAppData = own;
		vfs.szOsFile += (int)sizeof(struct log_file);
		vfs.xOpen = open_file;
		if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK)
			vfs.zName = NULL;
	}
	return vfs.zName;
}

/* --- the read lock --- */

void wal_hold(struct ledger *l)
{
	static const char sql[] = "SELECT 1 FROM sqlite_schema";
	if (!l->hold)
		sqlite3_prepare_v3(l->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
		                   &l->hold, NULL);
	/* A statement that has more to read keeps the lock. Where it does not
	   work, all goes on as without. */
	if (l->hold && !sqlite3_stmt_busy(l->hold))
		sqlite3_step(l->hold);
}

bool wal_is_held(const struct ledger *l)
{
	return l->hold && sqlite3_stmt_busy(l->hold);
}

void wal_release(struct ledger *l)
{
	if (l->hold)
		sqlite3_reset(l->hold);
}

/* --- the size of the log --- */

static int note_size(void *context, sqlite3 *db, const char *name, int pages)
{
	struct ledger *l = context;
	(void)db;
	(void)name;
	l->log_pages = pages;
	return SQLITE_OK;
}

void wal_watch(struct ledger *l)
{
	sqlite3_wal_hook(l->db, note_size, l);
}

static int page_size(struct ledger *l)
{
	sqlite3_stmt *st;
	int size = 0;
	if (sqlite3_prepare_v2(l->db, "PRAGMA page_size", -1, &st, NULL) ==
	            SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		size = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	return size > 0 ? size : 4096;
}

void wal_committed(struct ledger *l)
{
	if (!l->log_limit)
		l->log_limit = LOG_BYTES / page_size(l);
	if (l->log_pages < l->log_limit)
		return;
	wal_release(l);
	/* Where it fails, or others read, it is tried again next time. */
	sqlite3_wal_checkpoint_v2(l->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL,
	                          NULL);
}
