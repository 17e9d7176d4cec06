/* No statement reads all of a table that grows, or sorts what an index has in
   order, save those that are named here with a reason. */
#include "core/ledger_plan.h"
#include "tests/lib/tap.h"

#include <string.h>

/* A statement is named by a piece of its text that no other has. */
static const struct exception {
	const char *piece, *detail, *reason;
} exceptions[] = {
        /* The end of a table, or the first that fits from there. */
        {"SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1", "SCAN event",
         "one row"},
        {"SELECT max(seq) FROM event", "SEARCH event", "one row"},
        {"SELECT max(seq) FROM decision", "SEARCH decision", "one row"},
        {"SELECT max(seq) FROM build", "SEARCH build", "one row"},
        {"SELECT max(number) FROM run", "SEARCH run", "one row"},
        {"(SELECT min(number) FROM free_number)", "SEARCH free_number",
         "one row"},
        {"(SELECT max(number) FROM deployment) + 1", "SEARCH deployment",
         "one row"},
        {"'', '', hash FROM event WHERE +time >= ?1", "SCAN event",
         "the newest, by their number"},
        {"'', '', hash FROM event WHERE +time >= ?1",
         "USE TEMP B-TREE FOR ORDER BY", "as many as are asked for"},
        {" FROM build ORDER BY seq DESC LIMIT ?1", "SCAN build", "the newest"},
        {" allow, wait, deny, replay FROM run ORDER BY number DESC LIMIT ?1",
         "SCAN run", "the newest"},
        {" finished_at FROM run WHERE finished_at > 0 ORDER BY number DESC",
         "SCAN run", "the last, save for runs that were killed"},
        {"WHERE 1 AND (?1 = '' OR d.path = ?1)", "SCAN d",
         "the newest, until there are as many as are asked for"},
        {"SELECT policy_tree FROM run WHERE started_at < ?1", "SCAN run",
         "back to an instant"},
        {"SELECT number, finished_at FROM run WHERE policy_tree = ?1",
         "SCAN run", "back to when the policy was another"},
        {"SELECT commit_id FROM run WHERE policy_tree = ?1", "SCAN run",
         "a run that an intent changed the policy of, asked by people"},
        {"commit_id, policy_tree FROM run WHERE started_at >= ?1", "SCAN run",
         "runs alone, for figures of them"},
        /* One row, or one for each place, hold or incident. */
        {"SELECT repository FROM origin", "SCAN origin", "one row"},
        {"EXISTS (SELECT 1 FROM hold)",
         "SCAN hold USING COVERING INDEX hold_by_place", "the first"},
        {"EXISTS (SELECT 1 FROM approval)",
         "SCAN approval USING COVERING INDEX approval_by_path", "the first"},
        {"EXISTS (SELECT 1 FROM withdrawal)",
         "SCAN withdrawal USING COVERING INDEX withdrawal_by_path",
         "the first"},
        {"WITH this AS (SELECT * FROM deployment WHERE number", "SCAN this",
         "one row"},
        {"WITH this AS (SELECT * FROM deployment WHERE number", "SCAN next",
         "one row"},
        {"SELECT service, environment FROM running", "SCAN running", "places"},
        {" FROM running AS r JOIN deployment AS l", "SCAN r", "places"},
        {"DELETE FROM deployment WHERE number = ?1", "SCAN running",
         "places, where one is withdrawn: nothing is to refer to it"},
        {"ORDER BY until = 0 DESC, until DESC, seq",
         "USE TEMP B-TREE FOR ORDER BY", "holds of one version"},
        {"ORDER BY environment, seq",
         "USE TEMP B-TREE FOR RIGHT PART OF ORDER BY", "holds of one service"},
        {" FROM incident AS i", "SCAN i USING INDEX incident_by_cause",
         "incidents are few"},
        {" FROM incident AS i", "SCAN r", "incidents are few"},
        {" FROM incident AS i", "USE TEMP B-TREE FOR ORDER BY",
         "incidents are few"},
        {" FROM incident WHERE time <= ?1", "SCAN incident",
         "incidents are few"},
        {" FROM incident WHERE time <= ?1", "USE TEMP B-TREE FOR ORDER BY",
         "incidents are few"},
        /* Deployments that have not ended, releases and intents that go on. */
        {" FROM deployment AS d INDEXED BY deployment_open",
         "SCAN d USING INDEX deployment_open", "what has not ended"},
        {" FROM deployment AS d INDEXED BY deployment_open",
         "USE TEMP B-TREE FOR ORDER BY", "what has not ended"},
        {" FROM deployment INDEXED BY deployment_open WHERE finished_at = 0",
         "SCAN deployment USING INDEX deployment_open", "what has not ended"},
        {" FROM deployment INDEXED BY deployment_open WHERE finished_at = 0",
         "USE TEMP B-TREE FOR ORDER BY", "what has not ended"},
        {"WHERE token = ?1 AND finished_at = 0",
         "SCAN deployment USING INDEX deployment_open", "what has not ended"},
        {" FROM release AS r INDEXED BY release_open",
         "SCAN r USING INDEX release_open", "what goes on"},
        {" FROM release AS r INDEXED BY release_open",
         "USE TEMP B-TREE FOR ORDER BY", "what goes on"},
        {" FROM waiting AS w JOIN decision AS d", "SCAN w", "what waits"},
        {" FROM waiting AS w JOIN decision AS d",
         "USE TEMP B-TREE FOR ORDER BY", "what waits"},
        /* Sorted, but only what one service, intent or instant has. */
        {"FROM deployment AS d WHERE d.service = ?1 AND (?1 = ''",
         "USE TEMP B-TREE FOR ORDER BY", "one service, of all environments"},
        {"AND d.outcome = 'ROLLED_BACK' AND NOT EXISTS",
         "USE TEMP B-TREE FOR ORDER BY", "what was undone of one version"},
        {"ORDER BY outcome = 'deny', seq DESC LIMIT 1",
         "USE TEMP B-TREE FOR ORDER BY", "what was decided of one intent"},
        {" FROM build WHERE service = ?2", "USE TEMP B-TREE FOR ORDER BY",
         "one service"},
        {"WHERE decision_seq > 0 AND decision_seq IN",
         "USE TEMP B-TREE FOR ORDER BY", "one release"},
        {" FROM decision AS d INDEXED BY decision_stopped",
         "USE TEMP B-TREE FOR RIGHT PART OF ORDER BY", "one instant"},
        {" FROM deployment INDEXED BY deployment_by_place WHERE service = ?3",
         "USE TEMP B-TREE FOR ORDER BY", "one service"},
        {" FROM decision AS d INDEXED BY decision_by_service",
         "USE TEMP B-TREE FOR ORDER BY", "one service"},
        {"(SELECT max(time) FROM incident", "SEARCH incident",
         "incidents are few"},
        {" FROM incident WHERE time <= ?1", "SCAN report", "incidents are few"},
        {" FROM incident WHERE time <= ?1", "USE TEMP B-TREE FOR GROUP BY",
         "incidents are few"},
        {" FROM deployment INDEXED BY deployment_by_failure",
         "USE TEMP B-TREE FOR ORDER BY", "two rows"},
        /* All there is, on purpose. */
        {"SELECT number FROM deployment WHERE token = ?1 LIMIT 1",
         "SCAN deployment",
         "an index on random keys would make every transaction dearer"},
        {"iif(type = ?1, NULL, payload) FROM event", "SCAN event",
         "the chain is gone through as a whole"},
        {"SELECT coalesce(min(seq), 0) FROM event WHERE time > ?1",
         "SEARCH event", "the whole ledger is copied after it"},
        {"coalesce(e.payload ->> '$.commit', '') FROM decision AS d", "SCAN d",
         "verify compares each intent with git"},
        {"d.path IN (SELECT path FROM decision",
         "SCAN decision USING INDEX decision_stopped",
         "the site shows all that was stopped"},
        {"d.path IN (SELECT path FROM decision", "USE TEMP B-TREE FOR ORDER BY",
         "the site shows all that was stopped"},
        {"SELECT time FROM decision", "SCAN decision", "counted by day"},
        {"GROUP BY outcome, code", "SCAN decision", "counted by code"},
        {"GROUP BY outcome, code", "USE TEMP B-TREE FOR GROUP BY",
         "a row a code"},
};
enum { EXCEPTIONS = sizeof exceptions / sizeof exceptions[0] };

/* A walk over a whole table or index, or for the smallest or largest, which
   goes on until a row fits; or a sort. */
static bool may_be_slow(struct str detail)
{
	if (str_starts(detail, STR("SCAN ")))
		return !str_starts(detail, STR("SCAN (")) &&
		       !str_is(detail, "SCAN CONSTANT ROW");
	if (str_starts(detail, STR("SEARCH ")))
		return !str_contains(detail, STR(" USING "));
	return str_starts(detail, STR("USE TEMP B-TREE"));
}

struct looking {
	bool used[EXCEPTIONS];
	int statements, slow;
	const char *last;
};

static bool is_allowed(struct looking *look, const struct ledger_step *step)
{
	bool allowed = false;
	for (int i = 0; i < EXCEPTIONS; i++) {
		const struct exception *e = &exceptions[i];
		if (!strstr(step->sql, e->piece) ||
		    !str_is(step->detail, e->detail))
			continue;
		allowed = look->used[i] = true;
	}
	return allowed;
}

static bool look_at(void *context, const struct ledger_step *step,
                    struct fail *why)
{
	struct looking *look = context;
	(void)why;
	look->statements += step->sql != look->last;
	look->last = step->sql;
	if (!may_be_slow(step->detail) || is_allowed(look, step))
		return true;
	look->slow++;
	ok(false, "%s%s: %" STR_FMT, step->part, step->sql,
	   STR_ARG(step->detail));
	return true;
}

int main(void)
{
	struct arena *a = arena_new();
	struct fail why = {0};
	struct looking look = {.slow = 0};
	struct ledger *l;
	if (!ok(ledger_open_empty(&l, a, &why) &&
	                ledger_plans(l, look_at, &look, &why),
	        "each statement has a plan: %s", why.text))
		return tap_done();
	ok(look.statements > 100, "of many statements: %d", look.statements);
	is_int(look.slow, 0, "what they read follows what they answer");
	for (int i = 0; i < EXCEPTIONS; i++)
		ok(look.used[i], "\"%s\" still does: %s (%s)",
		   exceptions[i].piece, exceptions[i].detail,
		   exceptions[i].reason);
	arena_free(a);
	return tap_done();
}
