/* simulate: what another policy would have made of the recorded history. */
#include "runner/simulate.h"

#include "runner/answer.h"
#include "runner/cmd.h"
#include "runner/report.h"

enum { SHOWN = 10 };

static const struct option options[] = {
        OPTION("policy", 0, TEXT, revision, "REV",
               "the policy of this revision (default: of the working tree; "
               "HEAD in a bare repository)"),
        OPTION("since", 0, TIME, from_at, "TIME",
               "judge the decisions recorded at or after TIME"),
        OPTION("limit", 'n', NUMBER, limit, "N",
               "show N flips as text (default: 10)"),
        {0},
};

/* --- words --------------------------------------------------------------- */

static const char *code_name(enum diag_code code)
{
	return code == DIAG_NONE ? "(its turn in the run)"
	                         : diag_info(code)->name;
}

static struct str number(struct arena *a, int64_t n)
{
	return n ? str_format(a, "%lld", (long long)n) : STR("-");
}

/* --- as JSON ------------------------------------------------------------- */

static void put_code(struct jw *j, const char *key, enum diag_code code)
{
	jw_put_opt(j, key, str_of(diag_info(code)->name));
}

static void side_json(struct jw *j, const char *key, const struct flip_side *s)
{
	jw_key(j, key);
	jw_open(j, '{');
	jw_put_str(j, "decision", str_of(outcome_names[s->outcome]));
	put_code(j, "code", s->code);
	jw_put_opt(j, "message", s->message);
	jw_put_when_opt(j, "nextAllowedAt", s->next_allowed_at);
}

static void flip_json(struct jw *j, const struct flip *f)
{
	jw_open(j, '{');
	jw_put_str(j, "intent", f->path);
	if (f->number)
		jw_put_int(j, "number", f->number);
	else
		jw_put_null(j, "number");
	jw_put_opt(j, "kind", f->kind);
	jw_put_opt(j, "service", f->service);
	jw_put_opt(j, "environment", f->environment);
	jw_put_opt(j, "version", f->version);
	jw_put_opt(j, "group", f->group);
	jw_put_when(j, "time", f->time);
	jw_put_int(j, "run", f->run);
	side_json(j, "was", &f->was);
	jw_close(j);
	side_json(j, "would", &f->would);
	jw_put_opt(j, "hint", f->would.hint);
	rule_json(j, &f->would.rule);
	jw_close(j);
	jw_close(j);
}

static const struct turn {
	enum outcome was, would;
	const char *name, *word;
	enum tone tone;
} turns[] = {
        {OUTCOME_ALLOW, OUTCOME_DENY, "allowToDeny", "allow -> deny",
         TONE_DENY},
        {OUTCOME_ALLOW, OUTCOME_WAIT, "allowToWait", "allow -> wait",
         TONE_WARN},
        {OUTCOME_WAIT, OUTCOME_DENY, "waitToDeny", "wait -> deny", TONE_DENY},
        {OUTCOME_WAIT, OUTCOME_ALLOW, "waitToAllow", "wait -> allow",
         TONE_GOOD},
        {OUTCOME_DENY, OUTCOME_ALLOW, "denyToAllow", "deny -> allow",
         TONE_GOOD},
        {OUTCOME_DENY, OUTCOME_WAIT, "denyToWait", "deny -> wait", TONE_WARN},
};
enum { TURNS = sizeof turns / sizeof *turns };

static void counts_json(struct jw *j, const struct flip_counts *c)
{
	jw_put_int(j, "flips", c->n);
	for (size_t i = 0; i < TURNS; i++)
		jw_put_int(j, turns[i].name,
		           c->of[turns[i].was][turns[i].would]);
}

static void waiting_json(struct jw *j, const char *key,
                         const struct flip_waiting *w)
{
	jw_key(j, key);
	jw_open(j, '{');
	jw_put_int(j, "n", w->n);
	jw_put_int(j, "seconds", w->seconds);
	jw_put_int(j, "unknown", w->unknown);
	jw_close(j);
}

static void summary_json(struct jw *j, const struct simulation *s)
{
	jw_key(j, "summary");
	jw_open(j, '{');
	jw_put_int(j, "decisions", s->decisions);
	jw_put_int(j, "same", s->same);
	jw_put_int(j, "otherCode", s->other_code);
	jw_put_int(j, "intents", s->intents);
	counts_json(j, &s->all);
	jw_key(j, "byCode");
	jw_open(j, '{');
	for (int i = 0; i < DIAG_CODE_COUNT; i++) {
		if (!s->code[i].n)
			continue;
		jw_key(j, i == DIAG_NONE ? "none"
		                         : diag_info((enum diag_code)i)->name);
		jw_open(j, '{');
		counts_json(j, &s->code[i]);
		jw_close(j);
	}
	jw_close(j);
	jw_key(j, "byGroup");
	jw_open(j, '{');
	for (size_t i = 0; i < s->groups.n; i++) {
		jw_key(j, str_cstr(s->groups.arena, s->groups.at[i].key));
		jw_open(j, '{');
		counts_json(j, s->groups.at[i].value);
		jw_close(j);
	}
	jw_close(j);
	jw_key(j, "waiting");
	jw_open(j, '{');
	waiting_json(j, "added", &s->added);
	waiting_json(j, "removed", &s->removed);
	jw_close(j);
	jw_close(j);
}

/* --- for people ---------------------------------------------------------- */

static const char *plural(int64_t n)
{
	return n == 1 ? "" : "s";
}

static void add_waiting(struct buf *out, const char *what,
                        const struct flip_waiting *w)
{
	int64_t known = w->n - w->unknown;
	if (!w->n)
		return;
	buf_format(out, "waiting %s: ", what);
	if (known)
		buf_format(out, "%s in %lld decision%s",
		           when_duration_words(w->seconds).s, (long long)known,
		           plural(known));
	if (w->unknown)
		buf_format(out, "%s%lld decision%s whose wait has no known end",
		           known ? "; and " : "", (long long)w->unknown,
		           plural(w->unknown));
	buf_add_char(out, '\n');
}

/* Columns of what there is none of are left out. */
static void add_row(struct table *t, const struct flip_counts *all,
                    struct str name, const struct flip_counts *c)
{
	table_add(t, name);
	for (size_t i = 0; i < TURNS; i++)
		if (all->of[turns[i].was][turns[i].would])
			table_add(t,
			          number(t->arena,
			                 c->of[turns[i].was][turns[i].would]));
}

static struct table counts_table(struct arena *a, const char *first,
                                 const struct flip_counts *all)
{
	const char *head[TURNS + 1] = {first};
	size_t n = 1;
	for (size_t i = 0; i < TURNS; i++)
		if (all->of[turns[i].was][turns[i].would])
			head[n++] = turns[i].word;
	return table_new(a, n, head);
}

static void add_tables(struct buf *out, const struct cli *cli,
                       const struct simulation *s)
{
	struct arena *a = cli->arena;
	struct table codes = counts_table(a, "guardrail", &s->all);
	struct table groups = counts_table(a, "group", &s->all);
	for (int i = 0; i < DIAG_CODE_COUNT; i++)
		if (s->code[i].n)
			add_row(&codes, &s->all,
			        str_of(code_name((enum diag_code)i)),
			        &s->code[i]);
	for (size_t i = 0; i < s->groups.n; i++)
		add_row(&groups, &s->all,
		        s->groups.at[i].key.n ? s->groups.at[i].key
		                              : STR("(none)"),
		        s->groups.at[i].value);
	buf_add_char(out, '\n');
	table_print(out, &codes, cli->color);
	buf_add_char(out, '\n');
	table_print(out, &groups, cli->color);
	if (s->added.n || s->removed.n)
		buf_add_char(out, '\n');
	add_waiting(out, "added", &s->added);
	add_waiting(out, "removed", &s->removed);
}

static const struct turn *turn_of(const struct flip *f)
{
	const struct turn *t = turns;
	while (t->was != f->was.outcome || t->would != f->would.outcome)
		t++;
	return t;
}

static void add_title(struct buf *out, const struct flip *f)
{
	report_plain(out, f->kind);
	buf_add_char(out, ' ');
	report_plain(out, f->service);
	if (f->version.n) {
		buf_add_char(out, ' ');
		report_plain(out, f->version);
	}
	if (f->environment.n) {
		buf_add(out, STR(" to "));
		report_plain(out, f->environment);
	}
	if (f->number)
		buf_format(out, " (deployment %lld)", (long long)f->number);
}

static void add_flip(struct buf *out, const struct cli *cli,
                     const struct flip *f)
{
	const struct turn *t = turn_of(f);
	const struct flip_side *why =
	        f->would.outcome == OUTCOME_ALLOW ? &f->was : &f->would;
	report_tone(out, cli->color, t->tone, str_of(t->word));
	buf_format(out, "  %s  ", code_name(flip_code(f)));
	add_title(out, f);
	buf_format(out, "\n  %" STR_FMT ", run %lld  ",
	           STR_ARG(report_when(cli->arena, f->time)),
	           (long long)f->run);
	report_plain(out, f->path);
	buf_format(out, "\n  %s: ", why == &f->was ? "then" : "now");
	report_plain(out, why->message);
	if (f->would.next_allowed_at)
		buf_format(out, "; until %" STR_FMT,
		           STR_ARG(report_when(cli->arena,
		                               f->would.next_allowed_at)));
	buf_add_char(out, '\n');
	if (f->would.rule.file.n)
		buf_format(out, "  rule: %" STR_FMT ":%u\n",
		           STR_ARG(f->would.rule.file), f->would.rule.line);
	buf_add_char(out, '\n');
}

static void add_flips(struct buf *out, const struct cli *cli,
                      const struct simulation *s)
{
	size_t n = s->flips.n;
	size_t limit = cli->options.limit ? (size_t)cli->options.limit : SHOWN;
	buf_format(out, "\n%s%zu flip%s\n\n", n > limit ? "the first of " : "",
	           n, plural((int64_t)n));
	for (size_t i = 0; i < n && i < limit; i++)
		add_flip(out, cli, &s->flips.at[i]);
	if (n > limit)
		buf_format(out,
		           "%zu more: --limit %zu, or all of them with "
		           "--format json\n",
		           n - limit, n);
}

static void add_text(struct buf *out, const struct cli *cli, struct str policy,
                     const struct simulation *s)
{
	struct arena *a = cli->arena;
	buf_format(out, "%lld recorded decision%s", (long long)s->decisions,
	           plural(s->decisions));
	if (cli->options.from_at)
		buf_format(out, " since %" STR_FMT,
		           STR_ARG(report_when(a, cli->options.from_at)));
	buf_format(out, ", judged again by the policy of %" STR_FMT ":\n",
	           STR_ARG(policy));
	report_tone(out, cli->color, TONE_BOLD,
	            str_format(a,
	                       "%lld flip%s, of %lld intent%s; %lld stay as "
	                       "they were",
	                       (long long)s->all.n, s->all.n == 1 ? "s" : "",
	                       (long long)s->intents, plural(s->intents),
	                       (long long)(s->same + s->other_code)));
	if (s->other_code)
		buf_format(out, " (%lld by another guardrail)",
		           (long long)s->other_code);
	buf_add(out, STR("\nThe past stays as it was: each decision is judged "
	                 "at its time, by what had\nrun, been used, built, "
	                 "approved and held until then. What a flip would "
	                 "have\nled to is not played on. Engines answer as "
	                 "they did.\n"));
	if (!s->all.n)
		return;
	add_tables(out, cli, s);
	add_flips(out, cli, s);
}

/* --- the command --------------------------------------------------------- */

static void add_json(struct jw *j, const struct cli *cli, struct str policy,
                     const struct simulation *s)
{
	const struct pass *p = &cli->pass;
	jw_put_str(j, "policy", policy);
	jw_put_opt(j, "policyTree",
	           str_of(p->worktree ? "" : oid_hex(&p->policy_tree).s));
	jw_put_when_opt(j, "since", cli->options.from_at);
	jw_key(j, "flips");
	jw_open(j, '[');
	for (size_t i = 0; i < s->flips.n; i++)
		flip_json(j, &s->flips.at[i]);
	jw_close(j);
	summary_json(j, s);
}

static enum exit_status broken_policy(struct cli *cli, struct answer *answer)
{
	report_findings(&answer->text, &cli->pass.findings, cli->color);
	jw_key(&answer->j, "flips");
	jw_open(&answer->j, '[');
	jw_close(&answer->j);
	jw_put_null(&answer->j, "summary");
	jw_key(&answer->j, "findings");
	findings_json(&answer->j, &cli->pass.findings);
	if (!answer_finish(answer))
		return cli_fail(cli);
	cli_say(cli, "dxcp: the policy has errors: nothing was judged");
	return EXIT_INVALID;
}

static enum exit_status run(struct cli *cli)
{
	struct simulation s;
	struct str policy = cli->options.revision;
	if (!cli_open_repo(cli))
		return cli_fail(cli);
	bool worktree = !policy.n && !repo_is_bare(cli->world.repo);
	if (!cli_open_policy(cli, policy, worktree))
		return cli_fail(cli);
	if (!policy.n)
		policy = worktree ? STR("the working tree") : STR("HEAD");
	struct answer *answer = answer_new(cli, "dxcp.simulate/1");
	if (cli->pass.findings.errors)
		return broken_policy(cli, answer);
	if (!cli_open_ledger(cli, LEDGER_READ) ||
	    !ledger_begin(cli->world.ledger, &cli->why))
		return cli_fail(cli);
	bool fine = simulate(&cli->world, &cli->pass, cli->options.from_at, &s,
	                     &cli->why);
	ledger_rollback(cli->world.ledger);
	if (!fine)
		return cli_fail(cli);
	if (answer->wants_json)
		add_json(&answer->j, cli, policy, &s);
	if (answer->wants_text)
		add_text(&answer->text, cli, policy, &s);
	return answer_finish(answer) ? EXIT_FINE : cli_fail(cli);
}

const struct command cmd_simulate = {
        .name = "simulate",
        .arguments = "",
        .summary = "judge the recorded history by another policy",
        .about =
                "Judge every recorded decision again, by the policy of the "
                "working tree or of REV, and\nsay which of them flip: what "
                "would have been denied, or waited, and what would have\nbeen "
                "allowed, by which rule. Each decision is judged by the code "
                "that judges in a\nrun, on the clock of its run, with what "
                "the ledger held then. The past stays as it\nwas: what a flip "
                "would have led to is not played on. Engines are not asked: "
                "what they\nanswered then counts. Quotas and slots are counted "
                "by the groups of the policy that\nis tried. Nothing is "
                "written.",
        .options = options,
        .run = run,
        .examples =
                "  $ dxcp simulate     what the edited policy/ would change\n"
                "  $ dxcp simulate --policy origin/freeze --since "
                "2026-11-01T00:00:00Z\n"
                "  $ dxcp simulate --format json | jq .summary.byCode",
};
