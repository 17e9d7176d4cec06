/*
 * recorded: ledgers for tests, and events told in one line.
 *
 * Payloads are JSON with ' for ". What should work and does not ends the test
 * program.
 */
#ifndef TESTS_LIB_RECORDED_H
#define TESTS_LIB_RECORDED_H

#include "core/ledger.h"

struct ledger *ledger_at(struct arena *a, const char *path,
                         enum ledger_mode mode);

/* One event in a transaction of its own. */
bool recorded_try(struct ledger *l, int64_t time, const char *type,
                  const char *subject, struct fail *why, const char *fmt, ...)
        __attribute__((format(printf, 6, 7)));
void record(struct ledger *l, int64_t time, const char *type,
            const char *subject, const char *fmt, ...)
        __attribute__((format(printf, 5, 6)));

/* A deployment of `service` to prod, group g, in the steps of its life. more
   is further members, each with a comma before it. */
void recorded_created(struct ledger *l, int64_t time, int number,
                      const char *service, const char *version,
                      const char *more);
void recorded_dispatching(struct ledger *l, int64_t time, int number);
void recorded_started(struct ledger *l, int64_t time, int number);
void recorded_ended(struct ledger *l, int64_t time, int number,
                    const char *state);
/* All of them: created at `time`, ended ten seconds later. */
void recorded_deployed(struct ledger *l, int64_t time, int number,
                       const char *service, const char *version,
                       const char *more);

/* A decision about intents/PATH, whose blob is forty times the digit. */
void recorded_decided(struct ledger *l, int64_t time, const char *path,
                      char blob, const char *decision, const char *code);
struct str decided_blob(struct arena *a, char blob);

#endif
