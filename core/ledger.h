/*
 * ledger: what happened: an append-only, hash-chained list of events in one
 * SQLite file, and tables projected from it. CONTRACT section 4.
 *
 * The event table is the truth. Every other table is a projection that
 * `project` (ledger_project.c) makes from the events one by one, both while
 * they are appended and when ledger_rebuild makes all of them anew; the two
 * give the same rows byte for byte. Views v_deployments, v_running,
 * v_decisions, v_builds, v_events are stable for users' SQL: columns are the
 * JSON members in snake_case, times RFC 3339 text.
 *
 * An event is canonical JSON (core/json): the record is
 *	{"actor":..,"payload":{..},"seq":n,"subject":..,"time":"..Z","type":..}
 * and hash = SHA-256(prev_hash, LF, record) in hex; the first prev_hash is 64
 * zeros. Times are seconds since the epoch inside the database.
 *
 * Types, subject in brackets, and what their payload holds:
 *
 *	ledger.created (ledger): repository, schema
 *	run.started (number): number, commit, policyTree
 *	run.finished (number): number, commit, intentsTree, policyTree,
 *		startedAt, allow, wait, deny, replay
 *	intent.decided (path): the decision document of CONTRACT section 3,
 *		commit, run (a number), policyCommit (the
 *		tip whose policy judged it). A wait is recorded at first and
 *when its code changes. build.registered (service@version): service, version,
 *artifact, commit, branch, builtAt, sha256, sizeBytes, contentType, repository,
 *		ci{provider,runId,runUrl}, group, actor{email,role},
 *		intent{path,blob,commit}
 *	deployment.created (number): number, token, service, environment,
 *		version, previousVersion, group, recipe, recipeRevision, kind,
 *		rollbackOf, sourceEnvironment, summary, ticket, reason,
 *		authoredAt (of the intent's commit),
 *		actor{email,role,name}, engine, timeout (seconds),
 *		intent{path,blob,commit}, run: it is PENDING
 *	deployment.merged (number): number, at, detail (the first line of what
 *		git says): the step of the main line that brought its intent,
 *		where that is not the intent's own commit or names a pull
 *		request
 *	deployment.dispatching (number): number, attempt, target (the engine's
 *		own words for where), queue: about to be sent
 *	deployment.not_found (number): number, detail: a look at the engine
 *		found no execution of this attempt
 *	deployment.unsent (number): number, detail: this attempt was not sent
 *	deployment.withdrawn (number): number, code, message: nothing was sent;
 *		the deployment is gone and its number free again
 *	deployment.started (number): number, executionId, executionUrl,
 *		startedAt
 *	deployment.progress, deployment.lost_contact (number): number, detail
 *	deployment.ended (number): number, state, finishedAt, detail,
 *		failures[{category,summary,detail,hint,observedAt}]
 *	deployment.cancel_requested (number): number, detail, actor{email,role,
 *		name}, intent{path,blob,commit}: the engine is about to be told
 *	release.ended (path): path, state (SUCCEEDED, FAILED, CANCELED),
 *		detail: no further member of it is sent
 *	hold.placed (service@version): service, environment, version, until
 *	approval.given (path): path, blob, decision (approve, reject)
 *	intent.withdrawn (path): path: it is not to be acted on any more
 *	incident.reported (service): service, environment, startedAt,
 *		resolvedAt, causedBy (number), severity
 *		These four have also summary, group, actor{email,role,name},
 *		intent{path,blob,commit} (their own) and run.
 *	deployment.imported (number): a whole deployment from elsewhere, its
 *		source and the digest of its line
 *
 * A number must be the lowest that is free, and what has ended takes no more
 * of these events. Other types are recorded; those of deployment.* with number
 * and detail (and `at`, where that is not when it was recorded) become timeline
 * entries. Timeline events are the words after the dot, and the state in lower
 * case for an end.
 *
 * Durability: WAL, synchronous=FULL: a transaction that committed survives a
 * power cut. One writer at a time: ledger_lease. sqlite3.h is included by
 * core/ledger*.c alone.
 */
#ifndef CORE_LEDGER_H
#define CORE_LEDGER_H

#include "core/deployment.h"
#include "core/fail.h"
#include "core/merkle.h"
#include "core/oid.h"
#include "core/request.h"
#include "core/verdict.h"

struct ledger;

enum { LEDGER_SCHEMA = 3 };

enum ledger_mode {
	LEDGER_READ,  /* a file that is not there reads as an empty ledger */
	LEDGER_WRITE, /* made, with its folder, where it is not there */
};

/*
 * Open, migrate where older. A file that is no ledger, an empty one, a ledger
 * of a newer schema, half a one: FAIL_INTEGRITY with the next step. A new file
 * appears whole or not at all. Reading leaves nothing behind, and works where
 * nothing can be written. Closed when a goes.
 */
bool ledger_open(struct ledger **out, struct arena *a, const char *path,
                 enum ledger_mode mode, struct fail *why);
bool ledger_exists(const struct ledger *l); /* false: reads as empty */

/*
 * The one-runner lease: an exclusive lock (fcntl) on FILE.lock that the kernel
 * drops with the process, so that a dead holder's lease is free at once.
 * FAIL_BUSY, with the holder's process id, where another runner has it.
 */
bool ledger_lease(struct ledger *l, struct arena *a, struct fail *why);

/* FAIL_BUSY where another program is writing. In LEDGER_READ: what is read
   until the rollback is of one instant. */
bool ledger_begin(struct ledger *l, struct fail *why);
bool ledger_commit(struct ledger *l, struct fail *why); /* durable after this */
void ledger_rollback(struct ledger *l);

/*
 * Append one event and project it, inside a transaction. payload is a jansson
 * object, borrowed. *seq (if given) gets its number. An event that contradicts
 * what is recorded is FAIL_INTEGRITY, one without bound or not UTF-8
 * FAIL_INPUT; after either the transaction must be rolled back.
 */
bool ledger_append(struct ledger *l, int64_t time, const char *type,
                   struct str subject, struct str actor, json_t *payload,
                   int64_t *seq, struct fail *why);

/* What the last finished run left; zero and 0 where there was none. */
struct ledger_head {
	struct str repository; /* of ledger.created; empty: not known yet */
	int64_t runs;          /* the highest run number */
	struct oid commit, intents_tree, policy_tree;
	int64_t finished_at;
	int64_t events;
	char hash[65];
};
bool ledger_head(struct ledger *l, struct arena *a, struct ledger_head *out,
                 struct fail *why);

/* --- what guardrails ask ------------------------------------------------- */

enum record_state {
	RECORD_NONE,    /* no run has decided about this path, or it waits */
	RECORD_SAME,    /* allowed or denied, with this blob */
	RECORD_CHANGED, /* allowed or denied, with another blob */
};
bool ledger_record(struct ledger *l, struct str path, const struct oid *blob,
                   enum record_state *out, struct fail *why);

/* The build registered for a version; *found false where none is. */
bool ledger_build(struct ledger *l, struct arena *a, struct str service,
                  struct str version, bool *found, struct build *out,
                  struct fail *why);

/* Dispatched (or about to be) and not terminal in this group and environment;
   at its timeout one is over, whoever comes to record that. */
bool ledger_slots(struct ledger *l, struct str group, struct str environment,
                  int64_t now, int64_t *out, struct fail *why);

/*
 * Dispatches of the kinds that a quota counts in [from, to): deploys and
 * promotions, or rollbacks; of builds, registrations of the group (environment
 * is not looked at).
 */
bool ledger_quota(struct ledger *l, enum limit quota, struct str group,
                  struct str environment, int64_t from, int64_t to,
                  int64_t *out, struct fail *why);

/* --- what people said about intents, versions and deployments ------------- */

/* Whether there are any: most ledgers have none, and nothing is asked then. */
struct ruling_presence {
	bool holds, approvals, withdrawals;
};
bool ledger_rulings(struct ledger *l, struct ruling_presence *out,
                    struct fail *why);

struct recorded_hold {
	int64_t time, until; /* until 0: no end */
	struct str summary, actor, intent_path;
};
/* The longest that holds at now (until is exclusive); NULL: none. */
bool ledger_hold(struct ledger *l, struct arena *a, struct str service,
                 struct str environment, struct str version, int64_t now,
                 struct recorded_hold **out, struct fail *why);

/* Those on a service that hold at now, by environment, then in the order of
   their record. Texts live until the call returns. */
typedef bool hold_fn(void *context, struct str environment, struct str version,
                     const struct recorded_hold *h, struct fail *why);
bool ledger_holds(struct ledger *l, struct str service, int64_t now,
                  hold_fn *visit, void *context, struct fail *why);

struct recorded_approval {
	int64_t time;
	bool rejects;
	struct str blob; /* that it is for, 40 hex digits; may be empty */
	struct str summary, actor, intent_path;
};
typedef bool approval_fn(void *context, const struct recorded_approval *v,
                         struct fail *why);
/* All about the intent at path, oldest first. */
bool ledger_approvals(struct ledger *l, struct str path, approval_fn *visit,
                      void *context, struct fail *why);

/* A cancel of an intent that was not dispatched; NULL: none. */
struct recorded_withdrawal {
	int64_t time;
	struct str summary, actor, intent_path;
};
bool ledger_withdrawal(struct ledger *l, struct arena *a, struct str path,
                       struct recorded_withdrawal **out, struct fail *why);

/* When a cancel of the deployment was recorded; 0: never. */
bool ledger_cancel_requested(struct ledger *l, int64_t number, int64_t *at,
                             struct fail *why);

/*
 * The latest incident of a place that began then (0: at any time) and has no
 * end; NULL: none. Reports of the same service, environment and beginning are
 * about one incident.
 */
struct recorded_incident {
	int64_t time, started_at, caused_by;
	struct str severity, summary, actor, intent_path;
};
bool ledger_open_incident(struct ledger *l, struct arena *a, struct str service,
                          struct str environment, int64_t started_at,
                          struct recorded_incident **out, struct fail *why);

/* How far the intent at a path has come. */
struct recorded_intent {
	bool known; /* a run has judged it */
	bool waits;
	int64_t open_number; /* of a deployment that has not ended; 0 */
	int64_t last_number; /* of its latest deployment; 0: none */
	bool releasing;      /* a release that goes on */
	struct oid blob;     /* that was allowed, or waits, else was denied */
};
bool ledger_intent(struct ledger *l, struct str path,
                   struct recorded_intent *out, struct fail *why);

/* --- releases ------------------------------------------------------------ */

/* One that was allowed and has not ended. */
struct recorded_release {
	struct str path, blob;
	struct str document; /* of its decision, JSON */
};
typedef bool release_fn(void *context, const struct recorded_release *r,
                        struct fail *why);
/* Those that go on, oldest first. visit may not change the ledger. */
bool ledger_releases(struct ledger *l, release_fn *visit, void *context,
                     struct fail *why);
bool ledger_release_is_open(struct ledger *l, struct str path, bool *open,
                            struct fail *why);

/* The deployments that an intent made; those of it that have not ended. Lowest
   number first, in a. */
struct number_list {
	int64_t *at;
	size_t n, cap;
};
bool ledger_made(struct ledger *l, struct arena *a, struct str path,
                 struct str blob, struct number_list *out, struct fail *why);
bool ledger_open_of(struct ledger *l, struct arena *a, struct str path,
                    struct number_list *out, struct fail *why);

/* --- deployments --------------------------------------------------------- */

struct deployment_filter {
	struct str service, environment, group, recipe; /* empty: any */
	struct str actor;     /* their e-mail, in any case; empty: any */
	int state;            /* enum deployment_state, -1: any */
	int kind;             /* enum deployment_kind, -1: any */
	int outcome;          /* enum deployment_outcome, -1: any */
	bool open_only;       /* not terminal */
	int64_t from, to;     /* created_at in [from, to); 0: any */
	int64_t below, above; /* number < below, > above; 0: any */
	int64_t at;           /* as known then (status --at); 0: now */
	size_t limit;         /* 0: no limit */
	bool oldest_first;    /* else highest number first */
	bool with_failures, with_timeline;
};
struct deployment_filter deployment_filter_any(void);

/* Return false to stop with *why set. d lives until the call returns, unless
   copied; its texts too. */
typedef bool deployment_fn(void *context, const struct deployment *d,
                           struct fail *why);
bool ledger_deployments(struct ledger *l, const struct deployment_filter *f,
                        deployment_fn *visit, void *context, struct fail *why);

/* Those that have not ended, lowest number first, with what tells who is to be
   asked about them. Texts live until the call returns. */
struct open_deployment {
	int64_t number;
	enum deployment_state state;
	struct str engine, group, environment;
	bool has_execution; /* whose id is known */
	int64_t cancel_at;  /* when it was asked to be stopped; 0: never */
};
typedef bool open_fn(void *context, const struct open_deployment *o,
                     struct fail *why);
bool ledger_open_deployments(struct ledger *l, open_fn *visit, void *context,
                             struct fail *why);

/* One, with failures and timeline; NULL in *out where there is none. */
bool ledger_deployment(struct ledger *l, struct arena *a, int64_t number,
                       struct deployment **out, struct fail *why);
/* How far the sending of one has come: its announcements, and what was found
   since the latest. */
struct recorded_dispatch {
	int64_t attempt;  /* sent so often, perhaps; 0: never announced */
	int64_t sent_at;  /* when that was announced */
	int64_t empty_at; /* when it was first not found since; 0: never */
	struct str target, queue; /* as announced; may be empty */
};
bool ledger_dispatch(struct ledger *l, struct arena *a, int64_t number,
                     struct recorded_dispatch *out, struct fail *why);
/* Quick for one that has not ended; any other is found by a scan. */
bool ledger_deployment_by_token(struct ledger *l, struct arena *a,
                                struct str token, struct deployment **out,
                                struct fail *why);

/* These four and ledger_running_all leave out failures and timeline. */

/* The latest success by finish time, then number; NULL where nothing runs.
   at: as of that instant (0: now). */
bool ledger_running(struct ledger *l, struct arena *a, struct str service,
                    struct str environment, int64_t at, struct deployment **out,
                    struct fail *why);

/*
 * The latest success of a version in a place, by finish time, then number; NULL
 * where there is none. Its outcome tells whether it was rolled back since.
 */
bool ledger_success(struct ledger *l, struct arena *a, struct str service,
                    struct str environment, struct str version,
                    struct deployment **out, struct fail *why);

/* The success in the place of d that comes before d, by finish time, then
   number; before all to come where d has not ended. NULL: there is none. */
bool ledger_success_before(struct ledger *l, struct arena *a,
                           const struct deployment *d, struct deployment **out,
                           struct fail *why);

/* The latest deployment of a version in a place that was rolled back, where
   the version did not succeed there afterwards; NULL: there is none. */
bool ledger_undone(struct ledger *l, struct arena *a, struct str service,
                   struct str environment, struct str version,
                   struct deployment **out, struct fail *why);

/* What runs everywhere, by service, then environment; service empty: all. */
bool ledger_running_all(struct ledger *l, struct str service, int64_t at,
                        deployment_fn *visit, void *context, struct fail *why);

/* The lowest number that no deployment has. */
bool ledger_next_number(struct ledger *l, int64_t *out, struct fail *why);

/* --- decisions, builds, runs, events ------------------------------------- */

struct recorded_decision {
	int64_t seq, time, run;
	struct str path, blob, service, environment, version, kind;
	enum outcome outcome;
	enum diag_code code;
	struct str actor;
	int64_t since;       /* of a waiting one: when it was first recorded */
	int64_t number;      /* of the deployment that it made; 0 */
	struct str document; /* the decision document, JSON */
};
typedef bool decision_fn(void *context, const struct recorded_decision *d,
                         struct fail *why);

/* Waiting intents in order of their first record. */
bool ledger_waiting(struct ledger *l, decision_fn *visit, void *context,
                    struct fail *why);

struct decision_filter {
	struct str path, service, environment;
	int outcome;      /* enum outcome; -1: any */
	int64_t from, to; /* 0: any */
	int64_t number;   /* the decision that made this deployment; 0: any */
	size_t limit;
};
/* Newest first. */
bool ledger_decisions(struct ledger *l, const struct decision_filter *f,
                      decision_fn *visit, void *context, struct fail *why);

/* The latest decision about a deploy or a promotion of a version to a place,
   without its document; *found false where there is none. In a. */
bool ledger_asked(struct ledger *l, struct arena *a, struct str service,
                  struct str environment, struct str version, bool *found,
                  struct recorded_decision *out, struct fail *why);

/* Waits and denials, and what else was decided about the same intents, oldest
   first, without their documents (and since): these are nearly all there is to
   read. */
bool ledger_decision_list(struct ledger *l, decision_fn *visit, void *context,
                          struct fail *why);
/* All that a run decided, likewise. Runs are told apart by halves: for a few.
 */
bool ledger_decisions_of_run(struct ledger *l, int64_t run, decision_fn *visit,
                             void *context, struct fail *why);
/* When each was recorded, in no order. */
typedef bool time_fn(void *context, int64_t time, struct fail *why);
bool ledger_decision_times(struct ledger *l, time_fn *visit, void *context,
                           struct fail *why);

/* The decision document that made a deployment, in a; empty: there is none. */
bool ledger_decision_of(struct ledger *l, struct arena *a, int64_t number,
                        struct str *document, struct fail *why);

/* How many decisions there were of each kind, by outcome, then code. */
struct decision_count {
	enum outcome outcome;
	enum diag_code code;
	int64_t n;
};
typedef bool decision_count_fn(void *context, const struct decision_count *c,
                               struct fail *why);
bool ledger_decision_counts(struct ledger *l, decision_count_fn *visit,
                            void *context, struct fail *why);

struct registered_build {
	struct build build;
	int64_t seq, time;
	struct str actor, intent_path, intent_blob, intent_commit;
};
typedef bool build_fn(void *context, const struct registered_build *b,
                      struct fail *why);
/* Newest first; service empty: all. */
bool ledger_builds(struct ledger *l, struct str service, size_t limit,
                   build_fn *visit, void *context, struct fail *why);

struct recorded_run {
	int64_t number, started_at,
	        finished_at; /* finished 0: it did not end */
	struct str commit;
	int64_t allow, wait, deny, replay;
};
typedef bool run_fn(void *context, const struct recorded_run *r,
                    struct fail *why);
bool ledger_runs(struct ledger *l, size_t limit, run_fn *visit, void *context,
                 struct fail *why);

/* The last run that went by this policy (its number and finished_at);
 *seen false where none did. */
bool ledger_policy_seen(struct ledger *l, const struct oid *policy_tree,
                        bool *seen, struct recorded_run *out, struct fail *why);

/* The commit of the first run that went by it, hex; empty: none did. */
bool ledger_policy_first(struct ledger *l, struct arena *a,
                         struct str policy_tree, struct str *commit,
                         struct fail *why);

struct event {
	int64_t seq, time;
	struct str type, subject, actor, payload, prev_hash, hash;
};
typedef bool event_fn(void *context, const struct event *e, struct fail *why);
/* Events with seq > after, oldest first; [from, to) by time, 0: any. */
bool ledger_events(struct ledger *l, int64_t after, int64_t from, int64_t to,
                   event_fn *visit, void *context, struct fail *why);
/*
 * All events, oldest first, for who replays them: hashes are left empty, and of
 * events of that type the payload has its first `size` bytes at most. Decision
 * documents have most of what there is to read in their trace, which is past
 * that; ledger_event_payload reads one whole, into a.
 */
bool ledger_event_heads(struct ledger *l, const char *type, size_t size,
                        event_fn *visit, void *context, struct fail *why);
bool ledger_event_payload(struct ledger *l, struct arena *a, int64_t seq,
                          struct str *out, struct fail *why);
/* The last n of those in [from, to) by time, oldest first, with payload and
   prev_hash left empty. */
bool ledger_event_last(struct ledger *l, int64_t from, int64_t to, int64_t n,
                       event_fn *visit, void *context, struct fail *why);
/* How many in [from, to) by time. */
bool ledger_event_count(struct ledger *l, int64_t from, int64_t to,
                        int64_t *out, struct fail *why);
/* The earliest time of an event from that time on; 0: there is none. */
bool ledger_event_next(struct ledger *l, int64_t from, int64_t *out,
                       struct fail *why);

/* --- what was recorded of intents, to compare it with git ------------------
 */

struct intent_mark {
	int64_t seq, time;     /* of the decision */
	struct str path, blob; /* the intent */
	struct str commit;     /* that gave the path this blob */
};
typedef bool intent_mark_fn(void *context, const struct intent_mark *m,
                            struct fail *why);
/* All decisions, oldest first. */
bool ledger_intent_marks(struct ledger *l, intent_mark_fn *visit, void *context,
                         struct fail *why);
/* Whether a run has ever decided about this very blob there, a wait too. */
bool ledger_judged(struct ledger *l, struct str path, const struct oid *blob,
                   bool *out, struct fail *why);

/* --- care ---------------------------------------------------------------- */

/* A difference that verify found. */
struct ledger_fault {
	enum diag_code code;
	int64_t seq;      /* of the event, 0 where it is not about one */
	int64_t time;     /* that the event has; 0: not known */
	struct str place; /* "event 12", "deployment 4", "the view v_running" */
	struct str text, hint;
};
typedef void fault_fn(void *context, const struct ledger_fault *f);

struct ledger_soundness {
	int64_t events, faults;
	struct merkle_hash root; /* of the tree over all events */
};
struct checkpoint;
/*
 * SQLite's own integrity, the hash chain, every projection against one made
 * anew in memory, and that the ledger begins with what a checkpoint was made of
 * (NULL: none is compared). Fails only where it could not look.
 */
bool ledger_verify(struct ledger *l, const struct checkpoint *than,
                   fault_fn *report, void *context,
                   struct ledger_soundness *out, struct fail *why);
/* Make all projections anew from the events, in one transaction; refused
   (FAIL_INTEGRITY) where their chain does not hold. */
bool ledger_rebuild(struct ledger *l, int64_t *events, struct fail *why);

struct import_result {
	int64_t read, added, known, refused;
};
/*
 * History from elsewhere (CONTRACT section 4 and 8): JSON Lines, snake_case
 * members. The file is taken whole or not at all; with skip_invalid the lines
 * that are not deployments are left out. Findings INVALID_IMPORT point at
 * line and column. Importing the same lines again adds nothing.
 */
bool ledger_import(struct ledger *l, struct arena *a, const struct source *file,
                   bool skip_invalid, int64_t now, struct diags *ds,
                   struct import_result *out, struct fail *why);

#endif
