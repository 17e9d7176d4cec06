/* What is written to a repository: a new one, and a commit of one file. */
#include "core/repo_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool repo_init(const char *dir, struct fail *why)
{
	git_repository_init_options options = {
	        .version = GIT_REPOSITORY_INIT_OPTIONS_VERSION,
	        .flags = GIT_REPOSITORY_INIT_NO_REINIT |
	                 GIT_REPOSITORY_INIT_MKDIR | GIT_REPOSITORY_INIT_MKPATH,
	        .initial_head = "main",
	};
	git_repository *git = NULL;
	git_start();
	int rc = git_repository_init_ext(&git, dir, &options);
	if (rc == GIT_EEXISTS)
		fail_set(why, FAIL_USAGE, "%s is a git repository already",
		         dir);
	else if (rc)
		git_fail(why, FAIL_SYSTEM, "making a repository in %s", dir);
	git_repository_free(git);
	git_libgit2_shutdown();
	return !rc;
}

/* The user */

static void close_config(void *config)
{
	git_config_free(config);
}

static bool config_add(git_config *config, const struct repo *r,
                       const char *file, git_config_level_t level,
                       struct fail *why)
{
	int rc = git_config_add_file_ondisk(config, file, level, r->git, 0);
	return !rc || rc == GIT_ENOTFOUND ||
	       git_fail(why, FAIL_SYSTEM, "reading %s", file);
}

/* The system's, the user's and the repository's configuration, each before
   the one that it overrides. */
static bool config_read(git_config *config, const struct repo *r,
                        struct arena *a, struct fail *why)
{
	static const struct {
		int (*find)(git_buf *);
		git_config_level_t level;
	} users[] = {
	        {git_config_find_system, GIT_CONFIG_LEVEL_SYSTEM},
	        {git_config_find_xdg, GIT_CONFIG_LEVEL_XDG},
	        {git_config_find_global, GIT_CONFIG_LEVEL_GLOBAL},
	};
	bool done = true;
	git_use_user_config(true);
	for (size_t i = 0; i < sizeof users / sizeof *users && done; i++) {
		git_buf file = {0};
		if (!users[i].find(&file))
			done = config_add(config, r, file.ptr, users[i].level,
			                  why);
		git_buf_dispose(&file);
	}
	git_use_user_config(false);
	const char *common = git_repository_commondir(r->git);
	return done &&
	       config_add(config, r, str_format(a, "%sconfig", common).s,
	                  GIT_CONFIG_LEVEL_LOCAL, why);
}

/* As git does: the environment, then the configuration (git-commit(1), "commit
   information"). The one place outside main that asks the environment. */
static struct str setting(const git_config *config, struct arena *a,
                          const char *variable, const char *key)
{
	const char *text = getenv(variable);
	if (text && *text)
		return commit_text(a, text);
	return commit_text(a, git_config_get_string(&text, config, key) ? ""
	                                                                : text);
}

/* What git would see now; it ends with scratch. */
static bool config_open(git_config **out, const struct repo *r,
                        struct arena *scratch, struct fail *why)
{
	git_config *config = NULL;
	if (git_config_new(&config))
		return git_fail(why, FAIL_SYSTEM,
		                "reading git's configuration");
	arena_defer(scratch, close_config, config);
	if (!config_read(config, r, scratch, why))
		return false;
	if (git_config_snapshot(out, config))
		return git_fail(why, FAIL_SYSTEM,
		                "reading git's configuration");
	arena_defer(scratch, close_config, *out);
	return true;
}

bool repo_identity(const struct repo *r, struct arena *a, struct str *name,
                   struct str *email, struct fail *why)
{
	struct arena *scratch = arena_new();
	git_config *config;
	bool done = config_open(&config, r, scratch, why);
	if (done) {
		*name = setting(config, a, "GIT_AUTHOR_NAME", "user.name");
		*email = setting(config, a, "GIT_AUTHOR_EMAIL", "user.email");
	}
	arena_free(scratch);
	return done;
}

bool repo_setting(const struct repo *r, struct arena *a, const char *key,
                  struct str *out, struct fail *why)
{
	struct arena *scratch = arena_new();
	git_config *config;
	const char *text;
	bool done = config_open(&config, r, scratch, why);
	if (done)
		*out = commit_text(a, git_config_get_string(&text, config, key)
		                              ? ""
		                              : text);
	arena_free(scratch);
	return done;
}

/* A commit of one file */

struct addition {
	const struct repo *repo;
	const char *path; /* from the root */
	const char *on_disk;
	struct str bytes;
	bool written; /* to disk, by us */
	git_oid blob, tree;
	git_commit *parent; /* NULL: the first commit */
	git_tree *base;     /* its tree */
	git_signature *user;
	git_index *index;
	struct fail *why;
};

static void free_commit(void *commit)
{
	git_commit_free(commit);
}

static void free_tree(void *tree)
{
	git_tree_free(tree);
}

static void free_user(void *user)
{
	git_signature_free(user);
}

static void free_index(void *index)
{
	git_index_free(index);
}

static bool exists(struct addition *add)
{
	fail_set(add->why, FAIL_USAGE, "%s exists already", add->path);
	return fail_hint(add->why, "choose another name: an intent is never "
	                           "written over");
}

/* The commit that the branch ends with, which the new one goes on. */
static bool find_parent(struct addition *add, struct arena *scratch)
{
	git_repository *git = add->repo->git;
	git_reference *head = NULL;
	if (git_repository_head_detached(git) == 1) {
		fail_set(add->why, FAIL_USAGE, "HEAD is not on a branch");
		return fail_hint(add->why, "git switch to one first");
	}
	int rc = git_repository_head(&head, git);
	if (rc == GIT_EUNBORNBRANCH)
		return true;
	if (rc)
		return git_fail(add->why, FAIL_SYSTEM, "reading HEAD");
	git_oid id = *git_reference_target(head);
	git_reference_free(head);
	if (!commit_open(add->repo, &add->parent, &id, add->why))
		return false;
	arena_defer(scratch, free_commit, add->parent);
	rc = git_commit_tree(&add->base, add->parent);
	if (rc)
		return object_fail(add->repo, add->why, rc, "tree",
		                   git_commit_tree_id(add->parent));
	arena_defer(scratch, free_tree, add->base);
	return true;
}

static bool check_is_new(struct addition *add, struct arena *scratch)
{
	git_tree_entry *entry = NULL;
	struct stat st;
	if (add->base && !git_tree_entry_bypath(&entry, add->base, add->path)) {
		git_tree_entry_free(entry);
		return exists(add);
	}
	if (add->repo->bare)
		return true;
	if (!lstat(add->on_disk, &st))
		return exists(add);
	if (git_repository_index(&add->index, add->repo->git) ||
	    git_index_read(add->index, false))
		return git_fail(add->why, FAIL_SYSTEM, "reading the index");
	arena_defer(scratch, free_index, add->index);
	return !git_index_get_bypath(add->index, add->path, 0) || exists(add);
}

static bool find_user(struct addition *add, struct arena *scratch)
{
	struct str name, email;
	if (!repo_identity(add->repo, scratch, &name, &email, add->why))
		return false;
	if (str_blank(name) || str_blank(email)) {
		fail_set(add->why, FAIL_USAGE, "git does not know who you are");
		return fail_hint(add->why, "git config user.name NAME && git "
		                           "config user.email EMAIL");
	}
	if (git_signature_now(&add->user, str_cstr(scratch, name),
	                      str_cstr(scratch, email)))
		return git_fail(add->why, FAIL_SYSTEM, "user.name, user.email");
	arena_defer(scratch, free_user, add->user);
	return true;
}

/* The base's tree with the file in it. */
static bool make_tree(struct addition *add, struct arena *scratch)
{
	git_repository *git = add->repo->git;
	git_tree_update update = {.action = GIT_TREE_UPDATE_UPSERT,
	                          .filemode = GIT_FILEMODE_BLOB,
	                          .path = add->path};
	if (!add->base) {
		git_treebuilder *empty = NULL;
		git_oid id;
		bool done = !git_treebuilder_new(&empty, git, NULL) &&
		            !git_treebuilder_write(&id, empty) &&
		            !git_tree_lookup(&add->base, git, &id);
		git_treebuilder_free(empty);
		if (!done)
			return git_fail(add->why, FAIL_SYSTEM,
			                "writing an empty tree");
		arena_defer(scratch, free_tree, add->base);
	}
	if (git_blob_create_from_buffer(&add->blob, git, add->bytes.s,
	                                add->bytes.n))
		return git_fail(add->why, FAIL_SYSTEM, "writing %s", add->path);
	update.id = add->blob;
	return !git_tree_create_updated(&add->tree, git, add->base, 1,
	                                &update) ||
	       git_fail(add->why, FAIL_USAGE, "adding %s", add->path);
}

/* Not through a link that would lead out of the work tree. */
static bool make_directories(struct addition *add, struct arena *scratch)
{
	struct str rest =
	        str_from(str_of(add->on_disk), strlen(add->repo->root));
	struct str done = {add->on_disk, strlen(add->repo->root)}, name;
	while (str_cut(rest, '/', &name, &rest)) {
		done.n += name.n;
		const char *path = str_cstr(scratch, done);
		struct stat st;
		if (mkdir(path, 0777) && errno != EEXIST)
			return fail_errno(add->why, "making %s", path);
		if (lstat(path, &st) || !S_ISDIR(st.st_mode))
			return fail_set(add->why, FAIL_USAGE,
			                "%s is not a directory", path);
		done.n++;
	}
	return true;
}

static bool write_all(int fd, struct str bytes)
{
	while (bytes.n) {
		ssize_t n = write(fd, bytes.s, bytes.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		bytes = str_from(bytes, (size_t)n);
	}
	return true;
}

static bool write_file(struct addition *add, struct arena *scratch)
{
	if (!make_directories(add, scratch))
		return false;
	int fd = open(add->on_disk,
	              O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	              0666);
	if (fd < 0)
		return errno == EEXIST ? exists(add)
		                       : fail_errno(add->why, "writing %s",
		                                    add->on_disk);
	add->written = true;
	bool done = write_all(fd, add->bytes);
	if (!done)
		fail_errno(add->why, "writing %s", add->on_disk);
	if (close(fd) && done)
		done = fail_errno(add->why, "writing %s", add->on_disk);
	return done;
}

static git_index_time index_time(struct timespec t)
{
	return (git_index_time){.seconds = (int32_t)t.tv_sec,
	                        .nanoseconds = (uint32_t)t.tv_nsec};
}

/* With what stat says, so that git need not read the file to believe it. */
static bool write_index(struct addition *add)
{
	struct stat st;
	if (lstat(add->on_disk, &st))
		return fail_errno(add->why, "writing %s", add->on_disk);
	git_index_entry entry = {.ctime = index_time(st.st_ctim),
	                         .mtime = index_time(st.st_mtim),
	                         .dev = (uint32_t)st.st_dev,
	                         .ino = (uint32_t)st.st_ino,
	                         .mode = GIT_FILEMODE_BLOB,
	                         .uid = (uint32_t)st.st_uid,
	                         .gid = (uint32_t)st.st_gid,
	                         .file_size = (uint32_t)st.st_size,
	                         .id = add->blob,
	                         .path = add->path};
	return (!git_index_add(add->index, &entry) &&
	        !git_index_write(add->index)) ||
	       git_fail(add->why, FAIL_SYSTEM, "writing the index");
}

/* Moves the branch only if it still ends with the parent. */
static bool make_commit(struct addition *add, const char *message, git_oid *id)
{
	git_tree *tree = NULL;
	const git_commit *parents[] = {add->parent};
	int rc = git_tree_lookup(&tree, add->repo->git, &add->tree);
	if (!rc)
		rc = git_commit_create(id, add->repo->git, "HEAD", add->user,
		                       add->user, NULL, message, tree,
		                       add->parent ? 1 : 0, parents);
	git_tree_free(tree);
	return !rc ||
	       git_fail(add->why, FAIL_SYSTEM, "committing %s", add->path);
}

/*
 * The branch moves last: whatever fails before leaves at most a new file that
 * is staged, and that is taken back.
 */
static bool commit_addition(struct addition *add, struct arena *scratch,
                            const char *message, git_oid *id)
{
	if (!find_parent(add, scratch) || !check_is_new(add, scratch) ||
	    !find_user(add, scratch) || !make_tree(add, scratch))
		return false;
	if (add->repo->bare)
		return make_commit(add, message, id);
	if (write_file(add, scratch) && write_index(add) &&
	    make_commit(add, message, id))
		return true;
	if (add->written) {
		git_index_remove(add->index, add->path, 0);
		git_index_write(add->index);
		unlink(add->on_disk);
	}
	return false;
}

bool repo_commit_file(const struct repo *r, struct arena *a, struct str path,
                      struct str bytes, struct str message, struct oid *out,
                      struct fail *why)
{
	struct arena *scratch = arena_new();
	struct addition add = {
	        .repo = r,
	        .path = str_cstr(a, path),
	        .on_disk =
	                str_format(a, "%s%" STR_FMT, r->root, STR_ARG(path)).s,
	        .bytes = bytes,
	        .why = why,
	};
	git_oid id;
	bool done = commit_addition(&add, scratch, str_cstr(a, message), &id);
	arena_free(scratch);
	if (done)
		*out = oid_from_git(&id);
	return done;
}
