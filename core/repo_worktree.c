/* The working tree as it stands on disk. */
#include "core/repo_private.h"

#include "core/vec.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A name in a directory; a directory's ends with '/', so that byte order is
   that of whole paths. */
struct item {
	struct str name;
	bool is_dir;
	mode_t mode;
};

struct items {
	VEC(struct item) found;
};

struct disk_walk {
	const struct repo *repo;
	struct arena *arena;
	change_fn *visit;
	void *context;
	struct fail *why;
	size_t root; /* where paths from the repository's root begin */
	unsigned depth;
	size_t n;
	char path[REPO_PATH_MAX];
};

static int item_cmp(const void *a, const void *b)
{
	return str_cmp(((const struct item *)a)->name,
	               ((const struct item *)b)->name);
}

static bool path_fail(struct disk_walk *w)
{
	return fail_errno(w->why, "reading %s", w->path);
}

/* Put a name behind the path; w->n stays, to cut it off again. */
static bool push(struct disk_walk *w, struct str name)
{
	if (name.n + 1 > sizeof w->path - w->n)
		return fail_set(w->why, FAIL_INPUT,
		                "%.200s...: a path of more than %d bytes",
		                w->path, (int)REPO_PATH_MAX);
	memcpy(w->path + w->n, name.s, name.n);
	w->path[w->n + name.n] = 0;
	return true;
}

static void cut(struct disk_walk *w)
{
	w->path[w->n] = 0;
}

/* Pipes, sockets and devices are nothing that git could hold. */
static bool is_content(mode_t mode)
{
	return S_ISREG(mode) || S_ISLNK(mode) || S_ISDIR(mode);
}

static bool item_add(struct disk_walk *w, struct items *items, const char *name)
{
	struct stat st;
	bool is_root = w->n == w->root;
	if (!strcmp(name, ".") || !strcmp(name, "..") ||
	    (is_root && !strcmp(name, ".git")))
		return true;
	if (!push(w, str_of(name)))
		return false;
	if (lstat(w->path, &st))
		return path_fail(w);
	cut(w);
	if (!is_content(st.st_mode))
		return true;
	struct item *item = vec_add(w->arena, &items->found);
	item->mode = st.st_mode;
	item->is_dir = S_ISDIR(st.st_mode);
	item->name =
	        str_format(w->arena, "%s%s", name, item->is_dir ? "/" : "");
	return true;
}

static bool items_read(struct disk_walk *w, struct items *items)
{
	DIR *dir = opendir(w->path);
	if (!dir)
		return path_fail(w);
	bool done = true;
	struct dirent *entry;
	while (done && (errno = 0, entry = readdir(dir)))
		done = item_add(w, items, entry->d_name);
	if (done && errno)
		done = path_fail(w);
	closedir(dir);
	if (items->found.n)
		qsort(items->found.at, items->found.n, sizeof *items->found.at,
		      item_cmp);
	return done;
}

/* The id that git would give: of a link, that of where it points. */
static bool hash(struct disk_walk *w, mode_t mode, git_oid *id)
{
	char target[REPO_PATH_MAX];
	if (S_ISREG(mode))
		return !git_odb_hashfile(id, w->path, GIT_OBJECT_BLOB) ||
		       git_fail(w->why, FAIL_SYSTEM, "reading %s", w->path);
	ssize_t n = readlink(w->path, target, sizeof target);
	if (n < 0)
		return path_fail(w);
	return !git_odb_hash(id, target, (size_t)n, GIT_OBJECT_BLOB) ||
	       git_fail(w->why, FAIL_SYSTEM, "reading %s", w->path);
}

static bool visit(struct disk_walk *w, enum entry_type type, git_oid id)
{
	struct change change = {
	        .path = str_from(str_of(w->path), w->root),
	        .blob = oid_from_git(&id),
	        .type = type,
	};
	return w->visit(w->context, &change, w->why);
}

/* Whether a directory, which the path ends with, is a repository of its own. */
static bool is_repository(struct disk_walk *w)
{
	struct stat st;
	bool is = push(w, STR(".git")) && !lstat(w->path, &st);
	cut(w);
	return is;
}

static bool walk_dir(struct disk_walk *w);

static bool walk_down(struct disk_walk *w)
{
	if (is_repository(w)) {
		w->path[w->n - 1] = 0;
		return visit(w, ENTRY_SUBMODULE, (git_oid){{0}});
	}
	w->depth++;
	bool done = walk_dir(w);
	w->depth--;
	return done;
}

static bool walk_item(struct disk_walk *w, const struct item *item)
{
	git_oid id;
	if (!push(w, item->name))
		return false;
	if (!item->is_dir)
		return hash(w, item->mode, &id) &&
		       visit(w, S_ISLNK(item->mode) ? ENTRY_LINK : ENTRY_FILE,
		             id);
	size_t n = w->n;
	w->n += item->name.n;
	bool done = walk_down(w);
	w->n = n;
	return done;
}

/* All below w->path, which ends with '/'. */
static bool walk_dir(struct disk_walk *w)
{
	struct items items = {0};
	if (w->depth > REPO_DEPTH_MAX)
		return fail_set(w->why, FAIL_INPUT,
		                "%s: more than %d directories deep",
		                w->path + w->root, (int)REPO_DEPTH_MAX);
	if (!items_read(w, &items))
		return false;
	vec_each (struct item, item, &items.found) {
		if (!walk_item(w, item))
			return false;
		cut(w);
	}
	return true;
}

static bool begin(struct disk_walk *w, const char *prefix)
{
	struct str from = str_of(prefix);
	while (str_ends(from, STR("/")))
		from.n--;
	if (!push(w, str_of(w->repo->root)))
		return false;
	w->n = w->root = strlen(w->repo->root);
	if (!from.n)
		return true;
	for (size_t i = 0; i < from.n; i++)
		w->depth += from.s[i] == '/';
	w->depth++;
	if (!push(w, from))
		return false;
	w->n += from.n;
	if (!push(w, STR("/")))
		return false;
	w->n++;
	return true;
}

/* Nothing there is nothing to visit; a link or a file is refused as in
   repo_tree. */
static bool is_directory(struct disk_walk *w, const char *prefix, bool *is)
{
	struct stat st;
	if (w->n > w->root)
		w->path[w->n - 1] = 0;
	int rc = lstat(w->path, &st);
	if (rc && errno != ENOENT)
		return path_fail(w);
	if (!rc && !S_ISDIR(st.st_mode))
		return fail_set(w->why, FAIL_INPUT,
		                "%s is not a directory in %s", prefix,
		                w->repo->root);
	w->path[w->n - 1] = '/';
	*is = !rc;
	return true;
}

static bool has_worktree(const struct repo *r, struct fail *why)
{
	return !r->bare || fail_set(why, FAIL_USAGE,
	                            "%s is a bare repository: it has no "
	                            "working tree",
	                            r->root);
}

bool repo_worktree(const struct repo *r, struct arena *a, const char *prefix,
                   change_fn *visit_entry, void *context, struct fail *why)
{
	struct disk_walk w = {.repo = r,
	                      .arena = a,
	                      .visit = visit_entry,
	                      .context = context,
	                      .why = why};
	bool is = false;
	return has_worktree(r, why) && begin(&w, prefix) &&
	       is_directory(&w, prefix, &is) && (!is || walk_dir(&w));
}

static bool read_all(int fd, char *bytes, size_t max, size_t *n)
{
	for (*n = 0; *n < max;) {
		ssize_t got = read(fd, bytes + *n, max - *n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		if (!got)
			return true;
		*n += (size_t)got;
	}
	return true;
}

bool repo_worktree_file(const struct repo *r, struct arena *a, struct str path,
                        struct str *out, struct fail *why)
{
	enum { MAX = SOURCE_MAX_BYTES + 1 };
	if (!has_worktree(r, why))
		return false;
	const char *full =
	        str_format(a, "%s%" STR_FMT, r->root, STR_ARG(path)).s;
	int fd = open(full, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	if (fd < 0)
		return fail_errno(why, "reading %s", full);
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return fail_set(why, FAIL_INPUT, "%s is not a file", full);
	}
	size_t room = st.st_size < MAX ? (size_t)st.st_size + 1 : MAX, n;
	char *bytes = arena_alloc(a, room);
	bool done = read_all(fd, bytes, room, &n);
	if (!done)
		fail_errno(why, "reading %s", full);
	close(fd);
	if (done)
		*out = (struct str){bytes, n};
	return done;
}
