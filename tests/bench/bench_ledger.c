/*
 * bench_ledger fill FILE N    a ledger of N deployments, 1,000 a transaction
 * bench_ledger append FILE N  N transactions of two events each
 * bench_ledger sync FILE N    the yardstick: write 4 KiB and fdatasync, N times
 *
 * sync goes round in 4 MiB, as SQLite's write-ahead log does between its
 * checkpoints (wal_autocheckpoint: 1,000 pages).
 */
#include "core/ledger.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BATCH = 1000, PAGE = 4096, ROUND = 1000, BEGIN = 1700000000 };

static bool is_first(struct ledger *l, struct arena *a, struct fail *why)
{
	struct ledger_head head;
	return ledger_head(l, a, &head, why) && !head.repository.n;
}

static bool create(struct ledger *l, struct fail *why)
{
	json_t *payload =
	        json_pack("{s:i,s:s}", "schema", LEDGER_SCHEMA, "repository",
	                  "0123456789012345678901234567890123456789");
	bool done = ledger_begin(l, why) &&
	            ledger_append(l, BEGIN, "ledger.created", STR("ledger"),
	                          STR(""), payload, NULL, why) &&
	            ledger_commit(l, why);
	json_decref(payload);
	return done;
}

/* As record_created in runner/record.c writes it. */
static json_t *created(struct arena *a, int64_t number)
{
	static const char *const environments[] = {"dev", "staging", "prod"};
	const char *token =
	        str_format(a, "dxcp-%032llx", (unsigned long long)number).s;
	const char *blob =
	        str_format(a, "%040llx", (unsigned long long)number).s;
	const char *path = str_format(a, "intents/service-%d/2023/d-%lld.yaml",
	                              (int)(number % 500), (long long)number)
	                           .s;
	return json_pack(
	        "{s:I,s:s,s:s,s:s,s:s,s:n,s:s,s:s,s:i,s:s,s:n,s:n,s:s,s:{s:s,"
	        "s:s,s:s},s:s,s:i,s:{s:s,s:s,s:s},s:i}",
	        "number", (json_int_t)number, "token", token, "service",
	        str_format(a, "service-%d", (int)(number % 500)).s,
	        "environment", environments[number / 500 % 3], "version",
	        str_format(a, "1.%lld.0", (long long)(number / 1500)).s,
	        "previousVersion", "group", "group", "recipe", "standard",
	        "recipeRevision", 1, "kind", "ROLL_FORWARD", "rollbackOf",
	        "sourceEnvironment", "summary",
	        "Fix the rounding of totals with value added tax", "actor",
	        "email", "ana@example.com", "role", "DELIVERY_OWNER", "name",
	        "Ana", "engine", "box", "timeout", 3600, "intent", "path", path,
	        "blob", blob, "commit", blob, "run", 1);
}

/* One deployment made and ended: two events. */
static bool append_two(struct ledger *l, struct arena *a, int64_t number,
                       struct fail *why)
{
	int64_t now = BEGIN + number * 60;
	struct str subject = str_format(a, "%lld", (long long)number);
	json_t *first = created(a, number);
	json_t *second = json_pack("{s:I,s:s,s:s,s:[]}", "number",
	                           (json_int_t)number, "state", "SUCCEEDED",
	                           "finishedAt", when_text(now).s, "failures");
	bool done = ledger_append(l, now, "deployment.created", subject,
	                          STR("ana@example.com"), first, NULL, why) &&
	            ledger_append(l, now, "deployment.ended", subject, STR(""),
	                          second, NULL, why);
	json_decref(first);
	json_decref(second);
	return done;
}

static bool append(struct ledger *l, struct arena *a, long n, long batch,
                   struct fail *why)
{
	int64_t next;
	if (!ledger_next_number(l, &next, why))
		return false;
	struct arena *scratch = arena_new();
	bool done = true;
	(void)a;
	for (long i = 0; i < n && done; i++) {
		done = (i % batch || ledger_begin(l, why)) &&
		       append_two(l, scratch, next + i, why) &&
		       ((i % batch != batch - 1 && i != n - 1) ||
		        ledger_commit(l, why));
		arena_reset(scratch);
	}
	arena_free(scratch);
	return done;
}

static int sync_pages(const char *path, long n)
{
	static char page[PAGE];
	int fd = open(path, O_WRONLY | O_CREAT, 0666);
	memset(page, 'x', sizeof page);
	for (long i = 0; fd >= 0 && i < n; i++) {
		page[0] = (char)i;
		if (pwrite(fd, page, PAGE, i % ROUND * PAGE) != PAGE ||
		    fdatasync(fd)) {
			perror(path);
			return 1;
		}
	}
	return fd < 0 || close(fd);
}

int main(int argc, char **argv)
{
	struct fail why = {FAIL_NONE, "", ""};
	struct ledger *l;
	if (argc != 4) {
		fprintf(stderr, "bench_ledger: fill|append|sync FILE N\n");
		return 2;
	}
	long n = strtol(argv[3], NULL, 10);
	if (!strcmp(argv[1], "sync"))
		return sync_pages(argv[2], n);
	struct arena *a = arena_new();
	bool done = ledger_open(&l, a, argv[2], LEDGER_WRITE, &why) &&
	            ledger_lease(l, a, &why) &&
	            (!is_first(l, a, &why) || create(l, &why)) &&
	            append(l, a, n, strcmp(argv[1], "fill") ? 1 : BATCH, &why);
	arena_free(a);
	if (!done)
		fprintf(stderr, "bench_ledger: %s\n", why.text);
	return !done;
}
