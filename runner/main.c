/* The front door: parse, run one command, exit with its status. */
#include "runner/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

/*
 * A standard stream may come closed: the next file opened would take its place
 * and get what is printed. What is read there is empty and writing fails, as it
 * would have; /dev/null gets the lowest number that is free, which is it.
 */
static void keep_standard_streams(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", O_RDONLY | O_NOCTTY) != fd)
			return;
}

/* One line, redrawn, on a terminal; nothing in pipes and CI. */
static void show_progress(void *context, const char *what, int64_t done,
                          int64_t total)
{
	(void)context;
	if (total)
		fprintf(stderr, "\r\033[K%s: %lld of %lld", what,
		        (long long)done, (long long)total);
	else
		fprintf(stderr, "\r\033[K%s: %lld", what, (long long)done);
}

static enum exit_status after_signal(enum exit_status status)
{
	enum { INTERRUPT = 2, TERMINATE = 15 };
	if (world_signal() == INTERRUPT)
		return EXIT_INTERRUPTED;
	if (world_signal() == TERMINATE)
		return EXIT_TERMINATED;
	return status;
}

int main(int argc, char **argv)
{
	struct cli cli = {.arena = arena_new()};
	bool done;
	keep_standard_streams();
	enum exit_status status = cli_parse(&cli, argc, argv, &done);
	if (!done) {
		world_catch_signals();
		if (cli.terminal && !cli.options.quiet)
			cli.world.progress = show_progress;
		status = cli.command->run(&cli);
		if (cli.world.progress)
			fputs("\r\033[K", stderr);
		status = after_signal(status);
	}
	if (fflush(stdout)) {
		fputs("dxcp: writing to standard output failed\n", stderr);
		status = EXIT_ENGINE;
	}
	arena_free(cli.arena);
	return (int)status;
}
