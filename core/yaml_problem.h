/*
 * yaml_problem: what libyaml says about a syntax error, in words for somebody
 * who writes YAML rather than a parser.
 *
 * The texts are those of libyaml 0.2.5's scanner.c and parser.c.
 */
#ifndef CORE_YAML_PROBLEM_H
#define CORE_YAML_PROBLEM_H

#include <stdbool.h>

struct yaml_problem {
	const char *is;      /* libyaml's text */
	const char *message; /* ours */
	bool at_context;     /* its context is the place to look at */
};

/* NULL for one that is not known: pass libyaml's text on. */
const struct yaml_problem *yaml_problem_find(const char *problem);

/* The note for libyaml's context, or NULL where that place tells nothing. */
const char *yaml_context_find(const char *context);

#endif
