/*
 * --format junit: a test suite an intent, a test case a guardrail. GitLab
 * takes files of less than 30 MB, so that past DETAILED an intent is one case.
 */
#include "runner/report_format.h"

enum { DETAILED = 8 << 20, LARGEST = 29 << 20 };

/* XML 1.0, for texts and attributes. Controls are gone by diag_show; U+FFFE
   and U+FFFF are no characters of XML either. */
static void add_xml(struct buf *out, struct str shown)
{
	for (size_t i = 0; i < shown.n; i++) {
		struct str rest = str_from(shown, i);
		char c = shown.s[i];
		if (c == '&')
			buf_add(out, STR("&amp;"));
		else if (c == '<')
			buf_add(out, STR("&lt;"));
		else if (c == '>')
			buf_add(out, STR("&gt;"));
		else if (c == '"')
			buf_add(out, STR("&quot;"));
		else if (str_starts(rest, STR("\xEF\xBF\xBE")) ||
		         str_starts(rest, STR("\xEF\xBF\xBF"))) {
			buf_add(out, STR("\xEF\xBF\xBD"));
			i += 2;
		} else
			buf_add_char(out, c);
	}
}

static void add_attribute(struct sink *s, const char *name, struct str value)
{
	buf_format(&s->buf, " %s=\"", name);
	add_xml(&s->buf, report_shown(s->report, value));
	buf_add_char(&s->buf, '"');
}

static void begin(struct sink *s)
{
	buf_format(&s->buf,
	           "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	           "<testsuites name=\"dxcp %s\">\n",
	           report_command(s->report));
}

static void open_suite(struct sink *s, struct str name, size_t tests,
                       size_t failures, size_t skipped)
{
	buf_add(&s->buf, STR("<testsuite"));
	add_attribute(s, "name", name);
	buf_format(&s->buf,
	           " tests=\"%zu\" failures=\"%zu\" errors=\"0\" "
	           "skipped=\"%zu\" time=\"0\">\n",
	           tests, failures, skipped);
}

/* element: "failure", "skipped", or NULL where it passed. */
static void add_case(struct sink *s, struct str class, struct str name,
                     const char *element, struct str type, struct str message,
                     struct str text)
{
	buf_add(&s->buf, STR("<testcase"));
	add_attribute(s, "classname", class);
	add_attribute(s, "name", name);
	buf_add(&s->buf, STR(" time=\"0\""));
	if (!element) {
		buf_add(&s->buf, STR("/>\n"));
		return;
	}
	buf_format(&s->buf, "><%s", element);
	add_attribute(s, "message", message);
	if (type.n)
		add_attribute(s, "type", type);
	buf_add_char(&s->buf, '>');
	add_xml(&s->buf, report_shown(s->report, text));
	buf_format(&s->buf, "</%s></testcase>\n", element);
}

static const char *element_of(const struct report *r, enum trace_result result)
{
	switch (result) {
	case TRACE_PASS:
		return NULL;
	case TRACE_DENY:
		return "failure";
	case TRACE_WAIT:
		return r->waiting_fails ? "failure" : "skipped";
	case TRACE_WAIVED:
	case TRACE_SKIP:
		break;
	}
	return "skipped";
}

static void add_summary_case(struct sink *s, const struct decision *d)
{
	static const enum trace_result results[] = {
	        [OUTCOME_ALLOW] = TRACE_PASS,
	        [OUTCOME_WAIT] = TRACE_WAIT,
	        [OUTCOME_DENY] = TRACE_DENY,
	        [OUTCOME_REPLAY] = TRACE_SKIP,
	};
	const char *element = element_of(s->report, results[d->outcome]);
	bool fails = element && element[0] == 'f';
	open_suite(s, d->request->path, 1, fails, element && !fails);
	add_case(s, d->request->path, STR("Decision"), element,
	         str_of(diag_info(d->code)->name), d->message, d->hint);
	buf_add(&s->buf, STR("</testsuite>\n"));
}

static void add_rows(struct sink *s, const struct decision *d)
{
	size_t failures = 0, skipped = 0;
	for (size_t i = 0; i < d->ntrace; i++) {
		const char *e = element_of(s->report, d->trace[i].result);
		failures += e && e[0] == 'f';
		skipped += e && e[0] == 's';
	}
	open_suite(s, d->request->path, d->ntrace, failures, skipped);
	for (size_t i = 0; i < d->ntrace; i++) {
		const struct trace_row *row = &d->trace[i];
		bool decides = d->code && row->code == d->code;
		add_case(s, d->request->path, str_of(row->title),
		         element_of(s->report, row->result),
		         str_of(diag_info(row->code)->name), row->detail,
		         decides ? d->hint : row->hint);
	}
	buf_add(&s->buf, STR("</testsuite>\n"));
}

/* The verdict stands in the trace, unless something else decided. */
static bool trace_decides(const struct decision *d)
{
	return d->ntrace && (d->outcome == OUTCOME_ALLOW || report_decisive(d));
}

static void decision(struct sink *s, const struct report_item *item)
{
	int64_t size = s->written + (int64_t)s->buf.n;
	if (size > LARGEST)
		s->items++;
	else if (size > DETAILED || !trace_decides(item->d))
		add_summary_case(s, item->d);
	else
		add_rows(s, item->d);
}

static void finding(struct sink *s, const struct diag *d,
                    const struct notice *n)
{
	struct report *r = s->report;
	struct str name = str_format(r->scratch, "%s %u:%u", n->name,
	                             n->at.line, n->at.column);
	(void)d;
	if (s->written + (int64_t)s->buf.n > LARGEST) {
		s->items++;
		return;
	}
	bool fails = n->level == DIAG_ERROR;
	open_suite(s, STR("findings"), 1, fails, !fails);
	add_case(s, n->at.file, name, fails ? "failure" : "skipped",
	         str_of(n->name), n->message, n->hint);
	buf_add(&s->buf, STR("</testsuite>\n"));
}

static bool end(struct sink *s, struct fail *why)
{
	struct report *r = s->report;
	size_t dropped = s->items + r->findings.dropped;
	(void)why;
	if (dropped) {
		struct str text = str_format(r->scratch,
		                             "%zu more are left out", dropped);
		open_suite(s, STR("left out"), 1, 1, 0);
		add_case(s, STR("dxcp"), STR("Report"), "failure", STR(""),
		         text, STR(""));
		buf_add(&s->buf, STR("</testsuite>\n"));
	}
	buf_add(&s->buf, STR("</testsuites>\n"));
	return true;
}

const struct report_format report_junit = {
        .wants_trace = true,
        .begin = begin,
        .decision = decision,
        .finding = finding,
        .end = end,
};
