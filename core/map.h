/*
 * map: from text keys to pointers, iterated in the order of insertion, so
 * that nothing printed from it depends on hash order.
 *
 * Keys are copied into the map's arena. Values belong to the caller.
 */
#ifndef CORE_MAP_H
#define CORE_MAP_H

#include "core/str.h"

struct map_entry {
	struct str key;
	void *value;
};

struct map {
	struct arena *arena;
	struct map_entry *at; /* at[0 .. n), in order of insertion */
	size_t n, cap;
	uint32_t *slots; /* 1 + index into at; 0 is free */
	size_t nslots;   /* a power of two */
};

struct map map_new(struct arena *a);
void *map_find(const struct map *m, struct str key); /* NULL: absent */
/* As map_find; where the key is absent, `size` zeroed bytes of the map's arena
   are put there. */
void *map_make(struct map *m, struct str key, size_t size);
#define MAP_MAKE(m, key, type) ((type *)map_make((m), (key), sizeof(type)))

/* A key of two texts, or three, with a line feed between, which stands in no
   name. Runs several times a request: no printf. */
struct str map_key(struct arena *a, struct str x, struct str y);
struct str map_key3(struct arena *a, struct str x, struct str y, struct str z);

/* The old value where the key was there already (it is replaced), else NULL. */
void *map_put(struct map *m, struct str key, void *value);

#endif
