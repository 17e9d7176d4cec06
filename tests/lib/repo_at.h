/* repo_at: a repository that a test has made, open; exits where that fails. */
#ifndef TESTS_LIB_REPO_AT_H
#define TESTS_LIB_REPO_AT_H

#include "core/repo.h"

struct repo *repo_at(struct arena *a, const char *dir);

#endif
