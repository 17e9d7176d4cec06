/*
 * value: what a template reads. The template engine knows data only through
 * this; render/fields implements it for structs (the program's way).
 *
 * A value is borrowed: at and info live as long as the data behind them.
 */
#ifndef RENDER_VALUE_H
#define RENDER_VALUE_H

#include "core/str.h"

struct value_type;

struct value {
	const struct value_type *type;
	const void *at;   /* the data */
	const void *info; /* what the type needs to read it */
};

struct value_type {
	/* The member of that name (no dots in it); false: there is none, *out
	   is untouched. Only structs have members. */
	bool (*member)(struct value *out, struct value of, struct str name);
	/* Whether a section is shown for it. Not asked of lists. */
	bool (*truth)(struct value v);
	/* Whether it is a list, and of how many items. */
	bool (*length)(struct value v, size_t *n);
	struct value (*item)(struct value v, size_t i);
	/* Append it as HTML. raw: the template asked for no escaping, with
	   {{{x}}} or {{&x}}; whether that is granted is the type's business. */
	void (*print)(struct buf *out, struct value v, bool raw);
};

#endif
