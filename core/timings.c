#include "core/timings.h"

#include <assert.h>
#include <string.h>

enum {
	PIECE = 2048,
	FEW = 64, /* are sorted by insertion */
	DIGIT_BITS = 8,
	DIGITS = 1 << DIGIT_BITS,
	HALVES = 1 << 16, /* of a duration */
	MANY = HALVES     /* are counted; fewer are sorted */
};

struct timing_piece {
	struct timing at[PIECE];
	struct timing_piece *next; /* of those to spare */
};

struct timings timings_new(struct arena *a)
{
	return (struct timings){.arena = a};
}

static struct timing_piece *new_piece(struct timings *t)
{
	struct timing_piece *p = t->spare;
	if (p)
		t->spare = p->next;
	else
		p = ARENA_NEW(t->arena, struct timing_piece);
	return p;
}

void timings_add(struct timings *t, uint32_t key, int64_t seconds)
{
	if (t->n % PIECE == 0)
		*vec_add(t->arena, &t->pieces) = new_piece(t);
	struct timing *at = &t->pieces.at[t->pieces.n - 1]->at[t->n++ % PIECE];
	at->key = key;
	at->seconds = seconds < 0            ? 0
	              : seconds > UINT32_MAX ? UINT32_MAX
	                                     : (uint32_t)seconds;
}

void timings_forget(struct timings *t, size_t before)
{
	for (; (t->forgotten + 1) * PIECE <= before; t->forgotten++) {
		struct timing_piece *p = t->pieces.at[t->forgotten];
		p->next = t->spare;
		t->spare = p;
		t->pieces.at[t->forgotten] = NULL;
	}
}

/* --- sorting -------------------------------------------------------------- */

static void sort_few(uint32_t *at, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		uint32_t x = at[i];
		size_t k = i;
		for (; k > 0 && at[k - 1] > x; k--)
			at[k] = at[k - 1];
		at[k] = x;
	}
}

/* One digit of each, from `from` to `to`; the order of equal ones stays. */
static void sort_digit(const uint32_t *from, uint32_t *to, size_t n, int shift)
{
	size_t place[DIGITS] = {0}, sum = 0;
	for (size_t i = 0; i < n; i++)
		place[from[i] >> shift & (DIGITS - 1)]++;
	for (size_t d = 0; d < DIGITS; d++) {
		size_t count = place[d];
		place[d] = sum;
		sum += count;
	}
	for (size_t i = 0; i < n; i++)
		to[place[from[i] >> shift & (DIGITS - 1)]++] = from[i];
}

/* By as many digits as the largest has; spare has room for n. */
static void sort(uint32_t *at, size_t n, uint32_t *spare)
{
	uint32_t all = 0, *from = at, *to = spare;
	if (n <= FEW) {
		sort_few(at, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		all |= at[i];
	for (int shift = 0; shift < 32 && all >> shift; shift += DIGIT_BITS) {
		sort_digit(from, to, n, shift);
		uint32_t *was = from;
		from = to;
		to = was;
	}
	if (from != at)
		memcpy(at, from, n * sizeof *at);
}

/* --- ranks ---------------------------------------------------------------- */

static const unsigned per_cent[TIMING_RANKS] = {10, 50, 75, 90};

static size_t place_of(size_t n, unsigned rank)
{
	return (n * rank + 99) / 100 - 1;
}

/* The first of the counts that holds a place; the place in it. */
static uint32_t held_by(const uint32_t *counts, size_t *place)
{
	uint32_t i = 0;
	while (*place >= counts[i])
		*place -= counts[i++];
	return i;
}

/* By their upper halves, then by the lower ones of those that share it. */
static void rank_many(const uint32_t *at, size_t n, uint32_t *counts,
                      struct timing_ranks *out)
{
	uint32_t *lower = counts + HALVES;
	memset(counts, 0, HALVES * sizeof *counts);
	for (size_t i = 0; i < n; i++)
		counts[at[i] >> 16]++;
	for (size_t k = 0; k < TIMING_RANKS; k++) {
		size_t place = place_of(n, per_cent[k]);
		uint32_t upper = held_by(counts, &place);
		memset(lower, 0, HALVES * sizeof *lower);
		for (size_t i = 0; i < n; i++)
			if (at[i] >> 16 == upper)
				lower[at[i] & (HALVES - 1)]++;
		out->at[k] = (int64_t)upper << 16 | held_by(lower, &place);
	}
}

static void rank(uint32_t *at, size_t n, uint32_t *spare,
                 struct timing_ranks *out)
{
	*out = (struct timing_ranks){{-1, -1, -1, -1}, n};
	if (n > MANY) {
		rank_many(at, n, spare, out);
		return;
	}
	sort(at, n, spare);
	for (size_t k = 0; n && k < TIMING_RANKS; k++)
		out->at[k] = at[place_of(n, per_cent[k])];
}

/* --- groups --------------------------------------------------------------- */

static const struct timing *timing_at(const struct timings *t, size_t place)
{
	return &t->pieces.at[place / PIECE]->at[place % PIECE];
}

static uint32_t group_at(const struct timings *t, size_t place,
                         const uint32_t *group_of)
{
	return group_of ? group_of[timing_at(t, place)->key] : 0;
}

/* Room for as many as the largest group has, or for the counts of MANY. */
static uint32_t *spare_of(struct arena *a, const size_t *start, size_t ngroups)
{
	size_t most = 0;
	for (size_t i = 0; i < ngroups; i++)
		if (start[i + 1] - start[i] > most)
			most = start[i + 1] - start[i];
	return arena_array(a, most > MANY ? 2 * HALVES : most,
	                   sizeof(uint32_t));
}

/* Counted, then put where the groups before it end. */
void timings_ranks(const struct timings *t, struct arena *a, size_t from,
                   size_t to, const uint32_t *group_of, size_t ngroups,
                   struct timing_ranks *out)
{
	/* start[g + 2] counts, start[g + 1] is filled up to start[g + 2]. */
	size_t *start = arena_array(a, ngroups + 2, sizeof *start);
	assert(from <= to && to <= t->n && from >= t->forgotten * PIECE);
	for (size_t i = from; i < to; i++) {
		uint32_t group = group_at(t, i, group_of);
		if (group != TIMING_NONE)
			start[group + 2]++;
	}
	for (size_t i = 0; i < ngroups; i++)
		start[i + 2] += start[i + 1];
	uint32_t *at = arena_array(a, start[ngroups + 1], sizeof *at);
	for (size_t i = from; i < to; i++) {
		uint32_t group = group_at(t, i, group_of);
		if (group != TIMING_NONE)
			at[start[group + 1]++] = timing_at(t, i)->seconds;
	}
	uint32_t *spare = spare_of(a, start, ngroups);
	for (size_t i = 0; i < ngroups; i++)
		rank(at + start[i], start[i + 1] - start[i], spare, &out[i]);
}
