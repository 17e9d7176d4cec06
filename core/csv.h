/*
 * csv: rows of comma-separated values (RFC 4180), safe to open in a
 * spreadsheet.
 *
 *	struct csv c = csv_new(&out);
 *	csv_str(&c, d->service);
 *	csv_int(&c, d->number);
 *	csv_end(&c);
 *
 * A cell that a spreadsheet would take for a formula (it begins with = + - @,
 * a tab or a line end, white space and quotes before it not counted) gets an
 * apostrophe in front, as OWASP advises ("CSV Injection"). Numbers and instants
 * are written by the functions for them and stay as they are. Bytes that are
 * not UTF-8, and control characters but tab and line ends, become U+FFFD.
 */
#ifndef CORE_CSV_H
#define CORE_CSV_H

#include "core/str.h"

struct csv {
	struct buf *out;
	bool more; /* a comma is due */
};

struct csv csv_new(struct buf *out);
void csv_str(struct csv *c, struct str cell);
void csv_int(struct csv *c, int64_t n);
void csv_opt(struct csv *c, int64_t n);        /* 0: an empty cell */
void csv_when(struct csv *c, int64_t instant); /* RFC 3339; 0: empty */
void csv_end(struct csv *c);                   /* CR LF */

#endif
