/*
 * expansion: the parameters of a recipe for one order: placeholders filled in
 * (core/parameter), what the intent sets put in the place of the recipe's.
 *
 * Pure: the same order gives the same values. What fills a placeholder is text
 * and is not parsed again, so that an intent cannot ask for more than the
 * policy does.
 */
#ifndef CORE_EXPANSION_H
#define CORE_EXPANSION_H

#include "core/deployment.h"
#include "core/policy.h"
#include "core/request.h"

enum { EXPANSION_VALUE_MAX = 16 * 1024 }; /* bytes of one value */

/* What is to be carried out; what is not known yet is left empty or 0. */
struct expansion_order {
	const struct recipe *recipe; /* NULL: it has no parameters */
	const struct deployment *deployment;
	const struct build *build;          /* NULL: none registered */
	const struct request_param *params; /* that the intent sets */
};

struct expanded {
	struct str name, value;
	enum parameter_type type; /* of value, which is always text */
};

/*
 * In the recipe's order; then what the intent sets and the recipe has no
 * parameter for, in the order of `overridable`.
 */
struct expansion {
	struct expanded *at;
	size_t n;
};

/* What stands in the way. */
enum expansion_fault {
	EXPANSION_FINE,
	EXPANSION_NO_BUILD, /* a build is asked for, and none is registered */
	EXPANSION_NO_VALUE, /* the build has not got what is asked for */
	EXPANSION_TOO_LONG, /* a value over EXPANSION_VALUE_MAX */
};
struct expansion_problem {
	enum expansion_fault fault;
	struct str text;   /* one sentence, no trailing stop */
	struct span where; /* the placeholder in the recipe */
};

/* *out is untouched where there is a problem. */
struct expansion_problem expansion_of(struct expansion *out, struct arena *a,
                                      const struct expansion_order *order);

/*
 * Whether the build, or the want of one, lets the recipe be expanded:
 * EXPANSION_FINE, _NO_BUILD or _NO_VALUE. Costs nothing where the recipe asks
 * nothing of it.
 */
struct expansion_problem expansion_check(struct arena *a,
                                         const struct expansion_order *order);

/* An object, name -> value: 3 and true as such, the others as text. */
void expansion_json(struct jw *j, struct arena *a, const struct expansion *e);

/* The value of that name; NULL: there is none. */
const struct expanded *expansion_find(const struct expansion *e,
                                      struct str name);

#endif
