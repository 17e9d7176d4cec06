/* gather: the policy of a revision, or of the working tree. */
#include "runner/gather_private.h"

struct policy_files {
	struct world *world;
	struct pass *pass;
	VEC(struct source *) sources;
};

static bool add_policy_file(void *context, const struct change *c,
                            struct fail *why)
{
	struct policy_files *files = context;
	struct pass *p = files->pass;
	bool sound;
	enum signer_file keys =
	        c->type == ENTRY_FILE ? signer_file(c->path) : SIGNERS_NONE;
	if (keys == SIGNERS_NONE && !gather_counts(p, c, false))
		return true;
	struct str path = str_copy(p->arena, c->path), text;
	if (!gather_text(files->world, p, p->arena, path, &c->blob, &text,
	                 &sound, why))
		return false;
	if (sound && keys != SIGNERS_NONE)
		signers_add(p->signers, keys, text);
	else if (sound)
		*vec_add(p->arena, &files->sources) =
		        source_new(p->arena, path, text);
	return true;
}

/* A policy that trusts nobody lets nobody act. */
static void find_signers_missing(struct pass *p)
{
	const struct choice *identity = &p->policy->platform.identity;
	if (identity->is == IDENTITY_SIGNED && !p->signers->ssh.n &&
	    !p->signers->openpgp.n)
		diag_add(&p->findings, DIAG_SIGNERS_MISSING, identity->at,
		         "neither policy/allowed_signers nor a key in "
		         "policy/allowed_keys/ says who may sign");
}

static bool read_policy(struct world *w, struct pass *p, struct fail *why)
{
	static const struct oid none;
	struct policy_files files = {.world = w, .pass = p};
	bool read = p->worktree ? repo_worktree(w->repo, p->arena, "policy",
	                                        add_policy_file, &files, why)
	                        : repo_changes(w->repo, &none, &p->policy_tree,
	                                       STR("policy/"), add_policy_file,
	                                       &files, why);
	if (!read)
		return fail_note(why, "reading policy/");
	p->policy = policy_read(p->arena, files.sources.at, files.sources.n,
	                        &p->findings);
	find_signers_missing(p);
	return true;
}

bool gather_policy(struct world *w, struct pass *p, struct str revision,
                   bool worktree, struct fail *why)
{
	*p = (struct pass){.arena = w->arena,
	                   .worktree = worktree,
	                   .signers = signers_new(w->arena),
	                   .drafts = map_new(w->arena),
	                   .findings = diags_new(w->arena)};
	if (!revision.n)
		revision = STR("HEAD");
	return repo_resolve(w->repo, revision, &p->tip, why) &&
	       repo_tree(w->repo, &p->tip, "policy", &p->policy_tree, why) &&
	       repo_tree(w->repo, &p->tip, "intents", &p->intents_tree, why) &&
	       read_policy(w, p, why);
}

bool gather_policy_tree(struct world *w, struct arena *a,
                        const struct oid *tree, struct policy **out,
                        struct fail *why)
{
	struct pass p = {.arena = a,
	                 .policy_tree = *tree,
	                 .signers = signers_new(a),
	                 .findings = diags_new(a)};
	if (!read_policy(w, &p, why))
		return false;
	*out = p.policy;
	return true;
}
