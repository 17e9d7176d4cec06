#include "core/ledger_sync.h"

#include "core/ledger_line.h"
#include "core/ledger_row.h"
#include "core/ledger_schema.h"
#include "core/map.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { LAST, HASH_OF, NEWS, LATER, SQL_COUNT };
static const char *const sql[SQL_COUNT] = {
        [LAST] = "SELECT max(seq) FROM event",
        [HASH_OF] = "SELECT hash FROM event WHERE seq = ?1",
        [NEWS] = ("SELECT EXISTS (SELECT 1 FROM event WHERE seq > ?1"
                  " AND type != 'run.finished')"),
        [LATER] = "SELECT coalesce(min(seq), 0) FROM event WHERE time > ?1",
};
const struct ledger_sql ledger_sync_sql = {"events: ", sql, SQL_COUNT};

/* --- how they stand ------------------------------------------------------ */

/* The hash of an event; zeros for the one before the first. */
struct hash {
	char s[HASH_HEX + 1];
};

static struct hash hash_none(void)
{
	struct hash hash;
	memset(hash.s, '0', HASH_HEX);
	hash.s[HASH_HEX] = 0;
	return hash;
}

static bool file_hash(struct ledger *l, int64_t seq, struct hash *out,
                      struct fail *why)
{
	*out = hash_none();
	if (!seq)
		return true;
	struct query q = query_new(l, PART_SYNC, HASH_OF);
	bool row;
	query_int(&q, 1, seq);
	if (!query_row(&q, &row, why))
		return false;
	struct str hash = row ? query_get_text(&q, 0) : STR("");
	if (hash.n == HASH_HEX)
		memcpy(out->s, hash.s, HASH_HEX);
	if (row)
		query_end(&q);
	return true;
}

/* The line of an event in a file of the copy. */
static bool line_of(const struct repo_events *file, int64_t seq,
                    struct str *line)
{
	struct str rest = file->text;
	for (int64_t i = file->first; i <= seq; i++)
		if (!str_next(&rest, '\n', line))
			return false;
	return true;
}

static bool copy_hash(const struct repo *r, const struct oid *commit,
                      int64_t seq, struct hash *out, struct fail *why)
{
	struct arena *a = arena_new();
	struct repo_events file;
	struct str line, record, hash;
	bool fine = repo_ledger_file(r, a, commit, seq, &file, why);
	if (fine && (!file.first || !line_of(&file, seq, &line) ||
	             !ledger_line_split(line, &record, &hash)))
		fine = fail_set(why, FAIL_INTEGRITY,
		                "event %lld is not to be read in the ledger's "
		                "commit %s",
		                (long long)seq, oid_hex(commit).s);
	*out = hash_none();
	if (fine)
		memcpy(out->s, hash.s, HASH_HEX);
	arena_free(a);
	return fine;
}

static bool same_at(struct ledger *l, const struct repo *r,
                    const struct oid *commit, int64_t seq, bool *same,
                    struct fail *why)
{
	struct hash here, there;
	*same = !seq;
	if (!seq)
		return true;
	if (!file_hash(l, seq, &here, why) ||
	    !copy_hash(r, commit, seq, &there, why))
		return false;
	*same = !strcmp(here.s, there.s);
	return true;
}

/* The last event before which all are the same. */
static bool find_common(struct ledger *l, const struct repo *r,
                        const struct oid *commit,
                        struct ledger_standing *standing, struct fail *why)
{
	int64_t low = 0, high = standing->file < standing->copy
	                                ? standing->file
	                                : standing->copy;
	int64_t middle = high; /* mostly it is that */
	while (low < high) {
		bool same;
		if (!same_at(l, r, commit, middle, &same, why))
			return false;
		if (same)
			low = middle;
		else
			high = middle - 1;
		middle = low + (high - low + 1) / 2;
	}
	standing->common = low;
	return true;
}

bool ledger_compare(struct ledger *l, const struct repo *r,
                    const struct oid *commit, struct ledger_standing *out,
                    struct fail *why)
{
	struct ledger_standing standing = {0};
	struct query q = query_new(l, PART_SYNC, LAST);
	if (!query_scalar(&q, &standing.file, why))
		return false;
	if (!oid_is_zero(commit) &&
	    (!repo_ledger_last(r, commit, &standing.copy, why) ||
	     !find_common(l, r, commit, &standing, why)))
		return fail_note(why, "comparing the ledger with git's copy");
	*out = standing;
	return true;
}

bool ledger_copy_continues(const struct repo *r, const struct oid *older,
                           const struct oid *newer, bool *out, struct fail *why)
{
	int64_t of_older = 0, of_newer = 0;
	struct hash one, other;
	if ((!oid_is_zero(older) &&
	     !repo_ledger_last(r, older, &of_older, why)) ||
	    (!oid_is_zero(newer) &&
	     !repo_ledger_last(r, newer, &of_newer, why)))
		return false;
	*out = of_older <= of_newer;
	if (!*out || !of_older)
		return true;
	if (!copy_hash(r, older, of_older, &one, why) ||
	    !copy_hash(r, newer, of_older, &other, why))
		return false;
	*out = !strcmp(one.s, other.s);
	return true;
}

bool ledger_has_news(struct ledger *l, int64_t seq, bool *out, struct fail *why)
{
	int64_t news = 0;
	struct query q = query_new(l, PART_SYNC, NEWS);
	query_int(&q, 1, seq);
	if (!query_scalar(&q, &news, why))
		return false;
	*out = news != 0;
	return true;
}

/* --- what may be dropped ------------------------------------------------- */

struct dropping {
	struct arena *a;
	struct map announced; /* deployments, among what is to be dropped */
	struct str reason;
};

/* The engine knows of it. */
static bool tells_of_engine(struct str type)
{
	static const char *const types[] = {
	        "deployment.started", "deployment.progress",
	        "deployment.lost_contact", "deployment.ended"};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (str_is(type, types[i]))
			return true;
	return false;
}

static bool weigh(void *context, const struct event *e, struct fail *why)
{
	struct dropping *d = context;
	(void)why;
	if (d->reason.n)
		return true;
	if (str_is(e->type, "deployment.imported"))
		d->reason = str_format(d->a, "event %lld is imported history",
		                       (long long)e->seq);
	else if (str_is(e->type, "deployment.dispatching"))
		map_put(&d->announced, str_copy(d->a, e->subject), d);
	else if (tells_of_engine(e->type) &&
	         map_find(&d->announced, e->subject))
		d->reason = str_format(
		        d->a, "deployment %" STR_FMT " was sent (event %lld)",
		        STR_ARG(e->subject), (long long)e->seq);
	return true;
}

bool ledger_may_drop(struct ledger *l, int64_t seq, bool *may,
                     struct str *reason, struct arena *a, struct fail *why)
{
	struct dropping d = {.a = a, .announced = map_new(a)};
	if (!ledger_events(l, seq, 0, 0, weigh, &d, why))
		return false;
	*may = !d.reason.n;
	*reason = d.reason;
	return true;
}

/* --- catching up --------------------------------------------------------- */

struct catching_up {
	struct ledger *l;
	struct arena *a; /* of one line */
	int64_t next;
	struct hash prev;
};

static bool take_line(struct catching_up *c, struct str line, struct fail *why)
{
	struct event e;
	const struct canon *payload;
	bool fine = ledger_line_read(&e, &payload, c->a, line, c->next,
	                             (struct str){c->prev.s, HASH_HEX}, why) &&
	            ledger_append_recorded(c->l, &e, payload, why);
	if (fine)
		memcpy(c->prev.s, e.hash.s, HASH_HEX);
	c->next += fine;
	arena_reset(c->a);
	return fine;
}

static bool take_file(void *context, const struct repo_events *file,
                      struct fail *why)
{
	struct catching_up *c = context;
	struct str rest = file->text, line;
	for (int64_t seq = file->first; seq <= file->last; seq++) {
		if (!str_next(&rest, '\n', &line))
			return fail_set(why, FAIL_INTEGRITY,
			                "event %lld is missing in git's copy",
			                (long long)seq);
		if (seq >= c->next && !take_line(c, line, why))
			return false;
	}
	return true;
}

/* Inside a transaction. */
static bool extend(struct ledger *l, const struct repo *r,
                   const struct oid *commit, int64_t after, struct fail *why)
{
	struct catching_up c = {.l = l, .next = after + 1};
	if (!file_hash(l, after, &c.prev, why))
		return false;
	c.a = arena_new();
	row_many(l, 0);
	bool fine = (after || schema_drop_late(l, why)) &&
	            repo_ledger_read(r, commit, c.next, take_file, &c, why) &&
	            row_many_end(l, why) && (after || schema_make_late(l, why));
	arena_free(c.a);
	if (fine)
		return true;
	return fail_hint(why, "git's copy of the ledger was altered: take it "
	                      "from a clone where it is whole");
}

/* The events after seq, and what follows from them. */
static bool drop_after(struct ledger *l, int64_t seq, struct fail *why)
{
	char text[128];
	int64_t events;
	snprintf(text, sizeof text,
	         "DROP TRIGGER event_no_delete;"
	         "DELETE FROM event WHERE seq > %lld",
	         (long long)seq);
	l->tail_known = false;
	return ledger_exec(l, text, why) && ledger_replay(l, &events, why);
}

bool ledger_follow(struct ledger *l, const struct repo *r,
                   const struct oid *commit,
                   const struct ledger_standing *standing, struct fail *why)
{
	int64_t common = standing->common;
	if (!ledger_begin(l, why))
		return false;
	if ((standing->file == common || drop_after(l, common, why)) &&
	    (standing->copy == common || extend(l, r, commit, common, why)))
		return ledger_commit(l, why);
	ledger_rollback(l);
	return fail_note(why, "catching the ledger up with git's copy");
}

/* --- the other way ------------------------------------------------------- */

struct writing {
	struct repo_batch *batch;
	struct arena *a;
	struct buf lines;
	struct repo_events file; /* being filled; last 0: nothing yet */
	int64_t first, last, time;
	struct str runner;
	struct hash hash;
};

static bool flush(struct writing *w, struct fail *why)
{
	if (!w->file.last)
		return true;
	assert(!w->lines.full);
	w->file.text = buf_str(&w->lines);
	bool fine = repo_batch_add(w->batch, &w->file, why);
	w->file.last = 0;
	buf_reset(&w->lines);
	return fine;
}

static bool write_event(void *context, const struct event *e, struct fail *why)
{
	struct writing *w = context;
	size_t before = w->lines.n;
	if (w->file.last && !repo_ledger_same_file(w->file.first, e->seq)) {
		if (!flush(w, why))
			return false;
		before = 0;
	}
	ledger_line_add(&w->lines, e);
	if (before && w->lines.n > REPO_LEDGER_FILE_MAX) {
		/* One too many: it begins the next file. */
		struct str line =
		        str_copy(w->a, str_from(buf_str(&w->lines), before));
		w->lines.n = before;
		if (!flush(w, why))
			return false;
		buf_add(&w->lines, line);
		arena_reset(w->a);
	}
	if (!w->file.last)
		w->file.first = e->seq;
	w->file.last = w->last = e->seq;
	w->time = e->time;
	if (e->hash.n == HASH_HEX)
		memcpy(w->hash.s, e->hash.s, HASH_HEX);
	return true;
}

static bool commit_batch(struct writing *w, struct arena *a, struct oid *out,
                         struct fail *why)
{
	struct str message =
	        str_format(a,
	                   "Events %lld to %lld\n\nLedger-Hash: %s\n"
	                   "Runner: %" STR_FMT "\n",
	                   (long long)w->first, (long long)w->last, w->hash.s,
	                   STR_ARG(w->runner));
	return repo_batch_commit(w->batch, w->time, message, out, why);
}

bool ledger_write_commit(struct ledger *l, const struct repo *r,
                         const struct oid *parent, int64_t after,
                         struct str runner, struct oid *out, int64_t *events,
                         struct fail *why)
{
	struct arena *a = arena_new();
	struct writing w = {.batch = repo_batch_new(r, a, parent),
	                    .a = arena_new(),
	                    .lines = buf_new(a, REPO_LEDGER_READ_MAX),
	                    .first = after + 1,
	                    .runner = runner,
	                    .last = after,
	                    .hash = hash_none()};
	bool fine = ledger_events(l, after, 0, 0, write_event, &w, why) &&
	            flush(&w, why);
	if (fine && w.last > after)
		fine = commit_batch(&w, a, out, why);
	if (fine)
		*events = w.last - after;
	arena_free(w.a);
	arena_free(a);
	return fine || fail_note(why, "writing the ledger's copy in git");
}

/* --- reading ------------------------------------------------------------- */

static bool copy_db(struct ledger *to, struct ledger *from, struct fail *why)
{
	sqlite3_backup *backup =
	        sqlite3_backup_init(to->db, "main", from->db, "main");
	int rc = backup ? sqlite3_backup_step(backup, -1) : SQLITE_ERROR;
	if (backup)
		sqlite3_backup_finish(backup);
	return rc == SQLITE_DONE ||
	       ledger_sql_fail(to->db, rc, from->path, "copying it: ", why);
}

bool ledger_read_followed(struct ledger **inout, struct arena *a,
                          const struct repo *r, const struct oid *commit,
                          struct ledger_standing *standing, struct fail *why)
{
	struct ledger *l = *inout, *copy;
	if (!ledger_compare(l, r, commit, standing, why))
		return false;
	if (standing->common < standing->file ||
	    standing->common == standing->copy)
		return true;
	if (!ledger_open_empty(&copy, a, why) ||
	    (standing->file && !copy_db(copy, l, why)) ||
	    !ledger_follow(copy, r, commit, standing, why))
		return false;
	copy->mode = LEDGER_READ;
	copy->exists = true;
	copy->path = l->path;
	*inout = copy;
	return true;
}

static bool cut(struct ledger *copy, int64_t last, struct fail *why)
{
	if (!ledger_begin(copy, why))
		return false;
	if (drop_after(copy, last, why))
		return ledger_commit(copy, why);
	ledger_rollback(copy);
	return false;
}

bool ledger_read_until(struct ledger **inout, struct arena *a, int64_t time,
                       struct fail *why)
{
	struct ledger *l = *inout, *copy;
	struct query q = query_new(l, PART_SYNC, LATER);
	int64_t later = 0;
	query_int(&q, 1, time);
	if (!query_scalar(&q, &later, why))
		return false;
	if (!later)
		return true;
	if (!ledger_open_empty(&copy, a, why) || !copy_db(copy, l, why) ||
	    !cut(copy, later - 1, why))
		return fail_note(why, "reading the ledger as it was");
	copy->mode = LEDGER_READ;
	copy->exists = true;
	copy->path = l->path;
	*inout = copy;
	return true;
}
