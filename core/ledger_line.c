#include "core/ledger_line.h"

#include "core/sha256.h"
#include "core/when.h"

static const struct str head = {"{\"event\":", 9};
static const struct str middle = {",\"hash\":\"", 9};
static const struct str end = {"\"}", 2};

void ledger_line_add(struct buf *out, const struct event *e)
{
	struct arena *a = arena_new();
	buf_add(out, head);
	buf_add(out, ledger_event_record(a, e));
	buf_add(out, middle);
	buf_add(out, e->hash);
	buf_add(out, end);
	buf_add_char(out, '\n');
	arena_free(a);
}

bool ledger_line_split(struct str line, struct str *record, struct str *hash)
{
	size_t around = head.n + middle.n + HASH_HEX + end.n;
	if (line.n < around || !str_starts(line, head) || !str_ends(line, end))
		return false;
	*record = str_head(str_from(line, head.n), line.n - around);
	struct str rest = str_from(line, head.n + record->n);
	*hash = str_head(str_from(rest, middle.n), HASH_HEX);
	return str_starts(rest, middle) && str_is_hex(*hash);
}

static bool broken(struct fail *why, int64_t seq, const char *what)
{
	return fail_set(why, FAIL_INTEGRITY, "event %lld %s", (long long)seq,
	                what);
}

static const struct canon *read_record(struct event *e, struct arena *a,
                                       struct str record)
{
	enum { MEMBERS = 6 };
	const struct canon *doc = canon_read(a, record, NULL);
	const struct canon *payload = canon_member(doc, "payload");
	if (!doc || doc->n != MEMBERS || !payload ||
	    payload->type != CANON_OBJECT ||
	    !when_parse(canon_text(doc, "time"), &e->time))
		return NULL;
	e->seq = canon_int(doc, "seq");
	e->type = canon_text(doc, "type");
	e->subject = canon_text(doc, "subject");
	e->actor = canon_text(doc, "actor");
	e->payload = payload->text;
	return e->type.n ? payload : NULL;
}

bool ledger_line_read(struct event *out, const struct canon **payload,
                      struct arena *a, struct str line, int64_t seq,
                      struct str prev, struct fail *why)
{
	struct event e = {.prev_hash = prev};
	struct str record;
	if (!ledger_line_split(line, &record, &e.hash))
		return broken(why, seq, "is not written as events are");
	const struct str parts[] = {prev, STR("\n"), record};
	if (!str_is(e.hash, sha256_of_parts(parts, 3).s))
		return broken(why, seq,
		              "is not what its hash was made of, or does not "
		              "continue the event before it");
	*payload = read_record(&e, a, record);
	if (!*payload)
		return broken(why, seq, "is not written as events are");
	if (e.seq != seq)
		return broken(why, seq, "is not where it should be");
	*out = e;
	return true;
}
