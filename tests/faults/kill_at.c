/*
 * kill_at: a library to load before others (LD_PRELOAD), that ends or troubles
 * a process at one of the calls by which it changes files or starts others.
 *
 *	KILL_AT=N            SIGKILL at the N-th such call, before it is done
 *	FAIL_AT=N            the N-th fails
 *	FAIL_FROM=N          the N-th and all after it fail
 *	FAIL_WITH=EIO        or ENOSPC (what else it may be): with this errno
 *	FAULT_CALLS=durable  count only what makes changes durable or visible:
 *	                     syncs, links, renames, removals, new processes
 *	FAULT_CALLS=syncs    count only syncs
 *	FAULT_CALLS=network  count what it sends and receives by sockets
 *instead; FAULT_CALLS=all      and both FAULT_COUNT=FILE     write to FILE how
 *many there were, at the end
 *
 * Calls count from 1, in the process that was started and in none that it
 * starts itself. Writing to the standard streams is not one of them; a fork
 *never fails.
 */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHANGES = 1, DURABLE = 2, NETWORK = 4, SYNCS = 8 };

static struct {
	bool off;
	int counted; /* which kinds of calls */
	long kill_at, fail_at, fail_from;
	int error;
	long calls;
	const char *count_file;
} plan;

static long number(const char *name)
{
	const char *text = getenv(name);
	return text ? strtol(text, NULL, 10) : 0;
}

static bool is_set(const char *name, const char *value)
{
	const char *text = getenv(name);
	return text && strcmp(text, value) == 0;
}

/* What this process starts is left alone. */
static void forget(void)
{
	static const char *const names[] = {"LD_PRELOAD", "KILL_AT", "FAIL_AT",
	                                    "FAIL_FROM"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		unsetenv(names[i]);
}

__attribute__((constructor)) static void read_plan(void)
{
	plan.kill_at = number("KILL_AT");
	plan.fail_at = number("FAIL_AT");
	plan.fail_from = number("FAIL_FROM");
	plan.error = is_set("FAIL_WITH", "EIO") ? EIO : ENOSPC;
	plan.counted = is_set("FAULT_CALLS", "durable")   ? DURABLE
	               : is_set("FAULT_CALLS", "syncs")   ? SYNCS
	               : is_set("FAULT_CALLS", "network") ? NETWORK
	               : is_set("FAULT_CALLS", "all")
	                       ? CHANGES | DURABLE | NETWORK
	                       : CHANGES | DURABLE;
	plan.count_file = getenv("FAULT_COUNT");
	forget();
}

/* Whether this call fails, errno set; it may not return. */
static bool strikes(int kind)
{
	if (plan.off || !(plan.counted & kind))
		return false;
	long n = ++plan.calls;
	if (n == plan.kill_at)
		kill(getpid(), SIGKILL);
	if (n != plan.fail_at && !(plan.fail_from && n >= plan.fail_from))
		return false;
	errno = plan.error;
	return true;
}

__attribute__((destructor)) static void tell(void)
{
	FILE *f = plan.count_file && !plan.off ? fopen(plan.count_file, "w")
	                                       : NULL;
	if (!f)
		return;
	plan.off = true;
	fprintf(f, "%ld\n", plan.calls);
	fclose(f);
}

/* The same call of the library behind this one. */
#define NEXT(type, name, ...)                         \
	static type (*next)(__VA_ARGS__);             \
	if (!next) {                                  \
		void *found = dlsym(RTLD_NEXT, name); \
		memcpy(&next, &found, sizeof next);   \
	}

static bool is_stream(int fd)
{
	return fd >= 0 && fd <= STDERR_FILENO;
}

ssize_t write(int fd, const void *bytes, size_t n)
{
	NEXT(ssize_t, "write", int, const void *, size_t)
	if (!is_stream(fd) && strikes(CHANGES))
		return -1;
	return next(fd, bytes, n);
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
	NEXT(ssize_t, "pwrite", int, const void *, size_t, off_t)
	return strikes(CHANGES) ? -1 : next(fd, bytes, n, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at)
{
	NEXT(ssize_t, "pwrite64", int, const void *, size_t, off64_t)
	return strikes(CHANGES) ? -1 : next(fd, bytes, n, at);
}

int ftruncate(int fd, off_t n)
{
	NEXT(int, "ftruncate", int, off_t)
	return strikes(CHANGES) ? -1 : next(fd, n);
}

int ftruncate64(int fd, off64_t n)
{
	NEXT(int, "ftruncate64", int, off64_t)
	return strikes(CHANGES) ? -1 : next(fd, n);
}

int fsync(int fd)
{
	NEXT(int, "fsync", int)
	return strikes(DURABLE | SYNCS) ? -1 : next(fd);
}

int fdatasync(int fd)
{
	NEXT(int, "fdatasync", int)
	return strikes(DURABLE | SYNCS) ? -1 : next(fd);
}

int rename(const char *from, const char *to)
{
	NEXT(int, "rename", const char *, const char *)
	return strikes(DURABLE) ? -1 : next(from, to);
}

int link(const char *from, const char *to)
{
	NEXT(int, "link", const char *, const char *)
	return strikes(DURABLE) ? -1 : next(from, to);
}

int unlink(const char *path)
{
	NEXT(int, "unlink", const char *)
	return strikes(DURABLE) ? -1 : next(path);
}

int unlinkat(int dir, const char *path, int flags)
{
	NEXT(int, "unlinkat", int, const char *, int)
	return strikes(DURABLE) ? -1 : next(dir, path, flags);
}

int mkdir(const char *path, mode_t mode)
{
	NEXT(int, "mkdir", const char *, mode_t)
	return strikes(DURABLE) ? -1 : next(path, mode);
}

pid_t fork(void)
{
	NEXT(pid_t, "fork", void)
	(void)strikes(DURABLE);
	pid_t pid = next();
	if (pid == 0)
		plan.off = true;
	return pid;
}

ssize_t send(int fd, const void *bytes, size_t n, int flags)
{
	NEXT(ssize_t, "send", int, const void *, size_t, int)
	return strikes(NETWORK) ? -1 : next(fd, bytes, n, flags);
}

ssize_t recv(int fd, void *bytes, size_t n, int flags)
{
	NEXT(ssize_t, "recv", int, void *, size_t, int)
	return strikes(NETWORK) ? -1 : next(fd, bytes, n, flags);
}
