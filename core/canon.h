/*
 * canon: canonical JSON text (json_canonical's: keys in order, no white space,
 * one spelling) read in place, for the ledger's own events, of which millions
 * are read at once. A hundredth of what a document's tree costs, and the proof
 * that it is the canonical form comes with it.
 *
 * Values stand in one array, in the order of the text; whoever wants to read
 * any other JSON takes core/json.h.
 */
#ifndef CORE_CANON_H
#define CORE_CANON_H

#include "core/fail.h"
#include "core/str.h"

enum { CANON_DEPTH_MAX = 256 };

enum canon_type {
	CANON_NULL,
	CANON_BOOL,
	CANON_INT,
	CANON_REAL,
	CANON_TEXT,
	CANON_ARRAY,
	CANON_OBJECT,
};

struct canon {
	enum canon_type type;
	uint32_t n;    /* members or items */
	uint32_t next; /* the value after this one and all in it: this + next */
	struct str key;  /* of a member */
	struct str text; /* what a text says; of others, as it stands */
	int64_t integer;
};

/*
 * NULL where the text is not canonical. Texts are borrowed from it, or in a
 * where they had escapes. *exact (may be NULL): no real number is in it, whose
 * form is not looked at.
 */
const struct canon *canon_read(struct arena *a, struct str text, bool *exact);

/* Any JSON, by way of its canonical form; NULL: FAIL_INPUT, where it is no
   JSON, or nested deeper than CANON_DEPTH_MAX. */
const struct canon *canon_read_any(struct arena *a, struct str text,
                                   struct fail *why);

/* Members of an object; NULL, "" or 0 where absent, of another type, or where
   the object is NULL or none. */
const struct canon *canon_member(const struct canon *object, const char *key);
struct str canon_text(const struct canon *object, const char *key);
int64_t canon_int(const struct canon *object, const char *key);

/* The i-th item of an array; NULL where there is none. */
const struct canon *canon_item(const struct canon *array, size_t i);
size_t canon_size(const struct canon *array);

#endif
