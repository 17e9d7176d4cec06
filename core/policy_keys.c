#include "core/policy_keys.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { TEXT_MAX = 1000, SUMMARY_POINTS = 240, APPROVALS_MAX = 100 };

static const char *const identity_names[] = {"author", "signed", NULL};
static const char *const engine_type_names[] = {"sandbox", "command",
                                                "spinnaker", NULL};
static const char *const sandbox_outcome_names[] = {
        "succeeded", "failed", "canceled", "hang", "unavailable", NULL};
static const char *const auth_names[] = {"none", "bearer",    "basic",
                                         "mtls", "api_token", NULL};
static const char *const environment_type_names[] = {"non_prod", "prod", NULL};
static const char *const lifecycle_names[] = {"active", "disabled", "retired",
                                              NULL};
static const char *const recipe_status_names[] = {"active", "deprecated", NULL};
static const char *const parameter_type_names[] = {"string", "integer",
                                                   "number", "boolean", NULL};
static const char *const window_type_names[] = {"allow", "deny", NULL};
static const char *const rollbacks_names[] = {"exempt", "included", NULL};
static const char *const on_failure_names[] = {"deny", "allow", NULL};
static const char *const proposal_on_names[] = {"build", "promotion", NULL};
const char *const weekday_names[] = {"mon", "tue", "wed", "thu",
                                     "fri", "sat", "sun", NULL};
const char *const failure_category_names[] = {
        "VALIDATION", "POLICY",  "ARTIFACT", "INFRASTRUCTURE", "CONFIG",
        "APP",        "TIMEOUT", "ROLLBACK", "UNKNOWN",        NULL};

/*
 * Forms that policy_check.c judges by code, which is quicker and says more. The
 * schemas have them from here; tests/e2e/t2800-schemas.sh holds the two
 * together.
 */
#define FORM_ENVIRONMENT "^(?=.{1,128}$)[a-z0-9]+(-[a-z0-9]+)*$"
#define FORM_ID                                                            \
	"^(?![Ii][Nn][Dd][Ee][Xx][.]([Hh][Tt][Mm][Ll]|[Jj][Ss][Oo][Nn])$)" \
	"[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"
#define FORM_VARIABLE "^[A-Za-z_][A-Za-z0-9_]{0,127}$"
#define FORM_HEADER "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$"
#define FORM_URL "^https?://[^/?#@]+(/[^?#]*)?$"
#define FORM_SOURCE "^(file://.|pkg:(//)?[^/]|[A-Za-z0-9][A-Za-z0-9+]*://[^/])"
#define FORM_DECIMAL "^-?[0-9]+([.][0-9]+)?$"
#define FORM_CLOCK "^([01][0-9]|2[0-3]):[0-5][0-9]$"
#define FORM_CLOCK_END "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"
#define FORM_SHOWN "^(?=.*[^ \t])[^<>&\"'\\\\@]{1,80}$"
#define PLAIN_NUMBER "(0|[1-9][0-9]*)"
#define PRE_RELEASE "(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
#define FORM_SEMANTIC                                          \
	"^" PLAIN_NUMBER "[.]" PLAIN_NUMBER "[.]" PLAIN_NUMBER \
	"(-" PRE_RELEASE "([.]" PRE_RELEASE ")*)?"             \
	"([+][0-9A-Za-z-]+([.][0-9A-Za-z-]+)*)?$"

#define KEY_FORM(t, f, need, form_, about)                            \
	{                                                             \
		KEY_(KEY_IS_TEXT, t, f, need, about), .form = (form_) \
	}
/* At least one, where it is given. */
#define KEY_SOME(t, f, about)                                         \
	{                                                             \
		KEY_(KEY_IS_TEXTS, t, f, OPTIONAL, about), .least = 1 \
	}
/* Longer than nothing. */
#define KEY_SPAN(t, f, about)                                          \
	{                                                              \
		KEY_(KEY_IS_DURATION, t, f, OPTIONAL, about), .min = 1 \
	}

/* A map from names of the user's own; the struct keeps it as NAME_node. */
#define NODE_(t, f, need_, about_)                     \
	.name = #f, .type = KEY_IS_RAW, .need = need_, \
	.offset = offsetof(t, f##_node), .about = about_
#define KEY_WORDS(t, f, need, about)                     \
	{                                                \
		NODE_(t, f, need, about), .words = true, \
	}
#define KEY_SHAPES(t, f, shape_, form_, about)                                \
	{                                                                     \
		NODE_(t, f, OPTIONAL, about), .shape = shape_, .form = form_, \
	}

const char *const waivable_names[] = {"ENVIRONMENT_DISABLED",
                                      "RECIPE_DEPRECATED",
                                      "RECIPE_NOT_ALLOWED",
                                      "VERSION_NOT_FOUND",
                                      "RECIPE_INCOMPATIBLE",
                                      "PROMOTION_PATH_NOT_ALLOWED",
                                      "ROLLBACK_OF_ROLLBACK",
                                      "VERSION_ON_HOLD",
                                      "HOOK_DENIED",
                                      "FREEZE_ACTIVE",
                                      "WINDOW_CLOSED",
                                      "SOAK_NOT_MET",
                                      "DEPENDENCY_NOT_READY",
                                      "APPROVAL_REQUIRED",
                                      "QUOTA_EXCEEDED",
                                      "CONCURRENCY_LIMIT_REACHED",
                                      NULL};

/* What each limit is where a place has none of its own. */
#define WIDER "; default the wider place's, at last "

static const struct key guardrails_keys[] = {
        KEY_NUMBER(struct guardrails, max_concurrent_deployments, OPTIONAL, 1,
                   INT32_MAX, "how many deployments may run at once" WIDER "1"),
        KEY_NUMBER(struct guardrails, daily_deploy_quota, OPTIONAL, 1,
                   INT32_MAX, "deploys and promotions a day" WIDER "25"),
        KEY_NUMBER(struct guardrails, daily_rollback_quota, OPTIONAL, 1,
                   INT32_MAX, "rollbacks a day" WIDER "10"),
        KEY_NUMBER(struct guardrails, daily_build_quota, OPTIONAL, 1, INT32_MAX,
                   "build registrations a day" WIDER "50"),
};
static const struct shape guardrails_shape =
        SHAPE("guardrails", struct guardrails, guardrails_keys);

/*
 * platform
 */

static const struct key mutations_keys[] = {
        KEY_FLAG(struct mutations, disabled, REQUIRED,
                 "true stops what is in scope"),
        KEY_TEXT(struct mutations, reason, OPTIONAL,
                 "why, for those who have to wait"),
        KEY_SOME(struct mutations, environments,
                 "only these environments; default all"),
        KEY_SOME(struct mutations, groups, "only these groups; default all"),
};

static bool mutations_word(void *out, const struct yaml_node *node)
{
	struct mutations *m = out;
	if (!str_is(node->text, "enabled") && !str_is(node->text, "disabled"))
		return false;
	m->disabled.on = str_is(node->text, "disabled");
	m->disabled.at = node->at;
	return true;
}

static const char *const mutations_words[] = {"enabled", "disabled", NULL};

static const struct shape mutations_shape = {
        .words = mutations_words,
        .what = "kill switch, else enabled or disabled",
        .size = sizeof(struct mutations),
        .keys = mutations_keys,
        .nkeys = COUNT(mutations_keys),
        .scalar = mutations_word,
};

static const struct key sandbox_rule_keys[] = {
        KEY_TEXT(struct sandbox_rule, service, OPTIONAL,
                 "matches this service only"),
        KEY_TEXT(struct sandbox_rule, environment, OPTIONAL,
                 "matches this environment only"),
        KEY_TEXT(struct sandbox_rule, version, OPTIONAL,
                 "matches this version only"),
        KEY_TEXT(struct sandbox_rule, recipe, OPTIONAL,
                 "matches this recipe only"),
        KEY_CHOICE(struct sandbox_rule, outcome, OPTIONAL,
                   sandbox_outcome_names, "how it ends; default succeeded"),
        KEY_DURATION(struct sandbox_rule, after, OPTIONAL,
                     "how long it takes; default the engine's"),
        KEY_CHOICE(struct sandbox_rule, category, OPTIONAL,
                   failure_category_names, "the category of a failure"),
        KEY_TEXT(struct sandbox_rule, message, OPTIONAL,
                 "what the engine says about it"),
};
static const struct shape sandbox_rule_shape = SHAPE(
        "line of a sandbox script", struct sandbox_rule, sandbox_rule_keys);

static const struct key auth_keys[] = {
        KEY_CHOICE(struct engine_auth, type, REQUIRED, auth_names,
                   "how to sign in"),
        KEY_FORM(struct engine_auth, token_env, OPTIONAL, FORM_VARIABLE,
                 "the environment variable that holds the token"),
        KEY_TEXT(struct engine_auth, token_file, OPTIONAL,
                 "the file that holds the token"),
        KEY_TEXT(struct engine_auth, user, OPTIONAL, "the user of basic"),
        KEY_FORM(struct engine_auth, password_env, OPTIONAL, FORM_VARIABLE,
                 "the environment variable that holds the password"),
        KEY_TEXT(struct engine_auth, password_file, OPTIONAL,
                 "the file that holds the password"),
        KEY_TEXT(struct engine_auth, cert, OPTIONAL,
                 "the client certificate's file"),
        KEY_TEXT(struct engine_auth, key, OPTIONAL, "its key's file"),
        KEY_TEXT(struct engine_auth, ca, OPTIONAL,
                 "the file of authorities to trust"),
};
static const struct shape auth_shape =
        SHAPE("engine auth", struct engine_auth, auth_keys);

/* A bare scalar is a value that everybody may read. */
static bool engine_header_word(void *out, const struct yaml_node *node)
{
	struct engine_header *h = out;
	if (yaml_is_null(node) || !node->text.n)
		return false;
	h->value = (struct text){node->text, node->at};
	return true;
}

static const struct key engine_header_keys[] = {
        KEY_TEXT(struct engine_header, value, OPTIONAL,
                 "its value, if that is no secret"),
        KEY_FORM(struct engine_header, value_env, OPTIONAL, FORM_VARIABLE,
                 "the environment variable that holds its value"),
        KEY_TEXT(struct engine_header, value_file, OPTIONAL,
                 "the file that holds its value"),
};
static const char *const header_values[] = {"value", "value_env", "value_file",
                                            NULL};
const struct shape engine_header_shape = {
        .one_of = header_values,
        .what = "engine's header",
        .size = sizeof(struct engine_header),
        .keys = engine_header_keys,
        .nkeys = COUNT(engine_header_keys),
        .scalar = engine_header_word,
};

static const struct key engine_keys[] = {
        KEY_CHOICE(struct engine, type, REQUIRED, engine_type_names,
                   "what kind of engine it is"),
        KEY_DURATION(struct engine, after, OPTIONAL,
                     "sandbox: how long a deployment takes; default 0s"),
        KEY_STRUCTS(struct engine, script, OPTIONAL, &sandbox_rule_shape,
                    "sandbox: what happens to which deployment"),
        KEY_SOME(struct engine, command,
                 "command: the program and its arguments"),
        KEY_SPAN(struct engine, timeout,
                 "how long one call may take; default 30s, of a command "
                 "the recipe's"),
        KEY_FORM(struct engine, url, OPTIONAL, FORM_URL,
                 "spinnaker: Gate's address"),
        KEY_FORM(struct engine, deck_url, OPTIONAL, FORM_URL,
                 "spinnaker: Deck's address, for links"),
        KEY_NUMBER(struct engine, in_flight, OPTIONAL, 1, 64,
                   "spinnaker: orders that are sent at once; default 64"),
        KEY_STRUCT(struct engine, auth, OPTIONAL, &auth_shape,
                   "spinnaker: how to sign in"),
        KEY_SHAPES(struct engine, headers, &engine_header_shape, FORM_HEADER,
                   "spinnaker: headers of every call, by name"),
};
const struct shape engine_shape = SHAPE("engine", struct engine, engine_keys);

static const struct key defaults_keys[] = {
        KEY_STRUCT(struct platform_defaults, guardrails, OPTIONAL,
                   &guardrails_shape, "limits where nothing else says"),
};
static const struct shape defaults_shape =
        SHAPE("platform's defaults", struct platform_defaults, defaults_keys);

static const struct key ledger_keys[] = {
        KEY_TEXT(struct ledger_settings, path, OPTIONAL,
                 "the ledger's file; default .dxcp/ledger.db"),
        KEY_TEXT(struct ledger_settings, ref, OPTIONAL,
                 "the git ref of its events; default refs/dxcp/ledger"),
        KEY_TEXT(struct ledger_settings, remote, OPTIONAL,
                 "the git remote of that ref; default origin"),
        KEY_SPAN(struct ledger_settings, timeout,
                 "how long a fetch or push of it may take; default 2m"),
};
static const struct shape ledger_shape =
        SHAPE("ledger's settings", struct ledger_settings, ledger_keys);

#define NULLABLE_TEXT(t, f, about)                                          \
	{                                                                   \
		KEY_(KEY_IS_TEXT, t, f, OPTIONAL, about), .nullable = true, \
		                                          .max = TEXT_MAX   \
	}

static const struct key site_person_keys[] = {
        KEY_TEXT(struct site_person, identity, REQUIRED,
                 "the e-mail address or signer that acts"),
        KEY_FORM(struct site_person, shown, REQUIRED, FORM_SHOWN,
                 "the name that the site has for it"),
};
static const struct shape site_person_shape =
        SHAPE("person", struct site_person, site_person_keys);

static const struct key site_keys[] = {
        KEY_TEXT(struct site_settings, title, OPTIONAL,
                 "the title of every page; default the platform's name"),
        NULLABLE_TEXT(struct site_settings, base_url,
                      "where the site is published, for feeds"),
        NULLABLE_TEXT(struct site_settings, commit_url,
                      "a link to a commit; {commit} stands for its id"),
        NULLABLE_TEXT(struct site_settings, repository_url,
                      "a link to this repository"),
        KEY_TEXT(struct site_settings, branch, OPTIONAL,
                 "where intents are proposed to; default main"),
        NULLABLE_TEXT(struct site_settings, new_file_url,
                      "a form for a new file; {branch}, {path} and {text} "
                      "stand for its place and text"),
        KEY_TEXT(struct site_settings, language, OPTIONAL,
                 "the pages' language, for browsers; default en"),
        KEY_FLAG(struct site_settings, redact, OPTIONAL,
                 "true hides actors, summaries and engine links; "
                 "default false"),
        KEY_FLAG(struct site_settings, emails, OPTIONAL,
                 "true shows e-mail addresses; default false"),
        KEY_STRUCTS(struct site_settings, people, OPTIONAL, &site_person_shape,
                    "aliases, shown in place of identities"),
};
static const struct shape site_shape =
        SHAPE("site's settings", struct site_settings, site_keys);

static const struct key platform_keys[] = {
        KEY_TEXT(struct platform, name, REQUIRED, "the platform's name"),
        KEY_TEXT(struct platform, timezone, OPTIONAL,
                 "IANA name; quota days and windows; default UTC"),
        KEY_CHOICE(struct platform, identity, OPTIONAL, identity_names,
                   "who acts: the commit's author, or its signer; "
                   "default author"),
        KEY_STRUCT(struct platform, mutations, OPTIONAL, &mutations_shape,
                   "the kill switch: enabled, disabled, or a map; "
                   "default enabled"),
        KEY_NUMBER(struct platform, max_dispatches_per_run, OPTIONAL, 1,
                   INT32_MAX,
                   "how many deployments one run may start; default "
                   "any number"),
        KEY_SPAN(struct platform, waiting_expires_after,
                 "how long an intent may wait; default 24h"),
        KEY_STRUCT(struct platform, defaults, OPTIONAL, &defaults_shape,
                   "what holds where nothing else says"),
        KEY_SHAPES(struct platform, engines, &engine_shape, FORM_ID,
                   "the engines, by id"),
        KEY_STRUCT(struct platform, ledger, OPTIONAL, &ledger_shape,
                   "where the record is kept"),
        KEY_STRUCT(struct platform, site, OPTIONAL, &site_shape,
                   "the site's title and links"),
        KEY_FLAG(struct platform, evaluation, OPTIONAL,
                 "true: a trial, which every page says; default false"),
};
const struct shape platform_shape =
        SHAPE("platform", struct platform, platform_keys);

static const struct key roles_keys[] = {
        KEY_TEXTS(struct roles, platform_admin, OPTIONAL,
                  "may do everything but register builds"),
        KEY_TEXTS(struct roles, observer, OPTIONAL, "may look, not act"),
        KEY_TEXTS(struct roles, ci_publisher, OPTIONAL, "may register builds"),
};
const struct shape roles_shape = SHAPE("roles", struct roles, roles_keys);

/*
 * environment, service, group, recipe
 */

static const struct key environment_keys[] = {
        KEY_FORM(struct environment, name, REQUIRED, FORM_ENVIRONMENT,
                 "lower-case letters, digits and single hyphens"),
        KEY_CHOICE(struct environment, type, REQUIRED, environment_type_names,
                   "whether customers depend on it"),
        KEY_CHOICE(struct environment, lifecycle, OPTIONAL, lifecycle_names,
                   "whether it takes deployments; default active"),
        KEY_STRUCT(struct environment, guardrails, OPTIONAL, &guardrails_shape,
                   "limits of each group in it"),
        KEY_DURATION(struct environment, soak, OPTIONAL,
                     "time in the environment before it; default 0s"),
        KEY_NUMBER(struct environment, approvals, OPTIONAL, 0, APPROVALS_MAX,
                   "how many must approve; default 0"),
};
const struct shape environment_shape =
        SHAPE("environment", struct environment, environment_keys);

static const struct key need_keys[] = {
        KEY_TEXT(struct need, service, REQUIRED, "the service that must run"),
        KEY_FORM(struct need, min_version, REQUIRED, FORM_SEMANTIC,
                 "at least this version"),
};
static const struct shape need_shape = SHAPE("need", struct need, need_keys);

static const struct key service_keys[] = {
        KEY_FORM(struct service, name, REQUIRED, FORM_ID,
                 "letters, digits, dots, hyphens, underscores"),
        KEY_TEXT(struct service, owner, OPTIONAL, "the team"),
        KEY_TEXT(struct service, description, OPTIONAL, "what it does"),
        KEY_TEXT(struct service, repository, OPTIONAL, "where its code is"),
        NULLABLE_TEXT(struct service, version_pattern,
                      "the form of its versions, a regular expression"),
        KEY_TEXTS(struct service, recipes, REQUIRED,
                  "the recipes that can deploy it"),
        KEY_WORDS(struct service, routes, REQUIRED,
                  "environment -> the recipe used there"),
        {KEY_(KEY_IS_TEXTS, struct service, artifact_sources, OPTIONAL,
              "prefixes of addresses its artifacts may have"),
         .form = FORM_SOURCE},
        KEY_STRUCTS(struct service, needs, OPTIONAL, &need_shape,
                    "services that must run there first"),
        KEY_RAW(struct service, links, OPTIONAL, "links for its page"),
        KEY_RAW(struct service, backstage, OPTIONAL,
                "annotations for the Backstage export"),
};
const struct shape service_shape =
        SHAPE("service", struct service, service_keys);

static bool environment_word(void *out, const struct yaml_node *node)
{
	struct group_environment *e = out;
	if (yaml_is_null(node) || !node->text.n)
		return false;
	e->name = (struct text){node->text, node->at};
	return true;
}

static const struct key group_environment_keys[] = {
        KEY_TEXT(struct group_environment, name, REQUIRED,
                 "the environment's name"),
        KEY_FLAG(struct group_environment, enabled, OPTIONAL,
                 "false closes it for this group; default true"),
        KEY_STRUCT(struct group_environment, guardrails, OPTIONAL,
                   &guardrails_shape, "limits of this group in it"),
        KEY_DURATION(struct group_environment, soak, OPTIONAL,
                     "time in the environment before it; default "
                     "the environment's"),
        KEY_NUMBER(struct group_environment, approvals, OPTIONAL, 0,
                   APPROVALS_MAX,
                   "how many must approve; default the environment's"),
};
static const struct shape group_environment_shape = {
        .what = "group's environment",
        .size = sizeof(struct group_environment),
        .keys = group_environment_keys,
        .nkeys = COUNT(group_environment_keys),
        .scalar = environment_word,
};

static const struct key group_keys[] = {
        KEY_FORM(struct group, id, REQUIRED, FORM_ID, "the group's id"),
        KEY_TEXT(struct group, name, REQUIRED, "its name, for people"),
        KEY_TEXT(struct group, description, OPTIONAL, "what it is for"),
        KEY_TEXTS(struct group, services, REQUIRED,
                  "its services; a service is in one group"),
        KEY_STRUCTS(struct group, environments, REQUIRED,
                    &group_environment_shape,
                    "its environments, in the order of promotion"),
        KEY_TEXTS(struct group, recipes, REQUIRED, "the recipes it may use"),
        KEY_TEXTS(struct group, owners, OPTIONAL,
                  "identities that deliver its services"),
        KEY_STRUCT(struct group, guardrails, OPTIONAL, &guardrails_shape,
                   "its limits"),
};
const struct shape group_shape = SHAPE("group", struct group, group_keys);

static const struct key overridable_keys[] = {
        KEY_CHOICE(struct overridable, type, REQUIRED, parameter_type_names,
                   "the type of its values"),
        KEY_FORM(struct overridable, min, OPTIONAL, FORM_DECIMAL,
                 "the least number"),
        KEY_FORM(struct overridable, max, OPTIONAL, FORM_DECIMAL,
                 "the greatest number"),
        KEY_SOME(struct overridable, options, "the texts allowed"),
};
const struct shape overridable_shape =
        SHAPE("overridable parameter", struct overridable, overridable_keys);

static const struct key pipelines_keys[] = {
        KEY_TEXT(struct pipelines, deploy, OPTIONAL,
                 "runs a deploy or promotion"),
        KEY_TEXT(struct pipelines, rollback, OPTIONAL, "runs a rollback"),
};
static const struct shape pipelines_shape =
        SHAPE("recipe's pipelines", struct pipelines, pipelines_keys);

static const struct key recipe_keys[] = {
        KEY_FORM(struct recipe, id, REQUIRED, FORM_ID, "the recipe's id"),
        KEY_TEXT(struct recipe, name, REQUIRED, "its name, for people"),
        KEY_NUMBER(struct recipe, revision, REQUIRED, 1, INT32_MAX,
                   "counts its changes"),
        {KEY_(KEY_IS_TEXT, struct recipe, summary, REQUIRED,
              "what it does, in one sentence"),
         .max = SUMMARY_POINTS},
        KEY_TEXT(struct recipe, engine, REQUIRED,
                 "the id of the engine that runs it"),
        KEY_TEXT(struct recipe, application, OPTIONAL,
                 "the engine's application"),
        KEY_STRUCT(struct recipe, pipelines, OPTIONAL, &pipelines_shape,
                   "the engine's pipelines"),
        KEY_WORDS(struct recipe, parameters, OPTIONAL,
                  "name -> template, for the engine"),
        KEY_SHAPES(struct recipe, overridable, &overridable_shape, NULL,
                   "parameters that an intent may set"),
        KEY_SPAN(struct recipe, timeout,
                 "a deployment fails after it; default 1h"),
        KEY_CHOICE(struct recipe, status, OPTIONAL, recipe_status_names,
                   "deprecated ones still roll back; default active"),
        {KEY_(KEY_IS_RAW, struct recipe, labels, OPTIONAL, "words for filters"),
         .words = true},
};
const struct shape recipe_shape = SHAPE("recipe", struct recipe, recipe_keys);

/*
 * window, waiver, hook, failure_rule, proposal_rule
 */

static const struct key scope_keys[] = {
        KEY_SOME(struct scope, environments,
                 "any of these environments; default all"),
        KEY_SOME(struct scope, groups, "any of these groups; default all"),
        KEY_SOME(struct scope, services, "any of these services; default all"),
};
static const struct shape scope_shape =
        SHAPE("scope", struct scope, scope_keys);

static const struct key weekly_keys[] = {
        {KEY_(KEY_IS_TEXTS, struct weekly, days, REQUIRED, "mon to sun"),
         .names = weekday_names, .least = 1},
        KEY_FORM(struct weekly, from, REQUIRED, FORM_CLOCK,
                 "clock time, such as \"09:00\""),
        KEY_FORM(struct weekly, to, REQUIRED, FORM_CLOCK_END,
                 "clock time up to \"24:00\"; not after from: over midnight"),
};
static const struct shape weekly_shape =
        SHAPE("weekly time", struct weekly, weekly_keys);

static const struct key dated_keys[] = {
        KEY_MOMENT(struct dated, from, REQUIRED, "its first instant"),
        KEY_MOMENT(struct dated, to, REQUIRED, "the first instant after it"),
};
static const struct shape dated_shape =
        SHAPE("dated time", struct dated, dated_keys);

static const struct key when_keys[] = {
        KEY_STRUCT(struct window_when, weekly, OPTIONAL, &weekly_shape,
                   "days and clock times"),
        KEY_STRUCT(struct window_when, dated, OPTIONAL, &dated_shape,
                   "from one instant to another"),
};
static const char *const when_either[] = {"weekly", "dated", NULL};
static const struct shape when_shape = {
        .what = "window's time",
        .size = sizeof(struct window_when),
        .keys = when_keys,
        .nkeys = COUNT(when_keys),
        .one_of = when_either,
};

static const struct key window_keys[] = {
        KEY_FORM(struct window, id, REQUIRED, FORM_ID, "the window's id"),
        KEY_CHOICE(struct window, type, REQUIRED, window_type_names,
                   "allow: open inside it only; deny: a freeze"),
        KEY_STRUCT(struct window, scope, REQUIRED, &scope_shape,
                   "what it concerns"),
        KEY_STRUCT(struct window, when, REQUIRED, &when_shape,
                   "weekly or dated"),
        KEY_TEXT(struct window, timezone, OPTIONAL,
                 "IANA name; default the platform's"),
        KEY_CHOICE(struct window, rollbacks, OPTIONAL, rollbacks_names,
                   "whether rollbacks heed it; default exempt"),
        KEY_TEXT(struct window, reason, OPTIONAL,
                 "why, for those who have to wait"),
};
const struct shape window_shape = SHAPE("window", struct window, window_keys);

static const struct key waiver_keys[] = {
        KEY_FORM(struct waiver, id, REQUIRED, FORM_ID, "the waiver's id"),
        {KEY_(KEY_IS_TEXT, struct waiver, guardrail, REQUIRED,
              "the code that does not deny"),
         .names = waivable_names},
        KEY_STRUCT(struct waiver, scope, REQUIRED, &scope_shape,
                   "what it concerns"),
        KEY_TEXT(struct waiver, owner, REQUIRED, "who answers for it"),
        KEY_TEXT(struct waiver, reason, REQUIRED, "why it was given"),
        KEY_MOMENT(struct waiver, expires, REQUIRED,
                   "the first instant at which it no longer holds"),
};
const struct shape waiver_shape = SHAPE("waiver", struct waiver, waiver_keys);

static const struct key hook_keys[] = {
        KEY_FORM(struct hook, id, REQUIRED, FORM_ID, "the hook's id"),
        KEY_SOME(struct hook, command, "the program and its arguments"),
        KEY_FORM(struct hook, opa_url, OPTIONAL, FORM_URL,
                 "or the address of an OPA decision"),
        KEY_STRUCT(struct hook, scope, REQUIRED, &scope_shape,
                   "what it is asked about"),
        KEY_SPAN(struct hook, timeout, "how long it may take; default 10s"),
        KEY_CHOICE(struct hook, on_failure, OPTIONAL, on_failure_names,
                   "what its own failure means; default deny"),
};
static const char *const hook_either[] = {"command", "opa_url", NULL};
const struct shape hook_shape = {
        .what = "hook",
        .size = sizeof(struct hook),
        .keys = hook_keys,
        .nkeys = COUNT(hook_keys),
        .one_of = hook_either,
};

static const struct key failure_match_keys[] = {
        KEY_TEXT(struct failure_match, stage_type, OPTIONAL,
                 "the kind of stage, as Spinnaker names it: deployManifest"),
        KEY_TEXT(struct failure_match, stage_name, OPTIONAL,
                 "the stage's name in the pipeline"),
        KEY_TEXT(struct failure_match, exception_type, OPTIONAL,
                 "the exception, as Spinnaker names it: TimeoutException"),
        KEY_TEXT(struct failure_match, kind, OPTIONAL,
                 "of a call to another server: HTTP, NETWORK, UNEXPECTED"),
        KEY_TEXT(struct failure_match, http_status, OPTIONAL,
                 "what that server answered: 403, 5*"),
        KEY_TEXT(struct failure_match, message, OPTIONAL,
                 "all that the engine said"),
        KEY_TEXT(struct failure_match, service, OPTIONAL,
                 "the deployment's service"),
        KEY_TEXT(struct failure_match, environment, OPTIONAL,
                 "the deployment's environment"),
        KEY_TEXT(struct failure_match, recipe, OPTIONAL,
                 "the deployment's recipe"),
};
static const struct shape failure_match_shape = {
        .what = "match of a failure",
        .size = sizeof(struct failure_match),
        .keys = failure_match_keys,
        .nkeys = COUNT(failure_match_keys),
        .least = 1,
};

static const struct key failure_rule_keys[] = {
        KEY_FORM(struct failure_rule, id, REQUIRED, FORM_ID, "the rule's id"),
        KEY_STRUCT(struct failure_rule, match, REQUIRED, &failure_match_shape,
                   "fields of a failure and their patterns"),
        KEY_CHOICE(struct failure_rule, category, REQUIRED,
                   failure_category_names, "the category of what matches"),
        KEY_TEXT(struct failure_rule, summary, REQUIRED, "what happened"),
        KEY_TEXT(struct failure_rule, hint, REQUIRED, "what to do about it"),
        KEY_TEXT(struct failure_rule, runbook, OPTIONAL,
                 "a link to instructions"),
};
const struct shape failure_rule_shape =
        SHAPE("failure rule", struct failure_rule, failure_rule_keys);

static const struct key proposal_rule_keys[] = {
        KEY_FORM(struct proposal_rule, id, REQUIRED, FORM_ID, "the rule's id"),
        KEY_CHOICE(struct proposal_rule, on, REQUIRED, proposal_on_names,
                   "a registered build, or a promotion that is ready"),
        KEY_TEXT(struct proposal_rule, branch, OPTIONAL,
                 "pattern of the build's branch; * stops at a /, ** does not"),
        KEY_TEXT(struct proposal_rule, version, OPTIONAL,
                 "pattern of the version"),
        KEY_TEXT(struct proposal_rule, environment, REQUIRED,
                 "where to propose it"),
};
const struct shape proposal_rule_shape =
        SHAPE("proposal rule", struct proposal_rule, proposal_rule_keys);

const struct policy_kind policy_kinds[] = {
        {"platform", &platform_shape,
         "the platform's settings, engines and kill switch; exactly one"},
        {"roles", &roles_shape, "who may do what beside owning a group"},
        {"environment", &environment_shape, "a place that services run in"},
        {"service", &service_shape, "a service, and its recipe by environment"},
        {"group", &group_shape, "services that one team delivers, and where"},
        {"recipe", &recipe_shape, "a way to deploy, run by an engine"},
        {"window", &window_shape, "when delivery is open, or frozen"},
        {"waiver", &waiver_shape, "a guardrail that does not deny for a while"},
        {"hook", &hook_shape, "a check of the platform's own"},
        {"failure_rule", &failure_rule_shape, "how to read an engine failure"},
        {"proposal_rule", &proposal_rule_shape,
         "which intents `dxcp propose` writes"},
};
const size_t policy_kind_count = COUNT(policy_kinds);
