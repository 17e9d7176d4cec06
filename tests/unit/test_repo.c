/* repo: opening, revisions, trees, blobs and commits, with the traps that
 * clones and hostile objects hold. */
#include "core/repo.h"
#include "tests/lib/repo_at.h"
#include "tests/lib/scratch.h"
#include "tests/lib/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct arena *arena;
static struct fail why;

static struct oid resolve(const struct repo *r, const char *revision)
{
	struct oid oid = {0};
	why = (struct fail){0};
	ok(repo_resolve(r, str_of(revision), &oid, &why), "%s is found%s%s",
	   revision, *why.text ? ": " : "", why.text);
	return oid;
}

static struct oid tree(const struct repo *r, const struct oid *commit,
                       const char *path)
{
	struct oid oid = {0};
	why = (struct fail){0};
	ok(repo_tree(r, commit, path, &oid, &why), "tree '%s' is read%s%s",
	   path, *why.text ? ": " : "", why.text);
	return oid;
}

static struct oid oid_of(const char *script)
{
	struct oid oid = {0};
	oid_parse(sh_read(arena, "%s", script), &oid);
	return oid;
}

static struct oid oid_at(const char *dir, const char *revision)
{
	return oid_of(
	        str_format(arena, "git -C %s rev-parse %s", dir, revision).s);
}

static void fails(bool done, enum fail_kind kind, const char *text,
                  const char *hint, const char *about)
{
	bool as_said = !done && why.kind == kind && strstr(why.text, text) &&
	               strstr(why.hint, hint);
	if (!ok(as_said, "%s", about))
		tap_note("kind %d: %s\n%s", why.kind, why.text, why.hint);
	why = (struct fail){0};
}

static void open_fails(const char *dir, enum fail_kind kind, const char *text,
                       const char *hint)
{
	struct repo *r = NULL;
	why = (struct fail){0};
	bool done = repo_open(&r, arena, dir, &why);
	fails(done, kind, text, hint, dir);
}

static bool list(void *context, const struct change *change, struct fail *w)
{
	static const char *const types[] = {
	        [ENTRY_FILE] = "", [ENTRY_LINK] = "@", [ENTRY_SUBMODULE] = "#"};
	(void)w;
	buf_format(context, "%" STR_FMT "%s ", STR_ARG(change->path),
	           types[change->type]);
	return true;
}

/* The paths that differ, with '@' behind a link and '#' behind a submodule. */
static struct str changes(const struct repo *r, const char *old,
                          const char *new, const char *prefix)
{
	struct buf out = buf_new(arena, 1 << 20);
	struct oid trees[2] = {{{0}}}, commit;
	const char *revisions[] = {old, new};
	why = (struct fail){0};
	for (int i = 0; i < 2; i++)
		if (*revisions[i] &&
		    !(repo_resolve(r, str_of(revisions[i]), &commit, &why) &&
		      repo_tree(r, &commit, prefix, &trees[i], &why)))
			return str_of(why.text);
	if (!repo_changes(r, &trees[0], &trees[1], str_of(prefix), list, &out,
	                  &why))
		return str_of(why.text);
	return buf_str(&out);
}

/* Opening */

static void test_opening(void)
{
	sh("git init -q plain && mkdir -p plain/a/b nothing && touch file\n"
	   "cd plain && git commit -q --allow-empty -m one\n"
	   "git worktree add -q ../linked -b other\n"
	   "git clone -q --bare . ../bare.git");
	struct str here = sh_read(arena, "pwd -P");
	struct repo *r = repo_at(arena, "plain/a/b");
	is_str(str_of(repo_root(r)),
	       str_format(arena, "%" STR_FMT "/plain/", STR_ARG(here)).s,
	       "a repository is found from a folder inside");
	ok(!repo_is_bare(r), "it is not bare");
	r = repo_at(arena, "linked");
	is_str(str_of(repo_root(r)),
	       str_format(arena, "%" STR_FMT "/linked/", STR_ARG(here)).s,
	       "a linked worktree has its own root");
	struct oid in_linked = resolve(r, "HEAD");
	r = repo_at(arena, "bare.git");
	ok(repo_is_bare(r), "a bare repository says so");
	is_str(str_of(repo_root(r)),
	       str_format(arena, "%" STR_FMT "/bare.git/", STR_ARG(here)).s,
	       "its root is the git directory");
	struct oid in_bare = resolve(r, "main");
	ok(oid_eq(&in_linked, &in_bare), "both hold the commit");

	open_fails("nothing", FAIL_USAGE, "not in a git repository",
	           "dxcp init");
	open_fails("nowhere", FAIL_USAGE, "No such file", "");
	setenv("GIT_DIR", "bare.git", 1);
	open_fails("nothing", FAIL_USAGE, "not in a git repository", "");
	unsetenv("GIT_DIR");
}

static void test_formats(void)
{
	sh("git init -q --object-format=sha256 sha256\n"
	   "git init -q reftable && cd reftable\n"
	   "git config core.repositoryformatversion 1\n"
	   "git config extensions.refStorage reftable\n"
	   "git init -q ../sparse && cd ../sparse\n"
	   "git config core.repositoryformatversion 1\n"
	   "git config extensions.worktreeConfig true\n"
	   "git init -q ../newer && cd ../newer\n"
	   "git config core.repositoryformatversion 1\n"
	   "git config extensions.unheardOf true");
	open_fails("sha256", FAIL_SYSTEM, "SHA-256", "sha1");
	open_fails("reftable", FAIL_SYSTEM, "refs", "--ref-format=files");
	open_fails("newer", FAIL_SYSTEM, "extension", "");
	ok(repo_at(arena, "sparse"), "a sparse checkout's extension is known");
}

static void test_owner(void)
{
	if (geteuid()) {
		tap_note("not root: foreign owners are not tested");
		return;
	}
	sh("git init -q foreign && chown -R 12345 foreign");
	open_fails("foreign", FAIL_SYSTEM, "another user", "safe.directory");
	sh("git config --global safe.directory \"$(pwd -P)/foreign\"");
	ok(repo_at(arena, "foreign"), "safe.directory of the user opens it");
	sh("git config --global --unset safe.directory");
	open_fails("foreign", FAIL_SYSTEM, "another user", "safe.directory");
}

/* Revisions */

static void test_revisions(void)
{
	struct oid oid;
	sh("git init -q unborn");
	struct repo *r = repo_at(arena, "unborn");
	fails(repo_resolve(r, STR("HEAD"), &oid, &why), FAIL_USAGE,
	      "has no commit yet", "git commit", "HEAD of an empty repository");

	sh("git init -q revisions && cd revisions && echo x >file\n"
	   "git add file && git commit -q -m one && git tag -a -m t v1\n"
	   "git commit -q --allow-empty -m two");
	r = repo_at(arena, "revisions");
	struct oid head = resolve(r, "HEAD"), before = resolve(r, "HEAD~1");
	struct oid tagged = resolve(r, "v1");
	ok(!oid_eq(&head, &before), "HEAD~1 is another commit");
	ok(oid_eq(&tagged, &before), "a tag stands for its commit");
	oid = resolve(r, str_format(arena, "%.12s", oid_hex(&head).s).s);
	ok(oid_eq(&oid, &head), "a short id stands for its commit");

	static const struct {
		const char *revision, *text;
	} wrong[] = {
	        {"nowhere", "no revision nowhere"},
	        {"HEAD~7", "no revision HEAD~7"},
	        {"0123456789012345678901234567890123456789", "no revision"},
	        {"", "not how a revision is written"},
	        {"HEAD^{", "not how a revision is written"},
	        {"HEAD:file", "is a blob, not a commit"},
	        {"HEAD^{tree}", "is a tree, not a commit"},
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		fails(repo_resolve(r, str_of(wrong[i].revision), &oid, &why),
		      FAIL_USAGE, wrong[i].text, "",
		      str_format(arena, "revision '%s' is refused",
		                 wrong[i].revision)
		              .s);
	char *longest = arena_alloc(arena, 2000);
	memset(longest, 'a', 1999);
	fails(repo_resolve(r, str_of(longest), &oid, &why), FAIL_USAGE,
	      "not how", "", "a revision of 2000 bytes is refused");
	ok(oid_eq(&oid, &head), "what was resolved before is untouched");
}

static void test_commits(void)
{
	sh("git init -q commits && cd commits && git commit -q --allow-empty "
	   "-m 'Add a thing' -m body && git branch side\n"
	   "git commit -q --allow-empty -m two && git checkout -q side\n"
	   "git commit -q --allow-empty -m three\n"
	   "git checkout -q --orphan apart\n"
	   "git -c i18n.commitEncoding=x commit -q --allow-empty "
	   "--author='M\303\274ller <m@example.com>' -m four\n"
	   "git cat-file commit HEAD | sed 's/\303\274/\374/' | "
	   "git hash-object -t commit -w --stdin >../latin1");
	struct repo *r = repo_at(arena, "commits");
	struct oid one = resolve(r, "main~1"), two = resolve(r, "main");
	struct oid three = resolve(r, "side"), apart = resolve(r, "apart");
	struct commit c;
	ok(repo_commit(r, arena, &one, &c, &why), "a commit is read");
	is_str(c.author_name, "Ana", "its author");
	is_str(c.author_email, "ana@example.com", "its author's email");
	is_str(c.committer_name, "Cy", "its committer");
	is_str(c.committer_email, "cy@example.com", "its committer's email");
	is_int(c.author_at, 1700000000, "the author's time");
	is_int(c.committed_at, 1700000100, "the committer's time");
	is_str(c.subject, "Add a thing", "the subject is the first line");
	ok(oid_eq(&c.id, &one), "its id");
	struct oid latin1 = oid_of("cat latin1");
	ok(repo_commit(r, arena, &latin1, &c, &why),
	   "one not in UTF-8 is read");
	is_str(c.author_name, "M\303\274ller", "its author comes as UTF-8");

	bool is;
	struct oid base;
	ok(repo_is_ancestor(r, &one, &two, &is, &why) && is, "a parent");
	ok(repo_is_ancestor(r, &two, &two, &is, &why) && is, "itself");
	ok(repo_is_ancestor(r, &two, &one, &is, &why) && !is, "not a child");
	ok(repo_is_ancestor(r, &two, &three, &is, &why) && !is, "not a cousin");
	ok(repo_merge_base(r, &two, &three, &base, &why) && oid_eq(&base, &one),
	   "two branches part at the first commit");
	fails(repo_merge_base(r, &two, &apart, &base, &why), FAIL_USAGE,
	      "no common history", "", "branches that share nothing");

	struct oid_hex id;
	ok(repo_id(r, &three, &id, &why), "the repository's id is found");
	is_str(str_of(id.s), oid_hex(&one).s, "it is that of the first commit");
	struct oid none = {{1}};
	fails(repo_commit(r, arena, &none, &c, &why), FAIL_SYSTEM,
	      "commit 0100000000000000000000000000000000000000 is not in",
	      "git fsck", "a commit that is not there");
}

static void test_remote(void)
{
	static const struct {
		const char *name, *url, *shown;
	} remotes[] = {
	        {"plain", "https://example.com/a.git",
	         "https://example.com/a.git"},
	        {"token", "https://x:tok%40en@example.com/a@b.git",
	         "https://example.com/a@b.git"},
	        {"user", "https://tok@example.com/", "https://example.com/"},
	        {"ssh", "ssh://git@example.com/a", "ssh://git@example.com/a"},
	        {"both", "ssh://git:pw@example.com/a",
	         "ssh://git@example.com/a"},
	        {"scp", "git@example.com:a/b.git", "git@example.com:a/b.git"},
	        {"at", "https://example.com/a@b", "https://example.com/a@b"},
	};
	sh("git init -q remotes");
	for (size_t i = 0; i < sizeof remotes / sizeof *remotes; i++)
		sh("git -C remotes remote add %s '%s'", remotes[i].name,
		   remotes[i].url);
	struct repo *r = repo_at(arena, "remotes");
	struct str url;
	for (size_t i = 0; i < sizeof remotes / sizeof *remotes; i++) {
		ok(repo_remote_url(r, arena, remotes[i].name, &url, &why),
		   "remote %s", remotes[i].name);
		is_str(url, remotes[i].shown, "%s without credentials",
		       remotes[i].name);
	}
	ok(repo_remote_url(r, arena, "origin", &url, &why) && !url.n,
	   "no remote has no address");
}

/* Trees and changes */

static void test_changes(void)
{
	sh("git init -q changes && cd changes\n"
	   "mkdir -p in/a in/c && echo 1 | tee in/a-b in/a.x in/a/f in/a/g "
	   "in/c/d in/b in/run out >/dev/null\n"
	   "chmod +x in/run && ln -s b in/link && ln -s a in/dirlink\n"
	   "git add -A\n"
	   "git update-index --add --cacheinfo "
	   "160000,0123456789012345678901234567890123456789,in/sub\n"
	   "git commit -q -m one && git tag one\n"
	   "echo 2 >in/a/g && echo 1 >in/a/h && git add in && "
	   "git commit -q -m two && git tag two\n"
	   "chmod -x in/run && rm in/b && mkdir in/b && echo 3 >in/b/x && "
	   "rm in/a-b && ln -sfn c in/dirlink && rm in/c/d && "
	   "git add -A in && git commit -q -m three && git tag three\n"
	   "rm -r in/b && echo 1 >in/b && git add -A in && "
	   "git commit -q -m four && git tag four\n"
	   "rm -r in && git add -A && git commit -q -m five && git tag five\n"
	   "echo 1 >in && git add in && git commit -q -m six && git tag six");
	struct repo *r = repo_at(arena, "changes");
	is_str(changes(r, "", "one", "in"),
	       "in/a-b in/a.x in/a/f in/a/g in/b in/c/d in/dirlink@ in/link@ "
	       "in/run in/sub# ",
	       "all of a tree, in the byte order of paths");
	is_str(changes(r, "", "one", "in/"),
	       "in/a-b in/a.x in/a/f in/a/g in/b in/c/d in/dirlink@ in/link@ "
	       "in/run in/sub# ",
	       "a '/' behind the prefix makes no difference");
	is_str(changes(r, "one", "two", ""), "in/a/g in/a/h ",
	       "changed and added files, with their path from the root");
	is_str(changes(r, "two", "one", "in"), "in/a/g in/sub# ",
	       "what only the old tree has is not reported");
	is_str(changes(r, "two", "two", "in"), "", "equal trees");
	is_str(changes(r, "two", "three", "in"), "in/b/x in/dirlink@ ",
	       "a file becomes a directory, a link points elsewhere; an x bit "
	       "is no change");
	is_str(changes(r, "three", "four", "in"), "in/b ",
	       "a directory becomes a file");
	is_str(changes(r, "", "one", "in/a"), "in/a/f in/a/g ",
	       "a prefix of two directories");
	struct oid five = resolve(r, "five"), six = resolve(r, "six");
	struct oid none = tree(r, &five, "in");
	ok(oid_is_zero(&none), "no directory: no tree");
	none = tree(r, &five, "in/a/b");
	ok(oid_is_zero(&none), "nor below one that is not there");
	fails(repo_tree(r, &six, "in", &none, &why), FAIL_INPUT,
	      "in is not a directory", "", "a file in its place is refused");
	fails(repo_tree(r, &six, "in/a", &none, &why), FAIL_INPUT,
	      "in/a is not a directory", "", "also below it");
}

static bool stop(void *context, const struct change *change, struct fail *w)
{
	++*(int *)context;
	return fail_set(w, FAIL_INPUT, "stop at %" STR_FMT,
	                STR_ARG(change->path));
}

static void test_stopping(void)
{
	struct repo *r = repo_at(arena, "changes");
	struct oid one = resolve(r, "one"), none = {{0}};
	struct oid t = tree(r, &one, "in");
	int calls = 0;
	fails(repo_changes(r, &none, &t, STR("in"), stop, &calls, &why),
	      FAIL_INPUT, "stop at in/a-b", "", "a visitor stops the walk");
	is_int(calls, 1, "it was called once");
}

/* A tree object of one entry, written past git's own checks. */
static struct oid bad_tree(const char *entries)
{
	return oid_of(str_format(arena,
	                         "cd hostile && printf '%s' | git hash-object "
	                         "-t tree -w --literally --stdin",
	                         entries)
	                      .s);
}

static void test_hostile_trees(void)
{
#define ID "aaaaaaaaaaaaaaaaaaaa"
#define OTHER "bbbbbbbbbbbbbbbbbbbb"
	static const struct {
		const char *about, *entries;
	} trees[] = {
	        {"a name with '/'", "100644 a/b\\000" ID},
	        {"the name ..", "40000 ..\\000" ID},
	        {"the name .", "40000 .\\000" ID},
	        {"the name .git", "40000 .git\\000" ID},
	        {"a name twice", "100644 a\\000" ID "100644 a\\000" ID},
	        {"names out of order", "100644 b\\000" ID "100644 a\\000" ID},
	        {"no mode", " a\\000" ID},
	        {"a mode of no kind", "0 a\\000" ID},
	        {"a mode too long", "10000100644 a\\000" ID},
	        {"a mode that is no octal", "100648 a\\000" ID},
	        {"an id cut short", "100644 a\\000aaaaaaaaaaaaaaaaaaa"},
	        {"a name without end", "100644 a"},
	        {"something behind the last entry", "100644 a\\000" ID "1"},
	};
	sh("git init -q hostile");
	struct repo *r = repo_at(arena, "hostile");
	struct oid none = {{0}};
	struct buf out = buf_new(arena, 4096);
	for (size_t i = 0; i < sizeof trees / sizeof *trees; i++) {
		struct oid t = bad_tree(trees[i].entries);
		fails(repo_changes(r, &none, &t, STR("intents"), list, &out,
		                   &why),
		      FAIL_INPUT, "intents/: the directory holds an entry",
		      "git fsck", trees[i].about);
	}
	struct oid good = bad_tree("100644 a\\000" ID "100644 b\\000" ID
	                           "100644 c\\000" ID);
	static const char *const after[] = {
	        "100644 a\\000" ID "100644 b\\000" ID "100644 b\\000" OTHER,
	        "100644 a\\000" ID "100644 b\\000" ID "100644 a\\000" OTHER,
	        "100644 a\\000" OTHER "100644 a\\000" ID,
	        "100644 a\\000" ID "100644 c\\000" ID "100644 b\\000" ID,
	};
	for (size_t i = 0; i < sizeof after / sizeof *after; i++) {
		struct oid t = bad_tree(after[i]);
		fails(repo_changes(r, &good, &t, STR("intents"), list, &out,
		                   &why),
		      FAIL_INPUT, "intents/: the directory holds an entry", "",
		      "such an entry behind others that are alike");
	}
	struct oid blob = oid_of("cd hostile && echo x | git hash-object -w "
	                         "--stdin");
	fails(repo_changes(r, &none, &blob, STR("intents"), list, &out, &why),
	      FAIL_INPUT, "intents/: the directory holds", "",
	      "a blob that passes for a tree");
	struct oid empty = bad_tree("100644 \\000" ID);
	ok(!repo_changes(r, &none, &empty, STR("intents"), list, &out, &why),
	   "an empty name is refused");
	why = (struct fail){0};
}

static void test_depth(void)
{
	struct buf deep = buf_new(arena, 4096);
	for (int i = 0; i < 31; i++)
		buf_format(&deep, "d/");
	sh("git init -q deep && cd deep && mkdir -p in/%" STR_FMT "e\n"
	   "echo >in/%" STR_FMT "f && git add -A && git commit -q -m one\n"
	   "echo >in/%" STR_FMT "e/f && git add -A && git commit -q -m two",
	   STR_ARG(buf_str(&deep)), STR_ARG(buf_str(&deep)),
	   STR_ARG(buf_str(&deep)));
	struct repo *r = repo_at(arena, "deep");
	is_str(changes(r, "", "HEAD~1", "in"),
	       str_format(arena, "in/%" STR_FMT "f ", STR_ARG(buf_str(&deep)))
	               .s,
	       "32 directories deep is read");
	ok(str_ends(changes(r, "", "HEAD", "in"),
	            STR("d/e: more than 32 directories deep")),
	   "33 directories deep is refused by name");
	is_int(why.kind, FAIL_INPUT, "as input");
	why = (struct fail){0};
}

/* Blobs */

static void test_blobs(void)
{
	sh("git init -q blobs && cd blobs\n"
	   "printf 'a\\000b\\n' >nul && : >empty\n"
	   "head -c 262144 /dev/zero >most && head -c 262145 /dev/zero >more\n"
	   "git add -A && git commit -q -m one");
	struct repo *r = repo_at(arena, "blobs");
	struct str text;
	uint64_t size;
	struct oid nul = oid_at("blobs", "HEAD:nul");
	struct oid empty = oid_at("blobs", "HEAD:empty");
	struct oid most = oid_at("blobs", "HEAD:most");
	struct oid more = oid_at("blobs", "HEAD:more");
	struct oid root = oid_at("blobs", "HEAD:");
	ok(repo_blob(r, arena, &nul, &text, &why) &&
	           str_eq(text, (struct str){"a\0b\n", 4}),
	   "the bytes of a blob, NUL included");
	ok(repo_blob(r, arena, &empty, &text, &why) && !text.n, "none");
	ok(repo_blob(r, arena, &most, &text, &why) && text.n == 262144,
	   "as many as the limit");
	fails(repo_blob(r, arena, &more, &text, &why), FAIL_INPUT,
	      "262145 bytes", "", "one more than the limit");
	ok(repo_blob_capped(r, arena, &more, &text, &size, &why) &&
	           size == 262145 && !text.n,
	   "that is no failure where it may be");
	ok(repo_blob_capped(r, arena, &most, &text, &size, &why) &&
	           size == 262144 && text.n == 262144,
	   "and what is not over the limit comes then too");
	struct oid id;
	ok(repo_blob_id(r, (struct str){"a\0b\n", 4}, &id, &why) &&
	           oid_eq(&id, &nul),
	   "the id that bytes have, as git gives it");
	ok(repo_blob_id(r, STR(""), &id, &why) && oid_eq(&id, &empty),
	   "and that of no bytes");
	fails(repo_blob(r, arena, &root, &text, &why), FAIL_INPUT,
	      "is a tree, not a blob", "", "a tree is no blob");
}

static void test_damage(void)
{
	sh("git init -q damaged && cd damaged && echo one >a && echo two >b\n"
	   "mkdir d && echo three >d/c && git add -A && git commit -q -m one\n"
	   "f() { echo .git/objects/$(git rev-parse $1 | sed 's,..,&/,'); }\n"
	   "chmod -R u+w .git/objects && cp $(f HEAD:a) $(f HEAD:b)\n"
	   "rm $(f HEAD:d)");
	struct repo *r = repo_at(arena, "damaged");
	struct str text;
	struct oid b = oid_at("damaged", "HEAD:b");
	fails(repo_blob(r, arena, &b, &text, &why), FAIL_SYSTEM,
	      "cannot be read", "altered",
	      "a blob with another one's bytes is refused");
	struct str got = changes(r, "", "HEAD", "");
	ok(str_contains(got, STR("reading d/")) &&
	           str_contains(got, STR("is not in this repository")),
	   "a missing tree is named, with its place");
	is_int(why.kind, FAIL_SYSTEM, "as the system's failure");
	why = (struct fail){0};
}

static void test_altered_pack(void)
{
	sh("git init -q pack && cd pack && seq 9000 >a && git add a\n"
	   "git commit -q -m one && git repack -adfq\n"
	   "p=$(ls .git/objects/pack/*.pack) && chmod u+w $p\n"
	   "at=$(git verify-pack -v $p | awk '/blob/{print $5}')\n"
	   "printf X | dd of=$p bs=1 seek=$((at + 99)) conv=notrunc "
	   "status=none");
	struct repo *r = repo_at(arena, "pack");
	struct oid a = oid_of("git -C pack ls-tree HEAD | cut -c13-52");
	struct str text;
	fails(repo_blob(r, arena, &a, &text, &why), FAIL_SYSTEM, "", "git fsck",
	      "an altered pack is refused");
}

/* Clones that lack things */

static void test_clones(void)
{
	sh("git init -q full && cd full && git config uploadpack.allowFilter 1\n"
	   "git config uploadpack.allowAnySHA1InWant 1\n"
	   "for i in 1 2 3; do echo $i >f && git add f && git commit -q -m $i\n"
	   "done; cd .. && here=$(pwd -P)\n"
	   "git clone -q --depth 2 file://$here/full shallow\n"
	   "git clone -q --no-checkout --filter=blob:none file://$here/full "
	   "partial");
	struct repo *r = repo_at(arena, "shallow");
	struct oid head = resolve(r, "HEAD"), oid;
	struct oid_hex id;
	is_str(changes(r, "", "HEAD", ""), "f ", "a shallow clone has trees");
	ok(repo_is_shallow(r), "and says that it is shallow");
	ok(!repo_is_shallow(repo_at(arena, "full")),
	   "a full one that it is not");
	fails(repo_id(r, &head, &id, &why), FAIL_SYSTEM,
	      "finding the first commit", "git fetch --unshallow",
	      "but not the first commit");
	fails(repo_resolve(r, STR("HEAD~2"), &oid, &why), FAIL_USAGE,
	      "no revision HEAD~2", "git fetch --unshallow", "nor HEAD~2");

	r = repo_at(arena, "partial");
	struct oid blob = oid_at("full", "HEAD:f");
	struct str text;
	is_str(changes(r, "", "HEAD", ""), "f ", "a partial clone has trees");
	fails(repo_blob(r, arena, &blob, &text, &why), FAIL_SYSTEM,
	      "is not in this repository", "git fetch --refetch --no-filter",
	      "but not the blob");
	sh("cd partial && git fetch -q --refetch --no-filter");
	r = repo_at(arena, "partial");
	ok(repo_blob(r, arena, &blob, &text, &why) && str_is(text, "3\n"),
	   "after the fetch that the hint names it has");
}

int main(void)
{
	scratch_start();
	arena = arena_new();
	test_opening();
	test_formats();
	test_owner();
	test_revisions();
	test_commits();
	test_remote();
	test_changes();
	test_stopping();
	test_hostile_trees();
	test_depth();
	test_blobs();
	test_damage();
	test_altered_pack();
	test_clones();
	arena_free(arena);
	scratch_end();
	return tap_done();
}
