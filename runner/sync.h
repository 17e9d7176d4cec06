/*
 * sync: the ledger's copy in git, for machines that are thrown away. CONTRACT
 * section 4.
 *
 * platform.ledger.ref names the copy's newest commit, here and in the remote
 * that platform.ledger.remote names, where there is one. A run begins with
 * what the remote has, and pushes with compare-and-swap: what it is about to
 * send before it sends that, and what came of it after. So of two runs that
 * began with the same copy one sends, and the other fails with FAIL_BUSY
 * before it has sent anything. Without a remote the ref alone is swapped.
 *
 * Here the ref moves only after the remote's did, so that it never has what the
 * remote has not. Fetching and pushing is done by the git program, so that
 * credential helpers, SSH's configuration and proxies work; it asks nobody.
 *
 * With --ledger none of this is done: that file is a ledger of its own.
 */
#ifndef RUNNER_SYNC_H
#define RUNNER_SYNC_H

#include "core/ledger_sync.h"
#include "runner/world.h"

struct sync {
	const char *ref;
	const char *remote; /* NULL: there is none */
	int64_t timeout_s;  /* of one fetch or push */
	struct oid commit;  /* the copy that is known of; zero: none */
	struct oid there;   /* at the remote, where there is one */
	struct str runner;  /* random: this run's name in its commits */
	int64_t last;       /* the number of its last event */
	int pushes;         /* of this run, that were taken */
	struct str notice;  /* something that people should know; empty */
};

/* What the policy says, and what the ref names here. */
bool sync_open(struct sync **out, struct world *w, const struct policy *policy,
               struct fail *why);

/*
 * Bring the ref up to the remote's. FAIL_ENGINE where the remote cannot be
 * reached, FAIL_INTEGRITY where its copy is not a continuation of ours nor
 * ours of its. No remote: nothing to do.
 */
bool sync_pull(struct world *w, struct sync *s, struct fail *why);

/*
 * Bring the ledger's file up to the copy; w->ledger is open for writing and its
 * lease held. What the file has more stays, and is pushed with what this run
 * records. Where the two part the file's own end is dropped if it was never
 * acted on; else FAIL_INTEGRITY.
 */
bool sync_settle(struct world *w, struct sync *s, struct fail *why);

/* For reading: w->ledger becomes one that has what the copy has. */
bool sync_read(struct world *w, struct sync *s, struct fail *why);

/*
 * Push all that is recorded and not in the copy, if anything is. FAIL_BUSY:
 * another run was faster. These two do nothing where w->sync is NULL.
 */
bool sync_push(struct world *w, struct fail *why);
/* The same at the end of a run, if it recorded more than that there was nothing
   to do at a commit (`moved`: another than the last time). */
bool sync_push_news(struct world *w, bool moved, struct fail *why);

/* For doctor: what the remote has now (zero: no copy yet); whether it lets
   itself be pushed to, as far as that is known without doing it. */
bool sync_look(struct world *w, const struct sync *s, struct oid *there,
               struct fail *why);
bool sync_may_push(struct world *w, const struct sync *s, struct fail *why);

#endif
