#include "runner/job.h"

#include "core/files.h"
#include "core/json.h"
#include "core/when.h"
#include "runner/job_supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STATUS_MAX = 64 * 1024 };

const char *job_file(struct arena *a, const char *folder, const char *name)
{
	return str_format(a, "%s/%s", folder, name).s;
}

/* --- looking ------------------------------------------------------------- */

static bool read_when(const json_t *status, const char *key, int64_t *out)
{
	return when_parse(json_get_str(status, key), out);
}

static bool read_status(struct job_state *out, struct arena *a,
                        const char *folder, struct fail *why)
{
	struct str text;
	json_t *status;
	struct job_state s = {.phase = JOB_ENDED, .output = STR("")};
	const char *path = job_file(a, folder, "status");
	if (!file_read(&text, a, path, STATUS_MAX, why))
		return false;
	if (!json_read(&status, a, text, why))
		return fail_note(why, "reading %s", path);
	if (!read_when(status, "startedAt", &s.started_at) ||
	    !read_when(status, "finishedAt", &s.finished_at))
		return fail_set(why, FAIL_SYSTEM, "%s is damaged", path);
	s.seconds = json_get_int(status, "seconds");
	s.timed_out = json_is_true(json_object_get(status, "timedOut"));
	s.canceled = json_is_true(json_object_get(status, "canceled"));
	s.exit_status = (int)json_get_int(status, "exit");
	s.signal = (int)json_get_int(status, "signal");
	s.error = str_copy(a, json_get_str(status, "error"));
	const char *output = job_file(a, folder, "output");
	if (file_exists(output) &&
	    !file_read(&s.output, a, output, JOB_OUTPUT_MAX, why))
		return false;
	*out = s;
	return true;
}

/* From the claim: running, or not started, or neither. */
static bool look_at_claim(struct job_state *out, const char *path,
                          struct fail *why)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	*out = (struct job_state){.phase = JOB_NONE};
	if (fd < 0 && errno == ENOENT)
		return true;
	if (fd < 0)
		return fail_errno(why, "cannot read %s", path);
	bool fine = fcntl(fd, F_GETLK, &lock) == 0 && fstat(fd, &st) == 0;
	if (!fine) {
		fail_errno(why, "cannot look at %s", path);
	} else if (!S_ISREG(st.st_mode)) {
		fine = fail_set(why, FAIL_SYSTEM, "%s is no regular file",
		                path);
	} else if (lock.l_type != F_UNLCK) {
		out->phase = JOB_RUNNING;
		out->started_at = st.st_mtime;
	} else if (st.st_size) {
		out->phase = JOB_LOST;
		out->started_at = st.st_mtime;
	}
	close(fd);
	return fine;
}

bool job_look(struct job_state *out, struct arena *a, const char *folder,
              struct fail *why)
{
	struct job_state s;
	const char *status = job_file(a, folder, "status");
	if (file_exists(status))
		return read_status(out, a, folder, why);
	if (!look_at_claim(&s, job_file(a, folder, "claim"), why))
		return false;
	/* It may have ended between the two looks. */
	if (s.phase == JOB_LOST && file_exists(status))
		return read_status(out, a, folder, why);
	*out = s;
	return true;
}

/* --- stopping ------------------------------------------------------------ */

/* Who holds the claim is its supervisor, whatever the file says. */
bool job_stop(const char *folder, struct arena *a, struct fail *why)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	const char *path = job_file(a, folder, "claim");
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT)
		return true;
	if (fd < 0)
		return fail_errno(why, "cannot read %s", path);
	bool fine = fcntl(fd, F_GETLK, &lock) == 0;
	if (!fine)
		fail_errno(why, "cannot look at %s", path);
	close(fd);
	if (!fine || lock.l_type == F_UNLCK)
		return fine;
	/* Not a process of this machine: kill(2) knows other meanings. */
	if (lock.l_pid <= 1)
		return fail_set(why, FAIL_SYSTEM,
		                "the job runs where it cannot be reached");
	return kill(lock.l_pid, SIGUSR1) == 0 || errno == ESRCH ||
	       fail_errno(why, "cannot tell process %ld to stop its program",
	                  (long)lock.l_pid);
}

/* --- starting ------------------------------------------------------------ */

/* The folder and its input, durable as deep as they may be new. */
static bool prepare(const struct job *job, struct arena *a, struct fail *why)
{
	return dir_make(job->folder, why) &&
	       dir_sync(job_file(a, job->folder, "../.."), why) &&
	       dir_sync(job_file(a, job->folder, ".."), why) &&
	       file_write(job_file(a, job->folder, "input"), job->input, why);
}

/*
 * A process that is not our child, so that nobody has to wait for it, and not
 * of our session, so that no terminal or job control takes it with us.
 */
static bool detach(const struct job *job, const int pipe_ends[2],
                   struct fail *why)
{
	pid_t between = fork();
	if (between < 0)
		return fail_errno(why, "cannot start a process");
	if (between == 0) {
		close(pipe_ends[0]);
		pid_t supervisor = setsid() < 0 ? -1 : fork();
		if (supervisor != 0)
			_exit(supervisor < 0);
		job_supervise(job, pipe_ends[1]);
	}
	int status;
	while (waitpid(between, &status, 0) < 0 && errno == EINTR)
		;
	return true;
}

/* What the supervisor says before it closes its end. */
static struct str read_report(struct arena *a, int fd)
{
	char *text = arena_alloc(a, FAIL_TEXT_MAX);
	size_t n = 0;
	while (n < FAIL_TEXT_MAX) {
		ssize_t r = read(fd, text + n, FAIL_TEXT_MAX - n);
		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			break;
		n += (size_t)r;
	}
	return (struct str){text, n};
}

/* It died without a word: only the claim can tell how far it came. */
static bool look_after_silence(const struct job *job, struct arena *a,
                               struct fail *why)
{
	struct job_state s;
	if (!job_look(&s, a, job->folder, why))
		return false;
	return s.phase != JOB_NONE ||
	       fail_set(why, FAIL_SYSTEM,
	                "the process that should run it died at its start");
}

bool job_start(const struct job *job, struct arena *a, struct fail *why)
{
	struct job_state s;
	int pipe_ends[2];
	if (!job_look(&s, a, job->folder, why))
		return false;
	if (s.phase != JOB_NONE)
		return true;
	if (!prepare(job, a, why))
		return false;
	if (pipe(pipe_ends))
		return fail_errno(why, "cannot make a pipe");
	bool fine = detach(job, pipe_ends, why);
	close(pipe_ends[1]);
	struct str report = fine ? read_report(a, pipe_ends[0]) : STR("");
	close(pipe_ends[0]);
	if (!fine)
		return false;
	if (!report.n)
		return look_after_silence(job, a, why);
	return report.s[0] == JOB_CLAIMED ||
	       fail_set(why, FAIL_SYSTEM, "%" STR_FMT, STR_ARG(report));
}
