/*
 * timings: how long things took, in the order in which they were over, each
 * with a key: a small number for what it is of. Exact ranks are asked of any
 * span of them, by any grouping of the keys, so that a duration is kept once
 * (in eight bytes) whatever is asked of it.
 *
 * A duration is whole seconds from 0 to 2^32 - 1 (136 years); what is more or
 * less is taken for that. Places count from 0, the first that was added.
 */
#ifndef CORE_TIMINGS_H
#define CORE_TIMINGS_H

#include "core/vec.h"

#include <stdint.h>

struct timing {
	uint32_t key, seconds;
};
struct timing_piece;

struct timings {
	struct arena *arena;
	VEC(struct timing_piece *) pieces; /* NULL: forgotten */
	size_t n;                          /* that were ever added */
	size_t forgotten;                  /* pieces, from the first */
	struct timing_piece *spare;
};

struct timings timings_new(struct arena *a);
void timings_add(struct timings *t, uint32_t key, int64_t seconds);

/* What stands before a place is not asked any more: its room is used for what
   comes. */
void timings_forget(struct timings *t, size_t before);

/* Nearest ranks: the smallest of n that at least 10, 50, 75 and 90 of a hundred
   do not exceed; 50 is the lower median. -1 where there are none. */
enum { TIMING_RANKS = 4 };
struct timing_ranks {
	int64_t at[TIMING_RANKS];
	size_t n;
};
/* Of those in the places [from, to), none of them forgotten, by groups.
   group_of: by key, TIMING_NONE of what is left out; NULL: all are of group 0.
   a: for a while, four bytes a duration and half a megabyte at most. */
#define TIMING_NONE UINT32_MAX
void timings_ranks(const struct timings *t, struct arena *a, size_t from,
                   size_t to, const uint32_t *group_of, size_t ngroups,
                   struct timing_ranks *out);

#endif
