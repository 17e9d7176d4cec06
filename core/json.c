#include "core/json.h"

#include "core/eight.h"
#include "core/vec.h"
#include "core/when.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct jw jw_new(struct buf *out)
{
	return (struct jw){.out = out};
}

static void new_line(struct jw *j)
{
	buf_add_char(j->out, '\n');
	for (int i = 0; i < j->depth; i++)
		buf_add(j->out, STR("  "));
}

/* What stands between the member before and the one that comes now. */
static void separate(struct jw *j)
{
	if (!j->depth)
		return;
	if (j->more[j->depth])
		buf_add_char(j->out, ',');
	j->more[j->depth] = true;
	if (j->pretty)
		new_line(j);
}

static void before_value(struct jw *j)
{
	assert(!j->depth || j->after_key == (j->close[j->depth] == '}'));
	if (!j->after_key)
		separate(j);
	j->after_key = false;
}

void jw_open(struct jw *j, char bracket)
{
	assert(bracket == '{' || bracket == '[');
	assert(j->depth + 1 < JSON_MAX_DEPTH);
	before_value(j);
	buf_add_char(j->out, bracket);
	j->depth++;
	j->more[j->depth] = false;
	j->close[j->depth] = bracket == '{' ? '}' : ']';
}

void jw_close(struct jw *j)
{
	assert(j->depth > 0 && !j->after_key);
	char bracket = j->close[j->depth];
	bool empty = !j->more[j->depth];
	j->depth--;
	if (j->pretty && !empty)
		new_line(j);
	buf_add_char(j->out, bracket);
}

void jw_key(struct jw *j, const char *key)
{
	assert(j->depth > 0 && j->close[j->depth] == '}' && !j->after_key);
	separate(j);
	json_quote(j->out, str_of(key));
	buf_add(j->out, j->pretty ? STR(": ") : STR(":"));
	j->after_key = true;
}

void jw_raw(struct jw *j, struct str text)
{
	before_value(j);
	buf_add(j->out, text);
}

void jw_str(struct jw *j, struct str value)
{
	before_value(j);
	json_quote(j->out, value);
}

void jw_int(struct jw *j, int64_t value)
{
	before_value(j);
	buf_format(j->out, "%lld", (long long)value);
}

void jw_bool(struct jw *j, bool value)
{
	jw_raw(j, value ? STR("true") : STR("false"));
}

void jw_null(struct jw *j)
{
	jw_raw(j, STR("null"));
}

void jw_when(struct jw *j, int64_t instant)
{
	struct when_text t = when_text(instant);
	jw_str(j, str_of(t.s));
}

void jw_put_str(struct jw *j, const char *key, struct str value)
{
	jw_key(j, key);
	jw_str(j, value);
}

void jw_put_opt(struct jw *j, const char *key, struct str value)
{
	jw_key(j, key);
	if (value.n)
		jw_str(j, value);
	else
		jw_null(j);
}

void jw_put_int(struct jw *j, const char *key, int64_t value)
{
	jw_key(j, key);
	jw_int(j, value);
}

void jw_put_bool(struct jw *j, const char *key, bool value)
{
	jw_key(j, key);
	jw_bool(j, value);
}

void jw_put_null(struct jw *j, const char *key)
{
	jw_key(j, key);
	jw_null(j);
}

void jw_put_when(struct jw *j, const char *key, int64_t instant)
{
	jw_key(j, key);
	jw_when(j, instant);
}

void jw_put_when_opt(struct jw *j, const char *key, int64_t instant)
{
	jw_key(j, key);
	if (instant)
		jw_when(j, instant);
	else
		jw_null(j);
}

/* The escape of RFC 8259 section 7 for an ASCII character that needs one, in
   the spelling of RFC 8785 section 3.2.2.2; empty where it needs none. */
static struct str escape_of(unsigned char c, char room[8])
{
	static const char letters[] = "\"\"\\\\\bb\tt\nn\ff\rr";
	for (const char *p = letters; *p; p += 2)
		if (c == (unsigned char)*p) {
			room[0] = '\\';
			room[1] = p[1];
			return (struct str){room, 2};
		}
	if (c >= 0x20)
		return STR("");
	snprintf(room, 8, "\\u%04x", c);
	return (struct str){room, 6};
}

/* How many bytes from the start of s stand for themselves between quotes. */
static size_t plain_length(struct str s, bool for_script)
{
	size_t i = 0;
	for (; i < s.n; i++) {
		unsigned char c = (unsigned char)s.s[i];
		if (c < 0x20 || c == '"' || c == '\\')
			break;
		/* U+2028 and U+2029 are e2 80 a8 and e2 80 a9. */
		if (for_script && c == 0xe2 && s.n - i >= 3 &&
		    s.s[i + 1] == '\x80' &&
		    (s.s[i + 2] == '\xa8' || s.s[i + 2] == '\xa9'))
			break;
	}
	return i;
}

static void quote_valid(struct buf *out, struct str s, bool for_script)
{
	while (s.n) {
		size_t n = plain_length(s, for_script);
		buf_add(out, str_head(s, n));
		s = str_from(s, n);
		if (!s.n)
			return;
		if (s.s[0] == '\xe2') {
			buf_add(out, s.s[2] == '\xa8' ? STR("\\u2028")
			                              : STR("\\u2029"));
			s = str_from(s, 3);
			continue;
		}
		char room[8];
		buf_add(out, escape_of((unsigned char)s.s[0], room));
		s = str_from(s, 1);
	}
}

/* Whether all of it stands for itself, as nearly everything does. */
static bool is_plain(struct str s)
{
	size_t i = 0;
	for (; i + 8 <= s.n; i += 8) {
		uint64_t eight = eight_at(s.s + i);
		if (!eight_is_printable(eight) || eight_which(eight, '"') ||
		    eight_which(eight, '\\'))
			return false;
	}
	for (; i < s.n; i++)
		if (s.s[i] < ' ' || s.s[i] > '~' || s.s[i] == '"' ||
		    s.s[i] == '\\')
			return false;
	return true;
}

/* for_script: also the two line ends that JavaScript before 2019 took for
   the end of a string, for JSON that is put into a page. */
static void quote(struct buf *out, struct str value, bool for_script)
{
	buf_add_char(out, '"');
	if (is_plain(value)) {
		buf_add(out, value);
		buf_add_char(out, '"');
		return;
	}
	size_t bad;
	while (!str_is_utf8(value, &bad)) {
		quote_valid(out, str_head(value, bad), for_script);
		buf_add(out, STR("\xef\xbf\xbd"));
		value = str_from(value, bad + 1);
	}
	quote_valid(out, value, for_script);
	buf_add_char(out, '"');
}

void json_quote(struct buf *out, struct str value)
{
	quote(out, value, true);
}

static void release(void *value)
{
	json_decref(value);
}

static bool read_as(json_t **out, struct arena *a, struct str text,
                    size_t flags, struct fail *why)
{
	if (text.n > JSON_MAX_BYTES)
		return fail_set(why, FAIL_INPUT,
		                "JSON larger than %d bytes is not read",
		                (int)JSON_MAX_BYTES);
	json_error_t error;
	json_t *value = json_loadb(text.n ? text.s : "", text.n,
	                           flags | JSON_DECODE_ANY, &error);
	if (!value) {
		if (json_error_code(&error) == json_error_out_of_memory)
			out_of_memory();
		/* What follows " near " is the document's text, which may be
		   anything, terminal escapes included. */
		const char *near = strstr(error.text, " near ");
		int n = near ? (int)(near - error.text)
		             : (int)strlen(error.text);
		return fail_set(why, FAIL_INPUT,
		                "JSON, line %d, column %d: %.*s", error.line,
		                error.column, n, error.text);
	}
	arena_defer(a, release, value);
	*out = value;
	return true;
}

bool json_read(json_t **out, struct arena *a, struct str text, struct fail *why)
{
	return read_as(out, a, text, JSON_REJECT_DUPLICATES, why);
}

bool json_read_theirs(json_t **out, struct arena *a, struct str text,
                      struct fail *why)
{
	return read_as(out, a, text, 0, why);
}

struct str json_get_str(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);
	if (!json_is_string(v))
		return STR("");
	return (struct str){json_string_value(v), json_string_length(v)};
}

int64_t json_get_int(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

/*
 * Keys in the order of UTF-16 code units, as RFC 8785 section 3.2.3 wants it:
 * that of the UTF-8 bytes, save that what lies beyond U+FFFF (first byte f0 and
 * up) comes before U+E000..U+FFFF (ee, ef).
 */
static int compare_keys(const void *a, const void *b)
{
	const unsigned char *x = *(const unsigned char *const *)a;
	const unsigned char *y = *(const unsigned char *const *)b;
	while (*x && *x == *y) {
		x++;
		y++;
	}
	bool x_beyond = *x >= 0xf0, y_beyond = *y >= 0xf0;
	if (x_beyond != y_beyond && *x >= 0xee && *y >= 0xee)
		return x_beyond ? -1 : 1;
	return (*x > *y) - (*x < *y);
}

static void canonical(struct buf *out, struct arena *a, const json_t *value);

static void canonical_object(struct buf *out, struct arena *a,
                             const json_t *object)
{
	VEC(const char *) keys = {0};
	/* jansson's iterator takes no const, and changes nothing. */
	json_t *borrowed = (json_t *)(uintptr_t)object;
	for (void *i = json_object_iter(borrowed); i;
	     i = json_object_iter_next(borrowed, i))
		*vec_add(a, &keys) = json_object_iter_key(i);
	if (keys.n)
		qsort(keys.at, keys.n, sizeof *keys.at, compare_keys);
	buf_add_char(out, '{');
	for (size_t i = 0; i < keys.n; i++) {
		if (i)
			buf_add_char(out, ',');
		quote(out, str_of(keys.at[i]), false);
		buf_add_char(out, ':');
		canonical(out, a, json_object_get(object, keys.at[i]));
	}
	buf_add_char(out, '}');
}

static void canonical_array(struct buf *out, struct arena *a,
                            const json_t *array)
{
	buf_add_char(out, '[');
	for (size_t i = 0; i < json_array_size(array); i++) {
		if (i)
			buf_add_char(out, ',');
		canonical(out, a, json_array_get(array, i));
	}
	buf_add_char(out, ']');
}

/* jansson's own dump is near, but writes \u001F, sorts by bytes, and depends
   on the locale for real numbers. */
static void canonical(struct buf *out, struct arena *a, const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		canonical_object(out, a, value);
		return;
	case JSON_ARRAY:
		canonical_array(out, a, value);
		return;
	case JSON_STRING:
		quote(out,
		      (struct str){json_string_value(value),
		                   json_string_length(value)},
		      false);
		return;
	case JSON_INTEGER:
		buf_format(out, "%lld", (long long)json_integer_value(value));
		return;
	case JSON_REAL:
		buf_format(out, "%.17g", json_real_value(value));
		return;
	case JSON_TRUE:
		buf_add(out, STR("true"));
		return;
	case JSON_FALSE:
		buf_add(out, STR("false"));
		return;
	case JSON_NULL:
		buf_add(out, STR("null"));
		return;
	}
}

struct str json_canonical(struct arena *a, const json_t *value)
{
	struct buf out = buf_new(a, SIZE_MAX / 4);
	canonical(&out, a, value);
	return buf_str(&out);
}
