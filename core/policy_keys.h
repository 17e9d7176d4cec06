/*
 * policy_keys: the tables of keys of every policy kind, and the passes over a
 * policy that was read. Inside the policy module: others use core/policy.h.
 */
#ifndef CORE_POLICY_KEYS_H
#define CORE_POLICY_KEYS_H

#include "core/policy.h"

extern const struct shape platform_shape, roles_shape, environment_shape,
        service_shape, group_shape, recipe_shape, window_shape, waiver_shape,
        hook_shape, failure_rule_shape, proposal_rule_shape;

/* Of the maps from a name to something: one of their values. */
extern const struct shape engine_shape, engine_header_shape, overridable_shape;

extern const char *const weekday_names[]; /* "mon" first; NULL-terminated */
/*
 * What a waiver may set aside: rules that weigh a delivery. Who acts, what the
 * intent says, what is recorded, and what there is to run stay as they are, and
 * the kill switch stops all. NULL-terminated.
 */
extern const char *const waivable_names[];

/*
 * Values that the tables of keys cannot judge: forms of names, addresses,
 * zones, patterns, clock times, keys that depend on others. Sets what is
 * compiled from them (zone, pattern, code).
 */
void policy_check(struct policy *p, struct diags *ds);

/* What parameters of one recipe say of each other: params.NAME. */
void policy_parameters(const struct recipe *r, struct diags *ds);

/* The part of it that concerns signing in to an engine. */
void policy_check_access(const struct engine *e, struct diags *ds);

/* Names across documents: fills the maps of *p; unique names, references. */
void policy_link(struct policy *p, struct diags *ds);

/* Fills identity_by, from roles and owners. */
void policy_grant(struct policy *p);

#endif
