/*
 * bench_sync write REPOSITORY LEDGER   a ledger's copy in git: prints its
 * commit bench_sync follow REPOSITORY COMMIT FILE  a new file is brought up to
 * it bench_sync read REPOSITORY COMMIT    the yardstick: its blobs are read out
 * of git, and the chain of hashes is proved
 */
#include "core/ledger_line.h"
#include "core/ledger_sync.h"
#include "core/sha256.h"

#include <stdio.h>
#include <string.h>

static bool write_copy(struct arena *a, const struct repo *r, const char *path,
                       struct fail *why)
{
	struct ledger *l;
	struct oid none = {{0}}, commit = none;
	int64_t events;
	bool done = ledger_open(&l, a, path, LEDGER_READ, why) &&
	            ledger_write_commit(l, r, &none, 0, STR("bench"), &commit,
	                                &events, why);
	if (done)
		printf("%s\n", oid_hex(&commit).s);
	return done;
}

static bool follow(struct arena *a, const struct repo *r,
                   const struct oid *commit, const char *path, struct fail *why)
{
	struct ledger *l;
	struct ledger_standing at;
	return ledger_open(&l, a, path, LEDGER_WRITE, why) &&
	       ledger_compare(l, r, commit, &at, why) &&
	       ledger_follow(l, r, commit, &at, why);
}

/* The hash of the line before. */
struct chain {
	char prev[65];
};

static bool prove(void *context, const struct repo_events *file,
                  struct fail *why)
{
	struct chain *chain = context;
	struct str rest = file->text, line, record, hash;
	while (str_next(&rest, '\n', &line) && line.n) {
		if (!ledger_line_split(line, &record, &hash))
			return fail_set(why, FAIL_INTEGRITY, "no line");
		const struct str parts[] = {
		        {chain->prev, 64}, STR("\n"), record};
		struct sha256_hex is = sha256_of_parts(parts, 3);
		if (!str_is(hash, is.s))
			return fail_set(why, FAIL_INTEGRITY, "no chain");
		memcpy(chain->prev, is.s, 64);
	}
	return true;
}

int main(int argc, char **argv)
{
	struct fail why = {FAIL_NONE, "", ""};
	struct arena *a = arena_new();
	struct repo *r;
	struct oid commit;
	struct chain chain;
	memset(chain.prev, '0', sizeof chain.prev);
	bool writes = argc == 4 && !strcmp(argv[1], "write");
	bool follows = argc == 5 && !strcmp(argv[1], "follow");
	bool reads = argc == 4 && !strcmp(argv[1], "read");
	if ((!writes && !follows && !reads) ||
	    (!writes && !oid_parse(str_of(argv[3]), &commit))) {
		fprintf(stderr, "bench_sync: write|follow|read REPOSITORY "
		                "LEDGER|COMMIT [FILE]\n");
		return 2;
	}
	bool done = repo_open(&r, a, argv[2], &why) &&
	            (writes    ? write_copy(a, r, argv[3], &why)
	             : follows ? follow(a, r, &commit, argv[4], &why)
	                       : repo_ledger_read(r, &commit, 1, prove, &chain,
	                                          &why));
	arena_free(a);
	if (!done)
		fprintf(stderr, "bench_sync: %s\n", why.text);
	return !done;
}
