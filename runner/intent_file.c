#include "runner/intent_file.h"

#include "core/files.h"
#include "core/source.h"
#include "core/when.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_one_of(char c, const char *set)
{
	return c && str_has(str_of(set), c);
}

/* --- what may stand without quotes --------------------------------------- */

/* Words that YAML 1.1 or 1.2 takes for null or a truth value. */
static bool is_reserved(struct str s)
{
	static const char *const words[] = {
	        "null", "true", "false", "yes", "no", "on", "off", "y", "n"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_eq_nocase(s, str_of(words[i])))
			return true;
	return false;
}

/*
 * Whether a reader could take it for a number or a date: a digit first, then
 * only what those are written with (0x1f, 0o17, 0b1, 1e3, 1_000, 12:30,
 * 2026-11-20 08:00Z), with less than two points. 1.4.2 is none; 1.10 is.
 */
static bool is_number_like(struct str s)
{
	bool hex = str_starts(s, STR("0x")) || str_starts(s, STR("0X"));
	const char *letters = hex ? "abcdefABCDEFxX_" : "eEoObBtTzZ_.:+- ";
	size_t points = 0;
	for (size_t i = 0; i < s.n; i++) {
		points += s.s[i] == '.';
		if (!is_digit(s.s[i]) && !is_one_of(s.s[i], letters))
			return false;
	}
	return points < 2;
}

/* Bytes that have no meaning in a plain scalar, also not inside [] and {}. A
   colon has one before a space and at the end, '#' after a space. */
static bool is_safe(struct str s, size_t i)
{
	char c = s.s[i];
	if (is_letter(c) || is_digit(c) || is_one_of(c, "._/+-@()=;!?$%^'*~"))
		return true;
	if (c == ':')
		return i + 1 < s.n && s.s[i + 1] != ' ';
	if (c == ' ')
		return i + 1 < s.n && s.s[i + 1] != ' ';
	return false;
}

/* Beyond ASCII nothing is left plain: which of it is white space, a line end
   or not to be seen would be a table. */
static bool is_plain(struct str s)
{
	if (!s.n || !(is_letter(s.s[0]) || is_digit(s.s[0])) || is_reserved(s))
		return false;
	if (is_digit(s.s[0]) && is_number_like(s))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_safe(s, i))
			return false;
	return true;
}

/* -?digits, perhaps with a fraction: a parameter of a number's type. */
static bool is_decimal(struct str s)
{
	struct str whole, fraction;
	bool point = str_cut(str_from(s, str_starts(s, STR("-"))), '.', &whole,
	                     &fraction);
	if (!whole.n || (point && !fraction.n))
		return false;
	for (size_t i = 0; i < whole.n; i++)
		if (!is_digit(whole.s[i]))
			return false;
	for (size_t i = 0; i < fraction.n; i++)
		if (!is_digit(fraction.s[i]))
			return false;
	return true;
}

/* --- quoting ------------------------------------------------------------- */

/* The code point at s[i], and its length in bytes. */
static uint32_t code_point(struct str s, size_t i, size_t *n)
{
	unsigned char c = (unsigned char)s.s[i];
	*n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	uint32_t cp = *n == 1 ? c : c & (0x7fu >> *n);
	for (size_t k = 1; k < *n && i + k < s.n; k++)
		cp = cp << 6 | ((unsigned char)s.s[i + k] & 0x3f);
	return cp;
}

/* What editors and YAML readers disagree about, or what cannot be seen. */
static bool is_awkward(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa1) || cp == 0xad ||
	       (cp >= 0x200b && cp <= 0x200f) ||
	       (cp >= 0x2028 && cp <= 0x202e) ||
	       (cp >= 0x2066 && cp <= 0x2069) || cp == 0xfeff ||
	       (cp & 0xfffe) == 0xfffe;
}

void intent_file_quote(struct buf *out, struct str s)
{
	size_t n;
	buf_add_char(out, '"');
	for (size_t i = 0; i < s.n; i += n) {
		uint32_t cp = code_point(s, i, &n);
		if (cp == '"' || cp == '\\')
			buf_format(out, "\\%c", (char)cp);
		else if (cp == '\n')
			buf_add(out, STR("\\n"));
		else if (cp == '\t')
			buf_add(out, STR("\\t"));
		else if (!is_awkward(cp))
			buf_add(out, str_head(str_from(s, i), n));
		else if (cp > 0xffff)
			buf_format(out, "\\U%08x", cp);
		else
			buf_format(out, "\\u%04x", cp);
	}
	buf_add_char(out, '"');
}

static void add_value(struct buf *out, struct str value)
{
	if (is_plain(value))
		buf_add(out, value);
	else
		intent_file_quote(out, value);
}

/* --- the file ------------------------------------------------------------ */

static void add_indent(struct intent_file *f)
{
	for (int i = 0; i < f->depth; i++)
		buf_add(&f->text,
		        f->item && i == f->depth - 1 ? STR("- ") : STR("  "));
	f->item = false;
}

static void add_key(struct intent_file *f, const char *key)
{
	add_indent(f);
	buf_format(&f->text, "%s:", key);
}

struct str intent_file_schema(struct arena *a, const char *schema)
{
	return str_format(a, SCHEMA_FOLDER "/%s.json", schema);
}

struct str intent_file_modeline(struct arena *a, struct str path,
                                const char *schema)
{
	struct buf up = buf_new(a, SOURCE_MAX_BYTES);
	for (size_t i = 0; i < path.n; i++)
		if (path.s[i] == '/')
			buf_add(&up, STR("../"));
	return str_format(
	        a, "# yaml-language-server: $schema=%" STR_FMT "%" STR_FMT "\n",
	        STR_ARG(buf_str(&up)), STR_ARG(intent_file_schema(a, schema)));
}

struct intent_file intent_file_new(struct arena *a, const char *kind)
{
	struct intent_file f = {.text = buf_new(a, SOURCE_MAX_BYTES)};
	intent_file_text(&f, "kind", str_of(kind));
	return f;
}

void intent_file_text(struct intent_file *f, const char *key, struct str value)
{
	if (!value.n)
		return;
	add_key(f, key);
	buf_add_char(&f->text, ' ');
	add_value(&f->text, value);
	buf_add_char(&f->text, '\n');
}

void intent_file_line(struct intent_file *f, const char *key, struct str value)
{
	intent_file_text(f, key, intent_file_fold(f->text.arena, value));
}

void intent_file_when(struct intent_file *f, const char *key, int64_t instant)
{
	if (!instant)
		return;
	add_key(f, key);
	buf_format(&f->text, " %s\n", when_text(instant).s);
}

void intent_file_int(struct intent_file *f, const char *key, int64_t value)
{
	if (!value)
		return;
	add_key(f, key);
	buf_format(&f->text, " %lld\n", (long long)value);
}

void intent_file_param(struct intent_file *f, struct str name, struct str value)
{
	add_indent(f);
	add_value(&f->text, name);
	buf_add(&f->text, STR(": "));
	if (is_decimal(value) || str_is(value, "true") ||
	    str_is(value, "false"))
		buf_add(&f->text, value);
	else
		add_value(&f->text, value);
	buf_add_char(&f->text, '\n');
}

void intent_file_open(struct intent_file *f, const char *key)
{
	add_key(f, key);
	buf_add_char(&f->text, '\n');
	f->depth++;
}

void intent_file_close(struct intent_file *f)
{
	f->depth--;
}

void intent_file_item(struct intent_file *f)
{
	f->item = true;
	f->depth++;
}

void intent_file_texts(struct intent_file *f, const char *key,
                       const struct str *values, size_t n)
{
	if (!n)
		return;
	add_key(f, key);
	for (size_t i = 0; i < n; i++) {
		buf_add(&f->text, i ? STR(", ") : STR(" ["));
		add_value(&f->text, values[i]);
	}
	buf_add(&f->text, STR("]\n"));
}

struct str intent_file_fold(struct arena *a, struct str text)
{
	struct buf out = buf_new(a, text.n);
	text = str_trim(text);
	bool space = false;
	for (size_t i = 0; i < text.n; i++) {
		if (is_one_of(text.s[i], " \t\r\n\v\f")) {
			space = true;
			continue;
		}
		if (space)
			buf_add_char(&out, ' ');
		space = false;
		buf_add_char(&out, text.s[i]);
	}
	return buf_str(&out);
}

bool intent_file_whole(const struct intent_file *f, const char *root,
                       struct str path, struct str *out)
{
	struct arena *a = f->text.arena;
	struct buf whole = buf_new(a, f->text.max);
	struct str schema = intent_file_schema(a, "intent");
	if (file_exists(str_format(a, "%s%" STR_FMT, root, STR_ARG(schema)).s))
		buf_add(&whole, intent_file_modeline(a, path, "intent"));
	buf_add(&whole, buf_str(&f->text));
	*out = buf_str(&whole);
	return !f->text.full && !whole.full;
}

/* --- its name ------------------------------------------------------------ */

static bool fits_name(char c)
{
	return is_letter(c) || is_digit(c) || is_one_of(c, "._-");
}

bool intent_file_is_folder(struct str service)
{
	for (size_t i = 0; i < service.n; i++)
		if (!fits_name(service.s[i]))
			return false;
	return service.n && service.n <= INTENT_NAME_MAX &&
	       !str_is(service, ".") && !str_is(service, "..");
}

/* "20261121T120000Z": the instant without what a name is better off without. */
static void add_stamp(struct buf *out, int64_t now)
{
	struct when_text text = when_text(now);
	for (const char *c = text.s; *c; c++)
		if (*c != '-' && *c != ':')
			buf_add_char(out, *c);
}

struct str intent_file_path(struct arena *a, const char *root,
                            struct str service, int64_t now, struct str what)
{
	struct buf name = buf_new(a, 1024);
	buf_format(&name, "intents/%" STR_FMT "%s", STR_ARG(service),
	           service.n ? "/" : "");
	add_stamp(&name, now);
	buf_add_char(&name, '-');
	for (size_t i = 0; i < what.n && i < INTENT_NAME_MAX; i++)
		buf_add_char(&name, fits_name(what.s[i]) ? what.s[i] : '-');
	struct str stem = buf_str(&name);
	struct str path = {0};
	for (int i = 1; i <= INTENT_NAME_TRIES; i++) {
		path = i == 1 ? str_format(a, "%" STR_FMT ".yaml",
		                           STR_ARG(stem))
		              : str_format(a, "%" STR_FMT "-%d.yaml",
		                           STR_ARG(stem), i);
		if (!file_exists(
		            str_format(a, "%s%" STR_FMT, root, STR_ARG(path))
		                    .s))
			break;
	}
	return path;
}
