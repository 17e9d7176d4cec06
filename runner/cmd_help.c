#include "runner/cmd.h"

static const struct option options[] = {
        OPTION("man", 0, FLAG, man, NULL, "the manual page, for man(1)"),
        {0},
};

static enum exit_status help(struct cli *cli)
{
	bool man = cli->options.man;
	size_t i = 0;
	if (!cli->nargs) {
		if (man)
			cli_man(cli);
		else
			cli_help(stdout);
		return EXIT_FINE;
	}
	while (commands[i] && !str_is(cli->args[0], commands[i]->name))
		i++;
	if (!commands[i])
		return cli_unknown_command(cli, cli->args[0]);
	(man ? cli_man_command : cli_help_command)(cli, commands[i]);
	return EXIT_FINE;
}

const struct command cmd_help = {
        .name = "help",
        .arguments = "[COMMAND]",
        .summary = "what there is, or how one command is used",
        .about = "Show the commands, or one with its options and examples, as "
                 "COMMAND --help does.",
        .plain = true,
        .options = options,
        .max_args = 1,
        .run = help,
        .examples = "  $ dxcp help deploy\n"
                    "  $ dxcp help --man deploy | man -l -",
};
