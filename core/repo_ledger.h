/*
 * repo_ledger: the ledger's events as files of a git commit, and the ref that
 * names the newest of these commits. Knows nothing of what events say.
 *
 * The tree of every commit holds all events so far:
 *
 *	README.md                                how to read and prove the rest
 *	events/000/123/000123456-000123499.jsonl lines of events 123456..123499
 *
 * One event a line, in the order of their numbers. A file holds events of one
 * thousand (its folder says which) and, save of a single event that is larger,
 * at most REPO_LEDGER_FILE_MAX bytes. It is never changed: a commit adds
 * files, so that what a fetch or a push carries follows what is new, and a
 * shallow fetch has all. At most 999,999,999 events.
 */
#ifndef CORE_REPO_LEDGER_H
#define CORE_REPO_LEDGER_H

#include "core/repo.h"

enum {
	REPO_LEDGER_FILE_MAX = 1 << 20, /* bytes, as they are written */
	REPO_LEDGER_READ_MAX = 63 << 20,
};

/* --- the ref --- */

/* The name is one that git takes, of a full ref ("refs/..."). */
bool repo_ref_is_valid(const char *ref);

/* The commit that a ref names; zero where there is no such ref. */
bool repo_ref(const struct repo *r, const char *ref, struct oid *out,
              struct fail *why);

/* Compare-and-swap: from `from` (zero: there is none yet) to `to`. */
enum ref_move {
	REF_MOVED,
	REF_ELSEWHERE, /* it names another commit now: nothing changed */
	REF_LOCKED,    /* some program moves it just now, or died doing so */
};
bool repo_ref_move(const struct repo *r, const char *ref,
                   const struct oid *from, const struct oid *to,
                   enum ref_move *out, struct fail *why);

/* Git's lock of a ref is a file, which outlives who made it. Which one it is,
   told apart from any made later; 0: there is none. And taking it away. */
uint64_t repo_ref_lock(const struct repo *r, const char *ref);
bool repo_ref_unlock(const struct repo *r, const char *ref, struct fail *why);

/* --- reading --- */

/* The lines of events first..last, each with its line feed. */
struct repo_events {
	int64_t first, last;
	struct str text; /* valid during the call, or in an arena */
};
typedef bool repo_events_fn(void *context, const struct repo_events *file,
                            struct fail *why);

/*
 * The number of the last event in a commit; 0 where it has none. A tree that is
 * not as above is FAIL_INTEGRITY, here and below.
 */
bool repo_ledger_last(const struct repo *r, const struct oid *commit,
                      int64_t *last, struct fail *why);

/* The file that holds this event, in a; first 0 where there is none. */
bool repo_ledger_file(const struct repo *r, struct arena *a,
                      const struct oid *commit, int64_t seq,
                      struct repo_events *out, struct fail *why);

/* All files from the one that holds event `from` on, in order and without a
   gap. Costs what is read, not what stands before it. */
bool repo_ledger_read(const struct repo *r, const struct oid *commit,
                      int64_t from, repo_events_fn *visit, void *context,
                      struct fail *why);

/* --- writing --- */

/*
 * One commit in the making. repo_ledger_add writes a file (its lines as they
 * are to stand there; the numbers go on from those before); repo_ledger_commit
 * the commit on top of parent (zero: the first), made at `time`. No ref is
 * touched. The same files, time and message make the same commit.
 */
struct repo_batch;
struct repo_batch *repo_batch_new(const struct repo *r, struct arena *a,
                                  const struct oid *parent);
bool repo_batch_add(struct repo_batch *b, const struct repo_events *file,
                    struct fail *why);
bool repo_batch_commit(struct repo_batch *b, int64_t time, struct str message,
                       struct oid *out, struct fail *why);

/* Whether a file that begins with event `first` may hold event seq, too. */
bool repo_ledger_same_file(int64_t first, int64_t seq);

#endif
