#include "core/ledger_private.h"

#include "core/diag.h"

enum {
	RECORD,
	WAITING,
	NEWEST,
	OF_PATH,
	OF_SERVICE,
	OF_NUMBER,
	OF_TIME,
	DOCUMENT_OF,
	ASKED,
	BARE,
	BETWEEN,
	PROBE,
	LAST_SEQ,
	TIMES,
	COUNTS,
	SQL_COUNT
};

#define DECISION_COLUMNS_OF(document)                                     \
	"d.seq, d.time, d.run, d.path, d.blob, d.service, d.environment," \
	" d.version, d.kind, d.outcome, d.code, d.actor, " document ","   \
	" (SELECT min(o.number) FROM deployment AS o"                     \
	"   WHERE o.decision_seq = d.seq AND o.decision_seq > 0)"
#define DECISION_COLUMNS DECISION_COLUMNS_OF("e.payload")
#define SINCE                                         \
	" coalesce((SELECT w.since FROM waiting AS w" \
	"   WHERE w.path = d.path AND w.seq = d.seq), 0)"
#define LIST(drive)                                                         \
	"SELECT " DECISION_COLUMNS "," SINCE                                \
	" FROM decision AS d JOIN event AS e ON e.seq = d.seq WHERE " drive \
	" AND (?1 = '' OR d.path = ?1) AND (?2 = '' OR d.service = ?2)"     \
	" AND (?3 = '' OR d.environment = ?3)"                              \
	" AND (?4 = '' OR d.outcome = ?4) AND (?5 = 0 OR d.time >= ?5)"     \
	" AND (?6 = 0 OR d.time < ?6) AND ?7 = ?7"                          \
	" ORDER BY d.seq DESC LIMIT ?8"

static const char *const sql[SQL_COUNT] = {
        /* What was allowed and then could not be sent waits again. */
        [RECORD] = "SELECT max(d.blob = ?2) FROM decision AS d"
                   " WHERE d.path = ?1 AND d.outcome IN ('allow', 'deny')"
                   " AND NOT EXISTS (SELECT 1 FROM decision AS w"
                   "   WHERE w.path = d.path AND w.blob = d.blob"
                   "   AND w.seq > d.seq AND w.outcome = 'wait')",
        [WAITING] = "SELECT " DECISION_COLUMNS ", w.since"
                    " FROM waiting AS w JOIN decision AS d ON d.seq = w.seq"
                    " JOIN event AS e ON e.seq = w.seq ORDER BY w.first_seq",
        [NEWEST] = LIST("1"),
        [OF_PATH] = LIST("d.path = ?1"),
        [OF_SERVICE] = LIST("d.service = ?2"),
        /* A decision has the time of its event, which has the index. */
        [OF_TIME] = LIST("d.seq >= (SELECT min(seq) FROM event"
                         " INDEXED BY event_by_time"
                         "   WHERE time >= ?5"
                         "   AND time < iif(?6, ?6, 9223372036854775807))"
                         " AND d.seq <= (SELECT max(seq) FROM event"
                         " INDEXED BY event_by_time"
                         "   WHERE time >= ?5"
                         "   AND time < iif(?6, ?6, 9223372036854775807))"),
        [OF_NUMBER] = LIST("d.seq = (SELECT decision_seq FROM deployment"
                           "   WHERE number = ?7)"),
        [DOCUMENT_OF] = "SELECT payload FROM event WHERE seq ="
                        " (SELECT decision_seq FROM deployment"
                        "   WHERE number = ?1)",
        [ASKED] = "SELECT seq, time, path, outcome, code FROM decision"
                  " WHERE service = ?1 AND environment = ?2 AND version = ?3"
                  " AND kind IN ('deploy', 'promote')"
                  " ORDER BY seq DESC LIMIT 1",
        [BARE] = "SELECT " DECISION_COLUMNS_OF(
                "''") ", 0"
                      " FROM decision AS d WHERE d.path IN (SELECT path"
                      " FROM decision WHERE outcome IN ('wait', 'deny'))"
                      " ORDER BY d.seq",
        [BETWEEN] = "SELECT " DECISION_COLUMNS_OF(
                "''") ", 0"
                      " FROM decision AS d WHERE d.seq >= ?1 AND d.seq < ?2"
                      " ORDER BY d.seq",
        [PROBE] = "SELECT run FROM decision WHERE seq >= ?1 ORDER BY seq"
                  " LIMIT 1",
        [LAST_SEQ] = "SELECT max(seq) FROM decision",
        [TIMES] = "SELECT time FROM decision",
        [COUNTS] = ("SELECT outcome, code, count(*) FROM decision"
                    " GROUP BY outcome, code ORDER BY outcome, code"),
};
const struct ledger_sql ledger_decision_sql = {"decisions: ", sql, SQL_COUNT};

bool ledger_record(struct ledger *l, struct str path, const struct oid *blob,
                   enum record_state *out, struct fail *why)
{
	struct oid_hex hex = oid_hex(blob);
	struct query q = query_new(l, PART_DECISION, RECORD);
	bool row;
	query_text(&q, 1, path);
	query_text(&q, 2, str_of(hex.s));
	if (!query_row(&q, &row, why))
		return false;
	/* max of no rows is NULL */
	bool known = row && sqlite3_column_type(q.statement, 0) != SQLITE_NULL;
	bool same = known && query_get_int(&q, 0);
	query_end(&q);
	*out = same ? RECORD_SAME : known ? RECORD_CHANGED : RECORD_NONE;
	return true;
}

static enum outcome get_outcome(const struct query *q, int column)
{
	int i = ledger_name_find(outcome_names, query_get_text(q, column));
	return i < 0 ? OUTCOME_DENY : (enum outcome)i;
}

static void read_decision(const struct query *q, struct recorded_decision *d)
{
	*d = (struct recorded_decision){
	        .seq = query_get_int(q, 0),
	        .time = query_get_int(q, 1),
	        .run = query_get_int(q, 2),
	        .path = query_get_text(q, 3),
	        .blob = query_get_text(q, 4),
	        .service = query_get_text(q, 5),
	        .environment = query_get_text(q, 6),
	        .version = query_get_text(q, 7),
	        .kind = query_get_text(q, 8),
	        .outcome = get_outcome(q, 9),
	        .code = diag_find(query_get_text(q, 10)),
	        .actor = query_get_text(q, 11),
	        .document = query_get_text(q, 12),
	        .number = query_get_int(q, 13),
	        .since = query_get_int(q, 14),
	};
}

static bool visit_all(struct query *q, decision_fn *visit, void *context,
                      struct fail *why)
{
	bool fine = true;
	while (query_next(q, &fine, why)) {
		struct recorded_decision d;
		read_decision(q, &d);
		fine = visit(context, &d, why);
	}
	return fine;
}

bool ledger_waiting(struct ledger *l, decision_fn *visit, void *context,
                    struct fail *why)
{
	struct query q = query_new(l, PART_DECISION, WAITING);
	return visit_all(&q, visit, context, why);
}

bool ledger_decisions(struct ledger *l, const struct decision_filter *f,
                      decision_fn *visit, void *context, struct fail *why)
{
	size_t id = f->number          ? OF_NUMBER
	            : f->path.n        ? OF_PATH
	            : f->service.n     ? OF_SERVICE
	            : f->from || f->to ? OF_TIME
	                               : NEWEST;
	struct query q = query_new(l, PART_DECISION, id);
	query_text(&q, 1, f->path);
	query_text(&q, 2, f->service);
	query_text(&q, 3, f->environment);
	query_text(&q, 4,
	           str_of(f->outcome < 0 ? "" : outcome_names[f->outcome]));
	query_int(&q, 5, f->from);
	query_int(&q, 6, f->to);
	query_int(&q, 7, f->number);
	query_int(&q, 8, f->limit ? (int64_t)f->limit : -1);
	return visit_all(&q, visit, context, why);
}

bool ledger_decision_list(struct ledger *l, decision_fn *visit, void *context,
                          struct fail *why)
{
	struct query q = query_new(l, PART_DECISION, BARE);
	return visit_all(&q, visit, context, why);
}

static bool run_from(struct ledger *l, int64_t seq, int64_t *run,
                     struct fail *why)
{
	struct query q = query_new(l, PART_DECISION, PROBE);
	query_int(&q, 1, seq);
	return query_scalar(&q, run, why);
}

/* The seq of the first decision of that run or a later one, by halves: runs
   follow one another, and there is no index on them. */
static bool find_run(struct ledger *l, int64_t run, int64_t *seq,
                     struct fail *why)
{
	struct query q = query_new(l, PART_DECISION, LAST_SEQ);
	int64_t low = 1, high = 0;
	if (!query_scalar(&q, &high, why))
		return false;
	high++;
	while (low < high) {
		int64_t middle = low + (high - low) / 2, at = INT64_MAX;
		if (!run_from(l, middle, &at, why))
			return false;
		if (at < run)
			low = middle + 1;
		else
			high = middle;
	}
	*seq = low;
	return true;
}

bool ledger_decisions_of_run(struct ledger *l, int64_t run, decision_fn *visit,
                             void *context, struct fail *why)
{
	int64_t from, to;
	if (!find_run(l, run, &from, why) || !find_run(l, run + 1, &to, why))
		return false;
	struct query q = query_new(l, PART_DECISION, BETWEEN);
	query_int(&q, 1, from);
	query_int(&q, 2, to);
	return visit_all(&q, visit, context, why);
}

bool ledger_decision_times(struct ledger *l, time_fn *visit, void *context,
                           struct fail *why)
{
	struct query q = query_new(l, PART_DECISION, TIMES);
	bool fine = true;
	while (query_next(&q, &fine, why))
		fine = visit(context, query_get_int(&q, 0), why);
	return fine;
}

bool ledger_decision_of(struct ledger *l, struct arena *a, int64_t number,
                        struct str *document, struct fail *why)
{
	struct query q = query_new(l, PART_DECISION, DOCUMENT_OF);
	bool row;
	query_int(&q, 1, number);
	if (!query_row(&q, &row, why))
		return false;
	*document = row ? str_copy(a, query_get_text(&q, 0)) : (struct str){0};
	query_end(&q);
	return true;
}

bool ledger_asked(struct ledger *l, struct arena *a, struct str service,
                  struct str environment, struct str version, bool *found,
                  struct recorded_decision *out, struct fail *why)
{
	struct query q = query_new(l, PART_DECISION, ASKED);
	query_text(&q, 1, service);
	query_text(&q, 2, environment);
	query_text(&q, 3, version);
	if (!query_row(&q, found, why))
		return false;
	if (!*found)
		return true;
	*out = (struct recorded_decision){
	        .seq = query_get_int(&q, 0),
	        .time = query_get_int(&q, 1),
	        .path = str_copy(a, query_get_text(&q, 2)),
	        .outcome = get_outcome(&q, 3),
	        .code = diag_find(query_get_text(&q, 4)),
	};
	query_end(&q);
	return true;
}

bool ledger_decision_counts(struct ledger *l, decision_count_fn *visit,
                            void *context, struct fail *why)
{
	struct query q = query_new(l, PART_DECISION, COUNTS);
	bool fine = true;
	while (query_next(&q, &fine, why)) {
		struct decision_count c = {get_outcome(&q, 0),
		                           diag_find(query_get_text(&q, 1)),
		                           query_get_int(&q, 2)};
		fine = visit(context, &c, why);
	}
	return fine;
}
