#include "runner/foreign_history.h"

#include "core/json.h"
#include "core/vec.h"

#include <stdlib.h>

enum { LINES_MAX = 1 << 29, BRIEF = 12, COMMIT_DIGITS = 40 };

const char *const history_format_names[] = {"jsonl", "github", "argocd", NULL};

struct row {
	struct str time, line;
	size_t order;
};

struct converting {
	struct arena *a;
	struct str service, environment;
	int64_t left_out;
	VEC(struct row) rows;
};

/* --- one line --------------------------------------------------------------
 */

/* What the line says; empty: it does not. */
struct facts_of_row {
	struct str service, environment, version, time, finished_at, outcome;
	struct str actor, message, commit, source;
};

static void put(json_t *line, const char *key, struct str s)
{
	if (s.n)
		json_object_set_new(line, key, json_stringn(s.s, s.n));
}

static void add_row(struct converting *c, const struct facts_of_row *f)
{
	json_t *line = json_object();
	put(line, "service", c->service.n ? c->service : f->service);
	put(line, "environment",
	    c->environment.n ? c->environment : f->environment);
	put(line, "version", f->version);
	put(line, "time", f->time);
	put(line, "finished_at", f->finished_at);
	put(line, "outcome", f->outcome);
	put(line, "actor", f->actor);
	put(line, "message", f->message);
	put(line, "commit", f->commit);
	put(line, "source", f->source);
	struct row *row = vec_add(c->a, &c->rows);
	*row = (struct row){.time = str_copy(c->a, f->time),
	                    .line = json_canonical(c->a, line),
	                    .order = c->rows.n};
	json_decref(line);
}

/* Times of these APIs are RFC 3339 in UTC: their order is that of bytes. */
static int by_time(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int order = str_cmp(x->time, y->time);
	return order ? order : (x->order > y->order) - (x->order < y->order);
}

static bool is_commit(struct str s)
{
	return s.n == COMMIT_DIGITS && str_is_hex(s);
}

/* A tag or a chart's version: v1.2.3, 2026.3; no branch, no range. */
static bool is_version(struct str s)
{
	if (s.n && (s.s[0] == 'v' || s.s[0] == 'V'))
		s = str_from(s, 1);
	return s.n && s.s[0] >= '0' && s.s[0] <= '9' && str_has(s, '.') &&
	       !str_has(s, '*') && !str_has(s, ' ') && !str_has(s, '/');
}

static struct str version_of(struct str named, struct str revision)
{
	if (is_version(named))
		return named;
	return is_commit(revision) ? str_head(revision, BRIEF) : revision;
}

/* --- github ----------------------------------------------------------------
 */

static bool is_github(const json_t *document)
{
	const json_t *first = json_array_get(document, 0);
	return json_is_object(first) && json_object_get(first, "sha") &&
	       json_object_get(first, "environment") &&
	       (json_object_get(first, "statuses_url") ||
	        json_object_get(first, "statuses"));
}

static struct str outcome_of(struct str state)
{
	if (str_is(state, "success"))
		return STR("succeeded");
	return str_is(state, "failure") || str_is(state, "error")
	               ? STR("failed")
	               : STR("");
}

/* The first that is an end, in whatever order they are listed. */
static const json_t *end_of(const json_t *statuses)
{
	const json_t *end = NULL;
	for (size_t i = 0; i < json_array_size(statuses); i++) {
		const json_t *s = json_array_get(statuses, i);
		if (outcome_of(json_get_str(s, "state")).n &&
		    (!end || str_cmp(json_get_str(s, "created_at"),
		                     json_get_str(end, "created_at")) < 0))
			end = s;
	}
	return end;
}

/* https://.../repos/acme/checkout: its last part */
static struct str repository_name(struct str url)
{
	for (size_t i = url.n; i-- > 0;)
		if (url.s[i] == '/')
			return str_from(url, i + 1);
	return url;
}

static void take_github(struct converting *c, const json_t *d)
{
	const json_t *end = end_of(json_object_get(d, "statuses"));
	struct str sha = json_get_str(d, "sha");
	if (!end) {
		c->left_out++;
		return;
	}
	struct facts_of_row f = {
	        .service = repository_name(json_get_str(d, "repository_url")),
	        .environment = json_get_str(d, "environment"),
	        .version = version_of(json_get_str(d, "ref"), sha),
	        .time = json_get_str(d, "created_at"),
	        .finished_at = json_get_str(end, "created_at"),
	        .outcome = outcome_of(json_get_str(end, "state")),
	        .actor = json_get_str(json_object_get(d, "creator"), "login"),
	        .message = json_get_str(d, "description"),
	        .commit = is_commit(sha) ? sha : STR(""),
	        .source = str_format(c->a, "github deployment %lld",
	                             (long long)json_get_int(d, "id"))};
	add_row(c, &f);
}

/* --- argocd ----------------------------------------------------------------
 */

static bool is_application(const json_t *o)
{
	return str_is(json_get_str(o, "kind"), "Application") &&
	       str_starts(json_get_str(o, "apiVersion"), STR("argoproj.io/"));
}

static bool is_argocd(const json_t *document)
{
	return is_application(document) ||
	       is_application(
	               json_array_get(json_object_get(document, "items"), 0));
}

/* Of an Application with several sources, the first. */
static const json_t *source_of(const json_t *entry)
{
	const json_t *several = json_object_get(entry, "sources");
	return json_array_size(several) ? json_array_get(several, 0)
	                                : json_object_get(entry, "source");
}

static struct str revision_of(const json_t *entry)
{
	const json_t *several = json_object_get(entry, "revisions");
	const json_t *first = json_array_get(several, 0);
	struct str one = json_get_str(entry, "revision");
	if (one.n || !json_is_string(first))
		return one;
	return (struct str){json_string_value(first),
	                    json_string_length(first)};
}

static void take_entry(struct converting *c, const json_t *app,
                       const json_t *entry)
{
	const json_t *meta = json_object_get(app, "metadata");
	const json_t *labels = json_object_get(meta, "labels");
	const json_t *to =
	        json_object_get(json_object_get(app, "spec"), "destination");
	const json_t *by = json_object_get(entry, "initiatedBy");
	struct str revision = revision_of(entry);
	struct str started = json_get_str(entry, "deployStartedAt");
	struct str environment = json_get_str(labels, "environment");
	struct facts_of_row f = {
	        .service = json_get_str(meta, "name"),
	        .environment = environment.n ? environment
	                                     : json_get_str(to, "namespace"),
	        .version = version_of(
	                json_get_str(source_of(entry), "targetRevision"),
	                revision),
	        .time = started.n ? started : json_get_str(entry, "deployedAt"),
	        .finished_at = json_get_str(entry, "deployedAt"),
	        .outcome = STR("succeeded"),
	        .actor = json_get_str(by, "username"),
	        .commit = is_commit(revision) ? revision : STR(""),
	        .source = str_format(c->a, "argocd history %lld",
	                             (long long)json_get_int(entry, "id"))};
	if (!f.finished_at.n || !revision.n)
		c->left_out++;
	else
		add_row(c, &f);
}

static void take_application(struct converting *c, const json_t *app)
{
	const json_t *history =
	        json_object_get(json_object_get(app, "status"), "history");
	for (size_t i = 0; i < json_array_size(history); i++)
		take_entry(c, app, json_array_get(history, i));
}

/* --- all of it -------------------------------------------------------------
 */

enum history_format history_format_of(struct arena *a, struct str text)
{
	json_t *document;
	struct fail ignored = {0};
	if (!json_read_theirs(&document, a, text, &ignored))
		return HISTORY_JSONL;
	return is_github(document)   ? HISTORY_GITHUB
	       : is_argocd(document) ? HISTORY_ARGOCD
	                             : HISTORY_JSONL;
}

static bool no_dump(struct fail *why, enum history_format format)
{
	fail_set(why, FAIL_INPUT, "this is not a %s",
	         format == HISTORY_GITHUB
	                 ? "list of GitHub deployments with their statuses"
	                 : "Argo CD Application, or a List of them");
	return fail_hint(why, "the guide's page \"Proving the ledger\" says "
	                      "how to get one");
}

bool history_convert(struct str *lines, struct arena *a,
                     enum history_format format, struct str text,
                     struct str service, struct str environment,
                     int64_t *left_out, struct fail *why)
{
	struct converting c = {
	        .a = a, .service = service, .environment = environment};
	struct buf out = buf_new(a, LINES_MAX);
	json_t *document;
	if (!json_read_theirs(&document, a, text, why))
		return false;
	bool github = format == HISTORY_GITHUB;
	const json_t *items =
	        github ? document : json_object_get(document, "items");
	if (github ? json_array_size(document) && !is_github(document)
	           : !is_argocd(document))
		return no_dump(why, format);
	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *item = json_array_get(items, i);
		if (github)
			take_github(&c, item);
		else
			take_application(&c, item);
	}
	if (!github && !items)
		take_application(&c, document);
	if (c.rows.n)
		qsort(c.rows.at, c.rows.n, sizeof *c.rows.at, by_time);
	for (size_t i = 0; i < c.rows.n; i++) {
		buf_add(&out, c.rows.at[i].line);
		buf_add_char(&out, '\n');
	}
	*left_out = c.left_out;
	*lines = buf_str(&out);
	return true;
}
