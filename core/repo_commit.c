/* Commits: what they say, and how they stand to each other. */
#include "core/repo_private.h"

bool commit_open(const struct repo *r, git_commit **out, const git_oid *id,
                 struct fail *why)
{
	int rc = git_commit_lookup(out, r->git, id);
	return !rc || object_fail(r, why, rc, "commit", id);
}

bool repo_id(const struct repo *r, const struct oid *commit,
             struct oid_hex *out, struct fail *why)
{
	git_oid id = oid_to_git(commit);
	git_commit *c = NULL;
	for (bool more = true; more;) {
		if (!commit_open(r, &c, &id, why))
			return fail_note(why, "finding the first commit");
		more = git_commit_parentcount(c) > 0;
		if (more)
			id = *git_commit_parent_id(c, 0);
		git_commit_free(c);
	}
	struct oid first = oid_from_git(&id);
	*out = oid_hex(&first);
	return true;
}

/* Commits say what encoding they are in and are often wrong. What is not UTF-8
   is taken as Latin-1, as git does on writing (commit.c, verify_utf8). */
struct str commit_text(struct arena *a, const char *text)
{
	struct str s = str_head(str_of(text), REPO_COMMIT_TEXT_MAX);
	size_t bad;
	if (str_is_utf8(s, &bad))
		return str_copy(a, s);
	if (text[s.n] && s.n - bad < 4 && str_is_utf8(str_head(s, bad), NULL))
		return str_copy(a, str_head(s, bad)); /* cut in a character */
	struct buf utf8 = buf_new(a, 2 * s.n);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.s[i];
		if (c >= 0x80)
			buf_add_char(&utf8, (char)(0xc0 | c >> 6));
		buf_add_char(&utf8, (char)(c < 0x80 ? c : 0x80 | (c & 0x3f)));
	}
	return buf_str(&utf8);
}

void commit_read(struct arena *a, const git_commit *from, struct commit *out)
{
	const git_signature *author = git_commit_author(from);
	const git_signature *committer = git_commit_committer(from);
	/* libgit2 makes the summary when asked, hence not const */
	const char *subject = git_commit_summary((git_commit *)from);
	*out = (struct commit){
	        .id = oid_from_git(git_commit_id(from)),
	        .author_name = commit_text(a, author->name),
	        .author_email = commit_text(a, author->email),
	        .committer_name = commit_text(a, committer->name),
	        .committer_email = commit_text(a, committer->email),
	        .author_at = author->when.time,
	        .committed_at = committer->when.time,
	        .subject = commit_text(a, subject ? subject : ""),
	};
}

bool repo_commit(const struct repo *r, struct arena *a, const struct oid *id,
                 struct commit *out, struct fail *why)
{
	git_oid git_id = oid_to_git(id);
	git_commit *c = NULL;
	if (!commit_open(r, &c, &git_id, why))
		return false;
	commit_read(a, c, out);
	git_commit_free(c);
	return true;
}

bool repo_commit_signature(const struct repo *r, struct arena *a,
                           const struct oid *id, struct str *signature,
                           struct str *payload, struct fail *why)
{
	enum { SIGNATURE_MAX = 64 * 1024, PAYLOAD_MAX = 16 * 1024 * 1024 };
	git_oid git_id = oid_to_git(id);
	git_buf sig = {0}, data = {0};
	int rc = git_commit_extract_signature(&sig, &data, r->git, &git_id,
	                                      NULL);
	bool fine = !rc || rc == GIT_ENOTFOUND;
	*signature = *payload = STR("");
	if (!fine)
		object_fail(r, why, rc, "commit", &git_id);
	if (!rc && sig.size <= SIGNATURE_MAX && data.size <= PAYLOAD_MAX) {
		*signature = str_copy(a, (struct str){sig.ptr, sig.size});
		*payload = str_copy(a, (struct str){data.ptr, data.size});
	}
	git_buf_dispose(&sig);
	git_buf_dispose(&data);
	return fine;
}

bool repo_has(const struct repo *r, const struct oid *commit)
{
	git_oid id = oid_to_git(commit);
	git_commit *c = NULL;
	bool has = !git_commit_lookup(&c, r->git, &id);
	git_commit_free(c);
	return has;
}

bool repo_is_ancestor(const struct repo *r, const struct oid *ancestor,
                      const struct oid *tip, bool *out, struct fail *why)
{
	git_oid a = oid_to_git(ancestor), t = oid_to_git(tip);
	int rc = oid_eq(ancestor, tip)
	                 ? 1
	                 : git_graph_descendant_of(r->git, &t, &a);
	if (rc < 0) {
		object_fail(r, why, rc, "a commit before", &t);
		return fail_note(why, "looking for %s in the history",
		                 oid_hex(ancestor).s);
	}
	*out = rc == 1;
	return true;
}

bool repo_merge_base(const struct repo *r, const struct oid *a,
                     const struct oid *b, struct oid *out, struct fail *why)
{
	git_oid one = oid_to_git(a), two = oid_to_git(b), base;
	int rc = git_merge_base(&base, r->git, &one, &two);
	if (rc == GIT_ENOTFOUND) {
		fail_set(why, FAIL_USAGE, "%s and %s have no common history",
		         oid_hex(a).s, oid_hex(b).s);
		if (git_repository_is_shallow(r->git) == 1)
			hint_at_missing(r, why);
		return false;
	}
	if (rc)
		return git_fail(why, FAIL_SYSTEM,
		                "looking for where %s and %s part",
		                oid_hex(a).s, oid_hex(b).s);
	*out = oid_from_git(&base);
	return true;
}
