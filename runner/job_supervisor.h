/*
 * job_supervisor: the process that runs a job. Private to runner/job.
 */
#ifndef RUNNER_JOB_SUPERVISOR_H
#define RUNNER_JOB_SUPERVISOR_H

#include "runner/job.h"

const char *job_file(struct arena *a, const char *folder, const char *name);

enum { JOB_CLAIMED = '+' };

/*
 * The rest of a new process's life. To `report` goes, and it is closed then,
 * JOB_CLAIMED where the job runs or ran, here or in another process; else the
 * reason why it will not.
 */
_Noreturn void job_supervise(const struct job *job, int report);

#endif
