/* The tree of the ledger's commits: adding to it; and the ref. */
#include "core/repo_ledger_private.h"

#include "core/vec.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* For who finds this in ten years, with git and an editor. */
static const char readme[] =
        "# Ledger\n"
        "\n"
        "What DXCP decided, sent and saw in this repository: one event a "
        "line, oldest\n"
        "first, in the files below `events/`. A file's name has the numbers "
        "of its first\n"
        "and last event. Files are added and never changed.\n"
        "\n"
        "A line is `{\"event\":RECORD,\"hash\":\"HASH\"}`. RECORD is JSON "
        "without spaces, its keys\n"
        "in the order of their bytes: who (`actor`), what (`type`, `subject`, "
        "`payload`),\n"
        "when (`time`, UTC) and the number (`seq`, from 1, without gaps). "
        "HASH is the\n"
        "SHA-256, in hex, of the hash of the line before, a line feed, and "
        "RECORD as it\n"
        "stands there; before the first line stand 64 zeros. Who changes or "
        "removes an\n"
        "event has to change every hash after it.\n"
        "\n"
        "To read it with git, tar and an editor, and to prove it with "
        "sha256sum:\n"
        "\n"
        "    git archive HEAD | tar -x      # HEAD, or the name of this ref\n"
        "    cat events/*/*/*.jsonl >ledger.jsonl\n"
        "    prev=$(printf '%064d' 0)\n"
        "    while IFS= read -r line; do\n"
        "        record=${line#'{\"event\":'}\n"
        "        record=${record%',\"hash\":\"'*}\n"
        "        prev=$(printf '%s\\n%s' \"$prev\" \"$record\" | sha256sum)\n"
        "        prev=${prev%% *}\n"
        "        case $line in *\"\\\"hash\\\":\\\"$prev\\\"}\") ;; *) echo "
        "\"broken: $line\" ;; esac\n"
        "    done <ledger.jsonl\n";

/* --- the ref --- */

bool repo_ref_is_valid(const char *ref)
{
	int valid = 0;
	return !strncmp(ref, "refs/", 5) &&
	       !git_reference_name_is_valid(&valid, ref) && valid;
}

bool repo_ref(const struct repo *r, const char *ref, struct oid *out,
              struct fail *why)
{
	git_oid id;
	int rc = git_reference_name_to_id(&id, r->git, ref);
	if (rc && rc != GIT_ENOTFOUND)
		return git_fail(why, FAIL_SYSTEM, "reading %s", ref);
	*out = rc ? (struct oid){{0}} : oid_from_git(&id);
	return true;
}

/* What git says in its log of the ref. */
static const char reflog_text[] = "dxcp";

bool repo_ref_move(const struct repo *r, const char *ref,
                   const struct oid *from, const struct oid *to,
                   enum ref_move *out, struct fail *why)
{
	git_reference *made = NULL;
	git_oid old = oid_to_git(from), new = oid_to_git(to);
	int rc = oid_is_zero(from)
	                 ? git_reference_create(&made, r->git, ref, &new, 0,
	                                        reflog_text)
	                 : git_reference_create_matching(&made, r->git, ref,
	                                                 &new, 1, &old,
	                                                 reflog_text);
	git_reference_free(made);
	*out = rc == 0             ? REF_MOVED
	       : rc == GIT_ELOCKED ? REF_LOCKED
	                           : REF_ELSEWHERE;
	return !rc || rc == GIT_ELOCKED || rc == GIT_EMODIFIED ||
	       rc == GIT_EEXISTS || rc == GIT_ENOTFOUND ||
	       git_fail(why, FAIL_SYSTEM, "moving %s", ref);
}

static const char *lock_path(const struct repo *r, struct arena *a,
                             const char *ref)
{
	return str_format(a, "%s%s.lock", git_repository_commondir(r->git), ref)
	        .s;
}

uint64_t repo_ref_lock(const struct repo *r, const char *ref)
{
	struct arena *a = arena_new();
	struct stat st;
	bool is = !lstat(lock_path(r, a, ref), &st);
	arena_free(a);
	if (!is)
		return 0;
	return ((uint64_t)st.st_ino << 32 ^ (uint64_t)st.st_mtim.tv_sec << 20 ^
	        (uint64_t)st.st_mtim.tv_nsec) |
	       1;
}

bool repo_ref_unlock(const struct repo *r, const char *ref, struct fail *why)
{
	struct arena *a = arena_new();
	const char *path = lock_path(r, a, ref);
	bool fine = !unlink(path) || errno == ENOENT ||
	            fail_errno(why, "removing %s", path);
	arena_free(a);
	return fine;
}

/* --- a commit --- */

struct addition {
	const char *path;
	git_oid blob;
};

struct repo_batch {
	const struct repo *repo;
	struct arena *arena;
	struct oid parent;
	VEC(struct addition) files;
};

struct repo_batch *repo_batch_new(const struct repo *r, struct arena *a,
                                  const struct oid *parent)
{
	struct repo_batch *b = ARENA_NEW(a, struct repo_batch);
	b->repo = r;
	b->arena = a;
	b->parent = *parent;
	return b;
}

static bool add(struct repo_batch *b, const char *path, struct str text,
                struct fail *why)
{
	struct addition *file = vec_add(b->arena, &b->files);
	file->path = path;
	return !git_blob_create_from_buffer(&file->blob, b->repo->git, text.s,
	                                    text.n) ||
	       git_fail(why, FAIL_SYSTEM, "writing %s to git", path);
}

bool repo_batch_add(struct repo_batch *b, const struct repo_events *file,
                    struct fail *why)
{
	if (file->last > SEQ_MAX)
		return fail_set(why, FAIL_SYSTEM,
		                "git's copy of the ledger holds at most %d "
		                "events",
		                (int)SEQ_MAX);
	struct str path = repo_ledger_path(b->arena, file->first, file->last);
	return add(b, path.s, file->text, why);
}

/* The parent's, or of the first commit an empty one. */
static bool base_tree(struct repo_batch *b, git_tree **out, struct fail *why)
{
	git_repository *git = b->repo->git;
	git_treebuilder *empty = NULL;
	git_commit *parent = NULL;
	git_oid id = oid_to_git(&b->parent);
	int rc;
	if (oid_is_zero(&b->parent)) {
		rc = git_treebuilder_new(&empty, git, NULL);
		if (!rc)
			rc = git_treebuilder_write(&id, empty);
		if (!rc)
			rc = git_tree_lookup(out, git, &id);
		git_treebuilder_free(empty);
		return !rc || git_fail(why, FAIL_SYSTEM, "writing a tree");
	}
	if (!commit_open(b->repo, &parent, &id, why))
		return false;
	rc = git_commit_tree(out, parent);
	git_commit_free(parent);
	return !rc || object_fail(b->repo, why, rc, "tree of commit", &id);
}

static bool write_tree(struct repo_batch *b, git_oid *out, struct fail *why)
{
	git_tree *base;
	git_tree_update *updates =
	        arena_array(b->arena, b->files.n, sizeof *updates);
	if (!base_tree(b, &base, why))
		return false;
	for (size_t i = 0; i < b->files.n; i++)
		updates[i] = (git_tree_update){.action = GIT_TREE_UPDATE_UPSERT,
		                               .id = b->files.at[i].blob,
		                               .filemode = GIT_FILEMODE_BLOB,
		                               .path = b->files.at[i].path};
	int rc = git_tree_create_updated(out, b->repo->git, base, b->files.n,
	                                 updates);
	git_tree_free(base);
	return !rc || git_fail(why, FAIL_SYSTEM, "writing a tree");
}

static bool write_commit(struct repo_batch *b, const git_oid *tree_id,
                         int64_t time, const char *message, git_oid *out)
{
	git_repository *git = b->repo->git;
	git_signature *by = NULL;
	git_tree *tree = NULL;
	git_commit *parent = NULL;
	git_oid parent_id = oid_to_git(&b->parent);
	bool first = oid_is_zero(&b->parent);
	bool fine =
	        !git_signature_new(&by, "dxcp", "dxcp@localhost", time, 0) &&
	        !git_tree_lookup(&tree, git, tree_id) &&
	        (first || !git_commit_lookup(&parent, git, &parent_id));
	if (fine) {
		const git_commit *parents[] = {parent};
		fine = !git_commit_create(out, git, NULL, by, by, NULL, message,
		                          tree, first ? 0 : 1, parents);
	}
	git_commit_free(parent);
	git_tree_free(tree);
	git_signature_free(by);
	return fine;
}

bool repo_batch_commit(struct repo_batch *b, int64_t time, struct str message,
                       struct oid *out, struct fail *why)
{
	git_oid tree, commit;
	if (oid_is_zero(&b->parent) &&
	    !add(b, "README.md", str_of(readme), why))
		return false;
	if (!write_tree(b, &tree, why))
		return false;
	if (!write_commit(b, &tree, time, str_cstr(b->arena, message), &commit))
		return git_fail(why, FAIL_SYSTEM, "committing events");
	*out = oid_from_git(&commit);
	return true;
}
