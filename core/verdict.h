/*
 * verdict: what the guardrails made of one request, and the decision document
 * that `check`, `run`, `status`, `show`, the ledger and the site all carry
 * (CONTRACT section 3, "JSON").
 */
#ifndef CORE_VERDICT_H
#define CORE_VERDICT_H

#include "core/diag.h"
#include "core/json.h"
#include "core/request.h"

enum outcome {
	OUTCOME_ALLOW,
	OUTCOME_WAIT,
	OUTCOME_DENY,
	OUTCOME_REPLAY,
	OUTCOME_COUNT
};
extern const char *const outcome_names[]; /* "allow", ...; NULL-terminated */

enum trace_result {
	TRACE_PASS,
	TRACE_WAIT,
	TRACE_DENY,
	TRACE_WAIVED,
	TRACE_SKIP
};

enum { TRACE_INPUTS_MAX = 4, VERDICT_ALSO_MAX = 55, VERDICT_TRACE_MAX = 56 };

/* A value that a guardrail looked at. */
struct trace_input {
	const char *name;
	bool is_number;
	int64_t number;
	struct str text;
};

/* How much of a row is put into words: sentences cost more than judging. */
enum trace_words { WORDS_ALL, WORDS_OF_REFUSAL, WORDS_NONE };

/* What one guardrail said. */
struct trace_row {
	const char *guardrail; /* "quota" */
	const char *title;     /* "Daily quota" */
	enum diag_code code;   /* DIAG_NONE where it passed or was skipped */
	enum trace_result result;
	enum trace_words words;
	struct str detail;    /* one sentence for people, as `words` allows */
	struct str hint;      /* the next step here; empty: the code's own */
	struct location at;   /* in the intent */
	struct location rule; /* in the policy; nowhere: built in */
	int64_t next_allowed_at; /* of a wait with a known end; else 0 */
	struct str ends_when;    /* what happens then: "the freeze peak ends" */
	size_t ninputs;          /* before them, who are not cleared */
	struct trace_input inputs[TRACE_INPUTS_MAX];
};

enum actor_proof { PROOF_AUTHOR, PROOF_SIGNED };

struct actor {
	struct str email; /* lower case; or the signer's principal */
	struct str name;
	struct str author, committer; /* e-mail addresses of the commit */
	const char *role; /* "DELIVERY_OWNER", ...; "" where it has none */
	enum actor_proof proof;
};

struct deployment;

struct decision {
	const struct request *request;
	struct str token, group, recipe;
	struct oid commit; /* the commit that gave the path its blob */
	struct actor actor;
	enum outcome outcome;
	enum diag_code code; /* DIAG_NONE: everything passed */
	struct str message, hint;
	int64_t next_allowed_at;
	struct location at;
	enum diag_code also[VERDICT_ALSO_MAX];
	size_t nalso;
	struct trace_row *trace; /* room for VERDICT_TRACE_MAX, the caller's */
	size_t ntrace;
	struct decision *items; /* of a release: about its members, as they
	                           stand in the file */
	size_t nitems;
	const struct deployment *made; /* by an item, once that is known */
};

/* The members of the decision document, between braces of the caller's. */
void decision_json(struct jw *j, const struct decision *d);
void location_json(struct jw *j, const char *key, const struct location *at);
/* The member "rule": where the policy says it, or null for what is built in. */
void rule_json(struct jw *j, const struct location *rule);
/* One of `findings` of CONTRACT section 3, with braces; its schema member is
   left out where that is NULL. */
void finding_json(struct jw *j, const struct diag *d, const char *schema);
/* All of them, an array. */
void findings_json(struct jw *j, const struct diags *ds);

#endif
