#include "core/samples.h"
#include "core/trend.h"
#include "tests/lib/tap.h"

/* Past SMALL of samples.c ranks are found by counting. */
enum { MANY = 100000 };

static struct samples of(struct arena *a, const int64_t *at, size_t n)
{
	struct samples s = {0};
	for (size_t i = 0; i < n; i++)
		samples_add(&s, a, at[i]);
	return s;
}

static void few(struct arena *a)
{
	const int64_t four[] = {360000, 3600, 36000, 7200};
	struct samples s = of(a, four, 4), none = {0};
	is_int(samples_rank(&s, 50), 7200, "of four the second is the median");
	is_int(samples_rank(&s, 75), 36000, "and the third at 75 %%");
	is_int(samples_rank(&s, 90), 360000, "and the last at 90 %%");
	ok(samples_interpolated_median(&s) > 21599.5 &&
	           samples_interpolated_median(&s) < 21600.5,
	   "between the two in the middle it is 6 h");
	is_int(samples_rank(&none, 50), -1, "of none there is none");
	samples_reset(&s);
	is_int(samples_rank(&s, 50), -1, "nor after a reset");
	samples_add(&s, a, -5);
	samples_add(&s, a, INT64_MAX);
	is_int(samples_at(&s, 0), 0, "less than 0 counts as 0");
	is_int(samples_at(&s, 1), UINT32_MAX, "more than 32 bits as the most");
}

static void many(struct arena *a)
{
	struct samples s = {0};
	int wrong = 0;
	/* Each of 0 .. MANY - 1 times 1000 once, in a mixed order. */
	for (int64_t i = 0; i < MANY; i++)
		samples_add(&s, a, i * 7919 % MANY * 1000);
	for (size_t i = 0; i < MANY; i += 997)
		wrong += samples_at(&s, i) != (int64_t)i * 1000;
	is_int(wrong, 0, "every place of many is exact");
	is_int(samples_rank(&s, 50), (MANY / 2 - 1) * 1000,
	       "the lower median of many");
}

static void trends(void)
{
	double x[24], up[24], flat[24], step[24], odd[24];
	for (int i = 0; i < 24; i++) {
		x[i] = i;
		up[i] = 2 * i + (i % 3);
		flat[i] = i % 2;
		step[i] = i < 12 ? i % 2 : 10 + i % 2;
		odd[i] = i == 20 ? 1e6 : 24 - i;
	}
	struct trend t = trend_of(x, up, 24);
	ok(t.is == TREND_RISING && t.slope > 1.8 && t.slope < 2.2,
	   "a rise is found, with its slope");
	ok(trend_of(x, flat, 24).is == TREND_NONE, "chance is none");
	t = trend_of(x, odd, 24);
	ok(t.is == TREND_FALLING && t.slope > -1.1 && t.slope < -0.9,
	   "one outlier does not hide a fall");
	ok(trend_of(x, up, TREND_LEAST - 1).is == TREND_UNKNOWN,
	   "of seven nothing is said");
	is_int((int64_t)trend_jump(step, 24), 12,
	       "a jump is found where it is");
	is_int((int64_t)trend_jump(flat, 24), 0, "none in chance");
	is_int((int64_t)trend_jump(step, TREND_JUMP_LEAST - 1), 0,
	       "none of eleven");
}

int main(void)
{
	struct arena *a = arena_new();
	few(a);
	many(a);
	trends();
	arena_free(a);
	return tap_done();
}
