#include "core/ledger_project.h"

enum {
	DEPLOYMENT_ADD,
	DEPLOYMENT_DISPATCH,
	DEPLOYMENT_START,
	DEPLOYMENT_PROGRESS,
	DEPLOYMENT_LOSE,
	DEPLOYMENT_END,
	DEPLOYMENT_FOLLOW,
	DEPLOYMENT_AFTER,
	DEPLOYMENT_WITHDRAW,
	DEPLOYMENT_OUTCOME,
	DEPLOYMENT_UNDONE,
	DEPLOYMENT_SETTLED,
	ALLOWED_BY,
	NUMBER_GIVE,
	NUMBER_TAKE,
	FAILURE_ADD,
	TIMELINE_ADD,
	TIMELINE_DROP,
	UNDONE_AT,
	RUNNING_GET,
	RUNNING_PUT,
	SQL_COUNT
};
static const char *const sql[SQL_COUNT] = {
        [DEPLOYMENT_ADD] =
                "INSERT INTO deployment VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
                " ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,"
                " ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32,"
                " ?33, ?34, ?35, ?36, coalesce((SELECT b.built_at"
                "  FROM build AS b WHERE b.service = ?3 AND b.version = ?5),"
                " 0), 0)",
        [DEPLOYMENT_DISPATCH] =
                "UPDATE deployment SET state = 'DISPATCHING',"
                " dispatched_at = iif(dispatched_at = 0, ?2, dispatched_at)"
                " WHERE number = ?1 AND (state IN ('PENDING', 'DISPATCHING')"
                " OR (state = 'LOST_CONTACT' AND execution_id = ''))",
        [DEPLOYMENT_START] =
                "UPDATE deployment SET state = 'IN_PROGRESS',"
                " dispatched_at = iif(dispatched_at = 0, ?2, dispatched_at),"
                " started_at = iif(started_at = 0, ?3, started_at),"
                " execution_id = ?4, execution_url = ?5"
                " WHERE number = ?1 AND finished_at = 0",
        [DEPLOYMENT_PROGRESS] =
                "UPDATE deployment SET"
                " state = iif(state = 'LOST_CONTACT', 'IN_PROGRESS', state)"
                " WHERE number = ?1 AND finished_at = 0",
        [DEPLOYMENT_LOSE] = "UPDATE deployment SET state = 'LOST_CONTACT'"
                            " WHERE number = ?1 AND finished_at = 0",
        /* What ran before is known for sure when it ends: others to the same
           place may have ended since it was recorded, and later than it. */
        [DEPLOYMENT_END] =
                "UPDATE deployment SET state = ?2, outcome = ?2,"
                " finished_at = ?3, previous_version = coalesce("
                "  (SELECT v.version FROM deployment AS v"
                "   WHERE v.service = deployment.service"
                "   AND v.environment = deployment.environment"
                "   AND v.state = 'SUCCEEDED'"
                "   AND (v.finished_at, v.number) < (?3, ?1)"
                "   ORDER BY v.finished_at DESC, v.number DESC LIMIT 1),"
                "  ''), category = ?4 WHERE number = ?1 AND finished_at = 0",
        /* What followed a success, up to the next one, where its end is told
           late. Nobody asks what a canceled one would have replaced. */
        [DEPLOYMENT_FOLLOW] =
                "WITH this AS (SELECT * FROM deployment WHERE number = ?1),"
                " next AS (SELECT finished_at, number FROM deployment"
                "  WHERE service = (SELECT service FROM this)"
                "  AND environment = (SELECT environment FROM this)"
                "  AND state = 'SUCCEEDED' AND (finished_at, number)"
                "  > (SELECT finished_at, number FROM this)"
                "  ORDER BY finished_at, number LIMIT 1)"
                " UPDATE deployment SET"
                " previous_version = (SELECT version FROM this)"
                " WHERE (imported = 0 OR previous_version = '')"
                " AND number IN"
                " (SELECT number FROM next UNION ALL SELECT v.number"
                "  FROM this JOIN deployment AS v"
                "  ON v.service = this.service"
                "  AND v.environment = this.environment"
                "  AND v.state = 'FAILED' AND (v.finished_at, v.number)"
                "  > (this.finished_at, this.number)"
                "  AND (v.finished_at, v.number)"
                "  < (SELECT finished_at, number FROM next))",
        [DEPLOYMENT_AFTER] =
                "UPDATE deployment SET previous_version = coalesce("
                "  (SELECT v.version FROM deployment AS v"
                "   WHERE v.service = deployment.service"
                "   AND v.environment = deployment.environment"
                "   AND v.state = 'SUCCEEDED' AND (v.finished_at, v.number)"
                "    < (deployment.finished_at, deployment.number)"
                "   ORDER BY v.finished_at DESC, v.number DESC LIMIT 1),"
                "  '') WHERE number = ?1",
        [DEPLOYMENT_WITHDRAW] = "DELETE FROM deployment WHERE number = ?1"
                                " AND state IN ('PENDING', 'DISPATCHING')",
        [DEPLOYMENT_OUTCOME] = "UPDATE deployment SET outcome = ?2"
                               " WHERE number = ?1 AND finished_at > 0"
                               " AND (outcome = ?3 OR ?3 = '')",
        [DEPLOYMENT_UNDONE] = "UPDATE deployment SET undone_at = ?2"
                              " WHERE number = ?1 AND finished_at > 0"
                              " AND (undone_at = 0 OR undone_at > ?2)",
        [DEPLOYMENT_SETTLED] =
                "SELECT service, environment, state, kind, rollback_of,"
                " finished_at FROM deployment WHERE number = ?1",
        [ALLOWED_BY] = "SELECT seq FROM decision WHERE path = ?1 AND blob = ?2"
                       " AND outcome = 'allow' ORDER BY seq DESC LIMIT 1",
        [NUMBER_GIVE] = "INSERT INTO free_number VALUES (?1)",
        [NUMBER_TAKE] = "DELETE FROM free_number WHERE number = ?1",
        [FAILURE_ADD] =
                "INSERT INTO failure VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        [TIMELINE_ADD] = "INSERT INTO timeline VALUES (?1, ?2, ?3, ?4, ?5)",
        [TIMELINE_DROP] = "DELETE FROM timeline WHERE number = ?1",
        [UNDONE_AT] = "SELECT min(finished_at) FROM deployment"
                      " WHERE rollback_of = ?1"
                      " AND rollback_of > 0 AND kind = 'ROLLBACK'"
                      " AND state = 'SUCCEEDED'",
        [RUNNING_GET] = "SELECT d.number, d.finished_at FROM running AS r"
                        " JOIN deployment AS d ON d.number = r.number"
                        " WHERE r.service = ?1 AND r.environment = ?2",
        [RUNNING_PUT] = "INSERT INTO running VALUES (?1, ?2, ?3)"
                        " ON CONFLICT (service, environment)"
                        " DO UPDATE SET number = ?3",
};
const struct ledger_sql ledger_settle_sql = {"projection: ", sql, SQL_COUNT};

/* --- facts --- */

static bool add_timeline_at(struct projection *p, int64_t at, const char *event,
                            struct str detail)
{
	struct query q = query_new(p->l, PART_SETTLE, TIMELINE_ADD);
	query_int(&q, 1, canon_int(p->payload, "number"));
	query_int(&q, 2, p->e->seq);
	query_int(&q, 3, at);
	query_text(&q, 4, str_of(event));
	query_text(&q, 5, detail);
	return query_run(&q, p->why);
}

static bool add_timeline(struct projection *p, const char *event,
                         struct str detail)
{
	return add_timeline_at(p, p->e->time, event, detail);
}

/* The lowest number that is free: they have no gaps. */
static bool take_number(struct projection *p, int64_t number)
{
	int64_t next = 0;
	if (!ledger_next_number(p->l, &next, p->why))
		return false;
	if (number != next) {
		struct str text =
		        str_format(p->l->scratch, "the next number is %lld",
		                   (long long)next);
		return projection_contradicts(p, str_cstr(p->l->scratch, text));
	}
	struct query q = query_new(p->l, PART_SETTLE, NUMBER_TAKE);
	query_int(&q, 1, number);
	return query_run(&q, p->why);
}

static bool allowed_by(struct projection *p, int64_t *seq)
{
	struct query q = query_new(p->l, PART_SETTLE, ALLOWED_BY);
	query_text(&q, 1, payload_text(p->payload, "intent", "path"));
	query_text(&q, 2, payload_text(p->payload, "intent", "blob"));
	return query_scalar(&q, seq, p->why);
}

/* What kind of failure the engine told of first. */
static struct str first_category(const struct projection *p)
{
	const struct canon *failures = canon_member(p->payload, "failures");
	return canon_text(canon_item(failures, 0), "category");
}

/* The columns that created and imported deployments have in common. */
static bool bind_deployment(struct projection *p, struct query *q)
{
	static const struct payload_member members[] = {
	        {1, NULL, "number", MEMBER_INT},
	        {2, NULL, "token", MEMBER_TEXT},
	        {3, NULL, "service", MEMBER_TEXT},
	        {4, NULL, "environment", MEMBER_TEXT},
	        {5, NULL, "version", MEMBER_TEXT},
	        {6, NULL, "previousVersion", MEMBER_TEXT},
	        {7, NULL, "group", MEMBER_TEXT},
	        {8, NULL, "recipe", MEMBER_TEXT},
	        {9, NULL, "recipeRevision", MEMBER_INT},
	        {13, NULL, "rollbackOf", MEMBER_INT},
	        {14, NULL, "sourceEnvironment", MEMBER_TEXT},
	        {15, NULL, "summary", MEMBER_TEXT},
	        {16, NULL, "ticket", MEMBER_TEXT},
	        {17, "actor", "email", MEMBER_TEXT},
	        {18, "actor", "role", MEMBER_TEXT},
	        {19, "actor", "name", MEMBER_TEXT},
	        {24, NULL, "engine", MEMBER_TEXT},
	        {25, NULL, "engineExecutionId", MEMBER_TEXT},
	        {26, NULL, "engineExecutionUrl", MEMBER_TEXT},
	        {27, "intent", "path", MEMBER_TEXT},
	        {28, "intent", "blob", MEMBER_TEXT},
	        {29, "intent", "commit", MEMBER_TEXT},
	        {30, NULL, "timeout", MEMBER_INT},
	        {32, NULL, "digest", MEMBER_TEXT},
	        {34, NULL, "reason", MEMBER_TEXT},
	        {36, NULL, "authoredAt", MEMBER_TIME},
	};
	struct str kind;
	if (!payload_name(p, "kind", deployment_kind_names, &kind))
		return false;
	PAYLOAD_BIND(q, p->payload, members);
	query_text(q, 10, kind);
	query_text(q, 35, first_category(p));
	return true;
}

struct instants {
	int64_t created, dispatched, started, finished;
};

static bool add_deployment(struct projection *p, struct str state,
                           struct instants at, bool imported)
{
	int64_t decision = 0;
	if (!canon_text(p->payload, "service").n ||
	    !canon_text(p->payload, "environment").n ||
	    !canon_text(p->payload, "version").n)
		return projection_contradicts(
		        p, "it names no service, environment and "
		           "version");
	if (!take_number(p, canon_int(p->payload, "number")) ||
	    (!imported && !allowed_by(p, &decision)))
		return false;
	struct query q = query_new(p->l, PART_SETTLE, DEPLOYMENT_ADD);
	if (!bind_deployment(p, &q)) {
		query_end(&q);
		return false;
	}
	query_text(&q, 11, state);
	query_text(&q, 12, at.finished ? state : STR(""));
	query_int(&q, 20, at.created);
	query_int(&q, 21, at.dispatched);
	query_int(&q, 22, at.started);
	query_int(&q, 23, at.finished);
	query_int(&q, 31, imported);
	query_int(&q, 33, decision);
	return query_run(&q, p->why);
}

bool project_deployment_created(struct projection *p)
{
	struct instants at = {.created = p->e->time};
	return add_deployment(p, STR("PENDING"), at, false) &&
	       add_timeline(p, "created", canon_text(p->payload, "summary"));
}

bool project_deployment_dispatching(struct projection *p)
{
	int64_t attempt = canon_int(p->payload, "attempt");
	struct str detail = STR("");
	if (attempt > 1)
		detail = str_format(p->l->scratch, "attempt %lld",
		                    (long long)attempt);
	struct query q = query_new(p->l, PART_SETTLE, DEPLOYMENT_DISPATCH);
	query_int(&q, 1, canon_int(p->payload, "number"));
	query_int(&q, 2, p->e->time);
	return projection_touch(p, &q) &&
	       add_timeline(p, "dispatching", detail);
}

bool project_deployment_withdrawn(struct projection *p)
{
	static const int statements[] = {TIMELINE_DROP, DEPLOYMENT_WITHDRAW};
	int64_t number = canon_int(p->payload, "number");
	for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
		struct query q =
		        query_new(p->l, PART_SETTLE, (size_t)statements[i]);
		query_int(&q, 1, number);
		if (statements[i] == DEPLOYMENT_WITHDRAW
		            ? !projection_touch(p, &q)
		            : !query_run(&q, p->why))
			return false;
	}
	struct query q = query_new(p->l, PART_SETTLE, NUMBER_GIVE);
	query_int(&q, 1, number);
	return query_run(&q, p->why);
}

bool project_deployment_started(struct projection *p)
{
	struct str id = canon_text(p->payload, "executionId");
	struct query q = query_new(p->l, PART_SETTLE, DEPLOYMENT_START);
	query_int(&q, 1, canon_int(p->payload, "number"));
	query_int(&q, 2, p->e->time);
	query_int(&q, 3, payload_time(p->payload, "startedAt", p->e->time));
	query_text(&q, 4, id);
	query_text(&q, 5, canon_text(p->payload, "executionUrl"));
	return projection_touch(p, &q) && add_timeline(p, "started", id);
}

bool project_deployment_progress(struct projection *p)
{
	struct query q = query_new(p->l, PART_SETTLE, DEPLOYMENT_PROGRESS);
	query_int(&q, 1, canon_int(p->payload, "number"));
	return projection_touch(p, &q) &&
	       add_timeline(p, "progress", canon_text(p->payload, "detail"));
}

bool project_deployment_lost_contact(struct projection *p)
{
	struct query q = query_new(p->l, PART_SETTLE, DEPLOYMENT_LOSE);
	query_int(&q, 1, canon_int(p->payload, "number"));
	return projection_touch(p, &q) &&
	       add_timeline(p, "lost_contact",
	                    canon_text(p->payload, "detail"));
}

static bool add_failures(struct projection *p)
{
	static const struct payload_member members[] = {
	        {3, NULL, "category", MEMBER_TEXT},
	        {4, NULL, "summary", MEMBER_TEXT},
	        {5, NULL, "detail", MEMBER_TEXT},
	        {6, NULL, "hint", MEMBER_TEXT},
	        {7, NULL, "observedAt", MEMBER_TIME},
	};
	const struct canon *failures = canon_member(p->payload, "failures");
	for (size_t i = 0; i < canon_size(failures); i++) {
		struct query q = query_new(p->l, PART_SETTLE, FAILURE_ADD);
		query_int(&q, 1, canon_int(p->payload, "number"));
		query_int(&q, 2, (int64_t)i);
		PAYLOAD_BIND(&q, canon_item(failures, i), members);
		if (!query_run(&q, p->why))
			return false;
	}
	return true;
}

/* --- what became of it --- */

/* was: only where its outcome is that; empty: whatever it is. */
static bool set_outcome(struct projection *p, int64_t number,
                        const char *outcome, const char *was)
{
	struct query q = query_new(p->l, PART_SETTLE, DEPLOYMENT_OUTCOME);
	query_int(&q, 1, number);
	query_text(&q, 2, str_of(outcome));
	query_text(&q, 3, str_of(was));
	return query_run(&q, p->why);
}

/*
 * A success runs now if none finished later (then: has a higher number), and
 * supersedes the one that ran; else it is superseded itself.
 */
static bool settle_running(struct projection *p, int64_t number,
                           int64_t finished_at, struct str service,
                           struct str environment)
{
	bool row;
	struct query q = query_new(p->l, PART_SETTLE, RUNNING_GET);
	query_text(&q, 1, service);
	query_text(&q, 2, environment);
	if (!query_row(&q, &row, p->why))
		return false;
	int64_t other = row ? query_get_int(&q, 0) : 0;
	int64_t other_finished = row ? query_get_int(&q, 1) : 0;
	query_end(&q);
	if (other_finished > finished_at ||
	    (other_finished == finished_at && other > number)) {
		q = query_new(p->l, PART_SETTLE, DEPLOYMENT_FOLLOW);
		query_int(&q, 1, number);
		return query_run(&q, p->why) &&
		       set_outcome(p, number, "SUPERSEDED", "SUCCEEDED");
	}
	if (other && !set_outcome(p, other, "SUPERSEDED", "SUCCEEDED"))
		return false;
	q = query_new(p->l, PART_SETTLE, RUNNING_PUT);
	query_text(&q, 1, service);
	query_text(&q, 2, environment);
	query_int(&q, 3, number);
	return query_run(&q, p->why);
}

/* When the first successful rollback that names this one ended; 0. */
static bool undone_at(struct projection *p, int64_t number, int64_t *at)
{
	struct query q = query_new(p->l, PART_SETTLE, UNDONE_AT);
	query_int(&q, 1, number);
	return query_scalar(&q, at, p->why);
}

static bool set_undone(struct projection *p, int64_t number, int64_t at)
{
	struct query q = query_new(p->l, PART_SETTLE, DEPLOYMENT_UNDONE);
	query_int(&q, 1, number);
	query_int(&q, 2, at);
	return query_run(&q, p->why) &&
	       set_outcome(p, number, "ROLLED_BACK", "");
}

/* After the row has its end: its own outcome, and what its success changes. */
static bool settle(struct projection *p)
{
	int64_t number = canon_int(p->payload, "number"), undone = 0;
	bool row;
	struct query q = query_new(p->l, PART_SETTLE, DEPLOYMENT_SETTLED);
	query_int(&q, 1, number);
	if (!query_row(&q, &row, p->why))
		return false;
	if (!row)
		return projection_contradicts(p, "there is no such deployment");
	struct arena *a = p->l->scratch;
	struct str service = str_copy(a, query_get_text(&q, 0));
	struct str environment = str_copy(a, query_get_text(&q, 1));
	bool succeeded = str_is(query_get_text(&q, 2), "SUCCEEDED");
	bool rollback = str_is(query_get_text(&q, 3), "ROLLBACK");
	int64_t of = query_get_int(&q, 4), finished_at = query_get_int(&q, 5);
	query_end(&q);
	if (succeeded &&
	    !settle_running(p, number, finished_at, service, environment))
		return false;
	if (succeeded && rollback && of && !set_undone(p, of, finished_at))
		return false;
	if (!undone_at(p, number, &undone))
		return false;
	return !undone || set_undone(p, number, undone);
}

static bool is_terminal_name(struct str name)
{
	int i = ledger_name_find(deployment_state_names, name);
	return i >= 0 && deployment_is_terminal((enum deployment_state)i);
}

bool project_deployment_ended(struct projection *p)
{
	struct str state = canon_text(p->payload, "state");
	const struct canon *failures = canon_member(p->payload, "failures");
	if (!is_terminal_name(state))
		return projection_contradicts(p,
		                              "its state is not one of an end");
	struct query q = query_new(p->l, PART_SETTLE, DEPLOYMENT_END);
	query_int(&q, 1, canon_int(p->payload, "number"));
	query_text(&q, 2, state);
	query_int(&q, 3, payload_time(p->payload, "finishedAt", p->e->time));
	query_text(&q, 4, first_category(p));
	const char *event =
	        str_cstr(p->l->scratch, str_lower(p->l->scratch, state));
	struct str detail = canon_text(p->payload, "detail");
	if (!detail.n)
		detail = canon_text(canon_item(failures, 0), "summary");
	return projection_touch(p, &q) && add_failures(p) &&
	       add_timeline(p, event, detail) && settle(p);
}

/* What ran before it, where its line does not say. */
static bool find_previous(struct projection *p)
{
	if (canon_text(p->payload, "previousVersion").n)
		return true;
	struct query q = query_new(p->l, PART_SETTLE, DEPLOYMENT_AFTER);
	query_int(&q, 1, canon_int(p->payload, "number"));
	return query_run(&q, p->why);
}

bool project_deployment_imported(struct projection *p)
{
	struct str state, from = canon_text(p->payload, "source");
	if (!payload_name(p, "state", deployment_state_names, &state))
		return false;
	if (!is_terminal_name(state))
		return projection_contradicts(p,
		                              "its state is not one of an end");
	int64_t created = payload_time(p->payload, "createdAt", p->e->time);
	struct instants at = {
	        .created = created,
	        .dispatched = payload_time(p->payload, "dispatchedAt", created),
	        .started = payload_time(p->payload, "startedAt", 0),
	        .finished = payload_time(p->payload, "finishedAt", created)};
	if (from.n)
		from = str_format(p->l->scratch, "from %" STR_FMT,
		                  STR_ARG(from));
	return add_deployment(p, state, at, true) && find_previous(p) &&
	       add_failures(p) && add_timeline(p, "imported", from) &&
	       settle(p);
}

/* Something else that happened to a deployment. */
bool project_deployment_other(struct projection *p)
{
	struct deployment *d = NULL;
	struct str event = str_from(p->e->type, sizeof "deployment." - 1);
	if (!ledger_deployment(p->l, p->l->scratch,
	                       canon_int(p->payload, "number"), &d, p->why))
		return false;
	int64_t at = payload_time(p->payload, "at", p->e->time);
	return !d || add_timeline_at(p, at, str_cstr(p->l->scratch, event),
	                             canon_text(p->payload, "detail"));
}
