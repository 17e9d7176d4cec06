/*
 * merkle: the hash tree over a list that only grows, as RFC 6962 section 2.1
 * defines it (and RFC 9162 after it): SHA-256, 0x00 before a leaf, 0x01 before
 * two nodes.
 *
 * A tree is kept as its right edge alone: the roots of the complete subtrees
 * that its size is the sum of, at most 64. Adding a leaf hashes one node on
 * average, the root of any size costs the edge. The nodes that a proof consists
 * of are told beforehand (merkle_inclusion, merkle_consistency), and filled in
 * while the leaves go by.
 */
#ifndef CORE_MERKLE_H
#define CORE_MERKLE_H

#include "core/str.h"

enum { MERKLE_HASH = 32, MERKLE_LEVELS = 64 };

struct merkle_hash {
	unsigned char b[MERKLE_HASH];
};

/* The node over the leaves [from, to). */
struct merkle_node {
	uint64_t from, to;
	struct merkle_hash hash;
};

struct merkle_tree {
	uint64_t size;
	/* edge[k]: the root of 2^k leaves, where bit k of size is set. */
	struct merkle_hash edge[MERKLE_LEVELS];
	/* Nodes to be filled in, as merkle_sort orders them; may be NULL. */
	struct merkle_node *wanted;
	size_t nwanted, next;
};

struct merkle_hash merkle_leaf(struct str record);
void merkle_add(struct merkle_tree *t, const struct merkle_hash *leaf);
/* Fills in what is wanted of the incomplete nodes, too. */
struct merkle_hash merkle_root(struct merkle_tree *t);
bool merkle_equal(const struct merkle_hash *a, const struct merkle_hash *b);

/*
 * The nodes of a proof, from, to given and hash not, in the order of the proof;
 * returns how many. index < size; 0 < old <= size.
 */
size_t merkle_inclusion(uint64_t index, uint64_t size,
                        struct merkle_node out[MERKLE_LEVELS]);
size_t merkle_consistency(uint64_t old, uint64_t size,
                          struct merkle_node out[MERKLE_LEVELS + 1]);

/* Into the order in which a tree fills them in; equal ones are dropped. */
size_t merkle_sort(struct merkle_node *nodes, size_t n);
/* The hash of [from, to) among sorted nodes; NULL: it is not there. */
const struct merkle_hash *merkle_find(const struct merkle_node *nodes, size_t n,
                                      uint64_t from, uint64_t to);

/* RFC 9162, sections 2.1.3.2 and 2.1.4.2. */
bool merkle_includes(const struct merkle_hash *leaf, uint64_t index,
                     uint64_t size, const struct merkle_hash *proof, size_t n,
                     const struct merkle_hash *root);
bool merkle_extends(uint64_t old, const struct merkle_hash *old_root,
                    uint64_t size, const struct merkle_hash *root,
                    const struct merkle_hash *proof, size_t n);

#endif
