/*
 * bench_files write|stat|compare PACK DIR: the least that a site can cost:
 * create its directories and files in DIR; ask for the state of each; or read
 * each and compare it with its bytes.
 *
 * PACK has an entry a file or directory, as `run` makes it: decimal lengths of
 * path and bytes (-1: a directory) and a line feed, then the path, a NUL and
 * the bytes.
 */
#define _DEFAULT_SOURCE /* MAP_POPULATE */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 16 << 20 };

struct entry {
	const char *path, *bytes;
	long size; /* -1: a directory */
};

static int make(int dir, const struct entry *e)
{
	if (e->size < 0)
		return mkdirat(dir, e->path, 0777);
	int fd = openat(dir, e->path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (fd < 0 || write(fd, e->bytes, (size_t)e->size) != e->size)
		return -1;
	return close(fd);
}

static int look(int dir, const struct entry *e)
{
	struct stat st;
	return fstatat(dir, e->path, &st, 0);
}

static int compare(int dir, const struct entry *e)
{
	static char bytes[FILE_MAX];
	if (e->size < 0)
		return 0;
	int fd = openat(dir, e->path, O_RDONLY);
	if (fd < 0 || read(fd, bytes, sizeof bytes) != e->size ||
	    memcmp(bytes, e->bytes, (size_t)e->size) != 0)
		return -1;
	return close(fd);
}

static const struct {
	const char *name;
	int (*does)(int dir, const struct entry *e);
} modes[] = {{"write", make}, {"stat", look}, {"compare", compare}};

static const char *next_entry(const char *p, struct entry *e)
{
	char *end;
	long n = strtol(p, &end, 10);
	e->size = strtol(end, &end, 10);
	e->path = end + 1;
	e->bytes = e->path + n + 1;
	return e->bytes + (e->size > 0 ? e->size : 0);
}

static int each_entry(const char *pack, size_t n, int dir,
                      int does(int dir, const struct entry *e))
{
	struct entry e;
	long entries = 0;
	for (const char *p = pack; p < pack + n; entries++) {
		p = next_entry(p, &e);
		if (does(dir, &e)) {
			perror(e.path);
			return 1;
		}
	}
	printf("%ld entries\n", entries);
	return 0;
}

int main(int argc, char **argv)
{
	struct stat st;
	int fd = argc == 4 ? open(argv[2], O_RDONLY) : -1;
	if (fd < 0 || fstat(fd, &st)) {
		fprintf(stderr, "bench_files: write|stat|compare PACK DIR\n");
		return 2;
	}
	const char *pack = mmap(NULL, (size_t)st.st_size, PROT_READ,
	                        MAP_PRIVATE | MAP_POPULATE, fd, 0);
	mkdir(argv[3], 0777);
	int dir = open(argv[3], O_RDONLY | O_DIRECTORY);
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
		if (dir >= 0 && pack != MAP_FAILED &&
		    !strcmp(argv[1], modes[i].name))
			return each_entry(pack, (size_t)st.st_size, dir,
			                  modes[i].does);
	perror(argv[3]);
	return 2;
}
