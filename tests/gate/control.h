/*
 * control: the double's own endpoints, under /_double/, and scenarios.
 *
 *	POST clock      {"now": TIME or ms or "real", "advance_ms": n,
 *	                "runs": true, "step_ms": n}: a clock that stands, unless
 *	                it runs, or steps with each request
 *	GET clock       {"now": ms}
 *	POST scenario   what is in a scenario file: settings' members (below),
 *	                "clock", "applications", "pipelines", "faults": added
 *	POST script     {"application", "pipeline", "script": stage.h's, or an
 *	                array of them}
 *	POST faults     a fault of fault.h, or an array; DELETE faults: all go
 *	GET oracle      executions by token, and the requests; ?token=,
 *?requests= PATCH executions/ID   put these members into one; "_double" into
 *its own POST settings   seed, version, search (sql-legacy, sql-fixed, redis),
 *	                auth, user, password (auth.h), cancel_ms, echo_ms,
 *	                upstream_ms, deck_url, down, task_status
 *	POST refuse     {"ms": n}: nothing listens for so long
 *	POST reset      forget all
 */
#ifndef TESTS_GATE_CONTROL_H
#define TESTS_GATE_CONTROL_H

#include "tests/gate/http.h"

/* Add what a scenario has. */
bool scenario_load(struct gate *g, struct arena *a, const json_t *scenario,
                   struct fail *why);

/* Write down a request and its answer. */
void oracle_note(struct gate *g, const struct request *r,
                 const struct answer *to, bool executed);

/* server.c: stop listening for so many ms, soon. */
void server_refuse(int64_t ms);

#endif
