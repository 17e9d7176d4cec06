#include "core/format.h"

#include <string.h>

enum { DIGITS = 20 };

struct out {
	char *at, *end; /* end: where the NUL has to stand at the latest */
	bool bad;
};

static void put(struct out *o, const char *s, size_t n)
{
	if ((size_t)(o->end - o->at) < n) {
		o->bad = true;
		return;
	}
	memcpy(o->at, s, n);
	o->at += n;
}

/* printf ends at a NUL, whatever the precision. */
static void put_text(struct out *o, const char *s, size_t most)
{
	const char *nul = s && most ? memchr(s, '\0', most) : NULL;
	if (!s)
		o->bad |= most > 0;
	else
		put(o, s, nul ? (size_t)(nul - s) : most);
}

static void put_whole(struct out *o, unsigned long long v, bool negative)
{
	char digits[DIGITS + 1];
	size_t i = sizeof digits;
	do
		digits[--i] = (char)('0' + v % 10);
	while (v /= 10);
	if (negative)
		digits[--i] = '-';
	put(o, digits + i, sizeof digits - i);
}

static void put_signed(struct out *o, long long v)
{
	unsigned long long size = (unsigned long long)v;
	put_whole(o, v < 0 ? 0 - size : size, v < 0);
}

/* The conversion at spec, behind its percent sign; its length, 0 where it is
   none of ours. */
static size_t put_one(struct out *o, const char *spec, va_list *args)
{
	if (spec[0] == 's') {
		const char *s = va_arg(*args, const char *);
		put_text(o, s, s ? strlen(s) : 1);
		return 1;
	}
	if (spec[0] == '.' && spec[1] == '*' && spec[2] == 's') {
		int most = va_arg(*args, int);
		const char *s = va_arg(*args, const char *);
		o->bad |= most < 0;
		put_text(o, s, most < 0 ? 0 : (size_t)most);
		return 3;
	}
	if (spec[0] == 'd') {
		put_signed(o, va_arg(*args, int));
		return 1;
	}
	if (spec[0] == 'l' && spec[1] == 'l' && spec[2] == 'd') {
		put_signed(o, va_arg(*args, long long));
		return 3;
	}
	if (spec[0] == 'z' && spec[1] == 'u') {
		put_whole(o, va_arg(*args, size_t), false);
		return 2;
	}
	char c = spec[0] == 'c' ? (char)va_arg(*args, int) : '%';
	if (spec[0] == 'c' || spec[0] == '%')
		put(o, &c, 1);
	return spec[0] == 'c' || spec[0] == '%';
}

bool format_plain(char *to, size_t cap, size_t *n, const char *fmt,
                  va_list args)
{
	struct out o = {to, cap ? to + cap - 1 : to, cap == 0};
	va_list rest;
	va_copy(rest, args);
	while (!o.bad && *fmt) {
		size_t plain = strcspn(fmt, "%");
		put(&o, fmt, plain);
		fmt += plain;
		if (!*fmt)
			break;
		size_t used = put_one(&o, fmt + 1, &rest);
		o.bad |= !used;
		fmt += used + 1;
	}
	va_end(rest);
	if (o.bad)
		return false;
	*o.at = '\0';
	*n = (size_t)(o.at - to);
	return true;
}
