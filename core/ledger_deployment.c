#include "core/ledger_private.h"
#include "core/vec.h"

#include <assert.h>
#include <stddef.h>

#define DEPLOYMENT_COLUMNS                                                       \
	"d.number, d.kind, d.state, d.outcome, d.token, d.service,"              \
	" d.environment, d.version, d.previous_version, d.group_id, d.recipe,"   \
	" d.recipe_revision, d.rollback_of, d.source_environment, d.summary,"    \
	" d.ticket, d.actor_email, d.actor_role, d.actor_name, d.authored_at,"   \
	" d.created_at, d.dispatched_at, d.started_at, d.finished_at, d.engine," \
	" d.execution_id, d.execution_url, d.intent_path, d.intent_blob,"        \
	" d.intent_commit, d.timeout_s, d.imported"

/* The columns from the fifth on, which are copied as they are. */
enum { COLUMN_KIND = 1, COLUMN_STATE, COLUMN_OUTCOME, COLUMN_PLAIN };
#define TEXT(member)                                      \
	{                                                 \
		offsetof(struct deployment, member), true \
	}
#define INT(member)                                        \
	{                                                  \
		offsetof(struct deployment, member), false \
	}
static const struct {
	size_t offset;
	bool is_text;
} plain_columns[] = {
        TEXT(token),
        TEXT(service),
        TEXT(environment),
        TEXT(version),
        TEXT(previous_version),
        TEXT(group),
        TEXT(recipe),
        INT(recipe_revision),
        INT(rollback_of),
        TEXT(source_environment),
        TEXT(summary),
        TEXT(ticket),
        TEXT(actor_email),
        TEXT(actor_role),
        TEXT(actor_name),
        INT(authored_at),
        INT(created_at),
        INT(dispatched_at),
        INT(started_at),
        INT(finished_at),
        TEXT(engine),
        TEXT(execution_id),
        TEXT(execution_url),
        TEXT(intent_path),
        TEXT(intent_blob),
        TEXT(intent_commit),
        INT(timeout_s),
};
enum { PLAIN_COUNT = sizeof plain_columns / sizeof plain_columns[0] };

/*
 * A list is driven by the best index for its filter; what else the filter
 * wants is looked at row by row. The subqueries read the index on time alone.
 */
#define LIST(drive, bounds, order)                                         \
	"SELECT " DEPLOYMENT_COLUMNS " FROM deployment AS d " drive        \
	" AND (?1 = '' OR d.service = ?1)"                                 \
	" AND (?2 = '' OR d.environment = ?2)"                             \
	" AND (?3 = '' OR d.group_id = ?3) AND (?4 = '' OR d.recipe = ?4)" \
	" AND (?5 = '' OR d.state = ?5) AND (?6 = 0 OR d.finished_at = 0)" \
	" AND (?7 = 0 OR d.created_at >= ?7)"                              \
	" AND (?8 = 0 OR d.created_at < ?8)" bounds                        \
	" AND (?11 = 0 OR d.created_at <= ?11)"                            \
	" ORDER BY d.number " order " LIMIT ?12"
/* Where the numbers are not what drives, '+' keeps them from it. */
#define BOUNDS " AND d.number > ?9 AND d.number < ?10"
#define BOUNDS_LAST " AND +d.number > ?9 AND +d.number < ?10"
#define LISTS(name, drive, bounds)            \
	[name] = LIST(drive, bounds, "DESC"), \
	[(name) + 1] = LIST(drive, bounds, "ASC")

enum {
	ALL,
	ALL_OLDEST,
	OF_PLACE,
	OF_PLACE_OLDEST,
	OF_SERVICE,
	OF_SERVICE_OLDEST,
	OPEN,
	OPEN_OLDEST,
	OF_TIME,
	OF_TIME_OLDEST,
	ONE,
	BY_TOKEN_OPEN,
	BY_TOKEN,
	RUNNING,
	RUNNING_AT,
	SUCCESS,
	SUCCESS_BEFORE,
	UNDONE,
	PLACES,
	FAILURES,
	TIMELINE,
	STATE_AT,
	SUPERSEDED_AT,
	UNDONE_AT,
	NEXT_NUMBER,
	SLOTS,
	DEPLOYS_BETWEEN,
	ROLLBACKS_BETWEEN,
	SQL_COUNT
};
/* The index is asked for by its own condition, which SQLite would take for the
   lower end, and go through all there ever was, if it stood first. */
#define DISPATCHES_BETWEEN                                    \
	"SELECT count(*) FROM deployment WHERE group_id = ?1" \
	" AND environment = ?2"                               \
	" AND dispatched_at >= ?3 AND dispatched_at < ?4"     \
	" AND dispatched_at > 0 AND imported = 0 AND "
static const char *const sql[SQL_COUNT] = {
        LISTS(ALL, "WHERE 1", BOUNDS),
        LISTS(OF_PLACE, "WHERE d.service = ?1 AND d.environment = ?2", BOUNDS),
        LISTS(OF_SERVICE, "WHERE d.service = ?1", BOUNDS_LAST),
        /* Left alone, SQLite goes through all numbers to save the sort. */
        LISTS(OPEN, "INDEXED BY deployment_open WHERE d.finished_at = 0",
              BOUNDS_LAST),
        LISTS(OF_TIME,
              "WHERE d.number >= (SELECT min(number) FROM deployment"
              " INDEXED BY deployment_by_time"
              "  WHERE created_at >= ?7"
              "  AND created_at < iif(?8, ?8, 9223372036854775807))"
              " AND d.number <= (SELECT max(number) FROM deployment"
              " INDEXED BY deployment_by_time"
              "  WHERE created_at >= ?7"
              "  AND created_at < iif(?8, ?8, 9223372036854775807))",
              BOUNDS_LAST),
        [ONE] = "SELECT " DEPLOYMENT_COLUMNS
                " FROM deployment AS d WHERE d.number = ?1",
        [BY_TOKEN_OPEN] = "SELECT number FROM deployment"
                          " WHERE token = ?1 AND finished_at = 0 LIMIT 1",
        [BY_TOKEN] = "SELECT number FROM deployment WHERE token = ?1 LIMIT 1",
        [RUNNING] = "SELECT number FROM running"
                    " WHERE service = ?1 AND environment = ?2",
        [RUNNING_AT] = "SELECT number FROM deployment WHERE service = ?1"
                       " AND environment = ?2 AND state = 'SUCCEEDED'"
                       " AND finished_at <= ?3"
                       " ORDER BY finished_at DESC, number DESC LIMIT 1",
        [SUCCESS] = "SELECT number FROM deployment WHERE service = ?1"
                    " AND environment = ?2 AND state = 'SUCCEEDED'"
                    " AND version = ?3"
                    " ORDER BY finished_at DESC, number DESC LIMIT 1",
        [SUCCESS_BEFORE] = "SELECT number FROM deployment WHERE service = ?1"
                           " AND environment = ?2 AND state = 'SUCCEEDED'"
                           " AND (finished_at, number) < (?3, ?4)"
                           " ORDER BY finished_at DESC, number DESC LIMIT 1",
        [UNDONE] = "SELECT number FROM deployment AS d WHERE d.service = ?1"
                   " AND d.environment = ?2 AND d.version = ?3"
                   " AND d.outcome = 'ROLLED_BACK' AND NOT EXISTS"
                   " (SELECT 1 FROM deployment AS s WHERE s.service = ?1"
                   "   AND s.environment = ?2 AND s.version = ?3"
                   "   AND s.state = 'SUCCEEDED' AND s.outcome <> 'ROLLED_BACK'"
                   "   AND (s.finished_at, s.number) >"
                   "     (d.finished_at, d.number))"
                   " ORDER BY d.finished_at DESC, d.number DESC LIMIT 1",
        [PLACES] = "SELECT service, environment FROM running"
                   " WHERE (?1 = '' OR service = ?1)"
                   " ORDER BY service, environment",
        [FAILURES] = "SELECT category, summary, detail, hint, observed_at"
                     " FROM failure WHERE number = ?1 ORDER BY ordinal",
        [TIMELINE] = "SELECT at, event, detail FROM timeline"
                     " WHERE number = ?1 AND at <= ?2 ORDER BY seq",
        [STATE_AT] = "SELECT event FROM timeline WHERE number = ?1"
                     " AND at <= ?2 AND event IN ('created', 'dispatching',"
                     " 'started', 'progress', 'lost_contact')"
                     " ORDER BY seq DESC LIMIT 1",
        [SUPERSEDED_AT] = "SELECT 1 FROM deployment WHERE service = ?1"
                          " AND environment = ?2 AND state = 'SUCCEEDED'"
                          " AND (finished_at, number) > (?3, ?4)"
                          " AND finished_at <= ?5 LIMIT 1",
        [UNDONE_AT] = "SELECT 1 FROM deployment WHERE rollback_of = ?1"
                      " AND rollback_of > 0 AND kind = 'ROLLBACK'"
                      " AND state = 'SUCCEEDED' AND finished_at <= ?2 LIMIT 1",
        [NEXT_NUMBER] = "SELECT coalesce((SELECT min(number) FROM free_number),"
                        " (SELECT max(number) FROM deployment) + 1, 1)",
        [SLOTS] = "SELECT count(*) FROM deployment WHERE group_id = ?1"
                  " AND environment = ?2 AND finished_at = 0"
                  " AND dispatched_at > 0"
                  " AND (timeout_s = 0 OR dispatched_at + timeout_s > ?3)",
        [DEPLOYS_BETWEEN] = DISPATCHES_BETWEEN "kind <> 'ROLLBACK'",
        [ROLLBACKS_BETWEEN] = DISPATCHES_BETWEEN "kind = 'ROLLBACK'",
};
const struct ledger_sql ledger_deployment_sql = {"deployments: ", sql,
                                                 SQL_COUNT};

/* --- reading rows --- */

/* A text of the row: borrowed from the statement, or a copy in a. */
static struct str get_text(const struct query *q, int column, struct arena *a)
{
	struct str s = query_get_text(q, column);
	return a ? str_copy(a, s) : s;
}

/* The index of a name that a projection wrote; 0 for one that was edited in. */
static int get_name(const struct query *q, int column, const char *const *names)
{
	int i = ledger_name_find(names, query_get_text(q, column));
	return i < 0 ? 0 : i;
}

static void read_deployment(const struct query *q, struct arena *a,
                            struct deployment *d)
{
	*d = (struct deployment){.number = query_get_int(q, 0)};
	d->kind = (enum deployment_kind)get_name(q, COLUMN_KIND,
	                                         deployment_kind_names);
	d->state = (enum deployment_state)get_name(q, COLUMN_STATE,
	                                           deployment_state_names);
	d->outcome = (enum deployment_outcome)get_name(
	        q, COLUMN_OUTCOME, deployment_outcome_names);
	for (int i = 0; i < PLAIN_COUNT; i++) {
		void *to = (char *)d + plain_columns[i].offset;
		if (plain_columns[i].is_text)
			*(struct str *)to = get_text(q, COLUMN_PLAIN + i, a);
		else
			*(int64_t *)to = query_get_int(q, COLUMN_PLAIN + i);
	}
	d->imported = query_get_int(q, COLUMN_PLAIN + PLAIN_COUNT) != 0;
}

static bool read_failures(struct ledger *l, struct arena *a,
                          struct deployment *d, struct fail *why)
{
	VEC(struct failure) found = {0};
	struct query q = query_new(l, PART_DEPLOYMENT, FAILURES);
	query_int(&q, 1, d->number);
	bool fine = true;
	while (query_next(&q, &fine, why)) {
		struct failure *f = vec_add(a, &found);
		int category = ledger_name_find(failure_category_names,
		                                query_get_text(&q, 0));
		f->category = category < 0 ? FAILURE_UNKNOWN
		                           : (enum failure_category)category;
		f->summary = get_text(&q, 1, a);
		f->detail = get_text(&q, 2, a);
		f->hint = get_text(&q, 3, a);
		f->observed_at = query_get_int(&q, 4);
	}
	if (fine) {
		d->failures = found.at;
		d->nfailures = found.n;
	}
	return fine;
}

static bool read_timeline(struct ledger *l, struct arena *a, int64_t at,
                          struct deployment *d, struct fail *why)
{
	VEC(struct timeline_entry) found = {0};
	struct query q = query_new(l, PART_DEPLOYMENT, TIMELINE);
	query_int(&q, 1, d->number);
	query_int(&q, 2, at ? at : INT64_MAX);
	bool fine = true;
	while (query_next(&q, &fine, why)) {
		struct timeline_entry *t = vec_add(a, &found);
		t->at = query_get_int(&q, 0);
		t->event = get_text(&q, 1, a);
		t->detail = get_text(&q, 2, a);
	}
	if (fine) {
		d->timeline = found.at;
		d->ntimeline = found.n;
	}
	return fine;
}

/* --- as known then --- */

/* The state of one that had not ended, from what was recorded of it. */
static bool state_at(struct ledger *l, int64_t at, struct deployment *d,
                     struct fail *why)
{
	static const struct {
		const char *event;
		enum deployment_state state;
	} states[] = {
	        {"dispatching", STATE_DISPATCHING},
	        {"started", STATE_IN_PROGRESS},
	        {"progress", STATE_IN_PROGRESS},
	        {"lost_contact", STATE_LOST_CONTACT},
	};
	struct query q = query_new(l, PART_DEPLOYMENT, STATE_AT);
	bool row;
	query_int(&q, 1, d->number);
	query_int(&q, 2, at);
	if (!query_row(&q, &row, why))
		return false;
	d->state = STATE_PENDING;
	for (size_t i = 0; row && i < sizeof states / sizeof states[0]; i++)
		if (str_is(query_get_text(&q, 0), states[i].event))
			d->state = states[i].state;
	query_end(&q);
	return true;
}

static bool outcome_at(struct ledger *l, int64_t at, struct deployment *d,
                       struct fail *why)
{
	int64_t undone = 0, superseded = 0;
	struct query q = query_new(l, PART_DEPLOYMENT, UNDONE_AT);
	query_int(&q, 1, d->number);
	query_int(&q, 2, at);
	if (!query_scalar(&q, &undone, why))
		return false;
	if (d->state == STATE_SUCCEEDED && !undone) {
		q = query_new(l, PART_DEPLOYMENT, SUPERSEDED_AT);
		query_text(&q, 1, d->service);
		query_text(&q, 2, d->environment);
		query_int(&q, 3, d->finished_at);
		query_int(&q, 4, d->number);
		query_int(&q, 5, at);
		if (!query_scalar(&q, &superseded, why))
			return false;
	}
	if (undone)
		d->outcome = RESULT_ROLLED_BACK;
	else if (superseded)
		d->outcome = RESULT_SUPERSEDED;
	else if (d->state == STATE_SUCCEEDED)
		d->outcome = RESULT_SUCCEEDED;
	return true;
}

/* Take back what came after `at`. */
static bool set_back(struct ledger *l, int64_t at, struct deployment *d,
                     struct fail *why)
{
	if (d->dispatched_at > at)
		d->dispatched_at = 0;
	if (!d->started_at || d->started_at > at) {
		d->started_at = 0;
		d->execution_id = d->execution_url = STR("");
	}
	if (d->finished_at && d->finished_at <= at)
		return outcome_at(l, at, d, why);
	d->finished_at = 0;
	d->outcome = RESULT_NONE;
	return state_at(l, at, d, why);
}

/* --- one --- */

static bool complete(struct ledger *l, struct arena *a, int64_t at,
                     bool failures, bool timeline, struct deployment *d,
                     struct fail *why)
{
	return (!at || set_back(l, at, d, why)) &&
	       (!failures || !d->finished_at || read_failures(l, a, d, why)) &&
	       (!timeline || read_timeline(l, a, at, d, why));
}

/* whole: with its failures and timeline. */
static bool one_at(struct ledger *l, struct arena *a, int64_t number,
                   int64_t at, bool whole, struct deployment **out,
                   struct fail *why)
{
	struct query q = query_new(l, PART_DEPLOYMENT, ONE);
	struct deployment *d = NULL;
	bool row;
	query_int(&q, 1, number);
	if (!query_row(&q, &row, why))
		return false;
	if (row) {
		d = ARENA_NEW(a, struct deployment);
		read_deployment(&q, a, d);
		query_end(&q);
		if (!complete(l, a, at, whole, whole, d, why))
			return false;
	}
	*out = d;
	return true;
}

bool ledger_deployment(struct ledger *l, struct arena *a, int64_t number,
                       struct deployment **out, struct fail *why)
{
	return one_at(l, a, number, 0, true, out, why);
}

bool ledger_deployment_by_token(struct ledger *l, struct arena *a,
                                struct str token, struct deployment **out,
                                struct fail *why)
{
	int64_t number = 0;
	for (size_t id = BY_TOKEN_OPEN; id <= BY_TOKEN && !number; id++) {
		struct query q = query_new(l, PART_DEPLOYMENT, id);
		query_text(&q, 1, token);
		if (!query_scalar(&q, &number, why))
			return false;
	}
	return one_at(l, a, number, 0, true, out, why);
}

bool ledger_running(struct ledger *l, struct arena *a, struct str service,
                    struct str environment, int64_t at, struct deployment **out,
                    struct fail *why)
{
	int64_t number = 0;
	struct query q =
	        query_new(l, PART_DEPLOYMENT, at ? RUNNING_AT : RUNNING);
	query_text(&q, 1, service);
	query_text(&q, 2, environment);
	if (at)
		query_int(&q, 3, at);
	return query_scalar(&q, &number, why) &&
	       one_at(l, a, number, at, false, out, why);
}

static bool of_version(struct ledger *l, struct arena *a, size_t id,
                       struct str service, struct str environment,
                       struct str version, struct deployment **out,
                       struct fail *why)
{
	int64_t number = 0;
	struct query q = query_new(l, PART_DEPLOYMENT, id);
	query_text(&q, 1, service);
	query_text(&q, 2, environment);
	query_text(&q, 3, version);
	return query_scalar(&q, &number, why) &&
	       one_at(l, a, number, 0, false, out, why);
}

bool ledger_success(struct ledger *l, struct arena *a, struct str service,
                    struct str environment, struct str version,
                    struct deployment **out, struct fail *why)
{
	return of_version(l, a, SUCCESS, service, environment, version, out,
	                  why);
}

bool ledger_undone(struct ledger *l, struct arena *a, struct str service,
                   struct str environment, struct str version,
                   struct deployment **out, struct fail *why)
{
	return of_version(l, a, UNDONE, service, environment, version, out,
	                  why);
}

bool ledger_success_before(struct ledger *l, struct arena *a,
                           const struct deployment *d, struct deployment **out,
                           struct fail *why)
{
	int64_t number = 0;
	struct query q = query_new(l, PART_DEPLOYMENT, SUCCESS_BEFORE);
	query_text(&q, 1, d->service);
	query_text(&q, 2, d->environment);
	query_int(&q, 3, d->finished_at ? d->finished_at : INT64_MAX);
	query_int(&q, 4, d->number);
	return query_scalar(&q, &number, why) &&
	       one_at(l, a, number, 0, false, out, why);
}

/* A place where something once ran is a row of `running` ever after: as of an
   earlier time the same places are looked at. */
static bool visit_place(struct ledger *l, struct arena *a,
                        const struct query *q, int64_t at, deployment_fn *visit,
                        void *context, struct fail *why)
{
	struct deployment *d;
	if (!ledger_running(l, a, query_get_text(q, 0), query_get_text(q, 1),
	                    at, &d, why))
		return false;
	return !d || visit(context, d, why);
}

bool ledger_running_all(struct ledger *l, struct str service, int64_t at,
                        deployment_fn *visit, void *context, struct fail *why)
{
	struct arena *a = arena_new();
	struct query q = query_new(l, PART_DEPLOYMENT, PLACES);
	bool fine = true;
	query_text(&q, 1, service);
	while (query_next(&q, &fine, why)) {
		arena_reset(a);
		fine = visit_place(l, a, &q, at, visit, context, why);
	}
	arena_free(a);
	return fine;
}

/* --- lists --- */

struct deployment_filter deployment_filter_any(void)
{
	return (struct deployment_filter){
	        .state = -1, .kind = -1, .outcome = -1};
}

static size_t list_for(const struct deployment_filter *f)
{
	size_t id = ALL;
	if (f->service.n && f->environment.n)
		id = OF_PLACE;
	else if (f->open_only && !f->at)
		id = OPEN;
	else if (f->service.n)
		id = OF_SERVICE;
	else if (f->from || f->to)
		id = OF_TIME;
	return id + (f->oldest_first ? 1 : 0);
}

/* The query alone knows which rows are wanted, and may stop at the limit. */
static bool is_plain(const struct deployment_filter *f)
{
	return f->limit && !f->at && f->kind < 0 && f->outcome < 0 &&
	       !f->actor.n;
}

static struct query list_query(struct ledger *l,
                               const struct deployment_filter *f)
{
	struct query q = query_new(l, PART_DEPLOYMENT, list_for(f));
	/* State and end are others as of then: looked at in `is_wanted`. */
	bool by_state = f->state >= 0 && !f->at;
	query_text(&q, 1, f->service);
	query_text(&q, 2, f->environment);
	query_text(&q, 3, f->group);
	query_text(&q, 4, f->recipe);
	query_text(&q, 5,
	           str_of(by_state ? deployment_state_names[f->state] : ""));
	query_int(&q, 6, f->open_only && !f->at);
	query_int(&q, 7, f->from);
	query_int(&q, 8, f->to);
	query_int(&q, 9, f->above);
	query_int(&q, 10, f->below ? f->below : INT64_MAX);
	query_int(&q, 11, f->at);
	query_int(&q, 12, is_plain(f) ? (int64_t)f->limit : -1);
	return q;
}

static bool is_wanted(const struct deployment_filter *f,
                      const struct deployment *d)
{
	return (f->state < 0 || (int)d->state == f->state) &&
	       (f->kind < 0 || (int)d->kind == f->kind) &&
	       (f->outcome < 0 || (int)d->outcome == f->outcome) &&
	       (!f->actor.n || str_eq_nocase(d->actor_email, f->actor)) &&
	       (!f->open_only || !deployment_is_terminal(d->state));
}

static bool list(struct ledger *l, struct arena *a, struct query *q,
                 const struct deployment_filter *f, deployment_fn *visit,
                 void *context, struct fail *why)
{
	size_t left = f->limit ? f->limit : SIZE_MAX;
	for (bool row = true; row && left;) {
		struct deployment d;
		if (!query_row(q, &row, why))
			return false;
		if (!row)
			break;
		arena_reset(a);
		read_deployment(q, NULL, &d);
		if (!complete(l, a, f->at, f->with_failures, f->with_timeline,
		              &d, why))
			return false;
		if (!is_wanted(f, &d))
			continue;
		if (!visit(context, &d, why))
			return false;
		left--;
	}
	return true;
}

bool ledger_deployments(struct ledger *l, const struct deployment_filter *f,
                        deployment_fn *visit, void *context, struct fail *why)
{
	assert(f->state < STATE_COUNT);
	struct arena *a = arena_new();
	struct query q = list_query(l, f);
	bool listed = list(l, a, &q, f, visit, context, why);
	query_end(&q);
	arena_free(a);
	return listed;
}

/* --- counts --- */

bool ledger_next_number(struct ledger *l, int64_t *out, struct fail *why)
{
	struct query q = query_new(l, PART_DEPLOYMENT, NEXT_NUMBER);
	return query_scalar(&q, out, why);
}

bool ledger_slots(struct ledger *l, struct str group, struct str environment,
                  int64_t now, int64_t *out, struct fail *why)
{
	struct query q = query_new(l, PART_DEPLOYMENT, SLOTS);
	query_text(&q, 1, group);
	query_text(&q, 2, environment);
	query_int(&q, 3, now);
	return query_scalar(&q, out, why);
}

bool ledger_quota(struct ledger *l, enum limit quota, struct str group,
                  struct str environment, int64_t from, int64_t to,
                  int64_t *out, struct fail *why)
{
	assert(quota != LIMIT_CONCURRENT_DEPLOYMENTS);
	if (quota == LIMIT_DAILY_BUILDS)
		return ledger_builds_between(l, group, from, to, out, why);
	struct query q =
	        query_new(l, PART_DEPLOYMENT,
	                  quota == LIMIT_DAILY_ROLLBACKS ? ROLLBACKS_BETWEEN
	                                                 : DEPLOYS_BETWEEN);
	query_text(&q, 1, group);
	query_text(&q, 2, environment);
	query_int(&q, 3, from);
	query_int(&q, 4, to);
	return query_scalar(&q, out, why);
}
