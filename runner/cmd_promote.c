#include "runner/cmd.h"
#include "runner/draft.h"

static const struct option options[] = {
        DRAFT_INTENT_OPTIONS,
        DRAFT_OPTIONS,
        {0},
};

/* The file names the version, so that it is reviewed what will be sent; where
   nothing runs the decision says so. */
static bool propose(struct cli *cli, struct str *version)
{
	struct str *args = cli->args;
	struct deployment *d;
	*version = args[3];
	if (version->n)
		return true;
	if (!ledger_running(cli->world.ledger, cli->arena, args[0], args[1], 0,
	                    &d, &cli->why))
		return false;
	if (!d)
		return true;
	*version = d->version;
	cli_say(cli,
	        "dxcp: %" STR_FMT " %" STR_FMT " runs in %" STR_FMT
	        " (deployment %lld)",
	        STR_ARG(args[0]), STR_ARG(d->version), STR_ARG(args[1]),
	        (long long)d->number);
	return true;
}

static void compose(struct cli *cli, struct draft *d, struct str version)
{
	struct str *args = cli->args;
	d->file = intent_file_new(cli->arena, "promote");
	intent_file_text(&d->file, "service", args[0]);
	intent_file_text(&d->file, "from", args[1]);
	intent_file_text(&d->file, "to", args[2]);
	intent_file_text(&d->file, "version", version);
	draft_keys(cli, d);
	d->name = str_format(cli->arena, "promote-%" STR_FMT "%s%" STR_FMT,
	                     STR_ARG(version), version.n ? "-" : "",
	                     STR_ARG(args[2]));
	d->subject = str_format(cli->arena,
	                        "Promote %" STR_FMT "%s%" STR_FMT
	                        " from %" STR_FMT " to %" STR_FMT,
	                        STR_ARG(args[0]), version.n ? " " : "",
	                        STR_ARG(version), STR_ARG(args[1]),
	                        STR_ARG(args[2]));
}

static enum exit_status promote(struct cli *cli)
{
	static const struct draft_question questions[] = {
	        {"Service", {0}}, {"From", {0}}, {"To", {0}}};
	struct str *args = cli->args, version;
	struct draft d = {.ticket = cli->options.ticket};
	enum exit_status bad = draft_arguments(cli, questions, 3);
	if (bad)
		return bad;
	d.service = args[0];
	if (!args[1].n || !args[2].n || (cli->nargs > 3 && !args[3].n))
		return cli_usage(cli, "promote wants two environments, and no "
		                      "empty version");
	if ((bad = draft_check_reason(cli)) ||
	    (bad = draft_begin(cli, args[0])) ||
	    (bad = draft_summary(cli, &d.summary)))
		return bad;
	if (!propose(cli, &version))
		return cli_fail(cli);
	compose(cli, &d, version);
	return draft_finish(cli, &d);
}

const struct command cmd_promote = {
        .name = "promote",
        .arguments = "SERVICE FROM TO [VERSION]",
        .summary = "write an intent to take a version to the next environment",
        .about = "Write a promote intent, a new file under intents/SERVICE/, "
                 "and say what the next run\nwould decide about it. TO is the "
                 "environment after FROM in the sequence of the\nservice's "
                 "group, and the version has to have succeeded in FROM; "
                 "without VERSION it is\nthe one that runs there. The file is "
                 "written even if it would be denied as things\nstand; the "
                 "exit status is 1 then.",
        .options = options,
        .min_args = 3,
        .max_args = 4,
        .asks = true,
        .run = promote,
        .examples = "  $ dxcp promote checkout dev prod -s \"Fix VAT totals\"\n"
                    "  $ dxcp promote checkout dev prod 1.4.2 -s \"As tested\" "
                    "--commit",
};
