/* Help, from the tables of cli.h; the manual is in cli_man.c. */
#include "runner/cli.h"

#include <stdio.h>

static void print_options(FILE *to, const struct option *o)
{
	for (; o && o->name; o++) {
		char left[64];
		char letter[5] = "    ";
		if (o->letter)
			snprintf(letter, sizeof letter, "-%c, ", o->letter);
		snprintf(left, sizeof left, "%s--%s%s%s", letter, o->name,
		         o->argument ? " " : "",
		         o->argument ? o->argument : "");
		fprintf(to, "  %-30s %s\n", left, o->about);
	}
}

void cli_help(FILE *to)
{
	fputs("dxcp: deliver by pull request. Intents in git are judged against\n"
	      "policy, dispatched to an engine, and recorded in a ledger.\n\n"
	      "usage: dxcp [-C DIR] COMMAND [OPTION...] [ARGUMENT...]\n\n"
	      "commands:\n",
	      to);
	for (size_t i = 0; commands[i]; i++)
		fprintf(to, "  %-10s %s\n", commands[i]->name,
		        commands[i]->summary);
	fputs("\ncommon options:\n", to);
	print_options(to, common_options);
	fputs("\nexamples:\n"
	      "  $ dxcp init delivery          a repository with an example\n"
	      "  $ dxcp check --base main      judge what this branch adds\n"
	      "  $ dxcp run                    decide, dispatch, follow, record\n"
	      "  $ dxcp explain QUOTA_EXCEEDED what a code means, and what to do\n"
	      "\nexit status: 0 fine, 1 denied or failed, 2 usage, 3 invalid\n"
	      "policy or intents, 4 engine or system, 5 ledger, 6 another run,\n"
	      "7 waiting (with --fail-on waiting)\n",
	      to);
}

void cli_help_command(struct cli *cli, const struct command *c)
{
	(void)cli;
	printf("usage: dxcp %s%s%s%s\n\n", c->name,
	       c->options ? " [OPTION...]" : "", c->arguments[0] ? " " : "",
	       c->arguments);
	printf("%s\n", c->about);
	if (c->examples)
		printf("\nexamples:\n%s\n", c->examples);
	if (c->options) {
		puts("\noptions:");
		print_options(stdout, c->options);
	}
	puts("\ncommon options:");
	print_options(stdout, common_options);
}
