/*
 * theme: what the pages are made with: templates, style, script, icon and the
 * Markdown pages of the guide; the built-in ones (core/embedded), or the files
 * of the same path in the user's repository.
 *
 *	templates/NAME.html            the page kind of that name
 *	templates/partials/NAME.html   {{>NAME}}
 *	site/style.css, site/site.js, site/icon.svg
 *	site/guide/NAME.md             guide/NAME/index.html; index.md the
 *folder's site/ANYTHING                  assets/ANYTHING, as it is
 */
#ifndef RENDER_THEME_H
#define RENDER_THEME_H

#include "core/diag.h"
#include "core/map.h"
#include "core/sha256.h"
#include "core/vec.h"
#include "render/template.h"

struct theme_file { /* to be copied */
	struct str path, bytes;
};
struct guide_page {
	struct str path; /* "guide/getting-started/index.html" */
	struct str title, text;
};

struct theme {
	struct map pages, partials; /* name -> struct template */
	struct str css, js, icon;   /* addresses from the root */
	VEC(struct theme_file) files;
	VEC(struct guide_page) guide; /* by path, the index first */
	struct sha256_hex digest;     /* of everything above */
};

/*
 * Findings (INVALID_TEMPLATE) go to ds. overrides: files under templates/ and
 * site/ of the user's repository. Everything lives in a.
 */
struct theme *theme_load(struct arena *a, const struct source *const *overrides,
                         size_t noverrides, struct diags *ds);

#endif
