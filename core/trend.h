/*
 * trend: whether a short series of figures rises, falls or jumps, by methods
 * that ask nothing of how the figures are distributed and that a few outliers
 * do not move.
 *
 * Slope: Theil and Sen, the median of the slopes of all pairs. Whether it is
 * more than chance: Mann and Kendall, with the correction for ties, two sided,
 * at 5 %, by the normal approximation, which is fair from 8 figures on; below
 * that nothing is said. A jump: Pettitt, at 5 %, from 12 figures on. Sen, J.
 * Am. Stat. Assoc. 63 (1968); Kendall, Rank Correlation Methods (1975);
 * Pettitt, Appl. Stat. 28 (1979).
 */
#ifndef CORE_TREND_H
#define CORE_TREND_H

#include <stdbool.h>
#include <stddef.h>

enum { TREND_LEAST = 8, TREND_JUMP_LEAST = 12, TREND_MOST = 128 };

enum trend_is {
	TREND_UNKNOWN, /* too few figures */
	TREND_NONE,    /* no more than chance */
	TREND_RISING,
	TREND_FALLING
};

struct trend {
	enum trend_is is;
	double slope; /* a step; of RISING and FALLING */
	size_t n;
};

/* x: where each stands, rising; n at most TREND_MOST. */
struct trend trend_of(const double *x, const double *y, size_t n);

/* The index of the first figure after the jump; 0: there is none. */
size_t trend_jump(const double *y, size_t n);

#endif
