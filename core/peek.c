#include "core/peek.h"

#include "core/json.h"
#include "core/when.h"

/* The bytes of the string that begins at s, quotes included; 0: it does not
   end. */
static size_t string_length(struct str s)
{
	size_t i = 1;
	while (i < s.n) {
		const char *quote = memchr(s.s + i, '"', s.n - i);
		if (!quote)
			return 0;
		size_t end = (size_t)(quote - s.s), slashes = 0;
		while (end - slashes > i && s.s[end - slashes - 1] == '\\')
			slashes++;
		if (slashes % 2 == 0)
			return end + 1;
		i = end + 1;
	}
	return 0;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static struct str skip_space(struct str s)
{
	while (s.n && is_space(*s.s))
		s = str_from(s, 1);
	return s;
}

/* Of a list or an object; 0: it does not end. */
static size_t nest_length(struct str s)
{
	size_t depth = 0;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.s[i];
		if (c == '"') {
			size_t n = string_length(str_from(s, i));
			if (!n)
				return 0;
			i += n - 1;
		} else if (c == '{' || c == '[') {
			depth++;
		} else if ((c == '}' || c == ']') && !--depth) {
			return i + 1;
		}
	}
	return 0;
}

static size_t value_length(struct str s)
{
	size_t n = 0;
	if (!s.n)
		return 0;
	if (*s.s == '"')
		return string_length(s);
	if (*s.s == '{' || *s.s == '[')
		return nest_length(s);
	while (n < s.n && s.s[n] != ',' && s.s[n] != '}' && s.s[n] != ']' &&
	       !is_space(s.s[n]))
		n++;
	return n;
}

/* Take off the character that must come next. */
static bool take(struct str *s, char c)
{
	*s = skip_space(*s);
	if (!s->n || *s->s != c)
		return false;
	*s = str_from(*s, 1);
	return true;
}

bool peek_member(struct peek *p, struct str *key, struct str *value)
{
	struct str s = p->rest;
	p->rest = (struct str){0};
	if (!take(&s, '{') && !take(&s, ','))
		return false;
	s = skip_space(s);
	size_t n = s.n && *s.s == '"' ? string_length(s) : 0;
	if (!n)
		return false;
	struct str name = str_head(str_from(s, 1), n - 2);
	s = str_from(s, n);
	if (!take(&s, ':'))
		return false;
	s = skip_space(s);
	n = value_length(s);
	if (!n)
		return false;
	*key = name;
	*value = str_head(s, n);
	p->rest = str_from(s, n);
	return true;
}

struct str peek_find(struct str object, const char *key)
{
	struct peek p = {object};
	struct str name, value;
	while (peek_member(&p, &name, &value))
		if (str_is(name, key))
			return value;
	return STR("");
}

struct str peek_text(struct arena *a, struct str value)
{
	struct fail why = {0};
	json_t *read;
	if (value.n < 2 || *value.s != '"')
		return STR("");
	if (!str_has(value, '\\'))
		return str_head(str_from(value, 1), value.n - 2);
	if (!json_read(&read, a, value, &why))
		return STR("");
	return (struct str){json_string_value(read), json_string_length(read)};
}

int64_t peek_int(struct str value)
{
	int64_t n;
	return str_int(value, &n) ? n : 0;
}

int64_t peek_time(struct str value)
{
	int64_t t;
	if (value.n > 2 && *value.s == '"')
		return when_parse(str_head(str_from(value, 1), value.n - 2), &t)
		               ? t
		               : 0;
	return peek_int(value);
}
