#include "core/samples.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 1022, SMALL = 4096, HIGH = 1 << 16 };

struct sample_piece {
	struct sample_piece *next;
	size_t n;
	uint32_t at[PIECE];
};

void samples_add(struct samples *s, struct arena *a, int64_t seconds)
{
	struct sample_piece *p = s->last;
	if (!p || p->n == PIECE) {
		struct sample_piece *next =
		        p && p->next ? p->next
		                     : ARENA_NEW(a, struct sample_piece);
		next->n = 0;
		if (p)
			p->next = next;
		else
			s->first = next;
		s->last = p = next;
	}
	p->at[p->n++] = seconds < 0            ? 0
	                : seconds > UINT32_MAX ? UINT32_MAX
	                                       : (uint32_t)seconds;
	s->n++;
}

void samples_reset(struct samples *s)
{
	s->last = s->first;
	s->n = 0;
	if (s->first)
		s->first->n = 0;
}

static int cmp(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static uint32_t small_at(const struct samples *s, size_t index)
{
	uint32_t all[SMALL];
	size_t n = 0, left = s->n;
	for (const struct sample_piece *p = s->first; left; p = p->next) {
		memcpy(all + n, p->at, p->n * sizeof *all);
		n += p->n;
		left -= p->n;
	}
	qsort(all, n, sizeof *all, cmp);
	return all[index];
}

/* How many there are for each value of 16 bits, of those that begin with
   `high` (or of all, by their upper half); the bucket of the index-th, and the
   index in it. */
static uint32_t bucket_of(const struct samples *s, const uint32_t *high,
                          size_t *index)
{
	uint32_t count[HIGH] = {0};
	size_t left = s->n;
	for (const struct sample_piece *p = s->first; left; p = p->next) {
		for (size_t i = 0; i < p->n; i++)
			if (!high)
				count[p->at[i] >> 16]++;
			else if (p->at[i] >> 16 == *high)
				count[p->at[i] & 0xffff]++;
		left -= p->n;
	}
	uint32_t b = 0;
	while (*index >= count[b])
		*index -= count[b++];
	return b;
}

int64_t samples_at(const struct samples *s, size_t index)
{
	assert(index < s->n);
	if (s->n <= SMALL)
		return small_at(s, index);
	uint32_t high = bucket_of(s, NULL, &index);
	return (int64_t)high << 16 | bucket_of(s, &high, &index);
}

int64_t samples_rank(const struct samples *s, int per_cent)
{
	assert(per_cent > 0 && per_cent <= 100);
	if (!s->n)
		return -1;
	return samples_at(s, (s->n * (size_t)per_cent + 99) / 100 - 1);
}

double samples_interpolated_median(const struct samples *s)
{
	if (!s->n)
		return -1;
	double low = (double)samples_at(s, (s->n - 1) / 2);
	double high = (double)samples_at(s, s->n / 2);
	return (low + high) / 2;
}
