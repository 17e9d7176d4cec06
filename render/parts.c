#include "render/parts.h"

#include <stdio.h>

/* --- tables ------------------------------------------------------------- */

static const struct field frame_list[] = {
        FIELD_TEXT(struct frame, language),
        FIELD_TEXT(struct frame, site),
        FIELD_TEXT(struct frame, title),
        FIELD_TEXT(struct frame, description),
        FIELD_TEXT(struct frame, root),
        FIELD_TEXT(struct frame, css),
        FIELD_TEXT(struct frame, js),
        FIELD_TEXT(struct frame, icon),
        FIELD_TEXT(struct frame, json),
        FIELD_BOOL(struct frame, on_overview),
        FIELD_BOOL(struct frame, on_services),
        FIELD_BOOL(struct frame, on_deployments),
        FIELD_BOOL(struct frame, on_groups),
        FIELD_BOOL(struct frame, on_insights),
        FIELD_BOOL(struct frame, on_policy),
        FIELD_BOOL(struct frame, on_audit),
        FIELD_BOOL(struct frame, on_guide),
        FIELD_BOOL(struct frame, evaluation),
        FIELD_TIME(struct frame, as_of),
        FIELD_TIME(struct frame, good_until),
        FIELD_TEXT(struct frame, as_of_words),
        FIELD_TEXT(struct frame, good_until_words),
        FIELD_INT(struct frame, run),
        FIELD_TEXT(struct frame, commit),
        FIELD_URL(struct frame, commit_href),
        FIELD_URL(struct frame, repository),
        FIELD_TIME(struct frame, changed),
        FIELD_TEXT(struct frame, changed_words),
};
const struct fields frame_fields = FIELDS(struct frame, frame_list);

static const struct field run_list[] = {
        FIELD_TEXT(struct run, text),
        FIELD_BOOL(struct run, strong),
};
const struct fields run_fields = FIELDS(struct run, run_list);

static const struct field status_list[] = {
        FIELD_TEXT(struct status, tone),
        FIELD_TEXT(struct status, word),
        FIELD_HTML(struct status, icon),
};
const struct fields status_fields = FIELDS(struct status, status_list);

static const struct field event_list[] = {
        FIELD_TIME(struct event_row, at),
        FIELD_INT(struct event_row, number),
        FIELD_TEXT(struct event_row, when),
        FIELD_STRUCT(struct event_row, status, &status_fields),
        FIELD_TEXT(struct event_row, service),
        FIELD_TEXT(struct event_row, service_slug),
        FIELD_TEXT(struct event_row, environment),
        FIELD_TEXT(struct event_row, from),
        FIELD_TEXT(struct event_row, version),
        FIELD_TEXT(struct event_row, why),
        FIELD_TEXT(struct event_row, by),
        FIELD_TEXT(struct event_row, took),
};
const struct fields event_fields = FIELDS(struct event_row, event_list);

static const struct field link_list[] = {
        FIELD_TEXT(struct link, text),
        FIELD_URL(struct link, href),
        FIELD_TEXT(struct link, slug),
};
const struct fields link_fields = FIELDS(struct link, link_list);

static const struct field command_list[] = {
        FIELD_TEXT(struct command, label),
        FIELD_TEXT(struct command, text),
        FIELD_BOOL(struct command, prompt),
};
const struct fields command_fields = FIELDS(struct command, command_list);

static const struct field limit_list[] = {
        FIELD_TEXT(struct limit_row, environment),
        FIELD_TEXT(struct limit_row, title),
        FIELD_TEXT(struct limit_row, origin),
        FIELD_INT(struct limit_row, value),
        FIELD_OPT(struct limit_row, source, &link_fields),
};
const struct fields limit_fields = FIELDS(struct limit_row, limit_list);

static const struct field limit_set_list[] = {
        FIELD_TEXT(struct limit_set, environments),
        FIELD_LIST(struct limit_set, rows, &limit_fields),
};
const struct fields limit_set_fields = FIELDS(struct limit_set, limit_set_list);

static const struct field fact_field_list[] = {
        FIELD_TEXT(struct fact, name),
        FIELD_TEXT(struct fact, text),
        FIELD_OPT(struct fact, source, &link_fields),
};
const struct fields fact_fields = FIELDS(struct fact, fact_field_list);

/* --- frame -------------------------------------------------------------- */

struct str root_of(struct str path)
{
	static const struct str up = {"../../../../../../../../../../../../",
	                              36};
	size_t depth = 0;
	for (size_t i = 0; i < path.n; i++)
		depth += path.s[i] == '/';
	return str_head(up, 3 * depth);
}

struct frame frame_of(const struct site *s, struct str path, enum nav nav)
{
	return (struct frame){.language = s->language,
	                      .site = s->title,
	                      .root = root_of(path),
	                      .css = s->theme->css,
	                      .js = s->theme->js,
	                      .icon = s->theme->icon,
	                      .repository = s->repository,
	                      .on_overview = nav == NAV_OVERVIEW,
	                      .on_services = nav == NAV_SERVICES,
	                      .on_deployments = nav == NAV_DEPLOYMENTS,
	                      .on_groups = nav == NAV_GROUPS,
	                      .on_insights = nav == NAV_INSIGHTS,
	                      .on_policy = nav == NAV_POLICY,
	                      .on_audit = nav == NAV_AUDIT,
	                      .on_guide = nav == NAV_GUIDE,
	                      .evaluation =
	                              s->in->policy->platform.evaluation.on};
}

void frame_hot(struct frame *f, const struct site *s)
{
	f->as_of = s->now;
	f->as_of_words = words_stamp(s->page, s->now);
	f->good_until = s->good_until;
	f->good_until_words = words_stamp(s->page, s->good_until);
	f->run = s->head.runs;
	f->commit = words_oid(s->in->commit);
	f->commit_href = href_of_commit((struct site *)s, s->in->commit);
}

void frame_changed(struct frame *f, const struct site *s, int64_t t)
{
	f->changed = t;
	if (t)
		f->changed_words = words_stamp(s->page, t);
}

/* --- lede --------------------------------------------------------------- */

static void __attribute__((format(printf, 4, 0)))
lede_vadd(struct lede *l, struct arena *a, bool strong, const char *fmt,
          va_list args)
{
	struct run *run = vec_add(a, l);
	run->text = str_vformat(a, fmt, args);
	run->strong = strong;
}

void lede_add(struct lede *l, struct arena *a, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	lede_vadd(l, a, false, fmt, args);
	va_end(args);
}

void lede_strong(struct lede *l, struct arena *a, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	lede_vadd(l, a, true, fmt, args);
	va_end(args);
}

struct str lede_text(const struct lede *l, struct arena *a)
{
	struct buf b = buf_new(a, 64 * 1024);
	for (size_t i = 0; i < l->n; i++)
		buf_add(&b, l->at[i].text);
	return buf_str(&b);
}

/* --- status ------------------------------------------------------------- */

#define RING "<circle cx=\"8\" cy=\"8\" r=\"5.6\"/>"
#define CHECK "<path d=\"M3.2 8.6l3.1 3.1 6.5-7.2\"/>"
#define CROSS "<path d=\"M4.2 4.2l7.6 7.6M11.8 4.2l-7.6 7.6\"/>"
#define BACK                               \
	"<path d=\"M3 3v3.6h3.6\"/><path " \
	"d=\"M3.3 6.4a5.2 5.2 0 1 1-.4 3.6\"/>"

/* Three channels: the tone fills the exceptions, the glyph and the word say
   the same without colour. */
static const struct {
	const char *tone, *word, *icon;
} statuses[STATUS_COUNT] = {
        [STATUS_OK] = {"ok", "Succeeded", CHECK},
        [STATUS_SUPERSEDED] = {"neutral", "Superseded",
                               "<path d=\"M3.6 4l4 4-4 4M8.6 4l4 4-4 4\"/>"},
        [STATUS_RUNNING] = {"info", "In progress",
                            RING "<path d=\"M8 2.4a5.6 5.6 0 0 1 0 11.2z\" "
                                 "fill=\"currentColor\" stroke=\"none\"/>"},
        [STATUS_PENDING] = {"neutral", "Pending",
                            "<circle cx=\"8\" cy=\"8\" r=\"5.6\" "
                            "stroke-dasharray=\"2.4 2\"/>"},
        [STATUS_FAILED] = {"bad", "Failed", CROSS},
        [STATUS_UNDONE] = {"warn", "Rolled back", BACK},
        [STATUS_DENIED] = {"deny", "Denied",
                           RING "<path d=\"M4.1 4.1l7.8 7.8\"/>"},
        [STATUS_CANCELED] = {"neutral", "Canceled", "<path d=\"M3.5 8h9\"/>"},
        [STATUS_UNKNOWN] = {"warn", "Unknown",
                            "<path d=\"M5.6 6a2.5 2.5 0 1 1 3.6 2.3c-.8.4-1.2 "
                            ".9-1.2 1.7M8 12.7v.1\"/>"},
        [STATUS_WAITING] = {"neutral", "Waiting",
                            RING "<path d=\"M8 4.9V8l2.2 1.5\"/>"},
        [STATUS_SKIPPED] = {"neutral", "Not needed", "<path d=\"M3.5 8h9\"/>"},
        [STATUS_POINT] = {"", "",
                          "<circle cx=\"8\" cy=\"8\" r=\"2.6\" "
                          "fill=\"currentColor\" stroke=\"none\"/>"},
};

struct status status_of(enum status_is is, const char *word)
{
	return (struct status){str_of(statuses[is].tone),
	                       str_of(word ? word : statuses[is].word),
	                       str_of(statuses[is].icon)};
}

struct status status_of_deployment(enum deployment_state state,
                                   enum deployment_outcome outcome,
                                   enum deployment_kind kind)
{
	switch (state) {
	case STATE_PENDING:
		return status_of(STATUS_PENDING, NULL);
	case STATE_DISPATCHING:
	case STATE_IN_PROGRESS:
		return status_of(STATUS_RUNNING, NULL);
	case STATE_FAILED:
		return status_of(STATUS_FAILED, NULL);
	case STATE_CANCELED:
		return status_of(STATUS_CANCELED, NULL);
	case STATE_SUCCEEDED:
		break;
	case STATE_LOST_CONTACT:
	case STATE_COUNT:
		return status_of(STATUS_UNKNOWN, NULL);
	}
	if (outcome == RESULT_ROLLED_BACK)
		return status_of(STATUS_UNDONE, NULL);
	if (kind == KIND_ROLLBACK)
		return status_of(STATUS_UNDONE, "Rollback");
	return outcome == RESULT_SUPERSEDED ? status_of(STATUS_SUPERSEDED, NULL)
	                                    : status_of(STATUS_OK, NULL);
}

/* --- rows --------------------------------------------------------------- */

struct str person_of(const struct site *s, struct str name, struct str email)
{
	if (s->in->redact)
		return (struct str){0};
	return words_line(s->page,
	                  people_shown(s->people, s->page, name, email));
}

/* The reason under a row: what failed, what undid it, else the summary. */
static struct str reason_of(const struct site *s, const struct deployment *d)
{
	struct str summary = s->in->redact ? (struct str){0}
	                                   : words_line(s->page, d->summary);
	const char *colon = summary.n ? ": " : "";
	if (d->state == STATE_FAILED && d->nfailures)
		return words_line(s->page, d->failures[0].summary);
	if (d->outcome == RESULT_ROLLED_BACK) {
		int64_t by =
		        history_lineage(&s->history, d->number)->rolled_back_by;
		return by ? str_format(s->page, "Undone by %lld%s%" STR_FMT,
		                       (long long)by, colon, STR_ARG(summary))
		          : summary;
	}
	if (d->kind == KIND_ROLLBACK && d->rollback_of)
		return str_format(s->page, "Rolls back %lld%s%" STR_FMT,
		                  (long long)d->rollback_of, colon,
		                  STR_ARG(summary));
	return summary;
}

static int64_t started(const struct deployment *d)
{
	return d->started_at ? d->started_at : d->dispatched_at;
}

struct event_row event_of(const struct site *s, const struct deployment *d,
                          unsigned shows)
{
	struct arena *a = s->page;
	int64_t at = d->dispatched_at ? d->dispatched_at : d->created_at;
	struct event_row row = {
	        .at = at,
	        .number = d->number,
	        .when = shows & EVENT_DATE ? words_when(a, at)
	                                   : words_clock(a, at),
	        .status = status_of_deployment(d->state, d->outcome, d->kind),
	        .environment = str_copy(a, d->environment),
	        .version = str_copy(a, words_version(a, d->version)),
	        .why = str_copy(a, reason_of(s, d)),
	        .by = str_copy(a, person_of(s, d->actor_name, d->actor_email))};
	if (!str_eq(d->previous_version, d->version))
		row.from = str_copy(a, words_version(a, d->previous_version));
	if (shows & EVENT_SERVICE) {
		row.service = str_copy(a, d->service);
		row.service_slug = words_slug(a, row.service);
	}
	if (d->finished_at && started(d) && d->finished_at > started(d))
		row.took = words_duration(a, d->finished_at - started(d));
	return row;
}

struct events_reading {
	struct site *s;
	struct events *out;
	unsigned shows;
};

static bool add_event(void *context, const struct deployment *d,
                      struct fail *why)
{
	struct events_reading *r = context;
	(void)why;
	struct event_row row = event_of(r->s, d, r->shows);
	*vec_add(r->s->page, r->out) = row;
	return true;
}

bool events_read(struct events *out, struct site *s,
                 struct deployment_filter filter, unsigned shows,
                 struct fail *why)
{
	struct events_reading r = {s, out, shows};
	filter.with_failures = true;
	return ledger_deployments(s->ledger, &filter, add_event, &r, why);
}

struct command *command_new(struct arena *a, const char *label, struct str text,
                            bool prompt)
{
	if (!text.n)
		return NULL;
	struct command *c = ARENA_NEW(a, struct command);
	*c = (struct command){str_of(label), text, prompt};
	return c;
}

const char *limit_title(enum limit limit)
{
	switch (limit) {
	case LIMIT_CONCURRENT_DEPLOYMENTS:
		return "Deployments at once";
	case LIMIT_DAILY_DEPLOYS:
		return "Deploys a day";
	case LIMIT_DAILY_ROLLBACKS:
		return "Rollbacks a day";
	case LIMIT_DAILY_BUILDS:
		return "Builds a day";
	case LIMIT_COUNT:
		break;
	}
	return "";
}

struct limit_row limit_of(struct site *s, const struct group *g,
                          struct str environment, enum limit limit)
{
	struct limit_value v = policy_limit(s->policy, g, environment, limit);
	return (struct limit_row){.environment = environment,
	                          .title = str_of(limit_title(limit)),
	                          .origin =
	                                  words_name(s->page, str_of(v.origin)),
	                          .value = v.n,
	                          .source = link_to_span(s, &v.at)};
}

static bool is_alike(const struct limit_row *x, const struct limit_row *y)
{
	if (x->value != y->value || !x->source != !y->source)
		return false;
	return !x->source || str_eq(x->source->text, y->source->text);
}

static struct limit_set *find_alike(struct limit_sets *sets,
                                    const struct limit_set *of)
{
	vec_each (struct limit_set, set, sets) {
		bool alike = true;
		for (size_t i = 0; i < of->rows.n; i++)
			alike &= is_alike(&set->rows.at[i], &of->rows.at[i]);
		if (alike)
			return set;
	}
	return NULL;
}

void limit_sets_add(struct limit_sets *sets, struct site *s,
                    const struct group *g)
{
	enum { APART = 4 };
	const struct group_environment *e = g->environments.at;
	for (size_t i = g->environments.n; i > 0; i--) {
		struct limit_set set = {.environments = e[i - 1].name.s,
		                        .n = 1};
		for (int limit = 0; limit < LIMIT_DAILY_BUILDS; limit++)
			*vec_add(s->page, &set.rows) = limit_of(
			        s, g, set.environments, (enum limit)limit);
		struct limit_set *same = g->environments.n > APART
		                                 ? find_alike(sets, &set)
		                                 : NULL;
		if (!same) {
			*vec_add(s->page, sets) = set;
			continue;
		}
		same->n++;
		same->environments =
		        words_count(s->page, same->n, "", "environments");
	}
}

void fact_add(struct fact_list *l, struct site *s, const char *name,
              struct str text, const struct span *at)
{
	if (!text.n)
		return;
	struct fact *f = vec_add(s->page, l);
	*f = (struct fact){str_of(name), text, at ? link_to_span(s, at) : NULL};
}

/* --- addresses ---------------------------------------------------------- */

struct str href_of_commit(struct site *s, struct str commit)
{
	struct str before, after, mark = STR("{commit}");
	if (!s->commit_url.n || !commit.n)
		return (struct str){0};
	for (size_t i = 0; i + mark.n <= s->commit_url.n; i++) {
		after = str_from(s->commit_url, i);
		if (!str_starts(after, mark))
			continue;
		before = str_head(s->commit_url, i);
		after = str_from(after, mark.n);
		return str_format(s->page, "%" STR_FMT "%" STR_FMT "%" STR_FMT,
		                  STR_ARG(before), STR_ARG(commit),
		                  STR_ARG(after));
	}
	bool slash = str_ends(s->commit_url, STR("/"));
	return str_format(s->page, "%" STR_FMT "%s%" STR_FMT,
	                  STR_ARG(s->commit_url), slash ? "" : "/",
	                  STR_ARG(commit));
}

/* "policy/all.yaml:3" */
static struct str with_line(struct arena *a, struct str file, int64_t line)
{
	struct buf b = buf_new(a, file.n + 24);
	b.cap = file.n + 24;
	b.s = arena_text(a, b.cap);
	buf_add(&b, file);
	buf_add_char(&b, ':');
	buf_add_int(&b, line);
	return buf_str(&b);
}

struct link *link_to_file(struct site *s, struct str file, int64_t line,
                          struct str commit)
{
	if (!file.n)
		return NULL;
	struct link *l = ARENA_NEW(s->page, struct link);
	l->text = line ? with_line(s->page, file, line) : file;
	if (!s->repository.n || !commit.n)
		return l;
	/* GitHub's and Gitea's form; GitLab has a dash before it. */
	const char *dash =
	        str_contains(s->repository, STR("gitlab")) ? "/-" : "";
	l->href = str_format(
	        s->page, "%" STR_FMT "%s/blob/%" STR_FMT "/%" STR_FMT,
	        STR_ARG(s->repository), dash, STR_ARG(commit), STR_ARG(file));
	if (line)
		l->href = str_format(s->page, "%" STR_FMT "#L%lld",
		                     STR_ARG(l->href), (long long)line);
	return l;
}

struct link *link_to_span(struct site *s, const struct span *at)
{
	if (!at->src)
		return NULL;
	struct location where = location_of(*at);
	return link_to_file(s, where.file, where.line, s->policy_commit);
}

const struct deployment *redacted(const struct site *s, struct arena *a,
                                  const struct deployment *d)
{
	if (!s->in->redact)
		return d;
	struct deployment *copy = ARENA_NEW(a, struct deployment);
	*copy = *d;
	copy->summary = copy->ticket = copy->actor_email = copy->actor_name =
	        copy->actor_role = copy->execution_id = copy->execution_url =
	                (struct str){0};
	copy->timeline = arena_array(a, d->ntimeline, sizeof *copy->timeline);
	for (size_t i = 0; i < d->ntimeline; i++) {
		copy->timeline[i] = d->timeline[i];
		copy->timeline[i].detail = (struct str){0};
	}
	return copy;
}
