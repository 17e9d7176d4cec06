#include "runner/report.h"

#include "core/files.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FLUSH_AT = 64 * 1024, OUTPUT_MAX = 1 << 30 };

/* One --format: what it holds until it is written. */
struct sink {
	struct output to;
	FILE *file;            /* where it goes */
	const char *temporary; /* its name until it is whole; NULL: none */
	struct buf buf;
	struct jw json;
};

struct report {
	struct cli *cli;
	enum report_kind kind;
	const struct pass *pass;
	struct sink sinks[OUTPUTS_MAX];
	size_t nsinks;
	struct run_counts counts;
	int64_t invalid, decided;
	bool decisions_ended;
};

const struct run_counts *report_counts(const struct report *r)
{
	return &r->counts;
}

/* --- words --------------------------------------------------------------- */

void report_tone(struct buf *out, bool color, enum tone tone, struct str text)
{
	static const char *const codes[] = {
	        [TONE_PLAIN] = "",   [TONE_BOLD] = "1",    [TONE_GOOD] = "32",
	        [TONE_BAD] = "1;31", [TONE_DENY] = "1;35", [TONE_WARN] = "33",
	        [TONE_INFO] = "34",  [TONE_DIM] = "2",
	};
	if (color && tone != TONE_PLAIN)
		buf_format(out, "\033[%sm", codes[tone]);
	report_plain(out, text);
	if (color && tone != TONE_PLAIN)
		buf_add(out, STR("\033[0m"));
}

void report_plain(struct buf *out, struct str text)
{
	size_t start = 0;
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.s[i];
		if (c >= ' ' && c != 0x7f)
			continue;
		buf_add(out, str_head(str_from(text, start), i - start));
		buf_format(out, "\\x%02x", c);
		start = i + 1;
	}
	buf_add(out, str_from(text, start));
}

struct str report_when(struct arena *a, int64_t instant)
{
	static const char *const days[] = {"Mon", "Tue", "Wed", "Thu",
	                                   "Fri", "Sat", "Sun"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr",
	                                     "May", "Jun", "Jul", "Aug",
	                                     "Sep", "Oct", "Nov", "Dec"};
	struct civil c = when_civil(instant, NULL);
	return str_format(a, "%s %d %s %d %02d:%02d UTC", days[c.weekday],
	                  c.day, months[c.month - 1], c.year, c.hour, c.minute);
}

void report_findings(struct buf *out, struct diags *ds, bool color)
{
	diags_sort(ds);
	for (size_t i = 0; i < ds->n; i++) {
		diag_print(out, &ds->at[i], color);
		buf_add_char(out, '\n');
	}
	if (ds->dropped)
		buf_format(out, "and %zu more findings\n", ds->dropped);
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
static bool open_sink(struct report *r, struct sink *s)
{
	struct cli *cli = r->cli;
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

static bool write_fails(struct report *r, const struct sink *s)
{
	return fail_errno(&r->cli->why, "writing %s",
	                  s->to.file ? s->to.file : "the report");
}

static bool flush(struct report *r, struct sink *s, bool all)
{
	if (s->buf.n < FLUSH_AT && !all)
		return true;
	if (s->buf.n && fwrite(s->buf.s, 1, s->buf.n, s->file) != s->buf.n)
		return write_fails(r, s);
	buf_reset(&s->buf);
	if (!all)
		return true;
	if (fflush(s->file))
		return write_fails(r, s);
	if (!s->to.file)
		return true;
	bool done = fclose(s->file) == 0 &&
	            (!s->temporary || rename(s->temporary, s->to.file) == 0);
	s->file = NULL;
	if (!done)
		return write_fails(r, s);
	s->temporary = NULL;
	return true;
}

static void begin_json(struct report *r, struct sink *s)
{
	s->json = jw_new(&s->buf);
	struct jw *j = &s->json;
	jw_open(j, '{');
	jw_put_str(j, "schema",
	           r->kind == REPORT_CHECK ? STR("dxcp.check/1")
	                                   : STR("dxcp.run/1"));
	jw_put_str(j, "commit", str_of(oid_hex(&r->pass->tip).s));
	jw_put_str(j, "policyTree", str_of(oid_hex(&r->pass->policy_tree).s));
	jw_put_when(j, "now", world_now(&r->cli->world));
	jw_key(j, "decisions");
	jw_open(j, '[');
}

struct report *report_new(struct cli *cli, enum report_kind kind,
                          const struct pass *p)
{
	struct report *r = ARENA_NEW(cli->arena, struct report);
	*r = (struct report){
	        .cli = cli, .kind = kind, .pass = p, .nsinks = cli->noutputs};
	for (size_t i = 0; i < r->nsinks; i++) {
		struct sink *s = &r->sinks[i];
		s->to = cli->outputs[i];
		s->buf = buf_new(cli->arena, OUTPUT_MAX);
		if (!open_sink(r, s))
			return NULL;
		if (s->to.format == FORMAT_JSON)
			begin_json(r, s);
	}
	return r;
}

/* --- one decision as text ------------------------------------------------ */

struct face {
	const char *word;
	enum tone tone;
};

static struct face face_of(const struct decision *d)
{
	static const struct face faces[] = {
	        [OUTCOME_ALLOW] = {"ALLOWED", TONE_GOOD},
	        [OUTCOME_WAIT] = {"WAITING", TONE_WARN},
	        [OUTCOME_DENY] = {"DENIED", TONE_DENY},
	        [OUTCOME_REPLAY] = {"KNOWN", TONE_DIM},
	};
	return faces[d->outcome];
}

static void add_title(struct buf *out, const struct decision *d)
{
	const struct request *q = d->request;
	if (!q->service.n) {
		report_plain(out, q->path);
		return;
	}
	report_plain(out, q->service);
	buf_add_char(out, ' ');
	report_plain(out, q->version);
	if (q->environment.n) {
		buf_add(out, STR(" to "));
		report_plain(out, q->environment);
	} else if (q->kind == INTENT_BUILD) {
		buf_add(out, STR(", build"));
	}
	if (d->group.n) {
		buf_add(out, STR("  (group "));
		report_plain(out, d->group);
		buf_add_char(out, ')');
	}
}

/* Hundreds of thousands of rows: no printf. */
static void add_label(struct buf *out, const char *label)
{
	buf_add(out, STR("  "));
	buf_add_padded(out, str_of(label), 10);
}

static void add_row(struct buf *out, const char *label, struct str text)
{
	add_label(out, label);
	report_plain(out, text);
	buf_add_char(out, '\n');
}

static void add_place(struct buf *out, const char *label,
                      const struct location *at, struct str name)
{
	if (!at->file.n)
		return;
	add_label(out, label);
	report_plain(out, at->file);
	if (at->line) {
		buf_add_char(out, ':');
		buf_add_int(out, at->line);
		buf_add_char(out, ':');
		buf_add_int(out, at->column);
	}
	if (name.n) {
		buf_add(out, STR("  "));
		report_plain(out, name);
	}
	buf_add_char(out, '\n');
}

static const struct trace_row *decisive(const struct decision *d)
{
	for (size_t i = 0; i < d->ntrace; i++)
		if (d->trace[i].code == d->code)
			return &d->trace[i];
	return NULL;
}

static void add_refusal(struct buf *out, const struct decision *d,
                        struct arena *a)
{
	const struct trace_row *row = d->code ? decisive(d) : NULL;
	add_row(out, "Why", d->message);
	if (d->code)
		add_row(out, "Code", str_of(diag_info(d->code)->name));
	add_place(out, "At", &d->at, STR(""));
	if (row)
		add_place(out, "Rule", &row->rule, str_of(row->title));
	add_row(out, "Next", d->hint);
	if (d->next_allowed_at)
		add_row(out, "Earliest", report_when(a, d->next_allowed_at));
	for (size_t i = 0; i < d->nalso; i++)
		add_row(out, i ? "" : "Also",
		        str_of(diag_info(d->also[i])->name));
}

static void add_trace(struct buf *out, const struct decision *d, bool color)
{
	static const struct face results[] = {
	        [TRACE_PASS] = {"pass", TONE_GOOD},
	        [TRACE_WAIT] = {"WAIT", TONE_WARN},
	        [TRACE_DENY] = {"DENY", TONE_DENY},
	        [TRACE_WAIVED] = {"waived", TONE_WARN},
	        [TRACE_SKIP] = {"-", TONE_DIM},
	};
	buf_add_char(out, '\n');
	for (size_t i = 0; i < d->ntrace; i++) {
		const struct trace_row *row = &d->trace[i];
		const struct face *face = &results[row->result];
		buf_add(out, STR("  "));
		report_tone(out, color, face->tone, str_of(face->word));
		buf_format(out, "%*s %-19s ", (int)(6 - str_of(face->word).n),
		           "", row->title);
		report_plain(out, row->detail);
		buf_add_char(out, '\n');
	}
}

static void add_deployment(struct buf *out, const struct deployment *made,
                           bool color)
{
	enum tone tone = made->state == STATE_SUCCEEDED ? TONE_GOOD
	                 : made->state == STATE_FAILED  ? TONE_BAD
	                                                : TONE_INFO;
	buf_format(out, "  %-9s %lld ", "Number", (long long)made->number);
	report_tone(out, color, tone,
	            str_of(deployment_state_names[made->state]));
	buf_add_char(out, '\n');
	for (size_t i = 0; i < made->nfailures; i++)
		add_row(out, failure_category_names[made->failures[i].category],
		        made->failures[i].summary);
}

void report_decision_text(struct buf *out, bool color, bool trace,
                          const struct decision *d,
                          const struct deployment *made)
{
	struct arena *a = arena_new();
	struct face face = face_of(d);
	bool short_form =
	        d->outcome == OUTCOME_ALLOW || d->outcome == OUTCOME_REPLAY;
	report_tone(out, color, face.tone, str_of(face.word));
	buf_add_padded(out, STR(""), 9 - str_of(face.word).n);
	add_title(out, d);
	buf_add(out, STR("\n"));
	if (!short_form) {
		buf_add_char(out, '\n');
		add_refusal(out, d, a);
	}
	if (made)
		add_deployment(out, made, color);
	if (trace && d->ntrace)
		add_trace(out, d, color);
	if (!short_form || trace)
		buf_add_char(out, '\n');
	arena_free(a);
}

/* --- one decision as JSON ------------------------------------------------ */

static void decision_document(struct sink *s, const struct decision *d,
                              struct str document,
                              const struct deployment *made)
{
	struct jw *j = &s->json;
	if (!document.n) {
		jw_open(j, '{');
		decision_json(j, d);
		jw_close(j);
		return;
	}
	if (!made) {
		jw_raw(j, document);
		return;
	}
	/* Take the closing brace off and put the deployment in. */
	document.n--;
	jw_raw(j, document);
	buf_add(&s->buf, STR(",\"deployment\":"));
	struct jw inner = jw_new(&s->buf);
	deployment_json(&inner, made);
	buf_add_char(&s->buf, '}');
}

bool report_decision(struct report *r, const struct decision *d,
                     struct str document, const struct deployment *made)
{
	r->counts.of[d->outcome]++;
	r->decided++;
	r->invalid += d->request->invalid != DIAG_NONE;
	for (size_t i = 0; i < r->nsinks; i++) {
		struct sink *s = &r->sinks[i];
		if (s->to.format == FORMAT_JSON)
			decision_document(s, d, document, made);
		else
			report_decision_text(&s->buf,
			                     r->cli->color && !s->to.file,
			                     r->cli->options.trace, d, made);
		if (!flush(r, s, false))
			return false;
	}
	return true;
}

/* --- what was followed ---------------------------------------------------- */

static void end_decisions(struct report *r)
{
	if (r->decisions_ended)
		return;
	r->decisions_ended = true;
	for (size_t i = 0; i < r->nsinks; i++) {
		struct jw *j = &r->sinks[i].json;
		if (r->sinks[i].to.format != FORMAT_JSON)
			continue;
		jw_close(j);
		if (r->kind == REPORT_RUN) {
			jw_key(j, "followed");
			jw_open(j, '[');
		}
	}
}

static void followed_text(struct report *r, struct sink *s,
                          const struct deployment *d)
{
	bool color = r->cli->color && !s->to.file;
	buf_add(&s->buf, STR("FOLLOWED "));
	report_plain(&s->buf, d->service);
	buf_add_char(&s->buf, ' ');
	report_plain(&s->buf, d->version);
	buf_add(&s->buf, STR(" to "));
	report_plain(&s->buf, d->environment);
	buf_add_char(&s->buf, '\n');
	add_deployment(&s->buf, d, color);
}

bool report_followed(struct report *r, const struct deployment *d)
{
	end_decisions(r);
	for (size_t i = 0; i < r->nsinks; i++) {
		struct sink *s = &r->sinks[i];
		if (s->to.format == FORMAT_JSON)
			deployment_json(&s->json, d);
		else
			followed_text(r, s, d);
		if (!flush(r, s, false))
			return false;
	}
	return true;
}

/* --- the end ------------------------------------------------------------- */

static void finish_text(struct report *r, struct sink *s, struct diags *ds)
{
	const int64_t *of = r->counts.of;
	report_findings(&s->buf, ds, r->cli->color && !s->to.file);
	buf_format(&s->buf,
	           "%lld intent%s %s: %lld allowed, %lld waiting, %lld denied",
	           (long long)r->decided, r->decided == 1 ? "" : "s",
	           r->kind == REPORT_CHECK ? "checked" : "decided",
	           (long long)of[OUTCOME_ALLOW], (long long)of[OUTCOME_WAIT],
	           (long long)of[OUTCOME_DENY]);
	if (of[OUTCOME_REPLAY])
		buf_format(&s->buf, ", %lld known",
		           (long long)of[OUTCOME_REPLAY]);
	buf_format(&s->buf, ".   policy %.7s, as of %s\n",
	           oid_hex(&r->pass->policy_tree).s,
	           when_text(world_now(&r->cli->world)).s);
}

static void finish_json(struct report *r, struct sink *s,
                        const struct diags *ds, const struct run_result *run)
{
	struct jw *j = &s->json;
	if (r->kind == REPORT_RUN)
		jw_close(j);
	jw_key(j, "findings");
	findings_json(j, ds);
	jw_key(j, "summary");
	jw_open(j, '{');
	for (int i = 0; i < OUTCOME_COUNT; i++)
		jw_put_int(j, outcome_names[i], r->counts.of[i]);
	jw_put_int(j, "invalid", r->invalid);
	jw_close(j);
	if (run) {
		jw_key(j, "run");
		jw_open(j, '{');
		jw_put_int(j, "number", run->number);
		jw_put_when(j, "startedAt", run->started_at);
		jw_put_when(j, "finishedAt", run->finished_at);
		jw_close(j);
	}
	jw_close(j);
	buf_add_char(&s->buf, '\n');
}

bool report_finish(struct report *r, const struct run_result *run)
{
	/* Findings were collected by the pass; sorting them is its last use. */
	struct diags ds = r->pass->findings;
	end_decisions(r);
	diags_sort(&ds);
	for (size_t i = 0; i < r->nsinks; i++) {
		struct sink *s = &r->sinks[i];
		if (s->to.format == FORMAT_JSON)
			finish_json(r, s, &ds, run);
		else
			finish_text(r, s, &ds);
		if (!flush(r, s, true))
			return false;
	}
	return true;
}
