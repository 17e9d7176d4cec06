/* Help and the manual page, from the tables of cli.h. */
#include "runner/cli.h"

#include <stdio.h>
#include <string.h>

static void print_options(const struct option *o)
{
	for (; o && o->name; o++) {
		char left[64];
		char letter[5] = "    ";
		if (o->letter)
			snprintf(letter, sizeof letter, "-%c, ", o->letter);
		snprintf(left, sizeof left, "%s--%s%s%s", letter, o->name,
		         o->argument ? " " : "",
		         o->argument ? o->argument : "");
		printf("  %-30s %s\n", left, o->about);
	}
}

void cli_help(struct cli *cli)
{
	(void)cli;
	puts("dxcp: deliver by pull request. Intents in git are judged against\n"
	     "policy, dispatched to an engine, and recorded in a ledger.\n\n"
	     "usage: dxcp [-C DIR] COMMAND [OPTION...] [ARGUMENT...]\n\n"
	     "commands:");
	for (size_t i = 0; commands[i]; i++)
		printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
	puts("\ncommon options:");
	print_options(common_options);
	puts("\nexamples:\n"
	     "  $ dxcp init delivery          a repository with an example\n"
	     "  $ dxcp check --base main      judge what this branch adds\n"
	     "  $ dxcp run                    decide, dispatch, follow, record\n"
	     "  $ dxcp explain QUOTA_EXCEEDED what a code means, and what to do\n"
	     "\nexit status: 0 fine, 1 denied or failed, 2 usage, 3 invalid\n"
	     "policy or intents, 4 engine or system, 5 ledger, 6 another run,\n"
	     "7 waiting (with --fail-on waiting)");
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
		print_options(c->options);
	}
	puts("\ncommon options:");
	print_options(common_options);
}

/* Text in man(7): a line may not begin with a dot or quote, and a dash that is
   typed is \-. */
static void man_text(const char *text)
{
	bool line_start = true;
	for (const char *p = text; *p; p++) {
		if (line_start && (*p == '.' || *p == '\''))
			fputs("\\&", stdout);
		if (*p == '-')
			fputs("\\-", stdout);
		else if (*p == '\\')
			fputs("\\e", stdout);
		else
			putchar(*p);
		line_start = *p == '\n';
	}
}

static void man_options(const struct option *o)
{
	for (; o && o->name; o++) {
		fputs(".TP\n\\fB", stdout);
		if (o->letter)
			printf("\\-%c\\fR, \\fB", o->letter);
		fputs("\\-\\-", stdout);
		man_text(o->name);
		printf("\\fR%s%s%s\n", o->argument ? " \\fI" : "",
		       o->argument ? o->argument : "",
		       o->argument ? "\\fR" : "");
		man_text(o->about);
		putchar('\n');
	}
}

static void man_command(const struct command *c)
{
	printf(".SS dxcp %s %s\n", c->name, c->arguments);
	man_text(c->about);
	putchar('\n');
	man_options(c->options);
	if (c->examples) {
		puts(".PP\n.nf");
		man_text(c->examples);
		puts("\n.fi");
	}
}

void cli_man(struct cli *cli)
{
	(void)cli;
	printf(".TH DXCP 1 \"\" \"dxcp %s\" \"User Commands\"\n", dxcp_version);
	puts(".SH NAME\ndxcp \\- git\\-native delivery control plane\n"
	     ".SH SYNOPSIS\n.B dxcp\n[\\fB\\-C\\fR \\fIDIR\\fR] \\fICOMMAND\\fR "
	     "[\\fIOPTION\\fR...] [\\fIARGUMENT\\fR...]\n.SH DESCRIPTION\n"
	     "Intents, small YAML files in git, are judged against the policy "
	     "of the\nsame repository, dispatched to an engine and recorded in "
	     "an append\\-only\nledger.\n.SH COMMANDS");
	for (size_t i = 0; commands[i]; i++)
		man_command(commands[i]);
	puts(".SH COMMON OPTIONS");
	man_options(common_options);
	puts(".SH EXIT STATUS\n"
	     "0 fine; 1 something was denied or a deployment failed; 2 usage; "
	     "3 policy or\nintents do not parse or decode; 4 engine, network or "
	     "system failure; 5 ledger\nintegrity failure; 6 another run holds "
	     "the lease; 7 something waits, only with\n\\-\\-fail\\-on waiting; "
	     "70 a bug; 71 out of memory; 130 and 143 after a signal.\n"
	     ".SH ENVIRONMENT\n.TP\n\\fBNO_COLOR\\fR\nno colours where set and "
	     "not empty\n.TP\n\\fBCI\\fR\nno progress display where set");
}
