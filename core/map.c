#include "core/map.h"

#include "core/vec.h"

#include <string.h>

/* FNV-1a, 64 bits. Keys come from files of bounded size: a flood of
   collisions costs at most nodes^2 = 10^8 compares of a word. */
static uint64_t hash(struct str key)
{
	uint64_t h = 0xcbf29ce484222325u;
	for (size_t i = 0; i < key.n; i++)
		h = (h ^ (unsigned char)key.s[i]) * 0x100000001b3u;
	return h ^ h >> 32;
}

struct map map_new(struct arena *a)
{
	return (struct map){.arena = a};
}

/* The slot that holds key, or the free one where it belongs. */
static size_t slot_of(const struct map *m, struct str key)
{
	size_t i = hash(key) & (m->nslots - 1);
	while (m->slots[i] && !str_eq(m->at[m->slots[i] - 1].key, key))
		i = (i + 1) & (m->nslots - 1);
	return i;
}

void *map_find(const struct map *m, struct str key)
{
	if (!m->nslots)
		return NULL;
	uint32_t at = m->slots[slot_of(m, key)];
	return at ? m->at[at - 1].value : NULL;
}

static void rehash(struct map *m)
{
	m->nslots = m->nslots ? m->nslots * 2 : 16;
	m->slots = arena_array(m->arena, m->nslots, sizeof *m->slots);
	for (size_t i = 0; i < m->n; i++)
		m->slots[slot_of(m, m->at[i].key)] = (uint32_t)(i + 1);
}

void *map_put(struct map *m, struct str key, void *value)
{
	if ((m->n + 1) * 4 > m->nslots * 3)
		rehash(m);
	size_t slot = slot_of(m, key);
	if (m->slots[slot]) {
		struct map_entry *e = &m->at[m->slots[slot] - 1];
		void *old = e->value;
		e->value = value;
		return old;
	}
	struct map_entry *e = vec_add(m->arena, m);
	e->key = str_copy(m->arena, key);
	e->value = value;
	m->slots[slot] = (uint32_t)m->n;
	return NULL;
}

void *map_make(struct map *m, struct str key, size_t size)
{
	void *value = map_find(m, key);
	if (!value) {
		value = arena_alloc(m->arena, size);
		map_put(m, key, value);
	}
	return value;
}

struct str map_key(struct arena *a, struct str x, struct str y)
{
	char *s = arena_text(a, x.n + y.n + 1);
	if (x.n)
		memcpy(s, x.s, x.n);
	s[x.n] = '\n';
	if (y.n)
		memcpy(s + x.n + 1, y.s, y.n);
	return (struct str){s, x.n + y.n + 1};
}

struct str map_key3(struct arena *a, struct str x, struct str y, struct str z)
{
	return map_key(a, map_key(a, x, y), z);
}
