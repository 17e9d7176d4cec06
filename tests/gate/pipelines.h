/*
 * pipelines: applications and pipeline configurations, put in by hand, by a
 * client, or by a scenario.
 */
#ifndef TESTS_GATE_PIPELINES_H
#define TESTS_GATE_PIPELINES_H

#include "tests/gate/gate.h"

/* Create or replace. Without a name nothing happens. */
void application_save(struct gate *g, struct arena *a, const json_t *app);

/*
 * Create or replace: by id, else by application and name. A member "script" is
 * taken as pipeline_set_script does; "_double": {"startup_failure": TEXT} makes
 * each run fail on startup. NULL, or why not.
 */
const char *pipeline_put(struct gate *g, struct arena *a,
                         const json_t *pipeline, struct str user);

/* What its next runs do: a script of stage.h, or an array of them, one a run,
   the last for all that follow. */
void pipeline_set_script(struct gate *g, const char *id, const json_t *script);

#endif
