/*
 * decided: waits and denials in a few words, without their documents, and what
 * else was decided about the same intents. Read once.
 */
#ifndef RENDER_DECIDED_H
#define RENDER_DECIDED_H

#include "render/parts.h"

struct decided {
	int64_t seq, time, run;
	int64_t number; /* of the deployment that it made; 0 */
	enum outcome outcome;
	enum diag_code code;
	struct str path, kind, service, environment, version, actor;
	/* About the same path; NULL: the first, the last. */
	const struct decided *before, *after;
};
struct decided_list {
	struct decided *at; /* by seq */
	size_t n, cap;
	const struct decided **by_number; /* [0 .. numbers) */
	size_t numbers;
};

/* All of them; the same list every time. */
bool decided_read(const struct decided_list **out, struct site *s,
                  struct fail *why);

/* That of the event; NULL: it allowed, and was the first about its intent. */
const struct decided *decided_at(const struct decided_list *list, int64_t seq);

/* That which made the deployment; NULL: nothing else was decided about its
   intent before, or none is known. */
const struct decided *decided_of_number(const struct decided_list *list,
                                        int64_t number);

/* Whether any of them is of that run. */
bool decided_has_run(const struct decided_list *list, int64_t run);

/* All that a run decided, oldest first, one by one: texts last for the call. */
typedef void decided_fn(void *context, const struct decided *d);
bool decided_in_run(struct site *s, int64_t run, decided_fn *visit,
                    void *context, struct fail *why);

/* When the last of those with a page was recorded; 0: there is none. */
int64_t decided_changed(const struct decided_list *list);

/* Waits and denials have a page. */
bool decided_has_page(const struct decided *d);

/* One decision in a row of a log: partial decided. */
struct decided_row {
	int64_t at, seq, number; /* seq 0: it has no page; number 0: none */
	struct str when, kind, subject, service, service_slug, environment,
	        version, code, by;
	struct status status;
};
extern const struct fields decided_fields;
/* Texts are copied into the page arena. */
struct decided_row decided_row_of(struct site *s, const struct decided *d);
struct status decided_status(enum outcome outcome);

#endif
