#include "core/arena.h"
#include "tests/lib/tap.h"

#include <stdalign.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_zero(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

/* Over many sizes, across the blocks' borders and after a reset. */
static void memory(void)
{
	struct arena *a = arena_new();
	for (int round = 0; round < 3; round++) {
		bool zero = true, aligned = true, whole = true;
		char *list[400];
		size_t total = 0;
		for (size_t i = 0; i < 400; i++) {
			size_t n = i * i % 5000;
			list[i] = arena_alloc(a, n);
			zero = zero && is_zero(list[i], n);
			aligned =
			        aligned &&
			        (uintptr_t)list[i] % alignof(max_align_t) == 0;
			memset(list[i], (int)(i % 255) + 1, n);
			total += n;
		}
		for (size_t i = 0; i < 400; i++)
			for (size_t k = 0; k < i * i % 5000; k++)
				whole = whole && (unsigned char)list[i][k] ==
				                         i % 255 + 1;
		ok(zero, "round %d: memory comes zeroed", round);
		ok(aligned, "and aligned");
		ok(whole, "and apart");
		ok(arena_used(a) >= total, "and is counted");
		arena_reset(a);
		is_int((int64_t)arena_used(a), 0, "until the reset");
	}
	char *big = arena_alloc(a, 3 << 20);
	ok(is_zero(big, 3 << 20), "more than a block");
	memset(big, 1, 3 << 20);
	arena_reset(a);
	ok(is_zero(arena_alloc(a, 3 << 20), 3 << 20), "and again");
	ok(arena_alloc(a, 0) != arena_alloc(a, 0),
	   "nothing has an address of its own");
	ok(is_zero(arena_array(a, 3, 7), 21), "an array");
	ok(arena_array(a, SIZE_MAX, 0) && arena_array(a, 0, SIZE_MAX),
	   "of nothing");
	arena_free(a);
	arena_free(NULL);
}

static char closed[8];

static void note_closed(void *handle)
{
	closed[strlen(closed)] = *(char *)handle;
}

static void handles(void)
{
	struct arena *a = arena_new();
	/* In the arena itself: the memory must still be there. */
	for (char c = 'a'; c <= 'c'; c++) {
		char *handle = arena_alloc(a, 1);
		*handle = c;
		arena_defer(a, note_closed, handle);
	}
	arena_reset(a);
	is_str(str_of(closed), "cba", "a reset closes the newest first");
	arena_reset(a);
	is_str(str_of(closed), "cba", "once");
	static char d = 'd';
	arena_defer(a, note_closed, &d);
	arena_free(a);
	is_str(str_of(closed), "cbad", "and so does the end");
}

static void take_all(struct arena *a)
{
	arena_alloc(a, SIZE_MAX);
}

static void take_product(struct arena *a)
{
	arena_array(a, SIZE_MAX / 4, 8);
}

/* What a process says and exits with that asks for too much. */
static void exhaustion(void (*ask)(struct arena *), const char *what)
{
	int ends[2];
	if (!ok(pipe(ends) == 0, "a pipe"))
		return;
	fflush(stdout); /* or the child prints it again */
	pid_t child = fork();
	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		/* Static: not a leak in the eyes of a sanitizer. */
		static struct arena *a;
		a = arena_new();
		ask(a);
		_exit(0);
	}
	close(ends[1]);
	char said[100];
	ssize_t n = read(ends[0], said, sizeof said);
	close(ends[0]);
	int status = 0;
	waitpid(child, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 71, "%s exits with 71",
	   what);
	is_str((struct str){said, n > 0 ? (size_t)n : 0},
	       "dxcp: out of memory\n", "and one line");
}

int main(void)
{
	memory();
	handles();
	exhaustion(take_all, "a size that cannot be");
	exhaustion(take_product, "a product that overflows");
	return tap_done();
}
