#include "tests/gate/gate.h"

#include "core/when.h"
#include "tests/gate/execution.h"

#include <string.h>
#include <time.h>

int64_t member_int(const json_t *object, const char *key, int64_t otherwise)
{
	const json_t *v = json_object_get(object, key);
	return json_is_integer(v) ? json_integer_value(v) : otherwise;
}

bool member_is(const json_t *object, const char *key, const char *text)
{
	return str_is(json_get_str(object, key), text);
}

bool member_true(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

void member_set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) != 0)
		out_of_memory();
}

void member_set_str(json_t *object, const char *key, struct str value)
{
	member_set(object, key, json_stringn(value.n ? value.s : "", value.n));
}

void member_set_int(json_t *object, const char *key, int64_t value)
{
	member_set(object, key, json_integer(value));
}

json_t *member_object(json_t *object, const char *key)
{
	json_t *found = json_object_get(object, key);
	if (json_is_object(found))
		return found;
	member_set(object, key, json_object());
	return json_object_get(object, key);
}

/* --- settings --------------------------------------------------------------*/

static json_t *settings(const struct gate *g)
{
	return store_get(&g->store, STORE_SETTINGS, "settings");
}

int64_t gate_setting(const struct gate *g, const char *name, int64_t otherwise)
{
	return member_int(settings(g), name, otherwise);
}

struct str gate_setting_text(const struct gate *g, const char *name,
                             const char *otherwise)
{
	struct str found = json_get_str(settings(g), name);
	return found.n ? found : str_of(otherwise);
}

void gate_set(struct gate *g, const char *name, json_t *value)
{
	if (!settings(g))
		store_put(&g->store, STORE_SETTINGS, "settings", json_object());
	member_set(settings(g), name, value);
	store_touch(&g->store, STORE_SETTINGS, "settings");
}

/* --- the clock -------------------------------------------------------------*/

static int64_t real_time(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* {"at": what it shows, "since": at what real time; 0: it stands, "step"}. */
static int64_t clock_reading(const struct gate *g)
{
	const json_t *c = json_object_get(settings(g), "clock");
	if (!json_is_object(c))
		return real_time();
	int64_t since = json_get_int(c, "since");
	return json_get_int(c, "at") + (since ? real_time() - since : 0);
}

void gate_tick(struct gate *g)
{
	json_t *c = json_object_get(settings(g), "clock");
	int64_t step = json_get_int(c, "step");
	if (step) {
		member_set_int(c, "at", json_get_int(c, "at") + step);
		store_touch(&g->store, STORE_SETTINGS, "settings");
	}
	g->now = clock_reading(g);
	execution_advance(g);
}

/* "now" of a wish: milliseconds, RFC 3339, or as it is. */
static bool wished_time(const struct gate *g, const json_t *wish, int64_t *at,
                        struct fail *why)
{
	const json_t *now = json_object_get(wish, "now");
	*at = clock_reading(g) + json_get_int(wish, "advance_ms");
	if (json_is_integer(now)) {
		*at = json_integer_value(now);
	} else if (now) {
		if (!when_parse(json_get_str(wish, "now"), at))
			return fail_set(why, FAIL_INPUT, "now: no time");
		*at *= 1000;
	}
	return true;
}

bool gate_set_clock(struct gate *g, const json_t *wish, struct fail *why)
{
	if (member_is(wish, "now", "real")) {
		gate_set(g, "clock", json_null());
		return true;
	}
	int64_t at;
	if (!wished_time(g, wish, &at, why))
		return false;
	json_t *c = json_object();
	member_set_int(c, "at", at);
	member_set_int(c, "since", member_true(wish, "runs") ? real_time() : 0);
	member_set_int(c, "step", json_get_int(wish, "step_ms"));
	gate_set(g, "clock", c);
	g->now = at;
	execution_advance(g);
	return true;
}

/* --- ids -------------------------------------------------------------------*/

static int64_t next_serial(struct gate *g)
{
	int64_t n = gate_setting(g, "serial", 0) + 1;
	gate_set(g, "serial", json_integer(n));
	return n;
}

/* The finalizer of splitmix64 (Steele, Lea, Flood 2014) over a counter. */
uint64_t gate_mix(uint64_t z)
{
	z += 0x9e3779b97f4a7c15u;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

uint64_t gate_random(struct gate *g)
{
	uint64_t n = (uint64_t)next_serial(g);
	return gate_mix(gate_mix((uint64_t)gate_setting(g, "seed", 1)) + n);
}

/* 48 bits of time, 40 of a counter, 40 of chance: they sort as they came. */
const char *gate_ulid(struct gate *g, struct arena *a)
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	uint64_t chance = gate_random(g) & 0xffffffffff;
	uint64_t count = (uint64_t)gate_setting(g, "serial", 0);
	uint64_t part[3] = {(uint64_t)g->now & 0xffffffffffff,
	                    count & 0xffffffffff, chance};
	static const int width[3] = {10, 8, 8};
	char *id = arena_text(a, 27);
	size_t n = 0;
	for (int i = 0; i < 3; i++)
		for (int j = width[i] - 1; j >= 0; j--)
			id[n++] = digits[(part[i] >> (5 * j)) & 31];
	id[n] = 0;
	return id;
}

const char *gate_uuid(struct gate *g, struct arena *a)
{
	uint64_t x = gate_random(g);
	uint64_t y = (uint64_t)gate_setting(g, "serial", 0);
	return str_format(a, "%08llx-%04llx-4%03llx-9%03llx-%012llx",
	                  (unsigned long long)(x >> 32),
	                  (unsigned long long)((x >> 16) & 0xffff),
	                  (unsigned long long)((x >> 4) & 0xfff),
	                  (unsigned long long)((gate_mix(x) >> 4) & 0xfff),
	                  (unsigned long long)(y & 0xffffffffffff))
	        .s;
}

/* --- all of it -------------------------------------------------------------*/

void gate_reopen(struct gate *g)
{
	g->open.n = 0;
	const char *id;
	json_t *e;
	json_object_foreach(g->store.of[STORE_EXECUTIONS], id, e)
	{
		if (!status_is_complete(json_get_str(e, "status")))
			*vec_add(g->arena, &g->open) =
			        (struct open_execution){e, -1};
	}
}

bool gate_open(struct gate *g, const char *folder, struct fail *why)
{
	*g = (struct gate){.arena = arena_new()};
	if (!store_open(&g->store, folder, why))
		return false;
	g->now = clock_reading(g);
	gate_reopen(g);
	return true;
}
