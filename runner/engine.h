/*
 * engine: what carries a deployment out: a table of functions, one file per
 * engine (CONTRACT section 5).
 *
 * The token is the identity of what is asked for: an engine starts at most one
 * execution of a token, whoever asks and however often, and finds it again by
 * the token after the asker died. Times are on the world's clock.
 */
#ifndef RUNNER_ENGINE_H
#define RUNNER_ENGINE_H

#include "runner/facts.h"
#include "runner/world.h"

/* What is to be carried out. */
struct engine_order {
	const struct policy *policy;
	const struct recipe *recipe; /* NULL: the policy has it no more */
	const struct engine *engine; /* never NULL */
	const struct deployment *deployment;
	const struct build *build; /* NULL: none registered */
	const struct request_param *params;
	struct str ticket;
	int64_t cancel_at; /* when it was asked to be stopped; 0: never */
};

/* What the engine says of an execution. */
struct engine_status {
	enum deployment_state state;
	struct str execution_id, execution_url;
	int64_t started_at, finished_at;
	struct str progress; /* where it stands; may be empty */
	struct str detail;   /* of a success: what it said last; may be empty */
	struct failure failure;
	bool has_failure;
};

struct engine_ops {
	const char *type; /* as in the policy */
	/*
	 * Can this order be carried out? Sends nothing. ENGINE_READY, or why
	 * not, with *text one sentence for people.
	 */
	enum engine_answer (*preflight)(struct world *w, struct arena *a,
	                                const struct engine_order *order,
	                                struct str *text);
	/*
	 * Start it. ENGINE_READY: *out says how it stands. ENGINE_IS_DOWN:
	 * nothing was sent. ENGINE_UNCERTAIN: perhaps it was.
	 */
	enum engine_answer (*start)(struct world *w, struct arena *a,
	                            const struct engine_order *order,
	                            struct engine_status *out,
	                            struct str *text);
	/*
	 * How the execution of the order's token stands: ENGINE_READY and
	 * *out, ENGINE_NOT_FOUND where there is none for sure, ENGINE_IS_DOWN
	 * or ENGINE_UNCERTAIN where it cannot be said.
	 */
	enum engine_answer (*poll)(struct world *w, struct arena *a,
	                           const struct engine_order *order,
	                           struct engine_status *out, struct str *text);
	/*
	 * Stop it if it still runs, and say how it stands, as poll does. Asked
	 * again in each run until it has ended. NULL: this engine cannot stop
	 * what it started; it is polled to its end.
	 */
	enum engine_answer (*cancel)(struct world *w, struct arena *a,
	                             const struct engine_order *order,
	                             struct engine_status *out,
	                             struct str *text);
	/* Is it set up and reachable? For doctor. */
	enum engine_answer (*examine)(struct world *w, struct arena *a,
	                              const struct engine *engine,
	                              struct str *text);
};

/* By enum engine_type; NULL where this version cannot run it. */
const struct engine_ops *engine_ops(enum engine_type type);

extern const struct engine_ops engine_sandbox, engine_command;

#endif
