#include "core/zone.h"

#include "core/files.h"

#include <string.h>

#define ZONE_FOLDER "/usr/share/zoneinfo"

struct zone {
	size_t n;
	int64_t *since; /* since[i]: the instant from which offset[i] holds */
	int *offset;
	int first;     /* the offset before since[0] */
	bool has_rule; /* for the time after the last transition */
	struct zone_rule rule;
};

/* The counts of a TZif header, RFC 8536 section 3.1, in the file's order. */
struct counts {
	size_t isut, isstd, leap, time, type, character;
};

enum { HEADER_BYTES = 44, TYPE_BYTES = 6 };

static uint64_t big_endian(const char *s, size_t n)
{
	uint64_t v = 0;
	for (size_t i = 0; i < n; i++)
		v = v << 8 | (unsigned char)s[i];
	return v;
}

/* Take a header off; false where there is none of version 2 or later. */
static bool take_header(struct str *s, struct counts *out)
{
	if (s->n < HEADER_BYTES || memcmp(s->s, "TZif", 4) || s->s[4] < '2')
		return false;
	size_t v[6];
	for (size_t i = 0; i < 6; i++) {
		v[i] = (size_t)big_endian(s->s + 20 + i * 4, 4);
		if (v[i] > ZONE_MAX_BYTES)
			return false;
	}
	*out = (struct counts){v[0], v[1], v[2], v[3], v[4], v[5]};
	*s = str_from(*s, HEADER_BYTES);
	return true;
}

/* No overflow: each count is at most ZONE_MAX_BYTES. */
static size_t block_size(const struct counts *c, size_t time_bytes)
{
	return c->time * (time_bytes + 1) + c->type * TYPE_BYTES +
	       c->character + c->leap * (time_bytes + 4) + c->isstd + c->isut;
}

static bool type_offset(int *out, const struct counts *c, const char *types,
                        size_t type)
{
	if (type >= c->type)
		return false;
	int32_t v = (int32_t)big_endian(types + type * TYPE_BYTES, 4);
	if (v < -ZONE_OFFSET_MAX || v > ZONE_OFFSET_MAX)
		return false;
	*out = v;
	return true;
}

/* The 64-bit block; its length has been checked against the counts. */
static bool block_read(struct zone *z, struct arena *a, const struct counts *c,
                       const char *s)
{
	const char *indices = s + c->time * 8;
	const char *types = indices + c->time;
	if (!type_offset(&z->first, c, types, 0))
		return false;
	z->n = c->time;
	z->since = arena_array(a, z->n, sizeof *z->since);
	z->offset = arena_array(a, z->n, sizeof *z->offset);
	for (size_t i = 0; i < z->n; i++) {
		z->since[i] = (int64_t)big_endian(s + i * 8, 8);
		if (i && z->since[i] <= z->since[i - 1])
			return false;
		if (!type_offset(&z->offset[i], c, types,
		                 (unsigned char)indices[i]))
			return false;
	}
	return true;
}

/* A line feed, the rule or nothing, a line feed. */
static bool footer_read(struct zone *z, struct str s)
{
	struct str nothing, rule, rest;
	if (!str_cut(s, '\n', &nothing, &rest) || nothing.n ||
	    !str_cut(rest, '\n', &rule, &rest))
		return false;
	z->has_rule = rule.n > 0;
	return !rule.n || zone_rule_parse(&z->rule, rule);
}

bool zone_parse(const struct zone **out, struct arena *a, struct str bytes,
                struct fail *why)
{
	struct counts old, c;
	struct str rest = bytes;
	/* Version 2 begins with a block for readers of version 1. */
	bool fine = bytes.n <= ZONE_MAX_BYTES && take_header(&rest, &old) &&
	            block_size(&old, 4) <= rest.n;
	if (fine) {
		rest = str_from(rest, block_size(&old, 4));
		fine = take_header(&rest, &c) && block_size(&c, 8) <= rest.n;
	}
	if (fine && c.leap)
		return fail_set(why, FAIL_INPUT,
		                "time zones that count leap seconds cannot "
		                "be used");
	struct zone *z = ARENA_NEW(a, struct zone);
	if (!fine || !block_read(z, a, &c, rest.s) ||
	    !footer_read(z, str_from(rest, block_size(&c, 8))))
		return fail_set(why, FAIL_INPUT,
		                "not a time zone file of version 2 or later");
	*out = z;
	return true;
}

/* Parts of letters, digits, '_', '+', '-' between single slashes: neither
   absolute nor able to leave the folder. "localtime" is the machine's zone. */
static bool name_is_safe(struct str name)
{
	if (!name.n || name.n > ZONE_NAME_MAX || str_is(name, "localtime"))
		return false;
	char before = '/';
	for (size_t i = 0; i < name.n; before = name.s[i++]) {
		char c = name.s[i];
		bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		             (c >= '0' && c <= '9') || c == '_' || c == '+' ||
		             c == '-';
		if (!plain && !(c == '/' && before != '/'))
			return false;
	}
	return before != '/';
}

bool zone_read(const struct zone **out, struct arena *a, struct str name,
               struct fail *why)
{
	if (!name_is_safe(name))
		return fail_set(why, FAIL_INPUT, "not the name of a time zone");
	if (!file_exists(ZONE_FOLDER)) {
		fail_set(why, FAIL_SYSTEM, "no tz database in " ZONE_FOLDER);
		return fail_hint(why, "install the package tzdata");
	}
	struct str path =
	        str_format(a, ZONE_FOLDER "/%" STR_FMT, STR_ARG(name));
	struct str bytes;
	struct fail unread = {0};
	if (!file_read(&bytes, a, path.s, ZONE_MAX_BYTES, &unread))
		return fail_set(why, FAIL_INPUT, "no time zone '%" STR_FMT "'",
		                STR_ARG(name));
	if (!zone_parse(out, a, bytes, why))
		return fail_note(why, "time zone '%" STR_FMT "'",
		                 STR_ARG(name));
	return true;
}

/* How many transitions are at or before the instant. */
static size_t transitions_until(const struct zone *z, int64_t instant)
{
	size_t low = 0, high = z->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (z->since[middle] <= instant)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct zone_span zone_span_at(const struct zone *z, int64_t instant)
{
	if (!z)
		return (struct zone_span){INT64_MIN, INT64_MAX, 0};
	size_t n = transitions_until(z, instant);
	int64_t since = n ? z->since[n - 1] : INT64_MIN;
	if (n == z->n && z->has_rule) {
		struct zone_span s = zone_rule_span_at(&z->rule, instant);
		if (s.since < since)
			s.since = since;
		return s;
	}
	return (struct zone_span){
	        since,
	        n < z->n ? z->since[n] : INT64_MAX,
	        n ? z->offset[n - 1] : z->first,
	};
}
