#include "core/yaml_problem.h"

#include <string.h>

#define TAB "a tab stands in the indentation"
#define QUOTE "the quote that opens here is not closed"

static const struct yaml_problem problems[] = {
        {"found a tab character that violates indentation", TAB, false},
        {"found a tab character where an indentation space is expected", TAB,
         false},
        {"could not find expected ':'", "expected \":\" after this key", true},
        {"mapping values are not allowed in this context",
         "\":\" cannot stand here: put a text that has a colon in it in "
         "quotes, or correct the indentation",
         false},
        {"block sequence entries are not allowed in this context",
         "a list item cannot start here: put it on a line of its own", false},
        {"mapping keys are not allowed in this context",
         "\"?\" cannot stand here: put the text in quotes", false},
        {"did not find expected key",
         "expected a key here: look at the indentation and the quotes", false},
        {"did not find expected '-' indicator",
         "expected \"-\" here: all items of a list are indented alike", false},
        {"did not find expected ',' or ']'", "expected \",\" or \"]\" here",
         false},
        {"did not find expected ',' or '}'", "expected \",\" or \"}\" here",
         false},
        {"did not find expected node content", "expected a value here", false},
        {"did not find expected <document start>",
         "expected \"---\" before another document", false},
        {"found unexpected end of stream", QUOTE, true},
        {"found unexpected document indicator", QUOTE, true},
        {"found unknown escape character",
         "unknown escape: write \\\\ for a backslash, or use single quotes",
         false},
        {"did not find expected hexdecimal number",
         "expected hexadecimal digits here", false},
        {"found invalid Unicode character escape code",
         "no character has this number", false},
        {"did not find expected alphabetic or numeric character",
         "expected a name after & or *: put the text in quotes", true},
        {"found undefined tag handle", "unknown tag: put the text in quotes",
         false},
        {"did not find expected comment or line break",
         "expected the end of the line here", false},
        {"found unknown directive name",
         "unknown directive: put a text that starts with % in quotes", true},
        {"found incompatible YAML document", "only YAML 1.1 and 1.2 are read",
         false},
};

static const struct {
	const char *is, *note;
} contexts[] = {
        {"while parsing a flow sequence", "the list starts here"},
        {"while parsing a flow mapping", "the map starts here"},
        {"while parsing a block mapping", "the map starts here"},
        {"while parsing a block collection", "the list starts here"},
        {"while scanning a block scalar", "the text starts here"},
};

const struct yaml_problem *yaml_problem_find(const char *problem)
{
	size_t n = sizeof problems / sizeof *problems;
	for (size_t i = 0; problem && i < n; i++)
		if (!strcmp(problems[i].is, problem))
			return &problems[i];
	return NULL;
}

const char *yaml_context_find(const char *context)
{
	size_t n = sizeof contexts / sizeof *contexts;
	for (size_t i = 0; context && i < n; i++)
		if (!strcmp(contexts[i].is, context))
			return contexts[i].note;
	return NULL;
}
