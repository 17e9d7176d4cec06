#include "runner/cmd.h"
#include "runner/draft.h"

static const struct option options[] = {
        OPTION("resolve", 0, FLAG, resolve, NULL,
               "it is over: of the incident that is open there"),
        OPTION("started-at", 0, TIME, started_at, "TIME",
               "when it began (default: now; with --resolve: of the open one)"),
        OPTION("resolved-at", 0, TIME, resolved_at, "TIME",
               "when it was over (with --resolve: now)"),
        OPTION("caused-by", 0, NUMBER, caused_by, "NUMBER",
               "the deployment that caused it"),
        OPTION("severity", 0, TEXT, severity, "WORD", "how bad it is"),
        OPTION("summary", 's', TEXT, summary, "TEXT",
               "what is wrong, in one sentence of up to 240 characters"),
        OPTION("ticket", 0, TEXT, ticket, "TICKET",
               "where the work is tracked"),
        OPTION("trace", 0, FLAG, trace, NULL, "show what every guardrail said"),
        DRAFT_OPTIONS,
        {0},
};

/* What the file says. */
struct facts_of {
	int64_t started_at, resolved_at, caused_by;
	struct str severity;
	struct str summary; /* that will do where none is given; or empty */
};

/* The same incident once more, with its end: what is not said anew stays. */
static enum exit_status find_open(struct cli *cli, struct facts_of *facts)
{
	struct recorded_incident *open;
	const struct str *args = cli->args;
	if (!ledger_open_incident(cli->world.ledger, cli->arena, args[0],
	                          args[1], facts->started_at, &open, &cli->why))
		return cli_fail(cli);
	if (!open)
		return cli_usage(cli,
		                 "no incident of %" STR_FMT " in %" STR_FMT
		                 " is open: a run has to have recorded it",
		                 STR_ARG(args[0]), STR_ARG(args[1]));
	facts->started_at = open->started_at;
	if (!facts->resolved_at)
		facts->resolved_at = world_now(&cli->world);
	if (!facts->caused_by)
		facts->caused_by = open->caused_by;
	if (!facts->severity.n)
		facts->severity = open->severity;
	facts->summary = str_format(cli->arena, "Resolved: %" STR_FMT,
	                            STR_ARG(str_brief(cli->arena, open->summary,
	                                              SUMMARY_MAX - 20)));
	return EXIT_FINE;
}

static enum exit_status gather_it(struct cli *cli, struct facts_of *facts)
{
	const struct options *o = &cli->options;
	*facts = (struct facts_of){.started_at = o->started_at,
	                           .resolved_at = o->resolved_at,
	                           .caused_by = o->caused_by,
	                           .severity = o->severity};
	if (o->resolve)
		return find_open(cli, facts);
	if (!facts->started_at)
		facts->started_at = world_now(&cli->world);
	return EXIT_FINE;
}

static void compose(struct cli *cli, struct draft *d,
                    const struct facts_of *facts)
{
	struct intent_file *f = &d->file;
	*f = intent_file_new(cli->arena, "incident");
	intent_file_text(f, "service", cli->args[0]);
	intent_file_text(f, "environment", cli->args[1]);
	intent_file_when(f, "started_at", facts->started_at);
	intent_file_when(f, "resolved_at", facts->resolved_at);
	intent_file_int(f, "caused_by", facts->caused_by);
	intent_file_line(f, "severity", facts->severity);
	intent_file_text(f, "summary", d->summary);
	intent_file_line(f, "ticket", cli->options.ticket);
}

static enum exit_status incident(struct cli *cli)
{
	static const struct draft_question questions[] = {{"Service", {0}},
	                                                  {"Environment", {0}}};
	const char *verb = cli->options.resolve ? "Resolve" : "Report";
	struct str *args = cli->args;
	struct draft d = {.ticket = cli->options.ticket};
	struct facts_of facts;
	enum exit_status bad = draft_arguments(cli, questions, 2);
	if (bad || (bad = draft_begin(cli, args[0])) ||
	    (bad = gather_it(cli, &facts)) ||
	    (bad = draft_summary_or(cli, facts.summary, &d.summary)))
		return bad;
	compose(cli, &d, &facts);
	d.service = args[0];
	d.name = str_format(cli->arena, "incident-%" STR_FMT "%s",
	                    STR_ARG(args[1]),
	                    facts.resolved_at ? "-resolved" : "");
	d.subject = str_format(cli->arena,
	                       "%s an incident of %" STR_FMT " in %" STR_FMT,
	                       verb, STR_ARG(args[0]), STR_ARG(args[1]));
	return draft_finish(cli, &d);
}

const struct command cmd_incident = {
        .name = "incident",
        .arguments = "SERVICE ENVIRONMENT",
        .summary = "write an intent to record an incident, or its end",
        .about =
                "Write an incident, a new file under intents/SERVICE/: that a "
                "service was in trouble in an\nenvironment, since when, and by "
                "which deployment. The next run records it. With\n--resolve it "
                "is written that the open incident there is over: the same "
                "incident again,\nknown by its service, environment and "
                "beginning, with its end. Nothing is deployed, and\nnothing is "
                "kept from being deployed: for that there is hold.",
        .options = options,
        .min_args = 2,
        .max_args = 2,
        .asks = true,
        .run = incident,
        .examples = "  $ dxcp incident checkout prod -s \"Totals are wrong\" "
                    "--caused-by 31 --severity high --commit\n"
                    "  $ dxcp incident checkout prod --resolve --commit\n"
                    "  $ dxcp incident checkout prod -s \"No logins\" \\\n"
                    "      --started-at 2026-11-20T08:00:00Z --resolved-at "
                    "2026-11-20T09:30:00Z",
};
