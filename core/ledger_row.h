/*
 * ledger_row: the rows of deployments as projections change them, in memory
 * before they are in the table.
 *
 * One event changes a row here, and row_flush writes what has changed. Where
 * many events are projected at once (row_many: a rebuild, catching up) rows
 * stay here over many of them, so that one which is made, sent and ended
 * meanwhile is written once, as it is then. Everything that a projection of a
 * deployment asks is asked of what is here, then of the tables; whatever else
 * looks at the tables has to flush before.
 */
#ifndef CORE_LEDGER_ROW_H
#define CORE_LEDGER_ROW_H

#include "core/ledger_private.h"

/* The columns, in the table's order, from 1 on. */
enum row_column {
	ROW_NUMBER = 1,
	ROW_TOKEN,
	ROW_SERVICE,
	ROW_ENVIRONMENT,
	ROW_VERSION,
	ROW_PREVIOUS_VERSION,
	ROW_GROUP,
	ROW_RECIPE,
	ROW_RECIPE_REVISION,
	ROW_KIND,
	ROW_STATE,
	ROW_OUTCOME,
	ROW_ROLLBACK_OF,
	ROW_SOURCE_ENVIRONMENT,
	ROW_SUMMARY,
	ROW_TICKET,
	ROW_ACTOR_EMAIL,
	ROW_ACTOR_ROLE,
	ROW_ACTOR_NAME,
	ROW_CREATED_AT,
	ROW_DISPATCHED_AT,
	ROW_STARTED_AT,
	ROW_FINISHED_AT,
	ROW_ENGINE,
	ROW_EXECUTION_ID,
	ROW_EXECUTION_URL,
	ROW_INTENT_PATH,
	ROW_INTENT_BLOB,
	ROW_INTENT_COMMIT,
	ROW_TIMEOUT,
	ROW_IMPORTED,
	ROW_DIGEST,
	ROW_DECISION,
	ROW_REASON,
	ROW_CATEGORY,
	ROW_AUTHORED_AT,
	ROW_BUILT_AT,
	ROW_UNDONE_AT,
	ROW_BUILD,
	ROW_COLUMNS
};

/* Texts are '' and numbers 0 where there is none. Of a row that was in the
   table before, only what projections look at is here. */
struct row {
	struct {
		struct str text;
		int64_t n;
	} v[ROW_COLUMNS];
	bool stored;      /* it is in the table */
	unsigned changed; /* of a stored one: what is to be written */
};

/* Kept by the ledger from its first projection on; core/ledger_row.c. */
struct pending;

/* Between these, rows are kept over events, up to about so many (0: as many as
   are worth it). At the end all is written. */
void row_many(struct ledger *l, size_t rows);
bool row_many_end(struct ledger *l, struct fail *why);
/* After the last event of a projection: writes, unless rows are kept and few.
 */
bool row_event_end(struct ledger *l, struct fail *why);
/* Write all there is. */
bool row_flush(struct ledger *l, struct fail *why);
/* What is not written is of a transaction that was given up. */
void row_forget(struct ledger *l);
/* When the ledger ends. */
void row_close(struct ledger *l);

/* A row that is to be in the table: zeroed, number set. Valid, as that of
   row_get, until the next event. */
struct row *row_add(struct ledger *l, int64_t number);
/* NULL in *out where there is no such deployment. */
bool row_get(struct ledger *l, int64_t number, struct row **out,
             struct fail *why);

/* Texts are copied. */
void row_set_text(struct ledger *l, struct row *row, enum row_column column,
                  struct str text);
void row_set_int(struct row *row, enum row_column column, int64_t n);

/* The lowest number that is free, and to take it. */
bool row_next_number(struct ledger *l, int64_t *out, struct fail *why);
bool row_take_number(struct ledger *l, int64_t number, struct fail *why);
/* One was given back. */
void row_number_given(struct ledger *l);

/* What people read of a deployment. */
struct row_entry {
	int64_t number, seq, at;
	struct str event, detail; /* copied */
};
void row_timeline(struct ledger *l, const struct row_entry *e);

/* Why it failed, as the engine told it. */
struct row_failure {
	int64_t number, ordinal, observed_at;
	struct str category, summary, detail, hint; /* copied */
};
void row_failure(struct ledger *l, const struct row_failure *f);

/* The latest success in the place of a row; number 0: none. */
struct row_running {
	int64_t number, finished_at;
	struct str version;
};
bool row_running(struct ledger *l, const struct row *row,
                 struct row_running *out, struct fail *why);
bool row_set_running(struct ledger *l, const struct row *row, struct fail *why);

/* What became of one that has ended, whose row need not be here. was: only
   where its outcome is that; empty: whatever it is. */
bool row_set_outcome(struct ledger *l, int64_t number, struct str outcome,
                     struct str was, struct fail *why);
/* A rollback of it has succeeded. */
bool row_set_undone(struct ledger *l, int64_t number, int64_t at,
                    struct fail *why);
/* When the first successful rollback that names this one ended; 0. */
bool row_undone_at(struct ledger *l, int64_t number, int64_t *at,
                   struct fail *why);

#endif
