/*
 * git_program: what the git program is run for: one ref of a remote. It asks
 * nobody (no prompt for a password or a host key), runs no hook of the user's
 * and is stopped at the timeout.
 *
 * FAIL_ENGINE where the remote cannot be reached or refuses, with what git said
 * of it, secrets masked, and what to try.
 */
#ifndef RUNNER_GIT_PROGRAM_H
#define RUNNER_GIT_PROGRAM_H

#include "runner/world.h"

struct git_remote {
	struct world *world;
	const char *name, *ref;
	int64_t timeout_s;
};

/* What the ref names there; zero where there is none. */
bool git_list(const struct git_remote *r, struct oid *out, struct fail *why);

/* Bring the objects of the ref; no ref of ours is touched. */
bool git_fetch(const struct git_remote *r, struct fail *why);

/* Compare-and-swap of the ref there, from `from` (zero: none) to `to`. Told to
   end, this program still waits for it: what was sent is worth recording. */
bool git_push(const struct git_remote *r, const struct oid *from,
              const struct oid *to, struct fail *why);

/* Whether the remote lets itself be pushed to: a push that is not done. */
bool git_may_push(const struct git_remote *r, struct fail *why);

#endif
