/*
 * decide: judge the requests of a pass one after the other, each on top of
 * what the ones before it will use up. `check` and `run` both call this, so
 * that they decide alike.
 */
#ifndef RUNNER_DECIDE_H
#define RUNNER_DECIDE_H

#include "runner/gather.h"

/*
 * Told of each decision in the order of judging. d, f and their texts live in
 * scratch until the call returns. False stops, with *why set.
 */
typedef bool decided_fn(void *context, const struct decision *d,
                        const struct facts *f, struct arena *scratch,
                        struct fail *why);

struct decide_options {
	bool ask_engines; /* preflight what would be allowed */
	bool ask_hooks;   /* about what no guardrail before them denies */
	/* By path, the intents that they are asked about; NULL: all. */
	const struct map *hooks_about;
	bool with_tokens; /* fill decision.token (needs the repository's id) */
	bool with_trace;  /* put every row of the trace into words */
};

bool decide(struct world *w, struct pass *p,
            const struct decide_options *options, decided_fn *visit,
            void *context, struct fail *why);

/*
 * Where the facts about a request come from, if not from a pass; and who keeps
 * count of what the members of a release use until all are judged (`back`: it
 * is not used after all).
 */
struct fact_source {
	void *context;
	bool (*facts)(void *context, struct arena *a, const struct request *r,
	              struct facts *out, struct fail *why);
	void (*use)(void *context, struct arena *a, const struct facts *f,
	            bool back);
};

/*
 * Judge one request as decide does, with facts from elsewhere: what engines
 * said is among them, nothing is asked. room: how many deployments may still
 * be dispatched; less than 0: no limit. d has a trace; all else of it lives in
 * a. Only the decisive refusals are put into words.
 */
bool decide_recorded(const struct fact_source *source, const struct request *r,
                     int64_t room, struct arena *a, struct decision *d,
                     struct fail *why);

#endif
