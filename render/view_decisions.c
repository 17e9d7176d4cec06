/* decisions/: what waits, and what was denied last. */
#include "render/decided.h"
#include "render/decision_row.h"

#include <stdlib.h>

enum { DENIED_MAX = 40 };

struct code_count {
	struct str code;
	int64_t denied, waited;
};
static const struct field count_list[] = {
        FIELD_TEXT(struct code_count, code),
        FIELD_INT(struct code_count, denied),
        FIELD_INT(struct code_count, waited),
};
static const struct fields count_fields = FIELDS(struct code_count, count_list);

struct view {
	struct frame frame;
	struct lede lede;
	VEC(struct decision_row) waiting;
	bool has_waiting;
	VEC(struct decided_row) denied;
	bool has_denied;
	struct str denied_words;
	VEC(struct code_count) codes;
	bool has_codes;
};
static const struct field view_list[] = {
        FIELD_STRUCT(struct view, frame, &frame_fields),
        FIELD_LIST(struct view, lede, &run_fields),
        FIELD_LIST(struct view, waiting, &decision_fields),
        FIELD_BOOL(struct view, has_waiting),
        FIELD_LIST(struct view, denied, &decided_fields),
        FIELD_BOOL(struct view, has_denied),
        FIELD_TEXT(struct view, denied_words),
        FIELD_LIST(struct view, codes, &count_fields),
        FIELD_BOOL(struct view, has_codes),
};
static const struct fields view_fields = FIELDS(struct view, view_list);

struct filling {
	struct site *s;
	struct view *v;
};

static bool add_waiting(void *context, const struct recorded_decision *d,
                        struct fail *why)
{
	struct filling *f = context;
	(void)why;
	*vec_add(f->s->page, &f->v->waiting) = decision_row_of(f->s, d);
	return true;
}

static int count_cmp(const void *pa, const void *pb)
{
	const struct code_count *a = pa, *b = pb;
	int64_t x = a->denied + a->waited, y = b->denied + b->waited;
	return x != y ? (x < y) - (x > y) : str_cmp(a->code, b->code);
}

static void fill_codes(struct view *v, struct site *s,
                       const struct decided_list *all)
{
	struct code_count counts[DIAG_CODE_COUNT] = {{.denied = 0}};
	vec_each (struct decided, d, all) {
		counts[d->code].denied += d->outcome == OUTCOME_DENY;
		counts[d->code].waited += d->outcome == OUTCOME_WAIT;
	}
	for (int i = 1; i < DIAG_CODE_COUNT; i++) {
		if (!counts[i].denied && !counts[i].waited)
			continue;
		counts[i].code = str_of(diag_info((enum diag_code)i)->name);
		*vec_add(s->page, &v->codes) = counts[i];
	}
	v->has_codes = v->codes.n > 0;
	if (v->has_codes)
		qsort(v->codes.at, v->codes.n, sizeof *v->codes.at, count_cmp);
}

static int64_t fill_denied(struct view *v, struct site *s,
                           const struct decided_list *all)
{
	int64_t n = 0;
	for (size_t i = all->n; i > 0; i--) {
		const struct decided *d = &all->at[i - 1];
		if (d->outcome != OUTCOME_DENY)
			continue;
		if (n++ < DENIED_MAX)
			*vec_add(s->page, &v->denied) = decided_row_of(s, d);
	}
	v->has_denied = n > 0;
	v->denied_words =
	        n > DENIED_MAX ? str_format(s->page, "the newest %d of %lld",
	                                    DENIED_MAX, (long long)n)
	                       : words_count(s->page, n, "denial", "denials");
	return n;
}

static bool write_index(struct site *s, struct fail *why)
{
	struct arena *a = s->page;
	const struct str path = STR("decisions/index.html");
	struct view v = {.frame = frame_of(s, path, NAV_AUDIT)};
	struct filling f = {s, &v};
	const struct decided_list *all;
	if (!decided_read(&all, s, why) ||
	    !ledger_waiting(s->ledger, add_waiting, &f, why))
		return false;
	v.has_waiting = v.waiting.n > 0;
	int64_t denied = fill_denied(&v, s, all);
	fill_codes(&v, s, all);
	if (v.has_waiting) {
		lede_strong(
		        &v.lede, a, "%" STR_FMT,
		        STR_ARG(words_count(a, (int64_t)v.waiting.n,
		                            "intent waits", "intents wait")));
		lede_add(&v.lede, a, "; each run judges %s again. ",
		         v.waiting.n == 1 ? "it" : "them");
	} else {
		lede_add(&v.lede, a, "Nothing waits. ");
	}
	if (denied)
		lede_add(&v.lede, a,
		         "%" STR_FMT " so far, the last on %" STR_FMT ".",
		         STR_ARG(words_count(a, denied, "was denied",
		                             "were denied")),
		         STR_ARG(words_stamp(a, v.denied.at[0].at)));
	else
		lede_add(&v.lede, a, "None was ever denied.");
	frame_changed(&v.frame, s, decided_changed(all));
	v.frame.title = STR("Waiting and denied");
	v.frame.description = lede_text(&v.lede, a);
	return site_page(s, &view_decisions, path, &v, why);
}

const struct page_kind view_decisions = {
        .name = "decisions",
        .fields = &view_fields,
        .write = write_index,
        .about = "what waits, and what was denied",
};
