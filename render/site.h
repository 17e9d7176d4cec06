/*
 * site: what every view reads, and how a page leaves it.
 *
 * A view file describes one kind of page: a struct, its table of fields, a
 * function that fills it from the history, the ledger and the policy. The
 * kinds are rows of site_kinds (render.c). A page's struct lives in the page
 * arena, which site_page empties when the page is written.
 *
 * Pages that are not hot hold nothing that depends on the clock but answers
 * with the time until which they are right (site_until): the same ledger and
 * policy give the same bytes at any `now` before the first of these times.
 */
#ifndef RENDER_SITE_H
#define RENDER_SITE_H

#include "render/emit.h"
#include "render/history.h"
#include "render/render.h"
#include "render/theme.h"

struct changes;
struct forge;

struct site {
	struct arena *arena, *page;
	const struct render_input *in;
	const struct policy *policy;
	const struct people *people;
	struct ledger *ledger;
	int64_t now, good_until, last_run;
	int64_t was_now; /* of the render that this one goes on from; 0: none */
	bool hot_only;
	struct changes *changes; /* NULL: everything may have changed */
	/* The first instant at which a page that is not hot says something
	   else, though nothing is recorded: a window opens, a day ends. */
	int64_t until;
	struct map usage; /* guardrail's: what was used today, read once */
	struct ledger_head head;
	const struct theme *theme;
	struct history history;
	struct emit emit;
	struct buf html, json, text;
	struct str repository;   /* where commits can be looked at; "" */
	struct str commit_url;   /* "https://…/{commit}"; "" */
	struct str new_file_url; /* a form: {branch}, {path}, {text}; "" */
	const struct forge *forge;
	struct str policy_commit; /* that lines of the policy are linked at */
	struct str title, language;
	struct map guardrails;        /* name -> const struct guardrail_text */
	const char *doing;            /* for progress */
	struct audit_months *audit;   /* view_audit's, for both its pages */
	struct decided_list *decided; /* render/decided's, for all that ask */
};

/* What a page reads besides its templates, and so when it is made again. */
enum reads {
	READS_ALL,    /* anything: made again after any event */
	READS_POLICY, /* the policy, the commit's files: only with them */
	READS_OWN,    /* asks render/changes about each of its pages */
	READS_HOURS,  /* likewise, and the hour: where the clock moved alone */
};

struct page_kind {
	const char *name; /* templates/NAME.html */
	const struct fields *fields;
	bool hot; /* rewritten by every run */
	enum reads reads;
	bool (*write)(struct site *s, struct fail *why);
	const char *about;
};
extern const struct page_kind *const site_kinds[]; /* NULL-terminated */

/* Run the kind's template with the view (of kind->fields), write it at path,
   empty the page arena. A page whose frame names no JSON document gets its own
   data as one, beside it: render/twin. */
bool site_page(struct site *s, const struct page_kind *kind, struct str path,
               void *view, struct fail *why);

/* What the page in hand says is so until t only. Hot pages need not care. */
void site_until(struct site *s, int64_t t);

/* Write what s->json holds, and empty it. */
bool site_json(struct site *s, struct str path, bool hot, struct fail *why);

/* The same of s->text; then empty the page arena. */
bool site_text(struct site *s, struct str path, bool hot, struct fail *why);

/* A site to read from, not to write: what exports are made of. *input becomes
   its input; site_read reads the ledger's head and history. */
void site_init(struct site *s, struct render_input *input,
               const struct render_input *in, struct arena *a);
bool site_read(struct site *s, struct fail *why);

void site_progress(struct site *s, int64_t done, int64_t total);

extern const struct page_kind view_overview, view_services, view_service,
        view_environment, view_deployments, view_month, view_deployment,
        view_groups, view_group, view_policy, view_recipe, view_codes,
        view_code, view_audit, view_audit_month, view_decisions, view_decision,
        view_runs, view_run, view_place, view_find, view_glossary,
        view_insights, view_insights_week, view_insights_service, view_guide,
        view_not_found;

#endif
