/*
 * bench_guards REPOSITORY LEDGER TIME: what each guardrail costs. Gathers and
 * judges as `dxcp check` does, and on the way asks every guardrail about every
 * intent again, ROUNDS times by the clock. Prints as JSON the seconds of all
 * that check does, and the name and seconds of the dearest guardrail and of one
 * in the middle.
 */
#include "core/when.h"
#include "runner/decide.h"
#include "runner/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 8, GUARDS_MAX = 64 };

struct bench {
	struct arena *arena; /* of what guardrails say */
	double spent[GUARDS_MAX], clock, asking;
	size_t n;
};

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* As judge asks it of an intent that nothing has refused yet. */
static void ask(const struct guard *g, const struct facts *f, struct arena *a)
{
	struct trace_row row;
	memset(&row, 0, offsetof(struct trace_row, inputs));
	row.guardrail = g->name;
	row.words = WORDS_OF_REFUSAL;
	if (g->kinds & 1u << f->request->kind)
		g->check(f, &row, a);
}

static bool visit(void *context, const struct decision *d,
                  const struct facts *f, struct arena *scratch,
                  struct fail *why)
{
	struct bench *b = context;
	double begin = now(), last = begin;
	(void)d;
	(void)scratch;
	(void)why;
	for (size_t i = 0; i < guard_count; i++) {
		for (int k = 0; k < ROUNDS; k++)
			ask(&guards[i], f, b->arena);
		double t = now();
		b->spent[i] += t - last;
		last = t;
		arena_reset(b->arena);
	}
	b->clock += now() - last;
	b->asking += now() - begin;
	b->n++;
	return true;
}

static bool check(struct world *w, struct bench *b, struct fail *why)
{
	struct pass p;
	struct gather_range everything = {0};
	struct decide_options how = {0};
	return gather_policy(w, &p, STR("main"), false, why) &&
	       gather_requests(w, &p, &everything, why) &&
	       decide(w, &p, &how, visit, b, why);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void report(struct bench *b, double all)
{
	size_t dearest = 0;
	for (size_t i = 0; i < guard_count; i++) {
		b->spent[i] = (b->spent[i] - b->clock) / ROUNDS;
		if (b->spent[i] > b->spent[dearest])
			dearest = i;
	}
	double most = b->spent[dearest];
	qsort(b->spent, guard_count, sizeof *b->spent, by_size);
	printf("{\"intents\":%zu,\"check\":%.6f,\"dearest\":\"%s\","
	       "\"most\":%.9f,\"middle\":%.9f}\n",
	       b->n, all - b->asking, guards[dearest].name, most,
	       b->spent[guard_count / 2]);
}

int main(int argc, char **argv)
{
	struct fail why = {0};
	struct arena *a = arena_new();
	struct bench b = {.arena = arena_new()};
	struct world w = {.arena = a, .clock_given = true};
	if (argc != 4 || guard_count > GUARDS_MAX ||
	    !when_parse(str_of(argv[3]), &w.clock)) {
		fprintf(stderr, "bench_guards: REPOSITORY LEDGER TIME\n");
		return 2;
	}
	w.dir = argv[1];
	w.ledger_path = argv[2];
	double begin = now();
	bool done =
	        repo_open(&w.repo, a, w.dir, &why) &&
	        ledger_open(&w.ledger, a, w.ledger_path, LEDGER_READ, &why) &&
	        check(&w, &b, &why);
	if (done)
		report(&b, now() - begin);
	else
		fprintf(stderr, "bench_guards: %s\n", why.text);
	arena_free(b.arena);
	arena_free(a);
	return !done;
}
