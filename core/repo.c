#include "core/repo_private.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#ifdef __SANITIZE_ADDRESS__
/* libgit2 1.5.1 loses some memory whenever a name in the configuration does not
   match a pattern of its own (git_regexp_match), and where a walk fails at the
   end of a shallow history. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libpcre2-8.so\nleak:git_revwalk_\n";
}
const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
	return "print_suppressions=0";
}
#endif

_Static_assert(sizeof(struct oid) == GIT_OID_RAWSZ, "SHA-1 on both sides");

struct oid oid_from_git(const git_oid *id)
{
	struct oid oid;
	memcpy(oid.id, id->id, sizeof oid.id);
	return oid;
}

git_oid oid_to_git(const struct oid *oid)
{
	git_oid id;
	memcpy(id.id, oid->id, sizeof id.id);
	return id;
}

void git_use_user_config(bool yes)
{
	static const int levels[] = {
	        GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM,
	        GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL};
	for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
		git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, levels[i],
		                 yes ? NULL : "");
}

void git_start(void)
{
	/* Extensions that change nothing for a reader of objects: sparse
	   checkouts set the first, partial clones the second. */
	static const char *extensions[] = {"worktreeconfig", "partialclone",
	                                   "preciousobjects"};
	git_cap_memory();
	if (git_libgit2_init() != 1)
		return;
	/* What is mapped of packs counts as memory of ours. With less than this
	   a pack of 24 MiB was mapped over and over, at twice the time. */
	git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, (size_t)1 << 20);
	git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, (size_t)10 << 20);
	/* Each object is read once: a cache of them only holds memory. */
	git_libgit2_opts(GIT_OPT_ENABLE_CACHING, 0);
	git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions,
	                 sizeof extensions / sizeof *extensions);
	git_use_user_config(false);
}

static const char *git_trouble(void)
{
	const git_error *e = git_error_last();
	return e && e->message ? e->message : "git gives no reason";
}

bool git_fail(struct fail *why, enum fail_kind kind, const char *fmt, ...)
{
	char doing[FAIL_TEXT_MAX];
	va_list args;
	va_start(args, fmt);
	vsnprintf(doing, sizeof doing, fmt, args);
	va_end(args);
	return fail_set(why, kind, "%s: %s", doing, git_trouble());
}

static bool is_promisor(const git_config_entry *entry)
{
	struct str name = str_of(entry->name);
	return str_starts(name, STR("remote.")) &&
	       str_ends(name, STR(".promisor")) &&
	       !strcmp(entry->value, "true");
}

/* Whether objects were left out when it was cloned (git clone --filter). */
static bool is_partial(const struct repo *r)
{
	git_config *config = NULL;
	git_config_iterator *each = NULL;
	git_config_entry *entry;
	bool found = false;
	if (!git_repository_config_snapshot(&config, r->git) &&
	    !git_config_iterator_new(&each, config))
		while (!found && !git_config_next(&entry, each))
			found = is_promisor(entry);
	git_config_iterator_free(each);
	git_config_free(config);
	return found;
}

void hint_at_missing(const struct repo *r, struct fail *why)
{
	if (git_repository_is_shallow(r->git) == 1)
		fail_hint(why, "this clone is shallow; fetch the history: "
		               "git fetch --unshallow (in CI: a checkout of "
		               "full depth)");
	else if (is_partial(r))
		fail_hint(why, "this clone was made with --filter; fetch what "
		               "is missing: git fetch --refetch --no-filter, "
		               "or clone without --filter");
	else
		fail_hint(why, "look at the repository with git fsck, or "
		               "clone it afresh");
}

bool object_fail(const struct repo *r, struct fail *why, int rc,
                 const char *what, const git_oid *id)
{
	struct oid oid = oid_from_git(id);
	if (rc == GIT_ENOTFOUND) {
		fail_set(why, FAIL_SYSTEM, "%s %s is not in this repository",
		         what, oid_hex(&oid).s);
		hint_at_missing(r, why);
		return false;
	}
	git_fail(why, FAIL_SYSTEM, "%s %s cannot be read", what,
	         oid_hex(&oid).s);
	return fail_hint(why, "it is damaged or was altered: look with git "
	                      "fsck, or clone the repository afresh");
}

/* Opening */

static void stop_git(void *nothing)
{
	(void)nothing;
	git_libgit2_shutdown();
}

static void close_git(void *git)
{
	git_repository_free(git);
}

static void close_odb(void *odb)
{
	git_odb_free(odb);
}

static bool trouble_is_about(const char *word)
{
	return strstr(git_trouble(), word) != NULL;
}

static bool open_fail(struct fail *why, int rc, const char *dir)
{
	if (trouble_is_about("safe.directory")) {
		fail_set(why, FAIL_SYSTEM,
		         "the repository at %s belongs to another user", dir);
		return fail_hint(why, "if you trust it: git config --global "
		                      "--add safe.directory DIRECTORY");
	}
	if (trouble_is_about("objectformat")) {
		fail_set(why, FAIL_SYSTEM,
		         "the repository at %s names its objects by SHA-256, "
		         "which libgit2 %s cannot read",
		         dir, LIBGIT2_VERSION);
		return fail_hint(why, "use a repository of the sha1 format: "
		                      "git init --object-format=sha1");
	}
	if (trouble_is_about("refstorage")) {
		fail_set(why, FAIL_SYSTEM,
		         "the repository at %s keeps its refs in a format that "
		         "libgit2 %s cannot read",
		         dir, LIBGIT2_VERSION);
		return fail_hint(why, "git refs migrate --ref-format=files");
	}
	if (rc == GIT_ENOTFOUND) {
		fail_set(why, FAIL_USAGE, "%s is not in a git repository", dir);
		return fail_hint(why, "name one with -C, or make one with "
		                      "dxcp init");
	}
	return git_fail(why, FAIL_SYSTEM, "opening the repository at %s", dir);
}

/*
 * The owner is looked at with nobody's configuration first. Only if that
 * refuses is the user asked, whose safe.directory may name it.
 */
static int open_git(git_repository **git, const char *dir)
{
	int rc = git_repository_open_ext(git, dir, 0, NULL);
	if (rc != GIT_ENOTFOUND || !trouble_is_about("safe.directory"))
		return rc;
	git_use_user_config(true);
	int trusted = git_repository_open_ext(git, dir, 0, NULL);
	git_use_user_config(false);
	if (trusted)
		return trusted;
	git_repository_free(*git);
	git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	rc = git_repository_open_ext(git, dir, 0, NULL);
	git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 1);
	return rc;
}

bool repo_open(struct repo **out, struct arena *a, const char *dir,
               struct fail *why)
{
	struct stat st;
	if (stat(dir, &st))
		return fail_set(why, FAIL_USAGE, "%s: %s", dir,
		                strerror(errno));
	git_start();
	arena_defer(a, stop_git, NULL);
	struct repo *r = ARENA_NEW(a, struct repo);
	int rc = open_git(&r->git, dir);
	if (rc)
		return open_fail(why, rc, dir);
	arena_defer(a, close_git, r->git);
	if (git_repository_odb(&r->odb, r->git))
		return git_fail(why, FAIL_SYSTEM, "opening the objects of %s",
		                dir);
	arena_defer(a, close_odb, r->odb);
	r->bare = git_repository_is_bare(r->git) == 1;
	r->root = r->bare ? git_repository_path(r->git)
	                  : git_repository_workdir(r->git);
	*out = r;
	return true;
}

const char *repo_root(const struct repo *r)
{
	return r->root;
}

void repo_read_few(void)
{
	git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, (size_t)32 << 20);
}

bool repo_is_bare(const struct repo *r)
{
	return r->bare;
}

bool repo_is_shallow(const struct repo *r)
{
	return git_repository_is_shallow(r->git) == 1;
}

/* Revisions */

static bool is_head(const char *revision)
{
	return !strncmp(revision, "HEAD", 4) || *revision == '@';
}

static bool resolve_fail(const struct repo *r, const char *revision, int rc,
                         struct fail *why)
{
	if (rc == GIT_EAMBIGUOUS)
		return fail_set(why, FAIL_USAGE,
		                "revision %s may mean more than one object: "
		                "give more digits",
		                revision);
	if (rc == GIT_EINVALIDSPEC)
		return fail_set(why, FAIL_USAGE,
		                "'%s' is not how a revision is written",
		                revision);
	if (rc != GIT_ENOTFOUND)
		return git_fail(why, FAIL_SYSTEM, "finding revision %s",
		                revision);
	if (is_head(revision) && git_repository_head_unborn(r->git) == 1) {
		fail_set(why, FAIL_USAGE,
		         "the repository at %s has no commit yet", r->root);
		return fail_hint(why, "commit first: git add . && git commit");
	}
	fail_set(why, FAIL_USAGE, "there is no revision %s", revision);
	if (git_repository_is_shallow(r->git) == 1)
		hint_at_missing(r, why);
	return fail_hint(why, "git log --all lists the commits that are here; "
	                      "git fetch brings others");
}

static bool peel(const struct repo *r, git_object *object, const char *revision,
                 struct oid *commit, struct fail *why)
{
	git_object *peeled = NULL;
	int rc = git_object_peel(&peeled, object, GIT_OBJECT_COMMIT);
	if (rc == GIT_ENOTFOUND)
		return object_fail(r, why, rc, "what is tagged by",
		                   git_object_id(object));
	if (rc)
		return fail_set(
		        why, FAIL_USAGE, "%s is a %s, not a commit", revision,
		        git_object_type2string(git_object_type(object)));
	*commit = oid_from_git(git_object_id(peeled));
	git_object_free(peeled);
	return true;
}

bool repo_resolve(const struct repo *r, struct str revision, struct oid *commit,
                  struct fail *why)
{
	char text[1024];
	if (!revision.n || revision.n >= sizeof text || str_has(revision, 0))
		return fail_set(why, FAIL_USAGE,
		                "'%" STR_FMT "' is not how a revision is "
		                "written",
		                STR_ARG(str_head(revision, 80)));
	memcpy(text, revision.s, revision.n);
	text[revision.n] = 0;
	git_object *object = NULL;
	int rc = git_revparse_single(&object, r->git, text);
	if (rc)
		return resolve_fail(r, text, rc, why);
	bool done = peel(r, object, text, commit, why);
	git_object_free(object);
	return done;
}

/* Trees and blobs */

/* The id of the directory `name` in a tree, zero where there is none. */
static git_oid tree_entry(const git_tree *tree, struct str name, bool *is_other)
{
	char part[REPO_PATH_MAX];
	assert(name.n < sizeof part);
	memcpy(part, name.s, name.n);
	part[name.n] = 0;
	const git_tree_entry *entry = git_tree_entry_byname(tree, part);
	if (entry && git_tree_entry_type(entry) == GIT_OBJECT_TREE)
		return *git_tree_entry_id(entry);
	*is_other = entry != NULL;
	return (git_oid){{0}};
}

/* The last directory of the path is not opened: a history walk asks only for
   its id, and intents/ is wide. */
bool tree_at(const struct repo *r, git_commit *commit, const char *path,
             struct oid *tree, bool *is_other, struct fail *why)
{
	git_oid id = *git_commit_tree_id(commit);
	struct str rest = str_of(path), part;
	*is_other = false;
	while (!git_oid_is_zero(&id) && str_next(&rest, '/', &part)) {
		git_tree *at = NULL;
		int rc = git_tree_lookup(&at, r->git, &id);
		if (rc)
			return object_fail(r, why, rc, "tree", &id);
		if (part.n)
			id = tree_entry(at, part, is_other);
		git_tree_free(at);
	}
	*tree = oid_from_git(&id);
	return true;
}

bool repo_tree(const struct repo *r, const struct oid *commit, const char *path,
               struct oid *tree, struct fail *why)
{
	git_oid id = oid_to_git(commit);
	git_commit *c = NULL;
	if (!commit_open(r, &c, &id, why))
		return false;
	struct oid found;
	bool is_other;
	bool done = tree_at(r, c, path, &found, &is_other, why);
	git_commit_free(c);
	if (!done)
		return false;
	if (is_other)
		return fail_set(why, FAIL_INPUT,
		                "%s is not a directory in commit %s", path,
		                oid_hex(commit).s);
	*tree = found;
	return true;
}

bool repo_file(const struct repo *r, const struct oid *commit, const char *path,
               struct oid *blob, struct fail *why)
{
	git_oid id = oid_to_git(commit);
	git_commit *c = NULL;
	git_tree *root = NULL;
	git_tree_entry *entry = NULL;
	if (!commit_open(r, &c, &id, why))
		return false;
	int rc = git_commit_tree(&root, c);
	git_commit_free(c);
	if (rc)
		return object_fail(r, why, rc, "tree of commit", &id);
	rc = git_tree_entry_bypath(&entry, root, path);
	git_tree_free(root);
	if (rc && rc != GIT_ENOTFOUND)
		return object_fail(r, why, rc, "tree of commit", &id);
	*blob = (struct oid){{0}};
	if (!rc && git_tree_entry_type(entry) == GIT_OBJECT_BLOB)
		*blob = oid_from_git(git_tree_entry_id(entry));
	git_tree_entry_free(entry);
	return true;
}

static bool blob_size(const struct repo *r, const git_oid *id, size_t *size,
                      struct fail *why)
{
	git_object_t type;
	int rc = git_odb_read_header(size, &type, r->odb, id);
	if (rc)
		return object_fail(r, why, rc, "blob", id);
	struct oid oid = oid_from_git(id);
	return type == GIT_OBJECT_BLOB ||
	       fail_set(why, FAIL_INPUT, "object %s is a %s, not a blob",
	                oid_hex(&oid).s, git_object_type2string(type));
}

static void free_object(void *object)
{
	git_odb_object_free(object);
}

bool repo_blob_capped(const struct repo *r, struct arena *a,
                      const struct oid *blob, struct str *out, uint64_t *size,
                      struct fail *why)
{
	git_oid id = oid_to_git(blob);
	git_odb_object *object = r->ahead ? ahead_take(r->ahead, &id) : NULL;
	size_t bytes;
	int rc = object ? 0 : git_odb_read(&object, r->odb, &id);
	/* One so large that it was not read still has a size to be told. */
	if (rc && blob_size(r, &id, &bytes, &(struct fail){0}) &&
	    bytes > SOURCE_MAX_BYTES) {
		*out = (struct str){0};
		*size = bytes;
		return true;
	}
	if (rc)
		return object_fail(r, why, rc, "blob", &id);
	arena_defer(a, free_object, object);
	if (git_odb_object_type(object) != GIT_OBJECT_BLOB)
		return blob_size(r, &id, &bytes, why); /* says what it is */
	bytes = git_odb_object_size(object);
	*size = bytes;
	*out = (struct str){0};
	if (bytes <= SOURCE_MAX_BYTES)
		*out = (struct str){git_odb_object_data(object), bytes};
	return true;
}

bool repo_blob(const struct repo *r, struct arena *a, const struct oid *blob,
               struct str *out, struct fail *why)
{
	struct str text;
	uint64_t size;
	if (!repo_blob_capped(r, a, blob, &text, &size, why))
		return false;
	if (size > SOURCE_MAX_BYTES)
		return fail_set(why, FAIL_INPUT,
		                "blob %s has %llu bytes; the limit is %d",
		                oid_hex(blob).s, (unsigned long long)size,
		                (int)SOURCE_MAX_BYTES);
	*out = text;
	return true;
}

bool repo_blob_id(const struct repo *r, struct str bytes, struct oid *out,
                  struct fail *why)
{
	git_oid id;
	(void)r; /* the ids of this repository's kind: the one that there is */
	if (git_odb_hash(&id, bytes.s, bytes.n, GIT_OBJECT_BLOB))
		return git_fail(why, FAIL_SYSTEM, "hashing a file");
	*out = oid_from_git(&id);
	return true;
}

/* Remotes */

/* Of https://user:secret@host/ all up to the '@' goes, of ssh://git@host/ a
   password only: without its user the address would not work. */
static struct str without_credentials(struct arena *a, struct str url)
{
	const char *slashes = strstr(url.s, "://");
	if (!slashes)
		return str_copy(a, url);
	size_t start = (size_t)(slashes - url.s) + 3;
	size_t length = strcspn(url.s + start, "/?#"), at = length;
	while (at && url.s[start + at] != '@')
		at--;
	if (!at)
		return str_copy(a, url);
	struct str user = {url.s + start, at}, name, secret;
	bool web = str_starts(url, STR("http"));
	str_cut(user, ':', &name, &secret);
	return str_format(a, "%" STR_FMT "%" STR_FMT "%" STR_FMT,
	                  STR_ARG(str_head(url, start)),
	                  STR_ARG(str_head(name, web ? 0 : name.n)),
	                  STR_ARG(str_from(url, start + at + (web ? 1 : 0))));
}

bool repo_remote_url(const struct repo *r, struct arena *a, const char *remote,
                     struct str *out, struct fail *why)
{
	git_remote *found = NULL;
	int rc = git_remote_lookup(&found, r->git, remote);
	if (rc && rc != GIT_ENOTFOUND && rc != GIT_EINVALIDSPEC)
		return git_fail(why, FAIL_SYSTEM, "reading remote %s", remote);
	const char *url = found ? git_remote_url(found) : NULL;
	*out = url ? without_credentials(a, str_of(url)) : (struct str){0};
	git_remote_free(found);
	return true;
}
