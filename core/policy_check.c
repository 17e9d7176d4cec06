#include "core/glob.h"
#include "core/policy_keys.h"

#include <string.h>

enum { PERSON_MAX = 80 };
enum {
	NAME_MAX_BYTES = 128,
	SHOWN = 60,
	CLOCK_LENGTH = 5,
	HOOK_TIMEOUT_MAX = 600
};

struct checker {
	struct policy *p;
	struct diags *ds;
};

static struct diag *invalid(struct checker *c, const struct text *value,
                            const char *what)
{
	struct str shown = str_brief(c->ds->arena, value->s, SHOWN);
	return diag_add(c->ds, DIAG_INVALID_VALUE, value->at,
	                "\"%" STR_FMT "\" is not %s", STR_ARG(shown), what);
}

/*
 * Names.
 */

static bool lower_or_digit(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9');
}

static bool alphanumeric(char ch)
{
	return lower_or_digit(ch) || (ch >= 'A' && ch <= 'Z');
}

/* ^[a-z0-9]+(-[a-z0-9]+)*$ */
static bool is_environment_name(struct str s)
{
	if (!s.n || s.n > NAME_MAX_BYTES || s.s[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		bool after_word = i && s.s[i - 1] != '-';
		if (!lower_or_digit(s.s[i]) && !(s.s[i] == '-' && after_word))
			return false;
	}
	return true;
}

/* ^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$ */
static bool is_id(struct str s)
{
	if (!s.n || s.n > NAME_MAX_BYTES || !alphanumeric(s.s[0]))
		return false;
	for (size_t i = 1; i < s.n; i++)
		if (!alphanumeric(s.s[i]) && s.s[i] != '.' && s.s[i] != '_' &&
		    s.s[i] != '-')
			return false;
	return true;
}

/* The site has a folder of that name beside its index pages. */
static bool is_page(struct str s)
{
	return str_eq_nocase(s, STR("index.html")) ||
	       str_eq_nocase(s, STR("index.json"));
}

static void check_id(struct checker *c, const struct text *id)
{
	if (!GIVEN(*id))
		return;
	if (!is_id(id->s))
		invalid(c, id,
		        "a name: letters, digits, '.', '_' and '-', at "
		        "most 128, the first a letter or digit");
	else if (is_page(id->s))
		invalid(c, id, "free as a name: the site has a page of it");
}

static void check_identity(struct checker *c, const struct text *id)
{
	if (GIVEN(*id) && (str_blank(id->s) || id->s.n > IDENTITY_MAX_BYTES))
		invalid(c, id,
		        "an identity: an e-mail address or a signer's "
		        "principal of at most 254 bytes");
}

static void check_identities(struct checker *c, const struct texts *list)
{
	for (size_t i = 0; i < list->n; i++)
		check_identity(c, &list->at[i]);
}

/*
 * Values of a form.
 */

static void check_positive(struct checker *c, const struct moment *m)
{
	if (GIVEN(*m) && m->t <= 0)
		diag_add(c->ds, DIAG_INVALID_VALUE, m->at,
		         "the duration must be longer than nothing");
}

static void check_not_empty(struct checker *c, const struct texts *list,
                            const char *what)
{
	if (list->span.src && !list->n)
		diag_add(c->ds, DIAG_INVALID_VALUE, list->span,
		         "the list is empty: %s", what);
}

static void check_zone(struct checker *c, const struct text *name,
                       const struct zone **zone)
{
	struct fail why = {0};
	if (GIVEN(*name) && !zone_find(zone, c->p->arena, name->s, &why))
		invalid(c, name,
		        "a time zone of the tz database, such as "
		        "Europe/Berlin");
}

/* RFC 3986, as far as an engine needs it; without user information, which
   would be a secret in a file. */
static void check_url(struct checker *c, const struct text *url)
{
	struct str scheme, rest, host, path;
	if (!GIVEN(*url))
		return;
	bool http = str_cut(url->s, ':', &scheme, &rest) &&
	            (str_is(scheme, "https") || str_is(scheme, "http")) &&
	            str_starts(rest, STR("//"));
	str_cut(str_from(rest, 2), '/', &host, &path);
	if (!http || !host.n)
		invalid(c, url, "an http or https address");
	else if (str_has(url->s, '?') || str_has(url->s, '#'))
		invalid(c, url, "an address without '?' and '#'");
	else if (str_has(host, '@'))
		diag_add(c->ds, DIAG_INVALID_VALUE, url->at,
		         "the address has credentials in it: name them in "
		         "\"auth\", by environment variable or file");
}

/* "s3://bucket" or "pkg:npm/name": a scheme, and something after it. */
static void check_source(struct checker *c, const struct text *source)
{
	struct str scheme, rest;
	bool good = str_cut(source->s, ':', &scheme, &rest) && scheme.n &&
	            alphanumeric(scheme.s[0]);
	for (size_t i = 0; good && i < scheme.n; i++)
		good = alphanumeric(scheme.s[i]) || scheme.s[i] == '+';
	if (str_starts(rest, STR("//")))
		rest = str_from(rest, 2);
	else
		good = good && str_is(scheme, "pkg");
	if (!good || !rest.n || rest.s[0] == '/')
		if (!good || !rest.n || !str_is(scheme, "file"))
			invalid(c, source,
			        "a prefix of addresses, such as "
			        "s3://bucket/folder/");
}

/* "HH:MM"; minutes since midnight, or -1. */
static int clock_minutes(struct str s)
{
	if (s.n != CLOCK_LENGTH || s.s[2] != ':')
		return -1;
	int64_t hour, minute;
	if (s.s[0] == '-' || s.s[3] == '-' || !str_int(str_head(s, 2), &hour) ||
	    !str_int(str_from(s, 3), &minute) || hour > 24 || minute > 59)
		return -1;
	int all = (int)(hour * 60 + minute);
	return all <= 24 * 60 ? all : -1;
}

static bool is_decimal(struct str s)
{
	struct str whole, fraction;
	bool point = str_cut(str_from(s, str_starts(s, STR("-"))), '.', &whole,
	                     &fraction);
	if (!whole.n || (point && !fraction.n))
		return false;
	for (size_t i = 0; i < whole.n; i++)
		if (whole.s[i] < '0' || whole.s[i] > '9')
			return false;
	for (size_t i = 0; i < fraction.n; i++)
		if (fraction.s[i] < '0' || fraction.s[i] > '9')
			return false;
	return true;
}

/* The byte of a quoted or plain scalar, or all of it where escapes stand
   between the text and the file. */
static struct span byte_of(const struct text *t, size_t offset)
{
	size_t length = t->at.end - t->at.start;
	bool plain = length == t->s.n, quoted = length == t->s.n + 2;
	if ((!plain && !quoted) || offset > t->s.n)
		return t->at;
	uint32_t at = t->at.start + (uint32_t)offset + quoted;
	return (struct span){t->at.src, at,
	                     offset < t->s.n ? at + 1 : t->at.end};
}

/*
 * Kinds.
 */

static void check_engine(struct checker *c, const struct engine *e)
{
	struct text id = {e->id, e->at};
	check_id(c, &id);
	check_not_empty(c, &e->command, "the program is its first word");
	check_positive(c, &e->timeout);
	check_url(c, &e->url);
	check_url(c, &e->deck_url);
	policy_check_access(e, c->ds);
	const char *missing = NULL;
	if (!GIVEN(e->type))
		return;
	switch ((enum engine_type)e->type.is) {
	case ENGINE_COMMAND:
		missing = e->command.span.src ? NULL : "command";
		break;
	case ENGINE_SPINNAKER:
		missing = GIVEN(e->url) ? NULL : "url";
		break;
	case ENGINE_SANDBOX:
		break;
	}
	if (missing)
		diag_add(c->ds, DIAG_MISSING_KEY, e->at,
		         "missing key \"%s\" (engine of this type)", missing);
}

/* It is put into pages, feeds and JSON as it is. */
static void check_person(struct checker *c, const struct site_person *p)
{
	check_identity(c, &p->identity);
	for (size_t i = 0; i < p->shown.s.n; i++)
		if (strchr("<>&\"'\\@", p->shown.s.s[i])) {
			invalid(c, &p->shown,
			        "a name without < > & quotes backslash and @");
			return;
		}
	if (GIVEN(p->shown) &&
	    (str_blank(p->shown.s) || p->shown.s.n > PERSON_MAX))
		invalid(c, &p->shown, "a name of 1 to 80 bytes");
}

/* A part of git's rules (git-check-ref-format), and no odd characters. */
static bool is_ref(struct str s)
{
	struct str part, rest = s;
	size_t parts = 0;
	for (; str_cut(rest, '/', &part, &rest) || part.n; parts++) {
		if (!is_id(part) || str_contains(part, STR("..")) ||
		    str_ends(part, STR(".")) || str_ends(part, STR(".lock")))
			return false;
		if (!rest.n)
			break;
	}
	return parts && str_starts(s, STR("refs/")) && !str_ends(s, STR("/"));
}

static void check_platform(struct checker *c)
{
	struct platform *platform = &c->p->platform;
	check_zone(c, &platform->timezone, &platform->zone);
	const struct site_person *people = platform->site.people.at;
	for (size_t i = 0; i < platform->site.people.n; i++)
		check_person(c, &people[i]);
	check_positive(c, &platform->waiting_expires_after);
	if (GIVEN(platform->ledger.ref) && !is_ref(platform->ledger.ref.s))
		invalid(c, &platform->ledger.ref,
		        "a ref in full, such as refs/dxcp/ledger");
	check_not_empty(c, &platform->mutations.environments,
	                "leave the key out to mean all environments");
	check_not_empty(c, &platform->mutations.groups,
	                "leave the key out to mean all groups");
	vec_each (const struct engine, e, &platform->engines)
		check_engine(c, e);
	check_identities(c, &c->p->roles.platform_admin);
	check_identities(c, &c->p->roles.observer);
	check_identities(c, &c->p->roles.ci_publisher);
}

static void check_environment(struct checker *c, const struct environment *e)
{
	if (GIVEN(e->name) && !is_environment_name(e->name.s))
		invalid(c, &e->name,
		        "a name of an environment: lower-case letters and "
		        "digits, words joined by single '-'");
}

static void check_service(struct checker *c, struct service *s)
{
	check_id(c, &s->name);
	for (size_t i = 0; i < s->artifact_sources.n; i++)
		check_source(c, &s->artifact_sources.at[i]);
	const struct need *need = s->needs.at;
	for (size_t i = 0; i < s->needs.n; i++)
		if (GIVEN(need[i].min_version) &&
		    !version_is_semantic(need[i].min_version.s))
			invalid(c, &need[i].min_version,
			        "a semantic version such as 1.4.2");
	struct fail why = {0};
	size_t offset = 0;
	if (GIVEN(s->version_pattern) &&
	    !version_pattern_new(&s->pattern, c->p->arena, s->version_pattern.s,
	                         &offset, &why))
		diag_add(c->ds, DIAG_INVALID_VALUE,
		         byte_of(&s->version_pattern, offset), "%s", why.text);
}

static void check_group(struct checker *c, const struct group *g)
{
	check_id(c, &g->id);
	check_identities(c, &g->owners);
}

static void check_bound(struct checker *c, const struct overridable *o,
                        const struct text *bound)
{
	bool whole = o->type.is == PARAMETER_INTEGER;
	bool number = whole || o->type.is == PARAMETER_NUMBER;
	if (!GIVEN(*bound) || !GIVEN(o->type))
		return;
	if (!number)
		diag_add(c->ds, DIAG_INVALID_VALUE, bound->at,
		         "only an integer or a number has bounds");
	else if (!is_decimal(bound->s) || (whole && str_has(bound->s, '.')))
		invalid(c, bound, whole ? "an integer" : "a decimal number");
}

static void check_overridable(struct checker *c, const struct overridable *o)
{
	int64_t min, max;
	check_bound(c, o, &o->min);
	check_bound(c, o, &o->max);
	if (GIVEN(o->min) && GIVEN(o->max) && str_int(o->min.s, &min) &&
	    str_int(o->max.s, &max) && min > max)
		diag_add(c->ds, DIAG_INVALID_VALUE, o->max.at,
		         "no value fits: max is less than min");
	check_not_empty(c, &o->options, "no value fits");
	if (o->options.n && GIVEN(o->type) && o->type.is != PARAMETER_STRING)
		diag_add(c->ds, DIAG_INVALID_VALUE, o->options.span,
		         "only a string has options");
}

static void check_recipe(struct checker *c, const struct recipe *r)
{
	check_id(c, &r->id);
	check_positive(c, &r->timeout);
	vec_each (const struct overridable, o, &r->overridable)
		check_overridable(c, o);
	policy_parameters(r, c->ds);
}

static void check_clock(struct checker *c, const struct text *clock, int last,
                        int *out)
{
	if (!GIVEN(*clock))
		return;
	int minutes = clock_minutes(clock->s);
	*out = minutes;
	if (minutes < 0 || minutes > last)
		invalid(c, clock,
		        last == 24 * 60
		                ? "a clock time from \"00:00\" to \"24:00\""
		                : "a clock time from \"00:00\" to \"23:59\"");
}

static void check_days(struct checker *c, const struct texts *days,
                       unsigned *bits)
{
	check_not_empty(c, days, "name at least one day");
	for (size_t i = 0; i < days->n; i++) {
		const struct text *day = &days->at[i];
		size_t d = 0;
		while (weekday_names[d] && !str_is(day->s, weekday_names[d]))
			d++;
		if (weekday_names[d])
			*bits |= 1u << d;
		else
			invalid(c, day,
			        "one of mon, tue, wed, thu, fri, sat, sun");
	}
}

static void check_scope(struct checker *c, const struct scope *s)
{
	check_not_empty(c, &s->environments,
	                "leave the key out to mean all environments");
	check_not_empty(c, &s->groups, "leave the key out to mean all groups");
	check_not_empty(c, &s->services,
	                "leave the key out to mean all services");
}

static void check_window(struct checker *c, struct window *w)
{
	check_id(c, &w->id);
	check_scope(c, &w->scope);
	if (GIVEN(w->timezone))
		check_zone(c, &w->timezone, &w->zone);
	else
		w->zone = c->p->platform.zone;
	struct weekly *weekly = &w->when.weekly;
	check_days(c, &weekly->days, &weekly->day_bits);
	check_clock(c, &weekly->from, 24 * 60 - 1, &weekly->from_minute);
	check_clock(c, &weekly->to, 24 * 60, &weekly->to_minute);
	const struct dated *dated = &w->when.dated;
	if (GIVEN(dated->from) && GIVEN(dated->to) &&
	    dated->to.t <= dated->from.t)
		diag_add(c->ds, DIAG_INVALID_VALUE, dated->to.at,
		         "the window ends before it begins");
}

static bool is_waivable(struct str guardrail)
{
	for (const char *const *name = waivable_names; *name; name++)
		if (str_is(guardrail, *name))
			return true;
	return false;
}

static void check_waiver(struct checker *c, struct waiver *w)
{
	check_id(c, &w->id);
	check_scope(c, &w->scope);
	check_identity(c, &w->owner);
	if (!GIVEN(w->guardrail))
		return;
	enum diag_code code = diag_find(w->guardrail.s);
	if (is_waivable(w->guardrail.s)) {
		w->code = code;
		return;
	}
	if (diag_info(code)->row > 0) {
		struct diag *no =
		        diag_add(c->ds, DIAG_INVALID_VALUE, w->guardrail.at,
		                 "%s cannot be waived", diag_info(code)->name);
		diag_hint(c->ds, no,
		          "Change what it asks for: waivers set aside windows, "
		          "freezes, soak times, dependencies, approvals, "
		          "holds, hooks, quotas, slots and rules about "
		          "recipes and promotions.");
		return;
	}
	struct diag *d = invalid(c, &w->guardrail, "a code of a decision");
	enum diag_code near = diag_nearest(w->guardrail.s);
	if (diag_info(near)->row > 0)
		diag_hint(c->ds, d, "Did you mean %s?", diag_info(near)->name);
}

static void check_hook(struct checker *c, const struct hook *h)
{
	check_id(c, &h->id);
	check_scope(c, &h->scope);
	check_positive(c, &h->timeout);
	check_not_empty(c, &h->command, "the program is its first word");
	check_url(c, &h->opa_url);
	if (GIVEN(h->timeout) && h->timeout.t > HOOK_TIMEOUT_MAX)
		diag_add(c->ds, DIAG_INVALID_VALUE, h->timeout.at,
		         "a hook may take at most 10m: a pass waits for it");
	if (!h->command.span.src == !GIVEN(h->opa_url))
		diag_add(c->ds, DIAG_INVALID_VALUE, h->at,
		         "a hook has either \"command\" or \"opa_url\"");
}

static void check_pattern(struct checker *c, const struct text *pattern)
{
	if (GIVEN(*pattern) && pattern->s.n > FAILURE_PATTERN_MAX)
		diag_add(c->ds, DIAG_INVALID_VALUE, pattern->at,
		         "the pattern is longer than %d bytes",
		         FAILURE_PATTERN_MAX);
}

static void check_failure_rule(struct checker *c, const struct failure_rule *f)
{
	const struct failure_match *m = &f->match;
	check_id(c, &f->id);
	check_pattern(c, &m->stage_type);
	check_pattern(c, &m->stage_name);
	check_pattern(c, &m->exception_type);
	check_pattern(c, &m->kind);
	check_pattern(c, &m->http_status);
	check_pattern(c, &m->message);
	check_pattern(c, &m->service);
	check_pattern(c, &m->environment);
	check_pattern(c, &m->recipe);
}

static void check_glob(struct checker *c, const struct text *glob)
{
	if (GIVEN(*glob) && glob->s.n > GLOB_MAX_BYTES)
		diag_add(c->ds, DIAG_INVALID_VALUE, glob->at,
		         "the pattern is longer than %d bytes: it would match "
		         "nothing",
		         GLOB_MAX_BYTES);
}

static void check_proposal_rule(struct checker *c,
                                const struct proposal_rule *r)
{
	check_id(c, &r->id);
	check_glob(c, &r->branch);
	check_glob(c, &r->version);
}

void policy_check(struct policy *p, struct diags *ds)
{
	struct checker c = {p, ds};
	check_platform(&c);
	for (size_t i = 0; i < p->environments.n; i++)
		check_environment(&c, p->environments.at[i]);
	for (size_t i = 0; i < p->services.n; i++)
		check_service(&c, p->services.at[i]);
	for (size_t i = 0; i < p->groups.n; i++)
		check_group(&c, p->groups.at[i]);
	for (size_t i = 0; i < p->recipes.n; i++)
		check_recipe(&c, p->recipes.at[i]);
	for (size_t i = 0; i < p->windows.n; i++)
		check_window(&c, p->windows.at[i]);
	for (size_t i = 0; i < p->waivers.n; i++)
		check_waiver(&c, p->waivers.at[i]);
	for (size_t i = 0; i < p->hooks.n; i++)
		check_hook(&c, p->hooks.at[i]);
	for (size_t i = 0; i < p->failure_rules.n; i++)
		check_failure_rule(&c, p->failure_rules.at[i]);
	for (size_t i = 0; i < p->proposal_rules.n; i++)
		check_proposal_rule(&c, p->proposal_rules.at[i]);
}
