#include "render/decided.h"

static const struct field row_list[] = {
        FIELD_TIME(struct decided_row, at),
        FIELD_INT(struct decided_row, seq),
        FIELD_INT(struct decided_row, number),
        FIELD_TEXT(struct decided_row, when),
        FIELD_TEXT(struct decided_row, kind),
        FIELD_TEXT(struct decided_row, subject),
        FIELD_TEXT(struct decided_row, service),
        FIELD_TEXT(struct decided_row, service_slug),
        FIELD_TEXT(struct decided_row, environment),
        FIELD_TEXT(struct decided_row, version),
        FIELD_TEXT(struct decided_row, code),
        FIELD_TEXT(struct decided_row, by),
        FIELD_STRUCT(struct decided_row, status, &status_fields),
};
const struct fields decided_fields = FIELDS(struct decided_row, row_list);

struct reading {
	struct arena *arena;
	struct decided_list *list;
	struct map by_path; /* path -> the newest so far */
	struct map names;   /* each text once */
};

static struct str once(struct reading *r, struct str text)
{
	const struct str *known = map_find(&r->names, text);
	if (known)
		return *known;
	struct str *copy = ARENA_NEW(r->arena, struct str);
	*copy = str_copy(r->arena, text);
	map_put(&r->names, *copy, copy);
	return *copy;
}

static struct decided decided_of(const struct recorded_decision *d)
{
	return (struct decided){.seq = d->seq,
	                        .time = d->time,
	                        .run = d->run,
	                        .number = d->number,
	                        .outcome = d->outcome,
	                        .code = d->code,
	                        .path = d->path,
	                        .kind = d->kind,
	                        .service = d->service,
	                        .environment = d->environment,
	                        .version = d->version,
	                        .actor = d->actor};
}

static bool add_decided(void *context, const struct recorded_decision *d,
                        struct fail *why)
{
	struct reading *r = context;
	(void)why;
	struct decided *added = vec_add(r->arena, r->list);
	*added = decided_of(d);
	struct str *texts[] = {&added->path,    &added->kind,
	                       &added->service, &added->environment,
	                       &added->version, &added->actor};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		*texts[i] = once(r, *texts[i]);
	return true;
}

/* Once the list does not move any more. */
static void link_paths(struct reading *r)
{
	vec_each (struct decided, d, r->list) {
		struct decided *before = map_put(&r->by_path, d->path, d);
		d->before = before;
		if (before)
			before->after = d;
	}
}

static void index_numbers(struct reading *r)
{
	struct decided_list *list = r->list;
	int64_t most = 0;
	vec_each (struct decided, d, list)
		most = d->number > most ? d->number : most;
	list->numbers = (size_t)most + 1;
	list->by_number = arena_array(r->arena, list->numbers,
	                              sizeof(const struct decided *));
	vec_each (struct decided, d, list)
		list->by_number[d->number] = d;
}

bool decided_read(const struct decided_list **out, struct site *s,
                  struct fail *why)
{
	if (!s->decided) {
		struct arena *a = s->arena;
		struct reading r = {a, ARENA_NEW(a, struct decided_list),
		                    map_new(a), map_new(a)};
		if (!ledger_decision_list(s->ledger, add_decided, &r, why))
			return false;
		link_paths(&r);
		index_numbers(&r);
		s->decided = r.list;
	}
	*out = s->decided;
	return true;
}

/* Events and the runs that they are of grow together: the first that is not
   below both. */
static size_t first_from(const struct decided_list *list, int64_t seq,
                         int64_t run)
{
	size_t low = 0, high = list->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct decided *d = &list->at[middle];
		if (d->seq < seq || d->run < run)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool decided_has_run(const struct decided_list *list, int64_t run)
{
	size_t i = first_from(list, 0, run);
	return i < list->n && list->at[i].run == run;
}

const struct decided *decided_at(const struct decided_list *list, int64_t seq)
{
	size_t i = first_from(list, seq, 0);
	return i < list->n && list->at[i].seq == seq ? &list->at[i] : NULL;
}

const struct decided *decided_of_number(const struct decided_list *list,
                                        int64_t number)
{
	return number > 0 && (uint64_t)number < list->numbers
	               ? list->by_number[number]
	               : NULL;
}

int64_t decided_changed(const struct decided_list *list)
{
	for (size_t i = list->n; i > 0; i--)
		if (decided_has_page(&list->at[i - 1]))
			return list->at[i - 1].time;
	return 0;
}

bool decided_has_page(const struct decided *d)
{
	return d->outcome == OUTCOME_WAIT || d->outcome == OUTCOME_DENY;
}

struct status decided_status(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_ALLOW:
		return status_of(STATUS_OK, "Allowed");
	case OUTCOME_WAIT:
		return status_of(STATUS_WAITING, NULL);
	case OUTCOME_DENY:
		return status_of(STATUS_DENIED, NULL);
	case OUTCOME_REPLAY:
	case OUTCOME_COUNT:
		break;
	}
	return status_of(STATUS_SKIPPED, "Replayed");
}

struct decided_row decided_row_of(struct site *s, const struct decided *d)
{
	struct arena *a = s->page;
	struct decided_row row = {
	        .at = d->time,
	        .seq = decided_has_page(d) ? d->seq : 0,
	        .number = d->number,
	        .when = words_when(a, d->time),
	        .kind = words_name(a, d->kind),
	        .service = str_copy(a, d->service),
	        .environment = str_copy(a, d->environment),
	        .version = str_copy(a, words_version(a, d->version)),
	        .by = str_copy(a, person_of(s, (struct str){0}, d->actor)),
	        .status = decided_status(d->outcome)};
	if (history_service(&s->history, d->service))
		row.service_slug = words_slug(a, row.service);
	if (d->code != DIAG_NONE)
		row.code = str_of(diag_info(d->code)->name);
	if (!d->service.n)
		row.subject = str_copy(a, words_line(a, d->path));
	return row;
}

struct run_reading {
	decided_fn *visit;
	void *context;
};

static bool visit_decided(void *context, const struct recorded_decision *d,
                          struct fail *why)
{
	struct run_reading *r = context;
	const struct decided one = decided_of(d);
	(void)why;
	r->visit(r->context, &one);
	return true;
}

bool decided_in_run(struct site *s, int64_t run, decided_fn *visit,
                    void *context, struct fail *why)
{
	struct run_reading r = {visit, context};
	return ledger_decisions_of_run(s->ledger, run, visit_decided, &r, why);
}
