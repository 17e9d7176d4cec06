#include "core/base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "abcdefghijklmnopqrstuvwxyz0123456789+/";

struct str base64_encode(struct arena *a, struct str bytes)
{
	struct buf out = buf_new(a, bytes.n / 3 * 4 + 4);
	for (size_t i = 0; i < bytes.n; i += 3) {
		uint32_t bits = 0;
		size_t n = bytes.n - i < 3 ? bytes.n - i : 3;
		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 |
			       (k < n ? (unsigned char)bytes.s[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			buf_add_char(&out,
			             k <= n ? digits[bits >> (18 - 6 * k) & 63]
			                    : '=');
	}
	return buf_str(&out);
}

static bool digit_value(char c, uint32_t *value)
{
	const char *at = c ? strchr(digits, c) : NULL;
	if (at)
		*value = (uint32_t)(at - digits);
	return at != NULL;
}

/* Four digits, of which the last `pad` are padding, to 3 - pad bytes. */
static bool decode_group(const char *s, size_t pad, char *out)
{
	uint32_t bits = 0, value;
	for (size_t i = 0; i < 4 - pad; i++) {
		if (!digit_value(s[i], &value))
			return false;
		bits |= value << (18 - 6 * i);
	}
	if (bits & ((1u << (8 * pad)) - 1))
		return false;
	for (size_t i = 0; i < 3 - pad; i++)
		out[i] = (char)(unsigned char)(bits >> (16 - 8 * i));
	return true;
}

bool base64_decode(struct arena *a, struct str text, struct str *bytes)
{
	size_t pad = 0;
	if (text.n % 4)
		return false;
	while (pad < 2 && pad < text.n && text.s[text.n - 1 - pad] == '=')
		pad++;
	size_t n = text.n / 4 * 3 - pad;
	char *out = arena_text(a, n);
	for (size_t i = 0; i < text.n; i += 4)
		if (!decode_group(text.s + i, i + 4 == text.n ? pad : 0,
		                  out + i / 4 * 3))
			return false;
	*bytes = (struct str){out, n};
	return true;
}
