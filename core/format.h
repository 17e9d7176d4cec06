/*
 * format: the formats that nearly all texts are made with, without printf's
 * general ways: %s, %.*s, %d, %lld, %zu, %c and %%, with no flags and widths.
 * The result is that of vsnprintf. For core/str.
 */
#ifndef CORE_FORMAT_H
#define CORE_FORMAT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* At most cap bytes, with a NUL behind them, which is not in *n. False: the
   format holds something else, or it does not fit; to is not to be read. args
   is as it was. */
bool format_plain(char *to, size_t cap, size_t *n, const char *fmt,
                  va_list args);

#endif
