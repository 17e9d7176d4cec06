#include "runner/gate.h"

#include <stdlib.h>
#include <string.h>

enum { MESSAGE_POINTS = 300, DETAIL_POINTS = 2000, ID_MAX = 64 };

/* --- what came of a call ------------------------------------------------- */

static enum gate_purpose purpose_of(const struct http_call *call)
{
	/* Nobody in particular is an empty answer there. */
	if (str_is(call->target, "/auth/user"))
		return GATE_CONTROL;
	return call->method == HTTP_GET    ? GATE_READ
	       : call->method == HTTP_POST ? GATE_TRIGGER
	                                   : GATE_CONTROL;
}

/* {"ref":"/pipelines/ID"} */
static struct str execution_of(struct arena *a, const json_t *json)
{
	struct str prefix = STR("/pipelines/");
	struct str ref = json_get_str(json, "ref");
	struct str id = str_from(ref, prefix.n);
	if (!str_starts(ref, prefix) || !id.n || id.n > ID_MAX)
		return STR("");
	for (size_t i = 0; i < id.n; i++)
		if (!((id.s[i] >= '0' && id.s[i] <= '9') ||
		      (id.s[i] >= 'A' && id.s[i] <= 'Z') ||
		      (id.s[i] >= 'a' && id.s[i] <= 'z') || id.s[i] == '-'))
			return STR("");
	return str_copy(a, id);
}

/* On one line, without what must not be shown. */
static struct str shown(const struct gate *g, struct arena *a, struct str text,
                        size_t points)
{
	struct str masked = http_mask(g->http, a, text);
	struct buf line = buf_new(a, masked.n);
	bool blank = false;
	for (size_t i = 0; i < masked.n; i++) {
		char c = masked.s[i];
		bool space = c == ' ' || c == '\n' || c == '\t';
		if (!space || !blank)
			buf_add_char(&line, space ? ' ' : c);
		blank = space;
	}
	return str_brief(a, str_trim(buf_str(&line)), points);
}

static struct str text_of(const struct gate *g, struct arena *a,
                          const struct http_answer *http, const char *rule,
                          struct str message)
{
	if (http->end != HTTP_ANSWERED)
		return str_copy(a, http->why);
	struct str text =
	        str_format(a, "Gate answered %d, %s", http->status, rule);
	if (http->location.n)
		return str_format(
		        a, "%" STR_FMT ": to %" STR_FMT, STR_ARG(text),
		        STR_ARG(shown(g, a, http->location, MESSAGE_POINTS)));
	if (message.n)
		return str_format(
		        a, "%" STR_FMT ": %" STR_FMT, STR_ARG(text),
		        STR_ARG(shown(g, a, message, MESSAGE_POINTS)));
	return text;
}

/* A 2xx that is JSON by its type has to be JSON, and name an execution where
   it is a trigger's: else it is not known what it means. */
static const char *take_json(struct gate_answer *out, struct arena *a,
                             const struct http_call *call)
{
	struct fail ignored = {0};
	enum gate_purpose purpose = purpose_of(call);
	struct str body = call->answer.body;
	if (call->sink.take || (purpose == GATE_CONTROL && str_blank(body)))
		return NULL;
	if (!json_read_theirs(&out->json, a, body, &ignored)) {
		out->json = NULL;
		return purpose == GATE_CONTROL ? NULL
		                               : "in JSON that cannot be read";
	}
	if (purpose == GATE_TRIGGER) {
		out->execution_id = execution_of(a, out->json);
		if (!out->execution_id.n)
			return "accepted, but no execution is named";
	}
	return NULL;
}

struct gate_answer gate_answer(const struct gate *g, struct arena *a,
                               const struct http_call *call)
{
	struct http_answer http = call->answer;
	struct gate_answer out = {.status = http.status,
	                          .retry_after_s = http.retry_after_s,
	                          .date = http.date};
	/* What a sink took was there. */
	if (call->sink.take && http.status >= 200 && http.status < 300)
		http.body = STR("[]");
	else
		gate_error_read(&out.error, a, http.body);
	struct gate_verdict verdict =
	        gate_classify(a, purpose_of(call), &http, &out.error);
	if (verdict.class == GATE_OK) {
		const char *trouble = take_json(&out, a, call);
		if (!trouble) {
			out.error = (struct gate_error){0};
			return out;
		}
		verdict = (struct gate_verdict){GATE_UNKNOWN, trouble};
		out.json = NULL;
	}
	struct str message = out.error.upstream_message.n
	                             ? out.error.upstream_message
	                             : out.error.message;
	out.class = verdict.class;
	out.text = text_of(g, a, &http, verdict.rule, message);
	out.detail = shown(g, a, out.error.message, DETAIL_POINTS);
	return out;
}

struct gate_answer gate_ask(const struct gate *g, struct arena *a,
                            struct http_call *call)
{
	http_all(g->http, &call, 1, 1);
	return gate_answer(g, a, call);
}

/* --- executions found ---------------------------------------------------- */

static int eldest_first(const void *a, const void *b)
{
	const struct gate_found *x = a, *y = b;
	if (x->build_time != y->build_time)
		return x->build_time < y->build_time ? -1 : 1;
	return str_cmp(x->id, y->id);
}

static bool has_token(const json_t *execution, struct str token)
{
	const json_t *trigger = json_object_get(execution, "trigger");
	return str_eq(json_get_str(trigger, "eventId"), token) ||
	       str_eq(json_get_str(trigger, "correlationId"), token);
}

/* Orca on Redis gives the same execution once per page. */
static bool is_there(const struct gate_found *at, size_t n, struct str id)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(at[i].id, id))
			return true;
	return false;
}

bool gate_find(struct gate_finds *out, struct arena *a,
               const struct gate_answer *answer, struct str token)
{
	if (answer->class != GATE_OK || !json_is_array(answer->json))
		return false;
	size_t n = json_array_size(answer->json);
	struct gate_finds finds = {
	        .at = arena_array(a, n + 1, sizeof *finds.at)};
	for (size_t i = 0; i < n; i++) {
		const json_t *e = json_array_get(answer->json, i);
		struct str id = json_get_str(e, "id");
		if (!id.n || !has_token(e, token) ||
		    is_there(finds.at, finds.n, id))
			continue;
		finds.at[finds.n++] = (struct gate_found){
		        .id = id,
		        .status = json_get_str(e, "status"),
		        .application = json_get_str(e, "application"),
		        .pipeline_config_id =
		                json_get_str(e, "pipelineConfigId"),
		        .build_time = json_get_int(e, "buildTime"),
		};
	}
	qsort(finds.at, finds.n, sizeof *finds.at, eldest_first);
	*out = finds;
	return true;
}

/* --- a stored pipeline --------------------------------------------------- */

/* "7" and 7 are the same to Front50, which keeps what Deck sent. */
static int64_t number_of(const json_t *value)
{
	int64_t n = 0;
	if (json_is_integer(value))
		return json_integer_value(value);
	if (json_is_string(value) &&
	    !str_int((struct str){json_string_value(value),
	                          json_string_length(value)},
	             &n))
		n = 0;
	return n;
}

static struct str plain_text(struct arena *a, const json_t *value)
{
	if (json_is_string(value))
		return (struct str){json_string_value(value),
		                    json_string_length(value)};
	if (!value || json_is_null(value))
		return STR("");
	return json_canonical(a, value);
}

static void read_options(struct gate_parameter_config *p, struct arena *a,
                         const json_t *options)
{
	size_t n = json_array_size(options);
	p->options = arena_array(a, n + 1, sizeof *p->options);
	for (size_t i = 0; i < n; i++) {
		const json_t *item = json_array_get(options, i);
		p->options[p->noptions++] = plain_text(
		        a, json_is_object(item) ? json_object_get(item, "value")
		                                : item);
	}
}

static void read_parameter(struct gate_parameter_config *p, struct arena *a,
                           const json_t *json)
{
	const json_t *value = json_object_get(json, "default");
	*p = (struct gate_parameter_config){
	        .name = json_get_str(json, "name"),
	        .default_value = plain_text(a, value),
	        .has_default = value && !json_is_null(value),
	        .required = json_is_true(json_object_get(json, "required")),
	        .has_options =
	                json_is_true(json_object_get(json, "hasOptions")),
	};
	read_options(p, a, json_object_get(json, "options"));
}

bool gate_pipeline_read(struct gate_pipeline *out, struct arena *a,
                        const struct gate_answer *answer)
{
	const json_t *json = answer->json;
	if (answer->class != GATE_OK || !json_is_object(json) ||
	    !json_get_str(json, "id").n || !json_get_str(json, "application").n)
		return false;
	const json_t *parameters = json_object_get(json, "parameterConfig");
	size_t n = json_array_size(parameters);
	struct gate_pipeline p = {
	        .id = json_get_str(json, "id"),
	        .name = json_get_str(json, "name"),
	        .application = json_get_str(json, "application"),
	        .disabled = json_is_true(json_object_get(json, "disabled")),
	        .limit_concurrent =
	                json_is_true(json_object_get(json, "limitConcurrent")),
	        .keep_waiting = json_is_true(
	                json_object_get(json, "keepWaitingPipelines")),
	        .max_concurrent = number_of(
	                json_object_get(json, "maxConcurrentExecutions")),
	        .updated_ms = number_of(json_object_get(json, "updateTs")),
	        .parameters = arena_array(a, n + 1, sizeof *p.parameters),
	};
	for (size_t i = 0; i < n; i++)
		read_parameter(&p.parameters[p.nparameters++], a,
		               json_array_get(parameters, i));
	*out = p;
	return true;
}
