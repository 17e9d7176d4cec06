/*
 * curl: libcurl, loaded when it is first needed.
 *
 * Most commands call nobody, and to load libcurl with all that it is linked to
 * (TLS, Kerberos, LDAP, SSH) takes longer than they do. So the program is not
 * linked to it: runner/curl.c has the functions that runner/http.c calls, under
 * libcurl's own names, and each passes on to libcurl.so.4.
 */
#ifndef RUNNER_CURL_H
#define RUNNER_CURL_H

#include "core/fail.h"

#include <curl/curl.h>
#include <stdbool.h>

/* Before any other function of libcurl; again it does nothing. Fails where the
   library is not there, lacks a function or does not start. */
bool curl_load(struct fail *why);

#endif
