#include "runner/sync.h"

#include "runner/git_program.h"

enum { TIMEOUT_S = 120 };

static bool names_are_valid(const struct sync *s, struct fail *why)
{
	if (repo_ref_is_valid(s->ref))
		return true;
	fail_set(why, FAIL_INPUT, "platform.ledger.ref: \"%.200s\" is no ref",
	         s->ref);
	return fail_hint(why, "name one in full, such as refs/dxcp/ledger");
}

/* origin need not be there; one that was chosen must be: without it everything
   would be sent again from each new clone. */
static bool find_remote(struct sync *s, struct world *w, struct text given,
                        struct fail *why)
{
	struct str url;
	const char *name =
	        GIVEN(given) ? str_cstr(w->arena, given.s) : "origin";
	if (!repo_remote_url(w->repo, w->arena, name, &url, why))
		return false;
	s->remote = url.n ? name : NULL;
	if (url.n || !GIVEN(given) || str_is(given.s, "origin"))
		return true;
	fail_set(why, FAIL_USAGE,
	         "platform.ledger.remote: this clone has no remote \"%s\"",
	         name);
	return fail_hint(why, "git remote add %s ADDRESS", name);
}

/* What is there must not be written over, nor gone on from. */
static bool is_ledger(struct world *w, const struct sync *s,
                      const struct oid *commit, const char *where,
                      struct fail *why)
{
	int64_t last = 1;
	if (!oid_is_zero(commit) &&
	    !repo_ledger_last(w->repo, commit, &last, why))
		return false;
	if (last)
		return true;
	fail_set(why, FAIL_INPUT,
	         "platform.ledger.ref: %s%s%s holds something else than a "
	         "ledger",
	         s->ref, *where ? " at " : "", where);
	return fail_hint(why, "name a ref that nothing else uses, such as "
	                      "refs/dxcp/ledger");
}

bool sync_open(struct sync **out, struct world *w, const struct policy *policy,
               struct fail *why)
{
	struct sync *s = ARENA_NEW(w->arena, struct sync);
	struct text ref = policy->platform.ledger.ref;
	s->ref = GIVEN(ref) ? str_cstr(w->arena, ref.s) : "refs/dxcp/ledger";
	s->timeout_s = GIVEN(policy->platform.ledger.timeout)
	                       ? policy->platform.ledger.timeout.t
	                       : TIMEOUT_S;
	if (!names_are_valid(s, why) ||
	    !world_nonce(w->arena, &s->runner, why) ||
	    !find_remote(s, w, policy->platform.ledger.remote, why) ||
	    !repo_ref(w->repo, s->ref, &s->commit, why) ||
	    !is_ledger(w, s, &s->commit, "", why))
		return false;
	*out = s;
	return true;
}

/* --- from the remote ----------------------------------------------------- */

static bool lost_race(struct sync *s, struct fail *why)
{
	fail_set(why, FAIL_BUSY,
	         "another run recorded into %s at the same time%s", s->ref,
	         s->pushes ? "; what this one sent is there, and what came of "
	                     "it will be looked up"
	                   : "; nothing was sent by this one");
	return fail_hint(why, "run it again: it begins with what the other "
	                      "recorded");
}

/* Whoever holds git's lock of the ref needs it for no time at all: after two
   seconds its holder is dead. */
static bool wait_for_lock(struct world *w, struct sync *s, struct fail *why)
{
	uint64_t lock = repo_ref_lock(w->repo, s->ref);
	for (int left = 40; left; left--) {
		if (!lock || repo_ref_lock(w->repo, s->ref) != lock)
			return true;
		world_pause(50);
	}
	return repo_ref_unlock(w->repo, s->ref, why);
}

static bool move_ref(struct world *w, struct sync *s, const struct oid *to,
                     struct fail *why)
{
	enum { TRIES = 10 };
	enum ref_move moved = REF_LOCKED;
	if (oid_eq(&s->commit, to))
		return true;
	for (int i = 0; i < TRIES && moved == REF_LOCKED; i++)
		if (!repo_ref_move(w->repo, s->ref, &s->commit, to, &moved,
		                   why) ||
		    (moved == REF_LOCKED && !wait_for_lock(w, s, why)))
			return false;
	if (moved != REF_MOVED)
		return lost_race(s, why);
	s->commit = *to;
	return true;
}

static bool parted(struct sync *s, struct fail *why)
{
	fail_set(why, FAIL_INTEGRITY,
	         "%s here and at %s hold different events: one of them was "
	         "written over",
	         s->ref, s->remote);
	return fail_hint(why,
	                 "find out which is right; then git update-ref -d %s "
	                 "here, or push it there by hand",
	                 s->ref);
}

/* The objects of what the remote has. */
static bool fetch(struct world *w, struct sync *s, struct fail *why)
{
	const struct git_remote to = {w, s->remote, s->ref, s->timeout_s};
	if (repo_has(w->repo, &s->there))
		return true;
	if (!git_fetch(&to, why))
		return false;
	if (repo_has(w->repo, &s->there))
		return true;
	return fail_set(why, FAIL_ENGINE,
	                "fetching %s from %s did not bring commit %s", s->ref,
	                s->remote, oid_hex(&s->there).s);
}

bool sync_pull(struct world *w, struct sync *s, struct fail *why)
{
	bool ours_first, theirs_first;
	if (!s->remote)
		return true;
	const struct git_remote to = {w, s->remote, s->ref, s->timeout_s};
	if (!git_list(&to, &s->there, why))
		return false;
	if (oid_is_zero(&s->there) || oid_eq(&s->there, &s->commit))
		return true;
	if (!fetch(w, s, why) || !is_ledger(w, s, &s->there, s->remote, why) ||
	    !ledger_copy_continues(w->repo, &s->commit, &s->there, &ours_first,
	                           why))
		return false;
	if (ours_first)
		return move_ref(w, s, &s->there, why);
	if (!ledger_copy_continues(w->repo, &s->there, &s->commit,
	                           &theirs_first, why))
		return false;
	return theirs_first || parted(s, why);
}

/* --- the file ------------------------------------------------------------ */

static bool cannot_drop(struct world *w, struct sync *s, int64_t common,
                        struct str reason, struct fail *why)
{
	fail_set(why, FAIL_INTEGRITY,
	         "%s and %s part after event %lld, and what the file has more "
	         "was acted on: %" STR_FMT,
	         w->ledger_path, s->ref, (long long)common, STR_ARG(reason));
	return fail_hint(why, "keep the file aside and remove it: the next run "
	                      "makes it anew from git; import history again");
}

bool sync_settle(struct world *w, struct sync *s, struct fail *why)
{
	struct ledger_standing at;
	struct str reason;
	bool may;
	if (!ledger_compare(w->ledger, w->repo, &s->commit, &at, why))
		return false;
	s->last = at.copy;
	if (at.common == at.copy)
		return true;
	if (at.file > at.common) {
		if (!ledger_may_drop(w->ledger, at.common, &may, &reason,
		                     w->arena, why))
			return false;
		if (!may)
			return cannot_drop(w, s, at.common, reason, why);
		s->notice = str_format(
		        w->arena,
		        "another run was faster: %" STR_FMT
		        " recorded here and never pushed gave way to those of "
		        "%s",
		        STR_ARG(str_count(w->arena, at.file - at.common,
		                          "event", "events")),
		        s->ref);
	}
	return ledger_follow(w->ledger, w->repo, &s->commit, &at, why);
}

bool sync_read(struct world *w, struct sync *s, struct fail *why)
{
	struct ledger_standing at;
	if (oid_is_zero(&s->commit))
		return true;
	if (!ledger_read_followed(&w->ledger, w->arena, w->repo, &s->commit,
	                          &at, why))
		return false;
	if (at.common < at.file && at.common < at.copy)
		s->notice = str_format(
		        w->arena,
		        "%s and %s part after event %lld: this is what the "
		        "file says; the next run settles it",
		        w->ledger_path, s->ref, (long long)at.common);
	return true;
}

/* --- to the remote ------------------------------------------------------- */

/* The push was not taken. What the remote has says why, whatever the words of
   git and of the server are. */
static bool refused(struct world *w, struct sync *s, const struct oid *commit,
                    bool *taken, struct fail *why)
{
	struct fail trouble = {0};
	struct oid is;
	const struct git_remote to = {w, s->remote, s->ref, s->timeout_s};
	*taken = false;
	if (!git_list(&to, &is, &trouble))
		return false; /* as it was said */
	*taken = oid_eq(&is, commit);
	if (*taken || oid_eq(&is, &s->there))
		return *taken;
	*why = (struct fail){0};
	return lost_race(s, why);
}

static bool push_commit(struct world *w, struct sync *s,
                        const struct oid *commit, struct fail *why)
{
	bool taken = true;
	struct fail trouble = {0};
	const struct git_remote to = {w, s->remote, s->ref, s->timeout_s};
	if (s->remote && !git_push(&to, &s->there, commit, &trouble) &&
	    !refused(w, s, commit, &taken, &trouble)) {
		*why = trouble;
		return false;
	}
	s->there = *commit;
	s->pushes++;
	return move_ref(w, s, commit, why);
}

/* So that the file agrees with git again at once; if that cannot be now, the
   next run does it. */
static void give_way(struct world *w, struct sync *s)
{
	struct fail ignored = {0};
	if (!repo_ref(w->repo, s->ref, &s->commit, &ignored) ||
	    !sync_pull(w, s, &ignored) || !sync_settle(w, s, &ignored))
		return;
}

bool sync_push(struct world *w, struct fail *why)
{
	struct sync *s = w->sync;
	struct oid commit;
	int64_t events;
	if (!s)
		return true;
	commit = s->commit;
	world_progress(w, "pushing the ledger", 0, 0);
	if (!ledger_write_commit(w->ledger, w->repo, &s->commit, s->last,
	                         s->runner, &commit, &events, why))
		return false;
	if (!events && (!s->remote || oid_eq(&s->there, &commit)))
		return true;
	if (!push_commit(w, s, &commit, why)) {
		if (why->kind == FAIL_BUSY)
			give_way(w, s);
		return false;
	}
	s->last += events;
	return true;
}

bool sync_push_news(struct world *w, bool moved, struct fail *why)
{
	bool news;
	if (!w->sync)
		return true;
	if (!ledger_has_news(w->ledger, w->sync->last, &news, why))
		return false;
	/* A remote that came later has nothing yet. */
	bool behind =
	        w->sync->remote && !oid_eq(&w->sync->there, &w->sync->commit);
	return (!news && !moved && !behind) || sync_push(w, why);
}

bool sync_look(struct world *w, const struct sync *s, struct oid *there,
               struct fail *why)
{
	const struct git_remote to = {w, s->remote, s->ref, s->timeout_s};
	return git_list(&to, there, why);
}

bool sync_may_push(struct world *w, const struct sync *s, struct fail *why)
{
	const struct git_remote to = {w, s->remote, s->ref, s->timeout_s};
	return git_may_push(&to, why);
}
