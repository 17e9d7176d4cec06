#include "core/timings.h"
#include "tests/lib/tap.h"

#include <stdlib.h>

enum { MANY = 20000, KEYS = 5 };

static int cmp(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static uint32_t next(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state;
}

static uint32_t seconds_of(uint32_t random)
{
	/* Many alike, some large: one, two, three and four digits. */
	return random % 7 == 0 ? random : random >> (random % 3 + 1) * 8;
}

static void test_groups(void)
{
	static const uint32_t group_of[KEYS] = {1, 0, TIMING_NONE, 1, 3};
	struct arena *a = arena_new();
	struct timings t = timings_new(a);
	uint32_t *want[4], state = 1;
	size_t n[4] = {0};
	for (size_t g = 0; g < 4; g++)
		want[g] = arena_array(a, MANY, sizeof **want);
	for (uint32_t i = 0; i < MANY; i++) {
		uint32_t key = next(&state) >> 16 & 3,
		         seconds = seconds_of(next(&state));
		key = i % 1000 ? key : 4; /* few of it */
		timings_add(&t, key, seconds);
		if (i >= 100 && i < MANY - 100 && key != 2)
			want[group_of[key]][n[group_of[key]]++] = seconds;
	}
	struct timing_groups g =
	        timings_by(&t, a, 100, MANY - 100, group_of, 4);
	for (size_t i = 0; i < 4; i++) {
		bool same = g.start[i + 1] - g.start[i] == n[i];
		qsort(want[i], n[i], sizeof **want, cmp);
		for (size_t k = 0; same && k < n[i]; k++)
			same = g.at[g.start[i] + k] == want[i][k];
		ok(same, "group %zu: %zu, rising", i, n[i]);
	}
	g = timings_by(&t, a, 0, MANY, NULL, 1);
	ok(g.start[0] == 0 && g.start[1] == MANY, "all in one group");
	g = timings_by(&t, a, 7, 7, group_of, 4);
	ok(!g.start[4], "an empty span");
	arena_free(a);
}

static void test_bounds(void)
{
	struct arena *a = arena_new();
	struct timings t = timings_new(a);
	timings_add(&t, 0, (int64_t)UINT32_MAX + 1);
	timings_add(&t, 0, -1);
	timings_add(&t, 0, UINT32_MAX);
	struct timing_groups g = timings_by(&t, a, 0, 3, NULL, 1);
	ok(g.at[0] == 0 && g.at[1] == UINT32_MAX && g.at[2] == UINT32_MAX,
	   "what is more or less than it holds");
	arena_free(a);
}

static void test_forgetting(void)
{
	struct arena *a = arena_new();
	struct timings t = timings_new(a);
	size_t used = 0;
	bool kept = true;
	for (uint32_t i = 0; i < 10 * MANY; i++) {
		timings_add(&t, 0, i);
		if (i % 100 || i < 200)
			continue;
		struct arena *scratch = arena_new();
		struct timing_groups g =
		        timings_by(&t, scratch, i - 150, i + 1, NULL, 1);
		kept = kept && g.at[0] == i - 150 && g.at[150] == i;
		timings_forget(&t, i - 150);
		arena_free(scratch);
		if (i == MANY)
			used = arena_used(a);
	}
	ok(kept, "what is not forgotten stays");
	ok(arena_used(a) < used + MANY, "and what is makes room");
	arena_free(a);
}

int main(void)
{
	test_groups();
	test_bounds();
	test_forgetting();
	return tap_done();
}
