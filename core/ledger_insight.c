#include "core/ledger_insight.h"

#include "core/ledger_private.h"

enum {
	ENDED,
	ENDED_OF,
	ANY_ENDED,
	LAST_SUCCESS,
	IS_BLAMED,
	SUCCESS,
	FAILED_SINCE,
	NEWEST_BUILD,
	NEWEST_DELIVERED,
	DELIVERED_BEFORE,
	PLACES,
	PLACES_OF,
	INCIDENTS,
	LAST_CHANGE,
	STOPS,
	STOPS_OF,
	LAST_KNOWN,
	POLICY_BEFORE,
	RUNS,
	DELIVERED,
	SQL_COUNT
};
/* What failed before the engine had begun never reached its place; of what was
   imported nobody knows, and it counts. */
#define REACHED "(started_at > 0 OR imported = 1)"
#define ENDED_COLUMNS                                                        \
	"finished_at, number, service, environment, group_id, recipe, kind," \
	" state, reason, category, created_at, dispatched_at, started_at,"   \
	" authored_at, built_at, undone_at, imported, build_seq"
#define PLACES_SQL                                                        \
	"SELECT r.service, r.environment,"                                \
	" (SELECT min(d.finished_at) FROM deployment AS d"                \
	"  INDEXED BY deployment_by_success"                              \
	"  WHERE d.service = r.service AND d.environment = r.environment" \
	"  AND d.state = 'SUCCEEDED'), l.finished_at"                     \
	" FROM running AS r JOIN deployment AS l ON l.number = r.number"
#define STOPS_SQL(INDEX)                                              \
	"SELECT d.seq, d.time, d.path, d.service, d.environment,"     \
	" d.outcome, d.code, coalesce(n.time, 0),"                    \
	" EXISTS (SELECT 1 FROM waiting AS w"                         \
	"  WHERE w.path = d.path AND w.seq = d.seq),"                 \
	" coalesce(m.number, 0), coalesce(m.state, ''),"              \
	" coalesce(m.undone_at, 0), coalesce(m.finished_at, 0),"      \
	" coalesce((SELECT max(x.time) FROM decision AS x"            \
	"  INDEXED BY decision_by_path WHERE x.path = d.path"         \
	"  AND x.code = d.code AND x.outcome IN ('wait', 'deny')"     \
	"  AND (x.time, x.seq) < (d.time, d.seq)"                     \
	"  AND x.environment = d.environment), -9223372036854775808)" \
	" FROM decision AS d INDEXED BY " INDEX                       \
	" LEFT JOIN decision AS n ON n.seq ="                         \
	"  (SELECT min(x.seq) FROM decision AS x"                     \
	"   INDEXED BY decision_by_path"                              \
	"   WHERE x.path = d.path AND x.seq > d.seq)"                 \
	" LEFT JOIN deployment AS m ON m.number ="                    \
	"  (SELECT min(o.number) FROM decision AS y"                  \
	"   INDEXED BY decision_by_path"                              \
	"   JOIN deployment AS o INDEXED BY deployment_by_decision"   \
	"   ON o.decision_seq = y.seq AND o.decision_seq > 0"         \
	"   WHERE y.path = d.path AND y.seq > d.seq)"                 \
	" WHERE d.outcome IN ('wait', 'deny')"                        \
	" AND d.time >= ?1 AND d.time < ?2"
static const char *const sql[SQL_COUNT] = {
        [ENDED] = "SELECT " ENDED_COLUMNS
                  " FROM deployment INDEXED BY deployment_by_end"
                  " WHERE finished_at >= ?1 AND finished_at < ?2"
                  " AND finished_at > 0 ORDER BY finished_at, number",
        [ENDED_OF] = "SELECT " ENDED_COLUMNS
                     " FROM deployment INDEXED BY deployment_by_place"
                     " WHERE service = ?3"
                     " AND finished_at >= ?1 AND finished_at < ?2"
                     " AND finished_at > 0 ORDER BY finished_at, number",
        [ANY_ENDED] = "SELECT EXISTS (SELECT 1 FROM deployment"
                      " INDEXED BY deployment_by_end"
                      " WHERE finished_at < ?1 AND finished_at > 0)",
        [LAST_SUCCESS] = "SELECT number, finished_at FROM deployment"
                         " INDEXED BY deployment_by_success"
                         " WHERE service = ?1 AND environment = ?2"
                         " AND state = 'SUCCEEDED' AND finished_at < ?3"
                         " ORDER BY finished_at DESC, number DESC LIMIT 1",
        [IS_BLAMED] = "SELECT EXISTS (SELECT 1 FROM deployment"
                      "  INDEXED BY deployment_rollback_of"
                      "  WHERE rollback_of = ?1 AND rollback_of > 0)"
                      " OR EXISTS (SELECT 1 FROM incident"
                      "  INDEXED BY incident_by_cause WHERE caused_by = ?1)"
                      " OR EXISTS (SELECT 1 FROM incident"
                      "  INDEXED BY incident_by_cause WHERE caused_by = 0"
                      "  AND service = ?2 AND environment = ?3)",
        [SUCCESS] = "SELECT number, finished_at, kind, undone_at, started_at,"
                    " imported, recipe, group_id FROM deployment"
                    " WHERE number = ?1",
        [FAILED_SINCE] =
                "SELECT number, finished_at, kind, undone_at, started_at,"
                " imported, recipe, group_id FROM deployment INDEXED BY deployment_by_failure"
                " WHERE service = ?1 AND environment = ?2"
                " AND state = 'FAILED' AND finished_at < ?3"
                " AND finished_at >= ?4 ORDER BY finished_at, number",
        [NEWEST_BUILD] = "SELECT max(seq) FROM build",
        [NEWEST_DELIVERED] =
                "SELECT built_at FROM deployment INDEXED BY deployment_by_build"
                " WHERE service = ?1 AND state = 'SUCCEEDED'"
                " AND built_at > 0 AND finished_at < ?2"
                " ORDER BY built_at DESC LIMIT 1",
        [DELIVERED_BEFORE] =
                "SELECT d.environment FROM deployment AS d"
                " INDEXED BY deployment_by_build"
                " WHERE d.service = ?1 AND d.built_at = ?2 AND d.built_at > 0"
                " AND d.state = 'SUCCEEDED' AND d.finished_at <= ?3"
                " AND (d.finished_at < ?3 OR d.number < ?4)"
                " AND d.version ="
                " (SELECT version FROM deployment WHERE number = ?4)",
        [PLACES] = PLACES_SQL " ORDER BY r.service, r.environment",
        [PLACES_OF] = PLACES_SQL
        " WHERE r.service = ?1 ORDER BY r.service, r.environment",
        /* Reports of one service, environment and beginning are of one
           incident: it has their earliest end, and where any of them names a
           deployment nothing is to be inferred. */
        [INCIDENTS] = "WITH report AS (SELECT seq, time, started_at, service,"
                      " environment, caused_by, max(caused_by) OVER one"
                      "  AS named, coalesce(min(nullif(resolved_at, 0))"
                      "  OVER one, 0) AS resolved"
                      " FROM incident WHERE time <= ?1 WINDOW one AS"
                      " (PARTITION BY service, environment, started_at))"
                      " SELECT min(time), started_at, resolved, service,"
                      " environment, caused_by FROM report"
                      " WHERE caused_by > 0 OR named = 0"
                      " GROUP BY started_at, service, environment, caused_by"
                      " ORDER BY started_at, min(seq)",
        [LAST_CHANGE] =
                "SELECT number FROM (SELECT * FROM (SELECT number, finished_at"
                "  FROM deployment INDEXED BY deployment_by_success"
                "  WHERE service = ?1 AND environment = ?2"
                "  AND state = 'SUCCEEDED' AND finished_at <= ?3"
                "  AND kind <> 'ROLLBACK'"
                "  ORDER BY finished_at DESC, number DESC LIMIT 1)"
                " UNION ALL SELECT * FROM (SELECT number, finished_at"
                "  FROM deployment INDEXED BY deployment_by_failure"
                "  WHERE service = ?1 AND environment = ?2"
                "  AND state = 'FAILED' AND finished_at <= ?3 AND " REACHED
                "  AND kind <> 'ROLLBACK'"
                "  ORDER BY finished_at DESC, number DESC LIMIT 1))"
                " ORDER BY finished_at DESC, number DESC LIMIT 1",
        [STOPS] = STOPS_SQL("decision_stopped") " ORDER BY d.time, d.seq",
        [STOPS_OF] = STOPS_SQL(
                "decision_by_service") " AND d.service = ?3 ORDER BY d.time, d.seq",
        [LAST_KNOWN] =
                "SELECT max("
                " coalesce((SELECT max(finished_at) FROM deployment"
                "  INDEXED BY deployment_by_place WHERE service = ?1), 0),"
                " coalesce((SELECT time FROM decision"
                "  INDEXED BY decision_by_service WHERE service = ?1"
                "  ORDER BY seq DESC LIMIT 1), 0),"
                " coalesce((SELECT max(time) FROM incident"
                "  WHERE service = ?1), 0))",
        [POLICY_BEFORE] = "SELECT policy_tree FROM run WHERE started_at < ?1"
                          " ORDER BY number DESC LIMIT 1",
        [RUNS] = "SELECT number, started_at, commit_id, policy_tree FROM run"
                 " WHERE started_at >= ?1 AND started_at < ?2 ORDER BY number",
        [DELIVERED] = "SELECT d.number, d.finished_at, d.version,"
                      " coalesce(b.commit_id, '')"
                      " FROM deployment AS d INDEXED BY deployment_by_success"
                      " LEFT JOIN build AS b ON b.service = d.service"
                      "  AND b.version = d.version"
                      " WHERE d.service = ?1 AND d.environment = ?2"
                      " AND d.state = 'SUCCEEDED'"
                      " ORDER BY d.finished_at, d.number",
};
const struct ledger_sql ledger_insight_sql = {"figures: ", sql, SQL_COUNT};

/* The name that a projection wrote, by its first bytes: of a million rows each
   is asked. */
static enum deployment_kind kind_of(struct str s)
{
	if (str_is(s, "ROLLBACK"))
		return KIND_ROLLBACK;
	return str_is(s, "PROMOTE") ? KIND_PROMOTE : KIND_ROLL_FORWARD;
}

static enum deployment_state state_of(struct str s)
{
	if (str_is(s, "SUCCEEDED"))
		return STATE_SUCCEEDED;
	int i = ledger_name_find(deployment_state_names, s);
	return i < 0 ? STATE_PENDING : (enum deployment_state)i;
}

static void read_ended(const struct query *q, struct ended *e)
{
	*e = (struct ended){
	        .finished_at = query_get_int(q, 0),
	        .number = query_get_int(q, 1),
	        .service = query_get_text(q, 2),
	        .environment = query_get_text(q, 3),
	        .group = query_get_text(q, 4),
	        .recipe = query_get_text(q, 5),
	        .kind = kind_of(query_get_text(q, 6)),
	        .state = state_of(query_get_text(q, 7)),
	        .reason = query_get_text(q, 8),
	        .category = query_get_text(q, 9),
	        .created_at = query_get_int(q, 10),
	        .dispatched_at = query_get_int(q, 11),
	        .started_at = query_get_int(q, 12),
	        .authored_at = query_get_int(q, 13),
	        .built_at = query_get_int(q, 14),
	        .undone_at = query_get_int(q, 15),
	        .imported = query_get_int(q, 16) != 0,
	        .build = query_get_int(q, 17),
	};
}

/* A statement of a period, and of one service where it is named. */
static struct query ask_period(struct ledger *l, size_t all, size_t of,
                               struct str service, int64_t from, int64_t to)
{
	struct query q = query_new(l, PART_INSIGHT, service.n ? of : all);
	query_int(&q, 1, from);
	query_int(&q, 2, to);
	if (service.n)
		query_text(&q, 3, service);
	return q;
}

bool ledger_ended(struct ledger *l, struct str service, int64_t from,
                  int64_t to, ended_fn *visit, void *context, struct fail *why)
{
	struct query q = ask_period(l, ENDED, ENDED_OF, service, from, to);
	bool fine = true;
	while (query_next(&q, &fine, why)) {
		struct ended e;
		read_ended(&q, &e);
		fine = visit(context, &e, why);
	}
	return fine;
}

/* --- before a period --- */

bool ledger_any_ended_before(struct ledger *l, int64_t at, bool *out,
                             struct fail *why)
{
	int64_t any = 0;
	struct query q = query_new(l, PART_INSIGHT, ANY_ENDED);
	query_int(&q, 1, at);
	if (!query_scalar(&q, &any, why))
		return false;
	*out = any != 0;
	return true;
}

static void read_before(const struct query *q, enum deployment_state state,
                        struct ended *e)
{
	*e = (struct ended){
	        .number = query_get_int(q, 0),
	        .finished_at = query_get_int(q, 1),
	        .kind = kind_of(query_get_text(q, 2)),
	        .state = state,
	        .undone_at = query_get_int(q, 3),
	        .started_at = query_get_int(q, 4),
	        .imported = query_get_int(q, 5) != 0,
	        .recipe = query_get_text(q, 6),
	        .group = query_get_text(q, 7),
	};
}

static struct query ask_before(struct ledger *l, size_t id, struct str service,
                               struct str environment, int64_t before)
{
	struct query q = query_new(l, PART_INSIGHT, id);
	query_text(&q, 1, service);
	query_text(&q, 2, environment);
	query_int(&q, 3, before);
	return q;
}

static bool visit_before(struct query *q, enum deployment_state state,
                         ended_fn *visit, void *context, int64_t *last,
                         struct fail *why)
{
	bool fine = true;
	while (query_next(q, &fine, why)) {
		struct ended e;
		read_before(q, state, &e);
		*last = e.finished_at;
		fine = visit(context, &e, why);
	}
	return fine;
}

/* Of most nothing but its number is looked at: their rows lie far apart. */
static bool visit_blamed(struct ledger *l, int64_t number, struct str service,
                         struct str environment, ended_fn *visit, void *context,
                         struct fail *why)
{
	int64_t blamed = 0, unused;
	struct query q = query_new(l, PART_INSIGHT, IS_BLAMED);
	query_int(&q, 1, number);
	query_text(&q, 2, service);
	query_text(&q, 3, environment);
	if (!query_scalar(&q, &blamed, why))
		return false;
	if (!blamed)
		return true;
	q = query_new(l, PART_INSIGHT, SUCCESS);
	query_int(&q, 1, number);
	return visit_before(&q, STATE_SUCCEEDED, visit, context, &unused, why);
}

bool ledger_failed_before(struct ledger *l, struct str service,
                          struct str environment, int64_t before,
                          ended_fn *visit, void *context, struct fail *why)
{
	int64_t number = 0, last = INT64_MIN, unused;
	bool fine = true;
	struct query q =
	        ask_before(l, LAST_SUCCESS, service, environment, before);
	while (query_next(&q, &fine, why)) {
		number = query_get_int(&q, 0);
		last = query_get_int(&q, 1);
	}
	if (!fine || (number && !visit_blamed(l, number, service, environment,
	                                      visit, context, why)))
		return false;
	q = ask_before(l, FAILED_SINCE, service, environment, before);
	query_int(&q, 4, last);
	return visit_before(&q, STATE_FAILED, visit, context, &unused, why);
}

bool ledger_newest_build(struct ledger *l, int64_t *build, struct fail *why)
{
	struct query q = query_new(l, PART_INSIGHT, NEWEST_BUILD);
	return query_scalar(&q, build, why);
}

bool ledger_newest_delivered(struct ledger *l, struct str service,
                             int64_t before, int64_t *built_at,
                             struct fail *why)
{
	struct query q = query_new(l, PART_INSIGHT, NEWEST_DELIVERED);
	query_text(&q, 1, service);
	query_int(&q, 2, before);
	*built_at = 0;
	return query_scalar(&q, built_at, why);
}

bool ledger_delivered_before(struct ledger *l, const struct ended *e,
                             const struct str *environments,
                             size_t nenvironments, bool *out, struct fail *why)
{
	struct query q = query_new(l, PART_INSIGHT, DELIVERED_BEFORE);
	query_text(&q, 1, e->service);
	query_int(&q, 2, e->built_at);
	query_int(&q, 3, e->finished_at);
	query_int(&q, 4, e->number);
	for (*out = false;;) {
		bool row;
		if (!query_row(&q, &row, why))
			return false;
		if (!row)
			return true;
		struct str there = query_get_text(&q, 0);
		for (size_t i = 0; i < nenvironments; i++)
			*out |= str_eq(there, environments[i]);
		if (*out) {
			query_end(&q);
			return true;
		}
	}
}

bool ledger_places(struct ledger *l, struct str service, place_fn *visit,
                   void *context, struct fail *why)
{
	struct query q =
	        query_new(l, PART_INSIGHT, service.n ? PLACES_OF : PLACES);
	if (service.n)
		query_text(&q, 1, service);
	bool fine = true;
	while (query_next(&q, &fine, why))
		fine = visit(context, query_get_text(&q, 0),
		             query_get_text(&q, 1), query_get_int(&q, 2),
		             query_get_int(&q, 3), why);
	return fine;
}

/* --- incidents --- */

bool ledger_incidents(struct ledger *l, int64_t at, incident_fn *visit,
                      void *context, struct fail *why)
{
	struct query q = query_new(l, PART_INSIGHT, INCIDENTS);
	query_int(&q, 1, at);
	bool fine = true;
	while (query_next(&q, &fine, why)) {
		struct incident i = {
		        .recorded_at = query_get_int(&q, 0),
		        .started_at = query_get_int(&q, 1),
		        .resolved_at = query_get_int(&q, 2),
		        .service = query_get_text(&q, 3),
		        .environment = query_get_text(&q, 4),
		        .caused_by = query_get_int(&q, 5),
		};
		fine = visit(context, &i, why);
	}
	return fine;
}

bool ledger_last_change(struct ledger *l, struct str service,
                        struct str environment, int64_t by, int64_t *number,
                        struct fail *why)
{
	struct query q = ask_before(l, LAST_CHANGE, service, environment, by);
	*number = 0;
	return query_scalar(&q, number, why);
}

/* --- decisions --- */

static void read_stop(const struct query *q, struct stop *s)
{
	struct str code = query_get_text(q, 6), made = query_get_text(q, 10);
	*s = (struct stop){
	        .seq = query_get_int(q, 0),
	        .at = query_get_int(q, 1),
	        .path = query_get_text(q, 2),
	        .service = query_get_text(q, 3),
	        .environment = query_get_text(q, 4),
	        .denied = str_is(query_get_text(q, 5), "deny"),
	        .until = query_get_int(q, 7),
	        .waits = query_get_int(q, 8) != 0,
	        .made = query_get_int(q, 9),
	        .made_state = made.n ? state_of(made) : STATE_PENDING,
	        .made_undone_at = query_get_int(q, 11),
	        .made_finished_at = query_get_int(q, 12),
	        .again_at = query_get_int(q, 13),
	};
	s->code = code.n ? diag_find(code) : DIAG_NONE;
}

bool ledger_last_known(struct ledger *l, struct str service, int64_t *out,
                       struct fail *why)
{
	struct query q = query_new(l, PART_INSIGHT, LAST_KNOWN);
	query_text(&q, 1, service);
	*out = 0;
	return query_scalar(&q, out, why);
}

bool ledger_stops(struct ledger *l, struct str service, int64_t from,
                  int64_t to, stop_fn *visit, void *context, struct fail *why)
{
	struct query q = ask_period(l, STOPS, STOPS_OF, service, from, to);
	bool fine = true;
	while (query_next(&q, &fine, why)) {
		struct stop s;
		read_stop(&q, &s);
		fine = visit(context, &s, why);
	}
	return fine;
}

static bool policy_before(struct ledger *l, struct arena *a, int64_t from,
                          struct str *tree, struct fail *why)
{
	bool row;
	struct query q = query_new(l, PART_INSIGHT, POLICY_BEFORE);
	query_int(&q, 1, from);
	*tree = STR("");
	if (!query_row(&q, &row, why))
		return false;
	if (row)
		*tree = str_copy(a, query_get_text(&q, 0));
	if (row)
		query_end(&q);
	return true;
}

static bool visit_changes(struct query *q, struct arena *a, struct str tree,
                          run_fn *visit, void *context, struct fail *why)
{
	bool fine = true;
	while (query_next(q, &fine, why)) {
		struct str now = query_get_text(q, 3);
		if (str_eq(now, tree))
			continue;
		bool first = !tree.n;
		struct recorded_run r = {.number = query_get_int(q, 0),
		                         .started_at = query_get_int(q, 1),
		                         .commit = query_get_text(q, 2)};
		tree = str_copy(a, now);
		fine = first || visit(context, &r, why);
	}
	return fine;
}

bool ledger_policy_changes(struct ledger *l, int64_t from, int64_t to,
                           run_fn *visit, void *context, struct fail *why)
{
	struct arena *a = arena_new();
	struct str tree;
	bool fine = policy_before(l, a, from, &tree, why);
	if (fine) {
		struct query q = query_new(l, PART_INSIGHT, RUNS);
		query_int(&q, 1, from);
		query_int(&q, 2, to);
		fine = visit_changes(&q, a, tree, visit, context, why);
	}
	arena_free(a);
	return fine;
}

/* --- changes --- */

bool ledger_delivered(struct ledger *l, struct str service,
                      struct str environment, delivered_fn *visit,
                      void *context, struct fail *why)
{
	struct query q = query_new(l, PART_INSIGHT, DELIVERED);
	query_text(&q, 1, service);
	query_text(&q, 2, environment);
	bool fine = true;
	while (query_next(&q, &fine, why)) {
		struct delivered d = {
		        .number = query_get_int(&q, 0),
		        .finished_at = query_get_int(&q, 1),
		        .version = query_get_text(&q, 2),
		        .commit = query_get_text(&q, 3),
		};
		fine = visit(context, &d, why);
	}
	return fine;
}
