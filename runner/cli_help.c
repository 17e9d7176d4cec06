/* Help, from the tables of cli.h; the manual is in cli_man.c. */
#include "runner/cli.h"

#include <stdio.h>

enum { WIDTH = 80, ABOUT_COLUMN = 33 };

/* The words of a text, in lines of at most WIDTH columns, the later ones
   indented. column: where the first one begins. */
static void print_words(FILE *to, struct str text, int column, int indent)
{
	bool first = true;
	for (size_t i = 0; i < text.n;) {
		size_t end = i;
		while (end < text.n && text.s[end] != ' ' &&
		       text.s[end] != '\n')
			end++;
		int n = (int)(end - i);
		if (n && !first && column + 1 + n > WIDTH)
			column = fprintf(to, "\n%*s", indent, "") - 1;
		else if (n && !first)
			column += fprintf(to, " ");
		if (n)
			column += fprintf(to, "%.*s", n, text.s + i);
		first = first && !n;
		i = end + 1;
	}
	fputc('\n', to);
}

/* Paragraphs are filled; lines that begin with a space, and empty ones, stand
   as they are. */
static void print_text(FILE *to, struct str text)
{
	while (text.n) {
		struct str line, rest, words = {text.s, 0};
		while (text.n && text.s[0] != ' ' && text.s[0] != '\n') {
			if (!str_cut(text, '\n', &line, &rest))
				line = text, rest = STR("");
			words.n = (size_t)(line.s + line.n - words.s);
			text = rest;
		}
		if (words.n)
			print_words(to, words, 0, 0);
		if (!text.n)
			break;
		if (!str_cut(text, '\n', &line, &rest))
			line = text, rest = STR("");
		fprintf(to, "%" STR_FMT "\n", STR_ARG(line));
		text = rest;
	}
}

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
		int column = fprintf(to, "  %-30s ", left);
		print_words(to, str_of(o->about), column, ABOUT_COLUMN);
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
	print_text(stdout, str_of(c->about));
	if (c->examples)
		printf("\nexamples:\n%s\n", c->examples);
	if (c->options) {
		puts("\noptions:");
		print_options(stdout, c->options);
	}
	puts("\ncommon options:");
	print_options(stdout, common_options);
}
