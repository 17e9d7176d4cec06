#include "runner/guard.h"

#include <assert.h>

const struct guard guards[] = {
#define GUARD(name, title, kinds, about) \
	{#name, title, kinds, guard_##name, about},
#include "runner/guards.def"
#undef GUARD
};
const size_t guard_count = sizeof guards / sizeof *guards;

_Static_assert(sizeof guards / sizeof *guards <= VERDICT_TRACE_MAX,
               "a decision has room for a row of every guardrail");

void guard_pass(struct trace_row *row, struct arena *a, const char *fmt, ...)
{
	row->result = TRACE_PASS;
	if (row->words != WORDS_ALL)
		return;
	va_list args;
	va_start(args, fmt);
	row->detail = str_vformat(a, fmt, args);
	va_end(args);
}

void guard_skip(struct trace_row *row, struct arena *a, const char *fmt, ...)
{
	row->result = TRACE_SKIP;
	if (row->words != WORDS_ALL)
		return;
	va_list args;
	va_start(args, fmt);
	row->detail = str_vformat(a, fmt, args);
	va_end(args);
}

void guard_refuse(struct trace_row *row, struct arena *a, const struct facts *f,
                  enum diag_code code, struct spot at, const char *fmt, ...)
{
	row->code = code;
	row->result =
	        diag_info(code)->level == DIAG_WAIT ? TRACE_WAIT : TRACE_DENY;
	row->at = request_location(f->request, at);
	if (row->words == WORDS_NONE)
		return;
	va_list args;
	va_start(args, fmt);
	row->detail = str_vformat(a, fmt, args);
	va_end(args);
}

void guard_hint(struct trace_row *row, struct arena *a, const char *fmt, ...)
{
	if (row->words == WORDS_NONE)
		return;
	va_list args;
	va_start(args, fmt);
	row->hint = str_vformat(a, fmt, args);
	va_end(args);
}

void guard_ends(struct trace_row *row, int64_t at, struct str what)
{
	row->next_allowed_at = at;
	row->ends_when = what;
}

struct str guard_change(struct arena *a, const struct window_change *change)
{
	const struct window *w = change->window;
	return str_format(a,
	                  w->type.is == WINDOW_DENY
	                          ? "the freeze %" STR_FMT " ends"
	                          : "the window %" STR_FMT " opens",
	                  STR_ARG(w->id.s));
}

void guard_rule(struct trace_row *row, struct span rule)
{
	row->rule = location_of(rule);
}

static struct trace_input *input(struct trace_row *row, const char *name)
{
	assert(row->ninputs < TRACE_INPUTS_MAX);
	struct trace_input *in = &row->inputs[row->ninputs++];
	in->name = name;
	return in;
}

void guard_input(struct trace_row *row, const char *name, struct str value)
{
	input(row, name)->text = value;
}

void guard_input_int(struct trace_row *row, const char *name, int64_t value)
{
	struct trace_input *in = input(row, name);
	in->is_number = true;
	in->number = value;
}

void guard_input_when(struct trace_row *row, struct arena *a, const char *name,
                      int64_t instant)
{
	struct when_text text = when_text(instant);
	input(row, name)->text = str_copy(a, str_of(text.s));
}

struct str guard_names(struct arena *a, const struct texts *names)
{
	enum { SHOWN = 5 };
	struct buf out = buf_new(a, 4096);
	for (size_t i = 0; i < names->n && i < SHOWN; i++)
		buf_format(&out, "%s%" STR_FMT, i ? ", " : "",
		           STR_ARG(names->at[i].s));
	if (names->n > SHOWN)
		buf_format(&out, " and %zu more", names->n - SHOWN);
	return names->n ? buf_str(&out) : STR("none");
}
