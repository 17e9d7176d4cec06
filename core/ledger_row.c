#include "core/ledger_row.h"

#include "core/map.h"
#include "core/vec.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	ADD,
	GET,
	COURSE,
	DISPATCHED,
	END,
	OUTCOME,
	UNDONE,
	OUTCOME_WAS,
	UNDONE_BEFORE,
	UNDONE_AT,
	ROLLBACKS,
	NUMBER_TAKE,
	TIMELINE_ADD,
	FAILURE_ADD,
	RUNNING_GET,
	RUNNING_PUT,
	SQL_COUNT
};
static const char *const sql[SQL_COUNT] = {
        [ADD] = "INSERT INTO deployment VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
                " ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,"
                " ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32,"
                " ?33, ?34, ?35, ?36, ?37, ?38, ?39)",
        /* All that is looked at, and all that COURSE and END set. */
        [GET] = "SELECT service, environment, version, kind, state, outcome,"
                " execution_id, execution_url, rollback_of, dispatched_at, started_at,"
                " finished_at, undone_at, previous_version, category"
                " FROM deployment WHERE number = ?1",
        /* A column that is set has its indexes written, though it stays what
           it was. */
        [COURSE] = "UPDATE deployment SET state = ?11, started_at = ?22,"
                   " execution_id = ?25, execution_url = ?26"
                   " WHERE number = ?1",
        [DISPATCHED] = "UPDATE deployment SET state = ?11, dispatched_at = ?21,"
                       " started_at = ?22, execution_id = ?25,"
                       " execution_url = ?26 WHERE number = ?1",
        [END] = "UPDATE deployment SET state = ?11, outcome = ?12,"
                " finished_at = ?23, previous_version = ?6, category = ?35"
                " WHERE number = ?1",
        [OUTCOME] = "UPDATE deployment SET outcome = ?12 WHERE number = ?1",
        [UNDONE] = "UPDATE deployment SET undone_at = ?38 WHERE number = ?1",
        [OUTCOME_WAS] = "UPDATE deployment SET outcome = ?2"
                        " WHERE number = ?1 AND finished_at > 0"
                        " AND (outcome = ?3 OR ?3 = '')",
        [UNDONE_BEFORE] = "UPDATE deployment SET undone_at = ?2"
                          " WHERE number = ?1 AND finished_at > 0"
                          " AND (undone_at = 0 OR undone_at > ?2)",
        [UNDONE_AT] = "SELECT min(finished_at) FROM deployment"
                      " WHERE rollback_of = ?1"
                      " AND rollback_of > 0 AND kind = 'ROLLBACK'"
                      " AND state = 'SUCCEEDED'",
        [ROLLBACKS] = "SELECT EXISTS (SELECT 1 FROM deployment"
                      " WHERE rollback_of > 0)",
        [NUMBER_TAKE] = "DELETE FROM free_number WHERE number = ?1",
        [TIMELINE_ADD] = "INSERT INTO timeline VALUES (?1, ?2, ?3, ?4, ?5)",
        [FAILURE_ADD] =
                "INSERT INTO failure VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        [RUNNING_GET] =
                "SELECT d.number, d.finished_at, d.version FROM running AS r"
                " JOIN deployment AS d ON d.number = r.number"
                " WHERE r.service = ?1 AND r.environment = ?2",
        [RUNNING_PUT] = "INSERT INTO running VALUES (?1, ?2, ?3)"
                        " ON CONFLICT (service, environment)"
                        " DO UPDATE SET number = ?3",
};
const struct ledger_sql ledger_row_sql = {"projection: ", sql, SQL_COUNT};

enum {
	CHANGED_COURSE = 1,
	CHANGED_DISPATCHED = 2,
	CHANGED_END = 4,
	CHANGED_OUTCOME = 8,
	CHANGED_UNDONE = 16,
	CHANGED_STATE = 32, /* which the first three write, too */
};

/* How a column is kept, and what is to be written where it has changed. */
static const struct {
	bool is_text;
	unsigned changes;
} columns[ROW_COLUMNS] = {
        [ROW_TOKEN] = {true, 0},
        [ROW_SERVICE] = {true, 0},
        [ROW_ENVIRONMENT] = {true, 0},
        [ROW_VERSION] = {true, 0},
        [ROW_PREVIOUS_VERSION] = {true, CHANGED_END},
        [ROW_GROUP] = {true, 0},
        [ROW_RECIPE] = {true, 0},
        [ROW_KIND] = {true, 0},
        [ROW_STATE] = {true, CHANGED_STATE},
        [ROW_OUTCOME] = {true, CHANGED_OUTCOME},
        [ROW_SOURCE_ENVIRONMENT] = {true, 0},
        [ROW_SUMMARY] = {true, 0},
        [ROW_TICKET] = {true, 0},
        [ROW_ACTOR_EMAIL] = {true, 0},
        [ROW_ACTOR_ROLE] = {true, 0},
        [ROW_ACTOR_NAME] = {true, 0},
        [ROW_DISPATCHED_AT] = {false, CHANGED_DISPATCHED},
        [ROW_STARTED_AT] = {false, CHANGED_COURSE},
        [ROW_FINISHED_AT] = {false, CHANGED_END},
        [ROW_ENGINE] = {true, 0},
        [ROW_EXECUTION_ID] = {true, CHANGED_COURSE},
        [ROW_EXECUTION_URL] = {true, CHANGED_COURSE},
        [ROW_INTENT_PATH] = {true, 0},
        [ROW_INTENT_BLOB] = {true, 0},
        [ROW_INTENT_COMMIT] = {true, 0},
        [ROW_DIGEST] = {true, 0},
        [ROW_REASON] = {true, 0},
        [ROW_CATEGORY] = {true, CHANGED_END},
        [ROW_UNDONE_AT] = {false, CHANGED_UNDONE},
};

/* --- what is kept --- */

enum { ROWS_MAX = 8192, ENTRIES_MAX = 32768, BYTES_MAX = 12 << 20 };

struct slot {
	struct str service, environment;
	struct row_running is;
	bool changed;
};

struct undoing {
	int64_t number, at;
};

struct pending {
	struct arena *arena; /* of all that follows; emptied by a flush */
	struct map rows;     /* by the bytes of their numbers */
	struct map places;   /* by service and environment */
	VEC(struct row_entry) entries;
	VEC(struct row_failure) failures;
	VEC(struct undoing) undone;
	size_t many; /* rows that are kept; 0: an event's alone */
	/* While rows are kept over events: */
	int64_t next;        /* the next number, where no lower one is free */
	bool rollbacks_told; /* and: */
	bool rollbacks;      /* some in the table name what they undo */
};

static struct pending *pending(struct ledger *l)
{
	if (!l->pending) {
		l->pending = ARENA_NEW(l->arena, struct pending);
		l->pending->arena = arena_new();
		row_forget(l);
	}
	return l->pending;
}

static void empty(struct pending *p)
{
	arena_reset(p->arena);
	*p = (struct pending){.arena = p->arena,
	                      .rows = map_new(p->arena),
	                      .places = map_new(p->arena),
	                      .many = p->many,
	                      .next = p->next,
	                      .rollbacks_told = p->rollbacks_told,
	                      .rollbacks = p->rollbacks};
}

void row_forget(struct ledger *l)
{
	struct pending *p = l->pending;
	if (!p)
		return;
	p->rollbacks_told = false;
	p->next = 0;
	p->many = 0;
	empty(p);
}

void row_close(struct ledger *l)
{
	if (l->pending)
		arena_free(l->pending->arena);
	l->pending = NULL;
}

void row_many(struct ledger *l, size_t rows)
{
	pending(l)->many = rows ? rows : ROWS_MAX;
}

bool row_many_end(struct ledger *l, struct fail *why)
{
	bool done = row_flush(l, why);
	row_forget(l);
	return done;
}

/* --- writing --- */

static void bind(struct query *q, const struct row *row, enum row_column i)
{
	if (columns[i].is_text)
		query_text(q, (int)i, row->v[i].text);
	else
		query_int(q, (int)i, row->v[i].n);
}

static bool add_row(struct ledger *l, const struct row *row, struct fail *why)
{
	struct query q = query_new(l, PART_ROW, ADD);
	for (int i = ROW_NUMBER; i < ROW_COLUMNS; i++)
		bind(&q, row, (enum row_column)i);
	return query_run(&q, why);
}

/* What is to be written, each column once. */
static unsigned changes_of(const struct row *row)
{
	unsigned changed = row->changed;
	if (changed & CHANGED_END)
		changed &= ~(unsigned)CHANGED_OUTCOME;
	else if (changed & CHANGED_STATE)
		changed |= CHANGED_COURSE;
	if (changed & CHANGED_DISPATCHED)
		changed &= ~(unsigned)CHANGED_COURSE;
	return changed;
}

static bool change_row(struct ledger *l, const struct row *row,
                       struct fail *why)
{
	enum { COLUMNS_MAX = 5 };
	static const struct {
		size_t sql;
		enum row_column columns[COLUMNS_MAX]; /* 0 after the last */
	} changes[] = {
	        {COURSE,
	         {ROW_STATE, ROW_STARTED_AT, ROW_EXECUTION_ID,
	          ROW_EXECUTION_URL}},
	        {DISPATCHED,
	         {ROW_STATE, ROW_DISPATCHED_AT, ROW_STARTED_AT,
	          ROW_EXECUTION_ID, ROW_EXECUTION_URL}},
	        {END,
	         {ROW_STATE, ROW_OUTCOME, ROW_FINISHED_AT, ROW_PREVIOUS_VERSION,
	          ROW_CATEGORY}},
	        {OUTCOME, {ROW_OUTCOME}},
	        {UNDONE, {ROW_UNDONE_AT}},
	};
	unsigned changed = changes_of(row);
	bool done = true;
	for (unsigned i = 0; done && i < sizeof changes / sizeof *changes;
	     i++) {
		if (!(changed >> i & 1))
			continue;
		struct query q = query_new(l, PART_ROW, changes[i].sql);
		bind(&q, row, ROW_NUMBER);
		for (int k = 0; k < COLUMNS_MAX && changes[i].columns[k]; k++)
			bind(&q, row, changes[i].columns[k]);
		done = query_run(&q, why);
	}
	return done;
}

static bool flush_rows(struct ledger *l, struct fail *why)
{
	struct pending *p = l->pending;
	for (size_t i = 0; i < p->rows.n; i++) {
		struct row *row = p->rows.at[i].value;
		if (!(row->stored ? change_row(l, row, why)
		                  : add_row(l, row, why)))
			return false;
	}
	return true;
}

static int compare_entries(const void *a, const void *b)
{
	const struct row_entry *x = a, *y = b;
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return (x->seq > y->seq) - (x->seq < y->seq);
}

static bool flush_entries(struct ledger *l, struct fail *why)
{
	struct pending *p = l->pending;
	if (p->entries.n > 1)
		qsort(p->entries.at, p->entries.n, sizeof *p->entries.at,
		      compare_entries);
	vec_each (struct row_entry, e, &p->entries) {
		struct query q = query_new(l, PART_ROW, TIMELINE_ADD);
		query_int(&q, 1, e->number);
		query_int(&q, 2, e->seq);
		query_int(&q, 3, e->at);
		query_text(&q, 4, e->event);
		query_text(&q, 5, e->detail);
		if (!query_run(&q, why))
			return false;
	}
	return true;
}

static bool flush_failures(struct ledger *l, struct fail *why)
{
	vec_each (struct row_failure, f, &l->pending->failures) {
		struct query q = query_new(l, PART_ROW, FAILURE_ADD);
		query_int(&q, 1, f->number);
		query_int(&q, 2, f->ordinal);
		query_text(&q, 3, f->category);
		query_text(&q, 4, f->summary);
		query_text(&q, 5, f->detail);
		query_text(&q, 6, f->hint);
		query_int(&q, 7, f->observed_at);
		if (!query_run(&q, why))
			return false;
	}
	return true;
}

static bool flush_places(struct ledger *l, struct fail *why)
{
	struct pending *p = l->pending;
	for (size_t i = 0; i < p->places.n; i++) {
		const struct slot *place = p->places.at[i].value;
		if (!place->changed)
			continue;
		struct query q = query_new(l, PART_ROW, RUNNING_PUT);
		query_text(&q, 1, place->service);
		query_text(&q, 2, place->environment);
		query_int(&q, 3, place->is.number);
		if (!query_run(&q, why))
			return false;
	}
	return true;
}

bool row_flush(struct ledger *l, struct fail *why)
{
	struct pending *p = l->pending;
	if (!p)
		return true;
	/* What is referred to stands first. */
	bool done = flush_rows(l, why) && flush_entries(l, why) &&
	            flush_failures(l, why) && flush_places(l, why);
	p->rollbacks = p->rollbacks || p->undone.n;
	empty(p);
	return done;
}

bool row_event_end(struct ledger *l, struct fail *why)
{
	const struct pending *p = l->pending;
	if (p && p->rows.n < p->many && p->entries.n < ENTRIES_MAX &&
	    arena_used(p->arena) < BYTES_MAX)
		return true;
	return row_flush(l, why);
}

/* --- rows --- */

static struct str key_of(const int64_t *number)
{
	return (struct str){(const char *)number, sizeof *number};
}

static struct row *find(struct ledger *l, int64_t number)
{
	return map_find(&pending(l)->rows, key_of(&number));
}

struct row *row_add(struct ledger *l, int64_t number)
{
	assert(!find(l, number));
	struct row *row =
	        MAP_MAKE(&pending(l)->rows, key_of(&number), struct row);
	row->v[ROW_NUMBER].n = number;
	return row;
}

static void read_row(struct ledger *l, const struct query *q, struct row *row)
{
	static const enum row_column read[] = {
	        ROW_SERVICE,      ROW_ENVIRONMENT,
	        ROW_VERSION,      ROW_KIND,
	        ROW_STATE,        ROW_OUTCOME,
	        ROW_EXECUTION_ID, ROW_EXECUTION_URL,
	        ROW_ROLLBACK_OF,  ROW_DISPATCHED_AT,
	        ROW_STARTED_AT,   ROW_FINISHED_AT,
	        ROW_UNDONE_AT,    ROW_PREVIOUS_VERSION,
	        ROW_CATEGORY,
	};
	for (int i = 0; i < (int)(sizeof read / sizeof *read); i++)
		if (columns[read[i]].is_text)
			row->v[read[i]].text = str_copy(l->pending->arena,
			                                query_get_text(q, i));
		else
			row->v[read[i]].n = query_get_int(q, i);
}

bool row_get(struct ledger *l, int64_t number, struct row **out,
             struct fail *why)
{
	*out = find(l, number);
	if (*out)
		return true;
	struct query q = query_new(l, PART_ROW, GET);
	bool there;
	query_int(&q, 1, number);
	if (!query_row(&q, &there, why))
		return false;
	if (!there)
		return true;
	*out = row_add(l, number);
	(*out)->stored = true;
	read_row(l, &q, *out);
	query_end(&q);
	return true;
}

void row_set_text(struct ledger *l, struct row *row, enum row_column column,
                  struct str text)
{
	assert(columns[column].is_text);
	row->v[column].text = str_copy(l->pending->arena, text);
	row->changed |= columns[column].changes;
}

void row_set_int(struct row *row, enum row_column column, int64_t n)
{
	assert(!columns[column].is_text);
	row->v[column].n = n;
	row->changed |= columns[column].changes;
}

/* --- numbers --- */

bool row_next_number(struct ledger *l, int64_t *out, struct fail *why)
{
	struct pending *p = pending(l);
	if (p->next) {
		*out = p->next;
		return true;
	}
	return row_flush(l, why) && ledger_next_number(l, out, why);
}

bool row_take_number(struct ledger *l, int64_t number, struct fail *why)
{
	struct pending *p = pending(l);
	if (p->next) {
		p->next = number + 1;
		return true;
	}
	struct query q = query_new(l, PART_ROW, NUMBER_TAKE);
	query_int(&q, 1, number);
	if (!query_run(&q, why))
		return false;
	/* It was above all others: no lower one was free. */
	if (p->many && !sqlite3_changes(l->db))
		p->next = number + 1;
	return true;
}

void row_number_given(struct ledger *l)
{
	pending(l)->next = 0;
}

/* --- what belongs to a row --- */

void row_timeline(struct ledger *l, const struct row_entry *e)
{
	struct pending *p = pending(l);
	struct row_entry *kept = vec_add(p->arena, &p->entries);
	*kept = *e;
	kept->event = str_copy(p->arena, e->event);
	kept->detail = str_copy(p->arena, e->detail);
}

void row_failure(struct ledger *l, const struct row_failure *f)
{
	struct pending *p = pending(l);
	struct row_failure *kept = vec_add(p->arena, &p->failures);
	*kept = *f;
	kept->category = str_copy(p->arena, f->category);
	kept->summary = str_copy(p->arena, f->summary);
	kept->detail = str_copy(p->arena, f->detail);
	kept->hint = str_copy(p->arena, f->hint);
}

/* --- what runs --- */

static bool read_place(struct ledger *l, struct slot *place, struct fail *why)
{
	struct query q = query_new(l, PART_ROW, RUNNING_GET);
	bool there;
	query_text(&q, 1, place->service);
	query_text(&q, 2, place->environment);
	if (!query_row(&q, &there, why))
		return false;
	if (!there)
		return true;
	place->is = (struct row_running){
	        .number = query_get_int(&q, 0),
	        .finished_at = query_get_int(&q, 1),
	        .version = str_copy(l->pending->arena, query_get_text(&q, 2))};
	query_end(&q);
	return true;
}

static bool get_place(struct ledger *l, const struct row *row,
                      struct slot **out, struct fail *why)
{
	struct pending *p = pending(l);
	struct str service = row->v[ROW_SERVICE].text;
	struct str environment = row->v[ROW_ENVIRONMENT].text;
	struct str key = map_key(p->arena, service, environment);
	*out = map_find(&p->places, key);
	if (*out)
		return true;
	*out = MAP_MAKE(&p->places, key, struct slot);
	(*out)->service = str_copy(p->arena, service);
	(*out)->environment = str_copy(p->arena, environment);
	return read_place(l, *out, why);
}

bool row_running(struct ledger *l, const struct row *row,
                 struct row_running *out, struct fail *why)
{
	struct slot *place;
	if (!get_place(l, row, &place, why))
		return false;
	*out = place->is;
	return true;
}

bool row_set_running(struct ledger *l, const struct row *row, struct fail *why)
{
	struct slot *place;
	if (!get_place(l, row, &place, why))
		return false;
	place->is = (struct row_running){row->v[ROW_NUMBER].n,
	                                 row->v[ROW_FINISHED_AT].n,
	                                 row->v[ROW_VERSION].text};
	place->changed = true;
	return true;
}

/* --- what became of it --- */

bool row_set_outcome(struct ledger *l, int64_t number, struct str outcome,
                     struct str was, struct fail *why)
{
	struct row *row = find(l, number);
	if (row) {
		if (row->v[ROW_FINISHED_AT].n > 0 &&
		    (!was.n || str_eq(row->v[ROW_OUTCOME].text, was)))
			row_set_text(l, row, ROW_OUTCOME, outcome);
		return true;
	}
	struct query q = query_new(l, PART_ROW, OUTCOME_WAS);
	query_int(&q, 1, number);
	query_text(&q, 2, outcome);
	query_text(&q, 3, was);
	return query_run(&q, why);
}

static bool set_undone_at(struct ledger *l, int64_t number, int64_t at,
                          struct fail *why)
{
	struct row *row = find(l, number);
	if (row) {
		int64_t before = row->v[ROW_UNDONE_AT].n;
		if (row->v[ROW_FINISHED_AT].n > 0 && (!before || before > at))
			row_set_int(row, ROW_UNDONE_AT, at);
		return true;
	}
	struct query q = query_new(l, PART_ROW, UNDONE_BEFORE);
	query_int(&q, 1, number);
	query_int(&q, 2, at);
	return query_run(&q, why);
}

bool row_set_undone(struct ledger *l, int64_t number, int64_t at,
                    struct fail *why)
{
	struct pending *p = pending(l);
	*vec_add(p->arena, &p->undone) = (struct undoing){number, at};
	return set_undone_at(l, number, at, why) &&
	       row_set_outcome(l, number, STR("ROLLED_BACK"), STR(""), why);
}

/* Whether the table has rollbacks at all: nearly always none are asked for. */
static bool any_rollbacks(struct ledger *l, bool *any, struct fail *why)
{
	struct pending *p = pending(l);
	int64_t exist = 1;
	if (p->many && !p->rollbacks_told) {
		struct query q = query_new(l, PART_ROW, ROLLBACKS);
		if (!query_scalar(&q, &exist, why))
			return false;
		p->rollbacks = exist;
		p->rollbacks_told = true;
	}
	*any = !p->many || p->rollbacks;
	return true;
}

bool row_undone_at(struct ledger *l, int64_t number, int64_t *at,
                   struct fail *why)
{
	struct pending *p = pending(l);
	int64_t first = 0;
	bool any;
	if (!any_rollbacks(l, &any, why))
		return false;
	if (any) {
		struct query q = query_new(l, PART_ROW, UNDONE_AT);
		query_int(&q, 1, number);
		if (!query_scalar(&q, &first, why))
			return false;
	}
	vec_each (struct undoing, u, &p->undone)
		if (u->number == number && (!first || u->at < first))
			first = u->at;
	*at = first;
	return true;
}
