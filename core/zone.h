/*
 * zone: time zones as the tz database has them (TZif, RFC 8536). For
 * core/when alone, whose zone_find is what the rest of the program uses.
 *
 * The C library is not asked, although it knows zones: its zone is state of
 * the process (TZ), one at a time, and what mktime answers for a clock time
 * that a zone skips or shows twice is left open by the standard.
 *
 * The file is not trusted: at most ZONE_MAX_BYTES, every count and index
 * checked against its length.
 */
#ifndef CORE_ZONE_H
#define CORE_ZONE_H

#include "core/fail.h"
#include "core/str.h"

enum {
	ZONE_MAX_BYTES = 256 * 1024,
	ZONE_NAME_MAX = 64,
	ZONE_OFFSET_MAX = 26 * 60 * 60, /* RFC 8536 section 3.2 */
};

/* The time around an instant in which the clock runs even: since <= t < until,
   INT64_MIN and INT64_MAX where there is no bound. */
struct zone_span {
	int64_t since, until;
	int offset; /* seconds east of UTC, within ZONE_OFFSET_MAX */
};

struct zone;

/* The zone of an IANA name. Fails (FAIL_INPUT) where there is none, also for
   "localtime", which is the machine's. */
bool zone_read(const struct zone **out, struct arena *a, struct str name,
               struct fail *why);

/* z may be NULL: UTC. */
struct zone_span zone_span_at(const struct zone *z, int64_t instant);

/* The bytes of a TZif file of version 2 or later. Fails (FAIL_INPUT) where
   they are malformed or count leap seconds, as instants here do not. */
bool zone_parse(const struct zone **out, struct arena *a, struct str bytes,
                struct fail *why);

/*
 * The rule for the time after the last transition: TZ of POSIX.1-2017
 * section 8.3 with the hours of RFC 8536 section 3.3.1, -167 to 167.
 */
enum zone_day_form {
	ZONE_DAY_MONTH,   /* Mm.w.d: d-th weekday (0 Sunday) of week w */
	ZONE_DAY_NO_LEAP, /* Jn: n from 1, 29 February is not counted */
	ZONE_DAY_COUNT,   /* n from 0, 29 February counts */
};

struct zone_day {
	enum zone_day_form form;
	int month, week, day;
	int time; /* seconds after midnight on the clock until then */
};

struct zone_rule {
	int standard, daylight; /* seconds east of UTC */
	bool changes;           /* else standard time for ever */
	struct zone_day start, end;
};

/* False where it is malformed. */
bool zone_rule_parse(struct zone_rule *out, struct str text);
struct zone_span zone_rule_span_at(const struct zone_rule *rule,
                                   int64_t instant);

#endif
