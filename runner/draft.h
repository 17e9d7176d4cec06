/*
 * draft: an intent that a command writes for the user: judged as
 * `check --worktree` would judge it, then written or committed, then told.
 */
#ifndef RUNNER_DRAFT_H
#define RUNNER_DRAFT_H

#include "runner/cli.h"
#include "runner/intent_file.h"

struct draft {
	struct str service; /* in whose folder it goes; empty: intents/ */
	struct str name;    /* for the file's name: "deploy-1.4.2-prod" */
	struct intent_file file;
	struct str subject; /* of the commit, where --message gives none */
	struct str summary, ticket;
	struct str about; /* set by draft_path */
};

/* The options of every deployment's intent, and what they are to be. */
#define DRAFT_INTENT_OPTIONS                                      \
	OPTION("summary", 's', PROSE, summary, "TEXT",            \
	       "why, in one sentence of up to 240 characters"),   \
	        OPTION("ticket", 0, PROSE, ticket, "TICKET",      \
	               "where the work is tracked"),              \
	        OPTION("reason", 0, TEXT, reason, "REASON",       \
	               "planned, hotfix or incident"),            \
	        OPTION("not-before", 0, TIME, not_before, "TIME", \
	               "let it wait until then"),                 \
	        OPTION("expires", 0, TIME, expires, "TIME",       \
	               "let it be refused from then on"),         \
	        OPTION("trace", 0, FLAG, trace, NULL,             \
	               "show what every guardrail said")
enum exit_status draft_check_reason(struct cli *cli);
/* The keys of those options, and the summary. */
void draft_keys(struct cli *cli, struct draft *d);

/* The options that end every such command's table. */
#define DRAFT_OPTIONS                                                       \
	OPTION("commit", 0, FLAG, commit, NULL, "commit the file as well"), \
	        OPTION("message", 'm', PROSE, message, "TEXT",              \
	               "of the commit (default: what it does, and the "     \
	               "summary)"),                                         \
	        OPTION("dry-run", 'n', FLAG, dry_run, NULL,                 \
	               "show the file and the decision, write nothing")

/*
 * Open repository, policy and ledger, and look the service up. Where that
 * cannot be done, or the policy has errors: said on standard error, and the
 * status to exit with.
 */
enum exit_status draft_begin(struct cli *cli, struct str service);
/* The same in two steps. */
enum exit_status draft_open(struct cli *cli);
enum exit_status draft_service(struct cli *cli, struct str service);

/*
 * Arguments that were not given are asked for, one after the other, where
 * somebody can be asked; `usual` is what an empty answer means. EXIT_USAGE
 * where one is missing still.
 */
struct draft_question {
	const char *what; /* "Service" */
	struct str usual; /* empty: none */
};
enum exit_status draft_arguments(struct cli *cli,
                                 const struct draft_question *questions, int n);
/* One question; `usual` where nobody can be asked or the answer is empty. */
struct str draft_ask(struct cli *cli, const struct draft_question *question);

/*
 * The path of the intent that the draft is about, "intents/SERVICE/NAME.yaml"
 * or, of a release, "intents/NAME.yaml": sets d->service, and d->about to NAME.
 * EXIT_USAGE where it is none.
 */
enum exit_status draft_path(struct cli *cli, struct str path, struct draft *d);

/* Check the --summary, on one line; asked for where it was not given and
   somebody can be asked. */
enum exit_status draft_summary(struct cli *cli, struct str *summary);
/* The same, with one that will do where none was given, or answered. */
enum exit_status draft_summary_or(struct cli *cli, struct str other,
                                  struct str *summary);

/*
 * What draft_finish is made of, for who writes several. Write the file, or
 * commit it, as the options say (with --dry-run do nothing); *commit stays
 * empty where nothing was committed.
 */
bool draft_write(struct cli *cli, struct str path, struct str text,
                 struct str message, struct oid_hex *commit);
/* Of a commit; the trailer is left out where its value is empty. */
struct str draft_message(struct arena *a, struct str subject, struct str body,
                         const char *trailer, struct str value);
/* A file's text, as --dry-run shows it. */
void draft_show(struct buf *out, struct str text);

/* Judge, write and tell. EXIT_DENIED where it would be denied: it is written
   all the same. */
enum exit_status draft_finish(struct cli *cli, const struct draft *d);

#endif
