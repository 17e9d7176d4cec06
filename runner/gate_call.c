#include "runner/gate.h"

#include "core/base64.h"

#include <assert.h>

/*
 * One maker a call. Outside facts: Gate's controllers PipelineController,
 * ExecutionsController, ApplicationController, AuthController (2025.3 to
 * 2026.2).
 */

enum {
	PATIENCE_MS = 8 * 1000,
	LONGEST_MS = 60 * 60 * 1000,
	SEARCH_SIZE = 1000,
	QUERY_MAX = 32 * 1024,
};

/* Requests without it are the first that Gate sheds under load. */
static const struct http_header priority = {{"X-Spinnaker-Priority", 20},
                                            {"normal", 6}};

bool gate_open(struct gate *out, struct arena *a, const struct engine *engine,
               const char *folder, struct fail *why)
{
	struct http_access access;
	struct gate g = {.read_timeout_ms = HTTP_TIMEOUT_MS,
	                 .trigger_timeout_ms = GATE_TRIGGER_TIMEOUT_MS};
	if (GIVEN(engine->timeout)) {
		int64_t ms = engine->timeout.t < LONGEST_MS / 1000
		                     ? engine->timeout.t * 1000
		                     : LONGEST_MS;
		g.read_timeout_ms = (int)ms;
		if (ms > g.trigger_timeout_ms)
			g.trigger_timeout_ms = (int)ms;
	}
	if (!http_access_read(&access, a, engine, folder, why) ||
	    !http_open(&g.http, a, &access, why))
		return false;
	*out = g;
	return true;
}

bool gate_fits_path(struct str name)
{
	if (!name.n || str_is(name, ".") || str_is(name, ".."))
		return false;
	for (size_t i = 0; i < name.n; i++)
		if ((unsigned char)name.s[i] < ' ' || name.s[i] == 0x7f ||
		    str_has(STR("/\\;%"), name.s[i]))
			return false;
	/* U+2028 and U+2029, which the firewall takes for line ends. */
	return !str_contains(name, STR("\xe2\x80\xa8")) &&
	       !str_contains(name, STR("\xe2\x80\xa9"));
}

static struct http_call *call_of(struct arena *a, enum http_method method,
                                 int timeout_ms, struct str target)
{
	struct http_call *call = ARENA_NEW(a, struct http_call);
	call->method = method;
	call->target = target;
	call->timeout_ms = timeout_ms;
	call->arena = a;
	call->headers = &priority;
	call->nheaders = 1;
	return call;
}

static struct http_call *read_of(const struct gate *g, struct arena *a,
                                 struct str target)
{
	struct http_call *call =
	        call_of(a, HTTP_GET, g->read_timeout_ms, target);
	call->patience_ms = PATIENCE_MS;
	call->jitter = target;
	return call;
}

/* --- the trigger --------------------------------------------------------- */

/* The body is the trigger itself. What Gate does not know stays in it. */
static struct str trigger_body(struct arena *a, const struct gate_trigger *t)
{
	struct buf out = buf_new(a, SIZE_MAX / 4);
	struct jw j = jw_new(&out);
	jw_open(&j, '{');
	jw_put_str(&j, "type", STR("manual"));
	if (t->user.n)
		jw_put_str(&j, "user", t->user);
	jw_put_str(&j, "correlationId", t->token);
	jw_put_str(&j, "eventId", t->token);
	jw_key(&j, "parameters");
	jw_open(&j, '{');
	for (size_t i = 0; i < t->nparameters; i++)
		jw_put_str(&j, str_cstr(a, t->parameters[i].name),
		           t->parameters[i].value);
	jw_close(&j);
	jw_close(&j);
	return buf_str(&out);
}

struct http_call *gate_trigger_call(const struct gate *g, struct arena *a,
                                    const struct gate_trigger *t)
{
	struct str application = http_encode(a, t->application);
	struct str pipeline = http_encode(a, t->pipeline);
	struct http_header *headers = arena_array(a, 2, sizeof *headers);
	assert(gate_fits_path(t->application) && gate_fits_path(t->pipeline));
	headers[0] = priority;
	headers[1].name = STR("X-SPINNAKER-REQUEST-ID");
	headers[1].value = t->token;
	struct http_call *call =
	        call_of(a, HTTP_POST, g->trigger_timeout_ms,
	                str_format(a, "/pipelines/%" STR_FMT "/%" STR_FMT,
	                           STR_ARG(application), STR_ARG(pipeline)));
	call->headers = headers;
	call->nheaders = 2;
	call->body = trigger_body(a, t);
	call->fresh = true;
	return call;
}

struct http_call *gate_cancel_call(const struct gate *g, struct arena *a,
                                   struct str id, struct str reason)
{
	return call_of(a, HTTP_PUT, g->read_timeout_ms,
	               str_format(a,
	                          "/pipelines/%" STR_FMT
	                          "/cancel?force=false&reason=%" STR_FMT,
	                          STR_ARG(http_encode(a, id)),
	                          STR_ARG(http_encode(a, reason))));
}

/* --- executions ---------------------------------------------------------- */

struct http_call *gate_executions_call(const struct gate *g, struct arena *a,
                                       const struct str *ids, size_t n,
                                       bool expand)
{
	struct buf target = buf_new(a, QUERY_MAX);
	assert(n && n <= GATE_BATCH);
	buf_add(&target, STR("/executions?executionIds="));
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_add_char(&target, ',');
		buf_add(&target, http_encode(a, ids[i]));
	}
	buf_format(&target, "&expand=%s", expand ? "true" : "false");
	assert(!target.full);
	return read_of(g, a, buf_str(&target));
}

static struct http_call *search(const struct gate *g, struct arena *a,
                                struct str application, const char *key,
                                struct str value, int64_t since_ms)
{
	/* The bound is exclusive before 2026.2, inclusive after. */
	int64_t bound = since_ms > 1 ? since_ms - 1 : 1;
	return read_of(
	        g, a,
	        str_format(a,
	                   "/applications/%" STR_FMT "/executions/search?"
	                   "%s=%" STR_FMT "&triggerTimeStartBoundary=%lld"
	                   "&startIndex=0&size=%d&expand=false",
	                   STR_ARG(http_encode(a, application)), key,
	                   STR_ARG(http_encode(a, value)), (long long)bound,
	                   (int)SEARCH_SIZE));
}

struct http_call *gate_search_call(const struct gate *g, struct arena *a,
                                   struct str application, struct str token,
                                   int64_t since_ms)
{
	return search(g, a, application, "eventId", token, since_ms);
}

struct http_call *gate_search_by_trigger_call(const struct gate *g,
                                              struct arena *a,
                                              struct str application,
                                              struct str token,
                                              int64_t since_ms)
{
	struct buf json = buf_new(a, QUERY_MAX);
	struct jw j = jw_new(&json);
	jw_open(&j, '{');
	jw_put_str(&j, "correlationId", token);
	jw_close(&j);
	return search(g, a, application, "trigger",
	              base64_encode(a, buf_str(&json)), since_ms);
}

struct http_call *gate_failed_stages_call(const struct gate *g, struct arena *a,
                                          struct str id)
{
	return read_of(g, a,
	               str_format(a,
	                          "/executions/failedStages?executionId="
	                          "%" STR_FMT,
	                          STR_ARG(http_encode(a, id))));
}

/* --- what is there ------------------------------------------------------- */

struct http_call *gate_pipeline_call(const struct gate *g, struct arena *a,
                                     struct str application,
                                     struct str name_or_id)
{
	return read_of(g, a,
	               str_format(a,
	                          "/applications/%" STR_FMT
	                          "/pipelineConfigs/%" STR_FMT,
	                          STR_ARG(http_encode(a, application)),
	                          STR_ARG(http_encode(a, name_or_id))));
}

struct http_call *gate_application_call(const struct gate *g, struct arena *a,
                                        struct str application)
{
	return read_of(g, a,
	               str_format(a, "/applications/%" STR_FMT "?expand=false",
	                          STR_ARG(http_encode(a, application))));
}

struct http_call *gate_health_call(const struct gate *g, struct arena *a)
{
	return read_of(g, a, STR("/health"));
}

struct http_call *gate_version_call(const struct gate *g, struct arena *a)
{
	return read_of(g, a, STR("/version"));
}

struct http_call *gate_user_call(const struct gate *g, struct arena *a)
{
	return read_of(g, a, STR("/auth/user"));
}
