#include "core/ledger_line.h"

#include "core/json.h"
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

/* From an opening quote to behind the closing one; s.n where there is none. */
static size_t skip_string(struct str s, size_t at)
{
	for (at++; at < s.n && s.s[at] != '"'; at++)
		at += s.s[at] == '\\';
	return at < s.n ? at + 1 : s.n;
}

/* Likewise of an object. */
static size_t skip_object(struct str s, size_t at)
{
	int depth = 0;
	while (at < s.n) {
		char c = s.s[at];
		if (c == '"') {
			at = skip_string(s, at);
			continue;
		}
		depth += (c == '{') - (c == '}');
		at++;
		if (!depth)
			break;
	}
	return at;
}

/* The payload as it stands in a record, which is JSON. */
static bool find_payload(struct event *e, struct str record)
{
	struct str actor = STR("{\"actor\":"), key = STR(",\"payload\":");
	struct str after = STR(",\"seq\":");
	if (!str_starts(record, actor) || record.n == actor.n ||
	    record.s[actor.n] != '"')
		return false;
	size_t at = skip_string(record, actor.n);
	if (!str_starts(str_from(record, at), key))
		return false;
	at += key.n;
	size_t end_at = skip_object(record, at);
	e->payload = str_head(str_from(record, at), end_at - at);
	return str_starts(e->payload, STR("{")) &&
	       str_starts(str_from(record, end_at), after);
}

bool ledger_line_read(struct event *out, json_t **payload, struct arena *a,
                      struct str line, int64_t seq, struct str prev,
                      struct fail *why)
{
	struct event e = {.prev_hash = prev};
	struct fail trouble = {0};
	struct str record;
	json_t *doc;
	if (!ledger_line_split(line, &record, &e.hash))
		return broken(why, seq, "is not written as events are");
	const struct str parts[] = {prev, STR("\n"), record};
	if (!str_is(e.hash, sha256_of_parts(parts, 3).s))
		return broken(why, seq,
		              "is not what its hash was made of, or does not "
		              "continue the event before it");
	if (!json_read(&doc, a, record, &trouble))
		return fail_set(why, FAIL_INTEGRITY, "event %lld: %s",
		                (long long)seq, trouble.text);
	e.seq = json_get_int(doc, "seq");
	e.type = json_get_str(doc, "type");
	e.subject = json_get_str(doc, "subject");
	e.actor = json_get_str(doc, "actor");
	*payload = json_object_get(doc, "payload");
	if (e.seq != seq)
		return broken(why, seq, "is not where it should be");
	if (!when_parse(json_get_str(doc, "time"), &e.time) || !e.type.n ||
	    !json_is_object(*payload) || !find_payload(&e, record))
		return broken(why, seq, "is not written as events are");
	*out = e;
	return true;
}
