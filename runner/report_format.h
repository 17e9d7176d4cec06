/*
 * report_format: what one value of --format is made of, known to report.c,
 * which fans out, and to the report_NAME.c files, each of which is one row of
 * formats.def.
 *
 * All text of decisions and findings is hostile. A format passes it through
 * report_shown (no control characters, well-formed UTF-8, nothing that
 * reorders it) and then through the escaping of its own, or through jw_.
 */
#ifndef RUNNER_REPORT_FORMAT_H
#define RUNNER_REPORT_FORMAT_H

#include "core/map.h"
#include "core/sha256.h"
#include "runner/report.h"

#include <stdio.h>

/* What annotations say of a refusal or a finding. */
struct notice {
	enum diag_level level; /* not DIAG_ALLOW */
	enum diag_code code;   /* DIAG_NONE: it waits for the next run */
	const char *name;      /* of the code; never empty */
	struct str title, message, hint;
	struct location at;   /* always a file, and a line from 1 */
	struct location rule; /* in the policy; nowhere: none, or not known */
	int64_t earliest;     /* 0: not known */
	struct sha256_hex fingerprint; /* the same in each report, unique */
};

/* One decision on its way out. */
struct report_item {
	const struct decision *d;
	struct str document;           /* empty: to be made from d */
	const struct deployment *made; /* or NULL */
	/* Of a refusal that no finding about the same file explains; else
	   NULL. */
	const struct notice *notice;
};

/* One --format output. */
struct sink {
	struct output to;
	const struct report_format *format;
	struct report *report;
	FILE *file;            /* where it goes */
	const char *temporary; /* its name until it is whole; NULL: none */
	struct buf buf;        /* what is not written yet */
	int64_t written;
	struct jw json; /* of buf */
	int stage;      /* the format's own */
	size_t items;   /* written so far: the format's own count */
	void *state;    /* the format's own; NULL unless begin sets it */
	bool color;
};

struct report {
	struct cli *cli;
	enum report_kind kind;
	const struct pass *pass;
	struct sink sinks[OUTPUTS_MAX];
	size_t nsinks;
	struct run_counts counts;
	int64_t invalid, decided;
	struct diags findings;        /* sorted; complete at the end */
	const struct run_result *run; /* at the end of a run; else NULL */
	struct arena *scratch;        /* emptied after each item */
	struct map fingerprints;      /* of findings: how many have it */
	struct map invalid_files;     /* that findings tell of */
	bool files_known;
	/* --fail-on waiting */
	bool waiting_fails;
};

struct report_format {
	bool wants_trace; /* decisions with their trace in words */
	/* Each but decision and end may be NULL. In this order, each of the
	   middle three any number of times. */
	void (*begin)(struct sink *s);
	void (*decision)(struct sink *s, const struct report_item *item);
	void (*followed)(struct sink *s, const struct deployment *d);
	void (*finding)(struct sink *s, const struct diag *d,
	                const struct notice *notice);
	bool (*end)(struct sink *s, struct fail *why);
};

#define FORMAT(id, name) extern const struct report_format report_##name;
#define REPORT_FORMAT(id, name) FORMAT(id, name)
#include "runner/formats.def"
#undef FORMAT
#undef REPORT_FORMAT

/* --- shared by formats --------------------------------------------------- */

/* As report_plain, in the scratch arena. */
struct str report_shown(struct report *r, struct str text);
/* "checkout 1.4.2 to prod  (group payments)", shown. */
struct str report_title(struct report *r, const struct decision *d);
/* "file:line", or "file:line:column" if that is known, shown. */
struct str report_place(struct report *r, const struct location *at,
                        bool column);
/* The row of the trace that decided; NULL where there is none. */
const struct trace_row *report_decisive(const struct decision *d);
/* "check" or "run" */
const char *report_command(const struct report *r);
/* Members that are the same in JSON documents and lines. */
void report_origin_json(struct jw *j, const struct report *r);
void report_summary_json(struct jw *j, const struct report *r);

/*
 * A page of Markdown out of decisions, at most cap bytes: where not all of it
 * fits, details go first, those of allowed intents before others, then
 * verdicts become lines, and last of all lines become counts.
 */
struct markdown;
struct markdown *markdown_new(struct report *r, size_t cap);
void markdown_decision(struct markdown *m, const struct report_item *item);
void markdown_followed(struct markdown *m, const struct deployment *d);
void markdown_finding(struct markdown *m, const struct notice *notice);
/* first: before everything else, such as a marker; cap: at most the one that
   it was made with. */
void markdown_write(struct markdown *m, struct buf *out, const char *first,
                    size_t cap);

/* The trace of a decision document, for a decision that was kept without. */
bool report_read_trace(struct arena *a, struct str document, struct decision *d,
                       struct fail *why);

#endif
