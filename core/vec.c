#include "core/vec.h"

#include <stdint.h>
#include <string.h>

void *vec_grow(struct arena *a, void *items, size_t n, size_t *cap, size_t size)
{
	if (n < *cap) {
		/* Something may have been taken off the end before. */
		memset((char *)items + n * size, 0, size);
		return items;
	}
	if (*cap > SIZE_MAX / 4)
		out_of_memory();
	size_t bigger = *cap ? *cap * 2 : 8;
	void *moved = arena_array(a, bigger, size);
	if (n)
		memcpy(moved, items, n * size);
	*cap = bigger;
	return moved;
}

void *vec_resize(struct arena *a, void *items, size_t n, size_t *cap,
                 size_t count, size_t size)
{
	if (count <= *cap)
		return items;
	void *moved = arena_array(a, count, size);
	if (n)
		memcpy(moved, items, n * size);
	*cap = count;
	return moved;
}
