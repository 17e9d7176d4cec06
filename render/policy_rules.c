#include "render/policy_rules.h"

#include "core/when.h"
#include "render/rule_words.h"

enum { WORDS_MAX = 4096 };

static const struct field rule_list[] = {
        FIELD_TEXT(struct rule_row, id),
        FIELD_TEXT(struct rule_row, first),
        FIELD_TEXT(struct rule_row, second),
        FIELD_TEXT(struct rule_row, third),
        FIELD_OPT(struct rule_row, source, &link_fields),
};
const struct fields rule_fields = FIELDS(struct rule_row, rule_list);

/* --- steps -------------------------------------------------------------- */

/* The rows of the decision table, CONTRACT section 2. */
static const char *const step_titles[STEPS + 1] = {
        "",
        "The file can be acted on",
        "Who asks, and what they may do",
        "The kill switch is off",
        "Recorded once, apart from policy",
        "Group, environment and recipe allow it",
        "Version, artifact, promotion and rollback target",
        "Holds, freezes, windows, soak and approvals",
        "Something is left of the day's quota",
        "A slot is free",
        "The engine takes it",
};

struct str step_title(int step)
{
	return str_of(step_titles[step]);
}

/* --- hooks -------------------------------------------------------------- */

static struct str asked(struct site *s, const struct hook *h)
{
	struct buf b = buf_new(s->page, WORDS_MAX);
	if (h->opa_url.s.n)
		return str_format(s->page, "the server at %" STR_FMT,
		                  STR_ARG(words_line(s->page, h->opa_url.s)));
	for (size_t i = 0; i < h->command.n; i++) {
		if (i)
			buf_add_char(&b, ' ');
		buf_add(&b, h->command.at[i].s);
	}
	return words_line(s->page, buf_str(&b));
}

void hook_rows_add(struct rule_rows *rows, struct site *s)
{
	for (size_t i = 0; i < s->policy->hooks.n; i++) {
		const struct hook *h = s->policy->hooks.at[i];
		*vec_add(s->page, rows) = (struct rule_row){
		        .id = h->id.s,
		        .first = asked(s, h),
		        .second = scope_words(s->page, &h->scope),
		        .third = h->on_failure.is == ON_FAILURE_ALLOW
		                         ? STR("it is passed over")
		                         : STR("nothing goes"),
		        .source = link_to_span(s, &h->id.at)};
	}
}

/* --- proposals ---------------------------------------------------------- */

static void say(struct buf *b, const char *what, const struct text *value)
{
	if (value->s.n)
		buf_format(b, "%s%s %" STR_FMT, b->n ? ", " : "", what,
		           STR_ARG(value->s));
}

void proposal_rows_add(struct rule_rows *rows, struct site *s)
{
	struct arena *a = s->page;
	for (size_t i = 0; i < s->policy->proposal_rules.n; i++) {
		const struct proposal_rule *p = s->policy->proposal_rules.at[i];
		struct buf of = buf_new(a, WORDS_MAX);
		say(&of, "branch", &p->branch);
		say(&of, "version", &p->version);
		*vec_add(a, rows) = (struct rule_row){
		        .id = p->id.s,
		        .first = p->on.is ? STR("a promotion that may follow")
		                          : STR("a registered build"),
		        .second =
		                of.n ? words_line(a, buf_str(&of)) : STR("any"),
		        .third = str_format(a, "deploy it to %" STR_FMT,
		                            STR_ARG(p->environment.s)),
		        .source = link_to_span(s, &p->id.at)};
	}
}

/* --- failures ----------------------------------------------------------- */

void failure_rows_add(struct rule_rows *rows, struct site *s)
{
	struct arena *a = s->page;
	for (size_t i = 0; i < s->policy->failure_rules.n; i++) {
		const struct failure_rule *f = s->policy->failure_rules.at[i];
		const struct failure_match *m = &f->match;
		struct buf fits = buf_new(a, WORDS_MAX);
		say(&fits, "stage type", &m->stage_type);
		say(&fits, "stage", &m->stage_name);
		say(&fits, "exception", &m->exception_type);
		say(&fits, "kind", &m->kind);
		say(&fits, "HTTP", &m->http_status);
		say(&fits, "message", &m->message);
		say(&fits, "service", &m->service);
		say(&fits, "environment", &m->environment);
		say(&fits, "recipe", &m->recipe);
		*vec_add(a, rows) = (struct rule_row){
		        .id = f->id.s,
		        .first = fits.n ? words_line(a, buf_str(&fits))
		                        : STR("any failure"),
		        .second = words_name(
		                a,
		                str_of(failure_category_names[f->category.is])),
		        .third = words_line(a, f->summary.s),
		        .source = link_to_span(s, &f->id.at)};
	}
}

/* --- people ------------------------------------------------------------- */

static void add_people(struct rule_rows *rows, struct site *s,
                       const struct texts *who, struct str role)
{
	for (size_t i = 0; i < who->n; i++)
		*vec_add(s->page, rows) = (struct rule_row){
		        .id = who->at[i].s,
		        .first = role,
		        .source = link_to_span(s, &who->at[i].at)};
}

void people_rows_add(struct rule_rows *rows, struct site *s)
{
	const struct policy *p = s->policy;
	if (s->in->redact)
		return;
	add_people(rows, s, &p->roles.platform_admin, STR("Platform admin"));
	add_people(rows, s, &p->roles.ci_publisher, STR("CI publisher"));
	add_people(rows, s, &p->roles.observer, STR("Observer"));
	for (size_t i = 0; i < p->groups.n; i++)
		add_people(rows, s, &p->groups.at[i]->owners,
		           str_format(s->page, "Owner of %" STR_FMT,
		                      STR_ARG(p->groups.at[i]->id.s)));
}
