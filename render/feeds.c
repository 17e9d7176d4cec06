/*
 * feeds/ and services/<s>/feed.atom: Atom 1.0 (RFC 4287). One entry an outcome:
 * a deployment that ended, an intent that was denied. An entry never changes
 * once it is there: it tells what was known when it was recorded, and its id
 * (RFC 4151) names the repository, not the address of the site.
 */
#include "render/changes.h"
#include "render/decision_row.h"
#include "render/documents.h"
#include "render/html.h"
#include "render/parts.h"

#include <stdlib.h>

enum { LOOK = 2 }; /* times as many are read: they ended in another order */

struct entry {
	int64_t at;
	struct str id, title, href, text, by;
	struct str outcome, service, environment;
};

struct feed {
	struct site *s;
	const char *root; /* from the feed to the site's */
	struct str path, name, title;
	struct str service; /* of this one alone */
	size_t max;
	int state; /* of deployments; -1: any that ended */
	bool deployments, denials, prod;
	VEC(struct entry) entries;
};

/* --- entries ------------------------------------------------------------ */

static struct str tag_of(struct site *s, const char *what, struct str name)
{
	struct str repository =
	        s->head.repository.n ? s->head.repository : STR("none");
	return str_format(s->page, "tag:dxcp,2026:%" STR_FMT ":%s:%" STR_FMT,
	                  STR_ARG(words_slug(s->page, repository)), what,
	                  STR_ARG(name));
}

static const char *ending(const struct deployment *d)
{
	return d->state == STATE_SUCCEEDED ? "succeeded"
	       : d->state == STATE_FAILED  ? "failed"
	                                   : "canceled";
}

static struct str title_of(struct site *s, const struct deployment *d)
{
	struct arena *a = s->page;
	struct str version = words_version(a, d->version);
	struct str why = {0};
	if (d->nfailures)
		why = words_line(a, d->failures[0].summary);
	return str_format(
	        a, "%" STR_FMT "%s %" STR_FMT " %s %" STR_FMT ": %s%s%" STR_FMT,
	        STR_ARG(d->service), d->kind == KIND_ROLLBACK ? " back to" : "",
	        STR_ARG(version), d->kind == KIND_ROLLBACK ? "in" : "to",
	        STR_ARG(d->environment), ending(d), why.n ? ": " : "",
	        STR_ARG(why));
}

static void add_sentence(struct buf *b, const char *before, struct str text)
{
	if (!text.n)
		return;
	if (b->n)
		buf_add_char(b, ' ');
	buf_add(b, str_of(before));
	buf_add(b, text);
	if (!str_ends(text, STR(".")))
		buf_add_char(b, '.');
}

static struct str text_of(struct site *s, const struct deployment *d)
{
	struct arena *a = s->page;
	struct buf b = buf_new(a, 8192);
	add_sentence(&b, "", words_line(a, d->summary));
	if (d->kind == KIND_ROLLBACK && d->rollback_of)
		add_sentence(&b, "Rolls back ",
		             str_format(a, "%lld", (long long)d->rollback_of));
	if (d->previous_version.n)
		add_sentence(&b,
		             d->state == STATE_SUCCEEDED ? "Before: "
		                                         : "It still runs ",
		             words_version(a, d->previous_version));
	if (d->nfailures) {
		add_sentence(&b, "", words_line(a, d->failures[0].detail));
		add_sentence(&b, "", words_line(a, d->failures[0].hint));
	}
	return buf_str(&b);
}

static bool add_deployment(void *context, const struct deployment *recorded,
                           struct fail *why)
{
	struct feed *f = context;
	struct site *s = f->s;
	struct arena *a = s->page;
	(void)why;
	if (!deployment_is_terminal(recorded->state))
		return true;
	const struct deployment *d = redacted(s, a, recorded);
	struct str number = str_format(a, "%lld", (long long)d->number);
	struct entry *e = vec_add(a, &f->entries);
	*e = (struct entry){
	        .at = d->finished_at,
	        .id = tag_of(s, "deployment", number),
	        .title = title_of(s, d),
	        .href = str_format(a, "deployments/%lld/index.html",
	                           (long long)d->number),
	        .text = text_of(s, d),
	        .by = str_copy(a, person_of(s, d->actor_name, d->actor_email)),
	        .outcome = str_of(deployment_state_names[d->state]),
	        .service = str_copy(a, d->service),
	        .environment = str_copy(a, d->environment)};
	return true;
}

static bool is_prod(const struct site *s, struct str environment)
{
	const struct environment *e =
	        policy_environment(s->policy, environment);
	return e && e->type.is == ENVIRONMENT_PROD;
}

static bool add_denial(void *context, const struct recorded_decision *d,
                       struct fail *why)
{
	struct feed *f = context;
	struct site *s = f->s;
	struct arena *a = s->page;
	(void)why;
	if (f->prod && !is_prod(s, d->environment))
		return true;
	struct decision_row row = decision_row_of(s, d);
	struct buf text = buf_new(a, 8192);
	add_sentence(&text, "", row.message);
	add_sentence(&text, "", row.hint);
	struct str name = str_format(a, "%" STR_FMT ":%" STR_FMT,
	                             STR_ARG(words_slug(a, d->path)),
	                             STR_ARG(words_slug(a, d->blob)));
	struct entry *e = vec_add(a, &f->entries);
	*e = (struct entry){.at = d->time,
	                    .id = tag_of(s, "denial", name),
	                    .text = buf_str(&text),
	                    .by = row.by,
	                    .outcome = row.code,
	                    .service = row.service,
	                    .environment = row.environment};
	e->title =
	        row.service.n
	                ? str_format(a,
	                             "%" STR_FMT " %" STR_FMT "%s%" STR_FMT
	                             ": denied, %" STR_FMT,
	                             STR_ARG(row.service), STR_ARG(row.version),
	                             row.environment.n ? " to " : "",
	                             STR_ARG(row.environment),
	                             STR_ARG(row.code))
	                : str_format(a, "%" STR_FMT ": denied, %" STR_FMT,
	                             STR_ARG(words_line(a, d->path)),
	                             STR_ARG(row.code));
	e->href = str_format(a, "decisions/%lld/index.html", (long long)d->seq);
	return true;
}

static bool read_deployments(struct feed *f, struct fail *why)
{
	struct deployment_filter filter = deployment_filter_any();
	filter.state = f->state;
	filter.service = f->service;
	filter.limit = LOOK * f->max;
	filter.with_failures = true;
	if (!f->prod)
		return ledger_deployments(f->s->ledger, &filter, add_deployment,
		                          f, why);
	vec_each (struct history_environment, e, &f->s->history.environments) {
		filter.environment = e->name;
		if (e->is_prod && !ledger_deployments(f->s->ledger, &filter,
		                                      add_deployment, f, why))
			return false;
	}
	return true;
}

static bool read_denials(struct feed *f, struct fail *why)
{
	struct decision_filter filter = {.service = f->service,
	                                 .outcome = OUTCOME_DENY,
	                                 .limit = LOOK * f->max};
	return ledger_decisions(f->s->ledger, &filter, add_denial, f, why);
}

static int newest_first(const void *pa, const void *pb)
{
	const struct entry *a = pa, *b = pb;
	if (a->at != b->at)
		return a->at > b->at ? -1 : 1;
	return str_cmp(b->id, a->id);
}

/* --- XML ---------------------------------------------------------------- */

static void put(struct buf *out, const char *tag, struct str text)
{
	buf_format(out, "<%s>", tag);
	html_xml(out, text);
	buf_format(out, "</%s>\n", tag);
}

static void put_when(struct buf *out, const char *tag, int64_t at)
{
	put(out, tag, str_of(when_text(at).s));
}

static void put_link(struct buf *out, const char *rel, const char *type,
                     struct str href)
{
	buf_format(out, "<link rel=\"%s\" type=\"%s\" href=\"", rel, type);
	html_xml(out, href);
	buf_add(out, STR("\"/>\n"));
}

static void put_category(struct buf *out, const char *scheme, struct str term)
{
	if (!term.n)
		return;
	buf_format(out, "<category scheme=\"tag:dxcp,2026:%s\" term=\"",
	           scheme);
	html_xml(out, term);
	buf_add(out, STR("\"/>\n"));
}

static void put_entry(struct buf *out, const struct feed *f,
                      const struct entry *e)
{
	struct site *s = f->s;
	buf_add(out, STR("<entry>\n"));
	put(out, "id", e->id);
	put(out, "title", e->title);
	put_when(out, "updated", e->at);
	put_link(out, "alternate", "text/html",
	         address_of(s, f->root, e->href));
	if (e->by.n) {
		buf_add(out, STR("<author>\n"));
		put(out, "name", e->by);
		buf_add(out, STR("</author>\n"));
	}
	put_category(out, "outcome", e->outcome);
	put_category(out, "service", e->service);
	put_category(out, "environment", e->environment);
	put(out, "summary", e->text.n ? e->text : e->title);
	buf_add(out, STR("</entry>\n"));
}

static void put_feed(struct buf *out, const struct feed *f)
{
	struct site *s = f->s;
	struct str home =
	        f->service.n
	                ? str_format(s->page,
	                             "services/%" STR_FMT "/index.html",
	                             STR_ARG(words_slug(s->page, f->service)))
	                : STR("index.html");
	buf_add(out, STR("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
	                 "<feed xmlns=\"http://www.w3.org/2005/Atom\" "
	                 "xml:lang=\""));
	html_xml(out, s->language);
	buf_add(out, STR("\">\n"));
	put(out, "id", tag_of(s, "feed", f->name));
	put(out, "title", f->title);
	put_when(out, "updated", f->entries.n ? f->entries.at[0].at : 0);
	buf_add(out, STR("<author>\n"));
	put(out, "name", s->title);
	buf_add(out, STR("</author>\n"));
	if (base_url(s).n)
		put_link(out, "self", "application/atom+xml",
		         address_of(s, "", f->path));
	put_link(out, "alternate", "text/html", address_of(s, f->root, home));
	buf_add(out, STR("<generator>DXCP</generator>\n"));
	for (size_t i = 0; i < f->entries.n && i < f->max; i++)
		put_entry(out, f, &f->entries.at[i]);
	buf_add(out, STR("</feed>\n"));
}

static bool write_feed(struct feed *f, struct fail *why)
{
	struct site *s = f->s;
	if ((f->deployments && !read_deployments(f, why)) ||
	    (f->denials && !read_denials(f, why)))
		return false;
	if (f->entries.n)
		qsort(f->entries.at, f->entries.n, sizeof *f->entries.at,
		      newest_first);
	put_feed(&s->text, f);
	return site_text(s, f->path, false, why);
}

/* --- which -------------------------------------------------------------- */

bool write_feeds(struct site *s, struct fail *why)
{
	static const struct {
		const char *name, *title;
		int state;
		bool deployments, denials, prod;
	} feeds[] = {
	        {"all", "all outcomes", -1, true, true, false},
	        {"prod", "production", -1, true, true, true},
	        {"failures", "failures", STATE_FAILED, true, false, false},
	        {"denials", "denied intents", -1, false, true, false},
	};
	for (size_t i = 0; i < sizeof feeds / sizeof *feeds; i++) {
		struct feed f = {
		        .s = s,
		        .root = "../",
		        .name = str_of(feeds[i].name),
		        .path = str_format(s->page, "feeds/%s.atom",
		                           feeds[i].name),
		        .title = str_format(s->page, "%" STR_FMT ": %s",
		                            STR_ARG(s->title), feeds[i].title),
		        .max = FEED_MAX,
		        .state = feeds[i].state,
		        .deployments = feeds[i].deployments,
		        .denials = feeds[i].denials,
		        .prod = feeds[i].prod};
		if (!write_feed(&f, why))
			return false;
	}
	return true;
}

bool write_service_feeds(struct site *s, struct fail *why)
{
	vec_each (struct history_service, of, &s->history.services) {
		if (!changed_service(s, of))
			continue;
		struct feed f = {
		        .s = s,
		        .root = "../../",
		        .service = of->name,
		        .name = str_format(s->page, "service:%" STR_FMT,
		                           STR_ARG(of->slug)),
		        .path = str_format(s->page,
		                           "services/%" STR_FMT "/feed.atom",
		                           STR_ARG(of->slug)),
		        .title = str_format(s->page, "%" STR_FMT ": %" STR_FMT,
		                            STR_ARG(s->title),
		                            STR_ARG(of->name)),
		        .max = FEED_SERVICE_MAX,
		        .state = -1,
		        .deployments = true,
		        .denials = true};
		if (!write_feed(&f, why))
			return false;
	}
	return true;
}
