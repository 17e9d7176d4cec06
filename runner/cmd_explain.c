/* explain: what a code means, or why one intent got the decision that it got.
   The text of an intent comes from its decision document, be it of now or as
   the ledger holds it. */
#include "runner/answer.h"
#include "runner/cmd.h"
#include "runner/decide.h"
#include "runner/guard.h"
#include "runner/remedy.h"
#include "runner/report.h"
#include "runner/run.h"

#include <string.h>

static const struct option options[] = {
        OPTION("worktree", 0, FLAG, worktree, NULL,
               "judge the file in the working tree, not the committed one"),
        {0},
};

/* --- a code -------------------------------------------------------------- */

static void row(struct buf *out, const char *label, struct str text)
{
	if (!text.n)
		return;
	buf_format(out, "  %-9s ", label);
	report_plain(out, text);
	buf_add_char(out, '\n');
}

static const char *cause_words(enum diag_cause cause)
{
	switch (cause) {
	case CAUSE_USER_ERROR:
		return "USER_ERROR: the file must change";
	case CAUSE_POLICY:
		return "POLICY: wait, ask, or change the policy";
	case CAUSE_ENGINE:
		return "ENGINE: the engine, or the way to it";
	case CAUSE_NONE:
		break;
	}
	return "";
}

static enum exit_status explain_code(struct cli *cli, enum diag_code code)
{
	const struct diag_info *info = diag_info(code);
	struct answer *answer = answer_new(cli, "dxcp.explain/1");
	struct buf *out = &answer->text;
	struct jw *j = &answer->j;
	struct str level = str_of(diag_level_name(info->level));
	jw_put_str(j, "code", str_of(info->name));
	jw_put_str(j, "kind", info->row ? STR("decision") : STR("finding"));
	if (info->row)
		jw_put_str(j, "decision", level);
	else
		jw_put_str(j, "level", level);
	if (info->row)
		jw_put_int(j, "row", info->row);
	jw_put_opt(j, "cause", str_of(diag_cause_name(info->cause)));
	jw_put_str(j, "meaning", str_of(info->summary));
	jw_put_str(j, "next", str_of(info->hint));
	report_tone(out, cli->color, TONE_BOLD, str_of(info->name));
	buf_add(out, STR("\n\n"));
	row(out, "Meaning", str_of(info->summary));
	row(out, "Next", str_of(info->hint));
	if (info->row)
		row(out, "Decision",
		    str_format(cli->arena,
		               "%" STR_FMT ", row %d of the decision table",
		               STR_ARG(level), info->row));
	else
		row(out, "Finding", level);
	row(out, "Cause", str_of(cause_words(info->cause)));
	return answer_finish(answer) ? EXIT_FINE : cli_fail(cli);
}

static enum exit_status unknown_code(struct cli *cli, struct str word)
{
	enum diag_code near = diag_nearest(word);
	struct str brief = str_brief(cli->arena, word, 80);
	if (near != DIAG_NONE)
		return cli_usage(cli,
		                 "there is no code \"%" STR_FMT
		                 "\"; did you mean %s?",
		                 STR_ARG(brief), diag_info(near)->name);
	return cli_usage(cli,
	                 "\"%" STR_FMT
	                 "\" is neither a code nor the path of an intent",
	                 STR_ARG(brief));
}

/* --- an intent: finding its decision ------------------------------------- */

struct explained {
	struct cli *cli;
	struct str path;
	struct str document; /* the decision document; empty: none */
	bool recorded;       /* it is the ledger's */
	bool replay;         /* found, and recorded before */
	int64_t run, at, number;
};

static bool take_judged(void *context, const struct decision *d,
                        const struct facts *f, struct arena *scratch,
                        struct fail *why)
{
	struct explained *e = context;
	(void)f;
	(void)scratch;
	(void)why;
	if (!str_eq(d->request->path, e->path))
		return true;
	e->replay = d->outcome == OUTCOME_REPLAY;
	struct buf text = buf_new(e->cli->arena, ANSWER_MAX);
	struct jw j = jw_new(&text);
	jw_open(&j, '{');
	decision_json(&j, d);
	jw_close(&j);
	e->document = buf_str(&text);
	return true;
}

static bool take_recorded(void *context, const struct recorded_decision *d,
                          struct fail *why)
{
	struct explained *e = context;
	(void)why;
	e->document = str_copy(e->cli->arena, d->document);
	e->recorded = true;
	e->run = d->run;
	e->at = d->time;
	e->number = d->number;
	return true;
}

/* What is recorded stays as it was decided; all else is judged as of now. */
static bool find_decision(struct explained *e)
{
	struct cli *cli = e->cli;
	struct decision_filter filter = {
	        .path = e->path, .outcome = -1, .limit = 1};
	struct map this = map_new(cli->arena);
	struct decide_options how = {.ask_hooks = true,
	                             .hooks_about = &this,
	                             .with_tokens = true,
	                             .with_trace = true};
	map_put(&this, e->path, e);
	if (!check_gather(&cli->world, &cli->pass, STR(""), &cli->why) ||
	    !decide(&cli->world, &cli->pass, &how, take_judged, e, &cli->why))
		return false;
	if (e->document.n && !e->replay)
		return true;
	if (!ledger_decisions(cli->world.ledger, &filter, take_recorded, e,
	                      &cli->why))
		return false;
	if (e->document.n)
		return true;
	fail_set(&cli->why, FAIL_USAGE, "there is no intent %" STR_FMT " %s",
	         STR_ARG(e->path),
	         cli->options.worktree ? "in the working tree" : "at HEAD");
	return fail_hint(&cli->why, cli->options.worktree
	                                    ? "give its path from the "
	                                      "repository's root"
	                                    : "give its path from the "
	                                      "repository's root; one that is "
	                                      "not committed: --worktree");
}

/* --- an intent: telling -------------------------------------------------- */

static struct str get(const json_t *object, const char *key)
{
	return json_get_str(object, key);
}

static void add_headline(struct buf *out, bool color, const json_t *doc)
{
	static const struct {
		const char *decision, *word;
		enum tone tone;
	} faces[] = {{"allow", "ALLOWED", TONE_GOOD},
	             {"wait", "WAITING", TONE_WARN},
	             {"deny", "DENIED", TONE_DENY},
	             {"replay", "KNOWN", TONE_DIM}};
	for (size_t i = 0; i < sizeof faces / sizeof *faces; i++)
		if (str_is(get(doc, "decision"), faces[i].decision))
			report_tone(out, color, faces[i].tone,
			            str_of(faces[i].word));
	buf_add(out, STR("  "));
	report_plain(out, get(doc, "kind"));
	static const char *const names[] = {"service", "version"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		buf_add_char(out, ' ');
		report_plain(out, get(doc, names[i]));
	}
	if (get(doc, "environment").n) {
		buf_add(out, STR(" to "));
		report_plain(out, get(doc, "environment"));
	}
	buf_add(out, STR("\n\n"));
}

static struct str place(struct arena *a, const json_t *at)
{
	if (!get(at, "file").n)
		return STR("");
	if (!json_get_int(at, "column"))
		return str_format(a, "%" STR_FMT ":%lld",
		                  STR_ARG(get(at, "file")),
		                  (long long)json_get_int(at, "line"));
	return str_format(a, "%" STR_FMT ":%lld:%lld", STR_ARG(get(at, "file")),
	                  (long long)json_get_int(at, "line"),
	                  (long long)json_get_int(at, "column"));
}

static struct str actor(struct arena *a, const json_t *doc)
{
	const json_t *who = json_object_get(doc, "actor");
	struct str role = get(who, "role");
	if (!get(who, "email").n)
		return STR("");
	return str_format(a, "%" STR_FMT ", %" STR_FMT,
	                  STR_ARG(get(who, "email")),
	                  STR_ARG(role.n ? role : STR("without a role")));
}

static void add_evidence(struct buf *out, const struct explained *e,
                         const json_t *doc)
{
	struct arena *a = out->arena;
	int64_t next;
	size_t i;
	json_t *also;
	if (!str_is(get(doc, "decision"), "allow"))
		row(out, "Why", get(doc, "message"));
	row(out, "Code", get(doc, "code"));
	if (get(doc, "code").n)
		row(out, "At", place(a, json_object_get(doc, "at")));
	row(out, "Next", get(doc, "hint"));
	if (when_parse(get(doc, "nextAllowedAt"), &next))
		row(out, "Earliest", report_when(a, next));
	json_array_foreach(json_object_get(doc, "also"), i, also)
	        row(out, i ? "" : "Also", str_of(json_string_value(also)));
	row(out, "Author", actor(a, doc));
	row(out, "Group", get(doc, "group"));
	row(out, "Recipe", get(doc, "recipe"));
	row(out, "Intent", get(doc, "intent"));
	row(out, "Token", get(doc, "token"));
	if (!e->recorded) {
		row(out, "Judged",
		    str_format(a, "now; no run has %s it yet",
		               str_is(get(doc, "decision"), "wait")
		                       ? "settled"
		                       : "recorded"));
		return;
	}
	row(out, "Recorded",
	    str_format(a, "by run %lld, %" STR_FMT, (long long)e->run,
	               STR_ARG(report_when(a, e->at))));
	if (e->number)
		row(out, "Number",
		    str_format(a, "%lld (dxcp show %lld)", (long long)e->number,
		               (long long)e->number));
}

static struct str title_of(struct str guardrail)
{
	for (size_t i = 0; i < guard_count; i++)
		if (str_is(guardrail, guards[i].name))
			return str_of(guards[i].title);
	return guardrail;
}

/* "used 3, quota 3" */
static struct str inputs(struct arena *a, const json_t *inputs)
{
	struct buf out = buf_new(a, ANSWER_MAX);
	void *iter = json_object_iter((json_t *)inputs);
	for (; iter; iter = json_object_iter_next((json_t *)inputs, iter)) {
		const json_t *value = json_object_iter_value(iter);
		buf_format(&out, "%s%s ", out.n ? ", " : "",
		           json_object_iter_key(iter));
		if (json_is_integer(value))
			buf_format(&out, "%lld",
			           (long long)json_integer_value(value));
		else
			buf_add(&out, str_of(json_string_value(value)));
	}
	return buf_str(&out);
}

static void add_result(struct buf *out, bool color, struct str result)
{
	static const struct {
		const char *result, *word;
		enum tone tone;
	} faces[] = {{"pass", "pass", TONE_GOOD},
	             {"wait", "WAIT", TONE_WARN},
	             {"deny", "DENY", TONE_DENY},
	             {"waived", "waived", TONE_WARN},
	             {"skip", "-", TONE_DIM}};
	for (size_t i = 0; i < sizeof faces / sizeof *faces; i++) {
		struct str word = str_of(faces[i].word);
		if (!str_is(result, faces[i].result))
			continue;
		buf_add(out, STR("  "));
		report_tone(out, color, faces[i].tone, word);
		buf_format(out, "%*s ", (int)(6 - word.n), "");
	}
}

static void add_trace(struct buf *out, bool color, const json_t *doc)
{
	struct arena *a = out->arena;
	const json_t *trace = json_object_get(doc, "trace");
	size_t i;
	json_t *r;
	if (json_array_size(trace))
		buf_add(out, STR("\nguardrails, in the order in which they "
		                 "win\n"));
	json_array_foreach(trace, i, r)
	{
		struct str title = title_of(get(r, "guardrail"));
		struct str rule = place(a, json_object_get(r, "rule"));
		struct str in = inputs(a, json_object_get(r, "inputs"));
		add_result(out, color, get(r, "result"));
		report_plain(out, title);
		buf_format(out, "%*s", title.n < 18 ? (int)(18 - title.n) : 1,
		           "");
		report_plain(out, get(r, "detail"));
		buf_add_char(out, '\n');
		if (!rule.n && !in.n)
			continue;
		buf_format(out, "%27s", "");
		report_plain(out, rule);
		if (rule.n && in.n)
			buf_add(out, STR("; "));
		report_plain(out, in);
		buf_add_char(out, '\n');
	}
}

/* The limits in force for the group and environment, each with the place that
   gave it. */
static void add_limits(struct answer *answer, const json_t *doc)
{
	struct cli *cli = answer->cli;
	struct jw *j = &answer->j;
	const struct policy *p = cli->pass.policy;
	const struct group *group = policy_group_of(p, get(doc, "service"));
	struct str environment = get(doc, "environment");
	jw_key(j, "limits");
	jw_open(j, '[');
	if (group)
		buf_add(&answer->text, STR("\nlimits in force now\n"));
	for (int i = 0; group && i < LIMIT_COUNT; i++) {
		struct limit_value v =
		        policy_limit(p, group, environment, (enum limit)i);
		struct location at = location_of(v.at);
		jw_open(j, '{');
		jw_put_str(j, "name", str_of(limit_name((enum limit)i)));
		jw_put_int(j, "value", v.n);
		jw_put_str(j, "origin", str_of(v.origin));
		location_json(j, "at", &at);
		jw_close(j);
		buf_format(&answer->text, "  %-26s %5lld  %s",
		           limit_name((enum limit)i), (long long)v.n, v.origin);
		if (at.file.n)
			buf_format(&answer->text, ", %" STR_FMT ":%u",
			           STR_ARG(at.file), at.line);
		buf_add_char(&answer->text, '\n');
	}
	jw_close(j);
}

/* --- an intent: what would let it pass ------------------------------------ */

static void change_json(struct jw *j, const struct remedies *all)
{
	jw_key(j, "change");
	jw_open(j, '[');
	for (size_t i = 0; i < all->n; i++) {
		const struct remedy *m = &all->at[i];
		jw_open(j, '{');
		jw_put_str(j, "code", str_of(diag_info(m->code)->name));
		jw_put_str(j, "text", m->text);
		jw_put_bool(j, "byItself", m->by_itself);
		if (m->file.n) {
			jw_key(j, "rule");
			jw_open(j, '{');
			jw_put_str(j, "file", m->file);
			jw_put_int(j, "line", m->line);
			jw_close(j);
		} else {
			jw_put_null(j, "rule");
		}
		jw_close(j);
	}
	jw_close(j);
}

static bool all_by_itself(const struct remedies *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (!all->at[i].by_itself)
			return false;
	return true;
}

static void add_change(struct answer *answer, const struct explained *e,
                       const json_t *doc)
{
	struct buf *out = &answer->text;
	struct remedies all;
	int64_t next;
	remedies_of(answer->cli->arena, answer->cli->pass.policy, doc, &all);
	change_json(&answer->j, &all);
	if (!all.n)
		return;
	buf_add(out, STR("\nthe smallest change that would let it pass\n"));
	if (e->recorded && str_is(get(doc, "decision"), "deny"))
		buf_add(out, STR("  This intent is decided for good: propose "
		                 "it again in a new file, and\n"));
	else if (all_by_itself(&all) &&
	         when_parse(get(doc, "nextAllowedAt"), &next))
		buf_format(out,
		           "  None: it passes by itself from %" STR_FMT
		           " on. Sooner:\n",
		           STR_ARG(report_when(out->arena, next)));
	for (size_t i = 0; i < all.n; i++) {
		buf_format(out, "  %zu. %s: ", i + 1,
		           diag_info(all.at[i].code)->name);
		report_plain(out, all.at[i].text);
		buf_add_char(out, '\n');
	}
}

/* The members of a release, each as an intent of its own. */
static void add_members(struct answer *answer, const struct explained *e,
                        const json_t *doc)
{
	struct buf *out = &answer->text;
	struct jw *j = &answer->j;
	const json_t *items = json_object_get(doc, "items");
	bool color = answer->cli->color;
	size_t i;
	json_t *item;
	if (!json_array_size(items))
		return;
	jw_key(j, "members");
	jw_open(j, '[');
	json_array_foreach(items, i, item)
	{
		jw_open(j, '{');
		jw_put_opt(j, "service", get(item, "service"));
		jw_put_opt(j, "environment", get(item, "environment"));
		jw_put_opt(j, "version", get(item, "version"));
		jw_put_str(j, "decision", get(item, "decision"));
		jw_put_opt(j, "code", get(item, "code"));
		buf_format(out, "\nmember %zu: ", i + 1);
		add_headline(out, color, item);
		row(out, "Why",
		    str_is(get(item, "decision"), "allow")
		            ? STR("")
		            : get(item, "message"));
		add_trace(out, color, item);
		add_change(answer, e, item);
		add_limits(answer, item);
		jw_close(j);
	}
	jw_close(j);
}

static bool tell(struct answer *answer, const struct explained *e)
{
	struct cli *cli = answer->cli;
	struct jw *j = &answer->j;
	json_t *doc;
	if (!json_read(&doc, cli->arena, e->document, &cli->why))
		return false;
	jw_put_bool(j, "recorded", e->recorded);
	jw_key(j, "decision");
	jw_raw(j, e->document);
	add_headline(&answer->text, cli->color, doc);
	add_evidence(&answer->text, e, doc);
	add_change(answer, e, doc);
	add_trace(&answer->text, cli->color, doc);
	add_limits(answer, doc);
	add_members(answer, e, doc);
	return answer_finish(answer);
}

/* Findings of this file alone: check shows the others. */
static struct diags findings_of(struct cli *cli, struct str path)
{
	struct diags ds = diags_new(cli->arena);
	for (size_t i = 0; i < cli->pass.findings.n; i++) {
		const struct diag *d = &cli->pass.findings.at[i];
		if (d->at.src && str_eq(d->at.src->path, path)) {
			struct diag *copy =
			        diag_add(&ds, d->code, d->at, "%s", "");
			*copy = *d;
		}
	}
	return ds;
}

static enum exit_status explain_intent(struct cli *cli, struct str path)
{
	struct explained e = {.cli = cli, .path = path};
	if (!cli_open_policy(cli, STR(""), cli->options.worktree) ||
	    !cli_open_ledger(cli, LEDGER_READ))
		return cli_fail(cli);
	struct answer *answer = answer_new(cli, "dxcp.explain/1");
	if (cli->pass.findings.errors) {
		report_findings(&answer->text, &cli->pass.findings, cli->color);
		jw_put_null(&answer->j, "decision");
		jw_key(&answer->j, "findings");
		findings_json(&answer->j, &cli->pass.findings);
		if (!answer_finish(answer))
			return cli_fail(cli);
		cli_say(cli, "dxcp: the policy has errors: nothing was judged");
		return EXIT_INVALID;
	}
	if (!find_decision(&e))
		return cli_fail(cli);
	struct diags ds = findings_of(cli, path);
	jw_key(&answer->j, "findings");
	findings_json(&answer->j, &ds);
	report_findings(&answer->text, &ds, cli->color);
	return tell(answer, &e) ? EXIT_FINE : cli_fail(cli);
}

/* --- which of the two ---------------------------------------------------- */

/* As the repository knows it: "./intents/..." or a path below its root. */
static bool intent_path(struct cli *cli, struct str word, struct str *out)
{
	if (!cli_open_repo(cli))
		return false;
	struct str root = str_of(repo_root(cli->world.repo));
	while (str_starts(word, STR("./")))
		word = str_from(word, 2);
	if (str_starts(word, root))
		word = str_from(word, root.n);
	*out = word;
	return true;
}

static enum exit_status explain(struct cli *cli)
{
	struct str word = cli->args[0], path;
	enum diag_code code = diag_find(word);
	if (code != DIAG_NONE)
		return explain_code(cli, code);
	if (!str_has(word, '/') && !str_ends(word, STR(".yaml")))
		return unknown_code(cli, word);
	if (!intent_path(cli, word, &path))
		return cli_fail(cli);
	return explain_intent(cli, path);
}

const struct command cmd_explain = {
        .name = "explain",
        .arguments = "CODE | INTENT",
        .summary = "what a code means, or why an intent is decided so",
        .about =
                "With a code, such as QUOTA_EXCEEDED: what it means and what "
                "to do next. With the\npath of an intent: everything that "
                "decided it, each guardrail with the rule that it\nwent by, "
                "and the limits with the line of the policy that set them. "
                "What a run has\nrecorded is shown as it was decided then; all "
                "else is judged now.",
        .options = options,
        .min_args = 1,
        .max_args = 1,
        .run = explain,
        .examples = "  $ dxcp explain WINDOW_CLOSED\n"
                    "  $ dxcp explain intents/checkout/deploy-1.4.2.yaml\n"
                    "  $ dxcp explain --worktree intents/checkout/new.yaml",
};
