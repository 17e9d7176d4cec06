/*
 * --format sarif: SARIF 2.1.0 (OASIS). GitHub takes 25,000 results a run, so
 * that each kind has its part of them: denials, waits, findings. The rules
 * follow the results, because only then it is known which are used.
 */
#include "runner/report_format.h"

enum { DENIED_MAX = 10000, WAITING_MAX = 5000 };

struct sarif {
	bool used[DIAG_CODE_COUNT];
	size_t denied, waiting, dropped;
};

static const char *level_of(enum diag_level level)
{
	switch (level) {
	case DIAG_ERROR:
	case DIAG_DENY:
		return "error";
	case DIAG_WARNING:
	case DIAG_WAIT:
		return "warning";
	case DIAG_ALLOW:
	case DIAG_NOTE:
		break;
	}
	return "note";
}

static void begin(struct sink *s)
{
	struct jw *j = &s->json;
	s->state = ARENA_NEW(s->report->cli->arena, struct sarif);
	jw_open(j, '{');
	jw_put_str(j, "$schema",
	           STR("https://json.schemastore.org/sarif-2.1.0.json"));
	jw_put_str(j, "version", STR("2.1.0"));
	jw_key(j, "runs");
	jw_open(j, '[');
	jw_open(j, '{');
	jw_put_str(j, "columnKind", STR("unicodeCodePoints"));
	jw_key(j, "results");
	jw_open(j, '[');
}

static void put_text(struct jw *j, const char *key, struct str text)
{
	jw_key(j, key);
	jw_open(j, '{');
	jw_put_str(j, "text", text);
	jw_close(j);
}

/* A path as a relative URI: RFC 3986, "unreserved" and '/'. */
static struct str uri_of(struct arena *a, struct str path)
{
	static const char plain[] = "-._~/";
	struct buf out = buf_new(a, 3 * path.n + 1);
	for (size_t i = 0; i < path.n; i++) {
		char c = path.s[i];
		bool letter = (c >= 'a' && c <= 'z') ||
		              (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (letter || str_has(str_of(plain), c))
			buf_add_char(&out, c);
		else
			buf_format(&out, "%%%02X", (unsigned)(unsigned char)c);
	}
	return buf_str(&out);
}

static void add_location(struct sink *s, const struct location *at)
{
	struct jw *j = &s->json;
	jw_open(j, '{');
	jw_key(j, "physicalLocation");
	jw_open(j, '{');
	jw_key(j, "artifactLocation");
	jw_open(j, '{');
	jw_put_str(j, "uri", uri_of(s->report->scratch, at->file));
	jw_close(j);
	jw_key(j, "region");
	jw_open(j, '{');
	jw_put_int(j, "startLine", at->line);
	if (at->column)
		jw_put_int(j, "startColumn", at->column);
	if (at->end_line >= at->line && at->end_column) {
		jw_put_int(j, "endLine", at->end_line);
		jw_put_int(j, "endColumn", at->end_column);
	}
	jw_close(j);
	jw_close(j);
	jw_close(j);
}

static void add_result(struct sink *s, const struct notice *n)
{
	struct jw *j = &s->json;
	struct sarif *sarif = s->state;
	struct report *r = s->report;
	sarif->used[n->code] = true;
	jw_open(j, '{');
	jw_put_str(j, "ruleId", str_of(n->name));
	jw_put_str(j, "level", str_of(level_of(n->level)));
	put_text(j, "message",
	         str_format(r->scratch, "%" STR_FMT ". %" STR_FMT,
	                    STR_ARG(report_shown(r, n->message)),
	                    STR_ARG(report_shown(r, n->hint))));
	jw_key(j, "locations");
	jw_open(j, '[');
	add_location(s, &n->at);
	jw_close(j);
	jw_key(j, "partialFingerprints");
	jw_open(j, '{');
	jw_put_str(j, "dxcp/v1", str_of(n->fingerprint.s));
	jw_close(j);
	jw_close(j);
}

static void decision(struct sink *s, const struct report_item *item)
{
	struct sarif *sarif = s->state;
	if (!item->notice)
		return;
	bool waits = item->notice->level == DIAG_WAIT;
	size_t *n = waits ? &sarif->waiting : &sarif->denied;
	if (*n == (waits ? WAITING_MAX : DENIED_MAX)) {
		sarif->dropped++;
		return;
	}
	(*n)++;
	add_result(s, item->notice);
}

static void finding(struct sink *s, const struct diag *d,
                    const struct notice *n)
{
	(void)d;
	add_result(s, n);
}

static void add_rules(struct jw *j, const struct sarif *sarif)
{
	jw_key(j, "rules");
	jw_open(j, '[');
	for (int i = 0; i < DIAG_CODE_COUNT; i++) {
		const struct diag_info *info = diag_info((enum diag_code)i);
		if (!sarif->used[i])
			continue;
		jw_open(j, '{');
		jw_put_str(j, "id", str_of(i ? info->name : "WAITING"));
		put_text(j, "shortDescription",
		         str_of(i ? info->summary
		                  : "The intent waits for the next run."));
		put_text(j, "help",
		         str_of(i ? info->hint
		                  : "The next run goes on with it."));
		jw_close(j);
	}
	jw_close(j);
}

/* What was left out is told, never only missing. */
static void add_invocation(struct sink *s, size_t dropped)
{
	struct jw *j = &s->json;
	jw_key(j, "invocations");
	jw_open(j, '[');
	jw_open(j, '{');
	jw_put_bool(j, "executionSuccessful", true);
	jw_key(j, "toolExecutionNotifications");
	jw_open(j, '[');
	if (dropped) {
		jw_open(j, '{');
		jw_put_str(j, "level", STR("warning"));
		put_text(j, "message",
		         str_format(s->report->scratch,
		                    "%zu more results are left out", dropped));
		jw_close(j);
	}
	jw_close(j);
	jw_close(j);
	jw_close(j);
}

static bool end(struct sink *s, struct fail *why)
{
	struct jw *j = &s->json;
	const struct sarif *sarif = s->state;
	(void)why;
	jw_close(j);
	add_invocation(s, sarif->dropped + s->report->findings.dropped);
	jw_key(j, "tool");
	jw_open(j, '{');
	jw_key(j, "driver");
	jw_open(j, '{');
	jw_put_str(j, "name", STR("dxcp"));
	jw_put_str(j, "version", str_of(dxcp_version));
	add_rules(j, sarif);
	jw_close(j);
	jw_close(j);
	jw_close(j);
	jw_close(j);
	jw_close(j);
	buf_add_char(&s->buf, '\n');
	return true;
}

const struct report_format report_sarif = {
        .begin = begin,
        .decision = decision,
        .finding = finding,
        .end = end,
};
