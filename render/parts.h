/*
 * parts: what several pages show: the frame, a state, a deployment in one row,
 * a line of the policy. The structs match templates/partials/.
 */
#ifndef RENDER_PARTS_H
#define RENDER_PARTS_H

#include "core/decode.h"
#include "render/fields.h"
#include "render/site.h"
#include "render/words.h"

/* --- frame: partials top, bottom ---------------------------------------- */

enum nav {
	NAV_NONE,
	NAV_OVERVIEW,
	NAV_SERVICES,
	NAV_DEPLOYMENTS,
	NAV_GROUPS,
	NAV_INSIGHTS,
	NAV_POLICY,
	NAV_AUDIT,
	NAV_GUIDE
};

struct frame {
	struct str language, site, title, description;
	struct str root; /* from the page to the site's root: "../../" */
	struct str css, js, icon, json;
	bool on_overview, on_services, on_deployments, on_groups, on_insights,
	        on_policy, on_audit, on_guide;
	bool evaluation;           /* a trial, which every page says */
	int64_t as_of, good_until; /* of hot pages */
	struct str as_of_words, good_until_words;
	int64_t run;
	struct str commit, commit_href, repository;
	int64_t changed; /* of the others; 0: not known */
	struct str changed_words;
};
extern const struct fields frame_fields;

/* A frame for the page at path; its title and description are the caller's to
   set. changed: see above; hot pages have the clock in place of it. */
struct frame frame_of(const struct site *s, struct str path, enum nav nav);
void frame_hot(struct frame *f, const struct site *s);
void frame_changed(struct frame *f, const struct site *s, int64_t t);

/* --- lede: one or two sentences ----------------------------------------- */

struct run {
	struct str text;
	bool strong;
};
extern const struct fields run_fields;
struct lede {
	struct run *at;
	size_t n, cap;
};
void lede_add(struct lede *l, struct arena *a, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));
void lede_strong(struct lede *l, struct arena *a, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));
/* All of it as plain text, for the page's description. */
struct str lede_text(const struct lede *l, struct arena *a);

/* --- status: partial pill ----------------------------------------------- */

enum status_is {
	STATUS_OK,
	STATUS_SUPERSEDED,
	STATUS_RUNNING,
	STATUS_PENDING,
	STATUS_FAILED,
	STATUS_UNDONE,
	STATUS_DENIED,
	STATUS_CANCELED,
	STATUS_UNKNOWN,
	STATUS_WAITING,
	STATUS_SKIPPED,
	STATUS_POINT, /* an event of a timeline that is no verdict */
	STATUS_COUNT
};
struct status {
	struct str tone, word, icon;
};
extern const struct fields status_fields;
/* word NULL: the state's own. */
struct status status_of(enum status_is is, const char *word);
struct status status_of_deployment(enum deployment_state state,
                                   enum deployment_outcome outcome,
                                   enum deployment_kind kind);

/* --- rows --------------------------------------------------------------- */

struct event_row { /* partials event, dated */
	int64_t at, number;
	struct str when;
	struct status status;
	struct str service, service_slug, environment, from, version, why, by,
	        took;
};
extern const struct fields event_fields;
enum event_shows { EVENT_SERVICE = 1, EVENT_DATE = 2 };
/* d with failures. Texts are copied into the page arena. */
struct event_row event_of(const struct site *s, const struct deployment *d,
                          unsigned shows);

struct events {
	struct event_row *at;
	size_t n, cap;
};
/* The newest that the filter lets through. */
bool events_read(struct events *out, struct site *s,
                 struct deployment_filter filter, unsigned shows,
                 struct fail *why);

struct link { /* partial source; an empty href is no link */
	struct str text, href, slug;
};
extern const struct fields link_fields;

struct command { /* partial command */
	struct str label, text;
	bool prompt;
};
extern const struct fields command_fields;
struct command *command_new(struct arena *a, const char *label, struct str text,
                            bool prompt);

struct limit_row {
	struct str environment, title, origin;
	int64_t value;
	struct link *source;
};
extern const struct fields limit_fields;
/* Limits of environments: at once, deploys and rollbacks a day. Those of more
   than a few that are alike, set by the same lines, are one row. */
struct limit_set {
	struct str environments; /* "prod", or "12 environments" */
	VEC(struct limit_row) rows;
	int64_t n;
};
extern const struct fields limit_set_fields;
struct limit_sets {
	struct limit_set *at;
	size_t n, cap;
};
/* Of the last one first. */
void limit_sets_add(struct limit_sets *sets, struct site *s,
                    const struct group *g);
struct limit_row limit_of(struct site *s, const struct group *g,
                          struct str environment, enum limit limit);
const char *limit_title(enum limit limit);

struct fact { /* a name and what it is */
	struct str name, text;
	struct link *source;
};
extern const struct fields fact_fields;
struct fact_list {
	struct fact *at;
	size_t n, cap;
};
/* Nothing is added where text is empty. at: where it was written. */
void fact_add(struct fact_list *l, struct site *s, const char *name,
              struct str text, const struct span *at);

/* --- addresses and people ----------------------------------------------- */

/* A place in the repository at a commit: "policy/groups.yaml:4", with an
   address where the repository can be looked at. NULL: nowhere. */
struct link *link_to_span(struct site *s, const struct span *at);
struct link *link_to_file(struct site *s, struct str file, int64_t line,
                          struct str commit);
struct str href_of_commit(struct site *s, struct str commit);

/* "../" once for each '/' in path. */
struct str root_of(struct str path);

/* Who: the name, else the address; empty with redact. */
struct str person_of(const struct site *s, struct str name, struct str email);

/* d with what redaction hides taken out; d itself where nothing is hidden. */
const struct deployment *redacted(const struct site *s, struct arena *a,
                                  const struct deployment *d);

#endif
