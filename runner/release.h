/*
 * release: several deploys that one intent asks for. They are judged together,
 * once: the release is allowed when every member is, save that later members
 * may lack a slot yet. Then each is sent when those that it is `after` have
 * succeeded and a slot is free; after one that failed or was canceled, no
 * further one. Each member is a deployment of its own, with a token made from
 * the release's path and its place in the file: "intents/r.yaml#2".
 */
#ifndef RUNNER_RELEASE_H
#define RUNNER_RELEASE_H

#include "runner/record.h"

/* The token of member i of an intent. */
struct str release_token(struct arena *a, struct str repository,
                         const struct request *member, size_t i);

/*
 * Put the decisions about the members together, in their place in *d, which
 * holds the decision about the release as such. order: that of their going.
 */
void release_judge(struct decision *d, const size_t *order, struct arena *a);

/*
 * Bring the releases forward that go on: create the deployments whose turn it
 * is, PENDING, at most `room` of them (less than 0: no limit); end what is
 * complete or failed. *made: how many were created; *open: releases that go
 * on.
 */
bool release_advance(struct recorder *r, const struct policy *policy,
                     int64_t room, int64_t *made, int64_t *open,
                     struct fail *why);

#endif
