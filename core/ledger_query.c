#include "core/ledger_plan.h"

#include <assert.h>
#include <string.h>

static const struct ledger_sql *const parts[PART_COUNT] = {
        [PART_EVENT] = &ledger_event_sql,
        [PART_PROJECT] = &ledger_project_sql,
        [PART_ROW] = &ledger_row_sql,
        [PART_SETTLE] = &ledger_settle_sql,
        [PART_DEPLOYMENT] = &ledger_deployment_sql,
        [PART_DISPATCH] = &ledger_dispatch_sql,
        [PART_DECISION] = &ledger_decision_sql,
        [PART_BUILD] = &ledger_build_sql,
        [PART_RUN] = &ledger_run_sql,
        [PART_IMPORT] = &ledger_import_sql,
        [PART_RULING] = &ledger_ruling_sql,
        [PART_RELEASE] = &ledger_release_sql,
        [PART_SYNC] = &ledger_sync_sql,
        [PART_INSIGHT] = &ledger_insight_sql,
        [PART_RECORDED] = &ledger_recorded_sql,
};

/* --- trouble --- */

static bool integrity_fail(sqlite3 *db, int rc, const char *path,
                           const char *doing, struct fail *why)
{
	int extended = sqlite3_extended_errcode(db);
	if ((extended & 0xff) != (rc & 0xff))
		extended = rc;
	fail_set(why, FAIL_INTEGRITY, "%s: %s%s (SQLite %d)", path, doing,
	         sqlite3_errmsg(db), extended);
	if ((rc & 0xff) == SQLITE_NOTADB)
		return fail_hint(why, "name the ledger with --ledger, or put "
		                      "this file out of the way");
	if ((rc & 0xff) == SQLITE_CORRUPT)
		return fail_hint(why,
		                 "put a backup of the ledger in its place, or "
		                 "remove it where git holds its events");
	return fail_hint(why, "look at it with `dxcp ledger verify`; `dxcp "
	                      "ledger rebuild` makes the tables anew");
}

static bool system_fail(sqlite3 *db, int rc, const char *path,
                        const char *doing, struct fail *why)
{
	int err = sqlite3_system_errno(db);
	fail_set(why, FAIL_SYSTEM, "%s: %s%s (SQLite %d)%s%s", path, doing,
	         sqlite3_errmsg(db), sqlite3_extended_errcode(db),
	         err ? ": " : "", err ? strerror(err) : "");
	switch (rc & 0xff) {
	case SQLITE_FULL:
		return fail_hint(why, "free some space, then run it again; "
		                      "what was recorded before is intact");
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return fail_hint(why, "check the owner and permissions of the "
		                      "file and of its folder");
	default:
		return fail_hint(why, "check the disk, then run it again; what "
		                      "was recorded before is intact");
	}
}

bool ledger_sql_fail(sqlite3 *db, int rc, const char *path, const char *doing,
                     struct fail *why)
{
	switch (rc & 0xff) {
	case SQLITE_NOMEM:
		out_of_memory();
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		fail_set(why, FAIL_BUSY, "%s: another program is writing to it",
		         path);
		return fail_hint(why, "try again when it is done");
	case SQLITE_ERROR: /* a table or column that is not there */
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_SCHEMA:
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
	case SQLITE_FORMAT:
		return integrity_fail(db, rc, path, doing, why);
	default:
		return system_fail(db, rc, path, doing, why);
	}
}

/* --- statements --- */

static int prepare(struct ledger *l, enum ledger_part part, size_t id,
                   sqlite3_stmt **out)
{
	assert(id < parts[part]->n && parts[part]->sql[id]);
	return sqlite3_prepare_v3(l->db, parts[part]->sql[id], -1,
	                          SQLITE_PREPARE_PERSISTENT, out, NULL);
}

static int kept(struct ledger *l, enum ledger_part part, size_t id,
                sqlite3_stmt **out)
{
	if (!l->statements[part])
		l->statements[part] = arena_array(l->arena, parts[part]->n,
		                                  sizeof(sqlite3_stmt *));
	sqlite3_stmt **at = &l->statements[part][id];
	int rc = *at ? SQLITE_OK : prepare(l, part, id, at);
	*out = *at;
	return rc;
}

struct query query_new(struct ledger *l, enum ledger_part part, size_t id)
{
	struct query q = {.ledger = l, .name = parts[part]->name};
	q.rc = kept(l, part, id, &q.statement);
	if (q.rc == SQLITE_OK && sqlite3_stmt_busy(q.statement)) {
		q.own = true;
		q.statement = NULL;
		q.rc = prepare(l, part, id, &q.statement);
	}
	return q;
}

bool ledger_prepare(struct ledger *l, struct fail *why)
{
	for (int part = 0; part < PART_COUNT; part++)
		for (size_t id = 0; id < parts[part]->n; id++) {
			sqlite3_stmt *unused;
			int rc = kept(l, (enum ledger_part)part, id, &unused);
			if (rc != SQLITE_OK)
				return ledger_sql_fail(l->db, rc, l->path,
				                       parts[part]->name, why);
		}
	return true;
}

void ledger_finalize(struct ledger *l)
{
	for (int part = 0; part < PART_COUNT; part++) {
		for (size_t id = 0; l->statements[part] && id < parts[part]->n;
		     id++)
			sqlite3_finalize(l->statements[part][id]);
		l->statements[part] = NULL;
	}
}

/* --- plans --- */

/* What a step is done within has a smaller number, and comes before it. */
enum { STEPS_MAX = 256 };
struct plan {
	int ids[STEPS_MAX], depths[STEPS_MAX], n;
};

static int depth_of(struct plan *plan, int id, int parent)
{
	int depth = 0;
	for (int i = 0; i < plan->n; i++)
		if (plan->ids[i] == parent)
			depth = plan->depths[i] + 1;
	assert(plan->n < STEPS_MAX);
	plan->ids[plan->n] = id;
	plan->depths[plan->n++] = depth;
	return depth;
}

static bool explain(struct ledger *l, const char *part, const char *sql,
                    step_fn *visit, void *context, struct fail *why)
{
	struct plan plan = {.n = 0};
	struct query q = {.ledger = l, .name = part, .own = true};
	struct str text = str_format(l->scratch, "EXPLAIN QUERY PLAN %s", sql);
	q.rc = sqlite3_prepare_v2(l->db, text.s, (int)text.n, &q.statement,
	                          NULL);
	bool row = true, fine = true;
	while (query_row(&q, &row, why) && row && fine) {
		int id = (int)query_get_int(&q, 0);
		struct ledger_step step = {
		        .part = part,
		        .sql = sql,
		        .detail = query_get_text(&q, 3),
		        .depth =
		                depth_of(&plan, id, (int)query_get_int(&q, 1))};
		fine = visit(context, &step, why);
	}
	query_end(&q);
	return fine && !row;
}

bool ledger_plans(struct ledger *l, step_fn *visit, void *context,
                  struct fail *why)
{
	bool fine = true;
	for (int part = 0; part < PART_COUNT; part++)
		for (size_t id = 0; fine && id < parts[part]->n; id++)
			fine = explain(l, parts[part]->name,
			               parts[part]->sql[id], visit, context,
			               why);
	arena_reset(l->scratch);
	return fine;
}

/* --- one use --- */

void query_int(struct query *q, int parameter, int64_t value)
{
	if (q->rc == SQLITE_OK)
		q->rc = sqlite3_bind_int64(q->statement, parameter, value);
}

void query_text(struct query *q, int parameter, struct str value)
{
	/* A NULL pointer would bind NULL, which no column takes. */
	if (q->rc == SQLITE_OK)
		q->rc = sqlite3_bind_text64(q->statement, parameter,
		                            value.n ? value.s : "", value.n,
		                            SQLITE_STATIC, SQLITE_UTF8);
}

void query_end(struct query *q)
{
	if (!q->statement)
		return;
	if (q->own)
		sqlite3_finalize(q->statement);
	else
		sqlite3_reset(q->statement);
	q->statement = NULL;
}

bool query_row(struct query *q, bool *row, struct fail *why)
{
	if (q->rc == SQLITE_OK)
		q->rc = sqlite3_step(q->statement);
	if (q->rc == SQLITE_ROW) {
		q->rc = SQLITE_OK;
		*row = true;
		return true;
	}
	bool done = q->rc == SQLITE_DONE;
	if (!done)
		ledger_sql_fail(q->ledger->db, q->rc, q->ledger->path, q->name,
		                why);
	query_end(q);
	if (done)
		*row = false;
	return done;
}

bool query_next(struct query *q, bool *fine, struct fail *why)
{
	bool row = false;
	if (!*fine)
		query_end(q);
	else
		*fine = query_row(q, &row, why);
	return row;
}

int64_t query_get_int(const struct query *q, int column)
{
	return sqlite3_column_int64(q->statement, column);
}

struct str query_get_text(const struct query *q, int column)
{
	const unsigned char *text = sqlite3_column_text(q->statement, column);
	int n = sqlite3_column_bytes(q->statement, column);
	return (struct str){text ? (const char *)text : "", (size_t)n};
}

bool query_run(struct query *q, struct fail *why)
{
	bool row = true;
	while (row)
		if (!query_row(q, &row, why))
			return false;
	return true;
}

bool query_scalar(struct query *q, int64_t *out, struct fail *why)
{
	bool row;
	if (!query_row(q, &row, why))
		return false;
	if (row)
		*out = query_get_int(q, 0);
	query_end(q);
	return true;
}

bool ledger_exec(struct ledger *l, const char *sql, struct fail *why)
{
	int rc = sqlite3_exec(l->db, sql, NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		return ledger_sql_fail(l->db, rc, l->path, "", why);
	return true;
}

int ledger_name_find(const char *const *names, struct str s)
{
	for (int i = 0; names[i]; i++)
		if (str_is(s, names[i]))
			return i;
	return -1;
}
