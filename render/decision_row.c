#include "render/decision_row.h"

#include "core/when.h"
#include "render/decision_document.h"

static const struct field row_list[] = {
        FIELD_TIME(struct decision_row, at),
        FIELD_TIME(struct decision_row, next),
        FIELD_INT(struct decision_row, seq),
        FIELD_TEXT(struct decision_row, when),
        FIELD_TEXT(struct decision_row, next_words),
        FIELD_TEXT(struct decision_row, service),
        FIELD_TEXT(struct decision_row, service_slug),
        FIELD_TEXT(struct decision_row, environment),
        FIELD_TEXT(struct decision_row, from),
        FIELD_TEXT(struct decision_row, version),
        FIELD_TEXT(struct decision_row, code),
        FIELD_TEXT(struct decision_row, message),
        FIELD_TEXT(struct decision_row, hint),
        FIELD_TEXT(struct decision_row, by),
        FIELD_OPT(struct decision_row, intent, &link_fields),
        FIELD_STRUCT(struct decision_row, status, &status_fields),
};
const struct fields decision_fields = FIELDS(struct decision_row, row_list);

static struct str without_stop(struct arena *a, struct str text)
{
	while (str_ends(text, STR(".")))
		text.n--;
	return str_copy(a, words_times(a, words_line(a, text)));
}

struct decision_row decision_row_of(struct site *s,
                                    const struct recorded_decision *d)
{
	struct arena *a = s->page;
	struct decision_document f = decision_document_read(d->document, a);
	bool waits = d->outcome == OUTCOME_WAIT;
	struct decision_row row = {
	        .at = waits && d->since ? d->since : d->time,
	        .seq = d->seq,
	        .service = str_copy(a, d->service),
	        .environment = str_copy(a, d->environment),
	        .version = str_copy(a, words_version(a, d->version)),
	        .code = str_of(diag_info(d->code)->name),
	        .by = str_copy(a, person_of(s, (struct str){0}, d->actor)),
	        .intent = link_to_file(s, str_copy(a, d->path), 0,
	                               str_copy(a, f.commit)),
	        .status = status_of(waits ? STATUS_WAITING : STATUS_DENIED,
	                            NULL)};
	row.service_slug = words_slug(a, row.service);
	row.when = words_when(a, row.at);
	/* They may name people. */
	if (!s->in->redact) {
		row.message = without_stop(a, f.message);
		row.hint = without_stop(a, f.hint);
	}
	if (waits && when_parse(f.next, &row.next))
		row.next_words = words_stamp(a, row.next);
	return row;
}
