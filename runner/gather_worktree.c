#include "runner/gather_private.h"

#include <string.h>

/* The files of a tree that an older one does not have alike. */
static bool files_since(struct world *w, struct pass *p, struct arena *scratch,
                        const struct oid *old, struct intent_files *out,
                        struct fail *why)
{
	*out = (struct intent_files){
	        .pass = p, .arena = scratch, .quiet = true};
	return repo_changes(w->repo, old, &p->intents_tree, STR("intents/"),
	                    intent_file_add, out, why);
}

static bool has(const struct intent_files *files, const struct origin *o)
{
	size_t i = intent_file_find(files, o->path);
	return i < files->found.n && oid_eq(&files->found.at[i].blob, &o->blob);
}

/* Leaves what is to be judged: new since the base, or not committed. */
static bool drop_known(struct world *w, struct pass *p, struct arena *scratch,
                       const struct gather_range *range,
                       struct intent_files *files,
                       struct intent_files *committed, struct fail *why)
{
	static const struct oid nothing;
	struct intent_files tip;
	size_t n = 0;
	if (!files_since(w, p, scratch, &range->base_tree, committed, why) ||
	    !files_since(w, p, scratch, &nothing, &tip, why))
		return false;
	vec_each (struct origin, o, &files->found)
		if (!has(&tip, o) || has(committed, o))
			files->found.at[n++] = *o;
	files->found.n = n;
	return true;
}

static bool add_local(struct world *w, struct pass *p, struct origins *out,
                      struct fail *why)
{
	struct commit *all =
	        arena_array(p->arena, out->ncommits + 1, sizeof *all);
	struct commit *local = &all[out->ncommits];
	if (out->ncommits)
		memcpy(all, out->commits, out->ncommits * sizeof *all);
	if (!repo_identity(w->repo, p->arena, &local->author_name,
	                   &local->author_email, why))
		return false;
	local->id = p->tip;
	out->commits = all;
	out->ncommits++;
	return true;
}

bool gather_worktree(struct world *w, struct pass *p,
                     const struct gather_range *range,
                     struct intent_files *files, struct origins *out,
                     struct fail *why)
{
	struct arena *scratch = files->arena;
	struct intent_files committed;
	if (!drop_known(w, p, scratch, range, files, &committed, why))
		return false;
	size_t n = 0;
	struct origin *origins =
	        arena_array(scratch, files->found.n, sizeof *origins);
	vec_each (struct origin, o, &files->found)
		if (has(&committed, o))
			origins[n++] = *o;
	*out = (struct origins){.at = origins, .n = n};
	if (n && !repo_origins(w->repo, p->arena, &range->base, &p->tip,
	                       "intents", "policy", range->as_one, out, why))
		return false;
	if (!add_local(w, p, out, why))
		return false;
	n = 0;
	vec_each (struct origin, o, &files->found) {
		if (has(&committed, o))
			*o = origins[n++];
		else
			o->commit = (uint32_t)out->ncommits - 1;
	}
	return true;
}
