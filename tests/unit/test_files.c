#include "core/files.h"
#include "tests/lib/tap.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/test_files.XXXXXX";

static const char *in_folder(struct arena *a, const char *name)
{
	return str_format(a, "%s/%s", folder, name).s;
}

static struct str content(struct arena *a, const char *path)
{
	struct str s = STR("(unreadable)");
	struct fail why = {0};
	file_read(&s, a, path, 1 << 20, &why);
	return s;
}

/* Names in a directory, "." and ".." left out. */
static int entries(const char *path)
{
	DIR *dir = opendir(path);
	int n = 0;
	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n - 2;
}

static void reading(struct arena *a)
{
	struct fail why = {0};
	const char *path = in_folder(a, "read");
	ok(file_write(path, STR("12345"), &why), "a file is written");
	struct str s = STR("kept");
	ok(file_read(&s, a, path, 5, &why) && str_is(s, "12345"),
	   "a file of just the cap is read");
	s = STR("kept");
	ok(!file_read(&s, a, path, 4, &why) && why.kind == FAIL_INPUT &&
	           str_is(s, "kept"),
	   "one byte over it is refused");
	why = (struct fail){0};
	ok(!file_read(&s, a, folder, 100, &why) && why.kind == FAIL_SYSTEM,
	   "a directory is no file");
	why = (struct fail){0};
	ok(!file_read(&s, a, "/dev/null", 100, &why), "nor is a device");
	const char *fifo = in_folder(a, "fifo");
	why = (struct fail){0};
	ok(mkfifo(fifo, 0600) == 0 && !file_read(&s, a, fifo, 100, &why),
	   "a FIFO is refused without waiting");
	unlink(fifo);
	why = (struct fail){0};
	const char *absent = in_folder(a, "absent");
	ok(!file_read(&s, a, absent, 100, &why) && why.kind == FAIL_SYSTEM &&
	           str_contains(str_of(why.text), str_of(absent)) &&
	           str_ends(str_of(why.text),
	                    STR(": No such file or directory")),
	   "an absent one is told by name: %s", why.text);
	why = (struct fail){0};
	ok(file_write(path, STR(""), &why) && file_read(&s, a, path, 0, &why) &&
	           s.n == 0,
	   "an empty file");
	ok(file_exists(path) && !file_exists(absent), "what exists");
}

static void directories(struct arena *a)
{
	struct fail why = {0};
	const char *deep = in_folder(a, "d/e/f");
	ok(dir_make(deep, &why) && entries(deep) == 0, "directories are made");
	ok(dir_make(deep, &why), "and are fine where they are");
	ok(dir_make(in_folder(a, "g/h/"), &why), "a slash at the end is fine");
	ok(dir_make("/", &why) && dir_make(".", &why), "the root and here");
	ok(file_write(in_folder(a, "plain"), STR("x"), &why), "a file");
	ok(!dir_make(in_folder(a, "plain"), &why) && why.kind == FAIL_SYSTEM,
	   "a file is in the way: %s", why.text);
	why = (struct fail){0};
	ok(!dir_make(in_folder(a, "plain/below"), &why),
	   "nothing goes below a file");
	char path[5000];
	memset(path, 'x', sizeof path);
	path[sizeof path - 1] = '\0';
	why = (struct fail){0};
	ok(!dir_make(path, &why), "a path too long is refused");
}

static void writing_if_changed(struct arena *a)
{
	struct fail why = {0};
	enum file_change c = FILE_SAME;
	const char *path = in_folder(a, "site/a/b/index.html");
	ok(file_write_if_changed(&c, path, STR("one"), &why) &&
	           c == FILE_CREATED,
	   "created, directories included");
	struct stat before, after;
	stat(path, &before);
	ok(file_write_if_changed(&c, path, STR("one"), &why) && c == FILE_SAME,
	   "the same bytes");
	stat(path, &after);
	ok(before.st_ino == after.st_ino &&
	           before.st_mtim.tv_sec == after.st_mtim.tv_sec &&
	           before.st_mtim.tv_nsec == after.st_mtim.tv_nsec,
	   "are not written again");
	ok(file_write_if_changed(&c, path, STR("two"), &why) &&
	           c == FILE_CHANGED && str_is(content(a, path), "two"),
	   "other bytes of the same length are");
	ok(file_write_if_changed(&c, path, STR("three"), &why) &&
	           c == FILE_CHANGED && str_is(content(a, path), "three"),
	   "longer ones");
	ok(file_write_if_changed(&c, path, STR(""), &why) &&
	           c == FILE_CHANGED && content(a, path).n == 0,
	   "none at all");
	is_int(entries(in_folder(a, "site/a/b")), 1,
	       "and no temporary file is left");

	size_t n = 200000;
	char *big = arena_alloc(a, n);
	memset(big, 'b', n);
	struct str bytes = {big, n};
	ok(file_write_if_changed(&c, path, bytes, &why) && c == FILE_CHANGED &&
	           file_write_if_changed(&c, path, bytes, &why) &&
	           c == FILE_SAME,
	   "more than one chunk is compared");
	big[n - 1] = 'c';
	ok(file_write_if_changed(&c, path, bytes, &why) && c == FILE_CHANGED,
	   "to the last byte");
}

static void writing_what_is_new(struct arena *a)
{
	struct fail why = {0};
	enum file_change c = FILE_SAME;
	const char *path = in_folder(a, "new/a/b.html");
	ok(file_write_likely_new(&c, path, STR("one"), &why) &&
	           c == FILE_CREATED && str_is(content(a, path), "one"),
	   "a new file, directories included");
	ok(file_write_likely_new(&c, path, STR("one"), &why) && c == FILE_SAME,
	   "one that is there after all is compared");
	ok(file_write_likely_new(&c, path, STR("two"), &why) &&
	           c == FILE_CHANGED && str_is(content(a, path), "two") &&
	           entries(in_folder(a, "new/a")) == 1,
	   "and replaced");
	ok(symlink("nowhere", in_folder(a, "new/link")) == 0 &&
	           file_write_likely_new(&c, in_folder(a, "new/link"),
	                                 STR("ours"), &why) &&
	           !file_exists(in_folder(a, "new/nowhere")),
	   "a link that leads nowhere is not followed");
	ok(!why.kind, "nothing of that is a failure");
	c = FILE_SAME;
	ok(!file_write_likely_new(&c, in_folder(a, "new/a/b.html/c"), STR("x"),
	                          &why) &&
	           why.kind == FAIL_SYSTEM && c == FILE_SAME,
	   "a file is in the way: %s", why.text);
}

static void links_and_obstacles(struct arena *a)
{
	struct fail why = {0};
	enum file_change c = FILE_SAME;
	const char *target = in_folder(a, "target");
	const char *link = in_folder(a, "link");
	file_write(target, STR("theirs"), &why);
	struct stat st;
	ok(symlink(target, link) == 0 &&
	           file_write_if_changed(&c, link, STR("ours"), &why) &&
	           c == FILE_CHANGED && str_is(content(a, target), "theirs") &&
	           lstat(link, &st) == 0 && S_ISREG(st.st_mode),
	   "a link is replaced, not followed");
	c = FILE_CREATED;
	ok(!file_write_if_changed(&c, folder, STR("x"), &why) &&
	           c == FILE_CREATED && why.kind == FAIL_SYSTEM,
	   "a directory is in the way: %s", why.text);
	why = (struct fail){0};
	ok(!file_write_if_changed(&c, in_folder(a, "target/x"), STR("x"),
	                          &why) &&
	           c == FILE_CREATED,
	   "a file is in the way: %s", why.text);
	why = (struct fail){0};
	ok(file_write("/dev/null", STR("x"), &why) &&
	           stat("/dev/null", &st) == 0 && S_ISCHR(st.st_mode),
	   "a device is written to, not replaced");
	ok(!file_write(in_folder(a, "nowhere/x"), STR("x"), &why),
	   "file_write makes no directories: %s", why.text);
	why = (struct fail){0};
	ok(chdir(folder) == 0 && file_write("bare", STR("x"), &why) &&
	           file_write_if_changed(&c, "bare2", STR("x"), &why) &&
	           str_is(content(a, in_folder(a, "bare")), "x"),
	   "a name without a slash");
}

/* A limit on the size of files stands for a full disk. */
static void full_disk(struct arena *a)
{
	struct fail why = {0};
	enum file_change c = FILE_SAME;
	const char *old = in_folder(a, "full/old");
	const char *fresh = in_folder(a, "full/new");
	file_write_if_changed(&c, old, STR("old"), &why);
	char *big = arena_alloc(a, 100000);
	struct str bytes = {big, 100000};
	struct rlimit before, small;
	getrlimit(RLIMIT_FSIZE, &before);
	small = before;
	small.rlim_cur = 50000;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	c = FILE_SAME;
	bool wrote_old = file_write_if_changed(&c, old, bytes, &why);
	struct fail why_new = {0};
	bool wrote_new = file_write_if_changed(&c, fresh, bytes, &why_new);
	setrlimit(RLIMIT_FSIZE, &before);
	ok(!wrote_old && why.kind == FAIL_SYSTEM && c == FILE_SAME,
	   "no room for a change is a failure: %s", why.text);
	is_str(content(a, old), "old", "and the old bytes stay");
	ok(!wrote_new && !file_exists(fresh), "half a new file is removed");
	is_int(entries(in_folder(a, "full")), 1,
	       "and no temporary one is left");
}

static const char *left_by(struct arena *a, const char *dir, pid_t pid)
{
	struct fail why = {0};
	struct str name = str_format(a, "%s/.dxcp-%ld-0.tmp", dir, (long)pid);
	file_write(in_folder(a, name.s), STR("half"), &why);
	return in_folder(a, name.s);
}

/* The number of a process that was and is no more. */
static pid_t dead(void)
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	waitpid(pid, NULL, 0);
	return pid;
}

static void left_over(struct arena *a)
{
	struct fail why = {0};
	pid_t gone = dead();
	dir_make(in_folder(a, "sweep/below"), &why);
	dir_make(in_folder(a, "other"), &why);
	const char *here = left_by(a, "sweep", gone);
	const char *below = left_by(a, "sweep/below", gone);
	const char *ours = left_by(a, "sweep", getpid());
	const char *theirs = left_by(a, "sweep", getppid());
	const char *linked = left_by(a, "other", gone);
	const char *kept = in_folder(a, "sweep/.dxcp-1.tmp");
	file_write(kept, STR("x"), &why);
	ok(symlink("../other", in_folder(a, "sweep/link")) == 0 &&
	           dir_sweep(in_folder(a, "sweep"), false, &why),
	   "a folder is swept");
	ok(!file_exists(here) && file_exists(below), "and none below it");
	ok(dir_sweep(in_folder(a, "sweep"), true, &why), "or those too");
	ok(!file_exists(here) && !file_exists(below) && !file_exists(ours),
	   "what a killed writer left is gone, below too");
	ok(file_exists(theirs), "what one who lives is writing is not");
	ok(file_exists(linked), "nor what is behind a link");
	ok(file_exists(kept), "nor what is named otherwise");
	ok(dir_sweep(in_folder(a, "nowhere"), true, &why),
	   "no folder has nothing to sweep");
	ok(!dir_sweep(kept, true, &why) && why.kind == FAIL_SYSTEM,
	   "a file is not swept: %s", why.text);
}

static void writing_parts(struct arena *a)
{
	struct fail why = {0};
	struct new_file f;
	const char *path = in_folder(a, "parts");
	int before = entries(folder);
	file_write(path, STR("old"), &why);
	ok(file_begin(&f, path, &why), "a file is begun");
	file_add(&f, STR("one, "));
	file_add(&f, STR(""));
	file_add(&f, STR("two"));
	ok(str_is(content(a, path), "old"), "the old one stays until its end");
	ok(file_end(&f, &why) && str_is(content(a, path), "one, two"),
	   "then it has all parts");
	is_int(entries(folder), before + 1, "and nothing is left beside it");
	ok(file_begin(&f, path, &why), "begun again");
	close(f.fd);
	file_add(&f, STR("three"));
	ok(!file_end(&f, &why) && why.kind == FAIL_SYSTEM,
	   "a part that cannot be written is told at the end: %s", why.text);
	ok(str_is(content(a, path), "one, two"), "the old bytes stay");
	is_int(entries(folder), before + 1, "with nothing beside them");
	why = (struct fail){0};
	ok(!file_begin(&f, in_folder(a, "no-folder/file"), &why),
	   "no folder, no file: %s", why.text);
	remove(path);
}

static void remove_all(struct arena *a, const char *path)
{
	struct stat st;
	DIR *dir = lstat(path, &st) == 0 && S_ISDIR(st.st_mode) ? opendir(path)
	                                                        : NULL;
	for (struct dirent *e; dir && (e = readdir(dir));)
		if (!str_is(str_of(e->d_name), ".") &&
		    !str_is(str_of(e->d_name), ".."))
			remove_all(a,
			           str_format(a, "%s/%s", path, e->d_name).s);
	if (dir)
		closedir(dir);
	remove(path);
}

int main(void)
{
	if (!mkdtemp(folder))
		return 1;
	struct arena *a = arena_new();
	reading(a);
	directories(a);
	writing_if_changed(a);
	writing_what_is_new(a);
	links_and_obstacles(a);
	full_disk(a);
	writing_parts(a);
	left_over(a);
	remove_all(a, folder);
	ok(!file_exists(folder), "the folder is removed again");
	arena_free(a);
	return tap_done();
}
