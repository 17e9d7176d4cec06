#include "core/trend.h"

#include <assert.h>
#include <stdlib.h>

static int cmp(const void *a, const void *b)
{
	const double *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static int sign(double d)
{
	return (d > 0) - (d < 0);
}

/* Without <math.h>: the figures are compared squared. */
static double square(double d)
{
	return d * d;
}

static double theil_sen(const double *x, const double *y, size_t n)
{
	double slopes[TREND_MOST * (TREND_MOST - 1) / 2];
	size_t m = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			slopes[m++] = (y[k] - y[i]) / (x[k] - x[i]);
	qsort(slopes, m, sizeof *slopes, cmp);
	return m % 2 ? slopes[m / 2] : (slopes[m / 2 - 1] + slopes[m / 2]) / 2;
}

/* 18 times the variance of the Mann-Kendall sum, less what ties take. */
static double variance_18(const double *y, size_t n)
{
	double sorted[TREND_MOST], v;
	for (size_t i = 0; i < n; i++)
		sorted[i] = y[i];
	qsort(sorted, n, sizeof *sorted, cmp);
	v = (double)n * ((double)n - 1) * (2 * (double)n + 5);
	for (size_t i = 0, run; i < n; i += run) {
		for (run = 1; i + run < n && sorted[i + run] <= sorted[i];)
			run++;
		double t = (double)run;
		v -= t * (t - 1) * (2 * t + 5);
	}
	return v;
}

struct trend trend_of(const double *x, const double *y, size_t n)
{
	struct trend t = {.n = n};
	assert(n <= TREND_MOST);
	if (n < TREND_LEAST)
		return t;
	int s = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			s += sign(y[k] - y[i]);
	/* z = (|s| - 1) / sqrt(v / 18), to be 1.96 or more. */
	double v = variance_18(y, n), past = (double)abs(s) - 1;
	bool sure = past > 0 && 18 * square(past) >= square(1.96) * v;
	t.slope = theil_sen(x, y, n);
	t.is = !sure || sign(t.slope) == 0 ? TREND_NONE
	       : s > 0                     ? TREND_RISING
	                                   : TREND_FALLING;
	return t;
}

size_t trend_jump(const double *y, size_t n)
{
	long most = 0;
	size_t at = 0;
	assert(n <= TREND_MOST);
	if (n < TREND_JUMP_LEAST)
		return 0;
	for (size_t t = 1; t < n; t++) {
		long u = 0;
		for (size_t i = 0; i < t; i++)
			for (size_t k = t; k < n; k++)
				u += sign(y[k] - y[i]);
		if (labs(u) > most) {
			most = labs(u);
			at = t;
		}
	}
	/* 2 exp(-6 k^2 / (n^3 + n^2)) <= 0.05 */
	double d = (double)n;
	double k = 6 * square((double)most) / (d * d * d + d * d);
	return k >= 3.6888794541139363 ? at : 0; /* ln 40 */
}
