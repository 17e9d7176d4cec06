/*
 * run: one pass over a repository: reconcile, decide, dispatch, poll, record;
 * and check, the same judgement without any effect.
 */
#ifndef RUNNER_RUN_H
#define RUNNER_RUN_H

#include "runner/dispatch.h"

struct run_options {
	int64_t wait;        /* seconds to go on for; 0: one pass */
	bool dry_run;        /* decide, and leave no trace */
	bool keep_documents; /* of decisions, for who shows them */
};

/* One decision of a run, kept to its end. */
struct decided {
	struct arena *arena; /* of the run: where its texts live */
	struct request request;
	struct decision decision; /* its trace is not kept */
	struct buf text;          /* what `document` lies in */
	struct str document;      /* the decision document, where kept; JSON */
	int64_t number;           /* of the deployment that it made; 0 */
	struct number_list numbers; /* of those that a release has made */
	int64_t expires_at;         /* if it waits until then */
};

struct run_result {
	int64_t number, started_at, finished_at;
	VEC(struct decided) decided;
	struct run_counts counts;
	int64_t undecodable; /* decisions about files that do not decode */
	struct dispatch_report report;
};

/*
 * p comes from gather_policy, without errors; the ledger is open for writing
 * and its lease held (for a dry run: open for reading). False for a failure of
 * the environment: what was recorded before it stays.
 */
bool run_pass(struct world *w, struct pass *p,
              const struct run_options *options, struct run_result *out,
              struct fail *why);

/*
 * Fill a pass of gather_policy with the requests that check judges: what it
 * adds to base, or, where base is empty, everything not yet recorded.
 */
/*
 * Before anything is judged: whether policy/ was changed by those who may
 * (since base, or empty: since the last run), and the pass does not go back.
 * Findings go to p->findings.
 */
bool check_policy_change(struct world *w, struct pass *p, struct str base,
                         struct fail *why);

bool check_gather(struct world *w, struct pass *p, struct str base,
                  struct fail *why);

#endif
