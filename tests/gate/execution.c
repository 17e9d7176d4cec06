#include "tests/gate/execution.h"

#include "tests/gate/stage.h"

#include <string.h>

static const int64_t never = INT64_MAX;

bool status_is_complete(struct str status)
{
	static const char *const complete[] = {"SUCCEEDED", "FAILED_CONTINUE",
	                                       "SKIPPED",   "STOPPED",
	                                       "TERMINAL",  "CANCELED"};
	for (size_t i = 0; i < sizeof complete / sizeof *complete; i++)
		if (str_is(status, complete[i]))
			return true;
	return false;
}

static json_t *own(const json_t *e)
{
	return json_object_get(e, "_double");
}

static bool is_open(const json_t *e)
{
	return !status_is_complete(json_get_str(e, "status"));
}

void execution_touch(struct gate *g, json_t *e)
{
	store_touch(&g->store, STORE_EXECUTIONS, json_get_str(e, "id").s);
	vec_each (struct open_execution, o, &g->open) {
		if (o->execution != e)
			continue;
		if (is_open(e))
			o->due = -1;
		else
			*o = g->open.at[--g->open.n];
		return;
	}
	if (is_open(e))
		*vec_add(g->arena, &g->open) = (struct open_execution){e, -1};
}

/* --- birth -----------------------------------------------------------------*/

/* The script of the next run of a pipeline; NULL. Borrowed. */
static json_t *next_script(struct gate *g, const char *pipeline)
{
	json_t *s = store_get(&g->store, STORE_SCRIPTS, pipeline);
	const json_t *runs = json_object_get(s, "runs");
	size_t n = json_array_size(runs);
	if (!n)
		return NULL;
	int64_t used = json_get_int(s, "used");
	member_set_int(s, "used", used + 1);
	store_touch(&g->store, STORE_SCRIPTS, pipeline);
	return json_array_get(runs, (size_t)used < n ? (size_t)used : n - 1);
}

static void copy_member(json_t *to, const json_t *from, const char *key)
{
	const json_t *value = json_object_get(from, key);
	if (value)
		member_set(to, key, json_deep_copy(value));
}

static json_t *document(struct gate *g, const struct birth *b, const char *id)
{
	json_t *e = json_object();
	member_set_str(e, "type", STR("PIPELINE"));
	member_set(e, "id", json_string(id));
	copy_member(e, b->config, "application");
	copy_member(e, b->config, "name");
	member_set_str(e, "pipelineConfigId", json_get_str(b->config, "id"));
	member_set_int(e, "buildTime", g->now);
	member_set_str(e, "status", STR("NOT_STARTED"));
	member_set(e, "canceled", json_false());
	member_set(e, "limitConcurrent",
	           json_boolean(member_true(b->config, "limitConcurrent")));
	member_set(
	        e, "keepWaitingPipelines",
	        json_boolean(member_true(b->config, "keepWaitingPipelines")));
	member_set_int(e, "maxConcurrentExecutions",
	               member_int(b->config, "maxConcurrentExecutions", 0));
	member_set_str(e, "origin", STR("api"));
	json_t *who = json_object();
	member_set_str(who, "user", b->user);
	member_set(who, "allowedAccounts", json_array());
	member_set(e, "authentication", who);
	member_set(e, "trigger", b->trigger);
	member_set(e, "notifications", json_array());
	member_set(e, "systemNotifications", json_array());
	member_set(e, "initialConfig", json_object());
	member_set_str(e, "spelEvaluator", STR("v4"));
	return e;
}

/* EL.fail: stored as TERMINAL, never begun. */
static void refuse(struct arena *a, json_t *e, const char *why)
{
	member_set_str(e, "status", STR("TERMINAL"));
	member_set(e, "canceled", json_true());
	member_set_str(e, "canceledBy", STR("system"));
	member_set_str(e, "cancellationReason",
	               str_format(a, "Failed on startup: %s", why));
	member_set(own(e), "refused", json_true());
}

static json_t *new_own(const struct gate *g, const struct birth *b,
                       const json_t *script)
{
	json_t *d = json_object();
	int64_t wait = member_int(script, "start_ms", 0);
	member_set_int(d, "start_at", wait < 0 ? -1 : g->now + b->delay + wait);
	member_set_int(d, "cancel_ms",
	               member_int(script, "cancel_ms",
	                          gate_setting(g, "cancel_ms", 0)));
	copy_member(d, script, "cancel");
	if (b->hidden)
		member_set_int(d, "hidden_until", g->now + b->hidden);
	if (b->by_fault)
		member_set(d, "by_fault", json_string(b->by_fault));
	member_set_int(d, "starts", 1);
	return d;
}

json_t *execution_create(struct gate *g, struct arena *a, const struct birth *b)
{
	const char *id = b->id ? b->id : gate_ulid(g, a);
	json_t *before = store_get(&g->store, STORE_EXECUTIONS, id);
	int64_t starts = 1 + json_get_int(own(before), "starts");
	json_t *e = document(g, b, id);
	if (b->start_time_expiry)
		member_set_int(e, "startTimeExpiry", b->start_time_expiry);
	json_t *script =
	        b->refused ? NULL
	                   : next_script(g, json_get_str(b->config, "id").s);
	member_set(e, "_double", new_own(g, b, script));
	member_set_int(own(e), "starts", starts);
	if (before && is_open(before)) {
		member_set_str(before, "status", STR("CANCELED"));
		execution_touch(g, before); /* out of the open ones */
	}
	member_set(e, "stages", stages_new(g, a, b->config, script));
	if (b->refused)
		refuse(a, e, b->refused);
	store_put(&g->store, STORE_EXECUTIONS, id, e);
	execution_touch(g, e);
	return e;
}

/* --- how it moves on -------------------------------------------------------*/

static void sooner(int64_t *due, int64_t t)
{
	if (t >= 0 && t < *due)
		*due = t;
}

static int64_t due_of(const json_t *e)
{
	int64_t due = never;
	const json_t *d = own(e);
	sooner(&due, member_int(d, "cancel_at", -1));
	if (member_is(e, "status", "NOT_STARTED") && !member_true(d, "queued"))
		sooner(&due, json_get_int(d, "start_at"));
	if (!member_is(e, "status", "RUNNING"))
		return due;
	size_t i;
	json_t *stage;
	json_array_foreach(json_object_get(e, "stages"), i, stage)
	{
		if (member_is(stage, "status", "RUNNING") &&
		    stage_is_top(stage))
			sooner(&due, member_int(own(stage), "ends_at", -1));
	}
	return due;
}

static void release_waiting(struct gate *g, struct str pipeline, int64_t t);
static void tell_parent(struct gate *g, const json_t *e, int64_t t);

static void finish(struct gate *g, json_t *e, const char *status, int64_t t)
{
	member_set_str(e, "status", str_of(status));
	if (json_object_get(e, "startTime"))
		member_set_int(e, "endTime", t);
	execution_touch(g, e);
	tell_parent(g, e, t);
	release_waiting(g, json_get_str(e, "pipelineConfigId"), t);
}

static json_t *stage_by_ref(const json_t *e, struct str ref)
{
	size_t i;
	json_t *stage;
	json_array_foreach(json_object_get(e, "stages"), i, stage)
	{
		if (str_eq(json_get_str(stage, "refId"), ref))
			return stage;
	}
	return NULL;
}

static bool may_start(const json_t *e, const json_t *stage)
{
	if (!member_is(stage, "status", "NOT_STARTED") || !stage_is_top(stage))
		return false;
	size_t i;
	json_t *ref;
	json_array_foreach(json_object_get(stage, "requisiteStageRefIds"), i,
	                   ref)
	{
		const json_t *before =
		        stage_by_ref(e, str_of(json_string_value(ref)));
		if (!before || !stage_lets_go_on(before))
			return false;
	}
	return true;
}

/* What the stages together make of the execution; NULL: it goes on. */
static const char *roll_up(const json_t *e)
{
	bool all_fine = true, stopped = false, open_branch = false;
	bool then_fail = false;
	size_t i;
	json_t *stage;
	json_array_foreach(json_object_get(e, "stages"), i, stage)
	{
		if (!stage_is_top(stage))
			continue;
		if (member_is(stage, "status", "TERMINAL"))
			return "TERMINAL";
		if (member_is(stage, "status", "CANCELED"))
			return "CANCELED";
		all_fine = all_fine && stage_lets_go_on(stage);
		stopped = stopped || member_is(stage, "status", "STOPPED");
		then_fail = then_fail ||
		            member_true(json_object_get(stage, "context"),
		                        "completeOtherBranchesThenFail");
		open_branch = open_branch || may_start(e, stage) ||
		              member_is(stage, "status", "RUNNING");
	}
	if (all_fine)
		return "SUCCEEDED";
	if (stopped && !open_branch)
		return then_fail ? "TERMINAL" : "SUCCEEDED";
	return NULL;
}

static void end_running_stages(json_t *e, int64_t t)
{
	size_t i;
	json_t *stage;
	json_array_foreach(json_object_get(e, "stages"), i, stage)
	{
		if (stage_is_top(stage) &&
		    (member_is(stage, "status", "RUNNING") ||
		     member_is(stage, "status", "PAUSED")))
			stage_end_with(e, stage, "CANCELED", t);
	}
}

static void go_on(struct gate *g, json_t *e, int64_t t)
{
	execution_touch(g, e);
	const char *status = roll_up(e);
	if (status) {
		end_running_stages(e, t);
		finish(g, e, status, t);
		return;
	}
	size_t i;
	json_t *stage;
	json_array_foreach(json_object_get(e, "stages"), i, stage)
	{
		if (!may_start(e, stage) ||
		    member_is(own(stage), "status", "NOT_STARTED"))
			continue;
		stage_start(g, e, stage, t);
		/* It may have ended at once: a child that cannot start. */
		if (!member_is(stage, "status", "RUNNING")) {
			go_on(g, e, t);
			return;
		}
	}
}

static int64_t running(const struct gate *g, struct str pipeline)
{
	int64_t n = 0;
	vec_each (struct open_execution, o, &g->open) {
		if (member_is(o->execution, "status", "RUNNING") &&
		    str_eq(json_get_str(o->execution, "pipelineConfigId"),
		           pipeline))
			n++;
	}
	return n;
}

/* Only those that RUN are counted: a paused one does not keep others out. */
static bool must_queue(const struct gate *g, const json_t *e)
{
	int64_t max = member_true(e, "limitConcurrent")
	                      ? 1
	                      : json_get_int(e, "maxConcurrentExecutions");
	return max > 0 &&
	       running(g, json_get_str(e, "pipelineConfigId")) >= max;
}

static void cancel_unstarted(struct gate *g, json_t *e, const char *by,
                             const char *reason, int64_t t)
{
	member_set(e, "canceled", json_true());
	member_set(e, "canceledBy", json_string(by));
	member_set(e, "cancellationReason", json_string(reason));
	finish(g, e, "CANCELED", t);
}

static void begin(struct gate *g, json_t *e, int64_t t)
{
	int64_t expiry = json_get_int(e, "startTimeExpiry");
	if (expiry && expiry < t) {
		cancel_unstarted(
		        g, e, "spinnaker",
		        "Could not begin execution before start time expiry",
		        t);
		return;
	}
	if (must_queue(g, e)) {
		member_set(own(e), "queued", json_true());
		execution_touch(g, e);
		return;
	}
	json_object_del(own(e), "queued");
	if (!json_array_size(json_object_get(e, "stages"))) {
		finish(g, e, "TERMINAL", t);
		return;
	}
	member_set_str(e, "status", STR("RUNNING"));
	member_set_int(e, "startTime", t);
	go_on(g, e, t);
}

/* The waiting run of a pipeline that was asked for first, or last; NULL. */
static json_t *waiting(const struct gate *g, struct str pipeline, bool last)
{
	json_t *found = NULL;
	vec_each (struct open_execution, o, &g->open) {
		json_t *e = o->execution;
		if (!member_true(own(e), "queued") ||
		    !str_eq(json_get_str(e, "pipelineConfigId"), pipeline))
			continue;
		/* Ids sort by time, but a client may have chosen them. */
		int64_t t = json_get_int(e, "buildTime");
		int64_t best = json_get_int(found, "buildTime");
		int order = !found      ? -1
		            : t != best ? (t < best ? -1 : 1)
		                        : str_cmp(json_get_str(e, "id"),
		                                  json_get_str(found, "id"));
		if (!found || (last ? order > 0 : order < 0))
			found = e;
	}
	return found;
}

static void release_waiting(struct gate *g, struct str pipeline, int64_t t)
{
	json_t *next = waiting(g, pipeline, false);
	if (!next || must_queue(g, next))
		return;
	if (!member_true(next, "keepWaitingPipelines")) {
		next = waiting(g, pipeline, true);
		json_object_del(own(next), "queued");
		for (json_t *e; (e = waiting(g, pipeline, false));) {
			json_object_del(own(e), "queued");
			cancel_unstarted(
			        g, e, "spinnaker",
			        "This execution was queued but then canceled because a newer queued execution superceded it. This pipeline is configured to automatically cancel waiting executions.",
			        t);
		}
	}
	begin(g, next, t);
}

static void tell_parent(struct gate *g, const json_t *e, int64_t t)
{
	const json_t *trigger = json_object_get(e, "trigger");
	struct str id =
	        json_get_str(json_object_get(trigger, "parentExecution"), "id");
	if (!id.n)
		return;
	json_t *parent = store_get(&g->store, STORE_EXECUTIONS, id.s);
	json_t *stage = execution_stage(
	        parent, json_get_str(trigger, "parentPipelineStageId"));
	if (!stage || !member_is(stage, "status", "RUNNING"))
		return;
	stage_child_ended(parent, stage, e, t);
	go_on(g, parent, t);
}

static void cancel_now(struct gate *g, json_t *e, int64_t t)
{
	json_object_del(own(e), "cancel_at");
	end_running_stages(e, t);
	finish(g, e, "CANCELED", t);
}

static void step(struct gate *g, json_t *e, int64_t t)
{
	if (member_int(own(e), "cancel_at", never) <= t) {
		cancel_now(g, e, t);
		return;
	}
	if (member_is(e, "status", "NOT_STARTED")) {
		begin(g, e, t);
		return;
	}
	size_t i;
	json_t *stage;
	json_array_foreach(json_object_get(e, "stages"), i, stage)
	{
		int64_t ends = member_int(own(stage), "ends_at", -1);
		if (member_is(stage, "status", "RUNNING") &&
		    stage_is_top(stage) && ends >= 0 && ends <= t) {
			stage_end(e, stage, t);
			break;
		}
	}
	go_on(g, e, t);
}

void execution_advance(struct gate *g)
{
	for (;;) {
		struct open_execution *next = NULL;
		vec_each (struct open_execution, o, &g->open) {
			if (o->due < 0)
				o->due = due_of(o->execution);
			if (o->due <= g->now && (!next || o->due < next->due))
				next = o;
		}
		if (!next)
			return;
		step(g, next->execution, next->due);
	}
}

/* --- what is seen of it ----------------------------------------------------*/

bool execution_can_be_seen(const struct gate *g, const json_t *e)
{
	return e && !member_true(own(e), "deleted") &&
	       json_get_int(own(e), "hidden_until") <= g->now;
}

json_t *execution_find(struct gate *g, const char *id)
{
	json_t *e = store_get(&g->store, STORE_EXECUTIONS, id);
	return execution_can_be_seen(g, e) ? e : NULL;
}

static json_t *stage_view(json_t *stage, bool expand)
{
	json_t *view = json_copy(stage);
	json_object_del(view, "_double");
	if (!expand) {
		member_set(view, "context", json_object());
		member_set(view, "outputs", json_object());
		member_set(view, "tasks", json_array());
	}
	return view;
}

json_t *execution_view(const json_t *e, bool expand)
{
	json_t *view = json_copy((json_t *)(uintptr_t)e);
	json_t *stages = json_array();
	size_t i;
	json_t *stage;
	json_array_foreach(json_object_get(e, "stages"), i, stage)
	        json_array_append_new(stages, stage_view(stage, expand));
	json_object_del(view, "_double");
	member_set(view, "stages", stages);
	return view;
}

/* --- operations ------------------------------------------------------------*/

void execution_cancel(struct gate *g, json_t *e, struct str by,
                      struct str reason)
{
	if (member_is(own(e), "cancel", "ignored"))
		return;
	member_set(e, "canceled", json_true());
	member_set_str(e, "canceledBy", by);
	if (reason.n)
		member_set_str(e, "cancellationReason", reason);
	if (!is_open(e)) { /* it says so also of what has succeeded */
		execution_touch(g, e);
		return;
	}
	if (member_is(e, "status", "NOT_STARTED")) {
		json_object_del(own(e), "queued");
		finish(g, e, "CANCELED", g->now);
		return;
	}
	if (!json_object_get(own(e), "cancel_at"))
		member_set_int(own(e), "cancel_at",
		               g->now + json_get_int(own(e), "cancel_ms"));
	execution_touch(g, e);
}

/* Stages that are STATUS become OTHER; those that end are put off by ms. */
static void turn_stages(json_t *e, const char *status, const char *other,
                        int64_t ms)
{
	size_t i;
	json_t *stage;
	json_array_foreach(json_object_get(e, "stages"), i, stage)
	{
		if (!member_is(stage, "status", status))
			continue;
		int64_t ends = member_int(own(stage), "ends_at", -1);
		member_set(stage, "status", json_string(other));
		if (ends >= 0)
			member_set_int(own(stage), "ends_at", ends + ms);
	}
}

void execution_pause(struct gate *g, json_t *e, struct str by)
{
	if (!member_is(e, "status", "RUNNING"))
		return;
	json_t *paused = json_object();
	member_set_str(paused, "pausedBy", by);
	member_set_int(paused, "pauseTime", g->now);
	member_set(e, "paused", paused);
	member_set_str(e, "status", STR("PAUSED"));
	turn_stages(e, "RUNNING", "PAUSED", 0);
	execution_touch(g, e);
}

void execution_resume(struct gate *g, json_t *e, struct str by)
{
	if (!member_is(e, "status", "PAUSED"))
		return;
	json_t *paused = member_object(e, "paused");
	member_set_str(paused, "resumedBy", by);
	member_set_int(paused, "resumeTime", g->now);
	member_set_str(e, "status", STR("RUNNING"));
	turn_stages(e, "PAUSED", "RUNNING",
	            g->now - json_get_int(paused, "pauseTime"));
	execution_touch(g, e);
}

json_t *execution_stage(const json_t *e, struct str stage_id)
{
	size_t i;
	json_t *stage;
	json_array_foreach(json_object_get(e, "stages"), i, stage)
	{
		if (str_eq(json_get_str(stage, "id"), stage_id))
			return stage;
	}
	return NULL;
}

/* Whether a stage comes after the one of that refId, by any way. */
static bool comes_after(const json_t *e, const json_t *stage, struct str ref,
                        int depth)
{
	size_t i;
	json_t *before;
	if (depth > 100)
		return false;
	json_array_foreach(json_object_get(stage, "requisiteStageRefIds"), i,
	                   before)
	{
		struct str one = str_of(json_string_value(before));
		const json_t *next = stage_by_ref(e, one);
		if (str_eq(one, ref) ||
		    (next && comes_after(e, next, ref, depth + 1)))
			return true;
	}
	return false;
}

void execution_restart(struct gate *g, struct arena *a, json_t *e,
                       json_t *stage, struct str by)
{
	struct str ref = json_get_str(stage, "refId");
	struct str status = json_get_str(stage, "status");
	size_t i;
	json_t *other;
	(void)a;
	if (!status_is_complete(status) && !str_is(status, "NOT_STARTED"))
		return;
	json_array_foreach(json_object_get(e, "stages"), i, other)
	{
		if (other == stage || comes_after(e, other, ref, 0) ||
		    str_eq(json_get_str(other, "parentStageId"),
		           json_get_str(stage, "id")))
			stage_reset(other);
	}
	json_t *details = json_object();
	member_set_str(details, "restartedBy", by);
	member_set_int(details, "restartTime", g->now);
	member_set(member_object(stage, "context"), "restartDetails", details);
	member_set_str(e, "status", STR("RUNNING"));
	member_set(e, "canceled", json_false());
	member_set_int(e, "startTime", g->now); /* endTime stays */
	json_object_del(own(e), "cancel_at");
	go_on(g, e, g->now);
}

bool execution_update_stage(struct gate *g, json_t *e, json_t *stage,
                            const json_t *context, struct str by)
{
	if (!stage || !json_is_object(context))
		return false;
	stage_add_context(stage, context);
	json_t *changed = json_object();
	member_set_str(changed, "user", by);
	member_set(changed, "allowedAccounts", json_array());
	member_set_int(changed, "lastModifiedTime", g->now);
	member_set(stage, "lastModified", changed);
	bool runs = member_is(stage, "status", "RUNNING");
	bool judged = runs && member_is(stage, "type", "manualJudgment");
	if (judged && member_is(context, "judgmentStatus", "continue"))
		stage_end_with(e, stage, "SUCCEEDED", g->now);
	else if (judged && member_is(context, "judgmentStatus", "stop"))
		stage_end_with(e, stage, "TERMINAL", g->now);
	else if (runs && member_true(context, "manualSkip"))
		stage_end_with(e, stage, "SKIPPED", g->now);
	execution_touch(g, e);
	if (is_open(e) && !member_is(stage, "status", "RUNNING") &&
	    member_is(e, "status", "RUNNING"))
		go_on(g, e, g->now);
	return true;
}
