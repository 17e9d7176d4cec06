/* codes/ and codes/<CODE>/: every code of core/diag_codes.def. */
#include "render/parts.h"
#include "render/policy_rules.h"
#include "render/rule_words.h"

struct code_row {
	struct str code, level, cause, summary;
};
static const struct field row_list[] = {
        FIELD_TEXT(struct code_row, code),
        FIELD_TEXT(struct code_row, level),
        FIELD_TEXT(struct code_row, cause),
        FIELD_TEXT(struct code_row, summary),
};
static const struct fields row_fields = FIELDS(struct code_row, row_list);

struct view {
	struct frame frame;
	struct lede lede;
	VEC(struct code_row) decisions, findings;
};
static const struct field view_list[] = {
        FIELD_STRUCT(struct view, frame, &frame_fields),
        FIELD_LIST(struct view, lede, &run_fields),
        FIELD_LIST(struct view, decisions, &row_fields),
        FIELD_LIST(struct view, findings, &row_fields),
};
static const struct fields view_fields = FIELDS(struct view, view_list);

static const char *cause_words(enum diag_cause cause)
{
	switch (cause) {
	case CAUSE_USER_ERROR:
		return "The intent must change";
	case CAUSE_POLICY:
		return "Policy: wait, ask, or change it";
	case CAUSE_ENGINE:
		return "The engine";
	case CAUSE_NONE:
		break;
	}
	return "";
}

static struct code_row row_of(struct site *s, const struct diag_info *info)
{
	return (struct code_row){
	        str_of(info->name),
	        words_name(s->page, str_of(diag_level_name(info->level))),
	        str_of(cause_words(info->cause)), str_of(info->summary)};
}

static bool write_index(struct site *s, struct fail *why)
{
	struct arena *a = s->page;
	const struct str path = STR("codes/index.html");
	struct view v = {.frame = frame_of(s, path, NAV_NONE)};
	for (int i = 1; i < DIAG_CODE_COUNT; i++) {
		const struct diag_info *info = diag_info((enum diag_code)i);
		struct code_row row = row_of(s, info);
		if (info->row)
			*vec_add(a, &v.decisions) = row;
		else
			*vec_add(a, &v.findings) = row;
	}
	lede_add(&v.lede, a,
	         "What each of the %zu codes of decisions and %zu of findings "
	         "means, and what to do about it.",
	         v.decisions.n, v.findings.n);
	v.frame.title = STR("Codes");
	v.frame.description = lede_text(&v.lede, a);
	return site_page(s, &view_codes, path, &v, why);
}

const struct page_kind view_codes = {
        .name = "codes",
        .fields = &view_fields,
        .reads = READS_POLICY,
        .write = write_index,
        .about = "all codes",
};

struct code_view {
	struct frame frame;
	struct lede lede;
	struct str code, hint;
	struct status status;
	bool decides;
	struct fact_list facts;
	VEC(struct str) others; /* of the same step */
	bool has_others;
	struct waiver_rows waivers;
	bool has_waivers;
	struct command *command;
};
static const struct field code_list[] = {
        FIELD_STRUCT(struct code_view, frame, &frame_fields),
        FIELD_LIST(struct code_view, lede, &run_fields),
        FIELD_TEXT(struct code_view, code),
        FIELD_TEXT(struct code_view, hint),
        FIELD_STRUCT(struct code_view, status, &status_fields),
        FIELD_BOOL(struct code_view, decides),
        FIELD_LIST(struct code_view, facts, &fact_fields),
        FIELD_TEXTS(struct code_view, others),
        FIELD_BOOL(struct code_view, has_others),
        FIELD_LIST(struct code_view, waivers, &waiver_row_fields),
        FIELD_BOOL(struct code_view, has_waivers),
        FIELD_OPT(struct code_view, command, &command_fields),
};
static const struct fields code_fields = FIELDS(struct code_view, code_list);

static struct status level_status(enum diag_level level)
{
	switch (level) {
	case DIAG_WAIT:
		return status_of(STATUS_WAITING, "Waits");
	case DIAG_DENY:
		return status_of(STATUS_DENIED, NULL);
	case DIAG_ERROR:
		return status_of(STATUS_FAILED, "Error");
	case DIAG_WARNING:
		return status_of(STATUS_UNKNOWN, "Warning");
	case DIAG_ALLOW:
	case DIAG_NOTE:
		break;
	}
	return status_of(STATUS_OK, "Note");
}

/* What stands around it in the decision table, and what sets it aside. */
static void fill_step(struct code_view *c, struct site *s,
                      const struct diag_info *info)
{
	struct arena *a = s->page;
	struct waiver_rows all = {0};
	c->decides = info->row > 0;
	if (!c->decides) {
		fact_add(&c->facts, s, "Where",
		         STR("A finding about a file: it is told with its "
		             "line, and nothing is decided by it"),
		         NULL);
		return;
	}
	fact_add(&c->facts, s, "Checked",
	         str_format(a, "step %d of %d: %" STR_FMT, info->row, STEPS,
	                    STR_ARG(step_title(info->row))),
	         NULL);
	fact_add(&c->facts, s, "Outcome",
	         info->level == DIAG_WAIT
	                 ? STR("Wait: each run judges the intent again until "
	                       "it passes or expires")
	                 : STR("Deny: final; a new intent is needed"),
	         NULL);
	for (int i = 1; i < DIAG_CODE_COUNT; i++) {
		const struct diag_info *other = diag_info((enum diag_code)i);
		if (other->row == info->row && other != info)
			*vec_add(a, &c->others) = str_of(other->name);
	}
	c->has_others = c->others.n > 0;
	waiver_rows_add(&all, s, NULL);
	vec_each (struct waiver_row, row, &all)
		if (str_eq(row->code, c->code))
			*vec_add(a, &c->waivers) = *row;
	c->has_waivers = c->waivers.n > 0;
}

static bool write_code(struct site *s, const struct diag_info *info,
                       struct fail *why)
{
	struct arena *a = s->page;
	struct str path = str_format(a, "codes/%s/index.html", info->name);
	struct code_view c = {.frame = frame_of(s, path, NAV_NONE),
	                      .code = str_of(info->name),
	                      .hint = str_of(info->hint),
	                      .status = level_status(info->level)};
	lede_add(&c.lede, a, "%s", info->summary);
	fill_step(&c, s, info);
	fact_add(&c.facts, s, "Cause", str_of(cause_words(info->cause)), NULL);
	c.command =
	        command_new(a, "Command that explains the code",
	                    str_format(a, "dxcp explain %s", info->name), true);
	c.frame.title = c.code;
	c.frame.description = lede_text(&c.lede, a);
	return site_page(s, &view_code, path, &c, why);
}

static bool write_codes(struct site *s, struct fail *why)
{
	for (int i = 1; i < DIAG_CODE_COUNT; i++)
		if (!write_code(s, diag_info((enum diag_code)i), why))
			return false;
	return true;
}

const struct page_kind view_code = {
        .name = "code",
        .fields = &code_fields,
        .reads = READS_POLICY,
        .write = write_codes,
        .about = "one code: meaning and next step",
};
