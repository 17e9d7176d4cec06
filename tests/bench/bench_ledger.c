/*
 * bench_ledger fill FILE N        a ledger of N deployments, 1,000 at once
 * bench_ledger append FILE N      N transactions: what a run records of one
 *                                 deployment after the other, as it happens;
 *                                 prints the bytes that one of them wrote
 * bench_ledger plain FILE N       N transactions of one short row in a table of
 *                                 its own, on the same connection: what SQLite
 *                                 takes at the least
 * bench_ledger sync FILE N BYTES  the yardstick: one write and fdatasync, N
 *                                 times
 *
 * sync goes round in 4 MiB, as SQLite's write-ahead log does between its
 * checkpoints (wal_autocheckpoint: 1,000 pages).
 */
#include "core/ledger_private.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BATCH = 1000, ROUND = 4096000, BEGIN = 1700000000 };

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

/* As record_created in runner/record.c writes it; services and groups are those
   of gen_repo. */
static json_t *created(struct arena *a, int64_t number)
{
	int service = (int)(number % 500);
	static const char *const environments[] = {"dev", "staging", "prod"};
	const char *token =
	        str_format(a, "dxcp-%032llx", (unsigned long long)number).s;
	const char *blob =
	        str_format(a, "%040llx", (unsigned long long)number).s;
	const char *path =
	        str_format(a, "intents/service-%04d/2023/d-%lld.yaml", service,
	                   (long long)number)
	                .s;
	return json_pack(
	        "{s:I,s:s,s:s,s:s,s:s,s:n,s:s,s:s,s:i,s:s,s:n,s:n,s:s,s:{s:s,"
	        "s:s,s:s},s:s,s:i,s:{s:s,s:s,s:s},s:i}",
	        "number", (json_int_t)number, "token", token, "service",
	        str_format(a, "service-%04d", service).s, "environment",
	        environments[number / 500 % 3], "version",
	        str_format(a, "1.%lld.0", (long long)(number / 1500)).s,
	        "previousVersion", "group",
	        str_format(a, "group-%03d", service / 20).s, "recipe",
	        "standard", "recipeRevision", 1, "kind", "ROLL_FORWARD",
	        "rollbackOf", "sourceEnvironment", "summary",
	        "Fix the rounding of totals with value added tax", "actor",
	        "email", "ana@example.com", "role", "DELIVERY_OWNER", "name",
	        "Ana", "engine", "box", "timeout", 3600, "intent", "path", path,
	        "blob", blob, "commit", blob, "run", 1);
}

static json_t *dispatching(struct arena *a, int64_t number)
{
	(void)a;
	return json_pack("{s:I,s:i}", "number", (json_int_t)number, "run", 1);
}

static json_t *started(struct arena *a, int64_t number)
{
	return json_pack(
	        "{s:I,s:s,s:n,s:s}", "number", (json_int_t)number,
	        "executionId", str_format(a, "box-%lld", (long long)number).s,
	        "executionUrl", "startedAt", when_text(BEGIN + number * 60).s);
}

static json_t *ended(struct arena *a, int64_t number)
{
	(void)a;
	return json_pack("{s:I,s:s,s:s,s:n,s:[]}", "number", (json_int_t)number,
	                 "state", "SUCCEEDED", "finishedAt",
	                 when_text(BEGIN + number * 60).s, "detail",
	                 "failures");
}

/* What happens to a deployment. */
static const struct step {
	const char *type;
	json_t *(*payload)(struct arena *a, int64_t number);
	bool in_fill; /* half of the events are as good for a full ledger */
} steps[] = {
        {"deployment.created", created, true},
        {"deployment.dispatching", dispatching, false},
        {"deployment.started", started, false},
        {"deployment.ended", ended, true},
};
enum { STEPS = sizeof steps / sizeof *steps };

static bool take(struct ledger *l, struct arena *a, const struct step *step,
                 int64_t number, struct fail *why)
{
	json_t *payload = step->payload(a, number);
	struct str subject = str_format(a, "%lld", (long long)number);
	bool done = ledger_append(l, BEGIN + number * 60, step->type, subject,
	                          STR(""), payload, NULL, why);
	json_decref(payload);
	return done;
}

static bool fill(struct ledger *l, struct arena *scratch, long n,
                 struct fail *why)
{
	int64_t next;
	bool done = ledger_next_number(l, &next, why);
	for (long i = 0; i < n && done; i++) {
		done = i % BATCH || ledger_begin(l, why);
		for (int k = 0; k < STEPS && done; k++)
			done = !steps[k].in_fill ||
			       take(l, scratch, &steps[k], next + i, why);
		if (done && (i % BATCH == BATCH - 1 || i == n - 1))
			done = ledger_commit(l, why);
		arena_reset(scratch);
	}
	return done;
}

/* Bytes that this program gave to write calls. */
static long written(void)
{
	char line[64];
	long n = 0;
	FILE *f = fopen("/proc/self/io", "r");
	while (f && fgets(line, sizeof line, f))
		if (!strncmp(line, "wchar: ", 7))
			n = strtol(line + 7, NULL, 10);
	if (f)
		fclose(f);
	return n;
}

static bool append(struct ledger *l, struct arena *scratch, long n,
                   struct fail *why)
{
	int64_t next;
	bool done = ledger_next_number(l, &next, why);
	long before = written();
	for (long i = 0; i < n && done; i++) {
		done = ledger_begin(l, why) &&
		       take(l, scratch, &steps[i % STEPS], next + i / STEPS,
		            why) &&
		       ledger_commit(l, why);
		arena_reset(scratch);
	}
	printf("%ld\n", (written() - before) / n);
	return done;
}

static bool plain(struct ledger *l, struct arena *scratch, long n,
                  struct fail *why)
{
	sqlite3_stmt *st = NULL;
	(void)scratch;
	bool done = ledger_exec(l,
	                        "CREATE TABLE IF NOT EXISTS plain"
	                        " (id INTEGER PRIMARY KEY, text TEXT)",
	                        why) &&
	            sqlite3_prepare_v2(l->db,
	                               "INSERT INTO plain (text) VALUES"
	                               " ('as short as this')",
	                               -1, &st, NULL) == SQLITE_OK;
	for (long i = 0; i < n && done; i++) {
		done = ledger_begin(l, why) && sqlite3_step(st) == SQLITE_DONE;
		sqlite3_reset(st);
		done = done && ledger_commit(l, why);
	}
	sqlite3_finalize(st);
	return done;
}

typedef bool work_fn(struct ledger *l, struct arena *scratch, long n,
                     struct fail *why);
static work_fn *work_of(const char *name)
{
	if (!strcmp(name, "fill"))
		return fill;
	return strcmp(name, "plain") ? append : plain;
}

static int sync_writes(const char *path, long n, size_t bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0666);
	struct arena *a = arena_new();
	char *text = arena_alloc(a, bytes);
	long places = ROUND / (long)bytes;
	memset(text, 'x', bytes);
	for (long i = 0; fd >= 0 && i < n; i++) {
		text[0] = (char)i;
		if (pwrite(fd, text, bytes, i % places * (long)bytes) !=
		            (ssize_t)bytes ||
		    fdatasync(fd)) {
			perror(path);
			return 1;
		}
	}
	arena_free(a);
	return fd < 0 || close(fd);
}

int main(int argc, char **argv)
{
	struct fail why = {FAIL_NONE, "", ""};
	struct ledger *l;
	long n = argc > 3 ? strtol(argv[3], NULL, 10) : 0;
	bool syncs = argc > 1 && !strcmp(argv[1], "sync");
	long bytes = syncs && argc == 5 ? strtol(argv[4], NULL, 10) : 0;
	if (n < 1 || argc != 4 + syncs || (syncs && bytes < 1)) {
		fprintf(stderr, "bench_ledger: fill|append|plain|sync FILE N "
		                "[BYTES]\n");
		return 2;
	}
	if (syncs)
		return sync_writes(argv[2], n, (size_t)bytes);
	struct arena *a = arena_new(), *scratch = arena_new();
	bool done = ledger_open(&l, a, argv[2], LEDGER_WRITE, &why) &&
	            ledger_lease(l, a, &why) &&
	            (!is_first(l, a, &why) || create(l, &why)) &&
	            work_of(argv[1])(l, scratch, n, &why);
	arena_free(scratch);
	arena_free(a);
	if (!done)
		fprintf(stderr, "bench_ledger: %s\n", why.text);
	return !done;
}
