#include "runner/guard.h"

/* The schemes of CONTRACT section 1; https includes http for local stores. */
static bool scheme_known(struct str uri)
{
	static const char *const schemes[] = {"s3://",   "oci://",  "https://",
	                                      "http://", "file://", "pkg:"};
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
		if (str_starts(uri, str_of(schemes[i])) &&
		    uri.n > str_of(schemes[i]).n)
			return true;
	return false;
}

static bool is_sha256(struct str s)
{
	return s.n == 64 && str_is_hex(s);
}

/*
 * A prefix counts only up to a '/' boundary, so that s3://bucket does not let
 * s3://bucket-evil in; and "/../" may not lead out of it again.
 */
static bool under(struct str uri, struct str prefix)
{
	if (!str_starts(uri, prefix) || str_contains(uri, STR("/../")) ||
	    str_ends(uri, STR("/..")))
		return false;
	return str_ends(prefix, STR("/")) || uri.n == prefix.n ||
	       uri.s[prefix.n] == '/';
}

static bool source_allowed(const struct service *s, struct str uri)
{
	if (!s || !s->artifact_sources.n)
		return true;
	for (size_t i = 0; i < s->artifact_sources.n; i++)
		if (under(uri, s->artifact_sources.at[i].s))
			return true;
	return false;
}

void guard_artifact(const struct facts *f, struct trace_row *row,
                    struct arena *a)
{
	const struct request *r = f->request;
	bool registers = r->kind == INTENT_BUILD;
	const struct build *b =
	        registers ? request_more(r)->build : f->registered;
	if (!b || r->invalid != DIAG_NONE) {
		guard_skip(row, a, "there is no build to judge");
		return;
	}
	/* Of a deploy the version is what chose the artifact. */
	struct spot at = registers ? b->artifact_at : r->version_at;
	guard_input(row, "artifact", b->artifact);
	if (f->service)
		guard_rule(row, f->service->artifact_sources.span);
	if (!scheme_known(b->artifact)) {
		guard_refuse(row, a, f, DIAG_INVALID_ARTIFACT, at,
		             "the artifact is not an s3, oci, https, file or "
		             "pkg address");
	} else if (b->sha256.n && !is_sha256(b->sha256)) {
		guard_refuse(row, a, f, DIAG_INVALID_ARTIFACT,
		             registers ? b->sha256_at : at,
		             "the sha256 of the artifact is not 64 hexadecimal "
		             "digits");
	} else if (!source_allowed(f->service, b->artifact)) {
		guard_refuse(
		        row, a, f, DIAG_INVALID_ARTIFACT, at,
		        "%" STR_FMT
		        " is not under a source of this service: %" STR_FMT,
		        STR_ARG(b->artifact),
		        STR_ARG(guard_names(a, &f->service->artifact_sources)));
	} else if (!registers && f->artifact == ARTIFACT_DIFFERS) {
		guard_refuse(row, a, f, DIAG_INVALID_ARTIFACT, at,
		             "%" STR_FMT " has another sha256 than its build",
		             STR_ARG(b->artifact));
	} else {
		guard_pass(row, a, "from an allowed source");
	}
}
