/* The commits between builds. */
#include "core/repo_private.h"

#include "core/vec.h"

struct between {
	const struct repo *repo;
	struct arena *arena;
	struct fail *why;
	VEC(int64_t) at;
};

static void free_walk(void *walk)
{
	git_revwalk_free(walk);
}

/* A merge brings nothing of its own. */
static bool take(struct between *b, const git_oid *id)
{
	git_commit *commit;
	if (!commit_open(b->repo, &commit, id, b->why))
		return false;
	if (git_commit_parentcount(commit) < 2)
		*vec_add(b->arena, &b->at) = git_commit_time(commit);
	git_commit_free(commit);
	return true;
}

bool repo_between(const struct repo *r, struct arena *a, const struct oid *tip,
                  const struct oid *hidden, size_t nhidden,
                  struct commit_times *out, struct fail *why)
{
	struct between b = {.repo = r, .arena = a, .why = why};
	struct arena *scratch = arena_new();
	git_revwalk *walk;
	git_oid id = oid_to_git(tip), next;
	int rc = git_revwalk_new(&walk, r->git);
	if (!rc) {
		arena_defer(scratch, free_walk, walk);
		rc = git_revwalk_push(walk, &id);
	}
	for (size_t i = 0; !rc && i < nhidden; i++) {
		git_oid other = oid_to_git(&hidden[i]);
		rc = git_revwalk_hide(walk, &other);
	}
	bool fine = !rc;
	while (fine && !(rc = git_revwalk_next(&next, walk)))
		fine = take(&b, &next);
	if (fine && rc != GIT_ITEROVER)
		fine = object_fail(r, why, rc, "a commit before", &id);
	else if (!fine && rc && rc != GIT_ITEROVER)
		object_fail(r, why, rc, "commit", &id);
	arena_free(scratch);
	*out = (struct commit_times){b.at.at, b.at.n};
	return fine || fail_note(why, "listing the commits between builds");
}
