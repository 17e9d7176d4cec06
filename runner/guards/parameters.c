#include "runner/guard.h"

/*
 * A decimal number without exponent, split at its point, so that comparing is
 * exact and knows no locale: "-12.50" is minus, "12", "50".
 */
struct decimal {
	bool minus;
	struct str whole, fraction;
};

static bool digits(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.s[i] < '0' || s.s[i] > '9')
			return false;
	return true;
}

static bool decimal_parse(struct str s, struct decimal *out)
{
	struct decimal d = {.minus = str_starts(s, STR("-"))};
	bool point = str_cut(str_from(s, d.minus), '.', &d.whole, &d.fraction);
	if (!d.whole.n || !digits(d.whole) || !digits(d.fraction) ||
	    (point && !d.fraction.n))
		return false;
	while (d.whole.n > 1 && d.whole.s[0] == '0')
		d.whole = str_from(d.whole, 1);
	while (d.fraction.n && d.fraction.s[d.fraction.n - 1] == '0')
		d.fraction.n--;
	if (str_is(d.whole, "0") && !d.fraction.n)
		d.minus = false;
	*out = d;
	return true;
}

static int decimal_cmp(const struct decimal *a, const struct decimal *b)
{
	if (a->minus != b->minus)
		return a->minus ? -1 : 1;
	int order = (a->whole.n > b->whole.n) - (a->whole.n < b->whole.n);
	if (!order)
		order = str_cmp(a->whole, b->whole);
	if (!order)
		order = str_cmp(a->fraction, b->fraction);
	return a->minus ? -order : order;
}

/* What is wrong with the value; empty where nothing is. */
static struct str number_fault(const struct overridable *o, struct str value,
                               struct arena *a)
{
	bool whole = o->type.is == PARAMETER_INTEGER;
	struct decimal v, bound;
	if (!decimal_parse(value, &v) || (whole && str_has(value, '.')))
		return whole ? STR("is not an integer")
		             : STR("is not a number");
	if (GIVEN(o->min) && decimal_parse(o->min.s, &bound) &&
	    decimal_cmp(&v, &bound) < 0)
		return str_format(a, "is less than %" STR_FMT,
		                  STR_ARG(o->min.s));
	if (GIVEN(o->max) && decimal_parse(o->max.s, &bound) &&
	    decimal_cmp(&v, &bound) > 0)
		return str_format(a, "is more than %" STR_FMT,
		                  STR_ARG(o->max.s));
	return STR("");
}

static struct str value_fault(const struct overridable *o,
                              const struct request_param *p, struct arena *a)
{
	bool is_bool = str_is(p->value, "true") || str_is(p->value, "false");
	switch ((enum parameter_type)o->type.is) {
	case PARAMETER_INTEGER:
	case PARAMETER_NUMBER:
		if (!p->plain)
			return STR("is text, not a number");
		return number_fault(o, p->value, a);
	case PARAMETER_BOOLEAN:
		return p->plain && is_bool ? STR("")
		                           : STR("is not true or false");
	case PARAMETER_STRING:
		break;
	}
	if (o->options.n && !texts_has(&o->options, p->value))
		return str_format(a, "is not one of %" STR_FMT,
		                  STR_ARG(guard_names(a, &o->options)));
	return STR("");
}

void guard_parameters(const struct facts *f, struct trace_row *row,
                      struct arena *a)
{
	const struct request_param *p = f->request->params;
	if (!p) {
		guard_pass(row, a, "the intent sets none");
		return;
	}
	if (!f->recipe) {
		guard_skip(row, a, "there is no recipe");
		return;
	}
	guard_rule(row, f->recipe->at);
	for (; p; p = p->next) {
		const struct overridable *o =
		        recipe_overridable(f->recipe, p->name);
		struct str fault = o ? value_fault(o, p, a) : STR("");
		if (o && !fault.n)
			continue;
		guard_input(row, "parameter", p->name);
		if (o)
			guard_rule(row, o->at);
		guard_refuse(row, a, f, DIAG_PARAMETER_NOT_ALLOWED, p->at,
		             "the parameter %" STR_FMT " %" STR_FMT,
		             STR_ARG(p->name),
		             STR_ARG(o ? fault
		                       : STR("is not one that the recipe "
		                             "lets intents set")));
		return;
	}
	guard_pass(row, a, "all within what the recipe allows");
}
