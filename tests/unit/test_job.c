#include "core/files.h"
#include "core/json.h"
#include "runner/job.h"
#include "tests/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { NAP_MS = 5, NAPS = 4000 }; /* 20 s: a limit, never a wait */

static char folder[] = "/tmp/test_job.XXXXXX";

static const char *in_folder(struct arena *a, const char *name)
{
	return str_format(a, "%s/%s", folder, name).s;
}

static void nap(void)
{
	struct timespec t = {.tv_nsec = NAP_MS * 1000000L};
	nanosleep(&t, NULL);
}

/* A job of that name, its program a line of sh with $D the test's folder. */
static struct job job_of(struct arena *a, const char *name, const char *line)
{
	char **words = arena_array(a, 4, sizeof *words);
	struct job_variable *variable = ARENA_NEW(a, struct job_variable);
	*variable = (struct job_variable){"D", folder};
	static char sh[] = "sh", c[] = "-c";
	size_t n = strlen(line);
	words[0] = sh;
	words[1] = c;
	words[2] = memcpy(arena_alloc(a, n + 1), line, n);
	return (struct job){
	        .folder = str_format(a, "%s/job/%s", folder, name).s,
	        .words = words,
	        .directory = folder,
	        .input = STR("{\"n\":1}\n"),
	        .variables = variable,
	        .nvariables = 1,
	        .timeout_s = 60,
	};
}

static void start(const struct job *job, struct arena *a)
{
	struct fail why = {0};
	if (!job_start(job, a, &why))
		ok(false, "%s starts: %s", job->folder, why.text);
}

static struct job_state look(const struct job *job, struct arena *a)
{
	struct job_state s = {.error = STR(""), .output = STR("")};
	struct fail why = {0};
	if (!job_look(&s, a, job->folder, &why))
		ok(false, "%s can be looked at: %s", job->folder, why.text);
	return s;
}

static struct job_state wait_for(const struct job *job, struct arena *a)
{
	struct job_state s = look(job, a);
	for (int i = 0; s.phase == JOB_RUNNING && i < NAPS; i++) {
		nap();
		s = look(job, a);
	}
	return s;
}

static struct job_state run(struct arena *a, const char *name, const char *line)
{
	struct job job = job_of(a, name, line);
	start(&job, a);
	return wait_for(&job, a);
}

static struct str content(struct arena *a, const char *name)
{
	struct str s = STR("(unreadable)");
	struct fail why = {0};
	file_read(&s, a, in_folder(a, name), 1 << 20, &why);
	return s;
}

/* --- how programs end ---------------------------------------------------- */

static void endings(struct arena *a)
{
	struct job absent = job_of(a, "good", "");
	is_int(look(&absent, a).phase, JOB_NONE, "what was not started");

	struct job_state s =
	        run(a, "good", "cat; echo to stderr >&2; echo $D; pwd -P");
	ok(s.phase == JOB_ENDED && !s.exit_status && !s.signal &&
	           !s.timed_out && !s.error.n,
	   "exit 0");
	is_str(s.output,
	       str_format(a, "{\"n\":1}\nto stderr\n%s\n%s\n", folder, folder)
	               .s,
	       "input, both outputs, variables, directory");
	ok(s.started_at <= s.finished_at && s.seconds >= 0 &&
	           s.finished_at <= (int64_t)time(NULL),
	   "its times");
	s = run(a, "bad", "echo no disk; exit 3");
	ok(s.phase == JOB_ENDED && s.exit_status == 3 && !s.signal,
	   "another exit status");
	is_str(s.output, "no disk\n", "and its output");
	s = run(a, "killed", "kill -9 $$");
	ok(s.phase == JOB_ENDED && s.signal == SIGKILL, "a signal");
	s = run(a, "quiet", "exec >/dev/null 2>&1; sleep 0.05; exit 4");
	ok(s.exit_status == 4 && s.output.n == 0,
	   "one that closes its output before its end");
	s = run(a, "secret", "echo password=hunter2");
	is_str(s.output, "password=***\n", "secrets are masked");
	ok(!str_contains(content(a, "job/secret/output"), STR("hunter2")),
	   "in the file too");
}

static void no_program(struct arena *a)
{
	struct fail why = {0};
	static char absent[] = "./absent", plain[] = "./plain",
	            script[] = "./script";
	struct job job = job_of(a, "absent", "");
	job.words[0] = absent;
	start(&job, a);
	struct job_state s = wait_for(&job, a);
	ok(s.phase == JOB_ENDED, "a program that is not there has ended");
	is_str(s.error, "./absent: No such file or directory", "with why");

	file_write(in_folder(a, "plain"), STR("echo x\n"), &why);
	job = job_of(a, "plain", "");
	job.words[0] = plain;
	start(&job, a);
	is_str(wait_for(&job, a).error, "./plain: Permission denied",
	       "nor is it executable");

	file_write(in_folder(a, "script"), STR("#!/bin/sh\necho $1\n"), &why);
	chmod(in_folder(a, "script"), 0755);
	job = job_of(a, "script", "$HOME; `no shell`");
	job.words[0] = script;
	job.words[1] = job.words[2];
	job.words[2] = NULL;
	start(&job, a);
	is_str(wait_for(&job, a).output, "$HOME; `no shell`\n",
	       "a relative one runs from its directory; no shell reads words");

	job = job_of(a, "nowhere", "echo x");
	job.directory = in_folder(a, "absent");
	start(&job, a);
	ok(wait_for(&job, a).error.n > 0, "a directory that is not there");
}

static void outputs(struct arena *a)
{
	struct job_state s = run(
	        a, "huge",
	        "yes 'a line of output' | head -c 10000000; echo; echo end");
	ok(s.exit_status == 0 && s.output.n <= JOB_OUTPUT_MAX &&
	           s.output.n > JOB_OUTPUT_MAX / 2,
	   "of 10 MB the end is kept: %zu bytes", s.output.n);
	ok(str_starts(s.output, STR("...\na line of output\n")) &&
	           str_ends(s.output, STR("\nend\n")),
	   "in whole lines");
	s = run(a, "binary", "head -c 300000 /dev/zero | tr '\\0' '\\377'");
	ok(s.output.n <= JOB_OUTPUT_MAX && s.output.n > 1000 &&
	           str_is_utf8(s.output, NULL),
	   "300 kB that are no text, in one line");
}

/* --- time ---------------------------------------------------------------- */

/* All at once, because each takes its second. */
static void timeouts(struct arena *a)
{
	struct job slow = job_of(a, "slow", "echo begun; sleep 60");
	struct job deaf =
	        job_of(a, "deaf", "trap '' TERM; while :; do sleep 0.1; done");
	struct job clean = job_of(a, "clean",
	                          "trap 'echo cleaned; exit 0' TERM; "
	                          "while :; do sleep 0.1; done");
	struct job brood = job_of(a, "brood",
	                          "(trap '' TERM; exec sleep 60 >$D/held) & "
	                          "echo $! >$D/child; sleep 60");
	const char *fifo = in_folder(a, "held");
	mkfifo(fifo, 0600);
	int held = open(fifo, O_RDONLY | O_NONBLOCK);
	slow.timeout_s = deaf.timeout_s = clean.timeout_s = brood.timeout_s = 1;
	start(&slow, a);
	start(&deaf, a);
	start(&clean, a);
	start(&brood, a);
	ok(look(&slow, a).phase == JOB_RUNNING &&
	           look(&slow, a).started_at <= (int64_t)time(NULL),
	   "one that runs");
	struct job_state s = wait_for(&slow, a);
	ok(s.phase == JOB_ENDED && s.timed_out && s.signal == SIGTERM &&
	           s.seconds >= 1,
	   "is ended by SIGTERM at its timeout");
	is_str(s.output, "begun\n", "its output is kept");
	s = wait_for(&clean, a);
	ok(s.timed_out && s.exit_status == 0 && !s.signal,
	   "it may clean up first");
	ok(str_ends(s.output, STR("cleaned\n")), "and say so");
	s = wait_for(&deaf, a);
	ok(s.timed_out && s.signal == SIGKILL,
	   "one that ignores SIGTERM is killed");
	s = wait_for(&brood, a);
	char byte;
	ssize_t n = -1;
	for (int i = 0; i < NAPS && (n = read(held, &byte, 1)) < 0; i++)
		nap();
	ok(s.timed_out && n == 0, "with all of its group");
	close(held);
}

/* A process that a deploy script leaves behind on purpose. */
static void left_behind(struct arena *a)
{
	const char *fifo = in_folder(a, "release");
	mkfifo(fifo, 0600);
	int held = open(fifo, O_RDWR);
	struct job_state s = run(a, "daemon",
	                         "(read x <$D/release; echo y >$D/released) & "
	                         "echo started");
	ok(s.phase == JOB_ENDED && s.exit_status == 0 &&
	           str_is(s.output, "started\n"),
	   "what it leaves behind is not waited for");
	ok(!file_exists(in_folder(a, "released")), "it still waits");
	ok(write(held, "x\n", 2) == 2, "it is let go");
	for (int i = 0; i < NAPS && !str_is(content(a, "released"), "y\n"); i++)
		nap();
	is_str(content(a, "released"), "y\n", "nor stopped");
	close(held);
}

/* --- at most once -------------------------------------------------------- */

static void once(struct arena *a)
{
	struct job job = job_of(a, "once", "echo ran >>$D/ran");
	start(&job, a);
	start(&job, a);
	wait_for(&job, a);
	start(&job, a);
	is_str(content(a, "ran"), "ran\n", "started three times, it ran once");

	enum { MAKERS = 8 };
	job = job_of(a, "race", "echo ran >>$D/raced");
	for (int i = 0; i < MAKERS; i++)
		if (fork() == 0) {
			struct fail why = {0};
			_exit(!job_start(&job, a, &why));
		}
	int failed = 0, status;
	for (int i = 0; i < MAKERS; i++)
		failed += wait(&status) < 0 || status != 0;
	is_int(failed, 0, "eight start it at the same time");
	wait_for(&job, a);
	is_str(content(a, "raced"), "ran\n", "it ran once");
	ok(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD,
	   "nothing is left for us to wait for");
}

static void maker_dies(struct arena *a)
{
	struct job job = job_of(a, "orphan", "read x <$D/go; echo went on");
	mkfifo(in_folder(a, "go"), 0600);
	int go = open(in_folder(a, "go"), O_RDWR);
	pid_t maker = fork();
	if (maker == 0) {
		setpgid(0, 0);
		start(&job, a);
		kill(0, SIGHUP);
		kill(getpid(), SIGKILL);
	}
	int status;
	ok(waitpid(maker, &status, 0) == maker && WIFSIGNALED(status),
	   "the maker is killed, and all of its process group");
	is_int(look(&job, a).phase, JOB_RUNNING, "the job runs on");
	start(&job, a);
	ok(write(go, "x\n", 2) == 2, "it is let go");
	struct job_state s = wait_for(&job, a);
	ok(s.phase == JOB_ENDED && s.exit_status == 0, "and is found again");
	is_str(s.output, "went on\n", "with its output");
	close(go);
}

static void nothing_inherited(struct arena *a)
{
	enum { FD = 77 };
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	int fd = dup2(STDOUT_FILENO, FD);
	struct job_state s = run(a, "files",
	                         "ls /proc/$$/fd; "
	                         "mask=$(sed -n 's/SigIgn:.//p' "
	                         "/proc/$$/status); "
	                         "echo ignored: $((0x$mask & 0x7fffffff))");
	close(fd);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	/* Of signals 1 to 31: the C library has 32 and 33 to itself, and what
	   posix_spawn starts, as the test may have been, ignores them. */
	is_str(s.output, "0\n1\n2\nignored: 0\n",
	       "no files and no ignored signals of the maker");
}

static int64_t supervisor_of(struct arena *a, const char *name)
{
	struct fail why = {0};
	json_t *claim = NULL;
	json_read(&claim, a, content(a, str_format(a, "job/%s/claim", name).s),
	          &why);
	return json_get_int(claim, "pid");
}

static void supervisor_dies(struct arena *a)
{
	struct job job = job_of(a, "lost", "echo $$ >>$D/lost; exec sleep 60");
	int64_t program = 0;
	start(&job, a);
	int64_t supervisor = supervisor_of(a, "lost");
	for (int i = 0; i < NAPS && !program; i++) {
		nap();
		str_int(str_trim(content(a, "lost")), &program);
	}
	ok(supervisor > 1 && program > 1 &&
	           kill((pid_t)supervisor, SIGKILL) == 0,
	   "the claim names its supervisor");
	struct job_state s = wait_for(&job, a);
	is_int(s.phase, JOB_LOST, "without it nobody knows");
	start(&job, a);
	ok(look(&job, a).phase == JOB_LOST, "it is not run again");
	ok(program > 1 && kill((pid_t)program, SIGKILL) == 0,
	   "the program itself went on");
}

/* --- what may be found --------------------------------------------------- */

static void damage(struct arena *a)
{
	struct fail why = {0};
	struct job_state s;
	struct job job = job_of(a, "empty", "echo ran");
	dir_make(job.folder, &why);
	file_write(in_folder(a, "job/empty/claim"), STR(""), &why);
	is_int(look(&job, a).phase, JOB_NONE,
	       "a claim that was not written is none");
	start(&job, a);
	is_str(wait_for(&job, a).output, "ran\n", "and can be taken");

	file_write(in_folder(a, "job/empty/status"), STR("{\"exit\":0"), &why);
	ok(!job_look(&s, a, job.folder, &why), "half a status: %s", why.text);
	why = (struct fail){0};
	file_write(in_folder(a, "job/empty/status"), STR("{\"exit\":0}"), &why);
	ok(!job_look(&s, a, job.folder, &why) && why.kind == FAIL_SYSTEM,
	   "one without times: %s", why.text);

	why = (struct fail){0};
	job = job_of(a, "x", "echo x");
	job.folder = in_folder(a, "plain/x");
	ok(!job_start(&job, a, &why), "no room for a folder: %s", why.text);
	why = (struct fail){0};
	job = job_of(a, "blocked", "echo x >$D/blocked");
	dir_make(in_folder(a, "job/blocked/claim"), &why);
	ok(!job_start(&job, a, &why) && why.kind == FAIL_SYSTEM,
	   "a claim that cannot be made: %s", why.text);
	ok(!file_exists(in_folder(a, "blocked")), "then nothing runs");
}

static void remove_all(struct arena *a, const char *path)
{
	static char rm[] = "rm", r[] = "-rf";
	size_t n = strlen(path);
	char *words[] = {rm, r, memcpy(arena_alloc(a, n + 1), path, n), NULL};
	pid_t pid = fork();
	if (pid == 0) {
		execvp(words[0], words);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
}

int main(void)
{
	if (!mkdtemp(folder))
		return 1;
	struct arena *a = arena_new();
	endings(a);
	no_program(a);
	outputs(a);
	timeouts(a);
	left_behind(a);
	once(a);
	maker_dies(a);
	nothing_inherited(a);
	supervisor_dies(a);
	damage(a);
	remove_all(a, folder);
	ok(!file_exists(folder), "the folder is removed again");
	arena_free(a);
	return tap_done();
}
