/* repo: the working tree, the user, and what is written. */
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

static void fails(bool done, enum fail_kind kind, const char *text,
                  const char *about)
{
	bool as_said = !done && why.kind == kind && strstr(why.text, text);
	if (!ok(as_said, "%s", about))
		tap_note("kind %d: %s\n%s", why.kind, why.text, why.hint);
	why = (struct fail){0};
}

/* "<id> <path>" lines; '@' behind a link, '#' behind a submodule. */
static bool list(void *context, const struct change *change, struct fail *w)
{
	static const char *const types[] = {
	        [ENTRY_FILE] = "", [ENTRY_LINK] = "@", [ENTRY_SUBMODULE] = "#"};
	(void)w;
	buf_format(context, "%.7s %" STR_FMT "%s\n", oid_hex(&change->blob).s,
	           STR_ARG(change->path), types[change->type]);
	return true;
}

static struct str worktree(const struct repo *r, const char *prefix)
{
	struct buf out = buf_new(arena, 1 << 16);
	why = (struct fail){0};
	if (!repo_worktree(r, arena, prefix, list, &out, &why))
		return str_of(why.text);
	return str_trim(buf_str(&out));
}

static const char *const files = "mkdir -p in/a in/b && echo 1 >in/a-b\n"
                                 "echo 2 >in/a/f && echo 3 >in/a.x\n"
                                 "echo 4 >in/run && chmod +x in/run\n"
                                 "ln -s a/f in/link && ln -s a in/dirlink\n"
                                 "ln -s nowhere in/b/broken && : >in/empty\n"
                                 "head -c 300000 /dev/zero >in/big\n";

static void test_worktree(void)
{
	sh("git init -q tree && cd tree && git config core.autocrlf true\n%s"
	   "git -c core.autocrlf=false add -A && git commit -q -m one\n"
	   "mkfifo in/pipe && mkdir in/hollow && echo x >out",
	   files);
	struct repo *r = repo_at(arena, "tree");
	struct str git = sh_read(arena, "git -C tree ls-tree -r --abbrev=7 "
	                                "HEAD in | "
	                                "sed 's/^12.*/&@/; s/^...... blob //' "
	                                "| tr '\\t' ' '");
	is_str(worktree(r, "in"), str_cstr(arena, git),
	       "a working tree, its ids and its order as git has them");
	is_str(worktree(r, "in/"), str_cstr(arena, git),
	       "a '/' behind the prefix makes no difference");
	is_str(worktree(r, "nowhere"), "", "nothing where there is nothing");
	ok(str_contains(worktree(r, ""), STR(" out")) &&
	           !str_contains(worktree(r, ""), STR(".git")),
	   "all of it, but not .git");
	is_str(worktree(r, "in/link"),
	       str_format(arena, "in/link is not a directory in %s",
	                  repo_root(r))
	               .s,
	       "a link in the place of the directory is refused");
	sh("git init -q tree/in/nested && touch tree/in/nested/file");
	ok(str_contains(worktree(r, "in"), STR("0000000 in/nested#\n")) &&
	           !str_contains(worktree(r, "in"), STR("nested/file")),
	   "a repository inside is a submodule");

	struct buf deep = buf_new(arena, 4096);
	for (int i = 0; i < 31; i++)
		buf_format(&deep, "d/");
	sh("mkdir -p tree/deep/%" STR_FMT "e && touch tree/deep/%" STR_FMT "f",
	   STR_ARG(buf_str(&deep)), STR_ARG(buf_str(&deep)));
	fails(worktree(r, "deep").n == 0, FAIL_INPUT,
	      "d/e/: more than 32 directories deep", "33 directories deep");

	sh("git clone -q --bare tree bare.git");
	worktree(repo_at(arena, "bare.git"), "in");
	fails(false, FAIL_USAGE, "no working tree", "a bare repository");
}

static void test_worktree_file(void)
{
	struct repo *r = repo_at(arena, "tree");
	struct str text;
	ok(repo_worktree_file(r, arena, STR("in/a/f"), &text, &why) &&
	           str_is(text, "2\n"),
	   "a file's bytes");
	ok(repo_worktree_file(r, arena, STR("in/empty"), &text, &why) &&
	           !text.n,
	   "an empty file");
	ok(repo_worktree_file(r, arena, STR("in/big"), &text, &why) &&
	           text.n == 256 * 1024 + 1,
	   "of a big one as much as shows that it is too big");
	static const char *const no_files[] = {"in/link", "in/pipe", "in/a",
	                                       "in/nowhere"};
	for (size_t i = 0; i < sizeof no_files / sizeof *no_files; i++) {
		ok(!repo_worktree_file(r, arena, str_of(no_files[i]), &text,
		                       &why),
		   "%s is no file to read", no_files[i]);
		why = (struct fail){0};
	}
}

static void is_identity(const struct repo *r, const char *name,
                        const char *email, const char *about)
{
	struct str got_name, got_email;
	why = (struct fail){0};
	ok(repo_identity(r, arena, &got_name, &got_email, &why), "%s%s", about,
	   why.text);
	is_str(got_name, name, "the name");
	is_str(got_email, email, "the email");
}

static void test_identity(void)
{
	sh("git init -q who");
	struct repo *r = repo_at(arena, "who");
	is_identity(r, "Ana", "ana@example.com",
	            "the environment's comes first");
	unsetenv("GIT_AUTHOR_NAME");
	unsetenv("GIT_AUTHOR_EMAIL");
	is_identity(r, "", "", "nothing is set");
	sh("git config --global user.name User && git config --global "
	   "user.email user@example.com");
	is_identity(r, "User", "user@example.com", "the user's");
	sh("git -C who config user.email here@example.com");
	is_identity(r, "User", "here@example.com",
	            "the repository's comes before the user's");
	sh("git -C who commit -q --allow-empty -m one\n"
	   "git -C who worktree add -q ../who-linked -b linked");
	is_identity(repo_at(arena, "who-linked"), "User", "here@example.com",
	            "a linked worktree has its repository's");
	sh("git -C who config user.email '' && echo '[' >>.gitconfig");
	struct str name = STR("kept"), email = STR("kept");
	fails(repo_identity(r, arena, &name, &email, &why), FAIL_SYSTEM,
	      ".gitconfig", "a configuration that does not parse");
	is_str(name, "kept", "leaves the name");
	sh("sed -i '$d' .gitconfig");
}

static void test_init(void)
{
	why = (struct fail){0};
	ok(repo_init("new/place", &why), "a repository is made%s", why.text);
	is_str(sh_read(arena, "git -C new/place symbolic-ref HEAD"),
	       "refs/heads/main", "its branch is main");
	fails(repo_init("new/place", &why), FAIL_USAGE, "already",
	      "not where there is one");
	ok(!repo_is_bare(repo_at(arena, "new/place")), "it has a working tree");
}

static bool commit_file(const struct repo *r, const char *path,
                        const char *bytes, struct oid *id)
{
	return repo_commit_file(r, arena, str_of(path), str_of(bytes),
	                        STR("Deploy checkout 1.4.2\n\nbody\n"), id,
	                        &why);
}

static void test_commit_file(void)
{
	struct repo *r = repo_at(arena, "new/place");
	struct oid first = {{0}}, second = {{0}}, third;
	ok(commit_file(r, "intents/checkout/a.yaml", "a: 1\n", &first),
	   "a file is committed on an unborn branch%s", why.text);
	sh("cd new/place && echo x >staged && git add staged && echo y >loose");
	ok(commit_file(r, "intents/checkout/b.yaml", "b: 1\n", &second),
	   "another on top%s", why.text);
	is_str(sh_read(arena, "git -C new/place rev-parse HEAD"),
	       oid_hex(&second).s, "the branch ends with it");
	is_str(sh_read(arena, "git -C new/place rev-parse HEAD~1"),
	       oid_hex(&first).s, "its parent is the one before");
	is_str(sh_read(arena, "git -C new/place ls-tree -r HEAD --name-only"),
	       "intents/checkout/a.yaml\nintents/checkout/b.yaml",
	       "what was staged is not committed with it");
	is_str(sh_read(arena, "git -C new/place diff-files; "
	                      "git -C new/place status --porcelain"),
	       "A  staged\n?? loose", "index and working tree are in step");
	is_str(sh_read(arena, "git -C new/place log -1 --format='%%an %%ae "
	                      "%%cn %%s %%b'"),
	       "User user@example.com User Deploy checkout 1.4.2 body",
	       "author, committer and message");
	is_str(sh_read(arena, "git -C new/place reflog -1 --format=%%gs"),
	       "commit: Deploy checkout 1.4.2", "the reflog knows");
	is_str(sh_read(arena, "cat new/place/intents/checkout/b.yaml"), "b: 1",
	       "the file is there");
	sh("cd new/place && git fsck --strict && git reset -q");

	fails(commit_file(r, "intents/checkout/b.yaml", "c", &third),
	      FAIL_USAGE, "exists already", "not over a committed file");
	fails(commit_file(r, "loose", "c", &third), FAIL_USAGE,
	      "exists already", "not over a file on disk");
	sh("cd new/place && echo x >gone && git add gone && rm gone");
	fails(commit_file(r, "gone", "c", &third), FAIL_USAGE, "exists already",
	      "not over a file in the index");
	static const char *const bad[] = {
	        "../out", "/etc/x", "a/../b",  ".git/hooks/x", "a/.git/hooks",
	        "a//b",   "",       "loose/a", "a/",           "linked/x"};
	sh("mkdir outside && ln -s ../../outside new/place/linked");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ok(!commit_file(r, bad[i], "c", &third), "not as '%s'", bad[i]);
		why = (struct fail){0};
	}
	is_str(sh_read(arena, "git -C new/place rev-parse HEAD; ls outside"),
	       oid_hex(&second).s, "none of these left anything");

	sh("touch new/place/.git/refs/heads/main.lock");
	ok(!commit_file(r, "intents/late.yaml", "c", &third),
	   "not while another moves the branch");
	is_str(sh_read(arena, "cd new/place; rm .git/refs/heads/main.lock\n"
	                      "ls intents; git ls-files intents/late.yaml"),
	       "checkout", "and what was begun is taken back");
	why = (struct fail){0};
	sh("git -C new/place checkout -q --detach");
	fails(commit_file(r, "intents/d.yaml", "d", &third), FAIL_USAGE,
	      "not on a branch", "not on a detached HEAD");
}

static void test_commit_elsewhere(void)
{
	struct oid id;
	sh("git -C new/place checkout -q main && git clone -q --bare new/place "
	   "new/bare.git && git -C new/place worktree add -q ../linked -b side");
	ok(commit_file(repo_at(arena, "new/bare.git"), "intents/x.yaml", "x",
	               &id),
	   "a bare repository%s", why.text);
	is_str(sh_read(arena, "git -C new/bare.git cat-file -p "
	                      "main:intents/x.yaml"),
	       "x", "has it in its commit");
	ok(commit_file(repo_at(arena, "new/linked"), "intents/y.yaml", "y",
	               &id),
	   "a linked worktree%s", why.text);
	is_str(sh_read(arena, "git -C new/linked status --porcelain\n"
	                      "git -C new/place log -1 --format=%%s side"),
	       "Deploy checkout 1.4.2", "moves its own branch");
	sh("git config --global --unset user.email");
	fails(commit_file(repo_at(arena, "new/linked"), "intents/z.yaml", "z",
	                  &id),
	      FAIL_USAGE, "who you are", "without an email");
}

int main(void)
{
	scratch_start();
	arena = arena_new();
	test_worktree();
	test_worktree_file();
	test_identity();
	test_init();
	test_commit_file();
	test_commit_elsewhere();
	arena_free(arena);
	scratch_end();
	return tap_done();
}
