/* can-i: what somebody may do, before anything is written: an intent is made
   up, judged as the next run would, and gone. */
#include "runner/answer.h"
#include "runner/cmd.h"
#include "runner/decide.h"
#include "runner/draft.h"
#include "runner/identity.h"
#include "runner/judge.h"
#include "runner/report.h"
#include "runner/run.h"
#include "runner/trial.h"

static const struct option options[] = {
        OPTION("as", 0, TEXT, identity, "EMAIL",
               "for this person (default: who would commit here)"),
        OPTION("at", 0, TIME, at_time, "TIME",
               "at this time, with what is known now"),
        OPTION("list", 'l', FLAG, list, NULL,
               "what the person may do, in every service and environment"),
        OPTION("all", 'a', FLAG, all, NULL,
               "with --list: also where the answer is no"),
        OPTION("trace", 0, FLAG, trace, NULL, "show what every guardrail said"),
        OPTION("fail-on", 0, TEXT, fail_on, "WHAT",
               "waiting: exit 7 where it would have to wait"),
        {0},
};

/* What a verb is asked about. */
enum form { OF_VERSION, OF_PLACE, OF_BUILD, OF_INTENT, OF_RELEASE };
static const struct verb {
	const char *name;
	enum intent_kind kind;
	enum form form;
} verbs[] = {
        {"deploy", INTENT_DEPLOY, OF_VERSION},
        {"promote", INTENT_PROMOTE, OF_VERSION},
        {"rollback", INTENT_ROLLBACK, OF_VERSION},
        {"hold", INTENT_HOLD, OF_VERSION},
        {"incident", INTENT_INCIDENT, OF_PLACE},
        {"build", INTENT_BUILD, OF_BUILD},
        {"release", INTENT_RELEASE, OF_RELEASE},
        {"approve", INTENT_APPROVAL, OF_INTENT},
        {"cancel", INTENT_CANCEL, OF_INTENT},
};
enum { VERBS = sizeof verbs / sizeof *verbs, LISTED = 3 };

/* What follows the verb. */
static const struct form_words {
	const char *words;
	int least, most;
} forms[] = {
        [OF_VERSION] = {"SERVICE ENVIRONMENT [VERSION]", 2, 3},
        [OF_PLACE] = {"SERVICE ENVIRONMENT", 2, 2},
        [OF_BUILD] = {"SERVICE [VERSION]", 1, 2},
        [OF_INTENT] = {"INTENT", 1, 1},
        [OF_RELEASE] = {"ENVIRONMENT SERVICE@VERSION...", 2, ARGS_MAX - 1},
};

static const char *const answers[] = {
        [OUTCOME_ALLOW] = "yes",
        [OUTCOME_WAIT] = "wait",
        [OUTCOME_DENY] = "no",
        [OUTCOME_REPLAY] = "yes",
};

struct question {
	struct cli *cli;
	const struct verb *verb;
	struct trial trial;
	struct str path;
	/* The answer. */
	bool own; /* an approval of who wrote the intent: it would not count */
	enum outcome outcome, decided;
	enum diag_code code;
	int64_t next_allowed_at;
	struct str email, role, message, hint;
	struct location rule;
	struct buf json, trace; /* where they are wanted */
};

/* --- judging it ---------------------------------------------------------- */

/* Judge once more without the version: guardrails about it have nothing to
   look at then. */
static void of_any_version(const struct facts *f, struct decision *d,
                           struct arena *a)
{
	struct facts *g = ARENA_NEW(a, struct facts);
	struct request *r = ARENA_NEW(a, struct request);
	*g = *f;
	*r = *f->request;
	r->version = STR("");
	r->version_at = (struct spot){0};
	g->request = r;
	g->registered = NULL;
	g->hold = NULL;
	g->undone = NULL;
	d->request = r;
	judge(d, g, true, a);
}

static void keep_answer(struct question *q, const struct decision *d)
{
	struct arena *a = q->cli->arena;
	q->outcome = q->decided = d->outcome;
	q->code = d->code;
	q->next_allowed_at = d->next_allowed_at;
	q->email = str_copy(a, d->actor.email);
	q->role = str_of(d->actor.role);
	q->message = str_copy(a, d->message);
	q->hint = str_copy(a, d->hint);
	for (size_t i = 0; i < d->ntrace && d->code != DIAG_NONE; i++)
		if (d->trace[i].code == d->code) {
			q->rule = d->trace[i].rule;
			break;
		}
	if (q->cli->options.list)
		return;
	struct jw j = jw_new(&q->json);
	jw_open(&j, '{');
	decision_json(&j, d);
	jw_close(&j);
	report_decision_text(&q->trace, q->cli->color, true, d, NULL);
}

static bool take(void *context, const struct decision *judged,
                 const struct facts *f, struct arena *scratch, struct fail *why)
{
	struct question *q = context;
	struct decision d = *judged;
	bool takes_version = q->verb->kind == INTENT_DEPLOY ||
	                     q->verb->kind == INTENT_HOLD ||
	                     q->verb->kind == INTENT_BUILD;
	(void)why;
	if (!str_eq(d.request->path, q->path))
		return true;
	if (takes_version && !q->trial.version.n)
		of_any_version(f, &d, scratch);
	keep_answer(q, &d);
	return true;
}

static bool judge_question(struct question *q)
{
	struct cli *cli = q->cli;
	struct pass *p = &cli->pass;
	struct str text = trial_text(cli->arena, p->policy, &q->trial,
	                             world_now(&cli->world));
	struct oid blob;
	struct decide_options how = {.ask_hooks = q->trial.version.n ||
	                                          q->trial.nmembers,
	                             .hooks_about = &p->drafts,
	                             .with_tokens = !cli->options.list,
	                             .with_trace = true};
	if (!repo_blob_id(cli->world.repo, text, &blob, &cli->why))
		return false;
	gather_draft(p, q->path, &blob, text);
	return decide(&cli->world, p, &how, take, q, &cli->why);
}

/* --- approvals ----------------------------------------------------------- */

/* The intent that it is about, as everybody else can read it. */
static bool read_digest(struct question *q)
{
	struct cli *cli = q->cli;
	return q->verb->form != OF_INTENT ||
	       repo_file(cli->world.repo, &cli->pass.tip,
	                 str_cstr(cli->arena, q->trial.of), &q->trial.digest,
	                 &cli->why);
}

/* Whoever wrote the intent may record an approval of it, which then does not
   count: nobody who asks means that. */
static bool find_own(struct question *q)
{
	static const struct oid all;
	struct cli *cli = q->cli;
	struct pass committed = cli->pass;
	struct origin of = {.path = q->trial.of, .blob = q->trial.digest};
	struct origins origins = {.at = &of, .n = 1};
	struct identity author;
	if (q->verb->kind != INTENT_APPROVAL || q->outcome != OUTCOME_ALLOW ||
	    oid_is_zero(&q->trial.digest))
		return true;
	if (!repo_origins(cli->world.repo, cli->arena, &all, &cli->pass.tip,
	                  "intents", "policy", false, &origins, &cli->why))
		return false;
	if (of.commit == UINT32_MAX)
		return true;
	committed.worktree = false;
	if (!identity_of(&cli->world, &committed, cli->arena,
	                 &origins.commits[of.commit], &author, &cli->why))
		return false;
	q->own = str_eq_nocase(author.email, q->email);
	if (q->own)
		q->outcome = OUTCOME_DENY;
	return true;
}

/* What the working tree brings; then who asks, as if of a later commit. */
static bool gather(struct cli *cli)
{
	struct pass *p = &cli->pass;
	if (!check_gather(&cli->world, p, STR(""), &cli->why))
		return false;
	struct commit *all =
	        arena_array(cli->arena, p->ncommits + 1, sizeof *all);
	memcpy(all, p->commits, p->ncommits * sizeof *all);
	all[p->ncommits] = all[p->ncommits - 1];
	if (cli->options.identity.n)
		all[p->ncommits].author_email = cli->options.identity;
	p->commits = all;
	p->ncommits++;
	return true;
}

static struct str path_of(struct cli *cli, struct str service)
{
	return intent_file_path(cli->arena, repo_root(cli->world.repo), service,
	                        world_now(&cli->world), STR("can-i"));
}

/* --- one answer ---------------------------------------------------------- */

/* "checkout 1.4.2 to prod" */
static void add_title(struct buf *out, const struct question *q)
{
	const struct trial *t = &q->trial;
	enum form form = q->verb->form;
	for (size_t i = 0; i < t->nmembers; i++) {
		buf_add(out, i ? STR(", ") : STR(""));
		report_plain(out, t->members[i]);
	}
	report_plain(out, form == OF_INTENT ? t->of : t->service);
	if (form == OF_VERSION || form == OF_BUILD) {
		buf_add_char(out, ' ');
		report_plain(out,
		             t->version.n ? t->version : STR("(any version)"));
	}
	if (t->environment.n) {
		buf_add(out, form == OF_PLACE ? STR(" in ") : STR(" to "));
		report_plain(out, t->environment);
	}
	buf_add_char(out, '\n');
}

static void add_answer(struct buf *out, const struct question *q)
{
	static const enum tone tones[] = {
	        [OUTCOME_ALLOW] = TONE_GOOD,
	        [OUTCOME_WAIT] = TONE_WARN,
	        [OUTCOME_DENY] = TONE_DENY,
	        [OUTCOME_REPLAY] = TONE_GOOD,
	};
	report_tone(out, q->cli->color, tones[q->outcome],
	            str_of(answers[q->outcome]));
	buf_add(out, STR("  "));
	report_plain(out, q->email);
	buf_format(out, " (%" STR_FMT "): %s ",
	           STR_ARG(q->role.n ? q->role : STR("no role")),
	           q->verb->name);
	add_title(out, q);
	if (q->own)
		buf_add(out, STR("  their own: an author's approval does not "
		                 "count\n  next: Ask another owner of the "
		                 "group, or a platform admin.\n"));
	if (q->code == DIAG_NONE)
		return;
	buf_format(out, "  %s: ", diag_info(q->code)->name);
	report_plain(out, q->message);
	buf_add_char(out, '\n');
	if (q->rule.file.n)
		buf_format(out, "  rule: %" STR_FMT ":%u\n",
		           STR_ARG(q->rule.file), q->rule.line);
	if (q->next_allowed_at)
		buf_format(
		        out, "  earliest: %" STR_FMT "\n",
		        STR_ARG(report_when(out->arena, q->next_allowed_at)));
	buf_add(out, STR("  next: "));
	report_plain(out, q->hint);
	buf_add_char(out, '\n');
}

/* As `check` has it. */
static void add_json(struct answer *answer, const struct question *q)
{
	struct jw *j = &answer->j;
	const struct pass *p = &answer->cli->pass;
	jw_put_str(j, "answer", str_of(answers[q->outcome]));
	jw_put_bool(j, "own", q->own);
	jw_put_str(j, "commit", str_of(oid_hex(&p->tip).s));
	jw_put_null(j, "policyTree");
	jw_put_when(j, "now", world_now(&answer->cli->world));
	jw_key(j, "decisions");
	jw_open(j, '[');
	jw_raw(j, buf_str(&q->json));
	jw_close(j);
	jw_key(j, "findings");
	jw_open(j, '[');
	jw_close(j);
	jw_key(j, "summary");
	jw_open(j, '{');
	for (int i = 0; i < OUTCOME_COUNT; i++)
		jw_put_int(j, outcome_names[i], i == (int)q->decided);
	jw_put_int(j, "invalid", 0);
	jw_close(j);
}

static enum exit_status ask_one(struct cli *cli, struct question *q)
{
	enum exit_status bad = draft_open(cli);
	if (bad || (q->trial.service.n &&
	            (bad = draft_service(cli, q->trial.service))))
		return bad;
	struct answer *answer = answer_new(cli, "dxcp.check/1");
	q->path = path_of(cli, q->trial.service);
	q->json = buf_new(cli->arena, ANSWER_MAX);
	q->trace = buf_new(cli->arena, ANSWER_MAX);
	if (!gather(cli) || !read_digest(q) || !judge_question(q) ||
	    !find_own(q))
		return cli_fail(cli);
	add_json(answer, q);
	add_answer(&answer->text, q);
	if (cli->options.trace) {
		buf_add_char(&answer->text, '\n');
		buf_add(&answer->text, buf_str(&q->trace));
	}
	if (!answer_finish(answer))
		return cli_fail(cli);
	if (q->outcome == OUTCOME_DENY)
		return EXIT_DENIED;
	return q->outcome == OUTCOME_WAIT && cli->options.fail_on.n
	               ? EXIT_WAITING
	               : EXIT_FINE;
}

/* --- all ----------------------------------------------------------------- */

struct listing {
	struct cli *cli;
	struct answer *answer;
	struct table table;
	size_t rows;
	struct str email;
};

static struct str cell(struct arena *a, const struct question *q)
{
	if (q->code == DIAG_NONE)
		return str_of(answers[q->outcome]);
	return str_format(a, "%s %s", answers[q->outcome],
	                  diag_info(q->code)->name);
}

static void put_ability(struct jw *j, const struct question *q)
{
	jw_open(j, '{');
	jw_put_str(j, "verb", str_of(q->verb->name));
	jw_put_str(j, "service", q->trial.service);
	jw_put_str(j, "environment", q->trial.environment);
	jw_put_str(j, "answer", str_of(answers[q->outcome]));
	jw_put_opt(j, "code", str_of(diag_info(q->code)->name));
	jw_put_when_opt(j, "nextAllowedAt", q->next_allowed_at);
	jw_close(j);
}

/* Each by itself: what one answer would use up is not gone for the next. */
static bool list_place(struct listing *l, struct str service,
                       struct str environment)
{
	struct cli *cli = l->cli;
	struct str cells[LISTED];
	bool any = cli->options.all;
	for (size_t i = 0; i < LISTED; i++) {
		struct question q = {.cli = cli,
		                     .verb = &verbs[i],
		                     .trial = {.kind = verbs[i].kind,
		                               .service = service,
		                               .environment = environment},
		                     .path = path_of(cli, service)};
		cli->pass.requests.n = 0;
		if (!judge_question(&q))
			return false;
		put_ability(&l->answer->j, &q);
		cells[i] = cell(cli->arena, &q);
		any |= q.outcome != OUTCOME_DENY;
		l->email = q.email;
	}
	if (!any)
		return true;
	l->rows++;
	table_add(&l->table, service);
	table_add(&l->table, environment);
	for (size_t i = 0; i < LISTED; i++)
		table_add(&l->table, cells[i]);
	return true;
}

static bool list_group(struct listing *l, const struct group *g)
{
	const struct str *only = l->cli->args;
	const struct group_environment *first = g->environments.at;
	for (size_t s = 0; s < g->services.n; s++) {
		struct str service = g->services.at[s].s;
		if ((only[0].n && !str_eq(only[0], service)) ||
		    !intent_file_is_folder(service))
			continue;
		for (size_t e = 0; e < g->environments.n; e++) {
			struct str environment = first[e].name.s;
			if (only[1].n && !str_eq(only[1], environment))
				continue;
			if (!list_place(l, service, environment))
				return false;
		}
	}
	return true;
}

static enum exit_status list(struct cli *cli)
{
	static const char *const head[] = {"service", "environment", "deploy",
	                                   "promote", "rollback"};
	enum exit_status bad = cli->args[0].n ? draft_begin(cli, cli->args[0])
	                                      : draft_open(cli);
	if (bad)
		return bad;
	struct answer *answer = answer_new(cli, "dxcp.can-i/1");
	struct listing l = {.cli = cli,
	                    .answer = answer,
	                    .table = table_new(cli->arena, 2 + LISTED, head)};
	if (!gather(cli))
		return cli_fail(cli);
	jw_put_when(&answer->j, "now", world_now(&cli->world));
	jw_key(&answer->j, "abilities");
	jw_open(&answer->j, '[');
	vec_each (struct group *const, g, &cli->pass.policy->groups)
		if (!list_group(&l, *g))
			return cli_fail(cli);
	jw_close(&answer->j);
	jw_put_opt(&answer->j, "identity", l.email);
	if (l.rows)
		table_print(&answer->text, &l.table, cli->color);
	else
		buf_add(&answer->text, STR("nothing; --all shows why\n"));
	return answer_finish(answer) ? EXIT_FINE : cli_fail(cli);
}

/* --- the command --------------------------------------------------------- */

static enum exit_status unknown_verb(struct cli *cli)
{
	struct buf known = buf_new(cli->arena, 256);
	for (size_t i = 0; i < VERBS; i++)
		buf_format(&known, "%s%s", i ? ", " : "", verbs[i].name);
	return cli_usage(cli, "can-i: \"%" STR_FMT "\" is not one of %" STR_FMT,
	                 STR_ARG(str_brief(cli->arena, cli->args[0], 80)),
	                 STR_ARG(buf_str(&known)));
}

/* What follows the verb. */
static enum exit_status read_words(struct cli *cli, struct question *q)
{
	const struct form_words *form = &forms[q->verb->form];
	const struct str *words = cli->args + 1;
	struct trial *t = &q->trial;
	struct draft d;
	int n = cli->nargs - 1;
	if (n < form->least || n > form->most || !words[0].n)
		return cli_usage(cli, "can-i %s wants %s", q->verb->name,
		                 form->words);
	t->kind = q->verb->kind;
	if (q->verb->form == OF_INTENT) {
		enum exit_status bad = draft_path(cli, words[0], &d);
		t->of = words[0];
		t->service = d.service;
		return bad;
	}
	if (q->verb->form == OF_RELEASE) {
		t->environment = words[0];
		t->members = words + 1;
		t->nmembers = (size_t)n - 1;
		return EXIT_FINE;
	}
	t->service = words[0];
	if (q->verb->form != OF_BUILD)
		t->environment = words[1];
	if (n == form->most && q->verb->form != OF_PLACE)
		t->version = words[n - 1];
	return EXIT_FINE;
}

static enum exit_status can_i(struct cli *cli)
{
	const struct options *o = &cli->options;
	struct str *args = cli->args;
	struct question q = {.cli = cli};
	if (o->fail_on.n && !str_is(o->fail_on, "waiting"))
		return cli_usage(cli, "--fail-on: only \"waiting\" is known");
	if (o->at_time) {
		cli->world.clock_given = true;
		cli->world.clock = o->at_time;
	}
	if (o->list)
		return cli->nargs > 2
		               ? cli_usage(cli, "can-i --list takes a service "
		                                "and an environment at most")
		               : list(cli);
	for (size_t i = 0; i < VERBS; i++)
		if (cli->nargs && str_is(args[0], verbs[i].name))
			q.verb = &verbs[i];
	if (cli->nargs && !q.verb)
		return unknown_verb(cli);
	if (!q.verb)
		return cli_usage(cli, "can-i wants a verb; or --list");
	enum exit_status bad = read_words(cli, &q);
	if (bad)
		return bad;
	return ask_one(cli, &q);
}

const struct command cmd_can_i = {
        .name = "can-i",
        .arguments = "VERB SERVICE ENVIRONMENT [VERSION]",
        .summary = "ask whether something would be allowed",
        .about =
                "Ask whether somebody could do something, as the next run "
                "would decide: yes, no with\nthe code, the rule and the next "
                "step, or wait with the time. What follows the verb:\n\n"
                "  deploy, promote, rollback, hold   SERVICE ENVIRONMENT "
                "[VERSION]\n"
                "  incident                          SERVICE ENVIRONMENT\n"
                "  build                             SERVICE [VERSION]\n"
                "  release                           ENVIRONMENT "
                "SERVICE@VERSION...\n"
                "  approve, cancel                   INTENT\n\n"
                "Without VERSION what depends on the version is not asked (of "
                "a promotion and a\nrollback: the version that it would take). "
                "The policy and the other intents are those\nof the working "
                "tree; engines are not asked, hooks only about a version. "
                "Nothing is\nwritten. Exit status 1 where the answer is no; "
                "one that waits is 0, or 7 with\n--fail-on waiting.",
        .options = options,
        .max_args = ARGS_MAX,
        .run = can_i,
        .examples =
                "  $ dxcp can-i deploy checkout prod 1.4.2\n"
                "  $ dxcp can-i promote checkout prod --as bo@example.com\n"
                "  $ dxcp can-i approve intents/checkout/deploy-1.4.2.yaml\n"
                "  $ dxcp can-i rollback checkout prod --at "
                "2026-12-24T20:00:00Z\n"
                "  $ dxcp can-i --list --as bo@example.com",
};
