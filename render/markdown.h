/*
 * markdown: CommonMark to HTML, by cmark. The only module that includes
 * cmark.h.
 *
 * Safe by default: raw HTML and addresses with javascript:, vbscript:, file:
 * and most data: schemes are left out; characters as in render/html. Quotes
 * and dashes stay as they were written.
 *
 * Beside what CommonMark has, tables: a paragraph that stands in no list or
 * quote, each line of which begins with a bar, the second one of bars and
 * dashes ("|---|---|"). That one says how many columns there are; more cells
 * than that are left out.
 */
#ifndef RENDER_MARKDOWN_H
#define RENDER_MARKDOWN_H

#include "core/str.h"

enum { MARKDOWN_MAX_BYTES = 256 * 1024, MARKDOWN_MAX_COLUMNS = 32 };

/* Append text as HTML. False, and nothing appended, if text is longer than
   MARKDOWN_MAX_BYTES. */
bool markdown_html(struct buf *out, struct str text);

#endif
