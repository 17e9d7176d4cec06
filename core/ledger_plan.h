/*
 * ledger_plan: how SQLite goes about each statement of the ledger's modules, in
 * the words of its EXPLAIN QUERY PLAN. For tests, which hold that none reads
 * all of a table that grows where an index would do, and for benchmarks, which
 * print them.
 *
 * A ledger has no statistics (nobody calls ANALYZE), so that what is planned
 * does not depend on what it holds.
 */
#ifndef CORE_LEDGER_PLAN_H
#define CORE_LEDGER_PLAN_H

#include "core/ledger_private.h"

struct ledger_step {
	const char *part; /* what the statement is about: "builds: " */
	const char *sql;
	struct str detail; /* "SCAN event"; borrowed for the call */
	int depth;         /* 0; of what is done within another step, more */
};
typedef bool step_fn(void *context, const struct ledger_step *step,
                     struct fail *why);

/* All steps of all statements, in a fixed order. A statement that looks at no
   table has none. */
bool ledger_plans(struct ledger *l, step_fn *visit, void *context,
                  struct fail *why);

#endif
