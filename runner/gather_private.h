/* gather_private: what the files of gather share. */
#ifndef RUNNER_GATHER_PRIVATE_H
#define RUNNER_GATHER_PRIVATE_H

#include "runner/gather.h"

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
 * own files. They join the requests as `standing`: judged, and not told of.
 */
bool gather_standing(struct world *w, struct pass *p,
                     const struct gather_range *range,
                     const struct intent_files *change, struct fail *why);

#endif
