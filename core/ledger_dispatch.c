#include "core/canon.h"
#include "core/ledger_private.h"

enum { OPEN, DISPATCHES, SQL_COUNT };
static const char *const sql[SQL_COUNT] = {
        /* Few columns: all rows are sorted. */
        [OPEN] = "SELECT d.number, d.state, d.engine, d.group_id,"
                 " d.environment, d.execution_id <> '', coalesce(c.time, 0)"
                 " FROM deployment AS d INDEXED BY deployment_open"
                 " LEFT JOIN cancellation AS c ON c.number = d.number"
                 " WHERE d.finished_at = 0 ORDER BY d.number",
        [DISPATCHES] = "SELECT e.type, e.time, e.payload FROM timeline AS t"
                       " JOIN event AS e ON e.seq = t.seq WHERE t.number = ?1"
                       " AND t.event IN ('dispatching', 'not_found', 'unsent')"
                       " ORDER BY t.seq",
};
const struct ledger_sql ledger_dispatch_sql = {"deployments: ", sql, SQL_COUNT};

/* --- what has not ended --- */

bool ledger_open_deployments(struct ledger *l, open_fn *visit, void *context,
                             struct fail *why)
{
	struct query q = query_new(l, PART_DISPATCH, OPEN);
	bool fine = true;
	while (query_next(&q, &fine, why)) {
		int state = ledger_name_find(deployment_state_names,
		                             query_get_text(&q, 1));
		struct open_deployment o = {
		        .number = query_get_int(&q, 0),
		        .state = state < 0 ? STATE_PENDING
		                           : (enum deployment_state)state,
		        .engine = query_get_text(&q, 2),
		        .group = query_get_text(&q, 3),
		        .environment = query_get_text(&q, 4),
		        .has_execution = query_get_int(&q, 5) != 0,
		        .cancel_at = query_get_int(&q, 6),
		};
		fine = visit(context, &o, why);
	}
	return fine;
}

/* --- how far a sending has come --- */

/* What one of its events says about it. */
static bool follow_dispatch(const struct query *q, struct arena *a,
                            struct recorded_dispatch *before,
                            struct recorded_dispatch *out, struct fail *why)
{
	struct str type = query_get_text(q, 0);
	const struct canon *payload;
	if (str_is(type, "deployment.unsent")) {
		*out = *before;
		return true;
	}
	if (str_is(type, "deployment.not_found")) {
		if (!out->empty_at)
			out->empty_at = query_get_int(q, 1);
		return true;
	}
	payload = canon_read_any(a, str_copy(a, query_get_text(q, 2)), why);
	if (!payload)
		return false;
	*before = *out;
	*out = (struct recorded_dispatch){
	        .attempt = before->attempt + 1,
	        .sent_at = query_get_int(q, 1),
	        .target = canon_text(payload, "target"),
	        .queue = canon_text(payload, "queue"),
	};
	return true;
}

bool ledger_dispatch(struct ledger *l, struct arena *a, int64_t number,
                     struct recorded_dispatch *out, struct fail *why)
{
	struct query q = query_new(l, PART_DISPATCH, DISPATCHES);
	struct recorded_dispatch before = {0}, found = {0};
	bool fine = true;
	query_int(&q, 1, number);
	while (query_next(&q, &fine, why))
		fine = follow_dispatch(&q, a, &before, &found, why);
	if (fine)
		*out = found;
	return fine;
}
