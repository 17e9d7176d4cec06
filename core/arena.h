/*
 * arena: memory and foreign handles that end together.
 *
 * Everything the program allocates belongs to an arena: the run's, or one a
 * file, an intent or a page. Memory comes zeroed and aligned; allocation
 * cannot fail (out of memory prints one line and exits with status 71).
 * Nothing is freed alone: arena_reset empties the arena for its next use,
 * arena_free ends it. Handles registered with arena_defer are closed then,
 * newest first, before the memory goes.
 *
 * With ARENA_ONE_BLOCK_EACH defined (the asan variant) every allocation is a
 * malloc of its own, so that AddressSanitizer sees overruns between them.
 */
#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_reset(struct arena *a);
void arena_free(struct arena *a);

/* size bytes, zeroed, aligned for any type; size 0 gives a unique pointer. */
void *arena_alloc(struct arena *a, size_t size);

/* size bytes without alignment, for text: nothing is lost between pieces. */
char *arena_text(struct arena *a, size_t size);

/* As arena_alloc, for n items of size bytes; exits if n * size overflows. */
void *arena_array(struct arena *a, size_t n, size_t size);

/* Call close(handle) when the arena is reset or freed. */
void arena_defer(struct arena *a, void (*close)(void *), void *handle);

/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *a);

/* One line to standard error, then exit status 71. */
_Noreturn void out_of_memory(void);

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))

#endif
