#include "runner/cmd.h"
#include "runner/draft.h"

static const struct option options[] = {
        OPTION("reject", 0, FLAG, reject, NULL,
               "reject it: it will be denied, whatever others say"),
        OPTION("summary", 's', TEXT, summary, "TEXT",
               "why, in one sentence (default: that it is approved)"),
        OPTION("ticket", 0, TEXT, ticket, "TICKET",
               "where the work is tracked"),
        OPTION("trace", 0, FLAG, trace, NULL, "show what every guardrail said"),
        DRAFT_OPTIONS,
        {0},
};

/* Of HEAD: that is what everybody else can read and the next run judges. */
static bool read_digest(struct cli *cli, struct str path, struct oid *blob)
{
	struct arena *a = cli->arena;
	if (!repo_file(cli->world.repo, &cli->pass.tip, str_cstr(a, path), blob,
	               &cli->why))
		return false;
	if (!oid_is_zero(blob))
		return true;
	fail_set(&cli->why, FAIL_USAGE, "the last commit has no file %" STR_FMT,
	         STR_ARG(str_brief(a, path, 200)));
	return fail_hint(&cli->why,
	                 "give the path of a committed intent, from the root "
	                 "of the repository");
}

static void compose(struct cli *cli, struct draft *d, const struct oid *blob)
{
	struct intent_file *f = &d->file;
	*f = intent_file_new(cli->arena, "approval");
	intent_file_text(f, "of", cli->args[0]);
	intent_file_text(f, "decision",
	                 cli->options.reject ? STR("reject") : STR("approve"));
	intent_file_text(f, "digest", str_of(oid_hex(blob).s));
	intent_file_text(f, "summary", d->summary);
	intent_file_line(f, "ticket", cli->options.ticket);
}

static enum exit_status approve(struct cli *cli)
{
	static const struct draft_question question = {"Intent", {0}};
	bool reject = cli->options.reject;
	const char *verb = reject ? "Reject" : "Approve";
	struct draft d = {.ticket = cli->options.ticket};
	struct oid blob;
	enum exit_status bad = draft_arguments(cli, &question, 1);
	struct str path = cli->args[0];
	if (bad || (bad = draft_path(cli, path, &d)) ||
	    (bad = draft_open(cli)) ||
	    (d.service.n && (bad = draft_service(cli, d.service))))
		return bad;
	if (!read_digest(cli, path, &blob))
		return cli_fail(cli);
	if (!cli->options.summary.s && !reject)
		cli->options.summary = STR("Read and approved");
	if ((bad = draft_summary(cli, &d.summary)))
		return bad;
	compose(cli, &d, &blob);
	d.name = str_format(cli->arena, "%s-%" STR_FMT,
	                    reject ? "reject" : "approve", STR_ARG(d.about));
	d.subject = str_format(cli->arena, "%s %" STR_FMT, verb, STR_ARG(path));
	return draft_finish(cli, &d);
}

const struct command cmd_approve = {
        .name = "approve",
        .arguments = "INTENT",
        .summary = "write an approval of an intent, or a rejection",
        .about =
                "Write an approval of the intent at that path, as it stands in "
                "the last commit: the\napproval names its git blob, so that it "
                "does not hold for an intent that was edited\nsince. Owners of "
                "the service's group and platform admins may approve, except "
                "for the\nintent's own author. One rejection denies the "
                "intent for good.",
        .options = options,
        .min_args = 1,
        .max_args = 1,
        .asks = true,
        .run = approve,
        .examples =
                "  $ dxcp approve intents/checkout/deploy-1.4.2.yaml --commit\n"
                "  $ dxcp approve intents/checkout/deploy-1.4.2.yaml --reject "
                "-s \"Not today\"",
};
