/*
 * parameters: the parameters of an engine's order, filled in (core/expansion),
 * with what stands in the way as the engine's answer. Every engine that sends
 * parameters asks in its preflight, and again when it starts.
 */
#ifndef RUNNER_PARAMETERS_H
#define RUNNER_PARAMETERS_H

#include "core/expansion.h"
#include "runner/engine.h"

/*
 * ENGINE_READY and *out; else *text is one sentence with the place in the
 * recipe: ENGINE_NO_ARTIFACT where no build registered what a placeholder asks
 * for, ENGINE_BAD_CONFIG where the build has not got it or a value is too long.
 * In a preflight the deployment has no number yet.
 */
enum engine_answer parameters_of(struct expansion *out, struct arena *a,
                                 const struct engine_order *order,
                                 struct str *text);

#endif
