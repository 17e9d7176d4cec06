#include "runner/report_format.h"

#include <sys/stat.h>
#include <unistd.h>

enum { FLUSH_AT = 64 * 1024, OUTPUT_MAX = 1 << 30 };

static const struct report_format *const formats[FORMAT_COUNT] = {
#define FORMAT(id, name) [FORMAT_##id] = &report_##name,
#define REPORT_FORMAT(id, name) FORMAT(id, name)
#include "runner/formats.def"
#undef FORMAT
#undef REPORT_FORMAT
};

const struct run_counts *report_counts(const struct report *r)
{
	return &r->counts;
}

bool report_wants_trace(const struct report *r)
{
	for (size_t i = 0; i < r->nsinks; i++)
		if (r->sinks[i].format->wants_trace)
			return true;
	return r->cli->options.trace;
}

/* --- shared by formats --------------------------------------------------- */

struct str report_shown(struct report *r, struct str text)
{
	struct buf out = buf_new(r->scratch, OUTPUT_MAX);
	report_plain(&out, text);
	return buf_str(&out);
}

struct str report_title(struct report *r, const struct decision *d)
{
	struct buf out = buf_new(r->scratch, OUTPUT_MAX);
	report_decision_title(&out, d);
	return buf_str(&out);
}

struct str report_place(struct report *r, const struct location *at,
                        bool column)
{
	struct buf out = buf_new(r->scratch, OUTPUT_MAX);
	report_plain(&out, at->file);
	if (at->line)
		buf_format(&out, ":%u", at->line);
	if (at->line && column)
		buf_format(&out, ":%u", at->column);
	return buf_str(&out);
}

const struct trace_row *report_decisive(const struct decision *d)
{
	for (size_t i = 0; d->code && i < d->ntrace; i++)
		if (d->trace[i].code == d->code)
			return &d->trace[i];
	return NULL;
}

const char *report_command(const struct report *r)
{
	return r->kind == REPORT_CHECK ? "check" : "run";
}

/* --- notices ------------------------------------------------------------- */

/* Clients expect numbers that count from 1. */
static struct location start_at_one(struct location at)
{
	if (!at.line)
		at.line = at.column = at.end_line = at.end_column = 1;
	return at;
}

static struct notice notice_of_decision(struct report *r,
                                        const struct decision *d)
{
	const struct trace_row *row = report_decisive(d);
	const struct request *q = d->request;
	struct oid_hex blob = oid_hex(&q->blob);
	bool waits = d->outcome == OUTCOME_WAIT;
	struct notice n = {
	        .level = waits ? DIAG_WAIT : DIAG_DENY,
	        .code = d->code,
	        .name = d->code ? diag_info(d->code)->name : "WAITING",
	        .message = d->message,
	        .hint = d->hint,
	        .at = d->at,
	        .earliest = d->next_allowed_at,
	};
	if (!n.at.file.n)
		n.at = (struct location){.file = q->path};
	n.at = start_at_one(n.at);
	if (row)
		n.rule = row->rule;
	n.title = str_format(r->scratch, "%s: %" STR_FMT " (%s)",
	                     waits ? "Waiting" : "Denied",
	                     STR_ARG(report_title(r, d)), n.name);
	struct str parts[] = {str_of(n.name), STR("\n"), q->path, STR("\n"),
	                      str_of(blob.s)};
	n.fingerprint = sha256_of_parts(parts, sizeof parts / sizeof *parts);
	return n;
}

/* Findings that say the same of a file are told apart by their number, not by
   their line, which other edits move. */
static struct sha256_hex finding_fingerprint(struct report *r,
                                             const struct notice *n)
{
	struct str parts[] = {str_of(n->name), STR("\n"), n->at.file, STR("\n"),
	                      n->message};
	struct sha256_hex hex =
	        sha256_of_parts(parts, sizeof parts / sizeof *parts);
	size_t *count = map_find(&r->fingerprints, str_of(hex.s));
	if (!count) {
		count = ARENA_NEW(r->cli->arena, size_t);
		map_put(&r->fingerprints, str_of(hex.s), count);
	}
	if ((*count)++) {
		struct str again[] = {str_of(hex.s),
		                      str_format(r->scratch, "\n%zu", *count)};
		hex = sha256_of_parts(again, 2);
	}
	return hex;
}

static struct notice notice_of_finding(struct report *r, const struct diag *d)
{
	const struct diag_info *info = diag_info(d->code);
	struct notice n = {
	        .level = info->level,
	        .code = d->code,
	        .name = info->name,
	        .title = str_of(info->name),
	        .message = d->message,
	        .hint = d->hint.n ? d->hint : str_of(info->hint),
	        .at = location_of(d->at),
	};
	if (!n.at.file.n)
		n.at.file = STR("policy");
	n.at = start_at_one(n.at);
	n.fingerprint = finding_fingerprint(r, &n);
	return n;
}

/* Whether the findings say why an intent is invalid: what is wrong in it, at
   the very place. They are complete when the first decision is made. */
static bool told_by_findings(struct report *r, const struct decision *d)
{
	const struct diags *ds = &r->pass->findings;
	if (d->request->invalid == DIAG_NONE)
		return false;
	for (size_t i = 0; i < ds->n && !r->files_known; i++) {
		struct location at = location_of(ds->at[i].at);
		if (diag_info(ds->at[i].code)->level == DIAG_ERROR)
			map_put(&r->invalid_files, at.file, r);
	}
	r->files_known = true;
	return map_find(&r->invalid_files, d->request->path) != NULL;
}

/* --- sinks --------------------------------------------------------------- */

static void drop_sink(void *handle)
{
	struct sink *s = handle;
	if (s->file)
		fclose(s->file);
	if (s->temporary)
		remove(s->temporary);
}

/* Before anything is done that the report would be about. */
static bool open_sink(struct sink *s)
{
	struct cli *cli = s->report->cli;
	struct stat st;
	s->file = stdout;
	if (!s->to.file)
		return true;
	const char *name = s->to.file;
	if (stat(name, &st) != 0 || S_ISREG(st.st_mode))
		s->temporary = name = str_format(cli->arena, "%s.%ld.tmp", name,
		                                 (long)getpid())
		                              .s;
	s->file = fopen(name, "we");
	if (s->file) {
		arena_defer(cli->arena, drop_sink, s);
		return true;
	}
	fail_errno(&cli->why, "creating %s", s->to.file);
	return fail_hint(&cli->why, "name a file in a folder that is there");
}

static bool write_fails(const struct sink *s)
{
	return fail_errno(&s->report->cli->why, "writing %s",
	                  s->to.file ? s->to.file : "the report");
}

/* A report is in its place only when it is whole. */
static bool close_sink(struct sink *s)
{
	if (fflush(s->file))
		return write_fails(s);
	if (!s->to.file)
		return true;
	bool done = fclose(s->file) == 0 &&
	            (!s->temporary || rename(s->temporary, s->to.file) == 0);
	s->file = NULL;
	if (!done)
		return write_fails(s);
	s->temporary = NULL;
	return true;
}

static bool flush(struct sink *s, bool all)
{
	if (s->buf.n < FLUSH_AT && !all)
		return true;
	if (s->buf.n && fwrite(s->buf.s, 1, s->buf.n, s->file) != s->buf.n)
		return write_fails(s);
	s->written += (int64_t)s->buf.n;
	buf_reset(&s->buf);
	return !all || close_sink(s);
}

/* After each item. */
static bool flush_all(struct report *r)
{
	for (size_t i = 0; i < r->nsinks; i++)
		if (!flush(&r->sinks[i], false))
			return false;
	arena_reset(r->scratch);
	return true;
}

static void close_scratch(void *scratch)
{
	arena_free(scratch);
}

struct report *report_new(struct cli *cli, enum report_kind kind,
                          const struct pass *p)
{
	struct report *r = ARENA_NEW(cli->arena, struct report);
	*r = (struct report){
	        .cli = cli,
	        .kind = kind,
	        .pass = p,
	        .nsinks = cli->noutputs,
	        .scratch = arena_new(),
	        .fingerprints = map_new(cli->arena),
	        .invalid_files = map_new(cli->arena),
	        .waiting_fails = str_is(cli->options.fail_on, "waiting"),
	};
	arena_defer(cli->arena, close_scratch, r->scratch);
	for (size_t i = 0; i < r->nsinks; i++) {
		struct sink *s = &r->sinks[i];
		s->to = cli->outputs[i];
		s->format = formats[s->to.format];
		s->report = r;
		s->buf = buf_new(cli->arena, OUTPUT_MAX);
		s->json = jw_new(&s->buf);
		s->color = cli->color && !s->to.file;
		if (!open_sink(s))
			return NULL;
		if (s->format->begin)
			s->format->begin(s);
	}
	return r;
}

bool report_decision(struct report *r, const struct decision *d,
                     struct str document, const struct deployment *made)
{
	struct decision with_trace = *d;
	struct trace_row rows[VERDICT_TRACE_MAX];
	struct notice notice;
	struct report_item item = {
	        .d = &with_trace, .document = document, .made = made};
	r->counts.of[d->outcome]++;
	r->decided++;
	r->invalid += d->request->invalid != DIAG_NONE;
	if (!d->ntrace && document.n && report_wants_trace(r)) {
		with_trace.trace = rows;
		if (!report_read_trace(r->scratch, document, &with_trace,
		                       &r->cli->why))
			return false;
	}
	if ((d->outcome == OUTCOME_DENY || d->outcome == OUTCOME_WAIT) &&
	    !told_by_findings(r, d)) {
		notice = notice_of_decision(r, &with_trace);
		item.notice = &notice;
	}
	for (size_t i = 0; i < r->nsinks; i++)
		r->sinks[i].format->decision(&r->sinks[i], &item);
	return flush_all(r);
}

bool report_followed(struct report *r, const struct deployment *d)
{
	for (size_t i = 0; i < r->nsinks; i++)
		if (r->sinks[i].format->followed)
			r->sinks[i].format->followed(&r->sinks[i], d);
	return flush_all(r);
}

static bool report_finding(struct report *r, const struct diag *d)
{
	struct notice notice = notice_of_finding(r, d);
	for (size_t i = 0; i < r->nsinks; i++)
		if (r->sinks[i].format->finding)
			r->sinks[i].format->finding(&r->sinks[i], d, &notice);
	return flush_all(r);
}

bool report_finish(struct report *r, const struct run_result *run)
{
	/* Findings were collected by the pass; sorting them is its last use. */
	r->findings = r->pass->findings;
	r->run = run;
	diags_sort(&r->findings);
	for (size_t i = 0; i < r->findings.n; i++)
		if (!report_finding(r, &r->findings.at[i]))
			return false;
	for (size_t i = 0; i < r->nsinks; i++)
		if (!r->sinks[i].format->end(&r->sinks[i], &r->cli->why) ||
		    !flush(&r->sinks[i], true))
			return false;
	return true;
}
