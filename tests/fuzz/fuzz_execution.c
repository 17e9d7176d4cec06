/* Read whatever comes as an answer of Gate's, whole and in pieces, and hold
   what is said of it against the header. */
#include "runner/gate_execution.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>

static void check_line(struct str s)
{
	assert(str_is_utf8(s, NULL));
	assert(!str_has(s, '\n') && !str_has(s, '\033') && !str_has(s, '\0'));
}

static void check_execution(const struct gate_execution *x)
{
	bool ended = deployment_is_terminal(x->state);
	assert(x->id.n && x->status.n);
	assert(ended == (x->finished_at != 0));
	assert((x->cancel != GATE_NOT_CANCELED) ==
	       (x->state == STATE_CANCELED));
	assert(x->state != STATE_FAILED || x->nfailures > 0);
	assert(x->nfailures <= GATE_FAILURES_MAX);
	assert(x->events.n <= GATE_EVENTS_MAX);
	check_line(x->id);
	check_line(x->name);
	check_line(x->status);
	check_line(x->progress);
	check_line(x->canceled_by);
	for (size_t i = 0; i < x->nfailures; i++) {
		assert(x->failures[i].summary.n && x->failures[i].hint.n);
		assert(x->failures[i].detail.n <= GATE_DETAIL_MAX);
		assert(x->failures[i].observed_at);
		assert(str_is_utf8(x->failures[i].detail, NULL));
		check_line(x->failures[i].summary);
	}
	vec_each (struct gate_event, e, &x->events) {
		assert(e == x->events.at || e[-1].at <= e->at);
		check_line(e->key);
		check_line(e->detail);
	}
	vec_each (struct str, w, &x->warnings)
		check_line(*w);
}

/* The same whatever the pieces are. */
static size_t read_in_pieces(struct arena *a, struct str text, size_t piece)
{
	const struct gate_question q = {.now = 1000000};
	struct gate_filter *f = gate_filter_new(a);
	struct gate_documents list;
	struct gate_execution x;
	struct fail why = {0};
	for (size_t i = 0; i < text.n; i += piece)
		if (!gate_filter_feed(f, str_head(str_from(text, i), piece)))
			break;
	if (!gate_filter_end(f, &list, &why)) {
		assert(why.kind == FAIL_ENGINE && why.text[0]);
		return SIZE_MAX;
	}
	vec_each (const struct gate_document *, doc, &list.documents)
		if (gate_execution_read(&x, a, *doc, &q, &why))
			check_execution(&x);
	return list.documents.n;
}

int FUZZ_TARGET(execution)(const uint8_t *data, size_t size)
{
	struct str text = {(const char *)data, size};
	struct arena *a = arena_new();
	size_t whole = read_in_pieces(a, text, size ? size : 1);
	assert(read_in_pieces(a, text, 1) == whole);
	arena_free(a);
	return 0;
}
