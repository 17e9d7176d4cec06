/* cli: words of the command line become options and arguments; what is wrong
 * with them is said with what was meant, and exits 2. */
#include "core/files.h"
#include "runner/cli.h"
#include "tests/lib/tap.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORDS_MAX = 64 };

static char said[] = "/tmp/test_cli.XXXXXX";

/* The words of a command line, apart at spaces. */
static int split(struct arena *a, const char *line, char **argv)
{
	struct str rest = str_of(line), word;
	int argc = 0;
	argv[argc++] = (char *)str_cstr(a, STR("dxcp"));
	while (argc < WORDS_MAX - 1 && str_next(&rest, ' ', &word))
		argv[argc++] = (char *)str_cstr(a, word);
	argv[argc] = NULL;
	return argc;
}

/* What is printed on a stream goes into the file `said` instead. */
static int redirect(FILE *stream)
{
	fflush(stream);
	int old = dup(fileno(stream));
	int file = open(said, O_WRONLY | O_TRUNC | O_CLOEXEC);
	dup2(file, fileno(stream));
	close(file);
	return old;
}

static void restore(FILE *stream, int old)
{
	fflush(stream);
	dup2(old, fileno(stream));
	close(old);
}

struct parsed {
	struct cli cli;
	enum exit_status status;
	bool done;
	struct str out; /* standard error, or standard output of what is done */
};

static struct parsed parse_into(struct arena *a, const char *line, FILE *stream)
{
	struct parsed p = {.cli = {.arena = a}};
	char *argv[WORDS_MAX];
	struct fail why = {0};
	int argc = split(a, line, argv);
	int old = redirect(stream);
	p.status = cli_parse(&p.cli, argc, argv, &p.done);
	restore(stream, old);
	file_read(&p.out, a, said, 1 << 20, &why);
	return p;
}

static struct parsed parse(struct arena *a, const char *line)
{
	return parse_into(a, line, stderr);
}

static void test_values(struct arena *a)
{
	struct parsed p = parse(a, "run --wait=90s");
	is_int(p.status, EXIT_FINE, "--x=v is taken");
	is_int(p.cli.options.wait, 90, "with its value");
	p = parse(a, "run --wait 2h -n");
	is_int(p.cli.options.wait, 7200, "--x v is the same");
	ok(p.cli.options.dry_run, "a letter stands for its option");
	p = parse(a, "run -w5m");
	is_int(p.cli.options.wait, 300, "a letter's value may be joined");
	p = parse(a, "-Csome/dir check");
	is_str(str_of(p.cli.world.dir), "some/dir", "-Cdir before the command");
	p = parse(a, "check -C some/dir");
	is_str(str_of(p.cli.world.dir), "some/dir", "-C dir after it");
	p = parse(a, "check");
	is_str(str_of(p.cli.world.dir), ".", "else here");
	ok(!p.cli.world.clock_given, "the clock is the machine's");
	p = parse(a, "check --now 2026-11-20T08:00:00Z");
	ok(p.cli.world.clock_given && p.cli.world.clock == 1795161600,
	   "--now sets the clock");
	p = parse(a, "deploy a b 1.0.0 -p x=1 --param y=2 --param=z=a=b");
	is_int((int64_t)p.cli.options.params.n, 3, "an option repeated adds");
	is_str(p.cli.options.params.at[2], "z=a=b",
	       "the first = ends the name");
	p = parse(a, "deploy --summary= a b 1.0.0");
	ok(p.cli.options.summary.s && !p.cli.options.summary.n,
	   "an empty value is given");
	p = parse(a, "explain -- --odd");
	is_str(p.cli.args[0], "--odd", "after -- all words are arguments");
	p = parse(a, "explain -");
	is_str(p.cli.args[0], "-", "a dash is an argument");
	p = parse(a, "build s 1.0.0 --size-bytes 12");
	is_int(p.cli.options.size_bytes, 12, "a number");
}

static void test_formats(struct arena *a)
{
	struct parsed p = parse(a, "check");
	is_int((int64_t)p.cli.noutputs, 1, "one output where none is named");
	is_int(p.cli.outputs[0].format, FORMAT_TEXT, "text");
	p = parse(a, "check --format json=a=b.json --format text");
	is_int((int64_t)p.cli.noutputs, 2, "--format may be repeated");
	is_int(p.cli.outputs[0].format, FORMAT_JSON, "json");
	is_str(str_of(p.cli.outputs[0].file), "a=b.json", "to a file");
	ok(!p.cli.outputs[1].file, "and text to standard output");
}

/* Exits 2, and says this. */
static const struct {
	const char *line, *says;
} wrong[] = {
        {"chekc", "there is no command \"chekc\"; did you mean \"check\"?"},
        {"zzzzzzzz", "there is no command \"zzzzzzzz\""},
        {"run --dryrun", "unknown option --dryrun; did you mean --dry-run?"},
        {"check --qiet", "did you mean --quiet?"},
        {"check --dry-run", "unknown option --dry-run"},
        {"check -z", "unknown option -z"},
        {"run --wait", "--wait wants DURATION"},
        {"run --wait soon", "\"soon\" is not a duration such as 30s"},
        {"run --wait=", "\"\" is not a duration"},
        {"run --wait 5", "\"5\" is not a duration"},
        {"run --dry-run=yes", "--dry-run takes no value"},
        {"check --now today", "\"today\" is not a time such as 2026"},
        {"check --now 2026-02-30T00:00:00Z", "is not a time"},
        {"build s 1.0.0 --size-bytes -1", "\"-1\" is not a number"},
        {"build s 1.0.0 --size-bytes 1k", "\"1k\" is not a number"},
        {"check --base=", "--base: \"\" is not a value"},
        {"--ledger= run", "--ledger: \"\" is not a value"},
        {"log --limit 0", "--limit: \"0\" is not a number from 1"},
        {"check --format xml", "--format: \"xml\" is not one of"},
        {"export csv --format json", "export has no --format"},
        {"help --format text=a", "help has no --format"},
        {"check --color maybe", "--color: \"maybe\" is not one of"},
        {"check more", "check: unexpected argument \"more\""},
        {"show", "show wants NUMBER"},
        {"deploy a b", "deploy wants SERVICE ENVIRONMENT VERSION"},
        {"deploy a b c d", "deploy: unexpected argument \"d\""},
        {"explain a a a a a a a a a a a a a a a a a a", "too many arguments"},
};

static void test_wrong(struct arena *a)
{
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct parsed p = parse(a, wrong[i].line);
		is_int(p.status, EXIT_USAGE, "dxcp %s", wrong[i].line);
		ok(p.done, "nothing runs");
		if (!ok(str_contains(p.out, str_of(wrong[i].says)),
		        "it says: %s", wrong[i].says))
			tap_note("%" STR_FMT, STR_ARG(p.out));
		ok(str_contains(p.out, STR("\n  next: dxcp ")),
		   "and what to do next");
	}
	struct parsed p = parse(a, "check --format text --format text "
	                           "--format text --format text --format text "
	                           "--format text --format text --format text "
	                           "--format text --format text --format text "
	                           "--format text --format text --format text "
	                           "--format text --format text --format text");
	is_int(p.status, EXIT_USAGE, "more outputs than fit");
}

static void test_help(struct arena *a)
{
	struct parsed p = parse_into(a, "--help", stdout);
	is_int(p.status, EXIT_FINE, "--help is fine");
	ok(p.done, "and all there is to do");
	for (size_t i = 0; commands[i]; i++) {
		const struct command *c = commands[i];
		ok(str_contains(p.out, str_format(a, "\n  %-10s %s\n", c->name,
		                                  c->summary)),
		   "it lists %s", c->name);
	}
	p = parse_into(a, "", stderr);
	is_int(p.status, EXIT_USAGE, "no command is not");
	ok(str_contains(p.out, STR("usage: dxcp ")), "but shows the usage");
	p = parse_into(a, "run --help", stdout);
	is_int(p.status, EXIT_FINE, "a command's help");
	ok(str_starts(p.out, STR("usage: dxcp run [OPTION...]\n")),
	   "its usage");
	ok(str_contains(p.out, STR("  -w, --wait DURATION ")), "its options");
	ok(str_contains(p.out, STR("  -C, --directory DIR ")), "common ones");
	p = parse_into(a, "check --version", stdout);
	is_int(p.status, EXIT_FINE, "--version");
	is_str(p.out, str_format(a, "dxcp %s\n", dxcp_version).s, "says it");
}

/* No two options of a command may be meant by the same word. */
static void test_tables(void)
{
	for (size_t i = 0; commands[i]; i++) {
		const struct command *c = commands[i];
		bool twice = false;
		for (const struct option *o = c->options; o && o->name; o++) {
			for (const struct option *p = o + 1; p->name; p++)
				twice |= !strcmp(o->name, p->name) ||
				         (o->letter && o->letter == p->letter);
			for (const struct option *p = common_options; p->name;
			     p++)
				twice |= !strcmp(o->name, p->name) ||
				         (o->letter && o->letter == p->letter);
		}
		ok(!twice, "the options of %s are apart", c->name);
		ok(c->about && c->summary && c->examples && c->run,
		   "%s is described", c->name);
		ok(c->max_args <= ARGS_MAX && c->min_args <= c->max_args,
		   "its arguments have room");
	}
}

static void test_color(struct arena *a)
{
	setenv("NO_COLOR", "1", 1);
	ok(!parse(a, "check").cli.color, "NO_COLOR");
	ok(parse(a, "check --color always").cli.color, "--color wins over it");
	unsetenv("NO_COLOR");
	setenv("CLICOLOR_FORCE", "1", 1);
	ok(parse(a, "check").cli.color, "CLICOLOR_FORCE");
	ok(!parse(a, "check --color never").cli.color, "--color wins again");
	unsetenv("CLICOLOR_FORCE");
}

int main(void)
{
	struct arena *a = arena_new();
	int file = mkstemp(said);
	if (file < 0)
		return 1;
	close(file);
	unsetenv("NO_COLOR");
	unsetenv("CLICOLOR_FORCE");
	test_values(a);
	test_formats(a);
	test_wrong(a);
	test_help(a);
	test_tables();
	test_color(a);
	unlink(said);
	arena_free(a);
	return tap_done();
}
