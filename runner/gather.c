#include "runner/gather_private.h"

#include "runner/rulings.h"

#include <assert.h>
#include <stdlib.h>

/* --- names --------------------------------------------------------------- */

enum { PATH_MAX_BYTES = 1024 };

static bool name_is_sound(struct str path)
{
	if (path.n > PATH_MAX_BYTES)
		return false;
	for (size_t i = 0; i < path.n; i++) {
		char c = path.s[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      (c >= '0' && c <= '9') || c == '.' || c == '_' ||
		      c == '-' || c == '/'))
			return false;
	}
	return true;
}

static struct span whole_file(struct pass *p, struct str path)
{
	path = str_copy(p->arena, path);
	return (struct span){source_new(p->arena, path, STR("")), 0, 0};
}

/*
 * Whether an entry is a file to read: CONTRACT section 1. What is not, and
 * should have been, is a finding.
 */
static bool entry_counts(struct pass *p, const struct change *c, bool quiet)
{
	if (quiet)
		return c->type == ENTRY_FILE && name_is_sound(c->path) &&
		       str_ends(c->path, STR(".yaml"));
	if (c->type != ENTRY_FILE) {
		diag_add(&p->findings, DIAG_NOT_A_REGULAR_FILE,
		         whole_file(p, c->path),
		         "a %s stands where only regular files count",
		         c->type == ENTRY_LINK ? "symbolic link" : "submodule");
		return false;
	}
	if (!name_is_sound(c->path)) {
		diag_add(&p->findings, DIAG_INVALID_PATH,
		         whole_file(p, c->path),
		         "the name has characters outside A-Z a-z 0-9 . _ -, "
		         "or more than %d of them",
		         PATH_MAX_BYTES);
		return false;
	}
	if (str_ends(c->path, STR(".yml")))
		diag_add(&p->findings, DIAG_MISPLACED_FILE,
		         whole_file(p, c->path),
		         "only *.yaml is read; this file is not");
	return str_ends(c->path, STR(".yaml"));
}

/* --- policy -------------------------------------------------------------- */

struct policy_files {
	struct world *world;
	struct pass *pass;
	VEC(struct source *) sources;
};

static void find_too_large(struct pass *p, struct str path, uint64_t size)
{
	struct span whole = {source_new(p->arena, path, STR("")), 0, 0};
	diag_add(&p->findings, DIAG_FILE_TOO_LARGE, whole,
	         "the file has %llu bytes; at most %d are read",
	         (unsigned long long)size, SOURCE_MAX_BYTES);
}

/*
 * The bytes of a blob, or of the file in the working tree. A file over the cap
 * is the user's error, not the environment's: a finding, and *sound is false.
 */
static bool read_text(struct world *w, struct pass *p, struct arena *a,
                      struct str path, const struct oid *blob, struct str *out,
                      bool *sound, struct fail *why)
{
	uint64_t size = 0;
	if (p->worktree ? !repo_worktree_file(w->repo, a, path, out, why)
	                : !repo_blob_capped(w->repo, a, blob, out, &size, why))
		return fail_note(why, "reading %" STR_FMT, STR_ARG(path));
	*sound = size <= SOURCE_MAX_BYTES;
	if (!*sound)
		find_too_large(p, path, size);
	return true;
}

static bool add_policy_file(void *context, const struct change *c,
                            struct fail *why)
{
	struct policy_files *files = context;
	struct pass *p = files->pass;
	bool sound;
	enum signer_file keys =
	        c->type == ENTRY_FILE ? signer_file(c->path) : SIGNERS_NONE;
	if (keys == SIGNERS_NONE && !entry_counts(p, c, false))
		return true;
	struct str path = str_copy(p->arena, c->path), text;
	if (!read_text(files->world, p, p->arena, path, &c->blob, &text, &sound,
	               why))
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

/* --- requests ------------------------------------------------------------ */

/* What an earlier run said of a waiting intent. */
struct waited {
	bool waited;
	enum diag_code code;
	int64_t since; /* of its first record */
	bool gone;     /* its file stands at the tip no more */
};

bool intent_file_add(void *context, const struct change *c, struct fail *why)
{
	struct intent_files *files = context;
	(void)why;
	if (!entry_counts(files->pass, c, files->quiet))
		return true;
	struct origin *o = vec_add(files->arena, &files->found);
	o->path = str_copy(files->pass->arena, c->path);
	o->blob = c->blob;
	o->commit = UINT32_MAX;
	return true;
}

static const char too_large[] = "the file is larger than 256 KiB";

static struct request undecodable(struct arena *a, struct str path,
                                  const struct oid *blob, const char *reason)
{
	struct request r = {.path = path,
	                    .blob = *blob,
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

/* --- waiting intents ----------------------------------------------------- */

struct waiting {
	struct world *world;
	struct pass *pass;
	struct intent_files *files;
	VEC(struct commit) commits;
	VEC(struct origin) found;
	VEC(struct waited) waited; /* beside found */
	struct waited *again;      /* beside files->found */
};

size_t intent_file_find(const struct intent_files *files, struct str path)
{
	size_t low = 0, high = files->found.n;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = str_cmp(files->found.at[mid].path, path);
		if (!order)
			return mid;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return files->found.n;
}

/* Behind the kill switch even what must never go only waits: that its change
   was a mixed one was known when it came, and is not looked for again. */
static bool was_mixed(const json_t *doc)
{
	const json_t *also = json_object_get(doc, "also");
	const char *mixed = diag_info(DIAG_POLICY_AND_INTENT_MIXED)->name;
	for (size_t i = 0; i < json_array_size(also); i++)
		if (str_is(str_of(json_string_value(json_array_get(also, i))),
		           mixed))
			return true;
	return false;
}

/* What the recorded decision named: the commit, and whether it was mixed. */
static bool origin_of(struct waiting *waiting, struct str document,
                      struct origin *o, struct commit *out, struct fail *why)
{
	struct arena *a = waiting->pass->arena;
	json_t *doc;
	struct oid id;
	if (!json_read(&doc, a, document, why))
		return false;
	o->mixed = was_mixed(doc);
	if (!oid_parse(json_get_str(doc, "commit"), &id))
		return fail_set(why, FAIL_INTEGRITY,
		                "a waiting decision names no commit");
	return repo_commit(waiting->world->repo, a, &id, out, why);
}

/*
 * The run that made it wait was killed before its end: its file still is one of
 * the new ones. An edited one is judged afresh, as what it is now.
 */
static void find_again(struct waiting *waiting, size_t i,
                       const struct recorded_decision *d)
{
	const struct intent_files *files = waiting->files;
	struct oid blob;
	if (!oid_parse(d->blob, &blob) ||
	    !oid_eq(&blob, &files->found.at[i].blob))
		return;
	if (!waiting->again)
		waiting->again =
		        arena_array(waiting->pass->arena, files->found.n,
		                    sizeof *waiting->again);
	waiting->again[i] = (struct waited){true, d->code, d->since, false};
}

static bool add_waiting(void *context, const struct recorded_decision *d,
                        struct fail *why)
{
	struct waiting *waiting = context;
	struct arena *a = waiting->pass->arena;
	struct oid now;
	size_t i = intent_file_find(waiting->files, d->path);
	if (i < waiting->files->found.n) {
		find_again(waiting, i, d);
		return true;
	}
	if (!repo_file(waiting->world->repo, &waiting->pass->tip,
	               str_cstr(a, d->path), &now, why))
		return false;
	struct origin *o = vec_add(a, &waiting->found);
	*vec_add(a, &waiting->waited) =
	        (struct waited){true, d->code, d->since, oid_is_zero(&now)};
	o->path = str_copy(a, d->path);
	if (!oid_parse(d->blob, &o->blob))
		return fail_set(why, FAIL_INTEGRITY,
		                "the waiting decision of %" STR_FMT
		                " names no blob",
		                STR_ARG(d->path));
	o->commit = (uint32_t)waiting->commits.n;
	return origin_of(waiting, d->document, o, vec_add(a, &waiting->commits),
	                 why);
}

/* Put the waiting ones before the new ones: they are older. */
static void join(struct pass *p, struct waiting *waiting,
                 struct intent_files *files, const struct origins *origins)
{
	size_t nold = waiting->commits.n;
	p->ncommits = nold + origins->ncommits;
	p->commits = arena_array(p->arena, p->ncommits, sizeof *p->commits);
	for (size_t i = 0; i < nold; i++)
		p->commits[i] = waiting->commits.at[i];
	for (size_t i = 0; i < origins->ncommits; i++)
		p->commits[nold + i] = origins->commits[i];
	vec_each (struct origin, o, &files->found)
		if (o->commit != UINT32_MAX)
			o->commit += (uint32_t)nold;
}

/* --- order --------------------------------------------------------------- */

/* CONTRACT section 8, "Recording": builds, then holds, approvals, cancels and
   incidents, then the rest. */
static int class_of(enum intent_kind kind)
{
	switch (kind) {
	case INTENT_BUILD:
		return 0;
	case INTENT_HOLD:
	case INTENT_APPROVAL:
	case INTENT_CANCEL:
	case INTENT_INCIDENT:
		return 1;
	case INTENT_DEPLOY:
	case INTENT_PROMOTE:
	case INTENT_ROLLBACK:
	case INTENT_RELEASE:
	case INTENT_UNKNOWN:
		break;
	}
	return 2;
}

struct place_in_order {
	const struct packed_request *request;
	uint32_t index;
};

static int by_order(const void *pa, const void *pb)
{
	const struct packed_request *a =
	        ((const struct place_in_order *)pa)->request;
	const struct packed_request *b =
	        ((const struct place_in_order *)pb)->request;
	int ca = class_of(a->kind), cb = class_of(b->kind);
	if (ca != cb)
		return ca - cb;
	if (a->commit != b->commit)
		return a->commit < b->commit ? -1 : 1;
	return str_cmp(packed_request_path(a), packed_request_path(b));
}

/* Usually they are already: of one commit, found by path. */
static bool are_in_order(const struct pass *p)
{
	for (size_t i = 1; i < p->requests.n; i++) {
		const struct place_in_order a = {&p->requests.at[i - 1], 0};
		const struct place_in_order b = {&p->requests.at[i], 0};
		if (by_order(&a, &b) > 0)
			return false;
	}
	return true;
}

static void sort_order(struct pass *p)
{
	size_t n = p->requests.n;
	struct arena *scratch = arena_new();
	struct place_in_order *places = arena_array(scratch, n, sizeof *places);
	for (size_t i = 0; i < n; i++)
		places[i] = (struct place_in_order){&p->requests.at[i],
		                                    (uint32_t)i};
	qsort(places, n, sizeof *places, by_order);
	for (size_t i = 0; i < n; i++)
		p->order[i] = places[i].index;
	arena_free(scratch);
}

static void put_in_order(struct pass *p)
{
	size_t n = p->requests.n;
	p->order = arena_array(p->arena, n, sizeof *p->order);
	for (size_t i = 0; i < n; i++)
		p->order[i] = (uint32_t)i;
	if (!are_in_order(p))
		sort_order(p);
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
	    !ledger_waiting(w->ledger, add_waiting, waiting, why))
		return fail_note(why, "reading the waiting intents");
	join(p, waiting, files, &origins);
	return true;
}

/* --- reading the requests ------------------------------------------------ */

static const struct waited *waited_of(const struct waiting *waiting, size_t i)
{
	size_t nold = waiting->found.n;
	if (i < nold)
		return &waiting->waited.at[i];
	return waiting->again && waiting->again[i - nold].waited
	               ? &waiting->again[i - nold]
	               : NULL;
}

static void set_waited(struct arena *a, struct request *r,
                       const struct waited *waited)
{
	r->waiting = true;
	r->waiting_code = waited->code;
	request_more_new(a, r)->waiting_since = waited->since;
	r->removed = waited->gone;
}

/* Add what the file says to what git and the ledger say. */
static bool fill_request(struct world *w, struct pass *p, struct arena *scratch,
                         struct packed_request *packed,
                         const struct waited *waited, struct fail *why)
{
	bool sound;
	struct str text, path = packed_request_path(packed);
	struct request r;
	if (!read_text(w, p, scratch, path, &packed->blob, &text, &sound, why))
		return false;
	if (sound)
		r = request_read(p, scratch, path, &packed->blob, text);
	else
		r = undecodable(scratch, path, &packed->blob, too_large);
	r.commit = packed->commit;
	r.mixed = packed->mixed;
	if (waited)
		set_waited(scratch, &r, waited);
	*packed = packed_request_make(p->arena, &r);
	return true;
}

static bool fill_requests(struct world *w, struct pass *p,
                          const struct waiting *waiting, struct fail *why)
{
	struct arena *scratch = arena_new();
	bool fine = true;
	for (size_t i = 0; i < p->requests.n && fine; i++) {
		if (i % 1024 == 0)
			world_progress(w, "reading intents", (int64_t)i,
			               (int64_t)p->requests.n);
		fine = fill_request(w, p, scratch, &p->requests.at[i],
		                    waited_of(waiting, i), why);
		arena_reset(scratch);
	}
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

bool gather_requests(struct world *w, struct pass *p,
                     const struct gather_range *range, struct fail *why)
{
	struct arena *scratch = arena_new();
	struct intent_files files = {.pass = p, .arena = scratch};
	struct waiting waiting = {.world = w, .pass = p, .files = &files};
	if (!oid_is_zero(&range->base_tree))
		repo_read_few();
	repo_keep_trees(w->repo, scratch);
	bool fine = find_files(w, p, range, &files, &waiting, why);
	if (fine) {
		vec_reserve(p->arena, &p->requests,
		            waiting.found.n + files.found.n);
		add_requests(p, waiting.found.at, waiting.found.n);
		add_requests(p, files.found.at, files.found.n);
	}
	fine = fine && fill_requests(w, p, &waiting, why) &&
	       (!range->with_standing ||
	        gather_standing(w, p, range, &files, why));
	arena_free(scratch);
	if (fine)
		put_in_order(p);
	return fine;
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
	put_in_order(p);
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
