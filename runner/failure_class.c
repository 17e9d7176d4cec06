#include "runner/failure_class.h"

#include "core/glob.h"

#include <string.h>

enum {
	MESSAGE_MAX = 8192, /* bytes of a message that are looked at */
	SUMMARY_MAX = 200,  /* code points */
	ANY_SOURCE = -1,
};

#define ANY NULL

struct class_row {
	int source; /* enum failure_source, or ANY_SOURCE */
	const char *stage_type, *exception_type, *kind;
	int http_status;
	const char *text;
	enum failure_category category;
	const char *summary, *hint;
};

enum {
#define SOURCE(name) SOURCE_##name = FAILED_IN_##name
	SOURCE_ANY_SOURCE = ANY_SOURCE,
	SOURCE(EXCEPTION),
	SOURCE(CLOUD),
	SOURCE(MANIFEST),
	SOURCE(WEBHOOK),
	SOURCE(MONITOR),
	SOURCE(JUDGMENT),
	SOURCE(EXPRESSION),
	SOURCE(PRECONDITION),
	SOURCE(PLANNING),
	SOURCE(STARTUP),
	SOURCE(NOTHING),
	SOURCE(CHILD),
	SOURCE(OUTPUT),
	SOURCE(SILENCE),
#undef SOURCE
};

static const struct class_row rows[] = {
#define FAILURE(source, stage, exception, kind, status, text, category, \
                summary, hint)                                          \
	{SOURCE_##source,    stage,   exception, kind, status, text,    \
	 FAILURE_##category, summary, hint},
#include "runner/failure_class.def"
#undef FAILURE
};

/* --- the built-in list ------------------------------------------------------
 */

static bool is_one_of(const char *words, struct str value)
{
	struct str rest, word;
	if (!words)
		return true;
	for (rest = str_of(words); str_next(&rest, '|', &word);)
		if (str_eq_nocase(word, value))
			return true;
	return false;
}

static bool is_status(int pattern, int64_t status)
{
	return !pattern || pattern == status ||
	       (pattern < 10 && pattern == status / 100);
}

/* After the first `part` in s; false where there is none. */
static bool skip_past(struct str *s, struct str part)
{
	const char *at = s->s, *end = s->s + s->n;
	while (part.n && (size_t)(end - at) >= part.n) {
		at = memchr(at, part.s[0], (size_t)(end - at) - part.n + 1);
		if (!at)
			return false;
		if (!memcmp(at, part.s, part.n)) {
			*s = str_from(*s, (size_t)(at - s->s) + part.n);
			return true;
		}
		at++;
	}
	return !part.n;
}

static bool says(const char *texts, struct str message)
{
	struct str rest, words, word;
	if (!texts)
		return true;
	for (rest = str_of(texts); str_next(&rest, '|', &words);) {
		struct str left = message;
		bool all = true;
		while (all && str_next(&words, '*', &word))
			all = skip_past(&left, word);
		if (all)
			return true;
	}
	return false;
}

static const struct class_row *row_for(const struct failure_facts *facts,
                                       struct str message)
{
	const struct class_row *row = rows;
	for (;; row++)
		if ((row->source == ANY_SOURCE ||
		     row->source == (int)facts->source) &&
		    is_one_of(row->stage_type, facts->stage_type) &&
		    is_one_of(row->exception_type, facts->exception_type) &&
		    is_one_of(row->kind, facts->kind) &&
		    is_status(row->http_status, facts->http_status) &&
		    says(row->text, message))
			return row; /* the last row fits all */
}

/* --- the policy's rules
 * ------------------------------------------------------- */

/* In lower case, and every '*' becomes one that takes '/', too. */
static struct str plain_pattern(struct arena *a, struct str pattern)
{
	struct buf out = buf_new(a, GLOB_MAX_BYTES);
	struct str lower = str_lower(a, pattern);
	for (size_t i = 0; i < lower.n; i++)
		if (lower.s[i] != '*')
			buf_add_char(&out, lower.s[i]);
		else if (!i || lower.s[i - 1] != '*')
			buf_add(&out, STR("**"));
	return buf_str(&out);
}

static bool fits(struct arena *a, const struct text *pattern, struct str value)
{
	if (!GIVEN(*pattern))
		return true;
	return value.n &&
	       glob_match(plain_pattern(a, pattern->s), str_lower(a, value));
}

static bool rule_fits(struct arena *a, const struct failure_match *m,
                      const struct failure_facts *facts)
{
	char code[24];
	struct buf digits = {.s = code, .cap = sizeof code, .max = sizeof code};
	if (facts->http_status)
		buf_add_int(&digits, facts->http_status);
	return fits(a, &m->service, facts->service) &&
	       fits(a, &m->environment, facts->environment) &&
	       fits(a, &m->recipe, facts->recipe) &&
	       fits(a, &m->stage_type, facts->stage_type) &&
	       fits(a, &m->stage_name, facts->stage_name) &&
	       fits(a, &m->exception_type, facts->exception_type) &&
	       fits(a, &m->kind, facts->kind) &&
	       fits(a, &m->http_status, buf_str(&digits)) &&
	       fits(a, &m->message, str_head(facts->message, MESSAGE_MAX));
}

const struct failure_rule *failure_rule_for(const struct failure_facts *facts,
                                            const struct policy *policy)
{
	struct arena *a = arena_new();
	const struct failure_rule *found = NULL;
	for (size_t i = 0; policy && i < policy->failure_rules.n; i++) {
		const struct failure_rule *rule = policy->failure_rules.at[i];
		if (rule_fits(a, &rule->match, facts)) {
			found = rule;
			break;
		}
		arena_reset(a);
	}
	arena_free(a);
	return found;
}

/* --- both
 * ----------------------------------------------------------------------- */

static struct str first_line(struct arena *a, struct str text)
{
	struct str line, rest;
	str_cut(str_trim(text), '\n', &line, &rest);
	return str_brief(a, str_trim(line), SUMMARY_MAX);
}

static struct str summary_of(struct arena *a, const struct failure_facts *facts,
                             const struct class_row *row)
{
	struct str what = row->summary ? str_of(row->summary)
	                               : first_line(a, facts->message);
	if (!what.n)
		what = STR("it failed and does not say why");
	if (!facts->stage_name.n)
		return what;
	return str_format(a, "%" STR_FMT ": %" STR_FMT,
	                  STR_ARG(facts->stage_name), STR_ARG(what));
}

static void apply_rule(struct failure *f, struct arena *a,
                       const struct failure_rule *rule)
{
	f->category = (enum failure_category)rule->category.is;
	f->summary = str_copy(a, rule->summary.s);
	f->hint = str_copy(a, rule->hint.s);
	if (GIVEN(rule->runbook))
		f->hint = str_format(a, "%" STR_FMT " Runbook: %" STR_FMT,
		                     STR_ARG(rule->hint.s),
		                     STR_ARG(rule->runbook.s));
}

struct failure_facts failure_output(const struct deployment *d,
                                    struct str message)
{
	return (struct failure_facts){
	        .source = FAILED_IN_OUTPUT,
	        .message = message,
	        .service = d->service,
	        .environment = d->environment,
	        .recipe = d->recipe,
	};
}

void failure_classify(struct failure *f, struct arena *a,
                      const struct failure_facts *facts,
                      const struct policy *policy)
{
	const struct class_row *row = row_for(
	        facts, str_lower(a, str_head(facts->message, MESSAGE_MAX)));
	const struct failure_rule *rule = failure_rule_for(facts, policy);
	if (rule) {
		apply_rule(f, a, rule);
		return;
	}
	if (f->category == FAILURE_UNKNOWN)
		f->category = row->category;
	if (!f->summary.n)
		f->summary = summary_of(a, facts, row);
	if (!f->hint.n)
		f->hint = str_of(row->hint);
}
