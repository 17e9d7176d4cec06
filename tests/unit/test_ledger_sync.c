/* ledger_line, ledger_sync: the ledger's file and its copy in git. */
#include "core/ledger_sync.h"

#include "core/ledger_line.h"
#include "tests/lib/recorded.h"
#include "tests/lib/repo_at.h"
#include "tests/lib/scratch.h"
#include "tests/lib/tap.h"

#include <stdio.h>
#include <string.h>

static struct arena *arena;
static struct repo *repo;
static struct fail why;

static void fails(bool done, enum fail_kind kind, const char *text,
                  const char *about)
{
	bool as_said = !done && why.kind == kind && strstr(why.text, text);
	if (!ok(as_said, "%s", about))
		tap_note("kind %d: %s\n%s", why.kind, why.text, why.hint);
	why = (struct fail){0};
}

/* --- lines --- */

static struct str zeros(void)
{
	return STR("000000000000000000000000000000000000000000000000000000000"
	           "0000000");
}

static bool first_event(void *context, const struct event *e, struct fail *w)
{
	(void)w;
	ledger_line_add(context, e);
	return true;
}

/* The lines of a ledger, by ledger_line_add. */
static struct str lines_of(struct ledger *l)
{
	struct buf out = buf_new(arena, 1 << 20);
	ledger_events(l, 0, 0, 0, first_event, &out, &why);
	return buf_str(&out);
}

static void lines(void)
{
	struct ledger *l = ledger_at(arena, "lines.db", LEDGER_WRITE);
	record(l, 100, "note.\\\"payload\\\":", "\\\"payload\\\":{}",
	       "{'a':'\\u00e9\\n','payload':{'b':[1,2]}}");
	struct str rest = lines_of(l), line, record_text, hash;
	struct event e;
	const struct canon *payload;
	str_next(&rest, '\n', &line);
	ok(ledger_line_split(line, &record_text, &hash), "a line has parts");
	ok(ledger_line_read(&e, &payload, arena, line, 1, zeros(), &why) &&
	           e.seq == 1 && e.time == 100 && payload->type == CANON_OBJECT,
	   "it is read back: %s", why.text);
	is_str(e.payload, "{\"a\":\"\xc3\xa9\\n\",\"payload\":{\"b\":[1,2]}}",
	       "its payload byte for byte, whatever stands around it");
	is_str(ledger_event_record(arena, &e), str_cstr(arena, record_text),
	       "and with it the record");
	fails(ledger_line_read(&e, &payload, arena, line, 2, zeros(), &why),
	      FAIL_INTEGRITY, "event 2", "another number");
	fails(ledger_line_read(&e, &payload, arena, line, 1, hash, &why),
	      FAIL_INTEGRITY, "does not continue", "another one before it");
	char *copy = arena_text(arena, line.n);
	size_t wrong = 0;
	for (size_t i = 0; i < line.n; i++) {
		memcpy(copy, line.s, line.n);
		copy[i] ^= 1;
		wrong += ledger_line_read(&e, &payload, arena,
		                          (struct str){copy, line.n}, 1,
		                          zeros(), &why);
		why = (struct fail){0};
	}
	is_int((int64_t)wrong, 0, "no flipped bit of its last is taken");
	for (size_t n = 0; n < line.n; n++) {
		wrong += ledger_line_read(&e, &payload, arena,
		                          str_head(line, n), 1, zeros(), &why);
		why = (struct fail){0};
	}
	is_int((int64_t)wrong, 0, "nor is any beginning of it");
}

/* --- the copy --- */

static struct oid none;

static struct oid copy_of(struct ledger *l, const struct oid *parent,
                          int64_t after, int64_t *events)
{
	struct oid out = {{0}};
	int64_t n = -1;
	if (!ledger_write_commit(l, repo, parent, after, STR("one"), &out, &n,
	                         &why))
		printf("Bail out! %s\n", why.text);
	if (events)
		*events = n;
	return out;
}

static struct str standing_of(struct ledger *l, const struct oid *commit)
{
	struct ledger_standing at;
	if (!ledger_compare(l, repo, commit, &at, &why))
		return str_of(why.text);
	return str_format(arena, "file %d copy %d common %d", (int)at.file,
	                  (int)at.copy, (int)at.common);
}

static bool follow(struct ledger *l, const struct oid *commit)
{
	struct ledger_standing at;
	why = (struct fail){0};
	return ledger_compare(l, repo, commit, &at, &why) &&
	       ledger_follow(l, repo, commit, &at, &why);
}

static struct str tables(const char *path)
{
	return sh_read(
	        arena,
	        "for t in event deployment timeline running run free_number; do "
	        "sqlite3 %s \"SELECT * FROM $t ORDER BY 1, 2\"; done | "
	        "sha256sum",
	        path);
}

static bool is_sound(struct ledger *l)
{
	struct ledger_soundness is;
	return ledger_verify(l, NULL, NULL, NULL, &is, &why) && !is.faults;
}

static void catching_up(void)
{
	struct ledger *a = ledger_at(arena, "a.db", LEDGER_WRITE);
	struct ledger *b = ledger_at(arena, "b.db", LEDGER_WRITE);
	int64_t n;
	record(a, 100, "ledger.created", "ledger", "{'repository':'r'}");
	recorded_deployed(a, 200, 1, "web", "1.0.0", "");
	is_str(standing_of(a, &none), "file 5 copy 0 common 0", "no copy yet");
	struct oid one = copy_of(a, &none, 0, &n);
	is_int(n, 5, "all events go into the first commit");
	is_str(standing_of(a, &one), "file 5 copy 5 common 5",
	       "then it is even");
	copy_of(a, &one, 5, &n);
	is_int(n, 0, "there is nothing more");
	struct oid again = copy_of(a, &none, 0, &n), other = again;
	ok(oid_eq(&again, &one), "the same runner makes the same commit");
	ok(ledger_write_commit(a, repo, &none, 0, STR("two"), &other, &n,
	                       &why) &&
	           !oid_eq(&other, &one),
	   "another one does not, though the events are the same");
	is_str(standing_of(b, &one), "file 0 copy 5 common 0",
	       "a new file has none of it");
	ok(follow(b, &one), "it is brought up: %s", why.text);
	is_str(tables("b.db"), str_cstr(arena, tables("a.db")),
	       "and is what the first is");
	recorded_created(a, 300, 2, "web", "2.0.0", "");
	recorded_dispatching(a, 301, 2);
	is_str(standing_of(a, &one), "file 7 copy 5 common 5",
	       "a file that goes on");
	struct oid two = copy_of(a, &one, 5, &n);
	is_str(standing_of(b, &two), "file 5 copy 7 common 5", "one behind");
	ok(follow(b, &two) && is_sound(b), "it follows: %s", why.text);
	is_str(tables("b.db"), str_cstr(arena, tables("a.db")), "to the same");
	bool news;
	ok(ledger_has_news(a, 5, &news, &why) && news, "that was news");
	ok(ledger_has_news(a, 7, &news, &why) && !news, "there is no more");
	ok(ledger_copy_continues(repo, &one, &two, &news, &why) && news &&
	           ledger_copy_continues(repo, &two, &one, &news, &why) &&
	           !news,
	   "of two commits one continues the other");
	ok(ledger_copy_continues(repo, &none, &one, &news, &why) && news &&
	           ledger_copy_continues(repo, &one, &none, &news, &why) &&
	           !news,
	   "and each continues none");
}

/* Two files that part after event 5. */
static void parting(void)
{
	struct ledger *a = ledger_at(arena, "p.db", LEDGER_WRITE);
	struct ledger *b = ledger_at(arena, "q.db", LEDGER_WRITE);
	struct str reason;
	bool may;
	record(a, 100, "ledger.created", "ledger", "{'repository':'r'}");
	recorded_deployed(a, 200, 1, "web", "1.0.0", "");
	struct oid one = copy_of(a, &none, 0, NULL);
	follow(b, &one);
	recorded_created(a, 300, 2, "web", "2.0.0", "");
	recorded_created(b, 300, 2, "api", "7.0.0", "");
	recorded_dispatching(b, 300, 2);
	struct oid two = copy_of(a, &one, 5, NULL);
	is_str(standing_of(b, &two), "file 7 copy 6 common 5",
	       "where they part");
	ok(ledger_may_drop(b, 5, &may, &reason, arena, &why) && may,
	   "what was announced and not sent may go");
	ok(follow(b, &two) && is_sound(b), "it gives way: %s", why.text);
	is_str(tables("q.db"), str_cstr(arena, tables("p.db")),
	       "and is what the other is");
	record(b, 400, "x", "y", "{}");
	ok(true, "it can be appended to");
	sh("sqlite3 q.db 'DELETE FROM event WHERE seq = 1' 2>err || :");
	ok(strstr(sh_read(arena, "cat err").s, "append-only") != NULL ||
	           is_sound(b),
	   "its triggers are there again");
	recorded_dispatching(b, 500, 2);
	recorded_started(b, 501, 2);
	ok(ledger_may_drop(b, 6, &may, &reason, arena, &why) && !may &&
	           strstr(reason.s, "deployment 2 was sent"),
	   "what was sent may not");
	ok(ledger_may_drop(b, 8, &may, &reason, arena, &why) && may,
	   "what is known of it may, where its announcement stays");
	record(b, 600, "deployment.imported", "3",
	       "{'number':3,'service':'s','environment':'e','version':'1',"
	       "'kind':'ROLL_FORWARD','state':'SUCCEEDED','createdAt':5,"
	       "'finishedAt':6}");
	ok(ledger_may_drop(b, 9, &may, &reason, arena, &why) && !may &&
	           strstr(reason.s, "imported"),
	   "nor may imported history");
}

static void reading(void)
{
	struct ledger *a = ledger_at(arena, "r.db", LEDGER_WRITE);
	record(a, 100, "ledger.created", "ledger", "{'repository':'r'}");
	recorded_deployed(a, 200, 1, "web", "1.0.0", "");
	struct oid one = copy_of(a, &none, 0, NULL);
	sh("cp r.db s.db; cp r.db-wal s.db-wal 2>/dev/null || :");
	recorded_deployed(a, 300, 2, "web", "2.0.0", "");
	struct oid two = copy_of(a, &one, 5, NULL);
	static const struct {
		const char *path, *about;
	} cases[] = {{"t.db", "a file that is not there"},
	             {"s.db", "one that is behind"}};
	for (size_t i = 0; i < 2; i++) {
		struct ledger *l = ledger_at(arena, cases[i].path, LEDGER_READ);
		struct ledger_standing at;
		struct deployment *d = NULL;
		ok(ledger_read_followed(&l, arena, repo, &two, &at, &why) &&
		           ledger_running(l, arena, STR("web"), STR("prod"), 0,
		                          &d, &why) &&
		           d && d->number == 2,
		   "%s is read as the copy: %s", cases[i].about, why.text);
	}
	is_str(sh_read(arena, "ls t.db 2>/dev/null || :; "
	                      "sqlite3 s.db 'SELECT max(seq) FROM event'"),
	       "5", "and stays as it is");
}

/* --- many, and large ones --- */

static void splitting(void)
{
	struct ledger *a = ledger_at(arena, "many.db", LEDGER_WRITE);
	char *text = arena_text(arena, 400000);
	memset(text, 'x', 400000);
	ledger_begin(a, &why);
	for (int i = 1; i <= 2500; i++) {
		json_t *payload = json_pack("{s:i}", "n", i);
		if (i > 2490)
			json_object_set_new(payload, "text",
			                    json_stringn(text, 400000));
		ledger_append(a, 100 + i, "note", STR("n"), STR(""), payload,
		              NULL, &why);
		json_decref(payload);
	}
	ledger_commit(a, &why);
	struct oid one = copy_of(a, &none, 0, NULL);
	is_str(sh_read(arena,
	               "git ls-tree -r -l %s events | awk '{ n++; if ($4 > m) "
	               "m = $4 } END { print n, m <= 1048576 }'",
	               oid_hex(&one).s),
	       "7 1", "files end at a thousand and at a mebibyte");
	struct ledger *b = ledger_at(arena, "many2.db", LEDGER_WRITE);
	ok(follow(b, &one), "all of it is read: %s", why.text);
	is_str(standing_of(b, &one), "file 2500 copy 2500 common 2500",
	       "to the end");
}

/* --- a copy that was altered --- */

static void altered(void)
{
	struct ledger *a = ledger_at(arena, "x.db", LEDGER_WRITE);
	record(a, 100, "ledger.created", "ledger", "{'repository':'r'}");
	recorded_deployed(a, 200, 1, "web", "1.0.0", "");
	struct oid one = copy_of(a, &none, 0, NULL);
	static const struct {
		const char *about, *edit;
	} cases[] = {
	        {"a changed version", "s/1\\.0\\.0/6.6.6/"},
	        {"an event left out", "3d"},
	        {"events in another order", "3{h;d};4G"},
	        {"an event twice", "3p"},
	        {"a last event that is gone", "5d"},
	        {"a hash that is another", "5s/\"hash\":\"./\"hash\":\"g/"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct oid id = {{0}};
		struct arena *own = arena_new();
		oid_parse(sh_read(arena,
		                  "rm -f index; export GIT_INDEX_FILE=index\n"
		                  "f=events/000/000/000000001-000000005.jsonl\n"
		                  "blob=$(git show %s:$f | sed '%s' | "
		                  "git hash-object -w --stdin)\n"
		                  "git update-index --add --cacheinfo "
		                  "100644,$blob,$f\n"
		                  "git commit-tree -m x $(git write-tree)",
		                  oid_hex(&one).s, cases[i].edit),
		          &id);
		const char *path = str_format(arena, "alt%zu.db", i).s;
		struct ledger *b = ledger_at(own, path, LEDGER_WRITE);
		if (strcmp(cases[i].edit, "3p"))
			fails(follow(b, &id), FAIL_INTEGRITY, "event ",
			      cases[i].about);
		else
			fails(follow(b, &id), FAIL_INTEGRITY, "event 4",
			      cases[i].about);
		is_str(standing_of(b, &none), "file 0 copy 0 common 0",
		       "nothing of it is taken");
		arena_free(own);
	}
}

int main(void)
{
	arena = arena_new();
	scratch_start();
	sh("git init -q -b main . && git commit -q --allow-empty -m x");
	repo = repo_at(arena, ".");
	lines();
	catching_up();
	parting();
	reading();
	splitting();
	altered();
	arena_free(arena);
	scratch_end();
	return tap_done();
}
