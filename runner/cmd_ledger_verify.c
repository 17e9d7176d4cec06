#include "core/checkpoint.h"
#include "core/ledger_proof.h"
#include "core/ledger_sync.h"

#include "core/base64.h"
#include "core/files.h"
#include "runner/agreement.h"
#include "runner/answer.h"
#include "runner/cmd_ledger.h"
#include "runner/report.h"
#include "runner/sync.h"

enum { SMALL_FILE_MAX = 64 * 1024 * 1024 };

/* --- keys and files --------------------------------------------------------
 */

bool ledger_cmd_read(struct cli *cli, struct str path, struct str *out)
{
	return file_read(out, cli->arena, str_cstr(cli->arena, path),
	                 SMALL_FILE_MAX, &cli->why);
}

bool ledger_cmd_note_key(struct cli *cli, struct note_key **out)
{
	struct str key = cli->options.key, text = key;
	struct arena *a = cli->arena;
	*out = NULL;
	if (!key.n)
		return true;
	struct note_key *signer = ARENA_NEW(a, struct note_key);
	struct fail ignored = {0};
	*out = signer;
	if (!file_exists(str_cstr(a, key)) &&
	    note_key_read(signer, a, text, &ignored))
		return true;
	if (!ledger_cmd_read(cli, key, &text) ||
	    !note_key_read(signer, a, text, &cli->why))
		return fail_note(&cli->why, "the key %" STR_FMT, STR_ARG(key));
	return true;
}

/* --- differences -----------------------------------------------------------
 */

struct verifying {
	struct cli *cli;
	struct answer *answer;
	struct arena *texts;
	VEC(struct difference) faults, others;
	struct ledger_soundness is;
	struct agreement git, engines;
};

static void keep(struct verifying *v, struct difference d)
{
	struct arena *a = v->texts;
	const struct diag_info *info = diag_info(d.code);
	d.place = str_copy(a, d.place);
	d.text = str_copy(a, d.text);
	d.hint = d.hint.n ? str_copy(a, d.hint) : str_of(info->hint);
	if (d.integrity)
		*vec_add(a, &v->faults) = d;
	else
		*vec_add(a, &v->others) = d;
}

static void keep_fault(void *context, const struct ledger_fault *f)
{
	keep(context, (struct difference){.code = f->code,
	                                  .integrity = true,
	                                  .seq = f->seq,
	                                  .since = f->time,
	                                  .place = f->place,
	                                  .text = f->text,
	                                  .hint = f->hint});
}

static void keep_difference(void *context, const struct difference *d)
{
	keep(context, *d);
}

static void put_json(struct jw *j, const struct difference *d, int64_t now)
{
	const struct diag_info *info = diag_info(d->code);
	jw_open(j, '{');
	jw_put_str(j, "code", str_of(info->name));
	jw_put_str(j, "level", str_of(diag_level_name(info->level)));
	jw_put_str(j, "place", d->place);
	if (d->seq)
		jw_put_int(j, "seq", d->seq);
	else
		jw_put_null(j, "seq");
	jw_put_str(j, "message", d->text);
	jw_put_opt(j, "hint", d->hint);
	jw_put_when_opt(j, "since", d->since);
	if (d->since && now >= d->since)
		jw_put_int(j, "ageSeconds", now - d->since);
	else
		jw_put_null(j, "ageSeconds");
	jw_close(j);
}

static void put_text(struct buf *out, struct cli *cli,
                     const struct difference *d)
{
	const struct diag_info *info = diag_info(d->code);
	int64_t now = world_now(&cli->world);
	report_tone(out, cli->color,
	            info->level == DIAG_ERROR     ? TONE_BAD
	            : info->level == DIAG_WARNING ? TONE_WARN
	                                          : TONE_DIM,
	            str_of(info->name));
	buf_add(out, STR("  "));
	report_plain(out, d->place);
	buf_add(out, STR(": "));
	report_plain(out, d->text);
	if (d->since) {
		struct str when = report_when(cli->arena, d->since);
		buf_format(out, " (%s %" STR_FMT ")",
		           now >= d->since ? "since" : "from", STR_ARG(when));
	}
	buf_add(out, STR("\n  next: "));
	report_plain(out, d->hint);
	buf_add_char(out, '\n');
}

/* --- the ledger ------------------------------------------------------------
 */

static bool read_checkpoint(struct cli *cli, struct checkpoint **out)
{
	struct str text;
	struct note_key *key;
	*out = NULL;
	if (!cli->options.checkpoint.n)
		return true;
	*out = ARENA_NEW(cli->arena, struct checkpoint);
	return ledger_cmd_read(cli, cli->options.checkpoint, &text) &&
	       checkpoint_read(*out, cli->arena, text, &cli->why) &&
	       ledger_cmd_note_key(cli, &key) &&
	       (!key || checkpoint_verify(cli->arena, *out, key, &cli->why));
}

/* A ledger that lies somewhere by itself has no git to be compared with. */
static bool has_repository(struct cli *cli)
{
	struct fail before = cli->why;
	struct oid tip;
	if (cli_open_repo(cli) &&
	    repo_resolve(cli->world.repo, STR("HEAD"), &tip, &cli->why))
		return true;
	cli->why = before;
	return false;
}

static bool compare_git(struct verifying *v)
{
	struct cli *cli = v->cli;
	struct fail why = {0};
	/* Of a damaged ledger the rest may be nonsense. */
	if (v->is.faults || !has_repository(cli))
		return true;
	if (agreement_with_git(&cli->world, &v->git, keep_difference, v, &why))
		return true;
	if (why.kind != FAIL_SYSTEM && why.kind != FAIL_INPUT) {
		cli->why = why;
		return false;
	}
	v->git.incomplete = true;
	keep(v, (struct difference){.code = DIAG_GIT_NOT_COMPLETE,
	                            .place = STR("git"),
	                            .text = str_of(why.text),
	                            .hint = str_of(why.hint)});
	return true;
}

/* The file and its copy in git; a file that was named has none. */
static bool compare_copy(struct verifying *v)
{
	struct cli *cli = v->cli;
	struct world *w = &cli->world;
	struct ledger_standing is;
	struct sync *s;
	if (cli->options.ledger.n || !cli->has_pass || !cli->pass.policy)
		return true;
	if (!sync_open(&s, w, cli->pass.policy, &cli->why))
		return false;
	if (oid_is_zero(&s->commit))
		return true;
	if (!ledger_compare(w->ledger, w->repo, &s->commit, &is, &cli->why))
		return false;
	int64_t least = is.file < is.copy ? is.file : is.copy;
	bool parted = is.common < least;
	struct difference d = {
	        .code = parted ? DIAG_LEDGER_COPY_DIFFERS
	                       : DIAG_LEDGER_COPY_NOT_EVEN,
	        .integrity = parted,
	        .place = str_of(s->ref),
	        .text = str_format(cli->arena,
	                           "it has %" STR_FMT
	                           " and the file %lld; up to event %lld they "
	                           "are the same",
	                           STR_ARG(str_count(cli->arena, is.copy,
	                                             "event", "events")),
	                           (long long)is.file, (long long)is.common)};
	v->git.faults += parted;
	/* A run that finds nothing to do is not pushed. */
	bool even = is.file == is.copy, news = true;
	if (!parted && is.file > is.copy &&
	    !ledger_has_news(w->ledger, is.copy, &news, &cli->why))
		return false;
	if (parted || (!even && news))
		keep(v, d);
	return true;
}

static bool compare_engines(struct verifying *v)
{
	struct cli *cli = v->cli;
	if (!cli->options.engine || v->is.faults)
		return true;
	if (!cli_open_policy(cli, STR(""), false))
		return false;
	if (cli->pass.findings.errors)
		return fail_set(&cli->why, FAIL_INPUT,
		                "the policy has errors: which engines there "
		                "are is not known; see `dxcp check`");
	return agreement_with_engines(&cli->world, cli->pass.policy,
	                              &v->engines, keep_difference, v,
	                              &cli->why);
}

static enum exit_status status_of(const struct verifying *v)
{
	if (v->is.faults || v->git.faults)
		return EXIT_LEDGER;
	for (size_t i = 0; i < v->others.n; i++)
		if (diag_info(v->others.at[i].code)->level == DIAG_ERROR)
			return EXIT_ENGINE;
	return v->git.incomplete || v->engines.incomplete ? EXIT_ENGINE
	                                                  : EXIT_FINE;
}

static void put_list(struct verifying *v, const char *key,
                     const struct difference *at, size_t n)
{
	struct jw *j = &v->answer->j;
	jw_key(j, key);
	jw_open(j, '[');
	for (size_t i = 0; i < n; i++) {
		put_json(j, &at[i], world_now(&v->cli->world));
		put_text(&v->answer->text, v->cli, &at[i]);
	}
	jw_close(j);
}

static void put_counts(struct verifying *v)
{
	struct answer *answer = v->answer;
	struct jw *j = &answer->j;
	struct buf *out = &answer->text;
	struct str root = base64_encode(
	        v->cli->arena,
	        (struct str){(const char *)v->is.root.b, MERKLE_HASH});
	int64_t faults = v->is.faults + v->git.faults;
	jw_put_int(j, "events", v->is.events);
	jw_put_str(j, "root", root);
	jw_put_int(j, "intents", v->git.intents);
	jw_put_int(j, "pending", v->git.pending);
	jw_put_int(j, "deployments", v->engines.deployments);
	jw_put_bool(j, "sound", faults == 0);
	struct arena *a = v->cli->arena;
	buf_format(out, "%s: %" STR_FMT ", %" STR_FMT "\n",
	           v->cli->world.ledger_path,
	           STR_ARG(str_count(a, v->is.events, "event", "events")),
	           STR_ARG(str_count(a, faults, "fault", "faults")));
	if (v->git.intents || v->git.pending)
		buf_format(out,
		           "git: %" STR_FMT " looked up, %" STR_FMT
		           " for a run\n",
		           STR_ARG(str_count(a, v->git.intents, "decision",
		                             "decisions")),
		           STR_ARG(str_count(a, v->git.pending, "intent waits",
		                             "intents wait")));
	if (v->cli->options.engine)
		buf_format(out, "engines: asked about %" STR_FMT "\n",
		           STR_ARG(str_count(a, v->engines.deployments,
		                             "deployment", "deployments")));
}

static enum exit_status verify_ledger(struct cli *cli)
{
	struct checkpoint *than;
	struct verifying v = {.cli = cli, .texts = cli->arena};
	if (!read_checkpoint(cli, &than) ||
	    !cli_open_ledger_file(cli, LEDGER_READ) ||
	    !ledger_begin(cli->world.ledger, &cli->why) ||
	    !ledger_verify(cli->world.ledger, than, keep_fault, &v, &v.is,
	                   &cli->why) ||
	    !compare_git(&v) || !compare_copy(&v) || !compare_engines(&v))
		return cli_fail(cli);
	ledger_rollback(cli->world.ledger);
	v.answer = answer_new(cli, "dxcp.verify/1");
	put_list(&v, "faults", v.faults.at, v.faults.n);
	put_list(&v, "differences", v.others.at, v.others.n);
	put_counts(&v);
	return answer_finish(v.answer) ? status_of(&v) : cli_fail(cli);
}

/* --- a proof ---------------------------------------------------------------
 */

/* "  2026-03-02T10:00:00Z  deployment.created" */
static void put_record(struct buf *out, struct arena *a, struct str record)
{
	struct fail ignored = {0};
	json_t *e;
	if (!json_read(&e, a, record, &ignored))
		return;
	buf_add(out, STR("  "));
	report_plain(out, json_get_str(e, "time"));
	buf_add(out, STR("  "));
	report_plain(out, json_get_str(e, "type"));
	if (json_get_str(e, "actor").n) {
		buf_add(out, STR("  "));
		report_plain(out, json_get_str(e, "actor"));
	}
	buf_add_char(out, '\n');
}

static void put_proof(struct answer *answer, const struct checked_proof *p,
                      const struct note_key *key)
{
	struct jw *j = &answer->j;
	struct buf *out = &answer->text;
	jw_put_bool(j, "holds", true);
	jw_put_bool(j, "signed", key != NULL);
	jw_put_str(j, "origin", p->checkpoint.origin);
	jw_put_int(j, "size", (int64_t)p->checkpoint.size);
	if (p->number) {
		jw_put_int(j, "number", p->number);
		buf_format(out, "%zu events of deployment %lld are in",
		           p->nevents, (long long)p->number);
	} else {
		jw_put_int(j, "from", (int64_t)p->old);
		buf_format(out, "the ledger of %llu events is continued by",
		           (unsigned long long)p->old);
	}
	buf_add(out, STR(" the ledger "));
	report_plain(out, p->checkpoint.origin);
	buf_format(out, " of %llu events%s\n",
	           (unsigned long long)p->checkpoint.size,
	           key ? ", as its key has signed"
	               : "; without --key, whoever made this may have made "
	                 "that up");
	jw_key(j, "events");
	jw_open(j, '[');
	for (size_t i = 0; i < p->nevents; i++) {
		jw_raw(j, p->events[i].record);
		put_record(out, answer->cli->arena, p->events[i].record);
	}
	jw_close(j);
}

static enum exit_status verify_proof(struct cli *cli)
{
	struct str text;
	struct note_key *key;
	struct checked_proof proof;
	if (!ledger_cmd_note_key(cli, &key) ||
	    !ledger_cmd_read(cli, cli->options.proof_file, &text) ||
	    !ledger_proof_check(&proof, cli->arena, text, key, &cli->why))
		return cli_fail(cli);
	struct answer *answer = answer_new(cli, "dxcp.verify-proof/1");
	put_proof(answer, &proof, key);
	return answer_finish(answer) ? EXIT_FINE : cli_fail(cli);
}

enum exit_status ledger_cmd_verify(struct cli *cli)
{
	return cli->options.proof_file.n ? verify_proof(cli)
	                                 : verify_ledger(cli);
}
