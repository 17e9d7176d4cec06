/* Walking two trees side by side. */
#include "core/repo_private.h"

#include <string.h>

/* Keeping trees */

enum { CACHE_SLOTS = 1 << 14, CACHE_BYTES = 16 << 20, ENTRY_BYTES = 64 };

struct tree_cache {
	git_tree *slots[CACHE_SLOTS];
	size_t bytes; /* about */
};

static void cache_empty(void *tree_cache)
{
	struct tree_cache *cache = tree_cache;
	for (size_t i = 0; i < CACHE_SLOTS; i++) {
		git_tree_free(cache->slots[i]);
		cache->slots[i] = NULL;
	}
	cache->bytes = 0;
}

struct tree_cache *tree_cache_new(struct arena *a)
{
	struct tree_cache *cache = ARENA_NEW(a, struct tree_cache);
	arena_defer(a, cache_empty, cache);
	return cache;
}

static git_tree **cache_slot(struct tree_cache *cache, const git_oid *id)
{
	return &cache->slots[(id->id[0] << 8 | id->id[1]) % CACHE_SLOTS];
}

static size_t tree_bytes(const git_tree *tree)
{
	return git_tree_entrycount(tree) * ENTRY_BYTES;
}

static git_tree *cache_take(struct tree_cache *cache, const git_oid *id)
{
	git_tree **slot = cache_slot(cache, id), *tree = *slot;
	if (!tree || !git_oid_equal(git_tree_id(tree), id))
		return NULL;
	*slot = NULL;
	cache->bytes -= tree_bytes(tree);
	return tree;
}

static void cache_give(struct tree_cache *cache, git_tree *tree)
{
	if (cache->bytes > CACHE_BYTES)
		cache_empty(cache);
	git_tree **slot = cache_slot(cache, git_tree_id(tree));
	if (*slot) {
		cache->bytes -= tree_bytes(*slot);
		git_tree_free(*slot);
	}
	*slot = tree;
	cache->bytes += tree_bytes(tree);
}

/* One of the two trees that are walked side by side. */
struct side {
	git_tree *tree; /* NULL: empty */
	size_t n, i;
	bool was_kept;
};

static bool side_open(struct side *side, struct tree_walk *w, const git_oid *id)
{
	*side = (struct side){0};
	if (!id)
		return true;
	if (w->cache)
		side->tree = cache_take(w->cache, id);
	side->was_kept = side->tree != NULL;
	int rc = side->was_kept
	                 ? 0
	                 : git_tree_lookup(&side->tree, w->repo->git, id);
	if (rc) {
		object_fail(w->repo, w->why, rc, "tree", id);
		return fail_note(w->why, "reading %" STR_FMT,
		                 STR_ARG(((struct str){w->path, w->n})));
	}
	side->n = git_tree_entrycount(side->tree);
	return true;
}

/*
 * Along a line of history each tree is asked for twice: as what a commit has,
 * and as what the next one had. So one is kept after its first use only.
 */
static void side_close(struct side *side, struct tree_walk *w)
{
	if (side->tree && w->cache && !side->was_kept)
		cache_give(w->cache, side->tree);
	else
		git_tree_free(side->tree);
}

/* The walk */

static bool is_tree(const git_tree_entry *e)
{
	return git_tree_entry_type(e) == GIT_OBJECT_TREE;
}

static enum entry_type entry_type(const git_tree_entry *e)
{
	git_filemode_t mode = git_tree_entry_filemode(e);
	return mode == GIT_FILEMODE_LINK     ? ENTRY_LINK
	       : mode == GIT_FILEMODE_COMMIT ? ENTRY_SUBMODULE
	                                     : ENTRY_FILE;
}

/* The order of a tree: a directory's name counts as ending in '/', so that it
   is the byte order of whole paths. */
static int entry_cmp(const git_tree_entry *a, const git_tree_entry *b)
{
	const char *x = git_tree_entry_name(a), *y = git_tree_entry_name(b);
	while (*x && *x == *y)
		x++, y++;
	int cx = *x ? (unsigned char)*x : is_tree(a) ? '/' : 0;
	int cy = *y ? (unsigned char)*y : is_tree(b) ? '/' : 0;
	return cx - cy;
}

static bool is_name(const char *name)
{
	return *name && !strchr(name, '/') && strcmp(name, ".") &&
	       strcmp(name, "..") && strcmp(name, ".git");
}

/*
 * The object database takes any bytes for a tree; git itself writes none with
 * such names or out of order. A name with '/' could pass for another path.
 */
static bool check_entry(struct tree_walk *w, const git_tree_entry *before,
                        const git_tree_entry *e)
{
	if (is_name(git_tree_entry_name(e)) &&
	    (!before || entry_cmp(before, e) < 0))
		return true;
	fail_set(w->why, FAIL_INPUT,
	         "%" STR_FMT ": the directory holds an entry that git would "
	         "not write",
	         STR_ARG(((struct str){w->path, w->n})));
	return fail_hint(w->why, "git fsck names it");
}

/* Put a name at the end of the path; *end is where it goes on from. */
static bool path_push(struct tree_walk *w, const char *name, size_t *end)
{
	size_t n = strlen(name);
	if (n + 2 > sizeof w->path - w->n)
		return fail_set(w->why, FAIL_INPUT,
		                "%.200s...: a path of more than %d bytes",
		                w->path, (int)REPO_PATH_MAX);
	memcpy(w->path + w->n, name, n + 1);
	*end = w->n + n;
	return true;
}

static bool walk_trees(struct tree_walk *w, const git_oid *old_id,
                       const git_oid *new_id);

static bool walk_down(struct tree_walk *w, const git_tree_entry *was,
                      const git_tree_entry *e, size_t end)
{
	if (w->enter && !w->enter(w->context, (struct str){w->path, end}))
		return true;
	if (w->depth == REPO_DEPTH_MAX)
		return fail_set(w->why, FAIL_INPUT,
		                "%s: more than %d directories deep", w->path,
		                (int)REPO_DEPTH_MAX);
	size_t n = w->n;
	w->path[end] = '/';
	w->path[end + 1] = 0;
	w->n = end + 1;
	w->depth++;
	bool done = walk_trees(w, was ? git_tree_entry_id(was) : NULL,
	                       git_tree_entry_id(e));
	w->depth--;
	w->n = n;
	return done;
}

static bool walk_entry(struct tree_walk *w, const git_tree_entry *was,
                       const git_tree_entry *e)
{
	const git_oid *id = git_tree_entry_id(e);
	enum entry_type type = entry_type(e);
	if (was && git_oid_equal(git_tree_entry_id(was), id) &&
	    entry_type(was) == type)
		return true;
	size_t end = w->n;
	if (!path_push(w, git_tree_entry_name(e), &end))
		return false;
	if (is_tree(e))
		return walk_down(w, was, e, end);
	struct change change = {
	        .path = {w->path, end}, .blob = oid_from_git(id), .type = type};
	return w->visit(w->context, &change, w->why);
}

static bool walk_sides(struct tree_walk *w, struct side *old, struct side *new)
{
	const git_tree_entry *before = NULL;
	for (; new->i < new->n; new->i++) {
		const git_tree_entry *e =
		        git_tree_entry_byindex(new->tree, new->i);
		const git_tree_entry *was = NULL;
		if (!check_entry(w, before, e))
			return false;
		int cmp = 1;
		for (; old->i < old->n && cmp > 0; old->i += cmp > 0) {
			was = git_tree_entry_byindex(old->tree, old->i);
			cmp = entry_cmp(e, was);
		}
		if (!walk_entry(w, cmp ? NULL : was, e))
			return false;
		before = e;
	}
	return true;
}

static bool walk_trees(struct tree_walk *w, const git_oid *old_id,
                       const git_oid *new_id)
{
	struct side old, new;
	if (!side_open(&old, w, old_id))
		return false;
	bool done = side_open(&new, w, new_id);
	if (done) {
		done = walk_sides(w, &old, &new);
		side_close(&new, w);
	}
	side_close(&old, w);
	return done;
}

bool tree_walk(struct tree_walk *w, const struct oid *old_tree,
               const struct oid *new_tree, struct str prefix)
{
	if (oid_is_zero(new_tree) || oid_eq(old_tree, new_tree))
		return true;
	while (prefix.n && prefix.s[prefix.n - 1] == '/')
		prefix.n--;
	if (prefix.n + 2 > sizeof w->path)
		return fail_set(w->why, FAIL_USAGE, "the path is too long");
	memcpy(w->path, prefix.s, prefix.n);
	w->n = prefix.n;
	w->depth = 0;
	if (prefix.n) {
		w->path[w->n++] = '/';
		for (size_t i = 0; i < w->n; i++)
			w->depth += w->path[i] == '/';
	}
	w->path[w->n] = 0;
	git_oid old = oid_to_git(old_tree), new = oid_to_git(new_tree);
	return walk_trees(w, oid_is_zero(old_tree) ? NULL : &old, &new);
}

bool repo_changes(const struct repo *r, const struct oid *old_tree,
                  const struct oid *new_tree, struct str prefix,
                  change_fn *visit, void *context, struct fail *why)
{
	struct tree_walk w = {
	        .repo = r, .visit = visit, .context = context, .why = why};
	return tree_walk(&w, old_tree, new_tree, prefix);
}
