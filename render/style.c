#include "render/style.h"

#include <string.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

/* How many bytes of s a comment takes; 0: it does not begin with one. */
static size_t comment_at(struct str s)
{
	if (!str_starts(s, STR("/*")))
		return 0;
	for (size_t i = 2; i + 1 < s.n; i++)
		if (s.s[i] == '*' && s.s[i + 1] == '/')
			return i + 2;
	return s.n;
}

/* The same of a string, with its quotes. */
static size_t string_at(struct str s)
{
	char quote = s.s[0];
	if (quote != '"' && quote != '\'')
		return 0;
	for (size_t i = 1; i < s.n; i++)
		if (s.s[i] == '\\')
			i++;
		else if (s.s[i] == quote)
			return i + 1;
	return s.n;
}

struct str style_compact(struct arena *a, struct str css)
{
	struct buf b = buf_new(a, css.n + 1);
	int depth = 0; /* of parentheses */
	bool space = false;
	b.cap = css.n + 1;
	b.s = arena_text(a, b.cap);
	for (size_t i = 0; i < css.n;) {
		struct str rest = str_from(css, i);
		size_t comment = comment_at(rest);
		size_t string = comment ? 0 : string_at(rest);
		char c = rest.s[0], last = b.n ? b.s[b.n - 1] : '{';
		if (comment || is_space(c)) {
			i += comment ? comment : 1;
			space = true;
			continue;
		}
		/* "a :hover" is not "a:hover": what is before a colon stays. */
		bool idle = !depth &&
		            (is_one_of(last, "{};,:") || is_one_of(c, "{};"));
		if (space && !idle)
			buf_add_char(&b, ' ');
		space = false;
		depth += (c == '(') - (c == ')');
		buf_add(&b, str_head(rest, string ? string : 1));
		i += string ? string : 1;
	}
	return buf_str(&b);
}
