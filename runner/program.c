#include "runner/program.h"

#include "runner/world.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { CHUNK = 16 * 1024, TICK_MS = 200 };

struct running {
	const struct program *program;
	pid_t pid;
	int input, output; /* our ends; -1: closed */
	size_t sent;
	struct buf text;
	bool cut;
};

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* --- its start ----------------------------------------------------------- */

/* A pipe that no program started later inherits. */
static bool open_pipe(int ends[2])
{
	if (pipe(ends))
		return false;
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	return true;
}

/* A group of its own, no signal held back or ignored. */
static int spawn(pid_t *pid, const struct program *p, int in, int out)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t all, none;
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attributes);
	sigfillset(&all);
	sigemptyset(&none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP |
	                                              POSIX_SPAWN_SETSIGDEF |
	                                              POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	if (p->with_errors)
		posix_spawn_file_actions_adddup2(&files, out, STDERR_FILENO);
	else
		posix_spawn_file_actions_addopen(&files, STDERR_FILENO,
		                                 "/dev/null", O_WRONLY, 0);
	int error = posix_spawnp(pid, p->words[0], &files, &attributes,
	                         p->words, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	return error;
}

/* POSIX 2008 has no action to change the directory: we go there and back. */
static int spawn_there(pid_t *pid, const struct program *p, int in, int out)
{
	if (!p->directory)
		return spawn(pid, p, in, out);
	int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = here < 0 || chdir(p->directory) ? errno : 0;
	if (!error)
		error = spawn(pid, p, in, out);
	if (here >= 0 && fchdir(here) && !error)
		error = errno;
	close_end(&here);
	return error;
}

static bool start(struct running *r, struct fail *why)
{
	int in[2], out[2] = {-1, -1};
	if (!open_pipe(in))
		return fail_errno(why, "starting %s", r->program->words[0]);
	int error = open_pipe(out) ? 0 : errno;
	if (!error)
		error = spawn_there(&r->pid, r->program, in[0], out[1]);
	close_end(&in[0]);
	close_end(&out[1]);
	r->input = in[1];
	r->output = out[0];
	if (!error) {
		fcntl(r->input, F_SETFL, O_NONBLOCK);
		return true;
	}
	close_end(&r->input);
	close_end(&r->output);
	errno = error;
	return fail_errno(why, "starting %s", r->program->words[0]);
}

/* --- what goes in and comes out ------------------------------------------- */

/* A program that does not read its input is none of our business: EPIPE. */
static void feed(struct running *r)
{
	struct str rest = str_from(r->program->input, r->sent);
	ssize_t n = rest.n ? write(r->input, rest.s, rest.n) : 0;
	if (n > 0)
		r->sent += (size_t)n;
	bool wait = n < 0 && (errno == EAGAIN || errno == EINTR);
	if ((n < 0 && !wait) || r->sent == r->program->input.n)
		close_end(&r->input);
}

static void drain(struct running *r)
{
	char chunk[CHUNK];
	ssize_t n = read(r->output, chunk, sizeof chunk);
	if (n < 0 && errno == EINTR)
		return;
	if (n <= 0) {
		close_end(&r->output);
		return;
	}
	size_t room = r->program->output_max - r->text.n;
	size_t kept = (size_t)n < room ? (size_t)n : room;
	buf_add(&r->text, (struct str){chunk, kept});
	r->cut |= kept < (size_t)n;
}

/* False once nothing more comes. */
static bool exchange(struct running *r, int wait_ms)
{
	struct pollfd ends[2] = {{.fd = r->output, .events = POLLIN},
	                         {.fd = r->input, .events = POLLOUT}};
	if (r->output < 0)
		return false;
	if (poll(ends, 2, wait_ms < TICK_MS ? wait_ms : TICK_MS) <= 0)
		return true;
	if (ends[1].revents)
		feed(r);
	if (ends[0].revents)
		drain(r);
	return true;
}

/* Until it has ended, or its time is up: then it is killed. */
static int wait_for_end(struct running *r, bool *timed_out)
{
	int64_t deadline = world_milliseconds() + r->program->timeout_ms;
	int status = 0;
	bool more = true;
	for (pid_t ended = 0; ended != r->pid;) {
		int64_t left = deadline - world_milliseconds();
		if (left <= 0 || (world_signal() && !r->program->to_its_end)) {
			*timed_out = left <= 0;
			kill(-r->pid, SIGKILL);
			waitpid(r->pid, &status, 0);
			return status;
		}
		more = more && exchange(r, (int)left);
		if (!more)
			world_pause(1);
		ended = waitpid(r->pid, &status, WNOHANG);
		if (ended < 0 && errno != EINTR)
			return status;
	}
	while (r->output >= 0 && exchange(r, 0) &&
	       world_milliseconds() < deadline) {
		struct pollfd end = {.fd = r->output, .events = POLLIN};
		if (poll(&end, 1, 0) <= 0)
			break; /* held open by one that it left behind */
	}
	return status;
}

bool program_run(struct program_end *out, struct arena *a,
                 const struct program *program, struct fail *why)
{
	struct running r = {.program = program,
	                    .input = -1,
	                    .output = -1,
	                    .text = buf_new(a, program->output_max)};
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	struct program_end end = {0};
	sigemptyset(&ignore.sa_mask);
	sigaction(SIGPIPE, &ignore, &before);
	bool started = start(&r, why);
	if (started) {
		int status = wait_for_end(&r, &end.timed_out);
		end.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
		end.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
		end.output = buf_str(&r.text);
		end.cut = r.cut;
		*out = end;
	}
	close_end(&r.input);
	close_end(&r.output);
	sigaction(SIGPIPE, &before, NULL);
	return started;
}

/* --- where it is -----------------------------------------------------------
 */

static bool is_program(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       access(path, X_OK) == 0;
}

static struct str from(struct arena *a, const char *directory, struct str path)
{
	struct str base = str_of(directory);
	return str_format(a, "%" STR_FMT "%s%" STR_FMT,
	                  STR_ARG(str_starts(path, STR("/")) ? STR("") : base),
	                  str_starts(path, STR("/")) || str_ends(base, STR("/"))
	                          ? ""
	                          : "/",
	                  STR_ARG(path));
}

bool program_find(struct str *path, struct str *fault, struct arena *a,
                  const char *directory, struct str word)
{
	struct str dir, dirs = world_environment("PATH"), file;
	if (str_has(word, '/')) {
		file = from(a, directory, word);
		*fault = str_format(a, "%s: %" STR_FMT,
		                    access(file.s, F_OK)
		                            ? "is not there"
		                            : "is no executable file",
		                    STR_ARG(file));
		*path = file;
		return is_program(file.s);
	}
	while (str_next(&dirs, ':', &dir)) {
		file = str_format(a, "%" STR_FMT "/%" STR_FMT,
		                  STR_ARG(from(a, directory, dir)),
		                  STR_ARG(word));
		*path = file;
		if (is_program(file.s))
			return true;
	}
	*fault = STR("is in no folder of PATH");
	return false;
}
