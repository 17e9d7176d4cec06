#include "runner/agreement.h"

#include "core/intent.h"
#include "core/map.h"
#include "runner/gather.h"

enum { REPORTED_MAX = 100 };

struct comparing {
	struct world *world;
	struct agreement *out;
	difference_fn *report;
	void *context;
	struct arena *scratch;
	struct map commits; /* of decisions -> struct mark */
	struct oid tip;
	int64_t tip_at;
	bool shallow;
};

/* A commit that a decision names. */
struct mark {
	int64_t seq, time; /* of the first decision that does */
	bool missing;      /* said already */
	bool reached;
	struct str path;
};

static void tell(struct comparing *c, struct difference d, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));
static void tell(struct comparing *c, struct difference d, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	d.text = str_vformat(c->scratch, fmt, args);
	va_end(args);
	c->out->faults += d.integrity;
	if (++c->out->differences <= REPORTED_MAX)
		c->report(c->context, &d);
}

/* --- what is recorded, in git ----------------------------------------------
 */

static struct difference not_in_git(const struct comparing *c,
                                    const struct intent_mark *m)
{
	return (struct difference){.code = c->shallow ? DIAG_GIT_NOT_COMPLETE
	                                              : DIAG_RECORD_NOT_IN_GIT,
	                           .integrity = !c->shallow,
	                           .seq = m->seq,
	                           .since = m->time,
	                           .place = m->path};
}

static struct mark *mark_of(struct comparing *c, const struct intent_mark *m,
                            const struct oid *commit)
{
	struct mark *mark = map_find(&c->commits, m->commit);
	struct arena *a = c->commits.arena;
	if (mark)
		return mark;
	mark = ARENA_NEW(a, struct mark);
	*mark = (struct mark){.seq = m->seq,
	                      .time = m->time,
	                      .missing = !repo_has(c->world->repo, commit),
	                      .path = str_copy(a, m->path)};
	map_put(&c->commits, str_copy(a, m->commit), mark);
	if (!mark->missing)
		return mark;
	c->out->incomplete |= c->shallow;
	tell(c, not_in_git(c, m),
	     "it is recorded from commit %.12s, which git does not have%s",
	     str_cstr(c->scratch, m->commit),
	     c->shallow ? ": this clone is shallow" : "");
	return mark;
}

static bool compare_blob(struct comparing *c, const struct intent_mark *m,
                         const struct oid *commit, struct fail *why)
{
	struct oid blob;
	const char *path = str_cstr(c->scratch, m->path);
	if (!repo_file(c->world->repo, commit, path, &blob, why))
		return false;
	if (str_is(m->blob, oid_hex(&blob).s))
		return true;
	if (oid_is_zero(&blob))
		tell(c, not_in_git(c, m),
		     "commit %.12s has no such file; recorded is blob %.12s",
		     oid_hex(commit).s, str_cstr(c->scratch, m->blob));
	else
		tell(c, not_in_git(c, m),
		     "commit %.12s has blob %.12s there; recorded is %.12s",
		     oid_hex(commit).s, oid_hex(&blob).s,
		     str_cstr(c->scratch, m->blob));
	return true;
}

static bool compare_mark(void *context, const struct intent_mark *m,
                         struct fail *why)
{
	struct comparing *c = context;
	struct oid commit;
	arena_reset(c->scratch);
	c->out->intents++;
	if (!oid_parse(m->commit, &commit)) {
		tell(c, not_in_git(c, m), "no commit is recorded for it");
		return true;
	}
	struct mark *mark = mark_of(c, m, &commit);
	return mark->missing || compare_blob(c, m, &commit, why);
}

static void reach(void *context, const struct oid *commit)
{
	struct comparing *c = context;
	struct mark *mark = map_find(&c->commits, str_of(oid_hex(commit).s));
	if (mark)
		mark->reached = true;
}

static bool compare_history(struct comparing *c, struct fail *why)
{
	if (c->shallow)
		return true;
	if (!repo_history(c->world->repo, reach, c, why))
		return false;
	for (size_t i = 0; i < c->commits.n; i++) {
		const struct mark *mark = c->commits.at[i].value;
		if (mark->reached || mark->missing)
			continue;
		struct intent_mark m = {.seq = mark->seq,
		                        .time = mark->time,
		                        .path = mark->path};
		arena_reset(c->scratch);
		tell(c, not_in_git(c, &m),
		     "it is recorded from commit %.12s, which no branch has "
		     "any more",
		     str_cstr(c->scratch, c->commits.at[i].key));
	}
	return true;
}

/* --- what git has, in the ledger -------------------------------------------
 */

/* Of what is no news there is no decision: a build that is registered, in
   another file. A file too large is a finding of each run, and not judged. */
static bool is_no_news(struct comparing *c, const struct change *f, bool *out,
                       struct fail *why)
{
	struct arena *a = c->scratch;
	struct diags ds = diags_new(a);
	struct intent intent;
	struct build build;
	struct str text;
	uint64_t size;
	if (!repo_blob_capped(c->world->repo, a, &f->blob, &text, &size, why))
		return false;
	*out = size > SOURCE_MAX_BYTES;
	if (*out || !intent_read(&intent, a, source_new(a, f->path, text), &ds))
		return true;
	return intent.kind != INTENT_BUILD ||
	       ledger_build(c->world->ledger, a, intent.service.s,
	                    intent.version.s, out, &build, why);
}

static bool was_recorded(void *context, const struct change *f,
                         struct fail *why)
{
	struct comparing *c = context;
	bool judged, no_news;
	if (!gather_is_read(f))
		return true;
	arena_reset(c->scratch);
	if (!ledger_judged(c->world->ledger, f->path, &f->blob, &judged, why))
		return false;
	if (judged)
		return true;
	if (!is_no_news(c, f, &no_news, why))
		return false;
	if (!no_news)
		tell(c,
		     (struct difference){.code = DIAG_INTENT_NOT_RECORDED,
		                         .integrity = true,
		                         .place = f->path},
		     "the last run has seen it (blob %.12s), and there is no "
		     "decision about it",
		     oid_hex(&f->blob).s);
	return true;
}

static bool is_pending(void *context, const struct change *f, struct fail *why)
{
	struct comparing *c = context;
	bool judged;
	if (!gather_is_read(f))
		return true;
	arena_reset(c->scratch);
	if (!ledger_judged(c->world->ledger, f->path, &f->blob, &judged, why))
		return false;
	if (judged)
		return true; /* by a run that did not finish */
	c->out->pending++;
	tell(c,
	     (struct difference){.code = DIAG_INTENT_NOT_SEEN,
	                         .since = c->tip_at,
	                         .place = f->path},
	     "no run has seen it yet");
	return true;
}

static bool compare_trees(struct comparing *c, struct fail *why)
{
	const struct repo *r = c->world->repo;
	struct ledger_head head;
	struct oid none = {0}, tree;
	struct fail unreadable = {0};
	if (!ledger_head(c->world->ledger, c->commits.arena, &head, why) ||
	    !repo_tree(r, &c->tip, "intents", &tree, why))
		return false;
	if (!oid_is_zero(&head.intents_tree) &&
	    !repo_changes(r, &none, &head.intents_tree, STR("intents"),
	                  was_recorded, c, &unreadable)) {
		if (unreadable.kind != FAIL_SYSTEM &&
		    unreadable.kind != FAIL_INPUT) {
			*why = unreadable;
			return false;
		}
		c->out->incomplete = true;
		tell(c,
		     (struct difference){.code = DIAG_GIT_NOT_COMPLETE,
		                         .since = head.finished_at,
		                         .place = STR("intents/")},
		     "what the last run has seen cannot be read: %s",
		     unreadable.text);
		return true;
	}
	return repo_changes(r, &head.intents_tree, &tree, STR("intents"),
	                    is_pending, c, why);
}

/* --- all of it -------------------------------------------------------------
 */

static bool find_tip(struct comparing *c, struct fail *why)
{
	struct commit tip;
	const struct repo *r = c->world->repo;
	if (!repo_resolve(r, STR("HEAD"), &c->tip, why) ||
	    !repo_commit(r, c->commits.arena, &c->tip, &tip, why))
		return false;
	c->tip_at = tip.committed_at;
	return true;
}

bool agreement_with_git(struct world *w, struct agreement *out,
                        difference_fn *report, void *context, struct fail *why)
{
	struct arena *a = arena_new();
	struct comparing c = {.world = w,
	                      .out = out,
	                      .report = report,
	                      .context = context,
	                      .scratch = arena_new(),
	                      .commits = map_new(a),
	                      .shallow = repo_is_shallow(w->repo)};
	bool done = find_tip(&c, why) &&
	            ledger_intent_marks(w->ledger, compare_mark, &c, why) &&
	            compare_history(&c, why) && compare_trees(&c, why);
	arena_free(c.scratch);
	arena_free(a);
	return done || fail_note(why, "comparing the ledger with git");
}
