/*
 * repo_private: what the files of core/repo share and nobody else sees.
 */
#ifndef CORE_REPO_PRIVATE_H
#define CORE_REPO_PRIVATE_H

#include "core/repo.h"

#include <git2.h>

enum {
	REPO_DEPTH_MAX = 32,         /* directories; CONTRACT section 1 */
	REPO_PATH_MAX = 4096,        /* bytes */
	REPO_COMMIT_TEXT_MAX = 4096, /* bytes of a name, an email, a subject */
};

struct repo {
	git_repository *git;
	git_odb *odb;
	const char *root; /* ends with '/' */
	bool bare;
	struct tree_cache *trees; /* of repo_keep_trees; NULL: none are kept */
	struct repo_ahead *ahead; /* of repo_read_ahead; NULL: none is read */
};

struct oid oid_from_git(const git_oid *id);
git_oid oid_to_git(const struct oid *oid);

/*
 * Start libgit2, with the caps and without anybody's configuration. Counted:
 * each call needs a git_libgit2_shutdown.
 */
/* Before libgit2 starts: no piece of its memory is larger than 64 MiB. */
void git_cap_memory(void);
void git_start(void);

/* Where libgit2 looks for the system's and the user's configuration: its own
   choice, or nowhere. */
void git_use_user_config(bool yes);

/* Set *why from libgit2's last error, with what was being done before it. */
bool git_fail(struct fail *why, enum fail_kind kind, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));

/*
 * Set *why for an object that could not be read, rc being libgit2's answer:
 * one that is missing has its reason in a shallow or a partial clone, any
 * other trouble in the object's bytes.
 */
bool object_fail(const struct repo *r, struct fail *why, int rc,
                 const char *what, const git_oid *id);

/* What to do about an object that is not there. */
void hint_at_missing(const struct repo *r, struct fail *why);

/* The blob, if it is the next in turn and could be read. Freed by the caller.
 */
git_odb_object *ahead_take(struct repo_ahead *h, const git_oid *id);

/* Freed by the caller. */
bool commit_open(const struct repo *r, git_commit **out, const git_oid *id,
                 struct fail *why);

/* Text of a commit as UTF-8 in a, cut to REPO_COMMIT_TEXT_MAX. */
struct str commit_text(struct arena *a, const char *text);
void commit_read(struct arena *a, const git_commit *from, struct commit *out);

/*
 * Trees that were read, kept because the next step of a history walk asks for
 * most of them again. The oldest are given back where there are too many.
 */
struct tree_cache;
struct tree_cache *tree_cache_new(struct arena *a);

/*
 * The walk behind repo_changes. enter, where given, says whether a directory
 * (its path without '/' at the end) that differs is worth opening.
 */
struct tree_walk {
	const struct repo *repo;
	change_fn *visit;
	bool (*enter)(void *context, struct str dir);
	void *context;
	struct tree_cache *cache; /* may be NULL */
	struct fail *why;
	unsigned depth;
	size_t n;
	char path[REPO_PATH_MAX];
};
bool tree_walk(struct tree_walk *w, const struct oid *old_tree,
               const struct oid *new_tree, struct str prefix);

/* The tree at path below a commit's root; zero where there is none. */
bool tree_at(const struct repo *r, git_commit *commit, const char *path,
             struct oid *tree, bool *is_other, struct fail *why);

#endif
