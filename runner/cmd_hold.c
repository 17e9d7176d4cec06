#include "runner/cmd.h"
#include "runner/draft.h"

static const struct option options[] = {
        OPTION("summary", 's', TEXT, summary, "TEXT",
               "why, in one sentence of up to 240 characters"),
        OPTION("until", 0, TIME, until, "TIME",
               "the first instant at which it no longer holds (default: it "
               "has no end)"),
        OPTION("ticket", 0, TEXT, ticket, "TICKET",
               "where the work is tracked"),
        OPTION("trace", 0, FLAG, trace, NULL, "show what every guardrail said"),
        DRAFT_OPTIONS,
        {0},
};

static void compose(struct cli *cli, struct draft *d)
{
	struct intent_file *f = &d->file;
	*f = intent_file_new(cli->arena, "hold");
	intent_file_text(f, "service", cli->args[0]);
	intent_file_text(f, "environment", cli->args[1]);
	intent_file_text(f, "version", cli->args[2]);
	intent_file_when(f, "until", cli->options.until);
	intent_file_text(f, "summary", d->summary);
	intent_file_line(f, "ticket", cli->options.ticket);
}

static enum exit_status hold(struct cli *cli)
{
	static const struct draft_question questions[] = {
	        {"Service", {0}}, {"Environment", {0}}, {"Version", {0}}};
	struct str *args = cli->args;
	struct draft d = {.ticket = cli->options.ticket};
	enum exit_status bad = draft_arguments(cli, questions, 3);
	if (bad)
		return bad;
	d.service = args[0];
	if (!args[1].n || !args[2].n)
		return cli_usage(cli,
		                 "hold wants an environment and a version");
	if ((bad = draft_begin(cli, args[0])) ||
	    (bad = draft_summary(cli, &d.summary)))
		return bad;
	compose(cli, &d);
	d.name = str_format(cli->arena, "hold-%" STR_FMT "-%" STR_FMT,
	                    STR_ARG(args[2]), STR_ARG(args[1]));
	d.subject = str_format(
	        cli->arena, "Hold %" STR_FMT " %" STR_FMT " out of %" STR_FMT,
	        STR_ARG(args[0]), STR_ARG(args[2]), STR_ARG(args[1]));
	return draft_finish(cli, &d);
}

const struct command cmd_hold = {
        .name = "hold",
        .arguments = "SERVICE ENVIRONMENT VERSION",
        .summary = "write an intent to keep a version out of an environment",
        .about = "Write a hold: from the next run on nobody may deploy or "
                 "promote that version of the\nservice there, until the hold "
                 "ends. Rollbacks and what runs already are not touched.",
        .options = options,
        .min_args = 3,
        .max_args = 3,
        .asks = true,
        .run = hold,
        .examples = "  $ dxcp hold checkout prod 1.4.2 -s \"Leaks memory\" "
                    "--commit\n"
                    "  $ dxcp hold checkout prod 1.4.2 -s \"Leaks\" --until "
                    "2026-12-01T00:00:00Z",
};
