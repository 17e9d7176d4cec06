/*
 * gate_filter: from the bytes of an answer of Spinnaker's Gate to the members
 * of its executions that matter, as the bytes come.
 *
 * An expanded execution can be tens of megabytes (manifests, whole pipelines
 * of parents, logs); what is kept of one is at most GATE_KEPT_MAX bytes, and
 * what is held while reading does not grow with the document. The members that
 * are kept, each with its cap, are one table, gate_filter.def. Nothing of
 * trigger parameters, manifests, headers and stack traces is among them.
 *
 * Taken: one execution (GET /pipelines/{id}) or an array of them (GET
 * /executions, .../executions/search). Outside rules: RFC 8259; invalid UTF-8
 * inside a string becomes U+FFFD; of members with one name the last counts, as
 * in Gate's own parser. Refused: what is no JSON, what ends in the middle,
 * what nests deeper than GATE_DEPTH_MAX, a root that is neither.
 *
 *	struct gate_filter *f = gate_filter_new(a);
 *	while (bytes come)
 *		gate_filter_feed(f, bytes);
 *	if (!gate_filter_end(f, &list, why)) ...
 */
#ifndef RUNNER_GATE_FILTER_H
#define RUNNER_GATE_FILTER_H

#include "core/fail.h"
#include "core/str.h"
#include "core/vec.h"

enum {
	GATE_KEPT_MAX = 256 * 1024, /* of one execution */
	GATE_DEPTH_MAX = 512,
	GATE_DOCUMENTS_MAX = 2000, /* of one answer; the rest is counted */
};

struct gate_filter;
struct gate_document; /* one execution, as it was kept */

struct gate_documents {
	VEC(const struct gate_document *) documents; /* as they came */
	size_t left_out; /* executions beyond GATE_DOCUMENTS_MAX */
};

/* Owned by the arena, as is all that it keeps. */
struct gate_filter *gate_filter_new(struct arena *a);

/* False: what came is not what is expected, and no more need be fed. */
bool gate_filter_feed(struct gate_filter *f, struct str bytes);

/* The answer is whole. Fails (FAIL_ENGINE) where it is not JSON, or cut. */
bool gate_filter_end(struct gate_filter *f, struct gate_documents *out,
                     struct fail *why);

#endif
