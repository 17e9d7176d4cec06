#include "runner/cmd.h"
#include "runner/draft.h"

static const struct option options[] = {
        OPTION("summary", 's', TEXT, summary, "TEXT",
               "why, in one sentence of up to 240 characters"),
        OPTION("ticket", 0, TEXT, ticket, "TICKET",
               "where the work is tracked"),
        OPTION("trace", 0, FLAG, trace, NULL, "show what every guardrail said"),
        DRAFT_OPTIONS,
        {0},
};

static enum exit_status cancel(struct cli *cli)
{
	static const struct draft_question question = {"Intent", {0}};
	struct draft d = {.ticket = cli->options.ticket};
	enum exit_status bad = draft_arguments(cli, &question, 1);
	struct str path = cli->args[0];
	if (bad || (bad = draft_path(cli, path, &d)) ||
	    (bad = draft_open(cli)) ||
	    (d.service.n && (bad = draft_service(cli, d.service))) ||
	    (bad = draft_summary(cli, &d.summary)))
		return bad;
	d.file = intent_file_new(cli->arena, "cancel");
	intent_file_text(&d.file, "of", path);
	intent_file_text(&d.file, "summary", d.summary);
	intent_file_line(&d.file, "ticket", cli->options.ticket);
	d.name = str_format(cli->arena, "cancel-%" STR_FMT, STR_ARG(d.about));
	d.subject = str_format(cli->arena, "Cancel %" STR_FMT, STR_ARG(path));
	return draft_finish(cli, &d);
}

const struct command cmd_cancel = {
        .name = "cancel",
        .arguments = "INTENT",
        .summary = "write an intent to withdraw another, or stop it",
        .about = "Write a cancel of the intent at that path. The next run "
                 "denies the intent if it still\nwaits; if its deployment "
                 "runs, the engine is told to stop it. What has ended cannot\n"
                 "be canceled.",
        .options = options,
        .min_args = 1,
        .max_args = 1,
        .asks = true,
        .run = cancel,
        .examples = "  $ dxcp cancel intents/checkout/deploy-1.4.2.yaml -s "
                    "\"Wrong version\" --commit",
};
