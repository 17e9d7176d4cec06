#include "runner/guard.h"

/* "dev, staging, prod" */
static struct str sequence(struct arena *a, const struct group *g)
{
	enum { SHOWN = 8 };
	const struct group_environment *e = g->environments.at;
	struct buf out = buf_new(a, 4096);
	for (size_t i = 0; i < g->environments.n && i < SHOWN; i++)
		buf_format(&out, "%s%" STR_FMT, i ? ", " : "",
		           STR_ARG(e[i].name.s));
	if (g->environments.n > SHOWN)
		buf_format(&out, " and %zu more", g->environments.n - SHOWN);
	return buf_str(&out);
}

static void refuse_target(const struct facts *f, struct str from,
                          struct trace_row *row, struct arena *a)
{
	struct spot at = f->request->environment_at;
	struct str to = f->request->environment;
	if (!f->next) {
		guard_refuse(row, a, f, DIAG_PROMOTION_PATH_NOT_ALLOWED, at,
		             "%" STR_FMT " is the last environment of %" STR_FMT
		             ": nothing comes after it",
		             STR_ARG(from), STR_ARG(f->group->id.s));
		return;
	}
	guard_rule(row, f->next->name.at);
	guard_input(row, "next", f->next->name.s);
	guard_refuse(row, a, f, DIAG_PROMOTION_PATH_NOT_ALLOWED, at,
	             "after %" STR_FMT " comes %" STR_FMT ", not %" STR_FMT,
	             STR_ARG(from), STR_ARG(f->next->name.s), STR_ARG(to));
	if (f->step > f->next)
		guard_hint(row, a, "Promote to %" STR_FMT " first.",
		           STR_ARG(f->next->name.s));
	else if (f->step)
		guard_hint(row, a,
		           "Promotions go forward; deploy the version to "
		           "%" STR_FMT " instead.",
		           STR_ARG(to));
}

void guard_promotion_path(const struct facts *f, struct trace_row *row,
                          struct arena *a)
{
	struct str from = request_more(f->request)->from;
	struct str to = f->request->environment;
	if (!f->group || !from.n || !to.n || str_eq(from, to)) {
		guard_skip(row, a, "there is no way to look at");
		return;
	}
	guard_rule(row, f->group->environments.span);
	guard_input(row, "from", from);
	if (!f->from)
		guard_refuse(row, a, f, DIAG_PROMOTION_PATH_NOT_ALLOWED,
		             request_more(f->request)->from_at,
		             "%" STR_FMT " is no environment of %" STR_FMT
		             ": it has %" STR_FMT,
		             STR_ARG(from), STR_ARG(f->group->id.s),
		             STR_ARG(sequence(a, f->group)));
	else if (f->next && str_eq(f->next->name.s, to))
		guard_pass(row, a, "%" STR_FMT " comes after %" STR_FMT,
		           STR_ARG(to), STR_ARG(from));
	else
		refuse_target(f, from, row, a);
}
