/*
 * gate: the double of Spinnaker's Gate, for tests: what it knows, its clock and
 * its ids. It behaves as the Gate of releases 2025.3 to 2026.2 with the
 * services behind it (orca, front50, echo), as far as a client that starts and
 * watches pipelines can tell, and it can be told to misbehave (fault.h).
 *
 * All of it is used under one lock (server.h). Times are milliseconds since
 * 1970 as Spinnaker's are, on the double's own clock: real time, or a clock
 * that stands, that runs from some instant on, or that steps a little with
 * each request.
 */
#ifndef TESTS_GATE_GATE_H
#define TESTS_GATE_GATE_H

#include "core/vec.h"
#include "tests/gate/store.h"

struct open_execution {
	json_t *execution; /* the store's */
	int64_t due;       /* when something happens to it; -1: not known */
};

struct gate {
	struct arena *arena; /* the process's */
	struct store store;
	VEC(struct open_execution) open; /* those that are not complete */
	int64_t now;                     /* of the request that is answered */
};

/* With what the folder has (store_open). */
bool gate_open(struct gate *g, const char *folder, struct fail *why);

/* Take the time of a new request. */
void gate_tick(struct gate *g);
/* Set the clock, as POST /_double/clock says it (control.h). */
bool gate_set_clock(struct gate *g, const json_t *wish, struct fail *why);

/* Fill the open executions from the store. */
void gate_reopen(struct gate *g);

/* A member of the settings, or what to take where there is none. */
int64_t gate_setting(const struct gate *g, const char *name, int64_t otherwise);
struct str gate_setting_text(const struct gate *g, const char *name,
                             const char *otherwise);
void gate_set(struct gate *g, const char *name, json_t *value);

/* 64 bits that look like chance, always the same of the same. */
uint64_t gate_mix(uint64_t z);
/* 64 bits that depend on the seed and on how many were taken. */
uint64_t gate_random(struct gate *g);
/* A ULID of 26 characters, or a UUID, in the arena. Never the same again. */
const char *gate_ulid(struct gate *g, struct arena *a);
const char *gate_uuid(struct gate *g, struct arena *a);

/* Of any object: a number, or what to take where there is none. */
int64_t member_int(const json_t *object, const char *key, int64_t otherwise);
bool member_is(const json_t *object, const char *key, const char *text);
bool member_true(const json_t *object, const char *key);
/* value is taken over; out of memory ends the program. */
void member_set(json_t *object, const char *key, json_t *value);
void member_set_str(json_t *object, const char *key, struct str value);
void member_set_int(json_t *object, const char *key, int64_t value);
/* The object of that name in an object, made if need be; borrowed. */
json_t *member_object(json_t *object, const char *key);

#endif
