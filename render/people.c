#include "render/people.h"

struct people *people_new(struct arena *a, const struct policy *policy)
{
	const struct site_settings *site = &policy->platform.site;
	const struct site_person *at = site->people.at;
	struct people *p = ARENA_NEW(a, struct people);
	p->aliases = map_new(a);
	p->addresses = site->emails.on;
	for (size_t i = 0; i < site->people.n; i++)
		map_put(&p->aliases, str_lower(a, at[i].identity.s),
		        (void *)(uintptr_t)&at[i].shown.s);
	return p;
}

static const struct str *alias_of(const struct people *p, struct arena *a,
                                  struct str identity)
{
	return p->aliases.n ? map_find(&p->aliases, str_lower(a, identity))
	                    : NULL;
}

static struct str before_at(struct str identity)
{
	struct str local, domain;
	return str_cut(identity, '@', &local, &domain) && local.n ? local
	                                                          : identity;
}

struct str people_shown(const struct people *p, struct arena *a,
                        struct str name, struct str identity)
{
	const struct str *alias = alias_of(p, a, identity);
	if (alias)
		return *alias;
	if (p->addresses)
		return str_blank(name) ? identity : name;
	return before_at(str_blank(name) ? identity : name);
}

/* --- in a text ------------------------------------------------------------ */

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_word(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '-' ||
	       (c & '\x80');
}

static bool is_local(char c)
{
	return is_word(c) || (c && strchr("._%+", c));
}

/* From the first byte of what stands before the '@' at `at`. */
static size_t local_start(struct str s, size_t from, size_t at)
{
	size_t i = at;
	while (i > from && is_local(s.s[i - 1]))
		i--;
	/* The letter of an escape of JSON: "\nbo@example.com". */
	if (i > 0 && i < at && s.s[i - 1] == '\\')
		i++;
	return i;
}

/* Behind the last byte of the domain; `at` where there is none. */
static size_t domain_end(struct str s, size_t at)
{
	size_t i = at + 1, dot = 0;
	if (i == s.n || !is_letter(s.s[i]))
		return at;
	while (i < s.n && (is_word(s.s[i]) || s.s[i] == '.')) {
		if (s.s[i] == '.')
			dot = i;
		i++;
	}
	/* A sentence may end with it. */
	if (dot && dot == i - 1)
		for (i = dot, dot = 0; i > at + 1 && !dot; i--)
			dot = s.s[i - 1] == '.' ? i - 1 : 0;
	if (!dot)
		return at;
	size_t end = dot + 1, letters = 0;
	for (; end < s.n && is_word(s.s[end]); end++)
		letters += is_letter(s.s[end]);
	return letters >= 2 ? end : at;
}

static bool is_address(struct str s, size_t start, size_t at, size_t end)
{
	if (start == at || end == at)
		return false;
	if (str_ends((struct str){s.s + at, end - at}, STR(".dxcp")))
		return false; /* how we name events of calendars */
	if (end < s.n && s.s[end] == ':' && end + 1 < s.n &&
	    is_word(s.s[end + 1]))
		return false; /* git@example.com:acme/delivery */
	return start < 2 || s.s[start - 1] != '/' || s.s[start - 2] != '/';
}

/* Hiding makes a text shorter, mostly: it is not to grow step by step. */
static struct buf buf_for(struct arena *a, size_t n)
{
	struct buf b = buf_new(a, 2 * n + 4096);
	b.cap = n + 256;
	b.s = arena_text(a, b.cap);
	return b;
}

struct str people_hide(const struct people *p, struct arena *a,
                       struct str bytes)
{
	const char *sign = p->addresses ? NULL : memchr(bytes.s, '@', bytes.n);
	struct buf out = {0};
	size_t copied = 0;
	while (sign) {
		size_t at = (size_t)(sign - bytes.s);
		size_t start = local_start(bytes, copied, at);
		size_t end = domain_end(bytes, at);
		if (is_address(bytes, start, at, end)) {
			if (!out.arena)
				out = buf_for(a, bytes.n);
			struct str identity = {bytes.s + start, end - start};
			buf_add(&out,
			        (struct str){bytes.s + copied, start - copied});
			buf_add(&out, people_shown(p, a, STR(""), identity));
			copied = end;
		}
		size_t next = copied > at ? copied : at + 1;
		sign = next < bytes.n
		               ? memchr(bytes.s + next, '@', bytes.n - next)
		               : NULL;
	}
	if (!out.arena)
		return bytes;
	buf_add(&out, str_from(bytes, copied));
	return buf_str(&out);
}
