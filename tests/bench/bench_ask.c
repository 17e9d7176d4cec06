/*
 * bench_ask FILE   what people and pages ask of a ledger, made by
 *                  bench_ledger fill: for each question a line
 *
 *	NAME <TAB> MILLISECONDS
 *
 * (the median of some askings in one process), and below it, after two spaces,
 * how SQLite goes about the statements that it takes.
 */
#include "core/ledger_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 21, STATEMENTS_MAX = 32, PAGE = 50, DAY = 86400 };
enum { BEGIN = 1700000000 }; /* as in bench_ledger.c */

struct asking {
	struct ledger *l;
	struct arena *a; /* of one question */
	int64_t last;    /* number */
	size_t rows;
};

static bool count(void *context, const struct deployment *d, struct fail *why)
{
	struct asking *ask = context;
	(void)d;
	(void)why;
	ask->rows++;
	return true;
}

static bool count_decision(void *context, const struct recorded_decision *d,
                           struct fail *why)
{
	(void)d;
	return count(context, NULL, why);
}

static bool count_event(void *context, const struct event *e, struct fail *why)
{
	(void)e;
	return count(context, NULL, why);
}

static bool list(struct asking *ask, struct deployment_filter f,
                 struct fail *why)
{
	f.limit = PAGE;
	return ledger_deployments(ask->l, &f, count, ask, why);
}

/* --- questions --- */

static bool status(struct asking *ask, struct fail *why)
{
	struct deployment_filter f = deployment_filter_any();
	f.open_only = true;
	return ledger_running_all(ask->l, STR("service-0001"), 0, count, ask,
	                          why) &&
	       list(ask, f, why) &&
	       ledger_waiting(ask->l, count_decision, ask, why);
}

static bool newest(struct asking *ask, struct fail *why)
{
	return list(ask, deployment_filter_any(), why);
}

static bool middle(struct asking *ask, struct fail *why)
{
	struct deployment_filter f = deployment_filter_any();
	f.below = ask->last / 2;
	return list(ask, f, why);
}

static bool of_service(struct asking *ask, struct fail *why)
{
	struct deployment_filter f = deployment_filter_any();
	f.service = STR("service-0001");
	return list(ask, f, why);
}

static bool of_place(struct asking *ask, struct fail *why)
{
	struct deployment_filter f = deployment_filter_any();
	f.service = STR("service-0001");
	f.environment = STR("prod");
	return list(ask, f, why);
}

static bool of_day(struct asking *ask, struct fail *why)
{
	struct deployment_filter f = deployment_filter_any();
	f.from = BEGIN + ask->last / 2 * 60;
	f.to = f.from + DAY;
	return list(ask, f, why);
}

static bool one(struct asking *ask, struct fail *why)
{
	struct deployment *d;
	bool done = ledger_deployment(ask->l, ask->a, ask->last / 2, &d, why);
	ask->rows += done && d;
	return done;
}

static bool ran_then(struct asking *ask, struct fail *why)
{
	struct deployment *d;
	bool done =
	        ledger_running(ask->l, ask->a, STR("service-0001"), STR("prod"),
	                       BEGIN + ask->last / 2 * 60, &d, why);
	ask->rows += done && d;
	return done;
}

static bool events(struct asking *ask, struct fail *why)
{
	return ledger_event_last(ask->l, 0, INT64_MAX, PAGE, count_event, ask,
	                         why);
}

static const struct question {
	const char *name;
	bool (*ask)(struct asking *ask, struct fail *why);
} questions[] = {
        {"status of a service", status},
        {"the newest 50", newest},
        {"50 from the middle on", middle},
        {"50 of a service", of_service},
        {"50 of a place", of_place},
        {"50 of a day long ago", of_day},
        {"one deployment and its timeline", one},
        {"what ran somewhere then", ran_then},
        {"the last 50 events", events},
};

/* --- what they take --- */

struct used {
	const char *sql[STATEMENTS_MAX];
	int n;
};

static int note(unsigned type, void *context, void *statement, void *text)
{
	struct used *used = context;
	const char *sql = sqlite3_sql(statement);
	(void)type;
	(void)text;
	for (int i = 0; i < used->n; i++)
		if (!strcmp(used->sql[i], sql))
			return 0;
	if (used->n < STATEMENTS_MAX)
		used->sql[used->n++] = sql;
	return 0;
}

static bool print_step(void *context, const struct ledger_step *step,
                       struct fail *why)
{
	const struct used *used = context;
	(void)why;
	for (int i = 0; i < used->n; i++)
		if (!strcmp(used->sql[i], step->sql))
			printf("  %*s%.*s\n", 2 * step->depth, "",
			       (int)step->detail.n, step->detail.s);
	return true;
}

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static bool measure(struct asking *ask, const struct question *q,
                    struct fail *why)
{
	struct used used = {.n = 0};
	double took[ROUNDS];
	sqlite3_trace_v2(ask->l->db, SQLITE_TRACE_STMT, note, &used);
	for (int i = 0; i < ROUNDS; i++) {
		double before = seconds();
		ask->rows = 0;
		if (!q->ask(ask, why))
			return false;
		took[i] = seconds() - before;
		arena_reset(ask->a);
	}
	sqlite3_trace_v2(ask->l->db, 0, NULL, NULL);
	if (!ask->rows)
		return fail_set(why, FAIL_INPUT, "%s: no rows", q->name);
	qsort(took, ROUNDS, sizeof *took, compare);
	printf("%s\t%.3f\n", q->name, took[ROUNDS / 2] * 1000);
	return ledger_plans(ask->l, print_step, &used, why);
}

int main(int argc, char **argv)
{
	struct fail why = {0};
	struct arena *a = arena_new();
	struct asking ask = {.a = arena_new()};
	if (argc != 2) {
		fprintf(stderr, "bench_ask: FILE\n");
		return 2;
	}
	bool done = ledger_open(&ask.l, a, argv[1], LEDGER_READ, &why) &&
	            ledger_next_number(ask.l, &ask.last, &why);
	for (size_t i = 0; done && i < sizeof questions / sizeof *questions;
	     i++)
		done = measure(&ask, &questions[i], &why);
	arena_free(ask.a);
	arena_free(a);
	if (!done)
		fprintf(stderr, "bench_ask: %s\n", why.text);
	return !done;
}
