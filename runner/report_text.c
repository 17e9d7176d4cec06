#include "runner/report_format.h"

enum { SHOWN_MAX = 1 << 24 };

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

void report_unarmed(struct buf *out, struct str text)
{
	static const struct str command = {"##[", 3};
	for (size_t i = 0; i + command.n <= text.n;) {
		struct str rest = str_from(text, i);
		if (!str_starts(rest, command)) {
			i++;
			continue;
		}
		buf_add(out, str_head(text, i));
		buf_add(out, STR("## ["));
		text = str_from(rest, command.n);
		i = 0;
	}
	buf_add(out, text);
}

void report_plain(struct buf *out, struct str text)
{
	if (!str_contains(text, STR("#["))) {
		diag_show(out, text);
		return;
	}
	struct arena *a = arena_new();
	struct buf shown = buf_new(a, SHOWN_MAX);
	diag_show(&shown, text);
	report_unarmed(out, buf_str(&shown));
	arena_free(a);
}

void report_lines(struct buf *out, size_t indent, struct str text)
{
	struct str line;
	bool first = true;
	text = str_trim(text);
	while (str_next(&text, '\n', &line)) {
		if (!first) {
			buf_add_char(out, '\n');
			buf_add_padded(out, STR(""), indent - 2);
			buf_add(out, STR("| "));
		}
		first = false;
		report_plain(out, str_ends(line, STR("\r"))
		                          ? str_head(line, line.n - 1)
		                          : line);
	}
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
	struct arena *a = arena_new();
	diags_sort(ds);
	for (size_t i = 0; i < ds->n; i++) {
		struct buf one = buf_new(a, SHOWN_MAX);
		diag_print(&one, &ds->at[i], color);
		report_unarmed(out, buf_str(&one));
		buf_add_char(out, '\n');
		arena_reset(a);
	}
	arena_free(a);
	if (ds->dropped)
		buf_format(out, "and %zu more findings\n", ds->dropped);
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

void report_decision_title(struct buf *out, const struct decision *d)
{
	const struct request *q = d->request;
	if (!q->service.n) {
		report_plain(out, q->path);
		return;
	}
	bool goes = q->kind == INTENT_DEPLOY || q->kind == INTENT_PROMOTE;
	bool stays = q->kind == INTENT_HOLD || q->kind == INTENT_INCIDENT;
	report_plain(out, q->service);
	if (q->version.n) {
		buf_add_char(out, ' ');
		report_plain(out, q->version);
	}
	if (q->environment.n) {
		buf_add(out, stays ? STR(" in ") : STR(" to "));
		report_plain(out, q->environment);
	}
	if (!goes && q->kind != INTENT_UNKNOWN)
		buf_format(out, ", %s", intent_kinds[q->kind].name);
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

static void add_refusal(struct buf *out, const struct decision *d,
                        struct arena *a)
{
	const struct trace_row *row = report_decisive(d);
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
	for (size_t i = 0; i < made->nfailures; i++) {
		const struct failure *f = &made->failures[i];
		buf_format(out, "  %-9s %s: ", i ? "" : "Failure",
		           failure_category_names[f->category]);
		report_lines(out, 12, f->summary);
		buf_add_char(out, '\n');
	}
}

/* A member of a release: what it is, and how it stands. */
static void add_item(struct buf *out, const struct decision *item, bool color,
                     struct arena *a)
{
	struct face face = face_of(item);
	struct buf title = buf_new(a, SHOWN_MAX);
	add_label(out, item->made ? "deploys" : "member");
	report_decision_title(&title, item);
	buf_add(out, buf_str(&title));
	buf_add(out, STR(": "));
	if (item->made)
		buf_format(out, "%s, deployment %lld\n",
		           deployment_state_names[item->made->state],
		           (long long)item->made->number);
	else {
		report_tone(out, color, face.tone, str_of(face.word));
		if (item->code)
			buf_format(out, " %s", diag_info(item->code)->name);
		buf_add_char(out, '\n');
	}
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
	report_decision_title(out, d);
	buf_add(out, STR("\n"));
	if (!short_form) {
		buf_add_char(out, '\n');
		add_refusal(out, d, a);
	}
	if (made)
		add_deployment(out, made, color);
	for (size_t i = 0; i < d->nitems; i++)
		add_item(out, &d->items[i], color, a);
	if (trace && d->ntrace)
		add_trace(out, d, color);
	if (!short_form || trace)
		buf_add_char(out, '\n');
	arena_free(a);
}

/* --- the format ---------------------------------------------------------- */

static void decision(struct sink *s, const struct report_item *item)
{
	report_decision_text(&s->buf, s->color, s->report->cli->options.trace,
	                     item->d, item->made);
}

static void followed(struct sink *s, const struct deployment *d)
{
	buf_add(&s->buf, STR("FOLLOWED "));
	report_plain(&s->buf, d->service);
	buf_add_char(&s->buf, ' ');
	report_plain(&s->buf, d->version);
	buf_add(&s->buf, STR(" to "));
	report_plain(&s->buf, d->environment);
	buf_add_char(&s->buf, '\n');
	add_deployment(&s->buf, d, s->color);
}

static bool end(struct sink *s, struct fail *why)
{
	struct report *r = s->report;
	const int64_t *of = r->counts.of;
	(void)why;
	report_findings(&s->buf, &r->findings, s->color);
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
	return true;
}

const struct report_format report_text = {
        .decision = decision,
        .followed = followed,
        .end = end,
};
