/*
 * html: text made safe for the place where it goes; one function a context.
 *
 * All of them take any bytes and give well-formed UTF-8: bytes that are not
 * UTF-8, control characters (but tab, CR and LF) and noncharacters become
 * U+FFFD. Characters that are not seen but change what is (bidirectional
 * controls, zero-width space, line separators, soft hyphen, tags) are shown
 * as "[U+202E]", so that text cannot disguise itself. Zero-width joiners are
 * kept: emoji and several scripts need them.
 */
#ifndef RENDER_HTML_H
#define RENDER_HTML_H

#include "core/str.h"

/* Between tags: & < > " as entities. */
void html_text(struct buf *out, struct str s);

/* In a quoted attribute, single or double quotes: ' as well. */
void html_attr(struct buf *out, struct str s);

/*
 * An address in a quoted attribute. Relative, http:, https: and mailto: ones
 * are let through; any other scheme, a scheme-relative "//host", a user's name
 * before a host, control characters and the empty address give "#". Bytes that
 * may not stand in an address (RFC 3986 section 2) are percent-encoded; % is
 * kept.
 */
void html_url(struct buf *out, struct str s);

/* Whether html_url lets the address through. */
bool html_url_allowed(struct str s);

/* XML 1.0 text or attribute (Atom, SVG): & < > " ' as entities. */
void html_xml(struct buf *out, struct str s);

/* HTML that is well-formed already: only bad and invisible characters are
   treated as above, nothing is escaped. */
void html_clean(struct buf *out, struct str s);
/* The same of text for readers that show what they get. */
struct str html_cleaned(struct arena *a, struct str s);

#endif
