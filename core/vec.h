/*
 * vec: growing arrays in an arena.
 *
 *	VEC(struct window) windows = {0};
 *	struct window *w = vec_add(arena, &windows);
 *	vec_each(struct window, w, &windows)
 *		...
 *
 * Items are `at[0 .. n)`. Growing moves them: keep indices, not pointers, over
 * a vec_add. A new item is zeroed.
 */
#ifndef CORE_VEC_H
#define CORE_VEC_H

#include "core/arena.h"

#define VEC(type)              \
	struct {               \
		type *at;      \
		size_t n, cap; \
	}

/* Room for one more zeroed item; its address. */
#define vec_add(a, v)                                                          \
	((v)->at = vec_grow((a), (v)->at, (v)->n, &(v)->cap, sizeof *(v)->at), \
	 &(v)->at[(v)->n++])

/* Room for n items in all, where their number is known: growing by doubling
   leaves the old items behind in the arena. */
#define vec_reserve(a, v, count)                                        \
	((v)->at = vec_resize((a), (v)->at, (v)->n, &(v)->cap, (count), \
	                      sizeof *(v)->at))

#define vec_each(type, item, v) \
	for (type *item = (v)->at; item && item < (v)->at + (v)->n; item++)

void *vec_grow(struct arena *a, void *items, size_t n, size_t *cap,
               size_t size);
void *vec_resize(struct arena *a, void *items, size_t n, size_t *cap,
                 size_t count, size_t size);

#endif
