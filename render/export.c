#include "render/export.h"

#include "core/csv.h"
#include "render/documents.h"
#include "render/export_private.h"
#include "render/parts.h"

enum { PIECE = 256 * 1024, TEXT_MAX = 256 * 1024 * 1024 };

const char *const export_names[] = {"cdevents",  "openmetrics", "csv",
                                    "backstage", "ics",         NULL};

bool export_more(struct export *x, struct fail *why)
{
	struct buf *text = &x->s->text;
	if (text->n < PIECE)
		return true;
	bool fine = x->put(x->context, buf_str(text), why);
	buf_reset(text);
	arena_reset(x->s->page);
	return fine;
}

/* --- CSV ---------------------------------------------------------------- */

static void put_head(struct buf *out)
{
	static const char *const names[] = {
	        "number",
	        "service",
	        "environment",
	        "version",
	        "previous_version",
	        "group",
	        "kind",
	        "state",
	        "outcome",
	        "recipe",
	        "recipe_revision",
	        "rollback_of",
	        "source_environment",
	        "summary",
	        "ticket",
	        "actor_email",
	        "actor_name",
	        "created_at",
	        "dispatched_at",
	        "started_at",
	        "finished_at",
	        "engine",
	        "engine_execution_id",
	        "engine_execution_url",
	        "intent_path",
	        "intent_blob",
	        "intent_commit",
	        "imported",
	        "failure_category",
	        "failure_summary",
	};
	struct csv c = csv_new(out);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		csv_str(&c, str_of(names[i]));
	csv_end(&c);
}

static void put_row(struct buf *out, const struct deployment *d)
{
	struct csv c = csv_new(out);
	const struct failure *f = d->nfailures ? &d->failures[0] : NULL;
	csv_int(&c, d->number);
	csv_str(&c, d->service);
	csv_str(&c, d->environment);
	csv_str(&c, d->version);
	csv_str(&c, d->previous_version);
	csv_str(&c, d->group);
	csv_str(&c, str_of(deployment_kind_names[d->kind]));
	csv_str(&c, str_of(deployment_state_names[d->state]));
	csv_str(&c, str_of(deployment_outcome_names[d->outcome]));
	csv_str(&c, d->recipe);
	csv_opt(&c, d->recipe_revision);
	csv_opt(&c, d->rollback_of);
	csv_str(&c, d->source_environment);
	csv_str(&c, d->summary);
	csv_str(&c, d->ticket);
	csv_str(&c, d->actor_email);
	csv_str(&c, d->actor_name);
	csv_when(&c, d->created_at);
	csv_when(&c, d->dispatched_at);
	csv_when(&c, d->started_at);
	csv_when(&c, d->finished_at);
	csv_str(&c, d->engine);
	csv_str(&c, d->execution_id);
	csv_str(&c, d->execution_url);
	csv_str(&c, d->intent_path);
	csv_str(&c, d->intent_blob);
	csv_str(&c, d->intent_commit);
	csv_str(&c, d->imported ? STR("true") : STR("false"));
	csv_str(&c, f ? str_of(failure_category_names[f->category]) : STR(""));
	csv_str(&c, f ? f->summary : STR(""));
	csv_end(&c);
}

static bool add_row(void *context, const struct deployment *d, struct fail *why)
{
	struct export *x = context;
	put_row(&x->s->text, redacted(x->s, x->s->page, d));
	return export_more(x, why);
}

bool export_csv(struct export *x, struct fail *why)
{
	struct deployment_filter filter = deployment_filter_any();
	filter.oldest_first = true;
	filter.with_failures = true;
	filter.from = x->from;
	filter.to = x->to;
	put_head(&x->s->text);
	return ledger_deployments(x->s->ledger, &filter, add_row, x, why);
}

/* --- all ---------------------------------------------------------------- */

static bool write_text(struct export *x, enum export_format format,
                       struct fail *why)
{
	struct site *s = x->s;
	switch (format) {
	case EXPORT_CDEVENTS:
		return export_cdevents(x, why);
	case EXPORT_OPENMETRICS:
		return metrics_text(&s->text, s, why);
	case EXPORT_CSV:
		return export_csv(x, why);
	case EXPORT_BACKSTAGE:
		export_backstage(x);
		return true;
	case EXPORT_ICS:
		calendar_text(&s->text, s);
		return true;
	case EXPORT_COUNT:
		break;
	}
	return true;
}

static bool export_all(struct export *x, enum export_format format,
                       struct fail *why)
{
	struct site *s = x->s;
	if (!site_read(s, why) || !write_text(x, format, why))
		return false;
	if (s->text.full)
		return fail_set(why, FAIL_INPUT, "the export is too large");
	return !s->text.n || x->put(x->context, buf_str(&s->text), why);
}

bool export_write(const struct render_input *in, enum export_format format,
                  int64_t from, int64_t to, struct arena *a, export_put *put,
                  void *context, struct fail *why)
{
	struct render_input input;
	struct site s;
	struct export x = {&s, from, to, put, context};
	site_init(&s, &input, in, a);
	s.text = buf_new(a, TEXT_MAX);
	if (!ledger_begin(in->ledger, why))
		return false;
	s.page = arena_new();
	bool fine = export_all(&x, format, why);
	arena_free(s.page);
	ledger_rollback(in->ledger);
	return fine;
}
