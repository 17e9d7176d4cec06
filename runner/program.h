/*
 * program: run another program to its end and hold on to what it says: hooks,
 * git, and the verifiers of signatures. For what must outlive this process see
 * runner/job.
 *
 * No shell reads the words. The program gets `input` on standard input and
 * runs in a process group of its own, which is killed whole at the timeout
 * (real time, not the run's clock) and when this process is told to stop.
 */
#ifndef RUNNER_PROGRAM_H
#define RUNNER_PROGRAM_H

#include "core/fail.h"
#include "core/str.h"

struct program {
	char **words; /* NULL-terminated; the first is found as by execvp(3) */
	const char *directory; /* NULL: where we are */
	struct str input;
	int timeout_ms;
	size_t output_max; /* bytes kept of its output; the rest is read and
	                      left */
	bool to_its_end;  /* this process being told to stop does not stop it */
	bool with_errors; /* standard error goes to the output too, else to
	                     nowhere */
};

struct program_end {
	bool timed_out;
	int exit_status; /* where signal is 0 */
	int signal;      /* that ended it; 0: none */
	struct str output;
	bool cut; /* it said more than output_max */
};

/*
 * Fails where it could not be started (not found, not executable), with
 * FAIL_SYSTEM; how it ended is not ours to judge.
 */
bool program_run(struct program_end *out, struct arena *a,
                 const struct program *program, struct fail *why);

/*
 * Where the first word would be found by execvp(3) for a program that runs in
 * the directory. False: *fault says why not, as the end of a sentence: "is not
 * there: ...".
 */
bool program_find(struct str *path, struct str *fault, struct arena *a,
                  const char *directory, struct str word);

#endif
