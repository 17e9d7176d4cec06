#include "core/glob.h"

#include <string.h>

/* One element of a pattern: its bytes, and what they mean. */
enum kind { SAME, ONE, CLASS, RUN, RUN_ANY };

struct token {
	enum kind kind;
	struct str bytes; /* of a class without its brackets */
};

/* A character: a byte and the UTF-8 continuation bytes behind it. */
static struct str take_char(struct str *s)
{
	size_t n = 1;
	while (n < 4 && n < s->n && ((unsigned char)s->s[n] & 0xc0) == 0x80)
		n++;
	struct str c = str_head(*s, n);
	*s = str_from(*s, n);
	return c;
}

static bool is_not(struct str class)
{
	return class.n && (class.s[0] == '!' || class.s[0] == '^');
}

/* "[abc]" taken off; false where the bracket is never closed. A ']' that
   comes first is a member. */
static bool take_class(struct str *s, struct str *class)
{
	struct str rest = str_from(*s, 1);
	size_t first = is_not(rest) ? 2 : 1;
	const char *end = NULL;
	if (rest.n > first)
		end = memchr(rest.s + first, ']', rest.n - first);
	if (!end)
		return false;
	*class = str_head(rest, (size_t)(end - rest.s));
	*s = str_from(rest, class->n + 1);
	return true;
}

static bool class_has(struct str class, struct str c)
{
	bool negated = is_not(class);
	if (negated)
		class = str_from(class, 1);
	bool found = false;
	while (class.n && !found) {
		struct str low = take_char(&class), high = low;
		if (class.n > 1 && class.s[0] == '-') {
			class = str_from(class, 1);
			high = take_char(&class);
		}
		/* UTF-8 sorts by bytes as the code points do. */
		found = str_cmp(low, c) <= 0 && str_cmp(c, high) <= 0;
	}
	return found != negated;
}

static struct token take_token(struct str *pattern)
{
	struct token t = {SAME, STR("")};
	switch (pattern->s[0]) {
	case '*':
		t.kind = RUN;
		t.bytes = take_char(pattern);
		while (pattern->n && pattern->s[0] == '*') {
			t.kind = RUN_ANY;
			take_char(pattern);
		}
		return t;
	case '?':
		t.kind = ONE;
		break;
	case '[':
		if (take_class(pattern, &t.bytes)) {
			t.kind = CLASS;
			return t;
		}
		break;
	}
	t.bytes = take_char(pattern);
	return t;
}

static bool token_takes(const struct token *t, struct str c)
{
	bool slash = c.s[0] == '/';
	switch (t->kind) {
	case SAME:
		return str_eq(t->bytes, c);
	case ONE:
	case RUN:
		return !slash;
	case CLASS:
		return !slash && class_has(t->bytes, c);
	case RUN_ANY:
		return true;
	}
	return false;
}

static bool is_run(const struct token *t)
{
	return t->kind == RUN || t->kind == RUN_ANY;
}

/*
 * The set of all places of the pattern that the text so far can have reached,
 * moved on character by character. Going back to the last star is shorter
 * to write, but with two kinds of star it costs text times text.
 */
struct places {
	struct token at[GLOB_MAX_BYTES];
	bool reached[GLOB_MAX_BYTES + 1]; /* before token i; n: the end */
	size_t n;
};

/* A run may be empty. */
static void skip_runs(struct places *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->reached[i] && is_run(&p->at[i]))
			p->reached[i + 1] = true;
}

/* From the end, so that a place is read before it is moved into. */
static bool step(struct places *p, struct str c)
{
	bool any = false;
	p->reached[p->n] = false;
	for (size_t i = p->n; i-- > 0;) {
		if (!p->reached[i])
			continue;
		bool takes = token_takes(&p->at[i], c);
		bool run = is_run(&p->at[i]);
		p->reached[i] = takes && run;
		if (takes && !run)
			p->reached[i + 1] = true;
		any = any || takes;
	}
	skip_runs(p);
	return any;
}

bool glob_match(struct str pattern, struct str text)
{
	if (pattern.n > GLOB_MAX_BYTES)
		return false;
	struct places p;
	p.n = 0;
	memset(p.reached, 0, sizeof p.reached);
	while (pattern.n)
		p.at[p.n++] = take_token(&pattern);
	p.reached[0] = true;
	skip_runs(&p);
	while (text.n)
		if (!step(&p, take_char(&text)))
			return false;
	return p.reached[p.n];
}
