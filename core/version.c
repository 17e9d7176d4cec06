#include "core/version.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* ---- order ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_identifier_char(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '-';
}

static bool is_number(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_digit(s.s[i]))
			return false;
	return s.n > 0;
}

/* A number without leading zeros. */
static bool is_plain_number(struct str s)
{
	return is_number(s) && (s.n == 1 || s.s[0] != '0');
}

/* Identifiers with dots between them; in a pre-release numbers are plain. */
static bool are_identifiers(struct str list, bool pre_release)
{
	for (bool more = true; more;) {
		struct str id;
		more = str_cut(list, '.', &id, &list);
		if (!id.n)
			return false;
		for (size_t i = 0; i < id.n; i++)
			if (!is_identifier_char(id.s[i]))
				return false;
		if (pre_release && is_number(id) && !is_plain_number(id))
			return false;
	}
	return true;
}

struct semver {
	struct str numbers[3];
	struct str pre_release; /* empty: a release */
};

/* SemVer 2.0.0, sections 2, 9 and 10. */
static bool semver_parse(struct semver *out, struct str s)
{
	struct semver v;
	struct str build, rest;
	if (str_cut(s, '+', &s, &build) && !are_identifiers(build, false))
		return false;
	if (str_cut(s, '-', &rest, &v.pre_release) &&
	    !are_identifiers(v.pre_release, true))
		return false;
	for (int i = 0; i < 3; i++)
		if (str_cut(rest, '.', &v.numbers[i], &rest) != (i < 2) ||
		    !is_plain_number(v.numbers[i]))
			return false;
	*out = v;
	return true;
}

bool version_is_semantic(struct str s)
{
	struct semver v;
	return semver_parse(&v, s);
}

/* Plain numbers of any length: the longer one is the greater. */
static int number_cmp(struct str a, struct str b)
{
	return a.n != b.n ? (a.n > b.n) - (a.n < b.n) : str_cmp(a, b);
}

static int identifier_cmp(struct str a, struct str b)
{
	bool number = is_number(a);
	if (number != is_number(b))
		return number ? -1 : 1;
	return number ? number_cmp(a, b) : str_cmp(a, b);
}

static int pre_release_cmp(struct str a, struct str b)
{
	if (!a.n || !b.n)
		return (a.n == 0) - (b.n == 0);
	while (a.n && b.n) {
		struct str x, y;
		str_cut(a, '.', &x, &a);
		str_cut(b, '.', &y, &b);
		int order = identifier_cmp(x, y);
		if (order)
			return order;
	}
	return (a.n > 0) - (b.n > 0);
}

int version_cmp(struct str a, struct str b)
{
	struct semver x, y;
	bool has_x = semver_parse(&x, a), has_y = semver_parse(&y, b);
	if (!has_x || !has_y)
		return has_x != has_y ? (has_x ? 1 : -1) : str_cmp(a, b);
	for (int i = 0; i < 3; i++) {
		int order = number_cmp(x.numbers[i], y.numbers[i]);
		if (order)
			return order;
	}
	return pre_release_cmp(x.pre_release, y.pre_release);
}

/* ---- patterns ---- */

/* What a version of 256 bytes can cost: some milliseconds at worst. */
enum { MATCH_STEPS = 50000, MATCH_DEPTH = 1000, MATCH_HEAP_KIB = 1024 };

struct version_pattern {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *limits;
};

static void close_code(void *code)
{
	pcre2_code_free(code);
}

static void close_data(void *data)
{
	pcre2_match_data_free(data);
}

static void close_limits(void *limits)
{
	pcre2_match_context_free(limits);
}

static bool not_a_pattern(size_t *offset, size_t at, const char *what,
                          struct fail *why)
{
	*offset = at;
	return fail_set(why, FAIL_INPUT, "not a version pattern: %s", what);
}

bool version_pattern_new(struct version_pattern **out, struct arena *a,
                         struct str pattern, size_t *offset, struct fail *why)
{
	/* "a$" must not match "a\n", and "a|b" is anchored as a whole. */
	const uint32_t options = PCRE2_ANCHORED | PCRE2_ENDANCHORED |
	                         PCRE2_DOLLAR_ENDONLY | PCRE2_UTF |
	                         PCRE2_NEVER_BACKSLASH_C;
	if (pattern.n > VERSION_MAX_BYTES)
		return not_a_pattern(offset, VERSION_MAX_BYTES, "too long",
		                     why);
	int error;
	size_t at;
	pcre2_code *code =
	        pcre2_compile((PCRE2_SPTR)(pattern.n ? pattern.s : ""),
	                      pattern.n, options, &error, &at, NULL);
	if (!code) {
		PCRE2_UCHAR text[128];
		pcre2_get_error_message(error, text, sizeof text);
		return not_a_pattern(offset, at, (const char *)text, why);
	}
	struct version_pattern *p = ARENA_NEW(a, struct version_pattern);
	p->code = code;
	arena_defer(a, close_code, code);
	p->data = pcre2_match_data_create_from_pattern(code, NULL);
	p->limits = pcre2_match_context_create(NULL);
	if (!p->data || !p->limits)
		out_of_memory();
	arena_defer(a, close_data, p->data);
	arena_defer(a, close_limits, p->limits);
	pcre2_set_match_limit(p->limits, MATCH_STEPS);
	pcre2_set_depth_limit(p->limits, MATCH_DEPTH);
	pcre2_set_heap_limit(p->limits, MATCH_HEAP_KIB);
	*out = p;
	return true;
}

static size_t run_length(struct str s, bool (*takes)(char))
{
	size_t n = 0;
	while (n < s.n && takes(s.s[n]))
		n++;
	return n;
}

static bool is_tail_char(char c)
{
	return is_identifier_char(c) || c == '.';
}

/* VERSION_DEFAULT_PATTERN by hand: nothing needs to be compiled, and kept
   somewhere, for the services that name no pattern. */
static bool default_matches(struct str s)
{
	for (int i = 0; i < 3; i++) {
		if (i && (!s.n || s.s[0] != '.'))
			return false;
		s = str_from(s, i > 0);
		size_t n = run_length(s, is_digit);
		if (!n)
			return false;
		s = str_from(s, n);
	}
	for (const char *sign = "-+"; *sign; sign++) {
		if (!s.n || s.s[0] != *sign)
			continue;
		size_t n = run_length(str_from(s, 1), is_tail_char);
		if (!n)
			return false;
		s = str_from(s, 1 + n);
	}
	return !s.n;
}

bool version_matches(const struct version_pattern *p, struct str version)
{
	if (version.n > VERSION_MAX_BYTES)
		return false;
	if (!p)
		return default_matches(version);
	/* An error, a limit reached included, is no match. */
	return pcre2_match(p->code, (PCRE2_SPTR)(version.n ? version.s : ""),
	                   version.n, 0, 0, p->data, p->limits) >= 0;
}
