#include "runner/cmd.h"
#include "runner/report.h"

static const struct option options[] = {
        OPTION("wait", 'w', DURATION, wait, "DURATION",
               "go on until nothing runs or waits, at most this long"),
        OPTION("dry-run", 'n', FLAG, dry_run, NULL,
               "decide, and leave no trace"),
        OPTION("head", 0, TEXT, head, "REV",
               "run over this revision (default: HEAD)"),
        OPTION("trace", 0, FLAG, trace, NULL, "show what every guardrail said"),
        OPTION("fail-on", 0, TEXT, fail_on, "WHAT",
               "waiting: exit 7 where something only waits"),
        {0},
};

/* --- releases ------------------------------------------------------------ */

static bool put_made(struct cli *cli, struct arena *a, struct decision *d,
                     int64_t number)
{
	struct deployment *made;
	if (!ledger_deployment(cli->world.ledger, a, number, &made, &cli->why))
		return false;
	for (size_t i = 0; made && i < d->nitems; i++)
		if (str_eq(d->items[i].token, made->token))
			d->items[i].made = made;
	return true;
}

/* The recorded document is of before there were deployments. */
static bool document_with_made(struct cli *cli, struct arena *a,
                               const struct decision *d, struct str *document)
{
	enum { TEXT_MAX = 1 << 26 };
	json_t *doc;
	if (!document->n)
		return true;
	if (!json_read(&doc, a, *document, &cli->why))
		return false;
	json_t *items = json_object_get(doc, "items");
	for (size_t i = 0; i < d->nitems; i++) {
		struct buf text = buf_new(a, TEXT_MAX);
		struct jw j = jw_new(&text);
		json_t *made;
		if (!d->items[i].made)
			continue;
		deployment_json(&j, d->items[i].made);
		if (!json_read(&made, a, buf_str(&text), &cli->why))
			return false;
		json_object_set(json_array_get(items, i), "deployment", made);
	}
	*document = json_canonical(a, doc);
	return true;
}

static bool show_release(struct cli *cli, struct report *r, struct arena *a,
                         const struct decided *d)
{
	struct decision with = d->decision;
	struct str document = d->document;
	with.items = arena_array(a, with.nitems, sizeof *with.items);
	for (size_t i = 0; i < with.nitems; i++)
		with.items[i] = d->decision.items[i];
	for (size_t i = 0; i < d->numbers.n; i++)
		if (!put_made(cli, a, &with, d->numbers.at[i]))
			return false;
	return document_with_made(cli, a, &with, &document) &&
	       report_decision(r, &with, document, NULL);
}

/* --- decisions and what they led to ----------------------------------------
 */

static bool show_one(struct cli *cli, struct report *r, struct arena *a,
                     const struct decided *d)
{
	struct deployment *made = NULL;
	if (d->decision.nitems)
		return show_release(cli, r, a, d);
	return (!d->number || ledger_deployment(cli->world.ledger, a, d->number,
	                                        &made, &cli->why)) &&
	       report_decision(r, &d->decision, d->document, made);
}

static bool show_decided(struct cli *cli, struct report *r,
                         const struct run_result *result)
{
	struct arena *a = arena_new();
	bool fine = true;
	vec_each (const struct decided, d, &result->decided) {
		fine = show_one(cli, r, a, d);
		arena_reset(a);
		if (!fine)
			break;
	}
	arena_free(a);
	return fine;
}

/* One byte a number up to the highest that ended: whether this run made it. */
static bool *made_by_run(struct arena *a, const struct run_result *result,
                         int64_t *highest)
{
	*highest = 0;
	vec_each (const int64_t, number, &result->report.ended_numbers)
		if (*number > *highest)
			*highest = *number;
	bool *made = arena_array(a, (size_t)*highest + 1, sizeof *made);
	vec_each (const struct decided, d, &result->decided) {
		if (d->number <= *highest)
			made[d->number] = true;
		for (size_t i = 0; i < d->numbers.n; i++)
			if (d->numbers.at[i] <= *highest)
				made[d->numbers.at[i]] = true;
	}
	return made;
}

/* What ended now and was sent by an earlier run. */
static bool show_followed(struct cli *cli, struct report *r,
                          const struct run_result *result)
{
	struct arena *a = arena_new();
	int64_t highest;
	const bool *made = made_by_run(cli->arena, result, &highest);
	bool fine = true;
	vec_each (const int64_t, number, &result->report.ended_numbers) {
		struct deployment *d = NULL;
		if (made[*number])
			continue;
		fine = ledger_deployment(cli->world.ledger, a, *number, &d,
		                         &cli->why) &&
		       (!d || report_followed(r, d));
		arena_reset(a);
		if (!fine)
			break;
	}
	arena_free(a);
	return fine;
}

/* Of 3, 4 and 1 the first that applies (CONTRACT section 8). */
static enum exit_status status_of(const struct cli *cli,
                                  const struct run_result *result)
{
	if (cli->pass.findings.errors)
		return EXIT_INVALID;
	if (result->report.engine_down)
		return EXIT_ENGINE;
	if (result->counts.of[OUTCOME_DENY] || result->report.failed)
		return EXIT_DENIED;
	if (result->counts.of[OUTCOME_WAIT] &&
	    str_is(cli->options.fail_on, "waiting"))
		return EXIT_WAITING;
	return EXIT_FINE;
}

static enum exit_status run(struct cli *cli)
{
	struct options *o = &cli->options;
	struct run_options how = {.wait = o->wait, .dry_run = o->dry_run};
	struct run_result result = {0};
	if (o->fail_on.n && !str_is(o->fail_on, "waiting"))
		return cli_usage(cli, "--fail-on: only \"waiting\" is known");
	if (!cli_open_policy(cli, o->head, false))
		return cli_fail(cli);
	struct report *r = report_new(cli, REPORT_RUN, &cli->pass);
	if (!r)
		return cli_fail(cli);
	how.keep_documents = report_wants_trace(r);
	if (!cli->pass.findings.errors &&
	    (!cli_open_ledger(cli, o->dry_run ? LEDGER_READ : LEDGER_WRITE) ||
	     !check_policy_change(&cli->world, &cli->pass, STR(""), &cli->why)))
		return cli_fail(cli);
	if (cli->pass.findings.errors) {
		if (!report_finish(r, NULL))
			return cli_fail(cli);
		cli_say(cli, "dxcp: the policy has errors: nothing was judged, "
		             "recorded or sent");
		return EXIT_INVALID;
	}
	if (!run_pass(&cli->world, &cli->pass, &how, &result, &cli->why) ||
	    !show_decided(cli, r, &result) || !show_followed(cli, r, &result) ||
	    !report_finish(r, &result))
		return cli_fail(cli);
	if (result.report.down.n)
		cli_say(cli,
		        "dxcp: not sent, an engine is out of reach: %" STR_FMT,
		        STR_ARG(result.report.down));
	return status_of(cli, &result);
}

const struct command cmd_run = {
        .name = "run",
        .arguments = "",
        .summary = "one pass: reconcile, decide, dispatch, poll, record",
        .about =
                "Follow what runs, judge the intents that no run has recorded "
                "yet and those that\nwait, dispatch what is allowed, and "
                "record every decision and outcome. A killed\nrun loses "
                "nothing: the next one goes on where it stopped. What is about "
                "to be sent\nis pushed to the ledger's ref in git before it is "
                "sent. Exit status 1 where\nsomething was denied or failed, 4 "
                "where an engine or the git remote could not be\nreached, 6 "
                "where another run holds the lease or pushed first: nothing was "
                "sent then.",
        .options = options,
        .reports = true,
        .run = run,
        .examples =
                "  $ dxcp run                  in the CI job of the main branch\n"
                "  $ dxcp run --wait 30m       and follow it to its end\n"
                "  $ dxcp run --dry-run        what a run would do now",
};
