/*
 * --format gitlab: a code quality report, docs.gitlab.com/ci/testing/
 * code_quality: an array of issues, each with a stable fingerprint.
 */
#include "runner/report_format.h"

static const char *severity(enum diag_level level)
{
	switch (level) {
	case DIAG_ERROR:
		return "critical";
	case DIAG_DENY:
		return "major";
	case DIAG_WARNING:
		return "minor";
	case DIAG_ALLOW:
	case DIAG_WAIT:
	case DIAG_NOTE:
		break;
	}
	return "info";
}

static void begin(struct sink *s)
{
	jw_open(&s->json, '[');
}

static void add_issue(struct sink *s, const struct notice *n)
{
	struct jw *j = &s->json;
	struct report *r = s->report;
	jw_open(j, '{');
	jw_put_str(j, "description",
	           str_format(r->scratch, "%" STR_FMT ". %" STR_FMT,
	                      STR_ARG(report_shown(r, n->message)),
	                      STR_ARG(report_shown(r, n->hint))));
	jw_put_str(j, "check_name", str_of(n->name));
	jw_put_str(j, "fingerprint", str_of(n->fingerprint.s));
	jw_put_str(j, "severity", str_of(severity(n->level)));
	jw_key(j, "location");
	jw_open(j, '{');
	jw_put_str(j, "path", n->at.file);
	jw_key(j, "lines");
	jw_open(j, '{');
	jw_put_int(j, "begin", n->at.line);
	jw_close(j);
	jw_close(j);
	jw_close(j);
}

static void decision(struct sink *s, const struct report_item *item)
{
	if (item->notice)
		add_issue(s, item->notice);
}

static void finding(struct sink *s, const struct diag *d,
                    const struct notice *n)
{
	(void)d;
	add_issue(s, n);
}

static bool end(struct sink *s, struct fail *why)
{
	(void)why;
	jw_close(&s->json);
	buf_add_char(&s->buf, '\n');
	return true;
}

const struct report_format report_gitlab = {
        .begin = begin,
        .decision = decision,
        .finding = finding,
        .end = end,
};
