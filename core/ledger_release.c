/* Releases: several deployments that one intent asked for. */
#include "core/ledger_project.h"

enum { ADD, END, OPEN, OPEN_AT, MADE, RUNNING, SQL_COUNT };
static const char *const sql[SQL_COUNT] = {
        [ADD] = "INSERT INTO release VALUES (?1, ?2, ?3, '', 0)",
        [END] = "UPDATE release SET state = ?2, ended_at = ?3"
                " WHERE path = ?1 AND ended_at = 0",
        /* Left alone, SQLite goes through all there ever were to save the
           sort of the few that go on; below likewise. */
        [OPEN] =
                "SELECT r.path, r.blob, e.payload FROM release AS r"
                " INDEXED BY release_open JOIN event AS e ON e.seq = r.seq WHERE r.ended_at = 0"
                " ORDER BY r.seq",
        [OPEN_AT] = "SELECT count(*) FROM release WHERE path = ?1"
                    " AND ended_at = 0",
        [MADE] = "SELECT number FROM deployment WHERE decision_seq > 0"
                 " AND decision_seq IN (SELECT seq FROM decision"
                 "   WHERE path = ?1 AND blob = ?2) ORDER BY number",
        [RUNNING] =
                "SELECT number FROM deployment INDEXED BY deployment_open"
                " WHERE finished_at = 0 AND intent_path = ?1 ORDER BY number",
};
const struct ledger_sql ledger_release_sql = {"releases: ", sql, SQL_COUNT};

/* --- projections --------------------------------------------------------- */

bool project_release(struct projection *p)
{
	struct query q = query_new(p->l, PART_RELEASE, ADD);
	query_int(&q, 1, p->e->seq);
	query_text(&q, 2, canon_text(p->payload, "intent"));
	query_text(&q, 3, canon_text(p->payload, "blob"));
	return query_run(&q, p->why);
}

bool project_release_ended(struct projection *p)
{
	struct str state = canon_text(p->payload, "state");
	if (!str_is(state, "SUCCEEDED") && !str_is(state, "FAILED") &&
	    !str_is(state, "CANCELED"))
		return projection_contradicts(p,
		                              "its state is not one of an end");
	struct query q = query_new(p->l, PART_RELEASE, END);
	query_text(&q, 1, canon_text(p->payload, "path"));
	query_text(&q, 2, state);
	query_int(&q, 3, p->e->time);
	return projection_touch(p, &q);
}

/* --- queries ------------------------------------------------------------- */

bool ledger_releases(struct ledger *l, release_fn *visit, void *context,
                     struct fail *why)
{
	struct query q = query_new(l, PART_RELEASE, OPEN);
	bool fine = true;
	while (query_next(&q, &fine, why)) {
		struct recorded_release r = {
		        .path = query_get_text(&q, 0),
		        .blob = query_get_text(&q, 1),
		        .document = query_get_text(&q, 2),
		};
		fine = visit(context, &r, why);
	}
	return fine;
}

bool ledger_release_is_open(struct ledger *l, struct str path, bool *open,
                            struct fail *why)
{
	struct query q = query_new(l, PART_RELEASE, OPEN_AT);
	int64_t n = 0;
	query_text(&q, 1, path);
	if (!query_scalar(&q, &n, why))
		return false;
	*open = n > 0;
	return true;
}

static bool list_numbers(struct query *q, struct arena *a,
                         struct number_list *out, struct fail *why)
{
	*out = (struct number_list){0};
	bool fine = true;
	while (query_next(q, &fine, why))
		*vec_add(a, out) = query_get_int(q, 0);
	return fine;
}

bool ledger_made(struct ledger *l, struct arena *a, struct str path,
                 struct str blob, struct number_list *out, struct fail *why)
{
	struct query q = query_new(l, PART_RELEASE, MADE);
	query_text(&q, 1, path);
	query_text(&q, 2, blob);
	return list_numbers(&q, a, out, why);
}

bool ledger_open_of(struct ledger *l, struct arena *a, struct str path,
                    struct number_list *out, struct fail *why)
{
	struct query q = query_new(l, PART_RELEASE, RUNNING);
	query_text(&q, 1, path);
	return list_numbers(&q, a, out, why);
}
