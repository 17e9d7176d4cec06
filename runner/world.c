#include "runner/world.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t caught;

static void remember(int signal)
{
	caught = signal;
}

void world_catch_signals(void)
{
	struct sigaction action = {.sa_handler = remember};
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

int world_signal(void)
{
	return caught;
}

struct str world_environment(const char *name)
{
	return str_of(getenv(name));
}

bool world_nonce(struct arena *a, struct str *out, struct fail *why)
{
	unsigned char bytes[16];
	struct buf name = buf_new(a, 2 * sizeof bytes);
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	bool fine = fd >= 0 && read(fd, bytes, sizeof bytes) == sizeof bytes;
	if (!fine)
		fail_errno(why, "reading /dev/urandom");
	if (fd >= 0)
		close(fd);
	for (size_t i = 0; fine && i < sizeof bytes; i++)
		buf_format(&name, "%02x", bytes[i]);
	*out = buf_str(&name);
	return fine;
}

int64_t world_now(struct world *w)
{
	if (!w->clock_given)
		w->clock = (int64_t)time(NULL);
	return w->clock;
}

int64_t world_milliseconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void world_sleep(struct world *w, int64_t seconds)
{
	enum { LONGEST = 3600 };
	if (w->clock_given) {
		w->clock += seconds;
		return;
	}
	struct timespec span = {.tv_sec = seconds < LONGEST ? (time_t)seconds
	                                                    : LONGEST};
	nanosleep(&span, NULL); /* a signal ends it early, as it should */
}

void world_pause(int milliseconds)
{
	struct timespec span = {.tv_nsec = milliseconds * 1000000L};
	nanosleep(&span, NULL);
}

void world_progress(struct world *w, const char *what, int64_t done,
                    int64_t total)
{
	if (w->progress)
		w->progress(w->progress_context, what, done, total);
}
