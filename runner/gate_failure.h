/*
 * gate_failure: the part of runner/gate_execution that says what went wrong,
 * from every shape in which Spinnaker tells it.
 */
#ifndef RUNNER_GATE_FAILURE_H
#define RUNNER_GATE_FAILURE_H

#include "runner/gate_execution.h"

/*
 * Fill out's failures and children. out has its state and times already. Of a
 * FAILED execution at least one failure; of a CANCELED one those stages that
 * had failed before; of others none.
 */
void gate_failures_read(struct gate_execution *out, struct arena *a,
                        const struct gate_document *doc,
                        const struct gate_question *q);

/* Text of Gate's that is to be stored, on one line of at most max characters:
   without secrets, control characters and invalid UTF-8. */
struct str gate_text(struct arena *a, struct str text, size_t max);

#endif
