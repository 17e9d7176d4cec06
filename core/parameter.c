#include "core/parameter.h"

#include "core/secret.h"

#include <assert.h>

enum { EMPTY = true, STOPS = false, SHOWN = 40 };

const struct parameter_word parameter_words[PARAMETER_NAME_COUNT] = {
#define NAME(name, word, absent, about) {word, NULL, about},
#define FUNCTION(name, word, least, most, usage, about)
#include "core/parameter_names.def"
#undef NAME
#undef FUNCTION
};

static const bool may_be_empty[PARAMETER_NAME_COUNT] = {
#define NAME(name, word, absent, about) absent,
#define FUNCTION(name, word, least, most, usage, about)
#include "core/parameter_names.def"
#undef NAME
#undef FUNCTION
};

const struct parameter_word parameter_functions[PARAMETER_FUNCTION_COUNT] = {
#define NAME(name, word, absent, about)
#define FUNCTION(name, word, least, most, usage, about) {word, usage, about},
#include "core/parameter_names.def"
#undef NAME
#undef FUNCTION
};

static const struct arity {
	size_t least, most;
} arities[PARAMETER_FUNCTION_COUNT] = {
#define NAME(name, word, absent, about)
#define FUNCTION(name, word, least, most, usage, about) {least, most},
#include "core/parameter_names.def"
#undef NAME
#undef FUNCTION
};

static const char *const function_names[] = {
#define NAME(name, word, absent, about)
#define FUNCTION(name, word, least, most, usage, about) word,
#include "core/parameter_names.def"
#undef NAME
#undef FUNCTION
        NULL,
};

/* Functions too: who misspells a name may have meant either. */
static const char *const all_words[] = {
#define NAME(name, word, absent, about) word,
#define FUNCTION(name, word, least, most, usage, about) word,
#include "core/parameter_names.def"
#undef NAME
#undef FUNCTION
        NULL,
};

bool parameter_may_be_empty(enum parameter_name name)
{
	return name >= PARAMETER_NAME_COUNT || may_be_empty[name];
}

/* --- the words of a placeholder ------------------------------------------ */

enum token_kind {
	TOKEN_NAME,
	TOKEN_TEXT, /* in quotes, which its text has not */
	TOKEN_NUMBER,
	TOKEN_PIPE,
	TOKEN_CLOSE, /* }} */
	TOKEN_WRONG, /* reported */
};

struct token {
	enum token_kind kind;
	uint32_t at, end;
	struct str text;
};

struct parser {
	struct parameter *p;
	struct arena *a;
	struct diags *ds;
	struct str in;
	size_t pos;
	size_t open_at; /* of the `{{` */
	struct token token;
};

static struct diag *wrong(struct parser *ps, size_t at, size_t end,
                          const char *fmt, ...)
        __attribute__((format(printf, 4, 5)));

static struct diag *wrong(struct parser *ps, size_t at, size_t end,
                          const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	struct str text = str_vformat(ps->ds->arena, fmt, args);
	va_end(args);
	ps->token.kind = TOKEN_WRONG;
	return diag_add(ps->ds, DIAG_INVALID_TEMPLATE,
	                text_span(&ps->p->value, at, end), "%" STR_FMT,
	                STR_ARG(text));
}

static struct str shown(struct parser *ps, struct str word)
{
	return str_brief(ps->ds->arena, word, SHOWN);
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A dot may begin it, so that the whole of ".version" is what is wrong. */
static bool is_word_char(char c)
{
	return is_letter(c) || is_digit(c) || c == '_' || c == '.' || c == '-';
}

static bool at_close(const struct parser *ps)
{
	return str_starts(str_from(ps->in, ps->pos), STR("}}"));
}

static void take_quoted(struct parser *ps, char quote)
{
	struct str text, rest;
	size_t from = ps->pos + 1;
	if (!str_cut(str_from(ps->in, from), quote, &text, &rest)) {
		wrong(ps, ps->pos, ps->pos + 1,
		      "the text in quotes has no end");
		return;
	}
	ps->pos = from + text.n + 1;
	ps->token = (struct token){TOKEN_TEXT, (uint32_t)(from - 1),
	                           (uint32_t)ps->pos, text};
}

static void take_word(struct parser *ps)
{
	size_t from = ps->pos;
	while (ps->pos < ps->in.n && is_word_char(ps->in.s[ps->pos]))
		ps->pos++;
	struct str text = {ps->in.s + from, ps->pos - from};
	ps->token =
	        (struct token){is_digit(text.s[0]) ? TOKEN_NUMBER : TOKEN_NAME,
	                       (uint32_t)from, (uint32_t)ps->pos, text};
}

static void next(struct parser *ps)
{
	while (ps->pos < ps->in.n &&
	       (ps->in.s[ps->pos] == ' ' || ps->in.s[ps->pos] == '\t' ||
	        ps->in.s[ps->pos] == '\n'))
		ps->pos++;
	size_t at = ps->pos;
	char c = at < ps->in.n ? ps->in.s[at] : 0;
	if (at == ps->in.n) {
		wrong(ps, ps->open_at, ps->open_at + 2,
		      "the placeholder has no end: \"}}\" is missing");
	} else if (at_close(ps)) {
		ps->pos += 2;
		ps->token = (struct token){TOKEN_CLOSE, (uint32_t)at,
		                           (uint32_t)ps->pos, STR("}}")};
	} else if (c == '|') {
		ps->pos++;
		ps->token = (struct token){TOKEN_PIPE, (uint32_t)at,
		                           (uint32_t)ps->pos, STR("|")};
	} else if (c == '"' || c == '\'') {
		take_quoted(ps, c);
	} else if (c == '}' || c == '{') {
		wrong(ps, at, at + 1,
		      "a single brace in a placeholder: it ends with \"}}\"");
	} else if (is_word_char(c) && c != '-') {
		take_word(ps);
	} else {
		size_t end = at + 1;
		while (end < ps->in.n && (ps->in.s[end] & 0xC0) == 0x80)
			end++;
		wrong(ps, at, end,
		      "a placeholder has names, functions, texts in quotes "
		      "and \"|\", nothing else");
	}
}

static bool is(const struct parser *ps, enum token_kind kind)
{
	return ps->token.kind == kind;
}

/* --- what they mean ------------------------------------------------------ */

static int find_function(struct str word)
{
	for (int i = 0; i < PARAMETER_FUNCTION_COUNT; i++)
		if (str_is(word, function_names[i]))
			return i;
	return -1;
}

static void unknown(struct parser *ps, const char *what,
                    const char *const *names)
{
	struct token t = ps->token;
	struct diag *d =
	        wrong(ps, t.at, t.end, "there is no %s \"%" STR_FMT "\"", what,
	              STR_ARG(shown(ps, t.text)));
	struct str word = t.text;
	while (str_starts(word, STR(".")))
		word = str_from(word, 1);
	const char *near = decode_nearest(word, names);
	if (near)
		diag_hint(ps->ds, d, "Did you mean \"%s\"?", near);
}

static bool read_name(struct parser *ps, struct parameter_operand *out)
{
	struct str word = ps->token.text, prefix = STR("params.");
	if (str_starts(word, prefix) && word.n > prefix.n) {
		out->name = PARAMETER_NAME_PARAMS;
		out->text = str_from(word, prefix.n);
		ps->p->uses_params = true;
		return true;
	}
	for (int i = 0; i < PARAMETER_NAME_COUNT; i++)
		if (str_is(word, parameter_words[i].word)) {
			out->name = (enum parameter_name)i;
			ps->p->uses_build |= !may_be_empty[i];
			return true;
		}
	unknown(ps, "name or function", all_words);
	return false;
}

static bool read_operand(struct parser *ps, struct parameter_operand *out)
{
	struct token t = ps->token;
	*out = (struct parameter_operand){.name = PARAMETER_NAME_NONE,
	                                  .text = t.text,
	                                  .at = t.at,
	                                  .end = t.end};
	if (is(ps, TOKEN_NAME)) {
		if (!read_name(ps, out))
			return false;
	} else if (is(ps, TOKEN_TEXT)) {
		out->is_quoted = true;
	} else if (is(ps, TOKEN_NUMBER)) {
		if (!str_int(t.text, &out->number) || out->number > INT32_MAX) {
			wrong(ps, t.at, t.end,
			      "\"%" STR_FMT "\" is not a whole number",
			      STR_ARG(shown(ps, t.text)));
			return false;
		}
	} else {
		if (!is(ps, TOKEN_WRONG))
			wrong(ps, t.at, t.end,
			      "a name or a text in quotes is missing here");
		return false;
	}
	next(ps);
	return !is(ps, TOKEN_WRONG);
}

/* What a function takes before its value. */
static bool check_args(struct parser *ps, const struct parameter_step *step,
                       uint32_t at, uint32_t end)
{
	const struct arity *arity = &arities[step->function];
	const char *usage = parameter_functions[step->function].usage;
	if (step->nargs < arity->least || step->nargs > arity->most) {
		wrong(ps, at, end, "this is not how the function is used: %s",
		      usage);
		return false;
	}
	for (size_t i = 0; i < step->nargs; i++) {
		const struct parameter_operand *arg = &step->args[i];
		bool number = step->function == FUNCTION_SHORT;
		bool any = step->function == FUNCTION_DEFAULT;
		if (number ? arg->name == PARAMETER_NAME_NONE &&
		                     !arg->is_quoted && arg->number > 0
		           : arg->is_quoted || any)
			continue;
		wrong(ps, arg->at, arg->end, "expected %s here: %s",
		      number ? "a number from 1 on" : "a text in quotes",
		      usage);
		return false;
	}
	if (step->function == FUNCTION_REPLACE && !step->args[0].text.n) {
		wrong(ps, step->args[0].at, step->args[0].end,
		      "there is nothing to replace");
		return false;
	}
	return true;
}

/* A call, up to a pipe or the end: where `piped`, its value comes from the
   left, else it is the last operand, to *value. */
static bool read_call(struct parser *ps, bool piped,
                      struct parameter_operand *value,
                      struct parameter_step **out)
{
	struct parameter_operand operands[4];
	size_t n = 0;
	struct token head = ps->token;
	struct parameter_step *step = ARENA_NEW(ps->a, struct parameter_step);
	step->function = (enum parameter_function)find_function(head.text);
	next(ps);
	while (!is(ps, TOKEN_PIPE) && !is(ps, TOKEN_CLOSE)) {
		if (n == 4)
			return wrong(ps, ps->token.at, ps->token.end,
			             "too much for this function: %s",
			             parameter_functions[step->function].usage),
			       false;
		if (!read_operand(ps, &operands[n++]))
			return false;
	}
	if (!piped && !n)
		return wrong(ps, head.at, head.end,
		             "the function needs a value: \"%s version\", "
		             "for one",
		             parameter_functions[step->function].usage),
		       false;
	if (!piped)
		*value = operands[--n];
	if (n > 2)
		return wrong(ps, head.at, head.end,
		             "this is not how the function is used: %s",
		             parameter_functions[step->function].usage),
		       false;
	for (size_t i = 0; i < n; i++)
		step->args[i] = operands[i];
	step->nargs = n;
	*out = step;
	return check_args(ps, step, head.at, head.end);
}

static bool read_pipes(struct parser *ps, struct parameter_part *part,
                       struct parameter_step **tail, size_t steps)
{
	while (is(ps, TOKEN_PIPE)) {
		struct parameter_operand none;
		next(ps);
		if (is(ps, TOKEN_WRONG))
			return false;
		if (!is(ps, TOKEN_NAME) || find_function(ps->token.text) < 0) {
			if (is(ps, TOKEN_NAME))
				unknown(ps, "function", function_names);
			else
				wrong(ps, ps->token.at, ps->token.end,
				      "a function is missing here");
			return false;
		}
		if (++steps > PARAMETER_STEPS_MAX) {
			wrong(ps, ps->token.at, ps->token.end,
			      "more than %d functions in one placeholder",
			      PARAMETER_STEPS_MAX);
			return false;
		}
		if (!read_call(ps, true, &none, tail))
			return false;
		tail = &(*tail)->next;
	}
	if (is(ps, TOKEN_CLOSE))
		return true;
	if (!is(ps, TOKEN_WRONG) && part->value.name != PARAMETER_NAME_NONE &&
	    !steps)
		wrong(ps, part->value.at, part->value.end,
		      "\"%" STR_FMT "\" is no function, and a placeholder has "
		      "one value",
		      STR_ARG(str_head(str_from(ps->in, part->value.at),
		                       part->value.end - part->value.at)));
	else if (!is(ps, TOKEN_WRONG))
		wrong(ps, ps->token.at, ps->token.end,
		      "a placeholder has one value");
	return false;
}

/* What stands between the braces; the position is behind the `{{`. */
static bool read_placeholder(struct parser *ps, struct parameter_part *part)
{
	struct parameter_step **tail = &part->steps;
	size_t steps = 0;
	part->is_placeholder = true;
	next(ps);
	if (is(ps, TOKEN_WRONG))
		return false;
	if (is(ps, TOKEN_CLOSE)) {
		wrong(ps, ps->open_at, ps->token.end,
		      "the placeholder is empty");
		return false;
	}
	if (is(ps, TOKEN_NAME) && find_function(ps->token.text) >= 0) {
		if (!read_call(ps, false, &part->value, tail))
			return false;
		tail = &(*tail)->next;
		steps = 1;
	} else if (!read_operand(ps, &part->value)) {
		return false;
	}
	return read_pipes(ps, part, tail, steps);
}

/* --- a value ------------------------------------------------------------- */

static void check_secret(struct parser *ps, size_t at, struct str text)
{
	size_t start, length;
	const char *what = secret_in(text, &start, &length);
	if (what)
		diag_add(ps->ds, DIAG_SECRET_IN_POLICY,
		         text_span(&ps->p->value, at + start,
		                   at + start + length),
		         "this looks like %s", what);
}

static struct parameter_part *add_part(struct parser *ps, size_t *n)
{
	struct parameter_part *part = ARENA_NEW(ps->a, struct parameter_part);
	struct parameter_part **tail = &ps->p->parts;
	while (*tail)
		tail = &(*tail)->next;
	*tail = part;
	if (++*n == PARAMETER_PARTS_MAX + 1)
		wrong(ps, 0, ps->in.n, "more than %d texts and placeholders",
		      PARAMETER_PARTS_MAX);
	return part;
}

/* Text up to a `{{` or the end. `}}` has to close braces of the text itself. */
static void read_text(struct parser *ps, size_t *depth, size_t *n)
{
	size_t from = ps->pos;
	while (ps->pos < ps->in.n &&
	       !str_starts(str_from(ps->in, ps->pos), STR("{{"))) {
		char c = ps->in.s[ps->pos];
		if (c == '{') {
			++*depth;
		} else if (at_close(ps) && *depth < 2) {
			wrong(ps, ps->pos, ps->pos + 2,
			      "\"}}\" ends no placeholder");
			ps->pos++;
			*depth = 0;
		} else if (c == '}' && *depth) {
			--*depth;
		}
		ps->pos++;
	}
	if (ps->pos == from)
		return;
	struct str text = {ps->in.s + from, ps->pos - from};
	check_secret(ps, from, text);
	add_part(ps, n)->text = text;
}

/* After trouble: what comes behind the placeholder is looked at all the same.
 */
static void skip_placeholder(struct parser *ps)
{
	ps->pos = ps->open_at + 2;
	while (ps->pos < ps->in.n && !at_close(ps))
		ps->pos++;
	ps->pos += at_close(ps) ? 2 : 0;
}

static void check_quoted(struct parser *ps,
                         const struct parameter_operand *operand)
{
	if (operand->is_quoted)
		check_secret(ps, operand->at + 1, operand->text);
}

static void check_quotes(struct parser *ps, const struct parameter_part *part)
{
	check_quoted(ps, &part->value);
	for (const struct parameter_step *s = part->steps; s; s = s->next)
		for (size_t i = 0; i < s->nargs; i++)
			check_quoted(ps, &s->args[i]);
}

/* RFC 8259 section 6, so that the text can stand in JSON as it is. */
enum parameter_type parameter_type_of(struct str s)
{
	size_t i = str_starts(s, STR("-")), from = i;
	if (str_is(s, "true") || str_is(s, "false"))
		return PARAMETER_BOOLEAN;
	while (i < s.n && is_digit(s.s[i]))
		i++;
	if (i == from || (s.s[from] == '0' && i > from + 1) ||
	    s.n > PARAMETER_NUMBER_MAX)
		return PARAMETER_STRING;
	if (i == s.n)
		return PARAMETER_INTEGER;
	if (s.s[i] != '.' || i + 1 == s.n)
		return PARAMETER_STRING;
	for (i++; i < s.n; i++)
		if (!is_digit(s.s[i]))
			return PARAMETER_STRING;
	return PARAMETER_NUMBER;
}

/* What is written there for all to read is no secret any more. */
static void check_name(struct parser *ps)
{
	const struct parameter *p = ps->p;
	if (!p->has_placeholders && p->value.s.n &&
	    p->type != PARAMETER_BOOLEAN && secret_name(p->name.s) &&
	    !secret_is_elsewhere(p->value.s))
		diag_add(ps->ds, DIAG_SECRET_IN_POLICY, p->value.at,
		         "the parameter \"%" STR_FMT
		         "\" has a secret's name, and its value stands here",
		         STR_ARG(shown(ps, p->name.s)));
}

void parameter_parse(struct parameter *p, struct arena *a, bool plain,
                     struct diags *ds)
{
	struct parser ps = {.p = p, .a = a, .ds = ds, .in = p->value.s};
	size_t depth = 0, n = 0;
	p->parts = NULL;
	while (ps.pos < ps.in.n && n <= PARAMETER_PARTS_MAX) {
		read_text(&ps, &depth, &n);
		if (ps.pos == ps.in.n || n > PARAMETER_PARTS_MAX)
			break;
		p->has_placeholders = true;
		ps.open_at = ps.pos;
		ps.pos += 2;
		struct parameter_part *part = add_part(&ps, &n);
		if (read_placeholder(&ps, part))
			check_quotes(&ps, part);
		else
			skip_placeholder(&ps);
	}
	p->type = plain ? parameter_type_of(p->value.s) : PARAMETER_STRING;
	check_name(&ps);
}

static void visit_use(const struct parameter_operand *use,
                      const struct parameter *p, parameter_use_fn *visit,
                      void *context)
{
	if (use->name == PARAMETER_NAME_PARAMS)
		visit(context, p, use);
}

void parameter_uses(const struct parameter *p, parameter_use_fn *visit,
                    void *context)
{
	if (!p->uses_params)
		return;
	for (const struct parameter_part *part = p->parts; part;
	     part = part->next) {
		if (part->is_placeholder)
			visit_use(&part->value, p, visit, context);
		for (const struct parameter_step *s = part->steps; s;
		     s = s->next)
			for (size_t i = 0; i < s->nargs; i++)
				visit_use(&s->args[i], p, visit, context);
	}
}
