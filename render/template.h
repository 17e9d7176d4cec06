/*
 * template: pages from templates without logic.
 *
 * The language is Mustache, by its public specification (the six required
 * modules; no lambdas, no inheritance): {{name}}, {{a.b}}, {{.}},
 * {{#section}}..{{/section}}, {{^inverted}}..{{/inverted}}, {{>partial}},
 * {{! comment}}, {{=<% %>=}}. A section, comment, partial or delimiter tag
 * alone on its line takes the whole line away; a partial alone on its line
 * gives its indentation to every line of the partial.
 *
 * {{{name}}} and {{&name}} are read, but the kind of the field decides about
 * escaping (render/fields); template_check refuses them for other kinds than
 * HTML. What the specification leaves open: a syntax error is a finding, an
 * unknown name is nothing when run and a finding when checked.
 */
#ifndef RENDER_TEMPLATE_H
#define RENDER_TEMPLATE_H

#include "core/diag.h"
#include "core/map.h"
#include "render/fields.h"

enum {
	TEMPLATE_MAX_BYTES = SOURCE_MAX_BYTES,
	TEMPLATE_MAX_DEPTH = 32,      /* sections within sections */
	TEMPLATE_MAX_PARTIALS = 16,   /* partials within partials */
	TEMPLATE_MAX_STEPS = 5000000, /* tags and texts of one run */
};

struct template;

/*
 * Read src into arena a; the result borrows src. Everything that is wrong
 * becomes a finding (DIAG_INVALID_TEMPLATE); NULL if there was any.
 */
struct template *template_parse(struct arena *a, const struct source *src,
                                struct diags *ds);

/*
 * Resolve every tag against the fields of the struct that it will be run
 * with, partials included: unknown names and partials (with the nearest known
 * one), raw tags for text, structs and lists where text is wanted. partials
 * maps names to struct template. True if nothing was wrong. Checks each use of
 * a partial, in the context where it stands.
 */
bool template_check(const struct template *t, const struct map *partials,
                    const struct fields *fields, struct diags *ds);

/*
 * Append the page to out; see fields_value for the context. partials may be
 * NULL. Allocates only what out needs. False if the page is not whole: out is
 * full, or one of the limits above was reached.
 */
bool template_run(struct buf *out, const struct template *t,
                  const struct map *partials, struct value context);

#endif
