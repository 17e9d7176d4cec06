/* Open file description locks: they belong to the handle, not the process. */
#define _GNU_SOURCE

#include "core/ledger_project.h"
#include "core/ledger_wal.h"
#include "core/sha256.h"
#include "core/when.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	TYPE_MAX = 64,
	SUBJECT_MAX = 2048,
	ACTOR_MAX = 512,
	PAYLOAD_MAX = 16 * 1024 * 1024,
	LEASE_TEXT_MAX = 32
};

enum {
	BEGIN_WRITE,
	BEGIN_READ,
	COMMIT,
	TAIL,
	ADD,
	EVENTS,
	EVENTS_BETWEEN,
	HEADS,
	LAST,
	COUNT,
	NEXT,
	SQL_COUNT
};
#define EVENT_COLUMNS \
	"seq, time, type, subject, actor, payload, prev_hash, hash"
/* The index on time gives the bounds, the table the order. */
#define BETWEEN(columns)                                               \
	"SELECT " columns " FROM event"                                \
	" WHERE seq >= max(?1 + 1, (SELECT min(seq) FROM event"        \
	"   INDEXED BY event_by_time WHERE time >= ?2 AND time < ?3))" \
	" AND seq <= (SELECT max(seq) FROM event"                      \
	"   INDEXED BY event_by_time WHERE time >= ?2 AND time < ?3)"  \
	" AND +time >= ?2 AND +time < ?3 ORDER BY seq"
static const char *const sql[SQL_COUNT] = {
        [BEGIN_WRITE] = "BEGIN IMMEDIATE",
        [BEGIN_READ] = "BEGIN",
        [COMMIT] = "COMMIT",
        [TAIL] = "SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1",
        [ADD] = "INSERT INTO event (" EVENT_COLUMNS ")"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        [EVENTS] = "SELECT " EVENT_COLUMNS " FROM event"
                   " WHERE seq > ?1 ORDER BY seq",
        [EVENTS_BETWEEN] = BETWEEN(EVENT_COLUMNS),
        /* A column that is not asked for costs no page. */
        [HEADS] = ("SELECT seq, time, type, subject, actor,"
                   " iif(type = ?1, NULL, payload) FROM event ORDER BY seq"),
        /* From the end of the table, as the sum says, and not by the index:
           there are few after them. */
        [LAST] = "SELECT * FROM (SELECT seq, time, type, subject, actor, '',"
                 " '', hash FROM event WHERE +time >= ?1 AND +time < ?2"
                 " ORDER BY seq DESC LIMIT ?3) ORDER BY seq",
        /* Of the table itself each row would be read past its payload. */
        [COUNT] = "SELECT count(*) FROM event INDEXED BY event_by_time"
                  " WHERE time >= ?1 AND time < ?2",
        [NEXT] = "SELECT min(time) FROM event WHERE time >= ?1",
};
const struct ledger_sql ledger_event_sql = {"events: ", sql, SQL_COUNT};

/* --- lease --- */

static bool lock(int fd)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	return fcntl(fd, F_OFD_SETLK, &whole) == 0;
}

static bool lease_is_held(int fd, const char *path, struct fail *why)
{
	char pid[LEASE_TEXT_MAX] = "";
	ssize_t n = pread(fd, pid, sizeof pid - 1, 0);
	int digits = n > 0 ? (int)strspn(pid, "0123456789") : 0;
	fail_set(why, FAIL_BUSY,
	         "another runner holds the lease of the ledger (%s, process "
	         "%.*s)",
	         path, digits ? digits : 7, digits ? pid : "unknown");
	return fail_hint(why, "wait until it is done; the lease of a process "
	                      "that died is free at once");
}

bool ledger_lease(struct ledger *l, struct arena *a, struct fail *why)
{
	assert(l->mode == LEDGER_WRITE && l->lease < 0);
	const char *path = str_cstr(a, str_format(a, "%s.lock", l->path));
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
	if (fd < 0)
		return fail_errno(why, "cannot open %s", path);
	if (!lock(fd)) {
		bool held = errno == EAGAIN || errno == EACCES;
		if (held)
			lease_is_held(fd, path, why);
		else
			fail_errno(why, "cannot lock %s", path);
		close(fd);
		return false;
	}
	/* For people only: the lock is what counts. */
	char pid[LEASE_TEXT_MAX];
	int n = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) || pwrite(fd, pid, (size_t)n, 0) != n) {
		fail_errno(why, "cannot write to %s", path);
		close(fd);
		return false;
	}
	l->lease = fd;
	return true;
}

/* --- transactions --- */

static bool exec(struct ledger *l, size_t id, struct fail *why)
{
	struct query q = query_new(l, PART_EVENT, id);
	return query_run(&q, why);
}

/* Where somebody has written without the lease after all, the lock that is kept
   is of what was before. */
static bool begin_write(struct ledger *l, struct fail *why)
{
	struct fail held;
	bool begun = wal_is_held(l) && exec(l, BEGIN_WRITE, &held);
	wal_release(l);
	return begun || exec(l, BEGIN_WRITE, why);
}

bool ledger_begin(struct ledger *l, struct fail *why)
{
	assert(!l->in_transaction);
	if (l->mode == LEDGER_WRITE ? !begin_write(l, why)
	                            : !exec(l, BEGIN_READ, why))
		return false;
	l->in_transaction = true;
	l->broken = false;
	l->tail_known = false;
	return true;
}

bool ledger_commit(struct ledger *l, struct fail *why)
{
	assert(l->in_transaction && !l->broken);
	if (l->lease >= 0)
		wal_hold(l);
	bool done = exec(l, COMMIT, why);
	if (!done)
		ledger_rollback(l);
	l->in_transaction = false;
	if (done)
		wal_committed(l);
	return done;
}

void ledger_rollback(struct ledger *l)
{
	wal_release(l);
	row_forget(l);
	/* A full disk makes SQLite roll back on its own. */
	if (l->in_transaction && !sqlite3_get_autocommit(l->db))
		sqlite3_exec(l->db, "ROLLBACK", NULL, NULL, NULL);
	l->in_transaction = false;
}

/* --- append --- */

/* As json_canonical writes it. What is no UTF-8 was never appended: of a
   damaged file some text will do, for no hash is that of it. */
static struct str quoted(struct arena *a, struct str s)
{
	if (!str_is_utf8(s, NULL)) {
		struct buf mended = buf_new(a, PAYLOAD_MAX);
		json_quote(&mended, s);
		return buf_str(&mended);
	}
	json_t *text = json_stringn(s.n ? s.s : "", s.n);
	if (!text)
		out_of_memory();
	struct str out = json_canonical(a, text);
	json_decref(text);
	return out;
}

struct str ledger_event_record(struct arena *a, const struct event *e)
{
	struct when_text time = when_text(e->time);
	struct str actor = quoted(a, e->actor), type = quoted(a, e->type);
	struct str subject = quoted(a, e->subject);
	struct buf out = buf_new(a, PAYLOAD_MAX * 2);
	buf_add(&out, STR("{\"actor\":"));
	buf_add(&out, actor);
	buf_add(&out, STR(",\"payload\":"));
	buf_add(&out, e->payload);
	buf_format(&out, ",\"seq\":%lld,\"subject\":", (long long)e->seq);
	buf_add(&out, subject);
	buf_format(&out, ",\"time\":\"%s\",\"type\":", time.s);
	buf_add(&out, type);
	buf_add_char(&out, '}');
	return buf_str(&out);
}

struct sha256_hex ledger_event_hash(struct arena *a, const struct event *e)
{
	const struct str parts[] = {e->prev_hash, STR("\n"),
	                            ledger_event_record(a, e)};
	return sha256_of_parts(parts, 3);
}

static bool bounded(const char *name, struct str s, size_t max,
                    struct fail *why)
{
	if (s.n > max)
		return fail_set(why, FAIL_INPUT,
		                "the %s of an event has %zu bytes; at most %zu "
		                "are recorded",
		                name, s.n, max);
	if (!str_is_utf8(s, NULL) || str_has(s, '\0'))
		return fail_set(why, FAIL_INPUT,
		                "the %s of an event is not UTF-8 text", name);
	return true;
}

static bool check_event(const struct event *e, struct fail *why)
{
	if (e->time <= 0)
		return fail_set(why, FAIL_INPUT,
		                "an event cannot have happened at %s",
		                when_text(e->time).s);
	return bounded("type", e->type, TYPE_MAX, why) &&
	       bounded("subject", e->subject, SUBJECT_MAX, why) &&
	       bounded("actor", e->actor, ACTOR_MAX, why) &&
	       bounded("payload", e->payload, PAYLOAD_MAX, why);
}

static bool read_tail(struct ledger *l, struct fail *why)
{
	if (l->tail_known)
		return true;
	struct query q = query_new(l, PART_EVENT, TAIL);
	bool row;
	if (!query_row(&q, &row, why))
		return false;
	l->tail_seq = row ? query_get_int(&q, 0) : 0;
	struct str hash = row ? query_get_text(&q, 1) : STR("");
	memset(l->tail_hash, '0', HASH_HEX);
	if (row && hash.n == HASH_HEX)
		memcpy(l->tail_hash, hash.s, HASH_HEX);
	query_end(&q);
	l->tail_known = true;
	return true;
}

static bool add_event(struct ledger *l, const struct event *e, struct fail *why)
{
	struct query q = query_new(l, PART_EVENT, ADD);
	query_int(&q, 1, e->seq);
	query_int(&q, 2, e->time);
	query_text(&q, 3, e->type);
	query_text(&q, 4, e->subject);
	query_text(&q, 5, e->actor);
	query_text(&q, 6, e->payload);
	query_text(&q, 7, e->prev_hash);
	query_text(&q, 8, e->hash);
	return query_run(&q, why);
}

static bool append(struct ledger *l, struct event *e, const json_t *tree,
                   struct fail *why)
{
	e->payload = json_canonical(l->scratch, tree);
	if (!check_event(e, why) || !read_tail(l, why))
		return false;
	const struct canon *payload = canon_read(l->scratch, e->payload, NULL);
	if (!payload)
		return fail_set(why, FAIL_INPUT,
		                "the payload of an event is nested too deeply, "
		                "or holds a NUL");
	e->seq = l->tail_seq + 1;
	e->prev_hash = (struct str){l->tail_hash, HASH_HEX};
	struct sha256_hex hash = ledger_event_hash(l->scratch, e);
	e->hash = str_of(hash.s);
	if (!add_event(l, e, why) || !project_event(l, e, payload, why))
		return false;
	memcpy(l->tail_hash, hash.s, HASH_HEX);
	l->tail_seq = e->seq;
	return true;
}

bool ledger_append_recorded(struct ledger *l, const struct event *e,
                            const struct canon *payload, struct fail *why)
{
	assert(l->in_transaction && !l->broken);
	bool added = read_tail(l, why) && add_event(l, e, why) &&
	             project_event(l, e, payload, why);
	if (added) {
		memcpy(l->tail_hash, e->hash.s, HASH_HEX);
		l->tail_seq = e->seq;
	}
	arena_reset(l->scratch);
	l->broken = !added;
	return added;
}

bool ledger_append(struct ledger *l, int64_t time, const char *type,
                   struct str subject, struct str actor, json_t *payload,
                   int64_t *seq, struct fail *why)
{
	assert(l->in_transaction && l->mode == LEDGER_WRITE && !l->broken);
	assert(json_is_object(payload));
	struct event e = {.time = time,
	                  .type = str_of(type),
	                  .subject = subject,
	                  .actor = actor};
	bool added = append(l, &e, payload, why);
	arena_reset(l->scratch);
	l->broken = !added;
	if (!added)
		return fail_note(why, "recording an event");
	if (seq)
		*seq = e.seq;
	return true;
}

/* --- events --- */

static void read_event(const struct query *q, struct event *e)
{
	e->seq = query_get_int(q, 0);
	e->time = query_get_int(q, 1);
	e->type = query_get_text(q, 2);
	e->subject = query_get_text(q, 3);
	e->actor = query_get_text(q, 4);
	e->payload = query_get_text(q, 5);
	e->prev_hash = query_get_text(q, 6);
	e->hash = query_get_text(q, 7);
}

static bool visit_events(struct query *q, event_fn *visit, void *context,
                         struct fail *why)
{
	for (;;) {
		bool row;
		struct event e;
		if (!query_row(q, &row, why))
			return false;
		if (!row)
			return true;
		read_event(q, &e);
		if (!visit(context, &e, why)) {
			query_end(q);
			return false;
		}
	}
}

bool ledger_events(struct ledger *l, int64_t after, int64_t from, int64_t to,
                   event_fn *visit, void *context, struct fail *why)
{
	struct query q =
	        query_new(l, PART_EVENT, from || to ? EVENTS_BETWEEN : EVENTS);
	query_int(&q, 1, after);
	if (from || to) {
		query_int(&q, 2, from);
		query_int(&q, 3, to ? to : INT64_MAX);
	}
	return visit_events(&q, visit, context, why);
}

/* The first bytes of a payload, of which SQLite reads only the pages that they
   are on; or all of it. */
static bool read_head(struct ledger *l, sqlite3_blob **blob, struct event *e,
                      size_t size, struct arena *a, struct fail *why)
{
	int rc = *blob ? sqlite3_blob_reopen(*blob, e->seq)
	               : sqlite3_blob_open(l->db, "main", "event", "payload",
	                                   e->seq, 0, blob);
	size_t n = rc ? 0 : (size_t)sqlite3_blob_bytes(*blob);
	if (n > size)
		n = size;
	char *text = arena_text(a, n);
	if (!rc && n)
		rc = sqlite3_blob_read(*blob, text, (int)n, 0);
	if (rc)
		return ledger_sql_fail(l->db, rc, l->path, "events: ", why);
	e->payload = (struct str){text, n};
	return true;
}

bool ledger_event_heads(struct ledger *l, const char *type, size_t size,
                        event_fn *visit, void *context, struct fail *why)
{
	struct query q = query_new(l, PART_EVENT, HEADS);
	struct arena *scratch = arena_new();
	sqlite3_blob *blob = NULL;
	bool row = true, fine = true;
	query_text(&q, 1, str_of(type));
	while (row && fine) {
		struct event e = {0};
		fine = query_row(&q, &row, why);
		if (!fine || !row)
			break;
		e.seq = query_get_int(&q, 0);
		e.time = query_get_int(&q, 1);
		e.type = query_get_text(&q, 2);
		e.subject = query_get_text(&q, 3);
		e.actor = query_get_text(&q, 4);
		e.payload = query_get_text(&q, 5);
		arena_reset(scratch);
		fine = (!str_is(e.type, type) ||
		        read_head(l, &blob, &e, size, scratch, why)) &&
		       visit(context, &e, why);
	}
	if (row)
		query_end(&q);
	sqlite3_blob_close(blob);
	arena_free(scratch);
	return fine;
}

bool ledger_event_payload(struct ledger *l, struct arena *a, int64_t seq,
                          struct str *out, struct fail *why)
{
	struct event e = {.seq = seq};
	sqlite3_blob *blob = NULL;
	bool fine = read_head(l, &blob, &e, PAYLOAD_MAX, a, why);
	sqlite3_blob_close(blob);
	if (fine)
		*out = e.payload;
	return fine;
}

bool ledger_event_last(struct ledger *l, int64_t from, int64_t to, int64_t n,
                       event_fn *visit, void *context, struct fail *why)
{
	struct query q = query_new(l, PART_EVENT, LAST);
	query_int(&q, 1, from);
	query_int(&q, 2, to);
	query_int(&q, 3, n);
	return visit_events(&q, visit, context, why);
}

bool ledger_event_count(struct ledger *l, int64_t from, int64_t to,
                        int64_t *out, struct fail *why)
{
	struct query q = query_new(l, PART_EVENT, COUNT);
	query_int(&q, 1, from);
	query_int(&q, 2, to);
	return query_scalar(&q, out, why);
}

bool ledger_event_next(struct ledger *l, int64_t from, int64_t *out,
                       struct fail *why)
{
	struct query q = query_new(l, PART_EVENT, NEXT);
	query_int(&q, 1, from);
	*out = 0;
	return query_scalar(&q, out, why);
}
