#include "core/map.h"
#include "tests/lib/tap.h"

#include <string.h>

enum { MANY = 5000 };

static int numbers[MANY];

static void many(struct arena *a)
{
	struct map m = map_new(a);
	char name[32];
	bool fresh = true, found = true, ordered = true, none = true;
	for (int i = 0; i < MANY; i++) {
		numbers[i] = i;
		struct str key = str_format(a, "key-%d", i * 7919 % MANY);
		fresh = fresh && !map_put(&m, key, &numbers[i]);
	}
	for (int i = 0; i < MANY; i++) {
		struct str key = str_format(a, "key-%d", i * 7919 % MANY);
		found = found && map_find(&m, key) == &numbers[i];
		ordered = ordered && str_eq(m.at[i].key, key) &&
		          m.at[i].value == &numbers[i];
		none = none && !map_find(&m, str_format(a, "other-%d", i));
	}
	ok(fresh, "keys that are new have no old value");
	ok(found, "all are found after growing");
	ok(ordered && m.n == MANY, "and stand in the order of insertion");
	ok(none, "no others are");
	memcpy(name, "volatile", 9);
	map_put(&m, str_of(name), name);
	memset(name, 'x', 8);
	ok(map_find(&m, STR("volatile")) == name, "keys are copied");
}

int main(void)
{
	struct arena *a = arena_new();
	struct map m = map_new(a);
	int one, two;
	ok(!map_find(&m, STR("a")), "an empty map has nothing");
	ok(!map_put(&m, STR("a"), &one), "a first value");
	ok(!map_put(&m, STR("b"), &one), "under another key");
	ok(map_put(&m, STR("a"), &two) == &one, "the value before is given");
	ok(map_find(&m, STR("a")) == &two && m.n == 2, "and replaced");
	is_str(m.at[0].key, "a", "in its old place");
	ok(!map_find(&m, STR("A")) && !map_find(&m, STR("")) &&
	           !map_find(&m, STR("aa")),
	   "near keys are others");
	map_put(&m, STR(""), &one);
	map_put(&m, (struct str){"a\0b", 3}, &one);
	ok(map_find(&m, STR("")) == &one, "the empty key is one");
	ok(map_find(&m, (struct str){"a\0b", 3}) == &one &&
	           map_find(&m, (struct str){"a\0c", 3}) == NULL,
	   "NUL is part of a key");
	many(a);
	arena_free(a);
	return tap_done();
}
