/* doctor: what has to be right before a run can work, each with what to do
   where it is not. Looks, and changes nothing. */
#include "runner/answer.h"
#include "runner/cmd.h"
#include "runner/engine.h"
#include "runner/hooks.h"
#include "runner/intent_file.h"
#include "runner/report.h"
#include "runner/sync.h"

#include "core/files.h"
#include "core/schema.h"

#include <string.h>
#include <unistd.h>

enum health { HEALTH_OK, HEALTH_WARN, HEALTH_FAIL };

/* Seconds by which clocks of two machines may differ. */
enum { CLOCK_SLACK = 300 };

struct doctor {
	struct cli *cli;
	struct answer *answer;
	int count[3];
	bool invalid, ledger, engine; /* what failed, for the exit status */
};

static void check(struct doctor *d, enum health health, const char *name,
                  struct str detail, struct str fix)
{
	static const struct {
		const char *word, *status;
		enum tone tone;
	} faces[] = {
	        [HEALTH_OK] = {"ok  ", "ok", TONE_GOOD},
	        [HEALTH_WARN] = {"warn", "warn", TONE_WARN},
	        [HEALTH_FAIL] = {"FAIL", "fail", TONE_BAD},
	};
	struct jw *j = &d->answer->j;
	struct buf *out = &d->answer->text;
	d->count[health]++;
	report_tone(out, d->cli->color, faces[health].tone,
	            str_of(faces[health].word));
	buf_format(out, "  %-16s ", name);
	report_plain(out, detail);
	buf_add_char(out, '\n');
	if (fix.n) {
		buf_format(out, "%23snext: ", "");
		report_plain(out, fix);
		buf_add_char(out, '\n');
	}
	jw_open(j, '{');
	jw_put_str(j, "name", str_of(name));
	jw_put_str(j, "status", str_of(faces[health].status));
	jw_put_str(j, "detail", detail);
	jw_put_opt(j, "fix", fix);
	jw_close(j);
}

/* A failure becomes a line, and is forgotten. */
static void check_failed(struct doctor *d, const char *name)
{
	struct fail *why = &d->cli->why;
	struct arena *a = d->cli->arena;
	d->ledger |= why->kind == FAIL_INTEGRITY;
	d->engine |= why->kind != FAIL_INTEGRITY;
	check(d, HEALTH_FAIL, name, str_copy(a, str_of(why->text)),
	      str_copy(a, str_of(why->hint)));
	*why = (struct fail){0};
}

/* --- git ----------------------------------------------------------------- */

static bool check_repository(struct doctor *d)
{
	struct cli *cli = d->cli;
	if (!cli_open_repo(cli)) {
		check_failed(d, "repository");
		return false;
	}
	struct repo *r = cli->world.repo;
	struct str root = str_of(repo_root(r));
	if (repo_is_shallow(r))
		check(d, HEALTH_WARN, "repository",
		      str_format(cli->arena, "%" STR_FMT ", a shallow clone",
		                 STR_ARG(root)),
		      STR("git fetch --unshallow: runs look for who wrote an "
		          "intent"));
	else
		check(d, HEALTH_OK, "repository", root, STR(""));
	return true;
}

static bool check_head(struct doctor *d, struct commit *head)
{
	struct cli *cli = d->cli;
	struct oid id;
	if (!repo_resolve(cli->world.repo, STR("HEAD"), &id, &cli->why) ||
	    !repo_commit(cli->world.repo, cli->arena, &id, head, &cli->why)) {
		check_failed(d, "commit");
		return false;
	}
	check(d, HEALTH_OK, "commit",
	      str_format(cli->arena, "%.7s %" STR_FMT, oid_hex(&id).s,
	                 STR_ARG(head->subject)),
	      STR(""));
	return true;
}

/* --- policy -------------------------------------------------------------- */

static struct str policy_words(struct cli *cli)
{
	const struct policy *p = cli->pass.policy;
	const struct {
		size_t n;
		const char *one, *many;
	} of[] = {{p->services.n, "service", "services"},
	          {p->environments.n, "environment", "environments"},
	          {p->groups.n, "group", "groups"},
	          {p->recipes.n, "recipe", "recipes"},
	          {p->platform.engines.n, "engine", "engines"}};
	struct buf b = buf_new(cli->arena, 512);
	for (size_t i = 0; i < sizeof of / sizeof *of; i++)
		buf_format(&b, "%s%" STR_FMT, i ? ", " : "",
		           STR_ARG(str_count(cli->arena, (int64_t)of[i].n,
		                             of[i].one, of[i].many)));
	return buf_str(&b);
}

static void put_findings(struct doctor *d, struct diags *ds, const char *name)
{
	struct cli *cli = d->cli;
	diags_sort(ds);
	for (size_t i = 0; i < ds->n; i++) {
		const struct diag *f = &ds->at[i];
		const struct diag_info *info = diag_info(f->code);
		struct location at = location_of(f->at);
		check(d, info->level == DIAG_ERROR ? HEALTH_FAIL : HEALTH_WARN,
		      name,
		      str_format(cli->arena, "%" STR_FMT ":%u:%u: %" STR_FMT,
		                 STR_ARG(at.file), at.line, at.column,
		                 STR_ARG(f->message)),
		      f->hint.n ? f->hint : str_of(info->hint));
	}
}

/* Whether it may be used to look further. */
static bool check_policy(struct doctor *d)
{
	struct cli *cli = d->cli;
	if (!cli_open_policy(cli, STR(""), false)) {
		check_failed(d, "policy");
		return false;
	}
	size_t errors = cli->pass.findings.errors;
	size_t warnings = cli->pass.findings.warnings;
	d->invalid |= errors > 0;
	if (errors || warnings)
		check(d, errors ? HEALTH_FAIL : HEALTH_WARN, "policy",
		      str_format(cli->arena, "%zu error%s, %zu warning%s",
		                 errors, errors == 1 ? "" : "s", warnings,
		                 warnings == 1 ? "" : "s"),
		      errors ? STR("correct what follows: nothing is judged "
		                   "until then")
		             : STR(""));
	else
		check(d, HEALTH_OK, "policy", policy_words(cli), STR(""));
	put_findings(d, &cli->pass.findings, "policy finding");
	return !errors;
}

static void check_identity(struct doctor *d)
{
	static const struct {
		unsigned bit;
		const char *name;
	} roles[] = {{ROLE_PLATFORM_ADMIN, "platform admin"},
	             {ROLE_DELIVERY_OWNER, "delivery owner"},
	             {ROLE_CI_PUBLISHER, "CI publisher"},
	             {ROLE_OBSERVER, "observer"}};
	struct cli *cli = d->cli;
	struct str name, email;
	bool owns;
	if (!repo_identity(cli->world.repo, cli->arena, &name, &email,
	                   &cli->why)) {
		check_failed(d, "identity");
		return;
	}
	if (!email.n) {
		check(d, HEALTH_WARN, "identity", STR("git knows no email"),
		      STR("git config user.email you@example.com"));
		return;
	}
	unsigned has = policy_roles(cli->pass.policy, email, NULL, &owns);
	struct buf text = buf_new(cli->arena, 4096);
	buf_format(&text, "%" STR_FMT ": ", STR_ARG(email));
	bool any = false;
	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
		if (!(has & roles[i].bit))
			continue;
		buf_format(&text, "%s%s", any ? ", " : "", roles[i].name);
		any = true;
	}
	if (any)
		check(d, HEALTH_OK, "identity", buf_str(&text), STR(""));
	else
		check(d, HEALTH_WARN, "identity",
		      str_format(cli->arena, "%" STR_FMT " has no role",
		                 STR_ARG(email)),
		      str_of(diag_info(DIAG_AUTHZ_ROLE_REQUIRED)->hint));
}

/* --- ledger -------------------------------------------------------------- */

/* The file, or the nearest folder above it that is there. */
static bool may_write(struct cli *cli, const char *path)
{
	struct str at = str_of(path);
	while (!file_exists(str_cstr(cli->arena, at))) {
		size_t n = at.n;
		while (n && at.s[n - 1] != '/')
			n--;
		if (!n)
			return !access(".", W_OK);
		at.n = n > 1 ? n - 1 : n;
		if (n == 1)
			break;
	}
	return !access(str_cstr(cli->arena, at), W_OK);
}

static void check_ledger(struct doctor *d, struct ledger_head *head)
{
	struct cli *cli = d->cli;
	struct world *w = &cli->world;
	if (!cli_open_ledger(cli, LEDGER_READ) ||
	    !ledger_head(w->ledger, cli->arena, head, &cli->why)) {
		check_failed(d, "ledger");
		return;
	}
	if (!may_write(cli, w->ledger_path)) {
		d->engine = true;
		check(d, HEALTH_FAIL, "ledger",
		      str_format(cli->arena, "%s cannot be written",
		                 w->ledger_path),
		      STR("give this user the right to write, or name another "
		          "file with --ledger"));
		return;
	}
	if (!ledger_exists(w->ledger)) {
		check(d, HEALTH_OK, "ledger",
		      str_format(cli->arena,
		                 "%s, not there yet: the first run makes it",
		                 w->ledger_path),
		      STR(""));
		return;
	}
	check(d, HEALTH_OK, "ledger",
	      str_format(cli->arena, "%s, schema %d, %" STR_FMT ", %" STR_FMT,
	                 w->ledger_path, LEDGER_SCHEMA,
	                 STR_ARG(str_count(cli->arena, head->events, "event",
	                                   "events")),
	                 STR_ARG(str_count(cli->arena, head->runs, "run",
	                                   "runs"))),
	      STR(""));
}

/* Of who may read alone it is nothing to worry about: runs push, in CI. */
static void check_push(struct doctor *d, const struct sync *s,
                       const struct oid *there)
{
	struct cli *cli = d->cli;
	struct fail *why = &cli->why;
	bool behind = !oid_eq(there, &s->commit);
	if (!sync_may_push(&cli->world, s, why)) {
		check(d, HEALTH_WARN, "ledger in git",
		      str_copy(cli->arena, str_of(why->text)),
		      str_copy(cli->arena, str_of(why->hint)));
		*why = (struct fail){0};
		return;
	}
	check(d, HEALTH_OK, "ledger in git",
	      str_format(cli->arena, "%s at %s: %s; it can be pushed to",
	                 s->ref, s->remote,
	                 oid_is_zero(there) ? "not there yet"
	                 : behind           ? "more than was fetched here"
	                                    : "all of it is here"),
	      STR(""));
}

static void check_copy(struct doctor *d)
{
	struct cli *cli = d->cli;
	struct sync *s;
	struct oid there;
	if (!sync_open(&s, &cli->world, cli->pass.policy, &cli->why)) {
		check_failed(d, "ledger in git");
		return;
	}
	if (!s->remote)
		check(d, HEALTH_OK, "ledger in git",
		      str_format(cli->arena,
		                 "%s, in this clone alone: it has no remote "
		                 "origin",
		                 s->ref),
		      STR(""));
	else if (sync_look(&cli->world, s, &there, &cli->why))
		check_push(d, s, &there);
	else
		check_failed(d, "ledger in git");
}

/* --- engines ------------------------------------------------------------- */

static void engine_is_wrong(struct doctor *d, const struct engine *engine,
                            const char *name, enum engine_answer answer,
                            struct str text)
{
	enum diag_code code =
	        answer == ENGINE_NO_ACCESS ? DIAG_ENGINE_UNAUTHORIZED
	        : answer == ENGINE_IS_DOWN ? DIAG_ENGINE_UNAVAILABLE
	                                   : DIAG_ENGINE_MISCONFIGURED;
	struct location at = location_of(engine->at);
	d->engine = true;
	check(d, HEALTH_FAIL, name,
	      text.n ? text : str_of(diag_info(code)->summary),
	      str_format(d->cli->arena, "look at %" STR_FMT ":%u",
	                 STR_ARG(at.file), at.line));
}

static void check_engine(struct doctor *d, const struct engine *engine)
{
	struct cli *cli = d->cli;
	struct str text = {0};
	const char *name =
	        str_format(cli->arena, "engine %" STR_FMT, STR_ARG(engine->id))
	                .s;
	struct engine_session *session =
	        engine_session(&cli->world, cli->pass.policy, engine);
	enum engine_answer answer =
	        session->ops->examine(session, cli->arena, &text);
	if (answer != ENGINE_READY) {
		engine_is_wrong(d, engine, name, answer, text);
		return;
	}
	check(d, HEALTH_OK, name,
	      str_format(cli->arena, "%s: %" STR_FMT, session->ops->type,
	                 STR_ARG(text)),
	      STR(""));
}

/* What the engines have against the recipes. */
static void check_recipes(struct doctor *d)
{
	struct cli *cli = d->cli;
	struct diags found = diags_new(cli->arena);
	bool is_told = d->engine; /* that one is away */
	if (!engine_inspect(&cli->world, cli->pass.policy, &found))
		d->engine = true;
	d->engine |= found.errors > 0;
	for (size_t i = 0; is_told && i < found.n;)
		if (found.at[i].code == DIAG_ENGINE_NOT_REACHED)
			found.at[i] = found.at[--found.n];
		else
			i++;
	put_findings(d, &found, "recipe");
}

/* --- hooks --------------------------------------------------------------- */

static void check_hook(struct doctor *d, const struct hook *hook)
{
	struct arena *a = d->cli->arena;
	struct str text = {0};
	const char *name =
	        str_format(a, "hook %" STR_FMT, STR_ARG(hook->id.s)).s;
	if (hook_examine(&d->cli->world, a, hook, &text)) {
		check(d, HEALTH_OK, name, text, STR(""));
		return;
	}
	bool lax = hook->on_failure.is == ON_FAILURE_ALLOW;
	struct location at = location_of(hook->id.at);
	d->engine |= !lax;
	check(d, lax ? HEALTH_WARN : HEALTH_FAIL, name, text,
	      str_format(a,
	                 "look at %" STR_FMT
	                 ":%u; until then it %s all that it is asked about",
	                 STR_ARG(at.file), at.line, lax ? "allows" : "denies"));
}

/* --- time ---------------------------------------------------------------- */

static void check_zones(struct doctor *d)
{
	const struct zone *zone;
	struct cli *cli = d->cli;
	if (zone_find(&zone, cli->arena, STR("Europe/Berlin"), &cli->why)) {
		check(d, HEALTH_OK, "time zones",
		      STR("the tz database is here"), STR(""));
		return;
	}
	cli->why = (struct fail){0};
	d->engine = true;
	check(d, HEALTH_FAIL, "time zones",
	      STR("the tz database is not here: Europe/Berlin is unknown"),
	      STR("install it (Debian: apt-get install tzdata)"));
}

/* A clock that lags behind what git and the ledger saw is wrong. */
static void check_clock(struct doctor *d, const struct commit *head,
                        const struct ledger_head *ledger)
{
	struct cli *cli = d->cli;
	int64_t now = world_now(&cli->world);
	const char *how = cli->world.clock_given ? " (given by --now)" : "";
	struct str text = str_format(cli->arena, "%s%s", when_text(now).s, how);
	struct str fix = cli->world.clock_given
	                         ? STR("")
	                         : STR("set the clock of this machine");
	if (now + CLOCK_SLACK < ledger->finished_at)
		check(d, HEALTH_WARN, "clock",
		      str_format(cli->arena,
		                 "%" STR_FMT
		                 " is before the last run, which ended %s",
		                 STR_ARG(text),
		                 when_text(ledger->finished_at).s),
		      fix);
	else if (now + CLOCK_SLACK < head->committed_at)
		check(d, HEALTH_WARN, "clock",
		      str_format(
		              cli->arena,
		              "%" STR_FMT " is before the last commit, made %s",
		              STR_ARG(text), when_text(head->committed_at).s),
		      fix);
	else
		check(d, HEALTH_OK, "clock", text, STR(""));
}

/* --- schemas ------------------------------------------------------------- */

/* What editors read, where the repository has it: of another version of dxcp
   they would say other things than the program. */
static void check_schemas(struct doctor *d)
{
	static const char *const names[] = {"intent", "policy"};
	struct arena *a = d->cli->arena;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct str path = intent_file_schema(a, names[i]), there;
		const char *file =
		        str_format(a, "%s%" STR_FMT,
		                   repo_root(d->cli->world.repo), STR_ARG(path))
		                .s;
		struct fail why = {0};
		if (!file_exists(file))
			continue;
		struct buf text = buf_new(a, SCHEMA_MAX_BYTES);
		schema_write(&text, schema_find(str_of(names[i])),
		             SCHEMA_DRAFT_07);
		bool same =
		        file_read(&there, a, file, SCHEMA_MAX_BYTES, &why) &&
		        str_eq(there, buf_str(&text));
		if (same)
			continue;
		check(d, HEALTH_WARN, "schemas",
		      str_format(a, "%" STR_FMT " is not that of this dxcp",
		                 STR_ARG(path)),
		      STR("dxcp schema policy intent --out " SCHEMA_FOLDER));
	}
}

/* --- the command --------------------------------------------------------- */

static void examine(struct doctor *d)
{
	struct commit head = {0};
	struct ledger_head ledger = {0};
	check(d, HEALTH_OK, "program",
	      str_format(d->cli->arena, "dxcp %s", dxcp_version), STR(""));
	if (check_repository(d) && check_head(d, &head)) {
		bool usable = check_policy(d);
		if (usable) {
			check_identity(d);
			vec_each (const struct engine, engine,
			          &d->cli->pass.policy->platform.engines)
				check_engine(d, engine);
			check_recipes(d);
			const struct policy *p = d->cli->pass.policy;
			for (size_t i = 0; i < p->hooks.n; i++)
				check_hook(d, p->hooks.at[i]);
		}
		if (usable || d->cli->options.ledger.n)
			check_ledger(d, &ledger);
		if (usable && !d->cli->options.ledger.n)
			check_copy(d);
		check_schemas(d);
	}
	check_zones(d);
	check_clock(d, &head, &ledger);
}

static enum exit_status doctor(struct cli *cli)
{
	struct doctor d = {.cli = cli};
	d.answer = answer_new(cli, "dxcp.doctor/1");
	jw_key(&d.answer->j, "checks");
	jw_open(&d.answer->j, '[');
	examine(&d);
	jw_close(&d.answer->j);
	buf_format(&d.answer->text, "\n%d fine, %d to look at, %d wrong\n",
	           d.count[HEALTH_OK], d.count[HEALTH_WARN],
	           d.count[HEALTH_FAIL]);
	if (!answer_finish(d.answer))
		return cli_fail(cli);
	if (d.invalid)
		return EXIT_INVALID;
	if (d.ledger)
		return EXIT_LEDGER;
	return d.engine ? EXIT_ENGINE : EXIT_FINE;
}

const struct command cmd_doctor = {
        .name = "doctor",
        .arguments = "",
        .summary = "is everything set up? what to do where it is not",
        .about =
                "Look at the repository, the policy, your roles, the ledger "
                "and its copy at the\nremote, the engines, the clock and the "
                "tz database, and say what to do where\nsomething is wrong. Changes nothing.\nExit "
                "status 3 for errors in the policy, 4 for an engine or the "
                "system, 5 for the\nledger.",
        .run = doctor,
        .examples = "  $ dxcp doctor\n"
                    "  $ dxcp doctor --format json",
};
