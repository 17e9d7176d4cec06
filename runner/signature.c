#include "runner/signature.h"

#include "core/files.h"
#include "core/when.h"
#include "runner/program.h"
#include "runner/world.h"

#include <stdlib.h>
#include <string.h>

enum {
	TIMEOUT_MS = 20 * 1000,
	OUTPUT_MAX = 64 * 1024,
	PRINCIPALS_MAX = 16, /* names of one key that are tried */
};

enum signer_file signer_file(struct str path)
{
	if (str_is(path, "policy/allowed_signers"))
		return SIGNERS_SSH;
	return str_starts(path, STR("policy/allowed_keys/")) &&
	                       str_ends(path, STR(".asc"))
	               ? SIGNERS_OPENPGP
	               : SIGNERS_NONE;
}

struct signers *signers_new(struct arena *a)
{
	struct signers *s = ARENA_NEW(a, struct signers);
	s->arena = a;
	return s;
}

void signers_add(struct signers *s, enum signer_file kind, struct str text)
{
	if (kind == SIGNERS_SSH)
		s->ssh = text;
	else
		*vec_add(s->arena, &s->openpgp) = text;
}

/* --- the folder ----------------------------------------------------------- */

static const char *path_in(const struct signers *s, struct arena *a,
                           const char *name)
{
	return str_format(a, "%s/%s", s->folder, name).s;
}

static bool run(struct program_end *end, struct arena *a, const char *const *of,
                struct str input, struct fail *why)
{
	char *words[24];
	size_t n = 0;
	for (; of[n]; n++)
		words[n] = (char *)(uintptr_t)of[n]; /* as execvp(3) has it */
	words[n] = NULL;
	struct program p = {.words = words,
	                    .input = input,
	                    .timeout_ms = TIMEOUT_MS,
	                    .output_max = OUTPUT_MAX};
	if (!program_run(end, a, &p, why)) {
		fail_hint(why, "Install %s: it verifies signatures.", of[0]);
		return fail_note(why, "verifying a signature");
	}
	return !end->timed_out ||
	       fail_set(why, FAIL_SYSTEM, "%s did not end within %d s", of[0],
	                TIMEOUT_MS / 1000);
}

static void remove_folder(void *folder)
{
	const char *words[] = {"rm", "-rf", "--", folder, NULL};
	struct arena *a = arena_new();
	struct program_end end;
	struct fail ignored = {0};
	run(&end, a, words, STR(""), &ignored);
	arena_free(a);
}

static bool import_keys(struct signers *s, struct arena *a, struct fail *why)
{
	size_t bytes = 1;
	vec_each (const struct str, key, &s->openpgp)
		bytes += key->n + 1;
	struct buf all = buf_new(a, bytes);
	vec_each (const struct str, key, &s->openpgp) {
		buf_add(&all, *key);
		buf_add_char(&all, '\n');
	}
	/* Of a file that holds no key nothing will verify. */
	struct program_end end;
	const char *words[] = {"gpg",      "--homedir", s->folder,
	                       "--batch",  "--quiet",   "--no-autostart",
	                       "--import", NULL};
	return run(&end, a, words, buf_str(&all), why);
}

static bool prepare(struct signers *s, struct arena *a, struct fail *why)
{
	struct str base = world_environment("TMPDIR");
	if (s->folder)
		return true;
	struct str folder =
	        str_format(s->arena, "%" STR_FMT "/dxcp-signers-XXXXXX",
	                   STR_ARG(base.n ? base : STR("/tmp")));
	char *name = arena_text(s->arena, folder.n + 1);
	memcpy(name, folder.s, folder.n + 1);
	if (!mkdtemp(name))
		return fail_errno(why, "making a folder for the signers' keys");
	s->folder = name;
	arena_defer(s->arena, remove_folder, name);
	return file_write(path_in(s, a, "allowed_signers"), s->ssh, why) &&
	       (!s->openpgp.n || import_keys(s, a, why));
}

/* --- names ---------------------------------------------------------------- */

struct names {
	struct str at[PRINCIPALS_MAX];
	size_t n;
};

static void add_name(struct names *names, struct str name)
{
	name = str_trim(name);
	bool pattern = str_has(name, '*') || str_has(name, '?') ||
	               str_starts(name, STR("!"));
	if (name.n && !pattern && names->n < PRINCIPALS_MAX)
		names->at[names->n++] = name;
}

/* --- SSH ------------------------------------------------------------------ */

/* As git's gpg-interface.c, verify_ssh_signed_buffer: who could have signed. */
static bool find_principals(struct signers *s, struct arena *a,
                            const char *file, const char *when,
                            struct names *out, struct fail *why)
{
	struct program_end end;
	const char *words[] = {"ssh-keygen",
	                       "-Y",
	                       "find-principals",
	                       "-f",
	                       path_in(s, a, "allowed_signers"),
	                       "-s",
	                       file,
	                       when,
	                       NULL};
	if (!run(&end, a, words, STR(""), why))
		return false;
	struct str rest = end.exit_status ? STR("") : end.output, line, name;
	while (str_next(&rest, '\n', &line))
		while (str_next(&line, ',', &name))
			add_name(out, name);
	return true;
}

/* "-Overify-time=20261120101500Z" */
static const char *verify_time(struct arena *a, int64_t at)
{
	struct buf out = buf_new(a, 64);
	struct when_text text = when_text(at);
	buf_add(&out, STR("-Overify-time="));
	for (const char *s = text.s; *s; s++)
		if ((*s >= '0' && *s <= '9') || *s == 'Z')
			buf_add_char(&out, *s);
	return str_cstr(a, buf_str(&out));
}

static bool verify_ssh(struct signers *s, struct arena *a,
                       const struct commit *c, struct str payload,
                       const char *file, struct signer *out, struct fail *why)
{
	const char *when = verify_time(a, c->committed_at);
	struct names names = {.n = 0};
	add_name(&names, c->author_email);
	add_name(&names, c->committer_email);
	if (!find_principals(s, a, file, when, &names, why))
		return false;
	for (size_t i = 0; i < names.n; i++) {
		struct program_end end;
		const char *words[] = {"ssh-keygen",
		                       "-Y",
		                       "verify",
		                       "-n",
		                       "git",
		                       "-f",
		                       path_in(s, a, "allowed_signers"),
		                       "-I",
		                       str_cstr(a, names.at[i]),
		                       "-s",
		                       file,
		                       when,
		                       NULL};
		if (!run(&end, a, words, payload, why))
			return false;
		if (!end.exit_status && !end.signal) {
			out->principal = str_lower(a, names.at[i]);
			out->detail = STR("an SSH key of "
			                  "policy/allowed_signers");
			return true;
		}
	}
	out->detail = STR("its SSH signature is not good, or not by a key that "
	                  "policy/allowed_signers held valid at the time");
	return true;
}

/* --- OpenPGP -------------------------------------------------------------- */

/* The fingerprint of the primary key behind a good signature; empty: the
   signature is not good. doc/DETAILS of GnuPG, "VALIDSIG". */
static struct str good_key(struct str status)
{
	struct str line, word, key = STR("");
	bool good = false;
	while (str_next(&status, '\n', &line)) {
		good |= str_starts(line, STR("[GNUPG:] GOODSIG "));
		if (!str_starts(line, STR("[GNUPG:] VALIDSIG ")))
			continue;
		while (str_next(&line, ' ', &word))
			key = word;
	}
	return good ? key : STR("");
}

/* "Ana <ana@example.com>", with a colon as \x3a. */
static struct str address_of(struct str user_id)
{
	struct str name, rest, address;
	if (!str_cut(user_id, '<', &name, &rest))
		return user_id;
	str_cut(rest, '>', &address, &rest);
	return address;
}

/* doc/DETAILS, "Format of the colon listings": field 2 is the validity, 10 the
   user id. */
static void add_user_ids(struct names *out, struct str listing)
{
	enum { VALIDITY = 2, USER_ID = 10 };
	struct str line;
	while (str_next(&listing, '\n', &line)) {
		struct str field, validity = STR(""), id = STR("");
		if (!str_starts(line, STR("uid:")))
			continue;
		for (int i = 1; str_next(&line, ':', &field); i++) {
			validity = i == VALIDITY ? field : validity;
			id = i == USER_ID ? field : id;
		}
		if (!str_is(validity, "r"))
			add_name(out, address_of(id));
	}
}

static struct str choose(const struct names *names, const struct commit *c)
{
	const struct str wanted[] = {c->author_email, c->committer_email};
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < names->n; i++)
			if (str_eq_nocase(names->at[i], wanted[k]))
				return names->at[i];
	return names->n ? names->at[0] : STR("");
}

static bool verify_openpgp(struct signers *s, struct arena *a,
                           const struct commit *c, struct str payload,
                           const char *file, struct signer *out,
                           struct fail *why)
{
	const char *clock = str_format(a, "--faked-system-time=%lld!",
	                               (long long)c->committed_at)
	                            .s;
	struct program_end end;
	const char *verify[] = {"gpg",
	                        "--homedir",
	                        s->folder,
	                        "--batch",
	                        "--no-tty",
	                        "--no-autostart",
	                        "--trust-model=always",
	                        "--status-fd=1",
	                        clock,
	                        "--verify",
	                        file,
	                        "-",
	                        NULL};
	out->detail = STR("its OpenPGP signature is not good, or not by a key "
	                  "of policy/allowed_keys/ that was valid at the time");
	if (!run(&end, a, verify, payload, why))
		return false;
	struct str key = end.exit_status ? STR("") : good_key(end.output);
	if (!key.n)
		return true;
	const char *list[] = {"gpg",
	                      "--homedir",
	                      s->folder,
	                      "--batch",
	                      "--no-autostart",
	                      "--trust-model=always",
	                      "--with-colons",
	                      clock,
	                      "--list-keys",
	                      str_cstr(a, key),
	                      NULL};
	if (!run(&end, a, list, STR(""), why))
		return false;
	struct names names = {.n = 0};
	add_user_ids(&names, end.output);
	out->principal = str_lower(a, choose(&names, c));
	out->detail = out->principal.n
	                      ? str_format(a, "the OpenPGP key %" STR_FMT,
	                                   STR_ARG(key))
	                      : STR("its OpenPGP key has no user id in force");
	return true;
}

/* --- both ----------------------------------------------------------------- */

bool signature_verify(struct signers *s, const struct repo *r, struct arena *a,
                      const struct commit *commit, struct signer *out,
                      struct fail *why)
{
	struct str signature, payload;
	*out = (struct signer){.detail = STR("the commit is not signed")};
	if (!repo_commit_signature(r, a, &commit->id, &signature, &payload,
	                           why))
		return false;
	if (!signature.n)
		return true;
	bool ssh = str_starts(signature, STR("-----BEGIN SSH SIGNATURE-----"));
	if (ssh ? !s->ssh.n : !s->openpgp.n) {
		out->detail = ssh ? STR("there is no policy/allowed_signers")
		                  : STR("there is no key in "
		                        "policy/allowed_keys/");
		return true;
	}
	if (!prepare(s, a, why))
		return false;
	const char *file = path_in(s, a, "signature");
	if (!file_write(file, signature, why))
		return fail_note(why, "verifying a signature");
	return ssh ? verify_ssh(s, a, commit, payload, file, out, why)
	           : verify_openpgp(s, a, commit, payload, file, out, why);
}
