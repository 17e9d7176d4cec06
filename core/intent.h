/*
 * intent: what somebody asks for: one file under intents/, decoded.
 *
 * One struct serves all kinds: each kind's table of keys (CONTRACT section 1)
 * names the members that it uses, the others stay "not given".
 */
#ifndef CORE_INTENT_H
#define CORE_INTENT_H

#include "core/decode.h"

enum intent_kind {
	INTENT_DEPLOY,
	INTENT_PROMOTE,
	INTENT_ROLLBACK,
	INTENT_RELEASE,
	INTENT_BUILD,
	INTENT_APPROVAL,
	INTENT_CANCEL,
	INTENT_HOLD,
	INTENT_INCIDENT,
	INTENT_KIND_COUNT,
	INTENT_UNKNOWN = INTENT_KIND_COUNT
};

enum { SUMMARY_MAX = 240 };
/* A label with this name tells that a program proposed the intent. */
#define INTENT_PROPOSED_LABEL "proposed_by"
/* By the choice of struct intent's reason; NULL-terminated. */
extern const char *const intent_reason_names[];
enum approval_decision { APPROVAL_APPROVE, APPROVAL_REJECT };

struct ci {
	struct text provider, run_id, run_url;
};
struct release_member {
	struct text service, environment, version, recipe;
	struct texts after;
	struct raw params;
};

enum { RELEASE_MAX = 64 };
/* The members that go right before member i: 1 << k for each member k. */
uint64_t release_after(const struct list *deploys, size_t i);
/*
 * The order in which the members of a release go: each after those that it is
 * `after`, otherwise as they stand. Returns how many have a place in it: fewer
 * than there are where some wait for each other. At most RELEASE_MAX.
 */
size_t release_order(const struct list *deploys, size_t *order);
/* The same of n members whose release_after is known. */
size_t release_sort(const uint64_t *after, size_t n, size_t *order);

struct intent {
	enum intent_kind kind;
	struct span at;      /* the document */
	struct span kind_at; /* the word */
	/* every kind */
	struct text summary, ticket;
	struct choice reason; /* planned, hotfix, incident */
	struct moment not_before, expires;
	struct raw labels;
	/* deploy and its kin */
	struct text service, environment, version, recipe;
	struct raw params;
	struct text from, to; /* promote */
	struct text of;       /* rollback: a number; approval, cancel: a path */
	struct text to_version; /* rollback */
	struct list deploys;    /* release: struct release_member */
	/* build */
	struct text artifact, commit, branch, sha256, content_type, repository;
	struct moment built_at;
	struct number size_bytes;
	struct ci ci;
	struct raw attestations;
	/* approval, hold, incident */
	struct choice decision; /* enum approval_decision */
	struct text digest;
	struct moment until, started_at, resolved_at;
	struct number caused_by;
	struct text severity;
};

/* One row a kind: for help, reference pages and schemas. */
struct intent_kind_info {
	const char *name;
	const struct shape *shape;
	const char *about;
};
extern const struct intent_kind_info intent_kinds[INTENT_KIND_COUNT];

/*
 * Decode one file. Findings go to ds; false where there was an error. *out
 * holds what could be read, its kind INTENT_UNKNOWN where even that failed. A
 * blank summary (white space only) is no finding: guardrails judge it.
 */
bool intent_read(struct intent *out, struct arena *a, const struct source *src,
                 struct diags *ds);

#endif
