/*
 * auth: who asks. Which way of signing in is on is the setting "auth":
 *
 *	none     everybody is "anonymous", or who X-SPINNAKER-USER names
 *	basic    user, password: others are sent to /login (302)
 *	bearer   password: others are sent to /login
 *	token    X-Spinnaker-Token or Bearer, password; a bad one: 401 and no
 *more; none: to /login header   X-SPINNAKER-USER by a proxy; without: 500 x509
 *a client's certificate, by the authority given with --tls-ca; without: 403
 *
 * Open to all: /health, /auth/user, /login, POST /webhooks/, and /_double/.
 */
#ifndef TESTS_GATE_AUTH_H
#define TESTS_GATE_AUTH_H

#include "tests/gate/http.h"

/* Sets r->user; false: the answer is made. */
bool auth_admits(struct gate *g, struct request *r, struct answer *to);

#endif
