#include "runner/answer.h"
#include "runner/cmd.h"
#include "runner/draft.h"
#include "runner/propose.h"
#include "runner/report.h"

static const struct option options[] = {
        OPTION("all", 'a', FLAG, all, NULL,
               "every version later than what runs, not the newest alone"),
        OPTION("service", 0, TEXT, service, "SERVICE", "only of this service"),
        OPTION("environment", 'e', TEXT, environment, "ENVIRONMENT",
               "only to this environment"),
        OPTION("commit", 0, FLAG, commit, NULL,
               "commit the files as well, each by itself"),
        OPTION("dry-run", 'n', FLAG, dry_run, NULL,
               "show the files, write nothing"),
        {0},
};

/* --- words -----------------------------------------------------------------
 */

/* "Promote checkout 1.4.2 from staging to prod" */
static struct str subject(struct arena *a, const struct proposal *p)
{
	bool promotes = p->kind == INTENT_PROMOTE;
	return str_format(
	        a, "%s %" STR_FMT " %" STR_FMT "%s%" STR_FMT " to %" STR_FMT,
	        promotes ? "Promote" : "Deploy", STR_ARG(p->service),
	        STR_ARG(p->version), promotes ? " from " : "", STR_ARG(p->from),
	        STR_ARG(p->environment));
}

static void add_line(struct buf *out, const char *label, struct str text)
{
	buf_format(out, "  %-8s ", label);
	report_plain(out, text);
	buf_add_char(out, '\n');
}

static void add_code(struct buf *out, const struct proposal *p)
{
	if (p->code != DIAG_NONE)
		buf_format(out, "  code     %s\n", diag_info(p->code)->name);
	if (p->next_allowed_at)
		buf_format(
		        out, "  earliest %" STR_FMT "\n",
		        STR_ARG(report_when(out->arena, p->next_allowed_at)));
}

static void add_new(struct buf *out, struct cli *cli, const struct proposal *p,
                    const struct oid_hex *commit)
{
	bool waits = p->outcome == OUTCOME_WAIT;
	report_tone(out, cli->color, TONE_GOOD,
	            cli->options.dry_run ? STR("would write") : STR("wrote"));
	buf_format(out, " %" STR_FMT "\n", STR_ARG(p->path));
	if (cli->options.dry_run)
		draft_show(out, p->text);
	add_line(out, "what", subject(out->arena, p));
	add_line(out, "why", p->summary);
	add_line(out, "rule", p->rule->id.s);
	add_line(out, "next run",
	         !waits ? STR("allows it")
	                : str_format(out->arena, "waits: %" STR_FMT,
	                             STR_ARG(p->detail)));
	add_code(out, p);
	if (*commit->s)
		buf_format(out, "  commit   %.7s\n", commit->s);
}

static void add_other(struct buf *out, struct cli *cli,
                      const struct proposal *p)
{
	static const struct {
		const char *label;
		enum tone tone;
	} words[PROPOSAL_STATES] = {
	        [PROPOSAL_LATER] = {"not yet", TONE_WARN},
	        [PROPOSAL_ON_HOLD] = {"on hold", TONE_WARN},
	        [PROPOSAL_DENIED] = {"would be denied", TONE_DENY},
	};
	if (!words[p->state].label)
		return;
	report_tone(out, cli->color, words[p->state].tone,
	            str_of(words[p->state].label));
	buf_add_char(out, ' ');
	report_plain(out, subject(out->arena, p));
	buf_add_char(out, '\n');
	add_line(out, "why", p->detail);
	add_code(out, p);
	if (p->state == PROPOSAL_DENIED)
		add_line(out, "next", p->hint);
}

static void add_sum(struct buf *out, const struct proposals *all)
{
	const size_t *n = all->count;
	if (all->list.n > n[PROPOSAL_RUNS] + n[PROPOSAL_ASKED])
		buf_add_char(out, '\n');
	buf_format(out, "%zu proposed", n[PROPOSAL_NEW]);
	if (n[PROPOSAL_LATER])
		buf_format(out, ", %zu not yet", n[PROPOSAL_LATER]);
	if (n[PROPOSAL_ON_HOLD])
		buf_format(out, ", %zu on hold", n[PROPOSAL_ON_HOLD]);
	if (n[PROPOSAL_DENIED])
		buf_format(out, ", %zu would be denied", n[PROPOSAL_DENIED]);
	buf_format(out, "; %zu up to date, %zu asked for before.\n",
	           n[PROPOSAL_RUNS], n[PROPOSAL_ASKED]);
}

/* --- JSON ------------------------------------------------------------------
 */

static void put_proposal(struct jw *j, struct cli *cli,
                         const struct proposal *p, const struct oid_hex *commit)
{
	bool new = p->state == PROPOSAL_NEW;
	jw_open(j, '{');
	jw_put_str(j, "state", str_of(proposal_state_names[p->state]));
	jw_put_str(j, "rule", p->rule->id.s);
	jw_put_str(j, "kind", str_of(intent_kinds[p->kind].name));
	jw_put_str(j, "service", p->service);
	jw_put_opt(j, "from", p->from);
	jw_put_str(j, "environment", p->environment);
	jw_put_str(j, "version", p->version);
	jw_put_str(j, "summary", p->summary);
	jw_put_opt(j, "detail", p->detail);
	jw_put_opt(j, "code", str_of(diag_info(p->code)->name));
	jw_put_when_opt(j, "nextAllowedAt", p->next_allowed_at);
	jw_put_str(j, "intent", p->path);
	jw_put_bool(j, "written", new && !cli->options.dry_run);
	jw_put_opt(j, "commit", str_of(commit->s));
	jw_put_opt(j, "text", new ? p->text : STR(""));
	if (p->document.n) {
		jw_key(j, "decision");
		jw_raw(j, p->document);
	} else {
		jw_put_null(j, "decision");
	}
	jw_close(j);
}

static void put_summary(struct jw *j, const struct proposals *all)
{
	static const char *const names[PROPOSAL_STATES] = {
	        [PROPOSAL_NEW] = "new",        [PROPOSAL_LATER] = "later",
	        [PROPOSAL_ON_HOLD] = "onHold", [PROPOSAL_DENIED] = "denied",
	        [PROPOSAL_ASKED] = "asked",    [PROPOSAL_RUNS] = "runs",
	};
	jw_key(j, "summary");
	jw_open(j, '{');
	for (int i = 0; i < PROPOSAL_STATES; i++)
		jw_put_int(j, names[i], (int64_t)all->count[i]);
	jw_close(j);
}

/* --- the command -----------------------------------------------------------
 */

static bool write_proposal(struct cli *cli, const struct proposal *p,
                           struct oid_hex *commit)
{
	struct str message =
	        draft_message(cli->arena, subject(cli->arena, p), p->summary,
	                      "Proposed-by", p->rule->id.s);
	return p->state != PROPOSAL_NEW ||
	       draft_write(cli, p->path, p->text, message, commit);
}

static bool write_all(struct cli *cli, const struct proposals *all,
                      struct answer *answer)
{
	jw_key(&answer->j, "proposals");
	jw_open(&answer->j, '[');
	vec_each (const struct proposal, p, &all->list) {
		struct oid_hex commit = {0};
		if (!write_proposal(cli, p, &commit))
			return false;
		if (p->state == PROPOSAL_NEW)
			add_new(&answer->text, cli, p, &commit);
		else
			add_other(&answer->text, cli, p);
		put_proposal(&answer->j, cli, p, &commit);
	}
	jw_close(&answer->j);
	return true;
}

static void add_findings(struct answer *answer, struct diags *ds)
{
	if (ds->n)
		report_findings(&answer->text, ds, answer->cli->color);
	jw_key(&answer->j, "findings");
	findings_json(&answer->j, ds);
}

static enum exit_status propose_all(struct cli *cli)
{
	const struct options *o = &cli->options;
	enum exit_status bad =
	        o->service.n ? draft_begin(cli, o->service) : draft_open(cli);
	if (bad)
		return bad;
	if (o->environment.n &&
	    !policy_environment(cli->pass.policy, o->environment))
		return cli_usage(
		        cli, "the policy has no environment \"%" STR_FMT "\"",
		        STR_ARG(str_brief(cli->arena, o->environment, 80)));
	struct answer *answer = answer_new(cli, "dxcp.propose/1");
	const struct propose_options how = {
	        .all = o->all,
	        .service = o->service,
	        .environment = o->environment,
	        .with_documents = answer->wants_json,
	};
	/* Of the policy; what is wrong with intents is for check to say. */
	struct diags findings = cli->pass.findings;
	struct proposals all;
	jw_put_when(&answer->j, "now", world_now(&cli->world));
	if (!propose(&cli->world, &cli->pass, &how, &all, &cli->why) ||
	    !write_all(cli, &all, answer))
		return cli_fail(cli);
	add_findings(answer, &findings);
	if (!cli->pass.policy->proposal_rules.n)
		buf_add(&answer->text,
		        STR("the policy has no rules of kind proposal_rule\n"));
	else
		add_sum(&answer->text, &all);
	put_summary(&answer->j, &all);
	if (!answer_finish(answer))
		return cli_fail(cli);
	return all.count[PROPOSAL_DENIED] ? EXIT_DENIED : EXIT_FINE;
}

const struct command cmd_propose = {
        .name = "propose",
        .arguments = "",
        .summary = "write the intents that the policy's proposal rules ask for",
        .about =
                "Write the deploys and promotions that the policy's rules of "
                "kind proposal_rule ask for,\neach a file "
                "intents/SERVICE/proposed-VERSION-ENVIRONMENT.yaml for people "
                "to merge: of\nevery service the newest registered build that "
                "matches, or what runs in the\nenvironment before and has "
                "soaked. What anybody asked for there before is not proposed\n"
                "again, whatever came of it, nor what is on hold, was rolled "
                "back there, is older than\nwhat runs, or would be denied or "
                "expire before it could go. A second run writes\nnothing. The "
                "exit status is 1 where a proposal would be denied for another "
                "reason\nthan a hold.",
        .options = options,
        .run = propose_all,
        .examples = "  $ dxcp propose --dry-run\n"
                    "  $ dxcp propose --commit\n"
                    "  $ dxcp propose --service checkout --environment staging "
                    "--format json",
};
