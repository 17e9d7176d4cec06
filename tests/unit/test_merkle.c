#include "core/merkle.h"
#include "tests/lib/tap.h"

#include <stdio.h>

/* The leaves and roots of certificate-transparency's own test (merkletree's
   reference vectors of RFC 6962): roots of the first 0 to 8 leaves. */
static const char *const leaves[] = {
        "",
        "\x00",
        "\x10",
        "\x20\x21",
        "\x30\x31",
        "\x40\x41\x42\x43",
        "\x50\x51\x52\x53\x54\x55\x56\x57",
        "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"};
static const size_t sizes[] = {0, 1, 1, 2, 2, 4, 8, 16};
static const char *const roots[] = {
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

static struct str hex(struct arena *a, const struct merkle_hash *h)
{
	struct buf out = buf_new(a, 2 * MERKLE_HASH);
	for (size_t i = 0; i < MERKLE_HASH; i++)
		buf_format(&out, "%02x", h->b[i]);
	return buf_str(&out);
}

static void vectors(struct arena *a)
{
	struct merkle_tree t = {0};
	for (size_t n = 0; n <= 8; n++) {
		struct merkle_hash root = merkle_root(&t);
		is_str(hex(a, &root), roots[n], "the root of %zu leaves", n);
		if (n == 8)
			break;
		struct merkle_hash leaf =
		        merkle_leaf((struct str){leaves[n], sizes[n]});
		merkle_add(&t, &leaf);
	}
}

/* --- against the recursive definition --- */

enum { SIZE = 70 };
static struct merkle_hash leaf_of[SIZE];

/* MTH of section 2.1, word for word. */
static struct merkle_hash mth(uint64_t from, uint64_t to)
{
	uint64_t k = 1;
	if (to - from == 1)
		return leaf_of[from];
	while (2 * k < to - from)
		k *= 2;
	struct merkle_hash left = mth(from, from + k),
	                   right = mth(from + k, to);
	/* Two children side by side, hashed as a leaf is, but for 1 in front:
	   that is the root of a tree of the two. */
	struct merkle_tree two = {0};
	merkle_add(&two, &left);
	merkle_add(&two, &right);
	return merkle_root(&two);
}

/* The proof's hashes, by letting the leaves of `size` go by. */
static size_t prove(struct merkle_node *nodes, size_t n, uint64_t size,
                    struct merkle_hash *proof)
{
	struct merkle_node sorted[MERKLE_LEVELS + 1];
	memcpy(sorted, nodes, n * sizeof *nodes);
	struct merkle_tree t = {.wanted = sorted,
	                        .nwanted = merkle_sort(sorted, n)};
	for (uint64_t i = 0; i < size; i++)
		merkle_add(&t, &leaf_of[i]);
	merkle_root(&t);
	for (size_t i = 0; i < n; i++)
		proof[i] = *merkle_find(sorted, t.nwanted, nodes[i].from,
		                        nodes[i].to);
	return t.next == t.nwanted ? n : 0;
}

static struct merkle_hash flipped(struct merkle_hash h)
{
	h.b[7] ^= 1;
	return h;
}

static bool includes(uint64_t i, uint64_t size, const struct merkle_hash *root)
{
	struct merkle_node nodes[MERKLE_LEVELS + 1];
	struct merkle_hash proof[MERKLE_LEVELS + 1];
	size_t n = merkle_inclusion(i, size, nodes);
	if (prove(nodes, n, size, proof) != n)
		return false;
	bool good = merkle_includes(&leaf_of[i], i, size, proof, n, root);
	struct merkle_hash bad = flipped(*root), leaf = flipped(leaf_of[i]);
	bool fooled =
	        merkle_includes(&leaf_of[i], i, size, proof, n, &bad) ||
	        merkle_includes(&leaf, i, size, proof, n, root) ||
	        (n &&
	         merkle_includes(&leaf_of[i], i, size, proof, n - 1, root)) ||
	        merkle_includes(&leaf_of[i], i, size, proof, n + 1, root) ||
	        merkle_includes(&leaf_of[i], size, size, proof, n, root);
	for (uint64_t other = 0; other < size; other++)
		fooled |= other != i && merkle_includes(&leaf_of[i], other,
		                                        size, proof, n, root);
	for (size_t k = 0; k < n; k++) {
		struct merkle_hash was = proof[k];
		proof[k] = flipped(was);
		fooled |= merkle_includes(&leaf_of[i], i, size, proof, n, root);
		proof[k] = was;
	}
	return good && !fooled;
}

static bool extends(uint64_t old, uint64_t size)
{
	struct merkle_node nodes[MERKLE_LEVELS + 1];
	struct merkle_hash proof[MERKLE_LEVELS + 2] = {{{0}}};
	struct merkle_hash before = mth(0, old), now = mth(0, size);
	size_t n = merkle_consistency(old, size, nodes);
	if (prove(nodes, n, size, proof) != n)
		return false;
	bool good = merkle_extends(old, &before, size, &now, proof, n);
	struct merkle_hash bad = flipped(before), other = flipped(now);
	bool fooled =
	        merkle_extends(old, &bad, size, &now, proof, n) ||
	        merkle_extends(old, &before, size, &other, proof, n) ||
	        (n && merkle_extends(old, &before, size, &now, proof, n - 1)) ||
	        merkle_extends(old, &before, size, &now, proof, n + 1);
	for (size_t k = 0; k < n; k++) {
		struct merkle_hash was = proof[k];
		proof[k] = flipped(was);
		fooled |= merkle_extends(old, &before, size, &now, proof, n);
		proof[k] = was;
	}
	return good && !fooled;
}

static void proofs(void)
{
	int sizes_right = 0, inclusions = 0, consistencies = 0, all = 0;
	struct merkle_tree t = {0};
	for (uint64_t size = 1; size <= SIZE; size++) {
		char text[16];
		int n = snprintf(text, sizeof text, "leaf %d", (int)size);
		leaf_of[size - 1] = merkle_leaf((struct str){text, (size_t)n});
		merkle_add(&t, &leaf_of[size - 1]);
		struct merkle_hash root = merkle_root(&t), want = mth(0, size);
		sizes_right += merkle_equal(&root, &want);
		for (uint64_t i = 0; i < size; i++, all++) {
			inclusions += includes(i, size, &root);
			consistencies += extends(i + 1, size);
		}
	}
	is_int(sizes_right, SIZE, "roots are as the recursion defines them");
	is_int(inclusions, all,
	       "each leaf of each size is proved to be there, and no edit "
	       "of a proof is believed");
	is_int(consistencies, all,
	       "each size is proved to extend each before it, likewise");
	ok(!merkle_extends(0, &leaf_of[0], 3, &leaf_of[1], NULL, 0),
	   "nothing is proved of no leaves");
}

int main(void)
{
	struct arena *a = arena_new();
	vectors(a);
	proofs();
	arena_free(a);
	return tap_done();
}
