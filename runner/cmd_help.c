#include "runner/cmd.h"

static const struct option options[] = {
        OPTION("man", 0, FLAG, man, NULL, "the whole manual page, for man(1)"),
        {0},
};

static enum exit_status help(struct cli *cli)
{
	if (cli->options.man) {
		cli_man(cli);
		return EXIT_FINE;
	}
	if (!cli->nargs) {
		cli_help(cli);
		return EXIT_FINE;
	}
	for (size_t i = 0; commands[i]; i++)
		if (str_is(cli->args[0], commands[i]->name)) {
			cli_help_command(cli, commands[i]);
			return EXIT_FINE;
		}
	return cli_unknown_command(cli, cli->args[0]);
}

const struct command cmd_help = {
        .name = "help",
        .arguments = "[COMMAND]",
        .summary = "what there is, or how one command is used",
        .about = "Show the commands, or one with its options and examples, as "
                 "COMMAND --help does.",
        .options = options,
        .max_args = 1,
        .run = help,
        .examples = "  $ dxcp help deploy\n"
                    "  $ dxcp help --man | man -l -",
};
