#include "tests/gate/fault.h"

#include "core/glob.h"
#include "tests/gate/server.h"
#include "tests/gate/trigger.h"

#include <string.h>

const char *fault_text(const json_t *fault, const char *key,
                       const char *otherwise)
{
	struct str s = json_get_str(fault, key);
	return s.n ? s.s : otherwise;
}

const json_t *fault_of(const struct request *r, const char *name)
{
	size_t i;
	json_t *fault;
	if (!r)
		return NULL;
	json_array_foreach(r->faults, i, fault)
	{
		if (member_is(fault, "fault", name))
			return fault;
	}
	return NULL;
}

/* --- which requests are struck ---------------------------------------------*/

static bool fits(const json_t *fault, const struct request *r)
{
	const json_t *m = json_object_get(fault, "match");
	struct str method = json_get_str(m, "method");
	struct str path = json_get_str(m, "path");
	struct str query = json_get_str(m, "query");
	struct str token = json_get_str(m, "token");
	return (!method.n || str_is(method, r->method)) &&
	       (!path.n || glob_match(path, r->path)) &&
	       (!query.n || str_contains(str_of(r->target), query)) &&
	       (!token.n || str_eq(token, request_token(r)) ||
	        str_contains(str_of(r->target), token)) &&
	       (!member_true(m, "reused") || r->on_connection > 1);
}

/* 0 to 1, by the seed, the fault's number and how often it was looked at. */
static double chance(const struct gate *g, const char *id, int64_t seen)
{
	int64_t number = 0;
	str_int(str_of(id), &number);
	uint64_t n = gate_mix(gate_mix((uint64_t)gate_setting(g, "seed", 1)) +
	                      (uint64_t)number);
	return (double)(gate_mix(n + (uint64_t)seen) >> 11) /
	       (double)(1ull << 53);
}

static bool strikes(struct gate *g, const char *id, json_t *fault)
{
	int64_t seen = json_get_int(fault, "seen") + 1;
	int64_t used = json_get_int(fault, "used");
	int64_t count = member_int(fault, "count", 1);
	const json_t *p = json_object_get(fault, "probability");
	member_set_int(fault, "seen", seen);
	store_touch(&g->store, STORE_FAULTS, id);
	if (seen <= json_get_int(fault, "skip") ||
	    (count >= 0 && used >= count))
		return false;
	if (json_is_number(p) && chance(g, id, seen) >= json_number_value(p))
		return false;
	member_set_int(fault, "used", used + 1);
	return true;
}

static bool is_at_accept(const json_t *fault)
{
	return member_is(fault, "fault", "close_accept");
}

void fault_pick(struct gate *g, struct request *r)
{
	const char *id;
	json_t *fault;
	json_object_foreach(g->store.of[STORE_FAULTS], id, fault)
	{
		if (!is_at_accept(fault) && fits(fault, r) &&
		    strikes(g, id, fault))
			json_array_append(r->faults, fault);
	}
}

bool fault_at_accept(struct gate *g)
{
	const char *id;
	json_t *fault;
	json_object_foreach(g->store.of[STORE_FAULTS], id, fault)
	{
		if (is_at_accept(fault) && strikes(g, id, fault))
			return true;
	}
	return false;
}

/* --- what they do to the answer --------------------------------------------*/

typedef void apply_fn(struct gate *g, struct request *r, struct answer *to,
                      const json_t *fault);

static void set_wire(struct gate *g, struct request *r, struct answer *to,
                     const json_t *fault)
{
	static const struct {
		const char *name;
		enum wire wire;
	} wires[] = {
	        {"close", WIRE_CLOSE},          {"reset", WIRE_RESET},
	        {"reset_mid", WIRE_HALF_RESET}, {"truncate", WIRE_TRUNCATED},
	        {"endless", WIRE_ENDLESS},      {"length_long", WIRE_LONG},
	        {"length_short", WIRE_SHORT},   {"stale", WIRE_STALE},
	};
	(void)g;
	(void)r;
	for (size_t i = 0; i < sizeof wires / sizeof *wires; i++)
		if (member_is(fault, "fault", wires[i].name))
			to->wire = wires[i].wire;
}

static void delay(struct gate *g, struct request *r, struct answer *to,
                  const json_t *fault)
{
	(void)g;
	(void)r;
	if (!member_true(fault, "before"))
		to->delay_after += json_get_int(fault, "ms");
}

static void gzip(struct gate *g, struct request *r, struct answer *to,
                 const json_t *fault)
{
	(void)g;
	(void)fault;
	spoil_gzip(r->arena, to);
}

static void cut_json(struct gate *g, struct request *r, struct answer *to,
                     const json_t *fault)
{
	(void)g;
	(void)r;
	(void)fault;
	to->body = str_head(to->body, to->body.n / 2);
}

static void any_status(struct gate *g, struct request *r, struct answer *to,
                       const json_t *fault)
{
	answer_error(to, g, r->arena, (int)member_int(fault, "status", 500),
	             fault_text(fault, "exception",
	                        "java.net.SocketTimeoutException"),
	             str_of(fault_text(fault, "message", "timeout")));
}

static void any_answer(struct gate *g, struct request *r, struct answer *to,
                       const json_t *fault)
{
	const json_t *body = json_object_get(fault, "body");
	const char *key;
	json_t *value;
	(void)g;
	to->status = (int)member_int(fault, "status", 200);
	to->type = fault_text(fault, "type", "application/json;charset=UTF-8");
	to->body = STR("");
	if (json_is_string(body))
		to->body = str_of(json_string_value(body));
	else if (body)
		to->body = json_canonical(r->arena, body);
	json_object_foreach(json_object_get(fault, "headers"), key, value)
	        answer_header(to, key, str_of(json_string_value(value)));
}

static void of_a_proxy(struct gate *g, struct request *r, struct answer *to,
                       const json_t *fault)
{
	(void)g;
	(void)r;
	if (member_is(fault, "fault", "bad_gateway"))
		answer_html(
		        to, 502,
		        "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n"
		        "<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n");
	else
		answer_html(
		        to, 504,
		        "<html>\r\n<head><title>504 Gateway Time-out</title></head>\r\n"
		        "<body>\r\n<center><h1>504 Gateway Time-out</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n");
}

static void shed(struct gate *g, struct request *r, struct answer *to,
                 const json_t *fault)
{
	int64_t at = g->now + member_int(fault, "ms", 60000);
	answer_json(
	        to, r->arena, 503,
	        json_pack(
	                "{s:s}", "message",
	                "Low priority requests are not currently being accepted"));
	answer_header(to, "Retry-After", http_date(r->arena, at));
}

static void rate_limited(struct gate *g, struct request *r, struct answer *to,
                         const json_t *fault)
{
	int64_t at = g->now + member_int(fault, "ms", 10000);
	answer_json(to, r->arena, 429,
	            json_pack("{s:s}", "message", "Rate capacity exceeded"));
	answer_header(to, "X-RateLimit-Capacity", STR("60"));
	answer_header(to, "X-RateLimit-Remaining", STR("0"));
	answer_header(to, "X-RateLimit-Reset", http_date(r->arena, at));
	answer_header(to, "X-RateLimit-Learning", STR("false"));
}

static void not_signed_in(struct gate *g, struct request *r, struct answer *to,
                          const json_t *fault)
{
	(void)g;
	(void)r;
	if (member_is(fault, "fault", "login_page")) {
		answer_html(
		        to, 200,
		        "<!DOCTYPE html><html><body><form action=\"/login\"></form></body></html>");
		return;
	}
	bool redirect = member_is(fault, "fault", "login_redirect");
	answer_empty(to, redirect ? 302 : 401);
	if (redirect)
		answer_header(to, "Location", STR("/login"));
}

static void forbidden(struct gate *g, struct request *r, struct answer *to,
                      const json_t *fault)
{
	answer_error(
	        to, g, r->arena, 403,
	        "org.springframework.security.access.AccessDeniedException",
	        str_of(fault_text(
	                fault, "message",
	                "Access denied to application demo - required authorization: EXECUTE")));
}

static void bad_request(struct gate *g, struct request *r, struct answer *to,
                        const json_t *fault)
{
	(void)g;
	answer_problem(to, r, 400,
	               fault_text(fault, "message", "Failed to read request"));
}

static void odd_acceptance(struct gate *g, struct request *r, struct answer *to,
                           const json_t *fault)
{
	if (member_is(fault, "fault", "empty")) {
		answer_empty(to, 200);
		return;
	}
	json_t *body = json_object();
	if (member_is(fault, "fault", "foreign_ref"))
		member_set_str(body, "ref",
		               str_format(r->arena, "/pipelines/%s",
		                          fault_text(fault, "ref",
		                                     gate_ulid(g, r->arena))));
	else if (member_is(fault, "fault", "event_only"))
		member_set(body, "eventId",
		           json_string(gate_uuid(g, r->arena)));
	answer_json(to, r->arena, 202, body);
}

static void change_pipeline(struct gate *g, struct request *r,
                            struct answer *to, const json_t *fault)
{
	json_t *config = pipeline_find(g, json_get_str(fault, "application"),
	                               json_get_str(fault, "pipeline"));
	(void)to;
	if (!config)
		return;
	const char *id = json_get_str(config, "id").s;
	if (member_is(fault, "fault", "remove")) {
		store_drop(&g->store, STORE_PIPELINES, id);
		return;
	}
	if (member_is(fault, "fault", "rename"))
		member_set(config, "name",
		           json_string(fault_text(fault, "to", "renamed")));
	if (member_is(fault, "fault", "disable"))
		member_set(config, "disabled", json_true());
	member_set_str(config, "updateTs",
	               str_format(r->arena, "%lld", (long long)g->now));
	store_touch(&g->store, STORE_PIPELINES, id);
}

static void spoil(struct gate *g, struct request *r, struct answer *to,
                  const json_t *fault)
{
	(void)g;
	spoil_executions(r->arena, to, fault);
}

static void date_skew(struct gate *g, struct request *r, struct answer *to,
                      const json_t *fault)
{
	(void)g;
	(void)r;
	to->date_skew = json_get_int(fault, "ms");
}

static const struct fault_kind {
	const char *name;
	bool executes;   /* where the fault does not say */
	apply_fn *apply; /* NULL: what does the request looks at it */
} kinds[] = {
        {"close", false, set_wire},
        {"reset", false, set_wire},
        {"close_accept", false, NULL},
        {"reset_mid", true, set_wire},
        {"truncate", true, set_wire},
        {"endless", true, set_wire},
        {"length_long", true, set_wire},
        {"length_short", true, set_wire},
        {"stale", true, set_wire},
        {"delay", true, delay},
        {"gzip", true, gzip},
        {"cut_json", true, cut_json},
        {"status", false, any_status},
        {"answer", true, any_answer},
        {"bad_gateway", false, of_a_proxy},
        {"gateway_timeout", false, of_a_proxy},
        {"shed", false, shed},
        {"rate_limited", false, rate_limited},
        {"unauthorized", false, not_signed_in},
        {"login_redirect", false, not_signed_in},
        {"login_page", false, not_signed_in},
        {"forbidden", false, forbidden},
        {"bad_request", false, bad_request},
        {"orca_400", true, NULL},
        {"empty", true, odd_acceptance},
        {"no_ref", true, odd_acceptance},
        {"foreign_ref", true, odd_acceptance},
        {"event_only", true, odd_acceptance},
        {"duplicate", true, NULL},
        {"correlation_lost", true, NULL},
        {"lag", true, NULL},
        {"vanish", true, NULL},
        {"cancel_ignored", true, NULL},
        {"rename", true, change_pipeline},
        {"edit", true, change_pipeline},
        {"disable", true, change_pipeline},
        {"remove", true, change_pipeline},
        {"deleted", true, NULL},
        {"unknown_status", true, spoil},
        {"canceled_running", true, spoil},
        {"iso_times", true, spoil},
        {"missing_members", true, spoil},
        {"huge", true, spoil},
        {"date_skew", true, date_skew},
};

static const struct fault_kind *kind_of(const json_t *fault)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (member_is(fault, "fault", kinds[i].name))
			return &kinds[i];
	return NULL;
}

/* --- the course of a request -----------------------------------------------*/

bool fault_add(struct gate *g, struct arena *a, const json_t *fault,
               const char **id, struct fail *why)
{
	if (!kind_of(fault))
		return fail_set(why, FAIL_INPUT, "no fault is called '%s'",
		                fault_text(fault, "fault", ""));
	int64_t n = gate_setting(g, "faults", 0) + 1;
	gate_set(g, "faults", json_integer(n));
	*id = str_format(a, "%lld", (long long)n).s;
	json_t *copy = json_deep_copy(fault);
	member_set(copy, "id", json_string(*id));
	member_set_int(copy, "seen", 0);
	member_set_int(copy, "used", 0);
	store_put(&g->store, STORE_FAULTS, *id, copy);
	return true;
}

bool fault_lets_execute(const struct request *r)
{
	size_t i;
	json_t *fault;
	json_array_foreach(r->faults, i, fault)
	{
		const json_t *said = json_object_get(fault, "executed");
		const struct fault_kind *kind = kind_of(fault);
		if (said ? !json_is_true(said) : kind && !kind->executes)
			return false;
	}
	return true;
}

static void delete_one(struct gate *g, struct arena *a, struct str id)
{
	const char *key = str_cstr(a, id);
	json_t *e = store_get(&g->store, STORE_EXECUTIONS, key);
	if (!e)
		return;
	member_set(member_object(e, "_double"), "deleted", json_true());
	store_touch(&g->store, STORE_EXECUTIONS, key);
}

static void delete_asked(struct gate *g, struct request *r)
{
	struct str rest = request_argument(r, "executionIds"), id;
	while (str_next(&rest, ',', &id))
		delete_one(g, r->arena, id);
	if (r->segments > 1 && str_is(r->segment[0], "pipelines"))
		delete_one(g, r->arena, r->segment[1]);
}

void fault_before(struct gate *g, struct request *r, struct answer *to)
{
	size_t i;
	json_t *fault;
	json_array_foreach(r->faults, i, fault)
	{
		if (member_is(fault, "fault", "delay") &&
		    member_true(fault, "before"))
			to->delay_before += json_get_int(fault, "ms");
		if (member_is(fault, "fault", "deleted"))
			delete_asked(g, r);
	}
}

void fault_after(struct gate *g, struct request *r, struct answer *to)
{
	size_t i;
	json_t *fault;
	json_array_foreach(r->faults, i, fault)
	{
		const struct fault_kind *kind = kind_of(fault);
		if (kind && kind->apply)
			kind->apply(g, r, to, fault);
	}
}
