#include "core/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_MIN = 4096, BLOCK_MAX = 1 << 20, EXIT_NO_MEMORY = 71 };

struct block {
	struct block *next;
	size_t size, used;
	max_align_t bytes[];
};

struct deferred {
	struct deferred *next;
	void (*close)(void *);
	void *handle;
};

struct arena {
	struct block *blocks; /* newest first; the newest is the one in use */
	struct deferred *deferred;
	size_t used;
};

void out_of_memory(void)
{
	fputs("dxcp: out of memory\n", stderr);
	exit(EXIT_NO_MEMORY);
}

struct arena *arena_new(void)
{
	struct arena *a = calloc(1, sizeof *a);
	if (!a)
		out_of_memory();
	return a;
}

static void close_deferred(struct arena *a)
{
	while (a->deferred) {
		struct deferred *d = a->deferred;
		a->deferred = d->next;
		d->close(d->handle);
	}
}

static void free_blocks(struct block *b)
{
	while (b) {
		struct block *next = b->next;
		free(b);
		b = next;
	}
}

void arena_reset(struct arena *a)
{
	close_deferred(a);
	a->used = 0;
	/* A file or page arena is reset thousands of times: keep one block. */
	struct block *keep = a->blocks;
#ifdef ARENA_ONE_BLOCK_EACH
	free_blocks(keep);
	a->blocks = NULL;
#else
	if (!keep)
		return;
	free_blocks(keep->next);
	keep->next = NULL;
	memset(keep->bytes, 0, keep->used);
	keep->used = 0;
#endif
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	close_deferred(a);
	free_blocks(a->blocks);
	free(a);
}

static struct block *block_add(struct arena *a, size_t size)
{
	struct block *b = calloc(1, sizeof *b + size);
	if (!b)
		out_of_memory();
	b->size = size;
	b->next = a->blocks;
	a->blocks = b;
	return b;
}

#ifdef ARENA_ONE_BLOCK_EACH
static struct block *block_for(struct arena *a, size_t size)
{
	return block_add(a, size);
}
#else
/* Blocks double, so that an arena of n bytes has O(log n) of them. */
static struct block *block_for(struct arena *a, size_t size)
{
	struct block *b = a->blocks;
	if (b && b->size - b->used >= size)
		return b;
	size_t want = b ? b->size * 2 : BLOCK_MIN;
	if (want > BLOCK_MAX)
		want = BLOCK_MAX;
	return block_add(a, size > want ? size : want);
}
#endif

static void *take(struct arena *a, size_t size)
{
	struct block *b = block_for(a, size);
	void *p = (char *)b->bytes + b->used;
	b->used += size;
	a->used += size;
	return p;
}

#ifndef ARENA_ONE_BLOCK_EACH
/* Text may have left the block at an odd place. */
static void align_block(struct arena *a)
{
	const size_t align = alignof(max_align_t);
	struct block *b = a->blocks;
	if (!b)
		return;
	b->used = (b->used + align - 1) / align * align;
	if (b->used > b->size)
		b->used = b->size;
}
#endif

void *arena_alloc(struct arena *a, size_t size)
{
	if (size > SIZE_MAX / 2)
		out_of_memory();
#ifndef ARENA_ONE_BLOCK_EACH
	align_block(a);
#endif
	return take(a, size ? size : 1);
}

char *arena_text(struct arena *a, size_t size)
{
	if (size > SIZE_MAX / 2)
		out_of_memory();
	return take(a, size ? size : 1);
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / 2 / size)
		out_of_memory();
	return arena_alloc(a, n * size);
}

void arena_defer(struct arena *a, void (*close)(void *), void *handle)
{
	struct deferred *d = ARENA_NEW(a, struct deferred);
	d->close = close;
	d->handle = handle;
	d->next = a->deferred;
	a->deferred = d;
}

size_t arena_used(const struct arena *a)
{
	return a->used;
}
