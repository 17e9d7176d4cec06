/*
 * policy: what the platform team decided: the documents under policy/, decoded,
 * with the place of every value. FORMATS.md shows each kind by example,
 * CONTRACT section 1 lists the keys. Pure data and look-ups in it.
 *
 * Everything lives in the arena given to policy_read. A policy that has an
 * error finding is never used to judge (CONTRACT section 8, "Files").
 */
#ifndef CORE_POLICY_H
#define CORE_POLICY_H

#include "core/decode.h"
#include "core/map.h"
#include "core/parameter.h"
#include "core/vec.h"
#include "core/version.h"
#include "core/when.h"

/* The four numbers that the platform, a group, an environment, or a group's
   item for an environment may limit. */
enum limit {
	LIMIT_CONCURRENT_DEPLOYMENTS,
	LIMIT_DAILY_DEPLOYS,
	LIMIT_DAILY_ROLLBACKS,
	LIMIT_DAILY_BUILDS,
	LIMIT_COUNT
};
struct guardrails {
	struct number max_concurrent_deployments, daily_deploy_quota,
	        daily_rollback_quota, daily_build_quota;
};
/* A limit in force: where it came from. at.src NULL: the built-in default. */
struct limit_value {
	int64_t n;
	const char *origin; /* "group environment", "environment", "group",
	                       "platform", "built-in", "evaluation" */
	struct span at;
};
const char *limit_name(enum limit limit); /* the YAML key */

enum identity_kind { IDENTITY_AUTHOR, IDENTITY_SIGNED };

/* The kill switch. No list means everything; both lists: both must fit. */
struct mutations {
	bool is_disabled;
	struct flag disabled; /* as the map form gives it */
	struct text reason;
	struct texts environments, groups;
	struct span at;
};

enum engine_type { ENGINE_SANDBOX, ENGINE_COMMAND, ENGINE_SPINNAKER };

/* One line of a sandbox engine's script; keys left out match all. */
enum sandbox_outcome {
	SANDBOX_SUCCEEDED,
	SANDBOX_FAILED,
	SANDBOX_CANCELED,
	SANDBOX_HANG,
	SANDBOX_UNAVAILABLE
};
struct sandbox_rule {
	struct text service, environment, version, recipe;
	struct choice outcome;
	struct moment after;    /* not given: the engine's */
	struct choice category; /* index as enum failure_category */
	struct text message;
};
struct engine_auth {
	struct choice type; /* none, bearer, basic, mtls, api_token */
	struct text token_env, token_file, user, password_env, password_file,
	        cert, key, ca;
};
struct engine_header { /* of every call; one of the three */
	struct text name, value, value_env, value_file;
};
struct engine {
	struct str id;
	struct span at; /* of the id */
	struct choice type;
	struct moment after;  /* sandbox */
	struct list script;   /* sandbox: struct sandbox_rule */
	struct texts command; /* command */
	struct moment timeout;
	struct text url, deck_url; /* spinnaker */
	struct number in_flight;   /* spinnaker; not given: 64 */
	struct engine_auth auth;
	struct raw headers_node;
	VEC(struct engine_header) headers;
};

enum { IDENTITY_MAX_BYTES = 254 }; /* RFC 5321 section 4.5.3.1.3, less <> */

struct platform {
	struct text name, timezone;
	const struct zone *zone; /* of timezone; NULL is UTC */
	struct choice identity;
	struct mutations mutations;
	struct number max_dispatches_per_run; /* not given: no limit */
	struct moment waiting_expires_after;  /* given or 24 h */
	struct platform_defaults {
		struct guardrails guardrails;
	} defaults;
	struct raw engines_node;
	VEC(struct engine) engines;
	struct ledger_settings {
		struct text path, ref, remote;
		struct moment timeout; /* of a fetch or push; or 2 min */
	} ledger;
	struct site_settings {
		struct text title, base_url, commit_url, repository_url, branch,
		        new_file_url, language;
		struct flag redact, emails;
		struct list people; /* struct site_person */
	} site;
	struct flag evaluation;
	struct span at;
};

enum {
	ROLE_OBSERVER = 1,
	ROLE_CI_PUBLISHER = 2,
	ROLE_DELIVERY_OWNER = 4,
	ROLE_PLATFORM_ADMIN = 8
};

struct roles { /* the union of all documents of kind roles */
	struct texts platform_admin, observer, ci_publisher;
};

enum environment_type { ENVIRONMENT_NON_PROD, ENVIRONMENT_PROD };
enum lifecycle { LIFECYCLE_ACTIVE, LIFECYCLE_DISABLED, LIFECYCLE_RETIRED };

struct environment {
	struct text name;
	struct choice type, lifecycle;
	struct guardrails guardrails;
	struct moment soak;
	struct number approvals;
	struct span at;
};

/* How somebody is shown on the site. */
struct site_person {
	struct text identity, shown;
};

struct need {
	struct text service, min_version;
};
struct route {
	struct text environment, recipe;
};
struct service {
	struct text name, owner, description, repository, version_pattern;
	struct version_pattern *pattern; /* NULL: the default one */
	struct texts recipes, artifact_sources;
	struct raw routes_node;
	VEC(struct route) routes;
	struct list needs; /* struct need */
	struct raw links, backstage;
	struct span at;
};

/* One step of a group's promotion sequence; a bare name or a map. */
struct group_environment {
	struct text name;
	struct flag enabled; /* not given: true */
	struct guardrails guardrails;
	struct moment soak;
	struct number approvals;
};
struct group {
	struct text id, name, description;
	struct texts services, recipes, owners;
	struct list environments; /* struct group_environment, in order */
	struct guardrails guardrails;
	struct span at;
};

enum recipe_status { RECIPE_ACTIVE, RECIPE_IS_DEPRECATED };
struct overridable {
	struct str name;
	struct span at;
	struct choice type;
	struct text min, max; /* decimal text; numbers may have a fraction */
	struct texts options;
};
struct recipe {
	struct text id, name, summary, engine, application;
	struct number revision;
	struct pipelines {
		struct text deploy, rollback;
	} pipelines;
	struct raw parameters_node, overridable_node, labels;
	VEC(struct parameter) parameters;
	VEC(struct overridable) overridable;
	struct moment timeout; /* given or 1 h */
	struct choice status;
	struct span at;
};

/* What a rule concerns: keys and-ed, members or-ed; no key: everything. */
struct scope {
	struct texts environments, groups, services;
};

enum window_type { WINDOW_ALLOW, WINDOW_DENY };
enum window_rollbacks { ROLLBACKS_EXEMPT, ROLLBACKS_INCLUDED };
struct window { /* core/window says when it holds */
	struct text id;
	struct choice type;
	struct scope scope;
	struct window_when {
		struct weekly {
			struct texts days;
			struct text from, to;
			struct span at;
			/* The same as bits, 1 << 0 for Monday, and as minutes
			   from midnight. */
			unsigned day_bits;
			int from_minute, to_minute;
		} weekly;
		struct dated {
			struct moment from, to;
			struct span at;
		} dated;
	} when;
	struct text timezone, reason;
	const struct zone *zone; /* of timezone, else the platform's */
	struct choice rollbacks; /* not given: exempt */
	struct span at;
};

/* The guardrail is evaluated still, and its refusal shown, without effect. */
struct waiver {
	struct text id, guardrail, owner, reason;
	enum diag_code code; /* of guardrail; DIAG_NONE: not one to waive */
	struct scope scope;
	struct moment expires;
	struct span at;
};
enum on_failure { ON_FAILURE_DENY, ON_FAILURE_ALLOW };
struct hook { /* runner/hooks asks it */
	struct text id, opa_url;
	struct texts command;
	struct scope scope;
	struct moment timeout;
	struct choice on_failure; /* enum on_failure; not given: deny */
	struct span at;
};
enum failure_category {
	FAILURE_VALIDATION,
	FAILURE_POLICY,
	FAILURE_ARTIFACT,
	FAILURE_INFRASTRUCTURE,
	FAILURE_CONFIG,
	FAILURE_APP,
	FAILURE_TIMEOUT,
	FAILURE_ROLLBACK,
	FAILURE_UNKNOWN,
	FAILURE_CATEGORY_COUNT
};
extern const char *const failure_category_names[]; /* NULL-terminated */
/* Patterns; what is not given fits everything. See runner/failure_class.h. */
struct failure_match {
	struct text stage_type, stage_name, exception_type, kind, http_status,
	        message, service, environment, recipe;
};
enum { FAILURE_PATTERN_MAX = 200 }; /* bytes */
struct failure_rule {
	struct text id, summary, hint, runbook;
	struct choice category;
	struct failure_match match;
	struct span at;
};
enum proposal_on { PROPOSE_BUILD, PROPOSE_PROMOTION };
struct proposal_rule { /* runner/propose goes by it */
	struct text id, branch, version, environment;
	struct choice on; /* enum proposal_on */
	struct span at;
};

struct policy {
	struct arena *arena;
	struct platform platform;
	struct roles roles;
	VEC(struct environment *) environments;
	VEC(struct service *) services;
	VEC(struct group *) groups;
	VEC(struct recipe *) recipes;
	VEC(struct window *) windows;
	VEC(struct waiver *) waivers;
	VEC(struct hook *) hooks;
	VEC(struct failure_rule *) failure_rules;
	VEC(struct proposal_rule *) proposal_rules;
	/* name or id -> the struct; group_of: service name -> struct group */
	struct map environment_by, service_by, group_by, recipe_by, group_of;
	struct map
	        identity_by; /* in lower case -> its roles, for policy_roles */
};

/*
 * Decode all files of policy/ (each may hold several documents), in the order
 * given (by path), then check what concerns the whole: exactly one platform,
 * unique names, references (UNKNOWN_REFERENCE warnings), limits > 0, zones,
 * patterns, a service in exactly one group. All findings go to ds. The result
 * is usable where ds has no errors.
 */
struct policy *policy_read(struct arena *a, struct source *const *files,
                           size_t nfiles, struct diags *ds);

/* NULL where the policy has none of that name. */
const struct environment *policy_environment(const struct policy *p,
                                             struct str name);
const struct service *policy_service(const struct policy *p, struct str name);
const struct group *policy_group_of(const struct policy *p, struct str service);
const struct recipe *policy_recipe(const struct policy *p, struct str id);
const struct engine *policy_engine(const struct policy *p, struct str id);
const struct group_environment *group_environment_of(const struct group *g,
                                                     struct str environment);
/* What intents may set of the recipe's parameters; NULL: not this one. */
const struct overridable *recipe_overridable(const struct recipe *r,
                                             struct str name);
const struct route *service_route(const struct service *s,
                                  struct str environment);
bool texts_has(const struct texts *list, struct str s);
bool scope_covers(const struct scope *s, struct str group,
                  struct str environment, struct str service);

/* Group environment, environment, group, platform, built-in: the first that
   says. group and environment may be NULL. */
struct limit_value policy_limit(const struct policy *p, const struct group *g,
                                struct str environment, enum limit limit);

/*
 * The roles of an identity, as ROLE_ bits, without regard to letter case.
 * ROLE_DELIVERY_OWNER where it owns any group; *owns_group says whether it
 * owns g (NULL: false).
 */
unsigned policy_roles(const struct policy *p, struct str identity,
                      const struct group *g, bool *owns_group);

/* Whether the kill switch stops this pair. */
bool policy_mutations_stop(const struct policy *p, struct str group,
                           struct str environment);

/* For help, reference pages and schemas: every policy kind. */
struct policy_kind {
	const char *kind;
	const struct shape *shape;
	const char *about;
};
extern const struct policy_kind policy_kinds[];
extern const size_t policy_kind_count;

#endif
