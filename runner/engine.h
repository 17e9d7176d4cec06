/*
 * engine: what carries a deployment out: a table of functions, one file per
 * engine (CONTRACT section 5).
 *
 * The token is the identity of what is asked for: an engine starts at most one
 * execution of a token, whoever asks and however often, and finds it again by
 * the token after the asker died. Where an engine cannot promise that by
 * itself, its `resolve` says how it is reached: what is to be waited for before
 * an order whose fate is not known may be sent once more.
 *
 * An engine is asked about many orders at once, through a session that lives as
 * long as the command. Times are on the world's clock, unless they are of the
 * execution itself.
 */
#ifndef RUNNER_ENGINE_H
#define RUNNER_ENGINE_H

#include "core/vec.h"
#include "runner/facts.h"
#include "runner/world.h"

/* What is to be carried out. */
struct engine_order {
	const struct recipe *recipe; /* NULL: the policy has it no more */
	const struct deployment *deployment;
	const struct build *build; /* NULL: none registered */
	const struct request_param *params;
	struct str ticket;
	int64_t cancel_at; /* when it was asked to be stopped; 0: never */
	/*
	 * What preflight settled, canonical JSON in words of the engine: where
	 * to send, and to look for it ever after, whatever the policy says by
	 * then. Recorded with the announcement; no secrets. Empty: nothing.
	 */
	struct str target;
	/* Orders of one queue must not be under way together; empty: no matter.
	   Settled and recorded as target is. */
	struct str queue;
	int64_t attempt; /* of sending it, from 1; 0: not announced yet */
	int64_t sent_at; /* when the latest attempt was announced; 0: never */
};

/* Something that happened in the execution, for the deployment's timeline. */
struct engine_event {
	int64_t at;       /* 0: not said */
	struct str event; /* [a-z_]: the type after "deployment." */
	struct str detail;
};

/*
 * What the engine says of an execution. LOST_CONTACT: it has it, and cannot say
 * how it stands; `progress` says why.
 */
struct engine_status {
	enum deployment_state state;
	struct str execution_id, execution_url;
	int64_t started_at, finished_at;
	struct str progress; /* where it stands; may be empty */
	struct str detail;   /* of an end: what it said last; may be empty */
	VEC(struct failure) failures;
	VEC(struct engine_event) events; /* all so far, by time */
	bool restarted;                  /* it had ended, and runs again */
	VEC(struct str) duplicates; /* ids of other executions of the token */
	VEC(struct str) warnings;   /* one sentence each */
};

/* One order, and what the engine says of it. Texts live in the arena, which is
   the asker's. */
struct engine_call {
	struct arena *arena;
	struct engine_order order;
	enum engine_answer answer;
	struct engine_status status; /* where the answer is ENGINE_READY */
	struct str text;             /* else: why, one sentence for people */
};

/*
 * Where orders to be started come from, and answers go. turn records what was
 * answered since the last turn, and announces up to `room` further orders, in
 * one durable step: only then may they be sent. It may take back an answered
 * call, and give it out again with another order. No more orders: *nnext 0.
 * ahead (NULL: there is none) makes the next turn shorter, for an engine that
 * waits for answers: it reads one order more, unless there are `room` of them
 * or none is left (*read false then), and records nothing.
 */
enum {
	ENGINE_IN_FLIGHT = 64,  /* sent and not answered, at most */
	ENGINE_ANNOUNCED = 128, /* announced and not recorded as answered */
};
struct engine_feed {
	void *context;
	bool (*turn)(void *context, struct engine_call **answered,
	             size_t nanswered, struct engine_call **next, size_t room,
	             size_t *nnext, struct fail *why);
	bool (*ahead)(void *context, size_t room, bool *read, struct fail *why);
};

/* On the run's clock, in seconds. */
struct engine_resolve {
	/* After the sending, before "there is none" may be believed. */
	int64_t settle_s;
	/* Between two looks that must both find none. */
	int64_t confirm_s;
	/* Times that it may be sent again; then a person has to decide. */
	int64_t max_resends;
};

struct engine_session;

struct engine_ops {
	const char *type; /* as in the policy */
	struct engine_resolve resolve;
	size_t poll_at_once; /* orders that poll takes well at a time */
	/* Whether its orders have a target: one without was another engine's,
	   whatever the policy calls it now, and the other way round. */
	bool has_targets;
	/* Before the first use. NULL: there is nothing to set up. What it sets
	   up ends with s->arena. */
	void (*open)(struct engine_session *s);
	/*
	 * Can this order be carried out? Sends nothing. ENGINE_READY, with the
	 * order's target and queue settled, or why not.
	 */
	void (*preflight)(struct engine_session *s, struct engine_call *call);
	/*
	 * Where the engine is this machine alone, put its name into the order's
	 * target before it is announced: another one that reads of it must not
	 * take "there is none here" for "it was never sent". Answers as
	 * preflight. NULL: the engine is the same from everywhere.
	 */
	void (*claim)(struct engine_session *s, struct engine_call *call);
	/*
	 * Start what the feed gives, until it gives no more and all is
	 * answered. ENGINE_READY: the status says how it stands.
	 * ENGINE_UNCERTAIN: perhaps it was sent. Else nothing was, or it was
	 * refused for good. False: the feed failed; what was announced may be
	 * under way.
	 */
	bool (*start)(struct engine_session *s, const struct engine_feed *feed,
	              struct fail *why);
	/*
	 * How the executions of the orders' tokens stand, by their ids where
	 * they are known: ENGINE_READY, ENGINE_NOT_FOUND where there is none,
	 * ENGINE_IS_DOWN or ENGINE_UNCERTAIN where it cannot be said.
	 */
	void (*poll)(struct engine_session *s, struct engine_call *const *calls,
	             size_t n);
	/*
	 * Stop them where they still run, and say how they stand, as poll does.
	 * Asked again in each run until they have ended. NULL: this engine
	 * cannot stop what it started; it is polled to its end.
	 */
	void (*cancel)(struct engine_session *s,
	               struct engine_call *const *calls, size_t n);
	/* As poll, of what has ended: only whether it runs again, and its end.
	   NULL: it never does. */
	void (*watch)(struct engine_session *s,
	              struct engine_call *const *calls, size_t n);
	/* Is it set up and reachable? For doctor. */
	enum engine_answer (*examine)(struct engine_session *s, struct arena *a,
	                              struct str *text);
	/*
	 * What the engine has against this recipe, as findings that point into
	 * its file; ENGINE_READY, or why it could not be asked about it, with
	 * *text. NULL: there is nothing that it could have.
	 */
	enum engine_answer (*inspect)(struct engine_session *s,
	                              const struct recipe *recipe,
	                              struct diags *findings, struct str *text);
};

/* One engine of a policy, in use by one command. */
struct engine_session {
	struct world *world;
	const struct policy *policy;
	const struct engine *engine;
	const struct engine_ops *ops;
	struct arena *arena; /* ends with the command */
	void *state;         /* the engine's own */
};

/* The session with this engine, opened when it is first asked for and the same
   ever after. */
struct engine_session *engine_session(struct world *w,
                                      const struct policy *policy,
                                      const struct engine *engine);

/*
 * What the engines have against the policy's recipes, as findings. One that
 * could not be asked is a finding, too (ENGINE_NOT_REACHED); false then.
 */
bool engine_inspect(struct world *w, const struct policy *policy,
                    struct diags *findings);

/* --- for engines that answer at once --- */

typedef void engine_answer_fn(struct engine_session *s,
                              struct engine_call *call);
/* ops->start, by answering one order after the other. */
bool engine_start_each(struct engine_session *s, const struct engine_feed *feed,
                       engine_answer_fn *answer, struct fail *why);
/* ops->poll and ops->cancel, likewise. */
void engine_ask_each(struct engine_session *s, struct engine_call *const *calls,
                     size_t n, engine_answer_fn *answer);

extern const struct engine_ops engine_sandbox, engine_command, engine_spinnaker;

#endif
