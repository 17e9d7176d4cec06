#include "core/ledger_project.h"

enum {
	ALLOWED_BY,
	BUILD_OF,
	RAN_BEFORE,
	DEPLOYMENT_FOLLOW,
	DEPLOYMENT_WITHDRAW,
	TIMELINE_DROP,
	NUMBER_GIVE,
	SQL_COUNT
};
static const char *const sql[SQL_COUNT] = {
        [ALLOWED_BY] = "SELECT seq FROM decision WHERE path = ?1 AND blob = ?2"
                       " AND outcome = 'allow' ORDER BY seq DESC LIMIT 1",
        [BUILD_OF] = "SELECT seq, built_at FROM build"
                     " WHERE service = ?1 AND version = ?2",
        [RAN_BEFORE] = "SELECT version FROM deployment"
                       " WHERE service = ?1 AND environment = ?2"
                       " AND state = 'SUCCEEDED'"
                       " AND (finished_at, number) < (?3, ?4)"
                       " ORDER BY finished_at DESC, number DESC LIMIT 1",
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
        [DEPLOYMENT_WITHDRAW] = "DELETE FROM deployment WHERE number = ?1"
                                " AND state IN ('PENDING', 'DISPATCHING')",
        [TIMELINE_DROP] = "DELETE FROM timeline WHERE number = ?1",
        [NUMBER_GIVE] = "INSERT INTO free_number VALUES (?1)",
};
const struct ledger_sql ledger_settle_sql = {"projection: ", sql, SQL_COUNT};

/* --- facts --- */

static void add_timeline_at(struct projection *p, int64_t at, struct str event,
                            struct str detail)
{
	struct row_entry e = {.number = canon_int(p->payload, "number"),
	                      .seq = p->e->seq,
	                      .at = at,
	                      .event = event,
	                      .detail = detail};
	row_timeline(p->l, &e);
}

static void add_timeline(struct projection *p, const char *event,
                         struct str detail)
{
	add_timeline_at(p, p->e->time, str_of(event), detail);
}

/* The row that the event is about; fails where there is none. */
static bool get_row(struct projection *p, struct row **row)
{
	return row_get(p->l, canon_int(p->payload, "number"), row, p->why) &&
	       (*row ||
	        projection_contradicts(p, "there is no such deployment"));
}

/* Likewise, of one that has not ended. */
static bool get_open(struct projection *p, struct row **row)
{
	if (!get_row(p, row))
		return false;
	return !(*row)->v[ROW_FINISHED_AT].n ||
	       projection_contradicts(p, "the deployment has ended");
}

/* The lowest number that is free: they have no gaps. */
static bool take_number(struct projection *p, int64_t number)
{
	int64_t next = 0;
	if (!row_next_number(p->l, &next, p->why))
		return false;
	if (number != next) {
		struct str text =
		        str_format(p->l->scratch, "the next number is %lld",
		                   (long long)next);
		return projection_contradicts(p, str_cstr(p->l->scratch, text));
	}
	return row_take_number(p->l, number, p->why);
}

static bool allowed_by(struct projection *p, int64_t *seq)
{
	struct query q = query_new(p->l, PART_SETTLE, ALLOWED_BY);
	query_text(&q, 1, payload_text(p->payload, "intent", "path"));
	query_text(&q, 2, payload_text(p->payload, "intent", "blob"));
	return query_scalar(&q, seq, p->why);
}

static bool build_of(struct projection *p, int64_t *seq, int64_t *built_at)
{
	struct query q = query_new(p->l, PART_SETTLE, BUILD_OF);
	query_text(&q, 1, canon_text(p->payload, "service"));
	query_text(&q, 2, canon_text(p->payload, "version"));
	bool fine = true;
	while (query_next(&q, &fine, p->why)) {
		*seq = query_get_int(&q, 0);
		*built_at = query_get_int(&q, 1);
	}
	return fine;
}

/* What kind of failure the engine told of first. */
static struct str first_category(const struct projection *p)
{
	const struct canon *failures = canon_member(p->payload, "failures");
	return canon_text(canon_item(failures, 0), "category");
}

/* The columns that created and imported deployments have in common. */
static void fill(struct projection *p, struct row *row)
{
	static const struct payload_member members[] = {
	        {ROW_TOKEN, NULL, "token", MEMBER_TEXT},
	        {ROW_SERVICE, NULL, "service", MEMBER_TEXT},
	        {ROW_ENVIRONMENT, NULL, "environment", MEMBER_TEXT},
	        {ROW_VERSION, NULL, "version", MEMBER_TEXT},
	        {ROW_PREVIOUS_VERSION, NULL, "previousVersion", MEMBER_TEXT},
	        {ROW_GROUP, NULL, "group", MEMBER_TEXT},
	        {ROW_RECIPE, NULL, "recipe", MEMBER_TEXT},
	        {ROW_RECIPE_REVISION, NULL, "recipeRevision", MEMBER_INT},
	        {ROW_ROLLBACK_OF, NULL, "rollbackOf", MEMBER_INT},
	        {ROW_SOURCE_ENVIRONMENT, NULL, "sourceEnvironment",
	         MEMBER_TEXT},
	        {ROW_SUMMARY, NULL, "summary", MEMBER_TEXT},
	        {ROW_TICKET, NULL, "ticket", MEMBER_TEXT},
	        {ROW_ACTOR_EMAIL, "actor", "email", MEMBER_TEXT},
	        {ROW_ACTOR_ROLE, "actor", "role", MEMBER_TEXT},
	        {ROW_ACTOR_NAME, "actor", "name", MEMBER_TEXT},
	        {ROW_ENGINE, NULL, "engine", MEMBER_TEXT},
	        {ROW_EXECUTION_ID, NULL, "engineExecutionId", MEMBER_TEXT},
	        {ROW_EXECUTION_URL, NULL, "engineExecutionUrl", MEMBER_TEXT},
	        {ROW_INTENT_PATH, "intent", "path", MEMBER_TEXT},
	        {ROW_INTENT_BLOB, "intent", "blob", MEMBER_TEXT},
	        {ROW_INTENT_COMMIT, "intent", "commit", MEMBER_TEXT},
	        {ROW_TIMEOUT, NULL, "timeout", MEMBER_INT},
	        {ROW_DIGEST, NULL, "digest", MEMBER_TEXT},
	        {ROW_REASON, NULL, "reason", MEMBER_TEXT},
	        {ROW_AUTHORED_AT, NULL, "authoredAt", MEMBER_TIME},
	};
	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		const struct payload_member *m = &members[i];
		enum row_column column = (enum row_column)m->parameter;
		if (m->type == MEMBER_TEXT)
			row_set_text(
			        p->l, row, column,
			        payload_text(p->payload, m->object, m->key));
		else
			row_set_int(
			        row, column,
			        m->type == MEMBER_INT
			                ? canon_int(p->payload, m->key)
			                : payload_time(p->payload, m->key, 0));
	}
}

struct instants {
	int64_t created, dispatched, started, finished;
};

static bool add_deployment(struct projection *p, struct str state,
                           struct instants at, bool imported)
{
	int64_t number = canon_int(p->payload, "number");
	int64_t decision = 0, build = 0, built_at = 0;
	struct str kind;
	if (!canon_text(p->payload, "service").n ||
	    !canon_text(p->payload, "environment").n ||
	    !canon_text(p->payload, "version").n)
		return projection_contradicts(
		        p, "it names no service, environment and "
		           "version");
	if (!take_number(p, number) ||
	    (!imported && !allowed_by(p, &decision)) ||
	    !build_of(p, &build, &built_at) ||
	    !payload_name(p, "kind", deployment_kind_names, &kind))
		return false;
	struct row *row = row_add(p->l, number);
	fill(p, row);
	row_set_text(p->l, row, ROW_KIND, kind);
	row_set_text(p->l, row, ROW_STATE, state);
	row_set_text(p->l, row, ROW_OUTCOME, at.finished ? state : STR(""));
	row_set_text(p->l, row, ROW_CATEGORY, first_category(p));
	row_set_int(row, ROW_CREATED_AT, at.created);
	row_set_int(row, ROW_DISPATCHED_AT, at.dispatched);
	row_set_int(row, ROW_STARTED_AT, at.started);
	row_set_int(row, ROW_FINISHED_AT, at.finished);
	row_set_int(row, ROW_IMPORTED, imported);
	row_set_int(row, ROW_DECISION, decision);
	row_set_int(row, ROW_BUILT_AT, built_at);
	row_set_int(row, ROW_BUILD, build);
	return true;
}

bool project_deployment_created(struct projection *p)
{
	struct instants at = {.created = p->e->time};
	if (!add_deployment(p, STR("PENDING"), at, false))
		return false;
	add_timeline(p, "created", canon_text(p->payload, "summary"));
	return true;
}

static bool may_dispatch(const struct row *row)
{
	struct str state = row->v[ROW_STATE].text;
	return str_is(state, "PENDING") || str_is(state, "DISPATCHING") ||
	       (str_is(state, "LOST_CONTACT") &&
	        !row->v[ROW_EXECUTION_ID].text.n);
}

static void set_dispatched(struct projection *p, struct row *row)
{
	if (!row->v[ROW_DISPATCHED_AT].n)
		row_set_int(row, ROW_DISPATCHED_AT, p->e->time);
}

bool project_deployment_dispatching(struct projection *p)
{
	int64_t attempt = canon_int(p->payload, "attempt");
	struct str detail = STR("");
	struct row *row;
	if (attempt > 1)
		detail = str_format(p->l->scratch, "attempt %lld",
		                    (long long)attempt);
	if (!get_row(p, &row))
		return false;
	if (!may_dispatch(row))
		return projection_contradicts(
		        p, "the deployment is in no state that allows it");
	row_set_text(p->l, row, ROW_STATE, STR("DISPATCHING"));
	set_dispatched(p, row);
	add_timeline(p, "dispatching", detail);
	return true;
}

bool project_deployment_withdrawn(struct projection *p)
{
	static const size_t statements[] = {TIMELINE_DROP, DEPLOYMENT_WITHDRAW,
	                                    NUMBER_GIVE};
	if (!row_flush(p->l, p->why))
		return false;
	for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
		struct query q = query_new(p->l, PART_SETTLE, statements[i]);
		query_int(&q, 1, canon_int(p->payload, "number"));
		if (statements[i] == DEPLOYMENT_WITHDRAW
		            ? !projection_touch(p, &q)
		            : !query_run(&q, p->why))
			return false;
	}
	row_number_given(p->l);
	return true;
}

bool project_deployment_started(struct projection *p)
{
	struct str id = canon_text(p->payload, "executionId");
	struct row *row;
	if (!get_open(p, &row))
		return false;
	row_set_text(p->l, row, ROW_STATE, STR("IN_PROGRESS"));
	set_dispatched(p, row);
	if (!row->v[ROW_STARTED_AT].n)
		row_set_int(row, ROW_STARTED_AT,
		            payload_time(p->payload, "startedAt", p->e->time));
	row_set_text(p->l, row, ROW_EXECUTION_ID, id);
	row_set_text(p->l, row, ROW_EXECUTION_URL,
	             canon_text(p->payload, "executionUrl"));
	add_timeline(p, "started", id);
	return true;
}

bool project_deployment_progress(struct projection *p)
{
	struct row *row;
	if (!get_open(p, &row))
		return false;
	if (str_is(row->v[ROW_STATE].text, "LOST_CONTACT"))
		row_set_text(p->l, row, ROW_STATE, STR("IN_PROGRESS"));
	add_timeline(p, "progress", canon_text(p->payload, "detail"));
	return true;
}

bool project_deployment_lost_contact(struct projection *p)
{
	struct row *row;
	if (!get_open(p, &row))
		return false;
	row_set_text(p->l, row, ROW_STATE, STR("LOST_CONTACT"));
	add_timeline(p, "lost_contact", canon_text(p->payload, "detail"));
	return true;
}

static void add_failures(struct projection *p)
{
	const struct canon *failures = canon_member(p->payload, "failures");
	for (size_t i = 0; i < canon_size(failures); i++) {
		const struct canon *of = canon_item(failures, i);
		struct row_failure f = {
		        .number = canon_int(p->payload, "number"),
		        .ordinal = (int64_t)i,
		        .category = canon_text(of, "category"),
		        .summary = canon_text(of, "summary"),
		        .detail = canon_text(of, "detail"),
		        .hint = canon_text(of, "hint"),
		        .observed_at = payload_time(of, "observedAt", 0)};
		row_failure(p->l, &f);
	}
}

/* --- what became of it --- */

/* What runs in its place finished later (then: has a higher number), so that
   its end is told late. */
static bool is_late(const struct row_running *ran, int64_t finished_at,
                    int64_t number)
{
	return ran->finished_at > finished_at ||
	       (ran->finished_at == finished_at && ran->number > number);
}

/* What ran before is known for sure when it ends: others to the same place may
   have ended since it was recorded, and later than it. */
static bool set_previous(struct projection *p, struct row **row,
                         const struct row_running *ran, int64_t finished_at)
{
	int64_t number = (*row)->v[ROW_NUMBER].n;
	if (!is_late(ran, finished_at, number)) {
		row_set_text(p->l, *row, ROW_PREVIOUS_VERSION, ran->version);
		return true;
	}
	if (!row_flush(p->l, p->why) || !get_row(p, row))
		return false;
	struct query q = query_new(p->l, PART_SETTLE, RAN_BEFORE);
	bool there;
	query_text(&q, 1, (*row)->v[ROW_SERVICE].text);
	query_text(&q, 2, (*row)->v[ROW_ENVIRONMENT].text);
	query_int(&q, 3, finished_at);
	query_int(&q, 4, number);
	if (!query_row(&q, &there, p->why))
		return false;
	row_set_text(p->l, *row, ROW_PREVIOUS_VERSION,
	             there ? query_get_text(&q, 0) : STR(""));
	query_end(&q);
	return true;
}

/* A success runs now, and supersedes the one that ran; one that is told late
   is superseded itself. */
static bool settle_running(struct projection *p, const struct row *row,
                           const struct row_running *ran)
{
	int64_t number = row->v[ROW_NUMBER].n, superseded = ran->number;
	if (is_late(ran, row->v[ROW_FINISHED_AT].n, number)) {
		struct query q =
		        query_new(p->l, PART_SETTLE, DEPLOYMENT_FOLLOW);
		query_int(&q, 1, number);
		superseded = number;
		if (!row_flush(p->l, p->why) || !query_run(&q, p->why))
			return false;
	} else if (!row_set_running(p->l, row, p->why)) {
		return false;
	}
	return !superseded ||
	       row_set_outcome(p->l, superseded, STR("SUPERSEDED"),
	                       STR("SUCCEEDED"), p->why);
}

/* After the row has its end: its own outcome, and what its success changes. The
   row may be written meanwhile. */
static bool settle(struct projection *p, const struct row *row,
                   const struct row_running *ran)
{
	int64_t number = row->v[ROW_NUMBER].n, undone = 0;
	int64_t finished_at = row->v[ROW_FINISHED_AT].n;
	int64_t of = row->v[ROW_ROLLBACK_OF].n;
	bool succeeded = str_is(row->v[ROW_STATE].text, "SUCCEEDED");
	bool rollback = str_is(row->v[ROW_KIND].text, "ROLLBACK");
	if (succeeded && !settle_running(p, row, ran))
		return false;
	if (succeeded && rollback && of > 0 &&
	    !row_set_undone(p->l, of, finished_at, p->why))
		return false;
	if (!row_undone_at(p->l, number, &undone, p->why))
		return false;
	return !undone || row_set_undone(p->l, number, undone, p->why);
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
	struct row_running ran;
	struct row *row;
	if (!is_terminal_name(state))
		return projection_contradicts(p,
		                              "its state is not one of an end");
	int64_t finished_at =
	        payload_time(p->payload, "finishedAt", p->e->time);
	if (!get_open(p, &row) || !row_running(p->l, row, &ran, p->why) ||
	    !set_previous(p, &row, &ran, finished_at))
		return false;
	row_set_text(p->l, row, ROW_STATE, state);
	row_set_text(p->l, row, ROW_OUTCOME, state);
	row_set_int(row, ROW_FINISHED_AT, finished_at);
	row_set_text(p->l, row, ROW_CATEGORY, first_category(p));
	struct str detail = canon_text(p->payload, "detail");
	if (!detail.n)
		detail = canon_text(canon_item(failures, 0), "summary");
	add_failures(p);
	add_timeline_at(p, p->e->time, str_lower(p->l->scratch, state), detail);
	return settle(p, row, &ran);
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
	struct row_running ran;
	struct row *row;
	if (!add_deployment(p, state, at, true) || !get_row(p, &row) ||
	    !row_running(p->l, row, &ran, p->why))
		return false;
	/* Its line need not say. */
	if (!row->v[ROW_PREVIOUS_VERSION].text.n &&
	    !set_previous(p, &row, &ran, at.finished))
		return false;
	add_failures(p);
	add_timeline(p, "imported", from);
	return settle(p, row, &ran);
}

/* Something else that happened to a deployment. */
bool project_deployment_other(struct projection *p)
{
	struct str event = str_from(p->e->type, sizeof "deployment." - 1);
	struct row *row;
	if (!row_get(p->l, canon_int(p->payload, "number"), &row, p->why))
		return false;
	if (row)
		add_timeline_at(p, payload_time(p->payload, "at", p->e->time),
		                event, canon_text(p->payload, "detail"));
	return true;
}
