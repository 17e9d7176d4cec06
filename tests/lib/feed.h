/* feed: start one order at an engine, without a ledger. */
#ifndef TESTS_LIB_FEED_H
#define TESTS_LIB_FEED_H

#include "runner/engine.h"

/* The answer; the status is the call's. */
enum engine_answer feed_one(struct engine_session *s, struct engine_call *call);

#endif
