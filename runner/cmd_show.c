#include "core/ledger_proof.h"
#include "runner/answer.h"
#include "runner/cmd.h"
#include "runner/cmd_ledger.h"
#include "runner/report.h"

struct found {
	struct arena *arena;
	struct str document;
};

static bool take(void *context, const struct recorded_decision *d,
                 struct fail *why)
{
	struct found *found = context;
	(void)why;
	found->document = str_copy(found->arena, d->document);
	return true;
}

static void row(struct buf *out, const char *label, struct str value)
{
	if (!value.n)
		return;
	buf_format(out, "  %-12s ", label);
	report_lines(out, 15, value);
	buf_add_char(out, '\n');
}

static void when_row(struct buf *out, struct arena *a, const char *label,
                     int64_t at)
{
	if (at)
		row(out, label, report_when(a, at));
}

static void show_failures(struct buf *out, const struct deployment *d)
{
	for (size_t i = 0; i < d->nfailures; i++) {
		const struct failure *f = &d->failures[i];
		buf_add(out, STR("\nfailure\n"));
		row(out, "category",
		    str_of(failure_category_names[f->category]));
		row(out, "why", f->summary);
		row(out, "detail", f->detail);
		row(out, "next", f->hint);
	}
}

static void show_timeline(struct buf *out, const struct deployment *d)
{
	if (d->ntimeline)
		buf_add(out, STR("\ntimeline\n"));
	for (size_t i = 0; i < d->ntimeline; i++) {
		const struct timeline_entry *e = &d->timeline[i];
		buf_format(out, "  %s  ", when_text(e->at).s);
		report_plain(out, e->event);
		if (e->detail.n) {
			buf_add(out, STR("  "));
			report_lines(out, 24, e->detail);
		}
		buf_add_char(out, '\n');
	}
}

static void show_trace(struct buf *out, const json_t *decision)
{
	size_t i;
	json_t *r;
	const json_t *trace = json_object_get(decision, "trace");
	if (json_array_size(trace))
		buf_add(out, STR("\ndecision\n"));
	json_array_foreach(trace, i, r)
	{
		const json_t *rule = json_object_get(r, "rule");
		buf_format(out, "  %-5s %-20s ",
		           str_cstr(out->arena, json_get_str(r, "result")),
		           str_cstr(out->arena, json_get_str(r, "guardrail")));
		report_lines(out, 29, json_get_str(r, "detail"));
		if (json_get_str(rule, "file").n) {
			buf_add(out, STR("  ("));
			report_plain(out, json_get_str(rule, "file"));
			buf_format(out, ":%lld)",
			           (long long)json_get_int(rule, "line"));
		}
		buf_add_char(out, '\n');
	}
}

static void show_text(struct buf *out, struct arena *a, bool color,
                      const struct deployment *d)
{
	report_tone(out, color, TONE_BOLD,
	            str_format(a,
	                       "%lld  %" STR_FMT " %" STR_FMT " to %" STR_FMT,
	                       (long long)d->number, STR_ARG(d->service),
	                       STR_ARG(d->version), STR_ARG(d->environment)));
	buf_add_char(out, '\n');
	row(out, "state", str_of(deployment_state_names[d->state]));
	row(out, "outcome", str_of(deployment_outcome_names[d->outcome]));
	row(out, "summary", d->summary);
	row(out, "was", d->previous_version);
	row(out, "group", d->group);
	row(out, "recipe", d->recipe);
	row(out, "actor", d->actor_email);
	row(out, "engine", d->engine);
	row(out, "execution", d->execution_id);
	row(out, "link", d->execution_url);
	row(out, "intent", d->intent_path);
	row(out, "commit", d->intent_commit);
	row(out, "token", d->token);
	when_row(out, a, "recorded", d->created_at);
	when_row(out, a, "dispatched", d->dispatched_at);
	when_row(out, a, "finished", d->finished_at);
	show_failures(out, d);
	show_timeline(out, d);
}

/* All that is needed to check it without the ledger; always JSON. */
static enum exit_status prove(struct cli *cli, int64_t number)
{
	struct deployment_proof proof;
	struct note_key *key;
	if (!ledger_cmd_note_key(cli, &key) ||
	    !cli_open_ledger(cli, LEDGER_READ) ||
	    !ledger_begin(cli->world.ledger, &cli->why) ||
	    !ledger_prove(cli->world.ledger, cli->arena, number, &proof,
	                  &cli->why))
		return cli_fail(cli);
	ledger_rollback(cli->world.ledger);
	if (!proof.n)
		return cli_usage(cli, "there is no deployment %lld",
		                 (long long)number);
	if (key && !key->can_sign)
		return cli_usage(cli, "--key: a public key cannot sign");
	struct str text = ledger_proof_json(cli->arena, number, &proof, key);
	return cli_write(cli, cli->outputs[0].file, text) ? EXIT_FINE
	                                                  : cli_fail(cli);
}

static enum exit_status show(struct cli *cli)
{
	int64_t number;
	struct deployment *d;
	struct found found = {.arena = cli->arena};
	if (!str_int(cli->args[0], &number) || number < 1)
		return cli_usage(cli, "\"%" STR_FMT "\" is not a number",
		                 STR_ARG(cli->args[0]));
	if (cli->options.proof)
		return prove(cli, number);
	struct decision_filter filter = {
	        .outcome = -1, .number = number, .limit = 1};
	if (!cli_open_ledger(cli, LEDGER_READ) ||
	    !ledger_deployment(cli->world.ledger, cli->arena, number, &d,
	                       &cli->why))
		return cli_fail(cli);
	if (!d)
		return cli_usage(cli, "there is no deployment %lld",
		                 (long long)number);
	if (!ledger_decisions(cli->world.ledger, &filter, take, &found,
	                      &cli->why))
		return cli_fail(cli);
	struct answer *answer = answer_new(cli, "dxcp.show/1");
	jw_key(&answer->j, "deployment");
	deployment_json(&answer->j, d);
	show_text(&answer->text, cli->arena, cli->color, d);
	jw_key(&answer->j, "decision");
	json_t *decision;
	if (!found.document.n)
		jw_null(&answer->j);
	else if (!json_read(&decision, cli->arena, found.document, &cli->why))
		return cli_fail(cli);
	else {
		jw_raw(&answer->j, found.document);
		show_trace(&answer->text, decision);
	}
	return answer_finish(answer) ? EXIT_FINE : cli_fail(cli);
}

static const struct option options[] = {
        OPTION("proof", 0, FLAG, proof, NULL,
               "instead: its events, with the proof that they are in the "
               "ledger"),
        OPTION("key", 0, TEXT, key, "FILE",
               "sign the proof's checkpoint by this private key"),
        {0},
};

const struct command cmd_show = {
        .name = "show",
        .arguments = "NUMBER",
        .summary = "one deployment with its timeline and decision",
        .about = "Show one deployment: its facts, its timeline as it was "
                 "recorded, what failed and\nwhat to do next, and what every "
                 "guardrail said when it was allowed. With --proof print its "
                 "events with their place\nin the hash tree of the ledger, "
                 "which `dxcp ledger verify --proof FILE` checks\nwithout "
                 "the ledger.",
        .options = options,
        .min_args = 1,
        .max_args = 1,
        .run = show,
        .examples = "  $ dxcp show 2419\n"
                    "  $ dxcp show 2419 --format json\n"
                    "  $ dxcp show 2419 --proof >2419.proof.json",
};
