#include "runner/http.h"

#include "core/sha256.h"

#include <assert.h>

static bool unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
	       c == '~';
}

struct str http_encode(struct arena *a, struct str text)
{
	static const char hex[] = "0123456789ABCDEF";
	struct buf out = buf_new(a, 3 * text.n);
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.s[i];
		if (unreserved(text.s[i])) {
			buf_add_char(&out, text.s[i]);
			continue;
		}
		buf_add_char(&out, '%');
		buf_add_char(&out, hex[c >> 4]);
		buf_add_char(&out, hex[c & 15]);
	}
	return buf_str(&out);
}

/* Without jitter, all who were turned away at once come back at once. */
int http_backoff_ms(struct str key, int attempt, int base_ms, int max_ms)
{
	assert(attempt > 0 && base_ms > 0 && max_ms >= base_ms);
	int64_t all = base_ms;
	for (int i = 1; i < attempt && all < max_ms; i++)
		all *= 2;
	if (all > max_ms)
		all = max_ms;
	char number[] = {(char)attempt, (char)(attempt >> 8)};
	struct str parts[] = {key, {number, sizeof number}};
	struct sha256_hex digest = sha256_of_parts(parts, 2);
	int64_t jitter = 0;
	for (int i = 0; i < 6; i++) {
		char c = digest.s[i];
		jitter = jitter * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
	}
	return (int)(all - all / 2 + jitter % (all / 2 + 1));
}
