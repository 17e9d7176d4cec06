#include "runner/gather_private.h"

#include <assert.h>

/* --- requests ------------------------------------------------------------ */

static const char too_large[] = "the file is larger than 256 KiB";

static struct request undecodable(struct arena *a, struct str path,
                                  const struct oid *blob, const char *reason)
{
	struct request r = {.path = path,
	                    .blob = *blob,
	                    .service = request_path_service(path),
	                    .kind = INTENT_UNKNOWN,
	                    .invalid = DIAG_INVALID_REQUEST};
	request_more_new(a, &r)->invalid_why = str_of(reason);
	return r;
}

/* Parse and decode one intent, which lives in scratch. */
static struct request request_read(struct pass *p, struct arena *scratch,
                                   struct str path, const struct oid *blob,
                                   struct str text)
{
	struct source *src = source_new(scratch, path, text);
	struct diags ds = diags_new(scratch);
	struct intent *intent = ARENA_NEW(scratch, struct intent);
	intent_read(intent, scratch, src, &ds);
	struct request made = request_of(scratch, intent, src, blob, &ds);
	if (ds.n)
		diags_keep(&p->findings, &ds);
	return made;
}

/* Which files are to be judged, and by whom they were written. */
static bool find_files(struct world *w, struct pass *p,
                       const struct gather_range *range,
                       struct intent_files *files, struct waiting *waiting,
                       struct fail *why)
{
	bool read = p->worktree
	                    ? repo_worktree(w->repo, p->arena, "intents",
	                                    intent_file_add, files, why)
	                    : repo_changes(w->repo, &range->base_tree,
	                                   &p->intents_tree, STR("intents/"),
	                                   intent_file_add, files, why);
	if (!read)
		return fail_note(why, "reading intents/");
	struct origins origins = {.at = files->found.at, .n = files->found.n};
	if (p->worktree) {
		if (!gather_worktree(w, p, range, files, &origins, why))
			return false;
	} else if (origins.n && !repo_origins(w->repo, p->arena, &range->base,
	                                      &p->tip, "intents", "policy",
	                                      range->as_one, &origins, why)) {
		return fail_note(why, "finding who wrote the new intents");
	}
	if (range->with_waiting &&
	    !ledger_waiting(w->ledger, waiting_add, waiting, why))
		return fail_note(why, "reading the waiting intents");
	waiting_join(p, waiting, files, &origins);
	return true;
}

/* --- reading the requests ------------------------------------------------ */

/* Add what the file says to what git and the ledger say. */
static bool fill_request(struct world *w, struct pass *p, struct arena *scratch,
                         struct packed_request *packed,
                         const struct waited *waited, struct fail *why)
{
	bool sound;
	struct str text, path = packed_request_path(packed);
	struct request r;
	if (!gather_text(w, p, scratch, path, &packed->blob, &text, &sound,
	                 why))
		return false;
	if (sound)
		r = request_read(p, scratch, path, &packed->blob, text);
	else
		r = undecodable(scratch, path, &packed->blob, too_large);
	r.commit = packed->commit;
	r.mixed = packed->mixed;
	if (waited)
		waiting_set(scratch, &r, waited);
	*packed = packed_request_make(p->arena, &r);
	return true;
}

static const struct oid *blob_of(const void *pass, size_t i)
{
	return &((const struct pass *)pass)->requests.at[i].blob;
}

static bool fill_requests(struct world *w, struct pass *p,
                          const struct waiting *waiting, struct fail *why)
{
	struct arena *scratch = arena_new(), *ahead = arena_new();
	bool fine = true;
	if (!p->worktree)
		repo_read_ahead(w->repo, ahead, p->requests.n, blob_of, p);
	for (size_t i = 0; i < p->requests.n && fine; i++) {
		if (i % 1024 == 0)
			world_progress(w, "reading intents", (int64_t)i,
			               (int64_t)p->requests.n);
		fine = fill_request(w, p, scratch, &p->requests.at[i],
		                    waiting_find(waiting, i), why);
		arena_reset(scratch);
	}
	arena_free(ahead);
	arena_free(scratch);
	return fine;
}

static void add_requests(struct pass *p, const struct origin *at, size_t n)
{
	for (const struct origin *o = at; o && o < at + n; o++)
		*vec_add(p->arena, &p->requests) = (struct packed_request){
		        .path_text = o->path.s,
		        .path_bytes = (uint32_t)o->path.n,
		        .blob = o->blob,
		        .commit = o->commit,
		        .mixed = o->mixed,
		};
}

/* The files' list is as long as the requests' and is not needed beside it. */
static bool list_requests(struct world *w, struct pass *p,
                          const struct gather_range *range,
                          struct waiting *waiting, struct fail *why)
{
	struct arena *scratch = arena_new();
	struct intent_files files = {.pass = p, .arena = scratch};
	waiting->files = &files;
	repo_keep_trees(w->repo, scratch);
	bool fine = find_files(w, p, range, &files, waiting, why);
	if (fine) {
		vec_reserve(p->arena, &p->requests,
		            waiting->found.n + files.found.n);
		add_requests(p, waiting->found.at, waiting->found.n);
		add_requests(p, files.found.at, files.found.n);
	}
	waiting->files = NULL;
	arena_free(scratch);
	return fine;
}

bool gather_requests(struct world *w, struct pass *p,
                     const struct gather_range *range, struct fail *why)
{
	struct waiting waiting = {.world = w, .pass = p};
	if (!oid_is_zero(&range->base_tree))
		repo_read_few();
	if (!list_requests(w, p, range, &waiting, why) ||
	    !fill_requests(w, p, &waiting, why))
		return false;
	if (range->with_standing &&
	    !gather_standing(w, p, range, waiting.found.n, why))
		return false;
	gather_order(p);
	return true;
}

void gather_draft(struct pass *p, struct str path, const struct oid *blob,
                  struct str text)
{
	struct arena *scratch = arena_new();
	struct request made = request_read(p, scratch, path, blob, text);
	assert(p->worktree && p->ncommits);
	made.commit = (uint32_t)p->ncommits - 1;
	struct str *kept = ARENA_NEW(p->arena, struct str);
	*kept = text;
	map_put(&p->drafts, path, kept);
	*vec_add(p->arena, &p->requests) = packed_request_make(p->arena, &made);
	arena_free(scratch);
	gather_order(p);
}

bool gather_again(struct world *w, struct arena *a, struct str path,
                  const struct oid *blob, struct intent *intent,
                  struct request *request, struct fail *why)
{
	struct str bytes;
	if (!repo_blob(w->repo, a, blob, &bytes, why))
		return fail_note(why, "reading %" STR_FMT " again",
		                 STR_ARG(path));
	struct source *src = source_new(a, path, bytes);
	struct diags ds = diags_new(a);
	*intent = (struct intent){0};
	intent_read(intent, a, src, &ds);
	if (request)
		*request = request_of(a, intent, src, blob, &ds);
	return true;
}

bool gather_recorded(struct world *w, struct arena *a, struct str path,
                     const struct oid *blob, struct request *out,
                     struct fail *why)
{
	struct str bytes;
	uint64_t size;
	if (!repo_blob_capped(w->repo, a, blob, &bytes, &size, why))
		return fail_note(why, "reading %" STR_FMT, STR_ARG(path));
	if (size > SOURCE_MAX_BYTES) {
		*out = undecodable(a, path, blob, too_large);
		return true;
	}
	struct source *src = source_new(a, path, bytes);
	struct diags ds = diags_new(a);
	struct intent *intent = ARENA_NEW(a, struct intent);
	intent_read(intent, a, src, &ds);
	*out = request_of(a, intent, src, blob, &ds);
	return true;
}

bool gather_repository(struct world *w, struct pass *p, struct fail *why)
{
	struct ledger_head head;
	if (p->repository.n)
		return true;
	if (!ledger_head(w->ledger, p->arena, &head, why))
		return false;
	if (head.repository.n) {
		p->repository = head.repository;
		return true;
	}
	struct oid_hex id;
	if (!repo_id(w->repo, &p->tip, &id, why))
		return false;
	p->repository = str_copy(p->arena, str_of(id.s));
	return true;
}
