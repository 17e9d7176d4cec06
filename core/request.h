/*
 * request: an intent made ready to be judged: the few facts that guardrails
 * look at. A pass keeps its requests packed: core/packed_request.h.
 */
#ifndef CORE_REQUEST_H
#define CORE_REQUEST_H

#include "core/diag.h"
#include "core/intent.h"
#include "core/oid.h"

/*
 * A location in the intent's own file, in 8 bytes: a file has at most 2^18
 * lines. Columns past 65,535 and heights past 8,191 are told as that.
 */
struct spot {
	uint32_t line : 19;   /* 0: the file as such */
	uint32_t height : 13; /* lines below `line` that it reaches */
	uint16_t column, end_column;
};

/* What the build kind adds (struct text's places are not kept). */
struct build {
	struct str service, version;
	struct str artifact, commit, branch, sha256, content_type, repository;
	struct str ci_provider, ci_run_id, ci_run_url;
	int64_t built_at, size_bytes;
	struct spot artifact_at, sha256_at, run_url_at, repository_at,
	        commit_at;
};

/* What the kinds add that say something about others: approval, cancel, hold
   and incident. */
struct ruling {
	struct str of; /* path of the intent that it is about */
	bool rejects;
	struct str digest; /* the blob that was approved; empty: not said */
	int64_t until, started_at, resolved_at; /* 0: not given */
	int64_t caused_by;                      /* a deployment's number; 0 */
	struct str severity, summary;
	struct spot of_at, caused_by_at;
};

/* A parameter that the intent sets. */
struct request_param {
	struct request_param *next;
	struct str name, value;
	struct spot at;
	bool plain; /* a scalar without quotes; lists and maps never get here */
};

/* One deploy of a release. */
struct request_member {
	struct str service, environment, version, recipe;
	struct spot service_at, environment_at, version_at, recipe_at;
	struct request_param *params;
	uint64_t after; /* 1 << i for each member i that goes before it */
};

/* What few intents have. */
struct request_more {
	struct spot invalid_at;
	struct str invalid_why;
	struct str recipe; /* that the intent names */
	struct spot recipe_at;
	int64_t waiting_since, not_before, expires; /* 0: not given */
	struct spot not_before_at, expires_at;
	struct build *build; /* of the kind build */
	struct str from;     /* of a promotion: where it comes from */
	int64_t of; /* of a rollback: the deployment it undoes; 0: none */
	struct spot from_at, of_at;
	struct ruling *ruling;          /* of the kinds that it names */
	struct request_member *members; /* of a release, as they stand */
	size_t nmembers;                /* at most RELEASE_MAX */
};

struct request {
	struct str path;
	struct oid blob;
	uint32_t commit; /* index into the pass's commits, oldest first */
	enum intent_kind kind : 8;
	/* Where the file did not decode; the place and why are in `more`. */
	enum diag_code invalid : 16;
	/* It waits since an earlier run, by the code then (may be none). */
	enum diag_code waiting_code : 16;
	bool waiting : 1;
	bool removed : 1; /* its file was taken out of intents/ meanwhile */
	bool member : 1;  /* of a release, whose file it stands in */
	bool mixed : 1;   /* its change touched policy/ too */
	bool summary_is_blank : 1;
	bool proposed : 1;       /* by a program: has INTENT_PROPOSED_LABEL */
	uint32_t summary_length; /* code points; the text stays in git */
	struct spot at, service_at, environment_at, version_at, summary_at;
	struct str service, environment, version;
	struct request_param *params;
	struct request_more *more; /* NULL: nothing; see request_more */
};

/*
 * Make the request of a decoded (or not decodable: first error of ds) intent.
 * The path is borrowed from src and must live as long as a; other texts are
 * copied into a. `commit` and `mixed` are the caller's to set.
 */
struct request request_of(struct arena *a, const struct intent *intent,
                          const struct source *src, const struct oid *blob,
                          const struct diags *ds);

/* A member of a release as a deploy of its own, of the same file. */
struct request request_member(struct arena *a, const struct request *release,
                              size_t i);
/* The members in the order in which they go; order has room for all. */
void request_order(const struct request *release, size_t *order);

/* Never NULL: all empty where the request has nothing of it. */
const struct request_more *request_more(const struct request *r);
/* To be filled; made in a where there is none yet. */
struct request_more *request_more_new(struct arena *a, struct request *r);

struct location request_location(const struct request *r, struct spot spot);

/* The folder under intents/ that a file stands in: its service; else empty. */
struct str request_path_service(struct str path);

#endif
