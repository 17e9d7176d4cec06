#include "runner/draft.h"

#include "core/files.h"
#include "runner/answer.h"
#include "runner/decide.h"
#include "runner/report.h"
#include "runner/run.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* --- before -------------------------------------------------------------- */

static struct str nearest_service(const struct policy *p, struct str name)
{
	struct str best = {0};
	size_t distance = 1 + (name.n + 1) / 2;
	vec_each (struct service *const, s, &p->services) {
		size_t d = str_distance(name, (*s)->name.s, distance);
		if (d < distance) {
			distance = d;
			best = (*s)->name.s;
		}
	}
	return best;
}

static bool find_service(struct cli *cli, struct str name)
{
	const struct policy *p = cli->pass.policy;
	if (!policy_service(p, name) && !policy_group_of(p, name)) {
		struct str best = nearest_service(p, name);
		fail_set(&cli->why, FAIL_USAGE,
		         "the policy has no service \"%" STR_FMT "\"",
		         STR_ARG(str_brief(cli->arena, name, 80)));
		if (best.n)
			return fail_hint(&cli->why,
			                 "did you mean %" STR_FMT "?",
			                 STR_ARG(best));
		return fail_hint(&cli->why, "services stand under policy/");
	}
	if (!intent_file_is_folder(name))
		return fail_set(&cli->why, FAIL_USAGE,
		                "\"%" STR_FMT
		                "\" cannot be the name of a folder under "
		                "intents/",
		                STR_ARG(name));
	return true;
}

enum exit_status draft_path(struct cli *cli, struct str path, struct draft *d)
{
	struct str top, rest, service, name;
	bool fits = str_cut(path, '/', &top, &rest) && str_is(top, "intents") &&
	            str_ends(rest, STR(".yaml"));
	if (!str_cut(rest, '/', &service, &name)) {
		name = service;
		service = STR("");
	} else {
		fits = fits && service.n;
	}
	if (!fits)
		return cli_usage(cli,
		                 "%s wants the path of an intent, "
		                 "intents/SERVICE/NAME.yaml, not \"%" STR_FMT
		                 "\"",
		                 cli->command->name,
		                 STR_ARG(str_brief(cli->arena, path, 200)));
	d->service = service;
	d->about = str_head(name, name.n - 5);
	return EXIT_FINE;
}

enum exit_status draft_open(struct cli *cli)
{
	const struct options *o = &cli->options;
	if (o->message.n && !o->commit)
		return cli_usage(cli, "--message goes with --commit");
	if (!cli_open_policy(cli, STR(""), true))
		return cli_fail(cli);
	if (repo_is_bare(cli->world.repo)) {
		fail_set(&cli->why, FAIL_USAGE,
		         "a bare repository has no working tree to write to");
		return cli_fail(cli);
	}
	if (cli->pass.findings.errors) {
		struct buf text = buf_new(cli->arena, ANSWER_MAX);
		report_findings(&text, &cli->pass.findings, false);
		fprintf(stderr, "%" STR_FMT, STR_ARG(buf_str(&text)));
		cli_say(cli,
		        "dxcp: the policy has errors: nothing was written");
		return EXIT_INVALID;
	}
	return cli_open_ledger(cli, LEDGER_READ) ? EXIT_FINE : cli_fail(cli);
}

enum exit_status draft_begin(struct cli *cli, struct str service)
{
	enum exit_status bad = draft_open(cli);
	return bad ? bad : draft_service(cli, service);
}

enum exit_status draft_service(struct cli *cli, struct str service)
{
	return find_service(cli, service) ? EXIT_FINE : cli_fail(cli);
}

struct str draft_ask(struct cli *cli, const struct draft_question *question)
{
	char line[4096];
	struct str usual = question->usual;
	if (!cli_can_ask(cli))
		return usual;
	fprintf(stderr, "%s%s%" STR_FMT "%s: ", question->what,
	        usual.n ? " [" : "", STR_ARG(usual), usual.n ? "]" : "");
	if (!fgets(line, sizeof line, stdin))
		return STR("");
	struct str answer = intent_file_fold(cli->arena, str_of(line));
	return answer.n ? answer : usual;
}

enum exit_status draft_arguments(struct cli *cli,
                                 const struct draft_question *questions, int n)
{
	for (; cli->nargs < n; cli->nargs++) {
		struct str answer = draft_ask(cli, &questions[cli->nargs]);
		if (!answer.n)
			return cli_wants_arguments(cli);
		cli->args[cli->nargs] = answer;
	}
	return EXIT_FINE;
}

static bool is_reason(struct str s)
{
	return !s.n || str_is(s, "planned") || str_is(s, "hotfix") ||
	       str_is(s, "incident");
}

enum exit_status draft_check_reason(struct cli *cli)
{
	if (is_reason(cli->options.reason))
		return EXIT_FINE;
	return cli_usage(cli,
	                 "--reason: \"%" STR_FMT
	                 "\" is not one of planned, hotfix, incident",
	                 STR_ARG(cli->options.reason));
}

void draft_keys(struct cli *cli, struct draft *d)
{
	const struct options *o = &cli->options;
	struct intent_file *f = &d->file;
	intent_file_text(f, "summary", d->summary);
	intent_file_line(f, "ticket", o->ticket);
	intent_file_text(f, "reason", o->reason);
	intent_file_when(f, "not_before", o->not_before);
	intent_file_when(f, "expires", o->expires);
}

enum exit_status draft_summary(struct cli *cli, struct str *summary)
{
	return draft_summary_or(cli, STR(""), summary);
}

enum exit_status draft_summary_or(struct cli *cli, struct str other,
                                  struct str *summary)
{
	const struct draft_question question = {
	        "Summary (why, in one sentence)",
	        intent_file_fold(cli->arena, other)};
	struct str text = intent_file_fold(cli->arena, cli->options.summary);
	if (!cli->options.summary.s)
		text = draft_ask(cli, &question);
	if (!text.n)
		return cli_usage(cli,
		                 "%s wants --summary TEXT: why, in one "
		                 "sentence",
		                 cli->command->name);
	if (str_code_points(text) > SUMMARY_MAX)
		return cli_usage(cli,
		                 "the summary has %zu characters; at most %d "
		                 "fit",
		                 str_code_points(text), SUMMARY_MAX);
	*summary = text;
	return EXIT_FINE;
}

/* --- judging ------------------------------------------------------------- */

struct judged {
	struct cli *cli;
	struct str path, file;
	struct buf text, json;
	enum outcome outcome;
};

static bool take(void *context, const struct decision *d, const struct facts *f,
                 struct arena *scratch, struct fail *why)
{
	struct judged *judged = context;
	struct cli *cli = judged->cli;
	(void)f;
	(void)scratch;
	(void)why;
	if (!str_eq(d->request->path, judged->path))
		return true;
	judged->outcome = d->outcome;
	report_decision_text(&judged->text, cli->color, cli->options.trace, d,
	                     NULL);
	struct jw j = jw_new(&judged->json);
	jw_open(&j, '{');
	decision_json(&j, d);
	jw_close(&j);
	return true;
}

static bool judge_draft(struct judged *judged, bool with_words)
{
	struct cli *cli = judged->cli;
	struct world *w = &cli->world;
	struct pass *p = &cli->pass;
	struct oid blob;
	struct decide_options how = {.ask_hooks = true,
	                             .hooks_about = &p->drafts,
	                             .with_tokens = with_words,
	                             .with_trace = with_words};
	if (!repo_blob_id(w->repo, judged->file, &blob, &cli->why) ||
	    !check_gather(w, p, STR(""), &cli->why))
		return false;
	gather_draft(p, judged->path, &blob, judged->file);
	return decide(w, p, &how, take, judged, &cli->why);
}

/* --- writing ------------------------------------------------------------- */

struct str draft_message(struct arena *a, struct str subject, struct str body,
                         const char *trailer, struct str value)
{
	return str_format(a,
	                  "%" STR_FMT "\n\n%" STR_FMT "\n%s%s%s%" STR_FMT "%s",
	                  STR_ARG(subject), STR_ARG(body), value.n ? "\n" : "",
	                  value.n ? trailer : "", value.n ? ": " : "",
	                  STR_ARG(value), value.n ? "\n" : "");
}

static struct str commit_message(struct cli *cli, const struct draft *d)
{
	if (cli->options.message.n)
		return str_format(cli->arena, "%" STR_FMT "\n",
		                  STR_ARG(cli->options.message));
	return draft_message(cli->arena, d->subject, d->summary, "Ticket",
	                     intent_file_fold(cli->arena, d->ticket));
}

bool draft_write(struct cli *cli, struct str path, struct str text,
                 struct str message, struct oid_hex *commit)
{
	struct repo *r = cli->world.repo;
	struct oid id;
	enum file_change change;
	if (cli->options.dry_run)
		return true;
	if (!cli->options.commit) {
		const char *on_disk = str_format(cli->arena, "%s%" STR_FMT,
		                                 repo_root(r), STR_ARG(path))
		                              .s;
		return file_write_if_changed(&change, on_disk, text, &cli->why);
	}
	if (!repo_commit_file(r, cli->arena, path, text, message, &id,
	                      &cli->why))
		return false;
	*commit = oid_hex(&id);
	return true;
}

/* --- telling ------------------------------------------------------------- */

void draft_show(struct buf *out, struct str text)
{
	struct str line;
	while (str_cut(text, '\n', &line, &text))
		buf_format(out, "  | %" STR_FMT "\n", STR_ARG(line));
}

static void add_text(struct buf *out, const struct judged *judged,
                     const struct draft *d, const struct oid_hex *commit)
{
	bool dry = judged->cli->options.dry_run;
	buf_format(out, "%s %" STR_FMT "\n", dry ? "would write" : "wrote",
	           STR_ARG(judged->path));
	if (dry)
		draft_show(out, judged->file);
	if (*commit->s)
		buf_format(out, "committed %.7s  %" STR_FMT "\n", commit->s,
		           STR_ARG(d->subject));
	buf_add_char(out, '\n');
	buf_add(out, buf_str(&judged->text));
	if (!dry && !*commit->s && judged->outcome != OUTCOME_DENY)
		buf_add(out, STR("\n  Commit it on a branch and open a pull "
		                 "request: the next run decides.\n"));
}

static void add_json(struct jw *j, const struct judged *judged,
                     const struct oid_hex *commit)
{
	jw_put_str(j, "intent", judged->path);
	jw_put_bool(j, "written", !judged->cli->options.dry_run);
	jw_put_opt(j, "commit", str_of(commit->s));
	jw_put_str(j, "text", judged->file);
	jw_key(j, "decision");
	jw_raw(j, buf_str(&judged->json));
}

enum exit_status draft_finish(struct cli *cli, const struct draft *d)
{
	const char *root = repo_root(cli->world.repo);
	struct oid_hex commit = {0};
	struct str text;
	struct str path = intent_file_path(cli->arena, root, d->service,
	                                   world_now(&cli->world), d->name);
	if (!intent_file_whole(&d->file, root, path, &text) ||
	    !str_is_utf8(text, NULL))
		return cli_usage(cli, "what was given is %s",
		                 d->file.text.full ? "larger than 256 KiB"
		                                   : "not UTF-8 text");
	struct answer *answer = answer_new(cli, "dxcp.intent/1");
	struct judged judged = {
	        .cli = cli,
	        .path = path,
	        .file = text,
	        .text = buf_new(cli->arena, ANSWER_MAX),
	        .json = buf_new(cli->arena, ANSWER_MAX),
	        .outcome = OUTCOME_DENY,
	};
	bool words = answer->wants_json || cli->options.trace;
	if (!judge_draft(&judged, words) ||
	    !draft_write(cli, judged.path, text, commit_message(cli, d),
	                 &commit))
		return cli_fail(cli);
	add_text(&answer->text, &judged, d, &commit);
	add_json(&answer->j, &judged, &commit);
	if (!answer_finish(answer))
		return cli_fail(cli);
	return judged.outcome == OUTCOME_DENY ? EXIT_DENIED : EXIT_FINE;
}
