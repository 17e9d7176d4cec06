#include "runner/cli.h"

#include "core/files.h"
#include "runner/sync.h"

#include <assert.h>
#include <stdio.h>
#include <unistd.h>

const char *const output_format_names[] = {
#define FORMAT(id, name) #name,
#define REPORT_FORMAT(id, name) #name,
#define TABLE_FORMAT(id, name) #name,
#include "runner/formats.def"
#undef FORMAT
#undef REPORT_FORMAT
        NULL,
};

/* --- messages ------------------------------------------------------------ */

void cli_say(struct cli *cli, const char *fmt, ...)
{
	if (cli->options.quiet)
		return;
	va_list args;
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

enum exit_status cli_fail(struct cli *cli)
{
	fprintf(stderr, "dxcp: %s\n", cli->why.text);
	if (cli->why.hint[0])
		fprintf(stderr, "  next: %s\n", cli->why.hint);
	return (enum exit_status)fail_status(cli->why.kind);
}

enum exit_status cli_usage(struct cli *cli, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	fputs("dxcp: ", stderr);
	vfprintf(stderr, fmt, args);
	va_end(args);
	if (cli->command)
		fprintf(stderr, "\n  next: dxcp %s --help\n",
		        cli->command->name);
	else
		fputs("\n  next: dxcp --help\n", stderr);
	return EXIT_USAGE;
}

/* --- options ------------------------------------------------------------- */

static const struct option *find_in(const struct option *table, struct str name)
{
	for (; table && table->name; table++)
		if (str_is(name, table->name) ||
		    (name.n == 1 && table->letter == name.s[0]))
			return table;
	return NULL;
}

static const struct option *find_option(const struct cli *cli, struct str name)
{
	const struct option *o = NULL;
	if (cli->command)
		o = find_in(cli->command->options, name);
	return o ? o : find_in(common_options, name);
}

static void nearest_in(const struct option *table, struct str name,
                       const char **best, size_t *distance)
{
	for (; table && table->name; table++) {
		size_t d = str_distance(name, str_of(table->name), *distance);
		if (d < *distance) {
			*distance = d;
			*best = table->name;
		}
	}
}

static enum exit_status unknown_option(struct cli *cli, const char *dashes,
                                       struct str name)
{
	const char *best = NULL;
	size_t distance = 1 + (name.n + 1) / 2;
	if (cli->command)
		nearest_in(cli->command->options, name, &best, &distance);
	nearest_in(common_options, name, &best, &distance);
	if (best)
		return cli_usage(cli,
		                 "unknown option %s%" STR_FMT
		                 "; did you mean --%s?",
		                 dashes, STR_ARG(name), best);
	return cli_usage(cli, "unknown option %s%" STR_FMT, dashes,
	                 STR_ARG(name));
}

/* Put a value where the table says; false: it is not of the option's type. */
static bool set_option(struct cli *cli, const struct option *o,
                       struct str value)
{
	void *at = (char *)&cli->options + o->offset;
	VEC(struct str) *texts = at;
	switch (o->type) {
	case OPTION_FLAG:
		*(bool *)at = true;
		return true;
	case OPTION_TEXT:
	case OPTION_PROSE:
		*(struct str *)at = value;
		return value.n || o->type == OPTION_PROSE;
	case OPTION_TEXTS:
		*vec_add(cli->arena, texts) = value;
		return value.n > 0;
	case OPTION_TIME:
		return when_parse(value, at);
	case OPTION_DURATION:
		return when_parse_duration(value, at);
	case OPTION_NUMBER:
		return str_int(value, at) && *(int64_t *)at >= 0;
	case OPTION_LIMIT:
		return str_int(value, at) && *(int64_t *)at >= 1;
	}
	return false;
}

static const char *expected(enum option_type type)
{
	switch (type) {
	case OPTION_TIME:
		return "a time such as 2026-11-20T08:00:00Z";
	case OPTION_DURATION:
		return "a duration such as 30s, 15m, 2h or 7d";
	case OPTION_NUMBER:
		return "a number";
	case OPTION_LIMIT:
		return "a number from 1";
	case OPTION_FLAG:
	case OPTION_TEXT:
	case OPTION_PROSE:
	case OPTION_TEXTS:
		break;
	}
	return "a value";
}

/* One option at argv[*i]; *i moves past its value. */
static enum exit_status take_option(struct cli *cli, int argc, char **argv,
                                    int *i)
{
	struct str word = str_of(argv[*i]), name, value;
	bool is_long = str_starts(word, STR("--"));
	bool joined = is_long && str_cut(str_from(word, 2), '=', &name, &value);
	if (!is_long) {
		name = str_head(str_from(word, 1), 1);
		value = str_from(word, 2);
		joined = value.n > 0;
	}
	const struct option *o = find_option(cli, name);
	if (!o)
		return is_long ? unknown_option(cli, "--", name)
		               : unknown_option(cli, "-", str_from(word, 1));
	if (o->type == OPTION_FLAG && joined)
		return cli_usage(cli, "--%s takes no value", o->name);
	if (o->type != OPTION_FLAG && !joined) {
		if (*i + 1 >= argc)
			return cli_usage(cli, "--%s wants %s", o->name,
			                 o->argument);
		value = str_of(argv[++*i]);
	}
	if (!set_option(cli, o, value))
		return cli_usage(cli, "--%s: \"%" STR_FMT "\" is not %s",
		                 o->name, STR_ARG(value), expected(o->type));
	return EXIT_FINE;
}

/* --- the command --------------------------------------------------------- */

static const struct command *find_command(struct str name)
{
	for (size_t i = 0; commands[i]; i++)
		if (str_is(name, commands[i]->name))
			return commands[i];
	return NULL;
}

enum exit_status cli_unknown_command(struct cli *cli, struct str name)
{
	const char *best = NULL;
	size_t distance = 1 + (name.n + 1) / 2;
	for (size_t i = 0; commands[i]; i++) {
		size_t d =
		        str_distance(name, str_of(commands[i]->name), distance);
		if (d < distance) {
			distance = d;
			best = commands[i]->name;
		}
	}
	if (best)
		return cli_usage(cli,
		                 "there is no command \"%" STR_FMT
		                 "\"; did you mean \"%s\"?",
		                 STR_ARG(name), best);
	return cli_usage(cli, "there is no command \"%" STR_FMT "\"",
	                 STR_ARG(name));
}

/* The command's name is the first word that is no option nor an option's
   value: common options may stand before it. */
static enum exit_status parse_words(struct cli *cli, int argc, char **argv)
{
	bool only_words = false;
	for (int i = 1; i < argc; i++) {
		struct str word = str_of(argv[i]);
		if (!only_words && str_is(word, "--")) {
			only_words = true;
		} else if (!only_words && word.n > 1 && word.s[0] == '-') {
			enum exit_status bad = take_option(cli, argc, argv, &i);
			if (bad)
				return bad;
		} else if (!cli->command) {
			cli->command = find_command(word);
			if (!cli->command)
				return cli_unknown_command(cli, word);
		} else if (cli->nargs < ARGS_MAX) {
			cli->args[cli->nargs++] = word;
		} else {
			return cli_usage(cli, "too many arguments");
		}
	}
	return EXIT_FINE;
}

static bool has_format(const struct command *c, int format)
{
	if (format == FORMAT_CSV)
		return c->tables || c->lists;
	if (format == FORMAT_JSONL && c->lists)
		return true;
	return c->reports || format == FORMAT_TEXT || format == FORMAT_JSON;
}

static enum exit_status unknown_format(struct cli *cli, struct str name)
{
	struct buf known = buf_new(cli->arena, 1024);
	for (int i = 0; i < FORMAT_COUNT; i++)
		if (has_format(cli->command, i))
			buf_format(&known, "%s%s", i ? ", " : "",
			           output_format_names[i]);
	return cli_usage(cli,
	                 "--format: \"%" STR_FMT "\" is not one of %" STR_FMT,
	                 STR_ARG(name), STR_ARG(buf_str(&known)));
}

static enum exit_status parse_formats(struct cli *cli)
{
	if (cli->command->plain && cli->options.formats.n)
		return cli_usage(cli, "%s has no --format", cli->command->name);
	vec_each (struct str, word, &cli->options.formats) {
		struct str name, file;
		bool to_file = str_cut(*word, '=', &name, &file);
		int format = 0;
		while (format < FORMAT_COUNT &&
		       !(str_is(name, output_format_names[format]) &&
		         has_format(cli->command, format)))
			format++;
		if (format == FORMAT_COUNT)
			return unknown_format(cli, name);
		if (to_file && !file.n)
			return cli_usage(cli,
			                 "--format: %" STR_FMT "= wants a file",
			                 STR_ARG(name));
		if (cli->noutputs == OUTPUTS_MAX)
			return cli_usage(cli, "--format: at most %d outputs",
			                 OUTPUTS_MAX);
		cli->outputs[cli->noutputs++] = (struct output){
		        (enum output_format)format,
		        to_file ? str_cstr(cli->arena, file) : NULL};
	}
	if (!cli->noutputs)
		cli->outputs[cli->noutputs++] =
		        (struct output){FORMAT_TEXT, NULL};
	return EXIT_FINE;
}

/* --color, NO_COLOR, CLICOLOR_FORCE, TERM=dumb, a terminal: in this order. */
static enum exit_status choose_color(struct cli *cli)
{
	struct str when = cli->options.color;
	struct str term = world_environment("TERM");
	cli->terminal = isatty(STDERR_FILENO) && !world_environment("CI").n;
	if (str_is(when, "always"))
		cli->color = true;
	else if (str_is(when, "never") || world_environment("NO_COLOR").n)
		cli->color = false;
	else if (when.n && !str_is(when, "auto"))
		return cli_usage(cli,
		                 "--color: \"%" STR_FMT
		                 "\" is not one of auto, always, never",
		                 STR_ARG(when));
	else
		cli->color = world_environment("CLICOLOR_FORCE").n ||
		             (isatty(STDOUT_FILENO) && term.n &&
		              !str_is(term, "dumb"));
	return EXIT_FINE;
}

bool cli_can_ask(const struct cli *cli)
{
	return !cli->options.no_input && cli->terminal && isatty(STDIN_FILENO);
}

enum exit_status cli_wants_arguments(struct cli *cli)
{
	return cli_usage(cli, "%s wants %s", cli->command->name,
	                 cli->command->arguments);
}

static enum exit_status check_arguments(struct cli *cli)
{
	const struct command *c = cli->command;
	if (cli->nargs < c->min_args && !(c->asks && cli_can_ask(cli)))
		return cli_wants_arguments(cli);
	if (cli->nargs > c->max_args)
		return cli_usage(cli,
		                 "%s: unexpected argument \"%" STR_FMT "\"",
		                 c->name, STR_ARG(cli->args[c->max_args]));
	return EXIT_FINE;
}

enum exit_status cli_parse(struct cli *cli, int argc, char **argv, bool *done)
{
	enum exit_status bad = parse_words(cli, argc, argv);
	*done = true;
	if (bad)
		return bad;
	if (cli->options.version) {
		printf("dxcp %s\n", dxcp_version);
		return EXIT_FINE;
	}
	if (cli->options.help || !cli->command) {
		if (cli->command)
			cli_help_command(cli, cli->command);
		else
			cli_help(cli->options.help ? stdout : stderr);
		/* Without a command nothing was asked for: that is no success.
		 */
		return cli->options.help ? EXIT_FINE : EXIT_USAGE;
	}
	if ((bad = parse_formats(cli)) || (bad = choose_color(cli)) ||
	    (bad = check_arguments(cli)))
		return bad;
	struct world *w = &cli->world;
	w->arena = cli->arena;
	w->dir = cli->options.dir.n ? str_cstr(cli->arena, cli->options.dir)
	                            : ".";
	w->clock_given = cli->options.now != 0;
	w->clock = cli->options.now;
	*done = false;
	return EXIT_FINE;
}

/* --- the world ----------------------------------------------------------- */

bool cli_open_repo(struct cli *cli)
{
	struct world *w = &cli->world;
	return w->repo || repo_open(&w->repo, cli->arena, w->dir, &cli->why);
}

bool cli_open_policy(struct cli *cli, struct str revision, bool worktree)
{
	if (cli->has_pass)
		return true;
	cli->has_pass = cli_open_repo(cli) &&
	                gather_policy(&cli->world, &cli->pass, revision,
	                              worktree, &cli->why);
	return cli->has_pass;
}

static bool default_ledger_path(struct cli *cli)
{
	struct world *w = &cli->world;
	if (!cli_open_policy(cli, STR(""), false))
		return false;
	struct text given = cli->pass.policy->platform.ledger.path;
	struct str path = GIVEN(given) ? given.s : STR(".dxcp/ledger.db");
	bool absolute = str_starts(path, STR("/"));
	w->ledger_path =
	        str_format(cli->arena, "%s%" STR_FMT,
	                   absolute ? "" : repo_root(w->repo), STR_ARG(path))
	                .s;
	return true;
}

bool cli_find_ledger(struct cli *cli)
{
	if (!cli->options.ledger.n)
		return default_ledger_path(cli);
	cli->world.ledger_path = str_cstr(cli->arena, cli->options.ledger);
	return true;
}

static bool open_file(struct cli *cli, enum ledger_mode mode)
{
	struct world *w = &cli->world;
	return ledger_open(&w->ledger, cli->arena, w->ledger_path, mode,
	                   &cli->why) &&
	       (mode == LEDGER_READ ||
	        ledger_lease(w->ledger, cli->arena, &cli->why));
}

static bool follow_copy(struct cli *cli, enum ledger_mode mode)
{
	struct world *w = &cli->world;
	struct sync *s;
	bool write = mode == LEDGER_WRITE;
	if (!sync_open(&s, w, cli->pass.policy, &cli->why) ||
	    ((write || cli->options.fetch || cli->options.dry_run) &&
	     !sync_pull(w, s, &cli->why)) ||
	    (write ? !sync_settle(w, s, &cli->why)
	           : !sync_read(w, s, &cli->why)))
		return false;
	if (write)
		w->sync = s;
	if (s->notice.n)
		cli_say(cli, "dxcp: %" STR_FMT, STR_ARG(s->notice));
	return true;
}

bool cli_open_ledger(struct cli *cli, enum ledger_mode mode)
{
	return cli_find_ledger(cli) && open_file(cli, mode) &&
	       (cli->options.ledger.n || follow_copy(cli, mode));
}

bool cli_open_ledger_file(struct cli *cli, enum ledger_mode mode)
{
	return cli_find_ledger(cli) && (file_exists(cli->world.ledger_path)
	                                        ? open_file(cli, mode)
	                                        : cli_open_ledger(cli, mode));
}

bool cli_write(struct cli *cli, const char *file, struct str bytes)
{
	if (file)
		return file_write(file, bytes, &cli->why);
	if (bytes.n && fwrite(bytes.s, 1, bytes.n, stdout) != bytes.n)
		return fail_errno(&cli->why, "writing to standard output");
	if (fflush(stdout))
		return fail_errno(&cli->why, "writing to standard output");
	return true;
}
