#include "runner/cmd.h"
#include "runner/decide.h"
#include "runner/engine.h"
#include "runner/report.h"

static const struct option options[] = {
        OPTION("base", 0, TEXT, base, "REV",
               "judge what HEAD adds since it left REV, as one change"),
        OPTION("head", 0, TEXT, head, "REV",
               "judge this revision (default: HEAD)"),
        OPTION("worktree", 0, FLAG, worktree, NULL,
               "read the working tree instead of a commit, while editing"),
        OPTION("engine", 0, FLAG, engine, NULL,
               "ask the engines, too: about every recipe, and what is judged"),
        OPTION("trace", 0, FLAG, trace, NULL, "show what every guardrail said"),
        OPTION("fail-on", 0, TEXT, fail_on, "WHAT",
               "waiting: exit 7 where something only waits"),
        OPTION("fetch", 0, FLAG, fetch, NULL,
               "fetch git's copy of the ledger first"),
        {0},
};

static bool show(void *context, const struct decision *d, const struct facts *f,
                 struct arena *scratch, struct fail *why)
{
	struct report *r = context;
	(void)f;
	(void)scratch;
	(void)why;
	return report_decision(r, d, STR(""), NULL);
}

/* By one state of the ledger, which is locked once and not for each question.
 */
static bool decide_all(struct cli *cli, struct pass *p,
                       const struct decide_options *how, struct report *r)
{
	struct world *w = &cli->world;
	bool held = ledger_exists(w->ledger);
	if (held && !ledger_begin(w->ledger, &cli->why))
		return false;
	bool fine = decide(w, p, how, show, r, &cli->why);
	if (held)
		ledger_rollback(w->ledger);
	return fine;
}

/* Of 3, 4 and 1 the first that applies (CONTRACT section 8). */
static enum exit_status status_of(struct cli *cli, const struct report *r,
                                  bool reached)
{
	const struct run_counts *counts = report_counts(r);
	if (cli->pass.findings.errors)
		return EXIT_INVALID;
	if (!reached)
		return EXIT_ENGINE;
	if (counts->of[OUTCOME_DENY])
		return EXIT_DENIED;
	if (counts->of[OUTCOME_WAIT] && str_is(cli->options.fail_on, "waiting"))
		return EXIT_WAITING;
	return EXIT_FINE;
}

static enum exit_status check(struct cli *cli)
{
	struct options *o = &cli->options;
	if (o->fail_on.n && !str_is(o->fail_on, "waiting"))
		return cli_usage(cli, "--fail-on: only \"waiting\" is known");
	if (!cli_open_policy(cli, o->head, o->worktree) ||
	    !cli_open_ledger(cli, LEDGER_READ))
		return cli_fail(cli);
	struct pass *p = &cli->pass;
	if (!p->findings.errors &&
	    !check_policy_change(&cli->world, p, o->base, &cli->why))
		return cli_fail(cli);
	bool broken = p->findings.errors > 0, reached = true;
	struct report *r = report_new(cli, REPORT_CHECK, p);
	if (!r)
		return cli_fail(cli);
	if (!broken) {
		struct decide_options how = {
		        .ask_engines = o->engine,
		        .with_tokens = o->engine || report_wants_trace(r),
		        .ask_hooks = true,
		        .with_trace = report_wants_trace(r)};
		if (!check_gather(&cli->world, p, o->base, &cli->why) ||
		    !decide_all(cli, p, &how, r))
			return cli_fail(cli);
		if (o->engine)
			reached = engine_inspect(&cli->world, p->policy,
			                         &p->findings);
	}
	if (!report_finish(r, NULL))
		return cli_fail(cli);
	if (broken)
		cli_say(cli, "dxcp: the policy has errors: nothing was judged");
	return status_of(cli, r, reached);
}

const struct command cmd_check = {
        .name = "check",
        .arguments = "",
        .summary = "judge what a change adds",
        .about =
                "Judge intents by the same code and in the same order as run "
                "does, without any\neffect. Without --base: everything that no "
                "run has recorded yet, and what waits.\nWith --engine the "
                "engines are asked, too: whether each recipe's pipelines are "
                "there,\nenabled, and take what the recipe gives them; status "
                "4 where one cannot be asked.\nExit status 1 where "
                "something is denied, 3 where something does not parse or\n"
                "decode.",
        .options = options,
        .reports = true,
        .run = check,
        .examples =
                "  $ dxcp check --base origin/main     in a pull request's CI\n"
                "  $ dxcp check --worktree --trace     while writing an intent\n"
                "  $ dxcp check --format json=out.json --format text\n"
                "  $ dxcp check --base origin/main --format github "
                "--format text\n"
                "  $ dxcp check --format junit=report.xml     for GitLab, "
                "Jenkins",
};
