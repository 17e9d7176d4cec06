/*
 * cli: the command line: which commands there are, what options each takes,
 * and what all of them share. The tables below are the one place from which
 * parsing, --help, the man page and the site's reference come.
 *
 * To add a command: runner/cmd_NAME.c with a `const struct command`, one line
 * in commands[] of cli_table.c.
 */
#ifndef RUNNER_CLI_H
#define RUNNER_CLI_H

#include "runner/gather.h"

#include <stdio.h>

/* CONTRACT section 3. */
enum exit_status {
	EXIT_FINE = 0,
	EXIT_DENIED = 1, /* or a deployment failed */
	EXIT_USAGE = 2,
	EXIT_INVALID = 3, /* policy or intents do not parse or decode */
	EXIT_ENGINE = 4,  /* engine, network, disk */
	EXIT_LEDGER = 5,
	EXIT_BUSY = 6,
	EXIT_WAITING = 7, /* only with --fail-on waiting */
	EXIT_BUG = 70,
	EXIT_INTERRUPTED = 130,
	EXIT_TERMINATED = 143,
};

enum output_format {
#define FORMAT(id, name) FORMAT_##id,
#define REPORT_FORMAT(id, name) FORMAT_##id,
#define TABLE_FORMAT(id, name) FORMAT_##id,
#include "runner/formats.def"
#undef FORMAT
#undef REPORT_FORMAT
	FORMAT_COUNT
};
extern const char *const output_format_names[];

/* --format FORMAT or FORMAT=FILE. */
struct output {
	enum output_format format;
	const char *file; /* NULL: standard output */
};
enum { OUTPUTS_MAX = 16, ARGS_MAX = 16 };

enum color_mode { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* Every option of every command; a command's table says which it takes. */
struct options {
	/* common */
	struct str dir, ledger, color;
	int64_t now; /* 0: the clock */
	VEC(struct str) formats;
	bool quiet, no_input, help, version;
	/* by command */
	struct str last, compat, bands, by;
	struct str base, head, revision, out, at, fail_on, service, environment,
	        group, recipe, state, outcome, kind, actor, summary, ticket,
	        reason, file, artifact, commit_id, branch, sha256, content_type,
	        from_time, to_time, message, repository, run_id, run_url,
	        provider, of, to_version, identity, draft, severity, key,
	        proof_file, checkpoint, since, from;
	VEC(struct str) params, after;
	int64_t wait, limit, size_bytes, at_time, from_at, to_at, built_at,
	        not_before, expires, until, started_at, resolved_at, caused_by;
	bool dry_run, fetch, fields, worktree, trace, commit, skip_invalid,
	        engine, man, all, reject, list, in_order, resolve,
	        fetch_sources, proof, force;
};

enum option_type {
	OPTION_FLAG,     /* bool */
	OPTION_TEXT,     /* struct str, not empty */
	OPTION_PROSE,    /* struct str; empty is as if it was not given */
	OPTION_TEXTS,    /* VEC(struct str), repeatable */
	OPTION_TIME,     /* int64_t, RFC 3339 */
	OPTION_DURATION, /* int64_t, seconds */
	OPTION_NUMBER,   /* int64_t, >= 0 */
	OPTION_LIMIT,    /* int64_t, >= 1 */
};

struct option {
	const char *name; /* without the dashes */
	char letter;      /* 0: none */
	enum option_type type;
	size_t offset;
	const char *argument; /* "TIME"; NULL for a flag */
	const char *about;
};
#define OPTION(name_, letter_, type_, field_, argument_, about_)          \
	{                                                                 \
		.name = name_, .letter = letter_, .type = OPTION_##type_, \
		.offset = offsetof(struct options, field_),               \
		.argument = argument_, .about = about_                    \
	}

struct cli;
typedef enum exit_status command_fn(struct cli *cli);

struct command {
	const char *name;
	const char *arguments; /* "[SERVICE [ENVIRONMENT]]" */
	const char *summary;   /* one line */
	const char *about; /* a paragraph or two for --help and the manual */
	const struct option *options; /* ends with a NULL name; or NULL */
	int min_args, max_args;
	bool asks;    /* at a terminal, for arguments that were not given */
	bool reports; /* decisions: every --format is there, but for csv */
	bool tables;  /* csv is there */
	bool lists;   /* jsonl and csv are there */
	bool plain;   /* it has a form of its own, and no --format */
	command_fn *run;
	const char *examples; /* lines "$ dxcp ...", each with a word on it */
};

/* Ends with a NULL. */
extern const struct command *const commands[];
extern const struct option common_options[];

/* One invocation. */
struct cli {
	struct arena *arena;
	const struct command *command;
	struct options options;
	struct str args[ARGS_MAX];
	int nargs;
	struct output outputs[OUTPUTS_MAX];
	size_t noutputs;
	bool color;    /* of standard output */
	bool terminal; /* standard error is one: progress may be shown */
	struct world world;
	struct pass pass; /* of cli_open_policy */
	bool has_pass;
	struct fail why;
};

/*
 * Parse. On a usage error: one line on standard error with what was meant
 * perhaps, EXIT_USAGE. *done is set where nothing is left to do (--help).
 */
enum exit_status cli_parse(struct cli *cli, int argc, char **argv, bool *done);

/* One line "dxcp: ..." and its hint on standard error; the status to exit
   with. */
enum exit_status cli_fail(struct cli *cli);
enum exit_status cli_usage(struct cli *cli, const char *fmt, ...)
        __attribute__((format(printf, 2, 3)));
/* "there is no command ...", with the nearest one. */
enum exit_status cli_unknown_command(struct cli *cli, struct str name);
/* Whether somebody is there who can be asked: a terminal, no --no-input. */
bool cli_can_ask(const struct cli *cli);
/* What the command's arguments are not. */
enum exit_status cli_wants_arguments(struct cli *cli);
/* A line for people on standard error, not with --quiet. */
void cli_say(struct cli *cli, const char *fmt, ...)
        __attribute__((format(printf, 2, 3)));

/* Open what a command works on; false with cli->why set. */
bool cli_open_repo(struct cli *cli);
/* The policy of a revision (empty: HEAD) into cli->pass; once. */
bool cli_open_policy(struct cli *cli, struct str revision, bool worktree);
/*
 * --ledger, or the policy's platform.ledger.path, or .dxcp/ledger.db; the last
 * two from the repository's root. To write takes the lease.
 *
 * Without --ledger it is brought up to its copy in git (runner/sync). To write:
 * to the remote's, and what is appended has to be pushed by sync_push. To read:
 * to the one that was fetched last (with --fetch, now); the file stays as it
 * is.
 */
bool cli_open_ledger(struct cli *cli, enum ledger_mode mode);
/* The file as it is, where it is there; else as to read. */
bool cli_open_ledger_file(struct cli *cli, enum ledger_mode mode);
/* Its path alone, to world. */
bool cli_find_ledger(struct cli *cli);

/* Write to a file descriptor's stream, all of it; false with cli->why set. */
bool cli_write(struct cli *cli, const char *file, struct str bytes);

/* To standard output, or to standard error where nothing was asked for. */
void cli_help(FILE *to);
void cli_help_command(struct cli *cli, const struct command *c);
/* Manual pages: dxcp(1), and that of a command. */
void cli_man(struct cli *cli);
void cli_man_command(struct cli *cli, const struct command *c);
extern const char dxcp_version[], dxcp_date[]; /* of that version */

#endif
