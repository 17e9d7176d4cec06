#include "core/ledger_private.h"

#include <string.h>

enum {
	NEWEST,
	LAST_NUMBER,
	LAST_FINISHED,
	REPOSITORY,
	LAST_EVENT,
	OF_POLICY,
	FIRST_OF_POLICY,
	SQL_COUNT
};
static const char *const sql[SQL_COUNT] = {
        [NEWEST] = "SELECT number, started_at, finished_at, commit_id, allow,"
                   " wait, deny, replay FROM run ORDER BY number DESC LIMIT ?1",
        [LAST_NUMBER] = "SELECT max(number) FROM run",
        [LAST_FINISHED] = "SELECT commit_id, intents_tree, policy_tree,"
                          " finished_at FROM run WHERE finished_at > 0"
                          " ORDER BY number DESC LIMIT 1",
        [REPOSITORY] = "SELECT repository FROM origin",
        [OF_POLICY] = "SELECT number, finished_at FROM run"
                      " WHERE policy_tree = ?1 AND finished_at > 0"
                      " ORDER BY number DESC LIMIT 1",
        [FIRST_OF_POLICY] = "SELECT commit_id FROM run"
                            " WHERE policy_tree = ?1 AND finished_at > 0"
                            " ORDER BY number LIMIT 1",
        [LAST_EVENT] = "SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1",
};
const struct ledger_sql ledger_run_sql = {"runs: ", sql, SQL_COUNT};

static bool head_run(struct ledger *l, struct ledger_head *head,
                     struct fail *why)
{
	struct query q = query_new(l, PART_RUN, LAST_NUMBER);
	bool row;
	if (!query_scalar(&q, &head->runs, why))
		return false;
	q = query_new(l, PART_RUN, LAST_FINISHED);
	if (!query_row(&q, &row, why))
		return false;
	if (!row)
		return true;
	oid_parse(query_get_text(&q, 0), &head->commit);
	oid_parse(query_get_text(&q, 1), &head->intents_tree);
	oid_parse(query_get_text(&q, 2), &head->policy_tree);
	head->finished_at = query_get_int(&q, 3);
	query_end(&q);
	return true;
}

static bool head_events(struct ledger *l, struct arena *a,
                        struct ledger_head *head, struct fail *why)
{
	bool row;
	struct query q = query_new(l, PART_RUN, REPOSITORY);
	if (!query_row(&q, &row, why))
		return false;
	if (row)
		head->repository = str_copy(a, query_get_text(&q, 0));
	query_end(&q);
	q = query_new(l, PART_RUN, LAST_EVENT);
	if (!query_row(&q, &row, why))
		return false;
	struct str hash = STR("");
	if (row) {
		head->events = query_get_int(&q, 0);
		hash = query_get_text(&q, 1);
	}
	memset(head->hash, '0', HASH_HEX);
	if (hash.n == HASH_HEX)
		memcpy(head->hash, hash.s, HASH_HEX);
	query_end(&q);
	return true;
}

bool ledger_head(struct ledger *l, struct arena *a, struct ledger_head *out,
                 struct fail *why)
{
	struct ledger_head head = {.repository = STR("")};
	if (!head_run(l, &head, why) || !head_events(l, a, &head, why))
		return false;
	*out = head;
	return true;
}

bool ledger_runs(struct ledger *l, size_t limit, run_fn *visit, void *context,
                 struct fail *why)
{
	struct query q = query_new(l, PART_RUN, NEWEST);
	query_int(&q, 1, limit ? (int64_t)limit : -1);
	bool fine = true;
	while (query_next(&q, &fine, why)) {
		struct recorded_run r = {.number = query_get_int(&q, 0),
		                         .started_at = query_get_int(&q, 1),
		                         .finished_at = query_get_int(&q, 2),
		                         .commit = query_get_text(&q, 3),
		                         .allow = query_get_int(&q, 4),
		                         .wait = query_get_int(&q, 5),
		                         .deny = query_get_int(&q, 6),
		                         .replay = query_get_int(&q, 7)};
		fine = visit(context, &r, why);
	}
	return fine;
}

bool ledger_policy_seen(struct ledger *l, const struct oid *policy_tree,
                        bool *seen, struct recorded_run *out, struct fail *why)
{
	struct oid_hex hex = oid_hex(policy_tree);
	struct query q = query_new(l, PART_RUN, OF_POLICY);
	query_text(&q, 1, str_of(hex.s));
	if (!query_row(&q, seen, why))
		return false;
	*out = (struct recorded_run){.commit = STR("")};
	if (*seen) {
		out->number = query_get_int(&q, 0);
		out->finished_at = query_get_int(&q, 1);
	}
	query_end(&q);
	return true;
}

bool ledger_policy_first(struct ledger *l, struct arena *a,
                         struct str policy_tree, struct str *commit,
                         struct fail *why)
{
	struct query q = query_new(l, PART_RUN, FIRST_OF_POLICY);
	bool row;
	query_text(&q, 1, policy_tree);
	if (!query_row(&q, &row, why))
		return false;
	*commit = row ? str_copy(a, query_get_text(&q, 0)) : STR("");
	if (row)
		query_end(&q);
	return true;
}
