#include "core/merkle.h"
#include "core/sha256.h"

#include <assert.h>
#include <stdlib.h>

/* --- hashing --- */

static struct merkle_hash hash_of(const struct str *parts, size_t n)
{
	struct merkle_hash h;
	sha256_raw(parts, n, h.b);
	return h;
}

struct merkle_hash merkle_leaf(struct str record)
{
	const struct str parts[] = {{"\0", 1}, record};
	return hash_of(parts, 2);
}

static struct str bytes_of(const struct merkle_hash *h)
{
	return (struct str){(const char *)h->b, MERKLE_HASH};
}

static struct merkle_hash join(const struct merkle_hash *left,
                               const struct merkle_hash *right)
{
	const struct str parts[] = {{"\1", 1}, bytes_of(left), bytes_of(right)};
	return hash_of(parts, 3);
}

bool merkle_equal(const struct merkle_hash *a, const struct merkle_hash *b)
{
	return memcmp(a->b, b->b, MERKLE_HASH) == 0;
}

/* --- growing --- */

/* Nodes come by their end, then the smaller ones first: as merkle_sort. */
static void fill(struct merkle_tree *t, uint64_t from, uint64_t to,
                 const struct merkle_hash *hash)
{
	if (t->next == t->nwanted)
		return;
	struct merkle_node *node = &t->wanted[t->next];
	if (node->from != from || node->to != to)
		return;
	node->hash = *hash;
	t->next++;
}

void merkle_add(struct merkle_tree *t, const struct merkle_hash *leaf)
{
	struct merkle_hash h = *leaf;
	uint64_t to = t->size + 1;
	unsigned level = 0;
	fill(t, t->size, to, &h);
	for (; t->size >> level & 1; level++) {
		h = join(&t->edge[level], &h);
		fill(t, to - (UINT64_C(2) << level), to, &h);
	}
	t->edge[level] = h;
	t->size = to;
}

struct merkle_hash merkle_root(struct merkle_tree *t)
{
	struct merkle_hash h = hash_of(NULL, 0);
	uint64_t from = t->size;
	for (unsigned level = 0; level < MERKLE_LEVELS; level++) {
		if (!(t->size >> level & 1))
			continue;
		bool first = from == t->size;
		h = first ? t->edge[level] : join(&t->edge[level], &h);
		from -= UINT64_C(1) << level;
		if (!first)
			fill(t, from, t->size, &h);
	}
	return h;
}

/* --- which nodes a proof is made of --- */

/* The largest power of two less than n, which is at least 2. */
static uint64_t split(uint64_t n)
{
	uint64_t k = 1;
	while (k < n - k)
		k *= 2;
	return k;
}

static void reverse(struct merkle_node *nodes, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		struct merkle_node node = nodes[i];
		nodes[i] = nodes[n - 1 - i];
		nodes[n - 1 - i] = node;
	}
}

size_t merkle_inclusion(uint64_t index, uint64_t size,
                        struct merkle_node out[MERKLE_LEVELS])
{
	uint64_t from = 0, to = size;
	size_t n = 0;
	assert(index < size);
	while (to - from > 1) {
		uint64_t middle = from + split(to - from);
		bool left = index < middle;
		out[n++] =
		        left ? (struct merkle_node){.from = middle, .to = to}
		             : (struct merkle_node){.from = from, .to = middle};
		from = left ? from : middle;
		to = left ? middle : to;
	}
	reverse(out, n);
	return n;
}

size_t merkle_consistency(uint64_t old, uint64_t size,
                          struct merkle_node out[MERKLE_LEVELS + 1])
{
	uint64_t from = 0, to = size;
	size_t n = 0;
	bool whole = true; /* [from, old) is all of the old tree */
	assert(old > 0 && old <= size);
	while (to != old) {
		uint64_t middle = from + split(to - from);
		bool left = old <= middle;
		out[n++] =
		        left ? (struct merkle_node){.from = middle, .to = to}
		             : (struct merkle_node){.from = from, .to = middle};
		whole = whole && left;
		from = left ? from : middle;
		to = left ? middle : to;
	}
	if (!whole)
		out[n++] = (struct merkle_node){.from = from, .to = to};
	reverse(out, n);
	return n;
}

static int compare(const void *a, const void *b)
{
	const struct merkle_node *x = a, *y = b;
	if (x->to != y->to)
		return x->to < y->to ? -1 : 1;
	return (x->from < y->from) - (x->from > y->from);
}

size_t merkle_sort(struct merkle_node *nodes, size_t n)
{
	size_t kept = 0;
	if (n)
		qsort(nodes, n, sizeof *nodes, compare);
	for (size_t i = 0; i < n; i++)
		if (!kept || compare(&nodes[kept - 1], &nodes[i]) != 0)
			nodes[kept++] = nodes[i];
	return kept;
}

const struct merkle_hash *merkle_find(const struct merkle_node *nodes, size_t n,
                                      uint64_t from, uint64_t to)
{
	struct merkle_node key = {.from = from, .to = to};
	const struct merkle_node *node =
	        n ? bsearch(&key, nodes, n, sizeof key, compare) : NULL;
	return node ? &node->hash : NULL;
}

/* --- checking --- */

bool merkle_includes(const struct merkle_hash *leaf, uint64_t index,
                     uint64_t size, const struct merkle_hash *proof, size_t n,
                     const struct merkle_hash *root)
{
	struct merkle_hash h = *leaf;
	uint64_t fn = index, sn = size - 1;
	if (index >= size)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!sn)
			return false;
		if (fn & 1 || fn == sn) {
			h = join(&proof[i], &h);
			for (; fn && !(fn & 1); fn >>= 1)
				sn >>= 1;
		} else {
			h = join(&h, &proof[i]);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && merkle_equal(&h, root);
}

bool merkle_extends(uint64_t old, const struct merkle_hash *old_root,
                    uint64_t size, const struct merkle_hash *root,
                    const struct merkle_hash *proof, size_t n)
{
	if (!old || old > size)
		return false;
	if (old == size)
		return n == 0 && merkle_equal(old_root, root);
	/* Of a power of two the old root is the first node itself. */
	bool given = (old & (old - 1)) == 0;
	uint64_t fn = old - 1, sn = size - 1;
	size_t i = given ? 0 : 1;
	if (!given && !n)
		return false;
	struct merkle_hash before = given ? *old_root : proof[0];
	struct merkle_hash now = before;
	for (; fn & 1; fn >>= 1)
		sn >>= 1;
	for (; i < n; i++) {
		if (!sn)
			return false;
		if (fn & 1 || fn == sn) {
			before = join(&proof[i], &before);
			now = join(&proof[i], &now);
			for (; fn && !(fn & 1); fn >>= 1)
				sn >>= 1;
		} else {
			now = join(&now, &proof[i]);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && merkle_equal(&before, old_root) &&
	       merkle_equal(&now, root);
}
