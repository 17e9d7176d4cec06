#include "runner/curl.h"

#include <dlfcn.h>
#include <stdarg.h>

#define SONAME "libcurl.so.4"

#define FUNCTIONS(X)                \
	X(curl_global_init)         \
	X(curl_easy_init)           \
	X(curl_easy_cleanup)        \
	X(curl_easy_setopt)         \
	X(curl_easy_getinfo)        \
	X(curl_easy_strerror)       \
	X(curl_multi_init)          \
	X(curl_multi_cleanup)       \
	X(curl_multi_setopt)        \
	X(curl_multi_add_handle)    \
	X(curl_multi_remove_handle) \
	X(curl_multi_perform)       \
	X(curl_multi_info_read)     \
	X(curl_multi_poll)

/* A pointer to each, of the type that curl.h gives it. */
#define POINTER(name) __typeof__(name) *name##_;
static struct {
	bool loaded;
	FUNCTIONS(POINTER)
} lib;

/* to is a pointer to a function: POSIX lets dlsym's result be one. */
#define FIND(name) {#name, (void **)&lib.name##_},
static bool find_all(void *handle, struct fail *why)
{
	static const struct {
		const char *name;
		void **to;
	} functions[] = {FUNCTIONS(FIND)};
	for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
		*functions[i].to = dlsym(handle, functions[i].name);
		if (!*functions[i].to)
			return fail_set(why, FAIL_SYSTEM,
			                SONAME " has no function %s",
			                functions[i].name);
	}
	return true;
}

bool curl_load(struct fail *why)
{
	if (lib.loaded)
		return true;
	/* Never unloaded: libcurl and what it brings do not all stand that. */
	void *handle = dlopen(SONAME, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		fail_set(why, FAIL_SYSTEM, "cannot load libcurl: %s",
		         dlerror());
		return fail_hint(why, "install it (on Debian the package "
		                      "libcurl4) and try again");
	}
	if (!find_all(handle, why))
		return false;
	if (lib.curl_global_init_(CURL_GLOBAL_DEFAULT))
		return fail_set(why, FAIL_SYSTEM, "libcurl does not start");
	lib.loaded = true;
	return true;
}

/* --- libcurl's functions -------------------------------------------------- */

/* In parentheses, so that curl.h's macros of these names, which check the types
   of arguments where they are called, do not take them for calls. */

CURL *(curl_easy_init)(void)
{
	return lib.curl_easy_init_();
}

void(curl_easy_cleanup)(CURL *easy)
{
	lib.curl_easy_cleanup_(easy);
}

/* The number of an option tells its type: CURLOPTTYPE_*. */
CURLcode(curl_easy_setopt)(CURL *easy, CURLoption option, ...)
{
	CURLcode rc;
	va_list list;
	va_start(list, option);
	if (option < CURLOPTTYPE_OBJECTPOINT)
		rc = lib.curl_easy_setopt_(easy, option, va_arg(list, long));
	else if (option < CURLOPTTYPE_OFF_T)
		rc = lib.curl_easy_setopt_(easy, option, va_arg(list, void *));
	else
		rc = lib.curl_easy_setopt_(easy, option,
		                           va_arg(list, curl_off_t));
	va_end(list);
	return rc;
}

CURLcode(curl_easy_getinfo)(CURL *easy, CURLINFO info, ...)
{
	va_list list;
	va_start(list, info);
	CURLcode rc = lib.curl_easy_getinfo_(easy, info, va_arg(list, void *));
	va_end(list);
	return rc;
}

const char *(curl_easy_strerror)(CURLcode code)
{
	return lib.curl_easy_strerror_(code);
}

CURLM *(curl_multi_init)(void)
{
	return lib.curl_multi_init_();
}

CURLMcode(curl_multi_cleanup)(CURLM *multi)
{
	return lib.curl_multi_cleanup_(multi);
}

CURLMcode(curl_multi_setopt)(CURLM *multi, CURLMoption option, ...)
{
	CURLMcode rc;
	va_list list;
	va_start(list, option);
	if (option < CURLOPTTYPE_OBJECTPOINT)
		rc = lib.curl_multi_setopt_(multi, option, va_arg(list, long));
	else
		rc = lib.curl_multi_setopt_(multi, option,
		                            va_arg(list, void *));
	va_end(list);
	return rc;
}

CURLMcode(curl_multi_add_handle)(CURLM *multi, CURL *easy)
{
	return lib.curl_multi_add_handle_(multi, easy);
}

CURLMcode(curl_multi_remove_handle)(CURLM *multi, CURL *easy)
{
	return lib.curl_multi_remove_handle_(multi, easy);
}

CURLMcode(curl_multi_perform)(CURLM *multi, int *running)
{
	return lib.curl_multi_perform_(multi, running);
}

CURLMsg *(curl_multi_info_read)(CURLM *multi, int *left)
{
	return lib.curl_multi_info_read_(multi, left);
}

CURLMcode(curl_multi_poll)(CURLM *multi, struct curl_waitfd fds[],
                           unsigned int n, int timeout_ms, int *numfds)
{
	return lib.curl_multi_poll_(multi, fds, n, timeout_ms, numfds);
}
