/*
 * ledger_private: what the files of the ledger share: the handle, and queries
 * over statements that each file names by an enum of its own. For
 * core/ledger*.c alone.
 *
 * A statement is prepared at its first use and kept; ledger_prepare prepares
 * all of them, which the tests do, so that a misspelt column fails there.
 */
#ifndef CORE_LEDGER_PRIVATE_H
#define CORE_LEDGER_PRIVATE_H

#include "core/ledger.h"

#include <sqlite3.h>

enum { LEDGER_APPLICATION_ID = 0x44584350 }; /* "DXCP" */
enum { HASH_HEX = 64 };

/* The statements of one file. */
struct ledger_sql {
	const char *name; /* what they are about, for failures: "builds: " */
	const char *const *sql;
	size_t n;
};
enum ledger_part {
	PART_EVENT,
	PART_PROJECT,
	PART_ROW,
	PART_SETTLE,
	PART_DEPLOYMENT,
	PART_DISPATCH,
	PART_DECISION,
	PART_BUILD,
	PART_RUN,
	PART_IMPORT,
	PART_RULING,
	PART_RELEASE,
	PART_SYNC,
	PART_INSIGHT,
	PART_RECORDED,
	PART_COUNT
};
extern const struct ledger_sql ledger_row_sql, ledger_event_sql,
        ledger_project_sql, ledger_settle_sql, ledger_deployment_sql,
        ledger_decision_sql, ledger_build_sql, ledger_run_sql,
        ledger_import_sql, ledger_ruling_sql, ledger_release_sql,
        ledger_sync_sql, ledger_insight_sql, ledger_recorded_sql,
        ledger_dispatch_sql;

struct pending;
struct ledger {
	struct arena *arena; /* the caller's: the ledger ends with it */
	struct arena *scratch;
	sqlite3 *db;
	const char *path;
	enum ledger_mode mode;
	bool exists;
	bool in_transaction;
	bool broken; /* an append failed: this transaction cannot commit */
	int lease;   /* the lock file, -1: not held */
	/* The write-ahead log: core/ledger_wal.h. */
	sqlite3_stmt *hold;
	int log_pages, log_limit;
	/* The last event, as this transaction knows it. */
	bool tail_known;
	int64_t tail_seq;
	char tail_hash[HASH_HEX + 1];
	struct pending *pending; /* core/ledger_row.h; NULL: nothing yet */
	sqlite3_stmt **statements[PART_COUNT];
};

/* --- queries (ledger_query.c) -------------------------------------------- */

/*
 * One use of a statement: bind, step, end. Trouble is kept and told by the
 * first query_row. Texts that are bound are borrowed until the end; texts
 * that are read live until the next step. A statement that is in use already
 * (a visitor that asks again) is prepared once more for that use.
 */
struct query {
	struct ledger *ledger;
	sqlite3_stmt *statement;
	const char *name; /* what it asks about, for failures: "builds: " */
	bool own;
	int rc;
};
struct query query_new(struct ledger *l, enum ledger_part part, size_t id);
void query_int(struct query *q, int parameter, int64_t value);
void query_text(struct query *q, int parameter, struct str value);
/* Step: *row false at the end, where the query has ended too. */
bool query_row(struct query *q, bool *row, struct fail *why);
/*
 * Whether there is another row to look at. *fine goes in as what was made of
 * the one before; where that is false the query ends. It comes out false where
 * the next one cannot be had:
 *
 *	bool fine = true;
 *	while (query_next(&q, &fine, why))
 *		fine = visit(context, ..., why);
 *	return fine;
 */
bool query_next(struct query *q, bool *fine, struct fail *why);
int64_t query_get_int(const struct query *q, int column);
struct str query_get_text(const struct query *q, int column);
void query_end(struct query *q);

/* To the end, for statements that give no rows. */
bool query_run(struct query *q, struct fail *why);
/* The first column of the only row; untouched where there is none. */
bool query_scalar(struct query *q, int64_t *out, struct fail *why);

bool ledger_prepare(struct ledger *l, struct fail *why);
void ledger_finalize(struct ledger *l);
/* Statements without parameters or rows, separated by ';'. */
bool ledger_exec(struct ledger *l, const char *sql, struct fail *why);

/*
 * What SQLite says went wrong, as a failure: a file that does not hold
 * together is FAIL_INTEGRITY, one that is locked FAIL_BUSY, the rest
 * FAIL_SYSTEM with errno's text. doing is empty or ends with ": ".
 */
bool ledger_sql_fail(sqlite3 *db, int rc, const char *path, const char *doing,
                     struct fail *why);

/* --- names --- */

/* The index of s in a table of names that ends with NULL; -1: not there. */
int ledger_name_find(const char *const *names, struct str s);

/* --- events --- */

/* The canonical record of CONTRACT section 4, and its hash. */
struct str ledger_event_record(struct arena *a, const struct event *e);
struct sha256_hex ledger_event_hash(struct arena *a, const struct event *e);

/* Append and project an event as another ledger recorded it: number and hash
   continue this one's, which the caller has proved. */
struct canon;
bool ledger_append_recorded(struct ledger *l, const struct event *e,
                            const struct canon *payload, struct fail *why);

/* Make all projections anew from the events, inside the caller's transaction.
 */
bool ledger_replay(struct ledger *l, int64_t *events, struct fail *why);
/* Every event is what its hash was made of and continues the one before it;
   FAIL_INTEGRITY at the first that does not. Whatever the schema. */
bool ledger_check_chain(struct ledger *l, struct fail *why);

/* Registrations of a group's builds in [from, to). */
bool ledger_builds_between(struct ledger *l, struct str group, int64_t from,
                           int64_t to, int64_t *out, struct fail *why);

struct merkle_tree;
/* The tree as it was last kept (core/ledger_proof.h); false: it was not. */
bool ledger_tree_kept(struct ledger *l, struct arena *a, struct merkle_tree *t);

/* A ledger with the schema and no events, in memory or a private temporary
   file that SQLite spills to; ends with a. */
bool ledger_open_empty(struct ledger **out, struct arena *a, struct fail *why);

#endif
