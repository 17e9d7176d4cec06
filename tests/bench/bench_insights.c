/*
 * bench_insights scan LEDGER          the yardstick: every column of the index
 *                                     of all that ended, stepped and read
 * bench_insights pages LEDGER NOW     what the pages of all periods show, of
 *                                     everything and of each group
 * bench_insights weeks LEDGER NOW     what the pages of all weeks show
 * bench_insights all|90d|... LEDGER NOW
 *                                     the figures of one period
 *
 * LEDGER is of bench_history. They are asked as render/view_insights asks.
 * Prints what was counted.
 */
#include "core/insight.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

enum { GROUPS = 25, OF_GROUP = 20, POLICY_MAX = 1 << 17, WEEKS_MOST = 600 };

/* --- the yardstick --- */

static int scan(const char *path)
{
	static const char sql[] =
	        "SELECT finished_at, number, service, environment, group_id,"
	        " recipe, kind, state, reason, category, created_at,"
	        " dispatched_at, started_at, authored_at, built_at, undone_at,"
	        " imported, build_seq FROM deployment INDEXED BY deployment_by_end"
	        " WHERE finished_at > 0 ORDER BY finished_at, number";
	enum { COLUMNS = 18, FIRST_TEXT = 2, LAST_TEXT = 9 };
	sqlite3 *db;
	sqlite3_stmt *s;
	long rows = 0, bytes = 0;
	int64_t sum = 0;
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) ||
	    sqlite3_prepare_v2(db, sql, -1, &s, NULL)) {
		fprintf(stderr, "bench_insights: %s\n", sqlite3_errmsg(db));
		return 1;
	}
	for (; sqlite3_step(s) == SQLITE_ROW; rows++)
		for (int i = 0; i < COLUMNS; i++)
			if (i < FIRST_TEXT || i > LAST_TEXT)
				sum += sqlite3_column_int64(s, i);
			else if (sqlite3_column_text(s, i))
				bytes += sqlite3_column_bytes(s, i);
	sqlite3_finalize(s);
	sqlite3_close(db);
	printf("%ld rows, %ld bytes, %lld\n", rows, bytes, (long long)sum);
	return 0;
}

/* --- the figures --- */

struct asking {
	struct arena *arena;
	struct ledger *ledger;
	struct insight_question q;
	int64_t first;
	int64_t changes; /* of all that was asked */
	struct fail why;
};

static const struct policy *policy_of(struct arena *a)
{
	struct buf b = buf_new(a, POLICY_MAX);
	struct diags ds = diags_new(a);
	buf_add(&b, STR("kind: platform\nname: P\ntimezone: Europe/Berlin\n"
	                "engines: {box: {type: sandbox}}\n"
	                "---\n{kind: environment, name: prod-eu, type: prod}\n"
	                "---\n{kind: environment, name: prod-us, type: prod}\n"
	                "---\n{kind: recipe, id: standard, name: S, revision: "
	                "1, summary: s, engine: box}\n"));
	for (int i = 0; i < GROUPS * OF_GROUP; i++)
		buf_format(&b,
		           "---\n{kind: service, name: service-%04d, recipes: "
		           "[standard],\nroutes: {prod-eu: standard}}\n",
		           i);
	for (int g = 0; g < GROUPS; g++) {
		buf_format(&b,
		           "---\n{kind: group, id: group-%03d, name: G%d, "
		           "environments: [prod-eu, prod-us],\nrecipes: "
		           "[standard], services: [",
		           g, g);
		for (int i = 0; i < OF_GROUP; i++)
			buf_format(&b, "%sservice-%04d", i ? ", " : "",
			           g * OF_GROUP + i);
		buf_add(&b, STR("]}\n"));
	}
	struct source *file =
	        source_new(a, STR("policy/all.yaml"), buf_str(&b));
	const struct policy *p = policy_read(a, &file, 1, &ds);
	if (ds.errors)
		fprintf(stderr, "bench_insights: the policy has errors\n");
	return ds.errors ? NULL : p;
}

static bool take(void *context, size_t window, const struct insights *found,
                 struct fail *why)
{
	struct asking *k = context;
	(void)window;
	(void)why;
	for (size_t i = 0; i < found->n; i++)
		k->changes += insight_changed(&found->at[i].now);
	return true;
}

static bool window_of(const struct asking *k, const char *period,
                      struct insight_window *out)
{
	bool is = insight_window_of(str_of(period), k->q.at,
	                            k->q.policy->platform.zone, k->first, out);
	if (!is)
		fprintf(stderr, "bench_insights: %s is no period\n", period);
	return is;
}

static bool ask_period(struct asking *k, const char *period)
{
	struct insight_window w;
	return window_of(k, period, &w) &&
	       insight_read_each(k->ledger, &k->q, &w, 1, take, k, &k->why);
}

static bool ask_pages(struct asking *k)
{
	static const char *const periods[] = {"7d", "30d", "13w", "12m", "all"};
	enum { PERIODS = sizeof periods / sizeof *periods };
	struct insight_window w[PERIODS];
	k->q.slices = true;
	for (size_t i = 0; i < PERIODS; i++)
		if (!window_of(k, periods[i], &w[i]))
			return false;
	return insight_read_each(k->ledger, &k->q, w, PERIODS, take, k,
	                         &k->why);
}

static bool ask_weeks(struct asking *k)
{
	const struct zone *zone = k->q.policy->platform.zone;
	struct insight_window w[WEEKS_MOST];
	size_t n = 0;
	for (int64_t t = insight_week_start(k->first, zone), end;
	     t < k->q.at && n < WEEKS_MOST; t = end) {
		end = insight_week_end(t, zone);
		w[n++] = (struct insight_window){t, end};
	}
	return insight_read_each(k->ledger, &k->q, w, n, take, k, &k->why);
}

static bool answer(struct asking *k, const char *what, const char *ledger)
{
	k->q.policy = policy_of(k->arena);
	if (!k->q.policy)
		return false;
	insight_production(k->q.policy, k->arena, &k->q);
	k->q.series = true;
	if (!ledger_open(&k->ledger, k->arena, ledger, LEDGER_READ, &k->why) ||
	    !ledger_begin(k->ledger, &k->why) ||
	    !insight_first(k->ledger, &k->q, &k->first, &k->why))
		return false;
	return str_is(str_of(what), "pages")   ? ask_pages(k)
	       : str_is(str_of(what), "weeks") ? ask_weeks(k)
	                                       : ask_period(k, what);
}

int main(int argc, char **argv)
{
	struct asking k = {.arena = arena_new()};
	if (argc == 3 && str_is(str_of(argv[1]), "scan"))
		return scan(argv[2]);
	if (argc != 4 || !when_parse(str_of(argv[3]), &k.q.at)) {
		fprintf(stderr, "bench_insights: scan LEDGER | "
		                "pages|weeks|PERIOD LEDGER NOW\n");
		return 2;
	}
	bool fine = answer(&k, argv[1], argv[2]);
	if (fine)
		printf("%lld changes\n", (long long)k.changes);
	else
		fprintf(stderr, "bench_insights: %s\n", k.why.text);
	arena_free(k.arena);
	return !fine;
}
