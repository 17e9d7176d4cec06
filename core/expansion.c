#include "core/expansion.h"

#include "core/artifact.h"

#include <string.h>

enum { SLUG_MAX = 63, SHORT_DEFAULT = 7 };

struct expander {
	struct arena *a;
	const struct expansion_order *order;
	struct artifact artifact;
	struct expansion_problem problem;
	bool inside; /* a value that params.NAME stands for */
};

/* A value on its way through the functions. */
struct value {
	struct str s;
	bool missing; /* what has to be there, and is not */
};

static bool expand_text(struct expander *x, const struct parameter *p,
                        struct str *out);

/* --- names --------------------------------------------------------------- */

static struct str number_text(struct arena *a, int64_t n)
{
	return n ? str_format(a, "%lld", (long long)n) : STR("");
}

static struct str digest_of(const struct expander *x, const struct build *b)
{
	if (x->artifact.digest.n || !b->sha256.n)
		return x->artifact.digest;
	return str_format(x->a, "sha256:%" STR_FMT,
	                  STR_ARG(str_lower(x->a, b->sha256)));
}

static struct str build_text(const struct expander *x, const struct build *b,
                             enum parameter_name name)
{
	switch ((int)name) {
	case PARAMETER_NAME_ARTIFACT:
		return b->artifact;
	case PARAMETER_NAME_ARTIFACT_SCHEME:
		return x->artifact.scheme;
	case PARAMETER_NAME_ARTIFACT_HOST:
		return x->artifact.host;
	case PARAMETER_NAME_ARTIFACT_BUCKET:
		return x->artifact.bucket;
	case PARAMETER_NAME_ARTIFACT_PATH:
		return x->artifact.path;
	case PARAMETER_NAME_ARTIFACT_NAME:
		return x->artifact.name;
	case PARAMETER_NAME_ARTIFACT_TAG:
		return x->artifact.tag;
	case PARAMETER_NAME_ARTIFACT_DIGEST:
		return digest_of(x, b);
	case PARAMETER_NAME_SHA256:
		return b->sha256;
	case PARAMETER_NAME_COMMIT:
		return b->commit;
	case PARAMETER_NAME_BRANCH:
		return b->branch;
	default:
		return STR("");
	}
}

static struct str order_text(const struct expander *x, enum parameter_name name)
{
	const struct deployment *d = x->order->deployment;
	switch ((int)name) {
	case PARAMETER_NAME_SERVICE:
		return d->service;
	case PARAMETER_NAME_VERSION:
		return d->version;
	case PARAMETER_NAME_ENVIRONMENT:
		return d->environment;
	case PARAMETER_NAME_GROUP:
		return d->group;
	case PARAMETER_NAME_RECIPE:
		return x->order->recipe->id.s;
	case PARAMETER_NAME_REVISION:
		return number_text(x->a, x->order->recipe->revision.n);
	case PARAMETER_NAME_KIND:
		return str_of(deployment_kind_names[d->kind]);
	case PARAMETER_NAME_NUMBER:
		return number_text(x->a, d->number);
	case PARAMETER_NAME_PREVIOUS_VERSION:
		return d->previous_version;
	case PARAMETER_NAME_SOURCE_ENVIRONMENT:
		return d->source_environment;
	case PARAMETER_NAME_ROLLBACK_OF:
		return number_text(x->a, d->rollback_of);
	case PARAMETER_NAME_INTENT:
		return d->intent_path;
	case PARAMETER_NAME_TOKEN:
		return d->token;
	case PARAMETER_NAME_ACTOR:
		return d->actor_email;
	case PARAMETER_NAME_TICKET:
		return d->ticket;
	case PARAMETER_NAME_SUMMARY:
		return d->summary;
	default:
		return STR("");
	}
}

static const struct request_param *param_of(const struct expansion_order *o,
                                            struct str name)
{
	for (const struct request_param *p = o->params; p; p = p->next)
		if (str_eq(p->name, name))
			return p;
	return NULL;
}

/* What the intent sets, else the recipe's own; a recipe in which that goes
   round is not used to judge. */
static bool params_text(struct expander *x, struct str name, struct str *out)
{
	const struct request_param *set = param_of(x->order, name);
	*out = STR("");
	if (set && recipe_overridable(x->order->recipe, name)) {
		*out = set->value;
		return true;
	}
	if (x->inside)
		return true;
	vec_each (const struct parameter, p, &x->order->recipe->parameters)
		if (str_eq(p->name.s, name)) {
			x->inside = true;
			bool fine = expand_text(x, p, out);
			x->inside = false;
			return fine;
		}
	return true;
}

static bool operand_value(struct expander *x,
                          const struct parameter_operand *operand,
                          struct value *out)
{
	*out = (struct value){.s = operand->text};
	if (operand->name == PARAMETER_NAME_NONE)
		return true;
	if (operand->name == PARAMETER_NAME_PARAMS)
		return params_text(x, operand->text, &out->s);
	if (parameter_may_be_empty(operand->name)) {
		out->s = order_text(x, operand->name);
		return true;
	}
	if (x->order->build)
		out->s = build_text(x, x->order->build, operand->name);
	else
		out->s = STR("");
	out->missing = !out->s.n;
	return true;
}

/* --- functions ----------------------------------------------------------- */

static struct str upper(struct arena *a, struct str s)
{
	struct buf out = buf_new(a, s.n);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.s[i];
		buf_add_char(&out,
		             c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c);
	}
	return buf_str(&out);
}

static struct str slug(struct arena *a, struct str s)
{
	struct buf out = buf_new(a, SLUG_MAX);
	bool gap = false;
	s = str_lower(a, s);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.s[i];
		bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
		if (word && gap && out.n)
			buf_add_char(&out, '-');
		if (word)
			buf_add_char(&out, c);
		gap = !word;
	}
	struct str made = buf_str(&out);
	return str_ends(made, STR("-")) ? str_head(made, made.n - 1) : made;
}

static struct str first_characters(struct str s, int64_t n)
{
	size_t i = 0;
	while (i < s.n && n--) {
		i++;
		while (i < s.n && ((unsigned char)s.s[i] & 0xC0) == 0x80)
			i++;
	}
	return str_head(s, i);
}

static struct str replace(struct expander *x, struct str s, struct str from,
                          struct str to)
{
	struct buf out = buf_new(x->a, EXPANSION_VALUE_MAX);
	for (size_t i = 0; i < s.n;) {
		if (str_starts(str_from(s, i), from)) {
			buf_add(&out, to);
			i += from.n;
		} else {
			buf_add_char(&out, s.s[i++]);
		}
	}
	if (out.full)
		x->problem.fault = EXPANSION_TOO_LONG;
	return buf_str(&out);
}

static struct str percent(struct arena *a, struct str s)
{
	struct buf out = buf_new(a, 3 * s.n);
	buf_add_percent(&out, s);
	return buf_str(&out);
}

static struct str quoted(struct arena *a, struct str s)
{
	struct buf out = buf_new(a, 6 * s.n + 2);
	json_quote(&out, s);
	return buf_str(&out);
}

static bool apply(struct expander *x, const struct parameter_step *step,
                  struct value *v)
{
	struct value arg;
	if (step->function == FUNCTION_DEFAULT)
		return v->s.n || operand_value(x, &step->args[0], v);
	if (v->missing)
		return true;
	switch (step->function) {
	case FUNCTION_LOWER:
		v->s = str_lower(x->a, v->s);
		break;
	case FUNCTION_UPPER:
		v->s = upper(x->a, v->s);
		break;
	case FUNCTION_TRIM:
		v->s = str_trim(v->s);
		break;
	case FUNCTION_SLUG:
		v->s = slug(x->a, v->s);
		break;
	case FUNCTION_SHORT:
		v->s = first_characters(v->s, step->nargs ? step->args[0].number
		                                          : SHORT_DEFAULT);
		break;
	case FUNCTION_REPLACE:
		arg.s = step->args[1].text;
		v->s = replace(x, v->s, step->args[0].text, arg.s);
		break;
	case FUNCTION_JSON:
		v->s = quoted(x->a, v->s);
		break;
	case FUNCTION_URL:
		v->s = percent(x->a, v->s);
		break;
	case FUNCTION_DEFAULT:
	case PARAMETER_FUNCTION_COUNT:
		break;
	}
	return x->problem.fault == EXPANSION_FINE;
}

/* --- a value ------------------------------------------------------------- */

static bool refuse(struct expander *x, const struct parameter *p,
                   enum expansion_fault fault, struct span where,
                   struct str text)
{
	if (x->problem.fault == EXPANSION_FINE || !x->problem.text.n)
		x->problem = (struct expansion_problem){
		        fault,
		        str_format(x->a,
		                   "the parameter %" STR_FMT
		                   " of the recipe %" STR_FMT " %" STR_FMT,
		                   STR_ARG(p->name.s),
		                   STR_ARG(x->order->recipe->id.s),
		                   STR_ARG(text)),
		        where};
	return false;
}

static bool refuse_missing(struct expander *x, const struct parameter *p,
                           const struct parameter_operand *operand)
{
	const char *word = parameter_words[operand->name].word;
	struct span where = text_span(&p->value, operand->at, operand->end);
	const struct deployment *d = x->order->deployment;
	if (!x->order->build)
		return refuse(x, p, EXPANSION_NO_BUILD, where,
		              str_format(x->a,
		                         "asks for the %s, and no build "
		                         "registered %" STR_FMT " %" STR_FMT,
		                         word, STR_ARG(d->service),
		                         STR_ARG(d->version)));
	return refuse(
	        x, p, EXPANSION_NO_VALUE, where,
	        str_format(x->a,
	                   "asks for the %s, which the build of "
	                   "%" STR_FMT " %" STR_FMT
	                   " does not have (artifact %" STR_FMT ")",
	                   word, STR_ARG(d->service), STR_ARG(d->version),
	                   STR_ARG(str_brief(x->a, x->order->build->artifact,
	                                     200))));
}

static bool expand_part(struct expander *x, const struct parameter *p,
                        const struct parameter_part *part, struct buf *out)
{
	struct value v = {.s = part->text};
	const struct parameter_operand *last = &part->value;
	if (!part->is_placeholder) {
		buf_add(out, part->text);
		return true;
	}
	if (!operand_value(x, &part->value, &v))
		return false;
	for (const struct parameter_step *s = part->steps; s; s = s->next) {
		if (s->function == FUNCTION_DEFAULT && !v.s.n)
			last = &s->args[0];
		if (!apply(x, s, &v))
			return x->problem.text.n
			               ? false
			               : refuse(x, p, EXPANSION_TOO_LONG,
			                        p->value.at,
			                        STR("becomes too long"));
	}
	if (v.missing)
		return refuse_missing(x, p, last);
	buf_add(out, v.s);
	return true;
}

static bool expand_text(struct expander *x, const struct parameter *p,
                        struct str *out)
{
	if (!p->has_placeholders) {
		*out = p->value.s;
		return p->value.s.n <= EXPANSION_VALUE_MAX ||
		       refuse(x, p, EXPANSION_TOO_LONG, p->value.at,
		              STR("is too long"));
	}
	struct buf buf = buf_new(x->a, EXPANSION_VALUE_MAX);
	for (const struct parameter_part *part = p->parts; part;
	     part = part->next)
		if (!expand_part(x, p, part, &buf))
			return false;
	*out = buf_str(&buf);
	return !buf.full || refuse(x, p, EXPANSION_TOO_LONG, p->value.at,
	                           STR("becomes too long"));
}

/* --- all ----------------------------------------------------------------- */

static struct expander expander_of(struct arena *a,
                                   const struct expansion_order *order)
{
	struct expander x = {.a = a, .order = order};
	if (order->build)
		x.artifact = artifact_of(order->build->artifact);
	return x;
}

static bool set_by_intent(struct expander *x, const struct overridable *o,
                          struct expanded *out)
{
	const struct request_param *set =
	        o ? param_of(x->order, o->name) : NULL;
	if (!set)
		return false;
	*out = (struct expanded){o->name, set->value,
	                         o->type.is == PARAMETER_STRING
	                                 ? PARAMETER_STRING
	                                 : parameter_type_of(set->value)};
	return true;
}

static bool has_parameter(const struct recipe *r, struct str name)
{
	vec_each (const struct parameter, p, &r->parameters)
		if (str_eq(p->name.s, name))
			return true;
	return false;
}

struct expansion_problem expansion_of(struct expansion *out, struct arena *a,
                                      const struct expansion_order *order)
{
	const struct recipe *r = order->recipe;
	struct expander x = expander_of(a, order);
	struct expansion made = {0};
	if (!r) {
		*out = made;
		return x.problem;
	}
	made.at = arena_array(a, r->parameters.n + r->overridable.n,
	                      sizeof *made.at);
	vec_each (const struct parameter, p, &r->parameters) {
		struct expanded *e = &made.at[made.n++];
		if (set_by_intent(&x, recipe_overridable(r, p->name.s), e))
			continue;
		*e = (struct expanded){.name = p->name.s, .type = p->type};
		if (!expand_text(&x, p, &e->value))
			return x.problem;
	}
	vec_each (const struct overridable, o, &r->overridable)
		if (!has_parameter(r, o->name) &&
		    set_by_intent(&x, o, &made.at[made.n]))
			made.n++;
	*out = made;
	return x.problem;
}

struct expansion_problem expansion_check(struct arena *a,
                                         const struct expansion_order *order)
{
	struct expander x = expander_of(a, order);
	struct str ignored;
	if (!order->recipe)
		return x.problem;
	vec_each (const struct parameter, p, &order->recipe->parameters) {
		if ((!p->uses_build && !p->uses_params) ||
		    param_of(order, p->name.s) || expand_text(&x, p, &ignored))
			continue;
		if (x.problem.fault != EXPANSION_TOO_LONG)
			return x.problem;
		x.problem = (struct expansion_problem){0};
	}
	return (struct expansion_problem){0};
}

void expansion_json(struct jw *j, struct arena *a, const struct expansion *e)
{
	jw_open(j, '{');
	for (size_t i = 0; i < e->n; i++) {
		jw_key(j, str_cstr(a, e->at[i].name));
		if (e->at[i].type == PARAMETER_STRING)
			jw_str(j, e->at[i].value);
		else
			jw_raw(j, e->at[i].value);
	}
	jw_close(j);
}

const struct expanded *expansion_find(const struct expansion *e,
                                      struct str name)
{
	for (size_t i = 0; i < e->n; i++)
		if (str_eq(e->at[i].name, name))
			return &e->at[i];
	return NULL;
}
