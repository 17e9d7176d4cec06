/*
 * trigger: how an execution comes about: Gate's PipelineController and
 * PipelineService, orca's OperationsController and ExecutionLauncher, echo's
 * ManualEventHandler, as far as their answers and what they leave behind go.
 */
#ifndef TESTS_GATE_TRIGGER_H
#define TESTS_GATE_TRIGGER_H

#include "tests/gate/http.h"

/* POST /pipelines/{application}/{nameOrId} */
void trigger_pipeline(struct gate *g, struct request *r, struct answer *to);
/* POST /pipelines/v2/{application}/{nameOrId}: through echo. */
void trigger_by_echo(struct gate *g, struct request *r, struct answer *to);
/* POST /pipelines/start */
void trigger_start(struct gate *g, struct request *r, struct answer *to);
/* POST /webhooks/{type}/{source} */
void trigger_webhook(struct gate *g, struct request *r, struct answer *to);

/* The child that a pipeline stage starts; false: *problem says why not. */
bool trigger_child(json_t **child, struct gate *g, struct arena *a,
                   const json_t *parent, const json_t *stage,
                   const char **problem);

/* A configuration by its name in an application, else by its id in any: the
   application is not looked at then. NULL; borrowed. */
json_t *pipeline_find(const struct gate *g, struct str application,
                      struct str name_or_id);

#endif
