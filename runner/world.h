/*
 * world: what a command works on: the repository, the ledger, the clock, and
 * what the user asked of all commands. The only place that reads the clock,
 * sleeps or takes a chance; tests and --now replace the first two.
 */
#ifndef RUNNER_WORLD_H
#define RUNNER_WORLD_H

#include "core/ledger.h"
#include "core/policy.h"
#include "core/repo.h"

struct world {
	struct arena *arena; /* lives as long as the command */
	const char *dir;     /* -C, else "." */
	struct repo *repo;
	struct ledger *ledger;
	const char *ledger_path; /* absolute, or relative to the process */
	struct sync
	        *sync;    /* its copy in git (runner/sync); NULL: it has none */
	bool clock_given; /* --now: the clock moves only by world_sleep */
	int64_t clock;
	/* The engines in use, by id (runner/engine); NULL: none yet. */
	struct map *sessions;
	/* Told of long work: what, how much is done, of how much (0: not
	   known). NULL: nobody listens. */
	void (*progress)(void *context, const char *what, int64_t done,
	                 int64_t total);
	void *progress_context;
};

/* A variable of the environment; empty where it is not set. */
struct str world_environment(const char *name);

/* 128 random bits in hex: a name that nobody else has. */
bool world_nonce(struct arena *a, struct str *out, struct fail *why);

int64_t world_now(struct world *w);
/* Milliseconds of real time since some moment, whatever clock was given. */
int64_t world_milliseconds(void);
/* Sleep, or move the clock that --now gave. At most an hour at a time. */
void world_sleep(struct world *w, int64_t seconds);
/* Let real time pass, whatever clock was given: less than a second, for what
   runs outside of the program. */
void world_pause(int milliseconds);
/* Whether SIGINT or SIGTERM came since world_catch_signals: 0, 2 or 15. */
void world_catch_signals(void);
int world_signal(void);
void world_progress(struct world *w, const char *what, int64_t done,
                    int64_t total);

#endif
