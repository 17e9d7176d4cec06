/* What was recorded of intents, for who compares it with git. */
#include "core/ledger_private.h"

enum { INTENTS, JUDGED, SQL_COUNT };
static const char *const sql[SQL_COUNT] = {
        [INTENTS] = "SELECT d.seq, d.time, d.path, d.blob,"
                    " coalesce(e.payload ->> '$.commit', '')"
                    " FROM decision AS d JOIN event AS e ON e.seq = d.seq"
                    " ORDER BY d.seq",
        [JUDGED] = "SELECT 1 FROM decision WHERE path = ?1 AND blob = ?2"
                   " LIMIT 1",
};
const struct ledger_sql ledger_recorded_sql = {"intents: ", sql, SQL_COUNT};

bool ledger_intent_marks(struct ledger *l, intent_mark_fn *visit, void *context,
                         struct fail *why)
{
	struct query q = query_new(l, PART_RECORDED, INTENTS);
	bool fine = true;
	while (query_next(&q, &fine, why)) {
		struct intent_mark m = {.seq = query_get_int(&q, 0),
		                        .time = query_get_int(&q, 1),
		                        .path = query_get_text(&q, 2),
		                        .blob = query_get_text(&q, 3),
		                        .commit = query_get_text(&q, 4)};
		fine = visit(context, &m, why);
	}
	return fine;
}

bool ledger_judged(struct ledger *l, struct str path, const struct oid *blob,
                   bool *out, struct fail *why)
{
	struct oid_hex hex = oid_hex(blob);
	int64_t found = 0;
	struct query q = query_new(l, PART_RECORDED, JUDGED);
	query_text(&q, 1, path);
	query_text(&q, 2, str_of(hex.s));
	if (!query_scalar(&q, &found, why))
		return false;
	*out = found == 1;
	return true;
}
