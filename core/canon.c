#include "core/canon.h"

#include "core/eight.h"
#include "core/json.h"
#include "core/vec.h"

struct reader {
	struct arena *a;
	const char *at, *end;
	VEC(struct canon) values;
	int depth;
	bool exact;
};

/* --- texts --- */

/* From *at on, up to what does not stand for itself; *ascii false where bytes
   beyond ASCII are among it. */
static const char *skip_plain(const char *at, const char *end, bool *ascii)
{
	while (end - at >= 8) {
		uint64_t eight = eight_at(at);
		if (!eight_is_printable(eight) || eight_which(eight, '"') ||
		    eight_which(eight, '\\'))
			break;
		at += 8;
	}
	for (; at < end; at++) {
		unsigned char c = (unsigned char)*at;
		if (c < ' ' || c == '"' || c == '\\')
			break;
		*ascii &= c < 0x80;
	}
	return at;
}

/* What a control character is written as where it has no letter: \u00 and two
   digits. NUL is not among them: jansson takes none. */
static bool read_control(const char *at, const char *end, char *out)
{
	static const char digits[] = "0123456789abcdef";
	if (end - at < 6 || memcmp(at, "\\u00", 4) || at[4] < '0' ||
	    at[4] > '1')
		return false;
	const char *low = at[5] ? strchr(digits, at[5]) : NULL;
	*out = (char)((at[4] - '0') * 16 + (low ? low - digits : 0));
	return low && *out && !strchr("\b\t\n\f\r", *out);
}

/* The bytes of an escape; 0 where it is not one that is written. */
static int read_escape(const char *at, const char *end, char *out)
{
	static const char letters[] = "\"\"\\\\b\bt\tn\nf\fr\r";
	if (end - at < 2)
		return 0;
	for (const char *p = letters; *p; p += 2)
		if (at[1] == *p) {
			*out = p[1];
			return 2;
		}
	return read_control(at, end, out) ? 6 : 0;
}

/* With escapes: what is left of it, after `plain` bytes without any. */
static bool unescape(struct reader *r, const char *start, struct str *out)
{
	const char *at = start;
	bool ascii = true;
	while (at < r->end && *at != '"') /* how long it is at most */
		at += *at == '\\' && r->end - at > 1 ? 2 : 1;
	char *text = arena_text(r->a, (size_t)(at - start));
	size_t n = 0;
	for (at = start;;) {
		const char *plain = at;
		at = skip_plain(at, r->end, &ascii);
		memcpy(text + n, plain, (size_t)(at - plain));
		n += (size_t)(at - plain);
		if (at == r->end || *at != '\\')
			break;
		int taken = read_escape(at, r->end, text + n);
		if (!taken)
			return false;
		at += taken;
		n++;
	}
	*out = (struct str){text, n};
	r->at = at;
	return true;
}

/* Behind the opening quote. */
static bool read_text(struct reader *r, struct str *out)
{
	bool ascii = true;
	const char *start = r->at;
	r->at = skip_plain(start, r->end, &ascii);
	*out = (struct str){start, (size_t)(r->at - start)};
	if (r->at < r->end && *r->at == '\\') {
		if (!unescape(r, start, out))
			return false;
		ascii = false;
	}
	if (r->at == r->end || *r->at != '"')
		return false;
	r->at++;
	return ascii || str_is_utf8(*out, NULL);
}

/* --- numbers --- */

static bool is_digit(const struct reader *r)
{
	return r->at < r->end && *r->at >= '0' && *r->at <= '9';
}

static bool skip_digits(struct reader *r)
{
	const char *start = r->at;
	while (is_digit(r))
		r->at++;
	return r->at > start;
}

static bool take(struct reader *r, char c)
{
	bool is = r->at < r->end && *r->at == c;
	r->at += is;
	return is;
}

static bool skip_real(struct reader *r)
{
	if (take(r, '.') && !skip_digits(r))
		return false;
	if (!take(r, 'e') && !take(r, 'E'))
		return true;
	if (!take(r, '-'))
		take(r, '+');
	return skip_digits(r);
}

static bool read_number(struct reader *r, struct canon *v)
{
	const char *start = r->at;
	take(r, '-');
	const char *digits = r->at;
	if (!skip_digits(r) || (*digits == '0' && r->at - digits > 1))
		return false;
	bool real = r->at < r->end &&
	            (*r->at == '.' || *r->at == 'e' || *r->at == 'E');
	if (real && !skip_real(r))
		return false;
	v->type = real ? CANON_REAL : CANON_INT;
	v->text = (struct str){start, (size_t)(r->at - start)};
	r->exact = r->exact && !real;
	return real ||
	       (str_int(v->text, &v->integer) && !str_is(v->text, "-0"));
}

/* --- values --- */

static bool read_value(struct reader *r, struct str key);

/* In the order of UTF-16 code units, as json_canonical has it. */
static bool comes_before(struct str x, struct str y)
{
	size_t i = 0, n = x.n < y.n ? x.n : y.n;
	while (i < n && x.s[i] == y.s[i])
		i++;
	if (i == n)
		return x.n < y.n;
	unsigned char a = (unsigned char)x.s[i], b = (unsigned char)y.s[i];
	if ((a >= 0xf0) != (b >= 0xf0) && a >= 0xee && b >= 0xee)
		return a >= 0xf0;
	return a < b;
}

static bool read_members(struct reader *r, uint32_t *n)
{
	struct str key, before = STR("");
	if (take(r, '}'))
		return true;
	do {
		if (!take(r, '"') || !read_text(r, &key) ||
		    (*n && !comes_before(before, key)) || !take(r, ':') ||
		    !read_value(r, key))
			return false;
		before = key;
		++*n;
	} while (take(r, ','));
	return take(r, '}');
}

static bool read_items(struct reader *r, uint32_t *n)
{
	if (take(r, ']'))
		return true;
	do {
		if (!read_value(r, STR("")))
			return false;
		++*n;
	} while (take(r, ','));
	return take(r, ']');
}

static bool read_word(struct reader *r, struct canon *v)
{
	static const struct {
		struct str text;
		enum canon_type type;
	} words[] = {{{"null", 4}, CANON_NULL},
	             {{"true", 4}, CANON_BOOL},
	             {{"false", 5}, CANON_BOOL}};
	struct str rest = {r->at, (size_t)(r->end - r->at)};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_starts(rest, words[i].text)) {
			v->type = words[i].type;
			v->text = str_head(rest, words[i].text.n);
			r->at += v->text.n;
			return true;
		}
	return false;
}

/* Values that follow may move the array. */
static bool read_many(struct reader *r, size_t place, const char *start)
{
	uint32_t n = 0;
	bool object = *start == '{';
	r->at++;
	if (++r->depth > CANON_DEPTH_MAX ||
	    !(object ? read_members(r, &n) : read_items(r, &n)))
		return false;
	r->depth--;
	struct canon *v = &r->values.at[place];
	v->type = object ? CANON_OBJECT : CANON_ARRAY;
	v->n = n;
	v->text = (struct str){start, (size_t)(r->at - start)};
	return true;
}

static bool read_value(struct reader *r, struct str key)
{
	size_t place = r->values.n;
	struct canon *v = vec_add(r->a, &r->values);
	bool fine = false;
	v->key = key;
	if (r->at == r->end)
		return false;
	switch (*r->at) {
	case '{':
	case '[':
		fine = read_many(r, place, r->at);
		break;
	case '"':
		r->at++;
		v->type = CANON_TEXT;
		fine = read_text(r, &v->text);
		break;
	case 'n':
	case 't':
	case 'f':
		fine = read_word(r, v);
		break;
	default:
		fine = read_number(r, v);
	}
	r->values.at[place].next = (uint32_t)(r->values.n - place);
	return fine;
}

const struct canon *canon_read(struct arena *a, struct str text, bool *exact)
{
	enum { ROOM = 40 }; /* values of an event, mostly */
	struct reader r = {
	        .a = a, .at = text.s, .end = text.s + text.n, .exact = true};
	if (text.n > JSON_MAX_BYTES)
		return NULL;
	vec_reserve(a, &r.values, ROOM);
	if (!read_value(&r, STR("")) || r.at != r.end)
		return NULL;
	if (exact)
		*exact = r.exact;
	return r.values.at;
}

const struct canon *canon_read_any(struct arena *a, struct str text,
                                   struct fail *why)
{
	json_t *tree;
	const struct canon *root = canon_read(a, text, NULL);
	if (root)
		return root;
	if (!json_read(&tree, a, text, why))
		return NULL;
	root = canon_read(a, json_canonical(a, tree), NULL);
	if (!root)
		fail_set(why, FAIL_INPUT, "JSON nested deeper than %d",
		         (int)CANON_DEPTH_MAX);
	return root;
}

/* --- asking --- */

const struct canon *canon_member(const struct canon *object, const char *key)
{
	size_t n = strlen(key);
	if (!object || object->type != CANON_OBJECT)
		return NULL;
	const struct canon *v = object + 1;
	for (uint32_t i = 0; i < object->n; i++, v += v->next)
		if (v->key.n == n && (!n || *v->key.s == *key) &&
		    !memcmp(v->key.s, key, n))
			return v;
	return NULL;
}

struct str canon_text(const struct canon *object, const char *key)
{
	const struct canon *v = canon_member(object, key);
	return v && v->type == CANON_TEXT ? v->text : STR("");
}

int64_t canon_int(const struct canon *object, const char *key)
{
	const struct canon *v = canon_member(object, key);
	return v && v->type == CANON_INT ? v->integer : 0;
}

size_t canon_size(const struct canon *array)
{
	return array && array->type == CANON_ARRAY ? array->n : 0;
}

const struct canon *canon_item(const struct canon *array, size_t i)
{
	if (i >= canon_size(array))
		return NULL;
	const struct canon *v = array + 1;
	while (i--)
		v += v->next;
	return v;
}
