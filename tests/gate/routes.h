/*
 * routes: which part of the double answers which request.
 */
#ifndef TESTS_GATE_ROUTES_H
#define TESTS_GATE_ROUTES_H

#include "tests/gate/http.h"

typedef void route_fn(struct gate *g, struct request *r, struct answer *to);

/* The answer to a request whose path is parsed; faults are not looked at. */
void route_request(struct gate *g, struct request *r, struct answer *to);

/* query.c: what is to be read. */
route_fn query_pipeline, query_executions, query_search, query_failed_stages,
        query_application_executions;
/* operate.c: what is done to executions. */
route_fn operate_cancel, operate_pause, operate_resume, operate_restart,
        operate_stage, operate_delete;
/* pipelines.c: applications, configurations, tasks, and who and what it is. */
route_fn show_version, show_health, show_credentials, show_user,
        application_list, application_show, pipeline_list, pipeline_show,
        pipeline_save, pipeline_delete, task_create, task_show;
/* control.c: the double's own, under /_double/. */
route_fn control_clock, control_scenario, control_script, control_fault,
        control_faults_drop, control_oracle, control_reset, control_settings,
        control_execution, control_refuse;

#endif
