#include "runner/site.h"

#include "core/ledger_sync.h"
#include "core/when.h"
#include "runner/guard.h"
#include "runner/sources.h"

/* templates/ and site/ of the commit, which stand in for the built-in ones. */
struct overrides {
	struct cli *cli;
	const struct oid *commit;
	VEC(const struct source *) files;
};

static bool add_override(void *context, const struct change *c,
                         struct fail *why)
{
	struct overrides *o = context;
	struct arena *a = o->cli->arena;
	struct str text;
	if (c->type != ENTRY_FILE)
		return true;
	if (!repo_blob(o->cli->world.repo, a, &c->blob, &text, why))
		return fail_note(why, "reading %" STR_FMT, STR_ARG(c->path));
	*vec_add(a, &o->files) = source_new(a, str_copy(a, c->path), text);
	return true;
}

static bool read_overrides(struct overrides *o)
{
	static const char *const folders[] = {"site", "templates"};
	static const struct oid none;
	struct cli *cli = o->cli;
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		struct oid tree;
		struct str prefix = str_format(cli->arena, "%s/", folders[i]);
		if (!repo_tree(cli->world.repo, o->commit, folders[i], &tree,
		               &cli->why) ||
		    !repo_changes(cli->world.repo, &none, &tree, prefix,
		                  add_override, o, &cli->why))
			return false;
	}
	return true;
}

static struct guardrail_text *guardrail_texts(struct arena *a)
{
	struct guardrail_text *texts =
	        arena_array(a, guard_count, sizeof *texts);
	for (size_t i = 0; i < guard_count; i++)
		texts[i] = (struct guardrail_text){
		        guards[i].name, guards[i].title, guards[i].about};
	return texts;
}

/* --- of another time ---------------------------------------------------- */

struct moment_of {
	struct site_wanted wanted;
	int64_t now;
	struct str commit; /* to look for among the runs; hex */
	bool found;
};

static bool find_run(void *context, const struct recorded_run *r,
                     struct fail *why)
{
	struct moment_of *m = context;
	(void)why;
	if (!m->found && r->finished_at && str_eq(r->commit, m->commit)) {
		m->found = true;
		m->now = r->finished_at;
	}
	return true;
}

static bool time_of_commit(struct cli *cli, struct moment_of *m)
{
	struct oid id;
	struct commit commit;
	if (!repo_resolve(cli->world.repo, m->wanted.at, &id, &cli->why) ||
	    !repo_commit(cli->world.repo, cli->arena, &id, &commit, &cli->why))
		return fail_note(&cli->why, "--at takes a time or a revision");
	m->commit = str_copy(cli->arena, str_of(oid_hex(&id).s));
	m->wanted.head = m->commit;
	m->now = commit.committed_at;
	return ledger_runs(cli->world.ledger, 0, find_run, m, &cli->why);
}

/* The commit that the last run read, as far as the ledger goes. */
static bool commit_of_ledger(struct cli *cli, struct moment_of *m)
{
	static const struct oid none;
	struct ledger_head head;
	if (m->wanted.head.n)
		return true;
	if (!ledger_head(cli->world.ledger, cli->arena, &head, &cli->why))
		return false;
	if (!oid_eq(&head.commit, &none))
		m->wanted.head =
		        str_copy(cli->arena, str_of(oid_hex(&head.commit).s));
	return true;
}

static bool go_back(struct cli *cli, struct moment_of *m)
{
	if (!when_parse(m->wanted.at, &m->now) && !time_of_commit(cli, m))
		return false;
	return ledger_read_until(&cli->world.ledger, cli->arena, m->now,
	                         &cli->why) &&
	       commit_of_ledger(cli, m);
}

/* --- rendering ---------------------------------------------------------- */

/* What is at hand: a render fetches nothing. */
static bool measure_changes(struct render_input *in, struct cli *cli)
{
	struct sources sources;
	struct insight_question q = {.policy = in->policy};
	insight_production(in->policy, cli->arena, &q);
	if (!sources_open(&sources, cli, in->policy, STR(""), STR("")) ||
	    !sources_changes(&in->changes, cli, &sources, &q))
		return false;
	size_t n = in->changes && q.nenvironments > 1 ? q.nenvironments : 0;
	const struct insight_changes **of =
	        arena_array(cli->arena, n + 1, sizeof *of);
	for (size_t i = 0; i < n; i++) {
		struct insight_question one = q;
		one.environments = &q.environments[i];
		one.nenvironments = 1;
		if (!sources_changes(&of[i], cli, &sources, &one))
			return false;
	}
	in->changes_of = n ? of : NULL;
	return true;
}

static bool write_site(struct cli *cli, const struct moment_of *m,
                       struct pass *pass, struct diags *ds,
                       struct render_result *out)
{
	struct overrides overrides = {.cli = cli, .commit = &pass->tip};
	struct str remote = STR("");
	if (!repo_remote_url(cli->world.repo, cli->arena, "origin", &remote,
	                     &cli->why) ||
	    !read_overrides(&overrides))
		return false;
	struct render_input in = {
	        .policy = pass->policy,
	        .commit = str_copy(cli->arena, str_of(oid_hex(&pass->tip).s)),
	        .policy_tree = str_copy(cli->arena,
	                                str_of(oid_hex(&pass->policy_tree).s)),
	        .version = dxcp_version,
	        .repository_url = remote,
	        .ledger = cli->world.ledger,
	        .now = m->now,
	        .out_dir = m->wanted.out_dir,
	        .overrides = overrides.files.at,
	        .noverrides = overrides.files.n,
	        .guardrails = guardrail_texts(cli->arena),
	        .nguardrails = guard_count,
	        .progress = cli->world.progress,
	        .progress_context = cli->world.progress_context,
	};
	return measure_changes(&in, cli) &&
	       render_site(&in, cli->arena, ds, out, &cli->why);
}

bool site_render(struct cli *cli, const struct site_wanted *wanted,
                 struct diags *ds, struct render_result *out)
{
	struct moment_of m = {.wanted = *wanted, .now = world_now(&cli->world)};
	struct pass pass = {0};
	*out = (struct render_result){0};
	/* The ledger is opened once: the next rendering may be of later. */
	if (!cli->world.ledger && (!cli_open_policy(cli, STR(""), false) ||
	                           !cli_open_ledger(cli, LEDGER_READ)))
		return false;
	struct ledger *whole = cli->world.ledger;
	bool fine = (!wanted->at.n || go_back(cli, &m)) &&
	            gather_policy(&cli->world, &pass, m.wanted.head, false,
	                          &cli->why);
	if (fine && pass.findings.errors) {
		cli_say(cli, "dxcp: the policy has errors: no site is written");
		diags_keep(ds, &pass.findings);
	} else if (fine)
		fine = write_site(cli, &m, &pass, ds, out);
	cli->world.ledger = whole;
	return fine;
}
