/*
 * repo: reading a git repository through its object database, never a
 * checkout. The only module that includes git2.h.
 *
 * libgit2 is initialised at the first open. Object hashes are verified on
 * reading (an altered pack is a failure), the user's and the system's git
 * configuration is not read, except that repo_identity asks for user.name and
 * user.email. Refused with a message that says what to do: a SHA-256
 * repository, a shallow clone where history is needed, a partial clone's
 * missing blob, a repository of another owner (safe.directory).
 */
#ifndef CORE_REPO_H
#define CORE_REPO_H

#include "core/diag.h"
#include "core/fail.h"
#include "core/oid.h"

struct repo;

/* Open the repository that holds dir (searching upwards), for as long as a. */
bool repo_open(struct repo **out, struct arena *a, const char *dir,
               struct fail *why);

/* Its work tree's root with a '/' at the end, or of a bare one the git
   directory; borrowed. */
const char *repo_root(const struct repo *r);
bool repo_is_bare(const struct repo *r);
bool repo_is_shallow(const struct repo *r);

/* A revision (as git rev-parse) to a commit. FAIL_USAGE where there is none. */
bool repo_resolve(const struct repo *r, struct str revision, struct oid *commit,
                  struct fail *why);

/*
 * The id of the repository, the same in every clone: the oldest commit
 * reached from `commit` by first parents, 40 hex digits. Walks that history:
 * the ledger remembers the answer.
 */
bool repo_id(const struct repo *r, const struct oid *commit,
             struct oid_hex *out, struct fail *why);

/* Whether git has a commit of that id. */
bool repo_has(const struct repo *r, const struct oid *commit);

/* The tree of a commit at a path ("" is its root); zero where there is none. */
bool repo_tree(const struct repo *r, const struct oid *commit, const char *path,
               struct oid *tree, struct fail *why);

/* The blob of a commit at a path; zero where no file stands there. */
bool repo_file(const struct repo *r, const struct oid *commit, const char *path,
               struct oid *blob, struct fail *why);

enum entry_type { ENTRY_FILE, ENTRY_LINK, ENTRY_SUBMODULE };

/* One file that stands in the new tree and not, or otherwise, in the old. */
struct change {
	struct str path; /* with the prefix; valid during the call */
	struct oid blob;
	enum entry_type type;
};

/* Return false to stop with *why set. */
typedef bool change_fn(void *context, const struct change *change,
                       struct fail *why);

/*
 * Call visit for every entry of new_tree, in byte order of the path, that
 * old_tree (zero: empty) does not have alike. Subtrees with equal ids are not
 * opened, so cost follows the directories that changed, not all files
 * (git_diff_tree_to_tree opens them all). Entries only in old_tree are not
 * reported. Depth is capped at 32 directories.
 */
bool repo_changes(const struct repo *r, const struct oid *old_tree,
                  const struct oid *new_tree, struct str prefix,
                  change_fn *visit, void *context, struct fail *why);

/*
 * Until a ends: keep the trees that repo_changes reads, up to some MiB, for
 * repo_origins, which asks for most of them again.
 */
void repo_keep_trees(struct repo *r, struct arena *a);

/*
 * What is read from now on is little, but lies all over the packs: more of them
 * (32 MiB) is mapped at once than reading all of it in its order needs (10).
 */
void repo_read_few(void);

/*
 * Until a ends: blobs are read in the order in which repo_blob and
 * repo_blob_capped will be asked for them, a few at a time, beside whoever
 * looks at those that are there. blob(context, i) is asked in another thread,
 * for each i < n once, and again when its blob is asked for. Nothing happens
 * for few.
 */
typedef const struct oid *ahead_fn(const void *context, size_t i);
void repo_read_ahead(struct repo *r, struct arena *a, size_t n, ahead_fn *blob,
                     const void *context);

/*
 * The bytes of a blob. SOURCE_MAX_BYTES is looked at before reading: a larger
 * one is refused (FAIL_INPUT). The text lives in a.
 */
bool repo_blob(const struct repo *r, struct arena *a, const struct oid *blob,
               struct str *out, struct fail *why);
/* As repo_blob, but a larger one is no failure: *size says so, and *out is
   empty. For files of the user's, where that is a finding. */
bool repo_blob_capped(const struct repo *r, struct arena *a,
                      const struct oid *blob, struct str *out, uint64_t *size,
                      struct fail *why);
/* The id that git gives these bytes as a blob; nothing is written. */
bool repo_blob_id(const struct repo *r, struct str bytes, struct oid *out,
                  struct fail *why);

struct commit {
	struct oid id;
	struct str author_name, author_email, committer_name, committer_email;
	int64_t author_at, committed_at;
	struct str subject;
};
bool repo_commit(const struct repo *r, struct arena *a, const struct oid *id,
                 struct commit *out, struct fail *why);

/* The signature of a commit and the bytes that it is over; both empty where it
   has none. At most 64 KiB of signature. */
bool repo_commit_signature(const struct repo *r, struct arena *a,
                           const struct oid *id, struct str *signature,
                           struct str *payload, struct fail *why);

/*
 * Who touched a path: the commits after `from` (zero: all) up to tip whose
 * entry at path (a folder) differs from that of all their parents,
 * oldest first. With `mainline` the steps of the first-parent line instead,
 * whose entry differs from their first parent's.
 */
struct commits {
	struct commit *at;
	size_t n;
};
bool repo_touching(const struct repo *r, struct arena *a,
                   const struct oid *from, const struct oid *tip,
                   const char *path, bool mainline, struct commits *out,
                   struct fail *why);

/* When the commits were made that can be reached from tip and from none of the
   hidden ones, merges left out; in no order. */
struct commit_times {
	int64_t *at;
	size_t n;
};
bool repo_between(const struct repo *r, struct arena *a, const struct oid *tip,
                  const struct oid *hidden, size_t nhidden,
                  struct commit_times *out, struct fail *why);

/*
 * The step of tip's first-parent line that brought path the blob that it has at
 * tip: the commit that gave it, or the merge that this came with. *found is
 * false where path has another blob, or the walk meets the end of a shallow
 * clone or goes on for more than 10,000 steps.
 */
bool repo_arrival(const struct repo *r, struct arena *a, const struct oid *tip,
                  const char *path, const struct oid *blob, bool *found,
                  struct commit *out, struct fail *why);

/* A file whose origin is asked for. */
struct origin {
	struct str path; /* in: with the prefix */
	struct oid blob; /* in: what it holds at the tip */
	uint32_t commit; /* out: index into commits; UINT32_MAX: not found */
	bool mixed;      /* out: see below */
};
struct origins {
	struct origin *at; /* sorted by path, without duplicates */
	size_t n;
	struct commit *commits; /* out: those that gave a path its blob, in
	                           history order, parents first */
	size_t ncommits;
};

/*
 * Find for each path under prefix the commit, after `from` (zero: all history)
 * up to `tip`, that gave it its present blob: the last one in history order
 * (topological, then by time) whose tree differs there from all its parents'.
 * Looks at the new commits alone; a `from` that git no longer has (history was
 * rewritten) counts as zero. `mixed` is set where the first-parent step
 * that brought it also changed a path under `other` ("policy"), unless that
 * step brought `other` into being. Where `as_one` is set, from..tip counts as
 * one step (a pull request that may be squashed or merged). Fails on a shallow
 * clone whose boundary it meets.
 */
bool repo_origins(const struct repo *r, struct arena *a, const struct oid *from,
                  const struct oid *tip, const char *prefix, const char *other,
                  bool as_one, struct origins *inout, struct fail *why);

/* Every commit that HEAD, a branch or a tag reaches, in no order. libgit2 keeps
   all of them until the end: some hundred bytes each. */
typedef void history_fn(void *context, const struct oid *commit);
bool repo_history(const struct repo *r, history_fn *visit, void *context,
                  struct fail *why);

/* Whether ancestor is tip or reachable from it. */
bool repo_is_ancestor(const struct repo *r, const struct oid *ancestor,
                      const struct oid *tip, bool *out, struct fail *why);
bool repo_merge_base(const struct repo *r, const struct oid *a,
                     const struct oid *b, struct oid *out, struct fail *why);

/*
 * The working tree instead (`--worktree`): calls visit for every entry under
 * root/prefix in byte order of the path, with the blob id that git would give
 * the bytes. repo_worktree_file reads one (at most SOURCE_MAX_BYTES + 1).
 */
bool repo_worktree(const struct repo *r, struct arena *a, const char *prefix,
                   change_fn *visit, void *context, struct fail *why);
bool repo_worktree_file(const struct repo *r, struct arena *a, struct str path,
                        struct str *out, struct fail *why);

/* user.name and user.email of the repository's configuration; empty where not
   set. This and repo_setting alone use the user's own git configuration. */
bool repo_identity(const struct repo *r, struct arena *a, struct str *name,
                   struct str *email, struct fail *why);

/* One setting of git's configuration, such as core.sshCommand; empty where it
   is not set. */
bool repo_setting(const struct repo *r, struct arena *a, const char *key,
                  struct str *out, struct fail *why);

/* `git init` where there is no repository; the branch is main. */
bool repo_init(const char *dir, struct fail *why);

/*
 * Commit the bytes of one new file at path on top of HEAD's branch, the index
 * and work tree kept in step, as the user's identity. Fails where HEAD is
 * detached or the path exists.
 */
bool repo_commit_file(const struct repo *r, struct arena *a, struct str path,
                      struct str bytes, struct str message, struct oid *out,
                      struct fail *why);

/* Address of the remote, credentials cut off; empty where there is none. */
bool repo_remote_url(const struct repo *r, struct arena *a, const char *remote,
                     struct str *out, struct fail *why);

#endif
