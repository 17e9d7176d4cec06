#include "core/ledger_schema.h"

#include <assert.h>
#include <stdio.h>

#define ROWS(table, key) "SELECT * FROM " table " ORDER BY " key
const struct schema_projection schema_projections[] = {
        {"origin", 1, ROWS("origin", "1")},
        {"run", 1, ROWS("run", "1")},
        {"decision", 1, ROWS("decision", "1")},
        {"waiting", 1, ROWS("waiting", "1")},
        {"build", 1, ROWS("build", "1")},
        {"deployment", 1, ROWS("deployment", "1")},
        {"failure", 2, ROWS("failure", "1, 2")},
        {"timeline", 2, ROWS("timeline", "1, 2")},
        {"running", 2, ROWS("running", "1, 2")},
        {"free_number", 1, ROWS("free_number", "1")},
        {"hold", 1, ROWS("hold", "1")},
        {"approval", 1, ROWS("approval", "1")},
        {"withdrawal", 1, ROWS("withdrawal", "1")},
        {"cancellation", 1, ROWS("cancellation", "1")},
        {"incident", 1, ROWS("incident", "1")},
        {"release", 1, ROWS("release", "1")},
};
const size_t schema_projection_count =
        sizeof schema_projections / sizeof schema_projections[0];

/* --- making it -------------------------------------------------------------
 */

/* migrations[v] brings the event table from version v to v + 1. There is none
   from 0: an empty database gets the table as it is now. Up to 3 only
   projections changed. */
static const char *const migrations[LEDGER_SCHEMA] = {NULL, "", ""};

static bool is_truth(const struct schema_object *o)
{
	return str_is(str_of(o->name), "event");
}

static bool make(struct ledger *l, bool truth, struct fail *why)
{
	for (size_t i = 0; i < schema_object_count; i++)
		if (is_truth(&schema_objects[i]) == truth &&
		    !ledger_exec(l, schema_objects[i].sql, why))
			return false;
	return true;
}

static bool drop(struct ledger *l, const struct schema_object *o,
                 struct fail *why)
{
	char sql[128];
	snprintf(sql, sizeof sql, "DROP %s IF EXISTS %s", o->type, o->name);
	return ledger_exec(l, sql, why);
}

bool schema_renew_projections(struct ledger *l, struct fail *why)
{
	/* What refers to others stands behind them, and goes first. */
	for (size_t i = schema_object_count; i-- > 0;)
		if (!is_truth(&schema_objects[i]) &&
		    !drop(l, &schema_objects[i], why))
			return false;
	return make(l, false, why);
}

bool schema_migrate(struct ledger *l, int from, struct fail *why)
{
	assert(from >= 0 && from <= LEDGER_SCHEMA);
	if (from == 0 && !make(l, true, why))
		return false;
	for (int v = from; v > 0 && v < LEDGER_SCHEMA; v++)
		if (!ledger_exec(l, migrations[v], why))
			return false;
	if (!schema_renew_projections(l, why))
		return false;
	char sql[128];
	snprintf(sql, sizeof sql,
	         "PRAGMA application_id = %d; PRAGMA user_version = %d",
	         LEDGER_APPLICATION_ID, LEDGER_SCHEMA);
	return ledger_exec(l, sql, why);
}

/* --- late indexes --- */

/* What stands behind the last view. */
static size_t first_late(void)
{
	size_t i = schema_object_count;
	while (i && str_is(str_of(schema_objects[i - 1].type), "index"))
		i--;
	assert(str_is(str_of(schema_objects[i - 1].type), "view"));
	return i;
}

bool schema_drop_late(struct ledger *l, struct fail *why)
{
	for (size_t i = first_late(); i < schema_object_count; i++)
		if (!drop(l, &schema_objects[i], why))
			return false;
	return true;
}

bool schema_make_late(struct ledger *l, struct fail *why)
{
	for (size_t i = first_late(); i < schema_object_count; i++)
		if (!ledger_exec(l, schema_objects[i].sql, why))
			return false;
	return true;
}
