/* The step of the main line that brought a file. */
#include "core/repo_private.h"

enum { STEPS_MAX = 10000 };

static bool has_blob(git_commit *c, const char *path, const git_oid *blob)
{
	git_tree *tree = NULL;
	git_tree_entry *entry = NULL;
	bool same = !git_commit_tree(&tree, c) &&
	            !git_tree_entry_bypath(&entry, tree, path) &&
	            git_oid_equal(git_tree_entry_id(entry), blob);
	git_tree_entry_free(entry);
	git_tree_free(tree);
	return same;
}

bool repo_arrival(const struct repo *r, struct arena *a, const struct oid *tip,
                  const char *path, const struct oid *blob, bool *found,
                  struct commit *out, struct fail *why)
{
	git_oid id = oid_to_git(tip), wanted = oid_to_git(blob);
	git_commit *c, *parent;
	*found = false;
	if (!commit_open(r, &c, &id, why))
		return false;
	bool here = has_blob(c, path, &wanted);
	for (int i = 0; here && !*found && i < STEPS_MAX; i++) {
		if (!git_commit_parentcount(c)) {
			*found = true;
			break;
		}
		/* What a shallow clone does not have is not known. */
		if (git_commit_parent(&parent, c, 0))
			break;
		*found = !has_blob(parent, path, &wanted);
		git_commit_free(*found ? parent : c);
		c = *found ? c : parent;
	}
	if (*found)
		commit_read(a, c, out);
	git_commit_free(c);
	return true;
}
