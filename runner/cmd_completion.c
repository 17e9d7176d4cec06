/* Completion scripts, written from the tables of cli.h: names of commands and
   options. Below a command the shell completes file names where no option is
   begun. */
#include "runner/answer.h"
#include "runner/cmd.h"

enum { SCRIPT_MAX = 1 << 20 };

static void add_options(struct buf *out, const struct option *o)
{
	for (; o && o->name; o++)
		buf_format(out, " --%s", o->name);
}

/* --- bash ---------------------------------------------------------------- */

static void write_bash(struct buf *out)
{
	buf_add(out,
	        STR("# bash completion for dxcp\n"
	            "_dxcp() {\n"
	            "\tlocal cur=${COMP_WORDS[COMP_CWORD]} command= i words=\n"
	            "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	            "\t\tcase ${COMP_WORDS[i]} in\n"
	            "\t\t-C|--directory|--ledger|--now|--format|--color) "
	            "((i++)) ;;\n"
	            "\t\t-*) ;;\n"
	            "\t\t*) command=${COMP_WORDS[i]}; break ;;\n"
	            "\t\tesac\n"
	            "\tdone\n"
	            "\tcase $command in\n"
	            "\t'') words='"));
	for (size_t i = 0; commands[i]; i++)
		buf_format(out, "%s%s", i ? " " : "", commands[i]->name);
	buf_add(out, STR("' ;;\n"));
	for (size_t i = 0; commands[i]; i++) {
		buf_format(out, "\t%s) words='", commands[i]->name);
		add_options(out, commands[i]->options);
		buf_add(out, STR("' ;;\n"));
	}
	buf_add(out, STR("\tesac\n\tcase $cur in\n\t-*) words+='"));
	add_options(out, common_options);
	buf_add(out, STR("' ;;\n"
	                 "\t*) [ -z \"$command\" ] || words= ;;\n"
	                 "\tesac\n"
	                 "\t[ \"$command\" != help ] || words='"));
	for (size_t i = 0; commands[i]; i++)
		buf_format(out, "%s%s", i ? " " : "", commands[i]->name);
	buf_add(out, STR("'\n"
	                 "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
	                 "}\n"
	                 "complete -o default -F _dxcp dxcp\n"));
}

/* --- zsh and fish -------------------------------------------------------- */

/* A text inside single quotes; `special` are escaped by a backslash too. */
static void add_quoted(struct buf *out, const char *text, const char *special,
                       const char *quote)
{
	for (; *text; text++) {
		if (*text == '\'') {
			buf_add(out, str_of(quote));
			continue;
		}
		if (str_has(str_of(special), *text))
			buf_add_char(out, '\\');
		buf_add_char(out, *text);
	}
}

static void add_zsh_options(struct buf *out, const struct option *o)
{
	for (; o && o->name; o++) {
		buf_format(out, " \\\n\t\t\t'--%s%s[", o->name,
		           o->argument ? "=" : "");
		add_quoted(out, o->about, "[]:\\", "'\\''");
		buf_add(out, STR("]"));
		if (o->argument) {
			buf_add_char(out, ':');
			add_quoted(out, o->argument, "[]:\\", "'\\''");
			buf_add(out, STR(":_files"));
		}
		buf_add_char(out, '\'');
	}
}

static void write_zsh(struct buf *out)
{
	buf_add(out, STR("#compdef dxcp\n"
	                 "_dxcp() {\n"
	                 "\tlocal context state line\n"
	                 "\tlocal -a commands\n"
	                 "\tcommands=(\n"));
	for (size_t i = 0; commands[i]; i++) {
		buf_format(out, "\t\t'%s:", commands[i]->name);
		add_quoted(out, commands[i]->summary, ":\\", "'\\''");
		buf_add(out, STR("'\n"));
	}
	buf_add(out, STR("\t)\n\t_arguments -C"));
	add_zsh_options(out, common_options);
	buf_add(out, STR(" \\\n\t\t\t'1:command:->command' "
	                 "'*::argument:->argument'\n"
	                 "\tcase $state in\n"
	                 "\tcommand) _describe command commands ;;\n"
	                 "\targument)\n\t\tcase $line[1] in\n"));
	for (size_t i = 0; commands[i]; i++) {
		buf_format(out, "\t\t%s) _arguments", commands[i]->name);
		add_zsh_options(out, commands[i]->options);
		add_zsh_options(out, common_options);
		buf_add(out, STR(" \\\n\t\t\t'*:argument:_files' ;;\n"));
	}
	buf_add(out, STR("\t\tesac ;;\n\tesac\n}\ncompdef _dxcp dxcp\n"));
}

static void add_fish_options(struct buf *out, const char *condition,
                             const struct option *o)
{
	for (; o && o->name; o++) {
		buf_format(out, "complete -c dxcp%s -l %s", condition, o->name);
		if (o->letter)
			buf_format(out, " -s %c", o->letter);
		buf_format(out, "%s -d '", o->argument ? " -r" : "");
		add_quoted(out, o->about, "\\", "\\'");
		buf_add(out, STR("'\n"));
	}
}

static void write_fish(struct buf *out)
{
	buf_add(out, STR("# fish completion for dxcp\n"));
	add_fish_options(out, "", common_options);
	for (size_t i = 0; commands[i]; i++) {
		buf_format(out,
		           "complete -c dxcp -n __fish_use_subcommand -f -a %s "
		           "-d '",
		           commands[i]->name);
		add_quoted(out, commands[i]->summary, "\\", "\\'");
		buf_add(out, STR("'\n"));
	}
	for (size_t i = 0; commands[i]; i++) {
		struct str seen = str_format(
		        out->arena, " -n '__fish_seen_subcommand_from %s'",
		        commands[i]->name);
		add_fish_options(out, seen.s, commands[i]->options);
	}
}

/* --- the command --------------------------------------------------------- */

static const struct {
	const char *name;
	void (*write)(struct buf *out);
} shells[] = {{"bash", write_bash}, {"zsh", write_zsh}, {"fish", write_fish}};

static enum exit_status completion(struct cli *cli)
{
	struct buf out = buf_new(cli->arena, SCRIPT_MAX);
	for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
		if (!str_is(cli->args[0], shells[i].name))
			continue;
		shells[i].write(&out);
		return cli_write(cli, NULL, buf_str(&out)) ? EXIT_FINE
		                                           : cli_fail(cli);
	}
	return cli_usage(cli,
	                 "completion: \"%" STR_FMT
	                 "\" is not one of bash, zsh, fish",
	                 STR_ARG(cli->args[0]));
}

const struct command cmd_completion = {
        .name = "completion",
        .arguments = "bash|zsh|fish",
        .summary = "a script that completes commands and options",
        .about = "Print a completion script for a shell, to be read by its "
                 "start-up files.",
        .min_args = 1,
        .max_args = 1,
        .plain = true,
        .run = completion,
        .examples = "  $ . <(dxcp completion bash)      in ~/.bashrc\n"
                    "  $ . <(dxcp completion zsh)       in ~/.zshrc\n"
                    "  $ dxcp completion fish | source  in config.fish",
};
