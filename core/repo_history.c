/* All commits that a branch or a tag reaches. */
#include "core/repo_private.h"

/* Not all of refs/: there may be much that is no history of files. */
static bool push_all(const struct repo *r, git_revwalk *walk, struct fail *why)
{
	static const char *const globs[] = {"heads/*", "remotes/*", "tags/*"};
	int rc = 0;
	for (size_t i = 0; i < sizeof globs / sizeof *globs && !rc; i++)
		rc = git_revwalk_push_glob(walk, globs[i]);
	if (!rc && !git_repository_head_unborn(r->git))
		rc = git_revwalk_push_head(walk);
	return !rc || git_fail(why, FAIL_SYSTEM, "reading the refs");
}

bool repo_history(const struct repo *r, history_fn *visit, void *context,
                  struct fail *why)
{
	git_revwalk *walk;
	git_oid id = {{0}};
	int rc = 0;
	if (git_revwalk_new(&walk, r->git))
		return git_fail(why, FAIL_SYSTEM, "reading history");
	bool fine = push_all(r, walk, why);
	while (fine && !(rc = git_revwalk_next(&id, walk))) {
		struct oid oid = oid_from_git(&id);
		visit(context, &oid);
	}
	if (fine && rc != GIT_ITEROVER)
		fine = object_fail(r, why, rc, "a commit before", &id);
	git_revwalk_free(walk);
	return fine;
}
