#include "runner/redact.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#define MASK STR("***")
#define REPLACEMENT STR("\xEF\xBF\xBD")

enum {
	NAME_MAX_BYTES = 64,
	BACKSLASHES_MAX = 63, /* before a quote: six strings deep */
};

/* --- text that can be kept ----------------------------------------------- */

static struct str well_formed(struct arena *a, struct str text)
{
	size_t bad;
	if (str_is_utf8(text, &bad))
		return text;
	struct buf out = buf_new(a, 3 * text.n);
	while (!str_is_utf8(text, &bad)) {
		buf_add(&out, str_head(text, bad));
		buf_add(&out, REPLACEMENT);
		text = str_from(text, bad + 1);
	}
	buf_add(&out, text);
	return buf_str(&out);
}

/* The length of the terminal escape (ECMA-48) at the start of s. */
static size_t escape_length(struct str s)
{
	if (s.n < 2)
		return s.n;
	size_t i = 2;
	if (s.s[1] == '[') { /* CSI: up to its final byte */
		while (i < s.n && s.s[i] >= 0x20 && s.s[i] < 0x40)
			i++;
		return i < s.n && s.s[i] >= 0x40 && s.s[i] < 0x7f ? i + 1 : i;
	}
	if (s.s[1] == ']') { /* OSC: up to BEL or ESC \, on this line */
		while (i < s.n && s.s[i] != '\a' && s.s[i] != '\n' &&
		       s.s[i] != 0x1b)
			i++;
		if (i < s.n && s.s[i] == 0x1b)
			return i + 1 < s.n && s.s[i + 1] == '\\' ? i + 2 : i;
		return i < s.n && s.s[i] == '\a' ? i + 1 : i;
	}
	return s.s[1] > 0x20 && s.s[1] < 0x7f ? 2 : 1;
}

/* How many bytes at the start of s are no text; 0: they are. */
static size_t control_length(struct str s)
{
	unsigned char c = (unsigned char)s.s[0];
	if (c == 0x1b)
		return escape_length(s);
	if (c == 0xC2 && s.n > 1 && (unsigned char)s.s[1] < 0xA0)
		return 2; /* C1 */
	return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
}

static struct str without_controls(struct arena *a, struct str text)
{
	struct buf out = buf_new(a, text.n);
	for (size_t i = 0; i < text.n;) {
		size_t skip = control_length(str_from(text, i));
		if (skip) {
			i += skip;
			continue;
		}
		char c = text.s[i++];
		if (c != '\r')
			buf_add_char(&out, c);
		else if (i == text.n || text.s[i] != '\n')
			buf_add_char(&out, '\n');
	}
	return buf_str(&out);
}

/* --- names --------------------------------------------------------------- */

/* Parts of names, in lower case and without '-', '_' and '.'. */
static const char *const secret_parts[] = {
        "password",   "passwd",        "passphrase",
        "secret",     "token",         "apikey",
        "accesskey",  "privatekey",    "signingkey",
        "credential", "signature",     "cookie",
        "sessionid",  "authorization", "bearer",
        "authkey",    "encryptionkey", NULL,
};
static const char *const secret_names[] = {"pwd", "pass", "sig", NULL};
/* Too common a word elsewhere. */
static const char *const query_names[] = {"key",  "auth", "code",    "jwt",
                                          "sid",  "otp",  "session", "user",
                                          "hmac", NULL};
/* Their values have several words. */
static const char *const header_names[] = {
        "authorization", "proxyauthorization", "cookie", "setcookie", NULL};

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

/* Of a long name its end counts: that is where the noun stands. */
static struct str plain_name(struct str name, char out[NAME_MAX_BYTES])
{
	size_t n = 0;
	if (name.n > NAME_MAX_BYTES)
		name = str_from(name, name.n - NAME_MAX_BYTES);
	for (size_t i = 0; i < name.n; i++) {
		char c = name.s[i];
		if (c == '-' || c == '_' || c == '.')
			continue;
		out[n++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	return (struct str){out, n};
}

static bool is_one_of(struct str name, const char *const *list)
{
	for (; *list; list++)
		if (str_is(name, *list))
			return true;
	return false;
}

/* Which letters a name has, as bits: of the words of a long text few have the
   first one of a part. */
static uint32_t letters(struct str name)
{
	uint32_t found = 0;
	for (size_t i = 0; i < name.n; i++)
		found |= 1u << (name.s[i] & 31);
	return found;
}

static bool is_secret(struct str name, bool in_query)
{
	uint32_t found = letters(name);
	for (const char *const *part = secret_parts; *part; part++)
		if ((found >> (**part & 31) & 1) &&
		    str_contains(name, str_of(*part)))
			return true;
	return is_one_of(name, secret_names) ||
	       (in_query && is_one_of(name, query_names));
}

/* --- masking ------------------------------------------------------------- */

struct scan {
	struct str in;
	size_t at;
	struct buf out;
};

static char char_at(const struct scan *s, size_t i)
{
	return i < s->in.n ? s->in.s[i] : '\n';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_quote(char c)
{
	return c == '"' || c == '\'' || c == '`';
}

static bool is_space(char c)
{
	return is_blank(c) || c == '\n';
}

static void copy_to(struct scan *s, size_t end)
{
	buf_add(&s->out, (struct str){s->in.s + s->at, end - s->at});
	s->at = end;
}

static void mask_to(struct scan *s, size_t end)
{
	if (end == s->at)
		return;
	buf_add(&s->out, MASK);
	s->at = end;
}

static size_t skip_blanks(const struct scan *s, size_t i)
{
	while (is_blank(char_at(s, i)))
		i++;
	return i;
}

/* The end of what stands between two spaces or quotes. */
static size_t bare_end(const struct scan *s, size_t i)
{
	while (!is_space(char_at(s, i)) && !is_quote(char_at(s, i)))
		i++;
	return i;
}

static struct str part(const struct scan *s, size_t start, size_t end)
{
	return (struct str){s->in.s + start, end - start};
}

static size_t backslashes(const struct scan *s, size_t i)
{
	size_t n = 0;
	while (char_at(s, i + n) == '\\')
		n++;
	return n;
}

/* A quote and the backslashes before it, as in JSON inside JSON inside JSON:
   their length. */
static size_t quote_length(const struct scan *s, size_t i)
{
	size_t n = 0;
	while (n < BACKSLASHES_MAX && char_at(s, i + n) == '\\')
		n++;
	return is_quote(char_at(s, i + n)) ? n + 1 : 0;
}

/*
 * Between quotes of the same kind; to the line's end where the second is
 * missing. Inside of strings that are n deep a quote has 2^n - 1 backslashes
 * before it, and so has one that follows escaped backslashes, but for a
 * multiple of 2^(n + 1); one that belongs to the text has more.
 */
static void mask_quoted(struct scan *s, size_t quote)
{
	size_t depth = quote - 1;
	char mark = s->in.s[s->at + depth];
	copy_to(s, s->at + quote);
	size_t i = s->at;
	while (char_at(s, i) != '\n') {
		size_t n = backslashes(s, i);
		if (char_at(s, i + n) == mark &&
		    n % (2 * (depth + 1)) == depth) {
			i += n - depth;
			break;
		}
		i += n + (char_at(s, i + n) != '\n');
	}
	mask_to(s, i);
}

static bool is_scheme(struct str word)
{
	return str_eq_nocase(word, STR("bearer")) ||
	       str_eq_nocase(word, STR("basic")) ||
	       str_eq_nocase(word, STR("token"));
}

static void mask_bare(struct scan *s, bool in_query)
{
	size_t end = s->at;
	while (!is_space(char_at(s, end)) && !quote_length(s, end) &&
	       !(in_query &&
	         (char_at(s, end) == '&' || char_at(s, end) == '#')))
		end++;
	if (is_scheme(part(s, s->at, end)))
		end = bare_end(s, skip_blanks(s, end));
	mask_to(s, end);
}

/* "required authorization: WRITE", as Spinnaker says why it refuses. */
static bool is_permission(struct str value)
{
	static const char *const names[] = {"READ", "WRITE", "EXECUTE",
	                                    "CREATE", NULL};
	return is_one_of(str_trim(value), names);
}

static void mask_line(struct scan *s)
{
	size_t end = s->at;
	while (char_at(s, end) != '\n' && !quote_length(s, end))
		end++;
	if (is_permission(part(s, s->at, end)))
		copy_to(s, end);
	else
		mask_to(s, end);
}

/* name=value and its kin, the name ending at `end`. */
static bool mask_value(struct scan *s, struct str name, size_t end,
                       bool in_query)
{
	size_t i = skip_blanks(s, end + quote_length(s, end));
	if (char_at(s, i) != ':' && char_at(s, i) != '=')
		return false;
	while (char_at(s, i) == ':' || char_at(s, i) == '=')
		i++;
	if (char_at(s, i) == '>')
		i++;
	copy_to(s, skip_blanks(s, i));
	size_t quote = quote_length(s, s->at);
	if (quote)
		mask_quoted(s, quote);
	else if (is_one_of(name, header_names))
		mask_line(s);
	else
		mask_bare(s, in_query);
	return true;
}

/* --password value, -u user:password */
static bool mask_option(struct scan *s, struct str word, struct str name,
                        size_t end)
{
	bool is_user = str_is(word, "-u") || str_is(word, "--user");
	size_t i = skip_blanks(s, end);
	if (i == end || char_at(s, i) == '-')
		return false;
	if (is_user && !str_has(part(s, i, bare_end(s, i)), ':'))
		return false;
	if (!is_user &&
	    !(str_starts(word, STR("--")) && is_secret(name, false)))
		return false;
	copy_to(s, i);
	size_t quote = quote_length(s, i);
	if (quote)
		mask_quoted(s, quote);
	else
		mask_bare(s, false);
	return true;
}

/* So that "Basic authentication failed" can still be read. */
static bool looks_encoded(struct str word)
{
	bool has_case = false;
	for (size_t i = 0; i < word.n; i++)
		has_case |= word.s[i] < 'a' || word.s[i] > 'z';
	return word.n >= 4 && has_case;
}

static bool mask_credentials(struct scan *s, struct str word, size_t end)
{
	bool basic = str_eq_nocase(word, STR("basic"));
	if (!basic && !str_eq_nocase(word, STR("bearer")))
		return false;
	size_t i = skip_blanks(s, end), stop = bare_end(s, i);
	if (i == end || i == stop ||
	    (basic && !looks_encoded(part(s, i, stop))))
		return false;
	copy_to(s, i);
	mask_to(s, stop);
	return true;
}

/* At a word's start. */
static void scan_word(struct scan *s)
{
	char bytes[NAME_MAX_BYTES];
	size_t end = s->at;
	char before = s->at ? s->in.s[s->at - 1] : '\n';
	bool in_query = before == '?' || before == '&' || before == '#';
	while (is_word(char_at(s, end)))
		end++;
	struct str word = part(s, s->at, end);
	struct str name = plain_name(word, bytes);
	if (is_secret(name, in_query) && mask_value(s, name, end, in_query))
		return;
	if (mask_credentials(s, word, end) || mask_option(s, word, name, end))
		return;
	copy_to(s, end);
}

/* At "://": what stands before the last '@' of the authority (RFC 3986). */
static void scan_authority(struct scan *s)
{
	copy_to(s, s->at + 3);
	size_t at_sign = 0;
	for (size_t i = s->at; !is_space(char_at(s, i)); i++) {
		char c = char_at(s, i);
		if (c == '/' || c == '?' || c == '#' || is_quote(c) ||
		    c == '<' || c == '>')
			break;
		if (c == '@')
			at_sign = i;
	}
	if (at_sign)
		mask_to(s, at_sign);
}

static struct str masked(struct arena *a, struct str text)
{
	/* One byte may become a mask of three. */
	struct scan s = {.in = text, .out = buf_new(a, 3 * text.n)};
	while (s.at < text.n) {
		if (is_word(text.s[s.at]))
			scan_word(&s);
		else if (str_starts(str_from(text, s.at), STR("://")))
			scan_authority(&s);
		else
			copy_to(&s, s.at + 1);
	}
	return buf_str(&s.out);
}

/* One word: of a secret there would be two, or a sign between. */
static bool is_plain(struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.s[i];
		if (c <= ' ' || c >= 0x7f || c == ':' || c == '=')
			return false;
	}
	return true;
}

struct str redact(struct arena *a, struct str text)
{
	if (is_plain(text))
		return str_copy(a, text);
	return masked(a, without_controls(a, well_formed(a, text)));
}

struct str redact_end(struct arena *a, struct str text, size_t max)
{
	assert(max >= 64);
	struct str all = redact(a, text);
	if (all.n <= max)
		return all;
	struct str head, rest, end = str_from(all, all.n - (max - 4));
	if (str_cut(end, '\n', &head, &rest) && head.n <= max / 4)
		end = rest;
	while (end.n && ((unsigned char)end.s[0] & 0xC0) == 0x80)
		end = str_from(end, 1);
	return str_format(a, "...\n%" STR_FMT, STR_ARG(end));
}
