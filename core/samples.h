/*
 * samples: durations, many of them, of which exact ranks are asked: four bytes
 * a sample, in pieces, so that a million take 4 MiB and nothing is moved when
 * they grow, nor copied or sorted to find a rank.
 *
 * A sample is whole seconds from 0 to 2^32 - 1 (136 years); what is more or
 * less is taken for that.
 */
#ifndef CORE_SAMPLES_H
#define CORE_SAMPLES_H

#include "core/arena.h"

#include <stdint.h>

struct sample_piece;

struct samples {
	struct sample_piece *first, *last; /* in the arena of samples_add */
	size_t n;
};

void samples_add(struct samples *s, struct arena *a, int64_t seconds);
/* Empty, what was allocated kept for what comes. */
void samples_reset(struct samples *s);

/*
 * The nearest rank: the smallest sample that at least per_cent of them do not
 * exceed. 50 is the lower median: of an even number the smaller of the two in
 * the middle. -1 where there are none.
 */
int64_t samples_rank(const struct samples *s, int per_cent);

/* The sample in the place `index` from the smallest, 0 .. n - 1. */
int64_t samples_at(const struct samples *s, size_t index);

/* Between the two in the middle, as PERCENTILE_CONT(0.5) of SQL. -1: none. */
double samples_interpolated_median(const struct samples *s);

#endif
