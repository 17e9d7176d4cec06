#include "runner/cmd.h"
#include "runner/draft.h"

enum { LATEST = 20 };

static const struct option options[] = {
        OPTION("to", 0, TEXT, to_version, "VERSION",
               "the version to return to (default: the success before)"),
        OPTION("of", 0, TEXT, of, "NUMBER",
               "the deployment to undo (default: the one that runs)"),
        DRAFT_INTENT_OPTIONS,
        DRAFT_OPTIONS,
        {0},
};

/* What the file says of the deployment to undo and of the version: what was
   asked for, and what is proposed for the rest. */
struct wanted {
	int64_t of; /* 0: none, so that it is what runs when it is judged */
	struct str version;
};

static bool undone(struct cli *cli, int64_t of, struct deployment **out)
{
	struct ledger *l = cli->world.ledger;
	struct str *args = cli->args;
	if (!of)
		return ledger_running(l, cli->arena, args[0], args[1], 0, out,
		                      &cli->why);
	if (!ledger_deployment(l, cli->arena, of, out, &cli->why))
		return false;
	/* Of another place: the decision says so. */
	if (*out && (!str_eq((*out)->service, args[0]) ||
	             !str_eq((*out)->environment, args[1])))
		*out = NULL;
	return true;
}

/* The success before d of another version: to redeploy the same and call it a
   rollback is what nobody means. */
static bool last_good(struct cli *cli, const struct deployment *d,
                      struct deployment **out)
{
	const struct deployment *from = d;
	do {
		if (!ledger_success_before(cli->world.ledger, cli->arena, from,
		                           out, &cli->why))
			return false;
		from = *out;
	} while (from && str_eq(from->version, d->version));
	return true;
}

/*
 * Without --to that one is proposed, and named in the file together with what
 * it goes back from: whatever is deployed until the file is judged, this is
 * what was meant. Where there is nothing to propose the decision says why.
 */
static bool propose(struct cli *cli, struct wanted *wanted)
{
	struct deployment *d, *before = NULL;
	if (wanted->version.n)
		return true;
	if (!undone(cli, wanted->of, &d))
		return false;
	if (d && d->kind != KIND_ROLLBACK && !last_good(cli, d, &before))
		return false;
	if (!before)
		return true;
	const struct draft_question question = {"Version", before->version};
	cli_say(cli,
	        "dxcp: back to %" STR_FMT
	        " (deployment %lld), the success before %" STR_FMT
	        " (deployment %lld)",
	        STR_ARG(before->version), (long long)before->number,
	        STR_ARG(d->version), (long long)d->number);
	wanted->of = d->number;
	wanted->version = draft_ask(cli, &question);
	return true;
}

/* The place that is likely meant: of the latest deployments the last one that
   ended and is no rollback. */
struct target {
	struct arena *arena;
	struct str service, environment;
};

static bool take_place(void *context, const struct deployment *d,
                       struct fail *why)
{
	struct target *target = context;
	(void)why;
	if (target->service.n || !d->finished_at || d->kind == KIND_ROLLBACK)
		return true;
	target->service = str_copy(target->arena, d->service);
	target->environment = str_copy(target->arena, d->environment);
	return true;
}

static enum exit_status ask_place(struct cli *cli)
{
	struct deployment_filter latest = deployment_filter_any();
	struct target target = {.arena = cli->arena};
	if (cli->nargs == 2)
		return EXIT_FINE;
	latest.limit = LATEST;
	latest.service = cli->args[0];
	if (!ledger_deployments(cli->world.ledger, &latest, take_place, &target,
	                        &cli->why))
		return cli_fail(cli);
	const struct draft_question questions[] = {
	        {"Service", target.service},
	        {"Environment", target.environment}};
	return draft_arguments(cli, questions, 2);
}

static struct str words(struct cli *cli, struct str version)
{
	return str_format(cli->arena,
	                  "Roll back %" STR_FMT " %" STR_FMT "%s%" STR_FMT,
	                  STR_ARG(cli->args[0]), STR_ARG(cli->args[1]),
	                  version.n ? " to " : "", STR_ARG(version));
}

static void compose(struct cli *cli, struct draft *d,
                    const struct wanted *wanted)
{
	struct str *args = cli->args, version = wanted->version;
	d->file = intent_file_new(cli->arena, "rollback");
	intent_file_text(&d->file, "service", args[0]);
	intent_file_text(&d->file, "environment", args[1]);
	intent_file_int(&d->file, "of", wanted->of);
	intent_file_text(&d->file, "to_version", version);
	draft_keys(cli, d);
	d->name = str_format(cli->arena, "rollback-%" STR_FMT "%s%" STR_FMT,
	                     STR_ARG(args[1]), version.n ? "-to-" : "",
	                     STR_ARG(version));
	d->subject = words(cli, version);
}

static enum exit_status check_options(struct cli *cli, struct wanted *wanted)
{
	const struct options *o = &cli->options;
	if (cli->nargs == 2 && !cli->args[1].n)
		return cli_usage(cli, "rollback wants an environment");
	if (o->to_version.s && !o->to_version.n)
		return cli_usage(cli, "--to: a version is missing");
	wanted->version = o->to_version;
	if (o->of.s && (!str_int(o->of, &wanted->of) || wanted->of < 1))
		return cli_usage(cli,
		                 "--of: \"%" STR_FMT
		                 "\" is not the number of a deployment",
		                 STR_ARG(str_brief(cli->arena, o->of, 80)));
	return draft_check_reason(cli);
}

static enum exit_status rollback(struct cli *cli)
{
	struct draft d = {.ticket = cli->options.ticket};
	struct wanted wanted = {0};
	enum exit_status bad;
	if ((bad = check_options(cli, &wanted)) || (bad = draft_open(cli)) ||
	    (bad = ask_place(cli)) || (bad = draft_service(cli, cli->args[0])))
		return bad;
	d.service = cli->args[0];
	if (!propose(cli, &wanted))
		return cli_fail(cli);
	if ((bad = draft_summary_or(cli, words(cli, wanted.version),
	                            &d.summary)))
		return bad;
	compose(cli, &d, &wanted);
	return draft_finish(cli, &d);
}

const struct command cmd_rollback = {
        .name = "rollback",
        .arguments = "SERVICE ENVIRONMENT",
        .summary = "write an intent to return to an earlier version",
        .about = "Write a rollback intent, a new file under intents/SERVICE/, "
                 "and say what the next run\nwould decide about it. Without "
                 "--of it undoes what runs; without --to the other\nversion "
                 "that succeeded there last before that is proposed, and both "
                 "stand in the file.\nRollbacks have a quota of their own, may "
                 "go by a deprecated recipe, and do not wait\nfor delivery "
                 "windows or freezes unless the policy says so. At a "
                 "terminal the service, the environment and\nthe version are "
                 "asked for, with what was deployed last as proposal; the "
                 "summary may\nbe left out.",
        .options = options,
        .min_args = 2,
        .max_args = 2,
        .asks = true,
        .run = rollback,
        .examples = "  $ dxcp rollback\n"
                    "  $ dxcp rollback checkout prod\n"
                    "  $ dxcp rollback checkout prod --to 1.4.1 --commit\n"
                    "  $ dxcp rollback checkout prod --of 31 -s \"Totals are "
                    "wrong\" --reason incident",
};
