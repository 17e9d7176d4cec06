/* gather: intents that wait since an earlier run. */
#include "runner/gather_private.h"

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

bool waiting_add(void *context, const struct recorded_decision *d,
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
void waiting_join(struct pass *p, struct waiting *waiting,
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

const struct waited *waiting_find(const struct waiting *waiting, size_t i)
{
	size_t nold = waiting->found.n;
	if (i < nold)
		return &waiting->waited.at[i];
	return waiting->again && waiting->again[i - nold].waited
	               ? &waiting->again[i - nold]
	               : NULL;
}

void waiting_set(struct arena *a, struct request *r,
                 const struct waited *waited)
{
	r->waiting = true;
	r->waiting_code = waited->code;
	request_more_new(a, r)->waiting_since = waited->since;
	r->removed = waited->gone;
}
