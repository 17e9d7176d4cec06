/* The course of one request: what goes wrong, who asks, what is done. */
#include "tests/gate/auth.h"
#include "tests/gate/control.h"
#include "tests/gate/fault.h"
#include "tests/gate/routes.h"
#include "tests/gate/server.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

static void nap(int64_t ms)
{
	struct timespec t = {ms / 1000, (ms % 1000) * 1000000};
	if (ms > 0)
		nanosleep(&t, NULL);
}

/* A double that forgets would pass tests that it should not. */
static void keep(struct gate *g)
{
	struct fail why = {0};
	if (store_commit(&g->store, &why))
		return;
	fprintf(stderr, "gate: %s\n", why.text);
	_exit(fail_status(why.kind));
}

static void read_body(struct request *r)
{
	struct fail why = {0};
	if (str_blank(r->body))
		return;
	if (!json_read(&r->json, r->arena, r->body, &why))
		r->bad_json = true;
}

static bool is_control(const struct request *r)
{
	return r->segments && str_is(r->segment[0], "_double");
}

static void add_request_id(struct gate *g, const struct request *r,
                           struct answer *to)
{
	struct str id = r->header(r, "X-SPINNAKER-REQUEST-ID");
	answer_header(to, "X-SPINNAKER-REQUEST-ID",
	              id.n ? id : str_of(gate_uuid(g, r->arena)));
}

/* Set aside what it changed but not what it said of itself. */
static void execute(struct gate *g, struct request *r, struct answer *to,
                    bool parsed)
{
	if (!parsed) {
		answer_empty(to, 400); /* Tomcat's own */
		return;
	}
	if (auth_admits(g, r, to))
		route_request(g, r, to);
}

void serve(struct gate *g, struct request *r, struct answer *to,
           const struct turn *turn)
{
	bool parsed = request_parse(r);
	r->user = STR("anonymous");
	r->created = json_array();
	r->faults = json_array();
	read_body(r);
	turn->take(turn->context);
	if (!is_control(r)) {
		fault_pick(g, r);
		fault_before(g, r, to);
	}
	if (to->delay_before) {
		turn->leave(turn->context);
		nap(to->delay_before);
		turn->take(turn->context);
	}
	gate_tick(g);
	bool executes = fault_lets_execute(r);
	if (executes)
		execute(g, r, to, parsed);
	fault_after(g, r, to);
	if (!is_control(r)) {
		add_request_id(g, r, to);
		oracle_note(g, r, to, executes);
	}
	keep(g);
	json_decref(r->created);
	json_decref(r->faults);
	turn->leave(turn->context);
	nap(to->delay_after);
}
