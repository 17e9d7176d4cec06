/* The manual pages, from the tables of cli.h: man(7) on standard output. */
#include "runner/cli.h"

#include <stdio.h>

/* A line may not begin with a dot or quote; what is typed is \\-, not a
   hyphen. */
static void put_line(struct str line)
{
	if (line.n && (line.s[0] == '.' || line.s[0] == '\''))
		fputs("\\&", stdout);
	for (size_t i = 0; i < line.n; i++) {
		if (line.s[i] == '-')
			fputs("\\-", stdout);
		else if (line.s[i] == '\\')
			fputs("\\e", stdout);
		else
			putchar(line.s[i]);
	}
	putchar('\n');
}

/* Paragraphs, apart at empty lines; lines that are indented stay as they are.
 */
static void put_text(const char *text)
{
	struct str rest = str_of(text), line;
	bool as_is = false, paragraph = false, first = true;
	while (str_next(&rest, '\n', &line)) {
		bool indented = line.n && line.s[0] == ' ';
		if (!line.n) {
			paragraph = true;
			continue;
		}
		if (as_is && !indented)
			puts(".fi");
		if (!first && (paragraph || as_is != indented))
			puts(".PP");
		if (!as_is && indented)
			puts(".nf");
		as_is = indented;
		paragraph = first = false;
		put_line(line);
	}
	if (as_is)
		puts(".fi");
}

static void put_options(const struct option *o)
{
	for (; o && o->name; o++) {
		fputs(".TP\n\\fB", stdout);
		if (o->letter)
			printf("\\-%c\\fR, \\fB", o->letter);
		fputs("\\-\\-", stdout);
		for (const char *c = o->name; *c; c++)
			fputs(*c == '-' ? "\\-" : (char[]){*c, 0}, stdout);
		printf("\\fR%s%s%s\n", o->argument ? " \\fI" : "",
		       o->argument ? o->argument : "",
		       o->argument ? "\\fR" : "");
		put_text(o->about);
	}
}

/* "dxcp\-can\-i", and in capitals for the title. */
static void put_name(const char *command, bool title)
{
	fputs(title ? "DXCP" : "dxcp", stdout);
	if (command)
		fputs("\\-", stdout);
	for (const char *c = command; c && *c; c++) {
		bool small = *c >= 'a' && *c <= 'z';
		if (*c == '-')
			fputs("\\-", stdout);
		else
			putchar(title && small ? *c - 'a' + 'A' : *c);
	}
}

static void put_head(const char *command, const char *summary)
{
	fputs(".TH ", stdout);
	put_name(command, true);
	printf(" 1 \"%s\" \"dxcp %s\" \"User Commands\"\n.SH NAME\n", dxcp_date,
	       dxcp_version);
	put_name(command, false);
	fputs(" \\- ", stdout);
	put_line(str_of(summary));
	puts(".SH SYNOPSIS");
}

void cli_man_command(struct cli *cli, const struct command *c)
{
	(void)cli;
	put_head(c->name, c->summary);
	fputs(".B dxcp ", stdout);
	put_line(str_of(c->name));
	if (c->options)
		puts("[\\fIOPTION\\fR...]");
	if (c->arguments[0])
		put_line(str_of(c->arguments));
	puts(".SH DESCRIPTION");
	put_text(c->about);
	if (c->options) {
		puts(".SH OPTIONS");
		put_options(c->options);
	}
	puts(".PP\nThe options that all commands have are in\n.BR dxcp (1).");
	if (c->examples) {
		puts(".SH EXAMPLES");
		put_text(c->examples);
	}
	puts(".SH SEE ALSO\n.BR dxcp (1)");
}

static void put_commands(void)
{
	puts(".SH COMMANDS");
	for (size_t i = 0; commands[i]; i++) {
		fputs(".TP\n.BR ", stdout);
		put_name(commands[i]->name, false);
		puts(" (1)");
		put_line(str_of(commands[i]->summary));
	}
}

void cli_man(struct cli *cli)
{
	(void)cli;
	put_head(NULL, "git-native delivery control plane");
	puts(".B dxcp\n[\\fB\\-C\\fR \\fIDIR\\fR] \\fICOMMAND\\fR "
	     "[\\fIOPTION\\fR...] [\\fIARGUMENT\\fR...]\n.SH DESCRIPTION\n"
	     "Intents, small YAML files in git, are judged against the policy "
	     "of the\nsame repository, dispatched to an engine and recorded in "
	     "an append\\-only\nledger. Each command has a page of its own; "
	     "\\fBdxcp\\fR \\fICOMMAND\\fR\n\\fB\\-\\-help\\fR says the "
	     "same.");
	put_commands();
	puts(".SH COMMON OPTIONS\nThey may stand before the command or after "
	     "it.");
	put_options(common_options);
	puts(".SH EXIT STATUS\n"
	     "0 fine; 1 something was denied or a deployment failed; 2 usage; "
	     "3 policy or\nintents do not parse or decode; 4 engine, network or "
	     "system failure; 5 ledger\nintegrity failure; 6 another run holds "
	     "the lease; 7 something waits, only with\n\\-\\-fail\\-on waiting; "
	     "70 a bug; 71 out of memory; 130 and 143 after a signal.\n"
	     ".SH ENVIRONMENT\n.TP\n\\fBNO_COLOR\\fR\nno colours where set and "
	     "not empty\n.TP\n\\fBCI\\fR\nno progress display where set, and "
	     "nothing is asked\n.SH FILES\n.TP\n\\fIpolicy/\\fR\nwhat the platform "
	     "team decided\n.TP\n\\fIintents/\\fR\nwhat people ask for\n.TP\n"
	     "\\fI.dxcp/ledger.db\\fR\nwhat happened, unless the policy names "
	     "another file");
}
