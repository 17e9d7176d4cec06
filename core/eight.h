/*
 * eight: questions about eight bytes of text at a time, for the loops that see
 * every byte of a site. An answer of true is exact; one of false may be wrong,
 * and then the bytes are to be looked at one by one.
 *
 *	while (i + 8 <= s.n && eight_is_printable(eight_at(s.s + i)))
 *		i += 8;
 */
#ifndef CORE_EIGHT_H
#define CORE_EIGHT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define EIGHT_ONES 0x0101010101010101u
#define EIGHT_HIGH 0x8080808080808080u

static inline uint64_t eight_at(const char *s)
{
	uint64_t eight;
	memcpy(&eight, s, sizeof eight);
	return eight;
}

/* The high bit of each byte that is c. Bytes after one that is c may have it,
   too: in their order as a number. */
static inline uint64_t eight_which(uint64_t eight, unsigned char c)
{
	uint64_t v = eight ^ (EIGHT_ONES * c);
	return (v - EIGHT_ONES) & ~v & EIGHT_HIGH;
}

/* ASCII from the space on. */
static inline bool eight_is_printable(uint64_t eight)
{
	uint64_t below = (eight - EIGHT_ONES * ' ') & ~eight;
	return !((eight | below) & EIGHT_HIGH);
}

#endif
