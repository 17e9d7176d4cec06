/* --format markdown: the body of one comment that is edited in place; the
   same text is GitHub's step summary. */
#include "runner/report_format.h"

enum { COMMENT_CAP = 60 * 1000, MORE_ROOM = 120 };

/* What a decision is shown as, from the most to the least. */
enum form { FULL, PLAIN, BRIEF, FORMS };
enum part { DENIED, WAITING, FINE, PARTS };

struct markdown {
	struct report *report;
	size_t cap;
	struct buf forms[PARTS][FORMS];
	size_t cut[PARTS]; /* not even in BRIEF */
	struct buf followed, errors, others;
	size_t findings_cut;
};

static const char *const part_words[] = {"denied", "waiting",
                                         "allowed or known"};

/* --- text ---------------------------------------------------------------- */

/* GitHub resolves character references before it looks for mentions: only
   what stands between the sign and the name keeps it from one. */
static void add_text(struct buf *out, struct str shown)
{
	for (size_t i = 0; i < shown.n; i++) {
		char c = shown.s[i];
		if (c == '@')
			buf_add(out, STR("&#64;&#8203;"));
		else if (c == '#')
			buf_add(out, STR("&#35;&#8203;"));
		else if (c == '<')
			buf_add(out, STR("&lt;"));
		else if (c == '>')
			buf_add(out, STR("&gt;"));
		else if (c == '&')
			buf_add(out, STR("&amp;"));
		else if (c == '|' || c == '$' || c == '~' ||
		         str_starts(str_from(shown, i), STR("://")))
			buf_format(out, "&#%d;", c);
		else if (str_starts(str_from(shown, i), STR("www."))) {
			buf_add(out, STR("www&#46;"));
			i += 3;
		} else {
			if (str_has(STR("\\`*_[]!"), c))
				buf_add_char(out, '\\');
			buf_add_char(out, c);
		}
	}
}

static void add_shown(struct markdown *m, struct buf *out, struct str text)
{
	add_text(out, report_shown(m->report, text));
}

static void add_row(struct buf *out, struct markdown *m, const char *label,
                    struct str text)
{
	if (!text.n)
		return;
	buf_format(out, "| **%s** | ", label);
	add_shown(m, out, text);
	buf_add(out, STR(" |\n"));
}

/* All of a line or nothing of it. */
static bool add_line(struct buf *out, struct str line)
{
	if (out->full || line.n > out->max - out->n)
		return false;
	buf_add(out, line);
	return true;
}

/* --- decisions ----------------------------------------------------------- */

static const char *word_of(const struct decision *d)
{
	static const char *const words[] = {
	        [OUTCOME_ALLOW] = "Allowed",
	        [OUTCOME_WAIT] = "Waiting",
	        [OUTCOME_DENY] = "Denied",
	        [OUTCOME_REPLAY] = "Known",
	};
	return words[d->outcome];
}

static void add_trace(struct buf *out, struct markdown *m,
                      const struct decision *d)
{
	static const char *const results[] = {
	        [TRACE_PASS] = "passed",        [TRACE_WAIT] = "**waits**",
	        [TRACE_DENY] = "**denied**",    [TRACE_WAIVED] = "waived",
	        [TRACE_SKIP] = "not evaluated",
	};
	if (!d->ntrace)
		return;
	buf_format(out,
	           "<details><summary>All %zu guardrails</summary>\n\n"
	           "| Step | Guardrail | Value | Result |\n"
	           "|---:|---|---|---|\n",
	           d->ntrace);
	for (size_t i = 0; i < d->ntrace; i++) {
		const struct trace_row *row = &d->trace[i];
		buf_format(out, "| %zu | ", i + 1);
		add_shown(m, out, str_of(row->title));
		buf_add(out, STR(" | "));
		add_shown(m, out, row->detail);
		buf_format(out, " | %s |\n", results[row->result]);
	}
	buf_add(out, STR("\n</details>\n\n"));
}

static void add_made(struct buf *out, struct markdown *m,
                     const struct deployment *made)
{
	if (!made)
		return;
	buf_format(out, "Deployment %lld: %s.\n\n", (long long)made->number,
	           deployment_state_names[made->state]);
	for (size_t i = 0; i < made->nfailures; i++) {
		buf_add(out, STR("- "));
		add_shown(m, out, made->failures[i].summary);
		buf_add(out, STR("\n\n"));
	}
}

static void add_block(struct buf *out, struct markdown *m,
                      const struct report_item *item, struct str title)
{
	const struct decision *d = item->d;
	struct report *r = m->report;
	const struct trace_row *row = report_decisive(d);
	buf_format(out, "### %s: ", word_of(d));
	add_text(out, title);
	buf_add(out, STR("\n\n"));
	if (d->outcome == OUTCOME_DENY || d->outcome == OUTCOME_WAIT) {
		buf_add(out, STR("| | |\n|---|---|\n"));
		add_row(out, m, "Why", d->message);
		add_row(out, m, "Code", str_of(diag_info(d->code)->name));
		add_row(out, m, "At",
		        d->at.file.n ? report_place(r, &d->at, false)
		                     : d->request->path);
		if (row && row->rule.file.n)
			add_row(out, m, "Rule",
			        report_place(r, &row->rule, false));
		add_row(out, m, "Next", d->hint);
		if (d->next_allowed_at)
			add_row(out, m, "Earliest",
			        report_when(r->scratch, d->next_allowed_at));
		buf_add_char(out, '\n');
	}
	add_made(out, m, item->made);
}

static void add_brief(struct buf *out, struct markdown *m,
                      const struct decision *d, struct str title)
{
	buf_format(out, "- **%s** ", word_of(d));
	add_text(out, str_brief(m->report->scratch, title, 200));
	if (d->code)
		buf_format(out, ": %s", diag_info(d->code)->name);
	buf_add_char(out, '\n');
}

struct markdown *markdown_new(struct report *r, size_t cap)
{
	struct arena *a = r->cli->arena;
	struct markdown *m = ARENA_NEW(a, struct markdown);
	*m = (struct markdown){
	        .report = r,
	        .cap = cap,
	        .followed = buf_new(a, cap / 8),
	        .errors = buf_new(a, cap / 8),
	        .others = buf_new(a, cap / 16),
	};
	for (int i = 0; i < PARTS; i++)
		for (int k = 0; k < FORMS; k++)
			m->forms[i][k] = buf_new(a, cap);
	return m;
}

void markdown_decision(struct markdown *m, const struct report_item *item)
{
	static const enum part parts[] = {
	        [OUTCOME_ALLOW] = FINE,
	        [OUTCOME_WAIT] = WAITING,
	        [OUTCOME_DENY] = DENIED,
	        [OUTCOME_REPLAY] = FINE,
	};
	enum part part = parts[item->d->outcome];
	struct buf *forms = m->forms[part];
	struct str title = report_title(m->report, item->d);
	struct buf line = buf_new(m->report->scratch, m->cap);
	add_block(&forms[FULL], m, item, title);
	add_trace(&forms[FULL], m, item->d);
	add_block(&forms[PLAIN], m, item, title);
	add_brief(&line, m, item->d, title);
	m->cut[part] += line.full || !add_line(&forms[BRIEF], buf_str(&line));
}

void markdown_followed(struct markdown *m, const struct deployment *d)
{
	struct buf line = buf_new(m->report->scratch, m->cap);
	buf_format(&line, "- %s: ", deployment_state_names[d->state]);
	add_shown(m, &line, d->service);
	buf_add_char(&line, ' ');
	add_shown(m, &line, d->version);
	buf_add(&line, STR(" to "));
	add_shown(m, &line, d->environment);
	buf_format(&line, " (deployment %lld)\n", (long long)d->number);
	add_line(&m->followed, buf_str(&line));
}

void markdown_finding(struct markdown *m, const struct notice *n)
{
	struct report *r = m->report;
	struct buf line = buf_new(r->scratch, m->cap);
	buf_format(&line, "- **%s** ", diag_level_name(n->level));
	add_text(&line, report_place(r, &n->at, true));
	buf_format(&line, " %s: ", n->name);
	add_shown(m, &line, str_brief(r->scratch, n->message, 400));
	buf_add_char(&line, '\n');
	if (!add_line(n->level == DIAG_ERROR ? &m->errors : &m->others,
	              buf_str(&line)))
		m->findings_cut++;
}

/* --- the page ------------------------------------------------------------ */

static struct str head_of(struct markdown *m, const char *first)
{
	const struct report *r = m->report;
	const int64_t *of = r->counts.of;
	struct str known = STR("");
	if (of[OUTCOME_REPLAY])
		known = str_format(r->scratch, ", %lld known",
		                   (long long)of[OUTCOME_REPLAY]);
	return str_format(
	        r->scratch,
	        "%s## %lld denied, %lld waiting, %lld allowed%" STR_FMT "\n\n",
	        first, (long long)of[OUTCOME_DENY], (long long)of[OUTCOME_WAIT],
	        (long long)of[OUTCOME_ALLOW], STR_ARG(known));
}

static struct str foot_of(struct markdown *m)
{
	const struct report *r = m->report;
	struct buf out = buf_new(r->scratch, m->cap);
	size_t cut = m->findings_cut + r->findings.dropped;
	if (m->errors.n || m->others.n)
		buf_add(&out, STR("\n### Findings\n\n"));
	buf_add(&out, buf_str(&m->errors));
	buf_add(&out, buf_str(&m->others));
	if (cut)
		buf_format(&out, "- and %zu more findings\n", cut);
	if (m->followed.n)
		buf_add(&out, STR("\n### Ended\n\n"));
	buf_add(&out, buf_str(&m->followed));
	buf_format(&out, "\n<sub>policy %.7s · as of %s",
	           oid_hex(&r->pass->policy_tree).s,
	           when_text(world_now(&r->cli->world)).s);
	if (r->run)
		buf_format(&out, " · run %lld", (long long)r->run->number);
	buf_add(&out, STR("</sub>\n"));
	return buf_str(&out);
}

static bool fits(const struct markdown *m, const enum form *forms, size_t room)
{
	size_t sum = 0;
	for (int i = 0; i < PARTS; i++) {
		const struct buf *b = &m->forms[i][forms[i]];
		if (b->full || (forms[i] == BRIEF && m->cut[i]))
			return false;
		sum += b->n + 1;
	}
	return sum <= room;
}

/* Lines as long as there is room, then how many are missing. */
static void add_lines(struct markdown *m, struct buf *out, size_t room)
{
	size_t end = out->n + room;
	for (int i = 0; i < PARTS; i++) {
		struct str rest = buf_str(&m->forms[i][BRIEF]), line;
		size_t more = m->cut[i];
		size_t reserve = (size_t)(PARTS - i) * MORE_ROOM;
		bool open = true;
		while (str_cut(rest, '\n', &line, &rest)) {
			open = open && out->n + line.n + 1 + reserve <= end;
			if (!open) {
				more++;
				continue;
			}
			buf_add(out, line);
			buf_add_char(out, '\n');
		}
		if (more && out->n + MORE_ROOM <= end)
			buf_format(out, "- and %zu more %s\n", more,
			           part_words[i]);
	}
}

void markdown_write(struct markdown *m, struct buf *out, const char *first,
                    size_t cap)
{
	static const enum form tries[][PARTS] = {
	        {FULL, FULL, FULL},    {FULL, FULL, PLAIN},
	        {FULL, FULL, BRIEF},   {PLAIN, PLAIN, BRIEF},
	        {PLAIN, BRIEF, BRIEF}, {BRIEF, BRIEF, BRIEF},
	};
	struct str head = head_of(m, first), foot = foot_of(m);
	if (head.n + foot.n > cap)
		return;
	size_t room = cap - head.n - foot.n, i = 0;
	size_t ntries = sizeof tries / sizeof *tries;
	buf_add(out, head);
	while (i < ntries && !fits(m, tries[i], room))
		i++;
	if (i == ntries)
		add_lines(m, out, room);
	for (int k = 0; k < PARTS && i < ntries; k++)
		buf_add(out, buf_str(&m->forms[k][tries[i][k]]));
	buf_add(out, foot);
}

/* --- the format ---------------------------------------------------------- */

static void begin(struct sink *s)
{
	s->state = markdown_new(s->report, COMMENT_CAP);
}

static void decision(struct sink *s, const struct report_item *item)
{
	markdown_decision(s->state, item);
}

static void followed(struct sink *s, const struct deployment *d)
{
	markdown_followed(s->state, d);
}

static void finding(struct sink *s, const struct diag *d,
                    const struct notice *n)
{
	(void)d;
	markdown_finding(s->state, n);
}

static bool end(struct sink *s, struct fail *why)
{
	(void)why;
	markdown_write(s->state, &s->buf, "<!-- dxcp -->\n", COMMENT_CAP);
	return true;
}

const struct report_format report_markdown = {
        .wants_trace = true,
        .begin = begin,
        .decision = decision,
        .followed = followed,
        .finding = finding,
        .end = end,
};
