/* gather: in which order the requests of a pass are judged. */
#include "runner/gather_private.h"

#include <stdlib.h>

enum { CLASSES = 3 };

/* CONTRACT section 8, "Recording": builds, then holds, approvals, cancels and
   incidents, then the rest. */
static int class_of(enum intent_kind kind)
{
	switch (kind) {
	case INTENT_BUILD:
		return 0;
	case INTENT_HOLD:
	case INTENT_APPROVAL:
	case INTENT_CANCEL:
	case INTENT_INCIDENT:
		return 1;
	case INTENT_DEPLOY:
	case INTENT_PROMOTE:
	case INTENT_ROLLBACK:
	case INTENT_RELEASE:
	case INTENT_UNKNOWN:
		break;
	}
	return 2;
}

static int by_place(const struct packed_request *a,
                    const struct packed_request *b)
{
	if (a->commit != b->commit)
		return a->commit < b->commit ? -1 : 1;
	return str_cmp(packed_request_path(a), packed_request_path(b));
}

struct place_in_order {
	const struct packed_request *request;
	uint32_t index;
};

static int by_order(const void *pa, const void *pb)
{
	const struct packed_request *a =
	        ((const struct place_in_order *)pa)->request;
	const struct packed_request *b =
	        ((const struct place_in_order *)pb)->request;
	int ca = class_of(a->kind), cb = class_of(b->kind);
	return ca != cb ? ca - cb : by_place(a, b);
}

/* Usually they are already: of one commit, found by path. */
static bool classes_in_order(const struct pass *p)
{
	const struct packed_request *last[CLASSES] = {NULL};
	for (size_t i = 0; i < p->requests.n; i++) {
		const struct packed_request *r = &p->requests.at[i];
		int class = class_of(r->kind);
		if (last[class] && by_place(last[class], r) > 0)
			return false;
		last[class] = r;
	}
	return true;
}

static void part_classes(struct pass *p)
{
	size_t n = 0;
	for (int class = 0; class < CLASSES; class ++)
		for (size_t i = 0; i < p->requests.n; i++)
			if (class_of(p->requests.at[i].kind) == class)
				p->order[n++] = (uint32_t)i;
}

static void sort_order(struct pass *p)
{
	size_t n = p->requests.n;
	struct arena *scratch = arena_new();
	struct place_in_order *places = arena_array(scratch, n, sizeof *places);
	for (size_t i = 0; i < n; i++)
		places[i] = (struct place_in_order){&p->requests.at[i],
		                                    (uint32_t)i};
	qsort(places, n, sizeof *places, by_order);
	for (size_t i = 0; i < n; i++)
		p->order[i] = places[i].index;
	arena_free(scratch);
}

void gather_order(struct pass *p)
{
	size_t n = p->requests.n;
	p->order = arena_array(p->arena, n, sizeof *p->order);
	if (classes_in_order(p))
		part_classes(p);
	else
		sort_order(p);
}
