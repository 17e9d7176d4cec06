#include "core/intent.h"

#include "core/kind.h"

#include <assert.h>

const char *const intent_reason_names[] = {"planned", "hotfix", "incident",
                                           NULL};
static const char *const decision_names[] = {"approve", "reject", NULL};

/* A map from names to single values. */
#define KEY_WORDS(t, f, about)                                         \
	{                                                              \
		KEY_(KEY_IS_RAW, t, f, OPTIONAL, about), .words = true \
	}

/* The keys of every kind. */
#define COMMON                                                  \
	{KEY_(KEY_IS_TEXT, struct intent, summary, REQUIRED,    \
	      "why, in one sentence of up to 240 characters"),  \
	 .min = -1},                                            \
	        KEY_TEXT(struct intent, ticket, OPTIONAL,       \
	                 "where the work is tracked"),          \
	        KEY_CHOICE(struct intent, reason, OPTIONAL,     \
	                   intent_reason_names,                 \
	                   "what it is for, in the insights"),  \
	        KEY_MOMENT(struct intent, not_before, OPTIONAL, \
	                   "it waits until then"),              \
	        KEY_MOMENT(struct intent, expires, OPTIONAL,    \
	                   "it is refused from then on"),       \
	        KEY_WORDS(struct intent, labels, "words for filters")

#define SERVICE KEY_TEXT(struct intent, service, REQUIRED, "the service")
#define VERSION(need) KEY_TEXT(struct intent, version, need, "the version")
#define ENVIRONMENT                                    \
	KEY_TEXT(struct intent, environment, REQUIRED, \
	         "the environment, by its name")

static const struct key deploy_keys[] = {
        COMMON,
        SERVICE,
        ENVIRONMENT,
        VERSION(REQUIRED),
        KEY_TEXT(struct intent, recipe, OPTIONAL,
                 "must equal the recipe that the policy routes"),
        KEY_WORDS(struct intent, params,
                  "parameters that the recipe lets intents set"),
};
static const struct shape deploy_shape =
        SHAPE("deploy intent", struct intent, deploy_keys);

static const struct key promote_keys[] = {
        COMMON,
        SERVICE,
        VERSION(OPTIONAL),
        KEY_TEXT(struct intent, from, REQUIRED,
                 "the environment that it has proved itself in"),
        KEY_TEXT(struct intent, to, REQUIRED,
                 "the next environment of the group"),
};
static const struct shape promote_shape =
        SHAPE("promote intent", struct intent, promote_keys);

static const struct key rollback_keys[] = {
        COMMON,
        SERVICE,
        ENVIRONMENT,
        {KEY_(KEY_IS_TEXT, struct intent, of, OPTIONAL,
              "number of the deployment to undo; default: what runs"),
         .form = "^0*[1-9][0-9]*$"},
        KEY_TEXT(struct intent, to_version, OPTIONAL,
                 "the version to return to; default: the success before"),
};
static const struct shape rollback_shape =
        SHAPE("rollback intent", struct intent, rollback_keys);

static const struct key member_keys[] = {
        KEY_TEXT(struct release_member, service, REQUIRED, "the service"),
        KEY_TEXT(struct release_member, environment, REQUIRED,
                 "the environment, by its name"),
        KEY_TEXT(struct release_member, version, REQUIRED, "the version"),
        KEY_TEXT(struct release_member, recipe, OPTIONAL,
                 "must equal the recipe that the policy routes"),
        KEY_TEXTS(struct release_member, after, OPTIONAL,
                  "services of the release that go before it"),
        KEY_WORDS(struct release_member, params,
                  "parameters that the recipe lets intents set"),
};
static const struct shape member_shape =
        SHAPE("deploy of a release", struct release_member, member_keys);

static const struct key release_keys[] = {
        COMMON,
        {KEY_(KEY_IS_STRUCTS, struct intent, deploys, REQUIRED,
              "the deploys that belong together"),
         .shape = &member_shape, .least = 1, .most = RELEASE_MAX},
};
static const struct shape release_shape =
        SHAPE("release intent", struct intent, release_keys);

static const struct key ci_keys[] = {
        KEY_TEXT(struct ci, provider, OPTIONAL, "github, gitlab, ..."),
        KEY_TEXT(struct ci, run_id, OPTIONAL, "the provider's id of the run"),
        KEY_TEXT(struct ci, run_url, OPTIONAL, "a link to the run"),
};
static const struct shape ci_shape = SHAPE("build's ci", struct ci, ci_keys);

static const struct key build_keys[] = {
        COMMON,
        SERVICE,
        VERSION(REQUIRED),
        KEY_TEXT(struct intent, artifact, REQUIRED,
                 "its address: s3, oci, https, file or pkg"),
        KEY_TEXT(struct intent, commit, REQUIRED,
                 "the commit it was built from"),
        KEY_TEXT(struct intent, branch, REQUIRED,
                 "the branch it was built from"),
        KEY_MOMENT(struct intent, built_at, REQUIRED, "when it was built"),
        KEY_TEXT(struct intent, sha256, OPTIONAL, "digest of the artifact"),
        KEY_NUMBER(struct intent, size_bytes, OPTIONAL, 0, INT64_MAX,
                   "size of the artifact"),
        KEY_TEXT(struct intent, content_type, OPTIONAL,
                 "media type of the artifact"),
        KEY_TEXT(struct intent, repository, OPTIONAL,
                 "a link to the source code"),
        KEY_STRUCT(struct intent, ci, OPTIONAL, &ci_shape,
                   "the CI run that made it"),
        KEY_RAW(struct intent, attestations, OPTIONAL,
                "what else vouches for it"),
};
static const struct shape build_shape =
        SHAPE("build intent", struct intent, build_keys);

static const struct key approval_keys[] = {
        COMMON,
        KEY_TEXT(struct intent, of, REQUIRED, "path of the intent"),
        KEY_CHOICE(struct intent, decision, OPTIONAL, decision_names,
                   "approve (the default) or reject"),
        KEY_TEXT(struct intent, digest, OPTIONAL,
                 "git blob id of what was read and approved"),
};
static const struct shape approval_shape =
        SHAPE("approval intent", struct intent, approval_keys);

static const struct key cancel_keys[] = {
        COMMON,
        KEY_TEXT(struct intent, of, REQUIRED, "path of the intent"),
};
static const struct shape cancel_shape =
        SHAPE("cancel intent", struct intent, cancel_keys);

static const struct key hold_keys[] = {
        COMMON,
        SERVICE,
        ENVIRONMENT,
        VERSION(REQUIRED),
        KEY_MOMENT(struct intent, until, OPTIONAL,
                   "the first instant at which it no longer holds"),
};
static const struct shape hold_shape =
        SHAPE("hold intent", struct intent, hold_keys);

static const struct key incident_keys[] = {
        COMMON,
        SERVICE,
        ENVIRONMENT,
        KEY_MOMENT(struct intent, started_at, REQUIRED, "when it began"),
        KEY_MOMENT(struct intent, resolved_at, OPTIONAL, "when it was over"),
        KEY_NUMBER(struct intent, caused_by, OPTIONAL, 1, INT64_MAX,
                   "number of the deployment that caused it"),
        KEY_TEXT(struct intent, severity, OPTIONAL, "how bad it was"),
};
static const struct shape incident_shape =
        SHAPE("incident intent", struct intent, incident_keys);

const struct intent_kind_info intent_kinds[INTENT_KIND_COUNT] = {
        [INTENT_DEPLOY] = {"deploy", &deploy_shape,
                           "put a version into an environment"},
        [INTENT_PROMOTE] = {"promote", &promote_shape,
                            "take what proved itself to the next environment"},
        [INTENT_ROLLBACK] = {"rollback", &rollback_shape,
                             "return to a version that worked"},
        [INTENT_RELEASE] = {"release", &release_shape,
                            "several deploys, in order, or none"},
        [INTENT_BUILD] = {"build", &build_shape,
                          "register a version and its artifact"},
        [INTENT_APPROVAL] = {"approval", &approval_shape,
                             "approve or reject another intent"},
        [INTENT_CANCEL] = {"cancel", &cancel_shape,
                           "withdraw an intent, or stop its deployment"},
        [INTENT_HOLD] = {"hold", &hold_shape,
                         "keep a version out of an environment"},
        [INTENT_INCIDENT] = {"incident", &incident_shape,
                             "record that a service was in trouble"},
};

/* A map from names to plain values; nothing inside a value. */
static void check_scalars(struct raw raw, const char *what, struct diags *ds)
{
	if (!raw.node)
		return;
	if (raw.node->kind != YAML_MAP) {
		diag_add(ds, DIAG_WRONG_TYPE, raw.node->at,
		         "expected a map for \"%s\"", what);
		return;
	}
	yaml_each_pair (key, raw.node) {
		const struct yaml_node *value = key->next;
		bool scalar = value->kind == YAML_SCALAR;
		if (!scalar || (yaml_is_null(value) && !value->broken))
			diag_add(ds, DIAG_WRONG_TYPE, value->at,
			         "expected a single value for each name in "
			         "\"%s\"",
			         what);
	}
}

/* --- releases ------------------------------------------------------------ */

/* Two deploys of one service to one place have no order of their own. */
static void check_twice(const struct release_member *m, size_t i,
                        struct diags *ds)
{
	for (size_t k = 0; k < i; k++) {
		if (!str_eq(m[k].service.s, m[i].service.s) ||
		    !str_eq(m[k].environment.s, m[i].environment.s) ||
		    !GIVEN(m[i].service))
			continue;
		struct diag *d = diag_add(
		        ds, DIAG_DUPLICATE_MEMBER, m[i].service.at,
		        "the release deploys %" STR_FMT " to %" STR_FMT
		        " already",
		        STR_ARG(m[i].service.s), STR_ARG(m[i].environment.s));
		diag_note(ds, d, m[k].service.at, "the first one");
		return;
	}
}

static bool has_member(const struct list *deploys, struct str service)
{
	const struct release_member *m = deploys->at;
	for (size_t i = 0; i < deploys->n; i++)
		if (str_eq(m[i].service.s, service))
			return true;
	return false;
}

uint64_t release_after(const struct list *deploys, size_t i)
{
	const struct release_member *m = deploys->at;
	uint64_t after = 0;
	for (size_t j = 0; j < deploys->n; j++)
		for (size_t k = 0; k < m[i].after.n; k++)
			if (str_eq(m[j].service.s, m[i].after.at[k].s))
				after |= UINT64_C(1) << j;
	return after;
}

size_t release_sort(const uint64_t *after, size_t n, size_t *order)
{
	uint64_t done = 0;
	assert(n <= RELEASE_MAX);
	for (size_t placed = 0; placed < n; placed++) {
		size_t i = 0; /* the first that may go, each time */
		while (i < n && (done >> i & 1 || after[i] & ~done))
			i++;
		if (i == n)
			return placed;
		done |= UINT64_C(1) << i;
		order[placed] = i;
	}
	return n;
}

size_t release_order(const struct list *deploys, size_t *order)
{
	uint64_t after[RELEASE_MAX];
	assert(deploys->n <= RELEASE_MAX);
	for (size_t i = 0; i < deploys->n; i++)
		after[i] = release_after(deploys, i);
	return release_sort(after, deploys->n, order);
}

/* What is left of the order goes in a circle, or behind one. */
static void check_order(const struct list *deploys, struct diags *ds)
{
	const struct release_member *m = deploys->at;
	size_t order[RELEASE_MAX];
	size_t n = release_order(deploys, order);
	for (size_t i = 0; i < deploys->n && n < deploys->n; i++) {
		bool placed = false;
		for (size_t k = 0; k < n; k++)
			placed |= order[k] == i;
		if (placed)
			continue;
		diag_add(ds, DIAG_INVALID_VALUE, m[i].after.span,
		         "%" STR_FMT " waits for itself: \"after\" goes in a "
		         "circle",
		         STR_ARG(m[i].service.s));
		return;
	}
}

static void check_release(const struct intent *in, struct diags *ds)
{
	if (in->deploys.span.src && !in->deploys.n)
		diag_add(ds, DIAG_INVALID_VALUE, in->deploys.span,
		         "\"deploys\" is empty: a release has at least one");
	if (in->deploys.n > RELEASE_MAX) {
		diag_add(ds, DIAG_INVALID_VALUE, in->deploys.span,
		         "a release has at most %d deploys", RELEASE_MAX);
		return;
	}
	const struct release_member *m = in->deploys.at;
	size_t errors = ds->errors;
	for (size_t i = 0; i < in->deploys.n; i++) {
		check_scalars(m[i].params, "params", ds);
		check_twice(m, i, ds);
		for (size_t k = 0; k < m[i].after.n; k++)
			if (!has_member(&in->deploys, m[i].after.at[k].s))
				diag_add(ds, DIAG_INVALID_VALUE,
				         m[i].after.at[k].at,
				         "\"%" STR_FMT "\" is not a service of "
				         "the release",
				         STR_ARG(m[i].after.at[k].s));
	}
	if (ds->errors == errors)
		check_order(&in->deploys, ds);
}

static void check_incident(const struct intent *in, struct diags *ds)
{
	if (!GIVEN(in->resolved_at) || in->resolved_at.t >= in->started_at.t)
		return;
	struct diag *d = diag_add(ds, DIAG_INVALID_VALUE, in->resolved_at.at,
	                          "\"resolved_at\" is before \"started_at\"");
	diag_note(ds, d, in->started_at.at, "when it began");
}

/* What the tables of keys cannot say. */
static void check(const struct intent *in, struct diags *ds)
{
	check_scalars(in->labels, "labels", ds);
	check_scalars(in->params, "params", ds);
	if (in->kind == INTENT_RELEASE)
		check_release(in, ds);
	if (in->kind == INTENT_INCIDENT)
		check_incident(in, ds);
	int64_t number;
	if (in->kind == INTENT_ROLLBACK && GIVEN(in->of) &&
	    (!str_int(in->of.s, &number) || number < 1))
		diag_add(ds, DIAG_INVALID_VALUE, in->of.at,
		         "\"of\" is not the number of a deployment, 1 or more");
}

static void check_single(const struct yaml_document *doc, struct diags *ds)
{
	if (!doc->next)
		return;
	struct diag *d =
	        diag_add(ds, DIAG_MULTIPLE_DOCUMENTS, doc->next->root->at,
	                 "a second document starts here");
	diag_note(ds, d, doc->root->at, "the first document");
}

bool intent_read(struct intent *out, struct arena *a, const struct source *src,
                 struct diags *ds)
{
	size_t errors = ds->errors;
	struct intent in = {.kind = INTENT_UNKNOWN};
	struct yaml_document *doc = yaml_parse(a, src, ds);
	if (doc) {
		in.at = doc->root->at;
		int kind =
		        kind_read(doc->root, KIND_OF_INTENT, &in.kind_at, ds);
		if (kind >= 0) {
			in.kind = (enum intent_kind)kind;
			decode(&in, a, intent_kinds[kind].shape, doc->root, ds);
			check(&in, ds);
		}
		check_single(doc, ds);
	}
	*out = in;
	return ds->errors == errors;
}
