/*
 * Walking two trees side by side. Tree objects are read as the bytes that git
 * stores, an entry being "<mode in octal> <name>\0<20 bytes of id>": in a wide
 * directory nearly all is alike, and stepping over that is one memcmp an entry.
 */
#include "core/repo_private.h"

#include <string.h>

/* Keeping trees */

enum { CACHE_SLOTS = 1 << 14, CACHE_BYTES = 16 << 20, OBJECT_BYTES = 128 };

struct tree_cache {
	git_odb_object *slots[CACHE_SLOTS];
	size_t bytes; /* about */
};

static void cache_empty(void *tree_cache)
{
	struct tree_cache *cache = tree_cache;
	for (size_t i = 0; i < CACHE_SLOTS; i++) {
		git_odb_object_free(cache->slots[i]);
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

static void forget_trees(void *repo)
{
	((struct repo *)repo)->trees = NULL;
}

void repo_keep_trees(struct repo *r, struct arena *a)
{
	r->trees = tree_cache_new(a);
	arena_defer(a, forget_trees, r);
}

static git_odb_object **cache_slot(struct tree_cache *cache, const git_oid *id)
{
	return &cache->slots[(id->id[0] << 8 | id->id[1]) % CACHE_SLOTS];
}

static size_t tree_bytes(git_odb_object *tree)
{
	return git_odb_object_size(tree) + OBJECT_BYTES;
}

static git_odb_object *cache_take(struct tree_cache *cache, const git_oid *id)
{
	git_odb_object **slot = cache_slot(cache, id), *tree = *slot;
	if (!tree || !git_oid_equal(git_odb_object_id(tree), id))
		return NULL;
	*slot = NULL;
	cache->bytes -= tree_bytes(tree);
	return tree;
}

static void cache_give(struct tree_cache *cache, git_odb_object *tree)
{
	if (cache->bytes > CACHE_BYTES)
		cache_empty(cache);
	git_odb_object **slot = cache_slot(cache, git_odb_object_id(tree));
	if (*slot) {
		cache->bytes -= tree_bytes(*slot);
		git_odb_object_free(*slot);
	}
	*slot = tree;
	cache->bytes += tree_bytes(tree);
}

/* Trees */

enum { TYPE_BITS = 0170000, TYPE_FILE = 0100000 };

struct entry {
	const char *name; /* ends with NUL */
	size_t n;
	unsigned mode;
	git_oid id;
};

/* One of the two trees, and where its next entry begins. */
struct side {
	git_odb_object *tree; /* NULL: empty */
	const char *at, *end;
	bool was_kept;
};

static bool not_of_git(struct tree_walk *w)
{
	fail_set(w->why, FAIL_INPUT,
	         "%" STR_FMT ": the directory holds an entry that git would "
	         "not write",
	         STR_ARG(((struct str){w->path, w->n})));
	return fail_hint(w->why, "git fsck names it");
}

static bool side_open(struct side *side, struct tree_walk *w, const git_oid *id)
{
	*side = (struct side){0};
	if (!id)
		return true;
	if (w->cache)
		side->tree = cache_take(w->cache, id);
	side->was_kept = side->tree != NULL;
	int rc = side->was_kept ? 0
	                        : git_odb_read(&side->tree, w->repo->odb, id);
	if (rc) {
		object_fail(w->repo, w->why, rc, "tree", id);
		return fail_note(w->why, "reading %" STR_FMT,
		                 STR_ARG(((struct str){w->path, w->n})));
	}
	if (git_odb_object_type(side->tree) != GIT_OBJECT_TREE) {
		git_odb_object_free(side->tree);
		return not_of_git(w);
	}
	side->at = git_odb_object_data(side->tree);
	side->end = side->at + git_odb_object_size(side->tree);
	return true;
}

/*
 * Along a line of history each tree is asked for twice: as what a commit has,
 * and as what the next one had; at its ends by repo_changes instead. So one is
 * kept after its first use only.
 */
static void side_close(struct side *side, struct tree_walk *w)
{
	if (side->tree && w->cache && !side->was_kept)
		cache_give(w->cache, side->tree);
	else
		git_odb_object_free(side->tree);
}

/* The bytes of the next entry; 0 at the end, or where it is cut short. */
static size_t side_length(const struct side *side)
{
	size_t rest = (size_t)(side->end - side->at);
	const char *nul = rest ? memchr(side->at, 0, rest) : NULL;
	if (!nul || side->end - nul <= GIT_OID_RAWSZ)
		return 0;
	return (size_t)(nul - side->at) + 1 + GIT_OID_RAWSZ;
}

static bool is_name(const char *name)
{
	return *name && !strchr(name, '/') &&
	       (*name != '.' || (strcmp(name, ".") && strcmp(name, "..") &&
	                         strcmp(name, ".git")));
}

static bool is_mode(unsigned mode)
{
	unsigned type = mode & TYPE_BITS;
	return type == GIT_FILEMODE_TREE || type == TYPE_FILE ||
	       type == GIT_FILEMODE_LINK || type == GIT_FILEMODE_COMMIT;
}

/* The next entry, which has `length` bytes. A name with '/' could pass for
   another path; git writes none. */
static bool side_read(const struct side *side, size_t length, struct entry *e)
{
	const char *at = side->at;
	*e = (struct entry){0};
	for (; *at >= '0' && *at <= '7' && e->mode <= TYPE_BITS; at++)
		e->mode = e->mode << 3 | (unsigned)(*at - '0');
	if (at == side->at || *at != ' ' || !is_mode(e->mode))
		return false;
	e->name = at + 1;
	e->n = (size_t)(side->at + length - GIT_OID_RAWSZ - 1 - e->name);
	memcpy(e->id.id, side->at + length - GIT_OID_RAWSZ, GIT_OID_RAWSZ);
	return is_name(e->name);
}

static bool is_tree(const struct entry *e)
{
	return (e->mode & TYPE_BITS) == GIT_FILEMODE_TREE;
}

static enum entry_type entry_type(const struct entry *e)
{
	unsigned type = e->mode & TYPE_BITS;
	return type == GIT_FILEMODE_LINK     ? ENTRY_LINK
	       : type == GIT_FILEMODE_COMMIT ? ENTRY_SUBMODULE
	                                     : ENTRY_FILE;
}

/* The order of a tree: a directory's name counts as ending in '/', so that it
   is the byte order of whole paths. */
static int entry_cmp(const struct entry *a, const struct entry *b)
{
	size_t n = a->n < b->n ? a->n : b->n;
	int cmp = memcmp(a->name, b->name, n);
	if (cmp)
		return cmp;
	int ca = n < a->n ? (unsigned char)a->name[n] : is_tree(a) ? '/' : 0;
	int cb = n < b->n ? (unsigned char)b->name[n] : is_tree(b) ? '/' : 0;
	return ca - cb;
}

/* The walk */

/* Put a name at the end of the path; *end is where it goes on from. */
static bool path_push(struct tree_walk *w, const struct entry *e, size_t *end)
{
	if (e->n + 2 > sizeof w->path - w->n)
		return fail_set(w->why, FAIL_INPUT,
		                "%.200s...: a path of more than %d bytes",
		                w->path, (int)REPO_PATH_MAX);
	memcpy(w->path + w->n, e->name, e->n + 1);
	*end = w->n + e->n;
	return true;
}

static bool walk_trees(struct tree_walk *w, const git_oid *old_id,
                       const git_oid *new_id);

static bool walk_down(struct tree_walk *w, const struct entry *was,
                      const struct entry *e, size_t end)
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
	bool done = walk_trees(w, was ? &was->id : NULL, &e->id);
	w->depth--;
	w->n = n;
	return done;
}

/* An entry of the new side, and what the old one has by its name, or NULL. */
static bool walk_entry(struct tree_walk *w, const struct entry *was,
                       const struct entry *e)
{
	size_t end = 0;
	if (was && git_oid_equal(&was->id, &e->id) &&
	    entry_type(was) == entry_type(e))
		return true; /* an x bit may differ */
	if (!path_push(w, e, &end))
		return false;
	if (is_tree(e))
		return walk_down(w, was, e, end);
	struct change change = {.path = {w->path, end},
	                        .blob = oid_from_git(&e->id),
	                        .type = entry_type(e)};
	return w->visit(w->context, &change, w->why);
}

/* Find e by name on the old side, which moves on to it: *found is 0 if it is
   there. */
static bool side_find(struct side *old, const struct entry *e,
                      struct entry *was, int *found)
{
	size_t length;
	for (*found = 1; (length = side_length(old)); old->at += length) {
		if (!side_read(old, length, was))
			return false;
		*found = entry_cmp(e, was);
		if (*found <= 0)
			return true;
	}
	return old->at == old->end;
}

/* Steps over `length` bytes if both sides have them alike. */
static bool side_skip(struct side *old, const struct side *new, size_t length)
{
	if ((size_t)(old->end - old->at) < length ||
	    memcmp(old->at, new->at, length) != 0)
		return false;
	old->at += length;
	return true;
}

/* Whether e may stand behind an entry: names go up, each stands once. */
static bool is_behind(const struct entry *e, const struct entry *before)
{
	return !before->n || entry_cmp(before, e) < 0;
}

static bool walk_changed(struct tree_walk *w, struct side *old,
                         const struct entry *e)
{
	struct entry was;
	int found;
	if (!side_find(old, e, &was, &found))
		return not_of_git(w);
	return walk_entry(w, found ? NULL : &was, e);
}

/*
 * The object database takes any bytes for a tree, so order is looked at as
 * well. Of a run of entries that are alike only the ends are read: within it
 * they stand as the old side has them.
 */
static bool walk_sides(struct tree_walk *w, struct side *old, struct side *new)
{
	struct entry before = {0}, e;
	struct side run = {0}; /* at the last entry of a run */
	size_t length, run_length = 0;
	for (; (length = side_length(new)); new->at += length) {
		bool alike = side_skip(old, new, length);
		bool goes_on = alike && run.at;
		if (!goes_on && run.at && !side_read(&run, run_length, &before))
			return not_of_git(w);
		run.at = alike ? new->at : NULL;
		run_length = length;
		if (goes_on)
			continue;
		if (!side_read(new, length, &e) || !is_behind(&e, &before))
			return not_of_git(w);
		if (!alike && !walk_changed(w, old, &e))
			return false;
		before = e;
	}
	return new->at == new->end || not_of_git(w);
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
	struct tree_walk w = {.repo = r,
	                      .visit = visit,
	                      .context = context,
	                      .cache = r->trees,
	                      .why = why};
	return tree_walk(&w, old_tree, new_tree, prefix);
}
