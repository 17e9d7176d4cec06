/*
 * job: a program that is run once, apart from the process that asked for it.
 *
 * A job is a folder. job_start leaves a supervisor there, a process of its
 * own session that holds no file of its maker's: it runs the program, waits
 * for its end and writes that down, whether or not the maker still lives. The
 * folder decides who runs it, so that a job runs at most once, whoever starts
 * it and however often:
 *
 *	input   what the program reads from standard input
 *	claim   who runs it, {"pid":..,"startedAt":..}; its supervisor holds an
 *	        fcntl lock on it for life. Not empty: it was started, for ever
 *	output  the end of what it wrote to standard output and error, at most
 *	        JOB_OUTPUT_MAX bytes, secrets masked (runner/redact)
 *	status  how it ended, {"startedAt","finishedAt","seconds","exit",
 *	        "signal","timedOut","canceled","error"}; written whole, after
 *	        output
 *
 * input and claim are durable before the program starts. Times are of the
 * machine's clock: these are facts about another process.
 */
#ifndef RUNNER_JOB_H
#define RUNNER_JOB_H

#include "core/fail.h"
#include "core/str.h"

enum { JOB_OUTPUT_MAX = 64 * 1024 };

struct job_variable {
	const char *name, *value;
};

struct job {
	const char *folder;
	/* NULL-terminated. The first is looked up as execvp(3) does; with a
	   slash it is relative to directory. No shell reads them. */
	char **words;
	const char *directory; /* where it runs */
	struct str input;
	/* Added to the environment of the process that starts it. */
	const struct job_variable *variables;
	size_t nvariables;
	/* SIGTERM to its process group after so many seconds, SIGKILL 10 s
	   later (sooner where timeout_s is less). 0: it may run for ever. */
	int64_t timeout_s;
};

enum job_phase {
	JOB_NONE, /* never started */
	JOB_RUNNING,
	JOB_ENDED,
	JOB_LOST, /* started, and its supervisor died before its end */
};

struct job_state {
	enum job_phase phase;
	int64_t started_at;
	/* JOB_ENDED only: */
	int64_t finished_at;
	int64_t seconds; /* it ran, by a clock that is never set */
	bool timed_out;
	bool canceled;     /* job_stop ended it */
	int exit_status;   /* where signal is 0 and error empty */
	int signal;        /* that killed it; 0: none */
	struct str error;  /* why it could not be started; else empty */
	struct str output; /* as the file */
};

/*
 * Start it, unless it was started before: true either way, once the claim is
 * durable. False: it was not started and will not be.
 */
bool job_start(const struct job *job, struct arena *a, struct fail *why);

/*
 * Ask for its end: SIGTERM to its process group, SIGKILL 10 s later. True
 * where there is nothing to stop, too; it may take a while to end.
 */
bool job_stop(const char *folder, struct arena *a, struct fail *why);

/* How it stands. Fails where the folder cannot be read. */
bool job_look(struct job_state *out, struct arena *a, const char *folder,
              struct fail *why);

#endif
