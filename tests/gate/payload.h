/*
 * payload: how a failed stage says why, in each of the shapes that the parts of
 * Spinnaker use.
 *
 * Names: exception, http, network, kato, manifest, timeout, judgment, bake,
 * bake_manifest, webhook, webhook_monitor, expression, precondition, forbidden,
 * planning, errors_only, iso_time, silent.
 */
#ifndef TESTS_GATE_PAYLOAD_H
#define TESTS_GATE_PAYLOAD_H

#include "core/json.h"

/* What the stage's context gains: a new reference, or an empty object for a
   name that is not known. An empty message: a usual one. */
json_t *payload_new(struct arena *a, struct str name, struct str message);
bool payload_is_known(struct str name);

#endif
