/* gather_private: what the files of gather share. */
#ifndef RUNNER_GATHER_PRIVATE_H
#define RUNNER_GATHER_PRIVATE_H

#include "runner/gather.h"

/* --- gather_files.c --- */

/*
 * Whether an entry is a file to read: CONTRACT section 1. What is not, and
 * should have been, is a finding, unless it is to be quiet.
 */
bool gather_counts(struct pass *p, const struct change *c, bool quiet);

/*
 * The bytes of a blob, or of the file in the working tree. A file over the cap
 * is the user's error, not the environment's: a finding, and *sound is false.
 */
bool gather_text(struct world *w, struct pass *p, struct arena *a,
                 struct str path, const struct oid *blob, struct str *out,
                 bool *sound, struct fail *why);

/* Files under intents/, by path. */
struct intent_files {
	struct pass *pass;
	struct arena *arena; /* of `found` */
	bool quiet;          /* what does not count is no finding */
	VEC(struct origin) found;
};

/* A change_fn; context is a struct intent_files. */
bool intent_file_add(void *context, const struct change *c, struct fail *why);

/* The index of a path, or how many there are. */
size_t intent_file_find(const struct intent_files *files, struct str path);

/* --- gather_waiting.c --- */

/* What an earlier run said of a waiting intent. */
struct waited {
	bool waited;
	enum diag_code code;
	int64_t since; /* of its first record */
	bool gone;     /* its file stands at the tip no more */
};

/* Those of the ledger whose files are none of the new ones, and what it says of
   those that are. */
struct waiting {
	struct world *world;
	struct pass *pass;
	struct intent_files *files;
	VEC(struct commit) commits;
	VEC(struct origin) found;
	VEC(struct waited) waited; /* beside found */
	struct waited *again;      /* beside files->found */
};

/* A decision_fn; context is a struct waiting. */
bool waiting_add(void *context, const struct recorded_decision *d,
                 struct fail *why);
/* The commits of the pass: those of the waiting ones, which are older, before
   those of the new ones. */
void waiting_join(struct pass *p, struct waiting *waiting,
                  struct intent_files *files, const struct origins *origins);
/* Of request i, the waiting ones before the new ones; NULL: it is new. */
const struct waited *waiting_find(const struct waiting *waiting, size_t i);
void waiting_set(struct arena *a, struct request *r,
                 const struct waited *waited);

/* --- gather_order.c --- */

/* Make p->order. */
void gather_order(struct pass *p);

/* --- gather_worktree.c, gather_standing.c --- */

/*
 * Of the files of a working tree: drop those that stand at the tip alike and in
 * range->base_tree, too; say of the others who wrote them: of what is committed
 * its author, else who would commit it, the last of out->commits.
 */
bool gather_worktree(struct world *w, struct pass *p,
                     const struct gather_range *range,
                     struct intent_files *files, struct origins *out,
                     struct fail *why);

/*
 * What a change stands on: the builds, holds, approvals and their like that
 * stand at the tip, not in range->standing_tree, and are none of the change's
 * own files, which are the requests from `first` on. They join the requests as
 * `standing`: judged, and not told of.
 */
bool gather_standing(struct world *w, struct pass *p,
                     const struct gather_range *range, size_t first,
                     struct fail *why);

#endif
