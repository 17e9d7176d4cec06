/* Whether rows are written after each event, after a few or at the end of all:
   the tables are the same, whatever has happened. */
#include "core/ledger_project.h"
#include "core/ledger_schema.h"
#include "tests/lib/tap.h"

#include <string.h>

enum { LEDGERS = 4, HISTORIES = 60, EVENTS = 120, NUMBERS = 64 };
/* How many rows each keeps; 0: those of one event. */
static const size_t kept[LEDGERS] = {0, 1, 5, 8192};

struct history {
	struct arena *a;
	struct ledger *of[LEDGERS];
	uint64_t random;
	int64_t seq, time;
	int taken;
};

static int64_t choose(struct history *h, int64_t n)
{
	h->random = h->random * 6364136223846793005u + 1442695040888963407u;
	return (int64_t)(h->random >> 33) % n;
}

/* To all of them; what contradicts the past does so for all. */
static void tell(struct history *h, const char *type, struct str payload)
{
	struct event e = {.seq = ++h->seq,
	                  .time = h->time += choose(h, 3),
	                  .type = str_of(type),
	                  .subject = STR("s"),
	                  .payload = payload};
	const struct canon *read = canon_read(h->a, payload, NULL);
	int fine = 0;
	for (int i = 0; i < LEDGERS; i++) {
		struct fail why = {0};
		fine += read && project_event(h->of[i], &e, read, &why);
		arena_reset(h->of[i]->scratch);
	}
	h->taken += fine > 0;
	if (!read || (fine && fine != LEDGERS))
		ok(false, "all take %s %" STR_FMT, type, STR_ARG(payload));
}

/* --- what happens --- */

static int64_t some_number(struct history *h)
{
	int64_t next = 1;
	struct fail why = {0};
	if (!row_next_number(h->of[0], &next, &why))
		ok(false, "the next number: %s", why.text);
	return 1 + choose(h, next);
}

static void create(struct history *h, bool imported)
{
	static const char *const states[] = {"SUCCEEDED", "FAILED", "CANCELED"};
	int64_t next = 1, of = choose(h, 3) ? 0 : some_number(h);
	struct fail why = {0};
	row_next_number(h->of[0], &next, &why);
	struct buf p = buf_new(h->a, 4096);
	buf_format(&p, "{\"environment\":\"e%d\",\"failures\":[",
	           (int)choose(h, 2));
	if (imported && !choose(h, 4))
		buf_add(&p, STR("{\"category\":\"APP\",\"summary\":\"x\"}"));
	buf_format(&p, "],\"finishedAt\":%lld,\"group\":\"g\",",
	           (long long)(1000 + choose(h, 400)));
	buf_format(&p,
	           "\"intent\":{\"blob\":\"b\",\"path\":\"p%d\"},"
	           "\"kind\":\"%s\",\"number\":%lld,",
	           (int)choose(h, 5), of ? "ROLLBACK" : "ROLL_FORWARD",
	           (long long)next);
	if (choose(h, 2))
		buf_add(&p, STR("\"previousVersion\":\"9.9\","));
	buf_format(&p, "\"rollbackOf\":%lld,\"service\":\"s%d\",",
	           (long long)of, (int)choose(h, 2));
	buf_format(&p,
	           "\"state\":\"%s\",\"summary\":\"m\",\"version\":\"1.%d\"}",
	           states[choose(h, 3)], (int)choose(h, 6));
	tell(h, imported ? "deployment.imported" : "deployment.created",
	     buf_str(&p));
}

static void about_one(struct history *h, const char *type)
{
	tell(h, type,
	     str_format(h->a, "{\"detail\":\"d\",\"number\":%lld}",
	                (long long)some_number(h)));
}

static void start(struct history *h)
{
	tell(h, "deployment.started",
	     str_format(h->a,
	                "{\"executionId\":\"x%lld\",\"executionUrl\":\"u\","
	                "\"number\":%lld,\"startedAt\":%lld}",
	                (long long)h->seq, (long long)some_number(h),
	                (long long)h->time));
}

/* At a time of its own: late ones are among them, and at the same second. */
static void end(struct history *h)
{
	static const char *const states[] = {"SUCCEEDED", "SUCCEEDED", "FAILED",
	                                     "CANCELED"};
	int64_t state = choose(h, 4);
	tell(h, "deployment.ended",
	     str_format(h->a,
	                "{\"failures\":[%s],\"finishedAt\":%lld,"
	                "\"number\":%lld,\"state\":\"%s\"}",
	                state == 2 ? "{\"category\":\"INFRA\",\"detail\":\"d\","
	                             "\"summary\":\"f\"}"
	                           : "",
	                (long long)(h->time + choose(h, 30) - 20),
	                (long long)some_number(h), states[state]));
}

static void other(struct history *h)
{
	static const char *const types[] = {
	        "deployment.progress", "deployment.lost_contact",
	        "deployment.withdrawn", "deployment.cancel_requested",
	        "deployment.unsent"};
	about_one(h, types[choose(h, 5)]);
}

static void decide(struct history *h)
{
	tell(h, "intent.decided",
	     str_format(h->a,
	                "{\"blob\":\"b\",\"decision\":\"allow\","
	                "\"intent\":\"p%d\",\"run\":1}",
	                (int)choose(h, 5)));
	tell(h, "build.registered",
	     str_format(h->a,
	                "{\"builtAt\":%lld,\"service\":\"s%d\","
	                "\"version\":\"1.%lld\"}",
	                (long long)h->time, (int)choose(h, 2),
	                (long long)choose(h, 1000)));
}

static void happen(struct history *h)
{
	int64_t what = choose(h, 20);
	if (what < 5)
		create(h, false);
	else if (what < 7)
		create(h, true);
	else if (what < 9)
		about_one(h, "deployment.dispatching");
	else if (what < 11)
		start(h);
	else if (what < 16)
		end(h);
	else if (what < 18)
		other(h);
	else
		decide(h);
}

/* --- what the tables are --- */

static struct str rows(struct arena *a, struct ledger *l, const char *sql)
{
	struct buf out = buf_new(a, 1 << 20);
	sqlite3_stmt *st;
	if (sqlite3_prepare_v2(l->db, sql, -1, &st, NULL) != SQLITE_OK)
		return STR("?");
	while (sqlite3_step(st) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(st); i++)
			buf_format(&out, "%s|", sqlite3_column_text(st, i));
		buf_add_char(&out, '\n');
	}
	sqlite3_finalize(st);
	return buf_str(&out);
}

static int differences(struct history *h)
{
	int differ = 0;
	for (size_t t = 0; t < schema_projection_count; t++) {
		const struct schema_projection *p = &schema_projections[t];
		struct str first = rows(h->a, h->of[0], p->rows);
		for (int i = 1; i < LEDGERS; i++) {
			struct str now = rows(h->a, h->of[i], p->rows);
			if (str_eq(first, now))
				continue;
			differ++;
			tap_note("%s, %zu rows kept:\n%" STR_FMT
			         "one by one:\n%" STR_FMT,
			         p->table, kept[i], STR_ARG(now),
			         STR_ARG(first));
		}
	}
	return differ;
}

static int try_history(uint64_t seed, int *taken)
{
	struct history h = {.a = arena_new(), .random = seed, .time = 1100};
	struct fail why = {0};
	bool fine = true;
	for (int i = 0; i < LEDGERS; i++) {
		fine = fine && ledger_open_empty(&h.of[i], h.a, &why) &&
		       ledger_exec(h.of[i], "BEGIN", &why);
		if (fine && kept[i])
			row_many(h.of[i], kept[i]);
	}
	for (int i = 0; fine && i < EVENTS; i++)
		happen(&h);
	for (int i = 0; fine && i < LEDGERS; i++)
		fine = row_many_end(h.of[i], &why);
	if (!fine)
		ok(false, "history %d: %s", (int)seed, why.text);
	int differ = fine ? differences(&h) : 1;
	*taken += h.taken;
	arena_free(h.a);
	return differ;
}

int main(void)
{
	int differ = 0, taken = 0;
	for (uint64_t seed = 1; seed <= HISTORIES; seed++)
		differ += try_history(seed, &taken);
	is_int(differ, 0, "the tables are the same");
	ok(taken > HISTORIES * EVENTS / 3, "%d events were taken", taken);
	return tap_done();
}
