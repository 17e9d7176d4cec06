/*
 * ledger_insight: what figures (core/insight) ask of the ledger, each by one
 * scan of an index that holds all of it, or by a look-up in one. Times are
 * instants, 0 where there is none; texts live until the visitor returns.
 */
#ifndef CORE_LEDGER_INSIGHT_H
#define CORE_LEDGER_INSIGHT_H

#include "core/ledger.h"

/* A deployment that has ended. */
struct ended {
	int64_t finished_at, number;
	struct str service, environment, group, recipe;
	enum deployment_kind kind;
	enum deployment_state state;
	struct str reason, category; /* may be empty */
	int64_t created_at, dispatched_at, started_at;
	int64_t authored_at; /* of the commit that brought its intent */
	int64_t built_at;    /* of its version's build */
	int64_t build;       /* which that is: its number among the events */
	int64_t undone_at;   /* when the first rollback that names it ended */
	bool imported;
};
typedef bool ended_fn(void *context, const struct ended *e, struct fail *why);

/* Those that ended in [from, to), by that instant, then number. Here and below
   `service` names one, or is empty: any. */
bool ledger_ended(struct ledger *l, struct str service, int64_t from,
                  int64_t to, ended_fn *visit, void *context, struct fail *why);
bool ledger_any_ended_before(struct ledger *l, int64_t at, bool *out,
                             struct fail *why);

/*
 * What may have failed in a place and not be mended at an instant: the latest
 * success before it, where a rollback or an incident may be about that, and
 * what failed there since, oldest first. Of struct ended number, finished_at,
 * kind, state, started_at, undone_at, imported, recipe and group.
 */
bool ledger_failed_before(struct ledger *l, struct str service,
                          struct str environment, int64_t before,
                          ended_fn *visit, void *context, struct fail *why);

/* The highest number of a build; 0. */
bool ledger_newest_build(struct ledger *l, int64_t *build, struct fail *why);
/* When the newest build was made that a service had delivered anywhere before
   an instant; 0. */
bool ledger_newest_delivered(struct ledger *l, struct str service,
                             int64_t before, int64_t *built_at,
                             struct fail *why);

/* Whether the version of a success ran before it in one of the environments. */
bool ledger_delivered_before(struct ledger *l, const struct ended *e,
                             const struct str *environments,
                             size_t nenvironments, bool *out, struct fail *why);

/* Every pair of service and environment that anything succeeded in, with the
   first and the latest success; in the order of their names. */
typedef bool place_fn(void *context, struct str service, struct str environment,
                      int64_t first_at, int64_t last_at, struct fail *why);
bool ledger_places(struct ledger *l, struct str service, place_fn *visit,
                   void *context, struct fail *why);

struct incident {
	int64_t recorded_at, started_at, resolved_at; /* resolved 0: open */
	struct str service, environment;
	int64_t caused_by; /* number; 0: nobody said */
};
typedef bool incident_fn(void *context, const struct incident *i,
                         struct fail *why);
/* Those recorded by `at`, by when they began. What was reported more than once
   is one incident, known by its place and beginning; of each deployment that it
   names there is one. */
bool ledger_incidents(struct ledger *l, int64_t at, incident_fn *visit,
                      void *context, struct fail *why);
/* The latest deployment of the place, no rollback, that changed it and ended by
   an instant; 0: none. */
bool ledger_last_change(struct ledger *l, struct str service,
                        struct str environment, int64_t by, int64_t *number,
                        struct fail *why);

/* An intent that was stopped: a denial, or a wait by one code. */
struct stop {
	int64_t seq, at;
	struct str path, service, environment;
	bool denied;         /* else it waited */
	enum diag_code code; /* may be none: it waited for the next run */
	int64_t again_at;    /* when the same code had stopped it last; else
	                        INT64_MIN */
	int64_t until; /* when the next was decided of it; 0: it waits still */
	bool waits;    /* it does; until 0 and not this: it was taken back */
	int64_t made;  /* the deployment that it became; 0 */
	enum deployment_state made_state;
	int64_t made_undone_at, made_finished_at;
};
typedef bool stop_fn(void *context, const struct stop *s, struct fail *why);
/* Recorded in [from, to), oldest first. */
bool ledger_stops(struct ledger *l, struct str service, int64_t from,
                  int64_t to, stop_fn *visit, void *context, struct fail *why);

/* When the last was recorded of a service: a deployment that ended, a decision,
   an incident; 0: nothing. */
bool ledger_last_known(struct ledger *l, struct str service, int64_t *out,
                       struct fail *why);

/* The runs from an instant on that went by another policy than the one before
   them; oldest first. number and started_at and commit of the run. */
bool ledger_policy_changes(struct ledger *l, int64_t from, int64_t to,
                           run_fn *visit, void *context, struct fail *why);

/* A success and the commit that its version was built of. */
struct delivered {
	int64_t number, finished_at;
	struct str version, commit; /* commit may be empty */
};
typedef bool delivered_fn(void *context, const struct delivered *d,
                          struct fail *why);
/* The successes of a place, by when they ended, then number. */
bool ledger_delivered(struct ledger *l, struct str service,
                      struct str environment, delivered_fn *visit,
                      void *context, struct fail *why);

#endif
