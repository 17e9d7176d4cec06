/*
 * dispatch_private: what the files of dispatch share. For runner/dispatch*.c
 * alone.
 */
#ifndef RUNNER_DISPATCH_PRIVATE_H
#define RUNNER_DISPATCH_PRIVATE_H

#include "runner/dispatch.h"

/* One deployment that an engine is asked about. */
struct asked {
	struct engine_call call; /* first: a feed gives out its address */
	int64_t empty_at; /* when the first look of this attempt found none */
	bool not_due;     /* it is not asked about this time */
};

/* Numbers of deployments of one engine. */
struct numbers {
	const int64_t *at;
	size_t n;
};

/* --- dispatch.c --- */

/* Fill out->call.order from what is recorded; the deployment with its timeline.
   Texts live in out->call.arena. What only a sending needs (build, parameters,
   ticket) costs a look into git. */
bool dispatch_load(struct dispatch *d, int64_t number, bool to_send,
                   struct asked *out, struct fail *why);

/* The session with an engine; NULL: the policy has it no more. */
struct engine_session *dispatch_session(struct dispatch *d, struct str engine);

/* The kill switch holds for what is known not to be sent. */
bool dispatch_is_stopped(const struct dispatch *d, const struct deployment *of);

/* The number as a key of dispatch's maps, in a buffer of the caller's. */
struct dispatch_key {
	char text[24];
};
struct str dispatch_key(struct dispatch_key *key, int64_t number);

/* --- dispatch_send.c --- */

/*
 * Send these, in their order. busy: the queues of which one is under way (any
 * value that is not NULL); grows. s NULL: none is sent, they are withdrawn.
 */
bool dispatch_send(struct dispatch *d, struct engine_session *s,
                   struct numbers numbers, struct map *busy, struct fail *why);

/* --- dispatch_follow.c --- */

enum ask { ASK_POLL, ASK_CANCEL, ASK_SEARCH };

/*
 * Ask how these stand, or tell the engine to stop them, and record what it
 * says. Those that may be sent once more are added to *again, in arena a.
 */
struct again {
	struct arena *arena;
	VEC(int64_t) numbers;
};
bool dispatch_follow(struct dispatch *d, struct engine_session *s, enum ask how,
                     struct numbers numbers, struct again *again,
                     struct fail *why);

/* --- dispatch_record.c: each inside the caller's transaction --- */

enum diag_code dispatch_code(enum engine_answer answer);

/* What the engine said was ENGINE_READY. */
bool dispatch_record_status(struct dispatch *d, struct asked *x,
                            struct fail *why);
/* It could not say: keep it open, once said, until its time is over. */
bool dispatch_record_silence(struct dispatch *d, struct asked *x,
                             struct str text, struct fail *why);
bool dispatch_record_end(struct dispatch *d, struct asked *x, struct fail *why);
/* End it if its time is over; *over says whether. */
bool dispatch_record_overtime(struct dispatch *d, struct asked *x, bool *over,
                              struct fail *why);

#endif
