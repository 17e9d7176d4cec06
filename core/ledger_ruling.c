#include "core/ledger_project.h"

enum {
	ANY,
	HOLD_ADD,
	HOLD_OF,
	HOLDS_OF,
	APPROVAL_ADD,
	APPROVALS_OF,
	WITHDRAWAL_ADD,
	WITHDRAWAL_OF,
	CANCELLATION_ADD,
	CANCELLATION_OF,
	INCIDENT_ADD,
	INCIDENT_OPEN,
	TARGET,
	SQL_COUNT
};
static const char *const sql[SQL_COUNT] = {
        [ANY] = "SELECT EXISTS (SELECT 1 FROM hold)"
                " + 2 * EXISTS (SELECT 1 FROM approval)"
                " + 4 * EXISTS (SELECT 1 FROM withdrawal)",
        [HOLD_ADD] = "INSERT INTO hold VALUES"
                     " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        /* The one that lasts longest. */
        [HOLD_OF] = "SELECT time, until, summary, actor, intent_path FROM hold"
                    " WHERE service = ?1 AND environment = ?2"
                    " AND version = ?3 AND (until = 0 OR until > ?4)"
                    " ORDER BY until = 0 DESC, until DESC, seq LIMIT 1",
        [HOLDS_OF] = "SELECT time, until, summary, actor, intent_path,"
                     " environment, version FROM hold WHERE service = ?1"
                     " AND (until = 0 OR until > ?2)"
                     " ORDER BY environment, seq",
        [APPROVAL_ADD] = "INSERT INTO approval VALUES"
                         " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        [APPROVALS_OF] = "SELECT time, blob, decision, summary, actor,"
                         " intent_path FROM approval WHERE path = ?1"
                         " ORDER BY seq",
        [WITHDRAWAL_ADD] = "INSERT INTO withdrawal VALUES"
                           " (?1, ?2, ?3, ?4, ?5, ?6)",
        [WITHDRAWAL_OF] = "SELECT time, summary, actor, intent_path"
                          " FROM withdrawal WHERE path = ?1"
                          " ORDER BY seq LIMIT 1",
        [CANCELLATION_ADD] = "INSERT INTO cancellation VALUES"
                             " (?1, ?2, ?3, ?4, ?5)"
                             " ON CONFLICT (number) DO NOTHING",
        [CANCELLATION_OF] = "SELECT time FROM cancellation WHERE number = ?1",
        [INCIDENT_ADD] = "INSERT INTO incident VALUES"
                         " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        [INCIDENT_OPEN] = "SELECT time, started_at, caused_by, severity,"
                          " summary, actor, intent_path FROM incident AS i"
                          " WHERE service = ?1 AND environment = ?2"
                          " AND (?3 = 0 OR started_at = ?3)"
                          " AND started_at NOT IN (SELECT r.started_at"
                          "   FROM incident AS r WHERE r.service = ?1"
                          "   AND r.environment = ?2 AND r.resolved_at > 0)"
                          " ORDER BY started_at DESC, seq DESC LIMIT 1",
        /* Left alone, SQLite goes through all numbers for the lowest. */
        [TARGET] = "SELECT EXISTS (SELECT 1 FROM decision WHERE path = ?1),"
                   " EXISTS (SELECT 1 FROM waiting WHERE path = ?1),"
                   " coalesce((SELECT min(number) FROM deployment"
                   "   INDEXED BY deployment_open"
                   "   WHERE finished_at = 0 AND intent_path = ?1), 0),"
                   " coalesce((SELECT max(o.number) FROM deployment AS o"
                   "   JOIN decision AS d ON d.seq = o.decision_seq"
                   "   WHERE o.decision_seq > 0 AND d.path = ?1), 0),"
                   " coalesce((SELECT blob FROM decision WHERE path = ?1"
                   "   ORDER BY outcome = 'deny', seq DESC LIMIT 1), '')",
};
const struct ledger_sql ledger_ruling_sql = {"rulings: ", sql, SQL_COUNT};

/* --- projections --------------------------------------------------------- */

/* The numbers of the parameters that all of them have. */
static struct query add(struct projection *p, size_t id, int summary)
{
	struct query q = query_new(p->l, PART_RULING, id);
	query_int(&q, 1, p->e->seq);
	query_int(&q, 2, p->e->time);
	query_text(&q, summary, canon_text(p->payload, "summary"));
	query_text(&q, summary + 1, payload_actor(p->payload));
	query_text(&q, summary + 2, payload_text(p->payload, "intent", "path"));
	return q;
}

static bool names_place(struct projection *p)
{
	return (canon_text(p->payload, "service").n &&
	        canon_text(p->payload, "environment").n) ||
	       projection_contradicts(p, "it names no service and environment");
}

static bool names_path(struct projection *p)
{
	return canon_text(p->payload, "path").n ||
	       projection_contradicts(p, "it names no intent");
}

bool project_hold(struct projection *p)
{
	static const struct payload_member members[] = {
	        {3, NULL, "service", MEMBER_TEXT},
	        {4, NULL, "environment", MEMBER_TEXT},
	        {5, NULL, "version", MEMBER_TEXT},
	        {6, NULL, "until", MEMBER_TIME},
	};
	if (!names_place(p))
		return false;
	struct query q = add(p, HOLD_ADD, 7);
	PAYLOAD_BIND(&q, p->payload, members);
	return query_run(&q, p->why);
}

bool project_approval(struct projection *p)
{
	static const struct payload_member members[] = {
	        {3, NULL, "path", MEMBER_TEXT},
	        {4, NULL, "blob", MEMBER_TEXT},
	        {5, NULL, "decision", MEMBER_TEXT},
	};
	struct str decision = canon_text(p->payload, "decision");
	if (!names_path(p))
		return false;
	if (!str_is(decision, "approve") && !str_is(decision, "reject"))
		return projection_contradicts(
		        p, "it neither approves nor rejects");
	struct query q = add(p, APPROVAL_ADD, 6);
	PAYLOAD_BIND(&q, p->payload, members);
	return query_run(&q, p->why);
}

bool project_withdrawal(struct projection *p)
{
	if (!names_path(p))
		return false;
	struct query q = add(p, WITHDRAWAL_ADD, 4);
	query_text(&q, 3, canon_text(p->payload, "path"));
	return query_run(&q, p->why);
}

bool project_cancellation(struct projection *p)
{
	int64_t number = canon_int(p->payload, "number");
	struct row *row;
	if (!row_get(p->l, number, &row, p->why))
		return false;
	if (!row || row->v[ROW_FINISHED_AT].n)
		return projection_contradicts(
		        p, "there is no such deployment, or it has ended");
	/* It refers to the deployment. */
	if (!row_flush(p->l, p->why))
		return false;
	struct query q = query_new(p->l, PART_RULING, CANCELLATION_ADD);
	query_int(&q, 1, number);
	query_int(&q, 2, p->e->seq);
	query_int(&q, 3, p->e->time);
	query_text(&q, 4, payload_actor(p->payload));
	query_text(&q, 5, payload_text(p->payload, "intent", "path"));
	return query_run(&q, p->why) && project_deployment_other(p);
}

bool project_incident(struct projection *p)
{
	static const struct payload_member members[] = {
	        {3, NULL, "service", MEMBER_TEXT},
	        {4, NULL, "environment", MEMBER_TEXT},
	        {5, NULL, "startedAt", MEMBER_TIME},
	        {6, NULL, "resolvedAt", MEMBER_TIME},
	        {7, NULL, "causedBy", MEMBER_INT},
	        {8, NULL, "severity", MEMBER_TEXT},
	};
	if (!names_place(p))
		return false;
	struct query q = add(p, INCIDENT_ADD, 9);
	PAYLOAD_BIND(&q, p->payload, members);
	return query_run(&q, p->why);
}

/* --- queries ------------------------------------------------------------- */

bool ledger_rulings(struct ledger *l, struct ruling_presence *out,
                    struct fail *why)
{
	struct query q = query_new(l, PART_RULING, ANY);
	int64_t bits = 0;
	if (!query_scalar(&q, &bits, why))
		return false;
	out->holds = bits & 1;
	out->approvals = bits & 2;
	out->withdrawals = bits & 4;
	return true;
}

bool ledger_hold(struct ledger *l, struct arena *a, struct str service,
                 struct str environment, struct str version, int64_t now,
                 struct recorded_hold **out, struct fail *why)
{
	struct query q = query_new(l, PART_RULING, HOLD_OF);
	bool row;
	query_text(&q, 1, service);
	query_text(&q, 2, environment);
	query_text(&q, 3, version);
	query_int(&q, 4, now);
	if (!query_row(&q, &row, why))
		return false;
	*out = NULL;
	if (!row)
		return true;
	struct recorded_hold *h = ARENA_NEW(a, struct recorded_hold);
	h->time = query_get_int(&q, 0);
	h->until = query_get_int(&q, 1);
	h->summary = str_copy(a, query_get_text(&q, 2));
	h->actor = str_copy(a, query_get_text(&q, 3));
	h->intent_path = str_copy(a, query_get_text(&q, 4));
	query_end(&q);
	*out = h;
	return true;
}

bool ledger_holds(struct ledger *l, struct str service, int64_t now,
                  hold_fn *visit, void *context, struct fail *why)
{
	struct query q = query_new(l, PART_RULING, HOLDS_OF);
	query_text(&q, 1, service);
	query_int(&q, 2, now);
	bool fine = true;
	while (query_next(&q, &fine, why)) {
		const struct recorded_hold h = {
		        .time = query_get_int(&q, 0),
		        .until = query_get_int(&q, 1),
		        .summary = query_get_text(&q, 2),
		        .actor = query_get_text(&q, 3),
		        .intent_path = query_get_text(&q, 4)};
		fine = visit(context, query_get_text(&q, 5),
		             query_get_text(&q, 6), &h, why);
	}
	return fine;
}

bool ledger_approvals(struct ledger *l, struct str path, approval_fn *visit,
                      void *context, struct fail *why)
{
	struct query q = query_new(l, PART_RULING, APPROVALS_OF);
	query_text(&q, 1, path);
	bool fine = true;
	while (query_next(&q, &fine, why)) {
		struct recorded_approval found = {
		        .time = query_get_int(&q, 0),
		        .blob = query_get_text(&q, 1),
		        .rejects = str_is(query_get_text(&q, 2), "reject"),
		        .summary = query_get_text(&q, 3),
		        .actor = query_get_text(&q, 4),
		        .intent_path = query_get_text(&q, 5),
		};
		fine = visit(context, &found, why);
	}
	return fine;
}

bool ledger_withdrawal(struct ledger *l, struct arena *a, struct str path,
                       struct recorded_withdrawal **out, struct fail *why)
{
	struct query q = query_new(l, PART_RULING, WITHDRAWAL_OF);
	bool row;
	query_text(&q, 1, path);
	if (!query_row(&q, &row, why))
		return false;
	*out = NULL;
	if (!row)
		return true;
	struct recorded_withdrawal *w =
	        ARENA_NEW(a, struct recorded_withdrawal);
	w->time = query_get_int(&q, 0);
	w->summary = str_copy(a, query_get_text(&q, 1));
	w->actor = str_copy(a, query_get_text(&q, 2));
	w->intent_path = str_copy(a, query_get_text(&q, 3));
	query_end(&q);
	*out = w;
	return true;
}

bool ledger_open_incident(struct ledger *l, struct arena *a, struct str service,
                          struct str environment, int64_t started_at,
                          struct recorded_incident **out, struct fail *why)
{
	struct query q = query_new(l, PART_RULING, INCIDENT_OPEN);
	bool row;
	query_text(&q, 1, service);
	query_text(&q, 2, environment);
	query_int(&q, 3, started_at);
	if (!query_row(&q, &row, why))
		return false;
	*out = NULL;
	if (!row)
		return true;
	*out = ARENA_NEW(a, struct recorded_incident);
	**out = (struct recorded_incident){
	        .time = query_get_int(&q, 0),
	        .started_at = query_get_int(&q, 1),
	        .caused_by = query_get_int(&q, 2),
	        .severity = str_copy(a, query_get_text(&q, 3)),
	        .summary = str_copy(a, query_get_text(&q, 4)),
	        .actor = str_copy(a, query_get_text(&q, 5)),
	        .intent_path = str_copy(a, query_get_text(&q, 6)),
	};
	query_end(&q);
	return true;
}

bool ledger_cancel_requested(struct ledger *l, int64_t number, int64_t *at,
                             struct fail *why)
{
	struct query q = query_new(l, PART_RULING, CANCELLATION_OF);
	query_int(&q, 1, number);
	*at = 0;
	return query_scalar(&q, at, why);
}

bool ledger_intent(struct ledger *l, struct str path,
                   struct recorded_intent *out, struct fail *why)
{
	struct query q = query_new(l, PART_RULING, TARGET);
	bool row;
	query_text(&q, 1, path);
	if (!query_row(&q, &row, why))
		return false;
	*out = (struct recorded_intent){
	        .known = row && query_get_int(&q, 0),
	        .waits = row && query_get_int(&q, 1),
	        .open_number = row ? query_get_int(&q, 2) : 0,
	        .last_number = row ? query_get_int(&q, 3) : 0,
	};
	if (row) {
		oid_parse(query_get_text(&q, 4), &out->blob);
		query_end(&q);
	}
	return ledger_release_is_open(l, path, &out->releasing, why);
}
