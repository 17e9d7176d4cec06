#include "core/fail.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool fail_set(struct fail *why, enum fail_kind kind, const char *fmt, ...)
{
	if (why->kind != FAIL_NONE)
		return false;
	why->kind = kind;
	va_list args;
	va_start(args, fmt);
	vsnprintf(why->text, sizeof why->text, fmt, args);
	va_end(args);
	return false;
}

bool fail_errno(struct fail *why, const char *fmt, ...)
{
	int err = errno;
	if (why->kind != FAIL_NONE)
		return false;
	why->kind = FAIL_SYSTEM;
	va_list args;
	va_start(args, fmt);
	vsnprintf(why->text, sizeof why->text, fmt, args);
	va_end(args);
	size_t n = strlen(why->text);
	snprintf(why->text + n, sizeof why->text - n, ": %s", strerror(err));
	if (err == ENOSPC || err == EDQUOT)
		return fail_hint(why, "free some space, then run it again; "
		                      "what was recorded before is intact");
	if (err == EACCES || err == EPERM || err == EROFS)
		return fail_hint(why, "check the owner and permissions of it");
	return false;
}

bool fail_hint(struct fail *why, const char *fmt, ...)
{
	if (why->hint[0])
		return false;
	va_list args;
	va_start(args, fmt);
	vsnprintf(why->hint, sizeof why->hint, fmt, args);
	va_end(args);
	return false;
}

bool fail_note(struct fail *why, const char *fmt, ...)
{
	char reason[FAIL_TEXT_MAX];
	memcpy(reason, why->text, sizeof reason);
	va_list args;
	va_start(args, fmt);
	vsnprintf(why->text, sizeof why->text, fmt, args);
	va_end(args);
	size_t n = strlen(why->text);
	snprintf(why->text + n, sizeof why->text - n, ": %s", reason);
	return false;
}

int fail_status(enum fail_kind kind)
{
	switch (kind) {
	case FAIL_NONE:
		return 0;
	case FAIL_USAGE:
		return 2;
	case FAIL_INPUT:
		return 3;
	case FAIL_SYSTEM:
	case FAIL_ENGINE:
		return 4;
	case FAIL_INTEGRITY:
		return 5;
	case FAIL_BUSY:
		return 6;
	}
	return 70;
}
