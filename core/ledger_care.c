#include "core/ledger_care.h"
#include "core/files.h"
#include "core/ledger_private.h"
#include "core/lines.h"
#include "core/when.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PAGES_A_STEP = 4096, BUSY_TRIES = 200, BUSY_MS = 10 };

/* --- backup --- */

static void ignore_fault(void *context, const struct ledger_fault *f)
{
	struct fail *why = context;
	fail_set(why, FAIL_INTEGRITY,
	         "the ledger is not sound: %" STR_FMT ": %" STR_FMT,
	         STR_ARG(f->place), STR_ARG(f->text));
	fail_hint(why, "run `dxcp ledger verify`: it tells all that is wrong, "
	               "and what to do");
}

static bool copy_pages(struct ledger *l, sqlite3 *to, struct fail *why)
{
	sqlite3_backup *copy = sqlite3_backup_init(to, "main", l->db, "main");
	int rc = copy ? SQLITE_OK : sqlite3_errcode(to), tries = 0;
	while (copy && rc == SQLITE_OK) {
		rc = sqlite3_backup_step(copy, PAGES_A_STEP);
		if ((rc == SQLITE_BUSY || rc == SQLITE_LOCKED) &&
		    tries++ < BUSY_TRIES) {
			sqlite3_sleep(BUSY_MS);
			rc = SQLITE_OK;
		}
	}
	int finished = copy ? sqlite3_backup_finish(copy) : rc;
	if (rc == SQLITE_DONE)
		rc = finished;
	if (rc == SQLITE_OK)
		return true;
	return ledger_sql_fail(to, rc, l->path, "copying it: ", why);
}

static bool copy_to(struct ledger *l, const char *path, struct fail *why)
{
	sqlite3 *to = NULL;
	int rc = sqlite3_open_v2(
	        path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
	bool done = rc == SQLITE_OK ? copy_pages(l, to, why)
	                            : ledger_sql_fail(to, rc, path, "", why);
	rc = sqlite3_close(to);
	return done && rc == SQLITE_OK;
}

static bool sync_file(const char *path, struct fail *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool synced = fd >= 0 && fsync(fd) == 0;
	if (!synced)
		fail_errno(why, "cannot write %s", path);
	if (fd >= 0)
		close(fd);
	return synced;
}

/* A copy that differs is worse than none: it is looked at as a whole. */
static bool check_copy(const char *path, int64_t *events, struct fail *why)
{
	struct arena *a = arena_new();
	struct ledger *copy;
	struct ledger_soundness is = {0};
	struct fail fault = {0};
	bool looked = ledger_open(&copy, a, path, LEDGER_READ, why) &&
	              ledger_verify(copy, NULL, ignore_fault, &fault, &is, why);
	arena_free(a);
	*events = is.events;
	if (looked && is.faults)
		*why = fault;
	return looked && !is.faults;
}

static void remove_copy(struct arena *a, const char *path)
{
	static const char *const ends[] = {"", "-journal", "-wal", "-shm"};
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		unlink(str_cstr(a, str_format(a, "%s%s", path, ends[i])));
}

static const char *folder_of(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');
	if (!slash)
		return ".";
	return slash == path
	               ? "/"
	               : str_cstr(a,
	                          (struct str){path, (size_t)(slash - path)});
}

static bool backup(struct ledger *l, struct arena *a, const char *path,
                   int64_t *events, struct fail *why)
{
	const char *folder = folder_of(a, path);
	/* A name that the next one sweeps away where this one is killed. */
	const char *beside = str_cstr(
	        a, str_format(a, "%s/.dxcp-%ld-0.tmp", folder, (long)getpid()));
	bool done = dir_sweep(folder, false, why) && copy_to(l, beside, why) &&
	            sync_file(beside, why) && check_copy(beside, events, why);
	if (done && rename(beside, path) != 0)
		done = fail_errno(why, "cannot write %s", path);
	remove_copy(a, beside);
	return done && dir_sync(folder, why);
}

bool ledger_backup(struct ledger *l, const char *path, bool over,
                   int64_t *events, struct fail *why)
{
	if (!ledger_exists(l))
		return fail_set(why, FAIL_USAGE, "there is no ledger at %s",
		                l->path);
	if (!over && file_exists(path)) {
		fail_set(why, FAIL_USAGE, "%s is there already", path);
		return fail_hint(why, "name another file, or replace it with "
		                      "--force");
	}
	struct arena *a = arena_new();
	bool done = backup(l, a, path, events, why);
	arena_free(a);
	return done || fail_note(why, "backing up to %s", path);
}

/* --- events as lines --- */

struct listing {
	struct arena *a;
	event_line_fn *visit;
	void *context;
};

static bool list_event(void *context, const struct event *e, struct fail *why)
{
	struct listing *list = context;
	struct str record = ledger_event_record(list->a, e);
	struct buf line = buf_new(list->a, record.n + 1);
	buf_add(&line, record);
	buf_add_char(&line, '\n');
	bool done = list->visit(list->context, buf_str(&line), why);
	arena_reset(list->a);
	return done;
}

bool ledger_lines(struct ledger *l, event_line_fn *visit, void *context,
                  struct fail *why)
{
	struct listing list = {arena_new(), visit, context};
	bool done = ledger_events(l, 0, 0, 0, list_event, &list, why);
	arena_free(list.a);
	return done;
}

bool ledger_is_line(struct str text)
{
	return str_starts(text, STR("{\"actor\":\""));
}

static bool no_line(struct fail *why, const char *what)
{
	fail_set(why, FAIL_INPUT, "%s", what);
	return fail_hint(why, "this takes what `dxcp ledger export` writes, "
	                      "byte for byte; history from elsewhere goes by "
	                      "`dxcp ledger import`");
}

/* The members of a record; the payload is borrowed. */
static bool read_line(struct arena *a, struct str line, struct event *e,
                      json_t **payload, struct fail *why)
{
	struct fail inner = {0};
	json_t *record;
	if (!json_read(&record, a, line, &inner))
		return no_line(why, inner.text);
	*payload = json_object_get(record, "payload");
	if (!json_is_object(*payload) || json_object_size(record) != 6)
		return no_line(why, "this is not an event");
	*e = (struct event){.seq = json_get_int(record, "seq"),
	                    .type = json_get_str(record, "type"),
	                    .subject = json_get_str(record, "subject"),
	                    .actor = json_get_str(record, "actor"),
	                    .payload = json_canonical(a, *payload)};
	struct str time = json_get_str(record, "time");
	if (!when_parse(time, &e->time) || e->seq < 1)
		return no_line(why, "this is not an event");
	/* What is written again is what was read, or hashes would differ. */
	if (!str_eq(ledger_event_record(a, e), line))
		return no_line(why, "this event is not in canonical form");
	return true;
}

struct looking {
	struct str line;
	struct arena *a;
	bool same;
};

static bool compare_event(void *context, const struct event *e,
                          struct fail *why)
{
	struct looking *look = context;
	look->same = str_eq(ledger_event_record(look->a, e), look->line);
	return fail_set(why, FAIL_USAGE, "found"); /* one is enough */
}

struct restoring {
	struct ledger *l;
	struct arena *a; /* emptied after each line */
	int64_t events;  /* that the ledger has by now */
	struct restore_result count;
};

static bool is_known(struct restoring *r, const struct event *e,
                     struct str line, struct fail *why)
{
	struct fail found = {0};
	struct looking look = {.line = line, .a = r->a};
	ledger_events(r->l, e->seq - 1, 0, 0, compare_event, &look, &found);
	if (look.same)
		return true;
	fail_set(why, FAIL_INTEGRITY, "event %lld of the ledger is another one",
	         (long long)e->seq);
	return fail_hint(why, "restore into a ledger that is not there yet "
	                      "(--ledger FILE), and compare");
}

static bool take_line(struct restoring *r, struct str line, struct fail *why)
{
	struct event e;
	json_t *payload = NULL;
	if (!read_line(r->a, line, &e, &payload, why))
		return false;
	r->count.read++;
	if (e.seq <= r->events) {
		r->count.known++;
		return is_known(r, &e, line, why);
	}
	if (e.seq != r->events + 1) {
		fail_set(why, FAIL_INTEGRITY,
		         "event %lld does not follow event %lld",
		         (long long)e.seq, (long long)r->events);
		return fail_hint(why, "lines are missing, or not in their "
		                      "order: export them again");
	}
	r->events++;
	r->count.added++;
	return ledger_append(r->l, e.time, str_cstr(r->a, e.type), e.subject,
	                     e.actor, payload, NULL, why);
}

static bool restore(struct restoring *r, struct line_reader *lines,
                    struct fail *why)
{
	for (;;) {
		struct str line;
		int64_t number;
		bool more;
		if (!lines_next(lines, &line, &number, &more, why))
			return false;
		if (!more)
			return true;
		if (!take_line(r, line, why))
			return fail_note(why, "line %lld", (long long)number);
		arena_reset(r->a);
	}
}

static bool restore_all(struct ledger *l, struct arena *a,
                        struct line_reader *lines, struct restore_result *out,
                        struct fail *why)
{
	struct restoring r = {.l = l, .a = arena_new()};
	struct ledger_head head;
	bool done = ledger_head(l, a, &head, why);
	r.events = done ? head.events : 0;
	done = done && restore(&r, lines, why);
	arena_free(r.a);
	if (!done) {
		ledger_rollback(l);
		return false;
	}
	*out = r.count;
	return ledger_commit(l, why);
}

bool ledger_restore(struct ledger *l, const char *path,
                    struct restore_result *out, struct fail *why)
{
	enum { LINE_MAX_BYTES = 1 << 26 };
	struct line_reader *lines;
	struct arena *a = arena_new();
	bool done = lines_open(&lines, a, path, LINE_MAX_BYTES, why) &&
	            ledger_begin(l, why) && restore_all(l, a, lines, out, why);
	arena_free(a);
	return done || fail_note(why, "restoring from %s", path);
}
