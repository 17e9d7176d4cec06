#include "core/insight_change.h"

#include "core/map.h"

#include <stdlib.h>

enum { MOST_HIDDEN = 32 };

/* One success of a service in one of E. */
struct success_of {
	int64_t number, at;
	size_t environment;
	struct str version, commit;
};

struct measuring {
	struct insight_changes *out;
	struct arena *arena, *scratch;
	size_t environment;
	VEC(struct success_of) successes;
	struct map seen; /* versions */
};

static bool take(void *context, const struct delivered *d, struct fail *why)
{
	struct measuring *m = context;
	(void)why;
	*vec_add(m->scratch, &m->successes) =
	        (struct success_of){.number = d->number,
	                            .at = d->finished_at,
	                            .environment = m->environment,
	                            .version = str_copy(m->scratch, d->version),
	                            .commit = str_copy(m->scratch, d->commit)};
	return true;
}

static int success_cmp(const void *a, const void *b)
{
	const struct success_of *x = a, *y = b;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

static int delivery_cmp(const void *a, const void *b)
{
	const struct insight_delivery *x = a, *y = b;
	return (x->number > y->number) - (x->number < y->number);
}

/* The commits that were there before, newest first, each once. */
static size_t hidden_before(const struct measuring *m, size_t at,
                            struct oid hidden[MOST_HIDDEN])
{
	size_t n = 0;
	for (size_t i = at; i-- > 0 && n < MOST_HIDDEN;) {
		struct oid id;
		bool twice = !oid_parse(m->successes.at[i].commit, &id);
		for (size_t k = 0; k < n; k++)
			twice |= oid_eq(&hidden[k], &id);
		if (!twice)
			hidden[n++] = id;
	}
	return n;
}

static bool has_all(const struct repo *r, const struct oid *tip,
                    const struct oid *hidden, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!repo_has(r, &hidden[i]))
			return false;
	return repo_has(r, tip);
}

/* Whether the version was there before: then it brings nothing new. */
static bool came_before(struct measuring *m, size_t at)
{
	return map_put(&m->seen, m->successes.at[at].version, m) != NULL;
}

static bool measure_one(struct measuring *m, const struct repo *r, size_t at,
                        struct fail *why)
{
	struct oid hidden[MOST_HIDDEN], tip;
	const struct success_of *s = &m->successes.at[at];
	size_t n = hidden_before(m, at, hidden);
	if (came_before(m, at))
		return true;
	struct insight_delivery d = {.number = s->number};
	if (!at || !n || !oid_parse(s->commit, &tip) ||
	    !has_all(r, &tip, hidden, n)) {
		d.unknown = true;
	} else {
		struct commit_times times;
		if (!repo_between(r, m->arena, &tip, hidden, n, &times, why))
			return false;
		d.at = times.at;
		d.n = times.n;
	}
	*vec_add(m->arena, &m->out->deliveries) = d;
	return true;
}

static bool measure(struct measuring *m, struct ledger *l,
                    const struct insight_source *source,
                    const struct str *environments, size_t nenvironments,
                    struct fail *why)
{
	m->successes.n = 0;
	m->seen = map_new(m->scratch);
	for (size_t e = 0; e < nenvironments; e++) {
		m->environment = e;
		if (!ledger_delivered(l, source->service, environments[e], take,
		                      m, why))
			return false;
	}
	if (m->successes.n)
		qsort(m->successes.at, m->successes.n, sizeof *m->successes.at,
		      success_cmp);
	for (size_t i = 0; i < m->successes.n; i++)
		if (!measure_one(m, source->repo, i, why))
			return false;
	*vec_add(m->arena, &m->out->services) =
	        str_copy(m->arena, source->service);
	return true;
}

bool insight_changes_read(struct insight_changes *out, struct arena *a,
                          struct ledger *l,
                          const struct insight_source *sources, size_t nsources,
                          const struct str *environments, size_t nenvironments,
                          struct fail *why)
{
	struct measuring m = {.out = out, .arena = a, .scratch = arena_new()};
	bool fine = true;
	*out = (struct insight_changes){0};
	for (size_t i = 0; fine && i < nsources; i++)
		fine = measure(&m, l, &sources[i], environments, nenvironments,
		               why) ||
		       fail_note(why, "service %" STR_FMT,
		                 STR_ARG(sources[i].service));
	arena_free(m.scratch);
	if (out->deliveries.n)
		qsort(out->deliveries.at, out->deliveries.n,
		      sizeof *out->deliveries.at, delivery_cmp);
	return fine;
}

bool insight_changes_measured(const struct insight_changes *c,
                              struct str service)
{
	vec_each (const struct str, s, &c->services)
		if (str_eq(*s, service))
			return true;
	return false;
}

const struct insight_delivery *
insight_changes_of(const struct insight_changes *c, int64_t number)
{
	const struct insight_delivery key = {.number = number};
	if (!c->deliveries.n)
		return NULL;
	return bsearch(&key, c->deliveries.at, c->deliveries.n, sizeof key,
	               delivery_cmp);
}
