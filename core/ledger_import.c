#include "core/diag.h"
#include "core/ledger_private.h"
#include "core/sha256.h"
#include "core/when.h"

#include <assert.h>
#include <string.h>

enum {
	LINE_MAX_BYTES = 1 << 20,
	NAME_MAX_BYTES = 128,
	TAG_MAX_BYTES = 256,
	TEXT_MAX_BYTES = 512,
	IMPORT_SUMMARY_MAX = 240 /* code points, as of an intent's summary */
};

struct import {
	struct ledger *l;
	const struct source *file;
	bool skip_invalid;
	int64_t now;
	struct diags *ds;
	struct import_result count;
	bool warned;  /* of members that are not used */
	bool dropped; /* a line was refused: nothing will be kept */
	struct fail *why;
};

/* A line being read. */
struct line {
	struct import *import;
	struct arena *a;
	struct str text;
	uint32_t start; /* offset in the file */
	const json_t *object;
	int refusals;
};

/* --- where a member stands --- */

/* From an opening quote to behind the closing one; s is well-formed JSON. */
static size_t string_end(struct str s, size_t i)
{
	for (i++; i < s.n && s.s[i] != '"'; i++)
		if (s.s[i] == '\\')
			i++;
	return i < s.n ? i + 1 : s.n;
}

static size_t skip_space(struct str s, size_t i)
{
	while (i < s.n && strchr(" \t\r\n", s.s[i]))
		i++;
	return i;
}

/* From the first byte of a value to behind its last. */
static size_t value_end(struct str s, size_t i)
{
	int depth = 0;
	for (; i < s.n; i++) {
		char c = s.s[i];
		if (c == '"') {
			i = string_end(s, i) - 1;
			continue;
		}
		if (!depth && (c == ',' || c == '}' || c == ']'))
			break;
		depth += (c == '{' || c == '[') - (c == '}' || c == ']');
	}
	while (i > 0 && strchr(" \t\r\n", s.s[i - 1]))
		i--;
	return i;
}

/* The key, or the value, of a member of the line's object; the whole line
   where the key is spelt with escapes. */
static struct span member_span(const struct line *line, const char *key,
                               bool want_key)
{
	struct str s = line->text;
	struct span at = {line->import->file, line->start,
	                  line->start + (uint32_t)s.n};
	size_t i = skip_space(s, 0);
	while (i < s.n && s.s[i] != '}') {
		size_t name = skip_space(s, i + 1), end = string_end(s, name);
		size_t value = skip_space(s, end);
		value = skip_space(s, value + 1);
		size_t stop = value_end(s, value);
		struct str text = {s.s + name, end - name};
		if (text.n >= 2 &&
		    str_is((struct str){text.s + 1, text.n - 2}, key)) {
			at.start = line->start +
			           (uint32_t)(want_key ? name : value);
			at.end =
			        line->start + (uint32_t)(want_key ? end : stop);
			return at;
		}
		i = skip_space(s, stop);
		if (i < s.n && s.s[i] != ',')
			break;
	}
	return at;
}

/* --- findings --- */

static void refuse(struct line *line, struct span at, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));
static void refuse(struct line *line, struct span at, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	struct str text = str_vformat(line->a, fmt, args);
	va_end(args);
	diag_add(line->import->ds, DIAG_INVALID_IMPORT, at, "%" STR_FMT,
	         STR_ARG(text));
	line->refusals++;
}

static void refuse_member(struct line *line, const char *key, const char *what)
{
	bool there = json_object_get(line->object, key) != NULL;
	refuse(line, member_span(line, key, false), "%s %s%s", key,
	       there ? "" : "is missing: ", what);
}

static bool parse(struct line *line)
{
	json_error_t error;
	struct str s = line->text;
	if (s.n > LINE_MAX_BYTES) {
		refuse(line,
		       (struct span){line->import->file, line->start,
		                     line->start},
		       "the line is longer than %d bytes", LINE_MAX_BYTES);
		return false;
	}
	json_t *value = json_loadb(
	        s.s, s.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (value && json_is_object(value)) {
		line->object = value;
		return true;
	}
	uint32_t at =
	        value || error.position < 0 ? 0 : (uint32_t)error.position;
	if (at > s.n)
		at = (uint32_t)s.n;
	/* What follows "near" is the line's own text. */
	const char *near = value ? NULL : strstr(error.text, " near ");
	const char *text = value ? "not an object" : error.text;
	size_t n = near ? (size_t)(near - text) : strlen(text);
	refuse(line,
	       (struct span){line->import->file, line->start + at,
	                     line->start + (uint32_t)s.n},
	       "%.*s", (int)n, text);
	json_decref(value);
	return false;
}

/* --- members --- */

/* The facts of a line. */
struct history {
	struct str service, environment, version, previous_version;
	struct str actor, message, commit, source;
	int64_t time, finished_at;
	enum deployment_kind kind;
	enum deployment_state state;
};

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.s[i] < 0x20 || s.s[i] == 0x7f)
			return true;
	return false;
}

/* Names become folders of the site. */
static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.s[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      (c >= '0' && c <= '9') || strchr("._-", c)))
			return false;
	}
	return s.n && s.n <= NAME_MAX_BYTES && s.s[0] != '.' && s.s[0] != '-';
}

/* The text of a member; empty where it is absent or null and may be. */
static struct str member(struct line *line, const char *key, bool required,
                         size_t max)
{
	const json_t *v = json_object_get(line->object, key);
	struct str s = json_get_str(line->object, key);
	if (!required && (!v || json_is_null(v)))
		return STR("");
	if (!json_is_string(v))
		refuse_member(line, key, "must be a text");
	else if (required && str_blank(s))
		refuse_member(line, key, "is blank");
	else if (s.n > max || has_control(s))
		refuse_member(line, key,
		              s.n > max ? "is too long"
		                        : "has control characters");
	return s;
}

static struct str name_member(struct line *line, const char *key)
{
	int before = line->refusals;
	struct str s = member(line, key, true, NAME_MAX_BYTES);
	if (line->refusals == before && !is_name(s))
		refuse_member(line, key,
		              "may have A-Z a-z 0-9 . _ - only, and not begin "
		              "with . or -");
	return s;
}

static int64_t time_member(struct line *line, const char *key, bool required)
{
	int64_t t = 0;
	int before = line->refusals;
	struct str s = member(line, key, required, TEXT_MAX_BYTES);
	if (line->refusals == before && s.n && (!when_parse(s, &t) || t <= 0))
		refuse_member(line, key,
		              "is not a time after 1970 such as "
		              "2026-11-20T08:00:00Z");
	return t;
}

/* One of words; 0 where it is absent. */
static int word_member(struct line *line, const char *key,
                       const char *const *words, const char *wanted)
{
	int before = line->refusals;
	struct str s = member(line, key, false, TEXT_MAX_BYTES);
	int i = s.n ? ledger_name_find(words, str_lower(line->a, s)) : 0;
	if (line->refusals == before && i < 0)
		refuse_member(line, key, wanted);
	return i < 0 ? 0 : i;
}

/* Its first line, as much of it as a summary may have. */
static struct str summary_of(struct str message)
{
	struct str head, tail;
	message = str_trim(message);
	str_cut(message, '\n', &head, &tail);
	size_t n = 0, points = 0;
	while (n < head.n) {
		bool starts = ((unsigned char)head.s[n] & 0xc0) != 0x80;
		points += starts;
		if (points > IMPORT_SUMMARY_MAX ||
		    (starts && (unsigned char)head.s[n] < 0x20 &&
		     head.s[n] != '\t'))
			break;
		n++;
	}
	return str_trim(str_head(head, n));
}

static void warn_unknown(struct line *line)
{
	static const char *const known[] = {
	        "service", "environment", "version",          "time",
	        "kind",    "outcome",     "finished_at",      "actor",
	        "message", "commit",      "previous_version", "source",
	        NULL};
	json_t *borrowed = (json_t *)(uintptr_t)line->object;
	const char *first = NULL;
	for (void *i = json_object_iter(borrowed); i;
	     i = json_object_iter_next(borrowed, i)) {
		const char *key = json_object_iter_key(i);
		if (ledger_name_find(known, str_of(key)) < 0 &&
		    (!first || strcmp(key, first) < 0))
			first = key;
	}
	if (!first || line->import->warned)
		return;
	line->import->warned = true;
	diag_add(line->import->ds, DIAG_UNUSED_MEMBER,
	         member_span(line, first, true),
	         "%.64s is not used; others like it may follow", first);
}

static bool read_history(struct line *line, struct history *h)
{
	static const char *const kinds[] = {"deploy", "rollback", NULL};
	static const char *const outcomes[] = {"succeeded", "failed",
	                                       "canceled", NULL};
	h->service = name_member(line, "service");
	h->environment = name_member(line, "environment");
	h->version = member(line, "version", true, TAG_MAX_BYTES);
	h->previous_version =
	        member(line, "previous_version", false, TAG_MAX_BYTES);
	h->time = time_member(line, "time", true);
	h->finished_at = time_member(line, "finished_at", false);
	h->kind = word_member(line, "kind", kinds, "is deploy or rollback")
	                  ? KIND_ROLLBACK
	                  : KIND_ROLL_FORWARD;
	int outcome = word_member(line, "outcome", outcomes,
	                          "is succeeded, failed or canceled");
	h->state = (enum deployment_state)(STATE_SUCCEEDED + outcome);
	h->actor = member(line, "actor", false, TEXT_MAX_BYTES);
	h->commit = member(line, "commit", false, TEXT_MAX_BYTES);
	h->source = member(line, "source", false, TEXT_MAX_BYTES);
	const json_t *message = json_object_get(line->object, "message");
	if (message && !json_is_null(message) && !json_is_string(message))
		refuse_member(line, "message", "must be a text");
	h->message = json_get_str(line->object, "message");
	if (!h->finished_at)
		h->finished_at = h->time;
	if (!line->refusals && h->finished_at < h->time)
		refuse_member(line, "finished_at", "is before time");
	if (!line->refusals)
		warn_unknown(line);
	return !line->refusals;
}

/* --- recording --- */

enum { KNOWN, SQL_COUNT };
static const char *const sql[SQL_COUNT] = {
        [KNOWN] = "SELECT number FROM deployment"
                  " WHERE created_at = ?1 AND digest = ?2 LIMIT 1",
};
const struct ledger_sql ledger_import_sql = {"import: ", sql, SQL_COUNT};

/* What a rollback undid: what ran then, if that is what it says it left. */
static bool undone(struct line *line, const struct history *h, int64_t *number)
{
	struct import *m = line->import;
	struct deployment *d = NULL;
	*number = 0;
	if (h->kind != KIND_ROLLBACK || !h->previous_version.n)
		return true;
	if (!ledger_running(m->l, line->a, h->service, h->environment, h->time,
	                    &d, m->why))
		return false;
	if (d && str_eq(d->version, h->previous_version))
		*number = d->number;
	return true;
}

static void put_text(json_t *object, const char *key, struct str s)
{
	if (s.n)
		json_object_set_new(object, key, json_stringn(s.s, s.n));
}

static void put_time(json_t *object, const char *key, int64_t t)
{
	put_text(object, key, str_of(when_text(t).s));
}

static json_t *payload_of(const struct history *h, int64_t number, int64_t of,
                          struct str digest)
{
	json_t *p = json_object(), *actor = json_object();
	json_t *intent = json_object();
	json_object_set_new(p, "number", json_integer(number));
	put_text(p, "service", h->service);
	put_text(p, "environment", h->environment);
	put_text(p, "version", h->version);
	put_text(p, "previousVersion", h->previous_version);
	put_text(p, "kind", str_of(deployment_kind_names[h->kind]));
	put_text(p, "state", str_of(deployment_state_names[h->state]));
	if (of)
		json_object_set_new(p, "rollbackOf", json_integer(of));
	put_text(p, "summary", summary_of(h->message));
	put_text(p, "source", h->source);
	put_text(p, "digest", digest);
	put_time(p, "createdAt", h->time);
	put_time(p, "dispatchedAt", h->time);
	put_time(p, "finishedAt", h->finished_at);
	put_text(actor, "email", h->actor);
	put_text(intent, "commit", h->commit);
	json_object_set_new(p, "actor", actor);
	json_object_set_new(p, "intent", intent);
	return p;
}

static bool add(struct line *line, const struct history *h, struct str digest)
{
	struct import *m = line->import;
	int64_t number = 0, of;
	if (!ledger_next_number(m->l, &number, m->why) || !undone(line, h, &of))
		return false;
	json_t *payload = payload_of(h, number, of, digest);
	struct str subject = str_format(line->a, "%lld", (long long)number);
	bool added = ledger_append(m->l, m->now, "deployment.imported", subject,
	                           STR(""), payload, NULL, m->why);
	json_decref(payload);
	m->count.added += added;
	return added;
}

static bool record(struct line *line, const struct history *h)
{
	struct import *m = line->import;
	int64_t known = 0;
	struct sha256_hex digest =
	        sha256_of(json_canonical(line->a, line->object));
	struct query q = query_new(m->l, PART_IMPORT, KNOWN);
	query_int(&q, 1, h->time);
	query_text(&q, 2, str_of(digest.s));
	if (!query_scalar(&q, &known, m->why))
		return false;
	if (known) {
		m->count.known++;
		return true;
	}
	return add(line, h, str_of(digest.s));
}

/* --- all of it --- */

static bool import_line(struct import *m, struct arena *a, struct str text,
                        uint32_t start)
{
	struct line line = {.import = m, .a = a, .text = text, .start = start};
	struct history h = {0};
	bool done = true;
	if (str_blank(text))
		return true;
	m->count.read++;
	if (parse(&line) && read_history(&line, &h) && !m->dropped)
		done = record(&line, &h);
	json_decref((json_t *)(uintptr_t)line.object);
	m->count.refused += line.refusals > 0;
	m->dropped = m->dropped || (line.refusals && !m->skip_invalid);
	return done;
}

static bool import_lines(struct import *m)
{
	struct arena *a = arena_new();
	struct str rest = m->file->text, text;
	const char *first = rest.s;
	if (str_starts(rest, STR("\xef\xbb\xbf"))) /* a byte order mark */
		rest = str_from(rest, 3);
	bool done = true;
	while (done && str_next(&rest, '\n', &text)) {
		uint32_t start = (uint32_t)(text.s - first);
		if (str_ends(text, STR("\r")))
			text.n--;
		done = import_line(m, a, text, start);
		arena_reset(a);
	}
	arena_free(a);
	return done;
}

bool ledger_import(struct ledger *l, struct arena *a, const struct source *file,
                   bool skip_invalid, int64_t now, struct diags *ds,
                   struct import_result *out, struct fail *why)
{
	(void)a;
	struct import m = {.l = l,
	                   .file = file,
	                   .skip_invalid = skip_invalid,
	                   .now = now,
	                   .ds = ds,
	                   .why = why};
	if (file->text.n > UINT32_MAX)
		return fail_set(why, FAIL_INPUT, "%" STR_FMT " is too large",
		                STR_ARG(file->path));
	if (!ledger_begin(l, why))
		return false;
	if (!import_lines(&m)) {
		ledger_rollback(l);
		return fail_note(why, "importing %" STR_FMT,
		                 STR_ARG(file->path));
	}
	if (m.dropped) {
		ledger_rollback(l);
		m.count.added = m.count.known = 0;
	} else if (!ledger_commit(l, why)) {
		return false;
	}
	*out = m.count;
	return true;
}
