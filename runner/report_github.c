/*
 * --format github: workflow commands, which GitHub shows as annotations, ten
 * of a kind and step at most; and the whole as Markdown in the step's summary,
 * which is lost above 1,024 kB.
 */
#include "runner/report_format.h"

enum { SHOWN_OF_A_KIND = 9, SUMMARY_CAP = 900 * 1000 };
enum { ERRORS, WARNINGS, NOTICES, KINDS };

struct github {
	struct markdown *summary; /* NULL: not wanted */
	size_t shown[KINDS], more[KINDS];
};

static const char *const commands_of[] = {"error", "warning", "notice"};

/* @actions/toolkit, command.ts: escapeData, escapeProperty. "##[" would be a
   command of the older form. */
static void add_escaped(struct buf *out, struct str text, bool property)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.s[i];
		bool special = c == '%' || c == '\r' || c == '\n' ||
		               (property && (c == ':' || c == ','));
		if (special) {
			buf_format(out, "%%%02X", c);
		} else if (str_starts(str_from(text, i), STR("##["))) {
			buf_add(out, STR("## ["));
			i += 2;
		} else {
			buf_add_char(out, (char)c);
		}
	}
}

static void begin(struct sink *s)
{
	struct github *g = ARENA_NEW(s->report->cli->arena, struct github);
	if (world_environment("GITHUB_STEP_SUMMARY").n)
		g->summary = markdown_new(s->report, SUMMARY_CAP);
	s->state = g;
}

static void add_place(struct buf *out, const struct location *at,
                      struct str file)
{
	buf_add(out, STR(" file="));
	add_escaped(out, file, true);
	buf_format(out, ",line=%u", at->line);
	if (at->end_line >= at->line)
		buf_format(out, ",endLine=%u", at->end_line);
	/* GitHub takes columns only of a place on one line. */
	if (at->end_line == at->line && at->column)
		buf_format(out, ",col=%u,endColumn=%u", at->column,
		           at->end_column);
}

static void annotate(struct sink *s, const struct notice *n)
{
	static const int kinds[] = {
	        [DIAG_ALLOW] = NOTICES,    [DIAG_WAIT] = WARNINGS,
	        [DIAG_DENY] = ERRORS,      [DIAG_NOTE] = NOTICES,
	        [DIAG_WARNING] = WARNINGS, [DIAG_ERROR] = ERRORS,
	};
	struct github *g = s->state;
	struct report *r = s->report;
	int kind = kinds[n->level];
	if (g->shown[kind] == SHOWN_OF_A_KIND) {
		g->more[kind]++;
		return;
	}
	g->shown[kind]++;
	buf_format(&s->buf, "::%s", commands_of[kind]);
	add_place(&s->buf, &n->at, report_shown(r, n->at.file));
	buf_add(&s->buf, STR(",title="));
	add_escaped(&s->buf, n->title, true);
	buf_add(&s->buf, STR("::"));
	struct buf text = buf_new(r->scratch, 1 << 24);
	diag_show(&text, n->message);
	buf_add(&text, STR(". "));
	diag_show(&text, n->hint);
	if (n->earliest) {
		buf_add(&text, STR(" Earliest: "));
		buf_add(&text, report_when(r->scratch, n->earliest));
		buf_add_char(&text, '.');
	}
	if (n->rule.file.n) {
		buf_add(&text, STR(" Rule: "));
		buf_add(&text, report_place(r, &n->rule, false));
	}
	add_escaped(&s->buf, buf_str(&text), false);
	buf_add_char(&s->buf, '\n');
}

static void decision(struct sink *s, const struct report_item *item)
{
	struct github *g = s->state;
	if (item->notice)
		annotate(s, item->notice);
	if (g->summary)
		markdown_decision(g->summary, item);
}

static void followed(struct sink *s, const struct deployment *d)
{
	struct github *g = s->state;
	if (g->summary)
		markdown_followed(g->summary, d);
}

static void finding(struct sink *s, const struct diag *d,
                    const struct notice *n)
{
	struct github *g = s->state;
	(void)d;
	annotate(s, n);
	if (g->summary)
		markdown_finding(g->summary, n);
}

/* Other commands of the same step may have written there. */
static bool append_summary(struct sink *s, struct markdown *m, struct fail *why)
{
	struct arena *a = s->report->cli->arena;
	const char *path =
	        str_cstr(a, world_environment("GITHUB_STEP_SUMMARY"));
	struct buf out = buf_new(a, SUMMARY_CAP);
	FILE *file = fopen(path, "ae");
	if (!file)
		return fail_errno(why, "opening the step summary %s", path);
	long size = fseek(file, 0, SEEK_END) ? 0 : ftell(file);
	if (size >= 0 && size < SUMMARY_CAP)
		markdown_write(m, &out, "", (size_t)(SUMMARY_CAP - size));
	bool fine = !out.n || fwrite(out.s, 1, out.n, file) == out.n;
	if (fclose(file) || !fine)
		return fail_errno(why, "writing the step summary %s", path);
	return true;
}

static bool end(struct sink *s, struct fail *why)
{
	struct github *g = s->state;
	g->more[ERRORS] += s->report->findings.dropped;
	for (int i = 0; i < KINDS; i++)
		if (g->more[i])
			buf_format(&s->buf, "::%s title=dxcp::and %zu more\n",
			           commands_of[i], g->more[i]);
	return !g->summary || append_summary(s, g->summary, why);
}

const struct report_format report_github = {
        .wants_trace = true,
        .begin = begin,
        .decision = decision,
        .followed = followed,
        .finding = finding,
        .end = end,
};
