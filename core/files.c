#include "core/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MODE_FILE = 0666, MODE_DIR = 0777, CHUNK = 64 * 1024 };

/* Up to n bytes, fewer only at the end of the file; -1 with errno. */
static ssize_t read_full(int fd, char *to, size_t n)
{
	size_t got = 0;
	while (got < n) {
		ssize_t r = read(fd, to + got, n - got);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -1;
		if (r == 0)
			break;
		got += (size_t)r;
	}
	return (ssize_t)got;
}

static bool write_full(int fd, struct str bytes)
{
	while (bytes.n) {
		ssize_t w = write(fd, bytes.s, bytes.n);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return false;
		bytes = str_from(bytes, (size_t)w);
	}
	return true;
}

static bool read_open(struct str *out, struct arena *a, int fd,
                      const char *path, size_t max, struct fail *why)
{
	struct stat st;
	if (fstat(fd, &st))
		return fail_errno(why, "cannot read %s", path);
	if (!S_ISREG(st.st_mode))
		return fail_set(why, FAIL_SYSTEM,
		                "cannot read %s: not a regular file", path);
	size_t size = (size_t)st.st_size;
	if (size > max)
		return fail_set(why, FAIL_INPUT,
		                "cannot read %s: larger than %zu bytes", path,
		                max);
	/* One byte more shows whether it grew behind fstat's back. */
	char *bytes = arena_alloc(a, size + 1);
	ssize_t n = read_full(fd, bytes, size + 1);
	if (n < 0)
		return fail_errno(why, "cannot read %s", path);
	if ((size_t)n > size)
		return fail_set(why, FAIL_SYSTEM,
		                "cannot read %s: it grew while being read",
		                path);
	*out = (struct str){bytes, (size_t)n};
	return true;
}

bool file_read(struct str *out, struct arena *a, const char *path, size_t max,
               struct fail *why)
{
	/* O_NONBLOCK: opening a FIFO must not wait for a writer. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return fail_errno(why, "cannot read %s", path);
	bool fine = read_open(out, a, fd, path, max, why);
	close(fd);
	return fine;
}

bool file_exists(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0;
}

static bool is_directory(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool dir_make_one(const char *path)
{
	if (mkdir(path, MODE_DIR) == 0)
		return true;
	if (errno != EEXIST)
		return false;
	bool there = is_directory(path);
	errno = ENOTDIR;
	return there;
}

/* path[0 .. n) and the directories above it; false with errno. */
static bool dir_make_all(const char *path, size_t n)
{
	char part[PATH_MAX];
	if (n >= sizeof part) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(part, path, n);
	part[n] = '\0';
	/* Mostly only the last one is missing. */
	if (dir_make_one(part))
		return true;
	if (errno != ENOENT)
		return false;
	for (size_t i = 1; i < n; i++) {
		if (part[i] != '/')
			continue;
		part[i] = '\0';
		if (!dir_make_one(part))
			return false;
		part[i] = '/';
	}
	return dir_make_one(part);
}

bool dir_make(const char *path, struct fail *why)
{
	return dir_make_all(path, strlen(path)) ||
	       fail_errno(why, "cannot make the directory %s", path);
}

bool dir_sync(const char *path, struct fail *why)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return fail_errno(why, "cannot sync %s", path);
	/* EINVAL: a file system that has nothing to sync there. */
	bool fine = fsync(fd) == 0 || errno == EINVAL;
	if (!fine)
		fail_errno(why, "cannot sync %s", path);
	close(fd);
	return fine;
}

/* The length of the part of path before its last slash; 0 where none. */
static size_t folder_length(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? (size_t)(slash - path) : 0;
}

/* A rename is durable once the folder is. One that may be written and not
   read cannot be synced. */
static bool sync_folder_of(const char *path, struct fail *why)
{
	char folder[PATH_MAX];
	size_t n = folder_length(path);
	if (n >= sizeof folder)
		return fail_set(why, FAIL_SYSTEM, "%s is too long", path);
	memcpy(folder, path, n);
	folder[n] = '\0';
	const char *name = n ? folder : path[0] == '/' ? "/" : ".";
	return access(name, R_OK) != 0 || dir_sync(name, why);
}

/*
 * Give fd its bytes and close it; the file is gone again if that fails. A
 * full disk may show only on close (NFS) or fsync.
 */
static bool fill(int fd, const char *path, struct str bytes, bool durable)
{
	bool fine = write_full(fd, bytes) && (!durable || fsync(fd) == 0);
	int err = errno;
	if (close(fd) != 0 && fine) {
		fine = false;
		err = errno;
	}
	if (!fine)
		unlink(path);
	errno = err;
	return fine;
}

static int create(const char *path)
{
	return open(path,
	            O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW |
	                    O_NOCTTY,
	            MODE_FILE);
}

/*
 * A new file of a name of its own in the folder of path, so that rename stays
 * inside one file system. What a killed process of the same number left there
 * is stepped over.
 */
static int create_beside(const char *path, char name[FILE_NAME_MAX])
{
	enum { TRIES = 100 };
	size_t folder = folder_length(path);
	if (path[0] == '/' || folder)
		folder++; /* the slash as well */
	for (int i = 0; i < TRIES; i++) {
		int n = snprintf(name, FILE_NAME_MAX, "%.*s.dxcp-%ld-%d.tmp",
		                 (int)folder, path, (long)getpid(), i);
		if (n < 0 || n >= FILE_NAME_MAX) {
			errno = ENAMETOOLONG;
			return -1;
		}
		int fd = create(name);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

static bool replace(const char *path, struct str bytes, bool durable,
                    struct fail *why)
{
	char name[FILE_NAME_MAX];
	int fd = create_beside(path, name);
	if (fd < 0 || !fill(fd, name, bytes, durable))
		return fail_errno(why, "cannot write %s", path);
	if (rename(name, path) == 0)
		return true;
	fail_errno(why, "cannot write %s", path);
	unlink(name);
	return false;
}

/* --- what killed writers left --------------------------------------------- */

/* SQLite puts files beside one of its own. */
static struct str without_suffix(struct str s)
{
	static const char *const ends[] = {"-wal", "-shm", "-journal"};
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (str_ends(s, str_of(ends[i])))
			return str_head(s, s.n - strlen(ends[i]));
	return s;
}

/* Whether it is a name of create_beside, by a process that is no more. */
static bool is_left_over(const char *name)
{
	struct str s = without_suffix(str_of(name)), pid, rest;
	int64_t n;
	if (!str_starts(s, STR(".dxcp-")) || !str_ends(s, STR(".tmp")) ||
	    !str_cut(str_from(s, 6), '-', &pid, &rest) || !str_int(pid, &n) ||
	    n <= 0 || n > INT_MAX)
		return false;
	return n == getpid() || (kill((pid_t)n, 0) && errno == ESRCH);
}

enum { SWEEP_DEPTH = 32 };

/* Takes dir; false with errno. */
static bool sweep(int dir, int depth, int deepest)
{
	DIR *stream = fdopendir(dir);
	bool fine = stream != NULL;
	if (!stream)
		close(dir);
	for (struct dirent *e; fine && (errno = 0, e = readdir(stream));) {
		struct stat st;
		if (str_is(str_of(e->d_name), ".") ||
		    str_is(str_of(e->d_name), "..") ||
		    fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW))
			continue;
		if (S_ISREG(st.st_mode) && is_left_over(e->d_name))
			fine = unlinkat(dir, e->d_name, 0) == 0;
		if (!S_ISDIR(st.st_mode) || depth == deepest)
			continue;
		int below =
		        openat(dir, e->d_name,
		               O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		fine = fine && below >= 0 && sweep(below, depth + 1, deepest);
	}
	int err = errno;
	if (stream)
		closedir(stream);
	errno = err;
	return fine;
}

bool dir_sweep(const char *path, bool below, struct fail *why)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 && errno == ENOENT)
		return true;
	return (dir >= 0 && sweep(dir, 0, below ? SWEEP_DEPTH : 0)) ||
	       fail_errno(why, "cannot clear %s", path);
}

/* A terminal, /dev/null, a pipe: renaming over it would destroy it. */
static bool write_to_device(const char *path, struct str bytes,
                            struct fail *why)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return fail_errno(why, "cannot write %s", path);
	bool fine = write_full(fd, bytes);
	if (!fine)
		fail_errno(why, "cannot write %s", path);
	close(fd);
	return fine;
}

bool file_write(const char *path, struct str bytes, struct fail *why)
{
	struct stat st;
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return write_to_device(path, bytes, why);
	return replace(path, bytes, true, why) && sync_folder_of(path, why);
}

bool file_begin(struct new_file *f, const char *path, struct fail *why)
{
	*f = (struct new_file){.path = path};
	f->fd = create_beside(path, f->name);
	return f->fd >= 0 || fail_errno(why, "cannot write %s", path);
}

void file_add(struct new_file *f, struct str bytes)
{
	if (!f->error && !write_full(f->fd, bytes))
		f->error = errno;
}

bool file_end(struct new_file *f, struct fail *why)
{
	if (close(f->fd) != 0 && !f->error)
		f->error = errno;
	if (!f->error && rename(f->name, f->path) != 0)
		f->error = errno;
	if (!f->error)
		return true;
	unlink(f->name);
	errno = f->error;
	return fail_errno(why, "cannot write %s", f->path);
}

/* Whether an open file holds exactly these bytes. */
static bool holds(int fd, struct str bytes)
{
	char chunk[CHUNK];
	struct stat st;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) ||
	    (uint64_t)st.st_size != bytes.n)
		return false;
	while (bytes.n) {
		size_t want = bytes.n < sizeof chunk ? bytes.n : sizeof chunk;
		ssize_t n = read_full(fd, chunk, want);
		if (n < 0 || (size_t)n != want || memcmp(chunk, bytes.s, want))
			return false;
		bytes = str_from(bytes, want);
	}
	return true;
}

/* *there: it is not new, and nothing was done. */
static bool write_new(const char *path, struct str bytes, bool *there,
                      struct fail *why)
{
	int fd = create(path);
	size_t folder = folder_length(path);
	*there = fd < 0 && errno == EEXIST;
	if (*there)
		return false;
	if (fd < 0 && errno == ENOENT && folder) {
		if (!dir_make_all(path, folder))
			return fail_errno(
			        why, "cannot make the directory of %s", path);
		fd = create(path);
	}
	if (fd < 0 || !fill(fd, path, bytes, false))
		return fail_errno(why, "cannot write %s", path);
	return true;
}

/* Compare, and replace where it differs. */
static bool write_over(enum file_change *out, const char *path, int fd,
                       struct str bytes, struct fail *why)
{
	if (fd >= 0) {
		bool same = holds(fd, bytes);
		close(fd);
		if (same) {
			*out = FILE_SAME;
			return true;
		}
	}
	if (!replace(path, bytes, false, why))
		return false;
	*out = FILE_CHANGED;
	return true;
}

/* A link is not followed but replaced: what it points to is no file of
   ours. */
static int open_to_compare(const char *path)
{
	return open(path,
	            O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
}

bool file_write_if_changed(enum file_change *out, const char *path,
                           struct str bytes, struct fail *why)
{
	int fd = open_to_compare(path);
	if (fd < 0 && errno == ENOENT)
		return file_write_likely_new(out, path, bytes, why);
	return write_over(out, path, fd, bytes, why);
}

bool file_write_likely_new(enum file_change *out, const char *path,
                           struct str bytes, struct fail *why)
{
	bool there;
	if (write_new(path, bytes, &there, why)) {
		*out = FILE_CREATED;
		return true;
	}
	return there &&
	       write_over(out, path, open_to_compare(path), bytes, why);
}
