/*
 * What is done to executions: Gate's PipelineController, orca's
 * CompoundExecutionOperator, whose failures nobody hears of.
 */
#include "tests/gate/execution.h"
#include "tests/gate/fault.h"
#include "tests/gate/routes.h"

/* The execution of the route; NULL: the answer is made. */
static json_t *asked(struct gate *g, struct request *r, struct answer *to)
{
	size_t which = str_is(r->segment[0], "applications") ? 1 : 0;
	struct str id = r->param[which];
	json_t *e = execution_find(g, id.s);
	if (!e)
		answer_error(
		        to, g, r->arena, 404,
		        "com.netflix.spinnaker.kork.web.exceptions.NotFoundException",
		        str_format(
		                r->arena,
		                "Status: 404, Method: PUT, URL: http://orca/pipelines/%s, Message: No pipeline found for %s",
		                id.s, id.s));
	return e;
}

void operate_cancel(struct gate *g, struct request *r, struct answer *to)
{
	json_t *e = asked(g, r, to);
	if (!e)
		return;
	if (!fault_of(r, "cancel_ignored"))
		execution_cancel(g, e, r->user, request_argument(r, "reason"));
	answer_empty(to, 200);
}

void operate_pause(struct gate *g, struct request *r, struct answer *to)
{
	json_t *e = asked(g, r, to);
	if (!e)
		return;
	execution_pause(g, e, r->user);
	answer_empty(to, 200);
}

void operate_resume(struct gate *g, struct request *r, struct answer *to)
{
	json_t *e = asked(g, r, to);
	if (!e)
		return;
	execution_resume(g, e, r->user);
	answer_empty(to, 200);
}

void operate_restart(struct gate *g, struct request *r, struct answer *to)
{
	json_t *e = asked(g, r, to);
	if (!e)
		return;
	if (!json_is_object(r->json)) {
		answer_problem(to, r, 400, "Failed to read request");
		return;
	}
	json_t *stage = execution_stage(e, r->param[1]);
	if (stage)
		execution_restart(g, r->arena, e, stage, r->user);
	answer_json(to, r->arena, 200, execution_view(e, true));
}

void operate_stage(struct gate *g, struct request *r, struct answer *to)
{
	json_t *e = asked(g, r, to);
	if (!e)
		return;
	if (execution_update_stage(g, e, execution_stage(e, r->param[1]),
	                           r->json, r->user))
		answer_json(to, r->arena, 200, execution_view(e, true));
	else
		answer_empty(to, 200);
}

void operate_delete(struct gate *g, struct request *r, struct answer *to)
{
	json_t *e = asked(g, r, to);
	if (!e)
		return;
	if (!status_is_complete(json_get_str(e, "status"))) {
		answer_error(
		        to, g, r->arena, 409, "CannotDeleteRunningExecution",
		        STR("Cannot delete a running pipeline, please cancel it first."));
		return;
	}
	member_set(member_object(e, "_double"), "deleted", json_true());
	execution_touch(g, e);
	answer_empty(to, 200);
}
