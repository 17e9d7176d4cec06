/* Which commits touched a path. */
#include "core/repo_private.h"

#include "core/vec.h"

struct touching {
	const struct repo *repo;
	const char *path;
	bool mainline;
	struct arena *arena, *scratch;
	VEC(struct commit) found; /* newest first */
	struct fail *why;
};

static bool entry_at(struct touching *t, git_commit *commit, struct oid *out)
{
	bool is_other; /* a file there is no tree: as if nothing were */
	return tree_at(t->repo, commit, t->path, out, &is_other, t->why);
}

/* Whether a parent has the same there. */
static bool has_alike(struct touching *t, const git_oid *parent,
                      const struct oid *entry, bool *alike)
{
	git_commit *c;
	struct oid was;
	if (!commit_open(t->repo, &c, parent, t->why))
		return false;
	bool fine = entry_at(t, c, &was);
	git_commit_free(c);
	*alike = fine && oid_eq(&was, entry);
	return fine;
}

static bool look(struct touching *t, git_commit *commit)
{
	struct oid entry;
	uint32_t parents = git_commit_parentcount(commit);
	bool alike = false;
	if (!entry_at(t, commit, &entry))
		return false;
	if (!parents)
		alike = oid_is_zero(&entry);
	if (t->mainline && parents)
		parents = 1;
	for (uint32_t i = 0; i < parents && !alike; i++)
		if (!has_alike(t, git_commit_parent_id(commit, i), &entry,
		               &alike))
			return false;
	if (!alike)
		commit_read(t->arena, commit, vec_add(t->scratch, &t->found));
	return true;
}

static bool walk(struct touching *t, git_revwalk *revwalk, const git_oid *tip)
{
	git_oid next;
	int rc;
	while (!(rc = git_revwalk_next(&next, revwalk))) {
		git_commit *commit;
		if (!commit_open(t->repo, &commit, &next, t->why))
			return false;
		bool fine = look(t, commit);
		git_commit_free(commit);
		if (!fine)
			return false;
	}
	return rc == GIT_ITEROVER ||
	       object_fail(t->repo, t->why, rc, "a commit before", tip);
}

static void free_walk(void *revwalk)
{
	git_revwalk_free(revwalk);
}

static bool begin(struct touching *t, git_revwalk **revwalk,
                  const git_oid *from, const git_oid *tip)
{
	if (git_revwalk_new(revwalk, t->repo->git))
		return git_fail(t->why, FAIL_SYSTEM, "walking the history");
	arena_defer(t->scratch, free_walk, *revwalk);
	git_revwalk_sorting(*revwalk, GIT_SORT_TOPOLOGICAL | GIT_SORT_TIME);
	if (t->mainline)
		git_revwalk_simplify_first_parent(*revwalk);
	int rc = git_revwalk_push(*revwalk, tip);
	if (!rc && !git_oid_is_zero(from))
		rc = git_revwalk_hide(*revwalk, from);
	return !rc || object_fail(t->repo, t->why, rc, "commit", tip);
}

bool repo_touching(const struct repo *r, struct arena *a,
                   const struct oid *from, const struct oid *tip,
                   const char *path, bool mainline, struct commits *out,
                   struct fail *why)
{
	struct touching t = {.repo = r,
	                     .path = path,
	                     .mainline = mainline,
	                     .arena = a,
	                     .scratch = arena_new(),
	                     .why = why};
	git_oid old = oid_to_git(from), new = oid_to_git(tip);
	git_revwalk *revwalk;
	bool fine = begin(&t, &revwalk, &old, &new) && walk(&t, revwalk, &new);
	size_t n = fine ? t.found.n : 0;
	*out = (struct commits){arena_array(a, n, sizeof *out->at), n};
	for (size_t i = 0; i < n; i++)
		out->at[i] = t.found.at[n - 1 - i];
	arena_free(t.scratch);
	return fine || fail_note(why, "finding who touched %s", path);
}
