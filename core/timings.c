#include "core/timings.h"

#include <assert.h>
#include <string.h>

enum {
	PIECE = 2048,
	FEW = 64, /* are sorted by insertion */
	DIGIT_BITS = 8,
	DIGITS = 1 << DIGIT_BITS
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

/* Counted, then put where the groups before it end. */
struct timing_groups timings_by(const struct timings *t, struct arena *a,
                                size_t from, size_t to,
                                const uint32_t *group_of, size_t ngroups)
{
	size_t n = to > from ? to - from : 0;
	struct timing_groups g = {
	        .at = arena_array(a, n, sizeof *g.at),
	        .start = arena_array(a, ngroups + 2, sizeof *g.start),
	        .n = ngroups};
	assert(from >= t->forgotten * PIECE && to <= t->n);
	/* start[g + 2] counts, start[g + 1] is filled up to start[g + 2]. */
	for (size_t i = from; i < to; i++) {
		uint32_t group = group_at(t, i, group_of);
		if (group != TIMING_NONE)
			g.start[group + 2]++;
	}
	for (size_t i = 0; i < ngroups; i++)
		g.start[i + 2] += g.start[i + 1];
	for (size_t i = from; i < to; i++) {
		uint32_t group = group_at(t, i, group_of);
		if (group != TIMING_NONE)
			g.at[g.start[group + 1]++] = timing_at(t, i)->seconds;
	}
	uint32_t *spare = arena_array(a, n, sizeof *spare);
	for (size_t i = 0; i < ngroups; i++)
		sort(g.at + g.start[i], g.start[i + 1] - g.start[i], spare);
	return g;
}
