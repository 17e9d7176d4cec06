/*
 * bench_pairs N [-x STATUS] [-c COMMAND] A... -- B...
 *
 * Run two programs in turn, A B A B ..., N times each after one warm-up of
 * each, output thrown away, and print the medians as JSON: seconds of A and B,
 * of the ratio within each pair, and the largest peak memory (KiB) of each.
 * "@" in an argument is the number of the pair, 0 for the warm-up. COMMAND is
 * given to sh before each program. A status other than 0 or STATUS ends it.
 *
 * Spawned by vfork, so that a program starts with little of this one's memory.
 */
#define _DEFAULT_SOURCE /* wait4 */
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

enum { PAIRS_MAX = 101, WORDS_MAX = 64, WORD_MAX = 4096 };

extern char **environ;

struct side {
	char **words;
	int nwords;
	double seconds[PAIRS_MAX];
	long kib;
};

static int allowed_status;
static const char *before;

static _Noreturn void stop(const char *what)
{
	fprintf(stderr, "bench_pairs: %s\n", what);
	exit(2);
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double run(char **words, bool quiet, long *kib)
{
	posix_spawn_file_actions_t files;
	struct rusage used;
	pid_t pid;
	int status;
	posix_spawn_file_actions_init(&files);
	if (quiet)
		posix_spawn_file_actions_addopen(&files, 1, "/dev/null",
		                                 O_WRONLY, 0);
	double start = now();
	if (posix_spawnp(&pid, words[0], &files, NULL, words, environ))
		stop(words[0]);
	wait4(pid, &status, 0, &used);
	double seconds = now() - start;
	posix_spawn_file_actions_destroy(&files);
	if (!WIFEXITED(status) ||
	    (WEXITSTATUS(status) && WEXITSTATUS(status) != allowed_status)) {
		for (char **w = words; *w; w++)
			fprintf(stderr, "%s ", *w);
		fprintf(stderr, "ended with status %#x\n", (unsigned)status);
		exit(1);
	}
	if (used.ru_maxrss > *kib)
		*kib = used.ru_maxrss;
	return seconds;
}

static void fill_in(char *out, const char *word, int pair)
{
	size_t n = 0;
	for (; *word && n < WORD_MAX - 12; word++) {
		if (*word == '@')
			n += (size_t)snprintf(out + n, 12, "%d", pair);
		else
			out[n++] = *word;
	}
	out[n] = 0;
}

static void run_side(struct side *side, int pair)
{
	static char text[WORDS_MAX][WORD_MAX];
	char *words[WORDS_MAX + 1] = {0}, command[WORD_MAX];
	char *shell[] = {"sh", "-c", command, NULL};
	long ignored = 0;
	for (int i = 0; i < side->nwords; i++) {
		fill_in(text[i], side->words[i], pair);
		words[i] = text[i];
	}
	if (before) {
		fill_in(command, before, pair);
		run(shell, true, &ignored);
	}
	double seconds = run(words, true, &side->kib);
	if (pair)
		side->seconds[pair - 1] = seconds;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *x, int n)
{
	qsort(x, (size_t)n, sizeof *x, by_size);
	return n % 2 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2;
}

int main(int argc, char **argv)
{
	static struct side a, b;
	double ratios[PAIRS_MAX];
	int i = 2;
	int n = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 0;
	for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
		if (!strcmp(argv[i], "-x"))
			allowed_status = (int)strtol(argv[i + 1], NULL, 10);
		else if (!strcmp(argv[i], "-c"))
			before = argv[i + 1];
		else
			break;
	}
	for (a.words = argv + i; i < argc && strcmp(argv[i], "--"); i++)
		a.nwords++;
	b.words = argv + i + 1;
	b.nwords = argc - i - 1;
	if (n < 1 || n > PAIRS_MAX || a.nwords < 1 || b.nwords < 1 ||
	    a.nwords > WORDS_MAX || b.nwords > WORDS_MAX)
		stop("N [-x STATUS] [-c COMMAND] A... -- B...");
	for (int pair = 0; pair <= n; pair++) {
		run_side(&a, pair);
		run_side(&b, pair);
		if (pair)
			ratios[pair - 1] =
			        a.seconds[pair - 1] / b.seconds[pair - 1];
	}
	printf("{\"a\": %.6f, \"b\": %.6f, \"ratio\": %.4f, \"kib_a\": %ld, "
	       "\"kib_b\": %ld}\n",
	       median(a.seconds, n), median(b.seconds, n), median(ratios, n),
	       a.kib, b.kib);
	return 0;
}
