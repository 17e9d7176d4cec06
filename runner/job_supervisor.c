#include "runner/job_supervisor.h"

#include "core/files.h"
#include "core/json.h"
#include "core/when.h"
#include "runner/redact.h"
#include "runner/world.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	CHUNK = JOB_OUTPUT_MAX + 4096, /* half a first line can go */
	GRACE_MS = 10 * 1000,
	/* What is still in the pipe after the program's end; somebody whom it
	   left behind may go on writing. */
	LEFT_OVER_MAX = 4 * 1024 * 1024,
	STATUS_CAP = 16 * 1024,
	MODE_CLAIM = 0666
};

/* The last bytes of a stream. */
struct tail {
	char at[2 * CHUNK];
	size_t n;
	bool cut; /* something went before them */
};

enum step { TO_TERM, TO_KILL, TO_END };

struct supervisor {
	const struct job *job;
	struct arena *arena;
	int claim;     /* stays open: its lock is our sign of life */
	pid_t program; /* its process group too */
	int output;    /* read end; -1: nothing more comes */
	struct tail *tail;
	enum step next;   /* what the deadline brings */
	int64_t deadline; /* INT64_MAX: none */
	int64_t begun_ms;
	struct job_state result;
};

static void sleep_ms(int ms)
{
	struct timespec span = {.tv_sec = ms / 1000,
	                        .tv_nsec = ms % 1000 * 1000000L};
	nanosleep(&span, NULL);
}

/* --- a process of its own ------------------------------------------------ */

static void on_child(int signal)
{
	(void)signal; /* it only has to end pselect */
}

static volatile sig_atomic_t stop_asked;

static void on_stop(int signal)
{
	(void)signal;
	stop_asked = 1;
}

static void handle(int signal, void (*handler)(int))
{
	struct sigaction action = {.sa_handler = handler};
	sigemptyset(&action.sa_mask);
	sigaction(signal, &action, NULL);
}

/* SIGCHLD and SIGUSR1 (job_stop) come while pselect waits and at no other time.
   SIGTERM too is for the program: at a shutdown its end is still written down.
 */
static void set_signals(void)
{
	sigset_t held;
	handle(SIGHUP, SIG_IGN);
	handle(SIGINT, SIG_IGN);
	handle(SIGTERM, SIG_IGN);
	handle(SIGQUIT, SIG_IGN);
	handle(SIGPIPE, SIG_IGN);
	handle(SIGCHLD, on_child);
	handle(SIGUSR1, on_stop);
	sigemptyset(&held);
	sigaddset(&held, SIGCHLD);
	sigaddset(&held, SIGUSR1);
	sigprocmask(SIG_SETMASK, &held, NULL);
}

static void close_all_but(int kept)
{
	DIR *dir = opendir("/proc/self/fd");
	enum { GUESS = 1024 };
	if (!dir) {
		for (int fd = STDERR_FILENO + 1; fd < GUESS; fd++)
			if (fd != kept)
				close(fd);
		return;
	}
	for (struct dirent *e; (e = readdir(dir));) {
		int64_t fd;
		if (str_int(str_of(e->d_name), &fd) && fd > STDERR_FILENO &&
		    fd != kept && fd != dirfd(dir))
			close((int)fd);
	}
	closedir(dir);
}

/* No file of the runner's stays open: neither its ledger, nor the pipe that a
   CI job reads to its end. */
static bool let_go(int *report)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int moved = fcntl(*report, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (null < 0 || moved < 0)
		return false;
	*report = moved;
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (null != fd && dup2(null, fd) < 0)
			return false;
	close_all_but(moved);
	return true;
}

/* --- the claim ----------------------------------------------------------- */

static bool write_claim(struct supervisor *s, const char *path,
                        struct fail *why)
{
	struct when_text at = when_text(time(NULL));
	struct str text =
	        str_format(s->arena, "{\"pid\":%ld,\"startedAt\":\"%s\"}\n",
	                   (long)getpid(), at.s);
	if (write(s->claim, text.s, text.n) != (ssize_t)text.n ||
	    fsync(s->claim))
		return fail_errno(why, "cannot write %s", path);
	return dir_sync(s->job->folder, why);
}

/* *mine: we run it. Else somebody does or did. */
static bool take_claim(struct supervisor *s, bool *mine, struct fail *why)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct stat st;
	const char *path = job_file(s->arena, s->job->folder, "claim");
	*mine = false;
	s->claim = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
	                MODE_CLAIM);
	if (s->claim < 0)
		return fail_errno(why, "cannot make %s", path);
	if (fcntl(s->claim, F_SETLK, &lock))
		return errno == EACCES || errno == EAGAIN ||
		       fail_errno(why, "cannot lock %s", path);
	if (fstat(s->claim, &st))
		return fail_errno(why, "cannot look at %s", path);
	if (st.st_size)
		return true;
	*mine = write_claim(s, path, why);
	/* Where it failed nothing runs, and the next one may try; if not even
	   that can be written it counts as started. */
	if (!*mine && ftruncate(s->claim, 0))
		fail_note(why, "giving the claim back");
	return *mine;
}

static void report_and_close(int report, struct str text)
{
	/* Nobody may be there to read it: that is what a job is for. */
	ssize_t n = write(report, text.s, text.n);
	(void)n;
	close(report);
}

/* --- the program --------------------------------------------------------- */

static void default_signals(void)
{
	static const int signals[] = {SIGHUP,  SIGINT,  SIGTERM, SIGQUIT,
	                              SIGPIPE, SIGCHLD, SIGUSR1, SIGUSR2,
	                              SIGALRM, SIGTTIN, SIGTTOU, SIGTSTP};
	sigset_t none;
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		handle(signals[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the new process; `trouble` closes by exec, or gets an errno. */
static _Noreturn void become(const struct job *job, int input, int output,
                             int trouble)
{
	setpgid(0, 0);
	default_signals();
	bool fine = dup2(input, STDIN_FILENO) >= 0 &&
	            dup2(output, STDOUT_FILENO) >= 0 &&
	            dup2(output, STDERR_FILENO) >= 0 &&
	            chdir(job->directory) == 0;
	for (size_t i = 0; fine && i < job->nvariables; i++)
		fine = setenv(job->variables[i].name, job->variables[i].value,
		              1) == 0;
	if (fine)
		execvp(job->words[0], job->words);
	int error = errno;
	ssize_t n = write(trouble, &error, sizeof error);
	(void)n;
	_exit(127);
}

/* errno of the child's exec; 0: the program runs. */
static int read_trouble(int fd)
{
	int error = 0;
	ssize_t n;
	do
		n = read(fd, &error, sizeof error);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof error ? error : 0;
}

/* False with errno. */
static bool spawn(struct supervisor *s, int input)
{
	int output[2], trouble[2];
	if (pipe(output) || pipe(trouble))
		return false;
	fcntl(output[0], F_SETFD, FD_CLOEXEC);
	fcntl(output[0], F_SETFL, O_NONBLOCK);
	fcntl(output[1], F_SETFD, FD_CLOEXEC);
	fcntl(trouble[0], F_SETFD, FD_CLOEXEC);
	fcntl(trouble[1], F_SETFD, FD_CLOEXEC);
	s->program = fork();
	if (s->program == 0)
		become(s->job, input, output[1], trouble[1]);
	int error = s->program < 0 ? errno : 0;
	close(output[1]);
	close(trouble[1]);
	if (!error) {
		setpgid(s->program, s->program); /* whoever comes first */
		error = read_trouble(trouble[0]);
	}
	close(trouble[0]);
	s->output = output[0];
	if (error && s->program > 0)
		waitpid(s->program, NULL, 0);
	errno = error;
	return !error;
}

static bool start_program(struct supervisor *s)
{
	struct fail why = {0};
	int input = open(job_file(s->arena, s->job->folder, "input"),
	                 O_RDONLY | O_CLOEXEC);
	if (input >= 0 && spawn(s, input)) {
		close(input);
		return true;
	}
	fail_errno(&why, "%s", s->job->words[0]);
	s->result.error = redact(s->arena, str_of(why.text));
	return false;
}

/* --- its output ---------------------------------------------------------- */

static void tail_add(struct tail *t, size_t n)
{
	t->n += n;
	if (t->n <= CHUNK)
		return;
	memmove(t->at, t->at + t->n - CHUNK, CHUNK);
	t->n = CHUNK;
	t->cut = true;
}

/* What is there, at most max bytes. */
static void drain(struct supervisor *s, size_t max)
{
	struct tail *t = s->tail;
	for (size_t got = 0; s->output >= 0 && got < max;) {
		ssize_t n = read(s->output, t->at + t->n, CHUNK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			close(s->output);
			s->output = -1;
			return;
		}
		tail_add(t, (size_t)n);
		got += (size_t)n;
	}
}

/* Half a line may begin with half a secret, which nothing would recognise. */
static struct str tail_text(const struct tail *t)
{
	struct str all = {t->at, t->n}, head, rest;
	if (!t->cut)
		return all;
	return str_cut(all, '\n', &head, &rest)
	               ? rest
	               : str_from(all, all.n - all.n / 2);
}

/* --- its end ------------------------------------------------------------- */

static void pass_deadline(struct supervisor *s)
{
	int64_t timeout_ms = s->job->timeout_s * 1000;
	int64_t grace =
	        timeout_ms > 0 && timeout_ms < GRACE_MS ? timeout_ms : GRACE_MS;
	s->result.timed_out = !s->result.canceled;
	kill(-s->program, s->next == TO_TERM ? SIGTERM : SIGKILL);
	s->deadline =
	        s->next == TO_TERM ? world_milliseconds() + grace : INT64_MAX;
	s->next++;
}

/* As its timeout would, now. */
static void stop(struct supervisor *s)
{
	if (s->next != TO_TERM)
		return;
	s->result.canceled = true;
	pass_deadline(s);
}

/* Until output, the program's end, or the deadline. */
static void await(struct supervisor *s)
{
	fd_set readable;
	sigset_t none;
	int64_t left = s->deadline - world_milliseconds();
	enum { LONGEST_MS = 60 * 60 * 1000 };
	if (left > LONGEST_MS)
		left = LONGEST_MS;
	if (left < 0)
		left = 0;
	struct timespec span = {.tv_sec = left / 1000,
	                        .tv_nsec = left % 1000 * 1000000};
	sigemptyset(&none);
	FD_ZERO(&readable);
	if (s->output >= 0)
		FD_SET(s->output, &readable);
	pselect(s->output + 1, &readable, NULL, NULL, &span, &none);
}

static int wait_for_end(struct supervisor *s)
{
	int status;
	while (waitpid(s->program, &status, WNOHANG) != s->program) {
		drain(s, CHUNK);
		if (stop_asked)
			stop(s);
		if (world_milliseconds() >= s->deadline)
			pass_deadline(s);
		await(s);
	}
	/* What of its group outlived its timeout goes now. */
	if (s->result.timed_out || s->result.canceled)
		kill(-s->program, SIGKILL);
	drain(s, LEFT_OVER_MAX);
	return status;
}

static void run_program(struct supervisor *s)
{
	int64_t timeout = s->job->timeout_s;
	s->begun_ms = world_milliseconds();
	s->result.started_at = time(NULL);
	s->deadline = timeout > 0 ? s->begun_ms + timeout * 1000 : INT64_MAX;
	if (start_program(s)) {
		int status = wait_for_end(s);
		if (WIFSIGNALED(status))
			s->result.signal = WTERMSIG(status);
		else
			s->result.exit_status = WEXITSTATUS(status);
	}
	s->result.finished_at = time(NULL);
	s->result.seconds = (world_milliseconds() - s->begun_ms) / 1000;
}

static struct str result_text(struct supervisor *s)
{
	const struct job_state *r = &s->result;
	struct buf buf = buf_new(s->arena, STATUS_CAP);
	struct jw j = jw_new(&buf);
	jw_open(&j, '{');
	jw_put_when(&j, "startedAt", r->started_at);
	jw_put_when(&j, "finishedAt", r->finished_at);
	jw_put_int(&j, "seconds", r->seconds);
	jw_put_int(&j, "exit", r->exit_status);
	jw_put_int(&j, "signal", r->signal);
	jw_put_bool(&j, "timedOut", r->timed_out);
	jw_put_bool(&j, "canceled", r->canceled);
	jw_put_opt(&j, "error", r->error);
	jw_close(&j);
	buf_add_char(&buf, '\n');
	assert(!buf.full);
	return buf_str(&buf);
}

/*
 * Where the disk is full it may have room again: until then we live, and our
 * claim says that the job runs, so that how it ended is not lost.
 */
static bool write_result(struct supervisor *s)
{
	enum { FIRST_MS = 50, LONGEST_MS = 10 * 1000, TRIES = 10 * 1000 };
	const char *folder = s->job->folder;
	const char *output = job_file(s->arena, folder, "output");
	const char *status = job_file(s->arena, folder, "status");
	struct str said =
	        redact_end(s->arena, tail_text(s->tail), JOB_OUTPUT_MAX);
	struct str result = result_text(s);
	for (int i = 0, pause = FIRST_MS; i < TRIES; i++) {
		struct fail why = {0};
		/* How it ended counts more than what it said. */
		file_write(output, said, &why);
		if (file_write(status, result, &why))
			return true;
		if (!file_exists(folder))
			return false;
		sleep_ms(pause);
		pause = pause * 2 < LONGEST_MS ? pause * 2 : LONGEST_MS;
	}
	return false;
}

void job_supervise(const struct job *job, int report)
{
	struct arena *a = arena_new();
	struct supervisor s = {
	        .job = job,
	        .arena = a,
	        .output = -1,
	        .tail = ARENA_NEW(a, struct tail),
	        .result = {.error = STR("")},
	};
	struct fail why = {0};
	bool mine = false;
	set_signals();
	if (!let_go(&report))
		_exit(1);
	bool settled = take_claim(&s, &mine, &why);
	static const char claimed = JOB_CLAIMED;
	report_and_close(report, settled ? (struct str){&claimed, 1}
	                                 : str_of(why.text));
	if (mine)
		run_program(&s);
	_exit(!mine || !write_result(&s));
}
