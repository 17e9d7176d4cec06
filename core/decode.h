/*
 * decode: from a YAML map to a struct, by a table of keys.
 *
 * A struct is described once, by its `struct shape`; the decoder, the "known
 * keys" of messages and the JSON Schemas (core/schema) all come from it. Each
 *value keeps its place, so that a guardrail can point at the word that it
 *judged. One pass reports every unknown key (with the nearest known name),
 *missing key, wrong type, value out of range.
 *
 *	static const struct key hold_keys[] = {
 *		KEY_TEXT(struct hold, service, REQUIRED, "the service"),
 *		KEY_MOMENT(struct hold, until, OPTIONAL, "when it ends"),
 *	};
 *	const struct shape hold_shape = SHAPE("hold", struct hold, hold_keys);
 *
 * A value that was not given, or was wrong, has at.src == NULL.
 */
#ifndef CORE_DECODE_H
#define CORE_DECODE_H

#include "core/diag.h"
#include "core/when.h"
#include "core/yaml.h"

struct text {
	struct str s;
	struct span at;
};
struct number {
	int64_t n;
	struct span at;
};
struct flag {
	bool on;
	struct span at;
};
struct moment { /* an instant, or a duration in seconds */
	int64_t t;
	struct span at;
};
struct choice { /* index into the key's names */
	int is;
	struct span at;
};
struct texts {
	struct text *at;
	size_t n;
	struct span span;
};
struct list { /* of structs; items are `size` apart, as the shape says */
	void *at;
	size_t n;
	struct span span;
};
struct raw {
	const struct yaml_node *node; /* NULL: not given */
};

#define GIVEN(value) ((value).at.src != NULL)

enum key_type {
	KEY_IS_TEXT,   /* struct text: any scalar but null, 1..max characters */
	KEY_IS_NUMBER, /* struct number: decimal integer, min..max */
	KEY_IS_FLAG,   /* struct flag: true or false */
	KEY_IS_MOMENT, /* struct moment: RFC 3339 instant */
	KEY_IS_DURATION, /* struct moment: 30s, 15m, 2h, 7d */
	KEY_IS_CHOICE,   /* struct choice: one of `names` */
	KEY_IS_TEXTS,    /* struct texts: a list of texts */
	KEY_IS_STRUCT,   /* a nested struct, by `shape` */
	KEY_IS_STRUCTS,  /* struct list of nested structs, by `shape` */
	KEY_IS_RAW,      /* struct raw: the node as it is, for the caller */
};

enum key_need { OPTIONAL, REQUIRED };

struct key {
	const char *name;
	enum key_type type;
	enum key_need need;
	bool nullable; /* null counts as "not given" */
	size_t offset;
	int64_t min, max; /* of a number; of a text and the items of texts: max
	                     code points, 0 = no limit; min -1: may be empty */
	const char *const *names; /* of a choice; NULL-terminated */
	const struct shape *shape;
	const char *about; /* for help, reference pages and schemas */
	/*
	 * What the caller checks after decoding, for schemas: nothing below is
	 * looked at here. `names` of a text or texts: the only ones there are.
	 * min 1 of a duration: longer than nothing. `shape` of a raw value: a
	 * map from names to such structs.
	 */
	const char *form; /* regular expression (ECMA 262, also PCRE) of a text
	                     or its items, or of the names of a raw map */
	bool words;       /* a raw value: a map from names to single values */
	int64_t least, most; /* items of a list; most 0: no limit */
};

struct shape {
	const char *what; /* "deploy intent", for messages */
	size_t size;
	const struct key *keys;
	size_t nkeys;
	/*
	 * Optional: what to make of a scalar where the map is expected (an item
	 * of a group's environments may be a bare name). True if it was taken.
	 */
	bool (*scalar)(void *out, const struct yaml_node *node);
	/* For schemas, checked by the caller: */
	const char *const *words;  /* that such a scalar may be; NULL: any */
	const char *const *one_of; /* exactly one of these keys is given */
	size_t least;              /* keys that are given */
};

#define KEY_(tag, type_, field, need_, about_)      \
	.name = #field, .type = tag, .need = need_, \
	.offset = offsetof(type_, field), .about = about_
#define KEY_TEXT(t, f, need, about)                  \
	{                                            \
		KEY_(KEY_IS_TEXT, t, f, need, about) \
	}
#define KEY_NUMBER(t, f, need, lo, hi, about)                                \
	{                                                                    \
		KEY_(KEY_IS_NUMBER, t, f, need, about), .min = lo, .max = hi \
	}
#define KEY_FLAG(t, f, need, about)                  \
	{                                            \
		KEY_(KEY_IS_FLAG, t, f, need, about) \
	}
#define KEY_MOMENT(t, f, need, about)                  \
	{                                              \
		KEY_(KEY_IS_MOMENT, t, f, need, about) \
	}
#define KEY_DURATION(t, f, need, about)                  \
	{                                                \
		KEY_(KEY_IS_DURATION, t, f, need, about) \
	}
#define KEY_CHOICE(t, f, need, names_, about)                           \
	{                                                               \
		KEY_(KEY_IS_CHOICE, t, f, need, about), .names = names_ \
	}
#define KEY_TEXTS(t, f, need, about)                  \
	{                                             \
		KEY_(KEY_IS_TEXTS, t, f, need, about) \
	}
#define KEY_STRUCT(t, f, need, shape_, about)                           \
	{                                                               \
		KEY_(KEY_IS_STRUCT, t, f, need, about), .shape = shape_ \
	}
#define KEY_STRUCTS(t, f, need, shape_, about)                           \
	{                                                                \
		KEY_(KEY_IS_STRUCTS, t, f, need, about), .shape = shape_ \
	}
#define KEY_RAW(t, f, need, about)                  \
	{                                           \
		KEY_(KEY_IS_RAW, t, f, need, about) \
	}

#define SHAPE(what_, type_, keys_)                                   \
	{                                                            \
		.what = what_, .size = sizeof(type_), .keys = keys_, \
		.nkeys = sizeof(keys_) / sizeof *(keys_)             \
	}

/*
 * Fill *out (shape->size bytes, zeroed by the caller) from node. The key "kind"
 * of the map itself is skipped unless the shape has it: it chose the shape.
 * Texts and lists live in a. True if nothing was wrong, neither here nor when
 * the node was parsed; otherwise *out holds what could be read.
 */
bool decode(void *out, struct arena *a, const struct shape *shape,
            const struct yaml_node *node, struct diags *ds);

/*
 * The place of a piece of a text, by its bytes [start, end): also where quotes,
 * escapes, folding or indentation stand between the text and the file. All of
 * the text's place where the two cannot be laid side by side (an alias).
 */
struct span text_span(const struct text *t, size_t start, size_t end);

/* The choice of names nearest to a misspelt word, or NULL. For messages. */
const char *decode_nearest(struct str word, const char *const *names);

#endif
