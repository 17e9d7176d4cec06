#include "runner/gather_private.h"

#include "runner/rulings.h"

#include <stdlib.h>
#include <string.h>

static int by_path(const void *path, const void *request)
{
	return str_cmp(*(const struct str *)path, packed_request_path(request));
}

/* Whether a path is one of the change's, which are the requests from `first`
   on, by path. */
static bool is_of_change(const struct pass *p, size_t first, struct str path)
{
	size_t n = p->requests.n - first;
	return n && bsearch(&path, p->requests.at + first, n,
	                    sizeof *p->requests.at, by_path);
}

static bool find(struct world *w, struct pass *p,
                 const struct gather_range *range, size_t first,
                 struct intent_files *files, struct fail *why)
{
	size_t n = 0;
	if (!repo_changes(w->repo, &range->standing_tree, &p->intents_tree,
	                  STR("intents/"), intent_file_add, files, why))
		return false;
	vec_each (struct origin, o, &files->found)
		if (!is_of_change(p, first, o->path))
			files->found.at[n++] = *o;
	files->found.n = n;
	return true;
}

/* Those commits behind the pass's own. */
static void add_commits(struct pass *p, const struct origins *origins)
{
	size_t n = p->ncommits + origins->ncommits;
	struct commit *all = arena_array(p->arena, n, sizeof *all);
	if (p->ncommits)
		memcpy(all + origins->ncommits, p->commits,
		       p->ncommits * sizeof *all);
	memcpy(all, origins->commits, origins->ncommits * sizeof *all);
	vec_each (struct packed_request, r, &p->requests)
		if (r->commit < p->ncommits)
			r->commit += (uint32_t)origins->ncommits;
	p->commits = all;
	p->ncommits = n;
}

/* What would be dispatched does not count: a run may have done so long since,
   in a ledger that is not here. */
static bool add(struct world *w, struct pass *p, struct arena *scratch,
                const struct origin *o, struct fail *why)
{
	struct request r;
	if (!gather_recorded(w, scratch, o->path, &o->blob, &r, why))
		return false;
	if (r.invalid != DIAG_NONE ||
	    (r.kind != INTENT_BUILD && !rulings_are(r.kind)))
		return true;
	r.commit = o->commit;
	r.mixed = o->mixed;
	struct packed_request *packed = vec_add(p->arena, &p->requests);
	*packed = packed_request_make(p->arena, &r);
	packed->standing = true;
	return true;
}

static bool add_found(struct world *w, struct pass *p,
                      const struct gather_range *range,
                      const struct intent_files *files, struct fail *why)
{
	struct origins origins = {.at = files->found.at, .n = files->found.n};
	if (!origins.n)
		return true;
	if (!repo_origins(w->repo, p->arena, &range->standing, &p->tip,
	                  "intents", "policy", false, &origins, why))
		return fail_note(why, "finding who wrote the intents");
	add_commits(p, &origins);
	struct arena *scratch = arena_new();
	bool fine = true;
	for (size_t i = 0; i < origins.n && fine; i++) {
		fine = add(w, p, scratch, &origins.at[i], why);
		arena_reset(scratch);
	}
	arena_free(scratch);
	return fine;
}

bool gather_standing(struct world *w, struct pass *p,
                     const struct gather_range *range, size_t first,
                     struct fail *why)
{
	struct intent_files files = {
	        .pass = p, .arena = arena_new(), .quiet = true};
	bool fine = find(w, p, range, first, &files, why) ||
	            fail_note(why, "reading intents/");
	fine = fine && add_found(w, p, range, &files, why);
	arena_free(files.arena);
	return fine;
}
