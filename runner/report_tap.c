/* --format tap: the Test Anything Protocol, version 13. */
#include "runner/report_format.h"

static void add_description(struct buf *out, struct str shown)
{
	for (size_t i = 0; i < shown.n; i++) {
		if (shown.s[i] == '#' || shown.s[i] == '\\')
			buf_add_char(out, '\\');
		buf_add_char(out, shown.s[i]);
	}
}

static void begin(struct sink *s)
{
	buf_add(&s->buf, STR("TAP version 13\n"));
}

static void add_line(struct sink *s, bool passed, struct str description)
{
	buf_format(&s->buf, "%s %zu - ", passed ? "ok" : "not ok", ++s->items);
	add_description(&s->buf, description);
}

/* A JSON string is a string of YAML, too. */
static void add_member(struct sink *s, const char *key, struct str value)
{
	if (!value.n)
		return;
	buf_format(&s->buf, "  %s: ", key);
	json_quote(&s->buf, report_shown(s->report, value));
	buf_add_char(&s->buf, '\n');
}

static void add_block(struct sink *s, const struct notice *n)
{
	buf_add(&s->buf, STR("  ---\n"));
	add_member(s, "code", str_of(n->name));
	add_member(s, "message", n->message);
	add_member(s, "next", n->hint);
	if (n->earliest)
		add_member(s, "earliest", str_of(when_text(n->earliest).s));
	add_member(s, "file", n->at.file);
	buf_format(&s->buf, "  line: %u\n  column: %u\n  ...\n", n->at.line,
	           n->at.column);
}

static void decision(struct sink *s, const struct report_item *item)
{
	const struct decision *d = item->d;
	struct report *r = s->report;
	bool waits = d->outcome == OUTCOME_WAIT;
	add_line(s, d->outcome != OUTCOME_DENY && !(waits && r->waiting_fails),
	         str_format(r->scratch, "%" STR_FMT ", %" STR_FMT,
	                    STR_ARG(report_title(r, d)),
	                    STR_ARG(report_shown(r, d->request->path))));
	if (waits && !r->waiting_fails)
		buf_add(&s->buf, STR(" # SKIP waits"));
	buf_add_char(&s->buf, '\n');
	if (item->notice)
		add_block(s, item->notice);
}

static void finding(struct sink *s, const struct diag *d,
                    const struct notice *n)
{
	struct report *r = s->report;
	(void)d;
	struct str text =
	        str_format(r->scratch, "%" STR_FMT " %s",
	                   STR_ARG(report_place(r, &n->at, true)), n->name);
	if (n->level == DIAG_ERROR) {
		add_line(s, false, text);
		buf_add_char(&s->buf, '\n');
		add_block(s, n);
		return;
	}
	buf_format(&s->buf, "# %s: %" STR_FMT ": ", diag_level_name(n->level),
	           STR_ARG(text));
	report_plain(&s->buf, n->message);
	buf_add_char(&s->buf, '\n');
}

static bool end(struct sink *s, struct fail *why)
{
	(void)why;
	buf_format(&s->buf, "1..%zu%s\n", s->items,
	           s->items ? "" : " # SKIP nothing to judge");
	return true;
}

const struct report_format report_tap = {
        .begin = begin,
        .decision = decision,
        .finding = finding,
        .end = end,
};
