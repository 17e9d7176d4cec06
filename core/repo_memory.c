/*
 * The memory of libgit2, with an upper end to each piece. An object is
 * allocated whole, by the size that its header claims, before it is inflated:
 * a megabyte of a pack may claim gigabytes. Refusing the allocation costs
 * nothing, where asking for every object's size first (git_odb_read_header)
 * took half as long again as reading it.
 */
#include "core/repo_private.h"

#include <git2/sys/alloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE_MAX = 64 << 20 };

static void *take(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return n <= PIECE_MAX ? malloc(n) : NULL;
}

static void *take_again(void *old, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return n <= PIECE_MAX ? realloc(old, n) : NULL;
}

static void *take_zeroed(size_t n, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return !size || n <= PIECE_MAX / size ? calloc(n, size) : NULL;
}

static void *take_array(size_t n, size_t size, const char *file, int line)
{
	return !size || n <= PIECE_MAX / size ? take(n * size, file, line)
	                                      : NULL;
}

static void *take_array_again(void *old, size_t n, size_t size,
                              const char *file, int line)
{
	return !size || n <= PIECE_MAX / size
	               ? take_again(old, n * size, file, line)
	               : NULL;
}

static char *copy(const char *s, size_t n, const char *file, int line)
{
	char *made = take(n + 1, file, line);
	if (made) {
		memcpy(made, s, n);
		made[n] = 0;
	}
	return made;
}

static char *copy_all(const char *s, const char *file, int line)
{
	return copy(s, strlen(s), file, line);
}

static char *copy_most(const char *s, size_t n, const char *file, int line)
{
	return copy(s, strnlen(s, n), file, line);
}

/* Not where leaks are looked for: those that libgit2 has itself are told from
   ours by the library that allocated. */
#ifdef __SANITIZE_ADDRESS__
enum { CAPPED = 0 };
#else
enum { CAPPED = 1 };
#endif

void git_cap_memory(void)
{
	git_allocator capped = {
	        .gmalloc = take,
	        .gcalloc = take_zeroed,
	        .gstrdup = copy_all,
	        .gstrndup = copy_most,
	        .gsubstrdup = copy,
	        .grealloc = take_again,
	        .greallocarray = take_array_again,
	        .gmallocarray = take_array,
	        .gfree = free,
	};
	if (CAPPED)
		git_libgit2_opts(GIT_OPT_SET_ALLOCATOR, &capped);
}
