/*
 * report: decisions and findings on their way out, to one or several outputs
 * at once (--format). Streams: a report of 100,000 decisions holds none of
 * them. Text is for people (answer first, then the evidence, then one next
 * step), the others for machines: one report_NAME.c each (report_format.h).
 */
#ifndef RUNNER_REPORT_H
#define RUNNER_REPORT_H

#include "runner/cli.h"
#include "runner/run.h"

struct report;

enum report_kind { REPORT_CHECK, REPORT_RUN };

/* The outputs are opened. NULL with cli->why set where one cannot be. */
struct report *report_new(struct cli *cli, enum report_kind kind,
                          const struct pass *p);

/*
 * One decision. document: its JSON where there is one already (else empty: it
 * is made from d); made: the deployment that it made, or NULL.
 */
bool report_decision(struct report *r, const struct decision *d,
                     struct str document, const struct deployment *made);

/* A deployment of an earlier run that this one saw end. */
bool report_followed(struct report *r, const struct deployment *d);

/* The rest: findings, run (NULL for check), counts; then everything is
   written out. False with cli->why set where it could not be. */
bool report_finish(struct report *r, const struct run_result *run);

/* Whether an output shows every row of the trace: decisions are to be made with
   all of it in words. */
bool report_wants_trace(const struct report *r);

/* Of what was reported. */
const struct run_counts *report_counts(const struct report *r);

/* --- words, shared by the commands -------------------------------------- */

enum tone {
	TONE_PLAIN,
	TONE_BOLD,
	TONE_GOOD,
	TONE_BAD,
	TONE_DENY,
	TONE_WARN,
	TONE_INFO,
	TONE_DIM
};
/* One decision as a block of text, with what it made (or NULL). */
void report_decision_text(struct buf *out, bool color, bool trace,
                          const struct decision *d,
                          const struct deployment *made);
/* What it is about: "checkout 1.4.2 to prod  (group payments)". */
void report_decision_title(struct buf *out, const struct decision *d);
/* Text in a tone: ANSI codes around it where color is on. */
void report_tone(struct buf *out, bool color, enum tone tone, struct str text);
/* User text on one line, by diag_show, and without what a CI runner would take
   for a command. */
void report_plain(struct buf *out, struct str text);
/* User text of several lines, each by report_plain; before those after the
   first stand a bar and spaces, indent of them, so that they stay in their row
   and a CI runner takes none for a command. */
void report_lines(struct buf *out, size_t indent, struct str text);
/* GitHub's runner acts on "##[" anywhere in a line of a log: "## [". */
void report_unarmed(struct buf *out, struct str text);
/* "Mon 23 Nov 2026 09:00 UTC" */
struct str report_when(struct arena *a, int64_t instant);
/* The findings as text. */
void report_findings(struct buf *out, struct diags *ds, bool color);

#endif
