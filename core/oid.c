#include "core/oid.h"

#include <string.h>

struct oid_hex oid_hex(const struct oid *oid)
{
	static const char digits[] = "0123456789abcdef";
	struct oid_hex hex = {{0}};
	for (size_t i = 0; i < sizeof oid->id; i++) {
		hex.s[2 * i] = digits[oid->id[i] >> 4];
		hex.s[2 * i + 1] = digits[oid->id[i] & 15];
	}
	return hex;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool oid_parse(struct str hex, struct oid *out)
{
	struct oid oid;
	if (hex.n != 2 * sizeof oid.id)
		return false;
	for (size_t i = 0; i < sizeof oid.id; i++) {
		int high = digit(hex.s[2 * i]), low = digit(hex.s[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		oid.id[i] = (unsigned char)(high << 4 | low);
	}
	*out = oid;
	return true;
}

bool oid_eq(const struct oid *a, const struct oid *b)
{
	return !memcmp(a->id, b->id, sizeof a->id);
}

bool oid_is_zero(const struct oid *oid)
{
	static const struct oid zero;
	return oid_eq(oid, &zero);
}
