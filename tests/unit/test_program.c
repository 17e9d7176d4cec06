/* program: what goes in, what comes out, and how it ends. */
#include "runner/program.h"
#include "tests/lib/tap.h"

#include <string.h>

static struct program_end end;

/* Run a line of shell. */
static bool sh(struct arena *a, const char *line, struct str input,
               int timeout_ms)
{
	char *words[] = {"sh", "-c", (char *)line, NULL};
	struct program p = {.words = words,
	                    .input = input,
	                    .timeout_ms = timeout_ms,
	                    .output_max = 1000,
	                    .with_errors = true};
	struct fail why = {0};
	end = (struct program_end){0};
	return program_run(&end, a, &p, &why);
}

static void test_ends(struct arena *a)
{
	ok(sh(a, "echo out; echo err >&2; exit 3", STR(""), 10000), "it runs");
	is_str(end.output, "out\nerr\n", "both streams in order");
	is_int(end.exit_status, 3, "its exit status");
	ok(!end.signal && !end.timed_out && !end.cut, "and nothing else");
	sh(a, "kill -9 $$", STR(""), 10000);
	is_int(end.signal, 9, "the signal that ended it");
	sh(a, "sleep 60 & echo left; exit 0", STR(""), 10000);
	is_str(end.output, "left\n", "what it leaves behind is not waited for");
	sh(a, "trap '' TERM; sleep 60", STR(""), 50);
	ok(end.timed_out && end.signal == 9, "at its timeout it is killed");
}

static void test_streams(struct arena *a)
{
	enum { MUCH = 1 << 20 };
	char *s = arena_alloc(a, MUCH);
	memset(s, 'x', MUCH);
	struct str much = {s, MUCH};
	sh(a, "wc -c", much, 10000);
	is_str(str_trim(end.output), "1048576", "a long input arrives whole");
	sh(a, "cat", much, 10000);
	ok(end.output.n == 1000 && end.cut, "a long output is cut");
	ok(sh(a, "exit 0", much, 10000) && !end.exit_status,
	   "who does not read is no failure");
}

static void test_failures(struct arena *a)
{
	char *words[] = {"/nonexistent/program", NULL};
	struct program p = {.words = words, .timeout_ms = 1000};
	struct fail why = {0};
	ok(!program_run(&end, a, &p, &why), "what is not there cannot start");
	ok(strstr(why.text, "/nonexistent/program"), "and is named");
	char *pwd[] = {"pwd", NULL};
	p = (struct program){.words = pwd,
	                     .directory = "/",
	                     .timeout_ms = 10000,
	                     .output_max = 100};
	ok(program_run(&end, a, &p, &why), "in a directory");
	is_str(end.output, "/\n", "it is there");
	p.directory = "/nonexistent";
	ok(!program_run(&end, a, &p, &why), "which has to exist");
}

int main(void)
{
	struct arena *a = arena_new();
	test_ends(a);
	test_streams(a);
	test_failures(a);
	arena_free(a);
	return tap_done();
}
