#include "tests/gate/http.h"

#include "core/when.h"

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct str decode(struct arena *a, struct str s, bool plus_is_space)
{
	char *out = arena_text(a, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.s[i] == '%' && i + 2 < s.n && hex(s.s[i + 1]) >= 0 &&
		    hex(s.s[i + 2]) >= 0) {
			out[n++] =
			        (char)(hex(s.s[i + 1]) * 16 + hex(s.s[i + 2]));
			i += 2;
		} else {
			out[n++] =
			        s.s[i] == '+' && plus_is_space ? ' ' : s.s[i];
		}
	}
	out[n] = 0;
	return (struct str){out, n};
}

static bool parse_path(struct request *r)
{
	struct str rest = r->path, piece;
	while (str_next(&rest, '/', &piece)) {
		if (!piece.n)
			continue;
		struct str decoded = decode(r->arena, piece, false);
		/* Tomcat refuses an encoded slash. */
		if (r->segments == HTTP_SEGMENTS_MAX || str_has(decoded, '/'))
			return false;
		r->segment[r->segments++] = decoded;
	}
	return true;
}

bool request_parse(struct request *r)
{
	struct str query, piece, name, value;
	str_cut(str_of(r->target), '?', &r->path, &query);
	while (str_next(&query, '&', &piece)) {
		if (!piece.n)
			continue;
		if (r->arguments == HTTP_ARGUMENTS_MAX)
			return false;
		str_cut(piece, '=', &name, &value);
		r->argument[r->arguments++] =
		        (struct argument){decode(r->arena, name, true),
		                          decode(r->arena, value, true)};
	}
	return parse_path(r);
}

struct str request_argument(const struct request *r, const char *name)
{
	for (size_t i = 0; i < r->arguments; i++)
		if (str_is(r->argument[i].name, name))
			return r->argument[i].value;
	return STR("");
}

struct str request_token(const struct request *r)
{
	const json_t *t = r->json;
	/* /pipelines/start has the trigger within the pipeline. */
	if (json_is_object(json_object_get(t, "trigger")))
		t = json_object_get(t, "trigger");
	struct str token = json_get_str(t, "correlationId");
	return token.n ? token : json_get_str(t, "eventId");
}

/* --- answers ---------------------------------------------------------------*/

const char *status_text(int status)
{
	static const struct {
		int status;
		const char *text;
	} names[] = {
	        {200, "OK"},
	        {201, "Created"},
	        {202, "Accepted"},
	        {302, "Found"},
	        {400, "Bad Request"},
	        {401, "Unauthorized"},
	        {403, "Forbidden"},
	        {404, "Not Found"},
	        {405, "Method Not Allowed"},
	        {409, "Conflict"},
	        {415, "Unsupported Media Type"},
	        {429, "Too Many Requests"},
	        {500, "Internal Server Error"},
	        {502, "Bad Gateway"},
	        {503, "Service Unavailable"},
	        {504, "Gateway Timeout"},
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].status == status)
			return names[i].text;
	return "Unknown";
}

void answer_header(struct answer *to, const char *name, struct str value)
{
	if (to->headers < ANSWER_HEADERS_MAX)
		to->header[to->headers++] =
		        (struct argument){str_of(name), value};
}

void answer_json(struct answer *to, struct arena *a, int status, json_t *value)
{
	if (!value)
		out_of_memory();
	to->status = status;
	to->type = "application/json;charset=UTF-8";
	to->body = json_canonical(a, value);
	json_decref(value);
}

void answer_empty(struct answer *to, int status)
{
	to->status = status;
	to->type = NULL;
	to->body = STR("");
}

void answer_html(struct answer *to, int status, const char *text)
{
	to->status = status;
	to->type = "text/html;charset=UTF-8";
	to->body = str_of(text);
}

void answer_error(struct answer *to, struct gate *g, struct arena *a,
                  int status, const char *exception, struct str message)
{
	struct when_text t = when_text(g->now / 1000);
	struct str time =
	        str_format(a, "%.19s.%03d+00:00", t.s, (int)(g->now % 1000));
	json_t *e = json_object();
	member_set_str(e, "error", str_of(status_text(status)));
	member_set_str(e, "exception", str_of(exception));
	member_set_str(e, "message", message);
	member_set_int(e, "status", status);
	member_set_str(e, "timestamp", time);
	answer_json(to, a, status, e);
}

void answer_problem(struct answer *to, const struct request *r, int status,
                    const char *detail)
{
	struct str path = str_copy(r->arena, r->path);
	json_t *problem = json_pack("{s:s, s:s, s:i, s:s}", "type",
	                            "about:blank", "title", status_text(status),
	                            "status", status, "detail", detail);
	member_set_str(problem, "instance", path);
	answer_json(to, r->arena, status, problem);
	to->type = "application/problem+json";
}
