/*
 * ledger_schema: the tables, indexes, triggers and views of the ledger.
 *
 * The event table is the truth: a newer schema changes it by a migration.
 * Everything else is projected from it: a newer schema drops that and makes it
 * anew. Times are INTEGER seconds since the epoch, 0 where there is none;
 * texts are '' where there is none. In a projection the columns of the primary
 * key stand first.
 */
#ifndef CORE_LEDGER_SCHEMA_H
#define CORE_LEDGER_SCHEMA_H

#include "core/ledger_private.h"

/* Something that CREATE made; sql is what sqlite_schema then holds. The list is
   core/ledger_schema.sql, compiled in by ci/embed. */
struct schema_object {
	const char *type; /* "table", "index", "trigger", "view" */
	const char *name;
	const char *sql;
};
extern const struct schema_object schema_objects[];
extern const size_t schema_object_count;

/* A table that is projected from the events. */
struct schema_projection {
	const char *table;
	int key_columns;  /* the first ones */
	const char *rows; /* all of it, in the order of the key */
};
extern const struct schema_projection schema_projections[];
extern const size_t schema_projection_count;

/* From user_version `from` (0: an empty database) to LEDGER_SCHEMA, inside a
   transaction; the projections are empty then. */
bool schema_migrate(struct ledger *l, int from, struct fail *why);

/* Drop everything but the events (indexes, views and triggers too) and make it
   anew, empty. */
bool schema_renew_projections(struct ledger *l, struct fail *why);

/*
 * Indexes that no projection asks: where all rows are new, they are made
 * sooner of the whole table at the end than row by row. Inside a transaction.
 */
bool schema_drop_late(struct ledger *l, struct fail *why);
bool schema_make_late(struct ledger *l, struct fail *why);

#endif
