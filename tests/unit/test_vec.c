#include "core/vec.h"
#include "tests/lib/tap.h"

int main(void)
{
	struct arena *a = arena_new();
	VEC(struct {
		int number;
		int other;
	})
	v = {0};
	bool zero = true, kept = true;
	for (int i = 0; i < 1000; i++) {
		int64_t before = (int64_t)v.n;
		zero = zero && vec_add(a, &v)->number == 0;
		kept = kept && (int64_t)v.n == before + 1;
		v.at[i].number = i;
		v.at[i].other = -i;
	}
	for (int i = 0; i < 1000; i++)
		kept = kept && v.at[i].number == i && v.at[i].other == -i;
	ok(zero, "a new item is zeroed");
	ok(kept, "growing keeps the others");
	v.n = 10;
	ok(vec_add(a, &v)->number == 0 && v.at[9].number == 9,
	   "also where another was taken off before");

	VEC(int) few = {0};
	int sum = 0;
	vec_each (int, i, &few)
		sum += *i;
	is_int(sum, 0, "none to visit");
	for (int i = 1; i <= 9; i++)
		*vec_add(a, &few) = i;
	vec_each (int, i, &few)
		sum = sum * 10 + *i;
	is_int(sum, 123456789, "each is visited once, in order");
	arena_free(a);
	return tap_done();
}
