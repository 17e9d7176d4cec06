/*
 * parameter: what a recipe gives to its engine: texts with placeholders,
 * parsed when the policy is read. core/expansion fills them in for an order.
 *
 *	{{version}}                        a name of the order
 *	{{slug branch}}                    a function of it
 *	{{default "none" ticket}}          arguments before, the value last
 *	{{ commit | short 8 | upper }}     the value handed on, from the left
 *	{{params.replicas}}                what the recipe lets intents set
 *	{{"{{"}}                           two braces
 *
 * Operands are names, texts in double or single quotes (no escapes), whole
 * numbers. There is nothing else: no conditions, no loops, no environment, no
 * files, no recursion; what is filled in is never parsed again. A name of the
 * build or of its artifact that the order has not stops it, unless `default`
 * stands in (core/expansion); other names are empty then.
 *
 * The names and functions are the rows of parameter_names.def. `{{` begins a
 * placeholder anywhere; `}}` elsewhere must close braces of the text, as in
 * JSON.
 */
#ifndef CORE_PARAMETER_H
#define CORE_PARAMETER_H

#include "core/decode.h"

enum {
	PARAMETER_PARTS_MAX = 128, /* texts and placeholders of one value */
	PARAMETER_STEPS_MAX = 8,   /* functions of one placeholder */
	PARAMETER_NUMBER_MAX = 32, /* characters of a number that stays one */
};

enum parameter_type {
	PARAMETER_STRING,
	PARAMETER_INTEGER,
	PARAMETER_NUMBER,
	PARAMETER_BOOLEAN
};

enum parameter_name {
#define NAME(name, word, absent, about) PARAMETER_NAME_##name,
#define FUNCTION(name, word, least, most, usage, about)
#include "core/parameter_names.def"
#undef NAME
#undef FUNCTION
	PARAMETER_NAME_COUNT,
	PARAMETER_NAME_PARAMS, /* params.NAME */
	PARAMETER_NAME_NONE,   /* a text in quotes, or a number */
};

enum parameter_function {
#define NAME(name, word, absent, about)
#define FUNCTION(name, word, least, most, usage, about) FUNCTION_##name,
#include "core/parameter_names.def"
#undef NAME
#undef FUNCTION
	PARAMETER_FUNCTION_COUNT,
};

struct parameter_operand {
	enum parameter_name name;
	struct str text; /* the NAME of params.NAME; the text in quotes */
	bool is_quoted;
	int64_t number; /* of a whole number */
	uint32_t at;    /* offsets in the parameter's value */
	uint32_t end;
};

/* One function that a value goes through. */
struct parameter_step {
	struct parameter_step *next;
	enum parameter_function function;
	struct parameter_operand args[2];
	size_t nargs;
};

/* A piece of a value: a text, or a placeholder. */
struct parameter_part {
	struct parameter_part *next;
	struct str text; /* where it is no placeholder */
	bool is_placeholder;
	struct parameter_operand value;
	struct parameter_step *steps; /* applied in this order */
};

struct parameter {
	struct text name, value;
	enum parameter_type type; /* of a value without quotes; else string */
	struct parameter_part *parts; /* NULL: an empty text */
	bool has_placeholders;
	bool uses_params; /* some {{params.NAME}} */
	bool uses_build;  /* some name that a build gives */
};

/*
 * Parse p->value and set what comes from it; plain: it had no quotes. Trouble
 * goes to ds as INVALID_TEMPLATE, at the characters that are wrong.
 */
void parameter_parse(struct parameter *p, struct arena *a, bool plain,
                     struct diags *ds);

/* The type of a value that stands without quotes: a number or boolean only as
   JSON writes them too, else text. */
enum parameter_type parameter_type_of(struct str value);

/* Each params.NAME of p, in order. */
typedef void parameter_use_fn(void *context, const struct parameter *p,
                              const struct parameter_operand *use);
void parameter_uses(const struct parameter *p, parameter_use_fn *visit,
                    void *context);

/* For help and reference pages. */
struct parameter_word {
	const char *word;  /* "artifact.tag" or "lower" */
	const char *usage; /* of functions: "short N"; of names NULL */
	const char *about;
};
extern const struct parameter_word parameter_words[PARAMETER_NAME_COUNT];
extern const struct parameter_word
        parameter_functions[PARAMETER_FUNCTION_COUNT];

/* Whether a name is empty (true) or stops the order (false) where it has no
   value. */
bool parameter_may_be_empty(enum parameter_name name);

#endif
