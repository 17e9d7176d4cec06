#include "core/timings.h"
#include "tests/lib/tap.h"

#include <stdlib.h>

enum { MANY = 200000, KEYS = 5 };

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

static bool is_rank(const struct timing_ranks *r, uint32_t *want, size_t n)
{
	static const size_t per_cent[TIMING_RANKS] = {10, 50, 75, 90};
	bool same = r->n == n;
	qsort(want, n, sizeof *want, cmp);
	for (size_t i = 0; i < TIMING_RANKS; i++)
		same = same &&
		       r->at[i] ==
		               (n ? (int64_t)want[(n * per_cent[i] + 99) / 100 -
		                                  1]
		                  : -1);
	return same;
}

static void test_groups(void)
{
	static const uint32_t group_of[KEYS] = {1, 0, TIMING_NONE, 1, 3};
	struct arena *a = arena_new();
	struct timings t = timings_new(a);
	struct timing_ranks ranks[4];
	uint32_t *want[5], state = 1;
	size_t n[5] = {0};
	for (size_t g = 0; g < 5; g++)
		want[g] = arena_array(a, MANY, sizeof **want);
	for (uint32_t i = 0; i < MANY; i++) {
		uint32_t key = next(&state) >> 16 & 3,
		         seconds = seconds_of(next(&state));
		key = i % 10000 ? key : 4; /* few of it */
		timings_add(&t, key, seconds);
		want[4][n[4]++] = seconds;
		if (i >= 100 && i < MANY - 100 && key != 2)
			want[group_of[key]][n[group_of[key]]++] = seconds;
	}
	timings_ranks(&t, a, 100, MANY - 100, group_of, 4, ranks);
	for (size_t i = 0; i < 4; i++)
		ok(is_rank(&ranks[i], want[i], n[i]), "group %zu, of %zu", i,
		   n[i]);
	timings_ranks(&t, a, 0, MANY, NULL, 1, ranks);
	ok(is_rank(ranks, want[4], n[4]), "all in one group");
	timings_ranks(&t, a, 7, 7, group_of, 4, ranks);
	ok(!ranks[3].n && ranks[3].at[0] == -1, "an empty span");
	arena_free(a);
}

static void test_bounds(void)
{
	struct arena *a = arena_new();
	struct timings t = timings_new(a);
	struct timing_ranks ranks;
	timings_add(&t, 0, (int64_t)UINT32_MAX + 1);
	timings_add(&t, 0, -1);
	timings_add(&t, 0, UINT32_MAX);
	timings_ranks(&t, a, 0, 3, NULL, 1, &ranks);
	ok(ranks.at[0] == 0 && ranks.at[1] == UINT32_MAX && ranks.n == 3,
	   "what is more or less than it holds");
	arena_free(a);
}

static void test_forgetting(void)
{
	enum { MORE = 200000 };
	struct arena *a = arena_new();
	struct timings t = timings_new(a);
	size_t used = 0;
	bool kept = true;
	for (uint32_t i = 0; i < MORE; i++) {
		struct timing_ranks ranks;
		timings_add(&t, 0, i);
		if (i % 100 || i < 200)
			continue;
		struct arena *scratch = arena_new();
		timings_ranks(&t, scratch, i - 99, i + 1, NULL, 1, &ranks);
		kept = kept && ranks.at[1] == i - 50;
		timings_forget(&t, i - 99);
		arena_free(scratch);
		if (i == MORE / 10)
			used = arena_used(a);
	}
	ok(kept, "what is not forgotten stays");
	ok(arena_used(a) < used + MORE / 10, "and what is makes room");
	arena_free(a);
}

int main(void)
{
	test_groups();
	test_bounds();
	test_forgetting();
	return tap_done();
}
