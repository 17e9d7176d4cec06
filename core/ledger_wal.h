/*
 * ledger_wal: how a writer keeps its write-ahead log, so that a transaction
 * costs little more than the flush that makes it durable. What is written, in
 * which order it becomes durable and what others see is SQLite's alone.
 *
 * - SQLite writes a log frame by frame, two calls a page. Here the frames of a
 *   transaction are one write, right before the sync that ends it. This asks
 *   for synchronous=FULL: frames that are not synced are not written.
 * - A log that grows has its size made durable with each transaction, at the
 *   price of another. Here it grows in steps, ahead of what is written.
 * - Between two transactions a writer that holds the lease keeps its read lock:
 *   nobody else writes meanwhile, and to take and give it is most of the locks
 *   of a transaction. Others read as ever.
 * - So that the log can start anew, the lock is given up where that is due, and
 *   the log copied into the ledger: at 4 MB, as SQLite does by itself.
 */
#ifndef CORE_LEDGER_WAL_H
#define CORE_LEDGER_WAL_H

#include "core/ledger_private.h"

/* The name of the VFS for writers; NULL where it cannot be made: SQLite's own
   does it too. */
const char *wal_vfs(void);

/* Watch the log of an open writer. */
void wal_watch(struct ledger *l);

/* At the end of a transaction, before its commit: keep the lock. */
void wal_hold(struct ledger *l);
/* Whether it is kept now: between two transactions, perhaps. */
bool wal_is_held(const struct ledger *l);
/* Give it up. A statement of SQL that wants to be alone (DROP, VACUUM) fails
   where it is kept. */
void wal_release(struct ledger *l);

/* After a commit: copy the log into the ledger if it is time. */
void wal_committed(struct ledger *l);

#endif
